use std::{
    cell::UnsafeCell,
    ffi::c_int,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::ffi;

/// What the connections on one file in memory have in common: its locks, and the memory beside it.
/// SQLite's own file system keeps the same for one program, and here everything is one program.
#[derive(Default)]
pub(crate) struct Table(Mutex<Common>);

#[derive(Default)]
struct Common {
    /// The highest lock anybody has, and how many have one.
    level: c_int,
    readers: usize,
    memory: Vec<Box<Region>>,
    /// So many have the memory open.
    mapped: usize,
    /// How many share each lock on the memory; -1 where one has it alone.
    locks: [i32; ffi::SQLITE_SHM_NLOCK as usize],
}

/// A piece of the memory that is shared. It stays where it is for as long as anybody has it open.
type Region = UnsafeCell<[u64; REGION / size_of::<u64>()]>;

/// SQLite asks for pieces of this size.
pub(crate) const REGION: usize = 32 * 1024;

/// One connection's place at it. What it still holds when it goes is let go.
pub(crate) struct Seat {
    table: Arc<Table>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    level: c_int,
    mapped: bool,
    shared: u32,
    alone: u32,
}

impl Seat {
    pub(crate) fn at(table: &Arc<Table>) -> Self {
        Self { table: Arc::clone(table), held: Mutex::default() }
    }

    /// As `unixLock` does it among connections of one program.
    pub(crate) fn lock(&self, wanted: c_int) -> c_int {
        let (mut held, mut common) = (self.held(), self.common());
        if held.level >= wanted {
            return ffi::SQLITE_OK;
        }
        let above_shared = common.level >= ffi::SQLITE_LOCK_PENDING || wanted > ffi::SQLITE_LOCK_SHARED;
        if held.level != common.level && above_shared {
            return ffi::SQLITE_BUSY;
        }
        if wanted == ffi::SQLITE_LOCK_SHARED {
            common.readers += 1;
            common.level = common.level.max(wanted);
            held.level = wanted;
            return ffi::SQLITE_OK;
        }
        if wanted == ffi::SQLITE_LOCK_EXCLUSIVE && common.readers > 1 {
            if held.level == ffi::SQLITE_LOCK_RESERVED {
                // From now on nobody new may read, and those who do will end.
                (held.level, common.level) = (ffi::SQLITE_LOCK_PENDING, ffi::SQLITE_LOCK_PENDING);
            }
            return ffi::SQLITE_BUSY;
        }
        (held.level, common.level) = (wanted, wanted);
        ffi::SQLITE_OK
    }

    pub(crate) fn unlock(&self, wanted: c_int) {
        let (mut held, mut common) = (self.held(), self.common());
        if held.level <= wanted {
            return;
        }
        if held.level > ffi::SQLITE_LOCK_SHARED {
            common.level = ffi::SQLITE_LOCK_SHARED;
        }
        if wanted == ffi::SQLITE_LOCK_NONE {
            common.readers -= 1;
            if common.readers == 0 {
                common.level = ffi::SQLITE_LOCK_NONE;
            }
        }
        held.level = wanted;
    }

    /// Whether anybody is about to write.
    pub(crate) fn is_reserved(&self) -> bool {
        self.common().level > ffi::SQLITE_LOCK_SHARED
    }

    /// Opens the memory, unless it is open; says whether this is the first who does.
    pub(crate) fn open_memory(&self) -> bool {
        let (mut held, mut common) = (self.held(), self.common());
        if held.mapped {
            return false;
        }
        held.mapped = true;
        common.mapped += 1;
        common.mapped == 1
    }

    /// The nth piece of the memory; nothing if there are not so many and no more `may` be made.
    pub(crate) fn region(&self, nth: usize, may: bool) -> Option<*mut [u64; REGION / size_of::<u64>()]> {
        let mut common = self.common();
        while may && common.memory.len() <= nth {
            common.memory.push(Box::new(UnsafeCell::new([0; REGION / size_of::<u64>()])));
        }
        common.memory.get(nth).map(|region| region.get())
    }

    /// Closes the memory, and says whether this was the last who had it open.
    pub(crate) fn close_memory(&self) -> bool {
        let (mut held, mut common) = (self.held(), self.common());
        if !held.mapped {
            return false;
        }
        held.mapped = false;
        common.mapped -= 1;
        if common.mapped == 0 {
            common.memory.clear();
        }
        common.mapped == 0
    }

    /// As `unixShmLock` does it among connections of one program.
    pub(crate) fn lock_memory(&self, first: usize, count: usize, flags: c_int) -> c_int {
        let (mut held, mut common) = (self.held(), self.common());
        let mask = (1 << (first + count)) - (1 << first);
        let locks = &mut common.locks[first..first + count];
        if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
            if (held.shared | held.alone) & mask == 0 {
                return ffi::SQLITE_OK;
            }
            match flags & ffi::SQLITE_SHM_SHARED != 0 && locks[0] > 1 {
                true => locks[0] -= 1,
                false => locks.fill(0),
            }
            held.shared &= !mask;
            held.alone &= !mask;
        } else if flags & ffi::SQLITE_SHM_SHARED != 0 {
            if held.shared & mask != 0 {
                return ffi::SQLITE_OK;
            }
            if locks[0] < 0 {
                return ffi::SQLITE_BUSY;
            }
            locks[0] += 1;
            held.shared |= mask;
        } else {
            if locks.iter().any(|lock| *lock != 0) {
                return ffi::SQLITE_BUSY;
            }
            locks.fill(-1);
            held.alone |= mask;
        }
        ffi::SQLITE_OK
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn common(&self) -> MutexGuard<'_, Common> {
        self.table.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.unlock(ffi::SQLITE_LOCK_NONE);
        self.close_memory();
    }
}
