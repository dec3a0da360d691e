use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use counter::{Gateway, Problem};
use midtrans::{Client, ServerKey};
use secrecy::SecretString;

use crate::network::Network;

/// The keys in the desktop's secret store, one for each environment.
#[derive(Clone, Default)]
pub struct Keyring(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    keys: Vec<String>,
    locked: bool,
}

/// Where one program's client for Midtrans comes from: the key out of the keyring, over the network.
pub struct Door {
    /// The keys.
    pub keyring: Keyring,
    /// The way to Midtrans.
    pub network: Network,
    /// The program.
    pub process: u32,
    /// Which Midtrans.
    pub side: usize,
}

impl Keyring {
    /// A keyring that is open and holds these.
    pub fn of(keys: Vec<String>) -> Self {
        Self(Arc::new(Mutex::new(Inner { keys, locked: false })))
    }

    /// The key of this environment; nothing while the keyring is out of reach.
    pub fn key(&self, side: usize) -> Option<String> {
        let inner = self.lock();
        inner.keys.get(side).filter(|_| !inner.locked).cloned()
    }

    /// The key that the owner has entered, whether the keyring is open or not.
    pub fn entered(&self, side: usize) -> Option<String> {
        self.lock().keys.get(side).cloned()
    }

    /// The same, as the programs have it.
    pub fn server_key(&self, side: usize) -> Option<ServerKey> {
        self.key(side).and_then(|key| ServerKey::parse(SecretString::from(key)).ok())
    }

    /// The owner enters another key.
    pub fn enter(&self, side: usize, key: &str) {
        if let Some(place) = self.lock().keys.get_mut(side) {
            *place = key.to_owned();
        }
    }

    /// It goes out of reach, or comes back.
    pub fn lock_up(&self, locked: bool) {
        self.lock().locked = locked;
    }

    /// Whether it is out of reach.
    pub fn is_locked(&self) -> bool {
        self.lock().locked
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gateway for Door {
    fn client(&self) -> Pin<Box<dyn Future<Output = Result<Client, Problem>> + Send + '_>> {
        Box::pin(async {
            let key = self.keyring.key(self.side).ok_or_else(|| Problem::of("no_secret_store"))?;
            Ok(Client::over(self.network.line(self.process, self.side, key)))
        })
    }
}
