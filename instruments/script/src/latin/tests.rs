//! Romanisation, check digits, and Latin read back.

use super::{cyrillic_from_latin, mrz_check_digit, romanise, romanise_place};

#[test]
fn names_are_romanised_as_passports_write_them() {
    for (name, latin) in [
        ("Үсөн Жаңыбеков", "USON ZHANYBEKOV"),
        ("Хамитова Цой Чынара", "KHAMITOVA TSOI CHYNARA"),
        ("Щукин Юрий", "SHCHUKIN IURII"),
        ("Юлия", "IULIIA"),
        ("Айгуль", "AIGUL"),
        ("Подъячев", "PODIEIACHEV"),
        ("Нур-Бек уулу", "NUR-BEK UULU"),
        ("Фёдоров", "FEDOROV"),
    ] {
        assert_eq!(romanise(name), latin);
    }
}

#[test]
fn places_have_j_and_keep_their_case() {
    assert_eq!(romanise_place("Жалал-Абад"), "Jalal-Abad");
    assert_eq!(romanise_place("Джалал-Абад"), "Jalal-Abad");
    assert_eq!(romanise_place("ЧҮЙ"), "CHUI");
    assert_eq!(romanise_place("Чүй 12"), "Chui 12");
    assert_eq!(romanise_place("Ысык-Көл"), "Ysyk-Kol");
}

/// The specimen of ICAO Doc 9303 part 4, appendix B: document number, birth, expiry, personal number.
#[test]
fn check_digits_are_those_of_the_icao_specimen() {
    assert_eq!(mrz_check_digit("L898902C3"), Some(6));
    assert_eq!(mrz_check_digit("740812"), Some(2));
    assert_eq!(mrz_check_digit("120415"), Some(9));
    assert_eq!(mrz_check_digit("ZE184226B<<<<<"), Some(1));
    assert_eq!(
        mrz_check_digit("L898902C3674081221204159ZE184226B<<<<<1"),
        Some(0)
    );
    assert_eq!(mrz_check_digit("ab"), None);
}

#[test]
fn latin_input_is_read_as_cyrillic() {
    assert_eq!(cyrillic_from_latin("Usen Zheenbekov"), "усен жеенбеков");
    assert_eq!(cyrillic_from_latin("Esen"), "эсен");
    assert_eq!(cyrillic_from_latin("Aygül Ysakova"), "айгүл ысакова");
    assert_eq!(cyrillic_from_latin("12-34"), "12-34");
}
