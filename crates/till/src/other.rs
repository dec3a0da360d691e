use crate::{
    attempt::State,
    event::{Report, Reported},
    ids::OrderId,
    next_move::{Move, Pace},
    shop::Store,
    time::Time,
};

/// A code of another till of this shop, of which a genuine notification told. It is looked up and
/// shown, and nothing else: whatever is to be done about it is done at its own till.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// Midtrans' name for it, drawn by that till.
    pub order_id: OrderId,
    /// When the first notification about it came.
    pub since: Time,
    /// When the latest did.
    pub heard_at: Time,
    /// So many there were.
    pub letters: u32,
    /// The latest came after Midtrans was last asked.
    pub news: bool,
    /// When Midtrans last answered how it stands.
    pub asked_at: Option<Time>,
    /// Where it stands by Midtrans' word; *confirming* while a notification waits to be confirmed.
    pub state: State,
    /// Whole rupiah: what the notifications' signature covers, and then what Midtrans tells.
    pub amount: Option<u64>,
    /// The store, as Midtrans told it.
    pub store: Option<Store>,
    /// The payment code, as Midtrans told it.
    pub payment_code: Option<String>,
    /// When it was made, by Midtrans' clock.
    pub made_at: Option<Time>,
    /// When its code dies, by Midtrans' clock.
    pub expires_at: Option<Time>,
    /// When it was paid, by Midtrans' clock.
    pub paid_at: Option<Time>,
}

impl Other {
    /// A genuine notification tells of it for the first time. What it claims beside the amount nobody
    /// has signed, so only a look-up tells that.
    pub fn of(order_id: OrderId, amount: Option<u64>, at: Time) -> Self {
        Self {
            order_id,
            since: at,
            heard_at: at,
            letters: 1,
            news: true,
            asked_at: None,
            state: State::Confirming,
            amount,
            store: None,
            payment_code: None,
            made_at: None,
            expires_at: None,
            paid_at: None,
        }
    }

    /// Another notification about it came. What is over stays as it was shown until Midtrans was asked.
    pub fn hear(&mut self, at: Time) {
        (self.heard_at, self.letters, self.news) = (at, self.letters.saturating_add(1), true);
        if matches!(self.state, State::Unknown | State::Pending) {
            self.state = State::Confirming;
        }
    }

    /// Midtrans told how it stands, or that it knows no such transaction. So many notifications there
    /// were when it was asked; one that came since is not answered by it.
    pub fn told(&mut self, told: Option<&Reported>, letters: u32, at: Time) {
        (self.asked_at, self.news) = (Some(at), self.letters != letters);
        let Some(told) = told else {
            if !self.is_over() {
                self.state = State::Unknown;
            }
            return;
        };
        let was_paid = matches!(self.state, State::Paid | State::Reversed);
        self.state = match told.report {
            Report::Pending if self.news => State::Confirming,
            Report::Pending => State::Pending,
            Report::Settlement => State::Paid,
            Report::Expire => State::Expired,
            Report::Cancel => State::Cancelled,
            Report::Deny if was_paid => State::Reversed,
            Report::Deny | Report::Failure => State::Denied,
            Report::Other => State::Unknown,
        };
        self.amount = told.amount.or(self.amount);
        self.store = told.store.or(self.store);
        self.payment_code = told.payment_code.clone().or(self.payment_code.take());
        self.made_at = told.made_at.or(self.made_at);
        self.expires_at = told.expires_at.or(self.expires_at);
        self.paid_at = told.settled_at.filter(|_| self.state == State::Paid);
    }

    /// Nothing more is due about it, unless another notification comes.
    pub fn is_over(&self) -> bool {
        !matches!(self.state, State::Confirming | State::Unknown | State::Pending)
    }

    /// What to do next about it. Its own till watches it closely; here it is looked up when something
    /// is heard of it, now and then while it is open, and after its deadline.
    pub fn next_move(&self, now: Time, pace: &Pace) -> Move {
        // A time that has not come yet was read before the clock was set back, and tells nothing.
        let asked = self.asked_at.filter(|last| *last <= now);
        let Some(last) = asked.filter(|_| !self.news) else { return Move::LookUp };
        if self.is_over() {
            return Move::Rest;
        }
        let later = |at: &Time| *at > last;
        let rung = pace.strays.map(|after| self.heard_at + after).into_iter().find(later);
        let deadline = self.expires_at.map(|at| at + pace.after_deadline).filter(later);
        // What Midtrans does not know is left alone at the end; a code that is open is not.
        let daily = (self.state != State::Unknown).then(|| last + pace.after_steps);
        let nothing_heard = (self.heard_at > now).then(|| last + pace.strays[2]);
        match nothing_heard.or(rung).or(daily).into_iter().chain(deadline).min() {
            None => Move::Rest,
            Some(at) if now >= at => Move::LookUp,
            Some(at) => Move::Wait(at),
        }
    }
}

#[cfg(test)]
#[path = "other_tests.rs"]
mod tests;
