//! A ledger that was damaged, and the one that takes its place.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod shop;

use std::{collections::BTreeMap, fs, path::PathBuf, thread};

use ledger::{Binding, Received, Seal, Trouble, Why};
use rusqlite::Connection;
use shop::{ruin::*, *};
use till::{Event, From, OrderId, Report};

/// A damage, and what it is called.
type Damage = (fn(&Ruin), Option<Why>);

const DAMAGES: &[Damage] = &[
    (|ruin| fs::remove_file(ruin.file()).unwrap(), Some(Why::Gone)),
    (|ruin| fs::write(ruin.file(), "").unwrap(), Some(Why::Gone)),
    (|ruin| fs::write(ruin.file(), "this is no ledger").unwrap(), Some(Why::NoDatabase)),
    (|ruin| ruin.spoil(0, 16), Some(Why::NoDatabase)),
    (|ruin| ruin.spoil(0, 4096), Some(Why::NoDatabase)),
    (|ruin| ruin.spoil_page_of("log"), Some(Why::Pages)),
    (|ruin| ruin.spoil_page_of("sales"), Some(Why::Pages)),
    (|ruin| ruin.spoil_page_of("inbox"), Some(Why::Pages)),
    (|ruin| ruin.spoil_page_of("exchanges"), Some(Why::Pages)),
    (|ruin| ruin.spoil_page_of("log_of_sale"), Some(Why::Pages)),
    (|ruin| ruin.cut_to(1, 2), Some(Why::Pages)),
    (|ruin| ruin.cut_to(9, 10), Some(Why::Pages)),
    (|ruin| ruin.by_hand("DROP TABLE inbox"), Some(Why::Tables)),
    (|ruin| ruin.by_hand("DELETE FROM kept WHERE key = 'till'"), Some(Why::Identity)),
    (|ruin| ruin.by_hand("UPDATE kept SET value = 'nowhere' WHERE key = 'environment'"), Some(Why::Identity)),
    (|ruin| ruin.by_hand("PRAGMA user_version = 0"), Some(Why::NoDatabase)),
    (|ruin| ruin.by_hand("PRAGMA user_version = -7"), Some(Why::NoDatabase)),
    (|ruin| ruin.by_hand("PRAGMA user_version = 66"), Some(Why::NoDatabase)),
    (
        |ruin| {
            ruin.by_hand(
                "DROP TRIGGER log_is_never_edited; UPDATE log SET event = replace(event, '\"kind\"', '\"kimd\"') WHERE seq = 7",
            );
        },
        Some(Why::Entries),
    ),
    // What lies beside the ledger and is no part of it is no damage.
    (|ruin| fs::write(ruin.beside("-wal"), [7; 100_000]).unwrap(), None),
    (|ruin| fs::write(ruin.beside("-wal"), [0; 10]).unwrap(), None),
    (|ruin| fs::write(ruin.beside("-shm"), [7; 32_768]).unwrap(), None),
];

/// The damage that looks like a newer Gerai's ledger.
const NEWER: usize = 17;

#[test]
fn a_sound_ledger_is_opened_as_it_is() {
    let ruin = Ruin::of(true);
    let bytes = ruin.bytes();
    let (ledger, restored) = ruin.begin().unwrap();
    assert_eq!(restored, None);
    assert_eq!(ruin.set_aside(), Vec::<PathBuf>::new());
    drop(ledger);
    assert_eq!(ruin.bytes(), bytes);
}

