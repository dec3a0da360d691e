//! Notifications as they are stored, and what they do to an order.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use ledger::{Letter, Received, Seal};
use shop::*;
use till::{Event, Report, Sale, State, Store};

#[test]
fn a_genuine_notification_is_kept_byte_for_byte_and_told_to_its_order() {
    let shop = Shop::open();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    let body = b"{\"as\": \"it came\"}\n";
    let received = shop.ledger.receive(body, &letter(order_id(1), Report::Settlement), Seal::Genuine, at(9)).unwrap();
    assert_eq!(received, Received::Joined(sale.id));
    let stored = shop.ledger.notifications(order_id(1)).unwrap().remove(0);
    assert_eq!(
        (stored.body.as_slice(), stored.received_at, stored.times, stored.seal),
        (&body[..], at(9), 1, Seal::Genuine)
    );
    let last = shop.ledger.log(sale.id).unwrap().pop().unwrap();
    assert_eq!((last.from, last.at), (till::From::Relay, at(9)));
    assert_eq!(last.event, Event::Hinted { report: Report::Settlement, fits: true });
    assert_eq!(shop.state(&sale), State::Confirming, "and no more");
    assert_eq!(shop.ledger.audit().unwrap(), []);
}

#[test]
fn the_same_bytes_again_are_counted_and_say_nothing_new() {
    let shop = Shop::open();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    let post = || shop.ledger.receive(b"x", &letter(order_id(1), Report::Settlement), Seal::Genuine, at(9)).unwrap();
    assert_eq!(post(), Received::Joined(sale.id));
    let log = shop.ledger.log(sale.id).unwrap();
    assert_eq!((post(), post()), (Received::Again, Received::Again));
    assert_eq!(shop.ledger.notifications(order_id(1)).unwrap()[0].times, 3);
    assert_eq!(shop.ledger.log(sale.id).unwrap(), log);
}

#[test]
fn a_notification_may_come_before_the_answer_to_the_charge() {
    let shop = Shop::open();
    let sale = shop.intend(1);
    post(&shop, letter(order_id(1), Report::Settlement));
    assert_eq!(shop.state(&sale), State::Confirming);
    let sale = shop.happens(&sale, reported(Report::Settlement)).unwrap();
    assert_eq!(sale.state(), State::Paid);
}

#[test]
fn a_genuine_notification_about_no_order_of_ours_is_an_orphan() {
    let shop = Shop::open();
    shop.intend(1);
    for order_id in [order_id(2).to_string(), "payment_notif_test_G812785002_x".into(), String::new(), "'; --".into()] {
        let stranger = Letter { order_id: order_id.clone(), ..letter(order_id_of_nobody(), Report::Settlement) };
        assert_eq!(post(&shop, stranger), Received::Orphan, "{order_id}");
    }
    assert_eq!((shop.count("inbox"), shop.count("log")), (4, 2));
}

#[test]
fn only_a_notification_that_fits_its_order_is_shown_as_confirming() {
    type Differ = fn(&mut Letter);
    let differing: [(&str, Differ); 6] = [
        ("itself", |it| it.consistent = false),
        ("the amount", |it| it.amount = Some(AMOUNT + 1)),
        ("no amount", |it| it.amount = None),
        ("the store", |it| it.store = Some(Store::Alfamart)),
        ("the code", |it| it.payment_code = Some("1".into())),
        ("the transaction", |it| it.transaction_id = Some("another".into())),
    ];
    for (what, differ) in differing {
        let shop = Shop::open();
        let sale = shop.sale(1, [reported(Report::Pending)]);
        let mut letter = letter(order_id(1), Report::Settlement);
        differ(&mut letter);
        assert_eq!(post(&shop, letter), Received::Joined(sale.id), "{what}");
        assert_eq!(shop.state(&sale), State::Pending, "{what}");
        let log = shop.ledger.log(sale.id).unwrap();
        assert_eq!(log.last().unwrap().event, Event::Hinted { report: Report::Settlement, fits: false }, "{what}");
    }
}

#[test]
fn what_a_notification_leaves_out_contradicts_nothing() {
    let shop = Shop::open();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    let lean =
        Letter { store: None, payment_code: None, transaction_id: None, ..letter(order_id(1), Report::Settlement) };
    post(&shop, lean);
    assert_eq!(shop.state(&sale), State::Confirming);
}

#[test]
fn a_notification_is_stored_together_with_what_it_says_or_not_at_all() {
    let shop = Shop::open();
    let sale = shop.intend(1);
    let spoil = "INSERT INTO log (at, sale, \"from\", event) VALUES (1, ?1, '\"desk\"', '{}')";
    shop.raw().execute(spoil, [sale.id.as_str()]).unwrap();
    assert!(shop.ledger.receive(b"x", &letter(order_id(1), Report::Settlement), Seal::Genuine, at(9)).is_err());
    assert_eq!(shop.count("inbox"), 0, "so Midtrans is not told that we have it");
}

