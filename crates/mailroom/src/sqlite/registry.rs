use rusqlite::{Connection, OptionalExtension, params};
use till::Time;

use super::{Sqlite, writer::Batch};
use crate::{
    contract::{Channel, Device, Seq, Trouble},
    registry::{ChannelRow, DeviceRow, NotPaired, Paired, Registry, Whose},
    secrets::{Code, SecretHash},
};

type Done<T> = rusqlite::Result<Result<T, Trouble>>;

pub(super) struct Pair {
    pub channel: Channel,
    pub code: Code,
    pub name: String,
    pub token: SecretHash,
    pub at: Time,
}

pub(super) fn new_channel(batch: &mut Batch<'_>, name: &str, secret: &SecretHash, at: Time) -> Done<Channel> {
    let insert = "INSERT INTO channel (name, secret, made_at) VALUES (?1, ?2, ?3)";
    batch.db.execute(insert, params![name, secret.bytes(), at.millis()])?;
    Ok(Ok(Channel::of(batch.db.last_insert_rowid())))
}

pub(super) fn channels(db: &Connection) -> rusqlite::Result<Vec<ChannelRow>> {
    let select = "SELECT id, name, made_at, revoked_at, entries, bytes, newest,
                         (SELECT count(*) FROM device WHERE channel = channel.id AND device.revoked_at IS NULL)
                  FROM channel ORDER BY id";
    let mut select = db.prepare_cached(select)?;
    let rows = select.query_map([], |row| {
        Ok(ChannelRow {
            channel: Channel::of(row.get(0)?),
            name: row.get(1)?,
            made_at: Time::from_millis(row.get(2)?),
            revoked_at: row.get::<_, Option<i64>>(3)?.map(Time::from_millis),
            entries: row.get(4)?,
            bytes: row.get(5)?,
            newest: Seq::of(row.get(6)?),
            devices: row.get(7)?,
        })
    })?;
    rows.collect()
}

pub(super) fn revoke_channel(batch: &mut Batch<'_>, channel: Channel, at: Time) -> Done<()> {
    batch.settle()?;
    batch.close(channel);
    let update = "UPDATE channel SET revoked_at = ?2, code = NULL WHERE id = ?1 AND revoked_at IS NULL";
    if batch.db.execute(update, params![channel.number(), at.millis()])? == 0 {
        return Ok(Err(Trouble::NoSuchChannel));
    }
    let update = "UPDATE device SET revoked_at = ?2 WHERE channel = ?1 AND revoked_at IS NULL";
    batch.db.execute(update, params![channel.number(), at.millis()])?;
    Ok(Ok(()))
}

pub(super) fn find_channel(db: &Connection, secret: &SecretHash) -> rusqlite::Result<Option<Channel>> {
    let select = "SELECT id FROM channel WHERE secret = ?1 AND revoked_at IS NULL";
    db.prepare_cached(select)?.query_row([secret.bytes()], |row| row.get(0).map(Channel::of)).optional()
}

pub(super) fn new_code(batch: &mut Batch<'_>, channel: Channel, code: Code, until: Time) -> Done<Time> {
    let update = "UPDATE channel SET code = ?2, code_until = ?3, code_tries = 0 WHERE id = ?1 AND revoked_at IS NULL";
    let kept = code.hash(channel);
    let done = batch.db.execute(update, params![channel.number(), kept.bytes(), until.millis()])?;
    Ok(if done == 1 { Ok(until) } else { Err(Trouble::NoSuchChannel) })
}

