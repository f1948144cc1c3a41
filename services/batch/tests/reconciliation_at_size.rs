//! L-05 at its size: a commission's list of 100,000 rows with exactly the seeded errors of the story. Every difference is
//! classed, nothing is struck without a rule and a record that shows it, and a second run gives the same bytes.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod small;

use std::collections::BTreeMap;
use std::ops::Range;

use batch::form_roll;
use lexicon::handover::snapshot::{
    AddressRow, CivilEventRow, CommissionRow, EnrolmentRow, PersonRow, ResidenceRow, SnapshotTables,
};
use lexicon::{CivilName, Language, NameParts, Pin, ReconciliationClass as Class, Sex, Texts};
use roll::reconcile::{Act, reconcile};
use small::{Run, Scratch, law, person, pin, tables_of};

const ROWS: usize = 100_000;
const PERSONS: usize = 99_650;

// Who bears which error; each person at most one.
const DUPLICATE: Range<usize> = 0..500;
const DEAD: Range<usize> = 500..800;
const MOVED: Range<usize> = 800..1_200;
const WRONG_PIN: Range<usize> = 1_200..1_450;
const SPELLED: Range<usize> = 1_450..1_650;
const MISSING: Range<usize> = 1_650..1_800;
const NOT_ENROLLED: Range<usize> = 1_800..1_900;
/// Fifty pairs of two people with one PIN.
const SHARED: Range<usize> = 1_900..2_000;
const TWO_PINS: Range<usize> = 2_000..2_050;

const SYLLABLES: [&str; 20] = [
    "ба", "бе", "да", "ды", "жа", "жы", "ка", "кы", "ма", "ны", "ра", "ры", "са", "сы", "та", "ты",
    "ша", "шы", "ала", "эрк",
];

/// Surname and given name; no two people of one birth date share both.
fn name(n: usize) -> (String, String) {
    let of = |part: usize| SYLLABLES[n / 20usize.pow(u32::try_from(part).unwrap()) % 20];
    let first = if SPELLED.contains(&n) {
        "Үсөң"
    } else {
        "Асан"
    };
    (
        format!("{first}{}{}ова", of(0), of(1)),
        format!("Ай{}{}", of(2), of(3)),
    )
}

fn born(n: usize) -> String {
    format!("{}-05-{:02}", 1950 + n % 40, 1 + n % 28)
}

fn pin_of(n: usize) -> String {
    pin(if SHARED.contains(&n) { n - n % 2 } else { n })
}

fn record(n: usize, id: usize, pin: &str) -> PersonRow {
    let (surname, given) = name(n);
    let parts = NameParts {
        surname: &surname,
        given: &given,
        patronymic: "",
    };
    PersonRow {
        person: person(id),
        pin: Some(Pin::from_stored(pin.parse().unwrap())),
        name: CivilName::parse(parts).unwrap(),
        sex: if n.is_multiple_of(2) {
            Sex::Female
        } else {
            Sex::Male
        },
        born: born(n).parse().unwrap(),
        citizenship: "KGZ".to_owned(),
        standing: if NOT_ENROLLED.contains(&n) {
            "none"
        } else {
            "unique"
        }
        .to_owned(),
        duplicate_of: None,
        died: None,
        pin_conflict: SHARED.contains(&n),
    }
}

fn add_person(t: &mut SnapshotTables, n: usize) {
    t.persons.push(record(n, n, &pin_of(n)));
    t.addresses.push(AddressRow {
        address: format!("a{n}"),
        soate: "41711000000000".parse().unwrap(),
        street: "s1".to_owned(),
        street_name: "Манас көчөсү".to_owned(),
        house: (n + 1).to_string(),
        lon_microdegrees: 0,
        lat_microdegrees: 0,
    });
    t.residences.push(ResidenceRow {
        person: person(n),
        address: format!("a{n}"),
        kind: "residence".to_owned(),
        from: "2010-01-01".parse().unwrap(),
        until: None,
    });
    if !NOT_ENROLLED.contains(&n) {
        t.enrolments.push(EnrolmentRow {
            enrolment: format!("e{n}"),
            person: person(n),
            captured: "2014-12-01".parse().unwrap(),
            processed: Some("2014-12-20".parse().unwrap()),
            region: "bishkek".to_owned(),
        });
    }
    if DEAD.contains(&n) {
        t.civil_events.push(CivilEventRow {
            event: format!("ev{n}"),
            person: person(n),
            kind: "death".to_owned(),
            date: "2013-03-01".parse().unwrap(),
            act: format!("№ {n}"),
            surname: String::new(),
            given: String::new(),
            patronymic: String::new(),
        });
    }
    if TWO_PINS.contains(&n) {
        // A second record of the same human, by the verdict; the commission has its number.
        let id = PERSONS + n - TWO_PINS.start;
        let mut second = record(n, id, &pin(id));
        second.standing = "duplicate".to_owned();
        second.duplicate_of = Some(person(n));
        t.persons.push(second);
    }
}

