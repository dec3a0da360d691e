use std::time::Duration;

/// How much a channel holds, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// So many entries at most.
    pub entries: u64,
    /// So many bytes of bodies at most.
    pub bytes: u64,
    /// An entry is kept this long after every device has read it.
    pub after_read: Duration,
    /// No entry is kept longer, whether anybody has read it or not.
    pub at_most: Duration,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for Keeping {
    fn default() -> Self {
        Self { entries: 10_000, bytes: 50 * 1024 * 1024, after_read: 7 * DAY, at_most: 30 * DAY }
    }
}
