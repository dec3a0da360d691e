//! What stands on papers, whoever draws them.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::time::Duration;

use common::{ORDER, RECEIPT, REPORT, SHOP, SLIP, slip_at, worth};
use slip::{
    Block, DayReport, Item, Language, Order, Paper, Receipt, Scanning, Shop, Slip, Store, TestPage, Worth,
    escpos::Roll,
    fit::{self, Fit, Width},
    logo::NoLogo,
    plain,
    proof::on_roll,
    raster::Picture,
    symbol::{self, Symbology},
};
use time::macros::datetime;

/// Everything a paper says in words, a block on a line.
fn said(blocks: &[Block]) -> String {
    let say = |block: &Block| match block {
        Block::Title(text) | Block::Mark(text) | Block::Heading(text) | Block::Amount(text) | Block::Blank(text) => {
            text.clone()
        }
        Block::Text(text) => text.text.clone(),
        Block::Pair(pair) => format!("{}: {}", pair.left, pair.right),
        Block::Code(groups) => groups.join(" "),
        Block::Bars(bars) => format!("|||{}|||", bars.code()),
        Block::Steps(steps) => steps.join("\n"),
        Block::Qr(_) => "QR".into(),
        Block::Picture(_) => "PICTURE".into(),
        Block::Rule => "---".into(),
        Block::Tear => "- - -".into(),
        Block::Ruler => "RULER".into(),
    };
    blocks.iter().map(say).collect::<Vec<_>>().join("\n")
}

fn whole(paper: &Paper) -> String {
    said(&paper.blocks)
}

#[test]
fn a_slip_says_all_that_customer_store_and_shop_need() {
    let slip = Slip { margin: Duration::from_secs(30 * 60), ..SLIP };
    assert_eq!(
        whole(&slip.paper()),
        "Toko Ratna Jaya\n\
         BAYAR DI INDOMARET\n\
         Rp 162.500\n\
         Bayar tepat sejumlah ini\n\
         ---\n\
         Kode pembayaran\n\
         5781 1234 1234\n\
         |||578112341234|||\n\
         ---\n\
         Berlaku sampai: Sel 24 Nov 2026 14.00 WIB\n\
         Nama merchant di kasir toko: Toko Ratna Jaya\n\
         Ke kasir Indomaret: tunjukkan barcode atau kodenya.\n\
         Cocokkan nama merchant dan jumlahnya, lalu bayar.\n\
         Simpan struk dari toko.\n\
         Toko bisa menambah biaya admin.\n\
         ---\n\
         Pesanan: K3F7\n\
         Kasir: K7QM\n\
         Dibuat: Sen 23 Nov 2026 14.30 WIB\n\
         - - -\n\
         UNTUK ARSIP TOKO KAMI\n\
         K3F7\n\
         Jumlah: Rp 162.500\n\
         Bayar di: Indomaret\n\
         Dibuat: Sen 23 Nov 2026 14.30 WIB\n\
         QR\n\
         QR toko kami, bukan QRIS\n\
         K7QM-2C9VX0T4MZ1RBW8HQJD"
    );
}

#[test]
fn a_slip_in_english_says_the_same() {
    let slip = Slip { shop: Shop { language: Language::English, ..SHOP }, ..slip_at(Store::Alfamart) };
    let said = whole(&slip.paper());
    assert!(said.contains("PAY AT ALFAMART / ALFAMIDI / DAN+DAN\nRp 162.500\n"), "{said}");
    assert!(said.contains("5781 1234 1234\n---\nValid until: Tue 24 Nov 2026 14:30 WIB\n"), "{said}");
    assert!(said.contains("At the till of Alfamart, Alfamidi, Dan+Dan: read out the code.\n"), "{said}");
    assert_eq!(slip.paper().blocks.len(), slip_at(Store::Alfamart).paper().blocks.len());
}

