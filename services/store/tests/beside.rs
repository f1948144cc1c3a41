//! Tables of one moment read beside each other, on both engines.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

mod kit;

use std::sync::{Arc, Mutex};

use kit::postgres::Server;
use kit::{Fixed, Scratch, folder};
use lexicon::handover::snapshot::SnapshotTables;
use store::import::{self, Options};
use store::{Store, StoreError};

fn all_tables(store: &Store, hands: usize) -> (SnapshotTables, usize) {
    let taken = Mutex::new((SnapshotTables::default(), 0));
    let heads = store
        .each_snapshot_table(hands, &|part| {
            let mut taken = taken.lock().unwrap();
            taken.1 += 1;
            let all = &mut taken.0;
            all.persons.extend(part.persons);
            all.documents.extend(part.documents);
            all.addresses.extend(part.addresses);
            all.street_names.extend(part.street_names);
            all.second_addresses.extend(part.second_addresses);
            all.residences.extend(part.residences);
            all.civil_events.extend(part.civil_events);
            all.enrolments.extend(part.enrolments);
            all.precincts.extend(part.precincts);
            all.boundaries.extend(part.boundaries);
            all.claims.extend(part.claims);
            all.commission.extend(part.commission);
            all.review_answers.extend(part.review_answers);
            Ok::<(), StoreError>(())
        })
        .unwrap();
    assert!(heads.registry.position > 0);
    taken.into_inner().unwrap()
}

fn check(engine: &str, url: &str) {
    let dir = Scratch::new("beside");
    folder::write(dir.path(), 400);
    let store = Store::open(url, Arc::new(Fixed)).unwrap();
    import::folder(&store, dir.path(), &Options::default(), &mut |_| {}).unwrap();
    let one = store.snapshot().unwrap().tables;
    assert_eq!(one.persons.len(), 400);
    for hands in [1, 3, 64] {
        let (beside, calls) = all_tables(&store, hands);
        assert_eq!(calls, 13, "{engine}, {hands} hands: each table once");
        assert!(beside == one, "{engine}, {hands} hands: other rows");
    }
    // What one hand refuses is told, and the writer is free again afterwards.
    let refused = store.each_snapshot_table(3, &|part| {
        if part.residences.is_empty() {
            Ok(())
        } else {
            Err(StoreError::Url)
        }
    });
    assert_eq!(refused.unwrap_err(), StoreError::Url, "{engine}");
    let again = import::folder(&store, dir.path(), &Options::default(), &mut |_| {}).unwrap();
    assert_eq!(again.rejected(), 0, "{engine}");
}

#[test]
fn tables_read_beside_each_other_are_the_tables_read_one_by_one() {
    let place = Scratch::new("beside-store");
    let file = place.path().join("office.db");
    check("sqlite", file.to_str().unwrap());
    check("sqlite in memory", "sqlite::memory:");
    match Server::start() {
        Some(server) => check("postgres", &server.url("postgres")),
        None => println!("skipped on PostgreSQL: initdb and postgres are not installed"),
    }
}
