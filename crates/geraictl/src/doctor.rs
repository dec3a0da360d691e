use counter::{Problem, Words, moment};
use desk::Desk;
use ledger::{Folder, MatterKind};
use relay::Presence;
use till::{Ear, Environment};

use crate::{End, output::Output, verify};

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
    let check_up = desk.seal.check_up().await?;
    find("seal", verify::sealing(&desk, output, &check_up));
    for matter in ledger.matters()?.iter().filter(|matter| matter.kind == MatterKind::Restored) {
        find("restored", Err(Problem::of("ledger_restored").with("folder", &matter.key)));
    }
    let unverified = ledger.unverified()?.len();
    find("notifications", desk.take_up().await.map(|()| format!("{unverified} waited to be checked")));
    find(
        "key",
        match desk.place.key().await {
            Ok(key) => desk.place.probe(key).await.map(|()| "taken by Midtrans".into()),
            Err(problem) => Err(problem),
        },
    );
    let mut hosted = false;
    if let Some(feed) = desk.receiver.paired()? {
        let devices = desk.receiver.devices().await;
        hosted = devices.is_ok();
        find("hosted_relay", devices.map(|_| format!("paired as {}", feed.name)));
    }
    let (heard, said) = hearing(&desk, hosted, output)?;
    output.finding("relay", heard, &said);
    fine &= heard;
    Ok(if fine { End::Done } else { End::Refused })
}

/// Whether notifications arrive, in the words of the window: at a relay that runs here or that is
/// `hosted` elsewhere and answers.
fn hearing(desk: &Desk, hosted: bool, output: &Output) -> Result<(bool, String), Problem> {
    let running = hosted || matches!(relay::presence(desk.ledger().folder()), Presence::Running { .. });
    desk.counter.relay_seen(running);
    let warning = |kind: &str, since, orders: u32| {
        let values = [("since", moment(since)), ("orders", orders.to_string())];
        Words::table().say(output.language, &format!("banner.{kind}"), &values)
    };
    Ok(match desk.counter.ear()? {
        Ear::Deaf { since, orders } => (false, warning("deaf", since, orders)),
        _ if running => (true, "running".into()),
        _ if desk.ledger().settings()?.relay_inside => (true, "not running; it runs while the window is open".into()),
        Ear::Stopped { since } => (false, warning("relay_stopped", since, 0)),
        Ear::Fine | Ear::NeverHeard => (true, "not running; payments are found by look-ups".into()),
    })
}
