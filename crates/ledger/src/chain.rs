//! The chain: a seal over each entry of the log and over the seal before it, made with a key that
//! lies in the keyring and never in the file. Who edits the file without that key is found out by
//! [`Ledger::verify`].

use std::{fmt, str::FromStr};

use hmac::{Hmac, KeyInit, Mac as _};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params, types::ValueRef};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};
use till::{Event, Time};

use crate::{
    kept,
    matters::{self, MatterKind, facts},
    open::{Ledger, Trouble},
};

/// A seal for each entry, and the parts the chain has: one for each key it was made with. Whoever
/// loses the key cannot go on with the chain, so a new part begins, and the old one stays as it is.
pub(crate) const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS chain (
        seq INTEGER PRIMARY KEY,
        mac BLOB NOT NULL
    ) STRICT;

    CREATE TABLE IF NOT EXISTS chain_parts (
        id     INTEGER PRIMARY KEY,
        after  INTEGER NOT NULL,
        found  INTEGER NOT NULL,
        before BLOB NOT NULL,
        mac    BLOB NOT NULL
    ) STRICT;
";

/// Entries up to this one were written before there was a chain.
pub(crate) const BEGINS_AFTER: &str = "chain_begins_after";

/// The columns of an entry that its seal covers.
pub(crate) const SEALED: &str = "seq, at, sale, attempt, \"from\", event";

/// So many entries are sealed in one transaction when a ledger has many without a seal.
const AT_ONCE: u32 = 5_000;

/// The part of whoever finds a chain that is none any more.
const NO_PART: i64 = 0;

/// The key that entries are sealed with. It is never printed and never in the file.
pub struct LogKey(SecretBox<[u8; 32]>);

/// A seal.
pub(crate) type Mac = [u8; 32];

/// The last entry that was sealed, and its seal. Kept outside of the file, it tells when the file's
/// end was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The entry.
    pub seq: i64,
    /// Its seal.
    pub mac: [u8; 32],
    /// When the ledger was last restored. A restored ledger need not hold a head from before: that it
    /// was put back is on the record.
    pub restored: i64,
}

/// What can seal, made of the key; and the part it goes on with.
#[derive(Clone)]
pub(crate) struct Signet {
    hmac: Hmac<Sha256>,
    pub part: i64,
}

/// A part of the chain: everything sealed with one key.
#[derive(Clone)]
pub(crate) struct Part {
    pub id: i64,
    /// Its first entry comes after this one.
    pub after: i64,
    /// Entries up to this one were there before there was a chain, and are taken as they are.
    pub found: i64,
    /// A digest of everything in the parts before it, whose keys may be gone.
    pub before: Vec<u8>,
    /// The seal over all this, and what the first entry's seal follows.
    pub mac: Vec<u8>,
}

impl Ledger {
    /// Gives the ledger its key. From now on every transaction seals what has no seal yet and what it
    /// writes itself; until then entries are written without.
    ///
    /// A key that did not make the last part of the chain begins a new one, and the owner hears of it.
    pub fn arm(&self, key: LogKey, at: Time) -> Result<(), Trouble> {
        let mut signet = Signet::of(&key);
        drop(key);
        signet.part = match self.own_part(&signet, at) {
            // Not even its tables are as we made them. The check-up says so.
            Err(Trouble::Sqlite(error)) if !of_the_disk(&error) => NO_PART,
            part => part?,
        };
        // What had no seal until now gets it in steps, so that nobody waits long for their turn.
        while self.change(|change| Ok(seal_if_it_can_be(change, &signet, i64::MAX, AT_ONCE)?))? == Sealed::Some {}
        *self.signet() = Some(signet);
        Ok(())
    }

    /// Whether entries are sealed as they are written. A ledger whose chain another program went on
    /// with under another key has to be given that one.
    pub fn is_armed(&self) -> bool {
        self.signet().is_some()
    }

    /// The last sealed entry and its seal.
    pub fn chain_head(&self) -> Result<Option<Head>, Trouble> {
        self.read(|reader| {
            let restored = restored(reader)?;
            Ok(last(reader)?.map(|(seq, mac)| Head { seq, mac, restored }))
        })
    }

