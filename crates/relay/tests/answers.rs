//! The answer table, a case at a time.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use std::{fs, sync::mpsc, thread, time::Duration};

use midtrans::ServerKey;
use relay::Patience;
use rusqlite::TransactionBehavior;
use serde_json::{Value, json};
use shop::*;
use till::State;

#[test]
fn a_genuine_notification_is_stored_before_it_is_answered_with_200() {
    let shop = Shop::open();
    let relay = shop.relay();
    let answer =
        exchange(relay.address, &request("POST", &relay.path, shop.notification("settlement").to_string().as_bytes()));
    assert_eq!(status(&answer), 200, "the dashboard takes no other success");
    assert_eq!(body(&answer), "");
    assert_eq!(shop.ledger.notifications(shop.order_id).unwrap().len(), 1);
}

#[test]
fn the_same_bytes_again_are_answered_with_200_and_only_counted() {
    let shop = Shop::open();
    let relay = shop.relay();
    for _ in 0..3 {
        assert_eq!(relay.notify(&shop.notification("settlement")), 200);
    }
    let stored = shop.ledger.notifications(shop.order_id).unwrap();
    assert_eq!((stored.len(), stored[0].times), (1, 3));
    assert_eq!(shop.hints(), 1, "a repeat says nothing new");
}

#[test]
fn a_genuine_notification_about_no_order_of_ours_is_answered_with_200() {
    let shop = Shop::open();
    let relay = shop.relay();
    assert_eq!(relay.notify(&notification("ORDER-of-the-web-shop", "200", "settlement", "10000.00")), 200);
    assert_eq!(shop.count("inbox"), 1, "it is kept");
}

#[test]
fn the_test_button_of_the_dashboard_is_answered_with_200() {
    let shop = Shop::open();
    let relay = shop.relay();
    let order_id = "payment_notif_test_G812785002_a0e8a4a4-1a9a-4b9a-9b9a-2f6c1d0f6f11";
    let mut test = notification(order_id, "200", "settlement", "105000.00");
    let fields = test.as_object_mut().unwrap();
    fields.remove("store");
    fields.remove("payment_code");
    fields.insert("payment_type".into(), "gopay".into());
    assert_eq!(relay.notify(&test), 200);
}

#[test]
fn midtrans_published_signatures_are_genuine_with_their_keys_and_forged_with_any_other() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("vectors/signatures.json")).unwrap();
    assert_eq!(vectors.len(), 6);
    for vector in vectors {
        let text = |field: &str| vector[field].as_str().unwrap();
        let message = json!({
            "order_id": text("order_id"),
            "status_code": text("status_code"),
            "gross_amount": text("gross_amount"),
            "signature_key": text("signature_key"),
            "transaction_status": match text("status_code") { "200" => "settlement", "201" => "pending", _ => "expire" },
        });
        let (right, wrong) = (Shop::open(), Shop::open());
        assert_eq!(right.relay_with(key(text("server_key")), Patience::default()).notify(&message), 200, "{message}");
        assert_eq!(wrong.relay().notify(&message), 401, "{message}");
    }
}

#[test]
fn the_notifications_of_midtrans_own_page_are_taken_byte_for_byte() {
    let shop = Shop::open();
    let relay = shop.relay_with(key("SB-Mid-server-TOq1a2AVuiyhhOjvfs3U_KeO"), Patience::default());
    assert_eq!(relay.post(include_bytes!("vectors/alfamart-notification.json")), 200);
    assert_eq!(relay.post(include_bytes!("vectors/indomaret-notification.json")), 200);
    assert_eq!(shop.count("inbox"), 2);
}

#[test]
fn a_wrong_signature_is_answered_with_401_and_kept_aside() {
    let shop = Shop::open();
    let relay = shop.relay();
    let mut forged = shop.notification("settlement");
    forged["signature_key"] = "0".repeat(128).into();
    let answer = exchange(relay.address, &request("POST", &relay.path, forged.to_string().as_bytes()));
    assert_eq!(status(&answer), 401);
    assert_eq!(body(&answer), "", "a forger learns nothing");
    assert_eq!((shop.count("inbox"), shop.count("quarantine")), (0, 1));
}

