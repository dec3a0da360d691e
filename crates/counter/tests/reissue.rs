//! A sale may get a new code, and never has two that can be paid.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod shop;

use ledger::{List, Query};
use serde_json::{Value, json};
use shop::{Shop, code};
use till::{Concern, Draft, DraftItem, Event, From, Report, Sale, State, Store};

impl Shop {
    async fn reissue(&self, sale: &Sale, store: Store) -> Result<Sale, counter::Problem> {
        self.counter.reissue(sale.id.as_str(), store, From::Cashier).await
    }

    /// How the transactions stand at Midtrans, in the order in which they were made.
    async fn held(&self) -> Vec<String> {
        let held = self.transactions().await;
        held.iter().rev().map(|one| one["status"].as_str().unwrap().to_owned()).collect()
    }

    /// A customer pays the code that was replaced.
    async fn pays_the_old(&self, sale: &Sale) {
        let old = sale.attempts[0].order_id;
        self.happens_with("pay", sale, json!({ "order_id": old.as_str(), "after_closing": true })).await;
    }

    /// Waits until Midtrans has been asked this.
    async fn asked(&self, method: &str, end: &str) {
        let has = |requests: Value| {
            let requests = requests["requests"].as_array().unwrap().clone();
            requests.iter().any(|one| one["method"] == method && one["path"].as_str().unwrap().ends_with(end))
        };
        while !has(self.control("requests", Value::Null).await) {
            tokio::task::yield_now().await;
        }
    }

    fn now(&self, sale: &Sale) -> Sale {
        self.counter.find(sale.id.as_str()).unwrap()
    }
}

#[tokio::test]
async fn a_customer_who_stands_before_the_other_store_gets_a_code_for_it_and_the_old_one_is_dead() {
    let shop = Shop::open().await;
    let draft = Draft {
        items: vec![DraftItem { name: "Kopi".into(), price: "22000".into(), quantity: "2".into() }],
        customer: "Sari".into(),
        ..Draft::empty(Store::Indomaret)
    };
    let sale = shop.counter.charge(shop.counter.draw_sale_id(), &draft, From::Cashier).await.unwrap();
    let anew = shop.reissue(&sale, Store::Alfamart).await.unwrap();
    assert_eq!((anew.state(), anew.attempts.len()), (State::Pending, 2));
    assert_eq!(anew.attempt().unwrap().store, Store::Alfamart);
    assert_eq!(shop.held().await, ["cancel", "pending"]);
    let held = shop.transactions().await;
    assert_eq!((&held[0]["store"], &held[0]["payment_code"]), (&json!("alfamart"), &json!(code(&anew))));
    let [first, second] = <[String; 2]>::try_from(shop.charges().await).unwrap();
    let body = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    for same in ["item_details", "customer_details", "custom_expiry"] {
        assert_eq!(body(&first)[same], body(&second)[same], "{same}");
    }
    assert_eq!(
        body(&first)["transaction_details"]["gross_amount"],
        body(&second)["transaction_details"]["gross_amount"]
    );

    let rows = shop.counter.today().unwrap().rows;
    assert_eq!(rows.len(), 1, "it is still one order");
    assert_eq!((rows[0].store, rows[0].payment_code.clone()), (Store::Alfamart, Some(code(&anew))));
    let by_old_code = Query { search: code(&sale), ..Query::newest(List::All, 9, shop.counter.long_unknown()) };
    assert_eq!(shop.ledger().page(&by_old_code).unwrap().sum.count, 1, "the old slip still finds its order");
    assert_eq!(shop.ledger().audit().unwrap(), []);

    shop.happens("pay", &anew).await;
    assert_eq!(shop.counter.check(sale.id.as_str()).await.unwrap().state(), State::Paid);
    let today = shop.counter.today().unwrap();
    assert_eq!((today.paid.count, today.paid.amount, today.attention.count), (1, 44_000, 0));
}

#[tokio::test]
async fn an_expired_code_is_made_new_at_the_same_store() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Indomaret).await;
    shop.happens("expire", &sale).await;
    let sale = shop.counter.check(sale.id.as_str()).await.unwrap();
    assert_eq!(sale.state(), State::Expired);
    let anew = shop.reissue(&sale, Store::Indomaret).await.unwrap();
    assert_eq!((anew.state(), shop.held().await), (State::Pending, vec!["expire".into(), "pending".into()]));
    assert_ne!(code(&anew), code(&sale));
}

