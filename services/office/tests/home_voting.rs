//! Voting at home from the desk to the kits (S-22, S-23): applications, refusals with their next step, withdrawal, the home
//! lists frozen and signed at the law's cut-off, the packages made of them, and what hall and mobile kit say then.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod hall;

use std::collections::BTreeMap;
use std::sync::Arc;

use batch::packages::HomeList;
use batch::{Drawn, PackageTerms, Roster, Station, sign_drawn_by_both, write_packages};
use hall::{Answer, Browser, Chain, Hall, form_then, home_key, person, sane};
use keys::{FileKey, KeyRing};
use lexicon::handover::envelope::{
    DocumentType, PublicKey, Signer as _, Subject, decode, open_all,
};
use lexicon::handover::home_list::{HomeList as Signed, read_rows};
use lexicon::handover::package::{OfficerEntry, PackageManifest, open};
use lexicon::{Date, ElectionLaw, Instant, PersonId, PrecinctCode, RefusalReason};
use pollbook::{Book, Charter, Reading};
use roll::package::KitPlan;
use store::{Journal, ListPlace};

fn key(label: &str) -> FileKey {
    FileKey::from_seed(b"office home tests", label)
}

fn code(number: u16) -> PrecinctCode {
    PrecinctCode::new(number).unwrap()
}

/// Persons of 1001 on the second list with their lines, without those that other tests know by name.
fn listed(hall: &Hall) -> Vec<(u32, PersonId)> {
    let found = hall
        .store
        .read("lines", |tx| tx.line_persons(2, code(1001)));
    found.unwrap()
}

fn path(person: PersonId) -> String {
    format!("/person/{person}/home-voting")
}

fn send(
    browser: &mut Browser,
    who: PersonId,
    key: &str,
    act: &str,
    more: &[(&str, &str)],
) -> Answer {
    let mut fields = vec![
        ("form", key),
        ("do", act),
        ("category", "health"),
        ("place", "Манас көчөсү, 12"),
        ("identified", "1"),
    ];
    fields.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    fields.extend_from_slice(more);
    browser.post(&path(who), &fields)
}

/// Sends what is refused for good: the slip says why and what next.
fn refused(browser: &mut Browser, answer: &Answer, code: &str, next: &str) {
    assert_eq!(answer.status, 303, "{code}: {}", answer.body);
    let slip = browser.page(&answer.location);
    sane(&answer.location, &slip);
    assert!(slip.contains(code) && slip.contains(next), "{code}: {slip}");
    assert!(slip.contains("role=\"alert\""), "{code}");
}

#[test]
fn an_application_is_taken_once_with_its_slip_and_withdrawn() {
    let hall = Hall::full();
    let mut browser = hall.signed_in("clerk");
    let (line, who) = listed(&hall)[0];
    let form = browser.page(&path(who));
    sane(&path(who), &form);
    assert!(form.contains("01.10.2015 23:59"), "the law's last moment");
    assert!(form.contains("осталось 5 дней"));
    assert!(
        form.contains("value=\"1001\""),
        "their own precinct is filled in"
    );
    let checked = send(&mut browser, who, "a", "check", &[("wanted", "1001")]);
    assert_eq!(checked.status, 200, "{}", checked.body);
    assert!(checked.body.contains("По закону препятствий нет"));
    let taken = send(&mut browser, who, "a", "file", &[("wanted", "1001")]);
    assert_eq!(taken.location, "/home-voting/slip/1", "{}", taken.body);
    let slip = browser.page(&taken.location);
    sane(&taken.location, &slip);
    assert!(slip.contains("H0000001") && slip.contains("3 октября 2015"));
    let twice = send(&mut browser, who, "a", "file", &[("wanted", "1001")]);
    assert_eq!(twice.location, "/home-voting/slip/1?again=1");
    let again = send(&mut browser, who, "b", "file", &[("wanted", "1001")]);
    refused(&mut browser, &again, "ALREADY_APPLIED", "сначала отзовите");
    let list = browser.page("/home-voting/precinct/1001");
    sane("/home-voting/precinct/1001", &list);
    assert!(list.contains(&format!("<b>{line}</b>")) && list.contains("Манас көчөсү, 12"));
    // The caller's adviser learns that it stands, not why nor where.
    let mut caller = hall.signed_in("call_centre");
    let seen = caller.page("/home-voting/precinct/1001");
    assert!(seen.contains("H0000001") && !seen.contains("Манас көчөсү, 12"));
    assert!(!seen.contains("состояние здоровья"));
    let back = send(&mut browser, who, "c", "withdraw", &[]);
    assert_eq!(back.location, "/home-voting/slip/3", "{}", back.body);
    assert!(
        browser
            .page(&back.location)
            .contains("приходите на участок")
    );
    let none = send(&mut browser, who, "d", "withdraw", &[]);
    refused(&mut browser, &none, "WITHDRAWN", "Ничего делать не нужно");
    let anew = send(&mut browser, who, "e", "file", &[("wanted", "1001")]);
    assert_eq!(anew.location, "/home-voting/slip/5", "{}", anew.body);
    let overview = browser.page("/home-voting");
    sane("/home-voting", &overview);
    let table = browser.page("/home-voting/table");
    assert!(
        table.contains(&format!("5,1001,{line},apply,health,")),
        "{table}"
    );
    assert!(table.contains("refused,already_applied"), "{table}");
    assert!(!table.contains("Манас"), "no place leaves in the table");
    let written = hall
        .store
        .read("journal", |tx| tx.verify_journal(Journal::Electoral));
    written.unwrap();
}

