//! A rehearsal over HTTP: two days of one precinct, a person who comes on both, corrections that become claims, and
//! what is no rehearsal's.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod hall;

use std::sync::Arc;

use hall::{Chain, Hall, corrections_key, sane};
use keys::{FileKey, KeyRing};
use lexicon::handover::correction::{
    Correction, CorrectionKind, CorrectionText, correction_subject,
};
use lexicon::handover::envelope::{
    DocumentId, DocumentType, PublicKey, Signer, Subject, encode, hex, id_all, sign_all, sign1,
};
use lexicon::handover::event::frame;
use lexicon::handover::folder::bytes;
use lexicon::handover::package::{Exercise, PackageManifest};
use lexicon::{Date, FingerPosition, Instant, Method, PrecinctCode, Purpose, RefusalReason};
use pollbook::{Book, Charter, CheckIn, Draft, Reading, Step, admit};
use store::{Look, PersonPage};

const ONE: u32 = 20_150_907;
const TWO: u32 = 20_150_908;

fn key(label: &str) -> FileKey {
    FileKey::from_seed(b"office rehearsal tests", label)
}

fn opens(day: u32) -> i64 {
    let day = Date::constant(2015, 9, i8::try_from(day % 100).unwrap());
    Instant::at_local(day, 480, 360).micros()
}

fn manifest(day: u32, lines: u32, exercise: Option<Exercise>) -> PackageManifest {
    let kits = vec![hall::manifest::kit("K1", &key("K1"), 1, lines)];
    let officers = hall::manifest::officers(|n| key(&format!("officer {n}")));
    PackageManifest {
        exercise,
        ..hall::manifest::manifest((day, 1001), opens(day), kits, officers)
    }
}

fn subject(day: u32) -> Subject {
    Subject {
        kind: DocumentType::PackageManifest,
        election: day,
    }
}

fn signed(manifest: &PackageManifest) -> Vec<u8> {
    let chain = Chain::new();
    let signers: [&dyn Signer; 2] = [&chain.srs, &chain.cec];
    sign_all(subject(manifest.election), &encode(manifest), &signers).unwrap()
}

/// A kit on one day of the rehearsal.
struct Kit {
    book: Book,
    ring: KeyRing,
    journal: Vec<u8>,
    opens: i64,
    package: DocumentId,
    day: u32,
    corrections: String,
}

impl Kit {
    fn open(manifest: &PackageManifest) -> Self {
        let day = manifest.election;
        let package = DocumentId(id_all(subject(day), &encode(manifest)).0);
        let charter = Arc::new(Charter::new(manifest.clone(), package).unwrap());
        let points = manifest.kits.iter().map(|kit| PublicKey(*kit.point));
        let officers = manifest.officers.iter().map(|o| PublicKey(*o.point));
        let mut kit = Self {
            book: Book::new(charter, key("K1").kid(), Vec::new()),
            ring: KeyRing::of(points.chain(officers)),
            journal: Vec::new(),
            opens: opens(day),
            package,
            day,
            corrections: String::new(),
        };
        let draft = kit.book.open(kit.at(0)).unwrap();
        kit.write_by_two(draft);
        kit
    }

    fn at(&self, seconds: i64) -> Reading {
        Reading {
            wall: Instant::from_micros(self.opens + seconds * 1_000_000),
            steady_micros: u64::try_from(seconds + 1_000).unwrap() * 1_000_000,
        }
    }

    fn write(&mut self, draft: Draft) {
        let signed = draft.sign(&self.book, &key("K1")).unwrap();
        let act = admit(self.book.charter(), &signed, &self.ring).unwrap();
        self.book.merge(act, None);
        self.journal.extend(frame(&signed));
    }

    fn write_by_two(&mut self, draft: Draft) {
        let cards = [1, 2].map(|n| key(&format!("officer {n}")));
        let draft = draft.consented(&[&cards[0], &cards[1]]).unwrap();
        self.write(draft);
    }

    fn serve(&mut self, line: u32, method: Method) {
        let is_finger = method == Method::Finger;
        let act = CheckIn {
            line,
            method,
            finger: FingerPosition::new(2).filter(|_| is_finger),
            attempts: 1,
            score_class: 2,
            reason: if is_finger { "" } else { "FINGERS_UNREADABLE" }.to_owned(),
        };
        let at = self.at(i64::from(line) * 60);
        let Step::Commit(draft) = self.book.check_in(&act, at).unwrap() else {
            panic!("line {line}");
        };
        if is_finger {
            self.write(draft);
        } else {
            self.write_by_two(draft);
        }
    }

