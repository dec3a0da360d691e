//! `gerai-relay` as it is started from a shell.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../../relay/tests/shop/mod.rs"]
mod shop;

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::{SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
};

use ledger::{Binding, Folder, Ledger};
use relay::{Presence, presence, take_up_waiting};
use rusqlite::Connection;
use serde_json::Value;
use shop::*;
use till::{Environment, State, Time};

#[test]
fn one_line_of_json_says_when_it_is_ready_and_where() {
    let shop = Shop::open();
    let program = Program::start(shop.folder.path(), &[]);
    let url = &program.url;
    assert_eq!(url, &format!("http://{}{}", program.address, program.path));
    let secret = program.path.strip_prefix("/n/").unwrap();
    assert!(secret.len() >= 32 && secret.bytes().all(|c| c.is_ascii_alphanumeric()), "{secret}");
    assert_eq!(program.notify(&shop.notification("settlement")), 200);
    assert_eq!(shop.state(), State::Confirming);
    let (status, stdout, _) = program.end("TERM");
    assert!(status.success());
    assert_eq!(stdout, "", "and nothing else");
}

#[test]
fn the_address_in_the_dashboard_stays_right_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = Program::start(folder.path(), &[]);
    let path = first.path.clone();
    first.end("KILL");
    assert_eq!(Program::start(folder.path(), &[]).path, path);
    let other = tempfile::tempdir().unwrap();
    assert_ne!(Program::start(other.path(), &[]).path, path, "and every shop has its own");
}

#[test]
fn ctrl_c_and_a_service_manager_end_it_in_peace() {
    for signal in ["INT", "TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let program = Program::start(folder.path(), &[]);
        let place = folder.path().join("training");
        assert!(matches!(presence(&place), Presence::Running { .. }));
        assert!(program.end(signal).0.success(), "{signal}");
        assert_eq!(presence(&place), Presence::Off);
        assert!(!place.join("relay.json").exists(), "{signal}");
    }
}

#[test]
fn a_killed_relay_leaves_its_post_to_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("training");
    Program::start(folder.path(), &[]).end("KILL");
    assert!(place.join("relay.json").exists(), "it had no time to tidy up");
    assert_eq!(presence(&place), Presence::Off, "and yet nobody is misled");
    let next = Program::start(folder.path(), &[]);
    let Presence::Running { listening, .. } = presence(&place) else { panic!("it is running") };
    assert_eq!(listening, next.address.to_string());
}

#[test]
fn what_was_answered_with_200_is_there_however_soon_the_power_goes() {
    let shop = Shop::open();
    for n in 1..=50 {
        let program = Program::start(shop.folder.path(), &[]);
        let mut notification = shop.notification("pending");
        notification["custom_field1"] = n.to_string().into();
        assert_eq!(program.notify(&notification), 200);
        program.end("KILL");
        let stored = shop.ledger.notifications(shop.order_id).unwrap();
        assert_eq!(stored.len(), n);
        assert_eq!(stored[n - 1].body, notification.to_string().into_bytes());
    }
    assert!(shop.ledger.audit().unwrap().is_empty());
}

#[test]
fn the_note_with_the_secret_path_is_for_this_account_only() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &[]);
    let note = folder.path().join("training/relay.json");
    assert_eq!(fs::metadata(&note).unwrap().permissions().mode() & 0o777, 0o600);
    let note: Value = serde_json::from_slice(&fs::read(note).unwrap()).unwrap();
    assert_eq!(note["notification_url"], program.url);
    assert_eq!(note["listening"], program.address.to_string());
}

#[test]
fn the_log_holds_no_key_no_path_and_nothing_of_a_body() {
    let shop = Shop::open();
    let program = Program::start(shop.folder.path(), &["--listen", "127.0.0.1:0"]);
    let mut genuine = shop.notification("settlement");
    genuine["custom_field1"] = "phone-0812".into();
    let mut forged = genuine.clone();
    forged["signature_key"] = "0".repeat(128).into();
    assert_eq!(program.notify(&genuine), 200);
    assert_eq!(program.notify(&genuine), 200);
    assert_eq!(program.notify(&forged), 401);
    assert_eq!(post(program.address, &program.path, b"junk phone-0812"), 400);
    assert_eq!(post(program.address, "/n/guessed-path", b"{}"), 404);
    let (path, key) = (program.path.clone(), relay::TRAINING_KEY);
    let (_, _, log) = program.end("TERM");
    let signature = genuine["signature_key"].as_str().unwrap();
    for secret in [path.trim_start_matches("/n/"), key, "phone-0812", "guessed-path", signature, CODE] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
    assert!(log.contains(shop.order_id.as_str()), "but it says what came:\n{log}");
}

