//! An interval without kits: its lines count, double votes are shown, and a wrong entry is taken back.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use lexicon::handover::report::PaperInterval;
use lexicon::{Method, RefusalReason};

use crate::testing::{TestKit, at, kits, serve};
use crate::{ReportKind, arithmetic_fault};

const TWO: [&str; 2] = ["O1", "O3"];

fn hall() -> Vec<TestKit> {
    let kits = kits(&[(1, 60), (61, 120)]);
    kits.into_iter().map(|kit| kit.opened(0)).collect()
}

/// Declares an interval at 100 s … 200 s with this many slips; returns its counter.
fn declare(kit: &mut TestKit, count: u32, seconds: i64) -> u32 {
    let draft = kit
        .book
        .paper_only(at(100).wall, at(200).wall, count, at(seconds))
        .unwrap();
    kit.commit_by(draft, TWO).name.seq
}

fn enter(kit: &mut TestKit, interval: u32, line: u32, slip: u32, seconds: i64) {
    let method = Method::Document2;
    let draft = kit
        .book
        .paper_served(interval, line, slip, method, at(seconds))
        .unwrap();
    kit.commit_by(draft, TWO);
}

fn codes(kit: &TestKit) -> Vec<(String, u32)> {
    let incidents = kit.book.incidents();
    incidents.into_iter().map(|i| (i.code, i.line)).collect()
}

fn intervals(kit: &TestKit) -> Vec<PaperInterval> {
    kit.book.paper_intervals().unwrap()
}

#[test]
fn lines_served_on_paper_count_although_no_kit_was_retired_and_a_report_states_them() {
    let mut kits = hall();
    let kit = &mut kits[0];
    assert_eq!(kit.book.paper_intervals(), None);
    let interval = declare(kit, 3, 300);
    assert_eq!(codes(kit), [("PAPER_COUNT".to_owned(), 0)]);
    // A line of the other kit's share too: paper knows no shares.
    for (slip, line) in [(1, 5), (2, 70), (3, 9)] {
        enter(kit, interval, line, slip, 310);
    }
    assert_eq!(codes(kit), []);
    assert_eq!(kit.book.counted(), 3);
    let report = kit.book.report(ReportKind::Running, 1, 5, at(400)).unwrap();
    assert_eq!(arithmetic_fault(&report), None);
    let said = report.paper_only.clone().unwrap();
    assert_eq!((said[0].count, said[0].entered, said[0].served), (3, 3, 3));
    assert_eq!(said[0].from, at(100).wall.micros());
    assert_eq!(report.by_method[2].count, 3);
    assert_eq!((report.kits[0].printed, report.kits[0].pending), (3, 0));
    // Who was served on paper is not served again.
    let checked = kit.book.gate(5, at(401));
    assert_eq!(checked.unwrap_err().reason, RefusalReason::Already);
}

#[test]
fn an_electronic_act_and_a_paper_one_of_one_line_are_one_counted_and_an_incident() {
    let mut kits = hall();
    let kit = &mut kits[0];
    serve(kit, 5, 50);
    let interval = declare(kit, 1, 300);
    enter(kit, interval, 5, 1, 310);
    assert_eq!(kit.book.counted(), 1);
    assert_eq!(codes(kit), [("DUPLICATE".to_owned(), 5)]);
    let said = intervals(kit);
    assert_eq!((said[0].entered, said[0].served), (1, 0));
    assert!(kit.book.state(5).on_paper().is_some());
}

