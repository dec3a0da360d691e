//! The signature: SHA-512 over order id, status code, amount and key, without separators.

use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;

use crate::ServerKey;

/// The signature of these three texts, exactly as they stand on the wire, in lower-case hex.
///
/// It covers neither the state of the payment nor where one text ends and the next begins, so
/// a good signature proves less than it seems to.
pub fn signature(order_id: &str, status_code: &str, gross_amount: &str, key: &ServerKey) -> String {
    digest(order_id, status_code, gross_amount, key).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A signature as it was received: 64 bytes, or it would not be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signature([u8; 64]);

impl Signature {
    /// Reads exactly 128 hex digits of either case.
    pub fn from_hex(hex: &str) -> Option<Signature> {
        let hex = hex.as_bytes();
        if hex.len() != 128 {
            return None;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let mut bytes = [0; 64];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
        }
        Some(Signature(bytes))
    }

    /// Compares in a time that tells nothing about how much of it was right.
    pub fn is_of(&self, order_id: &str, status_code: &str, gross_amount: &str, key: &ServerKey) -> bool {
        let expected = digest(order_id, status_code, gross_amount, key);
        self.0.ct_eq(&expected).into()
    }
}

fn digest(order_id: &str, status_code: &str, gross_amount: &str, key: &ServerKey) -> [u8; 64] {
    let mut sha = Sha512::new();
    for part in [order_id, status_code, gross_amount, key.expose()] {
        sha.update(part);
    }
    sha.finalize().into()
}
