//! Days at the simulated shop. However bad they are, no promise is broken.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    env, fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

use storm::{Counts, Day, Mode, play, play_all};

/// So many days on which faults may come at any time. `GERAI_TORTURE_SEEDS` asks for more, and
/// `GERAI_TORTURE_SEED` begins elsewhere.
const SAFETY: u64 = 8_000;
/// So many days on which they stop, and everything settles; as many in proportion if more are asked for.
const LIVENESS: u64 = 2_400;
/// They are played in so many tests, so that every core has something to do.
const SHARES: u64 = 4;

/// Plays the nth share of the seeds.
fn share(nth: u64, mode: Mode) {
    let safety = number("GERAI_TORTURE_SEEDS").unwrap_or(SAFETY);
    let all = if mode == Mode::Safety { safety } else { safety * LIVENESS / SAFETY };
    let first = number("GERAI_TORTURE_SEED").unwrap_or(0) + nth * (all / SHARES);
    let broken = Mutex::new(Vec::new());
    let tell = |day: &Day| {
        broken.lock().unwrap().push(sentence(day));
        ControlFlow::Continue(())
    };
    let (counts, _) = play_all(first..first + all / SHARES, |_| mode, 1, None, &tell).unwrap();
    let broken = broken.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("{counts}");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    enough(&counts);
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|number| number.parse().unwrap())
}

/// What was broken, and how to see it again.
fn sentence(day: &Day) -> String {
    let (step, broken) = day.broken.as_ref().unwrap();
    let mode = format!("{:?}", day.mode).to_lowercase();
    format!(
        "seed {} {mode} step {step}: {}: {}\n  again: cargo run -p storm -- --seed {} --mode {mode} --trace\n  \
         and for good: a line `{mode} {}` in crates/storm/seeds/",
        day.seed, broken.promise, broken.how, day.seed, day.seed
    )
}

/// Nobody passes with days on which nothing happens.
fn enough(counts: &Counts) {
    let days = counts.of("days");
    if days < 500 {
        // What is rare need not happen on a few days.
        return;
    }
    for (what, in_a_thousand_days) in [
        ("charges made", 500),
        ("power cuts", 100),
        ("kills", 100),
        ("double clicks", 100),
        ("payments racing a cancel", 40),
        ("new codes made", 50),
        ("restarts at a step", 500),
        ("restores", 5),
        ("keys changed", 50),
        ("environment switches", 2),
        ("reversals", 10),
        ("late payments", 10),
        ("payments with a fee", 10),
        ("look-ups before it was visible", 20),
        ("concerns seen to", 2),
        ("charges that name an address", 20),
        ("clock jumps", 100),
        ("disk faults", 100),
        ("forgeries", 100),
        ("lists read beside a writer", 20),
    ] {
        assert!(counts.of(what) * 1_000 >= in_a_thousand_days * days, "too few {what}: {counts}");
    }
}

#[test]
fn no_promise_is_broken_in_the_first_quarter() {
    share(0, Mode::Safety);
}

#[test]
fn no_promise_is_broken_in_the_second_quarter() {
    share(1, Mode::Safety);
}

#[test]
fn no_promise_is_broken_in_the_third_quarter() {
    share(2, Mode::Safety);
}

#[test]
fn no_promise_is_broken_in_the_fourth_quarter() {
    share(3, Mode::Safety);
}

#[test]
fn everything_settles_once_the_faults_stop_in_the_first_quarter() {
    share(0, Mode::Liveness);
}

#[test]
fn everything_settles_once_the_faults_stop_in_the_second_quarter() {
    share(1, Mode::Liveness);
}

#[test]
fn everything_settles_once_the_faults_stop_in_the_third_quarter() {
    share(2, Mode::Liveness);
}

#[test]
fn everything_settles_once_the_faults_stop_in_the_fourth_quarter() {
    share(3, Mode::Liveness);
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

/// What shows that each promise can be seen to bite (`scripts/bite`) does not rot.
#[test]
fn every_build_that_is_broken_on_purpose_can_still_be_made() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut patches: Vec<PathBuf> =
        fs::read_dir(here.join("bite")).unwrap().map(|patch| patch.unwrap().path()).collect();
    patches.sort();
    let names: Vec<_> = patches.iter().map(|patch| patch.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let promises: Vec<_> = (1..=12).map(|n| format!("I{n:02}")).collect();
    assert_eq!(names, promises, "one for each promise");
    let rotten: Vec<String> = patches
        .iter()
        .filter_map(|patch| {
            let mut git = Command::new("git");
            let check = git.args(["apply", "--check"]).arg(patch).current_dir(here.join("../..")).output().unwrap();
            (!check.status.success()).then(|| String::from_utf8_lossy(&check.stderr).into_owned())
        })
        .collect();
    assert!(rotten.is_empty(), "make these anew: {}", rotten.concat());
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
