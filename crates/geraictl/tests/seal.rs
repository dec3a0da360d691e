//! Somebody has the order book in hand between two runs of Gerai: real programs, a real Secret Service,
//! and plain SQLite.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rusqlite::Connection;
use serde_json::Value;
use stage::{Running, Session, program};

const KEY: &str = "SB-Mid-server-toko-uji-coba-0001";

/// A shop in the sandbox that a simulator plays, with a few orders.
struct Shop {
    session: Session,
    midtrans: Running,
}

impl Shop {
    fn open() -> Self {
        let session = Session::new();
        let midtrans = session.start("midtrans-simulator", &["--listen", "127.0.0.1:0", "--server-key", KEY]);
        let shop = Self { session, midtrans };
        let mut child = shop.command(&shop.session, &["key", "set"]).stdin(Stdio::piped()).spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{KEY}").unwrap();
        assert!(child.wait_with_output().unwrap().status.success());
        shop
    }

    fn command(&self, session: &Session, arguments: &[&str]) -> Command {
        let mut command = session.command(program("geraictl"));
        command.args(["--environment", "sandbox", "--midtrans-url", self.midtrans.word("listening"), "--json"]);
        command.arg("--data-dir").arg(self.data()).args(arguments);
        command.env("GERAI_PACE", "20").stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn data(&self) -> PathBuf {
        self.session.home().join("data")
    }

    /// Runs `geraictl` to its end: how it ended, and what it printed.
    fn ctl(&self, arguments: &[&str]) -> (i32, Vec<Value>) {
        self.ctl_in(&self.session, arguments)
    }

    fn ctl_in(&self, session: &Session, arguments: &[&str]) -> (i32, Vec<Value>) {
        let output = self.command(session, arguments).output().unwrap();
        let lines = String::from_utf8(output.stdout).unwrap();
        let lines = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (output.status.code().unwrap_or(-1), lines)
    }

    fn create(&self) -> String {
        let (code, lines) = self.ctl(&["order", "create", "--amount", "44000", "--store", "indomaret"]);
        assert_eq!(code, 0, "{lines:?}");
        lines[0]["id"].as_str().unwrap().to_owned()
    }

    /// The file itself, in the hands of somebody who does not ask us and has read our source.
    fn by_hand(&self) -> Connection {
        let raw = Connection::open(self.data().join("sandbox/gerai.db")).unwrap();
        raw.execute_batch("DROP TRIGGER log_is_never_edited; DROP TRIGGER log_is_never_cut;").unwrap();
        raw
    }

    fn count(&self, of: &str) -> i64 {
        let raw = Connection::open(self.data().join("sandbox/gerai.db")).unwrap();
        raw.query_row(&format!("SELECT count(*) FROM {of}"), [], |row| row.get(0)).unwrap()
    }

    /// What `verify` finds: each finding as `what first-last`.
    fn found(&self) -> Vec<String> {
        let (code, lines) = self.ctl(&["verify"]);
        let findings = lines.iter().filter(|line| line["finding"].is_string());
        let named = |line: &Value| format!("{} {}-{}", line["finding"].as_str().unwrap(), line["first"], line["last"]);
        let findings: Vec<String> = findings.map(named).collect();
        let last = lines.last().unwrap();
        assert_eq!(code == 0, last["ok"] == true, "{lines:?}");
        assert!(code != 0 || findings.is_empty(), "{lines:?}");
        findings
    }

    fn is_whole(&self) -> bool {
        self.ctl(&["verify"]).0 == 0
    }
}

#[test]
fn whatever_was_done_to_the_order_book_between_two_runs_is_found_and_named() {
    let shop = Shop::open();
    let orders = [shop.create(), shop.create(), shop.create()];
    assert_eq!(shop.found(), [""; 0], "on a day on which nobody did anything");
    assert!(shop.is_whole());
    let end = shop.count("log");
    assert!(end >= 9, "each order is ordered, intended and charged");
    let kept = shop.session.home().join("kept");
    copy(&shop.data(), &kept);

    let mark_paid = "UPDATE log SET event = replace(event, '\"pending\"', '\"settlement\"') WHERE seq = 6";
    let delete = "DELETE FROM log WHERE seq BETWEEN 4 AND 6; DELETE FROM chain WHERE seq BETWEEN 4 AND 6;";
    let insert = "INSERT INTO log SELECT 0, at, '0000000000zz', NULL, \"from\", json_set(event, '$.number', 'ZZZZ')
                  FROM log WHERE seq = 1";
    let insert_last = "INSERT INTO log SELECT NULL, at, sale, attempt, \"from\", event FROM log WHERE seq = 3;
                       INSERT INTO chain SELECT (SELECT max(seq) FROM log), mac FROM chain WHERE seq = 3;";
    let cut_off = format!(
        "DELETE FROM log WHERE seq > {0}; DELETE FROM chain WHERE seq > {0};
         UPDATE sqlite_sequence SET seq = {0} WHERE name = 'log';
         DELETE FROM attempts WHERE sale = '{1}'; DELETE FROM sales WHERE id = '{1}'",
        end - 3,
        orders[2],
    );
    for (deed, expected) in [
        (cut_off.as_str(), format!("cut_off {}-{end}", end - 2)),
        (mark_paid, "edited 6-6".into()),
        (delete, "deleted 4-6".into()),
        (insert, "inserted 0-0".into()),
        // The last one, because now the keyring remembers an end that no other of these books has.
        (insert_last, format!("edited {0}-{0}", end + 1)),
    ] {
        fs::remove_dir_all(shop.data()).unwrap();
        copy(&kept, &shop.data());
        shop.by_hand().execute_batch(deed).unwrap();
        assert_eq!(shop.found(), [expected], "{deed}");
        assert!(shop.count("matters WHERE kind = 'tampered' AND seen_at IS NULL") > 0, "the owner hears of it: {deed}");
        assert!(!shop.is_whole(), "and it is not forgotten: {deed}");
        let (_, doctor) = shop.ctl(&["doctor"]);
        let seal = doctor.iter().find(|line| line["check"] == "seal").unwrap();
        assert_eq!(seal["ok"], false, "{deed}: {doctor:?}");
    }
}

#[test]
fn an_order_marked_paid_in_the_lists_is_found_and_shown_as_what_it_is() {
    let shop = Shop::open();
    let order = shop.create();
    shop.by_hand().execute("UPDATE sales SET state = 'paid', paid_at = 1 WHERE id = ?1", [&order]).unwrap();
    assert_eq!(shop.ctl(&["order", "list"]).1[0]["state"], "paid", "or this test shows nothing");
    let (code, lines) = shop.ctl(&["verify"]);
    assert_eq!((code, lines[0]["ok"].as_bool()), (1, Some(false)), "{lines:?}");
    assert!(lines[0]["said"].as_str().unwrap().contains(&order), "{lines:?}");
    assert_eq!(shop.ctl(&["order", "list"]).1[0]["state"], "pending");
}

#[test]
fn programs_that_meet_at_the_first_start_go_on_with_one_key_and_one_head() {
    let shop = Shop::open();
    let first = |_| shop.command(&shop.session, &["order", "list"]).spawn().unwrap();
    let programs: Vec<_> = (0..6).map(first).collect();
    for program in programs {
        assert!(program.wait_with_output().unwrap().status.success());
    }
    let order = ["order", "create", "--amount", "44000", "--store", "alfamart"];
    let programs: Vec<_> = (0..4).map(|_| shop.command(&shop.session, &order).spawn().unwrap()).collect();
    for program in programs {
        assert!(program.wait_with_output().unwrap().status.success());
    }
    assert_eq!(shop.found(), [""; 0]);
    assert_eq!((shop.count("chain_parts"), shop.count("matters")), (1, 0), "one key, and nothing to tell");
    assert_eq!(shop.count("chain"), shop.count("log"));
}

#[test]
fn without_a_keyring_the_shop_goes_on_and_what_it_wrote_is_named_when_it_gets_its_seal() {
    let shop = Shop::open();
    let order = shop.create();
    let sealed = shop.count("chain");
    let dark = Session::without_keyring();
    // Midtrans cannot be asked without a key, but the wish is written down.
    assert_eq!(shop.ctl_in(&dark, &["order", "cancel", &order]).0, 1);
    assert!(shop.count("log") > sealed, "or this test shows nothing");
    let (code, lines) = shop.ctl_in(&dark, &["verify"]);
    assert_eq!(code, 1);
    assert!(lines[0]["said"].as_str().unwrap().contains("GNOME Keyring"), "it says what to start: {lines:?}");
    assert!(shop.is_whole(), "nothing was tampered with");
    assert_eq!(shop.count("chain"), shop.count("log"), "everything has its seal");
    assert_eq!(shop.count("matters WHERE kind = 'unsealed'"), 1, "and the owner hears which had none");
}

#[test]
fn a_day_is_closed_once_and_is_called_verified_only_if_nobody_has_changed_the_book() {
    let shop = Shop::open();
    shop.create();
    let (_, open) = shop.ctl(&["day", "show"]);
    assert_eq!((&open[0]["number"], &open[0]["waiting"]["count"]), (&Value::Null, &1.into()), "{open:?}");
    let (code, closed) = shop.ctl(&["day", "close", "--by", "Sari"]);
    assert_eq!(
        (code, closed[0]["number"].as_i64(), closed[0]["seal"].as_str()),
        (0, Some(1), Some("whole")),
        "{closed:?}"
    );
    assert_eq!(closed[0]["verified"], true, "{closed:?}");
    let (code, again) = shop.ctl(&["day", "close", "--by", "Budi"]);
    assert_eq!((code, again[0]["problem"]["code"].as_str()), (1, Some("day_closed")));
    for show in [&["day", "list"][..], &["day", "show", "1"], &["day", "show"]] {
        assert_eq!(shop.ctl(show), (0, closed.clone()), "{show:?}");
    }
    assert_eq!(shop.ctl(&["day", "show", "2"]).1[0]["problem"]["code"], "no_such_report");
    let raw = shop.by_hand();
    assert!(raw.execute("UPDATE closings SET closed_by = 'Budi'", []).is_err(), "a report stays as it is");

    let other = Shop::open();
    other.create();
    other.by_hand().execute("UPDATE log SET at = at + 1 WHERE seq = 2", []).unwrap();
    let (_, closed) = other.ctl(&["day", "close", "--by", "Sari"]);
    assert_eq!((&closed[0]["seal"], &closed[0]["verified"]), (&"changed".into(), &false.into()), "{closed:?}");
}

#[test]
fn in_training_the_log_is_sealed_without_a_keyring() {
    let session = Session::without_keyring();
    let run = |arguments: &[&str]| {
        let mut command = session.command(program("geraictl"));
        command.args(["--environment", "training", "--json"]).args(arguments).output().unwrap()
    };
    assert!(run(&["order", "create", "--amount", "44000", "--store", "alfamart"]).status.success());
    assert!(run(&["verify"]).status.success());
    let raw = Connection::open(session.data().join("training/gerai.db")).unwrap();
    raw.execute_batch("DROP TRIGGER log_is_never_edited; UPDATE log SET at = at + 1 WHERE seq = 2").unwrap();
    assert_eq!(run(&["verify"]).status.code(), Some(1));
}

/// A folder with everything in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let there = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &there);
        } else {
            fs::copy(entry.path(), there).unwrap();
        }
    }
}
