use ledger::{Adoption, Stray, Trouble};
use midtrans::{LookUpError, NamedStore, Transaction};
use till::{Move, Number, Order, Rupiah, Sale, Store, Time};

use crate::{Counter, Problem, wib};

/// What a code that tells no deadline is taken to live.
pub(crate) const A_DAY: u32 = 24 * 60;

impl Counter {
    /// The id of ours without an order that is due to be placed, and when the next is due.
    pub(crate) fn most_urgent_stray(&self, now: Time) -> Result<(Option<Stray>, Option<Time>), Problem> {
        let mut earliest: Option<Time> = None;
        for stray in self.ledger.strays()? {
            match self.stray_move(&stray, now) {
                Move::Rest => {}
                Move::Wait(at) => earliest = Some(earliest.map_or(at, |first| first.min(at))),
                _ => return Ok((Some(stray), None)),
            }
        }
        Ok((None, earliest))
    }

    fn stray_move(&self, stray: &Stray, now: Time) -> Move {
        let memory = self.memory();
        let asked = memory.asked.get(&stray.order_id).copied();
        match memory.left_alone(stray.order_id) {
            Some(left) => Move::Wait(now + left),
            None if stray.known => Move::LookUp,
            None => self.pace.stray_move(stray.since, asked, stray.raised, now),
        }
    }

    /// Asks Midtrans about an id of this till that the log does not know, because the log was restored
    /// from an older copy. What Midtrans has becomes a sale again; what it does
    /// not have, look after look, goes to the owner.
    pub(crate) async fn place(&self, stray: &Stray) -> Result<Option<Sale>, Problem> {
        let order_id = stray.order_id;
        if let Some(sale) = self.ledger.join_stray(order_id, self.now())? {
            return Ok(Some(sale));
        }
        let client = self.client().await?;
        let Some(_flight) = self.ledger.flight(order_id)? else {
            self.memory().leave(order_id, self.pace.ladder[0]);
            return Ok(None);
        };
        let (asking, heard, answered) = self.ask(&client, order_id).await?;
        let now = heard.heard_at;
        if matches!(answered.outcome, Ok(_) | Err(LookUpError::NotFound)) {
            self.answered(order_id, heard.sent_at, true);
        }
        let unmatched = match &answered.outcome {
            Ok(told) => {
                if let Some(order) = order_of(told) {
                    let reported = asking.reported(told, &answered.exchange, order.expiry_minutes);
                    return self.adopt(&Adoption {
                        id: self.draw_sale_id(),
                        number: Number::draw(&self.draw::<4>()),
                        order,
                        reported,
                        heard,
                    });
                }
                true
            }
            Err(LookUpError::NotFound) if now.since(stray.since) < self.pace.strays[1] => false,
            Err(LookUpError::NotFound) if !stray.told => {
                // It was lost before its charge had left.
                self.ledger.forget_stray(order_id)?;
                return Ok(None);
            }
            Err(LookUpError::NotFound) => true,
            Err(error) => {
                if *error == LookUpError::KeyRefused {
                    self.key_refused();
                }
                // That was no look at all; the next is not the next day.
                self.memory().leave(order_id, self.pace.after_ladder);
                false
            }
        };
        let facts = ledger::facts([("order_id", order_id.to_string()), ("since", wib::moment(stray.since))]);
        self.ledger.keep_stray(&heard, unmatched.then_some(&facts), now)?;
        Ok(None)
    }

    fn adopt(&self, adoption: &Adoption) -> Result<Option<Sale>, Problem> {
        let mut adoption = adoption.clone();
        for tries in 0_usize.. {
            match self.ledger.adopt(&adoption, adoption.heard.heard_at) {
                Err(Trouble::NumberTaken) if tries < 40 => {
                    adoption.number = Number::draw(&self.draw::<8>()[..(4 + tries / 8).min(8)]);
                }
                adopted => return Ok(Some(adopted?)),
            }
        }
        Ok(None)
    }
}

/// What was ordered, as far as Midtrans knows it; nothing if that is not a code of ours at one of the stores.
fn order_of(told: &Transaction) -> Option<Order> {
    let rupiah = told.currency.as_ref().is_none_or(|currency| currency.eq_ignore_ascii_case("IDR"));
    let store = match told.store {
        Some(NamedStore::Known(midtrans::Store::Alfamart)) => Store::Alfamart,
        Some(NamedStore::Known(midtrans::Store::Indomaret)) => Store::Indomaret,
        Some(NamedStore::Other(_)) | None => return None,
    };
    let life = told.expiry_time.map(wib::of).zip(told.transaction_time.map(wib::of));
    let minutes = life.and_then(|(until, from)| u32::try_from(until.since(from).as_secs() / 60).ok());
    Some(Order {
        amount: Rupiah::new(told.rupiah().filter(|_| rupiah)?).ok()?,
        store,
        items: Vec::new(),
        customer: None,
        phone: None,
        email: None,
        note: None,
        expiry_minutes: minutes.filter(|minutes| (15..=180 * A_DAY).contains(minutes)).unwrap_or(A_DAY),
    })
}
