//! The end of the day over HTTP: journals and reports of two precincts, a missing kit, a changed byte, the worksheet,
//! the marked roll, and a person who counts twice.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod hall;

use std::sync::Arc;

use hall::{Chain, Hall, sane};
use keys::{FileKey, KeyRing};
use lexicon::handover::card_grant::CardGrant;
use lexicon::handover::day_decision::DayDecision;
use lexicon::handover::envelope::{
    DocumentId, DocumentType, Signer, Subject, encode, id_all, sign_all,
};
use lexicon::handover::event::frame;
use lexicon::handover::kit_grant::KitGrant;
use lexicon::handover::package::{
    BreakGlass, KitEntry, OfficerEntry, PackageManifest, SecondDay, decided_by,
};
use lexicon::handover::picture::{KeptPicture, PictureOf};
use lexicon::{FingerPosition, Instant, Method, PersonId, PrecinctCode};
use office::day::{DayRefused, receive_files};
use office::manifests::receive_manifests;
use pollbook::{
    Book, Charter, CheckIn, Draft, GrantAnswer, GrantAsk, Reading, ReportKind, Step, admit,
};
use store::{DayMark, DayPrecinct};

const ELECTION: u32 = 20_151_004;

fn key(label: &str) -> FileKey {
    FileKey::from_seed(b"office day tests", label)
}

fn opens(hall: &Hall) -> i64 {
    Instant::at_local(hall.law.election.day, 480, hall.law.election.offset_minutes).micros()
}

fn subject(kind: DocumentType) -> Subject {
    Subject {
        kind,
        election: ELECTION,
    }
}

fn manifest(hall: &Hall, precinct: u16, lines: u32) -> PackageManifest {
    let kit = |n: u32, from, to| {
        hall::manifest::kit(
            &format!("K{n}"),
            &key(&format!("{precinct} K{n}")),
            from,
            to,
        )
    };
    let share = lines / 2;
    let kits = vec![kit(1, 1, share), kit(2, share + 1, lines)];
    let officers = hall::manifest::officers(|n| key(&format!("{precinct} officer {n}")));
    hall::manifest::manifest((ELECTION, precinct), opens(hall), kits, officers)
}

/// A kit of a simulated precinct.
struct Kit {
    book: Book,
    key: FileKey,
    ring: KeyRing,
    cards: [FileKey; 2],
    journal: Vec<u8>,
    opens: i64,
}

impl Kit {
    fn of(hall: &Hall, manifest: &PackageManifest, name: &str) -> Self {
        let id = id_all(subject(DocumentType::PackageManifest), &encode(manifest));
        let charter = Arc::new(Charter::new(manifest.clone(), DocumentId(id.0)).unwrap());
        let precinct = manifest.precinct;
        let key = key(&format!("{precinct} {name}"));
        let cards = [1, 2].map(|n| self::key(&format!("{precinct} officer {n}")));
        let points = manifest.kits.iter().map(|kit| *kit.point);
        let officers = manifest.officers.iter().map(|officer| *officer.point);
        let all = points
            .chain(officers)
            .map(lexicon::handover::envelope::PublicKey);
        Self {
            book: Book::new(charter, key.kid(), Vec::new()),
            ring: KeyRing::of(all),
            key,
            cards,
            journal: Vec::new(),
            opens: opens(hall),
        }
    }

    /// The same, of a precinct that admitted a spare by this grant.
    fn admitting(hall: &Hall, manifest: &PackageManifest, name: &str, signed: &[u8]) -> Self {
        let mut kit = Self::of(hall, manifest, name);
        let charter = kit.book.charter();
        let grant = KitGrant::open(manifest, charter.package(), signed, &kit.ring).unwrap();
        let point = lexicon::handover::envelope::PublicKey(*grant.0.kit.point);
        let charter = charter.clone().granting(&[grant]).unwrap();
        kit.book = Book::new(Arc::new(charter), kit.key.kid(), Vec::new());
        kit.ring.add(point);
        kit
    }

    fn at(&self, seconds: i64) -> Reading {
        Reading {
            wall: Instant::from_micros(self.opens + seconds * 1_000_000),
            steady_micros: u64::try_from(seconds + 1_000).unwrap() * 1_000_000,
        }
    }

    fn write(&mut self, draft: Draft) -> Vec<u8> {
        let signed = draft.sign(&self.book, &self.key).unwrap();
        let act = admit(self.book.charter(), &signed, &self.ring).unwrap();
        self.book.merge(act, None);
        self.journal.extend(frame(&signed));
        signed
    }

    fn write_by_two(&mut self, draft: Draft) -> Vec<u8> {
        let draft = draft.consented(&[&self.cards[0], &self.cards[1]]).unwrap();
        self.write(draft)
    }

