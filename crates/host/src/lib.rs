//! The hosted relay: notifications of many shops over HTTP.
//!
//! Midtrans posts to the secret address of a channel, and hears 200 once the mailroom has it on the
//! disk. The shop's tills read their channel with a token of their own, as long polls with a cursor.
//! There is no server key here: whether a notification is genuine, a till decides.

mod answer;
mod buckets;
mod feed;
mod house;
mod ingest;
mod journal;
mod network;
mod pairing;
mod serve;
mod settings;
mod tls;

pub use network::Network;
pub use serve::{Chance, Clock, Outside, Running, StartError, start};
pub use settings::{Given, GivenPlace, Limits, Proxies, PublicUrl, Settings, Wrong};
pub use tls::{Files, NoTls, Tls, good_until};
