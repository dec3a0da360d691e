use std::time::Duration;

use ledger::{NewCode, Reissued};
use till::{Attempt, Event, From, OrderId, Reissue, Sale, SaleId, Store};
use tokio::time::Instant;

use crate::{Counter, Problem, request, wib};

/// So often Midtrans is asked whether the old code is dead, when notifications come in between.
const LOOKS: usize = 3;

impl Counter {
    /// Makes a new code for a sale, at this store or at the one it had.
    ///
    /// The old code is cancelled first, and the new one is made only once Midtrans, asked how the
    /// old one stands, has said that it is dead. If that cannot be had now, the problem is
    /// `not_closed_yet`: the cancel goes on by itself, and whoever still wants a new code presses
    /// again. While a request for the old one that nobody answered may still be on its way, it is
    /// `request_under_way`, and after that Midtrans is asked whether it has made the old code once
    /// more. Nothing is made anew by itself.
    ///
    /// Whoever names the attempt by its `order_id` means to replace that one. If somebody has done
    /// so already, what came of it is shown and nothing more is made.
    pub async fn reissue(&self, named: &str, store: Store, from: From) -> Result<Sale, Problem> {
        self.save_unsaved();
        let sale = self.find(named)?;
        let Some(instead_of) = sale.attempts.last().map(|latest| latest.order_id) else {
            return Err(Problem::of("order_not_found"));
        };
        if named.trim().parse::<OrderId>().is_ok_and(|meant| meant != instead_of) {
            return Ok(sale);
        }
        sale.order.suits(store)?;
        let settings = self.ledger.settings()?;
        // The old code is not closed for a new one that cannot be made.
        self.room_for_a_charge()?;
        // Without a key neither the old code can be closed nor the new one be made.
        let client = self.client().await?;
        self.close_what_is_open(sale.id, instead_of, from).await?;
        for _ in 0..LOOKS {
            let sale = self.look_up_what_hinders(sale.id).await?;
            if sale.attempts.last().is_none_or(|latest| latest.order_id != instead_of) {
                // Another program was faster.
                return Ok(sale);
            }
            match sale.reissue() {
                Reissue::Now => {}
                // A notification came while Midtrans was being asked, so it is asked once more.
                Reissue::OnceClosed if !sale.attempts.iter().any(Attempt::is_live) => continue,
                Reissue::OnceClosed => break,
                Reissue::Paid => return Err(Problem::of("already_paid")),
                Reissue::Never => return Err(Problem::of("cannot_reissue").with_state(sale.state())),
            }
            if let Some(until) = sale.under_way_until(self.now(), &self.pace) {
                // A minute that has only begun is not over.
                let until = until + Duration::from_secs(59);
                return Err(Problem::of("request_under_way").with("until", wib::clock(until)));
            }
            let Some(sale) = self.look_up_what_went_unanswered(&client, sale).await? else { break };
            if sale.reissue() != Reissue::Now {
                continue;
            }
            let order_id = OrderId::draw(self.ledger.till(), self.draw());
            let Some(flight) = self.ledger.flight(order_id)? else { return Err(Problem::of("ledger_locked")) };
            let request = request::charge(&sale.order, store, order_id, &sale.number, &settings);
            let notify = self.notify_to(&settings)?;
            let new = NewCode { sale: sale.id, instead_of, order_id, store, request, notify };
            match self.ledger.reissue(&new, from, self.now(), &self.pace)? {
                Reissued::Made(sale) => return self.send(&client, &sale, order_id, flight).await,
                Reissued::Before(sale) => return Ok(sale),
                // Or it came between the answer and our writing.
                Reissued::NotYet(_) => {}
            }
        }
        Err(Problem::of("not_closed_yet"))
    }

    /// Wants an open code cancelled, and follows that for as long as somebody can be asked to wait.
    async fn close_what_is_open(&self, id: SaleId, code: OrderId, from: From) -> Result<(), Problem> {
        let sale = self.ledger.write(id, from, self.now(), |sale| {
            let wanted = sale.reissue() == Reissue::OnceClosed;
            let open = sale.attempt_of(code).filter(|attempt| wanted && attempt.is_live());
            let unasked = open.filter(|attempt| attempt.cancel_asked.is_none());
            unasked.map(|attempt| (Some(attempt.order_id), Event::CancelAsked)).into_iter().collect()
        })?;
        if sale.reissue() == Reissue::OnceClosed {
            self.memory().forget(code);
            self.settle(id, Instant::now() + self.pace.ladder[2]).await?;
        }
        Ok(())
    }

    /// Asks Midtrans about every code that is not known to be dead.
    async fn look_up_what_hinders(&self, id: SaleId) -> Result<Sale, Problem> {
        let mut sale = self.ledger.sale(id)?.ok_or_else(|| Problem::of("order_not_found"))?;
        let ids: Vec<OrderId> = sale.attempts.iter().map(|attempt| attempt.order_id).collect();
        for order_id in ids {
            let open = sale.attempt_of(order_id).is_some_and(Attempt::is_live);
            // Whoever could not be reached to close it would not answer now either.
            let vain = open && !self.freshness().online;
            if sale.reissue() == Reissue::OnceClosed && !vain {
                sale = self.look_up_now(sale, order_id).await?;
            }
        }
        Ok(sale)
    }

    /// Asks Midtrans about every code of which a request was never answered: by now it has arrived or
    /// never will. Nothing if Midtrans does not tell.
    async fn look_up_what_went_unanswered(
        &self,
        client: &midtrans::Client,
        mut sale: Sale,
    ) -> Result<Option<Sale>, Problem> {
        let unanswered = sale.attempts.iter().filter(|attempt| attempt.unanswered_at().is_some());
        let ids: Vec<OrderId> = unanswered.map(|attempt| attempt.order_id).collect();
        for order_id in ids {
            let Some(flight) = self.wait_for_flight(order_id).await? else { return Ok(None) };
            let (now, told) = self.look_up_and_tell(client, &sale, order_id, &flight).await?;
            if !told {
                return Ok(None);
            }
            sale = now;
        }
        Ok(Some(sale))
    }
}
