#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::sync::Arc;

use lexicon::handover::envelope::{DocumentId, Signer};
use lexicon::handover::package::HomeVoting;
use lexicon::{FingerPosition, Method, RefusalReason};

use super::*;
use crate::testing::{OPENS, StubKey, TestKit, at, by_finger, manifest, serve};
use crate::{CheckIn, DraftError, OfficersError, ReportKind, Right, Step};

const DAY: i64 = 24 * 3600;
/// Saturday 10:00 and 18:00, seconds after Sunday's opening at 08:00.
const SATURDAY: i64 = 2 * 3600 - DAY;
const SATURDAY_EVENING: i64 = 10 * 3600 - DAY;

/// Two hall kits with 20 lines each, and the mobile kit M1 (K3) with the home list 3, 7, 25.
fn hall() -> Vec<TestKit> {
    hall_with("paper")
}

/// The same, with this ballot table.
fn hall_with(table: &str) -> Vec<TestKit> {
    let mut manifest = manifest(&[(1, 20), (21, 40), (1, 0)]);
    table.clone_into(&mut manifest.policy.ballot_table);
    manifest.lines = 40;
    manifest.policy.home = Some(HomeVoting {
        opens: OPENS + (SATURDAY - 2 * 3600) * 1_000_000,
        closes: OPENS + (SATURDAY_EVENING + 2 * 3600) * 1_000_000,
        kits: vec!["K3".to_owned()],
        voters: 3,
    });
    let charter = Arc::new(Charter::new(manifest, DocumentId([9; 32])).unwrap());
    let kit = |number: usize| {
        let key = StubKey::new(&format!("K{number}"));
        let book = Book::new(Arc::clone(&charter), key.kid(), vec![3, 7, 25]);
        let journal = Vec::new();
        TestKit { key, book, journal }
    };
    (1..=3).map(kit).collect()
}

fn visit(line: u32, finger: Option<u8>) -> CheckIn {
    CheckIn {
        method: Method::Home,
        finger: finger.and_then(FingerPosition::new),
        reason: if finger.is_some() { "" } else { "NO_FINGERS" }.to_owned(),
        ..by_finger(line)
    }
}

fn vote_at_home(kit: &mut TestKit, line: u32, finger: Option<u8>, seconds: i64) -> Act {
    match kit
        .book
        .check_in(&visit(line, finger), at(seconds))
        .unwrap()
    {
        Step::Commit(draft) => kit.commit_by(draft, ["O2", "O3"]),
        other @ (Step::AskGrant(_) | Step::CheckLine | Step::Promise(_) | Step::AskMajority(_)) => {
            unreachable!("{other:?}")
        }
    }
}

fn refused(kit: &mut TestKit, line: u32, seconds: i64) -> RefusalReason {
    kit.book.gate(line, at(seconds)).unwrap_err().reason
}

fn release(kit: &mut TestKit, line: u32, seconds: i64) -> Act {
    let chair = StubKey::new("O1");
    let draft = kit.book.release_home(line, at(seconds)).unwrap();
    let draft = draft.consented(&[&chair]).unwrap();
    kit.commit(draft)
}

/// S-22. On Saturday two officers visit with the mobile kit: 3 by finger, 7 without; 25 is not found. On Sunday the hall
/// kits know it: the initial report says home voted = 2 and nobody in the hall; 3 is red, 25 is reserved.
#[test]
fn s_22_home_voting_the_day_before() {
    let mut kits = hall();
    let mut mobile = kits.pop().unwrap().opened(SATURDAY);
    assert_eq!(refused(&mut mobile, 5, SATURDAY), RefusalReason::HomeOnly);
    // Two officers witness each act: one card, or a finger alone, is not enough.
    let alone = mobile
        .book
        .check_in(&by_finger(3), at(SATURDAY))
        .unwrap_err();
    assert_eq!(alone.reason, RefusalReason::NeedSecond);
    vote_at_home(&mut mobile, 3, Some(2), SATURDAY + 60);
    vote_at_home(&mut mobile, 7, None, SATURDAY + 600);
    // Whose slip did not come out is told that the act stands, not that a second officer is missing.
    let again = mobile
        .book
        .check_in(&by_finger(3), at(SATURDAY + 700))
        .unwrap_err();
    assert_eq!(again.reason, RefusalReason::Already);
    let tried = Some((Method::Home, 0));
    let draft = mobile
        .book
        .refuse(25, RefusalReason::HomeNotFound, tried, at(SATURDAY + 900));
    mobile.commit(draft);
    assert_eq!(mobile.book.state(25).not_found, 1);
    let draft = mobile.book.close(0, at(SATURDAY_EVENING)).unwrap();
    mobile.commit_by(draft, ["O1", "O3"]);
    assert_eq!(
        refused(&mut mobile, 25, SATURDAY_EVENING + 60),
        RefusalReason::OutOfHours
    );

    let journal = mobile.journal.clone();
    let mut one = kits.remove(0).opened(-3600);
    one.learn(&journal, -3600);
    let report = one
        .book
        .report(ReportKind::Initial, 1, 2, at(-3000))
        .unwrap();
    let home = report
        .by_method
        .iter()
        .find(|method| method.method == 5)
        .unwrap();
    assert_eq!(
        (report.counted, home.count),
        (2, 2),
        "home voted = 2, and nobody in the hall"
    );
    assert_eq!(report.refusals[0].reason, "HOME_NOT_FOUND");
    assert_eq!(refused(&mut one, 3, 60), RefusalReason::Already);
    assert_eq!(refused(&mut one, 25, 60), RefusalReason::HomeReserved);
    assert!(one.book.incidents().is_empty());
    serve(&mut one, 5, 120);
}

