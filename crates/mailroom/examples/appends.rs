//! How many notifications a mailroom stores in a second, each durable when its sender hears so.
//!
//! `cargo run --release -p mailroom --example appends -- PLACE [CALLERS] [SECONDS] [CHANNELS]`
//!
//! PLACE is a file or the URL of an empty database.

use std::{
    env,
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use mailroom::{Channel, Keeping, Mailroom, Place, Registry, SecretHash, Store, Time};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let place: Place = arguments.next().ok_or("where? name a file, or the URL of a database")?.parse()?;
    let mut number = |usual: u64| arguments.next().map_or(Ok(usual), |argument| argument.parse::<u64>());
    let (callers, seconds, channels) = (number(64)?, number(10)?, number(100)?);
    let keeping = Keeping { entries: u64::MAX, bytes: u64::MAX, ..Keeping::default() };
    let store = Arc::new(Store::open(&place, keeping).await?);
    let run = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
    let now = Time::from_millis(i64::try_from(run / 1_000_000)?);
    let mut made = Vec::new();
    for n in 0..channels {
        let secret = SecretHash::of_text(&format!("{run} {n}"));
        made.push(store.new_channel("bench", secret, now).await?);
    }
    let (made, ends): (Arc<[Channel]>, _) = (made.into(), Arc::new(AtomicBool::new(false)));
    let all: Vec<_> = (0..callers)
        .map(|caller| {
            let (store, made, ends) = (Arc::clone(&store), Arc::clone(&made), Arc::clone(&ends));
            tokio::spawn(async move {
                let mut took = Vec::new();
                for n in 0_u64.. {
                    if ends.load(Ordering::Relaxed) {
                        break;
                    }
                    // About as long as Midtrans' own, and none like another.
                    let body = format!("{{\"run\":{run},\"caller\":{caller},\"n\":{n},\"x\":\"{}\"}}", "x".repeat(900));
                    let channel = made[usize::try_from(caller * 31 + n).unwrap_or(0) % made.len()];
                    let began = Instant::now();
                    store.append(channel, body.into(), None, now).await?;
                    took.push(began.elapsed());
                }
                Ok::<_, mailroom::Trouble>(took)
            })
        })
        .collect();
    let began = Instant::now();
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    ends.store(true, Ordering::Relaxed);
    let mut took = Vec::new();
    for caller in all {
        took.extend(caller.await??);
    }
    let per_second = took.len() as f64 / began.elapsed().as_secs_f64();
    took.sort_unstable();
    let of = |share: usize| took.get(took.len() * share / 100).copied().unwrap_or_default().as_secs_f64() * 1_000.0;
    println!(
        "{per_second:.0} appends/s, {callers} callers, {channels} channels; p50 {:.1} ms, p99 {:.1} ms",
        of(50),
        of(99)
    );
    Ok(())
}
