use std::time::Duration;

use till::{Attempt, Move, OrderId, Sale, Time};
use tokio::time::{Instant, sleep, timeout};

use crate::{Counter, LOOK_AROUND, Problem};

/// Given-up attempts are watched for at least a day; older ones are left in peace.
const SWEPT: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// An order is left alone so long after a failure that is ours, such as a full disk or a locked keyring.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

impl Counter {
    /// Finds the truth about every open order, for as long as the program runs.
    pub async fn run(&self) {
        loop {
            let pause = match self.next_due().await {
                Ok(Some(pause)) => pause,
                // Something was done; the next follows after a breath, so that a long list is no flood.
                Ok(None) => {
                    sleep(self.pace.between).await;
                    continue;
                }
                Err(problem) => {
                    tracing::warn!(%problem, "an open order could not be followed");
                    self.pace.between
                }
            };
            // Being woken or running out of time are both reasons to look around.
            let _ = timeout(pause.min(LOOK_AROUND), self.wake.notified()).await;
        }
    }

    /// Looks up every open order at once, whatever the ladder says, and sends again what the rules
    /// allow; then whatever is due about other tills; then follows what is still undecided until `until`.
    pub async fn sync(&self, until: Instant) -> Result<Vec<Sale>, Problem> {
        for stray in self.ledger.strays()? {
            self.place(&stray).await?;
        }
        let mut synced = Vec::new();
        for sale in self.watched()? {
            for attempt in sale.attempts.iter().filter(|attempt| attempt.is_open()) {
                self.look_up_now(sale.clone(), attempt.order_id).await?;
            }
            if sale.attempts.iter().any(Attempt::is_open) {
                synced.push(sale.id);
            }
        }
        while let Some(order_id) = self.ledger.to_ask_again()? {
            if !self.ask_again_about(order_id).await? {
                break;
            }
            sleep(self.pace.between).await;
        }
        while let (Some(other), _) = self.most_urgent_other(self.now())? {
            self.look_at_other(&other).await?;
            sleep(self.pace.between).await;
        }
        let reached = self.freshness().online;
        let mut sales = Vec::with_capacity(synced.len());
        for id in synced {
            let until = if reached { until } else { Instant::now() };
            sales.push(self.settle(id, until).await?);
        }
        Ok(sales)
    }

    /// Does the most urgent thing that is due and answers nothing, or says how long there is nothing to do.
    async fn next_due(&self) -> Result<Option<Duration>, Problem> {
        self.save_unsaved();
        let now = self.now();
        let (due, earliest) = self.most_urgent(&self.watched()?, now);
        if let Some((sale, order_id)) = due {
            return match self.advance(&sale, order_id).await {
                // Another program is at it.
                Ok(Move::Wait(until)) => Ok(Some(until.since(self.now()).max(Duration::from_millis(50)))),
                Ok(_) => Ok(None),
                Err(problem) => Err(self.leave_alone(order_id, problem)),
            };
        }
        // What no order is known of can wait until nothing else is due.
        let (stray, first) = self.most_urgent_stray(now)?;
        if let Some(stray) = stray {
            self.place(&stray).await.map_err(|problem| self.leave_alone(stray.order_id, problem))?;
            return Ok(None);
        }
        let (other, next) = self.most_urgent_other(now)?;
        if let Some(other) = other {
            self.look_at_other(&other).await.map_err(|problem| self.leave_alone(other.order_id, problem))?;
            return Ok(None);
        }
        let again = self.ask_again().await?;
        let earliest = [earliest, first, next].into_iter().flatten().min();
        Ok(again.map(|pause| earliest.map_or(LOOK_AROUND, |at| at.since(now)).min(pause)))
    }

    /// Asks Midtrans about the next attempt of which a restored ledger may know less than Midtrans does,
    /// and answers nothing; or says how long there is nothing to ask.
    async fn ask_again(&self) -> Result<Option<Duration>, Problem> {
        let Some(order_id) = self.ledger.to_ask_again()? else { return Ok(Some(LOOK_AROUND)) };
        let left = self.memory().left_alone(order_id);
        if left.is_some() {
            return Ok(left);
        }
        match self.ask_again_about(order_id).await {
            Ok(true) => Ok(None),
            Ok(false) => {
                self.memory().leave(order_id, self.pace.after_ladder);
                Ok(Some(self.pace.after_ladder))
            }
            Err(problem) => Err(self.leave_alone(order_id, problem)),
        }
    }

    /// Whether Midtrans has answered.
    async fn ask_again_about(&self, order_id: OrderId) -> Result<bool, Problem> {
        let client = self.client().await?;
        let Some(flight) = self.ledger.flight(order_id)? else { return Ok(false) };
        let Some(sale) = self.ledger.find(order_id.as_str())? else { return Ok(false) };
        let (_, answered) = self.look_up_and_tell(&client, &sale, order_id, &flight).await?;
        if answered {
            self.ledger.asked_again(order_id)?;
        }
        Ok(answered)
    }

    /// What cannot be followed must not hold up the others.
    fn leave_alone(&self, order_id: OrderId, problem: Problem) -> Problem {
        self.memory().leave(order_id, AFTER_FAILURE);
        problem
    }

    pub(crate) fn watched(&self) -> Result<Vec<Sale>, Problem> {
        let since = self.now().millis() - i64::try_from(SWEPT.as_millis()).unwrap_or(0);
        Ok(self.ledger.watched(Time::from_millis(since))?)
    }

    /// Whoever stands at the counter with a receipt in hand comes first, then whoever waits for a
    /// code, then the rest. Among those who wait alike it is the turn of whoever has waited longest, so
    /// that nobody is passed over however often the others are due again.
    fn most_urgent(&self, sales: &[Sale], now: Time) -> (Option<(Sale, OrderId)>, Option<Time>) {
        let memory = self.memory();
        let mut due: Option<(Turn, &Sale, OrderId)> = None;
        let mut earliest: Option<Time> = None;
        for sale in sales {
            for attempt in &sale.attempts {
                let next = match memory.left_alone(attempt.order_id) {
                    Some(left) => Move::Wait(now + left),
                    None => memory.next_move(sale, attempt.order_id, now, &self.pace),
                };
                match next {
                    Move::Rest => {}
                    Move::Wait(at) => earliest = Some(earliest.map_or(at, |first| first.min(at))),
                    _ => {
                        let turn = (urgency(attempt), memory.turns.get(&attempt.order_id).copied());
                        if due.is_none_or(|(first, ..)| turn < first) {
                            due = Some((turn, sale, attempt.order_id));
                        }
                    }
                }
            }
        }
        (due.map(|(_, sale, order_id)| (sale.clone(), order_id)), earliest)
    }
}

/// How urgent it is, and when it was last its turn.
type Turn = (u8, Option<Instant>);

fn urgency(attempt: &Attempt) -> u8 {
    match attempt.question {
        // What is over is looked at when there is nothing else to do.
        None if !attempt.is_open() => 5,
        Some(question) if question.weighs => 0,
        _ if attempt.cancel_asked.is_some() || attempt.expire_asked.is_some() => 1,
        _ if attempt.payment_code.is_none() => 2,
        Some(_) => 3,
        None => 4,
    }
}
