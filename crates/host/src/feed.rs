//! What a till reads, and how far it has come.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hyper::{Request, StatusCode, body::Incoming, header::AUTHORIZATION};
use mailroom::{Mailroom, Page, Registry, SecretHash, Seq, Trouble, Whose};
use relay::{
    Share,
    line::{self, Caller},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::{sleep, timeout};

use crate::{answer::Answer, house::House, journal::Told};

/// What a till asks the feed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Asked {
    after: Seq,
    wait: Duration,
    limit: u32,
}

const LONGEST_WAIT: u64 = 60;
const MOST_ENTRIES: u32 = 200;
/// Between two polls of a till its connection stays open this long.
const BETWEEN_POLLS: Duration = Duration::from_secs(30);
/// Too many wait already; a till looks again a little later.
const CROWDED: Duration = Duration::from_secs(5);

impl<M: Mailroom + Registry> House<M> {
    /// The entries after a cursor, as soon as there are any.
    pub(crate) async fn feed(
        &self,
        request: Request<Incoming>,
        caller: &Caller,
        share: Option<Share<IpAddr>>,
        told: &mut Told,
    ) -> Answer {
        let whose = match Box::pin(self.whose(&request, told)).await {
            Ok(whose) => whose,
            Err(answer) => return answer,
        };
        let (token, asked) = (token(&request), asked(request.uri().query().unwrap_or_default()));
        let (Some(token), Some(Asked { after, wait, limit })) = (token, asked) else { return Answer::Junk };
        let page = match Box::pin(self.page(whose, after, limit, told)).await {
            Ok(page) if page.entries.is_empty() && !wait.is_zero() => page,
            Ok(page) => return answer(&page, told),
            Err(answer) => return answer,
        };
        let seat = Arc::clone(&self.waiting).try_acquire_owned();
        let (Ok(seat), Some(turn)) = (seat, self.waiting_of.take(whose.device)) else {
            return Answer::Later(CROWDED);
        };
        caller.stay(wait + BETWEEN_POLLS);
        caller.stand_aside();
        // Ten thousand may wait, each with no more in their hands than they need.
        drop((share, page, request));
        let mut stop = self.stop.clone();
        tokio::select! {
            () = self.mailroom.wait(whose.channel, after) => {}
            () = sleep(wait) => {}
            _ = stop.changed() => {}
        }
        drop((seat, turn));
        // The token may have been taken back meanwhile.
        if let Err(answer) = Box::pin(self.known(token, told)).await {
            return answer;
        }
        match Box::pin(self.page(whose, after, limit, told)).await {
            Ok(page) => answer(&page, told),
            Err(answer) => answer,
        }
    }

    /// A till has written down everything up to here.
    pub(crate) async fn ack(&self, request: Request<Incoming>, told: &mut Told) -> Answer {
        #[derive(Deserialize)]
        struct Ack {
            upto: u64,
        }
        let whose = match self.whose(&request, told).await {
            Ok(whose) => whose,
            Err(answer) => return answer,
        };
        let ack: Ack = match self.read(request).await {
            Ok(ack) => ack,
            Err(answer) => return answer,
        };
        // One that was never given counts as the newest.
        let upto = Seq::of(i64::try_from(ack.upto).unwrap_or(i64::MAX));
        let ack = self.mailroom.ack(whose.channel, whose.device, upto);
        match timeout(self.patience.answer, ack).await {
            Ok(Ok(())) => Answer::Done,
            Ok(Err(trouble)) => of_trouble(&trouble, told),
            Err(_) => Answer::NotNow,
        }
    }

    /// Whose token this request carries, if they do not ask more often than needs be.
    pub(crate) async fn whose(&self, request: &Request<Incoming>, told: &mut Told) -> Result<Whose, Answer> {
        let whose = self.known(token(request).ok_or(Answer::WhoAreYou)?, told).await?;
        self.asking.take(whose.device, Instant::now()).map_err(Answer::Later)?;
        Ok(whose)
    }

    async fn known(&self, token: SecretHash, told: &mut Told) -> Result<Whose, Answer> {
        let found = self.mailroom.device_of(token, self.outside.now());
        let whose = match timeout(self.patience.answer, found).await {
            Ok(Ok(Some(whose))) => whose,
            Ok(Ok(None)) => return Err(Answer::WhoAreYou),
            Ok(Err(trouble)) => return Err(of_trouble(&trouble, told)),
            Err(_) => return Err(Answer::NotNow),
        };
        told.channel = Some(whose.channel);
        Ok(whose)
    }