pub(super) fn pair(batch: &mut Batch<'_>, pair: &Pair) -> rusqlite::Result<Result<Paired, NotPaired>> {
    let Pair { channel, code, name, token, at } = pair;
    let Some(tally) = batch.tally(*channel)? else { return Ok(Err(Trouble::NoSuchChannel.into())) };
    let select = "SELECT code, code_until, code_tries FROM channel WHERE id = ?1";
    let (kept, until, tries) = batch.db.query_row(select, [channel.number()], |row| {
        Ok((row.get::<_, Option<Vec<u8>>>(0)?, Time::from_millis(row.get(1)?), row.get::<_, u32>(2)?))
    })?;
    let kept = kept.and_then(|kept| SecretHash::stored(&kept));
    let Some(kept) = kept.filter(|_| *at < until && tries < Sqlite::CODE_TRIES) else {
        return Ok(Err(NotPaired::Void));
    };
    if !code.hash(*channel).is(&kept) {
        batch.db.execute("UPDATE channel SET code_tries = code_tries + 1 WHERE id = ?1", [channel.number()])?;
        return Ok(Err(NotPaired::Wrong));
    }
    batch.db.execute("UPDATE channel SET code = NULL WHERE id = ?1", [channel.number()])?;
    let after = Seq::of(tally.oldest()).before();
    let insert = "INSERT INTO device (channel, name, token, paired_at, acked) VALUES (?1, ?2, ?3, ?4, ?5)";
    batch.db.execute(insert, params![channel.number(), name, token.bytes(), at.millis(), after.number()])?;
    Ok(Ok(Paired { device: Device::of(batch.db.last_insert_rowid()), after }))
}

/// Whose token it is, and when it was shown last.
pub(super) fn device_of(db: &Connection, token: &SecretHash) -> rusqlite::Result<Option<(Whose, Option<Time>)>> {
    let select = "SELECT channel, id, seen_at FROM device WHERE token = ?1 AND revoked_at IS NULL";
    let row = db.prepare_cached(select)?.query_row([token.bytes()], |row| {
        let whose = Whose { channel: Channel::of(row.get(0)?), device: Device::of(row.get(1)?) };
        Ok((whose, row.get::<_, Option<i64>>(2)?.map(Time::from_millis)))
    });
    row.optional()
}

pub(super) fn seen(batch: &mut Batch<'_>, device: Device, at: Time) -> Done<()> {
    let update = "UPDATE device SET seen_at = ?2 WHERE id = ?1";
    batch.db.prepare_cached(update)?.execute(params![device.number(), at.millis()])?;
    Ok(Ok(()))
}

pub(super) fn devices(db: &Connection, channel: Channel) -> rusqlite::Result<Vec<DeviceRow>> {
    let select = "SELECT id, name, paired_at, seen_at, acked FROM device
                  WHERE channel = ?1 AND revoked_at IS NULL ORDER BY id";
    let mut select = db.prepare_cached(select)?;
    let rows = select.query_map([channel.number()], |row| {
        Ok(DeviceRow {
            device: Device::of(row.get(0)?),
            name: row.get(1)?,
            paired_at: Time::from_millis(row.get(2)?),
            seen_at: row.get::<_, Option<i64>>(3)?.map(Time::from_millis),
            acked: Seq::of(row.get(4)?),
        })
    })?;
    rows.collect()
}

pub(super) fn revoke_device(batch: &mut Batch<'_>, channel: Channel, device: Device, at: Time) -> Done<()> {
    let update = "UPDATE device SET revoked_at = ?3 WHERE id = ?2 AND channel = ?1 AND revoked_at IS NULL";
    let done = batch.db.execute(update, params![channel.number(), device.number(), at.millis()])?;
    Ok(if done == 1 { Ok(()) } else { Err(Trouble::NoSuchDevice) })
}

pub(super) fn ack(batch: &mut Batch<'_>, channel: Channel, device: Device, upto: Seq) -> Done<()> {
    let Some(tally) = batch.tally(channel)? else { return Ok(Err(Trouble::NoSuchChannel)) };
    let update = "UPDATE device SET acked = max(acked, ?3) WHERE id = ?2 AND channel = ?1 AND revoked_at IS NULL";
    let upto = upto.number().min(tally.newest);
    let done = batch.db.prepare_cached(update)?.execute(params![channel.number(), device.number(), upto])?;
    Ok(if done == 1 { Ok(()) } else { Err(Trouble::NoSuchDevice) })
}
