//! A simulator to talk to, and somebody who receives its notifications.

#![allow(dead_code, reason = "each test file uses its own share of this")]

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, Method, Uri};
use axum::response::Response;
use reqwest::Client;
use serde_json::{Value, json};
use sha2::{Digest, Sha512};
use simulator::{Config, Running, Simulator};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

pub const KEY: &str = "SB-Mid-server-abc123cde456";

/// A running simulator, and the two who talk to it: a merchant and a trainer.
pub struct House {
    pub running: Option<Running>,
    pub url: String,
    pub token: String,
    pub client: Client,
}

impl House {
    pub async fn open() -> House {
        House::with(Config::new(KEY)).await
    }

    pub async fn with(config: Config) -> House {
        let running = Simulator::start(config).await.unwrap();
        let (url, token) = (running.url(), running.token.clone());
        House { running: Some(running), ..House::at(url, token) }
    }

    pub async fn notifying(reader: &Reader) -> House {
        House::with(Config { notify: vec![reader.url()], ..Config::new(KEY) }).await
    }

    pub fn at(url: String, token: String) -> House {
        let client = Client::builder().no_proxy().build().unwrap();
        House { running: None, url, token, client }
    }

    pub async fn close(self) {
        self.running.unwrap().stop().await;
    }

    /// HTTP status and body of a merchant's call.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.url))
            .basic_auth(KEY, Some(""))
            .header("content-type", "application/json");
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let http = response.status().as_u16();
        let text = response.text().await.unwrap();
        (http, serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}")))
    }

    pub async fn charge(&self, request: &Value) -> Value {
        self.call(Method::POST, "/v2/charge", Some(request)).await.1
    }

    pub async fn status(&self, id: &str) -> Value {
        self.call(Method::GET, &format!("/v2/{id}/status"), None).await.1
    }

    pub async fn post(&self, path: &str) -> Value {
        self.call(Method::POST, path, None).await.1
    }

    /// The trainer's door; what it refuses fails the test.
    pub async fn control(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask_control(Method::POST, path, Some(body)).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    pub async fn look(&self, path: &str) -> Value {
        let (status, answer) = self.ask_control(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    pub async fn ask_control(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.client.request(method, format!("{}/_control/{path}", self.url)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_str(&response.text().await.unwrap()).unwrap())
    }

    /// Pushes the clock and waits until everything that fell due was tried.
    pub async fn advance(&self, seconds: i64) {
        self.control("clock", json!({ "advance_seconds": seconds })).await;
        self.idle().await;
    }

    pub async fn idle(&self) {
        assert_eq!(self.look("idle").await["idle"], true, "something is still under way");
    }

    pub async fn fault(&self, fault: Value) {
        self.control("faults", json!([fault])).await;
    }
}

pub fn order(order_id: &str, store: &str, amount: u64) -> Value {
    json!({
        "payment_type": "cstore",
        "transaction_details": { "order_id": order_id, "gross_amount": amount },
        "cstore": { "store": store },
    })
}

/// The signature, worked out by itself.
pub fn signature(order_id: &str, status_code: &str, gross_amount: &str, key: &str) -> String {
    let text = format!("{order_id}{status_code}{gross_amount}{key}");
    Sha512::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no text {key} in {value}"))
}

/// A notification as it arrived.
#[derive(Debug)]
pub struct Arrived {
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub raw: String,
    pub body: Value,
}

/// Somebody with a notification address, who answers as told and 200 otherwise.
pub struct Reader {
    address: SocketAddr,
    answers: Arc<Mutex<VecDeque<Reply>>>,
    arrived: UnboundedReceiver<Arrived>,
}

#[derive(Clone)]
pub enum Reply {
    Code(u16),
    Redirect(u16, String),
    Silence,
}

#[derive(Clone)]
struct Desk {
    answers: Arc<Mutex<VecDeque<Reply>>>,
    arrived: UnboundedSender<Arrived>,
}

impl Reader {
    pub async fn open() -> Reader {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, arrived) = unbounded_channel();
        let answers: Arc<Mutex<VecDeque<Reply>>> = Arc::default();
        let desk = Desk { answers: answers.clone(), arrived: sender };
        let router = Router::new().fallback(take).with_state(desk);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Reader { address, answers, arrived }
    }

    pub fn url(&self) -> String {
        format!("http://{}/notification", self.address)
    }

    pub fn will_answer(&self, replies: impl IntoIterator<Item = Reply>) {
        self.answers.lock().unwrap().extend(replies);
    }

    /// The next notification; the test fails if none comes.
    pub async fn next(&mut self) -> Arrived {
        tokio::time::timeout(Duration::from_secs(20), self.arrived.recv())
            .await
            .expect("a notification was expected")
            .unwrap()
    }

    /// What is there already, without waiting.
    pub fn ready(&mut self) -> Option<Arrived> {
        self.arrived.try_recv().ok()
    }
}

async fn take(State(desk): State<Desk>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let reply = desk.answers.lock().unwrap().pop_front().unwrap_or(Reply::Code(200));
    let raw = String::from_utf8_lossy(&body).into_owned();
    let body = serde_json::from_str(&raw).unwrap_or_default();
    let path = uri.path().to_owned();
    desk.arrived.send(Arrived { method, path, headers, raw, body }).unwrap();
    let mut response = Response::new(Body::empty());
    match reply {
        Reply::Code(code) => *response.status_mut() = code.try_into().unwrap(),
        Reply::Redirect(code, target) => {
            *response.status_mut() = code.try_into().unwrap();
            response.headers_mut().insert(HeaderName::from_static("location"), target.parse().unwrap());
        }
        Reply::Silence => std::future::pending().await,
    }
    response
}
