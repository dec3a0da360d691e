//! Copies of the ledger: whole, looked through, and not too many.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use std::{collections::BTreeSet, fs};

use ledger::{Trouble, worth_keeping};
use proptest::prelude::*;
use shop::*;
use tempfile::TempDir;
use till::{From, Report, Time};

#[test]
fn a_copy_is_the_ledger_as_it_was_and_opens_by_itself() {
    let shop = Shop::open();
    (1..=20).for_each(|n| drop(shop.sale(n, [reported(Report::Pending), reported(Report::Settlement)])));
    let then = shop.projection();
    let copy = shop.ledger.copy(at(0)).unwrap().unwrap();
    shop.intend(21);
    assert_eq!(shop.ledger.copies().unwrap(), std::slice::from_ref(&copy));
    assert_eq!(copy.name, "2027-01-15T080000Z.db");
    assert_eq!(fs::metadata(copies_folder(&shop.ledger).join(&copy.name)).unwrap().len(), copy.bytes);

    let elsewhere = TempDir::new().unwrap();
    fs::create_dir(elsewhere.path().join("training")).unwrap();
    fs::copy(copies_folder(&shop.ledger).join(&copy.name), elsewhere.path().join("training/gerai.db")).unwrap();
    let restored = Shop { ledger: open(elsewhere.path()).unwrap(), folder: elsewhere };
    assert_eq!(restored.projection(), then);
    assert_eq!(restored.ledger.till(), shop.ledger.till());
    assert_eq!(restored.ledger.audit().unwrap(), []);
    assert!(restored.ledger.intend(&new_sale(22), From::Cashier, at(22)).is_ok());
}

#[test]
fn a_copy_needs_no_other_file_beside_it() {
    let shop = Shop::open();
    shop.intend(1);
    shop.ledger.copy(at(0)).unwrap().unwrap();
    assert_eq!(copy_files(&shop.ledger), BTreeSet::from(["2027-01-15T080000Z.db".into(), "lock".into()]));
}

#[test]
fn a_ledger_with_a_row_that_cannot_be_read_makes_no_copy_and_keeps_the_last_good_one() {
    let shop = Shop::open();
    let sale = shop.intend(1);
    let good = shop.ledger.copy(at(0)).unwrap().unwrap();
    let insert = "INSERT INTO log (at, sale, attempt, \"from\", event) VALUES (1, ?1, NULL, '\"desk\"', '{')";
    shop.raw().execute(insert, [sale.id.as_str()]).unwrap();
    let refused = shop.ledger.copy(at(3_600));
    assert!(matches!(&refused, Err(Trouble::Damaged(file)) if file.ends_with("training/gerai.db")), "{refused:?}");
    assert_eq!(shop.ledger.copies().unwrap(), [good]);
    assert_eq!(copy_files(&shop.ledger).len(), 2, "and nothing half-done is left");
}

#[test]
fn a_page_that_is_damaged_is_not_copied_as_if_it_were_good() {
    let shop = Shop::open();
    (1..=200).for_each(|n| drop(shop.intend(n)));
    let file = shop.ledger.folder().join("gerai.db");
    let Shop { folder, ledger } = shop;
    drop(ledger);
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xff);
    fs::write(&file, bytes).unwrap();
    let ledger = open(folder.path()).unwrap();
    assert!(matches!(ledger.copy(at(0)), Err(Trouble::Damaged(_))));
    assert_eq!(ledger.copies().unwrap(), []);
}

#[test]
fn two_programs_do_not_copy_at_once() {
    let shop = Shop::open();
    shop.intend(1);
    shop.ledger.copy(at(0)).unwrap().unwrap();
    let held = fs::File::open(copies_folder(&shop.ledger).join("lock")).unwrap();
    held.lock().unwrap();
    assert_eq!(shop.ledger.copy(at(3_600)).unwrap(), None);
    drop(held);
    assert!(shop.ledger.copy(at(3_600)).unwrap().is_some());
}

#[test]
fn a_copy_is_due_when_the_last_hour_has_none_whatever_a_wrong_clock_has_dated_later() {
    let shop = Shop::open();
    assert!(shop.ledger.copy_due(at(0)).unwrap());
    shop.ledger.copy(at(0)).unwrap();
    assert!(!shop.ledger.copy_due(at(3_599)).unwrap());
    assert!(shop.ledger.copy_due(at(3_600)).unwrap());
    shop.ledger.copy(at(1_000_000)).unwrap();
    assert!(shop.ledger.copy_due(at(3_600)).unwrap(), "the clock was set back");
}