    fn open(mut self) -> Self {
        let draft = self.book.open(self.at(0)).unwrap();
        self.write_by_two(draft);
        self
    }

    fn serve(&mut self, line: u32, seconds: i64) -> Vec<u8> {
        let act = CheckIn {
            line,
            method: Method::Finger,
            finger: FingerPosition::new(2),
            attempts: 1,
            score_class: 2,
            reason: String::new(),
        };
        let Step::Commit(draft) = self.book.check_in(&act, self.at(seconds)).unwrap() else {
            panic!("line {line}");
        };
        self.write(draft)
    }

    /// Two officers identify a voter, and the kit seals a picture of who stood there.
    fn serve_seen(&mut self, line: u32, seconds: i64, picture: &[u8]) -> Vec<u8> {
        let act = CheckIn {
            line,
            method: Method::Face2,
            finger: None,
            attempts: 0,
            score_class: 0,
            reason: "NO_FINGERS".to_owned(),
        };
        let of = PictureOf {
            election: ELECTION,
            precinct: self.book.charter().manifest().precinct,
            kit: self.key.kid().0,
            line,
            at: self.at(seconds).wall.micros(),
            package: self.book.charter().package().0,
        };
        let desk = hall::pictures_key().public_key();
        let (file, hash) = KeptPicture::seal(of, picture, &desk, &[5; 32])
            .unwrap()
            .file();
        let Step::Commit(draft) = self.book.check_in(&act, self.at(seconds)).unwrap() else {
            panic!("line {line}");
        };
        self.write_by_two(draft.naming_picture(hash));
        file
    }

    fn learn(&mut self, signed: &[u8]) {
        let act = admit(self.book.charter(), signed, &self.ring).unwrap();
        let wall = Some(self.at(100).wall);
        self.book.merge(act, wall);
    }

    fn close(&mut self) -> Vec<u8> {
        let draft = self.book.close(0, self.at(12 * 3600)).unwrap();
        self.write_by_two(draft)
    }

    fn totals(&mut self, signatures: u32, difference: &str) {
        let totals = pollbook::PaperTotals {
            signatures,
            received: 50,
            issued: signatures,
            spoilt: 2,
            left: 48 - signatures,
        };
        let at = self.at(12 * 3600 + 30);
        let draft = self.book.enter_totals(totals, difference, "", at).unwrap();
        self.write_by_two(draft);
    }

    fn final_report(&self) -> Vec<u8> {
        self.report(ReportKind::Final, 12 * 3600 + 60)
    }

    fn report(&self, kind: ReportKind, seconds: i64) -> Vec<u8> {
        let made = self.book.report(kind, 1, 4, self.at(seconds));
        let signers: [&dyn Signer; 3] = [&self.key, &self.cards[0], &self.cards[1]];
        sign_all(
            subject(DocumentType::Report),
            &encode(&made.unwrap()),
            &signers,
        )
        .unwrap()
    }
}

fn certify(hall: &Hall, manifests: &[&PackageManifest]) {
    let chain = Chain::new();
    let dir = tempfile::tempdir().unwrap();
    for manifest in manifests {
        let signers: [&dyn Signer; 2] = [&chain.srs, &chain.cec];
        let signed = sign_all(
            subject(DocumentType::PackageManifest),
            &encode(*manifest),
            &signers,
        );
        let name = format!("{:04}.manifest.cose", manifest.precinct);
        std::fs::write(dir.path().join(name), signed.unwrap()).unwrap();
    }
    receive_manifests(&hall.store, dir.path(), chain.source(&hall.law)).unwrap();
}

/// Lines of a precinct on the latest release.
fn lines(hall: &Hall, precinct: u16) -> u32 {
    let code = PrecinctCode::new(precinct).unwrap();
    let found = hall
        .store
        .read("lines", |tx| tx.line_persons(2, code))
        .unwrap();
    u32::try_from(found.len()).unwrap()
}

