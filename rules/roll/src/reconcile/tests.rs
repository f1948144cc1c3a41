#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;
use crate::testkit::{Country, day, id, law, precinct};

/// Classes of each row of a country, as codes.
fn classes(country: &Country) -> Vec<String> {
    let (snapshot, roll) = country.formed();
    let found = reconcile(&snapshot, &roll, &law());
    found.rows.iter().map(|row| row.classes.joined()).collect()
}

use lexicon::handover::snapshot::{SecondAddressRow, StreetNameRow};

const PIN: &str = "20905198000001";
const HOME: &str = "Бишкек, Манас көч., 1";

/// One voter, `Асанова Айгүл`, of 9 May 1980, at Манас 1 in 1001, and one row about her.
fn one(change: impl FnOnce(&mut CommissionFields, &mut Country)) -> Vec<String> {
    let mut country = Country::new();
    country.voter("Асанова");
    let mut fields = CommissionFields {
        pin: PIN.to_owned(),
        names: ["Асанова", "Айгүл", ""].map(str::to_owned),
        rest: ["09.05.1980", HOME, "1001"].map(str::to_owned),
    };
    change(&mut fields, &mut country);
    let names = [0, 1, 2].map(|at| fields.names[at].as_str());
    country.commission(
        "r1",
        &fields.pin,
        names,
        [0, 1, 2].map(|at| fields.rest[at].as_str()),
    );
    classes(&country)
}

struct CommissionFields {
    pin: String,
    names: [String; 3],
    rest: [String; 3],
}

fn check(want: &str, change: impl FnOnce(&mut CommissionFields, &mut Country)) {
    assert_eq!(one(change), vec![want.to_owned()]);
}

#[test]
fn a_row_that_agrees_is_same() {
    check("same", |_, _| {});
    check("same", |row, _| row.rest[0] = "1980-05-09".to_owned());
    check("same", |row, _| {
        row.names = ["АСАНОВА", "Aйгүл", "Кубанычбековна"].map(str::to_owned)
    });
    check("same", |row, _| row.pin = "2 0905-1980 ОО0О1".to_owned());
}

#[test]
fn a_birth_date_that_differs_is_a_finding_and_no_class() {
    check("same", |row, _| row.rest[0] = "08.05.1980".to_owned());
    let mut country = Country::new();
    country.voter("Асанова");
    country.commission(
        "r1",
        PIN,
        ["Асанова", "Айгүл", ""],
        ["08.05.1980", HOME, "1001"],
    );
    let (snapshot, roll) = country.formed();
    assert!(reconcile(&snapshot, &roll, &law()).rows[0].birth_differs);
}

#[test]
fn slips_of_the_pin_are_found_by_the_other_fields() {
    for pin in [
        "",
        "20905198000007",
        "29005198000001",
        "2090519800001",
        "200905198000001",
        "99",
    ] {
        check("pin_corrected", |row, _| row.pin = pin.to_owned());
    }
}

#[test]
fn spellings_and_changes_of_the_name_are_renamed() {
    for (surname, given) in [
        ("Асанова", "Айгуль"),
        ("Осмонова", "Айгүл"),
        ("Asanova", "Aigul"),
        ("Айгүл", "Асанова"),
        ("Асаново", "Айгүл"),
    ] {
        check("renamed", |row, _| {
            row.names = [surname, given, ""].map(str::to_owned);
        });
    }
}

#[test]
fn the_pin_of_another_person_does_not_mislead() {
    let mut country = Country::new();
    country.voter("Асанова");
    let other = country.voter("Токтоматова");
    other.born = day("1950-01-01");
    let names = lexicon::NameParts {
        surname: "Токтоматова",
        given: "Бурул",
        patronymic: "",
    };
    other.name = lexicon::CivilName::parse(names).unwrap();
    let pin = other.pin.unwrap().digits();
    country.commission(
        "r1",
        &pin,
        ["Асанова", "Айгүл", ""],
        ["09.05.1980", HOME, "1001"],
    );
    assert_eq!(classes(&country), vec!["pin_corrected"]);
}

#[test]
fn nobody_and_nothing_are_told_apart() {
    check("not_found", |row, _| {
        row.pin = "20101196599999".to_owned();
        row.rest[0] = "01.01.1965".to_owned();
        row.names = ["Исаков", "Бакыт", ""].map(str::to_owned);
    });
    check("unreadable", |row, _| {
        row.pin = "2090?".to_owned();
        row.names = ["Àñ??", "�����", ""].map(str::to_owned);
    });
    check("unreadable", |row, _| {
        row.pin = String::new();
        row.rest[0] = String::new();
    });
    // A PIN that holds is enough even when the name cannot be read.
    check("renamed", |row, _| row.names[0] = "???".to_owned());
}

