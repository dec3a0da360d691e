//! What only some may know. It is drawn outside, told once, and kept as a hash.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Letters and digits of RFC 4648, small: five bits for each character.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// What is kept of a secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

/// The last part of a channel's address: who knows it may write there, and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct PathSecret(String);

/// What a till shows to read its channel.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// What is typed at a till to pair it, once and soon.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code([u8; 8]);

impl PathSecret {
    /// From 160 bits of chance.
    pub fn draw(chance: [u8; 20]) -> Self {
        Self(spelled(&chance))
    }

    /// As it stands in the address.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of_text(&self.0)
    }
}

impl Token {
    /// From 256 bits of chance.
    pub fn draw(chance: [u8; 32]) -> Self {
        let mut whole = [0; 35];
        whole[..32].copy_from_slice(&chance);
        let mut text = spelled(&whole);
        // The last characters would say nothing.
        text.truncate(52);
        Self(text)
    }

    /// As it is shown.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of_text(&self.0)
    }
}

impl Code {
    /// From 40 bits of chance.
    pub fn draw(chance: [u8; 5]) -> Self {
        let mut code = [0; 8];
        code.copy_from_slice(spelled(&chance).to_ascii_uppercase().as_bytes());
        Self(code)
    }

    /// As somebody typed it: small letters, spaces and dashes make no difference.
    pub fn read(typed: &str) -> Option<Self> {
        let typed: Vec<u8> = typed.bytes().filter(|byte| !b" -".contains(byte)).collect();
        let code = <[u8; 8]>::try_from(typed).ok()?.map(|byte| byte.to_ascii_uppercase());
        code.iter().all(|byte| ALPHABET.contains(&byte.to_ascii_lowercase())).then_some(Self(code))
    }

    /// What is kept of it. The number of the channel goes along, so that one table of hashes does
    /// not open them all.
    pub fn hash(self, channel: crate::Channel) -> SecretHash {
        let mut hash = Sha256::new_with_prefix(b"code");
        hash.update(channel.number().to_be_bytes());
        hash.update(self.0);
        SecretHash(hash.finalize().into())
    }
}

/// `ABCD-EFGH`, to be shown once.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = std::str::from_utf8(&self.0).unwrap_or_default();
        let (first, last) = text.split_at(text.len() / 2);
        write!(f, "{first}-{last}")
    }
}

impl SecretHash {
    /// Of a secret as somebody shows it, whatever it is.
    pub fn of_text(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// As it was stored; `None` if it is no hash.
    pub fn stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// To be stored.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether it is the same, in a time that does not tell.
    pub fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// Nothing that could be a secret appears in a log.
macro_rules! hidden {
    ($($it:ident),*) => {$(
        impl fmt::Debug for $it {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($it), "(…)"))
            }
        }
    )*};
}

hidden!(SecretHash, PathSecret, Token, Code);

/// Eight characters for each five bytes.
fn spelled(bytes: &[u8]) -> String {
    let eights = bytes.chunks_exact(5).flat_map(|five| {
        let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        (0..8).map(move |place| char::from(ALPHABET[(bits >> (35 - 5 * place)) as usize % 32]))
    });
    eights.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::Channel;

    #[test]
    fn a_secret_holds_every_bit_of_its_chance() {
        let mut paths = HashSet::from([PathSecret::draw([0; 20]).0]);
        let mut tokens = HashSet::from([Token::draw([0; 32]).0]);
        let mut codes = HashSet::from([Code::draw([0; 5]).to_string()]);
        let one = |bit: usize, bytes: &mut [u8]| bytes[bit / 8] = 1 << (bit % 8);
        for bit in 0..256 {
            let (mut path, mut token, mut code) = ([0; 20], [0; 32], [0; 5]);
            one(bit, &mut token);
            assert!(tokens.insert(Token::draw(token).0), "bit {bit} of a token is lost");
            if bit < 160 {
                one(bit, &mut path);
                assert!(paths.insert(PathSecret::draw(path).0), "bit {bit} of a path is lost");
            }
            if bit < 40 {
                one(bit, &mut code);
                assert!(codes.insert(Code::draw(code).to_string()), "bit {bit} of a code is lost");
            }
        }
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = Code::draw([7, 77, 177, 27, 127]);
        let shown = code.to_string();
        assert_eq!(shown.len(), 9);
        assert_eq!(&shown[4..5], "-");
        for typed in
            [shown.clone(), shown.to_lowercase(), shown.replace('-', ""), format!(" {} ", shown.replace('-', " - "))]
        {
            assert_eq!(Code::read(&typed), Some(code), "{typed:?}");
        }
        for wrong in ["", "ABCD", "ABCD-EFGHJ", "ABCD-EFG1", "ABCD-EFGé"] {
            assert_eq!(Code::read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn one_code_is_kept_differently_in_two_channels() {
        let code = Code::draw([1; 5]);
        assert_ne!(code.hash(Channel::of(1)), code.hash(Channel::of(2)));
    }

    #[test]
    fn no_secret_shows_in_a_log() {
        let (path, token, code) = (PathSecret::draw([9; 20]), Token::draw([9; 32]), Code::draw([9; 5]));
        let logged = format!("{path:?} {token:?} {code:?} {:?}", path.hash());
        assert_eq!(logged, "PathSecret(…) Token(…) Code(…) SecretHash(…)");
    }
}
