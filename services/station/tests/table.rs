//! The scanned ballot table on real disks and pages: one ballot for a slip, the seven forgeries, what two officers mend.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use lexicon::RefusalReason;
use lexicon::handover::envelope::{encode, sign1};
use lexicon::handover::event::{Event, Identified, event_subject};
use lexicon::handover::folder::bytes;
use pollbook::{Act, Body, ReportKind};
use precinct::http::{page, request};
use precinct::{Bench, ELECTION, Precinct, at, capture, key, open, reopen};
use station::cards::{CardBox, CardFile};
use station::link::{InProcess, Link, LinkError};
use station::scanner::ImageFolder;
use station::{
    ActError, Card, ReceiptAnswer, Serving, Slip, Station, TableAnswer, Verdict, serve_station,
};

struct Hall {
    precinct: Precinct,
    benches: Vec<Bench>,
    cards: Vec<CardFile>,
    folder: tempfile::TempDir,
}

/// A link whose cable was pulled.
struct Pulled;

impl Link for Pulled {
    fn ask(&self, _: &[u8]) -> Result<Vec<u8>, LinkError> {
        Err(LinkError::Silent("pulled".to_owned()))
    }
}

/// K1, K2, K3 with 40 lines each.
fn hall(policy: &str) -> Hall {
    let (precinct, cards) = Precinct::scanning(policy, 1001, 120);
    let folder = tempfile::tempdir().unwrap();
    let benches: Vec<Bench> = ["K1", "K2", "K3"]
        .iter()
        .map(|name| open(&precinct, name, &folder.path().join(name), 10))
        .collect();
    let hall = Hall {
        precinct,
        benches,
        cards,
        folder,
    };
    hall.connect();
    hall
}

impl Hall {
    fn connect(&self) {
        for from in &self.benches {
            for to in &self.benches {
                if from.kit.kid() != to.kit.kid() {
                    from.kit
                        .connect(to.kit.kid(), Arc::new(InProcess::to(&to.kit)));
                }
            }
        }
        self.meet();
    }

    fn meet(&self) {
        for bench in &self.benches {
            assert!(bench.kit.sync_all().is_empty());
        }
    }

    fn kit(&self, at: usize) -> &station::Kit {
        &self.benches[at].kit
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// A voter of the line at this kit, and the slip's QR.
    fn identify(&self, at: usize, line: u32) -> String {
        let seen = self.kit(at).present(line, &capture(line * 10)).unwrap();
        let Verdict::Green(done) = seen else {
            unreachable!("{seen:?}")
        };
        qr(&done.act)
    }

    fn pair(&self) -> [&dyn Card; 2] {
        self.precinct.pair()
    }
}

fn qr(act: &Act) -> String {
    base45::encode(act.signed())
}

fn sign(answer: TableAnswer) -> Slip {
    let TableAnswer::Sign(slip) = answer else {
        unreachable!("{answer:?}")
    };
    slip
}

fn officers(answer: TableAnswer) -> Slip {
    let TableAnswer::Officers(slip) = answer else {
        unreachable!("{answer:?}")
    };
    slip
}

fn code(answer: &TableAnswer) -> &'static str {
    match answer {
        TableAnswer::No(answer) => answer.code(),
        TableAnswer::Refused { refusal, .. } => refusal.reason.code(),
        TableAnswer::Sign(_) => "SIGN",
        TableAnswer::Officers(_) => "OFFICERS",
        TableAnswer::Given(_) => "GIVEN",
    }
}

/// Kinds of the last events in a kit's own file, as a reader of the disk sees them.
fn kinds_on_disk(folder: &Path, name: &str) -> Vec<u8> {
    let file = std::fs::read(folder.join(format!("{name}.journal"))).unwrap();
    let read = lexicon::handover::event::unframe(&file);
    let kind = |signed: &&[u8]| {
        let (_, payload) =
            lexicon::handover::envelope::peek1(event_subject(ELECTION), signed).unwrap();
        let event: Event = lexicon::handover::envelope::decode(&payload).unwrap();
        event.kind
    };
    read.events.iter().map(kind).collect()
}

