//! Trouble on demand, as a client meets it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::time::{Duration, Instant};

use axum::http::Method;
use common::{House, KEY, order, text};
use serde_json::{Value, json};

async fn send(house: &House, order_id: &str) -> reqwest::Result<reqwest::Response> {
    house
        .client
        .post(format!("{}/v2/charge", house.url))
        .basic_auth(KEY, Some(""))
        .body(order(order_id, "indomaret", 44_000).to_string())
        .send()
        .await
}

async fn exists(house: &House, order_id: &str) -> bool {
    house.status(order_id).await["status_code"] != "404"
}

#[tokio::test]
async fn a_dropped_line_leaves_nothing_or_everything_behind() {
    let house = House::open().await;
    house.fault(json!({ "on": "charge", "kind": "drop_before", "times": 1 })).await;
    assert!(send(&house, "a").await.is_err());
    assert!(!exists(&house, "a").await);
    house.fault(json!({ "on": "charge", "kind": "drop_after", "times": 1 })).await;
    assert!(send(&house, "b").await.is_err());
    assert!(exists(&house, "b").await);
    let listed = house.look("transactions").await;
    assert_eq!(listed["charge_requests"], json!({ "a": 1, "b": 1 }), "both were counted");
    assert!(send(&house, "a").await.is_ok(), "the fault is used up");
}

#[tokio::test]
async fn a_cut_body_breaks_off_after_its_first_bytes() {
    let house = House::open().await;
    house.fault(json!({ "on": "charge", "kind": "cut_body", "bytes": 30 })).await;
    let mut response = send(&house, "a").await.unwrap();
    assert!(response.content_length().unwrap() > 30, "it had promised more");
    let first = response.chunk().await.unwrap().unwrap();
    assert_eq!(&first[..], br#"{"status_code":"201","status_m"#);
    assert!(response.chunk().await.is_err());
    assert!(exists(&house, "a").await);
}

#[tokio::test]
async fn pages_and_errors_come_with_or_without_a_transaction() {
    let house = House::open().await;
    for (number, (fault, http, needle)) in [
        (json!({ "kind": "html", "status": 502 }), 502, "<html>"),
        (json!({ "kind": "html", "status": 403, "create": true }), 403, "<html>"),
        (json!({ "kind": "error", "status": 429 }), 429, r#""429""#),
        (json!({ "kind": "error", "status": 500, "http": 200, "create": true }), 200, r#""500""#),
        (json!({ "kind": "error", "status": 503 }), 503, r#""503""#),
        (json!({ "kind": "error", "status": 504, "create": true }), 504, r#""504""#),
        (json!({ "kind": "error", "status": 505 }), 505, r#""505""#),
        (json!({ "kind": "error", "status": 900 }), 200, "GENERIC_SERVICE_ERROR"),
        (json!({ "kind": "unexpected", "create": true }), 500, "An unexpected error occurred"),
        (json!({ "kind": "wrong", "body": "[]" }), 200, "[]"),
        (json!({ "kind": "wrong" }), 200, ""),
    ]
    .into_iter()
    .enumerate()
    {
        let mut fault = fault;
        let created = fault["create"] == true || fault["kind"] == "wrong";
        fault["on"] = json!("charge");
        house.fault(fault.clone()).await;
        let order_id = format!("order-{number}");
        let response = send(&house, &order_id).await.unwrap();
        assert_eq!(response.status().as_u16(), http, "{fault}");
        let body = response.text().await.unwrap();
        assert!(body.contains(needle), "{fault}: {body}");
        assert_eq!(exists(&house, &order_id).await, created, "{fault}");
    }
}

#[tokio::test]
async fn an_answer_may_be_late_and_the_transaction_with_it() {
    let house = House::open().await;
    for (before, created) in [(false, true), (true, false)] {
        let fault = json!({ "on": "charge", "kind": "delay", "ms": 600, "before": before });
        house.fault(fault).await;
        let order_id = format!("order-{before}");
        let started = Instant::now();
        let early = async {
            while house.look("transactions").await["charge_requests"][&order_id] != 1 {}
            tokio::time::sleep(Duration::from_millis(100)).await;
            exists(&house, &order_id).await
        };
        let (sent, early) = tokio::join!(send(&house, &order_id), early);
        assert!(sent.is_ok() && started.elapsed() >= Duration::from_millis(600));
        assert_eq!(early, created, "{order_id}");
        assert!(exists(&house, &order_id).await);
    }
}

#[tokio::test]
async fn midtrans_goes_on_when_the_merchant_has_hung_up() {
    let house = House::open().await;
    house.fault(json!({ "on": "charge", "kind": "delay", "ms": 500, "before": true })).await;
    let given_up = tokio::time::timeout(Duration::from_millis(200), send(&house, "a")).await;
    assert!(given_up.is_err());
    assert!(!exists(&house, "a").await);
    let surfaced = async { while !exists(&house, "a").await {} };
    tokio::time::timeout(Duration::from_secs(5), surfaced).await.unwrap();
}

#[tokio::test]
async fn a_new_transaction_may_stay_out_of_sight_for_a_while() {
    let house = House::open().await;
    house.fault(json!({ "on": "charge", "kind": "lag", "seconds": 15, "times": 1 })).await;
    let charged: Value = send(&house, "a").await.unwrap().text().await.unwrap().parse().unwrap();
    assert_eq!(charged["status_code"], "201");
    assert!(!exists(&house, "a").await);
    assert_eq!(house.post("/v2/a/cancel").await["status_code"], "404");
    assert_eq!(house.charge(&order("a", "indomaret", 44_000)).await["status_code"], "406");
    house.advance(16).await;
    assert!(exists(&house, "a").await);
}

#[tokio::test]
async fn a_fault_may_be_for_look_ups_or_for_one_order_only() {
    let house = House::open().await;
    send(&house, "a").await.unwrap();
    send(&house, "b").await.unwrap();
    let fault = json!({ "on": "status", "order_id": "a", "kind": "error", "status": 500 });
    house.fault(fault).await;
    assert_eq!(house.call(Method::GET, "/v2/a/status", None).await.0, 500);
    assert_eq!(house.call(Method::GET, "/v2/b/status", None).await.0, 200);
    assert_eq!(house.post("/v2/a/cancel").await["status_code"], "200");
    let set = house.look("faults").await;
    assert_eq!(set["faults"][0]["kind"], "error");
    house.ask_control(Method::DELETE, "faults", None).await;
    assert_eq!(house.call(Method::GET, "/v2/a/status", None).await.0, 200);
    let unknown = json!([{ "on": "charge", "kind": "gremlins" }]);
    assert_eq!(house.ask_control(Method::POST, "faults", Some(unknown)).await.0, 400);
}

#[tokio::test]
async fn the_list_of_requests_holds_what_was_really_sent() {
    let house = House::open().await;
    house.fault(json!({ "on": "charge", "kind": "drop_after", "times": 1 })).await;
    let _ = send(&house, "a").await;
    send(&house, "a").await.unwrap();
    house.status("a").await;
    let listed = house.look("requests?order_id=a").await;
    let requests = listed["requests"].as_array().unwrap();
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[0]["http"], Value::Null, "the line was cut");
    assert_eq!(requests[0]["body"], requests[1]["body"]);
    assert_eq!(text(&requests[2], "path"), "/v2/a/status");
}
