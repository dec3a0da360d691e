//! A shop, an order and its slip.

#![allow(dead_code, reason = "each test file uses its part")]

pub mod font;

use std::time::Duration;

use slip::{Language, Order, Scanning, Shop, Slip, Store, Worth, symbol::Symbology};
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

/// The slip for a store.
pub fn slip_at(store: Store) -> Slip<'static> {
    Slip { order: Order { store, ..ORDER }, ..SLIP }
}

/// A slip that is worth so much.
pub fn worth(worth: Worth, slip: Slip<'_>) -> Slip<'_> {
    Slip { shop: Shop { worth, ..slip.shop }, ..slip }
}
