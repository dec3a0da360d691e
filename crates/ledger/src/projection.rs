use std::{slice, sync::LazyLock, thread};

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row as SqlRow, Transaction, params};
use till::{Attempt, Number, Order, OrderId, Problem, Sale, SaleId, State, Store, Time};

use crate::{
    log::{fold, read_as},
    open::{BREATH, Ledger, Trouble},
};

/// The present, computed from the log: what lists read, and two rules the database itself holds.
pub(crate) const TABLES: &str = "
    CREATE TABLE sales (
        id             TEXT PRIMARY KEY,
        number         TEXT NOT NULL UNIQUE,
        ordered_at     INTEGER NOT NULL,
        intended_at    INTEGER,
        store          TEXT NOT NULL,
        amount         INTEGER NOT NULL,
        customer       TEXT,
        phone          TEXT,
        note           TEXT,
        state          TEXT NOT NULL,
        problem        TEXT,
        concerns       INTEGER NOT NULL,
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
    CREATE INDEX sales_for_attention ON sales (ordered_at) WHERE concerns > 0;

    CREATE TABLE attempts (
        order_id    TEXT PRIMARY KEY,
        sale        TEXT NOT NULL REFERENCES sales (id) DEFERRABLE INITIALLY DEFERRED,
        live        INTEGER NOT NULL,
        watched     INTEGER NOT NULL,
        swept_since INTEGER,
        heard_at    INTEGER,
        found_at    INTEGER
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
    pub intended_at: Option<Time>,
    pub store: Store,
    pub amount: u64,
    pub customer: Option<String>,
    pub phone: Option<String>,
    pub note: Option<String>,
    pub state: State,
    pub problem: Option<Problem>,
    /// How many open concerns it has.
    pub concerns: u32,
    pub order_id: Option<OrderId>,
    pub payment_code: Option<String>,
    pub expires_at: Option<Time>,
    pub paid_at: Option<Time>,
    pub hold_until: Option<Time>,
    pub confirmed_at: Option<Time>,
    pub handed_over_at: Option<Time>,
}

pub(crate) const COLUMNS: &str = "id, number, ordered_at, intended_at, store, amount, customer, phone, note, state, \
    problem, concerns, order_id, payment_code, expires_at, paid_at, hold_until, confirmed_at, handed_over_at";

/// The same by what the sale calls itself, which may be anything, and with the states alone.
pub(crate) struct Differing {
    pub sale: String,
    pub shown: Option<State>,
    pub logged: Option<State>,
}

/// So many sales are compared at once; lists have their turn in between.
const AT_ONCE: u32 = 25;

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
            intended_at: attempt.map(|attempt| attempt.intended_at),
            store: attempt.map_or(sale.order.store, |attempt| attempt.store),
            amount: sale.order.amount.get(),
            customer: sale.order.customer.clone(),
            phone: sale.order.phone.clone(),
            note: sale.order.note.clone(),
            state: sale.state(),
            problem: attempt.and_then(|attempt| attempt.problem),
            concerns: u32::try_from(sale.open_concerns().len()).unwrap_or(u32::MAX),
            order_id: attempt.map(|attempt| attempt.order_id),
            payment_code: attempt.and_then(|attempt| attempt.payment_code.clone()),
            expires_at: attempt.and_then(|attempt| attempt.expires_at),
            paid_at: attempt.and_then(|attempt| attempt.paid_at),
            hold_until: attempt.and_then(|attempt| attempt.hold_until),
            confirmed_at: attempt.and_then(|attempt| attempt.confirmed_at),
            handed_over_at: sale.handed_over.as_ref().map(|hand_over| hand_over.at),
        }
    }

    /// Whether its outcome has been unknown since before this moment, which needs attention too.
    pub fn waits_long(&self, long_unknown: Time) -> bool {
        self.state == State::Unknown && self.intended_at.is_some_and(|at| at < long_unknown)
    }

    pub(crate) fn read(row: &SqlRow) -> rusqlite::Result<Self> {
        let time = |column: &str| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(Time::from_millis));
        Ok(Self {
            id: read_as(0, row.get::<_, String>("id")?.parse())?,
            number: read_as(1, row.get::<_, String>("number")?.parse())?,
            ordered_at: Time::from_millis(row.get("ordered_at")?),
            intended_at: time("intended_at")?,
            store: read_as(4, row.get::<_, String>("store")?.parse())?,
            amount: row.get("amount")?,
            customer: row.get("customer")?,
            phone: row.get("phone")?,
            note: row.get("note")?,
            state: read_as(9, unword(&row.get::<_, String>("state")?))?,
            problem: row.get::<_, Option<String>>("problem")?.map(|word| read_as(10, unword(&word))).transpose()?,
            concerns: row.get("concerns")?,
            order_id: row.get::<_, Option<String>>("order_id")?.map(|id| read_as(12, id.parse())).transpose()?,
            payment_code: row.get("payment_code")?,
            expires_at: time("expires_at")?,
            paid_at: time("paid_at")?,
            hold_until: time("hold_until")?,
            confirmed_at: time("confirmed_at")?,
            handed_over_at: time("handed_over_at")?,
        })
    }

    fn write(&self, words: &str, change: &Connection) -> rusqlite::Result<()> {
        let millis = |time: Option<Time>| time.map(Time::millis);
        // Not INSERT OR REPLACE: that would push out another sale with the same number.
        static UPSERT: LazyLock<String> = LazyLock::new(|| {
            let renewed = COLUMNS.split(", ").map(|column| format!("{column} = excluded.{column}"));
            let renewed = renewed.collect::<Vec<_>>().join(", ");
            format!(
                "INSERT INTO sales ({COLUMNS}, words)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
                 ON CONFLICT (id) DO UPDATE SET {renewed}, words = excluded.words"
            )
        });
        change.prepare_cached(&UPSERT)?.execute(params![
            self.id.as_str(),
            self.number.as_str(),
            self.ordered_at.millis(),
            millis(self.intended_at),
            self.store.word(),
            self.amount,
            self.customer,
            self.phone,
            self.note,
            word(&self.state),
            self.problem.as_ref().map(word),
            self.concerns,
            self.order_id.map(|id| id.to_string()),
            self.payment_code,
            millis(self.expires_at),
            millis(self.paid_at),
            millis(self.hold_until),
            millis(self.confirmed_at),
            millis(self.handed_over_at),
            words,
        ])?;
        Ok(())
    }
}

