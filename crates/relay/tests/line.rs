//! Strangers on the line: slow, many, endless, or of another tongue.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Mutex,
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::Duration,
};

use midtrans::ServerKey;
use relay::{Embedded, EmbeddedConfig, KeySource, Patience, Presence, StartError, presence};
use shop::*;
use till::State;

/// Short where it is about waiting, endless everywhere else.
const SOON: Duration = Duration::from_millis(100);
const NEVER: Duration = Duration::from_secs(24 * 60 * 60);
const ENDLESS: Patience = Patience { head: NEVER, body: NEVER, answer: NEVER, connection: NEVER, farewell: NEVER };

#[test]
fn somebody_who_never_ends_his_headers_is_let_go() {
    let shop = Shop::open();
    let relay = shop.relay_with(relay::training_key(), Patience { head: SOON, ..ENDLESS });
    for beginning in ["", "POST /n/", "POST / HTTP/1.1\r\nHost: shop\r\nX-a: "] {
        let mut line = connect(relay.address);
        line.write_all(beginning.as_bytes()).unwrap();
        let answer = rest(line);
        assert!(!answer.starts_with("HTTP/1.1 2"), "{beginning}: {answer}");
    }
}

#[test]
fn somebody_who_trickles_his_headers_is_let_go_too() {
    let shop = Shop::open();
    let relay = shop.relay_with(relay::training_key(), Patience { head: SOON, ..ENDLESS });
    let mut line = connect(relay.address);
    line.write_all(b"POST / HTTP/1.1\r\n").unwrap();
    // Too slowly to be cut short for their length.
    let let_go = (0..1_000).any(|_| {
        thread::sleep(SOON / 10);
        line.write_all(b"x").is_err()
    });
    assert!(let_go);
}

#[test]
fn somebody_who_never_ends_his_body_is_answered_with_408_and_let_go() {
    let shop = Shop::open();
    let relay = shop.relay_with(relay::training_key(), Patience { body: SOON, ..ENDLESS });
    let mut line = connect(relay.address);
    write!(line, "POST {} HTTP/1.1\r\nHost: shop\r\nContent-Length: 100\r\n\r\n{{", relay.path).unwrap();
    assert_eq!(status(&rest(line)), 408);
    assert_eq!((shop.count("inbox"), shop.count("quarantine")), (0, 0));
}

#[test]
fn somebody_who_never_runs_out_of_body_is_not_listened_to_for_ever() {
    let shop = Shop::open();
    let relay = shop.relay_with(relay::training_key(), ENDLESS);
    let mut line = connect(relay.address);
    write!(line, "POST {} HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n", relay.path).unwrap();
    let chunk = format!("8000\r\n{}\r\n", "x".repeat(0x8000));
    let let_go = (0..2_000).any(|_| line.write_all(chunk.as_bytes()).is_err());
    assert!(let_go, "not even after 64 MB");
}

#[test]
fn half_a_notification_is_none() {
    let shop = Shop::open();
    let relay = shop.relay();
    let whole = request("POST", &relay.path, shop.notification("settlement").to_string().as_bytes());
    let mut line = connect(relay.address);
    line.write_all(&whole[..whole.len() - 10]).unwrap();
    line.shutdown(std::net::Shutdown::Write).unwrap();
    let answer = rest(line);
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    assert_eq!((shop.count("inbox"), shop.state()), (0, State::Pending));
}

#[test]
fn a_crowd_that_says_nothing_does_not_keep_midtrans_out() {
    let shop = Shop::open();
    let relay = shop.relay_with(relay::training_key(), Patience { head: SOON, ..ENDLESS });
    let crowd: Vec<TcpStream> = (0..300).map(|_| connect(relay.address)).collect();
    assert_eq!(relay.notify(&shop.notification("settlement")), 200);
    drop(crowd);
}

