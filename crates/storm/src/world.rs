use std::{
    fmt, io,
    sync::{Arc, Mutex, PoisonError},
};

use counter::{Counter, Senses};
use ledger::{Door as Opener, Ledger, Trouble};
use till::{Draft, Environment, SaleId, Time};

use crate::{
    chance::Chance,
    clock::Clocks,
    counts::Counts,
    gateway::{Done, Gateway, Letter, Manners, Status},
    keyring::{Door, Keyring},
    network::{Blow, Event, Network, Packet, Point},
    pc::{End, Pc},
    temper::Temper,
    trace::Trace,
    window::{Answers, Heard, Window},
    witness::{Broken, Held, READABLE, Sealed, Witness, broken},
};

/// A shop, its people, Midtrans and the weather, all in one.
pub struct World {
    pub(crate) chance: Chance,
    pub(crate) temper: Temper,
    pub(crate) clocks: Clocks,
    pub(crate) network: Network,
    pub(crate) keyring: Keyring,
    pub(crate) pc: Pc,
    pub(crate) sides: Vec<Side>,
    pub(crate) windows: Vec<Window>,
    pub(crate) answers: Answers,
    pub(crate) counts: Counts,
    pub(crate) trace: Trace,
    pub(crate) backup: Option<disk::Snapshot>,
    pub(crate) step: u64,
    programs: u32,
    senses: Arc<Mutex<Chance>>,
}

/// One environment of the shop, with the Midtrans it talks to.
pub struct Side {
    pub(crate) environment: Environment,
    pub(crate) gateway: Gateway,
    pub(crate) witness: Witness,
    /// The witness' own eyes on the ledger.
    pub(crate) eyes: Option<Ledger>,
    pub(crate) relay: Relay,
    /// What the cashier has typed so far, each with the id its sale has or will have.
    pub(crate) presses: Vec<(SaleId, Draft)>,
}

/// The relay of one environment.
pub(crate) struct Relay {
    /// It can be reached from outside.
    pub reachable: bool,
    /// A program of its own has the ledger open.
    pub ledger: Option<Arc<Ledger>>,
}

/// Longer than this nobody looks away.
const LOOK: i64 = 5_000;

impl World {
    /// The shop in the morning.
    pub fn new(seed: u64, keep_trace: bool) -> io::Result<Self> {
        let mut chance = Chance::seeded(seed);
        let temper = Temper::draw(&mut chance);
        let clocks = Clocks::begin();
        let environments = [Environment::Sandbox, Environment::Production];
        let environments = &environments[..temper.environments];
        let pc = Pc::new(environments)?;
        let network = Network::new(clocks.clone(), chance.fork(), pc.pulse());
        let keys = ["SB-Mid-server-badai-0001", "Mid-server-badai-0001"];
        let sides = environments.iter().zip(keys).map(|(environment, key)| {
            let manners = Manners {
                lag: *chance.pick(&[0, 0, 2_000, 15_000]).unwrap_or(&0),
                takes_late: chance.permille(300),
                fee: *chance.pick(&[0, 0, 0, 300]).unwrap_or(&0),
                terse: chance.permille(300),
                not_active: chance.permille(40).then_some("indomaret"),
                ..Manners::default()
            };
            let mut gateway = Gateway::new(key, manners, chance.fork());
            gateway.post.loses = *chance.pick(&[0, 0, 100, 500, 1_000]).unwrap_or(&0);
            gateway.post.doubles = *chance.pick(&[0, 200]).unwrap_or(&0);
            gateway.post.dawdles = *chance.pick(&[0, 200]).unwrap_or(&0);
            Side {
                environment: *environment,
                gateway,
                witness: Witness::default(),
                eyes: None,
                relay: Relay { reachable: true, ledger: None },
                presses: Vec::new(),
            }
        });
        let sides = sides.collect();
        let mut world = Self {
            pc,
            temper,
            clocks,
            network,
            keyring: Keyring::of(keys.map(str::to_owned).to_vec()),
            sides,
            windows: Vec::new(),
            answers: Answers::default(),
            counts: Counts::default(),
            trace: Trace::new(keep_trace),
            backup: None,
            step: 0,
            programs: 0,
            senses: Arc::new(Mutex::new(chance.fork())),
            chance,
        };
        world.open_window(0);
        for side in 0..world.sides.len() {
            world.open_eyes(side);
            world.start_relay(side);
        }
        Ok(world)
    }

