use rusqlite::{OptionalExtension, Transaction, params};
use till::Time;

use crate::{
    inbox::{self, Letter, Received, Seal},
    kept,
    open::{Ledger, Trouble},
};

/// The hosted relay that this till is paired with, and up to which number what it passed on is written
/// down. There is one at most. The token that opens it is no business of this file.
pub(crate) const TABLE: &str = "
    CREATE TABLE feed (
        one       INTEGER PRIMARY KEY CHECK (one = 1),
        address   TEXT NOT NULL,
        channel   TEXT NOT NULL,
        device    TEXT NOT NULL,
        name      TEXT NOT NULL,
        paired_at INTEGER NOT NULL,
        before    INTEGER NOT NULL,
        cursor    INTEGER NOT NULL
    ) STRICT;
";

/// Under which number a hosted relay passed a notification on; nothing if it came here by itself.
pub(crate) const SINCE_4: &str = "ALTER TABLE inbox ADD COLUMN seq INTEGER;";

/// The pairing with a hosted relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Where Midtrans sends notifications, with the secret path.
    pub address: String,
    /// The relay's name for the shop's channel.
    pub channel: String,
    /// The relay's name for this till.
    pub device: String,
    /// Our own name for it, as the shop's other tills see it.
    pub name: String,
    /// When it was paired.
    pub paired_at: Time,
    /// Everything up to this number is written down.
    pub cursor: u64,
}

/// Something that a hosted relay passed on, read by somebody who knows the wire.
#[derive(Clone, Debug)]
pub struct Passed {
    /// Its number in the channel.
    pub seq: u64,
    /// The bytes, as they came to the relay.
    pub body: Vec<u8>,
    /// What it says and whether its signature is Midtrans'; nothing if it is no notification of this shop.
    pub says: Option<(Letter, Seal)>,
}

/// What came of writing down what a relay passed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fed {
    /// Everything up to this number is written down now.
    pub cursor: u64,
    /// So many were genuine, and new.
    pub genuine: usize,
    /// So many wait for the key.
    pub waiting: usize,
    /// So many were not Midtrans', or no notification at all.
    pub strange: usize,
    /// So many are genuine and were stored, but about an order that cannot be read.
    pub unreadable: usize,
}

impl Ledger {
    /// The hosted relay that this till is paired with.
    pub fn feed(&self) -> Result<Option<Feed>, Trouble> {
        self.read(|reader| {
            let select = "SELECT address, channel, device, name, paired_at, cursor FROM feed";
            let read = |row: &rusqlite::Row| {
                Ok(Feed {
                    address: row.get(0)?,
                    channel: row.get(1)?,
                    device: row.get(2)?,
                    name: row.get(3)?,
                    paired_at: Time::from_millis(row.get(4)?),
                    cursor: row.get(5)?,
                })
            };
            reader.prepare_cached(select)?.query_row([], read).optional()
        })
    }

    /// When a genuine notification came last through the relay that this till is paired with. One that
    /// had come before on another way does not count.
    pub fn fed_at(&self) -> Result<Option<Time>, Trouble> {
        self.read(|reader| {
            let select = "SELECT received_at FROM inbox WHERE seal = 'genuine' AND seq IS NOT NULL
                          AND id > (SELECT before FROM feed) ORDER BY id DESC LIMIT 1";
            Ok(reader.prepare_cached(select)?.query_row([], |row| row.get(0)).optional()?.map(Time::from_millis))
        })
    }

    /// Writes down with whom this till is paired, in the place of whoever it was before.
    pub fn pair_feed(&self, feed: &Feed) -> Result<(), Trouble> {
        self.change(|change| {
            let replace = "INSERT OR REPLACE INTO feed (one, address, channel, device, name, paired_at, before, cursor)
                           VALUES (1, ?1, ?2, ?3, ?4, ?5, (SELECT coalesce(max(id), 0) FROM inbox), ?6)";
            let Feed { address, channel, device, name, paired_at, cursor } = feed;
            change.execute(replace, params![address, channel, device, name, paired_at.millis(), cursor])?;
            Ok(())
        })
    }

    /// Forgets the pairing. What came through it stays. No further charge names its address, because
    /// nobody would read there for this till.
    pub fn unpair_feed(&self) -> Result<(), Trouble> {
        self.change(|change| {
            let address = "DELETE FROM feed RETURNING address";
            let address: Option<String> = change.query_row(address, [], |row| row.get(0)).optional()?;
            address.map_or(Ok(()), |address| kept::name_no_more(change, &address))
        })
    }

    /// Stores what the relay passed on, up to this number, and tells the sales, as
    /// [`Ledger::receive`] does for each; and how far it came. All in one transaction, after which the
    /// relay may forget it. Nothing if this till is not paired as that device any more.
    pub fn take_in_feed(&self, device: &str, passed: &[Passed], upto: u64, at: Time) -> Result<Option<Fed>, Trouble> {
        self.change(|change| {
            let select = "SELECT cursor FROM feed WHERE device = ?1";
            let cursor: Option<u64> =
                change.prepare_cached(select)?.query_row([device], |row| row.get(0)).optional()?;
            let Some(cursor) = cursor else { return Ok(None) };
            let mut fed = Fed { cursor: cursor.max(upto), ..Fed::default() };
            // Another program of this till may have been quicker.
            for passed in passed.iter().filter(|passed| passed.seq > cursor) {
                take_in(change, passed, &mut fed, at)?;
            }
            change.prepare_cached("UPDATE feed SET cursor = ?1")?.execute([fed.cursor])?;
            Ok(Some(fed))
        })
    }

    /// The relay no longer has what follows the cursor, or has begun to count anew: goes on from there.
    /// Whatever is passed over is found by look-ups.
    pub fn move_feed(&self, device: &str, cursor: u64) -> Result<(), Trouble> {
        self.change(|change| {
            change.execute("UPDATE feed SET cursor = ?2 WHERE device = ?1", params![device, cursor])?;
            Ok(())
        })
    }
}

/// One that is about an unreadable order is stored all the same: it must not hold up everything that
/// comes after it.
fn take_in(change: &Transaction, passed: &Passed, fed: &mut Fed, at: Time) -> Result<(), Trouble> {
    let Passed { seq, body, says } = passed;
    let Some((letter, seal)) = says else {
        fed.strange += 1;
        return inbox::set_aside(change, body, at);
    };
    change.execute_batch("SAVEPOINT passed")?;
    let taken = match inbox::take_in(change, body, letter, *seal, Some(*seq), at) {
        Err(trouble) if is_about_a_row(&trouble) => {
            change.execute_batch("ROLLBACK TO passed")?;
            inbox::store(change, body, letter, *seal, Some(*seq), at)?;
            fed.unreadable += 1;
            None
        }
        taken => Some(taken?),
    };
    change.execute_batch("RELEASE passed")?;
    match taken {
        Some(Received::Waiting) => fed.waiting += 1,
        Some(Received::Joined(_) | Received::Elsewhere | Received::Orphan) => fed.genuine += 1,
        Some(Received::Again) | None => {}
    }
    Ok(())
}

/// It lies in what was written down about an order, and not in the disk.
fn is_about_a_row(trouble: &Trouble) -> bool {
    matches!(
        trouble,
        Trouble::Row(_) | Trouble::NoSuchSale | Trouble::Sqlite(rusqlite::Error::FromSqlConversionFailure(..))
    )
}
