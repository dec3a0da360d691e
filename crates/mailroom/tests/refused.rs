//! Where there can be no mailroom, one sentence says why and what to do.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::fs;

use mailroom::{Keeping, OpenError, Place, Registry, Store};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rusqlite::Connection;
use stage::Postgres;

async fn refused(place: &str) -> OpenError {
    match Store::open(&place.parse::<Place>().unwrap(), Keeping::default()).await {
        Ok(_) => panic!("{place} was opened"),
        Err(error) => {
            let said = error.to_string();
            assert!(!said.contains('\n') && said.contains(';'), "no sentence with a remedy: {said}");
            assert!(!said.contains("rahasia"), "the password is no secret: {said}");
            error
        }
    }
}

#[tokio::test]
async fn a_file_of_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("toko.db");
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE stok (barang TEXT)").unwrap();
    let before = fs::read(&file).unwrap();
    assert!(matches!(refused(file.to_str().unwrap()).await, OpenError::NotOurs(_)));
    assert_eq!(fs::read(&file).unwrap(), before);
    fs::write(&file, "Daftar belanja: beras, gula, minyak goreng, kopi, teh, sabun.".repeat(40)).unwrap();
    assert!(matches!(refused(file.to_str().unwrap()).await, OpenError::NotOurs(_)));
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mailroom.db");
    drop(Store::open(&Place::File(file.clone()), Keeping::default()).await.unwrap());
    Connection::open(&file).unwrap().pragma_update(None, "user_version", 2).unwrap();
    assert!(matches!(refused(file.to_str().unwrap()).await, OpenError::Newer(_)));
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let said = refused("/no/such/folder/mailroom.db").await.to_string();
    assert!(said.contains("/no/such/folder/mailroom.db"), "{said}");
}

#[tokio::test]
async fn a_file_is_nobody_elses_business() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mailroom.db");
    let _open = Store::open(&Place::File(file.clone()), Keeping::default()).await.unwrap();
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o77, 0, "{:?} is open to others", file.path());
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_ours_is_refused() {
    let server = Postgres::start();
    let theirs = server.new_database("theirs");
    server.tell("theirs", "CREATE TABLE stok (barang text)");
    assert!(matches!(refused(&theirs).await, OpenError::NotOurDatabase));
    assert_eq!(server.tell("theirs", "SELECT count(*) FROM pg_class WHERE relname = 'entry'"), "0");

    let newer = server.new_database("newer");
    drop(Store::open(&newer.parse::<Place>().unwrap(), Keeping::default()).await.unwrap());
    server.tell("newer", "UPDATE gerai_mailroom SET schema = schema + 1");
    assert!(matches!(refused(&newer).await, OpenError::NewerDatabase));

    assert!(matches!(refused(&server.url("nowhere")).await, OpenError::NoDatabase(_)));
    let (user, rest) = newer.split_once("rahasia").unwrap();
    assert!(matches!(refused(&format!("{user}rahasia-salah{rest}")).await, OpenError::NotAllowed(_)));
    assert!(
        matches!(refused(&format!("{newer}?sslmode=verify-full")).await, OpenError::Unreachable(_)),
        "it has no TLS"
    );
    drop(server);
    assert!(matches!(refused(&newer).await, OpenError::Unreachable(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn relays_that_start_together_make_one_mailroom() {
    let server = Postgres::in_memory();
    let place: Place = server.new_database("mailroom").parse().unwrap();
    let open = || Store::open(&place, Keeping::default());
    let opened = tokio::join!(open(), open(), open(), open());
    assert!(opened.0.is_ok() && opened.1.is_ok() && opened.2.is_ok() && opened.3.is_ok());
    assert_eq!(server.tell("mailroom", "SELECT count(*) FROM gerai_mailroom"), "1");
}

/// A certificate for this name, by an authority of its own: both in PEM, and the key.
fn certificate(name: &str) -> (String, String, String) {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let (params, key) = (CertificateParams::new([name.to_owned()]).unwrap(), KeyPair::generate().unwrap());
    let certificate = params.signed_by(&key, &authority).unwrap();
    (authority.pem(), certificate.pem(), key.serialize_pem())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_is_who_its_certificate_says_or_nobody() {
    let server = Postgres::in_memory();
    let mailroom = server.new_database("mailroom");
    let folder = tempfile::tempdir().unwrap();
    let roots = |name: &str, pem: &str| {
        let file = folder.path().join(name);
        fs::write(&file, pem).unwrap();
        format!("?sslmode=verify-full&sslrootcert={}", file.display())
    };
    let (authority, certificate, key) = certificate("localhost");
    let (ours, others) = (roots("ours.pem", &authority), roots("others.pem", &self::certificate("localhost").0));
    server.speak_tls(&certificate, &key);
    let by_name = mailroom.replace("127.0.0.1", "localhost");
    let place: Place = format!("{by_name}{ours}").parse().unwrap();
    let store = Store::open(&place, Keeping::default()).await.unwrap();
    assert_eq!(store.channels().await, Ok(vec![]));
    let lines = "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                 WHERE application_name = 'gerai-relay'";
    assert_eq!(server.tell("mailroom", lines), "t", "every line is protected");
    drop(store);
    for (url, what) in [
        (format!("{mailroom}{ours}"), "it is not called 127.0.0.1"),
        (format!("{by_name}{others}"), "nobody we know has signed it"),
        (format!("{by_name}?sslmode=verify-full"), "nobody this machine knows has signed it"),
        (format!("{by_name}?sslmode=require"), "nobody is trusted who is not verified"),
    ] {
        let error = refused(&url).await;
        assert!(matches!(error, OpenError::Unreachable(_)), "{what}: {error}");
        assert!(error.to_string().contains("certificate"), "{what}: {error}");
    }
    let gone = format!("{by_name}?sslmode=verify-full&sslrootcert=/no/such/authority.pem");
    assert!(matches!(refused(&gone).await, OpenError::Roots(..)));
}

#[test]
fn a_place_is_shown_without_its_password() {
    for url in [
        "postgres://gerai:rahasia@db/toko",
        "postgresql://gerai:ra%40hasia@db/toko?sslmode=disable",
        "postgres://gerai@db/toko?password=rahasia",
        "postgres://gerai@db/toko?password=x@rahasia",
    ] {
        let place: Place = url.parse().unwrap();
        let shown = format!("{place} {place:?}");
        assert!(!shown.contains("rahasia") && !shown.contains("hasia"), "{shown}");
        assert!(shown.contains("db/toko"), "{shown}");
    }
    assert_eq!("/var/lib/gerai/relay.db".parse::<Place>(), Ok(Place::File("/var/lib/gerai/relay.db".into())));
}
