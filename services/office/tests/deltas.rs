//! Signed changes after a release are taken in whole, once and in order, and the pages show what they did to whom.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod hall;

use std::path::{Path, PathBuf};

use batch::deltas::{DELTAS, DeltaJob};
use batch::folder::{Contents, sign_folder};
use batch::{Drawn, Keys, Randomness, sign_drawn_by_both, write_delta, write_snapshot};
use hall::{Chain, Hall, form, person, sane};
use lexicon::handover::envelope::{
    DocumentType, Signer as _, Subject, decode, encode, open_all, sign_all,
};
use lexicon::handover::snapshot::{CivilEventRow, SnapshotTables};
use lexicon::{CivilName, Instant, NameParts, ReleaseRefusal};
use office::{receive_deltas, receive_roll};

/// Known on the day of the freeze, so that the law lets all of it in: g7 died, g9 has another surname, the enrolment that waited is finished.
fn first(tables: &mut SnapshotTables) {
    tables.civil_events.push(CivilEventRow {
        event: "GV-late".to_owned(),
        person: person("g7"),
        kind: "death".to_owned(),
        date: "2015-09-20".parse().unwrap(),
        act: "06-late".to_owned(),
        surname: String::new(),
        given: String::new(),
        patronymic: String::new(),
    });
    let parts = NameParts {
        surname: "Жаңыев",
        given: "Бакыт",
        patronymic: "",
    };
    let mut people = tables.persons.iter_mut();
    let renamed = people.find(|row| row.person == person("g9")).unwrap();
    renamed.name = CivilName::parse(parts).unwrap();
    let mut people = tables.persons.iter_mut();
    let waiting = people.find(|row| row.person == person("waiting")).unwrap();
    waiting.standing = "unique".to_owned();
    let mut rows = tables.enrolments.iter_mut();
    let row = rows.find(|row| row.person == person("waiting")).unwrap();
    row.processed = Some("2014-12-20".parse().unwrap());
}

/// And later a court took the vote of who had been added.
fn second(tables: &mut SnapshotTables) {
    first(tables);
    let act = CivilEventRow {
        event: "GV-court".to_owned(),
        person: person("waiting"),
        kind: "court".to_owned(),
        date: "2015-09-30".parse().unwrap(),
        ..tables.civil_events.last().unwrap().clone()
    };
    tables.civil_events.push(act);
}

struct Run<'h> {
    hall: &'h Hall,
    chain: Chain,
    dir: PathBuf,
}

impl Run<'_> {
    /// Draws one more delta; gives how many lines change.
    fn draw(&self, name: &str, on: &str, change: impl FnOnce(&mut SnapshotTables)) -> usize {
        let mut tables = self.hall.store.snapshot().unwrap().tables;
        change(&mut tables);
        let snapshot = self.dir.join(name);
        let law = &*self.hall.law;
        write_snapshot(&snapshot, &tables, law, "1", &self.chain.register).unwrap();
        let randomness = Randomness::new(&[9; 32]);
        let job = self.job(&snapshot, &randomness, on);
        write_delta(&job).unwrap().delta.unwrap().1.changes.len()
    }

    fn job<'a>(&'a self, snapshot: &'a Path, randomness: &'a Randomness, on: &str) -> DeltaJob<'a> {
        DeltaJob {
            law: &self.hall.law,
            from: &self.dir,
            snapshot,
            keys: Keys {
                srs: &self.chain.srs,
                cec: &self.chain.cec,
                register: self.chain.register.kid(),
                verifier: &self.chain.ring,
            },
            randomness,
            effective_at: Instant::parse(&format!("{on}T12:00:00+06:00")).unwrap(),
            known_on: on.parse().unwrap(),
            report: &batch::steps::silent,
        }
    }

    fn sign(&self) {
        let randomness = Randomness::new(&[9; 32]);
        let place = self.job(&self.dir, &randomness, "2015-10-01").place();
        sign_drawn_by_both(&place, Drawn::Deltas, [&self.chain.srs, &self.chain.cec]).unwrap();
    }

    fn receive(&self) -> Result<office::ReceivedDeltas, office::ReceiveError> {
        let source = self.chain.source(&self.hall.law);
        receive_deltas(&self.hall.store, &self.dir.join(DELTAS), source)
    }

    /// The refusal's code; a sentence and a next step stand under it in three languages.
    fn refused(&self) -> ReleaseRefusal {
        let error = self.receive().unwrap_err();
        let (code, _) = error.refusal().unwrap_or_else(|| unreachable!("{error}"));
        let texts = lexicon::Texts::kg().unwrap();
        assert!(!texts.release[code.code()].next.ky.is_empty());
        code
    }

    fn file(&self, number: u32) -> PathBuf {
        self.dir.join(DELTAS).join(format!("delta-{number}.cose"))
    }

    /// Signs the folder anew, so that only what stands inside can be wrong.
    fn seal(&self) {
        let (dir, election) = (self.dir.join(DELTAS), self.hall.law.election.number);
        sign_folder(&dir, DELTAS, election, Contents::default(), &self.chain.srs).unwrap();
    }
}

