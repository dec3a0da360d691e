//! What a sale is, and what follows from it.
//!
//! Everything here is a pure decision: no I/O, no clock, no chance and no wire format of anybody
//! else's. Times and randomness are handed in. The same code runs at the desk, in the relay, in
//! `geraictl` and in the tests.
//!
//! - [`Draft`] is what a cashier typed; [`Draft::check`] makes an [`Order`] of it or names the
//!   [`Fault`].
//! - [`Event`] is what happened, appended and never edited. [`Attempt::apply`] and [`Sale::apply`]
//!   compute the present from it.
//! - [`Sale::next_move`] says what the desk must do next, from the present alone, so that a
//!   crash between two steps loses nothing.

mod attempt;
mod concern;
mod draft;
mod ear;
mod event;
mod ids;
mod next_move;
mod other;
mod reissue;
mod rupiah;
mod sale;
mod shop;
mod time;
#[cfg(test)]
mod told;

pub use attempt::{Attempt, Missing, Phase, Problem, State};
pub use draft::{CASH_LIMIT_ALFAMART, Draft, DraftItem, Expiry, Fault, FaultKind, Field, one_line};
pub use ear::{Ear, FoundPaid, Hearing, Listening};
pub use event::{Asked, Concern, Deed, Entry, Event, From, Refusal, Report, Reported, Unclear};
pub use ids::{BadId, Number, OrderId, SaleId, TillId};
pub use next_move::{Move, Pace};
pub use other::Other;
pub use reissue::Reissue;
pub use rupiah::{NotRupiah, Rupiah};
pub use sale::{HandOver, Item, Order, Sale};
pub use shop::{Environment, Store, UnknownWord};
pub use time::Time;
