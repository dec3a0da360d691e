//! From the answer of a charge to the slip at the printer: real ledger, counter, queue and press, a simulator as
//! Midtrans, and a printer on the network of this PC that takes bytes as fast as they come.
//!
//! `scripts/bench paper` runs it. One printer answers how it is, as good ones do; the other never says a word.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

use std::{
    future::Future,
    io::{Read, Write},
    net::TcpListener,
    pin::Pin,
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
    thread,
    time::{Duration, Instant},
};

use counter::{Counter, Gateway, Problem};
use desk::{Press, now, senses};
use ledger::{Binding, Folder, Ledger, PaperSettings, PrinterSetting, Settings};
use midtrans::{Client, Destination, Patience, ServerKey};
use secrecy::SecretString;
use simulator::{Config, Simulator};
use stage::measure::row;
use tempfile::TempDir;
use till::{Draft, Environment, From, Pace, Store};

const TIMES: usize = 200;
/// What is promised.
const PROMISED: Duration = Duration::from_millis(300);
/// Real money, so that there are bars to draw and to read again.
const KEY: &str = "Mid-server-ukur-0123456789abcdefghij";

#[tokio::main]
async fn main() {
    let answering = row("a printer that answers", measure(true, TIMES).await);
    // It is listened for a second after each slip whether such a printer hangs up.
    let mute = row("a printer that never answers", measure(false, TIMES / 2).await);
    let slower = answering.max(mute);
    assert!(slower < PROMISED, "a slip takes {slower:?} at p99, and {PROMISED:?} are promised");
}

async fn measure(answers: bool, times: usize) -> Vec<Duration> {
    let folder = TempDir::new().unwrap();
    let midtrans = Simulator::start(Config::new(KEY)).await.unwrap();
    let (ledger, _) =
        Ledger::begin(&Folder::at(folder.path()), Environment::Production, Some(Binding::Loopback), *b"till", now())
            .unwrap();
    let patience = Patience { connect: Duration::from_secs(2), whole: Duration::from_secs(5) };
    let key = ServerKey::parse(SecretString::from(KEY)).unwrap();
    let client = Client::new(Destination::loopback(&midtrans.url()).unwrap(), key, patience).unwrap();
    let counter = Arc::new(Counter::open(Arc::new(ledger), Arc::new(To(client)), senses(), Pace::SHOP));
    let (at, slips) = printer(answers);
    let printers = vec![PrinterSetting { name: "Kasir".into(), at, ..PrinterSetting::default() }];
    let paper = PaperSettings { printers, ..PaperSettings::default() };
    counter.set(Settings { shop_name: "Toko Sumber Rejeki".into(), paper, ..Settings::default() }).unwrap();
    // The press says so too once it runs; the first charge need not wait for that.
    counter.prints_by_itself();
    let press = Press::of(counter.clone());
    tokio::spawn(async move { press.run().await });

    let mut took = Vec::with_capacity(times);
    for _ in 0..times {
        let draft = Draft { amount: "162500".into(), ..Draft::empty(Store::Indomaret) };
        counter.charge(counter.draw_sale_id(), &draft, From::Cashier).await.unwrap();
        let answered = Instant::now();
        let slips = &slips;
        let whole = tokio::task::block_in_place(|| slips.recv_timeout(Duration::from_secs(20))).unwrap();
        took.push(whole.saturating_duration_since(answered));
    }
    took
}

struct To(Client);

impl Gateway for To {
    fn client(&self) -> Pin<Box<dyn Future<Output = Result<Client, Problem>> + Send + '_>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

/// A printer, its address, and when it had each slip whole.
fn printer(answers: bool) -> (String, Receiver<Instant>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = format!("network:{}", listener.local_addr().unwrap());
    let (tell, told) = channel();
    thread::spawn(move || {
        for line in listener.incoming() {
            let (mut line, mut part) = (line.unwrap(), [0; 16 * 1024]);
            let (mut slip, mut whole) = (Vec::new(), Instant::now());
            while let Ok(got @ 1..) = line.read(&mut part) {
                let (asked, bytes) = (part[..got].starts_with(&[0x10, 0x04]), &part[..got]);
                if asked && answers {
                    line.write_all(&[0x12]).unwrap();
                } else if !asked {
                    slip.extend_from_slice(bytes);
                    // The last question comes in its turn, and is no part of the slip.
                    if slip.ends_with(&[0x1d, b'r', 1]) {
                        slip.truncate(slip.len() - 3);
                        line.write_all(&[0]).unwrap();
                    } else {
                        whole = Instant::now();
                    }
                }
            }
            assert!(slip.len() > 1000, "a slip with its bars and its QR");
            tell.send(whole).unwrap();
        }
    });
    (at, told)
}
