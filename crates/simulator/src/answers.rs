//! Every body Midtrans answers with, and the HTTP status it comes under.
//!
//! The body's `status_code` and the HTTP status are two things at Midtrans: most refusals arrive
//! under HTTP 200 (fact sheet, section 1.11).

use serde::Serialize;
use serde_json::Value;

use crate::charge::Refused;
use crate::notify;
use crate::settings::Manners;
use crate::transaction::{Refusal, Status, Store, Transaction};

/// The merchant of the documentation's samples.
pub const MERCHANT_ID: &str = "G812785002";

/// What goes back to the merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub http: u16,
    pub body: String,
}

impl Answer {
    /// Whether Midtrans did what it was asked, and would remember the answer for an `Idempotency-Key`.
    pub fn is_success(&self) -> bool {
        matches!(self.field("status_code").as_deref(), Some("200" | "201" | "407"))
    }

    /// Whether it is about a transaction of Indomaret's, for which no `Idempotency-Key` works.
    pub fn is_about_indomaret(&self) -> bool {
        self.field("store").as_deref() == Some(Store::Indomaret.name())
    }

    fn field(&self, name: &str) -> Option<String> {
        let body: Value = serde_json::from_str(&self.body).ok()?;
        Some(body.get(name)?.as_str()?.to_owned())
    }
}

/// A transaction was created.
pub fn created(transaction: &Transaction, manners: &Manners) -> Answer {
    let told = Told::about(transaction, manners);
    respond("201", "Success, cstore transaction is successful", told, manners)
}

/// A look-up found it. Unlike the other answers, this one carries a signature.
pub fn found(transaction: &Transaction, server_key: &str, manners: &Manners) -> Answer {
    let code = match transaction.status {
        Status::Pending => "201",
        Status::Settlement => "200",
        Status::Expire => "407",
        Status::Cancel if manners.cancelled_is_202 => "202",
        Status::Cancel => "200",
        Status::Deny => "202",
    };
    let signature_key = notify::sign(&transaction.order_id, code, &transaction.gross_amount(), server_key);
    let told = Told {
        signature_key: Some(signature_key),
        settlement_time: transaction.settlement_time(),
        approval_code: transaction.approval_code.clone(),
        custom_field1: transaction.extras.custom_field1.clone(),
        custom_field2: transaction.extras.custom_field2.clone(),
        custom_field3: transaction.extras.custom_field3.clone(),
        metadata: notify::metadata(transaction),
        ..Told::about(transaction, manners)
    };
    respond(code, "Success, transaction is found", told, manners)
}

/// It was cancelled.
pub fn cancelled(transaction: &Transaction, manners: &Manners) -> Answer {
    let told = Told::about(transaction, manners);
    respond("200", "Success, transaction is canceled", told, manners)
}

/// It was made to expire, which Midtrans calls 407 even when it was asked for.
pub fn expired(transaction: &Transaction, manners: &Manners) -> Answer {
    let told = Told::about(transaction, manners);
    respond("407", "Success, transaction has expired", told, manners)
}

/// A charge that was not taken.
pub fn refused(refused: &Refused, id: String, manners: &Manners) -> Answer {
    match refused {
        Refused::Nothing => unexpected(),
        Refused::Malformed => {
            error("413", "The request cannot be processed due to malformed syntax in the request body", id, manners)
        }
        Refused::WrongType => error("408", "Wrong data type in the request body", id, manners),
        Refused::NotActivated => error("402", "Payment channel is not activated.", id, manners),
        Refused::Invalid(complaints) => {
            let message = "One or more parameters in the payload is invalid.";
            let told = Told { validation_messages: Some(complaints.clone()), id: Some(id), ..Told::default() };
            respond("400", message, told, manners)
        }
    }
}

