//! `tizme batch addresses --register`: streets renamed, buildings with two addresses, GeoJSON, rows that cannot stand.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

#[path = "../../batch/tests/small/mod.rs"]
mod small;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use arrow::array::{Array as _, RecordBatch, StringArray};
use lexicon::handover::envelope::hex;
use lexicon::handover::snapshot::{SecondAddressRow, SnapshotTables, StreetNameRow};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use small::{Run, Scratch, tables};

/// The small country with address texts of its list, row by row.
fn begin(name: &str, texts: &[&str]) -> Scratch {
    begin_with(name, texts, |_| {})
}

fn begin_with(name: &str, texts: &[&str], change: impl FnOnce(&mut SnapshotTables)) -> Scratch {
    let mut t: SnapshotTables = tables();
    change(&mut t);
    t.commission.truncate(texts.len());
    for (row, text) in t.commission.iter_mut().zip(texts) {
        row.address = (*text).to_owned();
        row.precinct = String::new();
    }
    let scratch = Scratch::new(name);
    let run = Run::new(scratch.path(), &t);
    let keys = scratch.path().join("keys");
    std::fs::create_dir_all(&keys).unwrap();
    let public = hex(&run.chain.register.public_key().0);
    std::fs::write(keys.join("register.pub"), public).unwrap();
    std::fs::create_dir(scratch.path().join("land")).unwrap();
    scratch
}

const BATCH: &str = "batch addresses --snapshot snapshot --law kg-2015 --out o --json";

fn run(dir: &Path, code: i32) -> String {
    run_at(dir, &format!("{BATCH} --register land"), code)
}

fn run_at(dir: &Path, at: &str, code: i32) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tizme"))
        .args(at.split(' '))
        .current_dir(dir)
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}

/// Building (or why it waits) and how the street agrees, by row.
fn placed(dir: &Path) -> BTreeMap<String, (String, String)> {
    let file = std::fs::File::open(dir.join("o/addresses.parquet")).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let batches: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
    let mut found = BTreeMap::new();
    for batch in batches {
        let column = |name: &str| -> StringArray {
            let array = batch.column_by_name(name).unwrap();
            array
                .as_any()
                .downcast_ref::<StringArray>()
                .unwrap()
                .clone()
        };
        let (rows, houses, reasons, streets) = (
            column("row"),
            column("address"),
            column("reason"),
            column("street"),
        );
        for at in 0..batch.num_rows() {
            let house = if houses.is_valid(at) {
                &houses
            } else {
                &reasons
            };
            let street = if streets.is_valid(at) {
                streets.value(at)
            } else {
                ""
            };
            found.insert(
                rows.value(at).to_owned(),
                (house.value(at).to_owned(), street.to_owned()),
            );
        }
    }
    found
}

const PLACE: &str = "41711000000000";

fn put(dir: &Path, name: &str, text: &str) {
    std::fs::write(dir.join("land").join(name), text).unwrap();
}

/// Houses 1 to 9 of Manas street (now so called) and of Chüy avenue.
fn houses() -> String {
    let mut text = "address_id,soate,street_id,street_name,house,lon,lat\n".to_owned();
    for n in 1..10 {
        text += &format!("m{n},{PLACE},s1,Манас көчөсү,{n},74.5,42.8\n");
        text += &format!("c{n},{PLACE},s2,Чүй проспектиси,{n},74.5,42.8\n");
    }
    text
}

const TEXTS: [&str; 6] = [
    "Бишкек, ул. Манаса, д. 5",
    // The name that the street had until 2010.
    "Бишкек, ул. Белинского, д. 5",
    // A name that it will have after the election.
    "Бишкек, ул. Байтик баатыра, д. 5",
    // The corner house's other address.
    "Бишкек, пр. Жибек Жолу, д. 77",
    "Бишкек, пр. Чуй, д. 3",
    "Бишкек, пр. Жибек Жолу, д. 78",
];

