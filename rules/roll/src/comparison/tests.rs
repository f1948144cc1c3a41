use super::*;

fn protocol(received: u64, causes: [u64; 4]) -> Protocol {
    Protocol {
        precinct: 1001,
        received,
        not_on_list: causes[0],
        finger: causes[1],
        fallback: causes[2],
        fault: causes[3],
    }
}

fn check(protocol: Protocol, identified: u64, expected: (u64, u64)) -> Compared {
    let found = compare(Some(protocol), Some(identified));
    assert_eq!(
        (found.ballots_unexplained, found.marks_unexplained),
        expected
    );
    found
}

#[test]
fn what_the_causes_explain_is_not_unexplained() {
    assert!(check(protocol(100, [1, 2, 3, 4]), 90, (0, 0)).agrees());
    check(protocol(100, [0, 0, 0, 0]), 90, (10, 0));
    check(protocol(100, [1, 2, 3, 4]), 92, (0, 2));
    check(protocol(0, [0, 0, 0, 0]), 0, (0, 0));
}

#[test]
fn a_sum_hides_no_precinct_behind_another() {
    let more = compare(Some(protocol(100, [0; 4])), Some(95));
    let fewer = compare(Some(protocol(100, [0; 4])), Some(105));
    let waits = [
        compare(None, Some(7)),
        compare(Some(protocol(50, [0; 4])), None),
    ];
    let sum = Compared::sum([more, fewer].iter().chain(&waits));
    assert_eq!((sum.ballots_unexplained, sum.marks_unexplained), (5, 5));
    assert_eq!(
        (sum.stations, sum.compared, sum.no_protocol, sum.no_day),
        (4, 2, 1, 1)
    );
    assert_eq!(
        (sum.said.received, sum.identified),
        (200, 200),
        "only the compared are added"
    );
    assert!(!sum.agrees());
}
