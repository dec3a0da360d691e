//! Look-ups and actions over HTTP, and what a trainer can let happen.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use axum::http::Method;
use common::{House, KEY, order, signature, text};
use serde_json::{Value, json};

#[tokio::test]
async fn a_pending_look_up_gives_the_code_back_with_a_signature() {
    let house = House::open().await;
    let mut request = order("a", "alfamart", 44_000);
    request["custom_field1"] = json!("meja 4");
    request["metadata"] = json!({ "kasir": "Ani" });
    let charged = house.charge(&request).await;
    let found = house.status("a").await;
    assert_eq!(found["status_code"], "201");
    assert_eq!(found["status_message"], "Success, transaction is found");
    for key in
        ["transaction_id", "payment_code", "store", "gross_amount", "transaction_time", "expiry_time", "fraud_status"]
    {
        assert_eq!(found[key], charged[key], "{key}");
    }
    assert_eq!(found["custom_field1"], "meja 4");
    assert_eq!(found["metadata"]["kasir"], "Ani");
    assert_eq!(text(&found, "signature_key"), signature("a", "201", "44000.00", KEY));
    assert_eq!(house.status(text(&charged, "transaction_id")).await["order_id"], "a");
}

#[tokio::test]
async fn each_state_has_its_look_up_code() {
    let house = House::open().await;
    for (end, code) in [("pay", "200"), ("cancel", "200"), ("expire", "407"), ("deny", "202")] {
        house.charge(&order(end, "indomaret", 44_000)).await;
        house.control(end, json!({ "order_id": end })).await;
        let (http, found) = house.call(Method::GET, &format!("/v2/{end}/status"), None).await;
        assert_eq!((http, text(&found, "status_code")), (200, code), "{end}");
        let signed = signature(end, code, "44000.00", KEY);
        assert_eq!(text(&found, "signature_key"), signed, "{end}");
    }
    let paid = house.status("pay").await;
    assert_eq!(paid["transaction_status"], "settlement");
    assert!(paid.get("settlement_time").is_some());
    assert_eq!(text(&paid, "approval_code").len(), 20, "Indomaret gives one");
    assert_eq!(house.status("cancel").await["transaction_status"], "cancel");
    house.control("manners", json!({ "cancelled_is_202": true })).await;
    assert_eq!(house.status("cancel").await["status_code"], "202");
}

#[tokio::test]
async fn cancel_answers_200_and_expire_407() {
    let house = House::open().await;
    house.charge(&order("a", "alfamart", 44_000)).await;
    house.charge(&order("b", "alfamart", 44_000)).await;
    let (http, cancelled) = house.call(Method::POST, "/v2/a/cancel", None).await;
    assert_eq!((http, text(&cancelled, "status_code")), (200, "200"));
    assert_eq!(cancelled["transaction_status"], "cancel");
    assert_eq!(cancelled["status_message"], "Success, transaction is canceled");
    let (http, expired) = house.call(Method::POST, "/v2/b/expire", None).await;
    assert_eq!((http, text(&expired, "status_code")), (200, "407"), "no client takes it for an error");
    assert_eq!(expired["transaction_status"], "expire");
    assert_eq!(expired["status_message"], "Success, transaction has expired");
}

#[tokio::test]
async fn a_closed_or_paid_transaction_cannot_be_closed() {
    let house = House::open().await;
    for store in ["alfamart", "indomaret"] {
        let (closed, paid) = (format!("{store}-closed"), format!("{store}-paid"));
        house.charge(&order(&closed, store, 44_000)).await;
        house.post(&format!("/v2/{closed}/cancel")).await;
        house.charge(&order(&paid, store, 44_000)).await;
        house.control("pay", json!({ "order_id": paid })).await;
        for action in ["cancel", "expire"] {
            let again = house.post(&format!("/v2/{closed}/{action}")).await;
            assert_eq!(again["status_code"], "412");
            let words = match store {
                "indomaret" => "Transaction status cannot be updated.",
                _ => "Merchant cannot modify the status of the transaction",
            };
            assert_eq!(again["status_message"], words, "{store}");
            let late = house.post(&format!("/v2/{paid}/{action}")).await;
            assert_eq!(late["status_code"], "412");
            assert_eq!(late["status_message"], "Merchant cannot modify the status of the transaction");
        }
        assert_eq!(house.status(&paid).await["transaction_status"], "settlement");
    }
}

