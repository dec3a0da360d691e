use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use counter::{Gateway, Problem};
use midtrans::{Client, Destination, Host, KeyForm, NoClient, Patience, ProbeError, ServerKey};
use secrecy::SecretString;
use simulator::{TRAINING_KEY, training::Training};
use till::Environment;
use tokio::sync::Mutex;

use crate::{keyring::Keyring, seal::Seal};

/// Where a shop talks to.
#[derive(Clone)]
pub enum Place {
    /// The simulator inside the app.
    Training(Arc<Training>),
    /// Midtrans' own servers.
    Midtrans(Environment),
    /// Something on this PC that plays Midtrans.
    Loopback {
        /// What it plays.
        environment: Environment,
        /// Where it listens.
        destination: Destination,
    },
}

/// A client is kept this long. The key is read from the keyring anew after that, so that it is not
/// in memory while nobody sells anything.
const KEPT: Duration = Duration::from_secs(30);

/// Makes clients with the key from the keyring.
pub(crate) struct ByKeyring {
    place: Place,
    seal: Arc<Seal>,
    kept: Mutex<Option<(Instant, Client)>>,
}

impl ByKeyring {
    pub(crate) fn to(place: Place, seal: Arc<Seal>) -> Self {
        Self { place, seal, kept: Mutex::new(None) }
    }
}

impl Gateway for ByKeyring {
    fn client(&self) -> Pin<Box<dyn Future<Output = Result<Client, Problem>> + Send + '_>> {
        Box::pin(async {
            let mut kept = self.kept.lock().await;
            let destination = self.place.destination().await?;
            if let Some((since, client)) = &*kept
                && since.elapsed() < KEPT
                && *client.destination() == destination
            {
                return Ok(client.clone());
            }
            *kept = None;
            let key = self.place.key().await?;
            if self.place.keyring().is_some() {
                // A keyring that gives this key has been unlocked, so it gives that of the log too, and
                // what comes of this client is sealed. If it does not, selling goes on.
                let _ = self.seal.arm().await;
            }
            let client = self.place.client(key).await?;
            *kept = Some((Instant::now(), client.clone()));
            Ok(client)
        })
    }
}

impl Place {
    /// Where a key of this environment is sent, before its shop is open; `None` in training, whose
    /// simulator starts with the shop and whose key is a constant.
    pub fn of(environment: Environment, url: Option<&str>) -> Result<Option<Self>, Problem> {
        Ok(match url {
            Some(url) => Some(Self::Loopback { environment, destination: loopback(url)? }),
            None if environment == Environment::Training => None,
            None => Some(Self::Midtrans(environment)),
        })
    }

    /// Where the key of this place is kept; `None` where it is a constant.
    pub fn keyring(&self) -> Option<Keyring> {
        match self {
            Self::Training(_) => None,
            Self::Midtrans(environment) => Keyring::of(*environment, false),
            Self::Loopback { environment, .. } => Keyring::of(*environment, true),
        }
    }

    /// Takes a key as it was pasted, if it has the form of one for this place.
    pub fn parse(&self, pasted: SecretString) -> Result<ServerKey, Problem> {
        let key = ServerKey::parse(pasted)?;
        let host = match self {
            // A real key has no business in a simulator, whatever that pretends to be.
            Self::Training(_) | Self::Loopback { environment: Environment::Sandbox, .. } => Host::Sandbox,
            Self::Loopback { .. } => Host::Loopback,
            Self::Midtrans(Environment::Production) => Host::Production,
            Self::Midtrans(_) => Host::Sandbox,
        };
        key.suits(host).map_err(|form| self.unsuited(form))?;
        Ok(key)
    }

    /// Asks Midtrans whether it takes this key. Nothing is created there.
    pub async fn probe(&self, key: ServerKey) -> Result<(), Problem> {
        let client = self.client(key).await?;
        match client.probe().await.outcome {
            Ok(midtrans::KeyWorks) => Ok(()),
            Err(ProbeError::KeyRefused) => Err(Problem::of("key_refused").at("key")),
            Err(ProbeError::TryLater) => Err(Problem::of("midtrans_busy")),
            Err(ProbeError::Unclear(_)) => Err(Problem::of("midtrans_unreachable")),
        }
    }

    /// The key for this place.
    pub async fn key(&self) -> Result<ServerKey, Problem> {
        let training = || ServerKey::parse(SecretString::from(TRAINING_KEY)).map_err(|form| self.unsuited(form));
        match (self, self.keyring()) {
            (Self::Training(_), _) | (_, None) => training(),
            // A simulator started by hand may have a key of its own; in training the constant will do.
            (Self::Loopback { environment: Environment::Training, .. }, Some(keyring)) => {
                keyring.key().await.or_else(|_| training())
            }
            (_, Some(keyring)) => keyring.key().await,
        }
    }

    async fn client(&self, key: ServerKey) -> Result<Client, Problem> {
        Client::new(self.destination().await?, key, Patience::default()).map_err(|error| match error {
            NoClient::Key(form) => self.unsuited(form),
            NoClient::NoTrust(_) => Problem::of("midtrans_unreachable"),
        })
    }

    fn unsuited(&self, form: KeyForm) -> Problem {
        match (form, self) {
            (KeyForm::WrongEnvironment, Self::Midtrans(Environment::Production)) => {
                Problem::of("key_sandbox_in_production").at("key")
            }
            (KeyForm::WrongEnvironment, _) => Problem::of("key_production_in_sandbox").at("key"),
            (form, _) => form.into(),
        }
    }

    async fn destination(&self) -> Result<Destination, Problem> {
        match self {
            Self::Training(training) => {
                let access = training.access().await.map_err(simulator_failed)?;
                loopback(&access.listening)
            }
            Self::Midtrans(Environment::Production) => Ok(Destination::production()),
            Self::Midtrans(_) => Ok(Destination::sandbox()),
            Self::Loopback { destination, .. } => Ok(destination.clone()),
        }
    }
}

/// A destination on this PC, and no other.
pub(crate) fn loopback(url: &str) -> Result<Destination, Problem> {
    Destination::loopback(url).map_err(|_| Problem::of("url_not_loopback").with("url", url))
}

pub(crate) fn simulator_failed(error: simulator::Error) -> Problem {
    tracing::error!(%error, "the simulator failed");
    Problem::of("simulator_failed").with("detail", error)
}
