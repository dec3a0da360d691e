//! A shop whose ledger comes to harm.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use ledger::{Binding, Door, Folder, Ledger, Restored, Seal, Trouble};
use rusqlite::Connection;
use tempfile::TempDir;
use till::{Environment, From, Report, SaleId};

use super::*;

/// So many orders there were when the last copy was made, and so many when the damage came.
pub const COPIED: u32 = 40;
pub const ALL: u32 = 60;

/// A shop whose ledger is about to be damaged, and not open.
pub struct Ruin {
    pub folder: TempDir,
}

impl Ruin {
    pub fn empty() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    /// A shop of sixty orders, forty of them in a copy.
    pub fn of(with_copy: bool) -> Self {
        let ruin = Self::empty();
        let (ledger, _) = ruin.begin().unwrap();
        ledger.keep("relay_path", "the secret way").unwrap();
        ledger.set(&ledger::Settings { shop_name: "Toko Sari".into(), ..ledger.settings().unwrap() }).unwrap();
        for n in 1..=ALL {
            business(&ledger, n);
            if n == COPIED && with_copy {
                ledger.copy(at(900)).unwrap().unwrap();
            }
        }
        ledger.keep_draft(sale_id(999), &till::Draft { note: "half typed".into(), ..draft() }).unwrap();
        ruin
    }

    pub fn relay(&self) -> Result<Ledger, Trouble> {
        relay(self.folder.path())
    }

    pub fn restore(&self, name: &str) -> Result<Restored, Trouble> {
        Ledger::restore(&Folder::at(self.folder.path()), Environment::Training, name, at(9_000))
    }

    pub fn begin(&self) -> Result<(Ledger, Option<Restored>), Trouble> {
        begin(self.folder.path())
    }

    /// The same in a folder of its own, so that this one stays as it is.
    pub fn elsewhere(&self) -> Self {
        let other = Self::empty();
        copy_folder(self.folder.path(), other.folder.path());
        other
    }

    pub fn place(&self) -> PathBuf {
        self.folder.path().join("training")
    }

    pub fn file(&self) -> PathBuf {
        self.place().join("gerai.db")
    }

    pub fn beside(&self, end: &str) -> PathBuf {
        self.place().join(format!("gerai.db{end}"))
    }

    pub fn bytes(&self) -> Option<Vec<u8>> {
        fs::read(self.file()).ok()
    }

    pub fn set_aside(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.place()).unwrap().map(|file| file.unwrap().path());
        files.filter(|file| file.file_name().unwrap().to_str().unwrap().starts_with("set-aside-")).collect()
    }

    pub fn everything(&self) -> BTreeMap<i64, String> {
        everything(&self.begin().unwrap().0)
    }

    pub fn lists(&self) -> Vec<String> {
        let raw = Connection::open(self.file()).unwrap();
        let mut rows = raw.prepare("SELECT * FROM sales ORDER BY id").unwrap();
        let columns = rows.column_count();
        let rows = rows.query_map([], |row| {
            (0..columns).map(|n| Ok(format!("{:?}", row.get_ref(n)?))).collect::<Result<Vec<_>, _>>()
        });
        rows.unwrap().map(|row| row.unwrap().join(" | ")).collect()
    }

    pub fn by_hand(&self, sql: &str) {
        let raw = Connection::open(self.file()).unwrap();
        raw.pragma_update(None, "foreign_keys", false).unwrap();
        raw.execute_batch(sql).unwrap();
    }

    pub fn spoil(&self, from: usize, length: usize) {
        let mut bytes = self.bytes().unwrap();
        bytes[from..from + length].iter_mut().for_each(|byte| *byte ^= 0x5a);
        fs::write(self.file(), bytes).unwrap();
    }

    /// Damages one page that holds rows of this table or index.
    pub fn spoil_page_of(&self, name: &str) {
        let raw = Connection::open(self.file()).unwrap();
        let select = "SELECT pageno FROM dbstat WHERE name = ?1 AND pagetype = 'leaf' ORDER BY pageno DESC LIMIT 1";
        let page: usize = raw.query_row(select, [name], |row| row.get(0)).unwrap();
        drop(raw);
        self.spoil((page - 1) * 4096, 4096);
    }

    pub fn cut_to(&self, part: u64, of: u64) {
        let file = fs::OpenOptions::new().write(true).open(self.file()).unwrap();
        let pages = file.metadata().unwrap().len() / 4096;
        file.set_len(pages * part / of * 4096).unwrap();
    }

    /// Goes on with so many orders, and then stops as if the power went: the write-ahead log stays.
    pub fn go_on_and_lose_power(&self, orders: u32) -> BTreeMap<i64, String> {
        let other = self.elsewhere();
        let (ledger, _) = other.begin().unwrap();
        (200..200 + orders).for_each(|n| business(&ledger, n));
        let entries = everything(&ledger);
        copy_folder(other.folder.path(), self.folder.path());
        entries
    }
}

