use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// So many a second for each of many, and so many at once after a quiet spell.
pub(crate) struct Buckets<K> {
    rate: f64,
    burst: f64,
    levels: Mutex<Levels<K>>,
}

struct Levels<K> {
    /// How much was left, and when.
    of: HashMap<K, (f64, Instant)>,
    /// The full ones are forgotten when there are so many.
    sweep_at: usize,
}

const FEW: usize = 1_024;

impl<K: Hash + Eq + Copy> Buckets<K> {
    pub fn new(rate: u32, burst: u32) -> Self {
        let levels = Levels { of: HashMap::new(), sweep_at: FEW };
        Self { rate: f64::from(rate), burst: f64::from(burst), levels: Mutex::new(levels) }
    }

    /// Takes one out, or says when there will be one.
    pub fn take(&self, of: K, now: Instant) -> Result<(), Duration> {
        let mut levels = self.levels.lock().unwrap_or_else(PoisonError::into_inner);
        if levels.of.len() >= levels.sweep_at {
            levels.of.retain(|_, level| self.filled(*level, now) < self.burst);
            levels.sweep_at = FEW.max(2 * levels.of.len());
        }
        let level = levels.of.entry(of).or_insert((self.burst, now));
        let filled = self.filled(*level, now);
        let enough = filled >= 1.0;
        *level = (if enough { filled - 1.0 } else { filled }, now);
        if enough { Ok(()) } else { Err(Duration::from_secs_f64((1.0 - filled) / self.rate)) }
    }

    fn filled(&self, (level, at): (f64, Instant), now: Instant) -> f64 {
        (level + now.saturating_duration_since(at).as_secs_f64() * self.rate).min(self.burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_burst_is_taken_at_once_and_then_so_many_a_second() {
        let (buckets, start) = (Buckets::new(10, 100), Instant::now());
        let taken = |at| (0..1_000).filter(|_| buckets.take(1, at).is_ok()).count();
        assert_eq!(taken(start), 100);
        assert_eq!(taken(start + SECOND), 10);
        assert_eq!(taken(start + 3 * SECOND), 20);
        assert_eq!(taken(start + 3_000 * SECOND), 100, "and never more than a burst");
    }

    #[test]
    fn who_has_to_wait_hears_for_how_long() {
        let (buckets, start) = (Buckets::new(2, 1), Instant::now());
        assert_eq!(buckets.take(1, start), Ok(()));
        assert_eq!(buckets.take(1, start), Err(SECOND / 2));
        assert_eq!(buckets.take(1, start + SECOND / 2), Ok(()));
    }

    #[test]
    fn nobody_takes_from_another() {
        let (buckets, now) = (Buckets::new(1, 1), Instant::now());
        assert!(buckets.take(1, now).is_ok() && buckets.take(1, now).is_err());
        assert!(buckets.take(2, now).is_ok());
    }

    #[test]
    fn those_who_are_quiet_are_forgotten_and_the_others_are_not() {
        let (buckets, start) = (Buckets::new(1, 1), Instant::now());
        for n in 0..100_000 {
            assert!(buckets.take(n, start + n * SECOND).is_ok());
            assert!(buckets.take(n, start + n * SECOND).is_err());
        }
        assert!(buckets.levels.lock().unwrap().of.len() <= FEW);
    }
}
