//! Notifications: what they say, how they are signed, and how stubbornly they are repeated.

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

use crate::answers::MERCHANT_ID;
use crate::chance::Chance;
use crate::settings::Manners;
use crate::transaction::{Store, Transaction};

/// `lowercase_hex(SHA-512(order_id + status_code + gross_amount + server_key))`, over the texts as
/// they stand, with nothing between them.
pub fn sign(order_id: &str, status_code: &str, gross_amount: &str, server_key: &str) -> String {
    let mut digest = Sha512::new();
    for part in [order_id, status_code, gross_amount, server_key] {
        digest.update(part);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The body of the notification about this transaction as it now stands.
pub fn body(transaction: &Transaction, server_key: &str, manners: &Manners) -> String {
    let code = transaction.status.notified_code();
    let gross_amount = transaction.gross_amount();
    let extras = &transaction.extras;
    let notification = Notification {
        transaction_time: transaction.created.wib(),
        transaction_status: transaction.status.name(),
        transaction_id: &transaction.transaction_id,
        store: transaction.store.name(),
        status_message: "midtrans payment notification",
        status_code: code,
        signature_key: sign(&transaction.order_id, code, &gross_amount, server_key),
        settlement_time: transaction.settlement_time(),
        payment_type: "cstore",
        payment_code: &transaction.payment_code,
        order_id: &transaction.order_id,
        metadata: metadata(transaction),
        merchant_id: (!manners.sparse).then_some(MERCHANT_ID),
        gross_amount,
        fraud_status: (transaction.store == Store::Alfamart).then_some("accept"),
        expiry_time: (!manners.no_expiry_time).then(|| transaction.expires.wib()),
        custom_field3: extras.custom_field3.as_deref(),
        custom_field2: extras.custom_field2.as_deref(),
        custom_field1: extras.custom_field1.as_deref(),
        currency: (!manners.sparse).then_some("IDR"),
        approval_code: transaction.approval_code.as_deref(),
    };
    serde_json::to_string_pretty(&notification).unwrap_or_default()
}

/// The merchant's metadata, with what Midtrans puts in when the customer had to pay the fee.
pub fn metadata(transaction: &Transaction) -> Option<Value> {
    let own = transaction.extras.metadata.clone();
    if transaction.fee == 0 {
        return own;
    }
    let mut metadata = own.filter(Value::is_object).unwrap_or_else(|| json!({}));
    metadata["extra_info"] = json!({
        "gross_amount_info": {
            "original_amount": format!("{}.00", transaction.amount),
            "gross_amount": transaction.gross_amount(),
            "customer_imposed_payment_fee": format!("{}.00", transaction.fee),
        }
    });
    Some(metadata)
}

/// What the dashboard's "test notification" button sends: an order nobody made, correctly signed.
/// Gives the order id, which is longer than an order id may be, and the body.
pub fn test(server_key: &str, chance: &mut Chance) -> (String, String) {
    let order_id = format!("payment_notif_test_{MERCHANT_ID}_{}", chance.uuid());
    let body = json!({
        "transaction_time": "2023-11-15 18:45:13",
        "transaction_status": "settlement",
        "transaction_id": "513f1f01-c9da-474c-9fc9-d5c64364b709",
        "status_message": "midtrans payment notification",
        "status_code": "200",
        "signature_key": sign(&order_id, "200", "105000.00", server_key),
        "settlement_time": "2023-11-15 22:45:13",
        "payment_type": "gopay",
        "order_id": order_id,
        "merchant_id": MERCHANT_ID,
        "gross_amount": "105000.00",
        "fraud_status": "accept",
        "currency": "IDR",
    });
    (order_id, serde_json::to_string_pretty(&body).unwrap_or_default())
}

/// Seconds between one attempt and the next.
const LADDER: [i64; 5] = [2 * 60, 10 * 60, 30 * 60, 90 * 60, 210 * 60];

/// The first retry has been seen after 33 seconds, which is two minutes less 87 seconds.
const SHIFT: i64 = 87;

/// How many seconds Midtrans waits after its `attempts`-th attempt was answered so, or `None` when
/// it tries no more. No answer at all is `None` too.
pub fn next_attempt(answer: Option<u16>, attempts: u32, chance: &mut Chance) -> Option<i64> {
    let retries = match answer {
        Some(200..=299) | Some(301..=303) => 0,
        Some(500) => 1,
        Some(400 | 404) => 2,
        Some(503) => 4,
        _ => 5,
    };
    let rung = attempts.saturating_sub(1) as usize;
    if rung >= retries {
        return None;
    }
    let shift = chance.below(2 * SHIFT as u64 + 1) as i64 - SHIFT;
    LADDER.get(rung).map(|spacing| spacing + shift)
}

#[derive(Serialize)]
struct Notification<'a> {
    transaction_time: String,
    transaction_status: &'a str,
    transaction_id: &'a str,
    store: &'a str,
    status_message: &'a str,
    status_code: &'a str,
    signature_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    settlement_time: Option<String>,
    payment_type: &'a str,
    payment_code: &'a str,
    order_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_id: Option<&'a str>,
    gross_amount: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fraud_status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_field3: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_field2: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_field1: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_code: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;
    use crate::transaction::tests::pending;
    use crate::transaction::{Payment, Status};

    fn vector(name: &str) -> String {
        let path = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn published_signatures_are_reproduced() {
        let vectors: Vec<Value> = serde_json::from_str(&vector("signatures.json")).unwrap();
        assert_eq!(vectors.len(), 6);
        for vector in vectors {
            let field = |key: &str| vector[key].as_str().unwrap();
            let signed = sign(field("order_id"), field("status_code"), field("gross_amount"), field("server_key"));
            assert_eq!(signed, field("signature_key"));
        }
    }

    #[test]
    fn a_settlement_is_the_documentations_own_sample() {
        let vectors: Vec<Value> = serde_json::from_str(&vector("signatures.json")).unwrap();
        let key = vectors[0]["server_key"].as_str().unwrap();
        let manners = Manners { no_expiry_time: true, ..Manners::default() };

        let mut indomaret = pending(Store::Indomaret);
        let approval_code = Some("45682001084123432248".to_owned());
        let settled = Moment(1_578_558_127_000);
        indomaret.pay(Payment { fee: 0, approval_code }, settled, false).unwrap();
        assert_eq!(
            body(&indomaret, key, &manners),
            vector("seed/indomaret-notification.json").trim_end(),
            "to the letter, blanks and order included"
        );

        let mut alfamart = Transaction {
            transaction_id: "d615df87-c96f-4f5c-9d35-2d740d54c1a9".into(),
            order_id: "order-101o-1578557780".into(),
            amount: 162_500,
            payment_code: "8127740588870520".into(),
            created: Moment(1_578_557_779_000),
            ..pending(Store::Alfamart)
        };
        alfamart.pay(Payment::default(), Moment(1_578_558_009_000), false).unwrap();
        let body = body(&alfamart, key, &manners);
        assert_eq!(body, vector("seed/alfamart-notification.json").trim_end());
    }

    #[test]
    fn the_number_of_retries_depends_on_the_answer() {
        let mut chance = Chance::new(Some(3));
        let mut retries =
            |answer| (1..).take_while(|&attempt| next_attempt(answer, attempt, &mut chance).is_some()).count();
        for (answer, expected) in [
            (Some(200), 0),
            (Some(204), 0),
            (Some(302), 0),
            (Some(500), 1),
            (Some(503), 4),
            (Some(400), 2),
            (Some(404), 2),
            (Some(401), 5),
            (Some(502), 5),
            (Some(308), 5),
            (None, 5),
        ] {
            assert_eq!(retries(answer), expected, "{answer:?}");
        }
    }

    #[test]
    fn the_ladder_is_climbed_with_a_shift() {
        for seed in 0..200 {
            let mut chance = Chance::new(Some(seed));
            for (attempt, spacing) in (1..).zip([120, 600, 1800, 5400, 12600]) {
                let wait = next_attempt(None, attempt, &mut chance).unwrap();
                assert!((wait - spacing).abs() <= 87, "{wait} is not near {spacing}");
            }
        }
    }

    #[test]
    fn the_fee_is_in_the_amount_and_its_parts_in_the_metadata() {
        let mut transaction = pending(Store::Indomaret);
        transaction.pay(Payment { fee: 2_500, approval_code: None }, Moment(0), false).unwrap();
        let body: Value = serde_json::from_str(&body(&transaction, "k", &Manners::default())).unwrap();
        assert_eq!(body["gross_amount"], "46500.00");
        assert_eq!(body["signature_key"], sign(&transaction.order_id, "200", "46500.00", "k"));
        let info = &body["metadata"]["extra_info"]["gross_amount_info"];
        assert_eq!(info["original_amount"], "44000.00");
        assert_eq!(info["customer_imposed_payment_fee"], "2500.00");
    }

    #[test]
    fn the_buttons_order_id_is_longer_than_an_order_id_may_be() {
        let (order_id, body) = test("key", &mut Chance::new(Some(1)));
        assert_eq!(order_id.len(), 66);
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["signature_key"], sign(&order_id, "200", "105000.00", "key"));
        assert_eq!(body["payment_type"], "gopay");
        assert!(Status::from_name(body["transaction_status"].as_str().unwrap()).is_some());
    }
}