#[tokio::test]
async fn a_store_that_does_not_take_the_amount_is_refused_before_anything_is_closed() {
    let shop = Shop::open().await;
    let sale = shop.try_charge("5000", Store::Alfamart).await.unwrap();
    let problem = shop.reissue(&sale, Store::Indomaret).await.unwrap_err();
    assert_eq!((problem.code, problem.field), ("amount_below", Some("amount")));
    assert_eq!(shop.now(&sale), sale, "the old code still stands");
    assert_eq!(shop.held().await, ["pending"]);
}

#[tokio::test]
async fn a_code_that_was_paid_in_the_meantime_is_paid_and_no_new_one_is_made() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Alfamart).await;
    shop.happens("pay", &sale).await;
    assert_eq!(shop.reissue(&sale, Store::Indomaret).await.unwrap_err().code, "already_paid");
    assert_eq!((shop.now(&sale).state(), shop.held().await), (State::Paid, vec!["settlement".into()]));
    assert_eq!(shop.reissue(&sale, Store::Indomaret).await.unwrap_err().code, "already_paid");
}

#[tokio::test]
async fn a_dead_code_that_a_late_request_has_made_once_more_holds_the_new_one_back() {
    let shop = Shop::open().await;
    shop.fault("charge", "drop_after", 1, json!({})).await;
    let sale = shop.charge(Store::Indomaret).await;
    assert_eq!(shop.reissue(&sale, Store::Alfamart).await.unwrap_err().code, "request_under_way");
    assert_eq!(shop.held().await, ["cancel"]);
    let [sent] = shop.charges().await.try_into().unwrap();
    shop.arrives_late(&sent).await;
    shop.our_clock_jumps(shop.counter.pace().under_way);
    assert_eq!(shop.reissue(&sale, Store::Alfamart).await.unwrap_err().code, "cannot_reissue");
    assert_eq!(shop.held().await, ["cancel", "pending"], "it lives again, and no other code beside it");
}

#[tokio::test]
async fn whatever_answer_is_lost_there_is_one_code_in_the_end() {
    for (on, kind) in [
        ("charge", "drop_after"),
        ("charge", "drop_before"),
        ("cancel", "drop_after"),
        ("cancel", "drop_before"),
        ("status", "drop_after"),
    ] {
        let shop = Shop::open().await;
        if on == "charge" {
            shop.fault(on, kind, 1, json!({})).await;
        }
        let sale = shop.charge(Store::Indomaret).await;
        if on != "charge" {
            shop.fault(on, kind, 1, json!({})).await;
        }
        let mut anew = shop.reissue(&sale, Store::Alfamart).await;
        if anew.as_ref().is_err_and(|problem| problem.code == "not_closed_yet") {
            anew = shop.reissue(&sale, Store::Alfamart).await;
        }
        if anew.as_ref().is_err_and(|problem| problem.code == "request_under_way") {
            assert_eq!(shop.held().await, ["cancel"], "the old code is closed meanwhile");
            shop.our_clock_jumps(shop.counter.pace().under_way);
            anew = shop.reissue(&sale, Store::Alfamart).await;
        }
        let held = shop.held().await;
        let open = held.iter().filter(|status| *status == "pending").count();
        if (on, kind) == ("charge", "drop_before") {
            // Midtrans never had the first one. Nobody can know that for certain, so there is no second.
            // Whether it is still asked about or already given up by now, the cashier is told no.
            assert!(anew.is_err() && open == 0);
            let sale = shop.until(&sale, State::Abandoned).await;
            assert_eq!(shop.reissue(&sale, Store::Alfamart).await.unwrap_err().code, "cannot_reissue");
            continue;
        }
        assert_eq!(anew.unwrap().state(), State::Pending, "{on} {kind}");
        assert_eq!(held, ["cancel", "pending"], "{on} {kind}");
    }
}

