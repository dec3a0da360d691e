use ledger::Settings;
use till::{Deed, From};

use crate::{
    witness::{Held, broken},
    world::{World, order_id_of},
};

impl World {
    /// The keyring goes out of reach, or comes back.
    pub(crate) fn lock_keyring(&mut self) {
        let locked = !self.keyring.is_locked();
        self.keyring.lock_up(locked);
        self.say(format_args!("the keyring is {}", if locked { "out of reach" } else { "open" }));
        self.counts.note("keyring locked or unlocked");
    }

    /// Midtrans gives the shop another key, and the owner enters it, sooner or later.
    pub(crate) fn change_key(&mut self) {
        let side = self.chance.below(self.sides.len() as u64) as usize;
        self.sides[side].witness.keys_differ();
        let keys = &mut self.sides[side].gateway.keys;
        let newest = keys[0].clone();
        if self.keyring.key(side).is_some_and(|entered| entered != newest) {
            self.keyring.enter(side, &newest);
            keys.truncate(1);
            self.say(format_args!("the owner enters the new key of side {side}"));
            self.counts.note("keys entered");
        } else {
            let prefix = newest.rsplit_once('-').map_or(newest.as_str(), |(prefix, _)| prefix);
            let next = format!("{prefix}-{:04}", self.step);
            if self.chance.permille(500) {
                // For a while both are good.
                keys.insert(0, next);
            } else {
                *keys = vec![next];
            }
            self.say(format_args!("Midtrans gives side {side} a new key"));
            self.counts.note("keys changed");
        }
    }

    /// The owner wants each code to name an address for its notifications, another one, or none. What
    /// was charged before goes on naming what it named.
    pub(crate) fn name_address(&mut self) {
        let Some((_, counter)) = self.any_counter() else { return };
        let Ok(settings) = counter.ledger().settings() else { return };
        let addresses = [None, Some("https://relay.example/n/one"), Some("https://relay.example/n/another")];
        let address = self.chance.pick(&addresses).copied().flatten();
        let set = counter.set(Settings { notify_to: address.map(str::to_owned), ..settings });
        self.say(format_args!("the owner has each code name {address:?}: {}", set.is_ok()));
        self.counts.note("addresses named or not");
    }

    /// The window opens the other environment.
    pub(crate) async fn switch(&mut self) -> Held {
        if self.sides.len() < 2 {
            return Ok(());
        }
        let Some(window) = self.any_window() else { return Ok(()) };
        let (process, other) = (window.process, 1 - window.side);
        self.kill(process).await?;
        self.open_window(other);
        self.counts.note("environment switches");
        Ok(())
    }

    /// The owner sees to something that needs attention. Whatever was done, no payment moves by it.
    pub(crate) fn see_to(&mut self) -> Held {
        let Some((side, counter)) = self.any_counter() else { return Ok(()) };
        let Ok(concerns) = counter.concerns() else { return Ok(()) };
        let Some(concern) = self.chance.pick(&concerns).cloned() else { return Ok(()) };
        let deed = *self
            .chance
            .pick(&[Deed::Returned, Deed::ChargedAgain, Deed::Delivered, Deed::Nothing])
            .unwrap_or(&Deed::Nothing);
        self.check()?;
        let before = self.sides[side].witness.states();
        let done = counter.see_to(&concern.name.to_string(), deed, "Pak Budi", From::Cashier);
        self.say(format_args!(
            "the owner sees to {}: {:?}",
            concern.name,
            done.as_ref().err().map(|problem| &problem.code)
        ));
        if done.is_ok() {
            self.counts.note("concerns seen to");
        }
        self.check()?;
        if self.sides[side].witness.states() != before {
            return broken("I5", format!("seeing to {} moved a payment", concern.name));
        }
        Ok(())
    }

    /// The disk is copied.
    pub(crate) fn back_up(&mut self) {
        self.backup = Some(self.pc.backup());
        self.say(format_args!("a backup is made"));
        self.counts.note("backups");
    }

    /// The PC was lost, and an old backup is put on another.
    pub(crate) async fn restore(&mut self) -> Held {
        let Some(backup) = self.backup.clone() else { return Ok(()) };
        self.pc.restore(&backup);
        self.kill_all().await?;
        self.say(format_args!("the old backup is put back"));
        self.counts.note("restores");
        for side in 0..self.sides.len() {
            self.open_eyes(side);
            let on_the_way = self.network.charges_on_the_way(side).iter().map(|body| order_id_of(body)).collect();
            let side = &mut self.sides[side];
            if let Some(eyes) = &side.eyes {
                let _ = side.witness.restored(eyes, on_the_way);
            }
        }
        self.boot()?;
        self.open_window(0);
        Ok(())
    }
}
