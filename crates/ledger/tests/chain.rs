//! Every entry gets its seal, whoever wrote it, and the seals can be gone on with whatever happens.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use std::{fs, path::Path};

use ledger::{Head, Ledger, LogKey, MatterKind, Seal, What};
use secrecy::ExposeSecret;
use shop::*;
use till::{Event, From, Report};

#[test]
fn every_way_of_writing_seals_what_it_writes() {
    let shop = Shop::open();
    arm(&shop.ledger, 7);
    let sale = shop.intend(1);
    shop.happens(&sale, reported(Report::Pending)).unwrap();
    shop.ledger.receive(b"1", &letter(order_id(1), Report::Settlement), Seal::Genuine, at(3)).unwrap();
    shop.ledger.receive(b"2", &letter(order_id(1), Report::Settlement), Seal::Unverified, at(4)).unwrap();
    let waiting = shop.ledger.unverified().unwrap().remove(0);
    shop.ledger.take_up(&waiting, Some(&letter(order_id(1), Report::Settlement)), at(5)).unwrap();
    assert_eq!((shop.count("log"), shop.count("chain")), (5, 5));
    let verdict = shop.ledger.verify(None).unwrap().unwrap();
    assert_eq!((verdict.proven, verdict.waiting, verdict.is_fine()), (5, 0, true));
    assert_eq!(shop.ledger.chain_head().unwrap().unwrap().seq, 5);
}

#[test]
fn a_ledger_without_its_key_is_written_and_read_as_ever() {
    let shop = Shop::open();
    shop.sale(1, [reported(Report::Pending)]);
    assert!(!shop.ledger.is_armed());
    assert_eq!(shop.ledger.verify(None).unwrap(), None);
    assert_eq!((shop.count("log"), shop.count("chain")), (3, 0));
    assert!(shop.ledger.check_up(None, at(2)).unwrap().is_fine());
}

#[test]
fn what_the_relay_heard_joins_without_a_word() {
    let shop = Shop::open();
    let relay = shop.again();
    arm(&shop.ledger, 7);
    shop.intend(1);
    relay.receive(b"1", &letter(order_id(1), Report::Settlement), Seal::Genuine, at(3)).unwrap();
    assert_eq!((shop.count("log"), shop.count("chain")), (3, 2), "the relay has no key");
    assert_eq!(shop.ledger.verify(None).unwrap().unwrap().waiting, 1);
    shop.intend(2);
    assert_eq!((shop.count("log"), shop.count("chain")), (5, 5));
    assert_eq!(shop.count("matters"), 0);
}

#[test]
fn what_pretends_to_be_from_the_relay_does_not() {
    let shop = Shop::open();
    arm(&shop.ledger, 7);
    shop.intend(1);
    let hint = r#"{"kind":"hinted","report":"settlement","fits":true}"#;
    let settled = serde_json::to_string(&reported(Report::Settlement)).unwrap();
    for (n, event) in [hint, &settled].into_iter().enumerate() {
        let insert = "INSERT INTO log (at, sale, attempt, \"from\", event) VALUES (9, ?1, ?2, '\"relay\"', ?3)";
        shop.raw().execute(insert, [sale_id(1).as_str(), order_id(1).as_str(), event]).unwrap();
        shop.intend(2 + n as u32);
        assert_eq!(shop.told(MatterKind::Unsealed).len(), n + 1, "no such notification lies in the inbox");
    }
}

#[test]
fn a_notification_speaks_for_one_entry_and_no_copy_of_it() {
    let shop = Shop::open();
    let relay = shop.again();
    arm(&shop.ledger, 7);
    shop.intend(1);
    relay.receive(b"1", &letter(order_id(1), Report::Settlement), Seal::Genuine, at(3)).unwrap();
    let again = "INSERT INTO log (at, sale, attempt, \"from\", event)
                 SELECT at, sale, attempt, \"from\", event FROM log WHERE seq = 3";
    shop.raw().execute(again, []).unwrap();
    shop.intend(2);
    let unsealed = shop.told(MatterKind::Unsealed);
    assert_eq!([&unsealed[0]["first"], &unsealed[0]["last"]], ["4", "4"]);
}