#[test]
fn every_damage_is_noticed_at_the_start_and_nothing_is_invented() {
    for with_copy in [true, false] {
        for (n, (damage, why)) in DAMAGES.iter().enumerate() {
            if !with_copy && *why == Some(Why::Gone) {
                // Then nothing tells that there ever was one.
                continue;
            }
            if !with_copy && n == NEWER {
                // Perhaps a newer Gerai did write it.
                continue;
            }
            let ruin = Ruin::of(with_copy);
            let before = ruin.everything();
            damage(&ruin);
            let spoilt = ruin.bytes();
            let (ledger, restored) = ruin.begin().unwrap();
            let what = format!("damage {n}, copy: {with_copy}");
            assert_eq!(restored.as_ref().map(|restored| restored.why), *why, "{what}");
            assert_eq!(ledger.audit().unwrap(), [], "{what}");
            assert_eq!(ledger.till(), till_of(&before), "{what}: the till keeps its name");
            assert_eq!(ledger.binding().unwrap(), Some(Binding::Loopback), "{what}");
            let nothing_left = !with_copy && spoilt.as_ref().is_some_and(|bytes| bytes.len() < 4096);
            if !nothing_left {
                assert_eq!(ledger.kept("relay_path").unwrap().as_deref(), Some("the secret way"), "{what}");
            }
            let Some(restored) = restored else { continue };
            let set_aside = ledger.folder().join(&restored.set_aside);
            assert_eq!(fs::read(set_aside.join("gerai.db")).ok(), spoilt, "{what}: the old file is kept as it was");
            let now = everything(&ledger);
            let kept = now.iter().filter(|(seq, entry)| before.get(seq) == Some(entry)).count();
            assert_eq!(kept, now.len(), "{what}: every entry is one that was written");
            if with_copy {
                assert!(now.len() >= entries_of(COPIED), "{what}: all that was copied");
            }
            let lost = before.len() - now.len();
            assert!(
                restored.salvaged.lost as usize <= lost && (restored.salvaged.lost > 0 || lost == 0 || gone(*why)),
                "{what}: {lost} are lost, and told are {}",
                restored.salvaged.lost
            );
            let matters = ledger.matters().unwrap();
            assert_eq!((matters.len(), matters[0].key.as_str()), (1, restored.set_aside.as_str()), "{what}");
            assert!(ledger.intend(&new_sale(1_000), From::Cashier, at(5_000)).is_ok(), "{what}: business goes on");
            drop(ledger);
            assert_eq!(ruin.begin().unwrap().1, None, "{what}: and the next start finds nothing");
        }
    }
}

fn gone(why: Option<Why>) -> bool {
    matches!(why, Some(Why::Gone | Why::NoDatabase))
}

#[test]
fn what_came_after_the_copy_is_found_again_in_the_damaged_file() {
    for damage in [|ruin: &Ruin| ruin.spoil(0, 4096), |ruin: &Ruin| ruin.spoil_page_of("sales_by_time")] {
        let ruin = Ruin::of(true);
        let (before, lists) = (ruin.everything(), ruin.lists());
        damage(&ruin);
        let (ledger, restored) = ruin.begin().unwrap();
        let restored = restored.unwrap();
        assert_eq!(everything(&ledger), before, "every entry");
        assert_eq!(ruin.lists(), lists, "and so every list");
        assert_eq!(restored.salvaged.entries as usize, entries_of(ALL) - entries_of(COPIED));
        assert_eq!((restored.salvaged.lost, restored.salvaged.strays), (0, vec![]));
        assert_eq!(restored.copy.unwrap().at, at(900));
        assert_eq!(ledger.unverified().unwrap().len(), 0, "what had been checked need not be checked again");
        let notifications: usize = (1..=ALL).map(|n| ledger.notifications(order_id(n)).unwrap().len()).sum();
        assert_eq!(notifications, ALL as usize);
        for n in 1..=ALL {
            assert_eq!(ledger.exchanges(order_id(n)).unwrap().len(), 1, "the answers are there too");
        }
        assert_eq!(ledger.draft().unwrap().unwrap().1.note, "half typed", "and what was being typed");
        assert_eq!(ledger.settings().unwrap().shop_name, "Toko Sari");
    }
}

#[test]
fn without_a_copy_the_damaged_file_alone_gives_what_it_can() {
    let ruin = Ruin::of(false);
    let before = ruin.everything();
    ruin.spoil(0, 4096);
    let (ledger, restored) = ruin.begin().unwrap();
    assert_eq!(restored.unwrap().copy, None);
    assert_eq!(everything(&ledger), before);
}

#[test]
fn a_long_entry_that_goes_on_in_pages_of_its_own_is_found_too() {
    let ruin = Ruin::empty();
    let ledger = ruin.begin().unwrap().0;
    let sale = ledger.intend(&new_sale(1), From::Cashier, at(1)).unwrap();
    let said = vec!["x".repeat(30_000), "y".into()];
    let refused = Event::Refused { reason: till::Refusal::Invalid, said };
    ledger.write(sale.id, From::Midtrans, at(2), |_| vec![(Some(order_id(1)), refused)]).unwrap();
    let before = everything(&ledger);
    drop(ledger);
    ruin.spoil(0, 100);
    let (ledger, _) = ruin.begin().unwrap();
    assert_eq!(everything(&ledger), before);
}

