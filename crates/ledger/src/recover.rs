//! A ledger that is damaged, and what takes its place. The damaged files are set aside whole, and
//! nothing in them is thrown away; the ledger is made anew from the newest good copy and everything
//! that can still be read and fits. Midtrans knows the rest, and is asked by the desk.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, ErrorCode, ffi};
use serde::{Deserialize, Serialize};
use till::{Environment, OrderId, TillId, Time};

use crate::{
    Binding, Door, Folder,
    copies::{self, Copy},
    gate::{AtTheDesk, Gate, Shut},
    kept, log,
    matters::{self, Facts, MatterKind},
    note::Note,
    open::{Ledger, Trouble, assert_sqlite, connect, make_private, of_io, of_sqlite},
    projection::word,
    salvage::{Found, Salvaged},
    schema::{self, SCHEMA},
    wreck::{self, Wreck, beside},
};

/// A ledger was put in the place of another, and this is what is known about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// When.
    pub at: Time,
    /// Why.
    pub why: Why,
    /// The folder beside the ledger in which the old files lie.
    pub set_aside: String,
    /// The copy it was made from; nothing where there was no good one.
    pub copy: Option<String>,
    /// When that copy was made.
    pub copied_at: Option<Time>,
    /// Nothing told whose ledger this was, so it has the name of a new till.
    pub new_till: bool,
    /// What the old files still gave.
    pub salvaged: Salvaged,
}

/// Why a ledger was put in the place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The file was gone, or nothing was in it.
    Gone,
    /// The file is none of SQLite's any more.
    NoDatabase,
    /// The disk does not give it back.
    Unreadable,
    /// Some of its pages are damaged.
    Pages,
    /// Tables are missing.
    Tables,
    /// An entry of the log cannot be read.
    Entries,
    /// It does not say any more whose it is.
    Identity,
    /// The write-ahead log is damaged before its end.
    WriteAhead,
    /// Somebody wanted an older copy.
    Wanted,
}

impl Restored {
    /// What the owner is told. The entries themselves stand in the report beside the old files.
    fn facts(&self) -> Facts {
        let Salvaged { entries, notifications, exchanges: _, lost, unfit, orphans } = &self.salvaged;
        let facts = [
            ("why", word(&self.why)),
            ("set_aside", self.set_aside.clone()),
            ("copy", self.copy.clone().unwrap_or_default()),
            ("entries", entries.to_string()),
            ("notifications", notifications.to_string()),
            ("lost", lost.to_string()),
            ("unfit", unfit.len().to_string()),
            ("orphans", orphans.len().to_string()),
            ("new_till", self.new_till.to_string()),
        ];
        facts.into_iter().map(|(fact, value)| (fact.to_owned(), value)).collect()
    }
}

impl Ledger {
    /// Opens the ledger as a desk does when it starts: looks it through first, and if it is damaged,
    /// sets it aside and opens what can be made anew.
    ///
    /// It takes its time, so call it off the async threads. `chance` names the till of a new ledger.
    pub fn begin(
        folder: &Folder,
        environment: Environment,
        binding: Option<Binding>,
        chance: [u8; 4],
        now: Time,
    ) -> Result<(Self, Option<Restored>), Trouble> {
        assert_sqlite()?;
        let place = folder.shop(environment);
        make_private(&place).map_err(|error| of_io(&error, &place))?;
        let shop = Shop { place: &place, environment, note: Note::read(&place), chance };
        let desk = AtTheDesk::come(&place)?;
        let mut restored = None;
        // Where another desk is at work the ledger was looked over when that one came.
        if desk.is_alone() && shop.look_over(None)?.is_some() {
            let shut = Gate::shut(&place)?;
            shop.finish(&shut)?;
            // Another desk may have been faster.
            if let Some(why) = shop.look_over(Some(&shut))? {
                restored = Some(shop.restore(&shut, why, None, now)?);
            }
        }
        let mut ledger = Self::open(folder, environment, binding, Door::Desk, chance)?;
        ledger.desk = Some(desk.stay(&place)?);
        Note::of(&ledger)?.keep(&place)?;
        Ok((ledger, restored))
    }

