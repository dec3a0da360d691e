//! A paper for a thermal printer, in the ESC/POS every such printer understands.
//!
//! Words, the payment code and the amount go out as the printer's own letters, which are sharp on every
//! model; each symbol goes out as one picture with its white around, because printers draw bar codes and
//! QR each in their own way, or print the letters `{B` instead. Only the commands listed in `command` below
//! are ever sent, and nothing from outside gets between them: all words pass [`Charset::write`].

pub mod printer;

use crate::{
    Align, Block, Pair, Paper, Size, Text,
    fit::{Fit, Width, fit},
    raster::Picture,
    symbol::{Bars, Qr},
    text,
};

/// A thermal printer and its paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roll {
    /// How wide the paper is.
    pub width: Width,
    /// Which of its letters the printer uses.
    pub letters: Letters,
    /// What the printer can write.
    pub charset: Charset,
    /// What happens at the end.
    pub cut: Cut,
    /// Whether the cash drawer opens. No cash is taken at this desk, so it is off unless the owner wants it.
    pub drawer: bool,
}

/// The two fonts of a thermal printer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letters {
    /// Twelve dots wide: 32 columns on 58 mm, 42 or 48 on 80 mm.
    Usual,
    /// Nine dots wide: 42 columns on 58 mm, 56 or 64 on 80 mm.
    Narrow,
}

/// What a printer can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// Plain letters without accents. Every printer has them.
    Ascii,
    /// Western letters, code page 858.
    Pc858,
}

/// What happens at the end of a paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// It is torn off by hand.
    Never,
    /// The cutter leaves a bridge, so that it does not fall.
    Partly,
    /// The cutter cuts it off.
    Wholly,
}

impl Roll {
    /// A printer as it comes out of the box: those for 58 mm have no cutter.
    pub fn new(width: Width) -> Self {
        let cut = if width == Width::Dots384 { Cut::Never } else { Cut::Partly };
        Self { width, letters: Letters::Usual, charset: Charset::Ascii, cut, drawer: false }
    }

    /// How many letters of normal width fit on a line.
    pub fn columns(&self) -> usize {
        self.width.dots() / self.letters.dots()
    }
}

impl Letters {
    fn dots(self) -> usize {
        match self {
            Self::Usual => 12,
            Self::Narrow => 9,
        }
    }
}

/// The bytes that print a paper.
pub fn bytes(paper: &Paper, roll: &Roll) -> Vec<u8> {
    let mut press = Press { bytes: Vec::new(), roll: *roll, style: Style::PLAIN };
    press.send(&command::BEGIN);
    if roll.charset == Charset::Pc858 {
        press.send(&command::NO_KANJI);
        press.send(&command::PC858);
    }
    if roll.letters == Letters::Narrow {
        press.send(&[command::FONT[0], command::FONT[1], 1]);
    }
    if roll.drawer {
        press.send(&command::DRAWER);
    }
    for block in &paper.blocks {
        press.block(block);
    }
    press.style(Style::PLAIN);
    press.send(&[command::FEED[0], command::FEED[1], LINES_TO_CUTTER]);
    match roll.cut {
        Cut::Never => {}
        Cut::Partly => press.send(&command::CUT_PARTLY),
        Cut::Wholly => press.send(&command::CUT_WHOLLY),
    }
    press.bytes
}

/// All commands that are ever sent, besides the end of a line.
pub(crate) mod command {
    /// Forgets everything that was set before. `ESC @`
    pub const BEGIN: [u8; 2] = [0x1b, b'@'];
    /// Bytes above 127 are no Chinese characters, as printers from there begin. `FS .`
    pub const NO_KANJI: [u8; 2] = [0x1c, b'.'];
    /// Code page 858. `ESC t 19`
    pub const PC858: [u8; 3] = [0x1b, b't', 19];
    /// Left or centred. `ESC a n`
    pub const ALIGN: [u8; 2] = [0x1b, b'a'];
    /// Strong or not. `ESC E n`
    pub const STRONG: [u8; 2] = [0x1b, b'E'];
    /// The usual or the narrow letters. `ESC M n`
    pub const FONT: [u8; 2] = [0x1b, b'M'];
    /// How many times as wide and as high. `GS ! n`
    pub const SCALE: [u8; 2] = [0x1d, b'!'];
    /// White on black or not. `GS B n`
    pub const REVERSED: [u8; 2] = [0x1d, b'B'];
    /// So many empty lines. `ESC d n`
    pub const FEED: [u8; 2] = [0x1b, b'd'];
    /// A picture, dot by dot. `GS v 0 0 xL xH yL yH`
    pub const PICTURE: [u8; 4] = [0x1d, b'v', b'0', 0];
    /// Cuts all but a bridge. `GS V 1`
    pub const CUT_PARTLY: [u8; 3] = [0x1d, b'V', 1];
    /// Cuts. `GS V 0`
    pub const CUT_WHOLLY: [u8; 3] = [0x1d, b'V', 0];
    /// Opens the drawer at its first pin, with both of its times: left out, the next two bytes would be
    /// taken for them. `ESC p 0 t1 t2`
    pub const DRAWER: [u8; 5] = [0x1b, b'p', 0, 25, 250];
}

