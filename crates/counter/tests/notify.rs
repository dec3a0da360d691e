//! Charges that name an address of their own for notifications.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod shop;

use std::time::Duration;

use counter::Language;
use ledger::Settings;
use serde_json::{Value, json};
use shop::Shop;
use till::{Event, From, OrderId, Sale, State, Store};

/// What stands in the dashboard; nobody listens there.
const DASHBOARD: &str = "http://127.0.0.1:9/dashboard";

impl Shop {
    fn names(&self, address: Option<&str>) {
        let settings = self.ledger().settings().unwrap();
        self.counter.set(Settings { notify_to: address.map(str::to_owned), ..settings }).unwrap();
    }

    /// Where Midtrans tells of an order, or tries to.
    async fn told_at(&self, order_id: OrderId) -> Vec<String> {
        let told = self.control(&format!("notifications?order_id={order_id}"), Value::Null).await;
        let told = told["notifications"].as_array().unwrap().clone();
        assert!(!told.is_empty());
        let mut urls: Vec<String> = told
            .iter()
            .flat_map(|one| one["deliveries"].as_array().unwrap())
            .map(|delivery| delivery["url"].as_str().unwrap().to_owned())
            .collect();
        urls.dedup();
        urls
    }
}

fn first(sale: &Sale) -> OrderId {
    sale.attempts[0].order_id
}

#[tokio::test]
async fn midtrans_tells_of_a_charge_where_it_says_and_not_at_the_dashboards_address() {
    let shop = Shop::open().await;
    let relay = shop.relay().await;
    shop.notify(DASHBOARD).await;
    let usual = shop.charge(Store::Indomaret).await;
    shop.names(Some(&relay.notification_url));
    let sale = shop.charge(Store::Indomaret).await;
    shop.happens("pay", &sale).await;
    shop.until(&sale, State::Paid).await;
    assert_eq!(shop.told_at(first(&usual)).await, [DASHBOARD]);
    assert_eq!(shop.told_at(first(&sale)).await, [relay.notification_url.as_str()]);
    assert_eq!(shop.ledger().notifications(first(&sale)).unwrap().len(), 2, "that it waits, and that it is paid");
    shop.names(None);
    assert_eq!(shop.told_at(first(&shop.charge(Store::Alfamart).await)).await, [DASHBOARD]);
}

#[tokio::test]
async fn what_is_sent_again_names_what_it_named_first_whatever_the_owner_has_set_since() {
    let (one, another) = ("http://127.0.0.1:9/one", "http://127.0.0.1:9/another");
    for since in [None, Some(another)] {
        let mut shop = Shop::open().await;
        shop.notify(DASHBOARD).await;
        shop.names(Some(one));
        shop.fault("charge", "drop_before", 1, json!({})).await;
        let sale = shop.charge(Store::Alfamart).await;
        assert_eq!(sale.state(), State::Unknown);
        shop.names(since);
        shop.restart();
        let sale = shop.until(&sale, State::Pending).await;
        let log = shop.ledger().log(sale.id).unwrap();
        assert!(log.iter().any(|entry| entry.event == Event::SentAgain), "it has gone out twice");
        assert_eq!(shop.told_at(first(&sale)).await, [one]);

        // A new code is another charge. The first request, which nobody answered, may be on its way for so long.
        shop.later(Duration::from_secs(200)).await;
        let anew = shop.counter.reissue(sale.id.as_str(), Store::Indomaret, From::Cashier).await.unwrap();
        assert_eq!(shop.told_at(anew.attempts[1].order_id).await, [since.unwrap_or(DASHBOARD)]);
    }
}

#[tokio::test]
async fn an_address_that_midtrans_could_not_reach_is_refused_with_its_remedy() {
    let shop = Shop::open().await;
    let settings = shop.ledger().settings().unwrap();
    for (address, code) in [
        ("", "notify_no_address"),
        ("https://a.example/n,https://b.example/n", "notify_no_address"),
        ("http://relay.example/n/abc", "notify_not_https"),
        ("https://kasir.local/n/abc", "notify_not_public"),
        ("https://relay.example:8443/n/abc", "notify_port"),
        ("https://ratna:rahasia@relay.example/n/abc", "notify_credentials"),
        (&format!("https://relay.example/{}", "n".repeat(300)), "notify_long"),
    ] {
        let refused = shop.counter.set(Settings { notify_to: Some(address.into()), ..settings.clone() }).unwrap_err();
        assert_eq!((refused.code, refused.field), (code, Some("notify_to")), "{address}");
        assert!(refused.sentence(Language::Indonesian).len() > 20);
    }
    assert_eq!(shop.ledger().settings().unwrap(), settings);
    let taken = Settings { notify_to: Some(" https://Relay.example/n/abc\n".into()), ..settings };
    assert_eq!(shop.counter.set(taken).unwrap().notify_to.as_deref(), Some("https://relay.example/n/abc"));
}

#[tokio::test]
async fn no_sale_fails_for_an_address_that_nobody_could_have_set() {
    let shop = Shop::open().await;
    shop.notify(DASHBOARD).await;
    shop.ledger().set(&Settings { notify_to: Some("not\nan address".into()), ..Settings::default() }).unwrap();
    let sale = shop.charge(Store::Alfamart).await;
    assert_eq!((sale.state(), shop.told_at(first(&sale)).await), (State::Pending, vec![DASHBOARD.to_owned()]));
}

#[tokio::test]
async fn its_evidence_says_that_an_address_was_named_and_not_which() {
    let shop = Shop::open().await;
    let address = "http://127.0.0.1:9/n/secretsecretsecret";
    shop.names(Some(address));
    let sale = shop.charge(Store::Alfamart).await;
    // Midtrans shows us our own request, and the owner has chosen another address since.
    shop.fault("status", "wrong", 1, json!({ "body": format!("<html>X-Override-Notification: {address}</html>") }))
        .await;
    shop.counter.check(sale.id.as_str()).await.unwrap();
    shop.names(None);
    let evidence = shop.counter.evidence(sale.id.as_str(), None).unwrap();
    assert!(evidence.attempts[0].own_address);
    let entries = evidence.to_json()["entries"].clone();
    let intended = entries.as_array().unwrap().iter().find(|entry| entry["event"]["kind"] == "intended").unwrap();
    assert_eq!(intended["event"]["notify"], true);
    let [id, en] = [Language::Indonesian, Language::English].map(|language| evidence.to_html(language));
    assert!(id.contains("menyebut alamat notifikasi sendiri") && en.contains("named an address of its own"));
    for form in [id, en, evidence.to_json().to_string()] {
        assert!(!form.contains("secretsecret") && !form.contains("127.0.0.1:9"), "{form}");
    }
    let usual = shop.charge(Store::Alfamart).await;
    assert!(!shop.counter.evidence(usual.id.as_str(), None).unwrap().attempts[0].own_address);
}
