use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, TryLockError},
    io,
    path::Path,
    thread,
    time::{Duration, UNIX_EPOCH},
};

use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};
use till::{Environment, Sale, TillId, Time};
use time::{OffsetDateTime, PrimitiveDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::{
    kept, log,
    open::{Ledger, Trouble, connect, make_private, of_io, of_sqlite},
    schema::SCHEMA,
};

/// A copy of the ledger that was opened and looked through after it was made. It lies in `copies`
/// beside the ledger, and is there whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// The name of its file, to restore it by.
    pub name: String,
    /// When it was made.
    pub at: Time,
    /// How long its file is.
    pub bytes: u64,
}

/// Which copies are kept: the newest of each of the last 24 hours, of the last 3 days and of the
/// last 4 weeks that have one. While the shop is closed no time passes here, so that a long holiday
/// costs no copy. Days and weeks are those of western Indonesia.
pub fn worth_keeping(times: &[Time]) -> BTreeSet<Time> {
    let mut kept = BTreeSet::new();
    // 1970 began on a Thursday, at seven in the morning here.
    for (span, begins, many) in [(HOUR, 0, 24), (DAY, 7 * HOUR, 3), (7 * DAY, 3 * DAY + 7 * HOUR, 4)] {
        let mut newest_of = BTreeMap::new();
        for time in times {
            let newest = newest_of.entry((time.millis() + begins).div_euclid(span)).or_insert(*time);
            *newest = time.max(newest).to_owned();
        }
        kept.extend(newest_of.into_values().rev().take(many));
    }
    kept
}

impl Ledger {
    /// Makes a copy, and takes away those that are not worth keeping any more; nothing while another
    /// program is making one.
    ///
    /// It goes in small steps over a connection of its own, so no cashier waits for it; call it off
    /// the async threads all the same. A ledger with a row that cannot be read makes no copy.
    pub fn copy(&self, at: Time) -> Result<Option<Copy>, Trouble> {
        let place = self.folder().join(FOLDER);
        let Some(_turn) = turn(&place)? else { return Ok(None) };
        let source = connect(&self.file()).map_err(|error| of_sqlite(error, &self.file()))?;
        let copy = keep_copy(&source, &place, &format!("{}.db", stamp(at)), |found| {
            let ours = found.environment == self.environment() && found.till == self.till();
            if ours && found.schema == SCHEMA { Ok(()) } else { Err(Trouble::Damaged(self.file())) }
        })?;
        prune(&place)?;
        Ok(Some(copy))
    }

    /// Whether there is no copy of the last hour. Those that a wrong clock has dated later do not count.
    pub fn copy_due(&self, now: Time) -> Result<bool, Trouble> {
        let recent = |copy: &Copy| copy.at <= now && now.since(copy.at) < Duration::from_secs(60 * 60);
        Ok(!self.copies()?.iter().any(recent))
    }

    /// The copies there are, newest first.
    pub fn copies(&self) -> Result<Vec<Copy>, Trouble> {
        list(&self.folder().join(FOLDER))
    }
}

/// Where copies lie, beside the ledger.
pub(crate) const FOLDER: &str = "copies";

/// Copies a ledger of an older schema before it is brought up to date. Time does not take this copy
/// away: there is one for each schema.
pub(crate) fn before_migration(source: &Connection, shop: &Path, schema: i32) -> Result<(), Trouble> {
    let place = shop.join(FOLDER);
    while turn(&place)?.is_none() {
        // Another desk is at it. It will not take long, and then there is nothing left to migrate.
        thread::sleep(Duration::from_millis(50));
    }
    keep_copy(source, &place, &format!("{BEFORE}{}.db", schema + 1), |_| Ok(())).map(drop)
}

const BEFORE: &str = "before-schema-";

/// The schema that a ledger was brought up to after the copy of this name was made.
pub(crate) fn schema_after(name: &str) -> Option<i32> {
    name.strip_prefix(BEFORE)?.strip_suffix(".db")?.parse().ok()
}

/// What somebody found who looked through the whole of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub schema: i32,
    pub environment: Environment,
    pub till: TillId,
    /// The last entry of its log.
    pub head: i64,
}

