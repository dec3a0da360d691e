//! A printer on the network, and everything that can become of a slip on its way there.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod fake;

use std::{net::TcpListener, time::Duration};

use fake::{COVER_OPEN, FINE, Fake, GOOD, Manner, NO_PAPER, SILENT, hasty, means, slip};
use printers::{Condition, Means, Outcome, Patience, Printer, Why, hand_over, probe};

#[test]
fn a_printer_that_answers_confirms_what_it_has_printed() {
    let fake = Fake::on_the_network(GOOD, slip().len());
    assert_eq!(hand_over(&fake.printer, &slip(), &means()), Outcome::Confirmed);
    assert_eq!(fake.printed(), slip(), "it got every byte, and no question is on the paper");
}

#[test]
fn a_printer_that_takes_everything_and_says_nothing_has_been_handed_the_slip_and_no_more() {
    let fake = Fake::on_the_network(SILENT, slip().len());
    assert_eq!(hand_over(&fake.printer, &slip(), &hasty()), Outcome::HandedOver);
    // It has no ears for questions either, so they may be on its paper; printers drop what they do not know.
    let printed = fake.printed();
    assert!(printed.ends_with(&slip()), "{} bytes of {}", printed.len(), slip().len());
}

#[test]
fn a_printer_without_paper_prints_nothing_and_says_so() {
    for (status, why) in [(NO_PAPER, Why::PaperOut), (COVER_OPEN, Why::CoverOpen)] {
        let fake = Fake::on_the_network(Manner { status: Some(status), ..GOOD }, slip().len());
        assert_eq!(hand_over(&fake.printer, &slip(), &means()), Outcome::Failed(why));
        assert_eq!(fake.printed(), [], "nothing that could come out once the roll is changed");
    }
}

#[test]
fn paper_that_ends_in_the_middle_of_a_slip_leaves_it_unknown() {
    let ends = Manner { afterwards: Some(NO_PAPER), in_turn: false, ..GOOD };
    let fake = Fake::on_the_network(ends, slip().len());
    let means = Means { patience: Patience { printed: Duration::from_millis(20), ..means().patience }, ..means() };
    assert_eq!(hand_over(&fake.printer, &slip(), &means), Outcome::Unknown(Why::PaperOut));
}

#[test]
fn a_printer_that_knows_no_question_in_its_turn_confirms_nothing() {
    let fake = Fake::on_the_network(Manner { in_turn: false, ..GOOD }, slip().len());
    let means = Means { patience: Patience { printed: Duration::from_millis(20), ..means().patience }, ..means() };
    assert_eq!(hand_over(&fake.printer, &slip(), &means), Outcome::HandedOver);
}

#[test]
fn a_connection_cut_after_any_byte_leaves_the_slip_unknown_and_never_handed_over() {
    let slip = slip();
    for cut in 0..slip.len() {
        let fake = Fake::on_the_network(Manner { cut_after: Some(cut), ..GOOD }, slip.len());
        let outcome = hand_over(&fake.printer, &slip, &means());
        match outcome {
            // It hung up before it was asked anything, or before a byte of the slip was on the way.
            Outcome::Failed(Why::Cut) if cut == 0 => {}
            Outcome::Unknown(Why::Cut) if cut > 0 => {}
            other => panic!("cut after {cut} bytes of {}: {other:?}", slip.len()),
        }
    }
}

#[test]
fn a_silent_printer_that_hangs_up_after_any_byte_is_found_out_too() {
    let slip = slip();
    // These are slower, for nothing is heard from it: every part of the slip, not every byte.
    for cut in (0..slip.len()).step_by(61) {
        let fake = Fake::on_the_network(Manner { cut_after: Some(cut), ..SILENT }, slip.len());
        let outcome = hand_over(&fake.printer, &slip, &hasty());
        assert!(
            matches!(outcome, Outcome::Unknown(Why::Cut) | Outcome::Failed(Why::Cut))
                && (cut == 0 || outcome != Outcome::Failed(Why::Cut)),
            "cut after {cut} bytes of {}: {outcome:?}",
            slip.len()
        );
    }
}

#[test]
fn a_printer_that_stops_taking_bytes_leaves_the_slip_unknown() {
    // Nobody ever reads: what fits between the two ends has left, the rest has not.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let printer = Printer::Network { host: "127.0.0.1".into(), port: listener.local_addr().unwrap().port() };
    let means = Means { patience: Patience { write: Duration::from_millis(50), ..hasty().patience }, ..hasty() };
    let long = vec![b'x'; 32 << 20];
    assert_eq!(hand_over(&printer, &long, &means), Outcome::Unknown(Why::Stuck));
}

#[test]
fn a_wrong_address_fails_before_anything_is_sent() {
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let printer = Printer::Network { host: "127.0.0.1".into(), port: nobody };
    assert_eq!(hand_over(&printer, &slip(), &means()), Outcome::Failed(Why::Refused));
    // No printer has the address of everybody.
    let printer = Printer::Network { host: "255.255.255.255".into(), port: 9100 };
    let means = Means { patience: Patience { connect: Duration::from_millis(50), ..means().patience }, ..means() };
    assert_eq!(hand_over(&printer, &slip(), &means), Outcome::Failed(Why::NotReached));
}

#[test]
fn a_probe_tells_how_a_printer_is_and_prints_nothing() {
    for (manner, condition) in [
        (GOOD, Condition::Ready),
        (Manner { status: Some(NO_PAPER), ..GOOD }, Condition::Unable(Why::PaperOut)),
        (Manner { status: Some([FINE[0] | 0x08, 0x12, 0x12, 0x12]), ..GOOD }, Condition::Unable(Why::Offline)),
    ] {
        let fake = Fake::on_the_network(manner, slip().len());
        assert_eq!(probe(&fake.printer, &means()), Ok(condition));
        assert_eq!(fake.printed(), []);
    }
    let fake = Fake::on_the_network(SILENT, slip().len());
    assert_eq!(probe(&fake.printer, &hasty()), Ok(Condition::Silent));
}
