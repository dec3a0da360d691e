//! A copy of a ledger that somebody puts back, after something happened to it on the way. The bytes are
//! either a whole file, after the word `file` and a line break, or changes to a good one, four bytes
//! each: three say where, the fourth what stands there now.

use std::{fs, path::Path, sync::LazyLock};

use ledger::{Binding, Door, Folder, Head, Ledger, Letter, List, LogKey, NewSale, Query, Seal, Trouble};
use tempfile::TempDir;
use till::{
    Asked, Draft, Entry, Environment, Event, From, Number, OrderId, Report, Reported, Sale, SaleId, State, Store, Time,
};

use crate::shop::pending;

/// A good copy, and what is in it.
struct Good {
    name: String,
    file: Vec<u8>,
    logs: Vec<(SaleId, Vec<Entry>)>,
    paid: u64,
    head: Option<Head>,
}

static GOOD: LazyLock<Good> = LazyLock::new(make);

pub(crate) fn read(bytes: &[u8]) {
    let file = match bytes.strip_prefix(b"file\n") {
        Some(file) => file.to_vec(),
        None => changed(bytes),
    };
    let whole = file == GOOD.file;
    let home = place();
    let home = home.path();
    // It lies where the ledger was, before a program that does not look it over,
    lay(home, &file);
    let seen = open(home).and_then(|ledger| look(&ledger));
    assert!(!whole || matches!(seen, Ok(true)), "a good copy is refused");
    // before a desk that does, and makes anew what is damaged,
    lay(home, &file);
    let folder = Folder::at(home);
    let begun = Ledger::begin(&folder, Environment::Training, Some(Binding::Loopback), *b"till", Time::from_millis(9));
    let seen = begun.and_then(|(ledger, _)| look(&ledger));
    assert!(!whole || matches!(seen, Ok(true)), "a good ledger is refused");
    // and among the copies, where the owner takes it from.
    lay(home, &GOOD.file);
    fs::write(home.join("training/copies").join(&GOOD.name), &file).unwrap();
    let restored = Ledger::restore(&folder, Environment::Training, &GOOD.name, Time::from_millis(9));
    let seen = restored.and_then(|_| open(home)).and_then(|ledger| look(&ledger));
    assert!(!whole || matches!(seen, Ok(true)), "a good copy cannot be put back");
}

/// This file as the ledger, and nothing else but an empty folder for copies.
fn lay(home: &Path, file: &[u8]) {
    let shop = home.join("training");
    let _ = fs::remove_dir_all(&shop);
    fs::create_dir_all(shop.join("copies")).unwrap();
    fs::write(shop.join("gerai.db"), file).unwrap();
}

/// Looks at everything there is to see; whether all of it is as it was.
fn look(ledger: &Ledger) -> Result<bool, Trouble> {
    ledger.arm(LogKey::new([7; 32]), Time::from_millis(9))?;
    let found = ledger.check_up(GOOD.head, Time::from_millis(9))?;
    let all = ledger.page(&Query::newest(List::All, 100, Time::from_millis(0)))?;
    let _ = ledger.page(&Query::newest(List::Attention, 100, Time::from_millis(0)))?;
    ledger.watched(Time::from_millis(0))?;
    ledger.matters()?;
    ledger.strays()?;
    ledger.settings()?;
    ledger.draft()?;
    let paid = ledger.takings(Time::from_millis(i64::MIN), Time::from_millis(i64::MAX))?;
    let mut same = true;
    for (id, log) in &GOOD.logs {
        same &= ledger.log(*id)? == *log;
        ledger.sale(*id)?;
        ledger.notifications(order_id(0))?;
        ledger.exchanges(order_id(0))?;
    }
    let proven = found.verdict.as_ref().is_some_and(|verdict| verdict.is_fine());
    assert!(paid.count <= GOOD.paid || !proven, "a payment was invented, and nobody has noticed");
    // Nothing has changed, or somebody is told.
    if found.is_fine() && ledger.matters()?.is_empty() {
        assert!(same, "the log is another one, and nobody has noticed");
        assert_eq!((all.sum.count, paid.count), (GOOD.logs.len() as u64, GOOD.paid), "the lists are other ones");
    }
    Ok(same)
}

fn changed(bytes: &[u8]) -> Vec<u8> {
    let mut file = GOOD.file.clone();
    for change in bytes.chunks_exact(4) {
        let at = u32::from_be_bytes([0, change[0], change[1], change[2]]) as usize;
        match file.get_mut(at) {
            Some(byte) => *byte = change[3],
            // Behind the end: the file is cut off there, counted from its beginning.
            None => file.truncate((at - file.len()) % (file.len() + 1)),
        }
        if file.is_empty() {
            break;
        }
    }
    file
}

/// A small shop: sales in the states there are, a notification, a draft, settings.
fn make() -> Good {
    let home = place();
    let ledger = open(home.path()).unwrap();
    ledger.arm(LogKey::new([7; 32]), Time::from_millis(1)).unwrap();
    let mut logs = Vec::new();
    let told = |report| Event::Reported(Reported { asked: Asked::LookUp, asked_after: i64::MAX, report, ..pending() });
    for n in 0..4 {
        let draft = Draft { amount: "44000".into(), customer: "Budi".into(), ..Draft::empty(Store::Alfamart) };
        let (id, number) = (SaleId::draw([n; 12]), Number::draw(&[n; 4]));
        let order = draft.check(None).unwrap();
        let new = NewSale { id, number, order, order_id: order_id(n), request: "{}".into(), notify: None };
        ledger.intend(&new, From::Cashier, Time::from_millis(2)).unwrap();
        let events = match n {
            0 => vec![told(Report::Pending), told(Report::Settlement)],
            1 => vec![told(Report::Pending)],
            2 => vec![told(Report::Pending), told(Report::Expire)],
            _ => vec![],
        };
        for event in events {
            ledger
                .write(id, From::Midtrans, Time::from_millis(3), |_| vec![(Some(order_id(n)), event.clone())])
                .unwrap();
        }
        logs.push((id, ledger.log(id).unwrap()));
    }
    let letter = Letter {
        order_id: order_id(1).to_string(),
        report: Report::Settlement,
        consistent: true,
        amount: Some(44_000),
        store: None,
        payment_code: None,
        transaction_id: None,
    };
    ledger.receive(b"{\"settlement\":1}", &letter, Seal::Genuine, Time::from_millis(4)).unwrap();
    logs[1].1 = ledger.log(logs[1].0).unwrap();
    ledger.keep_draft(SaleId::draw([9; 12]), &Draft::empty(Store::Indomaret)).unwrap();
    ledger.set(&ledger.settings().unwrap()).unwrap();
    let head = ledger.chain_head().unwrap();
    let paid = logs.iter().filter(|(_, log)| Sale::of(log).unwrap().state() == State::Paid).count() as u64;
    let copy = ledger.copy(Time::from_millis(5)).unwrap().unwrap();
    let file = fs::read(ledger.folder().join("copies").join(&copy.name)).unwrap();
    Good { name: copy.name, file, logs, paid, head }
}

fn order_id(n: u8) -> OrderId {
    OrderId::draw(till::TillId::draw(*b"till"), [n; 18])
}

fn open(folder: &Path) -> Result<Ledger, Trouble> {
    Ledger::open(&Folder::at(folder), Environment::Training, Some(Binding::Loopback), Door::Desk, *b"till")
}

/// A folder of our own where files cost least.
pub(crate) fn place() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory).unwrap() } else { TempDir::new().unwrap() }
}
