//! A hosted relay in a process of its own, and those who talk to it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

pub const KEY: &str = "SB-Mid-server-the-key-of-this-shop";

/// A relay that is killed when the test is over.
pub struct Relay {
    pub address: SocketAddr,
    pub line: Value,
    pub store: PathBuf,
    child: Child,
    stdout: BufReader<ChildStdout>,
    folder: Option<TempDir>,
}

/// A merchant's channel, as its host got it.
pub struct Channel {
    pub number: i64,
    pub url: String,
    pub secret: String,
    pub code: String,
}

/// A till that was paired.
pub struct Till {
    pub device: i64,
    pub token: String,
    pub after: i64,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(is, _)| is.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

impl Relay {
    pub fn start(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("relay.db");
        let mut relay = Self::on(&store, flags);
        relay.folder = Some(folder);
        relay
    }

    pub fn on(store: &Path, flags: &[&str]) -> Self {
        let mut command = serve(store, flags);
        Self::started(&mut command, store)
    }

    pub fn started(command: &mut Command, store: &Path) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let Ok(ready) = serde_json::from_str::<Value>(&line) else {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("it does not start: {line}{said}");
        };
        let address = ready["listening"].as_str().unwrap().parse().unwrap();
        Self { address, line: ready, store: store.to_owned(), child, stdout, folder: None }
    }

    pub fn channel(&self) -> Channel {
        channel_on(&self.store, &[])
    }

    /// A request on a connection of its own.
    pub fn ask(&self, method: &str, path: &str, token: Option<&str>, body: &str) -> Answer {
        ask(self.address, method, path, token, body)
    }

    pub fn notify(&self, channel: &Channel, notification: &Value) -> u16 {
        self.ask("POST", &format!("/n/{}", channel.secret), None, &notification.to_string()).status
    }

    pub fn pair(&self, channel: &Channel, code: &str) -> Answer {
        let body = json!({ "code": code, "name": "Kasir 1", "secret": channel.secret });
        self.ask("POST", "/v1/pair", None, &body.to_string())
    }

    pub fn till(&self, channel: &Channel) -> Till {
        let answer = self.pair(channel, &channel.code);
        assert_eq!(answer.status, 201, "{answer:?}");
        let paired = answer.json();
        Till {
            device: paired["device"].as_i64().unwrap(),
            token: paired["token"].as_str().unwrap().to_owned(),
            after: paired["after"].as_i64().unwrap(),
        }
    }

    pub fn feed(&self, till: &Till, query: &str) -> Answer {
        self.ask("GET", &format!("/v1/feed?{query}"), Some(&till.token), "")
    }

    pub fn ack(&self, till: &Till, upto: i64) -> u16 {
        self.ask("POST", "/v1/ack", Some(&till.token), &json!({ "upto": upto }).to_string()).status
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(format!("-{signal}")).arg(pid).status().unwrap().success());
    }

    /// Waits until it has ended, and returns how and what else it said.
    pub fn ended(mut self) -> (ExitStatus, String, String) {
        // Both at once would be better; it says too little for that to matter.
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        self.stdout.read_to_string(&mut stdout).unwrap();
        (self.child.wait().unwrap(), stdout, stderr)
    }

    pub fn end(self, signal: &str) -> (ExitStatus, String, String) {
        self.signal(signal);
        self.ended()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gerai-relay"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GERAI_RELAY_")) {
        command.env_remove(name);
    }
    command
}

pub fn serve(store: &Path, flags: &[&str]) -> Command {
    let mut command = program();
    keeping_in(command.arg("serve"), store).args(flags);
    if !flags.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    command
}

/// Names the store as its host would: an address with a password is no argument.
pub fn keeping_in<'a>(command: &'a mut Command, store: &Path) -> &'a mut Command {
    match store.to_str().is_some_and(|store| store.starts_with("postgres:")) {
        true => command.env("GERAI_RELAY_STORE", store),
        false => command.arg("--store").arg(store),
    }
}

pub fn channel_on(store: &Path, flags: &[&str]) -> Channel {
    let mut command = program();
    let output = keeping_in(command.args(["channel", "new", "--json"]), store).args(flags).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    let url = made["notification_url"].as_str().unwrap().to_owned();
    let secret = url.rsplit_once("/n/").unwrap().1.to_owned();
    let code = made["pairing_code"].as_str().unwrap().to_owned();
    Channel { number: made["channel"].as_i64().unwrap(), url, secret, code }
}

/// What Midtrans sends about an order, correctly signed. It differs by `n`.
pub fn notification(n: u64) -> Value {
    let (order_id, amount) = (format!("order-{n}x"), "162500.00");
    let key = midtrans::ServerKey::parse(KEY.into()).unwrap();
    json!({
        "transaction_time": "2026-11-26 15:16:19",
        "transaction_status": "settlement",
        "transaction_id": "d615df87-c96f-4f5c-9d35-2d740d54c1a9",
        "store": "alfamart",
        "status_code": "200",
        "signature_key": midtrans::signature(&order_id, "200", amount, &key),
        "payment_type": "cstore",
        "payment_code": "8127740588870520",
        "order_id": order_id,
        "merchant_id": "G812785002",
        "gross_amount": amount,
        "currency": "IDR",
    })
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let line = TcpStream::connect(address).unwrap();
    // No test waits by it; it ends one that would hang.
    line.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    line
}

pub fn request(method: &str, path: &str, token: Option<&str>, body: &str) -> String {
    let token = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: relay\r\n{token}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub fn ask(address: SocketAddr, method: &str, path: &str, token: Option<&str>, body: &str) -> Answer {
    let mut line = connect(address);
    line.write_all(request(method, path, token, body).as_bytes()).unwrap();
    answer(line)
}

/// Everything that comes until the relay closes the line.
pub fn answer(mut line: impl Read) -> Answer {
    let mut whole = Vec::new();
    line.read_to_end(&mut whole).unwrap();
    let whole = String::from_utf8(whole).unwrap();
    let (head, body) = whole.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer came: {whole:?}"));
    let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// The bodies on a page of the feed, and their numbers.
pub fn entries(answer: &Answer) -> Vec<(i64, Value)> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    assert_eq!(answer.status, 200, "{answer:?}");
    let page = answer.json();
    let entries = page["entries"].as_array().unwrap().iter().map(|entry| {
        let body = STANDARD.decode(entry["body"].as_str().unwrap()).unwrap();
        (entry["seq"].as_i64().unwrap(), serde_json::from_slice(&body).unwrap())
    });
    entries.collect()
}
