//! Nothing beside the page, nothing over anything else, nothing left out.

use std::time::Duration;

use time::macros::datetime;

use super::*;
use crate::{
    Item, Language, Order, Scanning, Shop, Slip, Store, Worth,
    sheet::{Ink, Role, face::CAPITALS},
};

/// A slip with so much on it that it has to be drawn smaller.
fn paper(much: usize) -> Paper {
    let name = "Toko Serba Ada Sumber Rejeki ".repeat(1 + much);
    let item = Item { name: &name, count: 12, rupiah: 1_250_000 };
    let items = vec![item; much];
    let lines = vec![name.clone(); much];
    let slip = Slip {
        shop: Shop {
            name: &name,
            logo: None,
            lines: &lines,
            till: "K7QM",
            worth: Worth::Real,
            language: Language::English,
        },
        order: Order {
            number: "K3F7",
            order_id: "K7QM-2C9VX0T4MZ1RBW8HQJD",
            store: Store::Indomaret,
            code: "G7723491121852129730",
            rupiah: 162_500,
            items: &items,
            customer: &name,
            note: &name,
        },
        until: datetime!(2026-11-24 07:30:59 UTC),
        margin: Duration::ZERO,
        made_at: datetime!(2026-11-23 07:30:59 UTC),
        merchant: &name,
        copy: 1,
        scanning: Scanning::default(),
    };
    slip.paper()
}

/// Left, top, right, bottom of all that is drawn of a part.
fn edges(part: &Part) -> [f32; 4] {
    part.ink.iter().fold([f32::MAX, f32::MAX, 0.0, 0.0], |[left, top, right, bottom], ink| {
        let [l, t, r, b] = match ink {
            Ink::Black { left, top, width, height } => [*left, *top, left + width, top + height],
            Ink::Words { line, left, baseline, .. } => {
                [*left, baseline - CAPITALS * line.size, left + line.width, *baseline]
            }
        };
        [left.min(l), top.min(t), right.max(r), bottom.max(b)]
    })
}

#[test]
fn nothing_is_drawn_beside_the_page_however_much_there_is() {
    for much in 0..5 {
        for format in [Format::A6, Format::A4, Format::Picture] {
            let sheet = Sheet::draw(&paper(much), format);
            for part in sheet.pages.iter().flatten() {
                let [left, top, right, bottom] = edges(part);
                // The dashes along which it is cut go from edge to edge.
                let inside = part.role == Role::Decoration || left > 4.0 && right < sheet.width - 4.0;
                assert!(inside && top > 4.0 && bottom < sheet.height - 4.0, "{much} {format:?} {part:?}");
            }
        }
    }
}

#[test]
fn nothing_is_drawn_over_anything_else() {
    for much in 0..5 {
        for format in [Format::A6, Format::A4, Format::Picture] {
            for page in Sheet::draw(&paper(much), format).pages {
                for (index, part) in page.iter().enumerate() {
                    let [left, top, right, bottom] = edges(part);
                    for other in &page[index + 1..] {
                        let [l, t, r, b] = edges(other);
                        let apart = r <= left || right <= l || b <= top || bottom <= t;
                        assert!(apart, "{much} {format:?} {part:?} {other:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_word_of_the_paper_is_drawn() {
    let drawn = |format| {
        let words = |part: &Part| {
            let lines = part.ink.iter().filter_map(|ink| match ink {
                Ink::Words { line, .. } => Some(line.text.clone()),
                Ink::Black { .. } => None,
            });
            lines.collect::<Vec<_>>().join(" ")
        };
        let sheet = Sheet::draw(&paper(2), format);
        sheet.pages.iter().flatten().map(words).collect::<Vec<_>>().join(" ")
    };
    for format in [Format::A6, Format::A4, Format::Picture] {
        let drawn = drawn(format);
        for said in [
            "PAY AT INDOMARET",
            "Rp 162.500",
            "G772 3491 1218 5212 9730",
            "COPY 1",
            "The store may add",
            "K3F7",
            "Mon 23 Nov 2026 14:30 WIB",
        ] {
            assert!(drawn.contains(said), "{format:?}: {said} is not in {drawn}");
        }
    }
}
