use rusqlite::{Connection, OptionalExtension, params};
use till::Time;

use super::writer::Batch;
use crate::{
    contract::{Appended, Channel, Entry, New, Page, Seq, Trouble},
    keeping::{Keeping, MARK_EVERY, PAGE, PIECE, Tally},
    registry::Purged,
};

type Done<T> = rusqlite::Result<Result<T, Trouble>>;

pub(super) fn append(batch: &mut Batch<'_>, new: &New, keeping: &Keeping) -> Done<Appended> {
    let Some(mut tally) = batch.tally(new.channel)? else { return Ok(Err(Trouble::NoSuchChannel)) };
    let channel = new.channel.number();
    let again = "UPDATE entry SET times = min(times + 1, 4294967295)
                 WHERE channel = ?1 AND digest = ?2 RETURNING seq";
    let again = batch.db.prepare_cached(again)?.query_row(params![channel, new.digest], |row| row.get(0)).optional()?;
    if let Some(seq) = again {
        return Ok(Ok(Appended::Again(Seq::of(seq))));
    }
    let length = new.length();
    if !keeping.has_room(&tally, length) {
        make_room(batch, new.channel, &mut tally, keeping, length)?;
        batch.put(new.channel, tally);
        if !keeping.has_room(&tally, length) {
            return Ok(Err(Trouble::Full));
        }
    }
    tally.add(length);
    let insert = "INSERT INTO entry (channel, seq, received_at, times, sender, digest, body)
                  VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6)";
    let from = new.from.map(|from| from.to_string());
    batch.db.prepare_cached(insert)?.execute(params![
        channel,
        tally.newest,
        new.at.millis(),
        from,
        new.digest,
        &*new.body
    ])?;
    batch.put(new.channel, tally);
    Ok(Ok(Appended::New(Seq::of(tally.newest))))
}

pub(super) fn read(db: &Connection, channel: Channel, after: Seq, limit: u32) -> Done<Page> {
    let select = "SELECT newest, entries FROM channel WHERE id = ?1 AND revoked_at IS NULL";
    let row = db
        .prepare_cached(select)?
        .query_row([channel.number()], |row| Ok(Tally { newest: row.get(0)?, entries: row.get(1)?, bytes: 0 }));
    let Some(tally) = row.optional()? else { return Ok(Err(Trouble::NoSuchChannel)) };
    let (oldest, newest) = (Seq::of(tally.oldest()), Seq::of(tally.newest));
    if after.next() < oldest || after > newest {
        return Ok(Err(Trouble::TooOld { oldest, newest }));
    }
    let select = "SELECT seq, received_at, times, sender, digest, body FROM entry
                  WHERE channel = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
    let mut select = db.prepare_cached(select)?;
    let mut rows = select.query(params![channel.number(), after.number(), limit.max(1)])?;
    let mut page = Page { entries: Vec::new(), oldest, newest };
    let mut bytes = 0;
    while bytes < PAGE
        && let Some(row) = rows.next()?
    {
        let entry = Entry {
            seq: Seq::of(row.get(0)?),
            received_at: Time::from_millis(row.get(1)?),
            times: row.get(2)?,
            from: row.get::<_, Option<String>>(3)?.and_then(|from| from.parse().ok()),
            digest: row.get(4)?,
            body: row.get(5)?,
        };
        bytes += entry.body.len();
        page.entries.push(entry);
    }
    Ok(Ok(page))
}

pub(super) fn newest(db: &Connection, channel: Channel) -> rusqlite::Result<Option<Seq>> {
    let select = "SELECT newest FROM channel WHERE id = ?1 AND revoked_at IS NULL";
    db.prepare_cached(select)?.query_row([channel.number()], |row| row.get(0).map(Seq::of)).optional()
}

/// The channels that hold something, and whether they were revoked.
pub(super) fn holding(db: &Connection) -> rusqlite::Result<Vec<(Channel, bool)>> {
    let mut select = db.prepare_cached("SELECT id, revoked_at IS NOT NULL FROM channel WHERE entries > 0")?;
    select.query_map([], |row| Ok((Channel::of(row.get(0)?), row.get(1)?)))?.collect()
}

/// Deletes a piece of what was kept long enough.
pub(super) fn purge(batch: &mut Batch<'_>, channel: Channel, keeping: &Keeping, now: Time) -> Done<Purged> {
    let Some(mut tally) = batch.tally(channel)? else { return Ok(Ok(Purged::default())) };
    let read = read_by_all(batch.db, channel)?.unwrap_or(0);
    let upto =
        read_long_ago(batch.db, channel, read, keeping, now)?.max(too_old(batch.db, channel, &tally, keeping, now)?);
    let upto = upto.min(tally.oldest() + PIECE - 1);
    let unread = (upto - read.max(tally.oldest() - 1)).max(0);
    let entries = delete(batch.db, channel, &mut tally, upto)?;
    batch.put(channel, tally);
    Ok(Ok(Purged { entries, unread: u64::try_from(unread).unwrap_or(0) }))
}

