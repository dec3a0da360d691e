//! Who may put another file in the ledger's place, and when: locks on files, which the operating
//! system drops when their holder dies.
//!
//! A desk stays for as long as it has the ledger open, and while one does nobody replaces it. A relay
//! may run for months; it goes through a gate for as long as a transaction takes, and looks each time
//! whether the file is still the same.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    path::Path,
    thread,
    time::Duration,
};

use crate::open::{PATIENCE, Trouble, of_io};

/// Held for as long as it is meant.
#[derive(Debug)]
pub(crate) struct Held(#[expect(dead_code, reason = "it is held")] File);

/// A desk comes, and waits while somebody looks the ledger over.
pub(crate) fn stay(place: &Path) -> Result<Held, Trouble> {
    let lock = open(place, DESK)?;
    lock.lock_shared().map_err(|error| of_io(&error, place))?;
    Ok(Held(lock))
}

/// Nobody else is at the desk, nor comes before this is dropped; nothing if somebody is there.
pub(crate) fn alone(place: &Path) -> Result<Option<Held>, Trouble> {
    let lock = open(place, DESK)?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(Held(lock))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(of_io(&error, place)),
    }
}

/// A relay goes through, and waits a while for whoever has shut the gate.
pub(crate) fn pass(place: &Path) -> Result<Held, Trouble> {
    let lock = open(place, GATE)?;
    let mut waited = Duration::ZERO;
    loop {
        match lock.try_lock_shared() {
            Ok(()) => return Ok(Held(lock)),
            Err(TryLockError::WouldBlock) if waited < PATIENCE => {
                // A file lock gives no event to wait for.
                thread::sleep(BREATH);
                waited += BREATH;
            }
            Err(TryLockError::WouldBlock) => return Err(Trouble::Busy),
            Err(TryLockError::Error(error)) => return Err(of_io(&error, place)),
        }
    }
}

/// No relay goes through before this is dropped, and those that were on their way are through.
pub(crate) fn shut(place: &Path) -> Result<Held, Trouble> {
    let lock = open(place, GATE)?;
    lock.lock().map_err(|error| of_io(&error, place))?;
    Ok(Held(lock))
}

const DESK: &str = "desk.lock";
const GATE: &str = "gate.lock";
const BREATH: Duration = Duration::from_millis(10);

fn open(place: &Path, name: &str) -> Result<File, Trouble> {
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(place.join(name));
    lock.map_err(|error| of_io(&error, place))
}

/// What tells a file from another that takes its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId(u64, u64);

impl FileId {
    /// The file of this name; nothing where there is none, or where files cannot be told apart.
    #[cfg(unix)]
    pub fn of(file: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(file).ok().map(|data| Self(data.dev(), data.ino()))
    }

    #[cfg(not(unix))]
    pub fn of(_: &Path) -> Option<Self> {
        None
    }
}
