//! A shop with a real ledger and a simulator for Midtrans, and somebody who plays its hosted relay.

#![allow(dead_code, reason = "each test file uses its own share of this")]

pub mod pretended;

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use counter::{Counter, Gateway, Problem, Senses};
use desk::{Pauses, Place, Receiver, Tokens, now, senses, training};
use ledger::{Binding, Door, Folder, Ledger};
use midtrans::{Client, Destination, ServerKey};
use pretended::{CODE, Pretended};
use secrecy::SecretString;
use serde_json::{Value, json};
use simulator::{TRAINING_KEY, training::Training};
use stage::Door as Control;
use tempfile::TempDir;
use till::{Draft, Environment, From, Pace, Sale, State, Store, Time};
use tokio::{task::JoinHandle, time::Instant};

/// What takes the place of a keyring.
#[derive(Default)]
pub struct Pocket {
    token: Mutex<Option<SecretString>>,
    pub locked: AtomicBool,
}

impl Pocket {
    fn open<T>(&self, with: impl FnOnce(&mut Option<SecretString>) -> T) -> Result<T, Problem> {
        if self.locked.load(Ordering::SeqCst) {
            return Err(Problem::of("secret_store_locked"));
        }
        Ok(with(&mut self.token.lock().unwrap()))
    }
}

impl Tokens for Pocket {
    fn get(&self) -> Result<Option<SecretString>, Problem> {
        self.open(|token| token.clone())
    }

    fn set(&self, new: &SecretString) -> Result<(), Problem> {
        self.open(|token| *token = Some(new.clone()))
    }

    fn forget(&self) -> Result<(), Problem> {
        self.open(|token| *token = None)
    }
}

struct To(Client);

impl Gateway for To {
    fn client(&self) -> Pin<Box<dyn Future<Output = Result<Client, Problem>> + Send + '_>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

/// A shop in training, and its relay. What works for it stops when it is dropped.
pub struct Shop {
    pub counter: Arc<Counter>,
    pub receiver: Arc<Receiver>,
    pub relay: Pretended,
    pub pocket: Arc<Pocket>,
    pub folder: TempDir,
    training: Arc<Training>,
    /// So many milliseconds the shop's clock is ahead of this PC's.
    ahead: Arc<AtomicI64>,
    work: Vec<JoinHandle<()>>,
}

impl Shop {
    /// A shop that waits as long for everything as a real one.
    pub async fn open() -> Self {
        Self::at_pace(None).await
    }

    /// A shop whose waits are divided by this.
    pub async fn hurried(times: u32) -> Self {
        Self::at_pace(Some(times)).await
    }

    async fn at_pace(times: Option<u32>) -> Self {
        let folder = TempDir::new().unwrap();
        let training = Arc::new(Training::enter(folder.path()).await.unwrap());
        let relay = Pretended::start().await;
        let pocket = Arc::new(Pocket::default());
        let ahead = Arc::default();
        let (counter, receiver) = open(&folder, &training, &pocket, &ahead, times).await;
        Self { counter, receiver, relay, pocket, folder, training, ahead, work: Vec::new() }
    }

    /// The same till in another program.
    pub async fn second(&self) -> (Arc<Counter>, Arc<Receiver>) {
        open(&self.folder, &self.training, &self.pocket, &self.ahead, None).await
    }

    /// Midtrans sends its notifications to the relay.
    pub async fn notified(self) -> Self {
        let address = self.relay.address();
        self.notified_at(&address).await
    }

    /// Midtrans sends its notifications there.
    pub async fn notified_at(self, address: &str) -> Self {
        training::notify(&self.training, address).await.unwrap();
        self
    }

    /// The till is paired.
    pub async fn paired(self) -> Self {
        self.receiver.pair(&self.relay.address(), CODE, "Kasir depan").await.unwrap();
        self
    }

