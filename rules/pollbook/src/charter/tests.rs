#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use lexicon::handover::envelope::DocumentId;
use lexicon::handover::package::StationLimits;
use lexicon::{Method, RefusalReason};

use super::*;
use crate::right::Right;
use crate::testing::{StubKey, TestKit, at, by_finger, kits_of, manifest, serve};
use crate::{CheckIn, GrantAnswer, GrantAsk, Step};

fn limited(limits: StationLimits) -> PackageManifest {
    let mut manifest = manifest(&[(1, 20), (21, 40)]);
    manifest.policy.limits = Some(limits);
    manifest
}

/// Zeros, and a grant that is taken back before it has run out on every clock, are refused with the package.
#[test]
fn limits_that_cannot_be_kept_are_refused() {
    let before = StationLimits::BEFORE;
    let made = |limits| Charter::new(limited(limits), DocumentId([9; 32])).err();
    assert_eq!(made(before), None);
    for wrong in [
        StationLimits {
            lock_seconds: 0,
            ..before
        },
        StationLimits {
            pair_run_max: 0,
            ..before
        },
        StationLimits {
            grant_seconds: 0,
            ..before
        },
        StationLimits {
            look_seconds: 0,
            ..before
        },
        // 120 s of the grant and twice 60 s of skew.
        StationLimits {
            release_seconds: 239,
            ..before
        },
    ] {
        assert_eq!(made(wrong), Some(CharterError::Limits), "{wrong:?}");
    }
    let tight = StationLimits {
        release_seconds: 240,
        ..before
    };
    assert_eq!(made(tight), None);
    // A package of before says nothing, and has the limits of before.
    let silent = Charter::new(manifest(&[(1, 20)]), DocumentId([9; 32])).unwrap();
    assert_eq!(silent.limits(), before);
}

/// The package's limits are those that the kit works by: grants, their taking back, runs of one pair.
#[test]
fn a_kit_works_by_the_limits_of_its_package() {
    let limits = StationLimits {
        grant_seconds: 30,
        release_seconds: 150,
        pair_run_max: 2,
        ..StationLimits::BEFORE
    };
    let mut kits: Vec<TestKit> = kits_of(limited(limits))
        .into_iter()
        .map(|kit| kit.opened(0))
        .collect();
    let (mut two, mut one) = (kits.pop().unwrap(), kits.pop().unwrap());
    let mut ask = |line, seconds| {
        let request = two.book.request_number(at(seconds));
        let ask = GrantAsk {
            from: two.book.me(),
            line,
            request,
        };
        let GrantAnswer::Give(draft) = one.book.grant(ask, at(seconds)) else {
            unreachable!("line {line} is free");
        };
        one.commit(draft);
        let journal = one.journal.clone();
        two.learn(&journal, seconds);
    };
    ask(5, 100);
    ask(6, 100);
    serve(&mut two, 5, 129);
    let late = two.book.check_in(&by_finger(6), at(140)).unwrap();
    assert!(matches!(late, Step::AskGrant(_)), "{late:?}");
    let early = one.book.release(6, at(240)).unwrap_err();
    assert_eq!(early.reason, RefusalReason::GrantedElsewhere);
    assert!(one.book.release(6, at(251)).is_ok());
    for (line, seconds) in [(7, 300), (8, 310), (9, 320)] {
        assert!(!one.book.is_pair_alarm());
        let by_hand = CheckIn {
            method: Method::Document2,
            finger: None,
            reason: "NO_FINGERS".to_owned(),
            ..by_finger(line)
        };
        let Step::Commit(draft) = one.book.check_in(&by_hand, at(seconds)).unwrap() else {
            unreachable!("line {line} is K1's own");
        };
        one.commit_by(draft, ["O1", "O3"]);
    }
    assert!(one.book.is_pair_alarm());
}

/// A look at the paper gives a right as long as the package says, and no longer.
#[test]
fn a_look_at_the_paper_is_fresh_as_long_as_the_package_says() {
    let mut manifest = limited(StationLimits {
        look_seconds: 45,
        ..StationLimits::BEFORE
    });
    "paper_lock".clone_into(&mut manifest.policy.partition);
    let mut one = kits_of(manifest).remove(0).opened(0);
    // Line 30 is of K2, which does not answer.
    assert_eq!(one.book.gate(30, at(99)), Ok(Right::CheckLine));
    let card = StubKey::new("O2");
    let draft = one.book.check_line(30, true, at(100));
    one.commit(draft.consented(&[&card]).unwrap());
    assert!(matches!(one.book.gate(30, at(145)), Ok(Right::Paper(_))));
    assert_eq!(one.book.gate(30, at(146)), Ok(Right::CheckLine));
}
