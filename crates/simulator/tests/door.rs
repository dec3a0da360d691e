//! Who is let in, and that nothing anybody sends brings it down.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use axum::http::Method;
use common::{House, KEY, order, text};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn raw(house: &House, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(house.url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(request).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn only_the_key_with_an_empty_password_opens_the_merchants_door() {
    let house = House::open().await;
    let url = format!("{}/v2/charge", house.url);
    let request = || house.client.post(&url).body(order("a", "alfamart", 1).to_string());
    for refused in [
        request(),
        request().basic_auth("SB-Mid-server-somebody-else", Some("")),
        request().basic_auth("", Some("")),
        request().basic_auth(KEY, Some("password")),
        request().basic_auth(format!("{KEY} "), Some("")),
        request().bearer_auth(KEY),
        request().header("Authorization", "Basic !!!"),
    ] {
        let response = refused.send().await.unwrap();
        assert_eq!(response.status(), 401);
        let body: Value = response.text().await.unwrap().parse().unwrap();
        assert_eq!(body["status_code"], "401");
    }
    assert_eq!(house.status("a").await["status_code"], "404", "nothing was made");
    let lower_case = "basic U0ItTWlkLXNlcnZlci1hYmMxMjNjZGU0NTY6";
    let served = request().header("Authorization", lower_case).send().await.unwrap();
    assert_eq!(served.status(), 200, "the documentation's own worked example");
}

#[tokio::test]
async fn who_accepts_no_json_gets_403() {
    let house = House::open().await;
    for (accept, http) in [("text/html", 403), ("application/json", 200), ("*/*", 200)] {
        let response = house
            .client
            .get(format!("{}/v2/a/status", house.url))
            .basic_auth(KEY, Some(""))
            .header("accept", accept)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), http, "{accept}");
    }
}

#[tokio::test]
async fn only_the_token_opens_the_trainers_door() {
    let house = House::open().await;
    for token in ["", "wrong", KEY] {
        let response =
            house.client.get(format!("{}/_control/transactions", house.url)).bearer_auth(token).send().await.unwrap();
        assert_eq!(response.status(), 401, "{token}");
    }
}

#[tokio::test]
async fn a_percent_encoded_order_id_is_found() {
    let house = House::open().await;
    house.charge(&order("a~b.c_d-e", "alfamart", 1)).await;
    let found = house.call(Method::GET, "/v2/a%7Eb%2Ec%5Fd%2De/status", None).await.1;
    assert_eq!(found["status_code"], "201");
    for strange in ["/v2/%00/status", "/v2/%ff%fe/status", "/v2/a%2Fb/status", "/v2/%F0%9F%92%A9/cancel"] {
        let answer = house.call(Method::GET, strange, None).await;
        assert!(["404", "405"].contains(&text(&answer.1, "status_code")), "{strange}");
    }
}

#[tokio::test]
async fn several_requests_go_over_one_connection() {
    let house = House::open().await;
    let one = format!(
        "GET /v2/nobody/status HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {}\r\nContent-Length: 2\r\n\r\n{{}}",
        "U0ItTWlkLXNlcnZlci1hYmMxMjNjZGU0NTY6"
    );
    let answers = raw(&house, one.repeat(3).as_bytes()).await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3, "{answers}");
}

#[tokio::test]
async fn a_huge_body_is_refused_and_the_next_one_is_served() {
    let house = House::open().await;
    let mut request = order("a", "alfamart", 1);
    request["metadata"] = json!({ "long": "x".repeat(3 << 20) });
    let sent = house
        .client
        .post(format!("{}/v2/charge", house.url))
        .basic_auth(KEY, Some(""))
        .body(request.to_string())
        .send()
        .await;
    if let Ok(response) = sent {
        assert!(response.text().await.unwrap().contains("413"));
    }
    assert_eq!(house.status("a").await["status_code"], "404");
}

