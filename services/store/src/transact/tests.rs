//! Several connections, one moment.

#![expect(clippy::unwrap_used, reason = "tests may fail")]

use std::sync::mpsc::sync_channel;

use super::*;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Instant {
        Instant::from_micros(1)
    }
}

fn count(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let row = tx.row("SELECT COUNT(*) FROM registry_address", Vec::new())?;
    row.map_or(Ok(0), |row| row.int(0))
}

#[test]
fn a_job_that_looks_late_sees_the_moment_of_the_first() {
    let dir = std::env::temp_dir().join(format!("tizme-moment-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let file = dir.join("office.db");
    let store = Store::open(file.to_str().unwrap(), Arc::new(Fixed)).unwrap();
    let write = |address: &str| {
        store
            .transact("test", "test", |tx| {
                tx.execute(
                    "INSERT INTO registry_address VALUES ($1, 1, '', '', '', 0, 0, 0)",
                    vec![address.into()],
                )
            })
            .unwrap();
    };
    write("a");
    let (tell, told) = sync_channel::<()>(1);
    let seen = Mutex::new(Vec::new());
    let (write, seen_by) = (&write, &seen);
    let jobs: Vec<ReadJob<'_, StoreError>> = vec![
        Box::new(move |tx| {
            write("b");
            tell.send(()).unwrap();
            seen_by.lock().unwrap().push(count(tx)?);
            Ok(())
        }),
        Box::new(move |tx| {
            told.recv().unwrap();
            seen_by.lock().unwrap().push(count(tx)?);
            Ok(())
        }),
    ];
    store.read_together("test", jobs, 2).unwrap();
    assert_eq!(
        seen.into_inner().unwrap(),
        [1, 1],
        "nobody sees the row written meanwhile"
    );
    assert_eq!(store.read("test", count).unwrap(), 2);
    std::fs::remove_dir_all(&dir).unwrap();
}
