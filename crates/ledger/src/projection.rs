use rusqlite::{Connection, OptionalExtension, Row as SqlRow, Transaction, params};
use till::{Attempt, Number, OrderId, Phase, Problem, Sale, SaleId, State, Store, Time};

use crate::{
    log::{fold, read_as},
    open::{Ledger, Trouble},
};

/// The present, computed from the log: what lists read, and two rules the database itself holds.
pub(crate) const TABLES: &str = "
    CREATE TABLE sales (
        id             TEXT PRIMARY KEY,
        number         TEXT NOT NULL UNIQUE,
        ordered_at     INTEGER NOT NULL,
        store          TEXT NOT NULL,
        amount         INTEGER NOT NULL,
        customer       TEXT,
        phone          TEXT,
        note           TEXT,
        state          TEXT NOT NULL,
        problem        TEXT,
        attention      INTEGER NOT NULL,
        order_id       TEXT,
        payment_code   TEXT,
        expires_at     INTEGER,
        paid_at        INTEGER,
        hold_until     INTEGER,
        confirmed_at   INTEGER,
        handed_over_at INTEGER,
        words          TEXT NOT NULL
    ) STRICT;
    CREATE INDEX sales_by_time ON sales (ordered_at);
    CREATE INDEX sales_by_state ON sales (state, ordered_at);
    CREATE INDEX sales_for_attention ON sales (ordered_at) WHERE attention;

    CREATE TABLE attempts (
        order_id  TEXT PRIMARY KEY,
        sale      TEXT NOT NULL REFERENCES sales (id) DEFERRABLE INITIALLY DEFERRED,
        live      INTEGER NOT NULL,
        watched   INTEGER NOT NULL,
        closed_at INTEGER,
        heard_at  INTEGER,
        found_at  INTEGER
    ) STRICT;
    CREATE INDEX attempts_of_sale ON attempts (sale);
    CREATE UNIQUE INDEX one_live_attempt_per_sale ON attempts (sale) WHERE live;
    CREATE INDEX attempts_watched ON attempts (watched) WHERE watched > 0;
    CREATE INDEX attempts_paid ON attempts (found_at) WHERE found_at IS NOT NULL;
";

/// A sale as the lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are the fields of Sale and of the attempt that speaks for it")]
pub struct Row {
    pub id: SaleId,
    pub number: Number,
    pub ordered_at: Time,
    pub store: Store,
    pub amount: u64,
    pub customer: Option<String>,
    pub phone: Option<String>,
    pub note: Option<String>,
    pub state: State,
    pub problem: Option<Problem>,
    pub attention: bool,
    pub order_id: Option<OrderId>,
    pub payment_code: Option<String>,
    pub expires_at: Option<Time>,
    pub paid_at: Option<Time>,
    pub hold_until: Option<Time>,
    pub confirmed_at: Option<Time>,
    pub handed_over_at: Option<Time>,
}

pub(crate) const COLUMNS: &str = "id, number, ordered_at, store, amount, customer, phone, note, state, problem, \
    attention, order_id, payment_code, expires_at, paid_at, hold_until, confirmed_at, handed_over_at";

/// A sale whose stored row is not what its log says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which sale.
    pub sale: SaleId,
    /// What the lists show; `None` if it is missing there.
    pub shown: Option<Row>,
    /// What the log says; `None` if it says nothing of such a sale.
    pub logged: Option<Row>,
}

impl Row {
    /// The row that a sale makes.
    pub fn of(sale: &Sale) -> Self {
        let attempt = sale.attempt();
        Self {
            id: sale.id,
            number: sale.number.clone(),
            ordered_at: sale.ordered_at,
            store: attempt.map_or(sale.order.store, |attempt| attempt.store),
            amount: sale.order.amount.get(),
            customer: sale.order.customer.clone(),
            phone: sale.order.phone.clone(),
            note: sale.order.note.clone(),
            state: sale.state(),
            problem: attempt.and_then(|attempt| attempt.problem),
            attention: !sale.open_concerns().is_empty(),
            order_id: attempt.map(|attempt| attempt.order_id),
            payment_code: attempt.and_then(|attempt| attempt.payment_code.clone()),
            expires_at: attempt.and_then(|attempt| attempt.expires_at),
            paid_at: attempt.and_then(|attempt| attempt.paid_at),
            hold_until: attempt.and_then(|attempt| attempt.hold_until),
            confirmed_at: attempt.and_then(|attempt| attempt.confirmed_at),
            handed_over_at: sale.handed_over.as_ref().map(|hand_over| hand_over.at),
        }
    }