/// S-22. Outside the hours of the visits nobody is served at home.
#[test]
fn s_22_visits_have_hours_of_their_own() {
    let mut mobile = hall().pop().unwrap().opened(SATURDAY - 3 * 3600);
    assert_eq!(
        refused(&mut mobile, 3, SATURDAY - 3 * 3600),
        RefusalReason::OutOfHours
    );
    assert!(mobile.book.gate(3, at(SATURDAY)).is_ok());
    assert_eq!(refused(&mut mobile, 3, 60), RefusalReason::OutOfHours);
}

/// S-23 (b). 7 was not visited and comes to the hall: reserved, until the chair releases the line. The mobile kit is
/// closed, so the voter is served at once; a member's card is not the chair's.
#[test]
fn s_23_a_reserved_line_is_released_by_the_chair() {
    let mut kits = hall();
    let mut mobile = kits.pop().unwrap().opened(SATURDAY);
    let draft = mobile.book.close(0, at(SATURDAY_EVENING)).unwrap();
    mobile.commit_by(draft, ["O1", "O3"]);
    let mut one = kits.remove(0).opened(0);
    let journal = mobile.journal.clone();
    one.learn(&journal, 0);
    assert_eq!(refused(&mut one, 7, 60), RefusalReason::HomeReserved);
    let member = StubKey::new("O2");
    let draft = one
        .book
        .release_home(7, at(60))
        .unwrap()
        .consented(&[&member])
        .unwrap();
    let signed = draft.sign(&one.book, &one.key);
    assert_eq!(
        signed.unwrap_err(),
        DraftError::Officers(OfficersError::NoChair)
    );
    release(&mut one, 7, 61);
    serve(&mut one, 7, 62);
    let again = one.book.release_home(7, at(63)).unwrap_err();
    assert_eq!(again.reason, RefusalReason::Already);
    assert!(one.book.incidents().is_empty());
}

/// S-23 (b). The mobile kit is still on its way when the chair releases 7: an officer looks at the home register before
/// the hall serves. A mobile kit that hears of the release does not visit; one that did not, visits, and both acts and
/// the release are incidents.
#[test]
fn s_23_a_mobile_kit_that_did_not_hear_of_the_release_is_an_incident() {
    let mut kits = hall();
    // The law lets the visits go on until Sunday noon here.
    let mut manifest = kits[0].book.charter().manifest().clone();
    if let Some(home) = &mut manifest.policy.home {
        home.closes = OPENS + 4 * 3_600_000_000;
    }
    let charter = Arc::new(Charter::new(manifest, DocumentId([9; 32])).unwrap());
    for kit in &mut kits {
        kit.book = Book::new(Arc::clone(&charter), kit.key.kid(), vec![3, 7, 25]);
    }
    let mut mobile = kits.pop().unwrap().opened(SATURDAY);
    let mut one = kits.remove(0).opened(0);
    let journal = mobile.journal.clone();
    one.learn(&journal, 0);
    release(&mut one, 7, 61);
    assert_eq!(
        one.book.gate(7, at(62)),
        Ok(Right::CheckLine),
        "the paper register decides"
    );
    let officer = StubKey::new("O4");
    let draft = one
        .book
        .check_line(7, true, at(63))
        .consented(&[&officer])
        .unwrap();
    one.commit(draft);
    serve(&mut one, 7, 64);
    vote_at_home(&mut mobile, 7, Some(2), 100);
    let journal = one.journal.clone();
    mobile.learn(&journal, 200);
    let incidents = mobile.book.incidents();
    let codes: Vec<&str> = incidents
        .iter()
        .map(|incident| incident.code.as_str())
        .collect();
    assert_eq!(codes, ["DUPLICATE", "HOME_RELEASED"]);

    release(&mut one, 25, 210);
    let journal = one.journal.clone();
    mobile.learn(&journal, 220);
    assert_eq!(refused(&mut mobile, 25, 221), RefusalReason::HomeReleased);
}

