//! What is printed, on which printer, and what became of it.
//!
//! Nothing here waits for paper: papers are queued in the ledger, and whoever runs the printers asks for
//! each when its turn comes ([`Counter::sheet`]). What cannot prove itself is not printed.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ledger::{Logo, Look, NewPaper, Paper, PaperKind, PaperSettings, PaperState, PrinterSetting, Printing, Settings};
use printers::{Outcome, Printer, Why};
use slip::{
    DayReport, Paper as Drawn, Receipt, Slip, TestPage,
    escpos::{Charset, Cut, Letters, Roll},
    fit::Width,
    logo::NoLogo,
    proof::{Claim, Proven, on_roll},
    raster::Picture,
};
use till::{Attempt, OrderId, Sale, State, Time};

use crate::{
    Counter, Problem, person,
    slips::{self, Head},
    wib,
};

/// A paper as its printer gets it. Only what has proved itself becomes one.
#[derive(Debug)]
pub struct Sheet {
    /// Where it goes.
    pub printer: Printer,
    /// What goes there.
    pub bytes: Proven<Vec<u8>>,
    /// How many papers of the same came before it, as it says itself.
    pub copy: u32,
}

/// The paper of an order that would be printed next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextPaper {
    /// What it is.
    pub kind: PaperKind,
    /// The code it is about.
    pub order_id: OrderId,
    /// How many papers of the same came before it, as it will say itself.
    pub copy: u32,
    /// The printer it goes to; nothing if the shop has none.
    pub printer: Option<String>,
}

/// A paper that has waited longer than this is not printed by itself any more: whoever waited for it is gone.
const LONGEST_WAIT: Duration = Duration::from_secs(10 * 60);
/// What is printed by itself is about something that has just happened.
const JUST_NOW: Duration = Duration::from_secs(10 * 60);
/// More papers of one thing than this are a slip of the finger.
const COPIES_MOST: u32 = 5;
/// A code may live for half a year, but no paper needs a longer margin than a day.
const MARGIN_MOST: u32 = 24 * 60;

impl Counter {
    /// Queues a paper of an order: its slip while it can be paid, its receipt once it is.
    pub fn print(&self, named: &str, printer: Option<&str>, by: &str) -> Result<Paper, Problem> {
        let by = person(by)?;
        let sale = self.find(named)?;
        let (kind, order_id) =
            printable(&sale).ok_or_else(|| Problem::of("nothing_to_print").with_state(sale.state()))?;
        self.queue(kind, order_id.as_str(), printer, by)
    }

    /// What [`Counter::print`] would print of an order now, and where; nothing if it would refuse.
    pub fn next_paper(&self, named: &str) -> Result<Option<NextPaper>, Problem> {
        let sale = self.find(named)?;
        let Some((kind, order_id)) = printable(&sale) else { return Ok(None) };
        if kind == PaperKind::Slip && sale.attempt_of(order_id).is_some_and(|attempt| self.is_over_by_now(attempt)) {
            return Ok(None);
        }
        let settings = self.ledger.settings()?.paper;
        let printer = printing(&settings, kind).and_then(|printing| chosen(&settings, printing));
        Ok(Some(NextPaper {
            kind,
            order_id,
            copy: self.ledger.next_copy(kind, order_id.as_str())?,
            printer: printer.map(|printer| printer.name.clone()),
        }))
    }

    /// Queues the paper of this kind and no other: a slip only while the code can be paid, a receipt only of what
    /// was paid.
    pub fn print_kind(&self, named: &str, kind: PaperKind, printer: Option<&str>, by: &str) -> Result<Paper, Problem> {
        let sale = self.find(named)?;
        match (kind, printable(&sale).map(|(kind, _)| kind)) {
            (PaperKind::Slip, Some(PaperKind::Receipt)) => Err(Problem::of("paper_code_over")),
            (PaperKind::Receipt, Some(PaperKind::Slip) | None) => Err(Problem::of("paper_not_paid")),
            _ => self.print(named, printer, by),
        }
    }

    /// The printer reports go to; nothing if the shop has none.
    pub fn report_printer(&self) -> Result<Option<String>, Problem> {
        let settings = self.ledger.settings()?.paper;
        Ok(chosen(&settings, &settings.report).map(|printer| printer.name.clone()))
    }

