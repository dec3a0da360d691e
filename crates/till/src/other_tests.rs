//! Codes of other tills: heard of, looked up, shown.

use super::*;
use crate::{
    Asked,
    told::{PACE, order_id, said},
};

const BEGAN: i64 = 1_800_000_000_000;

fn at(seconds: i64) -> Time {
    Time::from_millis(BEGAN + 1_000 * seconds)
}

fn heard() -> Other {
    Other::of(order_id(1), Some(44_000), at(0))
}

fn told(mut other: Other, report: Report, seconds: i64) -> Other {
    let settled_at = (report == Report::Settlement).then(|| at(seconds));
    let store = Some(Store::Alfamart);
    let told = Reported { store, settled_at, ..said(Asked::LookUp, 0, report) };
    other.told(Some(&told), other.letters, at(seconds));
    other
}

/// When it is looked up, if Midtrans always tells this.
fn looks(mut other: Other, tells: Option<Report>, until: i64) -> Vec<i64> {
    let (mut now, mut looks) = (at(0), Vec::new());
    loop {
        match other.next_move(now, &PACE) {
            Move::LookUp => {
                assert!(looks.len() < 1_000, "it is looked up without end");
                looks.push((now.millis() - BEGAN) / 1_000);
                other.told(tells.map(|report| said(Asked::LookUp, 0, report)).as_ref(), other.letters, now);
            }
            Move::Wait(next) if next <= at(until) => {
                assert!(next > now);
                now = next;
            }
            _ => return looks,
        }
    }
}

#[test]
fn what_is_heard_is_looked_up_at_once_and_shown_as_confirming_until_midtrans_has_told_of_it() {
    let other = heard();
    assert_eq!((other.state, other.next_move(at(0), &PACE)), (State::Confirming, Move::LookUp));
    assert_eq!((other.store, other.payment_code.clone()), (None, None), "nobody has signed those");
    let paid = told(other, Report::Settlement, 3);
    assert_eq!((paid.state, paid.store, paid.paid_at), (State::Paid, Some(Store::Alfamart), Some(at(3))));
    assert_eq!(paid.payment_code.as_deref(), Some("578112341234"));
}

#[test]
fn an_open_code_is_looked_up_less_and_less_and_after_its_deadline_and_what_is_over_never_again() {
    let deadline = 86_400;
    let minutes = 60;
    assert_eq!(
        looks(heard(), Some(Report::Pending), 4 * deadline),
        [0, minutes, 10 * minutes, 60 * minutes, deadline, deadline + 2 * minutes]
            .into_iter()
            .chain((2..=3).map(|days| days * deadline + 2 * minutes))
            .collect::<Vec<_>>()
    );
    for over in [Report::Settlement, Report::Expire, Report::Cancel, Report::Deny, Report::Failure] {
        assert_eq!(looks(heard(), Some(over), 400 * deadline), [0], "{over:?}");
    }
    assert_eq!(looks(heard(), None, 400 * deadline), [0, minutes, 10 * minutes, 60 * minutes, deadline]);
}

#[test]
fn whatever_is_heard_of_what_is_over_is_asked_about_once_more_and_a_payment_taken_back_is_called_so() {
    let mut paid = told(heard(), Report::Settlement, 3);
    paid.hear(at(200));
    assert_eq!((paid.state, paid.next_move(at(200), &PACE)), (State::Paid, Move::LookUp));
    let back = told(paid, Report::Deny, 201);
    assert_eq!((back.state, back.paid_at), (State::Reversed, None));
    assert_eq!(told(heard(), Report::Deny, 3).state, State::Denied);
}

#[test]
fn a_notification_that_comes_while_midtrans_is_asked_is_not_answered_by_that() {
    let mut other = heard();
    let asked_with = other.letters;
    other.hear(at(1));
    other.told(Some(&said(Asked::LookUp, 0, Report::Pending)), asked_with, at(1));
    assert_eq!((other.state, other.next_move(at(1), &PACE)), (State::Confirming, Move::LookUp));
}

#[test]
fn what_was_told_stays_told_where_midtrans_knows_nothing_of_it_any_more() {
    let mut paid = told(heard(), Report::Settlement, 3);
    paid.hear(at(9));
    paid.told(None, 2, at(10));
    assert_eq!((paid.state, paid.next_move(at(10), &PACE)), (State::Paid, Move::Rest));
    let mut open = told(heard(), Report::Pending, 3);
    open.told(None, 1, at(10));
    assert_eq!(open.state, State::Unknown);
}

#[test]
fn a_clock_that_was_set_back_neither_stops_the_looks_nor_makes_a_flood_of_them() {
    let mut other = told(heard(), Report::Pending, 3);
    let back = at(-7 * 86_400);
    assert_eq!(other.next_move(back, &PACE), Move::LookUp, "when it was asked lies in a time to come");
    other.told(Some(&said(Asked::LookUp, 0, Report::Pending)), other.letters, back);
    assert_eq!(other.next_move(back, &PACE), Move::Wait(back + PACE.strays[2]));
}
