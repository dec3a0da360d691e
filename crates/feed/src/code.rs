use std::{fmt, str::FromStr};

/// A pairing code, good for one till and ten minutes. It is typed from another screen, so case,
/// spaces and dashes do not matter.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

/// It is no pairing code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a pairing code has eight letters and digits, such as ABCD-EFGH")]
pub struct NoCode;

impl Code {
    /// As it travels.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Code {
    type Err = NoCode;

    fn from_str(typed: &str) -> Result<Self, NoCode> {
        let plain = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| match c.to_ascii_uppercase() {
            // Base32 has neither, so they were misread.
            '0' => 'O',
            '1' => 'I',
            other => other,
        });
        let plain: String = plain.collect();
        if plain.len() != 8 || !plain.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7')) {
            return Err(NoCode);
        }
        Ok(Self(format!("{}-{}", &plain[..4], &plain[4..])))
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_was_typed() {
        for typed in ["ABCD-EFGH", "abcdefgh", " abcd efgh ", "ABCD - EFGH"] {
            assert_eq!(typed.parse::<Code>().unwrap().as_str(), "ABCD-EFGH");
        }
        assert_eq!("0BC1-2345".parse::<Code>().unwrap().as_str(), "OBCI-2345");
        for wrong in ["", "ABCD-EFG", "ABCD-EFGHI", "ABCD-EFG8", "ABCD_EFGH", "ÄBCD-EFGH", "kode kasir"] {
            assert_eq!(wrong.parse::<Code>(), Err(NoCode), "{wrong}");
        }
    }
}
