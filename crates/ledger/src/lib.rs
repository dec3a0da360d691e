//! What the shop has written down.
//!
//! One SQLite file for each environment. [`Ledger::write`] appends events and never edits one;
//! the lists are a projection of the log, made in the same transaction, and can be rebuilt and
//! compared ([`Ledger::audit`]). The relay writes notifications into the same file from its own
//! process ([`Ledger::receive`]). Nothing here knows a network, a window or a clock.

mod chain;
mod check_up;
mod closings;
mod copies;
mod exchanges;
mod feed;
mod flight;
mod folder;
mod gate;
mod inbox;
mod kept;
mod lists;
mod log;
mod matters;
mod open;
mod others;
mod papers;
mod projection;
mod recover;
mod reserve;
mod salvage;
mod schema;
mod strays;
mod verify;
mod wreck;

pub use chain::{Head, LogKey, NoHead};
pub use check_up::CheckUp;
pub use closings::{Closed, Closing, NewClosing, Report, Sealing, Taking, Unconfirmed, Why as Doubt};
pub use copies::{Copy, worth_keeping};
pub use exchanges::{Exchange, Heard, Outcome};
pub use feed::{Fed, Feed, Passed};
pub use flight::Flight;
pub use folder::{Desk, Folder};
pub use inbox::{Everything, Letter, Received, Seal, Stored, Strange};
pub use kept::{Logo, PaperSettings, PrinterSetting, Printing, Settings};
pub use lists::{List, Page, Query, Sum};
pub use log::{NewCode, NewSale, Reissued};
pub use matters::{Facts, Matter, MatterKind, Seen, facts};
pub use open::{Binding, Door, Ledger, Trouble, assert_sqlite};
pub use others::{Elsewhere, Others};
pub use papers::{Look, NewPaper, Paper, PaperKind, PaperState, Press};
pub use projection::{Difference, Row, word};
pub use recover::{Restored, Why};
pub use reserve::{Free, Reserve, Room};
pub use salvage::Salvaged;
pub use strays::{Adoption, Stray};
pub use verify::{Finding, Verdict, What};
