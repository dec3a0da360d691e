//! Notifications as they arrive at a reader.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::time::Duration;

use axum::http::Method;
use common::{House, KEY, Reader, Reply, order, signature, text};
use serde_json::{Value, json};
use simulator::Config;

/// Charges, and takes the pending notification off the pile.
async fn charged(house: &House, reader: &mut Reader, order_id: &str, store: &str) {
    house.charge(&order(order_id, store, 44_000)).await;
    let pending = reader.next().await;
    assert_eq!(pending.body["transaction_status"], "pending");
}

fn seconds(time: &str) -> i64 {
    let clock: Vec<i64> = time[11..].split(':').map(|part| part.parse().unwrap()).collect();
    let day: i64 = time[8..10].parse().unwrap();
    ((day * 24 + clock[0]) * 60 + clock[1]) * 60 + clock[2]
}

#[tokio::test]
async fn each_change_is_told_and_signed() {
    let mut reader = Reader::open().await;
    let house = House::notifying(&reader).await;
    for (deed, status, code) in [
        ("pay", "settlement", "200"),
        ("cancel", "cancel", "202"),
        ("expire", "expire", "202"),
        ("deny", "deny", "202"),
    ] {
        house.charge(&order(deed, "indomaret", 44_000)).await;
        let pending = reader.next().await;
        assert_eq!(pending.body["transaction_status"], "pending");
        assert_eq!(pending.body["status_code"], "201");
        let signed = signature(deed, "201", "44000.00", KEY);
        assert_eq!(text(&pending.body, "signature_key"), signed);

        house.control(deed, json!({ "order_id": deed })).await;
        let told = reader.next().await;
        assert_eq!(told.body["transaction_status"], status);
        assert_eq!(told.body["status_code"], code);
        let signed = signature(deed, code, "44000.00", KEY);
        assert_eq!(text(&told.body, "signature_key"), signed);
    }
    house.control("reverse", json!({ "order_id": "pay" })).await;
    let reversal = reader.next().await;
    assert_eq!(reversal.body["transaction_status"], "deny", "after the settlement");
    assert_eq!(reversal.body["status_code"], "202");
}

#[tokio::test]
async fn a_settlement_has_the_samples_fields_and_headers() {
    let mut reader = Reader::open().await;
    let house = House::notifying(&reader).await;
    house.control("manners", json!({ "no_expiry_time": true })).await;
    for store in ["alfamart", "indomaret"] {
        charged(&house, &mut reader, store, store).await;
        house.control("pay", json!({ "order_id": store })).await;
        let told = reader.next().await;
        let path = format!("{}/tests/vectors/seed/{store}-notification.json", env!("CARGO_MANIFEST_DIR"));
        let sample: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let fields = |body: &Value| body.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(fields(&told.body), fields(&sample));
        assert!(told.raw.starts_with("{\n  \"transaction_time\": \""), "laid out as the sample");
        assert_eq!(told.method, Method::POST);
        assert_eq!(told.headers["user-agent"], "Veritrans");
        assert_eq!(told.headers["accept"], "application/json");
        assert_eq!(told.headers["content-type"], "application/json");
    }
}

#[tokio::test]
async fn a_refused_charge_is_not_told() {
    let mut reader = Reader::open().await;
    let house = House::notifying(&reader).await;
    house.charge(&order("a", "alfamart", 0)).await;
    charged(&house, &mut reader, "b", "alfamart").await;
    house.idle().await;
    assert!(reader.ready().is_none());
}

#[tokio::test]
async fn what_came_with_the_charge_comes_with_its_notifications() {
    let mut reader = Reader::open().await;
    let house = House::notifying(&reader).await;
    let mut request = order("a", "alfamart", 44_000);
    request["custom_field2"] = json!("meja 4");
    request["metadata"] = json!({ "kasir": "Ani" });
    house.charge(&request).await;
    let pending = reader.next().await;
    assert_eq!(pending.body["custom_field2"], "meja 4");
    assert_eq!(pending.body["metadata"]["kasir"], "Ani");
    house.control("pay", json!({ "order_id": "a", "fee": 2_500 })).await;
    let paid = reader.next().await;
    assert_eq!(paid.body["gross_amount"], "46500.00");
    let signed = signature("a", "200", "46500.00", KEY);
    assert_eq!(text(&paid.body, "signature_key"), signed, "over what the customer paid");
    assert_eq!(paid.body["metadata"]["kasir"], "Ani");
    assert!(paid.body["metadata"]["extra_info"].is_object());
}