#[test]
fn an_unverified_notification_waits_and_tells_nobody() {
    let shop = Shop::open();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    let received =
        shop.ledger.receive(b"x", &letter(order_id(1), Report::Settlement), Seal::Unverified, at(9)).unwrap();
    assert_eq!(received, Received::Waiting);
    assert_eq!(shop.state(&sale), State::Pending);
    assert!(shop.ledger.notifications(order_id(1)).unwrap().is_empty(), "it proves nothing yet");
    assert_eq!(shop.ledger.unverified().unwrap().len(), 1);
}

#[test]
fn a_waiting_notification_is_taken_up_once() {
    let (shop, sale) = waiting();
    let stored = shop.ledger.unverified().unwrap().remove(0);
    let letter = letter(order_id(1), Report::Settlement);
    shop.ledger.take_up(&stored, Some(&letter), at(20)).unwrap();
    let log = shop.ledger.log(sale.id).unwrap();
    shop.again().take_up(&stored, Some(&letter), at(21)).unwrap();
    assert_eq!(shop.ledger.log(sale.id).unwrap(), log, "whoever does it");
    assert_eq!(shop.state(&sale), State::Confirming);
    assert_eq!(shop.ledger.notifications(order_id(1)).unwrap()[0].seal, Seal::Genuine);
    assert!(shop.ledger.unverified().unwrap().is_empty());
}

#[test]
fn a_waiting_notification_that_was_forged_is_set_aside() {
    let (shop, sale) = waiting();
    let stored = shop.ledger.unverified().unwrap().remove(0);
    shop.ledger.take_up(&stored, None, at(20)).unwrap();
    shop.ledger.take_up(&stored, None, at(21)).unwrap();
    assert_eq!((shop.count("inbox"), shop.count("quarantine")), (0, 1));
    assert_eq!(shop.state(&sale), State::Pending);
}

#[test]
fn what_was_taken_up_is_not_set_aside_by_somebody_who_comes_late() {
    let (shop, sale) = waiting();
    let stored = shop.ledger.unverified().unwrap().remove(0);
    shop.ledger.take_up(&stored, Some(&letter(order_id(1), Report::Settlement)), at(20)).unwrap();
    shop.again().take_up(&stored, None, at(21)).unwrap();
    assert_eq!((shop.count("inbox"), shop.count("quarantine")), (1, 0));
    assert_eq!(shop.state(&sale), State::Confirming);
}

#[test]
fn what_was_set_aside_for_a_wrong_key_is_taken_when_it_comes_again() {
    let shop = Shop::open();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    shop.ledger.quarantine(b"x", at(9)).unwrap();
    let received = shop.ledger.receive(b"x", &letter(order_id(1), Report::Settlement), Seal::Genuine, at(10)).unwrap();
    assert_eq!(received, Received::Joined(sale.id));
}

#[test]
fn a_stranger_fills_a_thousand_places_and_no_more() {
    let shop = Shop::open();
    for n in 0..1_010_u32 {
        shop.ledger.quarantine(&n.to_be_bytes(), at(n)).unwrap();
    }
    assert_eq!(shop.count("quarantine"), 1_000);
    let oldest: Vec<u8> =
        shop.raw().query_row("SELECT body FROM quarantine ORDER BY id LIMIT 1", [], |row| row.get(0)).unwrap();
    assert_eq!(oldest, 10_u32.to_be_bytes(), "the oldest make room");
}

#[test]
fn the_same_strange_bytes_take_one_place() {
    let shop = Shop::open();
    for n in 0..5 {
        shop.ledger.quarantine(b"again", at(n)).unwrap();
    }
    let times: u32 = shop.raw().query_row("SELECT times FROM quarantine", [], |row| row.get(0)).unwrap();
    assert_eq!(times, 5);
}

#[test]
fn a_waiting_notification_that_comes_again_when_the_key_is_at_hand_waits_no_longer() {
    let (shop, sale) = waiting();
    let letter = letter(order_id(1), Report::Settlement);
    let again = |seal, second| shop.ledger.receive(b"x", &letter, seal, at(second)).unwrap();
    assert_eq!(again(Seal::Unverified, 10), Received::Again);
    assert!(matches!(again(Seal::Genuine, 11), Received::Joined(_)));
    assert_eq!(shop.state(&sale), State::Confirming);
    assert_eq!(again(Seal::Genuine, 12), Received::Again);
    // With the next key it would be taken for a forgery.
    assert!(shop.ledger.unverified().unwrap().is_empty());
    let stored = shop.ledger.notifications(order_id(1)).unwrap().remove(0);
    assert_eq!((stored.seal, stored.times), (Seal::Genuine, 4));
}

/// An open order and a notification of its payment that nobody has checked.
fn waiting() -> (Shop, Sale) {
    let shop = Shop::open();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    shop.ledger.receive(b"x", &letter(order_id(1), Report::Settlement), Seal::Unverified, at(9)).unwrap();
    (shop, sale)
}

/// Every letter as bytes of its own.
fn post(shop: &Shop, letter: Letter) -> Received {
    shop.ledger.receive(format!("{letter:?}").as_bytes(), &letter, Seal::Genuine, at(9)).unwrap()
}

fn order_id_of_nobody() -> till::OrderId {
    order_id(999)
}
