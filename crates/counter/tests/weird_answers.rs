//! Whatever answers in Midtrans' name, with whatever HTTP status, whole or not: nothing panics, nothing is
//! called paid that is not, each answer is taken for what it is, and afterwards the sale settles.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod played;

use midtrans::{Carried, Unclear};
use played::{Question, STAND_IN, Shop, answered, payment_code, transaction_id};
use serde_json::{Value, json};
use till::{Concern, From, OrderId, Sale, State, Store};

/// How a body differs from a good one.
type Odd = fn(&mut Value);

/// Objects that are not quite what Midtrans sends, and what may be made of each.
const OBJECTS: [(&str, Read, Odd); 55] = [
    ("nothing", Read::Good, |_| {}),
    ("a new field", Read::Good, |it| it["new"] = json!({ "and": [1, null] })),
    ("the state in capitals", Read::Good, |it| it["transaction_status"] = upper(&it["transaction_status"])),
    ("the state in odd capitals", Read::Good, |it| {
        let word = it["transaction_status"].as_str().unwrap().to_owned();
        it["transaction_status"] = format!("{}{}", word[..1].to_uppercase(), &word[1..]).into();
    }),
    ("the store in capitals", Read::Good, |it| it["store"] = upper(&it["store"])),
    ("the code as a number", Read::Good, |it| {
        it["status_code"] = it["status_code"].as_str().unwrap().parse::<u64>().unwrap().into()
    }),
    ("no store", Read::Good, |it| it["store"] = json!(null)),
    ("no currency", Read::Good, |it| it["currency"] = json!(null)),
    ("no transaction id", Read::Good, |it| it["transaction_id"] = json!(null)),
    ("times that are none", Read::Good, |it| it["settlement_time"] = "yesterday".into()),
    ("times of another world", Read::Good, |it| it["transaction_time"] = "9999-99-99 99:99:99".into()),
    ("a long message", Read::Good, |it| it["status_message"] = "a".repeat(20_000).into()),
    ("no order id", Read::Useless, |it| it["order_id"] = json!(null)),
    ("an order id that is a number", Read::Useless, |it| it["order_id"] = json!(7)),
    ("an empty order id", Read::Useless, |it| it["order_id"] = "".into()),
    ("the order id of another", Read::Useless, |it| it["order_id"] = "WEB-17".into()),
    ("the order id in small letters", Read::Useless, |it| {
        it["order_id"] = it["order_id"].as_str().unwrap().to_lowercase().into()
    }),
    ("the order id and a blank", Read::Useless, |it| {
        it["order_id"] = format!("{} ", it["order_id"].as_str().unwrap()).into()
    }),
    ("no state", Read::Useless, |it| it["transaction_status"] = json!(null)),
    ("a state that is a list", Read::Useless, |it| it["transaction_status"] = json!(["settlement"])),
    ("a state nobody knows", Read::Strange, |it| it["transaction_status"] = "captured".into()),
    ("a state in other letters", Read::Strange, |it| it["transaction_status"] = "ѕettlement".into()),
    ("a state and a blank", Read::Strange, |it| {
        it["transaction_status"] = format!("{} ", it["transaction_status"].as_str().unwrap()).into()
    }),
    ("another amount", Read::Dearer, |it| it["gross_amount"] = "46500.00".into()),
    ("less", Read::Dearer, |it| it["gross_amount"] = "4400.00".into()),
    ("no amount", Read::Dearer, |it| it["gross_amount"] = json!(null)),
    ("the amount as a number", Read::Dearer, |it| it["gross_amount"] = json!(44_000.00)),
    ("the amount with a nought before it", Read::Dearer, |it| it["gross_amount"] = "044000.00".into()),
    ("the amount with half a rupiah", Read::Dearer, |it| it["gross_amount"] = "44000.50".into()),
    ("the amount in dollars", Read::Dearer, |it| it["currency"] = "USD".into()),
    ("another transaction", Read::Another, |it| it["transaction_id"] = "another".into()),
    ("another code", Read::Another, |it| it["payment_code"] = "1234567890".into()),
    ("no payment code", Read::Codeless, |it| it["payment_code"] = json!(null)),
    ("a payment code that is a number", Read::Codeless, |it| it["payment_code"] = json!(8_127_740_588_870_520_u64)),
    ("an empty payment code", Read::Codeless, |it| it["payment_code"] = "".into()),
    ("another store", Read::Elsewhere, |it| it["store"] = "indomaret".into()),
    ("code 100", Read::Says(100), |it| it["status_code"] = "100".into()),
    ("code 202", Read::Says(202), |it| it["status_code"] = "202".into()),
    ("code 300", Read::Says(300), |it| it["status_code"] = "300".into()),
    ("code 400", Read::Says(400), |it| it["status_code"] = "400".into()),
    ("code 401", Read::Says(401), |it| it["status_code"] = "401".into()),
    ("code 402", Read::Says(402), |it| it["status_code"] = "402".into()),
    ("code 404", Read::Says(404), |it| it["status_code"] = "404".into()),
    ("code 406", Read::Says(406), |it| it["status_code"] = "406".into()),
    ("code 410", Read::Says(410), |it| it["status_code"] = "410".into()),
    ("code 411", Read::Says(411), |it| it["status_code"] = "411".into()),
    ("code 412", Read::Says(412), |it| it["status_code"] = "412".into()),
    ("code 429", Read::Says(429), |it| it["status_code"] = "429".into()),
    ("code 500", Read::Says(500), |it| it["status_code"] = "500".into()),
    ("code 900", Read::Says(900), |it| it["status_code"] = "900".into()),
    ("a code with a blank", Read::Useless, |it| it["status_code"] = " 200".into()),
    ("a code of four digits", Read::Useless, |it| it["status_code"] = "0200".into()),
    ("a code that is true", Read::Useless, |it| it["status_code"] = json!(true)),
    ("no code", Read::Silent, |it| it["status_code"] = json!(null)),
    ("only nulls", Read::Silent, |it| it.as_object_mut().unwrap().values_mut().for_each(|field| *field = json!(null))),
];

