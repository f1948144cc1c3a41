//! Decisions about corrections of a rehearsal's list, on both engines.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

mod kit;

use kit::on_both;
use store::{Decided, Journal};

#[test]
fn a_final_decision_is_the_last_one() {
    on_both(|engine, store| {
        let decide = |id: &str, decided: &Decided| {
            let kept = store.transact("decide", "clerk", |tx| {
                tx.decide_correction(id, decided, "clerk")
            });
            kept.unwrap()
        };
        let refused = Decided::Refused("NO_GROUND".to_owned());
        let claim = Decided::Claim("D0000001".to_owned());
        assert!(decide("a", &Decided::Registrar), "{engine}");
        assert!(!decide("a", &Decided::Registrar), "{engine}: asked already");
        assert!(decide("a", &refused), "{engine}");
        assert!(!decide("a", &claim), "{engine}: refused for good");
        assert!(decide("b", &claim), "{engine}");
        assert!(!decide("b", &Decided::Registrar), "{engine}: it is a claim");
        let of = |id| {
            let all = store.read("of", |tx| tx.decisions_of_correction(id));
            let all = all.unwrap().into_iter().map(|one| one.decided);
            all.collect::<Vec<_>>()
        };
        assert_eq!(of("a"), [Decided::Registrar, refused.clone()], "{engine}");
        assert_eq!(of("b"), std::slice::from_ref(&claim), "{engine}");
        let all = store.read("all", |tx| tx.correction_decisions()).unwrap();
        assert_eq!(all.len(), 3, "{engine}");
        store
            .read("v", |tx| tx.verify_journal(Journal::Electoral))
            .unwrap();
    });
}
