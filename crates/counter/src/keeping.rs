use ledger::{Copy, Ledger, Trouble};
use tokio::{task::spawn_blocking, time::sleep};

use crate::{Counter, LOOK_AROUND, Problem};

/// Runs what may wait for a disk or a keyring on a thread of its own.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    spawn_blocking(work).await.map_err(|error| Problem::of("internal").with("detail", error))
}

impl Counter {
    /// Keeps copies of the ledger for as long as the program runs: one at the start unless the last
    /// hour has one, and then one every hour.
    pub async fn keep_copies(&self) {
        loop {
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
        self.off_the_threads(move |ledger| if ledger.copy_due(now)? { ledger.copy(now) } else { Ok(None) }).await
    }

    /// Makes a copy now.
    pub async fn copy(&self) -> Result<Copy, Problem> {
        let now = self.now();
        let copy = self.off_the_threads(move |ledger| ledger.copy(now)).await?;
        // Another program is making one at this very moment.
        copy.ok_or_else(|| Problem::of("ledger_locked"))
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