/// Story: a precinct's officers counted two signatures, its kits identified three voters. Expect: worksheet, page and
/// file set the one against the other, with the cause that the chair gave; a precinct without a count is said to have none.
#[test]
fn the_count_on_paper_stands_beside_the_journals_by_cause() {
    let hall = Hall::full();
    let all = lines(&hall, 1001);
    let manifest = manifest(&hall, 1001, all);
    let mut one = Kit::of(&hall, &manifest, "K1").open();
    certify(&hall, &[&manifest]);
    let mut desk = hall.signed_in("registrar");
    for line in [1, 2, 27] {
        one.serve(line, i64::from(line) * 60);
    }
    one.close();
    desk.send_file("/day", &one.journal);
    desk.send_file("/day", &one.final_report());
    assert!(
        desk.page("/day/precinct/1001")
            .contains("нет подсчёта по бумаге")
    );
    assert!(
        desk.page("/day/paper")
            .contains("Отчётов с подсчётом по бумаге пока нет.")
    );
    one.totals(2, "LEFT_WITHOUT");
    desk.send_file("/day", &one.journal);
    let addendum = one.report(ReportKind::Final, 12 * 3600 + 90);
    desk.send_file("/day", &addendum);
    let sheet = desk.page("/day/precinct/1001");
    sane("/day/precinct/1001", &sheet);
    assert!(sheet.contains("ушли без бюллетеня"), "{sheet}");
    let page = desk.page("/day/paper");
    sane("/day/paper", &page);
    assert!(
        page.contains("ушли без бюллетеня") && page.contains("/day/precinct/1001"),
        "{page}"
    );
    let csv = desk.page("/day/table/paper");
    let row = csv.lines().find(|row| row.starts_with("1001,")).unwrap();
    assert!(
        row.ends_with(",3,0,0,,2,1,50,2,2,46,0,0,LEFT_WITHOUT,0,0"),
        "{row}"
    );
    let csv = desk.page("/day/worksheet/1001");
    assert!(csv.contains("1001,total,,,3,2,1\n"), "{csv}");
}

/// Story S-34: a substitute's card, which the commission above admitted, signed an act. Expected: the journal is refused
/// without the decision and taken after it; a decision that other keys signed is refused.
#[test]
fn a_journal_with_a_substitutes_card_comes_in_with_the_decision() {
    let hall = Hall::full();
    let all = lines(&hall, 1001);
    let mut manifest = manifest(&hall, 1001, all);
    let entry = |label: &str| OfficerEntry {
        point: key(label).public_key().0.into(),
        role: "member".to_owned(),
        body: "S".to_owned(),
        name: format!("{label} holder"),
    };
    manifest.break_glass = Some(BreakGlass {
        holders: vec![entry("holder 1"), entry("holder 2")],
        k: 2,
        wraps: Vec::new(),
        kinds: None,
    });
    certify(&hall, &[&manifest]);
    let mut one = Kit::of(&hall, &manifest, "K1");
    let charter = one.book.charter().clone();
    let card = CardGrant {
        suite: "kg1".to_owned(),
        election: ELECTION,
        precinct: 1001,
        package: charter.package().0.into(),
        officer: entry("substitute"),
        reason: "CARD_LOST".to_owned(),
        made_at: opens(&hall),
        not_before: opens(&hall),
        not_after: opens(&hall) + 12 * 3_600_000_000,
    };
    let sign = |labels: [&str; 2]| {
        let keys = labels.map(key);
        card.sign(&[&keys[0] as &dyn Signer, &keys[1]]).unwrap()
    };
    let signed = sign(["holder 1", "holder 2"]);
    let ring = KeyRing::of(manifest.holders());
    let read = charter.read_card(&signed, &ring).unwrap();
    let charter = charter.admitting(&[read]).unwrap();
    one.book = Book::new(Arc::new(charter), one.key.kid(), Vec::new());
    one.ring.add(key("substitute").public_key());
    one.cards[1] = key("substitute");
    let mut one = one.open();
    one.serve_seen(3, 60, b"\xff\xd8\xffface\xff\xd9");
    one.close();
    let mut desk = hall.signed_in("registrar");
    let early = desk.send_file("/day", &one.journal);
    assert_eq!(early.status, 422, "the card is not known");
    let officers = sign(["1001 officer 1", "1001 officer 2"]);
    assert_eq!(desk.send_file("/day", &officers).status, 422);
    assert_eq!(desk.send_file("/day", &signed).status, 303);
    assert_eq!(
        desk.send_file("/day", &one.journal).location,
        "/day?taken=1001"
    );
    desk.send_file("/day", &one.final_report());
    let page = desk.page("/day/precinct/1001");
    assert!(page.contains("1 "), "{page}");
}

