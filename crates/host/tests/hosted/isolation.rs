//! Two merchants on one relay: nothing of one is ever within reach of the other.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
};

use serde_json::{Value, json};
use stage::Postgres;

use crate::relay::*;

#[test]
fn no_identifier_and_no_token_crosses_from_one_merchant_to_another_in_a_file() {
    nothing_crosses(&Relay::start(&[]));
}

#[test]
fn no_identifier_and_no_token_crosses_from_one_merchant_to_another_in_a_database() {
    let server = Postgres::in_memory();
    nothing_crosses(&Relay::on(Path::new(&server.new_database("mailroom")), &[]));
}

fn nothing_crosses(relay: &Relay) {
    let (ours, theirs) = (relay.channel(), relay.channel());
    let (our_till, their_till) = (relay.till(&ours), relay.till(&theirs));
    for n in 1..=3 {
        assert_eq!(relay.notify(&ours, &notification(n)), 200);
        assert_eq!(relay.notify(&theirs, &notification(100 + n)), 200);
    }
    // What can be shown as a token. Only the first is one, and only of theirs.
    let tokens = [
        their_till.token.as_str(),
        &ours.secret,
        &theirs.secret,
        &ours.code,
        &ours.number.to_string(),
        &our_till.device.to_string(),
        "",
        "null",
    ];
    let ours_is_not_in = |answer: &Answer, what: &str| {
        let seen = format!("{}{}", answer.head, answer.body);
        for secret in [&ours.secret, &our_till.token, &ours.code] {
            assert!(!seen.contains(secret.as_str()), "{what}: {seen}");
        }
        if answer.status == 200 && answer.body.contains("entries") {
            let bodies: Vec<Value> = entries(answer).into_iter().map(|(_, body)| body).collect();
            let id = |body: &Value| body["order_id"].as_str().unwrap().to_owned();
            assert!(bodies.iter().all(|body| id(body).starts_with("order-10")), "{what}: {bodies:?}");
        }
    };
    for (at, token) in tokens.iter().enumerate() {
        let is_theirs = at == 0;
        let unknown = |answer: &Answer| assert!(is_theirs || answer.status == 401, "token {at}: {answer:?}");
        for path in [
            "/v1/feed?after=0".to_owned(),
            format!("/v1/feed?after=0&channel={}", ours.number),
            format!("/v1/feed?after=0&device={}", our_till.device),
            "/v1/devices".to_owned(),
        ] {
            let answer = relay.ask("GET", &path, Some(token), "");
            unknown(&answer);
            ours_is_not_in(&answer, &path);
        }
        for (path, body) in [
            ("/v1/ack".to_owned(), json!({ "upto": 3, "channel": ours.number, "device": our_till.device })),
            ("/v1/codes".to_owned(), json!({ "channel": ours.number })),
        ] {
            let answer = relay.ask("POST", &path, Some(token), &body.to_string());
            unknown(&answer);
            ours_is_not_in(&answer, &path);
        }
        let answer = relay.ask("DELETE", &format!("/v1/devices/{}", our_till.device), Some(token), "");
        assert_eq!(answer.status, if is_theirs { 404 } else { 401 }, "token {at}");
    }
    // A code is good for its own channel alone, and a secret opens no other.
    let code = relay.ask("POST", "/v1/codes", Some(&our_till.token), "").json()["code"].as_str().unwrap().to_owned();
    assert_eq!(relay.pair(&theirs, &code).status, 403);
    assert_eq!(relay.pair(&Channel { secret: our_till.token.clone(), ..relay.channel() }, &code).status, 404);
    for path in [&our_till.token, &their_till.token, &code, &ours.number.to_string()] {
        let path = format!("/n/{path}");
        assert_eq!(relay.ask("POST", &path, None, &notification(9).to_string()).status, 404);
    }
    // After all that, ours is as it was: everything there, nothing acknowledged, our till alone.
    let page = relay.feed(&our_till, "after=0");
    assert_eq!(entries(&page), [(1, notification(1)), (2, notification(2)), (3, notification(3))]);
    let devices = relay.ask("GET", "/v1/devices", Some(&our_till.token), "").json();
    assert_eq!(devices.as_array().unwrap().len(), 1);
    assert_eq!(relay.pair(&ours, &code).status, 201, "and the code was not used up by others");
}

#[test]
fn a_database_that_is_no_mailroom_of_ours_is_refused_with_a_sentence_and_left_alone() {
    let server = Postgres::in_memory();
    let (theirs, newer) = (server.new_database("theirs"), server.new_database("newer"));
    server.tell("theirs", "CREATE TABLE stok (barang text)");
    drop(Relay::on(Path::new(&newer), &[]));
    server.tell("newer", "UPDATE gerai_mailroom SET schema = schema + 1");
    let tables = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";
    let before = [server.tell("theirs", tables), server.tell("newer", tables)];
    let absent = server.url("nowhere");
    let stranger = theirs.replace("gerai:", "gerai:salah");
    for (url, says) in
        [(&theirs, "something else"), (&newer, "newer version"), (&absent, "createdb"), (&stranger, "password")]
    {
        for verb in [&["serve", "--listen", "127.0.0.1:0"][..], &["channel", "list"], &["channel", "new"]] {
            let mut command = program();
            let command = keeping_in(command.args(verb), Path::new(url)).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            let mut line = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
            // Whoever is at work does not end by itself.
            let _ = if line.is_empty() { Ok(()) } else { child.kill() };
            let output = child.wait_with_output().unwrap();
            assert_eq!(line, "", "{verb:?} is not done");
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{verb:?}: {said}");
            assert!(said.lines().count() == 1 && said.ends_with(".\n") && said.contains(says), "{verb:?}: {said}");
            assert!(!said.contains("rahasia") && !said.contains("salah"), "the password is no secret: {said}");
        }
    }
    assert_eq!([server.tell("theirs", tables), server.tell("newer", tables)], before);
}
