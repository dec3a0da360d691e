use std::io;

use tokio::runtime;

use crate::{
    counts::Counts,
    pc::End,
    temper::Act,
    witness::{Broken, Held},
    world::World,
};

/// What a simulated day is to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Faults anywhere, at any time: nothing that was promised is ever broken.
    Safety,
    /// At some moment the faults stop: then everything settles, and soon.
    Liveness,
}

impl Mode {
    /// What the day of this seed shows if nobody says otherwise: both in turn.
    pub fn of(seed: u64) -> Self {
        if seed.is_multiple_of(2) { Self::Safety } else { Self::Liveness }
    }
}

/// A day that has been played.
#[derive(Debug)]
pub struct Day {
    /// Its seed.
    pub seed: u64,
    /// What it was to show.
    pub mode: Mode,
    /// The promise that was broken, and in which step.
    pub broken: Option<(u64, Broken)>,
    /// What happened, counted.
    pub counts: Counts,
    /// What tells this day from others.
    pub digest: u64,
    /// What happened, line by line, if it was to be kept.
    pub trace: Vec<String>,
}

/// Plays the day of a seed, alone on this thread.
pub fn play(seed: u64, mode: Mode, keep_trace: bool) -> io::Result<Day> {
    let runtime = runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let mut world = World::new(seed, keep_trace)?;
        let held = world.day(mode).await;
        let ended = world.kill_all().await;
        let broken = held.and(ended).err().map(|broken| (world.step, broken));
        if broken.is_some() {
            world.tell_logs();
        }
        world.counts.note("days");
        world.counts.add("steps", world.step);
        let World { counts, trace, .. } = world;
        Ok(Day { seed, mode, broken, counts, digest: trace.digest(), trace: trace.lines().to_vec() })
    })
}

impl World {
    /// What the ledgers say in the end, entry by entry: whoever reads the trace of a broken day wants to know.
    fn tell_logs(&mut self) {
        let entries: Vec<_> = self.sides.iter().flat_map(|side| side.witness.entries().cloned()).collect();
        for entry in entries {
            self.say(format_args!("in the log: {entry:?}"));
        }
    }

    async fn day(&mut self, mode: Mode) -> Held {
        for step in 0..self.temper.steps {
            self.step = step;
            let act = self.temper.next(&mut self.chance);
            self.act(act).await?;
            let span = self.breath();
            self.pass(span).await?;
            self.check()?;
            if self.temper.restarts {
                self.counts.note("restarts at a step");
                self.crash(End::Killed).await?;
                self.open_window(0);
            }
        }
        match mode {
            Mode::Safety => self.check_at_the_end().await,
            Mode::Liveness => self.settle().await,
        }
    }

    /// How long until the next thing happens: mostly no time to speak of, sometimes minutes.
    fn breath(&mut self) -> i64 {
        match self.chance.below(10) {
            0..=2 => self.chance.between(0, 50),
            3..=5 => self.chance.between(50, 1_500),
            6..=7 => self.chance.between(1_000, 12_000),
            8 => self.chance.between(10_000, 45_000),
            _ => self.chance.between(45_000, 150_000),
        }
    }

    async fn act(&mut self, act: Act) -> Held {
        match act {
            Act::Charge => self.charge(),
            Act::PressAgain => self.press_again(),
            Act::Reissue => self.reissue(),
            Act::Race => return self.race().await,
            Act::SeeTo => return self.see_to(),
            Act::Cancel => self.want("cancel"),
            Act::Expire => self.want("expire"),
            Act::Check => self.want("check"),
            Act::HandOver => return self.hand_over(),
            Act::Sync => self.sync(),
            Act::Look => return self.look_at_lists(),
            Act::Pay => self.pay(),
            Act::Reverse => self.reverse(),
            Act::CancelInDashboard => self.cancel_in_dashboard(),
            Act::Deny => self.deny(),
            Act::Forge => return self.forge(),
            Act::KillWindow => {
                if let Some(window) = self.any_window() {
                    let process = window.process;
                    return self.kill(process).await;
                }
            }
            Act::CloseWindow => {
                if let Some(window) = self.any_window() {
                    let process = window.process;
                    return self.kill(process).await;
                }
            }
            Act::OpenWindow => {
                if self.windows.len() < self.temper.windows {
                    let side = self.windows.first().map_or(0, |window| window.side);
                    self.open_window(side);
                }
            }
            Act::KillRelay => self.kill_relay(),
            Act::RelayAway => self.move_relay(),
            Act::Weather => self.change_weather(),
            Act::Moods => self.change_moods(),
            Act::Keyring => self.lock_keyring(),
            Act::KeyChange => self.change_key(),
            Act::Switch => return self.switch().await,
            Act::Backup => self.back_up(),
            Act::Restore => return self.restore().await,
            Act::ClockJump => self.jump_clock(),
            Act::Sleep => return self.sleep().await,
            Act::Crash => {
                let end = self.any_end();
                return self.crash(end).await;
            }
            Act::Trip => self.trip(),
            Act::SpoilDisk => self.spoil_disk(),
            Act::NameAddress => self.name_address(),
        }
        Ok(())
    }

    pub(crate) async fn check_at_the_end(&mut self) -> Held {
        self.pc.heal();
        self.revive().await?;
        for side in &self.sides {
            if let Some(eyes) = &side.eyes {
                side.witness.check_stored(eyes)?;
                side.witness.check_audit(eyes)?;
            }
        }
        Ok(())
    }
}
