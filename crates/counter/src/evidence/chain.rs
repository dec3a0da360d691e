use std::ops::RangeInclusive;

use ledger::{Finding, Verdict, What};
use serde::Serialize;
use till::Entry;

/// What the chain says about the entries of one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chain {
    /// What it comes to.
    pub verdict: Integrity,
    /// Entries of this order that are not what was sealed.
    pub changed: Vec<i64>,
    /// Entries that are missing from the log, first and last, and may have been about this order.
    pub missing: Vec<(i64, i64)>,
    /// Entries of this order that nothing proves, because they were written without the key or sealed
    /// with one that is gone.
    pub unproven: Vec<i64>,
}

/// What the chain's word about an order comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Integrity {
    /// Without its key nobody can compare anything.
    Unchecked,
    /// Every entry is as it was written, and none is missing.
    Whole,
    /// Nothing speaks against them, and not everything is proven.
    Unproven,
    /// Some were changed, put in or taken out, or it may be so.
    Doubtful,
}

impl Chain {
    /// What this verdict about the whole log says of one order, given what is known to be without a seal.
    pub(super) fn of(verdict: Option<&Verdict>, unsealed: &[RangeInclusive<i64>], log: &[Entry]) -> Self {
        let mut chain = Self { verdict: Integrity::Unchecked, changed: vec![], missing: vec![], unproven: vec![] };
        let Some(verdict) = verdict else { return chain };
        let entries = |touched: &dyn Fn(i64) -> bool| -> Vec<i64> {
            log.iter().map(|entry| entry.seq).filter(|seq| touched(*seq)).collect()
        };
        chain.changed = entries(&|seq| verdict.findings.iter().any(|finding| touches(finding, seq)));
        chain.unproven = entries(&|seq| seq > verdict.sealed || unsealed.iter().any(|range| range.contains(&seq)));
        // An order has no entry before its first.
        let begins = log.first().map_or(i64::MAX, |entry| entry.seq);
        let gone = verdict.findings.iter().filter(|finding| matches!(finding.what, What::Deleted | What::CutOff));
        chain.missing = gone.filter(|gone| gone.last > begins).map(|gone| (gone.first, gone.last)).collect();
        chain.verdict = if !chain.changed.is_empty() || !chain.missing.is_empty() || verdict.more > 0 {
            Integrity::Doubtful
        } else if !chain.unproven.is_empty() {
            Integrity::Unproven
        } else {
            Integrity::Whole
        };
        chain
    }
}

/// Whether a finding speaks against this entry.
fn touches(finding: &Finding, seq: i64) -> bool {
    match finding.what {
        What::Edited | What::Inserted | What::Part => (finding.first..=finding.last).contains(&seq),
        // Another log up to there.
        What::Replaced => seq <= finding.last,
        // The entry itself is proven, or it is none any more.
        What::Seal | What::Deleted | What::CutOff => false,
    }
}
