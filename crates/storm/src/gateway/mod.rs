//! Midtrans as the fact sheet tells of it: counter payments, their manners and their moods.
//!
//! It shares no code with the client, nor with the simulator of training: what one of them
//! misunderstands cannot cancel itself out here. It is also the witness of every simulated day,
//! because it alone knows what was really paid.

mod answers;
mod charge;
mod post;
mod transaction;
mod wib;

use std::collections::BTreeMap;

pub use answers::Answer;
pub(crate) use answers::sign;
pub use charge::Charge;
pub use post::{Letter, Post};
pub use transaction::{Status, Transaction};
pub use wib::wib;

use crate::chance::Chance;

/// Midtrans, for one merchant in one environment.
pub struct Gateway {
    /// The keys it accepts; it signs with the first.
    pub keys: Vec<String>,
    /// How it behaves on this day.
    pub manners: Manners,
    /// What it sends by itself.
    pub post: Post,
    /// Every transaction under its order id, oldest first. An id that was closed may be used again.
    book: BTreeMap<String, Vec<Transaction>>,
    chance: Chance,
}

/// How Midtrans behaves on one day.
#[derive(Clone, Debug, Default)]
pub struct Manners {
    /// It has trouble this often, in a thousand requests.
    pub trouble: u64,
    /// It asks for patience (429) this often.
    pub hurried: u64,
    /// A new transaction may stay invisible to look-ups for so many milliseconds.
    pub lag: i64,
    /// A till may take money for a code that was closed.
    pub takes_late: bool,
    /// It adds a fee to what the customer pays this often.
    pub fee: u64,
    /// It leaves optional fields out, and writes what it tells in other case.
    pub terse: bool,
    /// This store is not activated for the merchant.
    pub not_active: Option<&'static str>,
}

/// What one request did to Midtrans' book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// Nothing.
    Nothing,
    /// A transaction was made.
    Made,
    /// A transaction was closed.
    Closed,
}

impl Gateway {
    /// A Midtrans with an empty book.
    pub fn new(key: &str, manners: Manners, mut chance: Chance) -> Self {
        let post = Post::new(chance.fork());
        Self { keys: vec![key.to_owned()], manners, post, book: BTreeMap::new(), chance }
    }

    /// Answers one request.
    pub fn handle(&mut self, key: &str, method: &str, path: &str, body: &[u8], now: i64) -> (Answer, Done) {
        self.tick(now);
        if !self.keys.iter().any(|known| known == key) {
            return (Answer::key_refused(), Done::Nothing);
        }
        let mood = self.mood();
        match mood {
            Mood::Hurried => return (Answer::hurried(&mut self.chance), Done::Nothing),
            Mood::BrokenBefore => return (Answer::broken(&mut self.chance), Done::Nothing),
            Mood::Fine | Mood::BrokenAfter => {}
        }
        let (answer, done) = self.decide(method, path, body, now);
        match mood {
            // It has done it and cannot say so.
            Mood::BrokenAfter => (Answer::broken(&mut self.chance), done),
            _ => (answer, done),
        }
    }

    fn decide(&mut self, method: &str, path: &str, body: &[u8], now: i64) -> (Answer, Done) {
        if (method, path) == ("POST", "/v2/charge") {
            return self.charge(body, now);
        }
        let mut parts = path.trim_start_matches("/v2/").splitn(2, '/');
        let (id, what) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let terse = self.manners.terse && self.chance.permille(300);
        let http_404 = if self.chance.permille(500) { 404 } else { 200 };
        let key = self.keys[0].clone();
        let visible = |transaction: &&mut Transaction| transaction.visible <= now;
        let Some(transaction) = self.book.get_mut(id).and_then(|all| all.last_mut()).filter(visible) else {
            return (Answer::not_found(http_404), Done::Nothing);
        };
        match (method, what) {
            ("GET", "status") => (Answer::status(transaction, &key, terse), Done::Nothing),
            ("POST", "cancel") if transaction.close(Status::Cancel, now) => {
                let told = transaction.clone();
                self.post.announce(&told, &key, now);
                (Answer::cancelled(&told, &key, terse), Done::Closed)
            }
            ("POST", "expire") if transaction.close(Status::Expire, now) => {
                let told = transaction.clone();
                self.post.announce(&told, &key, now);
                (Answer::expired(&told, &key, terse), Done::Closed)
            }
            ("POST", "cancel" | "expire") => (Answer::cannot_change(transaction), Done::Nothing),
            _ => (Answer::not_found(404), Done::Nothing),
        }
    }

