//! A shop run by scripts: the real programs, a real Secret Service, the simulator for Midtrans.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    fs,
    io::Write,
    process::{Output, Stdio},
};

use serde_json::{Value, json};
use stage::{Door, Running, Session, program};

const KEY: &str = "SB-Mid-server-toko-uji-coba-0001";

/// A shop in the sandbox that a simulator plays.
struct Shop {
    session: Session,
    midtrans: Running,
}

/// How a run of `geraictl` ended.
struct Ended {
    code: i32,
    lines: Vec<Value>,
    said: String,
}

impl Shop {
    fn open() -> Self {
        let session = Session::new();
        let midtrans = session.start("midtrans-simulator", &["--listen", "127.0.0.1:0", "--server-key", KEY]);
        let shop = Self { session, midtrans };
        assert_eq!(shop.type_key(KEY).code, 0);
        shop
    }

    fn url(&self) -> String {
        self.midtrans.word("listening").to_owned()
    }

    fn door(&self) -> Door {
        Door::of(&self.midtrans)
    }

    fn data(&self) -> String {
        self.session.home().join("data").display().to_string()
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = self.session.command(program("geraictl"));
        command.args(["--data-dir", &self.data(), "--environment", "sandbox", "--midtrans-url", &self.url(), "--json"]);
        command.args(arguments).env("GERAI_PACE", "20").stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Another till of the shop, on a PC of its own.
    fn another_till(&self, arguments: &[&str]) -> Ended {
        let data = self.session.home().join("another PC").display().to_string();
        let mut command = self.session.command(program("geraictl"));
        command.args(["--data-dir", &data, "--environment", "sandbox", "--midtrans-url", &self.url(), "--json"]);
        Ended::of(command.args(arguments).output().unwrap())
    }

    /// The same as a person has it.
    fn by_hand(&self, arguments: &[&str]) -> Output {
        let mut command = self.session.command(program("geraictl"));
        command.args(["--data-dir", &self.data(), "--environment", "sandbox", "--midtrans-url", &self.url()]);
        command.args(arguments).output().unwrap()
    }

    fn ctl(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }

    fn type_key(&self, key: &str) -> Ended {
        let mut child = self.command(&["key", "set"]).stdin(Stdio::piped()).spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{key}").unwrap();
        Ended::of(child.wait_with_output().unwrap())
    }

    fn relay(&self) -> Running {
        let relay = self.session.start(
            "gerai-relay",
            &[
                "--data-dir",
                &self.data(),
                "--environment",
                "sandbox",
                "--midtrans-url",
                &self.url(),
                "--listen",
                "127.0.0.1:0",
            ],
        );
        self.door().post("notify", json!({ "urls": [relay.word("notification_url")] }));
        relay
    }

    fn create(&self) -> Value {
        let ended = self.ctl(&["order", "create", "--amount", "44000", "--store", "indomaret"]);
        assert_eq!(ended.code, 0, "{}", ended.said);
        ended.lines[0].clone()
    }

    fn show(&self, order: &Value) -> Value {
        self.ctl(&["order", "show", order["id"].as_str().unwrap()]).lines[0].clone()
    }
}

impl Ended {
    fn of(output: Output) -> Self {
        let lines = String::from_utf8(output.stdout).unwrap();
        let lines = lines.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Self { code: output.status.code().unwrap_or(-1), lines: lines.collect(), said }
    }

