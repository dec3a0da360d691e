use std::time::Duration;

use ledger::Ledger;
use serde::{Deserialize, Serialize};
use till::{Ear, Hearing, Listening, Time};

use crate::{Counter, Problem};

/// What is remembered of the shop's relay.
#[derive(Default)]
pub(crate) struct Relay {
    /// When it was seen at work; nothing if it never was, or the owner has given it up.
    last: Option<Seen>,
    /// Whether it runs now, once somebody has said so.
    running: Option<bool>,
    written: Option<Time>,
}

/// It was running, and nothing stood in the way of a notification from one moment to the other.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    since: Time,
    until: Time,
}

/// How often it is written down that the relay still runs. Another program takes it to have run
/// without a break if it sees it again within twice this time.
const WRITE_EVERY: Duration = Duration::from_secs(5 * 60);
/// So many of the latest payments are looked at.
const PAYMENTS: u32 = 100;
const KEPT: &str = "relay_seen";

impl Relay {
    pub(crate) fn of(ledger: &Ledger) -> Self {
        let last = ledger.kept(KEPT).ok().flatten().and_then(|text| serde_json::from_str(&text).ok());
        Self { last, ..Self::default() }
    }

    /// Something stood in the way until now: sleep, or a missing network.
    pub(crate) fn listens_anew(&mut self, now: Time) {
        if let Some(seen) = &mut self.last {
            seen.since = now;
            self.written = None;
        }
    }

    fn runs(&mut self, now: Time) -> Option<Seen> {
        let going_on = self.last.filter(|seen| match self.running {
            Some(running) => running,
            None => now.since(seen.until) < 2 * WRITE_EVERY,
        });
        let seen = Seen { since: going_on.map_or(now, |seen| seen.since), until: now };
        self.last = Some(seen);
        self.running = Some(true);
        let due = going_on.is_none() || self.written.is_none_or(|at| now.since(at) >= WRITE_EVERY);
        due.then(|| {
            self.written = Some(now);
            seen
        })
    }

    fn listening(&self, ahead: i64) -> Listening {
        match (self.last, self.running) {
            (Some(seen), Some(false)) => Listening::Until(seen.until),
            // What it is compared with goes by Midtrans' clock.
            (Some(seen), Some(true)) => Listening::Since(Time::from_millis(seen.since.millis().saturating_sub(ahead))),
            _ => Listening::Never,
        }
    }
}

impl Counter {
    /// Whoever can see whether a relay is running for this shop says so here, as often as it likes.
    pub fn relay_seen(&self, running: bool) {
        let now = self.now();
        let mut memory = self.memory();
        if !running {
            memory.relay.running = Some(false);
            return;
        }
        let Some(seen) = memory.relay.runs(now) else { return };
        drop(memory);
        let text = serde_json::to_string(&seen).unwrap_or_default();
        if let Err(trouble) = self.ledger.keep(KEPT, &text) {
            tracing::warn!(%trouble, "that the relay is running could not be written down");
        }
    }

    /// The owner has switched the relay off: from now on nobody misses it.
    pub fn forget_relay(&self) -> Result<(), Problem> {
        self.memory().relay = Relay::default();
        Ok(self.ledger.keep(KEPT, "")?)
    }

    /// Whether the shop hears of its payments by notification.
    pub fn ear(&self) -> Result<Ear, Problem> {
        let (payments, notified_at) = (self.ledger.found_paid(PAYMENTS)?, self.ledger.last_notified()?);
        let memory = self.memory();
        let listening = memory.relay.listening(memory.fresh.ahead_millis.unwrap_or(0));
        drop(memory);
        Ok(Hearing { payments, notified_at, listening }.ear(self.now(), &self.pace))
    }
}
