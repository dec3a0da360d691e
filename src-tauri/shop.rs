use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use counter::Problem;
use desk::{Desk, Waking, training, ways_out};
use relay::{Embedded, EmbeddedConfig, Patience, Presence, Running, StartError};
use tauri::async_runtime::JoinHandle;
use tokio::{sync::Mutex, time::interval};

use crate::app::Tell;
use crate::view::{Hosted, RelayState, RelayView};

/// A shop that is open in the window, with everything that works for it. It closes when dropped.
pub struct OpenShop {
    /// The counter and what it stands on.
    pub desk: Desk,
    relay: Mutex<Option<Running>>,
    work: [JoinHandle<()>; 6],
}

/// How soon a change by another program is noticed.
const LOOK: Duration = Duration::from_millis(250);

impl OpenShop {
    /// Starts following the open orders and watching the ledger, and the relay if it is wanted.
    pub async fn begin(desk: Desk, tell: Tell) -> Self {
        let (counter, keeper) = (desk.counter.clone(), desk.counter.clone());
        let follow = tauri::async_runtime::spawn(async move { counter.run().await });
        let copies = tauri::async_runtime::spawn(async move { keeper.keep_copies().await });
        let seal = desk.seal.clone();
        let seal = tauri::async_runtime::spawn(async move { seal.keep().await });
        let receiver = desk.receiver.clone();
        let receive = tauri::async_runtime::spawn(async move { receiver.run().await });
        let press = desk.press();
        let press = tauri::async_runtime::spawn(async move { press.run().await });
        let watch = tauri::async_runtime::spawn(watch(desk.clone(), tell));
        let shop = Self { desk, relay: Mutex::new(None), work: [follow, copies, seal, receive, press, watch] };
        let settings = shop.desk.ledger().settings().unwrap_or_default();
        if settings.relay_inside {
            let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, settings.relay_port));
            if let Err(problem) = shop.start_relay(listen).await {
                // The counter works without it, and the window says that no notification can come.
                tracing::warn!(%problem, "the relay inside the window did not start");
            }
        }
        shop
    }

    /// Runs the relay inside the window.
    pub async fn start_relay(&self, listen: SocketAddr) -> Result<(), Problem> {
        let senses = desk::senses();
        let config = EmbeddedConfig {
            ledger: self.desk.ledger().clone(),
            listen,
            key: self.desk.key_source(),
            clock: senses.clock,
            chance: desk::draw(),
            patience: Patience::default(),
        };
        let running = Embedded::start(config).await.map_err(not_started)?;
        if let Some(training) = &self.desk.training {
            // Before the first order, so that not even its first notification goes astray.
            training::notify(training, &running.notification_url).await?;
        }
        *self.relay.lock().await = Some(running);
        Ok(())
    }

    /// Stops the relay inside the window, if it runs.
    pub async fn stop_relay(&self) {
        if let Some(running) = self.relay.lock().await.take() {
            running.stop().await;
        }
    }

    /// Whether notifications can arrive here now.
    pub fn relay_state(&self) -> RelayState {
        if self.desk.receiver.paired().is_ok_and(|paired| paired.is_some()) {
            return if self.desk.receiver.hears() { RelayState::Hosted } else { RelayState::HostedAway };
        }
        if self.relay.try_lock().is_ok_and(|relay| relay.is_some()) {
            return RelayState::Running;
        }
        match relay::presence(self.desk.ledger().folder()) {
            Presence::Running { .. } => RelayState::Elsewhere,
            Presence::Off => RelayState::Off,
        }
    }

    /// The relay, for the settings.
    pub fn relay_view(&self) -> Result<RelayView, Problem> {
        let settings = self.desk.ledger().settings()?;
        let notification_url = match (self.desk.receiver.paired()?, relay::presence(self.desk.ledger().folder())) {
            (Some(feed), _) => Some(feed.address),
            (None, Presence::Running { notification_url, .. }) => Some(notification_url),
            (None, Presence::Off) => None,
        };
        let (inside, port) = (settings.relay_inside, settings.relay_port);
        let (state, hosted) = (self.relay_state(), Hosted::of(&self.desk)?);
        Ok(RelayView { inside, port, state, notification_url, hosted })
    }
}

impl Drop for OpenShop {
    fn drop(&mut self) {
        for work in &self.work {
            work.abort();
        }
    }
}

/// Notices what the relay or `geraictl` wrote, that the PC has slept or changed networks, that a relay
/// came; checks what the relay could not, and tells the window.
async fn watch(desk: Desk, tell: Tell) {
    let mut look = interval(LOOK);
    let mut waking = Waking::new(desk.counter.now(), ways_out());
    let mut seen = None;
    let mut heard_by = None;
    let mut gone_since = None;
    loop {
        look.tick().await;
        let now = desk.counter.now();
        let woken = waking.has_woken(now, ways_out());
        let relay = match relay::presence(desk.ledger().folder()) {
            Presence::Running { notification_url, .. } => Some(notification_url),
            Presence::Off => None,
        };
        let came = relay.is_some() && relay != heard_by;
        let heard_of = relay.is_some() || desk.receiver.hears();
        gone_since = if heard_of { None } else { gone_since.or(Some(now)) };
        // One that is only being restarted is not gone.
        let gone = gone_since.is_some_and(|since| now.since(since) >= desk.counter.pace().relay_back);
        if heard_of || gone {
            desk.counter.relay_seen(!gone);
        }
        if let (true, Some(training), Some(url)) = (came, &desk.training, &relay) {
            // In training nobody pastes an address into a dashboard: the simulator learns it by itself.
            if let Err(problem) = training::notify(training, url).await {
                tracing::warn!(%problem, "the simulator does not know where its notifications go");
            }
        }
        heard_by = relay;
        if woken {
            desk.receiver.woken();
        }
        if woken || came {
            desk.counter.ask_everything();
        }
        match desk.ledger().version() {
            Ok(version) if seen != Some(version) => {
                seen = Some(version);
                if let Err(problem) = desk.take_up().await {
                    tracing::warn!(%problem, "a stored notification could not be checked");
                }
                desk.counter.wake();
                tell();
            }
            Ok(_) => {}
            Err(trouble) => tracing::warn!(%trouble, "the ledger could not be watched"),
        }
    }
}

fn not_started(error: StartError) -> Problem {
    match error {
        StartError::PortInUse(address) => Problem::of("port_in_use").at("port").with("port", address.port()),
        other => Problem::of("internal").with("detail", other),
    }
}
