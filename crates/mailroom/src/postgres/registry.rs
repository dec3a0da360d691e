use till::Time;
use tokio_postgres::Error;

use super::{Postgres, line::Line};
use crate::{
    contract::{Channel, Device, Seq, Trouble},
    keeping::Tally,
    registry::{ChannelRow, DeviceRow, NotPaired, Paired, Registry, Whose},
    secrets::{Code, SecretHash},
};

type Done<T> = Result<Result<T, Trouble>, Error>;

pub(super) struct Pair {
    pub channel: Channel,
    pub code: Code,
    pub name: String,
    pub token: SecretHash,
    pub at: Time,
}

pub(super) async fn new_channel(line: &Line, name: &str, secret: &SecretHash, at: Time) -> Done<Channel> {
    let insert = "INSERT INTO channel (name, secret, made_at) VALUES ($1, $2, $3) RETURNING id";
    let rows = line.query(insert, &[&name, &secret.bytes(), &at.millis()]).await?;
    let made = rows.first().map(|row| Channel::of(row.get(0)));
    Ok(made.ok_or_else(|| Trouble::NotStored("the database told no number".to_owned())))
}

pub(super) async fn channels(line: &Line) -> Result<Vec<ChannelRow>, Error> {
    let select = "
        SELECT id, name, made_at, revoked_at, entries, bytes, newest,
               (SELECT count(*) FROM device WHERE channel = channel.id AND device.revoked_at IS NULL)
        FROM channel ORDER BY id";
    let rows = line.query(select, &[]).await?;
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    let row = |row: &tokio_postgres::Row| ChannelRow {
        channel: Channel::of(row.get(0)),
        name: row.get(1),
        made_at: Time::from_millis(row.get(2)),
        revoked_at: row.get::<_, Option<i64>>(3).map(Time::from_millis),
        entries: count(row.get(4)),
        bytes: count(row.get(5)),
        newest: Seq::of(row.get(6)),
        devices: count(row.get(7)),
    };
    Ok(rows.iter().map(row).collect())
}

pub(super) async fn revoke_channel(line: &Line, channel: Channel, at: Time) -> Done<()> {
    let update = "UPDATE channel SET revoked_at = $2, code = NULL WHERE id = $1 AND revoked_at IS NULL";
    if line.execute(update, &[&channel.number(), &at.millis()]).await? == 0 {
        return Ok(Err(Trouble::NoSuchChannel));
    }
    let update = "UPDATE device SET revoked_at = $2 WHERE channel = $1 AND revoked_at IS NULL";
    line.execute(update, &[&channel.number(), &at.millis()]).await?;
    Ok(Ok(()))
}

pub(super) async fn find_channel(line: &Line, secret: &SecretHash) -> Result<Option<Channel>, Error> {
    let select = "SELECT id FROM channel WHERE secret = $1 AND revoked_at IS NULL";
    Ok(line.query_opt(select, &[&secret.bytes()]).await?.map(|row| Channel::of(row.get(0))))
}

pub(super) async fn new_code(line: &Line, channel: Channel, code: Code, until: Time) -> Done<Time> {
    let update = "UPDATE channel SET code = $2, code_until = $3, code_tries = 0 WHERE id = $1 AND revoked_at IS NULL";
    let done = line.execute(update, &[&channel.number(), &code.hash(channel).bytes(), &until.millis()]).await?;
    Ok(if done == 1 { Ok(until) } else { Err(Trouble::NoSuchChannel) })
}

