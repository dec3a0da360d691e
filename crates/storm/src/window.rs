use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use counter::{Counter, Problem, Senses};
use ledger::{Ledger, Trouble};
use till::{Pace, Sale, Time};
use tokio::task::JoinHandle;

use crate::{clock::Clocks, keyring::Door};

/// A desk program that runs: the window, or `geraictl` beside it.
pub struct Window {
    /// Which program it is; no other ever had or will have this number.
    pub process: u32,
    /// Which environment it has open.
    pub side: usize,
    /// The counter and, in it, the ledger.
    pub counter: Arc<Counter>,
    work: Vec<JoinHandle<()>>,
    seen: Option<i64>,
    looked: Time,
}

/// What came of something that somebody wanted at a window.
pub struct Heard {
    /// Where.
    pub process: u32,
    /// Which environment.
    pub side: usize,
    /// What was wanted.
    pub what: &'static str,
    /// What the window said.
    pub result: Result<Option<Sale>, Problem>,
}

/// Where everybody's answers are put down.
pub type Answers = Arc<Mutex<Vec<Heard>>>;

/// When so much more time has passed than that between two looks, the PC has slept.
const SLEPT: Duration = Duration::from_secs(15);

impl Window {
    /// The program starts: it opens the counter over the ledger and begins to follow the open orders.
    pub fn start(ledger: Arc<Ledger>, door: Door, senses: Senses) -> Self {
        let (process, side) = (door.process, door.side);
        let counter = Arc::new(Counter::open(ledger, Arc::new(door), senses, Pace::SHOP));
        let looked = counter.now();
        let mut window = Self { process, side, counter, work: Vec::new(), seen: None, looked };
        let counter = window.counter.clone();
        window.work.push(tokio::spawn(async move { counter.run().await }));
        window
    }

    /// Somebody wants something at this window. The answer is put down when it comes.
    pub fn ask<F>(&mut self, what: &'static str, answers: &Answers, want: F)
    where
        F: Future<Output = Result<Option<Sale>, Problem>> + Send + 'static,
    {
        let (answers, process, side) = (answers.clone(), self.process, self.side);
        self.work.push(tokio::spawn(async move {
            let result = want.await;
            let heard = Heard { process, side, what, result };
            answers.lock().unwrap_or_else(PoisonError::into_inner).push(heard);
        }));
    }

    /// What the window does every quarter of a second beside the counter's own loop: it notices what
    /// another program wrote, checks what the relay could not, and that the PC has slept.
    pub fn look(&mut self, clocks: &Clocks, key: Option<&midtrans::ServerKey>) -> Result<(), Trouble> {
        let now = clocks.pc();
        if now.since(self.looked) > SLEPT {
            self.counter.ask_everything();
        }
        self.looked = now;
        let ledger = self.counter.ledger();
        let version = ledger.version()?;
        if self.seen != Some(version) {
            self.seen = Some(version);
            if let Some(key) = key {
                relay::take_up_waiting(ledger, key, now)?;
            }
            self.counter.wake();
        }
        Ok(())
    }

    /// Forgets what is done; tells if a part of the program panicked.
    pub async fn tidy(&mut self) -> Result<(), String> {
        let (done, going_on) = self.work.drain(..).partition(JoinHandle::is_finished);
        self.work = going_on;
        ended(done).await
    }

    /// The program ends where it stands: nothing it holds in memory is left.
    pub async fn end(self) -> Result<(), String> {
        self.work.iter().for_each(JoinHandle::abort);
        ended(self.work).await
    }
}

async fn ended(work: Vec<JoinHandle<()>>) -> Result<(), String> {
    let mut panicked = Ok(());
    for part in work {
        if let Err(error) = part.await
            && error.is_panic()
        {
            let said = error.into_panic();
            let said = said.downcast_ref::<String>().map(String::as_str).or(said.downcast_ref::<&str>().copied());
            panicked = Err(said.unwrap_or("a panic without words").to_owned());
        }
    }
    panicked
}
