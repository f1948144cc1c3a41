#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use lexicon::Method;
use lexicon::handover::envelope::{DocumentId, PublicKey};
use lexicon::handover::event::kind;
use lexicon::handover::kit_grant::KitGrant;
use lexicon::handover::package::{GRANTS, KitEntry};

use super::*;
use crate::testing::{
    OPENS, StubKey, StubRing, TestKit, at, by_finger, commission, kits_of, serve,
};
use crate::{Charter, CheckIn, DraftError, GrantAnswer, GrantAsk, GrantRefused, Rejection, Step};

const TEC: [&str; 2] = ["T1", "T3"];

/// A kit of a package whose commission above may open and close, and admit spares.
fn kit() -> TestKit {
    kits_of(commission(Some(vec![GRANTS, kind::OPENED, kind::CLOSED]))).remove(0)
}

fn signed(kit: &TestKit, draft: Draft, cards: [&str; 2]) -> Result<Vec<u8>, DraftError> {
    let cards = cards.map(StubKey::new);
    let draft = draft.consented(&[&cards[0], &cards[1]]).unwrap();
    draft.sign(&kit.book, &kit.key)
}

fn said(kit: &mut TestKit, seconds: i64) -> Act {
    let draft = kit.book.break_glass("CARDS_LOST", at(seconds)).unwrap();
    kit.commit_by(draft, TEC)
}

/// All cards are lost. The commission above says why, then opens the kit: both stand in the journal, in the report and among
/// the incidents. Before it said why its keys sign nothing.
#[test]
fn the_commission_above_says_why_before_it_signs() {
    let mut one = kit();
    let draft = one.book.open(at(0)).unwrap();
    let refused = signed(&one, draft, TEC).unwrap_err();
    assert_eq!(refused, DraftError::Officers(OfficersError::NoReason));
    assert_eq!(
        one.book.break_glass("WHIM", at(0)).unwrap_err().reason,
        RefusalReason::NotHere
    );
    let why = said(&mut one, 1);
    let draft = one.book.open(at(2)).unwrap();
    one.commit_by(draft, TEC);
    let glass = one.book.glass_said().unwrap();
    assert_eq!(
        (glass.len(), glass[0].seq, glass[0].reason.as_str()),
        (1, why.name.seq, "CARDS_LOST")
    );
    let codes: Vec<String> = one
        .book
        .incidents()
        .into_iter()
        .map(|found| found.code)
        .collect();
    assert_eq!(codes, ["BREAK_GLASS", "BREAK_GLASS"]);
    // Officers say nothing of the kind.
    let draft = one.book.break_glass("OTHER", at(3)).unwrap();
    let refused = signed(&one, draft, ["O1", "O3"]).unwrap_err();
    assert_eq!(refused, DraftError::Officers(OfficersError::NotCommission));
}

/// What the law does not let them sign they do not sign, here or on another kit: the act is refused at every door.
#[test]
fn the_commission_above_signs_only_what_the_law_lets_it() {
    let mut one = kit();
    said(&mut one, 0);
    let draft = one.book.open(at(1)).unwrap();
    one.commit_by(draft, TEC);
    let by_hand = CheckIn {
        method: Method::Face2,
        finger: None,
        reason: "NO_FINGERS".to_owned(),
        ..by_finger(5)
    };
    let Step::Commit(draft) = one.book.check_in(&by_hand, at(60)).unwrap() else {
        unreachable!("line 5 is K1's own");
    };
    let refused = signed(&one, draft, TEC).unwrap_err();
    assert_eq!(refused, DraftError::Officers(OfficersError::NotTheirs));
    // A forged kit that lets them sign: other kits refuse its event.
    let mut free = kits_of(commission(None)).remove(0);
    said(&mut free, 0);
    let draft = free.book.open(at(1)).unwrap();
    free.commit_by(draft, TEC);
    let Step::Commit(draft) = free.book.check_in(&by_hand, at(60)).unwrap() else {
        unreachable!("line 5 is K1's own");
    };
    let event = signed(&free, draft, TEC).unwrap();
    let refused = one.book.admit(&event, &StubRing).unwrap_err();
    assert_eq!(refused, Rejection::Officers(OfficersError::NotTheirs));
    serve(&mut one, 5, 61);
}

fn grant(not_before: i64, not_after: i64) -> KitGrant {
    KitGrant {
        suite: "kg1".to_owned(),
        election: 20_151_004,
        precinct: 1001,
        package: [9; 32].into(),
        kit: KitEntry {
            point: StubKey::new("K9").0.0.into(),
            name: "K9".to_owned(),
            from: 1,
            to: 0,
        },
        ephemeral: [4; 65].into(),
        wrap: [0; 40].into(),
        reason: "KIT_LOST".to_owned(),
        made_at: OPENS,
        not_before: OPENS + not_before * 1_000_000,
        not_after: OPENS + not_after * 1_000_000,
    }
}

