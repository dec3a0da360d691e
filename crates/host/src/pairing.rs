//! How a till becomes one of the channel's, and how it ceases to be.

use std::time::Instant;

use hyper::{Request, StatusCode, body::Incoming};
use mailroom::{Code, Device, Mailroom, NotPaired, Registry, SecretHash, Token};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{answer::Answer, feed::of_trouble, house::House, journal::Told};

const LONGEST_NAME: usize = 64;

impl<M: Mailroom + Registry> House<M> {
    /// Gives a till its token, for a code that is good once and the secret of the channel: a code
    /// alone is of no use to anybody.
    pub(crate) async fn pair(&self, request: Request<Incoming>, told: &mut Told) -> Answer {
        #[derive(Deserialize)]
        struct Pair {
            code: String,
            name: String,
            secret: String,
        }
        let pair: Pair = match self.read(request).await {
            Ok(pair) => pair,
            Err(answer) => return answer,
        };
        let Some(name) = name(&pair.name) else { return Answer::Junk };
        let at = self.outside.now();
        let done = timeout(self.patience.answer, async {
            let Some(channel) = self.mailroom.find_channel(SecretHash::of_text(&pair.secret)).await? else {
                return Ok(Answer::NotHere);
            };
            told.channel = Some(channel);
            if let Err(wait) = self.pairing.take(channel, Instant::now()) {
                return Ok(Answer::Later(wait));
            }
            // What is no code at all is a wrong one, and does not cost a try.
            let code = Code::read(&pair.code).ok_or(NotPaired::Wrong)?;
            let token = Token::draw(self.outside.draw());
            let paired = self.mailroom.pair(channel, code, name, token.hash(), at).await?;
            let paired = json!({
                "channel": channel.number(),
                "device": paired.device.number(),
                "token": token.text(),
                "after": paired.after.number(),
            });
            Ok(Answer::Json(StatusCode::CREATED, paired.to_string()))
        });
        match done.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(NotPaired::Wrong)) => Answer::refused(StatusCode::FORBIDDEN, "code_wrong"),
            Ok(Err(NotPaired::Void)) => Answer::refused(StatusCode::FORBIDDEN, "code_void"),
            Ok(Err(NotPaired::Trouble(trouble))) => of_trouble(&trouble, told),
            Err(_) => Answer::NotNow,
        }
    }

    /// A code for a further till, drawn for one that is paired already.
    pub(crate) async fn code(&self, request: Request<Incoming>, told: &mut Told) -> Answer {
        let whose = match self.whose(&request, told).await {
            Ok(whose) => whose,
            Err(answer) => return answer,
        };
        let code = Code::draw(self.outside.draw());
        match timeout(self.patience.answer, self.mailroom.new_code(whose.channel, code, self.outside.now())).await {
            Ok(Ok(until)) => {
                let drawn = json!({ "code": code.to_string(), "until": until.millis() });
                Answer::Json(StatusCode::CREATED, drawn.to_string())
            }
            Ok(Err(trouble)) => of_trouble(&trouble, told),
            Err(_) => Answer::NotNow,
        }
    }

    /// Every till of the channel.
    pub(crate) async fn devices(&self, request: Request<Incoming>, told: &mut Told) -> Answer {
        let whose = match self.whose(&request, told).await {
            Ok(whose) => whose,
            Err(answer) => return answer,
        };
        let rows = match timeout(self.patience.answer, self.mailroom.devices(whose.channel)).await {
            Ok(Ok(rows)) => rows,
            Ok(Err(trouble)) => return of_trouble(&trouble, told),
            Err(_) => return Answer::NotNow,
        };
        let rows = rows.into_iter().map(|row| {
            json!({
                "device": row.device.number(),
                "name": row.name,
                "paired_at": row.paired_at.millis(),
                "seen_at": row.seen_at.map(mailroom::Time::millis),
                "this": row.device == whose.device,
            })
        });
        Answer::Json(StatusCode::OK, Value::from_iter(rows).to_string())
    }

    /// A till was lost, or is not used any more: its token opens nothing from now on.
    pub(crate) async fn lost(&self, device: Device, request: Request<Incoming>, told: &mut Told) -> Answer {
        let whose = match self.whose(&request, told).await {
            Ok(whose) => whose,
            Err(answer) => return answer,
        };
        let revoked = self.mailroom.revoke_device(whose.channel, device, self.outside.now());
        match timeout(self.patience.answer, revoked).await {
            Ok(Ok(())) => Answer::Done,
            Ok(Err(trouble)) => of_trouble(&trouble, told),
            Err(_) => Answer::NotNow,
        }
    }
}

/// What an owner calls a till, if that can be shown.
fn name(text: &str) -> Option<&str> {
    let text = text.trim();
    let fits = (1..=LONGEST_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fits.then_some(text)
}
