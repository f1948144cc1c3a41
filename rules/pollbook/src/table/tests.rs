//! The scanned ballot table: who may give a ballot, once, and what two officers mend.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use lexicon::handover::envelope::{Kid, Signer as _};
use lexicon::{Method, RefusalReason};

use crate::testing::{StubKey, StubRing, TestKit, at, kits_scanning, kits_under, serve};
use crate::{
    Act, BALLOT_RETURNED, Body, DraftError, Holdings, OfficersError, Refusal, Rejection,
    ReportKind, TableRight, arithmetic_fault,
};

const SHARES: [(u32, u32); 3] = [(1, 40), (41, 80), (81, 120)];
const TWO: [&str; 2] = ["O1", "O3"];

fn kid(kit: usize) -> Kid {
    StubKey::new(&format!("K{}", kit + 1)).kid()
}

fn hall(policy: &str) -> Vec<TestKit> {
    let kits = kits_scanning(policy, &SHARES);
    kits.into_iter().map(|kit| kit.opened(0)).collect()
}

/// These kits hold the same, and have heard each other just now.
fn meet(kits: &mut [TestKit], who: &[usize], seconds: i64) {
    let pairs = || {
        who.iter()
            .flat_map(|to| who.iter().map(move |from| (*to, *from)))
    };
    for (to, from) in pairs().filter(|(to, from)| to != from) {
        let journal = kits[from].journal.clone();
        kits[to].learn(&journal, seconds);
    }
    for (to, from) in pairs().filter(|(to, from)| to != from) {
        let me = kits[to].book.me();
        let mut answer = kits[from]
            .book
            .message(me, 0, &Holdings::default(), at(seconds).wall);
        answer.answer = true;
        kits[to].book.hear(&answer, at(seconds));
    }
}

fn reason<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> RefusalReason {
    answer.unwrap_err().reason
}

fn sign(kit: &mut TestKit, slip: &Act, seconds: i64) {
    let draft = kit.book.sign_line(slip, at(seconds)).unwrap();
    kit.commit(draft);
}

fn give(kit: &mut TestKit, slip: &Act, holders: &[Kid], seconds: i64) -> Result<Act, Refusal> {
    let draft = kit.book.give_ballot(slip, false, holders, at(seconds))?;
    Ok(kit.commit(draft))
}

/// The codes of what a kit's book shows to be explained.
fn codes(kit: &TestKit) -> Vec<String> {
    kit.book
        .incidents()
        .into_iter()
        .map(|found| found.code)
        .collect()
}

fn sums(kit: &TestKit) -> [u32; 6] {
    let count = kit.book.table_count().unwrap();
    [
        count.signed,
        count.issued,
        count.waiting,
        count.surplus,
        count.returned,
        count.home,
    ]
}

#[test]
fn the_owner_gives_one_ballot_for_a_slip_and_no_second() {
    let mut kits = hall("segment");
    let slip = serve(&mut kits[0], 7, 100);
    assert_eq!(sums(&kits[0]), [0, 0, 1, 0, 0, 0]);
    assert_eq!(
        reason(kits[0].book.give_ballot(&slip, false, &[], at(101))),
        RefusalReason::BallotInterrupted,
        "no ballot without a signed line"
    );
    let clear = TableRight::Clear {
        ask: Vec::new(),
        needed: 0,
    };
    assert_eq!(kits[0].book.at_table(&slip, at(102)), Ok(clear));
    sign(&mut kits[0], &slip, 103);
    let ballot = give(&mut kits[0], &slip, &[], 104).unwrap();
    assert!(matches!(ballot.body, Body::BallotIssued(_)));
    assert_eq!(sums(&kits[0]), [1, 1, 0, 0, 0, 0]);
    let again = kits[0].book.at_table(&slip, at(105)).unwrap_err();
    assert_eq!(again.reason, RefusalReason::BallotIssued);
    assert_eq!(again.evidence.unwrap().name, ballot.name);
    assert!(codes(&kits[0]).is_empty());
    // Another table hears of it and refuses too.
    meet(&mut kits, &[0, 1, 2], 106);
    assert_eq!(
        reason(kits[2].book.at_table(&slip, at(107))),
        RefusalReason::BallotIssued
    );
}

