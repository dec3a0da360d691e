//! The line itself: connections, how many, and how long each may take.
//!
//! Bare hyper waits for ever: for a head that never ends, for a body, for somebody who does not
//! read. Everything here has an end.

use std::{
    convert::Infallible,
    future::poll_fn,
    io,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use hyper::{
    Request, Response,
    body::{Body, Incoming},
    header::{CONNECTION, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
    task::JoinSet,
    time::{Instant, Sleep, sleep, sleep_until, timeout},
};

use crate::seats::{Seat, Seats, Shares, held};

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
    /// So many connections at once.
    pub connections: usize,
    /// Where all are taken: whether whoever has said nothing for longest is shown out for the next
    /// one. Otherwise the next one waits at the door.
    pub show_out: bool,
    /// How much of the line one address may have.
    pub each_address: Option<EachAddress>,
    /// So many headers in a request.
    pub headers: usize,
    /// So long is the head of a request; hyper allows no less than 8 KiB.
    pub head_bytes: usize,
}

/// How much of the line one address may have.
#[derive(Clone)]
pub struct EachAddress {
    /// Connections at once. For a further one, whoever has said nothing for longest from there is
    /// shown out; if all of them are being answered, it is closed again without a word.
    pub shares: Arc<Shares<IpAddr>>,
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
    shown_out: Arc<Notify>,
    /// A request was heard whose answer is not sent yet.
    busy: AtomicBool,
    /// There is an answer, on its way or not yet.
    ready: AtomicBool,
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

    /// Keeps the connection open at least so long from now, whatever its age.
    pub fn stay(&self, time: Duration) {
        let mut until = held(&self.until);
        *until = (*until).max(Instant::now() + time);
    }

    /// A request was heard whole; nobody is shown out while it is answered.
    fn heard(&self) {
        self.busy.store(true, Ordering::Relaxed);
        if let Some(seat) = &*held(&self.seat) {
            seat.heard();
        }
    }

    /// There is an answer. Whether another request may follow: there has to be a seat for it, and time.
    fn answered(&self) -> bool {
        self.ready.store(true, Ordering::Relaxed);
        let mut seat = held(&self.seat);
        if seat.is_none() {
            *seat = self.seats.again(self.address.ip(), Arc::clone(&self.shown_out));
        }
        seat.is_some() && Instant::now() < *held(&self.until)
    }

    /// Everything that was to be sent is on its way.
    fn sent(&self) {
        // Before there is an answer, only the leave to go on was sent.
        if self.ready.swap(false, Ordering::Relaxed) {
            self.busy.store(false, Ordering::Relaxed);
            if let Some(seat) = &*held(&self.seat) {
                seat.silent();
            }
        }
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
    let seats = Seats::new(rules.connections, rules.show_out, rules.each_address.clone());
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
    seats.one_free().await;
    let (stream, address) = listener.accept().await?;
    let shown_out = Arc::new(Notify::new());
    let Some(seat) = seats.take(address.ip(), Arc::clone(&shown_out)).await else { return Ok(None) };
    // An answer is one small packet, and nobody shall wait for a second one.
    let _ = stream.set_nodelay(true);
    let until = Mutex::new(Instant::now() + patience.connection);
    let seat = Mutex::new(Some(seat));
    Ok(Some((
        stream,
        Arc::new(Caller {
            address,
            seats: Arc::clone(seats),
            seat,
            shown_out,
            busy: AtomicBool::new(false),
            ready: AtomicBool::new(false),
            until,
        }),
    )))
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
        () = caller.shown_out.notified() => return,
        _ = stop.changed() => return,
    };
    let Ok(Ok(line)) = greeted else { return };
    let service = service_fn({
        let caller = Arc::clone(&caller);
        move |request: Request<Incoming>| {
            let (answers, caller) = (Arc::clone(&answers), Arc::clone(&caller));
            async move {
                caller.heard();
                let mut response = answers.answer(request, &caller).await;
                if !caller.answered() {
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
        .serve_connection(TokioIo::new(Impatient::new(line, patience.farewell, Arc::clone(&caller))), service);
    let mut connection = pin!(connection);
    loop {
        let until = *held(&caller.until);
        tokio::select! {
            _ = connection.as_mut() => return,
            // Unless they have just begun to say something.
            () = caller.shown_out.notified() => if caller.busy.load(Ordering::Relaxed) { break } else { return },
            // Whoever still talks then hears with their next answer that it was the last one, so that
            // nobody is cut off who has just begun to ask. Somebody may have been asked to stay meanwhile.
            () = sleep_until(until + patience.head) => if *held(&caller.until) <= until { break },
            _ = stop.changed() => break,
        }
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(patience.farewell, connection).await;
}

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoBody {
    /// It is longer than any notification.
    TooLong,
    /// It did not arrive in time.
    TooSlow,
    /// It ended before its end.
    Broken,
}

/// The longest body that is taken; Midtrans' own are about one KiB.
const LONGEST: u64 = 64 * 1024;
/// A longer one is read up to here and forgotten, so that its sender hears the answer.
const HEARD_OUT: u64 = 16 * LONGEST;

/// Reads a body to its end. Half a body is not a short one: it is an error.
pub async fn body(body: Incoming, patience: &Patience) -> Result<Vec<u8>, NoBody> {
    timeout(patience.body, read(body)).await.unwrap_or(Err(NoBody::TooSlow))
}

async fn read(mut body: Incoming) -> Result<Vec<u8>, NoBody> {
    if body.size_hint().lower() > HEARD_OUT {
        return Err(NoBody::TooLong);
    }
    let mut whole = Vec::new();
    let mut length = 0;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(data) = frame.map_err(|_| NoBody::Broken)?.into_data() else { continue };
        length += data.len() as u64;
        if length > HEARD_OUT {
            return Err(NoBody::TooLong);
        }
        if length <= LONGEST {
            whole.extend_from_slice(&data);
        }
    }
    if length > LONGEST { Err(NoBody::TooLong) } else { Ok(whole) }
}

/// All addresses that one customer has: of IPv6 a network of 64 bits.
pub fn neighbourhood(address: IpAddr) -> IpAddr {
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
    caller: Arc<Caller>,
    /// Something was written since it was flushed.
    written: bool,
}

impl<L> Impatient<L> {
    fn new(line: L, patience: Duration, caller: Arc<Caller>) -> Self {
        Self { line, patience, stuck: None, caller, written: false }
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
        self.written = true;
        self.watch(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.line).poll_write_vectored(context, slices);
        self.written = true;
        self.watch(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.line.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.line).poll_flush(context);
        if self.written && matches!(flushed, Poll::Ready(Ok(()))) {
            self.written = false;
            self.caller.sent();
        }
        self.watch(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.line).poll_shutdown(context);
        self.watch(context, shut)
    }
}
