//! Whoever sends notifications: HTTP/1.1 by hand over kept connections, as Midtrans' sender would,
//! and nothing of the code that reads it at the other end.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    time::Duration,
};

use tokio::{
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};

use crate::bodies::Bodies;

/// Nobody waits longer for an answer; nor does Midtrans.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection that is made again when it has come to its end.
pub struct Line {
    from: Ipv4Addr,
    to: SocketAddr,
    stream: Option<TcpStream>,
    heard: Vec<u8>,
    /// So often it ended before an answer began, and what was asked was asked anew.
    pub again: u64,
}

pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Line {
    pub fn new(from: Ipv4Addr, to: SocketAddr) -> Self {
        Self { from, to, stream: None, heard: Vec::new(), again: 0 }
    }

    /// Says this, and hears the answer.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<Answer> {
        loop {
            let kept = self.stream.is_some();
            match self.ask_once(request).await {
                // The other end may close a kept connection while we begin to speak, so one asks anew.
                Err(error) if kept && self.heard.is_empty() && ended(&error) => {
                    self.again += 1;
                    self.stream = None;
                }
                Err(error) => {
                    self.stream = None;
                    return Err(error);
                }
                done => return done,
            }
        }
    }

    async fn ask_once(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.heard.clear();
        let stream = match &self.stream {
            Some(stream) => stream,
            None => self.stream.insert(connect(self.from, self.to).await?),
        };
        say(stream, request).await?;
        let (head, length, closes, status) = loop {
            more(stream, &mut self.heard).await?;
            if let Some(end) = find(&self.heard, b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.heard[..end]).to_ascii_lowercase();
                let of = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
                let length = of("content-length:").and_then(|length| length.parse().ok()).unwrap_or(0);
                break (end + 4, length, of("connection:") == Some("close"), status.ok_or(io::ErrorKind::InvalidData)?);
            }
        };
        while self.heard.len() < head + length {
            more(stream, &mut self.heard).await?;
        }
        if closes {
            self.stream = None;
        }
        Ok(Answer { status, body: self.heard[head..head + length].to_vec() })
    }
}

pub async fn connect(from: Ipv4Addr, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    let stream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

pub async fn say(stream: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => stream.writable().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn more(stream: &TcpStream, heard: &mut Vec<u8>) -> io::Result<()> {
    loop {
        stream.readable().await?;
        match stream.try_read_buf(heard) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

fn ended(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionReset | UnexpectedEof)
}

fn find(all: &[u8], what: &[u8]) -> Option<usize> {
    all.windows(what.len()).position(|window| window == what)
}

/// What became of a load.
#[derive(Default)]
pub struct Sent {
    /// The numbers of those that were answered with 200.
    pub stored: Vec<u64>,
    /// How long each of those took, and when its answer came, both from the beginning.
    pub took: Vec<(Duration, Duration)>,
    /// How many got another answer, by its status.
    pub refused: BTreeMap<u16, u64>,
    /// How many got none.
    pub unanswered: u64,
    /// How many were sent anew because a kept connection had just ended.
    pub again: u64,
}

/// How much, how fast, from where and for how long.
#[derive(Clone)]
pub struct Load {
    pub to: SocketAddr,
    /// The paths of the channels, which take turns.
    pub paths: Rc<[String]>,
    pub bodies: Rc<Bodies>,
    /// The first number to be sent.
    pub first: u64,
    pub connections: u32,
    /// Connections from each address.
    pub of_each: u32,
    /// So many a second, whatever the answers; as fast as they come if there is none.
    pub rate: Option<f64>,
    pub lasts: Duration,
    /// After one that is not answered the sender goes home.
    pub until_broken: bool,
}

impl Load {
    /// Sends it all. Runs inside a `LocalSet`.
    pub async fn send(self) -> Sent {
        let (sent, next, began) = (Rc::<RefCell<Sent>>::default(), Rc::new(Cell::new(0)), Instant::now());
        let mut senders = JoinSet::new();
        for n in 0..self.connections {
            let from = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 0, 0, 1)) + n / self.of_each);
            senders.spawn_local(self.clone().one(from, Rc::clone(&sent), Rc::clone(&next), began));
        }
        while senders.join_next().await.is_some() {}
        sent.take()
    }

    async fn one(self, from: Ipv4Addr, sent: Rc<RefCell<Sent>>, next: Rc<Cell<u64>>, began: Instant) {
        let mut line = Line::new(from, self.to);
        loop {
            let turn = next.get();
            next.set(turn + 1);
            // Counted from the moment at which it should have been sent, however late we are.
            let due = match self.rate {
                Some(rate) => began + Duration::from_secs_f64(turn as f64 / rate),
                None => Instant::now(),
            };
            if due >= began + self.lasts {
                break;
            }
            if self.rate.is_some() {
                sleep_until(due).await;
            }
            let number = self.first + turn;
            let body = self.bodies.of(number);
            let path = &self.paths[usize::try_from(self.bodies.original(number)).unwrap_or(0) % self.paths.len()];
            let request = format!(
                "POST {path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Veritrans\r\nAccept: application/json\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                self.to,
                body.len()
            );
            let answer = timeout(PATIENCE, line.ask(request.as_bytes())).await;
            let mut sent = sent.borrow_mut();
            match answer {
                Ok(Ok(Answer { status: 200, .. })) => {
                    sent.stored.push(number);
                    sent.took.push((due.elapsed(), began.elapsed()));
                }
                Ok(Ok(Answer { status, .. })) => *sent.refused.entry(status).or_default() += 1,
                Ok(Err(_)) | Err(_) => {
                    line.stream = None;
                    sent.unanswered += 1;
                    if self.until_broken {
                        break;
                    }
                }
            }
        }
        sent.borrow_mut().again += line.again;
    }
}