/// From the print head to the cutter or the edge where paper is torn.
const LINES_TO_CUTTER: u8 = 5;

/// A QR is drawn with six dots a module, 0.75 mm.
const QR_MODULE: usize = 6;
/// The white around a QR, in modules.
const QR_QUIET: usize = 4;
/// A logo is no higher than 25 mm.
const LOGO_HEIGHT: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Style {
    align: Align,
    strong: bool,
    narrow: bool,
    reversed: bool,
    wide: u8,
    high: u8,
}

impl Style {
    /// As the printer is after it was told to begin.
    const PLAIN: Self = Self { align: Align::Left, strong: false, narrow: false, reversed: false, wide: 1, high: 1 };
    const CENTRED: Self = Self { align: Align::Centre, ..Self::PLAIN };

    fn times(self, wide: u8, high: u8) -> Self {
        Self { wide, high, ..self }
    }

    fn strong(self, strong: bool) -> Self {
        Self { strong, ..self }
    }
}

struct Press {
    bytes: Vec<u8>,
    roll: Roll,
    style: Style,
}

impl Press {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Picture(picture) => self.logo(picture),
            Block::Title(name) => self.title(name),
            Block::Mark(mark) => self.mark(mark),
            Block::Heading(heading) => self.paragraph(heading, Style::CENTRED.times(1, 2).strong(true)),
            Block::Text(text) => self.text(text),
            Block::Pair(pair) => self.pair(pair),
            Block::Amount(amount) => self.amount(amount),
            Block::Code(groups) => self.code(groups),
            Block::Bars(bars) => self.bars(bars),
            Block::Qr(qr) => self.qr(qr),
            Block::Steps(steps) => self.steps(steps),
            Block::Rule => self.line(&"-".repeat(self.columns(1)), Style::PLAIN),
            Block::Tear => self.tear(),
            Block::Blank(what) => self.blank(what),
            Block::Ruler => self.ruler(),
        }
    }

    fn logo(&mut self, picture: &Picture) {
        self.picture(&picture.within(self.roll.width.dots(), LOGO_HEIGHT), Style::CENTRED);
        self.send(b"\n");
    }

    /// Twice as wide where it fits on one line.
    fn title(&mut self, name: &str) {
        let name = self.roll.charset.write(name);
        let wide = if name.chars().count() <= self.columns(2) { 2 } else { 1 };
        self.written(&name, Style::CENTRED.times(wide, 2).strong(true));
    }

    fn mark(&mut self, mark: &str) {
        let style = Style { reversed: true, ..Style::CENTRED.times(1, 2).strong(true) };
        for line in wrapped(&self.roll.charset.write(mark), self.columns(1) - 2) {
            self.line(&format!(" {line} "), style);
        }
    }

    fn text(&mut self, text: &Text) {
        let high = if text.size == Size::Large { 2 } else { 1 };
        let style = Style { align: text.align, ..Style::PLAIN.times(1, high).strong(text.strong) };
        let small = text.size == Size::Small;
        // Small words are broken as if they were not: some printers have one font only.
        self.paragraph(&text.text, Style { narrow: small, ..style });
    }

    fn pair(&mut self, pair: &Pair) {
        let columns = self.columns(1);
        let style = Style::PLAIN.strong(pair.strong);
        let (left, right) = (self.roll.charset.write(&pair.left), self.roll.charset.write(&pair.right));
        let (from, to) = (left.chars().count(), right.chars().count());
        if from + 1 + to <= columns {
            return self.line(&format!("{left}{right:>room$}", room = columns - from), style);
        }
        self.written(&left, style);
        for line in wrapped(&right, columns) {
            self.line(&format!("{line:>columns$}"), style);
        }
    }

    fn amount(&mut self, amount: &str) {
        let amount = self.roll.charset.write(amount);
        let scale = (1..=LARGEST).rev().find(|scale| amount.chars().count() <= self.columns(*scale)).unwrap_or(1);
        self.written(&amount, Style::CENTRED.times(scale, scale).strong(true));
    }

    /// On as few lines as twice the width allows, all about as long, as large as they fit then.
    fn code(&mut self, groups: &[String]) {
        let groups: Vec<String> = groups.iter().map(|group| self.roll.charset.write(group)).collect();
        let per_line = (self.columns(2) + 1) / (text::GROUP + 1);
        let lines = groups.len().div_ceil(per_line.max(1)).max(1);
        let lines: Vec<String> =
            groups.chunks(groups.len().div_ceil(lines).max(1)).map(|line| line.join(" ")).collect();
        let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        let scale = (1..=LARGEST).rev().find(|scale| longest <= self.columns(*scale)).unwrap_or(1);
        for line in lines {
            self.written(&line, Style::CENTRED.times(scale, scale).strong(true));
        }
    }

    fn bars(&mut self, bars: &Bars) {
        match fit(bars, self.roll.width) {
            Fit::Across(picture) => {
                self.send(b"\n");
                self.picture(&picture, Style::CENTRED);
                self.send(b"\n");
            }
            // The white before and after is in the picture.
            Fit::Along(picture) => self.picture(&picture, Style::CENTRED),
            Fit::DigitsOnly => {}
        }
    }

    fn qr(&mut self, qr: &Qr) {
        self.picture(&qr.drawn(QR_MODULE, QR_QUIET), Style::CENTRED);
    }

    fn steps(&mut self, steps: &[String]) {
        for (index, step) in steps.iter().enumerate() {
            let number = format!("{}. ", index + 1);
            let indent = " ".repeat(number.len());
            let lines = wrapped(&self.roll.charset.write(step), self.columns(1) - number.len());
            for (line, text) in lines.iter().enumerate() {
                let before = if line == 0 { &number } else { &indent };
                self.line(&format!("{before}{text}"), Style::PLAIN);
            }
        }
    }

    fn tear(&mut self) {
        self.send(b"\n");
        self.line(&"- ".repeat(self.columns(1) / 2), Style::PLAIN);
        self.send(b"\n");
    }

    fn blank(&mut self, what: &str) {
        self.send(&[command::FEED[0], command::FEED[1], 3]);
        self.line(&"_".repeat(self.columns(1) * 2 / 3), Style::PLAIN);
        self.paragraph(what, Style::PLAIN);
    }

    /// One scale for each width there is, all from the left; a printer shows as much of the wider ones as it has paper.
    fn ruler(&mut self) {
        for width in [Width::Dots384, Width::Dots512, Width::Dots576] {
            self.picture(&scale(width.dots()), Style::PLAIN);
            self.send(b"\n");
        }
    }

    fn paragraph(&mut self, text: &str, style: Style) {
        let text = self.roll.charset.write(text);
        self.written(&text, style);
    }

    /// Text that is in the charset already.
    fn written(&mut self, text: &str, style: Style) {
        for line in wrapped(text, self.columns(style.wide)) {
            self.line(&line, style);
        }
    }

    fn line(&mut self, line: &str, style: Style) {
        self.style(style);
        let charset = self.roll.charset;
        self.bytes.extend(line.chars().filter_map(|c| charset.byte(c)));
        self.bytes.push(b'\n');
    }

    fn picture(&mut self, picture: &Picture, style: Style) {
        self.style(style);
        self.send(&command::PICTURE);
        // No picture of ours is wider than the widest paper or higher than a long code.
        for size in [picture.width().div_ceil(8), picture.height()] {
            self.send(&u16::try_from(size).unwrap_or(0).to_le_bytes());
        }
        self.bytes.extend(picture.packed());
    }

    fn style(&mut self, style: Style) {
        let before = self.style;
        let narrow = style.narrow || self.roll.letters == Letters::Narrow;
        let was_narrow = before.narrow || self.roll.letters == Letters::Narrow;
        let mut set = |command: [u8; 2], changed: bool, value: u8| {
            if changed {
                self.bytes.extend([command[0], command[1], value]);
            }
        };
        set(command::ALIGN, style.align != before.align, u8::from(style.align == Align::Centre));
        set(command::STRONG, style.strong != before.strong, u8::from(style.strong));
        set(command::FONT, narrow != was_narrow, u8::from(narrow));
        set(command::REVERSED, style.reversed != before.reversed, u8::from(style.reversed));
        let scale = (style.wide, style.high);
        set(command::SCALE, scale != (before.wide, before.high), (style.wide - 1) << 4 | (style.high - 1));
        self.style = style;
    }

    fn columns(&self, wide: u8) -> usize {
        self.roll.columns() / usize::from(wide)
    }

    fn send(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }
}

