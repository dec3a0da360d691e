//! Midtrans signs order id, status code and amount as one run of letters, and not where one ends and the
//! next begins. Here a hundred thousand random signatures are cut at every other place. All of them
//! verify, and none is about an order of ours.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use midtrans::{Notification, ServerKey, signature};
use relay::letter;
use secrecy::SecretString;
use serde_json::json;
use stage::Chance;
use till::{
    Asked, Draft, Entry, Event, From, Number, OrderId, Report, Reported, Sale, SaleId, State, Store, TillId, Time,
};

/// So many signatures of orders of ours, and as many of orders of somebody else on the same account.
const EACH: u64 = 50_000;

#[test]
fn no_other_cut_of_a_signature_of_ours_is_about_an_order_of_ours() {
    let mut chance = Chance::drawn();
    let mut verified = 0_u64;
    for _ in 0..EACH {
        let shop = Shop::draw(&mut chance);
        let code = chance.one_of(&["200", "201", "202", "407"]);
        let signed = Triple::of(shop.id.as_str(), code, &shop.amount());
        let made = signed.signature(&shop.key);
        for cut in signed.cuts().filter(|cut| *cut != signed) {
            let Some(notification) = cut.under(&made) else { continue };
            // Every one does, and for the time it takes not every one is asked.
            if verified.is_multiple_of(8) {
                assert!(notification.verify(&shop.key), "the same letters have the same signature");
            }
            verified += 1;
            assert!(!shop.fits(&notification), "{signed:?} cut as {cut:?}");
        }
    }
    println!("{verified} other cuts");
    assert!(verified > EACH, "the weakness is there, or this shows nothing: {verified}");
}

#[test]
fn no_cut_of_a_signature_of_somebody_else_pays_an_order_of_ours() {
    let mut chance = Chance::drawn();
    let mut ours = 0_u64;
    for _ in 0..EACH {
        let shop = Shop::draw(&mut chance);
        // The worst there can be: whoever names the orders of the other shop knows the ids of ours.
        let more: String = (0..chance.below(8)).map(|_| char::from(b'0' + chance.below(10) as u8)).collect();
        let amount = format!("{}.00", 1 + chance.below(10_000_000));
        let signed = Triple::of(&format!("{}{more}", shop.id), chance.one_of(&["200", "201", "202"]), &amount);
        let made = signed.signature(&shop.key);
        for cut in signed.cuts() {
            let Some(notification) = cut.under(&made) else { continue };
            if notification.order_id() == shop.id.as_str() {
                assert!(notification.verify(&shop.key), "the same letters have the same signature");
                assert_ne!(shop.told(&notification).state(), State::Paid);
                ours += 1;
            }
            let same = cut.amount == shop.amount();
            assert!(same || !shop.fits(&notification), "{signed:?} cut as {cut:?} is taken for {}", shop.amount());
        }
    }
    println!("{ours} cuts bear an id of ours");
    assert!(ours > EACH / 2, "{ours}");
}

/// What no rule of ours can tell apart, because even id and amount are right, is only a reason to ask.
#[test]
fn a_cut_with_our_id_and_our_amount_is_a_question_and_the_answer_decides() {
    let mut chance = Chance::drawn();
    for _ in 0..1_000 {
        let rest = 1_000 + chance.below(9_000);
        let shop = Shop::of(&mut chance, 2_010_000 + rest);
        let signed = Triple::of(&format!("{}200", shop.id), "201", &format!("{rest}.00"));
        let cut = Triple::of(shop.id.as_str(), "200", &shop.amount());
        let notification = cut.under(&signed.signature(&shop.key)).unwrap();
        assert!(notification.verify(&shop.key) && shop.fits(&notification));
        let mut sale = shop.told(&notification);
        assert_eq!(sale.state(), State::Confirming);
        sale.apply(&shop.looked_up(3, Report::Pending));
        assert_eq!(sale.state(), State::Pending);
    }
}

/// A till with one open order, and the key of its merchant.
struct Shop {
    sale: Sale,
    id: OrderId,
    key: ServerKey,
}

