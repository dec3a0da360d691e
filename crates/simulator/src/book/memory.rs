//! The small things that are remembered: settings, how often an order was charged, and the answers
//! given under an `Idempotency-Key`.

use rusqlite::{Connection, OptionalExtension, Result, params};

use crate::answers::Answer;
use crate::clock::Moment;
use crate::settings::Settings;

pub const TABLES: &str = "
CREATE TABLE IF NOT EXISTS settings (
    row INTEGER PRIMARY KEY CHECK (row = 1),
    settings TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS charge_requests (
    order_id TEXT PRIMARY KEY,
    requests INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS remembered_answers (
    key TEXT PRIMARY KEY,
    until_ms INTEGER NOT NULL,
    http INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
";

/// How long an `Idempotency-Key` is remembered, in seconds.
const REMEMBERED: i64 = 5 * 60;

/// The settings as they were left, or as they come.
pub fn settings(db: &Connection) -> Result<Settings> {
    let stored: Option<String> = db.query_row("SELECT settings FROM settings", [], |row| row.get(0)).optional()?;
    Ok(stored.and_then(|stored| serde_json::from_str(&stored).ok()).unwrap_or_default())
}

/// Keeps the settings.
pub fn keep_settings(db: &Connection, settings: &Settings) -> Result<()> {
    let settings = serde_json::to_string(settings).unwrap_or_default();
    db.prepare_cached("INSERT OR REPLACE INTO settings (row, settings) VALUES (1, ?)")?.execute([settings])?;
    Ok(())
}

/// Counts a charge request, whatever becomes of it.
pub fn count_charge(db: &Connection, order_id: &str) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO charge_requests (order_id, requests) VALUES (?, 1)
         ON CONFLICT (order_id) DO UPDATE SET requests = requests + 1",
    )?
    .execute([order_id])?;
    Ok(())
}

/// How many charge requests came for that order id.
pub fn charge_requests_for(db: &Connection, order_id: &str) -> Result<u32> {
    let counted = db
        .prepare_cached("SELECT requests FROM charge_requests WHERE order_id = ?")?
        .query_row([order_id], |row| row.get(0))
        .optional()?;
    Ok(counted.unwrap_or(0))
}

/// How many charge requests came for each order id, with those that created nothing.
pub fn charge_requests(db: &Connection) -> Result<Vec<(String, u32)>> {
    db.prepare_cached("SELECT order_id, requests FROM charge_requests ORDER BY rowid")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// The answer given under that key, if it is not too long ago.
pub fn recall(db: &Connection, key: &str, now: Moment) -> Result<Option<Answer>> {
    db.prepare_cached("SELECT http, body FROM remembered_answers WHERE key = ? AND until_ms > ?")?
        .query_row(params![key, now.0], |row| Ok(Answer { http: row.get(0)?, body: row.get(1)? }))
        .optional()
}

/// Remembers an answer, and forgets the old ones.
pub fn remember(db: &Connection, key: &str, answer: &Answer, now: Moment) -> Result<()> {
    db.prepare_cached("DELETE FROM remembered_answers WHERE until_ms <= ?")?.execute([now.0])?;
    db.prepare_cached("INSERT OR REPLACE INTO remembered_answers (key, until_ms, http, body) VALUES (?, ?, ?, ?)")?
        .execute(params![key, now.plus_seconds(REMEMBERED).0, answer.http, answer.body])?;
    Ok(())
}
