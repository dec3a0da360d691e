use std::time::Duration;

use bytes::Bytes;
use mailroom::{Channel, Code, Device, Keeping, Mailroom, Page, PathSecret, Registry, Seq, Time, Token, Trouble};

/// A mailroom and everything around it.
pub trait House: Sized + Send + Sync {
    type Room: Mailroom;

    /// Empty, and with the usual limits.
    async fn build() -> Self {
        Self::build_with(Keeping::default()).await
    }

    async fn build_with(keeping: Keeping) -> Self;

    fn room(&self) -> &Self::Room;

    /// A channel. A single shop has but one.
    async fn channel(&self) -> Channel;

    /// The nth of many different bodies, each such as Midtrans might send.
    fn body(&self, n: u32) -> Bytes;

    /// The same house after everybody had left.
    async fn reopened(self) -> Self;
}

/// A house of many shops.
pub trait Hosted: House<Room: Registry> {
    /// Another channel, with the secret of its path.
    async fn new_channel(&self, chance: u8) -> (Channel, PathSecret) {
        let secret = PathSecret::draw([chance; 20]);
        (self.room().new_channel("Toko Maju", secret.hash(), NOON).await.unwrap(), secret)
    }

    /// A till paired with it.
    async fn till(&self, channel: Channel, chance: u8) -> (Device, Token) {
        let (code, token) = (Code::draw([chance; 5]), Token::draw([chance; 32]));
        self.room().new_code(channel, code, NOON).await.unwrap();
        let paired = self.room().pair(channel, code, "Kasir", token.hash(), NOON).await.unwrap();
        (paired.device, token)
    }
}

impl<H: House<Room: Registry>> Hosted for H {}

/// When everything happens, unless it is said otherwise.
pub const NOON: Time = Time::from_millis(1_790_000_000_000);
pub const MINUTE: Duration = Duration::from_secs(60);
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// So long may take what a person would wait for.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// These bodies, appended one after the other.
pub async fn appended<H: House>(house: &H, channel: Channel, bodies: std::ops::Range<u32>) {
    for n in bodies {
        house.room().append(channel, house.body(n), None, NOON).await.unwrap();
    }
}

/// Everything there is after this number, in pages of this length.
pub async fn everything<M: Mailroom>(room: &M, channel: Channel, mut after: Seq, limit: u32) -> Vec<(Seq, Vec<u8>)> {
    let mut all = Vec::new();
    loop {
        let page = room.read(channel, after, limit).await.unwrap();
        assert!(page.entries.len() <= limit as usize);
        let Some(last) = page.entries.last() else { return all };
        after = last.seq;
        all.extend(page.entries.into_iter().map(|entry| (entry.seq, entry.body)));
    }
}

/// The numbers of a page.
pub fn numbers(page: &Page) -> Vec<i64> {
    page.entries.iter().map(|entry| entry.seq.number()).collect()
}

pub fn too_old(oldest: i64, newest: i64) -> Trouble {
    Trouble::TooOld { oldest: Seq::of(oldest), newest: Seq::of(newest) }
}