#[test]
fn the_newest_copy_that_is_good_is_taken() {
    let ruin = Ruin::of(true);
    let ledger = ruin.begin().unwrap().0;
    let newest = ledger.copy(at(9_000)).unwrap().unwrap();
    drop(ledger);
    let copy = ruin.place().join("copies").join(newest.name);
    let mut bytes = fs::read(&copy).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0);
    fs::write(copy, bytes).unwrap();
    fs::remove_file(ruin.file()).unwrap();
    let (ledger, restored) = ruin.begin().unwrap();
    assert_eq!(restored.unwrap().copy.unwrap().at, at(900));
    assert_eq!(everything(&ledger).len(), entries_of(COPIED));
}

#[test]
fn a_copy_of_another_environment_or_till_is_not_taken() {
    let ruin = Ruin::of(true);
    let copy = fs::read_dir(ruin.place().join("copies")).unwrap().map(|file| file.unwrap().path());
    let copy = copy.into_iter().find(|file| file.extension().is_some_and(|end| end == "db")).unwrap();
    let raw = Connection::open(copy).unwrap();
    raw.execute("UPDATE kept SET value = 'production' WHERE key = 'environment'", []).unwrap();
    drop(raw);
    fs::remove_file(ruin.file()).unwrap();
    let (ledger, restored) = ruin.begin().unwrap();
    assert_eq!(restored.unwrap().copy, None);
    assert_eq!(everything(&ledger).len(), 0);
}

#[test]
fn what_the_write_ahead_log_holds_is_not_forgotten_behind_a_damaged_place() {
    let ruin = Ruin::of(true);
    let before = ruin.go_on_and_lose_power(10);
    let wal = ruin.beside("-wal");
    assert!(fs::metadata(&wal).unwrap().len() > 20 * 4096);
    let mut bytes = fs::read(&wal).unwrap();
    let hurt = 32 + 3 * (24 + 4096) + 24 + 2_000;
    bytes[hurt] ^= 1;
    fs::write(&wal, bytes).unwrap();
    let (ledger, restored) = ruin.begin().unwrap();
    assert_eq!(restored.unwrap().why, Why::WriteAhead);
    let now = everything(&ledger);
    assert!(now.iter().all(|(seq, entry)| before.get(seq) == Some(entry)), "nothing is invented");
    assert!(before.len() - now.len() <= 8, "one page of {} may be lost, and {} are there", before.len(), now.len());
    assert_eq!(ledger.audit().unwrap(), []);
}

#[test]
fn a_header_of_the_write_ahead_log_that_is_gone_does_not_take_the_log_with_it() {
    let ruin = Ruin::of(true);
    let before = ruin.go_on_and_lose_power(10);
    let wal = ruin.beside("-wal");
    let mut bytes = fs::read(&wal).unwrap();
    bytes[..32].fill(0);
    fs::write(&wal, bytes).unwrap();
    let (ledger, restored) = ruin.begin().unwrap();
    assert_eq!(restored.unwrap().why, Why::WriteAhead);
    assert_eq!(everything(&ledger), before);
}

#[test]
fn the_torn_end_that_a_power_cut_leaves_is_no_damage() {
    let ruin = Ruin::of(true);
    let before = ruin.go_on_and_lose_power(3);
    let wal = ruin.beside("-wal");
    let length = fs::metadata(&wal).unwrap().len();
    for torn in [1, 24, 100, 4096, 4119] {
        let torn_log = fs::OpenOptions::new().write(true).open(&wal).unwrap();
        torn_log.set_len(length - torn).unwrap();
        drop(torn_log);
        let elsewhere = ruin.elsewhere();
        let (ledger, restored) = elsewhere.begin().unwrap();
        assert_eq!(restored, None, "{torn} bytes short");
        assert!(everything(&ledger).len() < before.len(), "the last one was not finished");
        assert_eq!(ledger.audit().unwrap(), []);
    }
}

#[test]
fn a_ledger_that_waits_to_take_its_place_takes_it_at_the_next_start() {
    // The power went between any two of the renames at the end.
    for done in 0..4 {
        let ruin = Ruin::of(true);
        let before = ruin.everything();
        fs::copy(ruin.file(), ruin.beside("-new")).unwrap();
        ruin.spoil(0, 4096);
        fs::write(ruin.beside("-wal"), "a").unwrap();
        fs::write(ruin.beside("-shm"), "b").unwrap();
        let aside = ruin.place().join("set-aside-somewhen");
        fs::create_dir(&aside).unwrap();
        fs::rename(ruin.beside("-new"), aside.join("restored.db")).unwrap();
        for end in ["-wal", "-shm", ""].into_iter().take(done) {
            fs::rename(ruin.beside(end), aside.join(format!("gerai.db{end}"))).unwrap();
        }
        assert!(matches!(open(ruin.folder.path()), Err(Trouble::Damaged(_))), "nobody else may touch it");
        let (ledger, restored) = ruin.begin().unwrap();
        assert_eq!(restored, None, "the work had been done");
        assert_eq!(everything(&ledger), before);
        assert_eq!(fs::read(aside.join("gerai.db-wal")).unwrap(), b"a");
        assert!(aside.join("gerai.db").exists() && !aside.join("restored.db").exists());
    }
}

