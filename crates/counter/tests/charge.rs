//! For one press of the button there is at most one payable code, whatever breaks.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod shop;

use std::time::Duration;

use serde_json::json;
use shop::{Shop, code};
use till::{Draft, From, State, Store};

#[tokio::test]
async fn a_charge_gives_the_code_that_midtrans_holds() {
    let shop = Shop::open().await;
    for store in Store::ALL {
        let sale = shop.charge(store).await;
        assert_eq!(sale.state(), State::Pending);
        let held = shop.transactions().await;
        assert_eq!(held[0]["payment_code"], code(&sale));
        assert_eq!(held[0]["store"], store.word());
        assert_eq!(held[0]["amount"], 44_000);
    }
}

#[tokio::test]
async fn pressing_twice_makes_one_sale() {
    let shop = Shop::open().await;
    let draft = Draft { amount: "44000".into(), ..Draft::empty(Store::Indomaret) };
    let id = shop.counter.draw_sale_id();
    let press = || shop.counter.charge(id, &draft, From::Cashier);
    let (first, second) = tokio::join!(press(), press());
    assert_eq!((first.unwrap().id, second.unwrap().id), (id, id));
    assert_eq!(press().await.unwrap().id, id, "and after a restart the same draft is the same sale");
    assert_eq!(shop.charges().await.len(), 1);
}

#[tokio::test]
async fn a_lost_answer_is_found_again_by_a_look_up() {
    for (kind, more) in [
        ("drop_after", json!({})),
        ("cut_body", json!({ "bytes": 40 })),
        ("html", json!({ "status": 502, "create": true })),
        ("error", json!({ "status": 503, "create": true })),
        ("unexpected", json!({ "create": true })),
        ("wrong", json!({ "body": "" })),
        ("delay", json!({ "ms": 4000 })),
    ] {
        let shop = Shop::open().await;
        shop.fault("charge", kind, 1, more).await;
        let sale = shop.charge(Store::Indomaret).await;
        assert_eq!(sale.state(), State::Unknown, "{kind}");
        let sale = shop.settle(&sale).await;
        assert_eq!(sale.state(), State::Pending, "{kind}");
        assert_eq!(shop.transactions().await[0]["payment_code"], code(&sale), "{kind}");
        assert_eq!(shop.charges().await.len(), 1, "{kind}: what exists is not charged again");
    }
}

#[tokio::test]
async fn a_lost_request_is_sent_again_with_the_same_bytes() {
    for (kind, more) in
        [("drop_before", json!({})), ("html", json!({ "status": 403 })), ("error", json!({ "status": 500 }))]
    {
        let shop = Shop::open().await;
        shop.fault("charge", kind, 1, more).await;
        let sale = shop.settle(&shop.charge(Store::Alfamart).await).await;
        assert_eq!(sale.state(), State::Pending, "{kind}");
        let charges = shop.charges().await;
        assert_eq!(charges.len(), 2, "{kind}");
        assert_eq!(charges[0], charges[1], "{kind}");
        assert_eq!(shop.transactions().await.len(), 1, "{kind}");
        assert_eq!(sale.attempts.len(), 1, "{kind}");
    }
}

#[tokio::test]
async fn a_transaction_that_shows_up_late_is_adopted_and_not_doubled() {
    let shop = Shop::open().await;
    shop.control(
        "faults",
        json!([
            { "on": "charge", "kind": "lag", "times": 1, "seconds": 1 },
            { "on": "charge", "kind": "drop_after", "times": 1 },
        ]),
    )
    .await;
    // Three look-ups find nothing, the same bytes go again, and Midtrans says 406.
    let sale = shop.settle(&shop.charge(Store::Indomaret).await).await;
    assert_eq!(sale.state(), State::Pending);
    assert_eq!(shop.transactions().await.len(), 1);
    assert_eq!(shop.transactions().await[0]["payment_code"], code(&sale));
}

#[tokio::test]
async fn slowed_down_by_midtrans_the_same_bytes_go_again_after_a_pause() {
    let shop = Shop::open().await;
    shop.fault("charge", "error", 2, json!({ "status": 429 })).await;
    let sale = shop.charge(Store::Indomaret).await;
    assert_eq!(sale.state(), State::Intent);
    let sale = shop.settle(&sale).await;
    assert_eq!(sale.state(), State::Pending);
    assert_eq!(shop.charges().await.len(), 3);
}

#[tokio::test]
async fn slowed_down_by_midtrans_cancel_ends_it() {
    let shop = Shop::open().await;
    shop.fault("charge", "error", 9, json!({ "status": 429 })).await;
    let sale = shop.charge(Store::Indomaret).await;
    let sale = shop.counter.cancel(sale.number.as_str(), From::Cashier).await.unwrap();
    assert_eq!(sale.state(), State::Cancelled);
    assert_eq!(shop.transactions().await.len(), 0);
}

