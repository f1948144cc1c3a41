//! S-37: a precinct that a power failure closed votes on the next day, over the chair's pages and kits that were off.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use lexicon::handover::day_decision::DayDecision;
use lexicon::handover::envelope::{DocumentType, Signer, Subject, id_all, peek_all};
use lexicon::handover::report::Report;
use precinct::http::{page, request};
use precinct::{Bench, ELECTION, OPENS, Precinct, at, capture, holder, open, reopen};
use station::cards::{CardBox, CardFile};
use station::clock::SetClock;
use station::link::InProcess;
use station::scanner::ImageFolder;
use station::{Kit, OpenError, Serving, Station, Verdict, serve_station};

const DAY: i64 = 24 * 3600;
/// 12:00 of election day, and 09:00 of the next, seconds after the opening at 08:00.
const NOON: i64 = 4 * 3600;
const NEXT: i64 = DAY + 3600;

fn decision(precinct: &Precinct, opens: i64) -> DayDecision {
    let subject = Subject {
        kind: DocumentType::PackageManifest,
        election: ELECTION,
    };
    let payload = peek_all(subject, &precinct.manifest).unwrap();
    DayDecision {
        suite: "kg1".to_owned(),
        election: ELECTION,
        precinct: 1001,
        package: id_all(subject, &payload).0.into(),
        number: 1,
        opens: OPENS + opens * 1_000_000,
        closes: OPENS + (opens + 11 * 3600) * 1_000_000,
        reason: "POWER".to_owned(),
        made_at: OPENS + NOON * 1_000_000,
    }
}

fn signed(decision: &DayDecision) -> Vec<u8> {
    let keys = [holder(1), holder(3)];
    let cards: Vec<&dyn Signer> = keys.iter().map(|key| key as _).collect();
    decision.sign(&cards).unwrap()
}

fn link(kits: &[&Bench]) {
    for from in kits {
        for to in kits.iter().filter(|to| to.kit.kid() != from.kit.kid()) {
            let link = Arc::new(InProcess::to(&to.kit));
            from.kit.connect(to.kit.kid(), link);
        }
    }
    for bench in kits.iter().chain(kits) {
        let _ = bench.kit.sync_all();
    }
}

fn pages(kit: &Bench, cards: &[CardFile]) -> (Serving, tokio::runtime::Runtime) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = runtime.block_on(async {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let scanner = Arc::new(ImageFolder::new(std::env::temp_dir()));
        let station = Station::new(None, CardBox::new(cards.to_vec()), scanner);
        station.install(Arc::clone(&kit.kit));
        serve_station(station, any, any).await.unwrap()
    });
    (serving, runtime)
}

fn chair(serving: &Serving, cards: &[CardFile], act: &str, fields: &str) -> (u16, String) {
    let (a, b) = (&cards[0].kid, &cards[2].kid);
    let body = format!("{fields}&card0={a}&pass0=pass&card1={b}&pass1=pass");
    request(serving.pages, &format!("POST /chair/{act}"), &body)
}

fn is_green(kit: &Kit, line: u32) -> bool {
    let verdict = kit.present(line, &capture(line * 10)).unwrap();
    matches!(verdict, Verdict::Green(_))
}

fn initial(kit: &Kit, precinct: &Precinct) -> Report {
    kit.report_initial(&precinct.pair()).unwrap().report
}

/// Takes a kit up from its folder. Kits that are served exchange by themselves: they share the clock, so that no exchange
/// falls between the setting of one and of the other.
fn again(precinct: &Precinct, name: &str, folder: &Path, clock: &Arc<SetClock>) -> Bench {
    reopen(precinct, name, &folder.join(name), clock)
}

