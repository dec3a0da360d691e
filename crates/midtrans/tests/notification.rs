//! What counts as a notification, and what it says.

use midtrans::{Junk, NamedStore, Notification, Store, TransactionStatus};
use proptest::prelude::*;
use serde_json::{Value, json};
use time::macros::datetime;

#[test]
fn a_notification_says_everything_it_can() {
    let parsed = Notification::parse(include_bytes!("vectors/seed/indomaret-notification.json")).unwrap();
    let transaction = parsed.transaction();
    assert_eq!(parsed.order_id(), "order-101n-1578557719");
    assert_eq!(parsed.status_code(), "200");
    assert_eq!(parsed.gross_amount(), "44000.00");
    assert_eq!(transaction.status, TransactionStatus::Settlement);
    assert_eq!(transaction.rupiah(), Some(44_000));
    assert_eq!(transaction.store, Some(NamedStore::Known(Store::Indomaret)));
    assert_eq!(transaction.payment_code.as_deref(), Some("578112341234"));
    assert_eq!(transaction.approval_code.as_deref(), Some("45682001084123432248"));
    assert_eq!(transaction.merchant_id.as_deref(), Some("G812785002"));
    assert_eq!(transaction.currency.as_deref(), Some("IDR"));
    assert_eq!(transaction.fraud_status, None);
    assert_eq!(transaction.expiry_time, None);
    assert_eq!(transaction.transaction_time, Some(datetime!(2020-01-09 15:15:19 +7)));
    assert_eq!(transaction.settlement_time, Some(datetime!(2020-01-09 08:22:07 UTC)));
}

#[test]
fn the_dashboards_test_is_a_notification() {
    let parsed = with(&[
        ("order_id", json!("payment_notif_test_G812785002_8c1e5f6b-7a0f-4a53-b7d2-1c9fd7a8e001")),
        ("payment_type", json!("gopay")),
        ("gross_amount", json!("105000.00")),
        ("store", Value::Null),
    ])
    .unwrap();
    assert!(parsed.is_dashboard_test());
    assert!(parsed.order_id().len() > 50);
    assert!(!with(&[]).unwrap().is_dashboard_test());
}

#[test]
fn what_is_signed_must_be_there_as_text() {
    for field in ["order_id", "status_code", "gross_amount", "signature_key", "transaction_status"] {
        for value in [json!(null), json!(200), json!([]), json!({}), json!(true), json!("")] {
            assert_eq!(with(&[(field, value)]).unwrap_err(), Junk::Field(field));
        }
        let mut message = message();
        message.as_object_mut().unwrap().remove(field);
        let missing = Notification::parse(message.to_string().as_bytes());
        assert_eq!(missing.unwrap_err(), Junk::Field(field));
    }
}

#[test]
fn nothing_may_be_said_twice() {
    let whole = message().to_string();
    for field in ["order_id", "status_code", "gross_amount", "signature_key", "transaction_status"] {
        let escaped = field.replacen('s', "\\u0073", 1).replacen('d', "\\u0064", 1);
        for name in [field, escaped.as_str()] {
            let twice = format!("{{\"{name}\":\"x\",{}", &whole[1..]);
            assert_eq!(Notification::parse(twice.as_bytes()).unwrap_err(), Junk::NotAnObject);
        }
    }
}

#[test]
fn what_is_not_one_json_object_is_junk() {
    let whole = message().to_string();
    let junk = [
        "".into(),
        "null".into(),
        "[]".into(),
        "\"text\"".into(),
        "200".into(),
        "<html>403 Forbidden</html>".into(),
        "order_id=1&status_code=200".into(),
        format!("[{whole}]"),
        format!("{whole}{whole}"),
        format!("{whole} x"),
        format!("\u{feff}{whole}"),
        format!("{whole}\u{0}"),
        format!("{{\"deep\":{}{}", "[".repeat(100_000), "]".repeat(100_000)),
        whole.replace("{", "{/* no */"),
        whole.replace("}", ",}"),
    ];
    for text in junk {
        let parsed = Notification::parse(text.as_bytes());
        assert_eq!(parsed.unwrap_err(), Junk::NotAnObject, "{:.40}", text);
    }
    assert_eq!(Notification::parse(b"\xff\xfe{}").unwrap_err(), Junk::NotAnObject);
    assert_eq!(Notification::parse(b"{}").unwrap_err(), Junk::Field("status_code"));
}

