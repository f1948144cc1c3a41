//! Each act of trouble: when it is taken, when it is refused, and that the order of arrival changes nothing.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::sync::Arc;

use lexicon::handover::envelope::{Kid, Signer as _};
use lexicon::handover::event::EventRef;
use lexicon::{Method, RefusalReason};

use crate::testing::{StubKey, StubRing, TestKit, at, by_finger, kits_under, serve};
use crate::{
    Act, Block, Body, Book, Draft, DraftError, GrantAnswer, GrantAsk, Holdings, OfficersError,
    Place, Refusal, Rejection, Right, Step, admit,
};

const SHARES: [(u32, u32); 3] = [(1, 40), (41, 80), (81, 120)];
const TWO: [&str; 2] = ["O1", "O3"];

/// Three open kits that have not heard of each other yet.
fn hall(policy: &str) -> Vec<TestKit> {
    let kits = kits_under(policy, &SHARES);
    kits.into_iter().map(|kit| kit.opened(0)).collect()
}

/// These kits take in what the others wrote, and have heard them just now.
fn meet(kits: &mut [TestKit], who: &[usize], seconds: i64) {
    for to in who {
        for from in who.iter().filter(|from| *from != to) {
            let journal = kits[*from].journal.clone();
            kits[*to].learn(&journal, seconds);
        }
    }
    for to in who {
        for from in who.iter().filter(|from| *from != to) {
            let me = kits[*to].book.me();
            let wall = at(seconds).wall;
            let mut answer = kits[*from].book.message(me, 0, &Holdings::default(), wall);
            answer.answer = true;
            kits[*to].book.hear(&answer, at(seconds));
        }
    }
}

fn kid(kit: usize) -> Kid {
    StubKey::new(&format!("K{}", kit + 1)).kid()
}

fn commit_by_one(kit: &mut TestKit, draft: Draft, officer: &str) -> Act {
    let card = StubKey::new(officer);
    let draft = draft.consented(&[&card]).unwrap();
    kit.commit(draft)
}

fn print(kit: &mut TestKit, act: &Act, seconds: i64) {
    let receipt = crate::identified(act).unwrap().receipt;
    let draft = kit.book.printed(receipt, 0, at(seconds));
    kit.commit(draft);
}

/// The kit that takes K2 over at `seconds`; K3 answers.
fn take_over(kits: &mut [TestKit], seconds: i64) {
    meet(kits, &[0, 2], seconds);
    let draft = kits[0]
        .book
        .take_over(&[kid(1)], "KIT_LOST", at(seconds))
        .unwrap();
    kits[0].commit_by(draft, TWO);
}

fn reason<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> RefusalReason {
    answer.unwrap_err().reason
}

/// Takes the draft to the kit's door without the officers it needs: it neither signs nor enters a book.
fn refuses_too_few(kit: &TestKit, draft: Draft, cards: &[&str], why: &OfficersError) {
    let cards: Vec<StubKey> = cards.iter().map(|name| StubKey::new(name)).collect();
    let signers: Vec<&dyn lexicon::handover::envelope::Signer> =
        cards.iter().map(|card| card as _).collect();
    let draft = draft.consented(&signers).unwrap();
    let answer = draft.sign(&kit.book, &kit.key);
    assert_eq!(answer, Err(DraftError::Officers(why.clone())));
}

/// What a book says that must not depend on the order of arrival.
fn said(book: &Book) -> String {
    let state = |line| format!("{line} {:?}", book.state(line));
    let lines: Vec<String> = (1..=120).map(state).collect();
    let owners: Vec<Option<Kid>> = (1..=120).map(|line| book.owner(line)).collect();
    format!(
        "{} {:?} {:?} {lines:?} {owners:?} {:?}",
        book.counted(),
        book.incidents(),
        book.by_method(),
        book.standing()
    )
}

