use disk::{CHANGES, Call, Failure};

use crate::{network::Weather, witness::Held, world::World};

impl World {
    /// The network becomes better or worse.
    pub(crate) fn change_weather(&mut self) {
        let harsh = self.temper.harshness;
        let mut some = |share: u64| if self.chance.permille(500) { harsh * share / 100 } else { 0 };
        let mut weather = Weather {
            down: false,
            lost: some(100),
            late: some(60),
            answer_lost: some(150),
            killed: some(60),
            power_cut: some(30),
        };
        weather.down = self.chance.permille(250);
        if self.chance.permille(300) {
            weather = Weather::default();
        }
        self.network.set_weather(weather);
        self.say(format_args!("{weather:?}"));
        if weather.down {
            self.counts.note("partitions");
        }
    }

    /// Midtrans becomes moodier, or calms down.
    pub(crate) fn change_moods(&mut self) {
        let side = self.chance.below(self.sides.len() as u64) as usize;
        let calm = self.chance.permille(400);
        let (trouble, hurried) = (self.chance.below(400), self.chance.below(400));
        let manners = &mut self.sides[side].gateway.manners;
        (manners.trouble, manners.hurried) = if calm { (0, 0) } else { (trouble, hurried) };
        let said = (manners.trouble, manners.hurried);
        self.say(format_args!("Midtrans' moods on side {side}: {said:?}"));
    }

    /// A relay cannot be reached from outside, or can again.
    pub(crate) fn move_relay(&mut self) {
        let side = self.chance.below(self.sides.len() as u64) as usize;
        let relay = &mut self.sides[side].relay;
        relay.reachable = !relay.reachable;
        let reachable = relay.reachable;
        self.say(format_args!("the relay of side {side} is {}", if reachable { "back" } else { "away" }));
        self.counts.note("relay away or back");
        if reachable {
            // The window sees it come, and asks about everything.
            for window in self.windows.iter().filter(|window| window.side == side) {
                window.counter.ask_everything();
            }
        }
    }

    /// The relay's program ends where it stands; somebody starts it again later.
    pub(crate) fn kill_relay(&mut self) {
        let side = self.chance.below(self.sides.len() as u64) as usize;
        if self.sides[side].relay.ledger.take().is_some() {
            self.say(format_args!("the relay of side {side} is killed"));
            self.counts.note("relay kills");
        } else {
            self.start_relay(side);
        }
    }

    /// The PC will halt in the middle of one of its next writes.
    pub(crate) fn trip(&mut self) {
        let nth = 1 + self.chance.below(60);
        self.pc.halt_at(nth);
        self.say(format_args!("the PC will halt at its change {nth}"));
    }

    /// The disk fails once, or is full for a while.
    pub(crate) fn spoil_disk(&mut self) {
        let nth = 1 + self.chance.below(30);
        let (calls, failure) = match self.chance.below(5) {
            0 => {
                self.pc.fill();
                self.say(format_args!("the disk is full"));
                return self.counts.note("disk faults");
            }
            1 => (&[Call::Write][..], Failure::ShortWrite),
            2 => (&[Call::Read, Call::Open, Call::Lock, Call::Map][..], Failure::Eio),
            3 => (CHANGES, Failure::Eio),
            _ => return self.mend_disk(),
        };
        self.pc.fail_at(nth, calls, failure);
        self.say(format_args!("the disk fails with {failure:?} at the call {nth} of {calls:?}"));
        self.counts.note("disk faults");
    }

    fn mend_disk(&mut self) {
        self.pc.heal();
        self.say(format_args!("the disk is well again"));
    }

    /// The PC's clock jumps, or is put right.
    pub(crate) fn jump_clock(&mut self) {
        const MINUTE: i64 = 60_000;
        const DAY: i64 = 24 * 60 * MINUTE;
        let ahead = match self.chance.below(6) {
            0 | 1 => 0,
            2 => self.chance.between(-MINUTE, MINUTE),
            3 => self.chance.between(-60 * MINUTE, 60 * MINUTE),
            4 => self.chance.between(-DAY, DAY),
            _ => self.chance.between(-3_650 * DAY, 3_650 * DAY),
        };
        self.clocks.set_ahead(ahead);
        self.say(format_args!("the PC's clock is {ahead} ms ahead"));
        self.counts.note("clock jumps");
    }

    /// The PC sleeps, for a coffee or over night; Midtrans does not.
    pub(crate) async fn sleep(&mut self) -> Held {
        const MINUTE: i64 = 60_000;
        let span = match self.chance.below(4) {
            0 => self.chance.between(MINUTE, 6 * MINUTE),
            1 => self.chance.between(5 * MINUTE, 40 * MINUTE),
            2 => self.chance.between(40 * MINUTE, 8 * 60 * MINUTE),
            _ => self.chance.between(8 * 60 * MINUTE, 30 * 60 * MINUTE),
        };
        self.say(format_args!("the PC sleeps for {} s", span / 1_000));
        self.counts.note("sleeps");
        let end = self.now() + span;
        // Whoever calls meanwhile finds nobody.
        let reachable: Vec<bool> = self.sides.iter().map(|side| side.relay.reachable).collect();
        self.sides.iter_mut().for_each(|side| side.relay.reachable = false);
        while let Some(due) =
            self.sides.iter().filter_map(|side| side.gateway.next_due()).min().filter(|due| *due < end)
        {
            self.clocks.sleep_through(due - self.now());
            let now = self.now();
            self.deliver(now).await?;
        }
        self.clocks.sleep_through(end - self.now());
        self.sides.iter_mut().zip(reachable).for_each(|(side, reachable)| side.relay.reachable = reachable);
        Ok(())
    }
}
