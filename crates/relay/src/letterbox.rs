//! What is answered to whom.
//!
//! Midtrans counts its retries by our answer: five for most failures, over 342 minutes, but four
//! for 503, two for 400 and 404, and a single one for 500. So whatever can heal is answered 502,
//! and what a genuine sender never sends 400.

use std::sync::Arc;

use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{ALLOW, HeaderValue},
};
use ledger::{Ledger, Trouble};
use till::Time;
use tokio::{sync::Mutex, task::spawn_blocking, time::timeout};

use crate::{
    embedded::Clock,
    key::{FRESH, KeyAtHand, KeySource, USUAL},
    letter::{Taken, doubted, take_in},
    line::{self, Answers, Caller, NoBody, Patience},
    path::SecretPath,
};

/// Takes in what Midtrans sends.
pub(crate) struct Letterbox {
    ledger: Arc<Ledger>,
    key: KeyAtHand,
    clock: Clock,
    path: SecretPath,
    patience: Patience,
    /// The ledger has one writer, and who has waited for it too long leaves without having written.
    turn: Arc<Mutex<()>>,
}

/// The answer table. Only the health check has a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is stored for good, now or before.
    Stored,
    /// Its signature is not Midtrans'. If it was genuine after all, because the key here is wrong,
    /// Midtrans tries five times more and writes to the merchant.
    Forged,
    /// It cannot be a notification.
    Junk,
    /// It is longer than any notification.
    TooLong,
    /// It did not arrive in time.
    TooSlow,
    /// Nothing is here.
    NotHere,
    /// Only this method is served here.
    Only(&'static str),
    /// It could not be stored.
    NotStored,
    /// The relay is alive.
    Alive,
}

impl Letterbox {
    pub fn new(
        ledger: Arc<Ledger>,
        key: Arc<dyn KeySource>,
        clock: Clock,
        path: SecretPath,
        patience: Patience,
    ) -> Self {
        Self { ledger, key: KeyAtHand::new(key), clock, path, patience, turn: Arc::default() }
    }

    async fn take_in(&self, request: Request<Incoming>) -> Answer {
        let (path, method) = (request.uri().path(), request.method());
        if self.path.is(path) {
            if method != Method::POST {
                return Answer::Only("POST");
            }
            let body = match line::body(request.into_body(), &self.patience).await {
                Ok(body) => body,
                Err(NoBody::TooLong) => return Answer::TooLong,
                Err(NoBody::TooSlow) => return Answer::TooSlow,
                Err(NoBody::Broken) => return Answer::Junk,
            };
            // Midtrans waits no longer either; a notification that is stored after all is only
            // repeated.
            timeout(self.patience.answer, self.take(body)).await.unwrap_or_else(|_| {
                tracing::error!("a notification could not be stored in time");
                Answer::NotStored
            })
        } else if path == "/healthz" {
            if method == Method::GET { Answer::Alive } else { Answer::Only("GET") }
        } else {
            Answer::NotHere
        }
    }

    /// Stores what came. No order is looked up here and Midtrans is not asked.
    async fn take(&self, body: Vec<u8>) -> Answer {
        let mut key = self.key.key(USUAL).await;
        if key.as_ref().is_some_and(|key| doubted(&body, key)) {
            // Perhaps the key was changed since we read it.
            key = self.key.key(FRESH).await;
        }
        match self.write(move |ledger, at| take_in(ledger, &body, key.as_ref(), at)).await {
            Some(Taken::Stored) => Answer::Stored,
            Some(Taken::Forged) => Answer::Forged,
            Some(Taken::Junk) => Answer::Junk,
            None => Answer::NotStored,
        }
    }

    /// Writes off the async threads; nothing if it failed, and then the reason is in the log.
    async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Ledger, Time) -> Result<T, Trouble> + Send + 'static,
    ) -> Option<T> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let (ledger, at) = (Arc::clone(&self.ledger), (self.clock)());
        let written = spawn_blocking(move || {
            let written = write(&ledger, at);
            drop(turn);
            written
        });
        match written.await {
            Ok(Ok(written)) => Some(written),
            Ok(Err(trouble)) => {
                tracing::error!(%trouble, "a notification could not be stored");
                None
            }
            Err(broken) => {
                tracing::error!(%broken, "a notification could not be stored");
                None
            }
        }
    }
}

impl Answers for Letterbox {
    async fn answer(&self, request: Request<Incoming>, _caller: &Caller) -> Response<String> {
        self.take_in(request).await.response()
    }
}

impl Answer {
    pub fn response(self) -> Response<String> {
        let (status, body) = match self {
            Self::Stored => (StatusCode::OK, ""),
            Self::Forged => (StatusCode::UNAUTHORIZED, ""),
            Self::Junk => (StatusCode::BAD_REQUEST, ""),
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, ""),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, ""),
            Self::NotHere => (StatusCode::NOT_FOUND, ""),
            Self::Only(_) => (StatusCode::METHOD_NOT_ALLOWED, ""),
            Self::NotStored => (StatusCode::BAD_GATEWAY, ""),
            Self::Alive => (StatusCode::OK, "alive\n"),
        };
        let mut response = Response::new(body.to_owned());
        *response.status_mut() = status;
        if let Self::Only(method) = self {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(method));
        }
        response
    }
}
