#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;
use crate::testkit::{Country, day, find, id, law, precinct};

const RELEASE: DocumentId = DocumentId([1; 32]);

fn key(number: u8) -> SaltKey {
    SaltKey::new(&[number; 32])
}

fn in_force(country: &Country) -> InForce {
    let (snapshot, roll) = country.formed();
    let mut list = InForce::default();
    for of in &roll.lists {
        list.take_precinct(
            of.precinct,
            &commit::salted_lines(&snapshot, &roll, of, &key(1)),
        );
    }
    for person in snapshot.people() {
        if let Some(place) = roll.place(person) {
            list.take_person(snapshot.person(person).id, place.precinct, place.line);
        }
    }
    list.check().unwrap();
    list
}

fn difference_on(list: &InForce, country: &Country, on: &str) -> Result<Difference, DeltaError> {
    let (snapshot, roll) = country.formed();
    let law = law();
    let facts = Facts {
        snapshot: &snapshot,
        roll: &roll,
        law: &law,
        known_on: day(on),
    };
    difference(list, facts, &|_| None, &key(2))
}

fn terms(number: u32, previous: DocumentId) -> DeltaTerms {
    DeltaTerms {
        number,
        release: RELEASE,
        previous,
        snapshot: DocumentId([2; 32]),
        effective_at: Instant::from_micros(7),
    }
}

fn told(found: &Difference) -> Vec<(u16, u32, &'static str, &str)> {
    let of = |p: &Planned| (p.change.precinct, p.change.line, p.change.kind.code());
    let rows = found.changes.iter();
    rows.map(|p| {
        let (precinct, line, kind) = of(p);
        (precinct, line, kind, p.change.reason.as_str())
    })
    .collect()
}

/// Thirty voters of 1001, so that the list has two pages; one person is not processed yet.
fn country() -> Country {
    let mut country = Country::new();
    for n in 0..30 {
        country.voter(&format!("Асанова{n:02}"));
    }
    country.voter("Усенова");
    country.tables.enrolments.last_mut().unwrap().processed = None;
    country
}

/// A death, a court act, and the late processing.
fn later() -> Country {
    let mut country = country();
    country.event("Асанова03", "death", "2015-09-28");
    country.event("Асанова07", "court", "2015-09-27");
    country.tables.enrolments.last_mut().unwrap().processed = Some(day("2015-09-19"));
    country
}

#[test]
fn a_death_strikes_and_a_late_processing_adds_after_the_last_line() {
    let list = in_force(&country());
    let found = difference_on(&list, &later(), "2015-10-01").unwrap();
    let want = [
        (1001, 4, "strike", "DEAD"),
        (1001, 8, "strike", "COURT"),
        (1001, 31, "add", "ELIGIBLE"),
    ];
    assert_eq!(told(&found), want);
    // Thirty lines are two pages; the supplement begins on the third.
    assert_eq!(found.changes[2].line.as_ref().unwrap().line.page, 3);
    let (document, after) = delta(&list, &found, &law(), terms(1, RELEASE)).unwrap();
    assert_eq!((document.voters_before, document.voters_after), (30, 29));
    assert_eq!(
        document.precincts,
        [PrecinctAfter {
            precinct: 1001,
            lines: 31,
            voters: 29
        }]
    );
    assert_eq!(after.place(id("Усенова")), Some((precinct(1001), 31)));
    assert_eq!(after.place(id("Асанова03")), None);
    assert_eq!(*document.root_after, after.root());
    assert_ne!(document.root_before, document.root_after);
    // Nothing more to say once it is in force.
    assert!(
        difference_on(&after, &later(), "2015-10-02")
            .unwrap()
            .changes
            .is_empty()
    );
}

// L-08: the same facts on the eve, on the day and after it.
#[test]
fn the_policy_of_the_law_holds_back_what_came_too_late() {
    let list = in_force(&country());
    let on_the_day = difference_on(&list, &later(), "2015-10-04").unwrap();
    assert_eq!(told(&on_the_day), [(1001, 8, "strike", "COURT")]);
    let held: Vec<_> = on_the_day.held.into_iter().collect();
    assert_eq!(held, [(("DEAD", "note"), 1), (("ELIGIBLE", "record"), 1)]);
    let after = difference_on(&list, &later(), "2015-10-05").unwrap();
    assert!(after.changes.is_empty());
    assert_eq!(after.held.values().sum::<u64>(), 3);
}

