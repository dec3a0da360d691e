//! Notifications as Midtrans writes them, none like another.

use std::fmt::Write;

use sha2::{Digest, Sha256, Sha512};

use crate::desk;

/// Of each hundred, this one repeats an earlier one and that one is forged.
const DUPLICATE: u64 = 37;
const FORGED: u64 = 73;
/// So far back lies what is repeated.
const BACK: u64 = 1_900;

/// All the notifications of a run, by number. The same number is the same notification.
pub struct Bodies {
    pub run: String,
    /// What they are signed with.
    pub key: String,
    /// One in a hundred is a repetition, and one in a hundred is forged.
    pub mixed: bool,
    /// The orders that the forged ones claim are paid.
    pub claimed: Vec<String>,
}

impl Bodies {
    /// The number whose notification this one is; another only if it is a repetition.
    pub fn original(&self, number: u64) -> u64 {
        if self.mixed && number % 100 == DUPLICATE && number > BACK { number - BACK - 1 } else { number }
    }

    pub fn is_forged(&self, number: u64) -> bool {
        self.mixed && number % 100 == FORGED
    }

    pub fn of(&self, number: u64) -> String {
        let number = self.original(number);
        let (forged, key) = match self.is_forged(number) {
            true => {
                (self.claimed.get(usize::try_from(number / 100).unwrap_or(0) % self.claimed.len().max(1)), "guessed")
            }
            false => (None, self.key.as_str()),
        };
        let own;
        let order_id = match forged {
            Some(order_id) => order_id,
            None => {
                own = format!("toko-{}-{number:010}-a", self.run);
                &own
            }
        };
        let amount = if forged.is_some() { desk::AMOUNT } else { 10_000 + number * 7 % 4_990_000 };
        let signature = hex(&Sha512::digest(format!("{order_id}200{amount}.00{key}")));
        let chance = hex(&Sha256::digest(format!("{} {number}", self.run)));
        let (clock, code) = (number / 1_000, u64::from_str_radix(&chance[32..45], 16).unwrap_or(0));
        format!(
            r#"{{"transaction_time":"2026-11-26 {:02}:{:02}:{:02}","transaction_status":"settlement","transaction_id":"{}-{}-4{}-a{}-{}","status_message":"midtrans payment notification","status_code":"200","signature_key":"{signature}","settlement_time":"2026-11-26 23:59:59","payment_type":"cstore","payment_code":"{code:016}","order_id":"{order_id}","merchant_id":"G{}","gross_amount":"{amount}.00","fraud_status":"accept","expiry_time":"2026-11-27 23:59:59","currency":"IDR","store":"indomaret","approval_code":"{number}"}}"#,
            clock / 3_600 % 24,
            clock / 60 % 60,
            clock % 60,
            &chance[..8],
            &chance[8..12],
            &chance[13..16],
            &chance[17..20],
            &chance[20..32],
            &chance[50..59],
        )
    }

    /// The number of a notification, if it is one of this run.
    pub fn number(&self, body: &[u8]) -> Option<u64> {
        let body = std::str::from_utf8(body).ok()?;
        let number = body.strip_suffix("\"}")?.rsplit_once("\"approval_code\":\"")?.1.parse().ok()?;
        (self.of(number) == body).then_some(number)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