/// Three times is what the cheapest printers can do.
const LARGEST: u8 = 3;

impl Charset {
    /// The text in letters this printer has: others by their likeness, and what has none is left out.
    pub fn write(self, text: &str) -> String {
        let mut written = String::new();
        for c in text::line(text, usize::MAX).chars() {
            match self.byte(c) {
                Some(_) => written.push(c),
                None => written.push_str(text::likeness(c).unwrap_or_default()),
            }
        }
        // What was left out may leave spaces behind.
        written.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The byte for a letter; none for what is no letter of this charset, commands first of all.
    fn byte(self, c: char) -> Option<u8> {
        match c {
            ' '..='~' => u8::try_from(c).ok(),
            _ if self == Self::Pc858 => {
                PC858.chars().position(|letter| letter == c).and_then(|place| u8::try_from(place + 0x80).ok())
            }
            _ => None,
        }
    }

    /// The letter of a byte.
    fn letter(self, byte: u8) -> Option<char> {
        match byte {
            b' '..=b'~' => Some(char::from(byte)),
            0x80.. if self == Self::Pc858 => PC858.chars().nth(usize::from(byte - 0x80)),
            _ => None,
        }
    }
}

/// The upper half of code page 858.
const PC858: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
                     └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈ€ÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

/// Breaks a text between words, and a word only where it is longer than a line.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines: Vec<String> = Vec::new();
    let mut room = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let letters: Vec<char> = word.chars().collect();
        if letters.len() < room
            && let Some(line) = lines.last_mut()
        {
            line.push(' ');
            line.push_str(word);
            room -= letters.len() + 1;
            continue;
        }
        for part in letters.chunks(columns) {
            lines.push(part.iter().collect());
            room = columns - part.len();
        }
    }
    lines
}

