//! SQLite's own file system with a [`Watch`] between. Here, and only here, C is spoken.
//!
//! SQLite keeps what it promises in `sqlite3.h`, and every SAFETY comment below rests on that: it
//! calls a file's methods only from a successful `xOpen` until `xClose`, with that file's memory,
//! which is `szOsFile` bytes long and aligned for anything, and with buffers as long as it says.

#![allow(unsafe_code, reason = "SQLite takes a file system as a table of C functions and in no other way")]

use std::{
    ffi::{CStr, OsStr, c_char, c_int, c_void},
    os::unix::ffi::OsStrExt,
    path::Path,
    ptr, slice,
    sync::{
        Once,
        atomic::{AtomicPtr, Ordering, fence},
    },
};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs};

use crate::{
    Call,
    seat::REGION,
    watch::{Handle, watching},
};

/// The file system that was SQLite's default before ours. It lives as long as the process.
static REAL: AtomicPtr<sqlite3_vfs> = AtomicPtr::new(ptr::null_mut());

/// A file on a watched folder, as it lies in SQLite's memory. The real file lies right behind it.
#[repr(C)]
struct File {
    base: sqlite3_file,
    handle: *mut Handle,
}

const _: () = assert!(size_of::<File>().is_multiple_of(8), "the real file behind it must be aligned");

/// Puts ours in the place of SQLite's default file system, once for the process.
pub(crate) fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: all may be called at any time; the answer is null or valid for good.
        let real = unsafe {
            // Nobody asks a test how much memory SQLite has, and to count that takes a lock for each
            // piece. Where SQLite has begun already it says no, and nothing is lost.
            ffi::sqlite3_config(ffi::SQLITE_CONFIG_MEMSTATUS, 0 as c_int);
            ffi::sqlite3_initialize();
            ffi::sqlite3_vfs_find(ptr::null())
        };
        assert!(!real.is_null(), "SQLite has a file system");
        REAL.store(real, Ordering::Release);
        // SAFETY: not null, so valid; nobody changes a registered one but SQLite, and only `pNext`.
        let real = unsafe { *real };
        // What is not named here stays the real function. It gets our table and not its own, and so
        // the copy has all that it may look for there: `pAppData` and `mxPathname`.
        let ours = sqlite3_vfs {
            szOsFile: real.szOsFile + size_of::<File>() as c_int,
            pNext: ptr::null_mut(),
            zName: c"disk".as_ptr(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            ..real
        };
        // SAFETY: the table is leaked, so it lives as long as SQLite may use it.
        let done = unsafe { ffi::sqlite3_vfs_register(Box::into_raw(Box::new(ours)), 1) };
        assert_eq!(done, ffi::SQLITE_OK, "SQLite takes a second file system");
    });
}

