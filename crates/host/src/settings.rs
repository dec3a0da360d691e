//! What can be set, by a file, the environment and flags. All of it is looked at before anything
//! begins.

use std::{
    fmt, fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::{NonZeroU32, NonZeroUsize},
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::{ArgMatches, Args, parser::ValueSource};
use mailroom::{Keeping, PathSecret, Place};
use serde::Deserialize;
use url::Url;

use crate::{network::Network, tls::Files};

/// Where the channels are, and what they are called outside.
#[derive(Args, Clone, Debug, Default)]
pub struct GivenPlace {
    /// File with settings: TOML, each named like its flag, as in store = "/var/lib/gerai-relay/relay.db"
    #[arg(long, value_name = "FILE", env = "GERAI_RELAY_CONFIG")]
    config: Option<PathBuf>,
    /// Where notifications are kept: a file, or postgres://USER@HOST/DATABASE. An address with a
    /// password goes into the file or the environment
    #[arg(long, value_name = "FILE|URL", env = "GERAI_RELAY_STORE", hide_env_values = true)]
    store: Option<String>,
    /// How Midtrans and the tills reach this relay; https, except on this machine
    #[arg(long, value_name = "URL", env = "GERAI_RELAY_PUBLIC_URL")]
    public_url: Option<PublicUrl>,
}

/// Everything a relay at work is told.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Given {
    #[command(flatten)]
    #[serde(skip)]
    place: GivenPlace,
    #[arg(skip)]
    store: Option<String>,
    #[arg(skip)]
    public_url: Option<PublicUrl>,
    /// Address and port to listen on [default: 127.0.0.1:8787]
    #[arg(long, value_name = "ADDR", env = "GERAI_RELAY_LISTEN", value_parser = address)]
    listen: Option<SocketAddr>,
    /// Certificate of this relay and those that lead to its authority, in PEM; without it, it speaks
    /// in the clear, for a proxy in front of it
    #[arg(long, value_name = "FILE", env = "GERAI_RELAY_TLS_CERT")]
    tls_cert: Option<PathBuf>,
    /// Private key of that certificate, in PEM
    #[arg(long, value_name = "FILE", env = "GERAI_RELAY_TLS_KEY")]
    tls_key: Option<PathBuf>,
    /// A proxy in front of this relay, whose X-Forwarded-For is believed; an address or a network
    #[arg(long, value_name = "ADDR", env = "GERAI_RELAY_TRUSTED_PROXY", value_delimiter = ',')]
    #[serde(default)]
    trusted_proxy: Vec<Network>,
    /// Notifications a second that a channel takes for long [default: 10]
    #[arg(long, value_name = "N", env = "GERAI_RELAY_CHANNEL_RATE")]
    channel_rate: Option<NonZeroU32>,
    /// Notifications that a channel takes at once after a quiet spell [default: 100]
    #[arg(long, value_name = "N", env = "GERAI_RELAY_CHANNEL_BURST")]
    channel_burst: Option<NonZeroU32>,
    /// Notifications that a channel keeps, of 5 KiB on average; a full one takes no new ones [default: 10000]
    #[arg(long, value_name = "N", env = "GERAI_RELAY_CHANNEL_ENTRIES")]
    channel_entries: Option<NonZeroU32>,
    /// Connections from one address at once, but for those that wait for news [default: 32]
    #[arg(long, value_name = "N", env = "GERAI_RELAY_PER_ADDRESS_CONNECTIONS")]
    per_address_connections: Option<NonZeroUsize>,
    /// Connections at once, but for those that wait for news [default: 2048]
    #[arg(long, value_name = "N", env = "GERAI_RELAY_INGEST_CONNECTIONS")]
    ingest_connections: Option<NonZeroUsize>,
    /// Tills that wait for news at once [default: 10000]
    #[arg(long, value_name = "N", env = "GERAI_RELAY_FEED_CONNECTIONS")]
    feed_connections: Option<NonZeroUsize>,
}

/// A relay at work, as it was set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where notifications are kept.
    pub place: Place,
    /// How it is reached.
    pub public_url: Option<PublicUrl>,
    /// Where it listens.
    pub listen: SocketAddr,
    /// The certificate, if it speaks TLS by itself.
    pub tls: Option<Files>,
    /// Who may say for whom they speak.
    pub proxies: Proxies,
    /// How much of what.
    pub limits: Limits,
}

