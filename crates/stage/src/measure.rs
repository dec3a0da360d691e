//! What the measures of `scripts/bench` have in common.

use std::{
    fs::File,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    time::{Duration, Instant},
};

/// Hands a relay a notification over a connection of its own, and waits for its 200.
pub fn notify(address: &str, path: &str, body: &str) {
    let mut line = TcpStream::connect(address).expect("the relay listens");
    let length = body.len();
    write!(
        line,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .expect("the relay reads");
    let mut answer = String::new();
    line.read_to_string(&mut answer).expect("the relay answers");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// How long the disk takes for a raw write of 4 KiB that is there when the power goes.
pub fn flush(path: &Path) -> Duration {
    let mut file = File::create(path).expect("a file");
    let started = Instant::now();
    file.write_all(&[0; 4096]).and_then(|()| file.sync_data()).expect("the disk takes it");
    started.elapsed()
}

/// Prints median, 99th percentile and longest in a row, and returns the 99th percentile.
pub fn row(what: &str, mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    println!("{what:<42} p50 {:>7.1} ms   p99 {:>7.1} ms   max {:>7.1} ms", ms(at(50)), ms(at(99)), ms(at(100)));
    at(99)
}
