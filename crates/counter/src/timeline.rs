use till::{Asked, Entry, Event, From, Phase, Report, Sale, Store, Time};

use ledger::word;

/// One line of what happened, for people: codes of the table of texts and what fills their gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When it was written down.
    pub at: Time,
    /// The sentence stands under `moment.<kind>`.
    pub kind: &'static str,
    /// Who said so stands under `source.<source>`.
    pub source: &'static str,
    /// What goes into the gaps.
    pub values: Vec<(&'static str, String)>,
}

/// The story of a sale, told from its log.
pub fn timeline(log: &[Entry]) -> Vec<Moment> {
    let mut told = Vec::with_capacity(log.len());
    for (place, entry) in log.iter().enumerate() {
        // The same report means another thing before and after: a `deny` may close or reverse.
        let before = Sale::of(&log[..place]);
        let after = Sale::of(&log[..=place]);
        let phase = |sale: &Option<Sale>| {
            let attempt = sale.as_ref().and_then(|sale| sale.attempt_of(entry.attempt?));
            attempt.map(|attempt| (attempt.phase, attempt.confirmed_at.is_some()))
        };
        let (kind, values) = match &entry.event {
            Event::Intended { .. } if before.as_ref().is_some_and(|sale| !sale.attempts.is_empty()) => {
                let store = after.as_ref().and_then(|sale| sale.attempts.last()).map(|attempt| attempt.store);
                ("reissued", vec![("store", store.map_or("", Store::name).to_owned())])
            }
            event => line(event, phase(&before), phase(&after)),
        };
        told.push(Moment { at: entry.at, kind, source: source(entry), values });
    }
    told
}

type Standing = Option<(Phase, bool)>;

fn line(event: &Event, before: Standing, after: Standing) -> (&'static str, Vec<(&'static str, String)>) {
    match event {
        Event::Ordered { number, .. } => ("ordered", vec![("number", number.to_string())]),
        Event::Intended { .. } => ("intended", vec![]),
        Event::SentAgain => ("sent_again", vec![]),
        Event::Unclear { why } => ("unclear", vec![("why", word(why))]),
        Event::TryLater => ("try_later", vec![]),
        Event::NotFound => ("not_found", vec![]),
        Event::Refused { said, .. } => ("refused", vec![("said", said.join("; "))]),
        Event::Hinted { report, .. } => ("hint", vec![("status", word(report))]),
        Event::CancelAsked => ("cancel_asked", vec![]),
        Event::ExpireAsked => ("expire_asked", vec![]),
        Event::CannotChange => ("cannot_change", vec![]),
        Event::Abandoned => ("abandoned", vec![]),
        Event::HandedOver { by } => ("handed_over", vec![("by", by.clone())]),
        Event::Adopted => ("adopted", vec![]),
        Event::SeenTo { deed, by, .. } => ("seen_to", vec![("deed", word(deed)), ("by", by.clone())]),
        Event::Reported(reported) => {
            let kind = match (before, after) {
                (Some((Phase::Intent | Phase::Unknown, _)), Some((Phase::Pending, _))) => {
                    if reported.asked == Asked::Charge { "charged" } else { "found" }
                }
                (Some((Phase::Paid | Phase::PaidLate, false)), Some((Phase::Paid | Phase::PaidLate, true))) => {
                    "confirmed"
                }
                (_, Some((Phase::Reversed, _))) => "reversed",
                _ => match reported.report {
                    Report::Pending | Report::Other => "found",
                    Report::Settlement => "settled",
                    Report::Expire => "expired",
                    Report::Cancel => "cancelled",
                    Report::Deny | Report::Failure => "denied",
                },
            };
            (kind, vec![])
        }
    }
}

pub(crate) fn source(entry: &Entry) -> &'static str {
    match (entry.from, &entry.event) {
        (From::Midtrans, Event::Reported(reported)) if reported.asked == Asked::LookUp => "look_up",
        (From::Midtrans, Event::NotFound) => "look_up",
        (From::Midtrans, _) => "midtrans",
        (From::Cashier, _) => "cashier",
        (From::Geraictl, _) => "geraictl",
        (From::Desk, _) => "desk",
        (From::Relay, _) => "relay",
    }
}
