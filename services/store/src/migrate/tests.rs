#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use lexicon::{Clock, Instant};

use super::*;
use crate::import::{self, Options};
use crate::{Store, StoreError};

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Instant {
        Instant::from_micros(1_442_000_000_000_000)
    }
}

/// Runs a statement in a transaction of its own.
fn run(store: &Store, sql: &str) -> Result<u64, StoreError> {
    store.transact("test", "test", |tx| tx.execute(sql, Vec::new()))
}

#[test]
fn facts_are_neither_changed_nor_removed() {
    let dir = std::env::temp_dir().join(format!("tizme-append-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let row = "person_id,pin,surname,given,sex,birth_date,citizenship\n1,20905199900000,А,Б,M,1999-05-09,KGZ\n";
    std::fs::write(dir.join("persons.csv"), row).unwrap();
    let store = Store::open("sqlite::memory:", Arc::new(Fixed)).unwrap();
    import::folder(&store, &dir, &Options::default(), &mut |_| {}).unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    assert_eq!(run(&store, "UPDATE registry_staff SET active = 0"), Ok(0));
    for table in append_only_tables() {
        let columns = store
            .read("columns", |tx| {
                tx.row(
                    &format!("SELECT name FROM pragma_table_info('{table}')"),
                    Vec::new(),
                )
            })
            .unwrap();
        let column = columns.unwrap().text(0).unwrap().to_owned();
        // A trigger fires for rows; in a table without rows the refusal of the trigger itself is looked up.
        let triggers: Vec<String> = store
            .read("triggers", |tx| {
                let sql = format!(
                    "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'"
                );
                tx.collect(&sql, Vec::new(), |row| Ok(row.text(0)?.to_owned()))
            })
            .unwrap();
        assert_eq!(triggers.len(), 2, "{table}");
        for sql in [
            format!("UPDATE {table} SET {column} = {column}"),
            format!("DELETE FROM {table}"),
        ] {
            let rows = store
                .read("count", |tx| {
                    tx.row(&format!("SELECT COUNT(*) FROM {table}"), Vec::new())
                })
                .unwrap()
                .unwrap();
            if rows.int(0).unwrap() > 0 {
                assert!(
                    matches!(run(&store, &sql), Err(StoreError::Constraint { .. })),
                    "{sql}"
                );
            }
        }
    }
}

#[test]
fn a_newer_schema_is_refused() {
    let path = std::env::temp_dir().join(format!("tizme-newer-{}.db", std::process::id()));
    let url = format!("sqlite:{}", path.display());
    let store = Store::open(&url, Arc::new(Fixed)).unwrap();
    let sql = "INSERT INTO schema_migration (number, name, checksum, applied_at) VALUES (99, 'later', x'00', 0)";
    run(&store, sql).unwrap();
    drop(store);
    let refused = Store::open(&url, Arc::new(Fixed)).map(|_| ());
    assert_eq!(
        refused,
        Err(StoreError::NewerSchema {
            found: 99,
            known: newest()
        })
    );
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_changed_migration_is_refused_and_a_foreign_file_too() {
    let path = std::env::temp_dir().join(format!("tizme-changed-{}.db", std::process::id()));
    let url = format!("sqlite:{}", path.display());
    let store = Store::open(&url, Arc::new(Fixed)).unwrap();
    run(
        &store,
        "UPDATE schema_migration SET checksum = x'00' WHERE number = 1",
    )
    .unwrap();
    drop(store);
    let refused = Store::open(&url, Arc::new(Fixed)).map(|_| ());
    assert_eq!(refused, Err(StoreError::ChangedMigration { number: 1 }));
    std::fs::write(
        &path,
        b"this is no database, whatever its name says it is, and it is long enough",
    )
    .unwrap();
    assert_eq!(
        Store::open(&url, Arc::new(Fixed)).map(|_| ()),
        Err(StoreError::NotAStore)
    );
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_changed_journal_row_is_located() {
    let store = Store::open("sqlite::memory:", Arc::new(Fixed)).unwrap();
    for n in 0..20u8 {
        store
            .transact("note", "test", |tx| {
                tx.journal_bytes(crate::Journal::Registry, None, "note", vec![n])
                    .map(|_| ())
            })
            .unwrap();
    }
    let verify =
        |store: &Store| store.read("verify", |tx| tx.verify_journal(crate::Journal::Registry));
    assert_eq!(verify(&store).unwrap().position, 20);
    // Somebody with the file in their hands drops the trigger first.
    run(&store, "DROP TRIGGER registry_journal_no_update").unwrap();
    for (change, undo) in [
        ("SET body = x'63'", "SET body = x'06'"),
        ("SET at = at + 1", "SET at = at - 1"),
        ("SET author = 'x'", "SET author = 'test'"),
        ("SET person = 'x'", "SET person = NULL"),
        ("SET act = 'x'", "SET act = 'note'"),
        ("SET position = 50", "SET position = 7"),
    ] {
        run(
            &store,
            &format!("UPDATE registry_journal {change} WHERE position = 7"),
        )
        .unwrap();
        let broken = StoreError::BrokenChain {
            journal: "registry",
            position: 7,
        };
        assert_eq!(verify(&store), Err(broken), "{change}");
        run(
            &store,
            &format!("UPDATE registry_journal {undo} WHERE position IN (7, 50)"),
        )
        .unwrap();
    }
    assert_eq!(verify(&store).unwrap().position, 20);
}
