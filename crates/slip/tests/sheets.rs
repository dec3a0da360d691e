//! Papers drawn on pages and as pictures: read again by somebody else's reader, and never more than fits.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::time::Duration;

use common::{ORDER, RECEIPT, REPORT, SHOP, SLIP};
use rxing::{BarcodeFormat, helpers::detect_in_luma};
use slip::{
    DayReport, Item, Language, Order, Paper, Receipt, Shop, Slip, Store, TestPage, Unconfirmed, Why, Worth,
    raster::Picture,
    sheet::{Format, Sheet},
    symbol::Symbology,
};
use time::macros::datetime;
use tiny_skia::Pixmap;

/// Every form of payment code that was ever seen, and one that is as long as they may become.
const CODES: [&str; 6] = [
    "578112341234",
    "25709650945026",
    "8127740588870520",
    "300063000630006300",
    "G7723491121852129730",
    "G772349112185212973012345",
];

#[test]
fn every_payment_code_reads_back_from_the_picture() {
    for code in CODES {
        let slip = Slip { order: Order { code, ..ORDER }, ..SLIP };
        let png = Sheet::draw(&slip.paper(), Format::Picture).png();
        assert_eq!(read(&png, BarcodeFormat::CODE_39), Some(code.to_owned()), "{code}");
    }
}

#[test]
fn what_stays_in_the_shop_is_not_on_the_picture() {
    let paper = SLIP.paper();
    let picture = Sheet::draw(&paper, Format::Picture);
    assert_eq!(read(&picture.png(), BarcodeFormat::QR_CODE), None);
    let page = Sheet::draw(&paper, Format::A6);
    assert_eq!(read(&page.png(), BarcodeFormat::QR_CODE), Some(format!("gerai:{}", ORDER.order_id)));
}

#[test]
fn a_code_that_is_not_real_money_has_nothing_to_scan_at_a_store() {
    for worth in [Worth::Training, Worth::Sandbox] {
        let paper = common::worth(worth, SLIP).paper();
        for format in [Format::A6, Format::Picture] {
            assert_eq!(read(&Sheet::draw(&paper, format).png(), BarcodeFormat::CODE_39), None, "{worth:?} {format:?}");
        }
    }
}

#[test]
fn a_page_has_its_size_to_the_tenth_of_a_millimetre() {
    for (format, width, height) in [(Format::A6, 105.0, 148.0), (Format::A4, 210.0, 297.0)] {
        let outlines = Sheet::draw(&SLIP.paper(), format).outlines();
        assert_eq!((outlines.width, outlines.height), (width, height));
        let pdf = Sheet::draw(&SLIP.paper(), format).pdf().unwrap();
        let pdf = String::from_utf8_lossy(&pdf);
        let corner = pdf.split("/MediaBox[0 0 ").nth(1).unwrap().split(']').next().unwrap();
        let corner: Vec<f32> = corner.split(' ').map(|points| points.parse::<f32>().unwrap() * 25.4 / 72.0).collect();
        assert!((corner[0] - width).abs() < 0.1 && (corner[1] - height).abs() < 0.1, "{corner:?}");
    }
}

/// `krilla` refuses to write what is not PDF/UA, so a PDF that comes out can be read aloud.
#[test]
fn every_paper_becomes_a_tagged_pdf_that_names_its_language_and_what_it_is() {
    for (paper, language) in every_paper() {
        for format in [Format::A6, Format::A4] {
            let pdf = Sheet::draw(&paper, format).pdf().unwrap();
            let pdf = String::from_utf8_lossy(&pdf);
            assert!(pdf.contains("/MarkInfo<</Marked true"), "{}", paper.title);
            assert!(pdf.contains(&format!("/Lang({language})")), "{}", paper.title);
            assert!(pdf.contains("/FontFile"), "{}", paper.title);
        }
    }
}

