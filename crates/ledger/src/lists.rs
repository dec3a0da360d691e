use std::{collections::BTreeSet, ops::Add};

use rusqlite::{Connection, ToSql, named_params};
use serde::{Deserialize, Serialize};
use till::{FoundPaid, Sale, SaleId, State, Time};

use crate::{
    log::{fold, read_as},
    open::{Ledger, Trouble},
    projection::{COLUMNS, Row, word},
};

/// A list as the window has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// A code is being made, waits, or is being confirmed.
    Pending,
    /// Paid, by Midtrans' own word.
    Paid,
    /// The owner should look.
    Attention,
    /// Over without money.
    Closed,
    /// Everything.
    All,
}

/// What to list.
#[derive(Clone, Debug)]
pub struct Query {
    /// Which list.
    pub list: List,
    /// Only these states, if any are named.
    pub state: Option<State>,
    /// Parts of a name, a number, a code, a phone number or an amount; all must occur.
    pub search: String,
    /// Ordered at this time or later.
    pub from: Option<Time>,
    /// Ordered before this time.
    pub before: Option<Time>,
    /// Paid at this time or later, by Midtrans' clock.
    pub paid_from: Option<Time>,
    /// How many to skip.
    pub offset: u32,
    /// How many at the most.
    pub limit: u32,
    /// An outcome that has been unknown since before this time needs attention.
    pub long_unknown: Time,
}

/// A part of a list, newest first, and the sum of the whole of it.
#[derive(Clone, Debug)]
pub struct Page {
    /// The rows asked for.
    pub rows: Vec<Row>,
    /// How many the list has, and what they add up to.
    pub sum: Sum,
}

/// How many, and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// How many sales.
    pub count: u64,
    /// Rupiah.
    pub amount: u64,
}

impl Add for Sum {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { count: self.count + other.count, amount: self.amount + other.amount }
    }
}

impl Query {
    /// The newest of a list.
    pub fn newest(list: List, limit: u32, long_unknown: Time) -> Self {
        Self {
            list,
            state: None,
            search: String::new(),
            from: None,
            before: None,
            paid_from: None,
            offset: 0,
            limit,
            long_unknown,
        }
    }
}

impl List {
    /// Every name in it is a constant, so nothing that anybody typed becomes SQL.
    fn condition(self) -> &'static str {
        match self {
            Self::Pending => "state IN ('intent', 'unknown', 'pending', 'confirming')",
            Self::Paid => "state = 'paid'",
            Self::Attention => "(concerns > 0 OR (state = 'unknown' AND intended_at < :long_unknown))",
            Self::Closed => "state IN ('expired', 'cancelled', 'denied', 'refused', 'abandoned')",
            Self::All => "true",
        }
    }
}

impl Ledger {
    /// A page of a list.
    pub fn page(&self, query: &Query) -> Result<Page, Trouble> {
        let search = query.search.to_lowercase();
        // Once each; and nobody remembers more of a sale than this, whatever was pasted.
        let words: BTreeSet<&str> = search.split_whitespace().collect();
        let words: Vec<&str> = words.into_iter().take(100).collect();
        // Not LIKE: to it, some signs that people type mean something else.
        let searched = (0..words.len()).map(|n| format!(" AND instr(words, :word{n}) > 0")).collect::<String>();
        let condition = format!(
            "FROM sales WHERE {} AND (:state IS NULL OR state = :state) AND (:from IS NULL OR ordered_at >= :from)
             AND (:before IS NULL OR ordered_at < :before) AND (:paid_from IS NULL OR paid_at >= :paid_from) AND :long_unknown IS NOT NULL{searched}",
            query.list.condition()
        );
        let state = query.state.map(|state| word(&state));
        let [from, before, paid_from] = [query.from, query.before, query.paid_from].map(|time| time.map(Time::millis));
        let long_unknown = query.long_unknown.millis();
        let names: Vec<String> = (0..words.len()).map(|n| format!(":word{n}")).collect();
        let mut values: Vec<(&str, &dyn ToSql)> = vec![
            (":state", &state),
            (":from", &from),
            (":before", &before),
            (":paid_from", &paid_from),
            (":long_unknown", &long_unknown),
        ];
        values.extend(names.iter().zip(&words).map(|(name, word)| (name.as_str(), word as &dyn ToSql)));
        self.read(|reader| {
            let count = format!("SELECT count(*), coalesce(sum(amount), 0) {condition}");
            let sum = reader
                .prepare_cached(&count)?
                .query_row(values.as_slice(), |row| Ok(Sum { count: row.get(0)?, amount: row.get(1)? }))?;
            let select =
                format!("SELECT {COLUMNS} {condition} ORDER BY ordered_at DESC, id LIMIT :limit OFFSET :offset");
            let mut values = values.clone();
            values.extend([(":limit", &query.limit as &dyn ToSql), (":offset", &query.offset)]);
            let rows =
                reader.prepare_cached(&select)?.query_map(values.as_slice(), Row::read)?.collect::<Result<_, _>>()?;
            Ok(Page { rows, sum })
        })
    }

