//! Times as the shop has them: western Indonesian time, seven hours ahead of UTC, never shifted.

use std::time::Duration;

use till::Time;
use time::{
    Date, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339, macros::format_description,
    macros::offset,
};

const WIB: UtcOffset = offset!(+7);
const DAY: i64 = 24 * 60 * 60 * 1000;

/// RFC 3339 in UTC to the second, as the window and `geraictl` are told.
pub fn utc(time: Time) -> String {
    let second = time.millis().div_euclid(1000);
    OffsetDateTime::from_unix_timestamp(second).ok().and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
}

/// RFC 3339 in UTC to the millisecond.
pub(crate) fn exact_utc(time: Time) -> String {
    utc(time).replace('Z', &format!(".{:03}Z", time.millis().rem_euclid(1000)))
}

/// The WIB day this moment lies in: its first moment, and the first of the next.
pub fn day(time: Time) -> (Time, Time) {
    let shift = i64::from(WIB.whole_seconds()) * 1000;
    let start = (time.millis() + shift).div_euclid(DAY) * DAY - shift;
    (Time::from_millis(start), Time::from_millis(start + DAY))
}

/// The first moment of a WIB day written `YYYY-MM-DD`, and the first of the next.
pub fn parse_day(text: &str) -> Option<(Time, Time)> {
    let date = Date::parse(text, format_description!("[year]-[month]-[day]")).ok()?;
    Some(day(of(date.midnight().assume_offset(WIB))))
}

/// The WIB day this moment lies in, `YYYY-MM-DD`.
pub fn date(time: Time) -> String {
    let date = local(time).date();
    date.format(format_description!("[year]-[month]-[day]")).unwrap_or_default()
}

/// Minutes until the shop closes today at `HH:MM`; nothing once it has.
pub(crate) fn minutes_to_closing(now: Time, closes_at: &str) -> Option<u32> {
    let closing = day(now).0 + time_of_day(closes_at)?;
    let left = closing.since(now).as_secs() / 60;
    u32::try_from(left).ok().filter(|left| *left > 0)
}

/// How far into the day `HH:MM` is; `HH.MM` is how it is written in Indonesia.
pub(crate) fn time_of_day(text: &str) -> Option<Duration> {
    let (hour, minute) = text.split_once([':', '.'])?;
    let number = |text: &str, below: u64| {
        let plain = text.len() == 2 && text.bytes().all(|c| c.is_ascii_digit());
        text.parse::<u64>().ok().filter(|number| plain && *number < below)
    };
    Some(Duration::from_secs(60 * (60 * number(hour, 24)? + number(minute, 60)?)))
}

/// `14.25`, as a clock in the shop shows it.
pub(crate) fn clock(time: Time) -> String {
    let local = local(time);
    format!("{:02}.{:02} WIB", local.hour(), local.minute())
}

/// `22-11-2026 14.25 WIB`.
pub fn moment(time: Time) -> String {
    let date = local(time);
    format!("{:02}-{:02}-{} {}", date.day(), u8::from(date.month()), date.year(), clock(time))
}

/// `22-11-2026 14.25.07 WIB`.
pub(crate) fn exact(time: Time) -> String {
    let at = local(time);
    let (day, month, year) = (at.day(), u8::from(at.month()), at.year());
    format!("{day:02}-{month:02}-{year} {:02}.{:02}.{:02} WIB", at.hour(), at.minute(), at.second())
}

pub(crate) fn local(time: Time) -> OffsetDateTime {
    let nanos = i128::from(time.millis()) * 1_000_000;
    let at = OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    at.checked_to_offset(WIB).unwrap_or(at)
}

pub(crate) fn of(at: OffsetDateTime) -> Time {
    Time::from_millis(i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_begins_at_midnight_in_the_shop_and_not_in_london() {
        // 2026-11-22 16:59:59.999 UTC is still the 22nd in Jakarta; one millisecond later it is the 23rd.
        let before = Time::from_millis(1_795_366_799_999);
        let (start, end) = day(before);
        assert_eq!((utc(start).as_str(), utc(end).as_str()), ("2026-11-21T17:00:00Z", "2026-11-22T17:00:00Z"));
        assert_eq!(day(end).0, end);
        assert_eq!(parse_day("2026-11-22"), Some((start, end)));
        assert_eq!(parse_day("22-11-2026"), None);
    }

    #[test]
    fn a_day_is_24_hours_at_the_end_of_every_month_and_year_and_of_32_bits() {
        let days = ["2026-11-30", "2026-12-31", "2027-02-28", "2028-02-29", "2038-01-19", "2099-12-31", "1999-12-31"];
        for text in days {
            let (start, end) = parse_day(text).unwrap();
            assert_eq!(end.since(start), Duration::from_secs(24 * 60 * 60), "{text}");
            for inside in [0, 1, 43_200_000, 86_399_999] {
                assert_eq!(day(Time::from_millis(start.millis() + inside)), (start, end), "{text}");
            }
            assert_eq!(day(Time::from_millis(start.millis() - 1)).1, start, "{text}: and the day before ends there");
            let noon = moment(start + Duration::from_secs(12 * 60 * 60));
            assert_eq!(noon, format!("{}-{}-{} 12.00 WIB", &text[8..], &text[5..7], &text[..4]));
            assert_eq!(minutes_to_closing(start, "23:59"), Some(24 * 60 - 1), "{text}");
            assert_eq!(minutes_to_closing(Time::from_millis(end.millis() - 1), "23:59"), None, "{text}");
        }
        // 32 bits of seconds end at 10.14 in Jakarta.
        let last = Time::from_millis(i64::from(i32::MAX) * 1000);
        assert_eq!(
            (moment(last), moment(last + Duration::from_secs(60))),
            ("19-01-2038 10.14 WIB".into(), "19-01-2038 10.15 WIB".into())
        );
    }

    #[test]
    fn closing_time_is_today_or_past() {
        let (midnight, _) = parse_day("2026-11-22").unwrap();
        let at = |hour: u64| midnight + Duration::from_secs(hour * 3600);
        assert_eq!(minutes_to_closing(at(20), "21:00"), Some(60));
        assert_eq!(minutes_to_closing(at(20), "21.00"), Some(60));
        assert_eq!(minutes_to_closing(at(22), "21:00"), None);
        for nonsense in ["", "24:00", "9:00", "2100", "21:60", "-1:00"] {
            assert_eq!(time_of_day(nonsense), None, "{nonsense}");
        }
    }
}
