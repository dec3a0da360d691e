//! A shop in a folder of its own, and what may happen in it.

#![allow(dead_code, reason = "each test file uses its own part of it")]

pub mod acts;
pub mod ruin;

use std::{
    collections::BTreeSet,
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use ledger::{Binding, Door, Facts, Folder, Ledger, Letter, MatterKind, NewSale, Trouble};
use rusqlite::Connection;
use tempfile::TempDir;
use till::{
    Asked, Draft, Environment, Event, From, Number, OrderId, Report, Reported, Sale, SaleId, State, Store, TillId, Time,
};

pub const AMOUNT: u64 = 44_000;
pub const CODE: &str = "578112341234";

/// A shop in training.
pub struct Shop {
    pub folder: TempDir,
    pub ledger: Ledger,
}

impl Shop {
    pub fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let ledger = open(folder.path()).unwrap();
        Self { folder, ledger }
    }

    /// A shop on a disk of memory, where there is one: for tests that need no lasting one.
    pub fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
        let ledger = open(folder.path()).unwrap();
        Self { folder, ledger }
    }

    /// The facts of what lies before the owner, of this kind, oldest first.
    pub fn told(&self, kind: MatterKind) -> Vec<Facts> {
        let matters = self.ledger.matters().unwrap().into_iter().rev();
        matters.filter(|matter| matter.kind == kind).map(|matter| matter.facts).collect()
    }

    /// The same ledger, as another program opens it.
    pub fn again(&self) -> Ledger {
        open(self.folder.path()).unwrap()
    }

    /// The file itself, in the hands of somebody who does not ask us.
    pub fn raw(&self) -> Connection {
        Connection::open(self.ledger.folder().join("gerai.db")).unwrap()
    }

    pub fn intend(&self, n: u32) -> Sale {
        self.ledger.intend(&new_sale(n), From::Cashier, at(n)).unwrap()
    }

    /// A sale about whose attempt this happened.
    pub fn sale(&self, n: u32, events: impl IntoIterator<Item = Event>) -> Sale {
        let mut sale = self.intend(n);
        for event in events {
            sale = self.happens(&sale, event).unwrap();
        }
        sale
    }

    pub fn happens(&self, sale: &Sale, event: Event) -> Result<Sale, Trouble> {
        let attempt = sale.attempt().map(|attempt| attempt.order_id);
        self.ledger.write(sale.id, From::Desk, at(1_000), |_| vec![(attempt, event)])
    }

    pub fn state(&self, sale: &Sale) -> State {
        self.ledger.sale(sale.id).unwrap().unwrap().state()
    }

    pub fn count(&self, table: &str) -> u64 {
        self.raw().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }

    /// Everything the lists are made of, as text.
    pub fn projection(&self) -> Vec<String> {
        let raw = self.raw();
        let mut all = Vec::new();
        for table in ["sales ORDER BY id", "attempts ORDER BY order_id"] {
            let mut rows = raw.prepare(&format!("SELECT * FROM {table}")).unwrap();
            let columns = rows.column_count();
            let rows = rows.query_map([], |row| {
                (0..columns).map(|n| Ok(format!("{:?}", row.get_ref(n)?))).collect::<Result<Vec<_>, _>>()
            });
            all.extend(rows.unwrap().map(|row| row.unwrap().join(" | ")));
        }
        all
    }
}

/// Makes of a ledger what the first Gerai would have left behind.
pub fn first_schema(raw: &Connection) {
    let back = "
        DROP TABLE chain; DROP TABLE exchanges; DROP TABLE matters; DROP TABLE strays;
        DROP TABLE closed_payments; DROP TABLE closings; DROP TABLE feed; DROP TABLE others; DROP TABLE papers;
        DROP TABLE attempts;
        ALTER TABLE inbox DROP COLUMN entry; ALTER TABLE inbox DROP COLUMN seq;
        CREATE TABLE attempts (
            order_id  TEXT PRIMARY KEY,
            sale      TEXT NOT NULL REFERENCES sales (id) DEFERRABLE INITIALLY DEFERRED,
            live      INTEGER NOT NULL,
            watched   INTEGER NOT NULL,
            closed_at INTEGER
        ) STRICT;
        CREATE INDEX attempts_of_sale ON attempts (sale);
        CREATE UNIQUE INDEX one_live_attempt_per_sale ON attempts (sale) WHERE live;
        CREATE INDEX attempts_watched ON attempts (watched) WHERE watched > 0;
        PRAGMA user_version = 1;";
    raw.execute_batch(back).unwrap();
}