/// Story: people count a precinct's paper list page by page. Expected: a page of equal sums with a signature in a wrong line is
/// named with both lines; one without its lines shows the difference alone; what cannot be is refused and what was typed
/// stays; a correction stands in the first entry's place; worksheet and file say the same.
#[test]
fn the_paper_list_is_held_against_the_marks_page_by_page() {
    let hall = Hall::full();
    let all = lines(&hall, 1001);
    let manifest = manifest(&hall, 1001, all);
    let mut one = Kit::of(&hall, &manifest, "K1").open();
    certify(&hall, &[&manifest]);
    for line in [1, 2, 27] {
        one.serve(line, i64::from(line) * 60);
    }
    one.close();
    let mut desk = hall.signed_in("registrar");
    let url = "/day/pages/1001";
    assert_eq!(desk.get(url).status, 404, "nothing was handed in");
    desk.send_file("/day", &one.journal);
    let page = desk.page(url);
    sane(url, &page);
    assert!(
        page.contains("Например: 1, 3, 7-12") && page.contains("0 / "),
        "{page}"
    );
    let send = |desk: &mut hall::Browser, page: &str, signatures: &str, lines: &str| {
        let fields = [("page", page), ("signatures", signatures), ("lines", lines)];
        desk.post(url, &fields)
    };
    let wrong = send(&mut desk, "1", "2", "1, 27");
    sane(url, &wrong.body);
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("стоит на другой странице") && wrong.body.contains("1, 27"));
    assert_eq!(send(&mut desk, "1", "2", "1").status, 422);
    assert_eq!(send(&mut desk, "1", "", "").status, 422);
    assert_eq!(send(&mut desk, "77", "1", "").status, 400);
    // Two signatures, one of them a line too low.
    let taken = send(&mut desk, "1", "2", "1, 3");
    assert_eq!(taken.location, "/day/pages/1001?taken=1");
    send(&mut desk, "2", "3", "");
    let csv = desk.page("/day/table/pages");
    let rows: Vec<&str> = csv.lines().skip(1).collect();
    let expected = ["1001,1,1,25,2,0,2,0,3,2,yes", "1001,2,26,50,1,0,3,'-2,,,no"];
    assert_eq!(rows, expected, "{csv}");
    let page = desk.page(&taken.location);
    sane(url, &page);
    assert!(page.contains("строки не выписаны") && page.contains("Страница 1: записано."));
    // Counted again: the last entry stands, and the same twice is one.
    send(&mut desk, "2", "1", "27");
    send(&mut desk, "2", "1", "27");
    let entries = hall
        .store
        .read("counts", |tx| tx.page_counts(Some(1001)))
        .unwrap();
    let last: Vec<_> = entries
        .iter()
        .map(|row| (row.page, row.entry, row.signatures))
        .collect();
    assert_eq!(last, [(1, 1, 2), (2, 2, 1)]);
    let sheet = desk.page("/day/worksheet/1001");
    assert!(
        sheet.contains("1001,1,1,25,2,2,0\n") && sheet.contains("1001,2,26,50,1,1,0\n"),
        "{sheet}"
    );
    assert!(desk.page("/day/precinct/1001").contains(url));
    let mut observer = hall.signed_in("observer");
    assert!(!observer.page(url).contains("name=\"signatures\""));
    assert_eq!(send(&mut observer, "1", "2", "").status, 403);
}