const NAMES: &str = "street_id,name,from,until\n\
    s1,улица Белинского,1936-01-01,2010-06-01\n\
    s1,улица Байтик баатыра,2016-01-01,\n\
    s1,улица Токтогула,2012-01-01,2011-01-01\n\
    s9,улица Ленина,,\n";

fn seconds() -> String {
    format!(
        "address_id,soate,street_id,street_name,house\n\
         m7,{PLACE},s3,Жибек Жолу проспектиси,77\n\
         m7,{PLACE},s3,Жибек Жолу проспектиси,77\n\
         zz,{PLACE},s3,Жибек Жолу проспектиси,79\n"
    )
}

#[test]
fn former_names_and_second_addresses_lead_to_the_building() {
    let dir = begin("land-csv", &TEXTS);
    put(dir.path(), "addresses.csv", &houses());
    put(dir.path(), "street_names.csv", NAMES);
    put(dir.path(), "second_addresses.csv", &seconds());
    let told: serde_json::Value = serde_json::from_str(&run(dir.path(), 0)).unwrap();
    assert_eq!(told["houses"], 19);
    assert_eq!(told["rejects"], 6);
    let found = placed(dir.path());
    let house = |row: &str| found[row].0.as_str();
    assert_eq!((house("r0"), house("r1")), ("m5", "m5"));
    assert_eq!(found["r1"].1, "former");
    assert_eq!(house("r2"), "NO_STREET");
    assert_eq!((house("r3"), house("r4")), ("m7", "c3"));
    assert_eq!(house("r5"), "NO_HOUSE");
    let rejects = std::fs::read_to_string(dir.path().join("o/rejects.csv")).unwrap();
    let starts: Vec<String> = rejects
        .lines()
        .skip(1)
        .map(|line| line.split(',').take(4).collect::<Vec<_>>().join(","))
        .collect();
    assert_eq!(
        starts,
        [
            "second_addresses.csv,4,address_id,UNKNOWN",
            "second_addresses.csv,3,house,DUPLICATE_ID",
            "street_names.csv,4,until,DATE_ORDER",
            "street_names.csv,5,street_id,UNKNOWN",
            "street_names.csv,3,from,NOT_IN_FORCE",
            // By the ranges odd numbers of s1 vote in 1001; s3 has no range at all.
            "second_addresses.csv,m7,street_id,TWO_PRECINCTS",
        ]
    );
}

#[test]
fn the_snapshots_own_names_lead_to_the_building_and_contradicting_ones_are_refused() {
    let dir = begin_with("land-snapshot", &TEXTS, |t| {
        t.street_names.push(StreetNameRow {
            street: "s1".to_owned(),
            name: "улица Белинского".to_owned(),
            from: None,
            until: Some("2010-06-01".parse().unwrap()),
        });
        t.street_names.push(StreetNameRow {
            street: "s1".to_owned(),
            name: "улица Байтик баатыра".to_owned(),
            from: Some("2016-01-01".parse().unwrap()),
            until: None,
        });
        t.second_addresses.push(SecondAddressRow {
            address: "a6".to_owned(),
            soate: PLACE.parse().unwrap(),
            street: "s3".to_owned(),
            street_name: "Жибек Жолу проспектиси".to_owned(),
            house: "77".to_owned(),
        });
    });
    run_at(dir.path(), BATCH, 0);
    let found = placed(dir.path());
    let pair = |row: &str| (found[row].0.as_str(), found[row].1.as_str());
    assert_eq!(pair("r0"), ("a4", "same"));
    assert_eq!(pair("r1"), ("a4", "former"));
    assert_eq!(pair("r2").0, "NO_STREET");
    assert_eq!(pair("r3"), ("a6", "same"));
    // What the office's import refuses, the folder's reader refuses.
    put(dir.path(), "addresses.csv", &houses());
    let names = "street_id,name,from,until\n\
        s1,улица Белинского,1936-01-01,2010-06-01\ns1,улица Правды,1990-01-01,2000-01-01\n";
    put(dir.path(), "street_names.csv", names);
    run(dir.path(), 0);
    assert_eq!(placed(dir.path())["r1"].0, "NO_STREET");
    let rejects = std::fs::read_to_string(dir.path().join("o/rejects.csv")).unwrap();
    for line in [2, 3] {
        let expected = format!("street_names.csv,{line},from,TWO_NAMES,");
        assert!(rejects.contains(&expected), "{rejects}");
    }
}

