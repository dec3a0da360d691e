use ledger::{Ledger, Trouble};
use serde_json::Value;

/// No id of anybody's has so many hex digits in a row; a signature has 128.
const LONGEST_ID: usize = 40;
/// What stands in the place of what is not shown.
const LEFT_OUT: &str = "(left out)";
/// How server keys begin, as they are and as they stand in an `Authorization` header.
const KEYS: [&str; 5] = ["Mid-server-", "VT-server-", "U0ItTWlkLXNlcnZlci", "TWlkLXNlcnZlci", "VlQtc2VydmVyL"];
/// Fewer characters of a secret path tell nothing of it.
const TELLING: usize = 8;

/// What is in no evidence, whoever put it where: signatures of notifications, server keys, and the
/// addresses to which notifications go, with their secret ends.
pub(super) struct LeftOut {
    addresses: Vec<String>,
    paths: Vec<String>,
}

impl LeftOut {
    /// The relay's own path, the addresses of the hosted relay and of the owner's choice, and these.
    pub fn of<'a>(ledger: &Ledger, addresses: impl Iterator<Item = &'a str>) -> Result<Self, Trouble> {
        let set = ledger.settings()?.notify_to.into_iter().chain(ledger.feed()?.map(|feed| feed.address));
        let addresses = addresses.map(str::to_owned).chain(set);
        let addresses: Vec<String> = addresses.filter(|address| address.len() >= TELLING).collect();
        let ends = addresses.iter().filter_map(|address| address.rsplit('/').next()).map(str::to_owned);
        let paths = ends.chain(ledger.kept("relay_path")?).filter(|path| path.len() >= TELLING).collect();
        Ok(Self { addresses, paths })
    }

    /// What was received, as text, without any signature: with one, a notification could be sent
    /// again. A part of one is left out too, since an answer may have broken off in the middle of it.
    pub fn received(&self, body: &[u8]) -> String {
        self.text(&without_signatures(&spelled_out(&String::from_utf8_lossy(body))))
    }

    /// A text of our own, or of somebody at the desk who pasted the wrong thing.
    pub fn text(&self, text: &str) -> String {
        let kept = KEYS.iter().fold(text.to_owned(), |text, begins| without_keys(&text, begins));
        let kept = self.addresses.iter().fold(kept, |text, address| text.replace(address, LEFT_OUT));
        self.paths.iter().fold(kept, |text, path| without_path(&text, path))
    }

    /// The same for every text in it.
    pub fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.value(value)),
            Value::Object(fields) => fields.values_mut().for_each(|value| self.value(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

fn without_signatures(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (run, after) = rest.split_at(run_of(rest, |c| c.is_ascii_hexdigit()));
        kept.push_str(if run.len() > LONGEST_ID { LEFT_OUT } else { run });
        let (plain, next) = after.split_at(run_of(after, |c| !c.is_ascii_hexdigit()));
        kept.push_str(plain);
        rest = next;
    }
    kept
}

/// The beginning stays, so that one can see what it was.
fn without_keys(text: &str, begins: &str) -> String {
    let mut pieces = text.split(begins);
    let mut kept = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let rest = &piece[run_of(piece, |c| c.is_ascii_alphanumeric() || "-_+/=".contains(c))..];
        kept.push_str(begins);
        kept.push_str(LEFT_OUT);
        kept.push_str(rest);
    }
    kept
}

fn without_path(text: &str, path: &str) -> String {
    let kept = text.replace(path, LEFT_OUT);
    // What was received may break off in the middle of it.
    let cut = (TELLING..path.len()).rev().find_map(|length| kept.strip_suffix(path.get(..length)?));
    cut.map_or(kept.clone(), |before| format!("{before}{LEFT_OUT}"))
}

/// How long the text goes on like this.
fn run_of(text: &str, like: impl Fn(char) -> bool) -> usize {
    text.find(|c| !like(c)).unwrap_or(text.len())
}

