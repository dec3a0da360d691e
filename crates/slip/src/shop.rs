use crate::{
    Align, Block, Language, Size, Text, paper,
    raster::Picture,
    text,
    words::{Words, fill},
};

/// What stands on every paper of a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shop<'a> {
    /// Its name, as the owner wrote it.
    pub name: &'a str,
    /// Its logo.
    pub logo: Option<&'a Picture>,
    /// The owner's own lines, at the end of what the customer keeps. The first [`Shop::LINES`] are
    /// printed, up to [`Shop::LINE`] characters of each.
    pub lines: &'a [String],
    /// What this PC calls itself.
    pub till: &'a str,
    /// Whether it is real money.
    pub worth: Worth,
    /// The language of its papers.
    pub language: Language,
}

/// Whether a code is worth anything. What is not real money says so before anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// Play money.
    Training,
    /// Midtrans' sandbox. A real till may take such a code, and the money would be gone.
    Sandbox,
    /// Real money.
    Real,
}

/// A chain of stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// Alfamart, Alfamidi and Dan+Dan.
    Alfamart,
    /// Indomaret.
    Indomaret,
}

/// An order, as far as papers tell of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order<'a> {
    /// Its short name: `K3F7`.
    pub number: &'a str,
    /// Its name at Midtrans.
    pub order_id: &'a str,
    /// Where it is paid.
    pub store: Store,
    /// The payment code exactly as Midtrans gave it.
    pub code: &'a str,
    /// Whole rupiah, paid exactly.
    pub rupiah: u64,
    /// What is bought, or nothing.
    pub items: &'a [Item<'a>],
    /// The customer's name, or nothing.
    pub customer: &'a str,
    /// A note, or nothing.
    pub note: &'a str,
}

/// Something that is bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// What it is.
    pub name: &'a str,
    /// How many.
    pub count: u64,
    /// What they cost together, in whole rupiah; a discount is negative.
    pub rupiah: i64,
}

impl Order<'_> {
    /// The short name on one line.
    pub(crate) fn number(&self) -> String {
        text::line(self.number, Shop::NAME)
    }

    /// What is bought, and for whom.
    pub(crate) fn goods(&self, words: &Words) -> Vec<Block> {
        let item = |item: &Item<'_>| {
            Block::pair(format!("{} x {}", item.count, text::line(item.name, Shop::NAME)), text::signed(item.rupiah))
        };
        let mut goods: Vec<Block> = self.items.iter().map(item).collect();
        let (customer, note) = (text::line(self.customer, Shop::NAME), text::line(self.note, Shop::NOTE));
        goods.extend((!customer.is_empty()).then(|| Block::pair(words.customer, customer)));
        goods.extend((!note.is_empty()).then(|| Block::text(format!("{}: {note}", words.note))));
        goods
    }
}

impl Shop<'_> {
    /// How much of a note is printed.
    pub const NOTE: usize = 200;
    /// How many lines of the owner are printed.
    pub const LINES: usize = 4;
    /// How long each of them may be.
    pub const LINE: usize = 96;
    /// How much of a shop's, merchant's or person's name is printed.
    pub const NAME: usize = 80;

    pub(crate) fn words(&self) -> &'static Words {
        self.language.words()
    }

    /// Logo, name and marks: every paper begins with them.
    pub(crate) fn head(&self, copy: u32) -> Vec<Block> {
        let mut head = Vec::new();
        head.extend(self.logo.filter(|logo| logo.height() > 0).cloned().map(Block::Picture));
        let name = text::line(self.name, Self::NAME);
        head.extend((!name.is_empty()).then_some(Block::Title(name)));
        head.extend(self.mark());
        if copy > 0 {
            head.push(Block::Mark(fill(self.words().copy, &[("n", &copy.to_string())])));
        }
        head
    }

    /// Says that it is not real money, where that is so.
    pub(crate) fn mark(&self) -> Option<Block> {
        match self.worth {
            Worth::Training => Some(Block::Mark(self.words().training.to_owned())),
            Worth::Sandbox => Some(Block::Mark(self.words().sandbox.to_owned())),
            Worth::Real => None,
        }
    }

    /// The owner's own lines.
    pub(crate) fn own_lines(&self) -> Vec<Block> {
        let lines = self.lines.iter().map(|line| text::line(line, Self::LINE)).filter(|line| !line.is_empty());
        lines.take(Self::LINES).map(Block::centred).collect()
    }

    /// A paper of this shop.
    pub(crate) fn paper(&self, title: String, blocks: Vec<Block>) -> paper::Paper {
        paper::Paper { title, language: self.language, blocks }
    }
}

impl Store {
    /// As it stands in a sentence, and on the paper below the large letters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Alfamart => "Alfamart, Alfamidi, Dan+Dan",
            Self::Indomaret => "Indomaret",
        }
    }

    /// In large letters, with the other chains that take the same code.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Alfamart => "ALFAMART / ALFAMIDI / DAN+DAN",
            Self::Indomaret => "INDOMARET",
        }
    }

    /// The one chain most people go to, for a report.
    pub(crate) fn chain(self) -> &'static str {
        match self {
            Self::Alfamart => "Alfamart",
            Self::Indomaret => "Indomaret",
        }
    }
}

/// Large words in the middle.
pub(crate) fn large(text: impl Into<String>) -> Block {
    Block::Text(Text { text: text.into(), size: Size::Large, align: Align::Centre, strong: true })
}
