//! `geraictl`: the second, small door of the counter, for scripts and integrators. It can be used
//! beside the open window. `docs/geraictl.md` is its manual.

mod arguments;
mod attention;
mod copies;
mod day;
mod doctor;
mod evidence;
mod key;
mod order;
mod others;
mod output;
mod paper;
mod relay;
mod slip;
mod verify;

use std::{process::ExitCode, time::Duration};

use clap::Parser;
use counter::{Language, Problem};
use desk::Desk;

use arguments::CopiesVerb;
pub use arguments::{Arguments, Create, OrderVerb, Verb};
pub use order::items;
use output::Output;
pub use output::{CONCERN_FIELDS, FIELDS, OTHER_FIELDS, PAPER_FIELDS};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Done.
    Done,
    /// Refused, with a reason.
    Refused,
    /// The outcome is not known yet; `sync` finds it.
    Unknown,
}

/// Reads the command line and does what it says.
pub async fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let language = arguments.options.folder().ok().and_then(|folder| folder.desk().language);
    let language = language.and_then(|word| word.parse().ok()).unwrap_or(Language::Indonesian);
    let output = Output { json: arguments.json, language };
    match act(arguments, &output).await {
        Ok(End::Done) => ExitCode::SUCCESS,
        Ok(End::Refused) => ExitCode::from(1),
        Ok(End::Unknown) => ExitCode::from(3),
        Err(problem) => {
            output.problem(&problem);
            ExitCode::from(1)
        }
    }
}

/// Who stands for what was done, if nobody is named.
fn whoever_is_logged_in() -> String {
    std::env::var("USER").unwrap_or_else(|_| "geraictl".into())
}

async fn act(arguments: Arguments, output: &Output) -> Result<End, Problem> {
    let folder = arguments.options.folder()?;
    let environment = arguments.options.environment(&folder);
    let url = arguments.options.midtrans_url.as_deref();
    if let Verb::Key(verb) = arguments.verb {
        return key::act(verb, environment, url, output).await;
    }
    if let Verb::Doctor = arguments.verb {
        return doctor::act(&folder, environment, url, output).await;
    }
    if let Verb::Copies(CopiesVerb::Restore(copy)) = arguments.verb {
        // Whoever opened the shop first would be in the way.
        output.restored(&desk::restore(&folder, environment, copy.name).await?);
        return Ok(End::Done);
    }
    let desk = Desk::open(&folder, environment, url).await?;
    let wait = Duration::from_secs(arguments.wait);
    let end = match arguments.verb {
        Verb::Order(verb) => order::act(verb, wait, &desk, output).await,
        Verb::Others(search) => others::act(search, &desk, output).await,
        Verb::Attention(verb) => attention::act(verb, &desk, output).await,
        Verb::Day(verb) => day::act(verb, &desk, output).await,
        Verb::Copies(verb) => copies::act(verb, &desk, output).await,
        Verb::Relay(verb) => relay::act(verb, &desk, output).await,
        Verb::Slip(wanted) => slip::act(wanted, &desk, output).await,
        Verb::Print(what) => paper::print(what, &desk, output).await,
        Verb::Printers(verb) => paper::printers(verb, &desk, output).await,
        Verb::Papers(verb) => paper::papers(verb, &desk, output),
        Verb::Verify => verify::act(&desk, output).await,
        Verb::Sync => order::sync(wait, &desk, output).await,
        Verb::Key(_) | Verb::Doctor => Ok(End::Done),
    };
    // What was done stands; a keyring that does not remember it only knows an older end of the log.
    let _ = desk.seal.remember_head().await;
    end
}
