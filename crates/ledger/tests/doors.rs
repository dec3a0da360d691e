//! Who may open which ledger, and what is said to the others.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use std::fs;

use ledger::{Binding, Door, Folder, Ledger, Trouble, assert_sqlite};
use shop::*;
use tempfile::TempDir;
use till::Environment;

#[test]
fn this_program_is_linked_with_an_sqlite_that_two_programs_can_share() {
    assert!(assert_sqlite().is_ok(), "{}", rusqlite::version());
}

#[test]
fn whoever_comes_first_makes_the_ledger_and_names_the_till() {
    for (first, second) in [(Door::Desk, Door::Relay), (Door::Relay, Door::Desk)] {
        let folder = TempDir::new().unwrap();
        let folder = Folder::at(folder.path());
        let open =
            |door, chance| Ledger::open(&folder, Environment::Sandbox, Some(Binding::Midtrans), door, chance).unwrap();
        let till = open(first, *b"1234").till();
        let again = open(second, *b"5678");
        assert_eq!(again.till(), till, "and the next one keeps the name");
        assert_eq!((again.environment(), again.binding().unwrap()), (Environment::Sandbox, Some(Binding::Midtrans)));
    }
}

#[test]
fn every_environment_has_a_file_of_its_own() {
    let folder = TempDir::new().unwrap();
    let folder = Folder::at(folder.path());
    for environment in Environment::ALL {
        let ledger = Ledger::open(&folder, environment, Some(Binding::Loopback), Door::Desk, *b"till").unwrap();
        assert_eq!(ledger.folder(), folder.path().join(environment.word()));
        assert!(ledger.folder().join("gerai.db").is_file());
    }
}

#[test]
fn a_ledger_bound_to_one_kind_of_midtrans_refuses_the_other() {
    for (bound, other) in [(Binding::Midtrans, Binding::Loopback), (Binding::Loopback, Binding::Midtrans)] {
        let folder = TempDir::new().unwrap();
        let folder = Folder::at(folder.path());
        let open = |binding, door| Ledger::open(&folder, Environment::Production, Some(binding), door, *b"till");
        assert!(!Ledger::exists(&folder, Environment::Production), "not made yet");
        drop(open(bound, Door::Desk).unwrap());
        for door in [Door::Desk, Door::Relay] {
            assert!(matches!(open(other, door), Err(Trouble::Bound(is)) if is == bound));
            assert!(open(bound, door).is_ok());
        }
        assert_eq!(open(bound, Door::Desk).unwrap().binding().unwrap(), Some(bound));
    }
}

#[test]
fn a_ledger_that_a_relay_made_is_bound_by_the_first_desk_and_for_good() {
    for (bound, other) in [(Binding::Midtrans, Binding::Loopback), (Binding::Loopback, Binding::Midtrans)] {
        let folder = TempDir::new().unwrap();
        let folder = Folder::at(folder.path());
        let open = |binding, door| Ledger::open(&folder, Environment::Sandbox, binding, door, *b"till");
        let relay = open(None, Door::Relay).unwrap();
        assert_eq!(relay.binding().unwrap(), None);
        drop(open(Some(bound), Door::Desk).unwrap());
        assert_eq!(relay.binding().unwrap(), Some(bound), "and the relay hears of it without being restarted");
        assert!(matches!(open(Some(other), Door::Desk), Err(Trouble::Bound(is)) if is == bound));
        assert!(open(None, Door::Relay).is_ok(), "a relay that names none serves either");
    }
}

