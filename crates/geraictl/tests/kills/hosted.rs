//! A hosted relay under load, with a till that reads along, and whoever takes part is killed: the
//! relays, their database, the till. `GERAI_TORTURE_RELAY_KILLS` asks for more kills than the usual ones.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use midtrans::{ServerKey, signature};
use rusqlite::Connection;
use secrecy::SecretString;
use serde_json::{Value, json};
use stage::{Chance, Postgres, Running, asked_for, until};

use crate::{
    relays::free_address,
    shop::{KEY, Shop},
};

/// So many deliver letters at once.
const SENDERS: u64 = 6;

#[test]
fn what_a_relay_on_a_file_acknowledged_is_at_the_till_once_whoever_is_killed() {
    let shop = Shop::open();
    let store = shop.home().join("relay.db");
    let relays = Relays::at(&shop, store.display().to_string(), 1, Database::File(store));
    let victims = [Victim::Relay(0), Victim::Till, Victim::RelayAndTill];
    survives(&shop, relays, &victims, asked_for("GERAI_TORTURE_RELAY_KILLS", 9));
}

#[test]
fn what_two_relays_on_a_database_acknowledged_is_at_the_till_once_whoever_is_killed() {
    let shop = Shop::open();
    let server = Postgres::in_memory();
    let store = server.new_database("mailroom");
    let relays = Relays::at(&shop, store, 2, Database::Server(server));
    let victims = [
        Victim::Relay(0),
        Victim::Database(Postgres::crash),
        Victim::Till,
        Victim::Relay(1),
        Victim::Database(Postgres::kill),
        Victim::EveryRelay,
        Victim::RelayAndTill,
    ];
    survives(&shop, relays, &victims, asked_for("GERAI_TORTURE_RELAY_KILLS", 7));
}

#[derive(Clone, Copy)]
enum Victim {
    Relay(usize),
    EveryRelay,
    RelayAndTill,
    Till,
    /// It ends like this, and is started again.
    Database(fn(&mut Postgres)),
}

fn survives(shop: &Shop, mut relays: Relays, victims: &[Victim], kills: u64) {
    let chance = &mut Chance::drawn();
    let secret = relays.pair(shop);
    let load = Load::to(relays.listening.clone(), secret);
    let mut till = Till { shop, reading: None, read_to_the_end: 0 };
    thread::scope(|scope| {
        let _ends = Ends(&load);
        for nth in 0..SENDERS {
            let load = &load;
            scope.spawn(move || load.deliver(&mut Chance::of(nth)));
        }
        for nth in 0..kills {
            let many = load.acknowledged() + 1 + chance.below(60);
            until("letters are acknowledged", || {
                till.reads(&mut relays);
                load.acknowledged() >= many
            });
            // A point in time is what this varies; nothing is awaited by it.
            thread::sleep(Duration::from_millis(chance.below(40)));
            match victims[nth as usize % victims.len()] {
                Victim::Relay(which) => relays.kill(which),
                Victim::EveryRelay => (0..relays.listening.len()).for_each(|which| relays.kill(which)),
                Victim::RelayAndTill => {
                    relays.kill(0);
                    till.kill();
                }
                Victim::Till => till.kill(),
                Victim::Database(ends) => relays.crash(ends),
            }
            till.is_whole(&mut relays);
            relays.go_on(shop);
        }
    });
    till.reads_everything(&mut relays);
    let (acknowledged, read) = (load.acknowledged.lock().unwrap().clone(), till.letters());
    for (letter, times) in &read {
        assert_eq!(*times, 1, "it was written down more than once: {letter}");
    }
    let read: BTreeSet<String> = read.into_keys().collect();
    let lost: Vec<_> = acknowledged.iter().filter(|n| !read.contains(&load.letter(**n))).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert_eq!(read.len(), acknowledged.len(), "each was acknowledged in the end");
    println!(
        "{kills} kills around a hosted relay: {} letters were acknowledged and are at the till once; it read to the end {} times",
        acknowledged.len(),
        till.read_to_the_end
    );
}

/// Midtrans' side: letters, each delivered until somebody acknowledges it.
struct Load {
    relays: Vec<String>,
    secret: String,
    key: ServerKey,
    next: AtomicU64,
    acknowledged: Mutex<BTreeSet<u64>>,
    /// No further letters.
    ends: AtomicBool,
    /// Not even those that were begun.
    failed: AtomicBool,
}

