//! The line of a shop: HTTPS, or HTTP to a double on this machine.

use std::{
    future::Future,
    net::{Ipv4Addr, Ipv6Addr},
    pin::Pin,
    time::Duration,
};

use reqwest::{
    Method, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE},
    redirect,
};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};
use url::Url;

use crate::{
    Destination, Exchange, Host, NoClient, Patience, ServerKey, Unclear,
    client::{Carried, Line, Request},
};

/// Carries requests to one destination, with the key that was set for it.
pub(crate) struct Http {
    base: Url,
    key: ServerKey,
    http: reqwest::Client,
}

impl Http {
    pub fn to(destination: &Destination, key: ServerKey, patience: Patience) -> Result<Http, NoClient> {
        key.suits(destination.host())?;
        let http = connector(destination, patience).map_err(NoClient::NoTrust)?;
        Ok(Http { base: destination.base().clone(), key, http })
    }
}

impl Line for Http {
    fn carry<'a>(&'a self, request: Request<'a>) -> Pin<Box<dyn Future<Output = Carried> + Send + 'a>> {
        Box::pin(async move {
            let mut exchange = Exchange::default();
            let mut url = self.base.clone();
            url.set_path(request.path);
            let method = if request.method == "GET" { Method::GET } else { Method::POST };
            let mut sending = self
                .http
                .request(method, url)
                .header(AUTHORIZATION, self.key.authorization())
                .header(ACCEPT, "application/json")
                .header(CONTENT_TYPE, "application/json");
            if let Some(body) = request.body {
                sending = sending.body(body.to_vec());
            }
            if let Some(address) = request.notify {
                sending = sending.header("X-Override-Notification", address);
            }
            let trouble = match sending.send().await {
                Ok(response) => receive(response, &mut exchange).await.err(),
                Err(error) => Some(unclear(&error)),
            };
            self.key.blot_out(&mut exchange.body);
            Carried { exchange, trouble }
        })
    }
}

/// Midtrans' answers are a few hundred bytes long.
const LONGEST_BODY: usize = 256 * 1024;

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
