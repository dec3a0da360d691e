//! Drives the real window through the main job, in both languages, and leaves a picture of every screen in both
//! looks: `tour FOLDER`. `scripts/tour` builds what it needs and runs it.

use std::{
    cell::Cell,
    env, fs,
    path::{Path, PathBuf},
};

use serde_json::json;
use stage::{Door, Language, Mood, NetworkPrinter, Session, Window, Words, keys, until};

fn main() {
    let folder = PathBuf::from(env::args_os().nth(1).expect("a folder for the pictures"));
    for language in [Language::Indonesian, Language::English] {
        let words = Words::of(language);
        training(&Album::new(&folder, &words, 0), &words);
        sandbox(&Album::new(&folder, &words, 50), &words);
        production(&Album::new(&folder, &words, 80), &words);
    }
    index(&folder);
}

/// Where the pictures go, numbered in the order of the story.
struct Album<'a> {
    folder: &'a Path,
    language: Language,
    taken: Cell<u32>,
}

impl<'a> Album<'a> {
    fn new(folder: &'a Path, words: &Words, taken: u32) -> Self {
        Self { folder, language: words.language(), taken: Cell::new(taken) }
    }

    /// One screen in both looks, on a shop PC.
    fn take(&self, window: &Window, name: &str) {
        self.take_at(window, name, &[(1366, 768)]);
    }

    /// One screen in both looks, on small and large screens too.
    fn take_everywhere(&self, window: &Window, name: &str) {
        self.take_at(window, name, &[(1366, 768), (1920, 1080), (1024, 768)]);
    }

    fn take_at(&self, window: &Window, name: &str, sizes: &[(u32, u32)]) {
        self.taken.set(self.taken.get() + 1);
        for (width, height) in sizes {
            window.set_size(*width, *height);
            for look in ["light", "dark"] {
                window.run_with("document.documentElement.dataset.look = arguments[0]", &[json!(look)]);
                let number = self.taken.get();
                let picture = format!("{}/{look}/{number:02}-{name}-{width}x{height}.png", self.language.code());
                window.screenshot(self.folder.join(picture));
            }
        }
        window.set_size(1366, 768);
        println!("{} {:02} {name}", self.language.code(), self.taken.get());
    }
}

