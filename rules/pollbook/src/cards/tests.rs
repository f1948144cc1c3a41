#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use lexicon::Method;
use lexicon::handover::envelope::Signer as _;

use super::*;
use crate::testing::{StubKey, TestKit, at, by_finger, kits, serve};
use crate::{CheckIn, DraftError, Step};

fn card(name: &str) -> Kid {
    StubKey::new(name).kid()
}

fn two() -> [TestKit; 2] {
    let mut both = kits(&[(1, 50), (51, 100)]).into_iter();
    let mut both = [both.next().unwrap(), both.next().unwrap()].map(|kit| kit.opened(-60));
    let (one, two) = (both[0].journal.clone(), both[1].journal.clone());
    both[0].learn(&two, 0);
    both[1].learn(&one, 0);
    both
}

fn by_hand(line: u32) -> CheckIn {
    CheckIn {
        method: Method::Face2,
        finger: None,
        reason: "NO_FINGERS".to_owned(),
        ..by_finger(line)
    }
}

fn serve_by_hand(kit: &mut TestKit, line: u32, seconds: i64, officers: [&str; 2]) {
    let Step::Commit(draft) = kit.book.check_in(&by_hand(line), at(seconds)).unwrap() else {
        unreachable!("the line is in the kit's own share");
    };
    kit.commit_by(draft, officers);
}

fn codes(kit: &TestKit) -> Vec<String> {
    let incidents = kit.book.incidents().into_iter();
    incidents.map(|incident| incident.code).collect()
}

#[test]
fn a_withdrawn_card_signs_nothing_more_on_any_kit_that_knows_it() {
    let [mut one, mut two] = two();
    let draft = one.book.withdraw_card(card("O3"), "LOST", at(10)).unwrap();
    // The lost card does not withdraw itself, and one officer alone does not either.
    let own = draft
        .clone()
        .consented(&[&StubKey::new("O1"), &StubKey::new("O3")])
        .unwrap();
    let refused = own.sign(&one.book, &one.key).unwrap_err();
    assert_eq!(
        refused,
        DraftError::Officers(OfficersError::Withdrawn(card("O3")))
    );
    let alone = draft.clone().consented(&[&StubKey::new("O4")]).unwrap();
    assert!(alone.sign(&one.book, &one.key).is_err());
    one.commit_by(draft, ["O1", "O4"]);
    assert!(one.book.withdrawal(card("O3")).is_some());
    // The other kit does not know it yet: what is signed there afterwards is an incident in the end.
    let draft = two.book.take_shift(at(20)).unwrap();
    two.commit(draft.consented(&[&StubKey::new("O3")]).unwrap());
    assert_eq!(two.book.shift(two.book.me()), Some(card("O3")));
    let (first, second) = (one.journal.clone(), two.journal.clone());
    one.learn(&second, 30);
    two.learn(&first, 30);
    assert_eq!(
        (codes(&one), codes(&two)),
        (
            vec!["WITHDRAWN_CARD".to_owned()],
            vec!["WITHDRAWN_CARD".to_owned()]
        )
    );
    // From now on it is refused there as well.
    let draft = two.book.take_shift(at(40)).unwrap();
    let refused = draft
        .consented(&[&StubKey::new("O3")])
        .unwrap()
        .sign(&two.book, &two.key)
        .unwrap_err();
    assert_eq!(
        refused,
        DraftError::Officers(OfficersError::Withdrawn(card("O3")))
    );
}

#[test]
fn slips_come_later_only_with_the_chairs_card() {
    let [mut one, _] = two();
    let draft = one.book.let_slips_come_later(at(10)).unwrap();
    let member = draft.clone().consented(&[&StubKey::new("O2")]).unwrap();
    assert_eq!(
        member.sign(&one.book, &one.key),
        Err(DraftError::Officers(OfficersError::NoChair))
    );
    one.commit(draft.consented(&[&StubKey::new("O1")]).unwrap());
}

#[test]
fn eleven_in_a_row_by_one_pair_are_an_incident_and_ten_are_not() {
    let [mut one, _] = two();
    for line in 11..=20 {
        serve_by_hand(&mut one, line, i64::from(line), ["O1", "O3"]);
    }
    assert_eq!(one.book.longest_run(), Some(10));
    assert!(!codes(&one).contains(&"OVERRIDE_PAIR".to_owned()));
    // Another pair ends the run, whichever card is named first.
    serve_by_hand(&mut one, 21, 30, ["O4", "O1"]);
    serve_by_hand(&mut one, 22, 31, ["O3", "O1"]);
    assert_eq!(one.book.longest_run(), Some(10));
    for line in 23..=32 {
        serve_by_hand(&mut one, line, 32 + i64::from(line), ["O3", "O1"]);
    }
    assert!(codes(&one).contains(&"OVERRIDE_PAIR".to_owned()));
    assert_eq!(one.book.pairs()[0].1, 21);
}

#[test]
fn a_silence_has_a_beginning_an_end_and_the_kits_names() {
    let [mut one, mut two] = two();
    let hear = |kit: &mut TestKit, other: &TestKit, seconds: i64| {
        let mut message = other.book.message(
            kit.book.me(),
            1,
            &crate::Holdings::default(),
            at(seconds).wall,
        );
        message.answer = true;
        kit.book.hear(&message, at(seconds));
    };
    assert_eq!(
        one.book.link_change(at(1)),
        None,
        "never heard is no silence"
    );
    hear(&mut one, &two, 2);
    assert_eq!(one.book.link_change(at(3)), None);
    let lost = one.book.link_change(at(20)).unwrap();
    one.commit(lost);
    assert_eq!(one.book.link_change(at(21)), None, "said once");
    let open = one.book.silences();
    assert_eq!((open.len(), open[0].until), (1, None));
    hear(&mut one, &two, 600);
    let back = one.book.link_change(at(601)).unwrap();
    one.commit(back);
    let journal = one.journal.clone();
    two.learn(&journal, 602);
    let seen = two.book.silences();
    assert_eq!(seen, one.book.silences());
    assert_eq!(Kid(*seen[0].by), one.book.me());
    assert_eq!(Kid(*seen[0].kit), two.book.me());
    assert_eq!(seen[0].until.unwrap() - seen[0].from, 581_000_000);
    serve(&mut one, 7, 700);
    let report = one
        .book
        .report(crate::ReportKind::Running, 1, 4, at(701))
        .unwrap();
    assert_eq!(report.silences.unwrap().len(), 1);
}
