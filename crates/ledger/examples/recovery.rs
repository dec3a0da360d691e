//! How long a damaged ledger keeps the shop waiting: it is looked over, set aside and made anew.
//!
//! `scripts/bench recovery` runs it. With a number, so many orders; fifty thousand without.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

use std::{
    env, fs,
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use ledger::{Binding, Folder, Heard, Ledger, Letter, NewSale, Outcome, Restored, Seal};
use tempfile::TempDir;
use till::{Asked, Draft, Environment, Event, From, Number, OrderId, Report, Reported, SaleId, Store, TillId, Time};

/// What is promised.
const PROMISED: Duration = Duration::from_secs(60);

/// A kind of damage, and what does it.
type Damage = (&'static str, fn(&Path));

fn main() {
    let orders: u32 = env::args().nth(1).and_then(|orders| orders.parse().ok()).unwrap_or(50_000);
    // Where a commit costs nothing, a month of business takes seconds.
    let shelf = if Path::new("/dev/shm").is_dir() { TempDir::new_in("/dev/shm") } else { TempDir::new() }.unwrap();
    let begun = Instant::now();
    let ledger = begin(shelf.path(), 0).0;
    for n in 0..orders {
        business(&ledger, n);
        // The last copy was made before the last order of a busy hour.
        if n + 100 == orders {
            ledger.copy(at(n)).unwrap().unwrap();
        }
    }
    drop(ledger);
    let bytes = fs::metadata(shelf.path().join("training/gerai.db")).unwrap().len();
    println!("{orders} orders, {} MiB, made in {:.1} s", bytes >> 20, begun.elapsed().as_secs_f64());

    let damages: [Damage; 5] = [
        ("nothing", |_| {}),
        ("a page in the middle", |file| spoil(file, fs::metadata(file).unwrap().len() / 2 / 4096 * 4096, 4096)),
        ("the head of the file", |file| spoil(file, 0, 100)),
        ("half of it cut off", |file| {
            let file = fs::OpenOptions::new().write(true).open(file).unwrap();
            file.set_len(file.metadata().unwrap().len() / 2 / 4096 * 4096).unwrap();
        }),
        ("the file gone", |file| fs::remove_file(file).unwrap()),
    ];
    println!("{:32} {:>8} {:>8} {:>9} {:>7}", "damage", "copy", "start", "salvaged", "lost");
    for (name, damage) in damages {
        for with_copy in [true, false] {
            let disk = TempDir::new_in("target").unwrap();
            copy_folder(&shelf.path().join("training"), &disk.path().join("training"));
            let file = disk.path().join("training/gerai.db");
            damage(&file);
            if !with_copy {
                let _ = fs::remove_dir_all(file.with_file_name("copies"));
            }
            let begun = Instant::now();
            let (ledger, restored) = begin(disk.path(), orders);
            let took = begun.elapsed();
            let salvaged = restored.map(|restored| restored.salvaged).unwrap_or_default();
            let copy = if with_copy { "yes" } else { "no" };
            let seconds = took.as_secs_f64();
            println!("{name:32} {copy:>8} {seconds:>7.1}s {:>9} {:>7}", salvaged.entries, salvaged.lost);
            assert_eq!(ledger.audit().unwrap(), []);
            assert!(took < PROMISED || orders > 50_000, "longer than promised");
        }
    }
}

fn begin(folder: &Path, n: u32) -> (Ledger, Option<Restored>) {
    let folder = Folder::at(folder);
    Ledger::begin(&folder, Environment::Training, Some(Binding::Loopback), *b"till", at(n)).unwrap()
}

/// An order from the first key to the customer with the goods.
fn business(ledger: &Ledger, n: u32) {
    let mut digits = [0; 18];
    digits.iter_mut().rev().zip(0..6).for_each(|(digit, place)| *digit = (n / 32_u32.pow(place) % 32) as u8);
    let order_id = OrderId::draw(TillId::draw(*b"till"), digits);
    let id = SaleId::draw(digits[6..].try_into().unwrap());
    let number: Vec<u8> = (0..5).rev().map(|place| (n / 28_u32.pow(place) % 28) as u8).collect();
    let draft = Draft { amount: "44000".into(), customer: "Ibu Sari".into(), ..Draft::empty(Store::Alfamart) };
    let request = format!("{{\"order_id\":\"{order_id}\",\"padding\":\"{}\"}}", "x".repeat(500));
    let new = NewSale {
        id,
        number: Number::draw(&number),
        order: draft.check(None).unwrap(),
        order_id,
        request,
        notify: None,
    };
    ledger.intend(&new, From::Cashier, at(n)).unwrap();
    for (asked, report, outcome) in
        [(Asked::Charge, Report::Pending, Outcome::Pending), (Asked::LookUp, Report::Settlement, Outcome::Settlement)]
    {
        let reported = Reported {
            asked,
            asked_after: i64::MAX,
            report,
            amount: Some(44_000),
            store: Some(Store::Alfamart),
            payment_code: Some(format!("5781{n:08}")),
            transaction_id: Some(format!("9b3951a4-{n}")),
            expires_at: Some(at(n + 86_400)),
            made_at: Some(at(n)),
            settled_at: (report == Report::Settlement).then(|| at(n)),
            told_at: Some(at(n)),
        };
        let body =
            format!("{{\"order_id\":\"{order_id}\",\"report\":\"{report:?}\",\"padding\":\"{}\"}}", "y".repeat(600));
        let letter = Letter {
            order_id: order_id.to_string(),
            report,
            consistent: true,
            amount: Some(44_000),
            store: None,
            payment_code: None,
            transaction_id: None,
        };
        ledger.receive(body.as_bytes(), &letter, Seal::Genuine, at(n)).unwrap();
        let (sent_at, heard_at, body) = (at(n), at(n), body.into_bytes());
        let heard = Heard { order_id, asked, sent_at, heard_at, http: Some(200), told_at: Some(at(n)), outcome, body };
        ledger.write_heard(id, at(n), &heard, |_| vec![(Some(order_id), Event::Reported(reported))]).unwrap();
    }
    ledger.write(id, From::Cashier, at(n), |_| vec![(None, Event::HandedOver { by: "Sari".into() })]).unwrap();
}

fn at(n: u32) -> Time {
    Time::from_millis(1_800_000_000_000 + i64::from(n) * 60_000)
}

fn spoil(file: &Path, from: u64, length: usize) {
    let mut file = fs::OpenOptions::new().read(true).write(true).open(file).unwrap();
    let mut bytes = vec![0; length];
    file.seek(SeekFrom::Start(from)).unwrap();
    file.read_exact(&mut bytes).unwrap();
    bytes.iter_mut().for_each(|byte| *byte ^= 0xff);
    file.seek(SeekFrom::Start(from)).unwrap();
    file.write_all(&bytes).unwrap();
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let there: PathBuf = to.join(file.file_name());
        if file.file_type().unwrap().is_dir() {
            copy_folder(&file.path(), &there);
        } else {
            fs::copy(file.path(), there).unwrap();
        }
    }
}
