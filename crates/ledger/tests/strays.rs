//! What Midtrans speaks of and the log has lost, after an old copy was restored.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use ledger::{Adoption, Facts, Heard, Letter, MatterKind, Outcome, Received, Seal, Stray, Trouble};
use shop::*;
use till::{Asked, Concern, Event, From, OrderId, Report, Reported, State, TillId};

/// A genuine notification arrives.
fn comes(shop: &Shop, letter: &Letter, n: u32) -> Received {
    shop.ledger.receive(format!("letter {n}").as_bytes(), letter, Seal::Genuine, at(n)).unwrap()
}

fn heard(n: u32) -> Heard {
    Heard {
        order_id: order_id(n),
        asked: Asked::LookUp,
        sent_at: at(20),
        heard_at: at(21),
        http: Some(200),
        told_at: None,
        outcome: Outcome::Settlement,
        body: b"{}".to_vec(),
    }
}

fn adoption(n: u32, report: Report) -> Adoption {
    let Event::Reported(reported) = reported(report) else { panic!("it is a report") };
    let reported = Reported { asked_after: 0, ..reported };
    Adoption { id: sale_id(n), number: number(n), order: new_sale(n).order, reported, heard: heard(n) }
}

fn stray(n: u32, since: u32) -> Stray {
    Stray { order_id: order_id(n), since: at(since), told: true, known: false, raised: false }
}

#[test]
fn only_a_genuine_letter_under_an_id_of_this_till_is_a_stray() {
    let shop = Shop::open();
    for foreign in ["INV-7", "payment_notif_test_M123_0001"] {
        let letter = Letter { order_id: foreign.into(), ..letter(order_id(1), Report::Settlement) };
        assert_eq!(comes(&shop, &letter, 100 + foreign.len() as u32), Received::Orphan, "{foreign}");
    }
    let theirs = letter(OrderId::draw(TillId::draw(*b"else"), [7; 18]), Report::Settlement);
    assert_eq!(comes(&shop, &theirs, 100), Received::Elsewhere);
    shop.ledger.receive(b"who knows", &letter(order_id(2), Report::Settlement), Seal::Unverified, at(3)).unwrap();
    assert_eq!(shop.ledger.strays().unwrap(), []);
    assert_eq!(comes(&shop, &letter(order_id(1), Report::Pending), 5), Received::Orphan);
    comes(&shop, &letter(order_id(1), Report::Settlement), 6);
    assert_eq!(shop.again().strays().unwrap(), [stray(1, 5)], "two letters, one stray");
    // Once the desk has the key, the one that waited is a stray too.
    let waited = shop.ledger.unverified().unwrap().remove(0);
    shop.ledger.take_up(&waited, Some(&letter(order_id(2), Report::Settlement)), at(8)).unwrap();
    assert_eq!(shop.ledger.strays().unwrap(), [stray(2, 3), stray(1, 5)]);
}

#[test]
fn what_midtrans_has_becomes_a_sale_again_with_its_notifications_and_its_evidence() {
    let shop = Shop::open();
    comes(&shop, &letter(order_id(1), Report::Pending), 5);
    comes(&shop, &letter(order_id(1), Report::Settlement), 6);
    let sale = shop.ledger.adopt(&adoption(1, Report::Settlement), at(21)).unwrap();
    assert_eq!((sale.state(), sale.attempt().unwrap().order_id), (State::Paid, order_id(1)));
    assert_eq!(sale.attempt().unwrap().request, "", "nobody has the bytes any more");
    assert_eq!(sale.open_concerns(), [(order_id(1), Concern::Adopted)]);
    assert!(sale.attempt().unwrap().question.is_some(), "what the letters claim is asked about once more");
    assert_eq!(shop.ledger.strays().unwrap(), []);
    let log = shop.ledger.log(sale.id).unwrap();
    assert_eq!(log.iter().filter(|entry| entry.from == From::Relay).count(), 2);
    let letters = shop.ledger.notifications(order_id(1)).unwrap();
    assert!(letters.iter().all(|letter| log.iter().any(|entry| Some(entry.seq) == letter.entry)));
    let exchanges = shop.ledger.exchanges(order_id(1)).unwrap();
    assert!(matches!(
        log.iter().find(|entry| Some(entry.seq) == exchanges[0].led_to).unwrap().event,
        Event::Reported(_)
    ));
    assert_eq!(shop.ledger.audit().unwrap(), []);

    // Another program was at it too.
    let second = Adoption { id: sale_id(9), number: number(9), ..adoption(1, Report::Settlement) };
    assert_eq!(shop.again().adopt(&second, at(22)).unwrap().id, sale.id);
    assert_eq!(shop.count("sales"), 1);
}

