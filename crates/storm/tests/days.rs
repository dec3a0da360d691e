//! Days at the simulated shop. However bad they are, no promise is broken.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{env, fs, path::Path, process::Command};

use storm::{Counts, Day, Mode, play, play_all};

/// So many seeds in all, or as many as `GERAI_TORTURE_SEEDS` says.
const SEEDS: u64 = 1_000;
/// They are played in so many tests, so that every core has something to do.
const SHARES: u64 = 4;

/// Plays the nth share of the seeds.
fn share(nth: u64) {
    let all = env::var("GERAI_TORTURE_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(SEEDS);
    let each: u64 = all / SHARES;
    let broken = std::sync::Mutex::new(Vec::new());
    let tell = |day: &Day| broken.lock().unwrap().push(sentence(day));
    let (counts, _) = play_all(nth * each..(nth + 1) * each, |_| Mode::Safety, 1, false, &tell).unwrap();
    let broken = broken.into_inner().unwrap();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    println!("{counts}");
    enough(&counts);
}

fn sentence(day: &Day) -> String {
    let (step, broken) = day.broken.as_ref().unwrap();
    format!("seed {} {:?} step {step}: {}: {}", day.seed, day.mode, broken.promise, broken.how)
}

/// Nobody passes with days on which nothing happens.
fn enough(counts: &Counts) {
    let days = counts.of("days");
    for (what, in_a_thousand_days) in [("charges made", 500), ("power cuts", 100), ("kills", 100)] {
        assert!(counts.of(what) * 1_000 >= in_a_thousand_days * days, "too few {what}: {counts}");
    }
}

#[test]
fn no_promise_is_broken_in_the_first_quarter() {
    share(0);
}

#[test]
fn no_promise_is_broken_in_the_second_quarter() {
    share(1);
}

#[test]
fn no_promise_is_broken_in_the_third_quarter() {
    share(2);
}

#[test]
fn no_promise_is_broken_in_the_fourth_quarter() {
    share(3);
}

#[test]
fn a_seed_that_once_failed_fails_no_more() {
    for kept in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds")).unwrap() {
        let path = kept.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        for line in fs::read_to_string(&path).unwrap().lines().filter(|line| !line.starts_with('#')) {
            let (mode, seed) = line.split_once(' ').unwrap();
            let mode = if mode == "liveness" { Mode::Liveness } else { Mode::Safety };
            let day = play(seed.parse().unwrap(), mode, false).unwrap();
            assert!(day.broken.is_none(), "{}: {}", path.display(), sentence(&day));
        }
    }
}

#[test]
fn a_seed_plays_the_same_day_in_every_program() {
    for seed in 0..12 {
        let here = play(seed, Mode::of(seed), false).unwrap();
        let again = play(seed, Mode::of(seed), true).unwrap();
        assert_eq!((here.digest, &here.counts), (again.digest, &again.counts), "seed {seed} in this program");
        let there = Command::new(env!("CARGO_BIN_EXE_storm")).args(["--seed", &seed.to_string()]).output().unwrap();
        let there = String::from_utf8(there.stdout).unwrap();
        assert!(there.starts_with(&format!("{:016x} ", here.digest)), "seed {seed} in another program: {there}");
    }
}
