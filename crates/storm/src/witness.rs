//! Whoever sees everything: what the ledger says after each step, held against what Midtrans knows.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{Ledger, List, Query, Row, Trouble};
use till::{Asked, Attempt, Entry, Event, From, OrderId, Phase, Report, Sale, State, Time};

use crate::gateway::{Gateway, Status};

/// A promise that was broken, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub promise: &'static str,
    /// How.
    pub how: String,
}

/// What was seen of one environment so far.
#[derive(Default)]
pub struct Witness {
    head: i64,
    unsure: Option<Unsure>,
    logs: BTreeMap<String, Vec<Entry>>,
    sales: BTreeMap<String, Sale>,
    /// The bytes of the first charge of each order that reached Midtrans, and the address it named.
    arrived: BTreeMap<String, (Vec<u8>, Option<String>)>,
    /// Genuine notifications that were answered with 200, and with which key they were sealed.
    stored: BTreeMap<String, BTreeMap<Vec<u8>, Sealed>>,
    /// Sales the cashier was shown.
    shown: BTreeSet<String>,
    /// Sales whose goods somebody was told to hand over.
    handed: BTreeSet<String>,
    /// Orders that a restored backup has never heard of.
    forgotten: BTreeSet<String>,
}

/// A program that is killed between a write and its flush leaves entries that everybody can read and
/// that no platter has yet. Whoever acts on them writes first, and that flushes them too; until then
/// a power cut may take them away again, and nothing that was promised with them.
#[derive(Clone, Copy)]
struct Unsure {
    after: i64,
    until: i64,
}

/// How a notification was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealed {
    /// Its signature was checked.
    Checked,
    /// It waits for the key. If another key is entered meanwhile, nobody can tell it from a forgery.
    Waiting,
}

/// What happens.
pub type Held = Result<(), Broken>;

/// This promise is broken, in this way.
pub fn broken(promise: &'static str, how: impl Into<String>) -> Held {
    Err(Broken { promise, how: how.into() })
}

impl Witness {
    /// Every sale as it was last seen.
    pub fn sales(&self) -> impl Iterator<Item = &Sale> {
        self.sales.values()
    }

