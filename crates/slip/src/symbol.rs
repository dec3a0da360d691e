//! Codes as black and white modules. Whoever draws them adds the white around: four modules
//! for a [`Qr`], ten on either side for [`Bars`].

use qrcode::{Color, EcLevel, QrCode};

use crate::raster::Picture;

/// A QR code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qr {
    width: usize,
    dark: Vec<bool>,
}

/// Why a text does not become a QR code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoQr {
    /// It has characters that phones read differently; write plain ASCII.
    #[error("only plain ASCII goes into a QR code")]
    NotAscii,
    /// It does not fit; shorten it.
    #[error("the text is too long for a QR code")]
    TooLong,
}

/// A way to write a code in bars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Symbology {
    /// What all of Midtrans' own SDKs draw.
    #[default]
    Code39,
    /// Shorter; no SDK of Midtrans draws it.
    Code128,
}

/// A bar code: the widths of bars and spaces in turn, a bar first and last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bars {
    symbology: Symbology,
    code: String,
    widths: Vec<u8>,
}

/// Writes a text as a QR code that still reads with 15 % of it lost.
pub fn qr(text: &str) -> Result<Qr, NoQr> {
    if !text.is_ascii() {
        return Err(NoQr::NotAscii);
    }
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| NoQr::TooLong)?;
    Ok(Qr { width: code.width(), dark: code.into_colors().into_iter().map(|color| color == Color::Dark).collect() })
}

/// Writes a payment code in bars, or not at all if it has characters that they can not write.
pub fn bars(symbology: Symbology, code: &str) -> Option<Bars> {
    match symbology {
        Symbology::Code39 => code39(code),
        Symbology::Code128 => code128(code),
    }
}

/// Writes a payment code in Code 39 with its start and stop, or not at all if it has
/// characters outside the alphabet (capitals, digits and `-. $/+%`).
///
/// No check character, because Midtrans' own SDKs print none and a till would read it as part
/// of the code.
pub fn code39(code: &str) -> Option<Bars> {
    if code.is_empty() || code.contains(EDGE) {
        return None;
    }
    let mut widths = Vec::with_capacity(10 * (code.len() + 2));
    for c in [EDGE].into_iter().chain(code.chars()).chain([EDGE]) {
        widths.extend(character(c)?);
        widths.push(NARROW);
    }
    // The space between two characters; nothing follows the last.
    widths.pop();
    Some(Bars { symbology: Symbology::Code39, code: code.to_owned(), widths })
}

/// Writes a payment code in Code 128, or not at all if it has anything but printable ASCII: pairs of
/// digits in set C, the rest in set B.
pub fn code128(code: &str) -> Option<Bars> {
    if code.is_empty() || !code.bytes().all(|c| (b' '..=b'~').contains(&c)) {
        return None;
    }
    let values = code128_values(code.as_bytes());
    let check = values.iter().enumerate().map(|(place, value)| place.max(1) * usize::from(*value)).sum::<usize>() % 103;
    let mut widths: Vec<u8> = values.iter().flat_map(|value| CODE128[usize::from(*value)]).collect();
    widths.extend(CODE128[check]);
    widths.extend(STOP128);
    Some(Bars { symbology: Symbology::Code128, code: code.to_owned(), widths })
}

impl Qr {
    /// How many modules it is wide and high.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Drawn with so many dots for each module, and so many modules of white around.
    pub fn drawn(&self, dots: usize, quiet: usize) -> Picture {
        let side = (self.width + 2 * quiet) * dots;
        let mut picture = Picture::white(side, side);
        for place in (0..self.dark.len()).filter(|place| self.dark[*place]) {
            let (x, y) = (place % self.width + quiet, place / self.width + quiet);
            picture.fill(x * dots, y * dots, dots, dots);
        }
        picture
    }

    /// Its rows from the top, `1` for every dark module and `0` for every light one.
    pub fn rows(&self) -> Vec<String> {
        let digit = |dark: &bool| if *dark { '1' } else { '0' };
        self.dark.chunks(self.width).map(|row| row.iter().map(digit).collect()).collect()
    }
}

impl Bars {
    /// How it is written.
    pub fn symbology(&self) -> Symbology {
        self.symbology
    }

    /// The code it says.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The widths in modules, with a wide one of Code 39 as two: bar, space, bar, and so on to the last
    /// bar. So Midtrans' SDKs draw it on a screen, where a module is at least a pixel.
    pub fn widths(&self) -> &[u8] {
        &self.widths
    }

    /// How many modules it is wide.
    pub fn modules(&self) -> usize {
        self.widths.iter().copied().map(usize::from).sum()
    }

