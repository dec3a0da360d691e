//! What every target knows: a key, and one order that waits to be paid.

use midtrans::ServerKey;
use secrecy::SecretString;
use till::{Asked, Draft, Entry, Event, From, Number, OrderId, Report, Reported, Sale, Store, Time};

pub(crate) const SALE: &str = "3m8q2w9zd4t6";
pub(crate) const ORDER_ID: &str = "K7PX-3M8Q2W9ZD4T6R1V5XCD";

pub(crate) fn key() -> ServerKey {
    ServerKey::parse(SecretString::from("SB-Mid-server-fuzz-0001")).unwrap()
}

pub(crate) fn order_id() -> OrderId {
    ORDER_ID.parse().unwrap()
}

/// 44,000 rupiah at Alfamart.
pub(crate) fn one_order() -> Sale {
    let order = Draft { amount: "44000".into(), ..Draft::empty(Store::Alfamart) }.check(None).unwrap();
    let log = [
        Event::Ordered { number: Number::draw(b"K7PX"), order },
        Event::Intended { request: "{}".into(), store: None, notify: None },
        Event::Reported(pending()),
    ];
    let entry = |(place, event)| {
        let seq = place as i64 + 1;
        let attempt = (place > 0).then(order_id);
        Entry { seq, at: Time::from_millis(seq), sale: SALE.parse().unwrap(), attempt, from: From::Desk, event }
    };
    Sale::of(&log.into_iter().enumerate().map(entry).collect::<Vec<_>>()).unwrap()
}

/// Midtrans took the charge.
pub(crate) fn pending() -> Reported {
    Reported {
        asked: Asked::Charge,
        asked_after: 2,
        report: Report::Pending,
        amount: Some(44_000),
        store: Some(Store::Alfamart),
        payment_code: Some("8127740588870520".into()),
        transaction_id: None,
        expires_at: None,
        made_at: None,
        settled_at: None,
        told_at: None,
    }
}
