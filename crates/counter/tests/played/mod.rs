//! A shop in one program: a real ledger on a disk of memory, time that passes only when nobody has
//! anything to do, and a Midtrans that is played here and answers whatever it is told to.

#![allow(dead_code, reason = "each test file uses its own share of this")]

use std::{
    collections::{BTreeMap, VecDeque},
    future::Future,
    path::Path,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use counter::{Counter, Gateway, Problem, Senses};
use ledger::{Binding, Door, Folder, Ledger};
use midtrans::{Carried, Client, Exchange, Line, Request, Unclear};
use serde_json::{Value, json};
use tempfile::TempDir;
use till::{Attempt, Draft, Environment, From, Pace, Sale, State, Store, Time};
use time::OffsetDateTime;
use tokio::time::Instant;

/// In an odd answer it stands where the order id will stand.
pub const STAND_IN: &str = "K7PX-3M8Q2W9ZD4T6R1V5XCD";

/// Where time begins, 2027 in Jakarta.
const MORNING: i64 = 1_800_000_000_000;

pub struct Shop {
    pub counter: Arc<Counter>,
    pub midtrans: Arc<Midtrans>,
    began: Instant,
    folder: TempDir,
}

/// Midtrans, as far as it matters.
pub struct Midtrans {
    book: Mutex<Book>,
    began: Instant,
}

#[derive(Default)]
pub struct Book {
    /// What it has, by order id.
    pub transactions: BTreeMap<String, Transaction>,
    /// Every request that reached it, oldest first.
    pub asked: Vec<String>,
    /// How the next questions of a kind are answered.
    pub oddly: VecDeque<Oddly>,
    /// Nothing reaches it.
    pub away: bool,
}

#[derive(Clone, Debug)]
pub struct Transaction {
    pub status: &'static str,
    pub id: String,
    pub code: String,
    pub store: String,
    pub amount: String,
    pub paid_at: Option<Time>,
}

/// An odd answer to one question.
pub struct Oddly {
    pub question: Question,
    /// What was asked for is done all the same.
    pub done: bool,
    pub carried: Carried,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    Charge,
    Status,
    Cancel,
}

impl Shop {
    pub fn open() -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
        let began = Instant::now();
        let midtrans = Arc::new(Midtrans { book: Mutex::default(), began });
        let counter = desk(&folder, &midtrans, began);
        Self { counter, midtrans, began, folder }
    }

    /// The program dies and is started again.
    pub fn restart(&mut self) {
        self.counter = self.second();
    }

    /// Another program on the same ledger.
    pub fn second(&self) -> Arc<Counter> {
        desk(&self.folder, &self.midtrans, self.began)
    }

    pub async fn charge(&self, store: Store) -> Sale {
        let draft = Draft { amount: "44000".into(), ..Draft::empty(store) };
        self.counter.charge(self.counter.draw_sale_id(), &draft, From::Cashier).await.unwrap()
    }

    /// Follows a sale to a definite outcome.
    pub async fn settle(&self, sale: &Sale) -> Sale {
        self.counter.settle(sale.id, Instant::now() + Duration::from_secs(30 * 60)).await.unwrap()
    }

    /// The program runs so long, as it does in a shop.
    pub async fn runs(&self, span: Duration) {
        let _ = tokio::time::timeout(span, self.counter.run()).await;
    }

    pub fn state(&self, sale: &Sale) -> State {
        self.sale(sale).state()
    }

    pub fn sale(&self, sale: &Sale) -> Sale {
        self.ledger().sale(sale.id).unwrap().unwrap()
    }

    pub fn ledger(&self) -> &Ledger {
        self.counter.ledger()
    }
}

impl Midtrans {
    pub fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    pub fn now(&self) -> Time {
        now(self.began)
    }

    /// The next question of this kind is answered so.
    pub fn answers(&self, question: Question, done: bool, carried: Carried) {
        self.book().oddly.push_back(Oddly { question, done, carried });
    }

