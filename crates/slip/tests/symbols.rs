//! Every code is drawn, and read again by somebody else's reader.

mod common;

use common::{ORDER, SLIP};
use proptest::prelude::*;
use rxing::{BarcodeFormat, helpers::detect_in_luma};
use slip::{
    Order, Slip, Store, Worth,
    symbol::{self, Bars, NoQr, Qr},
};

/// Every form of payment code that was ever seen.
const SEEN: [&str; 8] = [
    "578112341234",
    "010811223344",
    "25709650945026",
    "8127740588870520",
    "9909743975002416",
    "300063000630006300",
    "G7723491121852129730",
    "300321403214",
];

#[test]
fn every_payment_code_reads_back_from_its_bars() {
    for code in SEEN {
        let bars = symbol::code39(code).unwrap();
        assert_eq!(read_bars(&bars), code);
    }
}

#[test]
fn every_payment_code_reads_back_from_its_qr() {
    for code in SEEN {
        assert_eq!(read_qr(&symbol::qr(code).unwrap()), code);
    }
}

#[test]
fn a_phone_reads_the_whole_slip() {
    for worth in [Worth::Training, Worth::Sandbox, Worth::Real] {
        for store in [Store::Alfamart, Store::Indomaret] {
            let order = Order { store, code: "G7723491121852129730", rupiah: 5_000_000, ..ORDER };
            let merchant = "Toko Ratna Jaya & Anak-anak, Cabang Pasar";
            let slip = common::worth(worth, Slip { order, merchant, ..SLIP });
            assert_eq!(read_qr(&slip.qr().unwrap()), slip.phone_text());
        }
    }
}

#[test]
fn bars_are_thirteen_modules_for_a_character() {
    let width = |code| symbol::code39(code).unwrap().modules();
    assert_eq!(width("578112341234"), 181);
    assert_eq!(width("8127740588870520"), 233);
    assert_eq!(width("G7723491121852129730"), 285);
}

#[test]
fn bars_begin_and_end_with_a_bar() {
    let bars = symbol::code39("578112341234").unwrap();
    assert!(bars.widths().len() % 2 == 1);
}

#[test]
fn the_whole_alphabet_reads_back_from_bars() {
    for part in ["0123456789", "ABCDEFGHIJKLM", "NOPQRSTUVWXYZ", "A-B.C D$E/F+G%H"] {
        assert_eq!(read_bars(&symbol::code39(part).unwrap()), part);
    }
}

#[test]
fn what_bars_can_not_say_has_no_bars() {
    for code in ["", "*", "12*34", "g123", "12\n34", "１２３４", "12_34", "\u{0}"] {
        assert_eq!(symbol::code39(code), None, "{code:?}");
    }
}

#[test]
fn code_128_reads_back_too_and_is_shorter() {
    for (code, modules) in [("578112341234", 101), ("25709650945026", 112), ("8127740588870520", 123)] {
        let bars = symbol::code128(code).unwrap();
        assert_eq!(bars.modules(), modules);
        assert_eq!(read(drawn(&bars).0, drawn(&bars).1, BarcodeFormat::CODE_128), code);
    }
    assert!(symbol::code128("G7723491121852129730").unwrap().modules() <= 167);
}

#[test]
fn what_code_128_can_not_say_has_no_bars() {
    for code in ["", "12\n34", "１２３４", "\u{0}", "\u{7f}"] {
        assert_eq!(symbol::code128(code), None, "{code:?}");
    }
}

#[test]
fn a_qr_takes_plain_ascii_and_nothing_else() {
    assert_eq!(symbol::qr("Toko Señor"), Err(NoQr::NotAscii));
    assert_eq!(symbol::qr(&"A".repeat(5000)), Err(NoQr::TooLong));
}

#[test]
fn a_qr_is_square() {
    let qr = symbol::qr("578112341234").unwrap();
    assert_eq!(qr.width(), 21);
    let rows = qr.rows();
    assert_eq!(rows.len(), 21);
    assert!(rows.iter().all(|row| row.len() == 21));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_code_of_capitals_and_digits_reads_back_from_its_bars(code in "[0-9A-Z]{4,24}") {
        prop_assert_eq!(read_bars(&symbol::code39(&code).unwrap()), code);
    }

    #[test]
    fn any_code_reads_back_from_code_128(code in "[0-9]{0,9}[A-Za-z]{0,2}[0-9]{0,9}[ -~]{1,3}[0-9]{0,5}") {
        let (luma, width) = drawn(&symbol::code128(&code).unwrap());
        prop_assert_eq!(read(luma, width, BarcodeFormat::CODE_128), code);
    }

    #[test]
    fn no_text_at_all_makes_the_drawing_fail_badly(text in any::<String>()) {
        let _ = symbol::code39(&text);
        let _ = symbol::qr(&text);
    }
}

/// Reads what is drawn as on paper.
fn read_bars(bars: &Bars) -> String {
    let (luma, width) = drawn(bars);
    read(luma, width, BarcodeFormat::CODE_39)
}

/// Draws with two dots for a narrow bar and ten modules of white.
fn drawn(bars: &Bars) -> (Vec<u8>, usize) {
    let white = vec![255; 20];
    let mut row = white.clone();
    for (index, width) in bars.dots().iter().enumerate() {
        let shade = if index % 2 == 0 { 0 } else { 255 };
        row.extend(vec![shade; usize::from(*width)]);
    }
    row.extend(white);
    let width = row.len();
    (row.repeat(60), width)
}

/// Draws with four dots for a module and four modules of white, and reads.
fn read_qr(qr: &Qr) -> String {
    const DOTS: usize = 4;
    let side = (qr.width() + 8) * DOTS;
    let rows = qr.rows();
    let dark = |x: usize, y: usize| {
        let module = |at: usize| (at / DOTS).checked_sub(4);
        let row = module(y).and_then(|y| rows.get(y));
        row.zip(module(x)).and_then(|(row, x)| row.as_bytes().get(x)) == Some(&b'1')
    };
    let luma = (0..side * side).map(|at| if dark(at % side, at / side) { 0 } else { 255 });
    read(luma.collect(), side, BarcodeFormat::QR_CODE)
}

fn read(luma: Vec<u8>, width: usize, format: BarcodeFormat) -> String {
    let height = luma.len() / width;
    let found = detect_in_luma(luma, width as u32, height as u32, Some(format));
    found.expect("a reader finds the code").getText().to_owned()
}
