use std::time::Duration;

use slip::{Language, Order, Scanning, Shop, Slip, Store, Worth, text};
use till::{Environment, Sale};

use crate::{Counter, Problem, wib};

/// What the screen shows beside the words once there is a payment code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// The payment code in groups of four.
    pub groups: Vec<String>,
    /// Rows of the QR for the customer's phone, `1` is dark.
    pub qr: Option<Vec<String>>,
    /// Code 39 as widths in modules, bar first; nothing where a store must not scan it.
    pub bars: Option<Vec<u8>>,
    /// The name the store's till asks for.
    pub merchant: String,
}

impl Counter {
    /// The code of a sale for the screen. Empty while there is none to pay.
    pub fn card(&self, sale: &Sale) -> Result<Card, Problem> {
        let settings = self.ledger.settings()?;
        let merchant = if settings.merchant_name.is_empty() { &settings.shop_name } else { &settings.merchant_name };
        let Some(attempt) = sale.attempt() else { return Ok(Card { merchant: merchant.clone(), ..Card::default() }) };
        let (Some(code), Some(until)) = (&attempt.payment_code, attempt.expires_at) else {
            return Ok(Card { merchant: merchant.clone(), ..Card::default() });
        };
        let till = self.ledger.till().to_string();
        let order = Order {
            number: sale.number.as_str(),
            order_id: attempt.order_id.as_str(),
            store: match attempt.store {
                till::Store::Alfamart => Store::Alfamart,
                till::Store::Indomaret => Store::Indomaret,
            },
            code,
            rupiah: attempt.amount,
            items: &[],
            customer: sale.order.customer.as_deref().unwrap_or_default(),
            note: sale.order.note.as_deref().unwrap_or_default(),
        };
        let shop = Shop {
            name: &settings.shop_name,
            logo: None,
            lines: &[],
            till: &till,
            worth: match self.ledger.environment() {
                Environment::Training => Worth::Training,
                Environment::Sandbox => Worth::Sandbox,
                Environment::Production => Worth::Real,
            },
            language: Language::Indonesian,
        };
        let slip = Slip {
            shop,
            order,
            until: wib::local(until),
            margin: Duration::ZERO,
            made_at: wib::local(attempt.made_at.unwrap_or(attempt.intended_at)),
            merchant,
            copy: 0,
            scanning: Scanning { alfamart: settings.alfamart_barcode, ..Scanning::default() },
        };
        let payable = attempt.is_live();
        Ok(Card {
            groups: text::groups(code),
            qr: slip.qr().ok().filter(|_| payable).map(|qr| qr.rows()),
            bars: slip.bars().filter(|_| payable).map(|bars| bars.widths().to_vec()),
            merchant: merchant.clone(),
        })
    }
}
