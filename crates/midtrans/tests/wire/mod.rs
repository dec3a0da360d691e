//! A line to a Midtrans that says exactly what a test wants, byte for byte.
#![allow(dead_code, reason = "every test file takes what it needs")]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use midtrans::{Client, Destination, Patience, ServerKey};

/// The key every test uses; Midtrans publishes it in its fixtures.
pub const KEY: &str = "SB-Mid-server-test";

/// The order every test is about.
pub const ORDER: &str = "T01K-ABCDEFGHJKLMNPQRSTX";

/// What the other end does with one request.
pub enum Manner {
    /// Writes this and hangs up.
    Say(Vec<u8>),
    /// Writes this and keeps the line open without another word.
    SayAndHold(Vec<u8>),
}

/// The other end of the line.
pub struct Wire {
    pub url: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Wire {
    /// Answers the nth request, counted from zero, in this manner.
    pub fn new(mut manner: impl FnMut(usize) -> Manner + Send + 'static) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ears = Arc::clone(&heard);
        thread::spawn(move || {
            let mut held = Vec::new();
            for (number, line) in listener.incoming().enumerate() {
                let Ok(mut line) = line else { continue };
                ears.lock().expect("nobody panics here").push(hear(&mut line));
                let (answer, hold) = match manner(number) {
                    Manner::Say(answer) => (answer, false),
                    Manner::SayAndHold(answer) => (answer, true),
                };
                // The client may have left already.
                let _ = line.write_all(&answer);
                if hold {
                    held.push(line);
                }
            }
        });
        Wire { url, heard }
    }

    /// Answers every request with these bytes.
    pub fn saying(answer: Vec<u8>) -> Wire {
        Wire::new(move |_| Manner::Say(answer.clone()))
    }

    /// The requests so far, head and body.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("nobody panics here").clone()
    }

    /// A client for it.
    pub fn client(&self) -> Client {
        client(&self.url, Patience::default())
    }
}

/// A client for an address on this machine.
pub fn client(url: &str, patience: Patience) -> Client {
    let destination = Destination::loopback(url).expect("an address of this machine");
    Client::new(destination, key(KEY), patience).expect("a client")
}

/// A server key.
pub fn key(text: &str) -> ServerKey {
    ServerKey::parse(text.to_owned().into()).expect("a server key")
}

/// A whole HTTP answer.
pub fn http(status: u16, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\n\
         Date: Thu, 09 Jan 2020 08:16:19 GMT\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn hear(line: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    let mut byte = [0];
    while !heard.ends_with(b"\r\n\r\n") && line.read(&mut byte).is_ok_and(|read| read == 1) {
        heard.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&heard).to_lowercase();
    let length = head.lines().find_map(|row| row.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    let _ = line.read_exact(&mut body);
    heard.extend(body);
    String::from_utf8_lossy(&heard).into_owned()
}