    fn problem(&self) -> &str {
        self.lines[0]["problem"]["code"].as_str().unwrap_or("none")
    }
}

#[test]
fn a_paid_notification_makes_an_order_confirming_and_a_look_up_makes_it_paid() {
    let shop = Shop::open();
    let _relay = shop.relay();
    let order = shop.create();
    assert_eq!(
        (&order["state"], &order["amount"], &order["environment"]),
        (&json!("pending"), &json!(44000), &json!("sandbox"))
    );
    assert_eq!(order["payment_code"], shop.door().newest()["payment_code"]);

    shop.door().pay_newest();
    shop.door().get("idle");
    assert_eq!(shop.show(&order)["state"], "confirming", "the relay never looks up");
    let refused = shop.ctl(&["order", "hand-over", order["number"].as_str().unwrap()]);
    assert_eq!((refused.code, refused.problem()), (1, "cannot_hand_over"));

    let checked = shop.ctl(&["order", "check", order["order_id"].as_str().unwrap()]);
    assert_eq!((checked.code, &checked.lines[0]["state"]), (0, &json!("paid")));
    let given = shop.ctl(&["order", "hand-over", order["id"].as_str().unwrap(), "--by", "Sari"]);
    assert!(given.lines[0]["handed_over_at"].is_string());
    let shown = shop.show(&order);
    assert_eq!(shown["notifications"].as_array().unwrap().len(), 2);
    assert!(shown["events"].as_array().unwrap().len() >= 6);
}

#[test]
fn what_a_stranger_or_a_replay_tells_the_relay_changes_no_order() {
    let shop = Shop::open();
    let relay = shop.relay();
    let (open, cancelled) = (shop.create(), shop.create());
    shop.ctl(&["order", "cancel", cancelled["id"].as_str().unwrap()]);
    let door = shop.door();
    door.get("idle");
    let before = [shop.show(&open)["state"].clone(), shop.show(&cancelled)["state"].clone()];
    assert_eq!(before, ["pending", "cancelled"]);

    let settled = json!({ "transaction_status": "settlement", "status_code": "200" });
    for (order, forgery) in [
        (&open, json!({ "fields": settled, "signature": "wrong" })),
        (&open, json!({ "fields": { "transaction_status": "settlement" }, "signature": "keep" })),
        (
            &open,
            json!({ "fields": { "transaction_status": "settlement", "gross_amount": "1.00", "status_code": "200" }, "signature": "right" }),
        ),
        (&cancelled, json!({ "fields": { "transaction_status": "settlement" }, "signature": "keep" })),
        (&cancelled, json!({ "fields": settled, "signature": "right" })),
    ] {
        let mut forgery = forgery;
        forgery["order_id"] = order["order_id"].clone();
        door.post("forge", forgery.clone());
        door.get("idle");
        let after = [shop.show(&open)["state"].clone(), shop.show(&cancelled)["state"].clone()];
        assert_eq!(after, before, "{forgery}");
    }
    // The boundary between amount and key cannot be moved, but the one between id and code could be,
    // were our ids not of one length with a letter at the end.
    let shifted = format!("{}2", open["order_id"].as_str().unwrap());
    door.post(
        "forge",
        json!({
            "order_id": open["order_id"], "signature": "keep",
            "fields": { "order_id": shifted, "status_code": "01", "transaction_status": "settlement" },
        }),
    );
    door.get("idle");
    shop.ctl(&["sync"]);
    assert_eq!(
        [shop.show(&open)["state"].clone(), shop.show(&cancelled)["state"].clone()],
        before,
        "nor after a look-up"
    );
    drop(relay);
}

#[test]
fn doctor_misses_a_relay_that_was_there_and_never_one_that_was_not() {
    let shop = Shop::open();
    let relay_line = |ended: &Ended| ended.lines.iter().find(|line| line["check"] == "relay").unwrap().clone();
    let without = shop.ctl(&["doctor"]);
    assert_eq!((without.code, &relay_line(&without)["ok"]), (0, &json!(true)), "{}", without.said);
    let relay = shop.relay();
    let with = shop.ctl(&["doctor"]);
    assert_eq!((with.code, &relay_line(&with)["said"]), (0, &json!("running")));
    relay.kill();
    let stopped = shop.ctl(&["doctor"]);
    let said = relay_line(&stopped)["said"].as_str().unwrap().to_owned();
    assert_eq!(stopped.code, 1);
    assert!(said.contains("berhenti") && said.contains("nyalakan lagi"), "and says what to do: {said}");
    let _back = shop.relay();
    assert_eq!(shop.ctl(&["doctor"]).code, 0);
}

#[test]
fn after_a_copy_was_put_back_every_order_is_there_again_once_midtrans_was_asked() {
    let shop = Shop::open();
    let before = shop.create();
    let copy = shop.ctl(&["copies", "make"]).lines[0]["name"].as_str().unwrap().to_owned();
    let since = shop.create();
    shop.door().pay_newest();

    // As the window holds it while it has the shop open.
    let window = fs::File::open(shop.session.home().join("data/sandbox/desk.lock")).unwrap();
    window.lock_shared().unwrap();
    let refused = shop.ctl(&["copies", "restore", &copy]);
    assert_eq!((refused.code, refused.problem()), (1, "ledger_in_use"));
    drop(window);
    let refused = shop.ctl(&["copies", "restore", "yesterday"]);
    assert_eq!((refused.code, refused.problem()), (1, "copy_not_found"));

    let restored = shop.ctl(&["copies", "restore", &copy]);
    assert_eq!((restored.code, &restored.lines[0]["to_ask_midtrans"]), (0, &json!(1)), "{}", restored.said);
    let aside = restored.lines[0]["set_aside"].as_str().unwrap();
    assert!(shop.session.home().join("data/sandbox").join(aside).join("gerai.db").exists());
    let doctor = shop.ctl(&["doctor"]).lines;
    assert!(doctor.iter().any(|line| line["check"] == "restored" && line["ok"] == false));
    assert!(doctor.iter().any(|line| line["check"] == "seal" && line["ok"] == true), "no false alarm: {doctor:?}");

    assert_eq!(shop.ctl(&["sync"]).code, 0);
    let list = shop.ctl(&["order", "list"]).lines;
    let state =
        |order: &Value| list.iter().find(|line| line["order_id"] == order["order_id"]).unwrap()["state"].clone();
    assert_eq!((state(&before), state(&since), list.len()), (json!("pending"), json!("paid"), 2));
    assert_eq!(shop.door().get("transactions")["transactions"].as_array().unwrap().len(), 2, "no second code");
}

#[test]
fn a_key_of_the_wrong_kind_is_refused_before_it_is_kept() {
    let shop = Shop::open();
    for (key, code) in [
        ("", "key_empty"),
        ("SB-Mid-client-abc", "key_client"),
        ("Mid-server-produksi-0001", "key_production_in_sandbox"),
        ("SB-Mid-server-ab cd", "key_spaces"),
        ("SB-Mid-server-kunci-é", "key_characters"),
    ] {
        let ended = shop.type_key(key);
        assert_eq!((ended.code, ended.problem()), (1, code), "{key}");
    }
    assert_eq!(shop.ctl(&["key", "probe"]).code, 0, "the first key is still there");
    assert_eq!(shop.type_key("SB-Mid-server-a-key-of-another").code, 0);
    let probed = shop.ctl(&["key", "probe"]);
    assert_eq!((probed.code, probed.problem()), (1, "key_refused"));
    assert_eq!(shop.ctl(&["key", "forget"]).code, 0);
    let keyless = shop.ctl(&["order", "create", "--amount", "44000", "--store", "indomaret"]);
    assert_eq!((keyless.code, keyless.problem()), (1, "key_missing"));
    assert!(shop.ctl(&["order", "list"]).lines.is_empty(), "what cannot be sent is not written down");
}

#[test]
fn without_a_secret_store_training_works_and_the_sandbox_says_what_to_start() {
    let session = Session::without_keyring();
    let run = |arguments: &[&str]| {
        let mut command = session.command(program("geraictl"));
        Ended::of(command.arg("--json").args(arguments).output().unwrap())
    };
    let order = ["order", "create", "--amount", "44000", "--store", "alfamart"];
    assert_eq!(run(&[&["--environment", "training"], &order[..]].concat()).code, 0);
    let sandbox = run(&[&["--environment", "sandbox"], &order[..]].concat());
    assert_eq!((sandbox.code, sandbox.problem()), (1, "no_secret_store"));
}

#[test]
fn a_ledger_stays_with_the_kind_of_midtrans_it_was_made_for() {
    let shop = Shop::open();
    shop.create();
    let mut elsewhere = shop.session.command(program("geraictl"));
    elsewhere.args(["--data-dir", &shop.data(), "--environment", "sandbox", "--json", "order", "list"]);
    let elsewhere = Ended::of(elsewhere.output().unwrap());
    assert_eq!((elsewhere.code, elsewhere.problem()), (1, "ledger_bound_loopback"));

    let mut stranger = shop.session.command(program("geraictl"));
    stranger.args(["--data-dir", &shop.data(), "--environment", "sandbox", "--json"]);
    stranger.args(["--midtrans-url", "http://203.0.113.7:8080", "order", "list"]);
    let stranger = Ended::of(stranger.output().unwrap());
    assert_eq!((stranger.code, stranger.problem()), (1, "url_not_loopback"));
}

#[test]
fn a_key_is_in_the_keyring_and_nowhere_else() {
    let shop = Shop::open();
    let _relay = shop.relay();
    let order = shop.create();
    shop.door().pay_newest();
    shop.door().get("idle");
    shop.ctl(&["order", "check", order["id"].as_str().unwrap()]);
    let mut searched = 0;
    let mut folders = vec![shop.session.home().join("data")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if let Ok(bytes) = fs::read(entry.path()) {
                searched += 1;
                let found = bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes());
                assert!(!found, "{} holds the key", entry.path().display());
            }
        }
    }
    assert!(searched >= 3, "only {searched} files were searched");
}

