//! What the merchant's dashboard would hold, and how this double behaves where the facts are unsettled.

use serde::{Deserialize, Serialize};

use crate::chance::Shape;
use crate::transaction::Store;

/// Kept over a restart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The dashboard's "Payment Notification URL".
    pub notify: Vec<String>,
    pub shapes: Shapes,
    /// Stores the merchant has no permission for: charging them answers 402.
    pub closed: Vec<Store>,
    pub manners: Manners,
    /// How far the clock is ahead of the machine's.
    pub ahead_ms: i64,
}

/// The form of each store's next payment codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shapes {
    pub alfamart: Shape,
    pub indomaret: Shape,
}

impl Default for Shapes {
    fn default() -> Shapes {
        Shapes { alfamart: Shape::Digits16, indomaret: Shape::Digits12 }
    }
}

impl Shapes {
    /// The form of this store's next code.
    pub fn of(&self, store: Store) -> Shape {
        match store {
            Store::Alfamart => self.alfamart,
            Store::Indomaret => self.indomaret,
        }
    }
}

/// Where sources disagree about Midtrans, one of them has to be followed. Each of these switches to
/// the other; all off is what most sources say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Manners {
    /// The HTTP status repeats the body's `status_code`, instead of being 200 for most.
    pub http_follows_body: bool,
    /// Looking up a cancelled transaction answers `status_code` 202, instead of 200.
    pub cancelled_is_202: bool,
    /// The `status_code` of a 400 is a JSON number, instead of text.
    pub numeric_400: bool,
    /// Charge answers, look-ups and notifications leave `expiry_time` out, as before 2023.
    pub no_expiry_time: bool,
    /// Answers and notifications leave `merchant_id` and `currency` out, as some samples do.
    pub sparse: bool,
    /// Alfamart settlements carry an `approval_code` too.
    pub alfamart_approval_code: bool,
    /// Free texts above 40 characters and item names above 50 are refused, instead of accepted.
    pub strict_texts: bool,
    /// A life above 180 days is refused, instead of trimmed.
    pub refuse_long_expiry: bool,
    /// So many seconds a transaction stays pending after its deadline.
    pub expiry_lag_seconds: u32,
}
