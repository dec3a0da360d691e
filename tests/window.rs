//! The real window, as a cashier meets it: every test in a session and on a screen of its own.

use std::fs;

use serde_json::{Value, json};
use stage::{Door, Language, Mood, NetworkPrinter, Running, Session, Window, Words, keys, program, until};

/// A key that a simulator takes, and nobody else.
const KEY: &str = "SB-Mid-server-jendela0123456789abc";

#[test]
fn a_sale_by_keyboard_alone_from_the_first_launch_to_the_handed_over_goods() {
    let (session, words) = (Session::new(), Words::of(Language::Indonesian));
    let window = Window::open(&session, &[]);
    window.see(&words.say("welcome.train"));

    // Training has the focus already.
    window.press([keys::ENTER]);
    window.see(&words.say("strip.training_means"));
    window.type_in("162500I");
    window.press([keys::ENTER]);
    window.see(&words.say("card.pay_at"));
    window.see("Rp 162.500");
    let training = Door::of_training(&session.data());
    let code = training.newest()["payment_code"].as_str().expect("a code").to_owned();
    window.see(&code);

    training.pay_newest();
    window.see_the("button", &words.say("card.hand_over"));
    window.type_in("S");
    window.see_the("dialog", &words.say("hand.title"));
    window.type_in("Sari");
    window.press([keys::ENTER]);
    window.see(&words.say("paid.handed"));

    window.type_in("R");
    window.see(&words.say("source.relay"));
    window.see(&words.say("moment.settled"));
    window.see(&words.fill("moment.handed_over", &[("by", "Sari")]));
    window.close();

    let window = Window::open(&session, &[]);
    window.see(&words.start_of("chip.handed"));
    window.see("Rp 162.500");
}

#[test]
fn a_pointer_alone_is_enough_for_training() {
    let (session, words) = (Session::new(), Words::of(Language::Indonesian));
    let window = Window::open(&session, &[]);
    window.click("button", &words.say("welcome.train_do"));
    window.fill(&words.say("order.amount"), "45000");
    window.click("radio", &words.say("store.alfamart"));
    window.click("button", &words.say("order.charge"));
    window.click("button", &words.fill("practise.pay", &[("store", &words.say("store.alfamart"))]));
    window.see_the("button", &words.say("card.hand_over"));
    window.click("button", &words.say("card.next"));
    window.see(&words.say("order.new"));
}

#[test]
fn the_lists_stay_when_midtrans_cannot_be_reached() {
    let (session, words) = (Session::new(), Words::of(Language::Indonesian));
    let simulator = simulator(&session, TRAINING_KEY);
    let url = simulator.word("listening").to_owned();
    let window = Window::open(&session, &["--environment", "training", "--midtrans-url", &url]);
    sell(&window, &words, "162500I");
    simulator.kill();

    window.type_in("K");
    window.see(&words.say("banner.offline"));
    window.see(&words.say("strip.offline"));
    assert!(window.shows("Rp 162.500"), "the code stays on screen");
    window.close();

    let window = Window::open(&session, &["--midtrans-url", &url]);
    window.see(&words.say("banner.offline"));
    window.see("Rp 162.500");
    window.press_with(keys::ALT, '2');
    window.see_the("heading", &words.say("nav.orders"));
    window.see("Rp 162.500");
}

#[test]
fn what_was_typed_survives_a_power_cut() {
    let (session, words) = (Session::new(), Words::of(Language::Indonesian));
    let window = train(&session, &words);
    window.type_in("75000I");
    window.fill(&words.say("order.customer"), "Bu Ratna");
    until("the draft is kept", || ask(&window, "start", json!({}))["draft"]["customer"] == "Bu Ratna");
    window.kill();

    let window = Window::open(&session, &[]);
    until("the draft is back", || window.text_in(&words.say("order.amount")) == "75.000");
    assert_eq!(window.text_in(&words.say("order.customer")), "Bu Ratna");
    window.click("button", &words.say("order.charge"));
    window.see(&words.say("card.pay_at"));
    window.see(&words.say("store.indomaret"));
}