/// Every order of `acts` gives the same book; returns it.
fn in_any_order(kits: &[TestKit], names: &[EventRef]) -> Book {
    let charter = Arc::new(kits[0].book.charter().clone());
    let all = kits.iter().flat_map(|kit| &kit.journal);
    let (moved, first): (Vec<Act>, Vec<Act>) = all
        .map(|signed| admit(&charter, signed, &StubRing).unwrap())
        .partition(|act| names.contains(&act.reference()));
    assert_eq!(moved.len(), names.len(), "each named act is in a journal");
    let moved: Vec<Arc<Act>> = moved.into_iter().map(Arc::new).collect();
    let mut start = Book::new(charter, kid(2), Vec::new());
    for act in first {
        start.merge(act, Some(at(50_000).wall));
    }
    let mut orders = vec![Vec::new()];
    for act in &moved {
        let longer = orders.iter().flat_map(|order: &Vec<Arc<Act>>| {
            (0..=order.len()).map(|place| {
                let mut order = order.clone();
                order.insert(place, Arc::clone(act));
                order
            })
        });
        orders = longer.collect();
    }
    let books = orders.into_iter().map(|order| {
        let mut book = start.clone();
        for act in order {
            book.merge(act, Some(at(50_000).wall));
        }
        book
    });
    let books: Vec<Book> = books.collect();
    assert!(books.len() > 1);
    for book in &books {
        assert_eq!(said(book), said(&books[0]));
    }
    books.into_iter().next().unwrap()
}

fn names(acts: &[&Act]) -> Vec<EventRef> {
    acts.iter().map(|act| act.reference()).collect()
}

fn codes(book: &Book) -> Vec<(String, u32)> {
    let incidents = book.incidents().into_iter();
    incidents.map(|found| (found.code, found.line)).collect()
}

fn lines(book: &Book) -> Vec<u32> {
    let counted = book.states().filter(|(_, state)| state.counted.is_some());
    counted.map(|(line, _)| line).collect()
}

/// Story: K2 serves 41, is lost, serves 42 unseen; K1 takes it over; K2 serves 43 without knowing.
/// Expect: 41 and 42 count, 42 is late, 43 is shown and does not count, in every order of arrival.
#[test]
fn a_takeover_says_the_same_whenever_it_arrives() {
    let mut kits = hall("segment");
    let known = serve(&mut kits[1], 41, 10);
    print(&mut kits[1], &known, 10);
    meet(&mut kits, &[0, 1, 2], 11);
    let late = serve(&mut kits[1], 42, 20);
    take_over(&mut kits, 100);
    let takeover = kits[0].book.event(kid(0), 2).cloned().unwrap();
    let after = serve(&mut kits[1], 43, 200);
    let book = in_any_order(&kits, &names(&[&known, &late, &takeover, &after]));
    assert_eq!(lines(&book), [41, 42]);
    assert_eq!(
        codes(&book),
        [("AFTER_RETIREMENT".to_owned(), 43), ("LATE".to_owned(), 42)]
    );
    assert_eq!(book.standing().place(&late), Place::Late);
    assert_eq!(book.owner(60), Some(kid(0)));
}

/// Two kits retire a third apart from each other: the earlier stands in every order, both are shown.
#[test]
fn of_two_takeovers_the_earlier_stands() {
    let mut kits = hall("segment");
    meet(&mut kits, &[0, 1, 2], 5);
    take_over(&mut kits, 100);
    let first = kits[0].book.event(kid(0), 2).cloned().unwrap();
    let mut alone = kits_under("segment", &SHARES).remove(2).opened(0);
    alone.learn(&kits[0].journal[..1], 99);
    let mut answer = kits[0]
        .book
        .message(kid(2), 0, &Holdings::default(), at(101).wall);
    answer.answer = true;
    answer.heads.clear();
    alone.book.hear(&answer, at(101));
    let draft = alone
        .book
        .take_over(&[kid(1)], "KIT_LOST", at(102))
        .unwrap();
    let second = alone.commit_by(draft, TWO);
    kits[2] = alone;
    let book = in_any_order(&kits, &names(&[&first, &second]));
    assert_eq!(book.owner(60), Some(kid(0)));
    assert_eq!(codes(&book), [("TAKEOVER_TWICE".to_owned(), 0)]);
}

