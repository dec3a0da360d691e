//! Every call that SQLite makes to the disk fails, one after the other, once and for good.
//!
//! Every act of a day is done on a disk on which its nth write, flush, opening, … fails, for
//! n = 1, 2, … until the act passes untouched. There is nothing to draw: every n is tried.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![cfg(unix)]

mod shop;

use std::{fs, os::unix::fs::FileExt};

use disk::{CHANGES, Call, Chance, Disk, Failure, Snapshot};
use ledger::{Ledger, Trouble};
use shop::{
    acts::{Act, contents, everything, found},
    open,
};
use tempfile::TempDir;

/// How a disk may fail.
const WAYS: [(&[Call], Failure); 8] = [
    (&[Call::Write], Failure::Eio),
    (&[Call::Write], Failure::Enospc),
    (&[Call::Write], Failure::ShortWrite),
    (&[Call::Sync], Failure::Eio),
    (&[Call::Read], Failure::Eio),
    (&[Call::Open, Call::Truncate, Call::Delete], Failure::Eio),
    (&[Call::Map], Failure::Enospc),
    (&[Call::Lock], Failure::Eio),
];

/// A ledger on a disk of its own.
struct Place {
    folder: TempDir,
    disk: Disk,
}

impl Place {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        Self { disk: Disk::in_folder(folder.path()), folder }
    }

    fn open(&self) -> Ledger {
        open(self.folder.path()).unwrap()
    }

    fn contents(&self) -> Vec<String> {
        contents(self.folder.path())
    }

    fn found(&self) -> Vec<String> {
        found(self.folder.path())
    }

    /// The ledger as it stood then, opened.
    fn back_to(&self, then: &Snapshot) -> Ledger {
        self.disk.restore(then);
        self.open()
    }
}

/// An act, the ledger before it, and what the ledger holds before and after.
struct Scene {
    act: Act,
    then: Snapshot,
    before: Vec<String>,
    after: Vec<String>,
}

fn scenes() -> Vec<Scene> {
    let place = Place::new();
    let ledger = place.open();
    let scene = |act: Act| {
        let (then, before) = (place.disk.snapshot(), place.contents());
        act.on(&ledger).unwrap();
        Scene { act, then, before, after: place.contents() }
    };
    everything().into_iter().map(scene).collect()
}

impl Scene {
    /// What is there must be the one or the other, and after an Ok the other.
    fn holds(&self, is: &[String], ok: bool, how: &str) -> bool {
        let done = is == self.after;
        assert!(done || !ok && is == self.before, "{how}, {:?}, and it said {ok}: {is:#?}", self.act);
        done
    }

    /// Does the act while calls fail, and says whether it was done and what was said.
    fn plays(&self, ledger: &Ledger, place: &Place, failure: Failure, how: &str) -> Result<(), Trouble> {
        let said = self.act.on(ledger);
        match (&said, failure) {
            (Ok(()), _) => {}
            (Err(Trouble::Full(folder)), Failure::Enospc | Failure::ShortWrite) => assert_eq!(folder, ledger.folder()),
            (Err(Trouble::Disk(folder) | Trouble::Folder(folder)), Failure::Eio) => assert_eq!(folder, ledger.folder()),
            (Err(other), _) => panic!("{how}, {:?}: {other:?}", self.act),
        }
        place.disk.heal();
        said
    }
}

#[test]
fn a_call_that_fails_once_leaves_each_act_whole_or_undone_and_the_ledger_goes_on() {
    let place = Place::new();
    for scene in scenes() {
        for (calls, failure) in WAYS {
            for n in 1.. {
                let how = format!("{failure:?} at {calls:?} {n}");
                let ledger = place.back_to(&scene.then);
                let asked = place.disk.counts().of_all(calls);
                place.disk.fail_at(n, calls, failure);
                let said = scene.plays(&ledger, &place, failure, &how);
                let untouched = place.disk.counts().of_all(calls) - asked < n;
                if !scene.holds(&place.contents(), said.is_ok(), &how) {
                    scene.act.on(&ledger).unwrap();
                    scene.holds(&place.contents(), true, &how);
                }
                place.disk.power_cut(&mut Chance::seeded(n));
                drop(ledger);
                scene.holds(&place.found(), true, &how);
                if untouched {
                    break;
                }
            }
        }
    }
}

