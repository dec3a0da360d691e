use std::{fmt, net::Ipv6Addr, str::FromStr};

use url::{Host, Url};

/// Where Midtrans sends a shop's notifications, as the host gave it: `https://relay.example/n/SECRET`.
/// Whoever knows it may knock, so it is shown to its owner only.
#[derive(Clone, PartialEq, Eq)]
pub struct NotificationAddress {
    base: Url,
    secret: String,
}

/// Why something is no address of a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no address, or one with a user, a query or a fragment in it. Copy it whole.
    #[error("this is no address; copy it whole, from https:// to its end")]
    Unreadable,
    /// Without TLS everybody on the way could read the token. Ask the host for one with https.
    #[error("an address that begins with http:// is only for this PC; ask the host for one with https://")]
    Insecure,
    /// The secret path is missing. Copy it whole.
    #[error("the end of the address is missing, which begins with /n/; copy it whole")]
    NoSecret,
}

const BEFORE: &str = "/n/";

impl NotificationAddress {
    /// The secret path, without what stands before it.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The host, for people.
    pub fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    /// The relay is on this machine: only tests and a host's own first look are.
    pub(crate) fn is_here(&self) -> bool {
        is_here(&self.base)
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.base.scheme() == "http"
    }

    /// The address of something else that the same relay serves.
    pub(crate) fn beside(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url
    }
}

impl FromStr for NotificationAddress {
    type Err = AddressError;

    fn from_str(pasted: &str) -> Result<Self, AddressError> {
        let url = Url::parse(pasted.trim()).map_err(|_| AddressError::Unreadable)?;
        let bare = url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && url.has_host();
        match url.scheme() {
            "https" | "http" if !bare => return Err(AddressError::Unreadable),
            "https" => {}
            "http" if is_here(&url) => {}
            "http" => return Err(AddressError::Insecure),
            _ => return Err(AddressError::Unreadable),
        }
        let path = url.path().to_owned();
        let (before, secret) = path.rsplit_once(BEFORE).ok_or(AddressError::NoSecret)?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !(20..=128).contains(&secret.len()) || !secret.bytes().all(fits) {
            return Err(AddressError::NoSecret);
        }
        let mut base = url;
        // Two slashes lead to the same door as one, and are shown as one.
        base.set_path(before.trim_end_matches('/'));
        Ok(Self { base, secret: secret.to_owned() })
    }
}

impl fmt::Display for NotificationAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.beside(BEFORE), self.secret)
    }
}

impl fmt::Debug for NotificationAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NotificationAddress({}…)", self.beside(BEFORE))
    }
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip == Ipv6Addr::LOCALHOST,
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
mod tests {
    use super::*;

    const SECRET: &str = "abcdefghijklmnopqrstuvwxyz234567";

    #[test]
    fn an_address_leads_to_its_relay_and_is_shown_as_it_was_given() {
        for (base, devices) in [
            ("https://relay.example", "https://relay.example/v1/devices"),
            ("https://relay.example:8443", "https://relay.example:8443/v1/devices"),
            ("https://example.com/gerai", "https://example.com/gerai/v1/devices"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/devices"),
            ("http://localhost:8080", "http://localhost:8080/v1/devices"),
            ("http://[::1]:8080", "http://[::1]:8080/v1/devices"),
        ] {
            let given = format!("{base}/n/{SECRET}");
            let address: NotificationAddress = format!("  {given}\n").parse().unwrap();
            assert_eq!(address.to_string(), given);
            assert_eq!((address.secret(), address.beside("/v1/devices").as_str()), (SECRET, devices));
            assert!(!format!("{address:?}").contains(SECRET), "a log must not tell the secret path");
            assert_eq!(address, given.replace("/n/", "//n/").parse().unwrap());
        }
    }

    #[test]
    fn what_is_no_address_of_a_relay_is_refused_with_what_to_do() {
        let strange = [
            "",
            "relay.example/n/abcdefghijklmnopqrstuvwxyz234567",
            "ftp://relay.example/n/abcdefghijklmnopqrstuvwxyz234567",
            "https://kasir@relay.example/n/abcdefghijklmnopqrstuvwxyz234567",
            "https://relay.example/n/abcdefghijklmnopqrstuvwxyz234567?a=1",
            "https://relay.example/n/abcdefghijklmnopqrstuvwxyz234567#a",
        ];
        for pasted in strange {
            assert_eq!(pasted.parse::<NotificationAddress>(), Err(AddressError::Unreadable), "{pasted}");
        }
        for host in ["relay.example", "192.168.1.4", "localhost.example", "127.0.0.1.nip.io", "0.0.0.0"] {
            let insecure = format!("http://{host}/n/{SECRET}").parse::<NotificationAddress>();
            assert_eq!(insecure, Err(AddressError::Insecure), "{host}");
        }
        for path in ["", "/", "/n/", "/n/short", "/m/abcdefghijklmnopqrstuvwxyz234567", "/n/abcdefghijklmnopqr%2F%2F"] {
            let cut = format!("https://relay.example{path}").parse::<NotificationAddress>();
            assert_eq!(cut, Err(AddressError::NoSecret), "{path}");
        }
    }
}
