use rusqlite::{Connection, OptionalExtension, Row as SqlRow, named_params, params};
use serde::{Deserialize, Serialize};
use till::Time;

use crate::{
    flight::Flight,
    log::read_as,
    open::{Ledger, Trouble},
    projection::{unword, word},
};

/// Papers that were asked for, and what became of each. None of it is money: an order is never in
/// doubt because of paper.
///
/// A paper is marked before its first byte leaves this PC. If the program ends then, nobody knows what
/// is on the paper, and it is never printed again by itself.
pub(crate) const TABLE: &str = "
    CREATE TABLE papers (
        id        INTEGER PRIMARY KEY AUTOINCREMENT,
        kind      TEXT NOT NULL,
        about     TEXT NOT NULL,
        printer   TEXT NOT NULL,
        state     TEXT NOT NULL,
        copy      INTEGER,
        queued_at INTEGER NOT NULL,
        queued_by TEXT,
        out_at    INTEGER,
        ended_at  INTEGER,
        why       TEXT,
        said      TEXT,
        said_by   TEXT,
        said_at   INTEGER
    ) STRICT;
    CREATE INDEX papers_about ON papers (kind, about);
    CREATE INDEX papers_under_way ON papers (state, printer, id) WHERE state IN ('queued', 'going_out');
";

/// A paper that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Its number.
    pub id: i64,
    /// What it is.
    pub kind: PaperKind,
    /// The `order_id` whose slip or receipt it is, the number of the report, the printer of the test page.
    pub about: String,
    /// The printer it goes to, by the name the owner gave it.
    pub printer: String,
    /// What became of it.
    pub state: PaperState,
    /// How many papers of the same came before it; nothing until it goes out.
    pub copy: Option<u32>,
    /// When somebody asked for it.
    pub queued_at: Time,
    /// Who did; nobody if it was printed by itself.
    pub queued_by: Option<String>,
    /// When it began to go out.
    pub out_at: Option<Time>,
    /// When it was known what became of it.
    pub ended_at: Option<Time>,
    /// Why it failed or is unknown, in a word.
    pub why: Option<String>,
    /// What somebody who looked has said of it.
    pub said: Option<Look>,
}

/// What a paper is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperKind {
    /// A payment code to take to the store.
    Slip,
    /// Proof that an order was paid.
    Receipt,
    /// What a day came to.
    Report,
    /// What a printer can do.
    Test,
}

/// What became of a paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperState {
    /// It waits for its turn.
    Queued,
    /// Bytes of it may have left this PC.
    GoingOut,
    /// The printer took it and says no more.
    HandedOver,
    /// The printer says that it is printed.
    Confirmed,
    /// Nothing of it came out.
    Failed,
    /// It came out, or in part, or not at all: somebody has to look.
    Unknown,
}

/// What somebody saw who looked at the printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether it came out, whole.
    pub came_out: bool,
    /// Who looked.
    pub by: String,
    /// When.
    pub at: Time,
}

/// A paper to be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPaper {
    /// What it is.
    pub kind: PaperKind,
    /// What it is about.
    pub about: String,
    /// The printer it goes to.
    pub printer: String,
    /// Who asks for it; nobody if it is printed by itself.
    pub by: Option<String>,
}

/// The only one who prints on a printer, among all programs; whoever dies lets go of it.
#[derive(Debug)]
pub struct Press {
    _lock: Flight,
}

impl Paper {
    /// Whether there is a paper of it, as far as anybody knows.
    pub fn may_be_there(&self) -> bool {
        match &self.said {
            Some(look) => look.came_out,
            None => !matches!(self.state, PaperState::Queued | PaperState::Failed),
        }
    }

    /// Whether nothing more is going to happen with it by itself.
    pub fn is_over(&self) -> bool {
        !matches!(self.state, PaperState::Queued | PaperState::GoingOut)
    }
}

impl Ledger {
    /// Queues so many papers.
    pub fn queue(&self, new: &NewPaper, count: u32, at: Time) -> Result<Vec<Paper>, Trouble> {
        self.change(|change| (0..count).map(|_| queue(change, new, at)).collect())
    }

