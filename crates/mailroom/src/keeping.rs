use std::time::Duration;

use till::Time;

/// How much a channel holds, and for how long.
///
/// At its limits a channel makes room by what every device has read; if that is not enough, it is
/// full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// So many entries at most.
    pub entries: u64,
    /// So many bytes of bodies at most.
    pub bytes: u64,
    /// An entry is kept this long after every device has read it, unless room is needed.
    pub after_read: Duration,
    /// No entry is kept longer, whether anybody has read it or not.
    pub at_most: Duration,
}

/// How far everybody has read is noted so often at most.
pub(crate) const MARK_EVERY: Duration = Duration::from_secs(6 * 60 * 60);
/// So many entries are deleted at once.
pub(crate) const PIECE: i64 = 500;
/// A page that has come to so many bytes ends, so that no answer is longer than anybody's patience.
pub(crate) const PAGE: usize = 1024 * 1024;

/// How much a channel holds. Its numbers are dense and only the oldest are deleted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tally {
    pub newest: i64,
    pub entries: i64,
    pub bytes: i64,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for Keeping {
    fn default() -> Self {
        Self { entries: 10_000, bytes: 50 * 1024 * 1024, after_read: 7 * DAY, at_most: 30 * DAY }
    }
}

impl Keeping {
    /// Whether a body of this length finds room.
    pub(crate) fn has_room(&self, tally: &Tally, length: i64) -> bool {
        let within = |count: i64, most: u64| u64::try_from(count).is_ok_and(|count| count <= most);
        within(tally.entries.saturating_add(1), self.entries) && within(tally.bytes.saturating_add(length), self.bytes)
    }

    /// What every device had read by then may go.
    pub(crate) fn read_before(&self, now: Time) -> Time {
        earlier(now, self.after_read)
    }

    /// What was received by then goes.
    pub(crate) fn received_before(&self, now: Time) -> Time {
        earlier(now, self.at_most)
    }
}

impl Tally {
    /// The oldest that is kept; if none is, the one that comes next.
    pub fn oldest(&self) -> i64 {
        self.newest - self.entries + 1
    }

    /// One more, of this length.
    pub fn add(&mut self, length: i64) {
        self.newest += 1;
        self.entries += 1;
        self.bytes += length;
    }
}

fn earlier(now: Time, span: Duration) -> Time {
    now.ahead(-i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
}
