//! Nothing is called paid that is not, and nothing that is paid stays unseen.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod shop;

use std::time::Duration;

use serde_json::json;
use shop::Shop;
use till::{Draft, From, Problem, State, Store};

#[tokio::test]
async fn a_payment_is_found_by_look_up_without_any_notification() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Alfamart).await;
    shop.happens("pay", &sale).await;
    let sale = shop.counter.check(sale.number.as_str()).await.unwrap();
    assert_eq!(sale.state(), State::Paid);
    assert!(sale.attempt().unwrap().confirmed_at.is_some(), "Alfamart does not take payments back");
}

#[tokio::test]
async fn the_loop_finds_a_payment_by_itself() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Indomaret).await;
    shop.happens("pay", &sale).await;
    shop.until(&sale, State::Paid).await;
}

#[tokio::test]
async fn the_newest_order_has_its_turn_however_often_the_older_ones_are_due() {
    let mut shop = Shop::open().await;
    for _ in 0..5 {
        shop.charge(Store::Alfamart).await;
    }
    let newest = shop.charge(Store::Alfamart).await;
    shop.is_overwhelmed();
    shop.happens("pay", &newest).await;
    shop.until(&newest, State::Paid).await;
}

#[tokio::test]
async fn a_reversal_within_the_hold_is_found_and_goes_to_the_owner() {
    let mut shop = Shop::open().await;
    let sale = shop.charge(Store::Indomaret).await;
    shop.happens("pay", &sale).await;
    let sale = shop.counter.check(sale.id.as_str()).await.unwrap();
    assert!(sale.attempt().unwrap().confirmed_at.is_none(), "Indomaret may still take it back");
    shop.happens("reverse", &sale).await;
    shop.later(Duration::from_secs(5 * 60 + 5)).await;
    shop.restart();
    let sale = shop.until(&sale, State::Reversed).await;
    assert!(!sale.attempt().unwrap().open_concerns().is_empty());
    assert_eq!(shop.counter.today().unwrap().attention.count, 1);
    assert_eq!(shop.counter.today().unwrap().paid.count, 0, "what was taken back is in no takings");
}

#[tokio::test]
async fn after_the_hold_one_more_look_up_confirms_it() {
    let mut shop = Shop::open().await;
    let sale = shop.charge(Store::Indomaret).await;
    shop.happens("pay", &sale).await;
    shop.counter.check(sale.id.as_str()).await.unwrap();
    shop.later(Duration::from_secs(5 * 60 + 5)).await;
    shop.restart();
    let counter = shop.counter.clone();
    let sales = counter.sync(tokio::time::Instant::now() + Duration::from_secs(5)).await.unwrap();
    assert!(sales[0].attempt().unwrap().confirmed_at.is_some());
}

#[tokio::test]
async fn paid_after_closing_is_neither_lost_nor_takings() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Alfamart).await;
    let sale = shop.counter.cancel(sale.id.as_str(), From::Cashier).await.unwrap();
    assert_eq!(sale.state(), State::Cancelled);
    shop.happens_with("pay", &sale, json!({ "after_closing": true })).await;
    let sale = shop.counter.check(sale.id.as_str()).await.unwrap();
    assert_eq!((sale.state(), sale.attempt().unwrap().problem), (State::PaidLate, Some(Problem::PaidAfterClosing)));
    assert_eq!(shop.counter.today().unwrap().paid.count, 0);
    let refused = shop.counter.hand_over(sale.id.as_str(), "Sari", From::Cashier).unwrap_err();
    assert_eq!(refused.code, "cannot_hand_over");
}

#[tokio::test]
async fn a_payment_with_an_imposed_fee_is_never_silently_paid() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Indomaret).await;
    shop.happens_with("pay", &sale, json!({ "fee": 2500 })).await;
    let sale = shop.counter.check(sale.id.as_str()).await.unwrap();
    assert_eq!((sale.state(), sale.attempt().unwrap().problem), (State::Confirming, Some(Problem::AmountDiffers)));
    assert_eq!(shop.counter.hand_over(sale.id.as_str(), "Sari", From::Cashier).unwrap_err().code, "cannot_hand_over");
}

#[tokio::test]
async fn cancel_and_expire_close_the_code_at_midtrans_too() {
    let shop = Shop::open().await;
    let cancelled = shop.charge(Store::Indomaret).await;
    let cancelled = shop.counter.cancel(cancelled.id.as_str(), From::Cashier).await.unwrap();
    let expired = shop.charge(Store::Alfamart).await;
    let expired = shop.counter.expire(expired.id.as_str(), From::Geraictl).await.unwrap();
    assert_eq!((cancelled.state(), expired.state()), (State::Cancelled, State::Expired));
    let held = shop.transactions().await;
    let mut held: Vec<_> = held.iter().map(|one| one["status"].as_str().unwrap()).collect();
    held.sort_unstable();
    assert_eq!(held, ["cancel", "expire"]);
    let again = shop.counter.cancel(cancelled.id.as_str(), From::Cashier).await.unwrap_err();
    assert_eq!(again.code, "cannot_cancel");
}

