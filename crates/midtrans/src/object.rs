//! Reading a JSON object as strictly as money deserves and as leniently as Midtrans asks for:
//! nothing twice, nothing cut short, nothing after the end; unknown fields are welcome.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

/// A JSON object in which no field stands twice.
#[derive(Debug, Default)]
pub(crate) struct Object(serde_json::Map<String, Value>);

impl Object {
    pub fn read(bytes: &[u8]) -> Option<Object> {
        serde_json::from_slice(bytes).ok()
    }

    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }

    /// The text of a field, if it is there and says something.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.get(field)?.as_str().filter(|text| !text.is_empty())
    }
}

/// A status code as Midtrans writes it: three digits, nothing else.
pub(crate) fn three_digits(text: &str) -> Option<u16> {
    let digits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Object, A::Error> {
        let mut fields = serde_json::Map::new();
        while let Some((name, value)) = access.next_entry::<String, Value>()? {
            // Two readers could believe two different values; a genuine sender never does this.
            if fields.insert(name, value).is_some() {
                return Err(A::Error::custom("a field stands twice"));
            }
        }
        Ok(Object(fields))
    }
}
