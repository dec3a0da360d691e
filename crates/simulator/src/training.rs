//! Training: one simulator for all who need it, run by whoever comes first.
//!
//! The window, `geraictl` and the relay may all be open at once, and any of them may end first. A
//! lock on a file in the training folder says who runs the simulator; a second file beside it says
//! where it listens. The lock ends with its holder, however that ends, and the next one who asks
//! takes over with the same file of transactions.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::{Config, Error, Running, TRAINING_KEY};

/// Where the training simulator listens, and what opens its control door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// An absolute `http` URL without a path.
    pub listening: String,
    /// For `/_control/…`.
    pub token: String,
}

/// A share in the training simulator.
pub struct Training {
    folder: PathBuf,
    client: reqwest::Client,
    role: Mutex<Role>,
}

enum Role {
    Here(Running, Access),
    Elsewhere,
}

const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);
const PROBE: Duration = Duration::from_secs(2);

impl Training {
    /// Joins the training in that folder, and starts its simulator if nobody runs it.
    pub async fn enter(folder: &Path) -> Result<Training, Error> {
        fs::create_dir_all(folder)?;
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(PROBE)
            .build()
            .map_err(|error| Error::Setup(error.to_string()))?;
        let (folder, role) = (folder.to_owned(), Mutex::new(Role::Elsewhere));
        let training = Training { folder, client, role };
        training.access().await?;
        Ok(training)
    }

    /// Where the simulator is. Whoever ran it may have gone since the last time: then this one
    /// takes over, at the same address if that is free.
    pub async fn access(&self) -> Result<Access, Error> {
        let mut role = self.role.lock().await;
        if let Role::Here(_, access) = &*role {
            return Ok(access.clone());
        }
        let started = Instant::now();
        loop {
            if let Some(lock) = self.try_lock()? {
                let (running, access) = self.run(lock).await?;
                *role = Role::Here(running, access.clone());
                return Ok(access);
            }
            if let Some(access) = self.written()
                && self.answers(&access).await
            {
                return Ok(access);
            }
            if started.elapsed() > PATIENCE {
                return Err(Error::NotReady);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Tells the simulator's trainer's door something, such as `pay`; a refusal is [`Error::Told`].
    pub async fn tell(&self, path: &str, body: &serde_json::Value) -> Result<(), Error> {
        let access = self.access().await?;
        let told = self
            .client
            .post(format!("{}/_control/{path}", access.listening))
            .bearer_auth(&access.token)
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await;
        let answer = told.map_err(|_| Error::NotReady)?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(Error::Told(answer.text().await.unwrap_or_default()))
    }

    /// Whether the simulator runs in this process, for this share.
    pub async fn here(&self) -> bool {
        matches!(&*self.role.lock().await, Role::Here(..))
    }

    /// Leaves, and returns when a simulator that ran here has stopped.
    pub async fn leave(self) {
        if let Role::Here(running, _) = self.role.into_inner() {
            running.stop().await;
        }
    }

    fn try_lock(&self) -> Result<Option<File>, Error> {
        let path = self.folder.join("simulator.lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    async fn run(&self, lock: File) -> Result<(Running, Access), Error> {
        let before = self.written();
        let config = Config { state: Some(self.folder.join("simulator.db")), ..Config::new(TRAINING_KEY) };
        let port = before.and_then(|before| before.listening.rsplit(':').next()?.parse().ok());
        let same = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port.unwrap_or(0));
        let at = |listen| Config { listen, ..config.clone() };
        let running = match crate::start(at(same), Some(lock.try_clone()?)).await {
            Err(Error::Listen(..)) if port.is_some() => crate::start(config, Some(lock)).await?,
            started => started?,
        };
        let access = Access { listening: running.url(), token: running.token.clone() };
        self.write(&access)?;
        Ok((running, access))
    }

    fn address_file(&self) -> PathBuf {
        self.folder.join("simulator.json")
    }

    fn written(&self) -> Option<Access> {
        serde_json::from_slice(&fs::read(self.address_file()).ok()?).ok()
    }

    fn write(&self, access: &Access) -> Result<(), Error> {
        let draft = self.folder.join("simulator.json.new");
        let _ = fs::remove_file(&draft);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft)?;
        file.write_all(&serde_json::to_vec(access).unwrap_or_default())?;
        file.sync_all()?;
        fs::rename(&draft, self.address_file())?;
        Ok(())
    }

    /// Whether the one at that address is the one who wrote it down.
    async fn answers(&self, access: &Access) -> bool {
        let probe = self.client.get(format!("{}/_control/health", access.listening)).bearer_auth(&access.token).send();
        probe.await.is_ok_and(|response| response.status().is_success())
    }
}
