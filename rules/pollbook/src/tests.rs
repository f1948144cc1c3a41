//! Stories of one precinct with two kits.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

use lexicon::handover::envelope::{Kid, Signer as _};
use lexicon::{Method, RefusalReason};
use proptest::prelude::*;

use crate::testing::{
    CLOSES, OPENS, StubKey, StubRing, TestKit, at, by_finger, kits, line_of, serve,
};
use crate::{
    Act, Block, Book, CheckIn, DraftError, GrantAnswer, GrantAsk, Merged, OfficersError, Reading,
    Rejection, ReportError, ReportKind, Right, Step, admit, arithmetic_fault,
};

const DAY_SECONDS: i64 = (CLOSES - OPENS) / 1_000_000;

fn two() -> (TestKit, TestKit) {
    let mut both = kits(&[(1, 50), (51, 100)]).into_iter();
    (
        both.next().unwrap().opened(0),
        both.next().unwrap().opened(0),
    )
}

fn refused(answer: Result<Step, crate::Refusal>) -> RefusalReason {
    answer.unwrap_err().reason
}

/// Asks the owner for a line over a perfect wire; gives the answer's event to the asker.
fn ask(
    owner: &mut TestKit,
    asker: &mut TestKit,
    line: u32,
    seconds: i64,
) -> Result<Act, RefusalReason> {
    let request = asker.book.request_number(at(seconds));
    let answer = owner.book.grant(
        GrantAsk {
            from: asker.book.me(),
            line,
            request,
        },
        at(seconds),
    );
    let act = match answer {
        GrantAnswer::Give(draft) => owner.commit(draft),
        GrantAnswer::Again(act) => Act::clone(&act),
        GrantAnswer::Refuse(refusal) => return Err(refusal.reason),
    };
    asker.book.merge(act.clone(), Some(at(seconds).wall));
    Ok(act)
}

#[test]
fn a_voter_is_counted_once_and_red_before_the_finger_the_second_time() {
    let (mut one, _) = two();
    assert_eq!(one.book.gate(7, at(10)), Ok(Right::Own));
    let act = serve(&mut one, 7, 10);
    assert_eq!(
        (
            line_of(&act),
            one.book.counted(),
            one.book.acts_of(one.book.me())
        ),
        (7, 1, 1)
    );
    let again = one.book.gate(7, at(20)).unwrap_err();
    assert_eq!(again.reason, RefusalReason::Already);
    assert_eq!(again.evidence.unwrap().name, act.name);
    assert_eq!(
        refused(one.book.check_in(&by_finger(7), at(20))),
        RefusalReason::Already
    );
}

#[test]
fn a_line_of_the_other_share_needs_a_grant_and_then_is_red_at_its_owner() {
    let (mut one, mut two) = two();
    let owner = one.book.me();
    assert_eq!(
        two.book.check_in(&by_finger(7), at(10)),
        Ok(Step::AskGrant(owner))
    );
    let grant = ask(&mut one, &mut two, 7, 10).unwrap();
    // While the grant is out, the owner serves nobody on this line.
    assert_eq!(
        refused(one.book.check_in(&by_finger(7), at(11))),
        RefusalReason::GrantedElsewhere
    );
    let act = serve(&mut two, 7, 12);
    let body = crate::identified(&act).unwrap();
    assert_eq!(
        (body.grant_seq, Kid(*body.grant_kit)),
        (grant.name.seq, owner)
    );
    let journal = two.journal.clone();
    one.learn(&journal, 13);
    assert_eq!(
        refused(one.book.check_in(&by_finger(7), at(14))),
        RefusalReason::Already
    );
    assert_eq!((one.book.counted(), two.book.counted()), (1, 1));
}

