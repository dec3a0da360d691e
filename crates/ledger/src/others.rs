use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use till::{OrderId, Other, Reported, Time};

use crate::{
    inbox::Letter,
    kept,
    log::read_as,
    open::{Ledger, Trouble},
    projection::{unword, word},
};

/// Codes of other tills of this shop, because all of them hear what Midtrans tells. None of it is this
/// till's business: it is in no list of sales, no total and no report.
pub(crate) const TABLE: &str = "
    CREATE TABLE others (
        order_id     TEXT PRIMARY KEY,
        since        INTEGER NOT NULL,
        heard_at     INTEGER NOT NULL,
        letters      INTEGER NOT NULL,
        news         INTEGER NOT NULL,
        asked_at     INTEGER,
        state        TEXT NOT NULL,
        amount       INTEGER,
        store        TEXT,
        payment_code TEXT,
        made_at      INTEGER,
        expires_at   INTEGER,
        paid_at      INTEGER,
        words        TEXT NOT NULL
    ) STRICT;
    CREATE INDEX others_by_time ON others (since);
    CREATE INDEX others_watched ON others (since) WHERE news OR state IN ('confirming', 'unknown', 'pending');
";

/// Which codes of other tills.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    /// Parts of an id, a code, the name of a till or an amount; all must occur.
    pub search: String,
    /// Heard of at this time or later.
    pub from: Option<Time>,
    /// Heard of before this time.
    pub before: Option<Time>,
    /// How many to skip.
    pub offset: u32,
    /// How many at the most.
    pub limit: u32,
}

/// Some codes of other tills, newest first, and how many there are. What they add up to belongs into
/// the books of their tills.
#[derive(Clone, Debug)]
pub struct Others {
    /// Those asked for.
    pub rows: Vec<Other>,
    /// How many there are.
    pub count: u64,
}

impl Ledger {
    /// Codes of other tills.
    pub fn others(&self, which: &Elsewhere) -> Result<Others, Trouble> {
        let search = which.search.to_lowercase();
        let words: BTreeSet<&str> = search.split_whitespace().collect();
        let words: Vec<&str> = words.into_iter().take(100).collect();
        let searched = (0..words.len()).map(|n| format!(" AND instr(words, ?{}) > 0", n + 3)).collect::<String>();
        let condition =
            format!("FROM others WHERE (?1 IS NULL OR since >= ?1) AND (?2 IS NULL OR since < ?2){searched}");
        let [from, before] = [which.from, which.before].map(|time| time.map(Time::millis));
        let mut values: Vec<&dyn ToSql> = vec![&from, &before];
        values.extend(words.iter().map(|word| word as &dyn ToSql));
        self.read(|reader| {
            let count =
                reader.query_row(&format!("SELECT count(*) {condition}"), values.as_slice(), |row| row.get(0))?;
            values.extend([&which.limit as &dyn ToSql, &which.offset]);
            let last = values.len();
            let page = format!("ORDER BY since DESC, order_id LIMIT ?{} OFFSET ?{last}", last - 1);
            let mut rows = reader.prepare_cached(&format!("SELECT {COLUMNS} {condition} {page}"))?;
            let rows = rows.query_map(values.as_slice(), read)?.collect::<Result<_, _>>()?;
            Ok(Others { rows, count })
        })
    }

    /// Codes of other tills about which Midtrans may have something to tell, those first that wait longest.
    pub fn others_watched(&self) -> Result<Vec<Other>, Trouble> {
        self.read(|reader| {
            let watched = "WHERE news OR state IN ('confirming', 'unknown', 'pending')";
            let select = format!("SELECT {COLUMNS} FROM others {watched} ORDER BY asked_at, since, order_id");
            reader.prepare_cached(&select)?.query_map([], read)?.collect()
        })
    }

