use std::time::Duration;

use till::Time;

use crate::{
    contract::{Channel, Device, Seq, Trouble},
    secrets::{Code, SecretHash},
};

/// Who may write to which channel, and who may read it.
///
/// Secrets are drawn outside and never stored, only their hashes.
pub trait Registry: Send + Sync + 'static {
    /// So long a pairing code is good.
    const CODE_LASTS: Duration = Duration::from_secs(10 * 60);
    /// After so many wrong ones no code is right any more, until a new one is drawn.
    const CODE_TRIES: u32 = 5;

    /// A new channel under this name, for whoever knows the secret of its path.
    fn new_channel(
        &self,
        name: &str,
        secret: SecretHash,
        at: Time,
    ) -> impl Future<Output = Result<Channel, Trouble>> + Send;

    /// Every channel that was ever made, oldest first.
    fn channels(&self) -> impl Future<Output = Result<Vec<ChannelRow>, Trouble>> + Send;

    /// Closes a channel for good, to writers and readers, and deletes what it held.
    fn revoke_channel(&self, channel: Channel, at: Time) -> impl Future<Output = Result<(), Trouble>> + Send;

    /// The channel with this secret; none if it is wrong or was revoked.
    fn find_channel(&self, secret: SecretHash) -> impl Future<Output = Result<Option<Channel>, Trouble>> + Send;

    /// A code with which one more till may be paired with the channel. It takes the place of the
    /// last one. Returns until when it is good.
    fn new_code(&self, channel: Channel, code: Code, at: Time) -> impl Future<Output = Result<Time, Trouble>> + Send;

    /// Pairs a till: whoever shows the token from now on is this device. The code is used up.
    fn pair(
        &self,
        channel: Channel,
        code: Code,
        name: &str,
        token: SecretHash,
        at: Time,
    ) -> impl Future<Output = Result<Paired, NotPaired>> + Send;

    /// Whose token this is; nobody's if it is wrong or was revoked, or the channel was.
    fn device_of(&self, token: SecretHash, at: Time) -> impl Future<Output = Result<Option<Whose>, Trouble>> + Send;

    /// The channel's devices that are not revoked, oldest first.
    fn devices(&self, channel: Channel) -> impl Future<Output = Result<Vec<DeviceRow>, Trouble>> + Send;

    /// The token of this device is nobody's from now on.
    fn revoke_device(
        &self,
        channel: Channel,
        device: Device,
        at: Time,
    ) -> impl Future<Output = Result<(), Trouble>> + Send;

    /// Deletes what has been kept long enough. To be called about once an hour; from how often it is
    /// called follows how exactly [`crate::Keeping::after_read`] is kept, never by less.
    fn purge(&self, now: Time) -> impl Future<Output = Result<Purged, Trouble>> + Send;
}

/// A channel as its host sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRow {
    /// Its number.
    pub channel: Channel,
    /// What its host calls it.
    pub name: String,
    /// When it was made.
    pub made_at: Time,
    /// When it was closed for good.
    pub revoked_at: Option<Time>,
    /// So many tills read it.
    pub devices: u64,
    /// So many entries it holds.
    pub entries: u64,
    /// And so many bytes.
    pub bytes: u64,
    /// The newest number that was given.
    pub newest: Seq,
}

/// A paired till as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRow {
    /// Its number.
    pub device: Device,
    /// What its owner calls it.
    pub name: String,
    /// When it was paired.
    pub paired_at: Time,
    /// When its token was shown last, to the minute or so; `None` before the first time.
    pub seen_at: Option<Time>,
    /// How far it has come.
    pub acked: Seq,
}

/// Whom a token belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whose {
    /// The channel it may read.
    pub channel: Channel,
    /// The till.
    pub device: Device,
}

/// A till that was just paired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paired {
    /// The till.
    pub device: Device,
    /// It reads from after here, and so everything that is still kept.
    pub after: Seq,
}

/// Why a till was not paired.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPaired {
    /// That is not the code; it may be tried again.
    #[error("that is not the code")]
    Wrong,
    /// There is no code that could be right: none was drawn, it is used, too old, or was guessed at
    /// too often.
    #[error("there is no code that is still good; draw a new one")]
    Void,
    /// The mailroom could not do it.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// What was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// So many entries.
    pub entries: u64,
    /// That many of them no device had read.
    pub unread: u64,
}

/// A till's last sign of life is written down so often at most.
const NEWS: Duration = Duration::from_secs(60);

/// Whether this sign of life is worth writing down.
pub(crate) fn is_news(seen_at: Option<Time>, at: Time) -> bool {
    seen_at.is_none_or(|seen_at| at.apart(seen_at) >= NEWS)
}