    /// Puts a copy in the place of the ledger, and adds what was written down since and still fits.
    pub fn restore(folder: &Folder, environment: Environment, name: &str, now: Time) -> Result<Restored, Trouble> {
        assert_sqlite()?;
        let place = folder.shop(environment);
        let shop = Shop { place: &place, environment, note: Note::read(&place), chance: [0; 4] };
        let copy = copies::list(&place.join(copies::FOLDER))?.into_iter().find(|copy| copy.name == name);
        let copy = copy.ok_or(Trouble::NoSuchCopy)?;
        let found = copies::look_through(&shop.copy(name))?;
        if found.environment != environment {
            return Err(Trouble::Environment(found.environment.word().into()));
        }
        let shut = Gate::shut(&place)?;
        shop.finish(&shut)?;
        shop.restore(&shut, Why::Wanted, Some(copy), now)
    }

    /// The next attempt that Midtrans has to be asked about because the ledger was restored.
    pub fn to_ask_again(&self) -> Result<Option<OrderId>, Trouble> {
        self.read(|reader| {
            let Some(note) = AskAgain::read(reader)? else { return Ok(None) };
            let select = "SELECT order_id FROM attempts JOIN sales ON sales.id = attempts.sale
                          WHERE order_id > ?1 AND max(ordered_at, coalesce(paid_at, 0), coalesce(closed_at, 0)) >= ?2
                          ORDER BY order_id LIMIT 1";
            let mut next = reader.prepare_cached(select)?;
            let mut next = next.query_map((&note.upto, note.since.millis()), |row| row.get::<_, String>(0))?;
            next.next().transpose()?.map(|id| log::read_as(0, id.parse())).transpose()
        })
    }

    /// Midtrans has been asked about this one; with nothing, about all of them.
    pub fn asked_again(&self, order_id: Option<OrderId>) -> Result<(), Trouble> {
        self.change(|change| {
            let Some(note) = AskAgain::read(change)? else { return Ok(()) };
            match order_id {
                Some(order_id) => AskAgain { upto: order_id.to_string(), ..note }.write(change),
                None => Ok(change.execute("DELETE FROM kept WHERE key = ?1", [AskAgain::KEY]).map(|_| ())?),
            }
        })
    }
}

/// Which attempts Midtrans has to be asked about after a ledger was restored, and how far that has come.
#[derive(Serialize, Deserialize)]
struct AskAgain {
    /// Those that were made, paid or closed since.
    since: Time,
    /// In the order of their names, up to this one.
    upto: String,
}

impl AskAgain {
    const KEY: &str = "ask_again";

    fn read(connection: &Connection) -> rusqlite::Result<Option<Self>> {
        Ok(kept::read(connection, Self::KEY)?.and_then(|note| serde_json::from_str(&note).ok()))
    }

    fn write(&self, change: &Connection) -> Result<(), Trouble> {
        let note = serde_json::to_string(self).map_err(|error| Trouble::Row(error.to_string()))?;
        Ok(kept::write(change, Self::KEY, &note)?)
    }
}

/// A shop's folder before its ledger is open.
struct Shop<'a> {
    place: &'a Path,
    environment: Environment,
    note: Option<Note>,
    chance: [u8; 4],
}

/// What is made until it takes the ledger's place.
const WORK: &str = "recovering";
/// The new ledger, once it is whole, in the folder of the old files it stands for.
const READY: &str = "restored.db";
const SET_ASIDE: &str = "set-aside-";

/// Whether a new ledger waits to take its place: the power went when it was about to.
pub(crate) fn is_unfinished(place: &Path) -> bool {
    unfinished(place).next().is_some()
}

fn unfinished(place: &Path) -> impl Iterator<Item = PathBuf> {
    let folders = fs::read_dir(place).into_iter().flatten().flatten();
    let set_aside = folders.filter(|folder| folder.file_name().to_string_lossy().starts_with(SET_ASIDE));
    set_aside.map(|folder| folder.path()).filter(|folder| folder.join(READY).exists())
}

/// Whether there was a ledger in this folder once.
pub(crate) fn had_one(place: &Path) -> bool {
    Note::read(place).is_some() || copies::list(&place.join(copies::FOLDER)).is_ok_and(|copies| !copies.is_empty())
}