    /// Every entry of every log as it was last seen.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.logs.values().flatten()
    }

    /// Where every attempt was last seen to stand.
    pub fn states(&self) -> Vec<(OrderId, State)> {
        let attempts = self.sales.values().flat_map(|sale| &sale.attempts);
        attempts.map(|attempt| (attempt.order_id, attempt.state())).collect()
    }

    /// Where this attempt was last seen to stand.
    pub fn state(&self, order_id: OrderId) -> Option<State> {
        self.attempt(order_id).map(Attempt::state)
    }

    /// This attempt as it was last seen.
    pub fn attempt(&self, order_id: OrderId) -> Option<&Attempt> {
        self.sales.values().find_map(|sale| sale.attempt_of(order_id))
    }

    /// A restored backup does not know of some orders that reached Midtrans.
    pub fn has_forgotten(&self) -> bool {
        !self.forgotten.is_empty()
    }

    /// Orders that reached Midtrans and that a restored backup does not know.
    pub fn is_forgotten(&self, order_id: &str) -> bool {
        self.forgotten.contains(order_id)
    }

    /// A charge has arrived at Midtrans: its intent must be in the ledger, with the same bytes and the
    /// same address for notifications (I1, I3).
    pub fn charge_arrives(
        &mut self,
        ledger: Option<&Ledger>,
        order_id: &str,
        body: &[u8],
        notify: Option<&str>,
    ) -> Held {
        if let Some((first, named)) = self.arrived.get(order_id) {
            if first != body {
                return broken("I3", format!("{order_id} was sent with other bytes than before"));
            }
            if named.as_deref() != notify {
                return broken("I3", format!("{order_id} was sent with another address than before"));
            }
            return Ok(());
        }
        self.arrived.insert(order_id.to_owned(), (body.to_vec(), notify.map(str::to_owned)));
        if self.forgotten.contains(order_id) {
            return Ok(());
        }
        let Some(ledger) = ledger else { return Ok(()) };
        match ledger.find(order_id) {
            Ok(Some(sale)) => {
                let intent = sale.attempts.iter().find(|attempt| attempt.order_id.as_str() == order_id);
                let same =
                    |attempt: &Attempt| attempt.request.as_bytes() == body && attempt.notify.as_deref() == notify;
                match intent.map(same) {
                    Some(true) => Ok(()),
                    Some(false) => {
                        broken("I3", format!("{order_id} was sent with other bytes or another address than intended"))
                    }
                    None => broken("I1", format!("{order_id} was sent and never intended")),
                }
            }
            Ok(None) => broken("I1", format!("{order_id} was sent and never intended")),
            // Whoever cannot read now reads later: nothing that has arrived may be missing then.
            Err(_) => Ok(()),
        }
    }

    /// A cashier was shown this sale.
    pub fn shows(&mut self, sale: &Sale) {
        self.shown.insert(sale.id.to_string());
    }

    /// A genuine notification was answered with 200.
    pub fn stored(&mut self, order_id: &str, body: &[u8], sealed: Sealed) {
        self.stored.entry(order_id.to_owned()).or_default().entry(body.to_vec()).or_insert(sealed);
    }

    /// Another key than the entered one is about: what waits for its key may become a forgery.
    pub fn keys_differ(&mut self) {
        for bodies in self.stored.values_mut() {
            bodies.retain(|_, sealed| *sealed == Sealed::Checked);
        }
    }

    /// Somebody was told to hand the goods over.
    pub fn hands_over(&mut self, sale: &Sale, gateway: &Gateway) -> Held {
        let id = sale.id.to_string();
        if !self.handed.insert(id.clone()) {
            return broken("goods", format!("the goods of {id} left twice"));
        }
        let paid = |attempt: &Attempt| paid_in_full(gateway, attempt);
        if !sale.attempts.iter().any(paid) {
            return broken("I5", format!("the goods of {id} left unpaid"));
        }
        Ok(())
    }

    /// What was seen before, and these orders whose charges are still on their way: what a restored
    /// ledger cannot know of them is forgotten.
    pub fn restored(&mut self, ledger: &Ledger, on_the_way: Vec<String>) -> Result<(), Trouble> {
        let seen = self.arrived.keys().chain(self.stored.keys()).cloned();
        let before: BTreeSet<String> = seen.chain(on_the_way).collect();
        for order_id in before {
            if ledger.find(&order_id)?.is_none() {
                self.forgotten.insert(order_id);
            }
        }
        self.head = 0;
        self.unsure = None;
        self.logs.clear();
        self.sales.clear();
        self.stored.clear();
        self.shown.clear();
        self.handed.clear();
        Ok(())
    }

    /// Holds every promise that can be broken by a single step.
    pub fn check(&mut self, ledger: &Ledger, gateway: &Gateway) -> Held {
        let head = ledger.head().map_err(unreadable)?;
        if head < self.head {
            return broken("I6", "the log became shorter");
        }
        if head == self.head {
            return Ok(());
        }
        self.unsure = self.unsure.filter(|unsure| head <= unsure.until);
        let page = ledger.page(&Query::newest(List::All, 1_000, Time::from_millis(0))).map_err(unreadable)?;
        for row in &page.rows {
            self.check_sale(ledger, gateway, row)?;
        }
        if let Some(lost) = self.logs.keys().find(|id| !page.rows.iter().any(|row| row.id.as_str() == *id)) {
            return broken("I6", format!("{lost} is on no list any more"));
        }
        self.check_money(ledger, &page.rows)?;
        // Only now: what a failing disk does not let it read, it reads the next time.
        self.head = head;
        Ok(())
    }

    fn check_sale(&mut self, ledger: &Ledger, gateway: &Gateway, row: &Row) -> Held {
        let id = row.id.to_string();
        let log = ledger.log(row.id).map_err(unreadable)?;
        let before = self.logs.get(&id).map_or(&[][..], Vec::as_slice);
        if !log.starts_with(before) {
            return broken("I6", format!("the log of {id} was edited"));
        }
        if before.len() == log.len() {
            return Ok(());
        }
        let Some(sale) = Sale::of(&log) else { return broken("I6", format!("the log of {id} tells no sale")) };
        if *row != Row::of(&sale) {
            return broken("I6", format!("the lists show {row:?}, the log says {:?}", Row::of(&sale)));
        }
        let live: Vec<_> = sale.attempts.iter().filter(|attempt| attempt.is_live()).collect();
        if live.len() > 1 {
            return broken("I2", format!("{id} has {} live attempts", live.len()));
        }
        let payable = |attempt: &&Attempt| {
            let pending = |transaction: &&_| is_pending(transaction) && attempt.payment_code.is_some();
            gateway.transactions(attempt.order_id.as_str()).iter().any(|transaction| pending(&transaction))
        };
        let payable: Vec<_> = sale.attempts.iter().filter(payable).collect();
        if payable.len() > 1 {
            return broken("I2", format!("{id} has {} payable codes", payable.len()));
        }
        for attempt in &sale.attempts {
            check_code(gateway, attempt, self.sales.get(&id))?;
            check_paid(gateway, attempt, &log)?;
        }
        let handed = log.iter().filter(|entry| matches!(entry.event, Event::HandedOver { .. })).count();
        if handed > 1 {
            return broken("goods", format!("the goods of {id} left {handed} times"));
        }
        self.logs.insert(id.clone(), log);
        self.sales.insert(id, sale);
        Ok(())
    }

    /// What counts as taken is what is paid, and nothing that is still confirmed.
    fn check_money(&self, ledger: &Ledger, rows: &[Row]) -> Held {
        let paid = rows.iter().filter(|row| row.state == State::Paid);
        let (count, amount) = paid.fold((0, 0), |(count, amount), row| (count + 1, amount + row.amount));
        let taken = ledger.takings(Time::from_millis(i64::MIN), Time::from_millis(i64::MAX)).map_err(unreadable)?;
        if (taken.count, taken.amount) != (count, amount) {
            return broken("I5", format!("{taken:?} was taken, and {count} orders over {amount} are paid"));
        }
        Ok(())
    }

    /// Every program was killed, one perhaps between a write and its flush.
    pub fn killed_in_a_write(&mut self, ledger: &Ledger) {
        let after = self.unsure.map_or(self.head, |unsure| unsure.after);
        if let Ok(until) = ledger.head() {
            self.unsure = Some(Unsure { after, until });
        }
    }

    /// The power has gone: what no flush was sure of may be gone with it.
    pub fn power_went(&mut self) {
        let Some(Unsure { after, .. }) = self.unsure.take() else { return };
        self.head = self.head.min(after);
        for log in self.logs.values_mut() {
            log.retain(|entry| entry.seq <= after);
        }
        self.logs.retain(|_, log| !log.is_empty());
        self.sales = self.logs.iter().filter_map(|(id, log)| Some((id.clone(), Sale::of(log)?))).collect();
    }

    /// Holds what a crash must not undo: everything that was promised is still on the disk.
    pub fn check_after_crash(&self, ledger: &Ledger) -> Held {
        for order_id in self.arrived.keys().filter(|order_id| !self.forgotten.contains(*order_id)) {
            if ledger.find(order_id).map_err(unreadable)?.is_none() {
                return broken("I1", format!("{order_id} was sent, and after a crash nobody knows of it"));
            }
        }
        for id in &self.shown {
            if ledger.find(id).map_err(unreadable)?.is_none() {
                return broken("I1", format!("{id} was shown, and after a crash nobody knows of it"));
            }
        }
        self.check_stored(ledger)?;
        self.check_audit(ledger)
    }

    /// Every genuine notification that was answered with 200 is there.
    pub fn check_stored(&self, ledger: &Ledger) -> Held {
        for (order_id, bodies) in &self.stored {
            let Ok(parsed) = order_id.parse::<OrderId>() else { continue };
            let mut there: Vec<_> = ledger.notifications(parsed).map_err(unreadable)?;
            there.extend(ledger.unverified().map_err(unreadable)?);
            for body in bodies.keys() {
                if !there.iter().any(|stored| stored.body == *body) {
                    return broken("I8", format!("a notification about {order_id} was answered with 200 and is lost"));
                }
            }
        }
        Ok(())
    }

    /// The lists are what the log says, to the last column.
    pub fn check_audit(&self, ledger: &Ledger) -> Held {
        match ledger.audit().map_err(unreadable)?.first() {
            Some(difference) => broken("I6", format!("{difference:?}")),
            None => Ok(()),
        }
    }
}

