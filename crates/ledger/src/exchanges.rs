use rusqlite::{Connection, Row, Transaction, params};
use serde::{Deserialize, Serialize};
use till::{Asked, Event, From, OrderId, Sale, SaleId, Time};

use crate::{
    kept,
    log::{decided, read_as},
    open::{Ledger, Trouble},
    projection::{unword, word},
};

/// What Midtrans was asked about an attempt and what it answered, as it was received. `led_to` is
/// the entry of the log it became, and nothing if it brought no news.
pub(crate) const TABLE: &str = "
    CREATE TABLE exchanges (
        id       INTEGER PRIMARY KEY AUTOINCREMENT,
        order_id TEXT NOT NULL,
        asked    TEXT NOT NULL,
        sent_at  INTEGER NOT NULL,
        heard_at INTEGER NOT NULL,
        times    INTEGER NOT NULL,
        last_at  INTEGER NOT NULL,
        http     INTEGER,
        told_at  INTEGER,
        outcome  TEXT NOT NULL,
        length   INTEGER NOT NULL,
        body     BLOB,
        led_to   INTEGER
    ) STRICT;
    CREATE INDEX exchanges_of_order ON exchanges (order_id, id);
";

/// Entries up to this one were written by a Gerai that kept no answers.
pub(crate) const BEGIN_AFTER: &str = "exchanges_begin_after";

/// Midtrans' own answers are shorter than two KiB. Whoever says more is somebody else on the way,
/// and the beginning tells who.
const LONGEST: usize = 16 * 1024;

/// So many different answers without news are kept of one attempt. A page that is never the same
/// twice, looked up for half a year, must not fill the disk; of further ones the number is kept.
const WITHOUT_NEWS: i64 = 20;

/// One question to Midtrans and what came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The attempt it was about.
    pub order_id: OrderId,
    /// What Midtrans was asked.
    pub asked: Asked,
    /// When the question left, by this PC's clock.
    pub sent_at: Time,
    /// When the answer had come, or it was clear that none would.
    pub heard_at: Time,
    /// The HTTP status, if an answer began at all.
    pub http: Option<u16>,
    /// What Midtrans' clock showed.
    pub told_at: Option<Time>,
    /// What we made of it.
    pub outcome: Outcome,
    /// The answer as far as it came.
    pub body: Vec<u8>,
}

/// What was made of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The code waits to be paid.
    Pending,
    /// Paid at the till.
    Settlement,
    /// The code died unpaid.
    Expire,
    /// Cancelled.
    Cancel,
    /// Denied, or taken back by the store.
    Deny,
    /// Midtrans failed to process it.
    Failure,
    /// A state that is none we know.
    Strange,
    /// There is no such transaction (404).
    NotFound,
    /// It could not be cancelled or expired (412).
    CannotChange,
    /// Midtrans asked us to slow down (429).
    TryLater,
    /// The key was refused (401).
    KeyRefused,
    /// The store is not activated (402).
    ChannelNotActive,
    /// The request was found faulty.
    Invalid,
    /// The account is closed (410).
    AccountClosed,
    /// The `order_id` was known there already (406).
    Duplicate,
    /// Midtrans could not be reached.
    NotReached,
    /// No answer came in time.
    TimedOut,
    /// The line was cut.
    Cut,
    /// An answer that is none.
    Nonsense,
}

/// An exchange as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What Midtrans was asked.
    pub asked: Asked,
    /// When the question left.
    pub sent_at: Time,
    /// When the answer had come.
    pub heard_at: Time,
    /// How often the same came in a row.
    pub times: u32,
    /// When it came last.
    pub last_at: Time,
    /// The HTTP status, if an answer began at all.
    pub http: Option<u16>,
    /// What Midtrans' clock showed the first time.
    pub told_at: Option<Time>,
    /// What was made of it.
    pub outcome: Outcome,
    /// How long the answer was, in bytes.
    pub length: u64,
    /// The answer, or the beginning of one that was too long to be Midtrans' own. `None` where
    /// answers that differed again and again are only counted.
    pub body: Option<Vec<u8>>,
    /// The entry of the log it became.
    pub led_to: Option<i64>,
}

impl Ledger {
    /// Keeps what was heard and appends what `decide` makes of the sale as it stands: the answer
    /// and what came of it are one transaction.
    pub fn write_heard(
        &self,
        sale: SaleId,
        at: Time,
        heard: &Heard,
        decide: impl FnOnce(&Sale) -> Vec<(Option<OrderId>, Event)>,
    ) -> Result<Sale, Trouble> {
        self.change(|change| {
            let (standing, led_to) = decided(change, sale, From::Midtrans, at, decide)?;
            keep(change, heard, led_to)?;
            Ok(standing)
        })
    }

    /// Everything Midtrans was asked about an attempt and answered, oldest first.
    pub fn exchanges(&self, order_id: OrderId) -> Result<Vec<Exchange>, Trouble> {
        self.read(|reader| {
            let select = "SELECT asked, sent_at, heard_at, times, last_at, http, told_at, outcome, length, body, led_to
                          FROM exchanges WHERE order_id = ?1 ORDER BY id";
            reader.prepare_cached(select)?.query_map([order_id.as_str()], exchange)?.collect()
        })
    }

