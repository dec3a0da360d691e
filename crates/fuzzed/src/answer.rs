//! What answers in Midtrans' name. The first line says what was asked and with which HTTP status it is
//! answered, such as `status 200`; `cut` or `slow` behind it break the line. The rest is the body.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
};

use midtrans::{Carried, ChargeError, Client, Exchange, Line, LookUpError, Request, TransactionStatus, Unclear};
use serde_json::Value;

use crate::shop::ORDER_ID;

pub(crate) fn read(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (head, body) = (String::from_utf8_lossy(&bytes[..end]), bytes.get(end + 1..).unwrap_or_default());
    let mut words = head.split(' ');
    let asked = words.next().unwrap_or_default();
    let http = words.next().and_then(|word| word.parse().ok()).filter(|http| (100..1000).contains(http));
    let trouble = match words.next() {
        Some("cut") => Some(Unclear::CutOff),
        Some("slow") => Some(Unclear::TimedOut),
        _ => None,
    };
    let exchange = Exchange { http_status: http, body: body.to_vec(), server_date: None };
    let client = Client::over(Arc::new(Played(Carried { exchange: exchange.clone(), trouble })));
    let said = || serde_json::from_slice::<Value>(body).ok();
    let named = |field: &str| said().and_then(|said| said.get(field)?.as_str().map(str::to_ascii_lowercase));
    match asked {
        "charge" => {
            let answered = now(client.charge(b"{}", None));
            assert_eq!(answered.exchange, exchange, "the evidence is what was received");
            match answered.outcome {
                Ok(charged) => {
                    assert!(trouble.is_none() && !charged.payment_code.is_empty());
                    assert_eq!(named("payment_code"), Some(charged.payment_code.to_ascii_lowercase()));
                    assert_eq!(charged.transaction.status_code, 201);
                }
                // A definite no is one that came whole.
                Err(ChargeError::Unknown(_)) => {}
                Err(_) => assert!(trouble.is_none() && http.is_some()),
            }
        }
        "cancel" | "expire" => {
            let answered = if asked == "cancel" { now(client.cancel(ORDER_ID)) } else { now(client.expire(ORDER_ID)) };
            if let Ok(told) = answered.outcome {
                assert_eq!(told.order_id, ORDER_ID);
                assert!(matches!(told.status, TransactionStatus::Cancel | TransactionStatus::Expire));
                assert!(trouble.is_none());
            }
        }
        _ => match now(client.status(ORDER_ID)).outcome {
            Ok(told) => {
                assert!(trouble.is_none());
                assert_eq!(told.order_id, ORDER_ID, "an answer about another order");
                if told.is_settled() {
                    assert_eq!(named("transaction_status").as_deref(), Some("settlement"));
                    assert_eq!(told.status_code, 200);
                    assert!(http.is_some_and(|http| http < 300), "a payment under an error");
                }
                if let Some(amount) = told.rupiah() {
                    assert_eq!(named("gross_amount"), Some(format!("{amount}.00")));
                }
            }
            Err(LookUpError::NotFound) => assert!(said().is_some(), "only Midtrans itself says that it knows no order"),
            Err(_) => {}
        },
    }
}

struct Played(Carried);

impl Line for Played {
    fn carry<'a>(&'a self, _request: Request<'a>) -> Pin<Box<dyn Future<Output = Carried> + Send + 'a>> {
        Box::pin(async { self.0.clone() })
    }
}

/// What waits for nothing.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => unreachable!("the line answers at once"),
    }
}