/// Story S-17: two officers identified a voter, and a complaint says it was somebody else. Expected: the sealed picture is
/// taken only after the journal that names it, and as it was sealed; one person alone never sees it, nor two of one
/// institution; after both it is shown to the two of them for half an hour, every look is recorded, and it stands nowhere in
/// the clear.
#[test]
fn a_sealed_picture_is_opened_by_two_institutions_and_every_look_is_recorded() {
    let hall = Hall::full();
    let all = lines(&hall, 1001);
    let manifest = manifest(&hall, 1001, all);
    let mut one = Kit::of(&hall, &manifest, "K1").open();
    certify(&hall, &[&manifest]);
    let face = b"\xff\xd8\xffa planted face\xff\xd9";
    let file = one.serve_seen(3, 60, face);
    let mut desk = hall.signed_in("registrar");
    let early = desk.send_file("/day", &file);
    assert_eq!(early.status, 422);
    assert!(
        early.body.contains("не назван ни в одном журнале"),
        "{}",
        early.body
    );
    // Another picture of the same line, and the journal of another act.
    let mut other = KeptPicture::read(&file).unwrap();
    other.at += 1;
    assert_eq!(desk.send_file("/day", &one.journal).status, 303);
    assert_eq!(desk.send_file("/day", &other.file().0).status, 422);
    assert_eq!(desk.send_file("/day", &file).status, 303);
    assert_eq!(desk.send_file("/day", &file).location, "/day?known=1");
    let list = desk.page("/day/pictures");
    sane("/day/pictures", &list);
    assert!(list.contains("/day/pictures?precinct=1001"), "{list}");
    let list = desk.page("/day/pictures?precinct=1001");
    sane("/day/pictures?precinct=1001", &list);
    let (_, rest) = list.split_once("/day/picture/").unwrap();
    let url = format!("/day/picture/{}", &rest[..64]);
    let shown = |body: &str| body.contains("data:image/jpeg;base64,");
    let page = desk.page(&url);
    sane(&url, &page);
    assert!(!shown(&page) && page.contains("Никто не открывал."));
    // Nobody opens it alone, or without saying why.
    assert_eq!(desk.post(&url, &[("do", "look")]).status, 303);
    assert_eq!(desk.post(&url, &[("do", "allow")]).status, 303);
    assert_eq!(
        desk.post(&url, &[("do", "ask"), ("basis", "17")]).status,
        422
    );
    let ask = [("do", "ask"), ("reason", "complaint")];
    let wrong = desk.post(&url, &ask);
    sane(&url, &wrong.body);
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("Укажите номер решения"));
    let ask = [ask[0], ask[1], ("basis", "17/2015")];
    assert_eq!(desk.post(&url, &ask).location, url);
    assert!(
        desk.page(&url)
            .contains("Ждёт разрешения другого учреждения")
    );
    desk.post(&url, &[("do", "allow")]);
    assert!(!shown(&desk.post(&url, &[("do", "look")]).body));
    // Somebody of the other institution allows it, and may look as well.
    let mut commission = hall.signed_in("commission");
    let page = commission.page(&url);
    sane(&url, &page);
    assert!(page.contains("17/2015") && !shown(&page));
    assert!(!shown(&commission.post(&url, &[("do", "look")]).body));
    assert_eq!(commission.post(&url, &[("do", "allow")]).status, 303);
    let since = hall.store.read("reads", |tx| {
        tx.count_reads("registrar", Instant::from_micros(0))
    });
    let seen = desk.post(&url, &[("do", "look")]);
    sane(&url, &seen.body);
    assert!(seen.status == 200 && shown(&seen.body), "{}", seen.body);
    let reads = hall.store.read("reads", |tx| {
        tx.count_reads("registrar", Instant::from_micros(0))
    });
    assert_eq!(reads.unwrap(), since.unwrap() + 1);
    assert!(shown(&commission.post(&url, &[("do", "look")]).body));
    assert!(
        !shown(&desk.page(&url)),
        "a page that is asked for again shows nothing"
    );
    let steps = hall
        .store
        .read("steps", |tx| tx.picture_steps(&url[13..]))
        .unwrap();
    let steps: Vec<_> = steps
        .iter()
        .map(|step| (step.act.code(), step.staff.as_str()))
        .collect();
    let expected = [
        ("asked", "registrar"),
        ("allowed", "commission"),
        ("looked", "registrar"),
        ("looked", "commission"),
    ];
    assert_eq!(steps, expected);
    hall.clock.pass(31);
    let mut desk = hall.signed_in("registrar");
    assert!(
        !shown(&desk.post(&url, &[("do", "look")]).body),
        "half an hour is over"
    );
    assert_eq!(hall.signed_in("clerk").get(&url).status, 403);
    for file in ["office.db", "office.db-wal"] {
        let bytes = std::fs::read(hall.dir.path().join(file)).unwrap_or_default();
        assert!(
            !bytes.windows(14).any(|part| part == b"a planted face"),
            "{file}"
        );
    }
}

#[test]
fn a_precincts_day_comes_in_piece_by_piece() {
    let hall = Hall::full();
    let all = lines(&hall, 1001);
    assert!(all >= 60, "the made-up list has {all} lines");
    let manifest = manifest(&hall, 1001, all);
    let (mut one, mut two) = (
        Kit::of(&hall, &manifest, "K1").open(),
        Kit::of(&hall, &manifest, "K2").open(),
    );
    let mut desk = hall.signed_in("registrar");
    // Before the manifest is here nothing can be checked.
    let early = desk.send_file("/day", &one.journal);
    assert_eq!(early.status, 422);
    assert!(
        early.body.contains("Манифеста этого участка нет"),
        "{}",
        early.body
    );
    certify(&hall, &[&manifest]);
    for line in [1, 2, 27] {
        one.serve(line, i64::from(line) * 60);
    }
    let far = two.serve(all, 120);
    one.learn(&far);
    let (first, second) = (one.close(), two.close());
    two.learn(&first);
    one.learn(&second);
    let journal = one.journal.clone();
    let taken = desk.send_file("/day", &journal);
    assert_eq!(taken.location, "/day?taken=1001", "{}", taken.body);
    let page = desk.page("/day?taken=1001");
    sane("/day", &page);
    assert!(
        page.contains("Не хватает журнала или итогового отчёта"),
        "{page}"
    );
    assert!(page.contains("Участки, которые ещё не сдали") && page.contains("1002"));
    let sheet = desk.page("/day/precinct/1001");
    assert!(
        sheet.contains("журнала нет") && sheet.contains("День неполный"),
        "{sheet}"
    );
    // The second kit's journal, then the reports: the day is whole and agrees.
    desk.send_file("/day", &two.journal);
    desk.send_file("/day", &one.final_report());
    let again = desk.send_file("/day", &journal);
    assert_eq!(again.location, "/day?known=1");
    desk.send_file("/day", &two.final_report());
    let sheet = desk.page("/day/precinct/1001");
    sane("/day/precinct/1001", &sheet);
    assert!(!sheet.contains("День неполный"), "{sheet}");
    let csv = desk.page("/day/worksheet/1001");
    assert!(
        csv.contains("1001,1,1,25,2,,\n") && csv.contains("1001,2,26,50,1,,\n"),
        "{csv}"
    );
    assert!(csv.contains("1001,total,,,4,,\n"), "{csv}");
    let table = desk.page("/day/table/precincts");
    assert!(
        table
            .lines()
            .any(|row| row.starts_with("1001,") && row.contains(",whole,")),
        "{table}"
    );
    assert!(
        table
            .lines()
            .any(|row| row.starts_with("1002,") && row.contains(",missing,"))
    );
    // Who voted, for those who may see it; the look is recorded by the store.
    let roll = desk.page("/day/marked/1001");
    sane("/day/marked/1001", &roll);
    assert_eq!(roll.matches("пришёл").count(), 3, "{roll}");
    assert_eq!(hall.signed_in("clerk").get("/day/marked/1001").status, 403);
    assert!(
        desk.page("/day/doubles")
            .contains("По сдавшим участкам таких нет.")
    );
    assert!(
        desk.page("/day/precinct/1001?lang=en")
            .contains("Signatures on paper")
    );
}

