use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use till::{Draft, Environment, SaleId};

use crate::open::{Ledger, Trouble};

/// Small things kept by name: what the ledger is, the shop's settings, the draft on the counter.
/// None of it is money, so none of it is in the log.
pub(crate) const TABLE: &str = "
    CREATE TABLE kept (
        key   TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
";

pub(crate) fn read(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    let select = "SELECT value FROM kept WHERE key = ?1";
    connection.prepare_cached(select)?.query_row([key], |row| row.get(0)).optional()
}

pub(crate) fn write(connection: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    let upsert = "INSERT INTO kept (key, value) VALUES (?1, ?2)
                  ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value <> excluded.value";
    connection.prepare_cached(upsert)?.execute([key, value]).map(|_| ())
}

/// What the owner has set for this shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The shop's name, on the window and on the customer's receipt.
    pub shop_name: String,
    /// The name the store's till asks for, as it stands in Midtrans' dashboard.
    pub merchant_name: String,
    /// When the shop closes, WIB, `HH:MM`.
    pub closes_at: String,
    /// Draw a barcode for Alfamart too. Off until the owner has seen it scan.
    pub alfamart_barcode: bool,
    /// Goods paid at Indomaret stay until the store can no longer reverse the payment.
    pub hold_goods: bool,
    /// Each charge names this address, and Midtrans tells of it there and nowhere else.
    pub notify_to: Option<String>,
    /// The relay runs inside the window.
    pub relay_inside: bool,
    /// The port the relay listens on; 0 takes any that is free.
    pub relay_port: u16,
    /// What is printed, and where.
    pub paper: PaperSettings,
}

/// What is printed, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "ts-rs", derive(ts_rs::TS), ts(export_to = "view.ts"))]
pub struct PaperSettings {
    /// The printers of the shop.
    pub printers: Vec<PrinterSetting>,
    /// The slip with a payment code.
    pub slip: Printing,
    /// The receipt of a payment.
    pub receipt: Printing,
    /// The report of a closed day.
    pub report: Printing,
    /// So many minutes before Midtrans' own end the paper says that a code ends.
    pub margin_minutes: u32,
    /// The picture at the top of each paper.
    pub logo: Option<Logo>,
    /// The owner's own lines at the end of each slip and receipt.
    pub lines: Vec<String>,
    /// Papers are in English.
    pub english: bool,
    /// Bars are Code 128 instead of Code 39. Off until the owner has seen them scan.
    pub code_128: bool,
}

/// A picture of black and white dots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts-rs", derive(ts_rs::TS), ts(export_to = "view.ts"))]
pub struct Logo {
    /// How many dots wide.
    pub width: u32,
    /// Its rows in Base64, each beginning with a byte of its own, the leftmost dot in the highest bit; 1 is black.
    pub dots: String,
}

/// A printer of the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "ts-rs", derive(ts_rs::TS), ts(export_to = "view.ts", rename = "Printer"))]
pub struct PrinterSetting {
    /// What the owner calls it.
    pub name: String,
    /// Where it is, in one word: `network:192.168.1.50:9100`, `cups:QUEUE`, `device:/dev/usb/lp0`,
    /// `serial:/dev/ttyUSB0@9600`.
    pub at: String,
    /// How many dots fit on a line: 384, 512 or 576.
    pub dots: u32,
    /// It uses its narrow letters.
    pub narrow: bool,
    /// It writes western letters of code page 858; off for plain ones, which every printer has.
    pub pc858: bool,
    /// It cuts the paper; nothing for what printers of this width usually do.
    pub cuts: Option<bool>,
    /// It opens the cash drawer with each paper. No cash is taken at this desk.
    pub drawer: bool,
}

/// How one kind of paper is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "ts-rs", derive(ts_rs::TS), ts(export_to = "view.ts"))]
pub struct Printing {
    /// As soon as there is one.
    pub by_itself: bool,
    /// So many of each.
    pub copies: u32,
    /// On this printer; without a name, on the first.
    pub printer: String,
}

impl Default for PaperSettings {
    fn default() -> Self {
        let printing = |by_itself| Printing { by_itself, ..Printing::default() };
        Self {
            printers: Vec::new(),
            // Whoever sets up a printer wants slips from it.
            slip: printing(true),
            receipt: printing(false),
            report: printing(false),
            margin_minutes: 30,
            logo: None,
            lines: Vec::new(),
            english: false,
            code_128: false,
        }
    }
}

impl Default for PrinterSetting {
    fn default() -> Self {
        Self {
            name: String::new(),
            at: String::new(),
            dots: 384,
            narrow: false,
            pc858: false,
            cuts: None,
            drawer: false,
        }
    }
}

impl Default for Printing {
    fn default() -> Self {
        Self { by_itself: false, copies: 1, printer: String::new() }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            shop_name: String::new(),
            merchant_name: String::new(),
            closes_at: "21:00".into(),
            alfamart_barcode: false,
            hold_goods: false,
            notify_to: None,
            relay_inside: false,
            relay_port: 8787,
            paper: PaperSettings::default(),
        }
    }
}

impl Settings {
    /// What a new shop begins with. In training the relay runs by itself, so that a newcomer sees a
    /// whole sale; anywhere else it needs an address that Midtrans can reach.
    pub(crate) fn of_new(environment: Environment) -> Self {
        let training = environment == Environment::Training;
        let usual = Self::default();
        Self { relay_inside: training, relay_port: if training { 0 } else { usual.relay_port }, ..usual }
    }
}

impl Ledger {
    /// The shop's settings.
    pub fn settings(&self) -> Result<Settings, Trouble> {
        Ok(self.kept("settings")?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Changes the shop's settings.
    pub fn set(&self, settings: &Settings) -> Result<(), Trouble> {
        self.keep("settings", &json(settings)?)
    }

    /// The order that was being made when the window was last seen, and the id its sale will have.
    pub fn draft(&self) -> Result<Option<(SaleId, Draft)>, Trouble> {
        Ok(self.kept("draft")?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Keeps what was typed so far.
    pub fn keep_draft(&self, id: SaleId, draft: &Draft) -> Result<(), Trouble> {
        self.keep("draft", &json(&(id, draft))?)
    }

    /// Something small kept under this name.
    pub fn kept(&self, key: &str) -> Result<Option<String>, Trouble> {
        self.read(|reader| read(reader, key))
    }

    /// Keeps something small under this name.
    pub fn keep(&self, key: &str, value: &str) -> Result<(), Trouble> {
        self.change(|change| Ok(write(change, key, value)?))
    }
}

/// Charges name this address no more, if they do.
pub(crate) fn name_no_more(connection: &Connection, address: &str) -> Result<(), Trouble> {
    let settings = read(connection, "settings")?.and_then(|text| serde_json::from_str::<Settings>(&text).ok());
    match settings {
        Some(settings) if settings.notify_to.as_deref() == Some(address) => {
            Ok(write(connection, "settings", &json(&Settings { notify_to: None, ..settings })?)?)
        }
        _ => Ok(()),
    }
}

/// Clears the counter of the draft that has become this sale.
pub(crate) fn forget_draft(connection: &Connection, id: SaleId) -> rusqlite::Result<()> {
    let delete = "DELETE FROM kept WHERE key = 'draft' AND value LIKE ?1";
    connection.prepare_cached(delete)?.execute([format!("[\"{id}\",%")]).map(|_| ())
}

fn json(value: &impl Serialize) -> Result<String, Trouble> {
    serde_json::to_string(value).map_err(|error| Trouble::Row(error.to_string()))
}
