//! This PC's clock may be wrong by years, and may jump at any time.

use std::time::Duration;

use super::*;
use crate::{
    Asked, Event, Report, Reported, State, Store, Unclear,
    told::{PACE, Told, indomaret, said},
};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
const JUMPS: [i64; 8] =
    [-3652 * DAY, -DAY, -30 * MINUTE, -MINUTE, MINUTE, DAY, 3652 * DAY, (i32::MAX as i64) * 1000 - 1_800_000_000_000];

/// When Midtrans made the code, and how long the code lives.
const MADE: i64 = 1_800_000_003_000;
const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// What Midtrans tells when its clock has come so far since it made the code, which is paid after ten
/// minutes if it is paid at all.
fn tells(asked: Asked, report: Report, since_made: Duration) -> Event {
    let made = Time::from_millis(MADE);
    Event::Reported(Reported {
        made_at: Some(made),
        expires_at: Some(made + LIFE),
        settled_at: (report == Report::Settlement).then_some(made + Duration::from_secs(600)),
        told_at: Some(made + since_made),
        ..said(asked, 99, report)
    })
}

/// An attempt in every state in which something is still awaited.
fn awaited() -> Vec<(&'static str, Told)> {
    let unknown = || indomaret().then(Event::Unclear { why: Unclear::TimedOut });
    let pending = || indomaret().then(tells(Asked::Charge, Report::Pending, Duration::ZERO));
    let paid = tells(Asked::LookUp, Report::Settlement, Duration::from_secs(660));
    vec![
        ("slowed down", indomaret().then(Event::TryLater)),
        ("unknown", unknown()),
        ("unknown and not found", unknown().then(Event::NotFound).then(Event::NotFound)),
        ("unknown and slowed down", unknown().then(Event::SentAgain).then(Event::TryLater)),
        ("pending", pending()),
        ("to be cancelled", pending().then(Event::CancelAsked)),
        ("to be expired", pending().then(Event::ExpireAsked)),
        ("confirming", pending().hint(Report::Settlement)),
        ("held", pending().after(Duration::from_secs(600)).then(paid)),
        ("surfaced", unknown().then(Event::Abandoned).looked_up(Report::Pending)),
    ]
}

#[test]
fn whatever_the_clock_does_nothing_awaited_is_left_alone_and_nobody_is_flooded() {
    for (name, told) in awaited() {
        for jump in JUMPS {
            for asked in [None, Some(told.now)] {
                let (mut now, mut asked) = (told.now.ahead(jump), asked);
                let end = now + Duration::from_secs(10 * 60);
                let mut acts = 0;
                while now < end {
                    match told.sale().next_move(told.id, asked, now, &PACE) {
                        Move::Wait(until) => {
                            assert!(until > now, "{name}, {jump}: waiting ends");
                            now = until;
                        }
                        Move::LookUp | Move::Cancel | Move::Expire => {
                            acts += 1;
                            asked = Some(now);
                            // Whatever else it is, this is not at the same moment again.
                            let next = told.sale().next_move(told.id, asked, now, &PACE);
                            assert!(matches!(next, Move::Wait(_) | Move::Abandon), "{name}, {jump}: {next:?} at once");
                        }
                        Move::Send | Move::Abandon | Move::Resume => {
                            acts += 1;
                            break;
                        }
                        Move::Rest => panic!("{name}, {jump}: left alone"),
                    }
                }
                assert!((1..=20).contains(&acts), "{name}, {jump}: {acts} times in ten minutes");
            }
        }
    }
}

#[test]
fn by_a_clock_that_is_wrong_a_code_is_watched_as_by_one_that_is_right() {
    let moves = |wrong: i64| {
        let mut told = indomaret();
        told.now = told.now.ahead(wrong);
        let told = told.then(tells(Asked::Charge, Report::Pending, Duration::ZERO));
        let (mut now, mut asked, mut looks) = (told.now, told.now, vec![]);
        while now < told.now + LIFE + Duration::from_secs(600) {
            match told.sale().next_move(told.id, Some(asked), now, &PACE) {
                Move::Wait(until) => now = until,
                Move::LookUp => {
                    looks.push(now.since(told.now).as_secs());
                    asked = now;
                }
                other => panic!("{other:?}"),
            }
        }
        looks
    };
    let right = moves(0);
    assert_eq!(right[..3], [60, 120, 180], "every minute while it is young");
    assert!(right.contains(&(LIFE + PACE.after_deadline).as_secs()), "and when it has died");
    for wrong in JUMPS.into_iter().filter(|wrong| wrong.abs() > 2 * MINUTE) {
        assert_eq!(moves(wrong), right, "{wrong}");
    }
}