#[test]
fn a_slip_whose_act_is_not_known_is_no_ballot() {
    let mut kits = hall("segment");
    let slip = serve(&mut kits[0], 7, 100);
    meet(&mut kits[..], &[1, 2], 101);
    let refusal = kits[1].book.at_table(&slip, at(102)).unwrap_err();
    assert_eq!(
        (refusal.reason, refusal.kit),
        (RefusalReason::NotIdentified, Some(kid(0)))
    );
}

#[test]
fn a_table_that_owns_nothing_of_the_line_needs_the_owner_to_hold_its_line_signed() {
    let mut kits = hall("segment");
    let slip = serve(&mut kits[0], 7, 100);
    meet(&mut kits, &[0, 1, 2], 101);
    let ask = TableRight::Clear {
        ask: vec![kid(0)],
        needed: 1,
    };
    assert_eq!(kits[2].book.at_table(&slip, at(102)), Ok(ask));
    sign(&mut kits[2], &slip, 103);
    assert_eq!(
        reason(give(&mut kits[2], &slip, &[], 104)),
        RefusalReason::BallotInterrupted
    );
    meet(&mut kits, &[0, 2], 105);
    give(&mut kits[2], &slip, &[kid(0)], 106).unwrap();
    // Isolated, a kit gives ballots of its own lines only.
    let other = serve(&mut kits[0], 8, 107);
    meet(&mut kits, &[0, 1, 2], 108);
    let refusal = kits[2].book.at_table(&other, at(200)).unwrap_err();
    assert_eq!(
        (refusal.reason, refusal.kit),
        (RefusalReason::NotMyShare, Some(kid(0)))
    );
}

/// Story: one slip and a photocopy of it lie at K2's and K3's tables at once; K1 owns the line. Expect: whoever comes
/// to K1 second sees the first's LINE_SIGNED and gives no ballot.
#[test]
fn of_two_tables_at_once_one_gives_a_ballot() {
    let mut kits = hall("segment");
    let slip = serve(&mut kits[0], 7, 100);
    meet(&mut kits, &[0, 1, 2], 101);
    sign(&mut kits[1], &slip, 102);
    sign(&mut kits[2], &slip, 102);
    meet(&mut kits, &[0, 1], 103);
    meet(&mut kits, &[0, 2], 104);
    // The owner answers with what it holds of K2 as well.
    let held = kits[1].journal.clone();
    kits[2].learn(&held, 104);
    give(&mut kits[1], &slip, &[kid(0)], 105).unwrap();
    assert_eq!(
        reason(give(&mut kits[2], &slip, &[kid(0)], 105)),
        RefusalReason::BallotInterrupted
    );
    // The owner's own table sees both lines signed.
    assert_eq!(
        reason(kits[0].book.at_table(&slip, at(106))),
        RefusalReason::BallotInterrupted
    );
    meet(&mut kits, &[0, 1, 2], 107);
    assert_eq!(sums(&kits[0]), [1, 1, 0, 0, 0, 0]);
}

#[test]
fn under_quorum_a_majority_must_hold_the_line_signed() {
    let mut kits = hall("quorum");
    // Promises are the check-in's matter: here the act is entered by its own majority.
    let slip = by_majority(&mut kits, 7);
    meet(&mut kits, &[0, 1, 2], 110);
    sign(&mut kits[2], &slip, 111);
    assert_eq!(
        reason(give(&mut kits[2], &slip, &[], 112)),
        RefusalReason::BallotInterrupted
    );
    give(&mut kits[2], &slip, &[kid(1)], 113).unwrap();
    let other = by_majority(&mut kits, 8);
    meet(&mut kits, &[0, 1, 2], 120);
    assert_eq!(
        reason(kits[2].book.at_table(&other, at(200))),
        RefusalReason::NoMajority
    );
}