/// The path that SQLite means; none for a temporary file.
///
/// # Safety
/// `name` is null or a C string that outlives the answer.
unsafe fn path<'a>(name: *const c_char) -> Option<&'a Path> {
    // SAFETY: as above.
    let name = (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) })?;
    Some(Path::new(OsStr::from_bytes(name.to_bytes())))
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    let vfs = REAL.load(Ordering::Acquire);
    let real_open = |file| {
        // SAFETY: `register` has stored a valid table; the arguments are SQLite's own, and `file` is
        // at least the real file system's `szOsFile` bytes long.
        unsafe { (*vfs).xOpen.map_or(ffi::SQLITE_CANTOPEN, |open| open(vfs, name, file, flags, flags_out)) }
    };
    // SAFETY: SQLite gives null or a C string that lives until the file is closed.
    let Some((path, watch)) = unsafe { path(name) }.and_then(|path| Some((path, watching(path)?))) else {
        // Not ours: it becomes a file of the real file system, and we never hear of it again.
        return real_open(file);
    };
    // SQLite writes the folder at a journal's first sync; ours has to know of it to do the same.
    let journal = ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL | ffi::SQLITE_OPEN_WAL;
    let syncs_folder = flags & ffi::SQLITE_OPEN_CREATE != 0 && flags & journal != 0;
    if watch.in_memory {
        let opened = watch.open_in_memory(path, syncs_folder, flags & ffi::SQLITE_OPEN_CREATE != 0);
        let (methods, handle, done) = match opened {
            Ok(handle) => (&raw const IN_MEMORY, Box::into_raw(Box::new(handle)), ffi::SQLITE_OK),
            Err(failed) => (ptr::null(), ptr::null_mut(), failed),
        };
        // SAFETY: the memory is ours; `close_in_memory` takes the box back, once. Whoever wants to know
        // with which rights the file was opened has made a place for them.
        unsafe {
            (*file.cast::<File>()).handle = handle;
            (*file).pMethods = methods;
            flags_out.as_mut().into_iter().for_each(|out| *out = flags);
        }
        return done;
    }
    // SAFETY: the memory has room for ours and, behind it, the real one; nobody else has it yet.
    let real = unsafe {
        (*file).pMethods = ptr::null();
        let real = file.byte_add(size_of::<File>());
        (*real).pMethods = ptr::null();
        real
    };
    // SAFETY: the real file has just been opened when this is asked.
    let content = || unsafe { read_whole(real) };
    match watch.open(path, syncs_folder, || real_open(real), content) {
        Ok(handle) => {
            // SAFETY: the memory is ours; `close` takes the box back, once.
            unsafe {
                (*file.cast::<File>()).handle = Box::into_raw(Box::new(handle));
                (*file).pMethods = &METHODS;
            }
            ffi::SQLITE_OK
        }
        Err(failed) => {
            // SAFETY: with methods it is open, and nobody but us knows of it.
            unsafe { (*real).pMethods.as_ref().and_then(|methods| methods.xClose).map(|close| close(real)) };
            failed
        }
    }
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    let vfs = REAL.load(Ordering::Acquire);
    let real_delete = |sync_folder| {
        // SAFETY: `register` has stored a valid table, and the name is SQLite's own.
        unsafe { (*vfs).xDelete.map_or(ffi::SQLITE_IOERR_DELETE, |delete| delete(vfs, name, sync_folder)) }
    };
    // SAFETY: SQLite gives a C string.
    match unsafe { path(name) }.and_then(|path| Some((path, watching(path)?))) {
        Some((path, watch)) => watch.delete(path, sync_folder != 0, || real_delete(0)),
        None => real_delete(sync_folder),
    }
}

unsafe extern "C" fn access(_: *mut sqlite3_vfs, name: *const c_char, what: c_int, is: *mut c_int) -> c_int {
    // SAFETY: SQLite gives a C string.
    let ours = unsafe { path(name) }.and_then(|path| Some((path, watching(path).filter(|watch| watch.in_memory)?)));
    match ours {
        Some((path, watch)) => {
            // SAFETY: the place for the answer is SQLite's own.
            unsafe { *is = c_int::from(watch.is_there(path)) };
            ffi::SQLITE_OK
        }
        None => {
            let vfs = REAL.load(Ordering::Acquire);
            // SAFETY: `register` has stored a valid table; the arguments are SQLite's own.
            unsafe { (*vfs).xAccess.map_or(ffi::SQLITE_IOERR_ACCESS, |access| access(vfs, name, what, is)) }
        }
    }
}

unsafe extern "C" fn full_pathname(_: *mut sqlite3_vfs, name: *const c_char, len: c_int, to: *mut c_char) -> c_int {
    // SAFETY: SQLite gives a C string.
    let ours = unsafe { path(name) }.filter(|path| watching(path).is_some_and(|watch| watch.in_memory));
    match ours.map(|path| path.as_os_str().as_bytes()).filter(|path| path.len() < len as usize) {
        // The folder's own path has no links in it, and what is in memory has none either.
        Some(path) => {
            // SAFETY: there is room for so many bytes, and for the zero behind them.
            unsafe { ptr::copy_nonoverlapping(name, to, path.len() + 1) };
            ffi::SQLITE_OK
        }
        None => {
            let vfs = REAL.load(Ordering::Acquire);
            // SAFETY: `register` has stored a valid table; the arguments are SQLite's own.
            unsafe { (*vfs).xFullPathname.map_or(ffi::SQLITE_CANTOPEN, |full| full(vfs, name, len, to)) }
        }
    }
}

