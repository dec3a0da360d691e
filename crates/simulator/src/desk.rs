//! The pretended Midtrans' desk: every request ends here, and so does everything a trainer does.
//! Time is handed in; whatever is answered has been written down before.

use std::collections::VecDeque;

use rusqlite::{Connection, Result};
use serde::Serialize;

use crate::answers::{self, Answer};
use crate::book::mail::{self, Due, Letter, State};
use crate::book::transactions::{self, Key};
use crate::book::{Book, memory};
use crate::chance::Chance;
use crate::charge::{self, Refused};
use crate::clock::Moment;
use crate::faults::{Faults, Target, Trouble};
use crate::notify;
use crate::settings::Settings;
use crate::transaction::{Payment, Refusal, Status, Store, Transaction};

/// How many requests are kept for the curious.
const REQUESTS_KEPT: usize = 2000;

/// Everything that is decided and remembered.
pub struct Desk {
    pub book: Book,
    pub settings: Settings,
    pub faults: Faults,
    pub chance: Chance,
    pub server_key: String,
    requests: VecDeque<Request>,
}

/// A call of the merchant's, for those who want to know what was really sent.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    pub number: u64,
    pub at: String,
    pub method: String,
    pub path: String,
    pub order_id: Option<String>,
    pub idempotency_key: Option<String>,
    pub body: String,
    /// Whether it is over.
    pub answered: bool,
    /// The HTTP status of the answer, or nothing when there was none.
    pub http: Option<u16>,
}

/// Notification addresses that came in the headers of a charge.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    pub instead: Vec<String>,
    pub besides: Vec<String>,
}

/// What a merchant may ask of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Cancel,
    Expire,
    /// Approve, deny, refund, capture: not for counter payments.
    NotForStores,
}

/// What a trainer may let happen to a transaction.
#[derive(Clone, Debug)]
pub enum Deed {
    Pay { fee: u64, late: bool },
    Reverse,
    Deny,
    Cancel,
    Expire,
}

/// Why a trainer's wish was not granted.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    #[error("There is no such transaction.")]
    Unknown,
    #[error("The transaction is {}; that cannot be done with it.", .0.name())]
    WrongState(Status),
    #[error("Only Indomaret takes a payment back.")]
    NotIndomaret,
    #[error("The order id is in use again by a newer transaction.")]
    Replaced,
    #[error(transparent)]
    Book(#[from] rusqlite::Error),
}

impl Desk {
    /// Takes its place behind that book.
    pub fn new(book: Book, settings: Settings, seed: Option<u64>, server_key: String) -> Desk {
        Desk {
            book,
            settings,
            faults: Faults::default(),
            chance: Chance::new(seed),
            server_key,
            requests: VecDeque::new(),
        }
    }

    /// `POST /v2/charge`.
    pub fn charge(&mut self, body: &[u8], addresses: Addresses, lag_seconds: u32, now: Moment) -> Result<Answer> {
        self.sweep(now)?;
        let manners = self.settings.manners.clone();
        let refusal = |chance: &mut Chance, refused| Ok(answers::refused(&refused, chance.uuid(), &manners));
        let charge = match charge::read(body, now, &manners) {
            Ok(charge) => charge,
            Err(refused) => return refusal(&mut self.chance, refused),
        };
        if self.settings.closed.contains(&charge.store) {
            return refusal(&mut self.chance, Refused::NotActivated);
        }
        if transactions::is_live(self.book.read(), &charge.order_id)? {
            return Ok(answers::duplicate(self.chance.uuid(), &manners));
        }
        let mut extras = charge.extras;
        extras.override_urls = addresses.instead;
        extras.append_urls = addresses.besides;
        let transaction = Transaction {
            transaction_id: self.chance.uuid(),
            order_id: charge.order_id,
            store: charge.store,
            amount: charge.amount,
            fee: 0,
            payment_code: self.new_code(charge.store)?,
            status: Status::Pending,
            created: now.whole_second(),
            expires: charge.expires,
            settled: None,
            approval_code: None,
            visible: now.plus_seconds(i64::from(lag_seconds)),
            extras,
        };
        self.write(|book, post| {
            transactions::insert(book, &transaction)?;
            post.announce(book, &transaction, now)
        })?;
        Ok(answers::created(&transaction, &manners))
    }