    /// Whether what was sealed here up to this head is still here, by its end.
    pub fn holds(&self, head: &Head) -> Result<bool, Trouble> {
        self.read(|reader| {
            let select = "SELECT 1 FROM chain WHERE seq = ?1 AND mac = ?2";
            let sealed = reader.query_row(select, params![head.seq, head.mac], |_| Ok(())).optional()?;
            Ok(sealed.is_some() || restored(reader)? > head.restored)
        })
    }

    /// The part to go on with: the last one if this key made it, else a new one.
    fn own_part(&self, signet: &Signet, at: Time) -> Result<i64, Trouble> {
        let tables = "SELECT count(*) = 2 FROM sqlite_master WHERE name IN ('chain', 'chain_parts')";
        if !self.read(|reader| reader.query_row(tables, [], |row| row.get(0)))? {
            // Whoever throws the whole chain away shall not keep the shop from going on with it.
            self.change(|change| Ok(change.execute_batch(TABLE)?))?;
        }
        loop {
            let (end, ours) = self.read(|reader| {
                let end = End::of(reader)?;
                let ours = end.is_of(reader, signet)?;
                Ok((end, ours))
            })?;
            let before = match &end.part {
                Some(part) if ours => return Ok(part.id),
                Some(_) => self.digest(end.seq())?,
                None => Vec::new(),
            };
            let begun = self.change(|change| {
                let now = End::of(change)?;
                if now.seq() != end.seq() || now.id() != end.id() {
                    // Another program was faster. It may have the same key.
                    return Ok(None);
                }
                Ok(Some(begin(change, signet, &now, before, at)?))
            })?;
            if let Some(id) = begun {
                return Ok(id);
            }
        }
    }
}

/// Where the chain ends.
struct End {
    part: Option<Part>,
    last: Option<(i64, Mac)>,
}

impl End {
    fn of(connection: &Connection) -> rusqlite::Result<Self> {
        Ok(Self { part: parts(connection)?.pop(), last: last(connection)? })
    }

    fn id(&self) -> i64 {
        self.part.as_ref().map_or(0, |part| part.id)
    }

    fn seq(&self) -> i64 {
        self.last.map_or(0, |(seq, _)| seq)
    }

    /// Whether this key made the last part: its own seal says so, or else that of its last entry, for
    /// somebody may have tampered with either.
    fn is_of(&self, connection: &Connection, signet: &Signet) -> rusqlite::Result<bool> {
        let Some(part) = &self.part else { return Ok(false) };
        if signet.part(part)[..] == part.mac[..] {
            return Ok(true);
        }
        let Some((last, mac)) = self.last.filter(|(last, _)| *last > part.after) else { return Ok(false) };
        let before = "SELECT mac FROM chain WHERE seq < ?1 AND seq > ?2 ORDER BY seq DESC LIMIT 1";
        let before: Option<Vec<u8>> = connection.query_row(before, [last, part.after], |row| row.get(0)).optional()?;
        let mut entry = Vec::new();
        let select = format!("SELECT {SEALED} FROM log WHERE seq = ?1");
        let there = connection.query_row(&select, [last], |row| write_out(row, &mut entry)).optional()?;
        Ok(there.is_some() && signet.entry(&before.unwrap_or_else(|| part.mac.clone()), &entry) == mac)
    }
}

/// Begins a part. The first one is no news; any other means that the key was lost, and the owner has
/// to hear of it.
fn begin(change: &Transaction, signet: &Signet, end: &End, before: Vec<u8>, at: Time) -> rusqlite::Result<i64> {
    let mut part = Part { id: end.id() + 1, after: end.seq(), found: 0, before, mac: Vec::new() };
    let first = end.part.is_none();
    if first {
        part.found = kept::read(change, BEGINS_AFTER)?.and_then(|seq| seq.parse().ok()).unwrap_or(0);
        // Seals without a part: somebody has taken its row away. With the same key it comes out as it was.
        part.after = 0;
        if end.last.is_some() {
            let facts = facts([("what", "part".into()), ("first", "1".into()), ("last", "1".into())]);
            matters::raise(change, MatterKind::Tampered, "part 1 gone", &facts, at)?;
        }
    }
    part.mac = signet.part(&part).to_vec();
    let insert = "INSERT INTO chain_parts (id, after, found, before, mac) VALUES (?1, ?2, ?3, ?4, ?5)";
    change.execute(insert, params![part.id, part.after, part.found, part.before, part.mac])?;
    if !first {
        let facts = facts([("why", "key_gone".into()), ("first", "1".into()), ("last", part.after.to_string())]);
        matters::raise(change, MatterKind::Unsealed, &format!("part {}", part.id), &facts, at)?;
    }
    Ok(part.id)
}