#[test]
fn a_wrong_command_line_ends_with_2_and_a_refusal_with_1() {
    let shop = Shop::open();
    for usage in [
        &["order", "create", "--amount", "44000"][..],
        &["order", "create", "--amount", "1", "--store", "kioson"],
        &["fly"],
    ] {
        assert_eq!(shop.command(usage).output().unwrap().status.code(), Some(2), "{usage:?}");
    }
    for (amount, code) in
        [("0", "amount_zero"), ("-1", "amount_negative"), ("44.00", "amount_not_number"), ("", "amount_empty")]
    {
        let ended = shop.ctl(&["order", "create", "--store", "indomaret", "--amount", amount]);
        assert_eq!((ended.code, ended.problem()), (1, code));
        assert!(ended.said.trim().ends_with('.'), "one sentence for people: {}", ended.said);
    }
    let unknown = shop.ctl(&["order", "show", "ZZZZ"]);
    assert_eq!((unknown.code, unknown.problem()), (1, "order_not_found"));
}

#[test]
fn an_outcome_that_stays_unknown_ends_with_3_as_soon_as_the_script_would_not_wait_longer_and_sync_finds_it() {
    let shop = Shop::open();
    shop.door().post("faults", json!([{ "on": "any", "kind": "drop_before" }]));
    let ended = shop.ctl(&["order", "create", "--amount", "44000", "--store", "indomaret", "--wait", "2"]);
    assert_eq!((ended.code, &ended.lines[0]["state"]), (3, &json!("unknown")));
    shop.door().post("faults", json!([]));
    let synced = shop.ctl(&["sync"]);
    assert_eq!((synced.code, &synced.lines[0]["state"]), (0, &json!("pending")));
    assert_eq!(shop.door().get("transactions")["transactions"].as_array().unwrap().len(), 1);
}

