//! What a relay answers, and nothing else.

use std::{collections::HashSet, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use crate::{
    client::Token,
    trouble::{Foreign, Trouble},
};

/// An answer as it came over the wire.
pub(crate) struct Answer {
    pub status: u16,
    pub is_page: bool,
    pub retry_after: Option<Duration>,
    pub body: Vec<u8>,
}

/// What a till gets when it is paired.
#[derive(Debug)]
pub struct Paired {
    /// The relay's name for the shop's channel.
    pub channel: String,
    /// The relay's name for this till.
    pub device: String,
    /// What opens the feed.
    pub token: Token,
    /// Where to begin reading.
    pub after: u64,
}

/// A piece of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What came, oldest first, without a gap.
    pub entries: Vec<Entry>,
    /// The number of the oldest entry that the relay has.
    pub oldest: u64,
    /// The number of its newest.
    pub newest: u64,
}

/// Something that was sent to the notification address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number in the channel.
    pub seq: u64,
    /// When the relay got it, by the relay's clock, in milliseconds since 1970.
    pub received_at: i64,
    /// The bytes.
    pub body: Vec<u8>,
}

/// A pairing code for a further till.
#[derive(Debug)]
pub struct NewCode {
    /// The code, for people.
    pub code: String,
    /// Until when it is good, by the relay's clock, in milliseconds since 1970.
    pub until: i64,
}

/// A till that is paired with the channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The relay's name for it.
    pub device: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was paired, by the relay's clock, in milliseconds since 1970.
    pub paired_at: i64,
    /// When it asked last, likewise; nothing if it never did.
    pub seen_at: Option<i64>,
    /// It is the one that asks.
    pub is_this: bool,
}

impl Page {
    /// Reads what was answered, with this status, to the question for what follows `after`.
    pub fn read(status: u16, body: &[u8], after: u64, limit: u32) -> Result<Self, Trouble> {
        Answer::of(status, body).page(after, limit)
    }
}

impl Paired {
    /// Reads what was answered, with this status, to a code.
    pub fn read(status: u16, body: &[u8]) -> Result<Self, Trouble> {
        Answer::of(status, body).paired()
    }
}

impl Device {
    /// Reads what was answered, with this status, to the question for the shop's tills.
    pub fn read_all(status: u16, body: &[u8]) -> Result<Vec<Self>, Trouble> {
        Answer::of(status, body).devices()
    }
}

/// The longest body that any relay stores.
const LONGEST_ENTRY: usize = 64 * 1024;
/// Names and tokens are much shorter.
const LONGEST_WORD: usize = 256;
/// No channel has got so far, and no ledger could write it down.
const HIGHEST: u64 = i64::MAX as u64;
/// No shop has more tills.
const MOST_DEVICES: usize = 1_000;

impl Answer {
    fn of(status: u16, body: &[u8]) -> Self {
        Self { status, is_page: false, retry_after: None, body: body.to_vec() }
    }

    pub fn paired(self) -> Result<Paired, Trouble> {
        #[derive(Deserialize)]
        struct Told {
            channel: Name,
            device: Name,
            token: String,
            after: u64,
        }
        if self.status == 403 {
            return Err(match self.error().as_deref() {
                Some("code_wrong") => Trouble::CodeWrong,
                Some("code_void") => Trouble::CodeVoid,
                _ => self.foreign(),
            });
        }
        if self.is_gone() {
            return Err(Trouble::AddressUnknown);
        }
        let told: Told = self.json(201)?;
        if told.after > HIGHEST {
            return Err(SHAPE);
        }
        let (channel, device) = (word(told.channel.0)?, word(told.device.0)?);
        Ok(Paired { channel, device, token: Token::new(SecretString::from(word(told.token)?)), after: told.after })
    }

