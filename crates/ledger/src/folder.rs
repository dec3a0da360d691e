use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use till::Environment;

use crate::open::{Trouble, of_io};

/// The data folder: one sub-folder for each environment, and what the desk remembers across them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder(PathBuf);

/// What the desk remembers whichever shop is open. It lies in `desk.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Desk {
    /// What the window last used; `geraictl` takes it when told nothing else.
    pub environment: Option<Environment>,
    /// `id` or `en`.
    pub language: Option<String>,
    /// `light`, `dark` or nothing for the system's.
    pub look: Option<String>,
}

impl Folder {
    /// This folder.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The folder a person's programs keep their data in, or nothing where there is none.
    pub fn usual() -> Option<Self> {
        dirs::data_dir().map(|data| Self(data.join("gerai")))
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where everything of one environment lies.
    pub fn shop(&self, environment: Environment) -> PathBuf {
        self.0.join(environment.word())
    }

    /// What the desk remembers. A damaged note is as good as none: it holds no money.
    pub fn desk(&self) -> Desk {
        fs::read(self.0.join("desk.json")).ok().and_then(|note| serde_json::from_slice(&note).ok()).unwrap_or_default()
    }

    /// Writes down what the desk remembers, whole or not at all.
    pub fn remember(&self, desk: &Desk) -> Result<(), Trouble> {
        let trouble = |error| of_io(&error, &self.0);
        fs::create_dir_all(&self.0).map_err(trouble)?;
        let new = self.0.join("desk.json.new");
        let mut file = fs::File::create(&new).map_err(trouble)?;
        let note = serde_json::to_vec_pretty(desk).map_err(|error| Trouble::Row(error.to_string()))?;
        file.write_all(&note).and_then(|()| file.sync_all()).map_err(trouble)?;
        fs::rename(&new, self.0.join("desk.json")).map_err(trouble)
    }
}
