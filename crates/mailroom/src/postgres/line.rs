//! Connections: where they lead, how they are made, and what is asked on them.

use std::{
    collections::HashMap,
    error::Error as _,
    future::poll_fn,
    net::IpAddr,
    path::Path,
    sync::{
        Arc, Mutex as Shared, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::sync::Mutex;
use tokio_postgres::{
    AsyncMessage, Client, Config, Connection, Error, NoTls, Notification, Row, Socket, Statement,
    config::{Host, SslMode},
    error::SqlState,
    tls::TlsStream,
    types::ToSql,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{contract::Trouble, open::OpenError};

/// Where the database is, and how to get there.
pub(super) struct Way {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

/// One connection.
pub(super) struct Line {
    client: Client,
    prepared: Shared<HashMap<&'static str, Statement>>,
}

/// Who uses a connection, and so what a commit on it means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// What it commits is on the disk.
    Durable,
    /// What it commits may be lost in a crash, and nobody is harmed.
    Light,
}

/// A parameter of a statement.
pub(super) type Value<'a> = &'a (dyn ToSql + Sync);

/// So long it may take to be connected, and for a statement to be done.
const PATIENCE: Duration = Duration::from_secs(5);

impl Way {
    pub fn of(url: &str) -> Result<Self, OpenError> {
        let (plain, tls) = Tls::split(url).map_err(OpenError::Url)?;
        let mut config: Config = plain.parse().map_err(|error| OpenError::Url(said(&error)))?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        config.keepalives_idle(Duration::from_secs(30)).tcp_user_timeout(Duration::from_secs(10));
        config.application_name("gerai-relay");
        let is_near = |host: &Host| match host {
            Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()),
            Host::Unix(_) => true,
        };
        // Nobody listens on the way to this machine. Anywhere else somebody may.
        let wanted = tls.wanted.unwrap_or_else(|| !config.get_hosts().iter().all(is_near));
        config.ssl_mode(if wanted { SslMode::Require } else { SslMode::Disable });
        let tls = if wanted { Some(MakeRustlsConnect::new(tls.config()?)) } else { None };
        Ok(Self { config, tls })
    }

    /// A connection. What is notified there is handed to `hear`.
    pub async fn line(&self, it: Use, hear: impl Fn(&Notification) + Send + 'static) -> Result<Line, Error> {
        let client = match self.tls.clone() {
            Some(tls) => drive(self.config.connect(tls).await?, hear),
            None => drive(self.config.connect(NoTls).await?, hear),
        };
        let durable = match it {
            // Never less than the server's own answer; it may wait for a second machine, too.
            Use::Durable => {
                "SELECT set_config('synchronous_commit', 'on', false)
                             WHERE current_setting('synchronous_commit') IN ('off', 'local');"
            }
            Use::Light => "SET synchronous_commit = off;",
        };
        let rest =
            "SET lock_timeout = '3s'; SET statement_timeout = '5s'; SET idle_in_transaction_session_timeout = '10s';";
        client.batch_execute(&format!("{durable} {rest}")).await?;
        Ok(Line { client, prepared: Shared::default() })
    }

    /// Why somebody cannot get there, and what to do.
    pub fn unreachable(&self, error: &Error) -> OpenError {
        let refused = [SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION];
        match error.code() {
            Some(code) if refused.contains(code) => OpenError::NotAllowed(said(error)),
            Some(code) if *code == SqlState::INVALID_CATALOG_NAME => OpenError::NoDatabase(said(error)),
            _ => OpenError::Unreachable(said(error)),
        }
    }
}

fn drive<T>(
    (client, mut connection): (Client, Connection<Socket, T>),
    hear: impl Fn(&Notification) + Send + 'static,
) -> Client
where
    T: TlsStream + Unpin + Send + 'static,
{
    tokio::spawn(async move {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            match message {
                Ok(AsyncMessage::Notification(notification)) => hear(&notification),
                Ok(_) => {}
                // Whoever asked something on it hears the same.
                Err(_) => break,
            }
        }
    });
    client
}

impl Line {
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Several statements without parameters.
    pub async fn batch(&self, sql: &str) -> Result<(), Error> {
        self.client.batch_execute(sql).await
    }

    pub async fn query(&self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Row>, Error> {
        let statement = self.statement(sql).await?;
        self.client.query(&statement, values).await
    }

    pub async fn query_opt(&self, sql: &'static str, values: &[Value<'_>]) -> Result<Option<Row>, Error> {
        let statement = self.statement(sql).await?;
        self.client.query_opt(&statement, values).await
    }

    pub async fn execute(&self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, Error> {
        let statement = self.statement(sql).await?;
        self.client.execute(&statement, values).await
    }

    /// Each statement is planned once for a connection. One that is known is sent at once, so several
    /// can be under way together.
    pub async fn statement(&self, sql: &'static str) -> Result<Statement, Error> {
        let all = || self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(statement) = all().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await?;
        all().insert(sql, statement.clone());
        Ok(statement)
    }
}

/// Connections that are shared by those who ask one thing at a time, and one for those who do several
/// things in one transaction.
pub(super) struct Lines {
    way: Arc<Way>,
    shared: [Mutex<Option<Arc<Line>>>; 4],
    turn: AtomicUsize,
    alone: Mutex<Option<Arc<Line>>>,
}

impl Lines {
    pub fn over(way: Arc<Way>) -> Self {
        Self { way, shared: Default::default(), turn: AtomicUsize::new(0), alone: Mutex::default() }
    }

    /// Does one thing, and a second time on a new connection if the first had ended. A crash may
    /// forget what it wrote.
    pub async fn ask<T, F>(&self, ask: impl Fn(Arc<Line>) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        match ask(self.shared().await?).await {
            Err(error) if is_passing(&error) => ask(self.shared().await?).await,
            done => done,
        }
    }

    async fn shared(&self) -> Result<Arc<Line>, Error> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.shared.len();
        let mut place = self.shared[turn].lock().await;
        match place.take().filter(|line| !line.is_closed()) {
            Some(line) => Ok(Arc::clone(place.insert(line))),
            None => Ok(Arc::clone(place.insert(Arc::new(self.way.line(Use::Light, |_| {}).await?)))),
        }
    }

    /// Does several things in one durable transaction.
    pub async fn change<T, E, F>(&self, change: impl FnOnce(Arc<Line>) -> F) -> Result<T, E>
    where
        E: From<Trouble>,
        F: Future<Output = Result<Result<T, E>, Error>>,
    {
        let not_stored = |error: Error| E::from(Trouble::NotStored(said(&error)));
        let mut place = self.alone.lock().await;
        // It is taken away meanwhile: if nobody waits any more, it is not given back, and with it ends
        // the transaction.
        let line = match place.take().filter(|line| !line.is_closed()) {
            Some(line) => line,
            None => Arc::new(self.way.line(Use::Durable, |_| {}).await.map_err(not_stored)?),
        };
        let work = async {
            line.batch("BEGIN").await?;
            let done = change(Arc::clone(&line)).await?;
            line.batch("COMMIT").await?;
            Ok(done)
        };
        let done = work.await;
        if done.is_ok() {
            *place = Some(line);
        }
        done.map_err(not_stored)?
    }
}

/// Whether the same may go well a moment later.
pub(super) fn is_passing(error: &Error) -> bool {
    let passing = [
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    ];
    error.is_closed() || error.code().is_some_and(|code| passing.contains(code))
}

/// What it says, down to its cause. There is no secret in it.
pub(super) fn said(error: &Error) -> String {
    if let Some(told) = error.as_db_error() {
        return told.message().to_owned();
    }
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        let told = deeper.to_string();
        if !said.contains(&told) {
            said = format!("{said}: {told}");
        }
        cause = deeper.source();
    }
    said
}