#[test]
fn a_code_survives_a_power_cut() {
    let (session, words) = (Session::new(), Words::of(Language::Indonesian));
    let window = train(&session, &words);
    sell(&window, &words, "88000A");
    window.kill();

    let window = Window::open(&session, &[]);
    window.see("Rp 88.000");
    Door::of_training(&session.data()).pay_newest();
    window.see(&words.start_of("chip.paid"));
    window.see(&words.fill("today.paid", &[("count", "1")]));
}

#[test]
fn an_order_made_with_geraictl_appears_beside_the_open_window() {
    let (session, words) = (Session::new(), Words::of(Language::Indonesian));
    let window = train(&session, &words);
    window.see(&words.say("today.empty"));
    let made = session.run(
        "geraictl",
        &["--json", "order", "create", "--amount", "54321", "--store", "alfamart", "--customer", "Pak Budi"],
    );
    window.see("Rp 54.321");
    window.see("Pak Budi");
    let made: Value = serde_json::from_str(&made).expect("geraictl answers in JSON");
    window.see(made["number"].as_str().expect("an order has a number"));
}

#[test]
fn money_that_came_after_closing_is_seen_to_by_keyboard_alone() {
    let (session, words) = (Session::new(), Words::of(Language::Indonesian));
    let window = train(&session, &words);
    sell(&window, &words, "76000A");
    let door = Door::of_training(&session.data());
    let order_id = door.newest()["order_id"].clone();
    door.post("expire", json!({ "order_id": order_id }));
    window.see(&words.say("over.expired"));
    door.post("pay", json!({ "order_id": order_id, "after_closing": true }));

    window.press_with(keys::ALT, '3');
    window.see_the("heading", &words.say("nav.attention"));
    window.see(&headline(&words, "concern.paid_after_closing"));
    window.see(&words.say("concern.paid_after_closing.next"));
    window.type_in("D");
    window.see_the("dialog", &words.say("attention.done"));
    window.type_in("2");
    window.type_in("Bu Ratna");
    window.press([keys::ENTER]);
    window.see(&words.say("attention.none"));
    let returned = words.say("deed.returned");
    window.see(&words.fill("attention.seen_by", &[("what", "Uang dikembalikan tunai"), ("by", "Bu Ratna")]));

    // It moved no payment, and the order tells who did what.
    window.click("button", &headline(&words, "concern.paid_after_closing"));
    window.see(&words.say("state.paid_late"));
    window.see(&words.fill("moment.seen_to", &[("by", "Bu Ratna"), ("deed", &returned)]));
}

#[test]
fn an_open_code_moves_to_the_other_store_and_only_one_can_be_paid() {
    let (session, words) = (Session::new(), Words::of(Language::Indonesian));
    let window = train(&session, &words);
    sell(&window, &words, "162500I");
    let door = Door::of_training(&session.data());
    let old = door.newest();

    window.type_in("G");
    window.see_the("dialog", &words.say("reissue.change"));
    window.press([keys::ENTER]);
    let (store, code) = (words.say("store.indomaret"), spelled(old["payment_code"].as_str().expect("a code")));
    window.see(&words.fill("card.replaces", &[("store", &store), ("code", &code)]));
    let open: Vec<Value> = transactions(&door).into_iter().filter(|one| one["status"] == "pending").collect();
    assert_eq!(open.len(), 1, "one code can be paid: {open:?}");
    assert_eq!((&open[0]["store"], &open[0]["amount"]), (&json!("alfamart"), &old["amount"]));
    assert_ne!(open[0]["order_id"], old["order_id"]);

    door.pay_newest();
    window.see_the("button", &words.say("card.hand_over"));
    window.type_in("R");
    window.see_the("heading", &words.say("detail.codes"));
    window.see(old["order_id"].as_str().expect("an id"));
    window.see(open[0]["order_id"].as_str().expect("an id"));
}

