//! Papers that were asked for: each goes out once, and after a crash nobody pretends to know.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use ledger::{Ledger, Look, NewPaper, Paper, PaperKind, PaperState};
use shop::*;
use till::Environment;

const PRINTER: &str = "Kasir";

fn slip() -> NewPaper {
    NewPaper { kind: PaperKind::Slip, about: "A".into(), printer: PRINTER.into(), by: Some("Sari".into()) }
}

fn queued(ledger: &Ledger, n: u32) -> Paper {
    ledger.queue(&slip(), 1, at(n)).unwrap().remove(0)
}

fn saw(came_out: bool) -> Look {
    Look { came_out, by: "Sari".into(), at: at(9) }
}

/// A paper that went out, and what became of it.
fn printed(ledger: &Ledger, state: PaperState) -> Paper {
    let paper = queued(ledger, 1);
    let copy = ledger.next_copy(PaperKind::Slip, "A").unwrap();
    assert!(ledger.go_out(paper.id, copy, at(2)).unwrap());
    ledger.paper_ended(paper.id, state, None, at(3)).unwrap();
    ledger.paper(paper.id).unwrap().unwrap()
}

#[test]
fn a_paper_goes_out_once_whoever_wants_to_print_it() {
    let shop = Shop::open();
    let paper = queued(&shop.ledger, 1);
    let other = shop.again();
    assert_eq!(other.next_paper(PRINTER).unwrap().as_ref(), Some(&paper), "it survives its program");
    assert!(shop.ledger.go_out(paper.id, 0, at(2)).unwrap());
    assert!(!other.go_out(paper.id, 0, at(2)).unwrap(), "another program has it");
    assert_eq!(other.next_paper(PRINTER).unwrap(), None);
    shop.ledger.paper_ended(paper.id, PaperState::Confirmed, None, at(3)).unwrap();
    other.paper_ended(paper.id, PaperState::Failed, Some("late"), at(4)).unwrap();
    let ended = shop.ledger.paper(paper.id).unwrap().unwrap();
    assert_eq!((ended.state, ended.why, ended.ended_at), (PaperState::Confirmed, None, Some(at(3))), "the first word");
    assert!(!shop.ledger.go_out(paper.id, 1, at(5)).unwrap(), "what is over does not go out again");
}

#[test]
fn a_paper_whose_program_died_is_unknown_and_never_goes_out_again() {
    let shop = Shop::open();
    let paper = queued(&shop.ledger, 1);
    let press = shop.ledger.press(PRINTER).unwrap().unwrap();
    assert!(shop.ledger.go_out(paper.id, 0, at(2)).unwrap());
    let other = shop.again();
    assert!(other.press(PRINTER).unwrap().is_none(), "it is being printed");
    assert!(other.press("Dapur").unwrap().is_some(), "another printer is free");
    drop(press);
    let press = other.press(PRINTER).unwrap().unwrap();
    other.papers_left_behind(&press, PRINTER, at(4)).unwrap();
    let left = other.paper(paper.id).unwrap().unwrap();
    assert_eq!((left.state, left.why.as_deref()), (PaperState::Unknown, Some("paper_interrupted")));
    assert!(!other.go_out(paper.id, 0, at(5)).unwrap() && !other.go_out(paper.id, 1, at(5)).unwrap());
    assert_eq!(other.printers_with_papers().unwrap(), Vec::<String>::new());
}

#[test]
fn each_paper_that_may_be_there_makes_the_next_one_a_copy_and_no_number_is_used_twice() {
    let shop = Shop::open();
    let ledger = &shop.ledger;
    assert_eq!(printed(ledger, PaperState::Failed).copy, Some(0));
    assert_eq!(printed(ledger, PaperState::Unknown).copy, Some(0), "nothing of the first came out");
    let second = printed(ledger, PaperState::Confirmed);
    assert_eq!(second.copy, Some(1), "the one before may be there");
    assert_eq!(printed(ledger, PaperState::HandedOver).copy, Some(2));
    ledger.say_of_paper(second.id, &saw(false)).unwrap();
    assert_eq!(ledger.next_copy(PaperKind::Slip, "A").unwrap(), 3, "the third is still there");
    assert_eq!(ledger.next_copy(PaperKind::Receipt, "A").unwrap(), 0, "another paper is another");
    assert_eq!(ledger.next_copy(PaperKind::Slip, "B").unwrap(), 0);
}

