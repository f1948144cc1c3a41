//! Two implementations, one day: the poll book and the stranger's tool read the same journals.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

use std::ops::Range;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use sim::handover::{HandOver, hand_over};
use sim::plan::{At, Fault, Op, Stage, What};
use sim::precinct::{ELECTION, Precinct, Table};
use sim::run::Job;

/// Days under each policy.
const DAYS: u64 = 110;
const SEED: u64 = 20_200_104;

fn job(policy: &str) -> Job {
    Job {
        days: DAYS,
        first: 0,
        seed: SEED,
        kits: 3,
        voters: 60,
        policy: policy.to_owned(),
        table: Table::Paper,
        faults: Fault::ALL.iter().map(|(fault, _)| *fault).collect(),
        mutation: None,
        threads: 1,
    }
}

/// What both must name alike: code, line, events.
type Named = (String, u32, Vec<([u8; 8], u32)>);

fn named(handed: &HandOver) -> Vec<Named> {
    let of = |incident: &lexicon::handover::event::Incident| {
        let evidence = incident.evidence.iter().map(|name| (*name.kit, name.seq));
        (incident.code.clone(), incident.line, evidence.collect())
    };
    handed.incidents.iter().map(of).collect()
}

/// What a copied or set-back disk may show beside its fork.
const OF_FORKS: [&str; 5] = [
    "equivocation",
    "journal_gap",
    "journal_cut",
    "chain_broken",
    "receipt_number",
];

/// Reads a day's journals with the stranger's tool; says what it and the book disagree about.
fn compare(precinct: &Precinct, handed: &HandOver, seen: &Seen) -> Result<(), String> {
    let institutions = Precinct::institutions().map(|point| point.0);
    let mut report = verifier::Report::default();
    let day = verifier::precinct_day(
        ELECTION,
        &precinct.manifest,
        &institutions,
        &handed.files,
        &mut report,
    )?;
    let ours = named(handed);
    let theirs: Vec<Named> = day
        .incidents
        .into_iter()
        .map(|incident| (incident.code, incident.line, incident.evidence))
        .collect();
    if day.marked != handed.marked || day.by_method[..] != handed.by_method[..] {
        return Err(format!(
            "marked: the book {:?}, the stranger {:?}",
            handed.marked, day.marked
        ));
    }
    if ours != theirs {
        return Err(format!("incidents: {ours:?}\nthe stranger: {theirs:?}"));
    }
    let has_no_right = ours.iter().any(|(code, ..)| code == "NO_RIGHT");
    let unexplained = report.findings.iter().find(|finding| {
        let explained = handed.is_forked && OF_FORKS.contains(&finding.code)
            || has_no_right && finding.code == "grant_missing";
        !explained
    });
    if let Some(finding) = unexplained {
        return Err(format!(
            "a finding on an honest day (forked: {}): {finding:?}",
            handed.is_forked
        ));
    }
    seen.note(handed, &ours, &report);
    Ok(())
}

/// How much was seen: days that are all empty would agree as well.
#[derive(Default)]
struct Seen {
    days: AtomicU32,
    marked: AtomicU32,
    reports: AtomicU32,
    codes: std::sync::Mutex<std::collections::BTreeMap<String, u32>>,
}

impl Seen {
    fn note(&self, handed: &HandOver, incidents: &[Named], report: &verifier::Report) {
        let marked = u32::try_from(handed.marked.len()).unwrap();
        self.days.fetch_add(1, Ordering::Relaxed);
        self.marked.fetch_add(marked, Ordering::Relaxed);
        let reports = report.checked.iter().filter(|(what, _)| *what == "reports");
        let reports: u64 = reports.map(|(_, number)| *number).sum();
        self.reports
            .fetch_add(u32::try_from(reports).unwrap(), Ordering::Relaxed);
        let mut codes = self.codes.lock().unwrap();
        for (code, ..) in incidents {
            *codes.entry(code.clone()).or_default() += 1;
        }
    }
}

fn run(policy: &str, days: Range<u64>, seen: &Seen) {
    let job = Job {
        table: match policy.split_once('+') {
            Some((_, "scanned")) => Table::Scanned,
            Some((_, "read")) => Table::Read,
            _ => Table::Paper,
        },
        ..job(policy.split('+').next().unwrap())
    };
    let precinct = job.precinct(true).unwrap();
    let (recipe, next) = (job.recipe(), AtomicU64::new(days.start));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let day = next.fetch_add(1, Ordering::Relaxed);
                    if day >= days.end {
                        return;
                    }
                    let ops = recipe.day(job.seed, day);
                    let handed = hand_over(&precinct, &ops, &job.faults)
                        .unwrap_or_else(|broken| panic!("{policy}, day {day}: {broken}"));
                    // S-38: nothing electronic is left to read.
                    let Some(handed) = handed else { continue };
                    if let Err(why) = compare(&precinct, &handed, seen) {
                        panic!("{policy}, seed {SEED}, day {day}: {why}");
                    }
                }
            });
        }
    });
}

