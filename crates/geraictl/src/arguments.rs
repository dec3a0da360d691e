use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, builder::RangedU64ValueParser};
use desk::Options;
use till::{Deed, State, Store, Time};

/// The small door of Gerai's counter, for scripts and integrators.
#[derive(Debug, Parser)]
#[command(name = "geraictl", version, about, propagate_version = true)]
pub struct Arguments {
    /// Which shop.
    #[command(flatten)]
    pub options: Options,

    /// Print JSON lines and nothing else.
    #[arg(long, global = true)]
    pub json: bool,

    /// Wait so many seconds at most until it is known what became of a request.
    #[arg(long, global = true, value_name = "SECONDS", default_value = "60", value_parser = RangedU64ValueParser::<u64>::new().range(1..=3_600))]
    pub wait: u64,

    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// The server key in the OS keyring.
    #[command(subcommand)]
    Key(KeyVerb),
    /// Orders and their payment codes.
    #[command(subcommand)]
    Order(OrderVerb),
    /// Print codes of other tills of the shop, newest first.
    Others(Search),
    /// What the owner has to look at.
    #[command(subcommand)]
    Attention(AttentionVerb),
    /// Days and their reports.
    #[command(subcommand)]
    Day(DayVerb),
    /// Copies of the ledger.
    #[command(subcommand)]
    Copies(CopiesVerb),
    /// The relay that somebody hosts for the shop.
    #[command(subcommand)]
    Relay(RelayVerb),
    /// Write the slip of an order, or its receipt once it is paid, to a file.
    Slip(Render),
    /// Print the slip of an order, or its receipt once it is paid, and wait for what becomes of it.
    Print(Print),
    /// Printers of the shop.
    #[command(subcommand)]
    Printers(PrintersVerb),
    /// What was printed, and what became of it.
    #[command(subcommand)]
    Papers(PapersVerb),
    /// Compare the log with its seals and the lists with the log.
    Verify,
    /// Look up every open order now and finish what was left half-done.
    Sync,
    /// Check folder, ledger, keyring, Midtrans and relay.
    Doctor,
}

/// What can be done with the key.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum KeyVerb {
    /// Keep the key that is typed or piped in as one line.
    Set,
    /// Ask Midtrans whether it takes the key.
    Probe,
    /// Take the key out of the keyring.
    Forget,
}

/// What can be done with what the owner has to look at.
#[derive(Debug, Subcommand)]
pub enum AttentionVerb {
    /// Print everything that needs attention, newest first.
    List(Concerns),
    /// Write down what was done about it, and by whom. That moves no payment.
    Close(Close),
}

/// Which concerns.
#[derive(Clone, Copy, Debug, Args)]
pub struct Concerns {
    /// What was seen to lately, instead of what is open.
    #[arg(long)]
    pub closed: bool,
}

/// What was done about what.
#[derive(Debug, Args)]
pub struct Close {
    /// Its name, as `attention list` prints it.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What was done: returned (in cash), charged_again, delivered, or nothing (looked at, nothing to do).
    #[arg(long, value_name = "D", value_parser = deed)]
    pub deed: Deed,
    /// Who did it; by default whoever is logged in.
    #[arg(long, value_name = "WHO")]
    pub by: Option<String>,
}

/// What can be done with days.
#[derive(Debug, Subcommand)]
pub enum DayVerb {
    /// Ask about every open order and every payment once more, and write the report of the day, for good.
    Close(CloseDay),
    /// Print every report, newest first.
    List,
    /// Print a report, or this day as it stands.
    Show(Report),
}

/// Which day is closed, and by whom.
#[derive(Debug, Args)]
pub struct CloseDay {
    /// Whose name stands for it; by default whoever is logged in.
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// An earlier day that nobody has closed, as YYYY-MM-DD in WIB; by default today.
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub day: Option<(Time, Time)>,
}

/// Which report.
#[derive(Clone, Copy, Debug, Args)]
pub struct Report {
    /// Its number.
    #[arg(value_name = "NUMBER")]
    pub number: Option<u32>,
}

/// What becomes of which order's paper.
#[derive(Debug, Args)]
pub struct Render {
    /// Its id, number or order_id.
    #[arg(value_name = "ORDER")]
    pub order: String,
    /// As what.
    #[arg(long, value_name = "AS", value_enum)]
    pub r#as: SlipAs,
    /// The file.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// In the place of a file that is there already.
    #[arg(long)]
    pub replace: bool,
}