    /// The latest paper of the report of a closed day.
    pub fn latest_report(&self, number: u32) -> Result<Option<Paper>, Problem> {
        Ok(self.ledger.papers_about(PaperKind::Report, &number.to_string())?.pop())
    }

    /// Queues the report of a closed day.
    pub fn print_report(&self, number: u32, printer: Option<&str>, by: &str) -> Result<Paper, Problem> {
        let by = person(by)?;
        self.closing(number)?;
        self.queue(PaperKind::Report, &number.to_string(), printer, by)
    }

    /// Queues a test page.
    pub fn print_test(&self, printer: &str, by: &str) -> Result<Paper, Problem> {
        let by = person(by)?;
        self.queue(PaperKind::Test, printer, Some(printer), by)
    }

    /// From now on this program prints by itself what the owner wants printed so.
    pub fn prints_by_itself(&self) {
        self.memory().prints = true;
    }

    /// A paper when its turn has come: drawn, read again and found to say what it must.
    ///
    /// A problem that [`Counter::is_about_paper`] is what became of it; any other is none of the paper's.
    pub fn sheet(&self, paper: &Paper) -> Result<Sheet, Problem> {
        if self.now().since(paper.queued_at) > LONGEST_WAIT {
            return Err(Problem::of("paper_too_old"));
        }
        let settings = self.ledger.settings()?;
        let setting = named(&settings.paper, &paper.printer)?;
        let printer: Printer = setting.at.parse().map_err(|_| Problem::of("printer_address_wrong"))?;
        let (roll, copy) = (roll(setting), self.ledger.next_copy(paper.kind, &paper.about)?);
        let prove = |drawn: &Drawn, claim: &Claim<'_>| {
            on_roll(drawn, &roll, claim).map_err(|lie| {
                tracing::error!(paper = paper.id, %lie, "a paper did not prove itself and is not printed");
                Problem::of("paper_not_proven")
            })
        };
        let bytes = match paper.kind {
            PaperKind::Slip => {
                let sale = self.find(&paper.about)?;
                let attempt = sale.attempt().filter(|attempt| attempt.order_id.as_str() == paper.about);
                let payable = |it: &&Attempt| it.state() == State::Pending && !self.is_over_by_now(it);
                let attempt = attempt.filter(payable).ok_or_else(|| Problem::of("paper_code_over"))?;
                let proven = |slip: &Slip<'_>| prove(&slip.paper(), &slip.claim());
                slips::with_slip(&self.ledger, &settings, &sale, attempt, copy, proven)
                    .ok_or_else(|| Problem::of("paper_code_over"))??
            }
            PaperKind::Receipt => {
                let sale = self.find(&paper.about)?;
                let attempt = sale.attempts.iter().find(|attempt| attempt.order_id.as_str() == paper.about);
                let attempt = attempt.filter(|attempt| attempt.state() == State::Paid);
                let attempt = attempt.ok_or_else(|| Problem::of("paper_not_paid"))?;
                let proven = |receipt: &Receipt<'_>| prove(&receipt.paper(), &receipt.claim());
                slips::with_receipt(&self.ledger, &settings, &sale, attempt, copy, self.now(), proven)?
            }
            PaperKind::Report => {
                let number: u32 = paper.about.parse().map_err(|_| Problem::of("paper_not_proven"))?;
                self.with_report(number, &settings, copy, prove)??
            }
            PaperKind::Test => {
                let head = Head::of(&self.ledger, &settings);
                let page = TestPage {
                    shop: head.shop(),
                    printer: &setting.name,
                    printed_at: wib::local(self.now()),
                    symbology: slips::scanning(&settings).symbology,
                };
                prove(&page.paper(), &page.claim())?
            }
        };
        // A test page says of itself that it is one, however many there are.
        Ok(Sheet { printer, bytes, copy })
    }

    /// Whether this is what became of a paper, and not a trouble of the ledger's that passes.
    pub fn is_about_paper(problem: &Problem) -> bool {
        codes().any(|code| code == problem.code)
    }

    /// Writes down that a paper was not printed.
    pub fn paper_refused(&self, paper: &Paper, problem: &Problem) -> Result<(), Problem> {
        Ok(self.ledger.paper_ended(paper.id, PaperState::Failed, Some(problem.code), self.now())?)
    }

    /// Writes down what became of a paper that went out.
    pub fn paper_went(&self, paper: &Paper, outcome: Outcome) -> Result<(), Problem> {
        let (state, why) = match outcome {
            Outcome::Confirmed => (PaperState::Confirmed, None),
            Outcome::HandedOver => (PaperState::HandedOver, None),
            Outcome::Failed(why) => (PaperState::Failed, Some(code_of(why))),
            Outcome::Unknown(why) => (PaperState::Unknown, Some(code_of(why))),
        };
        Ok(self.ledger.paper_ended(paper.id, state, why, self.now())?)
    }

    /// Somebody has looked at the printer and says whether a paper came out, whole.
    pub fn settle_paper(&self, id: i64, came_out: bool, by: &str) -> Result<Paper, Problem> {
        let look = Look { came_out, by: person(by)?.to_owned(), at: self.now() };
        let paper = self.ledger.say_of_paper(id, &look)?.ok_or_else(|| Problem::of("paper_not_found"))?;
        if paper.is_over() { Ok(paper) } else { Err(Problem::of("paper_under_way")) }
    }

    /// Every paper of an order, oldest first.
    pub fn papers_of(&self, named: &str) -> Result<Vec<Paper>, Problem> {
        let mut papers = Vec::new();
        for attempt in self.find(named)?.attempts {
            for kind in [PaperKind::Slip, PaperKind::Receipt] {
                papers.extend(self.ledger.papers_about(kind, attempt.order_id.as_str())?);
            }
        }
        papers.sort_by_key(|paper| paper.id);
        Ok(papers)
    }

    /// Adds a printer of the shop, or changes the one of this name.
    pub fn add_printer(&self, printer: PrinterSetting) -> Result<Settings, Problem> {
        let mut settings = self.ledger.settings()?;
        match settings.paper.printers.iter_mut().find(|other| other.name == printer.name.trim()) {
            Some(other) => *other = printer,
            None => settings.paper.printers.push(printer),
        }
        self.set(settings)
    }

    /// Takes a printer away. What was printed on it goes to the first from now on.
    pub fn remove_printer(&self, name: &str) -> Result<Settings, Problem> {
        let mut settings = self.ledger.settings()?;
        named(&settings.paper, name)?;
        settings.paper.printers.retain(|printer| printer.name != name);
        let paper = &mut settings.paper;
        for printing in [&mut paper.slip, &mut paper.receipt, &mut paper.report] {
            if printing.printer == name {
                printing.printer.clear();
            }
        }
        self.set(settings)
    }

    /// Makes the shop's logo of a picture in Base64, or takes it away.
    pub fn set_logo(&self, picture: Option<&str>) -> Result<Settings, Problem> {
        let logo = picture.map(logo).transpose()?;
        let mut settings = self.ledger.settings()?;
        settings.paper.logo = logo;
        self.set(settings)
    }

    /// Queues what the owner wants printed by itself of what has just become known. If that fails the
    /// cashier can still ask for it: an order never waits for paper.
    pub(crate) fn print_by_itself(&self, before: &Sale, sale: &Sale) {
        if !self.memory().prints {
            return;
        }
        if let Some((kind, order_id)) = news(before, sale, self.now()) {
            self.queue_by_itself(kind, order_id.as_str());
        }
    }

    /// The same for the report of a day that was just closed.
    pub(crate) fn print_report_by_itself(&self, number: u32) {
        if self.memory().prints {
            self.queue_by_itself(PaperKind::Report, &number.to_string());
        }
    }

    fn queue_by_itself(&self, kind: PaperKind, about: &str) {
        let queue = || -> Result<(), Problem> {
            let settings = self.ledger.settings()?.paper;
            let Some(printing) = printing(&settings, kind).filter(|printing| printing.by_itself) else { return Ok(()) };
            let Some(printer) = chosen(&settings, printing) else { return Ok(()) };
            let new = NewPaper { kind, about: about.to_owned(), printer: printer.name.clone(), by: None };
            self.ledger.queue_once(&new, printing.copies, self.now())?;
            self.papers.notify_one();
            Ok(())
        };
        if let Err(problem) = queue() {
            tracing::warn!(%problem, "a paper could not be queued by itself");
        }
    }

    fn queue(&self, kind: PaperKind, about: &str, printer: Option<&str>, by: &str) -> Result<Paper, Problem> {
        let settings = self.ledger.settings()?.paper;
        let printer = match (printer, printing(&settings, kind)) {
            (Some(name), _) => named(&settings, name)?,
            (None, Some(printing)) => chosen(&settings, printing).ok_or_else(|| Problem::of("no_printer"))?,
            (None, None) => settings.printers.first().ok_or_else(|| Problem::of("no_printer"))?,
        };
        let new = NewPaper { kind, about: about.to_owned(), printer: printer.name.clone(), by: Some(by.to_owned()) };
        let paper = self.ledger.queue(&new, 1, self.now())?.pop().ok_or_else(|| Problem::of("paper_not_found"))?;
        self.papers.notify_one();
        Ok(paper)
    }

    /// Whether its code has ended by now, whatever is known of it yet.
    pub(crate) fn is_over_by_now(&self, attempt: &Attempt) -> bool {
        attempt.expires_at.is_some_and(|end| self.true_now() >= end)
    }

    /// Makes something of the report of a closed day.
    pub(crate) fn with_report<T>(
        &self,
        number: u32,
        settings: &Settings,
        copy: u32,
        make: impl FnOnce(&Drawn, &Claim<'_>) -> T,
    ) -> Result<T, Problem> {
        let closing = self.closing(number)?;
        let report = &closing.report;
        let sum = |sum: ledger::Sum| slip::Sum { count: sum.count, rupiah: sum.amount };
        let takings: Vec<(slip::Store, slip::Sum)> =
            report.takings.iter().map(|taking| (slips::store(taking.store), sum(taking.sum))).collect();
        let mut numbers = Vec::new();
        for payment in &report.unconfirmed {
            let number = self.ledger.sale(payment.sale)?.map(|sale| sale.number.to_string());
            let why = match payment.why {
                ledger::Doubt::NotReached => slip::Why::NotReached,
                ledger::Doubt::Differs => slip::Why::Differs,
            };
            numbers.push((number.unwrap_or_else(|| payment.sale.to_string()), why));
        }
        let unconfirmed: Vec<slip::Unconfirmed<'_>> =
            numbers.iter().map(|(number, why)| slip::Unconfirmed { number, why: *why }).collect();
        let head = Head::of(&self.ledger, settings);
        let paper = DayReport {
            shop: head.shop(),
            number,
            day: wib::local(closing.day),
            closed_at: wib::local(closing.at),
            closed_by: &closing.by,
            printed_at: wib::local(self.now()),
            takings: &takings,
            late: sum(report.late),
            confirmed: report.confirmed,
            unconfirmed: &unconfirmed,
            waiting: sum(report.waiting),
            unclear: sum(report.unclear),
            not_handed_over: sum(report.not_handed_over),
            attention: report.attention,
            looked_up: report.looked_up,
            seal: match report.seal {
                ledger::Sealing::Whole => slip::Sealing::Whole,
                ledger::Sealing::Changed => slip::Sealing::Changed,
                ledger::Sealing::Unsealed => slip::Sealing::Unsealed,
                ledger::Sealing::Unknown => slip::Sealing::Unknown,
            },
            copy,
        };
        Ok(make(&paper.paper(), &paper.claim()))
    }
}

