use counter::Problem;
use keys::{Entry, SentTo, Vault, VaultError};
use midtrans::ServerKey;
use secrecy::SecretString;

use till::Environment;

use crate::blocking;

/// The server key of one place in the OS keyring. It is sent there and nowhere else.
#[derive(Clone, Debug)]
pub struct Keyring {
    vault: Vault,
    entry: Entry,
    environment: Environment,
}

impl Keyring {
    /// The key of an environment, for Midtrans or for an address on this PC. Training with the
    /// simulator inside the app has none in the keyring, because its key is a constant.
    pub fn of(environment: Environment, loopback: bool) -> Option<Self> {
        if environment == Environment::Training && !loopback {
            return None;
        }
        let sent_to = if loopback { SentTo::Loopback } else { SentTo::Midtrans };
        Some(Self { vault: Vault::system(), entry: Entry::server_key(environment.word(), sent_to), environment })
    }

    /// Where the relay finds the same key.
    pub(crate) fn for_relay(&self) -> relay::Keyring {
        relay::Keyring { vault: self.vault.clone(), entry: self.entry.clone() }
    }

    /// The key, or the problem that there is none.
    pub async fn key(&self) -> Result<ServerKey, Problem> {
        let missing = || Problem::of("key_missing").with("environment", self.environment);
        Ok(ServerKey::parse(self.read().await?.ok_or_else(missing)?)?)
    }

    /// Whether a key is kept.
    pub async fn has_key(&self) -> Result<bool, Problem> {
        Ok(self.read().await?.is_some())
    }

    /// Keeps a key in the place of whatever was there.
    pub async fn set(&self, key: SecretString) -> Result<(), Problem> {
        let (vault, entry) = (self.vault.clone(), self.entry.clone());
        blocking(move || vault.set(&entry, &key)).await?.map_err(trouble)
    }

    /// Forgets the key.
    pub async fn forget(&self) -> Result<(), Problem> {
        let (vault, entry) = (self.vault.clone(), self.entry.clone());
        blocking(move || vault.forget(&entry)).await?.map_err(trouble)
    }

    async fn read(&self) -> Result<Option<SecretString>, Problem> {
        let (vault, entry) = (self.vault.clone(), self.entry.clone());
        blocking(move || vault.get(&entry)).await?.map_err(trouble)
    }
}

pub(crate) fn trouble(error: VaultError) -> Problem {
    Problem::of(match &error {
        VaultError::NoSecretStore => "no_secret_store",
        VaultError::Locked => "secret_store_locked",
        VaultError::TimedOut => "secret_store_slow",
        VaultError::Other(_) => {
            tracing::error!(%error, "the secret store failed");
            "secret_store_failed"
        }
    })
}