/// What the search looks through. A customer may come with a slip whose code has been replaced.
fn words(sale: &Sale) -> String {
    let ids = sale.attempts.iter().map(|attempt| attempt.order_id.as_str());
    let codes = sale.attempts.iter().filter_map(|attempt| attempt.payment_code.as_deref());
    let Order { customer, phone, note, amount, .. } = &sale.order;
    let told = [customer, phone, note].into_iter().filter_map(|told| told.as_deref());
    let parts = [sale.number.as_str()].into_iter().chain(ids).chain(codes).chain(told);
    let mut words = parts.collect::<Vec<_>>().join("\n").to_lowercase();
    words.push_str(&format!("\n{}", amount.get()));
    words
}

/// Computes a sale anew from its log and stores what the lists show of it.
pub(crate) fn renew(change: &Transaction, id: SaleId) -> Result<Sale, Trouble> {
    let sale = fold(change, id)?.ok_or(Trouble::NoSuchSale)?;
    Row::of(&sale).write(&words(&sale), change)?;
    // The rows that stop being live come first, so that the unique index sees the truth.
    let mut attempts = AttemptRow::all_of(&sale);
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
    /// Since when it is looked at now and then although it is over.
    swept_since: Option<i64>,
    /// When a notification claimed its payment, and when a look-up found it.
    heard_at: Option<i64>,
    found_at: Option<i64>,
}