#[test]
fn asking_whether_there_is_a_ledger_makes_none() {
    let folder = TempDir::new().unwrap();
    assert!(!Ledger::exists(&Folder::at(folder.path()), Environment::Sandbox));
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn a_ledger_of_another_environment_is_refused_wherever_it_was_copied_to() {
    let folder = TempDir::new().unwrap();
    let place = Folder::at(folder.path());
    drop(Ledger::open(&place, Environment::Sandbox, Some(Binding::Midtrans), Door::Desk, *b"till").unwrap());
    fs::rename(folder.path().join("sandbox"), folder.path().join("production")).unwrap();
    let refused = Ledger::open(&place, Environment::Production, Some(Binding::Midtrans), Door::Desk, *b"till");
    assert!(matches!(refused, Err(Trouble::Environment(told)) if told == "sandbox"));
}

#[test]
fn a_ledger_of_a_newer_gerai_is_refused_and_not_touched() {
    let shop = Shop::open();
    set_schema(&shop, 99);
    for door in [Door::Desk, Door::Relay] {
        assert!(matches!(open_by(&shop, door), Err(Trouble::Newer(_))));
    }
    let schema: i32 = shop.raw().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(schema, 99);
}

#[test]
fn the_relay_leaves_a_ledger_of_an_older_gerai_to_the_desk() {
    let shop = Shop::open();
    set_schema(&shop, 1);
    assert!(matches!(open_by(&shop, Door::Relay), Err(Trouble::Older(_))));
}

#[test]
fn a_schema_that_never_was_is_damage_to_the_desk() {
    let shop = Shop::open();
    set_schema(&shop, -1);
    assert!(matches!(open_by(&shop, Door::Desk), Err(Trouble::Damaged(_))));
}

#[test]
fn a_file_that_is_no_ledger_is_damaged_and_left_as_it_is() {
    for text in ["this is no ledger", &"x".repeat(100_000)] {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("training/gerai.db");
        fs::create_dir(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        assert!(matches!(open(folder.path()), Err(Trouble::Damaged(named)) if named == file));
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
}

#[test]
fn a_ledger_that_is_damaged_inside_says_so() {
    let shop = Shop::open();
    (1..=200).for_each(|n| drop(shop.intend(n)));
    let file = shop.ledger.folder().join("gerai.db");
    let Shop { folder, ledger } = shop;
    drop(ledger);
    let mut bytes = fs::read(&file).unwrap();
    bytes[8_192..].fill(0xff);
    fs::write(&file, bytes).unwrap();
    let damaged = open(folder.path()).and_then(|ledger| ledger.audit().map(drop));
    assert!(matches!(damaged, Err(Trouble::Damaged(_))), "{damaged:?}");
}

#[test]
fn a_ledger_whose_identity_is_gone_is_damaged() {
    for key in ["binding", "till"] {
        let shop = Shop::open();
        drop(shop.intend(1));
        shop.raw().execute("DELETE FROM kept WHERE key = ?1", [key]).unwrap();
        assert!(matches!(open(shop.folder.path()), Err(Trouble::Damaged(_))), "{key}");
    }
}

#[test]
fn a_ledger_that_was_never_finished_is_begun_anew() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("training")).unwrap();
    fs::write(folder.path().join("training/gerai.db"), "").unwrap();
    assert!(open(folder.path()).is_ok(), "the power went before the first commit");
}

#[test]
fn a_folder_that_is_a_file_cannot_be_opened() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(open(&file), Err(Trouble::Folder(_))));
}

#[test]
fn a_read_only_folder_is_called_read_only_with_and_without_a_ledger_in_it() {
    let Some(disk) = Disk::mount("size=1m") else { return };
    drop(open(disk.path()).unwrap());
    disk.remount("ro");
    assert!(matches!(open(disk.path()), Err(Trouble::ReadOnly(_))));
    let empty = Folder::at(disk.path());
    let refused = Ledger::open(&empty, Environment::Sandbox, Some(Binding::Midtrans), Door::Relay, *b"till");
    assert!(matches!(refused, Err(Trouble::ReadOnly(_))), "{refused:?}");
    disk.remount("rw");
    assert!(open(disk.path()).is_ok(), "and once it can be written it is as it was");
}

#[cfg(unix)]
#[test]
fn what_lies_in_the_folder_is_for_this_account_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("new/data");
    let ledger = open(&data).unwrap();
    for place in [&data, ledger.folder()] {
        assert_eq!(fs::metadata(place).unwrap().permissions().mode() & 0o077, 0, "{}", place.display());
    }
}

fn open_by(shop: &Shop, door: Door) -> Result<Ledger, Trouble> {
    Ledger::open(&Folder::at(shop.folder.path()), Environment::Training, Some(Binding::Loopback), door, *b"till")
}

fn set_schema(shop: &Shop, version: i32) {
    shop.raw().pragma_update(None, "user_version", version).unwrap();
}
