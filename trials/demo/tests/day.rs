//! A whole election day at two precincts, from sealed packages to a verified result.
//!
//! Story: 1,500 people, two precincts of two kits each. Voters come over the day and take the shorter
//! queue, so about half of them are served by a kit that does not own their line. Some have fingers that
//! cannot be read and are known by two officers; some come a second time, some with another's papers,
//! some to the wrong precinct; an operator slips, a receipt is torn, a paper roll ends; whoever stands
//! in line at closing time is served. Expected end: no human has two check-ins, none stands on another's
//! line, the reports add up, and a stranger finds nothing.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod ground;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use demo::day::{DayOutcome, RealVoter};
use ground::{Ground, Scratch, country, enrolled_image, listed, synthetic};
use keys::KeyRing;
use lexicon::handover::envelope::PublicKey;
use lexicon::handover::envelope::{DocumentType, Subject, decode, open_all};
use lexicon::handover::package::PackageManifest;
use lexicon::handover::report::Report;

fn two_precincts(out: &Path) -> Ground {
    Ground::new(out, country(1_500, 2, 2), &synthetic)
}

/// The figures that follow from the inputs: everything but machine times and what stood.
fn figures(outcome: &DayOutcome) -> DayOutcome {
    DayOutcome {
        times: demo::day::CheckInTimes::default(),
        precincts_standing: 0,
        ..outcome.clone()
    }
}

/// The final report of every kit, opened with the keys of its package.
fn final_reports(ground: &Ground) -> Vec<Report> {
    let mut reports = Vec::new();
    for (path, bytes) in ground.journals() {
        if !path.ends_with(".final.cose") {
            continue;
        }
        let precinct = &path[..4];
        let manifest = ground
            .out
            .join(format!("packages/{precinct}.manifest.cose"));
        let election = ground.law.election.number;
        let subject = |kind| Subject { kind, election };
        let signed = std::fs::read(manifest).unwrap();
        let opened = open_all(
            subject(DocumentType::PackageManifest),
            &signed,
            &ground.chain.ring,
            &[],
        );
        let manifest: PackageManifest = decode(&opened.unwrap().payload).unwrap();
        let kits = manifest.kits.iter().map(|kit| *kit.point);
        let points = kits.chain(manifest.officers.iter().map(|officer| *officer.point));
        let ring = KeyRing::of(points.map(PublicKey));
        let opened = open_all(subject(DocumentType::Report), &bytes, &ring, &[]).unwrap();
        reports.push(decode(&opened.payload).unwrap());
    }
    reports
}

#[test]
fn nobody_votes_twice_or_for_another_and_a_stranger_finds_nothing() {
    let dir = Scratch::new("day-whole");
    let ground = two_precincts(dir.path());
    let outcome = ground.run(&[], 2);
    println!("{outcome:#?}");
    // What was tried, so that the zeros below say something.
    assert!(outcome.double_attempts >= 5 && outcome.impostor_attempts >= 5);
    assert_eq!((outcome.double_admitted, outcome.impostor_admitted), (0, 0));
    assert!(outcome.refusals_by_reason["ALREADY"] > 0);
    assert!(outcome.refusals_by_reason["NEED_SECOND"] > 0);
    assert!(outcome.checkins_by_method["finger"] > 300);
    assert!(outcome.checkins_by_method["document2"] > 0);
    assert!(outcome.genuine_captures.unreadable >= 5 && outcome.genuine_captures.read.wrong > 0);
    assert!(
        outcome.sum(|row| row.granted) > 100,
        "kits serve each other's lines"
    );
    assert!(outcome.sum(|row| row.undone) > 0 && outcome.sum(|row| row.reprinted) > 0);
    assert!(outcome.found_by["passport"] > 0 && outcome.found_by["name"] > 0);
    assert!(outcome.turned_away.is_empty(), "{:?}", outcome.turned_away);
    assert_eq!(outcome.sent_to_other_precinct, 0);
    // I7: counted is the sum over kits, methods and hours, in every report and in the journals.
    let sum: u64 = outcome.checkins_by_method.values().sum();
    assert_eq!(sum, outcome.checked_in());
    assert_eq!(sum, outcome.turnout_by_hour.values().sum::<u64>());
    assert_eq!(
        sum,
        outcome.turnout.iter().map(|cell| cell.voters).sum::<u64>()
    );
    let mut counted: BTreeMap<u16, u64> = BTreeMap::new();
    for report in final_reports(&ground) {
        assert_eq!(pollbook::arithmetic_fault(&report), None);
        assert!(report.incomplete.is_empty() && report.rejected == 0);
        let known = counted.insert(report.precinct, report.counted.into());
        assert!(known.is_none_or(|known| known == u64::from(report.counted)));
    }
    let rows = outcome.precincts.iter();
    let rows: BTreeMap<u16, u64> = rows.map(|row| (row.precinct, row.checked_in)).collect();
    assert_eq!(counted, rows);
    let report = ground.verify();
    assert!(report.holds(), "{}", report.to_text());
    assert!(report.checked.contains(&("journals", 4)));
    assert!(report.checked.contains(&("reports", 8)));
}

