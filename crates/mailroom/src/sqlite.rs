//! The mailroom in one file: for one relay, which is enough for thousands of shops.

mod entries;
mod file;
mod readers;
mod registry;
mod writer;

use std::{net::IpAddr, path::Path, sync::Arc};

use bytes::Bytes;
use till::Time;

use self::{readers::Readers, writer::Writer};
use crate::{
    bells::Bells,
    contract::{Appended, Channel, Device, Mailroom, New, Page, Seq, Trouble},
    keeping::Keeping,
    known::Known,
    open::OpenError,
    registry::{ChannelRow, DeviceRow, NotPaired, Paired, Purged, Registry, Whose, is_news},
    secrets::{Code, SecretHash},
};

/// A mailroom in a file of SQLite. When it is dropped, it writes what it has taken on and closes the file.
pub struct Sqlite {
    keeping: Keeping,
    bells: Arc<Bells>,
    readers: Arc<Readers>,
    writer: Writer,
    known: Known,
}

impl Sqlite {
    /// Opens the mailroom in this file, and makes it if there is none. Several programs may have it
    /// open; what another one appends is seen within some seconds.
    pub fn open(file: &Path, keeping: Keeping) -> Result<Self, OpenError> {
        let connection = file::open(file)?;
        let (bells, readers) = (Arc::new(Bells::default()), Arc::new(Readers::of(file.to_owned())));
        let writer = Writer::start(connection, file.to_owned(), Arc::clone(&bells), Arc::clone(&readers))
            .map_err(|error| OpenError::File(file.to_owned(), error.to_string()))?;
        Ok(Self { keeping, bells, readers, writer, known: Known::default() })
    }
}

impl Mailroom for Sqlite {
    async fn append(&self, channel: Channel, body: Bytes, from: Option<IpAddr>, at: Time) -> Result<Appended, Trouble> {
        let (new, keeping) = (New::of(channel, body, from, at), self.keeping);
        let appended = self.writer.change(move |batch| entries::append(batch, &new, &keeping)).await;
        if appended == Err(Trouble::NoSuchChannel) {
            self.known.forget(channel);
        }
        appended
    }

    async fn read(&self, channel: Channel, after: Seq, limit: u32) -> Result<Page, Trouble> {
        self.readers.read(move |db| entries::read(db, channel, after, limit)).await?
    }

    async fn ack(&self, channel: Channel, device: Device, upto: Seq) -> Result<(), Trouble> {
        self.writer.change(move |batch| registry::ack(batch, channel, device, upto)).await
    }

    async fn wait(&self, channel: Channel, after: Seq) {
        let mut ear = self.bells.listen(channel);
        // In a box, because thousands may wait, each with no more in their hands than they need.
        match Box::pin(self.readers.read(move |db| entries::newest(db, channel))).await {
            Ok(Some(newest)) if newest == after => ear.other_than(after).await,
            Ok(_) => {}
            // Whoever reads next hears what it is about; not all of them at once, over and over.
            Err(_) => ear.other_than(after).await,
        }
    }
}

impl Registry for Sqlite {
    async fn new_channel(&self, name: &str, secret: SecretHash, at: Time) -> Result<Channel, Trouble> {
        let name = name.to_owned();
        self.writer.change(move |batch| registry::new_channel(batch, &name, &secret, at)).await
    }

    async fn channels(&self) -> Result<Vec<ChannelRow>, Trouble> {
        self.readers.read(registry::channels).await
    }

    async fn revoke_channel(&self, channel: Channel, at: Time) -> Result<(), Trouble> {
        self.writer.change(move |batch| registry::revoke_channel(batch, channel, at)).await?;
        self.known.forget(channel);
        while self.writer.change(move |batch| entries::delete_revoked(batch, channel)).await? > 0 {}
        Ok(())
    }

    async fn find_channel(&self, secret: SecretHash) -> Result<Option<Channel>, Trouble> {
        self.known.or_find(secret, self.readers.read(move |db| registry::find_channel(db, &secret))).await
    }

    async fn new_code(&self, channel: Channel, code: Code, at: Time) -> Result<Time, Trouble> {
        let until = at + Self::CODE_LASTS;
        self.writer.change(move |batch| registry::new_code(batch, channel, code, until)).await
    }

    async fn pair(
        &self,
        channel: Channel,
        code: Code,
        name: &str,
        token: SecretHash,
        at: Time,
    ) -> Result<Paired, NotPaired> {
        let name = name.to_owned();
        let pair = registry::Pair { channel, code, name, token, at };
        self.writer.change(move |batch| Ok(Ok(registry::pair(batch, &pair)?))).await?
    }

    async fn device_of(&self, token: SecretHash, at: Time) -> Result<Option<Whose>, Trouble> {
        let Some((whose, seen_at)) = self.readers.read(move |db| registry::device_of(db, &token)).await? else {
            return Ok(None);
        };
        if is_news(seen_at, at) {
            // Nobody waits for it: that it is not written down harms nobody.
            let device = whose.device;
            self.writer.note(move |batch| registry::seen(batch, device, at));
        }
        Ok(Some(whose))
    }

    async fn devices(&self, channel: Channel) -> Result<Vec<DeviceRow>, Trouble> {
        self.readers.read(move |db| registry::devices(db, channel)).await
    }

    async fn revoke_device(&self, channel: Channel, device: Device, at: Time) -> Result<(), Trouble> {
        self.writer.change(move |batch| registry::revoke_device(batch, channel, device, at)).await
    }

    async fn purge(&self, now: Time) -> Result<Purged, Trouble> {
        let mut purged = Purged::default();
        for (channel, revoked) in self.readers.read(entries::holding).await? {
            let keeping = self.keeping;
            loop {
                // One piece after the other, so that nobody who writes waits for long.
                let piece = if revoked {
                    let entries = self.writer.change(move |batch| entries::delete_revoked(batch, channel)).await?;
                    Purged { entries, unread: 0 }
                } else {
                    self.writer.change(move |batch| entries::purge(batch, channel, &keeping, now)).await?
                };
                if piece.entries == 0 {
                    break;
                }
                purged.entries += piece.entries;
                purged.unread += piece.unread;
            }
        }
        Ok(purged)
    }
}
