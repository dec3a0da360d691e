//! The trainer's door: `/_control/…`, for programs. `docs/simulator.md` describes every address.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq;

use crate::book::mail::{self, Letter};
use crate::book::memory;
use crate::book::transactions::{self, Key};
use crate::chance::Shape;
use crate::clock::Moment;
use crate::desk::{Deed, Denied, Desk};
use crate::faults::Fault;
use crate::gateway::{Gateway, locked};
use crate::notify;
use crate::settings::Manners;
use crate::transaction::{Status, Store, Transaction};

/// How long `GET /_control/idle` waits.
const IDLE_PATIENCE: Duration = Duration::from_secs(30);
const LISTED: u32 = 100_000;

/// The routes of the trainer's door, behind the token.
pub fn routes(gateway: &Arc<Gateway>) -> Router<Arc<Gateway>> {
    let routes = Router::new()
        .route("/health", get(health))
        .route("/transactions", get(list))
        .route("/requests", get(requests))
        .route("/pay", post(pay))
        .route("/reverse", post(reverse))
        .route("/deny", post(deny))
        .route("/cancel", post(cancel))
        .route("/expire", post(expire))
        .route("/faults", get(faults).post(set_faults).delete(clear_faults))
        .route("/notifications", get(history))
        .route("/notify", get(addresses).post(set_addresses))
        .route("/test-notification", post(test_notification))
        .route("/resend", post(resend))
        .route("/release", post(release))
        .route("/forge", post(forge))
        .route("/clock", get(clock).post(advance))
        .route("/idle", get(idle))
        .route("/code-shape", post(code_shape))
        .route("/stores", post(stores))
        .route("/manners", get(manners).post(set_manners))
        .route_layer(from_fn_with_state(Arc::clone(gateway), only_with_token));
    Router::new().nest("/_control", routes)
}

async fn only_with_token(State(gateway): State<Arc<Gateway>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(AUTHORIZATION).map_or(&b""[..], |value| value.as_bytes());
    let expected = format!("Bearer {}", gateway.token);
    if bool::from(given.ct_eq(expected.as_bytes())) {
        next.run(request).await
    } else {
        Problem(StatusCode::UNAUTHORIZED, "The token is missing or wrong.".into()).into_response()
    }
}

/// Why something was not done, as a sentence.
struct Problem(StatusCode, String);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Problem {
        Problem(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Problem {
        let status = match denied {
            Denied::Unknown => StatusCode::NOT_FOUND,
            Denied::Book(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::CONFLICT,
        };
        Problem(status, denied.to_string())
    }
}

type Shared = State<Arc<Gateway>>;
type Reply<T> = Result<Json<T>, Problem>;

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| Problem(StatusCode::BAD_REQUEST, format!("Not understood: {error}.")))
}

async fn health() -> Json<Value> {
    Json(json!({ "simulator": "midtrans" }))
}

/// A transaction as the trainer sees it.
#[derive(Serialize)]
struct View {
    order_id: String,
    transaction_id: String,
    payment_code: String,
    store: Store,
    status: Status,
    /// In whole rupiah, with the fee.
    amount: u64,
    fee: u64,
    transaction_time: String,
    expiry_time: String,
    settlement_time: Option<String>,
    /// How many charge requests came for this order id, whatever became of them.
    charge_requests: u32,
}

impl View {
    fn new(transaction: Transaction, charge_requests: u32) -> View {
        View {
            amount: transaction.gross(),
            fee: transaction.fee,
            transaction_time: transaction.created.wib(),
            expiry_time: transaction.expires.wib(),
            settlement_time: transaction.settled.map(Moment::wib),
            order_id: transaction.order_id,
            transaction_id: transaction.transaction_id,
            payment_code: transaction.payment_code,
            store: transaction.store,
            status: transaction.status,
            charge_requests,
        }
    }
}

