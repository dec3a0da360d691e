//! What all the doors share: the desk, the clock and the postman's bell.

use std::collections::HashSet;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};

use crate::clock::{Clock, Moment};
use crate::desk::Desk;

/// One running simulator.
pub struct Gateway {
    desk: Mutex<Desk>,
    pub clock: Clock,
    /// Rung when there may be something to deliver, or the time has moved.
    pub bell: Notify,
    /// Rung when the postman has come back from an errand.
    pub returned: Notify,
    /// The orders whose notifications are being delivered right now.
    pub errands: Mutex<HashSet<String>>,
    /// The `Idempotency-Key`s being worked on right now.
    pub in_progress: Mutex<HashSet<String>>,
    /// Closes when the simulator stops.
    pub stopped: watch::Receiver<()>,
    /// How many requests came in.
    pub requests: AtomicU64,
    pub server_key: String,
    /// Opens the control door.
    pub token: String,
    /// Every form of the trainer's page carries it, so that no other page can send one.
    pub form_token: String,
}

impl Gateway {
    /// A gateway with that desk.
    pub fn new(desk: Desk, clock: Clock, token: String, form_token: String, stopped: watch::Receiver<()>) -> Gateway {
        Gateway {
            server_key: desk.server_key.clone(),
            desk: Mutex::new(desk),
            clock,
            bell: Notify::new(),
            returned: Notify::new(),
            errands: Mutex::default(),
            in_progress: Mutex::default(),
            stopped,
            requests: AtomicU64::new(0),
            token,
            form_token,
        }
    }

    /// Does something at the desk, and has the postman look whether there is something for him.
    pub async fn at_desk<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Desk, Moment) -> T + Send + 'static,
    ) -> T {
        let result = self.at_desk_quietly(work).await;
        self.bell.notify_one();
        result
    }

    /// Does something at the desk, on a thread that may wait for the disk.
    pub async fn at_desk_quietly<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Desk, Moment) -> T + Send + 'static,
    ) -> T {
        let gateway = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            let now = gateway.clock.now();
            work(&mut locked(&gateway.desk), now)
        });
        match done.await {
            Ok(result) => result,
            Err(stopped) => std::panic::resume_unwind(Box::new(stopped)),
        }
    }
}

/// A lock that a panic elsewhere does not spoil: everything behind it is whole between two calls.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