#[test]
fn a_loose_tongue_cannot_be_ordered_from_outside() {
    let shop = Shop::open();
    let program = Program::started(command(shop.folder.path(), &[]).env("RUST_LOG", "trace"));
    assert_eq!(program.notify(&shop.notification("settlement")), 200);
    let path = program.path.clone();
    let (_, _, log) = program.end("TERM");
    assert!(!log.contains(path.trim_start_matches("/n/")) && !log.contains(CODE), "{log}");
}

#[test]
fn without_a_secret_store_it_stores_and_answers_and_the_desk_checks_later() {
    let shop = Shop::of(Environment::Production);
    let program = Program::start(shop.folder.path(), &["--environment", "production"]);
    assert_eq!(program.notify(&shop.notification("settlement")), 200);
    assert_eq!(shop.state(), State::Pending);
    assert_eq!(take_up_waiting(&shop.ledger, &relay::training_key(), Time::from_millis(9)).unwrap(), 1);
    assert_eq!(shop.state(), State::Confirming);
    assert!(program.end("TERM").2.contains("secret store"), "the log says why");
}

#[test]
fn the_environment_it_serves_is_the_one_the_window_used_last() {
    let folder = tempfile::tempdir().unwrap();
    let desk = ledger::Desk { environment: Some(Environment::Sandbox), ..ledger::Desk::default() };
    Folder::at(folder.path()).remember(&desk).unwrap();
    let _program = Program::start(folder.path(), &[]);
    assert!(matches!(presence(&folder.path().join("sandbox")), Presence::Running { .. }));
}

#[test]
fn a_relay_serves_whatever_its_ledger_is_bound_to_and_may_be_started_first() {
    let folder = tempfile::tempdir().unwrap();
    let place = Folder::at(folder.path());
    let open = |binding| Ledger::open(&place, Environment::Sandbox, Some(binding), ledger::Door::Desk, *b"till");
    Program::start(folder.path(), &["--environment", "sandbox"]).end("TERM");
    assert_eq!(open(Binding::Loopback).unwrap().binding().unwrap(), Some(Binding::Loopback));
    Program::start(folder.path(), &["--environment", "sandbox"]).end("TERM");
    Program::start(folder.path(), &["--environment", "sandbox", "--midtrans-url", "http://127.0.0.1:4010"]).end("TERM");
    assert!(open(Binding::Midtrans).is_err(), "what it is bound to it stays bound to");
}

#[test]
fn a_real_shop_is_never_served_beside_a_double_of_midtrans() {
    let shop = Shop::of(Environment::Production);
    let double = ["--environment", "production", "--midtrans-url", "http://localhost:4010"];
    let refused = refused(shop.folder.path(), &double);
    assert_eq!(refused.code, 1);
    assert!(refused.said.contains("bound to Midtrans"), "{}", refused.said);
}

#[test]
fn a_second_relay_for_one_shop_leaves_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Program::start(folder.path(), &[]);
    let refused = refused(folder.path(), &[]);
    assert_eq!(refused.code, 1);
    assert!(refused.said.contains("Another relay is running"), "{}", refused.said);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let refused = refused(folder.path(), &["--listen", &address]);
    assert_eq!(refused.code, 1);
    let port = taken.local_addr().unwrap().port().to_string();
    assert!(refused.said.contains(&port) && refused.said.contains("another port"), "{}", refused.said);
}

#[test]
fn an_address_of_another_machine_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = refused(folder.path(), &["--listen", "192.0.2.1:8787"]);
    assert_eq!(refused.code, 1);
    assert!(refused.said.contains("192.0.2.1") && refused.said.contains("127.0.0.1"), "{}", refused.said);
}

#[test]
fn an_address_for_a_tunnel_may_be_any_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &["--listen", "0.0.0.0:0"]);
    assert_eq!(program.address.ip().to_string(), "0.0.0.0");
    assert!(program.url.starts_with("http://127.0.0.1:"), "nobody can send to 0.0.0.0: {}", program.url);
}

#[test]
fn a_wrong_option_is_explained_and_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    for (wrong, hint) in [
        (["--listen", "8787"], "127.0.0.1:8787"),
        (["--listen", "localhost"], "127.0.0.1:8787"),
        (["--environment", "real"], "production"),
        (["--midtrans-url", "https://api.midtrans.com"], "http://127.0.0.1"),
        (["--midtrans-url", "http://192.0.2.1:4010"], "http://127.0.0.1"),
        (["--midtrans-url", "http://127.0.0.1.example.com"], "http://127.0.0.1"),
        (["--frobnicate", "yes"], "--frobnicate"),
    ] {
        let refused = refused(folder.path(), &wrong);
        assert_eq!(refused.code, 2, "{wrong:?}");
        assert!(refused.said.contains(hint), "{wrong:?}: {}", refused.said);
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 0, "and nothing was made");
}

