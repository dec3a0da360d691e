//! Notifications that come while the key is out of reach.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use midtrans::ServerKey;
use relay::{KeySource, Patience, take_up_waiting};
use shop::*;
use till::{State, Time};

#[test]
fn without_the_key_a_notification_is_stored_answered_and_believed_by_nobody() {
    let shop = Shop::open();
    let relay = shop.relay_with(NoKey, Patience::default());
    assert_eq!(relay.notify(&shop.notification("settlement")), 200);
    assert_eq!(shop.ledger.unverified().unwrap().len(), 1);
    assert_eq!((shop.state(), shop.hints()), (State::Pending, 0));
}

#[test]
fn the_desk_takes_it_up_once_it_has_the_key() {
    let shop = Shop::open();
    let relay = shop.relay_with(NoKey, Patience::default());
    assert_eq!(relay.notify(&shop.notification("settlement")), 200);
    assert_eq!(take_up(&shop), 1);
    assert_eq!((shop.state(), shop.hints()), (State::Confirming, 1));
    assert_eq!(take_up(&shop), 0, "once");
    assert_eq!(shop.hints(), 1);
    assert_eq!(relay.notify(&shop.notification("settlement")), 200);
    assert_eq!(shop.hints(), 1, "a late repeat is only counted");
}

#[test]
fn the_desk_sets_aside_what_was_forged_in_the_meantime() {
    let shop = Shop::open();
    let relay = shop.relay_with(NoKey, Patience::default());
    let mut forged = shop.notification("settlement");
    forged["signature_key"] = "0".repeat(128).into();
    assert_eq!(relay.notify(&forged), 200, "nobody can tell yet");
    assert_eq!(take_up(&shop), 0);
    assert_eq!((shop.count("inbox"), shop.count("quarantine")), (0, 1));
    assert_eq!((shop.state(), shop.hints()), (State::Pending, 0));
}

#[test]
fn the_desk_takes_up_more_than_it_reads_at_a_time() {
    let shop = Shop::open();
    let letter = ledger::Letter {
        order_id: String::new(),
        report: till::Report::Pending,
        consistent: true,
        amount: None,
        store: None,
        payment_code: None,
        transaction_id: None,
    };
    for n in 0..501 {
        let mut one = shop.notification("pending");
        one["custom_field1"] = n.to_string().into();
        let body = one.to_string();
        shop.ledger.receive(body.as_bytes(), &letter, ledger::Seal::Unverified, Time::from_millis(n)).unwrap();
    }
    assert_eq!(take_up(&shop), 501);
    assert!(shop.ledger.unverified().unwrap().is_empty());
}

#[test]
fn what_cannot_be_a_notification_is_refused_with_or_without_a_key() {
    let shop = Shop::open();
    let relay = shop.relay_with(NoKey, Patience::default());
    assert_eq!(relay.post("{}"), 400);
    assert_eq!(shop.count("inbox"), 0);
}

#[test]
fn a_keyring_that_waits_for_its_password_holds_no_notification_up() {
    let shop = Shop::open();
    let (answer, prompt) = mpsc::channel();
    let relay = shop.relay_with(Prompt(Mutex::new(prompt)), Patience::default());
    assert_eq!(relay.notify(&shop.notification("pending")), 200);
    assert_eq!(relay.notify(&shop.notification("settlement")), 200, "nor the next one");
    assert_eq!(shop.ledger.unverified().unwrap().len(), 2);
    answer.send(()).unwrap();
    let expire = shop.notification("expire");
    assert_eq!(relay.notify(&expire), 200);
    let joined = shop.ledger.notifications(shop.order_id).unwrap();
    assert_eq!(joined.len(), 1, "when the password was typed, the key is at hand");
}

#[test]
fn a_keyring_that_breaks_down_is_one_that_cannot_be_reached() {
    let shop = Shop::open();
    let relay = shop.relay_with(Broken, Patience::default());
    assert_eq!(relay.notify(&shop.notification("settlement")), 200);
    assert_eq!(shop.ledger.unverified().unwrap().len(), 1);
}

#[test]
fn the_keyring_is_asked_once_for_many_notifications() {
    let shop = Shop::open();
    let times = Arc::new(AtomicUsize::new(0));
    let relay = shop.relay_with(Counted(Arc::clone(&times)), Patience::default());
    thread::scope(|scope| {
        let posts: Vec<_> = (0..8).map(|_| scope.spawn(|| relay.notify(&shop.notification("settlement")))).collect();
        assert!(posts.into_iter().all(|post| post.join().unwrap() == 200));
    });
    assert_eq!(times.load(Ordering::Relaxed), 1);
}

#[test]
fn a_new_key_counts_without_a_restart() {
    let shop = Shop::open();
    let renewed = Arc::new(AtomicBool::new(false));
    let relay = shop.relay_with(Renewed(Arc::clone(&renewed)), Patience::default());
    assert_eq!(relay.notify(&shop.notification("settlement")), 401, "signed with a key that is not entered yet");
    renewed.store(true, Ordering::Relaxed);
    // Long before the old one would have been read again by itself.
    let begun = Instant::now();
    while relay.notify(&shop.notification("settlement")) != 200 {
        assert!(begun.elapsed() < Duration::from_secs(15));
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(shop.state(), State::Confirming);
}

fn take_up(shop: &Shop) -> usize {
    take_up_waiting(&shop.ledger, &relay::training_key(), Time::from_millis(10_000)).unwrap()
}

struct NoKey;

impl KeySource for NoKey {
    fn key(&self) -> Option<ServerKey> {
        None
    }
}

/// Answers when somebody has typed the password.
struct Prompt(Mutex<mpsc::Receiver<()>>);

impl KeySource for Prompt {
    fn key(&self) -> Option<ServerKey> {
        let _ = self.0.lock().unwrap().recv();
        Some(relay::training_key())
    }
}

struct Broken;

impl KeySource for Broken {
    fn key(&self) -> Option<ServerKey> {
        panic!("as this test orders");
    }
}

struct Counted(Arc<AtomicUsize>);

impl KeySource for Counted {
    fn key(&self) -> Option<ServerKey> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Some(relay::training_key())
    }
}

/// The key of training, once it has been entered in the place of another.
struct Renewed(Arc<AtomicBool>);

impl KeySource for Renewed {
    fn key(&self) -> Option<ServerKey> {
        Some(if self.0.load(Ordering::Relaxed) { relay::training_key() } else { key("SB-Mid-server-of-last-year") })
    }
}
