//! Opening a shop on this PC, the same way for the window and for `geraictl`: which folder, which
//! environment, whose Midtrans, which key; and in training the simulator that plays Midtrans.

mod gateway;
mod keyring;
mod options;
mod press;
mod receiver;
mod seal;
pub mod training;
mod waking;

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use counter::{Closing, Counter, Problem, Senses};
use ledger::{Binding, Folder, Ledger, Reserve, Restored, Trouble};
use simulator::training::Training;
use till::{Environment, Pace, Time};

pub use counter::blocking;
pub use feed::{Device, NewCode};
pub use gateway::Place;
pub use keyring::Keyring;
pub use options::Options;
pub use press::Press;
pub use printers::{Condition, Found, Printer};
pub use receiver::{InKeyring, Pauses, Receiver, Reception, Tokens, host_of};
pub use seal::{Seal, Standing};
pub use waking::{Waking, Ways, ways_out};

/// An opened shop.
#[derive(Clone)]
pub struct Desk {
    /// What a cashier can do in it.
    pub counter: Arc<Counter>,
    /// Where it talks to.
    pub place: Place,
    /// The simulator, in training.
    pub training: Option<Arc<Training>>,
    /// What keeps its log sealed.
    pub seal: Arc<Seal>,
    /// What receives for it at a hosted relay.
    pub receiver: Arc<Receiver>,
}

impl Desk {
    /// Opens the shop of this environment, and makes its ledger if there is none yet.
    pub async fn open(folder: &Folder, environment: Environment, url: Option<&str>) -> Result<Self, Problem> {
        let (binding, url) = match url {
            Some(url) => (Binding::Loopback, Some(gateway::loopback(url)?)),
            None if environment == Environment::Training => (Binding::Loopback, None),
            None => (Binding::Midtrans, None),
        };
        let chance = draw::<4>();
        let opened = folder.clone();
        let begun = blocking(move || {
            let (ledger, restored) = Ledger::begin(&opened, environment, Some(binding), chance, now())?;
            ledger.keep_reserve(if binding == Binding::Midtrans { Reserve::of_a_shop() } else { Reserve::small() });
            if let Err(trouble) = ledger.tend_reserve() {
                tracing::warn!(%trouble, "no room could be kept for what is charged");
            }
            Ok::<_, Trouble>((Arc::new(ledger), restored))
        });
        let (ledger, restored) = begun.await??;
        if let Some(restored) = restored {
            tracing::error!(?restored, "the ledger was damaged; it was set aside and made anew");
        }
        let senses = senses();
        let seal = Arc::new(Seal::of(ledger.clone(), senses.clock.clone()));
        // Before anything is written, so that it is sealed from the first entry on.
        seal.begin().await;
        let (place, training) = match (url, environment) {
            (Some(destination), _) => (Place::Loopback { environment, destination }, None),
            (None, Environment::Training) => {
                let training = Arc::new(training::enter(&ledger).await?);
                (Place::Training(training.clone()), Some(training))
            }
            (None, _) => (Place::Midtrans(environment), None),
        };
        let gateway = Arc::new(gateway::ByKeyring::to(place.clone(), seal.clone()));
        let times = times(binding);
        let pace = times.map_or(Pace::SHOP, Pace::faster);
        let tokens = Arc::new(InKeyring::of(environment, ledger.till()));
        let counter = Arc::new(Counter::open(ledger, gateway, senses.clone(), pace));
        let pauses = times.map_or(Pauses::SHOP, Pauses::faster);
        let receiver = Arc::new(Receiver::of(counter.clone(), place.clone(), senses, tokens, pauses));
        Ok(Self { counter, place, training, seal, receiver })
    }

    /// Checks and takes up what the relay stored while it could not reach the key.
    pub async fn take_up(&self) -> Result<(), Problem> {
        if self.ledger().unverified()?.is_empty() {
            return Ok(());
        }
        let (key, ledger, now) = (self.place.key().await?, self.ledger().clone(), self.counter.now());
        blocking(move || relay::take_up_waiting(&ledger, &key, now)).await??;
        Ok(())
    }

    /// Closes this day, or an earlier one, after the whole log was looked through. What the report says
    /// stands in the log's own file, and the keyring remembers where that ended.
    pub async fn close_day(&self, day: Option<(Time, Time)>, by: &str) -> Result<Closing, Problem> {
        // What the relay could not check may be a payment of this day.
        if let Err(problem) = self.take_up().await {
            tracing::warn!(%problem, "a stored notification could not be checked");
        }
        if let Err(problem) = self.seal.check_up().await {
            tracing::warn!(%problem, "the log could not be looked through");
        }
        let closing = self.counter.close_day(day, by, self.seal.sealing()?).await?;
        if let Err(problem) = self.seal.remember_head().await {
            tracing::warn!(%problem, "the keyring does not remember where the log ends");
        }
        Ok(closing)
    }

    /// Where a relay inside this program finds the key.
    pub fn key_source(&self) -> Arc<dyn relay::KeySource> {
        match self.place.keyring() {
            Some(keyring) => Arc::new(keyring.for_relay()),
            None => Arc::new(relay::training_key()),
        }
    }

    /// What runs the printers of the shop.
    pub fn press(&self) -> Press {
        Press::of(self.counter.clone())
    }

    /// The ledger of the shop.
    pub fn ledger(&self) -> &Arc<Ledger> {
        self.counter.ledger()
    }
}

/// Puts a copy in the place of the ledger, which is set aside. Whatever the copy does not know Midtrans
/// is asked about when the shop is opened.
pub async fn restore(folder: &Folder, environment: Environment, copy: String) -> Result<Restored, Problem> {
    let folder = folder.clone();
    Ok(blocking(move || Ledger::restore(&folder, environment, &copy, now())).await??)
}

/// The clock of this PC and the chance of its kernel.
pub fn senses() -> Senses {
    Senses { clock: Arc::new(now), chance: Arc::new(fill) }
}

/// The time by this PC's clock.
pub fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Bytes that nobody can guess.
pub fn draw<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

fn fill(bytes: &mut [u8]) {
    // A kernel that gives no chance gives no safe order id either. Without one nothing may go on,
    // and no machine that runs a desktop is like that.
    #[allow(clippy::expect_used, reason = "there is no next move")]
    getrandom::fill(bytes).expect("the kernel gives random bytes");
}

/// A faster pace is for tests and demonstrations, and only where no real shop can be.
fn times(binding: Binding) -> Option<u32> {
    let times = std::env::var("GERAI_PACE").ok()?.parse().ok()?;
    (binding == Binding::Loopback).then_some(times)
}
