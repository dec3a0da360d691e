//! A day in the shop as acts drawn by chance: everything the ledger writes, in the order in which
//! nobody would do it. What an act makes of a ledger depends on the ledger alone, so the same acts
//! done elsewhere tell what this one must look like.

#![allow(dead_code, reason = "each test file uses its own part of it")]

use std::{env, path::Path};

use disk::Chance;
use ledger::{Feed, Heard, Ledger, Outcome, Passed, Seal, Settings, Trouble};
use rusqlite::Connection;
use till::{Asked, Concern, Deed, Event, From, OrderId, Refusal, Reissue, Report, Sale, Store, Unclear};

use super::{AMOUNT, at, draft, letter, new_sale, open, order_id, reported, sale_id};

/// One thing that is written down, whole or not at all.
#[derive(Clone, Debug)]
pub enum Act {
    Intend(u32),
    Happens(u32, Event),
    Hears(u32, Event),
    Reissue(u32),
    Receive { n: u32, report: Report, seal: Seal, body: u8 },
    Quarantine(u8),
    TakeUp { genuine: bool },
    Pair,
    TakeInFeed(u8),
    Keep(u8, usize),
    KeepDraft(u32),
    Set(u8),
    Rebuild,
}

/// A till that sells, forgets, changes its mind and hears from the relay.
pub struct Day {
    chance: Chance,
    sales: u32,
}

impl Day {
    pub fn of(seed: u64) -> Self {
        Self { chance: Chance::seeded(seed), sales: 0 }
    }
}

impl Iterator for Day {
    type Item = Act;

    fn next(&mut self) -> Option<Act> {
        let chance = &mut self.chance;
        if self.sales == 0 || chance.hits(1, 5) {
            self.sales += 1;
            return Some(Act::Intend(self.sales));
        }
        let n = 1 + chance.below(self.sales as usize) as u32;
        Some(match chance.below(16) {
            0..=5 => Act::Happens(n, event(chance)),
            6 if chance.hits(1, 2) => Act::Reissue(n),
            6 => Act::Hears(n, event(chance)),
            7..=9 => {
                let seal = if chance.hits(1, 3) { Seal::Unverified } else { Seal::Genuine };
                Act::Receive { n, report: report(chance), seal, body: chance.below(12) as u8 }
            }
            10 => Act::Quarantine(chance.below(6) as u8),
            11 | 12 => Act::TakeUp { genuine: chance.hits(1, 2) },
            13 => Act::Keep(chance.below(4) as u8, chance.below(4) * 3_000),
            14 if chance.hits(1, 2) => Act::KeepDraft(n + 1),
            14 => Act::Set(chance.below(9) as u8),
            _ if chance.hits(1, 4) => Act::Rebuild,
            _ => Act::Happens(n, event(chance)),
        })
    }
}

fn report(chance: &mut Chance) -> Report {
    let all = [
        Report::Pending,
        Report::Settlement,
        Report::Expire,
        Report::Cancel,
        Report::Deny,
        Report::Failure,
        Report::Other,
    ];
    all[chance.below(all.len())]
}

/// A day in which every kind of act is done once, and the log is worked through again and again.
pub fn everything() -> Vec<Act> {
    let mut acts = vec![
        Act::KeepDraft(1),
        Act::Intend(1),
        Act::Receive { n: 9, report: Report::Settlement, seal: Seal::Genuine, body: 1 },
        Act::Receive { n: 1, report: Report::Pending, seal: Seal::Genuine, body: 2 },
        Act::Receive { n: 1, report: Report::Pending, seal: Seal::Genuine, body: 2 },
        Act::Receive { n: 1, report: Report::Settlement, seal: Seal::Unverified, body: 3 },
        Act::Receive { n: 1, report: Report::Settlement, seal: Seal::Unverified, body: 4 },
        Act::TakeUp { genuine: true },
        Act::TakeUp { genuine: false },
        Act::Pair,
        Act::TakeInFeed(1),
        Act::TakeInFeed(2),
        Act::Quarantine(5),
        Act::Hears(1, Event::NotFound),
        Act::Hears(1, reported(Report::Expire)),
        Act::Reissue(1),
        Act::Keep(1, 9_000),
        Act::Set(1),
        Act::Rebuild,
    ];
    acts.extend(events().into_iter().take(4).map(|event| Act::Happens(1, event)));
    acts
}

/// One of everything that can happen to an attempt.
pub fn events() -> [Event; 14] {
    [
        Event::SentAgain,
        Event::Unclear { why: Unclear::Cut },
        Event::TryLater,
        reported(Report::Pending),
        reported(Report::Settlement),
        Event::NotFound,
        Event::Refused { reason: Refusal::Invalid, said: vec!["no".into(), "x".repeat(4_000)] },
        Event::Hinted { report: Report::Settlement, fits: true },
        Event::CancelAsked,
        Event::ExpireAsked,
        Event::CannotChange,
        Event::Abandoned,
        Event::HandedOver { by: "Sari".into() },
        Event::SeenTo { concern: Concern::PaidTwice, deed: Deed::Returned, by: "Sari".into() },
    ]
}

fn event(chance: &mut Chance) -> Event {
    if chance.hits(1, 3) {
        return reported(report(chance));
    }
    let all = events();
    all[chance.below(all.len())].clone()
}

