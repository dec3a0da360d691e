use rusqlite::{OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use till::{Event, From, OrderId, Report, Sale, SaleId, Store, Time};

use crate::{
    log::append,
    open::{Ledger, Trouble},
    others, projection, strays,
};

/// Notifications as they came. A genuine one is kept for good; what is not is kept a while, in a
/// lane of its own with a bound, so that a stranger cannot fill the disk.
pub(crate) const TABLES: &str = "
    CREATE TABLE inbox (
        id          INTEGER PRIMARY KEY AUTOINCREMENT,
        received_at INTEGER NOT NULL,
        digest      BLOB NOT NULL UNIQUE,
        times       INTEGER NOT NULL,
        seal        TEXT NOT NULL,
        order_id    TEXT NOT NULL,
        body        BLOB NOT NULL,
        entry       INTEGER,
        seq         INTEGER
    ) STRICT;
    CREATE INDEX inbox_of_order ON inbox (order_id);
    CREATE INDEX inbox_unverified ON inbox (id) WHERE seal = 'unverified';

    CREATE TABLE quarantine (
        id          INTEGER PRIMARY KEY AUTOINCREMENT,
        received_at INTEGER NOT NULL,
        digest      BLOB NOT NULL UNIQUE,
        times       INTEGER NOT NULL,
        body        BLOB NOT NULL
    ) STRICT;
";

/// Which entry of the log a notification became was not kept before. Where the key was at hand,
/// both were written down at the same moment.
pub(crate) const SINCE_2: &str = "
    ALTER TABLE inbox ADD COLUMN entry INTEGER;
    UPDATE inbox SET entry = (
        SELECT min(seq) FROM log
        WHERE log.attempt = inbox.order_id AND log.at = inbox.received_at AND log.\"from\" = '\"relay\"'
    ) WHERE seal = 'genuine';
";

/// So many strange messages are kept; older ones make room.
const QUARANTINE: i64 = 1_000;

/// What a notification says, read by somebody who knows the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// The order it names, as it names it.
    pub order_id: String,
    /// The state it claims.
    pub report: Report,
    /// Its status code belongs to the state it claims.
    pub consistent: bool,
    /// The amount it names, in whole rupiah; `None` if it names none that could be ours.
    pub amount: Option<u64>,
    /// The store, if it names one.
    pub store: Option<Store>,
    /// The payment code, if it names one.
    pub payment_code: Option<String>,
    /// Midtrans' own id, if it names one.
    pub transaction_id: Option<String>,
}

/// Whether the signature was found to be Midtrans'.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    /// It verifies.
    Genuine,
    /// Nobody could check it yet, because the key was out of reach. The desk will.
    Unverified,
}

/// What became of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// It belongs to this sale.
    Joined(SaleId),
    /// It is genuine, and about a code of another till of this shop.
    Elsewhere,
    /// It is genuine, and no order of ours: another system on the account, or the dashboard's test.
    Orphan,
    /// The same bytes came before.
    Again,
    /// It waits for the desk to check its signature.
    Waiting,
}

/// A notification as it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its row.
    pub id: i64,
    /// When it came first.
    pub received_at: Time,
    /// How often it came.
    pub times: u32,
    /// Whether its signature has been checked.
    pub seal: Seal,
    /// The bytes.
    pub body: Vec<u8>,
    /// The entry of the log it became; `None` for an orphan, and while it is unverified.
    pub entry: Option<i64>,
}

/// A message that is not Midtrans', as it was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strange {
    /// When it came first.
    pub received_at: Time,
    /// How often it came.
    pub times: u32,
    /// The bytes.
    pub body: Vec<u8>,
}

/// What came about one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Everything {
    /// Genuine notifications, and those nobody could check yet.
    pub stored: Vec<Stored>,
    /// How many of these there are.
    pub stored_count: u64,
    /// What named the attempt and was not signed with the shop's key, or was no notification at all.
    pub strange: Vec<Strange>,
    /// How many of these there are.
    pub strange_count: u64,
}

impl Ledger {
    /// Stores a notification and, if it is genuine and ours, tells the sale: one transaction, after
    /// which 200 may be answered. It moves a sale at most to *confirming*.
    pub fn receive(&self, body: &[u8], letter: &Letter, seal: Seal, at: Time) -> Result<Received, Trouble> {
        self.change(|change| take_in(change, body, letter, seal, None, at))
    }

    /// Keeps what is not genuine a while, for the owner to look at.
    pub fn quarantine(&self, body: &[u8], at: Time) -> Result<(), Trouble> {
        self.change(|change| set_aside(change, body, at))
    }

