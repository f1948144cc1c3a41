#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;
use crate::testkit::{Country, law, precinct};

#[test]
fn the_superseded_chain_is_told_and_so_is_the_reason() {
    let mut country = Country::new();
    country.voter("Асанова");
    country.voter("Усенова");
    country.event("Усенова", "death", "2015-01-01");
    country.form2("a", "Асанова", 1002, "2015-09-10T10:00:00");
    country.form2("b", "Асанова", 9001, "2015-09-12T10:00:00");
    let (snapshot, roll) = country.formed();
    let (salts, key, law) = (SaltKey::new(&[1; 32]), LookupKey::new(&[2; 32]), law());
    let claims = ClaimsByPerson::of(&snapshot);
    let answers = Answers {
        snapshot: &snapshot,
        roll: &roll,
        law: &law,
        release: 3,
        salts: &salts,
        key: &key,
        claims: &claims,
        after: None,
    };
    let told = answers.of_list(roll.list(precinct(9001)).unwrap(), 0);
    assert_eq!(told.len(), 1);
    let chain: Vec<_> = told[0]
        .answer
        .claims
        .iter()
        .map(|c| (c.precinct, c.outcome.as_str()))
        .collect();
    assert_eq!(chain, vec![(1002, "SUPERSEDED"), (9001, "COUNTS")]);
    assert_eq!(
        told[0].token,
        key.token(20_151_004, "20905198000001", "AN0000001")
    );
    let absent = answers.absences();
    assert_eq!(absent.len(), 1);
    assert_eq!(
        (
            absent[0].statement.reason.as_str(),
            absent[0].statement.release
        ),
        ("DEAD", 3)
    );
    let token = key.token(20_151_004, "20905198000002", "AN0000002");
    assert_eq!(*absent[0].statement.token, token.address());
    let entry = absent[0].clone().entry(b"signed");
    assert_eq!(entry.answer.absence.unwrap().as_slice(), b"signed");
}