#[test]
fn an_owner_grants_a_number_once_and_a_repeated_request_gets_the_same_event() {
    let mut three: Vec<TestKit> = kits(&[(1, 40), (41, 80), (81, 100)])
        .into_iter()
        .map(|kit| kit.opened(0))
        .collect();
    let mut third = three.remove(2);
    let mut second = three.remove(1);
    let mut owner = three.remove(0);
    let request = second.book.request_number(at(5));
    let wish = GrantAsk {
        from: second.book.me(),
        line: 7,
        request,
    };
    let GrantAnswer::Give(draft) = owner.book.grant(wish, at(5)) else {
        panic!("the line is free")
    };
    let given = owner.commit(draft);
    let GrantAnswer::Again(same) = owner.book.grant(wish, at(6)) else {
        panic!("the same request")
    };
    assert_eq!(same.name, given.name);
    assert_eq!(
        ask(&mut owner, &mut third, 7, 7),
        Err(RefusalReason::GrantedElsewhere)
    );
    assert_eq!(ask(&mut owner, &mut second, 7, 8).unwrap().name, given.name);
    // A used grant is not a grant any more, also when an old request is played again.
    second.book.merge(given, Some(at(8).wall));
    serve(&mut second, 7, 9);
    owner.learn(&second.journal.clone(), 10);
    let GrantAnswer::Refuse(late) = owner.book.grant(wish, at(11)) else {
        panic!("the voter was served")
    };
    assert_eq!(late.reason, RefusalReason::Already);
}

/// Story: the owner started with a clock an hour ahead, opened, and two officers set it; its stamps stay ahead. Expect:
/// it grants nothing that the asker's clock would not follow, since the act would come before its own right; an hour
/// later it does.
#[test]
fn an_owner_whose_stamps_run_ahead_grants_nothing_until_clocks_catch_up() {
    let mut both = kits(&[(1, 50), (51, 100)]).into_iter();
    let mut owner = both.next().unwrap().opened(3_600);
    let mut asker = both.next().unwrap().opened(0);
    owner.book.clock_was_set(at(10));
    assert_eq!(
        ask(&mut owner, &mut asker, 7, 10),
        Err(RefusalReason::NotMyShare)
    );
    assert!(owner.book.state(7).grants_unused.is_empty());
    let grant = ask(&mut owner, &mut asker, 7, 3_590).unwrap();
    let act = serve(&mut asker, 7, 3_591);
    assert!(grant.order() < act.order());
    assert!(asker.book.incidents().is_empty());
}

#[test]
fn an_old_request_played_again_after_an_undo_opens_nothing() {
    let (mut one, mut two) = two();
    let request = two.book.request_number(at(5));
    let wish = GrantAsk {
        from: two.book.me(),
        line: 7,
        request,
    };
    let GrantAnswer::Give(draft) = one.book.grant(wish, at(5)) else {
        panic!("the line is free")
    };
    let act = one.commit(draft);
    two.book.merge(act, Some(at(5).wall));
    serve(&mut two, 7, 6);
    let undo = two.book.undo(7, "WRONG_VOTER", at(7)).unwrap();
    two.commit_by(undo, ["O1", "O3"]);
    one.learn(&two.journal.clone(), 8);
    assert_eq!(one.book.state(7).counted, None);
    let GrantAnswer::Refuse(_) = one.book.grant(wish, at(9)) else {
        panic!("a replayed wish was granted")
    };
    // A fresh wish is granted: the voter is free again.
    assert!(ask(&mut one, &mut two, 7, 10).is_ok());
    serve(&mut two, 7, 11);
    assert_eq!(two.book.state(7).undone.len(), 1);
}

#[test]
fn a_grant_that_was_lost_is_released_only_by_two_officers_who_then_look_at_the_paper() {
    let (mut one, mut two) = two();
    ask(&mut one, &mut two, 7, 5).unwrap();
    // The other kit uses its grant in time, out of reach.
    serve(&mut two, 7, 22);
    assert!(
        one.book.release(7, at(200)).is_err(),
        "the grant may still run"
    );
    let draft = one.book.release(7, at(400)).unwrap();
    assert!(matches!(
        draft.sign(&one.book, &one.key),
        Err(DraftError::Officers(_))
    ));
    let draft = one.book.release(7, at(400)).unwrap();
    one.commit_by(draft, ["O2", "O4"]);
    assert_eq!(one.book.gate(7, at(401)), Ok(Right::CheckLine));
    // The officer errs: both acts stay, one is counted.
    let look = one.book.check_line(7, true, at(402));
    one.commit_by(look, ["O2", "O4"]);
    serve(&mut one, 7, 403);
    one.learn(&two.journal.clone(), 430);
    two.learn(&one.journal.clone(), 430);
    assert_eq!(one.book.counted(), 1);
    let duplicates: Vec<_> = one
        .book
        .incidents()
        .into_iter()
        .filter(|i| i.code == "DUPLICATE")
        .collect();
    assert_eq!(
        (
            duplicates.len(),
            duplicates[0].line,
            duplicates[0].evidence.len()
        ),
        (1, 7, 2)
    );
    assert_eq!(one.book.incidents(), two.book.incidents());
}

