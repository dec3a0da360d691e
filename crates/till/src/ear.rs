use std::time::Duration;

use crate::{next_move::Pace, time::Time};

/// Whether the shop hears of its payments by notification. Look-ups find them all the same, only
/// later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ear {
    /// Notifications arrive, or nothing says otherwise.
    Fine,
    /// None has ever arrived, and none is missed: a shop may do without.
    NeverHeard,
    /// The latest payments were found by look-ups, and no notification came about them. This ends
    /// when one arrives.
    Deaf {
        /// When the first of them was found.
        since: Time,
        /// How many they are.
        orders: u32,
    },
    /// A relay was running for this shop and no longer is.
    Stopped {
        /// When it was last seen.
        since: Time,
    },
}

/// What is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hearing {
    /// The latest payments that look-ups have found.
    pub payments: Vec<FoundPaid>,
    /// When a genuine notification came last, about whatever order.
    pub notified_at: Option<Time>,
    /// Whether one could come at all.
    pub listening: Listening,
}

/// A payment, and how it became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundPaid {
    /// When the customer paid.
    pub paid_at: Time,
    /// When a look-up told so.
    pub found_at: Time,
    /// When a notification claimed it.
    pub heard_at: Option<Time>,
}

/// Whether notifications can arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listening {
    /// No relay has run for this shop, or the owner has given it up.
    Never,
    /// One is running, and since this moment nothing stood in the way: neither sleep nor a missing
    /// network. What was paid before may have been told to nobody.
    Since(Time),
    /// One was running and was last seen then.
    Until(Time),
}

/// A shop that has gone without its relay for so long goes without it.
const GIVEN_UP: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl Hearing {
    /// What follows from it.
    pub fn ear(&self, now: Time, pace: &Pace) -> Ear {
        let quiet = if self.notified_at.is_none() { Ear::NeverHeard } else { Ear::Fine };
        match self.listening {
            Listening::Until(since) if now.since(since) < GIVEN_UP => Ear::Stopped { since },
            Listening::Never | Listening::Until(_) => quiet,
            Listening::Since(listening) => {
                let missed = self.payments.iter().filter(|payment| {
                    payment.heard_at.is_none()
                        && payment.paid_at >= listening
                        && now >= payment.found_at + pace.heard_within
                        && self.notified_at.is_none_or(|at| at < payment.found_at)
                });
                let found = missed.map(|payment| payment.found_at);
                let orders = u32::try_from(found.clone().count()).unwrap_or(u32::MAX);
                found.min().map_or(quiet, |since| Ear::Deaf { since, orders })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace::SHOP;

    fn at(seconds: i64) -> Time {
        Time::from_millis(1_800_000_000_000 + seconds * 1_000)
    }

    /// Paid, and found by a look-up half a minute later.
    fn found(paid: i64) -> FoundPaid {
        FoundPaid { paid_at: at(paid), found_at: at(paid + 30), heard_at: None }
    }

    fn heard(paid: i64) -> FoundPaid {
        FoundPaid { heard_at: Some(at(paid + 2)), ..found(paid) }
    }

    fn hearing(payments: impl Into<Vec<FoundPaid>>, notified: Option<i64>) -> Hearing {
        Hearing { payments: payments.into(), notified_at: notified.map(at), listening: Listening::Since(at(0)) }
    }

    #[test]
    fn payments_that_were_told_are_heard() {
        let told = hearing([heard(500), heard(100)], Some(502));
        assert_eq!(told.ear(at(9_000), &PACE), Ear::Fine);
        assert_eq!(hearing([], None).ear(at(9_000), &PACE), Ear::NeverHeard);
    }

    #[test]
    fn payments_that_nobody_told_of_mean_a_deaf_ear_but_not_at_once() {
        let silent = hearing([found(500), found(100)], None);
        assert_eq!(silent.ear(at(249), &PACE), Ear::NeverHeard, "Midtrans has two minutes");
        assert_eq!(silent.ear(at(250), &PACE), Ear::Deaf { since: at(130), orders: 1 });
        assert_eq!(silent.ear(at(650), &PACE), Ear::Deaf { since: at(130), orders: 2 });
    }

    #[test]
    fn it_ends_when_a_notification_arrives_and_begins_anew_with_the_next_that_does_not() {
        let silent = [found(500), found(100)];
        assert_eq!(hearing(silent, Some(700)).ear(at(9_000), &PACE), Ear::Fine);
        let again = hearing([found(800), found(500), found(100)], Some(700));
        assert_eq!(again.ear(at(9_000), &PACE), Ear::Deaf { since: at(830), orders: 1 });
    }

    #[test]
    fn one_that_was_heard_before_the_silence_does_not_hide_it() {
        let went_deaf = hearing([found(500), heard(100)], Some(102));
        assert_eq!(went_deaf.ear(at(9_000), &PACE), Ear::Deaf { since: at(530), orders: 1 });
    }

    #[test]
    fn what_was_paid_while_nobody_listened_is_not_held_against_the_ear() {
        // The PC slept, or the shop was closed: Midtrans may have tried and given up.
        let overnight = [found(-40_000), found(-1)];
        assert_eq!(hearing(overnight, Some(-50_000)).ear(at(9_000), &PACE), Ear::Fine);
    }

    #[test]
    fn without_a_relay_nothing_is_missed() {
        let without = Hearing { listening: Listening::Never, ..hearing([found(500), found(100)], None) };
        assert_eq!(without.ear(at(9_000), &PACE), Ear::NeverHeard);
        let given_up = Hearing { notified_at: Some(at(9)), ..without };
        assert_eq!(given_up.ear(at(9_000), &PACE), Ear::Fine);
    }

    #[test]
    fn a_relay_that_stopped_is_said_for_a_week() {
        let stopped = Hearing { listening: Listening::Until(at(600)), ..hearing([found(500)], None) };
        assert_eq!(stopped.ear(at(601), &PACE), Ear::Stopped { since: at(600) });
        let week = 7 * 24 * 60 * 60;
        assert_eq!(stopped.ear(at(600 + week - 1), &PACE), Ear::Stopped { since: at(600) });
        assert_eq!(stopped.ear(at(600 + week), &PACE), Ear::NeverHeard);
        assert_eq!(
            stopped.ear(at(-600), &PACE),
            Ear::Stopped { since: at(600) },
            "a clock that jumped back hides nothing"
        );
    }
}
