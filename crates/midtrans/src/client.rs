//! One client, one destination, one key.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use time::OffsetDateTime;

use crate::{
    ActionError, ChargeError, Charged, Destination, KeyForm, KeyWorks, LookUpError, ProbeError, ServerKey, Transaction,
    Unclear,
    answer::{self, Reply},
    http::Http,
};

/// Talks to one destination with the key that was set for it, and to nobody else.
///
/// One call is one request: nothing is repeated here, no redirect is followed.
#[derive(Clone)]
pub struct Client {
    destination: Destination,
    line: Arc<dyn Line>,
}

/// What carries a request to Midtrans and its answer back: HTTPS in a shop. A simulation of a whole
/// shop hands in a line of its own, under the same decisions.
pub trait Line: Send + Sync {
    /// Carries one request, once.
    fn carry<'a>(&'a self, request: Request<'a>) -> Pin<Box<dyn Future<Output = Carried> + Send + 'a>>;
}

/// A request as it goes out, without the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Everything behind the host, such as `/v2/charge`.
    pub path: &'a str,
    /// The body of a charge.
    pub body: Option<&'a [u8]>,
    /// Where alone a charge is to be told of (`X-Override-Notification`); the dashboard's addresses if
    /// it names none.
    pub notify: Option<&'a str>,
}

/// What came back, and what broke on the way, if anything did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The answer, as far as it came.
    pub exchange: Exchange,
    /// Why it is not whole.
    pub trouble: Option<Unclear>,
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
        let line = Arc::new(Http::to(&destination, key, patience)?);
        Ok(Client { destination, line })
    }

    /// A client over another line. Only a destination on this machine can be played, so that nobody
    /// takes a pretended Midtrans for the real one.
    pub fn over(line: Arc<dyn Line>) -> Client {
        Client { destination: Destination::played(), line }
    }

    /// Where it talks to.
    pub fn destination(&self) -> &Destination {
        &self.destination
    }

    /// Asks for a payment code, with the bytes of [`Charge::to_bytes`](crate::Charge::to_bytes), and
    /// with an address where alone it is to be told of, if it has one of its own.
    pub async fn charge(&self, body: &[u8], notify: Option<&str>) -> Answered<Result<Charged, ChargeError>> {
        let sent = self.line.carry(Request { method: "POST", path: "/v2/charge", body: Some(body), notify }).await;
        sent.decide(answer::charge)
    }

    /// Looks a payment up. This is the truth about it.
    pub async fn status(&self, order_id: &str) -> Answered<Result<Transaction, LookUpError>> {
        let sent = self.ask("GET", order_id, "status").await;
        sent.decide(|reply| answer::look_up(reply, order_id))
    }

    /// Cancels a payment nobody has paid yet.
    pub async fn cancel(&self, order_id: &str) -> Answered<Result<Transaction, ActionError>> {
        let sent = self.ask("POST", order_id, "cancel").await;
        sent.decide(|reply| answer::action(reply, order_id))
    }

    /// Lets a payment expire before its time.
    pub async fn expire(&self, order_id: &str) -> Answered<Result<Transaction, ActionError>> {
        let sent = self.ask("POST", order_id, "expire").await;
        sent.decide(|reply| answer::action(reply, order_id))
    }

    /// Tries the key without touching anything: only its owner is told that there is no such
    /// payment.
    pub async fn probe(&self) -> Answered<Result<KeyWorks, ProbeError>> {
        let sent = self.ask("GET", NO_SUCH_ORDER, "status").await;
        sent.decide(|reply| answer::probe(reply, NO_SUCH_ORDER))
    }

    async fn ask(&self, method: &'static str, order_id: &str, what: &str) -> Carried {
        // An id of dots, or of nothing, would lead to another path than its own.
        if order_id.bytes().all(|byte| byte == b'.') {
            return Carried { exchange: Exchange::default(), trouble: Some(Unclear::CannotConnect) };
        }
        let path = format!("/v2/{}/{what}", escape(order_id));
        self.line.carry(Request { method, path: &path, body: None, notify: None }).await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("destination", &self.destination).finish_non_exhaustive()
    }
}

/// An order id that no shop of ours makes.
const NO_SUCH_ORDER: &str = "key-check";

impl Carried {
    fn decide<T, E: From<Unclear>>(self, decide: impl FnOnce(Reply) -> Result<T, E>) -> Answered<Result<T, E>> {
        let Carried { exchange, trouble } = self;
        let outcome = match (trouble, exchange.http_status) {
            (None, Some(http)) => Reply::read(http, &exchange.body).map_err(E::from).and_then(decide),
            (trouble, _) => Err(trouble.unwrap_or(Unclear::CutOff).into()),
        };
        Answered { outcome, exchange }
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
