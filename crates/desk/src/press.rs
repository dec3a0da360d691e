use std::{collections::HashSet, env, sync::Arc, time::Duration};

use counter::{Counter, Problem, blocking, printer_problem};
use ledger::Paper;
use printers::{Condition, Cupsd, Found, Means, Patience, Printer};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

/// Runs the printers of a shop. Charging never waits for it, and it never waits for Midtrans.
#[derive(Clone)]
pub struct Press {
    counter: Arc<Counter>,
    means: Means,
}

/// In case nobody was told, what is queued is looked at this often.
const LOOK: Duration = Duration::from_secs(5);
/// A printer that another program has, or whose papers the ledger does not give out now, is tried again after this.
const AGAIN: Duration = Duration::from_millis(500);
/// A lock on a file gives no event to wait for.
const PAUSE: Duration = Duration::from_millis(50);

impl Press {
    /// The printers of this shop, with the print service of this PC.
    pub fn of(counter: Arc<Counter>) -> Self {
        let word = |name| env::var(name).ok().filter(|word| !word.is_empty());
        let means = Means {
            patience: Patience::of_a_shop(),
            cupsd: Cupsd::of(word("CUPS_SERVER").as_deref()),
            user: word("USER").or(word("LOGNAME")).unwrap_or_else(|| "gerai".into()),
        };
        Self { counter, means }
    }

    /// Prints what is queued, for as long as the program runs, each printer on its own: one that is
    /// stuck holds up no other.
    pub async fn run(&self) {
        self.counter.prints_by_itself();
        let mut at_work = JoinSet::new();
        let mut busy = HashSet::new();
        loop {
            match self.counter.ledger().printers_with_papers() {
                Ok(printers) => {
                    for printer in printers.into_iter().filter(|printer| busy.insert(printer.clone())) {
                        let press = self.clone();
                        at_work.spawn(async move {
                            let done = press.work_off(&printer).await.unwrap_or_else(|problem| {
                                tracing::warn!(%problem, printer, "papers could not be printed");
                                false
                            });
                            if !done {
                                sleep(AGAIN).await;
                            }
                            printer
                        });
                    }
                }
                Err(trouble) => tracing::warn!(%trouble, "nobody knows what is to be printed"),
            }
            tokio::select! {
                Some(Ok(printer)) = at_work.join_next() => { busy.remove(&printer); }
                _ = timeout(LOOK, self.counter.paper_wanted()) => {}
            }
        }
    }

    /// Prints until this paper is over, or waits for the program that has its printer.
    pub async fn print(&self, paper: Paper) -> Result<Paper, Problem> {
        loop {
            self.work_off(&paper.printer).await?;
            let now = self.counter.ledger().paper(paper.id)?.ok_or_else(|| Problem::of("paper_not_found"))?;
            if now.is_over() {
                return Ok(now);
            }
            sleep(PAUSE).await;
        }
    }

    /// Asks a printer how it is, and prints nothing.
    pub async fn probe(&self, printer: &Printer) -> Result<Condition, Problem> {
        let (asked, means, name) = (printer.clone(), self.means.clone(), printer.to_string());
        blocking(move || printers::probe(&asked, &means)).await?.map_err(|why| printer_problem(why, &name))
    }

    /// Every printer this PC knows of.
    pub async fn found(&self) -> Result<Vec<Found>, Problem> {
        let means = self.means.clone();
        blocking(move || printers::found("/dev".as_ref(), &means)).await
    }

    /// Prints everything that waits for this printer; says no if another program has it.
    async fn work_off(&self, printer: &str) -> Result<bool, Problem> {
        let (counter, means, printer) = (self.counter.clone(), self.means.clone(), printer.to_owned());
        blocking(move || work_off(&counter, &means, &printer)).await?
    }
}

fn work_off(counter: &Counter, means: &Means, printer: &str) -> Result<bool, Problem> {
    let ledger = counter.ledger();
    let Some(press) = ledger.press(printer)? else { return Ok(false) };
    ledger.papers_left_behind(&press, printer, counter.now())?;
    while let Some(paper) = ledger.next_paper(printer)? {
        let sheet = match counter.sheet(&paper) {
            Ok(sheet) => sheet,
            Err(problem) if Counter::is_about_paper(&problem) => {
                counter.paper_refused(&paper, &problem)?;
                continue;
            }
            Err(problem) => return Err(problem),
        };
        // From here on nobody prints it again by itself, whatever happens to us.
        if ledger.go_out(paper.id, sheet.copy, counter.now())? {
            let outcome = printers::hand_over(&sheet.printer, sheet.bytes.as_inner(), means);
            counter.paper_went(&paper, outcome)?;
        }
    }
    Ok(true)
}
