//! The till at a hosted relay: pairing, and the loop that writes down what the relay has stored for the
//! shop while it was away or asleep.
//!
//! Nothing that a relay says is believed. What it passes on is checked with the shop's own key, what it
//! hides is found by look-ups, and where it counts wrong Midtrans is asked about everything open.

mod pause;
mod problem;
mod token;

use std::{
    fs::File,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use counter::{Counter, Problem, Senses, blocking};
use feed::{Code, Device, Entry, NewCode, NotificationAddress, Patience, Relay, Trouble};
use ledger::{Feed, Ledger};
use till::Time;
use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};

use crate::gateway::Place;
pub use pause::Pauses;
use token::Kept;
pub use token::{InKeyring, Tokens};

/// What receives for this till at a hosted relay.
pub struct Receiver {
    counter: Arc<Counter>,
    place: Place,
    senses: Senses,
    tokens: Arc<dyn Tokens>,
    pauses: Pauses,
    reception: Mutex<Reception>,
    /// A reason to connect anew at once.
    again: Notify,
}

/// How the till stands with its relay, as far as this program knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reception {
    /// When the relay last answered.
    pub reached: Option<Time>,
    /// What is wrong, and since when; nothing while the relay answers or before it was asked.
    pub trouble: Option<(Time, Problem)>,
    /// When something came last that the shop's key did not sign.
    pub strange: Option<Time>,
}

/// So long the relay holds an answer back while nothing has come.
const WAIT: Duration = Duration::from_secs(25);
/// So many entries are asked for at once.
const LIMIT: u32 = 100;
/// So long what came waits for the key. Then it is stored, and checked when there is one.
const KEY_WITHIN: Duration = Duration::from_secs(3);
/// How often a till that is not paired, or whose relay is heard by another program, looks whether it
/// still is so. `geraictl` may have changed it.
const LOOK: Duration = Duration::from_secs(1);
/// A relay that was away for so long may have missed something.
const MISSED: Duration = Duration::from_secs(5);

impl Receiver {
    /// What receives for the till of this counter. Its token is kept with the others of `tokens`.
    pub fn of(counter: Arc<Counter>, place: Place, senses: Senses, tokens: Arc<dyn Tokens>, pauses: Pauses) -> Self {
        let (reception, again) = (Mutex::default(), Notify::new());
        Self { counter, place, senses, tokens, pauses, reception, again }
    }

    /// How the till stands with its relay.
    pub fn reception(&self) -> Reception {
        self.reception_now().clone()
    }

    /// Whether the hosted relay answers.
    pub fn hears(&self) -> bool {
        let reception = self.reception_now();
        reception.reached.is_some() && reception.trouble.is_none()
    }

    /// The relay that this till is paired with.
    pub fn paired(&self) -> Result<Option<Feed>, Problem> {
        Ok(self.ledger().feed()?)
    }

    /// The PC has slept, its clock was set or the network is another: whatever connection there is may
    /// be dead without anybody telling. Connects anew at once.
    pub fn woken(&self) {
        self.again.notify_one();
    }

    /// Pairs this till with the relay at the address that its host gave the shop. The code is good once,
    /// so it is not used before there is a place for the token.
    pub async fn pair(&self, address: &str, code: &str, name: &str) -> Result<Feed, Problem> {
        let address: NotificationAddress = address.parse().map_err(problem::of_address)?;
        let code: Code = code.parse().map_err(|_| Problem::of("relay_code_form").at("code"))?;
        let name = till::one_line(name, 60).ok().flatten().ok_or_else(|| Problem::of("relay_name").at("name"))?;
        let before = (self.paired()?, self.kept().await?);
        let relay = Relay::at(address.clone(), Patience::default()).map_err(problem::of)?;
        let paired = relay.pair(&code, &name).await.map_err(problem::of)?;
        let feed = Feed {
            address: address.to_string(),
            channel: paired.channel,
            device: paired.device,
            name,
            paired_at: self.now(),
            cursor: paired.after,
        };
        let kept = Kept { device: feed.device.clone(), token: paired.token.clone() };
        let (ledger, new, tokens) = (self.ledger().clone(), feed.clone(), self.tokens.clone());
        let written = blocking(move || {
            tokens.set(&kept.text())?;
            ledger.pair_feed(&new).map_err(Problem::from)
        });
        if let Err(problem) = written.await? {
            // Nobody will ever read as this device, so the relay need not keep anything for it.
            let _ = relay.feed(paired.token).revoke(&feed.device).await;
            return Err(problem);
        }
        *self.reception_now() = Reception { reached: Some(self.now()), ..Reception::default() };
        if let (Some(old), Some(kept)) = before
            && old.device == kept.device
            && let Ok(relay) = of_feed(&old)
        {
            // The same for the device that this till was before.
            let _ = relay.feed(kept.token).revoke(&old.device).await;
        }
        self.again.notify_one();
        Ok(feed)
    }

