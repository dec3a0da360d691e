//! The till at the hosted relay that ships, as a program of its own.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod place;

use std::{path::PathBuf, process::Command, time::Duration};

use place::{Shop, until};
use serde_json::Value;
use stage::{Running, program};
use tempfile::TempDir;
use till::{From, Sale, State};

/// A hosted relay on one file, at the same port whenever it is started.
struct Relay {
    running: Option<Running>,
    listening: String,
    folder: TempDir,
}

impl Relay {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let mut relay = Self { running: None, listening: "127.0.0.1:0".into(), folder };
        relay.again();
        relay.listening = relay.running.as_ref().unwrap().word("listening").to_owned();
        relay
    }

    fn again(&mut self) {
        let mut serve = Command::new(program("gerai-relay"));
        serve.arg("serve").arg("--store").arg(self.store()).args(["--listen", &self.listening]);
        self.running = Some(Running::start(serve, "gerai-relay"));
    }

    /// As a power cut would end it.
    fn kill(&mut self) {
        self.running.take().unwrap().kill();
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("relay.db")
    }

    /// A new channel: its notification address and its pairing code.
    fn channel(&self) -> (String, String) {
        let mut new = Command::new(program("gerai-relay"));
        new.args(["channel", "new", "--json", "--public-url", &format!("http://{}", self.listening)]);
        let made = new.arg("--store").arg(self.store()).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        let word = |name: &str| made[name].as_str().unwrap().to_owned();
        (word("notification_url"), word("pairing_code"))
    }
}

