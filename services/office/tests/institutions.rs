//! Lists of institutions over HTTP and by key: each row a Form 2 of its category, the rest refused by line, people told.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod hall;

use batch::folder::Trust;
use hall::{Hall, folder, person, sane};
use keys::{FileKey, KeyRing};
use lexicon::PrecinctCode;
use office::institutions::{InstitutionsError, open_signed, receive, sign};
use store::import::{self, Options};
use store::{Look, Store};

/// An office on 10 September with its first list received, a hospital and a unit.
fn early() -> Hall {
    let hall = Hall::without_list();
    let chain = hall::Chain::new();
    office::receive_roll(&hall.store, &hall.roll, chain.source(&hall.law)).unwrap();
    hall.clock.pass(-16 * 24 * 60);
    let more = hall.dir.path().join("more");
    std::fs::create_dir(&more).unwrap();
    let place = "jalal_abad,41703410000010,Оорукана,Больница,73.0,40.9";
    let text = format!(
        "precinct,kind,region,soate,address_ky,address_ru,lon,lat\n1801,hospital,{place}\n1802,military,{place}\n"
    );
    std::fs::write(more.join("precincts.csv"), text).unwrap();
    // A folder without persons is none.
    std::fs::copy(
        hall.dir.path().join("import/persons.csv"),
        more.join("persons.csv"),
    )
    .unwrap();
    import::folder(&hall.store, &more, &Options::default(), &mut |_| {}).unwrap();
    hall
}

fn surname(n: usize) -> &'static str {
    folder::SURNAMES[n % folder::SURNAMES.len()]
}

fn born(n: usize) -> String {
    format!("{}-01-09", 1950 + n % 40)
}

const HEAD: &str = "precinct,category,letter,pin,surname,birth_date\n";

fn row(precinct: u16, category: &str, n: usize) -> String {
    let (pin, surname, born) = (folder::pin(n), surname(n), born(n));
    format!("{precinct},{category},№ 14 от 10.09.2015,{pin},{surname},{born}\n")
}

fn refused(store: &Store, edition: u32) -> Vec<(u64, String, String)> {
    let rows = store
        .read("r", |tx| tx.institution_refused(edition))
        .unwrap();
    rows.into_iter()
        .map(|row| (row.line, row.field, row.reason))
        .collect()
}

#[test]
fn a_hospitals_list_moves_its_patients_and_names_every_row_that_it_does_not() {
    let hall = early();
    let mut clerk = hall.signed_in("clerk");
    let page = clerk.page("/institutions");
    sane("/institutions", &page);
    assert!(
        page.contains("22 сентября 2015") && page.contains("в больнице"),
        "the law's own table"
    );
    let other = row(1801, "hospital", 42).replace(surname(42), "Эсенов");
    let turned = row(1801, "hospital", 43).replace(&born(43), "1951-11-11");
    let file = [
        HEAD.to_owned(),
        row(1801, "hospital", 40),
        row(1802, "military", 41),
        other,
        turned,
        row(1801, "hospital", 40),
        row(1002, "hospital", 44),
        row(1801, "military", 45),
        row(1801, "ordinary", 46),
        row(1801, "hospital", 47).replace("№ 14 от 10.09.2015", ""),
        row(1801, "hospital", 48).replace(&folder::pin(48), "20901195099999"),
        row(1801, "hospital", 49).replace(&folder::pin(49), "123"),
        row(1801, "hospital", 50).replace("1801", "больница"),
        row(9099, "hospital", 51),
    ]
    .concat();
    let sent = clerk.send_file("/institutions", file.as_bytes());
    assert_eq!(sent.location, "/institutions/1?taken=1", "{}", sent.body);
    let want = [
        (4, "surname", "name"),
        (5, "birth_date", "name"),
        (6, "pin", "twice"),
        (7, "precinct", "PRECINCT_KIND"),
        (8, "precinct", "PRECINCT_KIND"),
        (9, "category", "NOT_IDENTIFIED"),
        (10, "letter", "letter"),
        (11, "pin", "unknown"),
        (12, "pin", "pin"),
        (13, "precinct", "precinct"),
        (14, "precinct", "NO_SUCH_PRECINCT"),
    ];
    let want = want.map(|(line, field, reason)| (line, field.to_owned(), reason.to_owned()));
    assert_eq!(refused(&hall.store, 1), want);
    let members = hall
        .store
        .read("m", |tx| tx.institution_members(1))
        .unwrap();
    let origin = PrecinctCode::new(1001).ok();
    let of = |n: usize| {
        members
            .iter()
            .find(|m| m.person == person(&folder::row(n)))
            .unwrap()
    };
    assert_eq!(members.len(), 2);
    assert_eq!((of(40).precinct.number(), of(40).origin), (1801, origin));
    assert_eq!((of(41).precinct.number(), of(41).origin), (1802, origin));
    for language in ["ky", "ru", "en"] {
        for path in [
            "/institutions/1",
            "/institutions/1/notices",
            "/institutions",
        ] {
            let page = clerk.page(&format!("{path}?lang={language}"));
            sane(path, &page);
        }
    }
    let told = clerk.page("/institutions/1/notices?lang=ru");
    assert!(told.contains("вы голосуете на участке 1801; из списка участка 1001 вы исключаетесь"));
    assert!(
        told.contains("1801-участокто добуш бересиз"),
        "in Kyrgyz too"
    );
    assert!(
        told.contains("Комиссии участка 1001"),
        "the precinct that they leave is told"
    );
    let rejects = clerk.page("/institutions/1/rejects");
    assert_eq!(rejects.lines().count(), 1 + want.len());
    assert!(!rejects.contains(&folder::pin(42)), "no cell is quoted");
    // The same file again adds nothing.
    let again = clerk.send_file("/institutions", file.as_bytes());
    assert_eq!(again.location, "/institutions/1?again=1");
    // The next list has them in the institution, and no more at home.
    let chain = hall::Chain::new();
    let roll = hall::form(
        &hall.store,
        &hall.law,
        &chain,
        &hall.dir.path().join("next"),
        2,
    );
    let decided = office::receive_roll(&hall.store, &roll, chain.source(&hall.law)).unwrap();
    assert!(decided.is_new);
    let page = hall.signed_in("registrar").page("/list/2/precinct/1801");
    assert!(
        page.contains(&surname(40).to_uppercase()) || page.contains(surname(40)),
        "{page}"
    );
}

