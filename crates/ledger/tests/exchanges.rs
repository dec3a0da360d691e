//! What Midtrans answered is kept as it came, with what came of it, and in bounds.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use ledger::{Binding, Door, Exchange, Folder, Heard, Ledger, Outcome, Seal, Trouble};
use shop::*;
use till::{Asked, Environment, Event, OrderId, Report, Sale, State};

fn heard(n: u32, outcome: Outcome, body: &[u8]) -> Heard {
    Heard {
        order_id: order_id(1),
        asked: Asked::LookUp,
        sent_at: at(n),
        heard_at: at(n + 1),
        http: Some(200),
        told_at: Some(at(n)),
        outcome,
        body: body.into(),
    }
}

impl Shop {
    fn hears(&self, sale: &Sale, heard: &Heard, event: Option<Event>) -> Sale {
        let events = event.map(|event| (Some(heard.order_id), event));
        self.ledger.write_heard(sale.id, heard.heard_at, heard, |_| events.into_iter().collect()).unwrap()
    }

    fn exchanges(&self) -> Vec<Exchange> {
        self.ledger.exchanges(order_id(1)).unwrap()
    }
}

#[test]
fn an_answer_and_what_came_of_it_are_written_down_together() {
    let shop = Shop::open();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    let body = b"{\"as\": \"it came\"}\r\n\xff";
    let sale = shop.hears(&sale, &heard(7, Outcome::Settlement, body), Some(reported(Report::Settlement)));
    assert_eq!(sale.state(), State::Paid);
    let entry = shop.ledger.log(sale.id).unwrap().pop().unwrap();
    assert_eq!((entry.from, entry.at), (till::From::Midtrans, at(8)));
    let expected = Exchange {
        asked: Asked::LookUp,
        sent_at: at(7),
        heard_at: at(8),
        times: 1,
        last_at: at(8),
        http: Some(200),
        told_at: Some(at(7)),
        outcome: Outcome::Settlement,
        length: body.len() as u64,
        body: Some(body.to_vec()),
        led_to: Some(entry.seq),
    };
    assert_eq!(shop.exchanges(), [expected]);
    assert_eq!(shop.again().exchanges(order_id(1)).unwrap(), shop.exchanges(), "and it is on the disk");
}

#[test]
fn neither_is_kept_without_the_other() {
    let shop = Shop::open();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    shop.raw().execute_batch("DROP TABLE exchanges").unwrap();
    let settled = heard(7, Outcome::Settlement, b"{}");
    let failed =
        shop.ledger.write_heard(sale.id, at(8), &settled, |_| vec![(Some(order_id(1)), reported(Report::Settlement))]);
    assert!(matches!(failed, Err(Trouble::Sqlite(_))), "{failed:?}");
    assert_eq!(shop.state(&sale), State::Pending);
    assert_eq!(shop.ledger.audit().unwrap(), []);
    let unknown = shop.ledger.write_heard(sale_id(9), at(8), &settled, |_| vec![]);
    assert!(matches!(unknown, Err(Trouble::NoSuchSale)));
}

#[test]
fn the_same_answer_in_a_row_is_one_row_with_a_count() {
    let shop = Shop::open();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    for n in [10, 20, 30] {
        // Only Midtrans' clock goes on.
        shop.hears(&sale, &heard(n, Outcome::Pending, b"{\"pending\": 1}"), None);
    }
    let rows = shop.exchanges();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].times, rows[0].sent_at, rows[0].heard_at, rows[0].last_at), (3, at(10), at(11), at(31)));
    assert_eq!(shop.count("log"), 3, "and the log grows by nothing");
}

#[test]
fn whatever_differs_is_a_row_of_its_own_and_keeps_its_place() {
    let shop = Shop::open();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    let first = heard(10, Outcome::Pending, b"a");
    let others = [
        Heard { body: b"b".into(), ..first.clone() },
        Heard { http: Some(201), body: b"b".into(), ..first.clone() },
        Heard { http: None, body: b"b".into(), ..first.clone() },
        Heard { asked: Asked::Cancel, http: None, body: b"b".into(), ..first.clone() },
        Heard { asked: Asked::Cancel, http: None, body: b"b".into(), outcome: Outcome::Cut, ..first.clone() },
        first.clone(),
    ];
    shop.hears(&sale, &first, None);
    for other in &others {
        shop.hears(&sale, other, None);
    }
    assert_eq!(shop.exchanges().len(), 7, "the last is as the first was, but not in a row with it");
    assert!(shop.exchanges().iter().all(|row| row.times == 1));
    shop.hears(&sale, &Heard { order_id: order_id(2), ..first }, None);
    assert_eq!(shop.exchanges().len(), 7, "and other attempts have their own");
}

#[test]
fn an_answer_with_news_is_never_merged_away() {
    let shop = Shop::open();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    // At Indomaret the very same bytes say first that it was paid and later that it stays so.
    let paid = heard(10, Outcome::Settlement, b"{\"settlement\": 1}");
    shop.hears(&sale, &paid, Some(reported(Report::Settlement)));
    shop.hears(&sale, &Heard { heard_at: at(50), ..paid.clone() }, None);
    shop.hears(&sale, &Heard { heard_at: at(400), ..paid }, Some(reported(Report::Settlement)));
    let log = shop.ledger.log(sale.id).unwrap();
    let led_to: Vec<_> = shop.exchanges().iter().map(|row| (row.led_to, row.times)).collect();
    assert_eq!(led_to, [(Some(log[3].seq), 2), (Some(log[4].seq), 1)]);
}

