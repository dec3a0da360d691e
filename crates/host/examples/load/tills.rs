//! Those who wait for news, and those who only seem to have something to say.

use std::{
    cell::Cell,
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    time::Duration,
};

use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::sender::{Line, connect, say};

/// What the tills have in common.
#[derive(Default)]
pub struct Hall {
    /// So many have asked and wait.
    pub waiting: Cell<usize>,
    /// So many answers were not what they should be.
    pub wrong: Cell<usize>,
    /// When each till last heard of something.
    pub heard: Vec<Cell<Option<Instant>>>,
}

impl Hall {
    pub fn of(tills: usize) -> Rc<Self> {
        Rc::new(Self { heard: vec![Cell::new(None); tills], ..Self::default() })
    }
}

/// One till: waits, hears, and waits again for what comes next. Each calls from its own address.
pub async fn till(to: SocketAddr, number: usize, token: String, hall: Rc<Hall>) {
    let number_of_address = u32::try_from(number).unwrap_or(0);
    let mut line = Line::new(Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 16, 0, 1)) + number_of_address), to);
    let mut after = 0;
    loop {
        let request = format!(
            "GET /v1/feed?after={after}&wait=60 HTTP/1.1\r\nHost: {to}\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        hall.waiting.set(hall.waiting.get() + 1);
        let answer = line.ask(request.as_bytes()).await;
        hall.waiting.set(hall.waiting.get() - 1);
        match answer {
            Ok(answer) if answer.status == 200 => {
                let page: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                if let Some(last) = page["entries"].as_array().and_then(|entries| entries.last()) {
                    hall.heard[number].set(Some(Instant::now()));
                    after = last["seq"].as_u64().unwrap_or(after);
                }
            }
            _ => {
                hall.wrong.set(hall.wrong.get() + 1);
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// Somebody who begins a request and never ends it, a byte at a time; and begins anew when shown out.
pub async fn slow(from: Ipv4Addr, to: SocketAddr, path: String, hall: Rc<Hall>) {
    loop {
        if let Ok(stream) = connect(from, to).await {
            let begun = format!("POST {path} HTTP/1.1\r\nHost: {to}\r\nX-Slow: ");
            let mut said = say(&stream, begun.as_bytes()).await;
            hall.waiting.set(hall.waiting.get() + 1);
            while said.is_ok() {
                // A connection that was closed is seen at once, as a slow attacker's loop would.
                tokio::select! {
                    () = sleep(Duration::from_millis(700)) => said = say(&stream, b"x").await,
                    _ = closed(&stream) => break,
                }
            }
            hall.waiting.set(hall.waiting.get() - 1);
        }
        sleep(Duration::from_millis(20)).await;
    }
}

async fn closed(stream: &tokio::net::TcpStream) {
    let mut heard = [0; 512];
    loop {
        if stream.readable().await.is_err() {
            return;
        }
        match stream.try_read(&mut heard) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}
