//! A list in force is changed by signed deltas, and a stranger finds every fault in them.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod small;

use std::fs;
use std::path::Path;

use batch::deltas::{DELTAS, DeltaJob};
use batch::folder::{Contents, sign_folder};
use batch::{
    BatchError, DeltaMade, Drawn, PublicationTerms, form_roll, publish, write_delta, write_snapshot,
};
use lexicon::handover::delta::{ChangeKind, ListDelta};
use lexicon::handover::envelope::{
    DocumentType, Signer as _, Subject, decode, encode, open_all, sign_all,
};
use lexicon::handover::lookup::{LookupAnswer, LookupFile};
use lexicon::handover::snapshot::{CivilEventRow, SnapshotTables};
use lexicon::law::LateAct;
use lexicon::{CivilName, DocumentNumber, NameParts};
use small::{Run, Scratch, lookup_key, moment, person, publication_terms, tables};

fn event(tables: &mut SnapshotTables, n: usize, kind: &str, on: &str) {
    tables.civil_events.push(CivilEventRow {
        event: format!("ev{n}"),
        person: person(n),
        kind: kind.to_owned(),
        date: on.parse().unwrap(),
        act: "№ 7".to_owned(),
        surname: String::new(),
        given: String::new(),
        patronymic: String::new(),
    });
}

/// Forms, packs and publishes the small country, with an empty `journals/` beside it.
fn published(dir: &Path) -> Run {
    published_of(dir, &tables())
}

fn published_of(dir: &Path, tables: &SnapshotTables) -> Run {
    let run = Run::new(dir, tables);
    fs::create_dir(dir.join("journals")).unwrap();
    sign_folder(
        &dir.join("journals"),
        "journals",
        run.law.election.number,
        Contents::default(),
        &run.chain.cec,
    )
    .unwrap();
    run.whole(2);
    run
}

/// Writes a newer snapshot `name` and a delta from it that became known on `on`.
fn change(run: &Run, name: &str, on: &str, change: impl FnOnce(&mut SnapshotTables)) -> DeltaMade {
    let mut later = tables();
    change(&mut later);
    let snapshot = run.dir.join(name);
    write_snapshot(&snapshot, &later, &run.law, "1", &run.chain.register).unwrap();
    let job = DeltaJob {
        law: &run.law,
        from: &run.dir,
        snapshot: &snapshot,
        keys: run.chain.keys(),
        randomness: &run.randomness,
        effective_at: moment(&format!("{on}T12:00:00+06:00")),
        known_on: on.parse().unwrap(),
        report: &batch::steps::silent,
    };
    let made = write_delta(&job).unwrap();
    if made.delta.is_some() {
        small::sign_drawn(&job.place(), Drawn::Deltas, &run.chain);
    }
    made
}

/// Publishes the list that stands, with deltas up to the one of the snapshot `after`.
fn try_publish(run: &Run, after: Option<&str>) -> Result<batch::Publication, BatchError> {
    let snapshot = run.dir.join("snapshot");
    let job = run.job(&snapshot, 1);
    let formed = form_roll(&job).unwrap();
    let (lookup, trust) = (lookup_key(), run.chain.trust());
    let approvals = small::approvals(&formed.release, &run.chain);
    let after = after.map(|name| run.dir.join(name));
    let terms = publication_terms(run, &trust, &lookup, &approvals, false);
    publish(
        &job,
        &formed,
        &PublicationTerms {
            after: after.as_deref(),
            ..terms
        },
    )
}

fn publish_again(run: &Run, after: &str) {
    try_publish(run, Some(after)).unwrap();
}

/// What the stranger finds, as `file place code`.
fn findings(dir: &Path) -> Vec<String> {
    let found = verifier::verify(dir, &[]).findings;
    found
        .iter()
        .map(|f| format!("{} {} {}", f.file, f.place, f.code))
        .collect()
}

fn notes(dir: &Path) -> String {
    verifier::verify(dir, &[]).notes.join("\n")
}

fn dead(tables: &mut SnapshotTables) {
    event(tables, 0, "death", "2015-09-28");
}

fn dead_and_court(tables: &mut SnapshotTables) {
    dead(tables);
    event(tables, 4, "court", "2015-09-30");
}

