//! What a notification can do to an order, and what it cannot.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use ledger::{Binding, Door, Feed, Folder, Ledger};
use midtrans::{ServerKey, signature};
use relay::Taken;
use serde_json::Value;
use shop::*;
use stage::{Chance, asked_for};
use till::{Environment, Report, State, Time};

#[test]
fn a_signed_settlement_makes_an_open_order_confirming_and_no_more() {
    let shop = Shop::open();
    let relay = shop.relay();
    assert_eq!(relay.notify(&shop.notification("settlement")), 200);
    assert_eq!(shop.state(), State::Confirming, "only a look-up makes it paid");
    shop.reported(Report::Settlement);
    assert_eq!(shop.state(), State::Paid);
}

#[test]
fn another_reader_of_the_ledger_sees_it_as_soon_as_the_200_is_out() {
    let shop = Shop::open();
    let relay = shop.relay();
    let folder = Folder::at(shop.folder.path());
    let desk = Ledger::open(&folder, Environment::Training, Some(Binding::Loopback), Door::Desk, *b"desk").unwrap();
    let before = desk.version().unwrap();
    assert_eq!(desk.version().unwrap(), before, "nothing has happened yet");
    assert_eq!(relay.notify(&shop.notification("settlement")), 200);
    assert_ne!(desk.version().unwrap(), before);
    assert_eq!(desk.sale(shop.sale).unwrap().unwrap().state(), State::Confirming);
}

#[test]
fn a_forged_settlement_changes_nothing() {
    let shop = Shop::open();
    let relay = shop.relay();
    let genuine = shop.notification("settlement");
    let hex = genuine["signature_key"].as_str().unwrap().to_owned();
    let flipped = if hex.ends_with('0') { '1' } else { '0' };
    for signature in [
        "0".repeat(128),
        format!("{}{flipped}", &hex[..127]),
        hex.chars().rev().collect(),
        midtrans::signature(shop.order_id.as_str(), "200", "162500.00", &key("SB-Mid-server-of-somebody-else")),
        midtrans::signature(shop.order_id.as_str(), "200", "162500", &relay::training_key()),
    ] {
        let mut forged = genuine.clone();
        forged["signature_key"] = signature.into();
        assert_eq!(relay.notify(&forged), 401);
    }
    assert_eq!((shop.state(), shop.hints()), (State::Pending, 0));
}

#[test]
fn a_signature_over_other_fields_is_forged() {
    let shop = Shop::open();
    let relay = shop.relay();
    let pending = shop.notification("pending");
    for (field, value) in [("status_code", "200"), ("gross_amount", "1.00"), ("order_id", "ORDER-of-the-web-shop")] {
        let mut changed = pending.clone();
        changed[field] = value.into();
        assert_eq!(relay.notify(&changed), 401, "{field}");
    }
    assert_eq!((shop.state(), shop.hints()), (State::Pending, 0));
}

#[test]
fn a_state_that_was_signed_as_something_else_is_never_believed() {
    for (signed_as, claimed) in [
        ("expire", "settlement"),
        ("cancel", "settlement"),
        ("pending", "settlement"),
        ("settlement", "deny"),
        ("settlement", "expire"),
        ("settlement", "pending"),
        ("settlement", "capture"),
    ] {
        let shop = Shop::open();
        let relay = shop.relay();
        let mut relabelled = shop.notification(signed_as);
        relabelled["transaction_status"] = claimed.into();
        assert_eq!(relay.notify(&relabelled), 200, "the signature is genuine");
        assert_eq!(shop.state(), State::Pending, "{signed_as} relabelled as {claimed}");
    }
}

#[test]
fn a_relabelled_settlement_takes_nothing_back_from_a_paid_order() {
    let shop = Shop::open();
    shop.reported(Report::Settlement);
    let relay = shop.relay();
    let mut relabelled = shop.notification("settlement");
    relabelled["transaction_status"] = "deny".into();
    assert_eq!(relay.notify(&relabelled), 200);
    assert_eq!(shop.state(), State::Paid);
}

#[test]
fn a_replayed_settlement_does_not_revive_a_closed_order() {
    for (closed, state) in
        [(Report::Expire, State::Expired), (Report::Cancel, State::Cancelled), (Report::Deny, State::Denied)]
    {
        let shop = Shop::open();
        let relay = shop.relay();
        let settlement = shop.notification("settlement");
        assert_eq!(relay.notify(&settlement), 200);
        shop.reported(closed);
        assert_eq!(shop.state(), state, "the look-up answers the hint");
        assert_eq!(relay.notify(&settlement), 200);
        let mut freshened = settlement.clone();
        freshened["settlement_time"] = "2030-01-01 00:00:00".into();
        assert_eq!(relay.notify(&freshened), 200, "an unsigned field makes new bytes of it");
        assert_eq!(shop.state(), state);
    }
}