/// Plays the days, and as many again up to three times while an incident was not among them.
fn check(policy: &str, codes: &[&str]) {
    let days = if policy.contains('+') { DAYS / 5 } else { DAYS };
    let (seen, mut asked) = (Seen::default(), 0);
    for _ in 0..3 {
        run(policy, asked..asked + days, &seen);
        asked += days;
        let codes_seen = seen.codes.lock().unwrap();
        if codes.iter().all(|code| codes_seen.contains_key(*code)) {
            break;
        }
    }
    let (days, marked) = (seen.days.into_inner(), seen.marked.into_inner());
    assert!(
        u64::from(days) * 10 >= asked * 9 && marked > days * 20,
        "{policy}: {days} days, {marked} marked"
    );
    assert!(seen.reports.into_inner() * 2 > days, "{policy}");
    let seen = seen.codes.into_inner().unwrap();
    println!("{policy}: {days} days, {marked} marked, {seen:?}");
    for code in codes {
        assert!(seen.contains_key(*code), "{policy}: no {code} in {seen:?}");
    }
}

/// Story: days with every fault and attack, real signatures, takeovers, late evidence, receipts entered
/// from paper, looks at the paper, copied disks. Expect: book and stranger mark the same voters, name the
/// same incidents by the same events, and agree on every counter of the signed report.
#[test]
fn book_and_stranger_agree_on_days_under_segment() {
    check("segment", &["LATE", "DUPLICATE", "EQUIVOCATION", "CLOCK"]);
}

/// Story: as above, and whoever got a slip goes to a ballot table that scans. Expect: both read every LINE_SIGNED and
/// BALLOT_ISSUED alike, and the report's sums of the table are the stranger's.
#[test]
fn book_and_stranger_agree_on_days_with_a_scanned_table() {
    for policy in ["segment+scanned", "paper_lock+scanned", "quorum+scanned"] {
        check(policy, &["EQUIVOCATION", "CLOCK"]);
    }
}

/// Story: as above, and a kit at the ballot table reads each slip; one voter in eight comes to another table with a copy.
/// Expect: both count each slip that was taken once, and both name the one that two tables took.
#[test]
fn book_and_stranger_agree_on_days_with_slips_that_are_read() {
    for policy in ["segment+read", "paper_lock+read", "quorum+read"] {
        check(policy, &["SLIP_TWICE", "EQUIVOCATION"]);
    }
}

#[test]
fn book_and_stranger_agree_on_days_under_paper_lock() {
    check(
        "paper_lock",
        &["LATE", "DUPLICATE", "EQUIVOCATION", "CLOCK"],
    );
}

#[test]
fn book_and_stranger_agree_on_days_under_quorum() {
    check("quorum", &["LATE", "EQUIVOCATION", "CLOCK"]);
}

/// Story: a mobile kit is lost after an act at home without a slip; two officers resume the act in the hall, and the slip
/// gets its ballot at a table that scans. Expect: nobody is sent away, and both count the ballot in the hall.
#[test]
fn book_and_stranger_agree_on_an_act_at_home_that_is_resumed_in_the_hall() {
    let job = Job {
        table: Table::Scanned,
        ..job("segment")
    };
    let precinct = job.precinct(true).unwrap();
    let op = |at, what| Op {
        at,
        what,
        salt: 5003,
    };
    let (hall, mobile) = (precinct.halls(), precinct.kits.len() - 1);
    let mut ops = vec![
        op(-83_100, What::Open(mobile)),
        op(-81_700, What::PowerCut(mobile, Stage::Durable)),
        op(-80_200, What::Visit(58, At::Finger)),
        op(-78_100, What::Restart(mobile, 0)),
        op(-73_500, What::Destroy(mobile)),
    ];
    ops.extend((0..hall).map(|kit| op(-1800, What::Open(kit))));
    let handed = hand_over(&precinct, &ops, &job.faults).unwrap().unwrap();
    assert_eq!(handed.marked, [58]);
    let seen = Seen::default();
    compare(&precinct, &handed, &seen).unwrap();
    assert_eq!(seen.reports.into_inner(), 1);
}
