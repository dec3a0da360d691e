//! Channels and their logs.
//!
//! Each merchant has a channel. What Midtrans sends there is appended to its log, durably, before
//! anybody is told so; the merchant's tills read the log with a cursor and say how far they have
//! come. A [`Mailroom`] is that log, a [`Registry`] knows who may write to a channel and who may
//! read it. Nothing here knows HTTP, a server key or a shop; the clock and all chance are handed in.

mod contract;
mod keeping;
mod registry;
mod secrets;

pub use contract::{Appended, Channel, Device, Entry, Mailroom, Page, Seq, Trouble};
pub use keeping::Keeping;
pub use registry::{ChannelRow, DeviceRow, NotPaired, Paired, Purged, Registry, Whose};
pub use secrets::{Code, PathSecret, SecretHash, Token};
pub use till::Time;
