//! Paper by the real program: a printer on the network that does what it is told, a real CUPS, and a
//! program that is killed at every step of printing.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    io::{Read, Write},
    net::TcpListener,
    path::Path,
    process::{Command, Output, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use ledger::{Binding, Door, Folder, Ledger};
use serde_json::Value;
use stage::{PrintService, Queue, program, until};
use tempfile::TempDir;
use till::Environment;

/// What the printer does with the next paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// It prints it and says so.
    Confirms,
    /// It says that it has no paper.
    NoPaper,
    /// It answers nothing and waits.
    Waits,
    /// It takes so many bytes of the paper, or some more, and waits.
    WaitsAfter(usize),
    /// It takes everything, never says that it is printed, and waits.
    NeverConfirms,
}

/// A printer on the network.
struct Printer {
    address: String,
    manner: Arc<Mutex<Manner>>,
    /// It has come so far that it waits.
    waits: Receiver<()>,
    /// Every paper of which a byte came.
    papers: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Printer {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("network:{}", listener.local_addr().unwrap());
        let manner = Arc::new(Mutex::new(Manner::Confirms));
        let papers = Arc::new(Mutex::new(Vec::new()));
        let (tell, waits) = channel();
        let (does, keeps) = (manner.clone(), papers.clone());
        thread::spawn(move || {
            for line in listener.incoming() {
                let paper = serve(&mut line.unwrap(), *does.lock().unwrap(), &tell);
                if !paper.is_empty() {
                    keeps.lock().unwrap().push(paper);
                }
            }
        });
        Self { address, manner, waits, papers }
    }

    fn does(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// Every paper that begins as the slip of this order does and has this mark.
    fn slips(&self, mark: &str) -> usize {
        let has = |paper: &&Vec<u8>, text: &str| paper.windows(text.len()).any(|part| part == text.as_bytes());
        self.papers.lock().unwrap().iter().filter(|paper| has(paper, "BAYAR DI") && has(paper, mark)).count()
    }

    fn all(&self) -> usize {
        self.papers.lock().unwrap().len()
    }
}

fn serve(line: &mut (impl Read + Write), manner: Manner, waits: &Sender<()>) -> Vec<u8> {
    let mut paper = Vec::new();
    let mut part = [0; 4096];
    let mut told = false;
    let mut wait = || {
        if !std::mem::replace(&mut told, true) {
            let _ = waits.send(());
        }
    };
    loop {
        // A program that was killed hangs up.
        let Ok(got @ 1..) = line.read(&mut part) else { return paper };
        if got == 3 && part[..2] == [0x10, 4] {
            match manner {
                Manner::Waits => wait(),
                Manner::NoPaper if part[2] == 4 => drop(line.write_all(&[0x72])),
                _ => drop(line.write_all(&[0x12])),
            }
            continue;
        }
        paper.extend_from_slice(&part[..got]);
        if paper.ends_with(&[0x1d, b'r', 1]) {
            paper.truncate(paper.len() - 3);
            match manner {
                Manner::NeverConfirms => wait(),
                Manner::WaitsAfter(_) => {}
                _ => drop(line.write_all(&[0])),
            }
        }
        if let Manner::WaitsAfter(bytes) = manner
            && paper.len() >= bytes
        {
            wait();
        }
    }
}

/// A shop in training.
struct Shop {
    folder: TempDir,
}

struct Ended {
    code: i32,
    lines: Vec<Value>,
    said: String,
}

impl Shop {
    fn open() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("geraictl"));
        command.arg("--data-dir").arg(self.folder.path()).args(["--environment", "training", "--json"]);
        command.args(arguments).env("USER", "kasir").env("GERAI_PACE", "20");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn ctl(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }

    fn order(&self) -> String {
        let made = self.ctl(&["order", "create", "--amount", "44000", "--store", "indomaret"]);
        assert_eq!(made.code, 0, "{}", made.said);
        made.lines[0]["id"].as_str().unwrap().to_owned()
    }

    fn with_printer(address: &str) -> (Self, String) {
        let shop = Self::open();
        let added = shop.ctl(&["printers", "add", "Kasir", address]);
        assert_eq!(added.code, 0, "{}", added.said);
        let order = shop.order();
        (shop, order)
    }

