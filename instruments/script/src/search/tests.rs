//! What people type, and whom it must find.

use super::{
    NameIndex, Query, SCORE_MAX, SearchName, is_vowel_code, search_key, skeleton, slip_to_cyrillic,
    slip_to_latin,
};

const PEOPLE: [[&str; 3]; 8] = [
    ["Асанов", "Үсөн", "Жаныбекович"],
    ["Асанова", "Айгүл", "Жаныбековна"],
    ["Жаныбек уулу", "Үсөн", ""],
    ["Осмонов", "Нурлан", "Токтогулович"],
    ["Жээнбеков", "Данияр", "Асанович"],
    ["Усенова", "Чынара", "Болотовна"],
    ["Хасанов", "Юсуп", "Цоевич"],
    ["Токтосунов", "Нур-Бек", "Сейитбекович"],
];

/// Indices of the people found, best first.
fn found(text: &str) -> Vec<usize> {
    let query = Query::parse(text);
    let mut hits: Vec<(u16, usize)> = PEOPLE
        .iter()
        .enumerate()
        .filter_map(|(i, parts)| Some((query.score(&SearchName::of(parts))?, i)))
        .collect();
    hits.sort_by_key(|&(score, i)| (std::cmp::Reverse(score), i));
    hits.into_iter().map(|(_, i)| i).collect()
}

#[test]
fn the_right_person_comes_first_however_the_name_was_typed() {
    for (text, person) in [
        ("Асанов Үсөн", 0),
        ("асанов усон", 0),
        ("Usen Asanov", 0),
        ("үсон асан", 0),
        ("fcfyjd", 0),
        ("Asanova Aigul", 1),
        ("Osmanov", 3),
        ("Османов", 3),
        ("Jeenbekov", 4),
        ("Джеенбеков", 4),
        ("Чинара", 5),
        ("Yusup Khasanov", 6),
        ("Iusup", 6),
        ("нурбек токтосунов", 7),
        ("нур бек", 7),
        ("токтосунво", 7),
    ] {
        assert_eq!(
            found(text).first(),
            Some(&person),
            "{text}: {:?}",
            found(text)
        );
    }
    assert!(found("Жаныбек уулу").contains(&2));
    assert!(found("Жаныбекович").first() == Some(&0));
    assert_eq!(found("Кадыров"), Vec::<usize>::new());
    assert_eq!(found(" - "), Vec::<usize>::new());
}

#[test]
fn every_word_must_be_found() {
    assert_eq!(found("Асанов Бакыт"), Vec::<usize>::new());
    assert_eq!(
        found("Асанов Асанов").len(),
        0,
        "one word of the name answers one word of the query"
    );
}

#[test]
fn an_exact_name_gets_the_full_score() {
    let name = SearchName::of(&PEOPLE[0]);
    assert_eq!(Query::parse("ҮСӨН АСАНОВ").score(&name), Some(SCORE_MAX));
    assert!(Query::parse("Үсон Асанав").score(&name) < Some(SCORE_MAX));
}

#[test]
fn slips_of_the_layout_are_read_both_ways() {
    assert_eq!(slip_to_cyrillic("fcfyjd"), "асанов");
    assert_eq!(slip_to_cyrillic(";ttyb,trjd"), "жеенибеков");
    assert_eq!(slip_to_latin("шв1234567"), "ID1234567");
}

#[test]
fn search_keys_meet_where_spellings_vary() {
    for (a, b) in [
        ("Дияр", "Diiar"),
        ("Дияр", "Diyar"),
        ("Юлия", "Yulia"),
        ("Таңат", "Тангат"),
        ("Аккула", "Акула"),
        ("Сейит", "Сеит"),
    ] {
        assert_eq!(search_key(a), search_key(b), "{a} {b}");
    }
    assert_eq!(skeleton("Осмонов"), skeleton("Османов"));
}

#[test]
fn a_query_is_read_up_to_its_limit() {
    let long = format!("Асанов {}", "ө".repeat(100_000));
    let read: String = long.chars().take(super::QUERY_LETTERS_MAX).collect();
    assert_eq!(Query::parse(&long), Query::parse(&read));
    assert_eq!(
        Query::parse(&long).score(&SearchName::of(&["Асанов"])),
        None
    );
}

#[test]
fn a_line_typed_on_the_cyrillic_layout_is_read_as_latin() {
    assert_eq!(slip_to_latin("фыфтщм"), "ASANOV");
    assert_eq!(found("фыфтщм").first(), Some(&0));
    // A letter from a key without a Latin letter: no slip of a Latin word.
    assert_eq!(found("фыфтщмж"), Vec::<usize>::new());
}

#[test]
fn son_and_daughter_may_be_left_out_shortened_or_misspelt() {
    for text in [
        "жаныбек усон",
        "жаныбек у. усон",
        "жаныбек у үсөн",
        "жаныбек уклу үсөн",
        "жаныбек уулуу үсөн",
    ] {
        assert_eq!(found(text).first(), Some(&2), "{text}: {:?}", found(text));
    }
    // A first letter is still a beginning: Асанов Ү. is nobody else's.
    assert_eq!(found("асанов ү").first(), Some(&0));
}

/// The plain way, name by name, is the oracle of the index.
#[test]
fn an_index_answers_as_each_name_does() {
    let names: Vec<SearchName> = PEOPLE.iter().map(|parts| SearchName::of(parts)).collect();
    let index = NameIndex::new(&names);
    for text in [
        "Асанов",
        "усон",
        "жаныбек",
        "нур бек",
        "осмонво",
        "fcfyjd",
        "фыфтщм",
        "у",
        "а",
        "бекович к",
    ] {
        let query = Query::parse(text);
        let hits: Vec<_> = index
            .hits(&query)
            .iter()
            .map(|hit| (hit.place, hit.answer))
            .collect();
        let each = names.iter().enumerate();
        let each: Vec<_> = each
            .filter_map(|(place, name)| Some((place, query.answer(name)?)))
            .collect();
        assert_eq!(hits, each, "{text}");
    }
}

#[test]
fn the_bytes_of_vowels_are_those_of_the_letters() {
    for letter in 'а'..='я' {
        let is_vowel = ['а', 'е', 'и', 'о', 'у'].contains(&letter);
        assert_eq!(
            is_vowel_code(crate::letters::letter_code(letter)),
            is_vowel,
            "{letter}"
        );
    }
}
