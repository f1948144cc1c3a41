//! Tables that a register is imported from, through the store that takes them in.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use keys::SystemClock;
use store::Store;
use store::import::{self, Options};

/// Where the files stand for a moment; one door at a time.
static DESK: LazyLock<Mutex<Option<Desk>>> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("tizme-parsers-{}", std::process::id()));
    let store = Store::open("sqlite::memory:", Arc::new(SystemClock));
    Mutex::new(store.ok().map(|store| Desk { folder, store }))
});

struct Desk {
    folder: PathBuf,
    store: Store,
}

/// The header of `persons` without a row: every import needs the table.
const NO_PERSONS: &[u8] = b"person_id,pin,surname,given,patronymic,sex,birth_date,citizenship\n";

/// Imports one table: its name on the first line, the file after it.
fn import(bytes: &[u8], extension: &str) -> bool {
    let split = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let table = std::str::from_utf8(&bytes[..split]).unwrap_or_default();
    let known = register::door::TABLES
        .iter()
        .find(|known| known.name == table);
    let table = known.map_or("persons", |known| known.name);
    let body = bytes.get(split + 1..).unwrap_or_default();
    let mut desk = DESK.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(Desk { folder, store }) = desk.as_mut() else {
        return false;
    };
    // A disk that does not take the file ends the run: nothing was tried.
    std::fs::create_dir_all(&*folder).expect("the temporary folder can be made");
    std::fs::write(folder.join("persons.csv"), NO_PERSONS).expect("the disk takes a file");
    if extension != "csv" && table == "persons" {
        std::fs::remove_file(folder.join("persons.csv")).expect("the file was just written");
    }
    std::fs::write(folder.join(format!("{table}.{extension}")), body)
        .expect("the disk takes a file");
    let report = import::folder(store, folder, &Options::default(), &mut |_| {});
    std::fs::remove_dir_all(&*folder).expect("the temporary folder can be removed");
    report.is_ok_and(|report| {
        report.tables.iter().for_each(|table| {
            assert_eq!(
                table.rows,
                table.added + table.unchanged + table.rejected,
                "no row is lost"
            );
        });
        report
            .table(table)
            .is_some_and(|table| table.rows > table.rejected)
    })
}

/// A table as CSV.
pub fn parse_import_csv(bytes: &[u8]) -> bool {
    import(bytes, "csv")
}

/// A table as Parquet.
pub fn parse_import_parquet(bytes: &[u8]) -> bool {
    import(bytes, "parquet")
}
