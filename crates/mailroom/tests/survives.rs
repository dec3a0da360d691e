//! What was promised to be kept is there after anybody was killed, at whatever moment.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    collections::BTreeMap,
    env,
    future::poll_fn,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use mailroom::{Channel, Keeping, Mailroom, PathSecret, Place, Registry, Seq, Store, Time};
use stage::{Chance, Postgres, asked_for};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinHandle,
    time::timeout,
};

const NOW: Time = Time::from_millis(1_790_000_000_000);
const KEEPING: Keeping =
    Keeping { entries: 1_000_000, bytes: 1 << 30, after_read: Duration::from_secs(1), at_most: Duration::from_secs(1) };
/// So many append at once.
const CALLERS: u64 = 16;
const CHANNELS: u64 = 3;
/// Names where a program that is to be killed writes, and from which number on.
const PLACE: &str = "GERAI_MAILROOM_PLACE";
const FIRST: &str = "GERAI_MAILROOM_FIRST";

fn body(n: u64) -> Bytes {
    format!("{{\"n\":{n},\"{}\":0}}", "x".repeat(700)).into()
}

/// Which channel a number goes to.
fn of(n: u64) -> Channel {
    Channel::of(1 + i64::try_from(n % CHANNELS).unwrap())
}

async fn open(place: &str) -> Store {
    Store::open(&place.parse::<Place>().unwrap(), KEEPING).await.unwrap()
}

async fn with_channels(place: &str) {
    let store = open(place).await;
    for chance in 0..CHANNELS {
        let secret = PathSecret::draw([u8::try_from(chance).unwrap(); 20]).hash();
        store.new_channel("Toko", secret, NOW).await.unwrap();
    }
}

/// Every number that was promised to be kept is there once, where it was said, and nothing is missing
/// in between.
async fn holds(store: &Store, promised: &BTreeMap<u64, Seq>) {
    let mut kept = BTreeMap::new();
    for n in 0..CHANNELS {
        let mut after = Seq::START;
        loop {
            let page = store.read(of(n), after, 1_000).await.unwrap();
            if page.entries.is_empty() {
                assert_eq!(page.newest, after, "a number was given and nothing is there");
                break;
            }
            for entry in page.entries {
                assert_eq!(entry.seq, after.next(), "a number is missing");
                after = entry.seq;
                let text = String::from_utf8(entry.body).unwrap();
                let n = text.strip_prefix("{\"n\":").and_then(|text| text.split(',').next()).unwrap().parse().unwrap();
                assert_eq!(body(n), text.as_bytes(), "what is kept is not what came");
                assert_eq!(kept.insert(n, entry.seq), None, "{n} is there twice");
            }
        }
    }
    for (n, seq) in promised {
        assert_eq!(kept.get(n), Some(seq), "{n} was promised to be kept");
    }
}

