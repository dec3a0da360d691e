use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::{
    Concern, Deed, Move, Sale, Unclear,
    told::{PACE, Told, any_event, any_report, indomaret, said},
};

#[test]
fn a_signed_settlement_is_confirming_until_a_look_up_agrees() {
    let hinted = indomaret().charged().hint(Report::Settlement);
    assert_eq!(hinted.state(), State::Confirming);
    assert_eq!(
        hinted.attempt().next_move(Some(hinted.now), hinted.now, &PACE),
        Move::Wait(hinted.now + PACE.ladder[0])
    );
    assert_eq!(hinted.looked_up(Report::Settlement).state(), State::Paid);
}

#[test]
fn a_look_up_asked_before_the_notification_does_not_answer_it() {
    let told = indomaret().charged();
    let asked_after = told.log.len() as i64;
    let told = told.hint(Report::Settlement);
    let told = told.then(Event::Reported(said(Asked::LookUp, asked_after, Report::Pending)));
    assert_eq!(told.state(), State::Confirming);
}

#[test]
fn a_look_up_that_disagrees_sends_a_claimed_payment_back_to_waiting() {
    let told = indomaret().charged().hint(Report::Settlement).looked_up(Report::Pending);
    assert_eq!(told.state(), State::Pending);
}

#[test]
fn a_replayed_or_relabelled_notification_moves_no_closed_order() {
    for closing in [Report::Expire, Report::Cancel, Report::Deny] {
        let closed = indomaret().charged().looked_up(closing);
        let before = closed.state();
        for claim in [Report::Settlement, Report::Pending, Report::Deny, Report::Expire] {
            let told = closed.again().hint(claim);
            assert_eq!(told.state(), before, "{claim:?} after {closing:?}");
            assert_eq!(told.looked_up(closing).state(), before);
        }
    }
    let reversed = indomaret().charged().looked_up(Report::Settlement).looked_up(Report::Deny);
    assert_eq!(reversed.state(), State::Reversed);
    let replayed = reversed.hint(Report::Settlement);
    assert_eq!(replayed.state(), State::Reversed);
    assert_eq!(replayed.looked_up(Report::Settlement).state(), State::Reversed, "an old settlement does not undo it");
}

#[test]
fn a_doubted_payment_is_not_shown_as_paid() {
    let doubted = indomaret().charged().looked_up(Report::Settlement).hint(Report::Deny);
    assert_eq!(doubted.state(), State::Confirming);
    let settled = doubted.again().looked_up(Report::Settlement);
    assert_eq!(settled.state(), State::Paid);
    assert_eq!(doubted.looked_up(Report::Deny).state(), State::Reversed);
}

#[test]
fn pending_never_overwrites_anything() {
    for (report, state) in [
        (Report::Settlement, State::Paid),
        (Report::Expire, State::Expired),
        (Report::Cancel, State::Cancelled),
        (Report::Deny, State::Denied),
    ] {
        let told = indomaret().charged().looked_up(report).looked_up(Report::Pending);
        assert_eq!(told.state(), state);
    }
}

#[test]
fn a_late_settlement_of_a_closed_code_goes_to_the_owner() {
    for closing in [Report::Expire, Report::Cancel, Report::Deny] {
        let told = indomaret().charged().looked_up(closing).looked_up(Report::Settlement);
        assert_eq!(told.state(), State::PaidLate);
        assert!(!told.attempt().open_concerns().is_empty());
    }
    let given_up = indomaret().then(Event::Unclear { why: Unclear::TimedOut }).then(Event::Abandoned);
    assert_eq!(given_up.looked_up(Report::Settlement).state(), State::PaidLate);
}

#[test]
fn a_payment_of_another_amount_is_never_silently_paid() {
    let told = indomaret().charged().hint(Report::Settlement);
    let with_fee = Reported { amount: Some(46_500), ..said(Asked::LookUp, 99, Report::Settlement) };
    let told = told.then(Event::Reported(with_fee));
    assert_eq!(told.state(), State::Confirming);
    assert_eq!(told.attempt().problem, Some(Problem::AmountDiffers));
    assert!(!told.attempt().open_concerns().is_empty());
}

#[test]
fn another_transaction_under_our_id_is_neither_shown_nor_paid() {
    for foreign in [
        Reported { store: Some(Store::Alfamart), ..said(Asked::LookUp, 99, Report::Settlement) },
        Reported { transaction_id: Some("other".into()), ..said(Asked::LookUp, 99, Report::Settlement) },
        Reported { payment_code: Some("999".into()), ..said(Asked::LookUp, 99, Report::Settlement) },
    ] {
        let told = indomaret().charged().then(Event::Reported(foreign));
        assert_eq!(told.state(), State::Pending);
        assert_eq!(told.attempt().payment_code.as_deref(), Some("578112341234"));
        assert_eq!(told.attempt().problem, Some(Problem::Mismatch));
    }
}

