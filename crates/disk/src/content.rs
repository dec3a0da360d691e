use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    ops::Range,
};

use crate::chance::Chance;

/// A disk writes this much at once or not at all.
const SECTOR: usize = 512;
/// The kernel remembers of this much at once whether it still has to be written.
const PAGE: usize = 4_096;

/// What one file holds: what is on the platter, and what only the kernel has seen so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    durable: Vec<u8>,
    pending: Vec<Change>,
    /// What a program reads: the platter's with everything that is pending.
    now: Vec<u8>,
}

/// A write, or a change of length; cutting something off writes zeros over it first.
#[derive(Clone, Debug)]
struct Change {
    at: usize,
    bytes: Vec<u8>,
    len_after: usize,
    /// A sync of it has failed. The kernel holds it for written, so no later sync will write it.
    forsaken: bool,
}

impl Content {
    /// A file that is on the platter as it is.
    pub(crate) fn durable(bytes: Vec<u8>) -> Self {
        Self { now: bytes.clone(), durable: bytes, pending: Vec::new() }
    }

    /// What a program reads.
    pub(crate) fn current(&self) -> &[u8] {
        &self.now
    }

    pub(crate) fn write(&mut self, at: usize, bytes: &[u8]) {
        let len_after = self.now.len().max(at + bytes.len());
        self.change(Change { at, bytes: bytes.to_vec(), len_after, forsaken: false });
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        let cut = self.now.len().saturating_sub(len);
        self.change(Change { at: len, bytes: vec![0; cut], len_after: len, forsaken: false });
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.now);
        self.pending.push(change);
    }

    /// Everything written since the last sync is on the platter from now on.
    pub(crate) fn sync(&mut self) {
        if self.pending.iter().any(|change| change.forsaken) {
            return self.sync_around_the_forsaken();
        }
        for change in mem::take(&mut self.pending) {
            change.apply(&mut self.durable);
        }
    }

    /// A sync has failed: what was to be written may be or not, and the kernel will not try again.
    pub(crate) fn forsake(&mut self) {
        self.pending.iter_mut().for_each(|change| change.forsaken = true);
    }

    /// Whole pages go to the platter, with what else lies in them; the others stay forsaken.
    fn sync_around_the_forsaken(&mut self) {
        let current = &self.now;
        let (forsaken, fresh): (Vec<_>, Vec<_>) = mem::take(&mut self.pending).into_iter().partition(|it| it.forsaken);
        if fresh.is_empty() {
            self.pending = forsaken;
            return;
        }
        let written: BTreeSet<usize> = fresh.iter().flat_map(|change| change.blocks(PAGE)).collect();
        self.durable.resize(current.len(), 0);
        for page in &written {
            let place = page * PAGE..((page + 1) * PAGE).min(current.len());
            if !place.is_empty() {
                self.durable[place.clone()].copy_from_slice(&current[place]);
            }
        }
        for change in forsaken {
            for page in change.blocks(PAGE).filter(|page| !written.contains(page)) {
                let place = change.within(page * PAGE..(page + 1) * PAGE);
                if place.start < current.len() {
                    let bytes = change.bytes[place.start - change.at..place.end - change.at].to_vec();
                    self.pending.push(Change { at: place.start, bytes, len_after: current.len(), forsaken: true });
                }
            }
        }
    }

    /// What is found after the power went: each sector as it was at some moment since the last sync.
    pub(crate) fn after_power_cut(&self, chance: &mut Chance) -> Vec<u8> {
        let changes = self.pending.len();
        if changes == 0 {
            return self.durable.clone();
        }
        let fate = Fate::draw(changes, chance);
        let mut newest = BTreeMap::new();
        for (n, change) in self.pending.iter().enumerate() {
            let whole = fate.keeps(n, chance);
            for sector in change.blocks(SECTOR) {
                if whole.unwrap_or_else(|| chance.hits(1, 2)) {
                    newest.insert(sector, n);
                }
            }
        }
        let len = match fate.len(changes, chance) {
            0 => self.durable.len(),
            n => self.pending[n - 1].len_after,
        };
        self.with_sectors(&newest, len, chance)
    }

    /// The file with each of these sectors as the change of this number left it.
    fn with_sectors(&self, newest: &BTreeMap<usize, usize>, len: usize, chance: &mut Chance) -> Vec<u8> {
        let longest = self.pending.iter().map(|change| change.at + change.bytes.len()).max().unwrap_or(0);
        let mut bytes = self.durable.clone();
        bytes.resize(longest.max(len).max(bytes.len()), 0);
        // What a longer file was not yet given is zeros, or whatever lay on the platter there.
        if chance.hits(1, 4) {
            let new = self.durable.len().div_ceil(SECTOR)..bytes.len().div_ceil(SECTOR);
            for sector in new.filter(|sector| !newest.contains_key(sector)) {
                let place = sector * SECTOR..((sector + 1) * SECTOR).min(bytes.len());
                bytes[place].iter_mut().for_each(|byte| *byte = chance.number() as u8);
            }
        }
        for (n, change) in self.pending.iter().enumerate() {
            for sector in change.blocks(SECTOR) {
                if newest.get(&sector).is_some_and(|newest| n <= *newest) {
                    let place = change.within(sector * SECTOR..(sector + 1) * SECTOR);
                    let written = place.start - change.at..place.end - change.at;
                    bytes[place].copy_from_slice(&change.bytes[written]);
                }
            }
        }
        bytes.resize(len, 0);
        bytes
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let end = self.at + self.bytes.len();
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        bytes[self.at..end].copy_from_slice(&self.bytes);
        bytes.resize(self.len_after, 0);
    }

    /// The blocks of this size that it touches.
    fn blocks(&self, size: usize) -> impl Iterator<Item = usize> + use<> {
        let end = self.at + self.bytes.len();
        (self.at / size..end.div_ceil(size)).take(if self.bytes.is_empty() { 0 } else { usize::MAX })
    }

    /// What of this place it writes.
    fn within(&self, place: Range<usize>) -> Range<usize> {
        place.start.max(self.at)..place.end.min(self.at + self.bytes.len())
    }
}

