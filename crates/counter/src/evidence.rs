//! Everything known about one order, and how it is known: for the owner, for Midtrans' support, for
//! whoever has to be convinced.

mod chain;
mod html;
mod left_out;
mod page;

use ledger::{Exchange, Facts, MatterKind, Outcome, Seal, Stored, Strange, Verdict};
use midtrans::Notification;
use serde::{Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest, Sha256};
use till::{Asked, Attempt, Deed, Entry, Environment, Event, From, Item, OrderId, Report, Sale, State, Store, Time};

use crate::{Concern, Counter, Language, Moment, Problem, request, timeline, wib};
pub use chain::{Chain, Integrity};
use left_out::LeftOut;

/// The evidence for one order. It holds neither the server key nor an address of a relay; signatures
/// of notifications are left out, because they could be sent again, and the customer's phone number,
/// because it stays on this PC.
#[derive(Clone, Debug, Serialize)]
pub struct Evidence {
    /// When it was put together, by this PC's clock.
    pub made_at: Stamp,
    /// The version of Gerai that did.
    pub version: &'static str,
    /// Which Midtrans.
    pub environment: Environment,
    /// The till.
    pub till: String,
    /// The shop.
    pub shop: String,
    /// The order.
    pub order: Ordered,
    /// Up to this entry answers were not kept, because an older Gerai wrote it.
    pub no_answers_up_to: Option<i64>,
    /// Since then they are.
    pub answers_since: Option<Stamp>,
    /// What the chain says about these entries.
    pub chain: Chain,
    /// Each payment code that was asked for.
    pub attempts: Vec<Code>,
    /// Everything written down about it.
    pub entries: Vec<Line>,
}

/// What was ordered, and what became of it.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "they are the fields of an order")]
pub struct Ordered {
    pub id: String,
    pub number: String,
    pub ordered_at: Stamp,
    pub amount: u64,
    pub store: Store,
    pub customer: Option<String>,
    pub note: Option<String>,
    pub items: Vec<Item>,
    pub state: State,
    pub handed_over: Option<HandedOver>,
    pub concerns: Vec<Noticed>,
}

/// Who gave the goods away.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct HandedOver {
    pub by: String,
    pub at: Stamp,
}

/// Something that needs the owner's attention, or needed it.
#[derive(Clone, Debug, Serialize)]
pub struct Noticed {
    /// What happened stands under `concern.<kind>`.
    pub kind: String,
    /// What goes into the sentence's gaps.
    pub values: Facts,
    /// When it came up.
    pub at: Stamp,
    /// The entry with which it did.
    pub entry: Option<i64>,
    /// What was done about it; `null` while it is open.
    pub seen: Option<SeenTo>,
}

/// What was done about it.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct SeenTo {
    pub by: String,
    pub at: Stamp,
    pub deed: Deed,
}

/// One payment code: what was sent, what was answered, what was told.
#[derive(Clone, Debug, Serialize)]
pub struct Code {
    /// Midtrans' name for it.
    pub order_id: String,
    /// The store it can be paid at.
    pub store: Store,
    /// What it asks for.
    pub amount: u64,
    /// Where it stands.
    pub state: State,
    /// The characters the store's till accepts.
    pub payment_code: Option<String>,
    /// Midtrans' own id of it.
    pub transaction_id: Option<String>,
    /// When it was written down that it would be sent.
    pub intended_at: Stamp,
    /// When it was paid, by Midtrans' clock.
    pub paid_at: Option<Stamp>,
    /// When a look-up confirmed that for good.
    pub confirmed_at: Option<Stamp>,
    /// The body of the charge, the same however often it was sent; empty for one taken up from Midtrans.
    pub request: String,
    /// Of exactly these bytes.
    pub request_sha256: String,
    /// It named an address of its own for notifications, which is not shown.
    pub own_address: bool,
    /// Everything Midtrans was asked and answered.
    pub answers: Vec<Answer>,
    /// Everything that came by itself.
    pub notifications: Vec<Told>,
    /// Further ones that are not listed.
    pub more_notifications: u64,
}

/// A question to Midtrans and what came back.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// What Midtrans was asked.
    pub asked: Asked,
    /// When the question left, by this PC's clock.
    pub sent_at: Stamp,
    /// When the answer had come.
    pub heard_at: Stamp,
    /// How often the same came in a row.
    pub times: u32,
    /// When it came last.
    pub last_at: Stamp,
    /// The HTTP status.
    pub http: Option<u16>,
    /// What Midtrans' clock showed.
    pub told_at: Option<Stamp>,
    /// What was made of it.
    pub outcome: Outcome,
    /// How many bytes it had.
    pub length: u64,
    /// The answer as it came, or its beginning; `null` where only the number of answers is known.
    pub body: Option<String>,
    /// It is longer than this.
    pub shortened: bool,
    /// The entry it became.
    pub led_to: Option<i64>,
}

