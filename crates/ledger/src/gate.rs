use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
    thread,
    time::Duration,
};

use crate::open::{Trouble, lock, of_io};

/// The gate to a shop's file. Whoever writes goes through for as long as a transaction takes; whoever
/// puts another file in its place shuts it first, for every program.
///
/// It is a lock on a file, which the operating system drops when its holder dies.
#[derive(Debug)]
pub(crate) struct Gate {
    lock: File,
    /// How many are on the way through here.
    inside: Mutex<u32>,
    place: PathBuf,
}

/// Somebody is on the way through.
pub(crate) struct Pass<'a>(&'a Gate);

/// Nobody goes through.
pub(crate) struct Shut(#[allow(dead_code, reason = "it is held")] File);

impl Gate {
    pub fn of(place: &Path) -> Result<Self, Trouble> {
        let lock = lock_file(place)?;
        let place = fs::canonicalize(place).map_err(|error| of_io(&error, place))?;
        *open_here().entry(place.clone()).or_default() += 1;
        Ok(Self { lock, inside: Mutex::default(), place })
    }

    /// Waits so long at the most for whoever has shut it.
    pub fn pass(&self, patience: Duration) -> Result<Pass<'_>, Trouble> {
        let mut waited = Duration::ZERO;
        loop {
            let mut inside = lock(&self.inside);
            let open = if *inside > 0 { Ok(()) } else { self.lock.try_lock_shared() };
            match open {
                Ok(()) => {
                    *inside += 1;
                    return Ok(Pass(self));
                }
                Err(TryLockError::WouldBlock) if waited < patience => {
                    drop(inside);
                    // A file lock gives no event to wait for.
                    thread::sleep(BREATH);
                    waited += BREATH;
                }
                Err(TryLockError::WouldBlock) => return Err(Trouble::Busy),
                Err(TryLockError::Error(error)) => return Err(of_io(&error, &self.place)),
            }
        }
    }

    /// Waits until everybody is through, and shuts it.
    pub fn shut(place: &Path) -> Result<Shut, Trouble> {
        let lock = lock_file(place)?;
        lock.lock().map_err(|error| of_io(&error, place))?;
        Ok(Shut(lock))
    }

    /// Whether this very program has the ledger of that folder open. Then its files must not be opened
    /// in any other way: closing them again would take away SQLite's own locks.
    pub fn is_open_here(place: &Path) -> bool {
        fs::canonicalize(place).is_ok_and(|place| open_here().contains_key(&place))
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut inside = lock(&self.0.inside);
        *inside -= 1;
        if *inside == 0 {
            let _ = self.0.lock.unlock();
        }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        let mut open = open_here();
        if let Some(times) = open.get_mut(&self.place) {
            *times -= 1;
            if *times == 0 {
                open.remove(&self.place);
            }
        }
    }
}

/// A desk at the ledger: the window, or `geraictl`. Whoever comes first looks it over, and the others
/// wait for that.
#[derive(Debug)]
pub(crate) struct AtTheDesk {
    lock: File,
    alone: bool,
}

impl AtTheDesk {
    /// Comes to the desk, and waits while somebody looks the ledger over.
    pub fn come(place: &Path) -> Result<Self, Trouble> {
        let trouble = |error| of_io(&error, place);
        let lock = open_lock(&place.join("desk.lock")).map_err(trouble)?;
        let alone = match lock.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => return Err(trouble(error)),
        };
        if !alone {
            lock.lock_shared().map_err(trouble)?;
        }
        Ok(Self { lock, alone })
    }

    /// Nobody else is here, or comes.
    pub fn is_alone(&self) -> bool {
        self.alone
    }

    /// Lets the others come.
    pub fn stay(mut self, place: &Path) -> Result<Self, Trouble> {
        if self.alone {
            self.lock.lock_shared().map_err(|error| of_io(&error, place))?;
            self.alone = false;
        }
        Ok(self)
    }
}

const BREATH: Duration = Duration::from_millis(10);

fn lock_file(place: &Path) -> Result<File, Trouble> {
    open_lock(&place.join("gate.lock")).map_err(|error| of_io(&error, place))
}

fn open_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).open(path)
}

/// Which ledgers this program has open, and how often.
fn open_here() -> MutexGuard<'static, BTreeMap<PathBuf, usize>> {
    static OPEN: Mutex<BTreeMap<PathBuf, usize>> = Mutex::new(BTreeMap::new());
    lock(&OPEN)
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
