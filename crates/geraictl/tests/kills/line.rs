//! The line between our programs and Midtrans. It holds conversations at chosen points, so that a
//! program can be killed exactly there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// Where in a conversation the line stops.
#[derive(Clone, Copy, Debug)]
pub enum Point {
    /// This share of the request has gone on to Midtrans; with nothing of it, Midtrans does not even
    /// know that somebody is calling.
    Asking(f64),
    /// Midtrans has done what it was asked and has answered. This share of the answer went back.
    Answering(f64),
    /// The program has read the whole answer.
    Heard,
}

/// A line that passes everything on, unless it is told to stop somewhere.
pub struct Line {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    midtrans: String,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Which calls stop, by the last word of their path, and where.
    stop: Option<(&'static str, Point)>,
    /// Whoever was held in an earlier round is not held any more.
    round: u64,
    /// Whoever was held goes on, or its line is cut.
    goes_on: bool,
    /// The orders whose conversations are held.
    held: Vec<String>,
    /// How many lines are open.
    open: usize,
    /// Every body that was sent as a charge, by its order.
    charges: BTreeMap<String, BTreeSet<String>>,
}

/// Long enough for anything on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the line itself says to find out whether it has taken every call before this one.
const HALLO: &[u8] = b"HALLO\r\n\r\n";

impl Line {
    /// A line to the Midtrans that listens there.
    pub fn to(midtrans: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            midtrans: midtrans.trim_start_matches("http://").to_owned(),
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for caller in listener.incoming().map_while(Result::ok) {
                serving.state().open += 1;
                let shared = Arc::clone(&serving);
                thread::spawn(move || {
                    // A line that breaks is what this is about.
                    let _ = shared.converse(caller);
                    shared.state().open -= 1;
                    shared.changed.notify_all();
                });
            }
        });
        Self { address, shared }
    }

    /// Where our programs call.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on the calls whose path ends in this word stop there.
    pub fn stop(&self, call: &'static str, at: Point) {
        let mut state = self.shared.state();
        state.stop = Some((call, at));
        state.held.clear();
    }

    /// Waits until so many are held, and says whose they are.
    pub fn wait_for(&self, many: usize) -> Vec<String> {
        self.shared.wait("are held", |state| (state.held.len() >= many).then(|| state.held.clone()))
    }

    /// Whoever is held goes on, and stops further along.
    pub fn go_on(&self, call: &'static str, at: Point) {
        self.shared.next_round(true, Some((call, at)));
    }

    /// Whoever is held is cut off; from now on everything passes.
    pub fn cut(&self) {
        self.shared.next_round(false, None);
    }

    /// Waits until every conversation has come to its end at Midtrans too.
    pub fn quiet(&self) {
        // Calls are taken one after the other, so once this one is answered none is waiting.
        let mut hallo = TcpStream::connect(self.address).unwrap();
        hallo.write_all(HALLO).unwrap();
        hallo.read_to_end(&mut Vec::new()).unwrap();
        self.shared.wait("have ended", |state| (state.open == 0).then_some(()));
    }

    /// Every body that anybody sent as the charge of an order, whether or not it arrived.
    pub fn charges(&self) -> BTreeMap<String, BTreeSet<String>> {
        self.shared.state().charges.clone()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn next_round(&self, goes_on: bool, stop: Option<(&'static str, Point)>) {
        let mut state = self.state();
        state.round += 1;
        state.goes_on = goes_on;
        state.stop = stop;
        state.held.clear();
        self.changed.notify_all();
    }

    fn wait<T>(&self, what: &str, mut come: impl FnMut(&mut State) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.state();
        loop {
            if let Some(come) = come(&mut state) {
                return come;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "the conversations never {what}: {} open, {:?} held", state.open, state.held);
            state = self.changed.wait_timeout(state, left).unwrap().0;
        }
    }

    /// One caller, one request after the other.
    fn converse(&self, mut caller: TcpStream) -> io::Result<()> {
        loop {
            let request = Message::read(&mut caller)?;
            if request.bytes == HALLO {
                return Ok(());
            }
            let order = request.order();
            if request.path().ends_with("/charge") {
                let body = String::from_utf8_lossy(request.body()).into_owned();
                self.state().charges.entry(order.clone()).or_default().insert(body);
            }
            let mut sent = 0;
            if let Some(share) =
                self.stops(&request, |at| if let Point::Asking(share) = at { Some(share) } else { None })
            {
                sent = part(&request.bytes, share);
                let begun = (sent > 0).then(|| self.call(&request.bytes[..sent])).transpose()?;
                self.hold(&order)?;
                // Only who has not called Midtrans yet goes on from here.
                assert!(begun.is_none(), "a request that has begun is cut");
            }
            let mut midtrans = self.call(&request.bytes[sent..])?;
            let answer = Message::read(&mut midtrans)?;
            let share = self.stops(&request, |at| if let Point::Answering(share) = at { Some(share) } else { None });
            if let Some(share) = share {
                caller.write_all(&answer.bytes[..part(&answer.bytes, share)])?;
                self.hold(&order)?;
                return Ok(());
            }
            caller.write_all(&answer.bytes)?;
            if self.stops(&request, |at| matches!(at, Point::Heard).then_some(())).is_some() {
                until_read(&caller);
                self.hold(&order)?;
            }
        }
    }

    fn call(&self, bytes: &[u8]) -> io::Result<TcpStream> {
        let mut midtrans = TcpStream::connect(&self.midtrans)?;
        midtrans.set_nodelay(true)?;
        midtrans.write_all(bytes)?;
        Ok(midtrans)
    }

    /// Whether this request is to stop at such a point.
    fn stops<T>(&self, request: &Message, at: impl Fn(Point) -> Option<T>) -> Option<T> {
        let (call, point) = self.state().stop?;
        request.path().ends_with(call).then(|| at(point)).flatten()
    }

    /// Stands still until somebody says how it goes on.
    fn hold(&self, order: &str) -> io::Result<()> {
        let mut state = self.state();
        let round = state.round;
        state.held.push(order.to_owned());
        self.changed.notify_all();
        while state.round == round {
            state = self.changed.wait(state).unwrap();
        }
        if state.goes_on { Ok(()) } else { Err(io::ErrorKind::ConnectionAborted.into()) }
    }
}

/// So much of a message that something of it is missing.
fn part(bytes: &[u8], share: f64) -> usize {
    ((bytes.len() as f64 * share) as usize).min(bytes.len() - 1)
}

/// A request or an answer, whole.
struct Message {
    bytes: Vec<u8>,
    head: usize,
}

impl Message {
    fn read(from: &mut TcpStream) -> io::Result<Self> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            if let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4) {
                let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
                let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
                if bytes.len() >= head + length.unwrap_or(0) {
                    return Ok(Self { bytes, head });
                }
            }
            match from.read(&mut buffer)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                many => bytes.extend_from_slice(&buffer[..many]),
            }
        }
    }

    fn body(&self) -> &[u8] {
        &self.bytes[self.head..]
    }

    fn path(&self) -> &str {
        let first = self.bytes.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        std::str::from_utf8(first).unwrap_or_default()
    }

    /// The order it is about.
    fn order(&self) -> String {
        let body: Value = serde_json::from_slice(self.body()).unwrap_or_default();
        let named = body["transaction_details"]["order_id"].as_str().or(self.path().split('/').nth(2));
        named.unwrap_or_default().to_owned()
    }
}

