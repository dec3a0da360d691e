//! Those who read: each on a connection of its own, while others write.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rusqlite::Connection;
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::file;
use crate::contract::Trouble;

/// So many read at once. More would only wait for one another.
const AT_ONCE: usize = 8;

pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    places: Semaphore,
    /// Changes when every connection is to be given up.
    life: AtomicU64,
}

impl Readers {
    pub fn of(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default(), places: Semaphore::new(AT_ONCE), life: AtomicU64::new(0) }
    }

    /// Reads off the async threads. What is read together is of one moment.
    pub async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Trouble> {
        let not_read = |error: &dyn std::fmt::Display| Trouble::NotRead(error.to_string());
        let _place = self.places.acquire().await.map_err(|error| not_read(&error))?;
        let readers = Arc::clone(self);
        let read = spawn_blocking(move || readers.on_connection(read)).await.map_err(|error| not_read(&error))?;
        read.map_err(|error| not_read(&error))
    }

    /// Gives up every connection, those that are at work too.
    pub fn forget(&self) {
        self.life.fetch_add(1, Ordering::AcqRel);
        self.idle().clear();
    }

    fn on_connection<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let life = self.life.load(Ordering::Acquire);
        let idle = self.idle().pop();
        let connection = idle.map_or_else(|| file::to_read(&self.path), Ok)?;
        connection.prepare_cached("BEGIN")?.execute([])?;
        let done = read(&connection);
        let ended = connection.is_autocommit() || connection.prepare_cached("ROLLBACK")?.execute([]).is_ok();
        let mut idle = self.idle();
        if ended && !done.as_ref().is_err_and(file::is_suspect) && life == self.life.load(Ordering::Acquire) {
            idle.push(connection);
        }
        done
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
