use lexicon::handover::snapshot::{SecondAddressRow, StreetNameRow};

use super::*;
use crate::testkit::{Country, day};

/// Manas street was Belinsky's until 2010; the house `w2` is a corner with Chüy avenue; Jibek Jolu begins in 2016.
fn country() -> Country {
    let mut country = Country::new();
    let name = |street: &str, name: &str, from: Option<&str>, until: Option<&str>| StreetNameRow {
        street: street.to_owned(),
        name: name.to_owned(),
        from: from.map(day),
        until: until.map(day),
    };
    country.tables.street_names = vec![
        name("s-Манас", "Белинский", None, Some("2010-06-01")),
        name("s-Манас", "Manas", None, None),
        name("s-Манас", "Жибек Жолу", Some("2016-01-01"), None),
    ];
    country.tables.second_addresses.push(SecondAddressRow {
        address: "w2".to_owned(),
        soate: "41711000000000".parse().expect("a place"),
        street: "s-Чүй".to_owned(),
        street_name: "Чүй".to_owned(),
        house: "77".to_owned(),
    });
    country
}

fn check(text: &str, expected: Option<(&str, Option<&str>)>) {
    let snapshot = country().snapshot();
    let texts = HouseTexts::of(&snapshot, day("2015-10-04"));
    let found = texts.find(text);
    let found = found.map(|(at, fit)| (&*snapshot.addresses[at.at()].id, fit.map(Fit::code)));
    assert_eq!(found, expected, "{text}");
}

#[test]
fn a_building_is_found_by_id_by_every_name_of_its_street_and_by_each_address() {
    check("w1", Some(("w1", None)));
    check("Манас, 1", Some(("w1", Some("same"))));
    check("Manas, 1", Some(("w1", Some("same"))));
    check("Белинский, 1", Some(("w1", Some("former"))));
    check("Чүй, 77", Some(("w2", Some("same"))));
    check("Бишкек, ул. Белинского, д. 1", Some(("w1", Some("former"))));
    check("Бишкек, пр. Чуй, д. 77", Some(("w2", Some("same"))));
}

#[test]
fn a_name_that_has_not_begun_and_a_house_that_is_not_there_lead_nowhere() {
    check("Жибек Жолу, 1", None);
    check("Белинский, 9", None);
    check("", None);
}

#[test]
fn a_name_that_two_streets_bear_or_bore_leads_nowhere() {
    let mut country = country();
    country.house("b1", "Белинский", "1", (74_505_000, 42_807_000));
    let snapshot = country.snapshot();
    let texts = HouseTexts::of(&snapshot, day("2015-10-04"));
    assert_eq!(texts.find("Белинский, 1"), None);
}
