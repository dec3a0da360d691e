//! A ledger that was damaged, or for which somebody put an old copy back: Midtrans knows the rest.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod shop;

use std::{collections::BTreeSet, fs, time::Duration};

use ledger::{Ledger, MatterKind};
use serde_json::json;
use shop::Shop;
use till::{Concern, Environment, From, Sale, State, Store};
use tokio::time::Instant;

/// A morning's sales: some before a copy was made, some since, and what became of them at Midtrans.
struct Morning {
    copy: String,
    /// Paid and confirmed before the copy, and taken back by the store since.
    reversed: Sale,
    /// Waiting when the copy was made, and paid since.
    paid_since: Sale,
    /// Made and paid since.
    new_paid: Sale,
    /// Made since, and nobody has paid.
    new_pending: Sale,
    /// Made and cancelled since.
    new_cancelled: Sale,
}

impl Morning {
    async fn of(shop: &Shop) -> Self {
        let reversed = shop.charge(Store::Indomaret).await;
        shop.happens("pay", &reversed).await;
        shop.counter.check(reversed.id.as_str()).await.unwrap();
        let paid_since = shop.charge(Store::Alfamart).await;
        let copy = shop.counter.copy().await.unwrap().name;
        let [new_paid, new_pending, new_cancelled] = [
            shop.charge(Store::Indomaret).await,
            shop.charge(Store::Alfamart).await,
            shop.charge(Store::Alfamart).await,
        ];
        for paid in [&paid_since, &new_paid] {
            shop.happens("pay", paid).await;
            assert_eq!(shop.counter.check(paid.id.as_str()).await.unwrap().state(), State::Paid);
        }
        shop.counter.cancel(new_cancelled.id.as_str(), From::Cashier).await.unwrap();
        shop.happens("reverse", &reversed).await;
        Self { copy, reversed, paid_since, new_paid, new_pending, new_cancelled }
    }

    fn all(&self) -> [(&Sale, State); 5] {
        [
            (&self.reversed, State::Reversed),
            (&self.paid_since, State::Paid),
            (&self.new_paid, State::Paid),
            (&self.new_pending, State::Pending),
            (&self.new_cancelled, State::Cancelled),
        ]
    }
}

impl Shop {
    /// Every order there ever was is there once and as Midtrans has it, and nothing was charged anew.
    async fn knows_all_of(&self, morning: &Morning) {
        self.counter.sync(Instant::now() + Duration::from_secs(20)).await.unwrap();
        let sales = self.sales();
        for (sale, state) in morning.all() {
            let id = sale.attempts[0].order_id;
            let found: Vec<&Sale> = sales.iter().filter(|sale| sale.attempt_of(id).is_some()).collect();
            assert_eq!(found.len(), 1, "{id}");
            assert_eq!(found[0].state(), state, "{id}");
            assert_eq!(shop::code(found[0]), shop::code(sale), "{id}: the code the customer holds");
        }
        assert_eq!(sales.len(), morning.all().len(), "nothing is there that never was");
        assert_eq!(self.charges().await.len(), morning.all().len(), "no second code");
        let at_midtrans = self.transactions().await;
        let settled: BTreeSet<&str> = at_midtrans
            .iter()
            .filter(|transaction| transaction["status"] == "settlement")
            .map(|transaction| transaction["order_id"].as_str().unwrap())
            .collect();
        for paid in sales.iter().filter(|sale| sale.state() == State::Paid) {
            assert!(settled.contains(paid.attempts[0].order_id.as_str()), "paid, and Midtrans has no money");
        }
        assert_eq!(self.ledger().audit().unwrap(), []);
        let told: Vec<MatterKind> = self.ledger().matters().unwrap().iter().map(|matter| matter.kind).collect();
        assert_eq!(told, [MatterKind::Restored], "the owner hears of it, and of nothing else");
        assert_eq!(self.ledger().to_ask_again().unwrap(), None, "Midtrans was asked about everything");
    }
}

#[tokio::test]
async fn after_an_old_copy_was_put_back_every_order_is_there_again_as_midtrans_has_it() {
    let mut shop = Shop::open().await;
    let morning = Morning::of(&shop).await;
    let now = shop.counter.now();
    shop.closed(|folder| drop(Ledger::restore(folder, Environment::Sandbox, &morning.copy, now).unwrap()));
    assert_eq!(shop.sales().len(), 2, "what the copy knows");
    shop.knows_all_of(&morning).await;
    for new in [&morning.new_paid, &morning.new_pending, &morning.new_cancelled] {
        let adopted = shop.counter.find(new.attempts[0].order_id.as_str()).unwrap();
        assert_eq!(adopted.open_concerns()[0].1, Concern::Adopted);
    }
    // And so it stays when the shop is opened again.
    shop.closed(|_| {});
    shop.knows_all_of(&morning).await;
}

#[tokio::test]
async fn after_the_ledger_was_damaged_every_order_is_there_as_it_was_and_as_midtrans_has_it() {
    let mut shop = Shop::open().await;
    let morning = Morning::of(&shop).await;
    let paid = shop.counter.find(morning.paid_since.id.as_str()).unwrap();
    shop.counter.hand_over(paid.id.as_str(), "Sari", From::Cashier).unwrap();
    shop.closed(|folder| {
        let file = folder.shop(Environment::Sandbox).join("gerai.db");
        let mut bytes = fs::read(&file).unwrap();
        bytes[..4096].fill(0);
        fs::write(file, bytes).unwrap();
    });
    assert_eq!(shop.sales().len(), 5, "nothing of it was lost");
    shop.knows_all_of(&morning).await;
    for (sale, _) in morning.all() {
        assert_eq!(shop.counter.find(sale.id.as_str()).unwrap().id, sale.id, "and nothing had to be adopted");
    }
    assert!(shop.counter.hand_over(paid.id.as_str(), "Sari", From::Cashier).is_err(), "goods leave once");
}

#[tokio::test]
async fn midtrans_is_asked_again_by_the_loop_and_not_before_it_answers() {
    let mut shop = Shop::open().await;
    let morning = Morning::of(&shop).await;
    let now = shop.counter.now();
    shop.closed(|folder| drop(Ledger::restore(folder, Environment::Sandbox, &morning.copy, now).unwrap()));
    shop.fault("status", "drop_before", 5, json!({})).await;
    shop.until(&morning.reversed, State::Reversed).await;
}
