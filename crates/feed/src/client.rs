use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use reqwest::{
    Method, RequestBuilder, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER},
    redirect,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::{
    Code, NotificationAddress,
    answer::{Answer, Device, NewCode, Page, Paired},
    trouble::{Foreign, Trouble, of_wire},
};

/// What opens the feed of a channel to one till. It lies in the keyring and nowhere else.
#[derive(Clone)]
pub struct Token(SecretString);

/// A relay that somebody hosts, as a till reaches it.
#[derive(Clone)]
pub struct Relay {
    address: NotificationAddress,
    http: reqwest::Client,
    patience: Patience,
}

/// A relay with the token of this till.
#[derive(Clone)]
pub struct Feed {
    relay: Relay,
    token: Token,
}

/// How long to wait for a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For a whole answer, and as much longer for one that the relay was asked to hold back.
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), answer: Duration::from_secs(10) }
    }
}

impl Token {
    /// A token as it was told or kept.
    pub fn new(token: SecretString) -> Self {
        Self(token)
    }

    /// For the keyring.
    pub fn secret(&self) -> &SecretString {
        &self.0
    }

    fn bearer(&self) -> Result<HeaderValue, Trouble> {
        // What was kept as something else than a token opens nothing.
        let mut bearer =
            HeaderValue::from_str(&format!("Bearer {}", self.0.expose_secret())).map_err(|_| Trouble::Revoked)?;
        bearer.set_sensitive(true);
        Ok(bearer)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Relay {
    /// The relay at this address. Whoever has slept or changed networks takes a new one, because the
    /// connections of the old one may be dead without anybody telling.
    pub fn at(address: NotificationAddress, patience: Patience) -> Result<Self, Trouble> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("gerai/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(patience.connect)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            // The relay speaks nothing else, and a held-back answer would block no other.
            .http1_only()
            .pool_idle_timeout(Duration::from_secs(20));
        if address.is_here() {
            // `localhost` is this machine, whatever a resolver says, and no proxy stands before it.
            builder = builder
                .no_proxy()
                .resolve_to_addrs("localhost", &[(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()]);
        }
        builder = if address.is_plain() { builder.tls_certs_only([]) } else { builder.https_only(true) };
        let http = builder.build().map_err(|_| Trouble::NoTrust)?;
        Ok(Self { address, http, patience })
    }

    /// Pairs this till under a name by which the shop's other tills know it. A code is good once.
    pub async fn pair(&self, code: &Code, name: &str) -> Result<Paired, Trouble> {
        let body = json!({ "code": code.as_str(), "name": name, "secret": self.address.secret() });
        let request = self.request(Method::POST, "/v1/pair").header(CONTENT_TYPE, "application/json");
        self.send(request.body(body.to_string()), Duration::ZERO, LONGEST).await?.paired()
    }

    /// The same relay with the token that it gave this till.
    pub fn feed(self, token: Token) -> Feed {
        Feed { relay: self, token }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.address.beside(path)).header(ACCEPT, "application/json")
    }

    async fn send(&self, request: RequestBuilder, held: Duration, longest: usize) -> Result<Answer, Trouble> {
        let response = request.timeout(held + self.patience.answer).send().await.map_err(|error| of_wire(&error))?;
        receive(response, longest).await
    }
}

impl Feed {
    /// What came after this number, oldest first: at once if there is something, else as soon as
    /// something comes, or nothing after `wait`.
    pub async fn read(&self, after: u64, wait: Duration, limit: u32) -> Result<Page, Trouble> {
        let path = "/v1/feed";
        let mut url = self.relay.address.beside(path);
        url.set_query(Some(&format!("after={after}&wait={}&limit={limit}", wait.as_secs())));
        let request = self.relay.http.request(Method::GET, url).header(ACCEPT, "application/json");
        self.send(request, wait, LONGEST_PAGE).await?.page(after, limit)
    }

    /// Says that everything up to this number is written down here.
    pub async fn ack(&self, upto: u64) -> Result<(), Trouble> {
        let request = self.relay.request(Method::POST, "/v1/ack").header(CONTENT_TYPE, "application/json");
        self.send(request.body(json!({ "upto": upto }).to_string()), Duration::ZERO, LONGEST).await?.nothing()
    }

    /// A pairing code for a further till of the shop.
    pub async fn new_code(&self) -> Result<NewCode, Trouble> {
        let request = self.relay.request(Method::POST, "/v1/codes");
        self.send(request, Duration::ZERO, LONGEST).await?.code()
    }

    /// The tills that are paired with the channel.
    pub async fn devices(&self) -> Result<Vec<Device>, Trouble> {
        let request = self.relay.request(Method::GET, "/v1/devices");
        self.send(request, Duration::ZERO, LONGEST).await?.devices()
    }

    /// Takes away what opens the feed to a till: to one that was lost, or to this one. One that is not
    /// paired any more is as good as revoked.
    pub async fn revoke(&self, device: &str) -> Result<(), Trouble> {
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if device.is_empty() || !device.bytes().all(safe) {
            return Err(Trouble::Foreign(Foreign::Shape));
        }
        let request = self.relay.request(Method::DELETE, &format!("/v1/devices/{device}"));
        let answer = self.send(request, Duration::ZERO, LONGEST).await?;
        if answer.is_gone() { Ok(()) } else { answer.nothing() }
    }

    async fn send(&self, request: RequestBuilder, held: Duration, longest: usize) -> Result<Answer, Trouble> {
        self.relay.send(request.header(AUTHORIZATION, self.token.bearer()?), held, longest).await
    }
}

/// Everything but a page of the feed is short.
const LONGEST: usize = 512 * 1024;
/// A page has a hundred entries or so, of a KiB each; even the longest ones fit.
const LONGEST_PAGE: usize = 10 * 1024 * 1024;

async fn receive(mut response: Response, longest: usize) -> Result<Answer, Trouble> {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let retry_after = header(RETRY_AFTER).and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs);
    let is_page =
        header(CONTENT_TYPE).is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"));
    let mut answer = Answer { status: response.status().as_u16(), is_page, retry_after, body: Vec::new() };
    while let Some(chunk) = response.chunk().await.map_err(|error| of_wire(&error))? {
        if answer.body.len() + chunk.len() > longest {
            return Err(Trouble::Foreign(Foreign::TooLong));
        }
        answer.body.extend_from_slice(&chunk);
    }
    Ok(answer)
}
