//! Whether the log still is what was sealed: every entry is compared with its seal, in order, and
//! what does not fit is named.

use std::thread;

use rusqlite::{Connection, OptionalExtension, types::ValueRef};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    chain::{self, Head, Mac, Part, SEALED, Signet, name, take_in, write_out},
    open::{BREATH, Ledger, Trouble},
};

/// What came of comparing the log with its chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Entries that are what was sealed.
    pub proven: u64,
    /// The last entry that had a seal. What was written after it is not compared.
    pub sealed: i64,
    /// Entries that have no seal yet, because nobody with the key has written since.
    pub waiting: u64,
    /// Entries whose seals were made with a key that is gone. Of each alone nothing can be said; of
    /// all together, whether anything has changed since the key was lost.
    pub foreign: u64,
    /// What does not fit.
    pub findings: Vec<Finding>,
    /// How many findings there are beyond those.
    pub more: u64,
    /// The seals of entries that are proven to be as they were though their own seals are not.
    pub(crate) right_seals: Vec<(i64, Mac)>,
}

/// Something in the file is not what was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was done.
    pub what: What,
    /// The first entry it was done to.
    pub first: i64,
    /// The last one.
    pub last: i64,
    /// The sales that these entries name, as they name them; not more than twenty.
    pub sales: Vec<String>,
    /// Tells this deed from another one to the same entries.
    pub mark: u32,
}

/// What somebody did to the log without its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Entries are not what was sealed: edited, or put there with seals that are none.
    Edited,
    /// Entries are gone from the middle.
    Deleted,
    /// Entries were put between others.
    Inserted,
    /// Entries are gone from the end: cut off, or an older file was put in its place.
    CutOff,
    /// The entries are as they were, but their seals were changed or taken off.
    Seal,
    /// The beginning of a part of the chain was changed, or something before it.
    Part,
    /// Up to here the log is another one than the keyring remembers.
    Replaced,
}

/// So many findings are told apart.
const TOLD: usize = 500;
/// So many entries are read at once; lists and writers have their turn in between.
const CHUNK: usize = 1_000;
/// So many entries in a row may be doubted before they are called edited.
const DOUBTED: usize = 50_000;

impl Verdict {
    /// Nothing was found.
    pub fn is_fine(&self) -> bool {
        self.findings.is_empty()
    }
}

impl Ledger {
    /// Compares the whole log with its chain, and the chain with the head that was kept outside of the
    /// file. Nothing if the ledger has no key. Lists and writers need not wait for it.
    pub fn verify(&self, head: Option<Head>) -> Result<Option<Verdict>, Trouble> {
        let Some(signet) = self.signet().clone() else { return Ok(None) };
        match self.walk(&signet, head) {
            // Not even its tables are as we made them.
            Err(Trouble::Sqlite(error)) if !chain::of_the_disk(&error) => {
                let last = self.read(chain::log_end)?;
                let finding = Finding { what: What::Part, first: 1, last, sales: vec![], mark: 1 };
                Ok(Some(Verdict { findings: vec![finding], ..Verdict::default() }))
            }
            verdict => verdict.map(Some),
        }
    }

    fn walk(&self, signet: &Signet, head: Option<Head>) -> Result<Verdict, Trouble> {
        let stand = self.read(Stand::of)?;
        let mut walk = Walk::begin(signet, &stand, head);
        let mut after = i64::MIN;
        while after < stand.until {
            let chunk = self.read(|reader| Chunk::read(reader, after, stand.until))?;
            after = chunk.upto;
            for (seq, entry, mac) in chunk.items() {
                walk.step(seq, entry, mac);
            }
            thread::sleep(BREATH);
        }
        let mut taken_off = Vec::new();
        if let Some(head) = walk.head.filter(|head| head.seq <= stand.log_end) {
            // Sealed once, and without a seal now.
            while after < head.seq {
                let chunk = self.read(|reader| Chunk::read(reader, after, head.seq))?;
                after = chunk.upto;
                taken_off.push(chunk);
            }
        }
        Ok(walk.end(&stand, &taken_off))
    }

    /// A digest of all entries up to this one and of their seals, in order.
    pub(crate) fn digest(&self, until: i64) -> Result<Vec<u8>, Trouble> {
        let mut digest = Sha256::new();
        let mut after = i64::MIN;
        while after < until {
            let chunk = self.read(|reader| Chunk::read(reader, after, until))?;
            after = chunk.upto;
            for (_, entry, mac) in chunk.items() {
                if let Some(entry) = entry {
                    take_in(&mut digest, entry.bytes, mac.as_ref());
                }
            }
        }
        Ok(digest.finalize().to_vec())
    }
}

