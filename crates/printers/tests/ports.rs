//! A printer at a serial port or behind a device file; a pseudo-terminal stands for both.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod fake;

use std::time::Duration;

use fake::{Fake, GOOD, Manner, NO_PAPER, SILENT, hasty, means, port, slip};
use printers::{Condition, Means, Outcome, Patience, Printer, Why, hand_over, probe};

#[test]
fn bytes_go_through_a_port_as_they_are() {
    // Every byte there is, also those a terminal would make something of.
    let every: Vec<u8> = (1..=255).chain(0..=255).collect();
    for fake in [Fake::at_a_port(GOOD, every.len()), Fake::behind_a_device(GOOD, every.len())] {
        assert_eq!(hand_over(&fake.printer, &every, &means()), Outcome::Confirmed, "{}", fake.printer);
        assert_eq!(fake.printed(), every, "{}", fake.printer);
    }
}

#[test]
fn a_printer_at_a_port_that_says_nothing_has_been_handed_the_slip_and_no_more() {
    for fake in [Fake::at_a_port(SILENT, slip().len()), Fake::behind_a_device(SILENT, slip().len())] {
        assert_eq!(hand_over(&fake.printer, &slip(), &hasty()), Outcome::HandedOver);
        assert!(fake.printed().ends_with(&slip()));
    }
}

#[test]
fn a_printer_at_a_port_says_that_its_paper_is_out() {
    let empty = Manner { status: Some(NO_PAPER), ..GOOD };
    for fake in [Fake::at_a_port(empty, slip().len()), Fake::behind_a_device(empty, slip().len())] {
        assert_eq!(probe(&fake.printer, &means()), Ok(Condition::Unable(Why::PaperOut)));
    }
    for fake in [Fake::at_a_port(empty, slip().len()), Fake::behind_a_device(empty, slip().len())] {
        assert_eq!(hand_over(&fake.printer, &slip(), &means()), Outcome::Failed(Why::PaperOut));
        assert_eq!(fake.printed(), []);
    }
}

#[test]
fn a_plug_pulled_after_any_byte_leaves_the_slip_unknown() {
    let slip = slip();
    for cut in (1..slip.len()).step_by(7) {
        let fake = Fake::at_a_port(Manner { cut_after: Some(cut), ..GOOD }, slip.len());
        let outcome = hand_over(&fake.printer, &slip, &means());
        assert_eq!(outcome, Outcome::Unknown(Why::Cut), "pulled after {cut} bytes of {}", slip.len());
    }
}

#[test]
fn a_port_that_takes_no_more_leaves_the_slip_unknown() {
    // Nobody reads at the other end.
    let (_end, path) = port();
    let means = Means { patience: Patience { write: Duration::from_millis(50), ..hasty().patience }, ..hasty() };
    let long = vec![b'x'; 1 << 20];
    let printer = Printer::Serial { path: path.into(), baud: 9600 };
    assert_eq!(hand_over(&printer, &long, &means), Outcome::Unknown(Why::Stuck));
}

#[test]
fn what_is_not_there_or_no_device_fails() {
    let gone = Printer::Device { path: "/dev/usb/lp99".into() };
    assert_eq!(hand_over(&gone, &slip(), &means()), Outcome::Failed(Why::NotThere));
    let folder = Printer::Device { path: "/dev/pts".into() };
    assert_eq!(hand_over(&folder, &slip(), &means()), Outcome::Failed(Why::NotADevice));
    let gone = Printer::Serial { path: "/dev/ttyUSB99".into(), baud: 9600 };
    assert_eq!(hand_over(&gone, &slip(), &means()), Outcome::Failed(Why::NotThere));
    let no_port = Printer::Serial { path: "/dev/null".into(), baud: 9600 };
    assert_eq!(hand_over(&no_port, &slip(), &means()), Outcome::Failed(Why::NotADevice));
}

#[test]
fn a_file_is_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nota.txt");
    std::fs::write(&path, "penting").unwrap();
    let printer = Printer::Device { path: path.clone() };
    assert_eq!(hand_over(&printer, &slip(), &means()), Outcome::Failed(Why::NotADevice));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "penting");
}
