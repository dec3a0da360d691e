use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount of whole rupiah: at least 1, and never more than Midtrans' `gross_amount` can hold
/// (a signed 32-bit integer in its OpenAPI block, `reference/indomaret-1.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Rupiah(u64);

/// The number is no amount a sale can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an amount lies between 1 and {} rupiah", Rupiah::MOST)]
pub struct NotRupiah;

impl Rupiah {
    /// The most that fits Midtrans' field, far above every store's limit.
    pub const MOST: u64 = i32::MAX as u64;

    /// An amount, unless it is zero or too large.
    pub fn new(rupiah: u64) -> Result<Self, NotRupiah> {
        if (1..=Self::MOST).contains(&rupiah) { Ok(Self(rupiah)) } else { Err(NotRupiah) }
    }

    /// The bare number of rupiah.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl TryFrom<u64> for Rupiah {
    type Error = NotRupiah;

    fn try_from(rupiah: u64) -> Result<Self, NotRupiah> {
        Self::new(rupiah)
    }
}

impl From<Rupiah> for u64 {
    fn from(amount: Rupiah) -> Self {
        amount.0
    }
}

/// As a till shows it: `Rp 162.500`.
impl fmt::Display for Rupiah {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rp {}", grouped(self.0))
    }
}

/// Thousands parted by dots, as money is written in Indonesia.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_as_in_indonesia() {
        let written: Vec<String> =
            [1, 999, 1_000, 162_500, 5_000_000].map(|n| Rupiah::new(n).unwrap().to_string()).into();
        assert_eq!(written, ["Rp 1", "Rp 999", "Rp 1.000", "Rp 162.500", "Rp 5.000.000"]);
    }

    #[test]
    fn no_amount_is_zero_or_beyond_midtrans() {
        assert_eq!(Rupiah::new(0), Err(NotRupiah));
        assert_eq!(Rupiah::new(Rupiah::MOST + 1), Err(NotRupiah));
        assert!(serde_json::from_str::<Rupiah>("0").is_err(), "nor can an old record smuggle one in");
    }
}
