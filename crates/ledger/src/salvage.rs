//! What a damaged ledger still gives, and what of it fits the ledger that takes its place. Every row is
//! read with suspicion: what is not to the letter what Gerai writes is left where it is.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use rusqlite::{Connection, Row as SqlRow, Transaction, TransactionBehavior, params};
use sha2::{Digest, Sha256};
use till::{Entry, Event, From, OrderId, Sale, SaleId, TillId, Time};

use crate::{
    kept, log,
    matters::{Facts, MatterKind},
    open::Trouble,
    projection::{self, unword},
    strays,
    wreck::{
        Row,
        Value::{self, Blob, Int, Null, Text},
        Wreck,
    },
};

/// What was found in a wreck, sorted, in a file of its own: it may be more than fits into memory.
pub(crate) struct Found {
    rows: Connection,
    /// What it kept by name.
    kept: BTreeMap<String, String>,
    /// Every attempt of this till that it names anywhere.
    order_ids: BTreeSet<OrderId>,
    /// The last number it gave to an entry.
    numbered: i64,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Salvaged {
    /// Entries of the log that the copy did not have.
    pub entries: u64,
    /// Notifications that the copy did not have.
    pub notifications: u64,
    /// Entries that are gone or fit nothing that is left, as far as that can be known.
    pub lost: u64,
    /// Attempts of this till that no order is left of. Midtrans is asked what became of them.
    pub strays: Vec<OrderId>,
}

/// How much of a ledger is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Belief {
    /// It was damaged: what can be read and fits is what was written.
    AsItWas,
    /// Somebody did not want it any more. What speaks for itself is taken, which is what came from
    /// Midtrans; and it tells whom to ask Midtrans about.
    Nothing,
}

impl Found {
    /// Goes through a wreck and keeps what has a higher number than `after`, which a copy has already.
    pub fn in_wreck(wreck: &Wreck, after: i64, sorted: &Path) -> Result<Self, Trouble> {
        let rows = Connection::open(sorted)?;
        // Nothing of it outlives the recovery.
        rows.pragma_update(None, "journal_mode", "OFF")?;
        rows.pragma_update(None, "synchronous", false)?;
        rows.execute_batch(TABLES)?;
        let mut found = Self { rows, kept: BTreeMap::new(), order_ids: BTreeSet::new(), numbered: 0 };
        let mut failed = None;
        found.rows.execute_batch("BEGIN")?;
        wreck.rows(|row| {
            if failed.is_none() {
                failed = found.take(row, after).err();
            }
        });
        found.rows.execute_batch("COMMIT")?;
        match failed {
            Some(error) => Err(error.into()),
            None => Ok(found),
        }
    }

    /// Whose ledger it was, by what it kept or else by its attempts.
    pub fn till(&self) -> Option<TillId> {
        let told = self.kept.get("till").and_then(|till| till.parse().ok());
        let select = "SELECT attempt FROM log WHERE attempt IS NOT NULL GROUP BY substr(attempt, 1, 4)
                      ORDER BY count(*) DESC LIMIT 1";
        let most = || self.rows.query_row(select, [], |row| row.get::<_, String>(0)).ok()?.parse::<OrderId>().ok();
        told.or_else(|| most().map(|order_id| order_id.till()))
    }

    /// Looks for attempts of this till in every corner.
    pub fn look_for(&mut self, wreck: &Wreck, till: TillId) {
        self.order_ids = wreck.order_ids(till);
    }