pub(super) async fn pair(line: &Line, pair: &Pair) -> Result<Result<Paired, NotPaired>, Error> {
    let Pair { channel, code, name, token, at } = pair;
    let select = "SELECT code, code_until, code_tries, newest, entries FROM channel
                  WHERE id = $1 AND revoked_at IS NULL FOR UPDATE";
    let number = channel.number();
    let Some(row) = line.query_opt(select, &[&number]).await? else {
        return Ok(Err(Trouble::NoSuchChannel.into()));
    };
    let kept = row.get::<_, Option<&[u8]>>(0).and_then(SecretHash::stored);
    let (until, tries) = (Time::from_millis(row.get(1)), u32::try_from(row.get::<_, i32>(2)).unwrap_or(u32::MAX));
    let Some(kept) = kept.filter(|_| *at < until && tries < Postgres::CODE_TRIES) else {
        return Ok(Err(NotPaired::Void));
    };
    if !code.hash(*channel).is(&kept) {
        line.execute("UPDATE channel SET code_tries = code_tries + 1 WHERE id = $1", &[&number]).await?;
        return Ok(Err(NotPaired::Wrong));
    }
    line.execute("UPDATE channel SET code = NULL WHERE id = $1", &[&number]).await?;
    let after = Seq::of(Tally { newest: row.get(3), entries: row.get(4), bytes: 0 }.oldest()).before();
    let insert = "INSERT INTO device (channel, name, token, paired_at, acked) VALUES ($1, $2, $3, $4, $5) RETURNING id";
    let rows = line.query(insert, &[&number, name, &token.bytes(), &at.millis(), &after.number()]).await?;
    let made = rows.first().map(|row| Paired { device: Device::of(row.get(0)), after });
    Ok(made.ok_or_else(|| Trouble::NotStored("the database told no number".to_owned()).into()))
}

/// Whose token it is, and when it was shown last.
pub(super) async fn device_of(line: &Line, token: &SecretHash) -> Result<Option<(Whose, Option<Time>)>, Error> {
    let select = "SELECT channel, id, seen_at FROM device WHERE token = $1 AND revoked_at IS NULL";
    Ok(line.query_opt(select, &[&token.bytes()]).await?.map(|row| {
        let whose = Whose { channel: Channel::of(row.get(0)), device: Device::of(row.get(1)) };
        (whose, row.get::<_, Option<i64>>(2).map(Time::from_millis))
    }))
}

pub(super) async fn seen(line: &Line, device: Device, at: Time) -> Result<(), Error> {
    line.execute("UPDATE device SET seen_at = $2 WHERE id = $1", &[&device.number(), &at.millis()]).await?;
    Ok(())
}

pub(super) async fn devices(line: &Line, channel: Channel) -> Result<Vec<DeviceRow>, Error> {
    let select = "SELECT id, name, paired_at, seen_at, acked FROM device
                  WHERE channel = $1 AND revoked_at IS NULL ORDER BY id";
    let row = |row: &tokio_postgres::Row| DeviceRow {
        device: Device::of(row.get(0)),
        name: row.get(1),
        paired_at: Time::from_millis(row.get(2)),
        seen_at: row.get::<_, Option<i64>>(3).map(Time::from_millis),
        acked: Seq::of(row.get(4)),
    };
    Ok(line.query(select, &[&channel.number()]).await?.iter().map(row).collect())
}

pub(super) async fn revoke_device(line: &Line, channel: Channel, device: Device, at: Time) -> Done<()> {
    let update = "UPDATE device SET revoked_at = $3 WHERE id = $2 AND channel = $1 AND revoked_at IS NULL";
    let done = line.execute(update, &[&channel.number(), &device.number(), &at.millis()]).await?;
    Ok(if done == 1 { Ok(()) } else { Err(Trouble::NoSuchDevice) })
}

pub(super) async fn ack(line: &Line, channel: Channel, device: Device, upto: Seq) -> Done<()> {
    let update = "
        UPDATE device SET acked = greatest(acked, least($3, newest)) FROM channel
        WHERE channel.id = $1 AND channel.revoked_at IS NULL
        AND device.id = $2 AND device.channel = $1 AND device.revoked_at IS NULL";
    if line.execute(update, &[&channel.number(), &device.number(), &upto.number()]).await? == 1 {
        return Ok(Ok(()));
    }
    let is_there = super::entries::newest(line, channel).await?.is_some();
    Ok(Err(if is_there { Trouble::NoSuchDevice } else { Trouble::NoSuchChannel }))
}
