use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use bytes::Bytes;
use mailroom::{Appended, Mailroom, Seq};
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use crate::house::{House, MINUTE, NOON, PATIENCE, appended, everything, numbers, too_old};

pub async fn what_comes_is_numbered_from_one_without_a_gap<H: House>(house: &H) {
    let channel = house.channel().await;
    let empty = house.room().read(channel, Seq::START, 10).await.unwrap();
    assert_eq!((numbers(&empty), empty.oldest, empty.newest), (vec![], Seq::of(1), Seq::START));
    for n in 1..=7 {
        let number = house.room().append(channel, house.body(n), None, NOON).await.unwrap();
        assert_eq!(number, Appended::New(Seq::of(n.into())));
    }
    let page = house.room().read(channel, Seq::START, 10).await.unwrap();
    assert_eq!((numbers(&page), page.oldest, page.newest), ((1..=7).collect(), Seq::of(1), Seq::of(7)));
}

pub async fn what_was_stored_is_read_as_it_came<H: House>(house: &H) {
    let channel = house.channel().await;
    let (body, later) = (house.body(1), NOON + MINUTE);
    house.room().append(channel, body.clone(), Some([203, 0, 113, 9].into()), later).await.unwrap();
    let page = house.room().read(channel, Seq::START, 1).await.unwrap();
    let entry = &page.entries[0];
    assert_eq!((entry.seq, entry.received_at, entry.times), (Seq::of(1), later, 1));
    assert_eq!(Bytes::from(entry.body.clone()), body);
    assert_eq!(entry.digest, <[u8; 32]>::from(Sha256::digest(&body)));
}

pub async fn the_same_bytes_again_are_counted_and_keep_their_number<H: House>(house: &H) {
    let channel = house.channel().await;
    appended(house, channel, 1..4).await;
    for _ in 0..3 {
        let again = house.room().append(channel, house.body(2), None, NOON + MINUTE).await.unwrap();
        assert_eq!(again, Appended::Again(Seq::of(2)));
    }
    let page = house.room().read(channel, Seq::START, 10).await.unwrap();
    assert_eq!(page.entries.iter().map(|entry| entry.times).collect::<Vec<_>>(), [1, 4, 1]);
    assert_eq!(page.entries[1].received_at, NOON, "it is told when it came first");
    // At the same moment as well, when neither of them is there yet.
    let room = house.room();
    let twice = || room.append(channel, house.body(9), None, NOON);
    let (one, other) = tokio::join!(twice(), twice());
    let mut both = [one.unwrap(), other.unwrap()];
    both.sort_by_key(|appended| matches!(appended, Appended::Again(_)));
    assert_eq!(both, [Appended::New(Seq::of(4)), Appended::Again(Seq::of(4))]);
}

pub async fn a_page_is_no_longer_than_asked_and_goes_on_where_it_ended<H: House>(house: &H) {
    let channel = house.channel().await;
    appended(house, channel, 0..25).await;
    let all = everything(house.room(), channel, Seq::START, 10).await;
    assert_eq!(all, (0..25).map(|n| (Seq::of(i64::from(n) + 1), house.body(n).to_vec())).collect::<Vec<_>>());
    let page = house.room().read(channel, Seq::of(23), 10).await.unwrap();
    assert_eq!(numbers(&page), [24, 25]);
    assert!(house.room().read(channel, Seq::of(25), 10).await.unwrap().entries.is_empty());
    assert_eq!(numbers(&house.room().read(channel, Seq::of(5), 0).await.unwrap()), [6], "nobody is told nothing");
}

pub async fn a_cursor_from_the_future_is_refused<H: House>(house: &H) {
    let channel = house.channel().await;
    appended(house, channel, 0..3).await;
    let ahead = Seq::of(4);
    assert_eq!(house.room().read(channel, ahead, 10).await, Err(too_old(1, 3)));
    timeout(PATIENCE, house.room().wait(channel, ahead)).await.expect("it hears so at once");
}

pub async fn whoever_waits_is_woken_by_what_comes<H: House>(house: &H) {
    let channel = house.channel().await;
    appended(house, channel, 0..2).await;
    let waits = async {
        timeout(PATIENCE, house.room().wait(channel, Seq::of(2))).await.expect("it is woken");
        house.room().read(channel, Seq::of(2), 10).await.unwrap()
    };
    let comes = async {
        tokio::task::yield_now().await;
        // What came before wakes nobody, whether it is there already or not.
        house.room().append(channel, house.body(1), None, NOON).await.unwrap();
        house.room().append(channel, house.body(2), None, NOON).await.unwrap();
    };
    let (page, ()) = tokio::join!(waits, comes);
    assert_eq!(numbers(&page), [3]);
}

pub async fn whoever_waits_for_what_is_there_does_not_wait<H: House>(house: &H) {
    let channel = house.channel().await;
    appended(house, channel, 0..2).await;
    for after in 0..2 {
        timeout(PATIENCE, house.room().wait(channel, Seq::of(after))).await.expect("it is there");
    }
}

pub async fn everything_is_there_after_it_was_closed_and_opened<H: House>(house: &H) {
    // The house is taken apart, and so this one has its own.
    let _ = house;
    let house = H::build().await;
    let channel = house.channel().await;
    appended(&house, channel, 0..30).await;
    let before = everything(house.room(), channel, Seq::START, 100).await;
    let house = house.reopened().await;
    assert_eq!(everything(house.room(), channel, Seq::START, 100).await, before);
    let again = house.room().append(channel, house.body(3), None, NOON).await.unwrap();
    assert_eq!(again, Appended::Again(Seq::of(4)));
    let new = house.room().append(channel, house.body(30), None, NOON).await.unwrap();
    assert_eq!(new, Appended::New(Seq::of(31)));
}

/// The race that loses notifications: a number that becomes visible after a greater one is never read
/// by whoever has read the greater one.
pub async fn whoever_reads_while_many_write_misses_nothing<H: House>(house: &H) {
    const WRITERS: u32 = 8;
    const EACH: u32 = 40;
    let channel = house.channel().await;
    let left = Arc::new(AtomicU32::new(WRITERS));
    let write = |writer: u32| {
        let left = Arc::clone(&left);
        async move {
            for n in 0..EACH {
                house.room().append(channel, house.body(writer * EACH + n), None, NOON).await.unwrap();
            }
            left.fetch_sub(1, Ordering::AcqRel);
        }
    };
    let read = async {
        let (mut after, mut seen) = (Seq::START, 0);
        while seen < WRITERS * EACH {
            timeout(PATIENCE, house.room().wait(channel, after)).await.expect("more comes");
            for entry in house.room().read(channel, after, 7).await.unwrap().entries {
                assert_eq!(entry.seq, after.next(), "a number was left out");
                after = entry.seq;
                seen += 1;
            }
        }
    };
    let [a, b, c, d, e, f, g, h] = std::array::from_fn(|writer| write(writer as u32));
    tokio::join!(read, a, b, c, d, e, f, g, h);
    assert_eq!(left.load(Ordering::Acquire), 0);
}