#[test]
fn when_a_later_transaction_stands_under_our_id_ours_is_over() {
    let other = |report| Reported { transaction_id: Some("other".into()), ..said(Asked::LookUp, 99, report) };
    for (report, state) in [(Report::Cancel, State::Cancelled), (Report::Expire, State::Expired)] {
        let told = indomaret().charged().then(Event::CancelAsked).then(Event::Reported(other(report)));
        assert_eq!((told.state(), told.attempt().problem), (state, Some(Problem::Mismatch)));
    }
    let cancelled = indomaret().charged().looked_up(Report::Cancel);
    for (ours, state) in [(cancelled, State::Cancelled), (indomaret().charged(), State::Expired)] {
        let surfaced = ours.then(Event::Reported(other(Report::Pending)));
        assert_eq!((surfaced.state(), surfaced.attempt().problem), (state, Some(Problem::Mismatch)));
        assert_eq!(surfaced.due(surfaced.now + PACE.after_ladder), Move::Cancel, "nobody waits for its payment");
        let closed = surfaced.then(Event::Reported(Reported { asked: Asked::Cancel, ..other(Report::Cancel) }));
        assert_eq!((closed.state(), closed.attempt().surfaced), (state, false));
    }
    let paid = indomaret().charged().looked_up(Report::Settlement).then(Event::Reported(other(Report::Cancel)));
    assert_eq!(paid.state(), State::Paid, "money that was taken is not forgotten");
}

#[test]
fn indomaret_may_reverse_for_five_minutes_and_alfamart_may_not() {
    let told = indomaret().charged().looked_up(Report::Settlement);
    let attempt = told.attempt();
    let until = attempt.hold_ends.expect("Indomaret's payment is held");
    assert_eq!(attempt.confirmed_at, None);
    assert_eq!(attempt.next_move(Some(told.now), told.now, &PACE), Move::Wait(until));
    assert_eq!(attempt.next_move(Some(told.now), until, &PACE), Move::LookUp);
    let settled = told.after(REVERSAL).looked_up(Report::Settlement);
    assert!(settled.attempt().confirmed_at.is_some());
    assert_eq!(settled.attempt().next_move(None, settled.now, &PACE), Move::Rest);

    let alfamart = Told::sale_at(Store::Alfamart).charged().looked_up(Report::Settlement);
    assert_eq!((alfamart.attempt().hold_until, alfamart.attempt().confirmed_at.is_some()), (None, true));
}

#[test]
fn the_hold_follows_midtrans_clock_however_wrong_ours_is() {
    for wrong in [Duration::ZERO, Duration::from_secs(365 * 24 * 3600)] {
        let settled = Time::from_millis(1_800_000_100_000);
        let told = |after: u64| {
            let told_at = Some(settled + Duration::from_secs(after));
            Event::Reported(Reported {
                settled_at: Some(settled),
                told_at,
                ..said(Asked::LookUp, 99, Report::Settlement)
            })
        };
        let paid = indomaret().charged().after(wrong).then(told(60));
        assert_eq!(paid.attempt().hold_ends, Some(paid.now + Duration::from_secs(240)), "four minutes are left");
        assert_eq!(paid.attempt().confirmed_at, None);
        assert!(paid.then(told(301)).attempt().confirmed_at.is_some());
    }
}

#[test]
fn a_404_is_believed_after_three_over_ten_seconds_and_then_the_same_bytes_go_again() {
    let unclear = indomaret().then(Event::Unclear { why: Unclear::TimedOut });
    let told = unclear.then(Event::NotFound).then(Event::NotFound).then(Event::NotFound);
    assert!(matches!(told.attempt().next_move(Some(told.now), told.now, &PACE), Move::Wait(_)), "three in two seconds");
    let told =
        told.after(Duration::from_secs(4)).then(Event::NotFound).after(Duration::from_secs(4)).then(Event::NotFound);
    assert_eq!(told.attempt().next_move(Some(told.now), told.now, &PACE), Move::Send);
}

