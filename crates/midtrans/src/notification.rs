//! What Midtrans sends by itself when a payment changes. A hint: look the payment up.

use crate::{
    ServerKey, Transaction, TransactionStatus,
    object::{Object, three_digits},
    signature::Signature,
};

/// A notification of the right shape. Whether Midtrans sent it, [`verify`](Self::verify) tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    order_id: String,
    status_code: String,
    gross_amount: String,
    signature: Signature,
    transaction: Transaction,
}

/// Why a message can not be a notification; a genuine sender never sends such a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Junk {
    /// Not one whole JSON object, or one with a field twice.
    #[error("not a JSON object in which every field stands once")]
    NotAnObject,
    /// A field that is signed or decides is missing, empty or no text.
    #[error("{0} is missing or no text")]
    Field(&'static str),
    /// The signature is not 128 hex digits.
    #[error("the signature is not 128 hex digits")]
    Signature,
}

impl Notification {
    /// Reads a message and checks its shape. Limit its size before.
    pub fn parse(bytes: &[u8]) -> Result<Notification, Junk> {
        let fields = Object::read(bytes).ok_or(Junk::NotAnObject)?;
        let text = |field| fields.text(field).ok_or(Junk::Field(field));
        let status_code = text("status_code")?;
        let code = three_digits(status_code).ok_or(Junk::Field("status_code"))?;
        text("transaction_status")?;
        Ok(Notification {
            order_id: text("order_id")?.into(),
            status_code: status_code.into(),
            gross_amount: text("gross_amount")?.into(),
            signature: Signature::from_hex(text("signature_key")?).ok_or(Junk::Signature)?,
            transaction: Transaction::read(code, &fields).ok_or(Junk::Field("order_id"))?,
        })
    }

    /// Whether the holder of this key signed order id, status code and amount.
    ///
    /// It does not say that the payment is in the state the notification claims.
    pub fn verify(&self, key: &ServerKey) -> bool {
        self.signature.is_of(&self.order_id, &self.status_code, &self.gross_amount, key)
    }

    /// Whether state and status code belong together.
    ///
    /// Expiry, cancellation and refusal share one code and so one signature: this can not tell
    /// them apart, it only finds the states that were signed as something else.
    pub fn consistent(&self) -> bool {
        use TransactionStatus::*;
        let code = match self.transaction.status {
            Settlement => "200",
            Pending => "201",
            Expire | Cancel | Deny | Failure => "202",
            Other(_) => return false,
        };
        self.status_code == code
    }

    /// Whether it comes from the test button in the dashboard: correctly signed, and about a
    /// payment that never was.
    pub fn is_dashboard_test(&self) -> bool {
        self.order_id.starts_with("payment_notif_test_")
    }

    /// Our name for the payment, as it was signed. The dashboard's test has a longer one than
    /// a charge may have.
    pub fn order_id(&self) -> &str {
        &self.order_id
    }

    /// The status code, as it was signed.
    pub fn status_code(&self) -> &str {
        &self.status_code
    }

    /// The amount, as it was signed.
    pub fn gross_amount(&self) -> &str {
        &self.gross_amount
    }

    /// What the notification claims.
    pub fn transaction(&self) -> &Transaction {
        &self.transaction
    }
}
