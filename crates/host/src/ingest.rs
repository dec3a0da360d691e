//! What Midtrans sends.

use std::time::{Duration, Instant};

use hyper::{Method, Request, body::Incoming};
use mailroom::{Appended, Channel, Mailroom, Registry, SecretHash, Trouble};
use midtrans::Notification;
use relay::line::{self, Caller};
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use crate::{answer::Answer, house::House, journal::Told};

/// A channel that holds as much as it may is not emptier in a second.
const FULL: Duration = Duration::from_secs(60 * 60);
const BUSY: Duration = Duration::from_secs(1);

impl<M: Mailroom + Registry> House<M> {
    /// Stores what came for the channel with this secret. No order is known here.
    pub(crate) async fn take_in(
        &self,
        secret: &str,
        request: Request<Incoming>,
        caller: &Caller,
        told: &mut Told,
    ) -> Answer {
        let found = timeout(self.patience.answer, self.mailroom.find_channel(SecretHash::of_text(secret))).await;
        let channel = match found {
            Ok(Ok(Some(channel))) => channel,
            Ok(Ok(None)) => return Answer::NotHere,
            Ok(Err(trouble)) => return told.trouble(&trouble, Answer::NotNow),
            Err(_) => return Answer::NotNow,
        };
        told.channel = Some(channel);
        if request.method() != Method::POST {
            return Answer::Only("POST");
        }
        if let Err(wait) = self.arriving.take(channel, Instant::now()) {
            return Answer::Later(wait);
        }
        let from = self.sender(&request, caller);
        let body = match line::body(request.into_body(), &self.patience).await {
            Ok(body) => body,
            Err(none) => return none.into(),
        };
        told.digest = Some(Sha256::digest(&body).into());
        if let Err(junk) = Notification::parse(&body) {
            told.why = Some(junk.to_string());
            return Answer::Junk;
        }
        self.store(channel, body, from, told).await
    }

    async fn store(&self, channel: Channel, body: Vec<u8>, from: std::net::IpAddr, told: &mut Told) -> Answer {
        let stored = self.mailroom.append(channel, body.into(), Some(from), self.outside.now());
        // Midtrans waits no longer either; a notification that is stored after all is only repeated.
        match timeout(self.patience.answer, stored).await {
            Ok(Ok(Appended::New(_))) => Answer::Stored,
            Ok(Ok(Appended::Again(_))) => {
                told.again = true;
                Answer::Stored
            }
            Ok(Err(Trouble::NoSuchChannel)) => Answer::NotHere,
            Ok(Err(trouble @ Trouble::Full)) => told.trouble(&trouble, Answer::Later(FULL)),
            Ok(Err(trouble @ Trouble::Busy)) => told.trouble(&trouble, Answer::Later(BUSY)),
            Ok(Err(trouble)) => told.trouble(&trouble, Answer::NotNow),
            Err(_) => Answer::NotNow,
        }
    }
}
