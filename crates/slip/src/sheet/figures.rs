//! Blocks that are no words. Bars and QR keep their own measure: a scanner does not care about the rhythm of
//! a page.

use super::{Ink, Part, Role, measures::Measures, words::Row};
use crate::{
    raster::Picture,
    symbol::{Bars, Qr},
};

/// How bars are put on a page, and how wide half of a narrow bar is.
pub(super) enum Place {
    Across(f32),
    Along(f32),
}

/// Across where they fit with ten narrow bars of white on either side, else turned where there is room, else
/// not at all: the digits remain.
pub(super) fn place(bars: &Bars, page: &Measures) -> Option<Place> {
    let dots = bars.dots().into_iter().map(f32::from).sum::<f32>();
    let fits = |dot: f32| dots * dot <= page.column && (page.column - dots * dot) / 2.0 + page.white >= QUIET * dot;
    let across = page.bars.iter().copied().find(|dot| fits(*dot)).map(Place::Across);
    // On a page of fixed height there is no room for long ones beside everything else.
    let along = || page.bars.last().copied().filter(|dot| page.height.is_none() && dots * dot <= LONGEST);
    across.or_else(|| along().map(Place::Along))
}

pub(super) fn bars(bars: &Bars, page: &Measures, scale: f32) -> Option<Row> {
    let place = place(bars, page)?;
    let (Place::Across(dot) | Place::Along(dot)) = place;
    let widths: Vec<f32> = bars.dots().into_iter().map(|width| f32::from(width) * dot).collect();
    let length: f32 = widths.iter().sum();
    // In the middle of the column, the bars themselves from here to there.
    let drawn = |start: f32, bar: &dyn Fn(f32, f32) -> Ink| {
        let mut at = start;
        let mut ink = Vec::new();
        for (index, width) in widths.iter().copied().enumerate() {
            if index % 2 == 0 {
                ink.push(bar(at, width));
            }
            at += width;
        }
        ink
    };
    let middle = |wide: f32| page.on_grid(page.left + (page.column - wide) / 2.0);
    let (height, ink) = match place {
        Place::Across(_) => {
            let height = page.on_grid((length * 0.15).max(12.0));
            (height, drawn(middle(length), &|left, width| Ink::Black { left, top: 0.0, width, height }))
        }
        Place::Along(_) => {
            let (wide, white) = (20.0, page.on_grid(QUIET * dot));
            let left = middle(wide);
            let bar = |top, height| Ink::Black { left, top, width: wide, height };
            (length + 2.0 * white, drawn(white, &bar))
        }
    };
    let apart = 4.0 * scale;
    let parts = vec![Part { role: Role::Figure(bars.code().to_owned()), ink }];
    Some(Row { above: apart, height, below: apart, parts })
}

/// Ten narrow bars of white, in halves of them.
const QUIET: f32 = 20.0;
/// A hand-held scanner sees a hundred millimetres at arm's length.
const LONGEST: f32 = 100.0;

pub(super) fn qr(qr: &Qr, page: &Measures, scale: f32) -> Row {
    let side = qr.width() as f32 * page.module;
    let left = page.on_grid(page.left + (page.column - side) / 2.0);
    // Four modules of white belong to it.
    let white = (4.0 * page.module).max(2.0 * scale);
    let parts = vec![Part { role: Role::Figure("QR".to_owned()), ink: squares(qr, left, 0.0, page.module) }];
    Row { above: white, height: side, below: white, parts }
}

fn squares(qr: &Qr, left: f32, top: f32, module: f32) -> Vec<Ink> {
    let rows = qr.rows();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    runs(rows.into_iter().map(|row| row.chars().map(|c| c == '1').collect()), left, top, module)
}

/// Black dots, those beside each other in one piece.
fn runs(rows: impl Iterator<Item = Vec<bool>>, left: f32, top: f32, dot: f32) -> Vec<Ink> {
    let mut ink = Vec::new();
    for (y, row) in rows.enumerate() {
        let mut start = 0;
        for piece in row.chunk_by(|one, next| one == next) {
            if piece.first() == Some(&true) {
                ink.push(Ink::Black {
                    left: left + start as f32 * dot,
                    top: top + y as f32 * dot,
                    width: piece.len() as f32 * dot,
                    height: dot,
                });
            }
            start += piece.len();
        }
    }
    ink
}

pub(super) fn logo(picture: &Picture, page: &Measures, scale: f32) -> Row {
    // As on a thermal printer, an eighth of a millimetre for a dot; smaller where it would fill the page.
    let dot =
        (0.125 * scale).min(page.column * 0.8 / picture.width() as f32).min(20.0 * scale / picture.height() as f32);
    let left = page.left + (page.column - picture.width() as f32 * dot) / 2.0;
    let rows = (0..picture.height()).map(|y| (0..picture.width()).map(|x| picture.is_black(x, y)).collect());
    let parts = vec![Part { role: Role::Decoration, ink: runs(rows, left, 0.0, dot) }];
    Row { above: 0.0, height: picture.height() as f32 * dot, below: 3.0 * scale, parts }
}

/// Dashes from edge to edge.
pub(super) fn dashes(top: f32, width: f32) -> Part {
    let dash = |index: u16| Ink::Black { left: f32::from(index) * 3.0, top, width: 1.6, height: 0.2 };
    Part { role: Role::Decoration, ink: (0..(width / 3.0).ceil() as u16).map(dash).collect() }
}