/// Why a paper was not printed, or why nobody knows, as a sentence with its remedy.
pub fn why_of(paper: &Paper) -> Option<Problem> {
    let why = paper.why.as_deref()?;
    let code = codes().find(|code| *code == why)?;
    Some(Problem::of(code).with("printer", &paper.printer))
}

/// The same for a printer that was only asked how it is.
pub fn printer_problem(why: Why, printer: &str) -> Problem {
    Problem::of(code_of(why)).with("printer", printer)
}

/// What the owner has set about paper, if it is right.
pub(crate) fn checked(mut set: PaperSettings) -> Result<PaperSettings, Problem> {
    for place in 0..set.printers.len() {
        let printer = set.printers[place].clone();
        let name = till::one_line(&printer.name, 40).map_err(|kind| Problem::from(kind).at("printer_name"))?;
        let name = name.ok_or_else(|| Problem::of("printer_nameless").at("printer_name"))?;
        if set.printers[..place].iter().any(|other| other.name == name) {
            return Err(Problem::of("printer_name_taken").at("printer_name").with("printer", name));
        }
        let at: Printer = printer.at.parse().map_err(|_| Problem::of("printer_address_wrong").at("printer_at"))?;
        if width(printer.dots).is_none() {
            return Err(Problem::of("printer_width").at("printer_dots"));
        }
        set.printers[place] = PrinterSetting { name, at: at.to_string(), ..printer };
    }
    for printing in [&set.slip, &set.receipt, &set.report] {
        if !printing.printer.is_empty() {
            named(&set, &printing.printer)?;
        }
        if !(1..=COPIES_MOST).contains(&printing.copies) {
            return Err(Problem::of("paper_copies").at("paper_copies").with("most", COPIES_MOST));
        }
    }
    if set.margin_minutes > MARGIN_MOST {
        return Err(Problem::of("paper_margin").at("paper_margin").with("most", MARGIN_MOST));
    }
    let line =
        |line: &String| till::one_line(line, slip::Shop::LINE).map_err(|kind| Problem::from(kind).at("paper_lines"));
    let lines = set.lines.iter().map(line).collect::<Result<Vec<_>, _>>()?;
    set.lines = lines.into_iter().flatten().collect();
    if set.lines.len() > slip::Shop::LINES {
        return Err(Problem::of("paper_lines_many").at("paper_lines").with("most", slip::Shop::LINES));
    }
    if set.logo.as_ref().is_some_and(|logo| slips::picture(logo).is_none()) {
        return Err(Problem::of("logo_not_a_picture").at("logo"));
    }
    Ok(set)
}