/// JSON may write any character as an escape. Nobody does that with letters and digits, unless to
/// hide something.
fn spelled_out(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\u00") {
        let (before, escape) = rest.split_at(at);
        plain.push_str(before);
        let code = escape.get(4..6).and_then(|code| u8::from_str_radix(code, 16).ok()).map(char::from);
        match code.filter(|c| c.is_ascii_alphanumeric() || "-_+/=".contains(*c)) {
            Some(c) => {
                plain.push(c);
                rest = &escape[6..];
            }
            None => {
                plain.push_str(&escape[..4]);
                rest = &escape[4..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "abcdefghijklmnopqrstuvwxyz234567";

    fn received(body: &str) -> String {
        LeftOut { addresses: vec![], paths: vec![PATH.into()] }.received(body.as_bytes())
    }

    fn signature() -> String {
        "0123456789abcdefABCDEF012345678".repeat(5)[..128].to_owned()
    }

    /// The same in every way in which JSON can write it.
    fn ways(text: &str) -> [String; 4] {
        let escaped = text.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
        let shouted = text.bytes().map(|byte| format!("\\u{byte:04X}")).collect();
        let half = |(n, byte): (usize, u8)| {
            if n % 2 == 0 { format!("\\u{byte:04x}") } else { char::from(byte).to_string() }
        };
        [text.to_owned(), escaped, shouted, text.bytes().enumerate().map(half).collect()]
    }

    #[test]
    fn what_was_received_is_shown_as_it_came() {
        for body in [
            "",
            "{}",
            "{\"a\": \"é\\n\\u00e9 \\\\ 9b3951a4-0000-4000-8000-00805f9b34fb\"}\r\n",
            "<html>\u{202e}",
            "\\u00",
            "\\u00é1",
            "/n/abcdefg",
        ] {
            assert_eq!(received(body), body);
        }
        let none = LeftOut { addresses: vec![], paths: vec![] };
        assert_eq!(none.received(b"half \xff\xfe"), "half \u{fffd}\u{fffd}");
    }

    #[test]
    fn no_signature_is_shown_however_it_is_written() {
        let signature = signature();
        for written in ways(&signature).into_iter().chain([signature.to_uppercase()]) {
            let shown = received(&format!("{{\"signature_key\": \"{written}\", \"a\": 1}}"));
            assert_eq!(shown, "{\"signature_key\": \"(left out)\", \"a\": 1}");
        }
    }

    #[test]
    fn nor_so_much_of_one_that_the_rest_could_be_guessed() {
        let signature = signature();
        for cut in 0..=128 {
            let shown = received(&format!("{{\"signature_key\": \"{}", &signature[..cut]));
            let digits = shown.split('"').next_back().unwrap_or_default().chars().take_while(char::is_ascii_hexdigit);
            assert!(digits.count() <= LONGEST_ID, "{shown}");
        }
    }

    #[test]
    fn no_server_key_is_shown_neither_as_it_is_nor_as_a_header() {
        for (key, header) in [
            ("SB-Mid-server-abcDEF0123456789_-xyz", "Basic U0ItTWlkLXNlcnZlci1hYmNERUYwMTIzNDU2Nzg5Xy14eXo6"),
            ("Mid-server-abcDEF0123456789_-xyz", "Basic TWlkLXNlcnZlci1hYmNERUYwMTIzNDU2Nzg5Xy14eXo6"),
            ("VT-server-abcDEF0123456789_-xyz", "Basic VlQtc2VydmVyLWFiY0RFRjAxMjM0NTY3ODlfLXh5ejo="),
        ] {
            for written in ways(key).into_iter().chain(ways(header.trim_start_matches("Basic "))) {
                let shown = received(&format!("{{\"a\": \"{written}\", \"b\": \"Basic {written} {written}\"}}"));
                assert!(!shown.contains("abcDEF") && !shown.contains("Ni") && !shown.contains("MTIz"), "{shown}");
                assert!(shown.contains("\", \"b\": \"Basic "), "the rest stays: {shown}");
            }
        }
    }

    #[test]
    fn the_path_of_the_relay_is_not_shown_nor_a_telling_part_at_the_end() {
        for written in ways(PATH) {
            let shown = received(&format!("<a href=\"http://127.0.0.1:9/n/{written}\">"));
            assert_eq!(shown, "<a href=\"http://127.0.0.1:9/n/(left out)\">");
        }
        for cut in TELLING..PATH.len() {
            assert_eq!(received(&format!("/n/{}", &PATH[..cut])), "/n/(left out)");
        }
    }
}
