//! Everything in the corpora is read again, and some thousand inputs made from it by chance.
//! `GERAI_TORTURE_INPUTS` asks for more of those, `GERAI_TORTURE_SEED` for the same ones again.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{fs, path::Path};

use fuzzed::TARGETS;
use stage::{Chance, asked_for};

#[test]
fn no_notification_is_taken_for_genuine_that_midtrans_has_not_signed() {
    holds("notification", 20_000);
}

#[test]
fn no_answer_makes_a_payment_of_what_is_none() {
    holds("answer", 20_000);
}

#[test]
fn no_setting_breaks_a_program_or_leads_it_away_from_this_machine() {
    holds("settings", 10_000);
}

#[test]
fn a_copy_that_was_changed_is_noticed_or_is_the_same() {
    holds("copy", 150);
}

#[test]
fn whatever_is_searched_for_is_an_answer_and_no_error() {
    holds("search", 3_000);
}

#[test]
fn whatever_geraictl_is_given_is_an_order_that_midtrans_takes_or_a_refusal() {
    holds("order", 5_000);
}

#[test]
fn no_answer_of_a_relay_hides_a_gap_or_is_taken_from_somebody_who_is_none() {
    holds("relay", 20_000);
}

/// Reads the whole corpus of a target, and so many inputs that are made from it.
fn holds(name: &str, usually: u64) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let corpus = corpus(name);
    assert!(corpus.len() > 5);
    for (file, bytes) in &corpus {
        println!("{file}");
        (target.read)(bytes);
    }
    let mut chance = Chance::drawn();
    let made = asked_for("GERAI_TORTURE_INPUTS", usually);
    for nth in 0..made {
        let bytes = changed(&corpus, &mut chance);
        // Said only if it does not come back.
        let kept = Kept { nth, bytes: &bytes };
        (target.read)(&bytes);
        std::mem::forget(kept);
    }
    println!("{} of the corpus and {made} made from them", corpus.len());
}

/// What was being read when the target panicked.
struct Kept<'a> {
    nth: u64,
    bytes: &'a [u8],
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        println!("broken by the input {}: {}", self.nth, self.bytes.escape_ascii());
    }
}

fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let read = |path: &Path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap());
    files.iter().map(|path| read(path)).collect()
}

/// One of the corpus with a few changes: bytes flipped, taken out, doubled, or put in from another one.
fn changed(corpus: &[(String, Vec<u8>)], chance: &mut Chance) -> Vec<u8> {
    let any = |chance: &mut Chance| corpus[chance.below(corpus.len() as u64) as usize].1.clone();
    let mut bytes = any(chance);
    for _ in 0..=chance.below(6) {
        let place = |chance: &mut Chance, length: usize| chance.below(length as u64 + 1) as usize;
        let (a, b) = (place(chance, bytes.len()), place(chance, bytes.len()));
        let (from, to) = (a.min(b), a.max(b));
        match chance.below(6) {
            0 if from < bytes.len() => bytes[from] = chance.below(256) as u8,
            1 if from < bytes.len() => bytes[from] ^= 1 << chance.below(8),
            2 => drop(bytes.drain(from..to.min(from + 16))),
            3 => {
                let part = bytes[from..to].to_vec();
                bytes.splice(to..to, part);
            }
            4 => {
                let other = any(chance);
                let (a, b) = (place(chance, other.len()), place(chance, other.len()));
                bytes.splice(from..from, other[a.min(b)..a.max(b)].iter().copied());
            }
            _ => {
                let word: &[u8] = chance.one_of(&[
                    b"\"settlement\"".as_slice(),
                    b"\"200\"",
                    b"null",
                    b"-1",
                    b"18446744073709551616",
                    b"1e999",
                    b"\\ud800",
                    b"\xff",
                    b"\0",
                    b"{",
                    b"[[[[[[[[",
                    b"\n",
                    b"''",
                    b"\xe2\x80\xae",
                    b"00",
                ]);
                bytes.splice(from..from, word.iter().copied());
            }
        }
        bytes.truncate(100_000);
    }
    bytes
}
