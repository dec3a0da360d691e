use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use bytes::Bytes;
use mailroom::{Channel, Keeping, PathSecret, Postgres, Registry};

use crate::{
    every, hosted,
    house::{House, NOON},
    in_turn,
};

/// The server of all the houses here, as long as somebody has one: to make another takes seconds.
static SERVER: Mutex<Option<Arc<stage::Postgres>>> = Mutex::new(None);
static HOUSES: AtomicU32 = AtomicU32::new(0);

pub struct InADatabase {
    room: Postgres,
    keeping: Keeping,
    url: String,
}

impl House for InADatabase {
    type Room = Postgres;

    async fn build_with(keeping: Keeping) -> Self {
        let server = SERVER.lock().unwrap().clone().expect("it was started");
        // A schema of its own is as empty as a database, and there in a moment.
        let schema = format!("house_{}", HOUSES.fetch_add(1, Ordering::Relaxed));
        server.tell("postgres", &format!("CREATE SCHEMA {schema}"));
        let url = format!("{}?options=-c%20search_path%3D{schema}", server.url("postgres"));
        let room = Postgres::open(&url, keeping).await.unwrap();
        Self { room, keeping, url }
    }

    fn room(&self) -> &Postgres {
        &self.room
    }

    async fn channel(&self) -> Channel {
        self.room.new_channel("Toko", PathSecret::draw([77; 20]).hash(), NOON).await.unwrap()
    }

    fn body(&self, n: u32) -> Bytes {
        format!("{{\"n\":{n}}}").into()
    }

    async fn reopened(self) -> Self {
        let Self { room, keeping, url } = self;
        drop(room);
        let room = Postgres::open(&url, keeping).await.unwrap();
        Self { room, keeping, url }
    }
}

/// Each sentence in a house of its own. The last one that is printed is the one that does not hold.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_keeps_every_promise() {
    *SERVER.lock().unwrap() = Some(Arc::new(stage::Postgres::in_memory()));
    every!(in_turn, InADatabase);
    hosted!(in_turn, InADatabase);
    // Nothing static is ever dropped, and the server shall end.
    *SERVER.lock().unwrap() = None;
}
