//! What made other tills lose a sale or make it twice: an answer that never came, two windows, what was
//! typed in the last moment, a payment while the line was down, a press that was repeated, a day that
//! ended too early, a disk that was wiped. `GERAI_TORTURE_SEED` plays the same rounds again.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod shop;

use std::{collections::BTreeSet, time::Duration};

use midtrans::ServerKey;
use relay::take_in;
use secrecy::SecretString;
use serde_json::{Value, json};
use shop::{KEY, Shop};
use stage::Chance;
use till::{Draft, From, SaleId, State, Store, Time};
use tokio::time::Instant;

/// How the answer to a charge gets lost after Midtrans has made the code, and how the request does before.
fn losses() -> Vec<(&'static str, Value)> {
    vec![
        ("drop_after", json!({})),
        ("cut_body", json!({ "bytes": 40 })),
        ("error", json!({ "status": 503, "create": true })),
        ("drop_before", json!({})),
        ("error", json!({ "status": 500 })),
        ("error", json!({ "status": 429 })),
    ]
}

fn draft(store: Store) -> Draft {
    Draft { amount: "44000".into(), customer: "Budi".into(), ..Draft::empty(store) }
}

impl Shop {
    /// Every sale here is one transaction there, and the other way round.
    async fn agrees(&self, sales: usize) {
        let there: BTreeSet<String> =
            self.transactions().await.iter().map(|one| one["order_id"].as_str().unwrap().to_owned()).collect();
        let here: BTreeSet<String> = self
            .sales()
            .iter()
            .flat_map(|sale| sale.attempts.iter().map(|attempt| attempt.order_id.to_string()))
            .collect();
        assert_eq!(here, there);
        assert_eq!(there.len(), sales);
        assert_eq!(self.ledger().audit().unwrap(), []);
    }
}

#[tokio::test]
async fn two_windows_and_as_many_presses_as_you_like_make_one_code() {
    let mut chance = Chance::drawn();
    let shop = Shop::open().await;
    let other = shop.second();
    let rounds = 24;
    for _ in 0..rounds {
        let store = chance.one_of(&Store::ALL);
        let (kind, more) = chance.one_of(&losses());
        shop.fault("charge", kind, 1, more).await;
        let (id, draft) = (shop.counter.draw_sale_id(), draft(store));
        let press = |counter: &std::sync::Arc<counter::Counter>| {
            let (counter, draft) = (counter.clone(), draft.clone());
            tokio::spawn(async move { counter.charge(id, &draft, From::Cashier).await })
        };
        let presses = [press(&shop.counter), press(&other), press(&shop.counter), press(&other)];
        for pressed in presses {
            assert_eq!(pressed.await.unwrap().unwrap().id, id, "{kind}");
        }
        // Both follow it at once.
        let until = Instant::now() + Duration::from_secs(20);
        let (here, there) = tokio::join!(shop.counter.settle(id, until), other.settle(id, until));
        assert_eq!((here.unwrap().state(), there.unwrap().state()), (State::Pending, State::Pending), "{kind}");
        shop.heal().await;
    }
    shop.agrees(rounds).await;
}

#[tokio::test]
async fn a_press_that_is_repeated_until_something_is_seen_makes_one_code_however_often_the_program_dies() {
    let mut shop = Shop::open().await;
    let id = shop.counter.draw_sale_id();
    for (kind, more) in losses() {
        shop.fault("any", kind, 2, more).await;
        shop.counter.charge(id, &draft(Store::Indomaret), From::Cashier).await.unwrap();
        shop.restart();
        let _ = shop.counter.check(id.as_str()).await;
        shop.restart();
    }
    shop.heal().await;
    let sale = shop.counter.charge(id, &draft(Store::Indomaret), From::Cashier).await.unwrap();
    assert_eq!(shop.settle(&sale).await.state(), State::Pending);
    shop.agrees(1).await;
}

#[tokio::test]
async fn what_is_typed_in_the_last_moment_belongs_to_the_sale_and_makes_no_second_one() {
    let mut shop = Shop::open().await;
    let (id, draft) = (shop.counter.draw_sale_id(), draft(Store::Alfamart));
    // Nothing of it was kept before it was charged, and the window keeps it a moment too late.
    let sale = shop.counter.charge(id, &draft, From::Cashier).await.unwrap();
    shop.ledger().keep_draft(id, &draft).unwrap();
    shop.happens("pay", &sale).await;
    shop.restart();
    let (found, typed) = shop.ledger().draft().unwrap().unwrap();
    assert_eq!((found, &typed), (id, &draft));
    let again = shop.counter.charge(found, &typed, From::Cashier).await.unwrap();
    assert_eq!(shop.counter.check(again.id.as_str()).await.unwrap().state(), State::Paid);
    shop.agrees(1).await;
}

