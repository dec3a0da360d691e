//! A ledger of every older schema is brought up to date whole or not at all, whatever happens
//! meanwhile: the power goes, the program is killed, a call fails, at every call to the disk.
//!
//! `golden/schema-N.sql` is a ledger as the Gerai with that schema wrote it.
//!
//! - `GERAI_TORTURE_MIGRATIONS`: how many ends of each power cut are tried (6).

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![cfg(unix)]

mod shop;

use std::{fs, path::Path};

use disk::{CHANGES, Call, Chance, Disk, Failure, Snapshot};
use ledger::{Binding, Door, Folder, Ledger, List, LogKey, Query, Trouble};
use rusqlite::Connection;
use shop::{
    acts::{contents, everything, found, times},
    at, open, order_id,
};
use tempfile::TempDir;
use till::{Concern, Environment, State, Time};

/// Each schema that a Gerai was ever released with, but for today's.
const OLDER: [(i32, &str); 3] = [
    (1, include_str!("golden/schema-1.sql")),
    (2, include_str!("golden/schema-2.sql")),
    (3, include_str!("golden/schema-3.sql")),
];

/// A ledger of an older schema, and what it must hold once it is up to date.
struct Golden {
    folder: TempDir,
    disk: Disk,
    then: Snapshot,
    before: Vec<String>,
    after: Vec<String>,
}

impl Golden {
    fn new(sql: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("training")).unwrap();
        let disk = Disk::in_folder(folder.path());
        let raw = Connection::open(folder.path().join("training/gerai.db")).unwrap();
        raw.pragma_update(None, "journal_mode", "WAL").unwrap();
        // The tables come in the order of their names.
        raw.pragma_update(None, "foreign_keys", false).unwrap();
        raw.execute_batch(sql).unwrap();
        drop(raw);
        let then = disk.snapshot();
        let before = contents(folder.path());
        let after = found(folder.path());
        assert_ne!(before, after);
        Self { folder, disk, then, before, after }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// It is as it was or as it shall be, and the desk makes it what it shall be.
    fn holds(&self, how: &str) {
        let is = contents(self.path());
        assert!(is == self.before || is == self.after, "{how}: between two schemas");
        assert_eq!(found(self.path()), self.after, "{how}");
    }
}

#[test]
fn what_an_older_gerai_wrote_down_is_there_after_the_ledger_was_brought_up_to_date() {
    for (schema, sql) in OLDER {
        let golden = Golden::new(sql);
        let lines = |all: &[String], table: &str| -> Vec<String> {
            all.iter().filter(|line| line.starts_with(table)).cloned().collect()
        };
        for table in ["log: ", "quarantine: "] {
            let written = lines(&golden.before, table);
            assert!(!written.is_empty(), "{table}");
            assert_eq!(written, lines(&golden.after, table), "schema {schema}");
        }
        for table in ["inbox: ", "kept: "] {
            let written = lines(&golden.before, table);
            assert!(!written.is_empty(), "{table}");
            for line in written {
                assert!(golden.after.iter().any(|is| is.starts_with(&line)), "{line}");
            }
        }
        let ledger = open(golden.path()).unwrap();
        for act in everything().iter().skip(2) {
            act.on(&ledger).unwrap();
        }
        assert_eq!(ledger.audit().unwrap(), []);
    }
}

#[test]
fn the_sales_of_the_first_schema_stand_as_they_stood() {
    let golden = Golden::new(OLDER[0].1);
    let ledger = open(golden.path()).unwrap();
    let all = ledger.page(&Query::newest(List::All, 100, at(0))).unwrap();
    let mut states: Vec<State> = all.rows.iter().map(|row| row.state).collect();
    states.sort_by_key(|state| format!("{state:?}"));
    println!("{states:?}");
    assert_eq!(states.len(), 17);
    let paid = ledger.find(order_id(3).as_str()).unwrap().unwrap();
    assert_eq!(paid.state(), State::Paid);
    assert_eq!(paid.handed_over.unwrap().by, "Sari");
    assert!(
        ledger.find(order_id(11).as_str()).unwrap().unwrap().attempts[0]
            .open_concerns()
            .contains(&Concern::PaidAfterClosing)
    );
    assert_eq!(ledger.unverified().unwrap().len(), 1);
    assert_eq!(ledger.notifications(order_id(2)).unwrap()[0].times, 2);
}

