//! The bytes of a charge.

use std::time::Duration;

use midtrans::{Charge, Customer, Item, Store};
use serde_json::{Value, json};

#[test]
fn the_least_a_charge_says() {
    assert_eq!(
        String::from_utf8(least().to_bytes()).unwrap(),
        r#"{"payment_type":"cstore","transaction_details":{"order_id":"order-101","gross_amount":44000},"cstore":{"store":"indomaret"}}"#
    );
}

#[test]
fn the_same_charge_is_the_same_bytes() {
    assert_eq!(most().to_bytes(), most().clone().to_bytes());
}

#[test]
fn the_samples_of_midtrans_are_what_we_send() {
    let alfamart = Charge {
        store: Store::Alfamart,
        message: Some("Message ".into()),
        free_texts: ["1st row of receipt,".into(), "This is the 2nd row,".into(), "3rd row. The end.".into()],
        ..least()
    };
    let mut sample: Value = serde_json::from_str(include_str!("vectors/seed/alfamart-request.json")).unwrap();
    sample["cstore"]["message"] = json!("Message");
    assert_eq!(said(&alfamart), sample);

    let indomaret = Charge { message: Some("Message to display".into()), ..least() };
    let sample: Value = serde_json::from_str(include_str!("vectors/seed/indomaret-request.json")).unwrap();
    assert_eq!(said(&indomaret), sample);
}

#[test]
fn the_most_a_charge_says() {
    assert_eq!(
        said(&most()),
        json!({
            "payment_type": "cstore",
            "transaction_details": { "order_id": "order-101", "gross_amount": 44000 },
            "cstore": { "store": "alfamart", "message": "Toko", "alfamart_free_text_2": "two" },
            "item_details": [
                { "price": 25000, "quantity": 2, "name": "Kopi / gula" },
                { "price": -6000, "quantity": 1, "name": "-" },
            ],
            "customer_details": { "first_name": "Ayu", "phone": "0812" },
            "custom_expiry": { "expiry_duration": 90, "unit": "minute" },
        })
    );
}

#[test]
fn texts_for_paper_are_cut_and_plain() {
    let charge = Charge {
        store: Store::Alfamart,
        message: Some("é|\n".to_owned() + &"m".repeat(50)),
        free_texts: ["f".repeat(41), "\t \n".into(), String::new()],
        items: vec![Item { name: "n".repeat(51), price: 44_000, quantity: 1 }],
        ..least()
    };
    let said = said(&charge);
    assert_eq!(said["cstore"]["message"], format!("?/ {}", "m".repeat(17)));
    assert_eq!(said["cstore"]["alfamart_free_text_1"], "f".repeat(40));
    assert_eq!(said["cstore"]["alfamart_free_text_2"], Value::Null);
    assert_eq!(said["item_details"][0]["name"], "n".repeat(50));
}

#[test]
fn indomaret_gets_no_rows_for_alfamart() {
    let charge = Charge { free_texts: ["a".into(), "b".into(), "c".into()], ..least() };
    assert_eq!(said(&charge)["cstore"], json!({ "store": "indomaret" }));
}

#[test]
fn half_a_minute_is_sent_in_seconds() {
    let charge = Charge { expiry: Some(Duration::from_secs(90)), ..least() };
    assert_eq!(said(&charge)["custom_expiry"], json!({ "expiry_duration": 90, "unit": "second" }));
}

#[test]
fn a_customer_without_anything_is_left_out() {
    let customer = Customer { name: Some("  ".into()), phone: Some(String::new()), ..Customer::default() };
    let charge = Charge { customer: Some(customer), ..least() };
    assert_eq!(said(&charge)["customer_details"], Value::Null);
}

fn least() -> Charge {
    Charge {
        order_id: "order-101".into(),
        gross_amount: 44_000,
        store: Store::Indomaret,
        message: None,
        free_texts: Default::default(),
        items: Vec::new(),
        customer: None,
        expiry: None,
    }
}

fn most() -> Charge {
    Charge {
        store: Store::Alfamart,
        message: Some("Toko".into()),
        free_texts: [String::new(), "two".into(), String::new()],
        items: vec![
            Item { name: "Kopi | gula".into(), price: 25_000, quantity: 2 },
            Item { name: String::new(), price: -6_000, quantity: 1 },
        ],
        customer: Some(Customer { name: Some("Ayu".into()), phone: Some("0812".into()), email: None }),
        expiry: Some(Duration::from_secs(90 * 60)),
        ..least()
    }
}

fn said(charge: &Charge) -> Value {
    serde_json::from_slice(&charge.to_bytes()).expect("JSON")
}