/// Something that came by itself and names this code.
#[derive(Clone, Debug, Serialize)]
pub struct Told {
    /// When it came first.
    pub received_at: Stamp,
    /// How often the same bytes came.
    pub times: u32,
    /// Whether Midtrans signed it.
    pub signature: Signature,
    /// When that was found.
    pub verified_at: Option<Stamp>,
    /// It agrees with itself and with the order; otherwise it was only a reason to ask.
    pub fits: Option<bool>,
    /// The state it claims, if it can be read at all.
    pub claims: Option<Report>,
    /// What it says, without its signature.
    pub body: String,
    /// It is longer than this.
    pub shortened: bool,
    /// The entry it became.
    pub led_to: Option<i64>,
}

/// Whether Midtrans signed a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    /// It fits the shop's key.
    Genuine,
    /// Nobody could check it yet.
    Unverified,
    /// It does not fit, or the message is none: it moved nothing.
    Forged,
}

/// One entry of the log.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Its number.
    pub seq: i64,
    /// When it was written down.
    pub at: Stamp,
    /// Who said so.
    pub from: From,
    /// The code it is about.
    pub order_id: Option<String>,
    /// What happened, as it stands in the log.
    pub event: Value,
    /// It is Midtrans' word, and the answer itself was not kept.
    pub answer_missing: bool,
    /// The same for people.
    #[serde(skip)]
    pub moment: Moment,
}

/// A time that is told to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp(pub Time);

/// So many messages about one code are listed.
const MESSAGES: u32 = 100;
/// So much is shown of a message. Midtrans' own are about one KiB.
const MESSAGE: usize = 4 * 1024;

impl Counter {
    /// Puts together everything known about an order. `verdict` is what came of comparing the log with
    /// its chain, if anybody has; entries that were written since then count as not proven. What an
    /// earlier comparison found is found for good.
    pub fn evidence(&self, named: &str, verdict: Option<&Verdict>) -> Result<Evidence, Problem> {
        let sale = self.find(named)?;
        let log = self.ledger.log(sale.id)?;
        let mut told = self.ledger.matters_of(MatterKind::Tampered)?;
        told.extend(self.ledger.matters_of(MatterKind::Unsealed)?);
        told.extend(self.ledger.matters_of(MatterKind::Restored)?);
        let addresses = sale.attempts.iter().filter_map(|attempt| attempt.notify.as_deref());
        let left_out = LeftOut::of(&self.ledger, addresses)?;
        let codes = sale.attempts.iter().map(|attempt| self.code(attempt, &log, &left_out));
        let attempts = codes.collect::<Result<Vec<_>, _>>()?;
        let became: Vec<i64> =
            attempts.iter().flat_map(|code| &code.answers).filter_map(|answer| answer.led_to).collect();
        let (no_answers_up_to, answers_since) = match self.ledger.exchanges_begin_after()? {
            Some((seq, at)) if log.iter().any(|entry| entry.seq <= seq) => (Some(seq), at.map(Stamp)),
            _ => (None, None),
        };
        let moments = timeline(&log).into_iter();
        let entries = log.iter().zip(moments).map(|(entry, moment)| line(entry, moment, &became, &left_out)).collect();
        Ok(Evidence {
            made_at: Stamp(self.now()),
            version: env!("CARGO_PKG_VERSION"),
            environment: self.ledger.environment(),
            till: self.ledger.till().to_string(),
            shop: left_out.text(&self.ledger.settings()?.shop_name),
            order: Ordered::of(&sale, self.all_concerns(&sale, &log)?, &left_out),
            no_answers_up_to,
            answers_since,
            chain: Chain::of(verdict, &told, &log),
            attempts,
            entries,
        })
    }

    fn code(&self, attempt: &Attempt, log: &[Entry], left_out: &LeftOut) -> Result<Code, Problem> {
        let everything = self.ledger.everything_about(attempt.order_id, MESSAGES)?;
        let listed = everything.stored.len() + everything.strange.len();
        let stored = everything.stored.iter().map(|stored| Told::stored(stored, log, left_out));
        let strange = everything.strange.iter().map(|strange| Told::strange(strange, left_out));
        let mut notifications: Vec<Told> = stored.chain(strange).collect();
        notifications.sort_by_key(|told| told.received_at.0);
        let answers = self.ledger.exchanges(attempt.order_id)?;
        let told = |text: &Option<String>| text.as_deref().map(|text| left_out.text(text));
        Ok(Code {
            order_id: attempt.order_id.to_string(),
            store: attempt.store,
            amount: attempt.amount,
            state: attempt.state(),
            payment_code: told(&attempt.payment_code),
            transaction_id: told(&attempt.transaction_id),
            intended_at: Stamp(attempt.intended_at),
            paid_at: attempt.paid_at.map(Stamp),
            confirmed_at: attempt.confirmed_at.map(Stamp),
            request_sha256: hex(&Sha256::digest(attempt.request.as_bytes())),
            request: left_out.text(&attempt.request),
            own_address: attempt.notify.is_some(),
            answers: answers.into_iter().map(|kept| Answer::of(kept, left_out)).collect(),
            notifications,
            more_notifications: (everything.stored_count + everything.strange_count).saturating_sub(listed as u64),
        })
    }
}

