//! A real CUPS of the test's own, and what it says about each job.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod fake;

use std::{process::Command, time::Duration};

use fake::{means, slip};
use printers::{Condition, Cupsd, Means, Outcome, Patience, Printer, Why, found, hand_over, probe};
use stage::{PrintService, Queue};

/// A print service, and what it takes to print there.
fn service() -> (PrintService, Means) {
    let service = PrintService::start();
    let user = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    let patience = Patience { job: Duration::from_secs(60), ..means().patience };
    let means = Means { cupsd: Cupsd::Socket(service.socket()), user: user.trim().into(), patience };
    (service, means)
}

fn on(queue: Queue) -> Printer {
    Printer::Cups { queue: queue.name() }
}

#[test]
fn a_queue_prints_the_bytes_as_they_are_and_says_no_more_than_that_they_are_gone() {
    let (service, means) = service();
    for queue in [Queue::Prints, Queue::Office] {
        assert_eq!(probe(&on(queue), &means), Ok(Condition::Ready), "{queue:?}");
        assert_eq!(hand_over(&on(queue), &slip(), &means), Outcome::HandedOver, "{queue:?}");
        assert_eq!(service.paper(queue), slip(), "{queue:?}: no filter has touched it");
    }
}

#[test]
fn a_queue_that_prints_nothing_says_so_and_keeps_no_job_for_later() {
    let (service, means) = service();
    for (queue, why) in
        [(Queue::Refuses, Why::QueueRefuses), (Queue::Stopped, Why::QueueStopped), (Queue::Holds, Why::JobHeld)]
    {
        assert_eq!(hand_over(&on(queue), &slip(), &means), Outcome::Failed(why), "{queue:?}");
        assert!(service.paper(queue).is_empty(), "{queue:?}");
    }
    assert_eq!(waiting(&service), "", "nothing is left that would come out when the queue goes on");
}

#[test]
fn a_printer_that_failed_under_the_queue_leaves_the_slip_unknown_with_its_reason() {
    let (service, means) = service();
    for (queue, why) in [(Queue::NoPaper, Why::PaperOut), (Queue::Broken, Why::QueueStopped)] {
        assert_eq!(hand_over(&on(queue), &slip(), &means), Outcome::Unknown(why), "{queue:?}");
        // The queue has stopped itself, so the next slip does not even begin.
        assert_eq!(hand_over(&on(queue), &slip(), &means), Outcome::Failed(why), "{queue:?}");
    }
    assert_eq!(waiting(&service), "");
}

#[test]
fn a_printer_that_never_ends_is_given_up_and_its_job_taken_back() {
    let (service, means) = service();
    let means = Means { patience: Patience { job: Duration::from_millis(300), ..means.patience }, ..means };
    assert_eq!(hand_over(&on(Queue::Hangs), &slip(), &means), Outcome::Unknown(Why::JobSlow));
    assert_eq!(waiting(&service), "");
}

#[test]
fn a_queue_or_a_service_that_is_not_there_fails() {
    let (_service, means) = service();
    let nobody = Printer::Cups { queue: "Tidak_ada".into() };
    assert_eq!(hand_over(&nobody, &slip(), &means), Outcome::Failed(Why::NoSuchQueue));
    let nowhere = Means { cupsd: Cupsd::Socket("/nowhere/cups.sock".into()), ..means };
    assert_eq!(hand_over(&on(Queue::Prints), &slip(), &nowhere), Outcome::Failed(Why::NoService));
}

#[test]
fn every_queue_is_found_with_what_people_call_it() {
    let (_service, means) = service();
    let nothing = tempfile::tempdir().unwrap();
    let found = found(nothing.path(), &means);
    let prints = found.iter().find(|found| found.printer == on(Queue::Prints)).unwrap();
    assert_eq!(prints.called, "Prints of the tests");
    assert_eq!(found.len(), 8);
}

/// The jobs that have not ended, as CUPS' own program lists them.
fn waiting(service: &PrintService) -> String {
    let listed = Command::new("lpstat").arg("-h").arg(service.socket()).arg("-o").output().unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    String::from_utf8(listed.stdout).unwrap()
}
