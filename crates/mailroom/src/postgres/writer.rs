//! Those who append: many bodies in each transaction, and several transactions at once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{
        Mutex,
        mpsc::{Receiver, Sender, channel, error::TrySendError},
        oneshot,
    },
    time::{Instant, timeout, timeout_at},
};
use tokio_postgres::{Error, Row};

use super::{
    entries,
    line::{Line, Use, Value, Way, is_passing, said},
    news::News,
};
use crate::{
    contract::{Appended, Channel, New, Seq, Trouble},
    keeping::{Keeping, PIECE, Tally},
};

/// So many wait at most; whoever comes then is sent away at once, which is better than slowly.
const QUEUE: usize = 4_096;
/// So many share one commit, and so long the first of them waits for the others while somebody else
/// is writing anyway.
const TOGETHER: usize = 64;
const GATHERING: Duration = Duration::from_millis(5);
/// So many transactions are under way at once. The database flushes for several together.
const AT_ONCE: usize = 4;
/// A database that has not answered by then is not reachable.
const PATIENCE: Duration = Duration::from_secs(8);

/// Hands what came to those who append.
pub(super) struct Writers(Sender<Job>);

struct Job {
    new: New,
    answer: oneshot::Sender<Result<Appended, Trouble>>,
}

/// What each of those who append works with.
struct Desk {
    way: Arc<Way>,
    keeping: Keeping,
    news: Arc<News>,
    jobs: Mutex<Receiver<Job>>,
    at_work: AtomicUsize,
}

impl Writers {
    pub fn start(way: Arc<Way>, keeping: Keeping, news: Arc<News>) -> Self {
        let (sender, jobs) = channel(QUEUE);
        let desk = Arc::new(Desk { way, keeping, news, jobs: Mutex::new(jobs), at_work: AtomicUsize::new(0) });
        for _ in 0..AT_ONCE {
            tokio::spawn(Arc::clone(&desk).work());
        }
        Self(sender)
    }

    pub async fn append(&self, new: New) -> Result<Appended, Trouble> {
        let ended = || Trouble::NotStored("the mailroom has ended".to_owned());
        let (answer, answered) = oneshot::channel();
        self.0.try_send(Job { new, answer }).map_err(|error| match error {
            TrySendError::Full(_) => Trouble::Busy,
            TrySendError::Closed(_) => ended(),
        })?;
        answered.await.unwrap_or_else(|_| Err(ended()))
    }
}

impl Desk {
    async fn work(self: Arc<Self>) {
        let mut line = None;
        loop {
            let together = self.gather().await;
            if together.is_empty() {
                return;
            }
            self.at_work.fetch_add(1, Ordering::AcqRel);
            let (news, answers): (Vec<_>, Vec<_>) = together.into_iter().map(|job| (job.new, job.answer)).unzip();
            let stored = self.store(&mut line, &news).await;
            self.at_work.fetch_sub(1, Ordering::AcqRel);
            let stored = stored.unwrap_or_else(|why| {
                tracing::error!(%why, "nothing of {} could be stored", news.len());
                vec![Err(Trouble::NotStored(why)); news.len()]
            });
            let mut newest = BTreeMap::new();
            for ((new, answer), stored) in news.iter().zip(answers).zip(stored) {
                if let Ok(Appended::New(seq)) = stored {
                    newest.insert(new.channel, seq);
                }
                // Whoever asked may have left.
                let _ = answer.send(stored);
            }
            newest.into_iter().for_each(|(channel, seq)| self.news.tell(channel, seq));
        }
    }

    /// Those who share the next transaction; nobody when there is nobody left to come.
    async fn gather(&self) -> Vec<Job> {
        // Only one gathers at a time, and the others are under way.
        let mut jobs = self.jobs.lock().await;
        let mut together = Vec::with_capacity(TOGETHER);
        let mut until = None;
        while together.len() < TOGETHER {
            let next = match jobs.try_recv() {
                Ok(job) => Some(job),
                Err(_) if together.is_empty() => jobs.recv().await,
                Err(_) if self.at_work.load(Ordering::Acquire) == 0 => return together,
                Err(_) => {
                    let until = *until.get_or_insert_with(|| Instant::now() + GATHERING);
                    timeout_at(until, jobs.recv()).await.ok().flatten()
                }
            };
            match next {
                // Nobody waits any more for it: their sender has been told to come again.
                Some(job) if job.answer.is_closed() => {}
                Some(job) => together.push(job),
                None => return together,
            }
        }
        together
    }

