use std::time::Duration;

use ledger::{Copy, Ledger, Room, Trouble};
use tokio::{
    task::spawn_blocking,
    time::{Instant, sleep},
};

use crate::{Counter, LOOK_AROUND, Problem};

/// Longer than this nobody waits for somebody else's copy.
const A_COPY: Duration = Duration::from_secs(60);

/// Runs what may wait for a disk or a keyring on a thread of its own.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    spawn_blocking(work).await.map_err(|error| Problem::of("internal").with("detail", error))
}

impl Counter {
    /// Keeps copies of the ledger for as long as the program runs, one at the start unless the last
    /// hour has one and then one every hour; and room on the disk for what was charged already. Whatever else is
    /// seen to now and then is seen to here.
    pub async fn keep_copies(&self) {
        loop {
            if let Err(problem) = self.off_the_threads(Ledger::tend_reserve).await {
                tracing::warn!(%problem, "no room could be kept for what was charged already");
            }
            let now = self.now();
            if let Err(problem) = self.off_the_threads(move |ledger| ledger.tell_late_payments(now)).await {
                tracing::warn!(%problem, "payments of closed days could not be looked for");
            }
            match self.copy_if_due().await {
                Ok(_) => self.memory().no_copy = None,
                Err(problem) => {
                    tracing::error!(%problem, "no copy of the ledger could be made");
                    self.memory().no_copy = Some(problem);
                }
            }
            sleep(LOOK_AROUND).await;
        }
    }

    /// Makes a copy unless the last hour has one.
    pub async fn copy_if_due(&self) -> Result<Option<Copy>, Problem> {
        let now = self.now();
        if !self.off_the_threads(move |ledger| ledger.copy_due(now)).await? {
            return Ok(None);
        }
        // A copy must not take the room that the orders themselves need.
        self.room_for_a_charge()?;
        self.off_the_threads(move |ledger| ledger.copy(now)).await
    }

    /// Makes a copy now.
    pub async fn copy(&self) -> Result<Copy, Problem> {
        let now = self.now();
        self.room_for_a_charge()?;
        let until = Instant::now() + A_COPY;
        loop {
            match self.off_the_threads(move |ledger| ledger.copy(now)).await? {
                Some(copy) => return Ok(copy),
                // The hourly one is being made at this very moment, and may be of a moment before this one.
                None if Instant::now() < until => sleep(self.pace.between).await,
                None => return Err(Problem::of("ledger_locked")),
            }
        }
    }

    /// How much room there is on the disk.
    pub fn room(&self) -> Room {
        self.ledger.room()
    }

    /// Refuses what would take the room that orders charged already need.
    pub(crate) fn room_for_a_charge(&self) -> Result<(), Problem> {
        let megabytes = |bytes: u64| bytes >> 20;
        match self.ledger.space() {
            Some((free, needed)) if self.room() == Room::Full => Err(Problem::of("disk_nearly_full")
                .with("path", self.ledger.folder().display())
                .with("free", megabytes(free))
                .with("needed", megabytes(needed))),
            _ => Ok(()),
        }
    }

    /// Why the last hour has no copy, if it should have one.
    pub fn no_copy(&self) -> Option<Problem> {
        self.memory().no_copy.clone()
    }

    /// What takes its time on the disk is done where nobody waits for it.
    pub(crate) async fn off_the_threads<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Ledger) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Problem> {
        let ledger = self.ledger.clone();
        Ok(blocking(move || work(&ledger)).await??)
    }
}