/// How log and chain stood when the comparison began. What was sealed then changes no more, so it
/// can be read piece by piece.
struct Stand {
    parts: Vec<Part>,
    /// The last entry that has a seal.
    until: i64,
    log_end: i64,
    /// The last number SQLite gave to an entry.
    numbered: i64,
    waiting: u64,
    /// When the ledger was last restored.
    restored: i64,
    /// Seals of entries after the end.
    beyond: Vec<(i64, Mac)>,
}

impl Stand {
    fn of(reader: &Connection) -> rusqlite::Result<Self> {
        let log_end = chain::log_end(reader)?;
        let until = chain::last(reader)?.map_or(0, |(seq, _)| seq);
        let numbered = "SELECT seq FROM sqlite_sequence WHERE name = 'log'";
        let waiting = "SELECT count(*) FROM log WHERE seq > ?1";
        let mut beyond =
            reader.prepare_cached("SELECT seq, mac FROM chain WHERE seq > ?1 ORDER BY seq LIMIT 100000")?;
        Ok(Self {
            parts: chain::parts(reader)?,
            until,
            log_end,
            numbered: reader.query_row(numbered, [], |row| row.get(0)).optional()?.unwrap_or(0),
            waiting: reader.query_row(waiting, [until], |row| row.get(0))?,
            restored: chain::restored(reader)?,
            beyond: beyond.query_map([log_end], chain::read_mac)?.collect::<Result<_, _>>()?,
        })
    }
}

/// Entries and seals as they lie in the file, by number.
#[derive(Default)]
struct Chunk {
    upto: i64,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    macs: Vec<(i64, Mac)>,
}

struct Entry {
    seq: i64,
    bytes: std::ops::Range<usize>,
    sale: String,
}

/// An entry, written out, and the sale it names.
#[derive(Clone, Copy)]
struct Written<'a> {
    bytes: &'a [u8],
    sale: &'a str,
}

impl Chunk {
    fn read(reader: &Connection, after: i64, until: i64) -> rusqlite::Result<Self> {
        let mut chunk = Self { upto: until, ..Self::default() };
        let select = format!("SELECT {SEALED} FROM log WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT {CHUNK}");
        let mut select = reader.prepare_cached(&select)?;
        let mut rows = select.query([after, until])?;
        while let Some(row) = rows.next()? {
            let begin = chunk.bytes.len();
            write_out(row, &mut chunk.bytes)?;
            let mut sales = Vec::new();
            name(&mut sales, row.get_ref(2)?);
            let sale = sales.pop().unwrap_or_default();
            chunk.entries.push(Entry { seq: row.get(0)?, bytes: begin..chunk.bytes.len(), sale });
        }
        if chunk.entries.len() == CHUNK {
            chunk.upto = chunk.entries.last().map_or(until, |last| last.seq);
        }
        let select = "SELECT seq, mac FROM chain WHERE seq > ?1 AND seq <= ?2 ORDER BY seq";
        let mut select = reader.prepare_cached(select)?;
        chunk.macs = select.query_map([after, chunk.upto], chain::read_mac)?.collect::<Result<_, _>>()?;
        Ok(chunk)
    }

    /// Entries with their seals, and what there is of one without the other.
    fn items(&self) -> impl Iterator<Item = (i64, Option<Written<'_>>, Option<Mac>)> {
        let mut entries = self.entries.iter().peekable();
        let mut macs = self.macs.iter().peekable();
        std::iter::from_fn(move || {
            let seq = match (entries.peek(), macs.peek()) {
                (Some(entry), Some((seq, _))) => entry.seq.min(*seq),
                (Some(entry), None) => entry.seq,
                (None, Some((seq, _))) => *seq,
                (None, None) => return None,
            };
            let entry = entries.next_if(|entry| entry.seq == seq);
            let entry = entry.map(|entry| Written { bytes: &self.bytes[entry.bytes.clone()], sale: &entry.sale });
            Some((seq, entry, macs.next_if(|(of, _)| *of == seq).map(|(_, mac)| *mac)))
        })
    }
}

/// The comparison, entry by entry.
struct Walk<'a> {
    signet: &'a Signet,
    coming: std::slice::Iter<'a, Part>,
    part: Option<Standing<'a>>,
    /// The last entry or seal that was seen.
    previous: i64,
    /// The seal as it lies in the file, and as it would be if the doubted entries were genuine.
    stored: Mac,
    computed: Option<Mac>,
    doubted: Vec<Doubt>,
    digest: Option<Sha256>,
    head: Option<Head>,
    head_met: bool,
    verdict: Verdict,
}

