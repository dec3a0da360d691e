//! A paper proves itself before it is printed.
//!
//! What would come out of the printer is read again, by somebody else's reader where it is a symbol, and
//! compared with what the order says. [`Proven`] is made here and nowhere else, and printing takes nothing but
//! that: bytes that were never read again cannot be printed.

use std::collections::HashSet;

use rxing::{BarcodeFormat, DecodeHints, helpers::detect_in_luma_with_hints};

use crate::{
    Order, Paper, Worth,
    escpos::{
        self, Roll,
        printer::{self, Item, Printed, Unprintable},
    },
    raster::Picture,
    sheet::{Format, NoPdf, Sheet},
    symbol::Symbology,
    text,
    words::{ENGLISH, INDONESIAN},
};

/// A rendering that was read again and says what it must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven<T>(T);

/// What a paper must say, and what it must not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim<'a> {
    /// Whether it is real money: if it is not, that stands there.
    pub worth: Worth,
    /// Which copy it is: its number stands there, and none on the first paper.
    pub copy: u32,
    /// The payment code that stands there in large letters.
    pub code: Option<&'a str>,
    /// The bars that say this code. Where there are none, nothing may stand there that a till could scan.
    pub bars: Option<Symbology>,
    /// The order its QR names.
    pub order_id: Option<&'a str>,
    /// The amount, and no other in large letters.
    pub rupiah: Option<u64>,
    /// It has a ruler, which is wider than some papers.
    pub ruler: bool,
}

