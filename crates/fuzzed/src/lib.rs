//! Every reader of bytes that come from outside, and what must hold whatever the bytes are.
//!
//! Each target reads as the program that ships reads, and panics if a promise is broken. The tests of
//! this crate replay the corpora below `corpus/`; `scripts/fuzz` looks for new bytes, guided by what
//! the code does with them. What it finds is put into the corpus, and so becomes a test.

#![allow(clippy::unwrap_used, reason = "a target ends where a promise is broken")]

mod answer;
mod copy;
mod notification;
mod order;
mod relay;
mod search;
mod settings;
mod shop;

/// A reader of bytes from outside, by name.
pub struct Target {
    /// Its name, and that of its folder below `corpus/`.
    pub name: &'static str,
    /// Reads them.
    pub read: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 7] = [
    Target { name: "notification", read: notification::read },
    Target { name: "answer", read: answer::read },
    Target { name: "settings", read: settings::read },
    Target { name: "copy", read: copy::read },
    Target { name: "search", read: search::read },
    Target { name: "order", read: order::read },
    Target { name: "relay", read: relay::read },
];