pub fn open(folder: &Path) -> Result<Ledger, Trouble> {
    Ledger::open(&Folder::at(folder), Environment::Training, Some(Binding::Loopback), Door::Desk, *b"till")
}

/// A moment; later numbers are later.
pub fn at(n: u32) -> Time {
    Time::from_millis(1_800_000_000_000 + i64::from(n) * 1_000)
}

pub fn sale_id(n: u32) -> SaleId {
    let mut chance = [0; 12];
    digits(n, &mut chance, 32);
    SaleId::draw(chance)
}

pub fn order_id(n: u32) -> OrderId {
    let mut chance = [0; 18];
    digits(n, &mut chance, 32);
    OrderId::draw(TillId::draw(*b"till"), chance)
}

pub fn number(n: u32) -> Number {
    let mut chance = [0; 5];
    digits(n, &mut chance, 28);
    Number::draw(&chance)
}

fn digits(mut n: u32, places: &mut [u8], base: u32) {
    for place in places.iter_mut().rev() {
        *place = (n % base) as u8;
        n /= base;
    }
}

pub fn draft() -> Draft {
    Draft { amount: AMOUNT.to_string(), ..Draft::empty(Store::Indomaret) }
}

/// The nth sale, as it is before anything happens to it.
pub fn new_sale(n: u32) -> NewSale {
    NewSale {
        id: sale_id(n),
        number: number(n),
        order: draft().check(None).unwrap(),
        order_id: order_id(n),
        request: format!("{{\"order\":{n}}}"),
        notify: None,
    }
}

/// What Midtrans answers when asked how a transaction stands.
pub fn reported(report: Report) -> Event {
    Event::Reported(Reported {
        asked: Asked::LookUp,
        asked_after: i64::MAX,
        report,
        amount: Some(AMOUNT),
        store: Some(Store::Indomaret),
        payment_code: Some(CODE.into()),
        transaction_id: Some("9b3951a4".into()),
        expires_at: Some(at(86_400)),
        made_at: None,
        settled_at: Some(at(500)),
        told_at: None,
    })
}

/// What a notification about this attempt says.
pub fn letter(order_id: OrderId, report: Report) -> Letter {
    Letter {
        order_id: order_id.to_string(),
        report,
        consistent: true,
        amount: Some(AMOUNT),
        store: Some(Store::Indomaret),
        payment_code: Some(CODE.into()),
        transaction_id: Some("9b3951a4".into()),
    }
}

/// Where copies lie.
pub fn copies_folder(ledger: &Ledger) -> PathBuf {
    ledger.folder().join("copies")
}

/// What lies there.
pub fn copy_files(ledger: &Ledger) -> BTreeSet<String> {
    let Ok(files) = fs::read_dir(copies_folder(ledger)) else { return BTreeSet::new() };
    files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

const CHILD: &str = "GERAI_TEST_CHILD";

/// The folder, when this process is a second program that a test has started.
pub fn child_folder() -> Option<PathBuf> {
    env::var_os(CHILD).map(Into::into)
}

/// Starts the test of this name again as a second program on that folder. It ends when dropped.
pub fn second_program(test: &str, folder: &Path) -> Program {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(CHILD, folder).stdout(Stdio::piped());
    Program(command.spawn().unwrap())
}

pub struct Program(pub Child);

impl Program {
    /// Waits until it says this word.
    pub fn says(&mut self, word: &str) {
        let mut lines = BufReader::new(self.0.stdout.as_mut().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().ends_with(word)), "it ended without a word");
    }

    /// Waits until it has ended well.
    pub fn ends(mut self) {
        assert!(self.0.wait().unwrap().success());
    }

    /// The power goes.
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A small disk of its own.
pub struct Disk(TempDir);

impl Disk {
    /// Mounts it; nothing where that is not allowed, and then it says so.
    pub fn mount(options: &str) -> Option<Self> {
        let place = TempDir::new().unwrap();
        if mount(&["-t", "tmpfs", "-o", options, "tmpfs"], place.path()) {
            return Some(Self(place));
        }
        eprintln!("skipped: only root can mount the small disk that this test needs");
        None
    }

    pub fn remount(&self, options: &str) {
        assert!(mount(&["-o", &format!("remount,{options}")], self.path()));
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a ledger on it may still be open.
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

fn mount(arguments: &[&str], place: &Path) -> bool {
    Command::new("mount").args(arguments).arg(place).output().is_ok_and(|output| output.status.success())
}
