//! What a slip says, and what it keeps to itself.

use slip::{Order, Scanning, Slip, Store, Worth, text};
use time::macros::datetime;

mod common;

use common::{ORDER, SLIP, slip_at, worth};

const ALFAMART_TOO: Scanning = Scanning { alfamart: true, symbology: slip::symbol::Symbology::Code39 };

#[test]
fn the_phone_keeps_all_that_the_store_will_ask() {
    assert_eq!(
        SLIP.phone_text(),
        "Bayar di kasir Indomaret\n\
         Kode: 578112341234\n\
         Jumlah: Rp 162.500\n\
         Berlaku s.d. Sel 24 Nov 2026 14.30 WIB\n\
         Merchant: Toko Ratna Jaya"
    );
}

#[test]
fn alfamart_is_three_chains() {
    let slip = slip_at(Store::Alfamart);
    assert!(slip.phone_text().starts_with("Bayar di kasir Alfamart, Alfamidi, Dan+Dan\n"));
}

#[test]
fn what_is_not_money_says_so_first() {
    let training = worth(Worth::Training, SLIP);
    let sandbox = worth(Worth::Sandbox, SLIP);
    assert!(training.phone_text().starts_with("LATIHAN"));
    assert!(sandbox.phone_text().starts_with("SANDBOX"));
}

#[test]
fn no_till_can_scan_what_is_not_money() {
    for worth in [Worth::Training, Worth::Sandbox] {
        for store in [Store::Alfamart, Store::Indomaret] {
            let slip = Slip { scanning: ALFAMART_TOO, ..slip_at(store) };
            assert_eq!(common::worth(worth, slip).bars(), None);
        }
    }
}

#[test]
fn indomaret_scans_and_alfamart_when_the_owner_says_so() {
    assert!(SLIP.bars().is_some());
    let alfamart = slip_at(Store::Alfamart);
    assert!(alfamart.bars().is_none());
    assert!(Slip { scanning: ALFAMART_TOO, ..alfamart }.bars().is_some());
}

#[test]
fn the_phone_text_fits_in_a_qr_whatever_the_names_are() {
    let order = Order { store: Store::Alfamart, code: "G7723491121852129730", ..ORDER };
    let merchant = "Señor\u{202e} Ⓚopi\n🧋 ".repeat(40);
    let slip = worth(Worth::Training, Slip { order, merchant: &merchant, ..SLIP });
    let text = slip.phone_text();
    assert!(text.is_ascii());
    assert_eq!(text.lines().count(), 6, "a name can not write lines of its own");
    let width = slip.qr().unwrap().width();
    assert!(width <= 57, "{width} modules are too fine for a customer's phone");
}

#[test]
fn a_code_is_read_out_in_fours() {
    assert_eq!(text::groups("8127740588870520"), ["8127", "7405", "8887", "0520"]);
    assert_eq!(text::groups("25709650945026"), ["2570", "9650", "9450", "26"]);
    assert_eq!(text::groups("010811223344").concat(), "010811223344", "no zero is lost");
    assert!(text::groups("").is_empty());
}

#[test]
fn money_has_its_dots() {
    let written = [0, 999, 1_000, 44_000, 162_500, 5_000_000].map(text::rupiah);
    let expected = ["Rp 0", "Rp 999", "Rp 1.000", "Rp 44.000", "Rp 162.500", "Rp 5.000.000"];
    assert_eq!(written, expected);
}

#[test]
fn a_deadline_after_midnight_is_the_next_day_in_jakarta() {
    assert_eq!(text::wib(datetime!(2026-12-31 17:05 UTC)), "Jum 1 Jan 2027 00.05 WIB");
}

#[test]
fn accents_are_lost_and_not_the_letters() {
    assert_eq!(text::ascii(" Café  “Señor”\tAyu – 2×1 "), "Cafe \"Senor\" Ayu - 2x1");
    assert_eq!(text::ascii("ꦲꦏ꧀ 東京"), "");
}
