//! The bytes for thermal printers: what comes out of one, and what never does.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use common::{ORDER, SHOP, SLIP, slip_at, worth};
use proptest::prelude::*;
use slip::{
    Language, Order, Scanning, Shop, Slip, Store, TestPage, Worth,
    escpos::{
        self, Charset, Cut, Letters, Roll,
        printer::{self, Item, Printed, Unprintable},
    },
    fit::Width,
    proof,
    raster::Picture,
    symbol::Symbology,
};

const WIDTHS: [Width; 3] = [Width::Dots384, Width::Dots512, Width::Dots576];

/// Every form of payment code that was ever seen, and one of 25 characters.
const SEEN: [&str; 8] = [
    "578112341234",
    "010811223344",
    "25709650945026",
    "8127740588870520",
    "300063000630006300",
    "G7723491121852129730",
    "300321403214",
    "ABCDEFGHIJKLMNOPQRSTUVWXY",
];

fn printed(slip: &Slip<'_>, roll: &Roll) -> Printed {
    printer::print(&escpos::bytes(&slip.paper(), roll), roll.width).unwrap()
}

#[test]
fn columns_are_those_of_the_printers_in_shops() {
    let columns = |letters| WIDTHS.map(|width| Roll { letters, ..Roll::new(width) }.columns());
    assert_eq!(columns(Letters::Usual), [32, 42, 48]);
    assert_eq!(columns(Letters::Narrow), [42, 56, 64]);
}

#[test]
fn code_and_amount_are_letters_as_large_as_they_fit() {
    let large = |code, width| {
        let printed = printed(&Slip { order: Order { code, ..ORDER }, ..SLIP }, &Roll::new(width));
        let lines = printed.lines().filter(|line| line.high > 1 && line.text.chars().any(|c| c.is_ascii_digit()));
        lines.map(|line| (line.text.clone(), line.wide)).collect::<Vec<_>>()
    };
    let line = |text: &str, wide| (text.to_owned(), wide);
    let amount = line("Rp 162.500", 3);
    let number = line("K3F7", 1);
    assert_eq!(large("578112341234", Width::Dots384), [amount.clone(), line("5781 1234 1234", 2), number.clone()]);
    assert_eq!(large("578112341234", Width::Dots576), [amount.clone(), line("5781 1234 1234", 3), number.clone()]);
    let two = [amount.clone(), line("8127 7405", 3), line("8887 0520", 3), number.clone()];
    assert_eq!(large("8127740588870520", Width::Dots384), two);
    let twenty = [amount, line("G772 3491 1218", 2), line("5212 9730", 2), number];
    assert_eq!(large("G7723491121852129730", Width::Dots384), twenty);
}

#[test]
fn every_code_on_every_paper_proves_itself() {
    for (place, code) in SEEN.into_iter().enumerate() {
        for width in WIDTHS {
            for symbology in [Symbology::Code39, Symbology::Code128] {
                // Both stores have the same bars, so each code is tried at one of them.
                let store = [Store::Indomaret, Store::Alfamart][place % 2];
                let scanning = Scanning { alfamart: true, symbology };
                let slip = Slip { order: Order { code, store, ..ORDER }, scanning, ..SLIP };
                proof::on_roll(&slip.paper(), &Roll::new(width), &slip.claim()).unwrap();
            }
        }
    }
}

#[test]
fn symbols_are_pictures_with_their_white() {
    let printed = printed(&SLIP, &Roll::new(Width::Dots384));
    let bands: Vec<Picture> = printed.bands().collect();
    assert_eq!(bands.len(), 2, "bars and QR");
    for band in bands {
        let white =
            |rows: std::ops::Range<usize>| rows.clone().all(|y| (0..band.width()).all(|x| !band.is_black(x, y)));
        assert!(white(0..20) && white(band.height() - 20..band.height()), "ten modules before and after");
    }
}