/// Waits until whoever is at the other end, on this machine, has read everything that was written.
pub fn until_read(line: &TcpStream) {
    let (here, there) = (line.local_addr().unwrap().port(), line.peer_addr().unwrap().port());
    // What lies in a socket, unsent and unread, as Linux tells it.
    let waiting = |from: u16, to: u16| {
        let ends = format!("0100007F:{from:04X} 0100007F:{to:04X} ");
        let table = fs::read_to_string("/proc/net/tcp").unwrap();
        table.lines().find_map(|row| Some(row.split_once(&ends)?.1.split(' ').nth(1)?.to_owned()))
    };
    stage::until("the other end has read it", || {
        let unsent = waiting(here, there).is_none_or(|both| both.starts_with("00000000:"));
        let unread = waiting(there, here).is_none_or(|both| both.ends_with(":00000000"));
        unsent && unread
    });
}

/// A number that rings and that nobody answers: whoever calls it never gets to say anything.
pub struct Deaf {
    listener: TcpListener,
    // They fill the queue of those who wait to be let in.
    _queue: Vec<TcpStream>,
}

impl Deaf {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        rustix::net::listen(&listener, 0).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queue = Vec::new();
        while let Ok(waiting) = TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
            queue.push(waiting);
            assert!(queue.len() < 8, "this system lets everybody in");
        }
        Self { listener, _queue: queue }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().unwrap())
    }
}