/// How much there may be of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Notifications a second for one channel.
    pub channel_rate: u32,
    /// And so many at once.
    pub channel_burst: u32,
    /// Notifications that one channel keeps.
    pub channel_entries: u32,
    /// Connections of one address.
    pub per_address_connections: usize,
    /// Connections in all that do not wait.
    pub ingest_connections: usize,
    /// Connections in all that wait for news.
    pub feed_connections: usize,
}

impl Limits {
    /// How much a channel keeps, and for how long. Whoever lets it keep more entries than usual means
    /// that there is to be room for them, too.
    pub fn keeping(&self) -> Keeping {
        let (entries, usual) = (u64::from(self.channel_entries), Keeping::default());
        Keeping { entries, bytes: usual.bytes.max(usual.bytes / usual.entries * entries), ..usual }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            channel_rate: 10,
            channel_burst: 100,
            channel_entries: 10_000,
            per_address_connections: 32,
            ingest_connections: 2_048,
            feed_connections: 10_000,
        }
    }
}

/// The proxies in front of this relay.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<Network>);

/// Why something cannot be set like this: a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Wrong(pub String);

const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8787);
const PREFIX: &str = "GERAI_RELAY_";

impl GivenPlace {
    /// Where the channels are, and how their addresses begin.
    pub fn place(self, flags: &ArgMatches) -> Result<(Place, PublicUrl), Wrong> {
        let given = Given { place: self, ..Given::default() };
        let settings = given.settings(flags)?;
        Ok((settings.place, settings.public_url.unwrap_or_default()))
    }
}

impl Given {
    /// All of it together, if it can be. The flags tell where each of these came from.
    pub fn settings(self, flags: &ArgMatches) -> Result<Settings, Wrong> {
        know_the_environment()?;
        let file = match &self.place.config {
            Some(file) => read(file)?,
            None => Self::default(),
        };
        let said_aloud = flags.value_source("store") == Some(ValueSource::CommandLine);
        let usual = Limits::default();
        let number =
            |flag: Option<NonZeroU32>, file: Option<NonZeroU32>, usual| flag.or(file).map_or(usual, Into::into);
        let public_url = self.place.public_url.or(file.public_url);
        let tls = match (self.tls_cert.or(file.tls_cert), self.tls_key.or(file.tls_key)) {
            (Some(certificate), Some(key)) => Some(Files { certificate, key, public_url: public_url.clone() }),
            (None, None) => None,
            _ => {
                return Err(Wrong(
                    "A certificate and its key are named together; name both tls-cert and tls-key, or neither.".into(),
                ));
            }
        };
        let size =
            |flag: Option<NonZeroUsize>, file: Option<NonZeroUsize>, usual| flag.or(file).map_or(usual, Into::into);
        Ok(Settings {
            place: place(self.place.store.or(file.store), said_aloud)?,
            public_url,
            tls,
            listen: self.listen.or(file.listen).unwrap_or(LISTEN),
            proxies: Proxies(if self.trusted_proxy.is_empty() { file.trusted_proxy } else { self.trusted_proxy }),
            limits: Limits {
                channel_rate: number(self.channel_rate, file.channel_rate, usual.channel_rate),
                channel_burst: number(self.channel_burst, file.channel_burst, usual.channel_burst),
                channel_entries: number(self.channel_entries, file.channel_entries, usual.channel_entries),
                per_address_connections: size(
                    self.per_address_connections,
                    file.per_address_connections,
                    usual.per_address_connections,
                ),
                ingest_connections: size(self.ingest_connections, file.ingest_connections, usual.ingest_connections),
                feed_connections: size(self.feed_connections, file.feed_connections, usual.feed_connections),
            },
        })
    }
}

impl Settings {
    /// Whether nobody may reach this relay in the clear.
    pub(crate) fn only_encrypted(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.0.starts_with("https:"))
    }
}

impl Proxies {
    /// These.
    pub fn of(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// Whether there is one.
    pub fn any(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether somebody at this address may say for whom they speak.
    pub fn has(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.has(address))
    }
}

/// How a relay is reached from outside: scheme and host, and nothing after them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicUrl(String);

impl PublicUrl {
    /// What to enter as Payment Notification URL for the channel with this secret.
    pub fn notification_url(&self, secret: &PathSecret) -> String {
        format!("{}/n/{}", self.0, secret.text())
    }

