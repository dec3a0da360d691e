//! `gerai-relay serve`.

use std::{
    io::{self, Write},
    sync::Arc,
};

use clap::ArgMatches;
use host::Given;
use mailroom::Store;
use relay::line::Patience;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::{outside, sentence};

/// Serves until somebody ends it, or says in a sentence why not.
pub async fn run(given: Given, flags: &ArgMatches) -> Result<(), String> {
    let settings = given.settings(flags).map_err(|wrong| wrong.to_string())?;
    // Only our own words: what a library says about its work may hold what nobody should read.
    let ours = EnvFilter::new("host=info,relay=info,mailroom=info");
    tracing_subscriber::fmt().with_env_filter(ours).with_writer(io::stderr).with_ansi(false).with_target(false).init();
    let store = Store::open(&settings.place, settings.keeping()).await.map_err(|error| sentence(&error.to_string()))?;
    // Listening to the signals comes first: whoever has read our line may end us at once.
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
        return Err("This system has no signals to end the relay with.".into());
    };
    let started = host::start(Arc::new(store), &settings, outside()?, Patience::default()).await;
    let running = started.map_err(|error| sentence(&error.to_string()))?;
    let ready = serde_json::json!({
        "listening": running.listening.to_string(),
        "public_url": settings.public_url.as_ref().map(ToString::to_string),
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