#[test]
fn a_ledger_of_a_newer_gerai_is_left_alone() {
    let shop = Shop::open();
    set_schema(&shop, 99);
    let refused = refused(shop.folder.path(), &[]);
    assert_eq!(refused.code, 1);
    assert!(refused.said.contains("newer"), "{}", refused.said);
}

#[test]
fn a_ledger_of_an_older_gerai_waits_for_the_window() {
    let shop = Shop::open();
    set_schema(&shop, 1);
    let refused = refused(shop.folder.path(), &[]);
    assert_eq!(refused.code, 1);
    assert!(refused.said.contains("older") && refused.said.contains("open Gerai once"), "{}", refused.said);
}

#[test]
fn a_damaged_ledger_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("training")).unwrap();
    fs::write(folder.path().join("training/gerai.db"), "this is no ledger, however long it may be").unwrap();
    let refused = refused(folder.path(), &[]);
    assert_eq!(refused.code, 1);
    assert!(refused.said.contains("damaged") && refused.said.contains("open Gerai once"), "{}", refused.said);
}

#[test]
fn a_data_folder_that_is_a_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    fs::write(&file, "").unwrap();
    let refused = refused(&file, &[]);
    assert_eq!(refused.code, 1);
    assert!(refused.said.contains("a-file") && refused.said.contains("--data-dir"), "{}", refused.said);
}

#[test]
fn a_read_only_data_folder_is_named() {
    let Some(disk) = Disk::mount("size=512k") else { return };
    let _ = Program::start(disk.path(), &[]).end("TERM");
    disk.remount("ro");
    let refused = refused(disk.path(), &[]);
    assert_eq!(refused.code, 1);
    assert!(refused.said.contains("read-only") && refused.said.contains("--data-dir"), "{}", refused.said);
}

#[test]
fn a_full_disk_is_named() {
    let Some(disk) = Disk::mount("size=8k") else { return };
    let refused = refused(disk.path(), &[]);
    assert_eq!(refused.code, 1);
    assert!(refused.said.contains("full") && refused.said.contains("make room"), "{}", refused.said);
}

/// A relay in a process of its own. It is killed when the test is over.
struct Program {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    address: SocketAddr,
    url: String,
    path: String,
}

impl Program {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::started(&mut command(folder, arguments))
    }

    fn started(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let Ok(ready) = serde_json::from_str::<Value>(&line) else {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("it does not start: {said}");
        };
        let url = ready["notification_url"].as_str().unwrap().to_owned();
        let path = path_of(&url).to_owned();
        let address = ready["listening"].as_str().unwrap().parse().unwrap();
        Self { child, stdout, address, url, path }
    }

    fn notify(&self, notification: &Value) -> u16 {
        post(self.address, &self.path, notification.to_string().as_bytes())
    }

    /// Sends it a signal, and returns how it ended and what else it said.
    fn end(mut self, signal: &str) -> (ExitStatus, String, String) {
        let killed = Command::new("kill").arg(format!("-{signal}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(killed.success());
        let status = self.child.wait().unwrap();
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (status, stdout, stderr)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gerai-relay"));
    command.arg("--data-dir").arg(folder).args(arguments);
    if !arguments.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    // No test may find the keyring of whoever runs it.
    command.env_remove("DBUS_SESSION_BUS_ADDRESS").env("XDG_RUNTIME_DIR", folder).env("HOME", folder);
    command
}

struct Refused {
    code: i32,
    said: String,
}

/// Starts it where it must not start.
fn refused(folder: &Path, arguments: &[&str]) -> Refused {
    let mut child = command(folder, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    if !line.is_empty() {
        child.kill().unwrap();
        child.wait().unwrap();
        panic!("it started: {line}");
    }
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let code = output.status.code().unwrap();
    if code == 1 {
        let sentence = said.lines().last().unwrap();
        assert!(sentence.ends_with('.') && !sentence.contains("Err"), "{said}");
        assert_eq!(said.lines().count(), 1, "one sentence: {said}");
    }
    Refused { code, said }
}

fn set_schema(shop: &Shop, version: i32) {
    let connection = Connection::open(shop.ledger.folder().join("gerai.db")).unwrap();
    connection.pragma_update(None, "user_version", version).unwrap();
}
