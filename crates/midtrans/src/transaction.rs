//! What Midtrans says about a payment, read leniently: missing is `None`, new is ignored.

use time::{
    OffsetDateTime, PrimitiveDateTime, UtcOffset,
    format_description::BorrowedFormatItem,
    macros::{format_description, offset},
};

use crate::{Store, object::Object};

/// A payment as Midtrans knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Our name for it.
    pub order_id: String,
    /// The result of *this answer*, such as 200, 201, 202 or 407. It is not the payment's state.
    pub status_code: u16,
    /// The payment's state.
    pub status: TransactionStatus,
    /// Midtrans' name for it.
    pub transaction_id: Option<String>,
    /// What the fraud check said, if it spoke.
    pub fraud_status: Option<String>,
    /// The amount, as written and as a number.
    pub gross_amount: Option<GrossAmount>,
    /// The store it is to be paid at.
    pub store: Option<NamedStore>,
    /// The code the customer shows: opaque text with its leading zeros.
    pub payment_code: Option<String>,
    /// `IDR`.
    pub currency: Option<String>,
    /// The merchant's account.
    pub merchant_id: Option<String>,
    /// What Indomaret's till wrote on the receipt.
    pub approval_code: Option<String>,
    /// When it was charged, in WIB.
    pub transaction_time: Option<OffsetDateTime>,
    /// When it was paid at the till, in WIB. The money reaches the bank later.
    pub settlement_time: Option<OffsetDateTime>,
    /// Until when it can be paid, in WIB. Older answers lack it.
    pub expiry_time: Option<OffsetDateTime>,
}

/// The state of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransactionStatus {
    /// The code can be paid.
    Pending,
    /// It was paid. At Indomaret this can still turn into [`Deny`](TransactionStatus::Deny).
    Settlement,
    /// Nobody paid in time.
    Expire,
    /// It was cancelled, by us or in the dashboard.
    Cancel,
    /// It was refused, or a payment at Indomaret was taken back.
    Deny,
    /// Something broke on Midtrans' side.
    Failure,
    /// A word we do not know, in lower case.
    Other(String),
}

/// An amount as Midtrans writes it, `44000.00`. The raw text is what is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrossAmount(String);

/// A store as Midtrans names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedStore {
    /// One of ours.
    Known(Store),
    /// Another chain, in lower case.
    Other(String),
}

impl Transaction {
    /// Whether this says that the customer paid: code 200, settled, nothing against it.
    pub fn is_settled(&self) -> bool {
        let accepted = |fraud: &String| fraud.eq_ignore_ascii_case("accept");
        self.status_code == 200
            && self.status == TransactionStatus::Settlement
            && self.fraud_status.as_ref().is_none_or(accepted)
    }

    /// The amount in whole rupiah, if it is written as Midtrans always writes it. So many dollars are
    /// no rupiah.
    pub fn rupiah(&self) -> Option<u64> {
        let rupiah = self.currency.as_ref().is_none_or(|currency| currency.eq_ignore_ascii_case("IDR"));
        self.gross_amount.as_ref().filter(|_| rupiah)?.rupiah()
    }

    /// Reads what an answer and a notification have in common.
    pub(crate) fn read(status_code: u16, fields: &Object) -> Option<Transaction> {
        let owned = |field| fields.text(field).map(str::to_owned);
        let time = |field| fields.text(field).and_then(wib);
        Some(Transaction {
            order_id: owned("order_id")?,
            status_code,
            status: TransactionStatus::named(fields.text("transaction_status")?),
            transaction_id: owned("transaction_id"),
            fraud_status: owned("fraud_status"),
            gross_amount: owned("gross_amount").map(GrossAmount),
            store: fields.text("store").map(NamedStore::named),
            payment_code: owned("payment_code"),
            currency: owned("currency"),
            merchant_id: owned("merchant_id"),
            approval_code: owned("approval_code"),
            transaction_time: time("transaction_time"),
            settlement_time: time("settlement_time"),
            expiry_time: time("expiry_time"),
        })
    }
}

impl TransactionStatus {
    fn named(name: &str) -> TransactionStatus {
        // One of Midtrans' own samples writes PENDING.
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "pending" => TransactionStatus::Pending,
            "settlement" => TransactionStatus::Settlement,
            "expire" => TransactionStatus::Expire,
            "cancel" => TransactionStatus::Cancel,
            "deny" => TransactionStatus::Deny,
            "failure" => TransactionStatus::Failure,
            _ => TransactionStatus::Other(name),
        }
    }
}

impl GrossAmount {
    /// The text as it was received.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whole rupiah. Anything but digits and `.00` is not an amount we understand.
    pub fn rupiah(&self) -> Option<u64> {
        let whole = self.0.strip_suffix(".00")?;
        let plain = whole == "0" || !whole.starts_with('0');
        let digits = whole.bytes().all(|byte| byte.is_ascii_digit());
        (plain && digits).then(|| whole.parse().ok())?
    }
}

impl NamedStore {
    fn named(name: &str) -> NamedStore {
        let name = name.to_ascii_lowercase();
        [Store::Alfamart, Store::Indomaret]
            .into_iter()
            .find(|store| store.as_str() == name)
            .map_or(NamedStore::Other(name), NamedStore::Known)
    }
}

/// Midtrans writes western Indonesian time and does not say so.
const WIB: UtcOffset = offset!(+7);

const WIRE_TIME: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

fn wib(text: &str) -> Option<OffsetDateTime> {
    let time = PrimitiveDateTime::parse(text, WIRE_TIME).ok()?;
    Some(time.assume_offset(WIB))
}
