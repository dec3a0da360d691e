use counter::Problem;
use feed::Token;
use keys::{Entry, Vault};
use secrecy::{ExposeSecret, SecretString};
use till::{Environment, TillId};

use crate::keyring::trouble;

/// Where the token of a paired till lies. Every call may take as long as a prompt on the screen.
pub trait Tokens: Send + Sync {
    /// What is kept, if anything is.
    fn get(&self) -> Result<Option<SecretString>, Problem>;
    /// Keeps this in the place of whatever was there.
    fn set(&self, token: &SecretString) -> Result<(), Problem>;
    /// Keeps nothing any more.
    fn forget(&self) -> Result<(), Problem>;
}

/// In the keyring of this desktop, in an entry for each till.
pub struct InKeyring {
    vault: Vault,
    entry: Entry,
}

impl InKeyring {
    /// The entry of this till.
    pub fn of(environment: Environment, till: TillId) -> Self {
        Self { vault: Vault::system(), entry: Entry::relay_token(environment.word(), &till.to_string()) }
    }
}

impl Tokens for InKeyring {
    fn get(&self) -> Result<Option<SecretString>, Problem> {
        self.vault.get(&self.entry).map_err(trouble)
    }

    fn set(&self, token: &SecretString) -> Result<(), Problem> {
        self.vault.set(&self.entry, token).map_err(trouble)
    }

    fn forget(&self) -> Result<(), Problem> {
        self.vault.forget(&self.entry).map_err(trouble)
    }
}

/// A token with the device it was given to: an older copy of the ledger may name another.
pub(super) struct Kept {
    pub device: String,
    pub token: Token,
}

impl Kept {
    pub fn parse(text: &SecretString) -> Option<Self> {
        let (device, token) = text.expose_secret().split_once(' ')?;
        Some(Self { device: device.to_owned(), token: Token::new(SecretString::from(token)) })
    }

    pub fn text(&self) -> SecretString {
        SecretString::from(format!("{} {}", self.device, self.token.secret().expose_secret()))
    }
}
