use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use counter::{Closing, Counter, Evidence, Problem};
use desk::{Desk, Keyring, Options, Place, Receiver, blocking};
use ledger::{Folder, Ledger};
use secrecy::SecretString;
use simulator::training::Training;
use till::Environment;
use tokio::time::{Instant, sleep};

use crate::{
    shop::OpenShop,
    view::{Draft, KeyView, Language, Look, RelayState, RelayView, Shop, Start, Unpaired},
};

/// Tells the window that something in the ledger changed.
pub type Tell = Box<dyn Fn() + Send + Sync>;

/// The program behind the window: which shop is open, if any.
pub struct App {
    options: Options,
    folder: Folder,
    open: Mutex<Option<Arc<OpenShop>>>,
    /// Shops are opened and closed one after the other.
    door: tokio::sync::Mutex<()>,
}

/// So long a shop that is closed for a copy waits for what is still under way.
const PATIENCE: Duration = Duration::from_secs(20);
const BREATH: Duration = Duration::from_millis(50);

impl App {
    /// A program with no shop open yet.
    pub fn new(options: Options, folder: Folder) -> Self {
        Self { options, folder, open: Mutex::new(None), door: tokio::sync::Mutex::new(()) }
    }

    /// What the window needs before it paints; opens the shop that was last used.
    pub async fn start(&self, tell: Tell) -> Start {
        let mut problem = None;
        let wanted = self.options.environment.or_else(|| self.folder.desk().environment);
        if let (None, Some(environment)) = (self.shop(), wanted) {
            problem = self.open(tell, environment).await.err();
        }
        self.as_start(problem)
    }

    /// Opens training, or a shop whose key is in the keyring.
    pub async fn enter(&self, tell: Tell, environment: Environment) -> Result<Start, Problem> {
        if let Some(keyring) = self.keyring(environment) {
            match keyring.has_key().await {
                Ok(true) => {}
                Ok(false) => return Err(Problem::of("key_missing").with("environment", environment)),
                // Without the keyring nothing can be charged, but the lists of a shop stay readable.
                Err(problem) if !Ledger::exists(&self.folder, environment) => return Err(problem),
                Err(_) => {}
            }
        }
        self.open(tell, environment).await?;
        Ok(self.as_start(None))
    }

    /// Takes a key: checks its form, asks Midtrans, keeps it, opens the shop.
    pub async fn connect(&self, tell: Tell, environment: Environment, pasted: SecretString) -> Result<Start, Problem> {
        if let Some(place) = Place::of(environment, self.options.midtrans_url.as_deref())? {
            place.probe(place.parse(pasted.clone())?).await?;
            if let Some(keyring) = place.keyring() {
                keyring.set(pasted).await?;
            }
        }
        self.open(tell, environment).await?;
        Ok(self.as_start(None))
    }

    /// Takes the key of an environment out of the keyring.
    pub async fn forget_key(&self, environment: Environment) -> Result<(), Problem> {
        match self.keyring(environment) {
            Some(keyring) => keyring.forget().await,
            None => Ok(()),
        }
    }

    /// Which environments have a key.
    pub async fn keys(&self) -> Result<Vec<KeyView>, Problem> {
        let mut keys = Vec::new();
        for environment in [Environment::Sandbox, Environment::Production] {
            if let Some(keyring) = self.keyring(environment) {
                keys.push(KeyView { environment: environment.into(), set: keyring.has_key().await? });
            }
        }
        Ok(keys)
    }

    /// Remembers language and look, for every shop of this PC.
    pub fn prefer(&self, language: Language, look: Look) -> Result<(), Problem> {
        let mut desk = self.folder.desk();
        desk.language = Some(if language == Language::En { "en" } else { "id" }.into());
        desk.look = match look {
            Look::System => None,
            Look::Light => Some("light".into()),
            Look::Dark => Some("dark".into()),
        };
        Ok(self.folder.remember(&desk)?)
    }

    /// The counter of the open shop.
    pub fn counter(&self) -> Result<Arc<Counter>, Problem> {
        Ok(self.opened()?.desk.counter.clone())
    }

    /// Everything known about an order, with what comes now of comparing the log with its chain.
    pub async fn evidence(&self, named: String) -> Result<Evidence, Problem> {
        let shop = self.opened()?;
        shop.desk.counter.find(&named)?;
        let check_up = shop.desk.seal.check_up().await?;
        blocking(move || shop.desk.counter.evidence(&named, check_up.verdict.as_ref())).await?
    }

    /// The language of the window.
    pub fn language(&self) -> counter::Language {
        if self.folder.desk().language.as_deref() == Some("en") {
            counter::Language::English
        } else {
            counter::Language::Indonesian
        }
    }

    /// Puts a copy in the place of the open shop's book, which is set aside. For that the shop is
    /// closed, and opened again whatever came of it.
    pub async fn restore(&self, tell: Tell, copy: String) -> Result<Start, Problem> {
        let environment = self.opened()?.desk.ledger().environment();
        let restored = self.put_back(environment, copy).await;
        self.open(tell, environment).await?;
        restored?;
        Ok(self.as_start(None))
    }