    /// Stores these in one transaction; a second time if the first failed for a reason that passes.
    async fn store(&self, line: &mut Option<Line>, news: &[New]) -> Result<Vec<Result<Appended, Trouble>>, String> {
        for try_again in [true, false] {
            let found = line.take().filter(|line| !line.is_closed());
            let tried = async {
                let line = match found {
                    Some(line) => line,
                    None => self.way.line(Use::Durable, |_| {}).await?,
                };
                let stored = store(&line, news, &self.keeping).await?;
                Ok::<_, Error>((line, stored))
            };
            // Where it failed, the connection ends, and with it whatever had been begun.
            match timeout(PATIENCE, tried).await {
                Ok(Ok((good, stored))) => {
                    *line = Some(good);
                    return Ok(stored);
                }
                Ok(Err(error)) if try_again && is_passing(&error) => {}
                Ok(Err(error)) => return Err(said(&error)),
                Err(_) => return Err("the database does not answer".to_owned()),
            }
        }
        Err("the database does not answer".to_owned())
    }
}

/// The rows stay locked until the commit, and they are locked in one order by everybody: whoever has a
/// smaller number commits first, and nobody waits in a circle.
const LOCK: &str = "
    SELECT id, newest, entries, bytes FROM channel
    WHERE id = ANY($1) AND revoked_at IS NULL ORDER BY id FOR UPDATE";
/// Looks each of them up, however many entries the tables are thought to hold.
const AGAIN: &str = "
    SELECT came.place, found.seq FROM unnest($1::bigint[], $2::bytea[]) WITH ORDINALITY AS came (channel, digest, place),
    LATERAL (SELECT seq FROM entry WHERE entry.channel = came.channel AND entry.digest = came.digest LIMIT 1) AS found";
const INSERT: &str = "
    INSERT INTO entry (channel, seq, received_at, times, sender, digest, body)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bytea[], $7::bytea[])";
const COUNT: &str = "
    UPDATE entry SET times = least(entry.times + again.times, 4294967295)
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS again (channel, seq, times)
    WHERE entry.channel = again.channel AND entry.seq = again.seq";
const TALLY: &str = "
    UPDATE channel SET newest = tally.newest, entries = tally.entries, bytes = tally.bytes
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS tally (id, newest, entries, bytes)
    WHERE channel.id = tally.id";

async fn store(line: &Line, news: &[New], keeping: &Keeping) -> Result<Vec<Result<Appended, Trouble>>, Error> {
    for sql in [LOCK, AGAIN, INSERT, COUNT, TALLY] {
        line.statement(sql).await?;
    }
    let mut plan = Plan::begin(line, news).await?;
    for (place, new) in news.iter().enumerate() {
        let stored = match plan.known(place, new) {
            Some(known) => known,
            None => {
                if plan.is_full(new, keeping) {
                    plan.make_room(line, news, new, keeping).await?;
                }
                plan.add(place, new, keeping)
            }
        };
        plan.stored.push(stored);
    }
    plan.carry_out(line, news).await
}

/// What becomes of each, decided while the rows of their channels are locked.
struct Plan {
    tallies: BTreeMap<i64, Tally>,
    /// The places of those that are there already, and their numbers.
    again: HashMap<usize, i64>,
    /// The same bytes may come twice in this very batch.
    first: HashMap<(Channel, [u8; 32]), usize>,
    /// How often what has this number came now.
    times: BTreeMap<(i64, i64), i64>,
    /// The places of those that are new, and their numbers.
    inserts: Vec<(usize, i64)>,
    stored: Vec<Result<Appended, Trouble>>,
}

impl Plan {
    async fn begin(line: &Line, news: &[New]) -> Result<Self, Error> {
        let of_each: Vec<i64> = news.iter().map(|new| new.channel.number()).collect();
        let digests: Vec<&[u8]> = news.iter().map(|new| &new.digest[..]).collect();
        let channels = BTreeSet::from_iter(of_each.iter().copied()).into_iter().collect::<Vec<_>>();
        let (lock, again): ([Value; 1], [Value; 2]) = ([&channels], [&of_each, &digests]);
        // Sent together and done in this order; each sees what was committed before it began.
        let ((), locked, again) = tokio::try_join!(
            biased;
            line.batch("BEGIN"),
            line.query(LOCK, &lock),
            line.query(AGAIN, &again),
        )?;
        let tally = |row: &Row| Tally { newest: row.get(1), entries: row.get(2), bytes: row.get(3) };
        let place = |row: &Row| usize::try_from(row.get::<_, i64>(0) - 1).unwrap_or(usize::MAX);
        Ok(Self {
            tallies: locked.iter().map(|row| (row.get(0), tally(row))).collect(),
            again: again.iter().map(|row| (place(row), row.get(1))).collect(),
            first: HashMap::new(),
            times: BTreeMap::new(),
            inserts: Vec::new(),
            stored: Vec::with_capacity(news.len()),
        })
    }

