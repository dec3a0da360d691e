use rusqlite::{Connection, OptionalExtension, Transaction, params};
use till::{Event, From, Number, Order, OrderId, Reported, Sale, SaleId, Time};

use crate::{
    exchanges::{Heard, keep},
    inbox::{Letter, hint},
    kept,
    log::{append, fold, read_as},
    matters::{Facts, MatterKind, raise},
    open::{Ledger, Trouble},
    projection::{self, word},
};

/// Ids of this till that no order of the log has: the log was restored from an older copy. Either a
/// genuine notification came under it, which is kept as it was read until its order appears, or it
/// stands in the file that was set aside.
pub(crate) const TABLE: &str = "
    CREATE TABLE strays (
        id       INTEGER PRIMARY KEY,
        order_id TEXT NOT NULL,
        since    INTEGER NOT NULL,
        inbox    INTEGER UNIQUE REFERENCES inbox (id),
        letter   TEXT
    ) STRICT;
    CREATE INDEX strays_of_order ON strays (order_id);
";

/// An id of this till that the log does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stray {
    /// Midtrans' name for it, drawn by this till.
    pub order_id: OrderId,
    /// When Midtrans first spoke of it, or its order was lost.
    pub since: Time,
    /// Midtrans has spoken of it.
    pub told: bool,
    /// Its order has appeared in the meantime; its notifications can be joined.
    pub known: bool,
    /// The owner was told that nobody can place it.
    pub raised: bool,
}

/// A sale made of what Midtrans tells, because the log has lost it.
#[derive(Clone, Debug)]
pub struct Adoption {
    /// Our own name for it.
    pub id: SaleId,
    /// Its short name.
    pub number: Number,
    /// What is bought, as far as Midtrans knows it.
    pub order: Order,
    /// What Midtrans told when it was asked about it.
    pub reported: Reported,
    /// The answer itself.
    pub heard: Heard,
}

impl Ledger {
    /// Ids of this till that the log does not know, oldest first.
    pub fn strays(&self) -> Result<Vec<Stray>, Trouble> {
        self.read(|reader| {
            let select = "SELECT order_id, min(since), count(inbox) > 0,
                                 EXISTS (SELECT 1 FROM attempts WHERE attempts.order_id = strays.order_id),
                                 EXISTS (SELECT 1 FROM matters WHERE kind = ?1 AND key = strays.order_id)
                          FROM strays GROUP BY order_id ORDER BY min(since), min(id)";
            let mut rows = reader.prepare_cached(select)?;
            let rows = rows.query_map([word(&MatterKind::Unmatched)], |row| {
                Ok(Stray {
                    order_id: read_as(0, row.get::<_, String>(0)?.parse())?,
                    since: Time::from_millis(row.get(1)?),
                    told: row.get(2)?,
                    known: row.get(3)?,
                    raised: row.get(4)?,
                })
            })?;
            rows.collect()
        })
    }

    /// Makes a sale of a stray as Midtrans tells it, with its notifications, unless its order has
    /// appeared in the meantime; then its notifications join that.
    pub fn adopt(&self, adoption: &Adoption, at: Time) -> Result<Sale, Trouble> {
        self.change(|change| {
            let order_id = adoption.heard.order_id;
            if let Some(sale) = joined(change, order_id, at)? {
                keep(change, &adoption.heard, None)?;
                return Ok(sale);
            }
            let id = adoption.id;
            if fold(change, id)?.is_some() {
                return Err(Trouble::AlreadyThere);
            }
            if projection::number_taken(change, &adoption.number)? {
                return Err(Trouble::NumberTaken);
            }
            let ordered = Event::Ordered { number: adoption.number.clone(), order: adoption.order.clone() };
            append(change, at, id, None, From::Desk, &ordered)?;
            // Nobody has the bytes any more, and nobody sends them again.
            let intended = Event::Intended { request: String::new(), store: None, notify: None };
            append(change, at, id, Some(order_id), From::Desk, &intended)?;
            append(change, at, id, Some(order_id), From::Desk, &Event::Adopted)?;
            let told = Event::Reported(adoption.reported.clone());
            let led_to = append(change, at, id, Some(order_id), From::Midtrans, &told)?;
            keep(change, &adoption.heard, Some(led_to))?;
            projection::renew(change, id)?;
            joined(change, order_id, at)?.ok_or(Trouble::NoSuchSale)
        })
    }