    fn take(&mut self, row: Row, after: i64) -> rusqlite::Result<()> {
        let Row { id, values } = row;
        match (id, values.as_slice()) {
            (None, [Text(key), Text(value)]) => {
                self.kept.entry(key.clone()).or_insert_with(|| value.clone());
            }
            (Some(seq), [Null, Int(at), Text(sale), attempt @ (Null | Text(_)), Text(from), Text(event)]) => {
                let attempt = text(attempt);
                if seq > after && log::read(seq, *at, sale, attempt, from, event).is_ok() {
                    let insert = "INSERT INTO log VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
                    self.rows.prepare_cached(insert)?.execute(params![seq, at, sale, attempt, from, event])?;
                }
            }
            (Some(_), [Text(table), Int(last)]) if table == "log" => self.numbered = self.numbered.max(*last),
            (
                Some(id),
                [Null, Int(at), Blob(digest), Int(times), Text(seal), Text(order_id), Blob(body), rest @ ..],
            ) => {
                let entry = rest.first().and_then(int);
                // Nothing vouches for a row of the log but the look-ups that follow. This one vouches for itself.
                if Sha256::digest(body)[..] == digest[..] && ["genuine", "unverified"].contains(&seal.as_str()) {
                    let insert = "INSERT INTO inbox VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
                    let row = params![id, at, digest, times, seal, order_id, body, entry];
                    self.rows.prepare_cached(insert)?.execute(row)?;
                }
            }
            (
                Some(id),
                [
                    Null,
                    Text(order_id),
                    Text(asked),
                    Int(sent),
                    Int(heard),
                    Int(times),
                    Int(last),
                    http,
                    told,
                    Text(outcome),
                    Int(length),
                    body,
                    led,
                ],
            ) if order_id.parse::<OrderId>().is_ok() => {
                let body = match body {
                    Blob(body) => Some(body),
                    _ => None,
                };
                let insert = "INSERT INTO exchanges VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
                              ON CONFLICT DO NOTHING";
                let (http, told, led) = (int(http), int(told), int(led));
                let row =
                    params![id, order_id, asked, sent, heard, times, last, http, told, outcome, length, body, led];
                self.rows.prepare_cached(insert)?.execute(row)?;
            }
            (Some(_), [Null, Int(at), Text(kind), Text(key), Text(detail), seen_at, seen_by, deed])
                if serde_json::from_str::<Facts>(detail).is_ok() && unword::<MatterKind>(kind).is_ok() =>
            {
                let insert = "INSERT INTO matters VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
                let row = params![at, kind, key, detail, int(seen_at), text(seen_by), text(deed)];
                self.rows.prepare_cached(insert)?.execute(row)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Adds to a ledger what fits it, and says what does not. All of it, or nothing.
    pub fn add_to(self, ledger: &mut Connection, belief: Belief, now: Time) -> Result<Salvaged, Trouble> {
        let mut salvaged = Salvaged::default();
        let change = ledger.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if belief == Belief::AsItWas {
            salvaged.entries = self.add_sales(&change)?;
            self.add_exchanges(&change)?;
            self.add_matters(&change)?;
            self.add_kept(&change)?;
            let there: i64 = change.query_row("SELECT count(*) FROM log", [], |row| row.get(0))?;
            let last = log::head(&change)?.max(self.numbered);
            salvaged.lost = u64::try_from(last - there).unwrap_or(0);
        }
        salvaged.notifications = self.add_notifications(&change)?;
        for order_id in self.order_ids {
            if strays::keep_id(&change, order_id, now)? {
                salvaged.strays.push(order_id);
            }
        }
        change.commit()?;
        Ok(salvaged)
    }

    /// Adds the sales, and says how many entries.
    fn add_sales(&self, change: &Transaction) -> Result<u64, Trouble> {
        // In the order they began, so that a number goes to the sale that had it first.
        let mut sales = self.rows.prepare("SELECT sale FROM log GROUP BY sale ORDER BY min(seq)")?;
        let sales: Vec<String> = sales.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut select = self.rows.prepare(&format!("{} WHERE sale = ?1 ORDER BY seq", log::SELECT))?;
        let mut added = 0;
        for sale in sales {
            let found: Vec<Written> = select.query_map([&sale], Written::read)?.collect::<Result<_, _>>()?;
            let Ok(id) = sale.parse::<SaleId>() else { continue };
            let fitting = fitting(change, id, found)?;
            change.execute_batch("SAVEPOINT one_sale")?;
            match add_sale(change, id, &fitting) {
                Ok(()) => {
                    change.execute_batch("RELEASE one_sale")?;
                    added += fitting.len() as u64;
                }
                Err(trouble @ (Trouble::Full(_) | Trouble::ReadOnly(_) | Trouble::Folder(_) | Trouble::Disk(_))) => {
                    return Err(trouble);
                }
                // Two live codes, or a number that another sale has: as a whole it cannot be right.
                Err(_) => change.execute_batch("ROLLBACK TO one_sale; RELEASE one_sale")?,
            }
        }
        Ok(added)
    }

    /// A notification counts as checked only where the entry it became is there too. Any other is
    /// checked again by the desk, and tells its sale again.
    fn add_notifications(&self, change: &Transaction) -> Result<u64, Trouble> {
        let mut select = self.rows.prepare("SELECT * FROM inbox ORDER BY id")?;
        let mut rows = select.query([])?;
        let mut added = 0;
        while let Some(row) = rows.next()? {
            let (at, digest, times): (i64, Vec<u8>, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
            let (seal, order_id): (String, String) = (row.get(4)?, row.get(5)?);
            let (body, entry): (Vec<u8>, Option<i64>) = (row.get(6)?, row.get(7)?);
            let entry = entry.filter(|_| seal == "genuine").filter(|seq| became(change, *seq, &order_id));
            let seal = if entry.is_some() { "genuine" } else { "unverified" };
            let update = "UPDATE inbox SET times = max(times, ?2) WHERE digest = ?1";
            if change.prepare_cached(update)?.execute(params![digest, times])? == 0 {
                let insert = "INSERT INTO inbox (received_at, digest, times, seal, order_id, body, entry)
                              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
                let row = params![at, digest, times, seal, order_id, body, entry];
                added += change.prepare_cached(insert)?.execute(row)? as u64;
            }
        }
        Ok(added)
    }

    fn add_exchanges(&self, change: &Transaction) -> Result<(), Trouble> {
        let mut select = self.rows.prepare("SELECT * FROM exchanges ORDER BY id")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let value = |column| row.get::<_, rusqlite::types::Value>(column);
            let upsert = "INSERT INTO exchanges (id, order_id, asked, sent_at, heard_at, times, last_at, http, told_at,
                                                 outcome, length, body, led_to)
                          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,
                                  (SELECT seq FROM log WHERE seq = ?13))
                          ON CONFLICT (id) DO UPDATE SET times = excluded.times, last_at = excluded.last_at
                          WHERE order_id = excluded.order_id AND times < excluded.times";
            let values: Vec<_> = (0..13).map(value).collect::<Result<_, _>>()?;
            change.prepare_cached(upsert)?.execute(rusqlite::params_from_iter(values))?;
        }
        Ok(())
    }

    fn add_matters(&self, change: &Transaction) -> Result<(), Trouble> {
        let mut select = self.rows.prepare("SELECT * FROM matters ORDER BY at")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let value = |column| row.get::<_, rusqlite::types::Value>(column);
            let upsert = "INSERT INTO matters (at, kind, key, detail, seen_at, seen_by, deed)
                          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                          ON CONFLICT (kind, key) DO UPDATE
                          SET seen_at = excluded.seen_at, seen_by = excluded.seen_by, deed = excluded.deed
                          WHERE seen_at IS NULL";
            let values: Vec<_> = (0..7).map(value).collect::<Result<_, _>>()?;
            change.prepare_cached(upsert)?.execute(rusqlite::params_from_iter(values))?;
        }
        Ok(())
    }

