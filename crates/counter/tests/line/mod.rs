//! A line to Midtrans that breaks where it is told to.

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// After so many bytes in this direction the line breaks.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    pub direction: Direction,
    pub bytes: usize,
    pub how: Break,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Request,
    Answer,
}

/// How a line breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// Both ends are told that it is over.
    Closed,
    /// Both ends are told that something went wrong.
    Reset,
    /// Nobody is told anything.
    Silent,
}

pub struct Line {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// For the next conversations, one each.
    cuts: Mutex<VecDeque<Cut>>,
    /// How long the last request and the last answer were.
    lengths: Mutex<[usize; 2]>,
}

impl Line {
    /// A line to whoever listens there.
    pub async fn to(midtrans: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::<Shared>::default();
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                let shared = Arc::clone(&serving);
                // A line that breaks is what this is about.
                tokio::spawn(async move { shared.converse(caller, midtrans).await });
            }
        });
        Self { address, shared }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Cuts the next conversations so.
    pub fn cut(&self, cuts: impl IntoIterator<Item = Cut>) {
        *self.shared.cuts.lock().unwrap() = cuts.into_iter().collect();
    }

    /// How many of the cuts nobody has met.
    pub fn uncut(&self) -> usize {
        self.shared.cuts.lock().unwrap().len()
    }

    /// How many bytes the last whole message in this direction had.
    pub fn last_length(&self, direction: Direction) -> usize {
        self.shared.lengths.lock().unwrap()[direction as usize]
    }
}

impl Shared {
    async fn converse(&self, mut caller: TcpStream, midtrans: SocketAddr) -> io::Result<()> {
        loop {
            let request = message(&mut caller).await?;
            let cut = self.cuts.lock().unwrap().pop_front();
            let part = |direction, whole: &[u8]| {
                cut.filter(|cut| cut.direction == direction).map(|cut| cut.bytes.min(whole.len()))
            };
            let mut there = TcpStream::connect(midtrans).await?;
            there.set_nodelay(true)?;
            if let Some(bytes) = part(Direction::Request, &request) {
                there.write_all(&request[..bytes]).await?;
                return cut.unwrap().how.end(caller, there).await;
            }
            there.write_all(&request).await?;
            let answer = message(&mut there).await?;
            if let Some(bytes) = part(Direction::Answer, &answer) {
                caller.write_all(&answer[..bytes]).await?;
                return cut.unwrap().how.end(caller, there).await;
            }
            caller.write_all(&answer).await?;
            *self.lengths.lock().unwrap() = [request.len(), answer.len()];
        }
    }
}

impl Break {
    async fn end(self, caller: TcpStream, there: TcpStream) -> io::Result<()> {
        match self {
            Self::Closed => {}
            Self::Reset => {
                caller.set_zero_linger()?;
                there.set_zero_linger()?;
            }
            // Longer than anybody here is patient.
            Self::Silent => tokio::time::sleep(Duration::from_secs(60)).await,
        }
        Ok(())
    }
}

/// A whole request or answer.
async fn message(from: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4) {
            let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if bytes.len() >= head + length.unwrap_or(0) {
                return Ok(bytes);
            }
        }
        if from.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}
