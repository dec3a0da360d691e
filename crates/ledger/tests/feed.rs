//! What a hosted relay passes on is written down with how far it came, or not at all.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use ledger::{Fed, Feed, Passed, Seal, Settings};
use shop::{
    acts::{feed, passed},
    *,
};
use till::{Report, State};

#[test]
fn everything_that_was_passed_on_is_stored_and_told_with_the_number_up_to_which_it_came() {
    let shop = Shop::open();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    assert_eq!(shop.ledger.feed().unwrap(), None);
    shop.ledger.pair_feed(&feed()).unwrap();
    assert_eq!((shop.ledger.feed().unwrap(), shop.ledger.fed_at().unwrap()), (Some(feed()), None));
    let fed = shop.ledger.take_in_feed("device", &passed(1), 10, at(9)).unwrap().unwrap();
    assert_eq!(fed, Fed { cursor: 10, genuine: 5, waiting: 3, strange: 2, unreadable: 0 });
    assert_eq!((shop.count("inbox"), shop.count("quarantine")), (8, 2));
    assert_eq!(shop.state(&sale), State::Confirming, "and no more");
    assert_eq!(shop.ledger.fed_at().unwrap(), Some(at(9)));
    assert_eq!(shop.again().feed().unwrap(), Some(Feed { cursor: 10, ..feed() }));
    assert_eq!(shop.ledger.audit().unwrap(), []);
}

#[test]
fn what_is_passed_on_twice_is_written_down_once() {
    let shop = Shop::open();
    shop.sale(1, [reported(Report::Pending)]);
    shop.ledger.pair_feed(&feed()).unwrap();
    shop.ledger.take_in_feed("device", &passed(1), 10, at(9)).unwrap();
    let (log, inbox) = (shop.count("log"), shop.count("inbox"));
    let again = shop.again().take_in_feed("device", &passed(1), 10, at(9)).unwrap().unwrap();
    assert_eq!(again, Fed { cursor: 10, ..Fed::default() }, "by another program of this till");
    // The relay was put back to an older state, and counts anew.
    shop.ledger.move_feed("device", 0).unwrap();
    let anew = shop.ledger.take_in_feed("device", &passed(1), 10, at(9)).unwrap().unwrap();
    assert_eq!((anew.genuine, anew.cursor), (0, 10));
    assert_eq!((shop.count("log"), shop.count("inbox")), (log, inbox));
}

#[test]
fn a_till_that_is_not_paired_as_that_device_takes_nothing_in() {
    let shop = Shop::open();
    let nothing = |device: &str| {
        assert_eq!(shop.ledger.take_in_feed(device, &passed(1), 10, at(9)).unwrap(), None, "{device}");
        assert_eq!((shop.count("inbox"), shop.count("quarantine")), (0, 0));
    };
    nothing("device");
    shop.ledger.pair_feed(&feed()).unwrap();
    nothing("another");
    shop.ledger.move_feed("another", 7).unwrap();
    assert_eq!(shop.ledger.feed().unwrap().unwrap().cursor, 0);
    shop.ledger.unpair_feed().unwrap();
    nothing("device");
}

#[test]
fn charges_do_not_go_on_naming_the_address_of_a_relay_that_the_till_has_left() {
    let shop = Shop::open();
    let names = |address: &str| {
        let settings = shop.ledger.settings().unwrap();
        shop.ledger.set(&Settings { notify_to: Some(address.into()), ..settings }).unwrap();
        shop.ledger.pair_feed(&feed()).unwrap();
        shop.ledger.unpair_feed().unwrap();
        shop.ledger.settings().unwrap().notify_to
    };
    assert_eq!(names(&feed().address), None);
    assert_eq!(names("https://elsewhere.example/n/1").as_deref(), Some("https://elsewhere.example/n/1"));
}

#[test]
fn only_what_came_through_this_pairing_shows_that_it_works() {
    let shop = Shop::open();
    let through = |seq, body: &[u8], seal| {
        let says = Some((letter(order_id(1), Report::Settlement), seal));
        shop.ledger.take_in_feed("device", &[Passed { seq, body: body.into(), says }], seq, at(50)).unwrap().unwrap();
        shop.ledger.fed_at().unwrap()
    };
    shop.ledger.receive(b"directly", &letter(order_id(1), Report::Settlement), Seal::Genuine, at(1)).unwrap();
    shop.ledger.pair_feed(&feed()).unwrap();
    assert_eq!(through(1, b"directly", Seal::Genuine), None, "it had come before, on another way");
    assert_eq!(through(2, b"unchecked", Seal::Unverified), None);
    assert_eq!(through(3, b"new", Seal::Genuine), Some(at(50)));
    shop.ledger.pair_feed(&Feed { device: "device".into(), cursor: 3, ..feed() }).unwrap();
    assert_eq!(shop.ledger.fed_at().unwrap(), None, "paired anew");
}

#[test]
fn an_order_that_cannot_be_read_holds_up_nothing_that_comes_after_it() {
    let shop = Shop::open();
    let (broken, sound) = (shop.sale(1, [reported(Report::Pending)]), shop.sale(2, [reported(Report::Pending)]));
    let spoil = "DROP TRIGGER log_is_never_edited; UPDATE log SET event = '{}' WHERE sale = ";
    shop.raw().execute_batch(&format!("{spoil}'{}'", broken.id)).unwrap();
    shop.ledger.pair_feed(&feed()).unwrap();
    let about = |seq, n| Passed {
        seq,
        body: vec![n as u8; 9],
        says: Some((letter(order_id(n), Report::Settlement), Seal::Genuine)),
    };
    let fed = shop.ledger.take_in_feed("device", &[about(1, 1), about(2, 2)], 2, at(9)).unwrap().unwrap();
    assert_eq!(fed, Fed { cursor: 2, genuine: 1, unreadable: 1, ..Fed::default() });
    assert_eq!((shop.count("inbox"), shop.state(&sound)), (2, State::Confirming));
}
