//! What must be true when everything has settled, whoever was killed on the way.

use std::collections::BTreeSet;

use ledger::Row;
use till::State;

use crate::shop::{Shop, attempt};

impl Shop {
    /// Every transaction at Midtrans is exactly one order here and the other way round, with one
    /// code that is the same on both sides; nothing is paid that Midtrans has not settled; whatever
    /// was sent twice was sent with the same bytes; every notification that was acknowledged is
    /// there; and `geraictl doctor` finds nothing.
    pub fn assert_that_both_sides_agree(&self) {
        let (orders, transactions) = (self.orders(), self.transactions());
        for order in &orders {
            let name = order.order_id.unwrap().to_string();
            let Some(there) = transactions.get(&name) else {
                panic!("Midtrans never had {order:?}");
            };
            let here = (order.payment_code.as_deref(), order.store.word(), order.amount);
            assert_eq!(here, (Some(there.code.as_str()), there.store.as_str(), there.amount), "{name}");
            assert_eq!(word_there(order.state), there.status, "{order:?}");
        }
        assert_eq!(orders.len(), transactions.len(), "every transaction there is an order here");
        let distinct = |of: fn(&Row) -> String| orders.iter().map(of).collect::<BTreeSet<_>>().len();
        assert_eq!(distinct(|row| row.order_id.unwrap().to_string()), orders.len(), "one name each");
        assert_eq!(distinct(|row| row.payment_code.clone().unwrap()), orders.len(), "one code each");
        for (name, bodies) in self.line.charges() {
            let Some(sale) = self.ledger.find(&name).unwrap() else {
                panic!("{name} was sent and is not written down: {bodies:?}");
            };
            let written = sale.attempt_of(attempt(&name)).unwrap().request.clone();
            assert_eq!(bodies.into_iter().collect::<Vec<_>>(), [written], "the same bytes however often");
        }
        self.assert_that_what_was_acknowledged_is_there();
        self.ctl(&["doctor"]);
    }

    /// A notification that Midtrans sent and that was answered with 200 is in the ledger.
    pub fn assert_that_what_was_acknowledged_is_there(&self) -> usize {
        let told = self.door().get("notifications");
        let mut acknowledged = 0;
        for notification in told["notifications"].as_array().unwrap() {
            let sent = notification["deliveries"].as_array().unwrap().iter();
            let heard = sent.flat_map(|copy| copy["attempts"].as_array().unwrap()).any(|try_| try_["answer"] == 200);
            if heard {
                acknowledged += 1;
                let name = notification["order_id"].as_str().unwrap();
                let body = notification["body"].as_str().unwrap().as_bytes();
                let stored = self.ledger.notifications(attempt(name)).unwrap();
                assert_eq!(stored.iter().filter(|stored| stored.body == body).count(), 1, "{notification}");
            }
        }
        acknowledged
    }
}

/// How Midtrans says what we call so.
fn word_there(state: State) -> &'static str {
    match state {
        State::Pending => "pending",
        State::Paid => "settlement",
        State::Cancelled => "cancel",
        State::Expired => "expire",
        State::Denied | State::Reversed => "deny",
        State::Intent | State::Unknown | State::Confirming | State::PaidLate | State::Refused | State::Abandoned => {
            "nothing yet"
        }
    }
}
