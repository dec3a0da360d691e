//! The line is cut after every single byte, in either direction, at one store or the other: one sale, one
//! transaction, one code. `GERAI_TORTURE_CUTS` asks for more cuts than one at every byte,
//! `GERAI_TORTURE_SEED` for the same plan again.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod line;
mod shop;

use std::collections::{BTreeMap, BTreeSet};

use line::{Break, Cut, Direction, Line};
use serde_json::Value;
use shop::{Shop, code};
use stage::{Chance, asked_for};
use till::{From, State, Store};
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wherever_the_line_of_a_charge_is_cut_there_is_one_transaction_and_one_code() {
    let mut chance = Chance::drawn();
    let asked = asked_for("GERAI_TORTURE_CUTS", 0);
    let mut cuts = 0;
    while cuts == 0 || cuts < asked {
        // Both directions at once, each in a shop of its own.
        let shops = [Direction::Request, Direction::Answer]
            .map(|direction| tokio::spawn(cut_at_every_byte(direction, Chance::of(chance.number()))));
        for shop in shops {
            cuts += shop.await.unwrap();
        }
    }
    println!("{cuts} cuts");
    assert!(cuts > 1000, "every byte of a request and of its answer");
}

async fn cut_at_every_byte(direction: Direction, mut chance: Chance) -> u64 {
    let (shop, line) = behind_a_line().await;
    // Every other byte at every other store; which of them begins is chance.
    let mut stores = Store::ALL.into_iter().cycle().skip(chance.below(2) as usize);
    let mut charge = async || shop.settle(&shop.charge(stores.next().unwrap()).await).await;
    charge().await;
    let length = line.last_length(direction);
    let mut cuts = 0;
    for bytes in 0..=length {
        let how = chance.one_of(&[Break::Closed, Break::Reset]);
        // The look-up that follows is cut too: half an answer is none, however it begins.
        let next = Cut { direction: Direction::Answer, bytes: chance.below(length as u64) as usize, how };
        line.cut([Cut { direction, bytes, how }, next]);
        let sale = charge().await;
        assert_eq!(sale.state(), State::Pending, "cut after {bytes} bytes of the {direction:?}");
        assert_eq!(sale.attempts.len(), 1);
        cuts += 2 - line.uncut() as u64;
        if bytes % 4 == 0 {
            let bytes = chance.below(length as u64) as usize;
            line.cut([Cut { direction, bytes, how }]);
            let asked = shop.counter.cancel(sale.id.as_str(), From::Cashier).await.unwrap();
            let sale = shop.settle(&asked).await;
            assert_eq!(sale.state(), State::Cancelled, "cut after {bytes} bytes of the {direction:?} of its cancel");
            cuts += 1 - line.uncut() as u64;
        }
    }
    agree(&shop).await;
    cuts
}

#[tokio::test]
async fn a_line_that_falls_silent_after_any_part_of_it_ends_in_one_transaction_too() {
    let mut shops = JoinSet::new();
    for store in Store::ALL {
        for direction in [Direction::Request, Direction::Answer] {
            shops.spawn(fall_silent(store, direction));
        }
    }
    shops.join_all().await;
}

async fn fall_silent(store: Store, direction: Direction) {
    let (shop, line) = behind_a_line().await;
    shop.settle(&shop.charge(store).await).await;
    let length = line.last_length(direction);
    for bytes in (0..length).step_by(length / 3) {
        line.cut([Cut { direction, bytes, how: Break::Silent }]);
        let sale = shop.settle(&shop.charge(store).await).await;
        assert_eq!((sale.state(), line.uncut()), (State::Pending, 0));
    }
    agree(&shop).await;
}

async fn behind_a_line() -> (Shop, Line) {
    let shop = Shop::open().await;
    let line = Line::to(shop.midtrans.address).await;
    let url = line.url();
    (shop.through(url), line)
}

/// Every order here is one transaction there, with the same code, and the other way round; and what
/// was sent more than once was sent with the same bytes.
async fn agree(shop: &Shop) {
    let word = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let there: BTreeMap<_, _> =
        shop.transactions().await.iter().map(|one| (word(one, "order_id"), one.clone())).collect();
    let sales = shop.sales();
    for sale in &sales {
        let attempt = sale.attempt().unwrap();
        let transaction = &there[attempt.order_id.as_str()];
        assert_eq!(code(sale), word(transaction, "payment_code"));
        let status = if sale.state() == State::Pending { "pending" } else { "cancel" };
        assert_eq!(status, word(transaction, "status"));
    }
    assert_eq!(there.len(), sales.len());
    assert_eq!(sales.iter().map(code).collect::<BTreeSet<_>>().len(), sales.len());
    let written: Vec<_> = sales.iter().map(|sale| &sale.attempt().unwrap().request).collect();
    for body in shop.charges().await {
        let whole = serde_json::from_str::<Value>(&body).is_ok();
        let same = |request: &&String| if whole { **request == body } else { request.starts_with(&body) };
        assert!(written.iter().any(same), "nobody has written down {body}");
    }
    assert_eq!(shop.ledger().audit().unwrap(), []);
}
