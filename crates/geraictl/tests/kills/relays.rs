use std::{net::TcpListener, thread, time::Duration};

use serde_json::json;
use stage::{Chance, Running, asked_for};
use till::State;

use crate::{
    PER_SHOP,
    letters::Letter,
    shop::{Shop, kill, start},
};

#[test]
fn a_letter_that_was_acknowledged_is_there_whenever_the_relay_is_killed() {
    let chance = &mut Chance::drawn();
    let wanted = asked_for("GERAI_TORTURE_KILLS", 80);
    let (mut kills, mut acknowledged) = (0, 0);
    while kills < wanted {
        let round = (wanted - kills).min(PER_SHOP);
        acknowledged += deliver_and_kill(round, chance);
        kills += round;
    }
    println!("relays: {kills} kills, {acknowledged} letters were acknowledged and are there");
}

/// Where a relay is killed.
#[derive(Clone, Copy, Debug)]
enum Fall {
    /// The first answer has just been read.
    Answered,
    /// Every letter has come only in part.
    MidLetter,
    /// The letters are whole and cannot be written down.
    Storing,
    /// At any time after the letters were handed in.
    AnyTime,
    /// It is just starting.
    Starting,
}

const FALLS: [Fall; 5] = [Fall::Answered, Fall::MidLetter, Fall::Storing, Fall::AnyTime, Fall::Starting];

fn deliver_and_kill(kills: u64, chance: &mut Chance) -> usize {
    let shop = Shop::open();
    let listen = free_address();
    let relay = Running::start(shop.relay_at(&listen), "gerai-relay");
    let url = relay.word("notification_url").to_owned();
    relay.kill();
    // Midtrans writes its letters, and this test carries them.
    shop.door().post("notify", json!({ "urls": [url] }));
    shop.door().post("faults", json!([{ "on": "notification", "kind": "hold" }]));
    shop.stock(kills as usize);
    for (name, transaction) in shop.transactions() {
        match (chance.below(4), transaction.store.as_str()) {
            (0, _) => continue,
            (1, _) => shop.door().post("cancel", json!({ "order_id": name })),
            (2, "indomaret") => {
                shop.door().post("pay", json!({ "order_id": name }));
                shop.door().post("reverse", json!({ "order_id": name }))
            }
            _ => shop.door().post("pay", json!({ "order_id": name })),
        };
    }
    let mut letters = Letter::all(&shop.door());
    for nth in 0..kills {
        let fall = FALLS[nth as usize % FALLS.len()];
        if let Fall::Starting = fall {
            let starting = start(vec![shop.relay_at(&listen)]);
            thread::sleep(Duration::from_millis(chance.below(60)));
            kill(starting);
            continue;
        }
        let relay = Running::start(shop.relay_at(&listen), "gerai-relay");
        // Mostly what nobody has acknowledged yet, and now and then something again.
        let mut carried: Vec<_> = (0..letters.len()).filter(|n| !letters[*n].acknowledged).take(3).collect();
        carried.push(chance.below(letters.len() as u64) as usize);
        let share = if let Fall::MidLetter = fall { chance.share() } else { 1.0 };
        let handing_in = || carried.iter().map(|n| letters[*n].deliver(&url, share)).collect::<Vec<_>>();
        let deliveries = match fall {
            Fall::Storing => shop.while_nobody_can_write(|| {
                let deliveries = handing_in();
                deliveries.iter().for_each(|delivery| delivery.until_read());
                relay.kill();
                deliveries
            }),
            _ => {
                let mut deliveries = handing_in();
                match fall {
                    Fall::Answered => {
                        assert!(deliveries.remove(0).acknowledged());
                        letters[carried.remove(0)].acknowledged = true;
                    }
                    Fall::MidLetter => deliveries.iter().for_each(|delivery| delivery.until_read()),
                    _ => thread::sleep(Duration::from_micros(chance.below(120_000))),
                }
                relay.kill();
                deliveries
            }
        };
        for (n, delivery) in carried.into_iter().zip(deliveries) {
            let acknowledged = delivery.acknowledged();
            assert!(!acknowledged || !matches!(fall, Fall::MidLetter | Fall::Storing), "{fall:?}");
            letters[n].acknowledged |= acknowledged;
        }
        for letter in letters.iter().filter(|letter| letter.acknowledged) {
            assert_eq!(letter.stored(&shop.ledger), 1, "{fall:?}: {letter:?}");
        }
    }
    let survived = letters.iter().filter(|letter| letter.acknowledged).count();
    let relay = Running::start(shop.relay_at(&listen), "gerai-relay");
    for letter in letters.iter().filter(|letter| !letter.acknowledged) {
        assert!(letter.deliver(&url, 1.0).acknowledged());
    }
    for letter in &letters {
        assert_eq!(letter.stored(&shop.ledger), 1, "{letter:?}");
    }
    drop(relay);
    let paid = |order: &ledger::Row| matches!(order.state, State::Paid | State::PaidLate);
    assert!(!shop.orders().iter().any(paid), "a letter alone pays nothing");
    shop.ctl(&["sync"]);
    shop.assert_that_both_sides_agree();
    survived
}

/// An address that the next relay can have, and the one after it.
pub fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[test]
fn what_a_killed_relay_has_not_acknowledged_midtrans_sends_again() {
    let chance = &mut Chance::drawn();
    let shop = Shop::open();
    let listen = free_address();
    let mut relay = Running::start(shop.relay_at(&listen), "gerai-relay");
    shop.door().post("notify", json!({ "urls": [relay.word("notification_url")] }));
    shop.stock(24);
    shop.door().get("idle");
    for name in shop.transactions().into_keys().collect::<Vec<_>>() {
        shop.door().post("pay", json!({ "order_id": name }));
        thread::sleep(Duration::from_micros(chance.below(20_000)));
        relay.kill();
        shop.assert_that_what_was_acknowledged_is_there();
        relay = Running::start(shop.relay_at(&listen), "gerai-relay");
    }
    // The first repetition comes after two minutes and a shift of up to 87 seconds.
    shop.door().post("clock", json!({ "advance_seconds": 240 }));
    shop.door().get("idle");
    assert_eq!(shop.assert_that_what_was_acknowledged_is_there(), 48, "each was made and paid");
    assert!(shop.orders().iter().all(|order| order.state == State::Confirming));
    shop.ctl(&["sync"]);
    assert!(shop.orders().iter().all(|order| order.state == State::Paid));
    shop.assert_that_both_sides_agree();
}