#[test]
fn a_page_that_is_never_the_same_twice_does_not_fill_the_disk() {
    let shop = Shop::open();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    for n in 0..500 {
        let page = format!("<html>{n}{}", " ".repeat(256 * 1024));
        shop.hears(&sale, &heard(n, Outcome::Nonsense, page.as_bytes()), None);
        shop.hears(&sale, &heard(n, Outcome::NotReached, b""), None);
    }
    let rows = shop.exchanges();
    let bytes: usize = rows.iter().filter_map(|row| row.body.as_ref()).map(Vec::len).sum();
    assert!(rows.len() < 30 && bytes <= 20 * 16 * 1024, "{} rows, {bytes} bytes", rows.len());
    assert_eq!(rows.iter().map(|row| row.times).sum::<u32>(), 1_000, "what is not kept is counted");
    assert!(rows[0].body.as_ref().unwrap().starts_with(b"<html>0 "));
    assert_eq!(rows[0].length, 256 * 1024 + 7, "and how long it was is said");
    let settled = heard(9_000, Outcome::Settlement, b"{\"settlement\": 1}");
    shop.hears(&sale, &settled, Some(reported(Report::Settlement)));
    let last = shop.exchanges().pop().unwrap();
    assert_eq!(last.body, Some(settled.body), "the answer that counts is kept however many came before");
}

#[test]
fn a_notification_names_the_entry_it_became() {
    let shop = Shop::open();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    let letter = letter(order_id(1), Report::Settlement);
    shop.ledger.receive(b"waits", &letter, Seal::Unverified, at(8)).unwrap();
    assert_eq!(shop.ledger.unverified().unwrap()[0].entry, None);
    shop.ledger.receive(b"now", &letter, Seal::Genuine, at(9)).unwrap();
    let waiting = shop.ledger.unverified().unwrap().remove(0);
    shop.ledger.take_up(&waiting, Some(&letter), at(10)).unwrap();
    shop.ledger.quarantine(format!("{{\"order_id\": \"{}\"}}", order_id(1)).as_bytes(), at(11)).unwrap();
    shop.ledger.quarantine(b"\xff about nothing", at(12)).unwrap();
    let log = shop.ledger.log(sale.id).unwrap();
    let all = shop.ledger.everything_about(order_id(1), 10).unwrap();
    let entries: Vec<_> = all.stored.iter().map(|stored| (stored.body.clone(), stored.entry)).collect();
    assert_eq!(entries, [(b"waits".to_vec(), Some(log[4].seq)), (b"now".to_vec(), Some(log[3].seq))]);
    assert_eq!((all.stored_count, all.strange_count, all.strange[0].received_at), (2, 1, at(11)));
    let first = shop.ledger.everything_about(order_id(1), 1).unwrap();
    assert_eq!((first.stored.len(), first.stored_count), (1, 2), "in bounds, and it says so");
}

#[test]
fn only_a_genuine_notification_shows_that_they_arrive() {
    let shop = Shop::open();
    let stranger = letter(order_id_of_nobody(), Report::Settlement);
    shop.ledger.quarantine(b"forged", at(5)).unwrap();
    shop.ledger.receive(b"waits", &stranger, Seal::Unverified, at(6)).unwrap();
    assert_eq!(shop.ledger.last_notified().unwrap(), None);
    shop.ledger.receive(b"one", &stranger, Seal::Genuine, at(7)).unwrap();
    shop.ledger.receive(b"one", &stranger, Seal::Genuine, at(8)).unwrap();
    assert_eq!(shop.ledger.last_notified().unwrap(), Some(at(7)), "and the same bytes again show nothing");
}

#[test]
fn a_ledger_says_from_when_on_it_kept_answers() {
    let shop = Shop::open();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    assert_eq!(shop.ledger.exchanges_begin_after().unwrap(), None, "a new one has kept them all");
    let body = format!("{{\"order_id\": \"{}\"}}", order_id(1)).into_bytes();
    shop.ledger.receive(&body, &letter(order_id(1), Report::Settlement), Seal::Genuine, at(9)).unwrap();

    as_an_older_gerai_left_it(&shop);
    let folder = Folder::at(shop.folder.path());
    let door = || Ledger::open(&folder, Environment::Training, Some(Binding::Loopback), Door::Desk, [0; 4]).unwrap();
    let ledger = door();
    assert_eq!(ledger.exchanges_begin_after().unwrap(), Some((4, None)));
    assert_eq!(ledger.exchanges(order_id(1)).unwrap(), []);
    assert_eq!(ledger.notifications(order_id(1)).unwrap()[0].entry, Some(4), "it was written down at the same moment");
    ledger.write(sale.id, till::From::Cashier, at(20), |_| vec![(Some(order_id(1)), Event::CancelAsked)]).unwrap();
    assert_eq!(door().exchanges_begin_after().unwrap(), Some((4, Some(at(20)))));
}

/// Undoes what the second schema brought.
fn as_an_older_gerai_left_it(shop: &Shop) {
    let raw = shop.raw();
    raw.execute_batch(
        "DROP TABLE exchanges; DROP TABLE matters; DROP TABLE strays; DROP TABLE chain;
         DROP TABLE closed_payments; DROP TABLE closings; DROP TABLE feed; DROP TABLE others; DROP TABLE papers;
         ALTER TABLE inbox DROP COLUMN entry; ALTER TABLE inbox DROP COLUMN seq;
         DELETE FROM kept WHERE key LIKE '%_after';",
    )
    .unwrap();
    raw.pragma_update(None, "user_version", 1).unwrap();
}

fn order_id_of_nobody() -> OrderId {
    order_id(999)
}