#[tokio::test]
async fn stores_know_no_approval_and_no_refund() {
    let house = House::open().await;
    let charged = house.charge(&order("a", "alfamart", 44_000)).await;
    for action in ["approve", "deny", "refund", "refund/online/direct"] {
        assert_eq!(house.post(&format!("/v2/a/{action}")).await["status_code"], "412", "{action}");
    }
    let capture = json!({ "transaction_id": charged["transaction_id"], "gross_amount": 44_000 });
    let captured = house.call(Method::POST, "/v2/capture", Some(&capture)).await.1;
    assert_eq!(captured["status_code"], "412");
    assert_eq!(house.call(Method::GET, "/v2/a/status/b2b", None).await.1["status_code"], "412");
    assert_eq!(house.status("a").await["transaction_status"], "pending", "nothing happened to it");
}

#[tokio::test]
async fn an_unknown_id_is_404_for_everything() {
    let house = House::open().await;
    for action in ["approve", "deny", "cancel", "expire", "refund", "refund/online/direct"] {
        let (http, answer) = house.call(Method::POST, &format!("/v2/DUMMY/{action}"), Some(&json!({}))).await;
        assert_eq!((http, text(&answer, "status_code")), (200, "404"), "{action}");
        assert_eq!(answer["status_message"], "Transaction doesn't exist.");
    }
    let capture = json!({ "transaction_id": "DUMMY", "gross_amount": 10_000 });
    assert_eq!(house.call(Method::POST, "/v2/capture", Some(&capture)).await.1["status_code"], "404");
    for path in ["/v2/DUMMY/status", "/v2/DUMMY/status/b2b?page=0&per_page=10"] {
        assert_eq!(house.call(Method::GET, path, None).await.1["status_code"], "404", "{path}");
    }
    assert_eq!(house.call(Method::GET, "/v2/nowhere", None).await.1["status_code"], "404");
    let (http, answer) = house.call(Method::GET, "/v2/charge", None).await;
    assert_eq!((http, text(&answer, "status_code")), (405, "405"));
}

#[tokio::test]
async fn a_code_expires_by_the_clock() {
    let house = House::open().await;
    let mut request = order("a", "alfamart", 44_000);
    request["custom_expiry"] = json!({ "expiry_duration": 60 });
    house.charge(&request).await;
    house.advance(59 * 60).await;
    assert_eq!(house.status("a").await["transaction_status"], "pending");
    house.advance(60).await;
    assert_eq!(house.status("a").await["status_code"], "407");

    house.control("manners", json!({ "expiry_lag_seconds": 600 })).await;
    request["transaction_details"]["order_id"] = json!("b");
    house.charge(&request).await;
    house.advance(65 * 60).await;
    assert_eq!(house.status("b").await["transaction_status"], "pending", "seen after its deadline");
    house.advance(6 * 60).await;
    assert_eq!(house.status("b").await["transaction_status"], "expire");
}

