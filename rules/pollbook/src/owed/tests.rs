//! When a receipt that did not come out may still be printed.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::sync::Arc;

use lexicon::RefusalReason;
use lexicon::handover::envelope::{Kid, Signer as _};

use super::{LINE_SIGNED, Owed, SERVED_ELSEWHERE};
use crate::testing::{StubKey, TestKit, at, by_finger, kits, kits_under, serve};
use crate::{Act, GrantAnswer, GrantAsk, Holdings, Right, Step};

const SHARES: [(u32, u32); 3] = [(1, 40), (41, 80), (81, 120)];

fn hall() -> [TestKit; 3] {
    let opened: Vec<TestKit> = kits(&SHARES).into_iter().map(|kit| kit.opened(0)).collect();
    opened.try_into().ok().unwrap()
}

fn kid(kit: usize) -> Kid {
    StubKey::new(&format!("K{}", kit + 1)).kid()
}

/// The kit after a power cut: what its journal says, and nothing that it had heard.
fn restarted(kit: &TestKit, at_seconds: i64) -> TestKit {
    let which = (0..3).find(|which| kid(*which) == kit.key.kid()).unwrap();
    let mut again = kits(&SHARES).remove(which);
    for signed in &kit.journal {
        let act = again.book.admit(signed, &crate::testing::StubRing).unwrap();
        again.book.merge(act, None);
    }
    again.journal.clone_from(&kit.journal);
    again.book.inspect_clock(at(at_seconds));
    again
}

/// `to` takes in what `from` wrote, then hears its answer.
fn hear(to: &mut TestKit, from: &TestKit, seconds: i64) {
    to.learn(&from.journal, seconds);
    told(to, from, seconds);
}

fn told(to: &mut TestKit, from: &TestKit, seconds: i64) {
    let mut answer = from
        .book
        .message(to.book.me(), 0, &Holdings::default(), at(seconds).wall);
    answer.answer = true;
    to.book.hear(&answer, at(seconds));
}

fn look(kit: &mut TestKit, line: u32, unsigned: bool, seconds: i64) {
    let card = StubKey::new("O1");
    let draft = kit.book.check_line(line, unsigned, at(seconds));
    kit.commit(draft.consented(&[&card]).unwrap());
}

/// K1 grants a line of its own to K2, which serves it and prints nothing.
fn granted(kits: &mut [TestKit; 3], line: u32) -> Act {
    let [one, two, _] = kits;
    let wish = GrantAsk {
        from: two.book.me(),
        line,
        request: two.book.request_number(at(5)),
    };
    let GrantAnswer::Give(draft) = one.book.grant(wish, at(5)) else {
        unreachable!("the line is free")
    };
    one.commit(draft);
    two.learn(&one.journal, 6);
    serve(two, line, 7)
}

#[test]
fn a_slip_of_a_moment_ago_comes_out_at_the_kit_that_runs() {
    let [mut one, ..] = hall();
    serve(&mut one, 5, 10);
    assert_eq!(one.book.owed(1, at(20)), Owed::Print);
    // After minutes out of reach a grant may have been taken back.
    assert_eq!(one.book.owed(1, at(10 + 119)), Owed::Print);
    assert_eq!(one.book.owed(1, at(10 + 121)), Owed::Look);
}

/// Story: under `paper_lock` K1's printer fails; K2, which does not hear K1, may serve its line by the paper meanwhile.
/// Expect: the slip comes out within the moment in which a kit counts as heard, later only after a look, or when both
/// others said that they hold the act.
#[test]
fn under_paper_lock_a_slip_that_did_not_come_out_at_once_needs_a_look() {
    let kits = crate::testing::kits_under("paper_lock", &SHARES);
    let kits: Vec<TestKit> = kits.into_iter().map(|kit| kit.opened(0)).collect();
    let [mut one, mut two, mut three]: [TestKit; 3] = kits.try_into().ok().unwrap();
    for other in [&two, &three] {
        hear(&mut one, other, 9);
    }
    serve(&mut one, 5, 10);
    assert_eq!(one.book.owed(1, at(20)), Owed::Print);
    assert_eq!(one.book.owed(1, at(21)), Owed::Look);
    for other in [&mut two, &mut three] {
        other.learn(&one.journal, 22);
        told(&mut one, other, 22);
    }
    assert_eq!(one.book.owed(1, at(23)), Owed::Print);
}

#[test]
fn after_a_start_it_waits_for_the_others_then_for_a_look() {
    let [mut one, ..] = hall();
    serve(&mut one, 5, 10);
    let mut one = restarted(&one, 20);
    assert_eq!(one.book.owed(1, at(20)), Owed::Wait(kid(1)));
    assert_eq!(one.book.owed(1, at(30)), Owed::Wait(kid(1)));
    assert_eq!(one.book.owed(1, at(31)), Owed::Look, "nobody answered");
    look(&mut one, 5, true, 32);
    assert_eq!(one.book.owed(1, at(33)), Owed::Print);
    let holds = i64::from(one.book.charter().limits().look_seconds);
    assert_eq!(one.book.owed(1, at(32 + holds)), Owed::Print);
    assert_eq!(one.book.owed(1, at(33 + holds)), Owed::Look, "too long ago");
    look(&mut one, 5, false, 500);
    assert_eq!(one.book.owed(1, at(5_000)), Owed::Void(LINE_SIGNED));
}

