//! Notifications come in any order, twice, late, and across the look-ups that answer them. Here every
//! order there is of up to six messages is tried, from every state an attempt can be in.

use std::collections::HashMap;

use crate::{
    Asked, Attempt, Concern, Entry, Event, From, Refusal, Report, Reported, SaleId, State, Unclear,
    told::{Told, indomaret, said},
};

/// What a notification can come to. One that is forged, or the same bytes again, says nothing here at all.
const MESSAGES: [(Report, bool); 8] = [
    (Report::Pending, true),
    (Report::Settlement, true),
    // For another amount, at another store, or signed as something else.
    (Report::Settlement, false),
    (Report::Expire, true),
    (Report::Cancel, true),
    (Report::Deny, true),
    (Report::Deny, false),
    (Report::Other, false),
];

#[test]
fn every_order_of_up_to_six_notifications_ends_in_the_same_state() {
    let mut tried = 0;
    for start in starts() {
        let mut ends = HashMap::new();
        arrive(&start.attempt(), &start, [0; MESSAGES.len()], &mut ends, &mut tried);
    }
    assert_eq!(tried, 11 * (1..=6).map(|length| 8_u64.pow(length)).sum::<u64>());
}

/// Lets every message come next, until six have come; what the same messages came to in another order
/// is in `ends`.
fn arrive(
    before: &Attempt,
    start: &Told,
    come: [u8; MESSAGES.len()],
    ends: &mut HashMap<[u8; MESSAGES.len()], Attempt>,
    tried: &mut u64,
) {
    for (which, (report, fits)) in MESSAGES.into_iter().enumerate() {
        let mut come = come;
        come[which] += 1;
        let length = come.iter().sum::<u8>();
        let mut attempt = before.clone();
        attempt.apply(&entry(start, i64::from(length), Event::Hinted { report, fits }));
        *tried += 1;
        assert_eq!(attempt.phase, start.attempt().phase, "no notification moves what is known for certain: {come:?}");
        let end = ends.entry(come).or_insert_with(|| whoever_came_last(&attempt));
        assert_eq!(whoever_came_last(&attempt), *end, "{come:?}, in another order");
        if length < 6 {
            arrive(&attempt, start, come, ends, tried);
        }
    }
}

#[test]
fn every_order_of_notifications_and_look_ups_ends_where_the_look_ups_alone_end() {
    let mut tried = 0;
    for start in [indomaret().then(Event::Unclear { why: Unclear::TimedOut }), indomaret().charged(), given_up()] {
        for told in HISTORIES {
            let mut day = Day { start: &start, told, end: start.attempt(), tried: 0 };
            let mut seq = 0;
            let mut alone = start.attempt();
            for answer in told.iter().chain(told.last()) {
                seq += 1;
                alone.apply(&entry(&start, seq, answer.event(&start, seq - 1)));
            }
            day.end = alone;
            day.go_on(&Moment { attempt: start.attempt(), seq: 0, hints: 0, answered: 0, asked: None });
            tried += day.tried;
        }
    }
    println!("{tried} orders");
    assert!(tried > 500_000);
}

/// What Midtrans says when it is asked, one time after the other.
const HISTORIES: [&[Answer]; 9] = [
    &[Answer::Of(Report::Pending), Answer::Of(Report::Pending)],
    &[Answer::Of(Report::Pending), Answer::Of(Report::Settlement)],
    &[Answer::Of(Report::Settlement), Answer::Of(Report::Deny)],
    &[Answer::Of(Report::Pending), Answer::Of(Report::Expire)],
    &[Answer::Of(Report::Pending), Answer::Of(Report::Deny)],
    &[Answer::Of(Report::Cancel), Answer::Of(Report::Settlement)],
    &[Answer::Missing, Answer::Of(Report::Pending), Answer::Of(Report::Settlement)],
    &[Answer::Of(Report::Pending), Answer::Dearer],
    &[Answer::Of(Report::Pending), Answer::Of(Report::Settlement), Answer::Of(Report::Deny)],
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Of(Report),
    /// Settled, for more than was asked for.
    Dearer,
    Missing,
}

