//! What a customer takes along to the store: one [`Slip`], many outputs.
//!
//! The slip holds plain values and decides what may be shown; [`symbol`] draws codes as black
//! and white modules and knows neither screen nor printer; [`text`] is what all of them write.
//! A new output is a module of its own beside these, made from a [`Slip`].

pub mod symbol;
pub mod text;

use symbol::{Bars, NoQr, Qr};
use time::OffsetDateTime;

/// A payment code and what belongs beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slip<'a> {
    /// Whether the code is worth anything.
    pub worth: Worth,
    /// Where it is to be paid.
    pub store: Store,
    /// The payment code exactly as Midtrans gave it.
    pub code: &'a str,
    /// Whole rupiah, to be paid exactly.
    pub rupiah: u64,
    /// Until when it can be paid.
    pub until: OffsetDateTime,
    /// The name the store's cashier will ask for.
    pub merchant: &'a str,
}

/// Whether a code is worth anything. What is not real money says so before anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// Play money.
    Training,
    /// Midtrans' sandbox. A real till may take such a code, and the money would be gone.
    Sandbox,
    /// Real money.
    Real,
}

/// A chain of stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// Alfamart, Alfamidi and Dan+Dan.
    Alfamart,
    /// Indomaret.
    Indomaret,
}

impl Slip<'_> {
    /// The bars for the store's till, where a till may scan them: for real money only, always
    /// at Indomaret, at Alfamart when the owner has tried it and says so.
    ///
    /// There are none either for a code that Code 39 can not write; the digits remain.
    pub fn bars(&self, alfamart_scans: bool) -> Option<Bars> {
        let may_scan = match (self.worth, self.store) {
            (Worth::Training | Worth::Sandbox, _) => false,
            (Worth::Real, Store::Indomaret) => true,
            (Worth::Real, Store::Alfamart) => alfamart_scans,
        };
        may_scan.then(|| symbol::code39(self.code))?
    }

    /// The QR that puts the slip on the customer's phone. No till scans it; label it
    /// *Simpan kode ke HP, bukan QRIS*.
    pub fn qr(&self) -> Result<Qr, NoQr> {
        symbol::qr(&self.phone_text())
    }

    /// What the customer's phone keeps: plain ASCII, because readers disagree about the rest.
    pub fn phone_text(&self) -> String {
        let mark = match self.worth {
            Worth::Training => "LATIHAN - JANGAN DIBAYAR\n",
            Worth::Sandbox => "SANDBOX - JANGAN DIBAYAR\n",
            Worth::Real => "",
        };
        let store = match self.store {
            Store::Alfamart => "Alfamart, Alfamidi, Dan+Dan",
            Store::Indomaret => "Indomaret",
        };
        let merchant = text::ascii(self.merchant).chars().take(40).collect::<String>();
        // A shop that has not entered its name yet has none to tell.
        let merchant = if merchant.is_empty() { merchant } else { format!("\nMerchant: {merchant}") };
        // The code stands in one piece, so that it can be copied into another app.
        format!(
            "{mark}Bayar di kasir {store}\nKode: {code}\nJumlah: {amount}\nBerlaku s.d. {until}{merchant}",
            code = text::ascii(self.code),
            amount = text::rupiah(self.rupiah),
            until = text::wib(self.until),
        )
    }
}
