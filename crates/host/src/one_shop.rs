//! The relay of the shop on this PC, beside its window.

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use clap::Args;
use keys::{Entry, SentTo, Vault};
use ledger::{Binding, Door, Folder, Ledger, Reserve, Trouble};
use midtrans::{Destination, ServerKey};
use relay::{Embedded, EmbeddedConfig, KeySource, Keyring, Patience, StartError, training_key};
use till::Environment;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::{now, sentence};

/// What it is started with.
#[derive(Args)]
pub struct OneShop {
    /// Folder of the shop's data [default: the one that Gerai uses]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// training, sandbox or production [default: the one that Gerai used last]
    #[arg(long, value_name = "NAME")]
    environment: Option<Environment>,
    /// The shop charges at a double of Midtrans on this machine
    #[arg(long, value_name = "URL", value_parser = Destination::loopback)]
    midtrans_url: Option<Destination>,
    /// Address and port to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787", value_parser = address)]
    listen: SocketAddr,
}

/// Serves until somebody ends it, or says in a sentence why not.
pub async fn run(arguments: OneShop) -> Result<(), String> {
    // Only our own words: what a library says about its work may hold what nobody should read.
    let ours = EnvFilter::new("relay=info");
    tracing_subscriber::fmt().with_env_filter(ours).with_writer(io::stderr).with_ansi(false).with_target(false).init();
    let folder = arguments.data_dir.map(Folder::at).or_else(Folder::usual);
    let folder = folder.ok_or("This account has no folder for data; name one with --data-dir.")?;
    let environment = arguments.environment.or(folder.desk().environment).unwrap_or(Environment::Training);
    let loopback = arguments.midtrans_url.is_some();
    // Without an address the relay serves whatever the ledger is bound to: it asks nobody anything.
    let binding = (loopback || environment == Environment::Training).then_some(Binding::Loopback);
    // Listening to the signals comes first: whoever has read our line may end us at once.
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
        return Err("This system has no signals to end the relay with.".into());
    };
    let ledger =
        Ledger::open(&folder, environment, binding, Door::Relay, chance()?).map_err(|trouble| advice(&trouble))?;
    // Whose ballast it is; here it is only given up, so that a notification finds room.
    ledger.keep_reserve(Reserve::of_a_shop());
    let ledger = Arc::new(ledger);
    let config = EmbeddedConfig {
        ledger: Arc::clone(&ledger),
        listen: arguments.listen,
        key: key(ledger, loopback),
        clock: Arc::new(now),
        chance: chance()?,
        patience: Patience::default(),
    };
    let running = Embedded::start(config).await.map_err(|error| match error {
        StartError::Ledger(trouble) => advice(&trouble),
        other => sentence(&other.to_string()),
    })?;
    let ready = serde_json::json!({
        "listening": running.listening.to_string(),
        "notification_url": running.notification_url,
    });
    // Nobody has to read it.
    let _ = writeln!(io::stdout(), "{ready}");
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    running.stop().await;
    Ok(())
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "not an address and a port; write it like 127.0.0.1:8787")
}

fn key(ledger: Arc<Ledger>, loopback: bool) -> Arc<dyn KeySource> {
    if ledger.environment() == Environment::Training && !loopback {
        return Arc::new(training_key());
    }
    // No notification waits longer for its key, and neither shall our end.
    Arc::new(KeyOfLedger { ledger, vault: Vault::with_patience(Duration::from_secs(2)) })
}

/// The key of whatever the ledger is bound to. As long as no desk has bound it there is none, and
/// the desk checks what came meanwhile.
struct KeyOfLedger {
    ledger: Arc<Ledger>,
    vault: Vault,
}

impl KeySource for KeyOfLedger {
    fn key(&self) -> Option<ServerKey> {
        let sent_to = match self.ledger.binding().ok()?? {
            Binding::Midtrans => SentTo::Midtrans,
            Binding::Loopback => SentTo::Loopback,
        };
        let environment = self.ledger.environment();
        let entry = Entry::server_key(environment.word(), sent_to);
        if environment == Environment::Training && matches!(self.vault.get(&entry), Ok(None)) {
            // A simulator that was started by hand may have a key of its own; this one has the constant.
            return Some(training_key());
        }
        Keyring { vault: self.vault.clone(), entry }.key()
    }
}

fn chance<const N: usize>() -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| format!("This system has no source of chance: {error}."))?;
    Ok(bytes)
}

/// What is wrong with the ledger, and what to do.
fn advice(trouble: &Trouble) -> String {
    let what = sentence(&trouble.to_string());
    let what = what.trim_end_matches('.');
    let do_this = match trouble {
        Trouble::Folder(_) => "see that it exists and belongs to you, or choose another with --data-dir",
        Trouble::ReadOnly(_) => "make it writable, or choose another with --data-dir",
        Trouble::Full(_) => "make room and start again",
        Trouble::Disk(_) => "have the disk looked at, or choose another with --data-dir",
        Trouble::Newer(_) => "start the gerai-relay of that version",
        Trouble::Bound(Binding::Midtrans) => "start without --midtrans-url, or choose another --data-dir",
        Trouble::Environment(_) => "choose that one with --environment, or another --data-dir",
        Trouble::Damaged(_) => "open Gerai once, which puts together what can be saved, and start again",
        // The rest says it already.
        _ => return format!("{what}."),
    };
    format!("{what}; {do_this}.")
}
