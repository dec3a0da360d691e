//! What a printer makes of bytes: a small interpreter of ESC/POS that shares nothing with the encoder but
//! the table of code page 858. It stops at every byte it does not know, because a real printer would do
//! anything at all there.

use super::Charset;
use crate::{Align, fit::Width, raster::Picture};

/// What comes out of a printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// How wide the paper is.
    pub width: Width,
    /// From top to bottom.
    pub items: Vec<Item>,
}

/// One thing that comes out of a printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A line of letters.
    Line(Line),
    /// A picture that begins so many dots from the left of what can be printed.
    Picture {
        /// How far from the left.
        left: usize,
        /// What is seen of it.
        picture: Picture,
    },
    /// So many empty lines.
    Feed(u8),
    /// The paper is cut.
    Cut,
    /// The cash drawer opens.
    Drawer,
}

/// A line of letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it says.
    pub text: String,
    /// Where it stands.
    pub align: Align,
    /// How many times as wide as usual.
    pub wide: usize,
    /// How many times as high.
    pub high: usize,
    /// Whether it stands out.
    pub strong: bool,
    /// Whether its letters are the narrow ones.
    pub narrow: bool,
    /// White on black.
    pub reversed: bool,
}

/// What no printer of this width would print as it is meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unprintable {
    /// This byte begins no command and is no letter.
    #[error("byte {0} is no letter and no command")]
    Unknown(usize),
    /// They end in the middle of a command.
    #[error("they end in the middle of a command")]
    CutShort,
    /// This line is longer than the paper is wide; a printer would break it anywhere.
    #[error("this line is too long for the paper: {0}")]
    TooLong(String),
    /// They end in the middle of a line.
    #[error("the last line has no end")]
    NoEnd,
    /// A picture begins in the middle of a line.
    #[error("a picture begins in the middle of a line")]
    InLine,
    /// A picture is wider than the paper.
    #[error("a picture is {0} dots wide")]
    TooWide(usize),
}

impl Line {
    /// How many dots it is wide.
    pub fn dots(&self) -> usize {
        self.text.chars().count() * self.wide * if self.narrow { 9 } else { 12 }
    }
}

/// Prints bytes on paper of this width.
pub fn print(bytes: &[u8], width: Width) -> Result<Printed, Unprintable> {
    run(bytes, width, false)
}

/// Prints a page with a ruler: pictures wider than the paper lose what does not fit.
pub fn print_ruler(bytes: &[u8], width: Width) -> Result<Printed, Unprintable> {
    run(bytes, width, true)
}

fn run(bytes: &[u8], width: Width, ruler: bool) -> Result<Printed, Unprintable> {
    let mut printer = Printer { bytes, at: 0, width, ruler, charset: Charset::Ascii, line: EMPTY, items: Vec::new() };
    while printer.at < bytes.len() {
        printer.step()?;
    }
    if !printer.line.text.is_empty() {
        return Err(Unprintable::NoEnd);
    }
    Ok(Printed { width, items: printer.items })
}

const EMPTY: Line =
    Line { text: String::new(), align: Align::Left, wide: 1, high: 1, strong: false, narrow: false, reversed: false };

struct Printer<'a> {
    bytes: &'a [u8],
    at: usize,
    width: Width,
    ruler: bool,
    charset: Charset,
    line: Line,
    items: Vec<Item>,
}

