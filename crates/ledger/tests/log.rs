//! What is written down stays written down, and the lists are what it says.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use ledger::{List, NewCode, NewSale, Query, Reissued, Row, Trouble};
use proptest::prelude::*;
use shop::*;
use till::{Event, From, OrderId, Pace, Refusal, Report, Reported, Sale, State, Store, Time, Unclear};

#[test]
fn the_log_cannot_be_edited_or_cut_not_even_by_hand() {
    let shop = Shop::open();
    let sale = shop.intend(1);
    let raw = shop.raw();
    for sql in [
        "UPDATE log SET event = '{}'",
        "UPDATE log SET at = 0 WHERE seq = 1",
        "DELETE FROM log",
        "DELETE FROM log WHERE seq = 2",
    ] {
        let refused = raw.execute(sql, []).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
    assert_eq!(shop.ledger.log(sale.id).unwrap().len(), 2);
}

#[test]
fn an_order_and_its_intent_are_written_down_together() {
    let shop = Shop::open();
    let sale = shop.intend(1);
    let log = shop.ledger.log(sale.id).unwrap();
    assert!(matches!(log[0].event, Event::Ordered { .. }) && log[0].attempt.is_none());
    assert_eq!(log[1].event, Event::Intended { request: r#"{"order":1}"#.into(), store: None, notify: None });
    assert_eq!(log[1].attempt, Some(order_id(1)));
    assert_eq!((log[0].from, log[0].at, log[0].sale), (From::Cashier, at(1), sale_id(1)));
    assert_eq!(sale.state(), State::Intent);
    assert_eq!(shop.again().sale(sale.id).unwrap(), Some(sale), "and another program reads the same");
}

#[test]
fn a_number_is_given_once() {
    let shop = Shop::open();
    shop.intend(1);
    let taken = NewSale { number: number(1), ..new_sale(2) };
    assert!(matches!(shop.ledger.intend(&taken, From::Cashier, at(2)), Err(Trouble::NumberTaken)));
    assert_eq!(shop.count("log"), 2, "nothing of it is kept");
}

#[test]
fn the_same_order_again_is_one_order() {
    let shop = Shop::open();
    shop.intend(1);
    let pressed_twice = NewSale { number: number(2), order_id: order_id(2), ..new_sale(1) };
    assert!(matches!(shop.ledger.intend(&pressed_twice, From::Cashier, at(2)), Err(Trouble::AlreadyThere)));
    assert_eq!((shop.count("log"), shop.count("attempts")), (2, 1));
}

#[test]
fn an_order_id_belongs_to_one_order_for_ever() {
    let shop = Shop::open();
    let first = shop.sale(1, [reported(Report::Expire)]);
    let reused = NewSale { order_id: order_id(1), ..new_sale(2) };
    assert!(shop.ledger.intend(&reused, From::Cashier, at(2)).is_err());
    assert_eq!((shop.count("log"), shop.count("sales")), (3, 1), "nothing of it is kept");
    assert_eq!(shop.ledger.find(order_id(1).as_str()).unwrap().unwrap().id, first.id);
}

#[test]
fn a_sale_has_one_live_attempt_and_the_database_sees_to_it() {
    let shop = Shop::open();
    let sale = shop.intend(1);
    let second = |n| (Some(order_id(n)), Event::Intended { request: "{}".into(), store: None, notify: None });
    let refused = shop.ledger.write(sale.id, From::Desk, at(2), |_| vec![second(2)]);
    assert!(matches!(refused, Err(Trouble::Sqlite(_))), "{refused:?}");
    assert_eq!((shop.count("log"), shop.count("attempts")), (2, 1), "nothing of it is kept");
    let expired = shop.happens(&sale, reported(Report::Expire)).unwrap();
    assert_eq!(expired.state(), State::Expired);
    let sale = shop.ledger.write(sale.id, From::Desk, at(3), |_| vec![second(2)]).unwrap();
    assert_eq!((sale.attempts.len(), sale.state()), (2, State::Intent), "a closed one makes room for the next");
}

/// The column as an older Gerai filled it, and as this one does.
#[test]
fn an_intent_names_its_address_and_one_of_an_older_gerai_is_written_as_it_was() {
    let old = r#"{"kind":"intended","request":"{}"}"#;
    let read: Event = serde_json::from_str(old).unwrap();
    assert_eq!(read, Event::Intended { request: "{}".into(), store: None, notify: None });
    assert_eq!(serde_json::to_string(&read).unwrap(), old);

    let shop = Shop::open();
    let address = Some("https://relay.example/n/abc".to_owned());
    shop.ledger.intend(&NewSale { notify: address.clone(), ..new_sale(1) }, From::Cashier, at(1)).unwrap();
    let sale = shop.again().sale(sale_id(1)).unwrap().unwrap();
    assert_eq!(sale.attempts[0].notify, address);
}

fn new_code(sale: &Sale, instead_of: OrderId, n: u32) -> NewCode {
    NewCode {
        sale: sale.id,
        instead_of,
        order_id: order_id(n),
        store: Store::Alfamart,
        request: format!("{{{n}}}"),
        notify: None,
    }
}

#[test]
fn a_new_code_is_written_down_once_the_old_one_is_known_to_be_dead_and_not_before() {
    let shop = Shop::open();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    let new = new_code(&sale, order_id(1), 2);
    let reissue = |new: &NewCode| shop.ledger.reissue(new, From::Cashier, at(2_000), &Pace::SHOP).unwrap();
    assert_eq!(reissue(&new), Reissued::NotYet(sale.clone()));
    assert_eq!((shop.count("log"), shop.count("attempts")), (3, 1), "nothing of it is kept");
    shop.happens(&sale, reported(Report::Expire)).unwrap();
    let Reissued::Made(made) = reissue(&new) else { panic!("the old one is dead") };
    let second = made.attempt_of(order_id(2)).unwrap();
    assert_eq!((second.store, second.request.as_str()), (Store::Alfamart, "{2}"));
    assert_eq!((made.state(), made.attempt().unwrap().order_id), (State::Intent, order_id(2)));
    assert_eq!(shop.ledger.audit().unwrap(), []);
    // Whoever pressed at the same time meant the code that is replaced by now.
    assert_eq!(reissue(&new_code(&sale, order_id(1), 3)), Reissued::Before(made.clone()));
    assert_eq!(reissue(&new_code(&sale, order_id(2), 3)), Reissued::NotYet(made));
    assert_eq!(shop.count("attempts"), 2);
}

#[test]
fn an_id_that_was_ever_used_is_never_a_new_code() {
    let shop = Shop::open();
    shop.intend(2);
    let sale = shop.sale(1, [reported(Report::Pending), reported(Report::Expire)]);
    let foreign = shop.ledger.reissue(&new_code(&sale, order_id(1), 2), From::Cashier, at(2_000), &Pace::SHOP);
    assert!(matches!(foreign, Err(Trouble::Row(_))), "{foreign:?}");
    let own = shop.ledger.reissue(&new_code(&sale, order_id(1), 1), From::Cashier, at(2_000), &Pace::SHOP);
    assert!(matches!(own, Err(Trouble::Row(_))), "{own:?}");
}

#[test]
fn no_second_live_attempt_gets_in_by_hand_either() {
    let shop = Shop::open();
    let sale = shop.intend(1);
    let insert = "INSERT INTO attempts (order_id, sale, live, watched) VALUES ('X', ?1, 1, 2)";
    let refused = shop.raw().execute(insert, [sale.id.as_str()]).unwrap_err().to_string();
    assert!(refused.contains("UNIQUE"), "{refused}");
}

#[test]
fn deciding_nothing_writes_nothing() {
    let shop = Shop::open();
    let sale = shop.intend(1);
    let before = shop.ledger.head().unwrap();
    assert_eq!(shop.ledger.write(sale.id, From::Desk, at(2), |_| vec![]).unwrap(), sale);
    assert_eq!(shop.ledger.head().unwrap(), before);
}

#[test]
fn nothing_can_be_written_about_a_sale_that_is_not_there() {
    let shop = Shop::open();
    let refused = shop.ledger.write(sale_id(1), From::Desk, at(2), |_| vec![(None, Event::CancelAsked)]);
    assert!(matches!(refused, Err(Trouble::NoSuchSale)));
    assert_eq!(shop.count("log"), 0);
}

#[test]
fn what_somebody_decides_rests_on_the_sale_as_it_stands() {
    let shop = Shop::open();
    let sale = shop.intend(1);
    shop.again()
        .write(sale.id, From::Geraictl, at(2), |_| vec![(Some(order_id(1)), reported(Report::Pending))])
        .unwrap();
    shop.ledger
        .write(sale.id, From::Desk, at(3), |standing| {
            assert_eq!(standing.state(), State::Pending, "not as we last saw it");
            vec![]
        })
        .unwrap();
}

#[test]
fn the_head_of_the_log_is_its_last_entry() {
    let shop = Shop::open();
    assert_eq!(shop.ledger.head().unwrap(), 0);
    let sale = shop.intend(1);
    assert_eq!(shop.ledger.head().unwrap(), shop.ledger.log(sale.id).unwrap()[1].seq);
}

#[test]
fn everybody_notices_that_something_was_written() {
    let shop = Shop::open();
    let other = shop.again();
    let (ours, theirs) = (shop.ledger.version().unwrap(), other.version().unwrap());
    shop.ledger.page(&Query::newest(List::All, 10, at(0))).unwrap();
    assert_eq!((shop.ledger.version().unwrap(), other.version().unwrap()), (ours, theirs), "reading is no news");
    shop.intend(1);
    assert_ne!(shop.ledger.version().unwrap(), ours);
    assert_ne!(other.version().unwrap(), theirs);
}

#[test]
fn a_word_that_nobody_of_us_wrote_is_an_error_and_no_guess() {
    let shop = Shop::open();
    let sale = shop.intend(1);
    let insert =
        "INSERT INTO log (at, sale, attempt, \"from\", event) VALUES (1, ?1, ?2, '\"desk\"', '{\"kind\":\"blessed\"}')";
    shop.raw().execute(insert, [sale.id.as_str(), order_id(1).as_str()]).unwrap();
    assert!(shop.ledger.sale(sale.id).is_err());
    assert!(shop.happens(&sale, reported(Report::Settlement)).is_err());
}

#[test]
fn a_row_that_was_changed_by_hand_is_named_and_mended() {
    let shop = Shop::open();
    shop.sale(1, [reported(Report::Pending)]);
    let cheated = shop.sale(2, [reported(Report::Pending)]);
    let right = shop.projection();
    for sql in [
        "UPDATE sales SET state = 'paid' WHERE id = ?1",
        "UPDATE sales SET amount = 1 WHERE id = ?1",
        "UPDATE sales SET payment_code = '1' WHERE id = ?1",
        "UPDATE sales SET handed_over_at = 1 WHERE id = ?1",
        "UPDATE attempts SET watched = 0 WHERE sale = ?1",
        "UPDATE attempts SET live = 0 WHERE sale = ?1",
        "DELETE FROM attempts WHERE sale = ?1",
        "UPDATE sales SET words = '' WHERE id = ?1",
    ] {
        shop.raw().execute(sql, [cheated.id.as_str()]).unwrap();
        let differences = shop.ledger.audit().unwrap();
        assert_eq!(differences.iter().map(|it| it.sale).collect::<Vec<_>>(), [cheated.id], "{sql}");
        shop.ledger.rebuild().unwrap();
        assert_eq!(shop.projection(), right, "{sql}");
        assert_eq!(shop.ledger.audit().unwrap(), []);
    }
}

#[test]
fn the_difference_shows_both_sides() {
    let shop = Shop::open();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    shop.raw().execute("UPDATE sales SET state = 'paid'", []).unwrap();
    let difference = shop.ledger.audit().unwrap().remove(0);
    assert_eq!(difference.shown.unwrap().state, State::Paid);
    assert_eq!(difference.logged, Some(Row::of(&sale)));
}

#[test]
fn a_row_that_was_taken_out_is_named_and_mended() {
    let shop = Shop::open();
    shop.sale(1, [reported(Report::Settlement)]);
    let right = shop.projection();
    shop.raw().execute_batch("DELETE FROM attempts; DELETE FROM sales;").unwrap();
    let difference = shop.ledger.audit().unwrap().remove(0);
    assert_eq!((difference.sale, difference.shown), (sale_id(1), None));
    shop.ledger.rebuild().unwrap();
    assert_eq!(shop.projection(), right);
}

#[test]
fn a_row_that_nothing_in_the_log_explains_is_named_and_taken_out() {
    let shop = Shop::open();
    shop.sale(1, [reported(Report::Settlement)]);
    let right = shop.projection();
    let copy =
        "CREATE TEMP TABLE forged AS SELECT * FROM sales; UPDATE forged SET id = '000000000zzz', number = 'ZZZZ';
                INSERT INTO sales SELECT * FROM forged;";
    shop.raw().execute_batch(copy).unwrap();
    let difference = shop.ledger.audit().unwrap().remove(0);
    assert_eq!((difference.sale.as_str(), difference.logged), ("000000000zzz", None));
    shop.ledger.rebuild().unwrap();
    assert_eq!(shop.projection(), right);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_lists_are_what_the_log_says_whatever_happens(happenings in prop::collection::vec((0_u32..3, happening()), 0..24)) {
        let shop = Shop::open();
        let mut sales: Vec<Sale> = (0..3).map(|n| shop.intend(n)).collect();
        for (n, (sale, happening)) in happenings.into_iter().enumerate() {
            let sale = &mut sales[sale as usize];
            let before = shop.ledger.log(sale.id).unwrap().len();
            let (attempt, event) = happening.of(sale, n as u32);
            match shop.ledger.write(sale.id, From::Desk, at(100 + n as u32), |_| vec![(attempt, event)]) {
                Ok(written) => *sale = written,
                Err(_) => prop_assert_eq!(shop.ledger.log(sale.id).unwrap().len(), before, "refused means not written"),
            }
        }
        prop_assert_eq!(shop.ledger.audit().unwrap(), vec![]);
        let page = shop.ledger.page(&Query::newest(List::All, 10, at(0))).unwrap();
        for sale in &sales {
            let stored = shop.ledger.sale(sale.id).unwrap();
            prop_assert_eq!(stored.as_ref(), Some(sale));
            prop_assert!(page.rows.contains(&Row::of(sale)));
            prop_assert!(sale.attempts.iter().filter(|attempt| attempt.is_live()).count() <= 1);
        }
        let projected = shop.projection();
        shop.ledger.rebuild().unwrap();
        prop_assert_eq!(shop.projection(), projected);
    }
}

/// Something that may happen to a sale, probable or not.
#[derive(Clone, Debug)]
enum Happening {
    ToItsAttempt(Event),
    AnotherAttempt,
    HandedOver,
}

impl Happening {
    fn of(self, sale: &Sale, n: u32) -> (Option<OrderId>, Event) {
        match self {
            Self::ToItsAttempt(event) => (sale.attempt().map(|attempt| attempt.order_id), event),
            Self::AnotherAttempt => {
                (Some(order_id(1_000 + n)), Event::Intended { request: "{}".into(), store: None, notify: None })
            }
            Self::HandedOver => (None, Event::HandedOver { by: "Sari".into() }),
        }
    }
}

fn happening() -> impl Strategy<Value = Happening> {
    let report = prop_oneof![
        Just(Report::Pending),
        Just(Report::Settlement),
        Just(Report::Expire),
        Just(Report::Cancel),
        Just(Report::Deny),
        Just(Report::Failure),
        Just(Report::Other),
    ];
    let unclear = prop_oneof![Just(Unclear::TimedOut), Just(Unclear::NotReached), Just(Unclear::Duplicate)];
    let settled_at = prop::option::of((0_i64..1_000_000).prop_map(Time::from_millis));
    let told = (report.clone(), prop::option::of(43_999_u64..44_002), 0_i64..40, settled_at).prop_map(
        |(report, amount, asked_after, settled_at)| {
            let Event::Reported(usual) = reported(report) else { unreachable!() };
            Event::Reported(Reported { amount, asked_after, settled_at, ..usual })
        },
    );
    let event = prop_oneof![
        4 => told,
        2 => (report, any::<bool>()).prop_map(|(report, fits)| Event::Hinted { report, fits }),
        1 => unclear.prop_map(|why| Event::Unclear { why }),
        1 => Just(Event::SentAgain),
        1 => Just(Event::TryLater),
        1 => Just(Event::NotFound),
        1 => Just(Event::Refused { reason: Refusal::Invalid, said: vec!["no".into()] }),
        1 => Just(Event::CancelAsked),
        1 => Just(Event::ExpireAsked),
        1 => Just(Event::CannotChange),
        1 => Just(Event::Abandoned),
    ];
    prop_oneof![8 => event.prop_map(Happening::ToItsAttempt), 2 => Just(Happening::AnotherAttempt), 1 => Just(Happening::HandedOver)]
}
