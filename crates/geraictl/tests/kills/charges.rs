use serde_json::json;
use stage::{Chance, asked_for};
use till::{State, Store};

use crate::{
    AT_ONCE, Kill, PER_SHOP, Tally, kill_at_any_time,
    line::Point,
    plan,
    shop::{Shop, create},
    usual,
};

#[test]
fn killed_at_any_point_of_a_charge_one_order_has_one_transaction_and_one_code() {
    let chance = &mut Chance::drawn();
    let wanted = asked_for("GERAI_TORTURE_KILLS", 216);
    let mut tally = Tally::default();
    while tally.kills() < wanted {
        charge_and_kill(wanted.min(tally.kills() + PER_SHOP), &mut tally, chance);
    }
    tally.report("charges");
}

fn charge_and_kill(until: u64, tally: &mut Tally, chance: &mut Chance) {
    let shop = Shop::open();
    // It hears of each transaction before whoever charged it does.
    let _relay = shop.relay();
    let stores = || (0..AT_ONCE).map(|n| Store::ALL[n % 2]);
    let charges = || stores().map(|store| shop.command(&create(store))).collect::<Vec<_>>();
    let usual = usual(charges());
    while tally.kills() < until {
        for point in plan(chance) {
            let (orders, transactions) = (shop.orders().len(), shop.transactions().len());
            match point {
                Kill::Dialling => {
                    let charges = stores().map(|store| shop.command_into_silence(&create(store))).collect();
                    shop.kill_when("the intents are written down", charges, || shop.orders().len() == orders + AT_ONCE);
                }
                Kill::At(point) => {
                    shop.kill_at("/charge", point, charges());
                }
                Kill::AnyTime => kill_at_any_time(&shop, usual, charges(), chance),
            }
            let made = shop.transactions().len() - transactions;
            match point {
                Kill::Dialling | Kill::At(Point::Asking(_)) => assert_eq!(made, 0, "{point:?}"),
                Kill::At(_) => assert_eq!(made, AT_ONCE, "{point:?}"),
                Kill::AnyTime => {}
            }
            let begun = &shop.orders()[..shop.orders().len() - orders];
            assert!(matches!(point, Kill::AnyTime) || begun.len() == AT_ONCE, "each had written down what it meant");
            let told = begun.iter().filter(|order| order.payment_code.is_some());
            assert!(matches!(point, Kill::AnyTime) || told.count() == 0, "and none what came of it: {point:?}");
            tally.before += (AT_ONCE - made) as u64;
            tally.after += made as u64;
        }
    }
    // Some customers do not wait until the shop has found its orders again.
    for name in shop.transactions().into_keys().filter(|_| chance.below(4) == 0).collect::<Vec<_>>() {
        shop.door().post("pay", json!({ "order_id": name }));
    }
    shop.door().get("idle");
    shop.ctl(&["sync"]);
    shop.assert_that_both_sides_agree();
    let paid = shop.orders().iter().filter(|order| order.state == State::Paid).count();
    assert!(paid > 0, "somebody has paid");
}
