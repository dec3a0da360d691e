//! What is typed, or pasted, or read by a scanner into the search.

use ledger::{Binding, Door, Folder, Ledger, List, NewSale, Query};
use tempfile::TempDir;
use till::{Draft, Environment, Event, From, Number, OrderId, Report, Reported, SaleId, Store, TillId, Time};

use crate::{copy::place, shop::pending};

/// What the customers of this shop are called and what was noted about them.
const CUSTOMERS: [&str; 8] =
    ["Budi Santoso", "Siti Nurhaliza", "100% katun", "D'Angelo", "Ratna_Dewi", "Café Ölmez", "-- drop", "\"kutip\""];

thread_local! {
    /// It goes away with the thread.
    static SHOP: (Ledger, TempDir) = make();
}

pub(crate) fn read(bytes: &[u8]) {
    SHOP.with(|(ledger, _)| search(ledger, &String::from_utf8_lossy(bytes)));
}

fn search(ledger: &Ledger, text: &str) {
    let query = |search: &str| Query { search: search.into(), ..Query::newest(List::All, 100, Time::from_millis(0)) };
    let found = ledger.page(&query(text)).unwrap();
    assert_eq!(found.sum.count, found.rows.len() as u64);
    assert_eq!(found.sum.amount, found.rows.iter().map(|row| row.amount).sum::<u64>());
    let ids = |search: &str| ledger.page(&query(search)).unwrap().rows.iter().map(|row| row.id).collect::<Vec<_>>();
    let all = ids("");
    if text.trim().is_empty() {
        assert_eq!(found.rows.len(), all.len(), "who looks for nothing finds everything");
    }
    // Each word alone finds at least as much as all together.
    if let Some(word) = text.split_whitespace().next() {
        let one = ids(word);
        assert!(found.rows.iter().all(|row| one.contains(&row.id)), "{text:?}");
    }
    if let Some(sale) = ledger.find(text).unwrap() {
        let ids = sale.attempts.iter().map(|attempt| attempt.order_id.to_string());
        let names = ids.chain([sale.id.to_string(), sale.number.to_string()]);
        assert!(names.into_iter().any(|name| name.eq_ignore_ascii_case(text)), "{text:?} is no name of {}", sale.id);
    }
}

fn make() -> (Ledger, TempDir) {
    let home = place();
    let folder = Folder::at(home.path());
    let ledger = Ledger::open(&folder, Environment::Training, Some(Binding::Loopback), Door::Desk, *b"till").unwrap();
    for (n, customer) in (0_u8..).zip(CUSTOMERS) {
        let order_id = OrderId::draw(TillId::draw(*b"till"), [n; 18]);
        let amount = (10_000 + 1_111 * u32::from(n)).to_string();
        let draft =
            Draft { amount, customer: customer.into(), phone: "0812 3456 789".into(), ..Draft::empty(Store::Alfamart) };
        let order = draft.check(None).unwrap();
        let (id, number) = (SaleId::draw([n; 12]), Number::draw(&[n; 4]));
        let amount = order.amount.get();
        let new = NewSale { id, number, order, order_id, request: "{}".into(), notify: None };
        ledger.intend(&new, From::Cashier, Time::from_millis(2)).unwrap();
        let told = Reported { report: Report::Pending, amount: Some(amount), ..pending() };
        let event = (Some(order_id), Event::Reported(told));
        ledger.write(id, From::Midtrans, Time::from_millis(3), |_| vec![event.clone()]).unwrap();
    }
    (ledger, home)
}
