//! Commands through Tauri's own door, with the permissions that ship.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    fs,
    path::PathBuf,
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use desk::Options;
use gerai::view;
use ledger::Folder;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tauri::{
    App, Listener, WebviewWindow, WebviewWindowBuilder,
    ipc::{CallbackFn, InvokeBody},
    test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder},
    webview::InvokeRequest,
};
use tempfile::TempDir;

/// The program behind a window that nobody sees.
struct Door {
    app: App<MockRuntime>,
    window: WebviewWindow<MockRuntime>,
    changed: Receiver<()>,
    folder: TempDir,
}

impl Door {
    fn open() -> Self {
        Self::onto(TempDir::new().unwrap())
    }

    fn onto(folder: TempDir) -> Self {
        let options = Options { data_dir: Some(folder.path().into()), ..Options::default() };
        let app = gerai::builder(mock_builder(), options, Folder::at(folder.path()))
            .build(tauri::generate_context!())
            .unwrap();
        let window = WebviewWindowBuilder::new(&app, "main", Default::default()).build().unwrap();
        let (tell, changed) = channel();
        app.listen_any("changed", move |_| {
            let _ = tell.send(());
        });
        Self { app, window, changed, folder }
    }

    /// The window is closed and opened again over the same folder.
    fn reopened(self) -> Self {
        let Self { app, window, changed, folder } = self;
        drop((window, changed, app));
        Self::onto(folder)
    }

    fn ask(&self, command: &str, ask: Value) -> Result<Value, Value> {
        ask_from(&self.window, command, ask)
    }

    fn answer(&self, command: &str, ask: Value) -> Value {
        self.ask(command, ask).unwrap_or_else(|problem| panic!("{command}: {problem}"))
    }

    fn training() -> Self {
        let door = Self::open();
        door.answer("enter", json!({ "environment": "training" }));
        door
    }

    /// Reads an order again whenever the window would, until it is in this state.
    fn until(&self, id: &str, state: &str) -> Value {
        loop {
            let view = self.answer("order", json!({ "id": id }));
            if view["order"]["state"] == state {
                return view;
            }
            let waited = self.changed.recv_timeout(Duration::from_secs(20));
            assert!(waited.is_ok(), "the order is {} and never became {state}", view["order"]["state"]);
        }
    }
}