#[test]
fn what_is_not_worth_keeping_is_taken_away_with_the_next_copy() {
    let shop = Shop::open();
    shop.intend(1);
    let times: Vec<Time> = (0..30).map(|hour| at(hour * 3_600)).collect();
    for time in &times {
        shop.ledger.copy(*time).unwrap().unwrap();
    }
    let kept: BTreeSet<Time> = shop.ledger.copies().unwrap().into_iter().map(|copy| copy.at).collect();
    assert_eq!(kept, worth_keeping(&times));
    assert!(kept.len() < 30 && kept.len() >= 24);
}

#[cfg(unix)]
#[test]
fn copies_are_for_this_account_only() {
    use std::os::unix::fs::PermissionsExt;
    let shop = Shop::open();
    shop.ledger.copy(at(0)).unwrap();
    assert_eq!(fs::metadata(copies_folder(&shop.ledger)).unwrap().permissions().mode() & 0o077, 0);
}

#[test]
fn a_ledger_is_copied_before_it_is_brought_up_to_date() {
    let shop = Shop::open();
    (1..=5).for_each(|n| drop(shop.sale(n, [reported(Report::Settlement)])));
    let now = shop.projection();
    first_schema(&shop.raw());
    let ledger = shop.again();
    assert_eq!(shop.projection(), now, "the lists are computed from the log");
    let copies = ledger.copies().unwrap();
    assert_eq!(copies.iter().map(|copy| copy.name.as_str()).collect::<Vec<_>>(), ["before-schema-2.db"]);
    let old = rusqlite::Connection::open(copies_folder(&ledger).join("before-schema-2.db")).unwrap();
    let schema: i32 = old.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    let log: u64 = old.query_row("SELECT count(*) FROM log", [], |row| row.get(0)).unwrap();
    assert_eq!((schema, log), (1, shop.count("log")));
    for hour in 0..40 {
        ledger.copy(at(hour * 3_600)).unwrap();
    }
    assert!(copy_files(&ledger).contains("before-schema-2.db"), "time does not take it away");
}

#[test]
fn the_last_day_is_kept_by_the_hour_then_days_then_weeks() {
    let hours = |n: u32| at(n * 3_600);
    let month: Vec<Time> = (0..24 * 31).map(hours).collect();
    let kept: Vec<u32> = (0..24 * 31).filter(|n| worth_keeping(&month).contains(&hours(*n))).collect();
    // The first is a Friday at 15.00 in the shop; its midnight comes nine hours later.
    let midnights = |days: u32| 9 + 24 * days - 1;
    let last_hours = (24 * 31 - 24..24 * 31).collect::<Vec<_>>();
    let days = [midnights(29), midnights(30)];
    // This week's is the newest of all, and last week's the last of Sunday, among the last hours.
    let weeks = [midnights(16), midnights(23)];
    let mut right = [&weeks[..], &days[..], &last_hours[..]].concat();
    right.sort_unstable();
    right.dedup();
    assert_eq!(kept, right);
}

#[test]
fn a_shop_that_was_closed_for_a_month_has_lost_no_copy_by_it() {
    let before: Vec<Time> = (0..40).map(|n| at(n * 3_600)).collect();
    let kept = worth_keeping(&before);
    let mut after: Vec<Time> = kept.iter().copied().collect();
    after.push(at(32 * 24 * 3_600));
    let still = worth_keeping(&after).intersection(&kept).count();
    assert!(still >= kept.len() - 3, "at most one of the hours, one of the days and one of the weeks makes room");
}

proptest! {
    #[test]
    fn taking_away_after_each_copy_leaves_what_taking_away_at_the_end_would(
        gaps in prop::collection::vec(1_u32..200_000, 1..200),
    ) {
        let mut all = Vec::new();
        let mut kept = BTreeSet::new();
        let mut now = 0;
        for gap in gaps {
            now += gap;
            all.push(at(now));
            kept.insert(at(now));
            kept = worth_keeping(&kept.into_iter().collect::<Vec<_>>());
            prop_assert!(kept.contains(&at(now)), "the newest is always kept");
            prop_assert!(kept.len() <= 31);
        }
        prop_assert_eq!(kept, worth_keeping(&all));
    }
}
