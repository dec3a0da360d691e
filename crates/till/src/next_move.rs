use std::time::Duration;

use crate::{
    attempt::{Attempt, Missing, Phase},
    ids::OrderId,
    sale::Sale,
    time::Time,
};

/// What the desk must do next about an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Nothing, until something happens.
    Rest,
    /// Nothing before this time.
    Wait(Time),
    /// Nobody is sending it any more: write down that its outcome is unknown.
    Resume,
    /// Send the same bytes again.
    Send,
    /// Ask Midtrans how it stands.
    LookUp,
    /// Ask Midtrans to cancel it.
    Cancel,
    /// Ask Midtrans to expire it.
    Expire,
    /// Give it up and offer the draft again.
    Abandon,
}

/// How long the desk waits for what. A value handed in, so that tests need not wait by the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// When an open question is looked up, counted from the moment it arose.
    pub ladder: [Duration; 5],
    /// How often after the ladder's end.
    pub after_ladder: Duration,
    /// A 404 is believed after three of them over at least this long: how soon a status is visible
    /// after a charge is not documented. Nothing is given up before twice as long.
    pub believe_missing: Duration,
    /// The desk sends again by itself only this long after the intent.
    pub send_again: Duration,
    /// The pause after a 429; it doubles up to eight times.
    pub pause: Duration,
    /// A request that nobody answered may reach Midtrans so long after it was given up. Linux tries
    /// to deliver what a closed connection still has to say for some two minutes.
    pub under_way: Duration,
    /// An open code is looked up this often while it is young, then less and less.
    pub steps: [(Duration, Duration); 3],
    /// How often after the last step.
    pub after_steps: Duration,
    /// The first look after a code's deadline.
    pub after_deadline: Duration,
    /// When an attempt that was given up or replaced is looked at again, counted from then.
    pub sweeps: [Duration; 4],
    /// When a notification under an id of ours that no order has is looked up again, counted from its arrival.
    pub strays: [Duration; 4],
    /// The pause between two requests, so that a long list does not become a flood.
    pub between: Duration,
    /// A notification that has not come so long after a look-up found the payment is missed. The
    /// first try comes within seconds.
    pub heard_within: Duration,
    /// A relay that is away for no longer than this is only being restarted.
    pub relay_back: Duration,
}

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

const fn minutes(n: u64) -> Duration {
    seconds(60 * n)
}

impl Pace {
    /// The pace of a shop.
    pub const SHOP: Self = Self {
        ladder: [seconds(1), seconds(3), seconds(7), seconds(15), seconds(30)],
        after_ladder: minutes(1),
        believe_missing: seconds(10),
        send_again: minutes(10),
        pause: seconds(5),
        under_way: minutes(3),
        steps: [(minutes(10), minutes(1)), (minutes(60), minutes(5)), (minutes(24 * 60), minutes(30))],
        after_steps: minutes(24 * 60),
        after_deadline: minutes(2),
        // The first so soon that it has its answer within the minute.
        sweeps: [seconds(45), minutes(5), minutes(30), minutes(24 * 60)],
        strays: [minutes(1), minutes(10), minutes(60), minutes(24 * 60)],
        between: Duration::from_millis(500),
        heard_within: minutes(2),
        relay_back: minutes(1),
    };

    /// The shop's pace with every wait between requests divided. For ledgers bound to loopback
    /// only. The ten minutes in which the desk sends again stay ten minutes: that is a promise to
    /// the customer, not a wait.
    pub fn faster(times: u32) -> Self {
        let by = |span: Duration| span / times.max(1);
        let shop = Self::SHOP;
        Self {
            ladder: shop.ladder.map(by),
            after_ladder: by(shop.after_ladder),
            believe_missing: by(shop.believe_missing),
            send_again: shop.send_again,
            pause: by(shop.pause),
            under_way: by(shop.under_way),
            steps: shop.steps.map(|(age, every)| (age, by(every))),
            after_steps: shop.after_steps,
            after_deadline: by(shop.after_deadline),
            sweeps: shop.sweeps.map(by),
            strays: shop.strays.map(by),
            between: by(shop.between),
            heard_within: by(shop.heard_within),
            relay_back: by(shop.relay_back),
        }
    }

    /// What to do next about an id of ours that Midtrans has spoken of since then and no order has: look
    /// it up at once, and again now and then, until it is `given_up` at the end.
    pub fn stray_move(&self, since: Time, asked: Option<Time>, given_up: bool, now: Time) -> Move {
        // As everywhere here: a time that has not come yet tells nothing but that the clock was set back.
        let asked = asked.filter(|last| *last <= now);
        if since > now {
            return due(asked.map_or(now, |last| last + self.strays[2]), now, Move::LookUp);
        }
        let looks = self.strays.map(|after| since + after);
        let Some(last) = asked.filter(|last| *last >= since) else {
            return if given_up && now >= looks[3] { Move::Rest } else { Move::LookUp };
        };
        looks.into_iter().find(|at| *at > last).map_or(Move::Rest, |at| due(at, now, Move::LookUp))
    }
}

