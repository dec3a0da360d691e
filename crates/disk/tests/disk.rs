//! That the disk does to SQLite what disks do, and nothing that no disk does.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    env, fs,
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use disk::{CHANGES, Call, Chance, Disk, Failure};
use rusqlite::{Connection, ErrorCode};
use tempfile::TempDir;

/// How a shop keeps its log.
#[derive(Clone, Copy, Debug)]
struct Habit {
    journal: &'static str,
    synchronous: &'static str,
}

const WAL_FULL: Habit = Habit { journal: "WAL", synchronous: "FULL" };

/// A log on a disk of its own.
struct Shop {
    folder: TempDir,
    disk: Disk,
    habit: Habit,
}

impl Shop {
    fn new(habit: Habit) -> Self {
        let folder = TempDir::new().unwrap();
        let shop = Self { disk: Disk::in_folder(folder.path()), folder, habit };
        shop.open().unwrap().execute_batch("CREATE TABLE log (n INTEGER PRIMARY KEY, event BLOB)").unwrap();
        shop
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        open(self.folder.path(), self.habit)
    }

    /// The log as the next program finds it; nothing if it is damaged.
    fn sold(&self) -> Option<Vec<u64>> {
        let shop = self.open().ok()?;
        let sound: String = shop.query_row("PRAGMA integrity_check", [], |row| row.get(0)).ok()?;
        let mut log = shop.prepare("SELECT n FROM log ORDER BY n").ok().filter(|_| sound == "ok")?;
        log.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().ok()
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("shop.db")
    }
}

fn open(folder: &Path, habit: Habit) -> rusqlite::Result<Connection> {
    kept(Connection::open(folder.join("shop.db"))?, habit)
}

fn kept(shop: Connection, habit: Habit) -> rusqlite::Result<Connection> {
    let Habit { journal, synchronous } = habit;
    shop.execute_batch(&format!("PRAGMA journal_mode = {journal}; PRAGMA synchronous = {synchronous}"))?;
    Ok(shop)
}

fn sell(shop: &Connection, n: u64) -> rusqlite::Result<()> {
    // More than a page now and then, so that a sale is more than one write.
    shop.execute("INSERT INTO log VALUES (?1, zeroblob(?2))", (n, n % 5 * 1_500)).map(|_| ())
}

/// Sells until the power goes at some moment, and says whether any sale that was acknowledged is lost.
fn sales_are_lost(habit: Habit, seed: u64) -> bool {
    let mut chance = Chance::seeded(seed);
    let shop = Shop::new(habit);
    let till = shop.open().unwrap();
    shop.disk.stop_at(1 + chance.below(120) as u64);
    let mut sold = 0;
    while sold < 40 && sell(&till, sold).is_ok() {
        sold += 1;
        if sold.is_multiple_of(7) {
            let _ = till.execute_batch("PRAGMA wal_checkpoint");
        }
    }
    shop.disk.power_cut(&mut chance);
    drop(till);
    !shop.sold().is_some_and(|found| found.len() as u64 >= sold && (0..).zip(found).all(|(n, found)| n == found))
}

/// After how many of so many power cuts sales were lost, or the whole log.
fn losses(habit: Habit) -> usize {
    (0..120).filter(|seed| sales_are_lost(habit, *seed)).count()
}

#[test]
fn whoever_waits_for_the_platter_loses_nothing() {
    for habit in [WAL_FULL, Habit { journal: "DELETE", synchronous: "EXTRA" }] {
        for seed in 0..300 {
            assert!(!sales_are_lost(habit, seed), "{habit:?}, seed {seed}");
        }
    }
}

#[test]
fn whoever_does_not_wait_loses_sales_and_this_disk_shows_it() {
    for (journal, synchronous) in [("WAL", "NORMAL"), ("WAL", "OFF"), ("DELETE", "OFF")] {
        let habit = Habit { journal, synchronous };
        assert!(losses(habit) > 5, "{habit:?}");
    }
}

