//! Reading a ledger that SQLite no longer reads. Its pages are gone through one by one, as the file
//! format describes them (sqlite.org/fileformat2.html), and every row that is still whole is handed
//! out. What it means, and whether it is believed, is decided by whoever asked.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    sync::{Mutex, PoisonError},
};

use till::{OrderId, TillId};

/// What is left of a ledger: its file, and over it the pages of its write-ahead log.
pub(crate) struct Wreck {
    file: Option<Mutex<File>>,
    log: Option<Log>,
    page_size: usize,
    pages: u32,
}

/// A value of a row, as SQLite stores it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Real,
    Text(String),
    Blob(Vec<u8>),
}

/// A row that is still whole. What stands in a page whose checksum does not fit is doubtful.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its number; nothing in a table that has none.
    pub id: Option<i64>,
    pub values: Vec<Value>,
}

impl Wreck {
    /// Opens what lies there under this name, and under the same with `-wal`.
    pub fn open(file: &Path) -> io::Result<Self> {
        let log = match File::open(beside(file, "-wal")) {
            Ok(log) => Log::read(log)?,
            Err(_) => None,
        };
        let mut file = match File::open(file) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound && log.is_some() => None,
            Err(error) => return Err(error),
        };
        let mut header = [0; 100];
        let read = file.as_mut().is_some_and(|file| file.read_exact(&mut header).is_ok());
        let told = read && header.starts_with(b"SQLite format 3\0");
        let page_size = told.then(|| page_size(u32::from(u16::from_be_bytes([header[16], header[17]])))).flatten();
        let page_size = page_size.or_else(|| Some(log.as_ref()?.page_size)).unwrap_or(USUAL);
        let length = file.as_mut().map_or(Ok(0), |file| file.seek(SeekFrom::End(0)))?;
        let in_log = log.as_ref().and_then(|log| log.pages.last_key_value()).map_or(0, |(page, _)| *page);
        let pages = u32::try_from(length.div_ceil(page_size as u64)).unwrap_or(u32::MAX).max(in_log);
        Ok(Self { file: file.map(Mutex::new), log, page_size, pages })
    }

    /// Every row that is still whole. A row may come more than once: first as it stood last, then as
    /// it stands in pages that are doubtful.
    pub fn rows(&self, mut each: impl FnMut(Row)) {
        for number in 1..=self.pages {
            if let Some(page) = self.page(number) {
                self.rows_of(number, &page, &mut each);
            }
        }
        for (number, page) in self.log.iter().flat_map(|log| log.doubtful()) {
            self.rows_of(number, &page, &mut each);
        }
    }

    /// Every `order_id` of this till that stands anywhere in it.
    pub fn order_ids(&self, till: TillId) -> BTreeSet<OrderId> {
        let mut found = BTreeSet::new();
        let begins = format!("{till}-");
        let mut search = |page: Vec<u8>| {
            for at in (0..page.len()).filter(|at| page[*at..].starts_with(begins.as_bytes())) {
                let id = page.get(at..at + 24).and_then(|id| std::str::from_utf8(id).ok());
                // The check letter keeps out what only looks like one.
                found.extend(id.and_then(|id| id.parse::<OrderId>().ok()));
            }
        };
        (1..=self.pages).filter_map(|number| self.page(number)).for_each(&mut search);
        self.log.iter().flat_map(|log| log.doubtful()).for_each(|(_, page)| search(page));
        found
    }

    /// A page as it stood last. Where the disk gives nothing, nothing stands.
    fn page(&self, number: u32) -> Option<Vec<u8>> {
        if let Some(page) = self.log.as_ref().and_then(|log| log.page(number)) {
            return Some(page);
        }
        let mut page = vec![0; self.page_size];
        let mut file = self.file.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(u64::from(number.checked_sub(1)?) * self.page_size as u64)).ok()?;
        let mut read = 0;
        while read < page.len() {
            match file.read(&mut page[read..]) {
                Ok(0) | Err(_) => break,
                Ok(more) => read += more,
            }
        }
        (read > 0).then_some(page)
    }

    fn rows_of(&self, number: u32, page: &[u8], each: &mut impl FnMut(Row)) {
        let head = if number == 1 { 100 } else { 0 };
        let leaf = page.get(head..head + 8);
        let (table, count) = match leaf {
            Some([0x0d, _, _, a, b, ..]) => (true, u16::from_be_bytes([*a, *b])),
            Some([0x0a, _, _, a, b, ..]) => (false, u16::from_be_bytes([*a, *b])),
            _ => return,
        };
        for cell in 0..usize::from(count) {
            let pointer = head + 8 + 2 * cell;
            let Some(&[a, b]) = page.get(pointer..pointer + 2) else { return };
            let cell = page.get(usize::from(u16::from_be_bytes([a, b]))..);
            if let Some(row) = cell.and_then(|cell| self.cell(cell, table)) {
                each(row);
            }
        }
    }

    fn cell(&self, cell: &[u8], table: bool) -> Option<Row> {
        let mut rest = cell;
        let length = usize::try_from(varint(&mut rest)?).ok().filter(|length| *length <= LONGEST)?;
        let id = if table { Some(varint(&mut rest)?) } else { None };
        let payload = self.payload(rest, length, table)?;
        Some(Row { id, values: record(&payload)? })
    }

    /// A long row goes on in pages of its own.
    fn payload(&self, rest: &[u8], length: usize, table: bool) -> Option<Vec<u8>> {
        let usable = self.page_size;
        let most = if table { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
        if length <= most {
            return rest.get(..length).map(<[u8]>::to_vec);
        }
        let least = (usable - 12) * 32 / 255 - 23;
        let here = least + (length - least) % (usable - 4);
        let here = if here <= most { here } else { least };
        let mut payload = rest.get(..here)?.to_vec();
        let mut next = u32::from_be_bytes(rest.get(here..here + 4)?.try_into().ok()?);
        while payload.len() < length {
            if next == 0 || next > self.pages {
                return None;
            }
            let page = self.page(next)?;
            next = u32::from_be_bytes(page.get(..4)?.try_into().ok()?);
            let more = (length - payload.len()).min(usable - 4);
            payload.extend_from_slice(page.get(4..4 + more)?);
        }
        Some(payload)
    }
}