    /// The name of the machine, or its address.
    pub fn host(&self) -> Option<String> {
        let url = Url::parse(&self.0).ok()?;
        Some(url.host_str()?.trim_matches(['[', ']']).to_owned())
    }

    /// Whether Midtrans' sender would call there: encrypted or not, but at the usual port, and by a
    /// name that is not only ours.
    pub fn is_public(&self) -> bool {
        let Ok(url) = Url::parse(&self.0) else { return false };
        let ours = self.host().is_none_or(|host| {
            host == "localhost"
                || host.ends_with(".localhost")
                || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback() || address.is_unspecified())
        });
        url.port().is_none() && !ours
    }
}

impl Default for PublicUrl {
    fn default() -> Self {
        Self("http://localhost".into())
    }
}

impl FromStr for PublicUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "not an address of a relay; write it like https://relay.example, without anything after it";
        let url = Url::parse(text).map_err(|_| FORM)?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let nobodys = url.username().is_empty() && url.password().is_none();
        if !matches!(url.scheme(), "https" | "http") || !url.has_host() || !bare || !nobodys {
            return Err(FORM);
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "not an address and a port; write it like 127.0.0.1:8787")
}

fn read(file: &Path) -> Result<Given, Wrong> {
    let name = file.display();
    let text = fs::read_to_string(file)
        .map_err(|error| Wrong(format!("The settings in {name} cannot be read ({error}); name another file with --config, or let this account read it.")))?;
    // Only what is wrong and where: a whole line of the file might be one with a password.
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |at| text[..at.start.min(text.len())].matches('\n').count() + 1);
        let what = error.message().lines().next().unwrap_or_default().to_owned();
        Wrong(format!("The settings in {name} cannot be used: {what}, in line {line}; correct it and start again."))
    })
}

/// A name that is spelled wrong would be a setting that nobody minds.
fn know_the_environment() -> Result<(), Wrong> {
    let known = <Given as Args>::augment_args(clap::Command::new("relay"));
    let known: Vec<_> = known.get_arguments().filter_map(|argument| argument.get_env()).collect();
    for (name, _) in std::env::vars_os() {
        let name_shown = name.to_string_lossy();
        if name_shown.starts_with(PREFIX) && !known.contains(&name.as_os_str()) {
            return Err(Wrong(format!("There is no setting {name_shown}; see gerai-relay serve --help, or unset it.")));
        }
    }
    Ok(())
}

fn place(store: Option<String>, said_aloud: bool) -> Result<Place, Wrong> {
    let store = store.filter(|store| !store.is_empty());
    let store = store.ok_or_else(|| {
        Wrong("It is not said where notifications are kept; name a file with --store, as in --store /var/lib/gerai-relay/relay.db.".into())
    })?;
    let Ok(place) = store.parse::<Place>();
    if let Place::Postgres(url) = &place {
        let url = Url::parse(url).map_err(|_| {
            Wrong("The database's address cannot be read; write it like postgres://USER@HOST/DATABASE.".into())
        })?;
        let in_query = url.query_pairs().any(|(name, _)| name == "password");
        if said_aloud && (url.password().is_some() || in_query) {
            return Err(Wrong("A password on the command line can be read by everybody on this machine; put the address into the file named with --config, or into GERAI_RELAY_STORE.".into()));
        }
    } else if store.contains("://") {
        return Err(Wrong(format!("There can be no store at {store}; name a file, or postgres://USER@HOST/DATABASE.")));
    }
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_entries_have_more_room_and_fewer_have_no_less() {
        let keeping = |channel_entries| Limits { channel_entries, ..Limits::default() }.keeping();
        let usual = keeping(Limits::default().channel_entries);
        assert_eq!((usual.entries, usual.bytes), (10_000, Keeping::default().bytes));
        let (many, few) = (keeping(50_000), keeping(10));
        assert_eq!((many.entries, few.entries), (50_000, 10));
        assert!(many.bytes > 4 * usual.bytes, "or the bytes would refuse what the entries allow");
        assert_eq!(few.bytes, usual.bytes, "a few may be long");
    }
}
