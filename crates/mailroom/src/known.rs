use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    contract::{Channel, Trouble},
    secrets::SecretHash,
};

/// Channels that were found before, so that their secrets are not looked for with every letter. One
/// that was revoked meanwhile, maybe by another program, is refused by whoever appends.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<HashMap<SecretHash, Channel>>);

impl Known {
    /// The channel with this secret.
    pub async fn or_find(
        &self,
        secret: SecretHash,
        find: impl Future<Output = Result<Option<Channel>, Trouble>>,
    ) -> Result<Option<Channel>, Trouble> {
        let known = self.all().get(&secret).copied();
        if known.is_some() {
            return Ok(known);
        }
        let found = find.await?;
        if let Some(channel) = found {
            self.all().insert(secret, channel);
        }
        Ok(found)
    }

    /// It was revoked.
    pub fn forget(&self, channel: Channel) {
        self.all().retain(|_, known| *known != channel);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<SecretHash, Channel>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
