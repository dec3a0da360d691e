//! Somebody who plays a hosted relay, honestly or not.

use std::{
    future::pending,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{any, get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify, time::timeout};

pub const SECRET: &str = "abcdefghijklmnopqrstuvwxyz234567";
pub const CODE: &str = "ABCD-EFGH";

/// How it behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Honest,
    /// It takes a question and never answers, as a connection does that died in its sleep.
    Hangs,
    /// A network that wants a log-in stands before it.
    Portal,
    /// It does not know anybody.
    Forgetful,
    /// It is overloaded.
    Busy,
    /// It stores what comes, and tells nobody.
    Mute,
}

/// Puts into the log whatever it makes of what arrives.
pub type Meddling = Box<dyn FnMut(&[u8], &mut Vec<Vec<u8>>) + Send>;

pub struct Inside {
    pub mood: Mood,
    /// What it passes on, from number 1.
    pub log: Vec<Vec<u8>>,
    /// Up to here it has deleted what it had.
    pub deleted: u64,
    /// A number that it leaves out.
    pub leaves_out: Option<u64>,
    /// What becomes of what arrives: it is handed over with the log.
    pub arriving: Meddling,
    pub tokens: Vec<String>,
    pub acked: Vec<u64>,
    pub refuses_acks: bool,
    /// What it was asked, as `GET /v1/feed`.
    pub asked: Vec<String>,
    pub given: u32,
    /// So many wait for an answer that never comes.
    pub hanging: u32,
}

#[derive(Clone)]
pub struct Pretended {
    inside: Arc<Mutex<Inside>>,
    bell: Arc<Notify>,
    listening: String,
}

impl Pretended {
    pub async fn start() -> Self {
        let inside = Inside {
            mood: Mood::Honest,
            log: Vec::new(),
            deleted: 0,
            leaves_out: None,
            arriving: Box::new(|body, log| log.push(body.to_vec())),
            tokens: Vec::new(),
            acked: Vec::new(),
            refuses_acks: false,
            asked: Vec::new(),
            given: 0,
            hanging: 0,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listening = format!("http://{}", listener.local_addr().unwrap());
        let it = Self { inside: Arc::new(Mutex::new(inside)), bell: Arc::default(), listening };
        let doors = Router::new()
            .route("/n/{secret}", post(arrive))
            .route("/v1/pair", post(pair))
            .route("/v1/feed", get(feed))
            .route("/v1/{*other}", any(other))
            .with_state(it.clone());
        tokio::spawn(async move { axum::serve(listener, doors).await.unwrap() });
        it
    }

    pub fn address(&self) -> String {
        format!("{}/n/{SECRET}", self.listening)
    }

    pub fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    pub fn becomes(&self, mood: Mood) {
        self.inside().mood = mood;
        self.bell.notify_waiters();
    }

    /// Something is passed on that never came from Midtrans.
    pub fn pass_on(&self, body: &[u8]) {
        self.inside().log.push(body.to_vec());
        self.bell.notify_waiters();
    }

    /// So often the feed was asked for.
    pub fn reads(&self) -> usize {
        self.inside().asked.iter().filter(|asked| *asked == "GET /v1/feed").count()
    }
}

async fn arrive(State(it): State<Pretended>, Path(secret): Path<String>, body: Bytes) -> StatusCode {
    if secret != SECRET {
        return StatusCode::NOT_FOUND;
    }
    let inside = &mut *it.inside();
    (inside.arriving)(&body, &mut inside.log);
    it.bell.notify_waiters();
    StatusCode::OK
}

async fn pair(State(it): State<Pretended>, Json(asked): Json<Value>) -> Response {
    let mut inside = it.inside();
    inside.asked.push("POST /v1/pair".into());
    if asked["code"] != CODE || asked["secret"] != SECRET {
        return (StatusCode::FORBIDDEN, Json(json!({ "error": "code_wrong" }))).into_response();
    }
    inside.given += 1;
    let (device, token) = (inside.given, format!("token-{}", inside.given));
    inside.tokens.push(token.clone());
    let after = inside.log.len();
    let told = json!({ "channel": 1, "device": device, "token": token, "after": after });
    (StatusCode::CREATED, Json(told)).into_response()
}

async fn feed(
    State(it): State<Pretended>,
    Query(asked): Query<std::collections::HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    it.inside().asked.push("GET /v1/feed".into());
    let number = |name: &str| asked[name].parse::<u64>().unwrap();
    let (after, wait, limit) = (number("after"), number("wait"), number("limit"));
    if let Some(no) = it.refuses(&headers).await {
        return no;
    }
    let rings = it.bell.notified();
    let nothing = {
        let inside = it.inside();
        inside.mood == Mood::Mute || after == inside.log.len() as u64
    };
    if nothing {
        let _ = timeout(Duration::from_secs(wait), rings).await;
        if let Some(no) = it.refuses(&headers).await {
            return no;
        }
    }
    let inside = it.inside();
    let newest = inside.log.len() as u64;
    let (oldest, newest) = (inside.deleted + 1, if inside.mood == Mood::Mute { after } else { newest });
    if after < inside.deleted || after > newest {
        return (StatusCode::GONE, Json(json!({ "oldest": oldest, "newest": newest }))).into_response();
    }
    let entries: Vec<Value> = (after + 1..=newest)
        .filter(|seq| Some(*seq) != inside.leaves_out)
        .take(limit as usize)
        .map(|seq| {
            let body = STANDARD.encode(&inside.log[seq as usize - 1]);
            json!({ "seq": seq, "received_at": 1_800_000_000_000_i64, "body": body })
        })
        .collect();
    Json(json!({ "entries": entries, "oldest": oldest, "newest": newest })).into_response()
}

async fn other(State(it): State<Pretended>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    it.inside().asked.push(format!("{method} {}", uri.path()));
    if let Some(no) = it.refuses(&headers).await {
        return no;
    }
    let mut inside = it.inside();
    match (method, uri.path()) {
        (Method::POST, "/v1/ack") if inside.refuses_acks => StatusCode::BAD_GATEWAY.into_response(),
        (Method::POST, "/v1/ack") => {
            let told: Value = serde_json::from_slice(&body).unwrap();
            inside.acked.push(told["upto"].as_u64().unwrap());
            StatusCode::NO_CONTENT.into_response()
        }
        (Method::DELETE, path) if path.starts_with("/v1/devices/") => {
            let token = format!("token-{}", path.trim_start_matches("/v1/devices/"));
            inside.tokens.retain(|known| *known != token);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

impl Pretended {
    /// Whoever asks hears no answer of a relay, or that it does not know him.
    async fn refuses(&self, headers: &HeaderMap) -> Option<Response> {
        let (mood, known) = {
            let inside = self.inside();
            let token = headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ").to_owned();
            (inside.mood, inside.tokens.contains(&token))
        };
        match mood {
            Mood::Hangs => {
                self.inside().hanging += 1;
                pending().await
            }
            Mood::Portal if headers.len() % 2 == 0 => Some(Redirect::to("http://127.0.0.1:1/login").into_response()),
            Mood::Portal => Some(Html("<p>Silakan masuk</p>").into_response()),
            Mood::Busy => Some((StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "error": "busy" }))).into_response()),
            Mood::Honest | Mood::Mute if known => None,
            _ => Some((StatusCode::UNAUTHORIZED, Json(json!({ "error": "token_unknown" }))).into_response()),
        }
    }
}