async fn list(State(gateway): Shared) -> Reply<Value> {
    let listed = gateway.at_desk_quietly(|desk, now| {
        desk.sweep(now)?;
        let counts = memory::charge_requests(desk.book.read())?;
        let by_order: HashMap<_, _> = counts.iter().cloned().collect();
        let transactions: Vec<View> = transactions::newest(desk.book.read(), LISTED)?
            .into_iter()
            .map(|transaction| {
                let requests = by_order.get(&transaction.order_id).copied().unwrap_or(0);
                View::new(transaction, requests)
            })
            .collect();
        let counts: Map<String, Value> = counts.into_iter().map(|(order_id, count)| (order_id, count.into())).collect();
        Ok::<_, rusqlite::Error>(json!({ "transactions": transactions, "charge_requests": counts }))
    });
    Ok(Json(listed.await?))
}

#[derive(Deserialize)]
struct About {
    order_id: Option<String>,
}

async fn requests(State(gateway): Shared, Query(about): Query<About>) -> Json<Value> {
    let requests = gateway.at_desk_quietly(move |desk, _| {
        let wanted = |request: &&crate::desk::Request| about.order_id.is_none() || request.order_id == about.order_id;
        json!({ "requests": desk.requests().filter(wanted).collect::<Vec<_>>() })
    });
    Json(requests.await)
}

/// Which transaction is meant; one of the three.
#[derive(Deserialize)]
struct Which {
    order_id: Option<String>,
    transaction_id: Option<String>,
    payment_code: Option<String>,
    /// For a payment: what the customer is made to pay on top, in rupiah.
    #[serde(default)]
    fee: u32,
    /// For a payment: also a code that has run out or was cancelled.
    #[serde(default)]
    after_closing: bool,
}

async fn pay(State(gateway): Shared, body: Bytes) -> Reply<View> {
    let which: Which = read(&body)?;
    let deed = Deed::Pay { fee: which.fee.into(), late: which.after_closing };
    happen(&gateway, which, deed).await
}

async fn reverse(State(gateway): Shared, body: Bytes) -> Reply<View> {
    happen(&gateway, read(&body)?, Deed::Reverse).await
}

async fn deny(State(gateway): Shared, body: Bytes) -> Reply<View> {
    happen(&gateway, read(&body)?, Deed::Deny).await
}

async fn cancel(State(gateway): Shared, body: Bytes) -> Reply<View> {
    happen(&gateway, read(&body)?, Deed::Cancel).await
}

async fn expire(State(gateway): Shared, body: Bytes) -> Reply<View> {
    happen(&gateway, read(&body)?, Deed::Expire).await
}

async fn happen(gateway: &Arc<Gateway>, which: Which, deed: Deed) -> Reply<View> {
    let happened = gateway.at_desk(move |desk, now| {
        let key = match (&which.payment_code, &which.order_id, &which.transaction_id) {
            (Some(code), _, _) => Key::PaymentCode(code),
            (_, Some(id), _) | (_, _, Some(id)) => Key::OrderOrTransaction(id),
            _ => return Err(Denied::Unknown),
        };
        let transaction = desk.happen(deed, &key, now)?;
        let requests = memory::charge_requests_for(desk.book.read(), &transaction.order_id)?;
        Ok(View::new(transaction, requests))
    });
    Ok(Json(happened.await?))
}

async fn faults(State(gateway): Shared) -> Json<Value> {
    Json(gateway.at_desk_quietly(|desk, _| json!({ "faults": desk.faults.all() })).await)
}

async fn set_faults(State(gateway): Shared, body: Bytes) -> Reply<Value> {
    let faults: Vec<Fault> = read(&body)?;
    gateway.at_desk_quietly(move |desk, _| desk.faults.replace(faults)).await;
    Ok(Json(json!({})))
}

async fn clear_faults(State(gateway): Shared) -> Json<Value> {
    gateway.at_desk_quietly(|desk, _| desk.faults.replace(Vec::new())).await;
    Json(json!({}))
}

async fn history(State(gateway): Shared, Query(about): Query<About>) -> Reply<Value> {
    let history = gateway.at_desk_quietly(move |desk, _| mail::history(desk.book.read(), about.order_id.as_deref()));
    Ok(Json(json!({ "notifications": history.await? })))
}

#[derive(Serialize, Deserialize)]
struct Addresses {
    urls: Vec<String>,
}

async fn addresses(State(gateway): Shared) -> Json<Addresses> {
    let urls = gateway.at_desk_quietly(|desk, _| desk.settings.notify.clone()).await;
    Json(Addresses { urls })
}

