#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use super::super::testing::HashKey as Desk;
use super::*;

const ELECTION: u32 = 20_151_004;

fn claim(number: u32) -> TakenClaim {
    TakenClaim {
        number,
        kind: "form2".to_owned(),
        pin: 20_901_195_070_040,
        taken: 1_000 + i64::from(number),
        target: Some(1002),
        field: String::new(),
        value: "ordinary".to_owned(),
        identified: true,
    }
}

fn file(claims: Vec<TakenClaim>) -> ClaimFile {
    ClaimFile {
        suite: SUITE.to_owned(),
        election: ELECTION,
        office: "TK07".to_owned(),
        made_at: 2_000,
        claims,
    }
}

fn open(signed: &[u8]) -> Result<(ClaimFile, DocumentId), ClaimFileError> {
    let desk = Desk(9);
    ClaimFile::open(signed, ELECTION, &desk, |office| {
        (office == "TK07").then(|| desk.point())
    })
}

#[test]
fn a_file_comes_back_as_it_was_signed_and_under_its_offices_key_alone() {
    let made = file(vec![claim(1), claim(5)]);
    let signed = made.sign(&Desk(9)).unwrap();
    let (opened, id) = open(&signed).unwrap();
    assert_eq!(opened, made);
    assert_eq!(
        open(&signed).unwrap().1,
        id,
        "the same bytes are one document"
    );
    // Another office's key, a changed byte, an office that nobody knows.
    assert!(matches!(
        open(&made.sign(&Desk(8)).unwrap()),
        Err(ClaimFileError::Envelope(_))
    ));
    let mut changed = signed.clone();
    let at = changed.windows(8).position(|w| w == b"ordinary").unwrap();
    changed[at] = b'O';
    assert!(matches!(open(&changed), Err(ClaimFileError::Envelope(_))));
    let stranger = ClaimFile {
        office: "TK08".to_owned(),
        ..made
    };
    assert_eq!(
        open(&stranger.sign(&Desk(9)).unwrap()),
        Err(ClaimFileError::Unknown("TK08".to_owned()))
    );
}

#[test]
fn what_contradicts_itself_is_refused_as_a_whole() {
    let check = |made: ClaimFile, expected: Option<&str>| {
        assert_eq!(made.contradiction(ELECTION), expected);
    };
    check(file(vec![claim(1), claim(2)]), None);
    check(file(Vec::new()), None);
    let rise = Some("its numbers do not rise");
    check(file(vec![claim(2), claim(1)]), rise);
    check(file(vec![claim(2), claim(2)]), rise);
    check(file(vec![claim(0)]), rise);
    let late = TakenClaim {
        taken: 2_001,
        ..claim(1)
    };
    check(
        file(vec![late]),
        Some("a claim was taken after the file was made"),
    );
    let long = TakenClaim {
        value: "ы".repeat(201),
        ..claim(1)
    };
    check(file(vec![long]), Some("a text is too long"));
    let other = ClaimFile {
        election: 1,
        ..file(Vec::new())
    };
    check(other, Some("it is for another election"));
    for code in ["", "D", "7TK", "tk07", "TK-07", "TK0000007"] {
        assert!(!is_office_code(code), "{code}");
    }
    assert_eq!(claim_id("TK07", 12), "TK070000012");
    assert!(
        !format!("{:?}", claim(1)).contains("2090"),
        "no PIN in a log"
    );
}