/// Whether a write-ahead log holds commits behind a place that is damaged. SQLite would read it up to
/// there, say nothing, and forget the rest. The torn end that a power cut leaves is no damage: nothing
/// behind it was ever committed.
pub(crate) fn forgets(log: &Path) -> io::Result<bool> {
    match File::open(log) {
        Ok(log) => Ok(Log::read(log)?.is_some_and(|log| log.forgets)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The page size of every ledger that was ever made.
const USUAL: usize = 4096;
/// No row of ours is longer.
const LONGEST: usize = 16 * 1024 * 1024;

/// A write-ahead log, frame by frame.
struct Log {
    file: Mutex<File>,
    page_size: usize,
    /// Where the last committed version of each page begins.
    pages: BTreeMap<u32, u64>,
    /// Versions whose checksum does not fit, though later commits stand behind them.
    doubtful: Vec<(u32, u64)>,
    forgets: bool,
}

const HEADER: u64 = 32;
const FRAME: usize = 24;

impl Log {
    fn read(mut file: File) -> io::Result<Option<Self>> {
        let length = file.seek(SeekFrom::End(0))?;
        let mut header = [0; HEADER as usize];
        file.seek(SeekFrom::Start(0))?;
        if length <= HEADER || file.read_exact(&mut header).is_err() {
            return Ok(None);
        }
        let told = |at: usize| number(&header[at..]);
        let sum = checksum((0, 0), &header[..24], told(0) & 1 == 1);
        let sound = told(0) & !1 == 0x377f_0682 && sum == (told(24), told(28));
        // A header that cannot be read has lost the salt of its frames; they still agree on one.
        let page_size = if sound { page_size(told(8)) } else { None }.unwrap_or(USUAL);
        let frames = Frames { big: !sound || told(0) & 1 == 1, page_size };
        let mut all = Vec::new();
        let mut before = sound.then_some(sum);
        let mut offset = HEADER;
        let mut bytes = vec![0; FRAME + page_size];
        while offset + bytes.len() as u64 <= length {
            file.seek(SeekFrom::Start(offset))?;
            let frame = match file.read_exact(&mut bytes) {
                Ok(()) => frames.frame(&bytes, before, offset),
                // The disk does not give it.
                Err(_) => Frame { page: 0, commits: false, salt: (0, 0), sum: (0, 0), sound: false, offset },
            };
            before = Some(frame.sum);
            all.push(frame);
            offset += bytes.len() as u64;
        }
        let salt = match sound {
            true => Some((told(16), told(20))),
            false => all.iter().rev().find(|frame| frame.sound && frame.commits).map(|frame| frame.salt),
        };
        // Behind its end lies what an earlier round left there, under another salt.
        let good = |frame: &Frame| frame.sound && Some(frame.salt) == salt;
        let broken = all.iter().position(|frame| !good(frame)).unwrap_or(all.len());
        // Each commit is flushed before the next one is begun. So what stands behind the commit that
        // the broken frame belongs to tells that this one had been flushed whole.
        let commit = all[broken..].iter().position(|frame| good(frame) && frame.commits);
        let begun_after = |commit: usize| all[broken + commit + 1..].iter().any(good);
        let forgets = if sound { commit.is_some_and(begun_after) } else { commit.is_some() };
        let committed = if forgets { &all[..] } else { &all[..broken] };
        let committed = match committed.iter().rposition(|frame| good(frame) && frame.commits) {
            Some(last) => &committed[..=last],
            None => return Ok(None),
        };
        let (mut pages, mut doubtful) = (BTreeMap::new(), Vec::new());
        for frame in committed {
            let content = frame.offset + FRAME as u64;
            if good(frame) {
                pages.insert(frame.page, content);
            } else {
                doubtful.push((frame.page, content));
            }
        }
        Ok(Some(Self { file: Mutex::new(file), page_size, pages, doubtful, forgets }))
    }

    fn page(&self, number: u32) -> Option<Vec<u8>> {
        self.pages.get(&number).and_then(|offset| self.at(*offset))
    }

    fn doubtful(&self) -> impl Iterator<Item = (u32, Vec<u8>)> {
        self.doubtful.iter().filter_map(|(number, offset)| Some((*number, self.at(*offset)?)))
    }

    fn at(&self, offset: u64) -> Option<Vec<u8>> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut page = vec![0; self.page_size];
        file.seek(SeekFrom::Start(offset)).ok()?;
        file.read_exact(&mut page).ok().map(|()| page)
    }
}

struct Frame {
    page: u32,
    commits: bool,
    salt: (u32, u32),
    sum: (u32, u32),
    /// Its checksum follows from that of the frame before it.
    sound: bool,
    offset: u64,
}

struct Frames {
    big: bool,
    page_size: usize,
}

impl Frames {
    fn frame(&self, bytes: &[u8], before: Option<(u32, u32)>, offset: u64) -> Frame {
        let (head, page) = bytes.split_at(FRAME);
        let sum = (number(&head[16..]), number(&head[20..]));
        let fits = |big| before.is_some_and(|before| checksum(checksum(before, &head[..8], big), page, big) == sum);
        Frame {
            page: number(head),
            commits: number(&head[4..]) != 0,
            salt: (number(&head[8..]), number(&head[12..])),
            sum,
            sound: bytes.len() == FRAME + self.page_size && (fits(self.big) || fits(!self.big)),
            offset,
        }
    }
}

/// SQLite's checksum of the write-ahead log, going on from an earlier one.
fn checksum((mut a, mut b): (u32, u32), bytes: &[u8], big: bool) -> (u32, u32) {
    let word = |word: &[u8]| {
        let word = [word[0], word[1], word[2], word[3]];
        if big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
    };
    for pair in bytes.chunks_exact(8) {
        a = a.wrapping_add(word(&pair[..4])).wrapping_add(b);
        b = b.wrapping_add(word(&pair[4..])).wrapping_add(a);
    }
    (a, b)
}

fn number(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

fn page_size(told: u32) -> Option<usize> {
    let size = if told == 1 { 65_536 } else { told };
    (size.is_power_of_two() && (512..=65_536).contains(&size)).then_some(size as usize)
}

fn varint(bytes: &mut &[u8]) -> Option<i64> {
    let mut value: u64 = 0;
    for place in 0..9 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        if place == 8 {
            return Some(((value << 8) | u64::from(*byte)) as i64);
        }
        value = (value << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(value as i64)
}

/// Reads a record; nothing unless it is whole to the last byte.
fn record(payload: &[u8]) -> Option<Vec<Value>> {
    let mut types = payload;
    let head = usize::try_from(varint(&mut types)?).ok()?;
    let mut types = payload.get(payload.len() - types.len()..head)?;
    let mut body = payload.get(head..)?;
    let mut values = Vec::new();
    while !types.is_empty() {
        let kind = varint(&mut types)?;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind as usize,
            5 => 6,
            6 | 7 => 8,
            12.. => usize::try_from((kind - 12) / 2).ok()?,
            _ => return None,
        };
        let (value, rest) = body.split_at_checked(length)?;
        body = rest;
        values.push(match kind {
            0 => Value::Null,
            1..=6 => Value::Int(int(value)),
            7 => Value::Real,
            8 | 9 => Value::Int(kind - 8),
            _ if kind % 2 == 1 => Value::Text(String::from_utf8(value.to_vec()).ok()?),
            _ => Value::Blob(value.to_vec()),
        });
    }
    body.is_empty().then_some(values)
}

fn int(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    bytes.iter().fold(if negative { -1 } else { 0 }, |value, byte| (value << 8) | i64::from(*byte))
}

/// The name of a file that SQLite keeps beside the ledger.
pub(crate) fn beside(file: &Path, end: &str) -> std::path::PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}