/// A scale with a mark every millimetre, a longer one every centimetre, a line at its very end, and beside it
/// how many dots that is.
fn scale(width: usize) -> Picture {
    let mut scale = Picture::white(width, 56);
    scale.fill(0, 0, width, 2);
    for x in (0..width).step_by(8) {
        scale.fill(x, 0, 1, if x % 80 == 0 { 24 } else { 12 });
    }
    scale.fill(width - 2, 0, 2, 56);
    let digits: Vec<u32> = width.to_string().chars().filter_map(|digit| digit.to_digit(10)).collect();
    for (place, digit) in digits.iter().enumerate() {
        seven_segments(&mut scale, width - 12 - 24 * (digits.len() - place), 28, *digit);
    }
    scale
}

/// A digit like that of a pocket calculator, 16 dots wide and 26 high.
fn seven_segments(picture: &mut Picture, left: usize, top: usize, digit: u32) {
    // Top, upper left, upper right, middle, lower left, lower right, bottom.
    const LIT: [[u8; 7]; 10] = [
        [1, 1, 1, 0, 1, 1, 1],
        [0, 0, 1, 0, 0, 1, 0],
        [1, 0, 1, 1, 1, 0, 1],
        [1, 0, 1, 1, 0, 1, 1],
        [0, 1, 1, 1, 0, 1, 0],
        [1, 1, 0, 1, 0, 1, 1],
        [1, 1, 0, 1, 1, 1, 1],
        [1, 0, 1, 0, 0, 1, 0],
        [1, 1, 1, 1, 1, 1, 1],
        [1, 1, 1, 1, 0, 1, 1],
    ];
    const PLACES: [(usize, usize, usize, usize); 7] =
        [(0, 0, 16, 4), (0, 0, 4, 15), (12, 0, 4, 15), (0, 11, 16, 4), (0, 11, 4, 15), (12, 11, 4, 15), (0, 22, 16, 4)];
    let lit = LIT.get(digit as usize).copied().unwrap_or_default();
    for ((x, y, width, height), _) in PLACES.into_iter().zip(lit).filter(|(_, lit)| *lit == 1) {
        picture.fill(left + x, top + y, width, height);
    }
}
