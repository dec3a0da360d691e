//! The bytes of every kind of paper, as they were when somebody last looked at them, and pictures of what comes
//! out of a printer.
//!
//! `GERAI_GOLDEN=write cargo nextest run -p slip --test golden` writes both anew; look at the pictures
//! before they are committed.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use common::{ORDER, RECEIPT, REPORT, SHOP, SLIP, font::Font};
use slip::{
    DayReport, Item, Language, Order, Paper, Receipt, Scanning, Shop, Slip, Store, TestPage, Worth,
    escpos::{Roll, printer},
    fit::Width,
    proof::{self, Claim},
    raster::Picture,
    symbol::Symbology,
};

const BYTES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
const PICTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/slips");

/// A paper with a name, and what it must prove.
struct Case {
    name: String,
    roll: Roll,
    bytes: Vec<u8>,
}

#[test]
fn every_paper_is_printed_with_the_bytes_somebody_has_looked_at() {
    let write = std::env::var("GERAI_GOLDEN").is_ok_and(|value| value == "write");
    let font = Font::spleen();
    let mut written = BTreeSet::new();
    for case in cases() {
        let printed = printer::print_ruler(&case.bytes, case.roll.width).unwrap();
        let drawn = png(&on_paper(&printed.drawn(|letter, narrow| font.letter(letter, narrow)), case.roll.width));
        let files = [
            (Path::new(BYTES).join(&case.name).with_extension("bin"), case.bytes),
            (Path::new(PICTURES).join(&case.name).with_extension("png"), drawn),
        ];
        for (file, expected) in files {
            if write {
                fs::write(&file, &expected).unwrap();
            }
            let found = fs::read(&file).unwrap_or_default();
            assert!(
                found == expected,
                "{} is not what is printed now. If it is meant to be: GERAI_GOLDEN=write, and look at the picture.",
                file.display()
            );
            written.insert(file);
        }
    }
    let kept: BTreeSet<PathBuf> = [BYTES, PICTURES]
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|file| file.unwrap().path())
        .collect();
    assert_eq!(kept, written, "no file is left over");
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (size, width) in [("58", Width::Dots384), ("80", Width::Dots576)] {
        for (tongue, language) in [("id", Language::Indonesian), ("en", Language::English)] {
            let shop = Shop { language, ..SHOP };
            let slip = Slip { shop, margin: Duration::from_secs(30 * 60), ..SLIP };
            let mut keep = |name: &str, paper: &Paper, claim: &Claim<'_>| {
                let roll = Roll::new(width);
                let bytes = proof::on_roll(paper, &roll, claim).unwrap().into_inner();
                cases.push(Case { name: format!("{name}-{size}-{tongue}"), roll, bytes });
            };
            let mut keep_slip = |name: &str, slip: Slip<'_>| keep(name, &slip.paper(), &slip.claim());
            keep_slip("indomaret", slip);
            keep_slip(
                "alfamart",
                Slip { order: Order { store: Store::Alfamart, code: "25709650945026", ..ORDER }, ..slip },
            );
            keep_slip("training", Slip { shop: Shop { worth: Worth::Training, ..shop }, ..slip });
            keep_slip("copy", Slip { copy: 2, ..slip });
            let long = Order { code: "G7723491121852129730", rupiah: 5_000_000, ..ORDER };
            keep_slip("turned", Slip { order: long, ..slip });
            if language == Language::Indonesian {
                let code_128 = Scanning { alfamart: false, symbology: Symbology::Code128 };
                keep_slip("code128", Slip { scanning: code_128, ..slip });
                others(shop, &mut keep);
            }
        }
    }
    cases
}

/// What is not a slip.
fn others(shop: Shop<'_>, keep: &mut impl FnMut(&str, &Paper, &Claim<'_>)) {
    let items = [
        Item { name: "Kopi bubuk 250 g", count: 2, rupiah: 90_000 },
        Item { name: "Gula aren", count: 1, rupiah: 82_500 },
        Item { name: "Potongan", count: 1, rupiah: -10_000 },
    ];
    let lines = ["Barang yang sudah dibeli dapat ditukar dalam 3 hari.".to_owned(), "WA 0812-0000-0000".to_owned()];
    let receipt = Receipt {
        shop: Shop { lines: &lines, ..shop },
        order: Order { items: &items, customer: "Bu Ayu", ..ORDER },
        ..RECEIPT
    };
    keep("receipt", &receipt.paper(), &receipt.claim());
    let report = DayReport { shop, ..REPORT };
    keep("report", &report.paper(), &report.claim());
    let page = TestPage { shop, printer: "POS-58", printed_at: SLIP.made_at, symbology: Symbology::Code39 };
    keep("test-page", &page.paper(), &page.claim());
}

/// With the edges where nothing can be printed, and a line where the paper ends.
fn on_paper(printed: &Picture, width: Width) -> Picture {
    let edge = if width == Width::Dots384 { 40 } else { 32 };
    let mut paper = Picture::white(printed.width() + 2 * edge, printed.height() + 2 * edge);
    paper.lay(edge, edge, printed);
    let (right, height) = (paper.width() - 1, paper.height());
    paper.fill(0, 0, 1, height);
    paper.fill(right, 0, 1, height);
    paper
}

fn png(picture: &Picture) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (width, height) = (picture.width() as u32, picture.height() as u32);
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_compression(png::Compression::High);
    // In a PNG a one is white.
    let white: Vec<u8> = picture.packed().iter().map(|byte| !byte).collect();
    encoder.write_header().unwrap().write_image_data(&white).unwrap();
    bytes
}
