//! Papers that are not printed: saved as files, shown, shared.

use ledger::PaperKind;
use slip::{
    Paper as Drawn, Receipt, Slip,
    escpos::Roll,
    fit::Width,
    plain,
    proof::{Claim, Lie, as_picture, on_page, on_roll},
    sheet::{Format, Outlines, Sheet},
};

use crate::{Counter, Problem, papers::printable, slips};

/// What a paper becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rendering {
    /// Bytes for a thermal printer with 58 mm paper.
    Roll58,
    /// Bytes for a thermal printer with 80 mm paper.
    Roll80,
    /// A PDF of 105 x 148 mm.
    PageA6,
    /// A PDF of 210 x 297 mm.
    PageA4,
    /// A PNG to share: what stays in the shop is not on it.
    Picture,
    /// Text for a message, likewise.
    Text,
}

impl Counter {
    /// The slip of an order while it can be paid, its receipt once it is, as a file. It was read again and
    /// says what it must, or there is none.
    pub fn rendering(&self, named: &str, rendering: Rendering) -> Result<Vec<u8>, Problem> {
        let message = rendering == Rendering::Text;
        self.with_paper(named, message, |paper, claim| {
            let rendered = match rendering {
                Rendering::Roll58 => on_roll(paper, &Roll::new(Width::Dots384), claim),
                Rendering::Roll80 => on_roll(paper, &Roll::new(Width::Dots576), claim),
                Rendering::PageA6 => on_page(paper, Format::A6, claim),
                Rendering::PageA4 => on_page(paper, Format::A4, claim),
                Rendering::Picture => as_picture(paper, claim),
                Rendering::Text => return Ok(plain::text(paper).into_bytes()),
            };
            Ok(rendered.map_err(|lie| refused(named, &lie))?.into_inner())
        })?
    }

    /// The same as the window shows it.
    pub fn preview(&self, named: &str) -> Result<Outlines, Problem> {
        self.with_paper(named, false, |paper, _| Sheet::draw(paper, Format::A6).outlines())
    }

    /// Makes something of the paper of an order, or of what stands in its place in a message.
    fn with_paper<T>(
        &self,
        named: &str,
        message: bool,
        make: impl FnOnce(&Drawn, &Claim<'_>) -> T,
    ) -> Result<T, Problem> {
        let settings = self.ledger.settings()?;
        let sale = self.find(named)?;
        let nothing = || Problem::of("nothing_to_print").with_state(sale.state());
        let (kind, order_id) = printable(&sale).ok_or_else(nothing)?;
        let attempt = sale.attempt().ok_or_else(nothing)?;
        // Whoever has a paper of it already gets a copy, and it says so.
        let copy = self.ledger.next_copy(kind, order_id.as_str())?;
        if kind == PaperKind::Receipt {
            let make = |receipt: &Receipt<'_>| make(&receipt.paper(), &receipt.claim());
            return Ok(slips::with_receipt(&self.ledger, &settings, &sale, attempt, copy, self.now(), make));
        }
        let over = || Problem::of("paper_code_over");
        if attempt.expires_at.is_some_and(|end| self.true_now() >= end) {
            return Err(over());
        }
        let make = |slip: &Slip<'_>| make(&if message { slip.message() } else { slip.paper() }, &slip.claim());
        slips::with_slip(&self.ledger, &settings, &sale, attempt, copy, make).ok_or_else(over)
    }
}

fn refused(named: &str, lie: &Lie) -> Problem {
    tracing::error!(order = named, %lie, "a paper did not prove itself and is not given away");
    Problem::of("file_not_proven")
}