#[test]
fn an_order_that_appears_after_all_gets_the_letters_that_waited_for_it() {
    let shop = Shop::open();
    comes(&shop, &letter(order_id(1), Report::Settlement), 5);
    assert_eq!(shop.ledger.join_stray(order_id(1), at(6)).unwrap(), None, "there is no such order yet");
    shop.intend(1);
    assert_eq!(shop.ledger.strays().unwrap(), [Stray { known: true, ..stray(1, 5) }]);
    let sale = shop.ledger.join_stray(order_id(1), at(7)).unwrap().unwrap();
    assert_eq!(sale.state(), State::Confirming, "the letter fits");
    assert_eq!(sale.attempt().unwrap().heard_at, Some(at(7)));
    assert_eq!((shop.ledger.strays().unwrap(), sale.open_concerns()), (vec![], vec![]));
    assert_eq!(shop.ledger.audit().unwrap(), []);
}

#[test]
fn what_nobody_can_place_is_a_matter_until_it_turns_up() {
    let shop = Shop::open();
    comes(&shop, &letter(order_id(1), Report::Settlement), 5);
    let facts = Facts::from([("order_id".into(), order_id(1).to_string())]);
    shop.ledger.keep_stray(&heard(1), None, at(6)).unwrap();
    assert_eq!(shop.ledger.matters().unwrap(), []);
    shop.ledger.keep_stray(&heard(1), Some(&facts), at(7)).unwrap();
    let matters = shop.ledger.matters().unwrap();
    assert_eq!((matters[0].kind, matters[0].key.as_str()), (MatterKind::Unmatched, order_id(1).as_str()));
    assert_eq!(shop.ledger.strays().unwrap(), [Stray { raised: true, ..stray(1, 5) }]);
    assert_eq!(shop.ledger.exchanges(order_id(1)).unwrap()[0].times, 2, "and what Midtrans said is evidence");
    shop.ledger.adopt(&adoption(1, Report::Settlement), at(21)).unwrap();
    assert_eq!(shop.ledger.matters().unwrap(), [], "it has been placed");
}

#[test]
fn a_number_or_an_id_of_another_sale_is_not_given_to_an_adopted_one() {
    let shop = Shop::open();
    shop.intend(2);
    comes(&shop, &letter(order_id(1), Report::Settlement), 5);
    let taken = Adoption { number: number(2), ..adoption(1, Report::Settlement) };
    assert!(matches!(shop.ledger.adopt(&taken, at(6)), Err(Trouble::NumberTaken)));
    let taken = Adoption { id: sale_id(2), ..adoption(1, Report::Settlement) };
    assert!(matches!(shop.ledger.adopt(&taken, at(6)), Err(Trouble::AlreadyThere)));
    assert_eq!((shop.count("log"), shop.count("strays")), (2, 1), "nothing of it is kept");
}

#[test]
fn orphans_of_an_older_ledger_are_looked_up_too() {
    let shop = Shop::open();
    comes(&shop, &letter(order_id(1), Report::Settlement), 5);
    let foreign = Letter { order_id: "INV-7".into(), ..letter(order_id(1), Report::Settlement) };
    comes(&shop, &foreign, 6);
    shop.intend(2);
    comes(&shop, &letter(order_id(2), Report::Settlement), 7);
    first_schema(&shop.raw());
    let ledger = shop.again();
    assert_eq!(ledger.strays().unwrap(), [stray(1, 5)]);
    let sale = ledger.adopt(&adoption(1, Report::Settlement), at(21)).unwrap();
    assert_eq!(sale.state(), State::Paid);
    assert_eq!(ledger.strays().unwrap(), []);
}