// The owner loses power after its grant and starts again minutes later: whoever holds the grant has used it and says so
// with its first answer. Nobody takes the grant back before that, nor before the seconds within which it would have come.
#[test]
fn a_kit_that_has_just_started_takes_no_grant_back_before_it_could_hear_its_holder() {
    let (mut one, mut two) = two();
    ask(&mut one, &mut two, 7, 5).unwrap();
    let journal = one.journal.clone();
    let started = || {
        let mut again = kits(&[(1, 50), (51, 100)]).remove(0);
        again.learn(&journal, 400);
        again
    };
    let mut one = started();
    for seconds in [400, 405, 410] {
        let early = one.book.release(7, at(seconds)).unwrap_err();
        assert_eq!(early.reason, RefusalReason::GrantedElsewhere, "{seconds}");
    }
    assert!(one.book.release(7, at(411)).is_ok(), "nobody answered");
    // An answer whose events are still on their way is waited for, however long it takes.
    serve(&mut two, 7, 22);
    let mut one = started();
    let hear = |kit: &mut TestKit, seconds: i64| {
        let wall = at(seconds).wall;
        let nothing = crate::Holdings::default();
        let mut answer = two.book.message(kit.book.me(), 1, &nothing, wall);
        answer.answer = true;
        kit.book.hear(&answer, at(seconds));
    };
    for seconds in [401, 440] {
        hear(&mut one, seconds);
        assert!(one.book.release(7, at(seconds + 1)).is_err(), "{seconds}");
    }
    one.learn(&two.journal, 442);
    let served = one.book.release(7, at(442)).unwrap_err();
    assert_eq!(served.reason, RefusalReason::NotHere, "it was used");
}

#[test]
fn opening_wants_two_officers_of_different_bodies() {
    let mut kit = kits(&[(1, 100)]).remove(0);
    let sign = |kit: &mut TestKit, officers: &[&str]| {
        let keys: Vec<StubKey> = officers.iter().map(|name| StubKey::new(name)).collect();
        let cards: Vec<&dyn lexicon::handover::envelope::Signer> =
            keys.iter().map(|key| key as _).collect();
        let draft = kit.book.open(at(-3600)).unwrap().consented(&cards).unwrap();
        draft.sign(&kit.book, &kit.key).map(|_| ())
    };
    let officers = |error| Err(DraftError::Officers(error));
    let first = StubKey::new("O1").kid();
    assert_eq!(
        sign(&mut kit, &["O1"]),
        officers(OfficersError::TooFew { got: 1, needed: 2 })
    );
    assert_eq!(
        sign(&mut kit, &["O1", "O1"]),
        officers(OfficersError::Twice(first))
    );
    assert_eq!(
        sign(&mut kit, &["O1", "O2"]),
        officers(OfficersError::SameBody)
    );
    let stranger = StubKey::new("X").kid();
    assert_eq!(
        sign(&mut kit, &["O1", "X"]),
        officers(OfficersError::Unknown(stranger))
    );
    assert_eq!(sign(&mut kit, &["O1", "O3"]), Ok(()));
}

#[test]
fn a_two_person_method_without_two_consents_never_enters_a_book() {
    let (mut one, _) = two();
    let by_face = CheckIn {
        method: Method::Face2,
        finger: None,
        reason: "FINGERS_UNREADABLE".to_owned(),
        ..by_finger(9)
    };
    let Ok(Step::Commit(draft)) = one.book.check_in(&by_face, at(10)) else {
        panic!("own line")
    };
    assert!(draft.clone().sign(&one.book, &one.key).is_err());
    // Consents to another reason do not fit this act.
    let other = CheckIn {
        reason: "NO_FINGERS".to_owned(),
        ..by_face.clone()
    };
    let Ok(Step::Commit(shown)) = one.book.check_in(&other, at(10)) else {
        panic!("own line")
    };
    let cards = [StubKey::new("O1"), StubKey::new("O3")];
    let shown = shown.consented(&[&cards[0], &cards[1]]).unwrap();
    let mut forged = draft.body().clone();
    forged.set_officers(shown.body().officers().unwrap().clone());
    let hlc = one.book.stamp(at(10));
    let signed = crate::Draft::new(&one.book, hlc, forged)
        .sign(&one.book, &one.key)
        .unwrap();
    assert!(matches!(
        admit(one.book.charter(), &signed, &StubRing),
        Err(Rejection::Envelope(_))
    ));
    let act = one.commit_by(draft, ["O1", "O3"]);
    assert_eq!(one.book.by_method()[1].count, 1, "{act:?}");
}

