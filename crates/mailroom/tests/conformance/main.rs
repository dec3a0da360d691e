//! What a mailroom promises, asked of each of them in the same words.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod contract;
mod embedded;
mod house;
mod postgres;
mod registry;
mod sqlite;

/// Each sentence is a test of its own, in a house of its own.
macro_rules! tests {
    ($house:ty, $part:ident: $($sentence:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $sentence() {
            let house = <$house as $crate::house::House>::build().await;
            $crate::$part::$sentence(&house).await;
        }
    )*};
}

/// One sentence after the other, each in a house of its own.
macro_rules! in_turn {
    ($house:ty, $part:ident: $($sentence:ident)*) => {$(
        println!("{}", stringify!($sentence));
        let house = <$house as $crate::house::House>::build().await;
        $crate::$part::$sentence(&house).await;
        drop(house);
    )*};
}

/// What every mailroom promises, also the one of a single shop.
macro_rules! every {
    ($ask:ident, $house:ty) => {
        $ask! { $house, contract:
            what_comes_is_numbered_from_one_without_a_gap
            what_was_stored_is_read_as_it_came
            the_same_bytes_again_are_counted_and_keep_their_number
            a_page_is_no_longer_than_asked_and_goes_on_where_it_ended
            a_cursor_from_the_future_is_refused
            whoever_waits_is_woken_by_what_comes
            whoever_waits_for_what_is_there_does_not_wait
            everything_is_there_after_it_was_closed_and_opened
            whoever_reads_while_many_write_misses_nothing
        }
    };
}

/// What those promise besides that serve many shops.
macro_rules! hosted {
    ($ask:ident, $house:ty) => {
        $ask! { $house, registry:
            one_channel_sees_nothing_of_another
            the_same_bytes_in_two_channels_are_two_entries
            a_channel_that_nobody_made_takes_nothing
            a_revoked_channel_is_closed_to_everybody_and_empty
            a_channel_is_found_by_its_secret_and_by_nothing_else
            channels_are_listed_with_what_they_hold
            a_code_pairs_one_till_and_is_used_up
            five_wrong_codes_make_the_right_one_wrong
            a_code_is_good_for_ten_minutes
            a_new_code_takes_the_place_of_the_old_one
            a_code_of_another_channel_pairs_nobody
            a_till_reads_from_the_oldest_that_is_kept
            a_token_is_nobodys_after_its_till_was_lost
            a_till_is_seen_when_it_shows_its_token
            a_till_acknowledges_its_own_channel_and_nothing_that_never_came
            a_page_of_long_bodies_ends_before_it_is_too_long
            a_full_channel_takes_nothing_but_what_it_has
            a_channel_full_of_bytes_takes_nothing_more
            a_full_channel_makes_room_by_what_every_till_has_read
            a_full_channel_keeps_what_one_till_has_not_read
            what_every_till_has_read_goes_after_seven_days_and_not_before
            what_one_till_has_not_read_stays
            what_nobody_reads_goes_after_thirty_days
            a_lost_till_keeps_nothing_from_going
            a_cursor_before_the_oldest_is_too_old
            numbers_go_on_after_everything_was_deleted
            a_clock_that_was_set_back_leaves_no_gap
        }
    };
}

use {every, hosted, in_turn, tests};