/// On a good disk a ledger can always be read.
pub const READABLE: &str = "readable";

fn unreadable(trouble: Trouble) -> Broken {
    Broken { promise: READABLE, how: trouble.to_string() }
}

fn is_pending(transaction: &crate::gateway::Transaction) -> bool {
    transaction.status == Status::Pending
}

fn paid_in_full(gateway: &Gateway, attempt: &Attempt) -> bool {
    let all = gateway.transactions(attempt.order_id.as_str());
    all.iter().any(|transaction| transaction.paid.is_some() && transaction.gross() == attempt.amount)
}

/// A code that is known is one that Midtrans made for this order, and it never changes.
fn check_code(gateway: &Gateway, attempt: &Attempt, before: Option<&Sale>) -> Held {
    let Some(code) = &attempt.payment_code else { return Ok(()) };
    let order_id = attempt.order_id.as_str();
    let known = before.and_then(|sale| sale.attempt_of(attempt.order_id)).and_then(|old| old.payment_code.as_ref());
    if known.is_some_and(|known| known != code) {
        return broken("I4", format!("the code of {order_id} changed from {known:?} to {code}"));
    }
    let same = |transaction: &crate::gateway::Transaction| {
        transaction.code == *code && attempt.transaction_id.as_ref().is_none_or(|id| *id == transaction.id)
    };
    if !gateway.transactions(order_id).iter().any(same) {
        return broken("I4", format!("{order_id} shows {code}, which Midtrans never told"));
    }
    Ok(())
}

/// Paid is what Midtrans has been paid, for our amount, and a look-up said so.
fn check_paid(gateway: &Gateway, attempt: &Attempt, log: &[Entry]) -> Held {
    if !matches!(attempt.phase, Phase::Paid | Phase::PaidLate) {
        return Ok(());
    }
    let order_id = attempt.order_id;
    if attempt.phase == Phase::Paid && !paid_in_full(gateway, attempt) {
        return broken("I5", format!("{order_id} is called paid and is not"));
    }
    if !gateway.transactions(order_id.as_str()).iter().any(|transaction| transaction.paid.is_some()) {
        return broken("I5", format!("{order_id} is called paid late and never was"));
    }
    let looked_up = |entry: &Entry| {
        entry.attempt == Some(order_id)
            && entry.from == From::Midtrans
            && matches!(&entry.event, Event::Reported(told) if told.asked == Asked::LookUp && told.report == Report::Settlement)
    };
    if !log.iter().any(looked_up) {
        return broken("I5", format!("{order_id} is called paid and no look-up said so"));
    }
    Ok(())
}
