//! The line itself: connections, how many, and how long each may take.
//!
//! Bare hyper waits for ever: for a head that never ends, for a body, for somebody who does not
//! read. Everything here has an end.

use std::{
    collections::HashMap,
    convert::Infallible,
    io,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use hyper::{
    Request, Response,
    body::Incoming,
    header::{CONNECTION, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{Instant, Sleep, sleep, sleep_until, timeout},
};

/// How long the relay waits for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For the head of a request, between two requests on one connection, and for a TLS handshake.
    pub head: Duration,
    /// For the body of a request.
    pub body: Duration,
    /// For the ledger and the keyring, before the answer is that it could not be stored.
    pub answer: Duration,
    /// For more requests on one connection.
    pub connection: Duration,
    /// For a request that is under way when its connection or the relay comes to an end, and for
    /// somebody who does not take the answer off our hands.
    pub farewell: Duration,
}

impl Default for Patience {
    /// Midtrans wants its answer within five seconds.
    fn default() -> Self {
        Self {
            head: Duration::from_secs(5),
            body: Duration::from_secs(5),
            answer: Duration::from_secs(4),
            connection: Duration::from_secs(30),
            farewell: Duration::from_secs(10),
        }
    }
}

/// What holds on one line.
#[derive(Clone)]
pub struct Rules {
    /// How long is waited for whom.
    pub patience: Patience,
    /// So many connections at once; further ones wait at the door.
    pub connections: usize,
    /// And so many from each address.
    pub each_address: Option<EachAddress>,
    /// So many headers in a request.
    pub headers: usize,
    /// So long is the head of a request; hyper allows no less than 8 KiB.
    pub head_bytes: usize,
}

/// How much of the line one address may have. Of IPv6 it is the network of 64 bits, for that is
/// what one customer has.
#[derive(Clone)]
pub struct EachAddress {
    /// Connections at once; a further one is closed again without a word.
    pub connections: usize,
    /// Whom this does not concern: a proxy speaks for many.
    pub spared: Arc<dyn Fn(IpAddr) -> bool + Send + Sync>,
}

/// Who answers what comes on the line.
pub trait Answers: Send + Sync + 'static {
    /// Answers one request. Whoever is dropped meanwhile has hung up.
    fn answer(&self, request: Request<Incoming>, caller: &Caller) -> impl Future<Output = Response<String>> + Send;
}

/// What a connection is made into before anything is said on it: TLS, or nothing.
pub trait Greets: Clone + Send + 'static {
    /// The line that is spoken on.
    type Line: AsyncRead + AsyncWrite + Unpin + Send + 'static;
    /// Greets whoever called.
    fn greet(&self, stream: TcpStream) -> impl Future<Output = io::Result<Self::Line>> + Send;
}

/// In the clear, with no greeting.
#[derive(Clone, Copy, Debug)]
pub struct InTheClear;

impl Greets for InTheClear {
    type Line = TcpStream;

    async fn greet(&self, stream: TcpStream) -> io::Result<TcpStream> {
        Ok(stream)
    }
}

/// Whoever is at the other end of a connection.
pub struct Caller {
    address: SocketAddr,
    seats: Arc<Seats>,
    seat: Mutex<Option<Seat>>,
    /// No further request is heard after this.
    until: Mutex<Instant>,
}

impl Caller {
    /// Where they call from; a proxy, if there is one in front of us.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Leaves the seat to others for as long as this caller only waits, so that those who wait and
    /// those who bring something do not take the line from each other.
    pub fn stand_aside(&self) {
        held(&self.seat).take();
    }

    /// Takes a seat again, if one is free. Without one, the answer is the last on this connection.
    pub fn sit_down(&self) -> bool {
        let mut seat = held(&self.seat);
        if seat.is_none() {
            *seat = self.seats.again(self.address.ip());
        }
        seat.is_some()
    }

    /// Keeps the connection open at least so long from now, whatever its age.
    pub fn stay(&self, time: Duration) {
        let mut until = held(&self.until);
        *until = (*until).max(Instant::now() + time);
    }
}