fn logo(picture: &str) -> Result<Logo, Problem> {
    let logo = BASE64_STANDARD.decode(picture).map_err(|_| NoLogo::NotAPicture).and_then(|file| Picture::logo(&file));
    let code = match logo {
        Ok(logo) => return slips::kept(&logo).ok_or_else(|| Problem::of("logo_too_large").at("logo")),
        Err(NoLogo::NotAPicture) => "logo_not_a_picture",
        Err(NoLogo::TooLarge) => "logo_too_large",
        Err(NoLogo::Blank) => "logo_blank",
        Err(NoLogo::TooSmall) => "logo_too_small",
        Err(NoLogo::HasCode) => "logo_has_code",
    };
    Err(Problem::of(code).at("logo"))
}

/// What can be printed of a sale as it stands.
pub(crate) fn printable(sale: &Sale) -> Option<(PaperKind, OrderId)> {
    let attempt = sale.attempt()?;
    match attempt.state() {
        State::Paid => Some((PaperKind::Receipt, attempt.order_id)),
        State::Pending if attempt.payment_code.is_some() => Some((PaperKind::Slip, attempt.order_id)),
        _ => None,
    }
}

/// What became printable just now.
fn news(before: &Sale, sale: &Sale, now: Time) -> Option<(PaperKind, OrderId)> {
    let (kind, order_id) = printable(sale)?;
    let attempt = sale.attempt_of(order_id)?;
    let earlier = before.attempt_of(order_id);
    let since = match kind {
        PaperKind::Receipt if earlier.is_none_or(|attempt| attempt.state() != State::Paid) => attempt.paid_at?,
        PaperKind::Slip if earlier.is_none_or(|attempt| attempt.payment_code.is_none()) => attempt.intended_at,
        _ => return None,
    };
    (now.since(since) < JUST_NOW).then_some((kind, order_id))
}

