use till::Time;
use tokio_postgres::Error;

use super::line::Line;
use crate::{
    contract::{Channel, Entry, Page, Seq, Trouble},
    keeping::{Keeping, MARK_EVERY, PAGE, PIECE, Tally},
    registry::Purged,
};

type Done<T> = Result<Result<T, Trouble>, Error>;

pub(super) async fn read(line: &Line, channel: Channel, after: Seq, limit: u32) -> Done<Page> {
    // One statement, and so of one moment. Lengths are summed up before the bodies are fetched.
    let select = "
        SELECT channel.newest, channel.entries, it.seq, it.received_at, it.times, it.sender, it.digest, it.body
        FROM channel LEFT JOIN LATERAL (
            SELECT *, sum(octet_length(body)) OVER (ORDER BY seq ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW) AS before
            FROM (SELECT * FROM entry WHERE entry.channel = channel.id AND seq > $2 ORDER BY seq LIMIT $3) AS page
        ) AS it ON coalesce(it.before, 0) < $4
        WHERE channel.id = $1 AND channel.revoked_at IS NULL ORDER BY it.seq";
    let (limit, most) = (i64::from(limit.max(1)), i64::try_from(PAGE).unwrap_or(i64::MAX));
    let rows = line.query(select, &[&channel.number(), &after.number(), &limit, &most]).await?;
    let Some(first) = rows.first() else { return Ok(Err(Trouble::NoSuchChannel)) };
    let tally = Tally { newest: first.get(0), entries: first.get(1), bytes: 0 };
    let (oldest, newest) = (Seq::of(tally.oldest()), Seq::of(tally.newest));
    if after.next() < oldest || after > newest {
        return Ok(Err(Trouble::TooOld { oldest, newest }));
    }
    let mut page = Page { entries: Vec::with_capacity(rows.len()), oldest, newest };
    for row in &rows {
        // Without an entry there is one row, and nothing in it but the channel.
        let Some(seq) = row.get::<_, Option<i64>>(2) else { continue };
        page.entries.push(Entry {
            seq: Seq::of(seq),
            received_at: Time::from_millis(row.get(3)),
            times: u32::try_from(row.get::<_, i64>(4)).unwrap_or(u32::MAX),
            from: row.get::<_, Option<&str>>(5).and_then(|from| from.parse().ok()),
            digest: row.get::<_, &[u8]>(6).try_into().unwrap_or_default(),
            body: row.get(7),
        });
    }
    Ok(Ok(page))
}

pub(super) async fn newest(line: &Line, channel: Channel) -> Result<Option<Seq>, Error> {
    let select = "SELECT newest FROM channel WHERE id = $1 AND revoked_at IS NULL";
    Ok(line.query_opt(select, &[&channel.number()]).await?.map(|row| Seq::of(row.get(0))))
}

/// The channels that hold something.
pub(super) async fn holding(line: &Line) -> Result<Vec<Channel>, Error> {
    let rows = line.query("SELECT id FROM channel WHERE entries > 0 ORDER BY id", &[]).await?;
    Ok(rows.iter().map(|row| Channel::of(row.get(0))).collect())
}

/// Deletes a piece of what was kept long enough, or of what a revoked channel held.
pub(super) async fn purge(line: &Line, channel: Channel, keeping: &Keeping, now: Time) -> Done<Purged> {
    let select = "SELECT newest, entries, bytes, revoked_at IS NOT NULL FROM channel WHERE id = $1 FOR UPDATE";
    let Some(row) = line.query_opt(select, &[&channel.number()]).await? else { return Ok(Ok(Purged::default())) };
    let mut tally = Tally { newest: row.get(0), entries: row.get(1), bytes: row.get(2) };
    let first = tally.oldest();
    let (read, upto) = if row.get(3) {
        line.execute("DELETE FROM read_mark WHERE channel = $1", &[&channel.number()]).await?;
        (tally.newest, tally.newest)
    } else {
        let read = read_by_all(line, channel).await?.unwrap_or(0);
        let long_ago = read_long_ago(line, channel, read, keeping, now).await?;
        (read, long_ago.max(too_old(line, channel, &tally, keeping, now).await?))
    };
    let upto = upto.min(first + PIECE - 1);
    let unread = (upto - read.max(first - 1)).max(0);
    let entries = delete(line, channel, &mut tally, upto).await?;
    if entries > 0 {
        let update = "UPDATE channel SET entries = $2, bytes = $3 WHERE id = $1";
        line.execute(update, &[&channel.number(), &tally.entries, &tally.bytes]).await?;
    }
    Ok(Ok(Purged { entries, unread: u64::try_from(unread).unwrap_or(0) }))
}