#[test]
fn what_is_not_money_has_no_bars_and_its_mark_is_white_on_black() {
    for kind in [Worth::Training, Worth::Sandbox] {
        let slip = worth(kind, Slip { scanning: Scanning { alfamart: true, symbology: Symbology::Code39 }, ..SLIP });
        let printed = printed(&slip, &Roll::new(Width::Dots384));
        assert_eq!(printed.bands().count(), 1, "nothing but the QR of the stub");
        assert_eq!(printed.lines().filter(|line| line.reversed).count(), 3);
    }
}

#[test]
fn a_paper_is_fed_and_cut_once_at_its_end_and_the_drawer_stays_shut() {
    let ends = |roll: Roll| {
        let items = printed(&SLIP, &roll).items;
        let drawers = items.iter().filter(|item| **item == Item::Drawer).count();
        (items.iter().filter(|item| **item == Item::Cut).count(), items.last().cloned().unwrap(), drawers)
    };
    assert_eq!(ends(Roll::new(Width::Dots576)), (1, Item::Cut, 0));
    assert_eq!(ends(Roll { cut: Cut::Wholly, ..Roll::new(Width::Dots384) }), (1, Item::Cut, 0));
    assert_eq!(ends(Roll::new(Width::Dots384)), (0, Item::Feed(5), 0));
    assert_eq!(ends(Roll { drawer: true, ..Roll::new(Width::Dots576) }), (1, Item::Cut, 1));
}

#[test]
fn letters_a_printer_lacks_become_their_likeness_or_nothing() {
    let ascii = |text| Charset::Ascii.write(text);
    assert_eq!(ascii("Café “Señor” – Straße…"), "Cafe \"Senor\" - Strasse...");
    assert_eq!(ascii("Kopi 🧋 Tuku"), "Kopi Tuku");
    assert_eq!(ascii("مقهى"), "");
    assert_eq!(ascii("ꦲꦏ꧀ Warung ꦗꦮ"), "Warung");
    assert_eq!(Charset::Pc858.write("Café “Señor” €5 Łódź"), "Café \"Señor\" €5 Lódz");
}

#[test]
fn western_letters_come_out_of_a_printer_that_has_them() {
    let roll = Roll { charset: Charset::Pc858, ..Roll::new(Width::Dots576) };
    let slip = Slip { shop: Shop { name: "Café Señor €", ..SHOP }, ..SLIP };
    let bytes = escpos::bytes(&slip.paper(), &roll);
    assert!(bytes.windows(12).any(|part| part == b"Caf\x82 Se\xa4or \xd5"), "as code page 858 has them");
    assert!(printed(&slip, &roll).text().starts_with("Café Señor €\n"));
}

#[test]
fn a_shop_whose_name_no_printer_has_still_gets_its_slip() {
    let slip = Slip { shop: Shop { name: "🧋🧋", ..SHOP }, merchant: "مقهى", ..SLIP };
    let roll = Roll::new(Width::Dots384);
    proof::on_roll(&slip.paper(), &roll, &slip.claim()).unwrap();
    assert!(printed(&slip, &roll).text().contains("BAYAR DI INDOMARET"));
}

#[test]
fn names_of_200_characters_push_nothing_off_the_paper() {
    let long = "W".repeat(200);
    let slip = Slip {
        shop: Shop { name: &long, till: &long, lines: &[long.clone(), long.clone()], ..SHOP },
        order: Order { customer: &long, note: &long, number: &long, ..ORDER },
        merchant: &long,
        ..SLIP
    };
    for width in WIDTHS {
        for letters in [Letters::Usual, Letters::Narrow] {
            let roll = Roll { letters, ..Roll::new(width) };
            proof::on_roll(&slip.paper(), &roll, &slip.claim()).unwrap();
        }
    }
}