impl Answer {
    fn event(self, start: &Told, asked_after: i64) -> Event {
        let asked_after = start.log.len() as i64 + asked_after;
        match self {
            Self::Of(report) => Event::Reported(said(Asked::LookUp, asked_after, report)),
            Self::Dearer => Event::Reported(Reported {
                amount: Some(46_500),
                ..said(Asked::LookUp, asked_after, Report::Settlement)
            }),
            Self::Missing => Event::NotFound,
        }
    }
}

struct Day<'a> {
    start: &'a Told,
    told: &'static [Answer],
    /// Where the look-ups alone end.
    end: Attempt,
    tried: u64,
}

struct Moment {
    attempt: Attempt,
    seq: i64,
    hints: usize,
    answered: usize,
    /// A look-up is out, and the log stood here when it left.
    asked: Option<i64>,
}

impl Day<'_> {
    /// Whatever may happen next happens: another notification, a look-up that leaves, its answer. At
    /// most three notifications cross at most three look-ups.
    fn go_on(&mut self, now: &Moment) {
        let settled = |answer: &Answer| *answer == Answer::Of(Report::Settlement);
        let paid = self.told[..now.answered].iter().any(settled);
        assert!(now.attempt.state() != State::Paid || paid, "only a look-up makes it paid, for our amount");
        if now.hints < 3 {
            for (report, fits) in MESSAGES {
                let next = self.then(now, Event::Hinted { report, fits });
                self.go_on(&Moment { hints: now.hints + 1, ..next });
            }
        }
        match now.asked {
            Some(asked_after) => {
                let next = self.then(now, self.told[now.answered].event(self.start, asked_after));
                self.go_on(&Moment { answered: now.answered + 1, asked: None, ..next });
            }
            None if now.answered < self.told.len() => {
                self.go_on(&Moment { attempt: now.attempt.clone(), asked: Some(now.seq), ..*now });
            }
            None => self.closes(now),
        }
    }

    fn then(&self, now: &Moment, event: Event) -> Moment {
        let mut attempt = now.attempt.clone();
        attempt.apply(&entry(self.start, now.seq + 1, event));
        Moment { attempt, seq: now.seq + 1, ..*now }
    }

    /// A question that is still open is looked up, and that is the end.
    fn closes(&mut self, now: &Moment) {
        self.tried += 1;
        let mut attempt = now.attempt.clone();
        if attempt.question.is_some() {
            let last = self.told[self.told.len() - 1];
            attempt.apply(&entry(self.start, now.seq + 1, last.event(self.start, now.seq)));
        }
        assert_eq!(attempt.question, None);
        attempt.heard_at = self.end.heard_at;
        attempt.unclear = self.end.unclear;
        assert_eq!(attempt, self.end);
        let concerns = [Concern::PaidAfterClosing, Concern::AmountDiffers, Concern::Reversed, Concern::Surfaced];
        assert!(attempt.concerns().iter().all(|concern| concerns.contains(concern)));
    }
}

/// One attempt in each state there is.
fn starts() -> [Told; 11] {
    let refused = Event::Refused { reason: Refusal::ChannelNotActive, said: vec![] };
    [
        indomaret(),
        indomaret().then(Event::Unclear { why: Unclear::TimedOut }),
        indomaret().charged(),
        indomaret().charged().looked_up(Report::Settlement),
        indomaret().charged().looked_up(Report::Expire).looked_up(Report::Settlement),
        indomaret().charged().looked_up(Report::Settlement).looked_up(Report::Deny),
        indomaret().charged().looked_up(Report::Expire),
        indomaret().charged().looked_up(Report::Cancel),
        indomaret().charged().looked_up(Report::Deny),
        indomaret().then(refused),
        given_up(),
    ]
}

fn given_up() -> Told {
    indomaret().then(Event::Unclear { why: Unclear::Cut }).then(Event::NotFound).then(Event::Abandoned)
}

/// The nth thing that happens after the start, all of it at one moment: only the order is different.
fn entry(start: &Told, nth: i64, event: Event) -> Entry {
    let seq = start.log.len() as i64 + nth;
    Entry { seq, at: start.now, sale: SaleId::draw([9; 12]), attempt: Some(start.id), from: From::Relay, event }
}

/// The attempt, whichever message raised its question.
fn whoever_came_last(attempt: &Attempt) -> Attempt {
    let mut attempt = attempt.clone();
    if let Some(question) = &mut attempt.question {
        question.raised_by = 0;
    }
    attempt
}
