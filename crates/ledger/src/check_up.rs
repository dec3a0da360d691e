use rusqlite::Connection;
use till::{State, Time};

use crate::{
    chain::{self, Head},
    matters::{self, Facts, MatterKind, facts},
    open::{Ledger, Trouble},
    projection::{Differing, word},
    verify::{Finding, Verdict, What},
};

/// What came of looking through the whole ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckUp {
    /// The log against its chain; nothing while the ledger has no key.
    pub verdict: Option<Verdict>,
    /// The sales whose rows in the lists were not what the log says. They are what it says again.
    pub mended: Vec<String>,
    /// The same of sales which only a log that was tampered with calls paid, or gives what another
    /// sale has. Their rows are left as they are: Midtrans has to be asked how they stand.
    pub doubtful: Vec<String>,
}

impl CheckUp {
    /// Nothing was found.
    pub fn is_fine(&self) -> bool {
        self.verdict.as_ref().is_none_or(Verdict::is_fine) && self.mended.is_empty() && self.doubtful.is_empty()
    }
}

impl Ledger {
    /// Compares the log with its chain and the lists with the log. What was tampered with is put before
    /// the owner, once. Rows of the lists that somebody has changed become again what the log says, and
    /// seals again what they were, where the entry is proven without its own.
    pub fn check_up(&self, head: Option<Head>, at: Time) -> Result<CheckUp, Trouble> {
        let verdict = self.verify(head)?;
        let findings = verdict.as_ref().map(|verdict| verdict.findings.clone()).unwrap_or_default();
        let mut check_up = CheckUp { verdict, ..CheckUp::default() };
        let differing = self.differing()?;
        if findings.is_empty() && differing.is_empty() {
            return Ok(check_up);
        }
        self.change(|change| {
            for finding in &findings {
                tell(change, finding, at)?;
            }
            for (seq, mac) in check_up.verdict.iter().flat_map(|verdict| &verdict.right_seals) {
                chain::put(change, *seq, mac)?;
            }
            for Differing { sale, shown, logged } in differing {
                // A doubtful log is not believed when it says paid.
                let doubtful = logged == Some(State::Paid) && doubted(change, &sale, &findings)?;
                let [shown, logged] = [shown, logged].map(|state| state.map(|state| word(&state)));
                let none = || "-".to_owned();
                let facts = facts([
                    ("what", "list".into()),
                    ("sales", sale.clone()),
                    ("shown", shown.unwrap_or_else(none)),
                    ("logged", logged.unwrap_or_else(none)),
                ]);
                let again = if doubtful { 0 } else { at.millis() };
                matters::raise(change, MatterKind::Tampered, &format!("list {sale} {again}"), &facts, at)?;
                if doubtful { check_up.doubtful.push(sale) } else { check_up.mended.push(sale) }
            }
            Ok(())
        })?;
        if !check_up.mended.is_empty() {
            let left = self.mend(&check_up.mended)?;
            check_up.mended.retain(|sale| !left.contains(sale));
            check_up.doubtful.extend(left);
        }
        Ok(check_up)
    }
}

fn tell(change: &Connection, finding: &Finding, at: Time) -> rusqlite::Result<()> {
    let Finding { what, first, last, sales, mark } = finding;
    // What is mended and found again was done again.
    let again = if *what == What::Seal { at.millis() } else { 0 };
    let key = format!("{} {first}-{last} {mark:08x} {again}", word(what));
    let facts = facts([
        ("what", word(what)),
        ("first", first.to_string()),
        ("last", last.to_string()),
        ("sales", sales.join(", ")),
    ]);
    matters::raise(change, MatterKind::Tampered, &key, &facts, at).map(|_| ())
}

/// Whether what the log says of this sale may not be what was written: one of its entries does not
/// fit, or came in without a seal, or any entry is missing.
fn doubted(change: &Connection, sale: &str, findings: &[Finding]) -> rusqlite::Result<bool> {
    let missing = |finding: &Finding| matches!(finding.what, What::Deleted | What::CutOff | What::Replaced);
    if findings.iter().any(missing) {
        return Ok(true);
    }
    let mut ranges: Vec<(i64, i64)> = findings.iter().map(|finding| (finding.first, finding.last)).collect();
    let mut unsealed = change.prepare_cached("SELECT detail FROM matters WHERE kind = 'unsealed'")?;
    for detail in unsealed.query_map([], |row| row.get::<_, String>(0))? {
        let facts: Facts = serde_json::from_str(&detail?).unwrap_or_default();
        let number = |gap: &str| facts.get(gap).and_then(|fact| fact.parse().ok());
        if let (Some("no_key"), Some(first), Some(last)) =
            (facts.get("why").map(String::as_str), number("first"), number("last"))
        {
            ranges.push((first, last));
        }
    }
    let mut touched = change.prepare_cached("SELECT 1 FROM log WHERE sale = ?1 AND seq BETWEEN ?2 AND ?3")?;
    for (first, last) in ranges {
        if touched.exists((sale, first, last))? {
            return Ok(true);
        }
    }
    Ok(false)
}