#[test]
fn a_journal_whose_deletion_never_reached_the_platter_takes_its_sale_back() {
    // What SQLite's documentation says of DELETE with FULL, and the reason for EXTRA.
    assert!(losses(Habit { journal: "DELETE", synchronous: "FULL" }) > 0);
}

#[test]
fn one_seed_has_one_end() {
    let end = |seed| {
        let shop = Shop::new(Habit { journal: "WAL", synchronous: "OFF" });
        let till = shop.open().unwrap();
        (0..9).for_each(|n| sell(&till, n).unwrap());
        shop.disk.power_cut(&mut Chance::seeded(seed));
        let wal = fs::read(shop.file().with_extension("db-wal")).unwrap_or_default();
        // SQLite draws the salt of each log anew.
        (wal.len(), wal.chunks(512).map(|sector| sector.iter().any(|byte| *byte != 0)).collect::<Vec<_>>())
    };
    assert!((0..20).all(|seed| end(seed) == end(seed)));
}

#[test]
fn the_dead_can_neither_read_nor_write_nor_tidy_up() {
    for habit in [WAL_FULL, Habit { journal: "DELETE", synchronous: "FULL" }] {
        let shop = Shop::new(habit);
        let dead = shop.open().unwrap();
        sell(&dead, 0).unwrap();
        dead.execute_batch("BEGIN IMMEDIATE").unwrap();
        sell(&dead, 1).unwrap();
        shop.disk.power_cut(&mut Chance::seeded(1));
        let living = shop.open().unwrap();
        sell(&living, 2).unwrap();
        assert!(dead.execute_batch("COMMIT").is_err());
        assert!(sell(&dead, 3).is_err());
        assert!(dead.query_row("SELECT count(*) FROM log", [], |row| row.get::<_, u64>(0)).is_err());
        drop(dead);
        sell(&living, 4).unwrap();
        drop(living);
        assert_eq!(shop.sold().unwrap(), [0, 2, 4], "{habit:?}");
    }
}

#[test]
fn a_call_that_is_to_fail_fails_and_only_that_one() {
    for (call, failure, code) in [
        (Call::Write, Failure::Eio, ErrorCode::SystemIoFailure),
        (Call::Write, Failure::Enospc, ErrorCode::DiskFull),
        (Call::Write, Failure::ShortWrite, ErrorCode::DiskFull),
        (Call::Sync, Failure::Eio, ErrorCode::SystemIoFailure),
        (Call::Lock, Failure::Eio, ErrorCode::SystemIoFailure),
    ] {
        let shop = Shop::new(WAL_FULL);
        let till = shop.open().unwrap();
        sell(&till, 0).unwrap();
        shop.disk.fail_at(1, &[call], failure);
        assert_eq!(sell(&till, 1).unwrap_err().sqlite_error_code(), Some(code), "{call:?} {failure:?}");
        sell(&till, 2).unwrap();
        shop.disk.fail_from(2, &[call], failure);
        let failed = (3..10).find(|n| sell(&till, *n).is_err()).unwrap();
        assert!(sell(&till, 10).is_err(), "and every one after it");
        shop.disk.heal();
        sell(&till, 11).unwrap();
        drop(till);
        let expected: Vec<_> = [0, 2].into_iter().chain(3..failed).chain([11]).collect();
        assert_eq!(shop.sold().unwrap(), expected);
    }
}

#[test]
fn a_file_may_refuse_to_open() {
    let shop = Shop::new(WAL_FULL);
    shop.disk.fail_at(1, &[Call::Open], Failure::Eio);
    assert_eq!(shop.open().unwrap_err().sqlite_error_code(), Some(ErrorCode::CannotOpen));
    assert!(shop.open().is_ok());
}

#[test]
fn after_a_failed_sync_the_next_one_says_ok_and_what_was_written_is_gone() {
    let lost = (0..60).filter(|seed| {
        let shop = Shop::new(Habit { journal: "WAL", synchronous: "NORMAL" });
        let till = shop.open().unwrap();
        sell(&till, 4).unwrap();
        shop.disk.fail_at(1, &[Call::Sync], Failure::Eio);
        assert!(till.execute_batch("PRAGMA wal_checkpoint").is_err());
        till.execute_batch("PRAGMA synchronous = FULL").unwrap();
        sell(&till, 5).unwrap();
        shop.disk.power_cut(&mut Chance::seeded(*seed));
        drop(till);
        shop.sold().is_none_or(|sold| sold != [4, 5])
    });
    assert!(lost.count() > 5, "the second sale lies on a first one that the platter never got");
}