/// Deletes a piece of what a revoked channel held.
pub(super) fn delete_revoked(batch: &mut Batch<'_>, channel: Channel) -> Done<u64> {
    let select = "SELECT newest, entries, bytes FROM channel WHERE id = ?1 AND revoked_at IS NOT NULL";
    let row = batch.db.prepare_cached(select)?.query_row([channel.number()], |row| {
        Ok(Tally { newest: row.get(0)?, entries: row.get(1)?, bytes: row.get(2)? })
    });
    let Some(mut tally) = row.optional()? else { return Ok(Ok(0)) };
    let upto = tally.newest.min(tally.oldest() + PIECE - 1);
    let deleted = delete(batch.db, channel, &mut tally, upto)?;
    batch.db.prepare_cached("DELETE FROM read_mark WHERE channel = ?1")?.execute([channel.number()])?;
    batch.put(channel, tally);
    Ok(Ok(deleted))
}

/// Makes room at the quota by what every device has read: a channel must not stay closed for days
/// because somebody has filled it once.
fn make_room(
    batch: &Batch<'_>,
    channel: Channel,
    tally: &mut Tally,
    keeping: &Keeping,
    length: i64,
) -> rusqlite::Result<()> {
    let Some(read) = read_by_all(batch.db, channel)? else { return Ok(()) };
    while !keeping.has_room(tally, length) && tally.oldest() <= read {
        let upto = read.min(tally.oldest() + PIECE - 1);
        delete(batch.db, channel, tally, upto)?;
    }
    Ok(())
}

/// Up to where every device has read. Without a device nobody has read anything.
fn read_by_all(db: &Connection, channel: Channel) -> rusqlite::Result<Option<i64>> {
    let select = "SELECT min(acked) FROM device WHERE channel = ?1 AND revoked_at IS NULL";
    db.prepare_cached(select)?.query_row([channel.number()], |row| row.get(0))
}

/// Up to where every device had read so long ago that it may go. Notes how far they are now.
fn read_long_ago(db: &Connection, channel: Channel, read: i64, keeping: &Keeping, now: Time) -> rusqlite::Result<i64> {
    let channel = channel.number();
    let select = "SELECT at, upto FROM read_mark WHERE channel = ?1 ORDER BY at DESC LIMIT 1";
    let last = db.prepare_cached(select)?.query_row([channel], |row| Ok((Time::from_millis(row.get(0)?), row.get(1)?)));
    let is_news = match last.optional()? {
        None => read > 0,
        Some((at, upto)) => read > upto && now >= at + MARK_EVERY,
    };
    if is_news {
        let insert = "INSERT OR IGNORE INTO read_mark (channel, at, upto) VALUES (?1, ?2, ?3)";
        db.prepare_cached(insert)?.execute(params![channel, now.millis(), read])?;
    }
    let long_ago = keeping.read_before(now).millis();
    let select = "SELECT at, upto FROM read_mark WHERE channel = ?1 AND at <= ?2 ORDER BY at DESC LIMIT 1";
    let mark = db.prepare_cached(select)?.query_row(params![channel, long_ago], |row| Ok((row.get(0)?, row.get(1)?)));
    let Some((at, upto)): Option<(i64, i64)> = mark.optional()? else { return Ok(0) };
    db.prepare_cached("DELETE FROM read_mark WHERE channel = ?1 AND at < ?2")?.execute(params![channel, at])?;
    // A till that was paired since then reads from the oldest there is.
    Ok(upto.min(read))
}

/// Up to where everything is older than anything may be. Only the oldest go, so that no gap appears
/// after the clock was set.
fn too_old(db: &Connection, channel: Channel, tally: &Tally, keeping: &Keeping, now: Time) -> rusqlite::Result<i64> {
    let select = "SELECT seq FROM entry WHERE channel = ?1 AND received_at > ?2 ORDER BY seq LIMIT 1";
    let oldest_to_stay = db
        .prepare_cached(select)?
        .query_row(params![channel.number(), keeping.received_before(now).millis()], |row| row.get::<_, i64>(0))
        .optional()?;
    Ok(oldest_to_stay.map_or(tally.newest, |seq| seq - 1))
}

/// Deletes the oldest up to here.
fn delete(db: &Connection, channel: Channel, tally: &mut Tally, upto: i64) -> rusqlite::Result<u64> {
    let mut delete = db.prepare_cached("DELETE FROM entry WHERE channel = ?1 AND seq <= ?2 RETURNING length(body)")?;
    let mut deleted = 0;
    for length in delete.query_map(params![channel.number(), upto], |row| row.get::<_, i64>(0))? {
        tally.entries -= 1;
        tally.bytes -= length?;
        deleted += 1;
    }
    Ok(deleted)
}
