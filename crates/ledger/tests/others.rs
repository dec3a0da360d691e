//! Codes of other tills of the shop: kept apart, and never this till's business.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use ledger::{Elsewhere, Letter, List, Query, Received, Seal};
use shop::*;
use till::{Event, OrderId, Other, Report, Reported, State, Store, TillId};

fn theirs(n: u8) -> OrderId {
    OrderId::draw(TillId::draw(*b"else"), [n; 18])
}

/// A notification about a code of another till arrives.
fn comes(shop: &Shop, n: u8, report: Report, seal: Seal, second: u32) -> Received {
    let letter = Letter { payment_code: Some("unsigned".into()), ..letter(theirs(n), report) };
    shop.ledger.receive(format!("letter {n} {second}").as_bytes(), &letter, seal, at(second)).unwrap()
}

fn told(report: Report) -> Reported {
    let Event::Reported(reported) = reported(report) else { panic!("it is a report") };
    reported
}

fn all(shop: &Shop) -> Vec<Other> {
    found(shop, "")
}

fn found(shop: &Shop, search: &str) -> Vec<Other> {
    shop.ledger.others(&Elsewhere { search: search.into(), limit: 100, ..Elsewhere::default() }).unwrap().rows
}

#[test]
fn a_genuine_notification_under_an_id_of_another_till_is_kept_as_theirs() {
    let shop = Shop::open();
    assert_eq!(comes(&shop, 1, Report::Pending, Seal::Genuine, 5), Received::Elsewhere);
    assert_eq!(comes(&shop, 1, Report::Settlement, Seal::Genuine, 6), Received::Elsewhere);
    let [other] = &all(&shop)[..] else { panic!("two letters, one code") };
    assert_eq!((other.order_id, other.since, other.heard_at, other.letters), (theirs(1), at(5), at(6), 2));
    assert_eq!((other.state, other.amount), (State::Confirming, Some(AMOUNT)));
    assert_eq!((&other.payment_code, other.store), (&None, None), "nobody has signed those");
    assert_eq!(shop.again().others_watched().unwrap(), all(&shop));
    assert_eq!(comes(&shop, 1, Report::Settlement, Seal::Genuine, 6), Received::Again);
    assert_eq!(all(&shop)[0].letters, 2);
}

#[test]
fn what_is_forged_or_has_not_been_checked_yet_or_is_of_another_form_is_not() {
    let shop = Shop::open();
    comes(&shop, 1, Report::Settlement, Seal::Unverified, 5);
    comes(&shop, 2, Report::Settlement, Seal::Unverified, 6);
    let mut swapped = theirs(3).to_string();
    swapped.replace_range(23.., if swapped.ends_with('A') { "B" } else { "A" });
    for foreign in ["INV-7", "payment_notif_test_M123_0001", &swapped] {
        let letter = Letter { order_id: foreign.into(), ..letter(theirs(3), Report::Settlement) };
        let taken = shop.ledger.receive(foreign.as_bytes(), &letter, Seal::Genuine, at(7)).unwrap();
        assert_eq!(taken, Received::Orphan, "{foreign}");
    }
    assert_eq!(all(&shop), []);
    let [first, second] = &shop.ledger.unverified().unwrap()[..] else { panic!("two wait") };
    shop.ledger.take_up(first, Some(&letter(theirs(1), Report::Settlement)), at(8)).unwrap();
    shop.ledger.take_up(second, None, at(8)).unwrap();
    assert_eq!(all(&shop).iter().map(|other| other.order_id).collect::<Vec<_>>(), [theirs(1)]);
}

#[test]
fn nothing_of_it_is_a_sale_a_total_a_stray_or_something_to_look_at() {
    let shop = Shop::open();
    let before = shop.projection();
    comes(&shop, 1, Report::Settlement, Seal::Genuine, 5);
    shop.ledger.told_of_other(&all(&shop)[0], Some(&told(Report::Settlement)), at(9)).unwrap();
    comes(&shop, 2, Report::Settlement, Seal::Genuine, 6);
    shop.ledger.told_of_other(&all(&shop)[0], None, at(9_000)).unwrap();
    assert_eq!(shop.projection(), before);
    assert_eq!(shop.count("log") + shop.count("strays") + shop.count("matters") + shop.count("exchanges"), 0);
    let sums = [
        shop.ledger.attention(at(90_000)).unwrap(),
        shop.ledger.takings(at(0), at(90_000)).unwrap(),
        shop.ledger.report((at(0), at(90_000)), at(90_000)).unwrap().total(),
        shop.ledger.page(&Query::newest(List::All, 10, at(0))).unwrap().sum,
    ];
    assert!(sums.iter().all(|sum| (sum.count, sum.amount) == (0, 0)), "{sums:?}");
}

#[test]
fn what_midtrans_tells_is_kept_and_found_by_code_id_till_and_amount() {
    let shop = Shop::open();
    comes(&shop, 1, Report::Settlement, Seal::Genuine, 5);
    comes(&shop, 2, Report::Pending, Seal::Genuine, 6);
    shop.ledger.told_of_other(&all(&shop)[1], Some(&told(Report::Settlement)), at(9)).unwrap();
    let paid = &shop.again().others(&Elsewhere { search: CODE.into(), limit: 9, ..Elsewhere::default() }).unwrap().rows;
    let [paid] = &paid[..] else { panic!("its code finds it") };
    assert_eq!((paid.order_id, paid.state, paid.store), (theirs(1), State::Paid, Some(Store::Indomaret)));
    assert_eq!((paid.paid_at, paid.asked_at, paid.news), (Some(at(500)), Some(at(9)), false));
    for search in [theirs(1).as_str(), &theirs(1).as_str().to_lowercase()[5..], "44000 5781"] {
        assert_eq!(found(&shop, search).len(), 1, "{search}");
    }
    assert_eq!(found(&shop, &theirs(1).till().to_string()).len(), 2, "its till finds everything of it");
    for search in ["%", "sari", "5781 kopi"] {
        assert_eq!(found(&shop, search), [], "{search}");
    }
    let watched = shop.ledger.others_watched().unwrap();
    assert_eq!(watched.iter().map(|other| other.order_id).collect::<Vec<_>>(), [theirs(2)], "paid is paid");
}

#[test]
fn they_come_newest_first_a_page_at_a_time_and_by_the_day_they_were_heard_of() {
    let shop = Shop::open();
    for n in 1..=5 {
        comes(&shop, n, Report::Pending, Seal::Genuine, u32::from(n));
    }
    let page = Elsewhere { offset: 1, limit: 2, ..Elsewhere::default() };
    let others = shop.ledger.others(&page).unwrap();
    assert_eq!(others.rows.iter().map(|other| other.order_id).collect::<Vec<_>>(), [theirs(4), theirs(3)]);
    assert_eq!(others.count, 5);
    let days = Elsewhere { from: Some(at(2)), before: Some(at(4)), limit: 9, ..Elsewhere::default() };
    assert_eq!(shop.ledger.others(&days).unwrap().count, 2);
}

#[test]
fn a_notification_that_comes_while_midtrans_is_asked_leaves_something_to_ask() {
    let shop = Shop::open();
    comes(&shop, 1, Report::Pending, Seal::Genuine, 5);
    let asked = all(&shop).remove(0);
    comes(&shop, 1, Report::Settlement, Seal::Genuine, 6);
    shop.ledger.told_of_other(&asked, Some(&told(Report::Pending)), at(7)).unwrap();
    assert_eq!((all(&shop)[0].news, all(&shop)[0].state), (true, State::Confirming));
}
