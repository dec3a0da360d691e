//! The transactions.

use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::clock::Moment;
use crate::transaction::{Status, Store, Transaction};

// The partial index is the rule itself: an order id holds at most one open or paid transaction.
pub const TABLE: &str = "
CREATE TABLE IF NOT EXISTS transactions (
    row INTEGER PRIMARY KEY,
    transaction_id TEXT NOT NULL UNIQUE,
    order_id TEXT NOT NULL,
    store TEXT NOT NULL,
    amount INTEGER NOT NULL,
    fee INTEGER NOT NULL,
    payment_code TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    settled_ms INTEGER,
    approval_code TEXT,
    visible_ms INTEGER NOT NULL,
    extras TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS one_live_transaction
    ON transactions (order_id) WHERE status IN ('pending', 'settlement');
CREATE INDEX IF NOT EXISTS transactions_by_order ON transactions (order_id);
CREATE INDEX IF NOT EXISTS open_transactions ON transactions (expires_ms) WHERE status = 'pending';
";

const COLUMNS: &str = "transaction_id, order_id, store, amount, fee, payment_code, status,
    created_ms, expires_ms, settled_ms, approval_code, visible_ms, extras";

/// What a caller may know a transaction by.
pub enum Key<'a> {
    /// Midtrans' own addresses take either.
    OrderOrTransaction(&'a str),
    /// What a customer brings to a till.
    PaymentCode(&'a str),
}

fn from_row(row: &Row) -> Result<Transaction> {
    let store: String = row.get(2)?;
    let status: String = row.get(6)?;
    let extras: String = row.get(12)?;
    let amount: i64 = row.get(3)?;
    let fee: i64 = row.get(4)?;
    Ok(Transaction {
        transaction_id: row.get(0)?,
        order_id: row.get(1)?,
        store: Store::from_name(&store).ok_or(rusqlite::Error::InvalidQuery)?,
        amount: amount.unsigned_abs(),
        fee: fee.unsigned_abs(),
        payment_code: row.get(5)?,
        status: Status::from_name(&status).ok_or(rusqlite::Error::InvalidQuery)?,
        created: Moment(row.get(7)?),
        expires: Moment(row.get(8)?),
        settled: row.get::<_, Option<i64>>(9)?.map(Moment),
        approval_code: row.get(10)?,
        visible: Moment(row.get(11)?),
        extras: serde_json::from_str(&extras).unwrap_or_default(),
    })
}

/// The transaction of that name; of several with one order id, the newest.
pub fn find(db: &Connection, key: &Key) -> Result<Option<Transaction>> {
    let (condition, name) = match key {
        Key::OrderOrTransaction(name) => ("order_id = ?1 OR transaction_id = ?1", name),
        Key::PaymentCode(code) => ("payment_code = ?1", code),
    };
    let query = format!("SELECT {COLUMNS} FROM transactions WHERE {condition} ORDER BY row DESC LIMIT 1");
    db.prepare_cached(&query)?.query_row([name], from_row).optional()
}

/// Whether that order id is taken, by an open transaction or a paid one.
pub fn is_live(db: &Connection, order_id: &str) -> Result<bool> {
    db.prepare_cached("SELECT 1 FROM transactions WHERE order_id = ? AND status IN ('pending', 'settlement')")?
        .exists([order_id])
}

/// Whether that payment code was ever given out.
pub fn code_is_taken(db: &Connection, code: &str) -> Result<bool> {
    db.prepare_cached("SELECT 1 FROM transactions WHERE payment_code = ?")?.exists([code])
}

/// How many there are.
pub fn count(db: &Connection) -> Result<u64> {
    let count: i64 = db.query_row("SELECT count(*) FROM transactions", [], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// The newest ones first.
pub fn newest(db: &Connection, limit: u32) -> Result<Vec<Transaction>> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM transactions ORDER BY row DESC LIMIT ?"))?
        .query_map([limit], from_row)?
        .collect()
}

/// Those whose time was up at `deadline` and that are still open.
pub fn overdue(db: &Connection, deadline: Moment) -> Result<Vec<Transaction>> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM transactions
         WHERE status = 'pending' AND expires_ms <= ? ORDER BY expires_ms, row"
    ))?
    .query_map([deadline.0], from_row)?
    .collect()
}

/// When the next open one runs out.
pub fn next_deadline(db: &Connection) -> Result<Option<Moment>> {
    db.prepare_cached("SELECT min(expires_ms) FROM transactions WHERE status = 'pending'")?
        .query_row([], |row| Ok(row.get::<_, Option<i64>>(0)?.map(Moment)))
}

/// Writes down a new one.
pub fn insert(db: &Connection, transaction: &Transaction) -> Result<()> {
    let t = transaction;
    db.prepare_cached(&format!("INSERT INTO transactions ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"))?
        .execute(params![
            t.transaction_id,
            t.order_id,
            t.store.name(),
            t.amount as i64,
            t.fee as i64,
            t.payment_code,
            t.status.name(),
            t.created.0,
            t.expires.0,
            t.settled.map(|at| at.0),
            t.approval_code,
            t.visible.0,
            serde_json::to_string(&t.extras).unwrap_or_default(),
        ])?;
    Ok(())
}

/// Writes down what became of it.
pub fn update(db: &Connection, transaction: &Transaction) -> Result<()> {
    db.prepare_cached(
        "UPDATE transactions SET status = ?, fee = ?, settled_ms = ?, approval_code = ?
         WHERE transaction_id = ?",
    )?
    .execute(params![
        transaction.status.name(),
        transaction.fee as i64,
        transaction.settled.map(|at| at.0),
        transaction.approval_code,
        transaction.transaction_id,
    ])?;
    Ok(())
}