#[test]
fn what_is_not_sent_again_is_given_up_after_twenty_seconds_of_404() {
    let looked = |mut told: Told, times| {
        for _ in 0..times {
            told = told.after(Duration::from_secs(4)).then(Event::NotFound);
        }
        told
    };
    let unclear = || indomaret().then(Event::Unclear { why: Unclear::TimedOut });
    let late = looked(unclear().after(Duration::from_secs(11 * 60)), 4);
    let unwanted = looked(unclear().then(Event::CancelAsked), 4);
    for told in [late, unwanted] {
        assert!(matches!(told.due(told.now), Move::Wait(_)), "a charge of just now may only not be visible yet");
        let told = looked(told, 1);
        assert_eq!(told.due(told.now), Move::Abandon);
    }
}

#[test]
fn an_unknown_outcome_is_looked_up_at_1_3_7_15_30_and_every_60_seconds() {
    let told = indomaret().then(Event::Unclear { why: Unclear::Cut });
    let (attempt, start) = (told.attempt(), told.now);
    let mut asked = start;
    let mut asked_at = Vec::new();
    for _ in 0..7 {
        let Move::Wait(next) = attempt.next_move(Some(asked), asked, &PACE) else { panic!("it must wait") };
        asked_at.push(next.since(start).as_secs());
        asked = next;
    }
    assert_eq!(asked_at, [1, 3, 7, 15, 30, 90, 150]);
}

#[test]
fn a_second_send_that_was_slowed_down_is_looked_up_after_its_pause_and_then_as_ever() {
    let told = indomaret().then(Event::Unclear { why: Unclear::Cut }).then(Event::SentAgain).then(Event::TryLater);
    assert_eq!(told.due(told.now), Move::Wait(told.now + PACE.pause));
    let told = told.after(PACE.pause).then(Event::NotFound);
    assert!(matches!(told.due(told.now), Move::Wait(_)), "Midtrans is not asked the same at once again");
    let told =
        told.after(Duration::from_secs(7)).then(Event::NotFound).after(Duration::from_secs(7)).then(Event::NotFound);
    assert_eq!(told.due(told.now), Move::Send, "and in the end it knows");
}

#[test]
fn a_notification_about_what_was_given_up_is_a_reason_to_look() {
    let told = indomaret().then(Event::Unclear { why: Unclear::TimedOut }).then(Event::Abandoned).hint(Report::Pending);
    assert_eq!(told.due(told.now + PACE.ladder[0]), Move::LookUp);
    let surfaced = told.looked_up(Report::Pending);
    assert_eq!(surfaced.due(surfaced.now + PACE.after_ladder), Move::Cancel);
}

#[test]
fn a_notification_of_another_transaction_under_our_id_is_looked_up_at_once_though_ours_is_over() {
    let closed = indomaret().charged().then(Event::CancelAsked).looked_up(Report::Cancel);
    let soon = closed.now + PACE.ladder[1];
    assert!(matches!(closed.again().hint(Report::Pending).due(soon), Move::Wait(_)), "that was ours, and comes late");
    let told = closed.then(Event::Hinted { report: Report::Pending, fits: false });
    assert_eq!((told.due(soon), told.state()), (Move::LookUp, State::Cancelled));
}

#[test]
fn what_a_notification_has_told_of_is_not_believed_missing() {
    let mut told = indomaret().then(Event::Unclear { why: Unclear::TimedOut }).hint(Report::Pending);
    for _ in 0..8 {
        told = told.after(PACE.believe_missing).then(Event::NotFound);
        assert_eq!(told.due(told.now + PACE.after_ladder), Move::LookUp, "it only lags");
    }
    assert_eq!(told.looked_up(Report::Pending).state(), State::Pending);
    let given_up = indomaret().then(Event::Unclear { why: Unclear::TimedOut }).then(Event::Abandoned);
    let told = given_up.hint(Report::Pending).then(Event::NotFound);
    assert_eq!(told.due(told.now + PACE.ladder[1]), Move::LookUp, "long before it would be looked at anyway");
}

#[test]
fn slowed_down_by_midtrans_the_intent_stays_and_cancel_ends_it() {
    let told = indomaret().then(Event::TryLater);
    assert_eq!(told.state(), State::Intent);
    assert_eq!(told.attempt().next_move(None, told.now, &PACE), Move::Wait(told.now + PACE.pause));
    assert_eq!(told.attempt().next_move(None, told.now + PACE.pause, &PACE), Move::Send);
    assert_eq!(told.then(Event::CancelAsked).state(), State::Cancelled);
}

