//! The measures, each on a fresh store.

use std::{
    net::Ipv4Addr,
    rc::Rc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{
    task::{JoinHandle, spawn_local},
    time::{Instant, sleep},
};

use crate::{
    Arguments,
    bodies::Bodies,
    desk::Desk,
    house::{Channels, Done, House, Kind, UNLIMITED, folder, held},
    machine::{busy, median, memory, probe, share},
    sender::{Load, Sent},
    tills::{self, Hall},
};

const CONNECTIONS: u32 = 64;
const CHANNELS: usize = 100;
/// How fast it was in the first moments says nothing.
const WARM: Duration = Duration::from_secs(1);

/// As many notifications as go in, through the relay on SQLite and beside it through Express.
pub async fn saturation(arguments: &Arguments) -> Done<()> {
    println!("{}", Row::HEAD);
    let (mut of_relay, mut of_express, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..arguments.times {
        let mut express = express(arguments).await?;
        let mut relay = saturate(arguments, &Kind::Sqlite, CHANNELS).await?;
        println!("{}\n{}", express.row("Express"), relay.row("SQLite"));
        ratios.push(relay.rate / express.rate);
        of_relay.push(relay.rate);
        of_express.push(express.rate);
    }
    println!(
        "median: Express {:.0}/s, relay on SQLite {:.0}/s, {:.1} times as many",
        median(of_express),
        median(of_relay),
        median(ratios)
    );
    one_channel(arguments, &Kind::Sqlite).await
}

/// As many as go in through the relay on PostgreSQL.
pub async fn postgres(arguments: &Arguments) -> Done<()> {
    let server = stage::Postgres::start();
    let kind = Kind::Postgres(&server);
    println!("{}", Row::HEAD);
    let mut rates = Vec::new();
    for _ in 0..arguments.times {
        let mut relay = saturate(arguments, &kind, CHANNELS).await?;
        println!("{}", relay.row(kind.name()));
        rates.push(relay.rate);
    }
    println!("median: relay on PostgreSQL {:.0}/s", median(rates));
    one_channel(arguments, &kind).await
}

async fn one_channel(arguments: &Arguments, kind: &Kind<'_>) -> Done<()> {
    let mut all_in_one = saturate(arguments, kind, 1).await?;
    println!("{}", all_in_one.row(&format!("{}, 1 channel", kind.name())));
    Ok(())
}

/// What came of one run.
struct Row {
    rate: f64,
    took: Vec<Duration>,
    refused: u64,
    /// The time that the program kept processors busy for each notification.
    busy: Duration,
    flush: Vec<Duration>,
    acked: usize,
    lost: usize,
    wrong: u64,
}

impl Row {
    const HEAD: &str = "                        stored/s   p50 ms   p99 ms  CPU µs each   refused   answered 200, lost after kill   raw flush/s   p50 ms   p99 ms";

    fn row(&mut self, name: &str) -> String {
        let flushes = self.flush.len() as f64 / self.flush.iter().sum::<Duration>().as_secs_f64();
        format!(
            "{name:<22} {:>9.0} {:>8.1} {:>8.1} {:>12.0} {:>9} {:>14}, {:<14} {:>13.0} {:>8.2} {:>8.2}{}",
            self.rate,
            share(&mut self.took, 50.0),
            share(&mut self.took, 99.0),
            self.busy.as_secs_f64() * 1e6,
            self.refused,
            self.acked,
            self.lost,
            flushes,
            share(&mut self.flush, 50.0),
            share(&mut self.flush, 99.0),
            if self.wrong > 0 { format!("   {} WRONG", self.wrong) } else { String::new() },
        )
    }
}

fn lasts(arguments: &Arguments, usual: u64, short: u64) -> Duration {
    Duration::from_secs(arguments.seconds.unwrap_or(if arguments.short { short } else { usual }))
}

fn bodies(mixed: bool, claimed: Vec<String>) -> Rc<Bodies> {
    let run = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() % 100_000_000;
    Rc::new(Bodies { run: format!("{run:08}"), key: relay::TRAINING_KEY.to_owned(), mixed, claimed })
}

fn load(to: std::net::SocketAddr, paths: &[String], bodies: &Rc<Bodies>, lasts: Duration) -> Load {
    Load {
        to,
        paths: paths.into(),
        bodies: Rc::clone(bodies),
        first: 0,
        connections: CONNECTIONS,
        of_each: CONNECTIONS,
        rate: None,
        lasts,
        until_broken: false,
    }
}

/// Sends as fast as it goes, and kills the program in the midst of it. What was answered until then is
/// told with how much was answered in a second.
async fn to_the_death(mut house: House, load: Load) -> (Sent, f64, Duration) {
    let lasts = load.lasts;
    let sending = spawn_local(Load { lasts: lasts + Duration::from_secs(60), until_broken: true, ..load }.send());
    sleep(WARM).await;
    let before = busy(house.pid());
    sleep(lasts - WARM).await;
    let worked = busy(house.pid()) - before;
    house.kill();
    let mut sent = sending.await.unwrap_or_default();
    sent.took.retain(|(_, at)| (WARM..lasts).contains(at));
    let counted = sent.took.len() as f64;
    (sent, counted / (lasts - WARM).as_secs_f64(), worked.div_f64(counted.max(1.0)))
}

async fn saturate(arguments: &Arguments, kind: &Kind<'_>, channels: usize) -> Done<Row> {
    let (folder, lasts) = (folder()?, lasts(arguments, 10, 4));
    let place = kind.fresh(folder.path());
    let channels = Channels::make(&place, channels, false).await?;
    let mut flush = probe(folder.path(), Duration::from_millis(500))?;
    let house = House::relay(&arguments.relay, &place, UNLIMITED, folder.path())?;
    let bodies = bodies(false, Vec::new());
    let load = load(house.listening, &channels.paths, &bodies, lasts);
    let (sent, rate, each) = to_the_death(house, load).await;
    flush.extend(probe(folder.path(), Duration::from_millis(500))?);
    // The relay comes back, and its store is looked into while it works.
    let _house = House::relay(&arguments.relay, &place, UNLIMITED, folder.path())?;
    let held = held(&place, &channels.numbers, &bodies, |_, _| {}).await?;
    let lost = sent.stored.iter().filter(|number| !held.numbers.contains(number)).count();
    Ok(Row::of(sent, rate, each, flush, lost, held.wrong))
}

async fn express(arguments: &Arguments) -> Done<Row> {
    let (folder, lasts) = (folder()?, lasts(arguments, 10, 4));
    let file = folder.path().join("express.db");
    let mut flush = probe(folder.path(), Duration::from_millis(500))?;
    let bodies = bodies(false, Vec::new());
    let house = House::express(&arguments.express, &file, &bodies.key)?;
    let load = load(house.listening, &["/n/secret".into()], &bodies, lasts);
    let (sent, rate, each) = to_the_death(house, load).await;
    flush.extend(probe(folder.path(), Duration::from_millis(500))?);
    let stored: u64 =
        rusqlite::Connection::open(&file)?.query_row("SELECT count(*) FROM notification", [], |row| row.get(0))?;
    let lost = sent.stored.len().saturating_sub(usize::try_from(stored)?);
    Ok(Row::of(sent, rate, each, flush, lost, 0))
}

impl Row {
    fn of(sent: Sent, rate: f64, busy: Duration, flush: Vec<Duration>, lost: usize, wrong: u64) -> Self {
        let refused = sent.refused.values().sum();
        let took = sent.took.iter().map(|(took, _)| *took).collect();
        Self { rate, took, refused, busy, flush, acked: sent.stored.len(), lost, wrong }
    }
}

/// A thousand channels under the limits as they are when nobody sets any.
pub async fn channels(arguments: &Arguments) -> Done<()> {
    let (folder, lasts) = (folder()?, lasts(arguments, 20, 4));
    let place = Kind::Sqlite.fresh(folder.path());
    let channels = Channels::make(&place, if arguments.short { 100 } else { 1_000 }, false).await?;
    let mut flush = probe(folder.path(), Duration::from_millis(500))?;
    let house = House::relay(&arguments.relay, &place, &[], folder.path())?;
    let bodies = bodies(false, Vec::new());
    // Midtrans calls from a handful of addresses.
    let load = Load { of_each: 16, ..load(house.listening, &channels.paths, &bodies, lasts) };
    let (sent, rate, each) = to_the_death(house, load).await;
    flush.extend(probe(folder.path(), Duration::from_millis(500))?);
    let _house = House::relay(&arguments.relay, &place, &[], folder.path())?;
    let held = held(&place, &channels.numbers, &bodies, |_, _| {}).await?;
    let lost = sent.stored.iter().filter(|number| !held.numbers.contains(number)).count();
    println!("{}\n{}", Row::HEAD, Row::of(sent, rate, each, flush, lost, held.wrong).row("SQLite, default limits"));
    Ok(())
}

/// The same number each second for long, with repetitions and forgeries among them, whatever the answers.
pub async fn steady(arguments: &Arguments) -> Done<()> {
    let (folder, lasts) = (folder()?, lasts(arguments, 600, 10));
    let desk = Desk::open(folder.path())?;
    let place = Kind::Sqlite.fresh(folder.path());
    let channels = Channels::make(&place, CHANNELS, false).await?;
    let bodies = bodies(true, desk.order_ids());
    let mut house = House::relay(&arguments.relay, &place, UNLIMITED, folder.path())?;
    let began = Instant::now();
    let sending =
        spawn_local(Load { rate: Some(1_000.0), ..load(house.listening, &channels.paths, &bodies, lasts) }.send());
    // Beside it, because the disk of ten minutes ago says nothing about this one.
    let mut flush = Vec::new();
    while began.elapsed() < lasts {
        sleep(Duration::from_secs(10).min(lasts / 4)).await;
        let folder = folder.path().to_owned();
        flush.extend(tokio::task::spawn_blocking(move || probe(&folder, Duration::from_millis(50))).await??);
    }
    let mut sent = sending.await?;
    let (now, most) = memory(house.pid());
    house.kill();
    let _house = House::relay(&arguments.relay, &place, UNLIMITED, folder.path())?;
    let mut passed = Vec::new();
    let held = held(&place, &channels.numbers, &bodies, |_, body| passed.push(body)).await?;
    let lost = sent.stored.iter().filter(|number| !held.numbers.contains(&bodies.original(**number))).count();
    let forged = held.numbers.iter().filter(|number| bodies.is_forged(**number)).count();
    let counted: u64 = held.times.values().map(|times| u64::from(*times) - 1).sum();
    let mut took: Vec<_> = sent.took.iter().map(|(took, _)| *took).collect();
    println!(
        "1,000/s for {} s: {} answered 200, {lost} lost, {} refused, {} without an answer, {} sent anew on a new connection",
        lasts.as_secs(),
        sent.stored.len(),
        sent.refused.values().sum::<u64>(),
        sent.unanswered,
        sent.again,
    );
    println!(
        "from the moment it should be sent to its 200: p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
        share(&mut took, 50.0),
        share(&mut took, 99.0),
        share(&mut took, 100.0)
    );
    println!(
        "stored {} of {}, {counted} repetitions counted, {forged} forged, {} wrong",
        held.numbers.len(),
        sent.stored.iter().map(|number| bodies.original(*number)).collect::<std::collections::HashSet<_>>().len(),
        held.wrong,
    );
    sent.stored.clear();
    println!("memory {now:.0} MiB, at most {most:.0} MiB");
    println!("raw flush beside it: p50 {:.2} ms, p99 {:.2} ms", share(&mut flush, 50.0), share(&mut flush, 99.0));
    println!("{}", desk.read(passed)?);
    Ok(())
}

/// Ten thousand tills that wait, and what they cost.
pub async fn polls(arguments: &Arguments) -> Done<()> {
    let tills = if arguments.short { 500 } else { 10_000 };
    let mut slower = Vec::new();
    for round in 0..arguments.times {
        let (folder, lasts) = (folder()?, lasts(arguments, 8, 4));
        let place = Kind::Sqlite.fresh(folder.path());
        let busy_ones = Channels::make(&place, CHANNELS, false).await?;
        let waiting_ones = Channels::make(&place, tills, true).await?;
        let house = House::relay(&arguments.relay, &place, UNLIMITED, folder.path())?;
        let bodies = bodies(false, Vec::new());
        let mut first = 0;
        let mut ingest = async || {
            let sent = Load { first, ..load(house.listening, &busy_ones.paths, &bodies, lasts) }.send().await;
            first += 10_000_000;
            let counted = sent.took.iter().filter(|(_, at)| *at >= WARM).count();
            counted as f64 / (lasts - WARM).as_secs_f64()
        };
        let alone = ingest().await;
        let before = memory(house.pid()).0;
        let hall = Hall::of(tills);
        let waiting: Vec<JoinHandle<()>> = waiting_ones
            .tokens
            .iter()
            .enumerate()
            .map(|(n, token)| {
                // Not all in one moment, as tills do not wake in one either.
                let (token, hall, to) = (token.clone(), Rc::clone(&hall), house.listening);
                spawn_local(async move {
                    sleep(Duration::from_micros(400 * n as u64)).await;
                    tills::till(to, n, token, hall).await;
                })
            })
            .collect();
        while hall.waiting.get() < tills {
            sleep(Duration::from_millis(100)).await;
        }
        // Until the last of them has been heard, too.
        sleep(Duration::from_secs(3)).await;
        let with_them = memory(house.pid()).0;
        let beside = ingest().await;
        let mut woken = wake(&house, &waiting_ones.paths, &bodies, &hall).await;
        let (_, most) = memory(house.pid());
        let flush = probe(folder.path(), Duration::from_millis(500))?;
        println!(
            "round {}: {tills} wait, {before:.0} MiB before, {with_them:.0} MiB with them, {most:.0} MiB at most; \
             woken p50 {:.0} ms, p99 {:.0} ms, max {:.0} ms, {} of {tills}; stored {alone:.0}/s alone, {beside:.0}/s beside them; \
             {} wrong answers; raw flush {:.0}/s",
            round + 1,
            share(&mut woken, 50.0),
            share(&mut woken, 99.0),
            share(&mut woken, 100.0),
            woken.len(),
            hall.wrong.get(),
            flush.len() as f64 / flush.iter().sum::<Duration>().as_secs_f64(),
        );
        slower.push(100.0 * (1.0 - beside / alone));
        waiting.iter().for_each(JoinHandle::abort);
    }
    println!("median: {:.0} % fewer stored while they wait", median(slower));
    Ok(())
}

/// A notification for each till, a thousand a second; how long each was on its way to it.
async fn wake(house: &House, paths: &[String], bodies: &Rc<Bodies>, hall: &Rc<Hall>) -> Vec<Duration> {
    const RATE: f64 = 1_000.0;
    let tills = paths.len();
    // So that the first goes to the first till, and so on.
    let first = u64::try_from(tills * 1_000_000).unwrap_or(0);
    hall.heard.iter().for_each(|heard| heard.set(None));
    let began = Instant::now();
    let lasts = Duration::from_secs_f64(tills as f64 / RATE);
    let load = Load { first, rate: Some(RATE), ..load(house.listening, paths, bodies, lasts) };
    load.send().await;
    for _ in 0..100 {
        if hall.heard.iter().all(|heard| heard.get().is_some()) {
            break;
        }
        sleep(Duration::from_millis(100)).await;
    }
    let heard = hall.heard.iter().enumerate().filter_map(|(n, heard)| Some((n, heard.get()?)));
    heard.map(|(n, at)| at.saturating_duration_since(began + Duration::from_secs_f64(n as f64 / RATE))).collect()
}

/// A shop's notifications while a thousand connections are held that never say anything whole.
pub async fn slow(arguments: &Arguments) -> Done<()> {
    let held_open = if arguments.short { 200 } else { 1_000 };
    let (folder, lasts) = (folder()?, lasts(arguments, 30, 8));
    let place = Kind::Sqlite.fresh(folder.path());
    let channels = Channels::make(&place, CHANNELS, false).await?;
    // The limits as they are when nobody sets any.
    let mut house = House::relay(&arguments.relay, &place, &[], folder.path())?;
    let (bodies, hall) = (bodies(false, Vec::new()), Hall::of(0));
    let slow: Vec<JoinHandle<()>> = (0..held_open)
        .map(|n| {
            let from = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 32, 0, 1)) + n / 25);
            spawn_local(tills::slow(from, house.listening, channels.paths[0].clone(), Rc::clone(&hall)))
        })
        .collect();
    sleep(Duration::from_secs(3)).await;
    let mut least = usize::MAX;
    let load = Load { rate: Some(100.0), of_each: 16, ..load(house.listening, &channels.paths, &bodies, lasts) };
    let sending = spawn_local(load.send());
    while !sending.is_finished() {
        least = least.min(hall.waiting.get());
        sleep(Duration::from_millis(100)).await;
    }
    let sent = sending.await?;
    let most = memory(house.pid()).1;
    slow.iter().for_each(JoinHandle::abort);
    house.kill();
    let _house = House::relay(&arguments.relay, &place, &[], folder.path())?;
    let held = held(&place, &channels.numbers, &bodies, |_, _| {}).await?;
    let lost = sent.stored.iter().filter(|number| !held.numbers.contains(number)).count();
    let mut took: Vec<_> = sent.took.iter().map(|(took, _)| *took).collect();
    println!(
        "{held_open} half-open connections, {least} of them at least at any time; 100 notifications/s beside them: \
         {} answered 200, {lost} lost, {} refused, {} without an answer; p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms; {most:.0} MiB",
        sent.stored.len(),
        sent.refused.values().sum::<u64>(),
        sent.unanswered,
        share(&mut took, 50.0),
        share(&mut took, 99.0),
        share(&mut took, 100.0),
    );
    Ok(())
}
