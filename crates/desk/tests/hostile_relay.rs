//! A stranger owns the relay, and everything that passes through it. It never makes an order paid, and
//! what it hides is found by look-ups.
//!
//! - `GERAI_TORTURE_SEED`: the same relay once more; it is printed.
//! - `GERAI_TORTURE_RELAY`: how many orders it meddles with (24).

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod place;

use std::{collections::HashSet, sync::Arc, time::Duration};

use place::{Shop, pretended::Mood, until};
use serde_json::Value;
use stage::{Chance, asked_for};
use till::{Ear, SaleId, State};

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_relay_does_to_what_passes_through_it_no_order_is_paid_by_it() {
    let shop = Arc::new(Shop::hurried(20).await.notified().await.paired().await.at_work());
    let mut chance = Chance::drawn();
    let mut meddles = Chance::of(chance.number());
    let mut held: Vec<Vec<u8>> = Vec::new();
    shop.relay.inside().arriving = Box::new(move |body, log| match meddles.below(8) {
        // Dropped, delayed, passed on twice, or as it came.
        0 => {}
        1 | 2 => held.push(body.to_vec()),
        3 => log.extend([body.to_vec(), body.to_vec()]),
        4 => log.push(body.to_vec()),
        // Rewritten, and what was held back in another order.
        _ => {
            log.push(claiming_paid(body, meddles.below(4)));
            while !held.is_empty() {
                let next = meddles.below(held.len() as u64) as usize;
                log.push(held.swap_remove(next));
            }
        }
    });
    let moods = [Mood::Honest, Mood::Honest, Mood::Honest, Mood::Mute, Mood::Portal, Mood::Busy, Mood::Forgetful];
    let (mut paid, mut unpaid): (HashSet<SaleId>, Vec<_>) = (HashSet::new(), Vec::new());
    for _ in 0..asked_for("GERAI_TORTURE_RELAY", 24) {
        let sale = shop.charge().await;
        shop.relay.becomes(chance.one_of(&moods));
        {
            let inside = &mut *shop.relay.inside();
            let length = inside.log.len();
            match chance.below(6) {
                0 => inside.deleted = length as u64,
                1 => {
                    inside.log.truncate(length / 2);
                    inside.deleted = inside.deleted.min(length as u64 / 2);
                }
                2 => inside.leaves_out = Some(length as u64),
                _ => {}
            }
        }
        if chance.below(2) == 0 {
            shop.pay(&sale).await;
            paid.insert(sale.id);
        } else {
            unpaid.push(sale);
        }
        for sale in &unpaid {
            assert_ne!(shop.state(sale), State::Paid, "nobody has paid {}", sale.id);
        }
    }
    println!("{} of them paid, {} entries passed on", paid.len(), shop.relay.inside().log.len());
    shop.relay.becomes(Mood::Honest);
    for id in &paid {
        until("what was paid is found", || shop.counter.find(id.as_str()).unwrap().state() == State::Paid).await;
    }
    for sale in &unpaid {
        until("a claim is looked up", || shop.state(sale) == State::Pending).await;
    }
    assert_eq!(shop.ledger().audit().unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_passes_nothing_on_raises_the_alarm_of_the_deaf_ear() {
    let shop = Shop::hurried(200).await.notified().await.paired().await;
    shop.relay.becomes(Mood::Mute);
    let shop = shop.at_work();
    until("the relay was reached", || shop.receiver.reception().reached.is_some()).await;
    shop.counter.relay_seen(true);
    let sale = shop.charge().await;
    // Midtrans tells whole seconds, and what was paid before the relay was there is not held against it.
    let seen = shop.counter.now();
    until("a second has passed", || shop.counter.now().since(seen) > Duration::from_millis(1_100)).await;
    shop.pay(&sale).await;
    shop.until_paid(&sale).await;
    until("the alarm is raised", || {
        shop.counter.relay_seen(true);
        matches!(shop.counter.ear().unwrap(), Ear::Deaf { orders: 1, .. })
    })
    .await;
    shop.relay.becomes(Mood::Honest);
    until("it ends when one arrives", || !matches!(shop.counter.ear().unwrap(), Ear::Deaf { .. })).await;
}

/// The same notification, made to claim a payment as well as somebody without the key can.
fn claiming_paid(body: &[u8], how: u64) -> Vec<u8> {
    let mut said: Value = serde_json::from_slice(body).unwrap();
    said["transaction_status"] = "settlement".into();
    said["settlement_time"] = "2026-11-26 10:00:00".into();
    match how {
        // The signature stays right: it does not cover the state.
        0 => {}
        1 => said["status_code"] = "200".into(),
        2 => said["gross_amount"] = "1000.00".into(),
        _ => {
            said["status_code"] = "200".into();
            said["signature_key"] = "0".repeat(128).into();
        }
    }
    said.to_string().into_bytes()
}
