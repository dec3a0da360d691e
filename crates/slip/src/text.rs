//! How a slip writes codes, money and time.

use time::{Month, OffsetDateTime, UtcOffset, Weekday, macros::offset};

use crate::{
    Language,
    symbol::{self, Qr},
};

/// A payment code in groups of four, as it is read out at the till. For the eye only: the code
/// itself has no spaces.
pub fn groups(code: &str) -> Vec<String> {
    let characters: Vec<char> = code.chars().collect();
    characters.chunks(GROUP).map(|group| group.iter().collect()).collect()
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

/// `Rp 162.500`, and a discount as `-Rp 10.000`.
pub fn signed(amount: i64) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    format!("{sign}{}", rupiah(amount.unsigned_abs()))
}

/// `Sel 24 Nov 2026 14.30 WIB`.
pub fn wib(moment: OffsetDateTime) -> String {
    wib_in(moment, Language::Indonesian)
}

/// `Sel 24 Nov 2026 14.30 WIB`, `Tue 24 Nov 2026 14:30 WIB`.
pub fn wib_in(moment: OffsetDateTime, language: Language) -> String {
    let local = local(moment);
    let colon = if language == Language::English { ':' } else { '.' };
    format!("{} {:02}{colon}{:02} WIB", day_in(moment, language), local.hour(), local.minute())
}

/// The day in western Indonesian time: `Sel 24 Nov 2026`.
pub fn day_in(moment: OffsetDateTime, language: Language) -> String {
    let local = local(moment);
    let (day, month) = (weekday(local.weekday(), language), month(local.month(), language));
    format!("{day} {} {month} {}", local.day(), local.year())
}

/// One line of what somebody outside wrote: no control characters and nothing that is not seen but turns or
/// joins what stands beside it. At most this many characters; `…` where it was cut.
pub fn line(text: &str, most: usize) -> String {
    let kept: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !is_unseen(*c)).collect();
    let line = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    line.chars().take(most.saturating_sub(1)).collect::<String>().trim_end().to_owned() + "…"
}

/// The shop's own QR for an order. Scanned at the desk it opens the order.
pub fn order_qr(order_id: &str) -> Option<Qr> {
    symbol::qr(&format!("{ORDER}{order_id}")).ok()
}

/// The order a QR of ours names.
pub fn order_of(scanned: &str) -> Option<&str> {
    scanned.trim().strip_prefix(ORDER)
}

/// One line of printable ASCII: letters lose their accents, everything else without a
/// likeness is dropped.
pub fn ascii(text: &str) -> String {
    text.split_whitespace()
        .map(|word| word.chars().filter_map(likeness).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// So many characters of a code are read out in one breath.
pub(crate) const GROUP: usize = 4;

const WIB: UtcOffset = offset!(+7);
const ORDER: &str = "gerai:";

fn local(moment: OffsetDateTime) -> OffsetDateTime {
    // A moment at the very end of time has no hour to spare.
    moment.checked_to_offset(WIB).unwrap_or(moment)
}

fn weekday(day: Weekday, language: Language) -> &'static str {
    let days = match language {
        Language::Indonesian => ["Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min"],
        Language::English => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    };
    days[usize::from(day.number_days_from_monday())]
}

fn month(month: Month, language: Language) -> &'static str {
    let months = match language {
        Language::Indonesian => ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"],
        Language::English => ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    };
    months[usize::from(u8::from(month)) - 1]
}

/// What turns the order of what is read, joins characters or takes no room.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// What plain ASCII has in place of a letter; nothing where nothing resembles it.
pub(crate) fn likeness(c: char) -> Option<&'static str> {
    const ASCII: &str =
        " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
    if c.is_ascii() {
        return ASCII.find(c).map(|place| &ASCII[place..=place]);
    }
    Some(match c {
        'À'..='Å' | 'Ā' | 'Ă' | 'Ą' => "A",
        'Æ' => "AE",
        'Ç' | 'Ć' | 'Č' => "C",
        'Ď' | 'Đ' | 'Ð' => "D",
        'È'..='Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' => "E",
        'Ğ' | 'Ģ' => "G",
        'Ì'..='Ï' | 'Ī' | 'Į' | 'İ' => "I",
        'Ł' => "L",
        'Ñ' | 'Ń' | 'Ň' => "N",
        'Ò'..='Ö' | 'Ø' | 'Ō' | 'Ő' => "O",
        'Œ' => "OE",
        'Ř' => "R",
        'Ś' | 'Ş' | 'Š' | 'Ș' => "S",
        'Ţ' | 'Ť' | 'Ț' => "T",
        'Ù'..='Ü' | 'Ū' | 'Ů' | 'Ű' => "U",
        'Ý' | 'Ÿ' => "Y",
        'Ź' | 'Ż' | 'Ž' => "Z",
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ğ' | 'ģ' => "g",
        'ì'..='ï' | 'ī' | 'į' | 'ı' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
        'œ' => "oe",
        'ř' => "r",
        'ś' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ț' => "t",
        'ù'..='ü' | 'ū' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        '‘' | '’' | '‚' | '′' => "'",
        '“' | '”' | '„' | '″' => "\"",
        '‐'..='―' | '−' => "-",
        '•' | '·' => "-",
        '…' => "...",
        '×' => "x",
        '€' => "EUR",
        _ => return None,
    })
}
