//! The till at a hosted relay: whatever happens to either or to the line between them, what came is
//! written down once, and the list is right.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod place;

use std::{sync::atomic::Ordering, time::Duration};

use ledger::Door;
use place::{
    Shop,
    pretended::{CODE, Mood},
    until,
};
use till::{Environment, Pace, State};
use tokio::time::Instant;

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_heard_through_the_hosted_relay_and_then_looked_up() {
    let shop = Shop::open().await.notified().await.paired().await.at_work();
    let sale = shop.charge().await;
    shop.pay(&sale).await;
    shop.until_paid(&sale).await;
    let log = shop.ledger().log(sale.id).unwrap();
    let heard = log.iter().position(|entry| entry.from == till::From::Relay).unwrap();
    let confirmed = log.iter().rposition(|entry| entry.from == till::From::Midtrans).unwrap();
    assert!(heard < confirmed, "it was confirming first: {log:?}");
    assert!(shop.ledger().fed_at().unwrap().is_some());
    until("the relay knows", || shop.relay.inside().acked.last() == Some(&shop.cursor())).await;
    assert!(shop.cursor() >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_relay_stored_while_the_shop_was_closed_is_there_when_it_opens() {
    let shop = Shop::open().await.notified().await.paired().await;
    let sales = [shop.charge().await, shop.charge().await, shop.charge().await];
    for sale in &sales {
        shop.pay(sale).await;
    }
    until("Midtrans has told the relay", || shop.relay.inside().log.len() >= 6).await;
    assert_eq!(shop.ledger().last_notified().unwrap(), None);
    let shop = shop.at_work();
    for sale in &sales {
        shop.until_paid(sale).await;
        let told = shop.ledger().log(sale.id).unwrap();
        assert!(told.iter().any(|entry| entry.from == till::From::Relay));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_down_and_not_acknowledged_is_acknowledged_later_and_written_down_once() {
    let shop = Shop::open().await.notified().await.paired().await;
    shop.relay.inside().refuses_acks = true;
    let shop = shop.at_work();
    let sale = shop.charge().await;
    shop.pay(&sale).await;
    shop.until_paid(&sale).await;
    let log = shop.ledger().log(sale.id).unwrap();
    assert_eq!(shop.relay.inside().acked, [0_u64; 0]);
    shop.relay.inside().refuses_acks = false;
    shop.receiver.woken();
    until("it is acknowledged", || {
        let cursor = shop.cursor();
        shop.relay.inside().acked.last() == Some(&cursor)
    })
    .await;
    assert_eq!(shop.ledger().log(sale.id).unwrap(), log);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_sleep_no_dead_connection_keeps_the_shop_waiting() {
    let shop = Shop::open().await.notified().await.paired().await.at_work();
    let sale = shop.charge().await;
    until("its first notification is here", || shop.cursor() > 0).await;
    // The connection dies while the PC sleeps, and nobody tells.
    shop.relay.becomes(Mood::Hangs);
    until("it waits on a dead connection", || shop.relay.inside().hanging > 0).await;
    shop.pay(&sale).await;
    shop.relay.becomes(Mood::Honest);
    shop.receiver.woken();
    shop.until_paid(&sale).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_between_the_shop_and_its_relay_is_named_and_passes_by_itself() {
    let shop = Shop::open().await.notified().await.paired().await.at_work();
    let sale = shop.charge().await;
    for (mood, code) in
        [(Mood::Portal, "relay_foreign"), (Mood::Forgetful, "relay_revoked"), (Mood::Busy, "relay_busy")]
    {
        shop.relay.becomes(mood);
        shop.until_trouble(Some(code)).await;
        shop.relay.becomes(Mood::Honest);
        shop.until_trouble(None).await;
    }
    shop.pay(&sale).await;
    shop.until_paid(&sale).await;
    shop.pocket.locked.store(true, Ordering::SeqCst);
    shop.receiver.woken();
    shop.until_trouble(Some("secret_store_locked")).await;
    shop.pocket.locked.store(false, Ordering::SeqCst);
    shop.until_trouble(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_relay_has_lost_something_midtrans_is_asked_and_what_is_left_is_read() {
    // What it still has is passed on, what it has deleted, left out or never had is looked up.
    type Loses = fn(&Shop);
    let losses: [(&str, Loses); 3] = [
        ("deleted", |shop| {
            let mut inside = shop.relay.inside();
            inside.deleted = inside.log.len() as u64 - 1;
        }),
        ("left out", |shop| {
            let mut inside = shop.relay.inside();
            inside.leaves_out = Some(inside.log.len() as u64 - 1);
        }),
        ("put back to an older state", |shop| shop.relay.inside().log.truncate(1)),
    ];
    for (what, loses) in losses {
        let shop = Shop::open().await.notified().await.paired().await;
        let sale = shop.charge().await;
        until("the relay has the first", || !shop.relay.inside().log.is_empty()).await;
        let shop = shop.at_work();
        until("the first is here", || shop.cursor() >= 1).await;
        shop.relay.becomes(Mood::Hangs);
        shop.receiver.woken();
        let before = shop.relay.inside().log.len();
        shop.pay(&sale).await;
        until("the relay has the payment", || shop.relay.inside().log.len() > before).await;
        shop.relay.inside().log.push(b"the last".to_vec());
        if what == "put back to an older state" {
            let newest = shop.relay.inside().log.len() as u64;
            shop.ledger().move_feed("1", newest).unwrap();
        } else if what == "deleted" || what == "left out" {
            shop.relay.inside().log.push(b"the very last".to_vec());
        }
        loses(&shop);
        shop.relay.becomes(Mood::Honest);
        shop.receiver.woken();
        shop.until_paid(&sale).await;
        until("it goes on", || shop.cursor() == shop.relay.inside().log.len() as u64).await;
        shop.until_trouble(None).await;
        assert_eq!(shop.ledger().audit().unwrap(), [], "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_notification_is_set_aside_and_said() {
    let shop = Shop::open().await.paired().await.at_work();
    let sale = shop.charge().await;
    let order_id = sale.attempt().unwrap().order_id;
    for forged in [
        format!(
            r#"{{"order_id":"{order_id}","status_code":"200","gross_amount":"44000.00","transaction_status":"settlement",
                "signature_key":"{}"}}"#,
            "0".repeat(128)
        ),
        "<html>".into(),
    ] {
        shop.relay.pass_on(forged.as_bytes());
    }
    until("both were read", || shop.cursor() == 2).await;
    assert!(shop.receiver.reception().strange.is_some());
    assert_eq!(shop.state(&sale), State::Pending);
    assert_eq!(shop.ledger().everything_about(order_id, 9).unwrap().strange_count, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_not_used_up_when_there_is_no_place_for_the_token() {
    let shop = Shop::open().await;
    shop.pocket.locked.store(true, Ordering::SeqCst);
    let refused = shop.receiver.pair(&shop.relay.address(), CODE, "Kasir").await.unwrap_err();
    assert_eq!(refused.code, "secret_store_locked");
    assert_eq!(shop.relay.inside().asked, [""; 0]);
    shop.pocket.locked.store(false, Ordering::SeqCst);
    for (address, code, name, problem, field) in [
        ("relay.example", CODE, "Kasir", "relay_address_form", "address"),
        ("http://relay.example/n/abcdefghijklmnopqrstuvwxyz234567", CODE, "Kasir", "relay_address_insecure", "address"),
        ("https://relay.example/", CODE, "Kasir", "relay_address_cut", "address"),
        (&shop.relay.address(), "ABCD", "Kasir", "relay_code_form", "code"),
        (&shop.relay.address(), CODE, " ", "relay_name", "name"),
        (&shop.relay.address(), "ABCD-EFGI", "Kasir", "relay_code_wrong", "code"),
    ] {
        let refused = shop.receiver.pair(address, code, name).await.unwrap_err();
        assert_eq!((refused.code, refused.field), (problem, Some(field)));
    }
    assert_eq!(shop.ledger().feed().unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_that_is_paired_anew_or_no_more_leaves_no_device_behind() {
    let shop = Shop::open().await.notified().await.paired().await.at_work();
    shop.receiver.pair(&shop.relay.address(), CODE, "Kasir").await.unwrap();
    assert_eq!(shop.relay.inside().tokens, ["token-2"], "the first device is gone");
    let sale = shop.charge().await;
    shop.pay(&sale).await;
    shop.until_paid(&sale).await;
    assert!(shop.receiver.unpair().await.unwrap(), "the relay was told");
    assert_eq!(shop.relay.inside().tokens, [""; 0]);
    assert_eq!(shop.receiver.paired().unwrap(), None);
    assert_eq!(shop.receiver.unpair().await.unwrap_err().code, "relay_not_paired");
    shop.receiver.pair(&shop.relay.address(), CODE, "Kasir").await.unwrap();
    shop.relay.becomes(Mood::Portal);
    assert!(!shop.receiver.unpair().await.unwrap(), "it could not be told, and the till is unpaired all the same");
    assert_eq!(shop.receiver.paired().unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_programs_on_one_ledger_one_receives_and_the_other_takes_over() {
    let shop = Shop::open().await.notified().await.paired().await;
    let (counter, receiver) = shop.second().await;
    let first = tokio::spawn(async move { receiver.run().await });
    until("the first receives", || shop.relay.reads() > 0).await;
    let sale = shop.charge().await;
    let shop = shop.at_work();
    shop.pay(&sale).await;
    shop.until_paid(&sale).await;
    first.abort();
    drop(counter);
    let sale = shop.charge().await;
    shop.pay(&sale).await;
    shop.until_paid(&sale).await;
    until("the second receives", || shop.cursor() == shop.relay.inside().log.len() as u64).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_copy_of_another_pairing_reads_nothing_with_a_token_that_is_not_its_own() {
    let shop = Shop::open().await.paired().await;
    let old = ledger::Feed { device: "0".into(), ..shop.ledger().feed().unwrap().unwrap() };
    shop.ledger().pair_feed(&old).unwrap();
    let shop = shop.at_work();
    shop.until_trouble(Some("relay_token_missing")).await;
    assert_eq!(shop.relay.reads(), 0);
    let other = ledger::Ledger::open(
        &ledger::Folder::at(shop.folder.path()),
        Environment::Training,
        None,
        Door::Relay,
        *b"else",
    );
    assert_eq!(other.unwrap().feed().unwrap(), Some(old), "and it is written down as it is");
}

/// The pace is a value: two look-ups a second, and so the list is right half a second per open order
/// after waking, and a moment. What is left to see is that nobody is asked about twice or too late.
#[tokio::test(flavor = "multi_thread")]
async fn after_waking_the_list_is_right_by_one_look_up_for_each_open_order_whatever_the_relay_does() {
    assert_eq!(Pace::SHOP.between, Duration::from_millis(500));
    type Happens = fn(&Shop) -> (Duration, i64);
    let what_happens: [(&str, Mood, Happens); 4] = [
        ("a night's sleep, and its connections died", Mood::Hangs, |_| (Duration::from_secs(9 * 60 * 60), 0)),
        ("another network, which wants a log-in", Mood::Portal, |_| (Duration::from_secs(20), 0)),
        ("its clock was set back by a day", Mood::Mute, |_| (Duration::ZERO, -24 * 60 * 60)),
        ("its clock was set ahead by a year", Mood::Mute, |_| (Duration::ZERO, 365 * 24 * 60 * 60)),
    ];
    for (what, mood, happens) in what_happens {
        let shop = Shop::open().await.notified().await.paired().await.at_work();
        let mut sales = Vec::new();
        for _ in 0..5 {
            sales.push(shop.charge().await);
        }
        until("the relay has told of each", || shop.cursor() == 5).await;
        // From now on nothing comes through the relay.
        shop.relay.inside().arriving = Box::new(|_, _| ());
        shop.relay.becomes(mood);
        for sale in &sales {
            shop.pay(sale).await;
        }
        let (slept, clock) = happens(&shop);
        shop.time_passes(slept).await;
        shop.sets_its_clock(clock);
        let before = look_ups(&shop).await;
        let woken = Instant::now();
        shop.wakes();
        for sale in &sales {
            shop.until_paid(sale).await;
        }
        println!("{what}: right after {:?}", woken.elapsed());
        let asked = look_ups(&shop).await - before;
        assert!(asked <= sales.len(), "{what}: {asked} look-ups");
    }
}

/// So often Midtrans was asked about an order.
async fn look_ups(shop: &Shop) -> usize {
    let asked = shop.at_midtrans("requests").await;
    asked["requests"].as_array().unwrap().iter().filter(|asked| asked["method"] == "GET").count()
}