#[test]
fn a_test_page_shows_how_wide_any_paper_is() {
    let page = TestPage { shop: SHOP, printer: "POS-58", printed_at: SLIP.made_at, symbology: Symbology::Code39 };
    let ends = |width: Width| {
        let roll = Roll::new(width);
        let bytes = escpos::bytes(&page.paper(), &roll);
        proof::prove(bytes.clone(), &roll, &page.claim()).unwrap();
        let printed = printer::print_ruler(&bytes, width).unwrap();
        let scales = printed.bands().filter(|band| band.height() == 56);
        // The line at the end of each scale is two dots wide.
        let end = |scale: Picture, at: usize| (0..56).all(|y| scale.is_black(at - 2, y) && scale.is_black(at - 1, y));
        scales.zip([384, 512, 576]).map(|(scale, at)| end(scale, at)).collect::<Vec<_>>()
    };
    assert_eq!(ends(Width::Dots384), [true, false, false], "58 mm shows the end of one scale only");
    assert_eq!(ends(Width::Dots512), [true, true, false]);
    assert_eq!(ends(Width::Dots576), [true, true, true]);
    let strict = printer::print(&escpos::bytes(&page.paper(), &Roll::new(Width::Dots384)), Width::Dots384);
    assert_eq!(strict, Err(Unprintable::TooWide(512)));
}

#[test]
fn a_logo_is_no_wider_than_the_paper() {
    let luma: Vec<u8> = (0..800 * 100).map(|at| if at / 800 % 10 < 5 { 20 } else { 240 }).collect();
    let logo = Picture::from_luma(800, &luma).unwrap();
    let slip = Slip { shop: Shop { logo: Some(&logo), ..SHOP }, ..SLIP };
    for width in WIDTHS {
        let roll = Roll::new(width);
        proof::on_roll(&slip.paper(), &roll, &slip.claim()).unwrap();
        let first = printed(&slip, &roll).bands().next().unwrap();
        assert_eq!((first.width(), first.height()), (width.dots(), width.dots() / 8));
    }
}

#[test]
fn english_papers_prove_themselves_too() {
    for kind in [Worth::Training, Worth::Sandbox, Worth::Real] {
        for copy in [0, 1, 12] {
            let slip = Slip { copy, ..worth(kind, slip_at(Store::Indomaret)) };
            let slip = Slip { shop: Shop { language: Language::English, ..slip.shop }, ..slip };
            proof::on_roll(&slip.paper(), &Roll::new(Width::Dots384), &slip.claim()).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_word_from_outside_is_a_command_or_longer_than_the_paper(
        words in prop::collection::vec("[\\PC\u{1b}\u{1d}\u{1c}\u{10}\u{0}\n\rpV@!a0-9 é€]{0,60}|.{0,200}", 7),
        width in prop::sample::select(WIDTHS.to_vec()),
        narrow: bool,
        western: bool,
        code in "[0-9A-Z]{4,25}",
        rupiah in 1_u64..=5_000_000,
    ) {
        let lines = [words[0].clone(), words[1].clone()];
        let slip = Slip {
            shop: Shop { name: &words[2], till: &words[3], lines: &lines, ..SHOP },
            order: Order { code: &code, rupiah, number: &words[4], customer: &words[5], note: &words[0], ..ORDER },
            merchant: &words[6],
            ..SLIP
        };
        let roll = Roll {
            letters: if narrow { Letters::Narrow } else { Letters::Usual },
            charset: if western { Charset::Pc858 } else { Charset::Ascii },
            ..Roll::new(width)
        };
        let printed = printed(&slip, &roll);
        let wished = usize::from(roll.cut != Cut::Never);
        prop_assert_eq!(printed.items.iter().filter(|item| **item == Item::Cut).count(), wished);
        prop_assert!(!printed.items.contains(&Item::Drawer));
        prop_assert_eq!(printed.bands().count(), 2);
        prop_assert_eq!(printed.lines().filter(|line| line.reversed).count(), 0);
        let paid = slip::text::rupiah(rupiah);
        let paid = printed.lines().any(|line| line.text == paid && line.high > 1);
        prop_assert!(paid);
    }
}
