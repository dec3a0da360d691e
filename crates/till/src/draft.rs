use serde::{Deserialize, Serialize};

use crate::{
    rupiah::{Rupiah, grouped},
    sale::{Item, Order},
    shop::Store,
};

/// Alfamart's tills take up to Rp 5.000.000, but in cash only this much (Midtrans' page on minimum
/// and maximum transaction values, 2026-03-30). Worth a warning, not a refusal.
pub const CASH_LIMIT_ALFAMART: u64 = 2_500_000;

/// Midtrans' expiry scheduler is dependable from about a quarter of an hour up (its POS guide).
const SHORTEST: u32 = 15;
/// Longer windows are trimmed or refused (Midtrans, `custom_expiry`): 180 days.
const LONGEST: u32 = 180 * 24 * 60;
const NAME_MOST: usize = 60;
const NOTE_MOST: usize = 100;
const EMAIL_MOST: usize = 100;
/// Midtrans' own clients cut the names of items there.
const ITEM_NAME_MOST: usize = 50;
const ITEMS_MOST: usize = 50;

/// An order as a cashier typed it. Nothing in it is right yet and nothing in it is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Rupiah, with or without dots between thousands. May be empty if there are items.
    pub amount: String,
    /// The store the customer will pay at.
    pub store: Store,
    /// What is bought, if the shop wants it on the order.
    pub items: Vec<DraftItem>,
    /// The customer's name, or empty.
    pub customer: String,
    /// The customer's phone number, or empty.
    pub phone: String,
    /// The customer's e-mail address, or empty.
    pub email: String,
    /// A note for the slip, or empty.
    pub note: String,
    /// How long the code lives: `2h`, `45m`, `3d` or `closing`.
    pub expiry: String,
}

/// One row of items as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftItem {
    /// What it is.
    pub name: String,
    /// Rupiah for one of it; a discount is negative.
    pub price: String,
    /// How many; empty means one.
    pub quantity: String,
}

/// How long a code shall live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// So many minutes.
    Minutes(u32),
    /// Until the shop closes today.
    Closing,
}

/// What is wrong with a draft, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field to go back to.
    pub field: Field,
    /// What is wrong with it.
    pub kind: FaultKind,
    /// The row of the items it is in, counted from 1.
    pub row: Option<usize>,
}

/// A field of the draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are the draft's fields")]
pub enum Field {
    Amount,
    Items,
    Customer,
    Phone,
    Email,
    Note,
    Expiry,
}

/// What is wrong with a field. Each has a sentence in the table of texts under `problem.<code>`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the sentences of the table say it")]
pub enum FaultKind {
    AmountEmpty,
    AmountNotNumber,
    AmountZero,
    AmountNegative,
    AmountBelow { min: u64, store: Store },
    AmountAbove { max: u64, store: Store },
    ItemsSum { items: i64, amount: u64 },
    ItemsMany { max: usize },
    ItemNameEmpty,
    ItemNameLong { max: usize },
    ItemPrice,
    ItemQuantity,
    TextControl,
    TextBar,
    TextDirection,
    TextEmoji,
    TextLong { max: usize },
    PhoneInvalid,
    EmailInvalid,
    ExpiryInvalid,
    ExpiryShort { min: u32 },
    ExpiryLong { max: u32 },
    ClosingPassed,
}

impl Draft {
    /// An empty draft for this store.
    pub fn empty(store: Store) -> Self {
        let nothing = String::new;
        Self {
            amount: nothing(),
            store,
            items: Vec::new(),
            customer: nothing(),
            phone: nothing(),
            email: nothing(),
            note: nothing(),
            expiry: "24h".into(),
        }
    }

    /// Checks everything Midtrans or a store would refuse for form, in the order of the screen.
    ///
    /// `minutes_to_closing` is how long the shop is still open today; `None` when it has closed.
    pub fn check(&self, minutes_to_closing: Option<u32>) -> Result<Order, Fault> {
        let mut items = Vec::with_capacity(self.items.len());
        for (place, item) in self.items.iter().enumerate() {
            items.push(item.check().map_err(|kind| Fault { row: Some(place + 1), ..at(Field::Items)(kind) })?);
        }
        if items.len() > ITEMS_MOST {
            return Err(at(Field::Items)(FaultKind::ItemsMany { max: ITEMS_MOST }));
        }
        let amount = self.amount_of(&items)?;
        let text = |field, text: &str, max| one_line(text, max).map_err(at(field));
        Ok(Order {
            amount,
            store: self.store,
            items,
            customer: text(Field::Customer, &self.customer, NAME_MOST)?,
            phone: phone(&self.phone).map_err(at(Field::Phone))?,
            email: email(&self.email).map_err(at(Field::Email))?,
            note: text(Field::Note, &self.note, NOTE_MOST)?,
            expiry_minutes: minutes(&self.expiry, minutes_to_closing).map_err(at(Field::Expiry))?,
        })
    }

