//! The faults stop: everything settles, and soon.

use std::{collections::BTreeSet, time::Duration};

use till::{Attempt, OrderId, Phase, Problem, Sale, State, Time};

use crate::{
    gateway::{Gateway, Status, Transaction},
    witness::{Held, broken},
    world::{Side, World},
};

/// So long everything may take, and half a second more for each open order.
const SOON: i64 = 60_000;
/// A payment at Indomaret is confirmed for good after this long.
const HOLD: i64 = 5 * 60_000;

/// Codes that are over are looked at now and then for this long.
const NO_LONGER_SWEPT: Duration = Duration::from_secs(2 * 24 * 60 * 60);

impl World {
    /// Nothing goes wrong any more. Within a minute nothing is left in doubt.
    pub(crate) async fn settle(&mut self) -> Held {
        self.heal().await?;
        self.check()?;
        let healed = self.now();
        let open = self.sides.iter().flat_map(|side| side.witness.sales()).flat_map(|sale| &sale.attempts);
        let open = open.filter(|attempt| attempt.is_open()).count();
        self.say(format_args!("from now on nothing goes wrong; {open} are open"));
        self.pass(SOON + 500 * i64::try_from(open).unwrap_or(0)).await?;
        self.check()?;
        self.agree(healed, false)?;
        let held = |attempt: &Attempt| attempt.hold_until.is_some() && attempt.confirmed_at.is_none();
        if self.sides.iter().any(|side| side.witness.sales().any(|sale| sale.attempts.iter().any(held))) {
            self.pass(HOLD + SOON).await?;
            self.check()?;
            self.agree(healed, true)?;
            self.confirmed(healed)?;
        }
        if self.chance.permille(250) || self.sides.iter().any(|side| side.witness.has_forgotten()) {
            self.hear_everything_again(healed).await?;
        }
        self.check_at_the_end().await
    }

    /// Everything that Midtrans ever wrote comes once more, in any order and some of it twice. Nothing
    /// changes by it (I9), but that what a restored ledger had lost is taken up again (I7).
    async fn hear_everything_again(&mut self, healed: i64) -> Held {
        let before: Vec<Vec<(OrderId, Standing)>> = self.sides.iter().map(|side| standings(side, healed)).collect();
        let mut heard: Vec<BTreeSet<String>> = Vec::new();
        for side in 0..self.sides.len() {
            let mut genuine = BTreeSet::new();
            let mut letters = self.sides[side].gateway.post.written().to_vec();
            while !letters.is_empty() {
                let place = self.chance.below(letters.len() as u64) as usize;
                let twice = self.chance.permille(300);
                let body = if twice { letters[place].clone() } else { letters.swap_remove(place) };
                let taken = self.post(side, &body, None)?;
                self.counts.note("notifications heard again");
                if taken == Some(200) {
                    genuine.insert(about(&body));
                }
                let breath = self.chance.between(0, 300);
                self.pass(breath).await?;
            }
            heard.push(genuine);
        }
        self.say(format_args!("everything was heard again"));
        self.pass(SOON).await?;
        self.check()?;
        for (side, (before, heard)) in self.sides.iter().zip(before.iter().zip(&heard)) {
            for (order_id, was) in before {
                let is = side.witness.attempt(*order_id).map(standing);
                let moved = side.gateway.transaction(order_id.as_str()).is_some_and(|it| changed_since(it, healed));
                if is.as_ref() != Some(was) && !moved {
                    return broken(
                        "I9",
                        format!("{order_id} was {was:?}, and is {is:?} when everything is heard again"),
                    );
                }
            }
            for order_id in heard.iter().filter(|order_id| side.witness.is_forgotten(order_id)) {
                let there = side.witness.sales().flat_map(|sale| &sale.attempts);
                if !there.into_iter().any(|attempt| attempt.order_id.as_str() == order_id) {
                    return broken(
                        "I7",
                        format!("{order_id} was lost, Midtrans told of it again, and it is still lost"),
                    );
                }
                self.counts.note("orders taken up again");
            }
        }
        self.agree(healed, true)
    }

    async fn heal(&mut self) -> Held {
        self.network.heal(self.now() + 1_000);
        self.pc.heal();
        self.revive().await?;
        self.keyring.lock_up(false);
        if self.chance.permille(500) {
            self.clocks.set_ahead(0);
        }
        if self.chance.permille(300) {
            let end = self.any_end();
            self.crash(end).await?;
        }
        for side in 0..self.sides.len() {
            let now = self.now();
            let gateway = &mut self.sides[side].gateway;
            gateway.heal();
            gateway.post.heal(now + 10_000);
            gateway.keys.truncate(1);
            self.keyring.enter(side, &gateway.keys[0]);
            self.sides[side].witness.keys_differ();
            self.sides[side].relay.reachable = true;
            self.start_relay(side);
            if !self.windows.iter().any(|window| window.side == side) {
                self.open_window(side);
            }
        }
        // The relay has come back, or the PC has woken up.
        self.windows.iter().for_each(|window| window.counter.ask_everything());
        Ok(())
    }

