use fingerprint::{Minutia, MinutiaKind};

use super::*;

fn person(n: u32) -> PersonId {
    PersonId::of_source("test", &n.to_string())
}

/// A made-up print: 40 minutiae by a seed, all of them moved by `shift` pixels.
fn print(seed: u64, shift: u16) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1;
    let mut next = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let minutiae = (0..40)
        .map(|_| Minutia {
            x: u16::try_from(20 + next(260)).expect("small") + shift,
            y: u16::try_from(20 + next(350)).expect("small") + shift,
            angle: u8::try_from(next(256)).expect("a byte"),
            kind: MinutiaKind::Ending,
            quality: 80,
        })
        .collect();
    Template {
        width: 320,
        height: 400,
        quality: 80,
        minutiae,
    }
    .to_iso(fingerprint::FingerPosition::RightThumb)
}

fn subject(n: u32, seed: u64, shift: u16) -> Subject {
    let finger = |number| FingerPosition::new(number).expect("a finger");
    Subject {
        person: person(n),
        fingers: vec![
            (finger(1), print(seed, shift)),
            (finger(2), print(seed + 10_000, shift)),
        ],
    }
}

#[test]
fn one_person_under_two_records_is_referred_and_nobody_else() {
    let mut all: Vec<Subject> = (0..60).map(|n| subject(n, u64::from(n), 0)).collect();
    all.push(subject(60, 7, 6));
    // A second capture of the same record is no duplicate.
    all.push(subject(9, 9, 3));
    let subjects = Subjects::new(all, Policy::standard()).expect("good records");
    assert!(subjects.exhaustive());
    let checked: Vec<_> = (0..subjects.len()).map(|n| subjects.check(n)).collect();
    let pairs = pairs_of(&checked);
    let (first, second) = (person(7).min(person(60)), person(7).max(person(60)));
    let names = |pairs: &[Pair]| {
        pairs
            .iter()
            .map(|p| (p.first, p.second))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&pairs), [(first, second)]);
    // Half the comparisons bring the same pairs.
    let half = merge_pairs((0..subjects.len()).flat_map(|n| subjects.referred(n)));
    assert_eq!(names(&half), names(&pairs));
}

#[test]
fn the_prefilter_brings_the_planted_pair_too() {
    let mut all: Vec<Subject> = (0..60).map(|n| subject(n, u64::from(n), 0)).collect();
    all.push(subject(60, 7, 6));
    let policy = Policy {
        exhaustive_max: 10,
        ..Policy::standard()
    };
    let subjects = Subjects::new(all, policy).expect("good records");
    assert!(!subjects.exhaustive());
    let pairs = merge_pairs((0..subjects.len()).flat_map(|n| subjects.referred(n)));
    let (first, second) = (person(7).min(person(60)), person(7).max(person(60)));
    assert_eq!(
        pairs
            .iter()
            .map(|p| (p.first, p.second))
            .collect::<Vec<_>>(),
        [(first, second)]
    );
}

#[test]
fn triage_sorts_by_score_then_person_and_leaves_out_what_is_below() {
    let policy = Policy::standard();
    let at = |n, more: i32| Candidate {
        person: person(n),
        score: Score::new(u16::try_from(i32::from(policy.refer.value()) + more).expect("in range")),
    };
    assert_eq!(triage(&[at(1, -1)], &policy), Triage::Unique);
    let (low, high) = (person(1).min(person(2)), person(1).max(person(2)));
    let number = |p: PersonId| if p == person(1) { 1 } else { 2 };
    let got = triage(
        &[at(number(high), 0), at(3, 5), at(number(low), 0), at(4, -1)],
        &policy,
    );
    assert_eq!(
        got,
        Triage::Refer(vec![at(3, 5), at(number(low), 0), at(number(high), 0)])
    );
}

#[test]
fn a_damaged_record_is_an_error_not_a_panic() {
    let mut broken = subject(1, 1, 0);
    broken.fingers[0].1.truncate(20);
    assert_eq!(
        Subjects::new([broken], Policy::standard()).map(|_| ()),
        Err(SubjectError::Record)
    );
}
