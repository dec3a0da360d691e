//! What a cashier can do: charge, check, cancel, hand over; and the loop that finds the truth about
//! every open order by itself.
//!
//! The [`Counter`] asks `till` what to do, writes it down in the `ledger`, and only then talks to
//! `midtrans`. It knows no window and no keyring: a [`Gateway`] hands it a client, and clock and
//! chance are handed in too.

mod adopt;
mod charge;
mod closing;
mod concerns;
mod conversation;
mod ear;
pub mod evidence;
mod keeping;
mod notify;
mod others;
mod papers;
mod problem;
mod reconcile;
mod reissue;
mod renderings;
mod request;
mod slips;
mod timeline;
mod today;
mod unsaved;
mod wib;
mod words;

use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ledger::{Ledger, Settings};
use till::{From, Move, OrderId, Pace, Sale, SaleId, State, Time};
use tokio::{sync::Notify, time::Instant};

pub use closing::Day;
pub use concerns::{Concern, ConcernName, Grounds, NoSuchName};
pub use evidence::Evidence;
pub use keeping::blocking;
pub use ledger::{Closing, Room, Sealing};
pub use papers::{NextPaper, Sheet, printer_problem, why_of};
pub use problem::Problem;
pub use renderings::Rendering;
pub use slips::Card;
pub use timeline::{Moment, timeline};
pub use today::Today;
pub use wib::{date, day, moment, parse_day, utc};
pub use words::{Language, Words};

/// The desk of one shop in one environment.
pub struct Counter {
    ledger: Arc<Ledger>,
    gateway: Arc<dyn Gateway>,
    senses: Senses,
    pace: Pace,
    memory: Mutex<Memory>,
    wake: Notify,
    /// A paper was queued, or may have been.
    papers: Notify,
}

/// Where a client for Midtrans comes from. It may have to ask the keyring, or start the simulator.
pub trait Gateway: Send + Sync {
    /// A client with the key of this shop, for the one place that key may go.
    fn client(&self) -> Pin<Box<dyn Future<Output = Result<midtrans::Client, Problem>> + Send + '_>>;
}

/// Time and chance, handed in so that nothing here looks them up.
#[derive(Clone)]
pub struct Senses {
    /// This PC's clock.
    pub clock: Clock,
    /// Fills bytes with chance that nobody can guess.
    pub chance: Chance,
}

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;

/// Fills bytes with chance.
pub type Chance = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// How fresh the lists are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Freshness {
    /// The last try to reach Midtrans succeeded; true until one was made.
    pub online: bool,
    /// When Midtrans last answered.
    pub last_contact: Option<Time>,
    /// This PC's clock is that far ahead of Midtrans'; nothing while it is within two minutes.
    pub ahead_millis: Option<i64>,
    /// Why Midtrans cannot be asked at all, if the key is the reason.
    pub problem: Option<Problem>,
}

/// What the desk remembers while it runs. Nothing here is money: after a restart everything open
/// is simply asked about again.
#[derive(Default)]
struct Memory {
    /// When the last question about an attempt left that Midtrans has answered.
    asked: HashMap<OrderId, Time>,
    /// So often in a row there was no answer to speak of, and when last.
    in_vain: HashMap<OrderId, (usize, Instant)>,
    /// When it was asked about last, whatever came of it and whatever has made everything due since.
    turns: HashMap<OrderId, Instant>,
    /// Another program is talking about it; look again after this, whatever the clock says.
    busy: HashMap<OrderId, Instant>,
    /// When Midtrans last answered that it was closed, or could not be.
    closing: HashMap<OrderId, Instant>,
    fresh: Freshness,
    contact_written: Option<Time>,
    /// Why there is no copy of the last hour.
    no_copy: Option<Problem>,
    unsaved: Vec<unsaved::Unsaved>,
    relay: ear::Relay,
    /// This program prints by itself what the owner wants printed so.
    prints: bool,
}

