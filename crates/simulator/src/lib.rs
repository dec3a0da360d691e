#![doc = include_str!("../../../docs/simulator.md")]

use std::fs::File;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

mod answers;
mod api;
mod book;
mod chance;
mod charge;
mod clock;
mod control;
mod desk;
mod faults;
mod gateway;
mod line;
mod notify;
mod page;
mod postman;
mod settings;
pub mod training;
mod transaction;

use crate::book::{Book, memory, transactions};
use crate::clock::Clock;
use crate::desk::Desk;
use crate::gateway::Gateway;

/// The key of training: a constant, and obviously no key of anybody's.
pub const TRAINING_KEY: &str = "SB-Mid-server-LATIHAN-bukan-kunci-asli";

/// What a simulator is started with.
#[derive(Clone, Debug)]
pub struct Config {
    /// A loopback address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The only key that is accepted, and the one notifications are signed with.
    pub server_key: String,
    /// Where everything is kept; without a file it is forgotten.
    pub state: Option<PathBuf>,
    /// The dashboard's notification addresses; if there are none, those of the last run.
    pub notify: Vec<String>,
    /// How many seconds pass in one.
    pub clock_speed: f64,
    /// Makes ids and payment codes repeatable.
    pub seed: Option<u64>,
}

impl Config {
    /// A simulator that forgets, on a free port.
    pub fn new(server_key: impl Into<String>) -> Config {
        Config {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            server_key: server_key.into(),
            state: None,
            notify: Vec::new(),
            clock_speed: 1.0,
            seed: None,
        }
    }
}

/// Why a simulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Whoever reaches it could declare any order paid.
    #[error(
        "{0} is not a loopback address. The simulator can declare any order paid, so it only listens on this machine; try 127.0.0.1."
    )]
    NotLoopback(SocketAddr),
    /// A clock cannot stand still or run backwards.
    #[error("A clock cannot run {0} times as fast; give a number from 0.01 to 1000000.")]
    ClockSpeed(f64),
    /// The address is taken, for example.
    #[error("Cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The file with the transactions cannot be used.
    #[error("Cannot use the file with the simulator's transactions: {0}")]
    State(#[from] rusqlite::Error),
    /// The training folder cannot be used.
    #[error("Cannot use the training folder: {0}")]
    Folder(#[from] std::io::Error),
    /// Somebody holds the training folder and does not answer.
    #[error("Another Gerai holds the training folder and its simulator does not answer.")]
    NotReady,
    /// The trainer's door would not do it, for this reason.
    #[error("The simulator would not: {0}")]
    Told(String),
    /// No chance, or no TLS, on this machine.
    #[error("The simulator cannot be set up: {0}")]
    Setup(String),
}

/// Starts a simulator.
pub struct Simulator;

impl Simulator {
    /// Listens, and serves on the runtime it was called on until what it returns is dropped.
    pub async fn start(config: Config) -> Result<Running, Error> {
        start(config, None).await
    }
}

/// Starts a simulator that holds a lock for as long as it uses its file.
async fn start(config: Config, lock: Option<File>) -> Result<Running, Error> {
    if !config.listen.ip().is_loopback() {
        return Err(Error::NotLoopback(config.listen));
    }
    if !(0.01..=1e6).contains(&config.clock_speed) {
        return Err(Error::ClockSpeed(config.clock_speed));
    }
    let setup = |error: &dyn std::fmt::Display| Error::Setup(error.to_string());
    let (token, form_token) =
        (chance::secret().map_err(|error| setup(&error))?, chance::secret().map_err(|error| setup(&error))?);
    let client = postman::client().map_err(|error| setup(&error))?;
    let listening = |error| Error::Listen(config.listen, error);
    let listener = TcpListener::bind(config.listen).await.map_err(listening)?;
    let address = listener.local_addr().map_err(listening)?;
    let (desk, clock) = tokio::task::spawn_blocking(move || open(config)).await.map_err(|error| setup(&error))??;

    let (stop, stopped) = watch::channel(());
    let gateway = Arc::new(Gateway::new(desk, clock, token.clone(), form_token, stopped.clone()));
    let router = Router::new()
        .merge(api::routes())
        .merge(control::routes(&gateway))
        .merge(page::routes())
        .with_state(Arc::clone(&gateway));
    let house = tokio::spawn(async move {
        let line = line::serve(listener, router, stopped.clone());
        tokio::join!(line, postman::work(gateway, client, stopped));
        drop(lock);
    });
    Ok(Running { address, token, stop, house })
}

/// A simulator at work. It stops when this is dropped.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Opens `/_control/…`.
    pub token: String,
    stop: watch::Sender<()>,
    house: JoinHandle<()>,
}

impl Running {
    /// The base address for a client.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops, and returns when the last answer is out and the file is closed.
    pub async fn stop(self) {
        drop(self.stop);
        let _ = self.house.await;
    }
}

fn open(config: Config) -> Result<(Desk, Clock), Error> {
    let book = Book::open(config.state.as_deref())?;
    let mut settings = memory::settings(book.read())?;
    if !config.notify.is_empty() {
        settings.notify = config.notify;
    }
    let clock = Clock::new(config.clock_speed, settings.ahead_ms);
    // The same seed again must not draw the ids that are in the file already.
    let drawn = transactions::count(book.read())?;
    let seed = config.seed.map(|seed| seed.wrapping_add(drawn << 32));
    let mut desk = Desk::new(book, settings.clone(), seed, config.server_key);
    desk.settle(settings)?;
    Ok((desk, clock))
}
