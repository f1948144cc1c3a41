//! A day at one precinct with two kits, through the library alone.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod precinct;

use std::sync::Arc;

use lexicon::{Method, RefusalReason};
use pollbook::Found;
use precinct::{Bench, CLOSES, OPENS, Precinct, at, capture, open, pin};
use station::link::InProcess;
use station::{ActError, Capture, Card, CheckedIn, Method2, Outcome, Paper, Refused, Verdict};

const CLOSE_SECONDS: i64 = (CLOSES - OPENS) / 1_000_000;

fn green(verdict: Verdict) -> CheckedIn {
    let Verdict::Green(done) = verdict else {
        panic!("green was expected: {verdict:?}")
    };
    *done
}

fn red(verdict: Verdict) -> Refused {
    let Verdict::Red(refused) = verdict else {
        panic!("red was expected: {verdict:?}")
    };
    *refused
}

/// The finger that the voter of a line has in the package, by rank.
fn own_finger(line: u32, rank: u32) -> Capture {
    capture(line * 10 + rank)
}

struct Hall {
    precinct: Precinct,
    one: Bench,
    two: Bench,
    _folder: tempfile::TempDir,
}

fn hall() -> Hall {
    let precinct = Precinct::new(1001, 100);
    let folder = tempfile::tempdir().unwrap();
    let one = open(&precinct, "K1", &folder.path().join("K1"), 10);
    let two = open(&precinct, "K2", &folder.path().join("K2"), 10);
    one.kit
        .connect(two.kit.kid(), Arc::new(InProcess::to(&two.kit)));
    two.kit
        .connect(one.kit.kid(), Arc::new(InProcess::to(&one.kit)));
    Hall {
        precinct,
        one,
        two,
        _folder: folder,
    }
}

#[test]
fn a_voter_is_found_identified_and_red_on_both_kits_afterwards() {
    let hall = hall();
    let kit = &hall.one.kit;
    assert_eq!(kit.find(&pin(7)), Found::Lines(vec![7]));
    assert_eq!(kit.find("20101199000001"), Found::Elsewhere(1014));
    assert!(kit.gate(7).unwrap().is_none());
    let done = green(kit.present(7, &own_finger(7, 0)).unwrap());
    assert_eq!(
        (done.line, done.page, done.receipt.as_str()),
        (7, 1, "K1-0001")
    );
    assert_eq!((done.method, done.paper), (Method::Finger, Paper::Printed));
    assert_eq!(hall.one.printer.names(), ["receipt-K1-0001"]);
    // Before any finger, on either kit.
    assert_eq!(
        kit.gate(7).unwrap().unwrap().refusal.reason,
        RefusalReason::Already
    );
    assert!(hall.two.kit.sync_all().is_empty());
    let refused = hall.two.kit.gate(7).unwrap().unwrap();
    assert_eq!(refused.refusal.reason, RefusalReason::Already);
    assert_eq!(
        hall.two
            .kit
            .receipt_name(&refused.refusal.evidence.unwrap()),
        "K1-0001"
    );
}

#[test]
fn the_second_kit_asks_the_owner_and_the_owner_is_red_without_any_synchronisation() {
    let hall = hall();
    let done = green(hall.two.kit.present(7, &own_finger(7, 0)).unwrap());
    assert_eq!(done.receipt, "K2-0001");
    // The owner knows only its own grant so far, and that is enough.
    let refused = red(hall.one.kit.present(7, &own_finger(7, 0)).unwrap());
    assert_eq!(refused.refusal.reason, RefusalReason::GrantedElsewhere);
    assert!(hall.one.kit.sync_all().is_empty());
    let refused = red(hall.one.kit.present(7, &own_finger(7, 0)).unwrap());
    assert_eq!(refused.refusal.reason, RefusalReason::Already);
    assert_eq!(hall.one.kit.read(pollbook::Book::counted), 1);
}

#[test]
fn a_kit_whose_peer_is_off_serves_its_own_share_only() {
    let hall = hall();
    drop(hall.one);
    let refused = red(hall.two.kit.present(7, &own_finger(7, 0)).unwrap());
    assert_eq!(refused.refusal.reason, RefusalReason::NotMyShare);
    green(hall.two.kit.present(77, &own_finger(77, 0)).unwrap());
}