#[test]
fn a_run_of_entries_without_the_key_is_one_matter() {
    let shop = Shop::open();
    arm(&shop.ledger, 7);
    shop.intend(1);
    let locked = shop.again();
    (2..40).for_each(|n| drop(locked.intend(&new_sale(n), From::Geraictl, at(n)).unwrap()));
    shop.intend(50);
    let unsealed = shop.told(MatterKind::Unsealed);
    assert_eq!(unsealed.len(), 1);
    assert_eq!([&unsealed[0]["first"], &unsealed[0]["last"], &unsealed[0]["count"]], ["3", "78", "76"]);
    assert_eq!(unsealed[0]["sales"].split(", ").count(), 20);
    assert!(shop.ledger.verify(None).unwrap().unwrap().is_fine());
}

#[test]
fn what_an_older_gerai_wrote_joins_without_a_word_and_is_sealed_from_then_on() {
    let shop = Shop::open();
    (1..=3).for_each(|n| drop(shop.intend(n)));
    shop.ledger.keep("chain_begins_after", "6").unwrap();
    arm(&shop.ledger, 7);
    assert_eq!((shop.count("chain"), shop.count("matters")), (6, 0));
    shop.raw().execute_batch("DROP TRIGGER log_is_never_edited; UPDATE log SET at = 0 WHERE seq = 2").unwrap();
    let findings = shop.ledger.verify(None).unwrap().unwrap().findings;
    assert_eq!((findings[0].what, findings[0].first), (What::Edited, 2));
}

#[test]
fn a_long_log_is_sealed_in_steps_when_it_gets_its_key() {
    let shop = Shop::in_memory();
    let sale = shop.intend(1);
    let many = |_: &till::Sale| vec![(Some(order_id(1)), Event::SentAgain); 12_000];
    shop.ledger.write(sale.id, From::Desk, at(2), many).unwrap();
    arm(&shop.ledger, 7);
    let verdict = shop.ledger.verify(None).unwrap().unwrap();
    assert_eq!((verdict.proven, verdict.is_fine()), (12_002, true));
}

#[test]
fn a_lost_key_begins_a_new_part_and_the_owner_hears_of_it() {
    let shop = Shop::open();
    arm(&shop.ledger, 7);
    (1..=3).for_each(|n| drop(shop.intend(n)));
    let kept = shop.ledger.chain_head().unwrap();
    let again = shop.again();
    arm(&again, 8);
    again.intend(&new_sale(4), From::Cashier, at(4)).unwrap();
    let unsealed = shop.told(MatterKind::Unsealed);
    assert_eq!([&unsealed[0]["why"], &unsealed[0]["last"]], ["key_gone", "6"]);
    let verdict = again.verify(kept).unwrap().unwrap();
    assert_eq!((verdict.foreign, verdict.proven, verdict.is_fine()), (6, 2, true), "{verdict:?}");
    arm(&shop.again(), 8);
    assert_eq!(shop.told(MatterKind::Unsealed).len(), 1, "and the new key goes on with it");
}

#[test]
fn what_was_sealed_with_a_lost_key_cannot_be_changed_unnoticed_afterwards() {
    for deed in [
        "UPDATE log SET at = 0 WHERE seq = 2",
        "DELETE FROM log WHERE seq = 6",
        "UPDATE chain SET mac = zeroblob(32) WHERE seq = 3",
        "DELETE FROM chain_parts WHERE id = 1",
        "UPDATE chain_parts SET before = zeroblob(32) WHERE id = 2",
    ] {
        let shop = Shop::in_memory();
        arm(&shop.ledger, 7);
        (1..=3).for_each(|n| drop(shop.intend(n)));
        let again = shop.again();
        arm(&again, 8);
        again.intend(&new_sale(4), From::Cashier, at(4)).unwrap();
        shop.raw().execute_batch("DROP TRIGGER log_is_never_edited; DROP TRIGGER log_is_never_cut;").unwrap();
        shop.raw().execute_batch(&format!("PRAGMA foreign_keys = OFF; {deed}")).unwrap();
        let verdict = again.verify(None).unwrap().unwrap();
        assert!(!verdict.is_fine(), "{deed}: {verdict:?}");
    }
}

#[test]
fn a_program_whose_key_was_given_up_elsewhere_writes_on_without() {
    let shop = Shop::open();
    arm(&shop.ledger, 7);
    shop.intend(1);
    let other = shop.again();
    arm(&other, 8);
    shop.intend(2);
    assert!(!shop.ledger.is_armed(), "its seals would not fit");
    arm(&shop.ledger, 8);
    shop.intend(3);
    assert!(other.verify(None).unwrap().unwrap().is_fine());
}

