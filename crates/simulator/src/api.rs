//! The merchant's door: `/v2/…`, as Midtrans has it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use axum::routing::any;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq;

use crate::answers::{self, Answer};
use crate::book::memory;
use crate::charge;
use crate::desk::{self, Action, Addresses};
use crate::faults::{Target, Trouble};
use crate::gateway::{Gateway, locked};
use crate::line;
use crate::settings::Manners;

/// A charge is a few hundred bytes; this is generous.
const BODY_LIMIT: usize = 1 << 20;
/// As much of a body is kept in the list of requests.
const NOTED: usize = 16 << 10;
/// The documentation says 46, the Go client 36; longer keys are ignored.
const IDEMPOTENCY_KEY_LIMIT: usize = 46;
/// The documentation says 3 here and 2 there.
const ADDRESS_LIMIT: usize = 3;

/// The routes of the merchant's door.
pub fn routes() -> Router<Arc<Gateway>> {
    Router::new().route("/v2/{*path}", any(enter))
}

/// What a merchant asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Call {
    Charge,
    Status(String),
    Act(Action, String),
    Capture,
    WrongMethod,
    NoSuchAddress,
}

impl Call {
    fn read(method: &Method, path: &str) -> Call {
        let parts: Vec<&str> = path.split('/').collect();
        let (expected, call) = match parts[..] {
            ["charge"] => (Method::POST, Call::Charge),
            ["capture"] => (Method::POST, Call::Capture),
            [id, "status"] => (Method::GET, Call::Status(id.to_owned())),
            [id, "status", "b2b"] => (Method::GET, Call::Act(Action::NotForStores, id.to_owned())),
            [id, "cancel"] => (Method::POST, Call::Act(Action::Cancel, id.to_owned())),
            [id, "expire"] => (Method::POST, Call::Act(Action::Expire, id.to_owned())),
            [id, "approve" | "deny" | "refund"] | [id, "refund", "online", "direct"] => {
                (Method::POST, Call::Act(Action::NotForStores, id.to_owned()))
            }
            _ => return Call::NoSuchAddress,
        };
        if *method == expected { call } else { Call::WrongMethod }
    }

    fn target(&self) -> Target {
        match self {
            Call::Charge => Target::Charge,
            Call::Status(_) => Target::Status,
            Call::Act(Action::Cancel, _) => Target::Cancel,
            Call::Act(Action::Expire, _) => Target::Expire,
            _ => Target::Any,
        }
    }

    fn order_id(&self, body: &[u8]) -> Option<String> {
        match self {
            Call::Charge => charge::order_id_of(body),
            Call::Status(id) | Call::Act(_, id) => Some(id.clone()),
            _ => None,
        }
    }
}

async fn enter(
    State(gateway): State<Arc<Gateway>>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let call = match &path {
        Ok(Path(path)) => Call::read(&head.method, path),
        Err(_) => Call::NoSuchAddress,
    };
    // A body that is too long or breaks off is as good as malformed.
    let body = to_bytes(body, BODY_LIMIT).await.unwrap_or_else(|_| Bytes::from_static(b"{"));
    let closing = line::closing(gateway.stopped.clone());
    let mut answer = tokio::select! {
        answer = visit(&gateway, call, head, body) => answer,
        () = closing => line::hang_up(),
    };
    // Its clock and the times in its answers are one.
    if let Ok(date) = HeaderValue::try_from(gateway.clock.now().http_date()) {
        answer.headers_mut().insert(DATE, date);
    }
    answer
}

async fn visit(gateway: &Arc<Gateway>, call: Call, head: Parts, body: Bytes) -> Response {
    let knows_key = knows_key(&head.headers, &gateway.server_key);
    let request = desk::Request {
        number: gateway.requests.fetch_add(1, Ordering::Relaxed),
        at: gateway.clock.now().wib(),
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        order_id: call.order_id(&body),
        idempotency_key: header(&head.headers, "idempotency-key").map(str::to_owned),
        body: String::from_utf8_lossy(&body[..body.len().min(NOTED)]).into_owned(),
        answered: false,
        http: None,
    };
    let number = request.number;
    let target = knows_key.then_some(call.target());
    let received = gateway.at_desk_quietly(move |desk, _| desk.receive(request, target)).await;
    let response = match received {
        Ok(_) if !knows_key => respond(simple(gateway, answers::unauthorized).await),
        Ok(troubles) => serve(gateway, &call, &head.headers, body, troubles).await,
        Err(error) => broken(&error),
    };
    let http = (!line::is_hung_up(&response)).then(|| response.status().as_u16());
    gateway.at_desk_quietly(move |desk, _| desk.answered(number, http)).await;
    response
}