    fn charge(&mut self, body: &[u8], now: i64) -> (Answer, Done) {
        let charge = match Charge::read(body) {
            Ok(charge) => charge,
            Err(refused) => return (refused, Done::Nothing),
        };
        if self.manners.not_active == Some(charge.store) {
            return (Answer::not_active(), Done::Nothing);
        }
        let taken = |transaction: &Transaction| matches!(transaction.status, Status::Pending | Status::Settlement);
        let before = self.book.entry(charge.order_id.clone()).or_default();
        if before.last().is_some_and(taken) {
            return (Answer::duplicate(), Done::Nothing);
        }
        let mut transaction = Transaction::of(&charge, now, &mut self.chance);
        if self.chance.permille(500) {
            transaction.visible = now + self.chance.between(0, self.manners.lag);
        }
        let terse = self.manners.terse && self.chance.permille(300);
        let answer = Answer::charged(&transaction, terse);
        self.post.announce(&transaction, &self.keys[0].clone(), now);
        before.push(transaction);
        (answer, Done::Made)
    }

    /// A customer pays this code at a till; whether the till took the money.
    pub fn pay(&mut self, order_id: &str, code: &str, now: i64) -> bool {
        self.tick(now);
        let fee = if self.chance.permille(self.manners.fee) { 2_500 } else { 0 };
        let (late, key) = (self.manners.takes_late, self.keys[0].clone());
        let Some(all) = self.book.get_mut(order_id) else { return false };
        let Some(transaction) = all.iter_mut().find(|transaction| transaction.code == code) else { return false };
        if !transaction.pay(fee, late, now) {
            return false;
        }
        let told = transaction.clone();
        self.post.announce(&told, &key, now);
        true
    }

    /// Indomaret takes a payment back.
    pub fn reverse(&mut self, order_id: &str, now: i64) -> bool {
        self.change(order_id, now, |transaction| transaction.reverse(now))
    }

    /// Somebody cancels it in Midtrans' dashboard.
    pub fn cancel_in_dashboard(&mut self, order_id: &str, now: i64) -> bool {
        self.change(order_id, now, |transaction| transaction.close(Status::Cancel, now))
    }

    /// Midtrans itself denies a pending one.
    pub fn deny(&mut self, order_id: &str, now: i64) -> bool {
        self.change(order_id, now, |transaction| transaction.close(Status::Deny, now))
    }

    fn change(&mut self, order_id: &str, now: i64, change: impl FnOnce(&mut Transaction) -> bool) -> bool {
        self.tick(now);
        let Some(transaction) = self.book.get_mut(order_id).and_then(|all| all.last_mut()) else { return false };
        let changed = change(transaction);
        if changed {
            let told = transaction.clone();
            self.post.announce(&told, &self.keys[0].clone(), now);
        }
        changed
    }

    /// Lets codes run out whose time is over. The scheduler takes up to a minute and a half.
    pub fn tick(&mut self, now: i64) {
        for transaction in self.book.values_mut().flatten() {
            if transaction.status == Status::Pending && now >= transaction.runs_out {
                let at = transaction.runs_out;
                transaction.close(Status::Expire, at);
                let told = transaction.clone();
                self.post.announce(&told, &self.keys[0].clone(), at);
            }
        }
    }

    /// When it next does something by itself.
    pub fn next_due(&self) -> Option<i64> {
        let pending = self.book.values().flatten().filter(|transaction| transaction.status == Status::Pending);
        pending.map(|transaction| transaction.runs_out).chain(self.post.next_due()).min()
    }

    /// Every transaction under this id, oldest first.
    pub fn transactions(&self, order_id: &str) -> &[Transaction] {
        self.book.get(order_id).map_or(&[], Vec::as_slice)
    }

    /// The newest transaction under this id.
    pub fn transaction(&self, order_id: &str) -> Option<&Transaction> {
        self.transactions(order_id).last()
    }

    /// Everything in the book.
    pub fn book(&self) -> impl Iterator<Item = &Transaction> {
        self.book.values().flatten()
    }

    /// Nothing goes wrong at Midtrans any more.
    pub fn heal(&mut self) {
        self.manners.trouble = 0;
        self.manners.hurried = 0;
    }

    fn mood(&mut self) -> Mood {
        if self.chance.permille(self.manners.hurried) {
            Mood::Hurried
        } else if self.chance.permille(self.manners.trouble) {
            if self.chance.permille(500) { Mood::BrokenBefore } else { Mood::BrokenAfter }
        } else {
            Mood::Fine
        }
    }
}

/// How it takes one request.
#[derive(Clone, Copy)]
enum Mood {
    Fine,
    Hurried,
    BrokenBefore,
    BrokenAfter,
}
