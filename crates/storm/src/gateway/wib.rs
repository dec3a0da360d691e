use std::fmt;

/// A moment as Midtrans writes it: western Indonesian time, to the second, without saying so.
pub fn wib(millis: i64) -> impl fmt::Display {
    Wib(millis.div_euclid(1_000) + 7 * 3_600)
}

struct Wib(i64);

impl fmt::Display for Wib {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, second) = (self.0.div_euclid(86_400), self.0.rem_euclid(86_400));
        let (year, month, day) = date(days);
        write!(f, "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)
    }
}

/// The date so many days after 1970-01-01, in the calendar whose year begins in March.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::wib;

    #[test]
    fn midnight_is_in_jakarta() {
        assert_eq!(wib(0).to_string(), "1970-01-01 07:00:00");
        assert_eq!(wib(1_795_399_200_999).to_string(), "2026-11-23 09:00:00");
        assert_eq!(wib(1_835_369_999_000).to_string(), "2028-02-28 23:59:59");
        assert_eq!(wib(1_835_370_000_000).to_string(), "2028-02-29 00:00:00");
    }
}
