//! What answers in the name of a hosted relay, and what somebody pastes as its address. The first line
//! says what was asked and with which HTTP status it is answered, such as `feed 200 7` for what follows
//! number 7; the rest is the body.

use feed::{Code, Device, NotificationAddress, Page, Paired, Trouble};
use secrecy::ExposeSecret;

const LIMIT: u32 = 100;

pub(crate) fn read(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (head, body) = (String::from_utf8_lossy(&bytes[..end]), bytes.get(end + 1..).unwrap_or_default());
    let mut words = head.split(' ');
    let asked = words.next().unwrap_or_default();
    let status = words.next().and_then(|word| word.parse().ok()).unwrap_or(200);
    let after = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
    match asked {
        "pair" => {
            if let Ok(paired) = Paired::read(status, body) {
                assert_eq!(status, 201);
                for word in [&paired.channel, &paired.device, paired.token.secret().expose_secret()] {
                    assert!(!word.is_empty() && word.bytes().all(|byte| byte.is_ascii_graphic()), "{word:?}");
                }
            }
        }
        "devices" => {
            if let Ok(devices) = Device::read_all(status, body) {
                assert_eq!(devices.iter().filter(|device| device.is_this).count(), 1);
            }
        }
        "address" => {
            let pasted = String::from_utf8_lossy(body);
            if let Ok(address) = pasted.parse::<NotificationAddress>() {
                let shown = address.to_string();
                assert!(shown.starts_with("https://") || shown.starts_with("http://"), "{shown}");
                assert!(shown.ends_with(address.secret()), "{shown}");
            }
            if let Ok(code) = pasted.parse::<Code>() {
                assert_eq!(code.as_str().len(), 9);
            }
        }
        _ => match Page::read(status, body, after, LIMIT) {
            Ok(page) => {
                assert_eq!(status, 200);
                assert!(page.entries.len() <= LIMIT as usize && page.newest >= after);
                let dense = page.entries.iter().zip(1..).all(|(entry, n)| entry.seq == after + n);
                assert!(dense, "what is passed on has no gap");
                assert!(page.entries.iter().all(|entry| entry.body.len() <= 64 * 1024));
            }
            Err(Trouble::TooOld { oldest, .. }) => assert!(oldest > after, "the cursor goes on"),
            Err(Trouble::WentBack { newest, .. }) => assert!(newest < after),
            Err(Trouble::Gap { expected, found }) => assert!(expected == after + 1 && found != expected),
            Err(_) => {}
        },
    }
}
