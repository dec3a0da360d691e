use std::{
    fs, io,
    path::Path,
    sync::{Arc, OnceLock},
};

use disk::{Call, Disk, Failure, Snapshot};
use ledger::{Binding, Door, Folder, Ledger, Trouble};
use tempfile::TempDir;
use till::Environment;

use crate::chance::Chance;

/// The shop's PC, as far as it outlives its programs: the disk.
pub struct Pc {
    folder: Folder,
    disk: Arc<Disk>,
    spoiled: bool,
    _home: TempDir,
}

/// How everything on the PC ends at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The power goes: what no flush has brought to the platter may be there, or not, or half.
    PowerCut,
    /// Only the programs die.
    Killed,
}

/// Draws the name of every till. One for all: it only has to be there.
const TILL: [u8; 4] = [7, 11, 13, 17];

impl Pc {
    /// A PC on which these environments have an empty ledger.
    pub fn new(environments: &[Environment]) -> io::Result<Self> {
        let home = place()?;
        let folder = Folder::at(home.path());
        let disk = Arc::new(Disk::in_memory(home.path()));
        for environment in environments {
            let shop = folder.shop(*environment);
            fs::create_dir_all(&shop)?;
            fs::write(shop.join("gerai.db"), template(*environment)?)?;
        }
        Ok(Self { disk, spoiled: false, folder, _home: home })
    }

    /// Opens the ledger of this environment, as each program does for itself.
    pub fn open(&self, environment: Environment, door: Door) -> Result<Ledger, Trouble> {
        Ledger::open(&self.folder, environment, Some(Binding::Loopback), door, TILL)
    }

    /// Whether the PC has come to a halt in the middle of a write.
    pub fn halted(&self) -> bool {
        self.disk.stopped()
    }

    /// Asks the same for somebody who only wants to know that.
    pub fn pulse(&self) -> Arc<dyn Fn() -> bool + Send + Sync> {
        let disk = Arc::clone(&self.disk);
        Arc::new(move || !disk.stopped())
    }

    /// Whether the disk may fail, so that nobody can be blamed who cannot read.
    pub fn is_spoiled(&self) -> bool {
        self.spoiled || self.halted()
    }

    /// It comes to a halt at the nth change of the disk from now on.
    pub fn halt_at(&mut self, nth: u64) {
        self.disk.stop_at(nth);
    }

    /// Everything ends. Whatever the programs do afterwards does not reach the disk any more.
    pub fn end(&mut self, end: End, chance: &mut Chance) {
        self.spoiled = false;
        match end {
            End::PowerCut => self.disk.power_cut(&mut disk::Chance::seeded(chance.number())),
            End::Killed => self.disk.restart(),
        }
    }

    /// The nth of these calls from now on fails, once.
    pub fn fail_at(&mut self, nth: u64, calls: &[Call], failure: Failure) {
        self.spoiled = true;
        self.disk.fail_at(nth, calls, failure);
    }

    /// There is no room for anything any more.
    pub fn fill(&mut self) {
        self.spoiled = true;
        self.disk.fail_from(1, &[Call::Write], Failure::Enospc);
    }

    /// Nothing fails any more.
    pub fn heal(&mut self) {
        self.spoiled = false;
        self.disk.heal();
    }

    /// Copies what lies on the disk.
    pub fn backup(&self) -> Snapshot {
        self.disk.snapshot()
    }

    /// Puts back what lay there once. Every program that runs is dead.
    pub fn restore(&mut self, backup: &Snapshot) {
        self.spoiled = false;
        self.disk.restore(backup);
    }
}

/// A folder of our own where files cost least.
fn place() -> io::Result<TempDir> {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }
}

/// An empty ledger, made once and copied for every seed.
fn template(environment: Environment) -> io::Result<&'static [u8]> {
    static MADE: [OnceLock<Vec<u8>>; 3] = [const { OnceLock::new() }; 3];
    let slot = &MADE[Environment::ALL.iter().position(|it| *it == environment).unwrap_or(0)];
    if let Some(made) = slot.get() {
        return Ok(made);
    }
    let home = place()?;
    let folder = Folder::at(home.path());
    Ledger::open(&folder, environment, Some(Binding::Loopback), Door::Desk, TILL).map_err(io::Error::other)?;
    let made = fs::read(folder.shop(environment).join("gerai.db"))?;
    Ok(slot.get_or_init(|| made))
}