fn by_majority(kits: &mut [TestKit], line: u32) -> Act {
    use crate::{GrantAnswer, GrantAsk, Step};
    let seconds = 100 + i64::from(line);
    meet(kits, &[0, 1, 2], seconds);
    let check_in = crate::testing::by_finger(line);
    for _ in 0..4 {
        match kits[0].book.check_in(&check_in, at(seconds)).unwrap() {
            Step::Commit(draft) => return kits[0].commit(draft),
            Step::Promise(draft) => drop(kits[0].commit(draft)),
            Step::AskMajority(_) => {
                let request = kits[0].book.request_number(at(seconds));
                let ask = GrantAsk {
                    from: kid(0),
                    line,
                    request,
                };
                let GrantAnswer::Give(draft) = kits[1].book.grant(ask, at(seconds)) else {
                    unreachable!("K2 promises")
                };
                kits[1].commit(draft);
                meet(kits, &[0, 1], seconds);
            }
            Step::AskGrant(_) | Step::CheckLine => unreachable!("quorum asks all"),
        }
    }
    unreachable!("a majority of three promised")
}

#[test]
fn an_interrupted_table_is_two_officers_matter() {
    let mut kits = hall("segment");
    let slip = serve(&mut kits[0], 7, 100);
    sign(&mut kits[0], &slip, 101);
    // The power went between the two events.
    assert_eq!(
        kits[0].book.at_table(&slip, at(160)),
        Ok(TableRight::Officers)
    );
    let draft = kits[0].book.give_ballot(&slip, true, &[], at(161)).unwrap();
    let bare = draft.sign(&kits[0].book, &kits[0].key);
    let few = OfficersError::TooFew { got: 0, needed: 2 };
    assert_eq!(bare, Err(DraftError::Officers(few)));
    let draft = kits[0].book.give_ballot(&slip, true, &[], at(162)).unwrap();
    kits[0].commit_by(draft, TWO);
    assert_eq!(sums(&kits[0]), [1, 1, 0, 0, 0, 0]);
    assert!(codes(&kits[0]).is_empty());
}

/// Story: the table was interrupted; two officers look and find that the ballot was given. Expect: the slip is refused at
/// every table from then on, also after a restart: it is in the events.
#[test]
fn a_ballot_that_officers_found_given_is_not_asked_about_again() {
    let mut kits = hall("segment");
    let slip = serve(&mut kits[0], 7, 100);
    sign(&mut kits[0], &slip, 101);
    let draft = kits[0].book.resume(7, true, at(160)).unwrap();
    kits[0].commit_by(draft, TWO);
    meet(&mut kits, &[0, 1, 2], 170);
    for kit in &mut kits {
        let answer = kit.book.at_table(&slip, at(171));
        assert_eq!(reason(answer), RefusalReason::LineSigned);
    }
}

#[test]
fn a_table_that_fell_silent_after_the_signature_is_resumed_elsewhere() {
    let mut kits = hall("segment");
    let slip = serve(&mut kits[0], 7, 100);
    meet(&mut kits, &[0, 1, 2], 101);
    sign(&mut kits[2], &slip, 102);
    meet(&mut kits, &[0, 1, 2], 103);
    assert_eq!(
        reason(kits[0].book.at_table(&slip, at(104))),
        RefusalReason::BallotInterrupted
    );
    // Ten seconds of silence later it may be lost.
    assert_eq!(
        kits[0].book.at_table(&slip, at(130)),
        Ok(TableRight::Officers)
    );
    sign(&mut kits[0], &slip, 131);
    let draft = kits[0].book.give_ballot(&slip, true, &[], at(132)).unwrap();
    kits[0].commit_by(draft, TWO);
    // It had given the ballot after all, unknown to anybody: both are kept, one is counted.
    let late = kits[2].book.give_ballot(&slip, false, &[kid(0)], at(133));
    assert!(late.is_err(), "K1 is out of its reach by now: {late:?}");
    let draft = kits[2].book.give_ballot(&slip, true, &[], at(134)).unwrap();
    kits[2].commit_by(draft, TWO);
    meet(&mut kits, &[0, 1, 2], 140);
    for kit in &kits {
        assert_eq!(codes(kit), ["BALLOT_TWICE"]);
        assert_eq!(sums(kit), [1, 1, 0, 1, 0, 0]);
    }
}