impl Printer<'_> {
    fn step(&mut self) -> Result<(), Unprintable> {
        let start = self.at;
        match self.next()? {
            b'\n' => self.end_line(),
            0x1b => match self.next()? {
                b'@' => {
                    self.line = EMPTY;
                    self.charset = Charset::Ascii;
                    Ok(())
                }
                b't' if self.next()? == 19 => {
                    self.charset = Charset::Pc858;
                    Ok(())
                }
                b'a' => match self.next()? {
                    0 => self.set(|line| line.align = Align::Left),
                    1 => self.set(|line| line.align = Align::Centre),
                    _ => Err(Unprintable::Unknown(start)),
                },
                b'E' => self.switch(start, |line, on| line.strong = on),
                b'M' => self.switch(start, |line, on| line.narrow = on),
                b'd' => {
                    let lines = self.next()?;
                    self.items.push(Item::Feed(lines));
                    Ok(())
                }
                b'p' => {
                    let _pin_and_times = (self.next()?, self.next()?, self.next()?);
                    self.items.push(Item::Drawer);
                    Ok(())
                }
                _ => Err(Unprintable::Unknown(start)),
            },
            0x1c if self.next()? == b'.' => Ok(()),
            0x1d => match self.next()? {
                b'!' => {
                    let scale = self.next()?;
                    let (wide, high) = (usize::from(scale >> 4) + 1, usize::from(scale & 15) + 1);
                    self.set(|line| (line.wide, line.high) = (wide, high))
                }
                b'B' => self.switch(start, |line, on| line.reversed = on),
                b'V' if self.next()? <= 1 => {
                    self.items.push(Item::Cut);
                    Ok(())
                }
                b'v' if (self.next()?, self.next()?) == (b'0', 0) => self.picture(),
                _ => Err(Unprintable::Unknown(start)),
            },
            byte => {
                let letter = self.charset.letter(byte).ok_or(Unprintable::Unknown(start))?;
                self.line.text.push(letter);
                Ok(())
            }
        }
    }

    fn end_line(&mut self) -> Result<(), Unprintable> {
        let line = Line { text: String::new(), ..self.line.clone() };
        let line = std::mem::replace(&mut self.line, line);
        if line.dots() > self.width.dots() {
            return Err(Unprintable::TooLong(line.text));
        }
        self.items.push(if line.text.is_empty() { Item::Feed(1) } else { Item::Line(line) });
        Ok(())
    }

    fn picture(&mut self) -> Result<(), Unprintable> {
        if !self.line.text.is_empty() {
            return Err(Unprintable::InLine);
        }
        let wide = usize::from(u16::from_le_bytes([self.next()?, self.next()?]));
        let high = usize::from(u16::from_le_bytes([self.next()?, self.next()?]));
        let dots = self.bytes[self.at..].get(..wide * high).ok_or(Unprintable::CutShort)?;
        self.at += wide * high;
        if wide * 8 > self.width.dots() && !self.ruler {
            return Err(Unprintable::TooWide(wide * 8));
        }
        let mut picture = Picture::white((wide * 8).min(self.width.dots()), high);
        for (index, byte) in dots.iter().enumerate() {
            for bit in (0..8).filter(|bit| byte & (0x80 >> bit) != 0) {
                picture.set(index % wide * 8 + bit, index / wide, true);
            }
        }
        let room = self.width.dots() - picture.width();
        let left = if self.line.align == Align::Centre { room / 2 } else { 0 };
        self.items.push(Item::Picture { left, picture });
        Ok(())
    }

    fn switch(&mut self, start: usize, set: fn(&mut Line, bool)) -> Result<(), Unprintable> {
        let on = match self.next()? {
            0 => false,
            1 => true,
            _ => return Err(Unprintable::Unknown(start)),
        };
        self.set(|line| set(line, on))
    }

    fn set(&mut self, set: impl FnOnce(&mut Line)) -> Result<(), Unprintable> {
        set(&mut self.line);
        Ok(())
    }

    fn next(&mut self) -> Result<u8, Unprintable> {
        let byte = self.bytes.get(self.at).copied().ok_or(Unprintable::CutShort)?;
        self.at += 1;
        Ok(byte)
    }
}

impl Printed {
    /// Everything it says in letters, line by line.
    pub fn text(&self) -> String {
        self.lines().map(|line| format!("{}\n", line.text)).collect()
    }

    /// Its lines of letters.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.items.iter().filter_map(|item| if let Item::Line(line) = item { Some(line) } else { None })
    }

    /// Every picture as it stands on the paper, with the white beside it that can be printed on.
    pub fn bands(&self) -> impl Iterator<Item = Picture> {
        let width = self.width.dots();
        self.items.iter().filter_map(move |item| {
            let Item::Picture { left, picture } = item else { return None };
            let mut band = Picture::white(width, picture.height());
            band.lay(*left, 0, picture);
            Some(band)
        })
    }

    /// The paper as a picture, the letters drawn by the font that is handed in: it is asked for a letter,
    /// narrow or not, and gives 12 or 9 dots by 24.
    pub fn drawn(&self, font: impl Fn(char, bool) -> Picture) -> Picture {
        const LINE: usize = 30;
        let (mut bands, mut height) = (Vec::new(), 0);
        for item in &self.items {
            let (band, left) = match item {
                Item::Line(line) => (drawn(line, &font), self.left(line)),
                Item::Picture { left, picture } => (picture.clone(), *left),
                Item::Feed(lines) => (Picture::white(1, usize::from(*lines) * LINE), 0),
                Item::Cut | Item::Drawer => continue,
            };
            let top = height;
            height += band.height() + if matches!(item, Item::Line(_)) { LINE - 24 } else { 0 };
            bands.push((top, left, band));
        }
        let mut paper = Picture::white(self.width.dots(), height);
        for (top, left, band) in bands {
            paper.lay(left, top, &band);
        }
        paper
    }

    fn left(&self, line: &Line) -> usize {
        let room = self.width.dots() - line.dots();
        if line.align == Align::Centre { room / 2 } else { 0 }
    }
}

fn drawn(line: &Line, font: impl Fn(char, bool) -> Picture) -> Picture {
    let mut drawn = Picture::white(line.dots(), 24 * line.high);
    let advance = line.dots() / line.text.chars().count().max(1);
    for (place, letter) in line.text.chars().enumerate() {
        let glyph = font(letter, line.narrow);
        for y in 0..drawn.height() {
            for x in 0..advance {
                let dot = |x: usize| glyph.is_black(x / line.wide, y / line.high);
                // A strong line is printed twice, a dot apart.
                let black = dot(x) || line.strong && x > 0 && dot(x - 1);
                drawn.set(place * advance + x, y, black != line.reversed);
            }
        }
    }
    drawn
}