/// What became of what had no seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sealed {
    /// Everything has one.
    All,
    /// There is more without.
    Some,
    /// The chain went on under another key.
    NotOurs,
    /// Somebody has left the chain as none of us would.
    Disorder,
}

/// The same, unless the chain is in such disorder that nothing can be sealed: that shall not keep the
/// shop from selling. The check-up finds what was done to it.
pub(crate) fn seal_if_it_can_be(
    change: &Transaction,
    signet: &Signet,
    found: i64,
    limit: u32,
) -> rusqlite::Result<Sealed> {
    change.execute_batch("SAVEPOINT sealing")?;
    match seal(change, signet, found, limit) {
        Ok(sealed) => change.execute_batch("RELEASE sealing").map(|()| sealed),
        // The disk, not the chain: then what was written does not stand either.
        Err(error) if of_the_disk(&error) => Err(error),
        Err(_) => change.execute_batch("ROLLBACK TO sealing; RELEASE sealing").map(|()| Sealed::Disorder),
    }
}

pub(crate) fn of_the_disk(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::*;
    let code = error.sqlite_error_code();
    matches!(
        code,
        Some(
            DatabaseBusy
                | DatabaseCorrupt
                | DatabaseLocked
                | DiskFull
                | NotADatabase
                | OutOfMemory
                | ReadOnly
                | SystemIoFailure
                | CannotOpen
                | FileLockingProtocolFailed
                | OperationInterrupted
        )
    )
}

/// Seals what has no seal yet, in the order it was written. What was there before this transaction
/// began, up to `found`, was written without the key: unless it is known why, the owner hears of it.
/// What was salvaged from a damaged file has lost its seals there, and the owner has heard of that.
fn seal(change: &Transaction, signet: &Signet, found: i64, limit: u32) -> rusqlite::Result<Sealed> {
    let Some(part) = part(change, signet.part)? else {
        return Ok(if signet.part == NO_PART { Sealed::Disorder } else { Sealed::NotOurs });
    };
    let (mut after, mut before) = match last(change)? {
        Some((last, mac)) if last > part.after => (last, mac.to_vec()),
        _ => (part.after, part.mac.clone()),
    };
    if log_end(change)? <= after {
        return Ok(Sealed::All);
    }
    let select = format!("SELECT {SEALED} FROM log WHERE seq > ?1 ORDER BY seq LIMIT ?2");
    let known = if after < found { part.found.max(salvaged(change)?) } else { 0 };
    let mut select = change.prepare_cached(&select)?;
    let mut insert = change.prepare_cached("INSERT INTO chain (seq, mac) VALUES (?1, ?2)")?;
    let mut rows = select.query(params![after, limit])?;
    let (mut entry, mut count, mut strangers) = (Vec::new(), 0, Strangers::default());
    while let Some(row) = rows.next()? {
        entry.clear();
        write_out(row, &mut entry)?;
        let mac = signet.entry(&before, &entry);
        after = row.get(0)?;
        insert.execute(params![after, mac])?;
        before = mac.to_vec();
        count += 1;
        if after <= found && after > known && !heard_by_the_relay(change, row)? {
            strangers.add(row)?;
        }
    }
    strangers.tell(change)?;
    Ok(if count == limit { Sealed::Some } else { Sealed::All })
}

/// Up to here entries were salvaged when the ledger was last restored.
fn salvaged(change: &Connection) -> rusqlite::Result<i64> {
    let select = "SELECT coalesce(max(json_extract(detail, '$.upto') + 0), 0) FROM matters WHERE kind = 'restored'";
    change.prepare_cached(select)?.query_row([], |row| row.get(0))
}