    /// How many answers of Midtrans about this code are kept, and how many genuine notifications.
    pub fn said_about(&self, order_id: OrderId) -> Result<(u64, u64), Trouble> {
        let select = "SELECT (SELECT count(*) FROM exchanges WHERE order_id = ?1),
                             (SELECT count(*) FROM inbox WHERE order_id = ?1 AND seal = 'genuine')";
        self.read(|reader| reader.prepare_cached(select)?.query_row([order_id.as_str()], |row| row.try_into()))
    }

    /// The last entry whose answer was not kept, because an older Gerai wrote it, and when the first
    /// after it was written; nothing in a ledger that has kept answers from its first day.
    pub fn exchanges_begin_after(&self) -> Result<Option<(i64, Option<Time>)>, Trouble> {
        self.read(|reader| {
            let Some(seq) = kept::read(reader, BEGIN_AFTER)?.and_then(|seq| seq.parse::<i64>().ok()) else {
                return Ok(None);
            };
            let first = "SELECT min(at) FROM (SELECT at FROM log WHERE seq > ?1 ORDER BY seq LIMIT 1)";
            let at: Option<i64> = reader.prepare_cached(first)?.query_row([seq], |row| row.get(0))?;
            Ok(Some((seq, at.map(Time::from_millis))))
        })
    }
}

/// Keeps an answer: one that became an entry always, and any other unless it says what the one before
/// it said.
pub(crate) fn keep(change: &Transaction, heard: &Heard, led_to: Option<i64>) -> rusqlite::Result<()> {
    let body = &heard.body[..heard.body.len().min(LONGEST)];
    if led_to.is_some() {
        return insert(change, heard, Some(body), led_to);
    }
    if counted_again(change, heard, body)? {
        return Ok(());
    }
    let kept = "SELECT count(*) FROM exchanges WHERE order_id = ?1 AND led_to IS NULL AND body IS NOT NULL";
    let kept: i64 = change.prepare_cached(kept)?.query_row([heard.order_id.as_str()], |row| row.get(0))?;
    if kept < WITHOUT_NEWS {
        insert(change, heard, Some(body), None)
    } else if only_counted(change, heard)? {
        Ok(())
    } else {
        insert(change, heard, None, None)
    }
}

fn insert(change: &Transaction, heard: &Heard, body: Option<&[u8]>, led_to: Option<i64>) -> rusqlite::Result<()> {
    let insert =
        "INSERT INTO exchanges (order_id, asked, sent_at, heard_at, times, last_at, http, told_at, outcome, length, body, led_to)
         VALUES (?1, ?2, ?3, ?4, 1, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    change.prepare_cached(insert)?.execute(params![
        heard.order_id.as_str(),
        word(&heard.asked),
        heard.sent_at.millis(),
        heard.heard_at.millis(),
        heard.http,
        heard.told_at.map(Time::millis),
        word(&heard.outcome),
        heard.body.len(),
        body,
        led_to,
    ])?;
    Ok(())
}

/// The same answer to the same question in a row. Midtrans' clock, which goes on, is no news.
fn counted_again(change: &Transaction, heard: &Heard, body: &[u8]) -> rusqlite::Result<bool> {
    let update = "UPDATE exchanges SET times = times + 1, last_at = ?2
                  WHERE id = (SELECT max(id) FROM exchanges WHERE order_id = ?1)
                  AND asked = ?3 AND outcome = ?4 AND http IS ?5 AND length = ?6 AND body = ?7";
    let changed = change.prepare_cached(update)?.execute(params![
        heard.order_id.as_str(),
        heard.heard_at.millis(),
        word(&heard.asked),
        word(&heard.outcome),
        heard.http,
        heard.body.len(),
        body,
    ])?;
    Ok(changed > 0)
}

fn only_counted(change: &Transaction, heard: &Heard) -> rusqlite::Result<bool> {
    let update = "UPDATE exchanges SET times = times + 1, last_at = ?2
                  WHERE order_id = ?1 AND asked = ?3 AND outcome = ?4 AND body IS NULL";
    let changed = change.prepare_cached(update)?.execute(params![
        heard.order_id.as_str(),
        heard.heard_at.millis(),
        word(&heard.asked),
        word(&heard.outcome),
    ])?;
    Ok(changed > 0)
}

fn exchange(row: &Row) -> rusqlite::Result<Exchange> {
    let time = |column| Ok::<_, rusqlite::Error>(Time::from_millis(row.get(column)?));
    Ok(Exchange {
        asked: read_as(0, unword(&row.get::<_, String>(0)?))?,
        sent_at: time(1)?,
        heard_at: time(2)?,
        times: row.get(3)?,
        last_at: time(4)?,
        http: row.get(5)?,
        told_at: row.get::<_, Option<i64>>(6)?.map(Time::from_millis),
        outcome: read_as(7, unword(&row.get::<_, String>(7)?))?,
        length: row.get(8)?,
        body: row.get(9)?,
        led_to: row.get(10)?,
    })
}

/// What an older ledger has no answers of.
pub(crate) fn begin_after(connection: &Connection, head: i64) -> rusqlite::Result<()> {
    kept::write(connection, BEGIN_AFTER, &head.to_string())
}
