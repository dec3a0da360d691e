use std::{
    env,
    time::{SystemTime, UNIX_EPOCH},
};

/// The plan of a test that goes by chance: the same seed again draws the same plan.
pub struct Chance(u64);

impl Chance {
    /// From `GERAI_TORTURE_SEED`, or from the clock; it is printed either way.
    pub fn drawn() -> Self {
        let seed = number("GERAI_TORTURE_SEED").unwrap_or_else(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            u64::from(since.subsec_nanos()) ^ since.as_secs() << 30
        });
        println!("GERAI_TORTURE_SEED={seed}");
        Self(seed)
    }

    /// From this seed.
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one, which is not 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.number() % bound
    }

    /// A share of a whole that is not all of it.
    pub fn share(&mut self) -> f64 {
        self.below(1000) as f64 / 1000.0
    }

    /// One of these.
    pub fn one_of<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize].clone()
    }
}

/// How many of something a run is asked for in this variable; so many when nobody says.
///
/// # Panics
/// If what it says is no number.
pub fn asked_for(name: &str, usually: u64) -> u64 {
    number(name).unwrap_or(usually)
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}
