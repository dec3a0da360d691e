//! As much of the Internet Printing Protocol (RFC 8010) as five questions need.
//!
//! The crate `ipp` (8.0, kept up) speaks all of it. Its clients make their own connection, to an address and never to
//! the socket of CUPS, on which alone a user of this PC is known without a password; so only its messages were of
//! use here, on a line of our own as before. Those are five thousand lines for what these two hundred say.

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    PrintJob = 0x0002,
    CancelJob = 0x0008,
    JobAttributes = 0x0009,
    PrinterAttributes = 0x000b,
    Printers = 0x4002,
}

/// A question under way.
pub(crate) struct Question(Vec<u8>);

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Below 0x0100 it is a yes.
    pub(crate) status: u16,
    values: Vec<Value>,
}

#[derive(Debug)]
struct Value {
    /// In which of the groups it stands, from one.
    group: usize,
    name: String,
    tag: u8,
    bytes: Vec<u8>,
}

const OPERATION: u8 = 0x01;
const END: u8 = 0x03;
const INTEGER: u8 = 0x21;
const BOOLEAN: u8 = 0x22;
const ENUM: u8 = 0x23;
const NAME: u8 = 0x42;
const KEYWORD: u8 = 0x44;
const URI: u8 = 0x45;
const CHARSET: u8 = 0x47;
const LANGUAGE: u8 = 0x48;
const MIME: u8 = 0x49;

impl Question {
    pub(crate) fn new(ask: Ask) -> Self {
        let [high, low] = (ask as u16).to_be_bytes();
        // Version 1.1, which every print service knows, and the number of the question, which nobody needs.
        Self(vec![1, 1, high, low, 0, 0, 0, 1, OPERATION]).with(CHARSET, "attributes-charset", b"utf-8").with(
            LANGUAGE,
            "attributes-natural-language",
            b"en",
        )
    }

    pub(crate) fn printer(self, uri: &str) -> Self {
        self.with(URI, "printer-uri", uri.as_bytes())
    }

    pub(crate) fn job(self, id: i32) -> Self {
        self.with(INTEGER, "job-id", &id.to_be_bytes())
    }

    pub(crate) fn user(self, name: &str) -> Self {
        self.with(NAME, "requesting-user-name", name.as_bytes())
    }

    pub(crate) fn named(self, name: &str) -> Self {
        self.with(NAME, "job-name", name.as_bytes())
    }

    pub(crate) fn format(self, mime: &str) -> Self {
        self.with(MIME, "document-format", mime.as_bytes())
    }

    pub(crate) fn wanted(self, attributes: &[&str]) -> Self {
        let mut name = "requested-attributes";
        attributes.iter().fold(self, |question, attribute| {
            let question = question.with(KEYWORD, name, attribute.as_bytes());
            // Further values of the same attribute have no name.
            name = "";
            question
        })
    }

    pub(crate) fn end(self, document: &[u8]) -> Vec<u8> {
        let Self(mut bytes) = self;
        bytes.push(END);
        bytes.extend_from_slice(document);
        bytes
    }

    /// Names and values are ours or were checked, and so never longer than the length can say.
    fn with(mut self, tag: u8, name: &str, value: &[u8]) -> Self {
        self.0.push(tag);
        for part in [name.as_bytes(), value] {
            let length = u16::try_from(part.len()).unwrap_or(u16::MAX);
            self.0.extend_from_slice(&length.to_be_bytes());
            self.0.extend_from_slice(&part[..usize::from(length)]);
        }
        self
    }
}