    fn absent(&mut self, seconds: i64) {
        let at = self.at(seconds);
        let draft = self.book.refuse(0, RefusalReason::NotHere, None, at);
        self.write(draft);
    }

    fn correct(&mut self, number: u32, line: u32, kind: CorrectionKind, pin: &str, right: &str) {
        let mut correction = Correction {
            suite: "kg1".to_owned(),
            election: self.day,
            precinct: 1001,
            kit: key("K1").kid().0.into(),
            number,
            at: self.opens + 3_600_000_000,
            package: self.package.0.into(),
            line,
            kind,
            ephemeral: [0; 65].into(),
            sealed: bytes(&[]),
        };
        let said = CorrectionText {
            pin: pin.to_owned(),
            right: right.to_owned(),
        };
        let scalar = [u8::try_from(number).unwrap(); 32];
        correction
            .seal(&said, &corrections_key().public_key(), &scalar)
            .unwrap();
        let signed = sign1(
            correction_subject(self.day),
            &encode(&correction),
            &key("K1"),
        )
        .unwrap();
        self.corrections.push_str(&format!(" \n{}\n", hex(&signed)));
    }
}

/// The person of a line, as the register knows them.
/// An office on 10 September, before the last day of corrections.
fn in_time() -> Hall {
    let hall = Hall::full();
    hall.clock.pass(-16 * 24 * 60);
    hall
}

fn person(hall: &Hall, line: u32) -> PersonPage {
    let code = PrecinctCode::new(1001).unwrap();
    let lines = hall
        .store
        .read("lines", |tx| tx.line_persons(2, code))
        .unwrap();
    let (_, person) = lines.into_iter().find(|(known, _)| *known == line).unwrap();
    let look = Look {
        staff: "test",
        purpose: Purpose::Serve,
        reason: "",
    };
    hall.store.open_person(look, person).unwrap().unwrap()
}

