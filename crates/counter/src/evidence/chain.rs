use std::ops::RangeInclusive;

use ledger::{Matter, MatterKind, Verdict, What};
use serde::Serialize;
use till::Entry;

use super::Stamp;

/// What the chain says about the entries of one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chain {
    /// What it comes to.
    pub verdict: Integrity,
    /// Entries of this order that are not what was sealed.
    pub changed: Vec<i64>,
    /// Entries that are missing from the log, first and last, and may have been about this order.
    pub missing: Vec<(i64, i64)>,
    /// Entries of this order that nothing proves, because they were written without the key, sealed
    /// with one that is gone, or put back from a copy and what was left of a damaged file.
    pub unproven: Vec<i64>,
    /// When the log was made anew since this order began: entries of it may have been lost then.
    pub restored: Vec<Stamp>,
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
    /// What this verdict about the whole log says of one order, and what was put before the owner
    /// earlier: the end that was cut off is found once, for the log goes on from there.
    pub(super) fn of(verdict: Option<&Verdict>, matters: &[Matter], log: &[Entry]) -> Self {
        let mut touched: Vec<(What, RangeInclusive<i64>)> = matters.iter().filter_map(deed).collect();
        let found = verdict.iter().flat_map(|verdict| &verdict.findings);
        touched.extend(found.map(|finding| (finding.what, finding.first..=finding.last)));
        let of = |kind| matters.iter().filter(move |matter| matter.kind == kind);
        let mut bare: Vec<_> = of(MatterKind::Unsealed).filter_map(entries).collect();
        bare.extend(of(MatterKind::Restored).filter_map(put_back));
        let of_order = |is: &dyn Fn(i64) -> bool| -> Vec<i64> {
            log.iter().map(|entry| entry.seq).filter(|seq| is(*seq)).collect()
        };
        let changed = of_order(&|seq| touched.iter().any(|(what, range)| speaks_against(*what, range, seq)));
        let sealed = verdict.map_or(i64::MAX, |verdict| verdict.sealed);
        let unproven = of_order(&|seq| seq > sealed || bare.iter().any(|range| range.contains(&seq)));
        // An order has no entry before its first.
        let begins = log.first().map_or(i64::MAX, |entry| entry.seq);
        let restored =
            of(MatterKind::Restored).filter(|matter| put_back(matter).is_some_and(|it| it.contains(&begins)));
        let restored = restored.map(|matter| Stamp(matter.at)).collect();
        let mut missing: Vec<(i64, i64)> = Vec::new();
        for (what, range) in touched {
            let gone = (*range.start(), *range.end());
            let may_be_ours = matches!(what, What::Deleted | What::CutOff) && gone.1 > begins;
            if may_be_ours && !missing.contains(&gone) {
                missing.push(gone);
            }
        }
        let more = verdict.is_some_and(|verdict| verdict.more > 0);
        let verdict = if !changed.is_empty() || !missing.is_empty() || more {
            Integrity::Doubtful
        } else if verdict.is_none() {
            Integrity::Unchecked
        } else if unproven.is_empty() {
            Integrity::Whole
        } else {
            Integrity::Unproven
        };
        Self { verdict, changed, missing, unproven, restored }
    }
}

/// What somebody was found to have done to which entries.
fn deed(matter: &Matter) -> Option<(What, RangeInclusive<i64>)> {
    let what = matter.facts.get("what").filter(|_| matter.kind == MatterKind::Tampered)?;
    Some((serde_json::from_value(what.as_str().into()).ok()?, entries(matter)?))
}

/// The entries that a matter is about.
fn entries(matter: &Matter) -> Option<RangeInclusive<i64>> {
    let number = |gap: &str| matter.facts.get(gap).and_then(|fact| fact.parse().ok());
    Some(number("first")?..=number("last")?)
}

/// The entries with which a log was made anew.
fn put_back(matter: &Matter) -> Option<RangeInclusive<i64>> {
    let upto = matter.facts.get("upto")?.parse().ok()?;
    Some(1..=upto)
}

/// Whether this deed speaks against this entry.
fn speaks_against(what: What, range: &RangeInclusive<i64>, seq: i64) -> bool {
    match what {
        What::Edited | What::Inserted | What::Part => range.contains(&seq),
        // Up to there the log is another one.
        What::Replaced => seq <= *range.end(),
        // The entry itself is proven, or it is none any more.
        What::Seal | What::Deleted | What::CutOff => false,
    }
}
