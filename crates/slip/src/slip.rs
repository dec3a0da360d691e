use std::time::Duration;

use time::OffsetDateTime;

use crate::{
    Block, Order, Paper, Shop, Store, Worth, fit,
    proof::Claim,
    sheet::{Format, Sheet},
    shop,
    symbol::{self, Bars, NoQr, Qr, Symbology},
    text,
    words::fill,
};

/// A payment code and what belongs beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slip<'a> {
    /// Whose it is.
    pub shop: Shop<'a>,
    /// The order it is for.
    pub order: Order<'a>,
    /// Until when Midtrans takes it.
    pub until: OffsetDateTime,
    /// How much earlier the paper says it ends, so that nobody stands at the till as it runs out.
    pub margin: Duration,
    /// When the code was made.
    pub made_at: OffsetDateTime,
    /// The name the store's cashier will ask for.
    pub merchant: &'a str,
    /// How many papers of this slip came before this one.
    pub copy: u32,
    /// Which bars it may carry.
    pub scanning: Scanning,
}

/// What the owner has switched on after seeing it scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scanning {
    /// Bars for Alfamart too. Off at first: only one of Midtrans' three SDKs draws them.
    pub alfamart: bool,
    /// Which bars. Code 39 at first, as all three SDKs draw it.
    pub symbology: Symbology,
}

impl Default for Scanning {
    fn default() -> Self {
        Self { alfamart: false, symbology: Symbology::Code39 }
    }
}

