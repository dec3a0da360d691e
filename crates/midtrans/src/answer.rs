//! From an exchange to a decision.

use serde_json::Value;

use crate::{
    Transaction, TransactionStatus,
    object::{Object, three_digits},
};

/// A charge that Midtrans took: there is a code to pay.
///
/// Compare order, amount and store with what was asked before showing the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charged {
    /// The code the customer shows: opaque text with its leading zeros.
    pub payment_code: String,
    /// Everything else the answer says.
    pub transaction: Transaction,
}

/// Why there is no payment code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChargeError {
    /// The key was refused and nothing was created; ask the owner for the right one.
    #[error("Midtrans refused the server key")]
    KeyRefused,
    /// This store is not activated for the merchant; offer the other one.
    #[error("this store is not activated for the merchant")]
    ChannelNotActive,
    /// The order id was used before, perhaps by this very charge; look it up.
    #[error("the order id was used before")]
    Duplicate,
    /// Midtrans does not like what it was sent, for these reasons; correct it.
    #[error("Midtrans found the charge invalid: {}", .0.join("; "))]
    Invalid(Vec<String>),
    /// Midtrans asked us to slow down and created nothing; send the same bytes again later.
    #[error("Midtrans asked us to slow down")]
    TryLater,
    /// The merchant's account is closed; only Midtrans' support can help.
    #[error("the merchant's account at Midtrans is closed")]
    AccountClosed,
    /// The charge may exist; look it up before charging again.
    #[error("whether the charge exists is unknown: {0}")]
    Unknown(Unclear),
}

/// Why a look-up found no payment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookUpError {
    /// Midtrans knows no such payment *now*; right after a charge, ask again.
    #[error("Midtrans knows no such payment")]
    NotFound,
    /// The key was refused; ask the owner for the right one.
    #[error("Midtrans refused the server key")]
    KeyRefused,
    /// Midtrans asked us to slow down.
    #[error("Midtrans asked us to slow down")]
    TryLater,
    /// No answer to believe; ask again.
    #[error("the look-up has no clear answer: {0}")]
    Unclear(Unclear),
}

/// Why a payment was not cancelled or expired.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// The payment is past changing, perhaps because it was paid; look it up.
    #[error("the payment can not be changed any more")]
    CannotChange,
    /// Midtrans knows no such payment now.
    #[error("Midtrans knows no such payment")]
    NotFound,
    /// The key was refused; ask the owner for the right one.
    #[error("Midtrans refused the server key")]
    KeyRefused,
    /// Midtrans asked us to slow down and changed nothing.
    #[error("Midtrans asked us to slow down")]
    TryLater,
    /// It may have happened; look it up.
    #[error("whether it happened is unknown: {0}")]
    Unclear(Unclear),
}

/// Midtrans accepts the key. That says nothing about which stores are activated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyWorks;

/// Why a key could not be shown to work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// The key was refused: mistyped, or of the other environment.
    #[error("Midtrans refused the server key")]
    KeyRefused,
    /// Midtrans asked us to slow down.
    #[error("Midtrans asked us to slow down")]
    TryLater,
    /// No answer to believe; the key may be right.
    #[error("the key could not be tried: {0}")]
    Unclear(Unclear),
}

/// How an answer failed to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Unclear {
    /// Nothing was sent: no network, no such host, no trust in it, or no id to ask for.
    #[error("Midtrans can not be reached")]
    CannotConnect,
    /// The time ran out.
    #[error("Midtrans did not answer in time")]
    TimedOut,
    /// The line broke after something may have been sent.
    #[error("the line broke")]
    CutOff,
    /// Somebody else answered, such as a proxy or a log-in page: no JSON object, or far too much.
    #[error("the answer is not Midtrans' own (HTTP {0})")]
    Foreign(u16),
    /// Midtrans has trouble: 5xx, or its own 900.
    #[error("Midtrans has trouble ({0})")]
    Trouble(u16),
    /// Midtrans is still at work on it.
    #[error("Midtrans is still working on it")]
    StillWorking,
    /// The answer lacks what it must have, or is about another payment.
    #[error("the answer is incomplete or about another payment")]
    Incomplete,
    /// A code that makes no sense as an answer to this question.
    #[error("an answer that makes no sense here ({0})")]
    Unexpected(u16),
}

pub(crate) fn charge(reply: Reply) -> Result<Charged, ChargeError> {
    match reply.code {
        201 if reply.holds() => {
            let transaction = reply.transaction()?;
            let payment_code = transaction.payment_code.clone().ok_or(Unclear::Incomplete)?;
            Ok(Charged { payment_code, transaction })
        }
        202 => Err(Unclear::StillWorking.into()),
        400 | 405 | 408 | 413 => Err(ChargeError::Invalid(reply.messages())),
        401 => Err(ChargeError::KeyRefused),
        402 => Err(ChargeError::ChannelNotActive),
        406 => Err(ChargeError::Duplicate),
        410 => Err(ChargeError::AccountClosed),
        429 => Err(ChargeError::TryLater),
        _ => Err(reply.unclear().into()),
    }
}

