//! The server key: what it must look like, and that nothing shows it.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::Host;

/// A shop's server key. It can be sent and it can sign; it can not be shown.
#[derive(Clone)]
pub struct ServerKey(SecretString);

/// What is wrong with the text that was given as a server key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyForm {
    /// Nothing was given; paste the key from the Midtrans dashboard.
    #[error("the server key is empty; paste it from the Midtrans dashboard")]
    Empty,
    /// There is a space or a line break inside; copy the key again, in one piece.
    #[error("the server key has spaces inside; copy it again in one piece")]
    HasSpaces,
    /// There are characters that no key has; copy the key again.
    #[error("the server key has characters that no key has; copy it again")]
    StrangeCharacters,
    /// This is the client key, which stands beside it; take the server key.
    #[error("this is the client key; the server key stands beside it")]
    ClientKey,
    /// A sandbox key for production or the other way round; take the key of this environment.
    #[error("this key belongs to the other environment; take the key of this one")]
    WrongEnvironment,
}

impl ServerKey {
    /// Takes what was pasted, without the spaces and line breaks around it.
    pub fn parse(pasted: SecretString) -> Result<ServerKey, KeyForm> {
        let key = pasted.expose_secret().trim();
        if key.is_empty() {
            Err(KeyForm::Empty)
        } else if key.contains(char::is_whitespace) {
            Err(KeyForm::HasSpaces)
        } else if !key.chars().all(|c| c.is_ascii_graphic()) {
            Err(KeyForm::StrangeCharacters)
        } else if CLIENT.iter().any(|prefix| key.starts_with(prefix)) {
            Err(KeyForm::ClientKey)
        } else {
            Ok(ServerKey(SecretString::from(key)))
        }
    }

    /// Whether the key may be sent to this host, as far as its beginning tells.
    ///
    /// A key of unknown shape suits every host, because Midtrans promises no shape; ask
    /// [`has_known_shape`](ServerKey::has_known_shape) and warn.
    pub fn suits(&self, host: Host) -> Result<(), KeyForm> {
        let key = self.expose();
        match host {
            Host::Sandbox if key.starts_with(PRODUCTION) => Err(KeyForm::WrongEnvironment),
            Host::Production if key.starts_with(SANDBOX) => Err(KeyForm::WrongEnvironment),
            _ => Ok(()),
        }
    }

    /// Whether the key begins as Midtrans' server keys are known to begin.
    pub fn has_known_shape(&self) -> bool {
        [SANDBOX, PRODUCTION, LEGACY].iter().any(|prefix| self.expose().starts_with(prefix))
    }

    /// Blots out the key in what somebody answered. Midtrans never repeats it, but whoever stands in
    /// between may show us our own request, and answers are kept.
    pub(crate) fn blot_out(&self, heard: &mut [u8]) {
        let encoded = BASE64_STANDARD.encode(format!("{}:", self.expose()));
        for secret in [self.expose(), encoded.trim_end_matches('=')] {
            blot_out(heard, secret.as_bytes());
        }
    }

    /// `Basic base64(key:)`, marked so that it is neither printed nor put in a header table.
    pub(crate) fn authorization(&self) -> HeaderValue {
        let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{}:", self.expose())));
        let mut header = HeaderValue::try_from(basic).expect("base64 always fits in a header");
        header.set_sensitive(true);
        header
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

fn blot_out(heard: &mut [u8], secret: &[u8]) {
    if secret.len() < TELLING {
        // No key of Midtrans', and likely to stand in every answer by chance.
        return;
    }
    let mut from = 0;
    while let Some(at) = heard[from..].windows(secret.len()).position(|window| window == secret) {
        heard[from + at..][..secret.len()].fill(b'*');
        from += at + secret.len();
    }
    // An answer may break off in the middle of it.
    let cut = (TELLING..secret.len()).rev().find(|length| heard.ends_with(&secret[..*length]));
    if let Some(length) = cut {
        let end = heard.len();
        heard[end - length..].fill(b'*');
    }
}

/// Fewer characters of a key tell nothing of it.
const TELLING: usize = 8;

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey(secret)")
    }
}

const SANDBOX: &str = "SB-Mid-server-";
const PRODUCTION: &str = "Mid-server-";
// Keys from before Midtrans changed its name; they tell nothing about the environment.
const LEGACY: &str = "VT-server-";
const CLIENT: [&str; 3] = ["SB-Mid-client-", "Mid-client-", "VT-client-"];
