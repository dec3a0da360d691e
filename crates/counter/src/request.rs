//! Our words in Midtrans', and Midtrans' in ours.

use std::time::Duration;

use ledger::{Outcome, Settings};
use midtrans::{ActionError, ChargeError, Charged, Exchange, LookUpError, NamedStore, Transaction, TransactionStatus};
use till::{Asked, Number, Order, OrderId, Refusal, Report, Reported, Store, Time, Unclear};

use crate::wib;

/// The body of the charge for an order at a store, written once and sent unchanged however often.
pub(crate) fn charge(order: &Order, store: Store, order_id: OrderId, number: &Number, settings: &Settings) -> String {
    // The phone number stays here: nothing at the store or at Midtrans needs it. Names lose their
    // accents on the way, because a receipt printer would make question marks of them.
    let plain = |text: &str| slip::text::ascii(text);
    let customer =
        midtrans::Customer { name: order.customer.as_deref().map(plain), phone: None, email: order.email.clone() };
    let charge = midtrans::Charge {
        order_id: order_id.to_string(),
        gross_amount: order.amount.get(),
        store: match store {
            Store::Alfamart => midtrans::Store::Alfamart,
            Store::Indomaret => midtrans::Store::Indomaret,
        },
        message: Some(format!("Pesanan {number}")),
        free_texts: [plain(&settings.shop_name), format!("Pesanan {number}"), String::new()],
        items: order
            .items
            .iter()
            .map(|item| midtrans::Item { name: plain(&item.name), price: item.price, quantity: item.quantity })
            .collect(),
        customer: Some(customer),
        expiry: Some(Duration::from_secs(60 * u64::from(order.expiry_minutes))),
    };
    // Strings and whole numbers always become UTF-8.
    String::from_utf8(charge.to_bytes()).unwrap_or_default()
}

/// What Midtrans told, in our words. `minutes` is how long the code was asked to live, for answers
/// that name no deadline.
pub(crate) fn reported(
    asked: Asked,
    asked_after: i64,
    told: &Transaction,
    exchange: &Exchange,
    minutes: u32,
) -> Reported {
    let made_at = told.transaction_time.map(wib::of);
    let life = Duration::from_secs(60 * u64::from(minutes));
    Reported {
        asked,
        asked_after,
        report: report(told),
        amount: told.rupiah(),
        store: match told.store {
            Some(NamedStore::Known(midtrans::Store::Alfamart)) => Some(Store::Alfamart),
            Some(NamedStore::Known(midtrans::Store::Indomaret)) => Some(Store::Indomaret),
            Some(NamedStore::Other(_)) | None => None,
        },
        payment_code: told.payment_code.clone(),
        transaction_id: told.transaction_id.clone(),
        expires_at: told.expiry_time.map(wib::of).or(made_at.map(|at: Time| at + life)),
        made_at,
        settled_at: told.settlement_time.map(wib::of),
        told_at: exchange.server_date.map(wib::of),
    }
}

pub(crate) fn unclear(unclear: midtrans::Unclear) -> Unclear {
    use midtrans::Unclear as U;
    match unclear {
        U::CannotConnect => Unclear::NotReached,
        U::TimedOut => Unclear::TimedOut,
        U::CutOff => Unclear::Cut,
        U::Foreign(_) | U::Trouble(_) | U::StillWorking | U::Incomplete | U::Unexpected(_) => Unclear::Nonsense,
    }
}

/// Whether Midtrans itself was reached, however unhelpful it was.
pub(crate) fn reached(unclear: midtrans::Unclear) -> bool {
    use midtrans::Unclear as U;
    matches!(unclear, U::Trouble(_) | U::StillWorking | U::Incomplete | U::Unexpected(_))
}

/// A definite no, or `None` for the errors that are none.
pub(crate) fn refusal(error: &ChargeError) -> Option<(Refusal, Vec<String>)> {
    use ChargeError as E;
    match error {
        E::KeyRefused => Some((Refusal::KeyRefused, vec![])),
        E::ChannelNotActive => Some((Refusal::ChannelNotActive, vec![])),
        E::AccountClosed => Some((Refusal::AccountClosed, vec![])),
        E::Invalid(said) => Some((Refusal::Invalid, said.clone())),
        E::Duplicate | E::TryLater | E::Unknown(_) => None,
    }
}

/// What was made of the answer to a charge. One about another order is none.
pub(crate) fn of_charge(order_id: OrderId, answered: &Result<Charged, ChargeError>) -> Outcome {
    match answered {
        Ok(charged) if charged.transaction.order_id != order_id.as_str() => Outcome::Nonsense,
        Ok(charged) => of_told(&charged.transaction),
        Err(ChargeError::KeyRefused) => Outcome::KeyRefused,
        Err(ChargeError::ChannelNotActive) => Outcome::ChannelNotActive,
        Err(ChargeError::Duplicate) => Outcome::Duplicate,
        Err(ChargeError::Invalid(_)) => Outcome::Invalid,
        Err(ChargeError::TryLater) => Outcome::TryLater,
        Err(ChargeError::AccountClosed) => Outcome::AccountClosed,
        Err(ChargeError::Unknown(why)) => of_unclear(*why),
    }
}

/// What was made of the answer to a look-up.
pub(crate) fn of_look_up(answered: &Result<Transaction, LookUpError>) -> Outcome {
    match answered {
        Ok(told) => of_told(told),
        Err(LookUpError::NotFound) => Outcome::NotFound,
        Err(LookUpError::KeyRefused) => Outcome::KeyRefused,
        Err(LookUpError::TryLater) => Outcome::TryLater,
        Err(LookUpError::Unclear(why)) => of_unclear(*why),
    }
}

/// What was made of the answer to a cancel or an expire.
pub(crate) fn of_action(answered: &Result<Transaction, ActionError>) -> Outcome {
    match answered {
        Ok(told) => of_told(told),
        Err(ActionError::CannotChange) => Outcome::CannotChange,
        Err(ActionError::NotFound) => Outcome::NotFound,
        Err(ActionError::KeyRefused) => Outcome::KeyRefused,
        Err(ActionError::TryLater) => Outcome::TryLater,
        Err(ActionError::Unclear(why)) => of_unclear(*why),
    }
}

fn of_told(told: &Transaction) -> Outcome {
    match report(told) {
        Report::Pending => Outcome::Pending,
        Report::Settlement => Outcome::Settlement,
        Report::Expire => Outcome::Expire,
        Report::Cancel => Outcome::Cancel,
        Report::Deny => Outcome::Deny,
        Report::Failure => Outcome::Failure,
        Report::Other => Outcome::Strange,
    }
}

fn of_unclear(why: midtrans::Unclear) -> Outcome {
    match unclear(why) {
        Unclear::NotReached => Outcome::NotReached,
        Unclear::TimedOut => Outcome::TimedOut,
        Unclear::Cut => Outcome::Cut,
        Unclear::Nonsense | Unclear::Duplicate | Unclear::Interrupted => Outcome::Nonsense,
    }
}

pub(crate) fn report(told: &Transaction) -> Report {
    match told.status {
        TransactionStatus::Pending => Report::Pending,
        TransactionStatus::Settlement if told.is_settled() => Report::Settlement,
        TransactionStatus::Expire => Report::Expire,
        TransactionStatus::Cancel => Report::Cancel,
        TransactionStatus::Deny => Report::Deny,
        TransactionStatus::Failure => Report::Failure,
        // A settlement with something against it is none we know.
        TransactionStatus::Settlement | TransactionStatus::Other(_) => Report::Other,
    }
}