    /// Every attempt stands here as it stands at Midtrans, and the reverse (I7, I10). A payment that
    /// Indomaret may still take back is looked at again when it no longer may, and not before.
    fn agree(&self, healed: i64, held_too: bool) -> Held {
        for side in &self.sides {
            for sale in side.witness.sales() {
                for attempt in &sale.attempts {
                    let held = attempt.phase == Phase::Paid && attempt.confirmed_at.is_none() && !held_too;
                    if held || self.no_longer_swept(attempt) {
                        continue;
                    }
                    if let Err(how) = agrees(sale, attempt, &side.gateway, healed) {
                        let promise = if attempt.phase == Phase::Unknown { "I10" } else { "settled" };
                        return broken(promise, how);
                    }
                }
            }
            for transaction in side.gateway.book() {
                let known = side
                    .witness
                    .sales()
                    .any(|sale| sale.attempts.iter().any(|attempt| attempt.order_id.as_str() == transaction.order_id));
                if !known && !side.witness.is_forgotten(&transaction.order_id) {
                    return broken("I7", format!("{} is at Midtrans and nowhere here", transaction.order_id));
                }
            }
        }
        Ok(())
    }

    /// What has been over for days, by this PC's clock, is looked at no more.
    fn no_longer_swept(&self, attempt: &Attempt) -> bool {
        let over = attempt.closed_at.filter(|_| !attempt.is_open());
        over.is_some_and(|at| self.pc_now().since(at) > NO_LONGER_SWEPT)
    }

    /// What Indomaret can no longer take back is confirmed.
    fn confirmed(&self, healed: i64) -> Held {
        for side in &self.sides {
            for attempt in side.witness.sales().flat_map(|sale| &sale.attempts) {
                let settled = side.gateway.transaction(attempt.order_id.as_str());
                let settled = settled.is_some_and(|it| it.status == Status::Settlement && it.paid < Some(healed));
                if settled && attempt.phase == Phase::Paid && attempt.confirmed_at.is_none() {
                    return broken("settled", format!("{} is paid and never confirmed", attempt.order_id));
                }
            }
        }
        Ok(())
    }
}

/// Whether an attempt stands as it stands at Midtrans. What changed there after the faults had
/// stopped may still be on its way.
fn agrees(sale: &Sale, attempt: &Attempt, gateway: &Gateway, healed: i64) -> Result<(), String> {
    let all = gateway.transactions(attempt.order_id.as_str());
    let told = |how: &str| Err(format!("{}: {how}; here it is {:?}", describe(attempt, all), attempt.state()));
    if all.last().is_some_and(|newest| changed_since(newest, healed)) {
        return Ok(());
    }
    if matches!(attempt.phase, Phase::Intent | Phase::Unknown) {
        return told("nobody knows what became of it");
    }
    let wanted = attempt.payment_code.as_ref();
    let open = |it: &&Transaction| it.status == Status::Pending;
    if all.iter().filter(open).any(|it| !attempt.is_live() || wanted.is_some_and(|code| *code != it.code)) {
        return told("a code is open that nobody wants");
    }
    let ours = |it: &&Transaction| attempt.transaction_id.as_ref().is_none_or(|id| *id == it.id);
    let Some(transaction) = all.iter().rev().find(ours) else {
        let gone = matches!(attempt.phase, Phase::Abandoned | Phase::Refused | Phase::Cancelled);
        return if gone { Ok(()) } else { told("Midtrans has none") };
    };
    let differs = transaction.gross() != attempt.amount;
    let agrees = match transaction.status {
        Status::Pending => attempt.state() == State::Pending && attempt.cancel_asked.is_none(),
        Status::Settlement if differs => attempt.paid_at.is_some() && attempt.problem == Some(Problem::AmountDiffers),
        Status::Settlement => matches!(attempt.state(), State::Paid | State::PaidLate),
        Status::Deny if transaction.paid.is_some() && attempt.found_paid_at.is_some() => {
            attempt.state() == State::Reversed
        }
        Status::Deny | Status::Expire | Status::Cancel => !attempt.is_live() && !attempt.holds_money(),
    };
    // Under an id Midtrans shows its newest transaction only. What a store takes for the one before is in its
    // notification; the owner is told that there are two, and to ask Midtrans.
    let hidden = all.last().is_some_and(|newest| newest.id != transaction.id)
        && transaction.status == Status::Settlement
        && attempt.problem == Some(Problem::Mismatch);
    if !agrees && !hidden {
        return told("they disagree");
    }
    let alone = sale.attempts.len() == 1;
    if alone && transaction.status == Status::Settlement && sale.state() == State::Pending {
        return told("its sale waits for money it has");
    }
    Ok(())
}

/// What must not depend on the order, the number or the time of what is heard.
type Standing = (State, Phase, Option<Time>, Option<Time>, Option<String>, Option<Problem>);

fn standing(attempt: &Attempt) -> Standing {
    let code = attempt.payment_code.clone();
    (attempt.state(), attempt.phase, attempt.paid_at, attempt.closed_at, code, attempt.problem)
}

/// Where everything stands that nobody doubts any more.
fn standings(side: &Side, healed: i64) -> Vec<(OrderId, Standing)> {
    let mut standings = Vec::new();
    for sale in side.witness.sales() {
        let settled = sale.attempts.iter().filter(|attempt| agrees(sale, attempt, &side.gateway, healed).is_ok());
        standings.extend(settled.map(|attempt| (attempt.order_id, standing(attempt))));
    }
    standings
}

fn changed_since(transaction: &Transaction, healed: i64) -> bool {
    transaction.closed.max(transaction.paid).is_some_and(|at| at >= healed)
}

/// The order that a notification is about.
fn about(body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    body["order_id"].as_str().unwrap_or_default().to_owned()
}

fn describe(attempt: &Attempt, all: &[Transaction]) -> String {
    let there: Vec<_> = all.iter().map(|it| (it.status, it.gross())).collect();
    format!("{} over {} is {there:?} at Midtrans", attempt.order_id, attempt.amount)
}
