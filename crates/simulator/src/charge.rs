//! Reading a charge: what Midtrans takes, and what it says about the rest.

use serde_json::Value;

use crate::clock::Moment;
use crate::settings::Manners;
use crate::transaction::{Extras, Store};

/// A charge that may become a transaction.
#[derive(Debug)]
pub struct Charge {
    pub order_id: String,
    pub store: Store,
    pub amount: u64,
    pub expires: Moment,
    /// Without the notification addresses, which come in headers.
    pub extras: Extras,
}

/// Why a charge was not taken.
#[derive(Debug, PartialEq)]
pub enum Refused {
    /// Nothing, or `null`: Midtrans itself stumbles.
    Nothing,
    /// Not a JSON object.
    Malformed,
    /// A field of the wrong type.
    WrongType,
    /// A payment method this merchant has no permission for.
    NotActivated,
    /// The `validation_messages`.
    Invalid(Vec<String>),
}

const ORDER_ID_LIMIT: usize = 50;
const MESSAGE_LIMIT: usize = 20;
const FREE_TEXT_LIMIT: usize = 40;
const ITEM_TEXT_LIMIT: usize = 50;
const LONG_TEXT_LIMIT: usize = 255;
const MOST: u64 = 5_000_000;
const DAY: i64 = 24 * 60 * 60;
const DEFAULT_LIFE: i64 = DAY;
const SHORTEST_LIFE: i64 = 20;
const LONGEST_LIFE: i64 = 180 * DAY;

/// Methods Midtrans knows and this merchant has not activated.
const OTHER_METHODS: [&str; 12] = [
    "credit_card",
    "bank_transfer",
    "echannel",
    "permata",
    "gopay",
    "qris",
    "shopeepay",
    "bca_klikpay",
    "bca_klikbca",
    "cimb_clicks",
    "danamon_online",
    "akulaku",
];

/// Reads the body of `POST /v2/charge`.
pub fn read(body: &[u8], now: Moment, manners: &Manners) -> Result<Charge, Refused> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Refused::Nothing);
    }
    let request = match serde_json::from_slice(body) {
        Ok(Value::Null) => return Err(Refused::Nothing),
        Ok(request @ Value::Object(_)) => request,
        _ => return Err(Refused::Malformed),
    };
    let mut form = Form { strict: manners.strict_texts, complaints: Vec::new() };
    method(&request, &mut form)?;
    let details = form.part(&request, "transaction_details")?;
    let order_id = order_id(details, &mut form)?;
    let amount = amount(details, &mut form)?;
    let store = store(&request, &mut form)?;
    if let (Some(store), Some(amount)) = (store, amount) {
        within_limits(store, amount, &mut form);
    }
    items(&request, store, amount, &mut form)?;
    customer(&request, &mut form)?;
    let expires = expiry(&request, now, manners, &mut form)?;
    let extras = extras(&request, &mut form)?;
    match (order_id, amount, store) {
        (Some(order_id), Some(amount), Some(store)) if form.complaints.is_empty() => {
            Ok(Charge { order_id, store, amount, expires, extras })
        }
        _ => Err(Refused::Invalid(form.complaints)),
    }
}

/// The `order_id` of a charge, however wrong the rest may be, so that requests can be counted.
pub fn order_id_of(body: &[u8]) -> Option<String> {
    let request: Value = serde_json::from_slice(body).ok()?;
    Some(request.get("transaction_details")?.get("order_id")?.as_str()?.to_owned())
}

fn method(request: &Value, form: &mut Form) -> Result<(), Refused> {
    match form.text(request, "", "payment_type", LONG_TEXT_LIMIT)? {
        Some("cstore") => Ok(()),
        Some(other) if OTHER_METHODS.contains(&other) => Err(Refused::NotActivated),
        Some(_) => {
            form.complain("payment_type is not supported");
            Ok(())
        }
        None => {
            form.complain("payment_type is required");
            Ok(())
        }
    }
}

fn order_id(details: &Value, form: &mut Form) -> Result<Option<String>, Refused> {
    let id = form.text(details, "transaction_details.", "order_id", ORDER_ID_LIMIT)?;
    match id {
        None | Some("") => {
            form.complain("transaction_details.order_id is required");
            Ok(None)
        }
        Some(id) => {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~.".contains(&byte);
            if !id.bytes().all(allowed) {
                form.complain("transaction_details.order_id contains invalid characters");
            }
            Ok(Some(id.to_owned()))
        }
    }
}

