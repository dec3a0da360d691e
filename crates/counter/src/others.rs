use midtrans::LookUpError;
use till::{Move, Other, Time};

use crate::{Counter, Problem, adopt::A_DAY};

impl Counter {
    /// The code of another till that is due to be looked up, and when the next is due.
    pub(crate) fn most_urgent_other(&self, now: Time) -> Result<(Option<Other>, Option<Time>), Problem> {
        let mut earliest: Option<Time> = None;
        for other in self.ledger.others_watched()? {
            let left = self.memory().left_alone(other.order_id);
            match left.map_or_else(|| other.next_move(now, &self.pace), |left| Move::Wait(now + left)) {
                Move::LookUp => return Ok((Some(other), None)),
                Move::Wait(at) => earliest = Some(earliest.map_or(at, |first| first.min(at))),
                _ => {}
            }
        }
        Ok((None, earliest))
    }

    /// Asks Midtrans about a code of another till, and does nothing about it whatever comes of that:
    /// its own till does.
    pub(crate) async fn look_at_other(&self, other: &Other) -> Result<(), Problem> {
        let order_id = other.order_id;
        let client = self.client().await?;
        let Some(_flight) = self.ledger.flight(order_id)? else {
            self.memory().leave(order_id, self.pace.ladder[0]);
            return Ok(());
        };
        let (asking, heard, answered) = self.ask(&client, order_id).await?;
        let told = match &answered.outcome {
            Ok(told) => Some(asking.reported(told, &answered.exchange, A_DAY)),
            Err(LookUpError::NotFound) => None,
            Err(error) => {
                if *error == LookUpError::KeyRefused {
                    self.key_refused();
                }
                self.memory().leave(order_id, self.pace.after_ladder);
                return Ok(());
            }
        };
        Ok(self.ledger.told_of_other(other, told.as_ref(), heard.heard_at)?)
    }
}