#[test]
fn a_takeover_is_refused_while_a_kit_answers_or_another_is_out_of_touch() {
    let mut kits = hall("segment");
    meet(&mut kits, &[0, 1, 2], 5);
    let dead = [kid(1)];
    let refusal = kits[0]
        .book
        .take_over(&dead, "KIT_LOST", at(6))
        .unwrap_err();
    assert_eq!(
        (refusal.reason, refusal.kit),
        (RefusalReason::NotMyShare, Some(kid(1)))
    );
    let refusal = kits[0]
        .book
        .take_over(&dead, "KIT_LOST", at(60))
        .unwrap_err();
    assert_eq!(
        (refusal.reason, refusal.kit),
        (RefusalReason::NoMajority, Some(kid(2)))
    );
    meet(&mut kits, &[0, 2], 60);
    for wrong in [&[][..], &[kid(0)], &[Kid([7; 8])]] {
        let answer = kits[0].book.take_over(wrong, "KIT_LOST", at(60));
        assert_eq!(reason(answer), RefusalReason::NotHere);
    }
    let draft = kits[0].book.take_over(&dead, "KIT_LOST", at(60)).unwrap();
    let needed = OfficersError::TooFew { got: 1, needed: 2 };
    refuses_too_few(&kits[0], draft.clone(), &["O1"], &needed);
    refuses_too_few(&kits[0], draft, &["O1", "O2"], &OfficersError::SameBody);
    take_over(&mut kits, 61);
    let again = kits[0].book.take_over(&dead, "KIT_LOST", at(62));
    assert_eq!(reason(again), RefusalReason::NotHere);
}

#[test]
fn a_retired_kit_that_hears_of_it_stops() {
    let mut kits = hall("segment");
    meet(&mut kits, &[0, 1, 2], 5);
    take_over(&mut kits, 100);
    let journal = kits[0].journal.clone();
    kits[1].learn(&journal, 110);
    assert_eq!(kits[1].book.block(), Some(&Block::Retired));
    let answer = kits[1].book.check_in(&by_finger(41), at(111));
    assert_eq!(reason(answer), RefusalReason::KitBlocked);
}

/// Story: the lost kit's receipt for 42 is entered; then its journal turns up. Expect: counted once.
#[test]
fn a_reconstruction_gives_way_to_its_act_in_any_order() {
    let mut kits = hall("segment");
    meet(&mut kits, &[0, 1, 2], 5);
    let act = serve(&mut kits[1], 42, 20);
    print(&mut kits[1], &act, 20);
    let kit = kid(1);
    let refused = kits[0].book.reconstruct(42, kit, 1, Method::Finger, at(90));
    assert_eq!(
        reason(refused),
        RefusalReason::NotHere,
        "K2 is not lost yet"
    );
    take_over(&mut kits, 100);
    let takeover = kits[0].book.event(kid(0), 2).cloned().unwrap();
    for (line, receipt) in [(0, 1), (121, 1), (42, 0)] {
        let refused = kits[0]
            .book
            .reconstruct(line, kit, receipt, Method::Finger, at(101));
        assert_eq!(reason(refused), RefusalReason::NotHere);
    }
    let draft = kits[0]
        .book
        .reconstruct(42, kit, 1, Method::Finger, at(102))
        .unwrap();
    let needed = OfficersError::TooFew { got: 1, needed: 2 };
    refuses_too_few(&kits[0], draft.clone(), &["O3"], &needed);
    let entered = kits[0].commit_by(draft, TWO);
    assert_eq!(lines(&kits[0].book), [42]);
    let again = kits[0]
        .book
        .reconstruct(42, kit, 1, Method::Finger, at(103));
    assert_eq!(reason(again), RefusalReason::Already);
    let book = in_any_order(&kits, &names(&[&act, &takeover, &entered]));
    assert_eq!(lines(&book), [42]);
    assert_eq!(book.state(42).counted.as_ref().unwrap().name, act.name);
    assert_eq!(codes(&book), [("LATE".to_owned(), 42)]);
}

#[test]
fn a_receipt_entered_for_another_line_than_its_act_is_told_in_any_order() {
    let mut kits = hall("segment");
    meet(&mut kits, &[0, 1, 2], 5);
    let act = serve(&mut kits[1], 42, 20);
    take_over(&mut kits, 100);
    let draft = kits[0]
        .book
        .reconstruct(43, kid(1), 1, Method::Finger, at(102));
    let entered = kits[0].commit_by(draft.unwrap(), TWO);
    let book = in_any_order(&kits, &names(&[&act, &entered]));
    assert!(codes(&book).contains(&("RECEIPT_DIFFERS".to_owned(), 43)));
}