/// Why a paper was not printed: it would not say what it must.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lie {
    /// The printer would not print it as it is meant; another width or font may do.
    #[error("it does not fit this printer: {0}")]
    Unprintable(#[from] Unprintable),
    /// It could not be written as a PDF.
    #[error(transparent)]
    NoPdf(#[from] NoPdf),
    /// The bars do not say the payment code.
    #[error("its bars say {found:?} and not the payment code {expected}")]
    Bars {
        /// The payment code.
        expected: String,
        /// What a reader found.
        found: Vec<String>,
    },
    /// There are bars that a till could scan, and there must be none.
    #[error("it has bars where there must be none: {0:?}")]
    StrayBars(Vec<String>),
    /// The QR does not name the order.
    #[error("its QR says {found:?} and not the order {expected}")]
    Qr {
        /// The order.
        expected: String,
        /// What a reader found.
        found: Vec<String>,
    },
    /// There is a QR, and there must be none.
    #[error("it has a QR where there must be none: {0:?}")]
    StrayQr(Vec<String>),
    /// The payment code does not stand there.
    #[error("the payment code does not stand there: {0}")]
    Code(String),
    /// Another amount stands there, or none.
    #[error("it says {found:?} and not {expected}")]
    Amount {
        /// The amount of the order.
        expected: String,
        /// What stands there.
        found: Vec<String>,
    },
    /// It does not say that it is no real money, or says so of real money.
    #[error("it does not say whether it is real money: {0:?}")]
    Worth(Worth),
    /// It does not say which copy it is.
    #[error("it does not say that it is copy {0}")]
    Copy(u32),
    /// It would open the cash drawer.
    #[error("it would open the cash drawer")]
    Drawer,
}

/// Prints a paper for this printer, and reads what would come out of it.
pub fn on_roll(paper: &Paper, roll: &Roll, claim: &Claim<'_>) -> Result<Proven<Vec<u8>>, Lie> {
    prove(escpos::bytes(paper, roll), roll, claim)
}

/// Reads what would come out of this printer.
pub fn prove(bytes: Vec<u8>, roll: &Roll, claim: &Claim<'_>) -> Result<Proven<Vec<u8>>, Lie> {
    let print = if claim.ruler { printer::print_ruler } else { printer::print };
    let printed = print(&bytes, roll.width)?;
    if printed.items.contains(&Item::Drawer) && !roll.drawer {
        return Err(Lie::Drawer);
    }
    claim.compare(&Seen::on(&printed))?;
    Ok(Proven(bytes))
}

/// Draws a paper on a page, and reads the drawing as a rough printer puts it on paper.
pub fn on_page(paper: &Paper, format: Format, claim: &Claim<'_>) -> Result<Proven<Vec<u8>>, Lie> {
    let sheet = Sheet::draw(paper, format);
    claim.compare(&sheet.seen_on_pages())?;
    Ok(Proven(sheet.pdf()?))
}

/// Draws what leaves the shop as a picture to share, and reads the picture.
pub fn as_picture(paper: &Paper, claim: &Claim<'_>) -> Result<Proven<Vec<u8>>, Lie> {
    let sheet = Sheet::draw(paper, Format::Picture);
    let png = sheet.png();
    // The QR is the shop's own, and stays there.
    let claim = Claim { order_id: None, ..*claim };
    claim.compare(&sheet.seen_on_picture(&png))?;
    Ok(Proven(png))
}

impl<T> Proven<T> {
    /// What may be printed.
    pub fn into_inner(self) -> T {
        self.0
    }

    /// To look at.
    pub fn as_inner(&self) -> &T {
        &self.0
    }
}

impl<'a> Claim<'a> {
    /// A paper that nobody pays by and nothing can be scanned from.
    pub fn plain(worth: Worth, copy: u32) -> Self {
        Self { worth, copy, code: None, bars: None, order_id: None, rupiah: None, ruler: false }
    }

    /// A slip for this order, with these bars or without any.
    pub fn slip(order: &Order<'a>, worth: Worth, copy: u32, bars: Option<Symbology>) -> Self {
        Self { code: Some(order.code), bars, ..Self::receipt(order, worth, copy) }
    }

    /// A receipt for this order.
    pub fn receipt(order: &Order<'a>, worth: Worth, copy: u32) -> Self {
        Self { order_id: Some(order.order_id), rupiah: Some(order.rupiah), ..Self::plain(worth, copy) }
    }

    /// A test page with its own bars.
    pub fn test_page(worth: Worth, symbology: Symbology) -> Self {
        Self { code: Some(crate::TestPage::CODE), bars: Some(symbology), ruler: true, ..Self::plain(worth, 0) }
    }

    /// Compares what was seen with what must be there.
    pub(crate) fn compare(&self, seen: &Seen) -> Result<(), Lie> {
        self.compare_bars(seen)?;
        self.compare_qr(seen)?;
        self.compare_code(seen)?;
        self.compare_amount(seen)?;
        self.compare_marks(seen)
    }

    fn compare_bars(&self, seen: &Seen) -> Result<(), Lie> {
        let found = || seen.bars.iter().map(|(_, said)| said.clone()).collect();
        match (self.bars, self.code) {
            (Some(symbology), Some(code)) if seen.bars != [(symbology, code.to_owned())] => {
                Err(Lie::Bars { expected: code.to_owned(), found: found() })
            }
            (Some(_), Some(_)) => Ok(()),
            _ if seen.bars.is_empty() => Ok(()),
            _ => Err(Lie::StrayBars(found())),
        }
    }

    fn compare_qr(&self, seen: &Seen) -> Result<(), Lie> {
        match self.order_id {
            Some(order) if seen.qrs.len() != 1 || text::order_of(&seen.qrs[0]) != Some(order) => {
                Err(Lie::Qr { expected: order.to_owned(), found: seen.qrs.clone() })
            }
            None if !seen.qrs.is_empty() => Err(Lie::StrayQr(seen.qrs.clone())),
            _ => Ok(()),
        }
    }

    /// The code may go over several lines that follow one another.
    fn compare_code(&self, seen: &Seen) -> Result<(), Lie> {
        // The bars of a test page have their code among the words.
        let Some(code) = self.code.filter(|_| !self.ruler) else { return Ok(()) };
        let large: Vec<String> = seen.lines.iter().map(|line| line.large().replace(' ', "")).collect();
        let begins = |from: usize| {
            let mut rest = code;
            for line in &large[from..] {
                match rest.strip_prefix(line.as_str()).filter(|_| !line.is_empty()) {
                    Some("") => return true,
                    Some(after) => rest = after,
                    None => return false,
                }
            }
            false
        };
        if (0..large.len()).any(begins) { Ok(()) } else { Err(Lie::Code(code.to_owned())) }
    }

    fn compare_amount(&self, seen: &Seen) -> Result<(), Lie> {
        let Some(rupiah) = self.rupiah else { return Ok(()) };
        let expected = text::rupiah(rupiah);
        let large = seen.lines.iter().map(Line::large).filter(|line| is_amount(line));
        let named = seen.lines.iter().filter_map(Line::named_amount);
        let (large, named): (Vec<&str>, Vec<&str>) = (large.collect(), named.collect());
        if large == [expected.as_str()] && named.iter().all(|amount| *amount == expected) {
            return Ok(());
        }
        Err(Lie::Amount { expected, found: large.into_iter().chain(named).map(str::to_owned).collect() })
    }

    fn compare_marks(&self, seen: &Seen) -> Result<(), Lie> {
        let marks: Vec<&str> =
            seen.lines.iter().filter(|line| line.kind == Kind::Mark).map(|line| line.text.trim()).collect();
        let marks = marks.join(" ");
        let (training, sandbox) = (marks.contains("LATIHAN"), marks.contains("SANDBOX"));
        let honest = match self.worth {
            Worth::Training => training && !sandbox,
            Worth::Sandbox => sandbox && !training,
            Worth::Real => !training && !sandbox,
        };
        if !honest {
            return Err(Lie::Worth(self.worth));
        }
        let copies: Vec<&str> = [&INDONESIAN, &ENGLISH]
            .iter()
            .filter_map(|words| marks.split_once(words.copy.trim_end_matches("{n}")))
            .filter_map(|(_, after)| after.split(' ').next())
            .collect();
        let number = self.copy.to_string();
        let expected = if self.copy == 0 { copies.is_empty() } else { copies == [number.as_str()] };
        if expected { Ok(()) } else { Err(Lie::Copy(self.copy)) }
    }
}

/// What was seen on a rendering.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// What bars say, each once.
    pub bars: Vec<(Symbology, String)>,
    /// What QRs say.
    pub qrs: Vec<String>,
    /// Its words, line by line.
    pub lines: Vec<Line>,
}