    async fn put_back(&self, environment: Environment, copy: String) -> Result<(), Problem> {
        let _door = self.door.lock().await;
        let shop = self.slot().take();
        if let Some(shop) = shop {
            shop.stop_relay().await;
        }
        // What is being asked or written just now holds the book until it ends, and nothing tells when that is.
        let until = Instant::now() + PATIENCE;
        loop {
            match desk::restore(&self.folder, environment, copy.clone()).await {
                Err(problem) if problem.code == "ledger_in_use" && Instant::now() < until => sleep(BREATH).await,
                done => return done.map(drop),
            }
        }
    }

    /// Closes this day in somebody's name.
    pub async fn close_day(&self, by: &str) -> Result<(Arc<Counter>, Closing), Problem> {
        let shop = self.opened()?;
        let closing = shop.desk.close_day(None, by).await?;
        Ok((shop.desk.counter.clone(), closing))
    }

    /// The counter and the simulator, in training.
    pub fn training(&self) -> Result<(Arc<Counter>, Arc<Training>), Problem> {
        let shop = self.opened()?;
        let training = shop.desk.training.clone().ok_or_else(|| Problem::of("not_training"))?;
        Ok((shop.desk.counter.clone(), training))
    }

    /// Whether notifications can arrive here now.
    pub fn relay_state(&self) -> RelayState {
        self.shop().map_or(RelayState::Off, |shop| shop.relay_state())
    }

    /// The relay of the open shop.
    pub fn relay_view(&self) -> Result<RelayView, Problem> {
        self.opened()?.relay_view()
    }

    /// Pairs this till with a relay that somebody hosts.
    pub async fn pair_relay(&self, address: &str, code: &str, name: &str) -> Result<RelayView, Problem> {
        let shop = self.opened()?;
        shop.desk.receiver.pair(address, code, name).await?;
        shop.relay_view()
    }

    /// Ends that pairing.
    pub async fn unpair_relay(&self) -> Result<Unpaired, Problem> {
        let shop = self.opened()?;
        let told = shop.desk.receiver.unpair().await?;
        Ok(Unpaired { relay: shop.relay_view()?, told })
    }

    /// What receives for the open shop at a hosted relay.
    pub fn receiver(&self) -> Result<Arc<Receiver>, Problem> {
        Ok(self.opened()?.desk.receiver.clone())
    }

    /// The open shop.
    pub fn desk(&self) -> Result<Desk, Problem> {
        Ok(self.opened()?.desk.clone())
    }

    /// Runs the relay inside the window, or stops it.
    pub async fn switch_relay(&self, on: bool, port: u16) -> Result<RelayView, Problem> {
        let shop = self.opened()?;
        shop.stop_relay().await;
        if on {
            shop.start_relay(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        } else {
            shop.desk.counter.forget_relay()?;
        }
        let ledger = shop.desk.ledger();
        let settings = ledger::Settings { relay_inside: on, relay_port: port, ..ledger.settings()? };
        shop.desk.counter.set(settings)?;
        shop.relay_view()
    }

    async fn open(&self, tell: Tell, environment: Environment) -> Result<(), Problem> {
        let _door = self.door.lock().await;
        if self.shop().is_some_and(|shop| shop.desk.ledger().environment() == environment) {
            return Ok(());
        }
        let desk = Desk::open(&self.folder, environment, self.options.midtrans_url.as_deref()).await?;
        let shop = OpenShop::begin(desk, tell).await;
        *self.slot() = Some(Arc::new(shop));
        let (folder, mut note) = (self.folder.clone(), self.folder.desk());
        note.environment = Some(environment);
        blocking(move || folder.remember(&note)).await??;
        Ok(())
    }

    fn keyring(&self, environment: Environment) -> Option<Keyring> {
        Keyring::of(environment, self.options.midtrans_url.is_some())
    }

    fn as_start(&self, problem: Option<Problem>) -> Start {
        let desk = self.folder.desk();
        let shop = self.shop();
        let ledger = shop.as_ref().map(|shop| shop.desk.ledger().clone());
        let draft = ledger.as_ref().and_then(|ledger| ledger.draft().ok().flatten());
        Start {
            version: env!("CARGO_PKG_VERSION").into(),
            language: if desk.language.as_deref() == Some("en") { Language::En } else { Language::Id },
            look: match desk.look.as_deref() {
                Some("light") => Look::Light,
                Some("dark") => Look::Dark,
                _ => Look::System,
            },
            shop: ledger.map(|ledger| Shop {
                environment: ledger.environment().into(),
                name: ledger.settings().unwrap_or_default().shop_name,
                till: ledger.till().to_string(),
            }),
            problem: problem.map(Into::into),
            draft: draft.map(Draft::from),
        }
    }

    fn opened(&self) -> Result<Arc<OpenShop>, Problem> {
        self.shop().ok_or_else(|| Problem::of("environment_closed"))
    }

    fn shop(&self) -> Option<Arc<OpenShop>> {
        self.slot().clone()
    }

    fn slot(&self) -> MutexGuard<'_, Option<Arc<OpenShop>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