    /// Notifications whose signature nobody has checked yet, oldest first.
    pub fn unverified(&self) -> Result<Vec<Stored>, Trouble> {
        self.stored(
            "SELECT id, received_at, times, seal, body, entry FROM inbox WHERE seal = ?1 ORDER BY id LIMIT 500",
            "unverified",
        )
    }

    /// Takes up a stored notification after its signature was checked: joins what it says if it is
    /// `genuine`, or moves it to the quarantine.
    pub fn take_up(&self, stored: &Stored, genuine: Option<&Letter>, at: Time) -> Result<(), Trouble> {
        self.change(|change| {
            if let Some(letter) = genuine {
                return now_checked(change, &stored.body, letter, at).map(drop);
            }
            let delete = "DELETE FROM inbox WHERE id = ?1 AND seal = 'unverified'";
            if change.prepare_cached(delete)?.execute([stored.id])? == 1 {
                set_aside(change, &stored.body, at)?;
            }
            Ok(())
        })
    }

    /// Every genuine notification about this attempt, oldest first.
    pub fn notifications(&self, order_id: OrderId) -> Result<Vec<Stored>, Trouble> {
        let select = "SELECT id, received_at, times, seal, body, entry FROM inbox WHERE order_id = ?1 AND seal = 'genuine' ORDER BY id";
        self.stored(select, order_id.as_str())
    }

    /// What came about this attempt whether it is genuine or not, for whoever wants to see it all:
    /// the first `most` of each kind, and how many there are.
    pub fn everything_about(&self, order_id: OrderId, most: u32) -> Result<Everything, Trouble> {
        let signed = "SELECT id, received_at, times, seal, body, entry FROM inbox WHERE order_id = ?1 ORDER BY id";
        let stored = self.stored(&format!("{signed} LIMIT {most}"), order_id.as_str())?;
        self.read(|reader| {
            let named = "FROM quarantine WHERE instr(body, CAST(?1 AS BLOB)) > 0";
            let select = format!("SELECT received_at, times, body {named} ORDER BY id LIMIT ?2");
            let strange = reader
                .prepare_cached(&select)?
                .query_map(params![order_id.as_str(), most], |row| {
                    let received_at = Time::from_millis(row.get(0)?);
                    Ok(Strange { received_at, times: row.get(1)?, body: row.get(2)? })
                })?
                .collect::<Result<_, _>>()?;
            let count = |select: &str| reader.prepare_cached(select)?.query_row([order_id.as_str()], |row| row.get(0));
            Ok(Everything {
                stored,
                stored_count: count("SELECT count(*) FROM inbox WHERE order_id = ?1")?,
                strange,
                strange_count: count(&format!("SELECT count(*) {named}"))?,
            })
        })
    }

    /// When a genuine notification came last, about whatever order. Repeated ones do not count: the
    /// same bytes may come from anybody who has seen them.
    pub fn last_notified(&self) -> Result<Option<Time>, Trouble> {
        self.read(|reader| {
            let select = "SELECT received_at FROM inbox WHERE seal = 'genuine' ORDER BY id DESC LIMIT 1";
            Ok(reader.prepare_cached(select)?.query_row([], |row| row.get(0)).optional()?.map(Time::from_millis))
        })
    }

    fn stored(&self, select: &str, value: &str) -> Result<Vec<Stored>, Trouble> {
        self.read(|reader| {
            let mut rows = reader.prepare_cached(select)?;
            let rows = rows.query_map([value], |row| {
                let seal: String = row.get(3)?;
                Ok(Stored {
                    id: row.get(0)?,
                    received_at: Time::from_millis(row.get(1)?),
                    times: row.get(2)?,
                    seal: if seal == "genuine" { Seal::Genuine } else { Seal::Unverified },
                    body: row.get(4)?,
                    entry: row.get(5)?,
                })
            })?;
            rows.collect()
        })
    }
}

impl Seal {
    fn word(self) -> &'static str {
        match self {
            Self::Genuine => "genuine",
            Self::Unverified => "unverified",
        }
    }
}

impl Letter {
    /// It agrees with itself and with everything we know of the attempt, the amount above all:
    /// otherwise it is a reason to ask Midtrans and nothing more.
    pub fn fits(&self, sale: &Sale, order_id: OrderId) -> bool {
        let Some(attempt) = sale.attempt_of(order_id) else { return false };
        let agrees = |ours: &Option<String>, theirs: &Option<String>| match (ours, theirs) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => true,
        };
        self.consistent
            && self.amount == Some(attempt.amount)
            && self.store.is_none_or(|store| store == attempt.store)
            && agrees(&attempt.payment_code, &self.payment_code)
            && agrees(&attempt.transaction_id, &self.transaction_id)
    }
}

