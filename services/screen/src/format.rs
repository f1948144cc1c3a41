//! Numbers, dates and percentages as each language writes them (UI.md §6).

use lexicon::{Date, Language};

/// Groups of three from five digits on, with no-break thin spaces: `1200`, `2 761 408`.
#[must_use]
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut out = String::with_capacity(digits.len() + 4);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202F}');
        }
        out.push(digit);
    }
    out
}

/// A share in per cent with one decimal: `33,1 %` (ky, ru), `33.1 %` (en); `–` of nothing.
#[must_use]
pub fn percent(language: Language, part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let tenths = (u128::from(part) * 2000 + u128::from(whole)) / (u128::from(whole) * 2);
    let point = match language {
        Language::Ky | Language::Ru => ',',
        Language::En => '.',
    };
    format!("{}{point}{}\u{00A0}%", tenths / 10, tenths % 10)
}

/// A date for tables: `20.11.2026`.
#[must_use]
pub fn date_short(date: Date) -> String {
    format!("{:02}.{:02}.{}", date.day(), date.month(), date.year())
}

const MONTHS_RU: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];
const MONTHS_KY: [&str; 12] = [
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A date in a sentence: `20 ноября 2026 г.`, `2026-ж. 20-ноябрь`, `20 November 2026`.
#[must_use]
pub fn date_long(language: Language, date: Date) -> String {
    let month = usize::from(date.month().unsigned_abs()) - 1;
    match language {
        Language::Ky => format!("{}-ж. {}-{}", date.year(), date.day(), MONTHS_KY[month]),
        Language::Ru => format!(
            "{} {} {}\u{00A0}г.",
            date.day(),
            MONTHS_RU[month],
            date.year()
        ),
        Language::En => format!("{} {} {}", date.day(), MONTHS_EN[month], date.year()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_dates_follow_the_language() {
        assert_eq!(number(1200), "1200");
        assert_eq!(number(2_761_408), "2\u{202F}761\u{202F}408");
        assert_eq!(percent(Language::Ru, 397, 1200), "33,1\u{00A0}%");
        assert_eq!(percent(Language::En, 1, 3), "33.3\u{00A0}%");
        let day = Date::constant(2026, 11, 20);
        assert_eq!(date_long(Language::Ky, day), "2026-ж. 20-ноябрь");
        assert_eq!(date_long(Language::Ru, day), "20 ноября 2026\u{00A0}г.");
    }
}
