//! The book everything is written down in, before any answer goes out.

use std::path::Path;

use rusqlite::{Connection, Result, Transaction, TransactionBehavior};

pub mod mail;
pub mod memory;
pub mod transactions;

/// An SQLite file, or memory for a simulator that may forget.
pub struct Book {
    db: Connection,
}

impl Book {
    /// Opens the file, making it and its tables where they are missing.
    pub fn open(path: Option<&Path>) -> Result<Book> {
        let mut db = match path {
            Some(path) => Connection::open(path)?,
            None => Connection::open_in_memory()?,
        };
        db.busy_timeout(std::time::Duration::from_secs(3))?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        // A transaction that was answered for must survive a power cut.
        db.pragma_update(None, "synchronous", "FULL")?;
        let write = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for migration in [transactions::TABLE, mail::TABLES, memory::TABLES] {
            write.execute_batch(migration)?;
        }
        write.commit()?;
        Ok(Book { db })
    }

    /// For reading.
    pub fn read(&self) -> &Connection {
        &self.db
    }

    /// Writes all of it or nothing; when this returns, it is on the disk.
    pub fn write<T, E: From<rusqlite::Error>>(
        &mut self,
        work: impl FnOnce(&Transaction) -> Result<T, E>,
    ) -> Result<T, E> {
        let write = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = work(&write)?;
        write.commit()?;
        Ok(result)
    }
}
