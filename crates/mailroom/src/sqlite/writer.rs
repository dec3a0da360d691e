//! The one thread that writes: many bodies in each commit, and one flush for them all.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::oneshot;

use super::{file, readers::Readers};
use crate::{
    bells::{Bells, NOWHERE},
    contract::{Channel, Seq, Trouble},
    keeping::Tally,
};

/// So many wait at most; whoever comes then is sent away at once, which is better than slowly.
const QUEUE: usize = 4_096;
/// So many share one commit.
const TOGETHER: usize = 256;
/// Of so many at once most are about to bring the next. If a flush takes so many times as long as the
/// work in it, they are waited for during this part of it, and never for long: one flush for all is
/// better than two, each for one half. On a faster disk one half brings the next during the flush of
/// the other, and waiting would cost a fifth.
const CROWD: usize = 16;
const SLOW: u32 = 5;
const A_PART: u32 = 4;
const SHORTLY: Duration = Duration::from_millis(3);
/// A log that is longer is copied over between two commits. What a longer one saves, because a page
/// that changes often is copied once, whoever waits meanwhile begins to notice.
const LONG: u64 = 32 * 1024 * 1024;
/// After so long without work there is time for that as well.
const IDLE: Duration = Duration::from_millis(500);
/// So long that may wait for somebody who reads.
const A_MOMENT: Duration = Duration::from_millis(50);
/// So often somebody looks whether another program has written.
const LOOK: Duration = Duration::from_secs(2);

const NEWEST: &str = "SELECT newest FROM channel WHERE id = ?1 AND revoked_at IS NULL";

/// Hands work to the thread, and waits for it when it is dropped.
pub(super) struct Writer {
    queue: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

/// What is done inside a transaction that it shares with others. It refuses before it writes anything.
trait Job: Send {
    fn run(&mut self, batch: &mut Batch<'_>) -> rusqlite::Result<()>;
    /// Called when what `run` did is durable, or with what became of it instead.
    fn answer(self: Box<Self>, done: Result<(), Trouble>);
}

struct Work<T, W> {
    work: Option<W>,
    done: Option<Result<T, Trouble>>,
    answer: Option<oneshot::Sender<Result<T, Trouble>>>,
}

/// One transaction.
pub(super) struct Batch<'a> {
    pub db: &'a Connection,
    touched: HashMap<Channel, Tally>,
    closed: Vec<Channel>,
}

impl Writer {
    pub fn start(
        connection: Connection,
        path: PathBuf,
        bells: Arc<Bells>,
        readers: Arc<Readers>,
    ) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        let mut desk = Desk {
            connection: Some(connection),
            path,
            bells,
            readers,
            is_long: false,
            patience: LONG,
            foreign: 0,
            last: 0,
            wait: Duration::ZERO,
        };
        let thread = thread::Builder::new().name("mailroom".to_owned()).spawn(move || desk.work(&jobs))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Does this in a transaction, and returns when it is durable.
    pub async fn change<T, W>(&self, work: W) -> Result<T, Trouble>
    where
        T: Send + 'static,
        W: FnOnce(&mut Batch<'_>) -> rusqlite::Result<Result<T, Trouble>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.hand_over(Box::new(Work { work: Some(work), done: None, answer: Some(answer) }))?;
        answered.await.unwrap_or_else(|_| Err(ended()))
    }

