//! Pages and pictures prove themselves as rolls do: whatever lie they could tell, they are not given away.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::fs;

use common::{ORDER, RECEIPT, REPORT, SHOP, SLIP, worth};
use slip::{
    Block, DayReport, Item, Order, Paper, Receipt, Shop, Slip, Worth,
    proof::{Lie, as_picture, on_page},
    sheet::{Format, Sheet},
    symbol, text,
};
use tiny_skia::Pixmap;

/// What a page and what a picture of it say, if they lie.
fn lies(paper: &Paper, slip: &Slip<'_>) -> [Lie; 2] {
    [on_page(paper, Format::A6, &slip.claim()).unwrap_err(), as_picture(paper, &slip.claim()).unwrap_err()]
}

/// The slip with one of its blocks exchanged, as a fault in a rendering would do it.
fn with(change: impl Fn(&mut Block)) -> Paper {
    let mut paper = SLIP.paper();
    paper.blocks.iter_mut().for_each(change);
    assert_ne!(paper, SLIP.paper(), "something was changed");
    paper
}

#[test]
fn what_tells_the_truth_is_given_away_as_it_was_drawn() {
    for worth_of_it in [Worth::Real, Worth::Training, Worth::Sandbox] {
        for copy in [0, 2] {
            let slip = worth(worth_of_it, Slip { copy, ..SLIP });
            let (paper, claim) = (slip.paper(), slip.claim());
            for format in [Format::A6, Format::A4] {
                let pdf = on_page(&paper, format, &claim).unwrap().into_inner();
                assert_eq!(pdf, Sheet::draw(&paper, format).pdf().unwrap());
            }
            let png = as_picture(&paper, &claim).unwrap().into_inner();
            assert_eq!(png, Sheet::draw(&paper, Format::Picture).png());
        }
    }
    let receipt = Receipt { copy: 1, ..RECEIPT };
    on_page(&receipt.paper(), Format::A6, &receipt.claim()).unwrap();
    as_picture(&receipt.to_share(), &receipt.claim()).unwrap();
    let with_qr = as_picture(&receipt.paper(), &receipt.claim()).unwrap_err();
    assert!(matches!(with_qr, Lie::StrayQr(_)), "the QR stays in the shop: {with_qr}");
}

#[test]
fn bars_of_another_code_are_not_given_away() {
    let other = with(|block| {
        if let Block::Bars(bars) = block {
            *bars = symbol::code39("578112341235").unwrap();
        }
    });
    for lie in lies(&other, &SLIP) {
        assert_eq!(lie, Lie::Bars { expected: ORDER.code.to_owned(), found: vec!["578112341235".to_owned()] });
    }
    let mut missing = SLIP.paper();
    missing.blocks.retain(|block| !matches!(block, Block::Bars(_)));
    for lie in lies(&missing, &SLIP) {
        assert_eq!(lie, Lie::Bars { expected: ORDER.code.to_owned(), found: vec![] });
    }
}

#[test]
fn a_page_speaks_of_bars_only_if_it_has_room_for_them() {
    let code = "G772349112185212973012345";
    let slip = Slip { order: Order { code, ..ORDER }, ..SLIP };
    for (format, has_bars) in [(Format::A6, false), (Format::A4, true)] {
        let paper = slip.paper_on(format);
        on_page(&paper, format, &slip.claim_on(format)).unwrap();
        let steps =
            paper.blocks.iter().find_map(|block| if let Block::Steps(steps) = block { Some(steps) } else { None });
        assert_eq!((paper.bars().is_some(), steps.unwrap()[0].contains("barcode")), (has_bars, has_bars), "{format:?}");
    }
    as_picture(&slip.paper_on(Format::Picture), &slip.claim_on(Format::Picture)).unwrap();
    let promises = on_page(&slip.paper(), Format::A6, &slip.claim()).unwrap_err();
    assert_eq!(
        promises,
        Lie::Bars { expected: code.to_owned(), found: vec![] },
        "it would send the customer to scan nothing"
    );
}

#[test]
fn bars_where_there_must_be_none_are_not_given_away() {
    let training = worth(Worth::Training, SLIP);
    let mut paper = training.paper();
    paper.blocks.insert(6, Block::Bars(symbol::code39(ORDER.code).unwrap()));
    for lie in lies(&paper, &training) {
        assert!(matches!(lie, Lie::StrayBars(_)), "{lie:?}");
    }
}

