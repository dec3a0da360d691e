//! `gerai-relay serve`, as Midtrans, a till and its host meet it.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

#[path = "hosted/mod.rs"]
mod hosted;

use std::thread;

use hosted::*;
use serde_json::json;

#[test]
fn what_midtrans_sent_is_read_by_a_till_and_said_to_be_read() {
    let relay = Relay::start(&[]);
    let channel = relay.channel();
    assert_eq!(relay.notify(&channel, &notification(1)), 200);
    let till = relay.till(&channel);
    assert_eq!(relay.notify(&channel, &notification(2)), 200);
    let page = relay.feed(&till, &format!("after={}", till.after));
    assert_eq!(entries(&page), [(1, notification(1)), (2, notification(2))], "also what came before it was paired");
    assert_eq!((page.json()["oldest"].as_i64(), page.json()["newest"].as_i64()), (Some(1), Some(2)));
    assert_eq!(relay.ack(&till, 2), 204);
    assert!(entries(&relay.feed(&till, "after=2")).is_empty());
}

#[test]
fn the_same_bytes_again_are_answered_alike_and_read_once() {
    let relay = Relay::start(&[]);
    let channel = relay.channel();
    for _ in 0..3 {
        assert_eq!(relay.notify(&channel, &notification(1)), 200);
    }
    assert_eq!(entries(&relay.feed(&relay.till(&channel), "after=0")).len(), 1);
}

#[test]
fn who_waits_hears_it_as_soon_as_it_comes() {
    let relay = Relay::start(&[]);
    let channel = relay.channel();
    let till = relay.till(&channel);
    thread::scope(|scope| {
        let page = scope.spawn(|| relay.feed(&till, "after=0&wait=60"));
        // Whether it comes before the till waits or after makes no difference.
        assert_eq!(relay.notify(&channel, &notification(1)), 200);
        assert_eq!(entries(&page.join().unwrap()), [(1, notification(1))]);
    });
}

#[test]
fn everything_is_still_there_after_a_kill() {
    let relay = Relay::start(&[]);
    let channel = relay.channel();
    let till = relay.till(&channel);
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("relay.db");
    for n in 1..=20 {
        assert_eq!(relay.notify(&channel, &notification(n)), 200);
    }
    relay.signal("KILL");
    for file in ["", "-wal", "-shm"] {
        let of = |path: &std::path::Path| format!("{}{file}", path.display());
        std::fs::copy(of(&relay.store), of(&kept)).unwrap();
    }
    let relay = Relay::on(&kept, &[]);
    let read: Vec<i64> = entries(&relay.feed(&till, "after=0")).into_iter().map(|(seq, _)| seq).collect();
    assert_eq!(read, (1..=20).collect::<Vec<_>>());
}

#[test]
fn a_channel_has_an_absolute_address_with_and_without_a_public_name() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("relay.db");
    let plain = channel_on(&store, &["--name", "Toko Maju"]);
    assert_eq!(plain.url, format!("http://localhost/n/{}", plain.secret));
    assert_eq!(plain.secret.len(), 32);
    let named = channel_on(&store, &["--public-url", "https://relay.example/"]);
    assert_eq!(named.url, format!("https://relay.example/n/{}", named.secret));
    assert_eq!((plain.code.len(), &plain.code[4..5]), (9, "-"));
}

#[test]
fn every_answer_is_the_one_of_the_table() {
    let relay = Relay::start(&[]);
    let channel = relay.channel();
    let path = format!("/n/{}", channel.secret);
    let genuine = notification(1).to_string();
    let without = |field: &str| {
        let mut message = notification(1);
        message.as_object_mut().unwrap().remove(field);
        message.to_string()
    };
    let with = |field: &str, value: serde_json::Value| {
        let mut message = notification(1);
        message[field] = value;
        message.to_string()
    };
    let twice = genuine.replacen('{', r#"{"order_id":"another","#, 1);
    for (method, path, body, status) in [
        ("POST", path.as_str(), genuine.as_str(), 200),
        ("POST", &path, "", 400),
        ("POST", &path, "{", 400),
        ("POST", &path, "[]", 400),
        ("POST", &path, &format!("{genuine} x"), 400),
        ("POST", &path, &twice, 400),
        ("POST", &path, &without("order_id"), 400),
        ("POST", &path, &without("signature_key"), 400),
        ("POST", &path, &with("gross_amount", json!(162_500)), 400),
        ("POST", &path, &with("status_code", json!(200)), 400),
        ("POST", &path, &with("signature_key", json!("0".repeat(127))), 400),
        ("POST", &path, &with("custom_field1", json!("x".repeat(70_000))), 413),
        ("GET", &path, "", 405),
        ("PUT", &path, &genuine, 405),
        ("POST", "/n/", &genuine, 404),
        ("POST", &format!("{path}x"), &genuine, 404),
        ("POST", &format!("{path}/"), &genuine, 404),
        ("POST", &path[..path.len() - 1], &genuine, 404),
        ("POST", &format!("{path}?x=1"), &genuine, 200),
        ("POST", "/", &genuine, 404),
        ("GET", "/healthz", "", 200),
        ("POST", "/healthz", "", 405),
        ("GET", "/v1/feed", "", 401),
        ("POST", "/v1/feed", "", 405),
        ("GET", "/v1", "", 404),
        ("GET", "/n/../v1/feed", "", 404),
        ("GET", "/v1/devices/x", "", 404),
        ("GET", "/v1/devices/1", "", 405),
    ] {
        let answer = relay.ask(method, path, None, body);
        assert_eq!(
            answer.status,
            status,
            "{method} {} {}",
            path.replace(&channel.secret, "…"),
            &body[..body.len().min(40)]
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(answer.header("server").is_none(), "whose version it is is nobody's business");
        if path.starts_with("/n/") {
            assert_eq!(answer.body, "");
        }
    }
    assert_eq!(relay.ask("GET", &path, None, "").header("allow"), Some("POST"));
}