#[test]
fn a_wrong_entry_is_taken_back_and_entered_anew() {
    let mut kits = hall();
    let kit = &mut kits[0];
    let interval = declare(kit, 1, 300);
    enter(kit, interval, 5, 1, 310);
    let again = kit
        .book
        .paper_served(interval, 6, 1, Method::Document2, at(320));
    assert_eq!(again.unwrap_err().reason, RefusalReason::Already);
    let draft = kit.book.undo_paper(5, 1, "ENTRY", at(330)).unwrap();
    kit.commit_by(draft, TWO);
    assert_eq!((kit.book.counted(), intervals(kit)[0].entered), (0, 0));
    enter(kit, interval, 6, 1, 340);
    assert_eq!((kit.book.counted(), intervals(kit)[0].served), (1, 1));
    assert_eq!(codes(kit), []);
    let gone = kit.book.undo_paper(5, 1, "ENTRY", at(350));
    assert_eq!(gone.unwrap_err().reason, RefusalReason::NotHere);
}

#[test]
fn one_slip_entered_at_two_kits_is_one_act() {
    let mut kits = hall();
    for kit in &mut kits {
        let interval = declare(kit, 1, 300);
        enter(kit, interval, 5, 1, 310);
    }
    let journal = kits[1].journal.clone();
    kits[0].learn(&journal, 320);
    let kit = &kits[0];
    assert_eq!(kit.book.counted(), 1);
    assert!(kit.book.state(5).duplicates.is_empty());
    let served: u32 = intervals(kit).iter().map(|interval| interval.served).sum();
    assert_eq!(served, 1);
    // Two slips of one line are two ballots.
    let kit = &mut kits[1];
    let interval = intervals(kit)[0].seq;
    enter(kit, interval, 5, 2, 330);
    assert!(codes(kit).contains(&("DUPLICATE".to_owned(), 5)));
}

#[test]
fn an_interval_with_electronic_acts_in_it_is_shown() {
    let mut kits = hall();
    let kit = &mut kits[0];
    serve(kit, 7, 150);
    declare(kit, 0, 300);
    assert_eq!(codes(kit), [("PAPER_OVERLAP".to_owned(), 0)]);
}

#[test]
fn an_interval_that_is_empty_or_not_over_is_refused() {
    let mut kits = hall();
    let kit = &mut kits[0];
    for (from, to) in [(100, 100), (200, 100), (100, 400), (-200_000, 100)] {
        let wall = |seconds: i64| {
            let micros = crate::testing::OPENS + seconds * 1_000_000;
            lexicon::Instant::from_micros(micros)
        };
        let refused = kit.book.paper_only(wall(from), wall(to), 1, at(300));
        assert_eq!(
            refused.unwrap_err().reason,
            RefusalReason::NotHere,
            "{from} {to}"
        );
    }
    let stray = kit.book.paper_served(1, 5, 1, Method::Document2, at(300));
    assert_eq!(stray.unwrap_err().reason, RefusalReason::NotHere);
}

#[test]
fn a_slip_is_declared_void_when_its_act_was_undone_or_it_never_came_out() {
    let mut kits = hall();
    let kit = &mut kits[0];
    let out = serve(kit, 5, 10);
    let draft = kit.book.printed(1, 0, at(11));
    kit.commit(draft);
    let name = (out.name.kit, out.name.seq);
    let refused = kit.book.void_slip(5, name, "UNDONE", at(12));
    assert_eq!(refused.unwrap_err().reason, RefusalReason::NotHere);
    let draft = kit.book.undo(5, "WRONG_VOTER", at(13)).unwrap();
    kit.commit_by(draft, TWO);
    let pending = serve(kit, 6, 20);
    for act in [out, pending] {
        let (line, name) = (act.body.line(), (act.name.kit, act.name.seq));
        assert_eq!(kit.book.voidable(line).len(), 1);
        let draft = kit.book.void_slip(line, name, "UNDONE", at(30)).unwrap();
        kit.commit_by(draft, TWO);
        assert!(kit.book.is_void(&act));
        assert!(kit.book.voided_by(name).is_some());
        assert!(kit.book.voidable(line).is_empty());
    }
    let report = kit.book.report(ReportKind::Running, 1, 5, at(40)).unwrap();
    let counts = &report.kits[0];
    assert_eq!((counts.acts, counts.printed, counts.void), (2, 0, 2));
    assert!(kit.book.pending_receipts().is_empty());
}