#[tokio::test]
async fn while_midtrans_is_away_there_is_no_new_code_and_later_there_is_one_for_whoever_presses_again() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Indomaret).await;
    shop.fault("any", "drop_before", 9_999, json!({})).await;
    assert_eq!(shop.reissue(&sale, Store::Alfamart).await.unwrap_err().code, "not_closed_yet");
    assert_eq!(shop.now(&sale).attempts.len(), 1);
    shop.heal().await;
    let cancelled = shop.until(&sale, State::Cancelled).await;
    assert_eq!((cancelled.attempts.len(), shop.held().await.len()), (1, 1), "nothing is made anew by itself");
    assert_eq!(shop.reissue(&sale, Store::Alfamart).await.unwrap().state(), State::Pending);
    assert_eq!(shop.held().await, ["cancel", "pending"]);
}

#[tokio::test]
async fn a_store_that_is_not_activated_is_replaced_by_the_other() {
    let shop = Shop::open().await;
    shop.control("stores", json!({ "store": "alfamart", "active": false })).await;
    let sale = shop.charge(Store::Alfamart).await;
    assert_eq!(sale.state(), State::Refused);
    let anew = shop.reissue(&sale, Store::Indomaret).await.unwrap();
    assert_eq!((anew.state(), shop.held().await), (State::Pending, vec!["pending".into()]));
}

#[tokio::test]
async fn a_notification_that_crosses_the_look_up_is_answered_before_a_new_code_is_made() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Indomaret).await;
    shop.fault("status", "delay", 1, json!({ "ms": 300 })).await;
    let (counter, id) = (shop.counter.clone(), sale.id);
    let pressed = tokio::spawn(async move { counter.reissue(id.as_str(), Store::Alfamart, From::Cashier).await });
    shop.asked("GET", "/status").await;
    let hint = Event::Hinted { report: Report::Cancel, fits: true };
    let old = sale.attempts[0].order_id;
    shop.ledger().write(sale.id, From::Relay, shop.counter.now(), |_| vec![(Some(old), hint)]).unwrap();
    let anew = pressed.await.unwrap().unwrap();
    assert_eq!(anew.state(), State::Pending);
    assert_eq!(anew.attempts[0].question, None, "Midtrans was asked once more");
}

#[tokio::test]
async fn the_old_code_paid_after_closing_takes_the_new_one_away_and_goes_to_the_owner() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Alfamart).await;
    let sale = shop.reissue(&sale, Store::Indomaret).await.unwrap();
    shop.pays_the_old(&sale).await;
    // No notification comes; a code that was replaced is looked at all the same.
    let found = shop.until(&sale, State::PaidLate).await;
    assert_eq!(found.attempt().unwrap().order_id, sale.attempts[0].order_id, "what is shown is what was paid");
    assert_eq!(shop.counter.card(&found).unwrap().qr, None, "nobody is shown a code to pay");
    let closed = || (!shop.now(&sale).attempts[1].is_live()).then_some(());
    shop.found(closed).await.expect("the new code is taken away");
    assert_eq!(shop.held().await, ["settlement", "cancel"], "one sale is paid once");
    let sale = shop.now(&sale);
    assert_eq!(sale.state(), State::PaidLate);
    assert_eq!(sale.open_concerns(), [(sale.attempts[0].order_id, Concern::PaidAfterClosing)]);
    let today = shop.counter.today().unwrap();
    assert_eq!((today.rows.len(), today.paid.count, today.waiting.count, today.attention.count), (1, 0, 0, 1));
    assert_eq!(shop.reissue(&sale, Store::Indomaret).await.unwrap_err().code, "already_paid");
    assert_eq!(shop.ledger().audit().unwrap(), []);
}

#[tokio::test]
async fn a_customer_who_shows_the_receipt_of_the_old_code_is_believed_at_once() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Alfamart).await;
    let sale = shop.reissue(&sale, Store::Indomaret).await.unwrap();
    shop.pays_the_old(&sale).await;
    let checked = shop.counter.check(sale.number.as_str()).await.unwrap();
    assert_eq!(checked.state(), State::PaidLate);
}

