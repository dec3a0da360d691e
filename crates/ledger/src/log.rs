use rusqlite::{Connection, Row, Transaction, params, types::Type};
use till::{Entry, Event, From, Number, Order, OrderId, Pace, Sale, SaleId, Store, Time};

use crate::{
    kept,
    open::{Ledger, Trouble},
    projection,
};

/// What happened, in the order it was written down. The triggers keep it append-only whoever asks.
pub(crate) const TABLE: &str = "
    CREATE TABLE log (
        seq     INTEGER PRIMARY KEY AUTOINCREMENT,
        at      INTEGER NOT NULL,
        sale    TEXT NOT NULL,
        attempt TEXT,
        \"from\"  TEXT NOT NULL,
        event   TEXT NOT NULL
    ) STRICT;
    CREATE INDEX log_of_sale ON log (sale, seq);
    CREATE TRIGGER log_is_never_edited BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
    CREATE TRIGGER log_is_never_cut BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
";

/// A new sale, as its first two entries make it.
#[derive(Clone, Debug)]
pub struct NewSale {
    /// Our own name for it.
    pub id: SaleId,
    /// Its short name.
    pub number: Number,
    /// What is bought.
    pub order: Order,
    /// Midtrans' name for its first attempt.
    pub order_id: OrderId,
    /// The body of the charge.
    pub request: String,
    /// Where alone Midtrans is to tell of it.
    pub notify: Option<String>,
}

/// A new code for a sale, as its intent makes it.
#[derive(Clone, Debug)]
pub struct NewCode {
    /// The sale.
    pub sale: SaleId,
    /// The latest attempt when somebody decided that a new one is needed.
    pub instead_of: OrderId,
    /// Midtrans' name for the new attempt.
    pub order_id: OrderId,
    /// The store it can be paid at.
    pub store: Store,
    /// The body of the charge.
    pub request: String,
    /// Where alone Midtrans is to tell of it.
    pub notify: Option<String>,
}

/// What became of a new code. Each has the sale as it stands then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reissued {
    /// Its intent is written down; now the request may leave the machine.
    Made(Sale),
    /// Somebody else was faster and has replaced that very attempt.
    Before(Sale),
    /// An earlier code may still be payable, or was paid.
    NotYet(Sale),
}

/// So many entries of the log are looked through for what was done lately.
const LATELY: u32 = 50_000;

impl Ledger {
    /// Writes down an order and the intent to charge it, together and durably. Only after this may
    /// the request leave the machine.
    pub fn intend(&self, new: &NewSale, from: From, at: Time) -> Result<Sale, Trouble> {
        self.change(|change| {
            if !entries(change, new.id)?.is_empty() {
                return Err(Trouble::AlreadyThere);
            }
            if projection::number_taken(change, &new.number)? {
                return Err(Trouble::NumberTaken);
            }
            let ordered = Event::Ordered { number: new.number.clone(), order: new.order.clone() };
            append(change, at, new.id, None, from, &ordered)?;
            append(
                change,
                at,
                new.id,
                Some(new.order_id),
                from,
                &Event::Intended { request: new.request.clone(), store: None, notify: new.notify.clone() },
            )?;
            kept::forget_draft(change, new.id)?;
            projection::renew(change, new.id)
        })
    }

    /// Writes down the intent to make a new code for a sale, durably, unless an earlier one of it may
    /// still be payable, or become so, or was paid.
    pub fn reissue(&self, new: &NewCode, from: From, at: Time, pace: &Pace) -> Result<Reissued, Trouble> {
        self.change(|change| {
            let standing = fold(change, new.sale)?.ok_or(Trouble::NoSuchSale)?;
            if standing.attempts.last().is_none_or(|latest| latest.order_id != new.instead_of) {
                return Ok(Reissued::Before(standing));
            }
            if !standing.may_reissue(at, pace) {
                return Ok(Reissued::NotYet(standing));
            }
            if projection::order_id_taken(change, new.order_id)? {
                // Its notifications would reach the other one.
                return Err(Trouble::Row(format!("{} was used before", new.order_id)));
            }
            let store = Some(new.store).filter(|store| *store != standing.order.store);
            let intended = Event::Intended { request: new.request.clone(), store, notify: new.notify.clone() };
            append(change, at, new.sale, Some(new.order_id), from, &intended)?;
            Ok(Reissued::Made(projection::renew(change, new.sale)?))
        })
    }

    /// Appends what `decide` makes of the sale as it stands, under one lock, and returns the sale as
    /// it stands then. Deciding inside the transaction is what lets two processes share the ledger.
    pub fn write(
        &self,
        sale: SaleId,
        from: From,
        at: Time,
        decide: impl FnOnce(&Sale) -> Vec<(Option<OrderId>, Event)>,
    ) -> Result<Sale, Trouble> {
        self.change(|change| Ok(decided(change, sale, from, at, decide)?.0))
    }