// S-25: a list handed over after its last day is refused, row by row, and stands with its reason.
#[test]
fn a_late_list_is_refused_by_its_own_day() {
    let hall = early();
    let mut clerk = hall.signed_in("clerk");
    // 23 September: the hospital's day was yesterday, Form 2 ended on the 19th.
    hall.clock.pass(13 * 24 * 60);
    let mut clerk_later = hall.signed_in("clerk");
    let file = [
        HEAD.to_owned(),
        row(1801, "hospital", 40),
        row(1802, "military", 41),
    ]
    .concat();
    let sent = clerk_later.send_file("/institutions", file.as_bytes());
    assert_eq!(sent.location, "/institutions/1?taken=1");
    let late = |line: u64| (line, "category".to_owned(), "LATE_LIST".to_owned());
    assert_eq!(refused(&hall.store, 1), [late(2), late(3)]);
    let page = clerk_later.page("/institutions/1");
    assert!(page.contains("LATE_LIST"), "{page}");
    let wrong = clerk_later.send_file("/institutions", b"pin,surname\n1,2\n");
    assert_eq!(wrong.status, 422);
    sane("/institutions", &wrong.body);
    let _ = clerk.get("/institutions");
}

#[test]
fn a_list_signed_by_key_is_taken_for_that_key_alone() {
    let hall = early();
    let (head, other) = (
        FileKey::from_seed(b"hospital", "head"),
        FileKey::from_seed(b"hospital", "other"),
    );
    let dir = hall.dir.path().join("handed");
    std::fs::create_dir(&dir).unwrap();
    let file = [HEAD.to_owned(), row(1801, "hospital", 40)].concat();
    std::fs::write(dir.join("list.csv"), &file).unwrap();
    sign(&dir, &hall.law, &head).unwrap();
    let open = |key: &FileKey| {
        let ring = KeyRing::of([head.public_key(), other.public_key()]);
        let trust = Trust {
            verifier: &ring,
            signer: key.public_key().kid(),
            election: hall.law.election.number,
        };
        open_signed(&dir, trust)
    };
    assert!(matches!(open(&other), Err(InstitutionsError::Folder(_))));
    let (bytes, signer) = open(&head).unwrap();
    let look = Look {
        staff: "command",
        purpose: lexicon::Purpose::Serve,
        reason: "",
    };
    let edition = receive(&hall.store, &hall.law, look, (&bytes, &signer)).unwrap();
    let kept = hall
        .store
        .read("e", |tx| tx.institution_editions())
        .unwrap();
    assert_eq!((kept[0].edition, kept[0].taken), (edition, 1));
    assert_eq!(kept[0].signer, head.public_key().kid().hex());
    let again = receive(&hall.store, &hall.law, look, (&bytes, &signer));
    assert!(matches!(again, Err(InstitutionsError::Again(1))));
    std::fs::write(dir.join("list.csv"), file.replace("1801", "1802")).unwrap();
    assert!(matches!(open(&head), Err(InstitutionsError::Folder(_))));
}
