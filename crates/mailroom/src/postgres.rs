//! The mailroom in a database: for several relays behind one address.

mod entries;
mod line;
mod news;
mod registry;
mod schema;
mod writer;

use std::{net::IpAddr, sync::Arc};

use bytes::Bytes;
use till::Time;
use tokio::task::JoinHandle;
use tokio_postgres::Error;

use self::{
    line::{Lines, Way, said},
    news::News,
    writer::Writers,
};
use crate::{
    bells::NOWHERE,
    contract::{Appended, Channel, Device, Mailroom, New, Page, Seq, Trouble},
    keeping::Keeping,
    known::Known,
    open::OpenError,
    registry::{ChannelRow, DeviceRow, NotPaired, Paired, Purged, Registry, Whose, is_news},
    secrets::{Code, SecretHash},
};

/// A mailroom in a database of PostgreSQL, which other relays may share.
pub struct Postgres {
    keeping: Keeping,
    lines: Lines,
    writers: Writers,
    news: Arc<News>,
    round: JoinHandle<()>,
    known: Known,
}

impl Postgres {
    /// Opens the mailroom in the database at this URL, and makes it if the database is empty. It
    /// works on the runtime that it was opened on.
    pub async fn open(url: &str, keeping: Keeping) -> Result<Self, OpenError> {
        let way = Arc::new(Way::of(url)?);
        schema::ready(&way).await?;
        let news = Arc::new(News::new());
        Ok(Self {
            keeping,
            lines: Lines::over(Arc::clone(&way)),
            writers: Writers::start(Arc::clone(&way), keeping, Arc::clone(&news)),
            round: tokio::spawn(Arc::clone(&news).go_round(way)),
            news,
            known: Known::default(),
        })
    }

    async fn purge_channel(&self, channel: Channel, now: Time) -> Result<Purged, Trouble> {
        let (keeping, mut purged) = (self.keeping, Purged::default());
        loop {
            // One piece after the other, so that nobody who writes waits for long.
            let delete = |line: Arc<line::Line>| async move { entries::purge(&line, channel, &keeping, now).await };
            let piece: Purged = self.lines.change(delete).await?;
            if piece.entries == 0 {
                return Ok(purged);
            }
            purged.entries += piece.entries;
            purged.unread += piece.unread;
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.round.abort();
    }
}

fn not_read(error: Error) -> Trouble {
    Trouble::NotRead(said(&error))
}

impl Mailroom for Postgres {
    async fn append(&self, channel: Channel, body: Bytes, from: Option<IpAddr>, at: Time) -> Result<Appended, Trouble> {
        let appended = self.writers.append(New::of(channel, body, from, at)).await;
        if appended == Err(Trouble::NoSuchChannel) {
            self.known.forget(channel);
        }
        appended
    }

    async fn read(&self, channel: Channel, after: Seq, limit: u32) -> Result<Page, Trouble> {
        let ask = |line: Arc<line::Line>| async move { entries::read(&line, channel, after, limit).await };
        self.lines.ask(ask).await.map_err(not_read)?
    }

    async fn ack(&self, channel: Channel, device: Device, upto: Seq) -> Result<(), Trouble> {
        let ask = |line: Arc<line::Line>| async move { registry::ack(&line, channel, device, upto).await };
        self.lines.ask(ask).await.map_err(|error| Trouble::NotStored(said(&error)))?
    }

    async fn wait(&self, channel: Channel, after: Seq) {
        let mut ear = self.news.bells.listen(channel);
        let ask = |line: Arc<line::Line>| async move { entries::newest(&line, channel).await };
        // In a box, because thousands may wait, each with no more in their hands than they need.
        match Box::pin(self.lines.ask(ask)).await {
            Ok(Some(newest)) if newest == after => ear.other_than(after).await,
            Ok(_) => {}
            // Whoever reads next hears what it is about; not all of them at once, over and over.
            Err(_) => ear.other_than(after).await,
        }
    }
}

impl Registry for Postgres {
    async fn new_channel(&self, name: &str, secret: SecretHash, at: Time) -> Result<Channel, Trouble> {
        self.lines.change(|line| async move { registry::new_channel(&line, name, &secret, at).await }).await
    }

    async fn channels(&self) -> Result<Vec<ChannelRow>, Trouble> {
        self.lines.ask(|line| async move { registry::channels(&line).await }).await.map_err(not_read)
    }

    async fn revoke_channel(&self, channel: Channel, at: Time) -> Result<(), Trouble> {
        let revoke = |line: Arc<line::Line>| async move { registry::revoke_channel(&line, channel, at).await };
        let revoked: Result<(), Trouble> = self.lines.change(revoke).await;
        revoked?;
        self.known.forget(channel);
        self.news.tell(channel, NOWHERE);
        self.purge_channel(channel, at).await.map(drop)
    }

    async fn find_channel(&self, secret: SecretHash) -> Result<Option<Channel>, Trouble> {
        let ask = |line: Arc<line::Line>| async move { registry::find_channel(&line, &secret).await };
        let find = async { self.lines.ask(ask).await.map_err(not_read) };
        self.known.or_find(secret, find).await
    }

    async fn new_code(&self, channel: Channel, code: Code, at: Time) -> Result<Time, Trouble> {
        let until = at + Self::CODE_LASTS;
        self.lines.change(|line| async move { registry::new_code(&line, channel, code, until).await }).await
    }

    async fn pair(
        &self,
        channel: Channel,
        code: Code,
        name: &str,
        token: SecretHash,
        at: Time,
    ) -> Result<Paired, NotPaired> {
        let pair = registry::Pair { channel, code, name: name.to_owned(), token, at };
        self.lines.change(|line| async move { registry::pair(&line, &pair).await }).await
    }

    async fn device_of(&self, token: SecretHash, at: Time) -> Result<Option<Whose>, Trouble> {
        let ask = |line: Arc<line::Line>| async move {
            let found = registry::device_of(&line, &token).await?;
            if let Some((whose, seen_at)) = &found
                && is_news(*seen_at, at)
            {
                registry::seen(&line, whose.device, at).await?;
            }
            Ok(found)
        };
        Ok(self.lines.ask(ask).await.map_err(not_read)?.map(|(whose, _)| whose))
    }

    async fn devices(&self, channel: Channel) -> Result<Vec<DeviceRow>, Trouble> {
        self.lines.ask(|line| async move { registry::devices(&line, channel).await }).await.map_err(not_read)
    }

    async fn revoke_device(&self, channel: Channel, device: Device, at: Time) -> Result<(), Trouble> {
        self.lines.change(|line| async move { registry::revoke_device(&line, channel, device, at).await }).await
    }

    async fn purge(&self, now: Time) -> Result<Purged, Trouble> {
        let mut purged = Purged::default();
        for channel in self.lines.ask(|line| async move { entries::holding(&line).await }).await.map_err(not_read)? {
            let piece = self.purge_channel(channel, now).await?;
            purged.entries += piece.entries;
            purged.unread += piece.unread;
        }
        Ok(purged)
    }
}
