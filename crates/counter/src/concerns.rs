use std::{fmt, str::FromStr};

use ledger::{Facts, List, Matter, MatterKind, Query, Row, Seen, Trouble, word};
use midtrans::Notification;
use slip::text::rupiah;
use till::{Attempt, Concern as Kind, Deed, Entry, Event, From, OrderId, Sale, SaleId, Time};

use crate::{Counter, LONG_UNKNOWN, Problem, person, request, timeline::source, wib};

/// Something the owner has to look at, or had to: what happened, what that rests on, and the next move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concern {
    /// What it is called when somebody has seen to it.
    pub name: ConcernName,
    /// What happened stands under `concern.<kind>`, and what to do under `concern.<kind>.next`.
    pub kind: String,
    /// When it came up.
    pub at: Time,
    /// The order it is about; `None` if it belongs to no order, or to more than one.
    pub order: Option<Row>,
    /// How many rupiah it is about, where it is about money.
    pub amount: Option<u64>,
    /// What goes into the gaps of both sentences.
    pub values: Facts,
    /// What it rests on.
    pub grounds: Grounds,
    /// The desk is still at it, and it ends by itself: nobody can put it aside.
    pub ends_by_itself: bool,
    /// Who has seen to it; `None` while it is open.
    pub seen: Option<Seen>,
}

/// What a concern is called: `<order_id>.<kind>`, or `matter.7` if it belongs to no order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConcernName {
    /// Something about a code of an order.
    OfCode(OrderId, Kind),
    /// The outcome of an order has been unknown for long.
    LongUnknown(OrderId),
    /// What belongs to no order.
    Matter(i64),
}

/// What a concern rests on. All of it is in the evidence of its order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grounds {
    /// The entry of the log with which it came up.
    pub entry: Option<i64>,
    /// Who said so stands under `source.<source>`.
    pub source: Option<&'static str>,
    /// How many answers of Midtrans about it are kept.
    pub answers: u64,
    /// How many genuine notifications about it came.
    pub notifications: u64,
}

/// More than anybody looks through at once; the rest moves up as these are seen to.
const MOST: u32 = 500;
const LONG: &str = "long_unknown";

impl Counter {
    /// Everything the owner has to look at, newest first.
    pub fn concerns(&self) -> Result<Vec<Concern>, Problem> {
        let mut concerns = Vec::new();
        for row in self.ledger.page(&Query::newest(List::Attention, MOST, self.long_unknown()))?.rows {
            // One order that somebody has made unreadable shall not hide what is to be said about the others.
            let Some((sale, log)) = self.readable(row.id)? else { continue };
            concerns.extend(self.all_concerns(&sale, &log)?.into_iter().filter(|concern| concern.seen.is_none()));
        }
        for matter in self.ledger.matters()? {
            concerns.push(self.of_matter(matter)?);
        }
        concerns.sort_by_key(|concern| std::cmp::Reverse(concern.at));
        Ok(concerns)
    }

    /// What the owner still has to look at of one order, in the order in which it came up.
    pub fn concerns_of(&self, named: &str) -> Result<Vec<Concern>, Problem> {
        let sale = self.find(named)?;
        let log = self.ledger.log(sale.id)?;
        let all = self.all_concerns(&sale, &log)?;
        Ok(all.into_iter().filter(|concern| concern.seen.is_none()).collect())
    }

    /// The same with what somebody has seen to.
    pub(crate) fn all_concerns(&self, sale: &Sale, log: &[Entry]) -> Result<Vec<Concern>, Problem> {
        let all = came_up(log);
        let mut concerns = all.iter().map(|it| self.of_code(sale, log, it)).collect::<Result<Vec<_>, _>>()?;
        concerns.extend(self.of_long_unknown(sale)?);
        Ok(concerns)
    }

