use ledger::{Binding, Settings};
use midtrans::{BadAddress, NotifyAddress};

use crate::{Counter, Problem};

impl Counter {
    /// The address that the owner wants each charge to name. What nobody could have set names none: no
    /// sale fails for it.
    pub(crate) fn notify_to(&self, settings: &Settings) -> Result<Option<String>, Problem> {
        let Some(text) = &settings.notify_to else { return Ok(None) };
        match self.own_address(text)? {
            Ok(address) => Ok(Some(address)),
            Err(why) => {
                tracing::warn!(%why, "the address for notifications cannot be named");
                Ok(None)
            }
        }
    }

    /// The address as it goes out, if the owner may set it. A shop bound to loopback may name one of
    /// this machine, because whoever plays Midtrans there can reach it.
    pub(crate) fn own_address(&self, text: &str) -> Result<Result<String, BadAddress>, Problem> {
        let text = text.trim();
        let played = self.ledger.binding()? == Some(Binding::Loopback);
        let here = if played { NotifyAddress::here(text).ok() } else { None };
        let address = here.map_or_else(|| NotifyAddress::public(text), Ok);
        Ok(address.map(|address| address.as_str().to_owned()))
    }
}

impl From<BadAddress> for Problem {
    fn from(why: BadAddress) -> Self {
        Problem::of(match why {
            BadAddress::NotAnAddress => "notify_no_address",
            BadAddress::NotHttps => "notify_not_https",
            BadAddress::NotPublic => "notify_not_public",
            BadAddress::Port => "notify_port",
            BadAddress::Credentials => "notify_credentials",
            BadAddress::Long => "notify_long",
        })
        .at("notify_to")
    }
}
