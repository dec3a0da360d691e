//! Trouble on demand.

use serde::{Deserialize, Serialize};

use crate::transaction::Status;

/// A trouble, where it strikes and how often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    pub on: Target,
    /// How often it strikes yet; left out, it strikes always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Only for this order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// Only for notifications of this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub which: Option<Status>,
    #[serde(flatten)]
    pub trouble: Trouble,
}

/// What a fault may strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    Charge,
    Status,
    Cancel,
    Expire,
    /// Any call of the merchant's, but no notification.
    Any,
    Notification,
}

/// What may go wrong. Where it says `create`, the request is carried out all the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trouble {
    /// The answer is late. The request was carried out before the wait, unless `before` is set.
    Delay {
        ms: u64,
        #[serde(default)]
        before: bool,
    },
    /// The connection is closed; nothing happened.
    DropBefore,
    /// It happened; the connection is closed without an answer.
    DropAfter,
    /// It happened; the answer breaks off after so many bytes.
    CutBody { bytes: usize },
    /// A page instead of an answer, as of a proxy in between.
    Html {
        status: u16,
        #[serde(default)]
        create: bool,
    },
    /// An error of Midtrans' own: 429, 500, 502, 503, 504, 505 or 900. `http` tells the HTTP status
    /// from the body's.
    Error {
        status: u16,
        #[serde(default)]
        http: Option<u16>,
        #[serde(default)]
        create: bool,
    },
    /// HTTP 500 and `{"message": "An unexpected error occurred"}`, without a `status_code`.
    Unexpected {
        #[serde(default)]
        create: bool,
    },
    /// It happened; the answer is this text under HTTP 200 (an empty one, if none is given).
    Wrong {
        #[serde(default)]
        body: String,
    },
    /// The new transaction cannot be found for so many seconds.
    Lag { seconds: u32 },

    /// The notification never goes out.
    Lose,
    /// It goes out twice.
    Duplicate,
    /// It goes out when it is released.
    Hold,
    /// It goes out so many seconds late.
    Late { seconds: u32 },
    /// Its signature is wrong.
    BadSignature,
}

/// The faults that are set. They do not outlive the simulator.
#[derive(Default)]
pub struct Faults {
    set: Vec<Fault>,
}

impl Faults {
    /// Sets these instead of the earlier ones.
    pub fn replace(&mut self, faults: Vec<Fault>) {
        self.set = faults;
    }

    /// What is set, with the times that are left.
    pub fn all(&self) -> &[Fault] {
        &self.set
    }

    /// What strikes a call of the merchant's.
    pub fn strike(&mut self, target: Target, order_id: Option<&str>) -> Vec<Trouble> {
        self.take(|fault| {
            (fault.on == target || fault.on == Target::Any)
                && fault.order_id.as_deref().is_none_or(|id| Some(id) == order_id)
        })
    }

    /// What strikes a notification.
    pub fn strike_notification(&mut self, order_id: &str, status: Status) -> Vec<Trouble> {
        self.take(|fault| {
            fault.on == Target::Notification
                && fault.order_id.as_deref().is_none_or(|id| id == order_id)
                && fault.which.is_none_or(|wanted| wanted == status)
        })
    }

    fn take(&mut self, strikes: impl Fn(&Fault) -> bool) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        for fault in self.set.iter_mut().filter(|fault| strikes(fault)) {
            match &mut fault.times {
                Some(0) => continue,
                Some(times) => *times -= 1,
                None => {}
            }
            troubles.push(fault.trouble.clone());
        }
        self.set.retain(|fault| fault.times != Some(0));
        troubles
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Fault {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_fault_strikes_as_often_as_it_was_told_to() {
        let mut faults = Faults::default();
        faults.replace(vec![fault(r#"{"on":"charge","kind":"drop_after","times":2}"#)]);
        assert!(faults.strike(Target::Status, None).is_empty());
        assert_eq!(faults.strike(Target::Charge, None), [Trouble::DropAfter]);
        assert_eq!(faults.strike(Target::Charge, None), [Trouble::DropAfter]);
        assert!(faults.strike(Target::Charge, None).is_empty());
        assert!(faults.all().is_empty());
    }

    #[test]
    fn a_fault_may_be_for_one_order_and_any_is_no_notification() {
        let mut faults = Faults::default();
        faults.replace(vec![
            fault(r#"{"on":"any","kind":"delay","ms":5,"order_id":"a"}"#),
            fault(r#"{"on":"notification","kind":"lose","which":"settlement"}"#),
        ]);
        assert!(faults.strike(Target::Charge, Some("b")).is_empty());
        assert_eq!(faults.strike(Target::Charge, Some("a")).len(), 1);
        assert!(faults.strike_notification("a", Status::Pending).is_empty());
        assert_eq!(faults.strike_notification("a", Status::Settlement), [Trouble::Lose]);
    }
}
