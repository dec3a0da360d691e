//! Codes as black and white modules. Whoever draws them adds the white around: four modules
//! for a [`Qr`], ten on either side for [`Bars`].

use qrcode::{Color, EcLevel, QrCode};

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

/// A bar code: the widths of bars and spaces in turn, a bar first and last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bars(Vec<u8>);

/// Writes a text as a QR code that still reads with 15 % of it lost.
pub fn qr(text: &str) -> Result<Qr, NoQr> {
    if !text.is_ascii() {
        return Err(NoQr::NotAscii);
    }
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| NoQr::TooLong)?;
    Ok(Qr { width: code.width(), dark: code.into_colors().into_iter().map(|color| color == Color::Dark).collect() })
}

/// Writes a payment code in Code 39 with its start and stop, or not at all if it has
/// characters outside the alphabet (capitals, digits and `-. $/+%`).
///
/// No check character, because Midtrans' own SDKs print none and a till would read it as part
/// of the code. Wide is twice narrow: those SDKs draw it so, the standard allows 2 to 3, and
/// every wider ratio makes the longest code too wide for the paper.
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
    Some(Bars(widths))
}

impl Qr {
    /// How many modules it is wide and high.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Its rows from the top, `1` for every dark module and `0` for every light one.
    pub fn rows(&self) -> Vec<String> {
        let digit = |dark: &bool| if *dark { '1' } else { '0' };
        self.dark.chunks(self.width).map(|row| row.iter().map(digit).collect()).collect()
    }
}

impl Bars {
    /// The widths in modules: bar, space, bar, and so on to the last bar.
    pub fn widths(&self) -> &[u8] {
        &self.0
    }

    /// How many modules it is wide.
    pub fn modules(&self) -> usize {
        self.0.iter().copied().map(usize::from).sum()
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
