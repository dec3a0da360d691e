//! Whatever somebody does to the file by hand is found, and the entry is named.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use std::fs;

use ledger::{Facts, Finding, Folder, Head, LogKey, MatterKind, Seal, Verdict, What};
use proptest::{prelude::*, sample::Index};
use rusqlite::{Connection, params};
use shop::*;
use tempfile::TempDir;
use till::{Environment, Report};

/// What somebody may do to one entry, or to one seal, with the file in hand.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Edit(&'static str),
    Renumber,
    DeleteEntry,
    DeleteSeal,
    DeleteBoth,
    EditSeal(usize),
    ShortenSeal,
    InsertBefore,
    InsertAtTheEnd,
    InsertAtTheEndWithASeal,
    SwapEntries(Index),
    SwapSeals(Index),
    CutOff,
    CutOffEntries,
    CutOffSeals,
    CutOffAndGoOn,
}

/// Edits of an entry, each of which changes it.
const EDITS: [&str; 7] = [
    "UPDATE log SET at = at + 1 WHERE seq = ?1",
    "UPDATE log SET sale = '0000000000zz' WHERE seq = ?1",
    "UPDATE log SET attempt = CASE WHEN attempt IS NULL THEN '' ELSE NULL END WHERE seq = ?1",
    "UPDATE log SET \"from\" = CASE \"from\" WHEN '\"desk\"' THEN '\"midtrans\"' ELSE '\"desk\"' END WHERE seq = ?1",
    "UPDATE log SET event = event || ' ' WHERE seq = ?1",
    "UPDATE log SET event = replace(event, '}', ',\"x\":0}') WHERE seq = ?1",
    // The end of one column becomes the beginning of the next.
    "UPDATE log SET \"from\" = \"from\" || substr(event, 1, 1), event = substr(event, 2) WHERE seq = ?1",
];

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        5 => prop::sample::select(&EDITS[..]).prop_map(Deed::Edit),
        1 => Just(Deed::Renumber),
        2 => Just(Deed::DeleteEntry),
        2 => Just(Deed::DeleteSeal),
        2 => Just(Deed::DeleteBoth),
        2 => (0_usize..32).prop_map(Deed::EditSeal),
        1 => Just(Deed::ShortenSeal),
        1 => Just(Deed::InsertBefore),
        1 => Just(Deed::InsertAtTheEnd),
        1 => Just(Deed::InsertAtTheEndWithASeal),
        2 => any::<Index>().prop_map(Deed::SwapEntries),
        2 => any::<Index>().prop_map(Deed::SwapSeals),
        1 => Just(Deed::CutOff),
        1 => Just(Deed::CutOffEntries),
        1 => Just(Deed::CutOffSeals),
        1 => Just(Deed::CutOffAndGoOn),
    ]
}

/// A few sales, and notifications that a relay without the key wrote down.
fn business(shop: &Shop, happenings: &[(u32, u8)]) {
    let relay = shop.again();
    for n in 0..3 {
        shop.intend(n);
    }
    for (n, (sale, what)) in happenings.iter().enumerate() {
        let standing = shop.ledger.sale(sale_id(*sale)).unwrap().unwrap();
        match what {
            0 => drop(shop.happens(&standing, reported(Report::Pending)).unwrap()),
            1 => drop(shop.happens(&standing, reported(Report::Settlement)).unwrap()),
            2 => drop(shop.intend(100 + n as u32)),
            _ => {
                let letter = letter(order_id(*sale), Report::Settlement);
                relay.receive(&n.to_be_bytes(), &letter, Seal::Genuine, at(n as u32)).unwrap();
            }
        }
    }
}

fn happenings() -> impl Strategy<Value = Vec<(u32, u8)>> {
    prop::collection::vec((0_u32..3, 0_u8..5), 0..25)
}

/// What is kept in the keyring.
fn head(shop: &Shop) -> Option<Head> {
    shop.ledger.chain_head().unwrap()
}

fn armed() -> Shop {
    // These files are to be spoilt, not to survive a power cut: a disk of memory will do.
    let shop = Shop::in_memory();
    shop.ledger.arm(key(), at(0)).unwrap();
    shop
}

fn key() -> LogKey {
    LogKey::new([7; 32])
}

