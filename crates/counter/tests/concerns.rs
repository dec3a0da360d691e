//! What the owner has to look at: each concern as it really comes up, seen to, and no payment moved by it.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod shop;

use std::time::Duration;

use counter::{Concern, Language, Words};
use ledger::{Facts, LogKey, MatterKind, Row, Sum};
use midtrans::ServerKey;
use relay::Taken;
use secrecy::SecretString;
use serde_json::json;
use shop::{KEY, Shop};
use till::{Deed, Event, From, OrderId, Reissue, Sale, State, Store, TillId, Time};

impl Shop {
    /// Everything that is money: orders as they stand, and every total.
    fn money(&self) -> (Vec<(Sale, Row, Reissue)>, Sum, Sum, Sum) {
        let mut sales = self.sales();
        sales.sort_by_key(|sale| sale.id.to_string());
        sales.iter_mut().flat_map(|sale| &mut sale.attempts).for_each(|attempt| attempt.seen_to.clear());
        let standing = |sale: Sale| {
            let (row, reissue) = (Row { concerns: 0, ..Row::of(&sale) }, sale.reissue());
            (sale, row, reissue)
        };
        let today = self.counter.today().unwrap();
        let ever = self.ledger().takings(Time::from_millis(0), Time::from_millis(i64::MAX)).unwrap();
        (sales.into_iter().map(standing).collect(), today.paid, today.waiting, ever)
    }

    fn concerns(&self) -> Vec<Concern> {
        let concerns = self.counter.concerns().unwrap();
        assert_eq!(concerns.len() as u64, self.counter.today().unwrap().attention.count, "the badge counts them");
        concerns
    }

    /// The only concern there is, which is said in both languages without a gap.
    fn concern(&self, kind: &str) -> Concern {
        let concerns = self.concerns();
        let kinds: Vec<_> = concerns.iter().map(|concern| concern.kind.as_str()).collect();
        assert_eq!(kinds, [kind]);
        for language in [Language::Indonesian, Language::English] {
            for sentence in said(&concerns[0], language) {
                assert!(!sentence.contains(['{', '–']) && !sentence.starts_with("concern."), "{sentence}");
            }
        }
        concerns[0].clone()
    }

    /// Sari sees to it, and nothing else is different afterwards. A second try hears who was first.
    fn is_seen_to(&self, concern: &Concern, deed: Deed) {
        let (name, before) = (concern.name.to_string(), self.money());
        let audit = self.ledger().audit().unwrap();
        let others: Vec<_> = self.concerns().into_iter().filter(|other| other.name != concern.name).collect();
        assert_eq!(self.counter.see_to(&name, deed, " ", From::Cashier).unwrap_err().code, "name_empty");
        self.counter.see_to(&name, deed, " Sari ", From::Cashier).unwrap();
        assert_eq!(self.money(), before, "that moves no payment");
        assert_eq!(self.concerns(), others);
        let again = self.counter.see_to(&name, Deed::Nothing, "Budi", From::Geraictl).unwrap_err();
        assert_eq!((again.code, again.values[0].clone()), ("concern_closed", ("by", "Sari".into())));
        let seen = self.counter.seen_to(9).unwrap().remove(0);
        let by = seen.seen.clone().map(|seen| (seen.by, seen.deed));
        assert_eq!(
            (seen.name, seen.kind, seen.at, by),
            (concern.name, concern.kind.clone(), concern.at, Some(("Sari".into(), deed)))
        );
        assert_eq!(self.ledger().audit().unwrap(), audit);
    }

    async fn is_checked(&self, sale: &Sale, state: State) -> Sale {
        let sale = self.counter.check(sale.id.as_str()).await.unwrap();
        assert_eq!(sale.state(), state);
        sale
    }

    /// A genuine notification of a payment that Midtrans knows nothing of.
    async fn hears_of_nothing(&self, order_id: &str) {
        let fields = json!({
            "order_id": order_id, "status_code": "200", "gross_amount": "44000.00",
            "transaction_status": "settlement", "transaction_id": "0a", "payment_type": "cstore",
        });
        let wish = json!({ "fields": fields, "signature": "right", "urls": ["http://127.0.0.1:9/"] });
        let body = self.control("forge", wish).await["body"].as_str().unwrap().to_owned();
        let key = ServerKey::parse(SecretString::from(KEY)).unwrap();
        let taken = relay::take_in(self.ledger(), body.as_bytes(), Some(&key), self.counter.now()).unwrap();
        assert_eq!(taken, Taken::Stored);
    }

    fn raw(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.ledger().folder().join("gerai.db")).unwrap()
    }
}

