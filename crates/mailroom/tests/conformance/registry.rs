use bytes::Bytes;
use mailroom::{
    Appended, Channel, Code, Keeping, Mailroom, NotPaired, Paired, Purged, Registry, SecretHash, Seq, Token, Trouble,
    Whose,
};

use crate::house::{DAY, Hosted, MINUTE, NOON, appended, everything, numbers, too_old};

pub async fn one_channel_sees_nothing_of_another<H: Hosted>(house: &H) {
    let ((one, _), (other, _)) = (house.new_channel(1).await, house.new_channel(2).await);
    let (till, token) = house.till(one, 3).await;
    appended(house, one, 0..5).await;
    let room = house.room();
    assert_eq!(everything(room, other, Seq::START, 10).await, []);
    assert_eq!(room.ack(other, till, Seq::of(3)).await, Err(Trouble::NoSuchDevice));
    assert_eq!(room.revoke_device(other, till, NOON).await, Err(Trouble::NoSuchDevice));
    assert_eq!(room.devices(other).await.unwrap(), []);
    let whose = room.device_of(token.hash(), NOON).await.unwrap();
    assert_eq!(whose, Some(Whose { channel: one, device: till }));
}

pub async fn the_same_bytes_in_two_channels_are_two_entries<H: Hosted>(house: &H) {
    let ((one, _), (other, _)) = (house.new_channel(1).await, house.new_channel(2).await);
    for channel in [one, other] {
        let appended = house.room().append(channel, house.body(0), None, NOON).await.unwrap();
        assert_eq!(appended, Appended::New(Seq::of(1)));
    }
}

pub async fn a_channel_that_nobody_made_takes_nothing<H: Hosted>(house: &H) {
    let nobodys = Channel::of(4_711);
    let room = house.room();
    assert_eq!(room.append(nobodys, house.body(0), None, NOON).await, Err(Trouble::NoSuchChannel));
    assert_eq!(room.read(nobodys, Seq::START, 10).await, Err(Trouble::NoSuchChannel));
    assert_eq!(room.new_code(nobodys, Code::draw([1; 5]), NOON).await, Err(Trouble::NoSuchChannel));
    let paired = room.pair(nobodys, Code::draw([1; 5]), "Kasir", Token::draw([1; 32]).hash(), NOON).await;
    assert_eq!(paired, Err(NotPaired::Trouble(Trouble::NoSuchChannel)));
    room.wait(nobodys, Seq::START).await;
}

pub async fn a_revoked_channel_is_closed_to_everybody_and_empty<H: Hosted>(house: &H) {
    let ((gone, secret), (stays, _)) = (house.new_channel(1).await, house.new_channel(2).await);
    let (till, token) = house.till(gone, 3).await;
    let code = Code::draw([4; 5]);
    let room = house.room();
    room.new_code(gone, code, NOON).await.unwrap();
    appended(house, gone, 0..520).await;
    appended(house, stays, 0..2).await;
    assert_eq!(room.find_channel(secret.hash()).await, Ok(Some(gone)));

    let (woken, revoked) = tokio::join!(room.wait(gone, Seq::of(520)), room.revoke_channel(gone, NOON));
    assert_eq!((woken, revoked), ((), Ok(())), "whoever waits hears of it");

    assert_eq!(room.find_channel(secret.hash()).await, Ok(None));
    assert_eq!(room.append(gone, house.body(0), None, NOON).await, Err(Trouble::NoSuchChannel), "nor what it knew");
    assert_eq!(room.read(gone, Seq::START, 10).await, Err(Trouble::NoSuchChannel));
    assert_eq!(room.ack(gone, till, Seq::of(3)).await, Err(Trouble::NoSuchChannel));
    assert_eq!(room.device_of(token.hash(), NOON).await, Ok(None));
    let paired = room.pair(gone, code, "Kasir", Token::draw([9; 32]).hash(), NOON).await;
    assert_eq!(paired, Err(NotPaired::Trouble(Trouble::NoSuchChannel)));
    assert_eq!(room.revoke_channel(gone, NOON).await, Err(Trouble::NoSuchChannel));
    let rows = room.channels().await.unwrap();
    assert_eq!((rows[0].revoked_at, rows[0].entries, rows[0].bytes), (Some(NOON), 0, 0));
    assert_eq!((rows[1].revoked_at, rows[1].entries), (None, 2), "the neighbour keeps everything");
}