const ATTEMPT_COLUMNS: &str = "order_id, live, watched, swept_since, heard_at, found_at";

impl AttemptRow {
    fn all_of(sale: &Sale) -> Vec<Self> {
        let of = |attempt: &Attempt| {
            let swept_since = sale.swept_since(attempt.order_id).map(Time::millis);
            Self {
                order_id: attempt.order_id.to_string(),
                live: attempt.is_live(),
                watched: if attempt.is_open() { 2 } else { u8::from(swept_since.is_some()) },
                swept_since,
                heard_at: attempt.heard_at.map(Time::millis),
                found_at: attempt.found_paid_at.map(Time::millis),
            }
        };
        sale.attempts.iter().map(of).collect()
    }

    fn read(row: &SqlRow) -> rusqlite::Result<Self> {
        Ok(Self {
            order_id: row.get(0)?,
            live: row.get(1)?,
            watched: row.get(2)?,
            swept_since: row.get(3)?,
            heard_at: row.get(4)?,
            found_at: row.get(5)?,
        })
    }

    fn write(&self, change: &Connection, sale: SaleId) -> Result<(), Trouble> {
        let upsert = format!(
            "INSERT INTO attempts ({ATTEMPT_COLUMNS}, sale) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (order_id) DO UPDATE
             SET live = excluded.live, watched = excluded.watched, swept_since = excluded.swept_since,
                 heard_at = excluded.heard_at, found_at = excluded.found_at
             WHERE sale = excluded.sale"
        );
        let Self { order_id, live, watched, swept_since, heard_at, found_at } = self;
        let row = params![order_id, live, watched, swept_since, heard_at, found_at, sale.as_str()];
        match change.prepare_cached(&upsert)?.execute(row)? {
            // Its notifications would reach the other order.
            0 => Err(Trouble::Row(format!("{} belongs to another order", self.order_id))),
            _ => Ok(()),
        }
    }
}

pub(crate) fn number_taken(change: &Transaction, number: &Number) -> rusqlite::Result<bool> {
    let select = "SELECT 1 FROM sales WHERE number = ?1";
    Ok(change.prepare_cached(select)?.query_row([number.as_str()], |_| Ok(())).optional()?.is_some())
}

pub(crate) fn order_id_taken(change: &Transaction, order_id: OrderId) -> rusqlite::Result<bool> {
    let select = "SELECT 1 FROM attempts WHERE order_id = ?1";
    Ok(change.prepare_cached(select)?.query_row([order_id.as_str()], |_| Ok(())).optional()?.is_some())
}

impl Ledger {
    /// Folds every sale from its log and compares it with what the lists show. Each sale is compared
    /// at one moment; in between, lists have their turn.
    pub fn audit(&self) -> Result<Vec<Difference>, Trouble> {
        let mut differences = Vec::new();
        self.audit_each(|sale, shown, logged| {
            let (shown, logged) = (shown?, logged?);
            if shown != logged {
                let sale = read_as(0, sale.parse())?;
                differences.push(Difference { sale, shown: shown.row, logged: logged.row });
            }
            Ok(())
        })?;
        Ok(differences)
    }

    /// The sales of whom the lists do not show what the log says, even where the lists cannot be read.
    /// A sale whose log cannot be read is none of them.
    pub(crate) fn differing(&self) -> Result<Vec<Differing>, Trouble> {
        let mut differing = Vec::new();
        let state = |shown: &Shown| shown.row.as_ref().map(|row| row.state);
        self.audit_each(|sale, shown, logged| {
            match (shown, logged) {
                (Ok(shown), Ok(logged)) if shown == logged => {}
                (shown, Ok(logged)) => {
                    let shown = shown.as_ref().ok().and_then(state);
                    differing.push(Differing { sale: sale.to_owned(), shown, logged: state(&logged) });
                }
                (_, Err(_)) => {}
            }
            Ok(())
        })?;
        Ok(differing)
    }

