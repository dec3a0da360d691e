//! Who in this house may know whom. A direction that is not written down here does not build.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;

/// Which of our crates each may use, besides those in its tests.
const MAY_USE: [(&str, &[&str]); 20] = [
    ("till", &[]),
    ("midtrans", &[]),
    ("slip", &[]),
    ("printers", &[]),
    ("keys", &[]),
    ("wal", &[]),
    ("feed", &[]),
    ("simulator", &[]),
    ("ledger", &["till", "wal"]),
    ("counter", &["ledger", "midtrans", "printers", "slip", "till"]),
    ("relay", &["keys", "ledger", "midtrans", "till"]),
    ("mailroom", &["till", "wal"]),
    ("host", &["keys", "ledger", "mailroom", "midtrans", "relay", "till"]),
    ("desk", &["counter", "feed", "keys", "ledger", "midtrans", "printers", "relay", "simulator", "till"]),
    ("geraictl", &["counter", "desk", "ledger", "relay", "till"]),
    ("gerai", &["counter", "desk", "ledger", "relay", "simulator", "till"]),
    ("stage", &[]),
    ("storm", &["counter", "disk", "ledger", "midtrans", "relay", "till"]),
    ("disk", &[]),
    ("fuzzed", &["feed", "geraictl", "ledger", "midtrans", "relay", "till"]),
];

/// What only some may know of the world outside.
const ONLY: [(&str, &[&str]); 12] = [
    ("tauri", &["gerai"]),
    ("keyring", &["keys"]),
    ("keyring-core", &["keys"]),
    ("rusqlite", &["disk", "ledger", "mailroom", "simulator", "wal"]),
    ("tokio-postgres", &["mailroom"]),
    ("reqwest", &["feed", "midtrans", "simulator"]),
    ("qrcode", &["slip"]),
    ("krilla", &["slip"]),
    ("rustybuzz", &["slip"]),
    ("tiny-skia", &["slip"]),
    ("fantoccini", &["stage"]),
    ("axum", &["relay", "simulator"]),
];

/// Everything a decision must not have at hand.
const NOT_IN_TILL: [&str; 6] = ["tokio", "time", "getrandom", "serde_json", "rusqlite", "reqwest"];

/// The crates of each of ours, without those of its tests.
fn house() -> BTreeMap<String, Vec<String>> {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let uses = |package: &Value| {
        let used = package["dependencies"].as_array().unwrap().iter().filter(|used| used["kind"] != "dev");
        used.map(|used| used["name"].as_str().unwrap().to_owned()).collect()
    };
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages.map(|package| (package["name"].as_str().unwrap().to_owned(), uses(package))).collect()
}

#[test]
fn nobody_in_the_house_uses_whom_it_must_not() {
    let house = house();
    assert_eq!(house.len(), MAY_USE.len(), "a new crate needs its line in MAY_USE: {:?}", house.keys());
    for (one, uses) in &house {
        let may = MAY_USE.iter().find(|(name, _)| name == one).map(|(_, may)| *may).unwrap_or_default();
        for used in uses.iter().filter(|used| house.contains_key(*used)) {
            assert!(may.contains(&used.as_str()), "{one} uses {used} and must not");
        }
    }
}

#[test]
fn only_those_know_the_world_outside_who_must() {
    for (one, uses) in house() {
        for (outside, may) in ONLY {
            assert!(
                !uses.iter().any(|used| used == outside) || may.contains(&one.as_str()),
                "{one} must not know {outside}"
            );
        }
    }
}

#[test]
fn decisions_have_no_clock_no_chance_and_no_wire() {
    let till = &house()["till"];
    for outside in NOT_IN_TILL {
        assert!(!till.iter().any(|used| used == outside), "till must not use {outside}");
    }
}

#[test]
fn training_has_one_key_on_both_sides_of_the_line() {
    assert_eq!(relay::TRAINING_KEY, simulator::TRAINING_KEY);
}
