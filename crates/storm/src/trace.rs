use std::fmt::{self, Write};

/// Everything that happened on a simulated day, line by line.
///
/// Its digest is always made, so that two runs of one seed can be compared; its text only if
/// somebody wants to read it.
#[derive(Debug)]
pub struct Trace {
    digest: Digest,
    lines: Option<Vec<String>>,
}

/// FNV-1a: quick, and enough to tell two stories apart.
#[derive(Debug)]
struct Digest(u64);

impl Trace {
    /// An empty trace, which keeps its text or not.
    pub fn new(keep: bool) -> Self {
        Self { digest: Digest(0xcbf2_9ce4_8422_2325), lines: keep.then(Vec::new) }
    }

    /// One more line.
    pub fn say(&mut self, at: i64, what: fmt::Arguments) {
        // Writing into a digest or a string does not fail.
        let _ = writeln!(self.digest, "{at} {what}");
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{} {what}", Clock(at)));
        }
    }

    /// What tells this story from others.
    pub fn digest(&self) -> u64 {
        self.digest.0
    }

    /// The text, if it was kept.
    pub fn lines(&self) -> &[String] {
        self.lines.as_deref().unwrap_or_default()
    }
}

impl Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}

/// The time of day in WIB, to the millisecond.
struct Clock(i64);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = (self.0 + 7 * 3_600_000).rem_euclid(86_400_000);
        let day = (self.0 + 7 * 3_600_000).div_euclid(86_400_000) - 20_780;
        let (hours, minutes, seconds) = (millis / 3_600_000, millis / 60_000 % 60, millis / 1_000 % 60);
        write!(f, "{day}+{hours:02}:{minutes:02}:{seconds:02}.{:03}", millis % 1_000)
    }
}
