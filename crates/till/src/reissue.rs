use crate::{
    attempt::{Attempt, Phase, Problem},
    next_move::Pace,
    sale::Sale,
    time::Time,
};

/// Whether a new code may be made for a sale, at the same store or the other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reissue {
    /// Every earlier code is known to be dead: Midtrans itself said so when it was asked.
    Now,
    /// An earlier code has to be closed first, or Midtrans has to be asked whether it is.
    OnceClosed,
    /// An earlier code was paid.
    Paid,
    /// Whether an earlier request ever made a code cannot be found out, so it may still surface.
    Never,
}

impl Sale {
    /// Whether a new code may be made for it.
    pub fn reissue(&self) -> Reissue {
        if self.attempts.iter().any(Attempt::holds_money) {
            return Reissue::Paid;
        }
        // What cannot be closed outweighs what only has to be.
        let worst = |reissue: Reissue| self.attempts.iter().any(|attempt| attempt.reissue() == reissue);
        if self.attempts.is_empty() || worst(Reissue::Never) {
            Reissue::Never
        } else if worst(Reissue::OnceClosed) {
            Reissue::OnceClosed
        } else {
            Reissue::Now
        }
    }

    /// Whether a new code may be made for it now.
    pub fn may_reissue(&self, now: Time, pace: &Pace) -> bool {
        self.reissue() == Reissue::Now && self.under_way_until(now, pace).is_none()
    }

    /// Until when a request that nobody answered may still be on its way to Midtrans.
    ///
    /// Midtrans takes an `order_id` again once its transaction is cancelled or expired (Core API,
    /// *Charge*: `order_id`), so a request that arrives only then makes a code under the old name,
    /// beside the new one.
    pub fn under_way_until(&self, now: Time, pace: &Pace) -> Option<Time> {
        // A clock that was set back by more than that hides how long ago it was.
        let recent = |at: &Time| now.apart(*at) < pace.under_way;
        self.attempts.iter().filter_map(Attempt::unanswered_at).filter(recent).max().map(|at| at + pace.under_way)
    }
}

impl Attempt {
    /// When the last of its requests was given up that nobody has answered. It may arrive after its
    /// code was closed, and make it once more.
    pub fn unanswered_at(&self) -> Option<Time> {
        // Of what was adopted nobody knows how it was sent.
        self.unclear.map(|(at, _)| at).max(self.adopted.then_some(self.intended_at))
    }

    /// Whether it stands in the way of a new code, paid ones aside.
    fn reissue(&self) -> Reissue {
        match self.phase {
            // Whose transaction that is, nobody here can tell.
            _ if self.problem == Some(Problem::Mismatch) => Reissue::Never,
            // A refusal creates nothing, unless an earlier send of the same bytes was never answered.
            Phase::Refused | Phase::Abandoned if self.may_exist() && !self.closed_for_good => Reissue::Never,
            // A notification may be about a payment that nobody has seen yet.
            _ if self.question.is_some() => Reissue::OnceClosed,
            Phase::Refused | Phase::Abandoned => Reissue::Now,
            _ if self.was_never_taken() || (self.is_over() && self.closed_for_good) => Reissue::Now,
            _ => Reissue::OnceClosed,
        }
    }

    /// It was open, or paid, and is neither any more.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Expired | Phase::Cancelled | Phase::Denied | Phase::Reversed)
    }

    /// Midtrans may have a transaction under its id.
    pub(crate) fn may_exist(&self) -> bool {
        self.unclear.is_some() || self.transaction_id.is_some() || self.adopted || self.surfaced
    }

    /// Every send ended in 429, which creates nothing, so there is nothing there to close.
    pub(crate) fn was_never_taken(&self) -> bool {
        self.phase == Phase::Cancelled && !self.may_exist() && self.later.is_some()
    }
}

#[cfg(test)]
#[path = "reissue_tests.rs"]
mod tests;