    pub fn page(self, after: u64, limit: u32) -> Result<Page, Trouble> {
        #[derive(Deserialize)]
        struct Told {
            entries: Vec<ToldEntry>,
            oldest: u64,
            newest: u64,
        }
        #[derive(Deserialize)]
        struct ToldEntry {
            seq: u64,
            received_at: i64,
            body: String,
        }
        #[derive(Deserialize)]
        struct Range {
            oldest: u64,
            newest: u64,
        }
        if self.status == 410 {
            let Range { oldest, newest } = self.json(410)?;
            return Err(match after.checked_add(1) {
                _ if oldest.max(newest) > HIGHEST => SHAPE,
                Some(next) if oldest > next && newest >= after => Trouble::TooOld { oldest, newest },
                _ if newest < after => Trouble::WentBack { after, oldest, newest },
                // Nothing after the cursor is gone, whatever it says.
                _ => SHAPE,
            });
        }
        let Told { entries, oldest, newest } = self.json(200)?;
        if entries.len() > limit as usize || oldest.max(newest) > HIGHEST {
            return Err(SHAPE);
        }
        if newest < after {
            return Err(Trouble::WentBack { after, oldest, newest });
        }
        let mut read = Vec::with_capacity(entries.len());
        let mut expected = after;
        for ToldEntry { seq, received_at, body } in entries {
            if seq > newest {
                return Err(SHAPE);
            }
            expected = expected.checked_add(1).ok_or(SHAPE)?;
            if seq != expected {
                if read.is_empty() {
                    return Err(Trouble::Gap { expected, found: seq });
                }
                // What came in order counts; whoever asks on hears of the gap.
                break;
            }
            let body = STANDARD.decode(body).map_err(|_| SHAPE)?;
            if body.len() > LONGEST_ENTRY {
                return Err(Trouble::Foreign(Foreign::TooLong));
            }
            read.push(Entry { seq, received_at, body });
        }
        Ok(Page { entries: read, oldest, newest })
    }

    /// A relay that does not know what was named says so in its own words.
    pub fn is_gone(&self) -> bool {
        self.status == 404 && self.error().is_some()
    }

    pub fn nothing(self) -> Result<(), Trouble> {
        if self.status == 204 { Ok(()) } else { Err(self.trouble()) }
    }

    pub fn code(self) -> Result<NewCode, Trouble> {
        #[derive(Deserialize)]
        struct Told {
            code: String,
            until: i64,
        }
        let Told { code, until } = self.json(201)?;
        let code = code.parse::<crate::Code>().map_err(|_| SHAPE)?;
        Ok(NewCode { code: code.as_str().to_owned(), until })
    }

    pub fn devices(self) -> Result<Vec<Device>, Trouble> {
        #[derive(Deserialize)]
        struct Told {
            device: Name,
            name: String,
            paired_at: i64,
            seen_at: Option<i64>,
            this: bool,
        }
        let devices: Vec<Told> = self.json(200)?;
        let mut names = HashSet::new();
        let sound = devices.len() <= MOST_DEVICES
            && devices.iter().filter(|told| told.this).count() == 1
            && devices.iter().all(|it| is_word(&it.device.0) && it.name.len() <= LONGEST_WORD)
            && devices.iter().all(|told| names.insert(told.device.0.clone()));
        if !sound {
            return Err(SHAPE);
        }
        let device = |told: Told| Device {
            device: told.device.0,
            name: told.name,
            paired_at: told.paired_at,
            seen_at: told.seen_at,
            is_this: told.this,
        };
        Ok(devices.into_iter().map(device).collect())
    }

    fn json<T: DeserializeOwned>(self, status: u16) -> Result<T, Trouble> {
        if self.status != status {
            return Err(self.trouble());
        }
        serde_json::from_slice(&self.body).map_err(|_| if self.is_page { PAGE } else { SHAPE })
    }

    /// What an answer means that is not the one that was asked for.
    fn trouble(&self) -> Trouble {
        match self.status {
            401 if self.error().is_some() => Trouble::Revoked,
            429 | 502 | 503 if self.error().is_some() => Trouble::Busy(self.retry_after),
            _ => self.foreign(),
        }
    }

    fn foreign(&self) -> Trouble {
        Trouble::Foreign(match self.status {
            300..=399 => Foreign::Redirect,
            _ if self.is_page => Foreign::Page,
            status => Foreign::Status(status),
        })
    }

    /// The word in which a relay says why not. Nobody else's 401 must make a till forget its token.
    fn error(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Told {
            error: String,
        }
        serde_json::from_slice::<Told>(&self.body).ok().map(|told| told.error)
    }
}

/// The relay's name for something: a number, or a word.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(told: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Told {
            Number(u64),
            Word(String),
        }
        Ok(Self(match Told::deserialize(told)? {
            Told::Number(number) => number.to_string(),
            Told::Word(word) => word,
        }))
    }
}

const SHAPE: Trouble = Trouble::Foreign(Foreign::Shape);
const PAGE: Trouble = Trouble::Foreign(Foreign::Page);

fn word(told: String) -> Result<String, Trouble> {
    if is_word(&told) { Ok(told) } else { Err(SHAPE) }
}

/// It can stand in a header, a path and a row without being anything else there.
fn is_word(told: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    (1..=LONGEST_WORD).contains(&told.len()) && told.bytes().all(fits)
}
