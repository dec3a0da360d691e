//! From the wire to the ledger.

use ledger::{Ledger, Letter, Trouble};
use midtrans::{NamedStore, Notification, ServerKey, TransactionStatus};
use till::{Report, Store, Time};

/// Checks the notifications that came while the key was out of reach, and takes up the genuine
/// ones. Returns how many those were.
pub fn take_up_waiting(ledger: &Ledger, key: &ServerKey, now: Time) -> Result<usize, Trouble> {
    let mut taken_up = 0;
    loop {
        let waiting = ledger.unverified()?;
        if waiting.is_empty() {
            return Ok(taken_up);
        }
        for stored in waiting {
            let genuine = Notification::parse(&stored.body).ok().filter(|notification| notification.verify(key));
            taken_up += usize::from(genuine.is_some());
            ledger.take_up(&stored, genuine.as_ref().map(letter).as_ref(), now)?;
        }
    }
}

/// What a notification says, in the ledger's words.
pub(crate) fn letter(notification: &Notification) -> Letter {
    let transaction = notification.transaction();
    let (store, strange_store) = match &transaction.store {
        Some(NamedStore::Known(midtrans::Store::Alfamart)) => (Some(Store::Alfamart), false),
        Some(NamedStore::Known(midtrans::Store::Indomaret)) => (Some(Store::Indomaret), false),
        Some(NamedStore::Other(_)) => (None, true),
        None => (None, false),
    };
    let rupiah = transaction.currency.as_ref().is_none_or(|currency| currency.eq_ignore_ascii_case("IDR"));
    let doubted = transaction.status == TransactionStatus::Settlement && !transaction.is_settled();
    Letter {
        order_id: notification.order_id().to_owned(),
        report: report(&transaction.status),
        consistent: notification.consistent() && !strange_store && !doubted,
        amount: transaction.rupiah().filter(|_| rupiah),
        store,
        payment_code: transaction.payment_code.clone(),
        transaction_id: transaction.transaction_id.clone(),
    }
}

fn report(status: &TransactionStatus) -> Report {
    match status {
        TransactionStatus::Pending => Report::Pending,
        TransactionStatus::Settlement => Report::Settlement,
        TransactionStatus::Expire => Report::Expire,
        TransactionStatus::Cancel => Report::Cancel,
        TransactionStatus::Deny => Report::Deny,
        TransactionStatus::Failure => Report::Failure,
        TransactionStatus::Other(_) => Report::Other,
    }
}