    pub fn pay(&self, attempt: &Attempt) {
        let now = self.now();
        let mut book = self.book();
        let transaction = book.transactions.get_mut(attempt.order_id.as_str()).unwrap();
        assert_eq!(transaction.status, "pending", "only an open code can be paid");
        transaction.status = "settlement";
        transaction.paid_at = Some(now);
    }

    pub fn transaction(&self, attempt: &Attempt) -> Option<Transaction> {
        self.book().transactions.get(attempt.order_id.as_str()).cloned()
    }

    fn date(&self) -> Option<OffsetDateTime> {
        OffsetDateTime::from_unix_timestamp(self.now().millis().div_euclid(1_000)).ok()
    }

    fn take(&self, request: Request) -> Carried {
        let mut book = self.book();
        if book.away {
            return Carried { exchange: Exchange::default(), trouble: Some(Unclear::CannotConnect) };
        }
        book.asked.push(format!("{} {}", request.method, request.path));
        let question = match request.path {
            "/v2/charge" => Question::Charge,
            path if path.ends_with("/status") => Question::Status,
            _ => Question::Cancel,
        };
        let order_id = match question {
            Question::Charge => order_charged(request.body.unwrap_or_default()),
            _ => order_of(request.path).to_owned(),
        };
        let odd = book.oddly.front().is_some_and(|odd| odd.question == question);
        let odd = if odd { book.oddly.pop_front() } else { None };
        let answer = match (&odd, question) {
            (Some(Oddly { done: false, .. }), _) => None,
            (_, Question::Charge) => Some(book.charge(request.body.unwrap_or_default())),
            (_, Question::Status) => Some(book.status(request.path)),
            (_, Question::Cancel) => Some(book.close(request.path)),
        };
        drop(book);
        match (odd, answer) {
            (Some(odd), _) => {
                let mut carried = odd.carried;
                carried.exchange.body = in_its_place(&carried.exchange.body, &order_id);
                carried.exchange.server_date = carried.exchange.http_status.and(self.date());
                carried
            }
            (None, Some((http, body))) => answered(http, body.to_string(), self.date()),
            (None, None) => unreachable!("whoever does nothing answers oddly"),
        }
    }
}

impl Book {
    fn charge(&mut self, body: &[u8]) -> (u16, Value) {
        let body: Value = serde_json::from_slice(body).unwrap();
        let details = &body["transaction_details"];
        let order_id = details["order_id"].as_str().unwrap().to_owned();
        if self.transactions.get(&order_id).is_some_and(|one| matches!(one.status, "pending" | "settlement")) {
            return (406, json!({ "status_code": "406", "status_message": "the order_id has been used" }));
        }
        let transaction = Transaction {
            status: "pending",
            id: transaction_id(&order_id),
            code: payment_code(&order_id),
            store: body["cstore"]["store"].as_str().unwrap().to_owned(),
            amount: format!("{}.00", details["gross_amount"]),
            paid_at: None,
        };
        let said = transaction.told(&order_id, "201");
        self.transactions.insert(order_id, transaction);
        (201, said)
    }

    fn status(&mut self, path: &str) -> (u16, Value) {
        let order_id = order_of(path);
        match self.transactions.get(order_id) {
            Some(transaction) => {
                let code = match transaction.status {
                    "pending" => "201",
                    "expire" => "407",
                    _ => "200",
                };
                (200, transaction.told(order_id, code))
            }
            None => (404, missing()),
        }
    }

    fn close(&mut self, path: &str) -> (u16, Value) {
        let order_id = order_of(path);
        let word = if path.ends_with("/expire") { "expire" } else { "cancel" };
        match self.transactions.get_mut(order_id) {
            Some(transaction) if transaction.status == "pending" => {
                transaction.status = word;
                let code = if word == "expire" { "407" } else { "200" };
                (200, transaction.told(order_id, code))
            }
            Some(_) => (412, json!({ "status_code": "412", "status_message": "cannot be modified" })),
            None => (404, missing()),
        }
    }
}