/// Serves until `stop` closes, and returns when every request under way has its answer.
pub async fn serve(
    listener: TcpListener,
    greets: impl Greets,
    answers: Arc<impl Answers>,
    rules: Rules,
    mut stop: watch::Receiver<()>,
) {
    let seats = Arc::new(Seats::new(rules.connections, rules.each_address.clone()));
    let mut connections = JoinSet::new();
    loop {
        let (stream, caller) = tokio::select! {
            accepted = accept(&listener, &seats, &rules.patience) => match accepted {
                Ok(Some(accepted)) => accepted,
                // Too many from there already: it is closed again.
                Ok(None) => continue,
                Err(error) => {
                    // Out of descriptors, perhaps: it passes, and a busy loop would not help.
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            _ = stop.changed() => break,
        };
        while connections.try_join_next().is_some() {}
        connections.spawn(converse(stream, greets.clone(), caller, Arc::clone(&answers), rules.clone(), stop.clone()));
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn accept(
    listener: &TcpListener,
    seats: &Arc<Seats>,
    patience: &Patience,
) -> io::Result<Option<(TcpStream, Arc<Caller>)>> {
    let free = Arc::clone(&seats.free).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, address) = listener.accept().await?;
    let Some(seat) = seats.take(free, address.ip()) else { return Ok(None) };
    // An answer is one small packet, and nobody shall wait for a second one.
    let _ = stream.set_nodelay(true);
    let until = Mutex::new(Instant::now() + patience.connection);
    Ok(Some((stream, Arc::new(Caller { address, seats: Arc::clone(seats), seat: Mutex::new(Some(seat)), until }))))
}

/// One connection, HTTP/1.1 only. A panic ends it without an answer, which Midtrans takes as a
/// reason to try five times more.
async fn converse(
    stream: TcpStream,
    greets: impl Greets,
    caller: Arc<Caller>,
    answers: Arc<impl Answers>,
    Rules { patience, headers, head_bytes, .. }: Rules,
    mut stop: watch::Receiver<()>,
) {
    let greeted = tokio::select! {
        greeted = timeout(patience.head, greets.greet(stream)) => greeted,
        _ = stop.changed() => return,
    };
    let Ok(Ok(line)) = greeted else { return };
    let service = service_fn({
        let caller = Arc::clone(&caller);
        move |request: Request<Incoming>| {
            let (answers, caller) = (Arc::clone(&answers), Arc::clone(&caller));
            async move {
                let mut response = answers.answer(request, &caller).await;
                if !caller.sit_down() {
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, Infallible>(response)
            }
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.head)
        .max_headers(headers)
        .max_buf_size(head_bytes)
        .serve_connection(TokioIo::new(Impatient::new(line, patience.farewell)), service);
    let mut connection = pin!(connection);
    loop {
        let until = *held(&caller.until);
        tokio::select! {
            _ = connection.as_mut() => return,
            // Somebody may have been asked to stay meanwhile.
            () = sleep_until(until) => if *held(&caller.until) <= until { break },
            _ = stop.changed() => break,
        }
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(patience.farewell, connection).await;
}

/// The seats of a line: how many are left, and how many each address has.
struct Seats {
    free: Arc<Semaphore>,
    each: Option<EachAddress>,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// A seat; it is free again when this is dropped.
struct Seat {
    _free: OwnedSemaphorePermit,
    of: Option<(Arc<Seats>, IpAddr)>,
}

impl Seats {
    fn new(connections: usize, each: Option<EachAddress>) -> Self {
        Self { free: Arc::new(Semaphore::new(connections)), each, taken: Mutex::default() }
    }

    /// Nothing if this address has its share.
    fn take(self: &Arc<Self>, free: OwnedSemaphorePermit, address: IpAddr) -> Option<Seat> {
        let address = neighbourhood(address);
        let Some(each) = self.each.as_ref().filter(|each| !(each.spared)(address)) else {
            return Some(Seat { _free: free, of: None });
        };
        let mut taken = held(&self.taken);
        let count = taken.entry(address).or_default();
        if *count >= each.connections {
            return None;
        }
        *count += 1;
        Some(Seat { _free: free, of: Some((Arc::clone(self), address)) })
    }

    fn again(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let free = Arc::clone(&self.free).try_acquire_owned().ok()?;
        self.take(free, address)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((seats, address)) = &self.of else { return };
        let mut taken = held(&seats.taken);
        if let Some(count) = taken.get_mut(address) {
            *count -= 1;
            if *count == 0 {
                taken.remove(address);
            }
        }
    }
}

/// All addresses that one customer has.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

/// A line on which whoever takes nothing off our hands is let go.
struct Impatient<L> {
    line: L,
    patience: Duration,
    stuck: Option<Pin<Box<Sleep>>>,
}

impl<L> Impatient<L> {
    fn new(line: L, patience: Duration) -> Self {
        Self { line, patience, stuck: None }
    }

    fn watch<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stuck = None;
            return written;
        }
        let patience = self.patience;
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(sleep(patience)));
        match stuck.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<L: AsyncRead + Unpin> AsyncRead for Impatient<L> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_read(context, into)
    }
}

impl<L: AsyncWrite + Unpin> AsyncWrite for Impatient<L> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.line).poll_write(context, bytes);
        self.watch(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.line).poll_write_vectored(context, slices);
        self.watch(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.line.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.line).poll_flush(context);
        self.watch(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.line).poll_shutdown(context);
        self.watch(context, shut)
    }
}

/// What is counted here is whole after every statement, so a panic elsewhere spoils nothing.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
