//! The end of a day, and what comes after it.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod shop;

use std::time::Duration;

use counter::{Closing, Problem, Sealing};
use ledger::{Doubt, MatterKind, Sum};
use serde_json::json;
use shop::*;
use till::{Sale, State, Store};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_day_tells_what_was_paid_and_what_is_open_and_changes_no_more() {
    let shop = at_noon().await;
    let [one, two] = [paid(&shop, Store::Alfamart).await, paid(&shop, Store::Indomaret).await];
    shop.charge(Store::Indomaret).await;
    let day = shop.counter.this_day().unwrap();
    assert_eq!((day.report.total(), day.closing), (sum(2), None));
    assert!(!day.report.is_verified(), "nobody has asked Midtrans once more");

    let closing = close(&shop).await.unwrap();
    let report = &closing.report;
    assert_eq!((closing.number, closing.by.as_str()), (1, "Sari"));
    assert_eq!(report.takings.iter().map(|taking| taking.sum.count).collect::<Vec<_>>(), [1, 1]);
    assert_eq!((report.total(), report.late, report.waiting), (sum(2), sum(0), sum(1)));
    assert_eq!((report.confirmed, report.unconfirmed.len(), report.not_handed_over), (2, 0, sum(2)));
    assert!(report.is_verified());
    assert_eq!(shop.ledger().copies().unwrap().len(), 1, "and a copy has it");

    shop.counter.hand_over(one.id.as_str(), "Sari", till::From::Cashier).unwrap();
    shop.happens("reverse", &two).await;
    shop.counter.check(two.id.as_str()).await.unwrap();
    let problem = close(&shop).await.unwrap_err();
    assert_eq!((problem.code, &problem.values[0].1), ("day_closed", &"1".to_owned()));
    assert_eq!(shop.counter.closing(1).unwrap(), closing, "whatever happens later");
    assert_eq!(shop.counter.this_day().unwrap().report, closing.report);
    assert_eq!(shop.counter.closings().unwrap(), [closing]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_known_after_its_day_was_closed_is_in_the_next_report_and_before_the_owner() {
    let shop = at_noon().await;
    paid(&shop, Store::Alfamart).await;
    let late = shop.charge(Store::Indomaret).await;
    assert_eq!(close(&shop).await.unwrap().report.total(), sum(1));
    shop.happens("pay", &late).await;
    assert_eq!(shop.counter.check(late.id.as_str()).await.unwrap().state(), State::Paid);
    shop.ledger().tell_late_payments(shop.counter.now()).unwrap();
    shop.ledger().tell_late_payments(shop.counter.now()).unwrap();
    let matters = shop.ledger().matters().unwrap();
    assert_eq!(matters.iter().map(|matter| matter.kind).collect::<Vec<_>>(), [MatterKind::LatePayment], "once");
    assert_eq!(shop.counter.concerns().unwrap()[0].order.as_ref().map(|order| order.id), Some(late.id));

    shop.later(DAY).await;
    paid(&shop, Store::Alfamart).await;
    let next = close(&shop).await.unwrap();
    assert_eq!((next.number, next.report.total(), next.report.late), (2, sum(2), sum(1)));
    assert_eq!(shop.counter.closing(1).unwrap().report.total(), sum(1), "the day before stays as it was");

    shop.later(DAY).await;
    let third = close(&shop).await.unwrap();
    assert_eq!(third.report.total(), sum(0), "no payment is told twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_somebody_forgot_can_be_closed_until_a_later_one_is() {
    let shop = at_noon().await;
    paid(&shop, Store::Alfamart).await;
    let forgotten = counter::day(shop.counter.now());
    shop.later(DAY).await;
    paid(&shop, Store::Alfamart).await;
    let closing = shop.counter.close_day(Some(forgotten), "Sari", Sealing::Whole).await.unwrap();
    assert_eq!((closing.day, closing.report.total()), (forgotten.0, sum(1)));
    let today = close(&shop).await.unwrap();
    assert_eq!((today.report.total(), today.report.late), (sum(1), sum(0)));
    let before = counter::day(till::Time::from_millis(forgotten.0.millis() - 1));
    let refused = shop.counter.close_day(Some(before), "Sari", Sealing::Whole).await.unwrap_err();
    assert_eq!(refused.code, "day_closed");
    let tomorrow = counter::day(shop.counter.now() + DAY);
    let refused = shop.counter.close_day(Some(tomorrow), "Sari", Sealing::Whole).await.unwrap_err();
    assert_eq!(refused.code, "day_not_begun");
    let refused = shop.counter.close_day(None, " ", Sealing::Whole).await.unwrap_err();
    assert_eq!((refused.code, refused.field), ("name_empty", Some("by")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_verified_only_when_midtrans_has_told_of_every_payment_and_every_open_order() {
    let shop = at_noon().await;
    let payment = paid(&shop, Store::Alfamart).await;
    shop.fault("status", "drop_before", 9, json!({})).await;
    let closing = close(&shop).await.unwrap();
    assert!(!closing.report.is_verified());
    let doubts = closing.report.unconfirmed.iter().map(|doubt| (doubt.sale, doubt.why)).collect::<Vec<_>>();
    assert_eq!((doubts, closing.report.confirmed), (vec![(payment.id, Doubt::NotReached)], 0));
    assert_eq!(closing.report.total(), sum(1), "the money is in it all the same");

    shop.heal().await;
    shop.later(DAY).await;
    let open = shop.charge(Store::Indomaret).await;
    let only = json!({ "order_id": open.attempt().unwrap().order_id.as_str() });
    shop.fault("status", "error", 9, json!({ "status": 503, "order_id": only["order_id"] })).await;
    let closing = close(&shop).await.unwrap();
    assert_eq!(
        (closing.report.looked_up, closing.report.is_verified()),
        (false, false),
        "an open order is not known of"
    );

    shop.heal().await;
    shop.later(DAY).await;
    let closing = shop.counter.close_day(None, "Sari", Sealing::Changed).await.unwrap();
    assert_eq!((closing.report.looked_up, closing.report.is_verified()), (true, false), "somebody has changed the log");
}

/// A shop whose day does not end while a test runs.
async fn at_noon() -> Shop {
    let shop = Shop::open().await;
    let now = shop.counter.now();
    let (_, midnight) = counter::day(now);
    shop.later(midnight.since(now) + DAY / 2).await;
    shop
}

async fn close(shop: &Shop) -> Result<Closing, Problem> {
    shop.counter.close_day(None, " Sari ", Sealing::Whole).await
}

async fn paid(shop: &Shop, store: Store) -> Sale {
    let sale = shop.charge(store).await;
    shop.happens("pay", &sale).await;
    let sale = shop.counter.check(sale.id.as_str()).await.unwrap();
    assert_eq!(sale.state(), State::Paid);
    sale
}

/// So many orders of Rp 44.000.
fn sum(count: u64) -> Sum {
    Sum { count, amount: count * 44_000 }
}
