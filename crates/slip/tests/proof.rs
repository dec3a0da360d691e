//! Every kind of lie a paper could tell, and that it is not printed.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use common::{ORDER, RECEIPT, SHOP, SLIP, worth};
use slip::{
    Block, Order, Paper, Receipt, Slip, Worth,
    escpos::{self, Roll, printer::Unprintable},
    fit::Width,
    proof::{self, Claim, Lie},
    raster::Picture,
    symbol::{self, Symbology},
    text,
};

const ROLL: fn() -> Roll = || Roll::new(Width::Dots576);

fn lie(paper: &Paper, claim: &Claim<'_>) -> Lie {
    proof::on_roll(paper, &ROLL(), claim).map(|_| "it is printed").unwrap_err()
}

/// The slip with one of its blocks exchanged, as a fault in a rendering would do it.
fn with(change: impl Fn(&mut Block)) -> Paper {
    let mut paper = SLIP.paper();
    paper.blocks.iter_mut().for_each(change);
    assert_ne!(paper, SLIP.paper(), "something was changed");
    paper
}

fn without(unwanted: impl Fn(&Block) -> bool) -> Paper {
    let mut paper = SLIP.paper();
    paper.blocks.retain(|block| !unwanted(block));
    assert_ne!(paper, SLIP.paper(), "something is missing");
    paper
}

#[test]
fn a_slip_that_tells_the_truth_is_printed_byte_for_byte() {
    let proven = proof::on_roll(&SLIP.paper(), &ROLL(), &SLIP.claim()).unwrap();
    assert_eq!(proven.into_inner(), escpos::bytes(&SLIP.paper(), &ROLL()));
}

#[test]
fn bars_of_another_code_are_not_printed() {
    for symbology in [Symbology::Code39, Symbology::Code128] {
        let paper = with(|block| {
            if let Block::Bars(bars) = block {
                *bars = symbol::bars(symbology, "578112341235").unwrap();
            }
        });
        let said = vec!["578112341235".to_owned()];
        assert_eq!(lie(&paper, &SLIP.claim()), Lie::Bars { expected: ORDER.code.into(), found: said });
    }
}

#[test]
fn the_right_code_in_the_wrong_symbology_is_not_printed() {
    let paper = with(|block| {
        if let Block::Bars(bars) = block {
            *bars = symbol::code128(ORDER.code).unwrap();
        }
    });
    assert!(matches!(lie(&paper, &SLIP.claim()), Lie::Bars { .. }));
}

#[test]
fn bars_that_are_missing_are_missed() {
    let paper = without(|block| matches!(block, Block::Bars(_)));
    assert_eq!(lie(&paper, &SLIP.claim()), Lie::Bars { expected: ORDER.code.into(), found: vec![] });
}

#[test]
fn two_bars_that_say_different_things_are_not_printed() {
    let mut paper = SLIP.paper();
    paper.blocks.push(Block::Bars(symbol::code39("999912341234").unwrap()));
    assert!(matches!(lie(&paper, &SLIP.claim()), Lie::Bars { found, .. } if found.len() == 2));
}

#[test]
fn what_is_not_money_is_not_printed_with_bars() {
    for kind in [Worth::Training, Worth::Sandbox] {
        let slip = worth(kind, SLIP);
        let mut paper = slip.paper();
        paper.blocks.push(Block::Bars(symbol::code39(ORDER.code).unwrap()));
        assert_eq!(lie(&paper, &slip.claim()), Lie::StrayBars(vec![ORDER.code.into()]));
    }
}

#[test]
fn bars_in_a_logo_are_found_whichever_way_they_are_turned() {
    // No larger than a logo may be, or it would be made smaller and could not be scanned any more.
    let mut bars = Picture::white(180, 96);
    let mut x = 33;
    for (index, dots) in symbol::code39("NO").unwrap().dots().into_iter().map(usize::from).enumerate() {
        if index % 2 == 0 {
            bars.fill(x, 0, dots, 96);
        }
        x += dots;
    }
    for logo in [bars.clone(), bars.turned()] {
        let mut paper = worth(Worth::Training, SLIP).paper();
        paper.blocks.insert(0, Block::Picture(logo));
        assert_eq!(lie(&paper, &worth(Worth::Training, SLIP).claim()), Lie::StrayBars(vec!["NO".into()]));
    }
}

#[test]
fn a_qr_of_another_order_is_not_printed() {
    let paper = with(|block| {
        if let Block::Qr(qr) = block {
            *qr = text::order_qr("K7QM-2C9VX0T4MZ1RBW8HQJE").unwrap();
        }
    });
    let found = vec!["gerai:K7QM-2C9VX0T4MZ1RBW8HQJE".to_owned()];
    assert_eq!(lie(&paper, &SLIP.claim()), Lie::Qr { expected: ORDER.order_id.into(), found });
}

#[test]
fn a_qr_that_is_not_ours_or_missing_is_not_printed() {
    let foreign = with(|block| {
        if let Block::Qr(qr) = block {
            *qr = symbol::qr(ORDER.order_id).unwrap();
        }
    });
    assert!(matches!(lie(&foreign, &SLIP.claim()), Lie::Qr { .. }));
    let missing = without(|block| matches!(block, Block::Qr(_)));
    assert!(matches!(lie(&missing, &SLIP.claim()), Lie::Qr { found, .. } if found.is_empty()));
}