#[tokio::test]
async fn a_deeply_nested_body_is_malformed() {
    let house = House::open().await;
    let body = format!("{}1{}", r#"{"a":"#.repeat(50_000), "}".repeat(50_000));
    let response = house
        .client
        .post(format!("{}/v2/charge", house.url))
        .basic_auth(KEY, Some(""))
        .body(body)
        .send()
        .await
        .unwrap();
    assert!(response.text().await.unwrap().contains("413"));
}

#[tokio::test]
async fn the_page_lets_a_trainer_pay_without_javascript() {
    let house = House::open().await;
    let charged = house.charge(&order("a", "indomaret", 44_000)).await;
    let code = text(&charged, "payment_code");
    let spaced = format!("{}%20{}", &code[..4], &code[4..]);
    let response = house.client.get(format!("{}/?kode={spaced}", house.url)).send().await.unwrap();
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'"));
    let page = response.text().await.unwrap();
    assert!(page.contains("Rp 44.000") && page.contains("Bayar di Indomaret"), "{page}");
    assert!(page.contains("LATIHAN") && !page.contains("<script"));
    assert!(!page.contains(&house.token), "the token stays with programs");

    let hidden = |name: &str| {
        let start = page.find(&format!("name={name} value=")).unwrap() + name.len() + 12;
        page[start..].split(['>', ' ']).next().unwrap().trim_matches('\'').to_owned()
    };
    let form = format!("formulir={}&transaksi={}", hidden("formulir"), hidden("transaksi"));
    let act = |form: String| {
        house
            .client
            .post(format!("{}/tindakan", house.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
    };
    let forged = form.replace(&hidden("formulir"), "guess");
    assert_eq!(act(format!("{forged}&tindakan=bayar")).await.unwrap().status(), 403);
    assert_eq!(house.status("a").await["transaction_status"], "pending");
    let paid = act(format!("{form}&tindakan=bayar")).await.unwrap();
    assert!(paid.url().query().unwrap().contains("dibayar"), "it leads back to the page");
    assert_eq!(house.status("a").await["transaction_status"], "settlement");
    act(format!("{form}&tindakan=tarik")).await.unwrap();
    assert_eq!(house.status("a").await["transaction_status"], "deny");
    let again = act(format!("{form}&tindakan=batal")).await.unwrap();
    assert!(again.url().query().unwrap().contains("gagal"));
}

#[tokio::test]
async fn the_page_shows_no_text_as_markup_and_opens_under_its_own_name_only() {
    let house = House::open().await;
    let page = house.client.get(format!("{}/?kode=%3Cb%3E%27", house.url)).send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains("&lt;b&gt;&#39;") && !page.contains("<b>"), "{page}");
    let elsewhere = house.client.get(&house.url).header("host", "evil.example").send().await;
    assert_eq!(elsewhere.unwrap().status(), 403);
}

#[test]
fn no_bytes_bring_it_down() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let house = runtime.block_on(House::open());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(150));
    let bodies = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        // Something like a charge, with one thing put in the place of another.
        (r#"(null|-?[0-9]{1,30}(\.[0-9])?|"[^"\\]{0,60}"|\[\]|\{\}|true)"#, 0..9usize).prop_map(
            |(odd, place)| {
                let sound = [
                    "\"cstore\"", "\"o\"", "44000", "\"alfamart\"", "\"m\"", "1", "\"n\"", "60", "\"minute\"",
                ];
                let mut part = sound.map(str::to_owned);
                part[place] = odd;
                let [method, id, amount, store, message, price, name, duration, unit] = part;
                format!(
                    r#"{{"payment_type":{method},"transaction_details":{{"order_id":{id},"gross_amount":{amount}}},"cstore":{{"store":{store},"message":{message}}},"item_details":[{{"price":{price},"quantity":{price},"name":{name}}},{{"price":{price},"quantity":{price},"name":{name}}}],"custom_expiry":{{"expiry_duration":{duration},"unit":{unit}}}}}"#
                )
                .into_bytes()
            }
        ),
    ];
    runner
        .run(&bodies, |body| {
            let answer = runtime.block_on(async {
                let sent = house
                    .client
                    .post(format!("{}/v2/charge", house.url))
                    .basic_auth(KEY, Some(""))
                    .body(body.clone())
                    .send()
                    .await
                    .unwrap();
                sent.text().await.unwrap()
            });
            let answer: Value = serde_json::from_str(&answer).unwrap();
            prop_assert!(answer.is_object());
            let head = [b"POST /v2/".as_slice(), &body, b" HTTP/1.1\r\n\r\n"].concat();
            runtime.block_on(raw(&house, &head));
            Ok(())
        })
        .unwrap();
    let alive = runtime.block_on(house.charge(&order("alive", "alfamart", 1)));
    assert_eq!(alive["status_code"], "201");
}
