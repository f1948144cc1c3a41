#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;

fn today() -> Date {
    Date::constant(2015, 10, 4)
}

#[test]
fn the_specimen_pin_is_read() {
    let pin = Pin::parse("2 09051999 00000", today()).unwrap();
    assert_eq!(pin.sex(), Some(Sex::Male));
    assert_eq!(pin.birth_date(), Date::new(1999, 5, 9).ok());
    assert_eq!(pin.masked(), "2 ••••1999 ••000");
}

#[test]
fn a_wrong_pin_names_its_rule() {
    let check = |text: &str, expected: ParsePersonError| {
        assert_eq!(Pin::parse(text, today()).unwrap_err(), expected, "{text}");
    };
    check("2090519990000", ParsePersonError::PinLength { got: 13 });
    check("30905199900000", ParsePersonError::PinSex);
    check("23202199900000", ParsePersonError::PinDate);
    check("20905201600000", ParsePersonError::PinFuture);
    check("2090519990000x", ParsePersonError::PinDigit);
}

#[test]
fn cyrillic_letters_in_a_document_number_are_turned() {
    assert_eq!(
        DocumentNumber::parse("ЖЯ 1234567").unwrap_err(),
        ParsePersonError::Document
    );
    assert_eq!(
        DocumentNumber::parse("АС1234567").unwrap().as_str(),
        "AC1234567"
    );
}

#[test]
fn personal_data_never_shows_in_debug() {
    let name = CivilName::parse(NameParts {
        surname: "Асанов",
        given: "Үсөн",
        patronymic: "",
    });
    assert!(!format!("{:?}", name.unwrap()).contains("Асанов"));
}

#[test]
fn one_source_row_has_one_id() {
    assert_eq!(PersonId::of_source("a", "1"), PersonId::of_source("a", "1"));
    assert_ne!(PersonId::of_source("a", "1"), PersonId::of_source("a", "2"));
    assert_ne!(PersonId::of_source("a1", ""), PersonId::of_source("a", "1"));
}
