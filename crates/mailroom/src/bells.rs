use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use crate::contract::{Channel, Seq};

/// Where a channel is that was revoked: nobody has read up to there, and so everybody wakes.
pub(crate) const NOWHERE: Seq = Seq::of(-1);

/// Wakes whoever waits for a channel.
#[derive(Debug, Default)]
pub(crate) struct Bells(Mutex<HashMap<Channel, watch::Sender<Seq>>>);

/// An ear for one channel.
pub(crate) struct Ear<'a> {
    bells: &'a Bells,
    channel: Channel,
    heard: Option<watch::Receiver<Seq>>,
}

impl Bells {
    /// Hears everything that is rung from now on. Whoever waits listens first and looks then, so that
    /// nothing falls between.
    pub fn listen(&self, channel: Channel) -> Ear<'_> {
        let heard = self.all().entry(channel).or_insert_with(|| watch::channel(Seq::START).0).subscribe();
        Ear { bells: self, channel, heard: Some(heard) }
    }

    /// The channel has come to this number. Of two that are rung at once the greater one stays.
    pub fn ring(&self, channel: Channel, newest: Seq) {
        if let Some(bell) = self.all().get(&channel) {
            bell.send_if_modified(|seq| {
                let is_news = newest > *seq || newest == NOWHERE;
                if is_news {
                    *seq = newest;
                }
                is_news
            });
        }
    }

    /// The channels that somebody waits for.
    pub fn listened(&self) -> Vec<Channel> {
        self.all().keys().copied().collect()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Channel, watch::Sender<Seq>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ear<'_> {
    /// Returns when the channel has come to another number than this one.
    pub async fn other_than(&mut self, seq: Seq) {
        if let Some(heard) = &mut self.heard {
            // Its bell lives as long as somebody listens.
            while heard.changed().await.is_ok() && *heard.borrow_and_update() == seq {}
        }
    }
}

impl Drop for Ear<'_> {
    fn drop(&mut self) {
        self.heard = None;
        let mut all = self.bells.all();
        if all.get(&self.channel).is_some_and(|bell| bell.receiver_count() == 0) {
            all.remove(&self.channel);
        }
    }
}
