//! Channels and their logs.
//!
//! Each merchant has a channel. What Midtrans sends there is appended to its log, durably, before
//! anybody is told so; the merchant's tills read the log with a cursor and say how far they have
//! come. A [`Mailroom`] is that log, a [`Registry`] knows who may write to a channel and who may
//! read it. Nothing here knows HTTP, a server key or a shop; the clock and all chance are handed in.

mod bells;
mod contract;
mod keeping;
mod known;
mod open;
mod postgres;
mod registry;
mod secrets;
mod sqlite;
mod store;

pub use contract::{Appended, Channel, Device, Entry, Mailroom, Page, Seq, Trouble};
pub use keeping::Keeping;
pub use open::{OpenError, Place};
pub use postgres::Postgres;
pub use registry::{ChannelRow, DeviceRow, NotPaired, Paired, Purged, Registry, Whose};
pub use secrets::{Code, PathSecret, SecretHash, Token};
pub use sqlite::Sqlite;
pub use store::Store;
pub use till::Time;
