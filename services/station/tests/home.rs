//! Voting at home (S-22, S-23): the mobile kit on Saturday, the hall on Sunday.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::sync::Arc;

use lexicon::handover::package::HomeVoting;
use lexicon::{Method, RefusalReason};
use precinct::http::{page, request};
use precinct::{Bench, OPENS, Precinct, at, capture, open};
use station::cards::CardBox;
use station::link::InProcess;
use station::scanner::ImageFolder;
use station::{ActError, HomeState, Station, Verdict, Visit, serve_station};

const DAY: i64 = 24 * 3600;
/// Saturday 10:00, seconds after Sunday's opening at 08:00.
const SATURDAY: i64 = 2 * 3600 - DAY;

struct Hall {
    precinct: Precinct,
    mobile: Bench,
    hall: Bench,
    folder: tempfile::TempDir,
}

/// K1 serves the hall; K2 is mobile and has the home list: line 13 of the fixture, 20 and 21.
fn hall() -> Hall {
    let home = HomeVoting {
        opens: OPENS + (SATURDAY - 2 * 3600) * 1_000_000,
        closes: OPENS + (SATURDAY + 10 * 3600) * 1_000_000,
        kits: vec!["K2".to_owned()],
        voters: 3,
    };
    let precinct = Precinct::with_home(1001, 60, &[13, 20, 21], home);
    let folder = tempfile::tempdir().unwrap();
    let mobile = open(&precinct, "K2", &folder.path().join("K2"), SATURDAY);
    let hall = open(&precinct, "K1", &folder.path().join("K1"), SATURDAY);
    let kits = Hall {
        precinct,
        mobile,
        hall,
        folder,
    };
    let (one, two) = (&kits.hall.kit, &kits.mobile.kit);
    one.connect(two.kid(), Arc::new(InProcess::to(two)));
    two.connect(one.kid(), Arc::new(InProcess::to(one)));
    kits
}

fn states(bench: &Bench) -> Vec<(u32, &'static str)> {
    let word = |state: &HomeState| match state {
        HomeState::Reserved => "reserved",
        HomeState::NotFound => "not found",
        HomeState::Voted(..) => "voted",
        HomeState::Released => "released",
        HomeState::Hall(..) => "hall",
    };
    let list = bench.kit.home_list();
    list.iter()
        .map(|row| (row.line, word(&row.state)))
        .collect()
}

/// S-22. Saturday: 13 by finger before two witnesses, 20 without a finger, 21 not found; the register is printed and equals
/// the events; in the evening the mobile kit closes and synchronises. Sunday: the initial report has home voted = 2, the
/// hall refuses 13 as voted and 21 as reserved, and serves 14.
#[test]
fn s_22_home_voting_the_day_before() {
    let Hall {
        precinct,
        mobile,
        hall,
        folder: _folder,
    } = hall();
    let pair = precinct.pair();
    let finger = capture(130);
    let alone = mobile
        .kit
        .visit(13, Visit::Finger(&finger), &pair[..1])
        .unwrap_err();
    assert!(matches!(alone, ActError::Officers(_)), "{alone}");
    let wrong = mobile
        .kit
        .visit(13, Visit::Finger(&capture(999)), &pair)
        .unwrap();
    assert!(matches!(wrong, Verdict::Again { differed: true, .. }));
    let Verdict::Green(done) = mobile.kit.visit(13, Visit::Finger(&finger), &pair).unwrap() else {
        unreachable!("the finger fits")
    };
    assert_eq!(
        (done.method, done.finger.map(|f| f.number())),
        (Method::Home, Some(2))
    );
    let witnessed = mobile
        .kit
        .visit(20, Visit::Witness("NO_FINGERS"), &pair)
        .unwrap();
    assert!(matches!(witnessed, Verdict::Green(_)));
    let absent = mobile.kit.visit(21, Visit::NotFound, &pair).unwrap();
    assert!(
        matches!(absent, Verdict::Red(refused) if refused.refusal.reason == RefusalReason::HomeNotFound)
    );
    let Verdict::Red(refused) = mobile
        .kit
        .visit(14, Visit::Witness("NO_FINGERS"), &pair)
        .unwrap()
    else {
        unreachable!("14 is not on the home list")
    };
    assert_eq!(refused.refusal.reason, RefusalReason::HomeOnly);
    assert!(
        hall.kit.visit(13, Visit::NotFound, &pair).is_err(),
        "a hall kit does not visit"
    );
    let seen = [(13, "voted"), (20, "voted"), (21, "not found")];
    assert_eq!(states(&mobile), seen);
    mobile.kit.print_home_register().unwrap();
    assert!(mobile.printer.names().contains(&"home-K2".to_owned()));
    mobile.kit.close(0, &pair).unwrap();
    mobile.kit.sync(hall.kit.kid()).unwrap();
    hall.kit.sync(mobile.kit.kid()).unwrap();
    assert_eq!(
        states(&hall),
        seen,
        "the register is the fold of the events, on every kit"
    );

    hall.clock.set(at(-3600));
    let report = hall.kit.report_initial(&pair).unwrap().report;
    let home = report
        .by_method
        .iter()
        .find(|m| m.method == Method::Home.number())
        .unwrap();
    assert_eq!((home.count, report.counted), (2, 2));
    hall.clock.set(at(60));
    let refused = |line| hall.kit.gate(line).unwrap().unwrap().refusal.reason;
    assert_eq!(refused(13), RefusalReason::Already);
    assert_eq!(refused(21), RefusalReason::HomeReserved);
    assert!(matches!(
        hall.kit.present(14, &capture(140)).unwrap(),
        Verdict::Green(_)
    ));
}