    /// What the search looks through.
    fn words(&self) -> String {
        let parts = [
            Some(self.number.as_str()),
            self.order_id.as_ref().map(OrderId::as_str),
            self.payment_code.as_deref(),
            self.customer.as_deref(),
            self.phone.as_deref(),
            self.note.as_deref(),
        ];
        let mut words = parts.into_iter().flatten().collect::<Vec<_>>().join("\n").to_lowercase();
        words.push_str(&format!("\n{}", self.amount));
        words
    }

    pub(crate) fn read(row: &SqlRow) -> rusqlite::Result<Self> {
        let time = |column: &str| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(Time::from_millis));
        Ok(Self {
            id: read_as(0, row.get::<_, String>("id")?.parse())?,
            number: read_as(1, row.get::<_, String>("number")?.parse())?,
            ordered_at: Time::from_millis(row.get("ordered_at")?),
            store: read_as(3, row.get::<_, String>("store")?.parse())?,
            amount: row.get("amount")?,
            customer: row.get("customer")?,
            phone: row.get("phone")?,
            note: row.get("note")?,
            state: read_as(8, unword(&row.get::<_, String>("state")?))?,
            problem: row.get::<_, Option<String>>("problem")?.map(|word| read_as(9, unword(&word))).transpose()?,
            attention: row.get("attention")?,
            order_id: row.get::<_, Option<String>>("order_id")?.map(|id| read_as(11, id.parse())).transpose()?,
            payment_code: row.get("payment_code")?,
            expires_at: time("expires_at")?,
            paid_at: time("paid_at")?,
            hold_until: time("hold_until")?,
            confirmed_at: time("confirmed_at")?,
            handed_over_at: time("handed_over_at")?,
        })
    }

    fn write(&self, change: &Connection) -> rusqlite::Result<()> {
        let millis = |time: Option<Time>| time.map(Time::millis);
        // Not INSERT OR REPLACE: that would push out another sale with the same number.
        let renewed: Vec<String> = COLUMNS.split(", ").map(|column| format!("{column} = excluded.{column}")).collect();
        let upsert = format!(
            "INSERT INTO sales ({COLUMNS}, words)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
             ON CONFLICT (id) DO UPDATE SET {}, words = excluded.words",
            renewed.join(", ")
        );
        change.prepare_cached(&upsert)?.execute(params![
            self.id.as_str(),
            self.number.as_str(),
            self.ordered_at.millis(),
            self.store.word(),
            self.amount,
            self.customer,
            self.phone,
            self.note,
            word(&self.state),
            self.problem.as_ref().map(word),
            self.attention,
            self.order_id.map(|id| id.to_string()),
            self.payment_code,
            millis(self.expires_at),
            millis(self.paid_at),
            millis(self.hold_until),
            millis(self.confirmed_at),
            millis(self.handed_over_at),
            self.words(),
        ])?;
        Ok(())
    }
}

/// Computes a sale anew from its log and stores what the lists show of it.
pub(crate) fn renew(change: &Transaction, id: SaleId) -> Result<Sale, Trouble> {
    let sale = fold(change, id)?.ok_or(Trouble::NoSuchSale)?;
    Row::of(&sale).write(change)?;
    // The rows that stop being live come first, so that the unique index sees the truth.
    let mut attempts: Vec<_> = sale.attempts.iter().map(AttemptRow::of).collect();
    attempts.sort_by_key(|attempt| attempt.live);
    for attempt in attempts {
        attempt.write(change, id)?;
    }
    Ok(sale)
}

/// What is kept of an attempt beside its sale's row: to find it, and to know whom to ask about.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct AttemptRow {
    order_id: String,
    live: bool,
    watched: u8,
    closed_at: Option<i64>,
    /// When a notification claimed its payment, and when a look-up found it.
    heard_at: Option<i64>,
    found_at: Option<i64>,
}

const ATTEMPT_COLUMNS: &str = "order_id, live, watched, closed_at, heard_at, found_at";

impl AttemptRow {
    fn of(attempt: &Attempt) -> Self {
        let given_up = matches!(attempt.phase, Phase::Abandoned | Phase::Refused) && attempt.unclear.is_some();
        Self {
            order_id: attempt.order_id.to_string(),
            live: attempt.is_live(),
            watched: if attempt.is_open() { 2 } else { u8::from(given_up) },
            closed_at: attempt.closed_at.map(Time::millis),
            heard_at: attempt.heard_at.map(Time::millis),
            found_at: attempt.found_paid_at.map(Time::millis),
        }
    }

