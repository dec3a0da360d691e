//! Two real programs write to one file, each of them brings what it wrote from the log of the database
//! into the file whenever it likes, one of them is killed now and then, and both dawdle wherever they
//! take a lock. Whatever was acknowledged is there, and the file is whole at every look.
//!
//! `GERAI_TORTURE_WRITES` asks for more writes, `GERAI_TORTURE_SEED` for the same plan again.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::ChildStdout,
    sync::mpsc::{Sender, channel},
    thread,
    time::Duration,
};

use disk::{Call, Disk};
use ledger::{List, LogKey, Query, Seal, Trouble};
use rusqlite::Connection;
use shop::*;
use stage::{Chance, asked_for};
use till::{From, Report, State};

const NAME: &str = "whatever_two_programs_write_and_move_at_once_is_there_and_whole";

/// A program writes so many sales before it ends or is killed.
const A_RUN: u32 = 200;

#[test]
fn whatever_two_programs_write_and_move_at_once_is_there_and_whole() {
    if let Some(plan) = child_folder() {
        return write(&plan);
    }
    let mut chance = Chance::drawn();
    let writes = asked_for("GERAI_TORTURE_WRITES", 2_000);
    let shop = Shop::in_memory();
    shop.ledger.arm(LogKey::new([7; 32]), at(0)).unwrap();
    let (tell, told) = channel();
    let (mut next, mut acknowledged, mut kills, mut looks) = (0, Vec::new(), 0, 0);
    let (mut next_look, mut next_kill) = (50, 100 + chance.below(200));
    let mut programs = [start(&shop, &mut next, &mut chance, &tell), start(&shop, &mut next, &mut chance, &tell)];
    while (acknowledged.len() as u64) < writes {
        match told.recv().unwrap() {
            Said::Written(what) => acknowledged.push(what),
            Said::Ended(base) => {
                let place = programs.iter().position(|(one, _)| *one == base).unwrap();
                programs[place] = start(&shop, &mut next, &mut chance, &tell);
            }
        }
        let written = acknowledged.len() as u64;
        if written >= next_look {
            next_look = written + 50;
            look(&shop);
            looks += 1;
        }
        if written >= next_kill {
            next_kill = written + 100 + chance.below(200);
            programs[chance.below(2) as usize].1.kill();
            kills += 1;
        }
    }
    programs.iter_mut().for_each(|(_, program)| program.kill());
    drop(tell);
    acknowledged.extend(told.iter().filter_map(|said| if let Said::Written(what) = said { Some(what) } else { None }));

    look(&shop);
    for Written { n, what } in &acknowledged {
        let sale = shop.ledger.sale(sale_id(*n)).unwrap().unwrap_or_else(|| panic!("sale {n} is lost"));
        match what.as_str() {
            "sale" => assert_eq!(shop.ledger.log(sale.id).unwrap().len().min(2), 2, "an order and its intent"),
            "pending" => assert_ne!(sale.state(), State::Intent, "what was told of {n} is lost"),
            _ => assert_eq!(shop.ledger.notifications(order_id(*n)).unwrap().len(), 1, "a letter about {n} is lost"),
        }
    }
    let verdict = shop.ledger.verify(None).unwrap().unwrap();
    assert!(verdict.is_fine() && verdict.waiting == 0, "{verdict:?}");
    println!("{} writes were acknowledged, {kills} programs killed, {looks} looks taken", acknowledged.len());
    assert!(looks > 10 && kills > 5);
}

/// Something that was acknowledged.
struct Written {
    n: u32,
    what: String,
}

enum Said {
    Written(Written),
    /// The program whose first sale this is has ended, or was killed.
    Ended(u32),
}

/// Starts a program that writes the next sales.
fn start(shop: &Shop, next: &mut u32, chance: &mut Chance, tell: &Sender<Said>) -> (u32, Program) {
    let base = *next;
    *next += A_RUN;
    let plan = shop.folder.path().join(format!("{base}-{}", chance.number()));
    let mut program = second_program(NAME, &plan);
    let (said, tell) = (program.0.stdout.take().unwrap(), tell.clone());
    thread::spawn(move || listen(said, base, &tell));
    (base, program)
}

fn listen(said: ChildStdout, base: u32, tell: &Sender<Said>) {
    // Half a line is nothing that was said.
    for line in BufReader::new(said).lines().map_while(Result::ok) {
        let words: Vec<&str> = line.split(' ').collect();
        if let [.., "written", n, what, "."] = words[..] {
            let written = Written { n: n.parse().unwrap(), what: what.into() };
            let _ = tell.send(Said::Written(written));
        }
    }
    let _ = tell.send(Said::Ended(base));
}

/// What a program of the test does.
fn write(plan: &Path) {
    let (base, seed) = plan.file_name().unwrap().to_str().unwrap().split_once('-').unwrap();
    let (base, mut chance) = (base.parse::<u32>().unwrap(), Chance::of(seed.parse().unwrap()));
    let folder = plan.parent().unwrap();
    let disk = Disk::in_folder(folder);
    let dawdling = std::sync::Mutex::new(Chance::of(chance.number()));
    disk.listen(move |call| {
        if call == Call::Lock {
            let pause = dawdling.lock().unwrap().below(40);
            match pause {
                0..10 => thread::yield_now(),
                10..12 => thread::sleep(Duration::from_micros(300)),
                _ => {}
            }
        }
    });
    let ledger = open(folder).unwrap();
    ledger.arm(LogKey::new([7; 32]), at(0)).unwrap();
    let raw = Connection::open(ledger.folder().join("gerai.db")).unwrap();
    raw.busy_timeout(Duration::from_millis(50)).unwrap();
    for n in base..base + A_RUN {
        until_done(|| ledger.intend(&new_sale(n), From::Cashier, at(n)).map(drop));
        println!("written {n} sale .");
        match chance.below(8) {
            0 => {
                let letter = letter(order_id(n), Report::Settlement);
                until_done(|| ledger.receive(&n.to_be_bytes(), &letter, Seal::Genuine, at(n)).map(drop));
                println!("written {n} letter .");
            }
            1 | 2 => {
                let event = (Some(order_id(n)), reported(Report::Pending));
                until_done(|| ledger.write(sale_id(n), From::Midtrans, at(n), |_| vec![event.clone()]).map(drop));
                println!("written {n} pending .");
            }
            3 => drop(ledger.page(&Query::newest(List::All, 100, at(0))).unwrap()),
            how => {
                let how = ["PASSIVE", "FULL", "RESTART", "TRUNCATE"][how as usize - 4];
                // Who is busy goes on without.
                let _ = raw.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(()));
            }
        }
    }
}

/// Whoever waits too long for a turn asks again, as a shop does.
fn until_done(mut act: impl FnMut() -> Result<(), Trouble>) {
    loop {
        match act() {
            Ok(()) => return,
            Err(Trouble::Busy) => {}
            Err(trouble) => panic!("{trouble}"),
        }
    }
}

/// The file is whole at this moment, and the lists are what the log says.
fn look(shop: &Shop) {
    let raw = shop.raw();
    raw.busy_timeout(Duration::from_secs(10)).unwrap();
    let said: String = raw.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(said, "ok");
    assert_eq!(shop.ledger.audit().unwrap(), []);
    let (count, last): (i64, i64) =
        raw.query_row("SELECT count(*), max(seq) FROM log", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(count, last, "an entry is missing in the middle of the log");
}