#[test]
fn items_come_from_a_file_and_must_add_up() {
    let shop = Shop::open();
    let file = shop.session.home().join("items.json");
    let create = |rows: Value| {
        fs::write(&file, rows.to_string()).unwrap();
        shop.ctl(&["order", "create", "--store", "alfamart", "--amount", "25000", "--items", file.to_str().unwrap()])
    };
    let coffee = json!({ "name": "Kopi", "price": 15000, "quantity": 2 });
    let fine = create(json!([coffee, { "name": "Diskon", "price": -5000 }]));
    assert_eq!((fine.code, &fine.lines[0]["amount"]), (0, &json!(25000)));
    assert_eq!(create(json!([coffee])).problem(), "items_sum");
    assert_eq!(create(json!({ "name": "Kopi" })).problem(), "items_file");
}

#[test]
fn what_another_till_has_charged_is_printed_as_midtrans_tells_of_it_and_among_no_orders() {
    let shop = Shop::open();
    let _relay = shop.relay();
    let new = ["order", "create", "--amount", "71000", "--store", "alfamart", "--customer", "Bu Ratna"];
    let theirs = shop.another_till(&new).lines[0].clone();
    shop.door().post("pay", json!({ "order_id": theirs["order_id"] }));
    shop.door().get("idle");
    let heard = shop.ctl(&["others"]);
    let [heard] = &heard.lines[..] else { panic!("{:?}", heard.lines) };
    assert_eq!((&heard["state"], &heard["payment_code"]), (&json!("confirming"), &Value::Null));
    assert_eq!(shop.ctl(&["sync"]).lines, [] as [Value; 0], "it is none of ours");
    let told = shop.ctl(&["others", "--search", theirs["payment_code"].as_str().unwrap()]);
    let [told] = &told.lines[..] else { panic!("{:?}", told.lines) };
    for field in ["order_id", "store", "amount", "payment_code"] {
        assert_eq!(told[field], theirs[field], "{field}");
    }
    assert_eq!(
        (&told["state"], told["till"].as_str()),
        (&json!("paid"), theirs["order_id"].as_str().map(|id| &id[..4]))
    );
    assert_eq!(told.as_object().unwrap().len(), geraictl::OTHER_FIELDS.len());
    assert!(!told.to_string().contains("Ratna"), "names stay on their till");
    for list in [["order", "list"], ["attention", "list"]] {
        assert_eq!(shop.ctl(&list).lines, [] as [Value; 0], "{list:?}");
    }
    assert_eq!(shop.ctl(&["others", "--search", "kopi"]).lines, [] as [Value; 0]);
    let asked = shop.door().get("requests");
    let asked = asked["requests"].as_array().unwrap().iter().filter(|one| one["order_id"] == theirs["order_id"]);
    assert!(asked.filter(|one| one["method"] == "POST").all(|one| one["path"] == "/v2/charge"));
}