#[test]
fn geojson_gives_the_same_houses_and_a_bad_feature_is_named() {
    let dir = begin("land-geojson", &TEXTS);
    put(dir.path(), "addresses.csv", &houses());
    run(dir.path(), 0);
    let of_csv = std::fs::read(dir.path().join("o/addresses.parquet")).unwrap();
    std::fs::remove_file(dir.path().join("land/addresses.csv")).unwrap();
    let mut features: Vec<String> = houses()
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            format!(
                r#"{{"type":"Feature","geometry":{{"type":"Point","coordinates":[{},{}]}},"properties":{{"address_id":"{}","soate":{},"street_id":"{}","street_name":"{}","house":{}}}}}"#,
                cells[5], cells[6], cells[0], cells[1], cells[2], cells[3], cells[4]
            )
        })
        .collect();
    let bad = |geometry: &str, properties: &str| {
        format!(r#"{{"type":"Feature","geometry":{geometry},"properties":{properties}}}"#)
    };
    let point = r#"{"type":"Point","coordinates":[74.5,42.8]}"#;
    features.push(bad(r#"{"type":"LineString","coordinates":[]}"#, "{}"));
    features.push(bad(point, r#"{"address_id":"x"}"#));
    features.push(bad(r#"{"type":"Point","coordinates":[742,42]}"#, "{}"));
    features.push(features[0].clone());
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    );
    put(dir.path(), "addresses.geojson", &text);
    run(dir.path(), 0);
    assert!(std::fs::read(dir.path().join("o/addresses.parquet")).unwrap() == of_csv);
    let rejects = std::fs::read_to_string(dir.path().join("o/rejects.csv")).unwrap();
    for expected in [
        "addresses.geojson,19,geometry,COORDINATE,",
        "addresses.geojson,20,soate,EMPTY,",
        "addresses.geojson,21,geometry,COORDINATE,",
        "addresses.geojson,22,address_id,DUPLICATE_ID,",
    ] {
        assert!(rejects.contains(expected), "{rejects}");
    }
    put(dir.path(), "addresses.geojson", "[1, 2]");
    assert!(run(dir.path(), 2).contains("addresses.geojson: is no GeoJSON FeatureCollection"));
}

#[test]
fn a_circle_of_places_is_refused_row_by_row() {
    let dir = begin("land-places", &TEXTS[..1]);
    put(dir.path(), "addresses.csv", &houses());
    let places = format!(
        "soate,parent,name\n{PLACE},,город Бишкек\n\
         41702000000000,41703000000000,А\n41703000000000,41704000000000,Б\n41704000000000,41702000000000,В\n\
         41705000000000,41706000000000,Г\n{PLACE},,город Бишкек\n"
    );
    put(dir.path(), "places.csv", &places);
    run(dir.path(), 0);
    assert_eq!(placed(dir.path())["r0"].0, "m5");
    let rejects = std::fs::read_to_string(dir.path().join("o/rejects.csv")).unwrap();
    for expected in [
        "places.csv,3,parent,CIRCULAR,",
        "places.csv,4,parent,CIRCULAR,",
        "places.csv,5,parent,CIRCULAR,",
        "places.csv,6,parent,UNKNOWN,",
        "places.csv,7,soate,DUPLICATE_ID,",
    ] {
        assert!(rejects.contains(expected), "{rejects}");
    }
}