    /// Joins the notifications of a stray whose order has appeared in the meantime.
    pub fn join_stray(&self, order_id: OrderId, at: Time) -> Result<Option<Sale>, Trouble> {
        self.change(|change| joined(change, order_id, at))
    }

    /// Midtrans neither spoke of this stray nor has it: no code was ever made for it.
    pub fn forget_stray(&self, order_id: OrderId) -> Result<(), Trouble> {
        self.change(|change| {
            let delete = "DELETE FROM strays WHERE order_id = ?1 AND inbox IS NULL";
            change.prepare_cached(delete)?.execute([order_id.as_str()])?;
            Ok(())
        })
    }

    /// Keeps what Midtrans answered about a stray, and tells the owner, with these facts, if nobody
    /// can place it.
    pub fn keep_stray(&self, heard: &Heard, unmatched: Option<&Facts>, at: Time) -> Result<(), Trouble> {
        self.change(|change| {
            keep(change, heard, None)?;
            if let Some(facts) = unmatched {
                raise(change, MatterKind::Unmatched, heard.order_id.as_str(), facts, at)?;
            }
            Ok(())
        })
    }
}

/// Keeps an id that stands in a file which was set aside, unless its order is there.
pub(crate) fn keep_id(change: &Connection, order_id: OrderId, since: Time) -> rusqlite::Result<bool> {
    let insert = "INSERT INTO strays (order_id, since)
                  SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM attempts WHERE order_id = ?1)";
    Ok(change.prepare_cached(insert)?.execute(params![order_id.as_str(), since.millis()])? == 1)
}

/// Keeps a letter under an id of this till until its order appears.
pub(crate) fn keep_letter(change: &Connection, inbox: i64, order_id: OrderId, letter: &Letter) -> Result<(), Trouble> {
    let letter = serde_json::to_string(letter).map_err(|error| Trouble::Row(error.to_string()))?;
    let insert = "INSERT INTO strays (inbox, order_id, letter, since)
                  SELECT id, ?2, ?3, received_at FROM inbox WHERE id = ?1";
    change.prepare_cached(insert)?.execute(params![inbox, order_id.as_str(), letter])?;
    Ok(())
}

/// What an older ledger has kept of strays: their bytes, which nobody here can read. A look-up tells.
pub(crate) fn since_2(change: &Connection) -> rusqlite::Result<()> {
    let till = kept::read(change, "till")?.unwrap_or_default();
    let select = "SELECT id, order_id, received_at FROM inbox WHERE seal = 'genuine'
                  AND order_id NOT IN (SELECT order_id FROM attempts) ORDER BY id";
    let mut orphans = change.prepare(select)?;
    let orphans: Vec<(i64, String, i64)> =
        orphans.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<Result<_, _>>()?;
    for (inbox, id, since) in orphans {
        if id.parse::<OrderId>().is_ok_and(|id| id.till().to_string() == till) {
            let insert = "INSERT INTO strays (inbox, order_id, since) VALUES (?1, ?2, ?3)";
            change.execute(insert, params![inbox, id, since])?;
        }
    }
    Ok(())
}

/// Joins the kept letters of an attempt, if there is such an attempt.
fn joined(change: &Transaction, order_id: OrderId, at: Time) -> Result<Option<Sale>, Trouble> {
    let select = "SELECT sale FROM attempts WHERE order_id = ?1";
    let mut select = change.prepare_cached(select)?;
    let sale: Option<String> = select.query_row([order_id.as_str()], |row| row.get(0)).optional()?;
    let Some(sale) = sale.map(|id| read_as::<SaleId, _>(0, id.parse())).transpose()? else { return Ok(None) };
    let mut letters = change.prepare_cached("SELECT inbox, letter FROM strays WHERE order_id = ?1 ORDER BY id")?;
    let letters: Vec<(Option<i64>, Option<String>)> =
        letters.query_map([order_id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (inbox, letter) in letters {
        let letter = letter.as_deref().and_then(|text| serde_json::from_str(text).ok());
        if let (Some(inbox), Some(letter)) = (inbox, letter) {
            hint(change, inbox, sale, order_id, &letter, at)?;
        }
    }
    change.prepare_cached("DELETE FROM strays WHERE order_id = ?1")?.execute([order_id.as_str()])?;
    // It has been placed after all.
    let placed = "DELETE FROM matters WHERE kind = ?1 AND key = ?2 AND seen_at IS NULL";
    change.prepare_cached(placed)?.execute(params![word(&MatterKind::Unmatched), order_id.as_str()])?;
    Ok(Some(projection::renew(change, sale)?))
}
