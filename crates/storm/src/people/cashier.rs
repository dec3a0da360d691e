use std::{sync::Arc, time::Duration};

use counter::Counter;
use ledger::{List, Query};
use till::{Draft, DraftItem, From, Sale, SaleId, State, Store};
use tokio::time::Instant;

use crate::{
    witness::{Held, broken},
    world::World,
};

impl World {
    /// A new customer orders something.
    pub(crate) fn charge(&mut self) {
        let Some((side, counter)) = self.any_counter() else { return };
        if self.sides[side].presses.len() >= self.temper.sales {
            return self.press_again();
        }
        let draft = self.draft();
        let id = counter.draw_sale_id();
        self.say(format_args!("a customer orders {id}: {} at {}", draft.amount, draft.store));
        self.sides[side].presses.push((id, draft));
        let place = self.sides[side].presses.len() - 1;
        self.press(side, place);
        if self.chance.permille(250) {
            self.counts.note("double clicks");
            self.press(side, place);
        }
    }

    /// The button is pressed once more for a draft that was charged before, here or elsewhere.
    pub(crate) fn press_again(&mut self) {
        let side = self.chance.below(self.sides.len() as u64) as usize;
        let drafts = self.sides[side].presses.len() as u64;
        if drafts > 0 {
            let place = self.chance.below(drafts) as usize;
            self.counts.note("presses again");
            self.press(side, place);
        }
    }

    fn press(&mut self, side: usize, place: usize) {
        let (id, draft) = self.sides[side].presses[place].clone();
        let Some(window) = self.any_window_of(side) else { return };
        let (window, answers) = (&mut self.windows[window], self.answers.clone());
        let counter = window.counter.clone();
        window.ask("charge", &answers, async move { counter.charge(id, &draft, From::Cashier).await.map(Some) });
        self.counts.note("presses");
    }

    fn draft(&mut self) -> Draft {
        let store = *self.chance.pick(&Store::ALL).unwrap_or(&Store::Alfamart);
        let amount = 10_000 + 500 * self.chance.below(200);
        let mut draft = Draft { amount: amount.to_string(), ..Draft::empty(store) };
        draft.expiry = (*self.chance.pick(&["15m", "15m", "30m", "2h", "24h"]).unwrap_or(&"24h")).into();
        if self.chance.permille(300) {
            draft.customer = "Bu Čempaka".into();
            let rest = amount - 4_000;
            draft.items = vec![
                DraftItem { name: "Teh".into(), price: "2000".into(), quantity: "2".into() },
                DraftItem { name: "Kue".into(), price: rest.to_string(), quantity: String::new() },
            ];
        }
        draft
    }

    /// Somebody wants a code cancelled or expired, or its sale looked up.
    pub(crate) fn want(&mut self, what: &'static str) {
        let Some((side, id)) = self.any_sale() else { return };
        self.want_of(what, side, id);
    }

    fn want_of(&mut self, what: &'static str, side: usize, id: SaleId) {
        let Some(window) = self.any_window_of(side) else { return };
        self.say(format_args!("somebody wants to {what} {id}"));
        self.counts.note(what);
        let (window, answers) = (&mut self.windows[window], self.answers.clone());
        let counter = window.counter.clone();
        window.ask(what, &answers, async move { wanted(&counter, what, id).await.map(Some) });
    }

    /// Somebody wants another code for a sale, mostly for the other store.
    pub(crate) fn reissue(&mut self) {
        let Some((side, id)) = self.any_sale() else { return };
        let Some(sale) = self.sides[side].witness.sales().find(|sale| sale.id == id).cloned() else { return };
        let Some(window) = self.any_window_of(side) else { return };
        let Some(code) = sale.attempts.last() else { return };
        let moves = self.chance.permille(700);
        let store = Store::ALL.into_iter().find(|store| (*store == code.store) != moves).unwrap_or(code.store);
        let named = if self.chance.permille(500) { code.order_id.to_string() } else { id.to_string() };
        self.say(format_args!("somebody wants another code for {named} at {store}"));
        self.counts.note("new codes wanted");
        let (window, answers) = (&mut self.windows[window], self.answers.clone());
        let counter = window.counter.clone();
        let again = self.chance.permille(200);
        for _ in 0..if again { 2 } else { 1 } {
            let (counter, named) = (counter.clone(), named.clone());
            let wanted = async move { counter.reissue(&named, store, From::Cashier).await.map(Some) };
            window.ask("reissue", &answers, wanted);
        }
    }

