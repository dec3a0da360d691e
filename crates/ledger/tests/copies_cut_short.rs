//! Copies that are cut short: by a full disk, by a kill.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use std::{
    fs,
    io::Write,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use ledger::{Ledger, Trouble};
use shop::*;
use tempfile::TempDir;
use till::From;

#[test]
fn a_full_disk_makes_no_half_copy_and_takes_no_room_from_the_ledger() {
    let _alone = alone();
    let Some(disk) = Disk::mount("size=8m") else { return };
    let ledger = open(disk.path()).unwrap();
    orders(&ledger);
    leave_little(disk.path());
    assert!(matches!(ledger.copy(at(0)), Err(Trouble::Full(_))));
    assert_eq!(ledger.copies().unwrap(), []);
    assert!(!copy_files(&ledger).contains("new.db"));
    assert!(ledger.intend(&new_sale(1_000), From::Cashier, at(1)).is_ok(), "business goes on");
    fs::remove_file(disk.path().join("ballast")).unwrap();
    assert!(ledger.copy(at(0)).unwrap().is_some(), "and with room there is a copy");
}

#[test]
fn a_program_that_is_killed_while_it_copies_leaves_no_half_copy() {
    let _alone = alone();
    const NAME: &str = "a_program_that_is_killed_while_it_copies_leaves_no_half_copy";
    if let Some(folder) = child_folder() {
        let ledger = open(&folder).unwrap();
        println!("copying");
        for n in 0.. {
            ledger.copy(at(n)).unwrap();
        }
    }
    let shop = Shop::open();
    (1..=300).for_each(|n| drop(shop.intend(n)));
    for round in 0..10 {
        let mut other = second_program(NAME, shop.folder.path());
        other.says("copying");
        // The point in time is what this varies; nothing is awaited by it.
        thread::sleep(Duration::from_millis(13 * round));
        other.kill();
        for copy in shop.ledger.copies().unwrap() {
            let elsewhere = TempDir::new().unwrap();
            fs::create_dir(elsewhere.path().join("training")).unwrap();
            fs::copy(copies_folder(&shop.ledger).join(&copy.name), elsewhere.path().join("training/gerai.db")).unwrap();
            assert_eq!(open(elsewhere.path()).unwrap().head().unwrap(), 600, "{}", copy.name);
        }
        assert!(shop.ledger.copy(at(100_000)).unwrap().is_some(), "the dead one does not have the turn");
    }
}

#[test]
fn a_ledger_that_cannot_be_copied_first_is_left_as_it_was() {
    let _alone = alone();
    let Some(disk) = Disk::mount("size=8m") else { return };
    let ledger = open(disk.path()).unwrap();
    orders(&ledger);
    drop(ledger);
    let raw = || rusqlite::Connection::open(disk.path().join("training/gerai.db")).unwrap();
    first_schema(&raw());
    leave_little(disk.path());
    let refused = open(disk.path());
    assert!(matches!(refused, Err(Trouble::Full(_))), "{refused:?}");
    let schema: i32 = raw().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(schema, 1);
    fs::remove_file(disk.path().join("ballast")).unwrap();
    assert_eq!(open(disk.path()).unwrap().audit().unwrap(), []);
}

/// For these tests run one after another: a program that is just being started holds the locks of
/// the one that starts it until it has begun, and the turn to copy is such a lock.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn orders(ledger: &Ledger) {
    (0..400).for_each(|n| drop(ledger.intend(&new_sale(n), From::Cashier, at(n)).unwrap()));
}

/// Puts something beside the ledger that leaves it a little room, but none for a copy.
fn leave_little(disk: &Path) {
    let mut ballast = fs::File::create(disk.join("ballast")).unwrap();
    while ballast.write_all(&[1; 4096]).is_ok() {}
    ballast.set_len(ballast.metadata().unwrap().len() - 256 * 1024).unwrap();
}