#[test]
fn an_heir_gives_no_ballot_of_an_inherited_line_before_two_officers_looked() {
    let mut kits = hall("segment");
    let slip = serve(&mut kits[1], 50, 100);
    let draft = kits[1].book.printed(1, 0, at(101));
    kits[1].commit(draft);
    meet(&mut kits, &[0, 1, 2], 102);
    meet(&mut kits, &[0, 2], 200);
    let draft = kits[0]
        .book
        .take_over(&[kid(1)], "KIT_LOST", at(201))
        .unwrap();
    kits[0].commit_by(draft, TWO);
    assert_eq!(
        kits[0].book.at_table(&slip, at(202)),
        Ok(TableRight::Officers)
    );
}

/// Story: under `paper_lock` a spare that K1 never saw knows K1's slip from K2 and is cut off. Expect: it gives no ballot,
/// not even by two officers, while K1 would ask nobody; after K1 and K2 countersigned its opening two officers look.
#[test]
fn a_spare_that_the_owner_never_saw_gives_no_ballot() {
    let kits = kits_scanning("paper_lock", &[(1, 40), (41, 80), (1, 0)]);
    let mut kits: Vec<TestKit> = kits.into_iter().map(|kit| kit.opened(0)).collect();
    meet(&mut kits, &[0, 1], 99);
    let slip = serve(&mut kits[0], 7, 100);
    meet(&mut kits, &[0, 1], 101);
    meet(&mut kits, &[1, 2], 102);
    let told = kits[0].journal.clone();
    kits[2].learn(&told, 102);
    assert_eq!(
        reason(kits[2].book.at_table(&slip, at(103))),
        RefusalReason::NotMyShare
    );
    for who in [0, 1] {
        meet(&mut kits, &[who, 2], 104);
        let draft = kits[who].book.countersign(kid(2), at(104)).unwrap();
        kits[who].commit(draft);
        meet(&mut kits, &[who, 2], 105);
    }
    assert_eq!(
        kits[2].book.at_table(&slip, at(120)),
        Ok(TableRight::Officers)
    );
}

#[test]
fn a_slip_entered_from_paper_is_good_for_its_ballot() {
    let mut kits = hall("segment");
    let slip = serve(&mut kits[1], 50, 100);
    meet(&mut kits, &[0, 2], 200);
    let draft = kits[0]
        .book
        .take_over(&[kid(1)], "KIT_LOST", at(201))
        .unwrap();
    kits[0].commit_by(draft, TWO);
    assert_eq!(
        reason(kits[0].book.at_table(&slip, at(202))),
        RefusalReason::NotIdentified
    );
    let draft = kits[0]
        .book
        .reconstruct(50, kid(1), 1, Method::Finger, at(203))
        .unwrap();
    kits[0].commit_by(draft, TWO);
    assert_eq!(
        kits[0].book.at_table(&slip, at(204)),
        Ok(TableRight::Officers)
    );
}

/// S-29: an undo after the ballot takes the ballot back.
#[test]
fn an_undo_after_the_ballot_needs_the_ballot_back() {
    let mut kits = hall("segment");
    let slip = serve(&mut kits[0], 7, 100);
    sign(&mut kits[0], &slip, 101);
    give(&mut kits[0], &slip, &[], 102).unwrap();
    assert_eq!(
        reason(kits[0].book.undo(7, "WRONG_VOTER", at(103))),
        RefusalReason::BallotIssued
    );
    let draft = kits[0].book.undo(7, BALLOT_RETURNED, at(104)).unwrap();
    kits[0].commit_by(draft, TWO);
    assert_eq!(sums(&kits[0]), [0, 0, 0, 0, 1, 0]);
    assert!(codes(&kits[0]).is_empty());
    assert_eq!(
        reason(kits[0].book.at_table(&slip, at(105))),
        RefusalReason::NotIdentified
    );
    // The right voter of the line gets a slip and a ballot of their own.
    let slip = serve(&mut kits[0], 7, 106);
    sign(&mut kits[0], &slip, 107);
    give(&mut kits[0], &slip, &[], 108).unwrap();
    assert_eq!(sums(&kits[0]), [1, 1, 0, 0, 1, 0]);
}

