use std::{collections::BTreeMap, fmt};

/// How often what really happened, so that nobody can pass with a day on which nothing did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<&'static str, u64>);

impl Counts {
    /// It happened.
    pub fn note(&mut self, what: &'static str) {
        self.add(what, 1);
    }

    /// It happened so often.
    pub fn add(&mut self, what: &'static str, often: u64) {
        *self.0.entry(what).or_default() += often;
    }

    /// How often it happened.
    pub fn of(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or(0)
    }

    /// Takes the counts of another day along.
    pub fn merge(&mut self, other: &Self) {
        for (what, often) in &other.0 {
            self.add(what, *often);
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (what, often)) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{what} {often}")?;
        }
        Ok(())
    }
}
