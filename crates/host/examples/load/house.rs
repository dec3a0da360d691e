//! Programs to be measured: started, killed, and what they stored counted.

use std::{
    collections::{BTreeMap, HashSet},
    error::Error,
    fs::File,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
};

use mailroom::{Channel, Code, Keeping, Mailroom, PathSecret, Place, Registry, Seq, Store, Time, Token};
use serde_json::Value;

use crate::bodies::Bodies;

pub type Done<T> = Result<T, Box<dyn Error>>;

/// Limits that no load reaches.
pub const UNLIMITED: &[&str] = &[
    "--channel-rate",
    "4000000000",
    "--channel-burst",
    "4000000000",
    "--channel-entries",
    "4000000000",
    "--per-address-connections",
    "100000",
];

/// A program that listens.
pub struct House {
    child: Child,
    pub listening: SocketAddr,
}

impl House {
    /// Starts the relay on this store.
    pub fn relay(program: &Path, place: &str, flags: &[&str], folder: &Path) -> Done<Self> {
        let mut serve = Command::new(program);
        serve.env("GERAI_RELAY_STORE", place).args(["serve", "--listen", "127.0.0.1:0"]).args(flags);
        // The journal is kept, as a service manager keeps it.
        serve.stderr(File::options().create(true).append(true).open(folder.join("journal"))?);
        Self::started(serve)
    }

    /// Starts the handler on this file.
    pub fn express(folder: &Path, file: &Path, key: &str) -> Done<Self> {
        let mut node = Command::new("node");
        node.env("NODE_ENV", "production").arg(folder.join("handler.js")).arg(file).arg(key);
        Self::started(node)
    }

    fn started(mut command: Command) -> Done<Self> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let said: Value = serde_json::from_str(&line).map_err(|_| format!("{command:?} did not start"))?;
        let listening = said["listening"].as_str().ok_or("it does not say where it listens")?.parse()?;
        Ok(Self { child, listening })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A fresh place for a store.
pub enum Kind<'a> {
    Sqlite,
    Postgres(&'a stage::Postgres),
}

impl Kind<'_> {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    pub fn fresh(&self, folder: &Path) -> String {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("load{}", NEXT.fetch_add(1, Ordering::Relaxed));
        match self {
            Self::Sqlite => folder.join(name + ".db").display().to_string(),
            Self::Postgres(server) => server.new_database(&name),
        }
    }
}

/// The channels of a relay, made before it starts.
pub struct Channels {
    pub paths: Vec<String>,
    pub numbers: Vec<Channel>,
    /// The token of a till of each.
    pub tokens: Vec<String>,
}

pub async fn open(place: &str) -> Done<Store> {
    let Ok(place) = place.parse::<Place>();
    Ok(Store::open(&place, Keeping::default()).await?)
}

impl Channels {
    /// So many, each with a till if that is wanted.
    pub async fn make(place: &str, count: usize, with_tills: bool) -> Done<Self> {
        let store = std::sync::Arc::new(open(place).await?);
        let mut made = Self { paths: Vec::new(), numbers: Vec::new(), tokens: Vec::new() };
        for from in (0..count).step_by(64) {
            // Together, so that they share their flushes.
            let some: Vec<_> = (from..count.min(from + 64))
                .map(|_| {
                    let store = std::sync::Arc::clone(&store);
                    tokio::spawn(async move { one(&store, with_tills).await })
                })
                .collect();
            for one in some {
                let (channel, path, token) = one.await?.map_err(|trouble| trouble.to_string())?;
                made.numbers.push(channel);
                made.paths.push(path);
                made.tokens.extend(token);
            }
        }
        Ok(made)
    }
}

async fn one(
    store: &Store,
    with_till: bool,
) -> Result<(Channel, String, Option<String>), Box<dyn Error + Send + Sync>> {
    let now = Time::from_millis(1_790_000_000_000);
    let secret = PathSecret::draw(drawn());
    let channel = store.new_channel("load", secret.hash(), now).await?;
    let mut token = None;
    if with_till {
        let (code, new) = (Code::draw(drawn()), Token::draw(drawn()));
        store.new_code(channel, code, now).await?;
        store.pair(channel, code, "till", new.hash(), now).await.map_err(|not| format!("{not:?}"))?;
        token = Some(new.text().to_owned());
    }
    Ok((channel, format!("/n/{}", secret.text()), token))
}

fn drawn<const N: usize>() -> [u8; N] {
    let mut chance = [0; N];
    getrandom::fill(&mut chance).expect("this system has chance");
    chance
}

/// What a store holds of a run.
#[derive(Default)]
pub struct Held {
    pub numbers: HashSet<u64>,
    /// How often each came that came more than once.
    pub times: BTreeMap<u64, u32>,
    /// What is wrong with it: a gap, a number twice, a body that nobody sent.
    pub wrong: u64,
}

/// Reads everything in these channels.
pub async fn held(
    place: &str,
    channels: &[Channel],
    bodies: &Bodies,
    mut each: impl FnMut(Seq, Vec<u8>),
) -> Done<Held> {
    let (store, mut held) = (open(place).await?, Held::default());
    for channel in channels {
        let mut after = Seq::START;
        loop {
            let page = store.read(*channel, after, 200).await?;
            if page.entries.is_empty() {
                break;
            }
            for entry in page.entries {
                let dense = entry.seq == after.next();
                after = entry.seq;
                match bodies.number(&entry.body) {
                    Some(number) if dense && held.numbers.insert(number) => {
                        if entry.times > 1 {
                            held.times.insert(number, entry.times);
                        }
                    }
                    _ => held.wrong += 1,
                }
                each(entry.seq, entry.body);
            }
        }
    }
    Ok(held)
}

/// A folder for one measure, on a real disk.
pub fn folder() -> Done<tempfile::TempDir> {
    Ok(tempfile::Builder::new().prefix("gerai-load").tempdir()?)
}
