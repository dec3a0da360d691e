use time::OffsetDateTime;

use crate::{
    Align, Block, Paper, Shop, Size, Text,
    proof::Claim,
    symbol::{self, Symbology},
    text,
    words::fill,
};

/// A page that shows what a printer can do, and how wide its paper really is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestPage<'a> {
    /// Whose printer it is.
    pub shop: Shop<'a>,
    /// What the printer is called.
    pub printer: &'a str,
    /// When this paper is made.
    pub printed_at: OffsetDateTime,
    /// Which bars the shop prints.
    pub symbology: Symbology,
}

impl TestPage<'_> {
    /// What its bars say: no payment code looks like this.
    pub const CODE: &'static str = "GERAI-TEST";

    /// What its rendering must prove to be printed.
    pub fn claim(&self) -> Claim<'_> {
        Claim::test_page(self.shop.worth, self.symbology)
    }

    /// The test page as a paper.
    pub fn paper(&self) -> Paper {
        let words = self.shop.words();
        let mut blocks = self.shop.head(0);
        blocks.extend([
            Block::Heading(words.test.to_owned()),
            Block::pair(words.test_printer, text::line(self.printer, Shop::NAME)),
            Block::pair(words.till, text::line(self.shop.till, Shop::NAME)),
            Block::pair(words.printed, text::wib_in(self.printed_at, self.shop.language)),
            Block::Rule,
            Block::text(words.test_letters),
            Block::Code(text::groups("0123456789O0I1L8B5S2Z")),
            Block::Text(Text {
                text: "0 O o  1 l I  8 B  5 S  2 Z".into(),
                size: Size::Large,
                align: Align::Centre,
                strong: false,
            }),
            Block::Rule,
            Block::text(fill(words.test_bars, &[("code", Self::CODE)])),
        ]);
        blocks.extend(symbol::bars(self.symbology, Self::CODE).map(Block::Bars));
        blocks.extend([Block::Rule, Block::Ruler, Block::text(words.test_ruler), Block::Rule]);
        blocks.push(Block::text(words.test_cut));
        self.shop.paper(words.test.to_owned(), blocks)
    }
}
