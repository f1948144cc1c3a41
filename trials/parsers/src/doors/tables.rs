//! Tables that a register is imported from, through the store that takes them in.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use batch::filter::{FILTERS, Params, read_stream};
use keys::SystemClock;
use register::door::tables::ADDRESSES;
use register::door::{Cell, Layout, geojson, rows};
use roll::snapshot::image::Part;
use store::Store;
use store::import::{self, Options};

/// Where the files stand for a moment; one door at a time.
static DESK: LazyLock<Mutex<Desk>> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("tizme-parsers-{}", std::process::id()));
    let store =
        Store::open("sqlite::memory:", Arc::new(SystemClock)).expect("a store in memory opens");
    let desk = Desk { folder, store };
    // Prints and documents belong to enrolments and persons that are there.
    for known in ["persons", "enrolments"] {
        let table = crate::seeds::import_csvs()
            .into_iter()
            .find(|table| table.starts_with(known.as_bytes()));
        desk.import(&table.unwrap_or_default(), "csv");
    }
    Mutex::new(desk)
});

struct Desk {
    folder: PathBuf,
    store: Store,
}

/// The header of `persons` without a row: every import needs the table.
const NO_PERSONS: &[u8] = b"person_id,pin,surname,given,patronymic,sex,birth_date,citizenship\n";

impl Desk {
    /// Imports one table: its name on the first line, the file after it.
    fn import(&self, bytes: &[u8], extension: &str) -> bool {
        let (table, body) = titled(bytes);
        let known = register::door::TABLES
            .iter()
            .find(|known| known.name == table);
        let table = known.map_or("persons", |known| known.name);
        // A disk that does not take a file ends the run: nothing was tried.
        std::fs::create_dir_all(&self.folder).expect("the temporary folder can be made");
        if table != "persons" {
            std::fs::write(self.folder.join("persons.csv"), NO_PERSONS)
                .expect("the disk takes a file");
        }
        let file = self.folder.join(format!("{table}.{extension}"));
        std::fs::write(file, body).expect("the disk takes a file");
        let report = import::folder(&self.store, &self.folder, &Options::default(), &mut |_| {});
        std::fs::remove_dir_all(&self.folder).expect("the temporary folder can be removed");
        report.is_ok_and(|report| {
            report.tables.iter().for_each(|table| {
                let accounted = table.added + table.changed + table.unchanged + table.rejected;
                assert_eq!(table.rows, accounted, "no row is lost");
            });
            report
                .table(table)
                .is_some_and(|table| table.rows > table.rejected)
        })
    }
}

/// The first line, and what comes after it.
fn titled(bytes: &[u8]) -> (&str, &[u8]) {
    let split = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let title = std::str::from_utf8(&bytes[..split]).unwrap_or_default();
    (title, bytes.get(split + 1..).unwrap_or_default())
}

fn import_one(bytes: &[u8], extension: &str) -> bool {
    DESK.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .import(bytes, extension)
}

/// A table as CSV.
pub fn parse_import_csv(bytes: &[u8]) -> bool {
    import_one(bytes, "csv")
}

/// A table as Parquet.
pub fn parse_import_parquet(bytes: &[u8]) -> bool {
    import_one(bytes, "parquet")
}

/// Houses of the address register as GeoJSON.
pub fn parse_geojson(bytes: &[u8]) -> bool {
    let Ok(layout) = Layout::of(&ADDRESSES, &geojson::COLUMNS) else {
        return false;
    };
    let mut taken = 0;
    let read = geojson::features(bytes, &mut |_, cells| {
        let house = cells.and_then(|cells| {
            let cells: Vec<Cell<'_>> = cells.iter().map(|cell| Cell::Text(cell)).collect();
            layout.row(&cells).and_then(|row| rows::address(&row))
        });
        taken += u32::from(house.is_ok());
    });
    read.is_ok() && taken > 0
}

/// A part of a snapshot's image, its place in the list of parts first; behind the last part the reconciliation.
pub fn parse_snapshot_image(bytes: &[u8]) -> bool {
    let Some((first, body)) = bytes.split_first() else {
        return false;
    };
    static SAMPLE: LazyLock<roll::Snapshot> = LazyLock::new(crate::seeds::sample_snapshot);
    let snapshot = &*SAMPLE;
    let garbled = Part::ALL.get(usize::from(*first));
    let Some(garbled) = garbled else {
        let read = roll::reconcile::image::of_image(body);
        return read.is_ok_and(|read| read.fits(snapshot));
    };
    let parts: Result<Vec<_>, _> = Part::ALL
        .into_iter()
        .map(|part| {
            let whole = snapshot.image(part);
            let bytes = if part == *garbled { body } else { &whole };
            Ok((part, roll::Snapshot::of_image(part, bytes)?))
        })
        .collect();
    parts.and_then(roll::Snapshot::of_parts).is_ok()
}

/// An Arrow stream through the first step that needs nothing beside it; its name on the first line.
pub fn parse_arrow_stream(bytes: &[u8]) -> bool {
    let (name, body) = titled(bytes);
    let filter = FILTERS.iter().find(|filter| filter.name == name);
    let filter = filter.unwrap_or(&FILTERS[0]);
    let Ok(batches) = read_stream(body) else {
        return false;
    };
    // Putting rows in order reads every cell, whatever a step needs beside them.
    let gathered = filter.gather(&batches).is_ok();
    filter.apply(&batches, &Params::default()).is_ok() || gathered
}
