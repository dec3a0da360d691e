//! What anybody may post to the relay.

use std::sync::LazyLock;

use midtrans::{Notification, ServerKey};
use relay::letter;
use till::{Entry, Event, From, Sale, State, Time};

use crate::shop::{ORDER_ID, SALE, key, one_order};

/// Everything Midtrans has ever signed with this key. Whoever signs more is a forger.
const SIGNED: [&str; 4] = [
    "K7PX-3M8Q2W9ZD4T6R1V5XCD20044000.00",
    "K7PX-3M8Q2W9ZD4T6R1V5XCD20144000.00",
    "K7PX-3M8Q2W9ZD4T6R1V5XCD20244000.00",
    "WEB-1720012500.00",
];

static KEY: LazyLock<ServerKey> = LazyLock::new(key);
static OPEN: LazyLock<Sale> = LazyLock::new(one_order);

pub(crate) fn read(bytes: &[u8]) {
    let Ok(notification) = Notification::parse(bytes) else { return };
    let letter = letter(&notification);
    let genuine = notification.verify(&KEY);
    let (order_id, code, amount) = (notification.order_id(), notification.status_code(), notification.gross_amount());
    let joined = [order_id, code, amount].concat();
    assert!(!genuine || SIGNED.contains(&joined.as_str()), "a forgery is taken for genuine: {joined}");
    if !genuine {
        return;
    }
    let Ok(id) = letter.order_id.parse() else { return };
    let fits = letter.fits(&OPEN, id);
    assert!(!fits || (order_id == ORDER_ID && amount == "44000.00"), "{joined} is taken for another order");
    let mut sale = OPEN.clone();
    let event = Event::Hinted { report: letter.report, fits };
    let attempt = Some(id);
    sale.apply(&Entry {
        seq: 4,
        at: Time::from_millis(4),
        sale: SALE.parse().unwrap(),
        attempt,
        from: From::Relay,
        event,
    });
    assert!(matches!(sale.state(), State::Pending | State::Confirming), "a notification made it {:?}", sale.state());
    assert!(sale.state() == State::Pending || code == "200", "{code} is shown as a payment");
}