#[test]
fn the_same_day_gives_the_same_bytes_and_a_day_that_stands_is_not_run_again() {
    let (one, two) = (Scratch::new("day-same-1"), Scratch::new("day-same-2"));
    let (first, second) = (two_precincts(one.path()), two_precincts(two.path()));
    let outcome = first.run(&[], 4);
    assert_eq!(figures(&second.run(&[], 1)), figures(&outcome));
    let journals = first.journals();
    assert_eq!(journals, second.journals());
    let again = first.run(&[], 2);
    assert_eq!(
        (again.precincts_standing, figures(&again)),
        (2, figures(&outcome))
    );
    assert_eq!(again.times, outcome.times, "read from the notes");
    // A changed file of one precinct: its day is run again, and ends the same.
    let path = journals
        .keys()
        .find(|path| path.ends_with(".journal"))
        .unwrap();
    let file = first.out.join(batch::JOURNALS).join(path);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    std::fs::create_dir_all(first.out.join("journals/9999")).unwrap();
    let again = first.run(&[], 2);
    assert_eq!(
        (again.precincts_standing, figures(&again)),
        (1, figures(&outcome))
    );
    assert_eq!(first.journals(), journals);
    assert!(!first.out.join("journals/9999").exists());
}

/// The law closes the stations a few seconds after somebody has come, while they are looked up.
#[test]
fn whoever_stands_in_line_at_closing_time_is_served_and_nobody_who_comes_later() {
    let dir = Scratch::new("day-closing");
    let country = country(1_500, 2, 0);
    let visits = country.day().visits;
    let late = |visit: &&country::Visit| {
        let is_vote = visit.kind == country::VisitKind::Vote;
        is_vote && visit.second > 14 * 3600 && (57..60).contains(&(visit.second % 60))
    };
    let minute = visits.iter().find(late).unwrap().second / 60 + 1;
    let text = lexicon::ElectionLaw::shipped_text("kg-2015").unwrap();
    let text = text.replace(
        "closes_minutes = 1200",
        &format!("closes_minutes = {minute}"),
    );
    let ground = Ground::under(&text, dir.path(), country, &synthetic);
    let outcome = ground.run(&[], 2);
    println!("{outcome:#?}");
    let later = visits
        .iter()
        .filter(|visit| visit.second >= minute * 60)
        .count();
    assert!(outcome.sum(|row| row.after_close) > 0 && later > 50);
    assert_eq!(
        outcome.visits,
        visits.len() as u64,
        "everybody is accounted for"
    );
    assert!(
        !outcome.refusals_by_reason.contains_key("OUT_OF_HOURS"),
        "no kit heard of them"
    );
    assert!(outcome.turned_away["OUT_OF_HOURS"] > 40);
    assert_eq!((outcome.double_admitted, outcome.impostor_admitted), (0, 0));
    let late = final_reports(&ground)
        .iter()
        .map(|report| report.after_close)
        .sum::<u32>();
    assert_eq!(
        u64::from(late),
        2 * outcome.sum(|row| row.after_close),
        "in both kits' reports"
    );
    let report = ground.verify();
    assert!(report.holds(), "{}", report.to_text());
}

const FOLDER: &str = "TIZME_DAY_FOLDER";

/// The child's part; without the variable there is nothing to do.
#[test]
fn child_runs_the_day_until_killed() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        two_precincts(Path::new(&folder)).run(&[], 1);
    }
}