fn amount(details: &Value, form: &mut Form) -> Result<Option<u64>, Refused> {
    let amount = match details.get("gross_amount") {
        None | Some(Value::Null) => {
            form.complain("transaction_details.gross_amount is required");
            return Ok(None);
        }
        Some(Value::Number(amount)) => amount,
        Some(_) => return Err(Refused::WrongType),
    };
    if amount.is_f64() {
        form.complain("transaction_details.gross_amount must not have decimals");
        return Ok(None);
    }
    match amount.as_u64() {
        Some(amount) if amount > 0 => Ok(Some(amount)),
        _ => {
            form.complain("transaction_details.gross_amount must be greater than or equal to 0.01");
            Ok(None)
        }
    }
}

fn store(request: &Value, form: &mut Form) -> Result<Option<Store>, Refused> {
    let cstore = form.part(request, "cstore")?;
    form.text(cstore, "cstore.", "message", MESSAGE_LIMIT)?;
    // The documentation's own sample has 43 characters in one of these.
    let limit = if form.strict { FREE_TEXT_LIMIT } else { LONG_TEXT_LIMIT };
    for key in ["alfamart_free_text_1", "alfamart_free_text_2", "alfamart_free_text_3"] {
        form.text(cstore, "cstore.", key, limit)?;
    }
    let Some(name) = form.text(cstore, "cstore.", "store", MESSAGE_LIMIT)? else {
        form.complain("cstore.store is required");
        return Ok(None);
    };
    let store = Store::from_name(name);
    if store.is_none() {
        form.complain("cstore.store is not supported");
    }
    Ok(store)
}

fn within_limits(store: Store, amount: u64, form: &mut Form) {
    let least = match store {
        Store::Alfamart => 1,
        Store::Indomaret => 10_000,
    };
    if amount < least {
        form.complain(&format!("transaction_details.gross_amount must be at least {least}"));
    }
    if amount > MOST {
        form.complain(&format!("transaction_details.gross_amount must be at most {MOST}"));
    }
}

fn items(request: &Value, store: Option<Store>, amount: Option<u64>, form: &mut Form) -> Result<(), Refused> {
    let items = match request.get("item_details") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(Refused::WrongType),
    };
    let mut sum: i128 = 0;
    for item in items {
        if !item.is_object() {
            return Err(Refused::WrongType);
        }
        let price = form.whole_number(item, "item_details.", "price")?;
        let quantity = form.whole_number(item, "item_details.", "quantity")?;
        if quantity.is_some_and(|quantity| quantity < 1) {
            form.complain("item_details.quantity must be greater than or equal to 1");
        }
        let row = i128::from(price.unwrap_or(0)) * i128::from(quantity.unwrap_or(0));
        sum = sum.saturating_add(row);
        let limit = if form.strict { ITEM_TEXT_LIMIT } else { LONG_TEXT_LIMIT };
        if form.text(item, "item_details.", "name", limit)?.is_none() {
            form.complain("item_details.name is required");
        }
        for key in ["id", "brand", "category", "merchant_name"] {
            form.text(item, "item_details.", key, limit)?;
        }
        let has_bar = |value: &Value| value.as_str().is_some_and(|text| text.contains('|'));
        let fields = item.as_object().into_iter().flat_map(|item| item.values());
        if store == Some(Store::Alfamart) && fields.into_iter().any(has_bar) {
            form.complain("item_details must not contain the character |");
        }
    }
    if amount.is_some_and(|amount| i128::from(amount) != sum) {
        form.complain("transaction_details.gross_amount is not equal to the sum of item_details");
    }
    Ok(())
}

fn customer(request: &Value, form: &mut Form) -> Result<(), Refused> {
    let customer = form.part(request, "customer_details")?;
    for key in ["first_name", "last_name", "email", "phone"] {
        form.text(customer, "customer_details.", key, LONG_TEXT_LIMIT)?;
    }
    Ok(())
}