#[test]
fn a_disk_that_lies_loses_what_it_has_acknowledged() {
    let lost = (0..40).filter(|seed| {
        let shop = Shop::new(WAL_FULL);
        shop.disk.lie();
        let till = shop.open().unwrap();
        (0..5).for_each(|n| sell(&till, n).unwrap());
        shop.disk.power_cut(&mut Chance::seeded(*seed));
        drop(till);
        shop.sold().is_none_or(|sold| sold.len() != 5)
    });
    assert!(lost.count() > 5);
}

#[test]
fn what_a_dead_program_wrote_stays_until_the_power_goes_too() {
    let kept = |cut: bool| {
        let shop = Shop::new(Habit { journal: "WAL", synchronous: "NORMAL" });
        let till = shop.open().unwrap();
        sell(&till, 0).unwrap();
        shop.disk.restart();
        assert!(sell(&till, 1).is_err(), "it is dead");
        drop(till);
        if cut {
            shop.disk.power_cut(&mut Chance::seeded(8));
        }
        shop.sold().unwrap()
    };
    assert_eq!(kept(false), [0]);
    assert!(kept(true).is_empty());
}

#[test]
fn a_machine_that_stopped_does_nothing_until_it_comes_back() {
    let shop = Shop::new(WAL_FULL);
    let till = shop.open().unwrap();
    sell(&till, 0).unwrap();
    shop.disk.stop_at(2);
    assert!(sell(&till, 1).is_err());
    assert!(shop.disk.stopped());
    let before = shop.disk.snapshot();
    assert!(shop.open().is_err() && sell(&till, 2).is_err());
    drop(till);
    assert_eq!(shop.disk.snapshot(), before);
    shop.disk.restart();
    assert!(!shop.disk.stopped());
    assert_eq!(shop.sold().unwrap(), [0]);
}

#[test]
fn an_old_copy_comes_back_whole() {
    let shop = Shop::new(WAL_FULL);
    let till = shop.open().unwrap();
    sell(&till, 0).unwrap();
    fs::create_dir(shop.folder.path().join("notes")).unwrap();
    fs::write(shop.folder.path().join("notes/today"), "rain").unwrap();
    let then = shop.disk.snapshot();
    let other = TempDir::new().unwrap();
    then.write_to(other.path()).unwrap();
    sell(&till, 1).unwrap();
    fs::write(shop.folder.path().join("notes/today"), "sun").unwrap();
    fs::write(shop.folder.path().join("new"), "").unwrap();
    assert_ne!(shop.disk.snapshot(), then);

    shop.disk.restore(&then);
    drop(till);
    assert_eq!(shop.disk.snapshot(), then);
    assert_eq!(shop.sold().unwrap(), [0]);
    assert_eq!(fs::read_to_string(shop.folder.path().join("notes/today")).unwrap(), "rain");
    let elsewhere: u64 =
        open(other.path(), WAL_FULL).unwrap().query_row("SELECT count(*) FROM log", [], |row| row.get(0)).unwrap();
    assert_eq!(elsewhere, 1, "it can be taken to another place too");
}