/// A spare that the package does not name: its journal is taken with its grant and counted, refused without, and a
/// grant by one officer is refused by its reason.
#[test]
fn a_granted_spares_journal_is_taken_with_its_grant() {
    let hall = Hall::full();
    let manifest = manifest(&hall, 1001, lines(&hall, 1001));
    certify(&hall, &[&manifest]);
    let id = id_all(subject(DocumentType::PackageManifest), &encode(&manifest));
    let grant = KitGrant {
        suite: "kg1".to_owned(),
        election: ELECTION,
        precinct: 1001,
        package: id.0.into(),
        kit: KitEntry {
            point: key("1001 K9").public_key().0.into(),
            name: "K9".to_owned(),
            from: 1,
            to: 0,
        },
        ephemeral: [0; 65].into(),
        wrap: [0; 40].into(),
        reason: "KIT_LOST".to_owned(),
        made_at: opens(&hall),
        not_before: opens(&hall) - 86_400_000_000,
        not_after: opens(&hall) + 86_400_000_000,
    };
    let cards = [1, 2].map(|n| key(&format!("1001 officer {n}")));
    let signed = grant.sign(&[&cards[0], &cards[1]]).unwrap();
    let mut one = Kit::admitting(&hall, &manifest, "K1", &signed).open();
    let mut nine = Kit::admitting(&hall, &manifest, "K9", &signed).open();
    let ask = GrantAsk {
        from: nine.key.kid(),
        line: 5,
        request: nine.book.request_number(nine.at(60)),
    };
    let GrantAnswer::Give(draft) = one.book.grant(ask, one.at(60)) else {
        panic!("line 5 is free")
    };
    let given = one.write(draft);
    nine.learn(&given);
    nine.serve(5, 70);
    let take = |files: &[(&str, &[u8])]| {
        let files = files.iter();
        let files: Vec<_> = files
            .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()))
            .collect();
        receive_files(&hall.store, &hall.law, "test", &files).unwrap()
    };
    let alone = grant.sign(&[&cards[0]]).unwrap();
    let found = take(&[("K9.journal", &nine.journal), ("K9.grant", &alone)]);
    let codes: Vec<_> = found
        .refused
        .iter()
        .map(|(name, why)| (name.as_str(), why.code()))
        .collect();
    assert_eq!(codes, [("K9.grant", "grant"), ("K9.journal", "event")]);
    // Together, in whatever order; a second time they are known.
    let found = take(&[("K9.journal", &nine.journal), ("K9.grant", &signed)]);
    assert_eq!(
        (found.kept, found.refused.len()),
        (2, 0),
        "{:?}",
        found.refused
    );
    let found = take(&[("K9.grant", &signed), ("K9.journal", &nine.journal)]);
    assert_eq!((found.kept, found.known), (0, 2));
    let roll = hall.signed_in("registrar").page("/day/marked/1001");
    assert_eq!(roll.matches("пришёл").count(), 1, "{roll}");
}