fn printing(settings: &PaperSettings, kind: PaperKind) -> Option<&Printing> {
    match kind {
        PaperKind::Slip => Some(&settings.slip),
        PaperKind::Receipt => Some(&settings.receipt),
        PaperKind::Report => Some(&settings.report),
        PaperKind::Test => None,
    }
}

fn chosen<'a>(settings: &'a PaperSettings, printing: &Printing) -> Option<&'a PrinterSetting> {
    let named = settings.printers.iter().find(|printer| printer.name == printing.printer);
    named.or(settings.printers.first())
}

fn named<'a>(settings: &'a PaperSettings, name: &str) -> Result<&'a PrinterSetting, Problem> {
    let found = settings.printers.iter().find(|printer| printer.name == name);
    found.ok_or_else(|| Problem::of("printer_unknown").with("printer", name))
}

fn width(dots: u32) -> Option<Width> {
    [Width::Dots384, Width::Dots512, Width::Dots576].into_iter().find(|width| width.dots() == dots as usize)
}

fn roll(printer: &PrinterSetting) -> Roll {
    let usual = Roll::new(width(printer.dots).unwrap_or(Width::Dots384));
    Roll {
        letters: if printer.narrow { Letters::Narrow } else { Letters::Usual },
        charset: if printer.pc858 { Charset::Pc858 } else { Charset::Ascii },
        cut: match printer.cuts {
            None => usual.cut,
            Some(true) => Cut::Partly,
            Some(false) => Cut::Never,
        },
        drawer: printer.drawer,
        ..usual
    }
}

