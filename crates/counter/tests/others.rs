//! What other tills of the shop have charged is seen here, and left to them.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod played;
mod shop;

use std::time::Duration;

use ledger::{Elsewhere, Letter, Received, Seal};
use midtrans::{Charge, Client, Destination, Patience, ServerKey};
use secrecy::SecretString;
use serde_json::{Value, json};
use shop::{KEY, Shop};
use till::{OrderId, Other, Report, State, Store, TillId};
use tokio::time::Instant;

fn theirs(n: u8) -> OrderId {
    OrderId::draw(TillId::draw(*b"else"), [n; 18])
}

impl Shop {
    /// Another till of the shop charges an order of its own.
    async fn another_till_charges(&self, order_id: OrderId) {
        let key = ServerKey::parse(SecretString::from(KEY)).unwrap();
        let to = Destination::loopback(&self.midtrans.url()).unwrap();
        let charge = Charge {
            order_id: order_id.to_string(),
            gross_amount: 71_000,
            store: midtrans::Store::Alfamart,
            message: None,
            free_texts: Default::default(),
            items: Vec::new(),
            customer: None,
            expiry: None,
        };
        let charged = Client::new(to, key, Patience::default()).unwrap().charge(&charge.to_bytes(), None).await;
        assert_eq!(charged.outcome.unwrap().transaction.order_id, order_id.as_str());
    }

    /// Every code of another till that is known here.
    fn others(&self) -> Vec<Other> {
        self.ledger().others(&Elsewhere { limit: 100, ..Elsewhere::default() }).unwrap().rows
    }

    /// Their only code, once it is in this state.
    async fn until_theirs_is(&self, state: State) -> Other {
        // The window wakes the counter whenever the relay has written something down.
        let there = || {
            self.counter.wake();
            self.others().into_iter().find(|other| other.state == state && !other.news)
        };
        self.found(there).await.unwrap_or_else(|| panic!("never {state:?}: {:?}", self.others()))
    }

    /// What Midtrans was asked about their order: methods, oldest first.
    async fn asked_about(&self, order_id: OrderId) -> Vec<String> {
        let requests = self.control("requests", Value::Null).await["requests"].as_array().unwrap().clone();
        let about = requests.iter().filter(|one| one["order_id"] == order_id.as_str() && one["path"] != "/v2/charge");
        about.map(|one| one["method"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_payment_at_another_till_is_looked_up_and_shown_and_is_nobodys_business_here() {
    let shop = Shop::open().await;
    let relay = shop.relay().await;
    shop.notify(&relay.notification_url).await;
    shop.another_till_charges(theirs(1)).await;
    let waits = shop.until_theirs_is(State::Pending).await;
    assert_eq!((waits.amount, waits.store), (Some(71_000), Some(Store::Alfamart)));
    shop.control("pay", json!({ "order_id": theirs(1).as_str() })).await;
    let paid = shop.until_theirs_is(State::Paid).await;
    let [transaction] = &shop.transactions().await[..] else { panic!("one transaction") };
    assert_eq!(paid.payment_code.as_deref(), transaction["payment_code"].as_str());
    assert!(paid.paid_at.is_some() && paid.expires_at.is_some());
    let today = shop.counter.today().unwrap();
    assert_eq!((today.rows.len(), today.paid.count, today.waiting.count, today.attention.count), (0, 0, 0, 0));
    assert_eq!((shop.counter.concerns().unwrap().len(), shop.sales().len()), (0, 0));
    assert!(shop.asked_about(theirs(1)).await.iter().all(|method| method == "GET"));
    assert!(shop.counter.find(theirs(1).as_str()).is_err());
}

#[tokio::test]
async fn a_code_that_is_closed_elsewhere_is_closed_here_and_one_nobody_tells_of_after_its_deadline() {
    let shop = Shop::open().await;
    let relay = shop.relay().await;
    shop.notify(&relay.notification_url).await;
    shop.another_till_charges(theirs(1)).await;
    shop.until_theirs_is(State::Pending).await;
    shop.notify("http://127.0.0.1:9/").await;
    shop.later(Duration::from_secs(25 * 60 * 60)).await;
    shop.until_theirs_is(State::Expired).await;
    let asked = shop.asked_about(theirs(1)).await.len();
    shop.later(Duration::from_secs(90 * 24 * 60 * 60)).await;
    shop.counter.sync(Instant::now() + Duration::from_secs(1)).await.unwrap();
    assert_eq!(shop.asked_about(theirs(1)).await.len(), asked, "it is over, and left in peace");
}

#[tokio::test]
async fn while_midtrans_is_away_theirs_waits_and_is_found_later() {
    let shop = Shop::open().await;
    let relay = shop.relay().await;
    shop.notify(&relay.notification_url).await;
    shop.fault("status", "drop_before", 3, json!({})).await;
    shop.another_till_charges(theirs(1)).await;
    shop.until_theirs_is(State::Pending).await;
    assert!(shop.asked_about(theirs(1)).await.len() >= 4);
}

#[tokio::test]
async fn a_forged_notification_about_another_till_is_seen_nowhere() {
    let shop = Shop::open().await;
    let relay = shop.relay().await;
    shop.another_till_charges(theirs(1)).await;
    for signature in ["wrong", "none"] {
        let fields = json!({ "transaction_status": "settlement", "status_code": "200" });
        let url = &relay.notification_url;
        let wish = json!({ "order_id": theirs(1).as_str(), "fields": fields, "signature": signature, "urls": [url] });
        shop.control("forge", wish).await;
    }
    shop.told().await;
    shop.counter.sync(Instant::now() + Duration::from_secs(1)).await.unwrap();
    assert_eq!(shop.others(), []);
    assert_eq!(shop.asked_about(theirs(1)).await.len(), 0, "nor is Midtrans asked");
}

#[tokio::test(start_paused = true)]
async fn whatever_is_heard_of_other_tills_an_order_of_this_one_comes_first() {
    let shop = played::Shop::open();
    let hears = |order_id: OrderId| {
        let letter = Letter {
            order_id: order_id.to_string(),
            report: Report::Settlement,
            consistent: true,
            amount: Some(44_000),
            store: None,
            payment_code: None,
            transaction_id: None,
        };
        let (ledger, now) = (shop.ledger(), shop.counter.now());
        ledger.receive(order_id.as_str().as_bytes(), &letter, Seal::Genuine, now).unwrap()
    };
    let sale = shop.charge(Store::Alfamart).await;
    for n in 0..31 {
        assert_eq!(hears(theirs(n)), Received::Elsewhere);
    }
    shop.runs(Duration::from_millis(2_100)).await;
    shop.midtrans.pay(sale.attempt().unwrap());
    assert!(matches!(hears(sale.attempt().unwrap().order_id), Received::Joined(_)));
    shop.counter.wake();
    shop.runs(Duration::from_millis(600)).await;
    assert_eq!(shop.state(&sale), State::Paid);
    let asked = shop.midtrans.book().asked.len();
    assert!(asked <= 9, "in under three seconds, with half a second between two: {asked}");
    shop.runs(Duration::from_secs(30)).await;
    let waiting = shop.ledger().others_watched().unwrap();
    assert!(waiting.iter().all(|other| other.asked_at.is_some()), "and then all of theirs");
}