#[test]
fn an_event_of_another_precinct_list_or_kit_is_refused_at_the_door() {
    let (one, two) = two();
    let signed = &one.journal[0];
    let check = |change: &dyn Fn(&mut lexicon::handover::package::PackageManifest)| {
        let mut manifest = one.book.charter().manifest().clone();
        change(&mut manifest);
        let charter = crate::Charter::new(manifest, one.book.charter().package()).unwrap();
        admit(&charter, signed, &StubRing).unwrap_err()
    };
    assert_eq!(check(&|m| m.precinct = 1002), Rejection::Precinct(1001));
    assert_eq!(check(&|m| m.root = [8; 32].into()), Rejection::Root);
    assert!(matches!(check(&|m| m.election = 2), Rejection::Envelope(_)));
    let kid = one.book.me();
    assert_eq!(
        check(&|m| m.revoked = vec![kid.0.into()]),
        Rejection::UnknownKit(kid)
    );
    // Signed by K2 with K1 named as kit.
    let event = crate::Draft::new(
        &one.book,
        crate::Hlc(1 << 8),
        crate::Body::Printed(lexicon::handover::event::Receipt {
            receipt: 1,
            copy: 0,
            reason: String::new(),
        }),
    );
    let forged = event.sign(&one.book, &two.key).unwrap();
    let rejection = admit(one.book.charter(), &forged, &StubRing).unwrap_err();
    assert_eq!(
        rejection,
        Rejection::ForeignKit {
            named: kid,
            signed: two.book.me()
        }
    );
}

#[test]
fn every_flipped_byte_of_an_event_is_refused() {
    let (mut one, _) = two();
    let act = serve(&mut one, 7, 10);
    for place in 0..act.signed().len() {
        let mut changed = act.signed().into_owned();
        changed[place] ^= 1;
        assert!(
            admit(one.book.charter(), &changed, &StubRing).is_err(),
            "byte {place}"
        );
    }
}

#[test]
fn a_copied_kit_shows_as_equivocation_and_both_events_stay() {
    let (one, mut two) = two();
    let mut clone = kits(&[(1, 50), (51, 100)]).remove(0);
    clone.learn(&one.journal.clone(), 1);
    let mut one = one;
    serve(&mut one, 7, 10);
    serve(&mut clone, 8, 11);
    two.learn(&one.journal.clone(), 20);
    let act = admit(two.book.charter(), &clone.journal[0], &StubRing).unwrap();
    assert_eq!(
        two.book.merge(act.clone(), Some(at(20).wall)),
        Merged::Equivocation
    );
    assert_eq!(two.book.incidents()[0].code, "EQUIVOCATION");
    assert_eq!(two.book.counted(), 2);
    one.book.merge(act, Some(at(20).wall));
    assert_eq!(one.book.block(), Some(&Block::Equivocation { seq: 2 }));
    assert_eq!(
        one.book.gate(9, at(21)).unwrap_err().reason,
        RefusalReason::KitBlocked
    );
}

#[test]
fn a_kit_that_was_set_back_is_stopped_by_what_its_peer_saw() {
    let (mut one, mut two) = two();
    serve(&mut one, 7, 10);
    two.learn(&one.journal.clone(), 11);
    let seen = two.book.countersign(one.book.me(), at(12)).unwrap();
    two.commit(seen);
    assert_eq!(two.book.countersign(one.book.me(), at(13)), None);
    let mut restored = kits(&[(1, 50), (51, 100)]).remove(0);
    restored.learn(&one.journal[..1], 1);
    restored.learn(&two.journal.clone(), 20);
    assert_eq!(
        restored.book.block(),
        Some(&Block::Rollback { seen: 2, held: 1 })
    );
    one.learn(&two.journal.clone(), 20);
    assert_eq!(one.book.block(), None);
}

