use std::{error::Error, time::Duration};

/// Why a relay did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No connection. Look at the network; it is tried again by itself.
    #[error("the relay cannot be reached")]
    Unreachable,
    /// The connection stood and no whole answer came in time. It is tried again by itself.
    #[error("the relay did not answer in time")]
    TimedOut,
    /// Whoever answered cannot show that it is the relay: the network wants a log-in first, this PC's
    /// clock is wrong, or the host has let the certificate run out.
    #[error("whoever answered is not known to be the relay")]
    Untrusted,
    /// This machine cannot make safe connections. Install its CA certificates.
    #[error("this machine has no CA certificates")]
    NoTrust,
    /// An answer that no relay gives: the network wants a log-in first, or the address is another's.
    #[error("something that is no relay answered: {0}")]
    Foreign(Foreign),
    /// The token is unknown or was revoked. Pair this till again.
    #[error("the relay does not know this till any more")]
    Revoked,
    /// The pairing code is not the one that the relay gave out. Look at it again; after five wrong
    /// ones it is void.
    #[error("this is not the pairing code")]
    CodeWrong,
    /// The pairing code was used, is older than ten minutes or was tried too often. Ask for a new one.
    #[error("this pairing code is void")]
    CodeVoid,
    /// The relay has no channel of this address, or the host has closed it. Ask the host for another.
    #[error("the relay does not know this notification address")]
    AddressUnknown,
    /// The relay is overloaded or cannot read its store. Ask again after this time, or a while.
    #[error("the relay is busy")]
    Busy(Option<Duration>),
    /// The relay has deleted entries before this till read them. Go on with the oldest and ask
    /// Midtrans about everything open.
    #[error("the relay has nothing before {oldest} any more")]
    TooOld {
        /// The oldest it still has.
        oldest: u64,
        /// The newest it has.
        newest: u64,
    },
    /// The relay has less than it had: it was put back to an older state, and gives numbers away for
    /// a second time. Begin anew with the oldest and ask Midtrans about everything open.
    #[error("the relay counts back: its newest is {newest} after {after}")]
    WentBack {
        /// Up to where it was read.
        after: u64,
        /// The oldest it has.
        oldest: u64,
        /// The newest it has.
        newest: u64,
    },
    /// An entry is missing, or they do not come in their order. Go on behind it and ask Midtrans
    /// about everything open.
    #[error("the relay passed on number {found} where {expected} was due")]
    Gap {
        /// The number that was due.
        expected: u64,
        /// The one that came.
        found: u64,
    },
}

/// How an answer shows that it is no relay's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Foreign {
    /// It sends us elsewhere. No relay does, and nobody goes there.
    #[error("it sends us elsewhere")]
    Redirect,
    /// A page for people.
    #[error("a page")]
    Page,
    /// It is longer than any answer of a relay.
    #[error("it is too long")]
    TooLong,
    /// JSON, or something like it, in which something is missing or out of its bounds.
    #[error("it cannot be read")]
    Shape,
    /// A status that no relay answers here.
    #[error("status {0}")]
    Status(u16),
}

pub(crate) fn of_wire(error: &reqwest::Error) -> Trouble {
    if error.is_connect() || error.is_builder() || error.is_request() {
        if speaks_of_certificates(error) {
            Trouble::Untrusted
        } else if error.is_timeout() {
            Trouble::TimedOut
        } else {
            Trouble::Unreachable
        }
    } else if error.is_timeout() {
        Trouble::TimedOut
    } else {
        Trouble::Unreachable
    }
}

/// rustls names what is wrong with a certificate, and reqwest keeps it as the cause.
fn speaks_of_certificates(error: &reqwest::Error) -> bool {
    let mut cause: Option<&dyn Error> = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if said.contains("certificate") || said.contains("InvalidContentType") || said.contains("corrupt message") {
            return true;
        }
        cause = error.source();
    }
    false
}
