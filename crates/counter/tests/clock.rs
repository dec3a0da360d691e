//! This PC's clock may be wrong by years and may jump at any time: nothing is lost, nothing is given
//! away early, and no open order is left unasked until that time has come round again.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod shop;

use std::{sync::atomic::Ordering, time::Duration};

use shop::Shop;
use till::{Draft, From, State, Store};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
const YEARS: i64 = 3652 * DAY;
const JUMPS: [i64; 6] = [-YEARS, -DAY, -MINUTE, MINUTE, DAY, YEARS];

fn jumps(shop: &Shop, millis: i64) {
    shop.clock.fetch_add(millis, Ordering::SeqCst);
}

/// Midtrans' `2026-11-26 02:16:08`, which is seven hours ahead, as the window is told it.
fn in_utc(wib: &str) -> String {
    let (date, time) = wib.split_once(' ').unwrap();
    let since: Vec<u64> = time.split(':').map(|part| part.parse().unwrap()).collect();
    let (midnight, _) = counter::parse_day(date).unwrap();
    counter::utc(midnight + Duration::from_secs(since[0] * 3600 + since[1] * 60 + since[2]))
}

#[tokio::test]
async fn a_payment_is_found_by_itself_whatever_the_clock_has_done_since_the_charge() {
    for jump in JUMPS {
        let shop = Shop::open().await;
        let sale = shop.charge(Store::Alfamart).await;
        shop.happens("pay", &sale).await;
        jumps(&shop, jump);
        shop.until(&sale, State::Paid).await;
    }
}

#[tokio::test]
async fn a_clock_that_jumps_while_the_charge_is_out_changes_nothing() {
    for jump in JUMPS {
        let shop = Shop::open().await;
        shop.fault("charge", "delay", 1, serde_json::json!({ "ms": 300 })).await;
        let jumping = async {
            shop.midtrans_has_it().await;
            jumps(&shop, jump);
        };
        let (sale, ()) = tokio::join!(shop.charge(Store::Indomaret), jumping);
        assert_eq!((sale.state(), shop.transactions().await.len()), (State::Pending, 1));
    }
}

#[tokio::test]
async fn when_a_code_dies_is_what_midtrans_says_by_midtrans_clock() {
    for wrong in JUMPS {
        let shop = Shop::open().await;
        jumps(&shop, wrong);
        let sale = shop.charge(Store::Alfamart).await;
        let attempt = sale.attempt().unwrap();
        let dies = counter::utc(attempt.expires_at.unwrap());
        let told = shop.transactions().await[0]["expiry_time"].as_str().unwrap().to_owned();
        assert_eq!(dies, in_utc(&told), "{wrong}");
        // What the countdown shows is as long as the code really lives.
        let left = attempt.expires_at.unwrap().since(shop.counter.true_now());
        let life = Duration::from_secs(60 * u64::from(sale.order.expiry_minutes));
        assert!(left > life - Duration::from_secs(180) && left < life + Duration::from_secs(180), "{wrong}: {left:?}");
    }
}

#[tokio::test]
async fn goods_are_held_for_indomaret_however_far_the_clock_jumps_ahead() {
    let shop = Shop::open().await;
    shop.counter.set(ledger::Settings { hold_goods: true, ..shop.ledger().settings().unwrap() }).unwrap();
    let sale = shop.charge(Store::Indomaret).await;
    shop.happens("pay", &sale).await;
    shop.counter.check(sale.id.as_str()).await.unwrap();
    jumps(&shop, DAY);
    for _ in 0..2 {
        let refused = shop.counter.hand_over(sale.id.as_str(), "Sari", From::Cashier).unwrap_err();
        assert!(["hold_goods", "hold_unconfirmed"].contains(&refused.code), "{refused:?}");
        shop.counter.check(sale.id.as_str()).await.unwrap();
    }
}

#[tokio::test]
async fn goods_are_not_held_for_ever_by_a_clock_that_was_set_back() {
    let mut shop = Shop::open().await;
    shop.counter.set(ledger::Settings { hold_goods: true, ..shop.ledger().settings().unwrap() }).unwrap();
    let sale = shop.charge(Store::Indomaret).await;
    shop.happens("pay", &sale).await;
    shop.counter.check(sale.id.as_str()).await.unwrap();
    shop.later(Duration::from_secs(5 * 60 + 5)).await;
    jumps(&shop, -YEARS);
    for restarted in [false, true] {
        if restarted {
            shop.restart();
        }
        let confirmed = || shop.counter.find(sale.id.as_str()).unwrap().attempt().unwrap().confirmed_at;
        shop.found(confirmed).await.expect("the loop asks by itself");
    }
    shop.counter.hand_over(sale.id.as_str(), "Sari", From::Cashier).unwrap();
}

#[tokio::test]
async fn the_takings_of_this_day_are_those_of_midtrans_day() {
    for wrong in [-YEARS, -DAY, DAY, YEARS] {
        let shop = Shop::open().await;
        jumps(&shop, wrong);
        let sale = shop.charge(Store::Alfamart).await;
        shop.happens("pay", &sale).await;
        shop.counter.check(sale.id.as_str()).await.unwrap();
        let today = shop.counter.today().unwrap();
        assert_eq!((today.paid.count, today.rows.len()), (1, 1), "{wrong}");
    }
}

#[tokio::test]
async fn until_closing_time_is_reckoned_by_the_right_clock_once_it_is_known() {
    let shop = Shop::open().await;
    // Two hours behind, and nobody knows it before Midtrans has told.
    jumps(&shop, -2 * 60 * MINUTE);
    shop.charge(Store::Alfamart).await;
    let now = shop.counter.true_now();
    let closing = (counter::day(now).1.millis() - now.millis()) / MINUTE;
    shop.counter.set(ledger::Settings { closes_at: "23:59".into(), ..shop.ledger().settings().unwrap() }).unwrap();
    let draft = Draft { amount: "44000".into(), expiry: "closing".into(), ..Draft::empty(Store::Alfamart) };
    match shop.counter.charge(shop.counter.draw_sale_id(), &draft, From::Cashier).await {
        Ok(sale) => assert!((i64::from(sale.order.expiry_minutes) - closing).abs() <= 3, "{sale:?}"),
        // So shortly before closing time no code can live.
        Err(problem) => assert!(closing < 20, "{problem}"),
    }
}
