use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, config::DbConfig, ffi};
use till::{Environment, TillId};

use crate::{
    chain::{self, Sealed, Signet},
    copies,
    folder::Folder,
    gate::{self, FileId, Held},
    kept, recover,
    reserve::{Reserve, give_up_ballast},
    schema::{self, SCHEMA},
};

/// Two processes on one WAL file could corrupt it before this version (SQLite 3.51.3 release notes).
const OLDEST_SQLITE: i32 = 3_051_003;
/// So long one program waits for another to finish writing.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// More than all the different statements of this crate, so that each is prepared once for a connection.
const STATEMENTS: usize = 100;

/// So long whoever looks through the whole ledger leaves it to whoever waits for a list, between two
/// pieces: the lock on a connection goes to whoever asks first, not to who has waited longest.
pub(crate) const BREATH: Duration = Duration::from_micros(300);

/// A shop's log and lists of one environment.
///
/// It has two connections: a list is readable while the writer waits for its turn.
#[derive(Debug)]
pub struct Ledger {
    writer: Mutex<Option<Connection>>,
    reader: Mutex<Option<Connection>>,
    /// The disk has failed under one of them; neither is used again.
    suspect: AtomicBool,
    reopened: AtomicI64,
    /// A desk's stay. A relay has none, and so its file may be replaced.
    stay: Option<Held>,
    /// The file that is open. Another may have taken its name: one that was restored.
    opened: Mutex<Option<FileId>>,
    folder: PathBuf,
    environment: Environment,
    till: TillId,
    /// What entries are sealed with, once the ledger was given its key.
    signet: Mutex<Option<Signet>>,
    pub(crate) reserve: OnceLock<Reserve>,
}

/// Whom the ledger's orders were and will be charged with. Settled for good before its first order,
/// so that nobody can point a real shop at a pretended Midtrans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// Midtrans' own servers.
    Midtrans,
    /// Something on this PC: the simulator.
    Loopback,
}

/// Who opens the ledger, and so what they may change about its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The window or `geraictl`: may make a ledger and migrate an older one.
    Desk,
    /// The relay: may make one, because it may be started first, but never migrates.
    Relay,
}

/// Why the ledger could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The folder cannot be made or reached.
    #[error("the data folder {0} cannot be opened")]
    Folder(PathBuf),
    /// The folder or the file cannot be written.
    #[error("the data folder {0} is read-only")]
    ReadOnly(PathBuf),
    /// No room on the disk. Nothing half-done was kept.
    #[error("the disk of {0} is full")]
    Full(PathBuf),
    /// A newer Gerai wrote it.
    #[error("{0} was written by a newer version of Gerai")]
    Newer(PathBuf),
    /// An older Gerai wrote it and only the desk migrates.
    #[error("{0} was written by an older version of Gerai; open Gerai once to bring it up to date")]
    Older(PathBuf),
    /// It belongs to the other kind of Midtrans.
    #[error("this ledger is bound to {}", if *.0 == Binding::Midtrans { "Midtrans" } else { "a simulator on this PC" })]
    Bound(Binding),
    /// It belongs to another environment.
    #[error("this ledger belongs to {0}")]
    Environment(String),
    /// The disk failed to read, write or flush. Nothing half-done was kept.
    #[error("the disk of {0} failed")]
    Disk(PathBuf),
    /// It is no SQLite file, or a damaged one.
    #[error("{0} is damaged")]
    Damaged(PathBuf),
    /// Another program held the file for too long.
    #[error("the ledger is busy; try again")]
    Busy,
    /// The number drawn for a new sale is taken; draw another.
    #[error("this number is taken")]
    NumberTaken,
    /// A sale with this id was written down before.
    #[error("this order was written down before")]
    AlreadyThere,
    /// No copy of that name.
    #[error("no such copy")]
    NoSuchCopy,
    /// Another desk has the ledger open, so no other can be put in its place.
    #[error("another program has this ledger open")]
    InUse,
    /// No such sale.
    #[error("no such order")]
    NoSuchSale,
    /// This program is linked with an SQLite that is too old.
    #[error("SQLite {0} is too old for two programs on one file")]
    OldSqlite(i32),
    /// Anything else SQLite says.
    #[error("the ledger: {0}")]
    Sqlite(rusqlite::Error),
    /// A row cannot be read.
    #[error("the ledger: a row cannot be read: {0}")]
    Row(String),
}

/// Refuses an SQLite with the WAL race that two processes on one file can hit.
pub fn assert_sqlite() -> Result<(), Trouble> {
    match rusqlite::version_number() {
        old if old < OLDEST_SQLITE => Err(Trouble::OldSqlite(old)),
        _ => Ok(()),
    }
}