    /// Receiver and counter work as they do while the window is open.
    pub fn at_work(mut self) -> Self {
        let (receiver, counter) = (self.receiver.clone(), self.counter.clone());
        self.work.push(tokio::spawn(async move { receiver.run().await }));
        self.work.push(tokio::spawn(async move { counter.run().await }));
        let counter = self.counter.clone();
        self.work.push(tokio::spawn(async move {
            // As the window watches the ledger.
            let mut seen = None;
            loop {
                let version = counter.ledger().version().unwrap();
                if seen.replace(version) != Some(version) {
                    counter.wake();
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        }));
        self
    }

    /// Nothing works any more until the shop is at work again.
    pub async fn closes(&mut self) {
        for work in std::mem::take(&mut self.work) {
            work.abort();
            let _ = work.await;
        }
    }

    /// The clocks of the shop and of Midtrans are pushed ahead, and Midtrans does what has become due.
    pub async fn time_passes(&self, by: Duration) {
        let seconds = json!({ "advance_seconds": by.as_secs() });
        self.training.tell("clock", &seconds).await.unwrap();
        self.sets_its_clock(i64::try_from(by.as_secs()).unwrap());
        assert_eq!(self.at_midtrans("idle").await, json!({ "idle": true }));
    }

    /// The clock of this PC alone is set, by so many seconds.
    pub fn sets_its_clock(&self, by: i64) {
        self.ahead.fetch_add(1_000 * by, Ordering::SeqCst);
    }

    /// As the window does when time has jumped or the network is another.
    pub fn wakes(&self) {
        self.receiver.woken();
        self.counter.ask_everything();
    }

    /// What the trainer sees of Midtrans.
    pub async fn at_midtrans(&self, path: &str) -> Value {
        let access = self.training.access().await.unwrap();
        let control = Control::at(&access.listening, &access.token);
        tokio::task::block_in_place(|| control.get(path))
    }

    pub fn ledger(&self) -> &Arc<Ledger> {
        self.counter.ledger()
    }

    /// An order with its code.
    pub async fn charge(&self) -> Sale {
        let draft = Draft { amount: "44000".into(), ..Draft::empty(Store::Alfamart) };
        let sale = self.counter.charge(self.counter.draw_sale_id(), &draft, From::Cashier).await.unwrap();
        let sale = self.counter.settle(sale.id, Instant::now() + Duration::from_secs(20)).await.unwrap();
        assert_eq!(sale.state(), State::Pending);
        sale
    }

    /// A customer pays it at the store.
    pub async fn pay(&self, sale: &Sale) {
        training::practise(&self.training, sale, training::Deed::Pay).await.unwrap();
    }

    pub fn state(&self, sale: &Sale) -> State {
        self.counter.find(sale.id.as_str()).unwrap().state()
    }

    pub async fn until_paid(&self, sale: &Sale) {
        until("the sale is paid", || self.state(sale) == State::Paid).await;
    }

    /// The problem with the relay, as the window shows it.
    pub fn trouble(&self) -> Option<&'static str> {
        self.receiver.reception().trouble.map(|(_, problem)| problem.code)
    }

    pub async fn until_trouble(&self, code: Option<&'static str>) {
        until("the relay's trouble is as expected", || self.trouble() == code).await;
    }

    pub fn cursor(&self) -> u64 {
        self.ledger().feed().unwrap().unwrap().cursor
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.work.iter().for_each(JoinHandle::abort);
    }
}

async fn open(
    folder: &TempDir,
    training: &Arc<Training>,
    pocket: &Arc<Pocket>,
    ahead: &Arc<AtomicI64>,
    times: Option<u32>,
) -> (Arc<Counter>, Arc<Receiver>) {
    let (binding, at) = (Some(Binding::Loopback), Folder::at(folder.path()));
    let ledger = Arc::new(Ledger::open(&at, Environment::Training, binding, Door::Desk, *b"till").unwrap());
    let url = training.access().await.unwrap().listening;
    let key = ServerKey::parse(SecretString::from(TRAINING_KEY)).unwrap();
    let client = Client::new(Destination::loopback(&url).unwrap(), key, midtrans::Patience::default()).unwrap();
    let pace = times.map_or(Pace::SHOP, Pace::faster);
    let ahead = ahead.clone();
    let clock = Arc::new(move || Time::from_millis(now().millis() + ahead.load(Ordering::SeqCst)));
    let senses = Senses { clock, ..senses() };
    let counter = Arc::new(Counter::open(ledger, Arc::new(To(client)), senses.clone(), pace));
    // A relay that is away is tried again within milliseconds, so that no test waits for it.
    let place = Place::Training(training.clone());
    let receiver = Receiver::of(counter.clone(), place, senses, pocket.clone(), Pauses::faster(100));
    (counter, Arc::new(receiver))
}

/// Waits until this is so, and ends the test if it never is.
pub async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < deadline, "after 30 s it was still not so: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
