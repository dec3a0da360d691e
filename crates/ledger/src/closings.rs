use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row as SqlRow, Transaction, named_params, params};
use serde::{Deserialize, Serialize};
use till::{SaleId, Store, Time};

use crate::{
    lists::Sum,
    log::read_as,
    matters::{self, MatterKind, facts},
    open::{Ledger, Trouble},
    projection::{COLUMNS, Row},
};

/// The days that somebody closed, and which payment was told in which report: each once. What is known
/// of a payment only after its day was closed is told in the next report, and no report ever changes.
pub(crate) const TABLE: &str = "
    CREATE TABLE closings (
        number    INTEGER PRIMARY KEY,
        day       INTEGER NOT NULL UNIQUE,
        closed_at INTEGER NOT NULL,
        closed_by TEXT NOT NULL,
        report    TEXT NOT NULL
    ) STRICT;
    CREATE TABLE closed_payments (
        sale    TEXT PRIMARY KEY,
        closing INTEGER NOT NULL REFERENCES closings (number)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER closings_stay BEFORE UPDATE ON closings BEGIN SELECT RAISE(ABORT, 'a closed day stays as it is'); END;
    CREATE TRIGGER closings_are_kept BEFORE DELETE ON closings BEGIN SELECT RAISE(ABORT, 'a closed day stays'); END;
";

/// A day that somebody closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Its number, from one.
    pub number: u32,
    /// The first moment of the day.
    pub day: Time,
    /// When it was closed.
    pub at: Time,
    /// By whom.
    pub by: String,
    /// What it came to.
    pub report: Report,
}

/// What a day came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What was paid, store by store.
    pub takings: Vec<Taking>,
    /// How much of that was paid before this day and told in no earlier report.
    pub late: Sum,
    /// How many of the payments Midtrans confirmed once more for this report.
    pub confirmed: u64,
    /// The payments that it did not.
    pub unconfirmed: Vec<Unconfirmed>,
    /// Codes that wait to be paid.
    pub waiting: Sum,
    /// Orders whose outcome is not known.
    pub unclear: Sum,
    /// Payments of this report whose goods are still in the shop.
    pub not_handed_over: Sum,
    /// How many things the owner has to look at.
    pub attention: u64,
    /// Midtrans has answered how every open order stands, for this report.
    pub looked_up: bool,
    /// Whether the log is as it was written.
    pub seal: Sealing,
}

/// What was paid at one chain of stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taking {
    /// Where.
    pub store: Store,
    /// How many, and how much.
    pub sum: Sum,
}

/// A payment that Midtrans did not confirm once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unconfirmed {
    /// Whose.
    pub sale: SaleId,
    /// Why not.
    pub why: Why,
}

/// Why a payment was not confirmed once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Midtrans could not be asked, or gave no answer that counts.
    NotReached,
    /// It answered something else.
    Differs,
}

/// Whether the log is as it was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sealing {
    /// Every entry is what was sealed.
    Whole,
    /// Somebody has changed it, and the owner has not seen to that.
    Changed,
    /// Some entries were written without a seal, and the owner has not seen to that.
    Unsealed,
    /// Nobody has compared it yet.
    #[default]
    Unknown,
}

/// A day that is about to be closed.
#[derive(Clone, Debug)]
pub struct NewClosing {
    /// Its first moment, and that of the next day.
    pub day: (Time, Time),
    /// Who closes it.
    pub by: String,
    /// When.
    pub at: Time,
    /// What came of asking about its payments once more: nothing stands against one that is not here.
    pub doubts: HashMap<SaleId, Why>,
    /// Midtrans has answered how every open order stands.
    pub looked_up: bool,
    /// Whether the log is as it was written.
    pub seal: Sealing,
    /// An outcome that has been unknown since before this moment needs attention.
    pub long_unknown: Time,
}

/// What became of closing a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It is closed.
    Done(Closing),
    /// It was closed before, or a later day was.
    Before(Closing),
}

