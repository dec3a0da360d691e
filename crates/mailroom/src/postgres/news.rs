//! Who has written is told to those who wait: here at once, to other relays a moment later.

use std::{
    collections::HashMap,
    fmt::Write,
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep, sleep_until},
};
use tokio_postgres::Error;

use super::line::{Line, Use, Way, said};
use crate::{
    bells::{Bells, NOWHERE},
    contract::{Channel, Seq},
};

/// A relay tells the others so often at most. To tell takes a lock of the whole database, and so
/// nobody tells anything in a transaction that appends: those would wait for one another's flush.
const TOGETHER: Duration = Duration::from_millis(50);
/// So often every relay looks by itself, because news may get lost.
const LOOK: Duration = Duration::from_secs(2);
/// The longest that may be told in one go, and a little less.
const LONGEST: usize = 7_900;

/// The channels that have something new, and how far they have come.
pub(super) struct News {
    pub bells: Bells,
    pending: Mutex<HashMap<Channel, Seq>>,
    any: Notify,
}

impl News {
    pub fn new() -> Self {
        Self { bells: Bells::default(), pending: Mutex::default(), any: Notify::new() }
    }

    /// The channel has come to this number.
    pub fn tell(&self, channel: Channel, newest: Seq) {
        self.bells.ring(channel, newest);
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let told = pending.entry(channel).or_insert(newest);
        *told = if newest == NOWHERE { newest } else { newest.max(*told) };
        self.any.notify_one();
    }

    /// Tells and hears, for as long as nobody ends it.
    pub async fn go_round(self: Arc<Self>, way: Arc<Way>) {
        loop {
            let news = Arc::clone(&self);
            let hear = move |told: &tokio_postgres::Notification| news.heard(told.payload());
            let ended = match way.line(Use::Light, hear).await {
                Ok(line) => self.on(&line).await,
                Err(error) => error,
            };
            tracing::warn!(why = said(&ended), "other relays are not heard at the moment");
            sleep(LOOK).await;
        }
    }

    async fn on(&self, line: &Line) -> Error {
        if let Err(error) = line.batch("LISTEN gerai_mailroom").await {
            return error;
        }
        let mut look_at = Instant::now();
        loop {
            let done = tokio::select! {
                () = self.any.notified() => self.spread(line).await,
                () = sleep_until(look_at) => {
                    look_at = Instant::now() + LOOK;
                    self.look(line).await
                }
            };
            if let Err(error) = done {
                return error;
            }
        }
    }

    async fn spread(&self, line: &Line) -> Result<(), Error> {
        let pending = mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner));
        if pending.is_empty() {
            return Ok(());
        }
        let mut told = vec![String::new()];
        for (channel, newest) in pending {
            if told.last().is_some_and(|last| last.len() > LONGEST - 42) {
                told.push(String::new());
            }
            if let Some(last) = told.last_mut() {
                // Writing to a text does not fail.
                let _ = write!(last, "{channel}:{newest} ");
            }
        }
        line.query("SELECT pg_notify('gerai_mailroom', it) FROM unnest($1::text[]) AS it", &[&told]).await?;
        sleep(TOGETHER).await;
        Ok(())
    }

    fn heard(&self, told: &str) {
        for pair in told.split_ascii_whitespace() {
            let read = |text: &str| text.parse::<i64>().ok();
            if let Some((channel, newest)) = pair.split_once(':').and_then(|it| Some((read(it.0)?, read(it.1)?))) {
                self.bells.ring(Channel::of(channel), Seq::of(newest));
            }
        }
    }

    async fn look(&self, line: &Line) -> Result<(), Error> {
        let listened: Vec<i64> = self.bells.listened().into_iter().map(Channel::number).collect();
        if listened.is_empty() {
            return Ok(());
        }
        let select = "SELECT wanted, newest FROM unnest($1::bigint[]) AS wanted
                      LEFT JOIN channel ON id = wanted AND revoked_at IS NULL";
        for row in line.query(select, &[&listened]).await? {
            let newest = row.get::<_, Option<i64>>(1).map_or(NOWHERE, Seq::of);
            self.bells.ring(Channel::of(row.get(0)), newest);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_hears_nonsense_goes_on() {
        let news = News::new();
        let mut ear = news.bells.listen(Channel::of(7));
        news.heard("x 7 :: 7:y 9:1 -7:3 7:99999999999999999999 7:5");
        ear.other_than(Seq::START).await;
    }
}
