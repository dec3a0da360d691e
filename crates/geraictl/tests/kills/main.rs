//! Real programs killed at every point that matters, in great numbers, with Midtrans' double as the
//! witness: no sale is lost, no code is made twice, nothing is called paid that is not.
//!
//! `GERAI_TORTURE_KILLS` asks for more kills than the usual ones, `GERAI_TORTURE_SEED` for the same
//! plan again.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod charges;
mod closings;
mod hosted;
mod letters;
mod line;
mod relays;
mod shop;
mod syncs;
mod witness;

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use line::Point;
use shop::{Shop, kill, start};
use stage::Chance;

/// So many programs are on the ledger at once when they are killed.
const AT_ONCE: usize = 4;
/// More orders than this in one shop and asking the witness takes longer than killing.
const PER_SHOP: u64 = 320;

/// How many were killed before Midtrans did what they asked, and how many after it.
#[derive(Default, Debug)]
struct Tally {
    before: u64,
    after: u64,
}

impl Tally {
    fn kills(&self) -> u64 {
        self.before + self.after
    }

    /// Prints what was done; neither side of the moment may come short.
    fn report(&self, what: &str) {
        let Self { before, after } = self;
        println!("{what}: {} kills, {before} before Midtrans' commit, {after} after it", self.kills());
        assert!(3 * before >= self.kills() && 3 * after >= self.kills(), "a third on either side");
    }
}

/// Where a program is killed.
#[derive(Clone, Copy, Debug)]
enum Kill {
    /// What it means to ask is written down, and it has not even reached Midtrans.
    Dialling,
    /// At this point of its call.
    At(Point),
    /// At any time at all.
    AnyTime,
}

/// Every kind of point, the same number on either side of Midtrans' commit.
fn plan(chance: &mut Chance) -> [Kill; 8] {
    [
        Kill::Dialling,
        Kill::At(Point::Answering(0.0)),
        Kill::At(Point::Asking(0.0)),
        Kill::At(Point::Answering(chance.share())),
        Kill::AnyTime,
        Kill::At(Point::Asking(chance.share())),
        Kill::At(Point::Heard),
        Kill::AnyTime,
    ]
}

/// Kills each of these some time between its start and its usual end.
fn kill_at_any_time(shop: &Shop, usual: Duration, commands: Vec<Command>, chance: &mut Chance) {
    let mut children = start(commands);
    let mut pauses: Vec<_> = children.iter().map(|_| usual.mul_f64(1.2 * chance.share())).collect();
    pauses.sort();
    let begun = Instant::now();
    for pause in pauses {
        // A point in time is what this varies; nothing is awaited by it.
        thread::sleep(pause.saturating_sub(begun.elapsed()));
        kill(vec![children.swap_remove(chance.below(children.len() as u64) as usize)]);
    }
    shop.line.quiet();
}

/// How long these usually take together.
fn usual(commands: Vec<Command>) -> Duration {
    let begun = Instant::now();
    for child in start(commands) {
        assert!(child.wait_with_output().unwrap().status.success());
    }
    begun.elapsed()
}
