//! Streets that are renamed, their other names, and buildings with two addresses: into both engines and out again.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

mod kit;

use std::fs;

use kit::{Scratch, folder, memory, on_both};
use lexicon::handover::snapshot::{SecondAddressRow, StreetNameRow};
use store::import::{self, FileError, ImportError, ImportReport, Options};
use store::{Journal, Store};

fn load(store: &Store, dir: &Scratch) -> ImportReport {
    import::folder(store, dir.path(), &Options::default(), &mut |_| {}).unwrap()
}

/// A country of 200: street 5 has the houses `a5` and `a45`.
fn country(name: &str) -> Scratch {
    let dir = Scratch::new(name);
    folder::write(dir.path(), 200);
    dir
}

fn put(dir: &Scratch, file: &str, text: &str) {
    fs::write(dir.path().join(file), text).unwrap();
}

fn addresses(dir: &Scratch) -> String {
    fs::read_to_string(dir.path().join("addresses.csv")).unwrap()
}

/// Street 5 is called otherwise in the folder.
fn rename(dir: &Scratch, name: &str) {
    let text = addresses(dir).replace("\"улица Чүй, 5\"", name);
    put(dir, "addresses.csv", &text);
}

const OLD: &str = "улица Чүй, 5";
const NEW: &str = "Манас көчөсү";
const NAMES: &str = "street_id,name,from,until\n";
const SECONDS: &str = "address_id,soate,street_id,street_name,house\n";

/// `added changed unchanged rejected` of a table.
fn counts(report: &ImportReport, table: &str) -> [u64; 4] {
    let t = report.table(table).unwrap();
    let counts = [t.added, t.changed, t.unchanged, t.rejected];
    assert_eq!(t.rows, counts.iter().sum::<u64>(), "{t:?}");
    counts
}

fn name(street: &str, name: &str, from: &str, until: &str) -> StreetNameRow {
    let day = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
    StreetNameRow {
        street: street.to_owned(),
        name: name.to_owned(),
        from: day(from),
        until: day(until),
    }
}

/// Rows `file,line,field` that were refused, with a part of the reason of each.
fn check_rejects(report: &ImportReport, expected: &[(&str, &str)]) {
    let path = report.rejects.as_ref();
    let text = path.map_or_else(String::new, |path| fs::read_to_string(path).unwrap());
    let rows: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(rows.len(), expected.len(), "{text}");
    for (place, why) in expected {
        let found = rows
            .iter()
            .any(|row| row.starts_with(place) && row.contains(why));
        assert!(found, "{place} {why}: {text}");
    }
}

#[test]
fn a_street_renamed_in_a_second_folder_keeps_its_former_name_on_both_engines() {
    on_both(|engine, store| {
        let dir = country("renamed");
        load(store, &dir);
        let before = store.snapshot().unwrap().tables;
        rename(&dir, NEW);
        put(
            &dir,
            "street_names.csv",
            &format!("{NAMES}s5,{NEW},2015-06-01,\n"),
        );
        let report = load(store, &dir);
        assert_eq!(report.rejected(), 0, "{engine} {:?}", report.reasons);
        assert_eq!(counts(&report, "addresses"), [0, 2, 65, 0], "{engine}");
        assert_eq!(counts(&report, "street_names"), [1, 0, 0, 0], "{engine}");

        let after = store.snapshot().unwrap();
        let mut wanted = before;
        for row in wanted.addresses.iter_mut().filter(|row| row.street == "s5") {
            row.street_name = NEW.to_owned();
        }
        wanted.street_names = vec![
            name("s5", NEW, "2015-06-01", ""),
            name("s5", OLD, "", "2015-06-01"),
        ];
        assert_eq!(after.tables, wanted, "{engine}");
        // Every page prints the name in force.
        store
            .read("names", |tx| {
                let house = tx.find_address("a45")?.unwrap();
                assert_eq!(house.street_name, NEW, "{engine}");
                let place = house.soate.as_u64();
                assert!(
                    tx.addresses_of_place(place, 99)?.contains(&house),
                    "{engine}"
                );
                let streets = ["s5".to_owned()].into();
                assert!(
                    tx.addresses_on_streets(&streets)?.contains(&house),
                    "{engine}"
                );
                let (lon, lat) = (house.lon_microdegrees, house.lat_microdegrees);
                let found = tx.addresses_within([lon, lat, lon, lat], 9)?;
                assert!(found.contains(&house), "{engine}");
                assert_eq!(tx.find_street_name("s5")?.as_deref(), Some(NEW), "{engine}");
                assert_eq!(tx.find_street_name("s6")?.as_deref(), Some("улица Чүй, 6"));
                tx.verify_journal(Journal::Registry)
            })
            .unwrap();

        // The same folder once more changes nothing, and neither does the one of before.
        for text in [addresses(&dir), addresses(&country("before"))] {
            put(&dir, "addresses.csv", &text);
            let again = load(store, &dir);
            assert_eq!(counts(&again, "addresses"), [0, 0, 67, 0], "{engine}");
            assert_eq!(counts(&again, "street_names"), [0, 0, 1, 0], "{engine}");
            assert_eq!(store.snapshot().unwrap(), after, "{engine}");
        }

        // A third name a year later: each earlier one ends where the next begins.
        rename(&dir, "Эркиндик бульвары");
        put(&dir, "street_names.csv", NAMES);
        assert_eq!(
            counts(&load(store, &dir), "addresses"),
            [0, 2, 65, 0],
            "{engine}"
        );
        let names = store
            .read("names", |tx| tx.snapshot_street_names())
            .unwrap();
        let wanted = [
            name("s5", NEW, "2015-06-01", "2015-09-20"),
            name("s5", OLD, "", "2015-06-01"),
        ];
        assert_eq!(names, wanted, "{engine}");
    });
}

