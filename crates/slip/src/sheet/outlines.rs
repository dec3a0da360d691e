use std::fmt::Write;

use rustybuzz::ttf_parser::{GlyphId, OutlineBuilder};
use tiny_skia::{Path, PathBuilder, PathSegment, Rect};

use super::{Ink, Page, Sheet, face::Line};

/// A page as outlines that a window can draw without fonts of its own, in millimetres.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlines {
    /// In millimetres.
    pub width: f32,
    /// In millimetres.
    pub height: f32,
    /// What is filled with black, as the `d` of a path in SVG.
    pub black: String,
    /// What is filled with white above that.
    pub white: String,
}

impl Sheet {
    /// Its first page as outlines.
    pub fn outlines(&self) -> Outlines {
        let (black, white) = self.pages.first().map(paths).unwrap_or_default();
        let svg = |path: Option<Path>| path.map(|path| svg(&path)).unwrap_or_default();
        Outlines { width: self.width, height: self.height, black: svg(black), white: svg(white) }
    }
}

/// All that is black on a page, and all that is white above it.
pub(super) fn paths(page: &Page) -> (Option<Path>, Option<Path>) {
    let (mut black, mut white) = (PathBuilder::new(), PathBuilder::new());
    for ink in page.iter().flat_map(|part| &part.ink) {
        match ink {
            Ink::Words { line, left, baseline, white: on_black } => {
                add(if *on_black { &mut white } else { &mut black }, line, *left, *baseline);
            }
            Ink::Black { left, top, width, height } => {
                if let Some(rect) = Rect::from_xywh(*left, *top, *width, *height) {
                    black.push_rect(rect);
                }
            }
        }
    }
    (black.finish(), white.finish())
}

fn add(path: &mut PathBuilder, line: &Line, left: f32, baseline: f32) {
    let shapes = line.face.shapes();
    let scale = line.size / shapes.units_per_em() as f32;
    let mut x = left;
    for glyph in &line.glyphs {
        let mut pen = Pen { path, scale, x: x + glyph.dx * line.size, y: baseline - glyph.dy * line.size };
        shapes.outline_glyph(GlyphId(glyph.id), &mut pen);
        x += glyph.advance * line.size;
    }
}

/// Puts the outlines of a font, whose y points up, onto a page, whose y points down.
struct Pen<'a> {
    path: &'a mut PathBuilder,
    scale: f32,
    x: f32,
    y: f32,
}

impl Pen<'_> {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, self.y - y * self.scale)
    }
}

impl OutlineBuilder for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

/// A hundredth of a millimetre is finer than any screen; bars lie on eighths and need a third digit.
fn svg(path: &Path) -> String {
    let mut d = String::new();
    let mut put = |verb: &str, points: &[tiny_skia::Point]| {
        d.push_str(verb);
        for (index, point) in points.iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            // Writing to a string does not fail.
            let _ = write!(d, "{gap}{} {}", rounded(point.x), rounded(point.y));
        }
    };
    for segment in path.segments() {
        match segment {
            PathSegment::MoveTo(to) => put("M", &[to]),
            PathSegment::LineTo(to) => put("L", &[to]),
            PathSegment::QuadTo(by, to) => put("Q", &[by, to]),
            PathSegment::CubicTo(by, and, to) => put("C", &[by, and, to]),
            PathSegment::Close => put("Z", &[]),
        }
    }
    d
}

fn rounded(millimetres: f32) -> f32 {
    (millimetres * 1000.0).round() / 1000.0
}