    /// Writes down what Midtrans told about a code of another till, or that it knows no such; `asked` is
    /// how it stood when Midtrans was asked.
    pub fn told_of_other(&self, asked: &Other, told: Option<&Reported>, at: Time) -> Result<(), Trouble> {
        self.change(|change| {
            let Some(mut other) = find(change, asked.order_id)? else { return Ok(()) };
            other.told(told, asked.letters, at);
            Ok(write(change, &other)?)
        })
    }
}

/// Whether this till has drawn that id.
pub(crate) fn is_of_this_till(change: &Connection, order_id: OrderId) -> rusqlite::Result<bool> {
    Ok(kept::read(change, "till")?.as_deref() == Some(order_id.till().to_string().as_str()))
}

/// A genuine notification tells of a code of another till.
pub(crate) fn hear(change: &Connection, order_id: OrderId, letter: &Letter, at: Time) -> rusqlite::Result<()> {
    heard(change, order_id, letter.amount, at)
}

/// What an older ledger has heard of other tills: bytes that nobody here can read. A look-up tells.
pub(crate) fn since_4(change: &Connection) -> rusqlite::Result<()> {
    let mut heard_of = change.prepare("SELECT order_id, received_at FROM inbox WHERE seal = 'genuine' ORDER BY id")?;
    let mut heard_of = heard_of.query([])?;
    while let Some(row) = heard_of.next()? {
        let Ok(order_id) = row.get::<_, String>(0)?.parse() else { continue };
        if !is_of_this_till(change, order_id)? {
            heard(change, order_id, None, Time::from_millis(row.get(1)?))?;
        }
    }
    Ok(())
}

fn heard(change: &Connection, order_id: OrderId, amount: Option<u64>, at: Time) -> rusqlite::Result<()> {
    let other = match find(change, order_id)? {
        None => Other::of(order_id, amount, at),
        Some(mut other) => {
            other.hear(at);
            other
        }
    };
    write(change, &other)
}

const COLUMNS: &str = "order_id, since, heard_at, letters, news, asked_at, state, amount, store, payment_code, made_at, \
    expires_at, paid_at";

fn find(connection: &Connection, order_id: OrderId) -> rusqlite::Result<Option<Other>> {
    let select = format!("SELECT {COLUMNS} FROM others WHERE order_id = ?1");
    connection.prepare_cached(&select)?.query_row([order_id.as_str()], read).optional()
}

fn read(row: &Row) -> rusqlite::Result<Other> {
    let time = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(Time::from_millis));
    Ok(Other {
        order_id: read_as(0, row.get::<_, String>(0)?.parse())?,
        since: Time::from_millis(row.get(1)?),
        heard_at: Time::from_millis(row.get(2)?),
        letters: row.get(3)?,
        news: row.get(4)?,
        asked_at: time(5)?,
        state: read_as(6, unword(&row.get::<_, String>(6)?))?,
        amount: row.get(7)?,
        store: row.get::<_, Option<String>>(8)?.map(|store| read_as(8, store.parse())).transpose()?,
        payment_code: row.get(9)?,
        made_at: time(10)?,
        expires_at: time(11)?,
        paid_at: time(12)?,
    })
}

fn write(change: &Connection, other: &Other) -> rusqlite::Result<()> {
    let millis = |time: Option<Time>| time.map(Time::millis);
    let amount = other.amount.map(|amount| amount.to_string());
    let words = [Some(other.order_id.as_str()), other.payment_code.as_deref(), amount.as_deref()];
    let words = words.into_iter().flatten().collect::<Vec<_>>().join("\n").to_lowercase();
    let replace = format!(
        "INSERT OR REPLACE INTO others ({COLUMNS}, words)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
    );
    change.prepare_cached(&replace)?.execute(params![
        other.order_id.as_str(),
        other.since.millis(),
        other.heard_at.millis(),
        other.letters,
        other.news,
        millis(other.asked_at),
        word(&other.state),
        other.amount,
        other.store.map(|store| store.word()),
        other.payment_code,
        millis(other.made_at),
        millis(other.expires_at),
        millis(other.paid_at),
        words,
    ])?;
    Ok(())
}