impl Shop<'_> {
    fn file(&self) -> PathBuf {
        self.place.join("gerai.db")
    }

    /// What is wrong with the ledger, if anything is. Whether it may be opened at all is another
    /// question, which is left to whoever opens it.
    fn look_over(&self, shut: Option<&Shut>) -> Result<Option<Why>, Trouble> {
        let file = self.file();
        if is_unfinished(self.place) {
            return Ok(Some(Why::Gone));
        }
        if fs::metadata(&file).map_or(0, |data| data.len()) == 0 {
            return Ok(had_one(self.place).then_some(Why::Gone));
        }
        // A ledger that is open here was looked over when it was opened.
        if !Gate::is_open_here(self.place) {
            // While nobody writes, so that what is half written is not taken for damage.
            let _shut = shut.is_none().then(|| Gate::shut(self.place)).transpose()?;
            match wreck::forgets(&beside(&file, "-wal")) {
                Ok(false) => {}
                Ok(true) => return Ok(Some(Why::WriteAhead)),
                Err(_) => return Ok(Some(Why::Unreadable)),
            }
        }
        match self.look_inside(&file) {
            Ok(why) => Ok(why),
            Err(error) => why(&error).map_or_else(|| Err(of_sqlite(error, &file)), |why| Ok(Some(why))),
        }
    }

    fn look_inside(&self, file: &Path) -> rusqlite::Result<Option<Why>> {
        let ledger = connect(file)?;
        let version: i32 = ledger.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let told = self.note.as_ref().map_or(i32::MAX, |note| note.schema);
        if version < 0 || version > SCHEMA && told <= SCHEMA || version == 0 && had_one(self.place) {
            // A newer Gerai would have said so in its note.
            return Ok(Some(Why::NoDatabase));
        }
        if version == 0 || version > SCHEMA {
            return Ok(None);
        }
        let sound: String = ledger.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if sound != "ok" {
            return Ok(Some(Why::Pages));
        }
        if version == SCHEMA && !schema::is_whole(&ledger)? {
            return Ok(Some(Why::Tables));
        }
        if !says_whose_it_is(&ledger)? {
            return Ok(Some(Why::Identity));
        }
        let read = match log::head(&ledger)? {
            // The rest is read when the next copy is made, a moment from now.
            many if many > AT_THE_START => log::newest_can_be_read(&ledger, AT_THE_START),
            _ => copies::every_sale_folds(&ledger),
        };
        Ok(read.is_err().then_some(Why::Entries))
    }

    /// Makes a ledger anew and puts it in the place of the old one.
    fn restore(&self, shut: &Shut, why: Why, wanted: Option<Copy>, now: Time) -> Result<Restored, Trouble> {
        let work = self.place.join(WORK);
        let trouble = |error: io::Error| of_io(&error, self.place);
        let _ = fs::remove_dir_all(&work);
        make_private(&work).map_err(trouble)?;
        let new = work.join("gerai.db");
        let base = match wanted {
            Some(copy) => Some((copies::look_through(&self.copy(&copy.name))?, copy)),
            None => self.newest_good_copy()?,
        };
        let wreck = Wreck::open(&self.file()).ok();
        let mut found = match &wreck {
            Some(wreck) => {
                let after = base.as_ref().map_or(0, |(copied, _)| copied.head);
                Some(Found::in_wreck(wreck, after, &work.join("found.db"))?)
            }
            None => None,
        };
        let known = base.as_ref().map(|(copied, _)| copied.till);
        let known = known.or_else(|| self.note.as_ref().map(|note| note.till));
        let known = known.or_else(|| found.as_ref().and_then(Found::till));
        let till = known.unwrap_or(TillId::draw(self.chance));
        if let (Some(found), Some(wreck)) = (&mut found, &wreck) {
            found.look_for(wreck, till);
        }
        let mut ledger = match &base {
            Some((_, copy)) => self.from_copy(&copy.name, &new)?,
            None => self.from_nothing(&new, till, found.as_ref())?,
        };
        let salvaged = found.map_or_else(|| Ok(Salvaged::default()), |found| found.add_to(&mut ledger))?;
        let set_aside = self.folder_for(now)?;
        let (copied_at, copy) = base.map(|(_, copy)| (copy.at, copy.name)).unzip();
        let new_till = known.is_none();
        let restored = Restored { at: now, why, set_aside: set_aside.clone(), copy, copied_at, new_till, salvaged };
        self.write_down(&mut ledger, &restored)?;
        close(ledger, &new)?;
        copies::look_through(&new)?;
        let aside = self.place.join(&set_aside);
        let report = serde_json::to_vec_pretty(&restored).map_err(|error| Trouble::Row(error.to_string()))?;
        fs::write(aside.join("report.json"), report)
            .and_then(|()| copies::sync_file(&aside.join("report.json")))
            .and_then(|()| copies::sync_file(&new))
            .and_then(|()| copies::sync_folder(&aside))
            // From here on there is a new ledger, whatever happens.
            .and_then(|()| fs::rename(&new, aside.join(READY)))
            .and_then(|()| copies::sync_folder(&aside))
            .and_then(|()| copies::sync_folder(self.place))
            .map_err(trouble)?;
        self.finish(shut)?;
        let _ = fs::remove_dir_all(&work);
        if why == Why::Wanted {
            self.set_later_copies_aside(&restored, &aside)?;
        }
        Ok(restored)
    }

    /// Puts a new ledger that is whole in its place, and the old files where it was.
    fn finish(&self, _: &Shut) -> Result<(), Trouble> {
        let move_all = |aside: &Path| {
            for end in ["-wal", "-shm", ""] {
                let (from, to) = (beside(&self.file(), end), beside(&aside.join("gerai.db"), end));
                match fs::rename(from, to) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    moved => moved?,
                }
            }
            copies::sync_folder(aside)?;
            copies::sync_folder(self.place)?;
            fs::rename(aside.join(READY), self.file())?;
            copies::sync_folder(aside)?;
            copies::sync_folder(self.place)
        };
        for aside in unfinished(self.place) {
            move_all(&aside).map_err(|error| of_io(&error, self.place))?;
        }
        Ok(())
    }

    /// Somebody did not want what they hold, so it shall not come back by itself.
    fn set_later_copies_aside(&self, restored: &Restored, aside: &Path) -> Result<(), Trouble> {
        for copy in copies::list(&self.place.join(copies::FOLDER))? {
            if restored.copied_at.is_some_and(|at| copy.at > at) {
                let moved = fs::rename(self.copy(&copy.name), aside.join(&copy.name));
                moved.map_err(|error| of_io(&error, self.place))?;
            }
        }
        Ok(())
    }

    /// The copy that knows most. Its clock may have been wrong, so the length of its log decides.
    fn newest_good_copy(&self) -> Result<Option<(copies::Found, Copy)>, Trouble> {
        let mut good = Vec::new();
        for copy in copies::list(&self.place.join(copies::FOLDER))? {
            let known = self.note.as_ref().map(|note| note.till);
            match copies::look_through(&self.copy(&copy.name)) {
                Ok(found) if found.environment == self.environment && known.is_none_or(|till| till == found.till) => {
                    good.push((found, copy));
                }
                _ => {}
            }
        }
        // Of those that know the same, the newest stands first.
        good.sort_by_key(|(found, _)| std::cmp::Reverse(found.head));
        Ok(good.into_iter().next())
    }

    fn copy(&self, name: &str) -> PathBuf {
        self.place.join(copies::FOLDER).join(name)
    }

    fn from_copy(&self, name: &str, new: &Path) -> Result<Connection, Trouble> {
        fs::copy(self.copy(name), new).map_err(|error| of_io(&error, self.place))?;
        let mut ledger = connect(new).map_err(|error| of_sqlite(error, &self.file()))?;
        schema::migrate(&mut ledger)?;
        Ok(ledger)
    }

    fn from_nothing(&self, new: &Path, till: TillId, found: Option<&Found>) -> Result<Connection, Trouble> {
        let mut ledger = connect(new).map_err(|error| of_sqlite(error, &self.file()))?;
        schema::make(&mut ledger, self.environment, till)?;
        for key in ["binding", "relay_path"] {
            let noted = self.note.as_ref().and_then(|note| note.kept(key));
            if let Some(value) = noted.or_else(|| found.and_then(|found| found.kept(key))) {
                kept::write(&ledger, key, value)?;
            }
        }
        Ok(ledger)
    }

    /// A folder that is not there yet.
    fn folder_for(&self, now: Time) -> Result<String, Trouble> {
        let stamp = copies::stamp(now);
        for n in 1.. {
            let name = if n == 1 { format!("{SET_ASIDE}{stamp}") } else { format!("{SET_ASIDE}{stamp}-{n}") };
            if !self.place.join(&name).exists() {
                make_private(&self.place.join(&name)).map_err(|error| of_io(&error, self.place))?;
                return Ok(name);
            }
        }
        unreachable!("there are more numbers than folders")
    }

    /// The owner hears of it, and Midtrans is asked about everything that the copy cannot know.
    fn write_down(&self, ledger: &mut Connection, restored: &Restored) -> Result<(), Trouble> {
        let newest = "SELECT max(at) FROM log";
        let newest: Option<i64> = ledger.query_row(newest, [], |row| row.get(0))?;
        let from = restored.copied_at.or(newest.map(Time::from_millis)).unwrap_or(restored.at);
        let change = ledger.transaction()?;
        let since = Time::from_millis(from.min(restored.at).millis() - DAYS_BEFORE);
        AskAgain { since, upto: String::new() }.write(&change)?;
        matters::raise(&change, MatterKind::Restored, &restored.set_aside, &restored.facts(), restored.at)?;
        // Whoever remembers an earlier one by its number has to see that this one came later, even if
        // the copy does not know of that one.
        let later = "UPDATE matters SET id = max(id, ?2) WHERE kind = 'restored' AND key = ?1";
        change.execute(later, (&restored.set_aside, restored.at.millis()))?;
        Ok(change.commit()?)
    }
}