pub async fn a_channel_is_found_by_its_secret_and_by_nothing_else<H: Hosted>(house: &H) {
    let (channel, secret) = house.new_channel(1).await;
    let room = house.room();
    // Once from the table, once from memory.
    for _ in 0..2 {
        assert_eq!(room.find_channel(secret.hash()).await, Ok(Some(channel)));
    }
    let short = &secret.text()[..31];
    for wrong in ["", short, &secret.text().to_uppercase(), "1"] {
        assert_eq!(room.find_channel(SecretHash::of_text(wrong)).await, Ok(None), "{wrong:?}");
    }
}

pub async fn channels_are_listed_with_what_they_hold<H: Hosted>(house: &H) {
    let ((one, _), (other, _)) = (house.new_channel(1).await, house.new_channel(2).await);
    house.till(one, 3).await;
    let (lost, _) = house.till(one, 4).await;
    let room = house.room();
    room.revoke_device(one, lost, NOON).await.unwrap();
    for body in ["four", "seven!!"] {
        room.append(one, Bytes::from(body), None, NOON).await.unwrap();
    }
    let rows = room.channels().await.unwrap();
    let told: Vec<_> = rows.iter().map(|row| (row.channel, row.devices, row.entries, row.bytes, row.newest)).collect();
    assert_eq!(told, [(one, 1, 2, 11, Seq::of(2)), (other, 0, 0, 0, Seq::START)]);
    assert_eq!((rows[0].name.as_str(), rows[0].made_at, rows[0].revoked_at), ("Toko Maju", NOON, None));
}

async fn pair<H: Hosted>(house: &H, channel: Channel, code: Code, minutes: u32) -> Result<Paired, NotPaired> {
    let token = Token::draw([code.to_string().as_bytes()[0]; 32]).hash();
    house.room().pair(channel, code, "Kasir 1", token, NOON + MINUTE * minutes).await
}

pub async fn a_code_pairs_one_till_and_is_used_up<H: Hosted>(house: &H) {
    let (channel, _) = house.new_channel(1).await;
    let code = Code::draw([7; 5]);
    assert_eq!(pair(house, channel, code, 0).await, Err(NotPaired::Void), "nobody has drawn one");
    assert_eq!(house.room().new_code(channel, code, NOON).await, Ok(NOON + MINUTE * 10));
    let paired = pair(house, channel, code, 1).await.unwrap();
    assert_eq!(pair(house, channel, code, 2).await, Err(NotPaired::Void));
    let devices = house.room().devices(channel).await.unwrap();
    assert_eq!(devices.len(), 1);
    assert_eq!((devices[0].device, devices[0].name.as_str()), (paired.device, "Kasir 1"));
    assert_eq!((devices[0].paired_at, devices[0].seen_at, devices[0].acked), (NOON + MINUTE, None, Seq::START));
}

pub async fn five_wrong_codes_make_the_right_one_wrong<H: Hosted>(house: &H) {
    let (channel, _) = house.new_channel(1).await;
    let (code, wrong) = (Code::draw([7; 5]), Code::draw([8; 5]));
    house.room().new_code(channel, code, NOON).await.unwrap();
    for _ in 0..5 {
        assert_eq!(pair(house, channel, wrong, 1).await, Err(NotPaired::Wrong));
    }
    assert_eq!(pair(house, channel, code, 1).await, Err(NotPaired::Void));
    house.room().new_code(channel, code, NOON).await.unwrap();
    assert!(pair(house, channel, code, 1).await.is_ok(), "a new one is drawn, and all is well");
}

pub async fn a_code_is_good_for_ten_minutes<H: Hosted>(house: &H) {
    let (channel, _) = house.new_channel(1).await;
    let code = Code::draw([7; 5]);
    house.room().new_code(channel, code, NOON).await.unwrap();
    assert_eq!(pair(house, channel, code, 10).await, Err(NotPaired::Void));
    assert!(pair(house, channel, code, 9).await.is_ok());
}

pub async fn a_new_code_takes_the_place_of_the_old_one<H: Hosted>(house: &H) {
    let (channel, _) = house.new_channel(1).await;
    let (old, new) = (Code::draw([7; 5]), Code::draw([8; 5]));
    house.room().new_code(channel, old, NOON).await.unwrap();
    house.room().new_code(channel, new, NOON).await.unwrap();
    assert_eq!(pair(house, channel, old, 1).await, Err(NotPaired::Wrong));
    assert!(pair(house, channel, new, 1).await.is_ok());
}

