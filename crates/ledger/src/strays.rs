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

/// Genuine notifications under ids of this till that no order of the log has: the log was restored
/// from an older copy. Each is kept as it was read until its order appears.
pub(crate) const TABLE: &str = "
    CREATE TABLE strays (
        inbox    INTEGER PRIMARY KEY REFERENCES inbox (id),
        order_id TEXT NOT NULL,
        letter   TEXT
    ) STRICT;
    CREATE INDEX strays_of_order ON strays (order_id);
";

/// An id of this till that Midtrans has spoken of and the log does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stray {
    /// Midtrans' name for it, drawn by this till.
    pub order_id: OrderId,
    /// When Midtrans first spoke of it.
    pub since: Time,
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
    /// Ids of this till that Midtrans has spoken of and the log does not know, oldest first.
    pub fn strays(&self) -> Result<Vec<Stray>, Trouble> {
        self.read(|reader| {
            let select = "SELECT strays.order_id, min(inbox.received_at),
                                 EXISTS (SELECT 1 FROM attempts WHERE attempts.order_id = strays.order_id),
                                 EXISTS (SELECT 1 FROM matters WHERE kind = ?1 AND key = strays.order_id)
                          FROM strays JOIN inbox ON inbox.id = strays.inbox
                          GROUP BY strays.order_id ORDER BY min(inbox.id)";
            let mut rows = reader.prepare_cached(select)?;
            let rows = rows.query_map([word(&MatterKind::Unmatched)], |row| {
                Ok(Stray {
                    order_id: read_as(0, row.get::<_, String>(0)?.parse())?,
                    since: Time::from_millis(row.get(1)?),
                    known: row.get(2)?,
                    raised: row.get(3)?,
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
            let intended = Event::Intended { request: String::new(), store: None };
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

/// Keeps a letter until its order appears, if its id is one of this till's.
pub(crate) fn keep_letter(change: &Connection, inbox: i64, order_id: OrderId, letter: &Letter) -> Result<(), Trouble> {
    if kept::read(change, "till")?.as_deref() != Some(order_id.till().to_string().as_str()) {
        return Ok(());
    }
    let letter = serde_json::to_string(letter).map_err(|error| Trouble::Row(error.to_string()))?;
    let insert = "INSERT INTO strays (inbox, order_id, letter) VALUES (?1, ?2, ?3)";
    change.execute(insert, params![inbox, order_id.as_str(), letter])?;
    Ok(())
}

/// What an older ledger has kept of strays: their bytes, which nobody here can read. A look-up tells.
pub(crate) fn since_2(change: &Connection) -> rusqlite::Result<()> {
    let till = kept::read(change, "till")?.unwrap_or_default();
    let select = "SELECT id, order_id FROM inbox WHERE seal = 'genuine'
                  AND order_id NOT IN (SELECT order_id FROM attempts) ORDER BY id";
    let mut orphans = change.prepare(select)?;
    let orphans: Vec<(i64, String)> =
        orphans.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (inbox, id) in orphans {
        if id.parse::<OrderId>().is_ok_and(|id| id.till().to_string() == till) {
            change.execute("INSERT INTO strays (inbox, order_id) VALUES (?1, ?2)", params![inbox, id])?;
        }
    }
    Ok(())
}

/// Joins the kept letters of an attempt, if there is such an attempt.
fn joined(change: &Transaction, order_id: OrderId, at: Time) -> Result<Option<Sale>, Trouble> {
    let select = "SELECT sale FROM attempts WHERE order_id = ?1";
    let sale: Option<String> = change.query_row(select, [order_id.as_str()], |row| row.get(0)).optional()?;
    let Some(sale) = sale.map(|id| read_as::<SaleId, _>(0, id.parse())).transpose()? else { return Ok(None) };
    let mut letters = change.prepare("SELECT inbox, letter FROM strays WHERE order_id = ?1 ORDER BY inbox")?;
    let letters: Vec<(i64, Option<String>)> =
        letters.query_map([order_id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (inbox, letter) in letters {
        if let Some(letter) = letter.as_deref().and_then(|text| serde_json::from_str(text).ok()) {
            hint(change, inbox, sale, order_id, &letter, at)?;
        }
    }
    change.execute("DELETE FROM strays WHERE order_id = ?1", [order_id.as_str()])?;
    // It has been placed after all.
    let placed = "DELETE FROM matters WHERE kind = ?1 AND key = ?2 AND seen_at IS NULL";
    change.execute(placed, params![word(&MatterKind::Unmatched), order_id.as_str()])?;
    Ok(Some(projection::renew(change, sale)?))
}
