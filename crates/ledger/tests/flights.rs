//! One conversation with Midtrans about one attempt, in all programs together.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use std::fs;

use shop::*;

#[test]
fn an_attempt_has_one_flight_at_a_time() {
    let shop = Shop::open();
    let other = shop.again();
    let flight = shop.ledger.flight(order_id(1)).unwrap();
    assert!(flight.is_some());
    assert!(shop.ledger.flight(order_id(1)).unwrap().is_none(), "not in this program");
    assert!(other.flight(order_id(1)).unwrap().is_none(), "nor in another");
    assert!(other.flight(order_id(2)).unwrap().is_some(), "another attempt has its own");
    drop(flight);
    assert!(other.flight(order_id(1)).unwrap().is_some());
}

#[test]
fn a_flight_that_has_ended_leaves_nothing_behind() {
    let shop = Shop::open();
    drop(shop.ledger.flight(order_id(1)).unwrap());
    assert_eq!(fs::read_dir(shop.ledger.folder().join("flights")).unwrap().count(), 0);
}

#[test]
fn of_many_who_want_one_flight_one_has_it_at_any_moment() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let shop = Shop::open();
    let (aboard, flown) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while flown.load(Ordering::SeqCst) < 300 {
                    let Some(flight) = shop.ledger.flight(order_id(1)).unwrap() else { continue };
                    assert_eq!(aboard.fetch_add(1, Ordering::SeqCst), 0, "two at once");
                    flown.fetch_add(1, Ordering::SeqCst);
                    std::thread::yield_now();
                    aboard.fetch_sub(1, Ordering::SeqCst);
                    drop(flight);
                }
            });
        }
    });
}

#[test]
fn a_flight_ends_with_the_program_that_had_it() {
    if let Some(folder) = child_folder() {
        let ledger = open(&folder).unwrap();
        let _flight = ledger.flight(order_id(1)).unwrap().unwrap();
        println!("aboard");
        std::thread::park();
    }
    let shop = Shop::open();
    let mut other = second_program("a_flight_ends_with_the_program_that_had_it", shop.folder.path());
    other.says("aboard");
    assert!(shop.ledger.flight(order_id(1)).unwrap().is_none());
    other.kill();
    assert!(shop.ledger.flight(order_id(1)).unwrap().is_some(), "nobody is sending it any more");
}