    /// The widths on paper, where a narrow bar is two dots: bar, space, bar, and so on to the last bar. A dot
    /// is an eighth of a millimetre on a printer of 203 dpi; where there are no dots, it is half a module.
    ///
    /// Code 39 has its wide bars at five dots, 2.5 to 1. ISO/IEC 16388 allows 2 to 3; AIM's older
    /// specification, to which many a scanner was built, asks for at least 2.2 where a narrow bar is
    /// thinner than 0.508 mm, as it is here; heat makes bars grow and spaces shrink, which hurts the
    /// narrow ones most; and three to one would be a tenth longer.
    pub fn dots(&self) -> Vec<u8> {
        let dots = |width: &u8| match (self.symbology, *width) {
            (Symbology::Code39, WIDE) => 5,
            (_, modules) => 2 * modules,
        };
        self.widths.iter().map(dots).collect()
    }
}

const NARROW: u8 = 1;
const WIDE: u8 = 2;

/// The character that stands at both edges and nowhere between.
const EDGE: char = '*';

/// Code 39 puts 40 of its characters in four rows of ten. The place in the row decides which
/// two of the five bars are wide, the row which one of the four spaces is.
const ROWS: [(&str, [u8; 4]); 4] = [
    ("1234567890", [NARROW, WIDE, NARROW, NARROW]),
    ("ABCDEFGHIJ", [NARROW, NARROW, WIDE, NARROW]),
    ("KLMNOPQRST", [NARROW, NARROW, NARROW, WIDE]),
    ("UVWXYZ-. *", [WIDE, NARROW, NARROW, NARROW]),
];

const PLACES: [[u8; 5]; 10] = [
    [WIDE, NARROW, NARROW, NARROW, WIDE],
    [NARROW, WIDE, NARROW, NARROW, WIDE],
    [WIDE, WIDE, NARROW, NARROW, NARROW],
    [NARROW, NARROW, WIDE, NARROW, WIDE],
    [WIDE, NARROW, WIDE, NARROW, NARROW],
    [NARROW, WIDE, WIDE, NARROW, NARROW],
    [NARROW, NARROW, NARROW, WIDE, WIDE],
    [WIDE, NARROW, NARROW, WIDE, NARROW],
    [NARROW, WIDE, NARROW, WIDE, NARROW],
    [NARROW, NARROW, WIDE, WIDE, NARROW],
];

/// The remaining four have no wide bar and three wide spaces.
const SIGNS: [(char, [u8; 4]); 4] = [
    ('$', [WIDE, WIDE, WIDE, NARROW]),
    ('/', [WIDE, WIDE, NARROW, WIDE]),
    ('+', [WIDE, NARROW, WIDE, WIDE]),
    ('%', [NARROW, WIDE, WIDE, WIDE]),
];

fn character(c: char) -> Option<[u8; 9]> {
    let in_rows = ROWS.iter().find_map(|(row, spaces)| Some((PLACES[row.find(c)?], *spaces)));
    let in_signs = || SIGNS.iter().find(|(sign, _)| *sign == c).map(|(_, spaces)| ([NARROW; 5], *spaces));
    let ([b1, b2, b3, b4, b5], [s1, s2, s3, s4]) = in_rows.or_else(in_signs)?;
    Some([b1, s1, b2, s2, b3, s3, b4, s4, b5])
}

/// The numbers of the symbols: the set to begin with, the characters, without the check.
///
/// Set C holds two digits in one symbol, but changing the set costs one; an odd digit goes where it costs
/// least, before the pairs.
fn code128_values(code: &[u8]) -> Vec<u8> {
    let mut values = Vec::new();
    let mut in_pairs = None;
    let mut rest = code;
    while let Some(first) = rest.first() {
        let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
        // A change of set pays from four digits on, and where set C is already on from two.
        let pairs = if in_pairs == Some(true) { digits >= 2 } else { digits >= 4 && digits.is_multiple_of(2) };
        if in_pairs != Some(pairs) {
            values.push(match (in_pairs, pairs) {
                (None, true) => START_C,
                (None, false) => START_B,
                (Some(_), true) => CODE_C,
                (Some(_), false) => CODE_B,
            });
            in_pairs = Some(pairs);
        }
        if pairs {
            values.push((first - b'0') * 10 + (rest[1] - b'0'));
            rest = &rest[2..];
        } else {
            values.push(first - b' ');
            rest = &rest[1..];
        }
    }
    values
}

const CODE_C: u8 = 99;
const CODE_B: u8 = 100;
const START_B: u8 = 104;
const START_C: u8 = 105;

const STOP128: [u8; 7] = [2, 3, 3, 1, 1, 1, 2];