#[test]
fn what_needs_attention_is_listed_and_closed_once_and_moves_no_payment() {
    let shop = Shop::open();
    assert_eq!(shop.ctl(&["attention", "list"]).lines, [] as [Value; 0]);
    let order = shop.create();
    let id = order["id"].as_str().unwrap();
    shop.ctl(&["order", "cancel", id]);
    shop.door().post("pay", json!({ "order_id": order["order_id"], "after_closing": true }));
    assert_eq!(shop.ctl(&["order", "check", id]).lines[0]["state"], "paid_late");

    let listed = shop.ctl(&["attention", "list"]);
    let [concern] = &listed.lines[..] else { panic!("{:?}", listed.lines) };
    assert_eq!((listed.code, &concern["kind"], &concern["amount"]), (0, &json!("paid_after_closing"), &json!(44000)));
    assert_eq!((&concern["order"], &concern["number"]), (&order["id"], &order["number"]));
    assert_eq!((&concern["source"], &concern["closed"]), (&json!("look_up"), &Value::Null));
    assert!(concern["happened"].as_str().unwrap().starts_with("Uang masuk setelah kodenya ditutup: dibayar "));
    let fields: Vec<&str> = concern.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields.len(), geraictl::CONCERN_FIELDS.len());

    let name = concern["name"].as_str().unwrap();
    assert_eq!(shop.ctl(&["attention", "close", name]).code, 2, "what was done has to be said");
    assert_eq!(shop.ctl(&["attention", "close", name, "--deed", "paid"]).code, 2, "and nobody can say that it is paid");
    let nobody = shop.ctl(&["attention", "close", name, "--deed", "returned", "--by", " "]);
    assert_eq!((nobody.code, nobody.problem()), (1, "name_empty"));
    let closed = shop.ctl(&["attention", "close", name, "--deed", "returned", "--by", "Bu Ratna"]);
    assert_eq!((closed.code, &closed.lines[0]["done"]), (0, &json!("attention close")), "{}", closed.said);
    let again = shop.ctl(&["attention", "close", name, "--deed", "delivered", "--by", "Budi"]);
    assert_eq!((again.code, again.problem()), (1, "concern_closed"));
    assert!(again.said.contains("Bu Ratna") && again.said.contains("uang dikembalikan tunai"), "{}", again.said);

    assert_eq!(shop.ctl(&["attention", "list"]).lines, [] as [Value; 0]);
    let seen = shop.ctl(&["attention", "list", "--closed"]);
    let by = &seen.lines[0]["closed"];
    assert_eq!(
        (&by["by"], &by["deed"], &seen.lines[0]["name"]),
        (&json!("Bu Ratna"), &json!("returned"), &json!(name))
    );
    let shown = shop.show(&order);
    assert_eq!((&shown["state"], &shown["handed_over_at"]), (&json!("paid_late"), &Value::Null));
    let last = shown["events"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["kind"], &last["from"], &last["by"]),
        (&json!("seen_to"), &json!("geraictl"), &json!("Bu Ratna"))
    );
}