/// Story: K1 identifies line 7; the slip comes to K3's table, then to K3, K1 and K2 again, and to K3 after a
/// restart. Expect: one ballot, its two events on disk before it is given, and everywhere else ALREADY_USED.
#[test]
fn a_slip_is_one_ballot_at_whatever_table() {
    let hall = hall("segment");
    let slip_qr = hall.identify(0, 7);
    let slip = sign(hall.kit(2).show_slip(&slip_qr));
    assert_eq!(
        (slip.line, slip.page, slip.receipt.as_str()),
        (7, 1, "K1-0001")
    );
    assert!(
        !kinds_on_disk(&hall.path("K3"), "K3").contains(&20),
        "nothing is written yet"
    );
    assert_eq!(code(&hall.kit(2).sign_line(&slip).unwrap()), "GIVEN");
    let kinds = kinds_on_disk(&hall.path("K3"), "K3");
    assert_eq!(kinds[kinds.len() - 2..], [20, 21]);
    for at in [2, 0, 1] {
        let again = hall.kit(at).show_slip(&slip_qr);
        assert_eq!(code(&again), "ALREADY_USED", "K{}", at + 1);
        hall.meet();
    }
    let Hall {
        precinct,
        mut benches,
        folder,
        ..
    } = hall;
    let last = benches.remove(2);
    let clock = Arc::clone(&last.clock);
    drop(last);
    let last = reopen(&precinct, "K3", &folder.path().join("K3"), &clock);
    assert!(matches!(
        last.kit.show_slip(&slip_qr),
        TableAnswer::No(ReceiptAnswer::AlreadyUsed { at: Some(_) })
    ));
    // A slip in hand from before is no way round.
    assert_eq!(code(&last.kit.sign_line(&slip).unwrap()), "ALREADY_USED");
}

/// S-12: each of the seven with its own code, without a network, and nothing is written.
#[test]
fn the_seven_forgeries_are_refused_each_with_its_code() {
    let hall = hall("segment");
    let real = hall.identify(0, 7);
    let slip = sign(hall.kit(0).show_slip(&real));
    assert_eq!(code(&hall.kit(0).sign_line(&slip).unwrap()), "GIVEN");
    let fresh = hall.identify(0, 8);
    let undone = hall.identify(0, 9);
    hall.kit(0).undo(9, "WRONG_VOTER", &hall.pair()).unwrap();
    let neighbour = Precinct::new(1002, 120);
    let elsewhere = tempfile::tempdir().unwrap();
    let there = open(&neighbour, "K1", elsewhere.path(), 10);
    let Verdict::Green(done) = there.kit.present(7, &capture(70)).unwrap() else {
        unreachable!("a neighbour's own voter")
    };
    let foreign = qr(&done.act);

    let signed = base45::decode(&fresh).unwrap();
    let (_, payload) =
        lexicon::handover::envelope::peek1(event_subject(ELECTION), &signed).unwrap();
    let event: Event = lexicon::handover::envelope::decode(&payload).unwrap();
    let body: Identified = lexicon::handover::envelope::decode(&event.body).unwrap();
    let other_line = encode(&Event {
        body: bytes(&encode(&Identified { line: 10, ..body })),
        ..event.clone()
    });
    // The line number inside the QR was changed; the signature is the old one.
    let at_payload = signed
        .windows(payload.len())
        .position(|part| part == payload)
        .unwrap();
    let mut changed = signed.clone();
    changed[at_payload..at_payload + payload.len()].copy_from_slice(&other_line);
    let stranger = key("a stranger");
    let mut strange = event.clone();
    strange.kit = lexicon::handover::envelope::Signer::kid(&stranger).0.into();
    let strange = sign1(event_subject(ELECTION), &encode(&strange), &stranger).unwrap();
    let mut old = event;
    old.election = 20_101_010;
    let old = sign1(event_subject(20_101_010), &encode(&old), &key("1001 K1")).unwrap();

    // The table stands alone: no network is needed.
    for to in [1, 2] {
        hall.kit(0).connect(hall.kit(to).kid(), Arc::new(Pulled));
    }
    let written = kinds_on_disk(&hall.path("K1"), "K1").len();
    for (what, text, expected) in [
        (
            "a photocopy of a slip that gave a ballot",
            real,
            "ALREADY_USED",
        ),
        ("another line number", base45::encode(&changed), "BAD_SIG"),
        (
            "a key that is not in the release",
            base45::encode(&strange),
            "UNKNOWN_KEY",
        ),
        ("precinct 1002", foreign, "WRONG_PRECINCT"),
        ("an undone act", undone, "VOID"),
        ("another election", base45::encode(&old), "WRONG_ELECTION"),
        ("no slip", "ABC".to_owned(), "UNREADABLE"),
    ] {
        let answer = hall.kit(0).show_slip(&text);
        assert_eq!(code(&answer), expected, "{what}");
    }
    assert_eq!(kinds_on_disk(&hall.path("K1"), "K1").len(), written);
    // The real one of them is still good.
    sign(hall.kit(0).show_slip(&fresh));
}