/// The answer to an empty charge: no `status_code` at all.
pub fn unexpected() -> Answer {
    Answer { http: 500, body: r#"{"message": "An unexpected error occurred"}"#.to_owned() }
}

/// The order id is taken.
pub fn duplicate(id: String, manners: &Manners) -> Answer {
    let message = "The request could not be completed due to a conflict with the current state of the target resource, please try again";
    error("406", message, id, manners)
}

/// No such transaction.
pub fn unknown(id: String, manners: &Manners) -> Answer {
    error("404", "Transaction doesn't exist.", id, manners)
}

/// No such address.
pub fn no_such_address(id: String, manners: &Manners) -> Answer {
    error("404", "The requested resource is not found", id, manners)
}

/// The key is wrong, or missing.
pub fn unauthorized(id: String, manners: &Manners) -> Answer {
    let message = "Transaction cannot be authorized with the current client/server key.";
    error("401", message, id, manners)
}

/// The caller accepts no JSON.
pub fn not_acceptable(id: String, manners: &Manners) -> Answer {
    error("403", "The requested resource cannot be given in an acceptable form", id, manners)
}

/// The address exists, for another method.
pub fn wrong_method(id: String, manners: &Manners) -> Answer {
    error("405", "Http method is not allowed", id, manners)
}

/// The same `Idempotency-Key` is being worked on.
pub fn in_progress() -> Answer {
    let body = r#"{"status_code":"202","status_message":"The request is being processed"}"#;
    Answer { http: 202, body: body.to_owned() }
}

/// The transaction stays as it is.
pub fn unchanged(refusal: Refusal, id: String, manners: &Manners) -> Answer {
    let message = match refusal {
        Refusal::NotYours => "Merchant cannot modify the status of the transaction",
        Refusal::AlreadyClosed => "Transaction status cannot be updated.",
    };
    error("412", message, id, manners)
}

/// Trouble on Midtrans' own side, as a fault asks for it.
pub fn trouble(code: u16, id: String) -> Answer {
    let message = match code {
        410 => "Merchant account has been deactivated",
        429 => "Too many requests, please try again later",
        500 => "Sorry. Our system is recovering from unexpected issues. Please retry.",
        502 => "Bank connection problem",
        503 => "Bank/partner is experiencing connection issue",
        504 => "Fraud system is unavailable",
        505 => "Failed to create payment reference. Please retry",
        900 => "GENERIC_SERVICE_ERROR",
        _ => "Something went wrong",
    };
    let told = Told { id: Some(id), ..Told::default() };
    let answer = respond(&code.to_string(), message, told, &Manners::default());
    match code {
        429 | 500..600 => Answer { http: code, ..answer },
        _ => answer,
    }
}

fn error(code: &str, message: &str, id: String, manners: &Manners) -> Answer {
    respond(code, message, Told { id: Some(id), ..Told::default() }, manners)
}

fn respond(code: &str, message: &str, told: Told, manners: &Manners) -> Answer {
    let number: u16 = code.parse().unwrap_or(500);
    let http = match number {
        // Every client reads 407 as an ordinary answer, so it cannot come as an HTTP error.
        407 => 200,
        _ if manners.http_follows_body => number,
        400 | 401 | 403 | 405 => number,
        _ => 200,
    };
    let status_code = match number {
        400 if manners.numeric_400 => Value::from(number),
        _ => Value::from(code),
    };
    let body = Body { status_code, status_message: message, told };
    Answer { http, body: serde_json::to_string(&body).unwrap_or_default() }
}

#[derive(Serialize)]
struct Body<'a> {
    status_code: Value,
    status_message: &'a str,
    #[serde(flatten)]
    told: Told,
}

/// What may stand beside the status, in the order of the samples.
#[derive(Default, Serialize)]
#[serde(default)]
struct Told {
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_id: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gross_amount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fraud_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settlement_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_field1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_field2: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_field3: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation_messages: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

impl Told {
    fn about(transaction: &Transaction, manners: &Manners) -> Told {
        Told {
            transaction_id: Some(transaction.transaction_id.clone()),
            order_id: Some(transaction.order_id.clone()),
            merchant_id: (!manners.sparse).then_some(MERCHANT_ID),
            gross_amount: Some(transaction.gross_amount()),
            currency: (!manners.sparse).then_some("IDR"),
            payment_type: Some("cstore"),
            transaction_time: Some(transaction.created.wib()),
            transaction_status: Some(transaction.status.name()),
            fraud_status: (transaction.store == Store::Alfamart).then_some("accept"),
            payment_code: Some(transaction.payment_code.clone()),
            store: Some(transaction.store.name()),
            expiry_time: (!manners.no_expiry_time).then(|| transaction.expires.wib()),
            ..Told::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::pending;

    fn sample(name: &str) -> Value {
        let path = format!("{}/tests/vectors/seed/{name}", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    #[test]
    fn a_charge_answer_is_the_documentations_own_sample() {
        let manners = Manners { no_expiry_time: true, ..Manners::default() };
        let indomaret = created(&pending(Store::Indomaret), &manners);
        let body: Value = serde_json::from_str(&indomaret.body).unwrap();
        assert_eq!(body, sample("indomaret-response.json"));

        let alfamart = Transaction {
            transaction_id: "d615df87-c96f-4f5c-9d35-2d740d54c1a9".into(),
            order_id: "order-101o-1578557780".into(),
            amount: 162_500,
            payment_code: "8127740588870520".into(),
            created: crate::clock::Moment(1_578_557_779_000),
            ..pending(Store::Alfamart)
        };
        let body: Value = serde_json::from_str(&created(&alfamart, &manners).body).unwrap();
        assert_eq!(body, sample("alfamart-response.json"));
    }

    #[test]
    fn most_refusals_come_under_http_200() {
        let manners = Manners::default();
        assert_eq!(unknown(String::new(), &manners).http, 200);
        assert_eq!(unauthorized(String::new(), &manners).http, 401);
        let strict = Manners { http_follows_body: true, ..Manners::default() };
        assert_eq!(unknown(String::new(), &strict).http, 404);
        let mut transaction = pending(Store::Alfamart);
        transaction.expire().unwrap();
        assert_eq!(expired(&transaction, &strict).http, 200, "407 is not an error");
    }
}