#[test]
fn the_same_paper_is_the_same_file() {
    let draw = || Sheet::draw(&SLIP.paper(), Format::A6);
    assert_eq!(draw().pdf().unwrap(), draw().pdf().unwrap());
    assert_eq!(draw().png(), draw().png());
}

#[test]
fn a_slip_is_one_page_and_what_is_too_much_for_one_goes_on_on_the_next() {
    let pages = |paper: &Paper, format| {
        let pdf = Sheet::draw(paper, format).pdf().unwrap();
        String::from_utf8_lossy(&pdf).matches("/MediaBox").count()
    };
    assert_eq!(pages(&SLIP.paper(), Format::A6), 1);
    assert_eq!(pages(&longest_slip().paper(), Format::A4), 1);
    assert!(pages(&longest_slip().paper(), Format::A6) > 1, "the shop's part has a page of its own");
    let many: Vec<Unconfirmed<'_>> = (0..60).map(|_| Unconfirmed { number: "K3F7", why: Why::NotReached }).collect();
    assert!(pages(&DayReport { unconfirmed: &many, ..REPORT }.paper(), Format::A6) > 1);
}

fn every_paper() -> Vec<(Paper, &'static str)> {
    let logo = Picture::from_luma(64, &(0..64 * 32).map(|dot| (dot % 256) as u8).collect::<Vec<_>>()).unwrap();
    let logo = Some(Box::leak(Box::new(logo)) as &Picture);
    let english = Shop { language: Language::English, logo, ..SHOP };
    let receipt = Receipt { copy: 2, ..RECEIPT };
    let test = TestPage {
        shop: SHOP,
        printer: "EPSON TM-T82",
        printed_at: datetime!(2026-11-23 08:01 UTC),
        symbology: Symbology::Code39,
    };
    vec![
        (SLIP.paper(), "id"),
        (common::worth(Worth::Training, SLIP).paper(), "id"),
        (Slip { shop: english, ..SLIP }.paper(), "en"),
        (longest_slip().paper(), "id"),
        (odd_slip().paper(), "id"),
        (receipt.paper(), "id"),
        (REPORT.paper(), "id"),
        (test.paper(), "id"),
    ]
}

/// As much on it as a slip can hold.
fn longest_slip() -> Slip<'static> {
    let name = "Toko Serba Ada Sumber Rejeki Makmur Sentosa Abadi Jaya Selalu Cabang Pasar Kranggan Lantai Dua Blok F Nomor Tujuh Belas";
    let item = Item { name, count: 12, rupiah: 1_250_000 };
    let line = "Jalan Kaliurang Kilometer Lima Nomor Dua Belas, Caturtunggal, Depok, Sleman, Yogyakarta 55281";
    let lines = Box::leak(Box::new([line; 6].map(str::to_owned)));
    Slip {
        shop: Shop { name, lines, worth: Worth::Training, ..SHOP },
        order: Order {
            items: Box::leak(Box::new([item; 6])),
            code: CODES[5],
            customer: name,
            note: name,
            store: Store::Alfamart,
            ..ORDER
        },
        merchant: name,
        copy: 3,
        ..SLIP
    }
}

/// What people paste into a name.
fn odd_slip() -> Slip<'static> {
    Slip {
        shop: Shop { name: "\u{1b}p0\u{0}🛒 ꦠꦺꦴꦏꦺꦴ متجر", ..SHOP },
        order: Order {
            customer: "Siti Nurhaliza 😀", note: "e\u{301}clair, niño, Łódź, \u{202e}kebalik", ..ORDER
        },
        merchant: "W".repeat(200).leak(),
        margin: Duration::from_secs(900),
        ..SLIP
    }
}

fn read(png: &[u8], format: BarcodeFormat) -> Option<String> {
    let pixels = Pixmap::decode_png(png).unwrap();
    let luma = pixels.pixels().iter().map(|pixel| pixel.green()).collect();
    let read = detect_in_luma(luma, pixels.width(), pixels.height(), Some(format)).ok()?;
    Some(read.getText().to_owned())
}
