//! The key that notifications are checked with, and for how long it is remembered.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use keys::{Entry, Vault};
use midtrans::ServerKey;
use secrecy::SecretString;
use tokio::{sync::Mutex, task::spawn_blocking, time::timeout};

/// The key of training: a constant, and obviously no key of anybody's. The simulator signs with it.
pub const TRAINING_KEY: &str = "SB-Mid-server-LATIHAN-bukan-kunci-asli";

/// Where the key comes from. It may have to ask the keyring, so it is asked off the async threads.
pub trait KeySource: Send + Sync {
    /// The key; nothing while it is out of reach or was never set.
    fn key(&self) -> Option<ServerKey>;
}

/// The key in the keyring of this desktop session.
pub struct Keyring {
    /// The desktop's secret store.
    pub vault: Vault,
    /// Where in it the key lies.
    pub entry: Entry,
}

/// The key of training, ready for use.
pub fn training_key() -> ServerKey {
    ServerKey::parse(SecretString::from(TRAINING_KEY)).expect("the constant is of the form of a key")
}

impl KeySource for ServerKey {
    fn key(&self) -> Option<ServerKey> {
        Some(self.clone())
    }
}

impl KeySource for Keyring {
    fn key(&self) -> Option<ServerKey> {
        match self.vault.get(&self.entry) {
            Ok(Some(secret)) => match ServerKey::parse(secret) {
                Ok(key) => return Some(key),
                Err(form) => tracing::warn!(%form, "the key in the keyring cannot be used"),
            },
            Ok(None) => tracing::warn!("there is no key in the keyring yet"),
            Err(error) => tracing::warn!(%error, "the keyring cannot be reached"),
        }
        None
    }
}

/// A key is read again after this long.
pub(crate) const USUAL: Duration = Duration::from_secs(30);
/// And after this long if a signature does not fit it: the owner may have entered another.
pub(crate) const FRESH: Duration = Duration::from_secs(2);
/// A keyring that did not answer is left alone this long.
const SILENT: Duration = Duration::from_secs(5);
/// Longer than this no notification waits for its key.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Remembers the key for a short while.
pub(crate) struct KeyAtHand {
    source: Arc<dyn KeySource>,
    last: Arc<Mutex<Option<Read>>>,
}

/// What the source said, and when.
struct Read {
    at: Instant,
    key: Option<ServerKey>,
}

impl KeyAtHand {
    pub fn new(source: Arc<dyn KeySource>) -> Self {
        Self { source, last: Arc::default() }
    }

    /// The key as it was at most so long ago; nothing if it is out of reach.
    pub async fn key(&self, age: Duration) -> Option<ServerKey> {
        let asked = async {
            let mut last = Arc::clone(&self.last).lock_owned().await;
            if let Some(read) = &*last
                && read.at.elapsed() < if read.key.is_some() { age } else { SILENT }
            {
                return read.key.clone();
            }
            let source = Arc::clone(&self.source);
            // The lock goes along: however many notifications wait, the keyring is asked once.
            let asked = spawn_blocking(move || {
                let key = source.key();
                *last = Some(Read { at: Instant::now(), key: key.clone() });
                key
            });
            asked.await.unwrap_or_default()
        };
        timeout(PATIENCE, asked).await.ok().flatten()
    }
}