impl Ledger {
    /// Opens the ledger of this environment, and makes it if there is none.
    ///
    /// A ledger that is bound refuses another `binding`; one that is not, because a relay that knew
    /// none made it, is bound by whoever names one first. `chance` names the till of a new ledger.
    pub fn open(
        folder: &Folder,
        environment: Environment,
        binding: Option<Binding>,
        door: Door,
        chance: [u8; 4],
    ) -> Result<Self, Trouble> {
        match Self::open_now(folder, environment, binding, door, chance) {
            // Not even the lists can be read on a disk that is full to the brim.
            Err(Trouble::Full(_)) if give_up_ballast(&folder.shop(environment)) => {
                Self::open_now(folder, environment, binding, door, chance)
            }
            opened => opened,
        }
    }

    fn open_now(
        folder: &Folder,
        environment: Environment,
        binding: Option<Binding>,
        door: Door,
        chance: [u8; 4],
    ) -> Result<Self, Trouble> {
        assert_sqlite()?;
        let place = folder.shop(environment);
        make_private(&place).map_err(|error| of_io(&error, &place))?;
        let file = place.join("gerai.db");
        let stay = if door == Door::Desk { Some(gate::stay(&place)?) } else { None };
        let _pass = gate::pass(&place)?;
        if recover::is_unfinished(&place) || !is_there(&file) && recover::had_one(&place) {
            // Nobody but a desk at its start makes a new one where there was one before.
            return Err(Trouble::Damaged(file));
        }
        let trouble = |error| of_sqlite(error, &file);
        let mut writer = connect_to_write(&file).map_err(trouble)?;
        let version: i32 = writer.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(trouble)?;
        match version {
            SCHEMA => {}
            0 => schema::make(&mut writer, environment, TillId::draw(chance)).map_err(trouble)?,
            newer if newer > SCHEMA => return Err(Trouble::Newer(file)),
            // A negative version is nobody's.
            nobodys if nobodys < 0 => return Err(Trouble::Damaged(file)),
            _ if door == Door::Relay => return Err(Trouble::Older(file)),
            older => {
                copies::before_migration(&writer, &place, older)?;
                schema::migrate(&mut writer)?;
            }
        }
        let environment_told = kept::read(&writer, "environment").map_err(trouble)?.unwrap_or_default();
        if environment_told != environment.word() {
            return Err(Trouble::Environment(environment_told));
        }
        if let Some(wanted) = binding {
            match bind(&mut writer, wanted).map_err(trouble)? {
                Some(bound) if bound == wanted => {}
                Some(other) => return Err(Trouble::Bound(other)),
                None => return Err(Trouble::Damaged(file)),
            }
        }
        let till = kept::read(&writer, "till")
            .map_err(trouble)?
            .and_then(|id| id.parse().ok())
            .ok_or_else(|| Trouble::Damaged(file.clone()))?;
        let reader = connect_to_read(&file).map_err(trouble)?;
        Ok(Self {
            writer: Mutex::new(Some(writer)),
            reader: Mutex::new(Some(reader)),
            suspect: AtomicBool::new(false),
            reopened: AtomicI64::new(0),
            stay,
            opened: Mutex::new(FileId::of(&file)),
            folder: place,
            environment,
            till,
            signet: Mutex::default(),
            reserve: OnceLock::new(),
        })
    }

    /// Whether this environment has a ledger.
    pub fn exists(folder: &Folder, environment: Environment) -> bool {
        folder.shop(environment).join("gerai.db").exists()
    }

    /// The environment it belongs to.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// What it is bound to; `None` until a desk has opened it.
    pub fn binding(&self) -> Result<Option<Binding>, Trouble> {
        Ok(self.kept("binding")?.as_deref().and_then(Binding::read))
    }

    /// The till whose orders these are.
    pub fn till(&self) -> TillId {
        self.till
    }

