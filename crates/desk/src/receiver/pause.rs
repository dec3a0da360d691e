use std::time::Duration;

use feed::Trouble;

/// How long a relay is left alone after it was asked in vain. Whatever wakes the receiver ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pauses {
    /// After each failure in a row that a network can be the reason of; the last one from then on. A
    /// try costs the relay little, because none arrives.
    pub away: [Duration; 4],
    /// The same for a relay that has too much to do, unless it says itself when to come again.
    pub busy: [Duration; 4],
    /// After it said that it does not know this till.
    pub revoked: Duration,
}

const fn seconds<const N: usize>(of: [u64; N]) -> [Duration; N] {
    let mut pauses = [Duration::ZERO; N];
    let mut n = 0;
    while n < N {
        pauses[n] = Duration::from_secs(of[n]);
        n += 1;
    }
    pauses
}

/// Longer than this no relay keeps a till away.
const LONGEST: Duration = Duration::from_secs(120);

impl Pauses {
    /// Those of a shop.
    pub const SHOP: Self =
        Self { away: seconds([1, 2, 3, 4]), busy: seconds([5, 10, 30, 60]), revoked: Duration::from_secs(60) };

    /// The same, divided.
    pub fn faster(times: u32) -> Self {
        let by = |span: Duration| span / times.max(1);
        let Self { away, busy, revoked } = Self::SHOP;
        Self { away: away.map(by), busy: busy.map(by), revoked: by(revoked) }
    }

    /// After this trouble. A thousand tills that lost the same relay do not all come back at once, so
    /// each takes up to a quarter off by chance.
    pub(super) fn of(&self, trouble: &Trouble, failed: &mut u32, chance: u8) -> Duration {
        match trouble {
            Trouble::Revoked => less(self.revoked, chance),
            Trouble::Busy(Some(told)) => {
                *failed = failed.saturating_add(1);
                (*told).min(LONGEST)
            }
            Trouble::Busy(None) => rung(&self.busy, failed, chance),
            _ => self.after(failed, chance),
        }
    }

    /// After any other failure.
    pub(super) fn after(&self, failed: &mut u32, chance: u8) -> Duration {
        rung(&self.away, failed, chance)
    }
}

fn rung(ladder: &[Duration; 4], failed: &mut u32, chance: u8) -> Duration {
    let pause = ladder[(*failed as usize).min(ladder.len() - 1)];
    *failed = failed.saturating_add(1);
    less(pause, chance)
}

fn less(pause: Duration, chance: u8) -> Duration {
    pause - pause / 4 * u32::from(chance) / 256
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_that_is_away_is_tried_again_within_five_seconds_and_never_in_a_flood() {
        for chance in [0, 128, 255] {
            let mut failed = 0;
            let pauses: Vec<Duration> =
                (0..20).map(|_| Pauses::SHOP.of(&Trouble::Unreachable, &mut failed, chance)).collect();
            assert!(pauses.iter().all(|pause| *pause < Duration::from_secs(5)), "{pauses:?}");
            assert!(pauses.iter().all(|pause| *pause > Duration::from_millis(700)), "{pauses:?}");
            assert!(pauses.is_sorted());
        }
    }

    #[test]
    fn a_busy_relay_says_itself_when_to_come_again_but_not_for_a_day() {
        let busy = |told| Pauses::SHOP.of(&Trouble::Busy(told), &mut 0, 0);
        assert_eq!(busy(Some(Duration::from_secs(7))), Duration::from_secs(7));
        assert_eq!(busy(Some(Duration::from_secs(86_400))), LONGEST);
        assert_eq!(busy(None), Duration::from_secs(5));
    }
}