/// Story: K2 identified 41 and died before its printer. Expect: two officers give the voter a receipt
/// at K1, once; should the receipt have come out after all, both are told.
#[test]
fn a_resume_is_the_receipt_of_an_act_once() {
    let mut kits = hall("segment");
    let act = serve(&mut kits[1], 41, 10);
    meet(&mut kits, &[0, 1, 2], 11);
    let here = kits[0].book.resume(41, false, at(12));
    assert_eq!(
        reason(here),
        RefusalReason::Already,
        "K2 answers: it prints"
    );
    let draft = kits[0].book.resume(41, false, at(100)).unwrap();
    let needed = OfficersError::TooFew { got: 1, needed: 2 };
    refuses_too_few(&kits[0], draft.clone(), &["O1"], &needed);
    let resumed = kits[0].commit_by(draft, TWO);
    let again = kits[0].book.resume(41, false, at(101));
    assert_eq!(reason(again), RefusalReason::Already);
    let book = in_any_order(&kits, &names(&[&act, &resumed]));
    assert_eq!((lines(&book), codes(&book)), (vec![41], Vec::new()));
    print(&mut kits[1], &act, 13);
    let printed = kits[1].book.event(kid(1), 3).cloned().unwrap();
    let book = in_any_order(&kits, &names(&[&act, &resumed, &printed]));
    assert_eq!(lines(&book), [41]);
    assert_eq!(codes(&book), [("DUPLICATE".to_owned(), 41)]);
}

#[test]
fn a_resume_by_which_the_paper_line_is_signed_counts_nobody() {
    let mut kits = hall("segment");
    let draft = kits[0].book.resume(7, true, at(10)).unwrap();
    kits[0].commit_by(draft, TWO);
    assert_eq!(lines(&kits[0].book), []);
    let outside = kits[0].book.resume(121, true, at(11));
    assert_eq!(reason(outside), RefusalReason::NotHere);
}

/// Story: under `paper_lock` K3's share is out of reach. Expect: one named officer's look is the right to
/// serve; nobody's is not; a signed line is refused; a look at another line is no right.
#[test]
fn a_look_at_the_paper_is_a_right_under_paper_lock_only() {
    let mut kits = hall("paper_lock");
    let gate = |kit: &mut TestKit, line| kit.book.gate(line, at(10));
    assert_eq!(gate(&mut kits[0], 100), Ok(Right::CheckLine));
    let draft = kits[0].book.check_line(100, true, at(11));
    let needed = OfficersError::TooFew { got: 0, needed: 1 };
    refuses_too_few(&kits[0], draft.clone(), &[], &needed);
    let stranger = OfficersError::Unknown(StubKey::new("K1").kid());
    refuses_too_few(&kits[0], draft.clone(), &["K1"], &stranger);
    let look = commit_by_one(&mut kits[0], draft, "O2");
    assert_eq!(
        gate(&mut kits[0], 100),
        Ok(Right::Paper(Arc::new(look.clone())))
    );
    assert_eq!(gate(&mut kits[0], 101), Ok(Right::CheckLine));
    let act = serve(&mut kits[0], 100, 12);
    let draft = kits[0].book.check_line(102, false, at(13));
    commit_by_one(&mut kits[0], draft, "O2");
    assert_eq!(
        reason(kits[0].book.gate(102, at(14))),
        RefusalReason::LineSigned
    );
    let book = in_any_order(&kits, &names(&[&act, &look]));
    assert_eq!((lines(&book), codes(&book)), (vec![100], Vec::new()));
    // Without the look the same act has no right, and with a look at another line neither.
    let mut blind = Book::new(Arc::new(kits[0].book.charter().clone()), kid(2), Vec::new());
    blind.merge(act.clone(), None);
    assert_eq!(codes(&blind), [("NO_RIGHT".to_owned(), 100)]);
}