#[test]
fn nobody_is_served_out_of_hours_but_those_who_stood_in_line() {
    let (mut one, _) = two();
    let early = one.book.check_in(&by_finger(7), at(-60));
    assert_eq!(refused(early), RefusalReason::OutOfHours);
    assert_eq!(
        one.book.close(0, at(DAY_SECONDS - 1)).unwrap_err().reason,
        RefusalReason::OutOfHours
    );
    serve(&mut one, 7, DAY_SECONDS - 1);
    assert_eq!(
        refused(one.book.check_in(&by_finger(8), at(DAY_SECONDS))),
        RefusalReason::OutOfHours
    );
    let close = one.book.close(1, at(DAY_SECONDS + 5)).unwrap();
    one.commit_by(close, ["O1", "O3"]);
    serve(&mut one, 8, DAY_SECONDS + 60);
    let third = one.book.check_in(&by_finger(9), at(DAY_SECONDS + 70));
    assert_eq!(refused(third), RefusalReason::OutOfHours);
    let report = one
        .book
        .report(ReportKind::Final, 2, 4, at(DAY_SECONDS + 90))
        .unwrap();
    assert_eq!((report.counted, report.after_close), (2, 1));
    assert_eq!(report.incomplete, ["K2"]);
}

#[test]
fn a_jumped_clock_stops_the_kit() {
    let (mut one, _) = two();
    serve(&mut one, 7, 10);
    let jumped = Reading {
        wall: at(7200).wall,
        steady_micros: at(20).steady_micros,
    };
    assert_eq!(
        one.book.gate(8, jumped).unwrap_err().reason,
        RefusalReason::KitBlocked
    );
    assert!(matches!(one.book.block(), Some(Block::Clock(_))));
}

#[test]
fn a_line_for_home_voting_is_not_served_in_the_hall() {
    let (mut one, _) = two();
    assert_eq!(
        one.book.gate(3, at(10)).unwrap_err().reason,
        RefusalReason::HomeReserved
    );
}

#[test]
fn the_initial_report_shows_zero_or_is_not_made() {
    let (mut one, _) = two();
    let report = one.book.report(ReportKind::Initial, 1, 4, at(0)).unwrap();
    assert_eq!(
        (report.counted, report.by_method.len(), report.kits.len()),
        (0, 5, 2)
    );
    serve(&mut one, 7, 10);
    assert_eq!(
        one.book.report(ReportKind::Initial, 1, 4, at(11)),
        Err(ReportError::NotZero { acts: 1 })
    );
    assert_eq!(
        one.book.report(ReportKind::Final, 1, 4, at(11)),
        Err(ReportError::NotClosed)
    );
}

#[test]
fn receipts_add_up_by_kit() {
    let (mut one, _) = two();
    for (line, seconds) in [(7, 10), (8, 20), (9, 30), (10, 40)] {
        serve(&mut one, line, seconds);
    }
    for (receipt, copy) in [(1, 0), (2, 0), (2, 1), (4, 0)] {
        let draft = one.book.printed(receipt, copy, at(50));
        one.commit(draft);
    }
    assert_eq!(one.book.pending_receipts(), [3]);
    let void = one.book.void(3, "NO_PRINTER", at(60));
    one.commit(void);
    let undo = one.book.undo(10, "WRONG_VOTER", at(70)).unwrap();
    one.commit_by(undo, ["O1", "O3"]);
    let refusal = one.book.refuse(7, RefusalReason::Already, None, at(80));
    one.commit(refusal);
    let report = one.book.report(ReportKind::Running, 1, 4, at(90)).unwrap();
    let kit = &report.kits[0];
    assert_eq!(
        (kit.acts, kit.counted, kit.undone, kit.duplicates),
        (4, 3, 1, 0)
    );
    assert_eq!(
        (kit.printed, kit.void, kit.pending, kit.reprints),
        (2, 2, 0, 1)
    );
    assert_eq!(
        (report.refusals[0].reason.as_str(), report.refusals[0].count),
        ("ALREADY", 1)
    );
    let mut wrong = report;
    wrong.kits[0].printed += 1;
    assert!(arithmetic_fault(&wrong).is_some());
}

/// One step of a random day.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Serve { kit: usize, line: u32 },
    Sync { from: usize, to: usize },
    Undo { kit: usize, line: u32 },
    Release { kit: usize, line: u32 },
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let one = prop_oneof![
        6 => (0..3usize, 1..7u32).prop_map(|(kit, line)| Deed::Serve { kit, line }),
        3 => (0..3usize, 0..3usize).prop_map(|(from, to)| Deed::Sync { from, to }),
        1 => (0..3usize, 1..7u32).prop_map(|(kit, line)| Deed::Undo { kit, line }),
        1 => (0..3usize, 1..7u32).prop_map(|(kit, line)| Deed::Release { kit, line }),
    ];
    proptest::collection::vec(one, 1..60)
}