    /// What was seen to lately, the latest first.
    pub fn seen_to(&self, most: u32) -> Result<Vec<Concern>, Problem> {
        let mut concerns = Vec::new();
        for deed in unless_unreadable(self.ledger.deeds(most))?.unwrap_or_default() {
            let Some((sale, log)) = self.readable(deed.sale)? else { continue };
            if let Some(it) = came_up(&log).iter().find(|it| it.seen.is_some_and(|seen| seen.seq == deed.seq)) {
                concerns.push(self.of_code(&sale, &log, it)?);
            }
        }
        for matter in self.ledger.matters_seen_to(most)? {
            concerns.push(self.of_matter(matter)?);
        }
        concerns.sort_by_key(|concern| std::cmp::Reverse(concern.seen.as_ref().map(|seen| seen.at)));
        concerns.truncate(most as usize);
        Ok(concerns)
    }

    /// Writes down what was done about a concern, and by whom, once. That moves no payment.
    pub fn see_to(&self, name: &str, deed: Deed, by: &str, from: From) -> Result<(), Problem> {
        let by = person(by)?;
        match name.trim().parse() {
            Ok(ConcernName::OfCode(order_id, kind)) => self.see_to_code(order_id, kind, deed, by, from),
            Ok(ConcernName::LongUnknown(order_id)) => {
                let waits = Row::of(&self.sale_of(order_id)?).waits_long(self.long_unknown());
                Err(Problem::of(if waits { "concern_open_still" } else { "concern_over" }))
            }
            Ok(ConcernName::Matter(id)) => {
                let seen = Seen { by: by.into(), at: self.now(), deed };
                match self.ledger.see_to(id, &seen)? {
                    Some(Matter { seen: None, .. }) => Ok(()),
                    Some(Matter { seen: Some(first), .. }) => Err(closed(&first)),
                    None => Err(Problem::of("concern_unknown")),
                }
            }
            Err(NoSuchName) => Err(Problem::of("concern_unknown")),
        }
    }

    fn see_to_code(&self, order_id: OrderId, kind: Kind, deed: Deed, by: &str, from: From) -> Result<(), Problem> {
        let id = self.sale_of(order_id)?.id;
        let (mut done, this) = (false, (order_id, kind));
        let sale = self.ledger.write(id, from, self.now(), |sale| {
            done = !kind.ends_by_itself() && sale.open_concerns().contains(&this);
            let seen_to = Event::SeenTo { concern: kind, deed, by: by.into() };
            if done { vec![(Some(order_id), seen_to)] } else { vec![] }
        })?;
        if done {
            return Ok(());
        }
        if sale.open_concerns().contains(&this) {
            return Err(Problem::of("concern_open_still"));
        }
        let log = self.ledger.log(id)?;
        let first = came_up(&log).into_iter().rev().find(|it| (it.order_id, it.kind) == this);
        let first = first.and_then(|it| it.seen).and_then(seen).filter(|_| sale.concerns().contains(&this));
        Err(first.as_ref().map_or_else(|| Problem::of("concern_over"), closed))
    }

    /// A sale with its log, if there is one that can be read.
    fn readable(&self, id: SaleId) -> Result<Option<(Sale, Vec<Entry>)>, Problem> {
        let log = unless_unreadable(self.ledger.log(id))?;
        Ok(log.and_then(|log| Sale::of(&log).map(|sale| (sale, log))))
    }

    fn sale_of(&self, order_id: OrderId) -> Result<Sale, Problem> {
        self.ledger.find(order_id.as_str())?.ok_or_else(|| Problem::of("concern_unknown"))
    }

    fn of_code(&self, sale: &Sale, log: &[Entry], it: &CameUp) -> Result<Concern, Problem> {
        let attempt = sale.attempt_of(it.order_id).ok_or_else(|| Problem::of("concern_unknown"))?;
        let told = if it.kind == Kind::AmountDiffers { told_amount(log, attempt) } else { Some(attempt.amount) };
        let mut values = values(sale, attempt);
        values.insert("told".into(), told.map_or_else(|| "Rp ?".into(), rupiah));
        Ok(Concern {
            name: ConcernName::OfCode(it.order_id, it.kind),
            kind: word(&it.kind),
            at: it.entry.at,
            order: Some(Row::of(sale)),
            amount: told,
            values,
            grounds: Grounds {
                entry: Some(it.entry.seq),
                source: Some(source(it.entry)),
                ..self.grounds(it.order_id)?
            },
            ends_by_itself: it.kind.ends_by_itself(),
            seen: it.seen.and_then(seen),
        })
    }