#[test]
fn a_message_cut_anywhere_is_junk() {
    let whole = message().to_string();
    for end in 0..whole.len() {
        assert!(Notification::parse(&whole.as_bytes()[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn a_status_code_has_three_digits() {
    for code in ["2", "20", "2000", "+20", "20a", " 200", "２００", "200\u{0}", "-20", "2e2"] {
        let refused = with(&[("status_code", json!(code))]).unwrap_err();
        assert_eq!(refused, Junk::Field("status_code"), "{code:?}");
    }
}

#[test]
fn a_nul_in_an_order_id_stays_in_the_order_id() {
    let parsed = with(&[("order_id", json!("ORDER-1\u{0}"))]).unwrap();
    assert_eq!(parsed.order_id(), "ORDER-1\u{0}");
}

#[test]
fn state_and_code_must_belong_together() {
    let states = [
        ("settlement", "200"),
        ("pending", "201"),
        ("expire", "202"),
        ("cancel", "202"),
        ("deny", "202"),
        ("failure", "202"),
    ];
    for (state, right) in states {
        for code in ["200", "201", "202", "407", "404"] {
            for state in [state.to_owned(), state.to_uppercase()] {
                let parsed = with(&[("transaction_status", json!(state)), ("status_code", json!(code))]);
                assert_eq!(parsed.unwrap().consistent(), code == right, "{state} with {code}");
            }
        }
    }
    for stranger in ["capture", "refund", "authorize", "settled", "settlement "] {
        assert!(!with(&[("transaction_status", json!(stranger))]).unwrap().consistent());
    }
}

#[test]
fn paid_means_settled_and_nothing_against_it() {
    let settled = |changes: &[(&str, Value)]| with(changes).unwrap().transaction().is_settled();
    assert!(settled(&[]));
    assert!(settled(&[("fraud_status", json!("accept"))]));
    assert!(settled(&[("fraud_status", json!("ACCEPT"))]));
    assert!(settled(&[("transaction_status", json!("Settlement"))]));
    assert!(settled(&[("fraud_status", Value::Null)]));
    assert!(!settled(&[("fraud_status", json!("challenge"))]));
    assert!(!settled(&[("fraud_status", json!("deny"))]));
    assert!(!settled(&[("status_code", json!("201"))]));
    for state in ["pending", "expire", "cancel", "deny", "failure", "capture", "refund"] {
        assert!(!settled(&[("transaction_status", json!(state))]), "{state}");
    }
}

#[test]
fn an_amount_in_another_currency_is_no_amount_in_rupiah() {
    let of = |currency: Value| with(&[("currency", currency)]).unwrap().transaction().rupiah();
    assert_eq!([of(json!("IDR")), of(json!("idr")), of(json!(null))], [Some(44_000); 3]);
    assert_eq!([of(json!("USD")), of(json!("IDR ")), of(json!("RP"))], [None; 3]);
}

#[test]
fn an_amount_is_digits_and_two_noughts() {
    let rupiah = |amount: &str| with(&[("gross_amount", json!(amount))]).unwrap().transaction().rupiah();
    assert_eq!(rupiah("44000.00"), Some(44_000));
    assert_eq!(rupiah("0.00"), Some(0));
    assert_eq!(rupiah("18446744073709551615.00"), Some(u64::MAX));
    for strange in [
        "44000",
        "44000.0",
        "44000.000",
        "44000.01",
        "44.000,00",
        "44,000.00",
        "-1.00",
        "+1.00",
        " 1.00",
        "1.00 ",
        "01.00",
        "00.00",
        ".00",
        "1e3.00",
        "NaN",
        "１.00",
        "18446744073709551616.00",
    ] {
        assert_eq!(rupiah(strange), None, "{strange:?}");
    }
}

#[test]
fn what_is_missing_or_strange_is_simply_not_known() {
    let parsed = with(&[
        ("store", json!("Kioson")),
        ("payment_code", json!("")),
        ("expiry_time", json!("2020-02-30 25:00:00")),
        ("settlement_time", json!(["2020-01-09 15:22:07"])),
        ("metadata", json!({ "extra_info": { "user_id": 1 } })),
        ("a_field_of_tomorrow", json!([1, 2, 3])),
    ])
    .unwrap();
    let transaction = parsed.transaction();
    assert_eq!(transaction.store, Some(NamedStore::Other("kioson".into())));
    assert_eq!(transaction.payment_code, None);
    assert_eq!(transaction.expiry_time, None);
    assert_eq!(transaction.settlement_time, None);
    assert_eq!(transaction.transaction_id, None);
}

#[test]
fn a_capital_in_a_store_is_no_other_store() {
    let parsed = with(&[("store", json!("Indomaret"))]).unwrap();
    assert_eq!(parsed.transaction().store, Some(NamedStore::Known(Store::Indomaret)));
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Notification::parse(&bytes);
    }

    #[test]
    fn no_values_break_the_reader(
        values in prop::collection::vec(any::<String>(), 8),
    ) {
        let fields = [
            "order_id", "gross_amount", "transaction_status", "store", "fraud_status",
            "transaction_time", "settlement_time", "expiry_time",
        ];
        let changes: Vec<_> = fields.into_iter().zip(values.into_iter().map(Value::from)).collect();
        if let Ok(parsed) = with(&changes) {
            let _ = (parsed.consistent(), parsed.transaction().is_settled());
            let _ = parsed.transaction().rupiah();
        }
    }

    #[test]
    fn one_changed_byte_breaks_nothing(at in 0usize..300, byte in any::<u8>()) {
        let mut bytes = message().to_string().into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = Notification::parse(&bytes);
    }
}

fn message() -> Value {
    json!({
        "order_id": "ORDER-1",
        "status_code": "200",
        "gross_amount": "44000.00",
        "signature_key": "0".repeat(128),
        "transaction_status": "settlement",
    })
}

fn with(changes: &[(&str, Value)]) -> Result<Notification, Junk> {
    let mut message = message();
    for (field, value) in changes {
        message[*field] = value.clone();
    }
    Notification::parse(message.to_string().as_bytes())
}