/// Story: under `paper_lock` a spare is opened where nobody sees it. Expect: it serves no line of another kit by its paper,
/// because K1 and K2, in touch with each other, would look at none; once both countersigned its opening it does, out of
/// their reach too, and they look.
#[test]
fn a_spare_that_nobody_saw_serves_no_line_by_its_paper() {
    let shares = [(1, 40), (41, 80), (1, 0)];
    let kits = kits_under("paper_lock", &shares);
    let mut kits: Vec<TestKit> = kits.into_iter().map(|kit| kit.opened(0)).collect();
    let look = |kits: &mut Vec<TestKit>, line, seconds| {
        let draft = kits[2].book.check_line(line, true, at(seconds));
        commit_by_one(&mut kits[2], draft, "O3");
        kits[2].book.gate(line, at(seconds + 1))
    };
    assert_eq!(look(&mut kits, 7, 20), Ok(Right::Ask(kid(0))));
    meet(&mut kits, &[0, 1], 25);
    assert_eq!(kits[0].book.gate(7, at(26)), Ok(Right::Own));

    // One of the two saw it: the other would still look at no paper.
    meet(&mut kits, &[0, 2], 30);
    for (who, seconds) in [(0, 31), (1, 61)] {
        meet(&mut kits, &[who, 2], seconds);
        assert_eq!(look(&mut kits, 47, seconds + 20), Ok(Right::Ask(kid(1))));
        let draft = kits[who].book.countersign(kid(2), at(seconds)).unwrap();
        kits[who].commit(draft);
        meet(&mut kits, &[who, 2], seconds + 1);
    }
    assert!(matches!(look(&mut kits, 47, 90), Ok(Right::Paper(_))));
    meet(&mut kits, &[0, 1], 92);
    assert_eq!(kits[1].book.gate(48, at(93)), Ok(Right::CheckLine));
}

/// Story: under `paper_lock` K2, out of everybody's reach, served a line of K1's by its paper and was lost; K3 took over.
/// Expect: K1, which has never heard of that act, looks at the paper of its own line first, and so does a kit that it
/// grants the line to, although all kits that are left are in touch; a table gives no ballot alone.
#[test]
fn what_a_lost_kit_served_by_its_paper_is_looked_for_by_the_owner_too() {
    let mut kits = hall("paper_lock");
    meet(&mut kits, &[0, 1, 2], 5);
    let gate = |kit: &mut TestKit, line, seconds| kit.book.gate(line, at(seconds));
    assert_eq!(gate(&mut kits[0], 7, 6), Ok(Right::Own));
    let draft = kits[1].book.check_line(7, true, at(100));
    commit_by_one(&mut kits[1], draft, "O2");
    serve(&mut kits[1], 7, 101);
    meet(&mut kits, &[0, 2], 200);
    assert_eq!(gate(&mut kits[0], 7, 201), Ok(Right::CheckLine));
    let draft = kits[2]
        .book
        .take_over(&[kid(1)], "KIT_LOST", at(202))
        .unwrap();
    kits[2].commit_by(draft, TWO);
    meet(&mut kits, &[0, 2], 203);
    assert_eq!(gate(&mut kits[0], 7, 204), Ok(Right::CheckLine));
    let request = kits[2].book.request_number(at(204));
    let ask = GrantAsk {
        from: kid(2),
        line: 8,
        request,
    };
    let GrantAnswer::Give(draft) = kits[0].book.grant(ask, at(204)) else {
        unreachable!("line 8 is free");
    };
    kits[0].commit(draft);
    meet(&mut kits, &[0, 2], 205);
    assert_eq!(gate(&mut kits[2], 8, 206), Ok(Right::CheckLine));
    let draft = kits[0].book.check_line(7, false, at(207));
    commit_by_one(&mut kits[0], draft, "O2");
    assert_eq!(
        reason(gate(&mut kits[0], 7, 208)),
        RefusalReason::LineSigned
    );
}