fn has(page: &str, wanted: &[&str]) {
    for text in wanted {
        assert!(page.contains(text), "no “{text}” in {page}");
    }
}

#[test]
fn deltas_are_kept_once_and_in_order_and_every_page_of_the_person_says_what_they_did() {
    let hall = Hall::without_list();
    let chain = Chain::new();
    let dir = hall.roll.parent().unwrap().to_owned();
    let run = Run {
        hall: &hall,
        chain,
        dir,
    };
    assert_eq!(run.draw("snapshot-2", "2015-09-25", first), 3);
    // Nobody signed; then the list itself is not here yet.
    assert_eq!(run.refused(), ReleaseRefusal::DeltaUnsigned);
    run.sign();
    assert_eq!(run.refused(), ReleaseRefusal::DeltaSkipped);
    let source = run.chain.source(&hall.law);
    receive_roll(&hall.store, &hall.roll, source).unwrap();
    let mut clerk = hall.signed_in("clerk");
    clerk.cookies.insert("lang".to_owned(), "en".to_owned());
    let why = |row: &str, query: &str| format!("/person/{}/why{query}", person(row));
    has(&clerk.page(&why("g7", "")), &["On list L1: precinct"]);
    has(&clerk.page(&why("waiting", "")), &["Not on list L1."]);

    // By one institution alone it changes nothing.
    let both = std::fs::read(run.file(1)).unwrap();
    let subject = Subject {
        kind: DocumentType::ListDelta,
        election: hall.law.election.number,
    };
    let payload = open_all(subject, &both, &run.chain.ring, &[])
        .unwrap()
        .payload;
    let delta: lexicon::handover::delta::ListDelta = decode(&payload).unwrap();
    let alone = sign_all(subject, &encode(&delta), &[&run.chain.cec]).unwrap();
    std::fs::write(run.file(1), alone).unwrap();
    run.seal();
    assert_eq!(run.refused(), ReleaseRefusal::DeltaUnsigned);
    has(&clerk.page(&why("g7", "")), &["On list L1: precinct"]);
    std::fs::write(run.file(1), &both).unwrap();
    run.seal();

    let kept = run.receive().unwrap();
    assert_eq!((kept.deltas, kept.new), (1, 1));
    assert_eq!((kept.struck, kept.added, kept.changed), (1, 1, 1));
    let again = run.receive().unwrap();
    assert_eq!((again.deltas, again.new, again.struck), (1, 0, 0));

    let struck = clerk.page(&why("g7", ""));
    sane("why", &struck);
    has(
        &struck,
        &[
            "Struck from list L1 by change 1 of",
            "R01",
            "struck",
            "Deadline:",
        ],
    );
    assert!(!struck.contains("On list L1: precinct"));
    has(
        &clerk.page(&why("g7", "?release=1&after=0")),
        &["On list L1: precinct"],
    );
    let added = clerk.page(&why("waiting", ""));
    has(
        &added,
        &[
            "On list L1 by change 1 of",
            "supplementary page",
            "Nothing to do",
        ],
    );
    has(
        &clerk.page(&why("g9", "")),
        &["line corrected by change 1 of"],
    );
    has(
        &clerk.page(&why("g10", "")),
        &["Changes 1 to 1 do not touch this person."],
    );
    let card = clerk.page(&format!("/person/{}", person("g7")));
    has(
        &card,
        &[
            "Struck from list L1 by change 1 of",
            "Changes after list L1",
        ],
    );
    let letter = clerk.page(&format!("/person/{}/letter", person("g7")));
    has(&letter, &["изменением 1 от", "1-өзгөртүү менен"]);
    for language in ["ky", "ru", "en"] {
        clerk.cookies.insert("lang".to_owned(), language.to_owned());
        sane(language, &clerk.page(&why("waiting", "")));
    }
    let mut call = hall.signed_in("call_centre");
    call.cookies.insert("lang".to_owned(), "en".to_owned());
    has(
        &call.page(&why("g7", "")),
        &["Struck from list L1 by change 1 of"],
    );

    let mut registrar = hall.signed_in("registrar");
    registrar.cookies.insert("lang".to_owned(), "en".to_owned());
    let release = registrar.page("/list/1");
    sane("list", &release);
    has(
        &release,
        &[
            "Changes after list L1",
            "/list/1/delta/1/strike",
            "after changes 1 to 1",
        ],
    );
    let people = registrar.page("/list/1/delta/1/strike");
    sane("people", &people);
    has(&people, &["1 person", &person("g7").to_string()]);
    assert_eq!(registrar.get("/list/1/delta/2/strike").status, 404);
    assert_eq!(registrar.get("/list/1/delta/1/other").status, 404);
    let precinct = registrar.page("/list/1/precinct/1001");
    sane("precinct", &precinct);
    has(
        &precinct,
        &["struck 1", "corrected 1", &person("g7").to_string()],
    );
    let mut observer = hall.signed_in("observer");
    let counts = observer.page("/list/1/precinct/1001");
    has(&counts, &["вычеркнуто 1"]);
    assert!(!counts.contains(&person("g7").to_string()));

    // The second one without the first, then both.
    assert_eq!(run.draw("snapshot-3", "2015-10-01", second), 1);
    run.sign();
    let two = std::fs::read(run.file(2)).unwrap();
    std::fs::remove_file(run.file(1)).unwrap();
    run.seal();
    assert_eq!(run.refused(), ReleaseRefusal::DeltaSkipped);
    std::fs::write(run.file(1), &two).unwrap();
    run.seal();
    assert_eq!(run.refused(), ReleaseRefusal::DeltaSkipped);
    std::fs::write(run.file(1), &both).unwrap();
    run.seal();
    let kept = run.receive().unwrap();
    assert_eq!((kept.deltas, kept.new, kept.struck), (2, 1, 1));
    has(
        &clerk.page(&why("waiting", "")),
        &["Struck from list L1 by change 2 of", "R04"],
    );
    let earlier = clerk.page(&why("waiting", "?release=1&after=1"));
    has(&earlier, &["On list L1 by change 1 of"]);
}

