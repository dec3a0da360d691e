use std::process::Command;

use stage::{Chance, asked_for};
use till::Store;

use crate::{
    PER_SHOP, Tally,
    line::Point,
    shop::{Shop, attempt, create},
};

#[test]
fn killed_while_it_finds_out_the_outcomes_it_finds_them_out_the_next_time() {
    let chance = &mut Chance::drawn();
    let wanted = asked_for("GERAI_TORTURE_KILLS", 96);
    let mut tally = Tally::default();
    let mut looking = 0;
    while tally.kills() < wanted {
        looking += sync_and_kill(wanted.min(tally.kills() + PER_SHOP), &mut tally, chance);
    }
    println!("{looking} of them while they looked something up");
    tally.report("syncs");
}

fn sync_and_kill(until: u64, tally: &mut Tally, chance: &mut Chance) -> u64 {
    let shop = Shop::open();
    let mut looking = 0;
    while tally.kills() < until {
        // Two orders nobody has sent and two whose answers nobody has heard.
        let charges = |into: fn(&Shop, &[&str]) -> Command| {
            Store::ALL.iter().map(|store| into(&shop, &create(*store))).collect::<Vec<_>>()
        };
        let orders = shop.orders().len();
        shop.kill_when("the intents are written down", charges(Shop::command_into_silence), || {
            shop.orders().len() == orders + 2
        });
        shop.kill_at("/charge", Point::Answering(0.0), charges(Shop::command));
        tally.before += 2;
        tally.after += 2;
        // Killed again and again on the way to the truth.
        for point in [Point::Asking(chance.share()), Point::Answering(chance.share()), Point::Heard] {
            let call = chance.one_of(&["/status", "/charge"]);
            let known = shop.orders();
            let held = shop.kill_at(call, point, vec![shop.command(&["sync"])]);
            let there = shop.transactions();
            for name in held {
                looking += u64::from(call == "/status");
                *(if there.contains_key(&name) { &mut tally.after } else { &mut tally.before }) += 1;
                let code = |rows: &[ledger::Row]| {
                    let row = rows.iter().find(|row| row.order_id == Some(attempt(&name)));
                    row.unwrap().payment_code.clone()
                };
                assert_eq!(code(&shop.orders()), code(&known), "what it heard it could not write down");
            }
        }
    }
    shop.ctl(&["sync"]);
    shop.assert_that_both_sides_agree();
    looking
}