/// S-23 (c). The mobile kit is lost on the way back: it is retired, its paper register is entered, each line counts once;
/// when the kit turns up, its acts take the place of what was entered.
#[test]
fn s_23_a_lost_mobile_kit_is_entered_from_its_paper_register() {
    let mut kits = hall();
    let mut mobile = kits.pop().unwrap().opened(SATURDAY);
    let act = vote_at_home(&mut mobile, 3, Some(2), SATURDAY + 60);
    let mut two = kits.pop().unwrap().opened(0);
    let mut one = kits.pop().unwrap().opened(0);
    let lost = mobile.book.me();
    let (first, second) = (one.journal.clone(), two.journal.clone());
    one.learn(&second, 1);
    two.learn(&first, 1);
    // K2 answers; the mobile kit does not.
    let question = two
        .book
        .message(one.book.me(), 1, &one.book.holdings(), at(59).wall);
    let answer = crate::KitMessage {
        answer: true,
        ..question
    };
    one.book.hear(&answer, at(60));
    let draft = one.book.take_over(&[lost], "KIT_LOST", at(61)).unwrap();
    one.commit_by(draft, ["O1", "O3"]);
    let draft = one
        .book
        .reconstruct(3, lost, 1, Method::Home, at(62))
        .unwrap();
    one.commit_by(draft, ["O1", "O3"]);
    let home = |book: &Book| book.by_method()[4].count;
    assert_eq!((one.book.counted(), home(&one.book)), (1, 1));
    assert_eq!(refused(&mut one, 3, 63), RefusalReason::Already);
    let journal = mobile.journal.clone();
    one.learn(&journal, 64);
    assert_eq!((one.book.counted(), home(&one.book)), (1, 1));
    assert_eq!(
        one.book.state(3).counted.as_ref().map(|act| act.name),
        Some(act.name)
    );
}

/// S-23 (c), at a table that scans. The mobile kit dies after its act on line 3, before the slip came out, and is lost with
/// what it told K1. On Sunday two officers resume the act in the hall: that slip gets its ballot at the table, once, and
/// the table counts the voter in the hall. Line 7, whose slip came out at home, stays a ballot given at home.
#[test]
fn s_23_an_act_at_home_that_is_resumed_in_the_hall_gets_its_ballot_there() {
    let mut kits = hall_with("scanned");
    let mut mobile = kits.pop().unwrap().opened(SATURDAY);
    let slip = vote_at_home(&mut mobile, 3, Some(2), SATURDAY + 60);
    let out = vote_at_home(&mut mobile, 7, None, SATURDAY + 120);
    let draft = mobile.book.printed(2, 0, at(SATURDAY + 121));
    mobile.commit(draft);
    let mut one = kits.remove(0).opened(0);
    let journal = mobile.journal.clone();
    one.learn(&journal, 1);
    let home = crate::BallotTable::Scanned;
    assert_eq!(one.book.charter().ballot_table(), home);
    let reason = |kit: &mut TestKit, slip: &Act, seconds| {
        let asked = kit.book.at_table(slip, at(seconds));
        asked.unwrap_err().reason
    };
    assert_eq!(reason(&mut one, &slip, 60), RefusalReason::BallotIssued);
    let draft = one.book.resume(3, false, at(61)).unwrap();
    one.commit_by(draft, ["O1", "O3"]);
    let count = one.book.table_count().unwrap();
    assert_eq!((count.home, count.waiting, count.issued), (1, 1, 0));
    assert!(one.book.at_table(&slip, at(62)).is_ok());
    let draft = one.book.sign_line(&slip, at(63)).unwrap();
    one.commit(draft);
    let draft = one.book.give_ballot(&slip, false, &[], at(64)).unwrap();
    one.commit(draft);
    let count = one.book.table_count().unwrap();
    assert_eq!((count.home, count.waiting, count.issued), (1, 0, 1));
    assert_eq!(reason(&mut one, &slip, 65), RefusalReason::BallotIssued);
    assert_eq!(reason(&mut one, &out, 66), RefusalReason::BallotIssued);
    let report = one.book.report(ReportKind::Running, 1, 2, at(67)).unwrap();
    assert_eq!(crate::arithmetic_fault(&report), None);
}