/// What a body says, read by somebody careful.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    /// Everything it has to.
    Good,
    /// Good, for another amount or for none.
    Dearer,
    /// Good, about another transaction.
    Another,
    /// Good, at another store.
    Elsewhere,
    /// Good, without a payment code: enough for everybody who knows it already.
    Codeless,
    /// Good, with a state nobody knows.
    Strange,
    /// Another status code than would fit.
    Says(u16),
    /// No status code.
    Silent,
    /// It lacks what it must have.
    Useless,
    /// It is none of Midtrans' own.
    Foreign,
}

const HTTP: [u16; 15] = [200, 201, 202, 204, 302, 400, 401, 404, 406, 412, 429, 500, 502, 504, 599];

/// What can be made of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// It is what was asked for.
    Done,
    /// Nothing was done, for good.
    Refused,
    /// Nothing was done, and it may be asked again.
    Later,
    /// Nobody knows.
    Unclear,
}

/// One cell of the matrix.
struct Cell {
    name: String,
    read: Read,
    http: Option<u16>,
    carried: Carried,
}

impl Cell {
    /// The code that decides: that of the body, and HTTP's only where it has none.
    fn code(&self) -> Option<u16> {
        let http = self.http?;
        match self.read {
            Read::Foreign => (http == 429).then_some(429),
            Read::Useless => None,
            Read::Silent => (!(200..300).contains(&http) && http != 404).then_some(http),
            Read::Says(code) => Some(code),
            // Whatever stands for success in this question.
            Read::Good | Read::Dearer | Read::Another | Read::Elsewhere | Read::Codeless | Read::Strange => Some(0),
        }
    }

    /// It says that what was asked for is so, and not under an error, where no client would believe it.
    fn says_so(&self) -> bool {
        self.code() == Some(0) && self.http.is_some_and(|http| (200..300).contains(&http))
    }

    /// All the ways it may have come about, or one of them, in turn.
    fn some_of<T: Copy>(&self, nth: usize, ways: impl Iterator<Item = T>) -> Vec<T> {
        let ways: Vec<T> = ways.collect();
        if matches!(self.http, None | Some(200 | 429 | 500)) { ways } else { vec![ways[nth % ways.len()]] }
    }

    fn of_charge(&self) -> Class {
        match self.code() {
            Some(0) if self.says_so() && self.read != Read::Codeless => Class::Done,
            Some(400..=402 | 405 | 408 | 410 | 413) => Class::Refused,
            Some(429) => Class::Later,
            _ => Class::Unclear,
        }
    }
}