    /// Something happened.
    pub(crate) fn say(&mut self, what: fmt::Arguments) {
        self.trace.say(self.clocks.truth(), what);
    }

    /// The true time.
    pub(crate) fn now(&self) -> i64 {
        self.clocks.truth()
    }

    /// Starts a desk program, if the ledger lets it.
    pub(crate) fn open_window(&mut self, side: usize) -> bool {
        match self.pc.open(self.sides[side].environment, Opener::Desk) {
            Ok(ledger) => {
                self.programs += 1;
                let (process, clocks, chance) = (self.programs, self.clocks.clone(), self.senses.clone());
                let senses = Senses {
                    clock: Arc::new(move || clocks.pc()),
                    chance: Arc::new(move |bytes: &mut [u8]| {
                        chance.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes);
                    }),
                };
                let door = Door { keyring: self.keyring.clone(), network: self.network.clone(), process, side };
                self.windows.push(Window::start(Arc::new(ledger), door, senses));
                self.say(format_args!("window {process} opens on side {side}"));
                self.counts.note("starts");
                true
            }
            Err(trouble) => {
                self.say(format_args!("no window opens: {}", sort_of(&trouble)));
                false
            }
        }
    }

    /// Gives the witness eyes on a ledger again.
    pub(crate) fn open_eyes(&mut self, side: usize) {
        self.sides[side].eyes = self.pc.open(self.sides[side].environment, Opener::Relay).ok();
    }

    /// Starts the relay as a program of its own, unless it runs inside the window.
    pub(crate) fn start_relay(&mut self, side: usize) {
        if !self.temper.relay_inside && self.sides[side].relay.ledger.is_none() {
            let ledger = self.pc.open(self.sides[side].environment, Opener::Relay);
            self.sides[side].relay.ledger = ledger.ok().map(Arc::new);
            self.say(format_args!("the relay of side {side} starts"));
        }
    }

    /// One desk program ends where it stands.
    pub(crate) async fn kill(&mut self, process: u32) -> Held {
        let Some(place) = self.windows.iter().position(|window| window.process == process) else { return Ok(()) };
        let window = self.windows.remove(place);
        let side = window.side;
        let ended = window.end().await;
        self.say(format_args!("window {process} is killed"));
        self.counts.note("kills");
        ended.or_else(|said| broken("no panic", said))?;
        self.check_after_crash(side)
    }

    /// Lets go of every program of the PC.
    pub(crate) async fn kill_all(&mut self) -> Held {
        for window in std::mem::take(&mut self.windows) {
            window.end().await.or_else(|said| broken("no panic", said))?;
        }
        for side in &mut self.sides {
            side.relay.ledger = None;
            side.eyes = None;
        }
        Ok(())
    }

    /// After everything on the PC has ended: the witness looks first, then the programs come back.
    pub(crate) fn boot(&mut self) -> Held {
        for side in 0..self.sides.len() {
            if self.sides[side].eyes.is_none() {
                self.open_eyes(side);
            }
            self.check_after_crash(side)?;
            self.start_relay(side);
        }
        Ok(())
    }

    fn check_after_crash(&mut self, side: usize) -> Held {
        let side = &self.sides[side];
        let held = side.eyes.as_ref().map_or(Ok(()), |eyes| side.witness.check_after_crash(eyes));
        self.excuse(held)
    }

    /// Whoever cannot read because the disk fails is not to be blamed.
    fn excuse(&self, held: Held) -> Held {
        held.or_else(|broken| if broken.promise == READABLE && self.pc.is_spoiled() { Ok(()) } else { Err(broken) })
    }

    /// Lets so much time pass: packets arrive, notifications are delivered, windows look around.
    pub(crate) async fn pass(&mut self, millis: i64) -> Held {
        let end = self.now() + millis.max(0);
        loop {
            let now = self.now();
            self.deliver(now).await?;
            self.revive().await?;
            self.hear();
            self.look().await?;
            self.revive().await?;
            let now = self.now();
            if now >= end {
                return Ok(());
            }
            let due = self.sides.iter().filter_map(|side| side.gateway.next_due()).chain(self.network.next_due());
            let next = due.chain([end, now + LOOK]).min().unwrap_or(end).max(now);
            self.network.sent_before(next).await;
        }
    }

    /// Everything on its way that is due comes to where it goes.
    pub(crate) async fn deliver(&mut self, now: i64) -> Held {
        while let Some(event) = self.network.take(now) {
            match event {
                Event::Arrives(packet) => self.arrives(packet, now).await?,
                Event::Returns(packet, carried) => {
                    if let Some((Point::Back, blow)) = packet.blow {
                        self.strike(blow, packet.process).await?;
                    }
                    Network::deliver(packet, carried);
                }
            }
        }
        for side in 0..self.sides.len() {
            self.sides[side].gateway.tick(now);
            while let Some(letter) = self.sides[side].gateway.post.take(now) {
                self.notify(side, letter, now).await?;
            }
        }
        Ok(())
    }

    async fn arrives(&mut self, packet: Packet, now: i64) -> Held {
        if let Some((Point::Before, blow)) = packet.blow {
            self.counts.note("crashes before Midtrans' commit");
            self.strike(blow, packet.process).await?;
        }
        let side = &mut self.sides[packet.side];
        if packet.path == "/v2/charge" {
            let order_id = order_id_of(&packet.body);
            if packet.notify.is_some() {
                self.counts.note("charges that name an address");
            }
            side.witness.charge_arrives(side.eyes.as_ref(), &order_id, &packet.body, packet.notify.as_deref())?;
        }
        let order_id = packet.path.trim_start_matches("/v2/").trim_end_matches("/status");
        if side.gateway.transaction(order_id).is_some_and(|transaction| transaction.visible > now) {
            self.counts.note("look-ups before it was visible");
        }
        let (answer, done) = side.gateway.handle(&packet.key, packet.method, &packet.path, &packet.body, now);
        let (process, path) = (packet.process, packet.path.clone());
        self.counts.note(match (packet.path.as_str(), done) {
            ("/v2/charge", Done::Made) => "charges made",
            ("/v2/charge", _) => "charges not made",
            (path, _) if path.ends_with("/status") => "look-ups",
            (_, Done::Closed) => "codes closed",
            _ => "codes not closed",
        });
        self.say(format_args!("{process} asks {path}: {} {done:?}", answer.http));
        if let Some((Point::After, blow)) = packet.blow {
            if done == Done::Made {
                self.counts.note("crashes after Midtrans' commit");
            }
            self.strike(blow, packet.process).await?;
        }
        self.network.answer(packet, answer, now);
        Ok(())
    }

    async fn strike(&mut self, blow: Blow, process: u32) -> Held {
        match blow {
            Blow::Kill => self.kill(process).await,
            Blow::PowerCut => self.crash(End::PowerCut).await,
        }
    }

    /// Everything on the PC ends at once, and it comes back.
    pub(crate) async fn crash(&mut self, end: End) -> Held {
        self.say(format_args!("everything ends: {end:?}"));
        self.counts.note(match end {
            End::PowerCut => "power cuts",
            End::Killed => "everything killed",
        });
        let in_a_write = self.pc.halted();
        self.pc.end(end, &mut self.chance);
        // What was answered in the last moment nobody has seen.
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.kill_all().await?;
        for side in 0..self.sides.len() {
            self.open_eyes(side);
            let Side { witness, eyes, .. } = &mut self.sides[side];
            match (end, eyes) {
                (End::PowerCut, _) => witness.power_went(),
                (End::Killed, Some(eyes)) if in_a_write => witness.killed_in_a_write(eyes),
                (End::Killed, _) => {}
            }
        }
        self.boot()
    }

    /// If the PC has halted in the middle of a write, it is started again.
    pub(crate) async fn revive(&mut self) -> Held {
        if !self.pc.halted() {
            return Ok(());
        }
        self.counts.note("halts within a write");
        let end = self.any_end();
        self.crash(end).await
    }

    /// One of the ways in which everything may end.
    pub(crate) fn any_end(&mut self) -> End {
        if self.chance.permille(500) { End::PowerCut } else { End::Killed }
    }

    /// A notification comes to the shop's door.
    async fn notify(&mut self, side: usize, letter: Letter, now: i64) -> Held {
        let http = self.post(side, &letter.body, Some(&letter))?;
        self.counts.note(match (http, letter.status) {
            (None, _) => "notifications that found nobody",
            (Some(200), Status::Pending) => "notifications of pending",
            (Some(200), Status::Settlement) => "notifications of settlement",
            (Some(200), Status::Expire) => "notifications of expiry",
            (Some(200), Status::Cancel) => "notifications of cancelling",
            (Some(200), Status::Deny) => "notifications of denial",
            (Some(_), _) => "notifications refused",
        });
        self.say(format_args!("notification {} {:?} of {}: {http:?}", letter.serial, letter.status, letter.order_id));
        // What was stored may never be known to have been.
        let heard = http.filter(|_| !self.chance.permille(self.temper.harshness / 3));
        self.sides[side].gateway.post.answered(letter, heard, now);
        Ok(())
    }

    /// Puts a message in the relay's letterbox, and returns what the relay answers.
    pub(crate) fn post(&mut self, side: usize, body: &[u8], genuine: Option<&Letter>) -> Result<Option<u16>, Broken> {
        let inside = self.windows.iter().find(|window| window.side == side);
        let of_window = inside.map(|window| window.counter.ledger().clone());
        let ledger = if self.temper.relay_inside { of_window } else { self.sides[side].relay.ledger.clone() };
        let Some(ledger) = ledger.filter(|_| self.sides[side].relay.reachable) else { return Ok(None) };
        let key = self.keyring.server_key(side);
        let answered = relay::take_in(&ledger, body, key.as_ref(), self.clocks.pc());
        if self.pc.halted() {
            // Whatever it wanted to answer, it did not come to it.
            return Ok(None);
        }
        Ok(Some(match answered {
            Ok(relay::Taken::Stored) => {
                if let Some(letter) = genuine {
                    let sealed = if key.is_some() { Sealed::Checked } else { Sealed::Waiting };
                    // What waits for a key that nobody has entered will rightly be taken for a forgery.
                    if sealed == Sealed::Checked || self.keyring.entered(side).as_ref() == Some(&letter.key) {
                        self.sides[side].witness.stored(&letter.order_id, body, sealed);
                    }
                }
                200
            }
            Ok(relay::Taken::Forged) => 401,
            Ok(relay::Taken::Junk) => 400,
            Err(_) => 502,
        }))
    }

    /// Takes note of what the windows answered.
    fn hear(&mut self) {
        let heard = std::mem::take(&mut *self.answers.lock().unwrap_or_else(PoisonError::into_inner));
        for Heard { process, side, what, result } in heard {
            match &result {
                Ok(Some(sale)) => {
                    self.say(format_args!("window {process} answers {what}: {} {:?}", sale.id, sale.state()));
                    self.sides[side].witness.shows(sale);
                    if what == "reissue" && sale.attempts.len() > 1 {
                        self.counts.note("new codes made");
                    }
                }
                Ok(None) => self.say(format_args!("window {process} answers {what}")),
                Err(problem) => self.say(format_args!("window {process} cannot {what}: {}", problem.code)),
            }
        }
    }

    async fn look(&mut self) -> Held {
        for window in &mut self.windows {
            let key = self.keyring.server_key(window.side);
            // What cannot be done now is done at the next look.
            let _ = window.look(&self.clocks, key.as_ref());
            window.tidy().await.or_else(|said| broken("no panic", said))?;
        }
        Ok(())
    }

    /// Holds every promise against what is so now.
    pub(crate) fn check(&mut self) -> Held {
        for side in 0..self.sides.len() {
            if self.sides[side].eyes.is_none() {
                self.open_eyes(side);
            }
        }
        let held = self.sides.iter_mut().try_for_each(|side| match &side.eyes {
            Some(eyes) => side.witness.check(eyes, &side.gateway),
            None => Ok(()),
        });
        self.excuse(held)
    }

    /// A window that is open on this side.
    pub(crate) fn any_window(&mut self) -> Option<&mut Window> {
        let place = self.chance.below(self.windows.len() as u64) as usize;
        self.windows.get_mut(place)
    }

    /// A counter of a window that is open on this side, without a program in between.
    pub(crate) fn any_counter(&mut self) -> Option<(usize, Arc<Counter>)> {
        self.any_window().map(|window| (window.side, window.counter.clone()))
    }

    /// The time by the PC's clock.
    pub(crate) fn pc_now(&self) -> Time {
        self.clocks.pc()
    }
}

/// The order a charge is about, read by somebody who trusts nothing else in it.
pub(crate) fn order_id_of(body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    body["transaction_details"]["order_id"].as_str().unwrap_or_default().to_owned()
}

/// What kind of trouble it is, without the paths of this machine.
pub(crate) fn sort_of(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::Full(_) => "full",
        Trouble::ReadOnly(_) => "read-only",
        Trouble::Damaged(_) => "damaged",
        Trouble::Busy => "busy",
        _ => "trouble",
    }
}