    /// Queues so many papers of what nobody has asked a paper of yet: what is printed by itself is
    /// printed once, however often the reason for it comes up.
    pub fn queue_once(&self, new: &NewPaper, count: u32, at: Time) -> Result<Vec<Paper>, Trouble> {
        if !self.papers_about(new.kind, &new.about)?.is_empty() {
            return Ok(vec![]);
        }
        self.change(|change| {
            let before = "SELECT EXISTS (SELECT 1 FROM papers WHERE kind = ?1 AND about = ?2)";
            if change.query_row(before, params![word(&new.kind), new.about], |row| row.get(0))? {
                return Ok(vec![]);
            }
            (0..count).map(|_| queue(change, new, at)).collect()
        })
    }

    /// The printers for which papers are under way.
    pub fn printers_with_papers(&self) -> Result<Vec<String>, Trouble> {
        self.read(|reader| {
            let select = format!("SELECT DISTINCT printer FROM papers WHERE {UNDER_WAY}");
            reader.prepare_cached(&select)?.query_map([], |row| row.get(0))?.collect()
        })
    }

    /// The paper that has waited longest for this printer.
    pub fn next_paper(&self, printer: &str) -> Result<Option<Paper>, Trouble> {
        self.read(|reader| {
            let select = format!("{SELECT} WHERE state = 'queued' AND printer = ?1 ORDER BY id LIMIT 1");
            reader.prepare_cached(&select)?.query_row([printer], Paper::read).optional()
        })
    }

    /// How many papers of this may be there, as the next one has to say: nothing for the first.
    pub fn next_copy(&self, kind: PaperKind, about: &str) -> Result<u32, Trouble> {
        self.read(|reader| next_copy(reader, kind, about))
    }

    /// Marks a paper before its first byte leaves, durably. Nothing may leave if this says no: somebody
    /// else has it, or another copy of it went out meanwhile.
    pub fn go_out(&self, id: i64, copy: u32, at: Time) -> Result<bool, Trouble> {
        self.change(|change| {
            let Some(paper) = find(change, id)? else { return Ok(false) };
            if paper.state != PaperState::Queued || next_copy(change, paper.kind, &paper.about)? != copy {
                return Ok(false);
            }
            let update = "UPDATE papers SET state = 'going_out', copy = ?2, out_at = ?3 WHERE id = ?1";
            Ok(change.execute(update, params![id, copy, at.millis()])? == 1)
        })
    }

    /// Writes down what became of a paper that was under way, once.
    pub fn paper_ended(&self, id: i64, state: PaperState, why: Option<&str>, at: Time) -> Result<(), Trouble> {
        self.change(|change| {
            let update = format!("UPDATE papers SET state = ?2, why = ?3, ended_at = ?4 WHERE id = ?1 AND {UNDER_WAY}");
            change.execute(&update, params![id, word(&state), why, at.millis()])?;
            Ok(())
        })
    }

    /// Whoever was printing these is gone, for we have the printer now: nobody knows what is on the paper.
    pub fn papers_left_behind(&self, _press: &Press, printer: &str, at: Time) -> Result<(), Trouble> {
        let left = "SELECT EXISTS (SELECT 1 FROM papers WHERE state = 'going_out' AND printer = ?1)";
        if !self.read(|reader| reader.prepare_cached(left)?.query_row([printer], |row| row.get(0)))? {
            return Ok(());
        }
        self.change(|change| {
            let update = "UPDATE papers SET state = 'unknown', why = 'paper_interrupted', ended_at = ?2
                          WHERE state = 'going_out' AND printer = ?1";
            change.execute(update, params![printer, at.millis()])?;
            Ok(())
        })
    }

    /// Writes down what somebody saw, and tells how the paper stands then; nothing if there is no such
    /// paper. Whoever looks again may correct it.
    pub fn say_of_paper(&self, id: i64, look: &Look) -> Result<Option<Paper>, Trouble> {
        self.change(|change| {
            let update =
                format!("UPDATE papers SET said = ?2, said_by = ?3, said_at = ?4 WHERE id = ?1 AND NOT ({UNDER_WAY})");
            let said = if look.came_out { CAME_OUT } else { DID_NOT };
            change.execute(&update, params![id, said, look.by, look.at.millis()])?;
            Ok(find(change, id)?)
        })
    }

