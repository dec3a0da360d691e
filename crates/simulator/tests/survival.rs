//! What outlives the simulator, and how several programs share one in training.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use common::{House, KEY, Reader, Reply, order, text};
use serde_json::{Value, json};
use simulator::training::Training;
use simulator::{Config, TRAINING_KEY};

const PROGRAM: &str = env!("CARGO_BIN_EXE_midtrans-simulator");

/// A process that ends with the test, also when the test fails.
struct Other(Child);

impl Other {
    fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts the program, and waits for its one line.
fn start(arguments: &[&str]) -> (Other, Value) {
    let mut program = Command::new(PROGRAM);
    program.args(["--server-key", KEY]).args(arguments).stdout(Stdio::piped());
    let mut other = Other(program.spawn().unwrap());
    let mut line = String::new();
    BufReader::new(other.0.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (other, serde_json::from_str(&line).unwrap())
}

fn house(ready: &Value) -> House {
    House::at(text(ready, "listening").to_owned(), text(ready, "token").to_owned())
}

#[tokio::test]
async fn transactions_settings_and_unsent_notifications_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut reader = Reader::open().await;
    let config = Config { state: Some(folder.path().join("state.db")), seed: Some(1), ..Config::new(KEY) };
    let house = House::with(Config { notify: vec![reader.url()], ..config.clone() }).await;
    reader.will_answer([Reply::Code(502)]);
    let before = house.charge(&order("a", "indomaret", 44_000)).await;
    house.control("code-shape", json!({ "shape": "letter" })).await;
    house.idle().await;
    reader.next().await;
    house.advance(20).await;
    let pushed = house.look("clock").await["unix_ms"].as_i64().unwrap();
    house.close().await;

    let house = House::with(config).await;
    assert_eq!(house.status("a").await["payment_code"], before["payment_code"]);
    assert!(house.look("clock").await["unix_ms"].as_i64().unwrap() >= pushed);
    house.advance(240).await;
    assert_eq!(reader.next().await.body["order_id"], "a", "the retry goes on");
    let after = house.charge(&order("b", "indomaret", 44_000)).await;
    assert_eq!(text(&after, "payment_code").len(), 20);
    assert_ne!(after["transaction_id"], before["transaction_id"], "the same seed draws on");
    assert_eq!(house.look("transactions").await["charge_requests"]["a"], 1);
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.db");
    let state = state.to_str().unwrap();
    for round in 0..5 {
        let (mut child, ready) = start(&["--state", state]);
        let running = house(&ready);
        let mut answered = Vec::new();
        for number in 0..20 {
            let order_id = format!("order-{round}-{number}");
            let answer = running.charge(&order(&order_id, "alfamart", 1_000)).await;
            answered.push((order_id, answer["payment_code"].clone()));
        }
        child.kill();
        let (_child, ready) = start(&["--state", state]);
        let running = house(&ready);
        for (order_id, code) in answered {
            assert_eq!(running.status(&order_id).await["payment_code"], code);
        }
    }
}

#[tokio::test]
async fn the_program_takes_several_addresses_and_ends_cleanly() {
    let (mut one, mut two, mut three) = (Reader::open().await, Reader::open().await, Reader::open().await);
    let first = format!("{},{}", one.url(), two.url());
    let (mut child, ready) = start(&["--notify", &first, "--notify", &three.url()]);
    house(&ready).charge(&order("a", "alfamart", 1_000)).await;
    for reader in [&mut one, &mut two, &mut three] {
        assert_eq!(reader.next().await.body["order_id"], "a");
    }
    let ended = Command::new("kill").arg(child.0.id().to_string()).status().unwrap();
    assert!(ended.success());
    let mut rest = String::new();
    BufReader::new(child.0.stdout.take().unwrap()).read_line(&mut rest).unwrap();
    assert!(child.0.wait().unwrap().success());
    assert_eq!(rest, "", "nothing but the one line");
}

#[test]
fn it_refuses_to_listen_to_other_machines() {
    for (arguments, word) in [(["--listen", "0.0.0.0:0"], "loopback"), (["--clock-speed", "0"], "clock")] {
        let refused = Command::new(PROGRAM).args(["--server-key", KEY]).args(arguments).output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
        assert!(refused.stdout.is_empty());
        assert!(String::from_utf8(refused.stderr).unwrap().contains(word));
    }
}

fn trainer(access: &simulator::training::Access) -> House {
    House::at(access.listening.clone(), access.token.clone())
}

async fn charge_in_training(url: &str, order_id: &str) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client
        .post(format!("{url}/v2/charge"))
        .basic_auth(TRAINING_KEY, Some(""))
        .body(order(order_id, "indomaret", 44_000).to_string());
    request.send().await.unwrap().text().await.unwrap().parse().unwrap()
}

fn listed(transactions: &Value) -> Vec<&str> {
    let transactions = transactions["transactions"].as_array().unwrap();
    transactions.iter().map(|transaction| text(transaction, "order_id")).collect()
}