    /// Does this too, and nobody asks what became of it.
    pub fn note<W>(&self, work: W)
    where
        W: FnOnce(&mut Batch<'_>) -> rusqlite::Result<Result<(), Trouble>> + Send + 'static,
    {
        // It may be left undone when there is more important work.
        let _ = self.hand_over(Box::new(Work { work: Some(work), done: None, answer: None }));
    }

    fn hand_over(&self, job: Box<dyn Job>) -> Result<(), Trouble> {
        self.queue.as_ref().ok_or_else(ended)?.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => Trouble::Busy,
            TrySendError::Disconnected(_) => ended(),
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // It has nothing left to tell.
            let _ = thread.join();
        }
    }
}

impl<T, W> Job for Work<T, W>
where
    T: Send + 'static,
    W: FnOnce(&mut Batch<'_>) -> rusqlite::Result<Result<T, Trouble>> + Send + 'static,
{
    fn run(&mut self, batch: &mut Batch<'_>) -> rusqlite::Result<()> {
        // Nobody waits any more: their sender has been told to come again.
        if !self.answer.as_ref().is_some_and(oneshot::Sender::is_closed)
            && let Some(work) = self.work.take()
        {
            self.done = Some(work(batch)?);
        }
        Ok(())
    }

    fn answer(self: Box<Self>, done: Result<(), Trouble>) {
        let answer = match (done, self.done) {
            (Ok(()), Some(done)) => done,
            (Err(trouble), _) => Err(trouble),
            (Ok(()), None) => return,
        };
        if let Some(asked) = self.answer {
            // Whoever asked may have left.
            let _ = asked.send(answer);
        }
    }
}

/// What the thread works with.
struct Desk {
    connection: Option<Connection>,
    path: PathBuf,
    bells: Arc<Bells>,
    readers: Arc<Readers>,
    /// The write-ahead log holds something.
    is_long: bool,
    /// It is copied over when it is longer than this.
    patience: u64,
    /// Changes with each commit of another program.
    foreign: i64,
    /// How many shared the last commit.
    last: usize,
    /// How long the next may wait for as many.
    wait: Duration,
}

impl Desk {
    fn work(&mut self, jobs: &Receiver<Box<dyn Job>>) {
        let mut looked = Instant::now();
        loop {
            match self.gather(jobs) {
                Ok(together) => {
                    self.commit(together);
                    self.copy_over_if_longer(self.patience);
                }
                Err(RecvTimeoutError::Timeout) => self.copy_over_if_longer(0),
                Err(RecvTimeoutError::Disconnected) => return self.copy_over_if_longer(0),
            }
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                self.look();
            }
        }
    }

    /// Those who share the next commit.
    fn gather(&self, jobs: &Receiver<Box<dyn Job>>) -> Result<Vec<Box<dyn Job>>, RecvTimeoutError> {
        let mut together: Vec<_> = jobs.try_iter().take(TOGETHER).collect();
        // Those who came meanwhile, and those who have just heard what became of their last.
        let all = TOGETHER.min(self.last + together.len());
        if together.is_empty() {
            together.push(jobs.recv_timeout(if self.is_long { IDLE } else { LOOK })?);
            together.extend(jobs.try_iter().take(TOGETHER - 1));
        }
        let until = Instant::now() + self.wait;
        while all >= CROWD && together.len() < all {
            match jobs.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(job) => together.push(job),
                Err(_) => break,
            }
        }
        Ok(together)
    }

    fn commit(&mut self, mut together: Vec<Box<dyn Job>>) {
        let began = Instant::now();
        let mut worked_until = began;
        let done = self.on_connection(|db| {
            db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            let mut batch = Batch { db, touched: HashMap::new(), closed: Vec::new() };
            let worked = together.iter_mut().try_for_each(|job| job.run(&mut batch)).and_then(|()| batch.settle());
            worked_until = Instant::now();
            let written = worked.and_then(|()| db.prepare_cached("COMMIT")?.execute([]).map(drop));
            if written.is_err() && !db.is_autocommit() {
                // The connection is given up if even this fails.
                db.execute_batch("ROLLBACK")?;
            }
            written.map(|()| (batch.touched, batch.closed))
        });
        let (work, flush) = (worked_until - began, worked_until.elapsed());
        self.last = together.len();
        self.wait = if flush > work * SLOW { SHORTLY.min(flush / A_PART) } else { Duration::ZERO };
        match done {
            Ok((touched, closed)) => {
                self.is_long = true;
                together.into_iter().for_each(|job| job.answer(Ok(())));
                closed.into_iter().for_each(|channel| self.bells.ring(channel, NOWHERE));
                for (channel, tally) in touched {
                    self.bells.ring(channel, Seq::of(tally.newest));
                }
            }
            Err(error) => {
                tracing::error!(%error, "nothing of {} could be stored", together.len());
                together.into_iter().for_each(|job| job.answer(Err(Trouble::NotStored(error.to_string()))));
            }
        }
    }

