//! `gerai-relay`: the companion as a program of its own.

mod embedded;

use std::process::ExitCode;

use clap::Parser;

/// Receives Midtrans' notifications for the shop on this PC.
#[derive(Parser)]
#[command(name = "gerai-relay", version)]
struct Arguments {
    #[command(flatten)]
    one_shop: embedded::OneShop,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match embedded::run(arguments.one_shop).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}