pub async fn a_code_of_another_channel_pairs_nobody<H: Hosted>(house: &H) {
    let ((one, _), (other, _)) = (house.new_channel(1).await, house.new_channel(2).await);
    let (code, others) = (Code::draw([7; 5]), Code::draw([8; 5]));
    house.room().new_code(one, code, NOON).await.unwrap();
    assert_eq!(pair(house, other, code, 1).await, Err(NotPaired::Void));
    house.room().new_code(other, others, NOON).await.unwrap();
    assert_eq!(pair(house, other, code, 1).await, Err(NotPaired::Wrong));
    assert_eq!(house.room().devices(other).await.unwrap(), []);
}

pub async fn a_till_reads_from_the_oldest_that_is_kept<H: Hosted>(house: &H) {
    let (channel, _) = house.new_channel(1).await;
    appended(house, channel, 0..4).await;
    house.room().purge(NOON + DAY * 31).await.unwrap();
    house.room().append(channel, house.body(4), None, NOON + DAY * 31).await.unwrap();
    let code = Code::draw([7; 5]);
    house.room().new_code(channel, code, NOON).await.unwrap();
    let paired = pair(house, channel, code, 1).await.unwrap();
    assert_eq!(paired.after, Seq::of(4));
    assert_eq!(numbers(&house.room().read(channel, paired.after, 10).await.unwrap()), [5]);
}

pub async fn a_token_is_nobodys_after_its_till_was_lost<H: Hosted>(house: &H) {
    let (channel, _) = house.new_channel(1).await;
    let ((lost, its), (kept, others)) = (house.till(channel, 2).await, house.till(channel, 3).await);
    let room = house.room();
    room.revoke_device(channel, lost, NOON).await.unwrap();
    assert_eq!(room.device_of(its.hash(), NOON).await, Ok(None));
    assert_eq!(room.device_of(SecretHash::of_text(""), NOON).await, Ok(None));
    assert_eq!(room.ack(channel, lost, Seq::START).await, Err(Trouble::NoSuchDevice));
    assert_eq!(room.revoke_device(channel, lost, NOON).await, Err(Trouble::NoSuchDevice));
    assert_eq!(room.device_of(others.hash(), NOON).await, Ok(Some(Whose { channel, device: kept })));
    let left: Vec<_> = room.devices(channel).await.unwrap().into_iter().map(|row| row.device).collect();
    assert_eq!(left, [kept]);
}

pub async fn a_till_is_seen_when_it_shows_its_token<H: Hosted>(house: &H) {
    let (channel, _) = house.new_channel(1).await;
    let (_, token) = house.till(channel, 2).await;
    for minute in [3, 9] {
        house.room().device_of(token.hash(), NOON + MINUTE * minute).await.unwrap();
        // What is written after it is seen after it.
        appended(house, channel, minute..minute + 1).await;
        let seen_at = house.room().devices(channel).await.unwrap()[0].seen_at;
        assert_eq!(seen_at, Some(NOON + MINUTE * minute));
    }
}

pub async fn a_till_acknowledges_its_own_channel_and_nothing_that_never_came<H: Hosted>(house: &H) {
    let (channel, _) = house.new_channel(1).await;
    let ((one, _), (other, _)) = (house.till(channel, 2).await, house.till(channel, 3).await);
    appended(house, channel, 0..5).await;
    let room = house.room();
    for (upto, acked) in [(3, 3), (2, 3), (5, 5), (i64::MAX, 5)] {
        room.ack(channel, one, Seq::of(upto)).await.unwrap();
        let rows = room.devices(channel).await.unwrap();
        assert_eq!((rows[0].acked, rows[1].device, rows[1].acked), (Seq::of(acked), other, Seq::START));
    }
}

pub async fn a_page_of_long_bodies_ends_before_it_is_too_long<H: Hosted>(house: &H) {
    let (channel, _) = house.new_channel(1).await;
    let room = house.room();
    for fill in 0..40 {
        room.append(channel, Bytes::from(vec![fill; 64 * 1024]), None, NOON).await.unwrap();
    }
    let page = room.read(channel, Seq::START, 200).await.unwrap();
    assert_eq!(numbers(&page), (1..=16).collect::<Vec<_>>(), "a MiB of them");
    assert_eq!(everything(room, channel, Seq::START, 200).await.len(), 40);
}

async fn small<H: Hosted>(entries: u64, bytes: u64) -> H {
    H::build_with(Keeping { entries, bytes, ..Keeping::default() }).await
}

