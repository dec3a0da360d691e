//! The line itself: connections, how many, and how long each may take.

use std::{convert::Infallible, io, pin::pin, sync::Arc, time::Duration};

use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::letterbox::Letterbox;

/// How long the relay waits for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For the head of a request, and between two requests on one connection.
    pub head: Duration,
    /// For the body of a request.
    pub body: Duration,
    /// For the ledger and the keyring, before the answer is that it could not be stored.
    pub answer: Duration,
    /// For more requests on one connection.
    pub connection: Duration,
    /// For a request that is under way when its connection or the relay comes to an end.
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

/// So many at once; further ones wait at the door. A shop has a handful a minute.
const CONNECTIONS: usize = 256;
const HEADERS: usize = 32;
const HEAD_BYTES: usize = 16 * 1024;

/// Serves until `stop` closes, and returns when every request under way has its answer.
pub(crate) async fn serve(
    listener: TcpListener,
    letterbox: Arc<Letterbox>,
    patience: Patience,
    mut stop: watch::Receiver<()>,
) {
    let seats = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let (stream, seat) = tokio::select! {
            accepted = accept(&listener, &seats) => match accepted {
                Ok(accepted) => accepted,
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
        let conversation = converse(stream, Arc::clone(&letterbox), patience.clone(), stop.clone());
        connections.spawn(async move {
            conversation.await;
            drop(seat);
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn accept(listener: &TcpListener, seats: &Arc<Semaphore>) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let seat = Arc::clone(seats).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, seat))
}

/// One connection, HTTP/1.1 only. A panic ends it without an answer, which Midtrans takes as a
/// reason to try five times more.
async fn converse(stream: TcpStream, letterbox: Arc<Letterbox>, patience: Patience, mut stop: watch::Receiver<()>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let letterbox = Arc::clone(&letterbox);
        async move { Ok::<_, Infallible>(letterbox.answer(request).await.response()) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.head)
        .max_headers(HEADERS)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = sleep(patience.connection) => {}
        _ = stop.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(patience.farewell, connection).await;
}
