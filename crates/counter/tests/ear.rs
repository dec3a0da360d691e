//! A shop that no longer hears of its payments is told so, and nobody else is.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod shop;

use std::time::Duration;

use serde_json::json;
use shop::Shop;
use till::{Ear, Sale, Store};

/// A customer pays at the store, and the shop finds out by asking.
async fn paid_and_found(shop: &Shop) -> Sale {
    let sale = shop.charge(Store::Alfamart).await;
    shop.happens("pay", &sale).await;
    shop.told().await;
    shop.counter.check(sale.id.as_str()).await.unwrap()
}

/// A shop with a relay that has been running for a while.
async fn with_relay() -> (Shop, relay::Running) {
    let shop = Shop::open().await;
    let relay = shop.relay().await;
    shop.counter.relay_seen(true);
    shop.later(Duration::from_secs(5)).await;
    (shop, relay)
}

fn ear(shop: &Shop) -> Ear {
    shop.counter.ear().unwrap()
}

/// Long enough for Midtrans to have told, at the pace of these tests.
const FAIR: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_shop_that_never_had_a_relay_hears_no_alarm() {
    let shop = Shop::open().await;
    paid_and_found(&shop).await;
    shop.later(FAIR).await;
    shop.counter.relay_seen(false);
    assert_eq!(ear(&shop), Ear::NeverHeard);
}

#[tokio::test]
async fn an_address_that_was_never_entered_is_noticed_with_the_first_payment_and_ends_with_the_first_notification() {
    let (shop, relay) = with_relay().await;
    paid_and_found(&shop).await;
    shop.later(FAIR).await;
    assert!(matches!(ear(&shop), Ear::Deaf { orders: 1, .. }), "{:?}", ear(&shop));
    let second = paid_and_found(&shop).await;
    shop.later(FAIR).await;
    let Ear::Deaf { since, orders: 2 } = ear(&shop) else { panic!("{:?}", ear(&shop)) };
    assert!(since < second.attempt().unwrap().found_paid_at.unwrap(), "since the first of them");

    // The owner pastes the address and presses the button in the dashboard.
    shop.notify(&relay.notification_url).await;
    shop.control("test-notification", json!({})).await;
    shop.told().await;
    assert_eq!(ear(&shop), Ear::Fine);
    paid_and_found(&shop).await;
    shop.later(FAIR).await;
    assert_eq!(ear(&shop), Ear::Fine);
}

#[tokio::test]
async fn forged_messages_do_not_make_a_deaf_ear_hear() {
    let (shop, relay) = with_relay().await;
    let sale = paid_and_found(&shop).await;
    shop.later(FAIR).await;
    shop.happens_with("forge", &sale, json!({ "urls": [relay.notification_url] })).await;
    shop.told().await;
    assert_eq!(shop.ledger().everything_about(sale.attempt().unwrap().order_id, 9).unwrap().strange_count, 1);
    assert!(matches!(ear(&shop), Ear::Deaf { orders: 1, .. }));
}

#[tokio::test]
async fn what_was_paid_while_the_pc_slept_or_was_offline_raises_no_alarm() {
    let (shop, _relay) = with_relay().await;
    let asleep = shop.charge(Store::Alfamart).await;
    shop.happens("pay", &asleep).await;
    shop.later(Duration::from_secs(90)).await;
    shop.counter.ask_everything();
    shop.counter.check(asleep.id.as_str()).await.unwrap();
    shop.later(FAIR).await;
    assert_eq!(ear(&shop), Ear::NeverHeard);

    let offline = shop.charge(Store::Alfamart).await;
    shop.fault("status", "html", 1, json!({ "status": 502 })).await;
    shop.counter.check(offline.id.as_str()).await.unwrap();
    shop.happens("pay", &offline).await;
    shop.later(Duration::from_secs(90)).await;
    shop.counter.check(offline.id.as_str()).await.unwrap();
    shop.later(FAIR).await;
    assert_eq!(ear(&shop), Ear::NeverHeard);

    paid_and_found(&shop).await;
    shop.later(FAIR).await;
    assert!(matches!(ear(&shop), Ear::Deaf { orders: 1, .. }), "and what was paid since then does");
}

#[tokio::test]
async fn a_wrong_clock_of_this_pc_neither_hides_nor_raises_it() {
    for hours in [-30, 30] {
        let shop = Shop::open().await;
        shop.clock.fetch_add(hours * 3_600_000, std::sync::atomic::Ordering::SeqCst);
        let _relay = shop.relay().await;
        shop.counter.relay_seen(true);
        let before = shop.charge(Store::Alfamart).await;
        shop.happens("pay", &before).await;
        shop.later(Duration::from_secs(90)).await;
        shop.counter.ask_everything();
        shop.counter.check(before.id.as_str()).await.unwrap();
        shop.later(FAIR).await;
        assert_eq!(ear(&shop), Ear::NeverHeard, "{hours} h");
        paid_and_found(&shop).await;
        shop.later(FAIR).await;
        assert!(matches!(ear(&shop), Ear::Deaf { orders: 1, .. }), "{hours} h: {:?}", ear(&shop));
    }
}

#[tokio::test]
async fn a_relay_that_stopped_is_missed_until_it_is_back_or_given_up() {
    let (mut shop, relay) = with_relay().await;
    let seen = shop.counter.now();
    shop.counter.relay_seen(true);
    assert_eq!(ear(&shop), Ear::NeverHeard);
    relay.stop().await;
    shop.later(Duration::from_secs(600)).await;
    shop.counter.relay_seen(false);
    let Ear::Stopped { since } = ear(&shop) else { panic!("{:?}", ear(&shop)) };
    let gone = shop.counter.now().since(since);
    assert!(since >= seen && gone >= Duration::from_secs(600), "it was last seen then");

    shop.restart();
    assert_eq!(ear(&shop), Ear::NeverHeard, "nobody has looked yet");
    shop.counter.relay_seen(false);
    assert!(matches!(ear(&shop), Ear::Stopped { .. }), "the next start misses it too");

    shop.counter.relay_seen(true);
    assert_eq!(ear(&shop), Ear::NeverHeard);
    shop.counter.relay_seen(false);
    shop.counter.forget_relay().unwrap();
    shop.counter.relay_seen(false);
    assert_eq!(ear(&shop), Ear::NeverHeard, "the owner does without");
    shop.restart();
    shop.counter.relay_seen(false);
    assert_eq!(ear(&shop), Ear::NeverHeard);
}

#[tokio::test]
async fn a_second_program_knows_since_when_the_first_has_listened() {
    let (mut shop, _relay) = with_relay().await;
    paid_and_found(&shop).await;
    shop.later(FAIR).await;
    shop.restart();
    shop.counter.relay_seen(true);
    assert!(matches!(ear(&shop), Ear::Deaf { orders: 1, .. }), "geraictl says what the window says");
    shop.later(Duration::from_secs(3600)).await;
    shop.restart();
    shop.counter.relay_seen(true);
    assert_eq!(ear(&shop), Ear::NeverHeard, "nobody has looked for an hour, so nobody knows");
}
