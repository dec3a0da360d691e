//! The line: what is sent, and everything that can happen to it.

mod wire;

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use midtrans::{ChargeError, Exchange, LookUpError, Patience, Unclear};
use wire::{KEY, Manner, ORDER, Wire, client, http};

#[tokio::test]
async fn a_charge_sends_the_bytes_it_was_given() {
    let wire = Wire::saying(http(500, "{}"));
    let bytes = br#"{"payment_type":  "cstore" }"#;
    let _ = wire.client().charge(bytes, None).await;
    let heard = wire.heard();
    let (head, body) = heard[0].split_once("\r\n\r\n").unwrap();
    assert_eq!(body.as_bytes(), bytes);
    assert!(head.starts_with("POST /v2/charge HTTP/1.1\r\n"));
    let head = head.to_lowercase();
    assert!(head.contains("content-type: application/json"));
    assert!(head.contains("accept: application/json"));
    assert!(!head.contains("idempotency-key"), "it would only look like protection");
}

#[tokio::test]
async fn only_a_charge_names_an_address_and_only_if_it_has_one() {
    let wire = Wire::saying(http(500, "{}"));
    let (client, address) = (wire.client(), "https://relay.example/n/abc?x=1");
    let _ = client.charge(b"{}", Some(address)).await;
    let _ = client.charge(b"{}", None).await;
    let _ = client.status(ORDER).await;
    let _ = client.cancel(ORDER).await;
    let heard = wire.heard();
    let named = |request: &String| request.to_lowercase().contains("x-override-notification");
    assert!(heard[0].to_lowercase().contains(&format!("x-override-notification: {address}\r\n")), "{}", heard[0]);
    assert_eq!(heard.iter().filter(|request| named(request)).count(), 1);
    let broken = client.charge(b"{}", Some("https://relay.example/\r\nX-Evil: 1")).await;
    assert_eq!(broken.outcome, Err(ChargeError::Unknown(Unclear::CannotConnect)));
    assert_eq!(wire.heard().len(), 4, "what is no address is not sent");
}

#[tokio::test]
async fn the_key_travels_as_midtrans_wants_it() {
    let wire = Wire::saying(http(500, "{}"));
    let destination = midtrans::Destination::loopback(&wire.url).unwrap();
    let key = wire::key("SB-Mid-server-abc123cde456");
    let client = midtrans::Client::new(destination, key, Patience::default()).unwrap();
    let _ = client.probe().await;
    assert!(wire.heard()[0].contains("Basic U0ItTWlkLXNlcnZlci1hYmMxMjNjZGU0NTY6\r\n"));
}

#[tokio::test]
async fn an_order_id_is_one_part_of_the_path() {
    for (order_id, path) in [
        (ORDER, ORDER),
        ("a-b_c~d.e", "a-b_c~d.e"),
        ("a#b", "a%23b"),
        ("a/../b?c", "a%2F..%2Fb%3Fc"),
        ("a b%", "a%20b%25"),
        ("é", "%C3%A9"),
    ] {
        let wire = Wire::saying(http(500, "{}"));
        let _ = wire.client().status(order_id).await;
        let _ = wire.client().cancel(order_id).await;
        let _ = wire.client().expire(order_id).await;
        let heard = wire.heard();
        assert!(heard[0].starts_with(&format!("GET /v2/{path}/status HTTP/1.1\r\n")));
        assert!(heard[1].starts_with(&format!("POST /v2/{path}/cancel HTTP/1.1\r\n")));
        assert!(heard[2].starts_with(&format!("POST /v2/{path}/expire HTTP/1.1\r\n")));
    }
}

#[tokio::test]
async fn an_id_that_would_change_the_path_is_never_sent() {
    let wire = Wire::saying(http(500, "{}"));
    for order_id in ["", ".", ".."] {
        let answered = wire.client().cancel(order_id).await;
        assert_eq!(answered.exchange, Exchange::default(), "{order_id:?}");
        assert!(answered.outcome.is_err());
    }
    assert!(wire.heard().is_empty());
}

#[tokio::test]
async fn an_answer_cut_anywhere_is_never_a_success() {
    let whole = http(201, include_str!("vectors/seed/indomaret-response.json"));
    let length = whole.len();
    let cut = whole.clone();
    let wire = Wire::new(move |end| Manner::Say(cut[..end].to_vec()));
    let client = wire.client();
    for end in 0..length {
        let answered = client.charge(b"{}", None).await;
        let cut_off = ChargeError::Unknown(Unclear::CutOff);
        assert_eq!(answered.outcome, Err(cut_off), "cut at {end}");
        assert!(whole[..end].ends_with(&answered.exchange.body), "cut at {end}");
    }
}

#[tokio::test]
async fn a_cut_that_nobody_counts_is_never_a_success() {
    let body = include_str!("vectors/seed/indomaret-response.json").trim_end();
    let wire = Wire::new(move |end| {
        let head = b"HTTP/1.1 201 Created\r\nConnection: close\r\n\r\n".as_slice();
        Manner::Say([head, &body.as_bytes()[..end]].concat())
    });
    let client = wire.client();
    for end in 0..body.len() {
        let answered = client.charge(b"{}", None).await;
        let foreign = ChargeError::Unknown(Unclear::Foreign(201));
        assert_eq!(answered.outcome, Err(foreign), "cut at {end}");
        assert_eq!(answered.exchange.body, &body.as_bytes()[..end]);
    }
    assert!(client.charge(b"{}", None).await.outcome.is_ok(), "the whole answer is one");
}

