#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use lexicon::handover::folder::bytes;
use lexicon::handover::package::{DistrictEntry, PackageVoter};

use super::*;

const KEY: [u8; 32] = [5; 32];

fn voter(line: u32, name: [&str; 3], pin: &str, document: &str) -> PackageVoter {
    PackageVoter {
        line,
        page: line.div_ceil(25),
        surname: name[0].to_owned(),
        given: name[1].to_owned(),
        patronymic: name[2].to_owned(),
        born: "1985-04-15".to_owned(),
        sex: "M".to_owned(),
        photo: bytes(&[]),
        fingers: Vec::new(),
        pin_token: index_token(&KEY, pin).into(),
        document_tokens: vec![index_token(&KEY, document).into()],
        home: false,
    }
}

fn index() -> VoterIndex {
    let voters = vec![
        voter(
            1,
            ["Асанов", "Үсөн", "Бейшенбекович"],
            "21504198500471",
            "ID2748193",
        ),
        voter(
            2,
            ["Асанов", "Үсөн", "Тургунбекович"],
            "20211197100012",
            "AN1234567",
        ),
        voter(3, ["Осмонов", "Жаныбек", ""], "20101199000001", "AN7654321"),
        voter(
            4,
            ["Жаныбек уулу", "Нурлан", ""],
            "20101199100001",
            "ID0000001",
        ),
        voter(
            5,
            ["Жээнбекова", "Чынара", "Асановна"],
            "10101199200001",
            "ID0000002",
        ),
    ];
    let neighbour = index_token(&KEY, "10905199900001");
    let body = PackageBody {
        version: 0,
        election: 1,
        precinct: 1001,
        index_key: KEY.into(),
        voters,
        district: vec![DistrictEntry {
            token: neighbour.into(),
            precinct: 1014,
        }],
        day_key: [0; 32].into(),
        address_ky: String::new(),
        address_ru: String::new(),
        places: None,
    };
    VoterIndex::new(&body, lexicon::Date::constant(2015, 10, 4))
}

fn check(text: &str, expected: Found) {
    assert_eq!(index().find(text), expected, "{text}");
}

#[test]
fn numbers_are_read_by_their_length() {
    check("2 15041985 00471", Found::Lines(vec![1]));
    check("215041985-0О471", Found::Lines(vec![1]));
    check("412", Found::Nobody);
    check("№ 3", Found::Lines(vec![3]));
    check("ID 2748193", Found::Lines(vec![1]));
    check("AN 765432", Found::Malformed(ParsePersonError::Document));
    check("AN 7654321", Found::Lines(vec![3]));
    check(
        "2150419850047",
        Found::Malformed(ParsePersonError::PinLength { got: 13 }),
    );
    check(
        "23104198500471",
        Found::Malformed(ParsePersonError::PinDate),
    );
    check("20101199000002", Found::Nobody);
    check("10905199900001", Found::Elsewhere(1014));
    check("  ", Found::Empty);
}

#[test]
fn names_are_found_over_spelling_layout_and_order() {
    for text in [
        "асанов үсөн",
        "Usen Asanov",
        "усон асанов",
        "fcfyjd",
        "АСАНОВ УСОН",
    ] {
        let Found::Lines(lines) = index().find(text) else {
            unreachable!("{text} finds lines")
        };
        assert_eq!(lines[..2], [1, 2], "{text}");
    }
    let first = |text: &str| {
        let Found::Lines(lines) = index().find(text) else {
            unreachable!("{text} finds lines")
        };
        *lines.first().unwrap()
    };
    assert_eq!(first("османов"), 3);
    assert_eq!(first("жаныбек уулу нурлан"), 4);
    assert_eq!(first("джеенбекова чинара"), 5);
}