/// The relay has no key. What it heard joins without a word if the notification lies in the inbox and
/// became this very entry: it moves a sale to *confirming* at the most, whoever wrote it.
fn heard_by_the_relay(change: &Transaction, row: &Row) -> rusqlite::Result<bool> {
    let (seq, attempt): (i64, Option<String>) = (row.get(0)?, row.get(3)?);
    let (from, event): (String, String) = (row.get(4)?, row.get(5)?);
    if serde_json::from_str(&from).ok() != Some(till::From::Relay)
        || !matches!(serde_json::from_str(&event), Ok(Event::Hinted { .. }))
    {
        return Ok(false);
    }
    let select = "SELECT 1 FROM inbox WHERE order_id = ?1 AND entry = ?2 AND seal = 'genuine'";
    Ok(change.prepare_cached(select)?.query_row(params![attempt, seq], |_| Ok(())).optional()?.is_some())
}

/// Entries that were written without the key, by a program that could not reach it or by somebody
/// else. One matter for all that are found together.
#[derive(Default)]
struct Strangers {
    first: i64,
    last: i64,
    at: i64,
    count: u64,
    sales: Vec<String>,
}

impl Strangers {
    fn add(&mut self, row: &Row) -> rusqlite::Result<()> {
        (self.last, self.at) = (row.get(0)?, row.get(1)?);
        if self.count == 0 {
            self.first = self.last;
        }
        self.count += 1;
        name(&mut self.sales, row.get_ref(2)?);
        Ok(())
    }

    fn tell(&self, change: &Transaction) -> rusqlite::Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        let (key, at) = (format!("{}-{}", self.first, self.last), Time::from_millis(self.at));
        let facts = facts([
            ("why", "no_key".into()),
            ("first", self.first.to_string()),
            ("last", self.last.to_string()),
            ("count", self.count.to_string()),
            ("sales", self.sales.join(", ")),
        ]);
        matters::raise(change, MatterKind::Unsealed, &key, &facts, at).map(|_| ())
    }
}

/// So many sales are named in a matter.
const NAMED: usize = 20;

/// Adds the sale an entry names. It may be anything, after somebody has had the file in hand.
pub(crate) fn name(sales: &mut Vec<String>, sale: ValueRef) {
    let sale = match sale {
        ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned(),
        _ => return,
    };
    if sales.len() < NAMED && !sales.contains(&sale) {
        sales.push(sale);
    }
}

impl Signet {
    fn of(key: &LogKey) -> Self {
        #[allow(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let hmac = Hmac::new_from_slice(key.0.expose_secret()).expect("a key of any length");
        Self { hmac, part: NO_PART }
    }

    /// The seal of an entry, written out, after the seal before it.
    pub fn entry(&self, before: &[u8], entry: &[u8]) -> Mac {
        self.over([b"entry", before, entry])
    }

    /// The seal a part begins with.
    pub fn part(&self, part: &Part) -> Mac {
        let [id, after, found] = [part.id, part.after, part.found].map(i64::to_be_bytes);
        self.over([b"part", &id, &after, &found, &part.before])
    }

    fn over<const N: usize>(&self, pieces: [&[u8]; N]) -> Mac {
        let mut hmac = self.hmac.clone();
        for piece in pieces {
            hmac.update(&(piece.len() as u64).to_be_bytes());
            hmac.update(piece);
        }
        hmac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Signet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signet")
    }
}

/// Writes out what a seal covers, whatever is there: every column with its kind and its length, so
/// that no two different entries are the same bytes.
pub(crate) fn write_out(row: &Row, into: &mut Vec<u8>) -> rusqlite::Result<()> {
    for column in 0..6 {
        let (number, real);
        let (kind, bytes): (u8, &[u8]) = match row.get_ref(column)? {
            ValueRef::Null => (0, &[]),
            ValueRef::Integer(value) => {
                number = value.to_be_bytes();
                (1, &number)
            }
            ValueRef::Real(value) => {
                real = value.to_be_bytes();
                (2, &real)
            }
            ValueRef::Text(value) => (3, value),
            ValueRef::Blob(value) => (4, value),
        };
        into.push(kind);
        into.extend((bytes.len() as u64).to_be_bytes());
        into.extend(bytes);
    }
    Ok(())
}