#[test]
fn a_day_killed_in_the_middle_goes_on_and_ends_as_if_nothing_had_been() {
    let (cut, whole) = (Scratch::new("day-cut"), Scratch::new("day-uncut"));
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_runs_the_day_until_killed"])
        .env(FOLDER, cut.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // One precinct after the other: killed when the first is over and the second has begun.
    let journals = cut.path().join("journals");
    let stands = || {
        let entries = std::fs::read_dir(&journals).map(|entries| entries.count());
        entries.unwrap_or(0) > 0
    };
    let is_under_way = |path: &PathBuf| path.extension().is_some_and(|e| e == "kits");
    let begun = || {
        let entries = std::fs::read_dir(cut.path().join(".day"))
            .into_iter()
            .flatten();
        let mut paths = entries.flatten().map(|entry| entry.path());
        paths.any(|path| {
            let precinct = path.file_stem().map(|stem| journals.join(stem));
            is_under_way(&path) && precinct.is_some_and(|handed_in| !handed_in.exists())
        })
    };
    while !(stands() && begun()) && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let left: Vec<PathBuf> = std::fs::read_dir(cut.path().join(".day"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(left.iter().any(is_under_way), "killed too late: {left:?}");
    let whole = two_precincts(whole.path());
    let outcome = whole.run(&[], 2);
    let cut = two_precincts(cut.path());
    let resumed = cut.run(&[], 2);
    assert_eq!(resumed.precincts_standing, 1);
    assert_eq!(figures(&resumed), figures(&outcome));
    assert_eq!(cut.journals(), whole.journals());
    let report = cut.verify();
    assert!(report.holds(), "{}", report.to_text());
}

/// Six voters whose fingers are pictures in files: enrolled from the first, three more for the day.
#[test]
fn fingers_of_a_folder_vote_and_give_their_error_rates() {
    const FINGERS: u64 = 6;
    let dir = Scratch::new("day-real");
    let files = Scratch::new("day-real-files");
    let country = country(600, 2, 0);
    let records: Vec<_> = listed(&country)
        .filter(|record| country.other_record(*record).is_none())
        .take(FINGERS as usize)
        .collect();
    let position = ridges::Position::new(2).unwrap();
    let path = |finger: u64, take: u64| files.path().join(format!("{finger:03}_{take}.png"));
    for finger in 0..FINGERS {
        let master = ridges::Master::grow(900 + finger, position);
        for take in 1..=4 {
            let params = match take {
                1 => ridges::ImpressionParams::enrolment(),
                _ => ridges::ImpressionParams::election_day(),
            };
            let image = master.impression(&params, finger * 100 + take).image;
            std::fs::write(path(finger, take), ridges::png(&image, 500)).unwrap();
        }
    }
    let enrolling: BTreeMap<_, _> = records
        .iter()
        .zip(0..)
        .map(|(record, finger)| (*record, enrolled_image(&path(finger, 1))))
        .collect();
    let ground = Ground::new(dir.path(), country, &move |record| {
        enrolling.get(&record).cloned()
    });
    let real: Vec<RealVoter> = records
        .iter()
        .zip(0..)
        .map(|(record, finger)| RealVoter {
            record: *record,
            images: (2..=4).map(|take| path(finger, take)).collect(),
        })
        .collect();
    let outcome = ground.run(&real, 2);
    println!("{outcome:#?}");
    let rates = outcome.real.unwrap();
    let (fingers, images) = (FINGERS, FINGERS * 3);
    assert_eq!(
        (rates.voters, rates.enrolled, rates.images),
        (fingers, fingers, images)
    );
    assert_eq!((rates.unreadable, rates.threshold_ppb), (0, 100_000));
    assert_eq!(rates.genuine.compared, images);
    assert_eq!(rates.impostor.compared, images * (fingers - 1));
    assert_eq!(rates.impostor.wrong, 0);
    assert!(rates.genuine.wrong < images / 2, "{rates:?}");
    assert_eq!(rates.checked_in, fingers);
    assert!(rates.by_finger >= fingers - 1);
    assert!(outcome.impostor_attempts >= fingers);
    assert_eq!((outcome.double_admitted, outcome.impostor_admitted), (0, 0));
    // The rates follow the files: another picture of a finger, another day.
    std::fs::copy(path(1, 2), path(0, 2)).unwrap();
    let changed = ground.run(&real, 2);
    assert_eq!(changed.precincts_standing, 0);
    assert_eq!(changed.real.unwrap().impostor.wrong, 1);
    assert_eq!(changed.real.unwrap().genuine.wrong, rates.genuine.wrong + 1);
}