#[test]
fn the_evidence_of_an_order_is_one_object_one_page_and_a_file_that_is_never_written_over() {
    let shop = Shop::open();
    let relay = shop.relay();
    let order = shop.create();
    let (id, number) = (order["id"].as_str().unwrap(), order["number"].as_str().unwrap());
    shop.door().pay_newest();
    shop.door().get("idle");
    shop.ctl(&["order", "check", id]);

    let told = shop.ctl(&["order", "evidence", number]);
    assert_eq!((told.code, told.lines.len()), (0, 1), "{}", told.said);
    let evidence = &told.lines[0];
    assert_eq!((&evidence["order"]["state"], &evidence["order"]["id"]), (&json!("paid"), &order["id"]));
    let manual = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/geraictl.md")).unwrap();
    for field in evidence.as_object().unwrap().keys() {
        assert!(manual.contains(&format!("`{field}`")), "the manual lacks {field}");
    }
    let attempt = &evidence["attempts"][0];
    assert_eq!(attempt["order_id"], order["order_id"]);
    let request: Value = serde_json::from_str(attempt["request"].as_str().unwrap()).unwrap();
    assert_eq!(request["transaction_details"]["gross_amount"], 44000);
    let asked: Vec<_> = attempt["answers"].as_array().unwrap().iter().map(|answer| answer["asked"].clone()).collect();
    assert_eq!(asked, ["charge", "look_up"]);
    let signatures: Vec<_> =
        attempt["notifications"].as_array().unwrap().iter().map(|told| told["signature"].clone()).collect();
    assert_eq!(signatures, ["genuine", "genuine"]);

    let home = shop.session.home();
    let (page, object) = (home.join("bukti.html"), home.join("bukti.json"));
    let saved = shop.by_hand(&["order", "evidence", number, "--html", "--to", page.to_str().unwrap()]);
    assert_eq!(saved.status.code(), Some(0), "{}", String::from_utf8_lossy(&saved.stderr));
    assert_eq!(String::from_utf8(saved.stdout).unwrap().trim(), page.to_str().unwrap());
    let written = fs::read_to_string(&page).unwrap();
    assert!(written.starts_with("<!doctype html>") && written.contains(order["order_id"].as_str().unwrap()));
    let printed = shop.by_hand(&["order", "evidence", number, "--html"]).stdout;
    assert!(String::from_utf8(printed).unwrap().starts_with("<!doctype html>"));
    let saved = shop.ctl(&["order", "evidence", number, "--to", object.to_str().unwrap()]);
    assert_eq!((saved.code, &saved.lines[0]["done"]), (0, &json!("order evidence")));
    let again: Value = serde_json::from_str(&fs::read_to_string(&object).unwrap()).unwrap();
    assert_eq!(again["attempts"], evidence["attempts"]);

    let refused = shop.ctl(&["order", "evidence", number, "--to", object.to_str().unwrap()]);
    assert_eq!((refused.code, refused.problem()), (1, "file_exists"));
    assert_eq!(serde_json::from_str::<Value>(&fs::read_to_string(&object).unwrap()).unwrap(), again);
    let nowhere = home.join("nowhere/bukti.json");
    let refused = shop.ctl(&["order", "evidence", number, "--to", nowhere.to_str().unwrap()]);
    assert_eq!((refused.code, refused.problem()), (1, "file_unwritable"));
    assert_eq!(shop.ctl(&["order", "evidence", "ZZZZ"]).problem(), "order_not_found");
    let wrapped = shop.ctl(&["order", "evidence", number, "--html"]);
    assert!(wrapped.lines[0]["html"].as_str().unwrap().starts_with("<!doctype html>"), "JSON stays JSON");

    let path = relay.word("notification_url").rsplit('/').next().unwrap();
    for written in [written, fs::read_to_string(&object).unwrap(), evidence.to_string()] {
        assert!(!written.contains(KEY) && !written.contains(path));
    }
}