/// Everything in a real file.
///
/// # Safety
/// It is open.
unsafe fn read_whole(real: *mut sqlite3_file) -> Vec<u8> {
    let mut len = 0;
    // SAFETY: an open file has its methods.
    let methods = unsafe { &*(*real).pMethods };
    let Some((size, read)) = methods.xFileSize.zip(methods.xRead) else { return Vec::new() };
    // SAFETY: it is open, and the number is ours.
    if unsafe { size(real, &mut len) } != ffi::SQLITE_OK {
        return Vec::new();
    }
    let mut bytes = vec![0; len as usize];
    for (n, part) in bytes.chunks_mut(1 << 20).enumerate() {
        // SAFETY: it is open, and the buffer is as long as we say.
        unsafe { read(real, part.as_mut_ptr().cast(), part.len() as c_int, (n << 20) as sqlite3_int64) };
    }
    bytes
}

/// Ours and the real one of a file that SQLite has open with us.
struct Parts<'a> {
    handle: &'a Handle,
    real: *mut sqlite3_file,
    methods: &'a sqlite3_io_methods,
}

/// # Safety
/// `open` has opened this file, it is not closed, and it is not closed while the answer is used.
unsafe fn parts<'a>(file: *mut sqlite3_file) -> Parts<'a> {
    // SAFETY: `open` has filled in both, and made room for both in one piece of memory.
    unsafe {
        let real = file.byte_add(size_of::<File>());
        Parts { handle: &*(*file.cast::<File>()).handle, real, methods: &*(*real).pMethods }
    }
}

/// # Safety
/// `open` has opened this file, it is not closed, and it is not closed while the answer is used.
unsafe fn handle<'a>(file: *mut sqlite3_file) -> &'a Handle {
    // SAFETY: `open` has filled it in.
    unsafe { &*(*file.cast::<File>()).handle }
}

/// The real file's answer to the same question.
macro_rules! real {
    ($parts:expr, $method:ident $(, $argument:expr)*) => {{
        let parts: &Parts = &$parts;
        match parts.methods.$method {
            // SAFETY: the real file is open, and the arguments are those SQLite gave us for it.
            Some(method) => unsafe { method(parts.real $(, $argument)*) },
            None => ffi::SQLITE_IOERR,
        }
    }};
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 3,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: Some(fetch),
    xUnfetch: Some(unfetch),
};

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the file is open, and closed by nobody but us.
    let done = real!(unsafe { parts(file) }, xClose);
    // SAFETY: the box is the one that `open` made; the file is closed, so nobody asks for it again.
    drop(unsafe { Box::from_raw((*file.cast::<File>()).handle) });
    done
}

unsafe extern "C" fn read(file: *mut sqlite3_file, to: *mut c_void, len: c_int, at: sqlite3_int64) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    let parts = unsafe { parts(file) };
    match parts.handle.may(Call::Read) {
        Ok(()) => real!(parts, xRead, to, len, at),
        Err(failed) => failed,
    }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, len: c_int, at: sqlite3_int64) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    let parts = unsafe { parts(file) };
    // SAFETY: the buffer is as long as SQLite says, and nobody writes to it during the call.
    let bytes = unsafe { slice::from_raw_parts(from.cast::<u8>(), len as usize) };
    parts.handle.write(at, bytes, |bytes| real!(parts, xWrite, bytes.as_ptr().cast(), bytes.len() as c_int, at))
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, len: sqlite3_int64) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    let parts = unsafe { parts(file) };
    parts.handle.truncate(len, || real!(parts, xTruncate, len))
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _: c_int) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    unsafe { handle(file) }.sync()
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, len: *mut sqlite3_int64) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    let parts = unsafe { parts(file) };
    if parts.handle.lives() { real!(parts, xFileSize, len) } else { ffi::SQLITE_IOERR_FSTAT }
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    let parts = unsafe { parts(file) };
    match parts.handle.may(Call::Lock) {
        Ok(()) => real!(parts, xLock, level),
        Err(failed) => failed,
    }
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // Also for the dead: their locks died with them.
    // SAFETY: SQLite asks for a file that is open.
    real!(unsafe { parts(file) }, xUnlock, level)
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, is: *mut c_int) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    let parts = unsafe { parts(file) };
    if parts.handle.lives() { real!(parts, xCheckReservedLock, is) } else { ffi::SQLITE_IOERR_CHECKRESERVEDLOCK }
}

