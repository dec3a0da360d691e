//! No room.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use std::{fs, sync::Arc};

use ledger::{Binding, Folder, Ledger, Reserve, Room, Seal, Trouble};
use shop::*;
use till::{Environment, Event, From, Report};

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

#[test]
fn the_ballast_is_given_up_before_anything_is_refused_and_laid_in_again_when_there_is_room() {
    let Some(disk) = Disk::mount("size=2m") else { return };
    let ledger = open(disk.path()).unwrap();
    let reserve = Reserve { ballast: 512 << 10, needed: 256 << 10, ..Reserve::of_a_shop() };
    ledger.keep_reserve(reserve);
    ledger.tend_reserve().unwrap();
    let ballast = ledger.folder().join("ballast");
    assert_eq!(fs::metadata(&ballast).unwrap().len(), 512 << 10);
    assert_ne!(ledger.room(), Room::Full);
    // Somebody's films fill the disk to the last byte.
    let films = disk.path().join("films");
    fill(&films);
    assert_eq!(ledger.room(), Room::Full);
    for n in 0..5 {
        ledger.intend(&new_sale(n), From::Cashier, at(n)).unwrap();
    }
    assert!(!ballast.exists(), "it was given up");
    assert_eq!(ledger.room(), Room::Full, "but not for new orders");
    ledger.tend_reserve().unwrap();
    assert!(!ballast.exists(), "there is no room for it yet");
    fs::remove_file(&films).unwrap();
    assert_ne!(ledger.room(), Room::Full);
    ledger.tend_reserve().unwrap();
    assert_eq!(fs::metadata(&ballast).unwrap().len(), 512 << 10);
    assert_eq!(ledger.audit().unwrap(), []);
}

#[test]
fn a_full_disk_is_given_the_ballast_by_whoever_opens_or_writes_without_a_reserve() {
    let Some(disk) = Disk::mount("size=2m") else { return };
    let ledger = open(disk.path()).unwrap();
    ledger.keep_reserve(Reserve { ballast: 512 << 10, needed: 0, ..Reserve::of_a_shop() });
    ledger.tend_reserve().unwrap();
    let ballast = ledger.folder().join("ballast");
    drop(ledger);
    fill(&disk.path().join("films"));
    let place = Folder::at(disk.path());
    let desk = Ledger::begin(&place, Environment::Training, Some(Binding::Loopback), *b"till", at(1));
    let (desk, restored) = desk.unwrap();
    assert!(!ballast.exists(), "nobody can open a ledger on a disk without any room");
    assert_eq!(restored, None, "a full disk is no damage");
    drop(desk);
    let relay = open(disk.path()).unwrap();

    relay.keep_reserve(Reserve { ballast: 256 << 10, needed: 0, ..Reserve::of_a_shop() });
    relay.tend_reserve().unwrap();
    let relay = open(disk.path()).unwrap();
    fill(&disk.path().join("more films"));
    let mut tries = 0;
    while relay.keep("a note", &"x".repeat(10_000)).is_err() {
        tries += 1;
        assert!(tries < 2, "the second try finds room");
    }
    assert!(!ballast.exists());
}

#[test]
fn how_much_room_there_is_decides_what_is_said_of_it() {
    let shop = Shop::open();
    assert_eq!(shop.ledger.room(), Room::Plenty, "nobody has said how much is needed");
    let free = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let reading = free.clone();
    let free_space: ledger::Free = Arc::new(move |_| Some(reading.load(std::sync::atomic::Ordering::SeqCst)));
    shop.ledger.keep_reserve(Reserve { ballast: 0, needed: 200, free: free_space });
    for (bytes, room) in [(0, Room::Full), (199, Room::Full), (200, Room::Low), (399, Room::Low), (400, Room::Plenty)] {
        free.store(bytes, std::sync::atomic::Ordering::SeqCst);
        assert_eq!(shop.ledger.room(), room, "{bytes} bytes");
    }
}

/// Fills the disk to the last byte.
fn fill(file: &std::path::Path) {
    use std::io::Write;
    let mut file = fs::File::create(file).unwrap();
    for size in [1 << 16, 4096, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}
