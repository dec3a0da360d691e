use till::Attempt;

use crate::world::World;

impl World {
    /// A customer pays a code they were given, perhaps an old one.
    pub(crate) fn pay(&mut self) {
        let Some((side, order_id, code)) = self.any_code() else { return };
        self.pay_code(side, &order_id, &code);
    }

    /// A customer pays this one.
    pub(crate) fn pay_code(&mut self, side: usize, order_id: &str, code: &str) {
        let now = self.now();
        let gateway = &mut self.sides[side].gateway;
        let late = gateway.transaction(order_id).is_some_and(|transaction| transaction.closed.is_some());
        let paid = gateway.pay(order_id, code, now);
        let fee = gateway.transaction(order_id).is_some_and(|transaction| transaction.fee > 0);
        self.say(format_args!("a customer pays {order_id}: {}", if paid { "taken" } else { "not taken" }));
        if paid {
            self.counts.note("payments");
            if late {
                self.counts.note("late payments");
            }
            if fee {
                self.counts.note("payments with a fee");
            }
        }
    }

    /// Indomaret takes a payment back.
    pub(crate) fn reverse(&mut self) {
        self.at_midtrans("reversals", |gateway, order_id, now| gateway.reverse(order_id, now));
    }

    /// Somebody cancels a code in Midtrans' dashboard.
    pub(crate) fn cancel_in_dashboard(&mut self) {
        self.at_midtrans("cancelled in the dashboard", |gateway, id, now| gateway.cancel_in_dashboard(id, now));
    }

    /// Midtrans denies a code.
    pub(crate) fn deny(&mut self) {
        self.at_midtrans("denied", |gateway, order_id, now| gateway.deny(order_id, now));
    }

    fn at_midtrans(&mut self, what: &'static str, act: impl Fn(&mut crate::gateway::Gateway, &str, i64) -> bool) {
        let side = self.chance.below(self.sides.len() as u64) as usize;
        let ids: Vec<String> =
            self.sides[side].gateway.book().map(|transaction| transaction.order_id.clone()).collect();
        let Some(order_id) = self.chance.pick(&ids).cloned() else { return };
        let now = self.now();
        if act(&mut self.sides[side].gateway, &order_id, now) {
            self.say(format_args!("{what}: {order_id}"));
            self.counts.note(what);
        }
    }

    /// A code that was ever on a screen.
    fn any_code(&mut self) -> Option<(usize, String, String)> {
        let side = self.chance.below(self.sides.len() as u64) as usize;
        let attempts = self.sides[side].witness.sales().flat_map(|sale| &sale.attempts);
        let shown = |attempt: &Attempt| Some((attempt.order_id.to_string(), attempt.payment_code.clone()?));
        let codes: Vec<(String, String)> = attempts.filter_map(shown).collect();
        self.chance.pick(&codes).map(|(order_id, code)| (side, order_id.clone(), code.clone()))
    }
}
