//! A finger that fits another line: told, recorded, and never an identification.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use lexicon::RefusalReason;
use lexicon::handover::folder::bytes;
use lexicon::handover::package::PackageVoter;
use precinct::http::{page, post};
use precinct::{Bench, Precinct, capture, finger, open, voter};
use station::{Refused, Verdict};

/// One false hit in a thousand searches of the list.
const ALLOWED: Option<u32> = Some(1_000_000);

fn kit(voters: Vec<PackageVoter>, false_hits: Option<u32>) -> (Bench, tempfile::TempDir) {
    let precinct = Precinct::looking(1001, voters, false_hits);
    let folder = tempfile::tempdir().unwrap();
    let bench = open(&precinct, "K1", &folder.path().join("K1"), 10);
    (bench, folder)
}

fn voters() -> Vec<PackageVoter> {
    (1..=60).map(voter).collect()
}

/// Captures of finger `number` at line `line` until the kit refuses.
fn until_red(bench: &Bench, line: u32, number: u32) -> Refused {
    for step in 1..=12 {
        bench.clock.set(precinct::at(100 + i64::from(step) * 60));
        match bench.kit.present(line, &capture(number)).unwrap() {
            Verdict::Again { .. } | Verdict::Pause { .. } => {}
            Verdict::Red(refused) => return *refused,
            Verdict::Green(done) => unreachable!("a finger of somebody else: {done:?}"),
        }
    }
    unreachable!("two fingers with three tries each end somewhere")
}

/// Story: the card of line 7 was opened, line 42 lays the finger on the glass. Expect: after the tries the operator is
/// told line 42; neither line is marked; the attempt is counted; line 42, opened, is served with a capture of its own.
#[test]
fn a_finger_of_another_line_is_told_and_identifies_nobody() {
    let (bench, _folder) = kit(voters(), ALLOWED);
    let refused = until_red(&bench, 7, 420);
    assert_eq!(refused.refusal.reason, RefusalReason::FingerOtherLine);
    assert_eq!(
        (refused.line, refused.fits, refused.attempts),
        (7, Some(42), 6)
    );
    assert_eq!(bench.kit.read(pollbook::Book::counted), 0);
    let refusals = bench.kit.read(pollbook::Book::refusals);
    assert_eq!(
        (refusals[0].reason.as_str(), refusals[0].count),
        ("FINGER_OTHER_LINE", 1)
    );
    // The record names the line that was opened and nobody else's.
    assert_eq!(refused.act.body.line(), 7);
    assert!(matches!(
        bench.kit.present(42, &capture(420)).unwrap(),
        Verdict::Green(done) if done.line == 42
    ));
    // The right voter of line 7 is served as if nothing had happened.
    assert!(matches!(
        bench.kit.present(7, &capture(70)).unwrap(),
        Verdict::Green(_)
    ));
}

#[test]
fn nobody_is_looked_for_where_the_law_is_silent() {
    let (bench, _folder) = kit(voters(), None);
    let refused = until_red(&bench, 7, 420);
    assert_eq!(
        (refused.refusal.reason, refused.fits),
        (RefusalReason::FingerMismatch, None)
    );
}

#[test]
fn a_stranger_fits_no_line_and_two_alike_are_not_named() {
    let mut listed = voters();
    // One finger under two lines: an identity conflict, which is nobody's to resolve at a table.
    listed[42].fingers[0].minutiae = bytes(&finger(420));
    let (bench, _folder) = kit(listed, ALLOWED);
    let stranger = until_red(&bench, 7, 99_999);
    assert_eq!(
        (stranger.refusal.reason, stranger.fits),
        (RefusalReason::FingerMismatch, None)
    );
    let twice = until_red(&bench, 8, 420);
    assert_eq!(
        (twice.refusal.reason, twice.fits),
        (RefusalReason::FingerMismatch, None)
    );
}

#[test]
fn the_operator_is_led_to_the_other_line_and_the_hall_is_told_nothing_of_it() {
    use std::sync::Arc;

    use station::cards::CardBox;
    use station::scanner::ImageFolder;
    use station::{Station, serve_station};

    let (bench, folder) = kit(voters(), ALLOWED);
    let glass = folder.path().join("glass");
    std::fs::create_dir(&glass).unwrap();
    std::fs::write(glass.join("0042_2_1.fmr"), finger(420)).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = runtime.block_on(async {
        let any = "127.0.0.1:0".parse().unwrap();
        let scanner = Arc::new(ImageFolder::new(glass));
        let station = Station::new(None, CardBox::new(Vec::new()), scanner);
        station.install(Arc::clone(&bench.kit));
        serve_station(station, any, any).await.unwrap()
    });
    post(serving.pages, "/choose", "line=7");
    for step in 1..=6 {
        bench.clock.set(precinct::at(100 + step * 60));
        post(serving.pages, "/glass", "file=0042_2_1.fmr");
    }
    let told = page(serving.pages, "/?lang=en");
    for part in [
        "The finger fits line 42",
        "Open line 42",
        "FINGER_OTHER_LINE",
    ] {
        assert!(told.contains(part), "{part:?} is not on the page: {told}");
    }
    let monitor = page(serving.pages, "/monitor");
    assert!(monitor.contains("Бюллетень берилбейт"), "{monitor}");
    assert!(
        !monitor.contains("башка сапка") && !monitor.contains(">42<"),
        "{monitor}"
    );
    post(serving.pages, "/choose", "line=42");
    assert!(page(serving.pages, "/?lang=en").contains("Place the finger"));
    post(serving.pages, "/glass", "file=0042_2_1.fmr");
    assert!(page(serving.pages, "/?lang=en").contains("line 42"));
}
