//! Midtrans' Core API for counter payments at Alfamart and Indomaret. Knows no shop.
//!
//! A [`Charge`] becomes the bytes that are sent, a [`Client`] sends them to the one
//! [`Destination`] it was made for, and every answer comes back as a decision together with
//! the [`Exchange`] that proves it. A [`Notification`] is what Midtrans sends by itself: a
//! hint, never the truth, because its signature does not cover the state of the payment.
//!
//! Two rules run through everything here. `status_code` in the body decides and the HTTP
//! status only stands in for it when it is missing. And whatever is not a clear answer is
//! [`Unclear`]: the payment may exist, so look it up before doing anything else.

mod answer;
mod charge;
mod client;
mod destination;
mod http;
mod key;
mod notification;
mod notify;
mod object;
mod signature;
mod transaction;

pub use answer::{ActionError, ChargeError, Charged, KeyWorks, LookUpError, ProbeError, Unclear};
pub use charge::{Charge, Customer, Item, Store};
pub use client::{Answered, Carried, Client, Exchange, Line, NoClient, Patience, Request};
pub use destination::{Destination, Host, NotLoopback};
pub use key::{KeyForm, ServerKey};
pub use notification::{Junk, Notification};
pub use notify::{BadAddress, NotifyAddress};
pub use signature::signature;
pub use transaction::{GrossAmount, NamedStore, Transaction, TransactionStatus};