fn ask_from(window: &WebviewWindow<MockRuntime>, command: &str, ask: Value) -> Result<Value, Value> {
    let request = InvokeRequest {
        cmd: command.into(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: "tauri://localhost".parse().unwrap(),
        body: InvokeBody::Json(ask),
        headers: Default::default(),
        invoke_key: INVOKE_KEY.into(),
    };
    get_ipc_response(window, request).map(|answer| answer.deserialize().unwrap())
}

fn everything() -> Value {
    json!({ "list": "all", "search": "", "from": null, "to": null, "offset": 0, "limit": 50 })
}

fn draft(amount: &str, store: &str) -> Value {
    json!({
        "id": "0123456789ab", "amount": amount, "store": store, "items": [], "customer": "", "phone": "",
        "email": "", "note": "", "expiry": "24h",
    })
}

#[test]
fn a_sale_goes_through_the_door_from_the_first_launch_to_the_goods() {
    let door = Door::open();
    assert_eq!(door.answer("start", json!({}))["shop"], Value::Null, "the first launch shows Welcome");
    let start = door.answer("enter", json!({ "environment": "training" }));
    assert_eq!(start["shop"]["environment"], "training");

    let card = door.answer("charge", json!({ "draft": draft("44.000", "indomaret") }));
    assert_eq!((&card["order"]["state"], &card["order"]["amount"]), (&json!("pending"), &json!(44_000)));
    assert_eq!(
        card["groups"].as_array().unwrap().iter().map(|g| g.as_str().unwrap()).collect::<String>(),
        card["order"]["payment_code"].as_str().unwrap()
    );
    assert_eq!(card["barcode"], Value::Null, "a store must not scan a training code");

    let id = card["order"]["id"].as_str().unwrap();
    door.answer("practise", json!({ "id": id, "deed": "pay" }));
    let paid = door.until(id, "paid");
    let moments: Vec<&str> = paid["timeline"].as_array().unwrap().iter().map(|m| m["kind"].as_str().unwrap()).collect();
    assert!(moments.contains(&"hint"), "the relay heard of it first: {moments:?}");
    assert_eq!(door.answer("today", json!({}))["paid"]["amount"], 44_000);

    let given = door.answer("hand_over", json!({ "id": id, "by": "Sari" }));
    assert_eq!(given["handed_over_by"], "Sari");
    let again = door.ask("hand_over", json!({ "id": id, "by": "Budi" })).unwrap_err();
    assert_eq!((&again["code"], &again["values"]["by"]), (&json!("already_handed_over"), &json!("Sari")));

    let door = door.reopened();
    let start = door.answer("start", json!({}));
    assert_eq!(start["shop"]["environment"], "training", "the next launch opens the shop that was last used");
    assert_eq!(door.answer("order", json!({ "id": id }))["order"]["state"], "paid");
}

#[test]
fn what_was_changed_while_the_window_was_closed_is_put_before_the_owner_when_it_opens() {
    let door = Door::training();
    door.answer("charge", json!({ "draft": draft("44.000", "indomaret") }));
    let attention = |door: &Door| door.answer("today", json!({}))["attention"]["count"].clone();
    assert_eq!(attention(&door), 0);
    let Door { app, window, folder, .. } = door;
    drop((window, app));
    let raw = rusqlite::Connection::open(folder.path().join("training/gerai.db")).unwrap();
    raw.execute_batch("DROP TRIGGER log_is_never_edited; UPDATE log SET at = at + 1 WHERE seq = 2").unwrap();
    drop(raw);
    let door = Door::onto(folder);
    door.answer("start", json!({}));
    while attention(&door) == 0 {
        door.changed.recv_timeout(Duration::from_secs(20)).expect("the window is told");
    }
}

#[test]
fn a_code_moves_to_the_other_store_once_however_often_it_is_asked() {
    let door = Door::training();
    let old = door.answer("charge", json!({ "draft": draft("44000", "indomaret") }));
    let named = json!({ "id": old["codes"][0]["order_id"], "store": "alfamart" });
    let new = door.answer("reissue", named.clone());
    assert_eq!((&new["order"]["state"], &new["order"]["store"]), (&json!("pending"), &json!("alfamart")));
    assert_eq!(new["codes"].as_array().unwrap().len(), 2);
    assert_eq!(new["codes"][0]["state"], "cancelled");

    assert_eq!(door.answer("reissue", named)["codes"], new["codes"], "named by its own number it is replaced once");
    door.answer("practise", json!({ "id": old["order"]["id"], "deed": "pay" }));
    door.until(old["order"]["id"].as_str().unwrap(), "paid");
    let paid = door.ask("reissue", json!({ "id": new["codes"][1]["order_id"], "store": "indomaret" })).unwrap_err();
    assert_eq!(paid["code"], "already_paid");
}

#[test]
fn what_needs_attention_is_seen_to_once_and_moves_no_payment() {
    let door = Door::training();
    let card = door.answer("charge", json!({ "draft": draft("44000", "indomaret") }));
    let id = card["order"]["id"].as_str().unwrap();
    door.answer("practise", json!({ "id": id, "deed": "pay" }));
    door.until(id, "paid");
    door.answer("practise", json!({ "id": id, "deed": "reverse" }));
    door.until(id, "reversed");

    let open = door.answer("attention", json!({}))["open"].clone();
    assert_eq!((open.as_array().unwrap().len(), &open[0]["kind"]), (1, &json!("reversed")));
    assert_eq!(door.answer("order", json!({ "id": id }))["concerns"], open, "its order's page has it too");
    let name = &open[0]["id"];
    let nobody = door.ask("see_to", json!({ "id": name, "remedy": "charged_again", "by": " " })).unwrap_err();
    assert_eq!((&nobody["code"], &nobody["field"]), (&json!("name_empty"), &json!("by")));
    let after = door.answer("see_to", json!({ "id": name, "remedy": "charged_again", "by": "Bu Ratna" }));
    assert_eq!(after["open"], json!([]));
    assert_eq!((&after["seen"][0]["id"], &after["seen"][0]["seen"]["by"]), (name, &json!("Bu Ratna")));
    assert_eq!(door.answer("order", json!({ "id": id }))["order"]["state"], "reversed");
    let again = door.ask("see_to", json!({ "id": name, "remedy": "nothing", "by": "Sari" })).unwrap_err();
    assert_eq!((&again["code"], &again["values"]["by"]), (&json!("concern_closed"), &json!("Bu Ratna")));
}

#[test]
fn a_copy_is_put_back_while_the_shop_is_open_and_the_owner_is_told() {
    let door = Door::training();
    let early = door.answer("charge", json!({ "draft": draft("44000", "indomaret") }));
    let copy = door.answer("make_copy", json!({}))["copies"][0]["name"].clone();
    let mut later = draft("76000", "alfamart");
    later["id"] = json!("ba9876543210");
    let later = door.answer("charge", json!({ "draft": later }));

    let nothing = door.ask("restore_copy", json!({ "name": "never-made.db" })).unwrap_err();
    assert_eq!(nothing["code"], "copy_not_found");
    let open = door.answer("orders", json!({ "query": everything() }));
    assert_eq!(open["count"], 2, "a copy that cannot be put back changes nothing, and the shop is open again");

    let start = door.answer("restore_copy", json!({ "name": copy }));
    assert_eq!(start["shop"]["environment"], "training");
    assert_eq!(door.answer("today", json!({}))["warnings"], json!(["restored"]));
    assert_eq!(door.answer("order", json!({ "id": early["order"]["id"] }))["order"]["state"], "pending");
    // The notification of the later order was kept, so Midtrans is asked about it and it is taken up again.
    let number = later["codes"][0]["order_id"].clone();
    let adopted = loop {
        let open = door.answer("attention", json!({}))["open"].clone();
        let found = open.as_array().unwrap().iter().find(|concern| concern["kind"] == "adopted").cloned();
        if let Some(concern) = found {
            break concern;
        }
        door.changed.recv_timeout(Duration::from_secs(20)).expect("the window is told");
    };
    assert_eq!((&adopted["amount"], &adopted["values"]["order_id"]), (&json!(76_000), &number));
}

#[test]
fn the_evidence_of_an_order_has_every_word_and_no_signature() {
    let door = Door::training();
    let card = door.answer("charge", json!({ "draft": draft("44000", "indomaret") }));
    let id = card["order"]["id"].as_str().unwrap();
    door.answer("practise", json!({ "id": id, "deed": "pay" }));
    door.until(id, "paid");
    let evidence = door.answer("evidence", json!({ "id": id }));
    assert_eq!((&evidence["integrity"], &evidence["order"]["state"]), (&json!("whole"), &json!("paid")));
    let pieces = evidence["pieces"].as_array().unwrap();
    let asked: Vec<&Value> = pieces.iter().map(|piece| &piece["asked"]).collect();
    assert_eq!(asked[0], "charge", "{asked:?}");
    assert!(pieces[0]["request"].as_str().unwrap().contains(evidence["codes"][0]["order_id"].as_str().unwrap()));
    let notification =
        pieces.iter().find(|piece| piece["outcome"] == "settlement" && piece["asked"].is_null()).unwrap();
    assert_eq!((&notification["signature"], &notification["fits"]), (&json!("genuine"), &json!(true)));
    let body: Value = serde_json::from_str(notification["body"].as_str().unwrap()).unwrap();
    let kept = body.get("signature_key").and_then(Value::as_str).unwrap_or_default();
    assert!(kept.len() < 128, "a signature could be sent again: {kept}");
    assert!(asked.iter().any(|asked| *asked == "look_up"), "only a look-up makes it paid: {asked:?}");
}

#[test]
fn a_day_is_closed_once_in_somebodys_name_and_its_report_stays() {
    let door = Door::training();
    let card = door.answer("charge", json!({ "draft": draft("44000", "indomaret") }));
    let id = card["order"]["id"].as_str().unwrap();
    door.answer("practise", json!({ "id": id, "deed": "pay" }));
    door.until(id, "paid");
    let open = door.answer("day", json!({}));
    assert_eq!((&open["total"]["amount"], &open["closing"]), (&json!(44_000), &Value::Null));

    let nobody = door.ask("close_day", json!({ "by": " " })).unwrap_err();
    assert_eq!((&nobody["code"], &nobody["field"]), (&json!("name_empty"), &json!("by")));
    let closed = door.answer("close_day", json!({ "by": "Sari" }));
    assert_eq!((&closed["closing"]["number"], &closed["closing"]["by"]), (&json!(1), &json!("Sari")));
    assert_eq!(
        (&closed["confirmed"], &closed["unconfirmed"], &closed["seal"]),
        (&json!(1), &json!([]), &json!("whole"))
    );
    assert_eq!(door.ask("close_day", json!({ "by": "Budi" })).unwrap_err()["code"], "day_closed");
    assert_eq!(door.answer("closed_day", json!({ "number": 1 })), closed);
    assert_eq!(door.answer("closings", json!({})), json!([closed["closing"]]));
    assert_eq!(door.answer("day", json!({})), closed, "today stays as it was closed");

    assert_eq!(door.ask("print_report", json!({ "number": 1 })).unwrap_err()["code"], "no_printer");
    let mut settings = door.answer("paper_settings", json!({}));
    settings["printers"] = json!([{ "name": "Kasir", "at": "device:/dev/usb/lp99", "dots": 384 }]);
    door.answer("save_paper_settings", json!({ "settings": settings }));
    assert_eq!(door.answer("print_report", json!({ "number": 1 }))["kind"], "report");
    let paper = loop {
        let day = door.answer("day", json!({}));
        assert_eq!(day["printer"], "Kasir");
        if day["paper"]["state"] == "failed" {
            break day["paper"].clone();
        }
        assert!(door.changed.recv_timeout(Duration::from_secs(20)).is_ok(), "it never failed: {day}");
    };
    assert_eq!(paper["problem"]["code"], "printer_not_there", "the day says what became of its report");
}

#[test]
fn a_copy_that_was_made_is_listed_with_its_folder() {
    let door = Door::training();
    let made = door.answer("make_copy", json!({}));
    let newest = made["copies"][0]["name"].as_str().unwrap();
    assert!(PathBuf::from(made["folder"].as_str().unwrap()).join(newest).is_file(), "{made}");
    assert_eq!(door.answer("copies", json!({})), made);
}

#[test]
fn what_was_typed_survives_and_becomes_one_sale() {
    let door = Door::training();
    let typed = draft("162500", "alfamart");
    door.answer("save_draft", json!({ "draft": typed }));
    let door = door.reopened();
    assert_eq!(door.answer("start", json!({}))["draft"], typed);
    let first = door.answer("charge", json!({ "draft": typed }));
    let second = door.answer("charge", json!({ "draft": typed }));
    assert_eq!(first["order"]["id"], second["order"]["id"]);
    let door = door.reopened();
    assert_eq!(door.answer("start", json!({}))["draft"], Value::Null, "a draft that became a sale is off the counter");
}

#[test]
fn bad_input_names_the_field_and_is_not_written_down() {
    let door = Door::training();
    let with = |field: &str, value: Value| {
        let mut draft = draft("44000", "indomaret");
        draft[field] = value;
        draft
    };
    let item =
        |name: &str, price: &str, quantity: &str| json!([{ "name": name, "price": price, "quantity": quantity }]);
    for (draft, code, field) in [
        (draft("", "indomaret"), "amount_empty", "amount"),
        (draft("0", "alfamart"), "amount_zero", "amount"),
        (draft("-5", "alfamart"), "amount_negative", "amount"),
        (draft("44.00", "indomaret"), "amount_not_number", "amount"),
        (draft("empat", "indomaret"), "amount_not_number", "amount"),
        (draft("9999", "indomaret"), "amount_below", "amount"),
        (draft("1000000000000000", "alfamart"), "amount_above", "amount"),
        (with("items", item("Kopi", "1000", "1")), "items_sum", "items"),
        (with("items", item("Kopi|susu", "44000", "1")), "text_bar", "items"),
        (with("customer", "Ratna\u{7}".into()), "text_control", "customer"),
        (with("customer", "Ratna 😀".into()), "text_emoji", "customer"),
        (with("note", "\u{202e}DP".into()), "text_direction", "note"),
        (with("note", "x".repeat(101).into()), "text_long", "note"),
        (with("phone", "halo".into()), "phone_invalid", "phone"),
        (with("email", "ratna@".into()), "email_invalid", "email"),
        (with("expiry", "5m".into()), "expiry_short", "expiry"),
    ] {
        let problem = door.ask("charge", json!({ "draft": draft })).unwrap_err();
        assert_eq!((&problem["code"], &problem["field"]), (&json!(code), &json!(field)), "{draft}");
    }
    assert_eq!(door.answer("today", json!({}))["rows"], json!([]));
}

#[test]
fn a_hosted_relay_is_refused_at_the_field_that_is_wrong_and_asked_nothing_before_it_is_paired() {
    let door = Door::training();
    let address = "https://relay.example/n/abcdefghijklmnopqrstuvwxyz234567";
    for (address, code, name, problem, field) in [
        ("relay.example", "ABCD-EFGH", "Kasir", "relay_address_form", "address"),
        (
            "http://relay.example/n/abcdefghijklmnopqrstuvwxyz234567",
            "ABCD-EFGH",
            "Kasir",
            "relay_address_insecure",
            "address",
        ),
        ("https://relay.example", "ABCD-EFGH", "Kasir", "relay_address_cut", "address"),
        (address, "ABCD", "Kasir", "relay_code_form", "code"),
        (address, "ABCD-EFGH", " ", "relay_name", "name"),
    ] {
        let refused = door.ask("pair_relay", json!({ "address": address, "code": code, "name": name })).unwrap_err();
        assert_eq!((&refused["code"], &refused["field"]), (&json!(problem), &json!(field)), "{address}");
    }
    for command in ["unpair_relay", "pairing_code", "paired_tills", "revoke_till"] {
        let refused = door.ask(command, json!({ "id": "1" })).unwrap_err();
        assert_eq!(refused["code"], "relay_not_paired", "{command}");
    }
    assert_eq!(door.answer("relay", json!({}))["hosted"], Value::Null);
}

#[test]
fn a_printer_is_set_up_and_a_slip_that_finds_it_unplugged_says_so_on_the_order() {
    let door = Door::training();
    let mut settings = door.answer("paper_settings", json!({}));
    assert_eq!(settings["printers"], json!([]));
    let id = door.answer("charge", json!({ "draft": draft("44.000", "indomaret") }))["order"]["id"].clone();
    let refused = door.ask("print", json!({ "id": id, "printer": null })).unwrap_err();
    assert_eq!(refused["code"], "no_printer");
    let papers = door.answer("order_papers", json!({ "id": id }));
    assert_eq!(papers["next"], json!({ "kind": "slip", "copy": 0, "printer": null }), "there is no printer to name");
    let preview = door.answer("preview", json!({ "id": id }));
    assert!(preview["black"].as_str().unwrap().starts_with('M'), "the slip can be looked at all the same");
    assert!(preview["message"].as_str().unwrap().contains("Rp 44.000"), "{}", preview["message"]);
    let printer = json!({
        "name": "Kasir", "at": "192.168.1.50", "dots": 384, "narrow": false, "pc858": false, "cuts": null, "drawer": false,
    });
    settings["printers"] = json!([printer]);
    let refused = door.ask("save_paper_settings", json!({ "settings": settings })).unwrap_err();
    assert_eq!((&refused["code"], &refused["field"]), (&json!("printer_address_wrong"), &json!("printer_at")));
    settings["printers"][0]["at"] = json!("device:/dev/usb/lp99");
    assert_eq!(door.answer("save_paper_settings", json!({ "settings": settings })), settings);
    assert_eq!(door.answer("print", json!({ "id": id, "printer": null }))["printer"], "Kasir");
    let paper = loop {
        let papers = door.answer("order_papers", json!({ "id": id }));
        if papers["latest"]["state"] == "failed" {
            break papers["latest"].clone();
        }
        assert!(door.changed.recv_timeout(Duration::from_secs(20)).is_ok(), "it never failed: {papers}");
    };
    assert_eq!(paper["problem"]["code"], "printer_not_there");
    let looked = door.answer("settle_paper", json!({ "paper": paper["id"], "cameOut": true }));
    assert_eq!(looked["came_out"], true);
    let tested = door.answer("test_printer", json!({ "name": "Kasir" }));
    assert_eq!(tested["problem"]["code"], "printer_not_there");
    let logo = door.ask("set_logo", json!({ "picture": "bm90IGEgcGljdHVyZQ==" })).unwrap_err();
    assert_eq!((&logo["code"], &logo["field"]), (&json!("logo_not_a_picture"), &json!("logo")));
    assert_eq!(door.answer("set_logo", json!({ "picture": null }))["logo"], Value::Null);
}

#[test]
fn every_problem_has_its_sentence_in_both_languages() {
    let words = counter::Words::table();
    let sources = ["crates/counter/src", "crates/desk/src", "crates/till/src", "crates/geraictl/src", "src-tauri"];
    let mut seen = 0;
    for source in sources {
        for file in fs::read_dir(root(source)).unwrap().map(|entry| entry.unwrap().path()) {
            let Ok(text) = fs::read_to_string(&file) else { continue };
            // `Problem::of("code")` everywhere, and in the drafts `=> ("code", vec![…])`.
            let quoted = text
                .split("Problem::of(\"")
                .skip(1)
                .chain(text.split("=> (\"").skip(1))
                .chain(text.split("=> {\n                (\"").skip(1));
            for code in quoted.filter_map(|rest| rest.split('"').next()) {
                if file.ends_with("timeline.rs") {
                    continue;
                }
                seen += 1;
                assert!(words.has(&format!("problem.{code}")), "problem.{code} of {} has no sentence", file.display());
            }
        }
    }
    assert!(seen > 50, "only {seen} codes were found, so this test reads the wrong files");
}

#[test]
fn a_command_that_is_not_listed_and_a_window_that_is_not_ours_are_refused() {
    let door = Door::training();
    let refused = door.ask("plugin:window|set_title", json!({ "label": "main", "value": "x" })).unwrap_err();
    assert!(refused.as_str().unwrap().contains("not allowed"), "{refused}");
    let stranger = WebviewWindowBuilder::new(&door.app, "stranger", Default::default()).build().unwrap();
    for command in ["today", "charge", "forget_key"] {
        let refused = ask_from(&stranger, command, json!({})).unwrap_err();
        assert!(refused.to_string().contains("not allowed"), "{command}: {refused}");
    }
}

#[test]
fn every_command_that_exists_is_listed_and_every_listed_one_exists() {
    let listed = fs::read_to_string(root("src-tauri/permissions/counter.toml")).unwrap();
    let source = fs::read_to_string(root("src-tauri/commands.rs")).unwrap();
    let names = |text: &str, before: &str, after: char| -> Vec<String> {
        let mut names: Vec<String> =
            text.split(before).skip(1).filter_map(|rest| Some(rest.split(after).next()?.to_owned())).collect();
        names.sort();
        names
    };
    let exist: Vec<String> = names(&source, "pub async fn ", '(')
        .into_iter()
        .map(|name| name.trim_end_matches("<R: Runtime>").to_owned())
        .collect();
    assert_eq!(names(&listed, "\n  \"", '"'), exist);
}

/// `tests/contract/*.json` is what Vitest shows on the screens. Here each is read as what Rust says
/// and asks, and what the real command answers has the same shape.
#[test]
fn the_contract_is_what_rust_says_and_asks() {
    let door = Door::training();
    let card = door.answer("charge", json!({ "draft": draft("44000", "indomaret") }));
    let id = card["order"]["id"].clone();
    let mut read = 0;
    for path in fs::read_dir(root("tests/contract")).unwrap().map(|entry| entry.unwrap().path()) {
        let contract: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let (command, mut ask) = (contract["command"].as_str().unwrap(), contract["ask"].clone());
        let told = contract["answer"].clone();
        let name = path.display();
        match command {
            "start" => same::<view::Start>(&told),
            "charge" | "card" | "check" | "cancel" => same::<view::CodeCard>(&told),
            "today" => same::<view::Today>(&told),
            "orders" => same::<view::Page>(&told),
            "others" => same::<view::Others>(&told),
            "order" | "hand_over" => same::<view::OrderView>(&told),
            "evidence" => same::<view::Evidence>(&told),
            "attention" => same::<view::Attention>(&told),
            "freshness" => same::<view::Freshness>(&told),
            "settings" | "save_settings" => same::<view::Settings>(&told),
            "relay" | "switch_relay" => same::<view::RelayView>(&told),
            "keys" => same::<Vec<view::KeyView>>(&told),
            other => panic!("{name}: nobody knows the command {other}"),
        }
        // The keyring has tests of its own, against a real Secret Service.
        if command != "keys" {
            if ask.get("id").is_some() {
                ask["id"] = id.clone();
            }
            let answered = door.answer(command, ask);
            same_shape(&told, &answered, &format!("{name}"));
        }
        read += 1;
    }
    assert!(read >= 10, "only {read} contracts were read");
}

/// What Rust reads of it and writes again is the same.
fn same<T: DeserializeOwned + Serialize>(told: &Value) {
    let read: T = serde_json::from_value(told.clone()).unwrap_or_else(|error| panic!("{error}: {told}"));
    assert_eq!(serde_json::to_value(read).unwrap(), *told);
}

/// The same fields everywhere, whatever is in them.
fn same_shape(told: &Value, answered: &Value, place: &str) {
    match (told, answered) {
        (Value::Object(told), Value::Object(answered)) => {
            // What fills the gaps of a sentence differs from sentence to sentence.
            if place.ends_with(".values") {
                return;
            }
            let keys = |object: &serde_json::Map<String, Value>| object.keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(told), keys(answered), "{place}");
            for (key, value) in told {
                same_shape(value, &answered[key], &format!("{place}.{key}"));
            }
        }
        (Value::Array(told), Value::Array(answered)) => {
            if let (Some(told), Some(answered)) = (told.first(), answered.first()) {
                same_shape(told, answered, &format!("{place}[0]"));
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        (told, answered) => {
            assert_eq!(std::mem::discriminant(told), std::mem::discriminant(answered), "{place}: {told} and {answered}")
        }
    }
}

fn root(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}