#[tokio::test]
async fn both_codes_paid_are_one_sale_in_the_takings_and_one_matter_for_the_owner() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Alfamart).await;
    let sale = shop.reissue(&sale, Store::Alfamart).await.unwrap();
    shop.happens("pay", &sale).await;
    shop.pays_the_old(&sale).await;
    let sale = shop.counter.check(sale.id.as_str()).await.unwrap();
    assert_eq!(sale.state(), State::Paid);
    assert_eq!(sale.open_concerns(), [(sale.attempts[0].order_id, Concern::PaidTwice)]);
    let today = shop.counter.today().unwrap();
    assert_eq!((today.paid.count, today.paid.amount, today.attention.count), (1, 44_000, 1));
}

#[tokio::test]
async fn two_presses_in_two_programs_make_one_new_code() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Indomaret).await;
    // As the window presses: it names the very code it shows.
    let (meant, second) = (sale.attempts[0].order_id.to_string(), shop.second());
    let press = |counter: std::sync::Arc<counter::Counter>| {
        let meant = meant.clone();
        async move { counter.reissue(&meant, Store::Alfamart, From::Cashier).await }
    };
    let (one, other) = tokio::join!(press(shop.counter.clone()), press(second.clone()));
    let third = press(second).await.unwrap();
    for pressed in [one.unwrap(), other.unwrap(), third] {
        assert_eq!(pressed.attempts.len(), 2);
        assert_eq!(pressed.attempts[1].order_id, shop.now(&sale).attempts[1].order_id);
    }
    assert_eq!(shop.held().await, ["cancel", "pending"]);
    assert_eq!(shop.charges().await.len(), 2);
    assert_eq!(code(&shop.now(&sale)), shop.transactions().await[0]["payment_code"]);
}

/// Where the program may die between the press and the new code.
#[derive(Clone, Copy, Debug)]
enum Dies {
    BeforeMidtransCancels,
    BeforeItHearsOfTheCancel,
    WhileItAsks,
    BeforeMidtransMakesTheNew,
    BeforeItHearsOfTheNew,
}

#[tokio::test]
async fn wherever_the_program_dies_there_is_one_payable_code_at_the_most_and_nothing_is_stuck() {
    use Dies::*;
    for dies in
        [BeforeMidtransCancels, BeforeItHearsOfTheCancel, WhileItAsks, BeforeMidtransMakesTheNew, BeforeItHearsOfTheNew]
    {
        let mut shop = Shop::open().await;
        let sale = shop.charge(Store::Indomaret).await;
        let (on, before) = match dies {
            BeforeMidtransCancels => ("cancel", true),
            BeforeItHearsOfTheCancel => ("cancel", false),
            WhileItAsks => ("status", true),
            BeforeMidtransMakesTheNew => ("charge", true),
            BeforeItHearsOfTheNew => ("charge", false),
        };
        shop.fault(on, "delay", 1, json!({ "ms": 60_000, "before": before })).await;
        let (counter, id) = (shop.counter.clone(), sale.id);
        let pressed = tokio::spawn(async move { counter.reissue(id.as_str(), Store::Alfamart, From::Cashier).await });
        loop {
            let there = match dies {
                BeforeMidtransCancels => shop.now(&sale).attempts[0].cancel_asked.is_some(),
                BeforeItHearsOfTheCancel => shop.held().await == ["cancel"],
                WhileItAsks => shop.now(&sale).state() == State::Cancelled,
                BeforeMidtransMakesTheNew => shop.now(&sale).attempts.len() == 2,
                BeforeItHearsOfTheNew => shop.held().await == ["cancel", "pending"],
            };
            if there {
                break;
            }
            tokio::task::yield_now().await;
        }
        pressed.abort();
        let _ = pressed.await;
        shop.heal().await;
        shop.restart();
        let made = matches!(dies, BeforeMidtransMakesTheNew | BeforeItHearsOfTheNew);
        let after = shop.until(&sale, if made { State::Pending } else { State::Cancelled }).await;
        assert_eq!(after.attempts.len(), if made { 2 } else { 1 }, "{dies:?}: nothing is made anew by itself");
        let sale = if made { after } else { shop.reissue(&after, Store::Alfamart).await.unwrap() };
        assert_eq!(shop.held().await, ["cancel", "pending"], "{dies:?}");
        assert_eq!(shop.transactions().await[0]["payment_code"], code(&sale), "{dies:?}");
    }
}
