use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Digits and letters that cannot be taken for one another (Crockford's base32).
const BASE32: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters only, and a prime number of them, so that the check letter sees every single slip that
/// its weights can tell apart.
const CHECK: &[u8; 23] = b"ABCDEFGHJKLMNPQRSTVWXYZ";
/// What a person can say aloud over a counter: no vowels, so that no word appears, no 0, 1.
const SPOKEN: &[u8; 28] = b"23456789BCDFGHJKMNPQRSTVWXYZ";

/// This is not an id of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this shop")]
pub struct BadId;

/// Four characters that name one desk PC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TillId([u8; 4]);

/// Midtrans' `order_id` of one attempt: exactly 24 characters, `TILL-` + 18 random + a check letter.
///
/// The signature of a notification is an unseparated concatenation, so two of its parts could be
/// cut at another place and still verify. One fixed length and a letter at the end leave no other
/// place to cut. Ninety random bits survive a restore from an old backup. Never used twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrderId([u8; 24]);

/// Our own name of a sale, unique in this ledger.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SaleId([u8; 12]);

/// The short name of a sale, to be said aloud: `K3F7`. Unique in this ledger; four characters, or
/// more once four run short.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Number(String);

impl TillId {
    /// Draws a till id from four random bytes.
    pub fn draw(chance: [u8; 4]) -> Self {
        Self(chance.map(|byte| SPOKEN[usize::from(byte) % SPOKEN.len()]))
    }
}

impl OrderId {
    /// Draws the id of a new attempt of this till from 18 random bytes.
    pub fn draw(till: TillId, chance: [u8; 18]) -> Self {
        let mut id = [b'-'; 24];
        id[..4].copy_from_slice(&till.0);
        for (place, byte) in id[5..23].iter_mut().zip(chance) {
            *place = BASE32[usize::from(byte % 32)];
        }
        id[23] = check_letter(&id);
        Self(id)
    }

    /// The 24 characters.
    pub fn as_str(&self) -> &str {
        ascii(&self.0)
    }

    /// The till that drew it.
    pub fn till(&self) -> TillId {
        TillId([self.0[0], self.0[1], self.0[2], self.0[3]])
    }
}

impl SaleId {
    /// Draws a sale's id from twelve random bytes.
    pub fn draw(chance: [u8; 12]) -> Self {
        Self(chance.map(|byte| BASE32[usize::from(byte % 32)].to_ascii_lowercase()))
    }

    /// The twelve characters.
    pub fn as_str(&self) -> &str {
        ascii(&self.0)
    }
}

impl Number {
    /// Draws a number with one character for each random byte.
    pub fn draw(chance: &[u8]) -> Self {
        Self(chance.iter().map(|byte| char::from(SPOKEN[usize::from(*byte) % SPOKEN.len()])).collect())
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TillId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let id: [u8; 4] = text.as_bytes().try_into().map_err(|_| BadId)?;
        if id.iter().all(|c| BASE32.contains(c)) { Ok(Self(id)) } else { Err(BadId) }
    }
}

impl FromStr for OrderId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let id: [u8; 24] = text.as_bytes().try_into().map_err(|_| BadId)?;
        let spelled = id[..4].iter().chain(&id[5..23]).all(|c| BASE32.contains(c));
        if spelled && id[4] == b'-' && id[23] == check_letter(&id) { Ok(Self(id)) } else { Err(BadId) }
    }
}

impl FromStr for SaleId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let id: [u8; 12] = text.as_bytes().try_into().map_err(|_| BadId)?;
        let spelled = |c: &u8| BASE32.contains(&c.to_ascii_uppercase()) && !c.is_ascii_uppercase();
        if id.iter().all(spelled) { Ok(Self(id)) } else { Err(BadId) }
    }
}

impl FromStr for Number {
    type Err = BadId;

    /// Takes what was typed, in either case.
    fn from_str(text: &str) -> Result<Self, BadId> {
        let number = text.to_ascii_uppercase();
        if (4..=8).contains(&number.len()) && number.bytes().all(|c| SPOKEN.contains(&c)) {
            Ok(Self(number))
        } else {
            Err(BadId)
        }
    }
}

/// The characters before the last, weighted by place, modulo a prime.
fn check_letter(id: &[u8; 24]) -> u8 {
    let value = |c: &u8| BASE32.iter().position(|b| b == c).unwrap_or(0);
    let body = id[..4].iter().chain(&id[5..23]);
    let sum: usize = body.enumerate().map(|(place, c)| (place + 1) * value(c)).sum();
    CHECK[sum % CHECK.len()]
}

fn ascii(bytes: &[u8]) -> &str {
    // Every way in allows ASCII only, so this never falls back.
    std::str::from_utf8(bytes).unwrap_or_default()
}

macro_rules! text_of {
    ($($id:ident = $text:expr;)*) => {$(
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text: fn(&$id) -> &str = $text;
                f.write_str(text(self))
            }
        }

        impl From<$id> for String {
            fn from(id: $id) -> Self {
                id.to_string()
            }
        }

        impl TryFrom<String> for $id {
            type Error = BadId;

            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }
    )*};
}
text_of! {
    TillId = |id| ascii(&id.0);
    OrderId = OrderId::as_str;
    SaleId = SaleId::as_str;
    Number = Number::as_str;
}

impl fmt::Debug for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SaleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_order_id_is_24_characters_midtrans_accepts_and_ends_in_a_letter(till: [u8; 4], chance: [u8; 18]) {
            let id = OrderId::draw(TillId::draw(till), chance);
            let text = id.to_string();
            prop_assert_eq!(text.len(), 24);
            prop_assert!(text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-'));
            prop_assert!(text.ends_with(|c: char| c.is_ascii_uppercase()));
            prop_assert_eq!(text.parse(), Ok(id));
            prop_assert_eq!(id.till(), TillId::draw(till));
        }

        #[test]
        fn any_text_is_refused_or_survives_unchanged(text in ".{0,40}") {
            if let Ok(id) = text.parse::<OrderId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }

        #[test]
        fn a_swapped_neighbour_is_noticed(chance: [u8; 18], place in 5_usize..22) {
            let id = OrderId::draw(TillId::draw([1, 2, 3, 4]), chance).to_string();
            let mut swapped = id.clone().into_bytes();
            swapped.swap(place, place + 1);
            let (a, b) = (id.as_bytes()[place], id.as_bytes()[place + 1]);
            let value = |c| BASE32.iter().position(|b| *b == c).unwrap_or(0);
            // Values 23 apart are the same to the check letter.
            if value(a) % 23 != value(b) % 23 {
                prop_assert!(String::from_utf8(swapped).unwrap().parse::<OrderId>().is_err());
            }
        }
    }

    #[test]
    fn a_number_may_be_typed_in_either_case_and_holds_nothing_to_mishear() {
        assert_eq!("k3f7".parse::<Number>().unwrap().as_str(), "K3F7");
        for wrong in ["", "K3F", "K0F7", "K1F7", "KAF7", "K3F7K3F7K"] {
            assert_eq!(wrong.parse::<Number>(), Err(BadId), "{wrong}");
        }
    }
}