#[test]
fn a_key_that_is_found_again_goes_on_with_a_part_of_its_own() {
    let shop = Shop::open();
    for (n, key) in [(1, 7), (2, 8), (3, 7)] {
        arm(&shop.ledger, key);
        shop.intend(n);
    }
    let verdict = shop.ledger.verify(None).unwrap().unwrap();
    assert_eq!((verdict.proven, verdict.foreign, verdict.is_fine()), (4, 2, true), "{verdict:?}");
}

#[test]
fn a_restored_ledger_need_not_hold_the_head_from_before() {
    let shop = Shop::open();
    arm(&shop.ledger, 7);
    shop.intend(1);
    let ahead = Head { seq: 100, mac: [9; 32], restored: 0 };
    assert!(!shop.ledger.holds(&ahead).unwrap());
    assert!(!shop.ledger.verify(Some(ahead)).unwrap().unwrap().is_fine());
    let restored = "INSERT INTO matters (at, kind, key, detail) VALUES (1, 'restored', 'x', '{}')";
    shop.raw().execute(restored, []).unwrap();
    assert!(shop.ledger.holds(&ahead).unwrap(), "that is on the record already");
    assert!(shop.ledger.verify(Some(ahead)).unwrap().unwrap().is_fine());
    let since = Head { restored: shop.ledger.chain_head().unwrap().unwrap().restored, ..ahead };
    assert!(!shop.ledger.holds(&since).unwrap(), "and it excuses nothing that came later");
}

#[test]
fn a_head_is_kept_as_text() {
    let head = Head { seq: 12, mac: [0xa5; 32], restored: 3 };
    assert_eq!(head.to_string().parse(), Ok(head));
    for wrong in ["", "12", "12 a5 3", &"a".repeat(200), &head.to_string()[1..].replace("a5", "xy")] {
        assert!(wrong.parse::<Head>().is_err(), "{wrong}");
    }
}

#[test]
fn the_key_is_in_no_file_and_no_word() {
    let shop = Shop::open();
    let canary = *b"this is the canary of the chain!";
    let key = LogKey::new(canary);
    let hex: String = canary.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(LogKey::parse(&key.to_secret()).unwrap().to_secret().expose_secret(), hex);
    assert!(!format!("{key:?}").contains(&hex[..8]));
    shop.ledger.arm(key, at(0)).unwrap();
    (1..=3).for_each(|n| drop(shop.intend(n)));
    assert!(!format!("{:?}", shop.ledger).contains(&hex[..8]));
    for file in files(shop.folder.path()) {
        let bytes = fs::read(&file).unwrap();
        for trace in [&canary[..], hex.as_bytes(), &canary[..16]] {
            assert!(!bytes.windows(trace.len()).any(|it| it == trace), "{}", file.display());
        }
    }
}

#[test]
fn a_program_that_is_killed_leaves_no_entry_without_its_seal() {
    const NAME: &str = "a_program_that_is_killed_leaves_no_entry_without_its_seal";
    if let Some(folder) = child_folder() {
        let ledger = open(&folder).unwrap();
        arm(&ledger, 7);
        let first = ledger.head().unwrap() as u32;
        for n in first.. {
            ledger.intend(&new_sale(n), From::Cashier, at(n)).unwrap();
            if n == first {
                println!("writing");
            }
        }
    }
    let shop = Shop::open();
    for _ in 0..10 {
        let mut other = second_program(NAME, shop.folder.path());
        other.says("writing");
        other.kill();
        assert_eq!(shop.count("log"), shop.count("chain"));
    }
    arm(&shop.ledger, 7);
    assert!(shop.ledger.check_up(None, at(1)).unwrap().is_fine());
    assert_eq!(shop.count("matters"), 0);
}

#[test]
fn two_programs_go_on_with_one_chain() {
    const NAME: &str = "two_programs_go_on_with_one_chain";
    if let Some(folder) = child_folder() {
        let ledger = open(&folder).unwrap();
        arm(&ledger, 7);
        println!("ready");
        (100..200).for_each(|n| drop(ledger.intend(&new_sale(n), From::Geraictl, at(n)).unwrap()));
        return;
    }
    let shop = Shop::open();
    arm(&shop.ledger, 7);
    let mut other = second_program(NAME, shop.folder.path());
    other.says("ready");
    (0..100).for_each(|n| drop(shop.intend(n)));
    other.ends();
    let verdict = shop.ledger.verify(None).unwrap().unwrap();
    assert_eq!((verdict.proven, verdict.is_fine()), (400, true));
    assert_eq!(shop.count("matters"), 0);
}

fn arm(ledger: &Ledger, key: u8) {
    ledger.arm(LogKey::new([key; 32]), at(0)).unwrap();
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let inside = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    inside.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
