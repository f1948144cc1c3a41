//! Reports of a kit: the running one, and a final one that stays as it is while an addendum says what came later.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::path::Path;
use std::sync::Arc;

use lexicon::handover::envelope::sha256;
use lexicon::handover::report::{AGE_BANDS, kind};
use pollbook::ReportKind;
use precinct::{Bench, Precinct, at, capture, open, reopen};
use station::clock::SetClock;
use station::link::InProcess;
use station::{ActError, ReportsError, Verdict};

/// Closing time of the fixture, seconds after opening.
const CLOSE_SECONDS: i64 = (precinct::CLOSES - precinct::OPENS) / 1_000_000;

fn serve(bench: &Bench, line: u32) {
    let verdict = bench.kit.present(line, &capture(line * 10)).unwrap();
    assert!(matches!(verdict, Verdict::Green(_)), "{line}: {verdict:?}");
}

fn wire(one: &Bench, other: &Bench) {
    one.kit
        .connect(other.kit.kid(), Arc::new(InProcess::to(&other.kit)));
    other
        .kit
        .connect(one.kit.kid(), Arc::new(InProcess::to(&one.kit)));
}

fn kept(folder: &Path, name: &str) -> Option<Vec<u8>> {
    std::fs::read(folder.join(name)).ok()
}

/// Story S-28. K2 is away at the close. Expected: the chair's reason stands in an incomplete final report; when K2's
/// acts come a signed addendum names the report's hash, and the report's bytes are as they were.
#[test]
fn what_comes_after_the_final_report_is_an_addendum() {
    let precinct = Precinct::new(1001, 60);
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("K1");
    let one = open(&precinct, "K1", &own, 10);
    let two = open(&precinct, "K2", &folder.path().join("K2"), 10);
    let pair = precinct.pair();
    one.kit.report_initial(&pair).unwrap();
    serve(&one, 1);
    let running = one.kit.report(ReportKind::Running, &pair).unwrap();
    assert_eq!(
        (
            running.report.kind,
            running.report.number,
            running.report.counted
        ),
        (kind::RUNNING, 2, 1)
    );
    assert_eq!(kept(&own, "K1.running-1.cose").unwrap(), running.signed);
    let second = one.kit.report(ReportKind::Running, &pair).unwrap();
    assert_eq!(
        kept(&own, "K1.running-1.cose").unwrap(),
        running.signed,
        "kept"
    );
    assert_eq!(kept(&own, "K1.running-2.cose").unwrap(), second.signed);
    serve(&one, 2);
    // A line of K2's own share, which K1 has not heard of.
    serve(&two, 31);
    for bench in [&one, &two] {
        bench.clock.set(at(CLOSE_SECONDS + 1));
        bench.kit.close(0, &pair).unwrap();
    }
    // A kit is missing: nobody leaves it out without a word, whoever asks.
    let unexplained = one.kit.report_final(&pair).unwrap_err();
    assert!(
        matches!(&unexplained, ReportsError::Unexplained(kits) if kits == &["K2"]),
        "{unexplained}"
    );
    assert_eq!(kept(&own, "K1.final.cose"), None);
    let first = one
        .kit
        .report_because(ReportKind::Final, Some("UNREACHABLE"), &pair)
        .unwrap();
    assert_eq!(first.report.counted, 2);
    assert_eq!(first.report.incomplete, ["K2"]);
    assert_eq!(first.report.why_incomplete.as_deref(), Some("UNREACHABLE"));
    assert_eq!(first.report.adds_to, None);
    let bytes = kept(&own, "K1.final.cose").unwrap();
    assert_eq!(bytes, first.signed);

    // Nothing has come: the same report is printed again.
    let papers = one.printer.names().len();
    one.clock.set(at(CLOSE_SECONDS + 60));
    let again = one.kit.report_final(&pair).unwrap();
    assert_eq!(again.signed, first.signed);
    assert_eq!(one.printer.names().len(), papers + 1);
    assert_eq!(kept(&own, "K1.addendum-1.cose"), None);

    wire(&one, &two);
    assert!(one.kit.sync_all().is_empty());
    let addendum = one.kit.report_final(&pair).unwrap();
    assert_eq!(addendum.report.counted, 3);
    assert!(addendum.report.incomplete.is_empty());
    assert_eq!(addendum.report.why_incomplete, None);
    let hash = addendum.report.adds_to.unwrap();
    assert_eq!(*hash, sha256(&bytes));
    assert_eq!(kept(&own, "K1.final.cose").unwrap(), bytes, "as it was");
    assert_eq!(kept(&own, "K1.addendum-1.cose").unwrap(), addendum.signed);
    assert_eq!(one.kit.report_final(&pair).unwrap().signed, addendum.signed);

    // Numbers go on after a restart, and the reports are there, of the running ones the last.
    let clock = Arc::clone(&one.clock);
    drop(one);
    let one = reopen(&precinct, "K1", &own, &clock);
    let words: Vec<_> = one
        .kit
        .kept_reports()
        .iter()
        .map(|(word, _)| *word)
        .collect();
    assert_eq!(words, ["initial", "running", "final", "addendum"]);
    assert_eq!(one.kit.report_final(&pair).unwrap().signed, addendum.signed);
    let last = one.kit.report(ReportKind::Running, &pair).unwrap().report;
    assert!(last.number > addendum.report.number, "{}", last.number);
}

