//! The relay of one shop, beside its ledger.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use ledger::{Ledger, Trouble};
use till::Time;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, spawn_blocking},
};

use crate::{
    key::KeySource,
    letterbox::Letterbox,
    line::{self, InTheClear, Patience, Rules},
    path::SecretPath,
    presence::{Note, Post},
};

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;

/// What an embedded relay is started with.
pub struct EmbeddedConfig {
    /// The shop's ledger.
    pub ledger: Arc<Ledger>,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the key comes from that Midtrans signs with.
    pub key: Arc<dyn KeySource>,
    /// This PC's clock.
    pub clock: Clock,
    /// Chance that nobody can guess. It becomes the secret path of a shop that has none yet.
    pub chance: [u8; 20],
    /// How long the relay waits for whom.
    pub patience: Patience,
}

/// The relay of one shop.
pub struct Embedded;

/// Why a relay does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program has the port.
    #[error("port {} is taken; end the program that has it, or choose another port", .0.port())]
    PortInUse(SocketAddr),
    /// The system keeps this port for others.
    #[error("port {} needs permission that this account does not have; choose one above 1023", .0.port())]
    PortForbidden(SocketAddr),
    /// The address belongs to another machine.
    #[error("{} is no address of this machine; use 127.0.0.1", .0.ip())]
    NotOurAddress(SocketAddr),
    /// Anything else the system says about the address.
    #[error("cannot listen on {0}: {1}; choose another address")]
    Listen(SocketAddr, io::Error),
    /// This shop has a relay already.
    #[error("another relay is running for {0}; end it first, or leave it running")]
    AlreadyRunning(PathBuf),
    /// The ledger, or the folder it lies in, cannot be used.
    #[error(transparent)]
    Ledger(#[from] Trouble),
}

impl StartError {
    /// Why nobody can listen there.
    pub fn of_bind(error: io::Error, listen: SocketAddr) -> Self {
        match error.kind() {
            io::ErrorKind::AddrInUse => Self::PortInUse(listen),
            io::ErrorKind::PermissionDenied => Self::PortForbidden(listen),
            io::ErrorKind::AddrNotAvailable => Self::NotOurAddress(listen),
            _ => Self::Listen(listen, error),
        }
    }
}

/// A relay at work. It stops when this is dropped.
pub struct Running {
    /// Where it listens.
    pub listening: SocketAddr,
    /// What to enter as Payment Notification URL, behind a tunnel or proxy with that one's host.
    pub notification_url: String,
    stop: watch::Sender<()>,
    house: JoinHandle<()>,
}

impl Embedded {
    /// Listens, and serves on the runtime it was called on.
    pub async fn start(config: EmbeddedConfig) -> Result<Running, StartError> {
        let EmbeddedConfig { ledger, listen, key, clock, chance, patience } = config;
        let post = Post::take(ledger.folder()).await?;
        let listener = TcpListener::bind(listen).await.map_err(|error| StartError::of_bind(error, listen))?;
        let listening = listener.local_addr().map_err(|error| StartError::Listen(listen, error))?;
        let (path, post) = blocking({
            let ledger = Arc::clone(&ledger);
            move || {
                let path = SecretPath::of(&ledger, chance)?;
                let note = Note { listening: listening.to_string(), notification_url: url(listening, &path) };
                post.announce(&note)?;
                Ok((path, post))
            }
        })
        .await?;
        let notification_url = url(listening, &path);
        let letterbox = Arc::new(Letterbox::new(ledger, key, clock, path, patience.clone()));
        let (stop, stopped) = watch::channel(());
        let house = tokio::spawn(async move {
            line::serve(listener, InTheClear, letterbox, Rules::of_a_shop(patience), stopped).await;
            drop(post);
        });
        tracing::info!(%listening, "the relay is ready");
        Ok(Running { listening, notification_url, stop, house })
    }
}

impl Rules {
    /// A shop has a handful of connections a minute.
    fn of_a_shop(patience: Patience) -> Self {
        Self { patience, connections: 256, show_out: false, each_address: None, headers: 32, head_bytes: 16 * 1024 }
    }
}

impl Running {
    /// Stops, and returns when every request in flight has its answer.
    pub async fn stop(self) {
        drop(self.stop);
        let _ = self.house.await;
    }
}

async fn blocking<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
) -> Result<T, StartError> {
    match spawn_blocking(job).await {
        Ok(done) => Ok(done?),
        Err(broken) => Err(StartError::Ledger(Trouble::Row(broken.to_string()))),
    }
}

/// The address as somebody on this machine reaches it.
fn url(listening: SocketAddr, path: &SecretPath) -> String {
    let mut reached = listening;
    if listening.ip().is_unspecified() {
        // Nobody can send to 0.0.0.0.
        reached.set_ip(if listening.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    format!("http://{reached}{path}")
}
