use std::{
    io,
    ops::{ControlFlow, Range},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Instant,
};

use crate::{
    counts::Counts,
    day::{Day, Mode, play},
};

/// Plays the days of all these seeds, so many at a time, or as many as can be begun before `ends`.
/// Returns what happened on them, and on how many a promise was broken; `tell` hears of each of those
/// at once, and may end it all.
pub fn play_all(
    seeds: Range<u64>,
    mode: impl Fn(u64) -> Mode + Sync,
    jobs: u64,
    ends: Option<Instant>,
    tell: &(impl Fn(&Day) -> ControlFlow<()> + Sync),
) -> io::Result<(Counts, u64)> {
    let next = AtomicU64::new(seeds.start);
    let stop = AtomicBool::new(false);
    let all = Mutex::new((Counts::default(), 0));
    let work = || -> io::Result<()> {
        loop {
            let seed = next.fetch_add(1, Relaxed);
            if seed >= seeds.end || stop.load(Relaxed) || ends.is_some_and(|ends| Instant::now() >= ends) {
                return Ok(());
            }
            let day = play(seed, mode(seed), false).inspect_err(|_| stop.store(true, Relaxed))?;
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
            all.0.merge(&day.counts);
            if day.broken.is_some() {
                all.1 += 1;
                if tell(&day).is_break() {
                    stop.store(true, Relaxed);
                }
            }
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|_| Err(io::Error::other("a day ended in a panic of the simulation itself")))
        })
    })?;
    Ok(all.into_inner().unwrap_or_else(PoisonError::into_inner))
}
