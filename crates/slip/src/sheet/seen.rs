//! What is seen on a sheet by somebody who reads it again.

use std::collections::BTreeMap;

use tiny_skia::Pixmap;

use super::{Ink, Part, Sheet};
use crate::{
    proof::{Kind, Line, Seen},
    raster::Picture,
};

impl Sheet {
    /// Reads the pages as a printer of 203 dpi draws them.
    pub(crate) fn seen_on_pages(&self) -> Seen {
        let mut seen = Seen { lines: self.lines(), ..Seen::default() };
        for page in 0..self.pages.len() {
            if let Some(pixels) = self.pixels(page, ROUGH) {
                self.scan(page, &pixels, ROUGH, &mut seen);
            }
        }
        seen
    }

    /// Reads a picture that was made of this sheet.
    pub(crate) fn seen_on_picture(&self, png: &[u8]) -> Seen {
        let mut seen = Seen { lines: self.lines(), ..Seen::default() };
        if let Ok(pixels) = Pixmap::decode_png(png) {
            self.scan(0, &pixels, Self::DOTS, &mut seen);
        }
        seen
    }

    /// Looks where there is more than a line or a frame: nothing else could be taken for a code.
    fn scan(&self, page: usize, pixels: &Pixmap, dots: f32, seen: &mut Seen) {
        for part in self.pages.get(page).into_iter().flatten() {
            if let Some([left, top, right, bottom]) = pattern(part) {
                let edge = |place: f32, limit: u32| ((place * dots).round().max(0.0) as u32).min(limit);
                let (left, right) = (edge(left - WHITE, pixels.width()), edge(right + WHITE, pixels.width()));
                let (top, bottom) = (edge(top - WHITE, pixels.height()), edge(bottom + WHITE, pixels.height()));
                seen.scan(&cut_out(pixels, left..right, top..bottom));
            }
        }
    }

    /// Words that stand at the same height of one thing are a line.
    fn lines(&self) -> Vec<Line> {
        let sizes = self.pages.iter().flatten().flat_map(|part| &part.ink);
        let largest =
            sizes.map(|ink| if let Ink::Words { line, .. } = ink { line.size } else { 0.0 }).fold(0.0, f32::max);
        let mut lines = Vec::new();
        for part in self.pages.iter().flatten() {
            let mut rows: BTreeMap<i32, Line> = BTreeMap::new();
            for ink in &part.ink {
                let Ink::Words { line, baseline, white, .. } = ink else { continue };
                let kind = match white {
                    true => Kind::Mark,
                    false if line.size > largest / 2.0 => Kind::Large,
                    false => Kind::Plain,
                };
                let row = rows.entry((baseline * 100.0) as i32);
                let row = row.or_insert_with(|| Line { text: String::new(), kind });
                if !row.text.is_empty() {
                    row.text.push(' ');
                }
                row.text.push_str(&line.text);
            }
            lines.extend(rows.into_values());
        }
        lines
    }
}

/// Dots of a millimetre at 203 dpi.
const ROUGH: f32 = 203.0 / 25.4;
/// White that belongs to a code, in millimetres.
const WHITE: f32 = 3.5;

/// Where a thing is that is drawn of many rectangles.
fn pattern(part: &Part) -> Option<[f32; 4]> {
    let black = part.ink.iter().filter_map(|ink| match ink {
        Ink::Black { left, top, width, height } => Some([*left, *top, left + width, top + height]),
        Ink::Words { .. } => None,
    });
    let black: Vec<[f32; 4]> = black.collect();
    let around = |[l, t, r, b]: [f32; 4], [left, top, right, bottom]: &[f32; 4]| {
        [l.min(*left), t.min(*top), r.max(*right), b.max(*bottom)]
    };
    // A frame or a rule is one; the dashes where it is cut are thin.
    let [left, top, right, bottom] = black.iter().fold([f32::MAX, f32::MAX, 0.0, 0.0], around);
    (black.len() > 4 && bottom - top > 1.0).then_some([left, top, right, bottom])
}

fn cut_out(pixels: &Pixmap, columns: std::ops::Range<u32>, rows: std::ops::Range<u32>) -> Picture {
    let mut picture = Picture::white(columns.len(), rows.len());
    for (y, row) in rows.enumerate() {
        for (x, column) in columns.clone().enumerate() {
            picture.set(x, y, pixels.pixel(column, row).is_some_and(|pixel| pixel.green() < 128));
        }
    }
    picture
}
