//! One client, one destination, one key.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use reqwest::{
    Method, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE},
    redirect,
};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

use crate::{
    ActionError, ChargeError, Charged, Destination, Host, KeyForm, KeyWorks, LookUpError, ProbeError, ServerKey,
    Transaction, Unclear,
    answer::{self, Reply},
};

/// Talks to one destination with the key that was set for it, and to nobody else.
///
/// One call is one request: nothing is repeated here, no redirect is followed.
#[derive(Clone)]
pub struct Client {
    destination: Destination,
    key: ServerKey,
    http: reqwest::Client,
}

/// How long to wait for Midtrans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For everything together, to the last byte of the answer.
    pub whole: Duration,
}

/// What came of a request, and the evidence for it.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered<T> {
    /// The decision.
    pub outcome: T,
    /// What it was made from.
    pub exchange: Exchange,
}

/// What was received, as it was received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// The HTTP status, if an answer began at all.
    pub http_status: Option<u16>,
    /// The body, as far as it came and at most 256 KiB of it.
    pub body: Vec<u8>,
    /// What Midtrans' clock showed; ours may be wrong.
    pub server_date: Option<OffsetDateTime>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum NoClient {
    /// The key is not one for this destination.
    #[error(transparent)]
    Key(#[from] KeyForm),
    /// This machine can not make safe connections; install its CA certificates.
    #[error("this machine can not make safe connections; are its CA certificates installed?")]
    NoTrust(#[source] reqwest::Error),
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { connect: Duration::from_secs(5), whole: Duration::from_secs(30) }
    }
}

impl Client {
    /// A client for this destination, with the key that was set for it.
    pub fn new(destination: Destination, key: ServerKey, patience: Patience) -> Result<Client, NoClient> {
        key.suits(destination.host())?;
        let http = connector(&destination, patience).map_err(NoClient::NoTrust)?;
        Ok(Client { destination, key, http })
    }

    /// Where it talks to.
    pub fn destination(&self) -> &Destination {
        &self.destination
    }

    /// Asks for a payment code, with the bytes of [`Charge::to_bytes`](crate::Charge::to_bytes).
    pub async fn charge(&self, body: &[u8]) -> Answered<Result<Charged, ChargeError>> {
        let sent = self.send(Method::POST, "charge", Some(body)).await;
        sent.decide(answer::charge)
    }

    /// Looks a payment up. This is the truth about it.
    pub async fn status(&self, order_id: &str) -> Answered<Result<Transaction, LookUpError>> {
        let sent = self.ask(Method::GET, order_id, "status").await;
        sent.decide(|reply| answer::look_up(reply, order_id))
    }

    /// Cancels a payment nobody has paid yet.
    pub async fn cancel(&self, order_id: &str) -> Answered<Result<Transaction, ActionError>> {
        let sent = self.ask(Method::POST, order_id, "cancel").await;
        sent.decide(|reply| answer::action(reply, order_id))
    }

    /// Lets a payment expire before its time.
    pub async fn expire(&self, order_id: &str) -> Answered<Result<Transaction, ActionError>> {
        let sent = self.ask(Method::POST, order_id, "expire").await;
        sent.decide(|reply| answer::action(reply, order_id))
    }

    /// Tries the key without touching anything: only its owner is told that there is no such
    /// payment.
    pub async fn probe(&self) -> Answered<Result<KeyWorks, ProbeError>> {
        let sent = self.ask(Method::GET, NO_SUCH_ORDER, "status").await;
        sent.decide(|reply| answer::probe(reply, NO_SUCH_ORDER))
    }

    async fn ask(&self, method: Method, order_id: &str, what: &str) -> Sent {
        // An id of dots, or of nothing, would lead to another path than its own.
        if order_id.bytes().all(|byte| byte == b'.') {
            return Sent { exchange: Exchange::default(), trouble: Some(Unclear::CannotConnect) };
        }
        self.send(method, &format!("{}/{what}", escape(order_id)), None).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<&[u8]>) -> Sent {
        let mut exchange = Exchange::default();
        let mut url = self.destination.base().clone();
        url.set_path(&format!("/v2/{path}"));
        let mut request = self
            .http
            .request(method, url)
            .header(AUTHORIZATION, self.key.authorization())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json");
        if let Some(body) = body {
            request = request.body(body.to_vec());
        }
        let trouble = match request.send().await {
            Ok(response) => receive(response, &mut exchange).await.err(),
            Err(error) => Some(unclear(&error)),
        };
        Sent { exchange, trouble }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("destination", &self.destination).field("key", &self.key).finish_non_exhaustive()
    }
}

/// An order id that no shop of ours makes.
const NO_SUCH_ORDER: &str = "key-check";

/// Midtrans' answers are a few hundred bytes long.
const LONGEST_BODY: usize = 256 * 1024;

/// What came back, and what broke on the way, if anything did.
struct Sent {
    exchange: Exchange,
    trouble: Option<Unclear>,
}

impl Sent {
    fn decide<T, E: From<Unclear>>(self, decide: impl FnOnce(Reply) -> Result<T, E>) -> Answered<Result<T, E>> {
        let Sent { exchange, trouble } = self;
        let outcome = match (trouble, exchange.http_status) {
            (None, Some(http)) => Reply::read(http, &exchange.body).map_err(E::from).and_then(decide),
            (trouble, _) => Err(trouble.unwrap_or(Unclear::CutOff).into()),
        };
        Answered { outcome, exchange }
    }
}

fn connector(destination: &Destination, patience: Patience) -> reqwest::Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("gerai/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(patience.connect)
        .timeout(patience.whole)
        .redirect(redirect::Policy::none())
        // Whether to send again is decided by whoever wrote the charge down.
        .retry(reqwest::retry::never())
        // Charges are minutes apart. A new connection costs less than one that died in between.
        .pool_idle_timeout(Duration::from_secs(15));
    builder = match destination.host() {
        Host::Sandbox | Host::Production => builder.https_only(true),
        // `localhost` is this machine, whatever a resolver says, and no proxy stands before it.
        Host::Loopback => builder
            .no_proxy()
            .resolve_to_addrs("localhost", &[(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()]),
    };
    if destination.base().scheme() == "http" {
        // Training must work on a machine without CA certificates.
        builder = builder.tls_certs_only([]);
    }
    builder.build()
}

async fn receive(mut response: Response, exchange: &mut Exchange) -> Result<(), Unclear> {
    let http = response.status().as_u16();
    exchange.http_status = Some(http);
    exchange.server_date =
        response.headers().get(DATE).and_then(|date| OffsetDateTime::parse(date.to_str().ok()?, &Rfc2822).ok());
    while let Some(chunk) = response.chunk().await.map_err(|error| unclear(&error))? {
        let room = LONGEST_BODY - exchange.body.len();
        exchange.body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            return Err(Unclear::Foreign(http));
        }
    }
    Ok(())
}

fn unclear(error: &reqwest::Error) -> Unclear {
    if error.is_connect() || error.is_builder() {
        Unclear::CannotConnect
    } else if error.is_timeout() {
        Unclear::TimedOut
    } else {
        Unclear::CutOff
    }
}

/// Makes an order id one part of a path, whatever characters it has.
fn escape(order_id: &str) -> String {
    order_id
        .bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'~' | b'.' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