/// Story: day one, line 1 by finger, line 2 by PIN, one who is not listed; day two, line 1 again and line 3. Expect:
/// five visits of two days, four of them on a line, three persons; a wrong surname is a claim under the moment at which
/// it was said; nobody is struck on another's word; the same files again change nothing.
#[test]
fn two_days_are_counted_as_visits_and_persons_and_corrections_become_claims() {
    let hall = in_time();
    let code = PrecinctCode::new(1001).unwrap();
    let all = hall
        .store
        .read("lines", |tx| tx.line_persons(2, code))
        .unwrap();
    let all = u32::try_from(all.len()).unwrap();
    let days = [ONE, TWO].map(|day| manifest(day, all, Some(Exercise::Rehearsal)));
    let mut one = Kit::open(&days[0]);
    one.serve(1, Method::Finger);
    one.serve(2, Method::Document2);
    one.absent(600);
    let known = person(&hall, 2);
    let name = known.state.open(Purpose::Serve).name().unwrap().clone();
    let right = format!("Жаңыфамилиев {} {}", name.given(), name.patronymic());
    one.correct(1, 2, CorrectionKind::Name, "", &right);
    one.correct(2, 5, CorrectionKind::Extra, "", "көчүп кеткен");
    one.correct(3, 0, CorrectionKind::Missing, "20101195000000", "Эч Ким");
    one.correct(
        4,
        2,
        CorrectionKind::Name,
        "",
        &format!("{} {}", name.surname(), name.given()),
    );
    let mut two = Kit::open(&days[1]);
    two.serve(1, Method::Finger);
    two.serve(3, Method::Finger);

    let mut desk = hall.signed_in("registrar");
    sane("/rehearsal", &desk.page("/rehearsal"));
    let early = desk.send_file("/rehearsal", &one.journal);
    assert_eq!(early.status, 422);
    assert!(
        early.body.contains("Манифеста этого участка нет"),
        "{}",
        early.body
    );
    for file in [
        signed(&days[0]),
        signed(&days[1]),
        one.journal.clone(),
        two.journal.clone(),
        one.corrections.clone().into_bytes(),
    ] {
        let taken = desk.send_file("/rehearsal", &file);
        assert_eq!(taken.location, "/rehearsal?taken=1", "{}", taken.body);
    }
    let page = desk.page("/rehearsal");
    sane("/rehearsal", &page);
    assert!(
        page.contains("Посещений с найденной строкой: 4, разных людей: 3"),
        "{page}"
    );
    let csv = desk.page("/rehearsal/table/days");
    for row in [
        "date,precincts,voters_came,by_fingerprint,by_pin,not_in_list,failures",
        "2015-09-07,1,3,1,1,1,0",
        "2015-09-08,1,2,2,0,0,0",
        "TOTAL,1,5,3,1,1,0",
    ] {
        assert!(
            csv.lines()
                .any(|line| line.trim_start_matches('\u{feff}') == row),
            "{row}: {csv}"
        );
    }
    let regions = desk.page("/rehearsal/table/regions");
    assert!(
        regions.lines().any(|line| line.ends_with(",1,5,3,1,1,0")),
        "{regions}"
    );
    let ages = desk.page("/rehearsal/table/ages");
    assert!(
        ages.contains(",<10,") && !ages.lines().any(|line| line.ends_with(",1,1")),
        "{ages}"
    );
    for words in [
        "подано заявление",
        "рассмотрит человек",
        "в реестре такой человек не найден",
        "в реестре уже так",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let claims = person(&hall, 2).claims;
    let filed: Vec<_> = claims
        .open(Purpose::Serve)
        .iter()
        .filter(|claim| claim.value == "Жаңыфамилиев")
        .collect();
    assert_eq!(filed.len(), 1);
    assert_eq!(filed[0].field, "surname");
    assert_eq!(
        filed[0].filed.micros(),
        one.opens + 3_600_000_000,
        "when it was said"
    );
    // Again: known, nothing twice.
    let again = desk.send_file("/rehearsal", one.corrections.as_bytes());
    assert_eq!(again.location, "/rehearsal?taken=1");
    assert_eq!(
        person(&hall, 2).claims.open(Purpose::Serve).len(),
        claims.open(Purpose::Serve).len()
    );
    // A longer copy of the journal counts the day anew.
    two.serve(2, Method::Finger);
    desk.send_file("/rehearsal", &two.journal);
    assert!(
        desk.page("/rehearsal")
            .contains("Посещений с найденной строкой: 5, разных людей: 3")
    );
    assert!(
        desk.page("/rehearsal?lang=en")
            .contains("Visits with a line found: 5")
    );
    assert!(
        desk.page("/rehearsal?lang=ky")
            .contains("Тизмени текшерүү күндөрү")
    );
    // Nothing of it is election day.
    assert!(!desk.page("/day").contains("/day/precinct/1001"));
}

#[test]
fn what_is_no_rehearsals_is_refused() {
    let hall = Hall::full();
    let mut desk = hall.signed_in("registrar");
    let mut refused = |file: &[u8], words: &str| {
        let answer = desk.send_file("/rehearsal", file);
        assert_eq!(answer.status, 422, "{words}");
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
    };
    refused(b"nothing", "не журнал и не отчёт");
    // An election's manifest, a training's, one that a single institution signed.
    refused(&signed(&manifest(ONE, 60, None)), "не журнал и не отчёт");
    let training = PackageManifest {
        election: 1,
        ..manifest(ONE, 60, Some(Exercise::Training))
    };
    refused(&signed(&training), "не журнал и не отчёт");
    let rehearsal = manifest(ONE, 60, Some(Exercise::Rehearsal));
    let chain = Chain::new();
    let alone = sign_all(
        subject(ONE),
        &encode(&rehearsal),
        &[&chain.srs as &dyn Signer],
    )
    .unwrap();
    refused(&alone, "не журнал и не отчёт");
    let kit = Kit::open(&rehearsal);
    let mut changed = kit.journal.clone();
    desk_takes(&hall, &signed(&rehearsal));
    *changed.last_mut().unwrap() ^= 1;
    let mut desk = hall.signed_in("registrar");
    assert_eq!(desk.send_file("/rehearsal", &changed).status, 422);
    assert_eq!(
        desk.send_file("/day", &kit.journal).status,
        422,
        "no election day"
    );
    assert_eq!(
        hall.signed_in("clerk")
            .send_file("/rehearsal", &kit.journal)
            .status,
        403
    );
    assert_eq!(
        desk.send_file("/rehearsal", &kit.journal).location,
        "/rehearsal?taken=1"
    );
}

fn desk_takes(hall: &Hall, file: &[u8]) {
    let taken = hall.signed_in("registrar").send_file("/rehearsal", file);
    assert_eq!(taken.location, "/rehearsal?taken=1", "{}", taken.body);
}

/// Story: three corrections wait for a person: *should not be on it*, an address in words, a birth date that makes a child. A
/// clerk opens each: the address becomes a claim for the house that the clerk found, the neighbour's word is refused with its
/// reason and next step, the child's date goes to the registrar, whose word only is asked then. Expect: each has its one end,
/// the claim bears the moment of the rehearsal, every look is recorded, and what was said stands on no other page.
#[test]
fn what_waits_for_a_person_is_opened_and_decided() {
    let hall = in_time();
    let code = PrecinctCode::new(1001).unwrap();
    let lines = hall
        .store
        .read("lines", |tx| tx.line_persons(2, code))
        .unwrap();
    let all = u32::try_from(lines.len()).unwrap();
    let day = manifest(ONE, all, Some(Exercise::Rehearsal));
    let mut kit = Kit::open(&day);
    kit.serve(2, Method::Finger);
    kit.serve(3, Method::Finger);
    kit.correct(1, 5, CorrectionKind::Extra, "", "көчүп кеткен кошуна");
    kit.correct(
        2,
        2,
        CorrectionKind::Address,
        "",
        "Көк-Жар, аптеканын жанында",
    );
    kit.correct(3, 3, CorrectionKind::Born, "", "05.05.2009");
    let mut registrar = hall.signed_in("registrar");
    for file in [
        signed(&day),
        kit.journal.clone(),
        kit.corrections.clone().into_bytes(),
    ] {
        assert_eq!(
            registrar.send_file("/rehearsal", &file).location,
            "/rehearsal?taken=1"
        );
    }
    let mut clerk = hall.signed_in("clerk");
    let list = clerk.page("/rehearsal");
    sane("/rehearsal", &list);
    assert!(list.contains("3 ждут решения"), "{list}");
    let rows = hall
        .store
        .read("all", |tx| tx.rehearsal_corrections())
        .unwrap();
    let url = |number: u32| {
        let row = rows.iter().find(|row| row.number == number).unwrap();
        format!("/rehearsal/correction/{}", row.id)
    };
    let texts = ["көчүп кеткен", "аптеканын жанында", "05.05.2009"];
    for (number, text) in (1..).zip(texts) {
        assert!(list.contains(&url(number)) && !list.contains(text));
        let page = clerk.page(&url(number));
        sane(&url(number), &page);
        assert!(page.contains(text), "{text}: {page}");
    }
    assert_eq!(hall.signed_in("commission").get(&url(1)).status, 403);
    let looks = hall.store.read("reads", |tx| {
        tx.count_reads("clerk", Instant::from_micros(0))
    });
    assert!(looks.unwrap() >= 6, "each text and each person");

    // Claims of the person of a line that were filed here.
    let own = |line| {
        let claims = person(&hall, line).claims.open(Purpose::Serve).clone();
        let of_desk = claims
            .into_iter()
            .filter(|claim| claim.claim.starts_with('D'));
        of_desk.collect::<Vec<_>>()
    };
    // The neighbour's word: refused, with a reason.
    let without = clerk.post(&url(1), &[("do", "refuse"), ("reason", "")]);
    assert_eq!(without.status, 422);
    assert!(
        without.body.contains("Выберите причину"),
        "{}",
        without.body
    );
    let refused = clerk.post(&url(1), &[("do", "refuse"), ("reason", "NO_GROUND")]);
    assert_eq!(refused.location, url(1), "{}", refused.body);
    let page = clerk.page(&url(1));
    assert!(
        page.contains("NO_GROUND") && !page.contains(texts[0]),
        "sealed again: {page}"
    );
    clerk.post(&url(1), &[("do", "claim"), ("wish", "exclusion")]);
    assert!(own(5).is_empty(), "what was refused becomes no claim");

    // The address: words are no house; then the house that the clerk found.
    let words = [("do", "claim"), ("wish", "address"), ("value", texts[1])];
    let unread = clerk.post(&url(2), &words);
    assert_eq!(unread.status, 422);
    assert!(unread.body.contains("UNREADABLE_VALUE"), "{}", unread.body);
    let house = [("do", "claim"), ("wish", "address"), ("value", "GA8")];
    for _ in 0..2 {
        assert_eq!(clerk.post(&url(2), &house).location, url(2));
    }
    let of_line = own(2);
    let [claim] = &of_line[..] else {
        panic!("{} claims", of_line.len())
    };
    assert_eq!(
        (claim.field.as_str(), claim.value.as_str()),
        ("address", "GA8")
    );
    assert_eq!(claim.filed.micros(), opens(ONE) + 3_600_000_000);
    assert!(clerk.page(&url(2)).contains(&claim.claim));

    // The child's date: the clerk asks the registrar, and cannot decide any more.
    let sent = clerk.post(&url(3), &[("do", "registrar")]);
    assert_eq!(sent.location, url(3), "{}", sent.body);
    let closed = clerk.page(&url(3));
    assert!(!closed.contains(texts[2]) && closed.contains("Откроет регистратор"));
    let denied = clerk.post(&url(3), &[("do", "refuse"), ("reason", "NO_GROUND")]);
    assert_eq!(denied.status, 403);
    let open = registrar.page(&url(3));
    assert!(open.contains(texts[2]), "{open}");
    let done = registrar.post(&url(3), &[("do", "refuse"), ("reason", "UNREADABLE_VALUE")]);
    assert_eq!(done.location, url(3), "{}", done.body);

    let list = registrar.page("/rehearsal");
    sane("/rehearsal", &list);
    assert!(!list.contains("ждут решения") && list.contains(&claim.claim));
    for text in texts {
        assert!(!list.contains(text), "{text}");
    }
    let decisions = hall
        .store
        .read("d", |tx| tx.correction_decisions())
        .unwrap();
    assert_eq!(decisions.len(), 4, "{decisions:?}");
    hall.store
        .read("v", |tx| tx.verify_journal(store::Journal::Electoral))
        .unwrap();
}

/// What was said in time and comes in, or is decided, after the last day is named as late, with the next step: it never
/// enters the list under the day on which it was said.
#[test]
fn what_comes_after_the_last_day_is_late_whenever_it_was_said() {
    let hall = in_time();
    let code = PrecinctCode::new(1001).unwrap();
    let lines = hall
        .store
        .read("lines", |tx| tx.line_persons(2, code))
        .unwrap();
    let all = u32::try_from(lines.len()).unwrap();
    let days = [ONE, TWO].map(|day| manifest(day, all, Some(Exercise::Rehearsal)));
    let mut one = Kit::open(&days[0]);
    one.serve(2, Method::Finger);
    one.correct(1, 2, CorrectionKind::Address, "", "Көк-Жар");
    let mut two = Kit::open(&days[1]);
    two.serve(3, Method::Finger);
    let known = person(&hall, 3);
    let name = known.state.open(Purpose::Serve).name().unwrap().clone();
    let right = format!("Жаңыфамилиев {} {}", name.given(), name.patronymic());
    two.correct(1, 3, CorrectionKind::Name, "", &right);
    let mut registrar = hall.signed_in("registrar");
    let send = |browser: &mut hall::Browser, day: &PackageManifest, kit: &Kit| {
        for file in [
            signed(day),
            kit.journal.clone(),
            kit.corrections.clone().into_bytes(),
        ] {
            let sent = browser.send_file("/rehearsal", &file);
            assert_eq!(sent.location, "/rehearsal?taken=1");
        }
    };
    send(&mut registrar, &days[0], &one);
    // 20 September: the last day was yesterday.
    hall.clock.pass(10 * 24 * 60);
    let mut registrar = hall.signed_in("registrar");
    send(&mut registrar, &days[1], &two);
    let rows = hall
        .store
        .read("all", |tx| tx.rehearsal_corrections())
        .unwrap();
    let of = |line: u32| rows.iter().find(|row| row.line == line).unwrap();
    assert_eq!(of(3).outcome, "after_deadline");
    let own = |line| {
        let claims = person(&hall, line).claims.open(Purpose::Serve).clone();
        claims.into_iter().any(|c| c.claim.starts_with('D'))
    };
    assert!(!own(3), "nothing enters under the day on which it was said");
    let said = &lexicon::Texts::kg().unwrap().claim["AFTER_DEADLINE"];
    let next = said.next.get(lexicon::Language::Ru).to_owned();
    let list = registrar.page("/rehearsal");
    sane("/rehearsal", &list);
    assert!(list.contains(&next), "{list}");
    let url = format!("/rehearsal/correction/{}", of(2).id);
    let house = [("do", "claim"), ("wish", "address"), ("value", "GA8")];
    let late = registrar.post(&url, &house);
    assert_eq!(late.status, 422);
    assert!(late.body.contains("AFTER_DEADLINE") && late.body.contains(&next));
    assert!(!own(2));
    let refuse = [("do", "refuse"), ("reason", "AFTER_DEADLINE")];
    assert_eq!(registrar.post(&url, &refuse).location, url);
}