/// What a paper can become.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SlipAs {
    /// Bytes for a thermal printer with 58 mm paper.
    Escpos58,
    /// Bytes for a thermal printer with 80 mm paper.
    Escpos80,
    /// A page of 105 x 148 mm.
    PdfA6,
    /// A page of 210 x 297 mm.
    PdfA4,
    /// A picture to share, without the shop's stub.
    Png,
    /// Text to share, without the shop's stub.
    Text,
}

/// What is printed where.
#[derive(Debug, Args)]
pub struct Print {
    /// Its id, number or order_id.
    #[arg(value_name = "ORDER")]
    pub order: String,
    /// Which of its papers; by default the slip while it can be paid, the receipt once it is.
    #[arg(long, value_name = "WHICH")]
    pub paper: Option<WhichPaper>,
    /// A printer of the shop, by its name; by default the one that is set for such papers.
    #[arg(long, value_name = "NAME")]
    pub printer: Option<String>,
}

/// A paper of an order.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum WhichPaper {
    /// The payment code to take to the store. Refused once it cannot be paid.
    Slip,
    /// Proof that it was paid. Refused until it is.
    Receipt,
}

/// What can be done with printers.
#[derive(Debug, Subcommand)]
pub enum PrintersVerb {
    /// Print every printer of the shop.
    List,
    /// Print every printer this PC knows of, as `printers add` takes it.
    Find,
    /// Add a printer to the shop, or change the one of this name.
    Add(AddPrinter),
    /// Take a printer away from the shop.
    Remove(PrinterName),
    /// Print a test page with a ruler, and wait for what becomes of it.
    Test(PrinterName),
}

/// A printer of the shop.
#[derive(Debug, Args)]
pub struct AddPrinter {
    /// What the owner calls it.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// network:HOST:PORT, cups:QUEUE, device:/dev/usb/lp0 or serial:/dev/ttyUSB0@9600.
    #[arg(value_name = "ADDRESS")]
    pub at: String,
    /// How many dots fit on a line: 384 (58 mm), 512 or 576 (80 mm). The test page has a ruler.
    #[arg(long, value_name = "N", default_value_t = 384)]
    pub dots: u32,
    /// It uses its narrow letters.
    #[arg(long)]
    pub narrow: bool,
    /// It writes western letters of code page 858.
    #[arg(long)]
    pub pc858: bool,
    /// Whether it cuts the paper; by default those for 80 mm do.
    #[arg(long, value_name = "BOOL")]
    pub cuts: Option<bool>,
    /// It opens the cash drawer with each paper.
    #[arg(long)]
    pub drawer: bool,
}

