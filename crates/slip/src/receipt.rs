use time::OffsetDateTime;

use crate::{Block, Order, Paper, Shop, proof::Claim, shop, text};

/// A proof that an order was paid. Whoever makes one has Midtrans' word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt<'a> {
    /// Whose it is.
    pub shop: Shop<'a>,
    /// The order that was paid.
    pub order: Order<'a>,
    /// When, as Midtrans tells it.
    pub paid_at: OffsetDateTime,
    /// When this paper is made.
    pub printed_at: OffsetDateTime,
    /// How many papers of this receipt came before this one.
    pub copy: u32,
}

impl Receipt<'_> {
    /// What its rendering must prove to be printed.
    pub fn claim(&self) -> Claim<'_> {
        Claim::receipt(&self.order, self.shop.worth, self.copy)
    }

    /// The receipt as a paper. It has no bars: what is paid must not be scanned again.
    pub fn paper(&self) -> Paper {
        self.with(text::order_qr(self.order.order_id).map(Block::Qr))
    }

    /// The receipt as a picture or a message: without its QR, which only the shop can read.
    pub fn to_share(&self) -> Paper {
        self.with(None)
    }

    fn with(&self, qr: Option<Block>) -> Paper {
        let words = self.shop.words();
        let number = self.order.number();
        let title = format!("{} {number}", words.receipt);
        let mut blocks = self.shop.head(self.copy);
        blocks.extend([
            Block::Heading(words.receipt.to_owned()),
            shop::large(words.paid),
            Block::Amount(text::rupiah(self.order.rupiah)),
            Block::Rule,
            Block::pair(words.paid_at, self.order.store.name()),
            Block::pair(words.paid_in, text::wib_in(self.paid_at, self.shop.language)),
            Block::pair(words.code, text::groups(self.order.code).join(" ")),
            Block::Rule,
        ]);
        blocks.extend(self.order.goods(words));
        blocks.extend([
            Block::pair(words.order, number),
            Block::pair(words.till, text::line(self.shop.till, Shop::NAME)),
            Block::pair(words.printed, text::wib_in(self.printed_at, self.shop.language)),
            Block::centred(words.thanks),
        ]);
        blocks.extend(self.shop.own_lines());
        blocks.extend(qr.map(|qr| [qr, Block::small(words.not_qris)]).into_iter().flatten());
        blocks.push(Block::small(text::ascii(self.order.order_id)));
        blocks.extend(self.shop.mark());
        self.shop.paper(title, blocks)
    }
}