fn said(concern: &Concern, language: Language) -> [String; 2] {
    let values: Vec<(&str, String)> = concern.values.iter().map(|(gap, value)| (gap.as_str(), value.clone())).collect();
    let say = |key: String| Words::table().say(language, &key, &values);
    [say(format!("concern.{}", concern.kind)), say(format!("concern.{}.next", concern.kind))]
}

#[tokio::test]
async fn money_that_came_after_closing_is_the_owners_to_give_back_or_to_earn() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Alfamart).await;
    let sale = shop.counter.cancel(sale.id.as_str(), From::Cashier).await.unwrap();
    shop.happens_with("pay", &sale, json!({ "after_closing": true })).await;
    let sale = shop.is_checked(&sale, State::PaidLate).await;
    let concern = shop.concern("paid_after_closing");
    assert_eq!((concern.amount, concern.ends_by_itself), (Some(44_000), false));
    assert_eq!(concern.order.as_ref().unwrap().id, sale.id);
    let log = shop.ledger().log(sale.id).unwrap();
    let entry = log.iter().find(|entry| Some(entry.seq) == concern.grounds.entry).unwrap();
    assert!(matches!(&entry.event, Event::Reported(_)), "it rests on Midtrans' own word");
    assert_eq!(concern.grounds.source, Some("look_up"));
    assert!(concern.grounds.answers >= 3, "the charge, the cancel and the look-up: {:?}", concern.grounds);
    shop.is_seen_to(&concern, Deed::Returned);
    assert_eq!(shop.counter.find(sale.id.as_str()).unwrap().state(), State::PaidLate, "nobody can call it paid");
    assert_eq!(shop.counter.hand_over(sale.id.as_str(), "Sari", From::Cashier).unwrap_err().code, "cannot_hand_over");
}

#[tokio::test]
async fn an_order_that_was_paid_twice_names_the_payment_that_is_one_too_many() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Alfamart).await;
    let old = sale.attempts[0].order_id;
    let sale = shop.counter.reissue(sale.id.as_str(), Store::Indomaret, From::Cashier).await.unwrap();
    shop.happens("pay", &sale).await;
    shop.happens_with("pay", &sale, json!({ "order_id": old.as_str(), "after_closing": true })).await;
    // The old code is looked at now and then although it is closed.
    shop.later(Duration::from_secs(2 * 60 * 60)).await;
    shop.counter.check(old.as_str()).await.unwrap();
    shop.found(|| shop.counter.concerns().unwrap().pop()).await.expect("the owner is told");
    let concern = shop.concern("paid_twice");
    assert_eq!(concern.name.to_string(), format!("{old}.paid_twice"));
    // Two hours later may be tomorrow.
    let (.., ever) = shop.money();
    assert_eq!(ever.amount, 44_000, "it is taken once");
    shop.is_seen_to(&concern, Deed::Returned);
}

#[tokio::test]
async fn a_fee_that_was_put_on_top_shows_both_amounts() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Indomaret).await;
    shop.happens_with("pay", &sale, json!({ "fee": 2500 })).await;
    shop.is_checked(&sale, State::Confirming).await;
    let concern = shop.concern("amount_differs");
    assert_eq!(concern.amount, Some(46_500));
    let [happened, _] = said(&concern, Language::English);
    assert!(happened.contains("Rp 46.500") && happened.contains("Rp 44.000"), "{happened}");
    shop.is_seen_to(&concern, Deed::Delivered);
    assert_eq!(shop.is_checked(&sale, State::Confirming).await.open_concerns(), [], "and it does not come back");
    assert_eq!(shop.counter.today().unwrap().paid.count, 0, "nobody can call it paid");
}

#[tokio::test]
async fn a_payment_that_the_store_took_back_is_the_owners() {
    let mut shop = Shop::open().await;
    let sale = shop.charge(Store::Indomaret).await;
    shop.happens("pay", &sale).await;
    shop.is_checked(&sale, State::Paid).await;
    shop.happens("reverse", &sale).await;
    shop.later(Duration::from_secs(5 * 60 + 5)).await;
    shop.restart();
    shop.until(&sale, State::Reversed).await;
    let concern = shop.concern("reversed");
    let [happened, _] = said(&concern, Language::Indonesian);
    assert!(happened.starts_with("Indomaret membatalkan"), "{happened}");
    shop.is_seen_to(&concern, Deed::ChargedAgain);
}

