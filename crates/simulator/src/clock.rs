//! Time as the pretended Midtrans sees it: it may run fast and it may be pushed ahead.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

/// A point in time, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment(pub i64);

/// Midtrans writes every time in Jakarta's, and never says so.
const WIB: UtcOffset = match UtcOffset::from_hms(7, 0, 0) {
    Ok(offset) => offset,
    Err(_) => UtcOffset::UTC,
};

impl Moment {
    /// This moment, moved by that many seconds.
    pub fn plus_seconds(self, seconds: i64) -> Moment {
        Moment(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// The start of this second: Midtrans keeps no fractions.
    pub fn whole_second(self) -> Moment {
        Moment(self.0.div_euclid(1000) * 1000)
    }

    /// As Midtrans writes it: `2020-01-09 15:16:19`, without an offset.
    pub fn wib(self) -> String {
        let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
        OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1000))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .to_offset(WIB)
            .format(format)
            .unwrap_or_default()
    }

    /// As HTTP writes it: `Thu, 09 Jan 2020 08:16:19 GMT`.
    pub fn http_date(self) -> String {
        let format =
            format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
        OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1000))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .format(format)
            .unwrap_or_default()
    }

    /// Reads the `order_time` of a request: `2016-12-07 11:54:12 +0700`.
    pub fn from_order_time(text: &str) -> Option<Moment> {
        let format = format_description!(
            "[year]-[month]-[day] [hour]:[minute]:[second] [offset_hour sign:mandatory][offset_minute]"
        );
        let at = OffsetDateTime::parse(text, format).ok()?;
        Some(Moment(at.unix_timestamp().saturating_mul(1000)))
    }
}

/// The machine's clock, running at `speed` and pushed ahead as often as asked.
pub struct Clock {
    started: Instant,
    speed: f64,
    pushed_ms: AtomicI64,
}

impl Clock {
    /// A clock that already is so many milliseconds ahead of the machine's.
    pub fn new(speed: f64, ahead_ms: i64) -> Clock {
        Clock { started: Instant::now(), speed, pushed_ms: AtomicI64::new(ahead_ms) }
    }

    /// What time it is at the pretended Midtrans.
    pub fn now(&self) -> Moment {
        let machine = OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000;
        Moment(i64::try_from(machine).unwrap_or(0).saturating_add(self.ahead_ms()))
    }

    /// How far this clock is ahead of the machine's. This is what is kept over a restart, and not
    /// the time itself, so that a shop PC whose clock was wrong and is put right is right here too.
    pub fn ahead_ms(&self) -> i64 {
        let gained = self.started.elapsed().as_millis() as f64 * (self.speed - 1.0);
        self.pushed_ms.load(Ordering::Relaxed).saturating_add(gained as i64)
    }

    /// Pushes the clock ahead.
    pub fn advance(&self, seconds: u32) {
        self.pushed_ms.fetch_add(i64::from(seconds) * 1000, Ordering::Relaxed);
    }

    /// How long a sleeper has to wait on the machine's clock for that moment on this one.
    pub fn real_until(&self, moment: Moment) -> Duration {
        let ahead = moment.0.saturating_sub(self.now().0).max(0) as f64;
        Duration::from_millis((ahead / self.speed).ceil() as u64)
    }

    /// A span of this clock on the machine's, but never less than a second: networks do not hurry
    /// because a clock does.
    pub fn real_span(&self, span: Duration) -> Duration {
        span.div_f64(self.speed).max(Duration::from_secs(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_wib_without_an_offset() {
        let order_time = Moment::from_order_time("2020-01-09 08:16:19 +0000").unwrap();
        assert_eq!(order_time.wib(), "2020-01-09 15:16:19");
        assert_eq!(Moment::from_order_time("2020-01-09 15:16:19 +0700"), Some(order_time));
        assert_eq!(Moment::from_order_time("2020-01-09 15:16:19"), None);
    }

    #[test]
    fn a_pushed_clock_is_ahead_and_a_fast_one_waits_less() {
        let clock = Clock::new(60.0, 0);
        clock.advance(3600);
        assert!(clock.ahead_ms() >= 3_600_000);
        assert!(clock.real_until(clock.now().plus_seconds(600)) <= Duration::from_secs(10));
    }
}
