use counter::Problem;
use desk::Desk;
use ledger::Folder;
use relay::Presence;
use till::Environment;

use crate::{End, output::Output};

/// Looks at everything a sale stands on, and says of each whether it is fine.
pub(crate) async fn act(
    folder: &Folder,
    environment: Environment,
    url: Option<&str>,
    output: &Output,
) -> Result<End, Problem> {
    let mut fine = true;
    let mut find = |what: &str, found: Result<String, Problem>| {
        fine &= found.is_ok();
        let said = found.as_ref().map_or_else(|problem| problem.sentence(output.language), Clone::clone);
        output.finding(what, found.is_ok(), &said);
    };
    find("folder", Ok(folder.path().display().to_string()));
    let desk = match Desk::open(folder, environment, url).await {
        Ok(desk) => desk,
        Err(problem) => {
            find("ledger", Err(problem));
            return Ok(End::Refused);
        }
    };
    let ledger = desk.ledger();
    find("ledger", Ok(format!("{environment}, till {}", ledger.till())));
    let differences = ledger.audit()?;
    find(
        "lists",
        match differences.first() {
            None => Ok("equal to the log".into()),
            Some(first) => Err(Problem::of("lists_differ").with("count", differences.len()).with("order", first.sale)),
        },
    );
    let unverified = ledger.unverified()?.len();
    find("notifications", desk.take_up().await.map(|()| format!("{unverified} waited to be checked")));
    find(
        "key",
        match desk.place.key().await {
            Ok(key) => desk.place.probe(key).await.map(|()| "taken by Midtrans".into()),
            Err(problem) => Err(problem),
        },
    );
    let relay = match relay::presence(ledger.folder()) {
        Presence::Running { .. } => "running",
        Presence::Off => "not running; payments are found by look-ups",
    };
    find("relay", Ok(relay.into()));
    Ok(if fine { End::Done } else { End::Refused })
}