impl Slip<'_> {
    /// The slip as a paper, with a stub for the shop below the line where it is torn.
    pub fn paper(&self) -> Paper {
        self.with(self.bars())
    }

    /// The slip as a paper to be drawn there: where its bars are too long for that, it has none and does not speak
    /// of them.
    pub fn paper_on(&self, format: Format) -> Paper {
        self.with(self.bars_on(format))
    }

    /// The slip as a message in words, which cannot show bars and does not speak of them.
    pub fn message(&self) -> Paper {
        self.with(None)
    }

    /// What its rendering must prove to be printed.
    pub fn claim(&self) -> Claim<'_> {
        Claim::slip(&self.order, self.shop.worth, self.copy, self.bars().map(|bars| bars.symbology()))
    }

    /// What its drawing must prove to be given away.
    pub fn claim_on(&self, format: Format) -> Claim<'_> {
        let bars = self.bars_on(format).map(|bars| bars.symbology());
        Claim::slip(&self.order, self.shop.worth, self.copy, bars)
    }

    fn bars_on(&self, format: Format) -> Option<Bars> {
        self.bars().filter(|bars| Sheet::can_hold(bars, format))
    }

    fn with(&self, bars: Option<Bars>) -> Paper {
        let words = self.shop.words();
        let store = self.order.store.name();
        let merchant = text::line(self.merchant, Shop::NAME);
        let mut blocks = self.shop.head(self.copy);
        blocks.extend([
            Block::Heading(fill(words.pay_at, &[("store", self.order.store.sign())])),
            Block::Amount(text::rupiah(self.order.rupiah)),
            Block::centred(words.pay_exactly),
            Block::Rule,
            Block::centred(words.code),
            Block::Code(text::groups(self.order.code)),
        ]);
        let show = if bars.is_some() { words.step_show_bars } else { words.step_say_code };
        blocks.extend(bars.map(Block::Bars));
        blocks.push(Block::Rule);
        blocks.push(Block::strong_pair(words.until, text::wib_in(self.deadline(), self.shop.language)));
        // A shop that has not entered its name yet has none to tell.
        blocks.extend((!merchant.is_empty()).then(|| Block::strong_pair(words.till_asks, merchant.as_str())));
        let compare = if merchant.is_empty() { words.step_match_amount } else { words.step_match };
        blocks.push(Block::Steps(vec![
            fill(show, &[("store", store)]),
            compare.to_owned(),
            words.step_keep.to_owned(),
        ]));
        blocks.push(Block::text(words.fee));
        blocks.push(Block::Rule);
        blocks.extend(self.order.goods(words));
        blocks.extend([
            Block::pair(words.order, self.order.number()),
            Block::pair(words.till, text::line(self.shop.till, Shop::NAME)),
            Block::pair(words.made, text::wib_in(self.made_at, self.shop.language)),
        ]);
        blocks.extend(self.shop.own_lines());
        // Whoever sees only the end of the paper sees what it is, too.
        blocks.extend(self.shop.mark());
        blocks.extend(self.stub());
        let title = format!("{} {}", words.order, self.order.number());
        self.shop.paper(title, blocks)
    }

    /// When the paper says that it ends: the margin before Midtrans does, and never so much that more than a
    /// quarter of the time is lost.
    pub fn deadline(&self) -> OffsetDateTime {
        let whole = Duration::try_from(self.until - self.made_at).unwrap_or_default();
        self.until.checked_sub(self.margin.min(whole / 4).try_into().unwrap_or_default()).unwrap_or(self.until)
    }

    /// The bars for the store's till, where a till may scan them: for real money only, always
    /// at Indomaret, at Alfamart when the owner has tried it and says so.
    ///
    /// There are none either for a code that they can not write, or that is too long to be scanned; the digits remain.
    pub fn bars(&self) -> Option<Bars> {
        let may_scan = match (self.shop.worth, self.order.store) {
            (Worth::Training | Worth::Sandbox, _) => false,
            (Worth::Real, Store::Indomaret) => true,
            (Worth::Real, Store::Alfamart) => self.scanning.alfamart,
        };
        may_scan.then(|| symbol::bars(self.scanning.symbology, self.order.code))?.filter(fit::is_readable)
    }

    /// The QR that puts the slip on the customer's phone. No till scans it; label it
    /// *Simpan kode ke HP, bukan QRIS*.
    pub fn qr(&self) -> Result<Qr, NoQr> {
        symbol::qr(&self.phone_text())
    }

    /// What the customer's phone keeps: plain ASCII, because readers disagree about the rest.
    pub fn phone_text(&self) -> String {
        let mark = match self.shop.worth {
            Worth::Training => "LATIHAN - JANGAN DIBAYAR\n",
            Worth::Sandbox => "SANDBOX - JANGAN DIBAYAR\n",
            Worth::Real => "",
        };
        let merchant = text::ascii(self.merchant).chars().take(40).collect::<String>();
        // A shop that has not entered its name yet has none to tell.
        let merchant = if merchant.is_empty() { merchant } else { format!("\nMerchant: {merchant}") };
        // The code stands in one piece, so that it can be copied into another app.
        format!(
            "{mark}Bayar di kasir {store}\nKode: {code}\nJumlah: {amount}\nBerlaku s.d. {until}{merchant}",
            store = self.order.store.name(),
            code = text::ascii(self.order.code),
            amount = text::rupiah(self.order.rupiah),
            until = text::wib(self.until),
        )
    }

    /// What the shop keeps: which order it was, and a QR that opens it at the desk.
    fn stub(&self) -> Vec<Block> {
        let words = self.shop.words();
        let mut stub = vec![Block::Tear, Block::Heading(words.stub.to_owned())];
        stub.extend(self.shop.mark());
        stub.push(shop::large(self.order.number()));
        stub.push(Block::pair(words.amount, text::rupiah(self.order.rupiah)));
        stub.push(Block::pair(words.stub_store, self.order.store.chain()));
        let customer = text::line(self.order.customer, Shop::NAME);
        stub.extend((!customer.is_empty()).then(|| Block::pair(words.customer, customer)));
        stub.push(Block::pair(words.made, text::wib_in(self.made_at, self.shop.language)));
        stub.extend(text::order_qr(self.order.order_id).map(Block::Qr));
        stub.push(Block::small(words.not_qris));
        stub.push(Block::small(text::ascii(self.order.order_id)));
        stub
    }
}
