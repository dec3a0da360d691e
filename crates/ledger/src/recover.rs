//! A ledger that is damaged, and what takes its place. The damaged files are set aside whole, and
//! nothing in them is thrown away; the ledger is made anew from the newest good copy and everything
//! that can still be read and fits. Midtrans knows the rest, and is asked by the desk.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, ErrorCode, config::DbConfig, ffi};
use serde::{Deserialize, Serialize};
use till::{Environment, OrderId, TillId, Time};

use crate::{
    Binding, Door, Folder, chain,
    copies::{self, Copy},
    gate::{self, Held},
    kept, log,
    matters::{self, Facts, MatterKind},
    open::{Ledger, Trouble, assert_sqlite, connect, is_there, make_private, of_io, of_sqlite},
    papers,
    projection::word,
    reserve::give_up_ballast,
    salvage::{Belief, Found, Salvaged},
    schema::{self, SCHEMA},
    wreck::{self, Wreck, beside},
};

/// A ledger was put in the place of another, and this is what is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// When.
    pub at: Time,
    /// Why.
    pub why: Why,
    /// The folder beside the ledger in which the old files lie.
    pub set_aside: String,
    /// The copy it was made from; nothing where there was no good one.
    pub copy: Option<Copy>,
    /// What the old files still gave.
    pub salvaged: Salvaged,
}

/// Why a ledger was put in the place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The file was gone, or nothing was in it.
    Gone,
    /// The file is none of SQLite's any more, or its head is damaged.
    NoDatabase,
    /// The disk does not give it back.
    Unreadable,
    /// Some of its pages are damaged.
    Pages,
    /// Tables are missing, or what describes them is damaged.
    Tables,
    /// An entry of the log cannot be read, or a sale begins in the middle.
    Entries,
    /// It does not say any more whose it is.
    Identity,
    /// The write-ahead log is damaged before its end.
    WriteAhead,
    /// Somebody wanted an older copy.
    Wanted,
}

impl Ledger {
    /// Opens the ledger as a desk does when it starts: looks it over first, and if it is damaged, sets
    /// it aside and opens what can be made anew.
    ///
    /// It takes its time, so call it off the async threads. `chance` names the till of a new ledger.
    pub fn begin(
        folder: &Folder,
        environment: Environment,
        binding: Option<Binding>,
        chance: [u8; 4],
        now: Time,
    ) -> Result<(Self, Option<Restored>), Trouble> {
        match Self::begin_now(folder, environment, binding, chance, now) {
            // On a disk that is full to the brim nothing can be looked over.
            Err(Trouble::Full(_)) if give_up_ballast(&folder.shop(environment)) => {
                Self::begin_now(folder, environment, binding, chance, now)
            }
            begun => begun,
        }
    }

    fn begin_now(
        folder: &Folder,
        environment: Environment,
        binding: Option<Binding>,
        chance: [u8; 4],
        now: Time,
    ) -> Result<(Self, Option<Restored>), Trouble> {
        assert_sqlite()?;
        let place = folder.shop(environment);
        make_private(&place).map_err(|error| of_io(&error, &place))?;
        let mut restored = None;
        // Where another desk is at work the ledger was looked over when that one came.
        if let Some(_alone) = gate::alone(&place)? {
            let shop = Shop { place: &place, environment, chance };
            if is_unfinished(&place) {
                shop.finish(&gate::shut(&place)?)?;
            }
            if let Some(why) = shop.damage()? {
                restored = Some(shop.restore(&gate::shut(&place)?, why, None, now)?);
            }
        }
        Ok((Self::open(folder, environment, binding, Door::Desk, chance)?, restored))
    }

    /// Puts a copy in the place of the ledger, which is set aside. Of what was written down since,
    /// only the notifications are taken over; about every order that the copy does not know Midtrans
    /// is asked. Nobody may have the ledger open at a desk.
    pub fn restore(folder: &Folder, environment: Environment, name: &str, now: Time) -> Result<Restored, Trouble> {
        assert_sqlite()?;
        let place = folder.shop(environment);
        let copies = copies::list(&place.join(copies::FOLDER))?;
        let copy = copies.into_iter().find(|copy| copy.name == name).ok_or(Trouble::NoSuchCopy)?;
        let _alone = gate::alone(&place)?.ok_or(Trouble::InUse)?;
        let shop = Shop { place: &place, environment, chance: [0; 4] };
        let found = copies::look_through(&shop.copy(name))?;
        if found.environment != environment {
            return Err(Trouble::Environment(found.environment.word().into()));
        }
        let shut = gate::shut(&place)?;
        shop.finish(&shut)?;
        shop.restore(&shut, Why::Wanted, Some(copy), now)
    }

