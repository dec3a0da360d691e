//! The desk's half of the chain: where the key lies that the log is sealed with, and where its head
//! is remembered. The ledger seals and verifies; nothing of either is in its file.

use std::{
    fs::File,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use counter::{Clock, Problem, blocking};
use keys::{Entry, Vault};
use ledger::{CheckUp, Head, Ledger, LogKey, MatterKind, Sealing, Trouble};
use secrecy::SecretString;
use till::{Environment, Time};
use tokio::{sync::Notify, time::timeout};

use crate::{draw, keyring::trouble};

/// Keeps the log of an open shop sealed.
pub struct Seal {
    ledger: Arc<Ledger>,
    clock: Clock,
    kept: Kept,
    standing: Mutex<Standing>,
    /// Two questions to the keyring at once would only be two prompts.
    turn: Mutex<()>,
    again: Notify,
}

/// How the log stands sealed.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Why entries are written without a seal; nothing while they get one.
    pub unsealed: Option<Problem>,
    /// The last check-up, and when it was.
    pub checked: Option<(Time, CheckUp)>,
    /// What the keyring was last given to remember, or was found to remember.
    remembered: Option<Head>,
}

/// Where key and head are kept.
#[derive(Clone)]
enum Kept {
    /// Nobody has anything to hide in training, and training needs no keyring. There is no head.
    InTheSource,
    Keyring {
        vault: Vault,
        key: Entry,
        head: Entry,
    },
}

/// The key of every training log.
const TRAINING_KEY: [u8; 32] = *b"training hides nothing from you.";
/// So long opening a shop waits for the keyring. One that is open answers in no time, and then
/// nothing is ever written without a seal; one that asks for its password first keeps no shop closed.
const GRACE: Duration = Duration::from_millis(1500);
/// How often the keyring is told where the log ends, while it grows.
const HEAD_EVERY: Duration = Duration::from_secs(15);
/// How soon a keyring is asked again that was not there or did not answer.
const AGAIN: Duration = Duration::from_secs(30);
/// And one whose prompt somebody has closed. It is not put up again and again: whatever needs the
/// server key puts it up, and as soon as that comes the log is sealed too.
const AGAIN_IF_LOCKED: Duration = Duration::from_secs(30 * 60);

impl Seal {
    pub(crate) fn of(ledger: Arc<Ledger>, clock: Clock) -> Self {
        let kept = match ledger.environment() {
            Environment::Training => Kept::InTheSource,
            environment => {
                let till = ledger.till().to_string();
                Kept::Keyring {
                    vault: Vault::system(),
                    key: Entry::log_key(environment.word(), &till),
                    head: Entry::log_head(environment.word(), &till),
                }
            }
        };
        Self { ledger, clock, kept, standing: Mutex::default(), turn: Mutex::default(), again: Notify::new() }
    }

    /// How the log stands sealed, as far as is known.
    pub fn standing(&self) -> Standing {
        self.standing_now().clone()
    }

    /// Arms the ledger as soon as the shop opens, unless the keyring keeps us waiting.
    pub(crate) async fn begin(self: &Arc<Self>) {
        if timeout(GRACE, self.arm()).await.is_err() {
            let mut standing = self.standing_now();
            if !self.ledger.is_armed() {
                standing.unsealed = Some(Problem::of("secret_store_slow"));
            }
        }
    }

    /// Gives the ledger its key, if it has not got it yet.
    pub async fn arm(self: &Arc<Self>) -> Result<(), Problem> {
        if self.ledger.is_armed() {
            return Ok(());
        }
        let seal = self.clone();
        // It goes on when nobody waits for it any more.
        blocking(move || {
            let _turn = seal.turn();
            let armed = if seal.ledger.is_armed() { Ok(()) } else { seal.arm_now() };
            seal.standing_now().unsealed = armed.clone().err();
            if armed.is_ok() {
                seal.again.notify_one();
            }
            armed
        })
        .await?
    }

    /// Compares the log with its chain, the chain with the head that the keyring remembers, and the
    /// lists with the log. What was tampered with is put before the owner.
    pub async fn check_up(self: &Arc<Self>) -> Result<CheckUp, Problem> {
        // Without the key the lists are compared all the same, and it is known why no more was done.
        let _ = self.arm().await;
        let seal = self.clone();
        blocking(move || {
            let head = seal.remembered().unwrap_or_else(|problem| {
                tracing::warn!(%problem, "where the log ended last is not known");
                None
            });
            let at = (seal.clock)();
            let check_up = seal.ledger.check_up(head, at)?;
            seal.standing_now().checked = Some((at, check_up.clone()));
            Ok(check_up)
        })
        .await?
    }

