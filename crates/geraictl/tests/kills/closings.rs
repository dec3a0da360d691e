use std::process::Command;

use serde_json::json;
use stage::{Chance, asked_for};
use till::{SaleId, State};

use crate::{AT_ONCE, Kill, PER_SHOP, Tally, kill_at_any_time, line::Point, plan, shop::Shop, usual};

#[test]
fn killed_at_any_point_of_a_cancel_the_code_is_closed_or_paid_and_never_forgotten() {
    let chance = &mut Chance::drawn();
    let wanted = asked_for("GERAI_TORTURE_KILLS", 128);
    let mut tally = Tally::default();
    while tally.kills() < wanted {
        close_and_kill(wanted.min(tally.kills() + PER_SHOP), &mut tally, chance);
    }
    tally.report("cancels");
}

fn close_and_kill(until: u64, tally: &mut Tally, chance: &mut Chance) {
    let shop = Shop::open();
    let open = |sale: &SaleId| shop.ledger.sale(*sale).unwrap().unwrap().attempt().unwrap().clone();
    let status = |name: &str| shop.transactions()[name].status.clone();
    while tally.kills() < until {
        let mut stock = shop.stock(8 * AT_ONCE + AT_ONCE);
        let verb = |word: &'static str, sale: &SaleId| ["order", word, sale.as_str()].map(str::to_owned);
        let usual =
            usual(stock.split_off(8 * AT_ONCE).iter().map(|sale| close(&shop, &verb("cancel", sale))).collect());
        for (point, sales) in plan(chance).into_iter().zip(stock.chunks(AT_ONCE)) {
            let word = chance.one_of(&["cancel", "expire"]);
            let closes = || sales.iter().map(|sale| close(&shop, &verb(word, sale))).collect::<Vec<_>>();
            let names: Vec<_> = sales.iter().map(|sale| open(sale).order_id.to_string()).collect();
            match point {
                Kill::Dialling => {
                    let closes = sales.iter().map(|sale| {
                        let verb = verb(word, sale);
                        shop.command_into_silence(&verb.each_ref().map(String::as_str))
                    });
                    let asked = |sale: &SaleId| open(sale).cancel_asked.or(open(sale).expire_asked).is_some();
                    shop.kill_when("the wishes are written down", closes.collect(), || sales.iter().all(asked));
                }
                Kill::At(point) => {
                    shop.kill_at(if word == "cancel" { "/cancel" } else { "/expire" }, point, closes());
                }
                Kill::AnyTime => kill_at_any_time(&shop, usual, closes(), chance),
            }
            let closed = names.iter().filter(|name| status(name) != "pending").count();
            match point {
                Kill::Dialling | Kill::At(Point::Asking(_)) => assert_eq!(closed, 0, "{point:?}"),
                Kill::At(_) => assert_eq!(closed, AT_ONCE, "{point:?}"),
                Kill::AnyTime => {}
            }
            tally.before += (AT_ONCE - closed) as u64;
            tally.after += closed as u64;
            // A customer may pay in the very moment in which the shop forgets that it has cancelled.
            for name in names.iter().filter(|name| status(name) == "pending" && chance.below(3) == 0) {
                shop.door().post("pay", json!({ "order_id": name }));
            }
        }
    }
    shop.ctl(&["sync"]);
    shop.assert_that_both_sides_agree();
    let states: Vec<_> = shop.orders().iter().map(|order| order.state).collect();
    for state in [State::Cancelled, State::Expired, State::Paid] {
        assert!(states.contains(&state), "none is {state:?}");
    }
}

fn close(shop: &Shop, verb: &[String; 3]) -> Command {
    shop.command(&verb.each_ref().map(String::as_str))
}
