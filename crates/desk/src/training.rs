//! What a trainer can make happen, and where the simulator's notifications go.

use std::sync::Arc;

use counter::Problem;
use ledger::Ledger;
use serde_json::json;
use simulator::training::Training;
use till::Sale;

use crate::gateway::simulator_failed;

/// What a trainer can make happen to a payment code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A customer pays it at the store.
    Pay,
    /// Indomaret takes the payment back.
    Reverse,
    /// Its time runs out.
    Expire,
}

pub(crate) async fn enter(ledger: &Arc<Ledger>) -> Result<Training, Problem> {
    Training::enter(ledger.folder()).await.map_err(simulator_failed)
}

/// Makes the simulator do to this sale what happens at a store.
pub async fn practise(training: &Training, sale: &Sale, deed: Deed) -> Result<(), Problem> {
    let Some(attempt) = sale.attempt() else { return Ok(()) };
    let path = match deed {
        Deed::Pay => "pay",
        Deed::Reverse => "reverse",
        Deed::Expire => "expire",
    };
    training.tell(path, &json!({ "order_id": attempt.order_id.as_str() })).await.map_err(simulator_failed)
}

/// Tells the simulator where its notifications go, as a merchant tells Midtrans' dashboard.
pub async fn notify(training: &Training, url: &str) -> Result<(), Problem> {
    training.tell("notify", &json!({ "urls": [url] })).await.map_err(simulator_failed)
}