/// No test: a program that appends, and says what it was promised, until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it never ends; others start it and kill it"]
async fn a_program_that_appends() {
    let (Ok(place), Ok(first)) = (env::var(PLACE), env::var(FIRST)) else { return };
    let store = Arc::new(open(&place).await);
    let next = Arc::new(AtomicU64::new(first.parse().unwrap()));
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let (store, next) = (Arc::clone(&store), Arc::clone(&next));
            tokio::spawn(async move {
                let draw = || {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    // What came before comes again now and then.
                    if n % 10 == caller % 10 { n / 2 } else { n }
                };
                let mut n = draw();
                while let Ok(appended) = store.append(of(n), body(n), None, NOW).await {
                    println!("\npromised {n} {}", appended.seq());
                    n = draw();
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
}

/// Starts such a program, and kills it when it was promised so many.
fn killed_after(many: usize, place: &str, first: u64, promised: &mut BTreeMap<u64, Seq>) -> u64 {
    let mut program = Command::new(env::current_exe().unwrap());
    program.args(["--exact", "a_program_that_appends", "--ignored", "--nocapture"]);
    program.env(PLACE, place).env(FIRST, first.to_string()).stdout(Stdio::piped());
    let mut program = program.spawn().unwrap();
    let mut last = first;
    let mut heard = 0;
    // What it said before it was killed is still in the pipe.
    for line in BufReader::new(program.stdout.take().unwrap()).lines().map_while(Result::ok) {
        let Some((n, seq)) = line.strip_prefix("promised ").and_then(|line| line.split_once(' ')) else { continue };
        // The last line may be torn.
        let (Ok(n), Ok(seq)) = (n.parse(), seq.parse()) else { continue };
        let before = promised.insert(n, seq);
        assert!(before.is_none_or(|before| before == seq), "{n} was {before:?} and is {seq} now");
        last = last.max(n);
        heard += 1;
        if heard == many {
            program.kill().unwrap();
        }
    }
    program.wait().unwrap();
    assert!(heard >= many, "it ended by itself");
    // Some numbers were under way.
    last + 10 * CALLERS
}

async fn survives_kills(place: &str, rounds: u64) {
    let mut chance = Chance::drawn();
    with_channels(place).await;
    let (mut promised, mut first) = (BTreeMap::new(), 0);
    for _ in 0..rounds {
        let many = 1 + usize::try_from(chance.below(400)).unwrap();
        first = killed_after(many, place, first, &mut promised);
        holds(&open(place).await, &promised).await;
    }
    println!("{rounds} kills of a mailroom, {} letters promised", promised.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_relay_has_lost_nothing_in_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("mailroom.db");
    survives_kills(place.to_str().unwrap(), asked_for("GERAI_TORTURE_KILLS", 12)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_relays_and_crashed_servers_have_lost_nothing_in_a_database() {
    let mut server = Postgres::in_memory();
    let place = server.new_database("mailroom");
    survives_kills(&place, asked_for("GERAI_TORTURE_KILLS", 5)).await;
    let crashed = server.new_database("crashed");
    with_channels(&crashed).await;
    survives_crashes(&mut server, &crashed, asked_for("GERAI_TORTURE_CRASHES", 4)).await;
}

/// The relay lives on while its database crashes under it. It asks again for what it was not promised,
/// as Midtrans would.
async fn survives_crashes(server: &mut Postgres, place: &str, crashes: u64) {
    let mut chance = Chance::drawn();
    let store = Arc::new(open(place).await);
    let promised = Arc::new(Mutex::new(BTreeMap::new()));
    let next = Arc::new(AtomicU64::new(0));
    let ends = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (store, next, promised, ends) =
                (Arc::clone(&store), Arc::clone(&next), Arc::clone(&promised), Arc::clone(&ends));
            tokio::spawn(async move {
                while !ends.load(Ordering::Acquire) {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let seq = loop {
                        match store.append(of(n), body(n), None, NOW).await {
                            Ok(appended) => break appended.seq(),
                            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                        }
                    };
                    promised.lock().unwrap().insert(n, seq);
                }
            })
        })
        .collect();
    for _ in 0..crashes {
        let many = promised.lock().unwrap().len() + 100 + usize::try_from(chance.below(600)).unwrap();
        stage::until("it goes on", || promised.lock().unwrap().len() >= many);
        server.crash();
        server.go_on();
    }
    let many = promised.lock().unwrap().len() + 100;
    stage::until("it goes on", || promised.lock().unwrap().len() >= many);
    ends.store(true, Ordering::Release);
    for caller in callers {
        caller.await.unwrap();
    }
    let promised = promised.lock().unwrap().clone();
    println!("{} were promised", promised.len());
    holds(&store, &promised).await;
}

/// The power goes at each of the first so many calls of SQLite, and at each the disk fails to flush.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fails_and_loses_power_has_lost_nothing() {
    let seed = asked_for("GERAI_TORTURE_SEED", 1);
    let mut chance = disk::Chance::seeded(seed);
    println!("GERAI_TORTURE_SEED={seed}");
    for nth in 1..=asked_for("GERAI_TORTURE_CALLS", 60) {
        let folder = tempfile::tempdir().unwrap();
        let disk = disk::Disk::in_folder(folder.path());
        let place = folder.path().join("mailroom.db");
        let place = place.to_str().unwrap();
        with_channels(place).await;
        let mut promised = BTreeMap::new();
        let store = open(place).await;
        if nth % 2 == 0 {
            disk.fail_at(nth / 2, &[disk::Call::Sync], disk::Failure::Eio);
        } else {
            disk.stop_at(nth);
        }
        let mut refused = 0;
        for n in 0..25 {
            match store.append(of(n), body(n), None, NOW).await {
                Ok(appended) => {
                    promised.insert(n, appended.seq());
                }
                Err(_) => refused += 1,
            }
        }
        if nth % 2 == 0 {
            assert!(refused <= 2, "after one failure it goes on: {refused} were refused");
        }
        disk.power_cut(&mut chance);
        drop(store);
        holds(&open(place).await, &promised).await;
    }
}

/// What two relays on one database append is one log, and whoever waits at one hears of the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_relays_on_one_database_keep_one_log() {
    const EACH: u64 = 200;
    let server = Postgres::in_memory();
    let place = server.new_database("mailroom");
    with_channels(&place).await;
    let (one, other) = (Arc::new(open(&place).await), Arc::new(open(&place).await));
    let write = |store: &Arc<Store>, first: u64| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            for n in 0..EACH {
                // Both are told some of the same, as Midtrans does after a time-out.
                let n = if n % 10 == 0 { n } else { first + n };
                store.append(Channel::of(1), body(n), None, NOW).await.unwrap();
            }
        })
    };
    let writers = [write(&one, 1_000), write(&one, 2_000), write(&other, 3_000), write(&other, 4_000)];
    let all = EACH / 10 + 4 * (EACH - EACH / 10);
    let (mut after, reader) = (Seq::START, &other);
    while after < Seq::of(i64::try_from(all).unwrap()) {
        let waited = timeout(PATIENCE, reader.wait(Channel::of(1), after)).await;
        waited.expect("more comes");
        for entry in reader.read(Channel::of(1), after, 50).await.unwrap().entries {
            assert_eq!(entry.seq, after.next(), "a number was left out");
            after = entry.seq;
        }
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let page = one.read(Channel::of(1), after, 1).await.unwrap();
    assert_eq!((page.entries.len(), page.newest), (0, after), "each body is there once");
}