#[test]
fn a_grant_for_one_line_is_no_right_to_another() {
    let mut kits = hall("segment");
    meet(&mut kits, &[0, 1, 2], 5);
    let request = kits[1].book.request_number(at(6));
    let ask = GrantAsk {
        from: kid(1),
        line: 7,
        request,
    };
    let GrantAnswer::Give(draft) = kits[0].book.grant(ask, at(6)) else {
        unreachable!("line 7 is free");
    };
    let grant = kits[0].commit(draft);
    kits[1].book.merge(grant.clone(), Some(at(6).wall));
    let act = serve(&mut kits[1], 7, 7);
    let right = |line| {
        let Body::Identified(body) = act.body.clone() else {
            unreachable!("it identifies");
        };
        let body = lexicon::handover::event::Identified { line, ..body };
        let mut act = act.clone();
        act.body = Body::Identified(body);
        kits[1].book.has_right(&act, kits[1].book.state(line))
    };
    assert!(right(7));
    assert!(!right(8), "the grant names line 7");
    let book = in_any_order(&kits, &names(&[&act, &grant]));
    assert_eq!((lines(&book), codes(&book)), (vec![7], Vec::new()));
}

/// An heir looks at the paper before it serves a line that it took over.
#[test]
fn an_heir_looks_first_in_any_order_of_look_and_takeover() {
    let mut kits = hall("segment");
    meet(&mut kits, &[0, 1, 2], 5);
    take_over(&mut kits, 100);
    let takeover = kits[0].book.event(kid(0), 2).cloned().unwrap();
    assert_eq!(kits[0].book.gate(50, at(101)), Ok(Right::CheckLine));
    let draft = kits[0].book.check_line(50, true, at(102));
    let look = commit_by_one(&mut kits[0], draft, "O4");
    let act = serve(&mut kits[0], 50, 103);
    let book = in_any_order(&kits, &names(&[&takeover, &look, &act]));
    assert_eq!((lines(&book), codes(&book)), (vec![50], Vec::new()));
}

/// Story: K2 got line 7 granted and its voter went away. Expect: once it gives the grant back, K1 may
/// serve the line; a kit that holds no grant has nothing to give back.
#[test]
fn a_grant_given_back_frees_the_line_in_any_order() {
    let mut kits = hall("segment");
    meet(&mut kits, &[0, 1, 2], 5);
    assert!(kits[1].book.decline(7, at(6)).is_none());
    let request = kits[1].book.request_number(at(6));
    let ask = GrantAsk {
        from: kid(1),
        line: 7,
        request,
    };
    let GrantAnswer::Give(draft) = kits[0].book.grant(ask, at(6)) else {
        unreachable!("line 7 is free");
    };
    let grant = kits[0].commit(draft);
    assert_eq!(
        reason(kits[0].book.gate(7, at(7))),
        RefusalReason::GrantedElsewhere
    );
    kits[1].book.merge(grant.clone(), Some(at(7).wall));
    let draft = kits[1].book.decline(7, at(8)).unwrap();
    let declined = kits[1].commit(draft);
    assert!(kits[1].book.decline(7, at(9)).is_none());
    kits[0].book.merge(declined.clone(), Some(at(9).wall));
    assert_eq!(kits[0].book.gate(7, at(9)), Ok(Right::Own));
    let book = in_any_order(&kits, &names(&[&grant, &declined]));
    assert_eq!(book.state(7).grants_unused, Vec::new());
}

#[test]
fn a_clock_is_trusted_after_two_officers_set_it() {
    let mut kits = hall("segment");
    let wrong = at(7200);
    let wrong = crate::Reading {
        steady_micros: at(60).steady_micros,
        ..wrong
    };
    let answer = kits[0].book.check_in(&by_finger(1), wrong);
    assert_eq!(reason(answer), RefusalReason::KitBlocked);
    let draft = kits[0].book.set_clock(at(61));
    let needed = OfficersError::TooFew { got: 1, needed: 2 };
    refuses_too_few(&kits[0], draft.clone(), &["O1"], &needed);
    let set = kits[0].commit_by(draft, TWO);
    kits[0].book.clock_was_set(at(61));
    assert_eq!(kits[0].book.block(), None);
    let act = serve(&mut kits[0], 1, 62);
    let book = in_any_order(&kits, &names(&[&set, &act]));
    assert_eq!((lines(&book), codes(&book)), (vec![1], Vec::new()));
}