/// Story: at 12:00 the power fails; on the chair's page the precinct is closed with its reason and two cards. Every kit is
/// switched off. Next morning K1 starts from its disk: it serves nobody. The decision comes on a stick; K1 is opened for the
/// day with two cards, K2 has the decision from K1. Expect: yesterday's voters are red, a second initial report beside the
/// first, one final report with both days, the same journal going on.
#[test]
fn a_precinct_that_lost_power_votes_on_the_next_day() {
    let (precinct, cards) = Precinct::with_cards("segment", 1001, 120);
    let folder = tempfile::tempdir().unwrap();
    let first = {
        let names = ["K1", "K2"];
        let benches = names.map(|name| open(&precinct, name, &folder.path().join(name), 10));
        link(&[&benches[0], &benches[1]]);
        let first = initial(&benches[0].kit, &precinct);
        for (bench, line) in [(&benches[0], 7), (&benches[1], 47)] {
            assert!(is_green(&bench.kit, line));
        }
        for bench in &benches {
            bench.clock.set(at(NOON));
        }
        let (serving, _runtime) = pages(&benches[0], &cards);
        let shown = page(serving.pages, "/chair/days?lang=ru");
        assert!(shown.contains("Закрыть участок раньше времени"), "{shown}");
        assert_eq!(chair(&serving, &cards, "suspend", "reason=").0, 422);
        assert_eq!(chair(&serving, &cards, "suspend", "reason=POWER").0, 303);
        assert_eq!(chair(&serving, &cards, "suspend", "reason=POWER").0, 422);
        let shown = page(serving.pages, "/chair/days?lang=en");
        assert!(shown.contains("power failure"), "{shown}");
        assert!(page(serving.pages, "/chair/days?lang=ky").contains("жарык өчкөн"));
        link(&[&benches[0], &benches[1]]);
        for (bench, line) in [(&benches[0], 8), (&benches[1], 48)] {
            assert!(!is_green(&bench.kit, line), "voting stands still");
        }
        first
    };
    let clock = Arc::new(SetClock::new(at(NEXT - 1800)));
    let one = again(&precinct, "K1", folder.path(), &clock);
    let two = again(&precinct, "K2", folder.path(), &clock);
    let (serving, _runtime) = pages(&one, &cards);
    assert_eq!(chair(&serving, &cards, "session", "").0, 422, "no decision");
    let stick = folder.path().join("stick");
    std::fs::create_dir(&stick).unwrap();
    let place = |path: &Path| format!("place={}", path.display());
    let take = |path: &Path| request(serving.pages, "POST /chair/days", &place(path));
    let (status, text) = take(&stick);
    assert!(status == 422 && text.contains("DAY_NOTHING"), "{text}");
    let good = decision(&precinct, NEXT);
    let check = |bytes: &[u8], code: &str| {
        let file = stick.join("wrong.cose");
        std::fs::write(&file, bytes).unwrap();
        let (status, text) = take(&file);
        assert!(status == 422 && text.contains(code), "{code}: {text}");
        std::fs::remove_file(&file).unwrap();
    };
    check(b"no decision", "DAY_UNREADABLE");
    let alone = good.sign(&[&holder(1)]).unwrap();
    check(&alone, "DAY_UNSIGNED");
    let mut spoilt = signed(&good);
    let last = spoilt.len() - 1;
    spoilt[last] ^= 1;
    check(&spoilt, "DAY_BAD_SIGNATURE");
    let with = |change: &dyn Fn(&mut DayDecision)| {
        let mut changed = good.clone();
        change(&mut changed);
        signed(&changed)
    };
    check(&with(&|d| d.precinct = 1002), "DAY_WRONG_PRECINCT");
    check(&with(&|d| d.package = [1; 32].into()), "DAY_OTHER_PACKAGE");
    check(&with(&|d| d.closes += 8 * 3_600_000_000), "DAY_NOT_ALLOWED");
    std::fs::write(stick.join("1001-day.cose"), signed(&good)).unwrap();
    assert_eq!(take(&stick).0, 200);
    check(&signed(&good), "DAY_KNOWN");
    assert!(page(serving.pages, "/chair?lang=ru").contains("Перенос голосования"));
    assert_eq!(chair(&serving, &cards, "session", "").0, 303);
    assert_eq!(chair(&serving, &cards, "session", "").0, 422);
    // K2 has the decision from K1; until it is opened for the day it serves nobody.
    link(&[&one, &two]);
    two.kit.open_session(&precinct.pair()).unwrap();
    let second = initial(&one.kit, &precinct);
    assert_eq!((first.counted, second.counted), (0, 2));
    for file in ["K1.initial.cose", "K1.initial-2.cose"] {
        assert!(folder.path().join("K1").join(file).exists(), "{file}");
    }
    clock.set(at(NEXT));
    link(&[&one, &two]);
    assert!(
        !is_green(&one.kit, 7) && !is_green(&two.kit, 47),
        "yesterday"
    );
    assert!(is_green(&one.kit, 8) && is_green(&two.kit, 48));
    link(&[&one, &two]);
    clock.set(at(NEXT + 11 * 3600));
    for bench in [&one, &two] {
        bench.kit.close(0, &precinct.pair()).unwrap();
    }
    link(&[&one, &two]);
    let last = one
        .kit
        .report_because(pollbook::ReportKind::Final, Some("LOST"), &precinct.pair())
        .unwrap();
    let days = last.report.days.clone().unwrap();
    let sums: Vec<_> = days.iter().map(|day| (day.counted, day.outside)).collect();
    assert_eq!((last.report.counted, sums), (4, vec![(2, 0), (2, 0)]));
    assert_eq!(days[0].reason.as_deref(), Some("POWER"));
    assert!(
        last.report.incidents.is_empty(),
        "{:?}",
        last.report.incidents
    );
    assert!(last.json.contains("\"suspended\""), "{}", last.json);
}

/// Story: the decision names a day after the package's own validity, and a kit that was off all the time starts then.
/// Expect: without the decision it does not open; with the file beside its configuration it does, and knows the day.
#[test]
fn a_kit_that_was_off_is_opened_after_the_packages_days_by_the_decision() {
    let precinct = Precinct::under("segment", 1001, 120, 2);
    let folder = tempfile::tempdir().unwrap();
    let late = 6 * DAY;
    let open = |decisions: &[(String, Vec<u8>)]| {
        let clock = Arc::new(SetClock::new(at(late + 60)));
        let mut config = precinct.config(folder.path(), &clock, &Arc::default());
        config.decisions = decisions.to_vec();
        Kit::open(config, precinct.kit_key("K1"), &precinct.pair())
    };
    let refused = open(&[]).err().unwrap();
    assert!(matches!(refused, OpenError::NotNow { .. }), "{refused}");
    let other = decision(&precinct, late).sign(&[&holder(1)]).unwrap();
    assert!(open(&[("alone.cose".to_owned(), other)]).is_err());
    let kept = [("day.cose".to_owned(), signed(&decision(&precinct, late)))];
    let kit = open(&kept).unwrap();
    assert!(kit.waits_for_session());
    kit.open_session(&precinct.pair()).unwrap();
    assert!(is_green(&kit, 7));
    drop(kit);
    // Its own journal holds the decision now.
    assert!(open(&[]).is_ok());
}
