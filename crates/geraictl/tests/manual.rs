//! `docs/geraictl.md` and the program agree.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use clap::{Command, CommandFactory};

fn manual() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/geraictl.md")).unwrap()
}

/// Every verb with its options, as `key set`.
fn verbs(command: &Command, above: &str, found: &mut Vec<(String, Vec<String>)>) {
    for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
        let name = format!("{above}{}", verb.get_name());
        let options = verb.get_arguments().filter_map(|argument| argument.get_long().map(|long| format!("--{long}")));
        found.push((name.clone(), options.collect()));
        verbs(verb, &format!("{name} "), found);
    }
}

#[test]
fn every_verb_and_option_is_in_the_manual() {
    let (manual, command) = (manual(), geraictl::Arguments::command());
    let mut found = Vec::new();
    verbs(&command, "", &mut found);
    assert!(found.len() > 12, "the program has lost its verbs: {found:?}");
    let top: Vec<String> =
        command.get_arguments().filter_map(|a| a.get_long().map(|long| format!("--{long}"))).collect();
    for (verb, options) in found.iter().chain([(String::new(), top)].iter()) {
        let group = found.iter().any(|(other, _)| other.starts_with(&format!("{verb} ")));
        assert!(group || verb.is_empty() || manual.contains(&format!("`{verb}")), "the manual lacks `{verb}`");
        for option in options {
            assert!(manual.contains(&format!("`{option}")), "the manual lacks {option} of {verb}");
        }
    }
}

#[test]
fn every_option_of_the_manual_exists() {
    let command = geraictl::Arguments::command();
    let mut found = Vec::new();
    verbs(&command, "", &mut found);
    let mut known: Vec<String> = found.into_iter().flat_map(|(_, options)| options).collect();
    known.extend(command.get_arguments().filter_map(|a| a.get_long().map(|long| format!("--{long}"))));
    known.extend(["--help".into(), "--version".into()]);
    let manual = manual();
    let told = manual.split('`').filter(|quoted| quoted.starts_with("--"));
    let told: Vec<&str> = told.filter_map(|quoted| quoted.split(' ').next()).collect();
    assert!(told.len() > 10);
    for option in told {
        assert!(known.iter().any(|known| known == option), "the program has no {option}");
    }
}

#[test]
fn the_fields_and_states_of_an_order_are_those_of_the_manual() {
    let manual = manual();
    let table = |head: &str| -> Vec<String> {
        let rows = manual.split(head).nth(1).unwrap().lines().skip(2).take_while(|line| line.starts_with('|'));
        rows.map(|row| row.split('`').nth(1).unwrap().to_owned()).collect()
    };
    assert_eq!(table("| Field | Meaning |"), geraictl::FIELDS);
    assert_eq!(table("| Field of a concern | Meaning |"), geraictl::CONCERN_FIELDS);
    assert_eq!(table("| Field of a code of another till | Meaning |"), geraictl::OTHER_FIELDS);
    assert_eq!(table("| Field of a paper | Meaning |"), geraictl::PAPER_FIELDS);
    let states = table("| `state` | Meaning |");
    assert_eq!(states.len(), 12);
    for state in states {
        serde_json::from_value::<till::State>(state.clone().into()).unwrap_or_else(|_| panic!("{state} is no state"));
    }
}
