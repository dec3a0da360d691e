//! What is printed by itself and by hand, and what is not: with Midtrans within reach or not.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod shop;

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use counter::Counter;
use ledger::{Logo, Paper, PaperKind, PaperSettings, PaperState, PrinterSetting, Printing, Settings};
use serde_json::json;
use shop::{Shop, code};
use till::{From, State, Store};

/// A shop with a printer that prints slips and receipts by itself.
async fn shop() -> Shop {
    let shop = Shop::open().await;
    let printer = PrinterSetting { name: "Kasir".into(), at: "network:10.0.0.7".into(), ..PrinterSetting::default() };
    let by_itself = Printing { by_itself: true, ..Printing::default() };
    let paper = PaperSettings {
        printers: vec![printer],
        slip: Printing { copies: 2, ..by_itself.clone() },
        receipt: by_itself,
        ..PaperSettings::default()
    };
    shop.counter.set(Settings { shop_name: "Toko Makmur".into(), paper, ..Settings::default() }).unwrap();
    shop.counter.prints_by_itself();
    shop
}

fn kinds(counter: &Counter) -> Vec<(PaperKind, String)> {
    let papers = counter.ledger().papers(100).unwrap().into_iter().rev();
    papers.map(|paper| (paper.kind, paper.about)).collect()
}

fn text(counter: &Counter, paper: &Paper) -> String {
    let sheet = counter.sheet(paper).unwrap();
    String::from_utf8_lossy(sheet.bytes.as_inner()).into_owned()
}

#[tokio::test]
async fn each_code_and_each_payment_is_printed_once_by_itself_as_often_as_the_owner_wants() {
    let shop = shop().await;
    let sale = shop.charge(Store::Indomaret).await;
    let order_id = sale.attempt().unwrap().order_id.to_string();
    let slips = vec![(PaperKind::Slip, order_id.clone()); 2];
    assert_eq!(kinds(&shop.counter), slips);
    shop.counter.check(sale.id.as_str()).await.unwrap();
    assert_eq!(kinds(&shop.counter), slips, "nothing new has happened");
    shop.happens("pay", &sale).await;
    shop.counter.check(sale.id.as_str()).await.unwrap();
    shop.counter.check(sale.id.as_str()).await.unwrap();
    let mut all = slips;
    all.push((PaperKind::Receipt, order_id));
    assert_eq!(kinds(&shop.counter), all);
}

#[tokio::test]
async fn a_code_that_became_known_later_is_printed_too_and_a_program_for_scripts_prints_nothing() {
    let shop = shop().await;
    shop.fault("charge", "drop_after", 1, json!({})).await;
    let sale = shop.charge(Store::Alfamart).await;
    assert_eq!(kinds(&shop.counter), [], "there is no code yet");
    let sale = shop.settle(&sale).await;
    assert_eq!(sale.state(), State::Pending);
    assert_eq!(kinds(&shop.counter).len(), 2);
    let script = shop.second();
    let draft = till::Draft { amount: "44000".into(), ..till::Draft::empty(Store::Alfamart) };
    script.charge(script.draw_sale_id(), &draft, From::Geraictl).await.unwrap();
    assert_eq!(kinds(&shop.counter).len(), 2);
}

#[tokio::test]
async fn a_slip_can_be_printed_while_midtrans_is_out_of_reach_and_copies_are_numbered() {
    let shop = shop().await;
    let sale = shop.charge(Store::Indomaret).await;
    shop.fault("any", "drop_before", 100, json!({})).await;
    let paper = shop.counter.print(sale.number.as_str(), None, "Sari").unwrap();
    let counter = &shop.counter;
    let first = text(counter, &paper);
    let groups = slip::text::groups(&code(&sale));
    assert!(groups.iter().all(|group| first.contains(group)) && first.contains("Rp 44.000"), "{first}");
    assert!(first.contains("SANDBOX") && !first.contains("SALINAN"));
    assert!(counter.ledger().go_out(paper.id, 0, counter.now()).unwrap());
    let again = counter.print(sale.number.as_str(), Some("Kasir"), "Sari").unwrap();
    assert!(text(counter, &again).contains("SALINAN 1"));
    // It turns out that nothing came out.
    counter.ledger().paper_ended(paper.id, PaperState::Unknown, None, counter.now()).unwrap();
    counter.settle_paper(paper.id, false, "Sari").unwrap();
    assert!(!text(counter, &again).contains("SALINAN"));
}

