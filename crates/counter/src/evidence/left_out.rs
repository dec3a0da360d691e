/// No id of anybody's has so many hex digits in a row; a signature has 128.
const LONGEST_ID: usize = 40;
/// What stands in the place of a signature.
const LEFT_OUT: &str = "(left out)";

/// What was received, as text, without any signature: with one, a notification could be sent again.
/// A part of one is left out too, since an answer may have broken off in the middle of it.
pub(super) fn readable(body: &[u8]) -> String {
    let text = spelled_out(&String::from_utf8_lossy(body));
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
        let (run, after) = rest.split_at(digits);
        kept.push_str(if run.len() > LONGEST_ID { LEFT_OUT } else { run });
        let others = after.find(|c: char| c.is_ascii_hexdigit()).unwrap_or(after.len());
        let (plain, next) = after.split_at(others);
        kept.push_str(plain);
        rest = next;
    }
    kept
}

/// JSON may write any character as an escape. Nobody does that with letters and digits, unless to
/// hide something.
fn spelled_out(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\u00") {
        let (before, escape) = rest.split_at(at);
        plain.push_str(before);
        let code = escape.get(4..6).and_then(|code| u8::from_str_radix(code, 16).ok());
        match code.filter(u8::is_ascii_alphanumeric) {
            Some(code) => {
                plain.push(char::from(code));
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

    fn signature() -> String {
        "0123456789abcdefABCDEF012345678".repeat(5)[..128].to_owned()
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
        ] {
            assert_eq!(readable(body.as_bytes()), body);
        }
        assert_eq!(readable(b"half \xff\xfe"), "half \u{fffd}\u{fffd}");
    }

    #[test]
    fn no_signature_is_shown_however_it_is_written() {
        let signature = signature();
        let escaped: String = signature.bytes().map(|byte| format!("\\u{:04x}", byte)).collect();
        let shouted: String = signature.bytes().map(|byte| format!("\\u{:04X}", byte)).collect();
        let half: String = signature
            .bytes()
            .enumerate()
            .map(|(n, byte)| if n % 2 == 0 { format!("\\u{byte:04x}") } else { char::from(byte).to_string() })
            .collect();
        for written in [&signature, &signature.to_uppercase(), &escaped, &shouted, &half] {
            let shown = readable(format!("{{\"signature_key\": \"{written}\", \"a\": 1}}").as_bytes());
            assert_eq!(shown, "{\"signature_key\": \"(left out)\", \"a\": 1}");
        }
    }

    #[test]
    fn nor_so_much_of_one_that_the_rest_could_be_guessed() {
        let signature = signature();
        for cut in 0..=128 {
            let shown = readable(format!("{{\"signature_key\": \"{}", &signature[..cut]).as_bytes());
            let digits = shown.split('"').next_back().unwrap_or_default().chars().take_while(char::is_ascii_hexdigit);
            assert!(digits.count() <= LONGEST_ID, "{shown}");
        }
    }
}
