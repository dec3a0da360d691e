//! The notifications, to whom each is to be delivered, and every attempt to do so.

use rusqlite::{Connection, OptionalExtension, Result, params};
use serde::Serialize;

use crate::clock::Moment;

pub const TABLES: &str = "
CREATE TABLE IF NOT EXISTS notifications (
    row INTEGER PRIMARY KEY,
    order_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    made_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS notifications_by_order ON notifications (order_id);
CREATE TABLE IF NOT EXISTS deliveries (
    row INTEGER PRIMARY KEY,
    notification INTEGER NOT NULL REFERENCES notifications,
    url TEXT NOT NULL,
    state TEXT NOT NULL,
    due_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_by_notification ON deliveries (notification);
CREATE INDEX IF NOT EXISTS waiting_deliveries ON deliveries (due_ms) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS attempts (
    delivery INTEGER NOT NULL REFERENCES deliveries,
    at_ms INTEGER NOT NULL,
    answer INTEGER,
    note TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS attempts_by_delivery ON attempts (delivery);
";

/// What is to happen with a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It goes out, or is repeated, when it is due.
    Waiting,
    /// It goes out when somebody releases it.
    Held,
    /// It never goes out.
    Lost,
    /// It was answered, and Midtrans is content.
    Done,
    /// Midtrans gave up.
    GivenUp,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Held => "held",
            State::Lost => "lost",
            State::Done => "done",
            State::GivenUp => "given_up",
        }
    }
}

/// A notification about to be written down.
pub struct Letter<'a> {
    pub order_id: &'a str,
    /// `pending`, `settlement`, …, `test` or `forged`.
    pub kind: &'a str,
    pub body: &'a str,
}

/// A delivery that is due.
#[derive(Clone, Debug)]
pub struct Due {
    pub delivery: i64,
    pub order_id: String,
    pub url: String,
    pub body: String,
    /// How often it was tried before.
    pub attempts: u32,
}

/// A notification and all that became of it.
#[derive(Debug, Serialize)]
pub struct History {
    pub id: i64,
    pub order_id: String,
    pub kind: String,
    pub made_at: String,
    pub body: String,
    pub deliveries: Vec<DeliveryHistory>,
}

/// What became of one address' copy.
#[derive(Debug, Serialize)]
pub struct DeliveryHistory {
    pub url: String,
    pub state: String,
    /// When the next attempt is due, for one that waits.
    pub due_at: Option<String>,
    pub attempts: Vec<Attempt>,
}

/// One attempt.
#[derive(Debug, Serialize)]
pub struct Attempt {
    pub at: String,
    /// The HTTP status, or nothing when there was no answer.
    pub answer: Option<u16>,
    pub note: String,
}

/// Writes down a notification. It has no readers until [`address`] gives it some.
pub fn insert(db: &Connection, letter: &Letter, now: Moment) -> Result<i64> {
    db.prepare_cached("INSERT INTO notifications (order_id, kind, body, made_ms) VALUES (?, ?, ?, ?)")?.insert(params![
        letter.order_id,
        letter.kind,
        letter.body,
        now.0
    ])
}

/// Addresses a notification to one reader.
pub fn address(db: &Connection, notification: i64, url: &str, state: State, due: Moment) -> Result<()> {
    db.prepare_cached("INSERT INTO deliveries (notification, url, state, due_ms) VALUES (?, ?, ?, ?)")?
        .execute(params![notification, url, state.name(), due.0])?;
    Ok(())
}

/// The deliveries whose time has come, in the order in which they are to go out.
pub fn due(db: &Connection, now: Moment) -> Result<Vec<Due>> {
    db.prepare_cached(
        "SELECT d.row, n.order_id, d.url, n.body,
                (SELECT count(*) FROM attempts a WHERE a.delivery = d.row)
         FROM deliveries d JOIN notifications n ON n.row = d.notification
         WHERE d.state = 'waiting' AND d.due_ms <= ? ORDER BY d.due_ms, d.row",
    )?
    .query_map([now.0], |row| {
        Ok(Due {
            delivery: row.get(0)?,
            order_id: row.get(1)?,
            url: row.get(2)?,
            body: row.get(3)?,
            attempts: row.get(4)?,
        })
    })?
    .collect()
}