/// The commission's row of a person, with their error, and what it must be classed as.
fn row(n: usize) -> (CommissionRow, &'static str) {
    let (mut surname, given) = name(n);
    let (mut pin, mut house) = (pin_of(n), n + 1);
    let class = if DUPLICATE.contains(&n) {
        "duplicate"
    } else if DEAD.contains(&n) {
        "dead"
    } else if MOVED.contains(&n) {
        house += 2;
        "moved"
    } else if WRONG_PIN.contains(&n) {
        pin.replace_range(..1, "1");
        "pin_corrected"
    } else if SPELLED.contains(&n) {
        surname = surname.replace("Үсөң", "Усон");
        "renamed"
    } else if NOT_ENROLLED.contains(&n) {
        "no_biometrics"
    } else if SHARED.contains(&n) {
        "shared_pin"
    } else if TWO_PINS.contains(&n) {
        pin = small::pin(PERSONS + n - TWO_PINS.start);
        "two_pins"
    } else {
        "same"
    };
    let row = CommissionRow {
        row: format!("r{n:06}"),
        pin,
        surname,
        given,
        patronymic: String::new(),
        born: born(n),
        address: format!("Бишкек, Манас көч., {house}"),
        precinct: if n.is_multiple_of(2) { "1001" } else { "1002" }.to_owned(),
    };
    (row, class)
}

/// The country, and the expected class of each row by its id.
fn country() -> (SnapshotTables, BTreeMap<String, &'static str>) {
    let base = tables_of(0);
    let mut t = SnapshotTables {
        precincts: base.precincts,
        boundaries: base.boundaries,
        ..SnapshotTables::default()
    };
    let mut expected = BTreeMap::new();
    for n in 0..PERSONS {
        add_person(&mut t, n);
        if MISSING.contains(&n) {
            continue;
        }
        let (row, class) = row(n);
        expected.insert(row.row.clone(), class);
        if class == "duplicate" {
            let mut again = row.clone();
            again.row = format!("s{n:06}");
            expected.insert(again.row.clone(), class);
            t.commission.push(again);
        }
        t.commission.push(row);
    }
    assert_eq!(t.commission.len(), ROWS);
    (t, expected)
}

#[test]
fn l_05_every_seeded_error_is_classed_nothing_is_struck_without_a_record_and_a_rerun_is_the_same() {
    let (tables, expected) = country();
    let snapshot = roll::SnapshotBuilder::tables(&tables).unwrap();
    let law = law();
    let formed = roll::form(&snapshot, &law).unwrap();
    let found = reconcile(&snapshot, &formed, &law);
    assert_eq!(found.rows.len(), ROWS);
    let texts = Texts::kg().unwrap();
    // truth, given, both
    let mut fits: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
    for (at, reconciled) in found.rows.iter().enumerate() {
        let id = snapshot.commission.get(at).row;
        let truth = expected[id];
        fits.entry(truth).or_default().0 += 1;
        assert!(
            reconciled.classes.iter().next().is_some(),
            "{id} has no class"
        );
        for class in reconciled.classes.iter() {
            let fit = fits.entry(class.code()).or_default();
            fit.1 += 1;
            fit.2 += u64::from(class.code() == truth);
            // What would take a row off the list names its rule and the record that shows it.
            if Act::of(class) == Act::Strike {
                let shown = format!("{}=civil_events/ev", class.code());
                assert!(
                    reconciled.evidence.contains(&shown),
                    "{id}: {}",
                    reconciled.evidence
                );
            }
            let said = &texts.reconciliation[class.code()].sentence;
            for language in ["ky", "ru", "en"] {
                let sentence = said.get(Language::from_tag(language).unwrap());
                assert_eq!(
                    sentence.matches(['.', '!', '?']).count(),
                    1,
                    "{class:?}: {sentence}"
                );
            }
        }
        let struck = reconciled
            .classes
            .iter()
            .any(|class| Act::of(class) == Act::Strike);
        assert_eq!(struck, truth == "dead", "{id}");
    }
    let new = found.new.len() as u64;
    fits.insert(Class::New.code(), (MISSING.len() as u64, new, new));
    let missing: Vec<_> = MISSING.map(person).collect();
    for at in &found.new {
        assert!(
            missing.contains(&snapshot.person(*at).id),
            "a person with a row is not new"
        );
    }
    for (class, (truth, given, both)) in &fits {
        println!("{class:14} truth {truth:>6} given {given:>6} both {both:>6}");
    }
    for (class, (truth, given, both)) in &fits {
        assert!(*truth > 0, "{class} was not seeded, {given} rows bear it");
        assert!(
            both * 1_000 >= given * 995,
            "precision of {class}: {both} of {given}"
        );
        assert!(
            both * 100 >= truth * 99,
            "recall of {class}: {both} of {truth}"
        );
    }
    let seeded = [500 * 2, 300, 400, 250, 200, 150, 100, 50 * 2, 50];
    let classes = [
        "duplicate",
        "dead",
        "moved",
        "pin_corrected",
        "renamed",
        "new",
        "no_biometrics",
        "shared_pin",
        "two_pins",
    ];
    for (class, count) in classes.into_iter().zip(seeded) {
        assert_eq!(fits[class].0, count, "{class}");
    }
    // Nobody vanishes: everybody is on the list or has a reason.
    let decided = formed.count.total + formed.count.excluded.iter().sum::<u64>();
    assert_eq!(decided, snapshot.persons.len() as u64);

    // Rows in another order on one thread give the same file, byte for byte.
    let mut turned = tables.clone();
    turned.commission.reverse();
    turned.persons.reverse();
    turned.residences.reverse();
    let [once, again] =
        [("l05-once", &tables, 2), ("l05-again", &turned, 1)].map(|(name, tables, threads)| {
            let dir = Scratch::new(name);
            let run = Run::new(dir.path(), tables);
            let snapshot = dir.path().join("snapshot");
            form_roll(&run.job(&snapshot, threads)).unwrap();
            std::fs::read(dir.path().join("roll/reconciliation.parquet")).unwrap()
        });
    assert!(once == again, "another order of rows, another file");
}
