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
        self.with_paper(named, rendering.on(), |paper, claim| {
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
        self.with_paper(named, On::Sheet(Format::A6), |paper, _| Sheet::draw(paper, Format::A6).outlines())
    }

    /// The report of a closed day as a PDF on A4. It was read again, too.
    pub fn report_page(&self, number: u32) -> Result<Vec<u8>, Problem> {
        let settings = self.ledger.settings()?;
        let copy = self.ledger.next_copy(PaperKind::Report, &number.to_string())?;
        let page = |paper: &Drawn, claim: &Claim<'_>| on_page(paper, Format::A4, claim);
        let page = self.with_report(number, &settings, copy, page)?;
        Ok(page.map_err(|lie| refused(&number.to_string(), &lie))?.into_inner())
    }

    /// Makes something of the paper of an order.
    fn with_paper<T>(&self, named: &str, on: On, make: impl FnOnce(&Drawn, &Claim<'_>) -> T) -> Result<T, Problem> {
        let settings = self.ledger.settings()?;
        let sale = self.find(named)?;
        let nothing = || Problem::of("nothing_to_print").with_state(sale.state());
        let (kind, order_id) = printable(&sale).ok_or_else(nothing)?;
        let attempt = sale.attempt().ok_or_else(nothing)?;
        // Whoever has a paper of it already gets a copy, and it says so.
        let copy = self.ledger.next_copy(kind, order_id.as_str())?;
        if kind == PaperKind::Receipt {
            let make = |receipt: &Receipt<'_>| match on {
                On::Roll | On::Sheet(Format::A6 | Format::A4) => make(&receipt.paper(), &receipt.claim()),
                On::Sheet(Format::Picture) | On::Message => make(&receipt.to_share(), &receipt.claim()),
            };
            return Ok(slips::with_receipt(&self.ledger, &settings, &sale, attempt, copy, self.now(), make));
        }
        let over = || Problem::of("paper_code_over");
        if self.is_over_by_now(attempt) {
            return Err(over());
        }
        let make = |slip: &Slip<'_>| match on {
            On::Roll => make(&slip.paper(), &slip.claim()),
            On::Sheet(format) => make(&slip.paper_on(format), &slip.claim_on(format)),
            On::Message => make(&slip.message(), &slip.claim()),
        };
        slips::with_slip(&self.ledger, &settings, &sale, attempt, copy, make).ok_or_else(over)
    }
}

/// What a paper is for: a slip says nothing there of what it does not have.
#[derive(Clone, Copy)]
enum On {
    Roll,
    Sheet(Format),
    Message,
}

impl Rendering {
    fn on(self) -> On {
        match self {
            Self::Roll58 | Self::Roll80 => On::Roll,
            Self::PageA6 => On::Sheet(Format::A6),
            Self::PageA4 => On::Sheet(Format::A4),
            Self::Picture => On::Sheet(Format::Picture),
            Self::Text => On::Message,
        }
    }
}

fn refused(named: &str, lie: &Lie) -> Problem {
    tracing::error!(about = named, %lie, "a paper did not prove itself and is not given away");
    Problem::of("file_not_proven")
}
