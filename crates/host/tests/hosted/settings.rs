//! What can be set and how, and the sentence about what cannot.

use std::{fs, net::TcpListener, path::Path, process::Command};

use crate::relay::*;

struct Refused {
    code: i32,
    said: String,
}

/// Starts it where it must not start.
fn refused(command: &mut Command) -> Refused {
    let output = command.output().unwrap();
    assert_eq!(output.stdout, b"", "it does not say that it is ready");
    let code = output.status.code().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    if code == 1 {
        let sentence = said.lines().last().unwrap();
        assert_eq!(said.lines().count(), 1, "one sentence: {said}");
        assert!(sentence.ends_with('.') && !sentence.starts_with(char::is_lowercase), "{said}");
        assert!(sentence.contains([';', ',']), "what it is, and what to do: {said}");
    }
    Refused { code, said }
}

/// A relay that is set by a file with these lines.
fn set(folder: &Path, lines: &str) -> Command {
    let file = folder.join("relay.toml");
    fs::write(&file, lines).unwrap();
    let mut command = program();
    command.arg("serve").arg("--config").arg(file);
    command
}

#[test]
fn a_file_sets_it_the_environment_counts_more_and_a_flag_most() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("relay.db");
    let lines = format!(
        "store = {store:?}\nlisten = \"127.0.0.1:0\"\npublic-url = \"https://file.example\"\nchannel-burst = 7\ntrusted-proxy = [\"10.0.0.0/8\"]\n"
    );
    let url = |command: &mut Command| Relay::started(command, &store).line["public_url"].as_str().unwrap().to_owned();
    let mut command = set(folder.path(), &lines);
    assert_eq!(url(&mut command), "https://file.example");
    command.env("GERAI_RELAY_PUBLIC_URL", "https://environment.example");
    assert_eq!(url(&mut command), "https://environment.example");
    command.args(["--public-url", "https://flag.example"]);
    assert_eq!(url(&mut command), "https://flag.example");
}

#[test]
fn a_setting_that_does_not_exist_is_refused_wherever_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = refused(&mut set(folder.path(), "store = \"relay.db\"\nlisen = \"127.0.0.1:0\"\n"));
    assert_eq!(wrong.code, 1);
    assert!(wrong.said.contains("lisen") && wrong.said.contains("line 2"), "{}", wrong.said);
    let store = folder.path().join("relay.db");
    let wrong = refused(serve(&store, &[]).env("GERAI_RELAY_LISEN", "127.0.0.1:0"));
    assert_eq!(wrong.code, 1);
    assert!(wrong.said.contains("GERAI_RELAY_LISEN"), "{}", wrong.said);
    let wrong = refused(&mut serve(&store, &["--lisen", "127.0.0.1:0"]));
    assert_eq!(wrong.code, 2);
    assert!(wrong.said.contains("--lisen"), "{}", wrong.said);
    assert!(!store.exists());
}

#[test]
fn a_wrong_value_is_refused_wherever_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("relay.db");
    for (name, value, hint) in [
        ("listen", "8787", "127.0.0.1:8787"),
        ("public-url", "relay.example", "https://relay.example"),
        ("public-url", "https://relay.example/n/x", "https://relay.example"),
        ("public-url", "ftp://relay.example", "https://relay.example"),
        ("trusted-proxy", "cloudflare", "10.0.0.0/8"),
        ("channel-rate", "0", "channel-rate"),
        ("channel-burst", "-1", "channel-burst"),
        ("feed-connections", "many", "feed-connections"),
    ] {
        let wrong = refused(&mut serve(&store, &[&format!("--{name}={value}")]));
        assert_eq!(wrong.code, 2, "{name} {value}");
        assert!(wrong.said.contains(hint), "{name} {value}: {}", wrong.said);
        let variable = format!("GERAI_RELAY_{}", name.replace('-', "_").to_uppercase());
        if name != "listen" {
            assert_eq!(refused(serve(&store, &[]).env(variable, value)).code, 2, "{name} {value}");
        }
        let quoted = if value.parse::<i64>().is_ok() && name.starts_with("channel") {
            value.to_owned()
        } else {
            format!("{value:?}")
        };
        let value = if name == "trusted-proxy" { format!("[{quoted}]") } else { quoted };
        let wrong = refused(&mut set(folder.path(), &format!("store = {store:?}\n{name} = {value}\n")));
        assert_eq!(wrong.code, 1, "{name} = {value}");
        assert!(wrong.said.contains("line 2"), "{name} = {value}: {}", wrong.said);
    }
    assert!(!store.exists(), "and nothing was made");
}