/// When a delivery is due that is not due yet.
pub fn next_due(db: &Connection, now: Moment) -> Result<Option<Moment>> {
    db.prepare_cached("SELECT min(due_ms) FROM deliveries WHERE state = 'waiting' AND due_ms > ?")?
        .query_row([now.0], |row| Ok(row.get::<_, Option<i64>>(0)?.map(Moment)))
}

/// Writes down an attempt and what follows from it.
pub fn tried(
    db: &Connection,
    delivery: i64,
    now: Moment,
    answer: Option<u16>,
    note: &str,
    (state, due): (State, Moment),
) -> Result<()> {
    db.prepare_cached("INSERT INTO attempts (delivery, at_ms, answer, note) VALUES (?, ?, ?, ?)")?
        .execute(params![delivery, now.0, answer, note])?;
    db.prepare_cached("UPDATE deliveries SET state = ?, due_ms = ? WHERE row = ?")?.execute(params![
        state.name(),
        due.0,
        delivery
    ])?;
    Ok(())
}

/// The held deliveries, oldest first: those of one order, of one kind, or all.
pub fn held(db: &Connection, order_id: Option<&str>, kind: Option<&str>) -> Result<Vec<i64>> {
    db.prepare_cached(
        "SELECT d.row FROM deliveries d JOIN notifications n ON n.row = d.notification
         WHERE d.state = 'held' AND (?1 IS NULL OR n.order_id = ?1) AND (?2 IS NULL OR n.kind = ?2)
         ORDER BY d.row",
    )?
    .query_map(params![order_id, kind], |row| row.get(0))?
    .collect()
}

/// Lets a held delivery go.
pub fn release(db: &Connection, delivery: i64, due: Moment) -> Result<()> {
    db.prepare_cached("UPDATE deliveries SET state = 'waiting', due_ms = ? WHERE row = ?")?
        .execute(params![due.0, delivery])?;
    Ok(())
}

/// The body of the newest notification about an order, of that kind or of any.
pub fn newest_body(db: &Connection, order_id: &str, kind: Option<&str>) -> Result<Option<(String, String)>> {
    db.prepare_cached(
        "SELECT kind, body FROM notifications
         WHERE order_id = ?1 AND (?2 IS NULL OR kind = ?2) ORDER BY row DESC LIMIT 1",
    )?
    .query_row(params![order_id, kind], |row| Ok((row.get(0)?, row.get(1)?)))
    .optional()
}

/// What was sent, the newest last: about one order, or about all.
pub fn history(db: &Connection, order_id: Option<&str>) -> Result<Vec<History>> {
    let mut notifications: Vec<History> = db
        .prepare_cached(
            "SELECT row, order_id, kind, made_ms, body FROM notifications
             WHERE ?1 IS NULL OR order_id = ?1 ORDER BY row",
        )?
        .query_map([order_id], |row| {
            Ok(History {
                id: row.get(0)?,
                order_id: row.get(1)?,
                kind: row.get(2)?,
                made_at: Moment(row.get(3)?).wib(),
                body: row.get(4)?,
                deliveries: Vec::new(),
            })
        })?
        .collect::<Result<_>>()?;
    for notification in &mut notifications {
        notification.deliveries = deliveries(db, notification.id)?;
    }
    Ok(notifications)
}

fn deliveries(db: &Connection, notification: i64) -> Result<Vec<DeliveryHistory>> {
    let mut query =
        db.prepare_cached("SELECT row, url, state, due_ms FROM deliveries WHERE notification = ? ORDER BY row")?;
    let rows: Vec<(i64, DeliveryHistory)> = query
        .query_map([notification], |row| {
            let state: String = row.get(2)?;
            let due_at = (state == "waiting").then_some(Moment(row.get(3)?).wib());
            let url = row.get(1)?;
            Ok((row.get(0)?, DeliveryHistory { url, state, due_at, attempts: Vec::new() }))
        })?
        .collect::<Result<_>>()?;
    rows.into_iter()
        .map(|(delivery, history)| Ok(DeliveryHistory { attempts: attempts(db, delivery)?, ..history }))
        .collect()
}

fn attempts(db: &Connection, delivery: i64) -> Result<Vec<Attempt>> {
    db.prepare_cached("SELECT at_ms, answer, note FROM attempts WHERE delivery = ? ORDER BY rowid")?
        .query_map([delivery], |row| {
            let at = Moment(row.get(0)?).wib();
            Ok(Attempt { at, answer: row.get(1)?, note: row.get(2)? })
        })?
        .collect()
}