#[test]
fn changed_foreign_and_half_signed_files_are_refused_by_reason() {
    let hall = Hall::full();
    let manifest = manifest(&hall, 1001, 60);
    certify(&hall, &[&manifest]);
    let mut kit = Kit::of(&hall, &manifest, "K1").open();
    kit.serve(3, 60);
    kit.close();
    let check = |bytes: Vec<u8>, code: &str| {
        let files = [("file".to_owned(), bytes)];
        let found = receive_files(&hall.store, &hall.law, "test", &files).unwrap();
        let codes: Vec<&str> = found.refused.iter().map(|(_, why)| why.code()).collect();
        assert_eq!(codes, [code]);
        assert_eq!((found.kept, found.known), (0, 0));
        found.refused.into_iter().next().unwrap().1
    };
    check(b"no journal".to_vec(), "unreadable");
    // One bit of the second event, its frame mended: the signature tells.
    let frames = lexicon::handover::event::unframe(&kit.journal);
    let mut second = frames.events[1].to_vec();
    let last = second.len() - 1;
    second[last] ^= 1;
    let mut forged = frame(frames.events[0]);
    forged.extend(frame(&second));
    let refused = check(forged, "event");
    assert!(
        matches!(refused, DayRefused::Event { number: 2, .. }),
        "{refused:?}"
    );
    let mut damaged = kit.journal.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    check(damaged, "damaged");
    let made = kit
        .book
        .report(ReportKind::Final, 1, 3, kit.at(12 * 3600 + 60))
        .unwrap();
    let sign = |report, signers: &[&dyn Signer]| {
        sign_all(subject(DocumentType::Report), &encode(report), signers).unwrap()
    };
    check(sign(&made, &[&kit.key, &kit.cards[0]]), "report");
    check(sign(&made, &[&kit.cards[0], &kit.cards[1]]), "report");
    let mut wrong = made.clone();
    wrong.counted += 1;
    check(
        sign(&wrong, &[&kit.key, &kit.cards[0], &kit.cards[1]]),
        "report",
    );
    let days = hall.store.read("days", |tx| tx.day_precincts()).unwrap();
    assert!(days.is_empty(), "nothing was kept: {days:?}");
    // Beside a good file a bad one of the same precinct does not stop it.
    let files = [
        ("good".to_owned(), kit.journal.clone()),
        ("bad".to_owned(), sign(&wrong, &[&kit.key])),
    ];
    let found = receive_files(&hall.store, &hall.law, "test", &files).unwrap();
    assert_eq!((found.kept, found.refused.len()), (1, 1));
}

#[test]
fn one_record_and_two_records_with_one_pin_that_count_in_two_precincts_are_found() {
    let hall = Hall::full();
    let sharing = hall
        .store
        .read("pins", |tx| tx.persons_sharing_a_pin())
        .unwrap();
    let pair: Vec<PersonId> = sharing
        .iter()
        .filter(|(group, _)| *group == 1)
        .map(|(_, person)| *person)
        .collect();
    assert!(pair.len() > 1, "{sharing:?}");
    let (once, twice) = (hall::person("g7"), hall::person("g8"));
    let mark = |line, person| DayMark {
        line,
        kit: "K1".to_owned(),
        at: Instant::from_micros(opens(&hall)),
        method: Method::Finger,
        person: Some(person),
    };
    let day = |precinct| DayPrecinct {
        precinct: PrecinctCode::new(precinct).unwrap(),
        edition: 0,
        release: 2,
        lines: 60,
        lines_per_page: 25,
        counted: 3,
        is_whole: false,
        reported: None,
    };
    let record = |precinct, marks: &[DayMark]| {
        hall.store
            .transact("day", "test", |tx| {
                tx.record_day_precinct(&day(precinct), &[], marks, &[])
            })
            .unwrap();
    };
    record(1001, &[mark(1, once), mark(2, twice), mark(3, pair[0])]);
    // An earlier edition does not stand: what it said of line 9 is gone from the figures, not from the store.
    record(1002, &[mark(9, once)]);
    record(1002, &[mark(4, twice), mark(5, pair[1])]);
    let page = hall.signed_in("commission").page("/day/doubles");
    sane("/day/doubles", &page);
    assert_eq!(page.matches("одна запись").count(), 1, "{page}");
    assert_eq!(page.matches("один ПИН").count(), 1, "{page}");
    assert!(
        page.contains("строка 5") && !page.contains("строка 9"),
        "{page}"
    );
}

