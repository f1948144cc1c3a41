//! Totals are entered once, corrected with a reason, and a difference asks for one; nothing is lost.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use lexicon::RefusalReason;
use lexicon::handover::report::Differences;

use super::*;
use crate::ReportKind;
use crate::testing::{CLOSES, OPENS, TestKit, at, kits, serve};

const EVENING: i64 = (CLOSES - OPENS) / 1_000_000;
const TWO: [&str; 2] = ["O1", "O3"];

fn closed(mut kit: TestKit, seconds: i64) -> TestKit {
    let draft = kit.book.close(0, at(EVENING + seconds)).unwrap();
    kit.commit_by(draft, TWO);
    kit
}

fn totals(signatures: u32, issued: u32) -> PaperTotals {
    PaperTotals {
        signatures,
        received: 40,
        issued,
        spoilt: 1,
        left: 39 - issued,
    }
}

#[test]
fn totals_follow_the_close_and_a_difference_asks_for_its_reason() {
    let mut kit = kits(&[(1, 50)]).remove(0).opened(-60);
    serve(&mut kit, 7, 10);
    serve(&mut kit, 8, 20);
    let early = kit.book.enter_totals(totals(2, 2), "", "", at(30));
    assert_eq!(
        early,
        Err(Refusal::of(RefusalReason::OutOfHours).into()),
        "before the close"
    );
    let mut kit = closed(kit, 0);
    let refused = kit
        .book
        .enter_totals(totals(1, 1), "", "", at(EVENING + 60));
    let differences = Differences {
        signatures: 1,
        ..Differences::default()
    };
    assert_eq!(refused, Err(TotalsRefused::Unexplained(differences)));
    let draft = kit
        .book
        .enter_totals(totals(1, 1), "LEFT_WITHOUT", "", at(EVENING + 60));
    let act = kit.commit_by(draft.unwrap(), TWO);
    let said = kit.book.totals_said().unwrap();
    assert_eq!(
        (said.seq, said.signatures, said.before),
        (act.name.seq, 1, 0)
    );
    assert_eq!(said.differences(kit.book.counted()), differences);
    let report = kit.book.report(ReportKind::Final, 1, 2, at(EVENING + 90));
    assert_eq!(report.unwrap().totals, Some(said));
}

#[test]
fn a_correction_says_why_and_the_entry_before_stays() {
    let mut kit = closed(kits(&[(1, 50)]).remove(0).opened(-60), 0);
    let entered = |kit: &mut TestKit, said: [&str; 2], seconds| {
        let totals = totals(0, 0);
        let draft = kit
            .book
            .enter_totals(totals, said[0], said[1], at(EVENING + seconds))?;
        kit.commit_by(draft, TWO);
        Ok(())
    };
    assert_eq!(
        entered(&mut kit, ["", "TYPED_WRONG"], 10),
        Err(TotalsRefused::Correction)
    );
    entered(&mut kit, ["", ""], 10).unwrap();
    for correction in ["", "BECAUSE"] {
        assert_eq!(
            entered(&mut kit, ["", correction], 20),
            Err(TotalsRefused::Correction)
        );
    }
    entered(&mut kit, ["", "COUNTED_AGAIN"], 20).unwrap();
    let said = kit.book.totals_said().unwrap();
    assert_eq!((said.before, &*said.correction), (1, "COUNTED_AGAIN"));
    assert_eq!(kit.book.totals().count(), 2, "both are kept");
    assert!(kit.book.incidents().is_empty());
}

#[test]
fn first_totals_of_two_kits_are_an_incident() {
    let both = kits(&[(1, 50), (51, 100)]).into_iter();
    let mut both: Vec<TestKit> = both.map(|kit| closed(kit.opened(-60), 0)).collect();
    for (at_kit, kit) in both.iter_mut().enumerate() {
        let after = EVENING + 60 + i64::try_from(at_kit).unwrap();
        let draft = kit
            .book
            .enter_totals(totals(0, 0), "", "", at(after))
            .unwrap();
        kit.commit_by(draft, TWO);
    }
    let journal = both[1].journal.clone();
    both[0].learn(&journal, EVENING + 90);
    let found = both[0].book.incidents();
    assert_eq!((found.len(), &*found[0].code), (1, "TOTALS_TWICE"));
    assert_eq!(found[0].evidence.len(), 2);
    let said = both[0].book.totals_said().unwrap();
    assert_eq!(*said.kit, both[1].book.me().0, "the last one is in force");
}
