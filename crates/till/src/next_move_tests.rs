use super::*;
use crate::{
    Event, Report, Reported, Store, Unclear,
    told::{PACE, Told, indomaret, said},
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
    for _ in 0..3 {
        told = told.then(Event::NotFound);
        let asked = told.now;
        while let Move::Wait(at) = next(&told, Some(asked), told.now) {
            told.now = at;
        }
    }
    assert_eq!(next(&told, Some(told.now), told.now), Move::Abandon);
    assert!(told.now.since(begun) < Duration::from_secs(20), "it took {:?}", told.now.since(begun));
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
fn a_young_code_that_midtrans_does_not_know_yet_is_looked_up_again_soon() {
    let told = indomaret().charged().then(Event::NotFound);
    assert_eq!(next(&told, Some(told.now), told.now), Move::Wait(told.now + PACE.ladder[3]));
    let old = told.after(Duration::from_secs(11 * 60));
    assert_eq!(next(&old, Some(old.now), old.now), Move::Wait(old.now + PACE.steps[1].1));
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

/// The clock was a day ahead when something was written down, and is right again.
#[test]
fn a_clock_that_is_put_back_makes_nothing_wait_for_it() {
    let asked_to_wait = indomaret().then(Event::TryLater);
    assert_eq!(next(&asked_to_wait, None, put_back(&asked_to_wait)), Move::Abandon, "nobody knows how old it is");
    let just = |told: &Told| Time::from_millis(told.now.millis() - 3_000);
    assert_eq!(next(&asked_to_wait, None, just(&asked_to_wait)), Move::Send);

    let question = indomaret().charged().hint(Report::Settlement);
    let now = put_back(&question);
    assert_eq!(next(&question, None, now), Move::LookUp);
    assert_eq!(next(&question, Some(now), now), Move::Wait(now + PACE.ladder[4]), "and it is no flood either");

    let over = indomaret().charged().looked_up(Report::Expire);
    assert_eq!(next(&over, None, put_back(&over)), Move::LookUp);
}

#[test]
fn a_clock_that_is_put_back_between_two_looks_keeps_nothing_unknown() {
    let mut told = unanswered().then(Event::NotFound);
    told.now = put_back(&told);
    told = told.then(Event::NotFound).after(PACE.believe_missing).then(Event::NotFound);
    assert_eq!(next(&told, Some(told.now), told.now), Move::Abandon);
}

#[test]
fn a_hold_ends_by_midtrans_clock_when_this_one_was_put_back() {
    let settled = |told: Told, after: Duration| {
        let paid_at = Time::from_millis(1_800_000_000_000);
        let told_at = Some(paid_at + after);
        let asked_after = told.log.len() as i64;
        let report = said(crate::Asked::LookUp, asked_after, Report::Settlement);
        told.then(Event::Reported(Reported { settled_at: Some(paid_at), told_at, ..report }))
    };
    let mut told = settled(Told::sale_at(Store::Indomaret).charged(), Duration::from_secs(10));
    let ends = told.attempt().hold_ends.unwrap();
    assert_eq!(next(&told, Some(told.now), told.now), Move::Wait(ends));
    told.now = put_back(&told);
    assert_eq!(next(&told, None, told.now), Move::LookUp);
    let told = settled(told, Duration::from_secs(60));
    assert_eq!(told.attempt().hold_ends, Some(told.now + Duration::from_secs(4 * 60)), "what is left of it");
    let told = settled(told, Duration::from_secs(5 * 60));
    assert_eq!(told.attempt().confirmed_at, Some(told.now));
}

fn put_back(told: &Told) -> Time {
    Time::from_millis(told.now.millis() - i64::try_from(DAY.as_millis()).unwrap())
}
