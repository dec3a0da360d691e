//! What lies in files, is typed by an owner, or comes from the environment of a program. The first line
//! says which of these it is.

use std::{fs, sync::LazyLock};

use ledger::{Binding, Door, Folder, Head, Ledger, LogKey};
use midtrans::{Destination, Host, ServerKey};
use secrecy::SecretString;
use tempfile::TempDir;
use till::Environment;
use url::Url;

use crate::copy::place;

static HOME: LazyLock<TempDir> = LazyLock::new(place);
static LEDGER: LazyLock<Ledger> = LazyLock::new(|| {
    let folder = Folder::at(HOME.path());
    Ledger::open(&folder, Environment::Training, Some(Binding::Loopback), Door::Desk, *b"till").unwrap()
});

pub(crate) fn read(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (which, rest) = (&bytes[..end], bytes.get(end + 1..).unwrap_or_default());
    let text = String::from_utf8_lossy(rest);
    match which {
        b"desk" => desk(rest),
        b"settings" => settings(&text),
        b"draft" => draft(&text),
        b"address" => address(&text),
        b"key" => key(&text),
        b"head" => head(&text),
        _ => words(&text),
    }
}

/// `desk.json`: damaged it is as good as none, and what was read is written and read again.
fn desk(bytes: &[u8]) {
    let folder = Folder::at(HOME.path());
    fs::write(HOME.path().join("desk.json"), bytes).unwrap();
    let desk = folder.desk();
    folder.remember(&desk).unwrap();
    assert_eq!(folder.desk(), desk);
}

fn settings(text: &str) {
    LEDGER.keep("settings", text).unwrap();
    let settings = LEDGER.settings().unwrap();
    LEDGER.set(&settings).unwrap();
    assert_eq!(LEDGER.settings().unwrap(), settings);
}

fn draft(text: &str) {
    LEDGER.keep("draft", text).unwrap();
    if let Some((id, draft)) = LEDGER.draft().unwrap() {
        LEDGER.keep_draft(id, &draft).unwrap();
        assert_eq!(LEDGER.draft().unwrap(), Some((id, draft.clone())));
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
