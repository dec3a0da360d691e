use ledger::{Flight, NewSale, Trouble};
use till::{Asked, Draft, Event, From, Move, Number, OrderId, Sale, SaleId, State, Unclear};
use tokio::time::{Instant, sleep};

use crate::{Counter, Problem, request, wib};

impl Counter {
    /// Charges a draft: writes the intent down, durably, and only then sends it.
    ///
    /// `id` was drawn when the draft was begun, so a second press of the button, or the same draft
    /// found again after a crash, shows the first sale and makes no second one. A sale that comes
    /// back *unknown* is no error: the loop finds the truth.
    pub async fn charge(&self, id: SaleId, draft: &Draft, from: From) -> Result<Sale, Problem> {
        if let Some(first) = self.ledger.sale(id)? {
            return Ok(self.with_unsaved(first));
        }
        self.room_for_a_charge()?;
        let settings = self.ledger.settings()?;
        let order = draft.check(wib::minutes_to_closing(self.true_now(), &settings.closes_at))?;
        // Without a key nothing can be sent, so nothing is written down either.
        let client = self.client().await?;
        let order_id = OrderId::draw(self.ledger.till(), self.draw());
        let Some(flight) = self.ledger.flight(order_id)? else { return Err(Problem::of("ledger_locked")) };
        let mut sale = None;
        for tries in 0_usize.. {
            // Four characters, and more once the short numbers run out.
            let number = Number::draw(&self.draw::<8>()[..(4 + tries / 8).min(8)]);
            let request = request::charge(&order, order.store, order_id, &number, &settings);
            let notify = self.notify_to(&settings)?;
            let new = NewSale { id, number, order: order.clone(), order_id, request, notify };
            match self.ledger.intend(&new, from, self.now()) {
                Err(Trouble::NumberTaken) if tries < 40 => {}
                Err(Trouble::AlreadyThere) => break,
                other => {
                    sale = Some(other?);
                    break;
                }
            }
        }
        match sale {
            Some(sale) => self.send(&client, &sale, order_id, flight).await,
            None => self.sale(id),
        }
    }

    /// Follows a sale until its outcome is known or the time is up.
    pub async fn settle(&self, id: SaleId, until: Instant) -> Result<Sale, Problem> {
        loop {
            let sale = self.sale(id)?;
            if self.is_unsaved(id) && !self.save_unsaved() && Instant::now() < until {
                sleep(self.pace.between).await;
                continue;
            }
            let undecided = |attempt: &&till::Attempt| {
                let waits = matches!(attempt.state(), State::Intent | State::Unknown);
                // A question is open where Midtrans would not cancel, too: it may be cancelled already, or paid.
                let asked =
                    attempt.cancel_asked.is_some() || attempt.expire_asked.is_some() || attempt.question.is_some();
                waits || (attempt.is_live() && asked)
            };
            let Some(attempt) = sale.attempt().filter(undecided) else { return Ok(sale) };
            if Instant::now() >= until {
                return Ok(sale);
            }
            if let Move::Wait(_) | Move::Rest = self.advance(&sale, attempt.order_id).await? {
                sleep(self.pace.between.min(until - Instant::now())).await;
            }
        }
    }

    /// Sends the bytes of the intent and writes down what came of it. The flight is held from before
    /// the first byte until that is written.
    pub(crate) async fn send(
        &self,
        client: &midtrans::Client,
        sale: &Sale,
        order_id: OrderId,
        flight: Flight,
    ) -> Result<Sale, Problem> {
        let Some(attempt) = sale.attempt_of(order_id) else { return Err(Problem::of("order_not_found")) };
        let asking = self.asking(order_id, Asked::Charge)?;
        let answered = client.charge(attempt.request.as_bytes(), attempt.notify.as_deref()).await;
        let unclear = answered.outcome.as_ref().err().and_then(unclear_of);
        let outcome = request::of_charge(order_id, &answered.outcome);
        let heard = self.hear(&asking, &answered.exchange, outcome, unclear);
        // If the answer leaves it open what became of it, the ladder of look-ups begins with the answer.
        self.answered(order_id, if answered.outcome.is_ok() { heard.sent_at } else { heard.heard_at }, true);
        let event = match answered.outcome {
            // An answer about another order is none; a look-up asks for ours by its name.
            Ok(charged) if charged.transaction.order_id != order_id.as_str() => {
                Event::Unclear { why: Unclear::Nonsense }
            }
            Ok(charged) => {
                let minutes = sale.order.expiry_minutes;
                Event::Reported(asking.reported(&charged.transaction, &answered.exchange, minutes))
            }
            Err(midtrans::ChargeError::TryLater) => Event::TryLater,
            Err(midtrans::ChargeError::Duplicate) => Event::Unclear { why: Unclear::Duplicate },
            Err(midtrans::ChargeError::Unknown(why)) => Event::Unclear { why: request::unclear(why) },
            Err(refused) => match request::refusal(&refused) {
                Some((reason, said)) => Event::Refused { reason, said },
                None => Event::Unclear { why: Unclear::Nonsense },
            },
        };
        match self.keep(sale.id, &heard, |_| vec![(Some(order_id), event.clone())]) {
            Ok(now) => {
                self.print_by_itself(sale, &now);
                Ok(now)
            }
            // The code may be the only one the customer will ever have: it is shown, and written down later.
            Err(problem) => {
                tracing::error!(%problem, "an answer of Midtrans' cannot be written down yet");
                Ok(self.hold_unsaved(sale, heard, event, flight))
            }
        }
    }
}

fn unclear_of(error: &midtrans::ChargeError) -> Option<midtrans::Unclear> {
    match error {
        midtrans::ChargeError::Unknown(unclear) => Some(*unclear),
        _ => None,
    }
}
