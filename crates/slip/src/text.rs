//! How a slip writes codes, money and time.

use time::{Month, OffsetDateTime, UtcOffset, Weekday, macros::offset};

/// A payment code in groups of four, as it is read out at the till. For the eye only: the code
/// itself has no spaces.
pub fn groups(code: &str) -> Vec<String> {
    let characters: Vec<char> = code.chars().collect();
    characters.chunks(4).map(|group| group.iter().collect()).collect()
}

/// `Rp 162.500`.
pub fn rupiah(amount: u64) -> String {
    let digits = amount.to_string();
    let mut written = String::from("Rp ");
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            written.push('.');
        }
        written.push(digit);
    }
    written
}

/// `Sel 24 Nov 2026 14.30 WIB`.
pub fn wib(moment: OffsetDateTime) -> String {
    // A moment at the very end of time has no hour to spare.
    let local = moment.checked_to_offset(WIB).unwrap_or(moment);
    format!(
        "{} {} {} {} {:02}.{:02} WIB",
        weekday(local.weekday()),
        local.day(),
        month(local.month()),
        local.year(),
        local.hour(),
        local.minute(),
    )
}

/// One line of printable ASCII: letters lose their accents, everything else without a
/// likeness is dropped.
pub fn ascii(text: &str) -> String {
    text.split_whitespace()
        .map(|word| word.chars().flat_map(likeness).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

const WIB: UtcOffset = offset!(+7);

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Sen",
        Weekday::Tuesday => "Sel",
        Weekday::Wednesday => "Rab",
        Weekday::Thursday => "Kam",
        Weekday::Friday => "Jum",
        Weekday::Saturday => "Sab",
        Weekday::Sunday => "Min",
    }
}

fn month(month: Month) -> &'static str {
    match month {
        Month::January => "Jan",
        Month::February => "Feb",
        Month::March => "Mar",
        Month::April => "Apr",
        Month::May => "Mei",
        Month::June => "Jun",
        Month::July => "Jul",
        Month::August => "Agu",
        Month::September => "Sep",
        Month::October => "Okt",
        Month::November => "Nov",
        Month::December => "Des",
    }
}

fn likeness(c: char) -> Option<char> {
    Some(match c {
        '!'..='~' => c,
        'À'..='Å' => 'A',
        'Ç' => 'C',
        'È'..='Ë' => 'E',
        'Ì'..='Ï' => 'I',
        'Ñ' => 'N',
        'Ò'..='Ö' | 'Ø' => 'O',
        'Ù'..='Ü' => 'U',
        'Ý' => 'Y',
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' | 'ø' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        '‘' | '’' => '\'',
        '“' | '”' => '"',
        '‐'..='―' => '-',
        '×' => 'x',
        _ => return None,
    })
}