#[test]
fn two_deltas_follow_each_other_and_a_stranger_agrees() {
    let dir = Scratch::new("deltas-1");
    let run = published(dir.path());
    assert_eq!(findings(dir.path()), [""; 0]);
    let first = change(&run, "snapshot-2", "2015-09-29", dead);
    let (_, delta) = first.delta.unwrap();
    assert_eq!((delta.number, delta.changes.len()), (1, 1));
    assert_eq!(delta.changes[0].kind, ChangeKind::Strike);
    assert_eq!(delta.changes[0].reason, "DEAD");
    assert_eq!(findings(dir.path()), [""; 0]);
    assert!(notes(dir.path()).contains("delta-1.cose is signed and not published yet"));
    let second = change(&run, "snapshot-3", "2015-10-01", dead_and_court);
    let (_, next) = second.delta.unwrap();
    assert_eq!((next.number, next.changes.len()), (2, 1));
    assert_eq!(next.root_before, delta.root_after);
    assert_eq!(next.voters_after + 2, delta.voters_before);
    publish_again(&run, "snapshot-3");
    assert_eq!(findings(dir.path()), [""; 0]);
    assert!(!notes(dir.path()).contains("not published"));
    let supplement = fs::read_to_string(dir.path().join("deltas/supplement-1.csv")).unwrap();
    let row = format!(
        "{:04},list,,{},strike,DEAD,",
        delta.changes[0].precinct, delta.changes[0].line
    );
    assert!(
        supplement.lines().nth(1).unwrap().starts_with(&row),
        "{supplement}"
    );
    // Nothing new: nothing is signed.
    let again = change(&run, "snapshot-4", "2015-10-02", dead_and_court);
    assert_eq!(again.delta, None);
    assert!(!dir.path().join("deltas/delta-3.cose").exists());
}

#[test]
fn what_came_on_the_day_is_noted_and_a_new_enrolment_gets_a_line_after_the_last() {
    let dir = Scratch::new("deltas-2");
    let mut before = tables();
    let row = before
        .enrolments
        .iter_mut()
        .find(|row| row.person == person(1))
        .unwrap();
    row.processed = None;
    let run = Run::new(dir.path(), &before);
    run.whole(1);
    let on_the_day = change(&run, "snapshot-2", "2015-10-04", dead);
    assert_eq!(on_the_day.delta, None);
    assert_eq!(on_the_day.held.get(&("DEAD", "note")), Some(&1));
    assert_eq!(on_the_day.held.get(&("ELIGIBLE", "record")), Some(&1));
    let late = change(&run, "snapshot-3", "2015-10-01", |_| ());
    let (_, delta) = late.delta.unwrap();
    let added = &delta.changes[0];
    assert_eq!((delta.changes.len(), added.kind), (1, ChangeKind::Add));
    assert_eq!(added.line, delta.precincts[0].lines);
    let text = fs::read_to_string(dir.path().join("deltas/supplement-1.csv")).unwrap();
    assert!(
        text.contains(&format!("{:04},supplement,", added.precinct)),
        "{text}"
    );
    assert_eq!(run.law.late[0].on_the_day, LateAct::Note);
}

/// What a person is told who asks with the PIN and the document of so many.
fn told(run: &Run, n: usize, document: &str) -> Option<LookupAnswer> {
    let bytes = fs::read(run.dir.join("publication/lookup.bin")).unwrap();
    let file = LookupFile::parse(&bytes).unwrap();
    let token = lookup_key().token(run.law.election.number, &small::pin(n), document);
    file.find(&token).unwrap()
}

/// Person 1 was enrolled and not yet checked when the list was frozen; a newer document came with the answer.
fn late_country() -> SnapshotTables {
    let mut before = tables();
    let mut rows = before.enrolments.iter_mut();
    let row = rows.find(|row| row.person == person(1)).unwrap();
    row.processed = None;
    before
}

/// Known by the day of the freeze, so that the law lets all of it into the list: person 0 died, person 1 was checked and has a new passport, person 2 has another name, person 4 lives on the other
/// side of the street by now.
fn late_facts(tables: &mut SnapshotTables) {
    event(tables, 0, "death", "2015-09-20");
    let mut document = tables.documents[1].clone();
    document.number = DocumentNumber::parse("AN9999999").unwrap();
    tables.documents.push(document);
    let (surname, given) = ("Жаңыева", "Айгүл");
    let parts = NameParts {
        surname,
        given,
        patronymic: "",
    };
    tables.persons[2].name = CivilName::parse(parts).unwrap();
    let mut rows = tables.residences.iter_mut();
    rows.find(|row| row.person == person(4)).unwrap().address = "a5".to_owned();
}

