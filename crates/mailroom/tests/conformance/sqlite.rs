use bytes::Bytes;
use mailroom::{Channel, Keeping, PathSecret, Registry, Sqlite};

use crate::{
    every, hosted,
    house::{House, NOON},
    tests,
};

pub struct InAFile {
    room: Sqlite,
    keeping: Keeping,
    folder: tempfile::TempDir,
}

impl House for InAFile {
    type Room = Sqlite;

    async fn build_with(keeping: Keeping) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let room = Sqlite::open(&folder.path().join("mailroom.db"), keeping).unwrap();
        Self { room, keeping, folder }
    }

    fn room(&self) -> &Sqlite {
        &self.room
    }

    async fn channel(&self) -> Channel {
        self.room.new_channel("Toko", PathSecret::draw([77; 20]).hash(), NOON).await.unwrap()
    }

    fn body(&self, n: u32) -> Bytes {
        format!("{{\"n\":{n}}}").into()
    }

    async fn reopened(self) -> Self {
        let Self { room, keeping, folder } = self;
        drop(room);
        let room = Sqlite::open(&folder.path().join("mailroom.db"), keeping).unwrap();
        Self { room, keeping, folder }
    }
}

every!(tests, InAFile);
hosted!(tests, InAFile);