/// Bars and spaces of every symbol by its number, six widths of eleven modules together.
#[rustfmt::skip]
const CODE128: [[u8; 6]; 106] = [
    [2, 1, 2, 2, 2, 2], [2, 2, 2, 1, 2, 2], [2, 2, 2, 2, 2, 1], [1, 2, 1, 2, 2, 3], [1, 2, 1, 3, 2, 2], [1, 3, 1, 2, 2, 2],
    [1, 2, 2, 2, 1, 3], [1, 2, 2, 3, 1, 2], [1, 3, 2, 2, 1, 2], [2, 2, 1, 2, 1, 3], [2, 2, 1, 3, 1, 2], [2, 3, 1, 2, 1, 2],
    [1, 1, 2, 2, 3, 2], [1, 2, 2, 1, 3, 2], [1, 2, 2, 2, 3, 1], [1, 1, 3, 2, 2, 2], [1, 2, 3, 1, 2, 2], [1, 2, 3, 2, 2, 1],
    [2, 2, 3, 2, 1, 1], [2, 2, 1, 1, 3, 2], [2, 2, 1, 2, 3, 1], [2, 1, 3, 2, 1, 2], [2, 2, 3, 1, 1, 2], [3, 1, 2, 1, 3, 1],
    [3, 1, 1, 2, 2, 2], [3, 2, 1, 1, 2, 2], [3, 2, 1, 2, 2, 1], [3, 1, 2, 2, 1, 2], [3, 2, 2, 1, 1, 2], [3, 2, 2, 2, 1, 1],
    [2, 1, 2, 1, 2, 3], [2, 1, 2, 3, 2, 1], [2, 3, 2, 1, 2, 1], [1, 1, 1, 3, 2, 3], [1, 3, 1, 1, 2, 3], [1, 3, 1, 3, 2, 1],
    [1, 1, 2, 3, 1, 3], [1, 3, 2, 1, 1, 3], [1, 3, 2, 3, 1, 1], [2, 1, 1, 3, 1, 3], [2, 3, 1, 1, 1, 3], [2, 3, 1, 3, 1, 1],
    [1, 1, 2, 1, 3, 3], [1, 1, 2, 3, 3, 1], [1, 3, 2, 1, 3, 1], [1, 1, 3, 1, 2, 3], [1, 1, 3, 3, 2, 1], [1, 3, 3, 1, 2, 1],
    [3, 1, 3, 1, 2, 1], [2, 1, 1, 3, 3, 1], [2, 3, 1, 1, 3, 1], [2, 1, 3, 1, 1, 3], [2, 1, 3, 3, 1, 1], [2, 1, 3, 1, 3, 1],
    [3, 1, 1, 1, 2, 3], [3, 1, 1, 3, 2, 1], [3, 3, 1, 1, 2, 1], [3, 1, 2, 1, 1, 3], [3, 1, 2, 3, 1, 1], [3, 3, 2, 1, 1, 1],
    [3, 1, 4, 1, 1, 1], [2, 2, 1, 4, 1, 1], [4, 3, 1, 1, 1, 1], [1, 1, 1, 2, 2, 4], [1, 1, 1, 4, 2, 2], [1, 2, 1, 1, 2, 4],
    [1, 2, 1, 4, 2, 1], [1, 4, 1, 1, 2, 2], [1, 4, 1, 2, 2, 1], [1, 1, 2, 2, 1, 4], [1, 1, 2, 4, 1, 2], [1, 2, 2, 1, 1, 4],
    [1, 2, 2, 4, 1, 1], [1, 4, 2, 1, 1, 2], [1, 4, 2, 2, 1, 1], [2, 4, 1, 2, 1, 1], [2, 2, 1, 1, 1, 4], [4, 1, 3, 1, 1, 1],
    [2, 4, 1, 1, 1, 2], [1, 3, 4, 1, 1, 1], [1, 1, 1, 2, 4, 2], [1, 2, 1, 1, 4, 2], [1, 2, 1, 2, 4, 1], [1, 1, 4, 2, 1, 2],
    [1, 2, 4, 1, 1, 2], [1, 2, 4, 2, 1, 1], [4, 1, 1, 2, 1, 2], [4, 2, 1, 1, 1, 2], [4, 2, 1, 2, 1, 1], [2, 1, 2, 1, 4, 1],
    [2, 1, 4, 1, 2, 1], [4, 1, 2, 1, 2, 1], [1, 1, 1, 1, 4, 3], [1, 1, 1, 3, 4, 1], [1, 3, 1, 1, 4, 1], [1, 1, 4, 1, 1, 3],
    [1, 1, 4, 3, 1, 1], [4, 1, 1, 1, 1, 3], [4, 1, 1, 3, 1, 1], [1, 1, 3, 1, 4, 1], [1, 1, 4, 1, 3, 1], [3, 1, 1, 1, 4, 1],
    [4, 1, 1, 1, 3, 1], [2, 1, 1, 4, 1, 2], [2, 1, 1, 2, 1, 4], [2, 1, 1, 2, 3, 2],
];