/// A line of words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// What it says.
    pub text: String,
    /// How it is seen.
    pub kind: Kind,
}

/// How a line is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Among others.
    Plain,
    /// From afar.
    Large,
    /// As a warning.
    Mark,
}

impl Line {
    /// The amount in a pair called so. Words from outside are never two spaces apart, so no note is taken for it.
    fn named_amount(&self) -> Option<&str> {
        let named = [&INDONESIAN, &ENGLISH].into_iter().find_map(|words| self.text.strip_prefix(words.amount))?;
        let amount = named.strip_prefix(':').or_else(|| named.strip_prefix("  "))?.trim();
        is_amount(amount).then_some(amount)
    }

    fn large(&self) -> &str {
        if self.kind == Kind::Large { self.text.trim() } else { "" }
    }
}

impl Seen {
    /// What is seen on a roll.
    fn on(printed: &Printed) -> Self {
        let line = |line: &printer::Line| {
            let kind = match (line.reversed, line.high) {
                (true, _) => Kind::Mark,
                (false, 1) => Kind::Plain,
                (false, _) => Kind::Large,
            };
            Line { text: line.text.clone(), kind }
        };
        let mut seen = Self { lines: printed.lines().map(line).collect(), ..Self::default() };
        for band in printed.bands() {
            seen.scan(&band);
        }
        seen
    }

    /// Adds what a reader finds in a picture.
    pub(crate) fn scan(&mut self, picture: &Picture) {
        for picture in [picture.clone(), picture.turned()] {
            for strip in strips(&picture) {
                let found = read(&strip, &[BarcodeFormat::CODE_39, BarcodeFormat::CODE_128], false);
                self.bars.extend(found.filter(|found| !self.bars.contains(found)));
            }
        }
        self.qrs.extend(read(picture, &[BarcodeFormat::QR_CODE], true).map(|(_, said)| said));
    }
}

fn is_amount(text: &str) -> bool {
    text.strip_prefix("Rp ").is_some_and(|digits| digits.chars().all(|c| c == '.' || c.is_ascii_digit()))
}

/// A picture in strips as high as a millimetre or three, so that no bars hide above others.
fn strips(picture: &Picture) -> impl Iterator<Item = Picture> {
    const STRIP: usize = 24;
    (0..picture.height()).step_by(STRIP).map(|top| picture.rows(top, STRIP))
}

fn read(picture: &Picture, formats: &[BarcodeFormat], hard: bool) -> Option<(Symbology, String)> {
    let (width, height) = (u32::try_from(picture.width()).ok()?, u32::try_from(picture.height()).ok()?);
    let formats = HashSet::from_iter(formats.iter().copied());
    let mut hints = DecodeHints { TryHarder: Some(hard), PossibleFormats: Some(formats), ..DecodeHints::default() };
    let found = detect_in_luma_with_hints(picture.luma(), width, height, None, &mut hints).ok()?;
    let symbology =
        if *found.getBarcodeFormat() == BarcodeFormat::CODE_128 { Symbology::Code128 } else { Symbology::Code39 };
    Some((symbology, found.getText().to_owned()))
}