#[test]
fn what_is_not_money_and_what_is_a_copy_say_so_before_the_amount() {
    let slip = Slip { copy: 2, ..worth(Worth::Training, SLIP) };
    let said = whole(&slip.paper());
    assert!(said.starts_with("Toko Ratna Jaya\nLATIHAN - JANGAN DIBAYAR\nSALINAN 2\nBAYAR DI"), "{said}");
    assert!(!said.contains("|||"), "no bars: {said}");
    assert_eq!(said.matches("LATIHAN").count(), 3, "at the top, at the end and on the stub: {said}");
    assert!(!whole(&SLIP.paper()).contains("SALINAN"), "the first paper is no copy");
}

#[test]
fn the_stub_stays_in_the_shop() {
    let paper = SLIP.paper();
    let shared = said(paper.for_customer());
    assert!(shared.contains("578112341234") && !shared.contains("QR") && !shared.contains("ARSIP"), "{shared}");
}

#[test]
fn the_paper_ends_before_the_code_and_keeps_most_of_its_time() {
    let until = |margin| Slip { margin: Duration::from_secs(margin), ..SLIP }.deadline();
    assert_eq!(until(0), SLIP.until);
    assert_eq!(until(900), datetime!(2026-11-24 07:15:59 UTC));
    assert_eq!(until(86_000), datetime!(2026-11-24 01:30:59 UTC), "a quarter of a day is gone and not all of it");
    let odd = Slip { until: SLIP.made_at - Duration::from_secs(1), margin: Duration::from_secs(900), ..SLIP };
    assert_eq!(odd.deadline(), odd.until);
}

#[test]
fn a_receipt_says_what_was_paid_and_can_not_be_scanned_for_another_payment() {
    let items = [
        Item { name: "Kopi\u{1b}p bubuk", count: 2, rupiah: 172_500 },
        Item { name: "Potongan", count: 1, rupiah: -10_000 },
    ];
    let receipt = Receipt { order: Order { items: &items, customer: "Bu Ayu", ..ORDER }, copy: 1, ..RECEIPT };
    let said = whole(&receipt.paper());
    for line in [
        "SALINAN 1",
        "LUNAS",
        "Rp 162.500",
        "2 x Kopi p bubuk: Rp 172.500",
        "1 x Potongan: -Rp 10.000",
        "Pelanggan: Bu Ayu",
    ] {
        assert!(said.contains(line), "{line} in {said}");
    }
    assert!(said.contains("Waktu bayar: Sen 23 Nov 2026 16.05 WIB"), "{said}");
    assert_eq!(receipt.paper().bars(), None);
}

#[test]
fn a_report_adds_up_and_names_what_is_not_certain() {
    let report = DayReport { looked_up: false, ..REPORT };
    let said = whole(&report.paper());
    for line in [
        "LAPORAN HARIAN NO. 17\nSen 23 Nov 2026",
        "Total: Rp 206.500\n3 pembayaran",
        "Termasuk dari hari sebelumnya (1): Rp 44.000",
        "Kode menunggu dibayar (3): Rp 90.000",
        "Hanya 2 dari 3 pembayaran",
        "K3F7: Midtrans belum menjawab",
        "Midtrans belum menjawab tentang semua kode",
        "Ditutup: Sen 23 Nov 2026 21.01 WIB\nOleh: Ratna",
    ] {
        assert!(said.contains(line), "{line} in {said}");
    }
}

#[test]
fn a_test_page_has_a_ruler_and_bars_that_are_no_payment_code() {
    let page = TestPage { shop: SHOP, printer: "EPSON TM-T82", printed_at: SLIP.made_at, symbology: Symbology::Code39 };
    assert!(page.paper().blocks.contains(&Block::Ruler));
    assert_eq!(page.paper().bars().unwrap().code(), "GERAI-TEST");
}

#[test]
fn names_are_one_line_of_what_can_be_seen_and_leave_room_for_the_rest() {
    let long = "Toko\u{1b}p\u{0}\r\n\u{202e}Kita \u{200b}".repeat(40);
    let lines = vec![long.clone(); 9];
    let shop = Shop { name: &long, lines: &lines, till: &long, ..SHOP };
    let order = Order { number: &long, customer: &long, note: &long, ..ORDER };
    let paper = Slip { shop, order, merchant: &long, ..SLIP }.paper();
    let said = whole(&paper);
    assert!(said.contains("5781 1234 1234") && said.contains("Rp 162.500"), "{said}");
    assert!(said.chars().all(|c| c == '\n' || !c.is_control()), "{said:?}");
    assert!(!said.contains(['\u{202e}', '\u{200b}']));
    let own = format!("{}…", &"Toko p Kita ".repeat(40)[..95].trim_end());
    assert_eq!(said.matches(&own).count(), 4, "four lines of the owner and no more: {said}");
}