/// A 404 is believed after so many.
const MISSING_OFTEN: u32 = 3;

impl Sale {
    /// What to do next about one of its attempts.
    ///
    /// `asked` is when Midtrans was last asked about it by this program, whatever came back; `None`
    /// after a start, so that everything open is asked about at once.
    pub fn next_move(&self, order_id: OrderId, asked: Option<Time>, now: Time, pace: &Pace) -> Move {
        let Some(attempt) = self.attempt_of(order_id) else { return Move::Rest };
        // A time that has not come yet was read before the clock was set back, and tells nothing.
        let asked = asked.filter(|last| *last <= now);
        let next = match (attempt.next_move(asked, now, pace), self.swept_since(order_id)) {
            (Move::Rest, Some(since)) => swept(since, asked, now, pace),
            (next, _) => next,
        };
        let Some(paid) = self.paid_beside(order_id).filter(|_| !attempt.holds_money()) else { return next };
        match (next, attempt.phase) {
            // One sale is paid once: no code is made beside a paid one, and one that is open is taken away.
            (Move::Send, _) => Move::Abandon,
            (Move::LookUp | Move::Wait(_), Phase::Pending) if attempt.question.is_none() => {
                due(ladder(paid, asked, now, pace), now, Move::Cancel)
            }
            _ => next,
        }
    }

    /// Since when the desk looks at an attempt now and then although it is over: a request that was
    /// given up may surface, and a code that is closed lies on paper in the customer's hand. If a
    /// store takes money for it all the same, that must not depend on a notification getting through.
    pub fn swept_since(&self, order_id: OrderId) -> Option<Time> {
        let place = self.attempts.iter().position(|attempt| attempt.order_id == order_id)?;
        let attempt = &self.attempts[place];
        if matches!(attempt.phase, Phase::Abandoned | Phase::Refused) {
            return attempt.closed_at.filter(|_| attempt.may_exist());
        }
        let replaced = self.attempts.get(place + 1).map(|by| by.intended_at);
        replaced.or(attempt.closed_at).filter(|_| attempt.is_over() && !attempt.was_never_taken())
    }
}

impl Attempt {
    /// What to do next about it, for itself.
    pub(crate) fn next_move(&self, asked: Option<Time>, now: Time, pace: &Pace) -> Move {
        if let Some(question) = &self.question {
            let rung = ladder(question.since, asked, now, pace);
            let at = if self.phase == Phase::Unknown {
                // Nor does a question that is old by a wrong clock delay what would be asked without it.
                let unclear = self.unclear.map_or(rung, |(at, _)| rung.min(ladder(at, asked, now, pace)));
                self.seen_missing(unclear, asked, now, pace)
            } else {
                rung
            };
            return due(at, now, Move::LookUp);
        }
        match self.phase {
            Phase::Intent => self.unsent(asked, now, pace),
            Phase::Unknown => self.unknown(asked, now, pace),
            Phase::Pending => self.open(asked, now, pace),
            Phase::Paid | Phase::PaidLate if self.confirmed_at.is_none() => self.held(asked, now, pace),
            // It is alive there and must not be paid.
            _ if self.surfaced => due(ladder(self.closed_at.unwrap_or(now), asked, now, pace), now, Move::Cancel),
            _ => Move::Rest,
        }
    }

    /// `sync` looks it up whatever the ladder says.
    pub fn is_open(&self) -> bool {
        self.is_live()
            || self.question.is_some()
            || self.surfaced
            || (matches!(self.phase, Phase::Paid | Phase::PaidLate) && self.confirmed_at.is_none())
    }

    fn unsent(&self, asked: Option<Time>, now: Time, pace: &Pace) -> Move {
        match self.later {
            None => Move::Resume,
            // The log may be an older copy that was put back: it was sent since then, perhaps, and paid.
            Some(_) if self.is_stale(now, pace) && asked.is_none() => Move::LookUp,
            Some(_) if self.is_stale(now, pace) => Move::Abandon,
            Some((often, at)) => due(after(at, pace.pause * (1 << (often.clamp(1, 4) - 1)), now), now, Move::Send),
        }
    }

    fn unknown(&self, asked: Option<Time>, now: Time, pace: &Pace) -> Move {
        let since = self.unclear.map_or(self.intended_at, |(at, _)| at);
        if let Some((often, at)) = self.later {
            // The second send met a 429; the first may still surface, so look before sending again.
            let paused = after(at, pace.pause * often.clamp(1, 8), now);
            return due(paused.max(ladder(at, asked, now, pace)), now, Move::LookUp);
        }
        if asked.is_none() || !self.is_believed_missing(now, pace) {
            let rung = ladder(since, asked, now, pace);
            return due(self.seen_missing(rung, asked, now, pace), now, Move::LookUp);
        }
        if self.may_be_sent_again(now, pace) { Move::Send } else { Move::Abandon }
    }

