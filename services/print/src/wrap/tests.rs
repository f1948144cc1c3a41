#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;

fn lines(text: &str, room: u32) -> Vec<String> {
    let faces = Faces::embedded();
    let bold = text.split_whitespace().next().unwrap_or_default();
    let rest = text[bold.len()..].trim_start();
    let all = words(bold, Weight::Bold).chain(words(rest, Weight::Regular));
    let lines = wrap(all, room, &faces).unwrap();
    lines.iter().map(Line::text).collect()
}

#[test]
fn words_go_to_the_next_line_whole() {
    assert_eq!(
        lines("АСАНОВ Үсөн Бейшенбекович", 12_000),
        ["АСАНОВ Үсөн", "Бейшенбекович"]
    );
    assert_eq!(lines("АСАНОВ Үсөн", 12_000), ["АСАНОВ Үсөн"]);
}

#[test]
fn a_word_wider_than_a_line_is_broken_without_a_mark_and_loses_no_letter() {
    let name = "АБДЫКЕРИМОВААБДЫКЕРИМОВААБДЫКЕ";
    let broken = lines(&format!("{name} Айгерим"), 12_000);
    assert!(broken.len() >= 2);
    assert_eq!(broken.concat().replace(' ', ""), format!("{name}Айгерим"));
}

#[test]
fn a_wide_double_name_breaks_at_its_own_hyphen() {
    let broken = lines("АБДЫКЕРИМОВА-ТОКТОГУЛОВА", 12_000);
    assert_eq!(broken, ["АБДЫКЕРИМОВА-", "ТОКТОГУЛОВА"]);
}

#[test]
fn no_line_is_wider_than_its_room_and_no_letter_is_lost() {
    let faces = Faces::embedded();
    let long = "Өзгөрүлбөстүк".repeat(9);
    for room in [700, 1_500, 4_000, 9_000, 30_000] {
        let text = format!("ҢАРОВ {long} е\u{0301}е\u{0301}е\u{0301} а-б-в-г");
        let broken = lines(&text, room);
        assert_eq!(broken.concat().replace(' ', ""), text.replace(' ', ""));
        for line in &broken {
            let one = line.chars().filter(|c| !is_mark(*c)).count() <= 1;
            assert!(one || faces.text(line, Weight::Regular).unwrap() <= room);
            assert!(!line.starts_with(is_mark));
        }
    }
}

#[test]
fn every_letter_of_the_country_has_a_width_and_a_foreign_one_is_named() {
    let faces = Faces::embedded();
    let known =
        "АБВГДЕЁЖЗИЙКЛМНҢОӨПРСТУҮФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя ҒғҚқҲҳЎў№–-,.«»";
    for weight in [Weight::Regular, Weight::Bold] {
        assert!(faces.text(known, weight).is_ok());
        assert_eq!(faces.letter('中', weight), Err(UnknownLetter('中')));
    }
}