#[test]
fn an_undo_that_crosses_a_ballot_is_shown() {
    let mut kits = hall("segment");
    let slip = serve(&mut kits[0], 7, 100);
    meet(&mut kits, &[0, 1, 2], 101);
    sign(&mut kits[2], &slip, 102);
    give(&mut kits[2], &slip, &[kid(0)], 103).unwrap();
    let draft = kits[0].book.undo(7, "WRONG_VOTER", at(103)).unwrap();
    kits[0].commit_by(draft, TWO);
    meet(&mut kits, &[0, 1, 2], 104);
    assert_eq!(codes(&kits[1]), ["BALLOT_NOT_COUNTED"]);
    assert_eq!(sums(&kits[1]), [0, 0, 0, 1, 0, 0]);
    // The voter whose line it is comes: two officers look, then there is a ballot, and both are shown.
    let slip = serve(&mut kits[0], 7, 105);
    meet(&mut kits, &[0, 1, 2], 106);
    assert_eq!(sums(&kits[1]), [0, 0, 1, 1, 0, 0]);
    assert_eq!(codes(&kits[1]), ["BALLOT_NOT_COUNTED"]);
    assert_eq!(
        kits[0].book.at_table(&slip, at(107)),
        Ok(TableRight::Officers)
    );
    sign(&mut kits[0], &slip, 108);
    assert_eq!(
        reason(give(&mut kits[0], &slip, &[], 108)),
        RefusalReason::BallotInterrupted
    );
    let draft = kits[0].book.give_ballot(&slip, true, &[], at(109)).unwrap();
    kits[0].commit_by(draft, TWO);
    assert_eq!(codes(&kits[0]), ["BALLOT_NOT_COUNTED", "BALLOT_TWICE"]);
    assert_eq!(sums(&kits[0]), [1, 1, 0, 1, 0, 0]);
    // A second ballot for the same slip is refused, and the act is undone only with its ballot back.
    assert_eq!(
        reason(kits[0].book.at_table(&slip, at(110))),
        RefusalReason::BallotIssued
    );
    assert_eq!(
        reason(kits[0].book.undo(7, "WRONG_VOTER", at(111))),
        RefusalReason::BallotIssued
    );
}

#[test]
fn a_report_bears_the_table_and_its_sums_are_checked() {
    let mut kits = hall("segment");
    for line in [7, 8] {
        serve(&mut kits[0], line, 100 + i64::from(line));
    }
    let slip = kits[0].book.state(7).counted.clone().unwrap();
    sign(&mut kits[0], &slip, 120);
    give(&mut kits[0], &slip, &[], 121).unwrap();
    let report = kits[0]
        .book
        .report(ReportKind::Running, 1, 5, at(130))
        .unwrap();
    let table = report.table.clone().unwrap();
    assert_eq!((report.counted, table.issued, table.waiting), (2, 1, 1));
    assert_eq!(table.ballots, [1, 0, 0]);
    assert_eq!(arithmetic_fault(&report), None);
    for wrong in [
        lexicon::handover::report::TableCount {
            waiting: 0,
            ..table.clone()
        },
        lexicon::handover::report::TableCount {
            surplus: 1,
            ..table.clone()
        },
    ] {
        let wrong = lexicon::handover::report::Report {
            table: Some(wrong),
            ..report.clone()
        };
        assert!(arithmetic_fault(&wrong).is_some());
    }
}

#[test]
fn events_of_a_table_are_refused_where_the_law_says_paper() {
    let mut kits = hall("segment");
    let slip = serve(&mut kits[0], 7, 100);
    let draft = kits[0].book.sign_line(&slip, at(101)).unwrap();
    let signed = draft.sign(&kits[0].book, &kits[0].key).unwrap();
    let paper = kits_under("segment", &SHARES);
    assert_eq!(
        crate::admit(paper[0].book.charter(), &signed, &StubRing).err(),
        Some(Rejection::Kind(20))
    );
    assert!(paper[0].book.table_count().is_none());
}
