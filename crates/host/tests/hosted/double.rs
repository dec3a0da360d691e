//! The relay in this process, over a mailroom that does as each test tells it.

use std::{
    io::{Read, Write},
    net::{IpAddr, SocketAddr, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::Duration,
};

use ::relay::line::Patience;
use bytes::Bytes;
use host::{Limits, Outside, Proxies, Running, Settings};
use mailroom::{
    Appended, Channel, ChannelRow, Code, Device, DeviceRow, Entry, Mailroom, NotPaired, Page, Paired, Place, Purged,
    Registry, SecretHash, Seq, Time, Trouble, Whose,
};
use tokio::{runtime::Runtime, sync::watch};

use crate::relay::{Answer, answer, ask, connect, entries, notification, request};

const SOON: Duration = Duration::from_millis(100);
const NEVER: Duration = Duration::from_secs(24 * 60 * 60);
const ENDLESS: Patience = Patience { head: NEVER, body: NEVER, answer: NEVER, connection: NEVER, farewell: NEVER };

type Does = Box<dyn Fn() -> Result<Appended, Trouble> + Send + Sync>;

/// One channel with one device, whatever secret and token are shown.
struct Double {
    does: Does,
    stuck: bool,
    waits: Sender<&'static str>,
    bell: watch::Sender<()>,
    news: AtomicUsize,
    body: Vec<u8>,
    lost: AtomicBool,
}

/// Says when a wait is over, however it ends.
struct Wait(Sender<&'static str>);

impl Drop for Wait {
    fn drop(&mut self) {
        let _ = self.0.send("left");
    }
}

impl Mailroom for Double {
    async fn append(&self, _: Channel, _: Bytes, _: Option<IpAddr>, _: Time) -> Result<Appended, Trouble> {
        if self.stuck {
            std::future::pending::<()>().await;
        }
        tokio::task::block_in_place(|| (self.does)())
    }

    async fn read(&self, _: Channel, _: Seq, _: u32) -> Result<Page, Trouble> {
        let entry = |seq: usize| Entry {
            seq: Seq::of(seq as i64),
            received_at: Time::from_millis(5),
            times: 1,
            from: None,
            digest: [0; 32],
            body: self.body.clone(),
        };
        let news = self.news.load(Ordering::SeqCst);
        Ok(Page { entries: (1..=news).map(entry).collect(), oldest: Seq::of(1), newest: Seq::of(news as i64) })
    }

    async fn ack(&self, _: Channel, _: Device, _: Seq) -> Result<(), Trouble> {
        Ok(())
    }

    async fn wait(&self, _: Channel, _: Seq) {
        let mut bell = self.bell.subscribe();
        let _wait = Wait(self.waits.clone());
        self.waits.send("waits").unwrap();
        let _ = bell.changed().await;
    }
}

impl Registry for Double {
    async fn new_channel(&self, _: &str, _: SecretHash, _: Time) -> Result<Channel, Trouble> {
        unreachable!()
    }

    async fn channels(&self) -> Result<Vec<ChannelRow>, Trouble> {
        unreachable!()
    }

    async fn revoke_channel(&self, _: Channel, _: Time) -> Result<(), Trouble> {
        unreachable!()
    }

    async fn find_channel(&self, _: SecretHash) -> Result<Option<Channel>, Trouble> {
        Ok(Some(Channel::of(1)))
    }

    async fn new_code(&self, _: Channel, _: Code, _: Time) -> Result<Time, Trouble> {
        unreachable!()
    }

    async fn pair(&self, _: Channel, _: Code, _: &str, _: SecretHash, _: Time) -> Result<Paired, NotPaired> {
        unreachable!()
    }

    async fn device_of(&self, _: SecretHash, _: Time) -> Result<Option<Whose>, Trouble> {
        let lost = self.lost.load(Ordering::SeqCst);
        Ok((!lost).then_some(Whose { channel: Channel::of(1), device: Device::of(1) }))
    }

    async fn devices(&self, _: Channel) -> Result<Vec<DeviceRow>, Trouble> {
        unreachable!()
    }

    async fn revoke_device(&self, _: Channel, _: Device, _: Time) -> Result<(), Trouble> {
        unreachable!()
    }

    async fn purge(&self, _: Time) -> Result<Purged, Trouble> {
        Ok(Purged::default())
    }
}

/// The relay over it.
struct Fixture {
    double: Arc<Double>,
    heard: Receiver<&'static str>,
    address: SocketAddr,
    running: Option<Running>,
    runtime: Runtime,
}

impl Fixture {
    fn of(does: impl Fn() -> Result<Appended, Trouble> + Send + Sync + 'static) -> Self {
        Self::with(does, false, Patience::default(), Limits::default())
    }

    fn with(
        does: impl Fn() -> Result<Appended, Trouble> + Send + Sync + 'static,
        stuck: bool,
        patience: Patience,
        limits: Limits,
    ) -> Self {
        let (waits, heard) = mpsc::channel();
        let double = Arc::new(Double {
            does: Box::new(does),
            stuck,
            waits,
            bell: watch::channel(()).0,
            news: AtomicUsize::new(0),
            body: format!("{:?}", "x".repeat(64 * 1024)).into_bytes(),
            lost: AtomicBool::new(false),
        });
        let settings = Settings {
            place: Place::File("/nowhere".into()),
            public_url: None,
            listen: "127.0.0.1:0".parse().unwrap(),
            tls: None,
            proxies: Proxies::default(),
            limits,
        };
        let outside = Outside { clock: Arc::new(|| Time::from_millis(5)), chance: Arc::new(|bytes| bytes.fill(7)) };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
        let running = runtime.block_on(host::start(Arc::clone(&double), &settings, None, outside, patience)).unwrap();
        Self { double, heard, address: running.listening, running: Some(running), runtime }
    }

    fn notify(&self) -> Answer {
        ask(self.address, "POST", "/n/secret", None, &notification(1).to_string())
    }

    /// A till that waits for news, and does so by the time this returns.
    fn poll(&self) -> TcpStream {
        let mut line = connect(self.address);
        line.write_all(request("GET", "/v1/feed?after=0&wait=60", Some("token"), "").as_bytes()).unwrap();
        assert_eq!(self.heard.recv().unwrap(), "waits");
        line
    }

    fn news(&self, count: usize) {
        self.double.news.store(count, Ordering::SeqCst);
        self.double.bell.send_replace(());
    }

    fn stop(&mut self) {
        let running = self.running.take().unwrap();
        self.runtime.block_on(running.stop());
    }
}

fn stored() -> Result<Appended, Trouble> {
    Ok(Appended::New(Seq::of(1)))
}

#[test]
fn whoever_waits_is_answered_at_once_when_the_relay_ends() {
    // Whoever still waits ten seconds later would be cut off without an answer.
    let mut relay = Fixture::of(stored);
    let polls: Vec<TcpStream> = (0..3).map(|_| relay.poll()).collect();
    relay.stop();
    for poll in polls {
        assert_eq!(entries(&answer(poll)), []);
    }
}

#[test]
fn what_is_being_stored_when_the_relay_ends_gets_its_answer() {
    let (begun, begins) = mpsc::channel();
    let (go, going) = mpsc::channel();
    let going = Mutex::new(going);
    let mut relay = Fixture::of(move || {
        begun.send(()).unwrap();
        going.lock().unwrap().recv().unwrap();
        stored()
    });
    let address = relay.address;
    let asked = thread::spawn(move || ask(address, "POST", "/n/secret", None, &notification(1).to_string()));
    begins.recv().unwrap();
    thread::scope(|scope| {
        let stopping = scope.spawn(|| relay.stop());
        while TcpStream::connect(address).is_ok() {
            thread::yield_now();
        }
        go.send(()).unwrap();
        stopping.join().unwrap();
    });
    assert_eq!(asked.join().unwrap().status, 200);
}

#[test]
fn every_trouble_of_the_mailroom_has_an_answer_that_midtrans_tries_again_after() {
    for (trouble, status, retry_after) in [
        (Trouble::Busy, 429, Some("1")),
        (Trouble::Full, 429, Some("3600")),
        (Trouble::NotStored("disk full".into()), 502, None),
        (Trouble::NotRead("gone".into()), 502, None),
        (Trouble::NoSuchChannel, 404, None),
    ] {
        let relay = Fixture::of({
            let trouble = trouble.clone();
            move || Err(trouble.clone())
        });
        let answer = relay.notify();
        assert_eq!((answer.status, answer.header("retry-after")), (status, retry_after), "{trouble}");
        assert_eq!(answer.body, "", "{trouble}");
    }
}

#[test]
fn a_mailroom_that_hangs_is_answered_with_502_in_time() {
    let relay = Fixture::with(stored, true, Patience { answer: SOON, ..ENDLESS }, Limits::default());
    assert_eq!(relay.notify().status, 502);
}

#[test]
fn a_panic_breaks_one_request_and_no_other() {
    let times = AtomicUsize::new(0);
    let relay = Fixture::of(move || {
        assert!(times.fetch_add(1, Ordering::SeqCst) > 0, "as this test orders");
        stored()
    });
    assert_eq!(relay.notify().status, 502);
    assert_eq!(relay.notify().status, 200);
}

#[test]
fn a_token_that_is_taken_back_reads_nothing_even_if_it_waits_already() {
    let relay = Fixture::of(stored);
    let poll = relay.poll();
    relay.double.lost.store(true, Ordering::SeqCst);
    relay.news(1);
    assert_eq!(answer(poll).status, 401);
}

#[test]
fn those_who_wait_take_no_seat_of_those_who_bring_something() {
    let limits = Limits { ingest_connections: 1, per_address_connections: 1, ..Limits::default() };
    let relay = Fixture::with(stored, false, Patience::default(), limits);
    let polls: Vec<TcpStream> = (0..8).map(|_| relay.poll()).collect();
    assert_eq!(relay.notify().status, 200);
    relay.news(1);
    for poll in polls {
        assert_eq!(entries(&answer(poll)).len(), 1, "and each of them hears it");
    }
}

#[test]
fn whoever_is_woken_hears_why_however_full_the_line_is() {
    let limits = Limits { ingest_connections: 2, channel_burst: 1_000, ..Limits::default() };
    let relay = Fixture::with(stored, false, Patience::default(), limits);
    for _ in 0..20 {
        relay.news(0);
        let polls: Vec<TcpStream> = (0..8).map(|_| relay.poll()).collect();
        thread::scope(|scope| {
            let answers: Vec<_> = polls.into_iter().map(|poll| scope.spawn(|| answer(poll).status)).collect();
            relay.news(1);
            // They come back while others come in, and nobody makes room who is still to be answered.
            let stored: Vec<_> = (0..8).map(|_| relay.notify().status).collect();
            assert_eq!(stored, [200; 8]);
            for answer in answers {
                assert_eq!(answer.join().unwrap(), 200);
            }
        });
        while relay.heard.try_recv().is_ok() {}
    }
}

#[test]
fn one_till_waits_at_most_eight_times_over() {
    let relay = Fixture::of(stored);
    let _polls: Vec<TcpStream> = (0..8).map(|_| relay.poll()).collect();
    let ninth = ask(relay.address, "GET", "/v1/feed?after=0&wait=60", Some("token"), "");
    assert_eq!((ninth.status, ninth.header("retry-after")), (429, Some("5")));
}

#[test]
fn whoever_hangs_up_is_not_waited_for() {
    let relay = Fixture::with(stored, false, ENDLESS, Limits::default());
    drop(relay.poll());
    assert_eq!(relay.heard.recv().unwrap(), "left");
}

#[test]
fn somebody_who_never_ends_their_head_or_body_is_let_go() {
    let patience = Patience { head: SOON, body: SOON, ..ENDLESS };
    let relay = Fixture::with(stored, false, patience, Limits::default());
    for (sent, status) in [
        ("", None),
        ("POST /n/secret HTT", None),
        ("POST /n/secret HTTP/1.1\r\nHost: relay\r\nX-slow: ", None),
        ("POST /n/secret HTTP/1.1\r\nHost: relay\r\nContent-Length: 9\r\n\r\n{", Some(408)),
        ("POST /v1/pair HTTP/1.1\r\nHost: relay\r\nContent-Length: 9\r\n\r\n{", Some(408)),
        ("POST /v1/ack HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer x\r\nContent-Length: 9\r\n\r\n{", Some(408)),
    ] {
        let mut line = connect(relay.address);
        line.write_all(sent.as_bytes()).unwrap();
        let mut said = Vec::new();
        line.read_to_end(&mut said).unwrap();
        let said = String::from_utf8(said).unwrap();
        match status {
            Some(status) => assert!(said.starts_with(&format!("HTTP/1.1 {status}")), "{sent}: {said}"),
            None => assert!(!said.starts_with("HTTP/1.1 2"), "{sent}: {said}"),
        }
    }
}

#[test]
fn a_connection_is_not_kept_for_ever_by_asking_again() {
    let patience = Patience { connection: Duration::ZERO, ..ENDLESS };
    let relay = Fixture::with(stored, false, patience, Limits::default());
    let mut line = connect(relay.address);
    line.write_all(b"GET /healthz HTTP/1.1\r\nHost: relay\r\n\r\n").unwrap();
    assert_eq!(answer(line).status, 200, "answered, and then closed by the relay");
}

#[test]
fn somebody_who_takes_nothing_off_our_hands_is_let_go() {
    let patience = Patience { farewell: SOON, ..ENDLESS };
    let relay = Fixture::with(stored, false, patience, Limits::default());
    // Longer than what the system keeps for somebody who does not read.
    relay.news(400);
    let mut line = connect(relay.address);
    line.write_all(request("GET", "/v1/feed?after=0", Some("token"), "").as_bytes()).unwrap();
    let let_go = (0..1_000).any(|_| {
        thread::sleep(SOON / 10);
        line.write_all(b"x").is_err()
    });
    assert!(let_go);
}
