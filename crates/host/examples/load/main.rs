//! Load for the relay, from a process of its own on loopback: `scripts/bench relay` runs it, and
//! `docs/performance.md` tells what came out.
//!
//! Nothing here is shared with what reads notifications at the other end. What a relay has answered
//! with 200 is looked for in its store after it was killed.

mod bodies;
mod desk;
mod house;
mod machine;
mod measures;
mod sender;
mod tills;

use std::path::PathBuf;

use clap::Parser;
use house::Done;
use tokio::task::LocalSet;

/// What to measure, and with what.
#[derive(Parser)]
pub struct Arguments {
    /// What to measure
    measure: String,
    /// The relay
    #[arg(long)]
    relay: PathBuf,
    /// Where the handler made of Express lies, with its packages
    #[arg(long)]
    express: PathBuf,
    /// A few seconds of each, to see that it works
    #[arg(long)]
    short: bool,
    /// So often, to take the median
    #[arg(long, default_value_t = 3)]
    times: usize,
    /// So long each time, in seconds
    #[arg(long)]
    seconds: Option<u64>,
}

// One thread: it shares two processors with what it measures.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Done<()> {
    // A till takes a connection, and there are ten thousand of them.
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let all = rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, all)?;
    let arguments = Arguments::parse();
    LocalSet::new()
        .run_until(async {
            match arguments.measure.as_str() {
                "saturation" => measures::saturation(&arguments).await,
                "postgres" => measures::postgres(&arguments).await,
                "steady" => measures::steady(&arguments).await,
                "polls" => measures::polls(&arguments).await,
                "slow" => measures::slow(&arguments).await,
                "channels" => measures::channels(&arguments).await,
                other => Err(format!("there is no measure called {other}").into()),
            }
        })
        .await
}