#[test]
fn l_08_everybody_whom_a_delta_names_is_answered_by_it_once_both_have_signed_and_it_is_published() {
    let dir = Scratch::new("deltas-told");
    let run = published_of(dir.path(), &late_country());
    let before: Vec<_> = (0..5)
        .map(|n| told(&run, n, &small::document(n)).unwrap())
        .collect();
    assert!(before[1].line.is_none() && before[1].absence.is_some());
    assert!(before.iter().all(|answer| answer.after.is_none()));
    let published = fs::read(dir.path().join("publication/lookup.bin")).unwrap();
    let (_, delta) = change(&run, "snapshot-2", "2015-09-25", late_facts)
        .delta
        .unwrap();
    assert_eq!(delta.changes.len(), 5);

    // Without the snapshot of the last delta, or with another, nothing is published.
    for after in [None, Some("snapshot")] {
        let refused = try_publish(&run, after).unwrap_err().to_string();
        assert!(refused.starts_with("DELTA_SNAPSHOT"), "{refused}");
    }
    // A delta that one institution alone has signed changes nothing.
    let path = run.dir.join("deltas/delta-1.cose");
    let by_both = fs::read(&path).unwrap();
    let subject = Subject {
        kind: DocumentType::ListDelta,
        election: run.law.election.number,
    };
    fs::write(
        &path,
        sign_all(subject, &encode(&delta), &[&run.chain.srs]).unwrap(),
    )
    .unwrap();
    seal(&run, DELTAS);
    let refused = try_publish(&run, Some("snapshot-2"))
        .unwrap_err()
        .to_string();
    assert!(refused.starts_with("BEFORE_UNSIGNED"), "{refused}");
    assert_eq!(
        fs::read(dir.path().join("publication/lookup.bin")).unwrap(),
        published
    );
    fs::write(&path, &by_both).unwrap();
    seal(&run, DELTAS);

    assert_eq!(try_publish(&run, Some("snapshot-2")).unwrap().deltas, 1);
    assert_eq!(findings(dir.path()), [""; 0]);
    let after: Vec<_> = (0..5)
        .map(|n| told(&run, n, &small::document(n)).unwrap())
        .collect();
    let said = |n: usize| {
        let told = after[n].after.as_ref().unwrap().changes.iter();
        told.map(|t| (t.kind, t.reason.as_str()))
            .collect::<Vec<_>>()
    };
    let commitment = |precinct: u16, line: u32| {
        let mut changes = delta.changes.iter();
        changes
            .find(|c| (c.precinct, c.line) == (precinct, line))
            .map(|c| *c.after)
    };
    // Struck: no line, the reason, and the line as it was, which the delta strikes.
    assert_eq!(said(0), [(ChangeKind::Strike, "DEAD")]);
    assert_eq!(after[0].line, None);
    let was = after[0].after.as_ref().unwrap().was.as_ref().unwrap();
    assert_eq!(Some(was), before[0].line.as_ref());
    assert_eq!(
        commitment(was.line.precinct, was.line.line),
        Some(lexicon::handover::delta::struck(&was.commitment()))
    );
    // Added, moved and corrected: the line that the delta commits to.
    assert_eq!(said(1), [(ChangeKind::Add, "ELIGIBLE")]);
    assert_eq!(said(2), [(ChangeKind::Change, "CORRECTED")]);
    let moved = [ChangeKind::Strike, ChangeKind::Add];
    assert_eq!(said(4), moved.map(|kind| (kind, "TRANSFERRED")));
    for n in [1, 2, 4] {
        let line = after[n].line.as_ref().unwrap();
        assert_eq!(
            commitment(line.line.precinct, line.line.line),
            Some(line.commitment())
        );
    }
    assert_eq!(after[2].line.as_ref().unwrap().line.surname, "Жаңыева");
    let added = &after[1].line.as_ref().unwrap().line;
    let last = delta
        .precincts
        .iter()
        .find(|p| p.precinct == added.precinct);
    assert!(added.line > last.unwrap().lines - 2 && added.page > 1);
    // Who got a new passport meanwhile asks with it as well; nobody else's answer changed.
    assert_eq!(told(&run, 1, "AN9999999"), Some(after[1].clone()));
    assert_eq!(after[3], before[3]);

    // A second delta: person 1 is struck again, and the answer shows the line of the first.
    let second = change(&run, "snapshot-3", "2015-10-02", |tables| {
        late_facts(tables);
        event(tables, 1, "court", "2015-09-30");
    });
    assert_eq!(second.delta.unwrap().1.changes.len(), 1);
    publish_again(&run, "snapshot-3");
    let struck = told(&run, 1, "AN9999999").unwrap();
    let two = struck.after.unwrap();
    assert_eq!((struck.line, two.changes.len()), (None, 2));
    assert_eq!(two.was, after[1].line);
}

/// Signs the folder anew, so that only what stands inside can be wrong.
fn seal(run: &Run, folder: &str) {
    let dir = run.dir.join(folder);
    let key = if folder == DELTAS {
        &run.chain.srs
    } else {
        &run.chain.publication
    };
    sign_folder(
        &dir,
        folder,
        run.law.election.number,
        Contents::default(),
        key,
    )
    .unwrap();
}