/// Every HTTP status with every body, and every body with a line that breaks.
fn cells(claim: &Value) -> Vec<Cell> {
    let mut bodies: Vec<(String, Read, Vec<u8>)> = Vec::new();
    for (name, read, odd) in OBJECTS {
        let mut body = claim.clone();
        odd(&mut body);
        bodies.push((name.into(), read, body.to_string().into_bytes()));
    }
    let good = claim.to_string();
    let foreign: [(&str, Vec<u8>); 16] = [
        ("nothing at all", vec![]),
        ("a blank", b" ".to_vec()),
        ("HTML", b"<html><body>Just a moment...</body></html>".to_vec()),
        ("a word", b"OK".to_vec()),
        ("null", b"null".to_vec()),
        ("a list", format!("[{good}]").into_bytes()),
        ("a number", b"201".to_vec()),
        ("a text", b"\"201\"".to_vec()),
        ("half of it", good.as_bytes()[..good.len() / 2].to_vec()),
        ("all but the end", good.as_bytes()[..good.len() - 1].to_vec()),
        ("twice", format!("{good}{good}").into_bytes()),
        ("a field twice", format!("{},\"transaction_status\":\"settlement\"}}", &good[..good.len() - 1]).into_bytes()),
        ("a mark before it", [b"\xef\xbb\xbf", good.as_bytes()].concat()),
        ("bytes that are no text", [&good.as_bytes()[..good.len() - 1], b",\"x\":\"\xff\"}"].concat()),
        ("ten thousand brackets", vec![b'['; 10_000]),
        ("a hundred kilobytes of noughts", vec![0; 100_000]),
    ];
    bodies.extend(foreign.map(|(name, body)| (name.to_owned(), Read::Foreign, body)));
    let mut cells = Vec::new();
    for (name, read, body) in &bodies {
        for http in HTTP {
            let (name, carried) = (format!("HTTP {http} with {name}"), answered(http, body.clone(), None));
            cells.push(Cell { name, read: *read, http: Some(http), carried });
        }
        for (how, trouble) in
            [("cut off", Unclear::CutOff), ("in time", Unclear::TimedOut), ("cut off at once", Unclear::CutOff)]
        {
            let mut carried = answered(200, body.clone(), None);
            carried.trouble = Some(trouble);
            if how == "cut off at once" {
                carried.exchange.http_status = None;
                carried.exchange.body.clear();
            }
            cells.push(Cell { name: format!("{name}, not {how}"), read: Read::Useless, http: None, carried });
        }
    }
    cells
}

#[tokio::test(start_paused = true)]
async fn whatever_answers_a_charge_there_is_one_code_in_the_end_and_it_can_be_paid() {
    let shop = Shop::open();
    let mut tried = 0;
    let cells = cells(&claim("pending", "201", STAND_IN));
    for (nth, cell) in cells.iter().enumerate() {
        let class = cell.of_charge();
        // Midtrans neither tells a code that is none nor refuses what it has made.
        let possible = |done: &bool| !(class == Class::Done && !done || class == Class::Refused && *done);
        for done in cell.some_of(nth, [true, false].into_iter().filter(possible)) {
            tried += 1;
            charge(&shop, cell, class, done).await;
        }
    }
    println!("{tried} cells");
    assert!(tried >= 400);
    assert_eq!(shop.ledger().audit().unwrap(), []);
}