/// Does what was asked, with whatever trouble has been ordered.
async fn serve(
    gateway: &Arc<Gateway>,
    call: &Call,
    headers: &HeaderMap,
    body: Bytes,
    troubles: Vec<Trouble>,
) -> Response {
    let key = idempotency_key(headers).filter(|_| !matches!(call, Call::Status(_)));
    let Some(_progress) = InProgress::begin(gateway, key.clone()) else {
        return respond(answers::in_progress());
    };
    let mut lag = 0;
    for trouble in &troubles {
        match trouble {
            Trouble::Delay { ms, before: true } => wait(*ms).await,
            Trouble::Lag { seconds } => lag = *seconds,
            _ => {}
        }
    }
    if let Some(response) = instead_of_acting(gateway, &troubles).await {
        return response;
    }
    let answer = match act(gateway, call, headers, body, key, lag).await {
        Ok(answer) => answer,
        Err(error) => return broken(&error),
    };
    for trouble in &troubles {
        if let Trouble::Delay { ms, before: false } = trouble {
            wait(*ms).await;
        }
    }
    instead_of_answering(gateway, &troubles, answer).await
}

/// The troubles in which nothing happens at Midtrans.
async fn instead_of_acting(gateway: &Arc<Gateway>, troubles: &[Trouble]) -> Option<Response> {
    for trouble in troubles {
        match trouble {
            Trouble::DropBefore => return Some(line::hang_up()),
            Trouble::Html { create: false, .. }
            | Trouble::Error { create: false, .. }
            | Trouble::Unexpected { create: false } => return spoiled(gateway, trouble).await,
            _ => {}
        }
    }
    None
}

/// The troubles in which it happens, and the merchant does not hear of it, or not clearly.
async fn instead_of_answering(gateway: &Arc<Gateway>, troubles: &[Trouble], answer: Answer) -> Response {
    for trouble in troubles {
        match trouble {
            Trouble::DropAfter => return line::hang_up(),
            Trouble::CutBody { bytes } => return line::cut(respond(answer), *bytes).await,
            _ => {}
        }
        if let Some(response) = spoiled(gateway, trouble).await {
            return response;
        }
    }
    respond(answer)
}

async fn spoiled(gateway: &Arc<Gateway>, trouble: &Trouble) -> Option<Response> {
    Some(match trouble {
        Trouble::Html { status, .. } => {
            let page = format!(
                "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
            );
            reply(*status, "text/html", page)
        }
        Trouble::Error { status, http, .. } => {
            let status = *status;
            let trouble = gateway.at_desk_quietly(move |desk, _| answers::trouble(status, desk.chance.uuid())).await;
            let http = http.unwrap_or(trouble.http);
            respond(Answer { http, ..trouble })
        }
        Trouble::Unexpected { .. } => respond(answers::unexpected()),
        Trouble::Wrong { body } => reply(200, "application/json", body.clone()),
        _ => return None,
    })
}

