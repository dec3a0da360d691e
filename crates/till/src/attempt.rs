use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    event::{Asked, Concern, Entry, Event, Refusal, Report, Reported, Unclear},
    ids::OrderId,
    sale::Order,
    shop::Store,
    time::Time,
};

/// Indomaret may reverse a settlement within this time (Midtrans, transaction status cycle: "1 to 5
/// minutes, very rare").
const REVERSAL: Duration = Duration::from_secs(5 * 60);

/// This PC's clock may be off, or jump, by so much and nobody minds.
const CLOCK_OFF: Duration = Duration::from_secs(2 * 60);

/// One Midtrans transaction for a sale, folded from its events.
///
/// What Midtrans confirmed lies in [`phase`](Self::phase) and only a report by Midtrans moves it
/// towards *paid*. A notification leaves a *question*, which a look-up answers that was asked later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Midtrans' name for it, drawn by us, never used again.
    pub order_id: OrderId,
    /// What we asked Midtrans to collect, in whole rupiah.
    pub amount: u64,
    /// The store it can be paid at.
    pub store: Store,
    /// The body of the charge. The same bytes go out however often it is sent.
    pub request: String,
    /// Where alone Midtrans is to tell of it. It is named however often the charge is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<String>,
    /// When the intent was written down.
    pub intended_at: Time,
    /// What is known for certain.
    pub phase: Phase,
    /// A notification that no later look-up has answered yet.
    pub question: Option<Question>,
    /// A charge ended without a definite answer, so the transaction may exist.
    pub unclear: Option<(Time, Unclear)>,
    /// Midtrans answered 404 since the last send.
    pub missing: Option<Missing>,
    /// Midtrans asked us to slow down: how often in a row, and when last.
    pub later: Option<(u32, Time)>,
    /// Somebody wants it cancelled, since when.
    pub cancel_asked: Option<Time>,
    /// Somebody wants it expired, since when.
    pub expire_asked: Option<Time>,
    /// The digits (or letters) the store's till accepts, exactly as told.
    pub payment_code: Option<String>,
    /// Midtrans' own id of it.
    pub transaction_id: Option<String>,
    /// When Midtrans made it, by Midtrans' clock.
    pub made_at: Option<Time>,
    /// When the code dies, by Midtrans' clock.
    pub expires_at: Option<Time>,
    /// So many milliseconds this PC's clock was ahead of Midtrans' when Midtrans last told of it;
    /// small differences do not count.
    pub clock_ahead: i64,
    /// When it was paid, by Midtrans' clock.
    pub paid_at: Option<Time>,
    /// Until when Indomaret may reverse the payment, by Midtrans' clock.
    pub hold_until: Option<Time>,
    /// The same moment by this PC's clock.
    pub hold_ends: Option<Time>,
    /// When a look-up confirmed the payment for good: at once at Alfamart, after the hold at Indomaret.
    pub confirmed_at: Option<Time>,
    /// When it was closed unpaid, or given up.
    pub closed_at: Option<Time>,
    /// A look-up that was asked after the closing says so too: no code of it can be paid any more.
    pub closed_for_good: bool,
    /// When a signed notification first claimed its payment, whatever else was known by then.
    pub heard_at: Option<Time>,
    /// When a look-up first told that it was paid.
    pub found_paid_at: Option<Time>,
    /// It was taken up from Midtrans, because the log had lost it.
    pub adopted: bool,
    /// What somebody has seen to.
    pub seen_to: Vec<Concern>,
    /// It was given up here and then found alive at Midtrans; it has to be cancelled there.
    pub surfaced: bool,
    /// Why it is not simply as it should be.
    pub problem: Option<Problem>,
}

/// What is known for certain about an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "these are the words of State, less the hint")]
pub enum Phase {
    Intent,
    Unknown,
    Pending,
    Paid,
    PaidLate,
    Reversed,
    Expired,
    Cancelled,
    Denied,
    Refused,
    Abandoned,
}

