//! Letters: how wide words are, where a line breaks, and what becomes of letters the fonts lack.

use std::{ops::Range, sync::LazyLock};

use rustybuzz::{Direction, Feature, ShapePlan, UnicodeBuffer, script, ttf_parser::Tag};

use crate::text;

/// One of the fonts that are shipped with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    Regular,
    Bold,
    /// Regular with digits that stand below each other.
    Columns,
    /// All characters equally wide: payment codes.
    Digits,
}

/// Words on one line, set in one size.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub face: Face,
    /// The size of the font, in millimetres.
    pub size: f32,
    pub text: String,
    pub glyphs: Vec<Glyph>,
    /// In millimetres.
    pub width: f32,
}

/// One shape of a font. Lengths are parts of the size of the font.
#[derive(Clone, Debug)]
pub(crate) struct Glyph {
    pub id: u16,
    /// The bytes of the text it stands for.
    pub range: Range<usize>,
    pub advance: f32,
    pub dx: f32,
    pub dy: f32,
}

impl Face {
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::Regular | Self::Columns => include_bytes!("../../fonts/AtkinsonHyperlegibleNext-Regular.ttf"),
            Self::Bold => include_bytes!("../../fonts/AtkinsonHyperlegibleNext-Bold.ttf"),
            Self::Digits => include_bytes!("../../fonts/AtkinsonHyperlegibleMono-Bold.ttf"),
        }
    }

    pub fn shapes(self) -> &'static rustybuzz::Face<'static> {
        static REGULAR: LazyLock<rustybuzz::Face<'static>> = LazyLock::new(|| Face::Regular.read());
        static BOLD: LazyLock<rustybuzz::Face<'static>> = LazyLock::new(|| Face::Bold.read());
        static DIGITS: LazyLock<rustybuzz::Face<'static>> = LazyLock::new(|| Face::Digits.read());
        match self {
            Self::Regular | Self::Columns => &REGULAR,
            Self::Bold => &BOLD,
            Self::Digits => &DIGITS,
        }
    }

    /// How letters are put beside each other; made once, because that takes longer than setting a line.
    fn plan(self) -> &'static ShapePlan {
        static PLANS: LazyLock<[ShapePlan; 4]> = LazyLock::new(|| {
            [Face::Regular, Face::Bold, Face::Columns, Face::Digits].map(|face| {
                let columns = Feature::new(Tag::from_bytes(b"tnum"), u32::from(face == Face::Columns), ..);
                ShapePlan::new(face.shapes(), Direction::LeftToRight, Some(script::LATIN), None, &[columns])
            })
        });
        let [regular, bold, columns, digits] = &*PLANS;
        match self {
            Self::Regular => regular,
            Self::Bold => bold,
            Self::Columns => columns,
            Self::Digits => digits,
        }
    }

    fn read(self) -> rustybuzz::Face<'static> {
        rustybuzz::Face::from_slice(self.bytes(), 0).expect("our own fonts are fonts")
    }

    /// The text as this font can write it: what it lacks gets a likeness or is left out, so that nothing
    /// else is lost.
    fn writable(self, text: &str) -> String {
        let has = |c: char| self.shapes().glyph_index(c).is_some();
        let written: String =
            text.chars().map(|c| if has(c) { c.to_string() } else { text::ascii(&c.to_string()) }).collect();
        // Between two words that are left out there is one gap, not three.
        written.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Words on one line, however wide that becomes.
    pub fn set(self, size: f32, text: &str) -> Line {
        let text = self.writable(text);
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&text);
        buffer.set_direction(Direction::LeftToRight);
        buffer.set_script(script::LATIN);
        let shaped = rustybuzz::shape_with_plan(self.shapes(), self.plan(), buffer);
        let em = self.shapes().units_per_em() as f32;
        let starts: Vec<usize> = shaped.glyph_infos().iter().map(|info| info.cluster as usize).collect();
        let end = |start: usize| starts.iter().copied().find(|next| *next > start).unwrap_or(text.len());
        let glyphs: Vec<Glyph> = shaped
            .glyph_infos()
            .iter()
            .zip(shaped.glyph_positions())
            .map(|(info, position)| Glyph {
                // A font has no more than 65,536 shapes.
                id: info.glyph_id as u16,
                range: info.cluster as usize..end(info.cluster as usize),
                advance: position.x_advance as f32 / em,
                dx: position.x_offset as f32 / em,
                dy: position.y_offset as f32 / em,
            })
            .collect();
        let width = size * glyphs.iter().map(|glyph| glyph.advance).sum::<f32>();
        Line { face: self, size, text, glyphs, width }
    }

    /// Words on as many lines as it takes. A word that is wider than a line is broken where it is full.
    pub fn wrap(self, size: f32, text: &str, width: f32) -> Vec<Line> {
        let whole = self.set(size, text);
        if whole.width <= width && !whole.text.is_empty() {
            return vec![whole];
        }
        let text = whole.text;
        let mut lines = Vec::new();
        let mut current = String::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let longer = if current.is_empty() { word.to_owned() } else { format!("{current} {word}") };
            if self.set(size, &longer).width <= width {
                current = longer;
                continue;
            }
            if !current.is_empty() {
                lines.push(std::mem::take(&mut current));
            }
            for c in word.chars() {
                if !current.is_empty() && self.set(size, &format!("{current}{c}")).width > width {
                    lines.push(std::mem::take(&mut current));
                }
                current.push(c);
            }
        }
        if !current.is_empty() {
            lines.push(current);
        }
        lines.iter().map(|line| self.set(size, line)).collect()
    }

    /// Words on one line, as large as they fit, and no larger than this.
    pub fn fitted(self, largest: f32, text: &str, width: f32) -> Line {
        let line = self.set(largest, text);
        if line.width <= width { line } else { self.set(largest * width / line.width, text) }
    }
}

impl Line {
    /// With gaps between the words that are this wide, as a part of the size.
    pub fn with_gaps(mut self, gap: f32) -> Self {
        for glyph in &mut self.glyphs {
            if self.text.get(glyph.range.clone()) == Some(" ") {
                glyph.advance = gap;
            }
        }
        self.width = self.size * self.glyphs.iter().map(|glyph| glyph.advance).sum::<f32>();
        self
    }
}

/// How high capitals and digits are in all three of them, as a part of the size.
pub(crate) const CAPITALS: f32 = 0.668;