#[test]
fn another_finger_is_never_green_and_the_voter_still_may_come() {
    let hall = hall();
    let kit = &hall.one.kit;
    let mut tries = 0;
    let refused = loop {
        tries += 1;
        match kit.present(7, &capture(9_000 + tries)).unwrap() {
            Verdict::Again { differed, .. } => assert!(differed),
            Verdict::Pause { seconds, .. } => {
                assert_eq!(seconds, 30);
                assert!(matches!(
                    kit.present(7, &own_finger(7, 0)).unwrap(),
                    Verdict::Pause { .. }
                ));
                hall.one.clock.set(at(100));
            }
            Verdict::Red(refused) => break refused,
            Verdict::Green(_) => panic!("another finger was accepted"),
        }
    };
    assert_eq!(
        (tries, refused.refusal.reason),
        (6, RefusalReason::FingerMismatch)
    );
    assert_eq!(refused.attempts, 6);
    green(kit.present(7, &own_finger(7, 0)).unwrap());
}

#[test]
fn the_second_finger_is_asked_for_after_three_tries_and_identifies() {
    let hall = hall();
    let kit = &hall.one.kit;
    assert_eq!(kit.asked_finger(7).unwrap().number(), 2);
    for _ in 0..3 {
        kit.present(7, &Capture::SimulatedMinutiae(vec![1, 2, 3]))
            .unwrap();
    }
    assert_eq!(kit.asked_finger(7).unwrap().number(), 3);
    let done = green(kit.present(7, &own_finger(7, 1)).unwrap());
    assert_eq!(done.finger.unwrap().number(), 3);
}

#[test]
fn two_officers_of_different_bodies_stand_for_a_finger() {
    let hall = hall();
    let kit = &hall.one.kit;
    let officers = &hall.precinct.officers;
    let same_body: [&dyn Card; 2] = [&officers[0], &officers[1]];
    let refused = kit.check_in_two_officers(7, Method2::Face, "NO_FINGERS", &same_body);
    assert!(matches!(refused, Err(ActError::Officers(_))));
    let alone: [&dyn Card; 1] = [&officers[0]];
    assert!(
        kit.check_in_two_officers(7, Method2::Face, "NO_FINGERS", &alone)
            .is_err()
    );
    let pair = hall.precinct.pair();
    assert!(
        kit.check_in_two_officers(7, Method2::Face, "BECAUSE", &pair)
            .is_err()
    );
    assert_eq!(kit.read(pollbook::Book::counted), 0);
    let Outcome::Green(done) = kit
        .check_in_two_officers(7, Method2::Face, "NO_FINGERS", &pair)
        .unwrap()
    else {
        panic!("own line");
    };
    assert_eq!(done.method, Method::Face2);
    assert_eq!(kit.read(pollbook::Book::overrides), 1);
}

#[test]
fn an_undone_act_stays_and_the_voter_is_free_again() {
    let hall = hall();
    let kit = &hall.one.kit;
    green(kit.present(7, &own_finger(7, 0)).unwrap());
    kit.undo(7, "WRONG_VOTER", &hall.precinct.pair()).unwrap();
    let done = green(kit.present(7, &own_finger(7, 0)).unwrap());
    assert_eq!(done.receipt, "K1-0002");
    let elsewhere = hall.two.kit.undo(7, "WRONG_VOTER", &hall.precinct.pair());
    assert!(elsewhere.is_err());
}

#[test]
fn a_receipt_that_does_not_come_out_is_pending_and_printed_later() {
    let hall = hall();
    let kit = &hall.one.kit;
    hall.one.printer.set_out_of_paper(true);
    let done = green(kit.present(7, &own_finger(7, 0)).unwrap());
    assert!(matches!(done.paper, Paper::Pending(_)));
    assert_eq!(kit.pending_receipts(), [1]);
    assert!(kit.print_pending().is_err());
    hall.one.printer.set_out_of_paper(false);
    assert_eq!(kit.print_pending().unwrap(), 1);
    assert!(kit.pending_receipts().is_empty());
    assert_eq!(kit.reprint(7, &hall.precinct.pair()).unwrap(), 1);
    assert_eq!(
        hall.one.printer.names(),
        ["receipt-K1-0001", "receipt-K1-0001-copy1"]
    );
}