#[test]
fn the_evidence_of_an_order_is_saved_to_a_file_without_anything_secret() {
    let (session, words) = (Session::new(), Words::of(Language::Indonesian));
    let window = train(&session, &words);
    sell(&window, &words, "99000I");
    Door::of_training(&session.data()).pay_newest();
    window.see_the("button", &words.say("card.hand_over"));
    window.type_in("R");
    window.see_the("heading", &words.say("detail.timeline"));
    window.type_in("E");
    window.see(&words.start_of("evidence_page.chain.whole"));
    window.see(&words.say("evidence_page.signature.genuine"));
    window.type_in("S");
    window.see(&words.start_of("evidence.saved"));

    let said = window.text();
    let path = said.split_whitespace().find(|word| word.ends_with(".html")).expect("it says where").to_owned();
    let saved = fs::read_to_string(&path).expect("the file is there");
    let code = Door::of_training(&session.data()).newest()["payment_code"].as_str().expect("a code").to_owned();
    assert!(path.starts_with(session.home().to_str().expect("a home")), "{path} is in the owner's own folder");
    assert!(saved.contains(&code) && saved.contains("settlement"), "{saved}");
    for secret in [TRAINING_KEY, "/n/"] {
        assert!(!saved.contains(secret), "{secret} is in the file");
    }
    let longest = saved.split(|letter: char| !letter.is_ascii_hexdigit()).map(str::len).max();
    assert!(longest < Some(128), "a signature is in the file, and could be sent again");
}

#[test]
fn a_slip_comes_out_of_a_printer_on_the_network_and_its_card_says_what_became_of_it() {
    let (session, words, printer) = (Session::new(), Words::of(Language::Indonesian), NetworkPrinter::new());
    let window = train(&session, &words);
    sell(&window, &words, "162500I");
    window.see(&words.say("paper.no_printer"));
    session.run("geraictl", &["printers", "add", "Kasir", &printer.at()]);
    window.see_the("button", &words.say("paper.print.slip"));

    print(&window);
    let slip = printer.paper();
    let code = Door::of_training(&session.data()).newest()["payment_code"].as_str().expect("a code").to_owned();
    assert!(says(&slip, &spelled(&code)) && says(&slip, "Rp 162.500"), "the slip is this order's");
    assert!(!says(&slip, "SALINAN"), "the first one is no copy");
    window.see(&words.say("paper.state.confirmed"));

    // The next is a copy, and one that did not come out was none.
    let copy = words.fill("paper.print_copy", &[("n", "1")]);
    window.see_the("button", &copy);
    printer.is(Mood::OutOfPaper);
    print(&window);
    window.see(&words.fill("problem.printer_paper_out", &[("printer", "Kasir")]));
    window.see_the("button", &copy);

    // Cut in the middle, nobody knows; the cashier looks, and says so.
    printer.is(Mood::HangsUp);
    print(&window);
    window.see(&words.say("paper.unsure"));
    window.see(&words.fill("problem.printer_cut", &[("printer", "Kasir")]));
    window.type_in("T");
    window.see(&words.say("paper.seen_not"));
    window.see_the("button", &copy);
    printer.is(Mood::Fine);
    print(&window);
    assert!(says(&printer.paper(), "SALINAN 1"), "the paper says which copy it is");
    window.see(&words.say("paper.state.confirmed"));

    Door::of_training(&session.data()).pay_newest();
    window.see_the("button", &words.say("paper.print.receipt"));
    print(&window);
    let receipt = printer.paper();
    assert!(says(&receipt, "Rp 162.500") && !says(&receipt, "SALINAN"), "a receipt is a paper of its own");
    window.type_in("V");
    window.see_the("img", &words.say("paper.receipt"));
    window.type_in("G");
    window.see("/bukti-bayar-");
}