/// Story: street 5 is renamed, and three months later bears its first name again. Its houses print in the third folder what
/// they printed in the first. Expect: the row that tells the day renames it back; the first folder alone does not.
#[test]
fn a_street_takes_an_earlier_name_again_when_a_row_tells_the_day() {
    on_both(|engine, store| {
        let dir = country("again");
        load(store, &dir);
        let first = addresses(&dir);
        rename(&dir, NEW);
        put(
            &dir,
            "street_names.csv",
            &format!("{NAMES}s5,{NEW},2015-06-01,\n"),
        );
        load(store, &dir);

        put(&dir, "addresses.csv", &first);
        put(
            &dir,
            "street_names.csv",
            &format!("{NAMES}s5,\"{OLD}\",2015-05-01,\n"),
        );
        let early = load(store, &dir);
        check_rejects(
            &early,
            &[("street_names.csv,2,from", "two names of the street")],
        );
        let called = |store: &Store| store.read("name", |tx| tx.find_street_name("s5")).unwrap();
        assert_eq!(called(store).as_deref(), Some(NEW), "{engine}");

        put(
            &dir,
            "street_names.csv",
            &format!("{NAMES}s5,\"{OLD}\",2015-09-01,\n"),
        );
        let report = load(store, &dir);
        assert_eq!(report.rejected(), 0, "{engine} {:?}", report.reasons);
        assert_eq!(counts(&report, "street_names"), [1, 0, 0, 0], "{engine}");
        assert_eq!(called(store).as_deref(), Some(OLD), "{engine}");
        let after = store.snapshot().unwrap();
        let mut houses = after.tables.addresses.iter();
        assert!(
            houses.any(|row| row.street == "s5" && row.street_name == OLD),
            "{engine}"
        );
        assert_eq!(
            after.tables.street_names,
            [
                name("s5", NEW, "2015-06-01", "2015-09-01"),
                name("s5", OLD, "", "2015-06-01"),
                name("s5", OLD, "2015-09-01", ""),
            ],
            "{engine}"
        );
        // Once more: nothing.
        assert_eq!(load(store, &dir).rejected(), 0, "{engine}");
        assert_eq!(store.snapshot().unwrap(), after, "{engine}");
    });
}