#[test]
fn the_qr_of_another_order_is_not_given_away() {
    let other = with(|block| {
        if let Block::Qr(qr) = block {
            *qr = text::order_qr("K7QM-2C9VX0T4MZ1RBW8HQJX").unwrap();
        }
    });
    assert!(matches!(on_page(&other, Format::A6, &SLIP.claim()), Err(Lie::Qr { .. })));
}

#[test]
fn another_amount_or_another_code_in_letters_is_not_given_away() {
    let amount = with(|block| {
        if let Block::Amount(amount) = block {
            *amount = "Rp 162.501".to_owned();
        }
    });
    for lie in lies(&amount, &SLIP) {
        assert!(matches!(lie, Lie::Amount { .. }), "{lie:?}");
    }
    let code = with(|block| {
        if let Block::Code(groups) = block {
            *groups = text::groups("578112341235");
        }
    });
    for lie in lies(&code, &SLIP) {
        assert!(matches!(lie, Lie::Code(_)), "{lie:?}");
    }
}

#[test]
fn what_is_no_real_money_or_a_copy_and_does_not_say_so_is_not_given_away() {
    for lie in lies(&SLIP.paper(), &Slip { copy: 1, ..SLIP }) {
        assert_eq!(lie, Lie::Copy(1));
    }
    let training = worth(Worth::Training, SLIP);
    let mut paper = training.paper();
    paper.blocks.retain(|block| !matches!(block, Block::Mark(_)));
    for lie in lies(&paper, &training) {
        assert_eq!(lie, Lie::Worth(Worth::Training));
    }
}

/// `GERAI_GOLDEN=write cargo nextest run -p slip --test pages` draws them anew; look at them before they are
/// committed.
#[test]
fn the_pictures_of_the_manual_are_what_is_drawn_now() {
    let items = [
        Item { name: "Kopi Gayo 250 g", count: 2, rupiah: 130_000 },
        Item { name: "Gula aren", count: 1, rupiah: 32_500 },
    ];
    let lines = ["Jl. Kaliurang KM 5 No. 12, Sleman".to_owned(), "WhatsApp 0812-3456-7890".to_owned()];
    let shop = Shop { lines: &lines, ..SHOP };
    let order = Order { items: &items, customer: "Bu Siti", ..ORDER };
    let slip = Slip { shop, order, ..SLIP };
    let long = Slip { order: Order { code: "G7723491121852129730", ..order }, ..slip };
    let receipt = Receipt { shop, order, ..RECEIPT };
    let training = worth(Worth::Training, slip);
    let report = DayReport { shop, ..REPORT };
    let pages = [
        ("slip-a6", slip.paper(), Format::A6, 3),
        ("slip-a4", long.paper(), Format::A4, 6),
        ("training-a6", training.paper(), Format::A6, 3),
        ("receipt-a6", receipt.paper(), Format::A6, 3),
        ("report-a4", report.paper(), Format::A4, 6),
        ("share", long.paper(), Format::Picture, 3),
    ];
    for (name, paper, format, smaller) in pages {
        let drawn = small(&Sheet::draw(&paper, format).png(), smaller);
        let file = format!("{}/../../docs/pages/{name}.png", env!("CARGO_MANIFEST_DIR"));
        if std::env::var("GERAI_GOLDEN").is_ok_and(|value| value == "write") {
            fs::write(&file, &drawn).unwrap();
        }
        assert!(fs::read(&file).unwrap_or_default() == drawn, "{file} is not what is drawn now; GERAI_GOLDEN=write");
    }
}

/// The same in shades of grey, so many times smaller.
fn small(png: &[u8], times: u32) -> Vec<u8> {
    let large = Pixmap::decode_png(png).unwrap();
    let (width, height) = (large.width() / times, large.height() / times);
    let shade = |x: u32, y: u32| {
        let dots = (0..times * times).map(|dot| (x * times + dot % times, y * times + dot / times));
        let sum: u32 = dots.map(|(x, y)| u32::from(large.pixel(x, y).unwrap().green())).sum();
        (sum / (times * times)) as u8
    };
    let shades: Vec<u8> = (0..width * height).map(|dot| shade(dot % width, dot / width)).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&shades).unwrap();
    file
}