/// How a file fares when the power goes. Sectors drawn one by one would hardly ever make a whole
/// write, and whole writes never a torn one, so the manner itself is drawn first.
enum Fate {
    /// Everything is there, or nothing.
    Whole(bool),
    /// The writes went out in order, and one of them was on its way.
    InOrder(usize),
    /// Each write is there or not; so many in eight are.
    Write(usize),
    /// Each sector is as it was at some time.
    Sector,
}

impl Fate {
    fn draw(changes: usize, chance: &mut Chance) -> Self {
        match chance.below(8) {
            0 => Self::Whole(false),
            1 => Self::Whole(true),
            2 | 3 => Self::InOrder(chance.below(changes)),
            4 | 5 => Self::Write(1 + chance.below(7)),
            _ => Self::Sector,
        }
    }

    /// Whether the nth change is kept; nothing if that is for each of its sectors to say.
    fn keeps(&self, n: usize, chance: &mut Chance) -> Option<bool> {
        match *self {
            Self::Whole(kept) => Some(kept),
            Self::InOrder(torn) if n == torn => None,
            Self::InOrder(torn) => Some(n < torn),
            Self::Write(luck) => Some(chance.hits(luck, 8)),
            Self::Sector => None,
        }
    }

    /// After how many of the changes the length is what it was.
    fn len(&self, changes: usize, chance: &mut Chance) -> usize {
        match *self {
            Self::Whole(kept) => changes * usize::from(kept),
            Self::InOrder(torn) => torn + chance.below(2),
            Self::Write(_) | Self::Sector if chance.hits(1, 2) => changes,
            Self::Write(_) | Self::Sector => chance.below(changes + 1),
        }
    }
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
