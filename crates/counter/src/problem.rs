use std::fmt;

use ledger::{Binding, Trouble};
use till::{Fault, FaultKind, State};

use crate::words::{Language, Words};

/// What went wrong, as a sentence of the table of texts: it names the field and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The sentence stands under `problem.<code>`.
    pub code: &'static str,
    /// The field of the form it belongs to.
    pub field: Option<&'static str>,
    /// What goes into the sentence's gaps.
    pub values: Vec<(&'static str, String)>,
}

impl Problem {
    /// The problem with this code.
    pub fn of(code: &'static str) -> Self {
        Self { code, field: None, values: Vec::new() }
    }

    /// It belongs to this field.
    pub fn at(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    /// Fills a gap of the sentence.
    pub fn with(mut self, gap: &'static str, value: impl fmt::Display) -> Self {
        self.values.push((gap, value.to_string()));
        self
    }

    /// Fills the gap for a state, in the words of the table.
    pub fn with_state(self, state: State) -> Self {
        self.with("state", ledger::word(&state))
    }

    /// The sentence in this language.
    pub fn sentence(&self, language: Language) -> String {
        let words = Words::table();
        let field = [format!("field.{}", self.field.unwrap_or("this")), "field.this".into()];
        let field = field.iter().find(|key| words.has(key)).map(|key| words.say(language, key, &[]));
        let mut values = self.values.clone();
        values.push(("field", field.unwrap_or_default()));
        words.say(language, &format!("problem.{}", self.code), &values)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(Language::English))
    }
}

impl std::error::Error for Problem {}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let problem = Self::from(fault.kind.clone()).at(fault.field());
        fault.row.map_or(problem.clone(), |row| problem.with("row", row))
    }
}

impl From<FaultKind> for Problem {
    fn from(kind: FaultKind) -> Self {
        let (code, values) = kind.code();
        Self { code, field: None, values }
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        match &trouble {
            Trouble::Folder(path) => Self::of("folder_missing").with("path", path.display()),
            Trouble::ReadOnly(path) => Self::of("folder_read_only").with("path", path.display()),
            Trouble::Full(path) => Self::of("disk_full").with("path", path.display()),
            Trouble::Newer(path) => Self::of("ledger_newer").with("path", path.display()),
            Trouble::Older(path) => Self::of("ledger_older").with("path", path.display()),
            Trouble::Bound(Binding::Midtrans) => Self::of("ledger_bound_midtrans"),
            Trouble::Bound(Binding::Loopback) => Self::of("ledger_bound_loopback"),
            Trouble::Environment(_) => Self::of("ledger_wrong_environment"),
            Trouble::Disk(path) => Self::of("disk_failed").with("path", path.display()),
            Trouble::Damaged(path) => Self::of("ledger_damaged").with("path", path.display()),
            Trouble::Busy => Self::of("ledger_locked"),
            Trouble::NoSuchSale => Self::of("order_not_found"),
            Trouble::NoSuchCopy => Self::of("copy_not_found"),
            Trouble::InUse => Self::of("ledger_in_use"),
            Trouble::NumberTaken
            | Trouble::AlreadyThere
            | Trouble::OldSqlite(_)
            | Trouble::Sqlite(_)
            | Trouble::Row(_) => {
                tracing::error!(%trouble, "the ledger failed");
                Self::of("internal").with("detail", &trouble)
            }
        }
    }
}

impl From<midtrans::KeyForm> for Problem {
    fn from(form: midtrans::KeyForm) -> Self {
        use midtrans::KeyForm as F;
        let code = match form {
            F::Empty => "key_empty",
            F::HasSpaces => "key_spaces",
            F::StrangeCharacters => "key_characters",
            F::ClientKey => "key_client",
            // Whoever knows the environment says which way round it is.
            F::WrongEnvironment => "key_refused",
        };
        Self::of(code).at("key")
    }
}