impl Answer {
    /// Reads an answer; nothing if it is none, or not whole.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = Rest(bytes);
        let [_, _, high, low] = rest.take()?;
        rest.take::<4>()?;
        let (mut group, mut name, mut values) = (0, String::new(), Vec::new());
        loop {
            match rest.take()? {
                [END] => return Some(Self { status: u16::from_be_bytes([high, low]), values }),
                [0..=0x0f] => group += 1,
                [tag] => {
                    let said = rest.sized()?;
                    if !said.is_empty() {
                        name = String::from_utf8_lossy(said).into_owned();
                    }
                    let bytes = rest.sized()?.to_vec();
                    values.push(Value { group, name: name.clone(), tag, bytes });
                }
            }
        }
    }

    pub(crate) fn is_yes(&self) -> bool {
        self.status < 0x0100
    }

    /// A number or one of a list; nothing if it is not told or has no value.
    pub(crate) fn number(&self, name: &str) -> Option<i32> {
        let value = self.values.iter().find(|value| value.name == name)?;
        let bytes = value.bytes.as_slice().try_into().ok()?;
        matches!(value.tag, INTEGER | ENUM).then(|| i32::from_be_bytes(bytes))
    }

    pub(crate) fn truth(&self, name: &str) -> Option<bool> {
        let value = self.values.iter().find(|value| value.name == name)?;
        (value.tag == BOOLEAN).then(|| value.bytes == [1])
    }

    /// Every word told under this name.
    pub(crate) fn words(&self, name: &str) -> impl Iterator<Item = String> {
        let values = self.values.iter().filter(move |value| value.name == name);
        values.map(|value| String::from_utf8_lossy(&value.bytes).into_owned())
    }

    /// Two texts of every group that has the first.
    pub(crate) fn pairs(&self, first: &str, second: &str) -> Vec<(String, String)> {
        let text = |value: &Value| String::from_utf8_lossy(&value.bytes).into_owned();
        let named = self.values.iter().filter(|value| value.name == first);
        let second_of = |group| self.values.iter().find(|value| value.group == group && value.name == second);
        named.map(|value| (text(value), second_of(value.group).map(text).unwrap_or_default())).collect()
    }
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(u16::from_be_bytes(self.take()?));
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer in the form of a question, which differs only in what stands in the place of the status.
    fn answer() -> Vec<u8> {
        Question::new(Ask::PrintJob)
            .job(7)
            .with(KEYWORD, "job-state-reasons", b"job-stopped")
            .with(KEYWORD, "", b"printer-stopped")
            .with(0x13, "time-at-processing", b"")
            .with(BOOLEAN, "printer-is-accepting-jobs", &[1])
            .end(b"")
    }

    #[test]
    fn what_is_written_is_read() {
        let answer = Answer::read(&answer()).expect("it is whole");
        assert_eq!(answer.status, 2);
        assert_eq!(answer.number("job-id"), Some(7));
        assert_eq!(answer.number("time-at-processing"), None, "it has not been at work on it");
        assert_eq!(answer.truth("printer-is-accepting-jobs"), Some(true));
        let reasons: Vec<String> = answer.words("job-state-reasons").collect();
        assert_eq!(reasons, ["job-stopped", "printer-stopped"]);
    }

    #[test]
    fn half_an_answer_is_none_wherever_it_ends() {
        let answer = answer();
        for end in 0..answer.len() {
            assert!(Answer::read(&answer[..end]).is_none(), "{end}");
        }
    }

    #[test]
    fn each_printer_keeps_its_own_words() {
        let mut bytes = Question::new(Ask::Printers).end(b"");
        bytes.pop();
        bytes.push(0x04);
        let bytes = Question(bytes).with(NAME, "printer-name", b"A").end(b"");
        let mut bytes = bytes;
        bytes.pop();
        bytes.push(0x04);
        let bytes = Question(bytes).with(NAME, "printer-name", b"B").with(0x41, "printer-info", b"Dapur").end(b"");
        let answer = Answer::read(&bytes).expect("it is whole");
        let pair = |name: &str, info: &str| (name.to_owned(), info.to_owned());
        assert_eq!(answer.pairs("printer-name", "printer-info"), [pair("A", ""), pair("B", "Dapur")]);
    }
}
