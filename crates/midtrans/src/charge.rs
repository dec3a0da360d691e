//! The charge request, as bytes that never change between two sendings.

use std::time::Duration;

/// What Midtrans is asked for: one payment code at one store.
///
/// Whoever fills it in has checked it: amount within the store's limits, items that add up,
/// an `order_id` of at most 50 letters, digits and `-_~.`. Texts for paper are cut to the
/// lengths Midtrans documents, since what it does with longer ones is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Our name for the payment on Midtrans' side; used once, ever.
    pub order_id: String,
    /// Whole rupiah.
    pub gross_amount: u64,
    /// Where the customer will pay.
    pub store: Store,
    /// What the cashier's screen at the store shows; at most 20 characters arrive.
    pub message: Option<String>,
    /// Three rows for Alfamart's receipt, at most 40 characters each; empty ones and all of
    /// Indomaret's are left out.
    pub free_texts: [String; 3],
    /// What is bought. Either empty, or prices times quantities make up the amount.
    pub items: Vec<Item>,
    /// Who buys. Indomaret's receipt shows the name; nothing else needs any of it.
    pub customer: Option<Customer>,
    /// How long the code can be paid; Midtrans' own default is 24 hours.
    ///
    /// It counts from Midtrans' clock, so that a wrong clock at the desk can not void a code.
    pub expiry: Option<Duration>,
}

/// A chain of stores whose tills take the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Store {
    /// Alfamart, Alfamidi and Dan+Dan.
    Alfamart,
    /// Indomaret.
    Indomaret,
}

/// One row of what is bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The name, of which at most 50 characters arrive.
    pub name: String,
    /// Whole rupiah for one; negative for a discount.
    pub price: i64,
    /// How many, at least one.
    pub quantity: u32,
}

/// Who buys. Nothing here is needed for a cash sale.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// The name on Indomaret's receipt.
    pub name: Option<String>,
    /// A telephone number.
    pub phone: Option<String>,
    /// An address Midtrans may write to. Leave it out rather than inventing one.
    pub email: Option<String>,
}

impl Store {
    /// The name Midtrans gives it.
    pub fn as_str(self) -> &'static str {
        match self {
            Store::Alfamart => "alfamart",
            Store::Indomaret => "indomaret",
        }
    }
}

impl Charge {
    /// The request body. Keep these bytes: sending the same order again means sending them
    /// again, unchanged.
    pub fn to_bytes(&self) -> Vec<u8> {
        let rows = match self.store {
            Store::Alfamart => self.free_texts.each_ref().map(|row| plain(row, 40)),
            Store::Indomaret => Default::default(),
        };
        let [row_1, row_2, row_3] = rows;
        let body = wire::Body {
            payment_type: "cstore",
            transaction_details: wire::Details { order_id: &self.order_id, gross_amount: self.gross_amount },
            cstore: wire::Cstore {
                store: self.store.as_str(),
                message: self.message.as_deref().and_then(|text| plain(text, 20)),
                alfamart_free_text_1: row_1,
                alfamart_free_text_2: row_2,
                alfamart_free_text_3: row_3,
            },
            item_details: self.items.iter().map(wire::Item::from).collect(),
            customer_details: self.customer.as_ref().and_then(wire::Customer::of),
            custom_expiry: self.expiry.map(wire::Expiry::from),
        };
        serde_json::to_vec(&body).expect("strings and whole numbers always become JSON")
    }
}

/// Printable ASCII without `|`, which Alfamart's interface reserves, at most `limit` long.
fn plain(text: &str, limit: usize) -> Option<String> {
    let plain: String = text
        .trim()
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .map(|c| match c {
            '|' => '/',
            ' '..='~' => c,
            _ => '?',
        })
        .take(limit)
        .collect();
    (!plain.is_empty()).then_some(plain)
}

/// The body as Midtrans reads it. The order of the fields is the order on the wire.
mod wire {
    use std::time::Duration;

    use serde::Serialize;

    use super::plain;

    #[derive(Serialize)]
    pub struct Body<'a> {
        pub payment_type: &'a str,
        pub transaction_details: Details<'a>,
        pub cstore: Cstore,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub item_details: Vec<Item>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub customer_details: Option<Customer<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub custom_expiry: Option<Expiry>,
    }

    #[derive(Serialize)]
    pub struct Details<'a> {
        pub order_id: &'a str,
        pub gross_amount: u64,
    }

    #[derive(Serialize)]
    pub struct Cstore {
        pub store: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub message: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub alfamart_free_text_1: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub alfamart_free_text_2: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub alfamart_free_text_3: Option<String>,
    }

    #[derive(Serialize)]
    pub struct Item {
        price: i64,
        quantity: u32,
        name: String,
    }

    impl From<&super::Item> for Item {
        fn from(item: &super::Item) -> Item {
            Item {
                price: item.price,
                quantity: item.quantity,
                // A row must have a name.
                name: plain(&item.name, 50).unwrap_or_else(|| "-".into()),
            }
        }
    }

    #[derive(Serialize)]
    pub struct Customer<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        first_name: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        phone: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        email: Option<&'a str>,
    }

    impl<'a> Customer<'a> {
        pub fn of(customer: &'a super::Customer) -> Option<Customer<'a>> {
            let first_name = customer.name.as_deref().and_then(|name| plain(name, 255));
            let phone = customer.phone.as_deref().filter(|phone| !phone.is_empty());
            let email = customer.email.as_deref().filter(|email| !email.is_empty());
            let empty = first_name.is_none() && phone.is_none() && email.is_none();
            (!empty).then_some(Customer { first_name, phone, email })
        }
    }

    #[derive(Serialize)]
    pub struct Expiry {
        expiry_duration: u64,
        unit: &'static str,
    }

    impl From<Duration> for Expiry {
        fn from(span: Duration) -> Expiry {
            let seconds = span.as_secs();
            if seconds.is_multiple_of(60) {
                Expiry { expiry_duration: seconds / 60, unit: "minute" }
            } else {
                Expiry { expiry_duration: seconds, unit: "second" }
            }
        }
    }
}