#[test]
fn what_an_older_gerai_heard_of_another_till_is_there_to_be_looked_up() {
    let ledger = open(Golden::new(OLDER[2].1).path()).unwrap();
    let others = ledger.others_watched().unwrap();
    let told: Vec<(&str, u32, Time, State)> =
        others.iter().map(|other| (other.order_id.as_str(), other.letters, other.since, other.state)).collect();
    assert_eq!(told, [("NW5N-777777777777777777Q", 2, at(3_100), State::Confirming)]);
    assert_eq!(ledger.closings().unwrap().len(), 1);
}

#[test]
fn the_seals_of_an_older_gerai_still_fit_what_it_wrote() {
    let ledger = open(Golden::new(OLDER[2].1).path()).unwrap();
    ledger.arm(LogKey::new([7; 32]), at(10_000)).unwrap();
    let verdict = ledger.verify(None).unwrap().unwrap();
    assert!(verdict.is_fine() && verdict.proven > 30, "{verdict:?}");
    let intended = |n| ledger.find(order_id(n).as_str()).unwrap().unwrap().attempts[0].notify.clone();
    assert_eq!((intended(1), intended(20)), (None, None));
}

#[test]
fn a_copy_of_the_older_ledger_is_kept() {
    for (schema, sql) in OLDER {
        let golden = Golden::new(sql);
        let copy = golden.path().join(format!("training/copies/before-schema-{}.db", schema + 1));
        let other = TempDir::new().unwrap();
        fs::create_dir(other.path().join("training")).unwrap();
        fs::copy(copy, other.path().join("training/gerai.db")).unwrap();
        assert_eq!(contents(other.path()), golden.before);
        assert_eq!(found(other.path()), golden.after);
    }
}

#[test]
fn the_relay_touches_no_older_ledger() {
    for (_, sql) in OLDER {
        let golden = Golden::new(sql);
        golden.disk.restore(&golden.then);
        let folder = Folder::at(golden.path());
        let refused = Ledger::open(&folder, Environment::Training, Some(Binding::Loopback), Door::Relay, *b"till");
        assert!(matches!(refused, Err(Trouble::Older(_))));
        assert_eq!(contents(golden.path()), golden.before);
    }
}

#[test]
fn a_power_cut_or_a_kill_at_any_call_leaves_the_older_ledger_or_the_new_one() {
    for (schema, sql) in OLDER {
        let golden = Golden::new(sql);
        let mut interrupted = 0;
        'calls: for n in 1.. {
            for end in 0..=times("GERAI_TORTURE_MIGRATIONS", 6) {
                golden.disk.restore(&golden.then);
                golden.disk.stop_at(n);
                let opened = open(golden.path());
                let stopped = golden.disk.stopped();
                assert_eq!(opened.is_err(), stopped);
                match end {
                    0 => golden.disk.restart(),
                    seed => golden.disk.power_cut(&mut Chance::seeded(1_000 * n + seed)),
                }
                if opened.is_ok() {
                    assert_eq!(contents(golden.path()), golden.after, "it was said to be done");
                }
                drop(opened);
                golden.holds(&format!("schema {schema}, call {n}, end {end}"));
                if !stopped {
                    break 'calls;
                }
                interrupted += 1;
            }
        }
        println!("schema {schema}: interrupted {interrupted} times");
        assert!(interrupted >= 500, "only {interrupted}");
    }
}

#[test]
fn a_call_that_fails_leaves_the_older_ledger_or_the_new_one() {
    for (schema, sql) in OLDER {
        let golden = Golden::new(sql);
        for failure in [Failure::Eio, Failure::Enospc, Failure::ShortWrite] {
            for n in 1.. {
                golden.disk.restore(&golden.then);
                let asked = golden.disk.counts().of_all(CHANGES);
                golden.disk.fail_at(n, CHANGES, failure);
                let opened = open(golden.path()).map(drop);
                let untouched = golden.disk.counts().of_all(CHANGES) - asked < n;
                golden.disk.heal();
                assert!(!matches!(opened, Err(Trouble::Damaged(_))), "schema {schema}, {failure:?} at {n}");
                golden.holds(&format!("schema {schema}, {failure:?} at {n}, {opened:?}"));
                if untouched {
                    break;
                }
            }
        }
        golden.disk.restore(&golden.then);
        golden.disk.fail_from(1, &[Call::Write], Failure::Enospc);
        assert!(matches!(open(golden.path()), Err(Trouble::Full(_))), "no room for it");
        golden.disk.heal();
        golden.holds("and room again");
    }
}