/// A clock this far off is worth a warning and a correction.
const CLOCK_OFF: i64 = 2 * 60 * 1000;
/// An outcome that has been unknown for so long needs the owner's eyes.
const LONG_UNKNOWN: Duration = Duration::from_secs(10 * 60);
/// How often the last contact is written down, for the next start.
const CONTACT_EVERY: Duration = Duration::from_secs(30);
/// Whoever works for as long as the program runs looks around at least this often, for clocks that
/// jump and PCs that sleep.
const LOOK_AROUND: Duration = Duration::from_secs(30);

impl Counter {
    /// Opens the counter over a ledger.
    pub fn open(ledger: Arc<Ledger>, gateway: Arc<dyn Gateway>, senses: Senses, pace: Pace) -> Self {
        let told = ledger.kept("contact").ok().flatten().and_then(|text| text.parse().ok());
        let fresh = Freshness { online: true, last_contact: told.map(Time::from_millis), ..Freshness::default() };
        let memory = Mutex::new(Memory { fresh, relay: ear::Relay::of(&ledger), ..Memory::default() });
        Self { ledger, gateway, senses, pace, memory, wake: Notify::new(), papers: Notify::new() }
    }

    /// The ledger, for lists and settings.
    pub fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// How long it waits for what.
    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    /// The time by this PC's clock. Everything written down and every wait goes by it, right or
    /// wrong, because a wait must not jump when the clock turns out to be off.
    pub fn now(&self) -> Time {
        (self.senses.clock)()
    }

    /// The time as Midtrans has it, once it is known that this PC's clock is wrong: what a countdown
    /// to Midtrans' deadline is shown with.
    pub fn true_now(&self) -> Time {
        let ahead = self.memory().fresh.ahead_millis.unwrap_or(0);
        Time::from_millis(self.now().millis().saturating_sub(ahead))
    }

    /// How fresh the lists are.
    pub fn freshness(&self) -> Freshness {
        self.memory().fresh.clone()
    }

    /// Outcomes unknown since before this moment need attention.
    pub fn long_unknown(&self) -> Time {
        Time::from_millis(self.now().millis() - i64::try_from(LONG_UNKNOWN.as_millis()).unwrap_or(0))
    }

    /// The sale that somebody means by its id, its number, or an `order_id` of Midtrans.
    pub fn find(&self, named: &str) -> Result<Sale, Problem> {
        let sale = self.ledger.find(named.trim())?.ok_or_else(|| Problem::of("order_not_found"))?;
        Ok(self.with_unsaved(sale))
    }

    /// Gives the paid goods away: once, and only what a look-up has confirmed as paid.
    pub fn hand_over(&self, named: &str, by: &str, from: From) -> Result<Sale, Problem> {
        let by = person(by)?;
        let id = self.find(named)?.id;
        let (now, settings) = (self.now(), self.ledger.settings()?);
        let mut refused = None;
        let sale = self.ledger.write(id, from, now, |sale| match may_hand_over(sale, &settings, now) {
            Ok(()) => vec![(None, till::Event::HandedOver { by: by.into() })],
            Err(problem) => {
                refused = Some(problem);
                vec![]
            }
        })?;
        refused.map_or(Ok(sale), Err)
    }

    /// Whether the goods may leave now.
    pub fn may_hand_over(&self, sale: &Sale) -> Result<(), Problem> {
        may_hand_over(sale, &self.ledger.settings()?, self.now())
    }

    /// Changes what the owner has set, if it is right.
    pub fn set(&self, settings: Settings) -> Result<Settings, Problem> {
        let line = |field, text: &str| {
            // Alfamart's receipt has forty columns, and the name is on it.
            till::one_line(text, 40).map(Option::unwrap_or_default).map_err(|kind| Problem::from(kind).at(field))
        };
        let settings = Settings {
            shop_name: line("shop_name", &settings.shop_name)?,
            merchant_name: line("merchant_name", &settings.merchant_name)?,
            closes_at: settings.closes_at.trim().replace('.', ":"),
            notify_to: settings.notify_to.as_deref().map(|text| self.own_address(text)).transpose()?.transpose()?,
            paper: papers::checked(settings.paper)?,
            ..settings
        };
        if wib::time_of_day(&settings.closes_at).is_none() {
            return Err(Problem::of("closes_at_invalid").at("closes_at"));
        }
        self.ledger.set(&settings)?;
        Ok(settings)
    }

