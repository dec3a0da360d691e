use ledger::{Flight, Heard, Row};
use till::{Entry, Event, From, OrderId, Sale, SaleId};

use crate::{Counter, Problem, conversation::if_news};

/// An answer that came and could not be written down, because the disk was full or failed. The
/// cashier sees what it says all the same, and it is written down as soon as it can be.
///
/// The line about its attempt is held until then, so that no newer answer comes in before it. If the
/// program ends first, the line is free again and a look-up finds what this one said.
pub(crate) struct Unsaved {
    sale: SaleId,
    order_id: OrderId,
    heard: Heard,
    event: Event,
    _flight: Flight,
}

impl Counter {
    /// Whether what is shown of this sale stands in memory and nowhere else.
    pub fn is_unsaved(&self, sale: SaleId) -> bool {
        self.memory().unsaved.iter().any(|unsaved| unsaved.sale == sale)
    }

    /// The sale as it stands, with what could not be written down yet.
    pub(crate) fn sale(&self, id: SaleId) -> Result<Sale, Problem> {
        let sale = self.ledger.sale(id)?.ok_or_else(|| Problem::of("order_not_found"))?;
        Ok(self.with_unsaved(sale))
    }

    pub(crate) fn with_unsaved(&self, mut sale: Sale) -> Sale {
        let id = sale.id;
        for unsaved in self.memory().unsaved.iter().filter(|unsaved| unsaved.sale == id) {
            sale.apply(&Entry {
                seq: i64::MAX,
                at: unsaved.heard.heard_at,
                sale: id,
                attempt: Some(unsaved.order_id),
                from: From::Midtrans,
                event: unsaved.event.clone(),
            });
        }
        sale
    }

    /// A row of a list, with what could not be written down yet.
    pub(crate) fn row_with_unsaved(&self, row: Row) -> Row {
        if !self.is_unsaved(row.id) {
            return row;
        }
        self.sale(row.id).map_or(row, |sale| Row::of(&sale))
    }

    /// Keeps an answer in memory that the ledger did not take.
    pub(crate) fn hold_unsaved(&self, sale: &Sale, heard: Heard, event: Event, flight: Flight) -> Sale {
        let unsaved = Unsaved { sale: sale.id, order_id: heard.order_id, heard, event, _flight: flight };
        self.memory().unsaved.push(unsaved);
        self.with_unsaved(self.ledger.sale(sale.id).ok().flatten().unwrap_or_else(|| sale.clone()))
    }

    /// Writes down what could not be written down before, and says whether nothing is left.
    pub(crate) fn save_unsaved(&self) -> bool {
        loop {
            // Not under the lock: writing may take its time, and the window asks what it may show.
            let next = self
                .memory()
                .unsaved
                .first()
                .map(|unsaved| (unsaved.sale, unsaved.order_id, unsaved.heard.clone(), unsaved.event.clone()));
            let Some((sale, order_id, heard, event)) = next else { return true };
            let kept =
                self.keep(sale, &heard, |standing| if_news(standing, order_id, From::Midtrans, heard.heard_at, &event));
            if let Err(problem) = kept {
                tracing::warn!(%problem, "an answer of Midtrans' still cannot be written down");
                return false;
            }
            self.memory().unsaved.retain(|unsaved| unsaved.order_id != order_id);
        }
    }
}