#[tokio::test]
async fn a_definite_no_creates_nothing_and_says_why() {
    let wrong_key = Shop::with_key("SB-Mid-server-another-key-000001").await;
    let sale = wrong_key.charge(Store::Indomaret).await;
    assert_eq!((sale.state(), sale.attempt().unwrap().problem), (State::Refused, Some(till::Problem::KeyRefused)));

    let shop = Shop::open().await;
    shop.control("stores", json!({ "store": "alfamart", "active": false })).await;
    let sale = shop.charge(Store::Alfamart).await;
    assert_eq!(
        (sale.state(), sale.attempt().unwrap().problem),
        (State::Refused, Some(till::Problem::ChannelNotActive))
    );
    assert_eq!(shop.charge(Store::Indomaret).await.state(), State::Pending, "the other store still works");
}

#[tokio::test]
async fn what_midtrans_would_refuse_for_form_is_never_sent() {
    let shop = Shop::open().await;
    for amount in ["", "0", "-44000", "44,000", "9999", "5000001", "1000000000000000"] {
        let problem = shop.try_charge(amount, Store::Indomaret).await.unwrap_err();
        assert_eq!(problem.field, Some("amount"), "{amount}");
    }
    assert_eq!(shop.charges().await.len(), 0);
    assert!(shop.counter.today().unwrap().rows.is_empty());
}

#[tokio::test]
async fn an_intent_whose_sender_died_before_sending_is_sent_once() {
    let mut shop = Shop::open().await;
    shop.fault("charge", "delay", 1, json!({ "ms": 60_000, "before": true })).await;
    let counter = shop.counter.clone();
    let draft = Draft { amount: "44000".into(), ..Draft::empty(Store::Indomaret) };
    let id = counter.draw_sale_id();
    let sending = tokio::spawn(async move { counter.charge(id, &draft, From::Cashier).await });
    while shop.counter.find(id.as_str()).is_err() {
        tokio::task::yield_now().await;
    }
    sending.abort();
    let _ = sending.await;
    shop.heal().await;
    shop.restart();
    let sale = shop.settle(&shop.counter.find(id.as_str()).unwrap()).await;
    assert_eq!(sale.state(), State::Pending);
    assert_eq!(shop.transactions().await.len(), 1);
}

#[tokio::test]
async fn an_answer_that_was_never_written_down_is_adopted_after_a_restart() {
    let mut shop = Shop::open().await;
    shop.fault("charge", "delay", 1, json!({ "ms": 60_000 })).await;
    let counter = shop.counter.clone();
    let draft = Draft { amount: "44000".into(), ..Draft::empty(Store::Indomaret) };
    let id = counter.draw_sale_id();
    let sending = tokio::spawn(async move { counter.charge(id, &draft, From::Cashier).await });
    while shop.transactions().await.is_empty() {
        tokio::task::yield_now().await;
    }
    sending.abort();
    let _ = sending.await;
    shop.heal().await;
    shop.restart();
    let sale = shop.settle(&shop.counter.find(id.as_str()).unwrap()).await;
    assert_eq!(shop.transactions().await[0]["payment_code"], code(&sale));
    assert_eq!(shop.charges().await.len(), 1);
}

#[tokio::test]
async fn after_ten_minutes_nothing_is_sent_again_by_itself() {
    let mut shop = Shop::open().await;
    shop.fault("charge", "drop_before", 1, json!({})).await;
    let sale = shop.charge(Store::Indomaret).await;
    shop.later(Duration::from_secs(11 * 60)).await;
    shop.restart();
    let sale = shop.settle(&sale).await;
    assert_eq!(sale.state(), State::Abandoned);
    assert_eq!(shop.charges().await.len(), 1);
    assert_eq!(shop.transactions().await.len(), 0);
}

#[tokio::test]
async fn what_was_given_up_and_surfaces_later_is_cancelled_at_midtrans() {
    let mut shop = Shop::open().await;
    shop.control(
        "faults",
        json!([
            { "on": "charge", "kind": "lag", "times": 1, "seconds": 3 },
            { "on": "charge", "kind": "drop_after", "times": 1 },
        ]),
    )
    .await;
    let sale = shop.charge(Store::Indomaret).await;
    shop.our_clock_jumps(Duration::from_secs(11 * 60));
    shop.restart();
    let sale = shop.settle(&sale).await;
    assert_eq!(sale.state(), State::Abandoned);
    let sale = shop.until(&sale, State::Cancelled).await;
    assert_eq!(shop.transactions().await[0]["status"], "cancel");
    assert!(!sale.attempt().unwrap().surfaced);
}
