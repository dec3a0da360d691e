//! Room on the disk for what was charged already: a ballast that is given up first when the disk is
//! full, and so much free space that no new order is begun without it.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::open::{Ledger, Trouble, of_io};

/// How much room is kept.
#[derive(Clone)]
pub struct Reserve {
    /// So many bytes lie in the ballast.
    pub ballast: u64,
    /// With less room than this no new order is begun.
    pub needed: u64,
    /// How much room there is where this folder lies; nothing where nobody can tell.
    pub free: Free,
}

/// Tells how many bytes can still be written where a folder lies.
pub type Free = Arc<dyn Fn(&Path) -> Option<u64> + Send + Sync>;

/// How much room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Enough, or nobody knows.
    Plenty,
    /// So little that somebody should see to it.
    Low,
    /// So little that no new order is begun.
    Full,
}

impl Reserve {
    /// What a shop keeps.
    pub fn of_a_shop() -> Self {
        Self { ballast: 64 << 20, needed: 200 << 20, free: Arc::new(free_space) }
    }

    /// What will do where no real shop can be.
    pub fn small() -> Self {
        Self { ballast: 1 << 20, needed: 4 << 20, free: Arc::new(free_space) }
    }

    /// So little room may be gone with the next transaction.
    fn margin(&self) -> u64 {
        self.ballast / 16
    }
}

impl fmt::Debug for Reserve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reserve").field("ballast", &self.ballast).field("needed", &self.needed).finish_non_exhaustive()
    }
}

impl Ledger {
    /// From now on room is kept for what was charged already. Once told, it stays.
    pub fn keep_reserve(&self, reserve: Reserve) {
        let _ = self.reserve.set(reserve);
    }

    /// How much room there is.
    pub fn room(&self) -> Room {
        match (self.reserve.get(), self.free_space()) {
            (Some(reserve), Some(free)) if free < reserve.needed => Room::Full,
            (Some(reserve), Some(free)) if free < 2 * reserve.needed => Room::Low,
            _ => Room::Plenty,
        }
    }

    /// How many bytes are free, and how many there must be for a new order.
    pub fn space(&self) -> Option<(u64, u64)> {
        Some((self.free_space()?, self.reserve.get()?.needed))
    }

    /// Lays the ballast in again, once there is room enough for it beside a new order.
    pub fn tend_reserve(&self) -> Result<(), Trouble> {
        let (Some(reserve), Some(free)) = (self.reserve.get(), self.free_space()) else { return Ok(()) };
        let ballast = ballast(self.folder());
        let lies = fs::metadata(&ballast).map_or(0, |file| file.len());
        if lies == reserve.ballast || free + lies < reserve.needed + reserve.ballast {
            return Ok(());
        }
        lay_in(&ballast, reserve.ballast).map_err(|error| {
            // Half a ballast is only in the way.
            let _ = fs::remove_file(&ballast);
            of_io(&error, self.folder())
        })
    }

    /// Gives up the ballast before the disk has no room left for what is about to be written.
    pub(crate) fn make_way(&self) {
        let low = |reserve: &Reserve| self.free_space().is_some_and(|free| free < reserve.margin());
        if self.reserve.get().is_some_and(low) {
            give_up_ballast(self.folder());
        }
    }

    fn free_space(&self) -> Option<u64> {
        self.reserve.get().and_then(|reserve| (reserve.free)(self.folder()))
    }
}

/// Gives up the ballast of this shop, and says whether there was one. Any program may, whether it
/// keeps a reserve or not: that is what the ballast is for.
pub(crate) fn give_up_ballast(shop: &Path) -> bool {
    fs::remove_file(ballast(shop)).is_ok()
}

fn ballast(shop: &Path) -> PathBuf {
    shop.join("ballast")
}

/// Takes the room for good: a file of holes, or one that the file system packs, would keep none.
fn lay_in(ballast: &Path, bytes: u64) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(ballast)?;
    if reserve_space(&file, bytes).is_ok() {
        return Ok(());
    }
    let zeros = vec![0; 1 << 16];
    let mut left = bytes;
    while left > 0 {
        let piece = left.min(zeros.len() as u64);
        file.write_all(&zeros[..usize::try_from(piece).unwrap_or(zeros.len())])?;
        left -= piece;
    }
    file.sync_all()
}

#[cfg(target_os = "linux")]
fn reserve_space(file: &File, bytes: u64) -> io::Result<()> {
    Ok(rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, bytes)?)
}

#[cfg(not(target_os = "linux"))]
fn reserve_space(_: &File, _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// What this account may still write there.
#[cfg(unix)]
fn free_space(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free_space(_: &Path) -> Option<u64> {
    None
}
