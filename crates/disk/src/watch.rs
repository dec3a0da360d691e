use std::{
    collections::BTreeMap,
    ffi::c_int,
    fs, io, mem,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use rusqlite::ffi;

use crate::{
    Call, Counts, Failure, Snapshot,
    chance::Chance,
    seat::{REGION, Seat},
    state::{Entry, Fault, Inode, Open, State, code, shake},
};

/// The folders that are watched. Everything else passes through untouched.
static WATCHED: RwLock<Vec<Arc<Watch>>> = RwLock::new(Vec::new());

/// The disk that this file lies on, if it is on one of ours.
pub(crate) fn watching(path: &Path) -> Option<Arc<Watch>> {
    let watched = WATCHED.read().unwrap_or_else(PoisonError::into_inner);
    watched.iter().rev().find(|watch| path.starts_with(&watch.folder)).cloned()
}

/// What a test wants to be told before each call.
type Listener = Arc<dyn Fn(Call) + Send + Sync>;

/// One folder and what its disk knows of it.
pub(crate) struct Watch {
    pub(crate) folder: PathBuf,
    /// What SQLite writes here stays in memory.
    pub(crate) in_memory: bool,
    state: Mutex<State>,
    listener: RwLock<Option<Listener>>,
}

/// A file that a program has open. After a power cut nobody is left who could use it.
pub(crate) struct Handle {
    watch: Arc<Watch>,
    number: u64,
    /// Its place at a file that is in memory.
    seat: Option<(PathBuf, Seat)>,
}

impl Watch {
    pub(crate) fn begin(folder: PathBuf, in_memory: bool) -> Arc<Self> {
        let watch = Arc::new(Self { folder, in_memory, state: Mutex::default(), listener: RwLock::default() });
        WATCHED.write().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&watch));
        watch
    }

    pub(crate) fn end(self: &Arc<Self>) {
        WATCHED.write().unwrap_or_else(PoisonError::into_inner).retain(|watch| !Arc::ptr_eq(watch, self));
    }

    pub(crate) fn listen(&self, listener: Option<Listener>) {
        *self.listener.write().unwrap_or_else(PoisonError::into_inner) = listener;
    }

    pub(crate) fn fail(&self, nth: u64, calls: &[Call], failure: Failure, stays: bool) {
        self.state().faults.push(Fault { calls: calls.to_vec(), left: nth.max(1), stays, failure });
    }

    pub(crate) fn heal(&self) {
        let mut state = self.state();
        state.faults.clear();
        state.lies = false;
        state.stops_in = None;
    }

    pub(crate) fn lie(&self) {
        self.state().lies = true;
    }

    pub(crate) fn stop_at(&self, nth: u64) {
        self.state().stops_in = Some(nth.max(1));
    }

    pub(crate) fn stopped(&self) -> bool {
        self.state().stopped
    }

    pub(crate) fn counts(&self) -> Counts {
        self.state().counts
    }

    /// Opens a file: `real` does it, `content` reads what it holds.
    pub(crate) fn open(
        self: &Arc<Self>,
        path: &Path,
        syncs_folder: bool,
        real: impl FnOnce() -> c_int,
        content: impl FnOnce() -> Vec<u8>,
    ) -> Result<Handle, c_int> {
        self.told(Call::Open);
        let mut state = self.state();
        state.meets(Call::Open).map_err(|failure| code(Call::Open, failure))?;
        let before = inode(path);
        match real() {
            ffi::SQLITE_OK => {}
            failed => return Err(failed),
        }
        let Some(inode) = inode(path) else { return Err(ffi::SQLITE_CANTOPEN) };
        let file = state.file_at(path, before, inode, content);
        let number = state.number();
        state.open.insert(number, Open { path: path.to_owned(), file, syncs_folder });
        Ok(Handle { watch: Arc::clone(self), number, seat: None })
    }

    /// Opens a file in memory; `makes` one if there is none.
    pub(crate) fn open_in_memory(
        self: &Arc<Self>,
        path: &Path,
        syncs_folder: bool,
        makes: bool,
    ) -> Result<Handle, c_int> {
        self.told(Call::Open);
        let mut state = self.state();
        state.meets(Call::Open).map_err(|failure| code(Call::Open, failure))?;
        let Some(file) = state.file_in_memory(path, makes) else { return Err(ffi::SQLITE_CANTOPEN) };
        let number = state.number();
        state.open.insert(number, Open { path: path.to_owned(), file, syncs_folder });
        let table = state.files.get(&file).map(|file| Arc::clone(&file.table)).unwrap_or_default();
        Ok(Handle { watch: Arc::clone(self), number, seat: Some((path.to_owned(), Seat::at(&table))) })
    }

    /// Whether a file lies there, in memory or else in the folder, and has anything in it.
    pub(crate) fn is_there(&self, path: &Path) -> bool {
        self.state().len_in_memory(path).is_some_and(|len| len > 0)
    }

    /// Deletes a file: `real` does it.
    pub(crate) fn delete(&self, path: &Path, sync_folder: bool, real: impl FnOnce() -> c_int) -> c_int {
        self.told(Call::Delete);
        let mut state = self.state();
        if let Err(failure) = state.meets(Call::Delete) {
            return code(Call::Delete, failure);
        }
        // A connection deletes its journal while it has the database open. Where nobody living has,
        // it is a dead program's connection that is being closed, and what it asks for never happened.
        if !state.open.values().any(|open| is_beside(path, &open.path)) {
            return ffi::SQLITE_IOERR_DELETE;
        }
        let done = match self.in_memory {
            true if state.len_in_memory(path).is_none() => ffi::SQLITE_IOERR_DELETE_NOENT,
            true => ffi::SQLITE_OK,
            false => real(),
        };
        if done == ffi::SQLITE_OK {
            if self.in_memory {
                state.rest.insert(path.to_owned(), None);
            }
            if let Some(entry) = state.entries.get_mut(path) {
                entry.0.push(None);
            }
            if sync_folder {
                state.sync_folder(path);
            }
        }
        done
    }

    /// The power goes and comes back.
    pub(crate) fn power_cut(&self, chance: &mut Chance) -> io::Result<()> {
        let mut state = self.state();
        if self.in_memory {
            state.power_cut_in_memory(chance);
            return Ok(());
        }
        for (path, entry) in &state.entries {
            // Whoever replaced a file without SQLite did something that is no business of ours.
            if inode(path) != entry.current().and_then(|file| state.files.get(&file)).map(|file| file.inode) {
                continue;
            }
            let stands_for = entry.0[chance.below(entry.0.len())];
            let content = stands_for.and_then(|file| state.files.get(&file));
            renew(path, content.map(|file| file.content.after_power_cut(chance)).as_deref())?;
            renew_shared_memory(path, chance)?;
        }
        *state = state.come_back();
        Ok(())
    }

    /// Every program dies; what they wrote stays with the kernel.
    pub(crate) fn restart(&self) -> io::Result<()> {
        let mut state = self.state();
        let State { entries, files, shared_memory, .. } = &mut *state;
        for (path, entry) in entries {
            let Some(file) = entry.current().and_then(|file| files.get_mut(&file)) else { continue };
            if self.in_memory {
                file.table = Arc::default();
                shake(shared_memory, path, &mut Chance::seeded(0));
            } else if inode(path) == Some(file.inode) {
                // A file of another number: the dead still have the old one open, and locks on it.
                renew(path, Some(file.content.current()))?;
                file.inode = inode(path).ok_or(io::ErrorKind::NotFound)?;
                renew_shared_memory(path, &mut Chance::seeded(0))?;
            }
        }
        let mut back = state.come_back();
        mem::swap(&mut back.entries, &mut state.entries);
        mem::swap(&mut back.files, &mut state.files);
        back.forget_unreachable();
        *state = back;
        Ok(())
    }

    pub(crate) fn snapshot(&self) -> io::Result<Snapshot> {
        let state = self.state();
        let mut files = BTreeMap::new();
        for path in files_below(&self.folder)? {
            let known = state.entries.get(&path).and_then(Entry::current).and_then(|file| state.files.get(&file));
            // Not read through a descriptor of ours: closing that would drop SQLite's locks on the file.
            let bytes = match known.filter(|file| inode(&path) == Some(file.inode)) {
                _ if self.in_memory && state.knows(&path) => continue,
                Some(file) => file.content.current().to_vec(),
                None if is_shared_memory(&path) => continue,
                None => fs::read(&path)?,
            };
            files.insert(path.strip_prefix(&self.folder).unwrap_or(&path).to_owned(), bytes.into());
        }
        if self.in_memory {
            for path in state.entries.keys().chain(state.rest.keys()) {
                let name = path.strip_prefix(&self.folder).unwrap_or(path).to_owned();
                files.extend(state.read_in_memory(path).map(|bytes| (name, bytes.into())));
            }
        }
        Ok(Snapshot(files))
    }

    pub(crate) fn restore(&self, snapshot: &Snapshot) -> io::Result<()> {
        let mut state = self.state();
        for path in files_below(&self.folder)? {
            fs::remove_file(path)?;
        }
        snapshot.write_to(&self.folder)?;
        *state = state.come_back();
        state.rest.clear();
        state.shared_memory.clear();
        Ok(())
    }

    fn told(&self, call: Call) {
        let listener = self.listener.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(listener) = listener {
            listener(call);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handle {
    /// Whether a living program holds it.
    pub(crate) fn lives(&self) -> bool {
        let state = self.watch.state();
        !state.stopped && state.open.contains_key(&self.number)
    }

    /// Its place at a file that is in memory.
    pub(crate) fn seat(&self) -> Option<&Seat> {
        self.seat.as_ref().map(|(_, seat)| seat)
    }

    /// Reads from a file in memory, and fills up with zeros what lies behind its end.
    pub(crate) fn read(&self, at: i64, into: &mut [u8]) -> c_int {
        self.watch.told(Call::Read);
        let mut state = self.watch.state();
        if let Err(failure) = self.meets(&mut state, Call::Read) {
            return code(Call::Read, failure);
        }
        let Some(content) = state.content(self.number) else { return ffi::SQLITE_IOERR_READ };
        let there = content.current().get(at as usize..).unwrap_or_default();
        let there = &there[..there.len().min(into.len())];
        let (read, behind) = into.split_at_mut(there.len());
        read.copy_from_slice(there);
        behind.fill(0);
        if behind.is_empty() { ffi::SQLITE_OK } else { ffi::SQLITE_IOERR_SHORT_READ }
    }

    /// How long a file in memory is, for somebody who lives.
    pub(crate) fn len(&self) -> Option<usize> {
        let mut state = self.watch.state();
        let lives = !state.stopped;
        state.content(self.number).filter(|_| lives).map(|content| content.current().len())
    }

    /// The nth piece of the memory that programs share beside a file in memory, which may be made
    /// if there is none `and` it is allowed.
    pub(crate) fn map(&self, nth: usize, may: bool) -> Option<*mut [u64; REGION / 8]> {
        let (path, seat) = self.seat.as_ref()?;
        let first = seat.open_memory();
        let region = seat.region(nth, may);
        let mut state = self.watch.state();
        if first {
            // SQLite's own file system empties it, but for these.
            state.shared_memory.insert(path.clone(), 3);
        }
        if region.is_some()
            && let Some(len) = state.shared_memory.get_mut(path)
        {
            *len = (*len).max((nth + 1) * REGION);
        }
        region
    }

    /// Closes the memory that programs share, and takes it away with the last of them.
    pub(crate) fn unmap(&self, delete: bool) {
        let Some((path, seat)) = &self.seat else { return };
        if seat.close_memory() && delete && self.lives() {
            self.watch.state().shared_memory.remove(path);
        }
    }

    /// Tells a listener of a call that never fails.
    pub(crate) fn tells(&self, call: Call) {
        self.watch.told(call);
    }

    /// Whether a call that changes nothing on the disk may go on.
    pub(crate) fn may(&self, call: Call) -> Result<(), c_int> {
        self.watch.told(call);
        let mut state = self.watch.state();
        self.meets(&mut state, call).map_err(|failure| code(call, failure))
    }

    pub(crate) fn write(&self, at: i64, bytes: &[u8], real: impl FnOnce(&[u8]) -> c_int) -> c_int {
        self.watch.told(Call::Write);
        let mut state = self.watch.state();
        let (bytes, then) = match self.meets(&mut state, Call::Write) {
            Ok(()) => (bytes, ffi::SQLITE_OK),
            Err(Some(Failure::ShortWrite)) => (&bytes[..bytes.len() / 2], code(Call::Write, Some(Failure::ShortWrite))),
            Err(failure) => return code(Call::Write, failure),
        };
        match real(bytes) {
            ffi::SQLITE_OK => {}
            failed => return failed,
        }
        if let Some(content) = state.content(self.number) {
            content.write(at as usize, bytes);
        }
        then
    }

    pub(crate) fn truncate(&self, len: i64, real: impl FnOnce() -> c_int) -> c_int {
        self.watch.told(Call::Truncate);
        let mut state = self.watch.state();
        if let Err(failure) = self.meets(&mut state, Call::Truncate) {
            return code(Call::Truncate, failure);
        }
        let done = real();
        if let Some(content) = state.content(self.number).filter(|_| done == ffi::SQLITE_OK) {
            content.truncate(len as usize);
        }
        done
    }

    /// The platter has it. No real flush: nobody cuts this machine's own power.
    pub(crate) fn sync(&self) -> c_int {
        self.watch.told(Call::Sync);
        let mut state = self.watch.state();
        match self.meets(&mut state, Call::Sync) {
            Ok(()) if state.lies => return ffi::SQLITE_OK,
            Ok(()) => {}
            Err(failure) => {
                if let Some(content) = state.content(self.number).filter(|_| failure.is_some()) {
                    content.forsake();
                }
                return code(Call::Sync, failure);
            }
        }
        if let Some(content) = state.content(self.number) {
            content.sync();
        }
        let first = state.open.get_mut(&self.number).filter(|open| open.syncs_folder);
        if let Some(path) = first.map(|open| {
            open.syncs_folder = false;
            open.path.clone()
        }) {
            state.sync_folder(&path);
        }
        ffi::SQLITE_OK
    }

    /// What a call meets: nothing, a failure that a test has ordered, or that its program is dead.
    fn meets(&self, state: &mut State, call: Call) -> Result<(), Option<Failure>> {
        if !state.open.contains_key(&self.number) {
            return Err(None);
        }
        state.meets(call)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut state = self.watch.state();
        state.open.remove(&self.number);
        state.forget_unreachable();
    }
}

/// Puts a new file in its place, or none. The old one lives on, nameless, for whoever has it open.
fn renew(path: &Path, content: Option<&[u8]>) -> io::Result<()> {
    let rights = fs::metadata(path).map(|old| old.permissions());
    if rights.is_ok() {
        fs::remove_file(path)?;
    }
    if let Some(content) = content {
        fs::write(path, content)?;
        if let Ok(rights) = rights {
            fs::set_permissions(path, rights)?;
        }
    }
    Ok(())
}

/// The index beside a database is nothing that a disk keeps: after a power cut it is gone, or old,
/// or anything at all.
fn renew_shared_memory(database: &Path, chance: &mut Chance) -> io::Result<()> {
    let mut path = database.as_os_str().to_owned();
    path.push("-shm");
    let path = Path::new(&path);
    if !path.exists() {
        return Ok(());
    }
    let mut bytes = fs::read(path)?;
    match chance.below(4) {
        0 => return fs::remove_file(path),
        1 => bytes.fill(0),
        2 => bytes.iter_mut().for_each(|byte| *byte = chance.number() as u8),
        _ => {}
    }
    renew(path, Some(&bytes))
}

fn is_shared_memory(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().ends_with(b"-shm")
}

/// Whether it is this database or a file that belongs to it.
fn is_beside(path: &Path, database: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().starts_with(database.as_os_str().as_encoded_bytes())
}

fn inode(path: &Path) -> Option<Inode> {
    fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => files.extend(files_below(&entry.path())?),
            false => files.push(entry.path()),
        }
    }
    Ok(files)
}
