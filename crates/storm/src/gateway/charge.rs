use serde_json::Value;

use super::Answer;

/// A charge as Midtrans reads it.
#[derive(Clone, Debug)]
pub struct Charge {
    /// The merchant's name for it.
    pub order_id: String,
    /// Rupiah.
    pub amount: u64,
    /// `alfamart` or `indomaret`.
    pub store: &'static str,
    /// How long the code lives, in milliseconds.
    pub life: i64,
}

const DAY: i64 = 24 * 3_600_000;

impl Charge {
    /// Reads a body as strictly as the fact sheet says, or says what Midtrans would answer.
    pub fn read(body: &[u8]) -> Result<Self, Answer> {
        let body: Value = serde_json::from_slice(body).map_err(|_| Answer::malformed())?;
        let invalid = |what: &str| Answer::invalid(what);
        let details = &body["transaction_details"];
        let order_id = details["order_id"].as_str().unwrap_or_default();
        let spelled = |c: char| c.is_ascii_alphanumeric() || "-_~.".contains(c);
        if order_id.is_empty() || order_id.len() > 50 || !order_id.chars().all(spelled) {
            return Err(invalid("transaction_details.order_id is not valid"));
        }
        let amount = details["gross_amount"].as_u64().filter(|amount| *amount > 0);
        let amount = amount.ok_or_else(|| invalid("transaction_details.gross_amount is not valid"))?;
        let store = match body["cstore"]["store"].as_str().map(str::to_ascii_lowercase).as_deref() {
            Some("alfamart") => "alfamart",
            Some("indomaret") => "indomaret",
            _ => return Err(invalid("cstore.store is not valid")),
        };
        if body["payment_type"] != "cstore" {
            return Err(invalid("payment_type is not valid"));
        }
        if let Some(items) = body["item_details"].as_array() {
            let worth = |item: &Value| Some(item["price"].as_i64()? * item["quantity"].as_i64()?);
            let sum: Option<i64> = items.iter().map(worth).sum();
            if sum != i64::try_from(amount).ok() {
                return Err(invalid("transaction_details.gross_amount is not equal to the sum of item_details"));
            }
        }
        let expiry = &body["custom_expiry"];
        let life = match expiry["expiry_duration"].as_i64() {
            None => DAY,
            Some(count) => {
                let unit = match expiry["unit"].as_str().unwrap_or("minute") {
                    "second" => 1_000,
                    "minute" => 60_000,
                    "hour" => 3_600_000,
                    "day" => DAY,
                    _ => return Err(invalid("custom_expiry.unit is not valid")),
                };
                (count * unit).min(180 * DAY)
            }
        };
        if life < 20_000 {
            return Err(invalid("custom_expiry is below minimum threshold"));
        }
        Ok(Self { order_id: order_id.to_owned(), amount, store, life })
    }
}