    /// Copies the write-ahead log over into the file, and makes it empty.
    fn copy_over_if_longer(&mut self, than: u64) {
        let length = length(&beside(&self.path, "-wal"));
        if !self.is_long || length <= than {
            return;
        }
        let copied = self.on_connection(|db| {
            // Whoever reads is soon done, and nobody who writes shall wait longer for them.
            db.busy_timeout(A_MOMENT)?;
            let busy = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
            db.busy_timeout(file::PATIENCE)?;
            busy
        });
        match copied {
            Ok(busy) => {
                self.is_long = busy;
                self.patience = if busy { length + LONG } else { LONG };
            }
            Err(error) => tracing::warn!(%error, "the write-ahead log could not be copied over"),
        }
    }

    /// Wakes those for whom another program has written.
    fn look(&mut self) {
        let before = self.foreign;
        let listened = self.bells.listened();
        let found = self.on_connection(|db| {
            let foreign = db.pragma_query_value(None, "data_version", |row| row.get::<_, i64>(0))?;
            let mut newest = Vec::new();
            if foreign != before {
                let mut select = db.prepare_cached(NEWEST)?;
                for channel in listened {
                    newest.push((channel, select.query_row([channel.number()], |row| row.get(0)).optional()?));
                }
            }
            Ok((foreign, newest))
        });
        match found {
            Ok((foreign, newest)) => {
                self.foreign = foreign;
                newest.into_iter().for_each(|(channel, it)| self.bells.ring(channel, it.map_or(NOWHERE, Seq::of)));
            }
            Err(error) => tracing::warn!(%error, "whether another program has written could not be seen"),
        }
    }

    fn on_connection<T>(&mut self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                file::to_write_again(&self.path).inspect(|_| tracing::warn!("the file was opened anew and is sound"))?
            }
        };
        let done = work(&connection);
        if done.as_ref().is_err_and(file::is_suspect) || !connection.is_autocommit() {
            // After a flush that failed the next one may say that all is well, and the pages are gone.
            self.readers.forget();
        } else {
            self.connection = Some(connection);
        }
        done
    }
}

impl Batch<'_> {
    /// How much this channel holds; nothing if there is none, or it was revoked.
    pub fn tally(&mut self, channel: Channel) -> rusqlite::Result<Option<Tally>> {
        if let Some(tally) = self.touched.get(&channel) {
            return Ok(Some(*tally));
        }
        let select = "SELECT newest, entries, bytes FROM channel WHERE id = ?1 AND revoked_at IS NULL";
        let row = self.db.prepare_cached(select)?.query_row([channel.number()], |row| {
            Ok(Tally { newest: row.get(0)?, entries: row.get(1)?, bytes: row.get(2)? })
        });
        row.optional()
    }

    /// Holds so much from now on.
    pub fn put(&mut self, channel: Channel, tally: Tally) {
        self.touched.insert(channel, tally);
    }

    /// Writes down how much the channels hold.
    pub fn settle(&mut self) -> rusqlite::Result<()> {
        let update = "UPDATE channel SET newest = ?2, entries = ?3, bytes = ?4 WHERE id = ?1";
        let mut update = self.db.prepare_cached(update)?;
        for (channel, tally) in &self.touched {
            update.execute(params![channel.number(), tally.newest, tally.entries, tally.bytes])?;
        }
        Ok(())
    }

    /// Nothing more comes for this channel, and nobody waits for it any longer.
    pub fn close(&mut self, channel: Channel) {
        self.touched.remove(&channel);
        self.closed.push(channel);
    }
}

fn ended() -> Trouble {
    Trouble::NotStored("the mailroom has ended".to_owned())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn length(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |data| data.len())
}