#[test]
fn what_the_law_does_not_allow_is_refused_with_code_and_next_step() {
    let hall = Hall::full();
    let mut browser = hall.signed_in("clerk");
    let (_, who) = listed(&hall)[0];
    let at = ("wanted", "1001");
    // What the clerk corrects stays on the form and is not kept.
    for (more, code) in [
        (&[at, ("identified", "")][..], "NOT_IDENTIFIED"),
        (&[at, ("place", " ")][..], "NO_PLACE"),
        (&[at, ("category", "rain")][..], "NOT_IN_CATEGORY"),
        (&[("wanted", "школа")][..], "четыре цифры"),
    ] {
        let answer = send(&mut browser, who, "k", "file", more);
        assert_eq!(answer.status, 422, "{code} {}", answer.location);
        sane(&path(who), &answer.body);
        assert!(answer.body.contains(code), "{code}: {}", answer.body);
    }
    let kept = || hall.store.read("w", |tx| tx.home_wishes()).unwrap().len();
    assert_eq!(kept(), 0);
    let other = send(&mut browser, who, "o", "file", &[("wanted", "1002")]);
    refused(
        &mut browser,
        &other,
        "OTHER_PRECINCT",
        "Подайте заявление на участок 1001",
    );
    let dead = send(&mut browser, person("dead"), "d", "file", &[at]);
    refused(&mut browser, &dead, "NOT_ON_LIST", "на странице «Почему»");
    hall.clock.pass(6 * 24 * 60);
    let mut browser = hall.signed_in("clerk");
    let late = send(&mut browser, who, "l", "file", &[at]);
    refused(
        &mut browser,
        &late,
        "AFTER_CUT_OFF",
        "Приходите на участок в день голосования",
    );
    assert!(
        browser.page(&late.location).contains("1 октября 2015"),
        "the law's own day"
    );
    assert_eq!(kept(), 3, "refusals are kept with their reason");
}

/// Kits and officers of every precinct; two hall kits, and the mobile kit M1.
struct Hands(BTreeMap<PrecinctCode, Vec<u32>>);

const MOBILE: &str = "M1";

impl Roster for Hands {
    fn station(&self, precinct: PrecinctCode, _kits: u32) -> Station {
        let point = |label: &str| -> PublicKey { key(&format!("{precinct} {label}")).public_key() };
        let officer = |n: u32| OfficerEntry {
            point: point(&format!("officer {n}")).0.into(),
            role: if n == 1 { "chair" } else { "member" }.to_owned(),
            body: format!("party-{n}"),
            name: format!("Төрага {n}"),
        };
        Station {
            kits: ["K1", "K2", MOBILE]
                .map(|name| (point(name), name.to_owned()))
                .to_vec(),
            officers: (1..=5).map(officer).collect(),
            holders: Vec::new(),
            revoked: Vec::new(),
        }
    }