/// What a URL says about TLS.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tls {
    wanted: Option<bool>,
    roots: Option<String>,
}

impl Tls {
    /// Takes what it says about TLS out of a URL, because the driver knows only half of it.
    fn split(url: &str) -> Result<(String, Self), String> {
        let mut tls = Self::default();
        let Some((before, query)) = url.split_once('?') else { return Ok((url.to_owned(), tls)) };
        let mut kept = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = url::form_urlencoded::parse(pair.as_bytes()).next().unwrap_or_default();
            match (&*name, &*value) {
                ("sslmode", "disable") => tls.wanted = Some(false),
                // Whoever it leads to is always verified: TLS with anybody at all protects nobody.
                ("sslmode", "require" | "verify-ca" | "verify-full") => tls.wanted = Some(true),
                ("sslmode", _) => return Err("sslmode is neither verify-full nor disable".to_owned()),
                ("sslrootcert", "system") => {}
                ("sslrootcert", file) => tls.roots = Some(file.to_owned()),
                _ => kept.push(pair),
            }
        }
        let url = if kept.is_empty() { before.to_owned() } else { format!("{before}?{}", kept.join("&")) };
        Ok((url, tls))
    }

    fn config(self) -> Result<ClientConfig, OpenError> {
        let mut roots = RootCertStore::empty();
        match &self.roots {
            Some(file) => {
                let wrong = |why: String| OpenError::Roots(file.into(), why);
                let all = CertificateDer::pem_file_iter(Path::new(file)).map_err(|error| wrong(error.to_string()))?;
                for root in all {
                    roots
                        .add(root.map_err(|error| wrong(error.to_string()))?)
                        .map_err(|error| wrong(error.to_string()))?;
                }
                if roots.is_empty() {
                    return Err(wrong("there is no certificate in it".to_owned()));
                }
            }
            // One that cannot be read is one that nobody is verified by.
            None => drop(roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let builder = builder.with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| OpenError::Unreachable(error.to_string()))?;
        Ok(builder.with_root_certificates(roots).with_no_client_auth())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_how_its_way_is_protected() {
        let tls = |url: &str| Tls::split(url).map(|(url, tls)| (url, tls.wanted, tls.roots));
        let plain = "postgres://a:b@c/d";
        let whole = |query: &str| tls(&format!("{plain}?{query}"));
        let with = |wanted, roots: Option<&str>| Ok((plain.to_owned(), wanted, roots.map(str::to_owned)));
        assert_eq!(tls(plain), with(None, None));
        assert_eq!(whole("sslmode=disable"), with(Some(false), None));
        for mode in ["require", "verify-ca", "verify-full"] {
            assert_eq!(whole(&format!("sslmode={mode}")), with(Some(true), None), "{mode}");
        }
        assert_eq!(whole("sslrootcert=%2Fetc%2Fa+b.pem&sslmode=require"), with(Some(true), Some("/etc/a b.pem")));
        for mode in ["allow", "prefer", "VERIFY-FULL", ""] {
            assert!(whole(&format!("sslmode={mode}")).is_err(), "{mode:?} is as good as nothing");
        }
        let kept = whole("connect_timeout=3&sslmode=disable&options=-c%20a%3Db").unwrap().0;
        assert_eq!(kept, format!("{plain}?connect_timeout=3&options=-c%20a%3Db"));
    }

    #[test]
    fn whoever_leaves_this_machine_is_protected_unless_told_otherwise() {
        let protected = |url: &str| Way::of(url).map(|way| way.tls.is_some()).map_err(|error| error.to_string());
        assert_eq!(protected("postgres://a@127.0.0.1/d"), Ok(false));
        assert_eq!(protected("postgres://a@localhost/d"), Ok(false));
        assert_eq!(protected("postgres://a@%2Fvar%2Frun%2Fpostgresql/d"), Ok(false));
        assert_eq!(protected("postgres://a@db.example/d"), Ok(true));
        assert_eq!(protected("postgres://a@localhost,db.example/d"), Ok(true));
        assert_eq!(protected("postgres://a@db.example/d?sslmode=disable"), Ok(false));
        assert_eq!(protected("postgres://a@localhost/d?sslmode=verify-full"), Ok(true));
        let missing = protected("postgres://a@db.example/d?sslrootcert=/no/such.pem").unwrap_err();
        assert!(missing.contains("/no/such.pem"), "{missing}");
        let secret = protected("postgres://a:geheim@db.example:notaport/d").unwrap_err();
        assert!(!secret.contains("geheim"), "{secret}");
    }
}
