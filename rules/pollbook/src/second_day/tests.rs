#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use lexicon::handover::envelope::Signer;
use lexicon::handover::package::StationPolicy;

use super::*;
use crate::testing::{CLOSES, OPENS, StubKey, StubRing, TestKit, at, commission, kits_of, serve};
use crate::{OfficersError, ReportError, ReportKind, arithmetic_fault};

const DAY: i64 = 24 * 3600;
/// 12:00 of election day, and 09:00 of the next, seconds after the opening at 08:00.
const NOON: i64 = 4 * 3600;
const NEXT: i64 = DAY + 3600;
const TWO: [&str; 2] = ["O1", "O3"];

fn hall() -> Vec<TestKit> {
    let kits = kits_of(commission(None)).into_iter();
    kits.map(|kit| kit.opened(-1800)).collect()
}

fn decision(number: u8, opens: i64, hours: i64) -> DayDecision {
    DayDecision {
        suite: "kg1".to_owned(),
        election: 20_151_004,
        precinct: 1001,
        package: [9; 32].into(),
        number,
        opens: OPENS + opens * 1_000_000,
        closes: OPENS + (opens + hours * 3600) * 1_000_000,
        reason: "POWER".to_owned(),
        made_at: OPENS + NOON * 1_000_000,
    }
}

fn signed_by(decision: &DayDecision, cards: &[&str]) -> Arc<Decided> {
    let cards: Vec<StubKey> = cards.iter().map(|name| StubKey::new(name)).collect();
    let cards: Vec<&dyn Signer> = cards.iter().map(|card| card as _).collect();
    Arc::new(Decided::read(&decision.sign(&cards).unwrap()).unwrap())
}

fn taken(kit: &mut TestKit, decision: &DayDecision, seconds: i64) -> Act {
    let decided = signed_by(decision, &["T1", "T3"]);
    decided.verify(kit.book.charter(), &StubRing).unwrap();
    let draft = kit.book.decide_day(&decided, at(seconds)).unwrap();
    kit.commit(draft)
}

fn suspended(kit: &mut TestKit, seconds: i64) -> Act {
    let draft = kit.book.suspend("FIRE", at(seconds)).unwrap();
    kit.commit_by(draft, TWO)
}

fn session(kit: &mut TestKit, seconds: i64) {
    let draft = kit.book.open_session(at(seconds)).unwrap();
    kit.commit_by(draft, TWO);
}

fn refused(kit: &mut TestKit, line: u32, seconds: i64) -> RefusalReason {
    kit.book.gate(line, at(seconds)).unwrap_err().reason
}

fn codes(kit: &TestKit) -> Vec<String> {
    let found = kit.book.incidents().into_iter();
    found.map(|incident| incident.code).collect()
}

