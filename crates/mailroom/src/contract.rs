use std::{fmt, net::IpAddr, num::ParseIntError, str::FromStr};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use till::Time;

/// A log for each channel.
///
/// Every future may be dropped at any time. What was begun is then done or not done, never half.
pub trait Mailroom: Send + Sync + 'static {
    /// Appends what came, durably: once this returns, neither a kill nor a power cut takes it away.
    /// The same bytes again in one channel are counted, and keep their first number.
    ///
    /// Numbers are dense, and whoever has read one has seen every smaller one: none becomes visible
    /// later than a greater one.
    fn append(
        &self,
        channel: Channel,
        body: Bytes,
        from: Option<IpAddr>,
        at: Time,
    ) -> impl Future<Output = Result<Appended, Trouble>> + Send;

    /// What came after `after`, oldest first, at most `limit` entries and at least one if there is
    /// any. [`Trouble::TooOld`] if the log does not continue there.
    fn read(&self, channel: Channel, after: Seq, limit: u32) -> impl Future<Output = Result<Page, Trouble>> + Send;

    /// This device has written down everything up to here, and needs it no more. An earlier number
    /// than before changes nothing, and one that was never given counts as the newest.
    fn ack(&self, channel: Channel, device: Device, upto: Seq) -> impl Future<Output = Result<(), Trouble>> + Send;

    /// Returns once [`Mailroom::read`] has something to say that is not an empty page. It may return
    /// too early and never too late; how long to wait at most is the caller's business.
    fn wait(&self, channel: Channel, after: Seq) -> impl Future<Output = ()> + Send;
}

/// A merchant's log, by its number. It is no secret, and no help to anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel(i64);

/// A till that may read a channel, by its number in the mailroom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device(i64);

/// The number of an entry in its channel. The first is 1; 0 is before everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(i64);

/// What became of a body, and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is new here.
    New(Seq),
    /// The same bytes came before and were only counted.
    Again(Seq),
}

/// Something that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub seq: Seq,
    /// When it came first, by the mailroom's clock.
    pub received_at: Time,
    /// How often it came.
    pub times: u32,
    /// Who sent it first, as far as anybody knows.
    pub from: Option<IpAddr>,
    /// SHA-256 of the body.
    pub digest: [u8; 32],
    /// The bytes as they came.
    pub body: Vec<u8>,
}

/// A piece of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Oldest first, without a gap.
    pub entries: Vec<Entry>,
    /// The oldest that is kept. If none is, the one that comes next.
    pub oldest: Seq,
    /// The newest that was ever given.
    pub newest: Seq,
}

/// Why the mailroom did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No channel of this number; it may have been revoked.
    #[error("there is no such channel")]
    NoSuchChannel,
    /// No device of this number on this channel; it may have been revoked.
    #[error("there is no such device on this channel")]
    NoSuchDevice,
    /// The log does not continue at this cursor: what came after it was deleted, or the cursor is of
    /// a log that has gone back to an older copy.
    #[error("the log begins at {oldest} and ends at {newest}")]
    TooOld {
        /// The oldest that is kept.
        oldest: Seq,
        /// The newest that was ever given.
        newest: Seq,
    },
    /// The channel holds as much as it may.
    #[error("the channel is full")]
    Full,
    /// Too many want to write at once. Nothing was written.
    #[error("too many write at once")]
    Busy,
    /// It could not be written, or nobody can say whether it was. Once more is right either way.
    #[error("it could not be stored: {0}")]
    NotStored(String),
    /// It could not be read.
    #[error("it could not be read: {0}")]
    NotRead(String),
}

/// What is to be appended.
pub(crate) struct New {
    pub channel: Channel,
    pub body: Bytes,
    pub digest: [u8; 32],
    pub from: Option<IpAddr>,
    pub at: Time,
}

impl New {
    pub fn of(channel: Channel, body: Bytes, from: Option<IpAddr>, at: Time) -> Self {
        let digest = Sha256::digest(&body).into();
        Self { channel, body, digest, from, at }
    }

    pub fn length(&self) -> i64 {
        i64::try_from(self.body.len()).unwrap_or(i64::MAX)
    }
}

impl Appended {
    /// The number, whether it is new or not.
    pub fn seq(self) -> Seq {
        match self {
            Self::New(seq) | Self::Again(seq) => seq,
        }
    }
}

impl Seq {
    /// Before the first.
    pub const START: Self = Self(0);

    /// The one after it.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The one before it; nothing is before [`Seq::START`].
    pub fn before(self) -> Self {
        Self(self.0.saturating_sub(1).max(0))
    }
}

macro_rules! number {
    ($it:ident) => {
        impl $it {
            /// The one with this number.
            pub const fn of(number: i64) -> Self {
                Self(number)
            }

            /// The number.
            pub const fn number(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $it {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $it {
            type Err = ParseIntError;

            fn from_str(text: &str) -> Result<Self, ParseIntError> {
                // Only digits: `+1` and `-0` are no numbers of ours.
                let digits = if text.bytes().all(|byte| byte.is_ascii_digit()) { text } else { "" };
                digits.parse().map(Self)
            }
        }
    };
}

number!(Channel);
number!(Device);
number!(Seq);
