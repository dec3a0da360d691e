//! Plays days at a simulated shop, each from one seed, and says what happened.

use std::{
    ops::ControlFlow,
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::{Duration, Instant},
};

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
    /// Plays for so many minutes, whatever number of seeds that takes.
    #[arg(long, conflicts_with_all = ["seed", "seeds"])]
    minutes: Option<u64>,
    /// Ends with the first day that goes wrong.
    #[arg(long)]
    first: bool,
    /// Ends with the first day on which this promise is broken, which is what is wanted; for builds
    /// that are broken on purpose.
    #[arg(long, value_name = "PROMISE", conflicts_with = "seed")]
    until: Option<String>,
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
    let minutes = arguments.minutes.map(|minutes| Duration::from_secs(60 * minutes));
    let last = if minutes.is_some() { u64::MAX } else { arguments.from.saturating_add(arguments.seeds) };
    let wanted =
        |day: &Day| day.broken.as_ref().is_some_and(|(_, broken)| arguments.until.as_deref() == Some(broken.promise));
    let caught = AtomicBool::new(false);
    let tell = |day: &Day| {
        if arguments.until.is_none() || wanted(day) {
            tell(day);
        }
        caught.fetch_or(wanted(day), Relaxed);
        if arguments.first || wanted(day) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let mode = arguments.mode;
    let ends = minutes.map(|minutes| begun + minutes);
    let played = play_all(arguments.from..last, |seed| mode.of(seed), arguments.jobs, ends, &tell);
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
    if arguments.until.is_some() { caught.into_inner() } else { bad == 0 }
}

fn tell(day: &Day) {
    if let Some((step, broken)) = &day.broken {
        let mode = format!("{:?}", day.mode).to_lowercase();
        println!("seed {} {mode} step {step}: {}: {}", day.seed, broken.promise, broken.how);
        println!("  again, with everything that happened: storm --seed {} --mode {mode} --trace", day.seed);
    }
}