    fn of_long_unknown(&self, sale: &Sale) -> Result<Option<Concern>, Problem> {
        let row = Row::of(sale);
        let Some(attempt) = sale.attempt().filter(|_| row.waits_long(self.long_unknown())) else { return Ok(None) };
        Ok(Some(Concern {
            name: ConcernName::LongUnknown(attempt.order_id),
            kind: LONG.into(),
            at: attempt.intended_at + LONG_UNKNOWN,
            amount: Some(attempt.amount),
            values: values(sale, attempt),
            grounds: self.grounds(attempt.order_id)?,
            order: Some(row),
            ends_by_itself: true,
            seen: None,
        }))
    }

    fn of_matter(&self, matter: Matter) -> Result<Concern, Problem> {
        let Matter { id, at, kind, key, facts: mut values, seen } = matter;
        let mut concern = Concern {
            name: ConcernName::Matter(id),
            kind: word(&kind),
            at,
            order: None,
            amount: None,
            values: Facts::new(),
            grounds: Grounds::default(),
            ends_by_itself: false,
            seen,
        };
        match (kind, key.parse()) {
            (MatterKind::Unmatched, Ok(order_id)) => {
                concern.amount = self.what_it_claims(order_id, &mut values)?;
                concern.grounds = self.grounds(order_id)?;
            }
            (MatterKind::Restored, _) => drop(values.insert("folder".into(), key)),
            _ => concern.order = self.name_the_orders(&mut concern.kind, &mut values)?,
        }
        concern.values = values;
        Ok(concern)
    }

    /// What the latest notification about a code that nobody can place says of it.
    fn what_it_claims(&self, order_id: OrderId, values: &mut Facts) -> Result<Option<u64>, Problem> {
        let latest = self.ledger.notifications(order_id)?.pop();
        let claim = latest.and_then(|stored| Notification::parse(&stored.body).ok());
        let claim = claim.as_ref().map(Notification::transaction);
        let amount = claim.and_then(midtrans::Transaction::rupiah);
        let status = claim.map_or_else(|| "other".into(), |claim| word(&request::report(claim)));
        values.insert("rupiah".into(), amount.map_or_else(|| "Rp ?".into(), rupiah));
        values.insert("status".into(), status);
        values.extend(amount.map(|amount| ("amount".into(), amount.to_string())));
        Ok(amount)
    }

    /// People know an order by its number, and the books by its id.
    fn name_the_orders(&self, kind: &mut String, values: &mut Facts) -> Result<Option<Row>, Problem> {
        let mut rows = Vec::new();
        let ids = values.get("sales").cloned().unwrap_or_default();
        let mut names = Vec::new();
        for id in ids.split(", ").filter(|id| !id.is_empty()) {
            match unless_unreadable(self.ledger.find(id))?.flatten() {
                Some(sale) => {
                    names.push(sale.number.to_string());
                    rows.push(Row::of(&sale));
                }
                None => names.push(id.to_owned()),
            }
        }
        values.insert("orders".into(), if names.is_empty() { "–".into() } else { names.join(", ") });
        if values.get("what").is_some_and(|what| what == "list") {
            // The lists were changed, and the log was not.
            kind.push_str("_list");
            values.insert("state".into(), values.get("logged").cloned().unwrap_or_default());
        }
        Ok(if rows.len() == 1 { rows.pop() } else { None })
    }

    fn grounds(&self, order_id: OrderId) -> Result<Grounds, Problem> {
        let (answers, notifications) = self.ledger.said_about(order_id)?;
        Ok(Grounds { answers, notifications, ..Grounds::default() })
    }
}

/// What was read, unless somebody has put something there that nobody can read.
fn unless_unreadable<T>(read: Result<T, Trouble>) -> Result<Option<T>, Problem> {
    match read {
        Err(trouble @ (Trouble::Sqlite(_) | Trouble::Row(_))) => {
            tracing::warn!(%trouble, "what needs attention of an order cannot be read");
            Ok(None)
        }
        read => Ok(Some(read?)),
    }
}