impl Evidence {
    /// One object for programs.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// One page for people: HTML that needs nothing else, runs nothing and fits on A4.
    pub fn to_html(&self, language: Language) -> String {
        page::page(self, language)
    }
}

impl Ordered {
    fn of(sale: &Sale, concerns: Vec<Concern>, left_out: &LeftOut) -> Self {
        let handed_over = sale.handed_over.as_ref();
        let told = |text: &Option<String>| text.as_deref().map(|text| left_out.text(text));
        let item = |item: &Item| Item { name: left_out.text(&item.name), ..item.clone() };
        Self {
            id: sale.id.to_string(),
            number: sale.number.to_string(),
            ordered_at: Stamp(sale.ordered_at),
            amount: sale.order.amount.get(),
            store: sale.attempt().map_or(sale.order.store, |attempt| attempt.store),
            customer: told(&sale.order.customer),
            note: told(&sale.order.note),
            items: sale.order.items.iter().map(item).collect(),
            state: sale.state(),
            handed_over: handed_over
                .map(|hand_over| HandedOver { by: left_out.text(&hand_over.by), at: Stamp(hand_over.at) }),
            concerns: concerns.into_iter().map(|concern| Noticed::of(concern, left_out)).collect(),
        }
    }
}

impl Noticed {
    fn of(concern: Concern, left_out: &LeftOut) -> Self {
        let seen = concern.seen;
        Self {
            kind: concern.kind,
            values: concern.values.into_iter().map(|(gap, value)| (gap, left_out.text(&value))).collect(),
            at: Stamp(concern.at),
            entry: concern.grounds.entry,
            seen: seen.map(|seen| SeenTo { by: left_out.text(&seen.by), at: Stamp(seen.at), deed: seen.deed }),
        }
    }
}

impl Answer {
    fn of(kept: Exchange, left_out: &LeftOut) -> Self {
        Self {
            asked: kept.asked,
            sent_at: Stamp(kept.sent_at),
            heard_at: Stamp(kept.heard_at),
            times: kept.times,
            last_at: Stamp(kept.last_at),
            http: kept.http,
            told_at: kept.told_at.map(Stamp),
            outcome: kept.outcome,
            length: kept.length,
            shortened: kept.body.as_ref().is_some_and(|body| (body.len() as u64) < kept.length),
            body: kept.body.as_deref().map(|body| left_out.received(body)),
            led_to: kept.led_to,
        }
    }
}

impl Told {
    fn stored(stored: &Stored, log: &[Entry], left_out: &LeftOut) -> Self {
        let entry = stored.entry.and_then(|seq| log.iter().find(|entry| entry.seq == seq));
        let fits = entry.and_then(|entry| match entry.event {
            Event::Hinted { fits, .. } => Some(fits),
            _ => None,
        });
        let signature = match stored.seal {
            Seal::Genuine => Signature::Genuine,
            Seal::Unverified => Signature::Unverified,
        };
        let verified_at = entry.map(|entry| Stamp(entry.at));
        Self {
            verified_at,
            fits,
            led_to: stored.entry,
            ..Self::of(stored.received_at, stored.times, &stored.body, signature, left_out)
        }
    }

    fn strange(strange: &Strange, left_out: &LeftOut) -> Self {
        Self::of(strange.received_at, strange.times, &strange.body, Signature::Forged, left_out)
    }

    fn of(received_at: Time, times: u32, body: &[u8], signature: Signature, left_out: &LeftOut) -> Self {
        let claims = Notification::parse(body).ok().map(|told| request::report(told.transaction()));
        Self {
            received_at: Stamp(received_at),
            times,
            signature,
            verified_at: None,
            fits: None,
            claims,
            body: left_out.received(&body[..body.len().min(MESSAGE)]),
            shortened: body.len() > MESSAGE,
            led_to: None,
        }
    }
}

fn line(entry: &Entry, mut moment: Moment, became: &[i64], left_out: &LeftOut) -> Line {
    let mut event = serde_json::to_value(&entry.event).unwrap_or_default();
    if let Some(order) = event.get_mut("order").and_then(Value::as_object_mut) {
        order.remove("phone");
    }
    without_address(&mut event);
    left_out.value(&mut event);
    moment.values.iter_mut().for_each(|(_, value)| *value = left_out.text(value));
    Line {
        seq: entry.seq,
        at: Stamp(entry.at),
        from: entry.from,
        order_id: entry.attempt.map(|id: OrderId| id.to_string()),
        event,
        answer_missing: entry.from == From::Midtrans && !became.contains(&entry.seq),
        moment,
    }
}

/// Whether an event names an address for notifications stays; the address does not, because whoever has
/// it can fill the shop's letterbox.
pub fn without_address(event: &mut Value) {
    if let Some(address) = event.get_mut("notify") {
        *address = true.into();
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&wib::exact_utc(self.0))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
