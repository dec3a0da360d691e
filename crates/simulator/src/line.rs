//! The line itself: connections, and how they may be cut.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::CONTENT_LENGTH;
use axum::response::Response;
use hyper::Request;
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Whoever connects and says nothing is let go after this long.
const HEADER_PATIENCE: Duration = Duration::from_secs(30);
/// Answers that are under way when the simulator stops have this long to finish.
const FAREWELL: Duration = Duration::from_secs(1);

/// Serves until `stop` closes.
pub async fn serve(listener: TcpListener, router: Router, mut stop: watch::Receiver<()>) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Out of descriptors, perhaps: it passes, and a busy loop would not help.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            _ = stop.changed() => break,
        };
        while connections.try_join_next().is_some() {}
        // An answer is small and must not wait for more of it.
        let _ = stream.set_nodelay(true);
        let router = TowerToHyperService::new(router.clone());
        let answer = service_fn(move |request: Request<Incoming>| {
            let answer = router.call(request.map(Body::new));
            async move {
                let Ok::<Response, Infallible>(response) = answer.await;
                if is_hung_up(&response) { Err(HungUp) } else { Ok(response) }
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_PATIENCE)
            // Midtrans does what it was asked even if nobody waits for the answer any more; and who
            // only closes its own half of the line is still answered.
            .half_close(true)
            .serve_connection(TokioIo::new(stream), answer);
        connections.spawn(graceful.watch(connection));
    }
    drop(listener);
    let _ = tokio::time::timeout(2 * FAREWELL, graceful.shutdown()).await;
}

/// Passes when the simulator stops and the time for answers that are under way is over.
pub async fn closing(mut stop: watch::Receiver<()>) {
    let _ = stop.changed().await;
    tokio::time::sleep(FAREWELL).await;
}

/// An answer that is none: the connection is closed instead.
pub fn hang_up() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(HungUp);
    response
}

/// Whether it is that answer.
pub fn is_hung_up(response: &Response) -> bool {
    response.extensions().get::<HungUp>().is_some()
}

/// An answer that promises its whole length and breaks off after so many bytes.
pub async fn cut(response: Response, bytes: usize) -> Response {
    let (mut head, body) = response.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    head.headers.insert(CONTENT_LENGTH, whole.len().into());
    let kept = whole.slice(..bytes.min(whole.len()));
    Response::from_parts(head, Body::new(Cut { kept: Some(kept), flushed: false }))
}

#[derive(Clone, Copy, Debug)]
struct HungUp;

impl std::fmt::Display for HungUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the line was cut as ordered")
    }
}

impl std::error::Error for HungUp {}

struct Cut {
    kept: Option<Bytes>,
    flushed: bool,
}

impl hyper::body::Body for Cut {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(kept) = self.kept.take() {
            return Poll::Ready(Some(Ok(Frame::data(kept))));
        }
        if !self.flushed {
            // One pause, so that what there is goes out before the line breaks.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
    }
}