#[test]
fn two_desks_that_start_at_once_recover_it_once() {
    for _ in 0..5 {
        let ruin = Ruin::of(true);
        let before = ruin.everything();
        ruin.spoil_page_of("log");
        let folder = ruin.folder.path();
        let begun: Vec<_> = thread::scope(|scope| {
            let desks: Vec<_> = (0..4).map(|_| scope.spawn(|| begin(folder).unwrap())).collect();
            desks.into_iter().map(|desk| desk.join().unwrap()).collect()
        });
        assert_eq!(begun.iter().filter(|(_, restored)| restored.is_some()).count(), 1);
        assert_eq!(ruin.set_aside().len(), 1);
        for (ledger, _) in &begun {
            assert!(everything(ledger).len() >= entries_of(COPIED) && everything(ledger).len() <= before.len());
        }
    }
}

#[test]
fn a_relay_never_makes_a_new_ledger_where_there_was_one() {
    for (damage, _) in &DAMAGES[..5] {
        let ruin = Ruin::of(true);
        damage(&ruin);
        let before = ruin.bytes();
        assert!(matches!(ruin.relay(), Err(Trouble::Damaged(_))));
        assert_eq!(ruin.bytes(), before);
        drop(ruin.begin().unwrap());
        assert_eq!(ruin.relay().unwrap().till(), till::TillId::draw(*b"till"), "and then it comes along");
    }
}

#[test]
fn a_ledger_that_is_open_at_a_desk_is_not_replaced() {
    let ruin = Ruin::of(true);
    let window = ruin.begin().unwrap().0;
    let copy = window.copies().unwrap().remove(0);
    assert!(matches!(ruin.restore(&copy.name), Err(Trouble::InUse)));
    assert!(window.intend(&new_sale(500), From::Cashier, at(9_002)).is_ok());
    assert_eq!(ruin.set_aside(), Vec::<PathBuf>::new());
    drop(window);
    assert!(ruin.restore(&copy.name).is_ok());
}

#[test]
fn a_relay_that_had_the_old_file_open_writes_to_the_new_one() {
    let ruin = Ruin::of(true);
    let relay = ruin.relay().unwrap();
    let seen = relay.version().unwrap();
    let copy = relay.copies().unwrap().remove(0);
    let restored = ruin.restore(&copy.name).unwrap();
    assert_eq!(restored.why, Why::Wanted);
    let letter = letter(order_id(2), Report::Settlement);
    assert!(matches!(relay.receive(b"late", &letter, Seal::Genuine, at(9_001)), Ok(Received::Joined(_))));
    assert_ne!(relay.version().unwrap(), seen);
    drop(relay);
    let (ledger, restored) = ruin.begin().unwrap();
    assert_eq!(restored, None);
    assert!(ledger.notifications(order_id(2)).unwrap().iter().any(|stored| stored.body == b"late"));
}

#[test]
fn a_copy_that_is_restored_by_its_name_is_what_the_ledger_is_then_and_midtrans_is_asked_about_what_came_after() {
    let ruin = Ruin::of(true);
    let before = ruin.everything();
    let ledger = ruin.begin().unwrap().0;
    let [old] = ledger.copies().unwrap().try_into().unwrap();
    let later = ledger.copy(at(8_000)).unwrap().unwrap();
    drop(ledger);
    for nowhere in ["2020-01-01T000000Z.db", "../gerai.db", ""] {
        assert!(matches!(ruin.restore(nowhere), Err(Trouble::NoSuchCopy)), "{nowhere}");
    }
    let unwanted = ruin.bytes();
    let restored = ruin.restore(&old.name).unwrap();
    assert_eq!(fs::read(ruin.place().join(&restored.set_aside).join("gerai.db")).ok(), unwanted);
    let (ledger, _) = ruin.begin().unwrap();
    let then: BTreeMap<_, _> = before.into_iter().filter(|(seq, _)| *seq <= entries_of(COPIED) as i64).collect();
    assert_eq!(everything(&ledger), then);
    let since: Vec<OrderId> = ledger.strays().unwrap().into_iter().map(|stray| stray.order_id).collect();
    assert_eq!(since, (COPIED + 1..=ALL).map(order_id).collect::<Vec<_>>());
    assert_eq!(restored.salvaged.strays, since);
    assert_eq!(ledger.unverified().unwrap().len(), since.len(), "what Midtrans had told of them is checked anew");
    assert_eq!(ledger.copies().unwrap(), [old], "what was not wanted does not come back by itself");
    assert!(ruin.place().join(restored.set_aside).join(later.name).exists(), "and is not thrown away");
    assert_eq!(ledger.audit().unwrap(), []);
}