#[test]
fn a_slip_is_given_away_as_a_file_and_as_a_message_and_its_qr_brings_the_order_back() {
    let (session, words) = (Session::new(), Words::of(Language::Indonesian));
    let told = session.pretend("xdg-open");
    let window = train(&session, &words);
    window.fill(&words.say("order.phone"), "0812-3456-7890");
    window.fill(&words.say("order.amount"), "162500");
    window.press(['i', keys::ENTER]);
    window.see(&words.say("card.pay_at"));
    let door = Door::of_training(&session.data());
    let (order_id, code) = (door.newest()["order_id"].clone(), door.newest()["payment_code"].clone());
    let code = code.as_str().expect("a code");

    window.see_the("button", &words.say("paper.look"));
    window.type_in("V");
    window.see_the("img", &words.say("paper.slip"));
    window.type_in("G");
    window.see(&words.start_of("evidence.saved"));
    let said = window.text();
    let path = said.split_whitespace().find(|word| word.ends_with(".png")).expect("it says where").to_owned();
    assert!(path.starts_with(session.home().to_str().expect("a home")), "{path} is in the owner's own folder");
    assert!(fs::read(&path).expect("the file is there").starts_with(b"\x89PNG"));

    window.type_in("W");
    window.see_the("dialog", &words.say("share.whatsapp_ask"));
    assert!(!told.exists(), "nothing is opened before the cashier was asked");
    // The safe answer has the focus.
    window.press([keys::TAB, keys::ENTER]);
    window.see(&words.say("share.whatsapp_opened"));
    until("the desktop is asked", || told.exists());
    let address = fs::read_to_string(&told).expect("an address");
    assert!(address.starts_with("https://wa.me/6281234567890?text="), "{address}");
    assert!(address.contains(&spelled(code).replace(' ', "%20")) && address.contains("%0A"), "{address}");
    window.press([keys::ESCAPE]);
    window.type_in("N");
    window.see(&words.say("order.new"));

    // A scanner types faster than any hand, so it is played in the page.
    let scan = |order_id: &str| {
        window.run_with(
            "for (const key of [...`gerai:${arguments[0]}`, 'Enter']) {
               document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
             }",
            &[json!(order_id)],
        );
    };
    scan(order_id.as_str().expect("an id"));
    window.see(&words.say("card.pay_at"));
    window.see(code);
    assert!(!window.has("dialog", ""), "no letter of the QR was taken for a key");
    scan("M8TZ-4JX8T2WVN6PD3HS9BMA");
    window.see(&words.fill("scan.other_till", &[("till", "M8TZ")]));
}

#[test]
fn a_copy_is_put_back_not_by_a_mere_enter_and_the_window_says_so_until_somebody_has_seen_to_it() {
    let (session, words) = (Session::new(), Words::of(Language::Indonesian));
    let window = train(&session, &words);
    sell(&window, &words, "99000I");
    window.press_with(keys::ALT, '5');
    window.click("button", &words.say("copies.make"));
    window.see(&words.say("copies.made"));
    window.run("document.querySelector('details').open = true");
    let restore = words.start_of("copies.restore_say");
    window.click("button", &restore);
    window.see(&words.say("restore.aside"));
    window.press([keys::ENTER]);
    window.see_no_more(&words.say("restore.aside"));
    window.click("button", &restore);
    window.click("button", &words.say("restore.yes"));

    window.see(&words.say("banner.restored"));
    window.see_the("textbox", &words.say("order.amount"));
    window.see("Rp 99.000");
    window.press_with(keys::ALT, '3');
    window.see(&words.start_of("concern.restored"));
    window.type_in("D");
    window.see_the("dialog", &words.say("attention.done"));
    window.type_in("Bu Ratna");
    window.press([keys::ENTER]);
    window.see(&words.say("attention.none"));
    window.see_no_more(&words.say("banner.restored"));
}

#[test]
fn the_day_is_closed_with_a_name_and_its_report_stays() {
    let (session, words) = (Session::new(), Words::of(Language::Indonesian));
    let window = train(&session, &words);
    sell(&window, &words, "125000I");
    Door::of_training(&session.data()).pay_newest();
    window.see_the("button", &words.say("card.hand_over"));
    window.press_with(keys::ALT, '4');
    window.see_the("heading", &words.say("day.left"));
    window.see("Rp 125.000");
    window.fill(&words.say("day.by"), "Sari");
    window.press([keys::ENTER]);
    window.see(&words.fill("day.report", &[("number", "1")]));
    window.see(&words.start_of("day.closed_by"));
    window.see(&words.fill("day.confirmed_all.one", &[("count", "1")]));
    window.close();

    let window = Window::open(&session, &[]);
    window.press_with(keys::ALT, '4');
    window.see(&words.fill("day.report", &[("number", "1")]));
    window.see("Rp 125.000");
}

#[test]
fn a_wrong_amount_gets_one_sentence_at_its_field_and_nothing_typed_is_lost() {
    let (session, words) = (Session::new(), Words::of(Language::Indonesian));
    let window = train(&session, &words);
    window.type_in("5000I");
    window.fill(&words.say("order.customer"), "Bu Ratna");
    window.press([keys::ENTER]);
    let store = words.say("store.indomaret");
    let sentence = words.fill("problem.amount_below", &[("store", &store), ("min", "10.000")]);
    window.see(&sentence);

    let field = window.run(
        "const field = document.querySelector('input[name=amount]');
         return [document.activeElement === field, field.getAttribute('aria-invalid'),
                 document.getElementById(field.getAttribute('aria-describedby'))?.innerText.trim()]",
    );
    assert_eq!(field, json!([true, "true", sentence]), "the sentence stands at the field, and the focus is there");
    assert_eq!(window.text_in(&words.say("order.amount")), "5.000");
    assert_eq!(window.text_in(&words.say("order.customer")), "Bu Ratna");

    window.type_in("0");
    window.see_no_more(&sentence);
    window.press([keys::ENTER]);
    window.see("Rp 50.000");
    window.see(&words.say("card.pay_at"));
}

