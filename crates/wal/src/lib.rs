//! What SQLite's write-ahead log needs before anybody builds on what it shows.

use std::{
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

/// For a database that was just opened to be written: whatever it shows from now on is on the disk.
/// Waits at most for so long while others read or write. If the disk is full, that is left to the
/// next write to find out.
///
/// A program that was killed may have left a commit that it had not flushed. SQLite shows it from now
/// on, and so it is flushed before anybody acts on it: a request must not leave for an intent that the
/// next power cut takes away.
///
/// Or it had flushed it in vain: after a flush that failed, the kernel may forget the pages and call the
/// next flush a success. The database has them by then, and of the log only the beginning would come
/// back, and be played over what is newer. So the log is begun anew.
pub fn flush(writer: &mut Connection, patience: Duration) -> rusqlite::Result<()> {
    let begun = Instant::now();
    loop {
        match flush_now(writer) {
            // Somebody else is at it.
            Ok(false) if begun.elapsed() < patience => thread::sleep(Duration::from_millis(10)),
            // The log is flushed first; that there is no room to copy it over is another matter.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => return Ok(()),
            done => return done.map(drop),
        }
    }
}

/// Says no if somebody else was at it.
fn flush_now(writer: &mut Connection) -> rusqlite::Result<bool> {
    let (busy, frames) = writer
        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| Ok((row.get::<_, bool>(0)?, row.get::<_, i64>(1)?)))?;
    if !busy && frames > 0 {
        // Once all of it is copied over, the next commit begins the log anew, whatever that commit says.
        let same = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version: i32 = same.pragma_query_value(None, "user_version", |row| row.get(0))?;
        same.pragma_update(None, "user_version", version)?;
        same.commit()?;
    }
    Ok(!busy)
}