    fn papers(&self) -> Vec<Value> {
        self.ctl(&["papers", "list"]).lines
    }

    fn ledger(&self) -> Ledger {
        let folder = Folder::at(self.folder.path());
        Ledger::open(&folder, Environment::Training, Some(Binding::Loopback), Door::Desk, *b"till").unwrap()
    }
}

impl Ended {
    fn of(output: Output) -> Self {
        let lines = String::from_utf8(output.stdout).unwrap();
        let lines = lines.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Self { code: output.status.code().unwrap_or(-1), lines: lines.collect(), said }
    }

    fn problem(&self) -> &str {
        self.lines.last().and_then(|line| line["problem"]["code"].as_str()).unwrap_or_default()
    }

    fn is(&self, code: i32, state: &str, why: Option<&str>) {
        let paper = self.lines.last().unwrap_or_else(|| panic!("{}", self.said));
        let is = (self.code, paper["state"].as_str().unwrap_or_default(), paper["why"].as_str());
        assert_eq!(is, (code, state, why), "{paper} {}", self.said);
    }
}

#[test]
fn a_slip_is_printed_and_a_second_one_says_that_it_is_a_copy() {
    let printer = Printer::new();
    let (shop, order) = Shop::with_printer(&printer.address);
    let first = shop.ctl(&["print", &order]);
    first.is(0, "confirmed", None);
    assert_eq!((&first.lines[0]["copy"], &first.lines[0]["kind"]), (&0.into(), &"slip".into()));
    shop.ctl(&["print", &order, "--printer", "Kasir"]).is(0, "confirmed", None);
    until("both came out", || printer.all() == 2);
    assert_eq!((printer.slips("LATIHAN"), printer.slips("SALINAN 1")), (2, 1));
    shop.ctl(&["printers", "test", "Kasir"]).is(0, "confirmed", None);
    until("the test page came out", || printer.all() == 3);
}

#[test]
fn whoever_asks_for_a_slip_or_a_receipt_gets_that_one_or_is_refused() {
    let printer = Printer::new();
    let (shop, order) = Shop::with_printer(&printer.address);
    let slip = shop.ctl(&["print", &order, "--paper", "slip"]);
    slip.is(0, "confirmed", None);
    assert_eq!(slip.lines.last().unwrap()["kind"], "slip");
    let receipt = shop.ctl(&["print", &order, "--paper", "receipt"]);
    assert_eq!((receipt.code, receipt.problem()), (1, "paper_not_paid"), "{}", receipt.said);
    assert_eq!(printer.all(), 1);
}

#[test]
fn what_cannot_be_printed_says_why_and_what_to_do() {
    let printer = Printer::new();
    let (shop, order) = Shop::with_printer(&printer.address);
    printer.does(Manner::NoPaper);
    let empty = shop.ctl(&["print", &order]);
    empty.is(1, "failed", Some("printer_paper_out"));
    assert!(empty.said.contains("gulungan baru"), "{}", empty.said);
    printer.does(Manner::Confirms);
    let again = shop.ctl(&["print", &order]);
    again.is(0, "confirmed", None);
    assert_eq!(again.lines[0]["copy"], 0, "nothing of the first came out");
    for (address, why) in [
        ("network:127.0.0.1:1", "printer_refused"),
        ("device:/dev/usb/lp99", "printer_not_there"),
        ("device:/dev/pts", "printer_not_a_device"),
        ("serial:/dev/ttyUSB99@9600", "printer_not_there"),
    ] {
        assert_eq!(shop.ctl(&["printers", "add", "Salah", address]).code, 0);
        shop.ctl(&["print", &order, "--printer", "Salah"]).is(1, "failed", Some(why));
    }
    assert_eq!(shop.ctl(&["print", &order, "--printer", "Tidak ada"]).problem(), "printer_unknown");
    assert_eq!(shop.ctl(&["printers", "add", "Salah", "/home/kasir"]).problem(), "printer_address_wrong");
    assert_eq!(shop.ctl(&["printers", "remove", "Salah"]).code, 0);
    assert_eq!(shop.ctl(&["printers", "remove", "Kasir"]).code, 0);
    assert_eq!(shop.ctl(&["print", &order]).problem(), "no_printer");
    assert_eq!(shop.ctl(&["order", "cancel", &order]).code, 0);
    assert_eq!(shop.ctl(&["print", &order]).problem(), "nothing_to_print");
}