#[test]
fn the_living_place_is_judged_once() {
    check("moved", |row, _| {
        row.rest[1] = "Бишкек, Манас көч., 7".to_owned()
    });
    check("moved", |row, _| {
        row.rest = ["09.05.1980", "Чүй пр., 1", "1002"].map(str::to_owned)
    });
    check("moved+no_precinct", |row, _| {
        row.rest = ["09.05.1980", "Чүй пр., 1", "0000"].map(str::to_owned);
    });
    check("wrong_precinct", |row, _| row.rest[2] = "1002".to_owned());
    check("no_precinct", |row, _| row.rest[2] = "7777".to_owned());
    check("wrong_precinct", |row, _| {
        row.rest = ["09.05.1980", "", "1002"].map(str::to_owned);
    });
    check("same", |row, country| {
        country.without_residence("Асанова");
        row.rest[2] = "1002".to_owned();
    });
    check("moved", |_, country| {
        country.tables.residences[0].until = Some(day("2015-01-01"));
    });
}

/// Another name of Manas street, or the second address of the house there.
fn also(country: &mut Country, name: &str, until: Option<&str>) {
    country.tables.street_names.push(StreetNameRow {
        street: "s-Манас".to_owned(),
        name: name.to_owned(),
        from: None,
        until: until.map(day),
    });
    country.tables.second_addresses.push(SecondAddressRow {
        address: "w1".to_owned(),
        soate: "41711000000000".parse().unwrap(),
        street: "s-Эркиндик".to_owned(),
        street_name: "Эркиндик".to_owned(),
        house: "77".to_owned(),
    });
}

#[test]
fn a_former_name_of_the_street_and_a_second_address_of_the_house_are_no_move() {
    for (address, want) in [
        ("Бишкек, ул. Белинского, 1", "same"),
        ("Бишкек, Эркиндик пр., 77", "same"),
        ("Бишкек, ул. Белинского, 77", "moved"),
        ("Бишкек, Эркиндик пр., 1", "moved"),
    ] {
        check(want, |row, country| {
            also(country, "Белинский", Some("2010-06-01"));
            row.rest[1] = address.to_owned();
        });
    }
}

#[test]
fn who_cannot_vote_is_classed_by_the_first_reason_and_gets_no_place() {
    let away = |row: &mut CommissionFields| {
        row.rest = ["09.05.1980", "Чүй пр., 1", ""].map(str::to_owned);
    };
    check("dead", |row, country| {
        away(row);
        country.event("Асанова", "death", "2015-10-04");
        country.tables.persons[0].citizenship = "RUS".to_owned();
    });
    check("not_citizen", |row, country| {
        away(row);
        country.event("Асанова", "citizenship_loss", "2015-01-01");
    });
    check("under_age", |row, country| {
        away(row);
        country.tables.persons[0].born = day("1998-05-09");
    });
    check("no_biometrics", |_, country| {
        country.tables.enrolments[0].processed = None
    });
    check("moved+no_biometrics", |row, country| {
        row.rest[1] = "Чүй пр., 1".to_owned();
        country.tables.enrolments.clear();
    });
}

#[test]
fn every_row_of_a_group_is_a_duplicate_and_one_is_kept() {
    let mut country = Country::new();
    country.voter("Асанова");
    country.commission(
        "r1",
        "",
        ["Асанова", "Айгүл", ""],
        ["09.05.1980", HOME, "1001"],
    );
    country.commission(
        "r2",
        PIN,
        ["Асанова", "Айгүл", ""],
        ["09.05.1980", HOME, "1001"],
    );
    assert_eq!(
        classes(&country),
        vec!["pin_corrected+duplicate", "duplicate"]
    );
    let (snapshot, roll) = country.formed();
    let found = reconcile(&snapshot, &roll, &law());
    assert_eq!(
        found.rows[0].kept,
        Some(1),
        "the row with the right PIN is kept"
    );
    assert_eq!(
        found.rows[0].evidence,
        format!(
            "pin_corrected=persons/{0};duplicate=commission/r2",
            id("Асанова")
        )
    );
}

#[test]
fn one_person_with_two_records_and_two_people_with_one_pin() {
    let mut country = Country::new();
    country.voter("Асанова");
    country.voter("Усенова");
    country.tables.persons[1].standing = "duplicate".to_owned();
    country.tables.persons[1].duplicate_of = Some(id("Асанова"));
    let second = country.tables.persons[1].pin.unwrap().digits();
    country.commission(
        "r1",
        &second,
        ["Усенова", "Айгүл", ""],
        ["09.05.1980", HOME, "1001"],
    );
    assert_eq!(classes(&country), vec!["two_pins"]);
    country.commission(
        "r2",
        PIN,
        ["Асанова", "Айгүл", ""],
        ["09.05.1980", HOME, "1001"],
    );
    assert_eq!(classes(&country), vec!["duplicate+two_pins"; 2]);
    country.tables.persons[1].standing = "unique".to_owned();
    country.tables.persons[1].duplicate_of = None;
    country.tables.persons[1].pin = country.tables.persons[0].pin;
    country.tables.commission.truncate(1);
    country.tables.commission[0].pin = PIN.to_owned();
    assert_eq!(classes(&country), vec!["shared_pin"]);
    let (snapshot, roll) = country.formed();
    let found = reconcile(&snapshot, &roll, &law());
    assert_eq!(found.rows[0].record, snapshot.find_person(id("Усенова")));
}

