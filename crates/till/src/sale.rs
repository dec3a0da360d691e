use serde::{Deserialize, Serialize};

use crate::{
    attempt::{Attempt, State},
    event::{Entry, Event},
    ids::{Number, OrderId, SaleId},
    rupiah::Rupiah,
    shop::Store,
    time::Time,
};

/// What the customer buys, checked: see [`Draft::check`](crate::Draft::check).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// What the customer shall pay at the store.
    pub amount: Rupiah,
    /// The store it shall be paid at.
    pub store: Store,
    /// Rows that add up to the amount, or none.
    pub items: Vec<Item>,
    /// The customer's name.
    pub customer: Option<String>,
    /// The customer's phone number. It stays on this PC.
    pub phone: Option<String>,
    /// The customer's e-mail address.
    pub email: Option<String>,
    /// A note for the slip.
    pub note: Option<String>,
    /// How long the code shall live.
    pub expiry_minutes: u32,
}

/// A row of what is bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What it is.
    pub name: String,
    /// Rupiah for one of it; a discount is negative.
    pub price: i64,
    /// How many.
    pub quantity: u32,
}

/// An order with everything that happened to it. It has at most one live attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// Our own name for it.
    pub id: SaleId,
    /// Its short name.
    pub number: Number,
    /// When it was ordered.
    pub ordered_at: Time,
    /// What is bought.
    pub order: Order,
    /// Its transactions at Midtrans, oldest first; never empty once the sale is in the ledger.
    pub attempts: Vec<Attempt>,
    /// Who gave the paid goods away, and when.
    pub handed_over: Option<HandOver>,
}

/// The paid goods left the shop. This happens once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// Who handed them over.
    pub by: String,
    /// When.
    pub at: Time,
}

impl Sale {
    /// Folds a sale from its log, oldest entry first; `None` if the log does not begin with an order.
    pub fn of(log: &[Entry]) -> Option<Self> {
        let (first, rest) = log.split_first()?;
        let Event::Ordered { number, order } = &first.event else { return None };
        let mut sale = Self {
            id: first.sale,
            number: number.clone(),
            ordered_at: first.at,
            order: order.clone(),
            attempts: Vec::new(),
            handed_over: None,
        };
        for entry in rest {
            sale.apply(entry);
        }
        Some(sale)
    }

    /// Takes one more entry of the log into account.
    pub fn apply(&mut self, entry: &Entry) {
        match (&entry.event, entry.attempt) {
            (Event::HandedOver { by }, _) => {
                // Goods leave once; a second entry could only come from a damaged log.
                self.handed_over.get_or_insert_with(|| HandOver { by: by.clone(), at: entry.at });
            }
            // A second intent under one id could only come from a damaged log.
            (Event::Intended { request, store, notify }, Some(order_id)) if self.attempt_of(order_id).is_none() => {
                let attempt = Attempt::intended(order_id, &self.order, *store, request.clone(), entry.at);
                self.attempts.push(Attempt { notify: notify.clone(), ..attempt });
            }
            (_, Some(order_id)) => {
                if let Some(attempt) = self.attempts.iter_mut().find(|attempt| attempt.order_id == order_id) {
                    attempt.apply(entry);
                }
            }
            (_, None) => {}
        }
    }

    /// The attempt that speaks for the sale: the one that was paid, else the live one, else the latest.
    ///
    /// Once an earlier code turns out to be paid, the later one is not offered to anybody any more.
    pub fn attempt(&self) -> Option<&Attempt> {
        let latest = |speaks: fn(&&Attempt) -> bool| self.attempts.iter().rev().find(speaks);
        latest(|attempt| attempt.holds_money()).or_else(|| latest(|attempt| attempt.is_live())).or(self.attempts.last())
    }

    /// The attempt with this `order_id`.
    pub fn attempt_of(&self, order_id: OrderId) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.order_id == order_id)
    }

    /// Where the sale stands.
    pub fn state(&self) -> State {
        self.attempt().map_or(State::Intent, Attempt::state)
    }

    /// When it was found that another attempt than this one was paid.
    pub(crate) fn paid_beside(&self, order_id: OrderId) -> Option<Time> {
        let beside = self.attempts.iter().filter(|other| other.order_id != order_id && other.holds_money());
        beside.filter_map(|other| other.found_paid_at).min()
    }
}

#[cfg(test)]
#[path = "arrival_tests.rs"]
mod tests;