struct Ends<'a>(&'a Load);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.ends.store(true, Ordering::Release);
        self.0.failed.store(thread::panicking(), Ordering::Release);
    }
}

impl Load {
    fn to(relays: Vec<String>, secret: String) -> Self {
        let key = ServerKey::parse(SecretString::from(KEY)).unwrap();
        let (next, acknowledged) = (AtomicU64::new(0), Mutex::default());
        Self { relays, secret, key, next, acknowledged, ends: AtomicBool::new(false), failed: AtomicBool::new(false) }
    }

    fn acknowledged(&self) -> u64 {
        self.acknowledged.lock().unwrap().len() as u64
    }

    /// The nth letter: genuine, and about an order of another system of the shop.
    fn letter(&self, n: u64) -> String {
        let order = format!("toko-web-{n}");
        let letter = json!({
            "order_id": order, "status_code": "200", "gross_amount": "20000.00", "currency": "IDR",
            "signature_key": signature(&order, "200", "20000.00", &self.key), "transaction_status": "settlement",
            "transaction_id": format!("d615df87-c96f-4f5c-9d35-{n:012}"), "payment_type": "cstore",
            "store": "alfamart", "payment_code": "8123456789012345", "transaction_time": "2026-11-26 10:00:00",
        });
        letter.to_string()
    }

    fn deliver(&self, chance: &mut Chance) {
        while !self.ends.load(Ordering::Acquire) {
            let n = self.next.fetch_add(1, Ordering::Relaxed);
            let letter = self.letter(n);
            // A letter that was begun is delivered, also when everything else has ended.
            while !self.acknowledges(&letter, chance) {
                if self.failed.load(Ordering::Acquire) {
                    return;
                }
                thread::sleep(Duration::from_millis(10));
            }
            self.acknowledged.lock().unwrap().insert(n);
            if chance.below(20) == 0 {
                // Midtrans repeats now and then what was acknowledged before.
                self.acknowledges(&self.letter(chance.below(n + 1)), chance);
            }
            // The load goes on for longer than it takes the till to read.
            thread::sleep(Duration::from_millis(chance.below(20)));
        }
    }

    fn acknowledges(&self, letter: &str, chance: &mut Chance) -> bool {
        let mut answered = || -> std::io::Result<bool> {
            let relay = chance.one_of(&self.relays);
            let mut line = TcpStream::connect(&relay)?;
            line.set_read_timeout(Some(Duration::from_secs(20)))?;
            let (secret, length) = (&self.secret, letter.len());
            let head =
                format!("POST /n/{secret} HTTP/1.1\r\nHost: {relay}\r\nConnection: close\r\nContent-Length: {length}");
            line.write_all(format!("{head}\r\n\r\n{letter}").as_bytes())?;
            let mut heard = [0; 12];
            line.read_exact(&mut heard)?;
            Ok(&heard == b"HTTP/1.1 200")
        };
        answered().unwrap_or(false)
    }
}

/// What the relays write to.
enum Database {
    File(PathBuf),
    Server(Postgres),
}

struct Relays {
    store: String,
    database: Database,
    listening: Vec<String>,
    running: Vec<Option<Running>>,
}

impl Relays {
    fn at(shop: &Shop, store: String, many: usize, database: Database) -> Self {
        let listening: Vec<_> = (0..many).map(|_| free_address()).collect();
        let running = listening.iter().map(|_| None).collect();
        let mut relays = Self { store, database, listening, running };
        relays.go_on(shop);
        relays
    }

    fn command(&self, shop: &Shop, verb: &[&str]) -> Command {
        let mut command = shop.in_session("gerai-relay");
        // An address with a password is no argument.
        command.args(verb).env("GERAI_RELAY_STORE", &self.store).stderr(Stdio::null());
        command
    }

    /// Starts whoever does not run.
    fn go_on(&mut self, shop: &Shop) {
        for which in 0..self.listening.len() {
            if self.running[which].is_none() {
                let mut serve = self.command(shop, &["serve", "--listen", &self.listening[which]]);
                for limit in ["--channel-rate", "--channel-burst", "--channel-entries"] {
                    serve.args([limit, "10000000"]);
                }
                self.running[which] = Some(Running::start(serve, "gerai-relay"));
            }
        }
    }