#[test]
fn bars_go_across_where_they_fit_with_their_white_and_else_along() {
    use Symbology::{Code39, Code128};
    use Width::{Dots384, Dots512, Dots576};
    const ACROSS: &str = "across";
    const ALONG: &str = "along";
    let table = [
        ("578112341234", Code39, [ALONG, ACROSS, ACROSS]),
        ("25709650945026", Code39, [ALONG, ACROSS, ACROSS]),
        ("8127740588870520", Code39, [ALONG, ALONG, ACROSS]),
        ("300063000630006300", Code39, [ALONG, ALONG, ALONG]),
        ("G7723491121852129730", Code39, [ALONG, ALONG, ALONG]),
        ("1234567890123456789012345", Code39, [ALONG, ALONG, ALONG]),
        ("12345678901234567890123456", Code39, ["digits only"; 3]),
        ("578112341234", Code128, [ACROSS, ACROSS, ACROSS]),
        ("25709650945026", Code128, [ACROSS, ACROSS, ACROSS]),
        ("8127740588870520", Code128, [ACROSS, ACROSS, ACROSS]),
        ("300063000630006300", Code128, [ACROSS, ACROSS, ACROSS]),
        ("G7723491121852129730", Code128, [ACROSS, ACROSS, ACROSS]),
    ];
    for (code, symbology, expected) in table {
        let bars = symbol::bars(symbology, code).unwrap();
        let found = [Dots384, Dots512, Dots576].map(|width| match fit::fit(&bars, width) {
            Fit::Across(picture) => {
                assert_eq!(picture.width(), width.dots(), "{code}");
                ACROSS
            }
            Fit::Along(picture) => {
                assert!(picture.width() <= width.dots() && picture.height() <= 840, "{code}");
                ALONG
            }
            Fit::DigitsOnly => "digits only",
        });
        assert_eq!(found, expected, "{code} in {symbology:?}");
    }
}

#[test]
fn alfamart_and_code_128_are_the_owners_switches() {
    let switched = Scanning { alfamart: true, symbology: Symbology::Code128 };
    let bars = Slip { scanning: switched, ..slip_at(Store::Alfamart) }.bars().unwrap();
    assert_eq!(bars.symbology(), Symbology::Code128);
    assert_eq!(SLIP.bars().unwrap().symbology(), Symbology::Code39);
}

#[test]
fn a_message_is_words_without_bars_and_without_the_stub() {
    let slip = Slip { shop: Shop { worth: Worth::Real, ..SHOP }, ..SLIP };
    assert_eq!(
        plain::text(&slip.message()),
        "Toko Ratna Jaya\n\
         \n\
         BAYAR DI INDOMARET\n\
         Rp 162.500\n\
         Bayar tepat sejumlah ini\n\
         \n\
         Kode pembayaran\n\
         5781 1234 1234\n\
         \n\
         Berlaku sampai: Sel 24 Nov 2026 14.30 WIB\n\
         Nama merchant di kasir toko: Toko Ratna Jaya\n\
         1. Ke kasir Indomaret: sebutkan kodenya.\n\
         2. Cocokkan nama merchant dan jumlahnya, lalu bayar.\n\
         3. Simpan struk dari toko.\n\
         Toko bisa menambah biaya admin.\n\
         \n\
         Pesanan: K3F7\n\
         Kasir: K7QM\n\
         Dibuat: Sen 23 Nov 2026 14.30 WIB\n"
    );
}

/// A PNG of so many grey dots.
fn png(width: u32, height: u32, grey: impl Fn(u32, u32) -> u8) -> Vec<u8> {
    let dots: Vec<u8> = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| grey(x, y)).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&dots).unwrap();
    file
}

