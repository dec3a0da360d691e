//! Against a real keyring, on a bus of its own.

mod session;

use std::{
    os::unix::net::UnixListener,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use keys::{Entry, SentTo, Vault, VaultError};
use secrecy::{ExposeSecret, SecretString};
use session::{Session, within};

#[test]
fn a_key_comes_back_as_it_was_set() {
    within(Session::Keyring, "a_key_comes_back_as_it_was_set", || {
        Vault::system().set(&sandbox(), &secret("SB-Mid-server-1")).unwrap();
        assert_eq!(read(&Vault::system(), &sandbox()).as_deref(), Some("SB-Mid-server-1"));
    });
}

#[test]
fn a_key_that_was_never_set_is_not_there() {
    within(Session::Keyring, "a_key_that_was_never_set_is_not_there", || {
        assert_eq!(read(&Vault::system(), &sandbox()), None);
    });
}

#[test]
fn a_new_key_takes_the_place_of_the_old() {
    within(Session::Keyring, "a_new_key_takes_the_place_of_the_old", || {
        let vault = Vault::system();
        vault.set(&sandbox(), &secret("old")).unwrap();
        vault.set(&sandbox(), &secret("new")).unwrap();
        assert_eq!(read(&vault, &sandbox()).as_deref(), Some("new"));
    });
}

#[test]
fn a_forgotten_key_is_gone_and_can_be_forgotten_again() {
    within(Session::Keyring, "a_forgotten_key_is_gone_and_can_be_forgotten_again", || {
        let vault = Vault::system();
        vault.set(&sandbox(), &secret("SB-Mid-server-1")).unwrap();
        vault.forget(&sandbox()).unwrap();
        assert_eq!(read(&vault, &sandbox()), None);
        vault.forget(&sandbox()).unwrap();
    });
}

#[test]
fn every_environment_and_address_has_a_key_of_its_own() {
    within(Session::Keyring, "every_environment_and_address_has_a_key_of_its_own", || {
        let vault = Vault::system();
        let entries = ["sandbox", "production"]
            .into_iter()
            .flat_map(|environment| [SentTo::Midtrans, SentTo::Loopback].map(|to| Entry::server_key(environment, to)));
        let entries: Vec<_> = entries.chain([Entry::named("device-token")]).collect();
        for (number, entry) in entries.iter().enumerate() {
            vault.set(entry, &secret(&format!("key {number}"))).unwrap();
        }
        for (number, entry) in entries.iter().enumerate() {
            assert_eq!(read(&vault, entry), Some(format!("key {number}")), "{entry:?}");
        }
    });
}

#[test]
fn two_can_ask_at_once() {
    within(Session::Keyring, "two_can_ask_at_once", || {
        let vault = Vault::system();
        vault.set(&sandbox(), &secret("SB-Mid-server-1")).unwrap();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert!(read(&vault, &sandbox()).is_some()));
            }
        });
    });
}

#[test]
fn a_locked_keyring_says_so_and_does_not_wait() {
    within(Session::Keyring, "a_locked_keyring_says_so_and_does_not_wait", || {
        let vault = Vault::system();
        vault.set(&sandbox(), &secret("SB-Mid-server-1")).unwrap();
        lock_the_keyring();
        let started = Instant::now();
        assert_eq!(vault.get(&sandbox()).unwrap_err(), VaultError::Locked);
        assert_eq!(vault.set(&sandbox(), &secret("other")), Err(VaultError::Locked));
        assert!(started.elapsed() < Duration::from_secs(10));
    });
}

#[test]
fn without_a_bus_there_is_no_secret_store() {
    within(Session::Bus("unix:path=/nowhere"), "without_a_bus_there_is_no_secret_store", || {
        nothing_keeps_secrets();
    });
}

#[test]
fn a_bus_alone_is_no_secret_store() {
    within(Session::BareBus, "a_bus_alone_is_no_secret_store", nothing_keeps_secrets);
}

#[test]
fn a_keyring_started_after_the_app_is_found() {
    within(Session::BareBus, "a_keyring_started_after_the_app_is_found", || {
        let vault = Vault::system();
        assert_eq!(vault.get(&sandbox()).unwrap_err(), VaultError::NoSecretStore);
        run("printf x | gnome-keyring-daemon --unlock --components=secrets");
        vault.set(&sandbox(), &secret("SB-Mid-server-1")).unwrap();
        assert_eq!(read(&vault, &sandbox()).as_deref(), Some("SB-Mid-server-1"));
    });
}

#[test]
fn a_keyring_that_was_never_set_up_says_so() {
    within(Session::BareBus, "a_keyring_that_was_never_set_up_says_so", || {
        run("gnome-keyring-daemon --start --components=secrets");
        let vault = Vault::system();
        assert_eq!(read(&vault, &sandbox()), None);
        assert_eq!(vault.set(&sandbox(), &secret("SB-Mid-server-1")), Err(VaultError::Locked));
    });
}

#[test]
fn nobody_waits_longer_than_the_time_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bus");
    // A bus that takes every connection and never says a word.
    let _silent = UnixListener::bind(&path).unwrap();
    let address = format!("unix:path={}", path.display());
    within(Session::Bus(&address), "nobody_waits_longer_than_the_time_out", || {
        let vault = Vault::with_patience(Duration::from_millis(300));
        let started = Instant::now();
        assert_eq!(vault.get(&sandbox()).unwrap_err(), VaultError::TimedOut);
        assert!(started.elapsed() < Duration::from_secs(3));

        let again = Instant::now();
        assert_eq!(vault.get(&sandbox()).unwrap_err(), VaultError::TimedOut);
        let elapsed = again.elapsed();
        assert!(elapsed < Duration::from_millis(250), "no second prompt on top of the first");
    });
}

#[test]
fn no_error_tells_the_secret() {
    within(Session::Keyring, "no_error_tells_the_secret", || {
        let vault = Vault::system();
        vault.set(&sandbox(), &secret("SB-Mid-server-canary")).unwrap();
        lock_the_keyring();
        let error = vault.get(&sandbox()).unwrap_err();
        assert!(!format!("{vault:?} {error:?} {error}").contains("canary"));
    });
}

fn sandbox() -> Entry {
    Entry::server_key("sandbox", SentTo::Midtrans)
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

fn read(vault: &Vault, entry: &Entry) -> Option<String> {
    let secret = vault.get(entry).expect("the keyring answers");
    secret.map(|secret| secret.expose_secret().to_owned())
}

fn nothing_keeps_secrets() {
    let vault = Vault::system();
    let started = Instant::now();
    assert_eq!(vault.get(&sandbox()).expect_err("nobody answers"), VaultError::NoSecretStore);
    assert_eq!(vault.set(&sandbox(), &secret("x")), Err(VaultError::NoSecretStore));
    assert_eq!(vault.forget(&sandbox()), Err(VaultError::NoSecretStore));
    assert!(started.elapsed() < Duration::from_secs(3));
}

fn lock_the_keyring() {
    let lock = [
        "--session",
        "--print-reply",
        "--dest=org.freedesktop.secrets",
        "/org/freedesktop/secrets",
        "org.freedesktop.Secret.Service.Lock",
        "array:objpath:/org/freedesktop/secrets/collection/login",
    ];
    let locked = Command::new("dbus-send").args(lock).stdout(Stdio::null()).status();
    assert!(locked.expect("dbus-send runs; it comes with dbus").success());
}

fn run(line: &str) {
    let done = Command::new("sh").args(["-c", line]).stdout(Stdio::null()).status();
    assert!(done.expect("a shell runs").success(), "{line}");
}
