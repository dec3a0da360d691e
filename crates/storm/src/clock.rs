use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering::Relaxed},
};

use till::Time;
use tokio::time::Instant;

/// The true time, and what the shop's PC takes for it.
///
/// Time passes only when everybody waits, and then at once to the next moment that somebody waits for.
#[derive(Clone)]
pub struct Clocks(Arc<Inner>);

struct Inner {
    begun: Instant,
    /// So much time has passed while the PC slept: its waits did not run on.
    slept: AtomicI64,
    /// The PC's clock is that far ahead.
    ahead: AtomicI64,
}

/// Every day at the shop begins on 2026-11-23 at 09:00 WIB.
const MORNING: i64 = 1_795_399_200_000;

impl Clocks {
    /// Clocks that begin now, within a runtime whose time is paused.
    pub fn begin() -> Self {
        Self(Arc::new(Inner { begun: Instant::now(), slept: AtomicI64::new(0), ahead: AtomicI64::new(0) }))
    }

    /// The true time in milliseconds since 1970, by which Midtrans goes.
    pub fn truth(&self) -> i64 {
        let awake = i64::try_from(self.0.begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        MORNING + awake + self.0.slept.load(Relaxed)
    }

    /// The time by the PC's clock.
    pub fn pc(&self) -> Time {
        Time::from_millis(self.truth() + self.0.ahead.load(Relaxed))
    }

    /// The PC's clock jumps: from now on it is that far ahead.
    pub fn set_ahead(&self, millis: i64) {
        self.0.ahead.store(millis, Relaxed);
    }

    /// The PC sleeps, or is off: time passes and nothing on it moves.
    pub fn sleep_through(&self, millis: i64) {
        self.0.slept.fetch_add(millis.max(0), Relaxed);
    }
}
