//! What may be stored, and the mild normalisation.

use super::{clean, lower, plain, title, upper};

#[test]
fn case_is_right_for_kyrgyz_letters() {
    assert_eq!(upper("үсөн жаңыбек"), "ҮСӨН ЖАҢЫБЕК");
    assert_eq!(lower("ҮСӨН ЖАҢЫБЕК"), "үсөн жаңыбек");
    assert_eq!(title("ЖАНЫБЕК УУЛУ"), "Жаныбек уулу");
    assert_eq!(title("анна-МАРИЯ"), "Анна-Мария");
}

#[test]
fn old_letters_and_decomposed_letters_become_one_spelling() {
    assert_eq!(clean("Жа\u{04CA}ыл"), "Жаңыл");
    assert_eq!(clean("\u{04C9}"), "Ң");
    assert_eq!(clean("Аи\u{0306}гүл"), "Айгүл");
    assert_eq!(clean("  Нур \u{2014}  Бек\u{00A0}\u{200B} "), "Нур-Бек");
}

#[test]
fn latin_look_alikes_inside_cyrillic_become_cyrillic_and_latin_words_stay() {
    assert_eq!(clean("Acaнoв"), "Асанов");
    assert_eq!(clean("KOЖOEB"), "КОЖОЕВ");
    assert_eq!(clean("Smith Анна"), "Smith Анна");
    assert_eq!(clean("Coco"), "Coco");
}

#[test]
fn plain_merges_kyrgyz_letters_but_keeps_variants_apart() {
    assert_eq!(plain("ҮСӨН-Бек  уулу"), "усон бек уулу");
    assert_eq!(plain("Алёна"), "алена");
    assert_ne!(plain("Чынара"), plain("Чинара"));
    assert_ne!(plain("Джеенбеков"), plain("Жеенбеков"));
    assert_eq!(plain("123"), "123");
    assert_eq!(plain("д. 12/3"), "д 12/3");
    assert_eq!(plain("Тў\u{02BB}йчи"), "туйчи");
}

proptest::proptest! {
    #[test]
    fn cleaning_twice_is_cleaning_once(text in "[А-яЁёӨөҮүҢңӉӊA-Za-z' .\u{2014}\u{0306}\u{0308}\u{00AD}-]{0,20}") {
        let once = clean(&text);
        proptest::prop_assert_eq!(clean(&once), once.clone());
        let once = plain(&text);
        proptest::prop_assert_eq!(plain(&once), once.clone());
    }
}
