use super::Says::{CannotTell, Distinct, Same};
use super::*;

#[test]
fn one_answer_settles_a_row_unless_it_is_of_the_doubled_part() {
    assert_eq!(review(&[], false), Review::Waits { place: 1 });
    assert_eq!(review(&[Same], false), Review::Decided(Same));
    assert_eq!(review(&[Same], true), Review::Waits { place: 2 });
    assert_eq!(review(&[Same, Same], true), Review::Decided(Same));
}

#[test]
fn where_two_differ_a_third_decides_and_three_different_answers_settle_nothing() {
    assert_eq!(review(&[Same, Distinct], true), Review::Waits { place: 3 });
    for third in [Same, Distinct] {
        assert_eq!(
            review(&[Same, Distinct, third], true),
            Review::Decided(third)
        );
    }
    assert_eq!(
        review(&[Same, Distinct, CannotTell], true),
        Review::Decided(CannotTell)
    );
}

#[test]
fn the_doubled_part_is_as_large_as_asked_and_grows_without_losing_anybody() {
    let subjects: Vec<String> = (0..20_000).map(|n| format!("row {n}")).collect();
    let part = |percent| subjects.iter().filter(|s| is_doubled(s, percent)).count();
    assert_eq!((part(0), part(100)), (0, subjects.len()));
    assert!((1_800..2_200).contains(&part(10)), "{}", part(10));
    let grows = |s: &String| !is_doubled(s, 10) || is_doubled(s, 11);
    assert!(subjects.iter().all(grows));
}

#[test]
fn a_human_looks_at_rows_found_without_a_pin_or_against_the_birth_date() {
    assert!(is_doubtful(FoundBy::Details, false));
    assert!(is_doubtful(FoundBy::Pin, true));
    assert!(!is_doubtful(FoundBy::Pin, false));
    assert!(!is_doubtful(FoundBy::Nobody, true));
}

#[test]
fn agreement_counts_the_first_two_answers_only() {
    let mut agreement = Agreement::default();
    for answers in [
        &[Same][..],
        &[Same, Same],
        &[Same, Distinct, Same],
        &[Distinct, Distinct],
    ] {
        agreement.add(answers);
    }
    assert_eq!(
        agreement,
        Agreement {
            pairs: 3,
            agreed: 2
        }
    );
}