    fn amount_of(&self, items: &[Item]) -> Result<Rupiah, Fault> {
        let sum: i64 = items.iter().map(|item| item.price.saturating_mul(i64::from(item.quantity))).sum();
        let amount = if self.amount.trim().is_empty() && !items.is_empty() {
            sum
        } else {
            signed(&self.amount).map_err(at(Field::Amount))?
        };
        let wrong = |kind| Err(at(Field::Amount)(kind));
        let rupiah = match u64::try_from(amount) {
            Err(_) => return wrong(FaultKind::AmountNegative),
            Ok(0) => return wrong(FaultKind::AmountZero),
            Ok(rupiah) => rupiah,
        };
        takes(self.store, rupiah)?;
        if !items.is_empty() && sum != amount {
            // Midtrans refuses a sum that differs by a single rupiah.
            return Err(at(Field::Items)(FaultKind::ItemsSum { items: sum, amount: rupiah }));
        }
        let max = *self.store.limits().end();
        Rupiah::new(rupiah).map_err(|_| at(Field::Amount)(FaultKind::AmountAbove { max, store: self.store }))
    }
}

impl Order {
    /// Whether it could be paid at this store, which need not be the one it was made for.
    pub fn suits(&self, store: Store) -> Result<(), Fault> {
        takes(store, self.amount.get())
    }
}

impl DraftItem {
    fn check(&self) -> Result<Item, FaultKind> {
        let name = one_line(&self.name, ITEM_NAME_MOST).map_err(|kind| match kind {
            FaultKind::TextLong { max } => FaultKind::ItemNameLong { max },
            other => other,
        })?;
        let quantity = if self.quantity.trim().is_empty() { "1" } else { self.quantity.trim() };
        Ok(Item {
            name: name.ok_or(FaultKind::ItemNameEmpty)?,
            price: signed(&self.price)
                .ok()
                .filter(|price| price.unsigned_abs() <= Rupiah::MOST)
                .ok_or(FaultKind::ItemPrice)?,
            quantity: quantity
                .parse()
                .ok()
                .filter(|many| (1..=100_000).contains(many))
                .ok_or(FaultKind::ItemQuantity)?,
        })
    }
}

impl Fault {
    /// The field's name in the draft.
    pub fn field(&self) -> &'static str {
        match self.field {
            Field::Amount => "amount",
            Field::Items => "items",
            Field::Customer => "customer",
            Field::Phone => "phone",
            Field::Email => "email",
            Field::Note => "note",
            Field::Expiry => "expiry",
        }
    }
}

impl FaultKind {
    /// The key of its sentence, and what goes into the gaps.
    pub fn code(&self) -> (&'static str, Vec<(&'static str, String)>) {
        use FaultKind as K;
        let money = |n: u64| grouped(n);
        match self {
            K::AmountEmpty => ("amount_empty", vec![]),
            K::AmountNotNumber => ("amount_not_number", vec![]),
            K::AmountZero => ("amount_zero", vec![]),
            K::AmountNegative => ("amount_negative", vec![]),
            K::AmountBelow { min, store } => {
                ("amount_below", vec![("min", money(*min)), ("store", store.name().into())])
            }
            K::AmountAbove { max, store } => {
                ("amount_above", vec![("max", money(*max)), ("store", store.name().into())])
            }
            K::ItemsSum { items, amount } => {
                let sign = if *items < 0 { "-" } else { "" };
                let items = format!("{sign}{}", money(items.unsigned_abs()));
                ("items_sum", vec![("items", items), ("amount", money(*amount))])
            }
            K::ItemsMany { max } => ("items_many", vec![("max", max.to_string())]),
            K::ItemNameEmpty => ("item_name_empty", vec![]),
            K::ItemNameLong { max } => ("item_name_long", vec![("max", max.to_string())]),
            K::ItemPrice => ("item_price", vec![]),
            K::ItemQuantity => ("item_quantity", vec![]),
            K::TextControl => ("text_control", vec![]),
            K::TextBar => ("text_bar", vec![]),
            K::TextDirection => ("text_direction", vec![]),
            K::TextEmoji => ("text_emoji", vec![]),
            K::TextLong { max } => ("text_long", vec![("max", max.to_string())]),
            K::PhoneInvalid => ("phone_invalid", vec![]),
            K::EmailInvalid => ("email_invalid", vec![]),
            K::ExpiryInvalid => ("expiry_invalid", vec![]),
            K::ExpiryShort { min } => ("expiry_short", vec![("min", min.to_string())]),
            K::ExpiryLong { max } => ("expiry_long", vec![("max", max.to_string())]),
            K::ClosingPassed => ("closing_passed", vec![]),
        }
    }
}

