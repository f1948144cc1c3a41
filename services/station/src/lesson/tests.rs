#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;

#[test]
fn what_was_typed_says_by_what_it_was_looked_for() {
    let check = |text: &str, found: Found, by, line| {
        assert_eq!(Search::of(text, &found), Search { by, line }, "{text}");
    };
    check("1 12031975 00000", Found::Lines(vec![3]), By::Pin, 3);
    check("ID0000005", Found::Lines(vec![5]), By::Document, 5);
    check("Осмонов", Found::Lines(vec![12, 13]), By::Name, 0);
    check("3", Found::Lines(vec![3]), By::Line, 3);
    check("20101197000000", Found::Nobody, By::Pin, 0);
}

#[test]
fn a_task_is_not_done_by_a_search_of_another_kind() {
    let seen = |searches: &'static [Search]| Seen {
        acts: &[],
        searches,
        reports: &["initial"],
        hours: &[9],
    };
    let by_pin = Check::Found {
        by: By::Pin,
        line: 3,
    };
    assert!(!holds(
        by_pin,
        &seen(&[Search {
            by: By::Name,
            line: 3
        }])
    ));
    assert!(!holds(
        by_pin,
        &seen(&[Search {
            by: By::Pin,
            line: 4
        }])
    ));
    assert!(holds(
        by_pin,
        &seen(&[Search {
            by: By::Pin,
            line: 3
        }])
    ));
    assert!(holds(Check::Report("initial"), &seen(&[])));
    assert!(!holds(Check::Report("final"), &seen(&[])));
    assert!(holds(Check::Hour(9), &seen(&[])) && !holds(Check::Hour(10), &seen(&[])));
}

#[test]
fn progress_is_taken_up_as_it_was_kept_and_another_version_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut lesson = Lesson::new(Part::Operator, 4);
    lesson.charge(50);
    lesson.charge(5_000);
    lesson.pass(Mark::Done, 7);
    lesson.pass(Mark::Skipped, 9);
    lesson.keep(folder.path());
    let again = Lesson::read(folder.path()).unwrap();
    assert_eq!(again, lesson);
    assert_eq!((again.at, again.since, again.seconds()), (2, 9, 170));
    assert_eq!(
        (again.count(Mark::Done), again.count(Mark::Skipped)),
        (1, 1)
    );
    lesson.records.pop();
    lesson.keep(folder.path());
    assert_eq!(Lesson::read(folder.path()), None);
}
