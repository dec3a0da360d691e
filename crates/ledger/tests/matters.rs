//! What the owner has to look at, and what was done about it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use ledger::{Facts, List, MatterKind, Query, Row, Seen, Sum};
use shop::*;
use till::{Concern, Deed, Event, FoundPaid, From, Report, Sale, SaleId, State, Time, Unclear};

fn facts(order_id: &str) -> Facts {
    Facts::from([("order_id".into(), order_id.into())])
}

fn sari(deed: Deed) -> Seen {
    Seen { by: "Sari".into(), at: at(9), deed }
}

#[test]
fn the_same_matter_comes_up_once_and_another_program_sees_it() {
    let shop = Shop::open();
    assert!(shop.ledger.raise(MatterKind::Unmatched, "A", &facts("A"), at(1)).unwrap());
    assert!(!shop.again().raise(MatterKind::Unmatched, "A", &facts("other"), at(2)).unwrap());
    assert!(shop.ledger.raise(MatterKind::Tampered, "A", &Facts::new(), at(3)).unwrap(), "another kind is another");
    let matters = shop.again().matters().unwrap();
    assert_eq!(
        matters.iter().map(|matter| matter.kind).collect::<Vec<_>>(),
        [MatterKind::Tampered, MatterKind::Unmatched]
    );
    let first = &matters[1];
    assert_eq!((first.at, first.key.as_str(), &first.facts, &first.seen), (at(1), "A", &facts("A"), &None));
}

#[test]
fn what_was_seen_to_leaves_the_list_and_says_who_did_what_and_that_once() {
    let shop = Shop::open();
    shop.ledger.raise(MatterKind::Restored, "set-aside", &Facts::new(), at(1)).unwrap();
    let id = shop.ledger.matters().unwrap()[0].id;
    assert_eq!(shop.ledger.see_to(id, &sari(Deed::Nothing)).unwrap().unwrap().seen, None, "it was open before");
    assert_eq!(shop.ledger.matters().unwrap(), []);
    let again = Seen { by: "Budi".into(), at: at(10), deed: Deed::Returned };
    assert_eq!(shop.ledger.see_to(id, &again).unwrap().unwrap().seen, Some(sari(Deed::Nothing)));
    assert_eq!(shop.ledger.matter(id).unwrap().unwrap().seen, Some(sari(Deed::Nothing)), "the first stands");
    assert!(!shop.ledger.raise(MatterKind::Restored, "set-aside", &Facts::new(), at(11)).unwrap());
    assert_eq!(shop.ledger.matters().unwrap(), [], "and it does not come up again");
    assert_eq!(shop.ledger.see_to(id + 1, &again).unwrap(), None, "there is no such matter");
}

#[test]
fn the_count_for_the_owner_has_every_concern_every_long_wait_and_every_matter() {
    let shop = Shop::open();
    let count = || shop.ledger.attention(at(100)).unwrap();
    assert_eq!(count(), Sum::default());
    let late = shop.sale(1, [reported(Report::Pending), reported(Report::Expire), reported(Report::Settlement)]);
    assert_eq!(late.state(), State::PaidLate);
    assert_eq!(count(), Sum { count: 1, amount: AMOUNT });
    shop.sale(2, [Event::Unclear { why: Unclear::TimedOut }]);
    assert_eq!(count(), Sum { count: 2, amount: 2 * AMOUNT });
    shop.ledger.raise(MatterKind::Unmatched, "A", &facts("A"), at(3)).unwrap();
    assert_eq!(count(), Sum { count: 3, amount: 2 * AMOUNT });
    let listed = shop.ledger.page(&Query::newest(List::Attention, 9, at(100))).unwrap();
    assert_eq!((listed.rows.len(), listed.sum.count), (2, 2), "the list of orders has those that are orders");

    let seen = Event::SeenTo { concern: Concern::PaidAfterClosing, deed: Deed::Delivered, by: "Sari".into() };
    let before = shop.ledger.takings(at(0), at(100_000)).unwrap();
    let late = shop.ledger.write(late.id, From::Cashier, at(1_001), |_| vec![(Some(order_id(1)), seen)]).unwrap();
    assert_eq!(late.state(), State::PaidLate, "seeing to it moves no payment");
    assert_eq!(shop.ledger.takings(at(0), at(100_000)).unwrap(), before);
    assert_eq!(count().count, 2);
    assert_eq!(shop.ledger.audit().unwrap(), []);
}

/// Everything that is money.
#[derive(Debug, PartialEq)]
struct Money {
    /// Each order as it stands, and as the lists show it.
    orders: Vec<(Sale, Row)>,
    /// What each list adds up to, and what was taken.
    sums: Vec<Sum>,
    found: Vec<FoundPaid>,
    /// What the desk still has to ask about.
    watched: Vec<SaleId>,
}

fn money(shop: &Shop) -> Money {
    let lists = [List::Pending, List::Paid, List::Closed, List::All];
    let page = |list| shop.ledger.page(&Query::newest(list, 1_000, at(0))).unwrap();
    let standing = |row: Row| {
        let mut sale = shop.ledger.sale(row.id).unwrap().unwrap();
        sale.attempts.iter_mut().for_each(|attempt| attempt.seen_to.clear());
        (sale, Row { concerns: 0, ..row })
    };
    let orders = page(List::All).rows.into_iter().map(standing).collect();
    let mut sums: Vec<Sum> = lists.map(page).into_iter().map(|page| page.sum).collect();
    sums.push(shop.ledger.takings(Time::from_millis(i64::MIN), Time::from_millis(i64::MAX)).unwrap());
    let watched = shop.ledger.watched(Time::from_millis(i64::MIN)).unwrap().iter().map(|sale| sale.id).collect();
    Money { orders, sums, found: shop.ledger.found_paid(1_000).unwrap(), watched }
}

#[test]
fn whatever_happened_seeing_to_it_moves_no_payment_and_no_total() {
    let mut seen = 0;
    for seed in 0..60 {
        let shop = Shop::in_memory();
        for act in acts::Day::of(seed).take(120) {
            // Whether an act was refused is all the same here.
            let _ = act.on(&shop.ledger);
        }
        let before = money(&shop);
        let sales: Vec<Sale> =
            before.orders.iter().map(|(sale, _)| shop.ledger.sale(sale.id).unwrap().unwrap()).collect();
        for (sale, n) in sales.iter().zip(0..) {
            for (order_id, concern) in sale.open_concerns() {
                let deed = [Deed::Returned, Deed::ChargedAgain, Deed::Delivered, Deed::Nothing][n % 4];
                let seen_to = Event::SeenTo { concern, deed, by: "Sari".into() };
                shop.ledger.write(sale.id, From::Cashier, at(9_000), |_| vec![(Some(order_id), seen_to)]).unwrap();
                seen += 1;
            }
        }
        assert_eq!(money(&shop), before, "seed {seed}");
        assert_eq!(shop.ledger.attention(at(0)).unwrap(), Sum::default(), "seed {seed}: nothing is left to see to");
        assert_eq!(shop.ledger.audit().unwrap(), [], "seed {seed}");
        assert_eq!(shop.ledger.deeds(1_000).unwrap().iter().filter(|entry| entry.at == at(9_000)).count(), {
            sales.iter().map(|sale| sale.open_concerns().len()).sum::<usize>()
        });
    }
    assert!(seen > 100, "only {seen} concerns came up, so this test shows nothing");
}