    fn may_be_sent_again(&self, now: Time, pace: &Pace) -> bool {
        // Nobody has the bytes of what was adopted.
        let wanted = self.cancel_asked.is_none() && self.expire_asked.is_none() && !self.adopted;
        wanted && !self.is_stale(now, pace)
    }

    /// Sending again does no harm should it be there after all. Giving up is believed for the next
    /// minute, so it takes twice as long.
    fn is_believed_missing(&self, now: Time, pace: &Pace) -> bool {
        let over = if self.may_be_sent_again(now, pace) { pace.believe_missing } else { pace.believe_missing * 2 };
        self.missing.is_some_and(|it| it.often >= MISSING_OFTEN && it.over >= over)
    }

    /// When to look next whether it is really missing: on this rung or before. However long ago it was
    /// sent, and whatever the clock did since, that is seen within seconds.
    fn seen_missing(&self, rung: Time, asked: Option<Time>, now: Time, pace: &Pace) -> Time {
        let answered = |missing: &Missing| missing.last <= now && asked.is_some_and(|last| last <= missing.last);
        let again = self.missing.filter(answered).filter(|_| !self.is_believed_missing(now, pace));
        again.map_or(rung, |missing| rung.min(missing.last + pace.believe_missing / 2))
    }

    /// The customer who wanted it may be gone, so it is not sent by itself any more. A clock that was
    /// set back hides how long ago that was, so it counts as much as one that was set ahead.
    fn is_stale(&self, now: Time, pace: &Pace) -> bool {
        now.apart(self.intended_at) > pace.send_again
    }

    /// Paid, and Indomaret may still take it back.
    fn held(&self, asked: Option<Time>, now: Time, pace: &Pace) -> Move {
        match (self.hold_ends, asked) {
            (None, _) => Move::Rest,
            // After a start nobody knows whether the clock is still the one that the hold was reckoned by.
            (Some(until), Some(_)) if now < until => Move::Wait(until),
            (Some(until), _) => due(ladder(until, asked, now, pace), now, Move::LookUp),
        }
    }

    fn open(&self, asked: Option<Time>, now: Time, pace: &Pace) -> Move {
        if let Some(since) = self.cancel_asked {
            return due(ladder(since, asked, now, pace), now, Move::Cancel);
        }
        if let Some(since) = self.expire_asked {
            return due(ladder(since, asked, now, pace), now, Move::Expire);
        }
        let here = |theirs: Option<Time>| theirs.map(|at| at.ahead(self.clock_ahead));
        let deadline = here(self.expires_at).map(|at| at + pace.after_deadline);
        let passed = deadline.filter(|at| now >= *at);
        let Some(last) = asked else { return Move::LookUp };
        if passed.is_some_and(|deadline| last < deadline) {
            return Move::LookUp;
        }
        let age = now.since(passed.or(here(self.made_at)).unwrap_or(self.intended_at));
        let every = match pace.steps.iter().find(|(until, _)| age < *until) {
            // Midtrans told its code and does not know it: perhaps it is only not to be seen yet.
            _ if self.missing.is_some() && self.may_only_lag() => pace.ladder[3],
            step => step.map_or(pace.after_steps, |(_, every)| *every),
        };
        let next = last + every;
        due(deadline.filter(|at| *at > now && *at < next).unwrap_or(next), now, Move::LookUp)
    }
}

/// A look now and then at what is over, and one at once after a start.
fn swept(since: Time, asked: Option<Time>, now: Time, pace: &Pace) -> Move {
    if since > now {
        // The clock was set back: how long ago that was is not known, only when we last looked.
        return due(asked.map_or(now, |last| last + pace.sweeps[2]), now, Move::LookUp);
    }
    let sweeps = pace.sweeps.map(|after| since + after);
    if asked.is_none() && now < sweeps[3] + pace.sweeps[3] {
        return Move::LookUp;
    }
    let done_until = asked.unwrap_or(since);
    sweeps.into_iter().find(|at| *at > done_until).map_or(Move::Rest, |at| due(at, now, Move::LookUp))
}

fn due(at: Time, now: Time, act: Move) -> Move {
    if now >= at { act } else { Move::Wait(at) }
}

/// So long after it. At once if it lies in a time that has not come yet: the clock was set back.
fn after(at: Time, span: Duration, now: Time) -> Time {
    if at > now { now } else { at + span }
}

/// The next rung after the last time we asked. At once if we never asked since it arose.
fn ladder(since: Time, asked: Option<Time>, now: Time, pace: &Pace) -> Time {
    match asked {
        // The clock was set back since, and the rungs lie in a time that has not come yet.
        Some(last) if since > now => last + pace.after_ladder,
        Some(last) if last >= since => {
            let rung = pace.ladder.iter().map(|after| since + *after).find(|at| *at > last);
            rung.unwrap_or(last + pace.after_ladder)
        }
        _ => since.min(now),
    }
}

#[cfg(test)]
#[path = "clock_tests.rs"]
mod clock_tests;

#[cfg(test)]
#[path = "next_move_tests.rs"]
mod tests;