#[test]
fn what_is_no_notification_is_answered_with_400_and_kept_aside() {
    let shop = Shop::open();
    let relay = shop.relay();
    let genuine = shop.notification("settlement");
    let with = |field: &str, value: Value| {
        let mut changed = genuine.clone();
        changed[field] = value;
        changed.to_string()
    };
    let without = |field: &str| {
        let mut changed = genuine.clone();
        changed.as_object_mut().unwrap().remove(field);
        changed.to_string()
    };
    let text = genuine.to_string();
    let twice = |field: &str| text.replacen('{', &format!(r#"{{"{field}":{},"#, genuine[field]), 1);
    let mut junk = vec![
        String::new(),
        "not JSON".into(),
        "[]".into(),
        "null".into(),
        text[..text.len() - 1].into(),
        format!("{text}{text}"),
        with("gross_amount", json!(162_500)),
        with("status_code", json!(200)),
        with("status_code", json!("20")),
        with("status_code", json!("2OO")),
        with("order_id", json!(["a"])),
        with("order_id", json!("")),
        with("signature_key", json!("0".repeat(127))),
        with("signature_key", json!("0".repeat(129))),
        with("signature_key", json!("g".repeat(128))),
        with("transaction_status", json!(null)),
    ];
    for field in ["order_id", "status_code", "gross_amount", "signature_key"] {
        junk.push(without(field));
        junk.push(twice(field));
    }
    for body in &junk {
        assert_eq!(relay.post(body), 400, "{body}");
    }
    assert_eq!((shop.count("inbox"), shop.count("quarantine")), (0, junk.len() as i64));
    assert_eq!(shop.state(), State::Pending);
}

#[test]
fn bytes_that_are_no_text_are_answered_with_400() {
    let shop = Shop::open();
    assert_eq!(shop.relay().post([0xff, 0x00, 0xfe]), 400);
}

#[test]
fn a_body_of_64_kib_is_read_and_one_byte_more_is_answered_with_413() {
    let shop = Shop::open();
    let relay = shop.relay();
    let mut long = shop.notification("settlement");
    long["custom_field1"] = "".into();
    let padding = 64 * 1024 - long.to_string().len();
    long["custom_field1"] = "x".repeat(padding).into();
    assert_eq!(relay.notify(&long), 200);
    long["custom_field1"] = "x".repeat(padding + 1).into();
    assert_eq!(relay.notify(&long), 413);
    assert_eq!((shop.count("inbox"), shop.count("quarantine")), (1, 0), "what is too long is not kept");
}

#[test]
fn an_endless_body_is_answered_with_413_whether_or_not_it_tells_its_length() {
    let shop = Shop::open();
    let relay = shop.relay();
    let head = |length: &str| format!("POST {} HTTP/1.1\r\nHost: shop\r\n{length}\r\n\r\n", relay.path);
    let promised = head("Content-Length: 99999999999");
    assert_eq!(status(&exchange(relay.address, promised.as_bytes())), 413, "before any of it was sent");
    let chunk = format!("8000\r\n{}\r\n", "x".repeat(0x8000));
    let chunked = format!("{}{}0\r\n\r\n", head("Transfer-Encoding: chunked\r\nConnection: close"), chunk.repeat(3));
    assert_eq!(status(&exchange(relay.address, chunked.as_bytes())), 413);
}

#[test]
fn a_wrong_path_is_answered_with_404_and_nothing_else() {
    let shop = Shop::open();
    let relay = shop.relay();
    let body_of = shop.notification("settlement").to_string();
    let nearly = format!("{}x", &relay.path[..relay.path.len() - 1]);
    for path in ["/", "/n/", "/n/short", &nearly, &format!("{}/", relay.path), &format!("/n{}", relay.path)] {
        let answer = exchange(relay.address, &request("POST", path, body_of.as_bytes()));
        assert_eq!((status(&answer), body(&answer)), (404, ""), "{path}");
    }
    assert_eq!((shop.count("inbox"), shop.count("quarantine")), (0, 0));
}

#[test]
fn a_wrong_method_is_answered_with_405_and_names_the_right_one() {
    let shop = Shop::open();
    let relay = shop.relay();
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let answer = exchange(relay.address, &request(method, &relay.path, b""));
        assert_eq!(status(&answer), 405, "{method}");
        assert!(answer.to_lowercase().contains("\r\nallow: post\r\n"), "{answer}");
    }
    assert_eq!(status(&exchange(relay.address, &request("POST", "/healthz", b""))), 405);
}

#[test]
fn the_health_check_answers_200_and_tells_no_version() {
    let shop = Shop::open();
    let relay = shop.relay();
    let answer = get(relay.address, "/healthz");
    assert_eq!((status(&answer), body(&answer)), (200, "alive\n"));
    assert!(!answer.contains(env!("CARGO_PKG_VERSION")) && !answer.to_lowercase().contains("server:"), "{answer}");
}

#[test]
fn a_ledger_that_stays_locked_is_answered_with_502_and_the_repeat_is_taken() {
    let shop = Shop::open();
    let relay = shop.relay();
    let mut other = shop.other_program();
    let lock = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    assert_eq!(relay.notify(&shop.notification("settlement")), 502, "five tries more, and not 500 or 503");
    drop(lock);
    assert_eq!(relay.notify(&shop.notification("settlement")), 200);
    assert_eq!(shop.state(), State::Confirming);
}

#[test]
fn a_lock_that_is_released_in_time_only_delays_the_200() {
    let shop = Shop::open();
    let (asked, wanted) = mpsc::channel();
    let relay = shop.relay_with(Tells(asked), Patience::default());
    let mut other = shop.other_program();
    let lock = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    thread::scope(|scope| {
        let answer = scope.spawn(|| relay.notify(&shop.notification("settlement")));
        // It has its key now and goes on to the ledger.
        wanted.recv().unwrap();
        drop(lock);
        assert_eq!(answer.join().unwrap(), 200);
    });
}

#[test]
fn what_takes_longer_than_midtrans_waits_is_answered_with_502_and_later_only_a_repeat() {
    let shop = Shop::open();
    let short = Patience { answer: Duration::from_millis(100), ..Patience::default() };
    let relay = shop.relay_with(relay::training_key(), short);
    let mut other = shop.other_program();
    let lock = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    assert_eq!(relay.notify(&shop.notification("settlement")), 502);
    drop(lock);
    // The relay was still waiting for its turn, and now it comes.
    let stored = (0..1_000).any(|_| {
        thread::sleep(Duration::from_millis(10));
        shop.count("inbox") == 1
    });
    assert!(stored);
    assert_eq!(relay.notify(&shop.notification("settlement")), 200);
    assert_eq!(shop.ledger.notifications(shop.order_id).unwrap()[0].times, 2);
    assert_eq!(shop.hints(), 1);
}

#[test]
fn a_full_disk_is_answered_with_502_and_what_came_is_taken_once_there_is_room() {
    let Some(disk) = Disk::mount("size=512k") else { return };
    let shop = Shop::within(tempfile::tempdir_in(disk.path()).unwrap(), till::Environment::Training);
    let relay = shop.relay();
    let ballast = disk.path().join("ballast");
    let mut size = 1 << 20;
    while size > 0 {
        // As much as fits.
        let kept = fs::metadata(&ballast).map_or(0, |it| it.len() as usize);
        if fs::write(&ballast, vec![0; kept + size]).is_err() {
            let _ = fs::write(&ballast, vec![0; kept]);
            size /= 2;
        }
    }
    let mut long = shop.notification("settlement");
    long["custom_field1"] = "x".repeat(30_000).into();
    assert_eq!(relay.notify(&long), 502);
    assert_eq!((shop.count("inbox"), shop.state()), (0, State::Pending), "nothing half-done is kept");
    fs::remove_file(&ballast).unwrap();
    assert_eq!(relay.notify(&long), 200);
    assert_eq!(shop.state(), State::Confirming);
}

/// The key of training, and says when somebody asked for it.
struct Tells(mpsc::Sender<()>);

impl relay::KeySource for Tells {
    fn key(&self) -> Option<ServerKey> {
        let _ = self.0.send(());
        Some(relay::training_key())
    }
}