#[test]
fn a_key_switches_the_language_and_it_stays() {
    let session = Session::new();
    let (here, there) = (Words::of(Language::Indonesian), Words::of(Language::English));
    let window = train(&session, &here);
    window.type_in("12345");
    window.press_with(keys::ALT, 'l');
    window.see(&there.say("order.new"));
    assert_eq!(window.text_in(&there.say("order.amount")), "12.345");
    assert_eq!(window.run("return document.documentElement.lang"), json!("en"));
    window.close();

    let window = Window::open(&session, &[]);
    window.see(&there.say("order.new"));
}

#[test]
fn a_key_is_taken_once_and_never_seen_again() {
    let (session, words) = (Session::new(), Words::of(Language::Indonesian));
    let simulator = simulator(&session, KEY);
    let url = simulator.word("listening").to_owned();
    let window = Window::open(&session, &["--midtrans-url", &url]);
    window.click("button", &words.say("welcome.connect_do"));

    paste_key(&window, &words, "SB-Mid-client-0123456789abcdef");
    window.see(&words.say("problem.key_client"));
    paste_key(&window, &words, "SB-Mid-server-bukan-yang-ini-tapi-mirip");
    window.see(&words.say("problem.key_refused"));
    paste_key(&window, &words, KEY);
    window.see(&words.fill("connect.done", &[("environment", &words.say("environment.sandbox"))]));
    window.click("button", &words.say("connect.open"));
    window.see(&words.say("strip.sandbox_means"));
    sell(&window, &words, "162500I");
    nobody_sees_the_key(&window, &session);
    window.close();

    let window = Window::open(&session, &["--midtrans-url", &url]);
    window.see("Rp 162.500");
    sell(&window, &words, "99000A");
    Door::of(&simulator).pay_newest();
    window.type_in("K");
    window.see_the("button", &words.say("card.hand_over"));
    nobody_sees_the_key(&window, &session);
    simulator.stop();
}

#[test]
fn without_a_secret_store_there_is_training_and_a_sentence() {
    let (session, words) = (Session::without_keyring(), Words::of(Language::Indonesian));
    let simulator = simulator(&session, KEY);
    let window = Window::open(&session, &["--midtrans-url", simulator.word("listening")]);
    window.click("button", &words.say("welcome.connect_do"));
    paste_key(&window, &words, KEY);
    window.see(&words.say("problem.no_secret_store"));
    window.close();

    let window = Window::open(&session, &[]);
    window.click("button", &words.say("welcome.train_do"));
    sell(&window, &words, "25000I");
}

#[test]
fn a_second_window_and_a_missing_screen_get_a_sentence() {
    let (session, words) = (Session::new(), Words::of(Language::Indonesian));
    let without_screen = session.command(program("gerai")).output().expect("the window's program starts");
    assert!(!without_screen.status.success());
    assert_eq!(String::from_utf8_lossy(&without_screen.stderr).trim(), words.say("problem.no_display"));

    let window = train(&session, &words);
    let mut second = session.command(program("gerai"));
    let second = second.env("DISPLAY", window.screen()).output().expect("the window's program starts");
    assert!(!second.status.success());
    assert_eq!(String::from_utf8_lossy(&second.stderr).trim(), words.say("problem.window_open"));
}

#[test]
fn the_page_may_ask_for_nothing_but_the_counter() {
    let (session, words) = (Session::new(), Words::of(Language::Indonesian));
    let window = train(&session, &words);
    for command in
        ["plugin:window|close", "plugin:webview|create_webview_window", "plugin:app|version", "no_such_command"]
    {
        let answer = window.run_with(
            "return window.__TAURI_INTERNALS__.invoke(arguments[0]).then(() => 'done', () => 'refused')",
            &[json!(command)],
        );
        assert_eq!(answer, json!("refused"), "{command}");
    }
    let fetched = window.run("return fetch('https://api.midtrans.com/').then(() => 'done', () => 'refused')");
    assert_eq!(fetched, json!("refused"), "the page itself reaches nothing outside");
}

