use lexicon::handover::release::{RollLine, SaltKey, SaltedLine};

use super::*;

fn salted(precinct: u16, line: u32, page: u32) -> SaltedLine {
    let line = RollLine {
        precinct,
        line,
        page,
        surname: "Асанов".to_owned(),
        given: "Үсөн".to_owned(),
        patronymic: String::new(),
        born: "1985-04-15".to_owned(),
        address: String::new(),
    };
    SaltedLine::new(line, &SaltKey::new(&[1; 32]))
}

fn refusal(line: &SaltedLine, expected: u32) -> String {
    demand_place(line, expected, 1001, 25)
        .err()
        .map_or_else(String::new, |error| error.to_string())
}

#[test]
fn a_line_stands_where_precinct_number_and_law_say() {
    assert_eq!(refusal(&salted(1001, 25, 1), 25), "");
    assert_eq!(refusal(&salted(1001, 26, 2), 26), "");
    assert_eq!(
        refusal(&salted(1002, 25, 1), 25),
        "line 25 belongs to precinct 1002"
    );
    assert_eq!(refusal(&salted(1001, 27, 2), 26), "line 26 bears number 27");
    assert_eq!(
        refusal(&salted(1001, 26, 1), 26),
        "line 26 stands on page 1, by the law it is page 2"
    );
}

#[test]
fn the_first_line_that_is_not_the_proven_one_is_named() {
    let lines = vec![salted(1001, 1, 1), salted(1001, 2, 1)];
    let commitments: Vec<Commitment> = lines.iter().map(SaltedLine::commitment).collect();
    let list = PrecinctLines {
        lines,
        commitments: commitments.clone(),
    };
    assert!(list.demand(&commitments).is_ok());
    let differs = |proven: &[Commitment]| match list.demand(proven) {
        Err(ListError::NotOfRelease { line }) => line,
        Err(_) | Ok(()) => 0,
    };
    assert_eq!(differs(&[commitments[0], [0; 32]]), 2);
    assert_eq!(differs(&commitments[..1]), 2);
}
