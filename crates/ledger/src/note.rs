use std::{fs, io::Write, path::Path};

use serde::{Deserialize, Serialize};
use till::{Environment, TillId};

use crate::{
    Binding, copies,
    open::{Ledger, Trouble, of_io},
    schema::SCHEMA,
};

/// Whose the ledger beside it is. Should the ledger be lost whole, its till goes on under the same name,
/// and notifications find their way as before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    pub environment: Environment,
    pub till: TillId,
    /// The schema of the Gerai that wrote this.
    pub schema: i32,
    binding: Option<String>,
    relay_path: Option<String>,
}

const NAME: &str = "ledger.json";

impl Note {
    /// What there is to note about this ledger.
    pub fn of(ledger: &Ledger) -> Result<Self, Trouble> {
        Ok(Self {
            environment: ledger.environment(),
            till: ledger.till(),
            schema: SCHEMA,
            binding: ledger.binding()?.map(Binding::word).map(str::to_owned),
            relay_path: ledger.kept("relay_path")?,
        })
    }

    /// The note in this folder. A damaged one is as good as none.
    pub fn read(place: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(place.join(NAME)).ok()?).ok()
    }

    /// What the ledger kept by this name.
    pub fn kept(&self, key: &str) -> Option<&str> {
        match key {
            "binding" => self.binding.as_deref(),
            "relay_path" => self.relay_path.as_deref(),
            _ => None,
        }
    }

    /// Writes it down, whole or not at all, for this account only: the relay's address is secret.
    pub fn keep(&self, place: &Path) -> Result<(), Trouble> {
        if Self::read(place).as_ref() == Some(self) {
            return Ok(());
        }
        let trouble = |error| of_io(&error, place);
        let text = serde_json::to_vec_pretty(self).map_err(|error| Trouble::Row(error.to_string()))?;
        let new = place.join("ledger.json.new");
        let _ = fs::remove_file(&new);
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&new).map_err(trouble)?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(trouble)?;
        fs::rename(&new, place.join(NAME)).and_then(|()| copies::sync_folder(place)).map_err(trouble)
    }
}