#[test]
fn a_look_before_the_act_says_nothing_about_its_slip() {
    let [mut one, ..] = hall();
    look(&mut one, 5, true, 9);
    serve(&mut one, 5, 10);
    let mut one = restarted(&one, 20);
    assert_eq!(one.book.owed(1, at(31)), Owed::Look);
}

#[test]
fn it_comes_out_unasked_when_all_others_said_that_they_hold_the_act() {
    let [mut one, mut two, mut three] = hall();
    hear(&mut one, &two, 3);
    hear(&mut one, &three, 3);
    serve(&mut one, 5, 10);
    let mut one = restarted(&one, 200);
    hear(&mut one, &two, 201);
    hear(&mut one, &three, 201);
    let owed = one.book.owed(1, at(202));
    assert_eq!(owed, Owed::Wait(kid(1)), "its answer was of before");
    two.learn(&one.journal, 202);
    three.learn(&one.journal, 202);
    told(&mut one, &two, 203);
    assert_eq!(one.book.owed(1, at(203)), Owed::Wait(kid(2)));
    told(&mut one, &three, 203);
    assert_eq!(one.book.owed(1, at(204)), Owed::Print);
    // What K2 said a while ago is no word about now.
    assert_eq!(one.book.owed(1, at(220)), Owed::Look);
}

/// Story: K2 has a grant of K1, writes the act and loses power; K1 takes the grant back, and K3 serves the voter. Expect:
/// K2's slip never comes out, whichever of the two it hears of first.
#[test]
fn a_slip_whose_grant_was_taken_back_waits_and_is_void_when_the_voter_was_served() {
    let mut kits = hall();
    granted(&mut kits, 5);
    let [mut one, two, mut three] = kits;
    let draft = one.book.release(5, at(400)).unwrap();
    one.commit_by(draft, ["O1", "O3"]);
    let mut two = restarted(&two, 401);
    two.learn(&one.journal, 402);
    let owed = two.book.owed(1, at(500));
    assert_eq!(owed, Owed::Wait(kid(0)), "somebody may be served right now");
    look(&mut two, 5, true, 500);
    assert_eq!(two.book.owed(1, at(501)), Owed::Wait(kid(0)));
    let wish = GrantAsk {
        from: three.book.me(),
        line: 5,
        request: three.book.request_number(at(510)),
    };
    look(&mut one, 5, true, 509);
    let GrantAnswer::Give(draft) = one.book.grant(wish, at(510)) else {
        unreachable!("the grant was taken back")
    };
    one.commit(draft);
    three.learn(&one.journal, 511);
    look(&mut three, 5, true, 511);
    let act = serve(&mut three, 5, 512);
    two.learn(&one.journal, 513);
    two.learn(&three.journal, 513);
    // K2's act came first and counts; K3's slip is on its way to the voter.
    assert_eq!(two.book.owed(1, at(514)), Owed::Wait(kid(2)));
    let receipt = crate::identified(&act).unwrap().receipt;
    let draft = three.book.printed(receipt, 0, at(513));
    three.commit(draft);
    two.learn(&three.journal, 515);
    assert_eq!(two.book.owed(1, at(516)), Owed::Void(SERVED_ELSEWHERE));
}

/// Story: as above, and K3 loses power as well. Expect: of two slips that wait the later act's is void at once, the
/// earlier's comes out after that, and not without a look.
#[test]
fn of_two_slips_that_wait_the_earlier_comes_out() {
    let mut kits = hall();
    granted(&mut kits, 5);
    let [mut one, mut two, mut three] = kits;
    let draft = one.book.release(5, at(400)).unwrap();
    one.commit_by(draft, ["O1", "O3"]);
    look(&mut one, 5, true, 401);
    let act = serve(&mut one, 5, 402);
    let receipt = crate::identified(&act).unwrap().receipt;
    let mut one = restarted(&one, 500);
    hear(&mut one, &two, 501);
    assert_eq!(
        one.book.owed(receipt, at(502)),
        Owed::Void(SERVED_ELSEWHERE)
    );
    hear(&mut two, &one, 502);
    assert_eq!(two.book.owed(1, at(503)), Owed::Wait(kid(0)));
    let draft = one.book.void(receipt, SERVED_ELSEWHERE, at(503));
    one.commit(draft);
    three.learn(&one.journal, 504);
    three.learn(&two.journal, 504);
    hear(&mut two, &one, 504);
    hear(&mut two, &three, 504);
    one.learn(&two.journal, 504);
    told(&mut two, &one, 505);
    assert_eq!(two.book.owed(1, at(506)), Owed::Look);
    look(&mut two, 5, true, 507);
    assert_eq!(two.book.owed(1, at(508)), Owed::Print);
}

