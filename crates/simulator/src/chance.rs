//! Everything that is drawn by lot: ids, payment codes, and how far a retry is shifted.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// The forms of payment code that have been seen (fact sheet, section 7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// `578112341234`: Indomaret in the sandbox.
    #[serde(rename = "12")]
    Digits12,
    /// `25709650945026`: in samples of the documentation.
    #[serde(rename = "14")]
    Digits14,
    /// `8127740588870520`: Alfamart.
    #[serde(rename = "16")]
    Digits16,
    /// `300063000630006300`: in samples of the documentation.
    #[serde(rename = "18")]
    Digits18,
    /// `010811223344`: a code that is not a number.
    #[serde(rename = "leading_zero")]
    LeadingZero,
    /// `G7723491121852129730`: Indomaret in production.
    #[serde(rename = "letter")]
    Letter,
    /// Each of the others in turn.
    #[serde(rename = "mixed")]
    Mixed,
}

/// A source of chance that can be made to repeat itself. Nothing secret is drawn from it.
pub struct Chance {
    state: u64,
    turn: usize,
}

impl Chance {
    /// Starts from `seed`, or from the system's own chance.
    pub fn new(seed: Option<u64>) -> Chance {
        let state = seed.or_else(|| getrandom::u64().ok()).unwrap_or(0x6765_7261_6921);
        Chance { state, turn: 0 }
    }

    /// A payment code of that form.
    pub fn payment_code(&mut self, shape: Shape) -> String {
        match shape {
            Shape::Digits12 => self.digits(12),
            Shape::Digits14 => self.digits(14),
            Shape::Digits16 => self.digits(16),
            Shape::Digits18 => self.digits(18),
            Shape::LeadingZero => format!("0{}", self.digits(11)),
            Shape::Letter => format!("G{}", self.digits(19)),
            Shape::Mixed => {
                const ALL: [Shape; 6] = [
                    Shape::Digits12,
                    Shape::Digits14,
                    Shape::Digits16,
                    Shape::Digits18,
                    Shape::LeadingZero,
                    Shape::Letter,
                ];
                let shape = ALL[self.turn % ALL.len()];
                self.turn += 1;
                self.payment_code(shape)
            }
        }
    }

    /// Digits of which the first is not a zero.
    pub fn digits(&mut self, count: usize) -> String {
        (0..count)
            .map(|place| {
                let digit = if place == 0 { 1 + self.below(9) } else { self.below(10) };
                char::from(b'0' + digit as u8)
            })
            .collect()
    }

    /// A random UUID, as transactions and errors carry.
    pub fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        let high = high & 0xffff_ffff_ffff_0fff | 0x4000;
        let low = low & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000;
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }

    /// A whole number from zero up to, but not including, `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    // SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// A secret of 32 hexadecimal characters, from the system's own chance.
pub fn secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_itself_and_an_id_is_a_uuid() {
        let mut once = Chance::new(Some(7));
        let mut again = Chance::new(Some(7));
        let id = once.uuid();
        assert_eq!(id, again.uuid());
        assert_eq!(id.len(), 36);
        assert_eq!(&id[14..15], "4");
        assert!("89ab".contains(&id[19..20]));
    }

    #[test]
    fn mixed_goes_through_every_form() {
        let mut chance = Chance::new(Some(1));
        let lengths: Vec<usize> = (0..6).map(|_| chance.payment_code(Shape::Mixed).len()).collect();
        assert_eq!(lengths, [12, 14, 16, 18, 12, 20]);
    }
}
