use std::thread;

use serde_json::json;

use crate::relay::*;

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

#[test]
fn nothing_that_is_secret_is_in_the_journal() {
    let relay = Relay::start(&[]);
    let channel = relay.channel();
    let till = relay.till(&channel);
    let path = format!("/n/{}", channel.secret);
    let mut message = notification(1);
    message["custom_field1"] = json!("canary-0812");
    assert_eq!(relay.notify(&channel, &message), 200);
    assert_eq!(relay.notify(&channel, &message), 200);
    assert_eq!(relay.ask("POST", &path, None, "canary-junk").status, 400);
    assert_eq!(relay.ask("POST", "/n/canary-path", None, "{}").status, 404);
    assert_eq!(relay.ask("GET", "/v1/feed", Some("canary-token"), "").status, 401);
    assert_eq!(relay.ask("GET", "/canary-page?canary-query", None, "").status, 404);
    assert_eq!(relay.pair(&channel, "AAAA-AAAA").status, 403);
    let code = relay.ask("POST", "/v1/codes", Some(&till.token), "");
    assert_eq!(code.status, 201);
    let another = code.json()["code"].as_str().unwrap().to_owned();
    assert_eq!(entries(&relay.feed(&till, "after=0")).len(), 1);
    let (status, _, journal) = relay.end("TERM");
    assert!(status.success());
    let signature = message["signature_key"].as_str().unwrap().to_owned();
    for secret in [&channel.secret, &till.token, &channel.code, &another, "canary", "Kasir 1", "order-1x", &signature] {
        assert!(!journal.contains(secret), "{secret} is in the journal:\n{journal}");
    }
    let lines = journal.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let told: Vec<_> = lines.filter(|line| line["what"] == "notify").collect();
    assert_eq!(told.len(), 4, "{journal}");
    for (line, (outcome, status)) in
        told.iter().zip([("stored", 200), ("stored", 200), ("junk", 400), ("not_here", 404)])
    {
        assert_eq!((line["outcome"].as_str(), line["status"].as_u64()), (Some(outcome), Some(status)));
        assert!(line["request"].is_string() && line["ms"].is_u64());
    }
    assert_eq!(told[0]["channel"], channel.number);
    assert_eq!((told[0]["digest"].as_str().unwrap().len(), &told[0]["digest"]), (16, &told[1]["digest"]));
    assert_eq!((&told[0]["again"], &told[1]["again"]), (&serde_json::Value::Null, &json!(true)));
}

#[test]
fn a_code_pairs_one_till_and_five_wrong_ones_void_it() {
    let relay = Relay::start(&[]);
    let channel = relay.channel();
    let refused = |code: &str| {
        let answer = relay.pair(&channel, code);
        (answer.status, answer.json()["error"].as_str().unwrap().to_owned())
    };
    let till = relay.till(&channel);
    assert_eq!(refused(&channel.code), (403, "code_void".into()), "it was used");
    let code = relay.ask("POST", "/v1/codes", Some(&till.token), "").json()["code"].as_str().unwrap().to_owned();
    for _ in 0..5 {
        assert_eq!(refused("AAAA-AAAA"), (403, "code_wrong".into()));
    }
    assert_eq!(refused(&code), (403, "code_void".into()), "it was guessed at too often");
}

#[test]
fn a_lost_till_reads_nothing_more_and_the_others_do() {
    let relay = Relay::start(&[]);
    let channel = relay.channel();
    let first = relay.till(&channel);
    let code = relay.ask("POST", "/v1/codes", Some(&first.token), "").json()["code"].as_str().unwrap().to_owned();
    let second = relay.till(&Channel { code, secret: channel.secret.clone(), url: String::new(), ..channel });
    let devices = relay.ask("GET", "/v1/devices", Some(&first.token), "").json();
    let these: Vec<_> = devices
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["device"].as_i64().unwrap(), row["this"].as_bool().unwrap()))
        .collect();
    assert_eq!(these, [(first.device, true), (second.device, false)]);
    let lost = format!("/v1/devices/{}", second.device);
    assert_eq!(relay.ask("DELETE", &lost, Some(&first.token), "").status, 204);
    assert_eq!(relay.feed(&second, "after=0").status, 401);
    assert_eq!(relay.ack(&second, 0), 401);
    assert_eq!(relay.feed(&first, "after=0").status, 200);
}

#[test]
fn a_revoked_channel_takes_nothing_and_gives_nothing() {
    let relay = Relay::start(&[]);
    let (channel, other) = (relay.channel(), relay.channel());
    let (till, till_of_other) = (relay.till(&channel), relay.till(&other));
    assert_eq!(relay.notify(&channel, &notification(1)), 200);
    let revoked = program()
        .args(["channel", "revoke", &channel.number.to_string(), "--store"])
        .arg(&relay.store)
        .output()
        .unwrap();
    assert!(revoked.status.success(), "{}", String::from_utf8_lossy(&revoked.stderr));
    assert_eq!(relay.notify(&channel, &notification(2)), 404, "at once, though another program did it");
    assert_eq!(relay.feed(&till, "after=0").status, 401);
    assert_eq!(relay.notify(&other, &notification(3)), 200);
    assert_eq!(entries(&relay.feed(&till_of_other, "after=0")).len(), 1);
}

#[test]
fn a_channel_takes_a_burst_and_then_so_many_a_second_and_says_when() {
    let relay = Relay::start(&["--channel-burst", "3", "--channel-rate", "1"]);
    let (channel, other) = (relay.channel(), relay.channel());
    let path = format!("/n/{}", channel.secret);
    let answers: Vec<_> = (1..=50).map(|n| relay.ask("POST", &path, None, &notification(n).to_string())).collect();
    assert!(answers[..3].iter().all(|answer| answer.status == 200));
    let later = answers.iter().find(|answer| answer.status == 429).expect("fifty in a second are too many");
    assert_eq!(later.header("retry-after"), Some("1"));
    assert_eq!(relay.notify(&other, &notification(1)), 200, "which is nobody else's fault");
}

#[test]
fn a_full_channel_takes_no_more_until_somebody_has_read() {
    let relay = Relay::start(&["--channel-entries", "3"]);
    let channel = relay.channel();
    for n in 1..=3 {
        assert_eq!(relay.notify(&channel, &notification(n)), 200);
    }
    assert_eq!(relay.notify(&channel, &notification(4)), 429);
    assert_eq!(relay.notify(&channel, &notification(3)), 200, "what is there already takes no room");
}
