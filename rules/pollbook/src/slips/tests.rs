//! A slip is taken once in the hall; two tables that did not hear each other show it when they meet.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use lexicon::RefusalReason;

use crate::testing::{StubRing, TestKit, at, kits, kits_scanning, serve};
use crate::{Body, Rejection};

fn two() -> [TestKit; 2] {
    let mut both = kits(&[(1, 50), (51, 100)]).into_iter();
    let mut both = [both.next().unwrap(), both.next().unwrap()].map(|kit| kit.opened(-60));
    let (one, two) = (both[0].journal.clone(), both[1].journal.clone());
    both[0].learn(&two, 0);
    both[1].learn(&one, 0);
    both
}

#[test]
fn a_copy_is_taken_at_no_table_that_heard_of_the_slip() {
    let [mut one, mut two] = two();
    let slip = serve(&mut one, 7, 10);
    let draft = one.book.take_slip(&slip, at(20)).unwrap();
    let taken = one.commit(draft);
    two.learn(&one.journal.clone(), 21);
    for kit in [&mut one, &mut two] {
        let refused = kit.book.take_slip(&slip, at(30)).unwrap_err();
        assert_eq!(refused.reason, RefusalReason::BallotIssued);
        assert_eq!(refused.evidence.unwrap().name, taken.name);
        assert_eq!(kit.book.slips_taken(), Some(1));
        assert!(kit.book.incidents().is_empty());
    }
}

#[test]
fn a_slip_taken_on_both_sides_of_a_cut_is_an_incident_and_both_are_kept() {
    let [mut one, mut two] = two();
    let slip = serve(&mut one, 7, 10);
    // The second table never heard of the check-in either.
    let draft = one.book.take_slip(&slip, at(20)).unwrap();
    let first = one.commit(draft);
    let draft = two.book.take_slip(&slip, at(25)).unwrap();
    let second = two.commit(draft);
    two.learn(&one.journal.clone(), 40);
    one.learn(&two.journal.clone(), 40);
    for kit in [&one, &two] {
        let found = kit.book.incidents();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].code.as_str(), found[0].line), ("SLIP_TWICE", 7));
        let mut events = [first.reference(), second.reference()];
        events.sort();
        assert_eq!(found[0].evidence, events);
        assert_eq!(kit.book.slips_taken(), Some(1), "one slip, two events");
        assert_eq!(kit.book.slip_taken(&slip).unwrap().name, first.name);
        assert_eq!(kit.book.counted(), 1);
    }
}

#[test]
fn a_table_that_scans_has_other_events() {
    let mut scanning = kits_scanning("segment", &[(1, 50)]).remove(0).opened(-60);
    let slip = serve(&mut scanning, 7, 10);
    let refused = scanning.book.take_slip(&slip, at(20)).unwrap_err();
    assert_eq!(refused.reason, RefusalReason::NotHere);
    // The event of a table that does not scan is not admitted there.
    let mut plain = kits(&[(1, 50)]).remove(0).opened(-60);
    let slip = serve(&mut plain, 7, 10);
    let draft = plain.book.take_slip(&slip, at(20)).unwrap();
    let act = plain.commit(draft);
    let refused = scanning.book.admit(&act.signed(), &StubRing).unwrap_err();
    assert_eq!(refused, Rejection::Kind(act.body.kind()));
    assert!(matches!(act.body, Body::SlipTaken(_)));
}