/// S-37 at the centre. Power fails at noon, the chair closes precinct 1001, its running report is handed in: the page names
/// it and the command that makes a decision. A decision that holders of the commission above signed is taken and carried
/// on; one that is damaged, signed by one, for another package or beyond the law's hours is refused in words.
#[test]
fn a_precinct_that_was_closed_at_noon_waits_for_a_decision_and_votes_on() {
    let hall = Hall::full();
    let all = lines(&hall, 1001);
    let mut manifest = manifest(&hall, 1001, all);
    "chair".clone_into(&mut manifest.officers[0].role);
    manifest.policy.second_day = Some(SecondDay {
        by: decided_by::HOLDERS,
        days_max: 14,
        hours_max: 12,
    });
    let holder = |n: u32| OfficerEntry {
        point: key(&format!("holder {n}")).public_key().0.into(),
        role: "holder".to_owned(),
        body: "TEC".to_owned(),
        name: format!("Holder {n}"),
    };
    manifest.break_glass = Some(BreakGlass {
        holders: vec![holder(1), holder(2)],
        k: 2,
        wraps: Vec::new(),
        kinds: None,
    });
    certify(&hall, &[&manifest]);
    let mut one = Kit::of(&hall, &manifest, "K1").open();
    for line in [3, 5, 7] {
        one.serve(line, i64::from(line) * 60);
    }
    let draft = one.book.suspend("POWER", one.at(4 * 3600)).unwrap();
    one.write_by_two(draft);
    let mut desk = hall.signed_in("registrar");
    let before = desk.page("/day/days");
    sane("/day/days", &before);
    assert!(
        before.contains("Раньше времени ни один участок не закрыт."),
        "{before}"
    );
    let noon = one.report(ReportKind::Running, 4 * 3600 + 60);
    let files = [("K1.running-1.cose".to_owned(), noon)];
    let got = receive_files(&hall.store, &hall.law, "registrar", &files).unwrap();
    assert_eq!((got.kept, got.refused.len()), (1, 0), "{got:?}");
    let page = desk.page("/day/days");
    sane("/day/days", &page);
    for said in [
        "закрыт, решения нет",
        "04.10.2015 12:00, отключение света",
        "<b>3</b>",
        "--number 1 --opens &quot;2015-10-05 08:00&quot;",
        "--reason POWER",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }

    let package = id_all(subject(DocumentType::PackageManifest), &encode(&manifest));
    let morning = opens(&hall) + 25 * 3_600_000_000;
    let decision = DayDecision {
        suite: "kg1".to_owned(),
        election: ELECTION,
        precinct: 1001,
        package: package.0.into(),
        number: 1,
        opens: morning,
        closes: morning + 11 * 3_600_000_000,
        reason: "POWER".to_owned(),
        made_at: opens(&hall) + 5 * 3_600_000_000,
    };
    let (a, b) = (key("holder 1"), key("holder 2"));
    let signed = decision.sign(&[&a, &b]).unwrap();
    let spoilt = {
        let mut bytes = signed.clone();
        *bytes.last_mut().unwrap() ^= 1;
        bytes
    };
    let of = |change: &dyn Fn(&mut DayDecision)| {
        let mut other = decision.clone();
        change(&mut other);
        other.sign(&[&a, &b]).unwrap()
    };
    for (bytes, said) in [
        (b"no decision".to_vec(), "Это не решение"),
        (spoilt, "Подписали не те"),
        (decision.sign(&[&a]).unwrap(), "Подписали не те"),
        (of(&|d| d.package = [1; 32].into()), "для другого пакета"),
        (
            of(&|d| d.precinct = 1002),
            "Манифеста пакета этого участка нет",
        ),
        (of(&|d| d.election += 1), "Решение других выборов"),
        (of(&|d| d.closes += 7_200_000_000), "Закон не знает"),
    ] {
        let answer = desk.send_file("/day/days", &bytes);
        assert_eq!(answer.status, 422, "{said}: {}", answer.body);
        sane("/day/days", &answer.body);
        assert!(answer.body.contains(said), "{said}: {}", answer.body);
    }
    let taken = desk.send_file("/day/days", &signed);
    assert_eq!(
        (taken.status, taken.location.as_str()),
        (303, "/day/days?taken=1001"),
        "{}",
        taken.body
    );
    let again = desk.send_file("/day/days", &signed);
    assert_eq!(again.location, "/day/days?known=1");
    let twice = desk.send_file("/day/days", &of(&|d| d.opens += 3_600_000_000));
    assert!(
        twice.body.contains("принято другое решение"),
        "{}",
        twice.body
    );
    let page = desk.page("/day/days");
    assert!(page.contains("есть решение"), "{page}");
    assert!(page.contains("05.10.2015 09:00\u{2013}20:00"), "{page}");
    let hash = lexicon::handover::envelope::hex(&lexicon::handover::envelope::sha256(&signed));
    let file = desk.get(&format!("/day/days/{hash}"));
    assert!(file.headers.contains("1001-day-1.cose"), "{}", file.headers);
    hall.clock
        .0
        .store(morning + 1, std::sync::atomic::Ordering::Relaxed);
    let mut desk = hall.signed_in("registrar");
    assert!(desk.page("/day/days").contains("голосует сейчас"));
    for language in ["ky", "en"] {
        let path = format!("/day/days?lang={language}");
        sane(&path, &desk.page(&path));
    }
}
