//! Days, counts and roots as people write them.

/// `1985-04-15` as `15.04.1985`; anything else stays as it is.
pub(crate) fn day(text: &str) -> String {
    match text.split('-').collect::<Vec<_>>()[..] {
        [year, month, day] => format!("{day}.{month}.{year}"),
        _ => text.to_owned(),
    }
}

/// Groups of four, kept on one line.
pub(crate) fn spaced(hexadecimal: &str) -> String {
    let digits: Vec<char> = hexadecimal.chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(|c| c.iter().collect()).collect();
    groups.join("\u{00A0}")
}

/// `1 200`, kept on one line.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{00A0}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_counts_and_roots_are_written_as_people_read_them() {
        assert_eq!(day("1985-04-15"), "15.04.1985");
        assert_eq!(day("1985"), "1985");
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_200), "1\u{00A0}200");
        assert_eq!(grouped(2_761_297), "2\u{00A0}761\u{00A0}297");
        assert_eq!(spaced("7c1e90ab44"), "7c1e\u{00A0}90ab\u{00A0}44");
    }
}
