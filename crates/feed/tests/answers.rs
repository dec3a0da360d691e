//! Everything that may answer in the place of a relay, and what is made of it.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use feed::{Code, Entry, Feed, Foreign, NotificationAddress, Patience, Relay, Token, Trouble};
use secrecy::{ExposeSecret, SecretString};

const SECRET: &str = "abcdefghijklmnopqrstuvwxyz234567";
const WAIT: Duration = Duration::from_secs(25);

/// Somebody who gives each caller the next of these answers and then hangs up, and tells what was asked.
fn answering(answers: impl IntoIterator<Item = String>) -> (NotificationAddress, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/n/{SECRET}", listener.local_addr().unwrap()).parse().unwrap();
    let answers: Vec<String> = answers.into_iter().collect();
    let (tell, asked) = mpsc::channel();
    thread::spawn(move || {
        for answer in answers {
            let mut line = listener.accept().unwrap().0;
            tell.send(read(&mut line)).unwrap();
            // Whoever has heard enough hangs up.
            let _ = line.write_all(answer.as_bytes());
        }
    });
    (address, asked)
}

fn read(line: &mut TcpStream) -> String {
    let (mut whole, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let length = line.read(&mut piece).unwrap();
        whole.extend_from_slice(&piece[..length]);
        let text = String::from_utf8_lossy(&whole).into_owned();
        let body = text
            .to_ascii_lowercase()
            .split("content-length: ")
            .nth(1)
            .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse::<usize>().unwrap());
        if length == 0 || text.split_once("\r\n\r\n").is_some_and(|(_, sent)| sent.len() >= body) {
            return text;
        }
    }
}