/// The next day: another run of the program, which finds the key and the head where they were kept.
fn next_day(shop: Shop) -> Shop {
    let Shop { folder, ledger } = shop;
    drop(ledger);
    let ledger = open(folder.path()).unwrap();
    ledger.arm(key(), at(10_000)).unwrap();
    Shop { folder, ledger }
}

/// The file in the hands of somebody who has read our source.
fn by_hand(shop: &Shop) -> Connection {
    let raw = shop.raw();
    raw.execute_batch(
        "DROP TRIGGER IF EXISTS log_is_never_edited; DROP TRIGGER IF EXISTS log_is_never_cut; PRAGMA foreign_keys = OFF;",
    )
    .unwrap();
    raw
}

/// Every entry with its seal, to see whether anything is different at all.
fn everything(shop: &Shop) -> Vec<String> {
    let raw = shop.raw();
    let select =
        "SELECT seq, at, sale, attempt, \"from\", event, mac FROM log FULL JOIN chain USING (seq) ORDER BY seq";
    let mut select = raw.prepare(select).unwrap();
    let rows =
        select.query_map([], |row| (0..7).map(|n| Ok(format!("{:?}", row.get_ref(n)?))).collect::<Result<Vec<_>, _>>());
    rows.unwrap().map(|row| row.unwrap().join(" | ")).collect()
}

/// Does it, and returns the entries it was done to.
fn commit(deed: Deed, raw: &Connection, seq: i64, end: i64) -> Vec<i64> {
    let at_seq = |sql: &str| raw.execute(sql, [seq]).map(drop).unwrap();
    let of = |index: Index| {
        let other = 1 + index.index(end as usize) as i64;
        if other == seq { 1 + seq % end } else { other }
    };
    match deed {
        Deed::Edit(sql) => at_seq(sql),
        Deed::Renumber => at_seq("UPDATE log SET seq = seq + 1000 WHERE seq = ?1"),
        Deed::DeleteEntry => at_seq("DELETE FROM log WHERE seq = ?1"),
        Deed::DeleteSeal => at_seq("DELETE FROM chain WHERE seq = ?1"),
        Deed::DeleteBoth => {
            at_seq("DELETE FROM log WHERE seq = ?1");
            at_seq("DELETE FROM chain WHERE seq = ?1");
        }
        Deed::EditSeal(byte) => {
            let mut mac: Vec<u8> =
                raw.query_row("SELECT mac FROM chain WHERE seq = ?1", [seq], |row| row.get(0)).unwrap();
            mac[byte] ^= 1;
            raw.execute("UPDATE chain SET mac = ?2 WHERE seq = ?1", params![seq, mac]).unwrap();
        }
        Deed::ShortenSeal => at_seq("UPDATE chain SET mac = substr(mac, 1, 31) WHERE seq = ?1"),
        Deed::InsertBefore => {
            at_seq("INSERT INTO log SELECT -7, at, sale, attempt, \"from\", event FROM log WHERE seq = ?1");
            return vec![-7];
        }
        Deed::InsertAtTheEnd | Deed::InsertAtTheEndWithASeal => {
            at_seq(
                "INSERT INTO log (at, sale, attempt, \"from\", event)
                 SELECT at, sale, attempt, \"from\", event FROM log WHERE seq = ?1",
            );
            if matches!(deed, Deed::InsertAtTheEndWithASeal) {
                at_seq("INSERT INTO chain SELECT (SELECT max(seq) FROM log), mac FROM chain WHERE seq = ?1");
            }
            return vec![end + 1];
        }
        Deed::SwapEntries(index) => {
            let other = of(index);
            swap(raw, "log", seq, other);
            return vec![seq, other];
        }
        Deed::SwapSeals(index) => {
            let other = of(index);
            swap(raw, "chain", seq, other);
            return vec![seq, other];
        }
        Deed::CutOff | Deed::CutOffEntries | Deed::CutOffSeals | Deed::CutOffAndGoOn => {
            if !matches!(deed, Deed::CutOffSeals) {
                at_seq("DELETE FROM log WHERE seq >= ?1");
                at_seq("UPDATE sqlite_sequence SET seq = ?1 - 1 WHERE name = 'log'");
            }
            if !matches!(deed, Deed::CutOffEntries) {
                at_seq("DELETE FROM chain WHERE seq >= ?1");
            }
            return (seq..=end).collect();
        }
    }
    vec![seq]
}