#[test]
fn names_that_contradict_each_other_or_the_register_are_refused_and_the_rest_goes_on() {
    on_both(|engine, store| {
        let dir = country("contradict");
        let names = "s1,Правда,1936-01-01,1960-01-01\n\
                     s1,Сталин,1950-01-01,1961-01-01\n\
                     s2,Киров,1936-01-01,1960-01-01\n\
                     s2,Киров,1936-01-01,1961-01-01\n\
                     s3,Алыкул,2015-09-21,\n\
                     s3,Тоголок,2015-01-01,2014-01-01\n\
                     zz,Ленин,,\n\
                     s4,,,\n\
                     s4,Chuy street,,\n";
        put(&dir, "street_names.csv", &format!("{NAMES}{names}"));
        let report = load(store, &dir);
        assert_eq!(counts(&report, "street_names"), [2, 0, 0, 7], "{engine}");
        check_rejects(
            &report,
            &[
                ("street_names.csv,2,from", "in force on one day"),
                ("street_names.csv,3,from", "in force on one day"),
                ("street_names.csv,5,name", "an earlier line has this id"),
                ("street_names.csv,6,from", "begins after the day"),
                ("street_names.csv,7,until", "lies before the first day"),
                ("street_names.csv,8,street_id", "not in the register"),
                ("street_names.csv,9,name", "is required"),
            ],
        );
        let kept = store
            .read("names", |tx| tx.snapshot_street_names())
            .unwrap();
        let wanted = [
            name("s2", "Киров", "1936-01-01", "1960-01-01"),
            name("s4", "Chuy street", "", ""),
        ];
        assert_eq!(kept, wanted, "{engine}");

        // Houses that print two new names rename nothing; a renaming before the street bore its name is none.
        let text = addresses(&dir).replacen("\"улица Чүй, 5\"", NEW, 1);
        let text = text.replacen("\"улица Чүй, 5\"", "Бишкек көчөсү", 1);
        put(
            &dir,
            "addresses.csv",
            &text.replace("\"улица Чүй, 6\"", "Ош көчөсү"),
        );
        let names = "s6,\"улица Чүй, 6\",2010-01-01,\ns6,Ош көчөсү,2009-01-01,\n\
                     s2,Киров,1936-01-01,1970-01-01\ns4,Chuy street,,2015-01-01\n";
        put(&dir, "street_names.csv", &format!("{NAMES}{names}"));
        let report = load(store, &dir);
        assert_eq!(counts(&report, "addresses"), [0, 0, 63, 4], "{engine}");
        assert_eq!(counts(&report, "street_names"), [0, 1, 0, 3], "{engine}");
        check_rejects(
            &report,
            &[
                ("addresses.csv,7,street_name", "in force on one day"),
                ("addresses.csv,47,street_name", "in force on one day"),
                (
                    "addresses.csv,8,street_name",
                    "lies before the one that is known",
                ),
                (
                    "addresses.csv,48,street_name",
                    "lies before the one that is known",
                ),
                ("street_names.csv,2,from", "in force on one day"),
                ("street_names.csv,3,from", "in force on one day"),
                (
                    "street_names.csv,4,until",
                    "an end that is known does not move",
                ),
            ],
        );
        assert_eq!(
            store
                .read("s6", |tx| tx.find_street_name("s6"))
                .unwrap()
                .as_deref(),
            Some("улица Чүй, 6"),
            "{engine}"
        );
    });
}

#[test]
fn a_building_has_two_addresses_and_its_second_follows_its_street() {
    on_both(|engine, store| {
        let dir = country("seconds");
        let seconds = "a5,41711000000010,s7,\"улица Чүй, 7\",77\n\
                       a6,41711000000010,s70,Жибек Жолу,12\n\
                       a6,41711000000010,s70,Жибек Жолу,12\n\
                       zz,41711000000010,s70,Жибек Жолу,14\n\
                       a7,4171100000001,s70,Жибек Жолу,16\n";
        put(&dir, "second_addresses.csv", &format!("{SECONDS}{seconds}"));
        // A street of second addresses alone may have other names too.
        put(
            &dir,
            "street_names.csv",
            &format!("{NAMES}s70,Правда,,1993-05-01\n"),
        );
        let report = load(store, &dir);
        assert_eq!(
            counts(&report, "second_addresses"),
            [2, 0, 0, 3],
            "{engine}"
        );
        assert_eq!(counts(&report, "street_names"), [1, 0, 0, 0], "{engine}");
        check_rejects(
            &report,
            &[
                (
                    "second_addresses.csv,4,house",
                    "an earlier line has this id",
                ),
                ("second_addresses.csv,5,address_id", "not in the register"),
                ("second_addresses.csv,6,soate", ""),
            ],
        );
        let second =
            |address: &str, street: &str, street_name: &str, house: &str| SecondAddressRow {
                address: address.to_owned(),
                soate: "41711000000010".parse().unwrap(),
                street: street.to_owned(),
                street_name: street_name.to_owned(),
                house: house.to_owned(),
            };
        let corner = second("a5", "s7", "улица Чүй, 7", "77");
        let wanted = [corner.clone(), second("a6", "s70", "Жибек Жолу", "12")];
        assert_eq!(
            store.snapshot().unwrap().tables.second_addresses,
            wanted,
            "{engine}"
        );

        // The second folder renames both streets, and moves a house to another place, which is no act.
        let text = addresses(&dir).replace("\"улица Чүй, 7\"", NEW);
        put(&dir, "addresses.csv", &text);
        let seconds = format!(
            "a5,41711000000010,s7,{NEW},77\na6,41711000000020,s70,Жибек Жолу,12\n\
             a8,41711000000010,s70,Жибек Жолу,18\n"
        );
        put(&dir, "second_addresses.csv", &format!("{SECONDS}{seconds}"));
        put(&dir, "street_names.csv", NAMES);
        let report = load(store, &dir);
        assert_eq!(
            counts(&report, "second_addresses"),
            [1, 1, 0, 1],
            "{engine}"
        );
        check_rejects(
            &report,
            &[(
                "second_addresses.csv,3,address_id",
                "send a house with a new id",
            )],
        );
        let known = store.read("a5", |tx| tx.second_addresses_of("a5")).unwrap();
        let renamed = SecondAddressRow {
            street_name: NEW.to_owned(),
            ..corner
        };
        assert_eq!(known, std::slice::from_ref(&renamed), "{engine}");
        let wanted = [
            renamed,
            second("a6", "s70", "Жибек Жолу", "12"),
            second("a8", "s70", "Жибек Жолу", "18"),
        ];
        let after = store.snapshot().unwrap();
        assert_eq!(after.tables.second_addresses, wanted, "{engine}");
        store
            .read("verify", |tx| tx.verify_journal(Journal::Registry))
            .unwrap();
    });
}