impl Report {
    /// Everything that was paid.
    pub fn total(&self) -> Sum {
        self.takings.iter().fold(Sum::default(), |total, taking| total + taking.sum)
    }

    /// Nothing is left open in it: Midtrans has confirmed every payment and told of every open order,
    /// and the log is whole.
    pub fn is_verified(&self) -> bool {
        self.unconfirmed.is_empty() && self.looked_up && self.seal == Sealing::Whole
    }
}

impl Ledger {
    /// Closes a day, once. What it comes to is told within the same transaction, so that no payment
    /// falls between two reports and none is in both.
    pub fn close_day(&self, new: &NewClosing) -> Result<Closed, Trouble> {
        self.change(|change| {
            if let Some(before) = closed_since(change, new.day.0)? {
                return Ok(Closed::Before(before));
            }
            let payments = payments(change, new.day)?;
            let mut report = report(change, &payments, new.day.0, new.long_unknown)?;
            let doubted = |row: &Row| Some(Unconfirmed { sale: row.id, why: *new.doubts.get(&row.id)? });
            report.unconfirmed = payments.iter().filter_map(doubted).collect();
            report.confirmed = (payments.len() - report.unconfirmed.len()) as u64;
            (report.looked_up, report.seal) = (new.looked_up, new.seal);
            let text = serde_json::to_string(&report).map_err(|error| Trouble::Row(error.to_string()))?;
            let insert = "INSERT INTO closings (day, closed_at, closed_by, report) VALUES (?1, ?2, ?3, ?4)";
            change.execute(insert, params![new.day.0.millis(), new.at.millis(), new.by, text])?;
            let number = change.last_insert_rowid();
            let mut told = change.prepare_cached("INSERT INTO closed_payments (sale, closing) VALUES (?1, ?2)")?;
            for row in &payments {
                told.execute(params![row.id.as_str(), number])?;
            }
            let number = u32::try_from(number).map_err(|error| Trouble::Row(error.to_string()))?;
            Ok(Closed::Done(Closing { number, day: new.day.0, at: new.at, by: new.by.clone(), report }))
        })
    }

    /// What a day comes to as it stands, with nothing of it confirmed yet.
    pub fn report(&self, day: (Time, Time), long_unknown: Time) -> Result<Report, Trouble> {
        self.read(|reader| report(reader, &payments(reader, day)?, day.0, long_unknown))
    }

    /// The payments that the report of this day tells: those of the day, and those of earlier days that
    /// no report has told. Days before the first that was ever closed were never to be reported.
    pub fn payments(&self, day: (Time, Time)) -> Result<Vec<Row>, Trouble> {
        self.read(|reader| payments(reader, day))
    }

    /// The closing of this day, or of the first one after it that was closed.
    pub fn closed_since(&self, day: Time) -> Result<Option<Closing>, Trouble> {
        self.read(|reader| closed_since(reader, day))
    }

    /// The closing with this number.
    pub fn closing(&self, number: u32) -> Result<Option<Closing>, Trouble> {
        let select = format!("{SELECT} WHERE number = ?1");
        self.read(|reader| reader.query_row(&select, [number], read).optional())
    }

    /// Every closing, newest first.
    pub fn closings(&self) -> Result<Vec<Closing>, Trouble> {
        let select = format!("{SELECT} ORDER BY number DESC");
        self.read(|reader| reader.prepare_cached(&select)?.query_map([], read)?.collect())
    }

    /// Puts every payment before the owner that became known only after its day was closed.
    pub fn tell_late_payments(&self, at: Time) -> Result<(), Trouble> {
        if self.read(late)?.is_empty() {
            return Ok(());
        }
        self.change(|change| {
            for (sale, closing) in late(change)? {
                let facts = facts([("sales", sale.clone()), ("report", closing.to_string())]);
                matters::raise(change, MatterKind::LatePayment, &sale, &facts, at)?;
            }
            Ok(())
        })
    }
}

