//! A shop with a real ledger on a real disk, and a simulator over HTTP for Midtrans.

#![allow(dead_code, reason = "each test file uses its own share of this")]

use std::{
    future::Future,
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use counter::{Counter, Gateway, Problem, Senses};
use ledger::{Binding, Folder, Ledger, List, Query};
use midtrans::{Client, Destination, Patience, ServerKey};
use relay::{Embedded, EmbeddedConfig};
use secrecy::SecretString;
use serde_json::{Value, json};
use simulator::{Config, Running, Simulator};
use tempfile::TempDir;
use till::{Draft, Environment, From, Pace, Sale, State, Store, Time};
use tokio::time::Instant;

pub const KEY: &str = "SB-Mid-server-toko-uji-coba-0001";

pub struct Shop {
    pub counter: Arc<Counter>,
    pub midtrans: Running,
    pub clock: Arc<AtomicI64>,
    /// Where it calls, if that is not Midtrans itself.
    through: Option<String>,
    folder: TempDir,
}

/// Waits are a hundred times shorter; promises keep their length.
fn pace() -> Pace {
    Pace::faster(100)
}

struct To(Client);

impl Gateway for To {
    fn client(&self) -> Pin<Box<dyn Future<Output = Result<Client, Problem>> + Send + '_>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

impl Shop {
    pub async fn open() -> Self {
        Self::with_key(KEY).await
    }

    pub async fn with_key(key: &str) -> Self {
        Self::begin(TempDir::new().unwrap(), key).await
    }

    /// A shop whose folder lies in this one.
    pub async fn on(place: PathBuf) -> Self {
        std::fs::create_dir_all(&place).unwrap();
        Self::begin(TempDir::new_in(place).unwrap(), KEY).await
    }

    async fn begin(folder: TempDir, key: &str) -> Self {
        let midtrans = Simulator::start(Config::new(key)).await.unwrap();
        let clock = Arc::new(AtomicI64::new(0));
        let counter = desk(&folder, midtrans.url(), &clock);
        Self { counter, midtrans, clock, through: None, folder }
    }

    /// A shop that calls Midtrans at another address.
    pub fn through(mut self, url: String) -> Self {
        self.through = Some(url);
        self.restart();
        self
    }

    /// The program dies and is started again: nothing but the disk remains.
    pub fn restart(&mut self) {
        self.counter = self.second();
    }

    /// The disk of this PC is lost, and a copy is restored from before the first order: the same till,
    /// and nothing else.
    pub fn restores_an_old_copy(&mut self) {
        self.folder = TempDir::new().unwrap();
        self.restart();
    }

    /// The shop is closed, this happens to its folder, and it is opened again.
    pub fn closed(&mut self, meanwhile: impl FnOnce(&Folder)) {
        let elsewhere = TempDir::new().unwrap();
        self.counter = desk(&elsewhere, self.midtrans.url(), &self.clock);
        meanwhile(&Folder::at(self.folder.path()));
        self.restart();
    }

    /// The program is started again, and from now on everything open is due at every moment.
    pub fn is_overwhelmed(&mut self) {
        self.counter = desk_at(&self.folder, self.midtrans.url(), &self.clock, Pace::faster(1_000_000));
    }

    /// Another program on the same ledger.
    pub fn second(&self) -> Arc<Counter> {
        let url = self.through.clone().unwrap_or_else(|| self.midtrans.url());
        desk(&self.folder, url, &self.clock)
    }

    pub async fn charge(&self, store: Store) -> Sale {
        self.try_charge("44000", store).await.unwrap()
    }

    pub async fn try_charge(&self, amount: &str, store: Store) -> Result<Sale, Problem> {
        let draft = Draft { amount: amount.into(), ..Draft::empty(store) };
        self.counter.charge(self.counter.draw_sale_id(), &draft, From::Cashier).await
    }

    /// Follows a sale to a definite outcome.
    pub async fn settle(&self, sale: &Sale) -> Sale {
        self.counter.settle(sale.id, Instant::now() + Duration::from_secs(20)).await.unwrap()
    }

    /// Follows a sale until it is in this state, as the loop of the window does.
    pub async fn until(&self, sale: &Sale, state: State) -> Sale {
        let now = || self.counter.find(sale.id.as_str()).unwrap();
        let arrived = self.found(|| Some(now()).filter(|sale| sale.state() == state)).await;
        arrived.unwrap_or_else(|| panic!("the sale is {:?} and never became {state:?}", now().state()))
    }

    /// Midtrans has made its first transaction, whether or not its answer has come.
    pub async fn midtrans_has_it(&self) {
        seen(async || self.transactions().await.pop()).await.expect("the charge arrives");
    }

    /// What is found here while the loop of the window runs; nothing if it is not there in good time.
    pub async fn found<T>(&self, look: impl Fn() -> Option<T>) -> Option<T> {
        let counter = self.counter.clone();
        let running = tokio::spawn(async move { counter.run().await });
        let found = seen(async || look()).await;
        running.abort();
        found
    }

    /// Time passes, here and at Midtrans.
    pub async fn later(&self, span: Duration) {
        self.control("clock", json!({ "advance_seconds": span.as_secs() })).await;
        self.our_clock_jumps(span);
    }

    pub fn our_clock_jumps(&self, span: Duration) {
        self.clock.fetch_add(span.as_millis() as i64, Ordering::SeqCst);
    }

    pub async fn control(&self, path: &str, body: Value) -> Value {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("{}/_control/{path}", self.midtrans.url());
        let request = if body.is_null() { http.get(url) } else { http.post(url).body(body.to_string()) };
        let answer = request.bearer_auth(&self.midtrans.token).header("content-type", "application/json");
        let answer = answer.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    pub async fn fault(&self, on: &str, kind: &str, times: u32, more: Value) {
        let mut fault = json!({ "on": on, "kind": kind, "times": times });
        fault.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        self.control("faults", json!([fault])).await;
    }

    pub async fn heal(&self) {
        self.control("faults", json!([])).await;
    }

    pub async fn happens(&self, what: &str, sale: &Sale) {
        self.happens_with(what, sale, json!({})).await;
    }

    pub async fn happens_with(&self, what: &str, sale: &Sale, more: Value) {
        let mut body = json!({ "order_id": sale.attempts.last().unwrap().order_id.as_str() });
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        self.control(what, body).await;
    }

    /// What Midtrans holds.
    pub async fn transactions(&self) -> Vec<Value> {
        self.control("transactions", Value::Null).await["transactions"].as_array().unwrap().clone()
    }

    /// The bodies of every charge that reached Midtrans.
    pub async fn charges(&self) -> Vec<String> {
        let requests = self.control("requests", Value::Null).await;
        let requests = requests["requests"].as_array().unwrap().clone();
        let charges = requests.iter().filter(|request| request["path"] == "/v2/charge");
        charges.map(|request| request["body"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// A charge that was held up on its way reaches Midtrans only now.
    pub async fn arrives_late(&self, body: &str) {
        client(&self.midtrans.url()).charge(body.as_bytes(), None).await.outcome.unwrap();
    }

    /// Every sale in the ledger.
    pub fn sales(&self) -> Vec<Sale> {
        let all = Query::newest(List::All, u32::MAX, Time::from_millis(0));
        let rows = self.ledger().page(&all).unwrap().rows;
        rows.iter().map(|row| self.ledger().sale(row.id).unwrap().unwrap()).collect()
    }

    /// Runs a relay for the shop, which the dashboard at Midtrans does not know yet.
    pub async fn relay(&self) -> relay::Running {
        let clock = self.counter.clone();
        let config = EmbeddedConfig {
            ledger: self.counter.ledger().clone(),
            listen: ([127, 0, 0, 1], 0).into(),
            key: Arc::new(ServerKey::parse(SecretString::from(KEY)).unwrap()),
            clock: Arc::new(move || clock.now()),
            chance: *b"twenty bytes of luck",
            patience: relay::Patience::default(),
        };
        Embedded::start(config).await.unwrap()
    }

    /// Enters an address in the dashboard.
    pub async fn notify(&self, url: &str) {
        self.control("notify", json!({ "urls": [url] })).await;
    }

    /// Everything that was to be told has been told.
    pub async fn told(&self) {
        assert_eq!(self.control("idle", Value::Null).await["idle"], true);
    }

    pub fn ledger(&self) -> &Ledger {
        self.counter.ledger()
    }
}

pub fn code(sale: &Sale) -> String {
    sale.attempt().unwrap().payment_code.clone().unwrap()
}

fn desk(folder: &TempDir, url: String, ahead: &Arc<AtomicI64>) -> Arc<Counter> {
    desk_at(folder, url, ahead, pace())
}

fn desk_at(folder: &TempDir, url: String, ahead: &Arc<AtomicI64>, pace: Pace) -> Arc<Counter> {
    let folder = Folder::at(folder.path());
    let ahead = ahead.clone();
    let clock = move || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
        Time::from_millis(now + ahead.load(Ordering::SeqCst))
    };
    let (binding, now) = (Some(Binding::Loopback), clock());
    let (ledger, _) = Ledger::begin(&folder, Environment::Sandbox, binding, [1, 2, 3, 4], now).unwrap();
    let senses = Senses { clock: Arc::new(clock), chance: Arc::new(|bytes| getrandom::fill(bytes).unwrap()) };
    Arc::new(Counter::open(Arc::new(ledger), Arc::new(To(client(&url))), senses, pace))
}

fn client(url: &str) -> Client {
    let patience = Patience { connect: Duration::from_secs(2), whole: Duration::from_secs(2) };
    let key = ServerKey::parse(SecretString::from(KEY)).unwrap();
    Client::new(Destination::loopback(url).unwrap(), key, patience).unwrap()
}

/// What is seen sooner or later; nothing if it is not there in good time. Nobody tells a test what a
/// ledger or the simulator has just written down, so it looks again and again.
pub async fn seen<T>(look: impl AsyncFn() -> Option<T>) -> Option<T> {
    let looking = async {
        loop {
            match look().await {
                Some(seen) => return seen,
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), looking).await.ok()
}