/// Up to where every device has read. Without a device nobody has read anything.
pub(super) async fn read_by_all(line: &Line, channel: Channel) -> Result<Option<i64>, Error> {
    let select = "SELECT min(acked) FROM device WHERE channel = $1 AND revoked_at IS NULL";
    Ok(line.query_opt(select, &[&channel.number()]).await?.and_then(|row| row.get(0)))
}

/// Up to where every device had read so long ago that it may go. Notes how far they are now.
async fn read_long_ago(line: &Line, channel: Channel, read: i64, keeping: &Keeping, now: Time) -> Result<i64, Error> {
    let channel = channel.number();
    let select = "SELECT at, upto FROM read_mark WHERE channel = $1 ORDER BY at DESC LIMIT 1";
    let last = line.query_opt(select, &[&channel]).await?;
    let is_news = last.is_none_or(|row| now >= Time::from_millis(row.get(0)) + MARK_EVERY && read > row.get(1));
    if is_news && read > 0 {
        let insert = "INSERT INTO read_mark (channel, at, upto) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        line.execute(insert, &[&channel, &now.millis(), &read]).await?;
    }
    let select = "SELECT at, upto FROM read_mark WHERE channel = $1 AND at <= $2 ORDER BY at DESC LIMIT 1";
    let Some(mark) = line.query_opt(select, &[&channel, &keeping.read_before(now).millis()]).await? else {
        return Ok(0);
    };
    let (at, upto): (i64, i64) = (mark.get(0), mark.get(1));
    line.execute("DELETE FROM read_mark WHERE channel = $1 AND at < $2", &[&channel, &at]).await?;
    // A till that was paired since then reads from the oldest there is.
    Ok(upto.min(read))
}

/// Up to where everything is older than anything may be. Only the oldest go, so that no gap appears
/// after the clock was set.
async fn too_old(line: &Line, channel: Channel, tally: &Tally, keeping: &Keeping, now: Time) -> Result<i64, Error> {
    let select = "SELECT seq FROM entry WHERE channel = $1 AND received_at > $2 ORDER BY seq LIMIT 1";
    let oldest_to_stay = line.query_opt(select, &[&channel.number(), &keeping.received_before(now).millis()]).await?;
    Ok(oldest_to_stay.map_or(tally.newest, |row| row.get::<_, i64>(0) - 1))
}

/// Deletes the oldest up to here.
pub(super) async fn delete(line: &Line, channel: Channel, tally: &mut Tally, upto: i64) -> Result<u64, Error> {
    if upto < tally.oldest() {
        return Ok(0);
    }
    let delete =
        "WITH gone AS (DELETE FROM entry WHERE channel = $1 AND seq <= $2 RETURNING octet_length(body) AS length)
                  SELECT count(*), coalesce(sum(length), 0)::bigint FROM gone";
    let Some(row) = line.query_opt(delete, &[&channel.number(), &upto]).await? else { return Ok(0) };
    let (entries, bytes): (i64, i64) = (row.get(0), row.get(1));
    tally.entries -= entries;
    tally.bytes -= bytes;
    Ok(u64::try_from(entries).unwrap_or(0))
}