impl Expiry {
    /// Reads `2h`, `45m`, `3d` or `closing`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if text == "closing" {
            return Some(Self::Closing);
        }
        let number = text.get(..text.len().checked_sub(1)?)?;
        let each = match text.as_bytes().last()? {
            b'm' => 1,
            b'h' => 60,
            b'd' => 24 * 60,
            _ => return None,
        };
        if !number.bytes().all(|c| c.is_ascii_digit()) {
            return None;
        }
        Some(Self::Minutes(number.parse::<u32>().ok()?.saturating_mul(each)))
    }
}

/// Whether this store takes so much in one code.
fn takes(store: Store, rupiah: u64) -> Result<(), Fault> {
    let limits = store.limits();
    let wrong = |kind| Err(at(Field::Amount)(kind));
    if rupiah < *limits.start() {
        return wrong(FaultKind::AmountBelow { min: *limits.start(), store });
    }
    if rupiah > *limits.end() {
        return wrong(FaultKind::AmountAbove { max: *limits.end(), store });
    }
    Ok(())
}

fn at(field: Field) -> impl Fn(FaultKind) -> Fault {
    move |kind| Fault { field, kind, row: None }
}

/// Rupiah with an optional `Rp`, an optional minus and dots only where thousands part. A comma or
/// a dot elsewhere could mean ten times more or a hundred times less, so it is refused.
fn signed(typed: &str) -> Result<i64, FaultKind> {
    let text = typed.trim();
    let text = text.get(..2).filter(|rp| rp.eq_ignore_ascii_case("rp")).map_or(text, |_| text[2..].trim_start());
    let (minus, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    };
    if text.is_empty() {
        return Err(if minus { FaultKind::AmountNotNumber } else { FaultKind::AmountEmpty });
    }
    let groups: Vec<&str> = text.split('.').collect();
    let digits = groups.iter().all(|group| !group.is_empty() && group.bytes().all(|c| c.is_ascii_digit()));
    let parted = groups.len() == 1 || (groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3));
    if !digits || !parted {
        return Err(FaultKind::AmountNotNumber);
    }
    // Twenty nines are a number too, only too large for any store.
    let number = groups.concat().parse::<i64>().unwrap_or(i64::MAX);
    Ok(if minus { -number } else { number })
}

/// One line of text as a receipt can carry it, trimmed, or nothing.
pub fn one_line(text: &str, max: usize) -> Result<Option<String>, FaultKind> {
    let text = text.trim();
    for c in text.chars() {
        match c {
            // Alfamart refuses it in item details; nobody misses it elsewhere.
            '|' => return Err(FaultKind::TextBar),
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{061c}' | '\u{feff}' => {
                return Err(FaultKind::TextDirection);
            }
            c if c.is_control() => return Err(FaultKind::TextControl),
            // Latin letters with their accents, and the punctuation keyboards make of `'`, `"`, `-`.
            ' '..='~' | '\u{a0}'..='\u{24f}' | '\u{2013}'..='\u{201d}' => {}
            _ => return Err(FaultKind::TextEmoji),
        }
    }
    if text.chars().count() > max {
        return Err(FaultKind::TextLong { max });
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// A phone number without its decoration.
fn phone(typed: &str) -> Result<Option<String>, FaultKind> {
    let number: String = typed.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
    if number.is_empty() {
        return if typed.trim().is_empty() { Ok(None) } else { Err(FaultKind::PhoneInvalid) };
    }
    let digits = number.strip_prefix('+').unwrap_or(&number);
    if (8..=15).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit()) {
        Ok(Some(number))
    } else {
        Err(FaultKind::PhoneInvalid)
    }
}

fn email(typed: &str) -> Result<Option<String>, FaultKind> {
    let address = typed.trim();
    if address.is_empty() {
        return Ok(None);
    }
    let plain = address.bytes().all(|c| c.is_ascii_graphic() && !b"\"(),:;<>[\\]|".contains(&c));
    let parted = address.split_once('@').is_some_and(|(name, host)| {
        let host_ok = host.split('.').count() >= 2 && host.split('.').all(|part| !part.is_empty());
        !name.is_empty() && host_ok && !host.contains('@')
    });
    if plain && parted && address.len() <= EMAIL_MOST {
        Ok(Some(address.to_owned()))
    } else {
        Err(FaultKind::EmailInvalid)
    }
}

fn minutes(typed: &str, to_closing: Option<u32>) -> Result<u32, FaultKind> {
    match Expiry::parse(typed).ok_or(FaultKind::ExpiryInvalid)? {
        Expiry::Closing => to_closing.filter(|left| *left >= SHORTEST).ok_or(FaultKind::ClosingPassed),
        Expiry::Minutes(minutes) if minutes < SHORTEST => Err(FaultKind::ExpiryShort { min: SHORTEST }),
        Expiry::Minutes(minutes) if minutes > LONGEST => Err(FaultKind::ExpiryLong { max: LONGEST / (24 * 60) }),
        Expiry::Minutes(minutes) => Ok(minutes),
    }
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;
