/// Chance from a seed: the same seed, the same disk.
///
/// It is SplitMix64. A test needs no better one, and needs one whose numbers never change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chance(u64);

impl Chance {
    /// The chance of this seed.
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        // The bias is far below anything a test could notice.
        (self.number() % bound.max(1) as u64) as usize
    }

    /// Whether it happens, as often as `times` in `of`.
    pub fn hits(&mut self, times: usize, of: usize) -> bool {
        self.below(of) < times
    }
}