    fn add_kept(&self, change: &Transaction) -> Result<(), Trouble> {
        for (key, value) in &self.kept {
            let ours = kept::read(change, key)?;
            // What a ledger is never changes, and a copy knows it better than a wreck does.
            let for_good = !["settings", "draft"].contains(&key.as_str());
            let sound = match key.as_str() {
                "settings" => serde_json::from_str::<kept::Settings>(value).is_ok(),
                "draft" => serde_json::from_str::<(SaleId, till::Draft)>(value).is_ok(),
                _ => true,
            };
            if sound && (ours.is_none() || !for_good) {
                kept::write(change, key, value)?;
            }
        }
        Ok(())
    }
}

/// The tables of the ledger, without their rules.
const TABLES: &str = "
    CREATE TABLE log (seq INTEGER PRIMARY KEY, at, sale, attempt, \"from\", event);
    CREATE INDEX log_of_sale ON log (sale, seq);
    CREATE TABLE inbox (id INTEGER PRIMARY KEY, received_at, digest UNIQUE, times, seal, order_id, body, entry);
    CREATE TABLE exchanges (id INTEGER PRIMARY KEY, order_id, asked, sent_at, heard_at, times, last_at, http, told_at,
                            outcome, length, body, led_to);
    CREATE TABLE matters (at, kind, key, detail, seen_at, seen_by, deed, UNIQUE (kind, key));
";

/// An entry, and the very words it was written in: its seal is over those.
struct Written {
    entry: Entry,
    from: String,
    event: String,
}

impl Written {
    fn read(row: &SqlRow) -> rusqlite::Result<Self> {
        Ok(Self { entry: log::entry(row)?, from: row.get(4)?, event: row.get(5)? })
    }
}

/// Those entries that go on from what the ledger has of this sale.
fn fitting(change: &Transaction, id: SaleId, mut found: Vec<Written>) -> Result<Vec<Written>, Trouble> {
    let standing = log::fold(change, id)?;
    let mut begun = standing.is_some();
    let attempts = standing.iter().flat_map(|sale: &Sale| &sale.attempts);
    let mut attempts: BTreeSet<OrderId> = attempts.map(|attempt| attempt.order_id).collect();
    found.retain(|Written { entry, .. }| match (&entry.event, entry.attempt) {
        (Event::Ordered { .. }, None) => !std::mem::replace(&mut begun, true),
        (Event::Ordered { .. }, Some(_)) => false,
        _ if !begun => false,
        (Event::Intended { .. }, Some(order_id)) => attempts.insert(order_id),
        (Event::HandedOver { .. }, _) => true,
        (_, Some(order_id)) => attempts.contains(&order_id),
        (_, None) => false,
    });
    Ok(found)
}

fn add_sale(change: &Transaction, id: SaleId, entries: &[Written]) -> Result<(), Trouble> {
    if entries.is_empty() {
        return Ok(());
    }
    for Written { entry, from, event } in entries {
        let insert = "INSERT INTO log (seq, at, sale, attempt, \"from\", event) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let attempt = entry.attempt.map(|order_id| order_id.to_string());
        let row = params![entry.seq, entry.at.millis(), id.as_str(), attempt, from, event];
        change.prepare_cached(insert)?.execute(row)?;
    }
    projection::renew(change, id).map(drop)
}

/// Whether this entry says that a notification about this attempt came.
fn became(change: &Transaction, seq: i64, order_id: &str) -> bool {
    let entry = change.query_row(&format!("{} WHERE seq = ?1", log::SELECT), [seq], log::entry);
    entry.is_ok_and(|entry| {
        let about = entry.attempt.is_some_and(|attempt| attempt.as_str() == order_id);
        about && entry.from == From::Relay && matches!(entry.event, Event::Hinted { .. })
    })
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Text(text) => Some(text),
        _ => None,
    }
}

fn int(value: &Value) -> Option<i64> {
    match value {
        Int(number) => Some(*number),
        _ => None,
    }
}
