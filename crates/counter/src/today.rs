use ledger::{List, Query, Row, Sum};

use crate::{Counter, Problem, wib};

/// This day at the counter, and what is still open or was paid today of the days before.
#[derive(Clone, Debug)]
pub struct Today {
    /// Newest first; then what is older and open, then what is older and was paid today.
    pub rows: Vec<Row>,
    /// Paid today, whenever it was ordered.
    pub paid: Sum,
    /// Everything that waits to be paid or confirmed.
    pub waiting: Sum,
    /// Everything the owner has to look at, in orders and apart from them.
    pub attention: Sum,
}

/// More rows than a person scrolls through on the counter; the rest is in the list of orders.
const MOST: u32 = 300;

impl Counter {
    /// The day as it stands.
    pub fn today(&self) -> Result<Today, Problem> {
        let (start, _) = wib::day(self.now());
        // When something was paid Midtrans' clock says, and this PC's may be off by days.
        let (dawn, midnight) = wib::day(self.true_now());
        let newest = |list| Query::newest(list, MOST, self.long_unknown());
        let of_today = self.ledger.page(&Query { from: Some(start), ..newest(List::All) })?;
        let still_open = self.ledger.page(&Query { before: Some(start), ..newest(List::Pending) })?;
        let paid_today =
            self.ledger.page(&Query { before: Some(start), paid_from: Some(dawn), ..newest(List::Paid) })?;
        let only_sum = |list| self.ledger.page(&Query { limit: 0, ..newest(list) }).map(|page| page.sum);
        Ok(Today {
            rows: [of_today.rows, still_open.rows, paid_today.rows]
                .into_iter()
                .flatten()
                .map(|row| self.row_with_unsaved(row))
                .collect(),
            paid: self.ledger.takings(dawn, midnight)?,
            waiting: only_sum(List::Pending)?,
            attention: self.ledger.attention(self.long_unknown())?,
        })
    }
}
