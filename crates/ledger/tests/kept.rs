//! The draft on the counter, the settings, and what the desk remembers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use std::fs;

use ledger::{Binding, Desk, Door, Folder, Ledger, NewSale, Settings};
use shop::*;
use till::{Environment, From};

#[test]
fn the_draft_on_the_counter_survives_a_restart() {
    let shop = Shop::open();
    assert_eq!(shop.ledger.draft().unwrap(), None);
    shop.ledger.keep_draft(sale_id(1), &draft()).unwrap();
    assert_eq!(shop.again().draft().unwrap(), Some((sale_id(1), draft())));
}

#[test]
fn a_draft_leaves_the_counter_in_the_moment_its_sale_is_written_down() {
    let shop = Shop::open();
    shop.ledger.keep_draft(sale_id(1), &draft()).unwrap();
    shop.intend(1);
    assert_eq!(shop.ledger.draft().unwrap(), None);
}

#[test]
fn the_draft_of_another_sale_stays() {
    let shop = Shop::open();
    shop.ledger.keep_draft(sale_id(2), &draft()).unwrap();
    shop.intend(1);
    assert_eq!(shop.ledger.draft().unwrap(), Some((sale_id(2), draft())));
}

#[test]
fn a_sale_that_is_refused_leaves_its_draft_where_it_was() {
    let shop = Shop::open();
    shop.intend(1);
    shop.ledger.keep_draft(sale_id(2), &draft()).unwrap();
    let taken = NewSale { number: number(1), ..new_sale(2) };
    assert!(shop.ledger.intend(&taken, From::Cashier, at(2)).is_err());
    assert_eq!(shop.ledger.draft().unwrap(), Some((sale_id(2), draft())));
}

#[test]
fn a_draft_that_nobody_can_read_any_more_is_an_empty_counter() {
    let shop = Shop::open();
    shop.ledger.keep("draft", "{\"of\":\"another age\"}").unwrap();
    assert_eq!(shop.ledger.draft().unwrap(), None);
}

#[test]
fn settings_are_as_they_were_set() {
    let shop = Shop::open();
    let settings =
        Settings { shop_name: "Warung 'Sari' %".into(), hold_goods: true, ..shop.ledger.settings().unwrap() };
    shop.ledger.set(&settings).unwrap();
    assert_eq!(shop.again().settings().unwrap(), settings);
}

#[test]
fn a_new_shop_in_training_has_its_relay_and_a_real_one_waits_for_an_address() {
    let folder = tempfile::tempdir().unwrap();
    let settings = |environment| {
        let ledger =
            Ledger::open(&Folder::at(folder.path()), environment, Some(Binding::Loopback), Door::Desk, *b"till");
        ledger.unwrap().settings().unwrap()
    };
    assert!(settings(Environment::Training).relay_inside);
    assert_eq!(settings(Environment::Production), Settings::default());
    assert!(!Settings::default().relay_inside);
}

#[test]
fn settings_of_an_older_gerai_are_filled_up_with_the_usual() {
    let shop = Shop::open();
    shop.ledger.keep("settings", r#"{"shop_name":"Warung","of_next_year":1}"#).unwrap();
    assert_eq!(shop.ledger.settings().unwrap(), Settings { shop_name: "Warung".into(), ..Settings::default() });
}

#[test]
fn what_is_kept_under_a_name_replaces_what_was() {
    let shop = Shop::open();
    assert_eq!(shop.ledger.kept("relay_path").unwrap(), None);
    shop.ledger.keep("relay_path", "one").unwrap();
    shop.ledger.keep("relay_path", "two").unwrap();
    assert_eq!(shop.again().kept("relay_path").unwrap().as_deref(), Some("two"));
}

#[test]
fn the_desk_remembers_across_environments() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Folder::at(folder.path().join("not made yet"));
    assert_eq!(folder.desk(), Desk::default());
    let desk = Desk { environment: Some(Environment::Sandbox), language: Some("id".into()), look: None };
    folder.remember(&desk).unwrap();
    assert_eq!(folder.desk(), desk);
}

#[test]
fn a_damaged_note_of_the_desk_is_as_good_as_none() {
    let folder = tempfile::tempdir().unwrap();
    for note in ["", "{", "[]", r#"{"environment":"mars"}"#] {
        fs::write(folder.path().join("desk.json"), note).unwrap();
        assert_eq!(Folder::at(folder.path()).desk(), Desk::default(), "{note}");
    }
}