    /// Whether the log is as it was written, by the last check-up and by what the owner has not seen to.
    pub fn sealing(&self) -> Result<Sealing, Problem> {
        let open = self.ledger.matters()?;
        let open = |kind| open.iter().any(|matter| matter.kind == kind);
        let checked = self.standing().checked.map(|(_, check_up)| check_up);
        Ok(match checked {
            _ if open(MatterKind::Tampered) => Sealing::Changed,
            Some(check_up) if !check_up.is_fine() => Sealing::Changed,
            Some(CheckUp { verdict: Some(_), .. }) if open(MatterKind::Unsealed) => Sealing::Unsealed,
            Some(CheckUp { verdict: Some(_), .. }) => Sealing::Whole,
            _ => Sealing::Unknown,
        })
    }

    /// Lets the keyring remember where the log ends now.
    pub async fn remember_head(self: &Arc<Self>) -> Result<(), Problem> {
        if !self.ledger.is_armed() {
            return Ok(());
        }
        let seal = self.clone();
        blocking(move || {
            let _turn = seal.turn();
            seal.remember_head_now()
        })
        .await?
    }

    /// Seals the log for as long as the program runs: arms it as soon as the keyring allows, looks
    /// through it once, and lets the keyring remember its end.
    pub async fn keep(self: &Arc<Self>) {
        let mut looked_through = None;
        loop {
            let armed = self.arm().await;
            if looked_through.is_none_or(|sealed: bool| armed.is_ok() && !sealed) {
                match self.check_up().await {
                    Ok(_) => looked_through = Some(armed.is_ok()),
                    Err(problem) => tracing::warn!(%problem, "the log could not be looked through"),
                }
            }
            let pause = match &armed {
                Ok(()) => HEAD_EVERY,
                Err(problem) if problem.code == "secret_store_locked" => AGAIN_IF_LOCKED,
                Err(_) => AGAIN,
            };
            if let Err(problem) = self.remember_head().await {
                tracing::warn!(%problem, "the keyring does not remember where the log ends");
            }
            let _ = timeout(pause, self.again.notified()).await;
        }
    }

    fn arm_now(&self) -> Result<(), Problem> {
        let key = match &self.kept {
            Kept::InTheSource => LogKey::new(TRAINING_KEY),
            Kept::Keyring { vault, key, .. } => match read_key(vault, key)? {
                Some(key) => key,
                None => {
                    // Another program may be making one at this very moment.
                    let _turn = self.turn_of_all()?;
                    match read_key(vault, key)? {
                        Some(key) => key,
                        None => {
                            let new = LogKey::new(draw());
                            vault.set(key, &new.to_secret()).map_err(trouble)?;
                            new
                        }
                    }
                }
            },
        };
        Ok(self.ledger.arm(key, (self.clock)())?)
    }

    fn remember_head_now(&self) -> Result<(), Problem> {
        let Kept::Keyring { vault, head: entry, .. } = &self.kept else { return Ok(()) };
        let Some(head) = self.ledger.chain_head()? else { return Ok(()) };
        if self.standing_now().remembered == Some(head) {
            return Ok(());
        }
        let _turn = self.turn_of_all()?;
        if let Some(remembered) = self.remembered()? {
            if !self.ledger.holds(&remembered)? {
                // The end was cut off. It is named before the one witness of it is written over.
                self.ledger.check_up(Some(remembered), (self.clock)())?;
            } else if remembered.seq >= head.seq && remembered.restored >= head.restored {
                // Another program has come further.
                self.standing_now().remembered = Some(head);
                return Ok(());
            }
        }
        vault.set(entry, &SecretString::from(head.to_string())).map_err(trouble)?;
        self.standing_now().remembered = Some(head);
        Ok(())
    }

    /// The head that the keyring remembers.
    fn remembered(&self) -> Result<Option<Head>, Problem> {
        let Kept::Keyring { vault, head, .. } = &self.kept else { return Ok(None) };
        let text = vault.get(head).map_err(trouble)?;
        Ok(text.and_then(|text| secrecy::ExposeSecret::expose_secret(&text).parse().ok()))
    }

    /// Whoever changes something of this ledger in the keyring, in this program or another.
    fn turn_of_all(&self) -> Result<File, Problem> {
        let path = self.ledger.folder().join("seal.lock");
        let lock = File::create(&path).and_then(|file| file.lock().map(|()| file));
        lock.map_err(|_| Trouble::Folder(self.ledger.folder().to_owned()).into())
    }

    fn standing_now(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key that is kept. What is no key is as good as lost, and the owner hears of that.
fn read_key(vault: &Vault, entry: &Entry) -> Result<Option<LogKey>, Problem> {
    Ok(vault.get(entry).map_err(trouble)?.and_then(|kept| LogKey::parse(&kept)))
}