#[test]
fn what_was_given_up_and_surfaces_is_cancelled_there() {
    let told = indomaret().then(Event::Unclear { why: Unclear::TimedOut }).then(Event::Abandoned);
    let swept = told.now + PACE.sweeps[0];
    assert_eq!(told.due(swept), Move::LookUp);
    let surfaced = told.looked_up(Report::Pending);
    assert_eq!(surfaced.state(), State::Abandoned, "its code is not offered again");
    assert_eq!(surfaced.due(surfaced.now + PACE.after_ladder), Move::Cancel);
    let cancelled = surfaced.then(Event::Reported(said(Asked::Cancel, 99, Report::Cancel)));
    assert_eq!((cancelled.state(), cancelled.attempt().surfaced), (State::Cancelled, false));
}

#[test]
fn a_payment_wins_over_a_cancel_that_raced_it() {
    let told = indomaret().charged().then(Event::CancelAsked);
    assert_eq!(told.attempt().next_move(None, told.now, &PACE), Move::Cancel);
    let told = told.then(Event::CannotChange);
    assert!(matches!(told.attempt().next_move(None, told.now, &PACE), Move::LookUp));
    assert_eq!(told.looked_up(Report::Settlement).state(), State::Paid);
}

#[test]
fn goods_are_handed_over_once() {
    let mut told = indomaret().charged().looked_up(Report::Settlement);
    told.write(None, Event::HandedOver { by: "Sari".into() });
    told.write(None, Event::HandedOver { by: "Budi".into() });
    assert_eq!(Sale::of(&told.log).unwrap().handed_over.unwrap().by, "Sari");
}

proptest! {
    #[test]
    fn notifications_alone_never_make_an_order_paid_and_their_order_does_not_matter(
        hints in prop::collection::vec(any_report(), 0..7), shuffle in any::<prop::sample::Index>(), end in any_report(),
    ) {
        let tell = |hints: &[Report]| {
            let told = hints.iter().fold(indomaret().charged(), |told, hint| told.hint(*hint));
            prop_assert!(!matches!(told.state(), State::Paid | State::PaidLate | State::Reversed));
            Ok(told.looked_up(end).state())
        };
        let mut other = hints.clone();
        if !other.is_empty() {
            let by = shuffle.index(other.len());
            other.rotate_left(by);
            other.reverse();
        }
        prop_assert_eq!(tell(&hints)?, tell(&other)?);
    }

    #[test]
    fn paid_always_rests_on_a_settled_report_of_the_right_amount(events in prop::collection::vec(any_event(), 0..20)) {
        let mut told = indomaret();
        let mut settled = false;
        for event in events {
            settled |= matches!(&event, Event::Reported(r) if r.report == Report::Settlement && r.amount == Some(44_000));
            told = told.then(event);
            let attempt = told.attempt();
            if attempt.state() == State::Paid {
                prop_assert!(settled);
            }
            // Whatever the log says, there is a next move, and waiting always ends.
            if let Move::Wait(until) = told.due(told.now) {
                prop_assert!(until > told.now);
                prop_assert!(!matches!(told.due(until), Move::Wait(_)));
            }
        }
    }

    #[test]
    fn no_open_order_is_ever_left_alone(events in prop::collection::vec(any_event(), 0..20)) {
        let told = events.into_iter().fold(indomaret(), Told::then);
        if told.attempt().is_live() {
            prop_assert_ne!(told.due(told.now), Move::Rest);
        }
    }
}

#[test]
fn a_cancel_that_crossed_a_429_is_done_because_nothing_was_created() {
    // The same bytes were out again when somebody cancelled, and Midtrans took them no more than before.
    let told = indomaret().then(Event::TryLater).then(Event::SentAgain).then(Event::CancelAsked);
    assert_eq!(told.state(), State::Intent, "an answer is still to come");
    assert_eq!(told.then(Event::TryLater).state(), State::Cancelled);
    let unclear = indomaret().then(Event::Unclear { why: Unclear::Cut }).then(Event::CancelAsked);
    assert_eq!(unclear.then(Event::TryLater).state(), State::Unknown, "an earlier send may have made one");
}

#[test]
fn a_payment_of_another_amount_that_is_taken_back_is_a_reversal() {
    let with_fee = Reported { amount: Some(46_500), ..said(Asked::LookUp, 99, Report::Settlement) };
    let told = indomaret().charged().then(Event::Reported(with_fee)).looked_up(Report::Deny);
    assert_eq!((told.state(), told.attempt().problem), (State::Reversed, Some(Problem::Reversed)));
    assert_eq!(told.sale().open_concerns(), [(told.id, Concern::Reversed)]);
}