#[test]
fn a_copy_that_went_out_meanwhile_stops_one_with_the_same_number() {
    let shop = Shop::open();
    let (first, second) = (queued(&shop.ledger, 1), queued(&shop.ledger, 1));
    assert!(shop.ledger.go_out(first.id, 0, at(2)).unwrap());
    assert!(!shop.ledger.go_out(second.id, 0, at(2)).unwrap(), "it would claim to be the first");
    assert!(shop.ledger.go_out(second.id, 1, at(2)).unwrap());
}

#[test]
fn whoever_looked_settles_it_and_may_correct_that() {
    let shop = Shop::open();
    let paper = printed(&shop.ledger, PaperState::Unknown);
    let said = shop.ledger.say_of_paper(paper.id, &saw(false)).unwrap().unwrap();
    assert_eq!((said.state, &said.said), (PaperState::Unknown, &Some(saw(false))), "what the PC knows stays");
    assert_eq!(shop.ledger.next_copy(PaperKind::Slip, "A").unwrap(), 0, "so the next is the first");
    shop.ledger.say_of_paper(paper.id, &saw(true)).unwrap();
    assert_eq!(shop.ledger.next_copy(PaperKind::Slip, "A").unwrap(), 1);
    let waiting = queued(&shop.ledger, 5);
    assert_eq!(shop.ledger.say_of_paper(waiting.id, &saw(true)).unwrap().unwrap().said, None, "nobody saw that yet");
    assert_eq!(shop.ledger.say_of_paper(99, &saw(true)).unwrap(), None);
}

#[test]
fn what_is_printed_by_itself_is_printed_once_however_often_the_reason_comes_up() {
    let shop = Shop::open();
    let by_itself = NewPaper { by: None, ..slip() };
    assert_eq!(shop.ledger.queue_once(&by_itself, 2, at(1)).unwrap().len(), 2);
    assert_eq!(shop.again().queue_once(&by_itself, 2, at(2)).unwrap(), []);
    let receipt = NewPaper { kind: PaperKind::Receipt, ..by_itself };
    shop.ledger.queue(&receipt, 1, at(3)).unwrap();
    assert_eq!(shop.ledger.queue_once(&receipt, 1, at(4)).unwrap(), [], "somebody was faster than the PC");
    assert_eq!(shop.ledger.papers(10).unwrap().len(), 3);
}

#[test]
fn a_copy_of_the_ledger_that_is_put_back_prints_nothing_that_may_be_printed_already() {
    let shop = Shop::open();
    let (waits, under_way) = (queued(&shop.ledger, 1), queued(&shop.ledger, 2));
    assert!(shop.ledger.go_out(under_way.id, 0, at(3)).unwrap());
    let copy = shop.ledger.copy(at(4)).unwrap();
    // Since the copy was made, both were printed.
    let folder = ledger::Folder::at(shop.folder.path());
    let Shop { folder: _kept, ledger } = shop;
    drop(ledger);
    Ledger::restore(&folder, Environment::Training, &copy.unwrap().name, at(9)).unwrap();
    let ledger = open(folder.path()).unwrap();
    for paper in [waits, under_way] {
        let paper = ledger.paper(paper.id).unwrap().unwrap();
        assert_eq!((paper.state, paper.why.as_deref()), (PaperState::Unknown, Some("paper_restored")));
    }
    assert_eq!(ledger.next_paper(PRINTER).unwrap(), None);
}