    /// `GET /v2/{id}/status`.
    pub fn look_up(&mut self, id: &str, now: Moment) -> Result<Answer> {
        self.sweep(now)?;
        let manners = &self.settings.manners;
        Ok(match self.find(id, now)? {
            Some(transaction) => answers::found(&transaction, &self.server_key, manners),
            None => answers::unknown(self.chance.uuid(), manners),
        })
    }

    /// `POST /v2/{id}/cancel`, `…/expire` and those that stores do not know.
    pub fn act(&mut self, action: Action, id: &str, now: Moment) -> Result<Answer> {
        self.sweep(now)?;
        let manners = self.settings.manners.clone();
        let Some(mut transaction) = self.find(id, now)? else {
            return Ok(answers::unknown(self.chance.uuid(), &manners));
        };
        let done = match action {
            Action::Cancel => transaction.cancel(),
            Action::Expire => transaction.expire(),
            Action::NotForStores => Err(Refusal::NotYours),
        };
        if let Err(refusal) = done {
            return Ok(answers::unchanged(refusal, self.chance.uuid(), &manners));
        }
        self.write(|book, post| {
            transactions::update(book, &transaction)?;
            post.announce(book, &transaction, now)
        })?;
        Ok(match action {
            Action::Cancel => answers::cancelled(&transaction, &manners),
            _ => answers::expired(&transaction, &manners),
        })
    }

    /// Lets something happen that no merchant can ask for.
    pub fn happen(&mut self, deed: Deed, key: &Key, now: Moment) -> Result<Transaction, Denied> {
        self.sweep(now)?;
        let found = transactions::find(self.book.read(), key)?;
        let mut transaction = found.ok_or(Denied::Unknown)?;
        let before = transaction.status;
        let done = match deed {
            Deed::Pay { fee, late } => {
                let live = transactions::is_live(self.book.read(), &transaction.order_id)?;
                if live && before != Status::Pending && before != Status::Settlement {
                    return Err(Denied::Replaced);
                }
                let payment = Payment { fee, approval_code: self.approval_code(transaction.store) };
                transaction.pay(payment, now, late)
            }
            Deed::Reverse if transaction.store != Store::Indomaret => {
                return Err(Denied::NotIndomaret);
            }
            Deed::Reverse if before != Status::Settlement => {
                return Err(Denied::WrongState(before));
            }
            Deed::Deny if before != Status::Pending => return Err(Denied::WrongState(before)),
            Deed::Reverse | Deed::Deny => transaction.deny(),
            Deed::Cancel => transaction.cancel(),
            Deed::Expire => transaction.expire(),
        };
        done.map_err(|_| Denied::WrongState(before))?;
        self.write(|book, post| {
            transactions::update(book, &transaction)?;
            post.announce(book, &transaction, now)
        })?;
        Ok(transaction)
    }

    /// Lets everything expire whose time is up. Says whether anything did.
    pub fn sweep(&mut self, now: Moment) -> Result<bool> {
        let lag = i64::from(self.settings.manners.expiry_lag_seconds);
        let overdue = transactions::overdue(self.book.read(), now.plus_seconds(-lag))?;
        if overdue.is_empty() {
            return Ok(false);
        }
        self.write(|book, post| {
            for mut transaction in overdue {
                if transaction.expire().is_ok() {
                    transactions::update(book, &transaction)?;
                    post.announce(book, &transaction, now)?;
                }
            }
            Ok(())
        })?;
        Ok(true)
    }

    /// What is to be delivered now, and when there will be something to do again.
    pub fn errands(&mut self, now: Moment) -> Result<(Vec<Due>, Option<Moment>)> {
        self.sweep(now)?;
        let book = self.book.read();
        let lag = i64::from(self.settings.manners.expiry_lag_seconds);
        let deadline = transactions::next_deadline(book)?.map(|at| at.plus_seconds(lag));
        let next = [mail::next_due(book, now)?, deadline].into_iter().flatten().min();
        Ok((mail::due(book, now)?, next))
    }

    /// Sends a letter that is not about a change: a test, a repetition, a forgery. Without
    /// addresses of its own it goes to the dashboard's.
    pub fn send(&mut self, letter: &Letter, urls: &[String], due: Moment, now: Moment) -> Result<()> {
        let urls = if urls.is_empty() { self.settings.notify.clone() } else { urls.to_vec() };
        self.book.write(|book| {
            let notification = mail::insert(book, letter, now)?;
            for url in &urls {
                mail::address(book, notification, url, State::Waiting, due)?;
            }
            Ok(())
        })
    }