#[test]
fn whom_no_row_means_is_new_when_on_the_roll() {
    let mut country = Country::new();
    country.voter("Асанова");
    country.voter("Усенова");
    country.voter("Бекова");
    country.event("Бекова", "death", "2015-01-01");
    country.commission(
        "r1",
        PIN,
        ["Асанова", "Айгүл", ""],
        ["09.05.1980", HOME, "1001"],
    );
    let (snapshot, roll) = country.formed();
    let found = reconcile(&snapshot, &roll, &law());
    assert_eq!(
        found.new,
        vec![snapshot.find_person(id("Усенова")).unwrap()]
    );
    let counted: u64 = found.by_class().iter().map(|(_, count)| count).sum();
    assert_eq!(counted, 2);
    assert_eq!(roll.place(found.new[0]).unwrap().precinct, precinct(1001));
}

#[test]
fn addresses_are_read_as_clerks_write_them() {
    let register = address::House::of("Токтогул көчөсү", "12а").unwrap();
    for text in [
        "г. Бишкек, ул. Токтогула, д. 12а",
        "БИШКЕК, УЛ.ТОКТОГУЛ, 12А",
        "Бишкек, Токтогул көч., 12 а",
        "Токтогул, д.12a",
    ] {
        assert!(
            address::House::parse(text).unwrap().is(Some(&register)),
            "{text}"
        );
    }
    for text in [
        "Токтогул, 12",
        "Токтогул-2, 12а",
        "Манас, 12а",
        "Токтогул, 12б",
    ] {
        assert!(
            !address::House::parse(text).unwrap().is(Some(&register)),
            "{text}"
        );
    }
    for text in ["", "Бишкек", ", ", "ул., "] {
        assert_eq!(address::House::parse(text), None, "{text}");
    }
}

#[test]
fn the_two_languages_names_of_one_street_agree_and_other_streets_do_not() {
    let agree = |kyrgyz: &str, russian: &str| {
        let register = address::House::of(kyrgyz, "10").unwrap();
        address::House::parse(russian).unwrap().is(Some(&register))
    };
    for (kyrgyz, russian) in [
        (
            "Жусуп Абдрахманов көчөсү",
            "г. Каракол, ул. Юсупа Абдрахманова, д. 10",
        ),
        ("1-Май көчөсү", "с. Тюп, ул. 1 Мая, 10"),
        ("Чүй проспектиси", "Бишкек, пр. Чуйский, 10"),
        ("Чүй көчөсү", "Maiskoe aiyly, ul. Chui, d. 10"),
        ("Ч. Айтматов-4 көчөсү", "g. Bishkek, ulitsa Aitmatova-4, 10"),
        ("1-Май көчөсү", "Arbyn aiyly, 1-Mai k., d.10"),
        ("Ибраимов-2 көчөсү", "с. Тюп, Ибраимов 2 к., 10"),
        ("Октябрьская көчөсү", "с.Ак-Буура-4 Октябрьская д.10"),
        ("Талаа көчөсү", "с. Жоош, у. Тлааа, д.10"),
        ("Киев көчөсү", "с. Прохладное, у. Кпевская, №10"),
        ("Горький көчөсү", "Кызыл-Кия шаары, ул. Грького, д. 10"),
        ("8-Март көчөсү", "с. Жети-Кошкон, ул. 8 арта, д.10"),
        ("Нарын көчөсү", "село Кара-Суу, у. Нврынская, д.10"),
    ] {
        assert!(agree(kyrgyz, russian), "{kyrgyz} / {russian}");
    }
    for (kyrgyz, russian) in [
        ("1-Май көчөсү", "с. Тюп, ул. 2 Мая, 10"),
        ("8-Март көчөсү", "с. Тюп, ул. 8 Мая, 10"),
        (
            "Жусуп Абдрахманов көчөсү",
            "г. Каракол, ул. Юсупа Баласагына, 10",
        ),
        ("Жусуп Абдрахманов көчөсү", "г. Каракол, ул. Абая, 10"),
        ("Ибраимов-2 көчөсү", "с. Тюп, Ибраимов 3 к., 10"),
        ("Ибраимов көчөсү", "с. Тюп, ул. Ибраимова-2, 10"),
        ("Октябрьская көчөсү", "с.Ак-Буура-4 Ошская д.10"),
        ("Нарын көчөсү", "с. Кара-Суу, ул. Ошская, 10"),
        ("Бак көчөсү", "с. Кара-Суу, ул. Ош, 10"),
    ] {
        assert!(!agree(kyrgyz, russian), "{kyrgyz} / {russian}");
    }
}

#[test]
fn every_class_has_an_act() {
    for class in Class::ALL {
        assert!(!Act::of(*class).code().is_empty());
    }
    assert_eq!(Act::of(Class::Dead), Act::Strike);
}
