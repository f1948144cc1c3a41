#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use super::super::testing::HashKey as Desk;
use super::*;

const ELECTION: u32 = 20_151_004;

fn list(precinct: u16) -> HomeList {
    HomeList {
        suite: SUITE.to_owned(),
        election: ELECTION,
        precinct,
        release: 2,
        root: [7; 32].into(),
        cut_off: 1_000,
        frozen: 1_000,
        lines: vec![3, 17],
        lists: 2,
    }
}

fn read(lists: &[HomeList], key: &Desk) -> Result<Vec<HomeList>, HomeListError> {
    let signed: Vec<Vec<u8>> = lists.iter().map(|list| list.sign(key).unwrap()).collect();
    let desk = Desk(9);
    read_rows(&rows(&signed), ELECTION, &desk, desk.kid())
}

#[test]
fn what_the_desk_signed_is_read_back() {
    let both = [list(1001), list(1002)];
    assert_eq!(read(&both, &Desk(9)).unwrap(), both);
}

#[test]
fn a_file_that_lost_a_list_or_mixes_two_freezings_is_refused() {
    let missing = |got, expected| Err(HomeListError::Incomplete { got, expected });
    assert_eq!(read(&[list(1001)], &Desk(9)), missing(1, 2));
    assert_eq!(read(&[], &Desk(9)), missing(0, 0));
    let three = [list(1001), list(1002), list(1003)];
    assert_eq!(read(&three, &Desk(9)), missing(3, 2));
    let mut later = list(1002);
    later.frozen += 1;
    let what = "it is of another freezing than the rows before";
    let mixed = read(&[list(1001), later], &Desk(9));
    assert_eq!(mixed, Err(HomeListError::Contradicts { row: 2, what }));
}

#[test]
fn another_key_and_a_changed_row_are_refused() {
    let other = read(&[list(1001)], &Desk(8));
    assert!(matches!(
        other,
        Err(HomeListError::Signature { row: 1, .. })
    ));
    let desk = Desk(9);
    let text = rows(&[list(1001).sign(&desk).unwrap()]);
    let changed = text.replacen("0311", "0312", 1);
    assert_ne!(text, changed, "the lines 3 and 17 stand in it");
    let said = read_rows(&changed, ELECTION, &desk, desk.kid());
    assert!(matches!(said, Err(HomeListError::Signature { row: 1, .. })));
    let said = read_rows(&format!("{text}zz\n"), ELECTION, &desk, desk.kid());
    assert_eq!(said, Err(HomeListError::Row { row: 2 }));
}

#[test]
fn what_contradicts_itself_is_refused() {
    let check = |change: fn(&mut HomeList), expected| {
        let mut changed = list(1001);
        change(&mut changed);
        let said = read(&[changed], &Desk(9));
        let what = said.err().map(|error| match error {
            HomeListError::Contradicts { what, .. } => what,
            HomeListError::Row { .. }
            | HomeListError::Signature { .. }
            | HomeListError::Incomplete { .. } => "another refusal",
        });
        assert_eq!(what, Some(expected));
    };
    check(|list| list.frozen = 999, "it was frozen before the cut-off");
    check(|list| list.lines = vec![17, 3], "its lines do not rise");
    check(|list| list.lines = vec![3, 3], "its lines do not rise");
    check(|list| list.lines = vec![0, 3], "its lines do not rise");
    check(
        |list| list.suite = "kg2".to_owned(),
        "it is for another election",
    );
    let twice = read(&[list(1001), list(1001)], &Desk(9));
    let what = "its precinct stands twice";
    assert_eq!(twice, Err(HomeListError::Contradicts { row: 2, what }));
}
