//! Who may be on the line at once, and who has to leave when it is full.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::line::{EachAddress, neighbourhood};

const SOON: Duration = Duration::from_millis(50);

/// So many of something for each of many, at once.
pub struct Shares<K> {
    each: usize,
    taken: Mutex<HashMap<K, usize>>,
}

/// One of them; it is given back when this is dropped.
pub struct Share<K: Hash + Eq> {
    of: K,
    shares: Arc<Shares<K>>,
}

impl<K: Hash + Eq + Copy> Shares<K> {
    /// So many for each.
    pub fn of(each: usize) -> Arc<Self> {
        Arc::new(Self { each, taken: Mutex::default() })
    }

    /// Nothing if this one has its share.
    pub fn take(self: &Arc<Self>, of: K) -> Option<Share<K>> {
        let mut taken = held(&self.taken);
        let count = taken.entry(of).or_default();
        if *count >= self.each {
            return None;
        }
        *count += 1;
        Some(Share { of, shares: Arc::clone(self) })
    }
}

impl<K: Hash + Eq> Drop for Share<K> {
    fn drop(&mut self) {
        let mut taken = held(&self.shares.taken);
        if let Some(count) = taken.get_mut(&self.of) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.of);
            }
        }
    }
}

/// The seats of a line.
pub(crate) struct Seats {
    free: Arc<Semaphore>,
    show_out: bool,
    each: Option<EachAddress>,
    silent: Mutex<Silent>,
}

/// A seat; it is free again when this is dropped.
pub(crate) struct Seat {
    seats: Arc<Seats>,
    sitting: Arc<Sitting>,
    /// Its place among the silent ones.
    place: Mutex<Option<u64>>,
}

struct Sitting {
    address: IpAddr,
    shown_out: Arc<Notify>,
    /// Gone once it was given to somebody else.
    taken: Mutex<Option<Taken>>,
}

/// What a seat takes up.
struct Taken {
    line: OwnedSemaphorePermit,
    _address: Option<Share<IpAddr>>,
}

/// Those who sit there and have asked nothing that is not answered, the longest first.
#[derive(Default)]
struct Silent {
    next: u64,
    places: BTreeMap<u64, Arc<Sitting>>,
}

impl Seats {
    pub fn new(connections: usize, show_out: bool, each: Option<EachAddress>) -> Arc<Self> {
        Arc::new(Self { free: Arc::new(Semaphore::new(connections)), show_out, each, silent: Mutex::default() })
    }

    /// Returns when the next one has a seat, or somebody has to leave it one.
    pub async fn one_free(&self) {
        if !self.show_out {
            // Only whoever is let in takes it, and that is one after the other.
            let _ = self.free.acquire().await;
        }
    }

    /// A seat for somebody from there; nothing if that address has its share and uses it.
    pub async fn take(self: &Arc<Self>, address: IpAddr, shown_out: Arc<Notify>) -> Option<Seat> {
        let address = neighbourhood(address);
        let taken = match self.share(address) {
            Some(share) => Taken { line: self.line().await?, _address: share },
            None => self.show_out_one(Some(address))?,
        };
        let seat = self.seat(address, shown_out, taken);
        seat.silent();
        Some(seat)
    }

    /// A seat for somebody who has left theirs, if one is free; they have something to hear first.
    pub fn again(self: &Arc<Self>, address: IpAddr, shown_out: Arc<Notify>) -> Option<Seat> {
        let address = neighbourhood(address);
        let line = Arc::clone(&self.free).try_acquire_owned().ok()?;
        let taken = Taken { line, _address: self.share(address)? };
        Some(self.seat(address, shown_out, taken))
    }

    fn seat(self: &Arc<Self>, address: IpAddr, shown_out: Arc<Notify>, taken: Taken) -> Seat {
        let sitting = Arc::new(Sitting { address, shown_out, taken: Mutex::new(Some(taken)) });
        Seat { seats: Arc::clone(self), sitting, place: Mutex::default() }
    }

    async fn line(&self) -> Option<OwnedSemaphorePermit> {
        loop {
            if let Ok(free) = Arc::clone(&self.free).try_acquire_owned() {
                return Some(free);
            }
            if !self.show_out {
                return Arc::clone(&self.free).acquire_owned().await.ok();
            }
            if let Some(taken) = self.show_out_one(None) {
                return Some(taken.line);
            }
            // All of them are being answered, and soon one of them is silent.
            if let Ok(free) = timeout(SOON, Arc::clone(&self.free).acquire_owned()).await {
                return free.ok();
            }
        }
    }

    /// Nothing if there is none left; nothing in it if this address needs none.
    fn share(&self, address: IpAddr) -> Option<Option<Share<IpAddr>>> {
        match self.each.as_ref().filter(|each| !(each.spared)(address)) {
            Some(each) => each.shares.take(address).map(Some),
            None => Some(None),
        }
    }

    /// Shows out whoever has been silent for longest, of this address or of all.
    fn show_out_one(&self, of: Option<IpAddr>) -> Option<Taken> {
        let sitting = {
            let mut silent = held(&self.silent);
            let mut longest = silent.places.iter().filter(|(_, sitting)| of.is_none_or(|of| of == sitting.address));
            let place = *longest.next()?.0;
            silent.places.remove(&place)?
        };
        sitting.shown_out.notify_one();
        held(&sitting.taken).take()
    }
}

impl Seat {
    /// It is the turn of this one from now on.
    pub fn heard(&self) {
        let place = held(&self.place).take();
        if let Some(place) = place {
            held(&self.seats.silent).places.remove(&place);
        }
    }

    /// This one has nothing to wait for.
    pub fn silent(&self) {
        let mut silent = held(&self.seats.silent);
        silent.next += 1;
        let place = silent.next;
        silent.places.insert(place, Arc::clone(&self.sitting));
        drop(silent);
        *held(&self.place) = Some(place);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.heard();
    }
}

/// What is counted here is whole after every statement, so a panic elsewhere spoils nothing.
pub(crate) fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