    /// The folder the ledger lies in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A number that changes whenever anybody, in this process or another, has committed something.
    pub fn version(&self) -> Result<i64, Trouble> {
        let version: i64 =
            self.read(|reader| reader.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0)))?;
        // A new connection counts from the beginning.
        Ok(version + (self.reopened.load(Ordering::Acquire) << 32))
    }

    /// Everything that is read together is of one moment, whatever another program writes meanwhile.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Trouble> {
        self.on(&self.reader, |reader| {
            Moment::of(reader).and_then(|moment| read(moment.0)).map_err(|error| of_sqlite(error, &self.file()))
        })
    }

    /// One transaction, taken at once: a read that becomes a write later would fail under a second
    /// process however long it waited.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&Transaction) -> Result<T, Trouble>) -> Result<T, Trouble> {
        let _pass = self.pass()?;
        self.make_way();
        self.on(&self.writer, |writer| {
            let trouble = |error| of_sqlite(error, &self.file());
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(trouble)?;
            let signet = self.signet().clone();
            let found = signet.as_ref().map_or(Ok(0), |_| chain::log_end(&transaction)).map_err(trouble)?;
            let done = change(&transaction)?;
            if let Some(signet) = signet {
                let sealed = chain::seal_if_it_can_be(&transaction, &signet, found, u32::MAX).map_err(trouble)?;
                if sealed == Sealed::NotOurs {
                    *self.signet() = None;
                }
            }
            transaction.commit().map_err(trouble)?;
            Ok(done)
        })
    }

    pub(crate) fn signet(&self) -> MutexGuard<'_, Option<Signet>> {
        lock(&self.signet)
    }

    fn on<T>(
        &self,
        connection: &Mutex<Option<Connection>>,
        work: impl FnOnce(&mut Connection) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        self.reopen_if_need_be()?;
        let mut connection = lock(connection);
        // There is none if the disk has failed again while we waited for our turn.
        let none = || Trouble::Disk(self.folder.clone());
        let done = connection.as_mut().ok_or_else(none).and_then(work);
        if matches!(done, Err(Trouble::Disk(_) | Trouble::Folder(_))) {
            self.suspect.store(true, Ordering::Release);
        }
        if matches!(done, Err(Trouble::Full(_))) {
            // It comes too late for this one; the next finds room.
            give_up_ballast(&self.folder);
        }
        done.map_err(|trouble| trouble.of(&self.file()))
    }

    /// After the disk has failed, what SQLite and the kernel still hold in memory need not be what is
    /// on the disk: after a flush that failed the next one may say that all is well, and the pages are
    /// gone. So both connections are closed, and what they find anew is checked before it is used.
    ///
    /// The same is done when another file has taken the ledger's name: what is written to the old one
    /// would be lost to everybody.
    fn reopen_if_need_be(&self) -> Result<(), Trouble> {
        if !self.has_to_reopen() {
            return Ok(());
        }
        let _pass = self.pass()?;
        let (mut writer, mut reader) = (lock(&self.writer), lock(&self.reader));
        if !self.has_to_reopen() {
            return Ok(());
        }
        (*writer, *reader) = (None, None);
        let file = self.file();
        if !is_there(&file) {
            return Err(Trouble::Damaged(file));
        }
        let reopen = || -> rusqlite::Result<_> {
            let (writer, reader) = (connect_to_write(&file)?, connect_to_read(&file)?);
            Ok((self.is_the_same(&reader)?.then_some(reader), Some(writer)))
        };
        match reopen().map_err(|error| of_sqlite(error, &file))? {
            (None, _) => Err(Trouble::Damaged(file)),
            reopened => {
                (*reader, *writer) = reopened;
                *lock(&self.opened) = FileId::of(&file);
                self.reopened.fetch_add(1, Ordering::AcqRel);
                self.suspect.store(false, Ordering::Release);
                Ok(())
            }
        }
    }

    fn has_to_reopen(&self) -> bool {
        let replaced = || self.stay.is_none() && FileId::of(&self.file()) != *lock(&self.opened);
        self.suspect.load(Ordering::Acquire) || replaced()
    }

    /// Nobody puts another file in the ledger's place before this is dropped.
    fn pass(&self) -> Result<Option<Held>, Trouble> {
        if self.stay.is_some() { Ok(None) } else { gate::pass(&self.folder).map(Some) }
    }

    /// Whether this is a sound ledger, and still ours.
    fn is_the_same(&self, reader: &Connection) -> rusqlite::Result<bool> {
        let version: i32 = reader.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let sound: String = reader.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        let till = if version == SCHEMA { kept::read(reader, "till")? } else { None };
        Ok(sound == "ok" && till.is_some_and(|till| till == self.till.to_string()))
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join("gerai.db")
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        // Whoever closes a file last takes its write-ahead log away, by its name. It must not be that
        // of another file which is just being put in its place.
        let _pass = self.pass();
        (*lock(&self.writer), *lock(&self.reader)) = (None, None);
    }
}

/// A transaction of somebody who only reads. It is begun several times a second, by statements that
/// were prepared once.
struct Moment<'a>(&'a Connection);

impl<'a> Moment<'a> {
    fn of(reader: &'a Connection) -> rusqlite::Result<Self> {
        reader.prepare_cached("BEGIN")?.execute([])?;
        Ok(Self(reader))
    }
}

impl Drop for Moment<'_> {
    fn drop(&mut self) {
        // SQLite itself ends it when it fails badly, and there is nothing to lose.
        if !self.0.is_autocommit() {
            let _ = self.0.prepare_cached("ROLLBACK").and_then(|mut end| end.execute([]));
        }
    }
}

