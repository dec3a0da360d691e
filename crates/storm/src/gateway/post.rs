use super::{Status, Transaction, answers};
use crate::chance::Chance;

/// The notifications that Midtrans has still to deliver, and how stubborn it is about each.
pub struct Post {
    letters: Vec<Letter>,
    written: Vec<Vec<u8>>,
    next: u64,
    /// One is lost altogether this often, in a thousand.
    pub loses: u64,
    /// One comes twice this often.
    pub doubles: u64,
    /// One is late this often.
    pub dawdles: u64,
    chance: Chance,
}

/// One notification.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Its place in the order they were written in.
    pub serial: u64,
    /// The order it is about.
    pub order_id: String,
    /// What it claims.
    pub status: Status,
    /// The key it is sealed with.
    pub key: String,
    /// The bytes.
    pub body: Vec<u8>,
    /// When it is to be delivered.
    pub due: i64,
    /// How often it was tried again.
    pub tried_again: u32,
}

/// Between two tries, each with a shift by chance.
const LADDER: [i64; 5] = [2 * 60_000, 10 * 60_000, 30 * 60_000, 90 * 60_000, 210 * 60_000];

impl Post {
    pub(super) fn new(chance: Chance) -> Self {
        Self { letters: Vec::new(), written: Vec::new(), next: 0, loses: 0, doubles: 0, dawdles: 0, chance }
    }

    /// Writes a notification about a transaction as it stands.
    pub(super) fn announce(&mut self, transaction: &Transaction, key: &str, now: i64) {
        let body = answers::notification(transaction, key);
        self.written.push(body.clone());
        if self.chance.permille(self.loses) {
            return;
        }
        let copies = if self.chance.permille(self.doubles) { 2 } else { 1 };
        for _ in 0..copies {
            let usual = match transaction.status {
                Status::Settlement => self.chance.between(50, 20_000),
                Status::Expire => self.chance.between(50, 90_000),
                _ => self.chance.between(20, 5_000),
            };
            let late = if self.chance.permille(self.dawdles) { self.chance.between(0, 40 * 60_000) } else { 0 };
            self.letters.push(Letter {
                serial: self.next,
                order_id: transaction.order_id.clone(),
                status: transaction.status,
                key: key.to_owned(),
                body: body.clone(),
                due: now + usual + late,
                tried_again: 0,
            });
            self.next += 1;
        }
    }

    /// When the next one is due.
    pub fn next_due(&self) -> Option<i64> {
        self.letters.iter().map(|letter| letter.due).min()
    }

    /// Takes out the next one that is due.
    pub fn take(&mut self, now: i64) -> Option<Letter> {
        let due = self.letters.iter().enumerate().filter(|(_, letter)| letter.due <= now);
        let place = due.min_by_key(|(_, letter)| (letter.due, letter.serial))?.0;
        Some(self.letters.swap_remove(place))
    }

    /// What the receiver said; nothing if it could not be reached or did not answer in time.
    pub fn answered(&mut self, letter: Letter, http: Option<u16>, now: i64) {
        let again = match http {
            Some(200..=299 | 301..=303) => 0,
            Some(500) => 1,
            Some(400 | 404) => 2,
            Some(503) => 4,
            _ => 5,
        };
        if letter.tried_again < again {
            let step = LADDER[(letter.tried_again as usize).min(LADDER.len() - 1)];
            let due = now + step - self.chance.between(0, step * 7 / 10);
            self.letters.push(Letter { due, tried_again: letter.tried_again + 1, ..letter });
        }
    }

    /// Every one that was ever written, delivered or not.
    pub fn written(&self) -> &[Vec<u8>] {
        &self.written
    }

    /// Everything that waits comes at the latest then, and nothing is lost any more.
    pub fn heal(&mut self, by: i64) {
        (self.loses, self.doubles, self.dawdles) = (0, 0, 0);
        for letter in &mut self.letters {
            letter.due = letter.due.min(by);
        }
    }
}
