//! Charging over HTTP: what the official clients' own tests expect, and every documented refusal.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use axum::http::Method;
use common::{House, KEY, order, text};
use serde_json::{Value, json};

fn vector(name: &str) -> String {
    let path = format!("{}/tests/vectors/seed/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

async fn charge_raw(house: &House, body: impl Into<reqwest::Body>) -> (u16, Value) {
    let response = house
        .client
        .post(format!("{}/v2/charge", house.url))
        .basic_auth(KEY, Some(""))
        .body(body)
        .send()
        .await
        .unwrap();
    let http = response.status().as_u16();
    (http, serde_json::from_str(&response.text().await.unwrap()).unwrap())
}

#[tokio::test]
async fn the_documentations_own_requests_are_charged() {
    let house = House::open().await;
    for store in ["alfamart", "indomaret"] {
        let request: Value = serde_json::from_str(&vector(&format!("{store}-request.json"))).unwrap();
        let sample: Value = serde_json::from_str(&vector(&format!("{store}-response.json"))).unwrap();
        let answer = house.charge(&request).await;
        for key in
            ["status_code", "status_message", "merchant_id", "currency", "payment_type", "transaction_status", "store"]
        {
            assert_eq!(answer[key], sample[key], "{store} {key}");
        }
        for key in sample.as_object().unwrap().keys() {
            assert!(answer.get(key).is_some(), "{store} {key} is missing");
        }
        assert_eq!(answer["gross_amount"], "44000.00");
        let same_length = text(&answer, "payment_code").len() == text(&sample, "payment_code").len();
        assert!(same_length, "{store} codes have their own length");
        house.post("/v2/order-101/cancel").await;
    }
}

#[tokio::test]
async fn a_capital_indomaret_comes_back_small() {
    let house = House::open().await;
    let answer = house.charge(&order("a", "Indomaret", 44_000)).await;
    assert_eq!(answer["status_code"], "201");
    assert_eq!(answer["store"], "indomaret");
    assert_eq!(answer["transaction_status"], "pending");
    assert!(answer.get("fraud_status").is_none(), "Indomaret has none");
}

#[tokio::test]
async fn a_charge_lives_for_a_day_of_wib_and_comes_under_http_200() {
    let house = House::open().await;
    let (http, answer) = house.call(Method::POST, "/v2/charge", Some(&order("a", "alfamart", 1))).await;
    assert_eq!(http, 200);
    let made = text(&answer, "transaction_time");
    let until = text(&answer, "expiry_time");
    assert_eq!(made.len(), "2020-01-09 15:16:19".len());
    assert_eq!(made[10..], until[10..], "the same time of day");
    assert_ne!(made[..10], until[..10], "on another day");
    let now = house.look("clock").await;
    assert_eq!(made[..16], text(&now, "now")[..16], "both in WIB");
}

#[tokio::test]
async fn a_zero_amount_really_is_http_400() {
    let house = House::open().await;
    let (http, answer) = house.call(Method::POST, "/v2/charge", Some(&order("a", "alfamart", 0))).await;
    assert_eq!(http, 400);
    assert_eq!(answer["status_code"], "400");
    assert_eq!(answer["status_message"], "One or more parameters in the payload is invalid.");
    assert!(!answer["validation_messages"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn an_empty_body_makes_midtrans_stumble_without_a_status_code() {
    let house = House::open().await;
    for body in ["", "null"] {
        let (http, answer) = charge_raw(&house, body).await;
        assert_eq!(http, 500, "{body:?}");
        assert_eq!(answer, json!({ "message": "An unexpected error occurred" }));
    }
    let (http, answer) = charge_raw(&house, "{}").await;
    assert_eq!(http, 400, "an empty object is only invalid: {answer}");
}

#[tokio::test]
async fn the_body_as_printed_in_the_documentation_is_malformed() {
    let house = House::open().await;
    let (http, answer) = charge_raw(&house, vector("alfamart-request-malformed.txt")).await;
    assert_eq!((http, text(&answer, "status_code")), (200, "413"));
    assert_eq!(house.status("order-101").await["status_code"], "404", "and creates nothing");
}

#[tokio::test]
async fn each_refusal_has_its_code() {
    let house = House::open().await;
    let mut text_amount = order("a", "alfamart", 1);
    text_amount["transaction_details"]["gross_amount"] = json!("44000");
    let mut other_method = order("a", "alfamart", 1);
    other_method["payment_type"] = json!("bank_transfer");
    let mut items = order("a", "alfamart", 10_400);
    items["item_details"] = json!([
        { "name": "A", "price": 7000, "quantity": 1 },
        { "name": "B", "price": 3000, "quantity": 1 },
        { "name": "Pajak", "price": 300, "quantity": 1 },
        { "name": "Ongkir", "price": 200, "quantity": 1 },
    ]);
    let mut brief = order("a", "alfamart", 1);
    brief["custom_expiry"] = json!({ "expiry_duration": 19, "unit": "second" });
    for (request, code, http) in [
        (text_amount, "408", 200),
        (other_method, "402", 200),
        (items.clone(), "400", 400),
        (brief, "400", 400),
        (order("a b", "alfamart", 1), "400", 400),
        (order("a", "kioson", 10_000), "400", 400),
        (order("a", "indomaret", 9_999), "400", 400),
        (order("a", "alfamart", 5_000_001), "400", 400),
    ] {
        let (given_http, answer) = house.call(Method::POST, "/v2/charge", Some(&request)).await;
        assert_eq!((text(&answer, "status_code"), given_http), (code, http), "{request}");
        assert_eq!(text(&answer, "id").len(), 36, "support wants an id");
    }
    let discount = json!({ "name": "Diskon", "price": -100, "quantity": 1 });
    items["item_details"].as_array_mut().unwrap().push(discount);
    assert_eq!(house.charge(&items).await["status_code"], "201", "7000 + 3000 + 300 + 200 - 100");
}

#[tokio::test]
async fn a_store_without_permission_answers_402_until_it_is_activated() {
    let house = House::open().await;
    house.control("stores", json!({ "store": "indomaret", "active": false })).await;
    let answer = house.charge(&order("a", "indomaret", 44_000)).await;
    assert_eq!(answer["status_code"], "402");
    assert_eq!(house.charge(&order("b", "alfamart", 44_000)).await["status_code"], "201");
    house.control("stores", json!({ "store": "indomaret", "active": true })).await;
    assert_eq!(house.charge(&order("a", "indomaret", 44_000)).await["status_code"], "201");
}

#[tokio::test]
async fn an_order_id_holds_one_open_or_paid_transaction() {
    let house = House::open().await;
    let request = order("a", "indomaret", 44_000);
    let first = house.charge(&request).await;
    assert_eq!(house.charge(&request).await["status_code"], "406", "while it is open");
    house.post("/v2/a/cancel").await;
    let second = house.charge(&request).await;
    assert_eq!(second["status_code"], "201", "after it was cancelled");
    assert_ne!(first["payment_code"], second["payment_code"]);
    assert_eq!(house.status("a").await["transaction_id"], second["transaction_id"]);
    let first_id = text(&first, "transaction_id");
    assert_eq!(house.status(first_id).await["transaction_status"], "cancel");
    house.post("/v2/a/expire").await;
    assert_eq!(house.charge(&request).await["status_code"], "201", "after it expired");
    house.control("pay", json!({ "order_id": "a" })).await;
    assert_eq!(house.charge(&request).await["status_code"], "406", "once it is paid");
    let counts = house.look("transactions").await;
    assert_eq!(counts["charge_requests"]["a"], 5, "every request is counted");
}

#[tokio::test]
async fn the_same_idempotency_key_gives_the_same_answer_except_at_indomaret() {
    let house = House::open().await;
    let charge = async |request: Value, key: &str| {
        let request = house
            .client
            .post(format!("{}/v2/charge", house.url))
            .basic_auth(KEY, Some(""))
            .header("Idempotency-Key", key)
            .body(request.to_string());
        request.send().await.unwrap().text().await.unwrap()
    };
    let first = charge(order("a", "alfamart", 1_000), "k1").await;
    assert_eq!(charge(order("a", "alfamart", 1_000), "k1").await, first);
    assert_eq!(charge(order("b", "alfamart", 2_000), "k1").await, first, "whatever the body says");
    assert!(charge(order("a", "alfamart", 1_000), "k2").await.contains("406"));
    assert!(charge(order("b", "alfamart", 2_000), "k2").await.contains("201"), "refusals are not kept");

    charge(order("c", "indomaret", 44_000), "k3").await;
    assert!(charge(order("c", "indomaret", 44_000), "k3").await.contains("406"));

    house.advance(301).await;
    assert!(charge(order("a", "alfamart", 1_000), "k1").await.contains("406"), "after five minutes");
}

#[tokio::test]
async fn an_idempotency_key_in_progress_answers_http_202() {
    let house = House::open().await;
    house.fault(json!({ "on": "charge", "kind": "delay", "ms": 1500, "times": 1 })).await;
    let charge = |order_id: &str| {
        house
            .client
            .post(format!("{}/v2/charge", house.url))
            .basic_auth(KEY, Some(""))
            .header("Idempotency-Key", "k")
            .body(order(order_id, "alfamart", 1_000).to_string())
            .send()
    };
    let first = charge("a");
    let second = async {
        while house.look("requests").await["requests"].as_array().unwrap().is_empty() {}
        charge("a").await
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first.unwrap().status(), 200);
    assert_eq!(second.unwrap().status(), 202);
}

#[tokio::test]
async fn codes_take_every_form_that_was_seen() {
    let house = House::open().await;
    house.control("code-shape", json!({ "store": "indomaret", "shape": "mixed" })).await;
    let mut codes = Vec::new();
    for number in 0..6 {
        let answer = house.charge(&order(&format!("i{number}"), "indomaret", 44_000)).await;
        codes.push(text(&answer, "payment_code").to_owned());
    }
    let lengths: Vec<usize> = codes.iter().map(String::len).collect();
    assert_eq!(lengths, [12, 14, 16, 18, 12, 20]);
    assert!(codes[4].starts_with('0') && codes[5].starts_with('G'), "{codes:?}");
    let alfamart = house.charge(&order("a", "alfamart", 44_000)).await;
    assert_eq!(text(&alfamart, "payment_code").len(), 16, "the other store is left alone");
}

#[tokio::test]
async fn unsettled_manners_can_be_switched() {
    let house = House::open().await;
    house
        .control(
            "manners",
            json!({ "http_follows_body": true, "numeric_400": true, "sparse": true, "no_expiry_time": true }),
        )
        .await;
    let (http, answer) = house.call(Method::POST, "/v2/charge", Some(&order("a", "alfamart", 1))).await;
    assert_eq!(http, 201);
    for left_out in ["expiry_time", "merchant_id", "currency"] {
        assert!(answer.get(left_out).is_none(), "{left_out}");
    }
    assert_eq!(house.charge(&order("b", "alfamart", 0)).await["status_code"], 400);
    assert_eq!(house.call(Method::GET, "/v2/nobody/status", None).await.0, 404);
    let (status, _) = house.ask_control(Method::POST, "manners", Some(json!({ "http_folows_body": true }))).await;
    assert_eq!(status, 400, "a switch that does not exist is not taken in silence");
}