impl Trouble {
    /// The same trouble, with the name of the file that SQLite did not give.
    fn of(self, file: &Path) -> Self {
        let folder = || file.parent().unwrap_or(file).to_owned();
        match self {
            Self::Folder(_) => Self::Folder(folder()),
            Self::ReadOnly(_) => Self::ReadOnly(folder()),
            Self::Full(_) => Self::Full(folder()),
            Self::Disk(_) => Self::Disk(folder()),
            Self::Damaged(_) => Self::Damaged(file.to_owned()),
            other => other,
        }
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        of_sqlite(error, Path::new("gerai.db"))
    }
}

/// Makes the folder for this account only: customers' names and the relay's address lie in it.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

pub(crate) fn lock<T>(connection: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere rolled its transaction back; the connection itself is sound.
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether there is a file with anything in it.
pub(crate) fn is_there(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|data| data.len() > 0)
}

/// Opens the file for the one who writes.
fn connect_to_write(file: &Path) -> rusqlite::Result<Connection> {
    let mut writer = connect(file)?;
    wal::flush(&mut writer, PATIENCE)?;
    Ok(writer)
}

fn connect_to_read(file: &Path) -> rusqlite::Result<Connection> {
    let reader = connect(file)?;
    reader.pragma_update(None, "query_only", true)?;
    Ok(reader)
}

/// Opens the file. Two who make a ledger at once meet where SQLite does not wait for its turn, so we do.
pub(crate) fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let begun = Instant::now();
    loop {
        match connect_now(file) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && begun.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(10));
            }
            done => return done,
        }
    }
}

fn connect_now(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Wrappers and platforms change these defaults, so each is set and what it then is is read.
    let journal = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let synchronous = connection.pragma_query_value(None, "synchronous", |row| row.get::<_, i64>(0))?;
    connection.pragma_update(None, "cell_size_check", true)?;
    let cells_checked = connection.pragma_query_value(None, "cell_size_check", |row| row.get::<_, bool>(0))?;
    let mapped = match connection.pragma_update_and_check(None, "mmap_size", 0, |row| row.get::<_, i64>(0)) {
        // A build without memory mapping answers nothing at all.
        Err(rusqlite::Error::QueryReturnedNoRows) => 0,
        mapped => mapped?,
    };
    let mut right = journal == "wal" && synchronous == 2 && cells_checked && mapped == 0;
    for (what, wanted) in [
        // A query is planned once, and not anew for every value that is bound to it.
        (DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
    ] {
        right &= connection.set_db_config(what, wanted)? == wanted;
    }
    if right { Ok(connection) } else { Err(rusqlite::Error::InvalidQuery) }
}

impl Binding {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Midtrans => "midtrans",
            Self::Loopback => "loopback",
        }
    }

    pub(crate) fn read(word: &str) -> Option<Self> {
        [Self::Midtrans, Self::Loopback].into_iter().find(|binding| binding.word() == word)
    }
}

/// Binds a ledger that is not bound yet, and says what it is bound to; nothing if that is lost.
fn bind(writer: &mut Connection, wanted: Binding) -> rusqlite::Result<Option<Binding>> {
    let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Some(word) = kept::read(&transaction, "binding")? {
        return Ok(Binding::read(&word));
    }
    let orders: bool = transaction.query_row("SELECT EXISTS (SELECT 1 FROM log)", [], |row| row.get(0))?;
    if orders {
        // Somebody has taken the word away. Whose orders these are cannot be guessed.
        return Ok(None);
    }
    kept::write(&transaction, "binding", wanted.word())?;
    transaction.commit()?;
    Ok(Some(wanted))
}

pub(crate) fn of_sqlite(error: rusqlite::Error, file: &Path) -> Trouble {
    let path = || file.parent().unwrap_or(file).to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Trouble::Full(path()),
        // SQLite has no better word for a file beside the ledger that finds no room.
        _ if error.sqlite_error().is_some_and(|it| it.extended_code == ffi::SQLITE_IOERR_SHMSIZE) => {
            Trouble::Full(path())
        }
        Some(ErrorCode::SystemIoFailure) => Trouble::Disk(path()),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Trouble::ReadOnly(path()),
        // Nor for one that may not be made, when the ledger itself could be read.
        Some(ErrorCode::CannotOpen) => match fs::OpenOptions::new().write(true).open(file) {
            Err(error) => of_io(&error, &path()),
            Ok(_) => Trouble::Folder(path()),
        },
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Trouble::Damaged(file.to_owned()),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Trouble::Busy,
        _ => Trouble::Sqlite(error),
    }
}

pub(crate) fn of_io(error: &io::Error, path: &Path) -> Trouble {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Trouble::Full(path.to_owned()),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Trouble::ReadOnly(path.to_owned()),
        _ => Trouble::Folder(path.to_owned()),
    }
}
