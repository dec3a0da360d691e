//! Many at once, and some who only take up room.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use rustix::net::{AddressFamily, SocketType, bind, connect as call, socket};
use serde_json::json;
use stage::asked_for;

use crate::relay::*;

/// Calls from one of the many addresses that this machine has for itself.
fn from(last: u8, to: SocketAddr) -> TcpStream {
    let line = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&line, &SocketAddr::from(([127, 0, 0, last], 0))).unwrap();
    call(&line, &to).unwrap();
    let line = TcpStream::from(line);
    line.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    line
}

/// Whether it was closed on the other side without a word.
fn closed(mut line: &TcpStream) -> bool {
    matches!(line.read(&mut [0]), Ok(0) | Err(_))
}

/// `GERAI_TORTURE_HALF_OPEN` asks for more of them; this process must be allowed to have as many open.
#[test]
fn half_open_connections_do_not_keep_midtrans_out() {
    let many = asked_for("GERAI_TORTURE_HALF_OPEN", 300);
    let relay =
        Relay::start(&["--ingest-connections", "64", "--per-address-connections", "16", "--channel-burst", "10000"]);
    let channel = relay.channel();
    let (mut crowd, mut slowest) = (Vec::new(), Duration::ZERO);
    for n in 0..many {
        let mut line = from(2 + (n % 40) as u8, relay.address);
        // Whoever is shown out may be so already.
        let _ = line.write_all(format!("POST /n/{} HTTP/1.1\r\nHost: relay\r\nX-slow: ", channel.secret).as_bytes());
        crowd.push(line);
        if n % 10 == 0 {
            let asked = Instant::now();
            assert_eq!(relay.notify(&channel, &notification(n)), 200);
            slowest = slowest.max(asked.elapsed());
        }
    }
    println!("{many} half-open connections; the slowest answer took {slowest:?}");
    assert_eq!(relay.notify(&channel, &notification(many)), 200);
    let till = relay.till(&channel);
    let newest = relay.feed(&till, "after=0&limit=1").json()["newest"].as_u64();
    assert_eq!(newest, Some(many.div_ceil(10) + 1), "each was stored");
}

#[test]
fn one_address_has_its_share_and_takes_none_of_anothers() {
    let relay = Relay::start(&["--per-address-connections", "4"]);
    let crowd: Vec<TcpStream> = (0..5).map(|_| from(2, relay.address)).collect();
    assert!(closed(&crowd[0]), "whoever has been silent for longest makes room");
    let mut other = from(3, relay.address);
    other.write_all(request("GET", "/healthz", None, "").as_bytes()).unwrap();
    assert_eq!(answer(other).status, 200);
    for mut line in &crowd[1..] {
        line.write_all(request("GET", "/healthz", None, "").as_bytes()).unwrap();
        assert_eq!(answer(line).status, 200, "the others of that address are still heard");
    }
}

#[test]
fn no_more_wait_than_may_and_the_next_hears_when_to_come_again() {
    let relay = Relay::start(&["--feed-connections", "1"]);
    let channel = relay.channel();
    let till = relay.till(&channel);
    let mut polls: Vec<TcpStream> = (0..2).map(|_| connect(relay.address)).collect();
    for poll in &mut polls {
        poll.write_all(request("GET", "/v1/feed?after=0&wait=60", Some(&till.token), "").as_bytes()).unwrap();
    }
    // One of the two is refused while the other waits; which one is chance.
    std::thread::scope(|scope| {
        let answers: Vec<_> = polls.into_iter().map(|poll| scope.spawn(|| answer(poll))).collect();
        while !answers.iter().any(|answer| answer.is_finished()) {
            std::thread::yield_now();
        }
        assert_eq!(relay.notify(&channel, &notification(1)), 200);
        let mut answers: Vec<Answer> = answers.into_iter().map(|answer| answer.join().unwrap()).collect();
        answers.sort_by_key(|answer| answer.status);
        assert_eq!((answers[0].status, answers[1].status), (200, 429));
        assert_eq!(answers[1].header("retry-after"), Some("5"));
    });
}

#[test]
fn a_till_may_poll_again_and_again_on_one_connection() {
    let relay = Relay::start(&[]);
    let channel = relay.channel();
    let till = relay.till(&channel);
    let mut line = connect(relay.address);
    for n in 1..=3 {
        let ask = format!(
            "GET /v1/feed?after={}&wait=60 HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {}\r\n\r\n",
            n - 1,
            till.token
        );
        line.write_all(ask.as_bytes()).unwrap();
        assert_eq!(relay.notify(&channel, &notification(n)), 200);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            line.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        assert!(head.starts_with("http/1.1 200"), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
        let mut body = vec![0; length];
        line.read_exact(&mut body).unwrap();
        let page: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(page["newest"], json!(n));
    }
}

#[test]
fn only_a_proxy_of_ours_says_for_whom_it_speaks() {
    // One connection for an address, and a proxy that speaks for two of them.
    let relay = Relay::start(&["--per-address-connections", "1", "--trusted-proxy", "127.0.0.9"]);
    let health = |last: u8, said: &str| {
        let mut line = from(last, relay.address);
        let head =
            format!("GET /healthz HTTP/1.1\r\nHost: relay\r\nX-Forwarded-For: {said}\r\nConnection: close\r\n\r\n");
        line.write_all(head.as_bytes()).unwrap();
        answer(line).status
    };
    let body = |line: &mut TcpStream, said: &str| {
        // Under way until its body comes.
        let head = format!(
            "POST /v1/pair HTTP/1.1\r\nHost: relay\r\nX-Forwarded-For: {said}\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        );
        line.write_all(head.as_bytes()).unwrap();
        let mut go_on = [0; 12];
        line.read_exact(&mut go_on).unwrap();
        assert_eq!(&go_on, b"HTTP/1.1 100");
    };
    let mut under_way = from(9, relay.address);
    body(&mut under_way, "198.51.100.7");
    assert_eq!(health(9, "198.51.100.7"), 429, "that one is being served");
    assert_eq!(health(9, "198.51.100.8"), 200);
    assert_eq!(
        health(9, "198.51.100.7, 198.51.100.8"),
        200,
        "what the proxy was told by others, it may have been told wrongly"
    );
    assert_eq!(health(8, "198.51.100.7"), 200, "and who is no proxy of ours speaks for themselves");
}

#[test]
fn more_than_32_headers_or_8_kib_of_them_are_too_many() {
    let relay = Relay::start(&[]);
    let with = |headers: &str| {
        let mut line = connect(relay.address);
        // The relay may close before it has heard all of it.
        let _ = line.write_all(format!("GET /healthz HTTP/1.1\r\nConnection: close\r\n{headers}\r\n").as_bytes());
        let mut status = [0; 12];
        line.read_exact(&mut status).unwrap();
        String::from_utf8(status[9..].to_vec()).unwrap()
    };
    let many = |count| (0..count).map(|n| format!("X-{n}: y\r\n")).collect::<String>();
    assert_eq!((with(&many(31)).as_str(), with(&many(32)).as_str()), ("200", "431"));
    let long = |length| format!("X-long: {}\r\n", "x".repeat(length));
    assert_eq!((with(&long(7 * 1024)).as_str(), with(&long(9 * 1024)).as_str()), ("200", "431"));
}