    fn audit_each(
        &self,
        mut each: impl FnMut(&str, rusqlite::Result<Shown>, rusqlite::Result<Shown>) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let everywhere = "SELECT * FROM (SELECT DISTINCT sale FROM log WHERE sale > ?1 ORDER BY 1 LIMIT ?2)
                          UNION SELECT * FROM (SELECT id FROM sales WHERE id > ?1 ORDER BY 1 LIMIT ?2)
                          UNION SELECT * FROM (SELECT DISTINCT sale FROM attempts WHERE sale > ?1 ORDER BY 1 LIMIT ?2)
                          ORDER BY 1 LIMIT ?2";
        let mut after = String::new();
        loop {
            let sales = self.read(|reader| {
                let mut ids = reader.prepare_cached(everywhere)?;
                let ids: Vec<String> =
                    ids.query_map(params![after, AT_ONCE], |row| row.get(0))?.collect::<Result<_, _>>()?;
                let compared = ids.into_iter().map(|id| {
                    let sale = read_as(0, id.parse::<SaleId>());
                    let logged = sale.as_ref().map_or(Ok(None), |sale| fold(reader, *sale));
                    (Shown::read(reader, &id), logged.map(|sale| Shown::of(sale.as_ref())), id)
                });
                Ok(compared.collect::<Vec<_>>())
            })?;
            let Some((.., last)) = sales.last() else { return Ok(()) };
            if sales.len() == AT_ONCE as usize {
                thread::sleep(BREATH);
            }
            after.clone_from(last);
            for (shown, logged, id) in sales {
                each(&id, shown, logged)?;
            }
        }
    }

    /// Makes the lists' rows of these sales anew from the log: together, because two of them may have
    /// been exchanged, or else each alone. Those that cannot be are left as they are, and named: in a
    /// log that came to harm one order may have the number of another.
    pub(crate) fn mend(&self, sales: &[String]) -> Result<Vec<String>, Trouble> {
        if self.made_anew(sales)? {
            return Ok(Vec::new());
        }
        let mut left = Vec::new();
        for sale in sales {
            if !self.made_anew(slice::from_ref(sale))? {
                left.push(sale.clone());
            }
        }
        Ok(left)
    }

    /// All of these, or none.
    fn made_anew(&self, sales: &[String]) -> Result<bool, Trouble> {
        let made = self.change(|change| {
            for sale in sales {
                change.execute("DELETE FROM attempts WHERE sale = ?1", [sale])?;
                change.execute("DELETE FROM sales WHERE id = ?1", [sale])?;
            }
            for sale in sales {
                match sale.parse() {
                    Ok(id) if fold(change, id)?.is_some() => drop(renew(change, id)?),
                    // Nothing in the log explains it.
                    _ => {}
                }
            }
            Ok(())
        });
        match made {
            Err(Trouble::Sqlite(error)) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                Ok(false)
            }
            made => made.map(|()| true),
        }
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
        let mut attempts = sale.map(AttemptRow::all_of).unwrap_or_default();
        attempts.sort();
        Self { words: sale.map(words), row, attempts }
    }

    fn read(reader: &Connection, id: &str) -> rusqlite::Result<Self> {
        let select = format!("SELECT {COLUMNS}, words FROM sales WHERE id = ?1");
        let both = |row: &SqlRow| Ok((Row::read(row)?, row.get("words")?));
        let (row, words) = reader.prepare_cached(&select)?.query_row([id], both).optional()?.unzip();
        let select = format!("SELECT {ATTEMPT_COLUMNS} FROM attempts WHERE sale = ?1 ORDER BY order_id");
        let mut attempts = reader.prepare_cached(&select)?;
        let attempts = attempts.query_map([id], AttemptRow::read)?.collect::<Result<_, _>>()?;
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
