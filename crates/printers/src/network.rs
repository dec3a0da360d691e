use std::{
    io::ErrorKind,
    net::{TcpStream, ToSocketAddrs},
    time::{Duration, Instant},
};

use crate::{
    Why,
    line::{Kind, Line},
};

/// Connects to whoever takes bytes there.
pub(crate) fn connect(host: &str, port: u16, patience: Duration) -> Result<Line, Why> {
    let addresses = (host, port).to_socket_addrs().map_err(|_| Why::NoSuchHost)?;
    let until = Instant::now() + patience;
    let mut why = Why::NoSuchHost;
    for address in addresses {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Why::NotReached);
        }
        match TcpStream::connect_timeout(&address, left) {
            Ok(stream) => {
                // A slip is small; it must not wait for more to come.
                let ready = stream.set_nodelay(true).and_then(|()| stream.set_nonblocking(true));
                return ready.map(|()| Line::over(stream.into(), Kind::Network)).map_err(|_| Why::Cut);
            }
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => why = Why::Refused,
            Err(_) => why = Why::NotReached,
        }
    }
    Err(why)
}
