//! Where Midtrans tells of one charge, when that is not where the dashboard says.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// An address that a charge may name for its notifications (`X-Override-Notification`). Midtrans then
/// tells the dashboard's addresses nothing of that charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotifyAddress(String);

/// Why Midtrans would not reach an address, or what would be given away by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// It is no address, or more than one.
    #[error("not an address")]
    NotAnAddress,
    /// It is not encrypted on the way.
    #[error("not https")]
    NotHttps,
    /// Only this machine or this network can reach it.
    #[error("not on the public internet")]
    NotPublic,
    /// Midtrans calls port 443 and no other.
    #[error("another port than 443")]
    Port,
    /// There is a name or a password in it, which Midtrans does not send.
    #[error("with a name or a password")]
    Credentials,
    /// It is too long for a header.
    #[error("too long")]
    Long,
}

/// Headers of a few hundred bytes get through everywhere.
const LONGEST: usize = 255;
/// Names that mean something in one network only.
const HERE: [&str; 5] = ["localhost", "local", "internal", "lan", "home.arpa"];

impl NotifyAddress {
    /// An address that Midtrans can reach.
    pub fn public(text: &str) -> Result<Self, BadAddress> {
        let url = read(text)?;
        match url.host() {
            _ if url.scheme() != "https" => Err(BadAddress::NotHttps),
            Some(Host::Domain(name)) if !is_public_name(name) => Err(BadAddress::NotPublic),
            Some(Host::Ipv4(ip)) if !is_public(ip) => Err(BadAddress::NotPublic),
            Some(Host::Ipv6(ip)) if !is_public_6(ip) => Err(BadAddress::NotPublic),
            _ if url.port().is_some() => Err(BadAddress::Port),
            _ => Self::of(&url),
        }
    }

    /// An address of this machine, which a Midtrans that is played here can reach.
    pub fn here(text: &str) -> Result<Self, BadAddress> {
        let url = read(text)?;
        let here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        if here { Self::of(&url) } else { Err(BadAddress::NotPublic) }
    }

    /// As it stands in the header.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(url: &Url) -> Result<Self, BadAddress> {
        let text = url.as_str();
        if text.len() > LONGEST { Err(BadAddress::Long) } else { Ok(Self(text.to_owned())) }
    }
}

fn read(text: &str) -> Result<Url, BadAddress> {
    // A comma would make two addresses of it, and what a reader of addresses leaves out was perhaps meant.
    if text.contains(|c: char| c == ',' || c.is_whitespace() || c.is_control()) {
        return Err(BadAddress::NotAnAddress);
    }
    if text.len() > LONGEST {
        return Err(BadAddress::Long);
    }
    let url = Url::parse(text).map_err(|_| BadAddress::NotAnAddress)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(BadAddress::Credentials);
    }
    if url.fragment().is_some() || url.host().is_none() || !matches!(url.scheme(), "http" | "https") {
        return Err(BadAddress::NotAnAddress);
    }
    Ok(url)
}

fn is_public_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let within = |here: &str| name.strip_suffix(here).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    name.contains('.') && !HERE.into_iter().any(within)
}

fn is_public(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    !(ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_multicast() || shared || a == 0 || a >= 240)
}

fn is_public_6(ip: Ipv6Addr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public(ip),
        // What is routed on the internet begins with 2 or 3.
        IpAddr::V6(ip) => ip.segments()[0] >> 13 == 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_on_the_public_internet_is_taken_as_it_goes_out() {
        for (text, as_sent) in [
            ("https://relay.example/n/abc", "https://relay.example/n/abc"),
            ("https://Relay.Example:443/n/abc?x=1", "https://relay.example/n/abc?x=1"),
            ("https://tokobaju.co.id", "https://tokobaju.co.id/"),
            ("https://8.8.8.8/n", "https://8.8.8.8/n"),
            ("https://[2001:4860:4860::8888]/n", "https://[2001:4860:4860::8888]/n"),
        ] {
            assert_eq!(NotifyAddress::public(text).unwrap().as_str(), as_sent, "{text}");
        }
    }

    #[test]
    fn whatever_midtrans_would_not_reach_or_would_give_away_is_refused_and_it_is_said_why() {
        let long = format!("https://relay.example/{}", "n".repeat(LONGEST));
        for (text, why) in [
            ("", BadAddress::NotAnAddress),
            ("relay.example/n/abc", BadAddress::NotAnAddress),
            ("https://", BadAddress::NotAnAddress),
            ("ftp://relay.example/n", BadAddress::NotAnAddress),
            ("https://a.example/n,https://b.example/n", BadAddress::NotAnAddress),
            ("https://relay.example/n abc", BadAddress::NotAnAddress),
            ("https://relay.example/n\r\nHost: evil", BadAddress::NotAnAddress),
            ("https://relay.example/n#part", BadAddress::NotAnAddress),
            ("http://relay.example/n", BadAddress::NotHttps),
            ("https://ratna:rahasia@relay.example/n", BadAddress::Credentials),
            ("https://relay.example:8443/n", BadAddress::Port),
            ("https://localhost/n", BadAddress::NotPublic),
            ("https://kasir/n", BadAddress::NotPublic),
            ("https://kasir.local/n", BadAddress::NotPublic),
            ("https://kasir.local./n", BadAddress::NotPublic),
            ("https://127.0.0.1/n", BadAddress::NotPublic),
            ("https://192.168.1.7/n", BadAddress::NotPublic),
            ("https://100.100.1.1/n", BadAddress::NotPublic),
            ("https://0x7f.1/n", BadAddress::NotPublic),
            ("https://[::1]/n", BadAddress::NotPublic),
            ("https://[::ffff:10.0.0.1]/n", BadAddress::NotPublic),
            ("https://[fd00::1]/n", BadAddress::NotPublic),
            (&long, BadAddress::Long),
        ] {
            assert_eq!(NotifyAddress::public(text), Err(why), "{text}");
        }
    }

    #[test]
    fn a_name_that_only_ends_like_one_of_this_network_is_public() {
        assert!(NotifyAddress::public("https://warunglocal.id.notlocal/n").is_ok());
        assert!(NotifyAddress::public("https://mylan.example/n").is_ok());
    }

    #[test]
    fn only_an_address_of_this_machine_is_one_for_a_midtrans_that_is_played_here() {
        for here in ["http://127.0.0.1:8787/n/abc", "http://localhost:1/n", "http://[::1]:9/n"] {
            assert_eq!(NotifyAddress::here(here).unwrap().as_str(), here);
        }
        assert_eq!(NotifyAddress::here("https://relay.example/n"), Err(BadAddress::NotPublic));
        assert_eq!(NotifyAddress::here("http://a@127.0.0.1/n"), Err(BadAddress::Credentials));
    }
}