pub(crate) fn look_up(reply: Reply, order_id: &str) -> Result<Transaction, LookUpError> {
    match reply.code {
        // 407 says "expired", and is as good an answer as any.
        200 | 201 | 202 | 407 if reply.holds() => Ok(reply.transaction_of(order_id)?),
        401 => Err(LookUpError::KeyRefused),
        404 => Err(LookUpError::NotFound),
        429 => Err(LookUpError::TryLater),
        _ => Err(reply.unclear().into()),
    }
}

pub(crate) fn action(reply: Reply, order_id: &str) -> Result<Transaction, ActionError> {
    match reply.code {
        200 | 202 | 407 if reply.holds() => {
            let transaction = reply.transaction_of(order_id)?;
            match transaction.status {
                TransactionStatus::Cancel | TransactionStatus::Expire => Ok(transaction),
                // Whatever happened there, it was not what was asked for.
                _ => Err(Unclear::Unexpected(reply.code).into()),
            }
        }
        401 => Err(ActionError::KeyRefused),
        404 => Err(ActionError::NotFound),
        412 => Err(ActionError::CannotChange),
        429 => Err(ActionError::TryLater),
        _ => Err(reply.unclear().into()),
    }
}

pub(crate) fn probe(reply: Reply, order_id: &str) -> Result<KeyWorks, ProbeError> {
    match look_up(reply, order_id) {
        Ok(_) | Err(LookUpError::NotFound) => Ok(KeyWorks),
        Err(LookUpError::KeyRefused) => Err(ProbeError::KeyRefused),
        Err(LookUpError::TryLater) => Err(ProbeError::TryLater),
        Err(LookUpError::Unclear(unclear)) => Err(ProbeError::Unclear(unclear)),
    }
}

/// An answer that came whole and is Midtrans' own.
pub(crate) struct Reply {
    http: u16,
    code: u16,
    fields: Object,
}

impl Reply {
    pub fn read(http: u16, body: &[u8]) -> Result<Reply, Unclear> {
        let Some(fields) = Object::read(body) else {
            return match http {
                // Whoever stands in front of Midtrans asks for patience in HTML. Do it the favour.
                429 => Ok(Reply { http, code: http, fields: Object::default() }),
                _ => Err(Unclear::Foreign(http)),
            };
        };
        let code = match fields.get("status_code") {
            Some(Value::String(text)) => three_digits(text).ok_or(Unclear::Incomplete)?,
            Some(Value::Number(number)) => {
                number.as_u64().and_then(|code| code.try_into().ok()).ok_or(Unclear::Incomplete)?
            }
            Some(Value::Null) | None => match http {
                200..300 => return Err(Unclear::Incomplete),
                // Midtrans always says its 404 itself; a bare one is a wrong turn on the way.
                404 => return Err(Unclear::Foreign(http)),
                _ => http,
            },
            Some(_) => return Err(Unclear::Incomplete),
        };
        Ok(Reply { http, code, fields })
    }

    /// A success must not come under an HTTP error; no client would believe it.
    fn holds(&self) -> bool {
        (200..300).contains(&self.http) || self.http == self.code
    }

    fn transaction(&self) -> Result<Transaction, Unclear> {
        Transaction::read(self.code, &self.fields).ok_or(Unclear::Incomplete)
    }

    fn transaction_of(&self, order_id: &str) -> Result<Transaction, Unclear> {
        let transaction = self.transaction()?;
        if transaction.order_id == order_id { Ok(transaction) } else { Err(Unclear::Incomplete) }
    }

    fn unclear(&self) -> Unclear {
        match (self.code, self.http) {
            (500.., _) => Unclear::Trouble(self.code),
            (_, 500..) => Unclear::Trouble(self.http),
            _ => Unclear::Unexpected(self.code),
        }
    }

    /// What Midtrans found wrong, in its own words, for the log and the curious.
    fn messages(&self) -> Vec<String> {
        ["validation_messages", "status_message", "message"]
            .into_iter()
            .find_map(|field| match self.fields.get(field)? {
                Value::String(text) => Some(vec![text.clone()]),
                Value::Array(texts) if !texts.is_empty() => {
                    Some(texts.iter().filter_map(Value::as_str).map(str::to_owned).collect())
                }
                _ => None,
            })
            .unwrap_or_default()
    }
}

impl From<Unclear> for ChargeError {
    fn from(unclear: Unclear) -> ChargeError {
        ChargeError::Unknown(unclear)
    }
}

impl From<Unclear> for LookUpError {
    fn from(unclear: Unclear) -> LookUpError {
        LookUpError::Unclear(unclear)
    }
}

impl From<Unclear> for ActionError {
    fn from(unclear: Unclear) -> ActionError {
        ActionError::Unclear(unclear)
    }
}

impl From<Unclear> for ProbeError {
    fn from(unclear: Unclear) -> ProbeError {
        ProbeError::Unclear(unclear)
    }
}
