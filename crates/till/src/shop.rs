use std::{fmt, ops::RangeInclusive, str::FromStr};

use serde::{Deserialize, Serialize};

/// A chain of stores whose tills take the payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Store {
    /// Alfamart, and with the same code Alfamidi and Dan+Dan.
    Alfamart,
    /// Indomaret. Its settlement may be reversed within five minutes.
    Indomaret,
}

/// Which Midtrans the shop talks to. Each has its own ledger and its own key, and they never mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// The simulator inside the app. Play money.
    Training,
    /// Midtrans' sandbox. Its codes must not be paid, though a store may accept them.
    Sandbox,
    /// Real money.
    Production,
}

/// A word that names no store or no environment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{given}\" is unknown; it is one of {known}")]
pub struct UnknownWord {
    given: String,
    known: &'static str,
}

impl Store {
    /// Both, in the order they are offered.
    pub const ALL: [Self; 2] = [Self::Alfamart, Self::Indomaret];

    /// The word Midtrans uses for it in `cstore.store`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Alfamart => "alfamart",
            Self::Indomaret => "indomaret",
        }
    }

    /// The name on the shop front.
    pub fn name(self) -> &'static str {
        match self {
            Self::Alfamart => "Alfamart",
            Self::Indomaret => "Indomaret",
        }
    }

    /// The least and the most one code may ask for, in rupiah (Midtrans' page on minimum and
    /// maximum transaction values, 2026-03-30).
    pub fn limits(self) -> RangeInclusive<u64> {
        match self {
            Self::Alfamart => 1..=5_000_000,
            Self::Indomaret => 10_000..=5_000_000,
        }
    }

    /// Whether a settlement may still turn into `deny` (Midtrans, transaction status cycle).
    pub fn may_reverse(self) -> bool {
        self == Self::Indomaret
    }
}

impl Environment {
    /// From play money to real money.
    pub const ALL: [Self; 3] = [Self::Training, Self::Sandbox, Self::Production];

    /// The word used on the command line, in file names and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        }
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Store {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let known = |store: &Self| store.word().eq_ignore_ascii_case(word);
        Self::ALL
            .into_iter()
            .find(known)
            .ok_or_else(|| UnknownWord { given: word.into(), known: "alfamart, indomaret" })
    }
}

impl FromStr for Environment {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let known = |environment: &Self| environment.word().eq_ignore_ascii_case(word);
        Self::ALL
            .into_iter()
            .find(known)
            .ok_or_else(|| UnknownWord { given: word.into(), known: "training, sandbox, production" })
    }
}