impl Transaction {
    /// As Midtrans tells of it.
    pub fn told(&self, order_id: &str, code: &str) -> Value {
        let mut told = json!({
            "status_code": code,
            "status_message": "Success",
            "transaction_id": self.id,
            "order_id": order_id,
            "gross_amount": self.amount,
            "currency": "IDR",
            "payment_type": "cstore",
            "transaction_status": self.status,
            "fraud_status": "accept",
            "store": self.store,
            "payment_code": self.code,
        });
        if self.status == "settlement" {
            told["settlement_time"] = self.paid_at.map(wib).into();
        }
        told
    }
}

pub fn transaction_id(order_id: &str) -> String {
    format!("00000000-0000-4000-8000-{}", &order_id[5..17])
}

pub fn payment_code(order_id: &str) -> String {
    order_id.bytes().skip(5).take(16).map(|byte| char::from(b'0' + byte % 10)).collect()
}

pub fn answered(http: u16, body: impl Into<Vec<u8>>, date: Option<OffsetDateTime>) -> Carried {
    let exchange = Exchange { http_status: Some(http), body: body.into(), server_date: date };
    Carried { exchange, trouble: None }
}

/// The answer as it is about this order.
fn in_its_place(body: &[u8], order_id: &str) -> Vec<u8> {
    let mut body = body.to_vec();
    let lower: fn(&str) -> String = str::to_lowercase;
    for name in [str::to_owned, lower, transaction_id, payment_code] {
        let (from, to) = (name(STAND_IN).into_bytes(), name(order_id).into_bytes());
        for at in 0..body.len().saturating_sub(from.len() - 1) {
            if body[at..].starts_with(&from) {
                body[at..at + from.len()].copy_from_slice(&to);
            }
        }
    }
    body
}

/// As Midtrans writes a time.
fn wib(time: Time) -> String {
    let there = OffsetDateTime::from_unix_timestamp(time.millis().div_euclid(1_000) + 7 * 3_600).unwrap();
    let (year, month, day) = there.to_calendar_date();
    let (hour, minute, second) = there.to_hms();
    format!("{year:04}-{:02}-{day:02} {hour:02}:{minute:02}:{second:02}", u8::from(month))
}

fn order_charged(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap();
    body["transaction_details"]["order_id"].as_str().unwrap().to_owned()
}

fn missing() -> Value {
    json!({ "status_code": "404", "status_message": "Transaction doesn't exist." })
}

fn order_of(path: &str) -> &str {
    path.split('/').nth(2).unwrap()
}

fn now(began: Instant) -> Time {
    Time::from_millis(MORNING + began.elapsed().as_millis() as i64)
}

struct To(Client);

impl Gateway for To {
    fn client(&self) -> Pin<Box<dyn Future<Output = Result<Client, Problem>> + Send + '_>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

struct Wire(Arc<Midtrans>);

impl Line for Wire {
    fn carry<'a>(&'a self, request: Request<'a>) -> Pin<Box<dyn Future<Output = Carried> + Send + 'a>> {
        Box::pin(async move {
            // Some way there, and some way back.
            tokio::time::sleep(Duration::from_millis(20)).await;
            let carried = self.0.take(request);
            tokio::time::sleep(Duration::from_millis(20)).await;
            carried
        })
    }
}

fn desk(folder: &TempDir, midtrans: &Arc<Midtrans>, began: Instant) -> Arc<Counter> {
    let folder = Folder::at(folder.path());
    let ledger =
        Ledger::open(&folder, Environment::Sandbox, Some(Binding::Loopback), Door::Desk, [1, 2, 3, 4]).unwrap();
    let chance = |bytes: &mut [u8]| getrandom::fill(bytes).unwrap();
    let senses = Senses { clock: Arc::new(move || now(began)), chance: Arc::new(chance) };
    let gateway = Arc::new(To(Client::over(Arc::new(Wire(midtrans.clone())))));
    Arc::new(Counter::open(Arc::new(ledger), gateway, senses, Pace::SHOP))
}
