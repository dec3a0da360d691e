//! The shop's own ledger as a mailroom: the relay beside it writes, and the desk reads the same file.

use std::{net::IpAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use ledger::{Binding, Door, Folder, Ledger};
use mailroom::{Appended, Channel, Device, Entry, Keeping, Mailroom, Page, Seq, Time, Trouble};
use midtrans::signature;
use relay::Taken;
use rusqlite::{Connection, OpenFlags, Row, params};
use sha2::{Digest, Sha256};
use till::Environment;
use tokio::{task::spawn_blocking, time::sleep};

use crate::{every, house::House, tests};

pub struct OneShop {
    room: Embedded,
    folder: tempfile::TempDir,
}

pub struct Embedded(Arc<Ledger>);

impl Embedded {
    /// What somebody reads who has the file open as well.
    async fn file<T: Send + 'static>(&self, read: impl FnOnce(&Connection) -> T + Send + 'static) -> T {
        let file = self.0.folder().join("gerai.db");
        let read = move || read(&Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap());
        spawn_blocking(read).await.unwrap()
    }
}

impl Mailroom for Embedded {
    async fn append(&self, _: Channel, body: Bytes, _: Option<IpAddr>, at: Time) -> Result<Appended, Trouble> {
        let (ledger, digest) = (Arc::clone(&self.0), Sha256::digest(&body).to_vec());
        // As the letterbox does once a request is whole.
        let take_in = move || relay::take_in(&ledger, &body, Some(&relay::training_key()), at);
        let taken = spawn_blocking(take_in).await.unwrap().map_err(|it| Trouble::NotStored(it.to_string()))?;
        assert_eq!(taken, Taken::Stored);
        let select = "SELECT id, times FROM inbox WHERE digest = ?1";
        let row = |row: &Row<'_>| Ok((Seq::of(row.get(0)?), row.get::<_, u32>(1)?));
        let (seq, times) = self.file(move |file| file.query_row(select, [digest], row).unwrap()).await;
        Ok(if times > 1 { Appended::Again(seq) } else { Appended::New(seq) })
    }

    async fn read(&self, _: Channel, after: Seq, limit: u32) -> Result<Page, Trouble> {
        let read = move |file: &Connection| {
            let select = "SELECT id, received_at, times, digest, body FROM inbox WHERE id > ?1 ORDER BY id LIMIT ?2";
            let mut select = file.prepare(select).unwrap();
            let entries = select.query_map(params![after.number(), limit.max(1)], |row| {
                Ok(Entry {
                    seq: Seq::of(row.get(0)?),
                    received_at: Time::from_millis(row.get(1)?),
                    times: row.get(2)?,
                    from: None,
                    digest: row.get(3)?,
                    body: row.get(4)?,
                })
            });
            let entries = entries.unwrap().map(Result::unwrap).collect();
            let ends = "SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM inbox";
            let (oldest, newest) = file.query_row(ends, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            Page { entries, oldest: Seq::of(oldest), newest: Seq::of(newest) }
        };
        let page = self.file(read).await;
        match page.newest {
            newest if after > newest => Err(Trouble::TooOld { oldest: page.oldest, newest }),
            _ => Ok(page),
        }
    }

    async fn ack(&self, _: Channel, _: Device, _: Seq) -> Result<(), Trouble> {
        // Whoever reads the file has it.
        Ok(())
    }

    async fn wait(&self, channel: Channel, after: Seq) {
        // As the window does.
        loop {
            let version = self.0.version().unwrap();
            if !self.read(channel, after, 1).await.is_ok_and(|page| page.entries.is_empty()) {
                return;
            }
            while self.0.version().unwrap() == version {
                sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

fn open(folder: &tempfile::TempDir) -> Embedded {
    let place = Folder::at(folder.path());
    let ledger = Ledger::open(&place, Environment::Training, Some(Binding::Loopback), Door::Desk, *b"till");
    Embedded(Arc::new(ledger.unwrap()))
}

impl House for OneShop {
    type Room = Embedded;

    async fn build_with(_: Keeping) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { room: open(&folder), folder }
    }

    fn room(&self) -> &Embedded {
        &self.room
    }

    async fn channel(&self) -> Channel {
        Channel::of(1)
    }

    fn body(&self, n: u32) -> Bytes {
        let order_id = format!("another-system-{n}");
        let signature_key = signature(&order_id, "200", "20000.00", &relay::training_key());
        let body = serde_json::json!({
            "order_id": order_id, "status_code": "200", "gross_amount": "20000.00", "signature_key": signature_key,
            "transaction_status": "settlement", "transaction_id": "d615df87-c96f-4f5c-9d35-2d740d54c1a9",
            "payment_type": "cstore", "store": "alfamart", "currency": "IDR", "merchant_id": "G1",
        });
        body.to_string().into()
    }

    async fn reopened(self) -> Self {
        let Self { room, folder } = self;
        drop(room);
        Self { room: open(&folder), folder }
    }
}

every!(tests, OneShop);
