use counter::Problem;
use desk::Desk;
use ledger::{Paper, PaperKind, PaperState, PrinterSetting};

use crate::{
    End,
    arguments::{AddPrinter, PapersVerb, Print, PrinterName, PrintersVerb, Settle, WhichPaper},
    output::Output,
    whoever_is_logged_in,
};

/// So many papers are listed.
const LATELY: u32 = 100;

pub(crate) async fn print(what: Print, desk: &Desk, output: &Output) -> Result<End, Problem> {
    let Print { order, paper, printer } = what;
    let (counter, printer, by) = (&desk.counter, printer.as_deref(), whoever_is_logged_in());
    let paper = match paper {
        Some(WhichPaper::Slip) => counter.print_kind(&order, PaperKind::Slip, printer, &by)?,
        Some(WhichPaper::Receipt) => counter.print_kind(&order, PaperKind::Receipt, printer, &by)?,
        None => counter.print(&order, printer, &by)?,
    };
    told(paper, desk, output).await
}

pub(crate) async fn printers(verb: PrintersVerb, desk: &Desk, output: &Output) -> Result<End, Problem> {
    match verb {
        PrintersVerb::List => {
            desk.ledger().settings()?.paper.printers.iter().for_each(|printer| output.printer(printer));
        }
        PrintersVerb::Find => desk.press().found().await?.iter().for_each(|found| output.found(found)),
        PrintersVerb::Add(AddPrinter { name, at, dots, narrow, pc858, cuts, drawer }) => {
            let printer = PrinterSetting { name, at, dots, narrow, pc858, cuts, drawer };
            desk.counter.add_printer(printer)?.paper.printers.iter().for_each(|printer| output.printer(printer));
        }
        PrintersVerb::Remove(PrinterName { name }) => {
            desk.counter.remove_printer(&name)?;
            output.done("printers remove");
        }
        PrintersVerb::Test(PrinterName { name }) => {
            let paper = desk.counter.print_test(&name, &whoever_is_logged_in())?;
            return told(paper, desk, output).await;
        }
    }
    Ok(End::Done)
}

pub(crate) fn papers(verb: PapersVerb, desk: &Desk, output: &Output) -> Result<End, Problem> {
    match verb {
        PapersVerb::List => desk.ledger().papers(LATELY)?.iter().for_each(|paper| output.paper(paper)),
        PapersVerb::Settle(Settle { paper, came_out, by }) => {
            let by = by.unwrap_or_else(whoever_is_logged_in);
            output.paper(&desk.counter.settle_paper(paper, came_out, &by)?);
        }
    }
    Ok(End::Done)
}

/// Prints it, and says what became of it.
async fn told(paper: Paper, desk: &Desk, output: &Output) -> Result<End, Problem> {
    let paper = desk.press().print(paper).await?;
    output.paper(&paper);
    if let Some(problem) = counter::why_of(&paper).filter(|_| output.json) {
        eprintln!("{}", problem.sentence(output.language));
    }
    Ok(match paper.state {
        PaperState::Confirmed | PaperState::HandedOver => End::Done,
        PaperState::Failed => End::Refused,
        PaperState::Queued | PaperState::GoingOut | PaperState::Unknown => End::Unknown,
    })
}
