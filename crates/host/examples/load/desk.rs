//! The shop at the other end: its orders are what forgeries claim to be paid.

use std::path::Path;

use ledger::{Binding, Door, Feed, Folder, Ledger, NewSale};
use relay::{TRAINING_KEY, take_in_feed, training_key};
use sha2::{Digest, Sha512};
use till::{Asked, Draft, Environment, Event, From, Number, OrderId, Report, Reported, SaleId, State, Store, Time};

use crate::house::Done;

/// What each of its orders comes to.
pub const AMOUNT: u64 = 44_000;

/// A shop with a real ledger and orders whose codes wait to be paid.
pub struct Desk {
    ledger: Ledger,
    orders: Vec<(SaleId, OrderId)>,
}

const DEVICE: &str = "1";
const NOW: Time = Time::from_millis(1_790_000_000_000);

impl Desk {
    pub fn open(folder: &Path) -> Done<Self> {
        let place = Folder::at(folder.join("shop"));
        let ledger = Ledger::open(&place, Environment::Training, Some(Binding::Loopback), Door::Desk, *b"till")?;
        let mut orders = Vec::new();
        for n in 0..51_u8 {
            // Only some bits of each byte count.
            let (mut sale, mut order) = ([n; 12], [n; 18]);
            (sale[0], order[0]) = (n / 8, n / 8);
            let (sale, order_id) = (SaleId::draw(sale), OrderId::draw(ledger.till(), order));
            charge(&ledger, sale, order_id, n)?;
            orders.push((sale, order_id));
        }
        let (address, channel, device) = ("http://127.0.0.1/n/secret".into(), "1".into(), DEVICE.into());
        ledger.pair_feed(&Feed { address, channel, device, name: "Depan".into(), paired_at: NOW, cursor: 0 })?;
        Ok(Self { ledger, orders })
    }

    /// Those that forgeries may claim. The last one is really paid in the end.
    pub fn order_ids(&self) -> Vec<String> {
        self.orders.iter().skip(1).map(|(_, order_id)| order_id.as_str().to_owned()).collect()
    }

    /// Takes in what the relay passes on as the window does, and tells what it believes.
    pub fn read(&self, passed: Vec<Vec<u8>>) -> Done<String> {
        let (key, mut fed) = (training_key(), (0, 0));
        let really = self.orders.first().ok_or("there are orders")?;
        let genuine = settlement(really.1.as_str());
        let mut passed = (1..).zip(passed.into_iter().chain([genuine.into_bytes()])).peekable();
        while let Some(upto) = passed.peek().map(|(seq, _)| seq + 99) {
            let page: Vec<_> = std::iter::from_fn(|| passed.next_if(|(seq, _)| *seq <= upto)).collect();
            let page = take_in_feed(&self.ledger, DEVICE, page, upto, Some(&key), NOW)?.ok_or("it is paired")?;
            fed = (fed.0 + page.genuine, fed.1 + page.strange);
        }
        let state = |sale| Ok::<_, Box<dyn std::error::Error>>(self.ledger.sale(sale)?.ok_or("it is there")?.state());
        let mut believed = 0;
        for (sale, _) in self.orders.iter().skip(1) {
            believed += usize::from(state(*sale)? != State::Pending);
        }
        let told = if state(really.0)? == State::Confirming { "believed" } else { "NOT BELIEVED" };
        Ok(format!(
            "the desk read it: {} genuine, {} refused; of {} orders that forgeries claimed it believed {believed}, \
             and one genuine notification it {told}",
            fed.0,
            fed.1,
            self.orders.len() - 1
        ))
    }
}

fn charge(ledger: &Ledger, sale: SaleId, order_id: OrderId, n: u8) -> Done<()> {
    let draft = Draft { amount: AMOUNT.to_string(), ..Draft::empty(Store::Indomaret) };
    let order = draft.check(None).map_err(|fault| format!("{fault:?}"))?;
    let number = Number::draw(&[1, 2, n / 8, n]);
    let new = NewSale { id: sale, number, order, order_id, request: "{}".into(), notify: None };
    ledger.intend(&new, From::Cashier, NOW)?;
    let reported = Reported {
        asked: Asked::Charge,
        asked_after: ledger.head()?,
        report: Report::Pending,
        amount: Some(AMOUNT),
        store: Some(Store::Indomaret),
        payment_code: Some(format!("8127{n:012}")),
        transaction_id: Some(format!("d615df87-c96f-4f5c-9d35-2d740d54{n:04}")),
        expires_at: None,
        made_at: None,
        settled_at: None,
        told_at: None,
    };
    ledger.write(sale, From::Midtrans, NOW, |_| vec![(Some(order_id), Event::Reported(reported))])?;
    Ok(())
}

fn settlement(order_id: &str) -> String {
    let signed = format!("{order_id}200{AMOUNT}.00{TRAINING_KEY}");
    let signature: String = Sha512::digest(signed).iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        r#"{{"order_id":"{order_id}","status_code":"200","gross_amount":"{AMOUNT}.00","signature_key":"{signature}","transaction_status":"settlement","payment_type":"cstore"}}"#
    )
}
