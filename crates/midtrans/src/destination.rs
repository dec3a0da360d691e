//! Where requests may go: Midtrans' two hosts, or this machine.

use std::net::Ipv6Addr;

use url::Url;

/// The one place a client talks to. There is no way to name a stranger's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    host: Host,
    base: Url,
}

/// Which of the three it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// Midtrans' sandbox, where no money moves.
    Sandbox,
    /// Midtrans itself.
    Production,
    /// A double of Midtrans on this machine: training and tests.
    Loopback,
}

/// The address is not this machine; only `127.x.x.x`, `[::1]` and `localhost` are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address of this machine; use http://127.0.0.1 and a port")]
pub struct NotLoopback;

impl Destination {
    /// `api.sandbox.midtrans.com`.
    pub fn sandbox() -> Destination {
        Destination::midtrans(Host::Sandbox, "https://api.sandbox.midtrans.com")
    }

    /// `api.midtrans.com`.
    pub fn production() -> Destination {
        Destination::midtrans(Host::Production, "https://api.midtrans.com")
    }

    /// A double of Midtrans on this machine, such as `http://127.0.0.1:4010`.
    pub fn loopback(url: &str) -> Result<Destination, NotLoopback> {
        let base = Url::parse(url).map_err(|_| NotLoopback)?;
        let here = match base.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip == Ipv6Addr::LOCALHOST,
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        };
        let bare = base.path() == "/"
            && base.query().is_none()
            && base.fragment().is_none()
            && base.username().is_empty()
            && base.password().is_none();
        if here && bare && matches!(base.scheme(), "http" | "https") {
            Ok(Destination { host: Host::Loopback, base })
        } else {
            Err(NotLoopback)
        }
    }

    /// A Midtrans that is played inside this program, without a network.
    pub(crate) fn played() -> Destination {
        Destination::midtrans(Host::Loopback, "http://localhost")
    }

    /// Which of the three it is.
    pub fn host(&self) -> Host {
        self.host
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    fn midtrans(host: Host, base: &str) -> Destination {
        let base = Url::parse(base).expect("Midtrans' own addresses are addresses");
        Destination { host, base }
    }
}
