//! `gerai-relay`: the companion as a program of its own.

mod channel;
mod doctor;
mod one_shop;
mod serving;
mod system;
mod writing;

use std::{
    process::ExitCode,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};
use host::{Given, Outside};
use till::Time;

/// Receives Midtrans' notifications, stores them durably, and answers.
///
/// Without a verb it serves the shop on this PC, beside its window. `gerai-relay serve` serves many
/// shops over the internet: each has a channel, whose address is entered in Midtrans' dashboard, and
/// whose tills read from it what came.
#[derive(Parser)]
#[command(name = "gerai-relay", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(flatten)]
    one_shop: one_shop::OneShop,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    /// Serve many shops
    ///
    /// When it is ready it prints one line of JSON. It holds no server key: it keeps what came until
    /// the shop's tills have read it, and they decide what is genuine. Midtrans calls port 80 or 443
    /// of a public name and speaks TLS 1.2 at most. End it with Ctrl-C or SIGTERM: those who wait are
    /// answered, and what is under way is finished.
    Serve(Box<Given>),
    /// Make, list and revoke the channels of shops
    #[command(subcommand)]
    Channel(channel::Channel),
    /// Look whether a relay set like this would work
    ///
    /// Looks at the store, the port, the certificate, the address and the limits, and says of each
    /// whether it is well or what to do. Changes nothing.
    Doctor(Box<Given>),
}

#[tokio::main]
async fn main() -> ExitCode {
    let matches = Arguments::command().get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let flags = innermost(&matches);
    let done = match arguments.verb {
        None => one_shop::run(arguments.one_shop).await,
        Some(Verb::Serve(given)) => serving::run(*given, flags).await,
        Some(Verb::Doctor(given)) => doctor::run(*given, flags).await,
        Some(Verb::Channel(verb)) => verb.run(flags).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

/// What was given to the last of the verbs.
fn innermost(matches: &ArgMatches) -> &ArgMatches {
    matches.subcommand().map_or(matches, |(_, inner)| innermost(inner))
}

/// This machine's clock, and its chance.
fn outside() -> Result<Outside, String> {
    let mut tried = [0; 1];
    getrandom::fill(&mut tried).map_err(|error| format!("This system has no source of chance: {error}."))?;
    Ok(Outside {
        clock: Arc::new(now),
        // A request that gets none is broken, and no secret is drawn from nothing.
        chance: Arc::new(|bytes| getrandom::fill(bytes).expect("this system has no chance left")),
    })
}

fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// With a capital at the beginning and a full stop at the end.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    format!("{}{}.", first.collect::<String>(), letters.as_str().trim_end_matches('.'))
}
