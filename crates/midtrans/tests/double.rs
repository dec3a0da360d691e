//! A conversation with the simulator, which somebody else made from the same facts.

mod wire;

use std::time::Duration;

use midtrans::{
    ActionError, Charge, ChargeError, Client, Item, KeyWorks, LookUpError, NamedStore, Notification, Patience,
    ProbeError, Store, TransactionStatus, Unclear,
};
use serde_json::{Value, json};
use simulator::{Config, Running, Simulator};
use wire::{KEY, ORDER, Wire, http, key};

#[tokio::test]
async fn both_stores_give_a_code_and_a_look_up_gives_it_again() {
    let there = double().await;
    for (order_id, store) in [("A-1", Store::Alfamart), ("I-1", Store::Indomaret)] {
        let charge = Charge { order_id: order_id.into(), store, ..charge() };
        let charged = there.client().charge(&charge.to_bytes(), None).await.outcome.unwrap();
        assert_eq!(charged.transaction.order_id, order_id);
        assert_eq!(charged.transaction.rupiah(), Some(44_000));
        assert_eq!(charged.transaction.store, Some(NamedStore::Known(store)));
        assert_eq!(charged.transaction.status, TransactionStatus::Pending);
        let life = charged.transaction.expiry_time.unwrap() - charged.transaction.transaction_time.unwrap();
        assert_eq!(life, Duration::from_secs(2 * 60 * 60));

        let found = there.client().status(order_id).await.outcome.unwrap();
        assert_eq!(found.payment_code.as_deref(), Some(charged.payment_code.as_str()));
        assert_eq!(found.status, TransactionStatus::Pending);
    }
}

#[tokio::test]
async fn a_payment_is_settled_and_indomaret_can_take_it_back() {
    let there = double().await;
    there.charge().await;
    there.control("pay", json!({ "order_id": ORDER })).await;
    let paid = there.client().status(ORDER).await.outcome.unwrap();
    assert!(paid.is_settled());
    assert!(paid.settlement_time.is_some());

    there.control("reverse", json!({ "order_id": ORDER })).await;
    let reversed = there.client().status(ORDER).await.outcome.unwrap();
    assert_eq!(reversed.status, TransactionStatus::Deny);
    assert!(!reversed.is_settled());
}

#[tokio::test]
async fn a_cancelled_payment_stays_cancelled() {
    for manners in [json!({}), json!({ "cancelled_is_202": true, "http_follows_body": true })] {
        let there = double().await;
        there.control("manners", manners).await;
        there.charge().await;
        let cancelled = there.client().cancel(ORDER).await.outcome.unwrap();
        assert_eq!(cancelled.status, TransactionStatus::Cancel);
        let found = there.client().status(ORDER).await.outcome.unwrap();
        assert_eq!(found.status, TransactionStatus::Cancel);
        assert!(!found.is_settled());
        let again = there.client().cancel(ORDER).await.outcome;
        assert_eq!(again, Err(ActionError::CannotChange));
    }
}

#[tokio::test]
async fn an_expired_payment_is_an_answer_and_no_error() {
    let there = double().await;
    there.charge().await;
    let expired = there.client().expire(ORDER).await.outcome.unwrap();
    assert_eq!(expired.status, TransactionStatus::Expire);
    assert_eq!(expired.status_code, 407);
    let found = there.client().status(ORDER).await.outcome.unwrap();
    assert_eq!(found.status, TransactionStatus::Expire);
}

#[tokio::test]
async fn a_paid_order_is_past_changing() {
    let there = double().await;
    there.charge().await;
    there.control("pay", json!({ "order_id": ORDER })).await;
    assert_eq!(there.client().cancel(ORDER).await.outcome, Err(ActionError::CannotChange));
    assert_eq!(there.client().expire(ORDER).await.outcome, Err(ActionError::CannotChange));
}