#[test]
fn nobody_is_shut_out_of_the_main_screens() {
    let (session, words) = (Session::new(), Words::of(Language::Indonesian));
    let axe =
        fs::read_to_string("ui/node_modules/axe-core/axe.min.js").expect("axe-core is there: run `npm ci` in ui/");
    let window = Window::open(&session, &[]);
    let mut faults = Vec::new();
    let mut look_at = |window: &Window, screen: &str| {
        for look in ["light", "dark"] {
            window.run_with("document.documentElement.dataset.look = arguments[0]", &[json!(look)]);
            faults.extend(faults_by(window, &axe).into_iter().map(|fault| format!("{screen}, {look}: {fault}")));
        }
    };

    look_at(&window, "welcome");
    window.click("button", &words.say("welcome.connect_do"));
    look_at(&window, "connect");
    window.click("button", &words.say("connect.back"));
    window.click("button", &words.say("welcome.train_do"));
    window.see(&words.say("today.empty"));
    look_at(&window, "empty till");
    window.type_in("5000I");
    window.press([keys::ENTER]);
    window.see(&words.start_of("problem.amount_below"));
    look_at(&window, "problem at a field");
    window.press([keys::F3]);
    window.click("button", &words.say("order.item_add"));
    look_at(&window, "order with items");
    window.click("button", &words.fill("order.item_remove", &[("row", "1")]));
    window.fill(&words.say("order.amount"), "50000");
    window.press([keys::ENTER]);
    window.see(&words.say("card.pay_at"));
    look_at(&window, "code card");
    window.see_the("button", &words.say("paper.look"));
    window.type_in("V");
    window.see_the("img", &words.say("paper.slip"));
    look_at(&window, "slip");
    window.press([keys::ESCAPE]);
    window.see_no_more(&words.say("share.text"));
    session.run("geraictl", &["printers", "add", "Kasir", "device:/dev/usb/lp99"]);
    window.see_the("button", &words.say("paper.print.slip"));
    window.type_in("P");
    window.see(&words.say("paper.failed"));
    look_at(&window, "printer away");
    Door::of_training(&session.data()).pay_newest();
    window.see_the("button", &words.say("card.hand_over"));
    look_at(&window, "paid");
    window.type_in("S");
    window.see_the("dialog", &words.say("hand.title"));
    look_at(&window, "handing over");
    window.press([keys::ESCAPE]);
    window.type_in("R");
    window.see_the("heading", &words.say("detail.timeline"));
    look_at(&window, "one order");
    window.type_in("E");
    window.see(&words.say("evidence.pieces"));
    window.type_in("F");
    look_at(&window, "evidence");
    for (key, title) in [('2', "nav.orders"), ('3', "nav.attention"), ('4', "nav.day"), ('5', "nav.settings")] {
        window.press_with(keys::ALT, key);
        window.see_the("heading", &words.say(title));
        look_at(&window, title);
    }
    window.press([keys::F1]);
    window.see_the("dialog", &words.say("keys.title"));
    look_at(&window, "shortcuts");
    window.press([keys::ESCAPE]);

    window.press_with(keys::ALT, '1');
    sell(&window, &words, "76000A");
    window.type_in("G");
    window.see_the("dialog", &words.say("reissue.change"));
    look_at(&window, "other store");
    window.press([keys::ESCAPE]);
    let order_id = Door::of_training(&session.data()).newest()["order_id"].clone();
    Door::of_training(&session.data()).post("expire", json!({ "order_id": order_id }));
    window.see(&words.say("over.expired"));
    look_at(&window, "expired");
    Door::of_training(&session.data()).post("pay", json!({ "order_id": order_id, "after_closing": true }));
    window.press_with(keys::ALT, '3');
    window.see(&headline(&words, "concern.paid_after_closing"));
    look_at(&window, "something to check");
    window.type_in("D");
    window.see_the("dialog", &words.say("attention.done"));
    look_at(&window, "seeing to it");
    window.type_in("1Sari");
    window.press([keys::ENTER]);
    window.see(&words.say("attention.none"));
    look_at(&window, "nothing to check");
    window.press_with(keys::ALT, '4');
    window.fill(&words.say("day.by"), "Sari");
    window.press([keys::ENTER]);
    window.see(&words.start_of("day.closed_by"));
    look_at(&window, "a closed day");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The key of training, as `docs/simulator.md` gives it.
const TRAINING_KEY: &str = "SB-Mid-server-LATIHAN-bukan-kunci-asli";

fn simulator(session: &Session, key: &str) -> Running {
    session.start("midtrans-simulator", &["--server-key", key])
}

/// A window in which training was just begun.
fn train(session: &Session, words: &Words) -> Window {
    let window = Window::open(session, &[]);
    window.click("button", &words.say("welcome.train_do"));
    window.see(&words.say("order.new"));
    window
}

/// Types an order, amount and store, and waits for its code.
fn sell(window: &Window, words: &Words, typed: &str) {
    if !window.has("heading", &words.say("order.new")) {
        window.type_in("N");
    }
    window.see(&words.say("order.new"));
    window.type_in(typed);
    window.press([keys::ENTER]);
    window.see(&words.say("card.pay_at"));
}

/// Every transaction the simulator has, newest first.
fn transactions(door: &Door) -> Vec<Value> {
    door.get("transactions")["transactions"].as_array().cloned().unwrap_or_default()
}

/// What happened, without what stands behind its colon.
fn headline(words: &Words, concern: &str) -> String {
    words.say(concern).split(':').next().unwrap_or_default().to_owned()
}

/// Presses the key for printing, once nothing is being printed.
fn print(window: &Window) {
    until("it can be printed", || {
        window.run("return document.querySelector('button[aria-keyshortcuts=P]:not([aria-disabled])') !== null")
            == json!(true)
    });
    window.type_in("P");
}

/// Whether a printer was given these letters.
fn says(paper: &[u8], words: &str) -> bool {
    paper.windows(words.len()).any(|letters| letters == words.as_bytes())
}

/// A code in groups of four, as the window writes it.
fn spelled(code: &str) -> String {
    let groups: Vec<&str> = code.as_bytes().chunks(4).filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(" ")
}

fn paste_key(window: &Window, words: &Words, key: &str) {
    window.fill(&words.say("connect.key"), key);
    window.click("button", &words.say("connect.do"));
}

/// Asks Rust as the page does.
fn ask(window: &Window, command: &str, arguments: Value) -> Value {
    window.run_with("return window.__TAURI_INTERNALS__.invoke(...arguments)", &[json!(command), arguments])
}

/// Not in the page, not in what the page can ask for, not in a file, not in the process list.
fn nobody_sees_the_key(window: &Window, session: &Session) {
    let page = window.run(
        "const fields = [...document.querySelectorAll('input, textarea')].map((field) => field.value);
         return JSON.stringify([document.documentElement.outerHTML, fields, {...localStorage}, {...sessionStorage},
                                document.cookie, location.href, performance.getEntries()])",
    );
    let mut seen = vec![("the page".to_owned(), page.to_string())];
    for command in ["start", "keys", "settings", "relay", "freshness", "today"] {
        seen.push((command.into(), ask(window, command, json!({})).to_string()));
    }
    for about in ["cmdline", "environ"] {
        let text = fs::read(format!("/proc/{}/{about}", window.pid())).unwrap_or_default();
        seen.push((about.into(), String::from_utf8_lossy(&text).into_owned()));
    }
    let mut folders = vec![session.home().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file() {
                let bytes = fs::read(&path).unwrap_or_default();
                seen.push((path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
    }
    for (place, text) in seen {
        assert!(!text.contains(KEY), "the key is in {place}");
    }
}

/// What keeps somebody out of what is on screen, as axe-core finds it.
fn faults_by(window: &Window, axe: &str) -> Vec<String> {
    if window.run("return 'axe' in window") == json!(false) {
        window.run(axe);
    }
    // What is still fading in has the contrast of what is half there.
    window.settle();
    let found = window.run(
        "const { violations } = await window.axe.run(document);
         return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' ')}`)",
    );
    found.as_array().into_iter().flatten().map(|fault| fault.as_str().unwrap_or_default().to_owned()).collect()
}
