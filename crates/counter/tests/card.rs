//! The code on the screen is the code the order holds.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod shop;

use rxing::{BarcodeFormat, helpers::detect_in_luma};
use serde_json::json;
use shop::{Shop, code};
use till::{From, Store};

/// What a phone reads when it is held against the screen.
fn read(rows: &[String]) -> String {
    let (module, quiet) = (4, 4);
    let width = (rows.len() + 2 * quiet) * module;
    let mut luma = vec![255_u8; width * width];
    for (y, row) in rows.iter().enumerate() {
        for (x, dark) in row.bytes().enumerate().filter(|(_, dark)| *dark == b'1').map(|(x, _)| (x, true)) {
            for place in 0..module * module {
                let (dx, dy) = (place % module, place / module);
                luma[((y + quiet) * module + dy) * width + (x + quiet) * module + dx] = if dark { 0 } else { 255 };
            }
        }
    }
    let side = u32::try_from(width).unwrap();
    detect_in_luma(luma, side, side, Some(BarcodeFormat::QR_CODE)).unwrap().getText().to_owned()
}

#[tokio::test]
async fn the_qr_on_the_screen_holds_the_code_of_the_order_whatever_its_shape() {
    let shop = Shop::open().await;
    for shape in ["12", "14", "16", "18", "leading_zero", "letter"] {
        shop.control("code-shape", json!({ "store": "indomaret", "shape": shape })).await;
        let sale = shop.charge(Store::Indomaret).await;
        let card = shop.counter.card(&sale).unwrap();
        let text = read(&card.qr.unwrap());
        assert!(text.contains(&format!("Kode: {}\n", code(&sale))), "{shape}: {text}");
        assert!(text.contains("Rp 44.000"), "{text}");
        assert!(text.starts_with("SANDBOX"), "nobody may take it for money: {text}");
        assert_eq!(card.groups.concat(), code(&sale));
        assert_eq!(card.bars, None, "a store must not scan a sandbox code");
    }
}

#[tokio::test]
async fn a_code_that_cannot_be_paid_any_more_is_not_offered_to_a_phone() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Alfamart).await;
    let sale = shop.counter.cancel(sale.id.as_str(), From::Cashier).await.unwrap();
    assert_eq!(shop.counter.card(&sale).unwrap().qr, None);
}
