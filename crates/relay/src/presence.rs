//! Whether a relay is running for a shop, and where it listens.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use ledger::Trouble;
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::embedded::StartError;

/// Whether notifications can arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// No relay is running.
    Off,
    /// One is, in this process or another.
    Running {
        /// Where it listens.
        listening: String,
        /// What to enter as Payment Notification URL.
        notification_url: String,
    },
}

/// Whether a relay is running for the shop in this folder. Changes nothing there.
pub fn presence(shop_folder: &Path) -> Presence {
    // Shared, so that two who ask do not take each other for a relay.
    let held = File::open(shop_folder.join(LOCK)).is_ok_and(|lock| lock.try_lock_shared().is_err());
    let note = || serde_json::from_slice::<Note>(&fs::read(shop_folder.join(NOTE)).ok()?).ok();
    match held.then(note).flatten() {
        Some(note) => Presence::Running { listening: note.listening, notification_url: note.notification_url },
        None => Presence::Off,
    }
}

/// What a relay writes down for others to read.
#[derive(Serialize, Deserialize)]
pub(crate) struct Note {
    pub listening: String,
    pub notification_url: String,
}

/// The post of a shop's relay. There is one; the operating system frees it when its holder dies,
/// however that happens.
pub(crate) struct Post {
    folder: PathBuf,
    _lock: File,
}

const LOCK: &str = "relay.lock";
const NOTE: &str = "relay.json";

impl Post {
    /// Takes the post, unless another relay has it.
    pub async fn take(folder: &Path) -> Result<Self, StartError> {
        let path = folder.join(LOCK);
        let open = || OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let lock = open().map_err(|error| of_io(&error, folder))?;
        // Somebody who only asks for our presence holds the lock for an instant.
        for _ in 0..20 {
            match lock.try_lock() {
                Ok(()) => {
                    // What stands there is the address of one who was killed.
                    let _ = fs::remove_file(folder.join(NOTE));
                    return Ok(Self { folder: folder.to_owned(), _lock: lock });
                }
                Err(TryLockError::WouldBlock) => sleep(Duration::from_millis(25)).await,
                Err(TryLockError::Error(error)) => return Err(of_io(&error, folder).into()),
            }
        }
        Err(StartError::AlreadyRunning(folder.to_owned()))
    }

    /// Writes down where the relay is, whole or not at all, for this account only: the address
    /// holds the secret path.
    pub fn announce(&self, note: &Note) -> Result<(), Trouble> {
        let trouble = |error| of_io(&error, &self.folder);
        let new = self.folder.join("relay.json.new");
        let _ = fs::remove_file(&new);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&new).map_err(trouble)?;
        let text = serde_json::to_vec(note).map_err(|error| Trouble::Row(error.to_string()))?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(trouble)?;
        fs::rename(&new, self.folder.join(NOTE)).map_err(trouble)
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        // While still locked, so that it cannot be the note of the next one.
        let _ = fs::remove_file(self.folder.join(NOTE));
    }
}

fn of_io(error: &io::Error, folder: &Path) -> Trouble {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Trouble::Full(folder.to_owned()),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Trouble::ReadOnly(folder.to_owned()),
        _ => Trouble::Folder(folder.to_owned()),
    }
}
