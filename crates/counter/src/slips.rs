use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ledger::{Ledger, Logo, Settings};
use slip::{
    Item, Language, Order, Receipt, Scanning, Shop, Slip, Store, Worth, raster::Picture, symbol::Symbology, text,
};
use till::{Attempt, Environment, Sale, Time};

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
        let merchant = merchant(&settings).to_owned();
        let card = sale.attempt().and_then(|attempt| {
            let payable = attempt.is_live();
            with_slip(&self.ledger, &settings, sale, attempt, 0, |slip| Card {
                groups: text::groups(slip.order.code),
                qr: slip.qr().ok().filter(|_| payable).map(|qr| qr.rows()),
                bars: slip.bars().filter(|_| payable).map(|bars| bars.widths().to_vec()),
                merchant: merchant.clone(),
            })
        });
        Ok(card.unwrap_or(Card { merchant, ..Card::default() }))
    }
}

/// Makes something of the slip of an attempt; nothing while it has no code.
pub(crate) fn with_slip<T>(
    ledger: &Ledger,
    settings: &Settings,
    sale: &Sale,
    attempt: &Attempt,
    copy: u32,
    make: impl FnOnce(&Slip<'_>) -> T,
) -> Option<T> {
    let until = attempt.payment_code.as_ref().and(attempt.expires_at)?;
    let (head, items) = (Head::of(ledger, settings), items(sale));
    Some(make(&Slip {
        shop: head.shop(),
        order: order(sale, attempt, &items),
        until: wib::local(until),
        margin: Duration::from_secs(60 * u64::from(settings.paper.margin_minutes)),
        made_at: wib::local(attempt.made_at.unwrap_or(attempt.intended_at)),
        merchant: merchant(settings),
        copy,
        scanning: scanning(settings),
    }))
}

/// Makes something of the receipt of an attempt that was paid.
pub(crate) fn with_receipt<T>(
    ledger: &Ledger,
    settings: &Settings,
    sale: &Sale,
    attempt: &Attempt,
    copy: u32,
    now: Time,
    make: impl FnOnce(&Receipt<'_>) -> T,
) -> T {
    let (head, items) = (Head::of(ledger, settings), items(sale));
    make(&Receipt {
        shop: head.shop(),
        order: order(sale, attempt, &items),
        paid_at: wib::local(attempt.paid_at.or(attempt.confirmed_at).unwrap_or(sale.ordered_at)),
        printed_at: wib::local(now),
        copy,
    })
}

/// What stands on every paper of the shop.
pub(crate) struct Head<'a> {
    settings: &'a Settings,
    environment: Environment,
    till: String,
    logo: Option<Picture>,
}

impl<'a> Head<'a> {
    pub(crate) fn of(ledger: &Ledger, settings: &'a Settings) -> Self {
        let logo = settings.paper.logo.as_ref().and_then(picture);
        Self { settings, environment: ledger.environment(), till: ledger.till().to_string(), logo }
    }

    pub(crate) fn shop(&self) -> Shop<'_> {
        Shop {
            name: &self.settings.shop_name,
            logo: self.logo.as_ref(),
            lines: &self.settings.paper.lines,
            till: &self.till,
            worth: match self.environment {
                Environment::Training => Worth::Training,
                Environment::Sandbox => Worth::Sandbox,
                Environment::Production => Worth::Real,
            },
            language: if self.settings.paper.english { Language::English } else { Language::Indonesian },
        }
    }
}

/// A logo as it is kept.
pub(crate) fn kept(logo: &Picture) -> Option<Logo> {
    Some(Logo { width: u32::try_from(logo.width()).ok()?, dots: BASE64_STANDARD.encode(logo.packed()) })
}

/// A logo that was kept; nothing if it is none, or larger than a paper's.
pub(crate) fn picture(logo: &Logo) -> Option<Picture> {
    let (width, height) = Picture::LOGO;
    let rows = BASE64_STANDARD.decode(&logo.dots).ok()?;
    let picture = Picture::unpacked(usize::try_from(logo.width).ok()?, &rows)?;
    Some(picture).filter(|picture| picture.width() <= width && picture.height() <= height)
}

/// An order on its papers.
fn order<'a>(sale: &'a Sale, attempt: &'a Attempt, items: &'a [Item<'a>]) -> Order<'a> {
    Order {
        number: sale.number.as_str(),
        order_id: attempt.order_id.as_str(),
        store: store(attempt.store),
        code: attempt.payment_code.as_deref().unwrap_or_default(),
        rupiah: attempt.amount,
        items,
        customer: sale.order.customer.as_deref().unwrap_or_default(),
        note: sale.order.note.as_deref().unwrap_or_default(),
    }
}

/// What was bought, on paper.
fn items(sale: &Sale) -> Vec<Item<'_>> {
    let rows = sale.order.items.iter();
    rows.map(|row| Item {
        name: &row.name,
        count: u64::from(row.quantity),
        rupiah: row.price.saturating_mul(i64::from(row.quantity)),
    })
    .collect()
}

pub(crate) fn store(store: till::Store) -> Store {
    match store {
        till::Store::Alfamart => Store::Alfamart,
        till::Store::Indomaret => Store::Indomaret,
    }
}

/// Which bars the owner wants.
pub(crate) fn scanning(settings: &Settings) -> Scanning {
    let symbology = if settings.paper.code_128 { Symbology::Code128 } else { Symbology::Code39 };
    Scanning { alfamart: settings.alfamart_barcode, symbology }
}

fn merchant(settings: &Settings) -> &str {
    if settings.merchant_name.is_empty() { &settings.shop_name } else { &settings.merchant_name }
}