#[test]
fn a_program_killed_while_it_prints_leaves_no_second_paper() {
    for manner in [Manner::Waits, Manner::WaitsAfter(1), Manner::WaitsAfter(200), Manner::NeverConfirms] {
        let printer = Printer::new();
        let (shop, order) = Shop::with_printer(&printer.address);
        printer.does(manner);
        let mut printing = shop.command(&["print", &order]).spawn().unwrap();
        printer.waits.recv().unwrap();
        printing.kill().unwrap();
        printing.wait().unwrap();
        printer.does(Manner::Confirms);
        // Whoever comes next prints everything that waits, and this does not.
        shop.ctl(&["printers", "test", "Kasir"]).is(0, "confirmed", None);
        let left = shop.papers();
        let slip = left.iter().find(|paper| paper["kind"] == "slip").unwrap();
        assert_eq!((&slip["state"], &slip["why"]), (&"unknown".into(), &"paper_interrupted".into()), "{manner:?}");
        shop.ctl(&["print", &order]).is(0, "confirmed", None);
        until("it came out", || printer.slips("SALINAN 1") == 1);
        let whole = printer.slips("LATIHAN") - 1;
        assert!(whole <= 1, "{manner:?}: {whole} papers claim to be the first");
        // The cashier looks, and says so.
        let number = slip["paper"].to_string();
        let settled = shop.ctl(&["papers", "settle", &number, "--came-out", "false"]);
        assert_eq!(settled.lines[0]["said"]["came_out"], false, "{}", settled.said);
    }
}

#[test]
fn a_paper_that_waited_when_its_program_died_is_printed_once_by_the_next() {
    let printer = Printer::new();
    let (shop, order) = Shop::with_printer(&printer.address);
    let ledger = shop.ledger();
    let press = ledger.press("Kasir").unwrap().unwrap();
    let mut waiting = shop.command(&["print", &order]).spawn().unwrap();
    until("it waits for the printer", || ledger.next_paper("Kasir").unwrap().is_some());
    waiting.kill().unwrap();
    waiting.wait().unwrap();
    drop(press);
    for _ in 0..2 {
        shop.ctl(&["printers", "test", "Kasir"]).is(0, "confirmed", None);
    }
    until("all came out", || printer.all() == 3);
    assert_eq!((printer.slips("LATIHAN"), printer.slips("SALINAN")), (1, 0));
}

#[test]
fn a_slip_goes_through_a_real_cups_and_a_queue_that_prints_nothing_is_found_out() {
    let service = PrintService::start();
    let user = Command::new("id").arg("-un").output().unwrap().stdout;
    let user = String::from_utf8(user).unwrap();
    let shop = Shop::open();
    let ctl = |arguments: &[&str]| {
        let mut command = shop.command(arguments);
        Ended::of(command.env("CUPS_SERVER", service.socket()).env("USER", user.trim()).output().unwrap())
    };
    let order = shop.order();
    let found = ctl(&["printers", "find"]);
    assert!(found.lines.iter().any(|line| line["at"] == "cups:Prints"), "{:?}", found.lines);
    for queue in [Queue::Prints, Queue::Holds, Queue::Stopped] {
        assert_eq!(ctl(&["printers", "add", &queue.name(), &format!("cups:{}", queue.name())]).code, 0);
    }
    ctl(&["print", &order, "--printer", "Prints"]).is(0, "handed_over", None);
    let paper = service.paper(Queue::Prints);
    assert!(paper.starts_with(&[0x1b, b'@']) && paper.windows(7).any(|part| part == b"LATIHAN"));
    ctl(&["print", &order, "--printer", "Holds"]).is(1, "failed", Some("printer_job_held"));
    ctl(&["print", &order, "--printer", "Stopped"]).is(1, "failed", Some("printer_queue_stopped"));
    assert!(Path::new(&service.socket()).exists());
}