unsafe extern "C" fn file_control(file: *mut sqlite3_file, op: c_int, argument: *mut c_void) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    let parts = unsafe { parts(file) };
    if parts.handle.lives() { real!(parts, xFileControl, op, argument) } else { ffi::SQLITE_NOTFOUND }
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    real!(unsafe { parts(file) }, xSectorSize)
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    real!(unsafe { parts(file) }, xDeviceCharacteristics)
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    region: c_int,
    size: c_int,
    extend: c_int,
    to: *mut *mut c_void,
) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    let parts = unsafe { parts(file) };
    match parts.handle.may(Call::Map) {
        Ok(()) => real!(parts, xShmMap, region, size, extend, to),
        Err(failed) => failed,
    }
}

unsafe extern "C" fn shm_lock(file: *mut sqlite3_file, offset: c_int, n: c_int, flags: c_int) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    let parts = unsafe { parts(file) };
    if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
        parts.handle.tells(Call::Lock);
        return real!(parts, xShmLock, offset, n, flags);
    }
    match parts.handle.may(Call::Lock) {
        Ok(()) => real!(parts, xShmLock, offset, n, flags),
        Err(failed) => failed,
    }
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: SQLite asks for a file that is open.
    let parts = unsafe { parts(file) };
    if let Some(barrier) = parts.methods.xShmBarrier {
        // SAFETY: the real file is open.
        unsafe { barrier(parts.real) }
    }
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    let parts = unsafe { parts(file) };
    // The dead take nothing away: a file of that name is another program's by now.
    let delete = if parts.handle.lives() { delete } else { 0 };
    real!(parts, xShmUnmap, delete)
}

unsafe extern "C" fn fetch(file: *mut sqlite3_file, at: sqlite3_int64, len: c_int, to: *mut *mut c_void) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    let parts = unsafe { parts(file) };
    if parts.handle.lives() { real!(parts, xFetch, at, len, to) } else { ffi::SQLITE_IOERR_MMAP }
}

unsafe extern "C" fn unfetch(file: *mut sqlite3_file, at: sqlite3_int64, from: *mut c_void) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    real!(unsafe { parts(file) }, xUnfetch, at, from)
}

/// What is asked of a file in memory. There is no real one behind it.
static IN_MEMORY: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close_in_memory),
    xRead: Some(read_in_memory),
    xWrite: Some(write_in_memory),
    xTruncate: Some(truncate_in_memory),
    xSync: Some(sync),
    xFileSize: Some(file_size_in_memory),
    xLock: Some(lock_in_memory),
    xUnlock: Some(unlock_in_memory),
    xCheckReservedLock: Some(check_reserved_lock_in_memory),
    xFileControl: Some(file_control_in_memory),
    xSectorSize: Some(sector_size_in_memory),
    xDeviceCharacteristics: Some(device_characteristics_in_memory),
    xShmMap: Some(shm_map_in_memory),
    xShmLock: Some(shm_lock_in_memory),
    xShmBarrier: Some(shm_barrier_in_memory),
    xShmUnmap: Some(shm_unmap_in_memory),
    xFetch: None,
    xUnfetch: None,
};

unsafe extern "C" fn close_in_memory(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the box is the one that `open` made; nobody asks for the file again.
    drop(unsafe { Box::from_raw((*file.cast::<File>()).handle) });
    ffi::SQLITE_OK
}

unsafe extern "C" fn read_in_memory(file: *mut sqlite3_file, to: *mut c_void, len: c_int, at: sqlite3_int64) -> c_int {
    // SAFETY: SQLite asks for a file that is open; the buffer is as long as it says, and nobody else
    // has it during the call.
    let (handle, to) = unsafe { (handle(file), slice::from_raw_parts_mut(to.cast::<u8>(), len as usize)) };
    handle.read(at, to)
}

