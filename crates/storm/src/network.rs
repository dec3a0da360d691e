use std::{
    collections::BTreeMap,
    future::{Future, pending},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use midtrans::{Carried, Exchange, Line, Request, Unclear};
use time::OffsetDateTime;
use tokio::{
    sync::{Notify, oneshot},
    time::{Instant, sleep_until, timeout_at},
};

use crate::{chance::Chance, clock::Clocks, gateway::Answer};

/// What lies between the shop and Midtrans: requests and answers on their way.
///
/// What was sent arrives, or does not, whatever became of its sender.
#[derive(Clone)]
pub struct Network {
    inner: Arc<Mutex<Inner>>,
    changed: Arc<Notify>,
    clocks: Clocks,
    pulse: Pulse,
}

/// Tells whether the PC runs.
pub type Pulse = Arc<dyn Fn() -> bool + Send + Sync>;

struct Inner {
    weather: Weather,
    chance: Chance,
    on_the_way: BTreeMap<(i64, u64), Event>,
    serial: u64,
}

/// How the network is just now. Each number is so many in a thousand requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    /// Nothing comes through at all.
    pub down: bool,
    /// The request never arrives.
    pub lost: u64,
    /// The request arrives long after its sender has given up.
    pub late: u64,
    /// The answer never arrives, or half of it does, or somebody else's.
    pub answer_lost: u64,
    /// The program that sent it dies meanwhile.
    pub killed: u64,
    /// The power goes meanwhile.
    pub power_cut: u64,
}

/// A request on its way.
pub struct Packet {
    /// The program that sent it.
    pub process: u32,
    /// Which Midtrans it goes to.
    pub side: usize,
    /// The key it carries.
    pub key: String,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Everything behind the host.
    pub path: String,
    /// The body.
    pub body: Vec<u8>,
    /// The address it names for notifications.
    pub notify: Option<String>,
    /// What happens to its sender meanwhile.
    pub blow: Option<(Point, Blow)>,
    reply: oneshot::Sender<Carried>,
    back: Back,
    back_after: i64,
}

/// What happens next in the network.
pub enum Event {
    /// A request is at Midtrans' door.
    Arrives(Packet),
    /// An answer, or that there is none, is at the shop's door.
    Returns(Packet, Carried),
}

/// A place on the way of a request and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// Before Midtrans has it.
    Before,
    /// After Midtrans has decided and before the answer is back.
    After,
    /// When the answer is back and nothing of it is written down.
    Back,
}

/// What strikes a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    /// It is killed.
    Kill,
    /// The power goes.
    PowerCut,
}

/// How the answer comes back.
#[derive(Clone, Copy)]
enum Back {
    Whole,
    Never,
    /// The line breaks after so many thousandths of the body.
    Cut(u64),
    /// The body is shorter than it was, and nobody notices on the way.
    Short(u64),
    /// Something on the way answers in Midtrans' place.
    Foreign,
}

/// A request is given up after this long.
const PATIENCE: Duration = Duration::from_secs(30);

impl Network {
    /// A network in fine weather, at a PC with this pulse.
    pub fn new(clocks: Clocks, chance: Chance, pulse: Pulse) -> Self {
        let inner = Inner { weather: Weather::default(), chance, on_the_way: BTreeMap::new(), serial: 0 };
        Self { inner: Arc::new(Mutex::new(inner)), changed: Arc::default(), clocks, pulse }
    }

    /// A line to Midtrans for one program.
    pub fn line(&self, process: u32, side: usize, key: String) -> Arc<dyn Line> {
        Arc::new(Wire { network: self.clone(), process, side, key })
    }

    /// The weather changes. What is on its way is not touched by it.
    pub fn set_weather(&self, weather: Weather) {
        self.lock().weather = weather;
    }

    /// When something next happens.
    pub fn next_due(&self) -> Option<i64> {
        self.lock().on_the_way.first_key_value().map(|((due, _), _)| *due)
    }

    /// The bodies of all charges that have still to arrive there.
    pub fn charges_on_the_way(&self, side: usize) -> Vec<Vec<u8>> {
        let inner = self.lock();
        let bodies = inner.on_the_way.values().filter_map(|event| match event {
            Event::Arrives(packet) if packet.side == side && packet.path == "/v2/charge" => Some(packet.body.clone()),
            _ => None,
        });
        bodies.collect()
    }

    /// Takes out what happens next, if it is time for it.
    pub fn take(&self, now: i64) -> Option<Event> {
        let mut inner = self.lock();
        let first = inner.on_the_way.first_entry().filter(|first| first.key().0 <= now)?;
        Some(first.remove())
    }