#[tokio::test]
async fn what_was_paid_while_the_line_was_down_is_paid_after_every_restart_and_never_a_draft_again() {
    let mut shop = Shop::open().await;
    let mut sales = Vec::new();
    for store in Store::ALL {
        let id = shop.counter.draw_sale_id();
        shop.ledger().keep_draft(id, &draft(store)).unwrap();
        sales.push(shop.counter.charge(id, &draft(store), From::Cashier).await.unwrap());
    }
    shop.fault("any", "drop_before", 1_000, json!({})).await;
    for sale in &sales {
        shop.happens("pay", sale).await;
    }
    for _ in 0..3 {
        shop.restart();
        assert_eq!(shop.ledger().draft().unwrap(), None, "what was charged is no draft");
        for sale in &sales {
            let seen = shop.counter.check(sale.id.as_str()).await.unwrap();
            assert_eq!((seen.state(), seen.attempts.len()), (State::Pending, 1));
            assert!(
                shop.counter.hand_over(sale.id.as_str(), "Sari", From::Cashier).is_err(),
                "nobody has seen it paid"
            );
        }
    }
    shop.heal().await;
    shop.restart();
    for sale in &sales {
        shop.until(sale, State::Paid).await;
        shop.restart();
        shop.counter.hand_over(sale.id.as_str(), "Sari", From::Cashier).unwrap();
        shop.restart();
        assert!(shop.counter.hand_over(sale.id.as_str(), "Sari", From::Cashier).is_err(), "the goods have left");
    }
    shop.agrees(2).await;
}

#[tokio::test]
async fn a_day_that_ends_with_orders_unsent_unknown_and_open_loses_none_of_them() {
    let mut shop = Shop::open().await;
    let charge = async |shop: &Shop| shop.charge(Store::Alfamart).await;
    let open = charge(&shop).await;
    let paid = charge(&shop).await;
    let confirming = charge(&shop).await;
    for sale in [&paid, &confirming] {
        shop.happens("pay", sale).await;
    }
    shop.counter.check(paid.id.as_str()).await.unwrap();
    let genuine = shop
        .control(
            "forge",
            json!({
                "order_id": confirming.attempt().unwrap().order_id.as_str(), "fields": {}, "signature": "keep",
                "urls": ["http://127.0.0.1:9/"],
            }),
        )
        .await;
    let key = ServerKey::parse(SecretString::from(KEY)).unwrap();
    take_in(shop.ledger(), genuine["body"].as_str().unwrap().as_bytes(), Some(&key), shop.counter.now()).unwrap();
    // Midtrans asks for patience, an answer gets lost, and a cancel does: and then the shop closes.
    let cancelled = charge(&shop).await;
    shop.fault("charge", "error", 1, json!({ "status": 429 })).await;
    let unsent = charge(&shop).await;
    shop.fault("charge", "drop_after", 1, json!({})).await;
    let unknown = charge(&shop).await;
    shop.fault("charge", "drop_before", 1, json!({})).await;
    let lost = charge(&shop).await;
    shop.fault("any", "drop_before", 9, json!({})).await;
    shop.counter.cancel(cancelled.id.as_str(), From::Cashier).await.unwrap();
    let state = |sale: &till::Sale| shop.ledger().sale(sale.id).unwrap().unwrap().state();
    let evening = [&open, &paid, &confirming, &cancelled, &unsent, &unknown, &lost].map(state);
    use State::*;
    assert_eq!(evening, [Pending, Paid, Confirming, Pending, Intent, Unknown, Unknown]);
    let taken = |shop: &Shop| shop.ledger().takings(Time::from_millis(0), Time::from_millis(i64::MAX)).unwrap();
    assert_eq!(taken(&shop).amount, 44_000, "only what is confirmed is in the takings");

    shop.heal().await;
    shop.later(Duration::from_secs(12 * 60 * 60)).await;
    shop.restart();
    // What was never sent is not sent on the next day: the customer is gone.
    for (sale, state) in
        [(&confirming, Paid), (&cancelled, Cancelled), (&unsent, Abandoned), (&unknown, Pending), (&lost, Abandoned)]
    {
        shop.until(sale, state).await;
    }
    let state = |sale: &till::Sale| shop.ledger().sale(sale.id).unwrap().unwrap().state();
    assert_eq!([&open, &paid].map(state), [Pending, Paid]);
    assert_eq!(taken(&shop).amount, 88_000);
    assert_eq!(shop.sales().len(), 7, "none is lost");
    assert_eq!(shop.transactions().await.len(), 5, "and none was made twice");
}

#[tokio::test]
async fn a_wiped_disk_and_a_customer_who_is_charged_again_are_two_orders_and_each_counts_once() {
    let mut shop = Shop::open().await;
    let id = SaleId::draw([5; 12]);
    let before = shop.counter.charge(id, &draft(Store::Alfamart), From::Cashier).await.unwrap();
    shop.happens("pay", &before).await;
    let genuine = shop
        .control(
            "forge",
            json!({
                "order_id": before.attempt().unwrap().order_id.as_str(), "fields": {}, "signature": "keep",
                "urls": ["http://127.0.0.1:9/"],
            }),
        )
        .await;
    shop.restores_an_old_copy();
    assert!(shop.sales().is_empty());
    // Nobody remembers, so the same order is typed and charged again, and paid too.
    let again = shop.counter.charge(id, &draft(Store::Alfamart), From::Cashier).await.unwrap();
    assert_ne!(again.attempt().unwrap().order_id, before.attempt().unwrap().order_id);
    shop.happens("pay", &again).await;
    let key = ServerKey::parse(SecretString::from(KEY)).unwrap();
    for _ in 0..3 {
        let body = genuine["body"].as_str().unwrap().as_bytes();
        take_in(shop.ledger(), body, Some(&key), shop.counter.now()).unwrap();
        shop.restart();
    }
    shop.until(&again, State::Paid).await;
    let both = || (shop.sales().iter().filter(|sale| sale.state() == State::Paid).count() >= 2).then_some(());
    shop.found(both).await.expect("the lost one comes back");
    let taken = shop.ledger().takings(Time::from_millis(0), Time::from_millis(i64::MAX)).unwrap();
    assert_eq!((taken.count, taken.amount), (2, 88_000));
    shop.agrees(2).await;
}
