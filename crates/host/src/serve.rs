//! The relay at work.

use std::{
    fs,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use mailroom::{Mailroom, Registry, Time};
pub use relay::{Clock, StartError};
use relay::{
    Shares,
    line::{self, EachAddress, InTheClear, Patience, Rules},
};
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::interval,
};

use crate::{
    house::House,
    settings::Settings,
    tls::{Files, Tls},
};

/// Chance that nobody can guess.
pub type Chance = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// What a relay is handed from outside.
#[derive(Clone)]
pub struct Outside {
    /// This machine's clock.
    pub clock: Clock,
    /// Where secrets come from.
    pub chance: Chance,
}

impl Outside {
    pub(crate) fn now(&self) -> Time {
        (self.clock)()
    }

    /// So much chance.
    pub fn draw<const N: usize>(&self) -> [u8; N] {
        let mut drawn = [0; N];
        (self.chance)(&mut drawn);
        drawn
    }
}

/// A relay at work. It stops when this is dropped.
pub struct Running {
    /// Where it listens.
    pub listening: SocketAddr,
    stop: watch::Sender<()>,
    house: JoinHandle<()>,
}

const LOOK_AT_CERTIFICATE: Duration = Duration::from_secs(60);
/// What was kept long enough is deleted so often.
const PURGE: Duration = Duration::from_secs(60 * 60);

/// Listens, and serves on the runtime it was called on.
pub async fn start<M: Mailroom + Registry>(
    mailroom: Arc<M>,
    settings: &Settings,
    tls: Option<Tls>,
    outside: Outside,
    patience: Patience,
) -> Result<Running, StartError> {
    let listen = settings.listen;
    let listener = TcpListener::bind(listen).await.map_err(|error| StartError::of_bind(error, listen))?;
    let listening = listener.local_addr().map_err(|error| StartError::Listen(listen, error))?;
    let (stop, stopped) = watch::channel(());
    let rules = rules(settings, patience.clone());
    let house = House::new(Arc::clone(&mailroom), outside.clone(), settings, patience, stopped.clone());
    let house = tokio::spawn(async move {
        let mut chores = JoinSet::new();
        chores.spawn(purge(mailroom, outside.clone()));
        let house = Arc::new(house);
        match tls {
            Some(tls) => {
                chores.spawn(renew(tls.clone(), outside));
                line::serve(listener, tls, house, rules, stopped).await;
            }
            None => line::serve(listener, InTheClear, house, rules, stopped).await,
        }
    });
    tracing::info!(%listening, "the relay is ready");
    Ok(Running { listening, stop, house })
}

impl Running {
    /// Stops: those who wait are answered at once, and what is under way gets its answer.
    pub async fn stop(self) {
        drop(self.stop);
        let _ = self.house.await;
    }
}

fn rules(settings: &Settings, patience: Patience) -> Rules {
    let proxies = settings.proxies.clone();
    Rules {
        patience,
        connections: settings.limits.ingest_connections,
        show_out: true,
        each_address: Some(EachAddress {
            shares: Shares::of(settings.limits.per_address_connections),
            spared: Arc::new(move |address| proxies.has(address)),
        }),
        headers: 32,
        head_bytes: 8 * 1024,
    }
}

async fn purge<M: Registry>(mailroom: Arc<M>, outside: Outside) {
    let mut hours = interval(PURGE);
    loop {
        hours.tick().await;
        match mailroom.purge(outside.now()).await {
            Ok(purged) if purged.entries > 0 => {
                tracing::info!(entries = purged.entries, unread = purged.unread, "kept long enough, and deleted");
            }
            Ok(_) => {}
            Err(trouble) => tracing::error!(%trouble, "what was kept long enough could not be deleted"),
        }
    }
}

/// Whoever renews a certificate does not always think of the relay, so it looks by itself.
async fn renew(tls: Tls, outside: Outside) {
    let mut minutes = interval(LOOK_AT_CERTIFICATE);
    let mut seen = changed(tls.files());
    loop {
        minutes.tick().await;
        let now = changed(tls.files());
        if now == seen {
            continue;
        }
        seen = now;
        match tls.renew(outside.now()) {
            Ok(()) => tracing::info!("the certificate was renewed"),
            Err(error) => tracing::error!(%error, "the renewed certificate cannot be used; the one before it stays"),
        }
    }
}

fn changed(files: &Files) -> [Option<SystemTime>; 2] {
    [&files.certificate, &files.key].map(|file| fs::metadata(file).and_then(|file| file.modified()).ok())
}
