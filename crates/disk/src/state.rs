use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::c_int,
    fs, mem,
    path::{Path, PathBuf},
    sync::Arc,
};

use rusqlite::ffi;

use crate::{CHANGES, Call, Counts, Failure, chance::Chance, content::Content, seat::Table};

/// What the disk of one folder knows of its files and of whoever has them open.
#[derive(Default)]
pub(crate) struct State {
    /// What lies in the folder, as far as SQLite has had it open.
    pub(crate) entries: BTreeMap<PathBuf, Entry>,
    pub(crate) files: BTreeMap<u64, File>,
    /// The files that living programs have open.
    pub(crate) open: BTreeMap<u64, Open>,
    /// In memory: what else lies there, or no longer does whatever the folder has.
    pub(crate) rest: BTreeMap<PathBuf, Option<Vec<u8>>>,
    /// In memory: how long the file beside a database would be that programs share.
    pub(crate) shared_memory: BTreeMap<PathBuf, usize>,
    pub(crate) next: u64,
    pub(crate) counts: Counts,
    pub(crate) faults: Vec<Fault>,
    /// So many more changes and the machine stops.
    pub(crate) stops_in: Option<u64>,
    pub(crate) stopped: bool,
    pub(crate) lies: bool,
}

/// What a name in the folder stands for; the first is on the platter, the last is what programs see.
pub(crate) struct Entry(pub(crate) Vec<Option<u64>>);

pub(crate) struct File {
    pub(crate) content: Content,
    /// Not for a file in memory.
    pub(crate) inode: Inode,
    pub(crate) table: Arc<Table>,
}

pub(crate) struct Open {
    pub(crate) path: PathBuf,
    pub(crate) file: u64,
    /// Its first sync also writes the folder, as SQLite does for a journal that it has made.
    pub(crate) syncs_folder: bool,
}

pub(crate) struct Fault {
    pub(crate) calls: Vec<Call>,
    pub(crate) left: u64,
    pub(crate) stays: bool,
    pub(crate) failure: Failure,
}

pub(crate) type Inode = (u64, u64);

impl State {
    /// The machine starts anew: nobody has anything open, nothing fails, and what lies in the folder
    /// is looked at again. A disk that lies goes on lying.
    pub(crate) fn come_back(&mut self) -> Self {
        Self {
            counts: self.counts,
            next: self.next,
            lies: self.lies,
            rest: mem::take(&mut self.rest),
            shared_memory: mem::take(&mut self.shared_memory),
            ..Self::default()
        }
    }

    pub(crate) fn meets(&mut self, call: Call) -> Result<(), Option<Failure>> {
        if self.stopped {
            return Err(None);
        }
        self.counts.count(call);
        if let Some(left) = self.stops_in.as_mut().filter(|_| CHANGES.contains(&call)) {
            *left -= 1;
            if *left == 0 {
                self.stopped = true;
                return Err(None);
            }
        }
        let mut failure = None;
        for fault in self.faults.iter_mut().filter(|fault| fault.left > 0 && fault.calls.contains(&call)) {
            if fault.left > 1 {
                fault.left -= 1;
                continue;
            }
            fault.left = u64::from(fault.stays);
            failure = Some(fault.failure);
        }
        match failure {
            Some(failure) => Err(Some(failure)),
            None => Ok(()),
        }
    }

    /// The file of this name, which was found, made or replaced from outside.
    pub(crate) fn file_at(
        &mut self,
        path: &Path,
        before: Option<Inode>,
        inode: Inode,
        content: impl FnOnce() -> Vec<u8>,
    ) -> u64 {
        let known = self.entries.get(path).and_then(Entry::current);
        if let Some(known) = known.filter(|known| self.files.get(known).is_some_and(|file| file.inode == inode)) {
            return known;
        }
        let number = self.number();
        let found = before == Some(inode);
        let content = if found { Content::durable(content()) } else { Content::default() };
        self.files.insert(number, File { content, inode, table: Arc::default() });
        self.enter(path, number, found);
        number
    }

    /// The file of this name in memory, which was found there or in the folder, or is made.
    pub(crate) fn file_in_memory(&mut self, path: &Path, makes: bool) -> Option<u64> {
        let known = self.entries.get(path).and_then(Entry::current);
        if known.is_some() {
            return known;
        }
        let content = self.read_in_memory(path);
        let found = content.is_some();
        if !found && !makes {
            return None;
        }
        let number = self.number();
        let content = content.map(Content::durable).unwrap_or_default();
        self.files.insert(number, File { content, inode: (0, 0), table: Arc::default() });
        self.enter(path, number, found);
        Some(number)
    }