    /// Who is told about that order.
    pub fn readers(&self, order_id: &str) -> Result<Vec<String>> {
        let found = transactions::find(self.book.read(), &Key::OrderOrTransaction(order_id))?;
        Ok(match found {
            Some(transaction) => readers(&transaction, &self.settings),
            None => self.settings.notify.clone(),
        })
    }

    /// Keeps changed settings.
    pub fn settle(&mut self, settings: Settings) -> Result<()> {
        self.book.write(|book| memory::keep_settings(book, &settings))?;
        self.settings = settings;
        Ok(())
    }

    /// Writes a request into the list, counts it if it is a charge, and says what trouble it meets.
    /// This comes first, so that also a request that never gets an answer is known.
    pub fn receive(&mut self, request: Request, target: Option<Target>) -> Result<Vec<Trouble>> {
        let order_id = request.order_id.clone();
        if let (Some(order_id), Some(Target::Charge)) = (&order_id, target) {
            self.book.write(|book| memory::count_charge(book, order_id))?;
        }
        if self.requests.len() == REQUESTS_KEPT {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
        Ok(target.map_or(Vec::new(), |target| self.faults.strike(target, order_id.as_deref())))
    }

    /// Writes down how a request was answered.
    pub fn answered(&mut self, number: u64, http: Option<u16>) {
        let mut newest_first = self.requests.iter_mut().rev();
        if let Some(request) = newest_first.find(|request| request.number == number) {
            request.http = http;
            request.answered = true;
        }
    }

    /// The last requests, oldest first.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter()
    }

    fn find(&self, id: &str, now: Moment) -> Result<Option<Transaction>> {
        let found = transactions::find(self.book.read(), &Key::OrderOrTransaction(id))?;
        Ok(found.filter(|transaction| transaction.visible <= now))
    }

    fn new_code(&mut self, store: Store) -> Result<String> {
        loop {
            let code = self.chance.payment_code(self.settings.shapes.of(store));
            if !transactions::code_is_taken(self.book.read(), &code)? {
                return Ok(code);
            }
        }
    }

    fn approval_code(&mut self, store: Store) -> Option<String> {
        let given = store == Store::Indomaret || self.settings.manners.alfamart_approval_code;
        given.then(|| self.chance.digits(20))
    }

    fn write<T>(&mut self, work: impl FnOnce(&Connection, &mut Post) -> Result<T>) -> Result<T> {
        let mut post = Post { faults: &mut self.faults, settings: &self.settings, server_key: &self.server_key };
        self.book.write(|book| work(book, &mut post))
    }
}

/// Where notifications are written; the postman takes them from there.
struct Post<'a> {
    faults: &'a mut Faults,
    settings: &'a Settings,
    server_key: &'a str,
}

impl Post<'_> {
    /// Tells everybody who is to know how the transaction now stands.
    fn announce(&mut self, book: &Connection, transaction: &Transaction, now: Moment) -> Result<()> {
        let (mut state, mut due, mut copies, mut key) = (State::Waiting, now, 1, self.server_key);
        for trouble in self.faults.strike_notification(&transaction.order_id, transaction.status) {
            match trouble {
                Trouble::Lose => state = State::Lost,
                Trouble::Hold => state = State::Held,
                Trouble::Late { seconds } => due = due.plus_seconds(i64::from(seconds)),
                Trouble::Duplicate => copies += 1,
                Trouble::BadSignature => key = "not the key",
                _ => {}
            }
        }
        let letter = Letter {
            order_id: &transaction.order_id,
            kind: transaction.status.name(),
            body: &notify::body(transaction, key, &self.settings.manners),
        };
        let notification = mail::insert(book, &letter, now)?;
        for url in readers(transaction, self.settings) {
            for _ in 0..copies {
                mail::address(book, notification, &url, state, due)?;
            }
        }
        Ok(())
    }
}

/// The addresses in the header replace the dashboard's or join them; replacing wins.
fn readers(transaction: &Transaction, settings: &Settings) -> Vec<String> {
    let extras = &transaction.extras;
    if !extras.override_urls.is_empty() {
        return extras.override_urls.clone();
    }
    settings.notify.iter().chain(&extras.append_urls).cloned().collect()
}