/// S-37. Fire at 12:00: the chair and a second officer close the precinct; K1 and K2 stop. The commission above decides that
/// voting goes on the next day from 09:00; the decision comes to K1 on a stick, K2 has it from K1. Both are opened for
/// that day; who voted yesterday is red, the initial report of the morning shows yesterday's voters and nobody of today,
/// and the final one adds both days up.
#[test]
fn s_37_voting_goes_on_the_next_day() {
    let mut kits = hall();
    let (mut two, mut one) = (kits.pop().unwrap(), kits.pop().unwrap());
    serve(&mut one, 5, 3600);
    serve(&mut two, 25, 3700);
    suspended(&mut one, NOON);
    let journal = one.journal.clone();
    two.learn(&journal, NOON + 1);
    for kit in [&mut one, &mut two] {
        assert_eq!(refused(kit, 7, NOON + 60), RefusalReason::Suspended);
        // Closed is the day, not the kit: it waits for a decision, or for the law's closing time.
        assert!(kit.book.close(0, at(NOON + 61)).is_err());
    }
    assert_eq!(one.book.hours_over(at(9 * 3600)), [9, 10, 11, 12]);
    assert!(
        one.book.open_session(at(NEXT - 3600)).is_err(),
        "no decision"
    );
    taken(&mut one, &decision(1, NEXT, 11), NEXT - 3000);
    session(&mut one, NEXT - 2900);
    assert_eq!(refused(&mut one, 7, NEXT - 60), RefusalReason::OutOfHours);
    // K2 has not heard of it: it serves nobody, and is not opened for the day.
    assert_eq!(refused(&mut two, 27, NEXT + 60), RefusalReason::Suspended);
    assert!(two.book.open_session(at(NEXT - 2800)).is_err());
    let journal = one.journal.clone();
    two.learn(&journal, NEXT - 2700);
    session(&mut two, NEXT - 2600);
    let journal = two.journal.clone();
    one.learn(&journal, NEXT - 2500);
    let initial = one.book.report(ReportKind::Initial, 2, 2, at(NEXT - 600));
    let initial = initial.unwrap();
    assert_eq!((initial.counted, arithmetic_fault(&initial)), (2, None));
    for (kit, line) in [(&mut one, 5), (&mut two, 25)] {
        assert_eq!(refused(kit, line, NEXT + 60), RefusalReason::Already);
    }
    serve(&mut one, 7, NEXT + 120);
    serve(&mut two, 27, NEXT + 130);
    assert!(matches!(
        one.book.report(ReportKind::Initial, 3, 2, at(NEXT + 200)),
        Err(ReportError::NotZero { acts: 1 })
    ));
    let journal = two.journal.clone();
    one.learn(&journal, NEXT + 300);
    let end = NEXT + 11 * 3600;
    assert!(
        one.book.close(0, at(end - 60)).is_err(),
        "the new closing holds"
    );
    let draft = one.book.close(1, at(end)).unwrap();
    one.commit_by(draft, TWO);
    serve(&mut one, 8, end + 60);
    let last = one
        .book
        .report(ReportKind::Final, 4, 2, at(end + 120))
        .unwrap();
    assert_eq!(
        (last.counted, last.after_close, arithmetic_fault(&last)),
        (5, 1, None)
    );
    let days = last.days.unwrap();
    let sums: Vec<_> = days.iter().map(|day| (day.counted, day.outside)).collect();
    assert_eq!(sums, [(2, 0), (3, 1)]);
    assert_eq!(days[0].reason.as_deref(), Some("FIRE"));
    assert_eq!(days[0].suspended, Some(OPENS + NOON * 1_000_000));
    assert!(days[1].decision.is_some() && days[1].suspended.is_none());
    assert_eq!(codes(&one), Vec::<String>::new());
    let hours = one.book.hours_over(at(NEXT + 2 * 3600));
    assert_eq!(hours, [9, 10, 11, 12, 34, 35]);
}

/// A kit out of reach serves on after the precinct was closed: its act counts, and is shown with the event that closed it.
#[test]
fn s_37_an_act_of_a_kit_that_did_not_hear_is_shown() {
    let mut kits = hall();
    let (mut two, mut one) = (kits.pop().unwrap(), kits.pop().unwrap());
    suspended(&mut one, NOON);
    serve(&mut two, 25, NOON + 600);
    let journal = two.journal.clone();
    one.learn(&journal, NOON + 700);
    assert_eq!(one.book.counted(), 1);
    assert_eq!(codes(&one), ["WHILE_SUSPENDED"]);
    let counts = one.book.day_counts().unwrap();
    assert_eq!((counts[0].counted, counts[0].outside), (1, 1));
    let again = one.book.suspend("FIRE", at(NOON + 800)).unwrap_err();
    assert_eq!(again.reason, RefusalReason::Suspended);
}

/// The chair's card must be among the two; a reason is one of the list; a day that is over is not closed before its time.
#[test]
fn s_37_the_chair_and_a_second_officer_close_the_precinct() {
    let mut one = hall().remove(0);
    let draft = one.book.suspend("FIRE", at(NOON)).unwrap();
    let cards = ["O2", "O3"].map(StubKey::new);
    let draft = draft.consented(&[&cards[0], &cards[1]]).unwrap();
    assert_eq!(
        draft.sign(&one.book, &one.key).unwrap_err(),
        crate::DraftError::Officers(OfficersError::NoChair)
    );
    let unknown = one.book.suspend("RAIN", at(NOON)).unwrap_err();
    assert_eq!(unknown.reason, RefusalReason::NotHere);
    let over = one.book.suspend("FIRE", at(12 * 3600)).unwrap_err();
    assert_eq!(over.reason, RefusalReason::OutOfHours);
}