#[test]
fn a_signature_cut_at_another_place_belongs_to_no_order_of_ours() {
    let shop = Shop::open();
    let relay = shop.relay();
    let genuine = shop.notification("settlement");
    // "…K" "200" "162500.00" signs the same bytes as these.
    let id = shop.order_id.to_string();
    let (but_last, last) = id.split_at(23);
    for (order_id, code, amount, answer) in [
        (format!("{id}2"), "001".to_owned(), "62500.00", 200),
        (format!("{id}20"), "016".to_owned(), "2500.00", 200),
        (format!("{id}200"), "162".to_owned(), "500.00", 200),
        (but_last.to_owned(), format!("{last}20"), "0162500.00", 400),
    ] {
        let mut shifted = genuine.clone();
        shifted["order_id"] = order_id.into();
        shifted["status_code"] = code.into();
        shifted["gross_amount"] = amount.into();
        assert_eq!(relay.notify(&shifted), answer, "{shifted}");
    }
    assert_eq!((shop.state(), shop.hints()), (State::Pending, 0));
}

#[test]
fn a_paid_order_whose_name_begins_with_ours_pays_nothing_of_ours() {
    let shop = Shop::open();
    let relay = shop.relay();
    let id = shop.order_id.to_string();
    // Another system on the account made and sold these; each is cut so that our id remains.
    for (theirs, code, amount) in [
        (format!("{id}2"), "220", "062500.00"),
        (format!("{id}20"), "202", "0062500.00"),
        (format!("{id}200"), "200", "20062500.00"),
    ] {
        let paid = notification(&theirs, "200", "settlement", "62500.00");
        for claimed in ["settlement", "expire"] {
            let cut = notification(&id, code, claimed, amount);
            assert_eq!(cut["signature_key"], paid["signature_key"], "the same bytes were signed");
            assert_eq!(relay.notify(&cut), 200, "the signature is genuine");
            assert_eq!(shop.state(), State::Pending, "{cut}");
        }
    }
}

#[test]
fn a_settlement_that_differs_from_the_order_only_gives_reason_to_ask() {
    type Differ = fn(&mut Value);
    let differing: [(&str, Differ); 6] = [
        ("the store", |it| it["store"] = "indomaret".into()),
        ("a store that is none of ours", |it| it["store"] = "kedai".into()),
        ("the payment code", |it| it["payment_code"] = "1".into()),
        ("the transaction", |it| it["transaction_id"] = "another".into()),
        ("the currency", |it| it["currency"] = "USD".into()),
        ("the fraud check", |it| it["fraud_status"] = "challenge".into()),
    ];
    for (what, differ) in differing {
        let shop = Shop::open();
        let relay = shop.relay();
        let mut settlement = shop.notification("settlement");
        differ(&mut settlement);
        assert_eq!(relay.notify(&settlement), 200, "{what}");
        assert_eq!((shop.state(), shop.hints()), (State::Pending, 1), "{what}");
    }
}

#[test]
fn a_settlement_for_another_amount_only_gives_reason_to_ask() {
    for amount in ["167500.00", "1.00", "162500", "162500.50", "0162500.00", "-162500.00"] {
        let shop = Shop::open();
        let relay = shop.relay();
        let fee = notification(shop.order_id.as_str(), "200", "settlement", amount);
        assert_eq!(relay.notify(&fee), 200, "{amount}");
        assert_eq!((shop.state(), shop.hints()), (State::Pending, 1), "{amount}");
    }
}

#[test]
fn fields_that_midtrans_may_leave_out_or_add_change_nothing() {
    let shop = Shop::open();
    let relay = shop.relay();
    let mut lean = shop.notification("settlement");
    let fields = lean.as_object_mut().unwrap();
    for absent in ["store", "payment_code", "transaction_id", "merchant_id", "currency", "payment_type"] {
        fields.remove(absent);
    }
    fields.insert("a_field_of_next_year".into(), serde_json::json!({ "nested": [1, null] }));
    fields.insert("transaction_status".into(), "SETTLEMENT".into());
    assert_eq!(relay.notify(&lean), 200);
    assert_eq!(shop.state(), State::Confirming);
}

#[test]
fn notifications_lead_to_the_same_state_in_any_order() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for order in orders {
        let shop = Shop::open();
        let relay = shop.relay();
        for place in order {
            let notification = shop.notification(["pending", "settlement", "expire"][place]);
            assert_eq!(relay.notify(&notification), 200);
            assert_eq!(relay.notify(&notification), 200, "and twice each");
        }
        assert_eq!(shop.state(), State::Confirming, "{order:?}");
        shop.reported(Report::Settlement);
        assert_eq!(shop.state(), State::Paid, "{order:?}");
    }
}

#[test]
fn a_late_pending_says_nothing_about_a_paid_order() {
    let shop = Shop::open();
    shop.reported(Report::Settlement);
    let relay = shop.relay();
    assert_eq!(relay.notify(&shop.notification("pending")), 200);
    assert_eq!(shop.state(), State::Paid);
}