    /// This paper.
    pub fn paper(&self, id: i64) -> Result<Option<Paper>, Trouble> {
        self.read(|reader| find(reader, id))
    }

    /// Every paper of this, oldest first.
    pub fn papers_about(&self, kind: PaperKind, about: &str) -> Result<Vec<Paper>, Trouble> {
        self.read(|reader| {
            let select = format!("{SELECT} WHERE kind = ?1 AND about = ?2 ORDER BY id");
            reader.prepare_cached(&select)?.query_map(params![word(&kind), about], Paper::read)?.collect()
        })
    }

    /// The latest papers, newest first.
    pub fn papers(&self, most: u32) -> Result<Vec<Paper>, Trouble> {
        self.read(|reader| {
            let select = format!("{SELECT} ORDER BY id DESC LIMIT ?1");
            reader.prepare_cached(&select)?.query_map([most], Paper::read)?.collect()
        })
    }

    /// Takes the printer of this name for as long as it is held; nothing while somebody else has it.
    pub fn press(&self, printer: &str) -> Result<Option<Press>, Trouble> {
        let name: String = printer.bytes().map(|byte| format!("{byte:02x}")).collect();
        Ok(self.lock_of("presses", &name)?.map(|lock| Press { _lock: lock }))
    }
}

/// After an older ledger was put in place, what it has under way may have been printed long since.
pub(crate) fn restored(change: &Connection, at: Time) -> rusqlite::Result<()> {
    let update =
        format!("UPDATE papers SET state = 'unknown', why = 'paper_restored', ended_at = ?1 WHERE {UNDER_WAY}");
    change.execute(&update, [at.millis()]).map(|_| ())
}

const SELECT: &str = "SELECT id, kind, about, printer, state, copy, queued_at, queued_by, out_at, ended_at, why, said, \
                      said_by, said_at FROM papers";
const UNDER_WAY: &str = "state IN ('queued', 'going_out')";
const CAME_OUT: &str = "came_out";
const DID_NOT: &str = "did_not";

fn queue(change: &Connection, new: &NewPaper, at: Time) -> Result<Paper, Trouble> {
    let insert = "INSERT INTO papers (kind, about, printer, state, queued_at, queued_by)
                  VALUES (:kind, :about, :printer, 'queued', :at, :by)";
    let values = named_params! {
        ":kind": word(&new.kind), ":about": new.about, ":printer": new.printer, ":at": at.millis(), ":by": new.by,
    };
    change.execute(insert, values)?;
    find(change, change.last_insert_rowid())?.ok_or_else(|| Trouble::Row("a new paper is gone".into()))
}

fn find(connection: &Connection, id: i64) -> rusqlite::Result<Option<Paper>> {
    connection.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?.query_row([id], Paper::read).optional()
}

fn next_copy(connection: &Connection, kind: PaperKind, about: &str) -> rusqlite::Result<u32> {
    let select = format!("{SELECT} WHERE kind = ?1 AND about = ?2");
    let mut select = connection.prepare_cached(&select)?;
    let papers = select.query_map(params![word(&kind), about], Paper::read)?;
    let mut next = 0;
    for paper in papers {
        let paper = paper?;
        if paper.may_be_there() {
            next = next.max(paper.copy.unwrap_or_default() + 1);
        }
    }
    Ok(next)
}

impl Paper {
    fn read(row: &SqlRow) -> rusqlite::Result<Self> {
        let time = |place| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(place)?.map(Time::from_millis));
        let look = |said: String| {
            let at = time(13)?.unwrap_or(Time::from_millis(0));
            Ok::<_, rusqlite::Error>(Look { came_out: said == CAME_OUT, by: row.get(12)?, at })
        };
        Ok(Self {
            id: row.get(0)?,
            kind: read_as(1, unword(&row.get::<_, String>(1)?))?,
            about: row.get(2)?,
            printer: row.get(3)?,
            state: read_as(4, unword(&row.get::<_, String>(4)?))?,
            copy: row.get(5)?,
            queued_at: Time::from_millis(row.get(6)?),
            queued_by: row.get(7)?,
            out_at: time(8)?,
            ended_at: time(9)?,
            why: row.get(10)?,
            said: row.get::<_, Option<String>>(11)?.map(look).transpose()?,
        })
    }
}
