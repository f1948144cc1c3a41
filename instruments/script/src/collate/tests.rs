//! The order of UI.md section 6, and ICU as the oracle.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::{sort_key, sort_key_of_fields};
use icu_collator::Collator;
use icu_collator::options::CollatorOptions;

const ALPHABET: &str =
    "А Б В Г Д Е Ё Ж З И Й К Л М Н Ң О Ө П Р С Т У Ү Ф Х Ц Ч Ш Щ Ъ Ы Ь Э Ю Я A B Z";

fn kyrgyz() -> icu_collator::CollatorBorrowed<'static> {
    Collator::try_new(
        icu_locale_core::locale!("ky").into(),
        CollatorOptions::default(),
    )
    .unwrap()
}

#[test]
fn the_alphabet_is_in_order_and_latin_comes_after() {
    let letters: Vec<&str> = ALPHABET.split(' ').collect();
    for pair in letters.windows(2) {
        assert!(sort_key(pair[0]) < sort_key(pair[1]), "{pair:?}");
        assert!(
            sort_key(&(pair[0].to_owned() + "9")) < sort_key(&(pair[1].to_owned() + "0")),
            "{pair:?}"
        );
    }
}

#[test]
fn fields_are_compared_one_after_the_other() {
    let asan = sort_key_of_fields(&["Асан", "Я"]);
    let asanov = sort_key_of_fields(&["Асанов", "А"]);
    assert!(asan < asanov);
    assert!(sort_key_of_fields(&["Асанов", "Үсөн"]) > sort_key_of_fields(&["асанов", "Уран"]));
}

#[test]
fn old_letters_sort_as_the_new_ones() {
    assert_eq!(sort_key("Жаӊыл"), sort_key("Жаңыл"));
}

#[test]
fn foreign_marks_decide_last() {
    assert!(sort_key("Muller") < sort_key("Müller"));
    assert!(sort_key("Müller") < sort_key("Mullerz"));
    assert!(sort_key("Ляо") < sort_key("廖"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(4000))]
    #[test]
    fn keys_agree_with_icu_for_kyrgyz(
        a in "[А-Яа-яЁёҢңӨөҮүA-Za-z0-9]{1,4}([ -][а-яёңөү]{1,3})?",
        b in "[А-Яа-яЁёҢңӨөҮүA-Za-z0-9]{1,4}([ -][а-яёңөү]{1,3})?",
    ) {
        let ours = sort_key(&a).cmp(&sort_key(&b));
        let (a, b) = (crate::clean(&a), crate::clean(&b));
        proptest::prop_assert_eq!(ours, kyrgyz().compare(&a, &b), "{} {}", a, b);
    }
}
