//! What the chain costs, and how long it takes to verify: a ledger of half a million entries.
//!
//! `cargo run --release -p ledger --example chain [SALES]`

#![allow(clippy::unwrap_used, reason = "a measure that cannot go on has failed")]

use std::{
    env,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use ledger::{Binding, Door, Folder, Ledger, List, LogKey, NewSale, Query};
use tempfile::TempDir;
use till::{Asked, Draft, Environment, Event, From, Number, OrderId, Report, Reported, SaleId, Store, TillId, Time};

fn main() {
    let sales: u32 = env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let ledger = |folder: &Path| {
        Ledger::open(&Folder::at(folder), Environment::Training, Some(Binding::Loopback), Door::Desk, *b"till").unwrap()
    };
    // How long the disk takes is not the question here.
    let memory = TempDir::new_in("/dev/shm").unwrap();
    let full = ledger(memory.path());
    (0..sales).for_each(|n| sell(&full, n));
    let entries = full.head().unwrap();
    println!("{entries} entries");

    let begun = Instant::now();
    full.arm(key(), at(0)).unwrap();
    println!("sealed for the first time   {:?}", begun.elapsed());
    let begun = Instant::now();
    let verdict = full.verify(full.chain_head().unwrap()).unwrap().unwrap();
    assert!(verdict.is_fine() && verdict.proven == entries as u64);
    let took = begun.elapsed();
    println!("verified                    {took:?}, {:.0} entries a second", entries as f64 / took.as_secs_f64());

    let begun = Instant::now();
    let (mut lists, mut writes) = (Vec::new(), Vec::new());
    thread::scope(|scope| {
        let check_up = scope.spawn(|| {
            let fine = full.check_up(None, at(1)).unwrap().is_fine();
            (fine, begun.elapsed())
        });
        let mut n = sales;
        while !check_up.is_finished() {
            lists.push(timed(|| drop(full.page(&Query::newest(List::Pending, 50, at(0))).unwrap())));
            writes.push(timed(|| drop(full.intend(&new(n), From::Cashier, at(n)).unwrap())));
            n += 1;
            thread::sleep(Duration::from_millis(5));
        }
        let (fine, took) = check_up.join().unwrap();
        assert!(fine);
        println!("verified and lists audited  {took:?}");
    });
    println!("meanwhile a list            {}", spread(&mut lists));
    println!("meanwhile a new order       {}", spread(&mut writes));

    let disk = TempDir::new_in(env::current_dir().unwrap()).unwrap();
    for (name, place) in [("disk of memory", TempDir::new_in("/dev/shm").unwrap()), ("this disk", disk)] {
        for armed in [false, true] {
            let folder = place.path().join(if armed { "armed" } else { "unarmed" });
            let fresh = ledger(&folder);
            if armed {
                fresh.arm(key(), at(0)).unwrap();
            }
            let mut took: Vec<_> =
                (0..2_000).map(|n| timed(|| drop(fresh.intend(&new(n), From::Cashier, at(n)).unwrap()))).collect();
            let how = if armed { "sealed  " } else { "unsealed" };
            println!("a new order {how} on {name:<15} {}", spread(&mut took));
        }
    }
}

fn sell(ledger: &Ledger, n: u32) {
    ledger.intend(&new(n), From::Cashier, at(n)).unwrap();
    let told = |report| {
        Event::Reported(Reported {
            asked: Asked::LookUp,
            asked_after: i64::MAX,
            report,
            amount: Some(44_000),
            store: Some(Store::Indomaret),
            payment_code: Some("578112341234".into()),
            transaction_id: Some("9b3951a4-1b0c-4b5c-8d3e-0c7a5d5c2f11".into()),
            expires_at: Some(at(86_400)),
            made_at: Some(at(n)),
            settled_at: None,
            told_at: Some(at(n)),
        })
    };
    let (sale, attempt) = (SaleId::draw(digits(n)), Some(OrderId::draw(TillId::draw(*b"till"), digits(n))));
    let write = |from, event: Event| drop(ledger.write(sale, from, at(n), |_| vec![(attempt, event)]).unwrap());
    write(From::Midtrans, told(Report::Pending));
    write(From::Relay, Event::Hinted { report: Report::Settlement, fits: true });
    write(From::Midtrans, told(Report::Settlement));
}

fn new(n: u32) -> NewSale {
    let order_id = OrderId::draw(TillId::draw(*b"till"), digits(n));
    let draft = Draft { amount: "44000".into(), customer: "Bu Sari".into(), ..Draft::empty(Store::Indomaret) };
    NewSale {
        id: SaleId::draw(digits(n)),
        number: Number::draw(&[0, 1, 2, 3].map(|place| (n / 28_u32.pow(place) % 28) as u8)),
        order: draft.check(None).unwrap(),
        order_id,
        request: format!(
            r#"{{"payment_type":"cstore","transaction_details":{{"order_id":"{order_id}","gross_amount":44000}},"cstore":{{"store":"indomaret","message":"Toko Uji"}},"custom_expiry":{{"expiry_duration":1440,"unit":"minute"}}}}"#
        ),
        notify: None,
    }
}

fn digits<const N: usize>(n: u32) -> [u8; N] {
    std::array::from_fn(|place| (n >> (5 * place.min(6)) & 31) as u8)
}

fn at(n: u32) -> Time {
    Time::from_millis(1_800_000_000_000 + i64::from(n) * 1_000)
}

fn key() -> LogKey {
    LogKey::new([7; 32])
}

fn timed(what: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    what();
    begun.elapsed()
}

fn spread(took: &mut [Duration]) -> String {
    took.sort();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100];
    format!("p50 {:?}, p99 {:?}, longest {:?} of {}", at(50), at(99), at(100), took.len())
}