fn swap(raw: &Connection, table: &str, one: i64, other: i64) {
    let sql = format!(
        "UPDATE {table} SET seq = -1000 WHERE seq = {one};
         UPDATE {table} SET seq = {one} WHERE seq = {other};
         UPDATE {table} SET seq = {other} WHERE seq = -1000;"
    );
    raw.execute_batch(&sql).unwrap();
}

/// How it may be named. Where two deeds leave the same file behind, either name is right.
fn may_be_called(deed: Deed) -> &'static [What] {
    match deed {
        Deed::Edit(_) | Deed::SwapEntries(_) => &[What::Edited],
        Deed::Renumber | Deed::DeleteEntry | Deed::DeleteBoth => &[What::Deleted, What::CutOff],
        Deed::DeleteSeal | Deed::EditSeal(_) | Deed::ShortenSeal | Deed::SwapSeals(_) => &[What::Seal],
        Deed::InsertBefore => &[What::Inserted],
        Deed::InsertAtTheEnd | Deed::InsertAtTheEndWithASeal => &[What::Edited],
        Deed::CutOff | Deed::CutOffEntries => &[What::CutOff, What::Deleted],
        Deed::CutOffSeals => &[What::Seal],
        Deed::CutOffAndGoOn => &[What::CutOff, What::Replaced],
    }
}

fn names(verdict: &Verdict, what: &[What], seq: i64) -> bool {
    verdict.findings.iter().any(|it| what.contains(&it.what) && (it.first..=it.last).contains(&seq))
}

/// A shop to which one deed was done.
struct Done {
    shop: Shop,
    /// The head that was kept elsewhere.
    kept: Option<Head>,
    /// Everything that was there before it.
    before: Vec<String>,
    /// The last entry then.
    end: i64,
    /// The entries it touched.
    touched: Vec<i64>,
}

