//! The signature, and every way in which one can be wrong.

use midtrans::{Junk, Notification, ServerKey, signature};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn every_published_signature_verifies() {
    for vector in vectors() {
        let [order_id, status_code, gross_amount, server_key, signature_key] =
            ["order_id", "status_code", "gross_amount", "server_key", "signature_key"]
                .map(|field| vector[field].as_str().unwrap());
        let key = key(server_key);
        assert_eq!(signature(order_id, status_code, gross_amount, &key), signature_key);

        let notification = signed_as(order_id, status_code, gross_amount, json!(signature_key));
        assert!(notification.unwrap().verify(&key), "{order_id}");
    }
}

#[test]
fn midtrans_own_sample_notifications_verify() {
    let key = key(vectors()[0]["server_key"].as_str().unwrap());
    for sample in [
        include_bytes!("vectors/seed/alfamart-notification.json").as_slice(),
        include_bytes!("vectors/seed/indomaret-notification.json").as_slice(),
    ] {
        let notification = Notification::parse(sample).unwrap();
        assert!(notification.verify(&key));
        assert!(notification.consistent());
        assert!(notification.transaction().is_settled());
    }
}

#[test]
fn the_case_of_the_hex_does_not_matter() {
    let upper = good().to_uppercase();
    assert!(verifies(json!(upper)));
    let mixed: String =
        good().chars().enumerate().map(|(at, c)| if at % 2 == 0 { c.to_ascii_uppercase() } else { c }).collect();
    assert!(verifies(json!(mixed)));
}

#[test]
fn no_length_but_the_whole_one_passes() {
    let twice = format!("{0}{0}{0}", good());
    for length in (0..=300).filter(|length| *length != 128) {
        let refused = signed(json!(twice[..length])).unwrap_err();
        let expected = if length == 0 { Junk::Field("signature_key") } else { Junk::Signature };
        assert_eq!(refused, expected, "{length} digits");
    }
}

#[test]
fn one_wrong_digit_anywhere_is_wrong() {
    for at in 0..128 {
        let mut digits = good().into_bytes();
        digits[at] = if digits[at] == b'0' { b'1' } else { b'0' };
        assert!(!verifies(json!(String::from_utf8(digits).unwrap())), "digit {at}");
    }
}

#[test]
fn a_right_beginning_is_not_enough() {
    for length in [1, 2, 64, 126, 127] {
        let begun = format!("{}{}", &good()[..length], "0".repeat(128 - length));
        assert!(!verifies(json!(begun)) || begun == good());
    }
}

#[test]
fn what_is_not_hex_is_no_signature() {
    let strange = [
        "g".repeat(128),
        " ".repeat(128),
        format!(" {}", &good()[1..]),
        format!("{} ", &good()[..127]),
        format!("+{}", &good()[1..]),
        format!("0x{}", &good()[2..]),
        format!("{}\u{0}", &good()[..127]),
        "０".repeat(128),
        // 128 bytes, but not 128 digits.
        "é".repeat(64),
    ];
    for text in strange {
        assert_eq!(signed(json!(text)).unwrap_err(), Junk::Signature, "{text:?}");
    }
}

#[test]
fn a_signature_is_text_and_nothing_else() {
    for value in [json!(null), json!(true), json!(0), json!([good()]), json!({ "hex": good() })] {
        assert_eq!(signed(value).unwrap_err(), Junk::Field("signature_key"));
    }
}

#[test]
fn another_key_signs_something_else() {
    let notification = signed(json!(good())).unwrap();
    for other in ["SB-Mid-server-tesT", "Mid-server-test", "SB-Mid-server-test2", "x"] {
        assert!(!notification.verify(&key(other)), "{other}");
    }
}

#[test]
fn the_amount_is_signed_as_it_is_written() {
    for rewritten in ["44000", "44000.0", "44000.000", "44,000.00", "044000.00"] {
        let notification = signed_as("ORDER-1", "200", rewritten, json!(good())).unwrap();
        assert!(!notification.verify(&key(KEY)), "{rewritten}");
    }
}

/// Midtrans' own weakness, kept as a fact: where one text ends and the next begins is not
/// signed. Whoever trusts a signature also checks the order and its amount.
#[test]
fn a_signature_fits_every_cut_of_the_same_letters() {
    let key = key(KEY);
    assert_eq!(signature("INV-7", "201", "2001000.00", &key), signature("INV-7201", "200", "1000.00", &key));
}

proptest! {
    /// What a stored order id of one form, a code of three digits and the stored amount leave
    /// over of that weakness: nothing.
    #[test]
    fn every_cut_verifies_and_only_the_right_one_is_about_a_known_order(
        order_id in "[0-9A-Z]{4}-[A-Z2-7]{18}[A-Z]",
        code in prop::sample::select(vec!["200", "201", "202"]),
        rupiah in 1u64..10_000_000,
    ) {
        let key = key(KEY);
        let amount = format!("{rupiah}.00");
        let made = signature(&order_id, code, &amount, &key);
        let joined = format!("{order_id}{code}{amount}");
        for end in 1..joined.len() - 3 {
            let (id, rest) = joined.split_at(end);
            let (other_code, other_amount) = rest.split_at(3);
            let Ok(cut) = signed_as(id, other_code, other_amount, json!(made)) else {
                continue;
            };
            prop_assert!(cut.verify(&key));
            let known = cut.order_id().len() == 24 && cut.gross_amount() == amount;
            prop_assert_eq!(known, id == order_id);
        }
    }

    #[test]
    fn whatever_is_signed_verifies(
        order_id in "[!-~]{1,70}",
        code in "[0-9]{3}",
        amount in "[0-9.,]{1,20}",
    ) {
        let made = signature(&order_id, &code, &amount, &key(KEY));
        let notification = signed_as(&order_id, &code, &amount, json!(made)).unwrap();
        prop_assert!(notification.verify(&key(KEY)));
    }

    #[test]
    fn a_made_up_signature_does_not_verify(bytes in prop::collection::vec(any::<u8>(), 64)) {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        prop_assert!(!verifies(json!(hex)));
    }

    #[test]
    fn no_text_in_place_of_a_signature_breaks_anything(text in any::<String>()) {
        prop_assert!(!signed(json!(text)).is_ok_and(|notification| notification.verify(&key(KEY))));
    }
}

const KEY: &str = "SB-Mid-server-test";

fn good() -> String {
    signature("ORDER-1", "200", "44000.00", &key(KEY))
}

fn verifies(signature_key: Value) -> bool {
    signed(signature_key).expect("128 hex digits").verify(&key(KEY))
}

fn signed(signature_key: Value) -> Result<Notification, Junk> {
    signed_as("ORDER-1", "200", "44000.00", signature_key)
}

fn signed_as(
    order_id: &str,
    status_code: &str,
    gross_amount: &str,
    signature_key: Value,
) -> Result<Notification, Junk> {
    let message = json!({
        "transaction_status": "settlement",
        "order_id": order_id,
        "status_code": status_code,
        "gross_amount": gross_amount,
        "signature_key": signature_key,
    });
    Notification::parse(message.to_string().as_bytes())
}

fn vectors() -> Vec<Value> {
    serde_json::from_str(include_str!("vectors/signatures.json")).expect("a list")
}

fn key(text: &str) -> ServerKey {
    ServerKey::parse(text.to_owned().into()).expect("a server key")
}
