//! What is answered, and the headers that go with everything.

use std::time::Duration;

use hyper::{
    Response, StatusCode,
    header::{
        ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
        RETRY_AFTER, STRICT_TRANSPORT_SECURITY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
    },
};
use relay::line::NoBody;

/// The answer table. Midtrans counts its retries by it: five over 342 minutes for most failures,
/// but four for 503, two for 400 and 404 and a single one for 500. So what can heal is 429 or 502.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is stored for good, now or before.
    Stored,
    /// It cannot be what it should be.
    Junk,
    /// It is longer than any notification.
    TooLong,
    /// It did not arrive in time.
    TooSlow,
    /// Nothing is here.
    NotHere,
    /// Only these methods are served here.
    Only(&'static str),
    /// Too much of it, or too much of everything; once more after this time.
    Later(Duration),
    /// It could not be stored or read.
    NotNow,
    /// The token is nobody's.
    WhoAreYou,
    /// Something went wrong that nobody thought of.
    Broken,
    /// The relay is alive.
    Alive,
    /// Done, and nothing to say about it.
    Done,
    /// What was asked for.
    Json(StatusCode, String),
}

impl Answer {
    /// With a word about it.
    pub fn refused(status: StatusCode, word: &str) -> Self {
        Self::Json(status, format!(r#"{{"error":"{word}"}}"#))
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Stored | Self::Alive => StatusCode::OK,
            Self::Junk => StatusCode::BAD_REQUEST,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::NotHere => StatusCode::NOT_FOUND,
            Self::Only(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Later(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::NotNow | Self::Broken => StatusCode::BAD_GATEWAY,
            Self::WhoAreYou => StatusCode::UNAUTHORIZED,
            Self::Done => StatusCode::NO_CONTENT,
            Self::Json(status, _) => *status,
        }
    }

    /// What the journal calls it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Junk => "junk",
            Self::TooLong => "too_long",
            Self::TooSlow => "too_slow",
            Self::NotHere => "not_here",
            Self::Only(_) => "wrong_method",
            Self::Later(_) => "later",
            Self::NotNow => "not_now",
            Self::WhoAreYou => "token_unknown",
            Self::Broken => "broken",
            Self::Alive => "alive",
            Self::Done | Self::Json(..) => "answered",
        }
    }

    /// To Midtrans, which reads nothing but the number; or to a till, which hears a word as well.
    pub fn response(self, to_midtrans: bool, only_encrypted: bool) -> Response<String> {
        let (status, word) = (self.status(), self.word());
        let body = match &self {
            Self::Alive => "alive\n".to_owned(),
            Self::Json(_, body) => body.clone(),
            Self::Stored | Self::Done => String::new(),
            _ if to_midtrans => String::new(),
            _ => format!(r#"{{"error":"{word}"}}"#),
        };
        let json = body.starts_with(['{', '[']);
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        for (name, value) in ALWAYS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if only_encrypted {
            headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
        }
        if json {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        match self {
            Self::Only(methods) => headers.insert(ALLOW, HeaderValue::from_static(methods)),
            Self::Later(after) => headers.insert(RETRY_AFTER, HeaderValue::from(seconds(after))),
            Self::WhoAreYou => headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
            _ => None,
        };
        response
    }
}

impl From<NoBody> for Answer {
    fn from(none: NoBody) -> Self {
        match none {
            NoBody::TooLong => Self::TooLong,
            NoBody::TooSlow => Self::TooSlow,
            NoBody::Broken => Self::Junk,
        }
    }
}

/// Nothing of ours is for a browser: none may keep it, guess at it, show it or be told of it.
const ALWAYS: [(HeaderName, &str); 4] = [
    (CACHE_CONTROL, "no-store"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (REFERRER_POLICY, "no-referrer"),
];

/// Never 0, which would mean at once.
fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0 || time.as_secs() == 0)
}