fn expiry(request: &Value, now: Moment, manners: &Manners, form: &mut Form) -> Result<Moment, Refused> {
    let created = now.whole_second();
    let expiry = form.part(request, "custom_expiry")?;
    if expiry.is_null() {
        return Ok(created.plus_seconds(DEFAULT_LIFE));
    }
    let from = match form.text(expiry, "custom_expiry.", "order_time", ORDER_ID_LIMIT)? {
        None => created,
        Some(text) => Moment::from_order_time(text).unwrap_or_else(|| {
            form.complain("custom_expiry.order_time format is invalid");
            created
        }),
    };
    let unit = match form.text(expiry, "custom_expiry.", "unit", MESSAGE_LIMIT)? {
        Some("second") => 1,
        None | Some("minute") => 60,
        Some("hour") => 60 * 60,
        Some("day") => DAY,
        Some(_) => {
            form.complain("custom_expiry.unit is not supported");
            return Ok(created);
        }
    };
    // Documented as text, and a number in every sample: both are taken.
    let duration = match expiry.get("expiry_duration") {
        Some(Value::String(digits)) => digits.parse().ok(),
        _ => form.whole_number(expiry, "custom_expiry.", "expiry_duration")?,
    };
    let Some(duration) = duration else {
        form.complain("custom_expiry.expiry_duration is invalid");
        return Ok(created);
    };
    let asked = from.plus_seconds(duration.saturating_mul(unit));
    let longest = created.plus_seconds(LONGEST_LIFE);
    if asked < created.plus_seconds(SHORTEST_LIFE) {
        form.complain("custom_expiry is below minimum threshold");
    }
    if asked > longest && manners.refuse_long_expiry {
        form.complain("custom_expiry is above maximum threshold");
    }
    Ok(asked.min(longest))
}

fn extras(request: &Value, form: &mut Form) -> Result<Extras, Refused> {
    let mut field = |key| {
        let text = form.text(request, "", key, LONG_TEXT_LIMIT)?;
        Ok(text.map(str::to_owned))
    };
    let (custom_field1, custom_field2, custom_field3) =
        (field("custom_field1")?, field("custom_field2")?, field("custom_field3")?);
    let metadata = form.part(request, "metadata")?;
    Ok(Extras {
        custom_field1,
        custom_field2,
        custom_field3,
        metadata: (!metadata.is_null()).then(|| metadata.clone()),
        ..Extras::default()
    })
}

/// Looks at one field after the other and gathers what is wrong with them.
struct Form {
    strict: bool,
    complaints: Vec<String>,
}

impl Form {
    fn complain(&mut self, complaint: &str) {
        self.complaints.push(complaint.to_owned());
    }

