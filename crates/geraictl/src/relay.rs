use std::io::BufRead;

use counter::Problem;
use desk::{Desk, blocking};

use crate::{
    End,
    arguments::RelayVerb,
    output::{Output, RelayStatus},
};

/// The relay that somebody hosts, from this till's side.
pub(crate) async fn act(verb: RelayVerb, desk: &Desk, output: &Output) -> Result<End, Problem> {
    let receiver = &desk.receiver;
    match verb {
        RelayVerb::Pair(how) => {
            // Both open something, so neither is an argument: those can be read by every program.
            let (address, code) = blocking(|| (one_line(), one_line())).await?;
            receiver.pair(&address, &code, &how.name).await?;
            status(desk, output).await
        }
        RelayVerb::Status => status(desk, output).await,
        RelayVerb::Unpair => {
            let told = receiver.unpair().await?;
            output.done("relay unpair");
            if !told {
                output.warning("relay_not_told");
            }
            Ok(End::Done)
        }
        RelayVerb::Code => {
            output.pairing_code(&receiver.new_code().await?);
            Ok(End::Done)
        }
        RelayVerb::Devices => {
            receiver.devices().await?.iter().for_each(|device| output.device(device));
            Ok(End::Done)
        }
        RelayVerb::Revoke(lost) => {
            receiver.revoke(&lost.device).await?;
            output.done("relay revoke");
            Ok(End::Done)
        }
    }
}

/// How the till stands with its relay, which is asked for it.
async fn status(desk: &Desk, output: &Output) -> Result<End, Problem> {
    let Some(feed) = desk.receiver.paired()? else { return Err(Problem::of("relay_not_paired")) };
    let problem = desk.receiver.devices().await.err();
    let end = if problem.is_some() { End::Refused } else { End::Done };
    output.relay(&RelayStatus { feed, heard_at: desk.ledger().fed_at()?, problem });
    Ok(end)
}

fn one_line() -> String {
    let mut line = String::new();
    // A line that cannot be read is as good as an empty one, and that is said.
    let _ = std::io::stdin().lock().read_line(&mut line);
    line
}