fn heard(shop: &Shop, sale: &Sale) -> bool {
    shop.ledger().log(sale.id).unwrap().iter().any(|entry| entry.from == From::Relay)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_heard_through_the_relay_that_ships_also_after_its_power_was_cut() {
    let mut relay = Relay::start();
    let (address, code) = relay.channel();
    let shop = Shop::open().await.notified_at(&address).await;
    // What comes before anybody is paired waits for the first till.
    let early = shop.charge().await;
    shop.pay(&early).await;
    let refused = shop.receiver.pair(&address, "AAAA-AAAA", "Depan").await.unwrap_err();
    assert_eq!(refused.code, "relay_code_wrong");
    shop.receiver.pair(&address, &code, "Depan").await.unwrap();
    assert_eq!(shop.receiver.pair(&address, &code, "Depan").await.unwrap_err().code, "relay_code_void");
    let shop = shop.at_work();
    let sale = shop.charge().await;
    shop.pay(&sale).await;
    shop.until_paid(&sale).await;
    assert!(heard(&shop, &sale));
    assert!(shop.ledger().fed_at().unwrap().is_some());

    relay.kill();
    shop.until_trouble(Some("relay_unreachable")).await;
    relay.again();
    shop.until_trouble(None).await;
    let sale = shop.charge().await;
    shop.pay(&sale).await;
    shop.until_paid(&sale).await;
    assert!(heard(&shop, &sale));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_till_of_the_shop_hears_everything_until_its_pc_is_lost() {
    let relay = Relay::start();
    let (address, code) = relay.channel();
    let (counter, store_room) = (Shop::open().await.notified_at(&address).await, Shop::open().await);
    counter.receiver.pair(&address, &code, "Depan").await.unwrap();
    let further = counter.receiver.new_code().await.unwrap();
    store_room.receiver.pair(&address, &further.code, "Gudang").await.unwrap();
    let (counter, store_room) = (counter.at_work(), store_room.at_work());
    let sale = counter.charge().await;
    counter.pay(&sale).await;
    counter.until_paid(&sale).await;
    until("both have read everything", || counter.cursor() >= 2 && store_room.cursor() == counter.cursor()).await;

    let devices = counter.receiver.devices().await.unwrap();
    let names: Vec<_> = devices.iter().map(|device| (device.name.as_str(), device.is_this)).collect();
    assert_eq!(names, [("Depan", true), ("Gudang", false)]);
    counter.receiver.revoke(&devices[1].device).await.unwrap();
    store_room.until_trouble(Some("relay_revoked")).await;
    assert!(counter.receiver.unpair().await.unwrap());
    assert_eq!(
        counter
            .receiver
            .pair("http://127.0.0.1:1/n/abcdefghijklmnopqrstuvwxyz234567", &code, "Depan")
            .await
            .unwrap_err()
            .code,
        "relay_unreachable"
    );
    let other = address.rsplit_once('/').unwrap().0.to_owned() + "/abcdefghijklmnopqrstuvwxyz234567";
    assert_eq!(counter.receiver.pair(&other, &code, "Depan").await.unwrap_err().code, "relay_address_unknown");
}

/// After so many minutes each Midtrans tries again, at the latest: each step may come 87 seconds later.
const LADDER: [u64; 5] = [2, 10, 30, 90, 210];
const LATER: Duration = Duration::from_secs(87);

fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

#[tokio::test(flavor = "multi_thread")]
async fn however_long_the_relay_and_the_shop_were_away_the_list_is_right_when_they_are_back() {
    let mut relay = Relay::start();
    let (address, code) = relay.channel();
    let mut shop = Shop::open().await.notified_at(&address).await;
    shop.receiver.pair(&address, &code, "Depan").await.unwrap();
    for away in [1, 35, 120, 340, 360, 24 * 60] {
        let (paid, unpaid) = (shop.charge().await, shop.charge().await);
        assert_eq!(shop.at_midtrans("idle").await["idle"], true, "Midtrans has told of both");
        relay.kill();
        shop.pay(&paid).await;
        shop.at_midtrans("idle").await;
        let mut ladder = LADDER.into_iter().map(|step| minutes(step) + LATER).peekable();
        let mut left = minutes(away);
        while let Some(step) = ladder.next_if(|step| *step <= left) {
            shop.time_passes(step).await;
            left -= step;
        }
        shop.time_passes(left).await;

        relay.again();
        shop = shop.at_work();
        let back = shop.counter.now();
        for sale in [&paid, &unpaid] {
            let there = word_at_midtrans(&shop, sale).await;
            until("the list is right", || word(shop.state(sale)) == there).await;
        }
        let took = shop.counter.now().since(back);
        assert!(took < Duration::from_secs(60 + 1), "away {away} min, and right after {took:?}");

        // What Midtrans still tries arrives, and what it has given up does not.
        for step in ladder {
            shop.time_passes(step).await;
        }
        let told = settlement(&shop, &paid).await;
        let arrives = away < 342;
        assert_eq!(told["state"], if arrives { "done" } else { "given_up" }, "away {away} min: {told}");
        let by_relay = || shop.ledger().notifications(paid.attempt().unwrap().order_id).unwrap();
        let is_here = || by_relay().iter().any(|stored| contains(&stored.body, "\"settlement\""));
        if arrives {
            until("it has come through the relay", is_here).await;
        }
        assert_eq!(is_here(), arrives, "away {away} min");
        shop.closes().await;
    }
    assert_eq!(shop.ledger().audit().unwrap(), []);
}

/// What became of the notification that this one is paid.
async fn settlement(shop: &Shop, sale: &Sale) -> Value {
    let order = sale.attempt().unwrap().order_id;
    let told = shop.at_midtrans(&format!("notifications?order_id={order}")).await;
    let told = told["notifications"].as_array().unwrap().iter();
    let settled = told.clone().find(|told| contains(told["body"].as_str().unwrap().as_bytes(), "\"settlement\""));
    settled.unwrap()["deliveries"][0].clone()
}

async fn word_at_midtrans(shop: &Shop, sale: &Sale) -> String {
    let order = sale.attempt().unwrap().order_id.to_string();
    let there = shop.at_midtrans("transactions").await;
    let there = there["transactions"].as_array().unwrap().iter().find(|one| one["order_id"] == order.as_str());
    there.unwrap()["status"].as_str().unwrap().to_owned()
}

fn word(state: State) -> &'static str {
    match state {
        State::Pending => "pending",
        State::Paid => "settlement",
        State::Expired => "expire",
        _ => "nothing that Midtrans says",
    }
}

fn contains(body: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(body).contains(text)
}
