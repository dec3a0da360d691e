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
        atomic::{AtomicPtr, Ordering},
    },
};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs};

use crate::{
    Call,
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
        // SAFETY: both may be called at any time; the answer is null or valid for good.
        let real = unsafe {
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
    // SAFETY: the memory has room for ours and, behind it, the real one; nobody else has it yet.
    let real = unsafe {
        (*file).pMethods = ptr::null();
        let real = file.byte_add(size_of::<File>());
        (*real).pMethods = ptr::null();
        real
    };
    // SQLite writes the folder at a journal's first sync; ours has to know of it to do the same.
    let journal = ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL | ffi::SQLITE_OPEN_WAL;
    let syncs_folder = flags & ffi::SQLITE_OPEN_CREATE != 0 && flags & journal != 0;
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
    unsafe { parts(file) }.handle.sync()
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
