use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What went wrong, for a sentence of texts.json under `problem.<code>`; `field` is the draft's or settings' field it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "view.ts"))]
pub struct Problem {
    /// Its key in the table of texts.
    pub code: String,
    /// The field to go back to.
    pub field: Option<String>,
    /// What goes into the sentence's gaps.
    pub values: BTreeMap<String, String>,
}

impl From<counter::Problem> for Problem {
    fn from(problem: counter::Problem) -> Self {
        Self {
            code: problem.code.into(),
            field: problem.field.map(Into::into),
            values: problem.values.into_iter().map(|(gap, value)| (gap.into(), value)).collect(),
        }
    }
}

impl From<ledger::Trouble> for Problem {
    fn from(trouble: ledger::Trouble) -> Self {
        counter::Problem::from(trouble).into()
    }
}