    /// The customer pays in the very moment in which somebody cancels.
    pub(crate) async fn race(&mut self) -> Held {
        let Some((side, id)) = self.any_sale() else { return Ok(()) };
        let Some(sale) = self.sides[side].witness.sales().find(|sale| sale.id == id) else { return Ok(()) };
        let open = sale.attempts.iter().find(|attempt| attempt.is_live());
        let code = open.and_then(|attempt| Some((attempt.order_id.to_string(), attempt.payment_code.clone()?)));
        let Some((order_id, code)) = code else { return Ok(()) };
        self.want_of("cancel", side, id);
        let moment = self.chance.between(0, 900);
        self.pass(moment).await?;
        self.counts.note("payments racing a cancel");
        self.pay_code(side, &order_id, &code);
        Ok(())
    }

    fn any_window_of(&mut self, side: usize) -> Option<usize> {
        let windows: Vec<usize> = (0..self.windows.len()).filter(|n| self.windows[*n].side == side).collect();
        self.chance.pick(&windows).copied()
    }

    /// `geraictl sync`.
    pub(crate) fn sync(&mut self) {
        let Some(window) = self.chance.below(self.windows.len() as u64).try_into().ok() else { return };
        let window: usize = window;
        let answers = self.answers.clone();
        let Some(window) = self.windows.get_mut(window) else { return };
        let counter = window.counter.clone();
        window.ask("sync", &answers, async move {
            counter.sync(Instant::now() + Duration::from_secs(20)).await.map(|_| None)
        });
        self.counts.note("syncs");
    }

    /// The customer comes back for the goods.
    pub(crate) fn hand_over(&mut self) -> Held {
        let Some((side, id)) = self.any_sale() else { return Ok(()) };
        let Some(window) = self.windows.iter().find(|window| window.side == side) else { return Ok(()) };
        match window.counter.hand_over(id.as_str(), "Sari", From::Cashier) {
            // It died before it could say so.
            Ok(_) if self.pc.halted() => Ok(()),
            Ok(sale) => {
                self.say(format_args!("the goods of {id} leave"));
                self.counts.note("hand-overs");
                let side = &mut self.sides[side];
                if sale.state() != State::Paid {
                    return broken("I5", format!("the goods of {id} left while it was {:?}", sale.state()));
                }
                side.witness.hands_over(&sale, &side.gateway)
            }
            Err(problem) => {
                self.say(format_args!("the goods of {id} stay: {}", problem.code));
                self.counts.note("hand-overs refused");
                Ok(())
            }
        }
    }

    /// The lists are read while somebody else writes, and without any network (I12).
    pub(crate) fn look_at_lists(&mut self) -> Held {
        let Some((_, counter)) = self.any_counter() else { return Ok(()) };
        let Some((_, id)) = self.any_sale() else { return Ok(()) };
        if self.pc.is_spoiled() {
            // After a failure of the disk nobody reads before the ledger was opened anew and checked.
            return Ok(());
        }
        let ledger = counter.ledger().clone();
        let now = self.pc_now();
        let mut seen = None;
        let asked = ledger.clone();
        let written = ledger.write(id, From::Desk, now, |_| {
            // We hold the file's write lock here. Whoever reads must not need it, nor our connection.
            let (tell, told) = std::sync::mpsc::channel();
            std::thread::spawn(move || {
                let lists = [List::Pending, List::Paid].map(|list| asked.page(&Query::newest(list, 50, now)).is_ok());
                let _ = tell.send(lists == [true, true]);
            });
            seen = Some(told.recv_timeout(Duration::from_secs(5)));
            Vec::new()
        });
        self.counts.note("lists read beside a writer");
        match (written, seen) {
            (Ok(_), Some(Ok(true))) | (Err(_), None) => Ok(()),
            (_, seen) => broken("I12", format!("the lists could not be read while somebody wrote: {seen:?}")),
        }
    }

    /// A sale that somebody has heard of.
    pub(crate) fn any_sale(&mut self) -> Option<(usize, SaleId)> {
        let side = self.chance.below(self.sides.len() as u64) as usize;
        let ids: Vec<SaleId> = self.sides[side].witness.sales().map(|sale: &Sale| sale.id).collect();
        self.chance.pick(&ids).map(|id| (side, *id))
    }
}

async fn wanted(counter: &Arc<Counter>, what: &str, id: SaleId) -> Result<Sale, counter::Problem> {
    match what {
        "cancel" => counter.cancel(id.as_str(), From::Cashier).await,
        "expire" => counter.expire(id.as_str(), From::Geraictl).await,
        _ => counter.check(id.as_str()).await,
    }
}