/// The doors of every kind that needs officers refuse it without: a stolen kit cannot make one.
#[test]
fn an_act_of_trouble_without_its_officers_never_enters_a_book() {
    let mut kits = hall("segment");
    meet(&mut kits, &[0, 2], 100);
    let dead = [kid(1)];
    let drafts = [
        kits[0].book.take_over(&dead, "KIT_LOST", at(100)).unwrap(),
        kits[0].book.resume(7, true, at(100)).unwrap(),
        kits[0].book.check_line(7, true, at(100)),
        kits[0].book.set_clock(at(100)),
    ];
    for draft in drafts {
        let kind = draft.body().kind();
        let card = StubKey::new("O1");
        let signed = draft.consented(&[&card]).unwrap();
        // The officer's signature is torn out of a body that a stolen kit signs as it likes.
        let bare = signed.body().clone();
        let event = lexicon::handover::event::Event {
            version: 0,
            election: 20_151_004,
            precinct: 1001,
            kit: kid(0).0.into(),
            seq: 2,
            previous: [0; 32].into(),
            hlc: 1 << 60,
            root: kits[0].book.charter().root_prefix().into(),
            kind,
            body: lexicon::handover::folder::bytes(&without_officers(&bare)),
        };
        let payload = lexicon::handover::envelope::encode(&event);
        let subject = lexicon::handover::event::event_subject(20_151_004);
        let forged = lexicon::handover::envelope::sign1(subject, &payload, &kits[0].key).unwrap();
        let answer = admit(kits[0].book.charter(), &forged, &StubRing);
        assert!(
            matches!(
                answer,
                Err(Rejection::Officers(OfficersError::TooFew { got: 0, .. }))
            ),
            "kind {kind}: {answer:?}"
        );
    }
}

fn without_officers(body: &Body) -> Vec<u8> {
    let mut bare = body.clone();
    bare.set_officers(Vec::new());
    bare.encode()
}

#[test]
fn a_step_of_check_in_says_look_where_the_gate_does() {
    let mut kits = hall("paper_lock");
    let step = kits[0].book.check_in(&by_finger(100), at(10));
    assert_eq!(step, Ok(Step::CheckLine));
}

/// Story: K1's clock ran five minutes ahead; its disk was set back and its clock put right; its own events
/// come back from K3. Expect: what it signs next is stamped after them, or its journal would not open again.
#[test]
fn own_events_that_come_back_are_followed_by_later_stamps() {
    let mut kits = hall("segment");
    let fast = |seconds: i64| crate::Reading {
        wall: at(seconds + 300).wall,
        ..at(seconds)
    };
    let mut ahead = kits_under("segment", &SHARES).remove(0);
    let draft = ahead.book.open(fast(0)).unwrap();
    ahead.commit_by(draft, TWO);
    let Ok(Step::Commit(draft)) = ahead.book.check_in(&by_finger(1), fast(5)) else {
        unreachable!("line 1 is the kit's own");
    };
    let last = ahead.commit(draft);
    kits[2].learn(&ahead.journal, 400);
    let mut back = kits_under("segment", &SHARES).remove(0);
    back.learn(&kits[2].journal, 10);
    for signed in &ahead.journal {
        let act = admit(back.book.charter(), signed, &StubRing).unwrap();
        back.book.merge(act, Some(at(10).wall));
    }
    assert_eq!(back.book.head(kid(0)).seq, 2);
    let draft = back.book.set_clock(at(11));
    let set = back.commit_by(draft, TWO);
    assert!(set.hlc > last.hlc);
}