fn json(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

fn relay(address: NotificationAddress) -> Relay {
    Relay::at(address, Patience::default()).unwrap()
}

fn feed(address: NotificationAddress) -> Feed {
    relay(address).feed(Token::new(SecretString::from("sesame")))
}

/// What comes of asking for what follows number 7, ten at most.
async fn after_7(answer: String) -> Result<Vec<u64>, Trouble> {
    let (address, _asked) = answering([answer]);
    let page = feed(address).read(7, WAIT, 10).await?;
    Ok(page.entries.iter().map(|entry| entry.seq).collect())
}

fn page(seqs: &[u64], oldest: u64, newest: u64) -> String {
    let entry = |seq: &u64| format!("{{\"seq\":{seq},\"received_at\":1,\"body\":\"e30=\"}}");
    let entries: Vec<String> = seqs.iter().map(entry).collect();
    json("200 OK", &format!("{{\"entries\":[{}],\"oldest\":{oldest},\"newest\":{newest}}}", entries.join(",")))
}

#[tokio::test]
async fn a_till_is_paired_with_code_name_and_secret_and_reads_with_its_token() {
    let paired = r#"{"channel":4,"device":"7","token":"s3same","after":41,"news":true}"#;
    let entry = r#"{"entries":[{"seq":42,"received_at":1800000000000,"body":"eyJhIjoxfQ=="}],"oldest":40,"newest":42}"#;
    let (address, asked) = answering([json("201 Created", paired), json("200 OK", entry), json("204 No Content", "")]);
    let relay = relay(address);
    let paired = relay.pair(&"abcd efgh".parse::<Code>().unwrap(), "Kasir depan").await.unwrap();
    assert_eq!((paired.channel.as_str(), paired.device.as_str(), paired.after), ("4", "7", 41));
    assert_eq!(paired.token.secret().expose_secret(), "s3same");
    assert!(!format!("{paired:?}").contains("s3same"));
    let request = asked.recv().unwrap();
    assert!(request.starts_with("POST /v1/pair HTTP/1.1\r\n"), "{request}");
    assert!(request.ends_with(&format!(r#"{{"code":"ABCD-EFGH","name":"Kasir depan","secret":"{SECRET}"}}"#)));

    let feed = relay.feed(paired.token);
    let page = feed.read(41, WAIT, 100).await.unwrap();
    assert_eq!(page.entries, [Entry { seq: 42, received_at: 1_800_000_000_000, body: b"{\"a\":1}".to_vec() }]);
    let request = asked.recv().unwrap();
    assert!(request.starts_with("GET /v1/feed?after=41&wait=25&limit=100 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: Bearer s3same\r\n"), "{request}");
    feed.ack(42).await.unwrap();
    let request = asked.recv().unwrap();
    assert!(request.starts_with("POST /v1/ack HTTP/1.1\r\n") && request.ends_with(r#"{"upto":42}"#), "{request}");
}

#[tokio::test]
async fn the_shops_tills_are_told_added_to_and_taken_away() {
    let devices = r#"[{"device":1,"name":"Depan","paired_at":1,"seen_at":2,"this":true},
                      {"device":2,"name":"Gudang","paired_at":3,"seen_at":null,"this":false}]"#;
    let (address, asked) = answering([
        json("200 OK", devices),
        json("201 Created", r#"{"code":"ABCD-EFGH","until":5}"#),
        json("204 No Content", ""),
        json("404 Not Found", r#"{"error":"no_such_device"}"#),
        json("404 Not Found", ""),
    ]);
    let feed = feed(address);
    let devices = feed.devices().await.unwrap();
    assert_eq!((devices.len(), devices[1].name.as_str(), devices[1].seen_at), (2, "Gudang", None));
    let code = feed.new_code().await.unwrap();
    assert_eq!((code.code.as_str(), code.until), ("ABCD-EFGH", 5));
    feed.revoke("2").await.unwrap();
    feed.revoke("2").await.unwrap();
    assert_eq!(feed.revoke("2").await, Err(Trouble::Foreign(Foreign::Status(404))));
    let asked: Vec<String> = asked.iter().map(|it| it.split(" HTTP").next().unwrap().to_owned()).collect();
    let revoke = "DELETE /v1/devices/2";
    assert_eq!(asked, ["GET /v1/devices", "POST /v1/codes", revoke, revoke, revoke]);
    assert_eq!(feed.revoke("../2").await, Err(Trouble::Foreign(Foreign::Shape)), "it is part of a path");
}

#[tokio::test]
async fn a_refused_code_says_whether_to_look_again_or_to_ask_for_another() {
    let code: Code = "ABCD-EFGH".parse().unwrap();
    let wrong = [
        (json("403 Forbidden", r#"{"error":"code_wrong"}"#), Trouble::CodeWrong),
        (json("403 Forbidden", r#"{"error":"code_void"}"#), Trouble::CodeVoid),
        (json("404 Not Found", r#"{"error":"not_here"}"#), Trouble::AddressUnknown),
        (json("404 Not Found", ""), Trouble::Foreign(Foreign::Status(404))),
        (json("403 Forbidden", "go away"), Trouble::Foreign(Foreign::Status(403))),
        (json("201 Created", r#"{"channel":1,"device":2,"token":"","after":0}"#), Trouble::Foreign(Foreign::Shape)),
        (
            json("201 Created", r#"{"channel":1,"device":2,"token":"a\r\nb","after":0}"#),
            Trouble::Foreign(Foreign::Shape),
        ),
        (
            json("201 Created", r#"{"channel":1,"device":"a/b","token":"c","after":0}"#),
            Trouble::Foreign(Foreign::Shape),
        ),
    ];
    for (answer, trouble) in wrong {
        let (address, _asked) = answering([answer.clone()]);
        assert_eq!(relay(address).pair(&code, "Kasir").await.unwrap_err(), trouble, "{answer}");
    }
}

#[tokio::test]
async fn a_page_is_taken_in_its_order_and_as_far_as_it_has_no_gap() {
    assert_eq!(after_7(page(&[], 1, 7)).await, Ok(vec![]));
    assert_eq!(after_7(page(&[8, 9], 1, 12)).await, Ok(vec![8, 9]));
    assert_eq!(after_7(page(&[8, 10], 1, 12)).await, Ok(vec![8]), "the gap is told to whoever asks on");
    assert_eq!(after_7(page(&[8, 8], 1, 12)).await, Ok(vec![8]));
    assert_eq!(after_7(page(&[9, 10], 1, 12)).await, Err(Trouble::Gap { expected: 8, found: 9 }));
    assert_eq!(after_7(page(&[7], 1, 12)).await, Err(Trouble::Gap { expected: 8, found: 7 }), "it comes again");
    assert_eq!(after_7(page(&[2, 8], 1, 12)).await, Err(Trouble::Gap { expected: 8, found: 2 }));
}

#[tokio::test]
async fn a_relay_that_lost_what_it_had_is_told_from_one_that_tidied_up() {
    let gone = |body: &str| json("410 Gone", body);
    assert_eq!(after_7(gone(r#"{"oldest":20,"newest":30}"#)).await, Err(Trouble::TooOld { oldest: 20, newest: 30 }));
    let back = Err(Trouble::WentBack { after: 7, oldest: 1, newest: 3 });
    assert_eq!(after_7(gone(r#"{"oldest":1,"newest":3}"#)).await, back);
    assert_eq!(after_7(page(&[], 1, 3)).await, back);
    assert_eq!(after_7(gone(r#"{"oldest":8,"newest":9}"#)).await, Err(Trouble::Foreign(Foreign::Shape)));
    assert_eq!(after_7(gone("")).await, Err(Trouble::Foreign(Foreign::Shape)));
}

#[tokio::test]
async fn whoever_is_no_relay_is_told_from_one() {
    let html = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 27\r\nconnection: close\r\n\r\n<html>Log in first.</html>.";
    let elsewhere = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/login\r\ncontent-length: 0\r\n\r\n";
    let endless = format!("HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n{}", "x".repeat(11 << 20));
    let long = "A".repeat(90_000);
    let long = format!(r#"{{"entries":[{{"seq":8,"received_at":1,"body":"{long}"}}],"oldest":1,"newest":9}}"#);
    let many: Vec<u64> = (8..19).collect();
    for (answer, foreign) in [
        (html.to_owned(), Foreign::Page),
        (elsewhere.to_owned(), Foreign::Redirect),
        (endless, Foreign::TooLong),
        (json("200 OK", &long), Foreign::TooLong),
        (page(&many, 1, 30), Foreign::Shape),
        (page(&[8, 9], 1, 8), Foreign::Shape),
        (json("200 OK", "{}"), Foreign::Shape),
        (json("200 OK", r#"{"entries":null,"oldest":1,"newest":9}"#), Foreign::Shape),
        (json("200 OK", r#"{"entries":[],"oldest":-1,"newest":9}"#), Foreign::Shape),
        (json("200 OK", r#"{"entries":[{"seq":8,"received_at":1,"body":"%"}],"oldest":1,"newest":9}"#), Foreign::Shape),
        (json("200 OK", "nothing of ours"), Foreign::Shape),
        (json("204 No Content", ""), Foreign::Status(204)),
        (json("401 Unauthorized", "who are you"), Foreign::Status(401)),
        (json("404 Not Found", r#"{"error":"no_such_thing"}"#), Foreign::Status(404)),
        (json("500 Oh", ""), Foreign::Status(500)),
    ] {
        let told = answer[..answer.len().min(200)].to_owned();
        assert_eq!(after_7(answer).await, Err(Trouble::Foreign(foreign)), "{told}");
    }
}

#[tokio::test]
async fn a_relay_says_that_it_is_busy_or_does_not_know_us_in_its_own_words() {
    let unknown = json("401 Unauthorized", r#"{"error":"unknown_token"}"#);
    assert_eq!(after_7(unknown).await, Err(Trouble::Revoked));
    let busy = json("503 Busy", r#"{"error":"busy"}"#);
    assert_eq!(after_7(busy.clone()).await, Err(Trouble::Busy(None)));
    let later = busy.replace("content-type", "retry-after: 7\r\ncontent-type").replace("503", "429");
    assert_eq!(after_7(later).await, Err(Trouble::Busy(Some(Duration::from_secs(7)))));
}

#[tokio::test]
async fn silence_a_cut_and_a_closed_door_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address: NotificationAddress = format!("http://{}/n/{SECRET}", listener.local_addr().unwrap()).parse().unwrap();
    let patience = Patience { answer: Duration::from_millis(200), ..Patience::default() };
    let feed = Relay::at(address, patience).unwrap().feed(Token::new(SecretString::from("sesame")));
    assert_eq!(feed.ack(1).await, Err(Trouble::TimedOut), "nobody answers");
    drop(listener);
    assert_eq!(feed.ack(1).await, Err(Trouble::Unreachable), "nobody is there");
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"entries\":[";
    assert_eq!(after_7(cut.to_owned()).await, Err(Trouble::Unreachable), "half an answer is none");
}

#[tokio::test]
async fn whoever_speaks_no_tls_is_not_the_relay() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}/n/{SECRET}", listener.local_addr().unwrap()).parse().unwrap();
    thread::spawn(move || {
        let mut line = listener.accept().unwrap().0;
        line.write_all(json("200 OK", "{}").as_bytes()).unwrap();
        let _ = line.read(&mut [0; 4096]);
    });
    // A machine without CA certificates makes no client at all.
    match Relay::at(address, Patience::default()) {
        Ok(relay) => {
            let feed = relay.feed(Token::new(SecretString::from("sesame")));
            assert_eq!(feed.ack(1).await, Err(Trouble::Untrusted));
        }
        Err(trouble) => assert_eq!(trouble, Trouble::NoTrust),
    }
}
