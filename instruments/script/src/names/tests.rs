//! Stems under changing endings, initials, display.

use super::{Initials, display_name, patronymic_stem, surname_root, surname_stem};

#[test]
fn forms_of_a_patronymic_have_one_stem() {
    for form in [
        "Жаныбекович",
        "Жаныбековна",
        "Жаныбек уулу",
        "Жаныбек кызы",
        "Жаныбекуулу",
        "ЖАНЫБЕК-КЫЗЫ",
    ] {
        assert_eq!(patronymic_stem(form), "жаныбек", "{form}");
    }
    assert_eq!(
        patronymic_stem("Асанбаевич"),
        patronymic_stem("Асанбай уулу")
    );
    assert_eq!(patronymic_stem("Никитична"), "никит");
    assert_eq!(patronymic_stem(""), "");
}

#[test]
fn a_surname_has_a_masculine_form_and_a_root() {
    assert_eq!(surname_stem("Асанова"), "асанов");
    assert_eq!(surname_stem("Высоцкая"), "высоцкий");
    assert_eq!(surname_stem("Ина"), "ина");
    for form in [
        "Асанов",
        "Асанова",
        "Асан уулу",
        "Асан кызы",
        "Асан-теги",
        "Асантын",
        "Асан",
    ] {
        assert_eq!(surname_root(form), "асан", "{form}");
    }
}

#[test]
fn initials_show_letters_and_no_particles() {
    assert_eq!(
        Initials::of(&["асанов", "Үсөн", "Жаныбекович"]).as_str(),
        "А. Ү. Ж."
    );
    assert_eq!(
        Initials::of(&["Жаныбек уулу", "Анна-Мария", ""]).to_string(),
        "Ж. А.-М."
    );
    assert_eq!(Initials::of(&[]).as_str(), "");
}

#[test]
fn the_surname_is_in_capitals_and_particles_are_not() {
    assert_eq!(
        display_name("Асанов", "Үсөн", Some("Жаныбекович")),
        "АСАНОВ Үсөн Жаныбекович"
    );
    assert_eq!(
        display_name("Жаңыбек Уулу", "Үсөн", None),
        "ЖАҢЫБЕК уулу Үсөн"
    );
}
