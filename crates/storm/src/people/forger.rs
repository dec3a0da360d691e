use serde_json::{Value, json};
use till::State;

use crate::{
    gateway::{Status, Transaction, sign},
    witness::{Held, broken},
    world::World,
};

/// How somebody tries to make the shop believe what Midtrans never sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trick {
    /// Sealed with a key of their own.
    OtherKey,
    /// The very bytes of an old one.
    Replay,
    /// An old one whose state was changed; its seal does not cover that.
    Relabel,
    /// The seal that a look-up of a cancelled order shows is good for `200`.
    BorrowedSeal,
    /// The sealed texts, cut at another place.
    Cut,
    /// Sealed with the shop's own key, and not what the shop had asked for.
    OtherOrder,
}

const TRICKS: [Trick; 6] =
    [Trick::OtherKey, Trick::Replay, Trick::Relabel, Trick::BorrowedSeal, Trick::Cut, Trick::OtherOrder];

impl World {
    /// Somebody posts what Midtrans never sent. No order moves towards *paid* by it (I11).
    pub(crate) fn forge(&mut self) -> Held {
        let side = self.chance.below(self.sides.len() as u64) as usize;
        let known: Vec<Transaction> = self.sides[side].gateway.book().cloned().collect();
        let Some(victim) = self.chance.pick(&known).cloned() else { return Ok(()) };
        let trick = *self.chance.pick(&TRICKS).unwrap_or(&Trick::OtherKey);
        let Some(body) = self.forgery(side, trick, &victim) else { return Ok(()) };
        self.check()?;
        let before = self.sides[side].witness.states();
        let heard = self.post(side, &body, None)?;
        self.counts.note("forgeries");
        self.say(format_args!("a forger tries {trick:?} on {}: {heard:?}", victim.order_id));
        if trick == Trick::OtherKey && heard == Some(200) && !self.keyring.is_locked() {
            return broken("I11", format!("a forged notification about {} was taken for genuine", victim.order_id));
        }
        self.check()?;
        if self.pc.is_spoiled() {
            // What a failing disk had hidden from the witness before is no work of the forger's.
            return Ok(());
        }
        for (order_id, was) in before {
            let is = self.sides[side].witness.state(order_id).unwrap_or(was);
            let genuine_seal = matches!(trick, Trick::Replay | Trick::Relabel | Trick::BorrowedSeal);
            // Who has a genuine seal in hand may raise a question, and no more than that.
            if is != was && !(genuine_seal && is == State::Confirming) {
                return broken("I11", format!("{trick:?} moved {order_id} from {was:?} to {is:?}"));
            }
        }
        Ok(())
    }

    fn forgery(&mut self, side: usize, trick: Trick, victim: &Transaction) -> Option<Vec<u8>> {
        let key = self.sides[side].gateway.keys[0].clone();
        let paid = |order_id: &str, code: &str, amount: &str, key: &str| {
            json!({
                "transaction_time": "2026-11-23 09:00:00", "transaction_status": "settlement",
                "transaction_id": victim.id, "store": victim.store, "payment_code": victim.code,
                "status_message": "midtrans payment notification", "payment_type": "cstore", "currency": "IDR",
                "settlement_time": "2026-11-23 09:01:00", "order_id": order_id, "status_code": code,
                "gross_amount": amount, "signature_key": sign(order_id, code, amount, key),
            })
        };
        let amount = format!("{}.00", victim.amount);
        let body = match trick {
            Trick::OtherKey => paid(&victim.order_id, "200", &amount, "SB-Mid-server-seorang-penipu"),
            Trick::Replay => return self.old_letter(side),
            Trick::Relabel => {
                let mut body: Value = serde_json::from_slice(&self.old_letter(side)?).ok()?;
                body["transaction_status"] = (*self.chance.pick(&["settlement", "deny", "expire"])?).into();
                body
            }
            Trick::BorrowedSeal if victim.status == Status::Cancel => paid(&victim.order_id, "200", &amount, &key),
            Trick::BorrowedSeal => return None,
            Trick::Cut => {
                let sealed = format!("201{amount}");
                let cut = 1 + self.chance.below(3) as usize;
                let order_id = format!("{}{}", victim.order_id, &sealed[..cut]);
                // The seal is the one that Midtrans itself made of the whole.
                paid(&order_id, sealed.get(cut..cut + 3)?, sealed.get(cut + 3..)?, &key)
            }
            Trick::OtherOrder => {
                let mut body = paid(&victim.order_id, "200", &amount, &key);
                match self.chance.below(2) {
                    0 => body = paid(&victim.order_id, "200", &format!("{}.00", victim.amount + 1), &key),
                    _ => body["store"] = if victim.store == "alfamart" { "indomaret" } else { "alfamart" }.into(),
                }
                body
            }
        };
        Some(body.to_string().into_bytes())
    }

    fn old_letter(&mut self, side: usize) -> Option<Vec<u8>> {
        self.chance.pick(self.sides[side].gateway.post.written()).cloned()
    }
}
