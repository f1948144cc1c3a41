//! The deltas of the country, cut for the stations that they touch (S-20, S-35).
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod small;

use std::fs;
use std::path::Path;

use batch::deltas::{DeltaJob, STATION_DELTAS};
use batch::{Drawn, StationDeltaMade, write_delta, write_snapshot, write_station_deltas};
use lexicon::handover::envelope::{decode, open_all};
use lexicon::handover::snapshot::{CivilEventRow, SnapshotTables};
use lexicon::handover::station_delta::{
    StationChangeKind, StationDelta, StationDeltaFile, station_delta_subject,
};
use small::{Hands, Run, Scratch, moment, person, tables};

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

/// A newer snapshot, the delta from it and what it owes to stations.
fn change(
    run: &Run,
    name: &str,
    at: &str,
    change: impl FnOnce(&mut SnapshotTables),
) -> Vec<StationDeltaMade> {
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
        effective_at: moment(&format!("{at}T12:00:00+06:00")),
        known_on: at.parse().unwrap(),
        report: &batch::steps::silent,
    };
    let sign = |drawn| small::sign_drawn(&job.place(), drawn, &run.chain);
    if write_delta(&job).unwrap().delta.is_some() {
        sign(Drawn::Deltas);
    }
    let made = write_station_deltas(&job).unwrap();
    if !made.is_empty() {
        sign(Drawn::StationDeltas);
    }
    made
}

fn read(run: &Run, made: &StationDeltaMade) -> (StationDelta, StationDeltaFile) {
    let name = format!("{}-{:03}.delta", made.precinct, made.number);
    let file = fs::read(run.dir.join(STATION_DELTAS).join(name)).unwrap();
    let file: StationDeltaFile = decode(&file).unwrap();
    let keys = run.chain.keys();
    let subject = station_delta_subject(run.law.election.number);
    let required = [keys.srs.kid(), keys.cec.kid()];
    let signed = open_all(subject, &file.signed, keys.verifier, &required).unwrap();
    assert_eq!(signed.id, made.id);
    (decode(&signed.payload).unwrap(), file)
}

fn started(dir: &Path) -> Run {
    let run = Run::new(dir, &tables());
    run.whole(2);
    run
}

/// A death after the freeze strikes; a court act strikes in another delta; each station's files follow each other, and what
/// was cut before stays byte for byte. On the day itself a death is a stop-note, once.
#[test]
fn s_20_strikes_and_stop_notes_come_to_their_stations() {
    let dir = Scratch::new("station-deltas-1");
    let run = started(dir.path());
    let dead = |tables: &mut SnapshotTables| event(tables, 0, "death", "2015-09-28");
    let first = change(&run, "snapshot-2", "2015-09-29", dead);
    assert_eq!(first.len(), 1);
    let (delta, file) = read(&run, &first[0]);
    assert_eq!(
        (delta.number, delta.changes[0].kind),
        (1, StationChangeKind::Strike)
    );
    assert_eq!(delta.voters + 1, delta.lines);
    assert!(file.entries.is_empty() && delta.ephemeral.is_none());
    let kept = fs::read(
        run.dir
            .join(STATION_DELTAS)
            .join(format!("{}-001.delta", first[0].precinct)),
    );
    let kept = kept.unwrap();

    let both = |tables: &mut SnapshotTables| {
        event(tables, 0, "death", "2015-09-28");
        event(tables, 4, "court", "2015-09-30");
    };
    let second = change(&run, "snapshot-3", "2015-10-01", both);
    assert_eq!(second.len(), 1, "the first is not cut again");
    let again = fs::read(
        run.dir
            .join(STATION_DELTAS)
            .join(format!("{}-001.delta", first[0].precinct)),
    );
    assert_eq!(again.unwrap(), kept);

    let on_the_day = |tables: &mut SnapshotTables| {
        event(tables, 0, "death", "2015-09-28");
        event(tables, 4, "court", "2015-09-30");
        event(tables, 8, "death", "2015-10-03");
    };
    let third = change(&run, "snapshot-4", "2015-10-04", on_the_day);
    assert_eq!(third.len(), 1);
    let (delta, _) = read(&run, &third[0]);
    assert_eq!(delta.changes[0].kind, StationChangeKind::Stop);
    assert_eq!(delta.list_delta, None);
    let fourth = change(&run, "snapshot-5", "2015-10-04", on_the_day);
    assert!(fourth.is_empty(), "one stop-note is enough: {fourth:?}");
}

/// An added voter's entry holds what a package voter holds, and opens with a kit of that precinct only.
#[test]
fn s_20_an_added_voter_is_sealed_to_the_kits_of_the_precinct() {
    let dir = Scratch::new("station-deltas-2");
    let run = {
        // Person 0 is dead at the freeze, by an act that is taken back afterwards.
        let mut tables = tables();
        event(&mut tables, 0, "death", "2015-09-01");
        let run = Run::new(dir.path(), &tables);
        run.whole(2);
        run
    };
    let made = change(&run, "snapshot-2", "2015-09-29", |_| {});
    assert_eq!(made.len(), 1);
    let (delta, file) = read(&run, &made[0]);
    let change = &delta.changes[0];
    assert_eq!(
        (change.kind, change.line),
        (StationChangeKind::Add, delta.lines)
    );
    let kit = Hands::kit(made[0].precinct, 1);
    let entry = delta.open_entry(change, &file.entries[0], 0, &kit).unwrap();
    assert_eq!(entry.voter.line, delta.lines);
    assert!(!entry.voter.surname.is_empty() && !entry.voter.born.is_empty());
    let elsewhere = Hands::kit("1999".parse().unwrap(), 1);
    assert!(
        delta
            .open_entry(change, &file.entries[0], 0, &elsewhere)
            .is_err()
    );
}