/// Story: K3 served line 81 without a receipt and was lost; K1 took over and was lost too; K2 took over from both.
/// Expect: K2, the last heir, may undo the act; a kit that inherits nothing may not.
#[test]
fn the_heir_of_an_heir_undoes_an_act_of_the_first_lost_kit() {
    let mut kits = hall("segment");
    let act = serve(&mut kits[2], 81, 10);
    meet(&mut kits, &[0, 1, 2], 11);
    meet(&mut kits, &[0, 1], 100);
    let draft = kits[0].book.take_over(&[kid(2)], "KIT_LOST", at(100));
    let takeover = kits[0].commit_by(draft.unwrap(), TWO);
    kits[1].book.merge(takeover, Some(at(101).wall));
    let early = kits[1].book.undo(81, "WRONG_VOTER", at(102));
    assert_eq!(reason(early), RefusalReason::NotMyShare);
    let draft = kits[1].book.take_over(&[kid(0)], "KIT_LOST", at(200));
    kits[1].commit_by(draft.unwrap(), TWO);
    let draft = kits[1].book.undo(81, "WRONG_VOTER", at(201)).unwrap();
    kits[1].commit_by(draft, TWO);
    let state = kits[1].book.state(81);
    assert_eq!(state.counted, None);
    assert_eq!(
        state.undone.first().map(|undone| undone.name),
        Some(act.name)
    );
}

/// Story: the clocks of K1 and K2 were wrong alike; K1's stands 300 s further, and two officers set K2's to the true
/// time. Expect: K2 uses no grant that its stamps do not follow, so that no act stands before its right; a grant within
/// the bound of where its own stamps stood is followed.
#[test]
fn an_act_never_stands_before_the_grant_that_it_uses() {
    const WRONG: i64 = 3600;
    for (ahead, is_used) in [(300, false), (30, true)] {
        let mut kits = hall("segment");
        meet(&mut kits, &[0, 1, 2], WRONG);
        let draft = kits[1].book.check_line(41, true, at(WRONG));
        commit_by_one(&mut kits[1], draft, "O4");
        let right = crate::Reading {
            wall: at(60).wall,
            ..at(WRONG)
        };
        let draft = kits[1].book.set_clock(right);
        kits[1].commit_by(draft, TWO);
        kits[1].book.clock_was_set(right);
        let granted = crate::Hlc::at(at(WRONG + ahead).wall);
        let ask = GrantAsk {
            from: kid(1),
            line: 7,
            request: granted.0,
        };
        let GrantAnswer::Give(draft) = kits[0].book.grant(ask, at(WRONG + ahead)) else {
            unreachable!("line 7 is free");
        };
        let grant = kits[0].commit(draft);
        kits[1].book.merge(grant.clone(), Some(right.wall));
        match kits[1].book.check_in(&by_finger(7), right) {
            Ok(Step::Commit(draft)) => {
                assert!(is_used, "{ahead} s");
                let act = kits[1].commit(draft);
                assert!(act.order() > grant.order());
                assert!(kits[1].book.has_right(&act, kits[1].book.state(7)));
            }
            Ok(Step::AskGrant(owner)) => assert_eq!((owner, is_used), (kid(0), false)),
            other => unreachable!("{other:?}"),
        }
    }
}

/// Story: under `quorum` K3 promised line 7 to itself and cannot go on. Expect: K1 names K3 instead of saying only
/// that there is no majority; once K3 gives the promise back, K1 serves.
#[test]
fn a_promise_held_in_vain_is_named_and_given_back() {
    let mut kits = hall("quorum");
    meet(&mut kits, &[0, 1, 2], 5);
    let mut promise = |kit: usize| match kits[kit].book.check_in(&by_finger(7), at(6)) {
        Ok(Step::Promise(draft)) => kits[kit].commit(draft),
        other => unreachable!("{other:?}"),
    };
    let promises = [promise(2), promise(0)];
    let held = kits[0].book.no_majority(7);
    assert_eq!(
        held.reason,
        RefusalReason::NoMajority,
        "K3's is not known yet"
    );
    kits[0].book.merge(promises[0].clone(), Some(at(7).wall));
    let held = kits[0].book.no_majority(7);
    assert_eq!(
        (held.reason, held.kit),
        (RefusalReason::GrantedElsewhere, Some(kid(2)))
    );
    let draft = kits[2].book.decline(7, at(8)).unwrap();
    let declined = kits[2].commit(draft);
    kits[0].book.merge(declined, Some(at(9).wall));
    assert_eq!(
        kits[0].book.no_majority(7).reason,
        RefusalReason::NoMajority
    );
    let missing = Step::AskMajority(vec![kid(1), kid(2)]);
    assert_eq!(kits[0].book.check_in(&by_finger(7), at(9)), Ok(missing));
}
