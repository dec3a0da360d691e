//! The till's side of a hosted relay: pairing, reading what it stored, saying what may be forgotten.
//!
//! A [`Relay`] is reached at the host of the [`NotificationAddress`] that its owner gave the shop, and
//! a [`Feed`] is such a relay with the token of a paired till. Neither knows a ledger. One call is one
//! request: nothing is repeated here, no redirect is followed, and whatever is not exactly the answer
//! of a relay is a [`Trouble`] that says what to do.

mod address;
mod answer;
mod client;
mod code;
mod trouble;

pub use address::{AddressError, NotificationAddress};
pub use answer::{Device, Entry, NewCode, Page, Paired};
pub use client::{Feed, Patience, Relay, Token};
pub use code::{Code, NoCode};
pub use trouble::{Foreign, Trouble};