fn resign(run: &Run, number: u32, change: impl FnOnce(&mut ListDelta)) {
    let path = run.dir.join(format!("deltas/delta-{number}.cose"));
    let subject = Subject {
        kind: DocumentType::ListDelta,
        election: run.law.election.number,
    };
    let required = [run.chain.srs.kid(), run.chain.cec.kid()];
    let bytes = fs::read(&path).unwrap();
    let signed = open_all(subject, &bytes, &run.chain.ring, &required).unwrap();
    let mut delta: ListDelta = decode(&signed.payload).unwrap();
    change(&mut delta);
    let signers: [&dyn lexicon::handover::envelope::Signer; 2] = [&run.chain.srs, &run.chain.cec];
    fs::write(&path, sign_all(subject, &encode(&delta), &signers).unwrap()).unwrap();
    seal(run, DELTAS);
}

// L-09: every fault below is in files whose folder manifests hold; the stranger names file and place.
#[test]
fn a_changed_leaf_a_skipped_delta_and_a_missing_signature_are_named() {
    let dir = Scratch::new("deltas-3");
    let run = published(dir.path());
    change(&run, "snapshot-2", "2015-09-29", dead);
    change(&run, "snapshot-3", "2015-10-01", dead_and_court);
    let file = |number: u32| run.dir.join(format!("deltas/delta-{number}.cose"));
    let (one, two) = (fs::read(file(1)).unwrap(), fs::read(file(2)).unwrap());
    let restore = || {
        fs::write(file(1), &one).unwrap();
        fs::write(file(2), &two).unwrap();
        seal(&run, DELTAS);
    };
    let check = |wanted: &str| {
        let found = findings(dir.path());
        assert!(
            found.iter().any(|line| line.starts_with(wanted)),
            "{wanted}: {found:?}"
        );
    };
    resign(&run, 2, |delta| delta.changes[0].after = [3; 32].into());
    check("deltas/delta-2.cose precinct 10");
    restore();
    resign(&run, 1, |delta| {
        delta.changes[0].before = Some([3; 32].into())
    });
    check("deltas/delta-1.cose precinct 10");
    restore();
    resign(&run, 2, |delta| delta.root_after = [3; 32].into());
    check("deltas/delta-2.cose root delta_root");
    restore();
    resign(&run, 2, |delta| delta.voters_after += 1);
    check("deltas/delta-2.cose  delta_sum");
    restore();
    // The first one is skipped: the second takes its number, its place or stands alone.
    fs::remove_file(file(1)).unwrap();
    seal(&run, DELTAS);
    check("deltas/delta-2.cose  delta_skipped");
    restore();
    fs::write(file(1), &two).unwrap();
    seal(&run, DELTAS);
    check("deltas/delta-1.cose  delta_chain");
    restore();
    let subject = Subject {
        kind: DocumentType::ListDelta,
        election: run.law.election.number,
    };
    let required = [run.chain.srs.kid(), run.chain.cec.kid()];
    let payload = open_all(subject, &one, &run.chain.ring, &required)
        .unwrap()
        .payload;
    fs::write(
        file(1),
        sign_all(subject, &payload, &[&run.chain.srs]).unwrap(),
    )
    .unwrap();
    seal(&run, DELTAS);
    check("deltas/delta-1.cose  delta_invalid");
    restore();
    assert_eq!(findings(dir.path()), [""; 0]);
    // The public log keeps what was published: a delta taken away afterwards is missed.
    publish_again(&run, "snapshot-3");
    assert_eq!(findings(dir.path()), [""; 0]);
    fs::remove_file(run.dir.join("publication/delta-1-2.cose")).unwrap();
    seal(&run, "publication");
    let found = findings(dir.path());
    assert!(
        found.iter().any(|line| line.ends_with("document_missing")),
        "{found:?}"
    );
}

#[test]
fn a_delta_that_was_changed_is_not_built_upon() {
    let dir = Scratch::new("deltas-4");
    let run = published(dir.path());
    change(&run, "snapshot-2", "2015-09-29", dead);
    resign(&run, 1, |delta| delta.changes[0].after = [3; 32].into());
    let snapshot = run.dir.join("snapshot-2");
    let refused = write_delta(&DeltaJob {
        law: &run.law,
        from: &run.dir,
        snapshot: &snapshot,
        keys: run.chain.keys(),
        randomness: &run.randomness,
        effective_at: moment("2015-10-01T12:00:00+06:00"),
        known_on: "2015-10-01".parse().unwrap(),
        report: &batch::steps::silent,
    });
    let text = refused.unwrap_err().to_string();
    assert!(text.contains("precinct 10"), "{text}");
}