#[test]
fn midtrans_is_asked_about_everything_that_the_copy_cannot_know_once_and_across_restarts() {
    let ruin = Ruin::of(true);
    fs::remove_file(ruin.file()).unwrap();
    let mut asked = Vec::new();
    loop {
        let (ledger, _) = ruin.begin().unwrap();
        let Some(order_id) = ledger.to_ask_again().unwrap() else { break };
        ledger.asked_again(order_id).unwrap();
        asked.push(order_id);
    }
    assert_eq!(asked, (1..=COPIED).map(order_id).collect::<Vec<_>>());
    assert_eq!(ruin.begin().unwrap().0.to_ask_again().unwrap(), None);
}

#[test]
fn an_order_that_was_closed_long_before_the_copy_is_left_in_peace() {
    let ruin = Ruin::empty();
    let ledger = ruin.begin().unwrap().0;
    let sale = ledger.intend(&new_sale(1), From::Cashier, at(1)).unwrap();
    ledger.write(sale.id, From::Midtrans, at(2), |_| vec![(Some(order_id(1)), reported(Report::Expire))]).unwrap();
    let week = 8 * 86_400;
    ledger.intend(&new_sale(2), From::Cashier, at(week)).unwrap();
    ledger.copy(at(week)).unwrap().unwrap();
    drop(ledger);
    fs::remove_file(ruin.file()).unwrap();
    assert_eq!(begin_at(ruin.folder.path(), at(week + 60)).unwrap().0.to_ask_again().unwrap(), Some(order_id(2)));
}

#[test]
fn an_attempt_that_no_order_is_left_of_is_named() {
    let ruin = Ruin::of(false);
    ruin.by_hand(
        "DROP TRIGGER log_is_never_cut; DELETE FROM log WHERE seq IN (SELECT min(seq) FROM log GROUP BY sale)",
    );
    let (ledger, restored) = ruin.begin().unwrap();
    let restored = restored.unwrap();
    assert_eq!(restored.why, Why::Entries);
    assert_eq!(everything(&ledger).len(), 0, "an order of which nobody knows what was ordered is none");
    assert_eq!(restored.salvaged.strays, (1..=ALL).map(order_id).collect::<Vec<_>>());
    assert_eq!(ledger.strays().unwrap().len(), ALL as usize, "Midtrans is asked about each of them");
    assert_eq!(restored.salvaged.lost as usize, entries_of(ALL));
}

#[test]
fn a_notification_whose_entry_is_lost_is_checked_again_and_tells_its_sale_again() {
    let ruin = Ruin::of(true);
    let n = ALL;
    ruin.by_hand(&format!(
        "DROP TRIGGER log_is_never_cut; DELETE FROM log WHERE attempt = '{}' AND \"from\" = '\"relay\"'",
        order_id(n)
    ));
    ruin.spoil(0, 100);
    let (ledger, restored) = ruin.begin().unwrap();
    assert_eq!(restored.unwrap().salvaged.lost, 1);
    let unverified = ledger.unverified().unwrap();
    assert_eq!(unverified.len(), 1);
    ledger.take_up(&unverified[0], Some(&letter(order_id(n), Report::Settlement)), at(9_000)).unwrap();
    let hints = ledger.log(sale_id(n)).unwrap();
    assert!(hints.iter().any(|entry| matches!(entry.event, Event::Hinted { .. })));
}

#[test]
fn an_old_file_that_somebody_put_back_draws_no_id_twice() {
    let ruin = Ruin::of(true);
    let ledger = ruin.begin().unwrap().0;
    let till = ledger.till();
    drop(ledger);
    let mut drawn = std::collections::HashSet::new();
    let mut state = 1_u64;
    // As after a restore: the ledger knows nothing of what was drawn before, and chance alone must do.
    for n in 0..1_000_000 {
        let mut chance = [0; 18];
        for byte in &mut chance {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
        assert!(drawn.insert(OrderId::draw(till, chance)), "order {n}");
    }
}