#[tokio::test]
async fn two_share_one_training_and_the_second_takes_over() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("latihan");
    let first = Training::enter(&folder).await.unwrap();
    let second = Training::enter(&folder).await.unwrap();
    assert!(first.here().await && !second.here().await);
    let access = first.access().await.unwrap();
    assert_eq!(second.access().await.unwrap(), access);
    charge_in_training(&access.listening, "a").await;
    let urls = json!({ "urls": ["http://127.0.0.1:9/relay"] });
    trainer(&access).control("notify", urls.clone()).await;

    first.leave().await;
    let taken_over = second.access().await.unwrap();
    assert!(second.here().await);
    assert_eq!(taken_over.listening, access.listening, "at the same address");
    assert_ne!(taken_over.token, access.token);
    let trainer = trainer(&taken_over);
    assert_eq!(listed(&trainer.look("transactions").await), ["a"]);
    assert_eq!(trainer.look("notify").await, urls, "the relay's address is still known");
    let third = Training::enter(&folder).await.unwrap();
    assert_eq!(third.access().await.unwrap(), taken_over);
    let pay = json!({ "order_id": "a" });
    third.tell("pay", &pay).await.unwrap();
    let again = third.tell("pay", &pay).await.unwrap_err().to_string();
    assert!(again.contains("settlement"), "who is refused is told why: {again}");
}

#[tokio::test]
async fn whoever_drops_its_training_lets_another_take_over() {
    let folder = tempfile::tempdir().unwrap();
    let first = Training::enter(folder.path()).await.unwrap();
    let second = Training::enter(folder.path()).await.unwrap();
    let before = first.access().await.unwrap();
    charge_in_training(&before.listening, "a").await;
    drop(first);
    let after = second.access().await.unwrap();
    assert!(second.here().await);
    let transactions = trainer(&after).look("transactions").await;
    assert_eq!(listed(&transactions), ["a"]);
}

#[tokio::test]
#[ignore = "the other process of the test below"]
async fn somebody_else_enters_and_stays() {
    let Some(folder) = std::env::var_os("TRAINING_FOLDER") else { return };
    let training = Training::enter(Path::new(&folder)).await.unwrap();
    assert!(training.here().await);
    std::future::pending().await
}

#[tokio::test]
async fn when_another_process_is_killed_its_training_goes_on_here() {
    let folder = tempfile::tempdir().unwrap();
    let other = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "somebody_else_enters_and_stays"])
        .env("TRAINING_FOLDER", folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut other = Other(other);
    while !folder.path().join("simulator.json").exists() {
        tokio::task::yield_now().await;
    }
    let training = Training::enter(folder.path()).await.unwrap();
    assert!(!training.here().await);
    let before = training.access().await.unwrap();
    let charged = charge_in_training(&before.listening, "a").await;
    other.kill();
    let after = training.access().await.unwrap();
    assert!(training.here().await);
    let transactions = trainer(&after).look("transactions").await;
    assert_eq!(transactions["transactions"][0]["payment_code"], charged["payment_code"]);
}

#[tokio::test]
async fn a_charge_that_hangs_when_the_simulator_stops_is_not_made_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config { state: Some(folder.path().join("state.db")), ..Config::new(KEY) };
    let first = House::with(config.clone()).await;
    first.fault(json!({ "on": "charge", "kind": "delay", "ms": 1600, "before": true })).await;
    let client = first.client.clone();
    let url = format!("{}/v2/charge", first.url);
    let hanging = tokio::spawn(async move {
        let request = client.post(url).basic_auth(KEY, Some(""));
        request.body(order("a", "alfamart", 1_000).to_string()).send().await
    });
    while first.look("transactions").await["charge_requests"]["a"] != 1 {}
    first.close().await;
    let second = House::with(config).await;
    assert!(hanging.await.unwrap().is_err(), "the line was cut");
    tokio::time::sleep(std::time::Duration::from_millis(900)).await;
    assert_eq!(second.status("a").await["status_code"], "404");
}

#[tokio::test]
async fn many_who_enter_at_once_find_one_simulator() {
    let folder = tempfile::tempdir().unwrap();
    let mut entering = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let folder = folder.path().to_owned();
        entering.spawn(async move { Training::enter(&folder).await.unwrap() });
    }
    let entered = entering.join_all().await;
    let mut runs_it = 0;
    let access = entered[0].access().await.unwrap();
    for training in &entered {
        assert_eq!(training.access().await.unwrap(), access);
        runs_it += u32::from(training.here().await);
    }
    assert_eq!(runs_it, 1);
}

#[tokio::test]
async fn a_stale_address_file_misleads_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stale = json!({
        "listening": format!("http://{}", nobody.local_addr().unwrap()),
        "token": "old",
    });
    std::fs::write(folder.path().join("simulator.json"), stale.to_string()).unwrap();
    let training = Training::enter(folder.path()).await.unwrap();
    let access = training.access().await.unwrap();
    assert_ne!(access.listening, stale["listening"], "that port is somebody else's");
    trainer(&access).look("health").await;
    only_its_owner_reads(&folder.path().join("simulator.json"));
}

#[cfg(unix)]
fn only_its_owner_reads(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}
