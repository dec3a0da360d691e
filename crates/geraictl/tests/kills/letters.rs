//! Midtrans' side of a notification: a letter, a line to the relay, and what was heard back.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    time::Duration,
};

use ledger::Ledger;
use serde_json::Value;
use stage::Door;

use crate::shop::attempt;

/// A notification that Midtrans has written, and whether anybody said that it came.
#[derive(Clone, Debug)]
pub struct Letter {
    pub order: String,
    pub body: String,
    pub acknowledged: bool,
}

/// A line on which a letter is being delivered.
pub struct Delivery(TcpStream);

impl Letter {
    /// Everything Midtrans has written so far.
    pub fn all(door: &Door) -> Vec<Self> {
        let told = door.get("notifications");
        let word = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
        let letter = |one: &Value| Self { order: word(one, "order_id"), body: word(one, "body"), acknowledged: false };
        told["notifications"].as_array().unwrap().iter().map(letter).collect()
    }

    /// How many rows of the ledger hold it.
    pub fn stored(&self, ledger: &Ledger) -> usize {
        let stored = ledger.notifications(attempt(&self.order)).unwrap();
        stored.iter().filter(|stored| stored.body == self.body.as_bytes()).count()
    }

    /// Hands in this share of it.
    pub fn deliver(&self, url: &str, share: f64) -> Delivery {
        let (host, path) = url.trim_start_matches("http://").split_once('/').unwrap();
        let mut line = TcpStream::connect(host).unwrap();
        let body = &self.body;
        let head = format!(
            "POST /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let sent = head.len() + (body.len() as f64 * share) as usize;
        line.write_all(&format!("{head}{body}").as_bytes()[..sent]).unwrap();
        Delivery(line)
    }
}

impl Delivery {
    /// Waits until the relay has read what was handed in.
    pub fn until_read(&self) {
        crate::line::until_read(&self.0);
    }

    /// Waits for the answer, if one comes before the line ends, and says whether it was 200.
    pub fn acknowledged(mut self) -> bool {
        self.0.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut head = [0; 12];
        // A relay that has been killed resets the line; what it had said by then can still be read.
        let heard = self.0.read_exact(&mut head).is_ok() && &head == b"HTTP/1.1 200";
        let _ = self.0.shutdown(Shutdown::Both);
        heard
    }
}