    /// Makes a channel and pairs the till with it. Returns the secret of its address.
    fn pair(&self, shop: &Shop) -> String {
        let url = format!("http://{}", self.listening[0]);
        let made = self.command(shop, &["channel", "new", "--json", "--public-url", &url]).output().unwrap();
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        let (address, code) = (made["notification_url"].as_str().unwrap(), made["pairing_code"].as_str().unwrap());
        let mut pairing = shop.command(&["relay", "pair", "--name", "Depan"]).stdin(Stdio::piped()).spawn().unwrap();
        writeln!(pairing.stdin.take().unwrap(), "{address}\n{code}").unwrap();
        let paired = pairing.wait_with_output().unwrap();
        assert!(paired.status.success(), "{}", String::from_utf8_lossy(&paired.stdout));
        address.rsplit_once('/').unwrap().1.to_owned()
    }

    fn kill(&mut self, which: usize) {
        if let Some(running) = self.running[which].take() {
            running.kill();
        }
    }

    fn crash(&mut self, ends: fn(&mut Postgres)) {
        let Database::Server(server) = &mut self.database else { panic!("a file does not end") };
        ends(server);
        server.go_on();
    }

    /// Up to which number the relay was told that the till has everything.
    fn acked(&mut self) -> u64 {
        let select = "SELECT acked FROM device";
        match &self.database {
            Database::File(file) => Connection::open(file).unwrap().query_row(select, [], |row| row.get(0)).unwrap(),
            Database::Server(server) => server.tell("mailroom", select).parse().unwrap(),
        }
    }
}

/// The till, as a program that reads what is there and ends, over and over.
struct Till<'a> {
    shop: &'a Shop,
    reading: Option<Child>,
    read_to_the_end: u64,
}

impl Till<'_> {
    /// Keeps it reading. Whenever it has ended, its ledger is looked through.
    fn reads(&mut self, relays: &mut Relays) {
        if let Some(reading) = &mut self.reading
            && let Some(ended) = reading.try_wait().unwrap()
        {
            assert!(ended.success(), "what a relay does is no failure of the till");
            self.read_to_the_end += 1;
            self.reading = None;
            self.is_whole(relays);
        }
        if self.reading.is_none() {
            let mut sync = self.shop.command(&["sync"]);
            self.reading = Some(sync.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        }
    }

    fn kill(&mut self) {
        if let Some(mut reading) = self.reading.take() {
            reading.kill().unwrap();
            reading.wait().unwrap();
        }
    }

    /// Everything up to the cursor is written down, under its own number, and the relay was told of no
    /// more than that.
    fn is_whole(&self, relays: &mut Relays) {
        let acked = relays.acked();
        let select = "SELECT (SELECT cursor FROM feed), count(*), count(DISTINCT seq), coalesce(max(seq), 0) FROM inbox
                      WHERE seq IS NOT NULL";
        let numbers = |row: &rusqlite::Row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]);
        let [cursor, rows, distinct, newest]: [u64; 4] = self.file().query_row(select, [], numbers).unwrap();
        assert_eq!([rows, distinct, newest], [cursor; 3], "the cursor has passed something, or something came twice");
        assert!(acked <= cursor, "{acked} was acknowledged and only {cursor} is written down");
    }

    /// Nobody is killed any more, and it reads whatever there is.
    fn reads_everything(&mut self, relays: &mut Relays) {
        if let Some(mut reading) = self.reading.take() {
            reading.wait().unwrap();
        }
        self.shop.ctl(&["sync"]);
        self.is_whole(relays);
        assert_eq!(relays.acked(), self.shop.ledger.feed().unwrap().unwrap().cursor);
    }

    /// Everything that is written down, and how often.
    fn letters(&self) -> BTreeMap<String, u64> {
        let file = self.file();
        let mut select = file.prepare("SELECT body FROM inbox").unwrap();
        let mut letters = BTreeMap::new();
        for body in select.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap() {
            *letters.entry(String::from_utf8(body.unwrap()).unwrap()).or_default() += 1;
        }
        letters
    }

    fn file(&self) -> Connection {
        Connection::open(self.shop.ledger.folder().join("gerai.db")).unwrap()
    }
}
