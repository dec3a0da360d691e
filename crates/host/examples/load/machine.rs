//! What the machine itself can do, and what a program takes of it.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::Path,
    time::{Duration, Instant},
};

/// How long a raw flush of 4 KiB takes on this disk, for as long as this.
pub fn probe(folder: &Path, lasts: Duration) -> io::Result<Vec<Duration>> {
    let file = File::create(folder.join("probe"))?;
    // As in a write-ahead log that has been used before: the room is there already.
    file.write_all_at(&[1; 1 << 20], 0)?;
    file.sync_all()?;
    let (began, mut took) = (Instant::now(), Vec::new());
    for place in (0..256).cycle() {
        let started = Instant::now();
        file.write_all_at(&[2; 4096], place * 4096)?;
        file.sync_data()?;
        took.push(started.elapsed());
        if began.elapsed() >= lasts {
            break;
        }
    }
    Ok(took)
}

/// Memory in MiB that a program holds, and the most it ever held.
pub fn memory(pid: u32) -> (f64, f64) {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
    };
    (of("VmRSS:"), of("VmHWM:"))
}

/// The time that a program has kept processors busy.
pub fn busy(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let numbers = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default().split_whitespace();
    // User and system time, in hundredths of a second.
    numbers
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .map(|ticks| Duration::from_millis(ticks * 10))
        .sum()
}

/// One in so many hundred took so long at most.
pub fn share(times: &mut [Duration], of_hundred: f64) -> f64 {
    times.sort_unstable();
    let place = (times.len() as f64 * of_hundred / 100.0) as usize;
    times.get(place.min(times.len().saturating_sub(1))).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
}

pub fn median(mut of: Vec<f64>) -> f64 {
    of.sort_unstable_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or(f64::NAN)
}
