//! What the window sees. Every type that crosses into it is here, and nowhere else; `cargo test`
//! writes them to `ui/src/bindings/view.ts`.

use std::collections::BTreeMap;

use counter::{Card, Counter, utc};
use ledger::{List, Row, word};
use serde::{Deserialize, Serialize};
use till::{Ear, Sale, Time};

pub use crate::problem::Problem;

/// The same words as the domain has, in a type of the window's own.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident = $domain:path { $($word:ident),* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "view.ts"))]
        #[allow(missing_docs, reason = "the words are the domain's")]
        pub enum $name { $($word),* }

        impl From<$domain> for $name {
            fn from(domain: $domain) -> Self {
                match domain { $(<$domain>::$word => Self::$word),* }
            }
        }

        impl From<$name> for $domain {
            fn from(view: $name) -> Self {
                match view { $($name::$word => Self::$word),* }
            }
        }
    };
}

words! {
    /// Which Midtrans the shop talks to.
    Environment = till::Environment { Training, Sandbox, Production }
}
words! {
    /// A chain of stores.
    Store = till::Store { Alfamart, Indomaret }
}
words! {
    /// Where an order stands.
    State = till::State {
        Intent, Unknown, Pending, Confirming, Paid, PaidLate, Reversed, Expired, Cancelled, Denied, Refused, Abandoned
    }
}
words! {
    /// A list as the window has it.
    ListName = ledger::List { Pending, Paid, Attention, Closed, All }
}
words! {
    /// What a trainer can make happen.
    Deed = desk::training::Deed { Pay, Reverse, Expire }
}

words! {
    /// Whether the entries of an order are as they were written.
    Integrity = counter::evidence::Integrity { Unchecked, Whole, Unproven, Doubtful }
}
words! {
    /// Whether Midtrans signed a message.
    Signature = counter::evidence::Signature { Genuine, Unverified, Forged }
}
words! {
    /// Whether the log is as it was written.
    Sealing = ledger::Sealing { Whole, Changed, Unsealed, Unknown }
}
words! {
    /// What was done about a concern.
    Remedy = till::Deed { Returned, ChargedAgain, Delivered, Nothing }
}
words! {
    /// Whether a new code may be made for an order: now, once an earlier one is known to be closed, or not.
    Reissue = till::Reissue { Now, OnceClosed, Paid, Never }
}

/// The language of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "view.ts"))]
pub enum Language {
    /// Indonesian.
    #[default]
    Id,
    /// English.
    En,
}

/// Light, dark, or whatever the desktop has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "view.ts"))]
#[allow(missing_docs, reason = "the words say it")]
pub enum Look {
    #[default]
    System,
    Light,
    Dark,
}

/// Whether notifications can arrive here now: not, into this window, or into a relay of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "view.ts"))]
#[allow(missing_docs, reason = "the words say it")]
pub enum RelayState {
    Off,
    Running,
    Elsewhere,
}

/// What stands in the way of notifications. The sentence with its remedy stands in texts.json under
/// `banner.<kind>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "view.ts"))]
pub enum AlarmKind {
    /// They do not arrive, though a relay is running.
    Deaf,
    /// The relay that was running is not running any more.
    RelayStopped,
}

words! {
    /// How much room the disk has left: enough, little, or so little that no new code is made.
    Room = counter::Room { Plenty, Low, Full }
}