#[test]
fn a_disk_that_stays_bad_keeps_what_was_said_and_takes_the_rest_when_it_is_mended() {
    let place = Place::new();
    for (scene, next) in scenes().iter().zip(scenes().iter().skip(1)) {
        for (calls, failure) in WAYS {
            for n in 1.. {
                let how = format!("{failure:?} from {calls:?} {n} on");
                let bad = || {
                    let ledger = place.back_to(&scene.then);
                    let asked = place.disk.counts().of_all(calls);
                    place.disk.fail_from(n, calls, failure);
                    let said = scene.act.on(&ledger);
                    let untouched = place.disk.counts().of_all(calls) - asked < n;
                    (ledger, said.is_ok(), untouched)
                };
                let (ledger, said, untouched) = bad();
                place.disk.power_cut(&mut Chance::seeded(n));
                drop(ledger);
                scene.holds(&place.found(), said, &how);
                if untouched {
                    break;
                }

                let (ledger, said, _) = bad();
                let again = said || scene.act.on(&ledger).is_ok();
                place.disk.heal();
                if !scene.holds(&place.contents(), again, &how) {
                    scene.act.on(&ledger).unwrap();
                }
                next.act.on(&ledger).unwrap();
                assert_eq!(place.contents(), next.after, "{how}, {:?}", scene.act);
            }
        }
    }
}

#[test]
fn a_disk_that_fails_while_the_ledger_is_opened_or_made_does_no_harm() {
    let place = Place::new();
    let made = {
        drop(place.open());
        place.contents()
    };
    let (full, held) = scenes().pop().map(|scene| (scene.then, scene.before)).unwrap();
    for (then, holds) in [(Place::new().disk.snapshot(), made), (full, held)] {
        for (calls, failure) in WAYS {
            for n in 1.. {
                place.disk.restore(&then);
                let asked = place.disk.counts().of_all(calls);
                place.disk.fail_at(n, calls, failure);
                let opened = open(place.folder.path()).map(drop);
                assert!(!matches!(opened, Err(Trouble::Damaged(_))), "{failure:?} at {calls:?} {n}: {opened:?}");
                let untouched = place.disk.counts().of_all(calls) - asked < n;
                place.disk.heal();
                assert_eq!(place.found(), holds, "{failure:?} at {calls:?} {n}");
                if untouched {
                    break;
                }
            }
        }
    }
}

#[test]
fn what_a_killed_program_had_not_flushed_is_flushed_before_anybody_sees_it() {
    let place = Place::new();
    for scene in scenes() {
        for n in 1.. {
            drop(place.back_to(&scene.then));
            let ledger = place.open();
            place.disk.stop_at(n);
            let said = scene.act.on(&ledger);
            let untouched = !place.disk.stopped();
            place.disk.restart();
            drop(ledger);
            let next = place.open();
            let seen = place.contents();
            scene.holds(&seen, said.is_ok(), "killed");
            place.disk.power_cut(&mut Chance::seeded(0));
            drop(next);
            assert_eq!(place.found(), seen, "{:?}, killed at {n}: somebody may have acted on it", scene.act);
            if untouched {
                break;
            }
        }
    }
}