/// Stores a notification that came directly, or under this number of a hosted relay, and tells the sale.
pub(crate) fn take_in(
    change: &Transaction,
    body: &[u8],
    letter: &Letter,
    seal: Seal,
    seq: Option<u64>,
    at: Time,
) -> Result<Received, Trouble> {
    match (store(change, body, letter, seal, seq, at)?, seal) {
        (Some(id), Seal::Genuine) => join(change, id, letter, at),
        (Some(_), Seal::Unverified) => Ok(Received::Waiting),
        (None, Seal::Genuine) => Ok(now_checked(change, body, letter, at)?.unwrap_or(Received::Again)),
        (None, Seal::Unverified) => Ok(Received::Again),
    }
}

/// Joins what has waited for its signature to be checked; nothing if it does not wait. Somebody may have entered
/// another key the next time it is asked, and then it would be taken for a forgery.
fn now_checked(change: &Transaction, body: &[u8], letter: &Letter, at: Time) -> Result<Option<Received>, Trouble> {
    let update = "UPDATE inbox SET seal = 'genuine' WHERE digest = ?1 AND seal = 'unverified' RETURNING id";
    let id = change.prepare_cached(update)?.query_row([digest(body)], |row| row.get(0)).optional()?;
    id.map(|id| join(change, id, letter, at)).transpose()
}

/// Stores it and says in which row; nothing if the same bytes came before.
pub(crate) fn store(
    change: &Transaction,
    body: &[u8],
    letter: &Letter,
    seal: Seal,
    seq: Option<u64>,
    at: Time,
) -> rusqlite::Result<Option<i64>> {
    if counted_again(change, "inbox", body)? {
        return Ok(None);
    }
    let insert = "INSERT INTO inbox (received_at, digest, times, seal, order_id, body, seq)
                  VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6)";
    let row = params![at.millis(), digest(body), seal.word(), letter.order_id, body, seq];
    change.prepare_cached(insert)?.execute(row)?;
    Ok(Some(change.last_insert_rowid()))
}

/// Tells the sale what the notification in this row of the inbox says, or keeps it until its sale appears.
fn join(change: &Transaction, id: i64, letter: &Letter, at: Time) -> Result<Received, Trouble> {
    // Only an id of our own form can be an order of ours; anything else verifies for somebody else,
    // or was cut out of one of ours at another place.
    let Ok(order_id) = letter.order_id.parse::<OrderId>() else { return Ok(Received::Orphan) };
    let select = "SELECT sale FROM attempts WHERE order_id = ?1";
    let mut select = change.prepare_cached(select)?;
    let known: Option<String> = select.query_row([order_id.as_str()], |row| row.get(0)).optional()?;
    let Some(sale) = known.and_then(|id| id.parse::<SaleId>().ok()) else {
        if !others::is_of_this_till(change, order_id)? {
            others::hear(change, order_id, letter, at)?;
            return Ok(Received::Elsewhere);
        }
        strays::keep_letter(change, id, order_id, letter)?;
        return Ok(Received::Orphan);
    };
    hint(change, id, sale, order_id, letter, at)?;
    projection::renew(change, sale)?;
    Ok(Received::Joined(sale))
}

/// Writes down what the notification in this row of the inbox says of an attempt.
pub(crate) fn hint(
    change: &Transaction,
    id: i64,
    sale: SaleId,
    order_id: OrderId,
    letter: &Letter,
    at: Time,
) -> Result<(), Trouble> {
    let standing = crate::log::fold(change, sale)?.ok_or(Trouble::NoSuchSale)?;
    let fits = letter.fits(&standing, order_id);
    let entry = append(change, at, sale, Some(order_id), From::Relay, &Event::Hinted { report: letter.report, fits })?;
    change.prepare_cached("UPDATE inbox SET entry = ?2 WHERE id = ?1")?.execute([id, entry])?;
    Ok(())
}

pub(crate) fn set_aside(change: &Transaction, body: &[u8], at: Time) -> Result<(), Trouble> {
    if counted_again(change, "quarantine", body)? {
        return Ok(());
    }
    let insert = "INSERT INTO quarantine (received_at, digest, times, body) VALUES (?1, ?2, 1, ?3)";
    change.prepare_cached(insert)?.execute(params![at.millis(), digest(body), body])?;
    let newest = change.last_insert_rowid();
    change.prepare_cached("DELETE FROM quarantine WHERE id <= ?1")?.execute([newest - QUARANTINE])?;
    Ok(())
}

fn counted_again(change: &Transaction, table: &'static str, body: &[u8]) -> rusqlite::Result<bool> {
    let update = format!("UPDATE {table} SET times = times + 1 WHERE digest = ?1");
    Ok(change.prepare_cached(&update)?.execute(params![digest(body)])? > 0)
}

fn digest(body: &[u8]) -> Vec<u8> {
    Sha256::digest(body).to_vec()
}