#[tokio::test]
async fn a_fast_clock_lets_a_code_expire_by_itself() {
    let config = simulator::Config { clock_speed: 3600.0, ..simulator::Config::new(KEY) };
    let house = House::with(config).await;
    let mut request = order("a", "alfamart", 44_000);
    request["custom_expiry"] = json!({ "expiry_duration": 30 });
    house.charge(&request).await;
    loop {
        let listed = house.look("notifications?order_id=a").await;
        if listed["notifications"].as_array().unwrap().len() == 2 {
            assert_eq!(listed["notifications"][1]["kind"], "expire");
            break;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn indomaret_takes_a_payment_back_and_alfamart_does_not() {
    let house = House::open().await;
    house.charge(&order("i", "indomaret", 44_000)).await;
    house.charge(&order("a", "alfamart", 44_000)).await;
    let early = house.ask_control(Method::POST, "reverse", Some(json!({ "order_id": "i" }))).await;
    assert_eq!(early.0, 409, "what was not paid cannot be taken back");
    for order_id in ["i", "a"] {
        house.control("pay", json!({ "order_id": order_id })).await;
    }
    house.control("reverse", json!({ "order_id": "i" })).await;
    let reversed = house.status("i").await;
    assert_eq!(reversed["transaction_status"], "deny");
    assert!(reversed.get("settlement_time").is_none(), "it does not count as paid");
    let refused = house.ask_control(Method::POST, "reverse", Some(json!({ "order_id": "a" }))).await;
    assert_eq!(refused.0, 409);
}

#[tokio::test]
async fn a_closed_code_can_be_paid_when_a_trainer_insists() {
    let house = House::open().await;
    let charged = house.charge(&order("a", "alfamart", 44_000)).await;
    house.post("/v2/a/cancel").await;
    let code = charged["payment_code"].clone();
    let pay = |late: bool| json!({ "payment_code": code, "after_closing": late });
    assert_eq!(house.ask_control(Method::POST, "pay", Some(pay(false))).await.0, 409);
    house.control("pay", pay(true)).await;
    assert_eq!(house.status("a").await["transaction_status"], "settlement");

    house.charge(&order("b", "alfamart", 44_000)).await;
    house.post("/v2/b/expire").await;
    let old = text(&house.status("b").await, "transaction_id").to_owned();
    house.charge(&order("b", "alfamart", 44_000)).await;
    let pay = json!({ "transaction_id": old, "after_closing": true });
    let refused = house.ask_control(Method::POST, "pay", Some(pay)).await;
    assert_eq!(refused.0, 409, "its order id is in use again");
}

#[tokio::test]
async fn the_customer_may_be_made_to_pay_the_fee() {
    let house = House::open().await;
    house.charge(&order("a", "indomaret", 44_000)).await;
    let paid = house.control("pay", json!({ "order_id": "a", "fee": 2_500 })).await;
    assert_eq!((&paid["amount"], &paid["fee"]), (&json!(46_500), &json!(2_500)));
    let found = house.status("a").await;
    assert_eq!(found["gross_amount"], "46500.00");
    let info = &found["metadata"]["extra_info"]["gross_amount_info"];
    assert_eq!(info["original_amount"], "44000.00");
}

#[tokio::test]
async fn a_get_may_carry_a_body_and_the_line_stays_open() {
    let house = House::open().await;
    house.charge(&order("a", "alfamart", 44_000)).await;
    for body in ["{}", "null", "not json", r#"{"page":0}"#] {
        let response = house
            .client
            .get(format!("{}/v2/a/status", house.url))
            .basic_auth(KEY, Some(""))
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await
            .unwrap();
        let answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(answer["status_code"], "201", "{body}");
    }
}

#[tokio::test]
async fn the_date_header_goes_with_the_virtual_clock() {
    let house = House::open().await;
    let date = async || {
        let request = house.client.get(format!("{}/v2/a/status", house.url)).basic_auth(KEY, Some(""));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers().get_all("date").iter().count(), 1);
        answer.headers()["date"].to_str().unwrap().to_owned()
    };
    let before = date().await;
    house.advance(24 * 60 * 60).await;
    let after = date().await;
    assert!(after.ends_with(" GMT") && after.len() == "Thu, 09 Jan 2020 08:16:19 GMT".len());
    assert_ne!(before[..16], after[..16], "it is the next day");
}
