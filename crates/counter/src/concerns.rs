use std::{collections::BTreeMap, fmt, str::FromStr};

use ledger::{Evidence, Facts, List, Matter, MatterKind, Query, Row, Seen, word};
use till::{Attempt, Concern, Deed, Entry, Event, From, OrderId, Rupiah, Sale, Time};

use crate::{Counter, Problem, person, wib};

/// Something the owner has to look at: what happened, the evidence, and the next move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is called when somebody has seen to it.
    pub name: ItemName,
    /// What happened stands under `concern.<kind>`, and what to do under `concern.<kind>.next`.
    pub kind: String,
    /// When it came up.
    pub at: Time,
    /// The order it is about; `None` if it belongs to no order.
    pub order: Option<Row>,
    /// How many rupiah it is about, where it is about money.
    pub amount: Option<u64>,
    /// What goes into the gaps of both sentences.
    pub values: Facts,
    /// Where it stands written.
    pub evidence: Evidence,
    /// Somebody can see to it. What the desk itself is still at ends by itself.
    pub closable: bool,
}

/// What an item is called: `<order_id>:<kind>`, or `m7` if it belongs to no order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemName {
    /// A concern of an attempt.
    Concern(OrderId, Concern),
    /// An outcome that has been unknown for long.
    LongUnknown(OrderId),
    /// What belongs to no order.
    Matter(i64),
}

/// More than anybody looks through at once; the rest moves up as these are seen to.
const MOST: u32 = 500;
const LONG_UNKNOWN: &str = "long_unknown";

impl Counter {
    /// Everything the owner has to look at, newest first.
    pub fn concerns(&self) -> Result<Vec<Item>, Problem> {
        let mut items = Vec::new();
        for row in self.ledger.page(&Query::newest(List::Attention, MOST, self.long_unknown()))?.rows {
            let Some(sale) = self.ledger.sale(row.id)? else { continue };
            let log = self.ledger.log(row.id)?;
            for (order_id, concern, entry) in open_since(&log) {
                items.extend(self.of_concern(&sale, order_id, concern, &log, entry)?);
            }
            items.extend(self.of_long_unknown(&sale)?);
        }
        for matter in self.ledger.matters()? {
            items.push(self.of_matter(matter)?);
        }
        items.sort_by_key(|item| std::cmp::Reverse(item.at));
        Ok(items)
    }