const SELECT: &str = "SELECT number, day, closed_at, closed_by, report FROM closings";

/// When a payment was made, as well as it is known.
const PAID_AT: &str = "coalesce(paid_at, confirmed_at, ordered_at)";

fn closed_since(connection: &Connection, day: Time) -> rusqlite::Result<Option<Closing>> {
    let select = format!("{SELECT} WHERE day >= ?1 ORDER BY day LIMIT 1");
    connection.query_row(&select, [day.millis()], read).optional()
}

fn payments(connection: &Connection, (dawn, midnight): (Time, Time)) -> rusqlite::Result<Vec<Row>> {
    let select = format!(
        "SELECT {COLUMNS} FROM sales WHERE state = 'paid' AND {PAID_AT} < :midnight
         AND {PAID_AT} >= min(:dawn, coalesce((SELECT min(day) FROM closings), :dawn))
         AND id NOT IN (SELECT sale FROM closed_payments) ORDER BY {PAID_AT}, id"
    );
    let values = named_params! { ":dawn": dawn.millis(), ":midnight": midnight.millis() };
    connection.prepare_cached(&select)?.query_map(values, Row::read)?.collect()
}

fn report(connection: &Connection, payments: &[Row], dawn: Time, long_unknown: Time) -> rusqlite::Result<Report> {
    let sum = |wanted: &dyn Fn(&Row) -> bool| {
        payments
            .iter()
            .filter(|row| wanted(row))
            .fold(Sum::default(), |sum, row| sum + Sum { count: 1, amount: row.amount })
    };
    let of_state = |states: &str| {
        let select = format!("SELECT count(*), coalesce(sum(amount), 0) FROM sales WHERE state IN ({states})");
        connection.query_row(&select, [], |row| Ok(Sum { count: row.get(0)?, amount: row.get(1)? }))
    };
    let paid_at = |row: &Row| row.paid_at.or(row.confirmed_at).unwrap_or(row.ordered_at);
    let stores = [Store::Alfamart, Store::Indomaret];
    Ok(Report {
        takings: stores.map(|store| Taking { store, sum: sum(&|row| row.store == store) }).into(),
        late: sum(&|row| paid_at(row) < dawn),
        waiting: of_state("'pending', 'confirming'")?,
        unclear: of_state("'intent', 'unknown'")?,
        not_handed_over: sum(&|row| row.handed_over_at.is_none()),
        attention: crate::lists::attention(connection, long_unknown)?.count,
        ..Report::default()
    })
}

/// Payments of closed days that no report has told, each with the last report that could have.
fn late(connection: &Connection) -> rusqlite::Result<Vec<(String, i64)>> {
    let select = format!(
        "SELECT id, (SELECT number FROM closings WHERE day <= {PAID_AT} ORDER BY day DESC LIMIT 1) FROM sales
         WHERE state = 'paid' AND {PAID_AT} >= (SELECT min(day) FROM closings)
         AND {PAID_AT} < (SELECT max(day) FROM closings) + {DAY} AND id NOT IN (SELECT sale FROM closed_payments)
         AND id NOT IN (SELECT key FROM matters WHERE kind = 'late_payment')"
    );
    connection.prepare_cached(&select)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

const DAY: i64 = 24 * 60 * 60 * 1000;

fn read(row: &SqlRow) -> rusqlite::Result<Closing> {
    Ok(Closing {
        number: row.get(0)?,
        day: Time::from_millis(row.get(1)?),
        at: Time::from_millis(row.get(2)?),
        by: row.get(3)?,
        report: read_as(4, serde_json::from_str(&row.get::<_, String>(4)?))?,
    })
}

/// A ledger of the second schema knew no closings.
pub(crate) fn since_3(change: &Transaction) -> rusqlite::Result<()> {
    change.execute_batch(TABLE)
}