/// Story: K1 identified line 7 and is cut off before it told anybody; the slip comes to K2. Expect: a refusal that
/// says what is missing; with the cable back, the ballot.
#[test]
fn a_check_in_that_is_not_known_is_asked_for_and_then_refused_with_a_next_step() {
    let hall = hall("segment");
    let slip_qr = hall.identify(0, 7);
    hall.kit(1).connect(hall.kit(0).kid(), Arc::new(Pulled));
    let refused = hall.kit(1).show_slip(&slip_qr);
    assert_eq!(code(&refused), "NOT_IDENTIFIED_HERE");
    hall.kit(1).connect(
        hall.kit(0).kid(),
        Arc::new(InProcess::to(&hall.benches[0].kit)),
    );
    let slip = sign(hall.kit(1).show_slip(&slip_qr));
    assert_eq!(code(&hall.kit(1).sign_line(&slip).unwrap()), "GIVEN");
}

/// Story: at K3's table the voter signs, and the cable to K1, which owns the line, is pulled in that moment. Expect:
/// no ballot, two officers look, one card is not enough, and the ballot is given once.
#[test]
fn a_table_cut_off_after_the_signature_is_resumed_by_two_officers() {
    let hall = hall("segment");
    let slip_qr = hall.identify(0, 7);
    let slip = sign(hall.kit(2).show_slip(&slip_qr));
    hall.kit(2).connect(hall.kit(0).kid(), Arc::new(Pulled));
    officers(hall.kit(2).sign_line(&slip).unwrap());
    officers(hall.kit(2).show_slip(&slip_qr));
    let one = hall.kit(2).resume_ballot(&slip, &hall.pair()[..1]);
    assert!(matches!(one, Err(ActError::Officers(_))), "{one:?}");
    assert_eq!(
        code(&hall.kit(2).resume_ballot(&slip, &hall.pair()).unwrap()),
        "GIVEN"
    );
    assert_eq!(code(&hall.kit(2).show_slip(&slip_qr)), "ALREADY_USED");
    hall.kit(2).connect(
        hall.kit(0).kid(),
        Arc::new(InProcess::to(&hall.benches[0].kit)),
    );
    hall.meet();
    assert!(hall.kit(0).read(pollbook::Book::incidents).is_empty());
    assert_eq!(code(&hall.kit(0).show_slip(&slip_qr)), "ALREADY_USED");
}

#[test]
fn a_line_that_bore_a_signature_gives_no_ballot_and_is_on_record() {
    let hall = hall("segment");
    let slip = sign(hall.kit(0).show_slip(&hall.identify(0, 7)));
    let refused = hall.kit(0).refuse_at_table(&slip).unwrap();
    assert_eq!(code(&refused), "LINE_ALREADY_SIGNED");
    assert_eq!(
        hall.kit(0).read(|book| book.refusals())[0].reason,
        "LINE_ALREADY_SIGNED"
    );
}

/// S-29: after the ballot an act is undone only with the ballot back.
#[test]
fn an_undo_after_the_ballot_takes_the_ballot_back() {
    let hall = hall("segment");
    let slip_qr = hall.identify(0, 7);
    let slip = sign(hall.kit(0).show_slip(&slip_qr));
    hall.kit(0).sign_line(&slip).unwrap();
    let refused = hall.kit(0).undo(7, "WRONG_VOTER", &hall.pair());
    assert!(
        matches!(
            refused,
            Err(ActError::Refused {
                reason: RefusalReason::BallotIssued,
                ..
            })
        ),
        "{refused:?}"
    );
    hall.kit(0)
        .undo(7, pollbook::BALLOT_RETURNED, &hall.pair())
        .unwrap();
    assert_eq!(code(&hall.kit(0).show_slip(&slip_qr)), "VOID");
    let table = hall.kit(0).read(pollbook::Book::table_count).unwrap();
    assert_eq!((table.issued, table.returned), (0, 1));
}

#[test]
fn reports_bear_the_table_with_its_difference() {
    let hall = hall("segment");
    for line in [7, 8, 9] {
        let slip_qr = hall.identify(0, line);
        if line < 9 {
            let slip = sign(hall.kit(1).show_slip(&slip_qr));
            assert_eq!(code(&hall.kit(1).sign_line(&slip).unwrap()), "GIVEN");
        }
    }
    hall.meet();
    let running = hall
        .kit(0)
        .report(ReportKind::Running, &hall.pair())
        .unwrap();
    let table = running.report.table.clone().unwrap();
    assert_eq!(
        (
            running.report.counted,
            table.signed,
            table.issued,
            table.waiting
        ),
        (3, 2, 2, 1)
    );
    assert_eq!(table.ballots, [0, 2, 0]);
    assert!(running.json.contains("\"waiting\": 1"), "{}", running.json);
    for bench in &hall.benches {
        bench.clock.set(at(12 * 3_600 + 1));
    }
    hall.kit(0).close(0, &hall.pair()).unwrap();
    let last = hall
        .kit(0)
        .report_because(ReportKind::Final, Some("UNREACHABLE"), &hall.pair())
        .unwrap();
    assert_eq!(last.report.table, Some(table));
    assert!(matches!(
        hall.kit(0)
            .read(|book| book.state(7).ballots[0].body.clone()),
        Body::BallotIssued(_)
    ));
}