#[test]
fn an_owners_picture_becomes_a_logo_that_fits_each_paper_and_a_slip_with_it_proves_itself() {
    for file in [&include_bytes!("logos/maju.jpg")[..], include_bytes!("logos/maju-grey.jpg")] {
        let logo = Picture::logo(file).unwrap();
        assert_eq!(logo.width(), 384, "as wide as the paper, its white margin is gone");
        assert!((100..=160).contains(&logo.height()), "{logo:?}");
        let slip = Slip { shop: Shop { logo: Some(&logo), ..SHOP }, ..SLIP };
        for width in [Width::Dots384, Width::Dots512, Width::Dots576] {
            on_roll(&slip.paper(), &Roll::new(width), &slip.claim()).unwrap();
        }
        assert_eq!(Picture::unpacked(logo.width(), &logo.packed()), Some(logo), "it is kept as it is");
    }
}

#[test]
fn a_logo_keeps_its_shape_and_its_shades_and_loses_its_margin() {
    let tall =
        Picture::logo(&png(400, 1000, |x, y| if (100..300).contains(&x) && y >= 200 { 0 } else { 255 })).unwrap_err();
    assert_eq!(tall, NoLogo::Blank, "a black square without anything in it is no logo");
    let ring = |x: u32, y: u32| {
        let far = (f64::from(x) - 500.0).hypot(f64::from(y) - 500.0);
        if (200.0..300.0).contains(&far) { 128 } else { 255 }
    };
    let logo = Picture::logo(&png(1000, 1000, ring)).unwrap();
    assert_eq!((logo.width(), logo.height()), (160, 160));
    let black = (0..160 * 160).filter(|dot| logo.is_black(dot % 160, dot / 160)).count() as f64;
    let grey = (std::f64::consts::PI * (300.0 * 300.0 - 200.0 * 200.0) / (600.0 * 600.0)) * 160.0 * 160.0 / 2.0;
    assert!((black / grey - 1.0).abs() < 0.1, "half of the dots of the grey ring are black: {black} of {grey}");
    let small = Picture::logo(&png(60, 20, |x, _| if x % 4 < 2 { 0 } else { 255 })).unwrap();
    assert_eq!((small.width(), small.height()), (58, 20), "what is small stays as sharp as it is");
}

#[test]
fn what_cannot_be_a_logo_is_refused_with_its_reason() {
    let qr = |scale: u32| {
        let rows = text_qr();
        let side = rows.len() as u32 * scale;
        png(
            side,
            side,
            move |x, y| if rows[(y / scale) as usize].as_bytes()[(x / scale) as usize] == b'1' { 0 } else { 255 },
        )
    };
    let bars = png(600, 80, |x, _| {
        let dots = symbol::bars(Symbology::Code39, "8127740588").unwrap().dots();
        let mut at = 0;
        let index = dots.iter().position(|dot| {
            at += u32::from(*dot);
            x < at
        });
        if index.is_some_and(|index| index % 2 == 0) { 0 } else { 255 }
    });
    let cut = include_bytes!("logos/maju.jpg");
    for (file, why) in [
        (b"GIF89a not one of ours".to_vec(), NoLogo::NotAPicture),
        (vec![], NoLogo::NotAPicture),
        (cut[..300].to_vec(), NoLogo::NotAPicture),
        (vec![0xff; Picture::LOGO_BYTES + 1], NoLogo::TooLarge),
        (png(400, 400, |_, _| 250), NoLogo::Blank),
        (png(400, 400, |_, _| 3), NoLogo::Blank),
        (png(12, 12, |x, _| if x % 2 == 0 { 0 } else { 255 }), NoLogo::TooSmall),
        (png(3000, 40, |x, _| if x % 60 < 30 { 0 } else { 255 }), NoLogo::TooSmall),
        (qr(5), NoLogo::HasCode),
        (bars, NoLogo::HasCode),
    ] {
        assert_eq!(Picture::logo(&file).unwrap_err(), why, "{} bytes", file.len());
    }
}

/// A QR as a shop might have it in its logo.
fn text_qr() -> Vec<String> {
    symbol::qr("00020101021126QRIS").unwrap().rows()
}