    fn home(&self, precinct: PrecinctCode) -> HomeList {
        HomeList {
            lines: self
                .0
                .get(&precinct)
                .into_iter()
                .flatten()
                .copied()
                .collect(),
            kits: vec![MOBILE.to_owned()],
        }
    }
}

/// A kit's book of precinct 1001, made of the package as a station opens it.
fn books(out: &std::path::Path, chain: &Chain) -> (Vec<u32>, impl Fn(&str) -> Book + use<>) {
    let folder = out.join("packages");
    let signed = std::fs::read(folder.join("1001.manifest.cose")).unwrap();
    let subject = Subject {
        kind: DocumentType::PackageManifest,
        election: 20_151_004,
    };
    let both = [chain.srs.kid(), chain.cec.kid()];
    let opened = open_all(subject, &signed, &chain.ring, &both).unwrap();
    let manifest: PackageManifest = decode(&opened.payload).unwrap();
    let sealed = std::fs::read(folder.join("1001.package")).unwrap();
    let cards = [1, 2].map(|n| key(&format!("1001 officer {n}")));
    let body = open(&manifest, sealed, &[&cards[0], &cards[1]], &key("1001 K1")).unwrap();
    let home: Vec<u32> = body
        .voters
        .iter()
        .filter(|voter| voter.home)
        .map(|voter| voter.line)
        .collect();
    let charter = Arc::new(Charter::new(manifest, opened.id).unwrap());
    let ring = KeyRing::of(
        ["K1", "K2", MOBILE]
            .iter()
            .map(|name| key(&format!("1001 {name}")).public_key())
            .chain(cards.iter().map(FileKey::public_key)),
    );
    let lines = home.clone();
    let book = move |name: &str| {
        let kit = key(&format!("1001 {name}"));
        let mut book = Book::new(Arc::clone(&charter), kit.kid(), lines.clone());
        let (day, at) = if name == MOBILE { (3, 9) } else { (4, 9) };
        let draft = book.open(reading(day, at)).unwrap();
        let draft = draft.consented(&[&cards[0], &cards[1]]).unwrap();
        let signed = draft.sign(&book, &kit).unwrap();
        book.merge(
            pollbook::admit(book.charter(), &signed, &ring).unwrap(),
            None,
        );
        book
    };
    (home, book)
}

fn reading(day: i8, hour: i64) -> Reading {
    let wall = Instant::at_local(Date::constant(2015, 10, day), hour * 60, 360);
    Reading {
        wall,
        steady_micros: u64::try_from(wall.micros()).unwrap(),
    }
}

