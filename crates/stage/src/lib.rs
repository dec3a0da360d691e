//! Where the whole-app tests and the tour play: a desktop session of its own, our programs in it,
//! and the real window on a screen nobody sees. Everything ends with its test.
//!
//! It knows the programs from outside only: their command lines, what they print, what they show.

mod chance;
mod door;
pub mod measure;
mod network_printer;
mod postgres;
mod print_service;
mod programs;
mod session;
mod texts;
mod window;

pub use chance::{Chance, asked_for};
pub use door::Door;
pub use network_printer::{Mood, NetworkPrinter};
pub use postgres::Postgres;
pub use print_service::{PrintService, Queue};
pub use programs::{Program, Running, program};
pub use session::Session;
pub use texts::{Language, Words};
pub use window::{Window, keys};

use std::{
    thread,
    time::{Duration, Instant},
};

/// So long may anything take that a person would wait for; a busy machine needs more than a quiet one.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until it is so, and says in the end what never was.
pub fn until(what: &str, is_so: impl FnMut() -> bool) {
    assert!(comes_true(PATIENCE, is_so), "after {PATIENCE:?} it was still not so: {what}");
}

fn comes_true(patience: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    loop {
        if is_so() {
            return true;
        }
        if Instant::now() > deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(25));
    }
}