/// Whoever waits at one relay hears of what another one was told, and not only when it looks by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_at_one_relay_is_woken_by_the_other() {
    let server = Postgres::in_memory();
    let place = server.new_database("mailroom");
    with_channels(&place).await;
    let (one, other) = (open(&place).await, Arc::new(open(&place).await));
    let waiting = |after: i64| {
        let other = Arc::clone(&other);
        tokio::spawn(async move { other.wait(Channel::of(1), Seq::of(after)).await })
    };
    let woken = async |waiting: JoinHandle<()>| timeout(PATIENCE, waiting).await.expect("it is woken").unwrap();
    // It hears: there is nothing to be seen, however often it looks.
    until_heard(&server, waiting(0)).await;
    // And it tells: somebody who only listens knows of it.
    let (ear, heard) = ear(&place).await;
    for n in 0..5 {
        let waits = waiting(n);
        one.append(Channel::of(1), body(u64::try_from(n).unwrap()), None, NOW).await.unwrap();
        woken(waits).await;
    }
    let told = async {
        let mut heard = heard;
        while !heard.recv().await.unwrap().split(' ').any(|told| told == "1:5") {}
    };
    timeout(PATIENCE, told).await.expect("the relay tells how far it has come");
    drop(ear);
    // It looks: nobody has told of this.
    let waits = waiting(5);
    server.tell("mailroom", "UPDATE channel SET newest = 6 WHERE id = 1");
    woken(waits).await;
    // Both hear again when their lines were cut.
    server.tell("mailroom", "UPDATE channel SET newest = 5 WHERE id = 1");
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gerai-relay'";
    server.tell("mailroom", cut);
    until_heard(&server, waiting(5)).await;
}

const PATIENCE: Duration = Duration::from_secs(20);

/// Tells of something that is not there, until whoever waits has heard it.
async fn until_heard(server: &Postgres, mut waits: JoinHandle<()>) {
    let hears = async {
        while timeout(Duration::from_millis(20), &mut waits).await.is_err() {
            server.tell("mailroom", "NOTIFY gerai_mailroom, '1:7'");
        }
    };
    timeout(PATIENCE, hears).await.expect("it listens");
}

/// Somebody who hears what relays tell one another, and writes nothing.
async fn ear(place: &str) -> (tokio_postgres::Client, UnboundedReceiver<String>) {
    let (client, mut line) = tokio_postgres::connect(place, tokio_postgres::NoTls).await.unwrap();
    let (hears, heard) = unbounded_channel();
    tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| line.poll_message(context)).await {
            if let tokio_postgres::AsyncMessage::Notification(told) = message {
                let _ = hears.send(told.payload().to_owned());
            }
        }
    });
    client.batch_execute("LISTEN gerai_mailroom").await.unwrap();
    (client, heard)
}