#[test]
fn a_code_that_midtrans_closed_and_then_calls_open_is_cancelled_again() {
    let told = indomaret().charged().then(Event::Reported(said(Asked::Cancel, 3, Report::Cancel)));
    let surfaced = told.looked_up(Report::Pending);
    assert_eq!(surfaced.state(), State::Cancelled, "its code is not offered again");
    assert_eq!(surfaced.due(surfaced.now + PACE.after_ladder), Move::Cancel);
    assert!(surfaced.attempt().is_open());
    let closed = surfaced.looked_up(Report::Cancel);
    assert_eq!((closed.attempt().surfaced, closed.due(closed.now + PACE.after_ladder)), (false, Move::LookUp));
}

#[test]
fn what_was_adopted_is_never_sent_because_nobody_has_its_bytes() {
    let told = indomaret().then(Event::Adopted);
    assert_eq!(told.state(), State::Unknown, "Midtrans has it");
    let missing = (0..4).fold(told, |told, _| told.then(Event::NotFound).after(Duration::from_secs(10)));
    let missing = missing.then(Event::NotFound);
    assert_eq!(missing.due(missing.now), Move::Abandon);
}

fn seen_to(told: Told, concern: Concern) -> Told {
    told.then(Event::SeenTo { concern, deed: Deed::Nothing, by: "Sari".into() })
}

#[test]
fn a_concern_that_was_seen_to_comes_back_when_it_happens_anew() {
    let open = |told: &Told| told.sale().open_concerns().into_iter().map(|(_, concern)| concern).collect::<Vec<_>>();
    // Gone, found again, and gone again.
    let told = seen_to(indomaret().charged().then(Event::NotFound), Concern::Gone);
    assert_eq!(open(&told), []);
    let told = told.then(Event::NotFound);
    assert_eq!(open(&told), [], "it is still the same");
    let told = told.looked_up(Report::Pending).then(Event::NotFound);
    assert_eq!(open(&told), [Concern::Gone]);
    // Reversed, paid again, and reversed again.
    let settled = |at| {
        let settled_at = Some(Time::from_millis(at));
        Event::Reported(Reported { settled_at, ..said(Asked::LookUp, 99, Report::Settlement) })
    };
    let told = indomaret().charged().then(settled(1_000)).looked_up(Report::Deny);
    let told = seen_to(told, Concern::Reversed);
    assert_eq!(open(&told), []);
    let told = told.then(settled(2_000));
    assert_eq!(open(&told), [Concern::PaidAfterClosing]);
    let told = seen_to(told, Concern::PaidAfterClosing).looked_up(Report::Deny);
    assert_eq!(open(&told), [Concern::Reversed]);
    let told = told.then(settled(3_000));
    assert_eq!(open(&told), [Concern::PaidAfterClosing]);
    // A strange amount was asked for, and then it was paid.
    let strange = |report| Event::Reported(Reported { amount: Some(46_500), ..said(Asked::LookUp, 99, report) });
    let told = seen_to(indomaret().charged().then(strange(Report::Pending)), Concern::AmountDiffers);
    assert_eq!(open(&told.again().then(strange(Report::Pending))), []);
    assert_eq!(open(&told.then(strange(Report::Settlement))), [Concern::AmountDiffers]);
}

proptest! {
    #[test]
    fn seeing_to_it_moves_no_payment(
        events in prop::collection::vec(any_event(), 0..20), place in any::<prop::sample::Index>(),
    ) {
        let all = [
            Concern::PaidAfterClosing, Concern::PaidTwice, Concern::AmountDiffers, Concern::Reversed,
            Concern::Mismatch, Concern::Gone, Concern::Surfaced, Concern::Adopted,
        ];
        let place = place.index(events.len() + 1);
        let plain = events.iter().cloned().fold(indomaret(), Told::then).attempt();
        let told = events[..place].iter().cloned().fold(indomaret(), Told::then);
        let head = told.log.len() as i64;
        let told = all.into_iter().fold(told, seen_to);
        prop_assert_eq!(told.sale().open_concerns(), []);
        // What was asked after an entry is asked after the same one, which comes later now.
        let later = told.log.len() as i64 - head;
        let moved = |event: &Event| match event.clone() {
            Event::Reported(reported) if reported.asked_after > head => {
                Event::Reported(Reported { asked_after: reported.asked_after + later, ..reported })
            }
            event => event,
        };
        let told = events[place..].iter().map(moved).fold(told, Told::then).attempt();
        prop_assert_eq!((told.state(), told.phase, told.problem), (plain.state(), plain.phase, plain.problem));
        prop_assert_eq!((told.holds_money(), told.is_live(), told.concerns()), (plain.holds_money(), plain.is_live(), plain.concerns()));
    }
}