/// The main job: from the first launch to the handed over goods, and the lists that are left.
fn training(album: &Album, words: &Words) {
    let session = Session::new();
    let window = open(&session, words, &[]);
    album.take_everywhere(&window, "welcome");
    window.click("button", &words.say("welcome.train_do"));
    window.see(&words.say("today.empty"));
    name_the_shop(&window, words);
    album.take_everywhere(&window, "empty-till");

    window.type_in("162500I");
    window.fill(&words.say("order.customer"), "Bu Ratna");
    window.fill(&words.say("order.phone"), "081234567890");
    window.fill(&words.say("order.note"), "DP seragam");
    album.take(&window, "order-being-typed");
    window.press([keys::F3]);
    window.click("button", &words.say("order.item_add"));
    window.type_in("Seragam SD");
    window.press([keys::TAB]);
    album.take(&window, "order-with-items");
    window.click("button", &words.fill("order.item_remove", &[("row", "1")]));
    window.press([keys::F3]);
    window.fill(&words.say("order.amount"), "5000");
    window.press([keys::ENTER]);
    window.see(&words.start_of("problem.amount_below"));
    album.take(&window, "problem-at-a-field");
    window.fill(&words.say("order.amount"), "3000000");
    window.press(['a']);
    window.see(&words.say("warning.alfamart_cash"));
    album.take(&window, "warning");

    let door = Door::of_training(&session.data());
    a_morning(&session, &door);
    window.see("Pak Budi");
    no_more_news(&window, words);
    let printer = NetworkPrinter::new();
    session.run("geraictl", &["printers", "add", "Kasir", &printer.at()]);
    window.fill(&words.say("order.amount"), "162500");
    window.press(['i', keys::ENTER]);
    see_code(&window, words);
    printed(&window, words);
    album.take_everywhere(&window, "code-card-indomaret");
    paper(album, &window, words, &printer);
    window.type_in("B");
    window.see_the("dialog", &words.say("cancel.title"));
    album.take(&window, "cancel");
    window.press([keys::ESCAPE]);
    window.type_in("G");
    window.see_the("dialog", &words.say("reissue.change"));
    album.take(&window, "other-store");
    window.press([keys::ENTER]);
    window.see(&words.start_of("card.replaces"));
    album.take_everywhere(&window, "other-store-made");
    window.type_in("R");
    window.see_the("heading", &words.say("detail.codes"));
    album.take_everywhere(&window, "order-with-two-codes");
    window.press([keys::ESCAPE]);
    window.type_in("N");
    window.type_in("87500A");
    window.fill(&words.say("order.customer"), "Ibu Dewi Kusumawardhani");
    window.press([keys::ENTER]);
    see_code(&window, words);
    printed(&window, words);
    album.take_everywhere(&window, "code-card-alfamart");

    door.pay_newest();
    window.see_the("button", &words.say("card.hand_over"));
    window.see(&words.fill("news.paid", &[("rupiah", "Rp 87.500"), ("who", "Ibu Dewi Kusumawardhani")]));
    album.take_everywhere(&window, "paid");
    window.type_in("V");
    window.see_the("img", &words.say("paper.receipt"));
    album.take(&window, "receipt-preview");
    window.press([keys::ESCAPE]);
    window.see_no_more(&words.say("share.text"));
    no_more_news(&window, words);
    window.type_in("S");
    window.see_the("dialog", &words.say("hand.title"));
    window.type_in("Sari");
    album.take(&window, "handing-over");
    window.press([keys::ENTER]);
    window.see(&words.say("paid.handed"));
    album.take(&window, "handed-over");
    window.type_in("R");
    window.see_the("heading", &words.say("detail.timeline"));
    window.see(&words.fill("moment.handed_over", &[("by", "Sari")]));
    album.take_everywhere(&window, "order-with-timeline");
    window.type_in("E");
    window.see(&words.say("evidence.pieces"));
    album.take_everywhere(&window, "evidence");
    window.type_in("F");
    window.run("document.querySelector('.evidence').scrollTo(0, 500)");
    album.take(&window, "evidence-unfolded");
    window.type_in("S");
    window.see(&words.start_of("evidence.saved"));
    window.run("document.querySelector('.evidence').scrollTo(0, 0)");
    album.take(&window, "evidence-saved");
    window.press([keys::ESCAPE]);

    window.press_with(keys::ALT, '2');
    window.see_the("heading", &words.say("nav.orders"));
    window.click("radio", &words.say("list.all"));
    window.see("Pak Budi");
    album.take_everywhere(&window, "orders");
    window.type_in("/ratna");
    window.see_no_more("Pak Budi");
    album.take(&window, "orders-searched");
    another_till(&session, &door);
    window.fill(&words.say("search.label"), "71000");
    window.see("71.000");
    album.take(&window, "orders-found-at-another-till");
    window.fill(&words.say("search.label"), "");
    window.click("radio", &words.say("list.others"));
    window.see("38.500");
    window.see_no_more(&words.say("state.confirming"));
    album.take_everywhere(&window, "other-tills");
    window.run("document.querySelector('[role=listbox]').focus()");
    window.press([keys::ENTER]);
    window.see(&words.say("others.order_id"));
    album.take(&window, "order-of-another-till");
    window.press([keys::ESCAPE]);
    window.click("radio", &words.say("list.all"));
    window.press_with(keys::ALT, '3');
    window.see_the("heading", &words.say("nav.attention"));
    window.see("Mas Joko");
    album.take_everywhere(&window, "needs-attention");
    window.type_in("D");
    window.see_the("dialog", &words.say("attention.done"));
    window.type_in("1Bu Ratna");
    album.take(&window, "seeing-to-it");
    window.press([keys::ENTER]);
    window.see(&words.say("attention.seen"));
    album.take(&window, "needs-attention-one-seen-to");
    window.type_in("D");
    window.see_the("dialog", &words.say("attention.done"));
    window.type_in("1");
    window.press([keys::ENTER]);
    window.see(&words.say("attention.none"));
    album.take_everywhere(&window, "nothing-needs-attention");
    window.press_with(keys::ALT, '4');
    window.see_the("heading", &words.say("day.left"));
    album.take_everywhere(&window, "closing-the-day");
    window.fill(&words.say("day.by"), "Sari");
    window.press([keys::ENTER]);
    window.see(&words.start_of("day.closed_by"));
    album.take_everywhere(&window, "day-closed");
    report_on_paper(&session, &window, album, words);
    window.press_with(keys::ALT, '5');
    window.see_the("heading", &words.say("nav.settings"));
    window.see_the("textbox", &words.say("settings.shop_name"));
    album.take_everywhere(&window, "settings");
    window.run("document.querySelector('#set-printers').scrollIntoView()");
    album.take(&window, "printers");
    window.click("button", &words.fill("printers.change_say", &[("printer", "Kasir")]));
    album.take(&window, "printer-being-changed");
    window.run("document.querySelector('#set-paper').scrollIntoView()");
    window.fill(&words.say("field.paper_lines"), "Jl. Kaliurang KM 5 No. 12, Sleman");
    window.press([keys::TAB]);
    choose_logo(&window, words);
    album.take(&window, "on-the-paper");
    window.run("document.querySelector('.settings').scrollTo(0, 1e6)");
    album.take(&window, "settings-below");
    window.click("button", &words.say("copies.make"));
    window.see(&words.say("copies.made"));
    window.run("[...document.querySelectorAll('.settings details')].at(-1).open = true");
    album.take(&window, "copies");
    window.click("button", &words.start_of("copies.restore_say"));
    window.see(&words.say("restore.aside"));
    album.take(&window, "restoring-a-copy");
    window.press([keys::ESCAPE]);
    window.press([keys::F1]);
    window.see_the("dialog", &words.say("keys.title"));
    album.take(&window, "shortcuts");
    window.press([keys::ESCAPE]);

    window.press_with(keys::ALT, '1');
    if !window.has("heading", &words.say("order.new")) {
        window.type_in("N");
    }
    door.post(
        "faults",
        json!([{ "on": "charge", "kind": "drop_after", "times": 1 },
                               { "on": "status", "kind": "error", "status": 503 }]),
    );
    window.type_in("45000I");
    window.press([keys::ENTER]);
    window.see(&words.say("checking.title"));
    album.take(&window, "checking");
    door.post("faults", json!([]));
    window.type_in("N");
    door.post("stores", json!({ "store": "alfamart", "active": false }));
    window.type_in("60000A");
    window.press([keys::ENTER]);
    window.see(&words.say("order_problem.channel_not_active"));
    album.take(&window, "refused");
    window.close();
}