#[test]
fn a_password_is_never_taken_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let with = ["postgres://relay:hunter2@127.0.0.1:9/relay", "postgresql://relay@127.0.0.1:9/relay?password=hunter2"];
    for url in with {
        for verb in [&["serve"][..], &["channel", "list"], &["doctor"]] {
            let wrong = refused(program().args(verb).args(["--store", url]));
            assert_eq!(wrong.code, 1);
            assert!(wrong.said.contains("GERAI_RELAY_STORE") && !wrong.said.contains("hunter2"), "{}", wrong.said);
        }
        // From elsewhere it is taken, and here nobody listens at that address.
        for wrong in [
            refused(program().args(["channel", "list"]).env("GERAI_RELAY_STORE", url)),
            refused(&mut set(folder.path(), &format!("store = {url:?}\n"))),
        ] {
            assert_eq!(wrong.code, 1);
            assert!(!wrong.said.contains("command line") && !wrong.said.contains("hunter2"), "{}", wrong.said);
        }
    }
    let help = program().args(["serve", "--help"]).env("GERAI_RELAY_STORE", with[0]).output().unwrap();
    assert!(!String::from_utf8_lossy(&help.stdout).contains("hunter2"), "nor does the help show it");
}

#[test]
fn without_a_store_it_says_what_to_name() {
    let wrong = refused(program().arg("serve"));
    assert_eq!(wrong.code, 1);
    assert!(wrong.said.contains("--store"), "{}", wrong.said);
    let wrong = refused(program().args(["serve", "--store", "mysql://localhost/relay"]));
    assert_eq!(wrong.code, 1);
    assert!(wrong.said.contains("postgres://"), "{}", wrong.said);
}

#[test]
fn settings_that_cannot_be_read_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = refused(program().args(["serve", "--config"]).arg(folder.path().join("none.toml")));
    assert_eq!(wrong.code, 1);
    assert!(wrong.said.contains("none.toml"), "{}", wrong.said);
    let wrong = refused(&mut set(folder.path(), "store = \"postgres://relay:hunter2@db/relay\n"));
    assert_eq!(wrong.code, 1);
    assert!(wrong.said.contains("line 1") && !wrong.said.contains("hunter2"), "{}", wrong.said);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let wrong = refused(&mut serve(&folder.path().join("relay.db"), &["--listen", &address.to_string()]));
    assert_eq!(wrong.code, 1);
    assert!(wrong.said.contains(&address.port().to_string()) && wrong.said.contains("another port"), "{}", wrong.said);
}

#[test]
fn an_address_of_another_machine_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = refused(&mut serve(&folder.path().join("relay.db"), &["--listen", "192.0.2.1:8787"]));
    assert_eq!(wrong.code, 1);
    assert!(wrong.said.contains("192.0.2.1"), "{}", wrong.said);
}

#[test]
fn a_folder_that_is_not_there_or_nobody_may_write_to_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere/relay.db");
    let wrong = refused(&mut serve(&nowhere, &[]));
    assert_eq!(wrong.code, 1);
    assert!(wrong.said.contains("nowhere"), "{}", wrong.said);
    // Not even root may make a file there.
    let wrong = refused(&mut serve(Path::new("/proc/relay.db"), &[]));
    assert_eq!(wrong.code, 1);
    assert!(wrong.said.contains("/proc/relay.db"), "{}", wrong.said);
}

#[test]
fn a_store_that_is_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("relay.db");
    let text = "these are the accounts of the shop, and no database at all. ".repeat(40);
    fs::write(&store, &text).unwrap();
    let wrong = refused(&mut serve(&store, &[]));
    assert_eq!(wrong.code, 1);
    assert!(wrong.said.contains("relay.db"), "{}", wrong.said);
    assert_eq!(fs::read_to_string(&store).unwrap(), text);
}