unsafe extern "C" fn write_in_memory(
    file: *mut sqlite3_file,
    from: *const c_void,
    len: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite asks for a file that is open; the buffer is as long as it says, and nobody writes
    // to it during the call.
    let (handle, bytes) = unsafe { (handle(file), slice::from_raw_parts(from.cast::<u8>(), len as usize)) };
    handle.write(at, bytes, |_| ffi::SQLITE_OK)
}

unsafe extern "C" fn truncate_in_memory(file: *mut sqlite3_file, len: sqlite3_int64) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    unsafe { handle(file) }.truncate(len, || ffi::SQLITE_OK)
}

unsafe extern "C" fn file_size_in_memory(file: *mut sqlite3_file, len: *mut sqlite3_int64) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    let Some(is) = unsafe { handle(file) }.len() else { return ffi::SQLITE_IOERR_FSTAT };
    // SAFETY: the place for the answer is SQLite's own.
    unsafe { *len = is as sqlite3_int64 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn lock_in_memory(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    let handle = unsafe { handle(file) };
    match handle.may(Call::Lock) {
        Ok(()) => handle.seat().map_or(ffi::SQLITE_IOERR_LOCK, |seat| seat.lock(level)),
        Err(failed) => failed,
    }
}

unsafe extern "C" fn unlock_in_memory(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    if let Some(seat) = unsafe { handle(file) }.seat() {
        seat.unlock(level);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock_in_memory(file: *mut sqlite3_file, is: *mut c_int) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    let handle = unsafe { handle(file) };
    let Some(seat) = handle.seat().filter(|_| handle.lives()) else { return ffi::SQLITE_IOERR_CHECKRESERVEDLOCK };
    // SAFETY: the place for the answer is SQLite's own.
    unsafe { *is = c_int::from(seat.is_reserved()) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control_in_memory(_: *mut sqlite3_file, op: c_int, argument: *mut c_void) -> c_int {
    if op != ffi::SQLITE_FCNTL_MMAP_SIZE {
        return ffi::SQLITE_NOTFOUND;
    }
    // SAFETY: SQLite gives a number with this question. Nothing is ever mapped.
    unsafe { *argument.cast::<sqlite3_int64>() = 0 };
    ffi::SQLITE_OK
}

/// As SQLite's own file system has it.
unsafe extern "C" fn sector_size_in_memory(_: *mut sqlite3_file) -> c_int {
    4_096
}

/// As SQLite's own file system has it.
unsafe extern "C" fn device_characteristics_in_memory(_: *mut sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE | ffi::SQLITE_IOCAP_SUBPAGE_READ
}

unsafe extern "C" fn shm_map_in_memory(
    file: *mut sqlite3_file,
    region: c_int,
    size: c_int,
    extend: c_int,
    to: *mut *mut c_void,
) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    let handle = unsafe { handle(file) };
    if let Err(failed) = handle.may(Call::Map) {
        return failed;
    }
    if size as usize != REGION {
        return ffi::SQLITE_IOERR_SHMMAP;
    }
    let there = handle.map(region as usize, extend != 0);
    // SAFETY: the place for the answer is SQLite's own. The memory stays until it is unmapped.
    unsafe { *to = there.map_or(ptr::null_mut(), |there| there.cast()) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn shm_lock_in_memory(file: *mut sqlite3_file, offset: c_int, n: c_int, flags: c_int) -> c_int {
    // SAFETY: SQLite asks for a file that is open.
    let handle = unsafe { handle(file) };
    if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
        handle.tells(Call::Lock);
    } else if let Err(failed) = handle.may(Call::Lock) {
        return failed;
    }
    handle.seat().map_or(ffi::SQLITE_IOERR_SHMLOCK, |seat| seat.lock_memory(offset as usize, n as usize, flags))
}

unsafe extern "C" fn shm_barrier_in_memory(_: *mut sqlite3_file) {
    fence(Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap_in_memory(file: *mut sqlite3_file, delete: c_int) -> c_int {
    // SAFETY: SQLite asks for a file that is open. The dead take nothing away.
    unsafe { handle(file) }.unmap(delete != 0);
    ffi::SQLITE_OK
}