/// The slip on paper and off it: looked at, shared, and a printer that fails.
fn paper(album: &Album, window: &Window, words: &Words, printer: &NetworkPrinter) {
    window.type_in("V");
    window.see_the("img", &words.say("paper.slip"));
    album.take_everywhere(window, "slip-preview");
    window.type_in("G");
    window.see(&words.start_of("evidence.saved"));
    album.take(window, "slip-saved");
    window.type_in("W");
    window.see_the("dialog", &words.say("share.whatsapp_ask"));
    album.take(window, "slip-by-whatsapp");
    window.press([keys::ESCAPE]);
    window.see_no_more(&words.say("share.whatsapp_ask"));
    window.press([keys::ESCAPE]);
    window.see_no_more(&words.say("share.text"));
    printer.is(Mood::OutOfPaper);
    window.type_in("P");
    window.see(&words.say("paper.failed"));
    album.take_everywhere(window, "printer-out-of-paper");
    printer.is(Mood::HangsUp);
    window.type_in("P");
    window.see(&words.say("paper.unsure"));
    album.take(window, "paper-nobody-knows-of");
    window.type_in("T");
    window.see(&words.say("paper.seen_not"));
    album.take(window, "paper-did-not-come-out");
    printer.is(Mood::Fine);
    window.type_in("P");
    printed(window, words);
    scan(window, "M8TZ-4JX8T2WVN6PD3HS9BMA");
    window.see(&words.fill("scan.other_till", &[("till", "M8TZ")]));
    album.take(window, "qr-of-another-till");
    window.click("button", &words.say("scan.close"));
}

/// The paper on the card has come out, and it shows.
fn printed(window: &Window, words: &Words) {
    window.see(&words.say("paper.state.confirmed"));
}

/// A scanner types faster than any hand, so it is played in the page.
fn scan(window: &Window, order_id: &str) {
    window.run_with(
        "for (const key of [...`gerai:${arguments[0]}`, 'Enter']) {
           document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
         }",
        &[json!(order_id)],
    );
}

