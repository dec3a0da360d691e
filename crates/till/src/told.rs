//! For the tests of this crate: one sale whose log is written by hand.

use std::time::Duration;

use proptest::prelude::*;

use crate::{
    Asked, Attempt, Draft, Entry, Event, From, Move, Number, OrderId, Pace, Refusal, Report, Reported, Sale, SaleId,
    State, Store, TillId, Time, Unclear,
};

pub const PACE: Pace = Pace::SHOP;

/// One sale whose log is written by hand, a second apart unless said otherwise.
pub struct Told {
    pub log: Vec<Entry>,
    pub now: Time,
    /// The attempt that what happens next is about.
    pub id: OrderId,
}

impl Told {
    pub fn sale_at(store: Store) -> Self {
        let order = Draft { amount: "44000".into(), ..Draft::empty(store) }.check(None).unwrap();
        let id = order_id(0);
        let mut told = Self { log: Vec::new(), now: Time::from_millis(1_800_000_000_000), id };
        told.write(None, Event::Ordered { number: Number::draw(&[1, 2, 3, 4]), order });
        told.write(Some(id), Event::Intended { request: "{}".into(), store: None, notify: None });
        told
    }

    pub fn write(&mut self, attempt: Option<OrderId>, event: Event) {
        self.now = self.now + Duration::from_secs(1);
        let seq = self.log.len() as i64 + 1;
        let sale = SaleId::draw([9; 12]);
        self.log.push(Entry { seq, at: self.now, sale, attempt, from: From::Desk, event });
    }

    pub fn then(mut self, event: Event) -> Self {
        self.write(Some(self.id), event);
        self
    }

    pub fn after(mut self, span: Duration) -> Self {
        self.now = self.now + span;
        self
    }

    /// A new code is made for the sale; what happens next is about it.
    pub fn reissued(mut self, store: Store) -> Self {
        self.id = order_id(self.sale().attempts.len() as u8);
        self.write(Some(self.id), Event::Intended { request: "{}".into(), store: Some(store), notify: None });
        self
    }

    /// What happens next is about the nth attempt, counted from 0.
    pub fn about(mut self, n: u8) -> Self {
        self.id = order_id(n);
        self
    }

    pub fn again(&self) -> Self {
        Self { log: self.log.clone(), ..*self }
    }

    pub fn sale(&self) -> Sale {
        Sale::of(&self.log).unwrap()
    }

    pub fn attempt(&self) -> Attempt {
        self.sale().attempt_of(self.id).unwrap().clone()
    }

    /// What is due about the attempt at this moment, had Midtrans just been asked.
    pub fn due(&self, now: Time) -> Move {
        self.sale().next_move(self.id, Some(self.now), now, &PACE)
    }

    pub fn state(&self) -> State {
        self.attempt().state()
    }

    /// Midtrans answers a look-up asked just now.
    pub fn looked_up(self, report: Report) -> Self {
        let asked_after = self.log.len() as i64;
        self.then(Event::Reported(said(Asked::LookUp, asked_after, report)))
    }

    pub fn charged(self) -> Self {
        let asked_after = self.log.len() as i64;
        self.then(Event::Reported(said(Asked::Charge, asked_after, Report::Pending)))
    }

    pub fn hint(self, report: Report) -> Self {
        self.then(Event::Hinted { report, fits: true })
    }
}

/// The id of the nth attempt.
pub fn order_id(n: u8) -> OrderId {
    OrderId::draw(TillId::draw([1, 2, 3, 4]), [7 + n; 18])
}

/// What Midtrans told.
pub fn said(asked: Asked, asked_after: i64, report: Report) -> Reported {
    Reported {
        asked,
        asked_after,
        report,
        amount: Some(44_000),
        store: None,
        payment_code: Some("578112341234".into()),
        transaction_id: Some("9b3951a4".into()),
        expires_at: Some(Time::from_millis(1_800_086_400_000)),
        made_at: None,
        settled_at: None,
        told_at: None,
    }
}

pub fn indomaret() -> Told {
    Told::sale_at(Store::Indomaret)
}

pub fn any_report() -> impl Strategy<Value = Report> {
    prop_oneof![
        Just(Report::Pending),
        Just(Report::Settlement),
        Just(Report::Expire),
        Just(Report::Cancel),
        Just(Report::Deny),
        Just(Report::Failure),
        Just(Report::Other),
    ]
}

pub fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::SentAgain),
        Just(Event::Unclear { why: Unclear::TimedOut }),
        Just(Event::TryLater),
        Just(Event::NotFound),
        Just(Event::CancelAsked),
        Just(Event::ExpireAsked),
        Just(Event::CannotChange),
        Just(Event::Abandoned),
        Just(Event::Refused { reason: Refusal::Other, said: vec![] }),
        (any_report(), any::<bool>()).prop_map(|(report, fits)| Event::Hinted { report, fits }),
        (any_report(), 0_i64..30, prop_oneof![Just(Some(44_000)), Just(Some(1)), Just(None)]).prop_map(
            |(report, asked_after, amount)| {
                Event::Reported(Reported { amount, ..said(Asked::LookUp, asked_after, report) })
            }
        ),
    ]
}