#[tokio::test]
async fn headers_add_readers_or_replace_them_for_good() {
    let (mut dashboard, mut other) = (Reader::open().await, Reader::open().await);
    let house = House::notifying(&dashboard).await;
    let charge = async |order_id: &str, headers: &[(&str, String)]| {
        let mut request = house
            .client
            .post(format!("{}/v2/charge", house.url))
            .basic_auth(KEY, Some(""))
            .body(order(order_id, "alfamart", 1_000).to_string());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        assert_eq!(request.send().await.unwrap().status(), 200);
    };
    charge("append", &[("X-Append-Notification", other.url())]).await;
    assert_eq!(dashboard.next().await.body["order_id"], "append");
    assert_eq!(other.next().await.body["order_id"], "append");

    let both = [("X-Append-Notification", dashboard.url()), ("X-Override-Notification", other.url())];
    charge("override", &both).await;
    house.control("pay", json!({ "order_id": "override" })).await;
    house.idle().await;
    for status in ["pending", "settlement"] {
        let told = other.next().await.body;
        assert_eq!((text(&told, "order_id"), text(&told, "transaction_status")), ("override", status));
    }
    assert!(dashboard.ready().is_none(), "replacing wins over adding");

    let many = ["/1", "/2", "/3", "/4"].map(|path| other.url() + path).join(" , ");
    charge("many", &[("X-Override-Notification", many)]).await;
    house.idle().await;
    let mut paths = Vec::new();
    while let Some(told) = other.ready() {
        paths.push(told.path);
    }
    assert_eq!(paths, ["/notification/1", "/notification/2", "/notification/3"]);
}

