use std::collections::HashMap;

use ledger::{Closed, Closing, Doubt, NewClosing, Report, Row, Sealing};
use till::{Attempt, OrderId, Sale, SaleId, State, Time};
use tokio::time::sleep;

use crate::{Counter, Problem, person, wib};

/// This day at the counter.
#[derive(Clone, Debug)]
pub struct Day {
    /// Its first moment.
    pub day: Time,
    /// What it comes to as it stands, or came to when it was closed.
    pub report: Report,
    /// Who closed it; nothing while it is open.
    pub closing: Option<Closing>,
}

impl Counter {
    /// Today as it stands, or as it was closed.
    pub fn this_day(&self) -> Result<Day, Problem> {
        let day = wib::day(self.true_now());
        match self.ledger.closed_since(day.0)? {
            Some(closing) => Ok(Day { day: closing.day, report: closing.report.clone(), closing: Some(closing) }),
            None => Ok(Day { day: day.0, report: self.ledger.report(day, self.long_unknown())?, closing: None }),
        }
    }

    /// Closes this day, or an earlier one that nobody has closed: Midtrans is asked about every open
    /// order and once more about every payment, and what that came to is written down, once and for
    /// good. Somebody's name stands for it.
    ///
    /// Without Midtrans a day can be closed too. Its report says what was not confirmed.
    pub async fn close_day(&self, day: Option<(Time, Time)>, by: &str, seal: Sealing) -> Result<Closing, Problem> {
        let by = person(by)?;
        let today = wib::day(self.true_now());
        let day = day.unwrap_or(today);
        if day.0 > today.0 {
            return Err(Problem::of("day_not_begun"));
        }
        if let Some(before) = self.ledger.closed_since(day.0)? {
            return Err(closed_before(&before));
        }
        self.save_unsaved();
        let looked_up = self.look_up_everything_open().await?;
        let mut doubts: HashMap<SaleId, Doubt> = HashMap::new();
        let mut reached = true;
        for row in self.ledger.payments(day)? {
            // Nobody waits again and again for a Midtrans that is out of reach.
            let doubt = if reached { self.doubt(&row).await? } else { Some(Doubt::NotReached) };
            reached &= doubt != Some(Doubt::NotReached) || self.freshness().online;
            doubts.extend(doubt.map(|why| (row.id, why)));
        }
        let (at, long_unknown) = (self.now(), self.long_unknown());
        let new = NewClosing { day, by: by.to_owned(), at, doubts, looked_up, seal, long_unknown };
        let closing = match self.off_the_threads(move |ledger| ledger.close_day(&new)).await? {
            Closed::Done(closing) => {
                self.print_report_by_itself(closing.number);
                closing
            }
            Closed::Before(closing) => return Err(closed_before(&closing)),
        };
        if let Err(problem) = self.copy().await {
            // The day is closed all the same, and the hourly copy follows.
            tracing::warn!(%problem, "no copy of the closed day could be made");
        }
        Ok(closing)
    }

    /// The closing with this number.
    pub fn closing(&self, number: u32) -> Result<Closing, Problem> {
        self.ledger.closing(number)?.ok_or_else(|| Problem::of("no_such_report").with("number", number))
    }

    /// Every closing, newest first.
    pub fn closings(&self) -> Result<Vec<Closing>, Problem> {
        Ok(self.ledger.closings()?)
    }

    /// Asks how every open order stands, and says whether Midtrans has told of all of them.
    async fn look_up_everything_open(&self) -> Result<bool, Problem> {
        for stray in self.ledger.strays()? {
            if self.place(&stray).await.is_err() {
                return Ok(false);
            }
        }
        let mut all = self.ledger.strays()?.is_empty();
        for sale in self.watched()? {
            let open = sale.attempts.iter().filter(|attempt| attempt.is_open());
            for order_id in open.map(|attempt| attempt.order_id).collect::<Vec<_>>() {
                all &= self.told_of(&sale, order_id).await?.is_some();
                if !self.freshness().online {
                    return Ok(false);
                }
            }
        }
        Ok(all)
    }

    /// Asks about a payment once more, and says what speaks against it.
    async fn doubt(&self, row: &Row) -> Result<Option<Doubt>, Problem> {
        let Some(sale) = self.ledger.sale(row.id)? else { return Ok(Some(Doubt::Differs)) };
        let paid = |attempt: &&Attempt| attempt.state() == State::Paid;
        let Some(order_id) = sale.attempts.iter().find(paid).map(|attempt| attempt.order_id) else {
            return Ok(Some(Doubt::Differs));
        };
        Ok(match self.told_of(&sale, order_id).await? {
            None => Some(Doubt::NotReached),
            Some(sale) if sale.state() == State::Paid && Row::of(&sale).problem.is_none() => None,
            Some(_) => Some(Doubt::Differs),
        })
    }

    /// How a sale stands after Midtrans was asked about an attempt of it; nothing if that gave no answer
    /// that counts.
    async fn told_of(&self, sale: &Sale, order_id: OrderId) -> Result<Option<Sale>, Problem> {
        let Ok(client) = self.client().await else { return Ok(None) };
        let Some(flight) = self.wait_for_flight(order_id).await? else { return Ok(None) };
        let (sale, counts) = self.look_up_and_tell(&client, sale, order_id, &flight).await?;
        drop(flight);
        sleep(self.pace.between).await;
        Ok(counts.then_some(sale))
    }
}

fn closed_before(closing: &Closing) -> Problem {
    Problem::of("day_closed").with("number", closing.number).with("by", &closing.by).with("at", wib::moment(closing.at))
}
