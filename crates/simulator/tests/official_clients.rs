//! Midtrans' own clients work against the simulator, unchanged but for the base URL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::path::Path;

use axum::http::Method;
use common::{House, KEY};
use serde_json::json;

#[tokio::test]
async fn midtrans_own_node_and_python_clients_take_it_for_midtrans() {
    let house = House::open().await;
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/run");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("official-clients");
    let mut run = std::process::Command::new(here);
    run.args([house.url.as_str(), KEY]).arg(folder);
    let done = tokio::task::spawn_blocking(move || run.output().unwrap()).await.unwrap();
    let (said, complained) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{said}\n{complained}");
    assert_eq!(said.matches("\nok ").count(), 24, "{said}");
}

/// Go is not asked for on every machine, so what is peculiar about its client is repeated here.
#[tokio::test]
async fn what_the_go_client_sends_is_understood() {
    let house = House::open().await;
    let send = async |method: Method, path: &str, key: &str, body: &str| {
        let request = house
            .client
            .request(method, format!("{}{path}", house.url))
            .basic_auth(key, Some(""))
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .header("user-agent", "Midtrans-Go_v1.3.8")
            .body(body.to_owned());
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let (http, body) = send(Method::POST, "/v2/charge", KEY, "null").await;
    assert_eq!(http, 500, "a nil request is sent as null");
    assert!(!body.contains("status_code"), "{body}");
    // The wrong key is noticed before the emptiness of the request.
    let empty = r#"{"payment_type":"","transaction_details":{"order_id":"","gross_amount":0}}"#;
    assert_eq!(send(Method::POST, "/v2/charge", "DUMMY", empty).await.0, 401);
    assert_eq!(send(Method::POST, "/v2/charge", KEY, empty).await.0, 400);
    let capture = json!({ "transaction_id": "DUMMY", "gross_amount": 10_000 }).to_string();
    let captured = send(Method::POST, "/v2/capture", KEY, &capture).await;
    let looked_up = send(Method::GET, "/v2/DUMMY/status/b2b", KEY, "").await;
    for (http, body) in [captured, looked_up] {
        assert_eq!(http, 200);
        assert!(body.contains(r#""status_code":"404""#), "a number makes it panic: {body}");
    }
}
