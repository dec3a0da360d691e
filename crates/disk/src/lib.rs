//! A disk that can fail, for tests.
//!
//! [`Disk::in_folder`] puts itself between SQLite and one folder. From then on it knows of every
//! file that SQLite opens there what is on the platter and what only the kernel has seen, and a test
//! may cut the power ([`Disk::power_cut`]), kill every program ([`Disk::restart`]), let calls fail
//! ([`Disk::fail_at`]), let the disk lie ([`Disk::lie`]), or put back an old copy
//! ([`Disk::restore`]). The code under test needs no hook: this becomes SQLite's default file system
//! in the test's process, and folders that nobody watches pass through it untouched.
//!
//! There the files are real ones, so that other programs, `std::fs` and the memory that SQLite shares
//! work as ever; what is done to them without SQLite counts as done for good. Every flush is pretended,
//! which makes it fast; [`Disk::in_memory`] does without the files too. All chance is handed in.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! let disk = disk::Disk::in_folder(folder.path());
//! let open = || rusqlite::Connection::open(folder.path().join("shop.db"));
//! let shop = open()?;
//! shop.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE log (event TEXT)")?;
//! disk.stop_at(3);
//! let sold = shop.execute("INSERT INTO log VALUES ('sold')", []).is_ok();
//! disk.power_cut(&mut disk::Chance::seeded(1));
//! drop(shop);
//! let found: u64 = open()?.query_row("SELECT count(*) FROM log", [], |row| row.get(0))?;
//! assert!(found == 1 || !sold);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg(unix)]

mod chance;
mod content;
mod seat;
mod state;
mod vfs;
mod watch;

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

pub use chance::Chance;
use watch::Watch;

/// The disk under one folder, for as long as this lives.
///
/// A test that cannot go on has failed, and so everything here panics where the folder itself cannot
/// be read or written.
pub struct Disk(Arc<Watch>);

/// What SQLite asks of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Call {
    /// Opens a file, and makes it if there is none.
    Open,
    /// Reads.
    Read,
    /// Writes.
    Write,
    /// Makes a file shorter or longer.
    Truncate,
    /// Flushes a file.
    Sync,
    /// Deletes a file.
    Delete,
    /// Maps the memory that programs on one database share, which may make its file longer.
    Map,
    /// Takes a lock.
    Lock,
}

/// The calls that may change what is on a disk.
pub const CHANGES: &[Call] = &[Call::Open, Call::Write, Call::Truncate, Call::Sync, Call::Delete, Call::Map];

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The disk answers with an error. After a sync that failed so, what was to be written may be
    /// gone although the next sync says that all is well.
    Eio,
    /// There is no room.
    Enospc,
    /// There is room for half of what is written. Any other call fails as with [`Failure::Eio`].
    ShortWrite,
}

/// How often SQLite has asked for what, since the folder is watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; Call::Lock as usize + 1]);

/// Everything that lay in a folder at one moment. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<PathBuf, Arc<[u8]>>);

impl Disk {
    /// Watches this folder and what is below it, and makes it if there is none. Only what SQLite
    /// opens afterwards is seen.
    pub fn in_folder(folder: impl AsRef<Path>) -> Self {
        Self::begin(folder.as_ref(), false)
    }

    /// The same, and nothing of what SQLite writes reaches the folder: that stays as it was found, and
    /// is only read, once. It is much faster, and meant for thousands of disks; other programs
    /// and `std::fs` do not see what SQLite sees, so it is for code that leaves SQLite's files to SQLite.
    pub fn in_memory(folder: impl AsRef<Path>) -> Self {
        Self::begin(folder.as_ref(), true)
    }

    fn begin(folder: &Path, in_memory: bool) -> Self {
        let canonical = fs::create_dir_all(folder).and_then(|()| folder.canonicalize());
        vfs::register();
        Self(Watch::begin(works(canonical), in_memory))
    }

    /// The folder, as SQLite knows it.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// The nth of these calls from now on fails, once.
    pub fn fail_at(&self, nth: u64, calls: &[Call], failure: Failure) {
        self.0.fail(nth, calls, failure, false);
    }

    /// The nth of these calls from now on fails, and every one after it.
    pub fn fail_from(&self, nth: u64, calls: &[Call], failure: Failure) {
        self.0.fail(nth, calls, failure, true);
    }

    /// From now on the disk says that it has flushed, and has not.
    pub fn lie(&self) {
        self.0.lie();
    }

    /// Takes back every failure that was ordered, a stop that has not come yet, and the lying.
    pub fn heal(&self) {
        self.0.heal();
    }

    /// The machine stops at the nth call of [`CHANGES`] from now on: that one and every later call
    /// fail and do nothing, until [`Disk::power_cut`] or [`Disk::restart`].
    pub fn stop_at(&self, nth: u64) {
        self.0.stop_at(nth);
    }

    /// Whether the machine has stopped.
    pub fn stopped(&self) -> bool {
        self.0.stopped()
    }

    /// The power goes, and comes back: each file holds what a disk might hold then, and whoever had
    /// one open is dead. Their connections fail at everything and may be dropped at any time, best
    /// before the next one is opened. What was ordered to fail is forgotten.
    ///
    /// Of the writes since a file's last sync any may be there, each torn at sectors of 512 bytes;
    /// a file that was made or deleted is there or not until its folder was synced.
    pub fn power_cut(&self, chance: &mut Chance) {
        works(self.0.power_cut(chance));
    }

    /// Every program dies, and the machine runs on: what was written is there, though not on the
    /// platter yet. Otherwise as [`Disk::power_cut`].
    pub fn restart(&self) {
        works(self.0.restart());
    }

    /// Everything in the folder as a program would read it now, without the shared memory.
    pub fn snapshot(&self) -> Snapshot {
        works(self.0.snapshot())
    }

    /// Puts back what lay in the folder then, and nothing else. Whoever had a file open is dead.
    pub fn restore(&self, snapshot: &Snapshot) {
        works(self.0.restore(snapshot));
    }

    /// How often SQLite has asked for what.
    pub fn counts(&self) -> Counts {
        self.0.counts()
    }

    /// Calls this before each call of SQLite, in the thread that makes it. It may wait, and so decide
    /// which of two threads or programs goes first.
    pub fn listen(&self, listener: impl Fn(Call) + Send + Sync + 'static) {
        self.0.listen(Some(Arc::new(listener)));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.0.end();
        self.0.listen(None);
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Disk").field(&self.0.folder).finish()
    }
}

impl Counts {
    /// So often it was asked for this.
    pub fn of(&self, call: Call) -> u64 {
        self.0[call as usize]
    }

    /// So often it was asked for any of these.
    pub fn of_all(&self, calls: &[Call]) -> u64 {
        calls.iter().map(|call| self.of(*call)).sum()
    }

    fn count(&mut self, call: Call) {
        self.0[call as usize] += 1;
    }
}

impl Snapshot {
    /// What each file held, by its path below the folder.
    pub fn files(&self) -> impl Iterator<Item = (&Path, &[u8])> {
        self.0.iter().map(|(path, bytes)| (path.as_path(), &**bytes))
    }

    /// Writes it all into another folder.
    pub fn write_to(&self, folder: &Path) -> io::Result<()> {
        for (path, bytes) in &self.0 {
            let path = folder.join(path);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, bytes)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(path, bytes)| (path, bytes.len()))).finish()
    }
}

#[allow(clippy::expect_used, reason = "it is for tests, which end where their own folder cannot be used")]
fn works<T>(done: io::Result<T>) -> T {
    done.expect("the folder of a test can be read and written")
}
