//! Plays days at a simulated shop, each from one seed, and says what happened.

use std::{process::ExitCode, time::Instant};

use clap::{Parser, ValueEnum};
use storm::{Day, Mode, play, play_all};

/// Plays days at a simulated shop, each from one seed, and says what happened.
#[derive(Parser)]
struct Arguments {
    /// Plays this one seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Tells everything that happens on its day.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Plays so many seeds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// Begins with this seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// What the days are to show; both in turn if nothing is said.
    #[arg(long, value_enum, default_value_t = Wanted::Both)]
    mode: Wanted,
    /// Plays so many days at a time.
    #[arg(long, default_value_t = 2)]
    jobs: u64,
    /// Ends with the first day that goes wrong.
    #[arg(long)]
    first: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Wanted {
    Safety,
    Liveness,
    Both,
}

impl Wanted {
    fn of(self, seed: u64) -> Mode {
        match self {
            Self::Safety => Mode::Safety,
            Self::Liveness => Mode::Liveness,
            Self::Both => Mode::of(seed),
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let good = match arguments.seed {
        Some(seed) => one(seed, &arguments),
        None => many(&arguments),
    };
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn one(seed: u64, arguments: &Arguments) -> bool {
    let day = match play(seed, arguments.mode.of(seed), arguments.trace) {
        Ok(day) => day,
        Err(error) => {
            eprintln!("seed {seed} cannot be played: {error}");
            return false;
        }
    };
    for line in &day.trace {
        println!("{line}");
    }
    println!("{:016x} {}", day.digest, day.counts);
    tell(&day);
    day.broken.is_none()
}

fn many(arguments: &Arguments) -> bool {
    let begun = Instant::now();
    let seeds = arguments.from..arguments.from + arguments.seeds;
    let mode = arguments.mode;
    let played = play_all(seeds, |seed| mode.of(seed), arguments.jobs, arguments.first, &tell);
    let (counts, bad) = match played {
        Ok(played) => played,
        Err(error) => {
            eprintln!("no day can be played: {error}");
            return false;
        }
    };
    let seconds = begun.elapsed().as_secs_f64();
    let days = counts.of("days");
    println!("{days} days, {bad} with a broken promise, {seconds:.1} s, {:.0} days/s: {counts}", days as f64 / seconds);
    bad == 0
}

fn tell(day: &Day) {
    if let Some((step, broken)) = &day.broken {
        let mode = format!("{:?}", day.mode).to_lowercase();
        println!("seed {} {mode} step {step}: {}: {}", day.seed, broken.promise, broken.how);
        println!("  again, with everything that happened: storm --seed {} --mode {mode} --trace", day.seed);
    }
}
