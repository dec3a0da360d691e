use super::Charge;
use crate::chance::Chance;

/// Where a transaction stands at Midtrans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Its code can be paid.
    Pending,
    /// It was paid.
    Settlement,
    /// Nobody paid in time.
    Expire,
    /// The merchant took it back.
    Cancel,
    /// Midtrans denied it, or the store took the payment back.
    Deny,
}

impl Status {
    /// As Midtrans writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Settlement => "settlement",
            Self::Expire => "expire",
            Self::Cancel => "cancel",
            Self::Deny => "deny",
        }
    }
}

/// A transaction as Midtrans keeps it.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// The merchant's name for it.
    pub order_id: String,
    /// Midtrans' own name for it.
    pub id: String,
    /// `alfamart` or `indomaret`.
    pub store: &'static str,
    /// What was asked for, in rupiah.
    pub amount: u64,
    /// What the customer was made to pay on top.
    pub fee: u64,
    /// The payment code.
    pub code: String,
    /// Where it stands.
    pub status: Status,
    /// When it was made.
    pub made: i64,
    /// Until when it can be paid.
    pub deadline: i64,
    /// When the scheduler notices that the deadline has passed.
    pub runs_out: i64,
    /// Look-ups and actions find it from then on.
    pub visible: i64,
    /// When it was paid, if it ever was; a reversal leaves that.
    pub paid: Option<i64>,
    /// When it was closed, or the payment taken back.
    pub closed: Option<i64>,
}

/// Indomaret takes a payment back within this time.
const REVERSAL: i64 = 5 * 60_000;

impl Transaction {
    /// A new one.
    pub fn of(charge: &Charge, now: i64, chance: &mut Chance) -> Self {
        let mut hex = || format!("{:016x}", chance.number());
        let (a, b) = (hex(), hex());
        let id = format!("{}-{}-{}-{}-{}", &a[..8], &a[8..12], &a[12..], &b[..4], &b[4..]);
        let code = match charge.store {
            "alfamart" => format!("{:016}", chance.below(10_000_000_000_000_000)),
            _ => format!("{:012}", chance.below(1_000_000_000_000)),
        };
        let deadline = now.div_euclid(1_000) * 1_000 + charge.life;
        Self {
            order_id: charge.order_id.clone(),
            id,
            store: charge.store,
            amount: charge.amount,
            fee: 0,
            code,
            status: Status::Pending,
            made: now,
            deadline,
            runs_out: deadline + chance.between(0, 90_000),
            visible: now,
            paid: None,
            closed: None,
        }
    }

    /// What the customer pays.
    pub fn gross(&self) -> u64 {
        self.amount + self.fee
    }

    /// A pending one is closed; anything else stays as it is.
    pub fn close(&mut self, status: Status, now: i64) -> bool {
        if self.status != Status::Pending {
            return false;
        }
        self.status = status;
        self.closed = Some(now);
        true
    }

    /// It is paid at a till, which takes money for a closed one only if it takes it `late`.
    pub fn pay(&mut self, fee: u64, late: bool, now: i64) -> bool {
        let open = match self.status {
            Status::Pending => true,
            Status::Expire | Status::Cancel => late,
            Status::Settlement | Status::Deny => false,
        };
        if open {
            self.status = Status::Settlement;
            self.paid = Some(now);
            self.fee = fee;
        }
        open
    }

    /// The store takes the payment back.
    pub fn reverse(&mut self, now: i64) -> bool {
        let in_time = self.paid.is_some_and(|paid| now - paid <= REVERSAL);
        let may = self.store == "indomaret" && self.status == Status::Settlement && in_time;
        if may {
            self.status = Status::Deny;
            self.closed = Some(now);
        }
        may
    }
}
