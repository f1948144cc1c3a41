//! A formed roll is taken in whole, once, and only when it is what two institutions signed.

#![expect(
    clippy::unwrap_used,
    reason = "a failed check should stop at once"
)]

mod hall;

use hall::{Chain, Hall, form, person};
use lexicon::handover::envelope::Signer as _;
use lexicon::{ClaimOutcome, ReconciliationClass};
use office::{ReceiveError, receive_roll};
use store::{Journal, LISTED, ListPlace};

#[test]
fn a_roll_is_kept_once_and_agrees_with_its_release() {
    let hall = Hall::without_list();
    let chain = Chain::new();
    let source = chain.source(&hall.law);
    let first = receive_roll(&hall.store, &hall.roll, source).unwrap();
    let again = receive_roll(&hall.store, &hall.roll, source).unwrap();
    assert!(first.is_new && !again.is_new);
    assert_eq!(first.decisions, again.decisions);
    let release = hall.store.read("r", |tx| tx.releases()).unwrap().remove(0);
    assert_eq!(release.considered as usize, first.decisions);
    let counts = hall.store.read("n", |tx| tx.decision_counts(1)).unwrap();
    let listed = counts.iter().find(|(code, _)| code == LISTED).unwrap();
    assert_eq!(listed.1, release.total);
    let of = |row: &str| {
        let all = hall.store.read("d", |tx| tx.decisions_of(person(row)));
        all.unwrap().remove(0).1
    };
    // By Form 2 the claim is the evidence, by residence the address.
    assert_eq!(of("g10").evidence, "claims/GQ1003");
    assert_eq!(of("g7").evidence, "residences/GA8");
    assert_eq!(of("dead").evidence, "civil_events/GV-dead");
    assert_eq!(of("dead").day, Some(lexicon::Date::constant(2015, 2, 1)));
    assert!(matches!(of("bare").place, ListPlace::Excluded(_)) && of("bare").evidence.is_empty());
    let replaced = hall
        .store
        .read("c", |tx| tx.find_claim_outcome(1, "GQ1001"))
        .unwrap()
        .unwrap();
    assert_eq!(replaced.outcome, ClaimOutcome::Superseded);
    assert_eq!(replaced.superseded_by.as_deref(), Some("GQ1002"));
    let moved = hall
        .store
        .read("m", |tx| tx.reconciled_rows(1, ReconciliationClass::Moved, "GC0000006", 1))
        .unwrap();
    assert_eq!(moved[0].0.detail, "found=pin;shows=residences/GA8;precinct=1001");
    hall.store.read("v", |tx| tx.verify_journal(Journal::Electoral)).unwrap();
}

#[test]
fn a_changed_file_a_missing_signature_and_another_list_are_refused() {
    let hall = Hall::without_list();
    let chain = Chain::new();
    let source = chain.source(&hall.law);
    let path = hall.roll.join("decisions.parquet");
    let whole = std::fs::read(&path).unwrap();
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    std::fs::write(&path, &changed).unwrap();
    let refused = receive_roll(&hall.store, &hall.roll, source).unwrap_err();
    assert!(refused.to_string().contains("decisions.parquet"), "{refused}");
    std::fs::write(&path, &whole).unwrap();
    let stranger = office::Source {
        cec: chain.register.kid(),
        ..source
    };
    let refused = receive_roll(&hall.store, &hall.roll, stranger).unwrap_err();
    assert!(matches!(refused, ReceiveError::Release(_)), "{refused}");
    assert!(hall.store.read("r", |tx| tx.releases()).unwrap().is_empty(), "nothing is kept");
    receive_roll(&hall.store, &hall.roll, source).unwrap();
    // The register moves on; a list with the same number is another one.
    hall.store
        .transact("process", "centre", |tx| {
            tx.record_processing(
                &[("GE-waiting".to_owned(), person("waiting"))],
                lexicon::Date::constant(2015, 9, 18),
            )
        })
        .unwrap();
    let other = hall.dir.path().join("other");
    let other = form(&hall.store, &hall.law, &chain, &other, 1);
    let refused = receive_roll(&hall.store, &other, source).unwrap_err();
    assert!(matches!(refused, ReceiveError::Another { number: 1 }), "{refused}");
}
