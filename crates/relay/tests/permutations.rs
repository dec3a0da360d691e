//! Real bytes on the way Midtrans' own take, in every order there is of up to six of them, with the
//! desk's look-up among them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use std::path::Path;

use ledger::{Binding, Door, Folder, Ledger};
use relay::{Taken, take_in};
use serde_json::{Value, json};
use shop::{AMOUNT, CODE, TRANSACTION, intend, reported};
use tempfile::TempDir;
use till::{Environment, Number, OrderId, Report, SaleId, State, Time};

/// Something that comes from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Message {
    /// Signed by Midtrans.
    Signed(&'static str),
    /// The settlement with a signature that nobody but its forger made.
    Forged,
    /// Signed, for another amount.
    Dearer,
    /// The signature of the pending one under a claimed settlement.
    Relabelled,
    /// Signed, and about another transaction under our id.
    OfAnother,
    /// The desk asks Midtrans, and Midtrans answers as it stands.
    LookUp,
}

use Message::{Dearer, Forged, LookUp, OfAnother, Relabelled, Signed};

/// Six messages, and how the transaction really stands at Midtrans.
const SETS: [(Report, [Message; 6]); 2] = [
    (Report::Settlement, [Signed("pending"), Signed("settlement"), Signed("settlement"), Dearer, Forged, LookUp]),
    (Report::Expire, [Signed("deny"), Signed("expire"), Signed("expire"), Relabelled, OfAnother, LookUp]),
];

#[test]
fn whatever_order_six_messages_come_in_the_order_is_paid_exactly_if_midtrans_was_paid() {
    let home = place();
    let folder = Folder::at(home.path());
    let ledger = Ledger::open(&folder, Environment::Training, Some(Binding::Loopback), Door::Desk, *b"till").unwrap();
    let mut tried = 0;
    for (truth, messages) in SETS {
        each_order(&messages, &mut |order| {
            tried += 1;
            Till { ledger: &ledger, truth, number: tried }.take_all(order);
        });
    }
    // Of six things there are 1956 orders of one to six of them.
    assert_eq!(tried, 2 * 1956);
    assert_eq!(ledger.audit().unwrap(), []);
}

/// Calls with every order of every choice of these.
fn each_order(all: &[Message], act: &mut impl FnMut(&[Message])) {
    fn longer(chosen: &mut Vec<usize>, all: &[Message], act: &mut impl FnMut(&[Message])) {
        for next in 0..all.len() {
            if !chosen.contains(&next) {
                chosen.push(next);
                act(&chosen.iter().map(|place| all[*place]).collect::<Vec<_>>());
                longer(chosen, all, act);
                chosen.pop();
            }
        }
    }
    longer(&mut Vec::new(), all, act);
}

struct Till<'a> {
    ledger: &'a Ledger,
    truth: Report,
    number: u64,
}

impl Till<'_> {
    /// One order at the till, about which all this comes.
    fn take_all(&self, messages: &[Message]) {
        self.charge();
        let mut came: Vec<Vec<u8>> = Vec::new();
        let mut looked = false;
        for message in messages {
            if *message == LookUp {
                self.looked_up(self.truth);
                looked = true;
            } else {
                let body = self.body(*message);
                let taken = take_in(self.ledger, &body, Some(&relay::training_key()), Time::from_millis(2)).unwrap();
                assert_eq!(taken, if *message == Forged { Taken::Forged } else { Taken::Stored });
                if taken == Taken::Stored {
                    came.push(body);
                }
            }
            let paid = looked && self.truth == Report::Settlement;
            assert!(self.state() != State::Paid || paid, "{message:?} of {messages:?} made it paid");
        }
        // Every one that is genuine is there, and the same bytes once.
        came.sort();
        came.dedup();
        assert_eq!(self.ledger.notifications(self.order_id()).unwrap().len(), came.len(), "{messages:?}");
        self.looked_up(self.truth);
        let (state, sale) = (self.state(), self.ledger.sale(self.sale()).unwrap().unwrap());
        let expected = match self.truth {
            Report::Settlement => State::Paid,
            _ => State::Expired,
        };
        assert_eq!((state, sale.attempt().unwrap().question), (expected, None), "{messages:?}");
        assert_eq!(sale.open_concerns(), [], "{messages:?}");
    }

    fn sale(&self) -> SaleId {
        let mut chance = [0; 12];
        (0..12).for_each(|place| chance[place] = (self.number >> (5 * place).min(63)) as u8);
        SaleId::draw(chance)
    }

    fn order_id(&self) -> OrderId {
        let mut chance = [0; 18];
        (0..12).for_each(|place| chance[place] = (self.number >> (5 * place).min(63)) as u8);
        OrderId::draw(self.ledger.till(), chance)
    }

    fn charge(&self) {
        let mut digits = [0; 6];
        (0..6).for_each(|place| digits[place] = (self.number / 28_u64.pow(place as u32) % 28) as u8);
        intend(self.ledger, self.sale(), self.order_id(), Number::draw(&digits));
        self.looked_up(Report::Pending);
    }

    fn looked_up(&self, report: Report) {
        reported(self.ledger, self.sale(), self.order_id(), report);
    }

    fn state(&self) -> State {
        self.ledger.sale(self.sale()).unwrap().unwrap().state()
    }

    fn body(&self, message: Message) -> Vec<u8> {
        let ours = format!("{AMOUNT}.00");
        let mut body = match message {
            Signed(status) => self.signed(status, status, &ours),
            Forged => self.signed("settlement", "settlement", &ours),
            Dearer => self.signed("settlement", "settlement", "165000.00"),
            Relabelled => self.signed("pending", "settlement", &ours),
            OfAnother => self.signed("settlement", "settlement", &ours),
            LookUp => unreachable!("a look-up is no notification"),
        };
        match message {
            Forged => body["signature_key"] = "0".repeat(128).into(),
            OfAnother => body["transaction_id"] = "00000000-c96f-4f5c-9d35-2d740d54c1a9".into(),
            _ => {}
        }
        body.to_string().into_bytes()
    }

    fn signed(&self, signed_as: &str, status: &str, amount: &str) -> Value {
        let code = match signed_as {
            "settlement" => "200",
            "pending" => "201",
            _ => "202",
        };
        let order_id = self.order_id();
        json!({
            "transaction_time": "2020-01-09 15:16:19",
            "transaction_status": status,
            "transaction_id": TRANSACTION,
            "store": "alfamart",
            "status_message": "midtrans payment notification",
            "status_code": code,
            "signature_key": midtrans::signature(order_id.as_str(), code, amount, &relay::training_key()),
            "payment_type": "cstore",
            "payment_code": CODE,
            "order_id": order_id.as_str(),
            "merchant_id": "G812785002",
            "gross_amount": amount,
            "currency": "IDR",
        })
    }
}

/// Where a flush costs least, because tens of thousands are made here.
fn place() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory).unwrap() } else { TempDir::new().unwrap() }
}