    /// An object inside the request; `null` when it was left out.
    fn part<'a>(&self, request: &'a Value, key: &str) -> Result<&'a Value, Refused> {
        match request.get(key) {
            None => Ok(&Value::Null),
            Some(part @ (Value::Null | Value::Object(_))) => Ok(part),
            Some(_) => Err(Refused::WrongType),
        }
    }

    fn text<'a>(&mut self, part: &'a Value, path: &str, key: &str, limit: usize) -> Result<Option<&'a str>, Refused> {
        match part.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => {
                if text.chars().count() > limit {
                    self.complain(&format!("{path}{key} is too long, at most {limit} characters"));
                }
                Ok(Some(text))
            }
            Some(_) => Err(Refused::WrongType),
        }
    }

    fn whole_number(&mut self, part: &Value, path: &str, key: &str) -> Result<Option<i64>, Refused> {
        match part.get(key) {
            None | Some(Value::Null) => {
                self.complain(&format!("{path}{key} is required"));
                Ok(None)
            }
            Some(Value::Number(number)) => {
                if number.as_i64().is_none() {
                    self.complain(&format!("{path}{key} must be a whole number"));
                }
                Ok(number.as_i64())
            }
            Some(_) => Err(Refused::WrongType),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Moment = Moment(1_578_557_719_400);

    fn judge(request: &Value) -> Result<Charge, Refused> {
        read(request.to_string().as_bytes(), NOW, &Manners::default())
    }

    fn complaint(request: &Value) -> String {
        match judge(request) {
            Err(Refused::Invalid(complaints)) => complaints.join("; "),
            other => panic!("expected complaints, got {other:?}"),
        }
    }

    fn request() -> Value {
        json!({
            "payment_type": "cstore",
            "transaction_details": { "order_id": "order-101", "gross_amount": 44000 },
            "cstore": { "store": "Indomaret", "message": "Message to display" },
        })
    }

    fn with(path: &str, value: Value) -> Value {
        let mut request = request();
        match request.pointer_mut(path) {
            Some(place) => *place = value,
            None => request[path.trim_start_matches('/')] = value,
        }
        request
    }

    #[test]
    fn the_smallest_charge_lives_for_a_day() {
        let charge = judge(&request()).unwrap();
        assert_eq!((charge.store, charge.amount), (Store::Indomaret, 44_000));
        assert_eq!(charge.expires, Moment(1_578_557_719_000).plus_seconds(DAY));
    }

    #[test]
    fn nothing_is_stumbled_over_and_half_json_is_malformed() {
        let read = |body: &[u8]| read(body, NOW, &Manners::default()).unwrap_err();
        assert_eq!(read(b""), Refused::Nothing);
        assert_eq!(read(b" null "), Refused::Nothing);
        assert_eq!(read(b"{"), Refused::Malformed);
        assert_eq!(read(b"[1]"), Refused::Malformed);
        assert_eq!(read(b"\xff\xfe"), Refused::Malformed);
    }

    #[test]
    fn a_wrong_type_is_told_from_a_wrong_value() {
        assert_eq!(judge(&with("/transaction_details/gross_amount", json!("44000"))).unwrap_err(), Refused::WrongType);
        let refused = complaint(&with("/transaction_details/gross_amount", json!(44000.5)));
        assert!(refused.contains("decimals"), "{refused}");
    }

    #[test]
    fn each_store_has_its_limits() {
        let indomaret = |amount: u64| judge(&with("/transaction_details/gross_amount", json!(amount)));
        assert!(indomaret(9_999).is_err());
        assert!(indomaret(10_000).is_ok());
        assert!(indomaret(5_000_000).is_ok());
        assert!(indomaret(5_000_001).is_err());
        let mut alfamart = with("/cstore/store", json!("alfamart"));
        alfamart["transaction_details"]["gross_amount"] = json!(1);
        assert!(judge(&alfamart).is_ok());
    }

    #[test]
    fn an_order_id_has_fifty_characters_of_a_small_alphabet() {
        assert!(judge(&with("/transaction_details/order_id", json!("a".repeat(50)))).is_ok());
        assert!(judge(&with("/transaction_details/order_id", json!("aZ09-_~."))).is_ok());
        for bad in ["a".repeat(51), "a b".into(), "a#b".into(), "é".into(), String::new()] {
            assert!(judge(&with("/transaction_details/order_id", json!(bad))).is_err(), "{bad}");
        }
    }

    #[test]
    fn items_must_add_up_and_alfamart_takes_no_bar() {
        let items = json!([
            { "name": "Kopi", "price": 45000, "quantity": 1 },
            { "name": "Diskon|hemat", "price": -500, "quantity": 2 },
        ]);
        let mut request = with("/item_details", items);
        assert!(judge(&request).is_ok(), "a discount is a row of its own");
        request["cstore"]["store"] = json!("alfamart");
        assert!(complaint(&request).contains('|'));
        request["item_details"][1]["price"] = json!(-400);
        assert!(complaint(&request).contains("sum of item_details"));
    }

    #[test]
    fn an_expiry_of_less_than_twenty_seconds_is_refused_and_a_long_one_is_trimmed() {
        let expiry =
            |duration: i64, unit: &str| with("/custom_expiry", json!({ "expiry_duration": duration, "unit": unit }));
        assert!(complaint(&expiry(19, "second")).contains("below minimum threshold"));
        let created = NOW.whole_second();
        assert_eq!(judge(&expiry(20, "second")).unwrap().expires, created.plus_seconds(20));
        assert_eq!(judge(&expiry(181, "day")).unwrap().expires, created.plus_seconds(LONGEST_LIFE));
        let mut text = expiry(60, "minute");
        text["custom_expiry"] = json!({ "expiry_duration": "60" });
        assert_eq!(judge(&text).unwrap().expires, created.plus_seconds(3600), "minutes go unsaid");
        text["custom_expiry"]["order_time"] = json!("2020-01-09 14:00:00 +0700");
        assert!(judge(&text).is_err(), "a wrong desk clock shortens the life");
    }

    #[test]
    fn a_message_is_short_and_other_methods_are_not_activated() {
        assert!(judge(&with("/cstore/message", json!("x".repeat(20)))).is_ok());
        assert!(judge(&with("/cstore/message", json!("x".repeat(21)))).is_err());
        assert_eq!(judge(&with("/payment_type", json!("gopay"))).unwrap_err(), Refused::NotActivated);
    }
}
