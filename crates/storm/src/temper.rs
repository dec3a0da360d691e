use crate::chance::Chance;

/// Something that may happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the acts themselves tell what they are")]
pub enum Act {
    Charge,
    PressAgain,
    Reissue,
    Race,
    SeeTo,
    Cancel,
    Expire,
    Check,
    HandOver,
    Sync,
    Look,
    Pay,
    Reverse,
    CancelInDashboard,
    Deny,
    Forge,
    KillWindow,
    CloseWindow,
    OpenWindow,
    KillRelay,
    RelayAway,
    Weather,
    Moods,
    Keyring,
    KeyChange,
    Switch,
    Backup,
    Restore,
    ClockJump,
    Sleep,
    Crash,
    Trip,
    SpoilDisk,
    NameAddress,
}

/// How often each happens on a usual day.
const USUAL: [(Act, u64); 34] = [
    (Act::Charge, 14),
    (Act::PressAgain, 5),
    (Act::Reissue, 6),
    (Act::Race, 3),
    (Act::SeeTo, 3),
    (Act::Cancel, 6),
    (Act::Expire, 2),
    (Act::Check, 4),
    (Act::HandOver, 6),
    (Act::Sync, 2),
    (Act::Look, 1),
    (Act::Pay, 14),
    (Act::Reverse, 4),
    (Act::CancelInDashboard, 1),
    (Act::Deny, 1),
    (Act::Forge, 5),
    (Act::KillWindow, 4),
    (Act::CloseWindow, 2),
    (Act::OpenWindow, 8),
    (Act::KillRelay, 2),
    (Act::RelayAway, 3),
    (Act::Weather, 6),
    (Act::Moods, 3),
    (Act::Keyring, 2),
    (Act::KeyChange, 1),
    (Act::Switch, 1),
    (Act::Backup, 1),
    (Act::Restore, 1),
    (Act::ClockJump, 2),
    (Act::Sleep, 4),
    (Act::Crash, 3),
    (Act::Trip, 4),
    (Act::SpoilDisk, 4),
    (Act::NameAddress, 2),
];

/// What kind of day it is. Days differ: what never happens on one day happens all the time on
/// another, because faults that are always mixed hide one another.
#[derive(Clone, Debug)]
pub struct Temper {
    /// So many things happen.
    pub steps: u64,
    /// At most so many sales.
    pub sales: usize,
    /// At most so many programs have the same ledger open, besides the relay.
    pub windows: usize,
    /// The relay runs inside the window.
    pub relay_inside: bool,
    /// The shop has two environments.
    pub environments: usize,
    /// Every program on the PC is killed and started again after every single step.
    pub restarts: bool,
    /// How hard the weather may be.
    pub harshness: u64,
    weights: Vec<(Act, u64)>,
}

impl Temper {
    /// Draws a day.
    pub fn draw(chance: &mut Chance) -> Self {
        let weights = USUAL.map(|(act, usual)| {
            let never = !matches!(act, Act::Charge | Act::Pay | Act::OpenWindow) && chance.permille(350);
            (act, if never { 0 } else { usual * (1 + chance.below(4)) })
        });
        Self {
            steps: 10 + chance.below(45),
            sales: 1 + chance.below(4) as usize,
            windows: 1 + usize::from(chance.permille(500)),
            relay_inside: chance.permille(400),
            environments: 1 + usize::from(chance.permille(120)),
            restarts: chance.permille(60),
            harshness: *chance.pick(&[0, 30, 100, 300]).unwrap_or(&0),
            weights: weights.to_vec(),
        }
    }

    /// Draws what happens next.
    pub fn next(&self, chance: &mut Chance) -> Act {
        let place = chance.weighted(self.weights.iter().map(|(_, weight)| *weight));
        self.weights[place].0
    }
}