    /// How many things the owner has to look at: the open concerns of the list, outcomes unknown since
    /// before `long_unknown`, and matters that belong to no sale; and what those sales add up to.
    pub fn attention(&self, long_unknown: Time) -> Result<Sum, Trouble> {
        self.read(|reader| attention(reader, long_unknown))
    }

    /// What was paid between two moments, by Midtrans' clock.
    pub fn takings(&self, from: Time, before: Time) -> Result<Sum, Trouble> {
        let select = "SELECT count(*), coalesce(sum(amount), 0) FROM sales
                      WHERE state = 'paid' AND paid_at >= ?1 AND paid_at < ?2";
        self.read(|reader| {
            let mut sum = reader.prepare_cached(select)?;
            sum.query_row([from.millis(), before.millis()], |row| Ok(Sum { count: row.get(0)?, amount: row.get(1)? }))
        })
    }

    /// The latest payments that look-ups found, newest first.
    pub fn found_paid(&self, most: u32) -> Result<Vec<FoundPaid>, Trouble> {
        let select = "SELECT coalesce(sales.paid_at, found_at), found_at, heard_at
                      FROM attempts JOIN sales ON sales.id = sale
                      WHERE found_at IS NOT NULL ORDER BY found_at DESC LIMIT ?1";
        self.read(|reader| {
            let mut rows = reader.prepare_cached(select)?;
            let rows = rows.query_map([most], |row| {
                let heard_at = row.get::<_, Option<i64>>(2)?.map(Time::from_millis);
                let [paid_at, found_at] = [row.get(0)?, row.get(1)?].map(Time::from_millis);
                Ok(FoundPaid { paid_at, found_at, heard_at })
            })?;
            rows.collect()
        })
    }

    /// The sale that somebody means by its id, its number, or an `order_id` of Midtrans.
    pub fn find(&self, named: &str) -> Result<Option<Sale>, Trouble> {
        self.read(|reader| {
            let select = "SELECT id FROM sales WHERE id = :named OR number = upper(:named)
                          UNION SELECT sale FROM attempts WHERE order_id = :named LIMIT 1";
            let id: Option<String> = reader
                .prepare_cached(select)?
                .query_map(named_params! { ":named": named }, |row| row.get(0))?
                .next()
                .transpose()?;
            id.map_or(Ok(None), |id| fold(reader, read_as(0, id.parse())?))
        })
    }

    /// Every sale with something left to do: open, questioned, held, or given up or replaced since
    /// `swept_since`.
    pub fn watched(&self, swept_since: Time) -> Result<Vec<Sale>, Trouble> {
        self.read(|reader| {
            let select = "SELECT DISTINCT sale FROM attempts WHERE watched = 2 OR (watched = 1 AND swept_since > ?1)";
            let mut ids = reader.prepare_cached(select)?;
            let ids: Vec<String> =
                ids.query_map([swept_since.millis()], |row| row.get(0))?.collect::<Result<_, _>>()?;
            let mut sales = Vec::with_capacity(ids.len());
            for id in ids {
                let id: SaleId = read_as(0, id.parse())?;
                sales.extend(fold(reader, id)?);
            }
            sales.sort_by_key(|sale| sale.ordered_at);
            Ok(sales)
        })
    }
}

pub(crate) fn attention(reader: &Connection, long_unknown: Time) -> rusqlite::Result<Sum> {
    let waits_long = "(state = 'unknown' AND intended_at < ?1)";
    let select = format!(
        "SELECT coalesce(sum(concerns + {waits_long}), 0) + (SELECT count(*) FROM matters WHERE seen_at IS NULL),
         coalesce(sum(amount), 0) FROM sales WHERE concerns > 0 OR {waits_long}"
    );
    let mut sum = reader.prepare_cached(&select)?;
    sum.query_row([long_unknown.millis()], |row| Ok(Sum { count: row.get(0)?, amount: row.get(1)? }))
}
