//! From the wire to the ledger.

use ledger::{Fed, Ledger, Letter, Passed, Received, Seal, Trouble};
use midtrans::{NamedStore, Notification, ServerKey, TransactionStatus};
use till::{Report, Store, Time};

/// What became of a message, and so what its sender is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is on the disk, now or since an earlier time.
    Stored,
    /// Its signature is not Midtrans'.
    Forged,
    /// It cannot be a notification.
    Junk,
}

/// Takes a message in as it came, durably. Without a key nobody can say yet whether it is genuine;
/// it is stored all the same, and the desk checks it.
pub fn take_in(ledger: &Ledger, body: &[u8], key: Option<&ServerKey>, now: Time) -> Result<Taken, Trouble> {
    let (letter, seal) = match read(body, key) {
        Ok(read) => read,
        Err(not_ours) => {
            set_aside(ledger, body, now);
            return Ok(not_ours);
        }
    };
    match ledger.receive(body, &letter, seal, now)? {
        Received::Joined(_) => tracing::info!(order_id = ?letter.order_id, "stored"),
        Received::Elsewhere => tracing::info!("stored: genuine, and about an order of another till"),
        Received::Orphan => tracing::info!("stored: genuine, and about no order of this shop"),
        Received::Again => tracing::info!("counted: it came before"),
        Received::Waiting => tracing::info!("stored: its signature waits for the key"),
    }
    Ok(Taken::Stored)
}

/// Takes in what a hosted relay passed on, each with its number, and remembers that everything up to
/// `upto` is here: one transaction. Nothing if this till is not paired as that device any more.
pub fn take_in_feed(
    ledger: &Ledger,
    device: &str,
    passed: impl IntoIterator<Item = (u64, Vec<u8>)>,
    upto: u64,
    key: Option<&ServerKey>,
    now: Time,
) -> Result<Option<Fed>, Trouble> {
    let read = |(seq, body): (u64, Vec<u8>)| Passed { says: read(&body, key).ok(), seq, body };
    let passed: Vec<Passed> = passed.into_iter().map(read).collect();
    let fed = ledger.take_in_feed(device, &passed, upto, now)?;
    if let Some(fed) = fed.filter(|_| !passed.is_empty()) {
        let Fed { cursor, genuine, waiting, strange, unreadable } = fed;
        tracing::info!(cursor, genuine, waiting, strange, unreadable, "stored what the hosted relay passed on");
    }
    Ok(fed)
}

/// What a message says, if this key does not speak against it.
fn read(body: &[u8], key: Option<&ServerKey>) -> Result<(Letter, Seal), Taken> {
    let notification = Notification::parse(body).map_err(|junk| {
        tracing::warn!(%junk, "something came that is no notification");
        Taken::Junk
    })?;
    match key {
        Some(key) if !notification.verify(key) => {
            tracing::warn!("a notification came whose signature does not fit the key");
            Err(Taken::Forged)
        }
        Some(_) => Ok((letter(&notification), Seal::Genuine)),
        None => Ok((letter(&notification), Seal::Unverified)),
    }
}

/// It has the form of a notification, and this key did not sign it.
pub(crate) fn doubted(body: &[u8], key: &ServerKey) -> bool {
    Notification::parse(body).is_ok_and(|notification| !notification.verify(key))
}

/// What is not genuine is kept if there is room; its sender hears the same either way.
fn set_aside(ledger: &Ledger, body: &[u8], now: Time) {
    if let Err(trouble) = ledger.quarantine(body, now) {
        tracing::error!(%trouble, "what came could not be set aside");
    }
}

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
pub fn letter(notification: &Notification) -> Letter {
    let transaction = notification.transaction();
    let (store, strange_store) = match &transaction.store {
        Some(NamedStore::Known(midtrans::Store::Alfamart)) => (Some(Store::Alfamart), false),
        Some(NamedStore::Known(midtrans::Store::Indomaret)) => (Some(Store::Indomaret), false),
        Some(NamedStore::Other(_)) => (None, true),
        None => (None, false),
    };
    let doubted = transaction.status == TransactionStatus::Settlement && !transaction.is_settled();
    Letter {
        order_id: notification.order_id().to_owned(),
        report: report(&transaction.status),
        consistent: notification.consistent() && !strange_store && !doubted,
        amount: transaction.rupiah(),
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
