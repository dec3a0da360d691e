//! A shop with one order, a relay for it, and somebody who sends it bytes.

#![allow(dead_code, reason = "each test file uses its own part of it")]

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use ledger::{Binding, Door, Folder, Ledger, NewSale};
use midtrans::ServerKey;
use relay::{Embedded, EmbeddedConfig, KeySource, Patience, Running, StartError};
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;
use till::{Asked, Draft, Environment, Event, From, Number, OrderId, Report, Reported, SaleId, State, Store, Time};
use tokio::runtime::Runtime;

pub const AMOUNT: u64 = 162_500;
pub const CODE: &str = "8127740588870520";
pub const TRANSACTION: &str = "d615df87-c96f-4f5c-9d35-2d740d54c1a9";

/// A shop in a folder of its own, with one order whose code waits to be paid.
pub struct Shop {
    pub folder: TempDir,
    pub ledger: Arc<Ledger>,
    pub sale: SaleId,
    pub order_id: OrderId,
}

/// A relay in this process, with a runtime of its own.
pub struct Relay {
    pub address: SocketAddr,
    pub path: String,
    pub running: Option<Running>,
    runtime: Option<Runtime>,
}

impl Shop {
    pub fn open() -> Self {
        Self::of(Environment::Training)
    }

    pub fn of(environment: Environment) -> Self {
        Self::within(TempDir::new().unwrap(), environment)
    }

    pub fn within(folder: TempDir, environment: Environment) -> Self {
        let binding = if environment == Environment::Training { Binding::Loopback } else { Binding::Midtrans };
        let place = Folder::at(folder.path());
        let ledger = Ledger::open(&place, environment, Some(binding), Door::Desk, *b"till").unwrap();
        let sale = SaleId::draw([7; 12]);
        let order_id = OrderId::draw(ledger.till(), [9; 18]);
        let shop = Self { folder, ledger: Arc::new(ledger), sale, order_id };
        intend(&shop.ledger, sale, order_id, Number::draw(b"four"));
        shop.reported(Report::Pending);
        shop
    }

    /// Midtrans answered a look-up with this.
    pub fn reported(&self, report: Report) {
        reported(&self.ledger, self.sale, self.order_id, report);
    }

    pub fn state(&self) -> State {
        self.ledger.sale(self.sale).unwrap().unwrap().state()
    }

    /// How many hints were written down about the order.
    pub fn hints(&self) -> usize {
        let log = self.ledger.log(self.sale).unwrap();
        log.iter().filter(|entry| matches!(entry.event, Event::Hinted { .. })).count()
    }

    /// Another program on the same file.
    pub fn other_program(&self) -> Connection {
        Connection::open(self.ledger.folder().join("gerai.db")).unwrap()
    }

    pub fn count(&self, table: &str) -> i64 {
        self.other_program().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }

    /// What Midtrans sends about the order.
    pub fn notification(&self, status: &str) -> Value {
        let code = match status {
            "settlement" => "200",
            "pending" => "201",
            _ => "202",
        };
        notification(self.order_id.as_str(), code, status, &format!("{AMOUNT}.00"))
    }

    /// Starts the relay of the shop with the key of training.
    pub fn relay(&self) -> Relay {
        self.relay_with(relay::training_key(), Patience::default())
    }

    pub fn relay_with(&self, key: impl KeySource + 'static, patience: Patience) -> Relay {
        self.start(key, patience).unwrap()
    }

    pub fn start(&self, key: impl KeySource + 'static, patience: Patience) -> Result<Relay, StartError> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let config = EmbeddedConfig {
            ledger: Arc::clone(&self.ledger),
            listen: "127.0.0.1:0".parse().unwrap(),
            key: Arc::new(key),
            clock: clock(),
            chance: *b"twenty bytes of luck",
            patience,
        };
        let running = runtime.block_on(Embedded::start(config))?;
        let path = path_of(&running.notification_url).to_owned();
        Ok(Relay { address: running.listening, path, running: Some(running), runtime: Some(runtime) })
    }
}

impl Relay {
    /// Posts a body on the secret path.
    pub fn post(&self, body: impl AsRef<[u8]>) -> u16 {
        post(self.address, &self.path, body.as_ref())
    }

    /// Posts what Midtrans sends.
    pub fn notify(&self, notification: &Value) -> u16 {
        self.post(notification.to_string())
    }