#[tokio::test]
async fn another_transaction_under_our_id_and_one_that_is_gone_are_the_owners() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Alfamart).await;
    let order_id = sale.attempts[0].order_id;
    let other = json!({
        "status_code": "200", "transaction_id": "somebody-elses", "order_id": order_id.as_str(), "currency": "IDR",
        "gross_amount": "44000.00", "payment_type": "cstore", "transaction_status": "settlement", "store": "alfamart",
        "transaction_time": "2026-11-25 10:00:00", "payment_code": "1234567890123456",
    });
    shop.fault("status", "wrong", 1, json!({ "body": other.to_string() })).await;
    shop.counter.check(sale.id.as_str()).await.unwrap();
    let concern = shop.concern("mismatch");
    shop.is_seen_to(&concern, Deed::Nothing);

    let gone = json!({ "status_code": "404", "status_message": "Transaction doesn't exist." });
    let sale = shop.charge(Store::Indomaret).await;
    shop.fault("status", "wrong", 1, json!({ "body": gone.to_string() })).await;
    shop.is_checked(&sale, State::Pending).await;
    let concern = shop.concern("gone");
    shop.is_seen_to(&concern, Deed::ChargedAgain);
    // Midtrans knows it again, and forgets it again.
    shop.is_checked(&sale, State::Pending).await;
    assert_eq!(shop.concerns(), []);
    shop.fault("status", "wrong", 1, json!({ "body": gone.to_string() })).await;
    shop.is_checked(&sale, State::Pending).await;
    let anew = shop.concern("gone");
    assert!(anew.grounds.entry > concern.grounds.entry, "it happened anew");
    let deeds: Vec<_> = shop.counter.seen_to(9).unwrap().into_iter().map(|seen| seen.kind).collect();
    assert_eq!(deeds, ["gone", "mismatch"], "what was done about the first stays on record");
}

#[tokio::test]
async fn a_code_that_surfaced_is_the_desks_to_kill_and_nobody_puts_it_aside() {
    let mut shop = Shop::open().await;
    shop.control(
        "faults",
        json!([
            { "on": "charge", "kind": "lag", "times": 1, "seconds": 2 },
            { "on": "charge", "kind": "drop_after", "times": 1 },
            { "on": "cancel", "kind": "drop_before" },
        ]),
    )
    .await;
    let sale = shop.charge(Store::Indomaret).await;
    shop.our_clock_jumps(Duration::from_secs(11 * 60));
    shop.restart();
    let sale = shop.settle(&sale).await;
    assert_eq!(sale.state(), State::Abandoned);
    shop.later(Duration::from_secs(60 * 60)).await;
    shop.counter.check(sale.id.as_str()).await.unwrap();
    let concern = shop.concern("surfaced");
    assert!(concern.ends_by_itself);
    let before = shop.money();
    let refused = shop.counter.see_to(&concern.name.to_string(), Deed::Nothing, "Sari", From::Cashier).unwrap_err();
    assert_eq!((refused.code, shop.money()), ("concern_open_still", before));
    assert_eq!(shop.concerns().len(), 1);
    shop.heal().await;
    shop.until(&sale, State::Cancelled).await;
    assert_eq!(shop.concerns(), []);
    let over = shop.counter.see_to(&concern.name.to_string(), Deed::Nothing, "Sari", From::Cashier).unwrap_err();
    assert_eq!(over.code, "concern_over");
}

#[tokio::test]
async fn an_outcome_that_is_long_unknown_comes_up_by_the_clock_and_goes_by_itself() {
    let shop = Shop::open().await;
    shop.fault("any", "drop_before", 99, json!({})).await;
    let sale = shop.charge(Store::Indomaret).await;
    assert_eq!(sale.state(), State::Unknown);
    assert_eq!(shop.concerns(), [], "a moment is not long");
    shop.our_clock_jumps(Duration::from_secs(10 * 60 + 1));
    let concern = shop.concern("long_unknown");
    assert!(concern.ends_by_itself && concern.order.is_some());
    assert_eq!(concern.amount, Some(44_000));
    let name = concern.name.to_string();
    let refused = shop.counter.see_to(&name, Deed::Nothing, "Sari", From::Cashier).unwrap_err();
    assert_eq!(refused.code, "concern_open_still");
    shop.heal().await;
    let sale = shop.settle(&sale).await;
    assert_eq!(sale.state(), State::Abandoned);
    assert_eq!(shop.concerns(), []);
    assert_eq!(shop.counter.see_to(&name, Deed::Nothing, "Sari", From::Cashier).unwrap_err().code, "concern_over");
}

