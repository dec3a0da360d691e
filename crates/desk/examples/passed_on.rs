//! How soon what Midtrans sends lies at the till when a hosted relay stands between: from the moment at
//! which it is sent to the row in the till's ledger. Real relay, real ledger, the loop of the window.
//!
//! `scripts/bench relay notice` runs it.

#![allow(clippy::unwrap_used, reason = "a measure that cannot go on has failed")]

#[path = "../tests/place/mod.rs"]
mod place;

use std::{
    fs::File,
    process::Command,
    time::{Duration, Instant},
};

use place::Shop;
use serde_json::{Value, json};
use stage::{
    Running,
    measure::{flush, notify, row},
    program,
};
use tempfile::TempDir;
use tokio::{task::spawn_blocking, time::sleep};

const TIMES: usize = 200;

#[tokio::main]
async fn main() {
    let folder = TempDir::new().unwrap();
    let store = folder.path().join("relay.db");
    let mut serve = Command::new(program("gerai-relay"));
    serve.arg("serve").arg("--store").arg(&store).args(["--listen", "127.0.0.1:0"]);
    serve.stderr(File::create(folder.path().join("journal")).unwrap());
    let relay = Running::start(serve, "gerai-relay");
    let listening = relay.word("listening").to_owned();
    let mut new = Command::new(program("gerai-relay"));
    new.args(["channel", "new", "--json", "--public-url", &format!("http://{listening}"), "--store"]).arg(&store);
    let made: Value = serde_json::from_slice(&new.output().unwrap().stdout).unwrap();
    let (address, code) = (made["notification_url"].as_str().unwrap(), made["pairing_code"].as_str().unwrap());
    let path = address.strip_prefix(&format!("http://{listening}")).unwrap().to_owned();

    let shop = Shop::open().await;
    shop.receiver.pair(address, code, "Depan").await.unwrap();
    let shop = shop.at_work();
    let (mut arrived, mut flushed) = (Vec::new(), Vec::new());
    for n in 0..TIMES {
        let sale = shop.charge().await;
        // At any moment of whatever the till does by itself.
        sleep(Duration::from_millis(200 + 7 * (n as u64 % 40))).await;
        let order_id = sale.attempts.last().unwrap().order_id;
        let (to, path, body) = (listening.clone(), path.clone(), settlement(order_id.as_str()));
        let sent = Instant::now();
        let sending = spawn_blocking(move || notify(&to, &path, &body));
        while shop.ledger().notifications(order_id).unwrap().is_empty() {
            assert!(sent.elapsed() < Duration::from_secs(10), "it does not arrive");
            // What is measured is when a reader sees the row; nothing tells one.
            sleep(Duration::from_millis(1)).await;
        }
        arrived.push(sent.elapsed());
        sending.await.unwrap();
        flushed.push(flush(&folder.path().join("probe")));
    }
    row("sent to the relay, to the row at the till", arrived);
    row("a raw flush of 4 KiB on the same disk", flushed);
}

fn settlement(order_id: &str) -> String {
    let key = relay::training_key();
    json!({
        "order_id": order_id, "status_code": "200", "gross_amount": "44000.00", "payment_type": "cstore",
        "signature_key": midtrans::signature(order_id, "200", "44000.00", &key), "transaction_status": "settlement",
    })
    .to_string()
}
