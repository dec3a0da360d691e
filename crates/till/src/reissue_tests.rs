use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::{
    Asked, Concern, Event, Move, Refusal, Report, Reported, State, Store, Unclear,
    told::{PACE, Told, any_event, indomaret, order_id, said},
};

/// Cancelled, and a look-up that was asked afterwards says so too.
fn spent() -> Told {
    indomaret().charged().then(Event::CancelAsked).then(cancelled()).looked_up(Report::Cancel)
}

fn cancelled() -> Event {
    Event::Reported(said(Asked::Cancel, 99, Report::Cancel))
}

/// The first code is cancelled, and a second one, at the other store, waits to be paid.
fn two_codes() -> Told {
    spent().reissued(Store::Alfamart).charged()
}

#[test]
fn a_new_code_waits_until_midtrans_itself_says_that_the_old_one_is_dead() {
    let reissue = |told: &Told| told.sale().reissue();
    assert_eq!(reissue(&indomaret()), Reissue::OnceClosed, "it may be on the wire");
    let open = indomaret().charged();
    assert_eq!(reissue(&open), Reissue::OnceClosed);
    let asked = open.then(Event::CancelAsked).then(cancelled());
    assert_eq!(reissue(&asked), Reissue::OnceClosed, "the answer to a cancel is no look-up");
    for over in [Report::Cancel, Report::Expire, Report::Deny, Report::Failure] {
        assert_eq!(reissue(&asked.again().looked_up(over)), Reissue::Now, "{over:?}");
    }
    assert_eq!(reissue(&asked.again().looked_up(Report::Pending)), Reissue::OnceClosed, "it is alive after all");
    assert_eq!(reissue(&asked.looked_up(Report::Settlement)), Reissue::Paid);
}

#[test]
fn a_notification_that_nobody_has_answered_holds_a_new_code_back() {
    let told = spent().hint(Report::Settlement);
    assert_eq!((told.state(), told.sale().reissue()), (State::Cancelled, Reissue::OnceClosed));
    assert_eq!(told.again().looked_up(Report::Cancel).sale().reissue(), Reissue::Now);
    assert_eq!(told.looked_up(Report::Settlement).sale().reissue(), Reissue::Paid);
}

#[test]
fn a_request_that_may_have_made_a_code_cannot_be_replaced_and_one_that_made_none_can() {
    let refused = Event::Refused { reason: Refusal::ChannelNotActive, said: vec![] };
    let unclear = || Event::Unclear { why: Unclear::TimedOut };
    let reissue = |told: Told| told.sale().reissue();
    assert_eq!(reissue(indomaret().then(refused.clone())), Reissue::Now);
    assert_eq!(reissue(indomaret().then(Event::TryLater).then(Event::CancelAsked)), Reissue::Now);
    assert_eq!(reissue(indomaret().then(Event::TryLater).then(Event::Abandoned)), Reissue::Now);
    assert_eq!(reissue(indomaret().then(unclear()).then(refused.clone())), Reissue::Never);
    assert_eq!(reissue(indomaret().then(unclear()).then(Event::Abandoned)), Reissue::Never);
    // It surfaced, was cancelled, and Midtrans says so when asked.
    let surfaced = indomaret().then(unclear()).then(refused).looked_up(Report::Pending);
    assert_eq!(reissue(surfaced.again()), Reissue::Never);
    assert_eq!(reissue(surfaced.then(cancelled()).looked_up(Report::Cancel)), Reissue::Now);
    let foreign = Reported { transaction_id: Some("other".into()), ..said(Asked::LookUp, 99, Report::Settlement) };
    assert_eq!(reissue(spent().then(Event::Reported(foreign))), Reissue::Never, "whose money is that?");
}