    /// Ends the pairing. Whether the relay was told: if it could not be reached, another till of the
    /// shop or the host can take the device away.
    pub async fn unpair(&self) -> Result<bool, Problem> {
        let Some(feed) = self.paired()? else { return Err(Problem::of("relay_not_paired")) };
        let told = match self.open(&feed).await {
            Ok(open) => matches!(open.revoke(&feed.device).await, Ok(()) | Err(Trouble::Revoked)),
            Err(_) => false,
        };
        let (ledger, tokens) = (self.ledger().clone(), self.tokens.clone());
        blocking(move || {
            ledger.unpair_feed()?;
            // Without its pairing the token opens nothing that anybody would ask for.
            if let Err(problem) = tokens.forget() {
                tracing::warn!(%problem, "the relay's token could not be taken out of the keyring");
            }
            Ok::<_, Problem>(())
        })
        .await??;
        self.counter.forget_relay()?;
        *self.reception_now() = Reception::default();
        self.again.notify_one();
        Ok(told)
    }

    /// A pairing code for a further till of the shop.
    pub async fn new_code(&self) -> Result<NewCode, Problem> {
        self.opened().await?.new_code().await.map_err(problem::of)
    }

    /// The tills that are paired with the shop's channel.
    pub async fn devices(&self) -> Result<Vec<Device>, Problem> {
        self.opened().await?.devices().await.map_err(problem::of)
    }

    /// Takes the feed away from another till, one that was lost above all.
    pub async fn revoke(&self, device: &str) -> Result<(), Problem> {
        self.opened().await?.revoke(device).await.map_err(problem::of)
    }

    /// Receives for as long as the program runs. Of several programs on one ledger one does.
    pub async fn run(&self) {
        let mut post = None;
        let mut link = Link::default();
        loop {
            let pause = match self.due(&mut post) {
                Some(feed) => self.round(feed, &mut link).await,
                None => {
                    link = Link::default();
                    LOOK
                }
            };
            if timeout(pause, self.again.notified()).await.is_ok() {
                link.connect_anew();
            }
        }
    }

