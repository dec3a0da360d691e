use serde::{Deserialize, Serialize};

use crate::{
    ids::{Number, OrderId, SaleId},
    sale::Order,
    shop::Store,
    time::Time,
};

/// One line of the log: what happened, to which sale and attempt, and when it was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the log; later entries have higher numbers.
    pub seq: i64,
    /// When it was written down, by this PC's clock.
    pub at: Time,
    /// The sale it belongs to.
    pub sale: SaleId,
    /// The attempt it belongs to, unless it is about the sale as a whole.
    pub attempt: Option<OrderId>,
    /// Who says so.
    pub from: From,
    /// What happened.
    pub event: Event,
}

/// Who says that something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum From {
    /// Somebody at the window.
    Cashier,
    /// Somebody, or a script, through `geraictl`.
    Geraictl,
    /// The desk itself, by its rules.
    Desk,
    /// Midtrans, in answer to a request of ours over its API.
    Midtrans,
    /// A signed notification, taken up by the relay.
    Relay,
}

/// What can happen to a sale. Appended, never edited; old kinds stay readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// A customer ordered.
    Ordered {
        /// The short name it was given.
        number: Number,
        /// What is bought.
        order: Order,
    },
    /// The desk means to send exactly this request to Midtrans. Written before anything is sent.
    Intended {
        /// The body of the charge, to be sent unchanged however often.
        request: String,
        /// The store it can be paid at, where that is not the one the order names.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        store: Option<Store>,
        /// Where alone Midtrans is to tell of it, to be named as unchanged as the body; the dashboard's
        /// addresses if it names none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        notify: Option<String>,
    },
    /// Midtrans has a transaction under an id of this till that the log does not know, because the
    /// log was restored from an older copy. It is taken up as it stands there.
    Adopted,
    /// The same bytes are about to go out again.
    SentAgain,
    /// A charge ended without a definite answer: the transaction may exist.
    Unclear {
        /// How it ended.
        why: Unclear,
    },
    /// Midtrans asked us to slow down (429). Nothing was created.
    TryLater,
    /// Midtrans took the charge or told how the transaction stands.
    Reported(Reported),
    /// A look-up found no such transaction (404).
    NotFound,
    /// Midtrans refused the charge. Nothing was created by that request.
    Refused {
        /// The reason, as a next move.
        reason: Refusal,
        /// What Midtrans said, for the owner and for support.
        said: Vec<String>,
    },
    /// A signed notification arrived. A hint, not the truth: its signature does not cover the state.
    Hinted {
        /// What it claims.
        report: Report,
        /// It agrees with itself and with the attempt; otherwise it is only a reason to look up.
        fits: bool,
    },
    /// Somebody wants the code cancelled. Written before Midtrans is asked.
    CancelAsked,
    /// Somebody wants the code expired. Written before Midtrans is asked.
    ExpireAsked,
    /// Midtrans would not cancel or expire it (412).
    CannotChange,
    /// Midtrans has no such transaction after several looks; the draft is offered again.
    Abandoned,
    /// The paid goods left the shop.
    HandedOver {
        /// Who handed them over.
        by: String,
    },
    /// Somebody has seen to what needed attention. That moves no payment.
    SeenTo {
        /// What needed attention.
        concern: Concern,
        /// What was done about it.
        deed: Deed,
        /// Who did it.
        by: String,
    },
}

/// Why the owner has to look at an attempt: money or a code is not where the books say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Concern {
    /// It was paid after it had been closed here.
    PaidAfterClosing,
    /// It was paid, and so was another attempt of the same sale.
    PaidTwice,
    /// It was paid, but not the amount that was asked for.
    AmountDiffers,
    /// The store took the payment back.
    Reversed,
    /// Another transaction than ours stands under our id.
    Mismatch,
    /// Midtrans told a code and now knows nothing of it.
    Gone,
    /// It was given up and then found alive; it is being cancelled.
    Surfaced,
    /// It was taken up from Midtrans, because the log had lost it.
    Adopted,
}

/// What was done about a concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// The money went back to the customer, in cash.
    Returned,
    /// The customer was charged again.
    ChargedAgain,
    /// The customer has the goods.
    Delivered,
    /// It was looked at, and nothing had to be done.
    Nothing,
}

/// How Midtrans says a transaction stands, and what it had been asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// What Midtrans had been asked.
    pub asked: Asked,
    /// The log stood here when Midtrans was asked: a hint that came later is not answered by it.
    pub asked_after: i64,
    /// The state Midtrans tells.
    pub report: Report,
    /// The amount Midtrans holds, in whole rupiah; absent when it told none.
    pub amount: Option<u64>,
    /// The store Midtrans holds.
    pub store: Option<Store>,
    /// The payment code, exactly as told.
    pub payment_code: Option<String>,
    /// Midtrans' own id of the transaction.
    pub transaction_id: Option<String>,
    /// When the code dies, by Midtrans' clock; absent from older answers.
    pub expires_at: Option<Time>,
    /// When the transaction was made, by Midtrans' clock.
    pub made_at: Option<Time>,
    /// When it was paid, by Midtrans' clock.
    pub settled_at: Option<Time>,
    /// What Midtrans' clock showed when it told this; ours may be wrong by years.
    pub told_at: Option<Time>,
}

/// What Midtrans had been asked when it told how a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// To make it (`POST /v2/charge`).
    Charge,
    /// How it stands (`GET /v2/{id}/status`).
    LookUp,
    /// To cancel it (`POST /v2/{id}/cancel`).
    Cancel,
    /// To expire it (`POST /v2/{id}/expire`).
    Expire,
}

/// The state Midtrans tells (`transaction_status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// A code exists and waits to be paid.
    Pending,
    /// Paid at the till.
    Settlement,
    /// The code died unpaid.
    Expire,
    /// Cancelled, by us or in Midtrans' dashboard.
    Cancel,
    /// Denied; after a settlement this is Indomaret's reversal.
    Deny,
    /// Midtrans failed to process it.
    Failure,
    /// A word the fact sheet does not know.
    Other,
}

/// How a request ended without a definite answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unclear {
    /// Midtrans could not be reached at all.
    NotReached,
    /// No answer in time.
    TimedOut,
    /// The line was cut.
    Cut,
    /// An answer that is none: HTML, half a body, a server error.
    Nonsense,
    /// 406: this `order_id` is already known there. It may be our own earlier try.
    Duplicate,
    /// This program died while the request was out.
    Interrupted,
}

/// Why Midtrans refused a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// 401: the key is wrong; the owner must enter another.
    KeyRefused,
    /// 402: this store is not activated for the merchant.
    ChannelNotActive,
    /// 400 and its kin: Midtrans found the request faulty.
    Invalid,
    /// 410: the merchant's account is deactivated.
    AccountClosed,
    /// Any other definite no.
    Other,
}
