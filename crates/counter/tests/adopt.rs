//! What Midtrans has and the log has lost comes back, and what is not ours stays away.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod shop;

use std::time::Duration;

use ledger::MatterKind;
use midtrans::ServerKey;
use relay::Taken;
use secrecy::SecretString;
use serde_json::{Value, json};
use shop::{KEY, Shop, code};
use till::{Concern, Event, From, OrderId, Reissue, Sale, State, Store, TillId};
use tokio::time::Instant;

impl Shop {
    /// The newest notification of an order of the simulator's arrives; with `fields` laid over it,
    /// rightly signed.
    async fn hears(&self, order_id: &str, fields: Value) {
        let signature = if fields == json!({}) { "keep" } else { "right" };
        let wish =
            json!({ "order_id": order_id, "fields": fields, "signature": signature, "urls": ["http://127.0.0.1:9/"] });
        let body = self.control("forge", wish).await["body"].as_str().unwrap().to_owned();
        self.takes_in(&body);
    }

    fn takes_in(&self, body: &str) {
        let key = ServerKey::parse(SecretString::from(KEY)).unwrap();
        let taken = relay::take_in(self.ledger(), body.as_bytes(), Some(&key), self.counter.now()).unwrap();
        assert_eq!(taken, Taken::Stored, "{body}");
    }

    /// A genuine notification of a payment that the simulator never made.
    async fn hears_of_nothing(&self, order_id: &str) {
        let fields = json!({
            "order_id": order_id, "status_code": "200", "gross_amount": "44000.00",
            "transaction_status": "settlement", "transaction_id": "0a", "payment_type": "cstore",
        });
        self.hears(order_id, fields).await;
    }

    /// How often Midtrans was asked about an order.
    async fn looks_at(&self, order_id: &str) -> usize {
        let requests = self.control("requests", Value::Null).await;
        let requests = requests["requests"].as_array().unwrap().clone();
        requests.iter().filter(|one| one["order_id"] == order_id && one["method"] == "GET").count()
    }

    /// The only sale there is, once it is in this state.
    async fn until_adopted(&self, order_id: OrderId, state: State) -> Sale {
        let adopted = || {
            let sale = self.counter.find(order_id.as_str()).ok()?;
            (sale.state() == state && sale.attempts[0].question.is_none()).then_some(sale)
        };
        self.found(adopted).await.unwrap_or_else(|| panic!("{order_id} never became {state:?}"))
    }
}

fn stranger(till: [u8; 4], n: u8) -> OrderId {
    OrderId::draw(TillId::draw(till), [n; 18])
}

#[tokio::test]
async fn a_paid_order_that_the_log_has_lost_is_paid_again_and_the_owner_is_told() {
    let mut shop = Shop::open().await;
    let lost = shop.charge(Store::Indomaret).await;
    let order_id = lost.attempts[0].order_id;
    shop.happens("pay", &lost).await;
    shop.restores_an_old_copy();
    shop.hears(order_id.as_str(), json!({})).await;
    let sale = shop.until_adopted(order_id, State::Paid).await;
    assert_eq!((code(&sale), sale.order.amount), (code(&lost), lost.order.amount));
    assert_eq!((sale.attempt().unwrap().store, sale.order.customer.clone()), (Store::Indomaret, None));
    assert_eq!(sale.open_concerns(), [(order_id, Concern::Adopted)]);
    let today = shop.counter.today().unwrap();
    assert_eq!((today.paid.count, today.attention.count), (1, 1));
    assert_eq!(shop.ledger().notifications(order_id).unwrap().len(), 1);
    let log = shop.ledger().log(sale.id).unwrap();
    assert!(log.iter().any(|entry| matches!(entry.event, Event::Hinted { .. })), "its letters are part of its story");
    assert!(!shop.ledger().exchanges(order_id).unwrap().is_empty(), "and so is what Midtrans answered");
    assert_eq!(shop.charges().await.len(), 1, "nothing is sent anew");
    assert_eq!(shop.ledger().audit().unwrap(), []);
    let given = shop.counter.hand_over(sale.id.as_str(), "Sari", From::Cashier).unwrap();
    assert!(given.handed_over.is_some());
}