#[test]
fn counted_voters_stand_by_sex_and_age_and_add_up() {
    let precinct = Precinct::new(1001, 60);
    let folder = tempfile::tempdir().unwrap();
    let one = open(&precinct, "K1", folder.path(), 10);
    let pair = precinct.pair();
    for line in 1..=5 {
        serve(&one, line);
    }
    let report = one.kit.report(ReportKind::Running, &pair).unwrap().report;
    let people = report.people.clone().unwrap();
    assert_eq!(people.len(), 2 * AGE_BANDS.len());
    // Everybody of the fixture is a man born on 15.04.1985: 30 years old.
    let there: Vec<_> = people.iter().filter(|people| people.count > 0).collect();
    assert_eq!(there.len(), 1);
    assert_eq!(
        (there[0].sex.as_str(), there[0].from, there[0].count),
        ("M", 25, 5)
    );
    assert_eq!(pollbook::arithmetic_fault(&report), None);
    let mut wrong = report;
    wrong.people.as_mut().unwrap()[0].count += 1;
    assert!(
        pollbook::arithmetic_fault(&wrong)
            .unwrap()
            .contains("sex and age")
    );
}

#[test]
fn the_chair_chooses_method_and_reason_and_no_other_reason_is_taken() {
    use station::Method2;
    let precinct = Precinct::new(1001, 60);
    let folder = tempfile::tempdir().unwrap();
    let one = open(&precinct, "K1", folder.path(), 10);
    let pair = precinct.pair();
    let because = |reason| {
        one.kit
            .check_in_two_officers(4, Method2::Override, reason, &pair)
    };
    assert!(matches!(because("BECAUSE"), Err(ActError::Reason(_))));
    assert!(matches!(
        because("FINGER_MISMATCH"),
        Ok(station::Outcome::Green(_))
    ));
    let undone = |reason| one.kit.undo(4, reason, &pair);
    assert!(matches!(undone("TYPO"), Err(ActError::Reason(_))));
    undone("OPERATOR_SLIP").unwrap();
}

/// Story S-18: turning away and coming back does not give new tries.
#[test]
fn tries_stay_when_a_voter_turns_away() {
    let precinct = Precinct::new(1001, 60);
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(SetClock::new(at(10)));
    let one = reopen(&precinct, "K1", folder.path(), &clock);
    for _ in 0..4 {
        let verdict = one.kit.present(7, &capture(9_999)).unwrap();
        assert!(matches!(verdict, Verdict::Again { .. }), "{verdict:?}");
        one.kit.leave(7);
    }
    let fifth = one.kit.present(7, &capture(9_999)).unwrap();
    assert!(matches!(fifth, Verdict::Pause { .. }), "{fifth:?}");
    one.kit.leave(7);
    let early = one.kit.present(7, &capture(70)).unwrap();
    assert!(
        matches!(early, Verdict::Pause { .. }),
        "the pause goes on: {early:?}"
    );
    clock.set(at(60));
    serve_after(&one, 7);
}