fn run(deeds: &[Deed]) -> Vec<TestKit> {
    let mut kits: Vec<TestKit> = kits(&[(1, 2), (3, 4), (5, 6)])
        .into_iter()
        .map(|kit| kit.opened(0))
        .collect();
    for (step, deed) in deeds.iter().enumerate() {
        let now = i64::try_from(step).unwrap() + 1;
        match *deed {
            Deed::Serve { kit, line } => serve_if_allowed(&mut kits, kit, line, now),
            Deed::Sync { from, to } => {
                let journal = kits[from].journal.clone();
                if from != to {
                    kits[to].learn(&journal, now);
                }
            }
            Deed::Undo { kit, line } => {
                if let Ok(draft) = kits[kit].book.undo(line, "WRONG_VOTER", at(now)) {
                    kits[kit].commit_by(draft, ["O1", "O3"]);
                }
            }
            Deed::Release { kit, line } => {
                if let Ok(draft) = kits[kit].book.release(line, at(now)) {
                    kits[kit].commit_by(draft, ["O1", "O3"]);
                }
            }
        }
    }
    kits
}

fn serve_if_allowed(kits: &mut [TestKit], kit: usize, line: u32, now: i64) {
    let owner = match kits[kit].book.check_in(&by_finger(line), at(now)) {
        Ok(Step::Commit(draft)) => {
            kits[kit].commit(draft);
            return;
        }
        Ok(Step::AskGrant(owner)) => owner,
        Err(_) | Ok(Step::CheckLine | Step::Promise(_) | Step::AskMajority(_)) => return,
    };
    let at_owner = kits.iter().position(|k| k.book.me() == owner).unwrap();
    let [asker, owner] = kits.get_disjoint_mut([kit, at_owner]).unwrap();
    if ask(owner, asker, line, now).is_ok()
        && let Ok(Step::Commit(draft)) = asker.book.check_in(&by_finger(line), at(now))
    {
        // An owner that has not heard of an undo gives the used grant again: then nobody is served.
        asker.commit(draft);
    }
}

fn same(a: &Book, b: &Book) {
    assert_eq!(
        a.states().collect::<Vec<_>>(),
        b.states().collect::<Vec<_>>()
    );
    assert_eq!(
        (a.counted(), a.incidents(), a.by_method()),
        (b.counted(), b.incidents(), b.by_method())
    );
    assert_eq!(a.refusals(), b.refusals());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Merging is a set union: any order of arrival, with repeats, gives the same state on all kits.
    #[test]
    fn merge_is_a_set_union(deeds in deeds(), order in proptest::collection::vec(any::<u32>(), 400)) {
        let mut healed = run(&deeds);
        let mut all: Vec<Vec<u8>> = healed.iter().flat_map(|kit| kit.journal.clone()).collect();
        for kit in &mut healed {
            kit.learn(&all.clone(), 1000);
        }
        let mut fresh = kits(&[(1, 2), (3, 4), (5, 6)]).remove(0);
        let mut keys = order.iter().cycle();
        all.extend(all.clone());
        all.sort_by_cached_key(|_| *keys.next().unwrap());
        fresh.learn(&all, 1000);
        same(&healed[0].book, &healed[1].book);
        same(&healed[1].book, &healed[2].book);
        same(&healed[0].book, &fresh.book);
        for kit in &healed {
            let report = kit.book.report(ReportKind::Running, 1, 1, at(1000)).unwrap();
            prop_assert_eq!(arithmetic_fault(&report), None);
        }
    }

    /// Without a released grant, no voter has two acts that stand, however late kits hear of each other.
    #[test]
    fn grants_leave_no_duplicate(deeds in deeds()) {
        let without: Vec<Deed> =
            deeds.into_iter().filter(|deed| !matches!(deed, Deed::Release { .. })).collect();
        let mut kits = run(&without);
        let all: Vec<Vec<u8>> = kits.iter().flat_map(|kit| kit.journal.clone()).collect();
        kits[0].learn(&all, 1000);
        for (line, state) in kits[0].book.states() {
            prop_assert!(state.duplicates.is_empty(), "line {line}");
        }
    }
}