/// A part of the chain on the way through it.
struct Standing<'a> {
    part: &'a Part,
    /// Its own seal is ours.
    proven: bool,
    entries: u64,
    fitting: u64,
    findings: Findings,
}

/// What does not fit yet. What follows tells why.
struct Doubt {
    seq: i64,
    why: Why,
    /// Its seal, if everything in doubt is genuine.
    right_seal: Option<Mac>,
    sale: String,
    mark: u32,
}

enum Why {
    /// The seal is another.
    Differs,
    /// The seal is another, and there is a gap before.
    AfterGap { first: i64 },
    /// There is no seal.
    Bare,
    /// There is a seal and no entry.
    Lost,
}

impl<'a> Walk<'a> {
    fn begin(signet: &'a Signet, stand: &'a Stand, head: Option<Head>) -> Self {
        Self {
            signet,
            coming: stand.parts.iter(),
            part: None,
            previous: 0,
            stored: [0; 32],
            computed: None,
            doubted: Vec::new(),
            // Only a second part has something before it.
            digest: (stand.parts.len() > 1).then(Sha256::new),
            // A restored ledger need not hold a head from before.
            head: head.filter(|head| head.restored >= stand.restored),
            head_met: false,
            verdict: Verdict { sealed: stand.until, waiting: stand.waiting, ..Verdict::default() },
        }
    }

    fn step(&mut self, seq: i64, entry: Option<Written>, mac: Option<Mac>) {
        while self.coming.as_slice().first().is_some_and(|next| next.after < seq) {
            self.next_part();
        }
        if let (Some(digest), Some(entry)) = (&mut self.digest, entry) {
            take_in(digest, entry.bytes, mac.as_ref());
        }
        let follows = |before: &Mac| entry.map(|entry| self.signet.entry(before, entry.bytes));
        let (by_stored, by_computed) = (follows(&self.stored), self.computed.as_ref().and_then(follows));
        if let Some(part) = &mut self.part {
            part.entries += u64::from(entry.is_some());
        }
        match (entry, mac) {
            (Some(_), Some(mac)) if Some(mac) == by_stored || Some(mac) == by_computed => {
                self.settle(Some(mac) != by_stored);
                if let Some(part) = &mut self.part {
                    part.fitting += 1;
                }
                (self.stored, self.computed) = (mac, None);
            }
            (Some(entry), Some(mac)) => {
                let gap = self.previous + 1 < seq;
                let why = if gap { Why::AfterGap { first: self.previous + 1 } } else { Why::Differs };
                (self.stored, self.computed) = (mac, by_computed.or(by_stored));
                self.doubt(seq, why, Some(entry));
            }
            (Some(entry), None) => {
                self.computed = by_computed.or(by_stored);
                self.doubt(seq, Why::Bare, Some(entry));
            }
            (None, Some(mac)) => {
                (self.stored, self.computed) = (mac, None);
                self.doubt(seq, Why::Lost, None);
            }
            (None, None) => {}
        }
        self.previous = seq;
        if let Some(head) = self.head.filter(|head| head.seq == seq) {
            self.head_met = mac == Some(head.mac);
            if !self.head_met && self.computed == Some(head.mac) {
                // The keyring vouches for the entries, so it is their seals that somebody has changed.
                self.settle(true);
                self.head_met = true;
            }
        }
    }

    fn next_part(&mut self) {
        self.finish_part();
        let Some(part) = self.coming.next() else { return };
        let mac = self.signet.part(part);
        let proven = mac[..] == part.mac[..];
        if proven
            && part.after > 0
            && let Some(digest) = &self.digest
            && digest.clone().finalize()[..] != part.before[..]
            && self.verdict.findings.is_empty()
        {
            let finding = Finding { what: What::Part, first: 1, last: part.after, sales: vec![], mark: 0 };
            self.verdict.findings.push(finding);
        }
        self.stored = part.mac[..].try_into().unwrap_or([0; 32]);
        self.computed = (!proven).then_some(mac);
        self.previous = self.previous.max(part.after);
        self.part = Some(Standing { part, proven, entries: 0, fitting: 0, findings: Findings::default() });
    }

    /// A part in which nothing at all fits was made with another key, not tampered with from its
    /// beginning to its end.
    fn finish_part(&mut self) {
        self.settle(false);
        let Some(mut part) = self.part.take() else { return };
        if !part.proven && part.fitting == 0 && part.part.id != self.signet.part {
            self.verdict.foreign += part.entries;
            return;
        }
        self.verdict.proven += part.fitting;
        if !part.proven {
            let first = part.part.after + 1;
            part.findings.add(Finding {
                what: What::Part,
                first,
                last: first,
                sales: vec![],
                mark: mark(&part.part.mac),
            });
        }
        self.take(part.findings);
    }