#[test]
fn one_house_that_prints_another_name_renames_no_street() {
    on_both(|engine, store| {
        let dir = country("one-house");
        load(store, &dir);
        let before = store.snapshot().unwrap().tables;
        let text = addresses(&dir).replacen("\"улица Чүй, 5\"", NEW, 1);
        put(&dir, "addresses.csv", &text);
        let report = load(store, &dir);
        assert_eq!(counts(&report, "addresses"), [0, 0, 66, 1], "{engine}");
        check_rejects(
            &report,
            &[("addresses.csv,7,street_name", "in force on one day")],
        );
        assert_eq!(store.snapshot().unwrap().tables, before, "{engine}");
    });
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let told = |turned: bool| {
        let store = memory();
        let dir = country("order");
        load(&store, &dir);
        rename(&dir, NEW);
        let names = "s5,Ленин,1936-01-01,1960-01-01\ns5,Сталин,1950-01-01,1961-01-01\n\
                     s6,Киров,1936-01-01,1960-01-01\ns5,Манас көчөсү,2015-06-01,\n";
        put(&dir, "street_names.csv", &format!("{NAMES}{names}"));
        let seconds =
            format!("a5,41711000000010,s7,\"улица Чүй, 7\",77\na6,41711000000010,s5,{NEW},9\n");
        put(&dir, "second_addresses.csv", &format!("{SECONDS}{seconds}"));
        if turned {
            for table in ["addresses", "street_names", "second_addresses"] {
                let path = dir.path().join(format!("{table}.csv"));
                let text = fs::read_to_string(&path).unwrap();
                let (header, rows) = text.split_once('\n').unwrap();
                let mut rows: Vec<&str> = rows.lines().collect();
                rows.reverse();
                fs::write(&path, format!("{header}\n{}\n", rows.join("\n"))).unwrap();
            }
        }
        let report = load(&store, &dir);
        let counted = ["addresses", "street_names", "second_addresses"].map(|t| counts(&report, t));
        (store.snapshot().unwrap().tables, counted)
    };
    assert_eq!(told(false), told(true));
}

#[test]
fn houses_come_as_geojson_too() {
    let dir = country("geojson");
    let of_csv = memory();
    load(&of_csv, &dir);
    let text = addresses(&dir);
    let features = text.lines().skip(1).map(|line| {
        let line = line.replace("\"улица Чүй, ", "улица Чүй#").replace("\",", ",");
        let cells: Vec<String> = line.split(',').map(|cell| cell.replace('#', ", ")).collect();
        format!(
            r#"{{"type":"Feature","geometry":{{"type":"Point","coordinates":[{},{}]}},"properties":{{"address_id":"{}","soate":{},"street_id":"{}","street_name":"{}","house":{}}}}}"#,
            cells[5], cells[6], cells[0], cells[1], cells[2], cells[3], cells[4]
        )
    });
    let mut features: Vec<String> = features.collect();
    features
        .push(r#"{"type":"Feature","geometry":{"type":"LineString"},"properties":{}}"#.to_owned());
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    );
    put(&dir, "addresses.geojson", &text);
    let store = memory();
    let refusal =
        |store: &Store| import::folder(store, dir.path(), &Options::default(), &mut |_| {});
    assert!(matches!(
        refusal(&store),
        Err(ImportError::Files(files)) if matches!(files[0].1, FileError::Both)
    ));
    fs::remove_file(dir.path().join("addresses.csv")).unwrap();
    let report = load(&store, &dir);
    assert_eq!(counts(&report, "addresses"), [67, 0, 0, 1]);
    check_rejects(&report, &[("addresses.geojson,68,geometry", "coordinate")]);
    assert_eq!(
        store.snapshot().unwrap().tables,
        of_csv.snapshot().unwrap().tables
    );
    put(&dir, "addresses.geojson", "[1, 2]");
    let told = refusal(&store).unwrap_err().to_string();
    assert!(
        told.contains("addresses: is no GeoJSON FeatureCollection"),
        "{told}"
    );
}