/// A concern of a code, with the entry that brought it up and the one with which somebody has seen to it.
struct CameUp<'a> {
    order_id: OrderId,
    kind: Kind,
    entry: &'a Entry,
    seen: Option<&'a Entry>,
}

/// Everything about a sale that the owner has to look at or has looked at. What ended by itself is
/// none of it, and what happened anew is another.
fn came_up(log: &[Entry]) -> Vec<CameUp<'_>> {
    let Some(mut sale) = log.get(..1).and_then(Sale::of) else { return vec![] };
    let mut all: Vec<CameUp> = Vec::new();
    for entry in &log[1..] {
        sale.apply(entry);
        let open = sale.open_concerns();
        all.retain_mut(|it| {
            if it.seen.is_none() && !open.contains(&(it.order_id, it.kind)) {
                let seen = matches!(&entry.event, Event::SeenTo { concern, .. } if *concern == it.kind);
                it.seen = Some(entry).filter(|_| seen && entry.attempt == Some(it.order_id));
                return it.seen.is_some();
            }
            true
        });
        for (order_id, kind) in open {
            if !all.iter().any(|it| (it.order_id, it.kind) == (order_id, kind) && it.seen.is_none()) {
                all.push(CameUp { order_id, kind, entry, seen: None });
            }
        }
    }
    all
}

fn seen(entry: &Entry) -> Option<Seen> {
    match &entry.event {
        Event::SeenTo { deed, by, .. } => Some(Seen { by: by.clone(), at: entry.at, deed: *deed }),
        _ => None,
    }
}

/// The latest amount Midtrans told that is not the one that was asked for; `None` if it told none.
fn told_amount(log: &[Entry], attempt: &Attempt) -> Option<u64> {
    let told = log.iter().rev().filter(|entry| entry.attempt == Some(attempt.order_id));
    let mut strange = told.filter_map(|entry| match &entry.event {
        Event::Reported(reported) => reported.amount.filter(|amount| *amount != attempt.amount),
        _ => None,
    });
    strange.next()
}

fn values(sale: &Sale, attempt: &Attempt) -> Facts {
    let time = |time: Option<Time>| time.map_or_else(|| "–".into(), wib::moment);
    ledger::facts([
        ("number", sale.number.to_string()),
        ("order_id", attempt.order_id.to_string()),
        ("rupiah", rupiah(attempt.amount)),
        ("store", attempt.store.word().into()),
        ("code", attempt.payment_code.clone().unwrap_or_else(|| "–".into())),
        ("since", wib::moment(attempt.intended_at)),
        ("closed_at", time(attempt.closed_at)),
        ("paid_at", time(attempt.paid_at)),
    ])
}

fn closed(first: &Seen) -> Problem {
    Problem::of("concern_closed")
        .with("by", &first.by)
        .with("at", wib::moment(first.at))
        .with("deed", word(&first.deed))
}

/// It names no concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchName;

impl fmt::Display for ConcernName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfCode(order_id, kind) => write!(f, "{order_id}.{}", word(kind)),
            Self::LongUnknown(order_id) => write!(f, "{order_id}.{LONG}"),
            Self::Matter(id) => write!(f, "matter.{id}"),
        }
    }
}

impl FromStr for ConcernName {
    type Err = NoSuchName;

    fn from_str(name: &str) -> Result<Self, NoSuchName> {
        let (of, kind) = name.split_once('.').ok_or(NoSuchName)?;
        if of == "matter" {
            return kind.parse().map(Self::Matter).map_err(|_| NoSuchName);
        }
        let order_id = of.parse().map_err(|_| NoSuchName)?;
        if kind == LONG {
            return Ok(Self::LongUnknown(order_id));
        }
        let kind = serde_json::from_value(kind.into()).map_err(|_| NoSuchName)?;
        Ok(Self::OfCode(order_id, kind))
    }
}