#[test]
fn deltas_of_another_list_are_refused() {
    let hall = Hall::without_list();
    let chain = Chain::new();
    let source = chain.source(&hall.law);
    receive_roll(&hall.store, &hall.roll, source).unwrap();
    // The register moves on; a list with the same number is another one, and so are its deltas.
    let done = [("GE-waiting".to_owned(), person("waiting"))];
    let day = lexicon::Date::constant(2015, 9, 18);
    let process = hall
        .store
        .transact("process", "centre", |tx| tx.record_processing(&done, day));
    process.unwrap();
    let other = form(
        &hall.store,
        &hall.law,
        &chain,
        &hall.dir.path().join("other"),
        1,
    );
    let run = Run {
        hall: &hall,
        chain,
        dir: other.parent().unwrap().to_owned(),
    };
    run.draw("snapshot-2", "2015-09-25", first);
    run.sign();
    assert_eq!(run.refused(), ReleaseRefusal::DeltaOfAnother);
    // Those deltas beside the list that is kept.
    let kept = hall.roll.parent().unwrap().join(DELTAS);
    std::fs::rename(run.dir.join(DELTAS), &kept).unwrap();
    let run = Run {
        dir: hall.roll.parent().unwrap().to_owned(),
        ..run
    };
    assert_eq!(run.refused(), ReleaseRefusal::DeltaOfAnother);
}