#[test]
fn a_kit_that_has_just_started_resumes_no_act_before_it_could_hear_its_kit() {
    let [one, mut two, mut three] = hall();
    serve(&mut two, 41, 10);
    three.learn(&two.journal, 11);
    let mut one = restarted(&one, 100);
    one.learn(&two.journal, 100);
    for seconds in [100, 110] {
        let early = one.book.resume(41, false, at(seconds)).unwrap_err();
        assert_eq!(early.reason, RefusalReason::Already, "{seconds}");
    }
    assert!(one.book.resume(41, false, at(111)).is_ok());
}

/// Story: K1 granted a line to K2, took it back after more acts than one message holds, and grants it to K3, which has heard
/// nothing of K1. Expect: what K3 gets says that the line's first grant was taken back, so K3 looks at the paper.
#[test]
fn a_grant_travels_with_what_it_stands_on() {
    let shares = [(1, 400), (401, 420), (421, 440)];
    let opened: Vec<TestKit> = kits(&shares).into_iter().map(|kit| kit.opened(0)).collect();
    let mut kits: [TestKit; 3] = opened.try_into().ok().unwrap();
    granted(&mut kits, 5);
    let [mut one, _, mut three] = kits;
    for line in 6..=300 {
        serve(&mut one, line, 10);
    }
    let draft = one.book.release(5, at(400)).unwrap();
    one.commit_by(draft, ["O1", "O3"]);
    look(&mut one, 5, true, 401);
    let mut question = three
        .book
        .message(kid(0), 1, &Holdings::default(), at(402).wall);
    question.heads.clear();
    let wish = GrantAsk {
        from: three.book.me(),
        line: 5,
        request: three.book.request_number(at(402)),
    };
    let GrantAnswer::Give(draft) = one.book.grant(wish, at(402)) else {
        unreachable!("the grant was taken back")
    };
    let grant = Arc::new(one.commit(draft));
    let answer = one.book.answer(&question, &[grant], None, at(402).wall);
    assert!(
        answer.events.len() < 290,
        "not everything fits: {}",
        answer.events.len()
    );
    for signed in answer.events.iter().map(|signed| signed.as_slice()) {
        let act = three.book.admit(signed, &crate::testing::StubRing).unwrap();
        three.book.merge(act, Some(at(402).wall));
    }
    assert_eq!(three.book.gate(5, at(403)), Ok(Right::CheckLine));
}

/// A kit starts with a clock fourteen years ahead, writes something, and two officers set the clock: its stamps stay where
/// the wrong clock stood. Expect: what it wrote grows old all the same, a slip, a look and a grant.
#[test]
fn stamps_that_a_wrong_clock_left_ahead_grow_old() {
    let opened: Vec<TestKit> = kits_under("paper_lock", &SHARES)
        .into_iter()
        .map(|kit| kit.opened(0))
        .collect();
    let [one, two, _]: [TestKit; 3] = opened.try_into().ok().unwrap();
    let mut wrong = at(100);
    wrong.wall = wrong.wall.plus_micros(450_000_000_000_000);
    let mut kit = kits_under("paper_lock", &SHARES).remove(0);
    kit.learn(&one.journal, 1);
    kit.book.inspect_clock(wrong);
    let draft = kit.book.refuse(0, RefusalReason::NotHere, None, wrong);
    let far = kit.commit(draft);
    let draft = kit.book.set_clock(at(110));
    kit.commit_by(draft, ["O1", "O3"]);
    kit.book.clock_was_set(at(110));
    look(&mut kit, 5, true, 120);
    let act = serve(&mut kit, 5, 121);
    assert!(act.hlc > far.hlc, "ahead by fourteen years");
    assert_eq!(kit.book.owed(1, at(125)), Owed::Print);
    let late = kit.book.owed(1, at(121 + 11));
    assert_ne!(
        late,
        Owed::Print,
        "another kit may have served by the paper"
    );
    look(&mut kit, 6, true, 140);
    assert!(matches!(kit.book.gate(6, at(150)), Ok(Right::Paper(_))));
    let stale = 140 + i64::from(kit.book.charter().limits().look_seconds) + 1;
    assert_eq!(kit.book.gate(6, at(stale)), Ok(Right::CheckLine));
    let wish = GrantAsk {
        from: two.book.me(),
        line: 7,
        request: crate::Hlc::at(at(200).wall).0,
    };
    assert!(
        matches!(kit.book.grant(wish, at(200)), GrantAnswer::Refuse(_)),
        "the other kit would not follow that stamp"
    );
}

#[test]
fn a_slip_of_an_act_that_is_not_there_never_comes_out() {
    let [mut one, ..] = hall();
    assert_eq!(one.book.owed(1, at(20)), Owed::Void(SERVED_ELSEWHERE));
    assert!(matches!(
        one.book.check_in(&by_finger(5), at(20)),
        Ok(Step::Commit(_))
    ));
}