    /// What a till says in JSON.
    pub(crate) async fn read<T: for<'de> Deserialize<'de>>(&self, request: Request<Incoming>) -> Result<T, Answer> {
        let body = line::body(request.into_body(), &self.patience).await?;
        serde_json::from_slice(&body).map_err(|_| Answer::Junk)
    }

    async fn page(&self, whose: Whose, after: Seq, limit: u32, told: &mut Told) -> Result<Page, Answer> {
        match timeout(self.patience.answer, self.mailroom.read(whose.channel, after, limit)).await {
            Ok(Ok(page)) => Ok(page),
            Ok(Err(trouble)) => Err(of_trouble(&trouble, told)),
            Err(_) => Err(Answer::NotNow),
        }
    }
}

fn token(request: &Request<Incoming>) -> Option<SecretHash> {
    let shown = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    shown.strip_prefix("Bearer ").map(SecretHash::of_text)
}

/// `after=N&wait=SECONDS&limit=N`, each of them at most once; what is not known is not minded.
fn asked(query: &str) -> Option<Asked> {
    let (mut after, mut wait, mut limit) = (None, None, None);
    for (name, value) in query.split('&').filter_map(|part| part.split_once('=')) {
        let asked = match name {
            "after" => &mut after,
            "wait" => &mut wait,
            "limit" => &mut limit,
            _ => continue,
        };
        let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        if asked.is_some() || !digits {
            return None;
        }
        *asked = Some(value.parse::<i64>().ok()?);
    }
    let wait = u64::try_from(wait.unwrap_or(0)).ok()?.min(LONGEST_WAIT);
    let limit = u32::try_from(limit.unwrap_or(MOST_ENTRIES.into())).unwrap_or(MOST_ENTRIES).clamp(1, MOST_ENTRIES);
    Some(Asked { after: Seq::of(after.unwrap_or(0)), wait: Duration::from_secs(wait), limit })
}

fn answer(page: &Page, told: &mut Told) -> Answer {
    #[derive(Serialize)]
    struct Entry {
        seq: i64,
        received_at: i64,
        body: String,
    }
    told.entries = Some(page.entries.len());
    let entries = page.entries.iter().map(|entry| Entry {
        seq: entry.seq.number(),
        received_at: entry.received_at.millis(),
        body: STANDARD.encode(&entry.body),
    });
    let entries: Vec<Entry> = entries.collect();
    let told = json!({ "entries": entries, "oldest": page.oldest.number(), "newest": page.newest.number() });
    Answer::Json(StatusCode::OK, told.to_string())
}

/// What a till hears if the mailroom did not do it.
pub(crate) fn of_trouble(trouble: &Trouble, told: &mut Told) -> Answer {
    let answer = match trouble {
        Trouble::TooOld { oldest, newest } => {
            let between = json!({ "oldest": oldest.number(), "newest": newest.number() });
            Answer::Json(StatusCode::GONE, between.to_string())
        }
        Trouble::NoSuchChannel => Answer::WhoAreYou,
        Trouble::NoSuchDevice => Answer::NotHere,
        Trouble::Full | Trouble::Busy => Answer::Later(Duration::from_secs(1)),
        Trouble::NotStored(_) | Trouble::NotRead(_) => Answer::NotNow,
    };
    told.trouble(trouble, answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_till_asks_for_what_it_wants_and_gets_no_more_than_is_good() {
        let asked = |query| {
            let Asked { after, wait, limit } = asked(query)?;
            Some((after.number(), wait.as_secs(), limit))
        };
        assert_eq!(asked(""), Some((0, 0, 200)));
        assert_eq!(asked("after=7&wait=25&limit=3"), Some((7, 25, 3)));
        assert_eq!(asked("after=7&wait=999999&limit=999999&of=mine"), Some((7, 60, 200)));
        assert_eq!(asked("limit=0"), Some((0, 0, 1)));
        for wrong in
            ["after=", "after=-1", "after=+1", "after=x", "after=1&after=2", "wait=1.5", "limit=99999999999999999999"]
        {
            assert_eq!(asked(wrong), None, "{wrong}");
        }
    }
}
