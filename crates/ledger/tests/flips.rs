//! Damage drawn by chance, in the ledger, in its write-ahead log and in the memory beside it: it is
//! noticed or it does no harm, and nobody has paid who has not.
//!
//! - `GERAI_TORTURE_FLIPS`: how many damages are tried (300).
//! - `GERAI_TORTURE_SEED`: what they are drawn from (1).

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![cfg(unix)]

mod shop;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use disk::Chance;
use ledger::{Head, List, LogKey, MatterKind, Query};
use shop::{acts::times, ruin::*, *};
use tempfile::TempDir;
use till::State;

/// A shop that lost power: forty orders in a copy, twenty more in the file, and eight in its
/// write-ahead log.
struct Stopped {
    folder: TempDir,
    entries: BTreeMap<i64, String>,
    head: Head,
}

impl Stopped {
    fn new() -> Self {
        let before = in_memory();
        let open = || {
            let ledger = begin(before.path()).unwrap().0;
            ledger.arm(key(), at(0)).unwrap();
            ledger
        };
        let ledger = open();
        for n in 1..=ALL {
            business(&ledger, n);
            if n == COPIED {
                ledger.copy(at(900)).unwrap().unwrap();
            }
        }
        drop(ledger);
        let ledger = open();
        (ALL + 1..=ALL + 8).for_each(|n| business(&ledger, n));
        let (entries, head) = (everything(&ledger), ledger.chain_head().unwrap().unwrap());
        let folder = in_memory();
        copy_folder(before.path(), folder.path());
        for end in ["", "-wal", "-shm"] {
            assert!(fs::metadata(file(folder.path(), end)).unwrap().len() >= 32_768, "gerai.db{end}");
        }
        Self { folder, entries, head }
    }
}

#[test]
fn damage_anywhere_is_noticed_or_does_no_harm_and_nobody_has_paid_who_has_not() {
    let stopped = Stopped::new();
    let seed = times("GERAI_TORTURE_SEED", 1);
    let mut chance = Chance::seeded(seed);
    let mut found: BTreeMap<String, u32> = BTreeMap::new();
    let damages = times("GERAI_TORTURE_FLIPS", 300);
    for round in 0..damages {
        let folder = in_memory();
        copy_folder(stopped.folder.path(), folder.path());
        let what = format!("seed {seed}, round {round}: {}", damage(folder.path(), &mut chance));
        let came_of_it = came_of(&stopped, folder.path(), &what);
        *found.entry(came_of_it).or_default() += 1;
    }
    println!("{damages} damages: {found:?}");
}

/// Opens a ledger that came to harm, and says what was found.
fn came_of(stopped: &Stopped, folder: &Path, what: &str) -> String {
    let (ledger, restored) = begin(folder).unwrap_or_else(|trouble| panic!("{what}: {trouble}"));
    ledger.arm(key(), at(20_000)).unwrap_or_else(|trouble| panic!("{what}: {trouble}"));
    let check_up =
        ledger.check_up(Some(stopped.head), at(20_000)).unwrap_or_else(|trouble| panic!("{what}: {trouble}"));
    for difference in ledger.audit().unwrap() {
        let sale = difference.sale.to_string();
        assert!(check_up.doubtful.contains(&sale), "{what}: {difference:?}");
    }
    let all = ledger.page(&Query::newest(List::All, 1_000, at(0))).unwrap().rows;
    assert!(all.len() <= ALL as usize + 8, "{what}");
    for row in all.iter().filter(|row| row.state == State::Paid) {
        let paid = (1..=ALL + 8).find(|n| sale_id(*n) == row.id).is_some_and(is_paid);
        assert!(paid, "{what}: {} is called paid", row.number);
    }
    let now = everything_readable(&ledger);
    let told = |kind| ledger.matters().unwrap().iter().any(|matter| matter.kind == kind);
    let same = now == stopped.entries;
    if let Some(restored) = restored {
        assert!(told(MatterKind::Restored), "{what}");
        assert!(check_up.is_fine() && !told(MatterKind::Unsealed), "{what}: {check_up:?}");
        let copied = stopped.entries.range(..=entries_of(COPIED) as i64);
        for (seq, entry) in copied {
            assert_eq!(now.get(seq), Some(entry), "{what}: entry {seq} was in the copy");
        }
        drop(ledger);
        assert_eq!(begin(folder).unwrap().1, None, "{what}: the next start finds nothing");
        return format!("{:?}, {}", restored.why, if same { "all there" } else { "some lost" });
    }
    assert!(same || !check_up.is_fine(), "{what}: entries are not as they were, and nobody noticed");
    match (same, check_up.is_fine()) {
        (true, true) => "no harm",
        (true, false) => "mended",
        _ => "named by the seal",
    }
    .into()
}

/// Does something to one of the files, and says what.
fn damage(folder: &Path, chance: &mut Chance) -> String {
    let end = ["", "", "", "", "-wal", "-wal", "-wal", "-shm"][chance.below(8)];
    let file = file(folder, end);
    let mut bytes = fs::read(&file).unwrap();
    let place = chance.below(bytes.len());
    let deed = match chance.below(8) {
        0..=3 => {
            bytes[place] ^= 1 << chance.below(8);
            "a bit flipped"
        }
        4 => {
            bytes[place] = chance.number() as u8;
            "a byte changed"
        }
        5 => {
            // A page of the file, or one with its head in the write-ahead log.
            let (from, step) = if end == "-wal" { (32, 4096 + 24) } else { (0, 4096) };
            let begin = from + place.saturating_sub(from) / step * step;
            let end = (begin + step).min(bytes.len());
            bytes[begin..end].fill(0);
            "a page zeroed"
        }
        6 => {
            let end = (place + 512).min(bytes.len());
            bytes[place..end].iter_mut().for_each(|byte| *byte = chance.number() as u8);
            "a sector of nonsense"
        }
        _ => {
            bytes.truncate(place);
            "cut off"
        }
    };
    fs::write(file, bytes).unwrap();
    format!("gerai.db{end}, {deed} at {place}")
}

fn file(folder: &Path, end: &str) -> PathBuf {
    folder.join(format!("training/gerai.db{end}"))
}

fn key() -> LogKey {
    LogKey::new([7; 32])
}

/// Where files cost least.
fn in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap()
}