    /// Sends an answer back.
    pub fn answer(&self, packet: Packet, answer: Answer, now: i64) {
        let whole = |body: Vec<u8>| Exchange {
            http_status: Some(answer.http),
            body,
            server_date: OffsetDateTime::from_unix_timestamp(now.div_euclid(1_000)).ok(),
        };
        let part = |permille: u64| {
            let length = answer.body.len() * usize::try_from(permille).unwrap_or(0) / 1_000;
            answer.body[..length].to_vec()
        };
        let carried = match packet.back {
            Back::Never => return,
            Back::Whole => Carried { exchange: whole(answer.body.clone()), trouble: None },
            Back::Cut(permille) => Carried { exchange: whole(part(permille)), trouble: Some(Unclear::CutOff) },
            Back::Short(permille) => Carried { exchange: whole(part(permille)), trouble: None },
            Back::Foreign => {
                let body = b"<html><body>Sign in to WiFi</body></html>".to_vec();
                Carried { exchange: Exchange { http_status: Some(200), body, server_date: None }, trouble: None }
            }
        };
        let due = now + packet.back_after;
        self.push(due, Event::Returns(packet, carried));
    }

    /// Gives the answer to whoever waits for it, if anybody still does.
    pub fn deliver(packet: Packet, carried: Carried) {
        let _ = packet.reply.send(carried);
    }

    /// Waits until something was sent, at most until this true time.
    pub async fn sent_before(&self, truth: i64) {
        let left = u64::try_from(truth - self.clocks.truth()).unwrap_or(0);
        let deadline = Instant::now() + Duration::from_millis(left);
        let _ = timeout_at(deadline, self.changed.notified()).await;
    }

    /// Whatever is late arrives at the latest then.
    pub fn heal(&self, by: i64) {
        let mut inner = self.lock();
        inner.weather = Weather::default();
        let (soon, late): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut inner.on_the_way).into_iter().partition(|((due, _), _)| *due <= by);
        inner.on_the_way = soon;
        inner.on_the_way.extend(late.into_iter().map(|((_, serial), event)| ((by, serial), event)));
        for event in inner.on_the_way.values_mut() {
            let (Event::Arrives(packet) | Event::Returns(packet, _)) = event;
            packet.blow = None;
        }
    }

    fn send(&self, wire: &Wire, request: Request) -> oneshot::Receiver<Carried> {
        let (reply, answer) = oneshot::channel();
        let now = self.clocks.truth();
        let mut inner = self.lock();
        let Inner { weather, chance, .. } = &mut *inner;
        let blow = if chance.permille(weather.power_cut) {
            Some(Blow::PowerCut)
        } else {
            chance.permille(weather.killed).then_some(Blow::Kill)
        };
        let point = *chance.pick(&[Point::Before, Point::After, Point::Back]).unwrap_or(&Point::Before);
        let back = if chance.permille(weather.answer_lost) { Back::spoiled(chance) } else { Back::Whole };
        let packet = Packet {
            process: wire.process,
            side: wire.side,
            key: wire.key.clone(),
            method: request.method,
            path: request.path.to_owned(),
            body: request.body.unwrap_or_default().to_vec(),
            notify: request.notify.map(str::to_owned),
            blow: blow.map(|blow| (point, blow)),
            reply,
            back,
            back_after: chance.between(10, 400),
        };
        let broken = |trouble| Carried { exchange: Exchange::default(), trouble: Some(trouble) };
        let usual = chance.between(10, 400);
        let (due, event) = if weather.down {
            (now + chance.between(0, 5_000), Event::Returns(packet, broken(Unclear::CannotConnect)))
        } else if chance.permille(weather.lost) {
            // Half of it, perhaps, but never the whole: Midtrans does nothing.
            (now + chance.between(0, 40_000), Event::Returns(packet, broken(Unclear::CutOff)))
        } else if chance.permille(weather.late) {
            (now + chance.between(31_000, 120_000), Event::Arrives(packet))
        } else {
            (now + usual, Event::Arrives(packet))
        };
        drop(inner);
        self.push(due, event);
        answer
    }

    fn push(&self, due: i64, event: Event) {
        let mut inner = self.lock();
        inner.serial += 1;
        let serial = inner.serial;
        inner.on_the_way.insert((due, serial), event);
        drop(inner);
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Back {
    fn spoiled(chance: &mut Chance) -> Self {
        match chance.below(5) {
            0 | 1 => Self::Never,
            2 => Self::Cut(chance.below(1_000)),
            3 => Self::Short(chance.below(1_000)),
            _ => Self::Foreign,
        }
    }
}

/// One program's line to Midtrans, with the key it was made with.
struct Wire {
    network: Network,
    process: u32,
    side: usize,
    key: String,
}

impl Line for Wire {
    fn carry<'a>(&'a self, request: Request<'a>) -> Pin<Box<dyn Future<Output = Carried> + Send + 'a>> {
        if !(self.network.pulse)() {
            // The PC has halted, so this program is dead and only does not know it yet.
            return Box::pin(pending());
        }
        let given_up = Instant::now() + PATIENCE;
        let answer = self.network.send(self, request);
        Box::pin(async move {
            match timeout_at(given_up, answer).await {
                Ok(Ok(carried)) => return carried,
                // Nobody will ever answer; that is noticed only by waiting.
                Ok(Err(_)) => sleep_until(given_up).await,
                Err(_) => {}
            }
            Carried { exchange: Exchange::default(), trouble: Some(Unclear::TimedOut) }
        })
    }
}
