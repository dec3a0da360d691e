//! The file: how it is opened, what is in it.

use std::{
    fs::OpenOptions,
    io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, types::ValueRef};

use crate::open::OpenError;

/// `GMAI`, so that nobody writes a mailroom into somebody else's file.
const APPLICATION: i32 = 0x474D_4149;
const SCHEMA: i32 = 1;

/// So long one program waits for another to finish writing: somebody may make a channel meanwhile.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// Entries lie in the order in which they came, whatever their channel: what is written together lies
/// together, three to a page. (In a table without a rowid each would need a page of its own for the
/// end of its body.) The numbers of a channel are dense and only the oldest are deleted, so `newest` and `entries` tell the oldest.
/// `bytes` counts bodies. A `read_mark` says that every device had read up to `upto` at that time.
const TABLES: &str = "
    CREATE TABLE channel (
        id         INTEGER PRIMARY KEY AUTOINCREMENT,
        name       TEXT NOT NULL,
        secret     BLOB NOT NULL UNIQUE,
        made_at    INTEGER NOT NULL,
        revoked_at INTEGER,
        newest     INTEGER NOT NULL DEFAULT 0,
        entries    INTEGER NOT NULL DEFAULT 0,
        bytes      INTEGER NOT NULL DEFAULT 0,
        code       BLOB,
        code_until INTEGER NOT NULL DEFAULT 0,
        code_tries INTEGER NOT NULL DEFAULT 0
    ) STRICT;

    CREATE TABLE device (
        id         INTEGER PRIMARY KEY AUTOINCREMENT,
        channel    INTEGER NOT NULL REFERENCES channel,
        name       TEXT NOT NULL,
        token      BLOB NOT NULL UNIQUE,
        paired_at  INTEGER NOT NULL,
        seen_at    INTEGER,
        revoked_at INTEGER,
        acked      INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX device_of_channel ON device (channel);

    CREATE TABLE entry (
        channel     INTEGER NOT NULL,
        seq         INTEGER NOT NULL,
        received_at INTEGER NOT NULL,
        times       INTEGER NOT NULL,
        sender      TEXT,
        digest      BLOB NOT NULL,
        body        BLOB NOT NULL,
        PRIMARY KEY (channel, seq)
    ) STRICT;
    CREATE UNIQUE INDEX entry_by_digest ON entry (channel, digest);

    CREATE TABLE read_mark (
        channel INTEGER NOT NULL,
        at      INTEGER NOT NULL,
        upto    INTEGER NOT NULL,
        PRIMARY KEY (channel, at)
    ) STRICT, WITHOUT ROWID;
";

/// Opens the mailroom in this file, and makes it if there is none.
pub(super) fn open(file: &Path) -> Result<Connection, OpenError> {
    // The bodies are nobody else's business. SQLite gives what lies beside the file the same rights.
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map_err(|error| OpenError::File(file.to_owned(), said(&error)))?;
    open_there(file).map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::NotOurs(file.to_owned()),
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Damaged(file.to_owned()),
        _ => OpenError::File(file.to_owned(), error.to_string()),
    })?
}

fn open_there(file: &Path) -> rusqlite::Result<Result<Connection, OpenError>> {
    // Looked at before anything is changed: it may be somebody else's.
    let mut connection = bare(file)?;
    let of = |connection: &Connection, pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    let taken = |connection: &Connection| {
        connection.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get::<_, bool>(0))
    };
    match (of(&connection, "application_id")?, of(&connection, "user_version")?) {
        (APPLICATION, SCHEMA) => {}
        (0, 0) if !taken(&connection)? => {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Another program may have made it while we waited for our turn.
            if of(&transaction, "application_id")? == 0 {
                transaction.execute_batch(TABLES)?;
                transaction.pragma_update(None, "application_id", APPLICATION)?;
                transaction.pragma_update(None, "user_version", SCHEMA)?;
                transaction.commit()?;
            }
        }
        (APPLICATION, newer) if newer > SCHEMA => return Ok(Err(OpenError::Newer(file.to_owned()))),
        _ => return Ok(Err(OpenError::NotOurs(file.to_owned()))),
    }
    drop(connection);
    to_write(file).map(Ok)
}

/// For the one who writes.
pub(super) fn to_write(file: &Path) -> rusqlite::Result<Connection> {
    let mut writer = connect(file)?;
    // Whoever writes decides when the log is copied over.
    writer.pragma_update(None, "wal_autocheckpoint", 0)?;
    wal::flush(&mut writer, PATIENCE)?;
    Ok(writer)
}

/// The same after the disk has failed: what memory still holds need not be what is on the disk, so
/// everything is looked at before anything is built on it.
pub(super) fn to_write_again(file: &Path) -> rusqlite::Result<Connection> {
    let writer = to_write(file)?;
    let sound: String = writer.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if sound == "ok" { Ok(writer) } else { Err(damage(sound)) }
}

/// For those who read.
pub(super) fn to_read(file: &Path) -> rusqlite::Result<Connection> {
    let reader = connect(file)?;
    reader.pragma_update(None, "query_only", true)?;
    Ok(reader)
}

/// Two who make a mailroom at once meet where SQLite does not wait for its turn, so we do.
fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let begun = Instant::now();
    loop {
        match bare(file).and_then(settled) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && begun.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(10));
            }
            done => return done,
        }
    }
}

fn bare(file: &Path) -> rusqlite::Result<Connection> {
    // Made by `open` or not at all: a file that was taken away is not begun anew unnoticed.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

/// Wrappers and platforms change these defaults, so each is set and read back.
fn settled(connection: Connection) -> rusqlite::Result<Connection> {
    for (pragma, value, read_back) in [
        ("journal_mode", "WAL", "wal"),
        ("synchronous", "FULL", "2"),
        ("foreign_keys", "ON", "1"),
        ("trusted_schema", "OFF", "0"),
        ("cell_size_check", "ON", "1"),
        ("mmap_size", "0", "0"),
    ] {
        connection.pragma_update(None, pragma, value)?;
        let is = connection.pragma_query_value(None, pragma, |row| {
            Ok(match row.get_ref(0)? {
                ValueRef::Integer(number) => number.to_string(),
                other => other.as_str().unwrap_or_default().to_owned(),
            })
        });
        match is {
            Ok(is) if is == read_back => {}
            // A build without memory mapping answers nothing at all.
            Err(rusqlite::Error::QueryReturnedNoRows) if pragma == "mmap_size" => {}
            Ok(is) => return Err(damage(format!("{pragma} is {is} and not {read_back}"))),
            Err(error) => return Err(error),
        }
    }
    Ok(connection)
}

/// Whether nobody knows any more what of this file is on the disk.
pub(super) fn is_suspect(error: &rusqlite::Error) -> bool {
    use ErrorCode::{CannotOpen, DatabaseCorrupt, NotADatabase, SystemIoFailure};
    matches!(error.sqlite_error_code(), Some(SystemIoFailure | CannotOpen | DatabaseCorrupt | NotADatabase))
}

fn damage(what: String) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT), Some(what))
}

fn said(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such folder".to_owned(),
        io::ErrorKind::PermissionDenied => "that is not allowed".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the disk is read-only".to_owned(),
        _ => error.to_string(),
    }
}