    /// Writes down what was done about an item, and by whom. That moves no payment.
    pub fn see_to(&self, item: &str, deed: Deed, by: &str, from: From) -> Result<(), Problem> {
        let by = person(by)?;
        match item.trim().parse() {
            Ok(ItemName::Concern(order_id, concern)) => self.see_to_concern(order_id, concern, deed, by, from),
            Ok(ItemName::LongUnknown(order_id)) => {
                let waits = Row::of(&self.find(order_id.as_str())?).waits_long(self.long_unknown());
                Err(Problem::of(if waits { "concern_open_still" } else { "concern_over" }))
            }
            Ok(ItemName::Matter(id)) => {
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

    fn see_to_concern(
        &self,
        order_id: OrderId,
        concern: Concern,
        deed: Deed,
        by: &str,
        from: From,
    ) -> Result<(), Problem> {
        let sale = self.ledger.find(order_id.as_str())?.ok_or_else(|| Problem::of("concern_unknown"))?;
        let mut refused = None;
        self.ledger.write(sale.id, from, self.now(), |sale| {
            let it = (order_id, concern);
            if sale.open_concerns().contains(&it) && !concern.ends_by_itself() {
                return vec![(Some(order_id), Event::SeenTo { concern, deed, by: by.into() })];
            }
            refused = Some(match (sale.open_concerns().contains(&it), sale.concerns().contains(&it)) {
                (true, _) => "concern_open_still",
                (false, true) => "concern_closed",
                (false, false) => "concern_over",
            });
            vec![]
        })?;
        match refused {
            None => Ok(()),
            Some("concern_closed") => Err(self.first_deed(&sale, order_id, concern)?),
            Some(code) => Err(Problem::of(code)),
        }
    }

    /// Who was first.
    fn first_deed(&self, sale: &Sale, order_id: OrderId, concern: Concern) -> Result<Problem, Problem> {
        let log = self.ledger.log(sale.id)?;
        let first = log.iter().rev().find_map(|entry| match &entry.event {
            Event::SeenTo { concern: seen, deed, by } if entry.attempt == Some(order_id) && *seen == concern => {
                Some(Seen { by: by.clone(), at: entry.at, deed: *deed })
            }
            _ => None,
        });
        Ok(first.as_ref().map_or_else(|| Problem::of("concern_over"), closed))
    }

    fn of_concern(
        &self,
        sale: &Sale,
        order_id: OrderId,
        concern: Concern,
        log: &[Entry],
        entry: &Entry,
    ) -> Result<Option<Item>, Problem> {
        let Some(attempt) = sale.attempt_of(order_id) else { return Ok(None) };
        let told = if concern == Concern::AmountDiffers { told_amount(log, attempt) } else { Some(attempt.amount) };
        let mut values = values(sale, attempt);
        values.insert("told".into(), told.map_or_else(|| "Rp ?".into(), rupiah));
        let mut evidence = self.ledger.evidence(order_id)?;
        evidence.entries.push(entry.seq);
        Ok(Some(Item {
            name: ItemName::Concern(order_id, concern),
            kind: word(&concern),
            at: entry.at,
            order: Some(Row::of(sale)),
            amount: told,
            values,
            evidence,
            closable: !concern.ends_by_itself(),
        }))
    }

    fn of_long_unknown(&self, sale: &Sale) -> Result<Option<Item>, Problem> {
        let (row, attempt) = (Row::of(sale), sale.attempt());
        let Some(attempt) = attempt.filter(|_| row.waits_long(self.long_unknown())) else { return Ok(None) };
        Ok(Some(Item {
            name: ItemName::LongUnknown(attempt.order_id),
            kind: LONG_UNKNOWN.into(),
            at: attempt.intended_at,
            amount: Some(attempt.amount),
            values: values(sale, attempt),
            evidence: self.ledger.evidence(attempt.order_id)?,
            closable: false,
            order: Some(row),
        }))
    }

    fn of_matter(&self, matter: Matter) -> Result<Item, Problem> {
        let order_id = (matter.kind == MatterKind::Unmatched).then(|| matter.key.parse().ok()).flatten();
        Ok(Item {
            name: ItemName::Matter(matter.id),
            kind: word(&matter.kind),
            at: matter.at,
            order: None,
            amount: None,
            values: matter.facts,
            evidence: order_id.map_or_else(|| Ok(Evidence::default()), |id| self.ledger.evidence(id))?,
            closable: true,
        })
    }
}

/// The open concerns of a sale, and the entry with which each came up.
fn open_since(log: &[Entry]) -> Vec<(OrderId, Concern, &Entry)> {
    let Some(mut sale) = log.get(..1).and_then(Sale::of) else { return vec![] };
    let mut open: Vec<(OrderId, Concern, &Entry)> = Vec::new();
    for entry in &log[1..] {
        sale.apply(entry);
        let stands = sale.open_concerns();
        open.retain(|(order_id, concern, _)| stands.contains(&(*order_id, *concern)));
        for (order_id, concern) in stands {
            if !open.iter().any(|(of, known, _)| (*of, *known) == (order_id, concern)) {
                open.push((order_id, concern, entry));
            }
        }
    }
    open
}

/// The amount Midtrans told last that is not the one that was asked for; `None` if it told none.
fn told_amount(log: &[Entry], attempt: &Attempt) -> Option<u64> {
    let told = log.iter().rev().filter(|entry| entry.attempt == Some(attempt.order_id));
    let strange = told.filter_map(|entry| match &entry.event {
        Event::Reported(reported) if reported.amount != Some(attempt.amount) => Some(reported.amount),
        _ => None,
    });
    strange.into_iter().next().flatten()
}

fn values(sale: &Sale, attempt: &Attempt) -> Facts {
    let time = |time: Option<Time>| time.map_or_else(|| "–".into(), wib::moment);
    BTreeMap::from(
        [
            ("number", sale.number.to_string()),
            ("order_id", attempt.order_id.to_string()),
            ("rupiah", rupiah(attempt.amount)),
            ("store", attempt.store.name().into()),
            ("code", attempt.payment_code.clone().unwrap_or_else(|| "–".into())),
            ("since", wib::moment(attempt.intended_at)),
            ("closed_at", time(attempt.closed_at)),
            ("paid_at", time(attempt.paid_at)),
        ]
        .map(|(gap, value)| (gap.to_owned(), value)),
    )
}

fn rupiah(amount: u64) -> String {
    Rupiah::new(amount).map_or_else(|_| format!("Rp {amount}"), |amount| amount.to_string())
}

fn closed(first: &Seen) -> Problem {
    Problem::of("concern_closed")
        .with("by", &first.by)
        .with("at", wib::moment(first.at))
        .with("deed", word(&first.deed))
}

/// It names no item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchName;

impl fmt::Display for ItemName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Concern(order_id, concern) => write!(f, "{order_id}:{}", word(concern)),
            Self::LongUnknown(order_id) => write!(f, "{order_id}:{LONG_UNKNOWN}"),
            Self::Matter(id) => write!(f, "m{id}"),
        }
    }
}

impl FromStr for ItemName {
    type Err = NoSuchName;

    fn from_str(name: &str) -> Result<Self, NoSuchName> {
        if let Some(id) = name.strip_prefix('m').and_then(|id| id.parse().ok()) {
            return Ok(Self::Matter(id));
        }
        let (order_id, kind) = name.split_once(':').ok_or(NoSuchName)?;
        let order_id = order_id.parse().map_err(|_| NoSuchName)?;
        if kind == LONG_UNKNOWN {
            return Ok(Self::LongUnknown(order_id));
        }
        let concern = serde_json::from_value(kind.into()).map_err(|_| NoSuchName)?;
        Ok(Self::Concern(order_id, concern))
    }
}
