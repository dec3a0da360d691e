//! A whole shop in one program, driven by one seed through everything that can go wrong.
//!
//! The code that decides is the code that ships: the counter over the ledger, the relay's letterbox,
//! the client's parsers. Around them stand people, a [`gateway`], a network, a disk and a clock that
//! are made up here, and a witness that sees all of it and holds every promise against it.
//!
//! [`play`] plays one day. The same seed plays the same day, always.

mod chance;
mod clock;
mod counts;
mod day;
mod days;
pub mod gateway;
mod keyring;
mod network;
mod pc;
mod people;
mod settle;
mod temper;
mod trace;
mod window;
mod witness;
mod world;

pub use counts::Counts;
pub use day::{Day, Mode, play};
pub use days::play_all;
pub use witness::Broken;

/// For Rust and for SQLite alike: programs that begin and end all day ask for memory all the time.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;