#[tokio::test]
async fn an_order_that_was_taken_up_again_is_compared_with_the_customers_receipt() {
    let mut shop = Shop::open().await;
    let lost = shop.charge(Store::Indomaret).await;
    shop.happens("pay", &lost).await;
    let order_id = lost.attempts[0].order_id;
    shop.restores_an_old_copy();
    shop.hears_of_nothing(order_id.as_str()).await;
    shop.counter.sync(tokio::time::Instant::now() + Duration::from_secs(5)).await.unwrap();
    let concern = shop.concern("adopted");
    assert_eq!(shop.counter.today().unwrap().paid.amount, 44_000);
    assert_eq!(concern.grounds.notifications, 1);
    shop.is_seen_to(&concern, Deed::Delivered);
    assert_eq!(shop.counter.today().unwrap().paid.amount, 44_000);
}

#[tokio::test]
async fn a_notification_that_nobody_can_place_says_what_it_claims() {
    let mut shop = Shop::open().await;
    let unknown = OrderId::draw(TillId::draw([1, 2, 3, 4]), [9; 18]);
    shop.hears_of_nothing(unknown.as_str()).await;
    shop.counter.sync(tokio::time::Instant::now()).await.unwrap();
    shop.our_clock_jumps(Duration::from_secs(10 * 60));
    shop.restart();
    shop.counter.sync(tokio::time::Instant::now()).await.unwrap();
    let concern = shop.concern("unmatched");
    assert_eq!((concern.order.clone(), concern.amount), (None, Some(44_000)));
    let [happened, next] = said(&concern, Language::English);
    assert!(happened.contains("Rp 44.000 (paid)") && next.contains(unknown.as_str()), "{happened} {next}");
    assert!((concern.grounds.answers, concern.grounds.notifications) >= (1, 1), "{:?}", concern.grounds);
    shop.is_seen_to(&concern, Deed::Nothing);
}

#[tokio::test]
async fn an_entry_that_somebody_changed_names_its_order_and_the_entry() {
    let shop = Shop::open().await;
    shop.ledger().arm(LogKey::new([7; 32]), shop.counter.now()).unwrap();
    let (other, sale) = (shop.charge(Store::Alfamart).await, shop.charge(Store::Alfamart).await);
    let _later = shop.charge(Store::Indomaret).await;
    let entry = shop.ledger().log(sale.id).unwrap()[2].seq;
    let raw = shop.raw();
    raw.execute_batch("DROP TRIGGER log_is_never_edited").unwrap();
    let edit = "UPDATE log SET event = replace(event, '\"pending\"', '\"settlement\"') WHERE seq = ?1";
    assert_eq!(raw.execute(edit, [entry]).unwrap(), 1);
    shop.ledger().check_up(None, shop.counter.now()).unwrap();
    let tampered: Vec<_> = shop.concerns().into_iter().filter(|concern| concern.kind == "tampered").collect();
    let [concern] = &tampered[..] else { panic!("{tampered:?}") };
    assert_eq!(concern.order.as_ref().unwrap().number, sale.number);
    let [happened, _] = said(concern, Language::English);
    assert!(happened.contains(&format!("#{entry} to #{entry} were edited")), "{happened}");
    assert!(happened.contains(sale.number.as_str()) && !happened.contains(other.number.as_str()), "{happened}");
    shop.is_seen_to(concern, Deed::Nothing);
}

#[tokio::test]
async fn an_order_that_somebody_made_unreadable_hides_nothing_about_the_others() {
    let shop = Shop::open().await;
    shop.ledger().arm(LogKey::new([7; 32]), shop.counter.now()).unwrap();
    let mut late = Vec::new();
    for _ in 0..3 {
        let sale = shop.charge(Store::Alfamart).await;
        shop.counter.cancel(sale.id.as_str(), From::Cashier).await.unwrap();
        shop.happens_with("pay", &sale, json!({ "after_closing": true })).await;
        late.push(shop.is_checked(&sale, State::PaidLate).await);
    }
    for sale in &late[..2] {
        let name = format!("{}.paid_after_closing", sale.attempts[0].order_id);
        shop.counter.see_to(&name, Deed::Returned, "Sari", From::Cashier).unwrap();
    }
    let raw = shop.raw();
    raw.execute_batch("DROP TRIGGER log_is_never_edited").unwrap();
    for sale in [&late[1], &late[2]] {
        let entry = shop.ledger().log(sale.id).unwrap()[2].seq;
        raw.execute("UPDATE log SET event = 'gone' WHERE seq = ?1", [entry]).unwrap();
    }
    shop.ledger().check_up(None, shop.counter.now()).unwrap();
    let kinds: Vec<_> = shop.counter.concerns().unwrap().into_iter().map(|concern| concern.kind).collect();
    assert_eq!(kinds, ["tampered", "tampered"]);
    let seen: Vec<_> = shop.counter.seen_to(9).unwrap().into_iter().map(|seen| seen.order.unwrap().id).collect();
    assert_eq!(seen, [late[0].id]);
}