#[test]
fn so_many_may_be_in_and_the_next_waits_at_the_door() {
    let shop = Shop::open();
    let relay = shop.relay_with(relay::training_key(), ENDLESS);
    let mut inside: Vec<TcpStream> = (0..256).map(|_| connect(relay.address)).collect();
    let mut next = connect(relay.address);
    next.write_all(b"GET /healthz HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n").unwrap();
    next.set_read_timeout(Some(SOON)).unwrap();
    assert!(next.read(&mut [0]).is_err(), "nobody hears him yet");
    inside.pop();
    next.set_read_timeout(None).unwrap();
    assert_eq!(status(&rest(next)), 200);
}

#[test]
fn more_than_32_headers_are_too_many() {
    let shop = Shop::open();
    let relay = shop.relay();
    let with = |count: usize| {
        let headers: String = (0..count).map(|n| format!("X-{n}: y\r\n")).collect();
        status(&exchange(
            relay.address,
            format!("GET /healthz HTTP/1.1\r\nConnection: close\r\n{headers}\r\n").as_bytes(),
        ))
    };
    assert_eq!((with(31), with(32)), (200, 431));
}

#[test]
fn headers_beyond_16_kib_are_too_long() {
    let shop = Shop::open();
    let relay = shop.relay();
    let mut line = connect(relay.address);
    // The relay may close before it has heard all of it.
    let _ = write!(line, "GET /healthz HTTP/1.1\r\nX-long: {}\r\n\r\n", "x".repeat(17 * 1024));
    let mut answer = [0; 12];
    line.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 431");
}