#[test]
fn a_signed_deny_after_a_payment_is_confirming_until_it_is_looked_up() {
    let shop = Shop::open();
    shop.reported(Report::Settlement);
    let relay = shop.relay();
    assert_eq!(relay.notify(&shop.notification("deny")), 200);
    assert_eq!(shop.state(), State::Confirming);
}

/// `GERAI_TORTURE_FORGED` asks for more of them.
#[test]
fn of_all_the_forgeries_that_come_by_either_way_none_is_believed() {
    let (shop, chance) = (Shop::open(), &mut Chance::drawn());
    let key = relay::training_key();
    let paired = Feed {
        address: "https://relay.example/n/abcdefghijklmnopqrstuvwxyz234567".into(),
        channel: "1".into(),
        device: "1".into(),
        name: "Depan".into(),
        paired_at: NOW,
        cursor: 0,
    };
    shop.ledger.pair_feed(&paired).unwrap();
    let (many, mut upto) = (asked_for("GERAI_TORTURE_FORGED", 3_000), 0);
    while upto < many {
        let passed: Vec<_> = (upto + 1..=many.min(upto + 100)).map(|seq| (seq, forged(&shop, chance, seq))).collect();
        upto = passed.last().unwrap().0;
        // Every tenth comes to the shop's own relay as well.
        for (_, body) in passed.iter().step_by(10) {
            let taken = relay::take_in(&shop.ledger, body, Some(&key), NOW).unwrap();
            assert!(matches!(taken, Taken::Forged | Taken::Junk), "{taken:?}: {}", String::from_utf8_lossy(body));
        }
        let fed = relay::take_in_feed(&shop.ledger, "1", passed, upto, Some(&key), NOW).unwrap().unwrap();
        assert_eq!((fed.cursor, fed.genuine, fed.waiting), (upto, 0, 0));
        assert_eq!((shop.state(), shop.hints()), (State::Pending, 0));
    }
    println!("{many} forgeries");
    assert_eq!(shop.count("inbox"), 0);
    assert!(shop.count("quarantine") <= 1_000, "a stranger does not fill the disk");
    // What is genuine is still believed.
    let genuine = shop.notification("settlement").to_string().into_bytes();
    relay::take_in_feed(&shop.ledger, "1", [(upto + 1, genuine)], upto + 1, Some(&key), NOW).unwrap();
    assert_eq!(shop.state(), State::Confirming);
}

const NOW: Time = Time::from_millis(1_790_000_000_000);

/// A claim that the order is paid, by somebody who has no key. They may know everything else, and have
/// seen genuine notifications of this shop.
fn forged(shop: &Shop, chance: &mut Chance, n: u64) -> Vec<u8> {
    let mut claim = shop.notification("settlement");
    claim["custom_field1"] = n.to_string().into();
    let genuine = claim["signature_key"].as_str().unwrap().to_owned();
    let order = claim["order_id"].as_str().unwrap().to_owned();
    let of = |order: &str, code: &str, amount: &str, key: &ServerKey| signature(order, code, amount, key).into();
    let key = relay::training_key();
    let strangers = ServerKey::parse(format!("SB-Mid-server-{n:024}").into()).unwrap();
    let hex = |chance: &mut Chance, length: usize| -> String {
        (0..length).map(|_| char::from(b"0123456789abcdef"[chance.below(16) as usize])).collect()
    };
    let signed = &mut claim["signature_key"];
    match chance.below(12) {
        0 => *signed = hex(chance, 128).into(),
        1 => *signed = of(&order, "200", "162500.00", &strangers),
        // Of what this shop has heard: another amount, another state, another order.
        2 => *signed = of(&order, "200", "1000.00", &key),
        3 => *signed = of(&order, "201", "162500.00", &key),
        4 => *signed = of(&format!("{order}x"), "200", "162500.00", &key),
        5 => claim["gross_amount"] = "162500.000".into(),
        6 => *signed = genuine[..chance.below(128) as usize].into(),
        7 => *signed = (genuine + &hex(chance, 1)).into(),
        8 => {
            let at = chance.below(128) as usize;
            let other = if &genuine[at..=at] == "0" { "1" } else { "0" };
            *signed = format!("{}{other}{}", &genuine[..at], &genuine[at + 1..]).into();
        }
        9 => *signed = [Value::Null, true.into(), 7.into(), Value::Array(vec![genuine.into()])][n as usize % 4].clone(),
        10 => drop(claim.as_object_mut().unwrap().remove("signature_key")),
        // The same bytes are signed, cut between the fields elsewhere.
        _ => {
            claim["order_id"] = format!("{order}2").into();
            claim["status_code"] = "00".into();
        }
    }
    claim.to_string().into_bytes()
}