/// Derives what everything the window sees has.
macro_rules! seen {
    ($($(#[$doc:meta])* $name:ident { $($(#[$note:meta])* $field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "view.ts"))]
        #[allow(missing_docs, reason = "a field without a note says what it is")]
        pub struct $name { $($(#[$note])* pub $field: $type),* }
    )*};
}

seen! {
    /// What the window needs before it paints.
    Start {
        version: String,
        language: Language,
        look: Look,
        /// null: nothing was ever opened, show Welcome.
        shop: Option<Shop>,
        /// Why the shop that was last used could not be opened.
        problem: Option<Problem>,
        draft: Option<Draft>,
    }

    /// The opened shop.
    Shop { environment: Environment, name: String, till: String }

    /// The order being made, as typed: nothing is lost, Rust decides what is right.
    Draft {
        /// Twelve characters (0-9 and a-z without i, l, o, u), drawn when the draft is begun: the same draft never becomes two sales.
        id: String,
        amount: String,
        store: Store,
        items: Vec<DraftItem>,
        customer: String,
        phone: String,
        email: String,
        note: String,
        /// "2h", "45m", "3d" or "closing".
        expiry: String,
    }

    /// One row of items, as typed.
    DraftItem { name: String, price: String, quantity: String }

    /// One line of a list. Money is whole rupiah; times are RFC 3339, UTC.
    OrderRow {
        id: String,
        number: String,
        store: Store,
        #[cfg_attr(test, ts(type = "number"))]
        amount: u64,
        customer: Option<String>,
        phone: Option<String>,
        note: Option<String>,
        state: State,
        payment_code: Option<String>,
        created_at: String,
        expires_at: Option<String>,
        paid_at: Option<String>,
        /// Indomaret may still reverse until then.
        hold_until: Option<String>,
        handed_over_at: Option<String>,
        /// A code of texts.json under `order_problem.<code>`.
        problem: Option<String>,
        /// It belongs in the owner's list "needs attention".
        attention: bool,
    }

    /// What may be done with an order now.
    Can { check: bool, cancel: bool, hand_over: bool, reissue: Reissue }

    /// One payment code of an order, or the try to get one.
    Code {
        order_id: String,
        store: Store,
        state: State,
        payment_code: Option<String>,
        made_at: String,
        closed_at: Option<String>,
        paid_at: Option<String>,
    }

    /// The left side after a charge.
    CodeCard {
        order: OrderRow,
        /// The payment code in groups of four; empty while there is none.
        groups: Vec<String>,
        /// Rows of the QR, "1" is dark. It holds plain text for the customer's phone.
        qr: Option<Vec<String>>,
        /// Code 39 as widths in modules, bar first, then space, and so on; null where a store must not scan it.
        barcode: Option<Vec<u8>>,
        /// The name the store's till will ask for.
        merchant: String,
        /// All codes of this order, oldest first.
        codes: Vec<Code>,
        /// The disk would not take the code down yet: it stands on this screen and nowhere else.
        unsaved: bool,
        can: Can,
    }

    /// Everything known of one order.
    OrderView {
        order: OrderRow,
        environment: Environment,
        email: Option<String>,
        items: Vec<Item>,
        order_id: Option<String>,
        handed_over_by: Option<String>,
        /// All its codes, oldest first.
        codes: Vec<Code>,
        /// What the owner still has to look at.
        concerns: Vec<Concern>,
        can: Can,
        timeline: Vec<Moment>,
    }

    /// One row of what was bought.
    Item {
        name: String,
        #[cfg_attr(test, ts(type = "number"))]
        price: i64,
        quantity: u32,
    }

    /// One line of the timeline: `kind` and `source` are codes of texts.json under `moment.<kind>` and `source.<source>`.
    Moment {
        at: String,
        kind: String,
        source: String,
        /// Which of the order's codes it is about, counted from one; null when it is about the order.
        code: Option<u32>,
        values: BTreeMap<String, String>,
    }

    /// What the owner has to look at, newest first, and what was seen to lately.
    Attention { open: Vec<Concern>, seen: Vec<Concern> }

    /// Something the owner has to look at: `kind` is a code of texts.json under `concern.<kind>` and `concern.<kind>.next`.
    Concern {
        /// Its name when it is seen to.
        id: String,
        kind: String,
        at: String,
        order: Option<OrderRow>,
        /// How many rupiah it is about, where it is about money.
        #[cfg_attr(test, ts(type = "number | null"))]
        amount: Option<u64>,
        /// What goes into the gaps of both sentences.
        values: BTreeMap<String, String>,
        /// Who said so, a code of texts.json under `source.<source>`; null where nobody of them did.
        source: Option<String>,
        /// So many answers of Midtrans and genuine notifications about it are kept.
        #[cfg_attr(test, ts(type = "number"))]
        answers: u64,
        #[cfg_attr(test, ts(type = "number"))]
        notifications: u64,
        /// Nobody can put it aside.
        ends_by_itself: bool,
        /// null: it is still open.
        seen: Option<Seen>,
    }

    /// Somebody has seen to a concern.
    Seen { at: String, by: String, remedy: Remedy }

    /// Everything that was said about an order, as it was said.
    Evidence {
        order: OrderRow,
        environment: Environment,
        codes: Vec<Code>,
        integrity: Integrity,
        /// So many entries of the log are about it.
        #[cfg_attr(test, ts(type = "number"))]
        entries: u64,
        /// Answers before this moment were not kept; null where all were.
        kept_since: Option<String>,
        pieces: Vec<Piece>,
        /// Further messages that are not listed.
        #[cfg_attr(test, ts(type = "number"))]
        more: u64,
    }

    /// One thing that was said about an order: by us to Midtrans and back, or by a notification.
    Piece {
        at: String,
        /// A code of texts.json under `evidence.asked.<asked>`; null for a notification, which nobody asked for.
        asked: Option<String>,
        /// A code of texts.json under `evidence.outcome.<outcome>`; null where there is none.
        outcome: Option<String>,
        /// Which of the order's codes it is about, counted from one.
        code: u32,
        http: Option<u16>,
        /// The same was said so often in a row.
        times: u32,
        last_at: String,
        /// What Midtrans' clock showed.
        told_at: Option<String>,
        /// null where nothing is signed.
        signature: Option<Signature>,
        /// Whether a notification agrees with itself and with the order.
        fits: Option<bool>,
        request: Option<String>,
        body: Option<String>,
        /// Only the beginning of the body is here.
        shortened: bool,
    }

    /// A day at the counter, as it stands or as it was closed.
    Day {
        /// The WIB day, YYYY-MM-DD.
        day: String,
        takings: Vec<Taking>,
        total: Sum,
        /// How much of that was paid before this day and told in no earlier report.
        late: Sum,
        /// Payments that Midtrans confirmed once more, and those it did not.
        #[cfg_attr(test, ts(type = "number"))]
        confirmed: u64,
        unconfirmed: Vec<Unconfirmed>,
        /// Midtrans has answered how every open order stands.
        looked_up: bool,
        /// Codes that wait to be paid, and orders whose outcome is not clear.
        waiting: Sum,
        unclear: Sum,
        /// Paid, and the goods are still in the shop.
        not_handed_over: Sum,
        #[cfg_attr(test, ts(type = "number"))]
        attention: u64,
        seal: Sealing,
        /// null: it is not closed.
        closing: Option<Closing>,
    }

    /// Somebody closed the day.
    Closing { number: u32, day: String, at: String, by: String, total: Sum }

    /// What was paid at one chain of stores.
    Taking { store: Store, sum: Sum }

    /// A payment that was not confirmed at the closing; `why` is a code of texts.json under `unconfirmed.<why>`.
    Unconfirmed { order: OrderRow, why: String }

    /// Copies of the order book, newest first.
    Copies { folder: String, copies: Vec<Copy> }

    /// A copy of the order book that was opened and looked through after it was made.
    Copy {
        /// The name of its file, to restore it by.
        name: String,
        made_at: String,
        #[cfg_attr(test, ts(type = "number"))]
        bytes: u64,
    }

    /// What to list.
    Query {
        list: ListName,
        search: String,
        /// WIB days, YYYY-MM-DD, both included.
        from: Option<String>,
        to: Option<String>,
        offset: u32,
        limit: u32,
    }

    /// A part of a list, and the count and sum of the whole of it.
    Page {
        rows: Vec<OrderRow>,
        #[cfg_attr(test, ts(type = "number"))]
        count: u64,
        #[cfg_attr(test, ts(type = "number"))]
        amount: u64,
    }

    /// How many, and how much.
    Sum {
        #[cfg_attr(test, ts(type = "number"))]
        count: u64,
        #[cfg_attr(test, ts(type = "number"))]
        amount: u64,
    }

    /// The right side of Kasir: this WIB day, newest first, and whatever is still open.
    Today {
        rows: Vec<OrderRow>,
        paid: Sum,
        waiting: Sum,
        attention: Sum,
        /// What weighs on everything shown here until somebody has seen to it: `tampered`, `restored`.
        warnings: Vec<String>,
    }

    /// How fresh the window is.
    Freshness {
        now: String,
        /// The last try to reach Midtrans succeeded.
        online: bool,
        last_contact: Option<String>,
        relay: RelayState,
        /// This PC's clock is that far ahead of Midtrans' (negative: behind); null while unknown or under two minutes.
        #[cfg_attr(test, ts(type = "number | null"))]
        clock_ahead_seconds: Option<i64>,
        room: Room,
        /// Why there is no copy of the last hour.
        copies_problem: Option<Problem>,
        /// Why Midtrans cannot be asked, if the key is the reason.
        problem: Option<Problem>,
        /// Why payments become known late, if the receiver is the reason.
        alarm: Option<Alarm>,
    }

    /// One plain warning about the receiver of notifications.
    Alarm {
        kind: AlarmKind,
        since: String,
        /// So many payments were found only because Gerai asked; none is counted where the relay stopped.
        orders: u32,
    }

    /// What the owner sets.
    Settings {
        shop_name: String,
        merchant_name: String,
        closes_at: String,
        alfamart_barcode: bool,
        hold_goods: bool,
    }

    /// Whether a key is kept for an environment.
    KeyView { environment: Environment, set: bool }

    /// The relay of this shop.
    RelayView { inside: bool, port: u16, state: RelayState, notification_url: Option<String> }
}

impl Draft {
    /// The draft and the id its sale will have.
    pub fn read(self) -> Result<(till::SaleId, till::Draft), counter::Problem> {
        let id = self.id.parse().map_err(|_| counter::Problem::of("internal").with("detail", "draft.id"))?;
        let item = |row: DraftItem| till::DraftItem { name: row.name, price: row.price, quantity: row.quantity };
        let draft = till::Draft {
            amount: self.amount,
            store: self.store.into(),
            items: self.items.into_iter().map(item).collect(),
            customer: self.customer,
            phone: self.phone,
            email: self.email,
            note: self.note,
            expiry: self.expiry,
        };
        Ok((id, draft))
    }
}

impl From<(till::SaleId, till::Draft)> for Draft {
    fn from((id, draft): (till::SaleId, till::Draft)) -> Self {
        let item = |row: till::DraftItem| DraftItem { name: row.name, price: row.price, quantity: row.quantity };
        Self {
            id: id.to_string(),
            amount: draft.amount,
            store: draft.store.into(),
            items: draft.items.into_iter().map(item).collect(),
            customer: draft.customer,
            phone: draft.phone,
            email: draft.email,
            note: draft.note,
            expiry: draft.expiry,
        }
    }
}

impl OrderRow {
    /// A row of a list. An outcome unknown since before `long_unknown` needs attention too.
    pub fn of(row: Row, long_unknown: Time) -> Self {
        let waits_long = row.waits_long(long_unknown);
        let problem = if waits_long { Some("long_unknown".into()) } else { row.problem.as_ref().map(word) };
        Self {
            id: row.id.to_string(),
            number: row.number.to_string(),
            store: row.store.into(),
            amount: row.amount,
            customer: row.customer,
            phone: row.phone,
            note: row.note,
            state: row.state.into(),
            payment_code: row.payment_code,
            created_at: utc(row.ordered_at),
            expires_at: row.expires_at.map(utc),
            paid_at: row.paid_at.map(utc),
            hold_until: row.hold_until.filter(|_| row.confirmed_at.is_none()).map(utc),
            handed_over_at: row.handed_over_at.map(utc),
            problem,
            attention: row.concerns > 0 || waits_long,
        }
    }
}

impl Can {
    /// What may be done with this sale now.
    pub fn with(counter: &Counter, sale: &Sale) -> Self {
        let attempt = sale.attempt();
        Self {
            check: attempt.is_some(),
            cancel: attempt.is_some_and(|attempt| attempt.is_live() && attempt.cancel_asked.is_none()),
            hand_over: counter.may_hand_over(sale).is_ok(),
            reissue: sale.reissue().into(),
        }
    }
}

impl Code {
    /// All codes of a sale, oldest first.
    pub fn all(sale: &Sale) -> Vec<Self> {
        sale.attempts.iter().map(Self::of).collect()
    }

    fn of(attempt: &till::Attempt) -> Self {
        Self {
            order_id: attempt.order_id.to_string(),
            store: attempt.store.into(),
            state: attempt.state().into(),
            payment_code: attempt.payment_code.clone(),
            made_at: utc(attempt.intended_at),
            closed_at: attempt.closed_at.map(utc),
            paid_at: attempt.paid_at.map(utc),
        }
    }
}

impl CodeCard {
    /// The card of a sale.
    pub fn of(counter: &Counter, sale: &Sale) -> Result<Self, counter::Problem> {
        let Card { groups, qr, bars, merchant } = counter.card(sale)?;
        Ok(Self {
            order: OrderRow::of(Row::of(sale), counter.long_unknown()),
            groups,
            qr,
            barcode: bars,
            merchant,
            codes: Code::all(sale),
            unsaved: counter.is_unsaved(sale.id),
            can: Can::with(counter, sale),
        })
    }
}

impl OrderView {
    /// Everything known of a sale.
    pub fn of(counter: &Counter, sale: &Sale) -> Result<Self, counter::Problem> {
        let item = |item: &till::Item| Item { name: item.name.clone(), price: item.price, quantity: item.quantity };
        Ok(Self {
            order: OrderRow::of(Row::of(sale), counter.long_unknown()),
            environment: counter.ledger().environment().into(),
            email: sale.order.email.clone(),
            items: sale.order.items.iter().map(item).collect(),
            order_id: sale.attempt().map(|attempt| attempt.order_id.to_string()),
            handed_over_by: sale.handed_over.as_ref().map(|hand_over| hand_over.by.clone()),
            codes: Code::all(sale),
            concerns: Concern::all(counter, counter.concerns_of(sale.id.as_str())?),
            can: Can::with(counter, sale),
            timeline: Moment::all(sale, &counter.ledger().log(sale.id)?),
        })
    }
}

impl Moment {
    /// The story of a sale, from its log.
    fn all(sale: &Sale, log: &[till::Entry]) -> Vec<Self> {
        let place =
            |entry: &till::Entry| sale.attempts.iter().position(|attempt| Some(attempt.order_id) == entry.attempt);
        // A line of the story for each entry of the log.
        let told = counter::timeline(log).into_iter().zip(log);
        let moment = |(moment, entry): (counter::Moment, &till::Entry)| Self {
            at: utc(moment.at),
            kind: moment.kind.into(),
            source: moment.source.into(),
            code: place(entry).and_then(|place| u32::try_from(place + 1).ok()),
            values: moment.values.into_iter().map(|(gap, value)| (gap.to_owned(), value)).collect(),
        };
        told.map(moment).collect()
    }
}

impl Attention {
    /// What is open, and what was seen to lately.
    pub fn of(counter: &Counter) -> Result<Self, counter::Problem> {
        // More than fits a screen or two is looked up at the order itself.
        const LATELY: u32 = 20;
        let (open, seen) = (counter.concerns()?, counter.seen_to(LATELY)?);
        Ok(Self { open: Concern::all(counter, open), seen: Concern::all(counter, seen) })
    }
}

impl Concern {
    fn all(counter: &Counter, concerns: Vec<counter::Concern>) -> Vec<Self> {
        concerns.into_iter().map(|concern| Self::of(concern, counter.long_unknown())).collect()
    }

    fn of(concern: counter::Concern, long_unknown: Time) -> Self {
        let seen = |seen: ledger::Seen| Seen { at: utc(seen.at), by: seen.by, remedy: seen.deed.into() };
        Self {
            id: concern.name.to_string(),
            kind: concern.kind,
            at: utc(concern.at),
            order: concern.order.map(|row| OrderRow::of(row, long_unknown)),
            amount: concern.amount,
            values: concern.values,
            source: concern.grounds.source.map(Into::into),
            answers: concern.grounds.answers,
            notifications: concern.grounds.notifications,
            ends_by_itself: concern.ends_by_itself,
            seen: concern.seen.map(seen),
        }
    }
}

impl Evidence {
    /// The evidence of an order, in the order in which things were said.
    pub fn of(counter: &Counter, sale: &Sale, evidence: counter::Evidence) -> Self {
        let said = |(code, n): (&counter::evidence::Code, u32)| -> Vec<Piece> {
            let answers = code.answers.iter().map(|answer| Piece::answer(code, answer, n));
            answers.chain(code.notifications.iter().map(|told| Piece::told(told, n))).collect()
        };
        let mut pieces: Vec<Piece> = evidence.attempts.iter().zip(1..).flat_map(said).collect();
        pieces.sort_by(|one, other| one.at.cmp(&other.at));
        Self {
            order: OrderRow::of(Row::of(sale), counter.long_unknown()),
            environment: evidence.environment.into(),
            codes: Code::all(sale),
            integrity: evidence.chain.verdict.into(),
            entries: evidence.entries.len() as u64,
            kept_since: evidence.answers_since.map(|stamp| utc(stamp.0)),
            more: evidence.attempts.iter().map(|code| code.more_notifications).sum(),
            pieces,
        }
    }
}

impl Piece {
    fn answer(code: &counter::evidence::Code, answer: &counter::evidence::Answer, n: u32) -> Self {
        let charge = answer.asked == till::Asked::Charge;
        Self {
            at: utc(answer.sent_at.0),
            asked: Some(word(&answer.asked)),
            outcome: Some(word(&answer.outcome)),
            code: n,
            http: answer.http,
            times: answer.times,
            last_at: utc(answer.last_at.0),
            told_at: answer.told_at.map(|stamp| utc(stamp.0)),
            signature: None,
            fits: None,
            request: Some(code.request.clone()).filter(|request| charge && !request.is_empty()),
            body: answer.body.clone(),
            shortened: answer.shortened,
        }
    }

    fn told(told: &counter::evidence::Told, n: u32) -> Self {
        Self {
            at: utc(told.received_at.0),
            asked: None,
            outcome: told.claims.as_ref().map(word),
            code: n,
            http: None,
            times: told.times,
            last_at: utc(told.received_at.0),
            told_at: None,
            signature: Some(told.signature.into()),
            fits: told.fits,
            request: None,
            body: Some(told.body.clone()),
            shortened: told.shortened,
        }
    }
}

impl Day {
    /// What a day comes to, or came to.
    pub fn of(counter: &Counter, day: counter::Day) -> Result<Self, counter::Problem> {
        let report = day.report;
        let mut unconfirmed = Vec::new();
        for doubt in &report.unconfirmed {
            if let Some(sale) = counter.ledger().sale(doubt.sale)? {
                let order = OrderRow::of(Row::of(&sale), counter.long_unknown());
                unconfirmed.push(Unconfirmed { order, why: word(&doubt.why) });
            }
        }
        let taking = |taking: &ledger::Taking| Taking { store: taking.store.into(), sum: taking.sum.into() };
        Ok(Self {
            day: counter::date(day.day),
            takings: report.takings.iter().map(taking).collect(),
            total: report.total().into(),
            late: report.late.into(),
            confirmed: report.confirmed,
            unconfirmed,
            looked_up: report.looked_up,
            waiting: report.waiting.into(),
            unclear: report.unclear.into(),
            not_handed_over: report.not_handed_over.into(),
            attention: report.attention,
            seal: report.seal.into(),
            closing: day.closing.map(Into::into),
        })
    }

    /// A day that was closed.
    pub fn closed(counter: &Counter, closing: counter::Closing) -> Result<Self, counter::Problem> {
        let (day, report) = (closing.day, closing.report.clone());
        Self::of(counter, counter::Day { day, report, closing: Some(closing) })
    }
}

impl From<counter::Closing> for Closing {
    fn from(closing: counter::Closing) -> Self {
        Self {
            number: closing.number,
            day: counter::date(closing.day),
            at: utc(closing.at),
            by: closing.by,
            total: closing.report.total().into(),
        }
    }
}

impl Copies {
    /// The copies there are.
    pub fn of(ledger: &ledger::Ledger) -> Result<Self, counter::Problem> {
        let copy = |copy: ledger::Copy| Copy { name: copy.name, made_at: utc(copy.at), bytes: copy.bytes };
        let folder = ledger.folder().join("copies").display().to_string();
        Ok(Self { folder, copies: ledger.copies()?.into_iter().map(copy).collect() })
    }
}

impl Page {
    /// A page of a list.
    pub fn of(page: ledger::Page, long_unknown: Time) -> Self {
        let rows = page.rows.into_iter().map(|row| OrderRow::of(row, long_unknown)).collect();
        Self { rows, count: page.sum.count, amount: page.sum.amount }
    }
}

impl From<ledger::Sum> for Sum {
    fn from(sum: ledger::Sum) -> Self {
        Self { count: sum.count, amount: sum.amount }
    }
}

impl Query {
    /// What to ask the ledger.
    pub fn read(self, long_unknown: Time) -> ledger::Query {
        let day = |text: Option<String>| text.as_deref().and_then(counter::parse_day);
        ledger::Query {
            search: self.search,
            from: day(self.from).map(|(start, _)| start),
            before: day(self.to).map(|(_, end)| end),
            offset: self.offset,
            limit: self.limit.min(500),
            ..ledger::Query::newest(List::from(self.list), 0, long_unknown)
        }
    }
}

impl Freshness {
    /// How fresh the lists of this counter are.
    pub fn of(counter: &Counter, relay: RelayState) -> Self {
        let fresh = counter.freshness();
        Self {
            now: utc(counter.true_now()),
            online: fresh.online,
            last_contact: fresh.last_contact.map(utc),
            relay,
            room: counter.room().into(),
            copies_problem: counter.no_copy().map(Into::into),
            clock_ahead_seconds: fresh.ahead_millis.map(|millis| millis / 1000),
            problem: fresh.problem.map(Into::into),
            // A ledger that cannot be read is said where it is read.
            alarm: counter.ear().ok().and_then(Alarm::of),
        }
    }
}

impl Alarm {
    /// The warning, if there is one.
    fn of(ear: Ear) -> Option<Self> {
        match ear {
            Ear::Deaf { since, orders } => Some(Self { kind: AlarmKind::Deaf, since: utc(since), orders }),
            Ear::Stopped { since } => Some(Self { kind: AlarmKind::RelayStopped, since: utc(since), orders: 0 }),
            Ear::Fine | Ear::NeverHeard => None,
        }
    }
}

impl Today {
    /// The day as the right side of Kasir shows it.
    pub fn of(counter: &Counter) -> Result<Self, counter::Problem> {
        let (today, long_unknown) = (counter.today()?, counter.long_unknown());
        let mut warnings: Vec<String> = counter.ledger().matters()?.iter().filter_map(Self::warning).collect();
        warnings.dedup();
        Ok(Self {
            rows: today.rows.into_iter().map(|row| OrderRow::of(row, long_unknown)).collect(),
            paid: today.paid.into(),
            waiting: today.waiting.into(),
            attention: today.attention.into(),
            warnings,
        })
    }

    fn warning(matter: &ledger::Matter) -> Option<String> {
        use ledger::MatterKind::{Restored, Tampered};
        matches!(matter.kind, Restored | Tampered).then(|| word(&matter.kind))
    }
}

impl From<ledger::Settings> for Settings {
    fn from(set: ledger::Settings) -> Self {
        Self {
            shop_name: set.shop_name,
            merchant_name: set.merchant_name,
            closes_at: set.closes_at,
            alfamart_barcode: set.alfamart_barcode,
            hold_goods: set.hold_goods,
        }
    }
}

impl Settings {
    /// These, with what the window does not set left as it is.
    pub fn onto(self, set: ledger::Settings) -> ledger::Settings {
        ledger::Settings {
            shop_name: self.shop_name,
            merchant_name: self.merchant_name,
            closes_at: self.closes_at,
            alfamart_barcode: self.alfamart_barcode,
            hold_goods: self.hold_goods,
            ..set
        }
    }
}

#[cfg(test)]
mod tests {
    use ts_rs::{Config, TS};

    use super::*;

    /// One test for one file: tests that run in processes of their own would overwrite each other's part.
    #[test]
    fn the_types_of_the_window_are_written_for_it() {
        let into = Config::from_env();
        macro_rules! write {
            ($($seen:ty),*) => { $(<$seen>::export_all(&into).unwrap();)* };
        }
        write!(Start, CodeCard, OrderView, Query, Page, Today, Freshness, Settings, KeyView, RelayView, Deed);
        write!(Attention, Evidence, Day, Copies);
    }
}