/// Opens a copy for reading only, and looks through the whole of it: every page, every row of the
/// log, every sale.
pub(crate) fn look_through(file: &Path) -> Result<Found, Trouble> {
    let trouble = |error| of_sqlite(error, file);
    let damaged = || Trouble::Damaged(file.to_owned());
    let copy = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(trouble)?;
    copy.pragma_update(None, "trusted_schema", false).map_err(trouble)?;
    copy.pragma_update(None, "cell_size_check", true).map_err(trouble)?;
    let whole: String = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(trouble)?;
    if whole != "ok" {
        return Err(damaged());
    }
    every_sale_folds(&copy).map_err(|_| damaged())?;
    let kept = |key| kept::read(&copy, key).map_err(trouble);
    Ok(Found {
        schema: copy.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(trouble)?,
        environment: kept("environment")?.and_then(|word| word.parse().ok()).ok_or_else(damaged)?,
        till: kept("till")?.and_then(|id| id.parse().ok()).ok_or_else(damaged)?,
        head: log::head(&copy).map_err(trouble)?,
    })
}

/// The copies in this folder, newest first.
pub(crate) fn list(place: &Path) -> Result<Vec<Copy>, Trouble> {
    let trouble = |error: io::Error| of_io(&error, place);
    let files = match fs::read_dir(place) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(trouble(error)),
    };
    // Whatever else lies here is none of ours, and is left alone.
    let mut copies = Vec::new();
    for file in files {
        let file = file.map_err(trouble)?;
        let Ok(name) = file.file_name().into_string() else { continue };
        let Ok(data) = file.metadata() else { continue };
        if let Some(at) = time_of(&name).or_else(|| name.starts_with(BEFORE).then(|| written_at(&data))) {
            copies.push(Copy { name, at, bytes: data.len() });
        }
    }
    copies.sort_by_key(|copy| std::cmp::Reverse(copy.at));
    Ok(copies)
}

/// Whoever is making copies here, in this program or another. There is one at a time.
fn turn(place: &Path) -> Result<Option<File>, Trouble> {
    let trouble = |error| of_io(&error, place);
    make_private(place).map_err(trouble)?;
    let lock = File::create(place.join("lock")).map_err(trouble)?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(trouble(error)),
    }
}

/// Copies under another name, looks the copy through, and only then calls it what it is.
fn keep_copy(
    source: &Connection,
    place: &Path,
    name: &str,
    approve: impl FnOnce(Found) -> Result<(), Trouble>,
) -> Result<Copy, Trouble> {
    let (new, file) = (place.join(NEW), place.join(name));
    let made = write_copy(source, &new, || thread::sleep(BREATH)).and_then(|()| approve(look_through(&new)?));
    if let Err(trouble) = made {
        forget(&new);
        return Err(match trouble {
            // It is as the ledger is, and nobody knows the copy by this name.
            Trouble::Damaged(_) => Trouble::Damaged(place.parent().unwrap_or(place).join("gerai.db")),
            trouble => trouble,
        });
    }
    let trouble = |error| of_io(&error, place);
    fs::rename(&new, &file).and_then(|()| sync_folder(place)).map_err(trouble)?;
    let bytes = fs::metadata(&file).map_err(trouble)?.len();
    Ok(Copy { name: name.to_owned(), at: time_of(name).unwrap_or(Time::from_millis(0)), bytes })
}

/// What a copy is called until it is one.
const NEW: &str = "new.db";
/// So many pages are copied in one step.
const STEP: i32 = 256;
/// So long whoever else needs the disk has it to himself between two steps.
const BREATH: Duration = Duration::from_millis(2);

fn write_copy(source: &Connection, new: &Path, mut breathe: impl FnMut()) -> Result<(), Trouble> {
    let trouble = |error| of_sqlite(error, new);
    forget(new);
    let mut copy = Connection::open(new).map_err(trouble)?;
    // Nobody knows the copy before it has been fsynced as a whole.
    copy.pragma_update(None, "synchronous", false).map_err(trouble)?;
    {
        // The copy is of one moment, whatever is written meanwhile; without this every write would
        // make it begin anew. The moment is that of the first thing read.
        let moment = source.unchecked_transaction()?;
        moment.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        let backup = Backup::new(source, &mut copy)?;
        let mut synced = 0;
        loop {
            match backup.step(STEP).map_err(trouble)? {
                StepResult::Done => break,
                _ => breathe(),
            }
            let done = backup.progress().pagecount - backup.progress().remaining;
            if done - synced >= 16 * STEP {
                // In parts, so that a cashier's commit never waits behind all of it.
                synced = done;
                sync(new)?;
            }
        }
    }
    // One file that needs no other beside it.
    copy.pragma_update(None, "journal_mode", "DELETE").map_err(trouble)?;
    copy.close().map_err(|(_, error)| trouble(error))?;
    sync(new)
}

