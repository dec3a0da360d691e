use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
};

use serde_json::Value;

use crate::{Running, until};

/// The trainer's door of a simulator: `/_control/…`, as `docs/simulator.md` describes it.
pub struct Door {
    address: String,
    token: String,
}

impl Door {
    /// The door of a simulator that was started by hand.
    pub fn of(simulator: &Running) -> Self {
        Self::from(&simulator.line)
    }

    /// The door of the simulator that plays Midtrans for training in this data folder.
    pub fn of_training(data: &Path) -> Self {
        let note = data.join("training/simulator.json");
        until("training has a simulator", || note.exists());
        let note = fs::read(note).expect("its note can be read");
        Self::from(&serde_json::from_slice(&note).expect("its note is JSON"))
    }

    /// The door of a simulator that listens there, with its token.
    pub fn at(url: &str, token: &str) -> Self {
        Self { address: url.trim_start_matches("http://").to_owned(), token: token.to_owned() }
    }

    fn from(access: &Value) -> Self {
        let word = |name: &str| access[name].as_str().unwrap_or_else(|| panic!("no {name:?} in {access}")).to_owned();
        Self::at(&word("listening"), &word("token"))
    }

    /// Where the simulator listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Reads something.
    pub fn get(&self, path: &str) -> Value {
        self.ask("GET", path, "")
    }

    /// Makes something happen.
    pub fn post(&self, path: &str, body: Value) -> Value {
        self.ask("POST", path, &body.to_string())
    }

    /// A customer pays the newest code at the store.
    pub fn pay_newest(&self) {
        let newest = self.newest();
        self.post("pay", serde_json::json!({ "order_id": newest["order_id"] }));
    }

    /// The newest transaction.
    pub fn newest(&self) -> Value {
        self.get("transactions")["transactions"][0].clone()
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        let Self { address, token } = self;
        let length = body.len();
        let mut line = TcpStream::connect(address).expect("the simulator listens");
        write!(
            line,
            "{method} /_control/{path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .expect("the simulator listens");
        let mut answer = String::new();
        line.read_to_string(&mut answer).expect("the simulator answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        assert!(head.starts_with("HTTP/1.1 200"), "{method} {path}: {answer}");
        serde_json::from_str(body).expect("the simulator answers in JSON")
    }
}