#[test]
fn what_a_killed_program_had_flushed_in_vain_stays_as_the_next_one_has_seen_it() {
    let place = Place::new();
    let (empty, acts) = (place.disk.snapshot(), everything());
    for last in 1..acts.len() {
        for n in 1.. {
            let ledger = place.back_to(&empty);
            // These are in the same log, and flushed.
            acts[..last].iter().for_each(|act| act.on(&ledger).unwrap());
            let before = place.disk.counts().of(Call::Sync);
            place.disk.fail_at(n, &[Call::Sync], Failure::Eio);
            // Whatever it says: it does not live to mend it.
            let _ = acts[last].on(&ledger);
            let untouched = place.disk.counts().of(Call::Sync) - before < n;
            place.disk.restart();
            place.disk.heal();
            drop(ledger);
            let next = place.open();
            let seen = place.contents();
            place.disk.power_cut(&mut Chance::seeded(n));
            drop(next);
            assert_eq!(place.found(), seen, "{:?}, flush {n} failed: somebody may have acted on it", acts[last]);
            if untouched {
                break;
            }
        }
    }
}

#[test]
fn a_disk_that_went_away_and_came_back_is_opened_anew() {
    let place = Place::new();
    let ledger = place.open();
    let [first, second, ..] = &everything()[..] else { panic!() };
    first.on(&ledger).unwrap();
    for look in [|ledger: &Ledger| ledger.head().map(drop), |ledger: &Ledger| Act::Quarantine(1).on(ledger)] {
        let version = ledger.version().unwrap();
        // Every descriptor is dead from here on, as after a cable was pulled and put back.
        place.disk.restart();
        let failed = look(&ledger);
        assert!(matches!(&failed, Err(Trouble::Disk(folder)) if folder == ledger.folder()), "{failed:?}");
        look(&ledger).unwrap();
        assert_ne!(ledger.version().unwrap(), version, "whoever waits for news looks again");
    }
    second.on(&ledger).unwrap();
    assert!(open(place.folder.path()).unwrap().head().unwrap() == 2);
}

#[test]
fn after_a_failed_flush_nothing_is_believed_that_was_not_read_again() {
    let place = Place::new();
    let ledger = place.open();
    (1..40).for_each(|n| Act::Intend(n).on(&ledger).unwrap());
    drop(ledger);
    let ledger = place.open();
    assert!(ledger.audit().unwrap().is_empty(), "and now it lies in memory");
    place.disk.fail_at(1, &[Call::Sync], Failure::Eio);
    assert!(matches!(Act::Intend(40).on(&ledger), Err(Trouble::Disk(_))));
    let file = fs::OpenOptions::new().write(true).open(ledger.folder().join("gerai.db")).unwrap();
    let len = file.metadata().unwrap().len();
    (1..len / 4_096).for_each(|page| file.write_all_at(&[0xff; 4_096], page * 4_096).unwrap());
    for _ in 0..2 {
        assert!(matches!(Act::Intend(40).on(&ledger), Err(Trouble::Damaged(_))), "the disk no longer holds it");
        assert!(matches!(ledger.head(), Err(Trouble::Damaged(_))));
    }
}

#[test]
fn a_ledger_that_was_exchanged_for_another_while_its_disk_was_away_is_not_gone_on_with() {
    let (place, other) = (Place::new(), Place::new());
    let folder = ledger::Folder::at(other.folder.path());
    let open_other = ledger::Ledger::open(&folder, till::Environment::Training, None, ledger::Door::Desk, *b"else");
    drop(open_other.unwrap());
    let ledger = place.open();
    place.disk.restore(&other.disk.snapshot());
    assert!(matches!(ledger.head(), Err(Trouble::Disk(_))));
    assert!(matches!(ledger.head(), Err(Trouble::Damaged(_))), "it is another till's");
}

#[test]
fn lists_are_read_while_there_is_no_room() {
    let place = Place::new();
    let ledger = place.open();
    Act::Intend(1).on(&ledger).unwrap();
    place.disk.fail_from(1, CHANGES, Failure::Enospc);
    assert!(matches!(Act::Intend(2).on(&ledger), Err(Trouble::Full(_))));
    assert_eq!(ledger.audit().unwrap(), []);
    assert_eq!(ledger.head().unwrap(), 2);
}