    /// Something changed in the ledger, or the network came back: look at once whether something is due.
    pub fn wake(&self) {
        self.wake.notify_one();
        self.papers.notify_one();
    }

    /// Returns once there may be something to print.
    pub async fn paper_wanted(&self) {
        self.papers.notified().await;
    }

    /// The PC woke up, or the relay came back: every open order is asked about at once.
    pub fn ask_everything(&self) {
        let now = self.now();
        let mut memory = self.memory();
        memory.forget_when_asked();
        memory.relay.listens_anew(now);
        drop(memory);
        self.wake();
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn draw<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.senses.chance)(&mut bytes);
        bytes
    }

    /// Draws the id of a sale that is about to be typed.
    pub fn draw_sale_id(&self) -> SaleId {
        SaleId::draw(self.draw())
    }
}

/// The name of somebody who stands for what was done.
fn person(by: &str) -> Result<&str, Problem> {
    let by = by.trim();
    if by.is_empty() || by.chars().count() > 60 || by.chars().any(char::is_control) {
        return Err(Problem::of("name_empty").at("by"));
    }
    Ok(by)
}

impl Memory {
    /// What is due about an attempt. What was asked in vain is asked again on the ladder.
    fn next_move(&self, sale: &Sale, order_id: OrderId, now: Time, pace: &Pace) -> Move {
        let next = sale.next_move(order_id, self.asked.get(&order_id).copied(), now, pace);
        match (next, self.in_vain.get(&order_id)) {
            (Move::LookUp | Move::Cancel | Move::Expire, Some((often, at))) => {
                let pause = pace.ladder.get(often.saturating_sub(1)).copied().unwrap_or(pace.after_ladder);
                let left = (*at + pause).saturating_duration_since(Instant::now());
                if left.is_zero() { next } else { Move::Wait(now + left) }
            }
            _ => next,
        }
    }

    /// Leaves it alone for so long, whatever the clock says.
    fn leave(&mut self, order_id: OrderId, span: Duration) {
        self.busy.insert(order_id, Instant::now() + span);
    }

    /// How long it is still to be left alone.
    fn left_alone(&self, order_id: OrderId) -> Option<Duration> {
        let until = self.busy.get(&order_id)?;
        Some(until.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
    }

    /// Whatever is due about it is due at once.
    fn forget(&mut self, order_id: OrderId) {
        self.asked.remove(&order_id);
        self.in_vain.remove(&order_id);
    }

    /// Everything open is due at once.
    fn forget_when_asked(&mut self) {
        self.asked.clear();
        self.in_vain.clear();
        self.busy.clear();
    }
}

fn may_hand_over(sale: &Sale, settings: &Settings, now: Time) -> Result<(), Problem> {
    if let Some(first) = &sale.handed_over {
        return Err(Problem::of("already_handed_over").with("by", &first.by).with("at", wib::moment(first.at)));
    }
    if sale.state() != State::Paid {
        return Err(Problem::of("cannot_hand_over").with_state(sale.state()));
    }
    // The hold is over when Midtrans has said so: this PC's clock alone, which may jump, gives no goods away.
    let held = sale.attempt().filter(|attempt| settings.hold_goods && attempt.confirmed_at.is_none());
    match held {
        None => Ok(()),
        Some(attempt) => Err(match (attempt.hold_until, attempt.hold_ends) {
            (Some(until), Some(end)) if now < end => Problem::of("hold_goods").with("until", wib::clock(until)),
            _ => Problem::of("hold_unconfirmed"),
        }),
    }
}