#[tokio::test]
async fn the_retry_ladder_is_climbed_on_the_virtual_clock() {
    let mut reader = Reader::open().await;
    let house = House::notifying(&reader).await;
    reader.will_answer([502, 502, 502, 502, 502, 502].map(Reply::Code));
    house.charge(&order("a", "alfamart", 44_000)).await;
    house.idle().await;
    for minutes in [2, 10, 30, 90, 210] {
        assert!(reader.ready().is_some());
        house.advance(minutes * 60 - 90).await;
        assert!(reader.ready().is_none(), "{minutes} minutes are not over yet");
        house.advance(180).await;
    }
    assert!(reader.ready().is_some(), "the fifth repetition");
    house.advance(24 * 60 * 60 - 60).await;
    let history = house.look("notifications?order_id=a").await;
    let delivery = &history["notifications"][0]["deliveries"][0];
    assert_eq!(delivery["state"], "given_up");
    let attempts = delivery["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 6);
    assert!(attempts.iter().all(|attempt| attempt["answer"] == 502));
    let spacing: Vec<i64> =
        attempts.windows(2).map(|pair| seconds(text(&pair[1], "at")) - seconds(text(&pair[0], "at"))).collect();
    for (spacing, minutes) in spacing.iter().zip([2, 10, 30, 90, 210]) {
        assert!((spacing - minutes * 60).abs() <= 92, "{spacing} s is not {minutes} minutes");
    }
}

#[tokio::test]
async fn the_answer_decides_how_often_it_is_repeated() {
    let mut reader = Reader::open().await;
    let house = House::notifying(&reader).await;
    for (code, attempts) in [(204, 1), (500, 2), (400, 3), (404, 3), (503, 5), (401, 6), (302, 1)] {
        reader.will_answer(vec![Reply::Code(code); attempts]);
        let order_id = format!("order-{code}");
        house.charge(&order(&order_id, "alfamart", 44_000)).await;
        house.idle().await;
        for _ in 0..6 {
            house.advance(4 * 60 * 60).await;
        }
        let mut arrived = 0;
        while let Some(told) = reader.ready() {
            if told.body["order_id"] == order_id.as_str() && told.body["transaction_status"] == "pending" {
                arrived += 1;
            }
        }
        assert_eq!(arrived, attempts, "{code}");
    }
}

#[tokio::test]
async fn a_reader_who_comes_back_gets_it_and_no_more() {
    let mut reader = Reader::open().await;
    let house = House::notifying(&reader).await;
    reader.will_answer([Reply::Code(503)]);
    house.charge(&order("a", "alfamart", 44_000)).await;
    house.idle().await;
    house.advance(240).await;
    let (first, again) = (reader.next().await, reader.next().await);
    assert_eq!(first.raw, again.raw, "to the letter");
    house.advance(6 * 60 * 60).await;
    assert!(reader.ready().is_none());
}

#[tokio::test]
async fn nobody_there_and_no_answer_in_time_are_repeated_five_times() {
    let mut reader = Reader::open().await;
    let nobody = "http://127.0.0.1:9/nobody".to_owned();
    let config = Config {
        notify: vec![reader.url(), nobody],
        // Fifteen seconds of patience are one.
        clock_speed: 15.0,
        ..Config::new(KEY)
    };
    let house = House::with(config).await;
    reader.will_answer([Reply::Silence]);
    house.charge(&order("a", "alfamart", 44_000)).await;
    reader.next().await;
    house.idle().await;
    let history = house.look("notifications?order_id=a").await;
    let deliveries = history["notifications"][0]["deliveries"].as_array().unwrap();
    for delivery in deliveries {
        assert_eq!(delivery["state"], "waiting", "{delivery}");
        assert_eq!(delivery["attempts"][0]["answer"], Value::Null);
    }
    assert_eq!(deliveries[0]["attempts"][0]["note"], "no answer in time");
}

#[tokio::test]
async fn temporary_redirects_are_followed_with_the_body_and_others_are_not() {
    let mut reader = Reader::open().await;
    let house = House::notifying(&reader).await;
    let onwards = |code| Reply::Redirect(code, "/elsewhere".to_owned());

    reader.will_answer([onwards(307), onwards(308), Reply::Code(200)]);
    house.charge(&order("a", "alfamart", 44_000)).await;
    house.idle().await;
    let arrived: Vec<_> = std::iter::from_fn(|| reader.ready()).collect();
    assert_eq!(arrived.len(), 3);
    assert_eq!((&arrived[2].method, arrived[2].path.as_str()), (&Method::POST, "/elsewhere"));
    assert_eq!(arrived[2].raw, arrived[0].raw);

    reader.will_answer([onwards(302)]);
    house.charge(&order("b", "alfamart", 44_000)).await;
    house.idle().await;
    house.advance(6 * 60 * 60).await;
    let arrived: Vec<_> = std::iter::from_fn(|| reader.ready()).collect();
    assert_eq!(arrived.len(), 2);
    assert_eq!(arrived[1].method, Method::GET);
    assert!(arrived[1].raw.is_empty(), "what arrives is an empty GET");

    reader.will_answer(vec![onwards(307); 6]);
    house.charge(&order("c", "alfamart", 44_000)).await;
    house.idle().await;
    assert_eq!(std::iter::from_fn(|| reader.ready()).count(), 6, "five hops and no more");
}

#[tokio::test]
async fn the_dashboards_button_sends_an_order_that_nobody_made() {
    let mut reader = Reader::open().await;
    let house = House::notifying(&reader).await;
    house.control("test-notification", json!({})).await;
    let test = reader.next().await.body;
    let order_id = text(&test, "order_id");
    assert_eq!(order_id.len(), 66);
    assert!(order_id.starts_with("payment_notif_test_G812785002_"));
    assert_eq!(text(&test, "signature_key"), signature(order_id, "200", "105000.00", KEY));
    assert_eq!(test["transaction_id"], "513f1f01-c9da-474c-9fc9-d5c64364b709");
    assert_eq!(house.status(order_id).await["status_code"], "404");
}

#[tokio::test]
async fn a_notification_may_be_lost_doubled_late_or_badly_signed() {
    let mut reader = Reader::open().await;
    let house = House::notifying(&reader).await;
    let on_settlement = |kind: Value| {
        let mut fault = json!({ "on": "notification", "which": "settlement", "times": 1 });
        fault.as_object_mut().unwrap().extend(kind.as_object().unwrap().clone());
        fault
    };

    house.fault(on_settlement(json!({ "kind": "lose" }))).await;
    charged(&house, &mut reader, "lost", "alfamart").await;
    house.control("pay", json!({ "order_id": "lost" })).await;
    house.advance(6 * 60 * 60).await;
    assert!(reader.ready().is_none());
    assert_eq!(house.status("lost").await["transaction_status"], "settlement", "paid all the same");

    house.fault(on_settlement(json!({ "kind": "duplicate" }))).await;
    charged(&house, &mut reader, "double", "alfamart").await;
    house.control("pay", json!({ "order_id": "double" })).await;
    assert_eq!(reader.next().await.raw, reader.next().await.raw);

    house.fault(on_settlement(json!({ "kind": "late", "seconds": 3600 }))).await;
    charged(&house, &mut reader, "late", "alfamart").await;
    house.control("pay", json!({ "order_id": "late" })).await;
    house.advance(3500).await;
    assert!(reader.ready().is_none());
    house.advance(200).await;
    assert_eq!(reader.next().await.body["order_id"], "late");

    house.fault(on_settlement(json!({ "kind": "bad_signature" }))).await;
    charged(&house, &mut reader, "badly", "alfamart").await;
    house.control("pay", json!({ "order_id": "badly" })).await;
    let told = reader.next().await.body;
    assert_ne!(text(&told, "signature_key"), signature("badly", "200", "44000.00", KEY));
    assert_eq!(text(&told, "signature_key").len(), 128);
}

#[tokio::test]
async fn held_notifications_can_be_released_in_the_wrong_order() {
    let mut reader = Reader::open().await;
    let house = House::notifying(&reader).await;
    house.fault(json!({ "on": "notification", "kind": "hold" })).await;
    house.charge(&order("a", "alfamart", 44_000)).await;
    house.control("pay", json!({ "order_id": "a" })).await;
    house.idle().await;
    assert!(reader.ready().is_none());
    let released = house.control("release", json!({ "order_id": "a", "newest_first": true })).await;
    assert_eq!(released["released"], 2);
    assert_eq!(reader.next().await.body["transaction_status"], "settlement");
    assert_eq!(reader.next().await.body["transaction_status"], "pending");
}

#[tokio::test]
async fn a_notification_can_be_sent_again_or_forged() {
    let mut reader = Reader::open().await;
    let house = House::notifying(&reader).await;
    house.charge(&order("a", "alfamart", 44_000)).await;
    let pending = reader.next().await;
    house.control("resend", json!({ "order_id": "a", "which": "pending" })).await;
    assert_eq!(reader.next().await.raw, pending.raw);

    let claim = json!({ "transaction_status": "settlement", "status_code": "200" });
    house.control("forge", json!({ "order_id": "a", "fields": claim })).await;
    let forged = reader.next().await.body;
    assert_eq!(forged["transaction_status"], "settlement");
    let right = signature("a", "200", "44000.00", KEY);
    assert_ne!(text(&forged, "signature_key"), right);

    let wish = json!({ "order_id": "a", "fields": claim, "signature": "right" });
    house.control("forge", wish).await;
    assert_eq!(text(&reader.next().await.body, "signature_key"), right);
    assert_eq!(house.status("a").await["transaction_status"], "pending", "the truth is unmoved");

    house.control("forge", json!({ "raw": "<html>" })).await;
    assert_eq!(reader.next().await.raw, "<html>");
}

#[tokio::test]
async fn notification_addresses_can_be_set_while_it_runs() {
    let mut reader = Reader::open().await;
    let house = House::open().await;
    house.charge(&order("a", "alfamart", 44_000)).await;
    house.control("notify", json!({ "urls": [reader.url()] })).await;
    house.control("pay", json!({ "order_id": "a" })).await;
    assert_eq!(reader.next().await.body["transaction_status"], "settlement");
}

#[tokio::test]
async fn one_slow_reader_does_not_hold_up_the_others() {
    let (mut slow, mut quick) = (Reader::open().await, Reader::open().await);
    let house = House::notifying(&slow).await;
    slow.will_answer([Reply::Silence]);
    house.charge(&order("a", "alfamart", 44_000)).await;
    slow.next().await;
    house.control("notify", json!({ "urls": [quick.url()] })).await;
    house.charge(&order("b", "alfamart", 44_000)).await;
    let told = tokio::time::timeout(Duration::from_secs(5), quick.next()).await;
    assert_eq!(told.expect("long before the slow one's 15 s").body["order_id"], "b");
}
