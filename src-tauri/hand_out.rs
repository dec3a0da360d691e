//! What another program opens, whatever the desktop has for it: a file to be printed, and, after the cashier was
//! asked, what leaves this PC.

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::mpsc::channel,
    thread,
    time::Duration,
};

use counter::Problem;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What is escaped in an address. A space becomes `%20`, because to some programs a plus is a plus.
const EVERYTHING_ELSE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// So soon a launcher says that there is nobody to launch.
const SOON: Duration = Duration::from_secs(3);

/// Opens WhatsApp with this text, ready to be sent by hand: to this phone, or to whoever is chosen there.
pub fn to_whatsapp(text: &str, phone: Option<&str>) -> Result<(), Problem> {
    let opened = open::commands(whatsapp(text, phone)).into_iter().any(launches);
    if opened { Ok(()) } else { Err(Problem::of("nothing_opens_it")) }
}

/// Opens a file that was saved, to be looked at and printed.
pub fn to_viewer(file: &Path) -> Result<(), Problem> {
    let opened = open::commands(file).into_iter().any(launches);
    if opened { Ok(()) } else { Err(Problem::of("file_not_opened").with("path", file.display())) }
}

/// The address WhatsApp has for that, which works with and without its program on this PC.
fn whatsapp(text: &str, phone: Option<&str>) -> String {
    let phone = phone.and_then(abroad).unwrap_or_default();
    format!("https://wa.me/{phone}?text={}", utf8_percent_encode(text, EVERYTHING_ELSE))
}

/// A phone number as it is dialled from abroad, without its plus; nothing if nobody can tell.
fn abroad(phone: &str) -> Option<String> {
    if let Some(whole) = phone.strip_prefix('+') {
        return Some(whole.to_owned());
    }
    let home = phone.strip_prefix('0').filter(|rest| !rest.starts_with('0'));
    home.map(|rest| format!("62{rest}")).or_else(|| phone.starts_with("62").then(|| phone.to_owned()))
}

/// Whether a launcher starts and does not say that it found nothing.
fn launches(mut launcher: Command) -> bool {
    launcher.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut launcher) = launcher.spawn() else { return false };
    let (tell, ended) = channel();
    // Some stay for as long as the browser they began; whenever this one ends, it is collected.
    thread::spawn(move || tell.send(launcher.wait()));
    match ended.recv_timeout(SOON) {
        Ok(Ok(status)) => status.success(),
        Ok(Err(_)) => false,
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
    use super::*;

    #[test]
    fn whatever_stands_in_the_text_arrives_as_text_and_nothing_else() {
        let text = "Toko Maju & Jaya #1\nRp 162.500 = 100% + 5?\nhttps://x/?a=b&phone=1";
        let address = whatsapp(text, Some("081234567890"));
        assert!(address.starts_with("https://wa.me/6281234567890?text=Toko%20Maju%20%26%20Jaya%20%231%0ARp%20162.500"));
        let address: tauri::Url = address.parse().unwrap();
        assert_eq!(address.host_str(), Some("wa.me"));
        assert_eq!(address.fragment(), None);
        let asked: Vec<_> = address.query_pairs().into_owned().collect();
        assert_eq!(asked, [("text".to_owned(), text.to_owned())]);
    }

    #[test]
    fn a_phone_is_dialled_as_from_abroad_or_left_to_be_chosen() {
        for (phone, dialled) in [
            (Some("081234567890"), "6281234567890"),
            (Some("+6581234567"), "6581234567"),
            (Some("6281234567890"), "6281234567890"),
            (Some("81234567890"), ""),
            (Some("006281234567"), ""),
            (None, ""),
        ] {
            assert_eq!(whatsapp("a", phone), format!("https://wa.me/{dialled}?text=a"), "{phone:?}");
        }
    }

    #[test]
    fn a_launcher_that_finds_nothing_is_no_launch() {
        assert!(launches(Command::new("true")));
        assert!(!launches(Command::new("false")));
        assert!(!launches(Command::new("no-such-launcher")));
    }
}
