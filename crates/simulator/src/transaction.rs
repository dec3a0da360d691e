//! A transaction and what may become of it. No clock and no storage in here: time is handed in.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Moment;

/// A chain of stores that takes the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Store {
    Alfamart,
    Indomaret,
}

impl Store {
    /// Midtrans accepts `Indomaret` as well, and answers `indomaret`.
    pub fn from_name(name: &str) -> Option<Store> {
        match name.to_ascii_lowercase().as_str() {
            "alfamart" => Some(Store::Alfamart),
            "indomaret" => Some(Store::Indomaret),
            _ => None,
        }
    }

    /// As Midtrans writes it.
    pub fn name(self) -> &'static str {
        match self {
            Store::Alfamart => "alfamart",
            Store::Indomaret => "indomaret",
        }
    }
}

/// Where a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Pending,
    Settlement,
    Expire,
    Cancel,
    Deny,
}

impl Status {
    /// As Midtrans writes it.
    pub fn name(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Settlement => "settlement",
            Status::Expire => "expire",
            Status::Cancel => "cancel",
            Status::Deny => "deny",
        }
    }

    /// The other way round.
    pub fn from_name(name: &str) -> Option<Status> {
        [Status::Pending, Status::Settlement, Status::Expire, Status::Cancel, Status::Deny]
            .into_iter()
            .find(|status| status.name() == name)
    }

    /// The `status_code` of a notification: three different ends share 202.
    pub fn notified_code(self) -> &'static str {
        match self {
            Status::Pending => "201",
            Status::Settlement => "200",
            Status::Expire | Status::Cancel | Status::Deny => "202",
        }
    }
}

/// One transaction, as Midtrans would keep it.
#[derive(Clone, Debug, PartialEq)]
pub struct Transaction {
    pub transaction_id: String,
    pub order_id: String,
    pub store: Store,
    /// What was charged, in rupiah.
    pub amount: u64,
    /// What the customer was made to pay on top (Automatic Fee Imposition).
    pub fee: u64,
    pub payment_code: String,
    pub status: Status,
    pub created: Moment,
    pub expires: Moment,
    pub settled: Option<Moment>,
    pub approval_code: Option<String>,
    /// Until then look-ups and actions answer 404, though the transaction exists.
    pub visible: Moment,
    pub extras: Extras,
}

/// What came along with the charge and goes back with the answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Extras {
    /// `X-Override-Notification`: instead of the dashboard's addresses.
    #[serde(default)]
    pub override_urls: Vec<String>,
    /// `X-Append-Notification`: besides them.
    #[serde(default)]
    pub append_urls: Vec<String>,
    #[serde(default)]
    pub custom_field1: Option<String>,
    #[serde(default)]
    pub custom_field2: Option<String>,
    #[serde(default)]
    pub custom_field3: Option<String>,
    #[serde(default)]
    pub metadata: Option<Value>,
}

/// Why a transaction stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// `Merchant cannot modify the status of the transaction`.
    NotYours,
    /// `Transaction status cannot be updated.`: Indomaret's own words for a closed one.
    AlreadyClosed,
}

impl Transaction {
    /// What the customer pays.
    pub fn gross(&self) -> u64 {
        self.amount.saturating_add(self.fee)
    }

    /// `"44000.00"`: always two decimals, always text.
    pub fn gross_amount(&self) -> String {
        format!("{}.00", self.gross())
    }

    /// When it was paid, for as long as it counts as paid.
    pub fn settlement_time(&self) -> Option<String> {
        let settled = self.settled.filter(|_| self.status == Status::Settlement);
        settled.map(Moment::wib)
    }

    /// The merchant takes the code back.
    pub fn cancel(&mut self) -> Result<(), Refusal> {
        self.close(Status::Cancel)
    }

    /// The code has run out, by the clock or because the merchant said so.
    pub fn expire(&mut self) -> Result<(), Refusal> {
        self.close(Status::Expire)
    }

    /// Midtrans refuses a pending one, or Indomaret takes a paid one back.
    pub fn deny(&mut self) -> Result<(), Refusal> {
        match self.status {
            Status::Pending | Status::Settlement => {
                self.status = Status::Deny;
                Ok(())
            }
            _ => Err(self.refusal()),
        }
    }

    /// The customer pays at a till. `late` lets a closed code be paid, which no document rules out.
    pub fn pay(&mut self, payment: Payment, now: Moment, late: bool) -> Result<(), Refusal> {
        let open = match self.status {
            Status::Pending => true,
            Status::Expire | Status::Cancel => late,
            Status::Settlement | Status::Deny => false,
        };
        if !open {
            return Err(self.refusal());
        }
        self.status = Status::Settlement;
        self.settled = Some(now.whole_second());
        self.fee = payment.fee;
        self.approval_code = payment.approval_code;
        Ok(())
    }

    fn close(&mut self, status: Status) -> Result<(), Refusal> {
        if self.status != Status::Pending {
            return Err(self.refusal());
        }
        self.status = status;
        Ok(())
    }

    fn refusal(&self) -> Refusal {
        match (self.store, self.status) {
            (Store::Indomaret, Status::Expire | Status::Cancel) => Refusal::AlreadyClosed,
            _ => Refusal::NotYours,
        }
    }
}

/// What happened at the till.
#[derive(Clone, Debug, Default)]
pub struct Payment {
    pub fee: u64,
    pub approval_code: Option<String>,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn pending(store: Store) -> Transaction {
        Transaction {
            transaction_id: "9b3951a4-da50-4089-86df-161d3e9251df".into(),
            order_id: "order-101n-1578557719".into(),
            store,
            amount: 44_000,
            fee: 0,
            payment_code: "578112341234".into(),
            status: Status::Pending,
            created: Moment(1_578_557_719_000),
            expires: Moment(1_578_644_119_000),
            settled: None,
            approval_code: None,
            visible: Moment(0),
            extras: Extras::default(),
        }
    }

    #[test]
    fn only_a_pending_transaction_can_be_cancelled_or_expire() {
        for status in [Status::Settlement, Status::Expire, Status::Cancel, Status::Deny] {
            let mut transaction = Transaction { status, ..pending(Store::Alfamart) };
            assert_eq!(transaction.cancel(), Err(Refusal::NotYours), "{status:?}");
            assert_eq!(transaction.expire(), Err(Refusal::NotYours), "{status:?}");
            assert_eq!(transaction.status, status);
        }
    }

    #[test]
    fn indomaret_has_its_own_words_for_a_closed_transaction() {
        let mut transaction = pending(Store::Indomaret);
        transaction.cancel().unwrap();
        assert_eq!(transaction.expire(), Err(Refusal::AlreadyClosed));
    }

    #[test]
    fn a_closed_code_is_paid_only_when_the_trainer_insists() {
        let mut transaction = pending(Store::Alfamart);
        transaction.expire().unwrap();
        let now = Moment(1_578_644_119_500);
        assert!(transaction.pay(Payment::default(), now, false).is_err());
        assert!(transaction.pay(Payment::default(), now, true).is_ok());
        assert_eq!(transaction.settled, Some(Moment(1_578_644_119_000)));
    }

    #[test]
    fn a_fee_is_paid_on_top() {
        let mut transaction = pending(Store::Indomaret);
        let payment = Payment { fee: 2_500, approval_code: None };
        transaction.pay(payment, Moment(0), false).unwrap();
        assert_eq!(transaction.gross_amount(), "46500.00");
    }
}