#[test]
fn a_clock_that_jumps_while_a_code_waits_neither_hurries_its_end_nor_forgets_it() {
    for jump in JUMPS.into_iter().filter(|jump| jump.abs() > 2 * MINUTE) {
        let told = indomaret().then(tells(Asked::Charge, Report::Pending, Duration::ZERO));
        let asked = told.now;
        let mut told = told.after(Duration::from_secs(60));
        told.now = told.now.ahead(jump);
        assert_eq!(told.sale().next_move(told.id, Some(asked), told.now, &PACE), Move::LookUp, "{jump}: asked at once");
        let told = told.then(tells(Asked::LookUp, Report::Pending, Duration::from_secs(61)));
        assert_eq!(told.state(), State::Pending);
        assert_eq!(told.due(told.now), Move::Wait(told.now + Duration::from_secs(60)), "{jump}: and then as ever");
    }
}

#[test]
fn no_clock_but_midtrans_own_ends_indomarets_hold_and_none_makes_it_endless() {
    for jump in JUMPS {
        let paid = |after: u64| tells(Asked::LookUp, Report::Settlement, Duration::from_secs(600 + after));
        let told = indomaret().then(tells(Asked::Charge, Report::Pending, Duration::ZERO));
        let mut told = told.after(Duration::from_secs(630)).then(paid(60));
        let asked = told.now;
        told.now = told.now.ahead(jump);
        // Asked at once, or when the hold is over by a clock that has hardly moved.
        let next = told.sale().next_move(told.id, Some(asked), told.now, &PACE);
        let soon = |until: Time| until <= told.now + Duration::from_secs(240 + 60);
        assert!(next == Move::LookUp || matches!(next, Move::Wait(until) if soon(until)), "{jump}: {next:?}");
        let told = told.then(paid(61));
        assert_eq!(told.attempt().confirmed_at, None, "{jump}: Midtrans' clock says 61 seconds");
        assert!(told.then(paid(301)).attempt().confirmed_at.is_some(), "{jump}");
    }
}

#[test]
fn a_404_is_believed_neither_sooner_because_the_clock_jumps_ahead_nor_later_because_it_is_set_back() {
    let not_found =
        || indomaret().then(Event::Unclear { why: Unclear::Cut }).then(Event::NotFound).then(Event::NotFound);
    for jump in JUMPS {
        let mut told = not_found();
        told.now = told.now.ahead(jump);
        let told = told.then(Event::NotFound);
        assert!(matches!(told.due(told.now), Move::Wait(_)), "{jump}: three in two seconds of real time");
        let again = |told: Told| told.after(Duration::from_secs(60)).then(Event::NotFound);
        let told = again(again(told));
        let (told, believed) =
            if jump.abs() > 10 * MINUTE { (again(again(told)), Move::Abandon) } else { (told, Move::Send) };
        assert_eq!(told.due(told.now), believed, "{jump}");
    }
}

#[test]
fn a_charge_is_not_sent_by_itself_once_nobody_can_tell_how_old_it_is() {
    for jump in JUMPS {
        let slowed = indomaret().then(Event::TryLater);
        let now = slowed.now.ahead(jump) + PACE.pause;
        let next = |asked| slowed.sale().next_move(slowed.id, asked, now, &PACE);
        let stale = jump.abs() > 10 * MINUTE;
        assert_eq!(next(Some(now)), if stale { Move::Abandon } else { Move::Send }, "{jump}");
        assert_eq!(
            next(None),
            if stale { Move::LookUp } else { Move::Send },
            "{jump}: nor given up unseen after a start"
        );
    }
}

#[test]
fn what_was_given_up_is_looked_for_again_by_a_clock_that_was_set_back() {
    let told = Told::sale_at(Store::Alfamart).then(Event::Unclear { why: Unclear::TimedOut }).then(Event::Abandoned);
    let now = told.now.ahead(-3652 * DAY);
    let next = |asked, now| told.sale().next_move(told.id, asked, now, &PACE);
    assert_eq!(next(Some(told.now), now), Move::LookUp);
    assert_eq!(next(Some(now), now), Move::Wait(now + PACE.sweeps[2]));
}

#[test]
fn what_no_order_is_known_of_is_looked_up_by_any_clock_and_nobody_is_flooded() {
    let since = Told::sale_at(Store::Alfamart).now;
    for jump in JUMPS {
        for given_up in [false, true] {
            let (mut now, mut asked, mut looks) = (since.ahead(jump), Some(since), 0);
            let end = now + Duration::from_secs(3 * 60 * 60);
            while now < end {
                match PACE.stray_move(since, asked, given_up, now) {
                    Move::Wait(until) => {
                        assert!(until > now, "{jump}: waiting ends");
                        now = until;
                    }
                    Move::LookUp => {
                        looks += 1;
                        assert!(looks <= 5, "{jump}: again and again");
                        asked = Some(now);
                    }
                    Move::Rest => break,
                    other => panic!("{jump}: {other:?}"),
                }
            }
            assert!(looks > 0, "{jump}: never");
        }
    }
}
