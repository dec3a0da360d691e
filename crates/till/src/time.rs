use std::{ops, time::Duration};

use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970 in UTC. What reads a clock lies outside this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(i64);

impl Time {
    /// From milliseconds since 1970 in UTC.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970 in UTC.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// How long ago `earlier` was; nothing at all if the clock has jumped back before it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// How far two moments lie apart, whichever is earlier.
    pub fn apart(self, other: Self) -> Duration {
        Duration::from_millis(self.0.abs_diff(other.0))
    }

    /// The same moment by a clock that is so many milliseconds ahead.
    pub fn ahead(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

impl ops::Add<Duration> for Time {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}