/// So many entries are read at a start, so that a big shop need not wait for its window.
const AT_THE_START: i64 = 200_000;
/// So long before the copy was made a payment may have been under way.
const DAYS_BEFORE: i64 = 3 * 24 * 60 * 60 * 1000;

fn close(ledger: Connection, new: &Path) -> Result<(), Trouble> {
    let trouble = |error| of_sqlite(error, new);
    ledger.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(trouble)?;
    // One file that needs no other beside it.
    ledger.pragma_update(None, "journal_mode", "DELETE").map_err(trouble)?;
    ledger.close().map_err(|(_, error)| trouble(error))
}

/// The damage that SQLite has met, if it is one.
fn why(error: &rusqlite::Error) -> Option<Why> {
    match error {
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::Utf8Error(..)
        | rusqlite::Error::IntegralValueOutOfRange(..) => Some(Why::Entries),
        _ => match error.sqlite_error_code()? {
            ErrorCode::NotADatabase => Some(Why::NoDatabase),
            ErrorCode::DatabaseCorrupt => Some(Why::Pages),
            ErrorCode::SystemIoFailure => {
                let reading = [ffi::SQLITE_IOERR_READ, ffi::SQLITE_IOERR_SHORT_READ, ffi::SQLITE_IOERR_CORRUPTFS];
                let met = error.sqlite_error().is_some_and(|error| reading.contains(&error.extended_code));
                met.then_some(Why::Unreadable)
            }
            // A statement that does not fit the tables any more.
            ErrorCode::Unknown => Some(Why::Tables),
            _ => None,
        },
    }
}

fn says_whose_it_is(ledger: &Connection) -> rusqlite::Result<bool> {
    let kept = |key| kept::read(ledger, key);
    let environment = kept("environment")?.is_some_and(|word| word.parse::<Environment>().is_ok());
    let till = kept("till")?.and_then(|till| till.parse::<TillId>().ok());
    let first = "SELECT attempt FROM log WHERE attempt IS NOT NULL ORDER BY seq LIMIT 1";
    let mut first = ledger.prepare(first)?;
    let first = first.query_map([], |row| row.get::<_, String>(0))?.next().transpose()?;
    let first = first.and_then(|order_id| order_id.parse::<OrderId>().ok());
    let bound = match first {
        Some(_) => kept("binding")?.is_some_and(|word| Binding::read(&word).is_some()),
        None => true,
    };
    Ok(environment && bound && till.is_some_and(|till| first.is_none_or(|first| first.till() == till)))
}