/// S-23 (b). 21 comes to the hall on Sunday: reserved; the chair releases it on the page, and it is served. A member's card
/// is not enough.
#[test]
fn s_23_the_chair_releases_a_line_on_the_page() {
    let Hall {
        precinct,
        mobile,
        hall,
        folder,
    } = hall();
    mobile.kit.close(0, &precinct.pair()).unwrap();
    hall.kit.sync(mobile.kit.kid()).unwrap();
    hall.clock.set(at(60));
    mobile.clock.set(at(60));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = runtime.block_on(async {
        let any = "127.0.0.1:0".parse().unwrap();
        let scanner = Arc::new(ImageFolder::new(folder.path().join("glass")));
        let station = Station::new(None, CardBox::new(Vec::new()), scanner);
        station.install(Arc::clone(&hall.kit));
        serve_station(station, any, any).await.unwrap()
    });
    let shown = page(serving.pages, "/chair/home");
    assert!(shown.contains("Проголосовали на дому: 0 из 3"), "{shown}");
    assert!(page(serving.pages, "/chair").contains("/chair/home"));
    let (status, text) = request(
        serving.pages,
        "POST /chair/home",
        "act=release&line=21&card=00&pass=x",
    );
    assert_eq!(status, 422, "{text}");
    let member = &precinct.officers[1];
    assert!(hall.kit.release_home(21, member).is_err());
    hall.kit.release_home(21, &precinct.officers[0]).unwrap();
    assert!(matches!(
        hall.kit.present(21, &capture(210)).unwrap(),
        Verdict::Green(_)
    ));
    assert_eq!(
        states(&hall),
        [(13, "reserved"), (20, "reserved"), (21, "hall")]
    );
    for (lang, words) in [("ky", "Үйдө добуш берүү"), ("en", "Voting at home")] {
        assert!(page(serving.pages, &format!("/chair/home?lang={lang}")).contains(words));
    }
}

/// S-23 (c). The mobile kit is lost on its way back: it is retired, and the paper home register is entered.
#[test]
fn s_23_a_lost_mobile_kit_is_entered_from_paper() {
    let Hall {
        precinct,
        mobile,
        hall,
        folder: _folder,
    } = hall();
    let pair = precinct.pair();
    let done = mobile
        .kit
        .visit(13, Visit::Finger(&capture(130)), &pair)
        .unwrap();
    assert!(matches!(done, Verdict::Green(_)));
    let lost = mobile.kit.kid();
    drop(mobile);
    hall.clock.set(at(60));
    hall.kit.take_over(&[lost], "KIT_LOST", &pair).unwrap();
    let paper = station::PaperReceipt {
        kit: lost,
        receipt: 1,
        line: 13,
        method: Method::Home,
    };
    hall.kit.enter_receipt(paper, &pair).unwrap();
    assert_eq!(states(&hall)[0], (13, "voted"));
    let counted = hall
        .kit
        .read(|book| (book.counted(), book.by_method()[4].count));
    assert_eq!(counted, (1, 1));
}
