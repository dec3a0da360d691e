//! No room.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use std::fs;

use ledger::{Seal, Trouble};
use shop::*;
use till::{Event, From, Report};

#[test]
fn a_full_disk_takes_nothing_by_halves_and_works_again_when_there_is_room() {
    let Some(disk) = Disk::mount("size=384k") else { return };
    let ballast = disk.path().join("ballast");
    fs::write(&ballast, vec![0; 64 * 1024]).unwrap();
    let ledger = open(disk.path()).unwrap();
    let mut kept = 0;
    let full = loop {
        match ledger.intend(&new_sale(kept), From::Cashier, at(kept)) {
            Ok(_) => kept += 1,
            Err(trouble) => break trouble,
        }
        assert!(kept < 10_000, "it never fills");
    };
    assert!(matches!(&full, Trouble::Full(place) if place == ledger.folder()), "{full:?}");
    assert!(ledger.sale(sale_id(kept)).unwrap().is_none());
    for n in 0..kept {
        assert_eq!(ledger.log(sale_id(n)).unwrap().len(), 2, "an order and its intent, or neither");
    }
    assert_eq!(ledger.audit().unwrap(), []);

    fs::remove_file(&ballast).unwrap();
    assert!(ledger.intend(&new_sale(kept), From::Cashier, at(kept)).is_ok());
    assert_eq!(ledger.audit().unwrap(), []);
    assert!(open(disk.path()).unwrap().sale(sale_id(kept)).unwrap().is_some(), "another program sees it too");
}

#[test]
fn every_way_of_writing_calls_a_full_disk_full() {
    let Some(disk) = Disk::mount("size=512k") else { return };
    let ledger = open(disk.path()).unwrap();
    let sale = ledger.intend(&new_sale(1), From::Cashier, at(1)).unwrap();
    let mut names = 0..;
    for size in [20_000, 1_000, 1] {
        while ledger.keep(&format!("ballast {}", names.next().unwrap()), &"y".repeat(size)).is_ok() {}
    }
    let long = "x".repeat(60_000);
    let refused = Event::Refused { reason: till::Refusal::Other, said: vec![long.clone()] };
    let order_id = order_id(1);
    let ways = [
        ledger.write(sale.id, From::Desk, at(2), |_| vec![(Some(order_id), refused)]).map(drop),
        ledger.keep("a", &long),
        ledger.receive(long.as_bytes(), &letter(order_id, Report::Settlement), Seal::Genuine, at(3)).map(drop),
        ledger.quarantine(long.as_bytes(), at(4)),
    ];
    for way in ways {
        assert!(matches!(way, Err(Trouble::Full(_))), "{way:?}");
    }
    assert_eq!(ledger.sale(sale.id).unwrap().unwrap(), sale);
    assert!(ledger.notifications(order_id).unwrap().is_empty());
}

#[test]
fn a_ledger_for_which_there_is_no_room_is_not_begun() {
    for size in ["size=4k", "size=8k", "size=16k", "size=32k", "size=64k"] {
        let Some(disk) = Disk::mount(size) else { return };
        let opened = open(disk.path());
        assert!(matches!(opened, Err(Trouble::Full(_))), "{size}: {opened:?}");
        drop(opened);
        disk.remount("size=1m");
        assert!(open(disk.path()).is_ok(), "and with room it is, {size}");
    }
}