async fn act(
    gateway: &Arc<Gateway>,
    call: &Call,
    headers: &HeaderMap,
    body: Bytes,
    key: Option<String>,
    lag_seconds: u32,
) -> rusqlite::Result<Answer> {
    if !accepts_json(headers) {
        return Ok(simple(gateway, answers::not_acceptable).await);
    }
    match call {
        Call::Charge | Call::Act(..) => {}
        Call::Status(id) => {
            let id = id.clone();
            return gateway.at_desk(move |desk, now| desk.look_up(&id, now)).await;
        }
        Call::Capture => {
            let id = captured(&body);
            let capture = move |desk: &mut desk::Desk, now| desk.act(Action::NotForStores, &id, now);
            return gateway.at_desk(capture).await;
        }
        Call::WrongMethod => return Ok(simple(gateway, answers::wrong_method).await),
        Call::NoSuchAddress => return Ok(simple(gateway, answers::no_such_address).await),
    }
    let call = call.clone();
    let addresses = Addresses {
        instead: addresses(headers, "x-override-notification"),
        besides: addresses(headers, "x-append-notification"),
    };
    gateway
        .at_desk(move |desk, now| {
            if let Some(key) = &key
                && let Some(answer) = memory::recall(desk.book.read(), key, now)?
            {
                return Ok(answer);
            }
            let answer = match &call {
                Call::Act(action, id) => desk.act(*action, id, now)?,
                _ => desk.charge(&body, addresses, lag_seconds, now)?,
            };
            if let Some(key) = &key
                && answer.is_success()
                && !answer.is_about_indomaret()
            {
                desk.book.write(|book| memory::remember(book, key, &answer, now))?;
            }
            Ok(answer)
        })
        .await
}

async fn simple(gateway: &Arc<Gateway>, answer: fn(String, &Manners) -> Answer) -> Answer {
    gateway.at_desk_quietly(move |desk, _| answer(desk.chance.uuid(), &desk.settings.manners)).await
}

/// An `Idempotency-Key` is being worked on for as long as this lives.
struct InProgress {
    gateway: Arc<Gateway>,
    key: Option<String>,
}

impl InProgress {
    fn begin(gateway: &Arc<Gateway>, key: Option<String>) -> Option<InProgress> {
        if let Some(key) = &key
            && !locked(&gateway.in_progress).insert(key.clone())
        {
            return None;
        }
        Some(InProgress { gateway: Arc::clone(gateway), key })
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            locked(&self.gateway.in_progress).remove(key);
        }
    }
}

/// `Authorization: Basic base64(key + ":")`.
fn knows_key(headers: &HeaderMap, server_key: &str) -> bool {
    let given = header(headers, AUTHORIZATION.as_str())
        .and_then(|given| given.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| STANDARD.decode(encoded.trim()).ok())
        .unwrap_or_default();
    given.ct_eq(format!("{server_key}:").as_bytes()).into()
}

fn accepts_json(headers: &HeaderMap) -> bool {
    let Some(accepted) = header(headers, ACCEPT.as_str()) else { return true };
    accepted.split(',').any(|range| {
        let kind = range.split(';').next().unwrap_or_default().trim();
        ["application/json", "application/*", "*/*"].contains(&kind)
    })
}

fn addresses(headers: &HeaderMap, name: &str) -> Vec<String> {
    let given = header(headers, name).unwrap_or_default();
    let urls = given.split(',').map(str::trim).filter(|url| !url.is_empty());
    urls.take(ADDRESS_LIMIT).map(str::to_owned).collect()
}

fn idempotency_key(headers: &HeaderMap) -> Option<String> {
    let key = header(headers, "idempotency-key")?;
    let counts = !key.is_empty() && key.len() <= IDEMPOTENCY_KEY_LIMIT;
    counts.then(|| key.to_owned())
}

fn captured(body: &[u8]) -> String {
    let request: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    request["transaction_id"].as_str().unwrap_or_default().to_owned()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

async fn wait(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

fn respond(answer: Answer) -> Response {
    reply(answer.http, "application/json", answer.body)
}

fn reply(http: u16, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(http).unwrap_or(StatusCode::OK);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn broken(error: &rusqlite::Error) -> Response {
    tracing::error!(%error, "the simulator cannot use its book");
    respond(answers::trouble(500, String::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_address_is_known_and_others_are_not() {
        let post = |path| Call::read(&Method::POST, path);
        assert_eq!(post("charge"), Call::Charge);
        assert_eq!(post("a-1/cancel"), Call::Act(Action::Cancel, "a-1".into()));
        assert_eq!(post("a/refund/online/direct"), Call::Act(Action::NotForStores, "a".into()));
        assert_eq!(post("a/status"), Call::WrongMethod);
        assert_eq!(post("a/b/c"), Call::NoSuchAddress);
        assert_eq!(Call::read(&Method::GET, "a/status"), Call::Status("a".into()));
        assert_eq!(Call::read(&Method::GET, "charge"), Call::WrongMethod);
    }
}