#[test]
fn another_amount_is_not_printed() {
    let large = with(|block| {
        if let Block::Amount(amount) = block {
            *amount = "Rp 16.250".into();
        }
    });
    assert!(matches!(lie(&large, &SLIP.claim()), Lie::Amount { found, .. } if found[0] == "Rp 16.250"));
    let stub = with(|block| {
        if let Block::Pair(pair) = block
            && pair.left == "Jumlah"
        {
            pair.right = "Rp 162.501".into();
        }
    });
    assert!(matches!(lie(&stub, &SLIP.claim()), Lie::Amount { .. }));
    let none = without(|block| matches!(block, Block::Amount(_)));
    assert!(matches!(lie(&none, &SLIP.claim()), Lie::Amount { .. }));
}

#[test]
fn a_note_or_a_name_about_another_amount_stops_no_slip() {
    let lines = ["Jumlah Rp 5.000".to_owned(), "Jumlah  : Rp 5.000".to_owned()];
    let shop = slip::Shop { name: "Rp Murah", lines: &lines, ..SHOP };
    let note = format!("{} Jumlah Rp 5.000", "x".repeat(39));
    let slip = Slip { shop, order: Order { note: &note, customer: "Jumlah Rp 7", ..ORDER }, ..SLIP };
    proof::on_roll(&slip.paper(), &ROLL(), &slip.claim()).unwrap();
}

#[test]
fn another_code_in_digits_is_not_printed() {
    for wrong in ["578112341243", "57811234123", "5781123412345", "7578112341234"] {
        let paper = with(|block| {
            if let Block::Code(groups) = block {
                *groups = text::groups(wrong);
            }
        });
        assert_eq!(lie(&paper, &SLIP.claim()), Lie::Code(ORDER.code.into()), "{wrong}");
    }
}

#[test]
fn training_and_sandbox_that_look_like_money_are_not_printed() {
    for kind in [Worth::Training, Worth::Sandbox] {
        let slip = worth(kind, SLIP);
        let mut paper = slip.paper();
        paper.blocks.retain(|block| !matches!(block, Block::Mark(_)));
        assert_eq!(lie(&paper, &slip.claim()), Lie::Worth(kind));
    }
    let mut marked = SLIP.paper();
    marked.blocks.insert(0, Block::Mark("LATIHAN - JANGAN DIBAYAR".into()));
    assert_eq!(lie(&marked, &SLIP.claim()), Lie::Worth(Worth::Real));
}

#[test]
fn a_copy_that_does_not_say_so_is_not_printed() {
    let copy = Slip { copy: 2, ..SLIP };
    assert_eq!(lie(&SLIP.paper(), &copy.claim()), Lie::Copy(2));
    assert_eq!(lie(&Slip { copy: 1, ..SLIP }.paper(), &copy.claim()), Lie::Copy(2));
    assert_eq!(lie(&copy.paper(), &SLIP.claim()), Lie::Copy(0));
}

#[test]
fn a_receipt_is_not_printed_with_bars_or_another_amount() {
    proof::on_roll(&RECEIPT.paper(), &ROLL(), &RECEIPT.claim()).unwrap();
    let mut scannable = RECEIPT.paper();
    scannable.blocks.push(Block::Bars(symbol::code39(ORDER.code).unwrap()));
    assert!(matches!(lie(&scannable, &RECEIPT.claim()), Lie::StrayBars(_)));
    let dearer = Receipt { order: Order { rupiah: 1, ..ORDER }, ..RECEIPT };
    assert!(matches!(lie(&dearer.paper(), &RECEIPT.claim()), Lie::Amount { .. }));
}

#[test]
fn bytes_that_would_open_the_drawer_are_not_printed() {
    let mut bytes = escpos::bytes(&SLIP.paper(), &ROLL());
    bytes.extend([0x1b, b'p', 0, 25, 250]);
    assert_eq!(proof::prove(bytes, &ROLL(), &SLIP.claim()), Err(Lie::Drawer));
}

#[test]
fn bytes_no_printer_understands_are_not_printed() {
    let good = escpos::bytes(&SLIP.paper(), &ROLL());
    for stray in [&[0x10, 0x04, 1][..], &[0x1b, b'='], &[0x07], &[0x80], &[0x1d, b'(', b'L']] {
        let bytes = [stray, &good].concat();
        let lie = proof::prove(bytes, &ROLL(), &SLIP.claim()).unwrap_err();
        assert_eq!(lie, Lie::Unprintable(Unprintable::Unknown(0)), "{stray:?}");
    }
}

#[test]
fn bytes_for_wider_paper_are_not_printed_on_narrower() {
    let wide = escpos::bytes(&SLIP.paper(), &ROLL());
    let narrow = Roll::new(Width::Dots384);
    assert!(matches!(proof::prove(wide, &narrow, &SLIP.claim()), Err(Lie::Unprintable(_))));
}

#[test]
fn bytes_that_end_before_the_qr_is_whole_are_not_printed() {
    let whole = escpos::bytes(&SLIP.paper(), &ROLL());
    let qr = whole.windows(4).rposition(|part| part == [0x1d, b'v', b'0', 0]).unwrap();
    for end in [0, 2, 40, qr / 2, qr, qr + 3, qr + 8, qr + 900] {
        let cut = whole[..end].to_vec();
        assert!(proof::prove(cut, &ROLL(), &SLIP.claim()).is_err(), "{end} of {} bytes", whole.len());
    }
}

#[test]
fn a_single_broken_bar_is_a_lie_and_not_a_near_miss() {
    let whole = escpos::bytes(&SLIP.paper(), &ROLL());
    let bars = whole.windows(4).position(|part| part == [0x1d, b'v', b'0', 0]).unwrap() + 8;
    let mut broken = whole.clone();
    // A dead part of the head: eight dots in the middle of the bars stay white from top to bottom.
    for row in 0..96 {
        broken[bars + row * 72 + 30] = 0;
    }
    assert!(matches!(proof::prove(broken, &ROLL(), &SLIP.claim()), Err(Lie::Bars { .. })));
}