#[tokio::test]
async fn a_payment_that_raced_the_cancel_wins() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Alfamart).await;
    shop.happens("pay", &sale).await;
    let sale = shop.counter.cancel(sale.id.as_str(), From::Cashier).await.unwrap();
    assert_eq!(sale.state(), State::Paid);
}

#[tokio::test]
async fn a_cancel_whose_answer_was_lost_is_finished_by_the_loop() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Indomaret).await;
    shop.fault("cancel", "drop_after", 1, json!({})).await;
    let sale = shop.counter.cancel(sale.id.as_str(), From::Cashier).await.unwrap();
    shop.until(&sale, State::Cancelled).await;
}

#[tokio::test]
async fn a_cancel_whose_answer_was_lost_is_told_as_what_became_of_it() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Alfamart).await;
    shop.fault("cancel", "drop_after", 1, json!({})).await;
    let sale = shop.counter.cancel(sale.id.as_str(), From::Cashier).await.unwrap();
    // Asked again, Midtrans refuses: it has been cancelled already.
    assert_eq!(shop.settle(&sale).await.state(), State::Cancelled);
}

#[tokio::test]
async fn goods_leave_the_shop_once() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Alfamart).await;
    assert_eq!(shop.counter.hand_over(sale.id.as_str(), "Sari", From::Cashier).unwrap_err().code, "cannot_hand_over");
    shop.happens("pay", &sale).await;
    shop.counter.check(sale.id.as_str()).await.unwrap();
    shop.counter.hand_over(sale.id.as_str(), "Sari", From::Cashier).unwrap();
    let second = shop.counter.hand_over(sale.id.as_str(), "Budi", From::Cashier).unwrap_err();
    assert_eq!(second.code, "already_handed_over");
    assert!(second.values.contains(&("by", "Sari".into())), "and the second try shows the first");
}

#[tokio::test]
async fn an_owner_who_holds_goods_holds_them_until_indomaret_cannot_reverse() {
    let shop = Shop::open().await;
    let settings = ledger::Settings { hold_goods: true, ..shop.ledger().settings().unwrap() };
    shop.counter.set(settings).unwrap();
    let sale = shop.charge(Store::Indomaret).await;
    shop.happens("pay", &sale).await;
    shop.counter.check(sale.id.as_str()).await.unwrap();
    assert_eq!(shop.counter.hand_over(sale.id.as_str(), "Sari", From::Cashier).unwrap_err().code, "hold_goods");
    // That the time is over says this PC's clock; that the payment stands says Midtrans.
    shop.later(Duration::from_secs(5 * 60 + 5)).await;
    assert_eq!(shop.counter.hand_over(sale.id.as_str(), "Sari", From::Cashier).unwrap_err().code, "hold_unconfirmed");
    shop.counter.check(sale.id.as_str()).await.unwrap();
    shop.counter.hand_over(sale.id.as_str(), "Sari", From::Cashier).unwrap();
}

#[tokio::test]
async fn an_answer_that_says_nothing_does_not_count_as_a_look() {
    let mut shop = Shop::open().await;
    let draft = Draft { amount: "44000".into(), expiry: "7d".into(), ..Draft::empty(Store::Alfamart) };
    let sale = shop.counter.charge(shop.counter.draw_sale_id(), &draft, From::Cashier).await.unwrap();
    // So old a code is looked at once a day, and at once after a start.
    shop.later(Duration::from_secs(2 * 24 * 60 * 60)).await;
    shop.happens("pay", &sale).await;
    shop.restart();
    shop.fault("status", "html", 2, json!({ "status": 502 })).await;
    shop.until(&sale, State::Paid).await;
}

#[tokio::test]
async fn money_taken_for_a_closed_code_is_found_after_a_start_though_no_notification_came() {
    let mut shop = Shop::open().await;
    let sale = shop.charge(Store::Alfamart).await;
    let sale = shop.counter.cancel(sale.id.as_str(), From::Cashier).await.unwrap();
    assert_eq!(sale.state(), State::Cancelled);
    shop.later(Duration::from_secs(60 * 60)).await;
    shop.happens_with("pay", &sale, json!({ "after_closing": true })).await;
    shop.restart();
    shop.until(&sale, State::PaidLate).await;
}

#[tokio::test]
async fn lists_are_readable_while_midtrans_is_away_and_say_how_fresh_they_are() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Indomaret).await;
    let before = shop.counter.freshness();
    assert!(before.online && before.last_contact.is_some());
    shop.fault("any", "drop_before", 99, json!({})).await;
    let unchanged = shop.counter.check(sale.id.as_str()).await.unwrap();
    assert_eq!(unchanged.state(), State::Pending);
    assert!(!shop.counter.freshness().online);
    assert_eq!(shop.counter.freshness().last_contact, before.last_contact);
    assert_eq!(shop.counter.today().unwrap().rows.len(), 1);
}

#[tokio::test]
async fn what_the_lists_show_is_what_the_log_says() {
    let shop = Shop::open().await;
    for store in Store::ALL {
        let sale = shop.charge(store).await;
        shop.happens("pay", &sale).await;
        shop.counter.check(sale.id.as_str()).await.unwrap();
    }
    assert_eq!(shop.ledger().audit().unwrap(), []);
}