impl Shop {
    fn draw(chance: &mut Chance) -> Self {
        let amount = 10_000 + chance.below(2_490_000);
        Self::of(chance, amount)
    }

    fn of(chance: &mut Chance, amount: u64) -> Self {
        let id = OrderId::draw(TillId::draw(some(chance)), some(chance));
        let letters = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
        let secret: String = (0..24).map(|_| char::from(chance.one_of(letters))).collect();
        let key = ServerKey::parse(SecretString::from(format!("SB-Mid-server-{secret}"))).unwrap();
        let order = Draft { amount: amount.to_string(), ..Draft::empty(Store::Alfamart) }.check(None).unwrap();
        let number = Number::draw(&some::<4>(chance));
        let log = [
            entry(1, id, Event::Ordered { number, order }),
            entry(2, id, Event::Intended { request: "{}".into(), store: None, notify: None }),
        ];
        let mut shop = Self { sale: Sale::of(&log).unwrap(), id, key };
        shop.sale.apply(&shop.looked_up(2, Report::Pending));
        shop
    }

    /// The amount as it is signed.
    fn amount(&self) -> String {
        format!("{}.00", self.sale.attempts[0].amount)
    }

    /// Whether it is taken for the truth about an order of ours, as far as a notification ever is.
    fn fits(&self, notification: &Notification) -> bool {
        let letter = letter(notification);
        letter.order_id.parse().is_ok_and(|id| letter.fits(&self.sale, id))
    }

    /// The sale after it has come.
    fn told(&self, notification: &Notification) -> Sale {
        let (mut sale, letter) = (self.sale.clone(), letter(notification));
        if letter.order_id.parse() == Ok(self.id) {
            let fits = letter.fits(&sale, self.id);
            sale.apply(&entry(3, self.id, Event::Hinted { report: letter.report, fits }));
        }
        sale
    }

    fn looked_up(&self, asked_after: i64, report: Report) -> Entry {
        let reported = Reported {
            asked: Asked::LookUp,
            asked_after,
            report,
            amount: Some(self.sale.attempts[0].amount),
            store: Some(Store::Alfamart),
            payment_code: Some("8127740588870520".into()),
            transaction_id: None,
            expires_at: None,
            made_at: None,
            settled_at: None,
            told_at: None,
        };
        entry(asked_after + 1, self.id, Event::Reported(reported))
    }
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Triple {
    order_id: String,
    code: String,
    amount: String,
}

impl Triple {
    fn of(order_id: &str, code: &str, amount: &str) -> Self {
        Self { order_id: order_id.into(), code: code.into(), amount: amount.into() }
    }

    /// Every way to cut the same letters in three that has the form of a notification: the code is
    /// always three digits.
    fn cuts(&self) -> impl Iterator<Item = Self> {
        let joined = self.joined();
        (1..joined.len() - 3).map(move |end| {
            let (order_id, rest) = joined.split_at(end);
            let (code, amount) = rest.split_at(3);
            Self::of(order_id, code, amount)
        })
    }

    fn joined(&self) -> String {
        [&*self.order_id, &*self.code, &*self.amount].concat()
    }

    fn signature(&self, key: &ServerKey) -> String {
        signature(&self.order_id, &self.code, &self.amount, key)
    }

    /// The notification with these fields and this signature, if it can be one at all. It claims
    /// whatever its code allows, a payment wherever it may.
    fn under(&self, made: &str) -> Option<Notification> {
        if !self.code.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let claims = match &*self.code {
            "201" => "pending",
            "202" => "expire",
            _ => "settlement",
        };
        let body = json!({
            "order_id": self.order_id,
            "status_code": self.code,
            "gross_amount": self.amount,
            "transaction_status": claims,
            "signature_key": made,
        });
        Some(Notification::parse(body.to_string().as_bytes()).unwrap())
    }
}

fn entry(seq: i64, id: OrderId, event: Event) -> Entry {
    let sale = SaleId::draw([9; 12]);
    Entry { seq, at: Time::from_millis(seq), sale, attempt: Some(id), from: From::Relay, event }
}

fn some<const N: usize>(chance: &mut Chance) -> [u8; N] {
    [(); N].map(|()| chance.below(256) as u8)
}