/// The asked finger may be the second by now.
fn serve_after(bench: &Bench, line: u32) {
    let rank = u32::from(bench.kit.asked_finger(line).unwrap().number() != 2);
    let verdict = bench.kit.present(line, &capture(line * 10 + rank)).unwrap();
    assert!(matches!(verdict, Verdict::Green(_)), "{verdict:?}");
}

/// Story: after the close two officers count signatures and ballots. Expected: a difference asks for its reason; what was
/// entered stands in the final report with the differences, a correction in an addendum that keeps the entry before.
#[test]
fn what_was_counted_on_paper_stands_in_the_final_report_and_a_correction_in_an_addendum() {
    let precinct = Precinct::new(1001, 60);
    let folder = tempfile::tempdir().unwrap();
    let one = open(&precinct, "K1", folder.path(), 10);
    let pair = precinct.pair();
    for line in 1..=3 {
        serve(&one, line);
    }
    let totals = |signatures, issued, left| pollbook::PaperTotals {
        signatures,
        received: 60,
        issued,
        spoilt: 1,
        left,
    };
    let enter = |totals, difference: &str, correction: &str| {
        one.kit.enter_totals(totals, difference, correction, &pair)
    };
    assert!(matches!(
        enter(totals(3, 3, 56), "", ""),
        Err(ActError::Refused { .. })
    ));
    one.clock.set(at(CLOSE_SECONDS + 1));
    one.kit.close(0, &pair).unwrap();
    let unsaid = enter(totals(2, 2, 57), "", "");
    assert!(matches!(unsaid, Err(ActError::Unexplained(off)) if off.signatures == 1));
    enter(totals(2, 2, 57), "LEFT_WITHOUT", "").unwrap();
    let because = Some("UNREACHABLE");
    let first = one.kit.report_because(ReportKind::Final, because, &pair);
    let first = first.unwrap();
    let said = first.report.totals.clone().unwrap();
    assert_eq!(
        (said.signatures, said.before, &*said.difference),
        (2, 0, "LEFT_WITHOUT")
    );
    assert_eq!(said.differences(first.report.counted).signatures, 1);
    assert!(
        first.json.contains("\"counted_signatures\": 1"),
        "{}",
        first.json
    );
    let again = enter(totals(3, 3, 56), "", "");
    assert!(matches!(again, Err(ActError::Correction)), "{again:?}");
    enter(totals(3, 3, 56), "", "COUNTED_AGAIN").unwrap();
    let addendum = one.kit.report_because(ReportKind::Final, because, &pair);
    let addendum = addendum.unwrap().report;
    assert_eq!(*addendum.adds_to.unwrap(), sha256(&first.signed));
    let said = addendum.totals.unwrap();
    assert_eq!((said.before, &*said.correction), (1, "COUNTED_AGAIN"));
    assert!(!said.differences(addendum.counted).is_any());
}

/// Story S-19, S-29, S-30: the morning's report has the pages and no training event; the evening's who signed instead of a
/// finger and whose act was undone.
#[test]
fn pairs_undos_and_pages_stand_in_the_reports() {
    use station::Method2;
    let precinct = Precinct::new(1001, 60);
    let folder = tempfile::tempdir().unwrap();
    let one = open(&precinct, "K1", folder.path(), 10);
    let pair = precinct.pair();
    let morning = one.kit.report_initial(&pair).unwrap();
    assert_eq!(morning.report.page_voters, Some(vec![25, 25, 10]));
    assert_eq!(morning.report.training_events, Some(0));
    for line in [4, 5] {
        let green =
            one.kit
                .check_in_two_officers(line, Method2::Override, "FINGER_MISMATCH", &pair);
        assert!(matches!(green, Ok(station::Outcome::Green(_))));
    }
    one.kit.undo(5, "OPERATOR_SLIP", &pair).unwrap();
    let running = one.kit.report(ReportKind::Running, &pair).unwrap();
    let pairs = running.report.pairs.unwrap();
    assert_eq!(
        (pairs.len(), pairs[0].count, pairs[0].cards.len()),
        (1, 1, 2)
    );
    let undone = running.report.undone_by.unwrap();
    assert_eq!((undone.len(), undone[0].count), (1, 1));
    assert_eq!(running.report.page_voters, None);
}