#[test]
fn a_new_name_is_noted_after_the_freeze_and_changes_the_line_before_it() {
    let mut renamed = country();
    let row = renamed.claim("c", "correction", "Асанова05", "2015-09-01T10:00:00");
    row.field = "given".to_owned();
    row.value = "Гүлнара".to_owned();
    let list = in_force(&country());
    let late = difference_on(&list, &renamed, "2015-09-26").unwrap();
    assert!(late.changes.is_empty());
    assert_eq!(late.held.get(&("CORRECTED", "note")), Some(&1));
    let early = difference_on(&list, &renamed, "2015-09-25").unwrap();
    assert_eq!(told(&early), [(1001, 6, "change", "CORRECTED")]);
    assert_eq!(
        early.changes[0].line.as_ref().unwrap().line.given,
        "Гүлнара"
    );
}

// L-02: 1001 and 1002 get a strike, the new precinct an addition.
#[test]
fn a_transfer_is_a_strike_here_and_an_addition_there() {
    let (before, mut after) = (country(), country());
    let list = in_force(&before);
    after.form2("a", "Асанова00", 1002, "2015-09-12T10:00:00");
    let found = difference_on(&list, &after, "2015-09-20").unwrap();
    let want = [
        (1001, 1, "strike", "TRANSFERRED"),
        (1002, 1, "add", "TRANSFERRED"),
    ];
    assert_eq!(told(&found), want);
    let (_, now) = delta(&list, &found, &law(), terms(1, RELEASE)).unwrap();
    assert_eq!(now.place(id("Асанова00")), Some((precinct(1002), 1)));
    assert_eq!(now.voters(), 30);
}

#[test]
fn nobody_vanishes_between_two_snapshots() {
    let list = in_force(&country());
    let mut fewer = country();
    let gone = fewer.tables.persons.remove(0).person;
    fewer.tables.residences.retain(|row| row.person != gone);
    fewer.tables.enrolments.retain(|row| row.person != gone);
    fewer.tables.documents.retain(|row| row.person != gone);
    assert_eq!(
        difference_on(&list, &fewer, "2015-10-01"),
        Err(DeltaError::Vanished(1))
    );
}

fn second(list: &InForce) -> (ListDelta, BTreeMap<(u16, u32), SaltedLine>, Vec<PersonId>) {
    let found = difference_on(list, &later(), "2015-10-01").unwrap();
    let (document, _) = delta(list, &found, &law(), terms(1, RELEASE)).unwrap();
    let line = |p: &Planned| Some(((p.change.precinct, p.change.line), p.line.clone()?));
    let lines = found.changes.iter().filter_map(line).collect();
    let people = found.changes.iter().map(|p| p.person).collect();
    (document, lines, people)
}

#[test]
fn a_skipped_a_changed_and_a_repeated_delta_are_refused() {
    let list = in_force(&country());
    let (document, lines, people) = second(&list);
    let apply = |delta: &ListDelta, before| {
        let mut list = list.clone();
        list.apply(delta, before, &lines, &people).map(|()| list)
    };
    let after = apply(&document, RELEASE).unwrap();
    assert_eq!(
        apply(&document, DocumentId([9; 32])).unwrap_err(),
        DeltaError::Chain { number: 1 }
    );
    let again = after.clone().apply(&document, RELEASE, &lines, &people);
    assert_eq!(again, Err(DeltaError::Chain { number: 1 }));
    for at in 0..document.changes.len() {
        let mut dropped = document.clone();
        dropped.changes.remove(at);
        assert!(apply(&dropped, RELEASE).is_err(), "change {at} dropped");
        let mut other = document.clone();
        other.changes[at].after = [7; 32].into();
        assert!(
            matches!(apply(&other, RELEASE), Err(DeltaError::Line { .. })),
            "leaf {at}"
        );
        let mut moved = document.clone();
        moved.changes[at].line += 1;
        assert!(apply(&moved, RELEASE).is_err(), "line of change {at}");
    }
}

#[test]
fn a_struck_line_is_not_struck_twice_and_takes_no_other_person() {
    let list = in_force(&country());
    let (document, lines, people) = second(&list);
    let mut after = list.clone();
    after.apply(&document, RELEASE, &lines, &people).unwrap();
    let mut again = document.changes[0].clone();
    again.before = Some(again.after);
    again.after = struck(&again.after).into();
    assert!(matches!(
        after.apply_line(&again, None),
        Err(DeltaError::Line { .. })
    ));
}

#[test]
fn supplementary_pages_begin_after_the_bound_list() {
    let pages = [1, 25, 26, 30, 31, 55, 56].map(|line| page_of(line, 30, 25));
    assert_eq!(pages, [1, 1, 2, 2, 3, 3, 4]);
    assert_eq!([1, 25, 26].map(|line| page_of(line, 0, 25)), [1, 1, 2]);
    assert_eq!([50, 51].map(|line| page_of(line, 50, 25)), [2, 3]);
    let (snapshot, roll) = country().formed();
    let person = find(&snapshot, "Асанова29");
    assert_eq!(roll.place(person).unwrap().page, page_of(30, 30, 25));
}