#[test]
fn the_doctor_says_what_is_well_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("relay.db");
    let limits = ["--ingest-connections", "16", "--feed-connections", "16"];
    let doctor = |flags: &[&str]| {
        let mut command = program();
        command.arg("doctor").arg("--store").arg(&store).args(flags).args(limits);
        let output = command.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = doctor(&["--listen", "127.0.0.1:0", "--public-url", "http://relay.example"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("serve") && !store.exists(), "it changes nothing: {said}");
    for (flags, hint) in [
        (&["--listen", "127.0.0.1:0"][..], "--public-url"),
        (&["--listen", "127.0.0.1:0", "--public-url", "http://localhost"], "port 80 or 443"),
        (&["--listen", "127.0.0.1:0", "--public-url", "http://relay.example:8787"], "port 80 or 443"),
        (&["--listen", "127.0.0.1:0", "--public-url", "https://relay.example"], "--trusted-proxy"),
        (&["--listen", "192.0.2.1:80", "--public-url", "http://relay.example"], "192.0.2.1"),
    ] {
        let (code, said) = doctor(flags);
        assert_eq!(code, 1, "{flags:?}: {said}");
        assert!(said.lines().any(|line| line.starts_with("WRONG") && line.contains(hint)), "{flags:?}: {said}");
    }
    let relay = Relay::on(&store, &[]);
    let (code, said) = doctor(&["--listen", &relay.address.to_string(), "--public-url", "http://relay.example"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("at work"), "{said}");
}

#[test]
fn the_help_explains_every_verb_and_every_setting() {
    for (verb, words) in [
        (&[][..], &["serve", "channel", "doctor", "--data-dir", "shop on this PC"][..]),
        (
            &["serve"],
            &[
                "--store",
                "--listen",
                "--public-url",
                "--tls-cert",
                "--trusted-proxy",
                "--channel-rate",
                "GERAI_RELAY_LISTEN",
                "TLS 1.2",
            ],
        ),
        (&["channel"], &["new", "list", "code", "revoke"]),
        (&["channel", "new"], &["dashboard", "--name", "--json"]),
        (&["doctor"], &["--store"]),
    ] {
        let output = program().args(verb).arg("--help").output().unwrap();
        assert!(output.status.success());
        let help = String::from_utf8(output.stdout).unwrap();
        for word in words {
            assert!(help.contains(word), "{verb:?} says nothing of {word}:\n{help}");
        }
    }
}

#[test]
fn channels_are_listed_with_what_they_hold() {
    let relay = Relay::start(&[]);
    let channel = relay.channel();
    relay.till(&channel);
    assert_eq!(relay.notify(&channel, &notification(1)), 200);
    channel_on(&relay.store, &["--name", "Toko Maju"]);
    let list = |json: &[&str]| {
        let output = program().args(["channel", "list", "--store"]).arg(&relay.store).args(json).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let rows: Vec<serde_json::Value> =
        list(&["--json"]).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (&rows[0]["devices"], &rows[0]["entries"], &rows[1]["name"]),
        (&1.into(), &1.into(), &"Toko Maju".into())
    );
    assert!(list(&[]).contains("Toko Maju"));
    assert!(!list(&["--json"]).contains(&channel.secret));
    let wrong = refused(program().args(["channel", "revoke", "99", "--store"]).arg(&relay.store));
    assert!(wrong.code == 1 && wrong.said.contains("channel list"), "{}", wrong.said);
}

#[test]
fn the_manual_knows_every_setting_and_every_verb() {
    let manual = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/relay.md")).unwrap();
    let help = |verb: &[&str]| String::from_utf8(program().args(verb).arg("--help").output().unwrap().stdout).unwrap();
    let serve = help(&["serve"]);
    let settings: Vec<&str> = serve
        .split("--")
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_ascii_lowercase() && c != '-').next().unwrap())
        .filter(|name| !["", "help", "config"].contains(name))
        .collect();
    assert!(settings.len() >= 12, "{settings:?}");
    for setting in settings {
        assert!(manual.contains(&format!("`{setting}`")), "the manual says nothing of {setting}");
    }
    for verb in ["serve", "channel new", "channel list", "channel code", "channel revoke", "doctor"] {
        let first = verb.split(' ').next().unwrap();
        assert!(help(&[]).contains(first) && manual.contains(&format!("`{verb}")), "{verb}");
    }
}