struct Pages {
    hall: Hall,
    serving: Serving,
    _runtime: tokio::runtime::Runtime,
}

fn pages() -> Pages {
    let hall = hall("segment");
    let glass = hall.path("glass");
    std::fs::create_dir(&glass).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = runtime.block_on(async {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let scanner = Arc::new(ImageFolder::new(glass));
        let station = Station::new(None, CardBox::new(hall.cards.clone()), scanner);
        station.install(Arc::clone(&hall.benches[0].kit));
        serve_station(station, any, any).await.unwrap()
    });
    Pages {
        hall,
        serving,
        _runtime: runtime,
    }
}

impl Pages {
    fn post(&self, path: &str, body: &str) -> u16 {
        request(self.serving.pages, &format!("POST {path}"), body).0
    }

    fn scan(&self, qr: &str) {
        let typed: String = qr.bytes().map(|byte| format!("%{byte:02X}")).collect();
        assert_eq!(self.post("/receipts", &format!("qr={typed}")), 303);
    }

    fn shows(&self, all: &[&str]) {
        let text = page(self.serving.pages, "/receipts?lang=en");
        for part in all {
            assert!(text.contains(part), "{part:?} is not on the page: {text}");
        }
    }
}

/// The table's small screen: scan, sign, ballot; a slip used; a second scan does not push a signing voter aside.
#[test]
fn the_table_screen_leads_from_slip_to_ballot() {
    let pages = pages();
    pages.shows(&[
        "Ballot table",
        "Hold the QR code",
        "marked 0 · signed 0 · given 0 · waiting 0",
    ]);
    let first = pages.hall.identify(0, 7);
    let second = pages.hall.identify(0, 8);
    pages.scan(&first);
    pages.shows(&[
        "Line 7, page 1: the voter signs",
        "K1-0001",
        "F8",
        "waiting 2",
    ]);
    pages.scan(&second);
    pages.shows(&["Line 7, page 1: the voter signs"]);
    assert_eq!(pages.post("/receipts/signed", ""), 303);
    pages.shows(&["Give the ballot", "signed 1 · given 1 · waiting 1"]);
    assert!(page(pages.serving.pages, "/monitor").contains("1 бюллетень"));
    pages.scan(&first);
    pages.shows(&["Give no ballot", "ALREADY_USED"]);
    pages.scan(&second);
    assert_eq!(pages.post("/receipts/refuse", ""), 303);
    pages.shows(&["Give no ballot", "LINE_ALREADY_SIGNED"]);
    assert_eq!(pages.post("/receipts/unknown", ""), 404);
}

#[test]
fn the_table_screen_asks_two_officers_after_an_interruption() {
    let pages = pages();
    // Line 50 is K2's; the cable goes while the voter signs at K1's table.
    let slip_qr = pages.hall.identify(1, 50);
    pages.scan(&slip_qr);
    pages.shows(&["Line 50, page 2: the voter signs"]);
    pages
        .hall
        .kit(0)
        .connect(pages.hall.kit(1).kid(), Arc::new(Pulled));
    pages.post("/receipts/signed", "");
    pages.shows(&["Line 50, page 2: two officers decide"]);
    let (a, b) = (&pages.hall.cards[0].kid, &pages.hall.cards[2].kid);
    let cards = |pass: &str| format!("card0={a}&pass0={pass}&card1={b}&pass1=pass");
    pages.post("/receipts/resume", &cards("wrong"));
    pages.shows(&["two officers decide", "role=\"alert\""]);
    pages.post("/receipts/resume", &cards("pass"));
    pages.shows(&["Give the ballot"]);
    pages.scan(&slip_qr);
    pages.shows(&["ALREADY_USED"]);
}

/// For people who want to see the screen: `TIZME_LOOK=1 cargo nextest run --test table see_table --no-capture`.
#[test]
fn see_table() {
    if std::env::var_os("TIZME_LOOK").is_none() {
        return;
    }
    let pages = pages();
    println!("http://{}/receipts", pages.serving.pages);
    println!("{}", pages.hall.identify(0, 7));
    std::thread::sleep(std::time::Duration::from_secs(3600));
}
