use std::path::PathBuf;

use counter::Problem;
use ledger::Folder;
use till::Environment;

/// What every program of the shop takes on its command line, before or after the verb.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Options {
    /// The data folder; by default the one the window uses.
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// training, sandbox or production; by default what the window last used, else training.
    #[arg(long, global = true, value_name = "ENV")]
    pub environment: Option<Environment>,

    /// A loopback address that plays Midtrans. It binds a new ledger to loopback, for good.
    #[arg(long, global = true, value_name = "URL")]
    pub midtrans_url: Option<String>,
}

impl Options {
    /// The data folder.
    pub fn folder(&self) -> Result<Folder, Problem> {
        match &self.data_dir {
            Some(path) => Ok(Folder::at(path)),
            None => Folder::usual().ok_or_else(|| Problem::of("folder_missing").with("path", "~/.local/share/gerai")),
        }
    }

    /// The environment.
    pub fn environment(&self, folder: &Folder) -> Environment {
        self.environment.or_else(|| folder.desk().environment).unwrap_or(Environment::Training)
    }
}
