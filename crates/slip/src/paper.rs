use crate::{
    Language,
    raster::Picture,
    symbol::{Bars, Qr},
};

/// What a paper says, from top to bottom.
///
/// Made once by [`Slip::paper`](crate::Slip::paper) and its like. Every rendering draws these blocks in
/// this order and adds no words of its own, so that all of them say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// What a document of this paper is called.
    pub title: String,
    /// In which language it is written.
    pub language: Language,
    /// Everything on it.
    pub blocks: Vec<Block>,
}

/// One thing on a paper, with its meaning. Texts from outside are single lines of printable characters
/// already; breaking them to the width of the paper is up to whoever draws them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// The shop's picture, centred, no wider than the paper.
    Picture(Picture),
    /// The shop's name: large and centred.
    Title(String),
    /// A warning before anything else: white on black, or framed. `LATIHAN - JANGAN DIBAYAR`.
    Mark(String),
    /// What this part of the paper is about: strong and centred.
    Heading(String),
    /// Plain words.
    Text(Text),
    /// A name on the left and its value on the right; where both do not fit, the value goes below.
    Pair(Pair),
    /// The one amount to be paid or that was paid, as large as it fits on one line: `Rp 162.500`.
    Amount(String),
    /// The payment code in groups, as large as the widest group allows.
    Code(Vec<String>),
    /// Bars that a till may scan; their code stands in [`Block::Code`] too.
    Bars(Bars),
    /// The shop's own QR.
    Qr(Qr),
    /// What to do, in numbered steps.
    Steps(Vec<String>),
    /// A line across.
    Rule,
    /// Where the paper is torn in two: what follows stays in the shop.
    Tear,
    /// Room to write on above a line, with what is to be written.
    Blank(String),
    /// Numbers and marks that show how wide the paper is. Only thermal printers draw it.
    Ruler,
}

/// Plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// One paragraph.
    pub text: String,
    /// How large.
    pub size: Size,
    /// Where on the line.
    pub align: Align,
    /// Whether it stands out.
    pub strong: bool,
}

/// A name and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// What it is.
    pub left: String,
    /// What it comes to.
    pub right: String,
    /// Whether it stands out.
    pub strong: bool,
}

/// How large words are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// What need not be read at the counter.
    Small,
    /// As usual.
    Normal,
    /// Twice as high.
    Large,
}

/// Where words stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// At the left.
    Left,
    /// In the middle.
    Centre,
}

impl Paper {
    /// The part that leaves the shop. A picture or text to share is made of this: the shop's stub stays here.
    pub fn for_customer(&self) -> &[Block] {
        let end = self.blocks.iter().position(|block| *block == Block::Tear).unwrap_or(self.blocks.len());
        &self.blocks[..end]
    }

    /// The bars on it.
    pub fn bars(&self) -> Option<&Bars> {
        self.blocks.iter().find_map(|block| if let Block::Bars(bars) = block { Some(bars) } else { None })
    }
}

impl Block {
    /// Plain words of the usual size at the left.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(Text { text: text.into(), size: Size::Normal, align: Align::Left, strong: false })
    }

    /// Plain words of the usual size in the middle.
    pub(crate) fn centred(text: impl Into<String>) -> Self {
        Self::Text(Text { text: text.into(), size: Size::Normal, align: Align::Centre, strong: false })
    }

    /// Small words in the middle.
    pub(crate) fn small(text: impl Into<String>) -> Self {
        Self::Text(Text { text: text.into(), size: Size::Small, align: Align::Centre, strong: false })
    }

    /// A name and its value.
    pub(crate) fn pair(left: impl Into<String>, right: impl Into<String>) -> Self {
        Self::Pair(Pair { left: left.into(), right: right.into(), strong: false })
    }

    /// A name and its value that stand out.
    pub(crate) fn strong_pair(left: impl Into<String>, right: impl Into<String>) -> Self {
        Self::Pair(Pair { left: left.into(), right: right.into(), strong: true })
    }
}