    /// The sale with this id.
    pub fn sale(&self, id: SaleId) -> Result<Option<Sale>, Trouble> {
        self.read(|reader| fold(reader, id))
    }

    /// Everything written down about a sale, oldest first.
    pub fn log(&self, id: SaleId) -> Result<Vec<Entry>, Trouble> {
        self.read(|reader| entries(reader, id))
    }

    /// With which entries somebody has seen to an order lately, the latest first. Lately: nobody looks
    /// through a log of years for them.
    pub fn deeds(&self, most: u32) -> Result<Vec<Entry>, Trouble> {
        self.read(|reader| {
            let lately = format!("WHERE seq > (SELECT max(seq) FROM log) - {LATELY} AND substr(event, 1, 17) = ?1");
            let select = format!("{SELECT} {lately} ORDER BY seq DESC LIMIT ?2");
            let seen_to = r#"{"kind":"seen_to""#;
            reader.prepare_cached(&select)?.query_map(params![seen_to, most], entry)?.collect()
        })
    }

    /// Where the log stands. A look-up asked after this answers what was written before.
    pub fn head(&self) -> Result<i64, Trouble> {
        self.read(head)
    }
}

/// Appends what is decided about a sale, and tells how it stands then and which entry came first.
pub(crate) fn decided(
    change: &Transaction,
    sale: SaleId,
    from: From,
    at: Time,
    decide: impl FnOnce(&Sale) -> Vec<(Option<OrderId>, Event)>,
) -> Result<(Sale, Option<i64>), Trouble> {
    let standing = fold(change, sale)?.ok_or(Trouble::NoSuchSale)?;
    let mut first = None;
    for (attempt, event) in decide(&standing) {
        let seq = append(change, at, sale, attempt, from, &event)?;
        first.get_or_insert(seq);
    }
    if first.is_none() {
        return Ok((standing, None));
    }
    Ok((projection::renew(change, sale)?, first))
}

pub(crate) fn head(connection: &Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached("SELECT coalesce(max(seq), 0) FROM log")?.query_row([], |row| row.get(0))
}

pub(crate) fn append(
    change: &Transaction,
    at: Time,
    sale: SaleId,
    attempt: Option<OrderId>,
    from: From,
    event: &Event,
) -> Result<i64, Trouble> {
    let insert = "INSERT INTO log (at, sale, attempt, \"from\", event) VALUES (?1, ?2, ?3, ?4, ?5)";
    let attempt = attempt.map(|id| id.to_string());
    let row = params![at.millis(), sale.as_str(), attempt, word(&from)?, word(event)?];
    change.prepare_cached(insert)?.execute(row)?;
    Ok(change.last_insert_rowid())
}

pub(crate) fn fold(connection: &Connection, sale: SaleId) -> rusqlite::Result<Option<Sale>> {
    Ok(Sale::of(&entries(connection, sale)?))
}

fn entries(connection: &Connection, sale: SaleId) -> rusqlite::Result<Vec<Entry>> {
    let select = format!("{SELECT} WHERE sale = ?1 ORDER BY seq");
    connection.prepare_cached(&select)?.query_map([sale.as_str()], entry)?.collect()
}

/// What [`entry`] reads.
pub(crate) const SELECT: &str = "SELECT seq, at, sale, attempt, \"from\", event FROM log";

pub(crate) fn entry(row: &Row) -> rusqlite::Result<Entry> {
    let (sale, attempt): (String, Option<String>) = (row.get(2)?, row.get(3)?);
    let (from, event): (String, String) = (row.get(4)?, row.get(5)?);
    read(row.get(0)?, row.get(1)?, &sale, attempt.as_deref(), &from, &event)
}

/// Reads a row with suspicion: a word that no version of Gerai wrote is an error, not a guess.
pub(crate) fn read(
    seq: i64,
    at: i64,
    sale: &str,
    attempt: Option<&str>,
    from: &str,
    event: &str,
) -> rusqlite::Result<Entry> {
    Ok(Entry {
        seq,
        at: Time::from_millis(at),
        sale: read_as(2, sale.parse())?,
        attempt: attempt.map(|id| read_as(3, id.parse())).transpose()?,
        from: read_as(4, serde_json::from_str(from))?,
        event: read_as(5, serde_json::from_str(event))?,
    })
}

/// A column's text as what it should be.
pub(crate) fn read_as<T, E>(column: usize, read: Result<T, E>) -> rusqlite::Result<T>
where
    E: std::error::Error + Send + Sync + 'static,
{
    read.map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into()))
}

fn word(value: &impl serde::Serialize) -> Result<String, Trouble> {
    serde_json::to_string(value).map_err(|error| Trouble::Row(error.to_string()))
}
