//! The disk has no room.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod shop;

use std::{fs, io::Write, path::PathBuf, process::Command};

use ledger::{Reserve, Room};
use serde_json::json;
use shop::*;
use tempfile::TempDir;
use till::{From, State, Store};

#[tokio::test(flavor = "multi_thread")]
async fn without_room_no_order_is_begun_and_everything_charged_goes_on() {
    let Some(disk) = Disk::mount() else { return };
    let shop = Shop::on(disk.shop()).await;
    shop.ledger().keep_reserve(Reserve { ballast: 1 << 20, needed: 1 << 20, ..Reserve::of_a_shop() });
    shop.ledger().tend_reserve().unwrap();
    let [paid, cancelled] = [shop.charge(Store::Indomaret).await, shop.charge(Store::Alfamart).await];
    disk.fill();

    let refused = shop.try_charge("44000", Store::Alfamart).await.unwrap_err();
    assert_eq!(
        (refused.code, &refused.values[1..]),
        ("disk_nearly_full", &[("free", "0".into()), ("needed", "1".into())][..])
    );
    assert_eq!(shop.charges().await.len(), 2, "and nothing was sent");
    assert_eq!(shop.counter.copy().await.unwrap_err().code, "disk_nearly_full", "nor does a copy take the last room");
    let reissue = shop.counter.reissue(cancelled.id.as_str(), Store::Indomaret, From::Cashier).await;
    assert_eq!(reissue.unwrap_err().code, "disk_nearly_full");
    assert_eq!(shop.sales().len(), 2);
    assert_eq!(
        shop.counter.find(cancelled.number.as_str()).unwrap().state(),
        State::Pending,
        "nor was its code closed"
    );

    shop.counter.cancel(cancelled.id.as_str(), From::Cashier).await.unwrap();
    assert_eq!(shop.settle(&cancelled).await.state(), State::Cancelled);
    shop.happens("pay", &paid).await;
    assert_eq!(shop.counter.check(paid.id.as_str()).await.unwrap().state(), State::Paid);
    shop.counter.hand_over(paid.id.as_str(), "Sari", From::Cashier).unwrap();
    assert_eq!(shop.counter.today().unwrap().rows.len(), 2);

    disk.empty();
    assert_eq!(shop.charge(Store::Alfamart).await.state(), State::Pending, "and nobody had to start anything anew");
    shop.ledger().tend_reserve().unwrap();
    assert!(shop.ledger().folder().join("ballast").exists());
    assert_eq!(shop.ledger().audit().unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_the_disk_does_not_take_is_shown_and_written_down_as_soon_as_it_can_be() {
    let Some(disk) = Disk::mount() else { return };
    let mut shop = Shop::on(disk.shop()).await;
    let sale = charged_onto_a_full_disk(&mut shop, &disk).await;
    assert_eq!(sale.state(), State::Pending);
    assert!(shop.counter.is_unsaved(sale.id), "and the cashier is told");
    let written = shop.ledger().sale(sale.id).unwrap().unwrap();
    assert_eq!(written.attempt().unwrap().payment_code, None, "or this test shows nothing");
    let shown = [
        shop.counter.find(sale.number.as_str()).unwrap().attempt().unwrap().payment_code.clone().unwrap(),
        shop.counter.today().unwrap().rows[0].payment_code.clone().unwrap(),
        shop.counter.card(&shop.counter.find(sale.id.as_str()).unwrap()).unwrap().groups.concat(),
    ];
    assert!(shown.iter().all(|shown| *shown == code(&sale)), "{shown:?}");

    let counter = shop.counter.clone();
    let running = tokio::spawn(async move { counter.run().await });
    disk.empty();
    seen(async || (!shop.counter.is_unsaved(sale.id)).then_some(())).await.expect("it is saved");
    running.abort();
    assert_eq!(code(&shop.ledger().sale(sale.id).unwrap().unwrap()), code(&sale));
    assert_eq!((shop.charges().await.len(), shop.transactions().await.len()), (1, 1), "one sale, one code");
    assert_eq!(shop.ledger().audit().unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_was_never_written_down_is_found_by_a_look_up_after_a_restart() {
    let Some(disk) = Disk::mount() else { return };
    let mut shop = Shop::on(disk.shop()).await;
    let sale = charged_onto_a_full_disk(&mut shop, &disk).await;
    disk.empty();
    shop.restart();
    assert!(!shop.counter.is_unsaved(sale.id));
    let found = shop.until(&sale, State::Pending).await;
    assert_eq!(code(&found), code(&sale));
    assert_eq!((shop.charges().await.len(), shop.transactions().await.len()), (1, 1), "one sale, one code");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intent_that_finds_no_room_sends_nothing() {
    let Some(disk) = Disk::mount() else { return };
    let shop = Shop::on(disk.shop()).await;
    disk.fill();
    assert_eq!(shop.try_charge("44000", Store::Alfamart).await.unwrap_err().code, "disk_full");
    assert_eq!(shop.charges().await.len(), 0);
    assert_eq!(shop.counter.room(), Room::Plenty, "nobody has asked it to look");
}

/// The disk fills while Midtrans' answer is on its way. There is no ballast to give up.
async fn charged_onto_a_full_disk(shop: &mut Shop, disk: &Disk) -> till::Sale {
    shop.fault("charge", "delay", 1, json!({ "ms": 700 })).await;
    let (charging, waiting) = (shop.charge(Store::Indomaret), async {
        shop.midtrans_has_it().await;
        disk.fill();
    });
    tokio::join!(charging, waiting).0
}

/// A small disk of its own.
struct Disk(TempDir);

impl Disk {
    /// Mounts it; nothing where that is not allowed, and then it says so.
    fn mount() -> Option<Self> {
        let place = TempDir::new().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(place.path());
        if mount.output().is_ok_and(|output| output.status.success()) {
            return Some(Self(place));
        }
        eprintln!("skipped: only root can mount the small disk that this test needs");
        None
    }

    fn shop(&self) -> PathBuf {
        self.0.path().join("shop")
    }

    fn films(&self) -> PathBuf {
        self.0.path().join("films")
    }

    /// Somebody's films fill it to the last byte.
    fn fill(&self) {
        let mut films = fs::File::create(self.films()).unwrap();
        for size in [1 << 16, 4096, 1] {
            while films.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn empty(&self) {
        fs::remove_file(self.films()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a ledger on it may still be open.
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}