#[test]
fn the_slip_of_an_order_becomes_a_file_of_every_kind_and_its_receipt_once_it_is_paid() {
    let shop = Shop::open();
    let order = shop.create();
    let number = order["number"].as_str().unwrap();
    let file = shop.session.home().join("slip");
    let path = file.to_str().unwrap();
    let slip = |kind: &str, more: &[&str]| shop.ctl(&[&["slip", number, "--as", kind, "--out", path], more].concat());
    let code = order["payment_code"].as_str().unwrap();
    let begins: [(&str, &[u8]); 5] = [
        ("escpos58", b"\x1b@"),
        ("escpos80", b"\x1b@"),
        ("pdf-a6", b"%PDF-"),
        ("pdf-a4", b"%PDF-"),
        ("png", b"\x89PNG"),
    ];
    for (kind, begin) in begins {
        let ended = slip(kind, &[]);
        assert_eq!((ended.code, &ended.lines[0]["done"]), (0, &json!("slip")), "{kind}: {}", ended.said);
        assert!(fs::read(&file).unwrap().starts_with(begin), "{kind}");
        fs::remove_file(&file).unwrap();
    }
    assert_eq!(slip("text", &[]).code, 0);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.replace(' ', "").contains(code) && text.contains("Rp 44.000") && text.contains("SANDBOX"), "{text}");

    let refused = slip("pdf-a6", &[]);
    assert_eq!((refused.code, refused.problem()), (1, "file_exists"));
    assert_eq!(fs::read_to_string(&file).unwrap(), text, "what was there stays");
    assert_eq!(slip("pdf-a6", &["--replace"]).code, 0);
    assert!(fs::read(&file).unwrap().starts_with(b"%PDF-"));

    shop.door().pay_newest();
    shop.ctl(&["order", "check", number]);
    assert_eq!(slip("text", &["--replace"]).code, 0);
    assert!(fs::read_to_string(&file).unwrap().contains("LUNAS"), "what is paid has a receipt");
    let cancelled = shop.create();
    let cancelled = cancelled["number"].as_str().unwrap();
    shop.ctl(&["order", "cancel", cancelled]);
    let refused = shop.ctl(&["slip", cancelled, "--as", "png", "--out", path, "--replace"]);
    assert_eq!((refused.code, refused.problem()), (1, "nothing_to_print"));
}