/// Sandbox, from the pasted key to a day without the internet.
fn sandbox(album: &Album, words: &Words) {
    const KEY: &str = "SB-Mid-server-tamasya0123456789abc";
    let session = Session::new();
    let simulator = session.start("midtrans-simulator", &["--server-key", KEY]);
    let window = open(&session, words, &["--midtrans-url", simulator.word("listening")]);
    window.click("button", &words.say("welcome.connect_do"));
    window.fill(&words.say("connect.key"), "SB-Mid-server-salah-salin-9876543");
    window.click("button", &words.say("connect.do"));
    window.see(&words.say("problem.key_refused"));
    album.take(&window, "key-refused");
    connect(album, &window, words, KEY);
    name_the_shop(&window, words);
    window.type_in("162500I");
    window.press([keys::ENTER]);
    see_code(&window, words);
    album.take_everywhere(&window, "sandbox");
    simulator.kill();
    window.type_in("K");
    window.see(&words.say("banner.offline"));
    album.take_everywhere(&window, "offline");
    window.close();

    let session = Session::without_keyring();
    let simulator = session.start("midtrans-simulator", &["--server-key", KEY]);
    let window = open(&session, words, &["--midtrans-url", simulator.word("listening")]);
    window.click("button", &words.say("welcome.connect_do"));
    window.fill(&words.say("connect.key"), KEY);
    window.click("button", &words.say("connect.do"));
    window.see(&words.say("problem.no_secret_store"));
    album.take(&window, "no-secret-store");
    window.close();
}

/// Production at a double of Midtrans, for the barcode that only real codes get.
fn production(album: &Album, words: &Words) {
    const KEY: &str = "Mid-server-tamasya0123456789abcdef";
    let session = Session::new();
    let simulator = session.start("midtrans-simulator", &["--server-key", KEY]);
    let window = open(&session, words, &["--midtrans-url", simulator.word("listening")]);
    window.click("button", &words.say("welcome.connect_do"));
    window.click("radio", &words.say("environment.production"));
    connect(album, &window, words, KEY);
    name_the_shop(&window, words);
    window.type_in("162500I");
    window.fill(&words.say("order.customer"), "Bu Ratna");
    window.press([keys::ENTER]);
    see_code(&window, words);
    album.take_everywhere(&window, "production");
    window.close();
}

/// Opens the window, on Welcome and in this language.
fn open(session: &Session, words: &Words, arguments: &[&str]) -> Window {
    let window = Window::open(session, arguments);
    let other = Words::of(Language::Indonesian);
    window.see(&other.say("welcome.train"));
    if words.language() == Language::English {
        window.click("radio", &words.say("language.en"));
    }
    window.see(&words.say("welcome.train"));
    window
}

fn connect(album: &Album, window: &Window, words: &Words, key: &str) {
    window.fill(&words.say("connect.key"), key);
    window.click("button", &words.say("connect.do"));
    window.see_the("heading", &words.say("address.title"));
    album.take(window, "connected");
    window.click("button", &words.say("connect.open"));
    window.see(&words.say("today.empty"));
}

/// The code card, and the order in the list beside it.
fn see_code(window: &Window, words: &Words) {
    window.see(&words.say("card.pay_at"));
    until("the list has the order", || {
        window.run("return document.querySelector('[role=option][aria-selected=true]') !== null") == json!(true)
    });
}

fn name_the_shop(window: &Window, words: &Words) {
    window.press_with(keys::ALT, '5');
    window.fill(&words.say("settings.shop_name"), "Toko Maju Jaya");
    window.fill(&words.say("settings.merchant_name"), "MAJU JAYA");
    window.press([keys::TAB]);
    window.see(&words.say("settings.saved"));
    window.press_with(keys::ALT, '1');
    window.see(&words.say("order.new"));
}