/// Where an attempt stands, in the words of the lists and of `geraictl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Written down; not sent, or sent and waiting for the answer.
    Intent,
    /// Sent, and no definite answer came. Look-ups decide.
    Unknown,
    /// The code exists and waits to be paid.
    Pending,
    /// A signed notification says more than a look-up has confirmed. In no total, nothing handed over.
    Confirming,
    /// Paid, confirmed by a look-up.
    Paid,
    /// Paid after we had closed it. The owner decides.
    PaidLate,
    /// Paid and then taken back by the store.
    Reversed,
    /// Died unpaid.
    Expired,
    /// Cancelled unpaid.
    Cancelled,
    /// Denied or failed at Midtrans.
    Denied,
    /// Midtrans did not take the charge.
    Refused,
    /// Midtrans never had it; given up.
    Abandoned,
}

/// Something a signed notification claims, and where the log stood when it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The entry that raised it. Only a look-up asked after it answers it.
    pub raised_by: i64,
    /// When it was raised.
    pub since: Time,
    /// It claims a payment, or doubts one: the attempt is shown as *confirming* until answered.
    pub weighs: bool,
}

/// How often Midtrans has said that it knows no such transaction, and over how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// How often.
    pub often: u32,
    /// Over how long, as far as the clock can be believed.
    pub over: Duration,
    /// When last.
    pub last: Time,
}

impl Missing {
    /// No look waits longer for the one before it while so much depends on it, so what goes beyond
    /// this was the clock and not time.
    const LONGEST: Duration = Duration::from_secs(5);

    /// How soon a transaction is visible after its charge is not documented; after so many looks in
    /// vain, over so long, it is no longer that.
    const LAGS: (u32, Duration) = (4, Duration::from_secs(20));

    fn again(before: Option<Self>, at: Time) -> Self {
        match before {
            Some(Self { often, over, last }) => {
                Self { often: often.saturating_add(1), over: over + at.since(last).min(Self::LONGEST), last: at }
            }
            None => Self { often: 1, over: Duration::ZERO, last: at },
        }
    }
}

/// Why an attempt is not simply as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each has its sentence in the table of texts under order_problem")]
pub enum Problem {
    NoAnswer,
    NotReached,
    Duplicate,
    Interrupted,
    Busy,
    KeyRefused,
    ChannelNotActive,
    Invalid,
    AccountClosed,
    Other,
    AmountDiffers,
    Mismatch,
    Gone,
    PaidAfterClosing,
    Reversed,
}

impl Attempt {
    /// A new attempt, as its intent makes it.
    pub(crate) fn intended(order_id: OrderId, order: &Order, store: Option<Store>, request: String, at: Time) -> Self {
        Self {
            order_id,
            amount: order.amount.get(),
            store: store.unwrap_or(order.store),
            request,
            notify: None,
            intended_at: at,
            phase: Phase::Intent,
            question: None,
            unclear: None,
            missing: None,
            later: None,
            cancel_asked: None,
            expire_asked: None,
            payment_code: None,
            transaction_id: None,
            made_at: None,
            expires_at: None,
            clock_ahead: 0,
            paid_at: None,
            hold_until: None,
            hold_ends: None,
            confirmed_at: None,
            closed_at: None,
            closed_for_good: false,
            heard_at: None,
            found_paid_at: None,
            adopted: false,
            seen_to: Vec::new(),
            surfaced: false,
            problem: None,
        }
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        let weighs = self.question.is_some_and(|question| question.weighs);
        match self.phase {
            Phase::Intent | Phase::Unknown | Phase::Pending | Phase::Paid if weighs => State::Confirming,
            // Settled by Midtrans' own word, but not for our amount: never silently paid.
            Phase::Pending if self.paid_at.is_some() => State::Confirming,
            Phase::Intent => State::Intent,
            Phase::Unknown => State::Unknown,
            Phase::Pending => State::Pending,
            Phase::Paid => State::Paid,
            Phase::PaidLate => State::PaidLate,
            Phase::Reversed => State::Reversed,
            Phase::Expired => State::Expired,
            Phase::Cancelled => State::Cancelled,
            Phase::Denied => State::Denied,
            Phase::Refused => State::Refused,
            Phase::Abandoned => State::Abandoned,
        }
    }

