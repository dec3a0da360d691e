//! What is written down about a request: never a secret, a token, a body or a name.

use std::{fmt::Write, time::Instant};

use mailroom::{Channel, Trouble};

use crate::answer::Answer;

/// What there is to tell about one request.
pub(crate) struct Told {
    /// What it is called, here and in the answer.
    pub request: String,
    pub channel: Option<Channel>,
    pub digest: Option<[u8; 32]>,
    /// The same bytes came before.
    pub again: bool,
    /// So many entries were handed out.
    pub entries: Option<usize>,
    pub why: Option<String>,
    began: Instant,
}

impl Told {
    pub fn of(request: String) -> Self {
        let (channel, digest, entries, why) = (None, None, None, None);
        Self { request, channel, digest, again: false, entries, why, began: Instant::now() }
    }

    /// Remembers what was wrong, and answers this.
    pub fn trouble(&mut self, trouble: &Trouble, answer: Answer) -> Answer {
        self.why = Some(trouble.to_string());
        answer
    }

    /// One line. `what` was asked for, in a word of ours.
    pub fn write(&self, what: &'static str, answer: &Answer) {
        // A till that waits in vain is no news, and nor is whoever looks whether we are alive.
        if matches!(answer, Answer::Alive) || self.entries == Some(0) {
            return;
        }
        let (request, outcome, status) = (&self.request, answer.word(), answer.status().as_u16());
        let (channel, again) = (self.channel.map(Channel::number), self.again.then_some(true));
        let digest = self.digest.map(|digest| hex(&digest[..8]));
        let (entries, why) = (self.entries, self.why.as_deref());
        let ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        if matches!(answer, Answer::NotNow | Answer::Broken) {
            tracing::error!(request, what, channel, digest, outcome, status, again, entries, why, ms);
        } else {
            tracing::info!(request, what, channel, digest, outcome, status, again, entries, why, ms);
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
