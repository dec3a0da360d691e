//! The postman: lets codes expire, carries notifications out and climbs the retry ladder.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION, USER_AGENT};
use reqwest::redirect::Policy;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::book::mail::{self, Due, State};
use crate::gateway::{Gateway, locked};
use crate::notify;
use crate::settings::Settings;

/// How long Midtrans waits for an answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often it follows a 307 or 308.
const HOPS: usize = 5;
/// A sleep is never longer than this, because the machine's clock may be set meanwhile.
const LONGEST_NAP: Duration = Duration::from_secs(30);
/// How many orders' notifications are under way at once.
const ERRANDS: usize = 64;

/// Works until `stop` closes.
pub async fn work(gateway: Arc<Gateway>, client: reqwest::Client, mut stop: watch::Receiver<()>) {
    let slots = Arc::new(Semaphore::new(ERRANDS));
    // Errands end with the postman: what was not delivered is still due at the next start.
    let mut errands = JoinSet::new();
    loop {
        while errands.try_join_next().is_some() {}
        let next = match round(&gateway, &client, &slots, &mut errands).await {
            Ok(next) => next,
            Err(error) => {
                tracing::error!(%error, "the simulator's postman cannot read its book");
                Duration::from_secs(1)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(next) => {}
            () = gateway.bell.notified() => {}
            _ = stop.changed() => return,
        }
    }
}

/// The client notifications are sent with. Midtrans' own speaks TLS up to 1.2 and no further.
pub fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(Policy::none())
        .max_tls_version(reqwest::tls::Version::TLS_1_2)
        .no_proxy()
        .build()
}

/// One round; says how long until the next is worth it.
async fn round(
    gateway: &Arc<Gateway>,
    client: &reqwest::Client,
    slots: &Arc<Semaphore>,
    errands: &mut JoinSet<()>,
) -> rusqlite::Result<Duration> {
    // Asked before the book is: whoever comes back in between has written down what he did.
    let under_way = locked(&gateway.errands).clone();
    let ahead_ms = gateway.clock.ahead_ms();
    let (due, next) = gateway
        .at_desk_quietly(move |desk, now| {
            // A fast clock gains on the machine's all the time; a restart must not set it back.
            if desk.settings.ahead_ms != ahead_ms {
                desk.settle(Settings { ahead_ms, ..desk.settings.clone() })?;
            }
            desk.errands(now)
        })
        .await?;
    for (order_id, letters) in by_order(due, &under_way) {
        locked(&gateway.errands).insert(order_id.clone());
        let (gateway, client, slots) = (Arc::clone(gateway), client.clone(), Arc::clone(slots));
        errands.spawn(async move {
            let _slot = slots.acquire().await;
            // One after the other, so that an order's notifications arrive in the order in which
            // they were made unless a fault says otherwise.
            for letter in letters {
                deliver(&gateway, &client, letter).await;
            }
            locked(&gateway.errands).remove(&order_id);
            gateway.returned.notify_waiters();
            gateway.bell.notify_one();
        });
    }
    let nap = next.map_or(LONGEST_NAP, |at| gateway.clock.real_until(at));
    Ok(nap.min(LONGEST_NAP))
}

fn by_order(due: Vec<Due>, under_way: &HashSet<String>) -> BTreeMap<String, Vec<Due>> {
    let mut by_order: BTreeMap<String, Vec<Due>> = BTreeMap::new();
    for letter in due {
        if !under_way.contains(&letter.order_id) {
            by_order.entry(letter.order_id.clone()).or_default().push(letter);
        }
    }
    by_order
}

async fn deliver(gateway: &Arc<Gateway>, client: &reqwest::Client, letter: Due) {
    let patience = gateway.clock.real_span(PATIENCE);
    let sent = tokio::time::timeout(patience, send(client, &letter)).await;
    let (answer, note) = match sent {
        Ok(Ok((status, note))) => (Some(status), note),
        Ok(Err(error)) => (None, error.to_string()),
        Err(_) => (None, "no answer in time".to_owned()),
    };
    let written = gateway
        .at_desk_quietly(move |desk, now| {
            let attempts = letter.attempts + 1;
            let outcome = match notify::next_attempt(answer, attempts, &mut desk.chance) {
                Some(wait) => (State::Waiting, now.plus_seconds(wait)),
                None if answer.is_some_and(|status| (200..300).contains(&status)) => (State::Done, now),
                None => (State::GivenUp, now),
            };
            desk.book.write(|book| mail::tried(book, letter.delivery, now, answer, &note, outcome))
        })
        .await;
    if let Err(error) = written {
        tracing::error!(%error, "the simulator's postman cannot write down an attempt");
    }
}

/// Sends it, following redirects as Midtrans does.
async fn send(client: &reqwest::Client, letter: &Due) -> reqwest::Result<(u16, String)> {
    let mut url = letter.url.clone();
    let mut hops = 0;
    loop {
        let response = client
            .post(&url)
            .header(USER_AGENT, "Veritrans")
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json")
            .body(letter.body.clone())
            .send()
            .await?;
        let status = response.status().as_u16();
        let Some(target) = redirected(&response) else {
            return Ok((status, String::new()));
        };
        match status {
            307 | 308 if hops < HOPS => {
                url = target.to_string();
                hops += 1;
            }
            301..=303 => {
                // The notification is lost on the way: what arrives is an empty GET.
                let arrived = client.get(target).header(USER_AGENT, "Veritrans").send().await?;
                let note = format!("redirected as an empty GET, answered {}", arrived.status());
                return Ok((status, note));
            }
            _ => return Ok((status, "redirected too often".to_owned())),
        }
    }
}

fn redirected(response: &reqwest::Response) -> Option<Url> {
    if !matches!(response.status().as_u16(), 301..=303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    response.url().join(location).ok()
}
