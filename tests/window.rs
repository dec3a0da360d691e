//! The real window, as a cashier meets it: every test in a session and on a screen of its own.

use std::fs;

use serde_json::{Value, json};
use stage::{Door, Language, Running, Session, Window, Words, keys, program, until};

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
    window.see(&words.start_of("paid.at"));
    window.type_in("S");
    window.see(&words.say("hand.why").split(". ").last().expect("a sentence").to_owned());
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
    window.see(&words.start_of("paid.at"));
    window.click("button", &words.say("card.next"));
    window.see(&words.say("order.new"));
}

#[test]
fn the_lists_stay_when_midtrans_cannot_be_reached() {
    let (session, words) = (Session::new(), Words::of(Language::Indonesian));
    let simulator = simulator(&session);
    let url = simulator.word("listening").to_owned();
    let window = Window::open(&session, &["--environment", "training", "--midtrans-url", &url]);
    connected_with_key(&window, &words, "training");
    sell(&window, &words, "162500", "I");
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
    window.see("Rp 162.500");
}
