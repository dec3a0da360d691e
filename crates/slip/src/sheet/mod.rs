//! A [`Paper`] drawn to the millimetre: on a page to be printed, or as a picture to be shared.
//!
//! The drawing is made once, here, and written three ways: [`Sheet::pdf`] for printers, [`Sheet::png`] for
//! sharing, [`Sheet::outlines`] for the window. Everything is black on white: shops' printers draw grey
//! with a pattern that eats small letters.

mod face;
mod figures;
mod flow;
mod measures;
mod outlines;
mod pdf;
mod png;
mod seen;
mod words;

use crate::{Language, Paper, symbol::Bars};
use face::Line;
use measures::Measures;

pub use outlines::Outlines;
pub use pdf::NoPdf;

/// A paper as it is drawn.
#[derive(Clone, Debug)]
pub struct Sheet {
    title: String,
    language: Language,
    /// In millimetres.
    width: f32,
    /// In millimetres.
    height: f32,
    pages: Vec<Page>,
}

/// What the drawing is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// 105 x 148 mm, a quarter of A4: small printers and labels.
    A6,
    /// 210 x 297 mm: what every office has. The shop's stub is cut off at two thirds of the page.
    A4,
    /// As wide as a phone and as long as it needs to be. What stays in the shop is not on it.
    Picture,
}

impl Sheet {
    /// Draws a paper.
    pub fn draw(paper: &Paper, format: Format) -> Self {
        flow::draw(paper, format)
    }

    /// Whether these bars are drawn there, and not left out for being too long.
    pub(crate) fn can_hold(bars: &Bars, format: Format) -> bool {
        figures::place(bars, &Measures::of(format)).is_some()
    }
}

/// What is on a page, in the order in which it is read.
type Page = Vec<Part>;

/// One thing on a page.
#[derive(Clone, Debug)]
struct Part {
    role: Role,
    ink: Vec<Ink>,
}

/// What a thing is to somebody who does not see it.
#[derive(Clone, Debug, PartialEq)]
enum Role {
    Title,
    Heading,
    Words,
    /// One of several numbered ones that belong together; its number is drawn first.
    Step,
    /// What it says in words.
    Figure(String),
    /// Nothing is lost without it.
    Decoration,
}

/// Something that is drawn, in millimetres from the left and from the top.
#[derive(Clone, Debug)]
enum Ink {
    Words { line: Line, left: f32, baseline: f32, white: bool },
    Black { left: f32, top: f32, width: f32, height: f32 },
}

impl Ink {
    fn moved(mut self, right: f32, down: f32) -> Self {
        match &mut self {
            Self::Words { left, baseline, .. } => (*left, *baseline) = (*left + right, *baseline + down),
            Self::Black { left, top, .. } => (*left, *top) = (*left + right, *top + down),
        }
        self
    }
}
