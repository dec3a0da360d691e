//! Which request goes to whom.

use std::{
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
};

use hyper::{
    Method, Request, Response,
    body::Incoming,
    header::{HeaderName, HeaderValue},
};
use mailroom::{Channel, Device, Mailroom, Registry};
use relay::{
    Share, Shares,
    line::{Answers, Caller, Patience, neighbourhood},
};
use tokio::sync::{Semaphore, watch};

use crate::{
    answer::Answer,
    buckets::Buckets,
    journal::Told,
    serve::Outside,
    settings::{Limits, Settings},
};

/// Everything that requests share.
pub(crate) struct House<M> {
    pub mailroom: Arc<M>,
    pub outside: Outside,
    pub patience: Patience,
    /// What comes for a channel.
    pub arriving: Buckets<Channel>,
    /// What a device asks for, and who wants to become one.
    pub asking: Buckets<Device>,
    pub pairing: Buckets<Channel>,
    /// Those who wait for news: all of them, and those of each device.
    pub waiting: Arc<Semaphore>,
    pub waiting_of: Arc<Shares<Device>>,
    /// The relay closes when this does.
    pub stop: watch::Receiver<()>,
    /// Requests for each address that a proxy of ours speaks for.
    pub spoken_for: Arc<Shares<IpAddr>>,
    pub proxies: crate::settings::Proxies,
    only_encrypted: bool,
    begun: u32,
    requests: AtomicU64,
}

/// A till asks at most so often. One that was away for long reads and acknowledges page after page.
const ASKS: (u32, u32) = (50, 500);
/// And a code is typed at most so often, however many there are.
const PAIRS: (u32, u32) = (1, 10);
/// A device that was cut off may seem to wait still, for as long as it said it would.
const WAITING_OF_ONE: usize = 8;

impl<M: Mailroom + Registry> House<M> {
    pub fn new(
        mailroom: Arc<M>,
        outside: Outside,
        settings: &Settings,
        patience: Patience,
        stop: watch::Receiver<()>,
    ) -> Self {
        let Limits { channel_rate, channel_burst, per_address_connections, feed_connections, .. } = settings.limits;
        let begun = u32::from_ne_bytes(outside.draw());
        Self {
            mailroom,
            outside,
            patience,
            arriving: Buckets::new(channel_rate, channel_burst),
            asking: Buckets::new(ASKS.0, ASKS.1),
            pairing: Buckets::new(PAIRS.0, PAIRS.1),
            waiting: Arc::new(Semaphore::new(feed_connections)),
            waiting_of: Shares::of(WAITING_OF_ONE),
            stop,
            spoken_for: Shares::of(per_address_connections),
            proxies: settings.proxies.clone(),
            only_encrypted: settings.only_encrypted(),
            begun,
            requests: AtomicU64::new(0),
        }
    }

    /// Whoever sent it, as far as that is known: a proxy of ours says for whom it speaks.
    pub fn sender(&self, request: &Request<Incoming>, caller: &Caller) -> IpAddr {
        let caller = caller.address().ip().to_canonical();
        if !self.proxies.has(caller) {
            return caller;
        }
        let said = request.headers().get_all("x-forwarded-for").iter().rev().filter_map(|said| said.to_str().ok());
        let said = said.flat_map(|said| said.rsplit(',')).map_while(|said| said.trim().parse::<IpAddr>().ok());
        // Whatever stands before the first that we do not trust, that one may have made up.
        said.map(|said| said.to_canonical()).find(|said| !self.proxies.has(*said)).unwrap_or(caller)
    }

    async fn answer_it(&self, request: Request<Incoming>, caller: &Caller, told: &mut Told) -> (&'static str, Answer) {
        let mut share = None;
        if self.proxies.has(caller.address().ip()) {
            share = self.spoken_for.take(neighbourhood(self.sender(&request, caller)));
            if share.is_none() {
                return ("anything", Answer::Later(std::time::Duration::from_secs(1)));
            }
        }
        let path = request.uri().path().to_owned();
        match path.strip_prefix("/n/") {
            // In a box, because whoever waits for news would have to keep room for all of this. The same
            // goes for everything else that is not waiting itself.
            Some(secret) => ("notify", Box::pin(self.take_in(secret, request, caller, told)).await),
            None => self.answer_till(&path, request, caller, told, share).await,
        }
    }

    async fn answer_till(
        &self,
        path: &str,
        request: Request<Incoming>,
        caller: &Caller,
        told: &mut Told,
        share: Option<Share<IpAddr>>,
    ) -> (&'static str, Answer) {
        let method = request.method().clone();
        match path {
            "/healthz" if method == Method::GET => ("health", Answer::Alive),
            "/healthz" => ("health", Answer::Only("GET")),
            "/v1/feed" if method == Method::GET => ("feed", self.feed(request, caller, share, told).await),
            "/v1/feed" => ("feed", Answer::Only("GET")),
            "/v1/ack" if method == Method::POST => ("ack", Box::pin(self.ack(request, told)).await),
            "/v1/ack" => ("ack", Answer::Only("POST")),
            "/v1/pair" if method == Method::POST => ("pair", Box::pin(self.pair(request, told)).await),
            "/v1/pair" => ("pair", Answer::Only("POST")),
            "/v1/codes" if method == Method::POST => ("code", Box::pin(self.code(request, told)).await),
            "/v1/codes" => ("code", Answer::Only("POST")),
            "/v1/devices" if method == Method::GET => ("devices", Box::pin(self.devices(request, told)).await),
            "/v1/devices" => ("devices", Answer::Only("GET")),
            _ => match path.strip_prefix("/v1/devices/").map(str::parse::<Device>) {
                Some(Ok(device)) if method == Method::DELETE => {
                    ("lost", Box::pin(self.lost(device, request, told)).await)
                }
                Some(Ok(_)) => ("lost", Answer::Only("DELETE")),
                _ => ("nothing", Answer::NotHere),
            },
        }
    }
}

impl<M: Mailroom + Registry> Answers for House<M> {
    async fn answer(&self, request: Request<Incoming>, caller: &Caller) -> Response<String> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let mut told = Told::of(format!("{:08x}-{number}", self.begun));
        let to_midtrans = request.uri().path().starts_with("/n/");
        let (what, answer) = {
            // Pinned here and handed on by reference: moved, it would take its room twice.
            let mut answer = pin!(self.answer_it(request, caller, &mut told));
            unless_broken(answer.as_mut()).await.unwrap_or(("anything", Answer::Broken))
        };
        told.write(what, &answer);
        let mut response = answer.response(to_midtrans, self.only_encrypted);
        if let Ok(id) = HeaderValue::from_str(&told.request) {
            response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
        }
        response
    }
}

/// Nothing if it panicked: one request is broken then, and no other.
async fn unless_broken<T>(mut answer: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context))) {
        Ok(Poll::Ready(answered)) => Poll::Ready(Some(answered)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(_) => Poll::Ready(None),
    })
    .await
}