/// What happened in the shop before: orders in every state that a day knows.
fn a_morning(session: &Session, door: &Door) {
    let sell = |amount: &str, store: &str, customer: &str, note: &str| {
        let order = ["--amount", amount, "--store", store, "--customer", customer, "--note", note];
        session.run("geraictl", &[&["--json", "order", "create"], &order[..]].concat());
        door.newest()["order_id"].as_str().expect("a transaction has an order id").to_owned()
    };
    let happen = |what: &str, order_id: &str| door.post(what, json!({ "order_id": order_id }));
    let is = |order_id: &str, state: &str| {
        let shown = || session.run("geraictl", &["--json", "order", "show", order_id]);
        until(&format!("{order_id} is {state}"), || shown().contains(&format!("\"state\":\"{state}\"")));
    };

    let paid = sell("125000", "indomaret", "Pak Budi", "Servis AC");
    happen("pay", &paid);
    let handed = sell("48500", "alfamart", "Mbak Sinta", "Kue ulang tahun");
    happen("pay", &handed);
    is(&handed, "paid");
    session.run("geraictl", &["order", "hand-over", &handed, "--by", "Sari"]);
    let reversed = sell("310000", "indomaret", "Mas Joko", "Ban motor");
    happen("pay", &reversed);
    is(&reversed, "paid");
    happen("reverse", &reversed);
    is(&reversed, "reversed");
    let late = sell("76000", "alfamart", "Bu Ningsih", "");
    happen("expire", &late);
    is(&late, "expired");
    door.post("pay", json!({ "order_id": late, "after_closing": true }));
    is(&late, "paid_late");
    let expired = sell("22000", "indomaret", "", "");
    happen("expire", &expired);
    is(&expired, "expired");
    let cancelled = sell("99000", "alfamart", "Pak Hasan", "Salah jumlah");
    session.run("geraictl", &["order", "cancel", &cancelled]);
    sell("1250000", "indomaret", "Bu Ratna", "DP seragam 30 potong");
    sell("67500", "alfamart", "Kak Yuni", "");
    is(&paid, "paid");
}

/// What another till of the shop has charged, on a PC of its own.
fn another_till(session: &Session, door: &Door) {
    let (data, url) = (session.home().join("another PC").display().to_string(), door.url());
    let shop = ["--data-dir", &data, "--environment", "training", "--midtrans-url", &url, "--json", "order", "create"];
    let sell = |amount, store| {
        session.run("geraictl", &[&shop[..], &["--amount", amount, "--store", store]].concat());
    };
    sell("71000", "alfamart");
    door.pay_newest();
    sell("38500", "indomaret");
}

/// A printer that nobody has plugged in: the report says so, and is a page all the same.
fn report_on_paper(session: &Session, window: &Window, album: &Album, words: &Words) {
    session.run("geraictl", &["printers", "add", "Kasir", "device:/dev/usb/lp99"]);
    window.press_with(keys::ALT, '1');
    window.press_with(keys::ALT, '4');
    window.see(&words.say("paper.print.report"));
    window.type_in("P");
    window.see(&words.say("paper.state.failed"));
    album.take(window, "report-not-printed");
}

/// The logo as a file that is dropped into the field: no picture can be taken of the desktop's own dialog.
fn choose_logo(window: &Window, words: &Words) {
    let picture = include_bytes!("../../slip/tests/logos/maju.jpg").to_vec();
    window.run_with(
        "const field = document.querySelector('input[type=file]');
         const files = new DataTransfer();
         files.items.add(new File([Uint8Array.from(arguments[0])], 'logo.jpg', { type: 'image/jpeg' }));
         field.files = files.files;
         field.dispatchEvent(new Event('change', { bubbles: true }));",
        &[json!(picture)],
    );
    window.see(&words.say("onpaper.logo_remove"));
}

/// Puts the news in the corner away.
fn no_more_news(window: &Window, words: &Words) {
    while window.has("button", &words.say("news.close")) {
        window.click("button", &words.say("news.close"));
    }
    window.run("document.activeElement?.blur()");
}

/// A page with all pictures.
fn index(folder: &Path) {
    let mut page =
        String::from("<!doctype html><meta charset=\"utf-8\"><title>Gerai</title><style>img{width:32%}</style>\n");
    for look in ["id/light", "id/dark", "en/light", "en/dark"] {
        let entries = fs::read_dir(folder.join(look)).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        page += &format!("<h1>{look}</h1>\n");
        for name in names {
            page += &format!("<img src=\"{look}/{name}\" alt=\"{name}\" title=\"{name}\">\n");
        }
    }
    fs::write(folder.join("index.html"), page).expect("the page can be written");
}