#[test]
fn http_2_is_not_spoken_here() {
    let shop = Shop::open();
    let relay = shop.relay();
    let answer = exchange(relay.address, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert!(!answer.contains("HTTP/2"), "{answer}");
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
}

#[test]
fn what_is_no_http_at_all_is_answered_with_400() {
    let shop = Shop::open();
    assert_eq!(status(&exchange(shop.relay().address, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")), 400);
}

#[test]
fn a_request_is_not_smuggled_in_behind_two_lengths() {
    let shop = Shop::open();
    let relay = shop.relay();
    let head = format!("POST {} HTTP/1.1\r\nHost: shop\r\n", relay.path);
    let two = format!("{head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}} ");
    assert_eq!(status(&exchange(relay.address, two.as_bytes())), 400);
}

#[test]
fn two_notifications_may_come_on_one_line() {
    let shop = Shop::open();
    let relay = shop.relay();
    let mut line = connect(relay.address);
    for status in ["pending", "settlement"] {
        let body = shop.notification(status).to_string();
        write!(line, "POST {} HTTP/1.1\r\nHost: shop\r\nContent-Length: {}\r\n\r\n{body}", relay.path, body.len())
            .unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            line.read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 "));
    }
    assert_eq!(shop.state(), State::Confirming);
}

#[test]
fn a_line_that_is_old_enough_hears_with_its_answer_that_it_was_the_last() {
    let shop = Shop::open();
    let relay = shop.relay_with(relay::training_key(), Patience { connection: Duration::ZERO, ..ENDLESS });
    let mut line = connect(relay.address);
    line.write_all(b"GET /healthz HTTP/1.1\r\nHost: shop\r\n\r\n").unwrap();
    let answer = rest(line);
    assert_eq!(status(&answer), 200, "answered, and then closed by the relay");
    assert!(answer.to_ascii_lowercase().contains("\r\nconnection: close\r\n"), "and nobody asks in vain: {answer}");
}

#[test]
fn an_old_line_that_says_no_more_is_closed_all_the_same() {
    let shop = Shop::open();
    let relay = shop.relay_with(relay::training_key(), Patience { head: SOON, connection: SOON, ..ENDLESS });
    assert_eq!(rest(connect(relay.address)), "");
}

#[test]
fn a_panic_closes_one_line_and_the_relay_lives_on() {
    let shop = Shop::open();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let times = Mutex::new(0);
    let config = EmbeddedConfig {
        ledger: shop.ledger.clone(),
        listen: "127.0.0.1:0".parse().unwrap(),
        key: std::sync::Arc::new(relay::training_key()),
        clock: std::sync::Arc::new(move || {
            let mut times = times.lock().unwrap_or_else(|broken| broken.into_inner());
            *times += 1;
            assert!(*times > 1, "as this test orders");
            till::Time::from_millis(5)
        }),
        chance: [1; 20],
        patience: Patience::default(),
    };
    let running = runtime.block_on(Embedded::start(config)).unwrap();
    let path = path_of(&running.notification_url);
    let body = shop.notification("settlement").to_string();
    assert_eq!(
        exchange(running.listening, &request("POST", path, body.as_bytes())),
        "",
        "no answer, so Midtrans repeats it"
    );
    assert_eq!(post(running.listening, path, body.as_bytes()), 200);
}

#[test]
fn a_request_under_way_gets_its_answer_when_the_relay_stops() {
    let shop = Shop::open();
    let (asks, asked) = mpsc::channel();
    let (go, going) = mpsc::channel();
    let relay = shop.relay_with(Held { asks, going: Mutex::new(going) }, Patience::default());
    let (address, path) = (relay.address, relay.path.clone());
    let body = shop.notification("settlement").to_string();
    let answer = thread::spawn(move || post(address, &path, body.as_bytes()));
    asked.recv().unwrap();
    let stopping = thread::spawn(move || relay.stop());
    while TcpStream::connect(address).is_ok() {
        thread::yield_now();
    }
    assert_ne!(presence(shop.ledger.folder()), Presence::Off, "it holds its post until it is done");
    go.send(()).unwrap();
    assert_eq!(answer.join().unwrap(), 200);
    stopping.join().unwrap();
    assert_eq!(presence(shop.ledger.folder()), Presence::Off);
    assert_eq!(shop.count("inbox"), 1);
}

#[test]
fn a_relay_that_is_dropped_stops() {
    let shop = Shop::open();
    let mut relay = shop.relay();
    assert_eq!(status(&get(relay.address, "/healthz")), 200);
    drop(relay.running.take());
    while presence(shop.ledger.folder()) != Presence::Off {
        thread::yield_now();
    }
    assert!(TcpStream::connect(relay.address).is_err());
    drop(relay);
}

#[test]
fn a_shop_has_one_relay_and_everybody_sees_where() {
    let shop = Shop::open();
    assert_eq!(presence(shop.ledger.folder()), Presence::Off);
    let relay = shop.relay();
    let Presence::Running { listening, notification_url } = presence(shop.ledger.folder()) else {
        panic!("it is running");
    };
    assert_eq!(listening, relay.address.to_string());
    assert_eq!(path_of(&notification_url), relay.path);
    assert!(matches!(shop.start(relay::training_key(), Patience::default()), Err(StartError::AlreadyRunning(_))));
    relay.stop();
    let again = shop.relay();
    assert_eq!(path_of(&notification_url), again.path, "the address in the dashboard stays right");
}

#[test]
fn asking_whether_a_relay_is_there_never_keeps_one_from_starting() {
    let shop = Shop::open();
    let folder = shop.ledger.folder().to_owned();
    shop.relay().stop();
    let (enough, stop) = mpsc::channel::<()>();
    let asker = thread::spawn(move || {
        while stop.try_recv() == Err(mpsc::TryRecvError::Empty) {
            presence(&folder);
        }
    });
    for _ in 0..20 {
        shop.relay().stop();
    }
    drop(enough);
    asker.join().unwrap();
}

#[test]
fn asking_whether_a_relay_is_there_leaves_no_trace() {
    let nowhere = tempfile::tempdir().unwrap();
    assert_eq!(presence(nowhere.path()), Presence::Off);
    assert_eq!(presence(&nowhere.path().join("not made yet")), Presence::Off);
    assert_eq!(nowhere.path().read_dir().unwrap().count(), 0);
}

/// Says when it is asked for the key, and gives it when told to.
struct Held {
    asks: Sender<()>,
    going: Mutex<Receiver<()>>,
}

impl KeySource for Held {
    fn key(&self) -> Option<ServerKey> {
        self.asks.send(()).unwrap();
        self.going.lock().unwrap().recv().unwrap();
        Some(relay::training_key())
    }
}
