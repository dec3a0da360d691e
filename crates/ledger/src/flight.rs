use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use till::OrderId;

use crate::{
    open::{Ledger, Trouble, of_io},
    reserve::give_up_ballast,
};

/// A conversation with Midtrans about one attempt. There is one at a time, in all processes.
///
/// It is a lock on a file, which the operating system drops when the process dies, so an intent
/// whose flight is free is being sent by nobody. It also keeps look-ups of one attempt in order:
/// an older answer cannot come in after a newer one.
#[derive(Debug)]
pub struct Flight {
    path: PathBuf,
    _lock: File,
}

impl Ledger {
    /// Begins a conversation about this attempt; `None` while somebody else is having one.
    pub fn flight(&self, order_id: OrderId) -> Result<Option<Flight>, Trouble> {
        self.lock_of("flights", order_id.as_str())
    }

    /// Holds what has this name, for as long as the process lives or until it is dropped.
    pub(crate) fn lock_of(&self, folder: &str, name: &str) -> Result<Option<Flight>, Trouble> {
        let folder = self.folder().join(folder);
        let path = folder.join(name);
        // The first lock of all finds no folder.
        let create = || match File::create(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(&folder).and_then(|()| File::create(&path))
            }
            created => created,
        };
        loop {
            let lock = match create().map_err(|error| of_io(&error, self.folder())) {
                Err(Trouble::Full(_)) if give_up_ballast(self.folder()) => continue,
                lock => lock?,
            };
            match lock.try_lock() {
                // The last holder may have taken the file away between our opening and our locking it.
                Ok(()) if same_file(&lock, &path) => return Ok(Some(Flight { path, _lock: lock })),
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(of_io(&error, &path)),
            }
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        // Taken away while still locked, so that nobody can lock a file that is about to go.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(unix)]
fn same_file(lock: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let inode = |data: &fs::Metadata| (data.dev(), data.ino());
    matches!((lock.metadata(), fs::metadata(path)), (Ok(a), Ok(b)) if inode(&a) == inode(&b))
}

#[cfg(not(unix))]
fn same_file(_: &File, path: &Path) -> bool {
    path.exists()
}