    /// The next attempt that Midtrans has to be asked about because the ledger was restored.
    pub fn to_ask_again(&self) -> Result<Option<OrderId>, Trouble> {
        self.read(|reader| {
            let Some(note) = AskAgain::read(reader)? else { return Ok(None) };
            let select = "SELECT attempts.order_id FROM attempts JOIN sales ON sales.id = attempts.sale
                          WHERE attempts.order_id > ?1 AND max(ordered_at, coalesce(paid_at, 0), coalesce(heard_at, 0),
                                                           coalesce(found_at, 0), coalesce(swept_since, 0)) >= ?2
                          ORDER BY attempts.order_id LIMIT 1";
            let mut next = reader.prepare_cached(select)?;
            let mut next = next.query_map((&note.upto, note.since.millis()), |row| row.get::<_, String>(0))?;
            next.next().transpose()?.map(|id| log::read_as(0, id.parse())).transpose()
        })
    }

    /// Midtrans has been asked about this one.
    pub fn asked_again(&self, order_id: OrderId) -> Result<(), Trouble> {
        self.change(|change| match AskAgain::read(change)? {
            Some(note) => AskAgain { upto: order_id.to_string(), ..note }.write(change),
            None => Ok(()),
        })
    }
}

/// Which attempts Midtrans has to be asked about after a ledger was restored, and how far that has come.
#[derive(Serialize, Deserialize)]
struct AskAgain {
    /// Those that were made, paid or given up since.
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

/// Whether a new ledger waits to take its place: the power went when it was about to.
pub(crate) fn is_unfinished(place: &Path) -> bool {
    unfinished(place).next().is_some()
}

/// Whether there was a ledger in this folder once.
pub(crate) fn had_one(place: &Path) -> bool {
    let copies = copies::list(&place.join(copies::FOLDER)).is_ok_and(|copies| !copies.is_empty());
    copies || is_there(&beside(&place.join(FILE), "-wal"))
}

const FILE: &str = "gerai.db";
/// What is made until it takes the ledger's place.
const WORK: &str = "recovering";
/// The new ledger, once it is whole, in the folder of the old files it stands for.
const READY: &str = "restored.db";
const SET_ASIDE: &str = "set-aside-";
/// So long before the copy was made a payment may have been under way.
const DAYS_BEFORE: i64 = 3 * 24 * 60 * 60 * 1000;

fn unfinished(place: &Path) -> impl Iterator<Item = PathBuf> {
    let folders = fs::read_dir(place).into_iter().flatten().flatten();
    let set_aside = folders.filter(|folder| folder.file_name().to_string_lossy().starts_with(SET_ASIDE));
    set_aside.map(|folder| folder.path()).filter(|folder| folder.join(READY).exists())
}

/// A shop's folder before its ledger is open, and nobody else at the desk.
struct Shop<'a> {
    place: &'a Path,
    environment: Environment,
    chance: [u8; 4],
}