/// What two programs on one log see and what SQLite asks of the disk, while one thing after another
/// happens to them.
fn history(make: fn(&Path) -> Disk, habit: Habit, seed: u64) -> Vec<String> {
    let mut chance = Chance::seeded(seed);
    let folder = TempDir::new().unwrap();
    open(folder.path(), habit).unwrap().execute_batch("CREATE TABLE log (n INTEGER PRIMARY KEY, event BLOB)").unwrap();
    let disk = make(folder.path());
    let (mut told, mut programs, mut copy) = (Vec::new(), [None, None], disk.snapshot());
    for n in 0..60 {
        let which = chance.below(2);
        let begin = || {
            let shop = Connection::open(folder.path().join("shop.db"))?;
            // Both programs are on this thread, so nobody gains by waiting.
            shop.busy_timeout(Duration::ZERO)?;
            kept(shop, habit)
        };
        let program = &mut programs[which];
        let did = match (chance.below(24), program.as_ref()) {
            (20, _) => {
                *program = None;
                format!("{which} ends")
            }
            (21, _) => {
                disk.stop_at(1 + chance.below(12) as u64);
                "the machine is about to stop".into()
            }
            (22, _) => {
                let calls = [Call::Read, Call::Write, Call::Sync, Call::Lock, Call::Open, Call::Map];
                disk.fail_at(1 + chance.below(5) as u64, &[calls[chance.below(calls.len())]], Failure::Eio);
                "something is about to fail".into()
            }
            (23, _) => {
                match chance.below(5) {
                    0 | 1 => disk.power_cut(&mut Chance::seeded(chance.number())),
                    2 | 3 => disk.restart(),
                    _ => disk.restore(&copy),
                }
                programs = [None, None];
                "everybody is dead".into()
            }
            (0..=2, _) | (_, None) => {
                *program = None;
                let begun = begin().map(|shop| *program = Some(shop));
                format!("{which} begins: {begun:?}")
            }
            (3, _) => {
                copy = disk.snapshot();
                "a copy is made".into()
            }
            (4, Some(shop)) => {
                format!("{which} tidies up: {:?}", shop.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"))
            }
            (5, Some(shop)) => format!("{which} begins to write: {:?}", shop.execute_batch("BEGIN IMMEDIATE")),
            (6 | 7, Some(shop)) => {
                format!("{which} begins to read: {:?}", shop.execute_batch("BEGIN; SELECT * FROM log"))
            }
            (8..=10, Some(shop)) => format!("{which} is done: {:?}", shop.execute_batch("COMMIT")),
            (11..=13, Some(shop)) => {
                let found = shop.query_row("SELECT count(*), sum(length(event)) FROM log", [], |row| {
                    Ok((row.get::<_, u64>(0)?, row.get::<_, Option<u64>>(1)?))
                });
                format!("{which} reads: {found:?}")
            }
            (_, Some(shop)) => format!("{which} sells: {:?}", sell(shop, n)),
        };
        let did = did.replace(&*folder.path().to_string_lossy(), "");
        told.push(format!("{did}, {:?}, {}", disk.counts(), disk.stopped()));
        if disk.stopped() && chance.hits(1, 3) {
            disk.restart();
            programs = [None, None];
        }
    }
    told
}

#[test]
fn a_disk_in_memory_does_to_sqlite_what_a_real_one_does() {
    for journal in ["WAL", "DELETE", "TRUNCATE"] {
        let habit = Habit { journal, synchronous: "FULL" };
        for seed in 0..40 {
            let there = history(|folder| Disk::in_memory(folder), habit, seed);
            let here = history(|folder| Disk::in_folder(folder), habit, seed);
            let apart = here.iter().zip(&there).find(|(here, there)| here != there);
            assert_eq!(apart, None, "{habit:?}, seed {seed}");
        }
    }
}

#[test]
fn a_disk_in_memory_leaves_the_folder_as_it_was() {
    let folder = TempDir::new().unwrap();
    open(folder.path(), WAL_FULL)
        .unwrap()
        .execute_batch("CREATE TABLE log (n INTEGER PRIMARY KEY, event BLOB)")
        .unwrap();
    let lies_there = || fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect::<Vec<_>>();
    let before = (lies_there(), fs::read(folder.path().join("shop.db")).unwrap());
    let disk = Disk::in_memory(folder.path());
    let till = open(folder.path(), WAL_FULL).unwrap();
    (0..9).for_each(|n| sell(&till, n).unwrap());
    disk.power_cut(&mut Chance::seeded(1));
    drop(till);
    let sold: u64 =
        open(folder.path(), WAL_FULL).unwrap().query_row("SELECT count(*) FROM log", [], |row| row.get(0)).unwrap();
    assert_eq!(sold, 9);
    assert_eq!((lies_there(), fs::read(folder.path().join("shop.db")).unwrap()), before);
}

#[test]
fn a_snapshot_drops_no_lock() {
    const SECOND: &str = "DISK_TEST_SECOND_PROGRAM";
    if let Some(folder) = env::var_os(SECOND) {
        let shop = Connection::open(Path::new(&folder).join("shop.db")).unwrap();
        shop.busy_timeout(Duration::ZERO).unwrap();
        let busy = shop.execute_batch("BEGIN IMMEDIATE").unwrap_err();
        assert_eq!(busy.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
        return;
    }
    let shop = Shop::new(Habit { journal: "DELETE", synchronous: "FULL" });
    let till = shop.open().unwrap();
    till.execute_batch("BEGIN EXCLUSIVE").unwrap();
    drop(shop.disk.snapshot());
    let mut second = Command::new(env::current_exe().unwrap());
    second.args(["--exact", "a_snapshot_drops_no_lock"]).env(SECOND, shop.folder.path());
    assert!(second.status().unwrap().success(), "the second program finds it locked");
}

#[test]
fn a_file_that_was_replaced_without_sqlite_is_taken_as_it_lies() {
    let shop = Shop::new(Habit { journal: "MEMORY", synchronous: "OFF" });
    let till = shop.open().unwrap();
    sell(&till, 0).unwrap();
    drop(till);
    let copy = shop.folder.path().join("copy");
    fs::copy(shop.file(), &copy).unwrap();
    fs::rename(&copy, shop.file()).unwrap();
    shop.disk.power_cut(&mut Chance::seeded(3));
    assert_eq!(shop.sold().unwrap(), [0], "it is not ours to lose");
}

#[test]
fn folders_that_nobody_watches_are_left_alone() {
    let shop = Shop::new(WAL_FULL);
    let elsewhere = TempDir::new().unwrap();
    shop.disk.fail_from(1, CHANGES, Failure::Eio);
    let counts = shop.disk.counts();
    let till = open(elsewhere.path(), WAL_FULL).unwrap();
    till.execute_batch("CREATE TABLE log (n INTEGER PRIMARY KEY, event BLOB)").unwrap();
    sell(&till, 0).unwrap();
    assert_eq!(shop.disk.counts(), counts);
    drop(shop);
}

#[test]
fn a_disk_that_is_gone_watches_nothing() {
    let Shop { folder, disk, habit } = Shop::new(WAL_FULL);
    disk.fail_from(1, CHANGES, Failure::Eio);
    drop(disk);
    sell(&open(folder.path(), habit).unwrap(), 0).unwrap();
}

#[test]
fn two_threads_have_two_disks() {
    thread::scope(|scope| {
        for n in 0..2_u64 {
            scope.spawn(move || {
                for round in 0..20 {
                    let shop = Shop::new(WAL_FULL);
                    let till = shop.open().unwrap();
                    let before = shop.disk.counts();
                    (0..5).for_each(|n| sell(&till, n).unwrap());
                    let syncs = shop.disk.counts().of(Call::Sync) - before.of(Call::Sync);
                    assert!((5..8).contains(&syncs), "one for each sale and not the other's too: {syncs}");
                    shop.disk.power_cut(&mut Chance::seeded(n * 100 + round));
                    drop(till);
                    assert_eq!(shop.sold().unwrap(), [0, 1, 2, 3, 4]);
                }
            });
        }
    });
}

#[test]
fn a_listener_hears_each_call_before_it_is_made() {
    let shop = Shop::new(WAL_FULL);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&heard);
    shop.disk.listen(move |call| ear.lock().unwrap().push(call));
    let till = shop.open().unwrap();
    sell(&till, 0).unwrap();
    let heard = heard.lock().unwrap();
    let first = |call| heard.iter().position(|it| *it == call).unwrap();
    assert!(first(Call::Open) < first(Call::Lock) && first(Call::Lock) < first(Call::Write));
    assert!(first(Call::Write) < first(Call::Sync));
}
