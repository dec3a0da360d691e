//! Which keys are keys, and where they may go.

use midtrans::{Client, Destination, Host, KeyForm, NoClient, NotLoopback, Patience, ServerKey};
use proptest::prelude::*;

#[test]
fn a_key_is_taken_without_the_space_around_it() {
    for pasted in ["SB-Mid-server-abc", " SB-Mid-server-abc\n", "\tSB-Mid-server-abc\r\n "] {
        assert!(parse(pasted).is_ok(), "{pasted:?}");
    }
}

#[test]
fn what_cannot_be_a_key_is_refused_for_its_reason() {
    let refused = [
        ("", KeyForm::Empty),
        (" \n\t ", KeyForm::Empty),
        ("SB-Mid-server-a bc", KeyForm::HasSpaces),
        ("SB-Mid-server-a\nbc", KeyForm::HasSpaces),
        ("SB-Mid-server-a\u{a0}bc", KeyForm::HasSpaces),
        ("SB-Mid-server-\u{200b}abc", KeyForm::StrangeCharacters),
        ("SB-Mid-server-abc\u{0}", KeyForm::StrangeCharacters),
        ("SB–Mid–server–abc", KeyForm::StrangeCharacters),
        ("SB-Mid-client-abc", KeyForm::ClientKey),
        ("Mid-client-abc", KeyForm::ClientKey),
        ("VT-client-abc", KeyForm::ClientKey),
    ];
    for (pasted, reason) in refused {
        assert_eq!(parse(pasted).unwrap_err(), reason, "{pasted:?}");
    }
}

#[test]
fn a_key_suits_its_own_environment() {
    let suits = |key: &str, host| parse(key).unwrap().suits(host);
    assert_eq!(suits("SB-Mid-server-a", Host::Sandbox), Ok(()));
    assert_eq!(suits("SB-Mid-server-a", Host::Production), Err(KeyForm::WrongEnvironment));
    assert_eq!(suits("Mid-server-a", Host::Production), Ok(()));
    assert_eq!(suits("Mid-server-a", Host::Sandbox), Err(KeyForm::WrongEnvironment));
    for key in ["VT-server-a", "5a0c6e0b-8d1a-4f4a-a6a8-2f2f6a0c7f10"] {
        assert_eq!(suits(key, Host::Sandbox), Ok(()));
        assert_eq!(suits(key, Host::Production), Ok(()));
    }
}

#[test]
fn an_unknown_shape_is_a_warning() {
    assert!(parse("VT-server-a").unwrap().has_known_shape());
    assert!(!parse("5a0c6e0b-8d1a-4f4a-a6a8-2f2f6a0c7f10").unwrap().has_known_shape());
}

#[test]
fn a_client_takes_no_key_of_the_other_environment() {
    let wrong = [(Destination::production(), "SB-Mid-server-a"), (Destination::sandbox(), "Mid-server-a")];
    for (destination, key) in wrong {
        let refused = Client::new(destination, parse(key).unwrap(), Patience::default());
        assert!(matches!(refused, Err(NoClient::Key(KeyForm::WrongEnvironment))));
    }
}

#[test]
fn a_key_shows_itself_nowhere() {
    let key = parse("SB-Mid-server-canary").unwrap();
    let client = Client::new(Destination::sandbox(), key.clone(), Patience::default()).unwrap();
    let shown = format!("{key:?} {key:#?} {client:?} {client:#?}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn midtrans_has_two_addresses() {
    let shown = |place: Destination| format!("{place:?}");
    assert!(shown(Destination::sandbox()).contains("\"https\""));
    assert!(shown(Destination::sandbox()).contains("\"api.sandbox.midtrans.com\""));
    assert!(shown(Destination::production()).contains("\"https\""));
    assert!(shown(Destination::production()).contains("\"api.midtrans.com\""));
}

#[test]
fn this_machine_is_this_machine() {
    for here in [
        "http://127.0.0.1:4010",
        "http://127.0.0.1:4010/",
        "https://127.3.2.1",
        "http://[::1]:80",
        "http://localhost:4010",
        "HTTP://LOCALHOST",
    ] {
        assert_eq!(Destination::loopback(here).map(|place| place.host()), Ok(Host::Loopback));
    }
}

#[test]
fn everywhere_else_is_refused() {
    for elsewhere in [
        "",
        "127.0.0.1:4010",
        "https://api.midtrans.com",
        "http://example.com",
        "http://0.0.0.0",
        "http://128.0.0.1",
        "http://192.168.1.1",
        "http://[::]",
        "http://[::2]",
        "http://[::ffff:127.0.0.1]",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "http://user:word@127.0.0.1",
        "http://example.com#127.0.0.1",
        "http://127.0.0.1/somewhere",
        "http://127.0.0.1/?x=1",
        "ftp://127.0.0.1",
        "file:///127.0.0.1",
        "unix://localhost",
    ] {
        assert_eq!(Destination::loopback(elsewhere), Err(NotLoopback), "{elsewhere:?}");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader_of_keys(text in any::<String>()) {
        if let Ok(key) = parse(&text) {
            let _ = (key.has_known_shape(), key.suits(Host::Sandbox), key.suits(Host::Production));
        }
    }

    #[test]
    fn no_text_leads_away_from_this_machine(text in "(https?://)?[a-z0-9.:@/#?\\[\\]\\\\-]{0,40}") {
        if let Ok(place) = Destination::loopback(&text) {
            prop_assert_eq!(place.host(), Host::Loopback);
            let shown = format!("{place:?}");
            prop_assert!(["127.", "localhost", "::1"].iter().any(|here| shown.contains(here)));
        }
    }
}

fn parse(pasted: &str) -> Result<ServerKey, KeyForm> {
    ServerKey::parse(pasted.to_owned().into())
}