/// The sentence about each reason of a printer's.
fn code_of(why: Why) -> &'static str {
    match why {
        Why::NoSuchHost => "printer_no_such_host",
        Why::NotReached => "printer_not_reached",
        Why::Refused => "printer_refused",
        Why::NotThere => "printer_not_there",
        Why::NotADevice => "printer_not_a_device",
        Why::NotAllowedLp => "printer_not_allowed_lp",
        Why::NotAllowedDialout => "printer_not_allowed_dialout",
        Why::InUse => "printer_in_use",
        Why::PaperOut => "printer_paper_out",
        Why::CoverOpen => "printer_cover_open",
        Why::Offline => "printer_offline",
        Why::Broken => "printer_broken",
        Why::Cut => "printer_cut",
        Why::Stuck => "printer_stuck",
        Why::NoService => "printer_no_service",
        Why::Nonsense => "printer_nonsense",
        Why::NotAllowed => "printer_not_allowed",
        Why::NoSuchQueue => "printer_no_such_queue",
        Why::QueueRefuses => "printer_queue_refuses",
        Why::QueueStopped => "printer_queue_stopped",
        Why::JobHeld => "printer_job_held",
        Why::NotRaw => "printer_not_raw",
        Why::JobGivenUp => "printer_job_given_up",
        Why::JobCancelled => "printer_job_cancelled",
        Why::JobSlow => "printer_job_slow",
    }
}

/// Everything that can have become of a paper.
fn codes() -> impl Iterator<Item = &'static str> {
    let ours = [
        "paper_interrupted",
        "paper_restored",
        "paper_too_old",
        "paper_not_proven",
        "paper_code_over",
        "paper_not_paid",
        "printer_unknown",
        "printer_address_wrong",
        "order_not_found",
        "no_such_report",
    ];
    Why::ALL.into_iter().map(code_of).chain(ours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Words;

    #[test]
    fn whatever_becomes_of_a_paper_has_its_sentence() {
        for code in codes() {
            assert!(Words::table().has(&format!("problem.{code}")), "{code}");
        }
    }

    #[test]
    fn settings_that_no_paper_can_be_printed_by_are_refused_with_their_field() {
        let printer =
            |name: &str, at: &str| PrinterSetting { name: name.into(), at: at.into(), ..PrinterSetting::default() };
        let with = |printers: Vec<PrinterSetting>| PaperSettings { printers, ..PaperSettings::default() };
        let right =
            checked(with(vec![printer(" Kasir ", "network:10.0.0.7"), printer("Dapur", "cups:DAPUR")])).unwrap();
        assert_eq!(
            (right.printers[0].name.as_str(), right.printers[0].at.as_str()),
            ("Kasir", "network:10.0.0.7:9100")
        );
        let copies = Printing { copies: 9, ..Printing::default() };
        let elsewhere = Printing { printer: "Gudang".into(), ..Printing::default() };
        for (wrong, code) in [
            (with(vec![printer("", "cups:A")]), "printer_nameless"),
            (with(vec![printer("A", "cups:A"), printer("A ", "cups:B")]), "printer_name_taken"),
            (with(vec![printer("A", "10.0.0.7")]), "printer_address_wrong"),
            (with(vec![printer("A\u{1b}p", "cups:A")]), "text_control"),
            (with(vec![PrinterSetting { dots: 400, ..printer("A", "cups:A") }]), "printer_width"),
            (PaperSettings { slip: copies, ..PaperSettings::default() }, "paper_copies"),
            (PaperSettings { slip: elsewhere, ..PaperSettings::default() }, "printer_unknown"),
            (PaperSettings { margin_minutes: 2_000, ..PaperSettings::default() }, "paper_margin"),
            (PaperSettings { lines: vec!["a".into(); 9], ..PaperSettings::default() }, "paper_lines_many"),
        ] {
            assert_eq!(checked(wrong.clone()).unwrap_err().code, code, "{wrong:?}");
        }
    }
}