#[test]
fn a_new_code_waits_until_an_unanswered_request_for_the_old_one_can_no_longer_arrive() {
    let unclear = indomaret().then(Event::Unclear { why: Unclear::TimedOut });
    let sent = unclear.now;
    let told = unclear.then(Event::NotFound).then(Event::SentAgain).charged().then(Event::CancelAsked);
    let told = told.then(cancelled()).looked_up(Report::Cancel);
    let sale = told.sale();
    assert_eq!(sale.reissue(), Reissue::Now, "Midtrans has closed it");
    assert!(!sale.may_reissue(told.now, &PACE), "and would make it again if the first request came now");
    assert_eq!(sale.under_way_until(told.now, &PACE), Some(sent + PACE.under_way));
    assert!(sale.may_reissue(sent + PACE.under_way, &PACE));
    let set_back = Time::from_millis(0);
    assert!(sale.may_reissue(set_back, &PACE), "a clock that was set back holds nobody up for years");
    assert!(spent().sale().may_reissue(spent().now, &PACE), "every request of this one was answered");
}

#[test]
fn what_was_taken_back_may_be_charged_again_even_if_the_goods_are_gone() {
    let mut told = indomaret().charged().looked_up(Report::Settlement);
    told.write(None, Event::HandedOver { by: "Sari".into() });
    let told = told.looked_up(Report::Deny);
    assert_eq!((told.state(), told.sale().reissue()), (State::Reversed, Reissue::Now));
}

#[test]
fn a_late_payment_of_the_old_code_goes_to_the_old_one_and_takes_the_new_one_away() {
    let told = two_codes();
    assert_eq!(told.sale().attempt().unwrap().order_id, order_id(1));
    assert_eq!(told.due(told.now + PACE.between), Move::Wait(told.now + PACE.steps[0].1), "nothing is amiss yet");
    let late = told.about(0).looked_up(Report::Settlement);
    let sale = late.sale();
    assert_eq!((sale.attempts[0].state(), sale.attempts[1].state()), (State::PaidLate, State::Pending));
    assert_eq!((sale.state(), sale.attempt().unwrap().order_id), (State::PaidLate, order_id(0)));
    assert_eq!(sale.open_concerns(), [(order_id(0), Concern::PaidAfterClosing)]);
    assert_eq!(sale.next_move(order_id(1), Some(late.now), late.now + PACE.ladder[0], &PACE), Move::Cancel);
    assert_eq!(sale.next_move(order_id(1), None, late.now, &PACE), Move::Cancel, "and at once after a start");
}

#[test]
fn both_codes_paid_is_paid_twice_and_one_sale() {
    let told = two_codes().about(0).looked_up(Report::Settlement).about(1).looked_up(Report::Settlement);
    let sale = told.sale();
    assert_eq!((sale.state(), sale.attempt().unwrap().order_id), (State::Paid, order_id(1)));
    assert_eq!(sale.open_concerns(), [(order_id(0), Concern::PaidTwice)]);
    // The other way round: the new one was paid, and then the old one.
    let told = two_codes().looked_up(Report::Settlement).about(0).looked_up(Report::Settlement);
    assert_eq!(
        (told.sale().state(), told.sale().open_concerns()),
        (State::Paid, vec![(order_id(0), Concern::PaidTwice)])
    );
    // What was seen to as a late payment becomes another matter once it is a second one.
    let seen = Event::SeenTo { concern: Concern::PaidAfterClosing, deed: crate::Deed::Delivered, by: "Sari".into() };
    let told = two_codes().about(0).looked_up(Report::Settlement).then(seen);
    assert_eq!(told.sale().open_concerns(), []);
    assert_eq!(told.about(1).looked_up(Report::Settlement).sale().open_concerns(), [(order_id(0), Concern::PaidTwice)]);
}

#[test]
fn a_second_payment_that_was_seen_to_comes_back_when_it_is_made_anew() {
    let settled = |at| {
        let settled_at = Some(crate::Time::from_millis(at));
        Event::Reported(Reported { settled_at, ..said(Asked::LookUp, 99, Report::Settlement) })
    };
    let seen = Event::SeenTo { concern: Concern::PaidTwice, deed: crate::Deed::Returned, by: "Sari".into() };
    let told = two_codes().looked_up(Report::Settlement).about(0).then(settled(1_000)).then(seen);
    assert_eq!(told.sale().open_concerns(), []);
    let told = told.looked_up(Report::Deny).then(settled(2_000));
    assert_eq!(told.sale().open_concerns(), [(order_id(0), Concern::PaidTwice)]);
}