#[tokio::test]
async fn what_must_not_be_paid_any_more_or_waited_too_long_is_not_printed() {
    let shop = shop().await;
    let sale = shop.charge(Store::Indomaret).await;
    let paper = shop.counter.print(sale.number.as_str(), None, "Sari").unwrap();
    let refused = |paper: &Paper| {
        let problem = shop.counter.sheet(paper).unwrap_err();
        assert!(Counter::is_about_paper(&problem), "{problem}");
        problem.code
    };
    shop.counter.cancel(sale.id.as_str(), From::Cashier).await.unwrap();
    assert_eq!(refused(&paper), "paper_code_over");
    assert_eq!(shop.counter.print(sale.number.as_str(), None, "Sari").unwrap_err().code, "nothing_to_print");
    let other = shop.charge(Store::Indomaret).await;
    let paper = shop.counter.print(other.number.as_str(), None, "Sari").unwrap();
    shop.our_clock_jumps(Duration::from_secs(11 * 60));
    assert_eq!(refused(&paper), "paper_too_old");
}

#[tokio::test]
async fn the_report_of_a_closed_day_and_a_test_page_are_papers_too() {
    let shop = shop().await;
    let closing = shop.counter.close_day(None, "Sari", ledger::Sealing::Whole).await.unwrap();
    let report = shop.counter.print_report(closing.number, None, "Sari").unwrap();
    assert!(text(&shop.counter, &report).contains("Sari"));
    let page = shop.counter.print_test("Kasir", "Sari").unwrap();
    assert!(text(&shop.counter, &page).contains("Kasir"));
    assert_eq!(shop.counter.print_report(99, None, "Sari").unwrap_err().code, "no_such_report");
    assert_eq!(shop.counter.print_test("Gudang", "Sari").unwrap_err().code, "printer_unknown");
}

#[tokio::test]
async fn a_logo_stands_on_every_paper_until_it_is_taken_away_and_what_is_none_is_refused() {
    let shop = shop().await;
    let sale = shop.charge(Store::Indomaret).await;
    let pictures = || {
        let paper = shop.counter.print(sale.number.as_str(), None, "Sari").unwrap();
        text(&shop.counter, &paper).matches("\x1dv0").count()
    };
    let without = pictures();
    let picture = BASE64_STANDARD.encode(include_bytes!("../../slip/tests/logos/maju.jpg"));
    let settings = shop.counter.set_logo(Some(&picture)).unwrap();
    assert!(settings.paper.logo.is_some());
    assert_eq!(pictures(), without + 1);
    let kept = shop.counter.ledger().settings().unwrap();
    for (wrong, code) in [("not Base64", "logo_not_a_picture"), ("R0lGODlh", "logo_not_a_picture")] {
        let problem = shop.counter.set_logo(Some(wrong)).unwrap_err();
        assert_eq!((problem.code, problem.field), (code, Some("logo")));
    }
    // A window that sends something back that Gerai has not made.
    let dots = BASE64_STANDARD.encode(vec![0xff; 100 * 200]);
    for logo in [Logo { width: 800, dots }, Logo { width: 0, dots: String::new() }] {
        let paper = PaperSettings { logo: Some(logo), ..kept.paper.clone() };
        let problem = shop.counter.set(Settings { paper, ..kept.clone() }).unwrap_err();
        assert_eq!(problem.code, "logo_not_a_picture");
    }
    assert_eq!(shop.counter.ledger().settings().unwrap(), kept, "what was refused changes nothing");
    shop.counter.set_logo(None).unwrap();
    assert_eq!(pictures(), without);
}
