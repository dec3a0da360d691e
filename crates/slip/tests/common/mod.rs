//! A shop, an order and its slip.

#![allow(dead_code, reason = "each test file uses its part")]

pub mod font;

use std::time::Duration;

use slip::{
    DayReport, Language, Order, Receipt, Scanning, Sealing, Shop, Slip, Store, Sum, Unconfirmed, Why, Worth,
    symbol::Symbology,
};
use time::macros::datetime;

pub const SHOP: Shop<'_> = Shop {
    name: "Toko Ratna Jaya",
    logo: None,
    lines: &[],
    till: "K7QM",
    worth: Worth::Real,
    language: Language::Indonesian,
};

pub const ORDER: Order<'_> = Order {
    number: "K3F7",
    order_id: "K7QM-2C9VX0T4MZ1RBW8HQJD",
    store: Store::Indomaret,
    code: "578112341234",
    rupiah: 162_500,
    items: &[],
    customer: "",
    note: "",
};

pub const SLIP: Slip<'_> = Slip {
    shop: SHOP,
    order: ORDER,
    until: datetime!(2026-11-24 07:30:59 UTC),
    margin: Duration::ZERO,
    made_at: datetime!(2026-11-23 07:30:59 UTC),
    merchant: "Toko Ratna Jaya",
    copy: 0,
    scanning: Scanning { alfamart: false, symbology: Symbology::Code39 },
};

pub const RECEIPT: Receipt<'_> = Receipt {
    shop: SHOP,
    order: ORDER,
    paid_at: datetime!(2026-11-23 09:05 UTC),
    printed_at: datetime!(2026-11-23 09:06 UTC),
    copy: 0,
};

pub const REPORT: DayReport<'_> = DayReport {
    shop: SHOP,
    number: 17,
    day: datetime!(2026-11-23 05:00 UTC),
    closed_at: datetime!(2026-11-23 14:01 UTC),
    closed_by: "Ratna",
    printed_at: datetime!(2026-11-23 14:02 UTC),
    takings: &[
        (Store::Alfamart, Sum { count: 1, rupiah: 44_000 }),
        (Store::Indomaret, Sum { count: 2, rupiah: 162_500 }),
    ],
    late: Sum { count: 1, rupiah: 44_000 },
    confirmed: 2,
    unconfirmed: &[Unconfirmed { number: "K3F7", why: Why::NotReached }],
    waiting: Sum { count: 3, rupiah: 90_000 },
    unclear: Sum { count: 0, rupiah: 0 },
    not_handed_over: Sum { count: 1, rupiah: 44_000 },
    attention: 1,
    looked_up: true,
    seal: Sealing::Whole,
    copy: 0,
};

/// The slip for a store.
pub fn slip_at(store: Store) -> Slip<'static> {
    Slip { order: Order { store, ..ORDER }, ..SLIP }
}

/// A slip that is worth so much.
pub fn worth(worth: Worth, slip: Slip<'_>) -> Slip<'_> {
    Slip { shop: Shop { worth, ..slip.shop }, ..slip }
}
