//! The companion: receives Midtrans' notifications, stores them, answers.
//!
//! [`Embedded`] is the relay of one shop, inside the window or beside it. It
//! writes into the shop's own ledger and answers 200 only after that has reached the disk. It
//! moves an order at most to *confirming* and asks Midtrans nothing; the desk does.
//!
//! A notification that comes while the key is out of reach is stored unverified and answered; the
//! desk checks it later with [`take_up_waiting`].

mod embedded;
mod key;
mod letter;
mod letterbox;
pub mod line;
mod path;
mod presence;
mod seats;

pub use embedded::{Clock, Embedded, EmbeddedConfig, Running, StartError};
pub use key::{KeySource, Keyring, TRAINING_KEY, training_key};
pub use letter::{Taken, letter, take_in, take_in_feed, take_up_waiting};
pub use line::Patience;
pub use presence::{Presence, presence};
pub use seats::{Share, Shares};
