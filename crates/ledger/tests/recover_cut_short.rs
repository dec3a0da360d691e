//! A recovery that is interrupted, and a relay that writes meanwhile. These tests start programs, which
//! for a moment hold every lock of the one they come from, so they have a file of their own.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod shop;

use std::{thread, time::Duration};

use ledger::{Seal, Trouble};
use shop::{ruin::*, *};
use till::Report;

#[test]
fn killed_at_any_moment_of_its_recovery_a_ledger_is_recovered_at_the_next_start() {
    const NAME: &str = "killed_at_any_moment_of_its_recovery_a_ledger_is_recovered_at_the_next_start";
    if let Some(folder) = child_folder() {
        println!("recovering");
        drop(begin(&folder).unwrap());
        return;
    }
    for round in 0..40 {
        let ruin = Ruin::of(true);
        let before = ruin.everything();
        ruin.spoil(0, 4096);
        let mut other = second_program(NAME, ruin.folder.path());
        other.says("recovering");
        // The point in time is what this varies; nothing is awaited by it.
        thread::sleep(Duration::from_millis(round * 4));
        other.kill();
        let (ledger, _) = ruin.begin().unwrap();
        assert_eq!(everything(&ledger), before, "round {round}");
        assert_eq!(ledger.audit().unwrap(), []);
        assert_eq!(ledger.matters().unwrap().len(), 1, "and the owner hears of it once");
    }
}

#[test]
fn no_notification_that_is_acknowledged_while_a_copy_is_restored_is_lost_with_the_old_file() {
    const NAME: &str = "no_notification_that_is_acknowledged_while_a_copy_is_restored_is_lost_with_the_old_file";
    let body = |n: u32| format!("while it is restored, {n}");
    if let Some(folder) = child_folder() {
        let relay = relay(&folder).unwrap();
        println!("writing");
        for n in 0..400 {
            let letter = letter(order_id(1), Report::Pending);
            while let Err(trouble) = relay.receive(body(n).as_bytes(), &letter, Seal::Genuine, at(n)) {
                assert!(matches!(trouble, Trouble::Busy), "{trouble}");
            }
        }
        return;
    }
    let ruin = Ruin::of(true);
    let name = ruin.begin().unwrap().0.copies().unwrap().remove(0).name;
    let mut other = second_program(NAME, ruin.folder.path());
    other.says("writing");
    for _ in 0..4 {
        ruin.restore(&name).unwrap();
    }
    other.ends();
    let ledger = ruin.begin().unwrap().0;
    let there = ledger.everything_about(order_id(1), 1_000).unwrap().stored;
    let there: Vec<_> = there.into_iter().map(|stored| stored.body).collect();
    for n in 0..400 {
        assert!(there.contains(&body(n).into_bytes()), "notification {n} is gone");
    }
    assert_eq!(ledger.audit().unwrap(), []);
}