async fn charge(shop: &Shop, cell: &Cell, class: Class, done: bool) {
    let name = &cell.name;
    let draft = till::Draft { amount: "44000".into(), ..till::Draft::empty(Store::Alfamart) };
    let sale_id = shop.counter.draw_sale_id();
    shop.midtrans.answers(Question::Charge, done, cell.carried.clone());
    let sale = shop.counter.charge(sale_id, &draft, From::Cashier).await.unwrap();
    let expected = match class {
        // It was taken, and the next look-up tells how it stands.
        Class::Done if matches!(cell.read, Read::Elsewhere | Read::Strange) => State::Intent,
        Class::Done => State::Pending,
        Class::Refused => State::Refused,
        Class::Later => State::Intent,
        Class::Unclear => State::Unknown,
    };
    assert_eq!(sale.state(), expected, "{name}");
    let sale = shop.settle(&sale).await;
    let attempt = sale.attempt().unwrap();
    if class == Class::Refused {
        assert_eq!((sale.state(), shop.midtrans.transaction(attempt).is_none()), (State::Refused, true), "{name}");
        return;
    }
    assert_eq!((sale.state(), sale.attempts.len()), (State::Pending, 1), "{name}");
    let there = shop.midtrans.transaction(attempt).unwrap();
    assert_eq!(there.status, "pending");
    if cell.read != Read::Another {
        assert_eq!(attempt.payment_code.as_ref(), Some(&there.code), "{name}");
    }
    shop.midtrans.pay(attempt);
    let sale = shop.counter.check(sale.id.as_str()).await.unwrap();
    match cell.read {
        // What was shown is not what was paid: that is for the owner to find out.
        Read::Another if class == Class::Done => {
            assert_ne!(sale.state(), State::Paid, "{name}");
            assert_eq!(concerns(&sale), [Concern::Mismatch], "{name}");
        }
        _ => assert_eq!(sale.state(), State::Paid, "{name}"),
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_answers_a_look_up_nothing_is_paid_that_is_not_and_later_it_is() {
    let shop = Shop::open();
    let mut tried = 0;
    let cells = cells(&claim("settlement", "200", STAND_IN));
    for cell in cells {
        tried += 1;
        look_up(&shop, &cell).await;
    }
    println!("{tried} cells");
    assert!(tried >= 400);
    assert_eq!(shop.ledger().audit().unwrap(), []);
}

async fn look_up(shop: &Shop, cell: &Cell) {
    let name = &cell.name;
    let sale = shop.charge(Store::Alfamart).await;
    let believed = cell.says_so();
    let paid = believed && matches!(cell.read, Read::Good | Read::Codeless);
    if paid {
        shop.midtrans.pay(sale.attempt().unwrap());
    }
    shop.midtrans.answers(Question::Status, true, cell.carried.clone());
    let told = shop.counter.check(sale.id.as_str()).await.unwrap();
    let expected = match cell.read {
        _ if paid => State::Paid,
        Read::Dearer if believed => State::Confirming,
        _ => State::Pending,
    };
    assert_eq!(told.state(), expected, "{name}");
    assert!(shop.counter.hand_over(sale.id.as_str(), "Sari", From::Cashier).is_ok() == paid, "{name}");
    if !paid {
        shop.midtrans.pay(sale.attempt().unwrap());
    }
    let told = shop.counter.check(sale.id.as_str()).await.unwrap();
    assert_eq!(told.state(), State::Paid, "{name}");
}

#[tokio::test(start_paused = true)]
async fn whatever_answers_a_cancel_the_code_is_dead_in_the_end_or_paid() {
    let shop = Shop::open();
    let mut tried = 0;
    let cells = cells(&claim("cancel", "200", STAND_IN));
    for (nth, cell) in cells.iter().enumerate() {
        let success = cell.http.is_some_and(|http| (200..300).contains(&http));
        let believed = cell.says_so() && cell.read != Read::Strange || cell.code() == Some(202) && success;
        // Midtrans does not tell of a cancel that never was.
        let possible = |(done, _): &(bool, bool)| *done || !believed;
        let ways = [(true, false), (false, false), (false, true)].into_iter().filter(possible);
        for (done, paid) in cell.some_of(nth, ways) {
            tried += 1;
            cancel(&shop, cell, done, paid).await;
        }
    }
    println!("{tried} cells");
    assert!(tried >= 400);
    assert_eq!(shop.ledger().audit().unwrap(), []);
}

async fn cancel(shop: &Shop, cell: &Cell, done: bool, paid: bool) {
    let name = &cell.name;
    let sale = shop.charge(Store::Alfamart).await;
    let attempt = sale.attempt().unwrap().clone();
    if paid {
        shop.midtrans.pay(&attempt);
    }
    shop.midtrans.answers(Question::Cancel, done, cell.carried.clone());
    let asked = shop.counter.cancel(sale.id.as_str(), From::Cashier).await.unwrap();
    let sale = shop.settle(&asked).await;
    if matches!(cell.code(), Some(404 | 412)) && !done && !paid {
        // Whoever pressed hears that it could not be cancelled, and may press again.
        assert_eq!(sale.state(), State::Pending, "{name}");
        let asked = shop.counter.cancel(sale.id.as_str(), From::Cashier).await.unwrap();
        assert_eq!(shop.settle(&asked).await.state(), State::Cancelled, "{name}");
        return;
    }
    assert_eq!(sale.state(), if paid { State::Paid } else { State::Cancelled }, "{name}");
}

/// What Midtrans would say of an order.
fn claim(status: &str, code: &str, order_id: &str) -> Value {
    json!({
        "status_code": code,
        "status_message": "Success",
        "transaction_id": transaction_id(order_id),
        "order_id": order_id,
        "gross_amount": "44000.00",
        "currency": "IDR",
        "payment_type": "cstore",
        "transaction_status": status,
        "store": "alfamart",
        "payment_code": payment_code(order_id),
    })
}

fn concerns(sale: &Sale) -> Vec<Concern> {
    sale.open_concerns().into_iter().map(|(_, concern): (OrderId, Concern)| concern).collect()
}

fn upper(word: &Value) -> Value {
    word.as_str().unwrap().to_uppercase().into()
}