    fn read(row: &SqlRow) -> rusqlite::Result<Self> {
        Ok(Self {
            order_id: row.get(0)?,
            live: row.get(1)?,
            watched: row.get(2)?,
            closed_at: row.get(3)?,
            heard_at: row.get(4)?,
            found_at: row.get(5)?,
        })
    }

    fn write(&self, change: &Connection, sale: SaleId) -> Result<(), Trouble> {
        let upsert = format!(
            "INSERT INTO attempts ({ATTEMPT_COLUMNS}, sale) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (order_id) DO UPDATE
             SET live = excluded.live, watched = excluded.watched, closed_at = excluded.closed_at,
                 heard_at = excluded.heard_at, found_at = excluded.found_at
             WHERE sale = excluded.sale"
        );
        let Self { order_id, live, watched, closed_at, heard_at, found_at } = self;
        let row = params![order_id, live, watched, closed_at, heard_at, found_at, sale.as_str()];
        match change.prepare_cached(&upsert)?.execute(row)? {
            // Its notifications would reach the other order.
            0 => Err(Trouble::Row(format!("{} belongs to another order", self.order_id))),
            _ => Ok(()),
        }
    }
}

pub(crate) fn number_taken(change: &Transaction, number: &Number) -> rusqlite::Result<bool> {
    let select = "SELECT 1 FROM sales WHERE number = ?1";
    Ok(change.query_row(select, [number.as_str()], |_| Ok(())).optional()?.is_some())
}

impl Ledger {
    /// Folds every sale from its log and compares it with what the lists show.
    pub fn audit(&self) -> Result<Vec<Difference>, Trouble> {
        self.read(|reader| {
            let everywhere =
                "SELECT sale FROM log UNION SELECT id FROM sales UNION SELECT sale FROM attempts ORDER BY 1";
            let mut ids = reader.prepare(everywhere)?;
            let ids: Vec<String> = ids.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            let mut differences = Vec::new();
            for id in ids {
                let sale: SaleId = read_as(0, id.parse())?;
                let logged = Shown::of(fold(reader, sale)?.as_ref());
                let shown = Shown::read(reader, sale)?;
                if shown != logged {
                    differences.push(Difference { sale, shown: shown.row, logged: logged.row });
                }
            }
            Ok(differences)
        })
    }

    /// Makes the lists anew from the log.
    pub fn rebuild(&self) -> Result<(), Trouble> {
        self.change(|change| {
            change.execute_batch("DELETE FROM attempts; DELETE FROM sales;")?;
            renew_all(change)
        })
    }
}

/// Computes every sale of the log into lists that are empty.
pub(crate) fn renew_all(change: &Transaction) -> Result<(), Trouble> {
    let mut ids = change.prepare("SELECT DISTINCT sale FROM log")?;
    let ids: Vec<String> = ids.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for id in ids {
        renew(change, read_as(0, id.parse())?)?;
    }
    Ok(())
}

/// All that is projected of one sale.
#[derive(PartialEq, Eq)]
struct Shown {
    row: Option<Row>,
    words: Option<String>,
    attempts: Vec<AttemptRow>,
}

impl Shown {
    fn of(sale: Option<&Sale>) -> Self {
        let row = sale.map(Row::of);
        let mut attempts: Vec<_> = sale.iter().flat_map(|sale| &sale.attempts).map(AttemptRow::of).collect();
        attempts.sort();
        Self { words: row.as_ref().map(Row::words), row, attempts }
    }

    fn read(reader: &Connection, id: SaleId) -> rusqlite::Result<Self> {
        let select = format!("SELECT {COLUMNS}, words FROM sales WHERE id = ?1");
        let both = |row: &SqlRow| Ok((Row::read(row)?, row.get("words")?));
        let (row, words) = reader.prepare_cached(&select)?.query_row([id.as_str()], both).optional()?.unzip();
        let select = format!("SELECT {ATTEMPT_COLUMNS} FROM attempts WHERE sale = ?1 ORDER BY order_id");
        let mut attempts = reader.prepare_cached(&select)?;
        let attempts = attempts.query_map([id.as_str()], AttemptRow::read)?.collect::<Result<_, _>>()?;
        Ok(Self { row, words, attempts })
    }
}

/// The word that stands for it in rows, in JSON and in the table of texts.
pub fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

pub(crate) fn unword<T: serde::de::DeserializeOwned>(word: &str) -> Result<T, serde_json::Error> {
    serde_json::from_value(serde_json::Value::String(word.to_owned()))
}
