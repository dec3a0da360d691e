//! As much HTTP as it takes to talk to the print service: one question, one answer, and the
//! connection is closed.
//!
//! It is our own because a paper hangs on what a client for the web does not tell apart: nobody was there, so nothing
//! comes out; or the question was on its way, so nobody knows. A no that comes before the end of a question counts,
//! a yes does not.

use std::{
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    os::unix::net::UnixStream,
    path::PathBuf,
    time::{Duration, Instant},
};

/// Where the print service of this PC is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cupsd {
    /// At this socket.
    Socket(PathBuf),
    /// At this address.
    Address(String),
}

/// Where CUPS listens unless somebody has set it otherwise.
const SOCKET: &str = "/run/cups/cups.sock";
const PORT: u16 = 631;

/// No honest answer is longer.
const LONGEST: usize = 4 << 20;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// Nobody is there.
    Nobody,
    /// The question was sent, maybe not whole, and no answer came.
    Cut,
    /// It does not talk to us.
    Refused,
    /// It is not what a print service answers.
    Nonsense,
}

impl Cupsd {
    /// As CUPS' own programs read the environment variable `CUPS_SERVER`.
    pub fn of(server: Option<&str>) -> Self {
        match server.map(str::trim).filter(|server| !server.is_empty()) {
            None => Self::Socket(SOCKET.into()),
            Some(path) if path.starts_with('/') => Self::Socket(path.into()),
            Some(address) if address.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) => {
                Self::Address(address.into())
            }
            Some(host) => Self::Address(format!("{host}:{PORT}")),
        }
    }

    /// Asks once. As its user, if this says who that is.
    pub(crate) fn ask(
        &self,
        path: &str,
        question: &[u8],
        user: Option<&str>,
        patience: Duration,
    ) -> Result<Vec<u8>, NoAnswer> {
        let until = Instant::now() + patience;
        let mut stream = self.connect(patience).map_err(|_| NoAnswer::Nobody)?;
        let user = user.filter(|_| matches!(self, Self::Socket(_)));
        let user = user.map_or(String::new(), |user| format!("Authorization: PeerCred {user}\r\n"));
        let length = question.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\n{user}\
             Content-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        let sent = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(question));
        let mut answer = Vec::new();
        let mut part = [0; 4096];
        loop {
            if Instant::now() >= until || answer.len() > LONGEST {
                return Err(NoAnswer::Cut);
            }
            match stream.read(&mut part) {
                Ok(0) => break,
                Ok(some) => answer.extend_from_slice(&part[..some]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        match read(&answer) {
            // A yes to half a question is none; a no may well come before the end of it.
            Ok(_) if sent.is_err() => Err(NoAnswer::Cut),
            Err(_) if answer.is_empty() => Err(NoAnswer::Cut),
            answer => answer,
        }
    }

    fn connect(&self, patience: Duration) -> io::Result<Box<dyn Stream>> {
        match self {
            Self::Socket(path) => {
                let stream = UnixStream::connect(path)?;
                stream.set_read_timeout(Some(patience))?;
                stream.set_write_timeout(Some(patience))?;
                Ok(Box::new(stream))
            }
            Self::Address(address) => {
                let mut failed = io::Error::from(io::ErrorKind::NotFound);
                for address in address.to_socket_addrs()? {
                    match TcpStream::connect_timeout(&address, patience) {
                        Ok(stream) => {
                            stream.set_read_timeout(Some(patience))?;
                            stream.set_write_timeout(Some(patience))?;
                            return Ok(Box::new(stream));
                        }
                        Err(error) => failed = error,
                    }
                }
                Err(failed)
            }
        }
    }
}

trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

/// The body of an answer.
fn read(answer: &[u8]) -> Result<Vec<u8>, NoAnswer> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or(NoAnswer::Nonsense)?;
    let head = std::str::from_utf8(&answer[..end]).map_err(|_| NoAnswer::Nonsense)?;
    let body = &answer[end + 4..];
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.")?.get(2..5)?.parse::<u16>().ok());
    match status {
        Some(100..=199) => return read(body),
        Some(200) => {}
        Some(401 | 403) => return Err(NoAnswer::Refused),
        _ => return Err(NoAnswer::Nonsense),
    }
    let header = |wanted: &str| {
        let named = head.lines().filter_map(|line| line.split_once(':'));
        named.filter(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim()).next()
    };
    if header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        return joined(body).ok_or(NoAnswer::Cut);
    }
    match header("content-length").map(str::parse::<usize>) {
        Some(Ok(length)) => body.get(..length).map(<[u8]>::to_vec).ok_or(NoAnswer::Cut),
        Some(Err(_)) => Err(NoAnswer::Nonsense),
        None => Ok(body.to_vec()),
    }
}

/// What was sent in chunks, in one piece.
fn joined(mut chunks: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = chunks.windows(2).position(|two| two == b"\r\n")?;
        let length = std::str::from_utf8(&chunks[..end]).ok()?.split(';').next()?;
        let length = usize::from_str_radix(length.trim(), 16).ok()?;
        if length == 0 {
            return Some(whole);
        }
        let rest = &chunks[end + 2..];
        whole.extend_from_slice(rest.get(..length)?);
        chunks = rest.get(length..)?.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_in_one_piece_however_it_was_sent() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd";
        assert_eq!(read(whole), Ok(b"abcd".to_vec()));
        let chunked = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n";
        assert_eq!(read(chunked), Ok(b"abcd".to_vec()));
        assert_eq!(read(b"HTTP/1.0 200 OK\r\n\r\nabcd"), Ok(b"abcd".to_vec()));
    }

    #[test]
    fn half_an_answer_is_none() {
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n";
        for end in 1..chunked.len() - 2 {
            assert!(read(&chunked[..end]).is_err(), "{end}");
        }
        assert_eq!(read(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcd"), Err(NoAnswer::Cut));
        assert_eq!(read(b"HTTP/1.1 401 Unauthorized\r\n\r\n"), Err(NoAnswer::Refused));
        assert_eq!(read(b"SSH-2.0\r\n\r\n"), Err(NoAnswer::Nonsense));
    }

    #[test]
    fn the_service_is_where_cups_own_programs_look_for_it() {
        assert_eq!(Cupsd::of(None), Cupsd::Socket("/run/cups/cups.sock".into()));
        assert_eq!(Cupsd::of(Some("/tmp/cups.sock")), Cupsd::Socket("/tmp/cups.sock".into()));
        assert_eq!(Cupsd::of(Some("127.0.0.1:8631")), Cupsd::Address("127.0.0.1:8631".into()));
        assert_eq!(Cupsd::of(Some("kantor")), Cupsd::Address("kantor:631".into()));
    }
}
