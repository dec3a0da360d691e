use crate::{
    attempt::{Attempt, Phase, Problem},
    event::Concern,
    ids::OrderId,
    sale::Sale,
};

impl Sale {
    /// Everything about it that the owner has to look at, seen to or not.
    pub fn concerns(&self) -> Vec<(OrderId, Concern)> {
        let of = |attempt: &Attempt| {
            let (order_id, twice) = (attempt.order_id, self.paid_beside(attempt.order_id).is_some());
            attempt.concerns().into_iter().map(move |concern| match concern {
                Concern::PaidAfterClosing if twice => (order_id, Concern::PaidTwice),
                concern => (order_id, concern),
            })
        };
        self.attempts.iter().flat_map(of).collect()
    }

    /// What the owner still has to look at.
    pub fn open_concerns(&self) -> Vec<(OrderId, Concern)> {
        let seen = |(order_id, concern): &(OrderId, Concern)| {
            self.attempt_of(*order_id).is_some_and(|attempt| attempt.seen_to.contains(concern))
        };
        self.concerns().into_iter().filter(|concern| !seen(concern)).collect()
    }
}

impl Attempt {
    /// Everything about it, taken by itself, that the owner has to look at, seen to or not.
    pub fn concerns(&self) -> Vec<Concern> {
        let told = match self.problem {
            Some(Problem::AmountDiffers) => Some(Concern::AmountDiffers),
            Some(Problem::Mismatch) => Some(Concern::Mismatch),
            Some(Problem::Gone) => Some(Concern::Gone),
            _ => None,
        };
        let stands = match self.phase {
            Phase::PaidLate => Some(Concern::PaidAfterClosing),
            Phase::Reversed => Some(Concern::Reversed),
            _ => None,
        };
        let all = [told, stands, self.surfaced.then_some(Concern::Surfaced), self.adopted.then_some(Concern::Adopted)];
        all.into_iter().flatten().collect()
    }

    /// What the owner still has to look at, were it the only attempt of its sale.
    pub fn open_concerns(&self) -> Vec<Concern> {
        self.concerns().into_iter().filter(|concern| !self.seen_to.contains(concern)).collect()
    }

    /// What did not stand before and stands now has happened anew, whatever was done about an earlier one.
    pub(crate) fn forget_deeds(&mut self, stood: &[Concern]) {
        for anew in self.concerns().into_iter().filter(|concern| !stood.contains(concern)) {
            self.seen_to.retain(|seen| *seen != anew);
            if anew == Concern::PaidAfterClosing {
                self.seen_to.retain(|seen| *seen != Concern::PaidTwice);
            }
        }
    }
}

impl Concern {
    /// The desk is still at it, and it ends by itself: nobody can put it aside.
    pub fn ends_by_itself(self) -> bool {
        self == Self::Surfaced
    }
}