pub async fn a_full_channel_takes_nothing_but_what_it_has<H: Hosted>(_: &H) {
    let house = small::<H>(5, 1_000_000).await;
    let ((full, _), (other, _)) = (house.new_channel(1).await, house.new_channel(2).await);
    appended(&house, full, 0..5).await;
    let room = house.room();
    assert_eq!(room.append(full, house.body(5), None, NOON).await, Err(Trouble::Full));
    assert_eq!(room.append(full, house.body(3), None, NOON).await, Ok(Appended::Again(Seq::of(4))));
    assert_eq!(room.append(other, house.body(5), None, NOON).await, Ok(Appended::New(Seq::of(1))));
    assert_eq!(everything(room, full, Seq::START, 10).await.len(), 5);
}

pub async fn a_channel_full_of_bytes_takes_nothing_more<H: Hosted>(_: &H) {
    let house = small::<H>(100, 1_000).await;
    let (channel, _) = house.new_channel(1).await;
    let room = house.room();
    let append = |fill: u8, length| room.append(channel, Bytes::from(vec![fill; length]), None, NOON);
    append(b'a', 600).await.unwrap();
    assert_eq!(append(b'b', 401).await, Err(Trouble::Full));
    append(b'c', 400).await.unwrap();
    assert_eq!(append(b'd', 1).await, Err(Trouble::Full));
}

pub async fn a_full_channel_makes_room_by_what_every_till_has_read<H: Hosted>(_: &H) {
    let house = small::<H>(5, 1_000_000).await;
    let (channel, _) = house.new_channel(1).await;
    let (till, _) = house.till(channel, 2).await;
    appended(&house, channel, 0..5).await;
    let room = house.room();
    room.ack(channel, till, Seq::of(2)).await.unwrap();
    assert_eq!(room.append(channel, house.body(5), None, NOON).await, Ok(Appended::New(Seq::of(6))));
    let left: Vec<_> =
        everything(room, channel, Seq::of(2), 10).await.into_iter().map(|(seq, _)| seq.number()).collect();
    assert_eq!(left, [3, 4, 5, 6], "and nothing that the till has not read");
    let row = &room.channels().await.unwrap()[0];
    assert_eq!((row.entries, row.newest), (4, Seq::of(6)));
}

pub async fn a_full_channel_keeps_what_one_till_has_not_read<H: Hosted>(_: &H) {
    let house = small::<H>(5, 1_000_000).await;
    let (channel, _) = house.new_channel(1).await;
    let ((one, _), _) = (house.till(channel, 2).await, house.till(channel, 3).await);
    appended(&house, channel, 0..5).await;
    house.room().ack(channel, one, Seq::of(5)).await.unwrap();
    assert_eq!(house.room().append(channel, house.body(5), None, NOON).await, Err(Trouble::Full));
    assert_eq!(everything(house.room(), channel, Seq::START, 10).await.len(), 5);
}

pub async fn what_every_till_has_read_goes_after_seven_days_and_not_before<H: Hosted>(house: &H) {
    let (channel, _) = house.new_channel(1).await;
    let (till, _) = house.till(channel, 2).await;
    appended(house, channel, 0..505).await;
    let room = house.room();
    room.ack(channel, till, Seq::of(503)).await.unwrap();
    assert_eq!(room.purge(NOON).await, Ok(Purged::default()));
    let almost = DAY * 7 - MINUTE;
    assert_eq!(room.purge(NOON + almost).await, Ok(Purged::default()));
    assert_eq!(room.purge(NOON + DAY * 7).await, Ok(Purged { entries: 503, unread: 0 }));
    let page = room.read(channel, Seq::of(503), 10).await.unwrap();
    assert_eq!((numbers(&page), page.oldest), (vec![504, 505], Seq::of(504)));
    let row = &room.channels().await.unwrap()[0];
    let bytes: usize = page.entries.iter().map(|entry| entry.body.len()).sum();
    assert_eq!((row.entries, row.bytes), (2, bytes as u64));
    // What is read later has seven days of its own.
    room.ack(channel, till, Seq::of(505)).await.unwrap();
    assert_eq!(room.purge(NOON + DAY * 8).await, Ok(Purged::default()));
    assert_eq!(room.purge(NOON + DAY * 15).await, Ok(Purged { entries: 2, unread: 0 }));
}