/// Story: five of 1001 apply; one withdraws, one dies on the list that is packed (is not on it), one comes a day late.
/// After the cut-off the registrar freezes and signs; the packages are made of the signed file. Expect: exactly the lines
/// that stand are reserved in both hall kits, the mobile kit serves those and nobody else.
#[test]
fn s_22_from_the_desk_to_the_kits() {
    let hall = Hall::full();
    let chain = Chain::new();
    let mut clerk = hall.signed_in("clerk");
    let mut registrar = hall.signed_in("registrar");
    let people: Vec<(u32, PersonId)> = listed(&hall).into_iter().take(5).collect();
    for (at, (line, who)) in people.iter().enumerate().take(4) {
        let filed = send(
            &mut clerk,
            *who,
            &format!("f{at}"),
            "file",
            &[("wanted", "1001")],
        );
        assert_eq!(filed.status, 303, "line {line}: {}", filed.body);
    }
    let back = send(&mut clerk, people[1].1, "back", "withdraw", &[]);
    assert_eq!(back.status, 303);
    let early = registrar.post("/home-voting", &[]);
    assert_eq!(early.status, 422);
    sane("/home-voting", &early.body);
    assert!(early.body.contains("EARLY"), "{}", early.body);
    assert_eq!(registrar.get("/home-voting/signed").status, 404);
    hall.clock.pass(5 * 24 * 60 + 12 * 60);
    let (mut clerk, mut registrar) = (hall.signed_in("clerk"), hall.signed_in("registrar"));
    let late = send(
        &mut clerk,
        people[4].1,
        "late",
        "file",
        &[("wanted", "1001")],
    );
    refused(&mut clerk, &late, "AFTER_CUT_OFF", "Приходите на участок");
    assert_eq!(
        clerk.post("/home-voting", &[]).status,
        403,
        "a clerk does not freeze"
    );
    let frozen = registrar.post("/home-voting", &[]);
    assert_eq!(frozen.location, "/home-voting?frozen=1", "{}", frozen.body);
    let overview = registrar.page(&frozen.location);
    sane(&frozen.location, &overview);
    let file = registrar.page("/home-voting/signed");
    let desk = home_key().public_key();
    let lists = read_rows(&file, 20_151_004, &KeyRing::of([desk]), desk.kid()).unwrap();
    let stand: Vec<u32> = [0, 2, 3].map(|at: usize| people[at].0).to_vec();
    let one: &Signed = &lists[0];
    assert_eq!((lists.len(), one.precinct, &one.lines), (1, 1001, &stand));
    assert_eq!(one.cut_off, roll::home::cut_off(&hall.law).micros());

    let hands = Hands(BTreeMap::from([(code(1001), one.lines.clone())]));
    let dir = tempfile::tempdir().unwrap();
    form_then(
        &hall.store,
        &hall.law,
        &chain,
        dir.path(),
        2,
        |job, formed| {
            assert_eq!(
                formed.release.root, one.root,
                "the lines are of the list that is packed"
            );
            let terms = PackageTerms {
                roster: &hands,
                plan: KitPlan {
                    voters_per_kit: 10_000,
                    kits_min: 2,
                },
                number: 1,
                previous: &BTreeMap::new(),
                not_before: Instant::parse("2015-10-03T00:00:00+06:00").unwrap(),
                not_after: Instant::parse("2015-10-06T00:00:00+06:00").unwrap(),
                rehearsal: None,
                settings: None,
                trust: None,
            };
            let first = write_packages(job, formed, &terms).unwrap();
            let again = write_packages(job, formed, &terms).unwrap();
            assert!(!first.skipped && again.skipped);
            // As many lines and other people is another package.
            let mut others = one.lines.clone();
            others[0] = people[1].0;
            others.sort_unstable();
            let other = Hands(BTreeMap::from([(code(1001), others)]));
            let changed = PackageTerms {
                roster: &other,
                ..terms
            };
            assert!(!write_packages(job, formed, &changed).unwrap().skipped);
            assert!(!write_packages(job, formed, &terms).unwrap().skipped);
            sign_drawn_by_both(&job.place(), Drawn::Packages, [&chain.srs, &chain.cec]).unwrap();
        },
    );
    let (home, book) = books(&dir.path().join("run2"), &chain);
    assert_eq!(home, stand, "the sealed package names them");
    for name in ["K1", "K2"] {
        let mut hall_kit = book(name);
        for (line, _) in &people {
            let said = hall_kit
                .gate(*line, reading(4, 10))
                .err()
                .map(|no| no.reason);
            let is_reserved = said == Some(RefusalReason::HomeReserved);
            assert_eq!(
                is_reserved,
                stand.contains(line),
                "{name} line {line}: {said:?}"
            );
        }
    }
    let mut mobile = book(MOBILE);
    for (line, _) in &people {
        let said = mobile.gate(*line, reading(3, 10)).err().map(|no| no.reason);
        let expected = (!stand.contains(line)).then_some(RefusalReason::HomeOnly);
        assert_eq!(said, expected, "the mobile kit, line {line}");
    }
}

#[test]
fn a_list_without_the_person_lets_an_application_lapse() {
    // The rule is tested at `roll::home`; here only that the office asks the release it freezes, and says so.
    let hall = Hall::full();
    let law: &ElectionLaw = &hall.law;
    let (_, who) = listed(&hall)[0];
    let mut clerk = hall.signed_in("clerk");
    send(&mut clerk, who, "a", "file", &[("wanted", "1001")]);
    let of = |release| {
        let heard = hall
            .store
            .read("heard", |tx| office::home_voting::heard(tx, law, release));
        heard.unwrap().frozen
    };
    assert_eq!(of(2).lines.len(), 1);
    let none = of(9);
    assert!(none.lines.is_empty() && none.fates.len() == 1);
    let decided = hall.store.read("d", |tx| tx.decisions_of(who)).unwrap();
    assert!(matches!(
        decided.last().unwrap().1.place,
        ListPlace::Listed { .. }
    ));
}
