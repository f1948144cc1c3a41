//! What a report says beside its counters.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use lexicon::handover::envelope::Signer as _;
use lexicon::handover::event::EventRef;
use lexicon::handover::report::Report;

use super::*;
use crate::ReportKind;
use crate::testing::{StubKey, TestKit, at, kits, serve};

fn running(kit: &TestKit, seconds: i64) -> Report {
    kit.book
        .report(ReportKind::Running, 1, 4, at(seconds))
        .unwrap()
}

#[test]
fn an_undo_counts_for_whoever_had_the_screen_when_the_act_was_written() {
    let mut kit = kits(&[(1, 50)]).remove(0).opened(-60);
    serve(&mut kit, 7, 10);
    let shift = |kit: &mut TestKit, card: &str, seconds| {
        let draft = kit.book.take_shift(at(seconds)).unwrap();
        kit.commit(draft.consented(&[&StubKey::new(card)]).unwrap());
    };
    shift(&mut kit, "O2", 20);
    for line in [8, 9] {
        serve(&mut kit, line, 21 + i64::from(line));
    }
    shift(&mut kit, "O4", 40);
    assert_eq!(running(&kit, 41).undone_by, None);
    for line in [7, 8, 9] {
        let draft = kit
            .book
            .undo(line, "WRONG_VOTER", at(50 + i64::from(line)))
            .unwrap();
        kit.commit_by(draft, ["O1", "O3"]);
    }
    let said = running(&kit, 70).undone_by.unwrap();
    let said: Vec<([u8; 8], u32)> = said.iter().map(|one| (*one.card, one.count)).collect();
    assert_eq!(said, [(StubKey::new("O2").kid().0, 2), ([0; 8], 1)]);
}

#[test]
fn an_incident_has_its_moment_and_its_receipt() {
    let [mut one, mut two] = <[TestKit; 2]>::try_from(kits(&[(1, 50), (51, 100)]))
        .unwrap_or_else(|_| unreachable!("two kits"))
        .map(|kit| kit.opened(-60));
    serve(&mut one, 6, 5);
    let slip = serve(&mut one, 7, 10);
    for kit in [&mut one, &mut two] {
        let draft = kit.book.take_slip(&slip, at(20)).unwrap();
        kit.commit(draft);
    }
    one.learn(&two.journal.clone(), 30);
    let report = running(&one, 40);
    let evidence = report.evidence.unwrap();
    assert_eq!(evidence.len(), 2, "the two events of SLIP_TWICE");
    assert_eq!(evidence[0].at, at(20).wall.micros());
    assert_eq!(evidence[0].receipt, 0, "the event is no receipt");
    let incident = Incident {
        code: "LATE".to_owned(),
        line: 7,
        evidence: vec![
            slip.reference(),
            EventRef {
                kit: [8; 8].into(),
                seq: 1,
            },
        ],
    };
    let said = one.book.evidence_said(&[incident]).unwrap();
    assert_eq!(said.len(), 1, "what is not in the set has no moment");
    assert_eq!(
        (*said[0].receipt_kit, said[0].receipt),
        (one.book.me().0, 2)
    );
    let heads = report.heads_at.unwrap();
    assert_eq!(heads, [at(20).wall.micros(), at(20).wall.micros()]);
}

#[test]
fn the_pages_hold_the_voters_of_the_list() {
    let kit = kits(&[(1, 60)]).remove(0).opened(-60);
    let report = kit.book.report(ReportKind::Initial, 1, 3, at(-30)).unwrap();
    assert_eq!(report.page_voters, Some(vec![25, 25, 10]));
    assert_eq!(report.lines, 60);
    assert_eq!(running(&kit, 10).page_voters, None);
}