fn done(happenings: &[(u32, u8)], deed: Deed, place: Index) -> Done {
    let shop = armed();
    business(&shop, happenings);
    // Somebody with the key writes last, so that all has a seal.
    shop.intend(99);
    let end = shop.ledger.head().unwrap();
    let kept = head(&shop);
    let seq = 1 + place.index(end as usize) as i64;
    let before = everything(&shop);
    let touched = commit(deed, &by_hand(&shop), seq, end);
    Done { shop, kept, before, end, touched }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn one_deed_is_named_whatever_it_is(happenings in happenings(), deed in deed(), place: Index) {
        let Done { shop, kept, before, end, touched } = done(&happenings, deed, place);
        prop_assume!(everything(&shop) != before, "the same entry in two places is no deed");

        let verdict = shop.ledger.verify(kept).unwrap().unwrap();
        match deed {
            // It waits for its seal, and is found out when it gets it.
            Deed::InsertAtTheEnd => prop_assert_eq!((verdict.findings.len(), verdict.waiting), (0, 1)),
            _ => for seq in &touched {
                prop_assert!(names(&verdict, may_be_called(deed), *seq), "{} of {}: {:?}", seq, end, verdict);
            }
        }
        let innocent = |finding: &Finding| (finding.first..=finding.last).any(|seq| !touched.contains(&seq));
        let renumbered = |finding: &Finding| matches!(deed, Deed::Renumber) && finding.last > 1_000;
        let blamed: Vec<_> = verdict.findings.iter().filter(|it| innocent(it) && !renumbered(it)).collect();
        prop_assert!(blamed.is_empty(), "{blamed:?} besides {touched:?}");
    }

    #[test]
    fn the_next_day_finds_it_before_anything_is_taken_for_true(happenings in happenings(), deed in deed(), place: Index) {
        let Done { shop, kept, before, end, touched } = done(&happenings, deed, place);
        prop_assume!(everything(&shop) != before);

        let shop = next_day(shop);
        if matches!(deed, Deed::CutOffAndGoOn) {
            // As long again, and longer.
            (200..200 + end as u32).for_each(|n| drop(shop.intend(n)));
        }
        // A seal that was taken off comes out as it was, if the entry is what it was.
        let as_it_was = everything(&shop) == before;
        let verdict = shop.ledger.check_up(kept, at(10_001)).unwrap().verdict.unwrap();
        let told = [shop.told(MatterKind::Tampered), shop.told(MatterKind::Unsealed)].concat();
        let number = |facts: &Facts, gap| facts.get(gap).and_then(|fact| fact.parse::<i64>().ok());
        let names = |seq| told.iter().any(|it| (number(it, "first")..=number(it, "last")).contains(&Some(seq)));
        match deed {
            Deed::DeleteSeal | Deed::CutOffSeals if as_it_was => prop_assert!(verdict.is_fine(), "{verdict:?}"),
            Deed::CutOffAndGoOn => prop_assert!(names(end), "{told:?}"),
            _ => for seq in &touched {
                prop_assert!(names(*seq), "{seq} of {end}: {told:?}");
            }
        }
        // And it comes up once.
        shop.ledger.check_up(head(&shop), at(10_002)).unwrap();
        shop.ledger.check_up(head(&shop), at(10_003)).unwrap();
        let again = [shop.told(MatterKind::Tampered), shop.told(MatterKind::Unsealed)].concat();
        let lists = |it: &&Facts| it.get("what").is_none_or(|what| what != "list");
        prop_assert_eq!(told.iter().filter(lists).count(), again.iter().filter(lists).count());
        if may_be_called(deed) == [What::Seal] {
            prop_assert_eq!(everything(&shop), before, "and the seals are what they were");
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn ordinary_business_is_never_suspected(happenings in happenings(), locked in prop::collection::vec(any::<bool>(), 4)) {
        let mut shop = armed();
        let mut kept = None;
        for (day, locked) in locked.into_iter().enumerate() {
            // The keyring may be locked for a day.
            let Shop { folder, ledger } = shop;
            drop(ledger);
            let ledger = open(folder.path()).unwrap();
            if !locked {
                ledger.arm(key(), at(10_000)).unwrap();
            }
            shop = Shop { folder, ledger };
            if day == 0 { business(&shop, &happenings) } else { drop(shop.intend(500 + day as u32)) }
            if !locked {
                let check_up = shop.ledger.check_up(kept, at(10_000)).unwrap();
                prop_assert!(check_up.is_fine(), "{check_up:?}");
                kept = head(&shop);
            }
        }
        prop_assert!(shop.told(MatterKind::Tampered).is_empty());
    }
}

#[test]
fn an_older_file_in_its_place_is_found() {
    let shop = armed();
    (0..5).for_each(|n| drop(shop.intend(n)));
    let place = shop.ledger.folder().join("gerai.db");
    shop.raw().execute("VACUUM INTO ?1", [shop.folder.path().join("older").to_str().unwrap()]).unwrap();
    (5..9).for_each(|n| drop(shop.intend(n)));
    let kept = head(&shop);
    let Shop { folder, ledger } = shop;
    drop(ledger);
    fs::rename(folder.path().join("older"), &place).unwrap();
    let _ = fs::remove_file(place.with_extension("db-wal"));
    let shop = next_day(Shop { ledger: open(folder.path()).unwrap(), folder });
    let verdict = shop.ledger.verify(kept).unwrap().unwrap();
    let cut_off = verdict.findings.iter().map(|it| (it.what, it.first, it.last)).collect::<Vec<_>>();
    assert_eq!(cut_off, [(What::CutOff, 11, 18)]);
    assert!(!shop.ledger.holds(&kept.unwrap()).unwrap());
}

#[test]
fn a_cut_off_end_is_noticed_by_its_number_even_without_the_keyring() {
    let shop = armed();
    (0..5).for_each(|n| drop(shop.intend(n)));
    by_hand(&shop).execute_batch("DELETE FROM log WHERE seq > 8; DELETE FROM chain WHERE seq > 8;").unwrap();
    let verdict = shop.ledger.verify(None).unwrap().unwrap();
    let found = verdict.findings.iter().map(|it| (it.what, it.first, it.last)).collect::<Vec<_>>();
    assert_eq!(found, [(What::CutOff, 9, 10)]);
}

#[test]
fn throwing_the_chain_away_hides_nothing() {
    for away in [
        "DROP TABLE chain",
        "DROP TABLE chain_parts",
        "DROP TABLE chain; DROP TABLE chain_parts",
        "DELETE FROM chain; DELETE FROM chain_parts",
        "DELETE FROM chain_parts",
        "UPDATE chain_parts SET found = 1000",
        "UPDATE chain_parts SET mac = zeroblob(32)",
        "UPDATE chain_parts SET after = 3",
        "UPDATE chain_parts SET id = 7",
    ] {
        let shop = armed();
        (0..5).for_each(|n| drop(shop.intend(n)));
        let kept = head(&shop);
        let raw = by_hand(&shop);
        raw.execute("UPDATE log SET event = replace(event, '44000', '4400') WHERE seq = 3", []).unwrap();
        raw.execute_batch(away).unwrap();
        shop.intend(50);
        let shop = next_day(shop);
        shop.intend(51);
        let check_up = shop.ledger.check_up(kept, at(10_001)).unwrap();
        assert!(!check_up.verdict.as_ref().unwrap().is_fine(), "{away}");
        assert!(!shop.told(MatterKind::Tampered).is_empty(), "{away}");
    }
}

#[test]
fn a_chain_that_is_no_chain_any_more_keeps_nobody_from_selling() {
    for spoilt in [
        "DROP TABLE chain",
        "DROP TABLE chain_parts",
        "DROP TABLE chain; CREATE TABLE chain (something)",
        "DROP TABLE chain_parts; CREATE TABLE chain_parts (something)",
        "INSERT INTO chain VALUES (1000000000000, x'00')",
        "UPDATE chain SET seq = seq + 1001; UPDATE chain SET seq = seq - 1000",
    ] {
        let shop = armed();
        shop.intend(1);
        by_hand(&shop).execute_batch(spoilt).unwrap();
        shop.intend(2);
        let shop = next_day(shop);
        let sale = shop.sale(3, [reported(Report::Pending)]);
        assert_eq!(shop.ledger.log(sale.id).unwrap().len(), 3, "{spoilt}");
        let check_up = shop.ledger.check_up(None, at(10_001)).unwrap();
        let told = !shop.told(MatterKind::Tampered).is_empty() || !shop.told(MatterKind::Unsealed).is_empty();
        assert!(told, "{spoilt}: {check_up:?}");
    }
}

#[test]
fn an_entry_slipped_in_at_the_end_is_named_when_it_gets_its_seal() {
    let shop = armed();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    let settled = serde_json::to_string(&reported(Report::Settlement)).unwrap();
    let insert = "INSERT INTO log (at, sale, attempt, \"from\", event) VALUES (1, ?1, ?2, '\"midtrans\"', ?3)";
    shop.raw().execute(insert, params![sale.id.as_str(), order_id(1).as_str(), settled]).unwrap();
    let shop = next_day(shop);
    let unsealed = shop.told(MatterKind::Unsealed);
    assert_eq!([&unsealed[0]["first"], &unsealed[0]["why"], &unsealed[0]["sales"]], ["4", "no_key", sale.id.as_str()]);

    let check_up = shop.ledger.check_up(None, at(10_001)).unwrap();
    assert_eq!(check_up.doubtful, [sale.id.as_str()], "a doubtful log is not believed when it says paid");
    let shown: String = shop.raw().query_row("SELECT state FROM sales", [], |row| row.get(0)).unwrap();
    assert_eq!(shown, "pending");
}

#[test]
fn a_row_of_the_lists_edited_to_paid_is_shown_as_what_the_log_says() {
    let shop = armed();
    let sale = shop.sale(1, [reported(Report::Pending)]);
    let right = shop.projection();
    for round in 0..2 {
        shop.raw().execute("UPDATE sales SET state = 'paid', paid_at = 1", []).unwrap();
        let check_up = shop.ledger.check_up(None, at(20_000 + round)).unwrap();
        assert_eq!(check_up.mended, [sale.id.as_str()]);
        assert_eq!(shop.projection(), right);
        assert_eq!(shop.told(MatterKind::Tampered).len(), 1 + round as usize, "and each time is told");
    }
    assert_eq!(shop.told(MatterKind::Tampered)[0]["shown"], "paid");
}

#[test]
fn rows_of_the_lists_that_cannot_be_read_or_explained_are_mended_too() {
    let shop = armed();
    shop.sale(1, [reported(Report::Pending)]);
    shop.sale(2, [reported(Report::Pending)]);
    let right = shop.projection();
    for sql in [
        "UPDATE sales SET state = 'blessed' WHERE number = (SELECT min(number) FROM sales)",
        "UPDATE sales SET id = 'nobody' WHERE number = (SELECT min(number) FROM sales)",
        "DELETE FROM sales",
        // Each has the number of the other.
        "CREATE TEMP TABLE numbers AS SELECT id, number FROM sales; UPDATE sales SET number = id;
         UPDATE sales SET number = (SELECT number FROM numbers WHERE numbers.id <> sales.id);",
    ] {
        by_hand(&shop).execute_batch(sql).unwrap();
        shop.ledger.check_up(None, at(20_000)).unwrap();
        assert_eq!(shop.projection(), right, "{sql}");
    }
}

#[test]
fn an_order_with_the_number_of_another_stops_no_check_up_and_takes_nothing_from_it() {
    let shop = armed();
    let sales = [1, 2].map(|n| shop.intend(n));
    let shop = next_day(shop);
    let [first, second] = [1, 2].map(|n| number(n).to_string());
    let raw = by_hand(&shop);
    let ordered = "UPDATE log SET event = replace(event, ?1, ?2) WHERE sale = ?3";
    assert_eq!(raw.execute(ordered, [&second, &first, sales[1].id.as_str()]).unwrap(), 2);
    let other = shop.ledger.sale(sales[0].id).unwrap();
    let found = shop.ledger.check_up(None, at(9)).unwrap();
    assert_eq!((found.mended, found.doubtful), (vec![], vec![sales[1].id.to_string()]));
    assert!(!found.verdict.unwrap().is_fine());
    assert!(shop.ledger.matters().unwrap().iter().any(|matter| matter.kind == MatterKind::Tampered));
    assert_eq!(shop.ledger.sale(sales[0].id).unwrap(), other);
}

#[test]
fn an_entry_that_nobody_can_read_stops_no_check_up() {
    let shop = armed();
    shop.sale(1, [reported(Report::Pending)]);
    let other = shop.sale(2, [reported(Report::Pending)]);
    by_hand(&shop).execute("UPDATE log SET event = 'gibberish' WHERE seq = 2", []).unwrap();
    shop.raw().execute("UPDATE sales SET state = 'paid' WHERE id = ?1", [other.id.as_str()]).unwrap();
    let check_up = shop.ledger.check_up(None, at(20_000)).unwrap();
    assert!(names(check_up.verdict.as_ref().unwrap(), &[What::Edited], 2));
    assert_eq!(check_up.mended, [other.id.as_str()], "and the others are looked at all the same");
}

#[test]
fn another_program_may_sell_while_everything_is_verified() {
    let shop = armed();
    (0..300).for_each(|n| drop(shop.intend(n)));
    let (other, relay) = (shop.again(), shop.again());
    other.arm(key(), at(0)).unwrap();
    let kept = head(&shop);
    std::thread::scope(|scope| {
        let selling = scope.spawn(|| {
            (1_000..1_200).for_each(|n| drop(other.intend(&new_sale(n), till::From::Cashier, at(n)).unwrap()))
        });
        let hearing = scope.spawn(|| {
            for n in 0_u32..200 {
                let letter = letter(order_id(n), Report::Settlement);
                relay.receive(&n.to_be_bytes(), &letter, Seal::Genuine, at(n)).unwrap();
            }
        });
        while !selling.is_finished() || !hearing.is_finished() {
            assert!(shop.ledger.check_up(kept, at(1)).unwrap().is_fine());
        }
    });
    assert_eq!(shop.count("matters"), 0);
}

#[test]
fn a_ledger_that_lies_elsewhere_has_the_same_chain() {
    let shop = armed();
    shop.intend(1);
    let (kept, copy) = (head(&shop), TempDir::new().unwrap());
    fs::create_dir(copy.path().join("training")).unwrap();
    let into = copy.path().join("training/gerai.db");
    shop.raw().execute("VACUUM INTO ?1", [into.to_str().unwrap()]).unwrap();
    let copy_of = Folder::at(copy.path());
    let copied = ledger::Ledger::open(&copy_of, Environment::Training, None, ledger::Door::Desk, *b"1234").unwrap();
    copied.arm(key(), at(2)).unwrap();
    assert!(copied.verify(kept).unwrap().unwrap().is_fine());
}
