use time::OffsetDateTime;

use crate::{Block, Paper, Shop, Store, proof::Claim, text, words::fill};

/// What a day came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayReport<'a> {
    /// Whose day it was.
    pub shop: Shop<'a>,
    /// The number of the report.
    pub number: u32,
    /// Any moment of the day.
    pub day: OffsetDateTime,
    /// When it was closed.
    pub closed_at: OffsetDateTime,
    /// By whom.
    pub closed_by: &'a str,
    /// When this paper is made.
    pub printed_at: OffsetDateTime,
    /// What was paid, store by store.
    pub takings: &'a [(Store, Sum)],
    /// How much of that was paid before this day and told in no earlier report.
    pub late: Sum,
    /// How many of the payments Midtrans confirmed once more.
    pub confirmed: u64,
    /// The payments that it did not.
    pub unconfirmed: &'a [Unconfirmed<'a>],
    /// Codes that wait to be paid.
    pub waiting: Sum,
    /// Orders whose outcome is not known.
    pub unclear: Sum,
    /// Paid orders whose goods are still in the shop.
    pub not_handed_over: Sum,
    /// How many things the owner has to look at.
    pub attention: u64,
    /// Midtrans has answered how every open order stands.
    pub looked_up: bool,
    /// Whether the log is as it was written.
    pub seal: Sealing,
    /// How many papers of this report came before this one.
    pub copy: u32,
}

/// How many, and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub count: u64,
    /// Whole rupiah.
    pub rupiah: u64,
}

/// A payment that Midtrans did not confirm once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unconfirmed<'a> {
    /// The order's short name.
    pub number: &'a str,
    /// Why not.
    pub why: Why,
}

/// Why a payment was not confirmed once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Midtrans gave no answer that counts.
    NotReached,
    /// It answered something else.
    Differs,
}

/// Whether the log is as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealing {
    /// Every entry is what was sealed.
    Whole,
    /// Somebody has changed it.
    Changed,
    /// Some entries were written without a seal.
    Unsealed,
    /// Nobody has compared it yet.
    Unknown,
}

impl DayReport<'_> {
    /// What its rendering must prove to be printed.
    pub fn claim(&self) -> Claim<'_> {
        Claim::plain(self.shop.worth, self.copy)
    }

    /// The report as a paper.
    pub fn paper(&self) -> Paper {
        let words = self.shop.words();
        let day = text::day_in(self.day, self.shop.language);
        let title = fill(words.report, &[("number", &self.number.to_string())]);
        let mut blocks = self.shop.head(self.copy);
        blocks.push(Block::Heading(title.clone()));
        blocks.push(Block::centred(day));
        blocks.extend(self.money());
        blocks.extend(self.open());
        blocks.extend(self.proof());
        blocks.extend([
            Block::Rule,
            Block::pair(words.closed_at, text::wib_in(self.closed_at, self.shop.language)),
            Block::pair(words.closed_by, text::line(self.closed_by, Shop::NAME)),
            Block::pair(words.till, text::line(self.shop.till, Shop::NAME)),
            Block::pair(words.printed, text::wib_in(self.printed_at, self.shop.language)),
            Block::Blank(words.signature.to_owned()),
        ]);
        blocks.extend(self.shop.mark());
        self.shop.paper(title, blocks)
    }

    fn money(&self) -> Vec<Block> {
        let words = self.shop.words();
        let mut money = vec![Block::Rule, Block::Heading(words.takings.to_owned())];
        if self.takings.is_empty() {
            money.push(Block::text(words.nothing));
        }
        for (store, sum) in self.takings {
            money.push(Block::pair(store.chain(), text::rupiah(sum.rupiah)));
            money.push(Block::text(self.payments(sum.count)));
        }
        let total = Sum {
            count: self.takings.iter().map(|(_, sum)| sum.count).sum(),
            rupiah: self.takings.iter().map(|(_, sum)| sum.rupiah).sum(),
        };
        money.push(Block::strong_pair(words.total, text::rupiah(total.rupiah)));
        money.push(Block::text(self.payments(total.count)));
        if self.late.count > 0 {
            money.push(self.sum(words.late, self.late));
        }
        money
    }

    fn open(&self) -> Vec<Block> {
        let words = self.shop.words();
        vec![
            Block::Rule,
            Block::Heading(words.open.to_owned()),
            self.sum(words.waiting, self.waiting),
            self.sum(words.unclear, self.unclear),
            self.sum(words.not_handed_over, self.not_handed_over),
            Block::pair(words.attention, self.attention.to_string()),
        ]
    }

    fn proof(&self) -> Vec<Block> {
        let words = self.shop.words();
        let of = self.confirmed + self.unconfirmed.len() as u64;
        let (count, of) = (self.confirmed.to_string(), of.to_string());
        let confirmed = if self.unconfirmed.is_empty() { words.confirmed_all } else { words.confirmed_some };
        let mut proof = vec![Block::Rule];
        if of != "0" {
            proof.push(Block::text(fill(confirmed, &[("count", &count), ("of", &of)])));
        }
        if !self.unconfirmed.is_empty() {
            proof.push(Block::text(words.unconfirmed));
        }
        for payment in self.unconfirmed {
            let why = match payment.why {
                Why::NotReached => words.why_not_reached,
                Why::Differs => words.why_differs,
            };
            proof.push(Block::pair(text::line(payment.number, Shop::NAME), why));
        }
        if !self.looked_up {
            proof.push(Block::text(words.not_looked_up));
        }
        proof.push(Block::text(match self.seal {
            Sealing::Whole => words.seal_whole,
            Sealing::Changed => words.seal_changed,
            Sealing::Unsealed => words.seal_unsealed,
            Sealing::Unknown => words.seal_unknown,
        }));
        proof
    }

    /// `Kode menunggu dibayar (3)`, and how much.
    fn sum(&self, what: &str, sum: Sum) -> Block {
        Block::pair(format!("{what} ({})", sum.count), text::rupiah(sum.rupiah))
    }

    fn payments(&self, count: u64) -> String {
        let words = self.shop.words();
        let text = if count == 1 { words.payments_one } else { words.payments };
        fill(text, &[("count", &count.to_string())])
    }
}