/// Adds an entry and its seal, if it has one, to the digest of a part's entries.
pub(crate) fn take_in(digest: &mut Sha256, entry: &[u8], mac: Option<&Mac>) {
    digest.update(entry);
    digest.update([u8::from(mac.is_some())]);
    digest.update(mac.map_or(&[][..], |mac| mac));
}

/// The parts of the chain, in order.
pub(crate) fn parts(connection: &Connection) -> rusqlite::Result<Vec<Part>> {
    let select = "SELECT id, after, found, before, mac FROM chain_parts ORDER BY id";
    connection.prepare_cached(select)?.query_map([], read_part)?.collect()
}

/// This part, if it is the last.
fn part(connection: &Connection, id: i64) -> rusqlite::Result<Option<Part>> {
    let select = "SELECT id, after, found, before, mac FROM chain_parts ORDER BY id DESC LIMIT 1";
    let last = connection.prepare_cached(select)?.query_row([], read_part).optional()?;
    Ok(last.filter(|part| part.id == id))
}

fn read_part(row: &Row) -> rusqlite::Result<Part> {
    Ok(Part { id: row.get(0)?, after: row.get(1)?, found: row.get(2)?, before: row.get(3)?, mac: row.get(4)? })
}

/// The last sealed entry. Seals beyond the end of the log are no seals.
pub(crate) fn last(connection: &Connection) -> rusqlite::Result<Option<(i64, Mac)>> {
    let select = "SELECT seq, mac FROM chain WHERE seq <= (SELECT max(seq) FROM log) ORDER BY seq DESC LIMIT 1";
    connection.prepare_cached(select)?.query_row([], read_mac).optional()
}

/// A seal. One that has not its length is nobody's.
pub(crate) fn read_mac(row: &Row) -> rusqlite::Result<(i64, Mac)> {
    let mac = row.get_ref(1)?.as_bytes().ok().and_then(|bytes| bytes.try_into().ok());
    Ok((row.get(0)?, mac.unwrap_or([0; 32])))
}

/// When the ledger was last restored, by the matter that says so.
pub(crate) fn restored(connection: &Connection) -> rusqlite::Result<i64> {
    let select = "SELECT coalesce(max(at), 0) FROM matters WHERE kind = 'restored'";
    connection.prepare_cached(select)?.query_row([], |row| row.get(0))
}

/// Puts the right seal in the place of a wrong one, or of none.
pub(crate) fn put(change: &Connection, seq: i64, mac: &Mac) -> rusqlite::Result<()> {
    let upsert = "INSERT INTO chain (seq, mac) VALUES (?1, ?2) ON CONFLICT (seq) DO UPDATE SET mac = excluded.mac";
    change.prepare_cached(upsert)?.execute(params![seq, mac]).map(|_| ())
}

/// The last entry of the log, or 0.
pub(crate) fn log_end(connection: &Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached("SELECT coalesce(max(seq), 0) FROM log")?.query_row([], |row| row.get(0))
}

impl LogKey {
    /// A key of these bytes, which nobody can guess.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// The key as it is kept; nothing if this is none.
    pub fn parse(kept: &SecretString) -> Option<Self> {
        from_hex(kept.expose_secret()).map(Self::new)
    }

    /// The key as it is kept.
    pub fn to_secret(&self) -> SecretString {
        SecretString::from(hex(self.0.expose_secret()))
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogKey")
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.seq, hex(&self.mac), self.restored)
    }
}

impl FromStr for Head {
    type Err = NoHead;

    fn from_str(text: &str) -> Result<Self, NoHead> {
        let pieces: Vec<&str> = text.split_whitespace().collect();
        let [seq, mac, restored] = pieces[..] else { return Err(NoHead) };
        let number = |text: &str| text.parse().map_err(|_| NoHead);
        Ok(Self { seq: number(seq)?, mac: from_hex(mac).ok_or(NoHead)?, restored: number(restored)? })
    }
}

/// This is no head of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the head of a log")]
pub struct NoHead;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let text = text.trim();
    if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