#[tokio::test]
async fn a_line_cut_between_chunks_is_never_a_success() {
    let body = include_str!("vectors/seed/indomaret-response.json");
    let (first, second) = body.split_at(body.len() / 2);
    let chunked = format!(
        "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
        first.len(),
        second.len(),
    );
    let length = chunked.len();
    let wire = Wire::new(move |end| Manner::Say(chunked.as_bytes()[..end].to_vec()));
    let client = wire.client();
    for end in 0..length {
        assert!(client.charge(b"{}", None).await.outcome.is_err(), "cut at {end}");
    }
    assert!(client.charge(b"{}", None).await.outcome.is_ok());
}

#[tokio::test]
async fn nobody_there_means_nothing_was_sent() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = client(&format!("http://{port}"), Patience::default());
    let answered = client.charge(b"{}", None).await;
    assert_eq!(answered.outcome, Err(ChargeError::Unknown(Unclear::CannotConnect)));
    assert_eq!(answered.exchange, Exchange::default());
}

#[tokio::test]
async fn silence_ends_in_time() {
    let pending = include_str!("vectors/seed/indomaret-response.json");
    let half = http(201, pending)[..200].to_vec();
    for said in [Vec::new(), b"HTTP/1.1 201".to_vec(), half] {
        let wire = Wire::new(move |_| Manner::SayAndHold(said.clone()));
        let patience = Patience { connect: Duration::from_secs(1), whole: Duration::from_millis(200) };
        let started = Instant::now();
        let answered = client(&wire.url, patience).charge(b"{}", None).await;
        assert_eq!(answered.outcome, Err(ChargeError::Unknown(Unclear::TimedOut)));
        assert!(started.elapsed() < Duration::from_secs(2));
    }
}

#[tokio::test]
async fn what_is_no_http_is_a_broken_line() {
    let wire = Wire::saying(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec());
    let outcome = wire.client().status(ORDER).await.outcome;
    assert_eq!(outcome, Err(LookUpError::Unclear(Unclear::CutOff)));
}

#[tokio::test]
async fn a_flood_is_cut_short() {
    let sample = include_str!("vectors/seed/indomaret-response.json");
    let wire = Wire::saying(http(201, &format!("{sample}{}", " ".repeat(2_000_000))));
    let answered = wire.client().charge(b"{}", None).await;
    assert_eq!(answered.outcome, Err(ChargeError::Unknown(Unclear::Foreign(201))));
    assert_eq!(answered.exchange.body.len(), 256 * 1024);
}

#[tokio::test]
async fn no_redirect_takes_the_key_along() {
    let elsewhere = Wire::saying(http(201, "{}"));
    for status in [301, 302, 303, 307, 308] {
        let moved =
            format!("HTTP/1.1 {status} Moved\r\nLocation: {}/v2/charge\r\nContent-Length: 0\r\n\r\n", elsewhere.url);
        let wire = Wire::saying(moved.into_bytes());
        let outcome = wire.client().charge(b"{}", None).await.outcome;
        assert_eq!(outcome, Err(ChargeError::Unknown(Unclear::Foreign(status))));
        assert_eq!(wire.heard().len(), 1);
    }
    assert!(elsewhere.heard().is_empty());
}

#[tokio::test]
async fn one_call_is_one_request() {
    for manner in [Vec::new(), b"HTTP/1.1 500 No\r\n\r\n".to_vec(), http(503, "{}")] {
        let wire = Wire::saying(manner);
        let _ = wire.client().charge(b"{}", None).await;
        assert_eq!(wire.heard().len(), 1);
    }
}

#[tokio::test]
async fn localhost_is_this_machine() {
    let wire = Wire::saying(http(500, "{}"));
    let port = wire.url.rsplit_once(':').unwrap().1;
    let client = client(&format!("http://localhost:{port}"), Patience::default());
    assert_eq!(client.charge(b"{}", None).await.exchange.http_status, Some(500));
}

#[tokio::test]
async fn a_strange_clock_is_no_clock() {
    for date in ["", "yesterday", "Thu, 99 Jan 2020 08:16:19 GMT", "\u{7f}"] {
        let answer = format!("HTTP/1.1 500 No\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n");
        let answered = Wire::saying(answer.into_bytes()).client().charge(b"{}", None).await;
        assert_eq!(answered.exchange.server_date, None, "{date:?}");
    }
}

#[tokio::test]
async fn no_outcome_tells_the_key() {
    for answer in [Vec::new(), http(401, "{}"), http(500, "<html>"), b"nonsense".to_vec()] {
        let answered = Wire::saying(answer).client().charge(b"{}", None).await;
        let shown = format!("{answered:?}");
        assert!(!shown.contains(KEY) && !shown.contains(ENCODED), "{shown}");
    }
}

#[tokio::test]
async fn not_even_somebody_who_shows_us_our_own_request_makes_us_keep_the_key() {
    let echo = format!("{{\"status_message\": \"{KEY} {KEY}\", \"authorization\": \"Basic {ENCODED}==\"}}");
    let whole = http(400, &echo);
    let head = whole.len() - echo.len();
    let cut = whole.clone();
    let wire = Wire::new(move |n| Manner::Say(cut[..head + n].to_vec()));
    let client = wire.client();
    for n in 0..=echo.len() {
        let answered = client.charge(b"{}", None).await;
        assert_eq!(answered.exchange.body.len(), n, "nothing else is lost");
        for secret in [KEY, ENCODED] {
            let telling = &secret[..8];
            let kept = String::from_utf8_lossy(&answered.exchange.body).into_owned();
            assert!(!kept.contains(telling), "cut at {n}: {kept}");
            assert!(!format!("{:?}", answered.outcome).contains(telling), "cut at {n}");
        }
    }
}

/// The key as it travels.
const ENCODED: &str = "U0ItTWlkLXNlcnZlci10ZXN0Og";