    /// A code exists, or may exist, that a customer could still pay.
    pub fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Intent | Phase::Unknown | Phase::Pending)
    }

    /// Its code is known to be alive at Midtrans and nobody wants that any more.
    pub fn is_to_be_closed(&self) -> bool {
        let wanted = self.cancel_asked.is_some() || self.expire_asked.is_some();
        self.surfaced || self.phase == Phase::Pending && wanted
    }

    /// Midtrans told its code, and what does not know it yet may only be slow to see it.
    pub(crate) fn may_only_lag(&self) -> bool {
        let (often, over) = Missing::LAGS;
        self.missing.is_none_or(|missing| missing.often < often || missing.over < over)
    }

    /// Somebody has paid it, and nobody has taken that back.
    pub fn holds_money(&self) -> bool {
        matches!(self.phase, Phase::Paid | Phase::PaidLate) || self.paid_at.is_some() && self.phase == Phase::Pending
    }

    /// Takes one entry of the log about this attempt into account.
    pub fn apply(&mut self, entry: &Entry) {
        let stood = self.concerns();
        self.take(entry);
        self.forget_deeds(&stood);
    }

    fn take(&mut self, entry: &Entry) {
        match &entry.event {
            Event::SentAgain => {
                self.missing = None;
                self.later = None;
            }
            Event::Unclear { why } => self.unclear(*why, entry.at),
            Event::TryLater => self.try_later(entry.at),
            Event::Reported(reported) => self.reported(reported, entry.at),
            Event::NotFound => self.not_found(entry.at),
            Event::Refused { reason, .. } => self.refused(*reason, entry.at),
            Event::Hinted { report, fits } => self.hinted(*report, *fits, entry),
            Event::CancelAsked => self.ask(entry.at, |attempt, at| attempt.cancel_asked = Some(at)),
            Event::ExpireAsked => self.ask(entry.at, |attempt, at| attempt.expire_asked = Some(at)),
            Event::CannotChange => {
                // The state moved under our feet; only a look-up can tell where to.
                self.cancel_asked = None;
                self.expire_asked = None;
                self.raise(entry, false);
            }
            Event::Abandoned if self.is_live() => self.close(Phase::Abandoned, entry.at),
            Event::Adopted => {
                // Midtrans has it; what it says of it comes next.
                self.adopted = true;
                if self.phase == Phase::Intent {
                    self.phase = Phase::Unknown;
                }
            }
            Event::SeenTo { concern, .. } => {
                if !self.seen_to.contains(concern) {
                    self.seen_to.push(*concern);
                }
            }
            Event::Abandoned | Event::Ordered { .. } | Event::Intended { .. } | Event::HandedOver { .. } => {}
        }
    }

    fn unclear(&mut self, why: Unclear, at: Time) {
        self.unclear = Some((at, why));
        self.later = None;
        if self.phase == Phase::Intent {
            self.phase = Phase::Unknown;
        }
        if self.phase == Phase::Unknown {
            self.problem = Some(match why {
                Unclear::NotReached => Problem::NotReached,
                Unclear::Duplicate => Problem::Duplicate,
                Unclear::Interrupted => Problem::Interrupted,
                Unclear::TimedOut | Unclear::Cut | Unclear::Nonsense => Problem::NoAnswer,
            });
        }
    }

    fn try_later(&mut self, at: Time) {
        let often = self.later.map_or(1, |(often, _)| often.saturating_add(1));
        self.later = Some((often, at));
        if self.phase != Phase::Intent {
            return;
        }
        let unwanted = self.cancel_asked.is_some() || self.expire_asked.is_some();
        if unwanted && !self.may_exist() {
            // It was out when somebody cancelled it, and now nothing was created.
            self.close(Phase::Cancelled, at);
        } else {
            self.problem = Some(Problem::Busy);
        }
    }

    fn not_found(&mut self, at: Time) {
        // Nothing there answers a mere reason to look. What a signed notification claimed stays open; so does its
        // word about what we never got an answer to, for it tells at least that there is something.
        let unanswered = matches!(self.phase, Phase::Unknown | Phase::Abandoned | Phase::Refused);
        self.question = self.question.filter(|question| question.weighs || unanswered);
        match self.phase {
            Phase::Intent | Phase::Unknown => {
                self.missing = Some(Missing::again(self.missing, at));
                if self.phase == Phase::Unknown {
                    // The pause after the 429 is over, and the look it was for has been taken.
                    self.later = None;
                }
            }
            // Midtrans told a code and now knows nothing of it. The code stays on the screen,
            // because it may still be payable, and the owner is told.
            Phase::Pending => {
                self.problem = Some(Problem::Gone);
                if self.may_only_lag() {
                    self.missing = Some(Missing::again(self.missing, at));
                }
            }
            // What is not there needs no cancelling.
            _ => self.surfaced = false,
        }
    }

    fn refused(&mut self, reason: Refusal, at: Time) {
        if !matches!(self.phase, Phase::Intent | Phase::Unknown) {
            return;
        }
        self.close(Phase::Refused, at);
        self.problem = Some(match reason {
            Refusal::KeyRefused => Problem::KeyRefused,
            Refusal::ChannelNotActive => Problem::ChannelNotActive,
            Refusal::Invalid => Problem::Invalid,
            Refusal::AccountClosed => Problem::AccountClosed,
            Refusal::Other => Problem::Other,
        });
    }

    /// A hint raises a question and nothing else. It is shown as *confirming* only where it could
    /// be the truth: a claimed payment of an open code, or a doubt about a payment (`deny` after
    /// `settlement`). A replayed or relabelled notification of a closed one changes no state.
    fn hinted(&mut self, report: Report, fits: bool, entry: &Entry) {
        if report == Report::Settlement {
            self.heard_at.get_or_insert(entry.at);
        }
        let weighs = fits
            && match report {
                Report::Settlement => self.is_live(),
                Report::Deny => self.phase == Phase::Paid,
                _ => false,
            };
        // `pending` is news only to whoever waits for an answer that may never come, or has given up; and
        // if it is of another transaction under our id, which may be alive though ours is over.
        let waits = match self.phase {
            Phase::Unknown => true,
            Phase::Abandoned | Phase::Refused => self.may_exist(),
            _ => false,
        };
        if report != Report::Pending || waits || !fits {
            self.raise(entry, weighs);
        }
    }

    fn raise(&mut self, entry: &Entry, weighs: bool) {
        let weighed = self.question.is_some_and(|question| question.weighs);
        self.question = Some(Question { raised_by: entry.seq, since: entry.at, weighs: weighs || weighed });
    }

    fn ask(&mut self, at: Time, note: impl Fn(&mut Self, Time)) {
        if !self.is_live() {
            return;
        }
        if self.phase == Phase::Intent && self.unclear.is_none() && self.later.is_some() {
            // Every send ended in 429 and 429 creates nothing, so there is nothing to cancel there.
            self.close(Phase::Cancelled, at);
        } else {
            note(self, at);
        }
    }

    fn reported(&mut self, reported: &Reported, at: Time) {
        if self.contradicts(reported) {
            self.contradicted(reported, at);
            return self.answer(reported);
        }
        self.learn(reported, at);
        // Conversations about one attempt come one after the other, so this look-up was asked last.
        let looked_up = reported.asked == Asked::LookUp;
        match (reported.report, self.phase) {
            (Report::Settlement, Phase::Paid | Phase::PaidLate) => self.confirm(reported, at),
            (Report::Settlement, Phase::Reversed) => self.settled_again(reported, at),
            (Report::Settlement, phase) => self.settled(reported, phase, at),
            (Report::Deny | Report::Cancel | Report::Expire | Report::Failure, _) if self.holds_money() => {
                self.close(Phase::Reversed, at);
                self.problem = Some(Problem::Reversed);
                self.hold_until = None;
                self.hold_ends = None;
                self.confirmed_at = None;
            }
            (Report::Pending, Phase::Intent | Phase::Unknown) => {
                self.phase = Phase::Pending;
                self.problem = None;
            }
            (Report::Pending, Phase::Pending) if self.problem == Some(Problem::Gone) => self.problem = None,
            // Given up here, or refused after an unclear send, and alive there: it must not be paid.
            (Report::Pending, Phase::Abandoned | Phase::Refused) => self.surfaced = true,
            // Closed by Midtrans' own word, and now it says otherwise: its code may be payable after all.
            (Report::Pending, Phase::Expired | Phase::Cancelled | Phase::Denied) if looked_up => self.surfaced = true,
            (Report::Expire, phase) if self.is_live() || phase == Phase::Abandoned => self.shut(Phase::Expired, at),
            (Report::Cancel, phase) if self.is_live() || phase == Phase::Abandoned => self.shut(Phase::Cancelled, at),
            (Report::Deny | Report::Failure, phase) if self.is_live() || phase == Phase::Abandoned => {
                self.shut(Phase::Denied, at);
            }
            (
                Report::Deny | Report::Cancel | Report::Expire | Report::Failure,
                Phase::Refused | Phase::Expired | Phase::Cancelled | Phase::Denied,
            ) => self.surfaced = false,
            // `pending` never overwrites anything, and what is closed stays as it was first closed.
            _ => {}
        }
        if reported.amount.is_some_and(|amount| amount != self.amount) && self.phase != Phase::Reversed {
            self.problem = Some(Problem::AmountDiffers);
        }
        if looked_up {
            self.closed_for_good = (self.is_over() || self.phase == Phase::Refused)
                && matches!(reported.report, Report::Expire | Report::Cancel | Report::Deny | Report::Failure);
        }
        self.answer(reported);
    }

    /// Another transaction than ours stands under our id: neither its code nor its state is ours.
    fn contradicts(&self, reported: &Reported) -> bool {
        let differs = |ours: &Option<String>, theirs: &Option<String>| matches!((ours, theirs), (Some(ours), Some(theirs)) if ours != theirs);
        reported.store.is_some_and(|store| store != self.store)
            || differs(&self.transaction_id, &reported.transaction_id)
            || differs(&self.payment_code, &reported.payment_code)
    }

    /// Midtrans takes an id again only when what stood under it was closed unpaid (error code and response code,
    /// 406). So ours is over, unless it is paid. If the later transaction is closed as well, no code under this id can
    /// be paid any more; if it is open it has to be closed, because nobody was told its code.
    fn contradicted(&mut self, reported: &Reported, at: Time) {
        let both = self.transaction_id.as_ref().zip(reported.transaction_id.as_ref());
        let later = both.is_some_and(|(ours, theirs)| ours != theirs) && !self.holds_money();
        let closed = match reported.report {
            Report::Expire => Some(Phase::Expired),
            Report::Cancel => Some(Phase::Cancelled),
            Report::Deny | Report::Failure => Some(Phase::Denied),
            Report::Pending | Report::Settlement | Report::Other => None,
        };
        match closed.filter(|_| later) {
            Some(phase) if self.is_live() => self.shut(phase, at),
            Some(_) => self.surfaced = false,
            None if later && reported.report == Report::Pending => {
                if self.is_live() {
                    // How ours ended was not seen, only that it did.
                    self.close(if self.cancel_asked.is_some() { Phase::Cancelled } else { Phase::Expired }, at);
                }
                self.surfaced = true;
            }
            None => {}
        }
        self.problem = Some(Problem::Mismatch);
    }

    fn learn(&mut self, reported: &Reported, at: Time) {
        self.missing = None;
        self.later = None;
        self.payment_code = self.payment_code.take().or_else(|| reported.payment_code.clone());
        self.transaction_id = self.transaction_id.take().or_else(|| reported.transaction_id.clone());
        self.made_at = self.made_at.or(reported.made_at);
        self.expires_at = reported.expires_at.or(self.expires_at);
        self.compare_clocks(reported, at);
    }

    /// What Midtrans told by its clock is waited for by ours, so a jump of ours must be noticed.
    fn compare_clocks(&mut self, reported: &Reported, at: Time) {
        let Some(told_at) = reported.told_at else { return };
        if told_at.ahead(self.clock_ahead).apart(at) > CLOCK_OFF {
            self.clock_ahead = at.millis().saturating_sub(told_at.millis());
            self.hold_ends = self.hold_until.map(|until| at + until.since(told_at));
        }
    }

    fn settled(&mut self, reported: &Reported, phase: Phase, at: Time) {
        let paid_at = reported.settled_at.unwrap_or(at);
        if self.paid_at.is_none() {
            // Whatever was done about a strange amount that was asked for, now it was paid.
            self.seen_to.retain(|concern| *concern != Concern::AmountDiffers);
        }
        self.paid_at = Some(paid_at);
        self.found_paid_at.get_or_insert(at);
        self.surfaced = false;
        if reported.amount != Some(self.amount) {
            // Paid, but not what we asked for (an imposed fee, say), or Midtrans does not tell.
            // `state()` keeps it at *confirming*, and the owner sees it.
            self.problem = Some(Problem::AmountDiffers);
            if self.is_live() {
                self.phase = Phase::Pending;
                return;
            }
        }
        if self.store.may_reverse() {
            let until = paid_at + REVERSAL;
            self.hold_until = Some(until);
            self.hold_ends = Some(at + until.since(reported.told_at.unwrap_or(at)));
        }
        if matches!(phase, Phase::Intent | Phase::Unknown | Phase::Pending) {
            self.phase = Phase::Paid;
            self.problem = None;
        } else {
            self.phase = Phase::PaidLate;
            self.problem = Some(Problem::PaidAfterClosing);
            self.closed_for_good = false;
        }
        self.confirm(reported, at);
    }

    /// After a reversal only a later payment counts; an old answer that comes late does not.
    fn settled_again(&mut self, reported: &Reported, at: Time) {
        let later = matches!((reported.settled_at, self.paid_at), (Some(new), Some(old)) if new > old);
        if later {
            self.settled(reported, Phase::Reversed, at);
        }
    }

    /// The hold is over when Midtrans' own clock says so.
    fn confirm(&mut self, reported: &Reported, at: Time) {
        let told_at = reported.told_at.unwrap_or(at);
        if self.confirmed_at.is_none() && self.hold_until.is_none_or(|until| told_at >= until) {
            self.confirmed_at = Some(at);
        }
    }

    fn shut(&mut self, phase: Phase, at: Time) {
        self.surfaced = false;
        self.close(phase, at);
    }

    fn close(&mut self, phase: Phase, at: Time) {
        self.phase = phase;
        self.problem = None;
        self.cancel_asked = None;
        self.expire_asked = None;
        self.closed_at = Some(at);
    }

    /// A look-up answers the questions that were raised before it was asked. What Midtrans says in
    /// passing, when asked to charge or to cancel, answers none.
    fn answer(&mut self, reported: &Reported) {
        let answered = |question: &Question| question.raised_by <= reported.asked_after;
        if reported.asked == Asked::LookUp && self.question.as_ref().is_some_and(answered) {
            self.question = None;
        }
    }
}

#[cfg(test)]
#[path = "attempt_tests.rs"]
mod tests;
