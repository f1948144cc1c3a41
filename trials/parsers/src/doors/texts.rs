//! Texts: laws, models, and what people type.

use lexicon::{
    CivilName, Date, DocumentNumber, ElectionLaw, Instant, NameParts, PersonId, Pin, PrecinctCode,
    Soate,
};
use linkage::Model;
use logistics::Planning;
use script::{Query, SearchName};

/// A law file.
pub fn parse_law(bytes: &[u8]) -> bool {
    let Ok(Ok(law)) = std::str::from_utf8(bytes).map(ElectionLaw::parse) else {
        return false;
    };
    let _ = (
        law.born_no_later_than(),
        law.days_before(law.list.enrolment_until_days),
        law.days_before(law.form2.until_days),
    );
    true
}

/// A linkage model.
pub fn parse_linkage_model(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| Model::parse(text).is_ok())
}

/// A planning file, and what it says for an election.
pub fn parse_planning(bytes: &[u8]) -> bool {
    let Ok(Ok(planning)) = std::str::from_utf8(bytes).map(Planning::parse) else {
        return false;
    };
    ElectionLaw::shipped("kg-2015").is_ok_and(|law| planning.terms(&law).is_ok())
}

/// What a person types into a form: numbers, names, moments, a search.
pub fn parse_typed_text(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let pin = Pin::parse(&text, Date::constant(2015, 10, 4));
    if let Ok(pin) = &pin {
        assert_eq!(pin.digits().len(), 14, "a PIN has 14 digits");
        let _ = (pin.birth_date(), pin.sex(), pin.masked());
    }
    let number = DocumentNumber::parse(&text);
    if let Ok(number) = &number {
        assert_eq!(
            DocumentNumber::parse(number.as_str()).as_ref(),
            Ok(number),
            "a number is read again alike"
        );
    }
    let (surname, given) = text.split_once(' ').unwrap_or((&text, ""));
    let parts = NameParts {
        surname,
        given,
        patronymic: "",
    };
    let name = CivilName::parse(parts);
    let found = SearchName::of(&[surname, given]);
    let _ = (
        Query::parse(&text).score(&found),
        script::fold(&text),
        script::romanise(&text),
        script::sort_key(&text),
    );
    let _ = (
        script::surname_root(&text),
        script::patronymic_stem(&text),
        script::clean(&text),
        script::title(&text),
    );
    let _ = (
        script::mrz_check_digit(&text),
        script::latin::cyrillic_from_latin(&text),
    );
    let _ = (
        text.parse::<PrecinctCode>(),
        text.parse::<Soate>(),
        text.parse::<PersonId>(),
    );
    pin.is_ok() | number.is_ok() | name.is_ok() | Instant::parse(&text).is_some()
}
