use counter::{Problem, Words};
use desk::Desk;
use ledger::{CheckUp, MatterKind, Verdict, word};

use crate::{End, output::Output};

/// Looks through the whole log by hand, and names what does not fit.
pub(crate) async fn act(desk: &Desk, output: &Output) -> Result<End, Problem> {
    let check_up = desk.seal.check_up().await?;
    for finding in check_up.verdict.iter().flat_map(|verdict| &verdict.findings) {
        let ledger::Finding { what, first, last, sales, .. } = finding;
        output.tampered(&word(what), *first, *last, sales);
    }
    let said = sealing(desk, output, &check_up);
    let end = if said.is_ok() { End::Done } else { End::Refused };
    let sentence = said.unwrap_or_else(|problem| problem.sentence(output.language));
    output.finding("seal", end == End::Done, &sentence);
    Ok(end)
}

/// How the log stands sealed, or why that cannot be said of it.
pub(crate) fn sealing(desk: &Desk, output: &Output, check_up: &CheckUp) -> Result<String, Problem> {
    if let Some(first) = check_up.verdict.iter().flat_map(|verdict| &verdict.findings).next() {
        let count = check_up.verdict.as_ref().map_or(0, |verdict| verdict.findings.len() as u64 + verdict.more);
        let sales = if first.sales.is_empty() { "-".into() } else { first.sales.join(", ") };
        return Err(Problem::of("log_tampered").with("count", count).with("entry", first.first).with("sales", sales));
    }
    let lists = check_up.mended.len() + check_up.doubtful.len();
    if let Some(sale) = check_up.mended.iter().chain(&check_up.doubtful).next() {
        return Err(Problem::of("lists_tampered").with("count", lists).with("order", sale));
    }
    // The keyring's head is the one witness of a cut-off end, and it goes on with the log; what was found
    // then stays with the owner.
    let unseen = desk.ledger().matters()?.into_iter().filter(|matter| matter.kind == MatterKind::Tampered).count();
    if unseen > 0 {
        return Err(Problem::of("tampering_unseen").with("count", unseen));
    }
    let Some(Verdict { waiting, .. }) = &check_up.verdict else {
        return Err(desk.seal.standing().unsealed.unwrap_or_else(|| Problem::of("secret_store_failed")));
    };
    let head = desk.ledger().chain_head()?.map_or(0, |head| head.seq);
    let values = [("entry", head.to_string()), ("waiting", waiting.to_string())];
    let key = if *waiting == 0 { "sealed.whole" } else { "sealed.waiting" };
    Ok(Words::table().say(output.language, key, &values))
}