    /// What becomes of it if it is not new, or has no channel.
    fn known(&mut self, place: usize, new: &New) -> Option<Result<Appended, Trouble>> {
        let channel = new.channel.number();
        if !self.tallies.contains_key(&channel) {
            return Some(Err(Trouble::NoSuchChannel));
        }
        let in_this_batch = || {
            let earlier = self.first.get(&(new.channel, new.digest))?;
            Some(self.stored[*earlier].clone().map(|appended| appended.seq().number()))
        };
        let known = self.again.get(&place).map(|seq| Ok(*seq)).or_else(in_this_batch)?;
        if let Ok(seq) = known {
            *self.times.entry((channel, seq)).or_default() += 1;
        }
        Some(known.map(|seq| Appended::Again(Seq::of(seq))))
    }

    fn is_full(&self, new: &New, keeping: &Keeping) -> bool {
        self.tallies.get(&new.channel.number()).is_some_and(|tally| !keeping.has_room(tally, new.length()))
    }

    fn add(&mut self, place: usize, new: &New, keeping: &Keeping) -> Result<Appended, Trouble> {
        self.first.insert((new.channel, new.digest), place);
        let tally = self.tallies.get_mut(&new.channel.number()).ok_or(Trouble::NoSuchChannel)?;
        if !keeping.has_room(tally, new.length()) {
            return Err(Trouble::Full);
        }
        tally.add(new.length());
        self.inserts.push((place, tally.newest));
        Ok(Appended::New(Seq::of(tally.newest)))
    }

    /// Makes room at the quota by what every device has read.
    async fn make_room(&mut self, line: &Line, news: &[New], new: &New, keeping: &Keeping) -> Result<(), Error> {
        let Some(tally) = self.tallies.get_mut(&new.channel.number()) else { return Ok(()) };
        let read = entries::read_by_all(line, new.channel).await?.unwrap_or(0);
        while !keeping.has_room(tally, new.length()) && tally.oldest() <= read {
            let upto = read.min(tally.oldest() + PIECE - 1);
            entries::delete(line, new.channel, tally, upto).await?;
        }
        // Whatever was found there and has just gone is new when it comes again.
        let oldest = tally.oldest();
        self.again.retain(|place, seq| news[*place].channel != new.channel || *seq >= oldest);
        Ok(())
    }

    /// Writes everything down and commits it.
    async fn carry_out(mut self, line: &Line, news: &[New]) -> Result<Vec<Result<Appended, Trouble>>, Error> {
        let new = |(place, _): &(usize, i64)| &news[*place];
        let inserts = &self.inserts;
        let channels: Vec<i64> = inserts.iter().map(|it| new(it).channel.number()).collect();
        let seqs: Vec<i64> = inserts.iter().map(|(_, seq)| *seq).collect();
        let received: Vec<i64> = inserts.iter().map(|it| new(it).at.millis()).collect();
        let senders: Vec<Option<String>> = inserts.iter().map(|it| new(it).from.map(|ip| ip.to_string())).collect();
        let digests: Vec<&[u8]> = inserts.iter().map(|it| &new(it).digest[..]).collect();
        let bodies: Vec<&[u8]> = inserts.iter().map(|it| &new(it).body[..]).collect();
        // What is new and came again in this batch is counted as it is inserted.
        let mut counted = |of: (&i64, &i64)| 1 + self.times.remove(&(*of.0, *of.1)).unwrap_or(0);
        let times: Vec<i64> = channels.iter().zip(&seqs).map(&mut counted).collect();
        let again_channels: Vec<i64> = self.times.keys().map(|(channel, _)| *channel).collect();
        let again_seqs: Vec<i64> = self.times.keys().map(|(_, seq)| *seq).collect();
        let again_times: Vec<i64> = self.times.values().copied().collect();
        let tally = |what: fn(&Tally) -> i64| self.tallies.values().map(what).collect::<Vec<_>>();
        let ids: Vec<i64> = self.tallies.keys().copied().collect();
        let (newest, entries, bytes) = (tally(|it| it.newest), tally(|it| it.entries), tally(|it| it.bytes));

        let inserted: [Value; 7] = [&channels, &seqs, &received, &times, &senders, &digests, &bodies];
        let counted: [Value; 3] = [&again_channels, &again_seqs, &again_times];
        let tallied: [Value; 4] = [&ids, &newest, &entries, &bytes];
        let unless = async |nothing: bool, sql, values: &[Value<'_>]| match nothing {
            true => Ok(0),
            false => line.execute(sql, values).await,
        };
        tokio::try_join!(
            biased;
            unless(seqs.is_empty(), INSERT, &inserted),
            unless(again_seqs.is_empty(), COUNT, &counted),
            unless(seqs.is_empty(), TALLY, &tallied),
            line.batch("COMMIT"),
        )?;
        Ok(self.stored)
    }
}
