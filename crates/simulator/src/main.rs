//! `midtrans-simulator`: the double as a program of its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use simulator::{Config, Simulator};
use tokio::signal::unix::{SignalKind, signal};

/// A double of Midtrans' counter payments (Alfamart, Indomaret) on this machine.
#[derive(Parser)]
#[command(name = "midtrans-simulator", version)]
struct Arguments {
    /// Loopback address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The server key that is accepted and signed with. Never use a real one.
    #[arg(long, value_name = "KEY")]
    server_key: String,
    /// File that keeps the transactions; without it they are forgotten.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Notification address, as in the dashboard: more with commas, or by giving it again.
    #[arg(long, value_name = "URL", value_delimiter = ',')]
    notify: Vec<String>,
    /// How many seconds of its time pass in one of ours.
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    clock_speed: f64,
    /// Makes ids and payment codes repeatable.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut config = Config {
        listen: arguments.listen,
        server_key: arguments.server_key,
        state: arguments.state,
        notify: arguments.notify,
        clock_speed: arguments.clock_speed,
        seed: arguments.seed,
    };
    config.notify.retain(|url| !url.is_empty());
    // Listening to the signals comes first: whoever has read our line may end us at once.
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
        eprintln!("This system has no signals to end the simulator with.");
        return ExitCode::FAILURE;
    };
    let running = match Simulator::start(config).await {
        Ok(running) => running,
        Err(error) => {
            eprintln!("{error}");
            let misused = matches!(error, simulator::Error::NotLoopback(_) | simulator::Error::ClockSpeed(_));
            return ExitCode::from(if misused { 2 } else { 1 });
        }
    };
    println!(r#"{{"listening":"{}","token":"{}"}}"#, running.url(), running.token);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    running.stop().await;
    ExitCode::SUCCESS
}
