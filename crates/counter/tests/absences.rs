//! A relay that is away for minutes or a day, a shop that is shut for a month: whatever happened in the
//! meantime is found out within a minute of the return, by Midtrans' next try or by a look-up.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod played;

use std::time::Duration;

use midtrans::ServerKey;
use played::{Midtrans, Shop};
use relay::{Taken, take_in};
use secrecy::SecretString;
use serde_json::json;
use till::{Attempt, Sale, State, Store};

const KEY: &str = "SB-Mid-server-toko-uji-coba-0001";
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// After the first try, if it found nobody or heard an error, Midtrans tries again: each time so long
/// after the one before, or up to seven tenths sooner.
const LADDER: [Duration; 5] = [
    Duration::from_secs(120),
    Duration::from_secs(600),
    Duration::from_secs(1_800),
    Duration::from_secs(5_400),
    Duration::from_secs(12_600),
];

/// What may have become of a code while nobody was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Paid,
    RunOut,
    Cancelled,
    TakenBack,
    StillOpen,
}

const FATES: [(Fate, State); 5] = [
    (Fate::Paid, State::Paid),
    (Fate::RunOut, State::Expired),
    (Fate::Cancelled, State::Cancelled),
    (Fate::TakenBack, State::Denied),
    (Fate::StillOpen, State::Pending),
];

const ABSENCES: [Duration; 13] = [
    MINUTE,
    Duration::from_secs(119),
    Duration::from_secs(5 * 60),
    Duration::from_secs(12 * 60),
    Duration::from_secs(30 * 60),
    HOUR,
    Duration::from_secs(3 * 60 * 60),
    Duration::from_secs(342 * 60),
    Duration::from_secs(6 * 60 * 60),
    DAY,
    Duration::from_secs(3 * 24 * 60 * 60),
    Duration::from_secs(7 * 24 * 60 * 60),
    Duration::from_secs(31 * 24 * 60 * 60),
];

#[tokio::test(start_paused = true)]
async fn a_shop_that_was_shut_for_up_to_a_month_knows_within_a_minute_what_happened() {
    for away in ABSENCES {
        for store in Store::ALL {
            for (fate, state) in FATES {
                let mut shop = Shop::open();
                let sale = shop.charge(store).await;
                // Nobody is there, neither window nor relay.
                tokio::time::sleep(away / 2).await;
                befall(&shop.midtrans, sale.attempt().unwrap(), fate);
                tokio::time::sleep(away / 2).await;
                shop.restart();
                shop.runs(MINUTE).await;
                assert_eq!(shop.state(&sale), state, "{fate:?} at {store} while the shop was shut for {away:?}");
                assert_eq!(shop.ledger().audit().unwrap(), []);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn twenty_open_codes_are_all_known_within_a_minute_of_the_return() {
    for away in [MINUTE, HOUR, DAY, DAY * 31] {
        let mut shop = Shop::open();
        let mut sales = Vec::new();
        for _ in 0..4 {
            for (fate, state) in FATES {
                sales.push((shop.charge(Store::Indomaret).await, fate, state));
            }
        }
        shop.runs(MINUTE).await;
        for (sale, fate, _) in &sales {
            befall(&shop.midtrans, sale.attempt().unwrap(), *fate);
        }
        tokio::time::sleep(away).await;
        shop.restart();
        shop.runs(MINUTE).await;
        for (sale, fate, state) in &sales {
            assert_eq!(shop.state(sale), *state, "{fate:?} while the shop was shut for {away:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn while_only_the_relay_is_away_the_window_finds_out_at_the_latest_when_it_is_back() {
    for away in ABSENCES.into_iter().filter(|away| *away <= DAY) {
        for (fate, _) in FATES.into_iter().filter(|(fate, _)| *fate == Fate::Paid || away < DAY) {
            let shop = Shop::open();
            let sale = shop.charge(Store::Indomaret).await;
            shop.runs(2 * MINUTE).await;
            befall(&shop.midtrans, sale.attempt().unwrap(), fate);
            shop.runs(away).await;
            // A window asks about everything when it sees a relay come.
            shop.counter.ask_everything();
            shop.runs(MINUTE).await;
            assert_eq!(shop.state(&sale), found(fate), "{fate:?} while the relay was away for {away:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_comes_back_before_the_window_has_midtrans_next_try_waiting_for_it() {
    for away in ABSENCES {
        for (fate, _) in FATES {
            let mut shop = Shop::open();
            let sale = shop.charge(Store::Alfamart).await;
            befall(&shop.midtrans, sale.attempt().unwrap(), fate);
            tokio::time::sleep(away).await;
            let next = next_try(away);
            if let (Some(later), Some(body)) = (next, letter(&sale, fate)) {
                tokio::time::sleep(later).await;
                let taken = take_in(shop.ledger(), body.as_bytes(), Some(&key()), shop.midtrans.now()).unwrap();
                assert_eq!(taken, Taken::Stored);
                let expected = if fate == Fate::Paid { State::Confirming } else { State::Pending };
                assert_eq!(shop.state(&sale), expected, "only a look-up tells the truth");
            }
            shop.restart();
            shop.runs(MINUTE).await;
            assert_eq!(shop.state(&sale), found(fate), "{fate:?} while relay and window were away for {away:?}");
        }
    }
    assert_eq!(next_try(Duration::from_secs(342 * 60)), None, "and after that nobody tries any more");
}

/// When Midtrans tries again after the first of its tries found nobody for so long.
fn next_try(away: Duration) -> Option<Duration> {
    let mut at = Duration::ZERO;
    LADDER.iter().find_map(|step| {
        at += *step;
        (at > away).then(|| at - away)
    })
}

/// It happens at Midtrans.
fn befall(midtrans: &Midtrans, attempt: &Attempt, fate: Fate) {
    if matches!(fate, Fate::Paid | Fate::TakenBack) {
        midtrans.pay(attempt);
    }
    let mut book = midtrans.book();
    let transaction = book.transactions.get_mut(attempt.order_id.as_str()).unwrap();
    match fate {
        Fate::Paid | Fate::StillOpen => {}
        Fate::RunOut => transaction.status = "expire",
        Fate::Cancelled => transaction.status = "cancel",
        Fate::TakenBack => transaction.status = "deny",
    }
}

/// Where a sale stands once it is known: what nobody saw paid was never paid here.
fn found(fate: Fate) -> State {
    let (_, state) = FATES.into_iter().find(|(one, _)| *one == fate).unwrap();
    state
}

/// What Midtrans sends about it, if it sends anything.
fn letter(sale: &Sale, fate: Fate) -> Option<String> {
    let attempt = sale.attempt().unwrap();
    let (code, status) = match fate {
        Fate::Paid => ("200", "settlement"),
        Fate::RunOut => ("202", "expire"),
        Fate::Cancelled => ("202", "cancel"),
        Fate::TakenBack => ("202", "deny"),
        Fate::StillOpen => return None,
    };
    let (order_id, amount) = (attempt.order_id.as_str(), format!("{}.00", attempt.amount));
    let body = json!({
        "order_id": order_id,
        "status_code": code,
        "gross_amount": amount,
        "transaction_status": status,
        "signature_key": midtrans::signature(order_id, code, &amount, &key()),
    });
    Some(body.to_string())
}

fn key() -> ServerKey {
    ServerKey::parse(SecretString::from(KEY)).unwrap()
}
