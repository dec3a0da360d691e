//! `gerai-relay serve`.

use std::{
    io::{self, Write},
    sync::Arc,
};

use clap::ArgMatches;
use host::{Given, Limits, Settings, Tls};
use mailroom::Store;
use relay::line::Patience;
use tokio::signal::unix::{SignalKind, signal};

use crate::{now, outside, sentence, system, writing::Writing};

/// Serves until somebody ends it, or says in a sentence why not.
pub async fn run(given: Given, flags: &ArgMatches) -> Result<(), String> {
    let settings = given.settings(flags).map_err(|wrong| wrong.to_string())?;
    let tls = settings.tls.clone().map(|files| Tls::of(files, now())).transpose();
    let tls = tls.map_err(|error| sentence(&error.to_string()))?;
    let writing = Writing::begin();
    let served = serve(&settings, tls).await;
    writing.end();
    served
}

async fn serve(settings: &Settings, tls: Option<Tls>) -> Result<(), String> {
    let store =
        Store::open(&settings.place, settings.limits.keeping()).await.map_err(|error| sentence(&error.to_string()))?;
    // Listening to the signals comes first: whoever has read our line may end us at once.
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()), signal(SignalKind::hangup()));
    let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) = signals else {
        return Err("This system has no signals to end the relay with.".into());
    };
    let descriptors = system::take_descriptors();
    if descriptors < needed(&settings.limits) {
        tracing::warn!(
            descriptors,
            needed = needed(&settings.limits),
            "too few open files are allowed for every connection; raise LimitNOFILE or ulimit -n"
        );
    }
    let started = host::start(Arc::new(store), settings, tls.clone(), outside()?, Patience::default()).await;
    let running = started.map_err(|error| sentence(&error.to_string()))?;
    let ready = serde_json::json!({
        "listening": running.listening.to_string(),
        "public_url": settings.public_url.as_ref().map(ToString::to_string),
        "tls": tls.is_some(),
    });
    // Nobody has to read it.
    let _ = writeln!(io::stdout(), "{ready}");
    system::tell("READY=1");
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            _ = hangup.recv() => if let Some(Err(error)) = tls.as_ref().map(|tls| tls.renew(now())) {
                tracing::error!(%error, "the certificate was not renewed; the one before it stays");
            },
        }
    }
    system::tell("STOPPING=1");
    running.stop().await;
    Ok(())
}

/// A descriptor for each connection, and some for the store and ourselves.
pub fn needed(limits: &Limits) -> u64 {
    (limits.ingest_connections + limits.feed_connections) as u64 + 64
}