async fn set_addresses(State(gateway): Shared, body: Bytes) -> Reply<Addresses> {
    let Addresses { urls } = read(&body)?;
    let is_web = |url: &String| reqwest::Url::parse(url).is_ok_and(|url| ["http", "https"].contains(&url.scheme()));
    if let Some(odd) = urls.iter().find(|url| !is_web(url)) {
        return Err(Problem(StatusCode::BAD_REQUEST, format!("{odd} is not a web address.")));
    }
    let kept = urls.clone();
    change(&gateway, move |settings| settings.notify = kept).await?;
    Ok(Json(Addresses { urls }))
}

async fn test_notification(State(gateway): Shared) -> Reply<Value> {
    let order_id = gateway.at_desk(|desk, now| {
        let (order_id, body) = notify::test(&desk.server_key, &mut desk.chance);
        let letter = Letter { order_id: &order_id, kind: "test", body: &body };
        desk.send(&letter, &[], now, now).map(|()| order_id)
    });
    Ok(Json(json!({ "order_id": order_id.await? })))
}

#[derive(Deserialize)]
struct Resend {
    order_id: String,
    /// `pending`, `settlement`, …; the newest if left out.
    which: Option<String>,
    #[serde(default)]
    after_seconds: u32,
}

async fn resend(State(gateway): Shared, body: Bytes) -> Reply<Value> {
    let wish: Resend = read(&body)?;
    let sent = gateway.at_desk(move |desk, now| {
        let newest = mail::newest_body(desk.book.read(), &wish.order_id, wish.which.as_deref())?;
        let (kind, body) = newest.ok_or(Denied::Unknown)?;
        let urls = desk.readers(&wish.order_id)?;
        let letter = Letter { order_id: &wish.order_id, kind: &kind, body: &body };
        desk.send(&letter, &urls, now.plus_seconds(wish.after_seconds.into()), now)?;
        Ok::<_, Denied>(())
    });
    sent.await?;
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
struct Release {
    order_id: Option<String>,
    which: Option<String>,
    #[serde(default)]
    newest_first: bool,
}

async fn release(State(gateway): Shared, body: Bytes) -> Reply<Value> {
    let wish: Release = read(&body)?;
    let released = gateway.at_desk(move |desk, now| {
        desk.book.write(|book| {
            let mut held = mail::held(book, wish.order_id.as_deref(), wish.which.as_deref())?;
            if wish.newest_first {
                held.reverse();
            }
            // All of them are due already, each a little later than the one before.
            let first = now.0 - held.len() as i64;
            for (due, delivery) in (first..).zip(&held) {
                mail::release(book, *delivery, Moment(due))?;
            }
            Ok::<_, rusqlite::Error>(held.len())
        })
    });
    Ok(Json(json!({ "released": released.await? })))
}

#[derive(Deserialize)]
struct Forge {
    /// Laid over the order's newest notification, or over nothing.
    #[serde(default)]
    fields: Map<String, Value>,
    order_id: Option<String>,
    #[serde(default)]
    signature: Signature,
    /// Sent instead of any JSON.
    raw: Option<String>,
    #[serde(default)]
    urls: Vec<String>,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Signature {
    /// Made with another key.
    #[default]
    Wrong,
    /// Made with the merchant's own, over the forged fields.
    Right,
    /// Whatever stands there.
    Keep,
    /// Left out.
    None,
}

async fn forge(State(gateway): Shared, body: Bytes) -> Reply<Value> {
    let wish: Forge = read(&body)?;
    let sent = gateway.at_desk(move |desk, now| {
        let order_id = wish.order_id.clone().unwrap_or_default();
        let body = match &wish.raw {
            Some(raw) => raw.clone(),
            None => forged(desk, &wish, &order_id)?,
        };
        let urls = if wish.urls.is_empty() { desk.readers(&order_id)? } else { wish.urls };
        let letter = Letter { order_id: &order_id, kind: "forged", body: &body };
        desk.send(&letter, &urls, now, now)?;
        Ok::<_, rusqlite::Error>(body)
    });
    Ok(Json(json!({ "body": sent.await? })))
}

fn forged(desk: &Desk, wish: &Forge, order_id: &str) -> rusqlite::Result<String> {
    let newest = mail::newest_body(desk.book.read(), order_id, None)?;
    let newest = newest.and_then(|(_, body)| serde_json::from_str(&body).ok());
    let mut body: Map<String, Value> = newest.unwrap_or_default();
    body.extend(wish.fields.clone());
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let sign = |key| notify::sign(text("order_id"), text("status_code"), text("gross_amount"), key);
    let signature = match wish.signature {
        Signature::Wrong => Some(sign("somebody else's key")),
        Signature::Right => Some(sign(&desk.server_key)),
        Signature::Keep | Signature::None => None,
    };
    if let Some(signature) = signature {
        body.insert("signature_key".into(), signature.into());
    }
    if wish.signature == Signature::None {
        body.remove("signature_key");
    }
    Ok(serde_json::to_string_pretty(&body).unwrap_or_default())
}

async fn clock(State(gateway): Shared) -> Json<Value> {
    let now = gateway.clock.now();
    Json(json!({ "now": now.wib(), "unix_ms": now.0, "ahead_ms": gateway.clock.ahead_ms() }))
}

#[derive(Deserialize)]
struct Advance {
    advance_seconds: u32,
}

async fn advance(State(gateway): Shared, body: Bytes) -> Reply<Value> {
    let wish: Advance = read(&body)?;
    gateway.clock.advance(wish.advance_seconds);
    let ahead_ms = gateway.clock.ahead_ms();
    change(&gateway, move |settings| settings.ahead_ms = ahead_ms).await?;
    gateway.at_desk(|desk, now| desk.sweep(now)).await?;
    Ok(clock(State(gateway)).await)
}

/// Answers once no notification is due or under way.
async fn idle(State(gateway): Shared) -> Reply<Value> {
    let calm = async {
        loop {
            let returned = gateway.returned.notified();
            tokio::pin!(returned);
            returned.as_mut().enable();
            let due = gateway.at_desk(|desk, now| mail::due(desk.book.read(), now)).await?;
            if due.is_empty() && locked(&gateway.errands).is_empty() {
                return Ok::<_, rusqlite::Error>(());
            }
            returned.await;
        }
    };
    match tokio::time::timeout(IDLE_PATIENCE, calm).await {
        Ok(calm) => Ok(Json(json!({ "idle": calm.is_ok() }))),
        Err(_) => Ok(Json(json!({ "idle": false }))),
    }
}

#[derive(Deserialize)]
struct CodeShape {
    /// Both, if left out.
    store: Option<Store>,
    shape: Shape,
}

async fn code_shape(State(gateway): Shared, body: Bytes) -> Reply<Value> {
    let CodeShape { store, shape } = read(&body)?;
    change(&gateway, move |settings| {
        if store != Some(Store::Indomaret) {
            settings.shapes.alfamart = shape;
        }
        if store != Some(Store::Alfamart) {
            settings.shapes.indomaret = shape;
        }
    })
    .await?;
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
struct Activation {
    store: Store,
    active: bool,
}

async fn stores(State(gateway): Shared, body: Bytes) -> Reply<Value> {
    let Activation { store, active } = read(&body)?;
    change(&gateway, move |settings| {
        settings.closed.retain(|&closed| closed != store);
        if !active {
            settings.closed.push(store);
        }
    })
    .await?;
    Ok(Json(json!({})))
}

async fn manners(State(gateway): Shared) -> Json<Manners> {
    Json(gateway.at_desk_quietly(|desk, _| desk.settings.manners.clone()).await)
}

async fn set_manners(State(gateway): Shared, body: Bytes) -> Reply<Manners> {
    let manners: Manners = read(&body)?;
    let kept = manners.clone();
    change(&gateway, move |settings| settings.manners = kept).await?;
    Ok(Json(manners))
}

async fn change(
    gateway: &Arc<Gateway>,
    how: impl FnOnce(&mut crate::settings::Settings) + Send + 'static,
) -> rusqlite::Result<()> {
    gateway
        .at_desk(move |desk, _| {
            let mut settings = desk.settings.clone();
            how(&mut settings);
            desk.settle(settings)
        })
        .await
}