pub async fn what_one_till_has_not_read_stays<H: Hosted>(house: &H) {
    let (channel, _) = house.new_channel(1).await;
    let ((one, _), (other, _)) = (house.till(channel, 2).await, house.till(channel, 3).await);
    appended(house, channel, 0..5).await;
    let room = house.room();
    room.ack(channel, one, Seq::of(5)).await.unwrap();
    room.ack(channel, other, Seq::of(1)).await.unwrap();
    room.purge(NOON).await.unwrap();
    assert_eq!(room.purge(NOON + DAY * 20).await, Ok(Purged { entries: 1, unread: 0 }));
    // One that is paired late reads what is still there, and so it stays.
    room.ack(channel, other, Seq::of(5)).await.unwrap();
    room.purge(NOON + DAY * 20).await.unwrap();
    house.till(channel, 4).await;
    assert_eq!(room.purge(NOON + DAY * 28).await, Ok(Purged::default()));
}

pub async fn what_nobody_reads_goes_after_thirty_days<H: Hosted>(house: &H) {
    let ((unpaired, _), (asleep, _)) = (house.new_channel(1).await, house.new_channel(2).await);
    let (till, _) = house.till(asleep, 2).await;
    for channel in [unpaired, asleep] {
        appended(house, channel, 0..3).await;
        house.room().append(channel, house.body(3), None, NOON + DAY).await.unwrap();
    }
    let room = house.room();
    room.ack(asleep, till, Seq::of(1)).await.unwrap();
    assert_eq!(room.purge(NOON + (DAY * 30 - MINUTE)).await, Ok(Purged::default()));
    assert_eq!(room.purge(NOON + DAY * 30).await, Ok(Purged { entries: 6, unread: 5 }));
    for channel in [unpaired, asleep] {
        assert_eq!(numbers(&room.read(channel, Seq::of(3), 10).await.unwrap()), [4]);
    }
}

pub async fn a_lost_till_keeps_nothing_from_going<H: Hosted>(house: &H) {
    let (channel, _) = house.new_channel(1).await;
    let ((lost, _), (till, _)) = (house.till(channel, 2).await, house.till(channel, 3).await);
    appended(house, channel, 0..3).await;
    let room = house.room();
    room.ack(channel, till, Seq::of(3)).await.unwrap();
    room.revoke_device(channel, lost, NOON).await.unwrap();
    room.purge(NOON).await.unwrap();
    assert_eq!(room.purge(NOON + DAY * 7).await, Ok(Purged { entries: 3, unread: 0 }));
}

pub async fn a_cursor_before_the_oldest_is_too_old<H: Hosted>(house: &H) {
    let (channel, _) = house.new_channel(1).await;
    appended(house, channel, 0..3).await;
    let room = house.room();
    room.purge(NOON + DAY * 30).await.unwrap();
    room.append(channel, house.body(3), None, NOON + DAY * 30).await.unwrap();
    for after in 0..3 {
        assert_eq!(room.read(channel, Seq::of(after), 10).await, Err(too_old(4, 4)), "after {after}");
    }
    assert_eq!(numbers(&room.read(channel, Seq::of(3), 10).await.unwrap()), [4], "nothing after it is missing");
}

pub async fn numbers_go_on_after_everything_was_deleted<H: Hosted>(house: &H) {
    let (channel, _) = house.new_channel(1).await;
    appended(house, channel, 0..3).await;
    let room = house.room();
    room.purge(NOON + DAY * 30).await.unwrap();
    let page = room.read(channel, Seq::of(3), 10).await.unwrap();
    assert_eq!((numbers(&page), page.oldest, page.newest), (vec![], Seq::of(4), Seq::of(3)));
    // It is not known any more, and so it is new.
    let new = room.append(channel, house.body(0), None, NOON).await.unwrap();
    assert_eq!(new, Appended::New(Seq::of(4)));
}

pub async fn a_clock_that_was_set_back_leaves_no_gap<H: Hosted>(house: &H) {
    let (channel, _) = house.new_channel(1).await;
    let room = house.room();
    for (n, days) in [(0, 0), (1, 20), (2, 0), (3, 20)] {
        room.append(channel, house.body(n), None, NOON + DAY * days).await.unwrap();
    }
    assert_eq!(room.purge(NOON + DAY * 31).await, Ok(Purged { entries: 1, unread: 1 }));
    assert_eq!(numbers(&room.read(channel, Seq::of(1), 10).await.unwrap()), [2, 3, 4]);
}
