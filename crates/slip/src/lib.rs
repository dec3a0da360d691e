//! What goes onto paper, a phone or a screen: values in, a [`Paper`] out, and every rendering of it.
//!
//! A [`Slip`], [`Receipt`], [`DayReport`] or [`TestPage`] holds plain values. Its `paper()` decides once
//! what is said, in which order and in which language: a [`Paper`] is a list of [`Block`]s, lines with a
//! meaning. Every rendering draws these blocks and adds no words of its own. [`Paper::for_customer`] is
//! what may leave the shop as a picture or a text; the stub below [`Block::Tear`] stays.
//!
//! - [`symbol`]: QR, Code 39 and Code 128 as modules; no printer, no screen.
//! - [`fit`]: how a bar code goes onto paper of a given width: across, along, or not at all.
//! - [`escpos`]: the bytes for a thermal printer, and an interpreter of them.
//! - [`logo`]: an owner's picture as papers carry it.
//! - [`plain`]: text for WhatsApp and e-mail.
//! - [`proof`]: what would be printed is read again; [`proof::Proven`] is the only thing that may be.
//! - [`raster`]: pictures of black and white dots.
//! - [`sheet`]: a paper drawn to the millimetre: A6, A4 and a picture to share, as PDF, PNG and outlines.
//! - [`text`]: how codes, money, times and words from outside are written.
//!
//! Nothing here reads a clock, a file or a socket.

pub mod escpos;
pub mod fit;
pub mod logo;
mod paper;
pub mod plain;
pub mod proof;
pub mod raster;
mod receipt;
mod report;
pub mod sheet;
mod shop;
mod slip;
pub mod symbol;
mod test_page;
pub mod text;
mod words;

pub use paper::{Align, Block, Pair, Paper, Size, Text};
pub use receipt::Receipt;
pub use report::{DayReport, Sealing, Sum, Unconfirmed, Why};
pub use shop::{Item, Order, Shop, Store, Worth};
pub use slip::{Scanning, Slip};
pub use test_page::TestPage;
pub use words::Language;
