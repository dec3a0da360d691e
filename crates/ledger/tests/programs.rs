//! Two programs on one file.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use std::{thread, time::Duration};

use ledger::{List, Query, Seal, Trouble};
use rusqlite::TransactionBehavior;
use shop::*;
use tempfile::TempDir;
use till::{From, Report};

#[test]
fn two_programs_may_write_at_once() {
    const EACH: u32 = 100;
    if let Some(folder) = child_folder() {
        let ledger = open(&folder).unwrap();
        println!("ready");
        for n in EACH..2 * EACH {
            ledger.intend(&new_sale(n), From::Geraictl, at(n)).unwrap();
            let letter = letter(order_id(n), Report::Settlement);
            ledger.receive(&n.to_be_bytes(), &letter, Seal::Genuine, at(n)).unwrap();
        }
        return;
    }
    let shop = Shop::open();
    let mut other = second_program("two_programs_may_write_at_once", shop.folder.path());
    other.says("ready");
    for n in 0..EACH {
        let sale = shop.intend(n);
        shop.happens(&sale, reported(Report::Pending)).unwrap();
    }
    other.ends();
    let all = shop.ledger.page(&Query::newest(List::All, 1_000, at(0))).unwrap();
    assert_eq!(all.sum.count, u64::from(2 * EACH));
    assert_eq!(shop.ledger.audit().unwrap(), []);
}

#[test]
fn a_program_that_is_killed_leaves_whole_orders_behind() {
    const NAME: &str = "a_program_that_is_killed_leaves_whole_orders_behind";
    if let Some(folder) = child_folder() {
        let ledger = open(&folder).unwrap();
        let first = ledger.head().unwrap() as u32;
        for n in first.. {
            ledger.intend(&new_sale(n), From::Cashier, at(n)).unwrap();
            if n == first {
                println!("writing");
            }
        }
    }
    let shop = Shop::open();
    for round in 0..20 {
        let mut other = second_program(NAME, shop.folder.path());
        other.says("writing");
        other.kill();
        let all = shop.ledger.page(&Query::newest(List::All, 100_000, at(0))).unwrap().rows;
        assert!(all.len() > round, "what was written down is there");
        for row in all {
            assert_eq!(shop.ledger.log(row.id).unwrap().len(), 2, "the order and its intent");
        }
        assert_eq!(shop.ledger.audit().unwrap(), []);
    }
}

#[test]
fn many_may_open_a_new_ledger_at_once_and_all_find_the_same() {
    for _ in 0..10 {
        let folder = TempDir::new().unwrap();
        thread::scope(|scope| {
            let opened: Vec<_> = (0..8).map(|_| scope.spawn(|| open(folder.path()).map(|it| it.till()))).collect();
            let tills: Vec<_> = opened.into_iter().map(|it| it.join().unwrap().unwrap()).collect();
            assert!(tills.iter().all(|till| *till == tills[0]));
        });
    }
}

#[test]
fn the_lists_can_be_read_while_another_program_holds_the_lock() {
    let shop = Shop::open();
    shop.intend(1);
    let mut other = shop.raw();
    let writing = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    writing.execute("UPDATE sales SET state = 'paid'", []).unwrap();
    let page = shop.ledger.page(&Query::newest(List::Pending, 10, at(0))).unwrap();
    assert_eq!(page.rows.len(), 1, "as they were committed");
}

#[test]
fn whoever_waits_too_long_for_his_turn_is_told_that_it_is_busy() {
    let shop = Shop::open();
    let sale = shop.intend(1);
    let mut other = shop.raw();
    let lock = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    assert!(matches!(shop.happens(&sale, reported(Report::Pending)), Err(Trouble::Busy)));
    drop(lock);
    assert!(shop.happens(&sale, reported(Report::Pending)).is_ok());
}

#[test]
fn whoever_waits_for_his_turn_writes_when_it_comes() {
    let shop = Shop::open();
    let sale = shop.intend(1);
    let mut other = shop.raw();
    let lock = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    thread::scope(|scope| {
        let waits = scope.spawn(|| shop.happens(&sale, reported(Report::Pending)));
        // Long enough that it has begun to wait, and far less than it is willing to.
        thread::sleep(Duration::from_millis(100));
        drop(lock);
        assert!(waits.join().unwrap().is_ok());
    });
}

#[test]
fn an_audit_in_the_middle_of_business_raises_no_alarm() {
    let shop = Shop::open();
    let other = shop.again();
    let sale = shop.intend(1);
    thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for n in 0..300 {
                let report = if n % 2 == 0 { Report::Pending } else { Report::Settlement };
                shop.happens(&sale, reported(report)).unwrap();
            }
        });
        while !writing.is_finished() {
            assert_eq!(other.audit().unwrap(), []);
            let page = other.page(&Query::newest(List::All, 10, at(0))).unwrap();
            assert_eq!(page.sum.count as usize, page.rows.len());
        }
    });
}
