//! The server key in the OS keyring, and nowhere else.
//!
//! A [`Vault`] reads and writes [`Entry`]s of the desktop's Secret Service. There is no file to
//! fall back on: without a secret store there is no key, and the error says what to start.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        mpsc::{self, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use keyring_core::api::CredentialStoreApi;
use secrecy::{ExposeSecret, SecretString};
use zbus_secret_service_keyring_store::Store;

/// The desktop's secret store.
///
/// Every call may take until the time-out, so keep it off threads that others wait for.
#[derive(Clone, Debug)]
pub struct Vault {
    patience: Duration,
    /// A question whose time ran out; as long as it lives, its prompt is on the screen.
    overdue: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// One secret's place in the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    account: String,
}

/// Where a server key is sent. Each has an entry of its own, so that no address on this machine
/// ever sees a key that was set for Midtrans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SentTo {
    /// Midtrans' own hosts.
    Midtrans,
    /// A double of Midtrans on this machine.
    Loopback,
}

/// Why the secret store gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// There is none: start one, then try again.
    #[error("no secret store is running; start gnome-keyring, KWallet or KeePassXC")]
    NoSecretStore,
    /// It is locked, was never set up, or somebody closed its prompt: unlock it, then try again.
    #[error("the secret store is locked or was never set up; unlock it and try again")]
    Locked,
    /// It did not answer. A prompt may be open on the screen: answer that, then try again.
    #[error("the secret store did not answer; look for its prompt on the screen and try again")]
    TimedOut,
    /// It answered with something else, for the log. No secret is part of it.
    #[error("the secret store failed: {0}")]
    Other(String),
}

impl Vault {
    /// The store of the desktop session, with ten seconds to answer. It is the same one however often
    /// it is asked for, so that a prompt on the screen is known to all who would put up another.
    pub fn system() -> Vault {
        static SYSTEM: OnceLock<Vault> = OnceLock::new();
        SYSTEM.get_or_init(|| Vault::with_patience(Duration::from_secs(10))).clone()
    }

    /// The same with another time to answer.
    pub fn with_patience(patience: Duration) -> Vault {
        Vault { patience, overdue: Arc::default() }
    }

    /// Reads a secret; `None` if it was never set or was forgotten.
    pub fn get(&self, entry: &Entry) -> Result<Option<SecretString>, VaultError> {
        self.ask(entry, |item| match item.get_password() {
            Ok(secret) => Ok(Some(SecretString::from(secret))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    /// Keeps a secret in the place of whatever was there.
    ///
    /// After [`VaultError::TimedOut`] it may still be kept, when the prompt is answered late.
    pub fn set(&self, entry: &Entry, secret: &SecretString) -> Result<(), VaultError> {
        let secret = secret.clone();
        self.ask(entry, move |item| item.set_password(secret.expose_secret()))
    }

    /// Removes a secret. One that is not there is as good as removed.
    pub fn forget(&self, entry: &Entry) -> Result<(), VaultError> {
        self.ask(entry, |item| match item.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(error),
        })
    }

    /// Asks on a thread of its own, because an open unlock prompt holds a call for as long as
    /// nobody answers it, and cannot be called off.
    fn ask<T: Send + 'static>(
        &self,
        entry: &Entry,
        question: impl FnOnce(keyring::Entry) -> keyring::Result<T> + Send + 'static,
    ) -> Result<T, VaultError> {
        if self.is_still_asking() {
            // A second prompt would only lie on top of the first.
            return Err(VaultError::TimedOut);
        }
        let (answer, answered) = mpsc::channel();
        let account = entry.account.clone();
        let thread = thread::spawn(move || {
            let result = open(&account).and_then(|item| question(item).map_err(explain));
            // Nobody listens any more once the time has run out.
            let _ = answer.send(result);
        });
        answered.recv_timeout(self.patience).unwrap_or_else(|silence| match silence {
            RecvTimeoutError::Timeout => {
                *self.overdue() = Some(thread);
                Err(VaultError::TimedOut)
            }
            RecvTimeoutError::Disconnected => Err(VaultError::Other("the question broke off".into())),
        })
    }

    fn is_still_asking(&self) -> bool {
        self.overdue().as_ref().is_some_and(|thread| !thread.is_finished())
    }

    fn overdue(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        self.overdue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// The server key of an environment (`sandbox`, `production`), for where it is sent.
    pub fn server_key(environment: &str, sent_to: SentTo) -> Entry {
        let sent_to = match sent_to {
            SentTo::Midtrans => "midtrans",
            SentTo::Loopback => "loopback",
        };
        Entry::named(format!("server-key {environment} {sent_to}"))
    }

    /// The key that the log of one till is sealed with.
    pub fn log_key(environment: &str, till: &str) -> Entry {
        Entry::named(format!("log-key {environment} {till}"))
    }

    /// Where that log ended last. It is no secret, but whoever edits the log must not have it in hand.
    pub fn log_head(environment: &str, till: &str) -> Entry {
        Entry::named(format!("log-head {environment} {till}"))
    }

    /// What opens the feed of a hosted relay to one till.
    pub fn relay_token(environment: &str, till: &str) -> Entry {
        Entry::named(format!("relay-token {environment} {till}"))
    }

    /// Any other secret of ours. The name is readable in the desktop's list of passwords.
    pub fn named(account: impl Into<String>) -> Entry {
        Entry { account: account.into() }
    }
}

/// The name all our entries share in the desktop's list of passwords.
const SERVICE: &str = "Gerai";

/// Connects anew each time: the store may have been started or restarted since the last, and
/// `keyring` by itself keeps its first connection for as long as the process lives.
fn open(account: &str) -> Result<keyring::Entry, VaultError> {
    let store = Store::new().map_err(|_| VaultError::NoSecretStore)?;
    let inner = store.build(SERVICE, account, None).map_err(explain)?;
    Ok(keyring::Entry { inner })
}

fn explain(error: keyring::Error) -> VaultError {
    use keyring::Error::*;
    match error {
        NoStorageAccess(_) => VaultError::Locked,
        // What could not be read must not be printed either.
        BadEncoding(_) | BadDataFormat(..) => VaultError::Other("the secret is unreadable".into()),
        Ambiguous(_) => VaultError::Other("the secret is there more than once".into()),
        error => VaultError::Other(error.to_string()),
    }
}
