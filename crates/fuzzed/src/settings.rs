//! What lies in files, is typed by an owner, or comes from the environment of a program. The first line
//! says which of these it is.

use std::{fs, path::Path};

use ledger::{Binding, Door, Folder, Head, Ledger, LogKey};
use midtrans::{Destination, Host, ServerKey};
use secrecy::SecretString;
use tempfile::TempDir;
use till::Environment;
use url::Url;

use crate::copy::place;

thread_local! {
    /// It goes away with the thread.
    static SHOP: (Ledger, TempDir) = make();
}

fn make() -> (Ledger, TempDir) {
    let home = place();
    let folder = Folder::at(home.path());
    let ledger = Ledger::open(&folder, Environment::Training, Some(Binding::Loopback), Door::Desk, *b"till").unwrap();
    (ledger, home)
}

pub(crate) fn read(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (which, rest) = (&bytes[..end], bytes.get(end + 1..).unwrap_or_default());
    let text = String::from_utf8_lossy(rest);
    match which {
        b"desk" => SHOP.with(|(_, home)| desk(home.path(), rest)),
        b"settings" => SHOP.with(|(ledger, _)| settings(ledger, &text)),
        b"draft" => SHOP.with(|(ledger, _)| draft(ledger, &text)),
        b"address" => address(&text),
        b"key" => key(&text),
        b"head" => head(&text),
        _ => words(&text),
    }
}

/// `desk.json`: damaged it is as good as none, and what was read is written and read again.
fn desk(home: &Path, bytes: &[u8]) {
    let folder = Folder::at(home);
    fs::write(home.join("desk.json"), bytes).unwrap();
    let desk = folder.desk();
    folder.remember(&desk).unwrap();
    assert_eq!(folder.desk(), desk);
}

fn settings(ledger: &Ledger, text: &str) {
    ledger.keep("settings", text).unwrap();
    let settings = ledger.settings().unwrap();
    ledger.set(&settings).unwrap();
    assert_eq!(ledger.settings().unwrap(), settings);
}

fn draft(ledger: &Ledger, text: &str) {
    ledger.keep("draft", text).unwrap();
    if let Some((id, draft)) = ledger.draft().unwrap() {
        ledger.keep_draft(id, &draft).unwrap();
        assert_eq!(ledger.draft().unwrap(), Some((id, draft.clone())));
        let _ = draft.check(None);
    }
}

/// A double of Midtrans is on this machine and nowhere else, whatever it is called.
fn address(text: &str) {
    let Ok(destination) = Destination::loopback(text) else { return };
    assert_eq!(destination.host(), Host::Loopback);
    let connected = Url::parse(text).unwrap().socket_addrs(|| None).unwrap_or_default();
    assert!(connected.iter().all(|address| address.ip().is_loopback()), "{text} leads to {connected:?}");
}

/// A key is kept whole or refused, and shown to nobody.
fn key(text: &str) {
    let Ok(key) = ServerKey::parse(SecretString::from(text.to_owned())) else { return };
    for host in [Host::Sandbox, Host::Production, Host::Loopback] {
        let _ = key.suits(host);
    }
    assert_eq!(format!("{key:?}"), "ServerKey(secret)");
    let text = SecretString::from(text.to_owned());
    if let Some(key) = LogKey::parse(&text) {
        assert!(LogKey::parse(&key.to_secret()).is_some());
    }
}

fn head(text: &str) {
    if let Ok(head) = text.parse::<Head>() {
        assert_eq!(head.to_string().parse::<Head>().unwrap(), head);
    }
}

fn words(text: &str) {
    if let Ok(environment) = text.parse::<Environment>() {
        assert!(environment.word().eq_ignore_ascii_case(text));
    }
    if let Ok(id) = text.parse::<till::OrderId>() {
        assert_eq!(id.as_str(), text);
        assert_eq!((text.len(), text.is_ascii()), (24, true));
    }
    if let Ok(id) = text.parse::<till::SaleId>() {
        assert_eq!(id.as_str(), text);
    }
    if let Ok(number) = text.parse::<till::Number>() {
        assert_eq!(number.as_str(), text.to_ascii_uppercase());
    }
}