/// Which printer.
#[derive(Debug, Args)]
pub struct PrinterName {
    /// The name it has in the shop.
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// What can be done with papers.
#[derive(Debug, Subcommand)]
pub enum PapersVerb {
    /// Print the latest papers, newest first.
    List,
    /// Write down what somebody saw who looked at the printer.
    Settle(Settle),
}

/// What somebody saw.
#[derive(Debug, Args)]
pub struct Settle {
    /// Its number, as `papers list` prints it.
    #[arg(value_name = "PAPER")]
    pub paper: i64,
    /// Whether it came out, whole.
    #[arg(long, value_name = "BOOL", action = clap::ArgAction::Set)]
    pub came_out: bool,
    /// Who looked; by default whoever is logged in.
    #[arg(long, value_name = "WHO")]
    pub by: Option<String>,
}

/// What can be done with copies of the ledger.
#[derive(Debug, Subcommand)]
pub enum CopiesVerb {
    /// Print every copy, newest first.
    List,
    /// Make a copy now.
    Make,
    /// Put a copy in the place of the ledger, which is set aside. Nobody may have the shop open.
    Restore(Copy),
}

/// The name of a copy.
#[derive(Debug, Args)]
pub struct Copy {
    /// As `copies list` prints it.
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// What can be done with the relay that somebody hosts.
#[derive(Debug, Subcommand)]
pub enum RelayVerb {
    /// Pair this till: the notification address and the pairing code are typed or piped in, a line each.
    Pair(Pair),
    /// Print how this till stands with its relay, which is asked for it.
    Status,
    /// End the pairing. What came through it stays.
    Unpair,
    /// Print a pairing code for a further till of the shop.
    Code,
    /// Print the tills that are paired.
    Devices,
    /// Take the feed away from a till that was lost.
    Revoke(Lost),
}

/// Under which name.
#[derive(Debug, Args)]
pub struct Pair {
    /// What the shop's other tills call this one.
    #[arg(long, value_name = "NAME", default_value = "Kasir")]
    pub name: String,
}

/// Which till.
#[derive(Debug, Args)]
pub struct Lost {
    /// As `relay devices` prints it.
    #[arg(value_name = "DEVICE")]
    pub device: String,
}

/// What can be done with orders. ORDER is an id, a number such as K3F7, or an order_id of Midtrans.
#[derive(Debug, Subcommand)]
pub enum OrderVerb {
    /// Charge a new order and wait up to 60 s for its code.
    Create(Create),
    /// Print an order with its events and notifications.
    Show(Named),
    /// Print everything that was said about an order, and whether its entries are as they were written.
    Evidence(Proof),
    /// Ask Midtrans how an order stands.
    Check(Named),
    /// Cancel an unpaid code.
    Cancel(Named),
    /// Let an unpaid code expire now.
    Expire(Named),
    /// Make a new code for an order, once its old one is certainly dead.
    Reissue(Reissue),
    /// Write down that the paid goods left the shop.
    HandOver(HandOver),
    /// Print every order, newest first.
    List(List),
}

/// A new order.
#[derive(Debug, Args)]
pub struct Create {
    /// Whole rupiah; may be left out if there are items.
    #[arg(long, value_name = "N", default_value = "", allow_hyphen_values = true)]
    pub amount: String,
    /// alfamart or indomaret.
    #[arg(long, value_name = "S")]
    pub store: Store,
    /// The customer's name.
    #[arg(long, default_value = "", value_name = "NAME")]
    pub customer: String,
    /// The customer's phone number.
    #[arg(long, default_value = "", value_name = "NUMBER")]
    pub phone: String,
    /// The customer's e-mail address.
    #[arg(long, default_value = "", value_name = "ADDRESS")]
    pub email: String,
    /// A note for the slip.
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub note: String,
    /// A JSON file: an array of objects with name, price and quantity.
    #[arg(long, value_name = "FILE")]
    pub items: Option<PathBuf>,
    /// How long the code lives: 45m, 2h, 3d, or closing.
    #[arg(long, default_value = "24h", value_name = "SPAN")]
    pub expiry: String,
}

/// One order.
#[derive(Debug, Args)]
pub struct Named {
    /// Its id, number or order_id.
    #[arg(value_name = "ORDER")]
    pub order: String,
}

/// In what form the evidence is wanted, and where.
#[derive(Debug, Args)]
pub struct Proof {
    /// Its id, number or order_id.
    #[arg(value_name = "ORDER")]
    pub order: String,
    /// One page for people instead of JSON, in the language of the window.
    #[arg(long)]
    pub html: bool,
    /// Write it to this new file instead.
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
}

/// Which order gets a new code, and for which store.
#[derive(Debug, Args)]
pub struct Reissue {
    /// Its id or number; or the order_id of the code to be replaced, so that doing it twice makes one new code.
    #[arg(value_name = "ORDER")]
    pub order: String,
    /// alfamart or indomaret; it may be the store it had.
    #[arg(long, value_name = "S")]
    pub store: Store,
}

/// Who handed over what.
#[derive(Debug, Args)]
pub struct HandOver {
    /// Its id, number or order_id.
    #[arg(value_name = "ORDER")]
    pub order: String,
    /// Who hands over; by default whoever is logged in.
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

/// Which orders.
#[derive(Debug, Args)]
pub struct List {
    /// Only orders in this state.
    #[arg(long, value_name = "S", value_parser = state)]
    pub state: Option<State>,
}

/// Which codes of other tills.
#[derive(Debug, Args)]
pub struct Search {
    /// Only those in which each of these words occurs: parts of an order_id, a till, a payment code or an amount.
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
}

fn deed(word: &str) -> Result<Deed, String> {
    serde_json::from_value(word.into())
        .map_err(|_| "a deed is one of returned, charged_again, delivered, nothing".into())
}

fn state(word: &str) -> Result<State, String> {
    serde_json::from_value(word.into()).map_err(|_| {
        "a state is one of intent, unknown, pending, confirming, paid, paid_late, reversed, expired, cancelled, \
         denied, refused, abandoned"
            .into()
    })
}

fn day(word: &str) -> Result<(Time, Time), &'static str> {
    counter::parse_day(word).ok_or("a day is written like 2026-11-25")
}