    pub fn stop(mut self) {
        self.runtime.as_ref().unwrap().block_on(self.running.take().unwrap().stop());
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // A test that has failed must not wait for what it holds up itself.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A clock that goes on by a second each time it is read.
pub fn clock() -> relay::Clock {
    let seconds = AtomicI64::new(1_000);
    Arc::new(move || Time::from_millis(1_000 * seconds.fetch_add(1, Ordering::Relaxed)))
}

pub fn key(text: &str) -> ServerKey {
    ServerKey::parse(text.into()).unwrap()
}

/// A notification signed with the key of training.
pub fn notification(order_id: &str, code: &str, status: &str, amount: &str) -> Value {
    json!({
        "transaction_time": "2020-01-09 15:16:19",
        "transaction_status": status,
        "transaction_id": TRANSACTION,
        "store": "alfamart",
        "status_message": "midtrans payment notification",
        "status_code": code,
        "signature_key": midtrans::signature(order_id, code, amount, &relay::training_key()),
        "payment_type": "cstore",
        "payment_code": CODE,
        "order_id": order_id,
        "merchant_id": "G812785002",
        "gross_amount": amount,
        "currency": "IDR",
    })
}

/// The path of an absolute URL.
pub fn path_of(url: &str) -> &str {
    let rest = url.strip_prefix("http://").unwrap();
    &rest[rest.find('/').unwrap()..]
}

pub fn post(address: SocketAddr, path: &str, body: &[u8]) -> u16 {
    status(&exchange(address, &request("POST", path, body)))
}

pub fn get(address: SocketAddr, path: &str) -> String {
    exchange(address, &request("GET", path, b""))
}

/// A request that ends its connection.
pub fn request(method: &str, path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: shop\r\nUser-Agent: Veritrans\r\nContent-Type: application/json\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Sends these bytes and returns all that comes back.
pub fn exchange(address: SocketAddr, bytes: &[u8]) -> String {
    let mut line = connect(address);
    line.write_all(bytes).unwrap();
    rest(line)
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let line = TcpStream::connect(address).unwrap();
    // No test waits by it; it ends one that would hang.
    line.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    line
}

/// What comes until the relay closes the line.
pub fn rest(mut line: TcpStream) -> String {
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap()
}

pub fn status(answer: &str) -> u16 {
    let line = answer.lines().next().unwrap_or_else(|| panic!("no answer came"));
    line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).unwrap().parse().unwrap()
}

/// The body of an answer.
pub fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

/// A small disk of its own.
pub struct Disk(TempDir);

impl Disk {
    /// Mounts it; nothing where that is not allowed, and then it says so.
    pub fn mount(options: &str) -> Option<Self> {
        let place = TempDir::new().unwrap();
        if mount(&["-t", "tmpfs", "-o", options, "tmpfs"], place.path()) {
            return Some(Self(place));
        }
        eprintln!("skipped: only root can mount the small disk that this test needs");
        None
    }

    pub fn remount(&self, options: &str) {
        assert!(mount(&["-o", &format!("remount,{options}")], self.path()));
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a ledger on it may still be open.
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

fn mount(arguments: &[&str], place: &Path) -> bool {
    Command::new("mount").args(arguments).arg(place).output().is_ok_and(|output| output.status.success())
}

/// An order of this shop's is about to be charged.
pub fn intend(ledger: &Ledger, sale: SaleId, order_id: OrderId, number: Number) {
    let order = Draft { amount: AMOUNT.to_string(), ..Draft::empty(Store::Alfamart) }.check(None).unwrap();
    let new = NewSale { id: sale, number, order, order_id, request: "{}".into(), notify: None };
    ledger.intend(&new, From::Cashier, Time::from_millis(1)).unwrap();
}

/// Midtrans answered a look-up of it with this.
pub fn reported(ledger: &Ledger, sale: SaleId, order_id: OrderId, report: Report) {
    let reported = Reported {
        asked: Asked::LookUp,
        asked_after: ledger.head().unwrap(),
        report,
        amount: Some(AMOUNT),
        store: Some(Store::Alfamart),
        payment_code: Some(CODE.into()),
        transaction_id: Some(TRANSACTION.into()),
        expires_at: None,
        made_at: None,
        settled_at: None,
        told_at: None,
    };
    let event = (Some(order_id), Event::Reported(reported));
    ledger.write(sale, From::Midtrans, Time::from_millis(2), |_| vec![event]).unwrap();
}