#[test]
fn a_restarted_kit_knows_everything_it_acknowledged() {
    let precinct = Precinct::new(1001, 100);
    let folder = tempfile::tempdir().unwrap();
    let bench = open(&precinct, "K1", folder.path(), 10);
    let done = green(bench.kit.present(7, &own_finger(7, 0)).unwrap());
    let before = bench.kit.journal_bytes().unwrap();
    drop(bench);
    let bench = open(&precinct, "K1", folder.path(), 20);
    assert_eq!(bench.kit.journal_bytes().unwrap(), before);
    let refused = bench.kit.gate(7).unwrap().unwrap();
    assert_eq!(refused.refusal.evidence.unwrap().name, done.act.name);
    assert_eq!(
        green(bench.kit.present(8, &own_finger(8, 0)).unwrap()).receipt,
        "K1-0002"
    );
}

#[test]
fn the_reports_of_a_day_add_up_and_both_kits_agree() {
    let hall = hall();
    let pair = hall.precinct.pair();
    let first = hall.one.kit.report_initial(&pair).unwrap();
    assert_eq!(
        (first.report.counted, first.report.lines, first.report.pages),
        (0, 100, 4)
    );
    for line in 1..=12 {
        let bench = if line % 2 == 0 { &hall.one } else { &hall.two };
        green(bench.kit.present(line, &own_finger(line, 0)).unwrap());
    }
    assert!(hall.one.kit.sync_all().is_empty());
    assert_eq!(
        red(hall.one.kit.present(13, &own_finger(13, 0)).unwrap())
            .refusal
            .reason,
        RefusalReason::HomeReserved
    );
    red(hall.one.kit.present(3, &own_finger(3, 0)).unwrap());
    hall.one.kit.undo(2, "WRONG_VOTER", &pair).unwrap();
    assert!(hall.one.kit.close(0, &pair).is_err(), "before closing time");
    assert!(hall.one.kit.report_final(&pair).is_err(), "before close");
    for bench in [&hall.one, &hall.two] {
        bench.clock.set(at(CLOSE_SECONDS + 1));
        bench.kit.close(0, &pair).unwrap();
    }
    for bench in [&hall.one, &hall.two] {
        assert!(bench.kit.sync_all().is_empty());
        bench.kit.countersign().unwrap();
    }
    assert!(hall.one.kit.sync_all().is_empty());
    let one = hall.one.kit.report_final(&pair).unwrap().report;
    let two = hall.two.kit.report_final(&pair).unwrap().report;
    assert_eq!((one.counted, two.counted), (11, 11));
    assert_eq!(
        (one.kits[0].acts, one.kits[0].undone, one.kits[0].counted),
        (6, 1, 5)
    );
    assert_eq!((one.kits[0].granted, one.kits[0].granted_unused), (6, 0));
    let refusals: Vec<_> = one
        .refusals
        .iter()
        .map(|r| (r.reason.as_str(), r.count))
        .collect();
    assert_eq!(refusals, [("ALREADY", 1), ("HOME_RESERVED", 1)]);
    assert!(one.incomplete.is_empty() && one.incidents.is_empty());
    assert_eq!(pollbook::arithmetic_fault(&one), None);
}

#[test]
fn a_stranger_on_the_wire_is_not_answered() {
    let hall = hall();
    assert!(hall.one.kit.answer(b"not a message").is_err());
    let other = Precinct::new(1002, 100);
    let folder = tempfile::tempdir().unwrap();
    let stranger = open(&other, "K1", folder.path(), 10);
    stranger
        .kit
        .connect(hall.one.kit.kid(), Arc::new(InProcess::to(&hall.one.kit)));
    assert!(stranger.kit.sync(hall.one.kit.kid()).is_err());
}

/// Machine time of a check-in from capture to printed receipt: template level, receipts drawn.
#[test]
fn two_hundred_check_ins_stay_within_the_budget_of_a_busy_machine() {
    let precinct = Precinct::new(1001, 400);
    let folder = tempfile::tempdir().unwrap();
    let bench = open(&precinct, "K1", folder.path(), 10);
    let mut micros: Vec<u128> = Vec::new();
    for line in (1..=200).filter(|line| *line != 13) {
        #[expect(clippy::disallowed_methods, reason = "this test measures wall time")]
        let start = std::time::Instant::now();
        green(bench.kit.present(line, &own_finger(line, 0)).unwrap());
        micros.push(start.elapsed().as_micros());
    }
    micros.sort_unstable();
    let (p50, p95) = (micros[micros.len() / 2], micros[micros.len() * 95 / 100]);
    println!("check-in p50 {p50} µs, p95 {p95} µs, two durable events each");
    // The goal is 150 and 400 ms with an image; the bound here only catches a slip of size.
    assert!(p50 < 150_000 && p95 < 400_000, "p50 {p50} µs, p95 {p95} µs");
}
