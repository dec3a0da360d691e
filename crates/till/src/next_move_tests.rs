//! What is due next, and when.

use super::*;
use crate::{
    Event, Report, Unclear,
    told::{PACE, Told, indomaret},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is due a moment after Midtrans was last asked.
fn next(told: &Told, asked: Option<Time>, now: Time) -> Move {
    told.sale().next_move(told.id, asked, now, &PACE)
}

fn unanswered() -> Told {
    indomaret().then(Event::Unclear { why: Unclear::TimedOut })
}

#[test]
fn what_is_missing_is_believed_to_be_within_seconds_however_long_ago_it_was_sent() {
    let mut told = unanswered().after(DAY);
    let begun = told.now;
    for _ in 0..5 {
        told = told.then(Event::NotFound);
        let asked = told.now;
        while let Move::Wait(at) = next(&told, Some(asked), told.now) {
            told.now = at;
        }
    }
    assert_eq!(next(&told, Some(told.now), told.now), Move::Abandon);
    assert!(told.now.since(begun) < Duration::from_secs(30), "it took {:?}", told.now.since(begun));
}

#[test]
fn a_notification_from_before_does_not_delay_the_first_look_at_what_nobody_answered() {
    // By a clock that was set back when it came, it is a quarter of an hour old.
    let told = indomaret().hint(Report::Deny).after(Duration::from_secs(15 * 60));
    let told = told.then(Event::Unclear { why: Unclear::TimedOut });
    assert_eq!(next(&told, Some(told.now), told.now), Move::Wait(told.now + PACE.ladder[0]));
}

#[test]
fn what_was_slowed_down_when_it_was_sent_again_is_neither_asked_about_in_a_flood_nor_for_ever() {
    let missing = (0..3).fold(unanswered(), |told, _| told.then(Event::NotFound));
    let mut told = missing.then(Event::SentAgain).then(Event::TryLater);
    let mut asked = Some(told.now);
    let mut looks = 0;
    loop {
        match next(&told, asked, told.now) {
            Move::Wait(at) => told.now = at,
            Move::LookUp => {
                told = told.then(Event::NotFound);
                asked = Some(told.now);
                looks += 1;
                assert!(looks < 5, "it is asked about for ever");
            }
            sent => break assert_eq!(sent, Move::Send),
        }
    }
    assert_eq!(looks, 3);
}

#[test]
fn a_code_that_midtrans_told_and_does_not_know_is_looked_up_again_soon_and_then_as_ever() {
    // However old it is, because the clock that tells its age may have been wrong when it was made.
    for old in [Duration::ZERO, 2 * DAY] {
        let mut told = indomaret().charged().after(old);
        for _ in 0..4 {
            told = told.then(Event::NotFound).after(PACE.ladder[3]);
            assert_eq!(next(&told, Some(told.now), told.now), Move::Wait(told.now + PACE.ladder[3]));
        }
        let seen = told.again().looked_up(Report::Pending);
        let told = told.then(Event::NotFound);
        let usual = next(&seen, Some(seen.now), told.now);
        assert_eq!(next(&told, Some(told.now), told.now), usual);
        assert_eq!(told.again().then(Event::NotFound).attempt(), told.attempt(), "and it is no news any more");
    }
}

#[test]
fn however_often_somebody_asks_within_seconds_a_code_that_is_not_to_be_seen_yet_is_looked_up_again_soon() {
    let told = (0..6).fold(indomaret().charged(), |told, _| told.then(Event::NotFound));
    assert_eq!(next(&told, Some(told.now), told.now), Move::Wait(told.now + PACE.ladder[3]));
}

#[test]
fn what_a_notification_told_of_is_looked_for_within_seconds_by_a_clock_that_was_set_back() {
    let mut told = unanswered().then(Event::Hinted { report: Report::Pending, fits: true });
    told.now = Time::from_millis(told.now.millis() - 86_400_000);
    let told = told.then(Event::NotFound);
    let Move::Wait(at) = next(&told, Some(told.now), told.now) else { panic!("it is asked about in a flood") };
    assert!(at.since(told.now) <= Duration::from_secs(5), "it waits {:?}", at.since(told.now));
}

#[test]
fn a_closed_code_is_looked_at_now_and_then_because_a_store_may_have_taken_money_for_it() {
    for over in [Report::Expire, Report::Cancel, Report::Deny] {
        let told = indomaret().charged().looked_up(over);
        let mut looks = Vec::new();
        let (mut asked, mut now) = (Some(told.now), told.now);
        while let Move::Wait(at) = next(&told, asked, now) {
            assert_eq!(next(&told, asked, at), Move::LookUp);
            looks.push(at.since(told.now));
            (asked, now) = (Some(at), at);
        }
        assert_eq!(looks, PACE.sweeps, "{over:?}");
        assert_eq!(next(&told, None, told.now), Move::LookUp, "and at once after a start");
    }
}

#[test]
fn a_code_that_was_never_taken_is_left_in_peace() {
    let told = indomaret().then(Event::TryLater).then(Event::CancelAsked);
    assert_eq!(next(&told, None, told.now + DAY), Move::Rest);
}