    /// Writes down what the relay has at this moment, for a program that does not stay. Nothing is done
    /// where another one receives.
    pub async fn catch_up(&self) -> Result<(), Problem> {
        let (mut post, mut link) = (None, Link::default());
        while let Some(feed) = self.due(&mut post) {
            // Nothing is held back from whoever does not wait.
            link.acked = None;
            match self.ask(&feed, &mut link).await {
                Some(Ok(_)) if self.paired()?.is_some_and(|now| now.cursor > feed.cursor) => {}
                Some(Err(NotDone::Ledger(problem))) => return Err(problem),
                Some(Err(NotDone::Relay(trouble))) => return Err(problem::of(trouble)),
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// The pairing that this program is to receive for.
    fn due(&self, post: &mut Option<File>) -> Option<Feed> {
        let feed = self.paired().unwrap_or_else(|problem| {
            tracing::warn!(%problem, "with which relay this till is paired could not be read");
            None
        });
        if feed.is_none() {
            *post = None;
        } else if post.is_none() {
            *post = take_post(self.ledger());
        }
        feed.filter(|_| post.is_some())
    }

    /// Asks the relay once and writes down what comes. Says how long to leave it alone after that.
    async fn round(&self, feed: Feed, link: &mut Link) -> Duration {
        let came = match self.ask(&feed, link).await {
            None => return Duration::ZERO,
            Some(came) => came,
        };
        let now = self.now();
        let pause = match came {
            Ok(held) => {
                let away = self.reached(now);
                if away.is_some_and(|since| now.since(since) >= MISSED) {
                    link.owes_look_ups = true;
                }
                link.failed = 0;
                // One that answers at once that there is nothing is not asked in a flood.
                if held { Duration::ZERO } else { self.pauses.away[0] }
            }
            Err(NotDone::Ledger(problem)) => {
                tracing::warn!(%problem, "what the relay passed on could not be written down");
                self.in_trouble(now, problem);
                self.pauses.after(&mut link.failed, self.chance())
            }
            Err(NotDone::Relay(trouble)) => {
                tracing::info!(%trouble, "the hosted relay was asked in vain");
                let pause = self.pauses.of(&trouble, &mut link.failed, self.chance());
                self.go_on(&feed, &trouble, link);
                self.in_trouble(now, problem::of(trouble));
                pause
            }
        };
        if link.owes_look_ups && link.asked.is_none_or(|at| at.elapsed() >= self.counter.pace().after_ladder) {
            (link.owes_look_ups, link.asked) = (false, Some(Instant::now()));
            self.counter.ask_everything();
        }
        pause
    }

    /// Reads what follows the cursor, writes it down, and only then says so. Whether there was something,
    /// or the relay has waited for it; nothing if something happened meanwhile that makes it better to
    /// connect anew.
    async fn ask(&self, feed: &Feed, link: &mut Link) -> Option<Result<bool, NotDone>> {
        if link.open.as_ref().is_none_or(|(device, _)| *device != feed.device) {
            match self.open(feed).await {
                Ok(open) => *link = Link { open: Some((feed.device.clone(), open)), acked: None, ..link.clone() },
                Err(problem) => return Some(Err(NotDone::Ledger(problem))),
            }
        }
        let (_, open) = link.open.clone()?;
        // After a failure it is of more interest whether the relay answers than what it has.
        let wait = if link.failed > 0 || link.acked.is_none() { Duration::ZERO } else { WAIT };
        let asked = Instant::now();
        let read = tokio::select! {
            read = open.read(feed.cursor, wait, LIMIT) => read,
            () = self.again.notified() => {
                link.connect_anew();
                return None;
            }
        };
        let page = match read {
            Ok(page) => page,
            Err(trouble) => return Some(Err(NotDone::Relay(trouble))),
        };
        let held = !page.entries.is_empty() || wait.is_zero() || asked.elapsed() >= MISSED;
        let cursor = match self.take_in(feed, page.entries).await {
            Ok(Some(cursor)) => cursor,
            // It was paired with another relay meanwhile, or with none.
            Ok(None) => return None,
            Err(problem) => return Some(Err(NotDone::Ledger(problem))),
        };
        if link.acked != Some(cursor) {
            if let Err(trouble) = open.ack(cursor).await {
                // It is all here. What the relay keeps for too long it only keeps.
                tracing::info!(%trouble, "the hosted relay was not told how far this till has come");
            } else {
                link.acked = Some(cursor);
            }
        }
        link.acked = link.acked.or(Some(0));
        Some(Ok(held))
    }

    async fn take_in(&self, feed: &Feed, entries: Vec<Entry>) -> Result<Option<u64>, Problem> {
        let Some(upto) = entries.last().map(|entry| entry.seq) else { return Ok(Some(feed.cursor)) };
        let key = timeout(KEY_WITHIN, self.place.key()).await.ok().and_then(Result::ok);
        let (ledger, device, now) = (self.ledger().clone(), feed.device.clone(), self.now());
        let fed = blocking(move || {
            let passed = entries.into_iter().map(|entry| (entry.seq, entry.body));
            relay::take_in_feed(&ledger, &device, passed, upto, key.as_ref(), now)
        })
        .await??;
        if let Some(fed) = fed {
            if fed.strange > 0 {
                self.reception_now().strange = Some(now);
            }
            self.counter.wake();
        }
        Ok(fed.map(|fed| fed.cursor))
    }

    /// Where the relay counts otherwise than we do, goes on with what it has.
    fn go_on(&self, feed: &Feed, trouble: &Trouble, link: &mut Link) {
        let cursor = match *trouble {
            Trouble::TooOld { oldest, .. } | Trouble::WentBack { oldest, .. } => oldest.saturating_sub(1),
            Trouble::Gap { expected, found } if found > expected => found - 1,
            // It passes on what it has passed on before. There is nothing to go on with.
            Trouble::Gap { .. } => feed.cursor,
            _ => return,
        };
        tracing::warn!(%trouble, from = feed.cursor, to = cursor, "the hosted relay counts otherwise than we do");
        link.owes_look_ups = true;
        if let Err(trouble) = self.ledger().move_feed(&feed.device, cursor) {
            tracing::warn!(%trouble, "where to go on could not be written down");
        }
    }

    /// The relay with the token of this till.
    async fn open(&self, feed: &Feed) -> Result<feed::Feed, Problem> {
        let kept = self.kept().await?.filter(|kept| kept.device == feed.device);
        let kept = kept.ok_or_else(|| Problem::of("relay_token_missing"))?;
        Ok(of_feed(feed)?.feed(kept.token))
    }

    async fn opened(&self) -> Result<feed::Feed, Problem> {
        let feed = self.paired()?.ok_or_else(|| Problem::of("relay_not_paired"))?;
        self.open(&feed).await
    }

    async fn kept(&self) -> Result<Option<Kept>, Problem> {
        let tokens = self.tokens.clone();
        Ok(blocking(move || tokens.get()).await??.and_then(|text| Kept::parse(&text)))
    }

    /// The relay has answered. Since when it had not, if it had not.
    fn reached(&self, now: Time) -> Option<Time> {
        let mut reception = self.reception_now();
        reception.reached = Some(now);
        reception.trouble.take().map(|(since, _)| since)
    }

    fn in_trouble(&self, now: Time, problem: Problem) {
        let mut reception = self.reception_now();
        let since = reception.trouble.take().map_or(now, |(since, _)| since);
        reception.trouble = Some((since, problem));
    }

    fn reception_now(&self) -> MutexGuard<'_, Reception> {
        self.reception.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ledger(&self) -> &Arc<Ledger> {
        self.counter.ledger()
    }

    fn now(&self) -> Time {
        self.counter.now()
    }

    fn chance(&self) -> u8 {
        let mut chance = [0];
        (self.senses.chance)(&mut chance);
        chance[0]
    }
}

/// The connection to a relay, and what is remembered while it is the same relay.
#[derive(Clone, Default)]
struct Link {
    open: Option<(String, feed::Feed)>,
    /// So far the relay knows how far this till has come; nothing before it was first reached.
    acked: Option<u64>,
    /// So often in a row it was asked in vain.
    failed: u32,
    /// Midtrans is to be asked about everything open.
    owes_look_ups: bool,
    asked: Option<Instant>,
}

impl Link {
    fn connect_anew(&mut self) {
        (self.open, self.failed) = (None, 0);
    }
}

/// Why a round came to nothing.
enum NotDone {
    Relay(Trouble),
    Ledger(Problem),
}

fn of_feed(feed: &Feed) -> Result<Relay, Problem> {
    let address = feed.address.parse().map_err(problem::of_address)?;
    Relay::at(address, Patience::default()).map_err(problem::of)
}

/// The host of a notification address, for people.
pub fn host_of(address: &str) -> Option<String> {
    Some(address.parse::<NotificationAddress>().ok()?.host().to_owned())
}

/// The post of whoever receives for this ledger. The operating system frees it when its holder ends.
fn take_post(ledger: &Ledger) -> Option<File> {
    let lock = File::create(ledger.folder().join("feed.lock")).ok()?;
    lock.try_lock().ok()?;
    Some(lock)
}
