//! The power goes, wherever it may hurt: in the middle of a write, of a checkpoint, of making the
//! ledger, of opening it again after the last time.
//!
//! A shop's desk and its relay write on one file while the power goes after so many calls to the
//! disk, as drawn. What was acknowledged must be there afterwards, what was not must be there whole or
//! not at all, and nothing may need a repair. The same acts on a ledger that nothing happened to tell
//! what "there" is, to the last column.
//!
//! - `GERAI_TORTURE_POWER_CUTS`: how many power cuts (1,200).
//! - `GERAI_TORTURE_SEED`: the first seed (0). Each shop has a seed of its own, which is printed.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![cfg(unix)]

mod shop;

use std::thread;

use disk::{Chance, Disk};
use ledger::{Ledger, Trouble};
use rusqlite::Connection;
use shop::{
    acts::{Act, Day, contents, found, times},
    open,
    ruin::begin,
};
use tempfile::TempDir;

/// So many power cuts one shop has to live through.
const EACH: u64 = 12;

/// A shop whose power goes, and what it must hold.
struct Shop {
    folder: TempDir,
    disk: Disk,
    chance: Chance,
    day: Day,
    spared: Spared,
    /// Something was written down, and so the ledger had been made.
    acted: bool,
}

/// A ledger that nothing happens to.
struct Spared {
    folder: TempDir,
    _disk: Disk,
    ledger: Ledger,
}

impl Spared {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        Self { _disk: Disk::in_folder(folder.path()), ledger: open(folder.path()).unwrap(), folder }
    }

    fn contents(&self) -> Vec<String> {
        contents(self.folder.path())
    }
}

/// Two programs on one file.
struct Programs {
    desk: Ledger,
    relay: Ledger,
}

impl Shop {
    fn new(seed: u64) -> Self {
        let folder = TempDir::new().unwrap();
        let (disk, chance) = (Disk::in_folder(folder.path()), Chance::seeded(seed));
        Self { folder, disk, chance, day: Day::of(seed), spared: Spared::new(), acted: false }
    }

    fn programs(&self) -> Result<Programs, Trouble> {
        Ok(Programs { desk: open(self.folder.path())?, relay: open(self.folder.path())? })
    }

    /// Works until the power goes, and returns what was being done just then.
    fn works(&mut self, programs: &mut Option<Programs>) -> Option<Act> {
        self.disk.stop_at(1 + self.chance.below(70) as u64);
        *programs = self.programs().ok();
        // If it never goes, it goes at rest.
        for _ in 0..25 {
            let Some(open) = programs.as_ref() else { break };
            let act = self.day.next().unwrap();
            if act.on(if self.chance.hits(1, 3) { &open.relay } else { &open.desk }).is_err() {
                assert!(self.disk.stopped(), "{act:?} failed and the power was on");
                return Some(act);
            }
            act.on(&self.spared.ledger).unwrap();
            self.acted = true;
            match self.chance.below(36) {
                0 => self.checkpoint("PASSIVE"),
                1 => self.checkpoint("RESTART"),
                2 => self.checkpoint("TRUNCATE"),
                3 => {
                    // The last one to close tidies up.
                    programs.take();
                    *programs = self.programs().ok();
                }
                _ => {}
            }
        }
        None
    }

    fn checkpoint(&self, how: &str) {
        let _ = Connection::open(self.folder.path().join("training/gerai.db"))
            .and_then(|other| other.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(())));
    }

    fn loses_power(&mut self) {
        let mut programs = None;
        let interrupted = self.works(&mut programs);
        self.disk.power_cut(&mut self.chance);
        drop(programs);
        while self.chance.hits(1, 4) {
            // And goes again while what is there is being opened.
            self.disk.stop_at(1 + self.chance.below(20) as u64);
            let opened = open(self.folder.path());
            self.disk.power_cut(&mut self.chance);
            drop(opened);
        }
        if !self.acted && interrupted.is_none() && matches!(open(self.folder.path()), Err(Trouble::Damaged(_))) {
            // It was not even made yet. The next desk makes it anew, whatever is left of it, and is told so.
            assert!(begin(self.folder.path()).unwrap().1.is_some());
            let folder = TempDir::new().unwrap();
            self.disk = Disk::in_folder(folder.path());
            self.folder = folder;
            return;
        }
        let found = found(self.folder.path());
        if found != self.spared.contents() {
            let Some(act) = interrupted else { panic!("what was acknowledged is not what is there") };
            act.on(&self.spared.ledger).unwrap();
            assert_eq!(found, self.spared.contents(), "{act:?} is there by halves, or what was before it is not");
        } else if let Some(act) = interrupted {
            act.on(&open(self.folder.path()).unwrap()).unwrap();
            act.on(&self.spared.ledger).unwrap();
        }
    }
}

#[test]
fn whatever_was_acknowledged_is_there_after_the_power_went() {
    let cuts = times("GERAI_TORTURE_POWER_CUTS", 1_200).next_multiple_of(EACH);
    let first = times("GERAI_TORTURE_SEED", 0);
    thread::scope(|scope| {
        for core in 0..2 {
            scope.spawn(move || {
                for seed in (first..first + cuts / EACH).filter(|seed| seed % 2 == core) {
                    println!("seed {seed}");
                    let mut shop = Shop::new(seed);
                    (0..EACH).for_each(|_| shop.loses_power());
                }
            });
        }
    });
    println!("{cuts} power cuts");
}
