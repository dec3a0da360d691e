//! How a bar code goes onto paper: across where it fits, else turned along it, else not at all.

use crate::{raster::Picture, symbol::Bars};

/// The width of a thermal printer's paper, in dots of an eighth of a millimetre.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// 58 mm paper, 48 mm of it printed on.
    Dots384,
    /// 80 mm paper, 64 mm of it printed on.
    Dots512,
    /// 80 mm paper, 72 mm of it printed on.
    Dots576,
}

/// How a bar code is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Across the paper. The picture is as wide as the paper, so that no printer can put it off centre.
    Across(Picture),
    /// Turned by a quarter, along the paper.
    Along(Picture),
    /// It would be too long to be read; the digits remain.
    DigitsOnly,
}

impl Width {
    /// How many dots can be printed.
    pub fn dots(self) -> usize {
        match self {
            Self::Dots384 => 384,
            Self::Dots512 => 512,
            Self::Dots576 => 576,
        }
    }

    /// How many dots of white the paper has on either side where nothing can be printed, if the roll runs
    /// straight.
    fn edge(self) -> usize {
        match self {
            Self::Dots384 => 5 * DOTS_PER_MM,
            Self::Dots512 => 8 * DOTS_PER_MM,
            Self::Dots576 => 4 * DOTS_PER_MM,
        }
    }
}

/// Draws bars for paper of this width.
///
/// A narrow bar is two dots, 0.25 mm: one dot is finer than ordinary scanners promise, and three make
/// everything too long. Ten modules of white on either side are in the standard. Half of the paper's own
/// edge counts as white, because rolls do not run straight. Where that is not enough, the code is turned:
/// any scanner can be turned as well, the paper is as long as it needs to be, and a dot of the print
/// head that is broken cuts across all bars instead of erasing one.
pub fn fit(bars: &Bars, paper: Width) -> Fit {
    let dots = bars.dots();
    let length: usize = dots.iter().copied().map(usize::from).sum();
    if length <= paper.dots() && (paper.dots() - length) / 2 + paper.edge() / 2 >= QUIET {
        return Fit::Across(draw(&dots, paper.dots(), height(length)));
    }
    if !is_readable(bars) {
        return Fit::DigitsOnly;
    }
    Fit::Along(draw(&dots, length + 2 * QUIET, TURNED_HEIGHT).turned())
}

/// Whether a scanner can see all of it at once.
pub fn is_readable(bars: &Bars) -> bool {
    bars.dots().iter().copied().map(usize::from).sum::<usize>() <= LONGEST
}

const DOTS_PER_MM: usize = 8;

/// Ten modules.
const QUIET: usize = 20;

/// A hand-held scanner sees a hundred millimetres at arm's length.
const LONGEST: usize = 100 * DOTS_PER_MM;

/// Twenty millimetres, so that a scanner that is not held straight still crosses all bars.
const TURNED_HEIGHT: usize = 20 * DOTS_PER_MM;

/// The standard recommends at least 5 mm and 15 % of the length for scanning by hand.
fn height(length: usize) -> usize {
    (length * 15).div_ceil(100).max(12 * DOTS_PER_MM)
}

/// Bars in the middle of white.
fn draw(dots: &[u8], width: usize, height: usize) -> Picture {
    let length: usize = dots.iter().copied().map(usize::from).sum();
    let mut picture = Picture::white(width, height);
    let mut x = (width - length) / 2;
    for (index, dots) in dots.iter().copied().map(usize::from).enumerate() {
        if index % 2 == 0 {
            picture.fill(x, 0, dots, height);
        }
        x += dots;
    }
    picture
}