#[tokio::test]
async fn a_list_that_somebody_changed_says_what_the_log_says() {
    let shop = Shop::open().await;
    shop.ledger().arm(LogKey::new([7; 32]), shop.counter.now()).unwrap();
    let sale = shop.charge(Store::Alfamart).await;
    shop.raw().execute("UPDATE sales SET state = 'paid' WHERE id = ?1", [sale.id.as_str()]).unwrap();
    shop.ledger().check_up(None, shop.counter.now()).unwrap();
    let concern = shop.concern("tampered_list");
    assert_eq!(concern.order.as_ref().unwrap().number, sale.number);
    let [happened, _] = said(&concern, Language::Indonesian);
    let waiting = Words::table().say(Language::Indonesian, "state.pending", &[]);
    assert!(happened.contains(sale.number.as_str()) && happened.contains(&waiting), "{happened}");
    shop.is_seen_to(&concern, Deed::Nothing);
}

#[tokio::test]
async fn entries_without_a_seal_and_a_restored_ledger_are_told_and_seen_to() {
    let mut shop = Shop::open().await;
    shop.ledger().arm(LogKey::new([7; 32]), shop.counter.now()).unwrap();
    shop.charge(Store::Alfamart).await;
    shop.restart();
    shop.charge(Store::Alfamart).await;
    shop.ledger().arm(LogKey::new([7; 32]), shop.counter.now()).unwrap();
    let concern = shop.concern("unsealed");
    shop.is_seen_to(&concern, Deed::Nothing);
    shop.ledger().raise(MatterKind::Restored, "set-aside-1", &Facts::new(), shop.counter.now()).unwrap();
    let concern = shop.concern("restored");
    let [happened, _] = said(&concern, Language::English);
    assert!(happened.contains("set-aside-1"), "{happened}");
    shop.is_seen_to(&concern, Deed::Nothing);
}

#[tokio::test]
async fn two_people_who_see_to_it_at_once_are_not_both_told_that_they_did() {
    let shop = Shop::open().await;
    for _ in 0..20 {
        let sale = shop.charge(Store::Alfamart).await;
        let sale = shop.counter.cancel(sale.id.as_str(), From::Cashier).await.unwrap();
        shop.happens_with("pay", &sale, json!({ "after_closing": true })).await;
        let sale = shop.is_checked(&sale, State::PaidLate).await;
        let name = shop.concern("paid_after_closing").name.to_string();
        let racers = ["Sari", "Budi"].map(|by| {
            let (counter, name) = (shop.second(), name.clone());
            std::thread::spawn(move || counter.see_to(&name, Deed::Returned, by, From::Cashier))
        });
        let ends = racers.map(|racer| racer.join().unwrap());
        let codes: Vec<_> = ends.iter().filter_map(|end| end.as_ref().err()).map(|problem| problem.code).collect();
        assert_eq!(codes, ["concern_closed"]);
        let deeds = shop.ledger().log(sale.id).unwrap();
        assert_eq!(deeds.iter().filter(|entry| matches!(entry.event, Event::SeenTo { .. })).count(), 1);
    }
}

#[tokio::test]
async fn what_is_no_concern_cannot_be_seen_to() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Alfamart).await;
    let (order_id, before) = (sale.attempts[0].order_id, shop.ledger().head().unwrap());
    let stranger = OrderId::draw(TillId::draw([9; 4]), [9; 18]);
    for (name, code) in [
        (format!("{order_id}.reversed"), "concern_over"),
        (format!("{order_id}.long_unknown"), "concern_over"),
        (format!("{order_id}.paid"), "concern_unknown"),
        (format!("{stranger}.reversed"), "concern_unknown"),
        ("matter.1".into(), "concern_unknown"),
        ("matter.-1".into(), "concern_unknown"),
        ("matter.".into(), "concern_unknown"),
        (sale.number.to_string(), "concern_unknown"),
        (String::new(), "concern_unknown"),
        ("'; DROP TABLE matters; --.".into(), "concern_unknown"),
    ] {
        let refused = shop.counter.see_to(&name, Deed::Returned, "Sari", From::Cashier).unwrap_err();
        assert_eq!(refused.code, code, "{name}");
    }
    assert_eq!(shop.ledger().head().unwrap(), before, "and nothing is written down");
}