#[tokio::test]
async fn the_same_bytes_twice_are_a_duplicate() {
    for manners in [json!({}), json!({ "http_follows_body": true })] {
        let there = double().await;
        there.control("manners", manners).await;
        there.charge().await;
        let again = there.client().charge(&charge().to_bytes(), None).await.outcome;
        assert_eq!(again, Err(ChargeError::Duplicate));
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let there = double().await;
    assert_eq!(there.client().status("nothing").await.outcome, Err(LookUpError::NotFound));
    assert_eq!(there.client().cancel("nothing").await.outcome, Err(ActionError::NotFound));
}

#[tokio::test]
async fn a_wrong_key_is_refused_everywhere() {
    let there = double().await;
    let wrong = there.client_with("SB-Mid-server-wrong");
    assert_eq!(wrong.charge(&charge().to_bytes(), None).await.outcome, Err(ChargeError::KeyRefused));
    assert_eq!(wrong.status(ORDER).await.outcome, Err(LookUpError::KeyRefused));
    assert_eq!(wrong.cancel(ORDER).await.outcome, Err(ActionError::KeyRefused));
    assert_eq!(wrong.probe().await.outcome, Err(ProbeError::KeyRefused));
    assert_eq!(there.client().probe().await.outcome, Ok(KeyWorks));
}

#[tokio::test]
async fn what_midtrans_does_not_like_comes_back_with_its_reasons() {
    let there = double().await;
    for numeric in [false, true] {
        there.control("manners", json!({ "numeric_400": numeric })).await;
        let items = vec![Item { name: "Kopi".into(), price: 1, quantity: 1 }];
        for wrong in [
            Charge { gross_amount: 0, ..charge() },
            Charge { items, ..charge() },
            Charge { order_id: "not/an/id".into(), ..charge() },
        ] {
            let outcome = there.client().charge(&wrong.to_bytes(), None).await.outcome;
            let Err(ChargeError::Invalid(reasons)) = outcome else {
                panic!("{wrong:?} gave {outcome:?}");
            };
            assert!(!reasons.is_empty());
        }
    }
    let malformed = include_bytes!("vectors/seed/alfamart-request-malformed.txt");
    let outcome = there.client().charge(malformed, None).await.outcome;
    assert!(matches!(outcome, Err(ChargeError::Invalid(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_store_that_is_not_activated_says_so() {
    let there = double().await;
    there.control("stores", json!({ "store": "indomaret", "active": false })).await;
    let outcome = there.client().charge(&charge().to_bytes(), None).await.outcome;
    assert_eq!(outcome, Err(ChargeError::ChannelNotActive));
}

#[tokio::test]
async fn every_trouble_of_a_charge_is_unclear_and_a_look_up_finds_the_truth() {
    let there = double().await;
    let troubles = [
        (json!({ "kind": "drop_before" }), Unclear::CutOff, false),
        (json!({ "kind": "drop_after" }), Unclear::CutOff, true),
        (json!({ "kind": "cut_body", "bytes": 40 }), Unclear::CutOff, true),
        (json!({ "kind": "html", "status": 403 }), Unclear::Foreign(403), false),
        (json!({ "kind": "html", "status": 502, "create": true }), Unclear::Foreign(502), true),
        (json!({ "kind": "error", "status": 500 }), Unclear::Trouble(500), false),
        (json!({ "kind": "error", "status": 503, "create": true }), Unclear::Trouble(503), true),
        (json!({ "kind": "error", "status": 900, "http": 200 }), Unclear::Trouble(900), false),
        (json!({ "kind": "unexpected", "create": true }), Unclear::Trouble(500), true),
        (json!({ "kind": "wrong", "body": "{}" }), Unclear::Incomplete, true),
        (json!({ "kind": "wrong", "body": "" }), Unclear::Foreign(200), true),
    ];
    for (number, (trouble, unclear, created)) in troubles.into_iter().enumerate() {
        let order_id = format!("order-{number}");
        let mut fault = trouble.clone();
        fault["on"] = json!("charge");
        there.control("faults", json!([fault])).await;

        let charge = Charge { order_id: order_id.clone(), ..charge() };
        let outcome = there.client().charge(&charge.to_bytes(), None).await.outcome;
        assert_eq!(outcome, Err(ChargeError::Unknown(unclear)), "{trouble}");

        there.control("faults", json!([])).await;
        let found = there.client().status(&order_id).await.outcome;
        match created {
            true => assert!(found.unwrap().payment_code.is_some(), "{trouble}"),
            false => assert_eq!(found, Err(LookUpError::NotFound), "{trouble}"),
        }
    }
}

#[tokio::test]
async fn too_many_charges_create_nothing() {
    let there = double().await;
    there.control("faults", json!([{ "on": "charge", "kind": "error", "status": 429 }])).await;
    let outcome = there.client().charge(&charge().to_bytes(), None).await.outcome;
    assert_eq!(outcome, Err(ChargeError::TryLater));
    assert_eq!(there.client().status(ORDER).await.outcome, Err(LookUpError::NotFound));
}

#[tokio::test]
async fn a_late_answer_is_unclear_and_a_look_up_finds_the_truth() {
    let there = double().await;
    there.control("faults", json!([{ "on": "charge", "kind": "delay", "ms": 6000 }])).await;
    let patience = Patience { connect: Duration::from_secs(5), whole: Duration::from_millis(1500) };
    let impatient = wire::client(&there.0.url(), patience);
    let outcome = impatient.charge(&charge().to_bytes(), None).await.outcome;
    assert_eq!(outcome, Err(ChargeError::Unknown(Unclear::TimedOut)));
    assert!(there.client().status(ORDER).await.outcome.is_ok());
}

#[tokio::test]
async fn every_notification_verifies_and_agrees_with_itself() {
    let relay = Wire::saying(http(200, "{}"));
    let config = Config { notify: vec![relay.url.clone()], ..Config::new(KEY) };
    let there = Double(Simulator::start(config).await.unwrap());
    there.charge().await;
    there.control("pay", json!({ "order_id": ORDER })).await;
    there.control("reverse", json!({ "order_id": ORDER })).await;
    there.control("test-notification", json!({})).await;
    there.ask("idle").await;

    let heard: Vec<_> = relay
        .heard()
        .iter()
        .map(|request| request.split_once("\r\n\r\n").unwrap().1.as_bytes().to_vec())
        .map(|body| Notification::parse(&body).unwrap())
        .collect();
    for notification in &heard {
        assert!(notification.verify(&key(KEY)));
        assert!(!notification.verify(&key("SB-Mid-server-other")));
        assert!(notification.consistent());
    }
    let states = |wanted| heard.iter().filter(|heard| heard.transaction().status == wanted).count();
    assert_eq!(states(TransactionStatus::Pending), 1);
    assert_eq!(states(TransactionStatus::Deny), 1);
    assert_eq!(states(TransactionStatus::Settlement), 2, "the payment's and the dashboard's test");
    assert_eq!(heard.iter().filter(|heard| heard.is_dashboard_test()).count(), 1);
}

#[tokio::test]
async fn an_answer_tells_midtrans_time() {
    let there = double().await;
    let exchange = there.client().status(ORDER).await.exchange;
    assert!(exchange.server_date.is_some());
    assert!(exchange.http_status.is_some());
    assert!(!exchange.body.is_empty());
}

struct Double(Running);

async fn double() -> Double {
    Double(Simulator::start(Config::new(KEY)).await.expect("a simulator"))
}

impl Double {
    fn client(&self) -> Client {
        self.client_with(KEY)
    }

    fn client_with(&self, server_key: &str) -> Client {
        let destination = midtrans::Destination::loopback(&self.0.url()).expect("this machine");
        Client::new(destination, key(server_key), Patience::default()).expect("a client")
    }

    /// Charges the usual order, and means it.
    async fn charge(&self) {
        self.client().charge(&charge().to_bytes(), None).await.outcome.expect("a payment code");
    }

    /// Makes something happen over there.
    async fn control(&self, what: &str, wish: Value) {
        let request = self.door().post(self.address(what)).body(wish.to_string());
        self.knock(request).await;
    }

    async fn ask(&self, what: &str) {
        let request = self.door().get(self.address(what));
        self.knock(request).await;
    }

    async fn knock(&self, request: reqwest::RequestBuilder) {
        let response = request.bearer_auth(&self.0.token).send().await.expect("an open door");
        let status = response.status();
        let said = response.text().await.expect("a word");
        assert!(status.is_success(), "{status}: {said}");
    }

    fn door(&self) -> reqwest::Client {
        let door = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        door.build().expect("a way to the simulator")
    }

    fn address(&self, what: &str) -> String {
        format!("{}/_control/{what}", self.0.url())
    }
}

fn charge() -> Charge {
    Charge {
        order_id: ORDER.into(),
        gross_amount: 44_000,
        store: Store::Indomaret,
        message: Some("Toko Ratna Jaya".into()),
        free_texts: ["Toko Ratna Jaya".into(), String::new(), "Terima kasih".into()],
        items: vec![
            Item { name: "Kopi Gayo 250 g".into(), price: 25_000, quantity: 2 },
            Item { name: "Diskon".into(), price: -6_000, quantity: 1 },
        ],
        customer: None,
        expiry: Some(Duration::from_secs(2 * 60 * 60)),
    }
}