/// Law data say who decides, how long after, and for how many hours.
#[test]
fn s_37_a_decision_that_the_law_does_not_allow_is_refused() {
    let one = hall().remove(0);
    let verify = |decided: &Decided| decided.verify(one.book.charter(), &StubRing);
    let good = decision(1, NEXT, 11);
    assert!(verify(&signed_by(&good, &["T2", "T3"])).is_ok());
    for (cards, why) in [
        (&["T1"][..], OfficersError::TooFew { got: 1, needed: 2 }),
        (&["O1", "O3"][..], OfficersError::NotCommission),
        (&["T1", "O3"][..], OfficersError::NotCommission),
    ] {
        assert_eq!(
            verify(&signed_by(&good, cards)),
            Err(Rejection::Officers(why))
        );
    }
    let hours = Err(Rejection::Decision(
        "names hours that the law does not allow",
    ));
    let check = |change: &dyn Fn(&mut DayDecision)| {
        let mut changed = good.clone();
        change(&mut changed);
        verify(&signed_by(&changed, &["T1", "T2"]))
    };
    assert_eq!(check(&|d| d.closes += HOUR_MICROS * 2), hours);
    assert_eq!(
        check(&|d| (d.opens, d.closes) = (OPENS - 2, OPENS - 1)),
        hours
    );
    assert_eq!(
        check(&|d| (d.opens, d.closes) = (
            d.opens + 14 * 24 * HOUR_MICROS,
            d.closes + 14 * 24 * HOUR_MICROS
        )),
        hours
    );
    assert!(
        check(&|d| (d.opens, d.closes) = (
            d.opens + 13 * 24 * HOUR_MICROS,
            d.closes + 13 * 24 * HOUR_MICROS
        ))
        .is_ok()
    );
    assert_eq!(
        check(&|d| d.package = [8; 32].into()),
        Err(Rejection::Decision("is for another package"))
    );
    assert_eq!(
        check(&|d| d.precinct = 1002),
        Err(Rejection::Precinct(1002))
    );
    for change in [
        &(|d: &mut DayDecision| d.number = 0) as &dyn Fn(&mut DayDecision),
        &|d| d.reason = "RAIN".to_owned(),
        &|d| d.closes = d.opens,
    ] {
        assert_eq!(check(change), Err(Rejection::Decision("is malformed")));
    }
    let mut silent = commission(None);
    silent.policy = StationPolicy {
        second_day: None,
        ..silent.policy
    };
    let silent = kits_of(silent).remove(0);
    let refused = signed_by(&good, &["T1", "T2"]).verify(silent.book.charter(), &StubRing);
    assert_eq!(
        refused,
        Err(Rejection::Decision(
            "is for a day that the law does not know"
        ))
    );
}

/// Two decisions under one number: every kit follows the same one, in whatever order they came, and both are shown.
#[test]
fn s_37_two_decisions_under_one_number_are_shown_and_one_holds() {
    let mut kits = hall();
    let (mut two, mut one) = (kits.pop().unwrap(), kits.pop().unwrap());
    suspended(&mut one, NOON);
    let first = taken(&mut one, &decision(1, NEXT, 11), NOON + 60);
    let second = taken(&mut two, &decision(1, NEXT + 3600, 10), NOON + 61);
    assert!(decided_of(&first).is_some() && decided_of(&second).is_some());
    let journals = [one.journal.clone(), two.journal.clone()];
    two.learn(&journals[0], NOON + 100);
    one.learn(&journals[1], NOON + 100);
    assert_eq!(one.book.voting_days(), two.book.voting_days());
    assert_eq!(codes(&one), ["DAY_TWICE"]);
    assert_eq!(one.book.incidents(), two.book.incidents());
    let again = signed_by(&decision(1, NEXT, 9), &["T1", "T2"]);
    assert!(one.book.decide_day(&again, at(NOON + 200)).is_none());
}

/// A kit that closed in the evening, before anybody decided, is opened for the new day and closed again.
#[test]
fn s_37_a_kit_that_closed_is_opened_for_the_new_day() {
    let mut one = hall().remove(0);
    serve(&mut one, 5, 3600);
    suspended(&mut one, NOON);
    let draft = one.book.close(0, at(12 * 3600)).unwrap();
    one.commit_by(draft, TWO);
    assert!(one.book.closed(one.book.me()).is_some());
    taken(&mut one, &decision(1, NEXT, 11), NEXT - 3000);
    session(&mut one, NEXT - 2900);
    assert!(one.book.closed(one.book.me()).is_none());
    serve(&mut one, 7, NEXT + 60);
    let draft = one.book.close(0, at(NEXT + 11 * 3600)).unwrap();
    one.commit_by(draft, TWO);
    assert!(
        one.book
            .report(ReportKind::Final, 2, 2, at(NEXT + 11 * 3600 + 60))
            .is_ok()
    );
    // A session for a day that no journal here decided is shown.
    let two = kits_of(commission(None)).remove(0).opened(-1800);
    let body = SessionOpened {
        decision: [5; 32].into(),
        officers: Vec::new(),
    };
    let mut two = two;
    let hlc = two.book.stamp(at(0));
    let draft = Draft::new(&two.book, hlc, Body::SessionOpened(body));
    two.commit_by(draft, TWO);
    assert_eq!(codes(&two), ["NO_DECISION"]);
    assert_eq!(CLOSES - OPENS, 12 * HOUR_MICROS);
}