/// As many different keys as the package asks for, none twice, none beside an officer; and officers come first.
#[test]
fn the_commission_above_is_counted_by_different_keys() {
    let charter = kit().book.charter().clone();
    let kids = |names: &[&str]| -> Vec<Kid> {
        let names = names.iter();
        names.map(|name| StubKey::new(name).0.kid()).collect()
    };
    assert!(charter.approve(&kids(&["T1", "T3"])).is_ok());
    let twice = charter.approve(&kids(&["T1", "T1"])).unwrap_err();
    assert_eq!(twice, OfficersError::Twice(kids(&["T1"])[0]));
    for few in [&["T1"][..], &["T1", "O1"]] {
        assert!(charter.approve(&kids(few)).is_err(), "{few:?}");
    }
    assert_eq!(
        charter.signers(&kids(&["T1", "T2", "O1", "O3"])),
        kids(&["O1", "O3"])
    );
    assert_eq!(
        charter.signers(&kids(&["T3", "T2", "T1", "O1"])),
        kids(&["T3", "T2"])
    );
    // A grant takes as many as an act.
    for (cards, may) in [
        (&["O1", "O3"][..], true),
        (&["T1", "T2"], true),
        (&["O1"], false),
        (&["T1"], false),
        (&["O1", "O2"], false),
    ] {
        let signers: Vec<StubKey> = cards.iter().map(|name| StubKey::new(name)).collect();
        let signers: Vec<&dyn lexicon::handover::envelope::Signer> =
            signers.iter().map(|card| card as _).collect();
        let signed = grant(0, 3600).sign(&signers).unwrap();
        assert_eq!(
            charter.read_grant(&signed, &StubRing).is_ok(),
            may,
            "{cards:?}"
        );
    }
}

/// A spare admitted from 10:00 to 12:00 serves in these hours only; what a spare that goes on did is kept and shown.
#[test]
fn a_spare_acts_between_the_dates_of_its_grant() {
    let manifest = commission(None);
    let cards = ["O1", "O3"].map(StubKey::new);
    let read = |charter: &Charter, grant: &KitGrant| {
        let signed = grant.sign(&[&cards[0], &cards[1]]).unwrap();
        charter.read_grant(&signed, &StubRing)
    };
    let bare = || Charter::new(manifest.clone(), DocumentId([9; 32])).unwrap();
    let upside_down = read(&bare(), &grant(60, 60));
    assert!(matches!(upside_down, Err(GrantRefused::Document(_))));
    let hall = |until| {
        let admitted = read(&bare(), &grant(7200, until)).unwrap();
        Arc::new(bare().granting(&[admitted]).unwrap())
    };
    let kit = |name: &str, charter: &Arc<Charter>| {
        let key = StubKey::new(name);
        let book = Book::new(Arc::clone(charter), PublicKey(key.0.0).kid(), Vec::new());
        TestKit {
            key,
            book,
            journal: Vec::new(),
        }
    };
    let charter = hall(4 * 3600);
    let mut one = kit("K1", &charter).opened(0);
    // The spare's own clock and grant are another's: it does not know that its time is over.
    let mut nine = kit("K9", &hall(12 * 3600)).opened(7200);
    let mut serve_by_grant = |line, seconds| {
        let request = nine.book.request_number(at(seconds));
        let ask = GrantAsk {
            from: nine.book.me(),
            line,
            request,
        };
        let GrantAnswer::Give(draft) = one.book.grant(ask, at(seconds)) else {
            unreachable!("line {line} is free");
        };
        one.commit(draft);
        let journal = one.journal.clone();
        nine.learn(&journal, seconds);
        serve(&mut nine, line, seconds + 1);
        let journal = nine.journal.clone();
        one.learn(&journal, seconds + 2);
    };
    serve_by_grant(5, 7300);
    serve_by_grant(6, 5 * 3600);
    let found: Vec<(String, u32)> = one
        .book
        .incidents()
        .into_iter()
        .map(|f| (f.code, f.line))
        .collect();
    assert_eq!(found, [("GRANT_OVER".to_owned(), 6)]);
    let mut early = kit("K9", &charter).opened(0);
    for seconds in [60, 5 * 3600] {
        let refused = early.book.gate(7, at(seconds)).unwrap_err();
        assert_eq!(refused.reason, RefusalReason::KitBlocked);
    }
    assert!(early.book.gate(7, at(7300)).is_ok());
}
