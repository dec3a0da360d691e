use serde_json::{Map, Value, json};
use sha2::{Digest, Sha512};

use super::{Status, Transaction, wib};
use crate::chance::Chance;

/// What Midtrans answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub http: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    fn json(http: u16, body: &Value) -> Self {
        Self { http, body: body.to_string().into_bytes() }
    }

    fn error(http: u16, code: u16, message: &str) -> Self {
        let id = "81fd0b04-4c6f-4f93-8a0c-9e0d2a4a5d9e";
        Self::json(http, &json!({ "status_code": code.to_string(), "status_message": message, "id": id }))
    }

    pub(super) fn charged(transaction: &Transaction, terse: bool) -> Self {
        let message = "Success, cstore transaction is successful";
        let mut told = told(transaction, "201", message, terse);
        if terse && transaction.store == "indomaret" {
            // As in the current sample of the charge's answer.
            told.remove("store");
        }
        Self::json(if terse { 200 } else { 201 }, &told.into())
    }

    pub(super) fn status(transaction: &Transaction, key: &str, terse: bool) -> Self {
        let code = match transaction.status {
            Status::Pending => "201",
            Status::Settlement | Status::Cancel => "200",
            Status::Expire => "407",
            Status::Deny => "202",
        };
        let mut told = told(transaction, code, "Success, transaction is found", terse);
        told.insert("signature_key".into(), signature(transaction, code, key).into());
        if terse {
            // One of Midtrans' own samples writes it so.
            told.insert("transaction_status".into(), transaction.status.word().to_uppercase().into());
        }
        Self::json(200, &told.into())
    }

    pub(super) fn cancelled(transaction: &Transaction, _key: &str, terse: bool) -> Self {
        Self::json(200, &told(transaction, "200", "Success, transaction is canceled", terse).into())
    }

    pub(super) fn expired(transaction: &Transaction, _key: &str, terse: bool) -> Self {
        Self::json(200, &told(transaction, "407", "Success, transaction has expired", terse).into())
    }

    pub(super) fn not_found(http: u16) -> Self {
        Self::error(http, 404, "Transaction doesn't exist.")
    }

    pub(super) fn cannot_change(transaction: &Transaction) -> Self {
        let message = match (transaction.store, transaction.status) {
            ("indomaret", Status::Expire | Status::Cancel) => "Transaction status cannot be updated.",
            _ => "Merchant cannot modify the status of the transaction",
        };
        Self::error(200, 412, message)
    }

    pub(super) fn duplicate() -> Self {
        let message = "The request could not be completed due to a conflict with the current state of the target \
                       resource, please try again";
        Self::error(200, 406, message)
    }

    pub(super) fn key_refused() -> Self {
        Self::error(401, 401, "Unknown Merchant server_key/id")
    }

    pub(super) fn not_active() -> Self {
        Self::error(200, 402, "Payment channel is not activated.")
    }

    pub(super) fn malformed() -> Self {
        Self::error(200, 413, "The request cannot be processed due to malformed syntax in the request body")
    }

    pub(super) fn invalid(what: &str) -> Self {
        let message = "One or more parameters in the payload is invalid.";
        Self::json(400, &json!({ "status_code": "400", "status_message": message, "validation_messages": [what] }))
    }

    pub(super) fn hurried(chance: &mut Chance) -> Self {
        match chance.below(3) {
            0 => Self { http: 429, body: b"<html><title>429 Too Many Requests</title></html>".to_vec() },
            1 => Self::error(429, 429, "Too many requests"),
            _ => Self::error(200, 429, "Too many requests"),
        }
    }

    /// Midtrans, or who stands in front of it, has trouble.
    pub(super) fn broken(chance: &mut Chance) -> Self {
        let recovering = "Sorry. Our system is recovering from unexpected issues. Please retry.";
        match chance.below(9) {
            0 => Self::error(500, 500, recovering),
            1 => Self::error(200, 500, recovering),
            2 => Self { http: 500, body: br#"{"message":"An unexpected error occurred"}"#.to_vec() },
            3 => Self { http: 502, body: b"<html><h1>502 Bad Gateway</h1></html>".to_vec() },
            4 => Self::error(200, 503, "Bank/partner is experiencing connection issue."),
            5 => Self::error(200, 505, "Unable to create the payment reference."),
            6 => Self::error(200, 900, "GENERIC_SERVICE_ERROR"),
            7 => Self::error(202, 202, "The request is still being processed"),
            _ => Self { http: 403, body: b"<!DOCTYPE html><title>Attention Required! | Cloudflare</title>".to_vec() },
        }
    }
}

/// A notification about this transaction as it stands now.
pub(super) fn notification(transaction: &Transaction, key: &str) -> Vec<u8> {
    let code = match transaction.status {
        Status::Pending => "201",
        Status::Settlement => "200",
        Status::Expire | Status::Cancel | Status::Deny => "202",
    };
    let mut told = told(transaction, code, "midtrans payment notification", false);
    told.insert("signature_key".into(), signature(transaction, code, key).into());
    Value::from(told).to_string().into_bytes()
}

/// What every word about a transaction has in common.
fn told(transaction: &Transaction, code: &str, message: &str, terse: bool) -> Map<String, Value> {
    let mut told = Map::new();
    let mut say = |field: &str, value: String| told.insert(field.into(), value.into());
    say("status_code", code.into());
    say("status_message", message.into());
    say("transaction_id", transaction.id.clone());
    say("order_id", transaction.order_id.clone());
    say("gross_amount", format!("{}.00", transaction.gross()));
    say("payment_type", "cstore".into());
    say("transaction_time", wib(transaction.made).to_string());
    say("transaction_status", transaction.status.word().into());
    say("payment_code", transaction.code.clone());
    say("store", transaction.store.into());
    if let (Some(paid), Status::Settlement) = (transaction.paid, transaction.status) {
        say("settlement_time", wib(paid).to_string());
    }
    if !terse {
        say("merchant_id", "G812785002".into());
        say("currency", "IDR".into());
        say("expiry_time", wib(transaction.deadline).to_string());
        if transaction.store == "alfamart" {
            say("fraud_status", "accept".into());
        }
    }
    told
}

fn signature(transaction: &Transaction, code: &str, key: &str) -> String {
    sign(&transaction.order_id, code, &format!("{}.00", transaction.gross()), key)
}

/// The signature of these three texts: no separators, no word of the state.
pub(crate) fn sign(order_id: &str, code: &str, gross_amount: &str, key: &str) -> String {
    let digest = Sha512::digest([order_id, code, gross_amount, key].concat());
    let mut hex = String::with_capacity(128);
    for byte in digest {
        hex.push(char::from(b"0123456789abcdef"[usize::from(byte >> 4)]));
        hex.push(char::from(b"0123456789abcdef"[usize::from(byte & 15)]));
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_made_as_the_documentation_shows() {
        let made = sign("order-1", "200", "44000.00", "SB-Mid-server-x");
        let plain = Sha512::digest(b"order-120044000.00SB-Mid-server-x");
        assert_eq!(made, plain.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    }
}
