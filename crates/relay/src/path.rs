//! The secret path: who knows it may knock.

use std::fmt;

use ledger::{Ledger, Trouble};
use subtle::ConstantTimeEq;

/// `/n/` and 160 bits of chance. It stays the same for as long as the ledger lives, because it is
/// entered in Midtrans' dashboard by hand.
pub(crate) struct SecretPath([u8; 32]);

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const BEFORE: &str = "/n/";
const KEPT: &str = "relay_path";

impl SecretPath {
    /// The ledger's path, drawn now if it has none.
    pub fn of(ledger: &Ledger, chance: [u8; 20]) -> Result<Self, Trouble> {
        if let Some(kept) = ledger.kept(KEPT)?.and_then(|kept| kept.into_bytes().try_into().ok()) {
            return Ok(Self(kept));
        }
        let drawn = Self::draw(chance);
        ledger.keep(KEPT, drawn.secret())?;
        Ok(drawn)
    }

    /// Compares in a time that tells nothing about how much of it was right.
    pub fn is(&self, path: &str) -> bool {
        let secret = path.strip_prefix(BEFORE).and_then(|secret| <&[u8; 32]>::try_from(secret.as_bytes()).ok());
        secret.is_some_and(|secret| secret.ct_eq(&self.0).into())
    }

    /// Five bits for each character.
    fn draw(chance: [u8; 20]) -> Self {
        let mut secret = [0; 32];
        for (five, eight) in chance.chunks_exact(5).zip(secret.chunks_exact_mut(8)) {
            let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            for (place, character) in eight.iter_mut().enumerate() {
                *character = ALPHABET[(bits >> (35 - 5 * place)) as usize % 32];
            }
        }
        Self(secret)
    }

    fn secret(&self) -> &str {
        // Drawn from an ASCII alphabet, or kept as text.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for SecretPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{BEFORE}{}", self.secret())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_holds_every_bit_of_its_chance() {
        let nothing = SecretPath::draw([0; 20]);
        let mut seen = std::collections::HashSet::from([nothing.to_string()]);
        for bit in 0..160 {
            let mut chance = [0; 20];
            chance[bit / 8] = 1 << (bit % 8);
            let path = SecretPath::draw(chance);
            assert!(path.0.iter().all(|c| ALPHABET.contains(c)));
            assert!(seen.insert(path.to_string()), "bit {bit} is lost");
        }
    }

    #[test]
    fn only_the_whole_path_is_the_path() {
        let path = SecretPath::draw(*b"twenty bytes of luck");
        let whole = path.to_string();
        assert!(path.is(&whole));
        let last = if whole.ends_with('a') { 'b' } else { 'a' };
        for wrong in [
            String::new(),
            "/".into(),
            "/n/".into(),
            whole[..whole.len() - 1].into(),
            format!("{whole}a"),
            format!("{whole}/"),
            format!("/{whole}"),
            whole.to_uppercase(),
            format!("{}{last}", &whole[..whole.len() - 1]),
            whole.replace("/n/", "/m/"),
        ] {
            assert!(!path.is(&wrong), "{wrong}");
        }
    }
}