impl Shop<'_> {
    fn file(&self) -> PathBuf {
        self.place.join(FILE)
    }

    fn copy(&self, name: &str) -> PathBuf {
        self.place.join(copies::FOLDER).join(name)
    }

    /// What is wrong with the ledger, if anything is. Whether it may be opened at all is another
    /// question, which is left to whoever opens it.
    fn damage(&self) -> Result<Option<Why>, Trouble> {
        let file = self.file();
        if !is_there(&file) {
            return Ok(had_one(self.place).then_some(Why::Gone));
        }
        let forgets = {
            // While no relay writes, so that what is half written is not taken for damage.
            let _shut = gate::shut(self.place)?;
            wreck::forgets(&beside(&file, "-wal"))
        };
        match forgets {
            Ok(false) => {}
            Ok(true) => return Ok(Some(Why::WriteAhead)),
            Err(_) => return Ok(Some(Why::Unreadable)),
        }
        match self.look_inside(&file) {
            Ok(why) => Ok(why),
            Err(error) => why(&error).map_or_else(|| Err(of_sqlite(error, &file)), |why| Ok(Some(why))),
        }
    }

    fn look_inside(&self, file: &Path) -> rusqlite::Result<Option<Why>> {
        let ledger = connect(file)?;
        // Should it be damaged, it is set aside as it is.
        ledger.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        let version: i32 = ledger.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version > SCHEMA {
            return Ok(self.never_was_newer().then_some(Why::NoDatabase));
        }
        let whole = schema::is_whole(&ledger)?;
        if version < 0 || version < SCHEMA && whole || version == 0 && had_one(self.place) {
            return Ok(Some(Why::NoDatabase));
        }
        if version == 0 {
            // Somebody was about to make it.
            return Ok(None);
        }
        // Not quick_check: an entry that its index has lost would be missing from its sale.
        let sound: String = ledger.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if sound != "ok" {
            return Ok(Some(Why::Pages));
        }
        if version == SCHEMA && !whole {
            return Ok(Some(Why::Tables));
        }
        if !says_whose_it_is(&ledger)? {
            return Ok(Some(Why::Identity));
        }
        Ok(copies::every_sale_folds(&ledger).is_err().then_some(Why::Entries))
    }

    /// Whether no newer Gerai can have written this ledger: it would have copied it, before it brought
    /// it up to date or since.
    fn never_was_newer(&self) -> bool {
        let copies = copies::list(&self.place.join(copies::FOLDER)).unwrap_or_default();
        let newer = |copy: &Copy| copies::look_through(&self.copy(&copy.name)).map_or(true, |it| it.schema > SCHEMA);
        let before_newer = |copy: &Copy| copies::schema_after(&copy.name).is_some_and(|schema| schema > SCHEMA);
        copies.first().is_some_and(|newest| !newer(newest)) && !copies.iter().any(before_newer)
    }

    /// Makes a ledger anew and puts it in the place of the old one.
    fn restore(&self, shut: &Held, why: Why, wanted: Option<Copy>, now: Time) -> Result<Restored, Trouble> {
        let work = self.place.join(WORK);
        let trouble = |error: io::Error| of_io(&error, self.place);
        let _ = fs::remove_dir_all(&work);
        make_private(&work).map_err(trouble)?;
        let new = work.join(FILE);
        let base = match wanted {
            Some(copy) => Some((copies::look_through(&self.copy(&copy.name))?, copy)),
            None => self.newest_good_copy()?,
        };
        let known_upto = base.as_ref().map_or(0, |(copied, _)| copied.head);
        let mut found = match Wreck::open(&self.file()) {
            Ok(wreck) => Some((Found::in_wreck(&wreck, known_upto, &work.join("found.db"))?, wreck)),
            Err(_) => None,
        };
        let till = base.as_ref().map(|(copied, _)| copied.till);
        let till = till.or_else(|| found.as_ref().and_then(|(found, _)| found.till()));
        let till = till.unwrap_or(TillId::draw(self.chance));
        let mut ledger = match &base {
            Some((_, copy)) => self.copied(&copy.name, &new)?,
            None => self.empty(&new, till)?,
        };
        let mut salvaged = Salvaged::default();
        if let Some((mut found, wreck)) = found.take() {
            found.look_for(&wreck, till);
            let belief = if why == Why::Wanted { Belief::Nothing } else { Belief::AsItWas };
            salvaged = found.add_to(&mut ledger, belief, now)?;
        }
        let copy = base.map(|(_, copy)| copy);
        let mut restored = Restored { at: now, why, set_aside: self.free_name(now), copy, salvaged };
        self.write_down(&mut ledger, &mut restored)?;
        close(ledger, &new)?;
        copies::look_through(&new)?;
        let aside = self.place.join(&restored.set_aside);
        make_private(&aside)
            .and_then(|()| copies::sync_file(&new))
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
    fn finish(&self, _: &Held) -> Result<(), Trouble> {
        let move_all = |aside: &Path| {
            for end in ["-wal", "-shm", ""] {
                let (from, to) = (beside(&self.file(), end), beside(&aside.join(FILE), end));
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
            if restored.copy.as_ref().is_some_and(|wanted| copy.at > wanted.at) {
                let moved = fs::rename(self.copy(&copy.name), aside.join(&copy.name));
                moved.map_err(|error| of_io(&error, self.place))?;
            }
        }
        Ok(())
    }

    /// The copy that knows most. Its clock may have been wrong, so the length of its log decides.
    fn newest_good_copy(&self) -> Result<Option<(copies::Found, Copy)>, Trouble> {
        let copies = copies::list(&self.place.join(copies::FOLDER))?.into_iter();
        let looked_through = copies.filter_map(|copy| Some((copies::look_through(&self.copy(&copy.name)).ok()?, copy)));
        let ours = looked_through.filter(|(found, _)| found.environment == self.environment && found.schema <= SCHEMA);
        // Of those that know the same, the newest stands first.
        let mut good: Vec<_> = ours.collect();
        good.sort_by_key(|(found, _)| std::cmp::Reverse(found.head));
        Ok(good.into_iter().next())
    }

    fn copied(&self, name: &str, new: &Path) -> Result<Connection, Trouble> {
        fs::copy(self.copy(name), new).map_err(|error| of_io(&error, self.place))?;
        let mut ledger = connect(new).map_err(|error| of_sqlite(error, &self.file()))?;
        schema::migrate(&mut ledger)?;
        Ok(ledger)
    }

    fn empty(&self, new: &Path, till: TillId) -> Result<Connection, Trouble> {
        let mut ledger = connect(new).map_err(|error| of_sqlite(error, &self.file()))?;
        schema::make(&mut ledger, self.environment, till)?;
        Ok(ledger)
    }

    /// A folder that is not there yet.
    fn free_name(&self, now: Time) -> String {
        let stamp = copies::stamp(now);
        let mut name = format!("{SET_ASIDE}{stamp}");
        for n in 2.. {
            if !self.place.join(&name).exists() {
                break;
            }
            name = format!("{SET_ASIDE}{stamp}-{n}");
        }
        name
    }

    /// The owner hears of it, and Midtrans is asked about everything that the copy cannot know.
    fn write_down(&self, ledger: &mut Connection, restored: &mut Restored) -> Result<(), Trouble> {
        let change = ledger.transaction()?;
        if kept::read(&change, "binding")?.is_none() {
            // Nobody shall point what may be a real shop's orders at a pretended Midtrans.
            let training = self.environment == Environment::Training;
            let binding = if training { Binding::Loopback } else { Binding::Midtrans };
            kept::write(&change, "binding", binding.word())?;
        }
        let newest: Option<i64> = change.query_row("SELECT max(at) FROM log", [], |row| row.get(0))?;
        let from = restored.copy.as_ref().map(|copy| copy.at).or(newest.map(Time::from_millis));
        let from = from.map_or(restored.at, |from| from.min(restored.at));
        AskAgain { since: Time::from_millis(from.millis() - DAYS_BEFORE), upto: String::new() }.write(&change)?;
        // Whoever remembers an earlier time has to see that this one came later, even if the clock was
        // set back in between.
        restored.at = restored.at.max(Time::from_millis(chain::restored(&change)? + 1));
        papers::restored(&change, restored.at)?;
        let facts = restored.facts(log::head(&change)?);
        matters::raise(&change, MatterKind::Restored, &restored.set_aside, &facts, restored.at)?;
        Ok(change.commit()?)
    }
}

impl Restored {
    /// What the owner is told; and up to which entry nothing is to be said about missing seals.
    fn facts(&self, upto: i64) -> Facts {
        let Salvaged { entries, notifications, lost, strays } = &self.salvaged;
        matters::facts([
            ("why", word(&self.why)),
            ("set_aside", self.set_aside.clone()),
            ("copy", self.copy.as_ref().map(|copy| copy.name.clone()).unwrap_or_default()),
            ("entries", entries.to_string()),
            ("notifications", notifications.to_string()),
            ("lost", lost.to_string()),
            ("strays", strays.len().to_string()),
            ("upto", upto.to_string()),
        ])
    }
}

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
        // A statement that does not fit the tables any more.
        rusqlite::Error::SqlInputError { .. } => Some(Why::Tables),
        _ => match error.sqlite_error_code()? {
            ErrorCode::NotADatabase => Some(Why::NoDatabase),
            ErrorCode::DatabaseCorrupt => Some(Why::Pages),
            ErrorCode::SystemIoFailure => {
                let reading = [ffi::SQLITE_IOERR_READ, ffi::SQLITE_IOERR_SHORT_READ, ffi::SQLITE_IOERR_CORRUPTFS];
                let met = error.sqlite_error().is_some_and(|error| reading.contains(&error.extended_code));
                met.then_some(Why::Unreadable)
            }
            // The words the tables are described in.
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