impl Act {
    /// Does it, at its own time of the day.
    pub fn on(&self, ledger: &Ledger) -> Result<(), Trouble> {
        match self {
            Self::Intend(n) => ledger.intend(&new_sale(*n), From::Cashier, at(*n)).map(drop),
            Self::Happens(n, event) => {
                let decide = |sale: &Sale| vec![(sale.attempt().map(|attempt| attempt.order_id), event.clone())];
                ledger.write(sale_id(*n), From::Desk, at(1_000), decide).map(drop)
            }
            Self::Hears(n, event) => ledger
                .write_heard(sale_id(*n), at(1_500), &heard(*n, event), |sale| {
                    vec![(sale.attempt().map(|attempt| attempt.order_id), event.clone())]
                })
                .map(drop),
            Self::Reissue(n) => {
                let another = |sale: &Sale| second(sale, *n).into_iter().collect();
                ledger.write(sale_id(*n), From::Cashier, at(2_000), another).map(drop)
            }
            Self::Receive { n, report, seal, body } => {
                let body = vec![*body; 40 + usize::from(*body) * 200];
                ledger.receive(&body, &letter(order_id(*n), *report), *seal, at(3_000)).map(drop)
            }
            Self::Quarantine(body) => ledger.quarantine(&[*body; 300], at(4_000)),
            Self::TakeUp { genuine } => {
                let Some(waiting) = ledger.unverified()?.into_iter().next() else { return Ok(()) };
                let says = letter(order_id(1), Report::Settlement);
                ledger.take_up(&waiting, genuine.then_some(&says), at(5_000))
            }
            Self::Pair => ledger.pair_feed(&feed()),
            Self::TakeInFeed(round) => {
                ledger.take_in_feed("device", &passed(*round), 10 * u64::from(*round), at(6_000)).map(drop)
            }
            Self::Keep(key, len) => ledger.keep(&format!("note {key}"), &"y".repeat(*len)),
            Self::KeepDraft(n) => ledger.keep_draft(sale_id(*n), &draft()),
            Self::Set(n) => ledger.set(&Settings { shop_name: format!("Warung {n}"), ..Settings::default() }),
            Self::Rebuild => ledger.rebuild(),
        }
    }
}

/// A pairing with a hosted relay.
pub fn feed() -> Feed {
    Feed {
        address: "https://relay.example/n/abcdefghijklmnopqrstuvwxyz234567".into(),
        channel: "channel".into(),
        device: "device".into(),
        name: "Kasir depan".into(),
        paired_at: at(10),
        cursor: 0,
    }
}

/// Ten entries of a feed: genuine ones, one that waits for the key, and rubbish.
pub fn passed(round: u8) -> Vec<Passed> {
    let first = 10 * u64::from(round) - 9;
    (first..first + 10)
        .map(|seq| {
            let says = |seal| Some((letter(order_id(1 + seq as u32 % 3), Report::Settlement), seal));
            let says = match seq % 4 {
                0 => None,
                1 => says(Seal::Unverified),
                _ => says(Seal::Genuine),
            };
            Passed { seq, body: format!("{{\"seq\":{seq}}}").into_bytes(), says }
        })
        .collect()
}

fn heard(n: u32, event: &Event) -> Heard {
    let body = format!("{event:?}").into_bytes();
    Heard {
        order_id: order_id(n),
        asked: Asked::LookUp,
        sent_at: at(1_400),
        heard_at: at(1_500),
        http: Some(200),
        told_at: None,
        outcome: Outcome::Strange,
        body,
    }
}

fn second(sale: &Sale, n: u32) -> Option<(Option<OrderId>, Event)> {
    let id = order_id(10_000 * sale.attempts.len() as u32 + n);
    let request = format!("{{\"again\":{AMOUNT}}}");
    (sale.reissue() == Reissue::Now)
        .then_some((Some(id), Event::Intended { request, store: Some(Store::Alfamart), notify: None }))
}

/// Everything that lies in a ledger, table by table and row by row.
pub fn contents(folder: &Path) -> Vec<String> {
    let raw = Connection::open(folder.join("training/gerai.db")).unwrap();
    let sound: String = raw.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    let mut all = vec![raw.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap().to_string()];
    let mut schema = raw.prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name").unwrap();
    let schema = schema.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let schema: Vec<(String, String)> = schema.collect::<Result<_, _>>().unwrap();
    for (name, sql) in schema {
        all.push(sql.clone());
        if !sql.starts_with("CREATE TABLE") {
            continue;
        }
        let mut rows = raw.prepare(&format!("SELECT * FROM {name} ORDER BY 1, 2")).unwrap();
        let columns = rows.column_count();
        let rows = rows.query_map([], |row| {
            (0..columns).map(|n| Ok(format!("{:?}", row.get_ref(n)?))).collect::<Result<Vec<_>, _>>()
        });
        all.extend(rows.unwrap().map(|row| format!("{name}: {}", row.unwrap().join(" | "))));
    }
    all
}

/// What a fresh program finds: it opens without repair, and the lists are what the log says.
pub fn found(folder: &Path) -> Vec<String> {
    let ledger = open(folder).unwrap();
    assert_eq!(ledger.audit().unwrap(), []);
    contents(folder)
}

/// How often a test is to be done: as often as this variable says, or `usual`.
pub fn times(variable: &str, usual: u64) -> u64 {
    env::var(variable).ok().map_or(usual, |times| times.parse().unwrap())
}