/// Nobody but us has this file open, so opening it here takes no lock of SQLite's away.
fn sync(file: &Path) -> Result<(), Trouble> {
    sync_file(file).map_err(|error| of_io(&error, file))
}

pub(crate) fn sync_file(file: &Path) -> io::Result<()> {
    File::open(file)?.sync_all()
}

pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn forget(new: &Path) {
    for end in ["", "-journal", "-wal", "-shm"] {
        let mut file = new.as_os_str().to_owned();
        file.push(end);
        let _ = fs::remove_file(file);
    }
}

fn prune(place: &Path) -> Result<(), Trouble> {
    let copies: Vec<(Time, String)> =
        list(place)?.into_iter().filter_map(|copy| Some((time_of(&copy.name)?, copy.name))).collect();
    let kept = worth_keeping(&copies.iter().map(|(at, _)| *at).collect::<Vec<_>>());
    for (at, name) in copies {
        if !kept.contains(&at) {
            fs::remove_file(place.join(name)).map_err(|error| of_io(&error, place))?;
        }
    }
    Ok(())
}

pub(crate) fn every_sale_folds(copy: &Connection) -> Result<(), Trouble> {
    let mut rows = copy.prepare(&format!("{} ORDER BY sale, seq", log::SELECT))?;
    let mut rows = rows.query([])?;
    let mut sale: Option<Sale> = None;
    while let Some(row) = rows.next()? {
        let entry = log::entry(row)?;
        match sale.as_mut().filter(|sale| sale.id == entry.sale) {
            Some(sale) => sale.apply(&entry),
            None => {
                sale = Some(Sale::of(&[entry]).ok_or_else(|| Trouble::Row("a sale begins without an order".into()))?)
            }
        }
    }
    Ok(())
}

const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;
const STAMP: &[BorrowedFormatItem] = format_description!("[year]-[month]-[day]T[hour][minute][second]Z");

/// A moment's second, in UTC, as files are named by it.
pub(crate) fn stamp(at: Time) -> String {
    let second = OffsetDateTime::from_unix_timestamp(at.millis().div_euclid(1000));
    second.unwrap_or(OffsetDateTime::UNIX_EPOCH).format(STAMP).unwrap_or_default()
}

fn time_of(name: &str) -> Option<Time> {
    let second = PrimitiveDateTime::parse(name.strip_suffix(".db")?, STAMP).ok()?.assume_utc().unix_timestamp();
    Some(Time::from_millis(second * 1000))
}

fn written_at(data: &fs::Metadata) -> Time {
    let since = data.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Time::from_millis(i64::try_from(since.as_millis()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use till::Environment;

    use super::*;
    use crate::folder::Folder;
    use crate::open::{Binding, Door};

    #[test]
    fn nobody_waits_for_a_copy_and_it_is_of_one_moment() {
        let folder = tempfile::TempDir::new().unwrap();
        let place = Folder::at(folder.path());
        let ledger =
            Ledger::open(&place, Environment::Training, Some(Binding::Loopback), Door::Desk, *b"till").unwrap();
        for n in 0..8 {
            ledger.keep(&format!("ballast {n}"), &"x".repeat(1_000_000)).unwrap();
        }
        let source = connect(&ledger.file()).unwrap();
        let new = folder.path().join("new.db");
        // Whoever writes between two steps does not even have to wait.
        let other = connect(&ledger.file()).unwrap();
        other.busy_timeout(Duration::ZERO).unwrap();
        let mut breaths = 0;
        write_copy(&source, &new, || {
            breaths += 1;
            kept::write(&other, "written", &breaths.to_string()).unwrap();
        })
        .unwrap();
        assert!(breaths >= 7, "{breaths} breaths only");
        let copy = Connection::open(&new).unwrap();
        assert_eq!(kept::read(&copy, "written").unwrap(), None, "what came meanwhile is no part of it");
        assert!(kept::read(&copy, "ballast 7").unwrap().is_some());
    }
}