    pub(crate) fn enter(&mut self, path: &Path, number: u64, found: bool) {
        // What was done from outside, without SQLite, counts as done for good.
        let entry = match self.entries.remove(path) {
            Some(entry) if !found && entry.current().is_none() => [entry.0, vec![Some(number)]].concat(),
            _ if found => vec![Some(number)],
            _ => vec![None, Some(number)],
        };
        self.entries.insert(path.to_owned(), Entry(entry));
    }

    /// Whether memory has the last word about what lies there.
    pub(crate) fn knows(&self, path: &Path) -> bool {
        self.entries.contains_key(path) || self.rest.contains_key(path)
    }

    /// How long it is, if it is there. What the folder has is looked at once.
    pub(crate) fn len_in_memory(&mut self, path: &Path) -> Option<usize> {
        if let Some(entry) = self.entries.get(path) {
            return entry.current().and_then(|file| self.files.get(&file)).map(|file| file.content.current().len());
        }
        self.rest.entry(path.to_owned()).or_insert_with(|| fs::read(path).ok()).as_ref().map(Vec::len)
    }

    /// What lies there, in memory or else in the folder.
    pub(crate) fn read_in_memory(&self, path: &Path) -> Option<Vec<u8>> {
        if let Some(entry) = self.entries.get(path) {
            return entry.current().and_then(|file| self.files.get(&file)).map(|file| file.content.current().to_vec());
        }
        self.rest.get(path).cloned().unwrap_or_else(|| fs::read(path).ok())
    }

    pub(crate) fn power_cut_in_memory(&mut self, chance: &mut Chance) {
        for (path, entry) in &self.entries {
            let stands_for = entry.0[chance.below(entry.0.len())];
            let content = stands_for.and_then(|file| self.files.get(&file));
            self.rest.insert(path.clone(), content.map(|file| file.content.after_power_cut(chance)));
            shake(&mut self.shared_memory, path, chance);
        }
        *self = self.come_back();
    }

    /// What was made and deleted in the folder of this file is on the platter from now on.
    pub(crate) fn sync_folder(&mut self, path: &Path) {
        if self.lies {
            return;
        }
        for (_, entry) in self.entries.iter_mut().filter(|(other, _)| other.parent() == path.parent()) {
            entry.0 = vec![entry.current()];
        }
        self.forget_unreachable();
    }

    pub(crate) fn content(&mut self, handle: u64) -> Option<&mut Content> {
        let file = self.open.get(&handle)?.file;
        self.files.get_mut(&file).map(|file| &mut file.content)
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(crate) fn forget_unreachable(&mut self) {
        self.entries.retain(|_, entry| entry.0 != [None]);
        let named = self.entries.values().flat_map(|entry| entry.0.iter().flatten());
        let reachable: BTreeSet<u64> = named.copied().chain(self.open.values().map(|open| open.file)).collect();
        self.files.retain(|file, _| reachable.contains(file));
    }
}

impl Entry {
    pub(crate) fn current(&self) -> Option<u64> {
        self.0.last().copied().flatten()
    }
}

/// What SQLite's own file system would say.
pub(crate) fn code(call: Call, failure: Option<Failure>) -> c_int {
    match (call, failure) {
        (Call::Open, _) => ffi::SQLITE_CANTOPEN,
        (Call::Read, _) => ffi::SQLITE_IOERR_READ,
        (Call::Write, Some(Failure::Enospc | Failure::ShortWrite)) => ffi::SQLITE_FULL,
        (Call::Write, _) => ffi::SQLITE_IOERR_WRITE,
        (Call::Truncate, _) => ffi::SQLITE_IOERR_TRUNCATE,
        (Call::Sync, _) => ffi::SQLITE_IOERR_FSYNC,
        (Call::Delete, _) => ffi::SQLITE_IOERR_DELETE,
        (Call::Map, Some(Failure::Enospc)) => ffi::SQLITE_IOERR_SHMSIZE,
        (Call::Map, _) => ffi::SQLITE_IOERR_SHMMAP,
        (Call::Lock, _) => ffi::SQLITE_IOERR_LOCK,
    }
}

/// The same for a file in memory. What is in it does not matter, for the first who opens it empties it.
pub(crate) fn shake(shared_memory: &mut BTreeMap<PathBuf, usize>, database: &Path, chance: &mut Chance) {
    let Some(len) = shared_memory.get(database).copied() else { return };
    match chance.below(4) {
        0 => drop(shared_memory.remove(database)),
        // As much chance is spent as on a real one, so that the same seed makes the same disk.
        2 => (0..len).for_each(|_| _ = chance.number()),
        _ => {}
    }
}
