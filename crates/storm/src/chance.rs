/// Chance from a seed: the same seed, the same day at the shop, on every machine and for good.
///
/// It draws as the disk does. Kept seeds must mean the same next year, so that is ours and never changes.
#[derive(Clone, Debug)]
pub struct Chance(disk::Chance);

impl Chance {
    /// The chance of this seed.
    pub fn seeded(seed: u64) -> Self {
        Self(disk::Chance::seeded(seed))
    }

    /// Another chance that goes its own way, so that who draws more from one does not shift the other.
    pub fn fork(&mut self) -> Self {
        Self::seeded(self.number())
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0.number()
    }

    /// A number below this one.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.number() % bound.max(1)
    }

    /// A number from the first to the last of these.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        let span = u64::try_from(last.saturating_sub(first)).unwrap_or(0);
        first + i64::try_from(self.below(span + 1)).unwrap_or(0)
    }

    /// Whether it happens, as often as so many times in a thousand.
    pub fn permille(&mut self, times: u64) -> bool {
        self.below(1000) < times
    }

    /// One of them; nothing of nothing.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        (!of.is_empty()).then(|| &of[self.below(of.len() as u64) as usize])
    }

    /// The place of one of these, each as likely as its weight.
    pub fn weighted(&mut self, weights: impl Iterator<Item = u64> + Clone) -> usize {
        let mut left = self.below(weights.clone().sum());
        for (place, weight) in weights.enumerate() {
            if left < weight {
                return place;
            }
            left -= weight;
        }
        0
    }

    /// Fills bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.number().to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_means_the_same_for_good() {
        let mut chance = Chance::seeded(7);
        let drawn: Vec<u64> = (0..3).map(|_| chance.number()).collect();
        assert_eq!(drawn, [0x63cb_e1e4_5932_0dd7, 0x044c_3cd7_f43c_661c, 0xe698_4080_bab1_2a02]);
    }

    #[test]
    fn what_has_no_weight_is_never_drawn() {
        let mut chance = Chance::seeded(1);
        assert!((0..1_000).all(|_| chance.weighted([0, 3, 0, 1].into_iter()) % 2 == 1));
    }
}