    fn take(&mut self, findings: Findings) {
        for finding in findings.list {
            if self.verdict.findings.len() < TOLD {
                self.verdict.findings.push(finding);
            } else {
                self.verdict.more += 1;
            }
        }
        self.verdict.more += findings.more;
    }

    fn doubt(&mut self, seq: i64, why: Why, entry: Option<Written>) {
        let sale = entry.map(|entry| entry.sale.to_owned()).unwrap_or_default();
        let mark = entry.map_or(0, |entry| mark(entry.bytes));
        self.doubted.push(Doubt { seq, why, right_seal: self.computed, sale, mark });
        if self.doubted.len() > DOUBTED {
            self.settle(false);
        }
    }

    /// Says what was done to the entries in doubt. `genuine` if what follows proves them, so that
    /// only their seals are not what they were.
    fn settle(&mut self, genuine: bool) {
        let mut loose = Findings::default();
        let findings = self.part.as_mut().map_or(&mut loose, |part| &mut part.findings);
        for Doubt { seq, why, right_seal, sale, mark } in self.doubted.drain(..) {
            let (what, first, last) = match why {
                Why::Lost => (What::Deleted, seq, seq),
                _ if genuine => (What::Seal, seq, seq),
                Why::Differs => (What::Edited, seq, seq),
                Why::Bare => (What::Inserted, seq, seq),
                Why::AfterGap { first } => (What::Deleted, first, seq - 1),
            };
            if what == What::Seal {
                self.verdict.right_seals.extend(right_seal.map(|mac| (seq, mac)));
            }
            let sales = if sale.is_empty() || what == What::Deleted { vec![] } else { vec![sale] };
            findings.add(Finding { what, first, last, sales, mark });
        }
        self.take(loose);
    }

    /// What the end of the log says, and the head that was kept outside of it.
    fn end(mut self, stand: &Stand, without_seals: &[Chunk]) -> Verdict {
        // With nothing sealed yet in it, the last part has not come up.
        while !self.coming.as_slice().is_empty() {
            self.next_part();
        }
        let mut computed = self.computed.unwrap_or(self.stored);
        let mut taken_off = Findings::default();
        for (seq, entry, _) in without_seals.iter().flat_map(Chunk::items) {
            let Some(entry) = entry else { continue };
            computed = self.signet.entry(&computed, entry.bytes);
            let sales = vec![entry.sale.to_owned()];
            taken_off.add(Finding { what: What::Seal, first: seq, last: seq, sales, mark: mark(entry.bytes) });
        }
        self.finish_part();
        let (mut ends, mut cut_off) = (Findings::default(), stand.numbered);
        for (seq, mac) in &stand.beyond {
            self.head_met |= self.head.is_some_and(|head| (head.seq, head.mac) == (*seq, *mac));
            ends.add(Finding { what: What::Deleted, first: *seq, last: *seq, sales: vec![], mark: 0 });
        }
        if let Some(head) = self.head.filter(|_| !self.head_met) {
            let told = |finding: &Finding| (finding.first..=finding.last).contains(&head.seq);
            if head.seq > stand.log_end {
                cut_off = cut_off.max(head.seq);
            } else if head.seq > stand.until {
                let what = if computed == head.mac { What::Seal } else { What::Edited };
                taken_off.list.iter_mut().for_each(|finding| finding.what = what);
                self.take(taken_off);
            } else if !self.verdict.findings.iter().any(told) {
                let (first, last) = (head.seq, head.seq);
                ends.add(Finding { what: What::Replaced, first, last, sales: vec![], mark: mark(&head.mac) });
            }
        }
        let first = stand.beyond.last().map_or(stand.log_end, |(seq, _)| *seq) + 1;
        if cut_off >= first {
            ends.add(Finding { what: What::CutOff, first, last: cut_off, sales: vec![], mark: 0 });
        }
        self.take(ends);
        self.verdict
    }
}

/// Findings in a row become one.
#[derive(Default)]
struct Findings {
    list: Vec<Finding>,
    more: u64,
}

impl Findings {
    fn add(&mut self, finding: Finding) {
        if let Some(last) = self.list.last_mut()
            && last.what == finding.what
            && last.last + 1 == finding.first
        {
            last.last = finding.last;
            last.mark = last.mark.rotate_left(5) ^ finding.mark;
            for sale in &finding.sales {
                name(&mut last.sales, ValueRef::Text(sale.as_bytes()));
            }
        } else if self.list.len() < TOLD {
            self.list.push(finding);
        } else {
            self.more += 1;
        }
    }
}

fn mark(bytes: &[u8]) -> u32 {
    let digest = Sha256::digest(bytes);
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}
