use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::{Draft, From, Move, Number, Pace, Sale, SaleId, TillId};

const PACE: Pace = Pace::SHOP;

/// One sale whose log is written by hand, a second apart unless said otherwise.
struct Told {
    log: Vec<Entry>,
    now: Time,
    id: OrderId,
}

impl Told {
    fn sale_at(store: Store) -> Self {
        let order = Draft { amount: "44000".into(), ..Draft::empty(store) }.check(None).unwrap();
        let id = OrderId::draw(TillId::draw([1, 2, 3, 4]), [7; 18]);
        let mut told = Self { log: Vec::new(), now: Time::from_millis(1_800_000_000_000), id };
        told.write(None, Event::Ordered { number: Number::draw(&[1, 2, 3, 4]), order });
        told.write(Some(id), Event::Intended { request: "{}".into(), store: None });
        told
    }

    fn write(&mut self, attempt: Option<OrderId>, event: Event) {
        self.now = self.now + Duration::from_secs(1);
        let seq = self.log.len() as i64 + 1;
        let sale = SaleId::draw([9; 12]);
        self.log.push(Entry { seq, at: self.now, sale, attempt, from: From::Desk, event });
    }

    fn then(mut self, event: Event) -> Self {
        self.write(Some(self.id), event);
        self
    }

    fn after(mut self, span: Duration) -> Self {
        self.now = self.now + span;
        self
    }

    fn attempt(&self) -> Attempt {
        Sale::of(&self.log).unwrap().attempts.remove(0)
    }

    fn state(&self) -> State {
        self.attempt().state()
    }

    /// Midtrans answers a look-up asked just now.
    fn looked_up(self, report: Report) -> Self {
        let asked_after = self.log.len() as i64;
        self.then(Event::Reported(said(Asked::LookUp, asked_after, report)))
    }

    fn charged(self) -> Self {
        self.then(Event::Reported(said(Asked::Charge, 2, Report::Pending)))
    }

    fn hint(self, report: Report) -> Self {
        self.then(Event::Hinted { report, fits: true })
    }
}

fn said(asked: Asked, asked_after: i64, report: Report) -> Reported {
    Reported {
        asked,
        asked_after,
        report,
        amount: Some(44_000),
        store: None,
        payment_code: Some("578112341234".into()),
        transaction_id: Some("9b3951a4".into()),
        expires_at: Some(Time::from_millis(1_800_086_400_000)),
        made_at: None,
        settled_at: None,
        told_at: None,
    }
}

fn indomaret() -> Told {
    Told::sale_at(Store::Indomaret)
}

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
            let told = Told { log: closed.log.clone(), ..closed }.hint(claim);
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
    let settled = Told { log: doubted.log.clone(), ..doubted }.looked_up(Report::Settlement);
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
    let told = told.after(Duration::from_secs(10)).then(Event::NotFound);
    assert_eq!(told.attempt().next_move(Some(told.now), told.now, &PACE), Move::Send);
    let much_later = told.now + Duration::from_secs(11 * 60);
    assert_eq!(told.attempt().next_move(Some(told.now), much_later, &PACE), Move::Abandon);
    let unwanted = told.then(Event::CancelAsked);
    assert_eq!(unwanted.attempt().next_move(Some(unwanted.now), unwanted.now, &PACE), Move::Abandon);
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
    assert_eq!(told.attempt().next_move(Some(told.now), swept, &PACE), Move::LookUp);
    let surfaced = told.looked_up(Report::Pending);
    assert_eq!(surfaced.state(), State::Abandoned, "its code is not offered again");
    assert_eq!(surfaced.attempt().next_move(Some(surfaced.now), surfaced.now + PACE.after_ladder, &PACE), Move::Cancel);
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

fn any_report() -> impl Strategy<Value = Report> {
    prop_oneof![
        Just(Report::Pending),
        Just(Report::Settlement),
        Just(Report::Expire),
        Just(Report::Cancel),
        Just(Report::Deny),
        Just(Report::Failure),
        Just(Report::Other),
    ]
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::SentAgain),
        Just(Event::Unclear { why: Unclear::TimedOut }),
        Just(Event::TryLater),
        Just(Event::NotFound),
        Just(Event::CancelAsked),
        Just(Event::ExpireAsked),
        Just(Event::CannotChange),
        Just(Event::Abandoned),
        Just(Event::Refused { reason: Refusal::Other, said: vec![] }),
        (any_report(), any::<bool>()).prop_map(|(report, fits)| Event::Hinted { report, fits }),
        (any_report(), 0_i64..30, prop_oneof![Just(Some(44_000)), Just(Some(1)), Just(None)]).prop_map(
            |(report, asked_after, amount)| {
                Event::Reported(Reported { amount, ..said(Asked::LookUp, asked_after, report) })
            }
        ),
    ]
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
            if let Move::Wait(until) = attempt.next_move(Some(told.now), told.now, &PACE) {
                prop_assert!(until > told.now);
                prop_assert!(!matches!(attempt.next_move(Some(told.now), until, &PACE), Move::Wait(_)));
            }
        }
    }

    #[test]
    fn no_open_order_is_ever_left_alone(events in prop::collection::vec(any_event(), 0..20)) {
        let told = events.into_iter().fold(indomaret(), Told::then);
        let attempt = told.attempt();
        if attempt.is_live() {
            prop_assert_ne!(attempt.next_move(Some(told.now), told.now, &PACE), Move::Rest);
        }
    }
}