#[test]
fn a_code_that_holds_money_itself_is_not_cancelled_beside_a_paid_one() {
    let with_fee = Reported { amount: Some(46_500), ..said(Asked::LookUp, 99, Report::Settlement) };
    let told = two_codes().then(Event::Reported(with_fee)).about(0).looked_up(Report::Settlement).about(1);
    assert_eq!(told.state(), State::Confirming);
    assert_ne!(told.due(told.now + PACE.after_ladder), Move::Cancel);
}

#[test]
fn no_code_is_made_beside_a_paid_one() {
    // The new code's request may never have left, when the old code turns out to be paid.
    let told = spent().reissued(Store::Alfamart).then(Event::TryLater);
    let paid = told.again().about(0).looked_up(Report::Settlement).about(1);
    assert_eq!(told.due(told.now + PACE.pause), Move::Send);
    assert_eq!(paid.due(paid.now + PACE.pause), Move::Abandon);
}

#[test]
fn a_code_that_was_replaced_is_looked_at_now_and_then_for_a_day_from_then() {
    let day = Duration::from_secs(24 * 60 * 60);
    let told = spent().after(day).reissued(Store::Alfamart).charged().about(0);
    let replaced_at = told.sale().attempts[1].intended_at;
    let (sale, mut asked, mut looks) = (told.sale(), replaced_at, Vec::new());
    while let Move::Wait(at) = sale.next_move(told.id, Some(asked), asked, &PACE) {
        assert_eq!(sale.next_move(told.id, Some(asked), at, &PACE), Move::LookUp);
        looks.push(at.since(replaced_at));
        asked = at;
    }
    assert_eq!(looks, PACE.sweeps);
    // A refusal made no code, so there is none on paper.
    let refused = indomaret().then(Event::Refused { reason: Refusal::ChannelNotActive, said: vec![] });
    let told = refused.reissued(Store::Alfamart).charged().about(0);
    assert_eq!(told.due(told.now + day), Move::Rest);
}

#[test]
fn a_second_intent_under_one_id_is_no_second_attempt() {
    let told = indomaret().charged();
    let again = told.again().then(Event::Intended { request: "{}".into(), store: None, notify: None });
    assert_eq!(again.sale(), told.sale());
}

proptest! {
    /// Whatever happens to its codes, a sale that is only re-issued when it may be has one live
    /// code at the most, and what happens to one attempt moves no other.
    #[test]
    fn a_sale_has_at_most_one_live_code_and_each_event_moves_its_own_attempt(
        story in prop::collection::vec((any_event(), 0_u8..4, any::<bool>()), 0..60),
    ) {
        let mut told = indomaret();
        for (event, about, closing) in story {
            if told.sale().may_reissue(told.now, &PACE) && told.sale().attempts.len() < 4 {
                let dead: Vec<_> = told.sale().attempts;
                prop_assert!(dead.iter().all(|attempt| !attempt.is_live() && !attempt.holds_money()));
                told = told.reissued(if closing { Store::Alfamart } else { Store::Indomaret });
            }
            let before = told.sale();
            let about = about % before.attempts.len() as u8;
            told = told.about(about).then(event);
            if closing {
                // Otherwise no code would ever be known to be dead.
                told = told.looked_up(Report::Cancel);
            }
            let after = told.sale();
            let live = after.attempts.iter().filter(|attempt| attempt.is_live()).count();
            prop_assert!(live <= 1, "{live} live codes: {after:?}");
            for (place, (was, is)) in before.attempts.iter().zip(&after.attempts).enumerate() {
                prop_assert!(place == usize::from(about) || was == is, "attempt {place} moved");
            }
            // One sale is paid once: a code that is open beside a paid one ends without waiting for anybody.
            let paid = after.attempts.iter().any(|attempt| attempt.holds_money());
            if let Some(open) = after.attempts.iter().find(|attempt| attempt.is_live() && !attempt.holds_money()) {
                prop_assert!(!paid || after.next_move(open.order_id, None, told.now + PACE.pause * 8, &PACE) != Move::Send);
            }
            prop_assert!(!paid || after.attempt().unwrap().holds_money(), "the paid one speaks for the sale");
        }
    }
}
