//! `gerai-relay serve`, as Midtrans, a till, its host and a stranger meet it.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod crowd;
mod double;
mod isolation;
mod relay;
mod settings;
mod table;
mod tls;
mod unit;
