use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use serde::{Deserialize, Serialize};
use till::{Deed, Time};

use crate::{
    log::read_as,
    open::{Ledger, Trouble},
    projection::{unword, word},
};

/// What the owner has to look at that belongs to no sale: a notification nobody can place, an entry
/// somebody has tampered with, a ledger that had to be restored. The same matter comes up once.
pub(crate) const TABLE: &str = "
    CREATE TABLE matters (
        id        INTEGER PRIMARY KEY AUTOINCREMENT,
        at        INTEGER NOT NULL,
        kind      TEXT NOT NULL,
        key       TEXT NOT NULL,
        detail    TEXT NOT NULL,
        seen_at   INTEGER,
        seen_by   TEXT,
        deed      TEXT,
        UNIQUE (kind, key)
    ) STRICT;
    CREATE INDEX matters_open ON matters (id) WHERE seen_at IS NULL;
";

/// Something the owner has to look at, or had to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matter {
    /// Its row.
    pub id: i64,
    /// When it came up.
    pub at: Time,
    /// What it is.
    pub kind: MatterKind,
    /// What it is about: with its kind, what makes it this matter and no other.
    pub key: String,
    /// What fills the gaps of its sentences, `concern.<kind>` and `concern.<kind>.next`.
    pub facts: Facts,
    /// Who has seen to it.
    pub seen: Option<Seen>,
}

/// Facts by the names of the gaps they fill.
pub type Facts = BTreeMap<String, String>;

/// Facts by name.
pub fn facts<const N: usize>(facts: [(&str, String); N]) -> Facts {
    facts.into_iter().map(|(gap, fact)| (gap.to_owned(), fact)).collect()
}

/// What a matter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatterKind {
    /// A genuine notification under an id of this till, which no look-up could place. Its key is the id.
    Unmatched,
    /// An entry of the log was edited, taken out, put in or cut off. Its key names the entry.
    Tampered,
    /// Entries were written while the key of the chain was out of reach. Its key names the first.
    Unsealed,
    /// The file was damaged, set aside and made anew. Its key names where it lies.
    Restored,
    /// A payment became known after its day was closed. Its key is the sale.
    LatePayment,
}

/// Somebody has seen to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Who.
    pub by: String,
    /// When.
    pub at: Time,
    /// What was done.
    pub deed: Deed,
}

impl Ledger {
    /// Brings a matter before the owner, and says whether it is new. One that was seen to stays so.
    pub fn raise(&self, kind: MatterKind, key: &str, facts: &Facts, at: Time) -> Result<bool, Trouble> {
        self.change(|change| Ok(raise(change, kind, key, facts, at)?))
    }

    /// Everything nobody has seen to yet, newest first.
    pub fn matters(&self) -> Result<Vec<Matter>, Trouble> {
        self.read(|reader| {
            let select = format!("SELECT {COLUMNS} FROM matters WHERE seen_at IS NULL ORDER BY id DESC");
            reader.prepare_cached(&select)?.query_map([], matter)?.collect()
        })
    }

    /// What somebody has seen to, the latest first.
    pub fn matters_seen_to(&self, most: u32) -> Result<Vec<Matter>, Trouble> {
        self.read(|reader| {
            let seen = "WHERE seen_at IS NOT NULL ORDER BY seen_at DESC, id DESC LIMIT ?1";
            let select = format!("SELECT {COLUMNS} FROM matters {seen}");
            reader.prepare_cached(&select)?.query_map([most], matter)?.collect()
        })
    }

    /// Everything of this kind that ever came up, seen to or not.
    pub fn matters_of(&self, kind: MatterKind) -> Result<Vec<Matter>, Trouble> {
        self.read(|reader| {
            let select = format!("SELECT {COLUMNS} FROM matters WHERE kind = ?1 ORDER BY id");
            reader.prepare_cached(&select)?.query_map([word(&kind)], matter)?.collect()
        })
    }

    /// This matter, seen to or not.
    pub fn matter(&self, id: i64) -> Result<Option<Matter>, Trouble> {
        self.read(|reader| find(reader, id))
    }

    /// Writes down what was done about a matter, once, and tells how it stood before; `None` if there
    /// is no such matter.
    pub fn see_to(&self, id: i64, seen: &Seen) -> Result<Option<Matter>, Trouble> {
        self.change(|change| {
            let before = find(change, id)?;
            let update = "UPDATE matters SET seen_at = ?2, seen_by = ?3, deed = ?4 WHERE id = ?1 AND seen_at IS NULL";
            change.prepare_cached(update)?.execute(params![id, seen.at.millis(), seen.by, word(&seen.deed)])?;
            Ok(before)
        })
    }
}

/// Brings a matter before the owner within a transaction, and says whether it is new.
pub(crate) fn raise(
    change: &Connection,
    kind: MatterKind,
    key: &str,
    facts: &Facts,
    at: Time,
) -> rusqlite::Result<bool> {
    let insert = "INSERT INTO matters (at, kind, key, detail) VALUES (:at, :kind, :key, :detail)
                  ON CONFLICT (kind, key) DO NOTHING";
    let detail = serde_json::to_string(facts).unwrap_or_default();
    let values = named_params! { ":at": at.millis(), ":kind": word(&kind), ":key": key, ":detail": detail };
    Ok(change.prepare_cached(insert)?.execute(values)? == 1)
}

const COLUMNS: &str = "id, at, kind, key, detail, seen_at, seen_by, deed";

fn find(connection: &Connection, id: i64) -> rusqlite::Result<Option<Matter>> {
    let select = format!("SELECT {COLUMNS} FROM matters WHERE id = ?1");
    connection.prepare_cached(&select)?.query_row([id], matter).optional()
}

fn matter(row: &Row) -> rusqlite::Result<Matter> {
    let seen_at: Option<i64> = row.get(5)?;
    let seen = |at| {
        let deed = read_as(7, unword(&row.get::<_, String>(7)?))?;
        Ok::<_, rusqlite::Error>(Seen { by: row.get(6)?, at: Time::from_millis(at), deed })
    };
    Ok(Matter {
        id: row.get(0)?,
        at: Time::from_millis(row.get(1)?),
        kind: read_as(2, unword(&row.get::<_, String>(2)?))?,
        key: row.get(3)?,
        facts: read_as(4, serde_json::from_str(&row.get::<_, String>(4)?))?,
        seen: seen_at.map(seen).transpose()?,
    })
}