pub fn begin(folder: &Path) -> Result<(Ledger, Option<Restored>), Trouble> {
    begin_at(folder, at(10_000))
}

pub fn begin_at(folder: &Path, now: till::Time) -> Result<(Ledger, Option<Restored>), Trouble> {
    Ledger::begin(&Folder::at(folder), Environment::Training, Some(Binding::Loopback), *b"till", now)
}

pub fn relay(folder: &Path) -> Result<Ledger, Trouble> {
    Ledger::open(&Folder::at(folder), Environment::Training, None, Door::Relay, *b"0000")
}

/// Order, intent, a code, word from the relay, and for every other one a look-up that says paid.
pub fn business(ledger: &Ledger, n: u32) {
    let sale = ledger.intend(&new_sale(n), From::Cashier, at(n)).unwrap();
    let told = |report| (Some(order_id(n)), reported(report));
    let heard = heard(n);
    ledger.write_heard(sale.id, at(n), &heard, |_| vec![told(Report::Pending)]).unwrap();
    let letter = letter(order_id(n), Report::Settlement);
    ledger.receive(format!("letter {n}").as_bytes(), &letter, Seal::Genuine, at(n)).unwrap();
    let report = if is_paid(n) { Report::Settlement } else { Report::Cancel };
    ledger.write(sale.id, From::Midtrans, at(n), |_| vec![told(report)]).unwrap();
}

pub fn is_paid(n: u32) -> bool {
    n.is_multiple_of(2)
}

pub fn entries_of(orders: u32) -> usize {
    5 * orders as usize
}

pub fn heard(n: u32) -> ledger::Heard {
    ledger::Heard {
        order_id: order_id(n),
        asked: till::Asked::Charge,
        sent_at: at(n),
        heard_at: at(n),
        http: Some(201),
        told_at: None,
        outcome: ledger::Outcome::Pending,
        body: format!("answer {n}").into_bytes(),
    }
}

/// Every entry of the log by its number.
pub fn everything(ledger: &Ledger) -> BTreeMap<i64, String> {
    let all = everything_readable(ledger);
    let raw = Connection::open(ledger.folder().join("gerai.db")).unwrap();
    let count: usize = raw.query_row("SELECT count(*) FROM log", [], |row| row.get(0)).unwrap();
    assert_eq!(all.len(), count);
    all
}

pub fn everything_readable(ledger: &Ledger) -> BTreeMap<i64, String> {
    let raw = Connection::open(ledger.folder().join("gerai.db")).unwrap();
    let mut sales = raw.prepare("SELECT DISTINCT sale FROM log").unwrap();
    let sales = sales.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let sales = sales.filter_map(|sale| sale.ok()?.parse::<SaleId>().ok());
    let entries = sales.filter_map(|sale| ledger.log(sale).ok()).flatten();
    entries.map(|entry| (entry.seq, format!("{entry:?}"))).collect()
}

pub fn till_of(entries: &BTreeMap<i64, String>) -> till::TillId {
    assert!(!entries.is_empty());
    till::TillId::draw(*b"till")
}

pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let there = to.join(file.file_name());
        if file.file_type().unwrap().is_dir() {
            copy_folder(&file.path(), &there);
        } else {
            fs::copy(file.path(), there).unwrap();
        }
    }
}