#[tokio::test]
async fn an_open_code_that_the_log_has_lost_can_be_paid_cancelled_and_made_anew() {
    let mut shop = Shop::open().await;
    let lost = shop.charge(Store::Alfamart).await;
    let order_id = lost.attempts[0].order_id;
    shop.restores_an_old_copy();
    shop.hears(order_id.as_str(), json!({})).await;
    let synced = shop.counter.sync(Instant::now() + Duration::from_secs(5)).await.unwrap();
    assert_eq!(synced.iter().map(Sale::state).collect::<Vec<_>>(), [State::Pending], "sync finds it as the loop does");
    let sale = shop.counter.find(order_id.as_str()).unwrap();
    let reissue = || shop.counter.reissue(sale.id.as_str(), Store::Indomaret, From::Cashier);
    assert_eq!(reissue().await.unwrap_err().code, "request_under_way", "who knows how it was sent");
    shop.our_clock_jumps(shop.counter.pace().under_way);
    let anew = reissue().await.unwrap();
    assert_eq!((anew.state(), anew.attempt().unwrap().store), (State::Pending, Store::Indomaret));
    let body: Value = serde_json::from_str(&shop.charges().await[1]).unwrap();
    assert_eq!(body["custom_expiry"]["expiry_duration"], 24 * 60, "it lives as long as the first was to live");
    shop.happens("pay", &anew).await;
    shop.until(&anew, State::Paid).await;
    assert_eq!(shop.counter.today().unwrap().paid.count, 1);
}

#[tokio::test]
async fn while_midtrans_is_away_a_lost_order_waits_and_then_comes_back() {
    let mut shop = Shop::open().await;
    let lost = shop.charge(Store::Indomaret).await;
    let order_id = lost.attempts[0].order_id;
    shop.restores_an_old_copy();
    shop.fault("status", "drop_before", 3, json!({})).await;
    shop.hears(order_id.as_str(), json!({})).await;
    let sale = shop.until_adopted(order_id, State::Pending).await;
    assert_eq!(code(&sale), code(&lost));
    assert!(shop.looks_at(order_id.as_str()).await >= 4);
}

#[tokio::test]
async fn a_lost_order_that_ended_unpaid_comes_back_as_what_it_is() {
    let mut shop = Shop::open().await;
    let lost = shop.charge(Store::Indomaret).await;
    shop.happens("expire", &lost).await;
    shop.restores_an_old_copy();
    shop.hears(lost.attempts[0].order_id.as_str(), json!({})).await;
    let sale = shop.until_adopted(lost.attempts[0].order_id, State::Expired).await;
    assert_eq!(sale.reissue(), Reissue::Now);
}

#[tokio::test]
async fn a_notification_that_nobody_can_place_goes_to_the_owner_once_midtrans_has_denied_it_for_ten_minutes() {
    let mut shop = Shop::open().await;
    // The till of the shop's tests is drawn from these bytes.
    let unknown = stranger([1, 2, 3, 4], 9);
    shop.hears_of_nothing(unknown.as_str()).await;
    shop.counter.sync(Instant::now()).await.unwrap();
    assert_eq!(shop.looks_at(unknown.as_str()).await, 1);
    assert_eq!(shop.counter.today().unwrap().attention.count, 0, "it may only be slow to show");
    shop.our_clock_jumps(Duration::from_secs(10 * 60));
    shop.restart();
    shop.counter.sync(Instant::now()).await.unwrap();
    let matters = shop.ledger().matters().unwrap();
    assert_eq!((matters[0].kind, matters[0].key.as_str()), (MatterKind::Unmatched, unknown.as_str()));
    assert_eq!(shop.counter.today().unwrap().attention.count, 1);
    assert!(shop.counter.find(unknown.as_str()).is_err(), "no sale is made of a claim");

    // The next day it is left in peace, however often the program is started.
    shop.our_clock_jumps(Duration::from_secs(24 * 60 * 60));
    shop.restart();
    let counter = shop.counter.clone();
    let running = tokio::spawn(async move { counter.run().await });
    let sale = shop.charge(Store::Alfamart).await;
    shop.until(&sale, State::Pending).await;
    running.abort();
    assert_eq!(shop.looks_at(unknown.as_str()).await, 2);
}

#[tokio::test]
async fn what_is_not_ours_is_stored_and_nobody_is_bothered() {
    let shop = Shop::open().await;
    shop.hears_of_nothing("INV-2026-0001").await;
    // The dashboard's test, as Midtrans signs it.
    let test = "payment_notif_test_M012345678901234567_0123456789abcdef0123456789ab";
    shop.hears_of_nothing(test).await;
    let synced = shop.counter.sync(Instant::now()).await.unwrap();
    assert_eq!(synced, []);
    for foreign in ["INV-2026-0001", test] {
        assert_eq!(shop.looks_at(foreign).await, 0, "{foreign}");
    }
    assert_eq!(shop.ledger().strays().unwrap(), []);
    assert_eq!(shop.counter.today().unwrap().attention.count, 0);
}
