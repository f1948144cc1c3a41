//! The written tables: same bytes for the same seed, and truth that the tables themselves bear out.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests stop at the first surprise"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use country::{Country, Params};

fn write(name: &str, params: &Params, threads: usize) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&dir);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(|| Country::generate(params).unwrap().write(&dir).unwrap());
    dir
}

/// Every file below a folder with its bytes.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(
                    path.strip_prefix(dir).unwrap().to_path_buf(),
                    fs::read(&path).unwrap(),
                );
            }
        }
    }
    found
}

#[test]
fn same_seed_same_bytes_on_one_and_two_threads() {
    let params = Params {
        persons: 2_000,
        precincts: 12,
        image_persons: 2,
        ..Params::default()
    };
    let one = files(&write("one", &params, 1));
    let two = files(&write("two", &params, 2));
    assert_eq!(
        one.keys().collect::<Vec<_>>(),
        two.keys().collect::<Vec<_>>()
    );
    for (path, bytes) in &one {
        assert!(two[path] == *bytes, "{} differs", path.display());
    }
    // 10 tables, 5 of truth, prints and photos; 4 fingers of 2 persons.
    assert_eq!(one.len(), 17 + 8);
    let other = files(&write("other", &Params { seed: 8, ..params }, 2));
    assert!(other[Path::new("persons.csv")] != one[Path::new("persons.csv")]);
}

type Row = BTreeMap<String, String>;

/// Reads a CSV with quotes; enough for what the country writes.
fn table(dir: &Path, name: &str) -> Vec<Row> {
    let text = fs::read_to_string(dir.join(format!("{name}.csv"))).unwrap();
    let mut lines = text.lines();
    let header: Vec<String> = fields(lines.next().unwrap());
    lines
        .map(|line| header.iter().cloned().zip(fields(line)).collect())
        .collect()
}

fn fields(line: &str) -> Vec<String> {
    let (mut out, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    out.push(field);
    out
}

/// The name as of election day: the last act's, else the first recorded.
fn current_names(dir: &Path) -> BTreeMap<String, [String; 3]> {
    let name = |r: &Row| {
        [
            r["surname"].clone(),
            r["given"].clone(),
            r["patronymic"].clone(),
        ]
    };
    let mut names: BTreeMap<String, [String; 3]> = table(dir, "persons")
        .iter()
        .map(|r| (r["person_id"].clone(), name(r)))
        .collect();
    for event in table(dir, "civil_events")
        .iter()
        .filter(|e| e["kind"] == "name_change")
    {
        names.insert(event["person_id"].clone(), name(event));
    }
    names
}

#[test]
fn classes_follow_from_the_tables() {
    let params = Params {
        prints: false,
        photos: false,
        ..Params::default()
    };
    let dir = write("truth", &params, 2);
    let persons: BTreeMap<String, Row> = table(&dir, "persons")
        .into_iter()
        .map(|r| (r["person_id"].clone(), r))
        .collect();
    let names = current_names(&dir);
    let rows: BTreeMap<String, Row> = table(&dir, "commission")
        .into_iter()
        .map(|r| (r["row_id"].clone(), r))
        .collect();
    let labels = table(&dir, "truth/commission");
    assert_eq!(rows.len(), labels.len());
    let having = |kind: &str| -> BTreeSet<String> {
        let events = table(&dir, "civil_events");
        events
            .iter()
            .filter(|e| e["kind"] == kind)
            .map(|e| e["person_id"].clone())
            .collect()
    };
    let (dead, lost) = (having("death"), having("citizenship_loss"));
    let processed: BTreeSet<String> = table(&dir, "enrolments")
        .iter()
        .filter(|e| !e["processed"].is_empty() && e["processed"].as_str() <= "2015-09-19")
        .map(|e| e["person_id"].clone())
        .collect();
    let look_alikes = |s: &str| s.chars().any(|c| c.is_ascii_alphabetic());
    for label in &labels {
        let row = &rows[&label["row_id"]];
        let has = |class: &str| label["classes"].split('+').any(|c| c == class);
        let who = &label["person_id"];
        if who.is_empty() {
            assert!(has("not_found") || has("unreadable"), "{label:?}");
            continue;
        }
        assert_eq!(has("dead"), dead.contains(who), "{label:?}");
        let foreign = persons[who]["citizenship"] != "KGZ" || lost.contains(who);
        assert_eq!(
            has("not_citizen"),
            foreign && !dead.contains(who),
            "{label:?}"
        );
        let young = persons[who]["birth_date"].as_str() > "1997-10-04";
        assert_eq!(
            has("under_age"),
            young && !foreign && !dead.contains(who),
            "{label:?}"
        );
        if has("no_biometrics") {
            assert!(!processed.contains(who), "{label:?}");
        }
        if !has("pin_corrected") && !has("two_pins") {
            assert_eq!(row["pin"], persons[who]["pin"], "{label:?}");
        }
        let low = |s: &str| s.to_lowercase().replace('ё', "е");
        let [surname, given, _] = &names[who];
        let differs = low(given) != low(&row["given"]) || low(surname) != low(&row["surname"]);
        if differs && !look_alikes(&row["surname"]) {
            assert!(has("renamed"), "{label:?}");
        }
        assert_eq!(label["classes"] == "same", has("same"), "{label:?}");
    }
}

#[test]
fn tables_refer_only_to_what_exists() {
    let params = Params {
        persons: 6_000,
        prints: false,
        photos: false,
        ..Params::default()
    };
    let dir = write("references", &params, 2);
    let ids = |name: &str, column: &str| -> BTreeSet<String> {
        let rows = table(&dir, name);
        let count = rows.len();
        let set: BTreeSet<String> = rows.into_iter().map(|r| r[column].clone()).collect();
        assert_eq!(set.len(), count, "{name}.{column} repeats");
        set
    };
    let persons = ids("persons", "person_id");
    let addresses = ids("addresses", "address_id");
    let precincts = ids("precincts", "precinct");
    let enrolments = ids("enrolments", "enrolment_id");
    ids("documents", "number");
    ids("civil_events", "event_id");
    ids("claims", "claim_id");
    for name in [
        "documents",
        "residences",
        "civil_events",
        "enrolments",
        "truth/new",
    ] {
        for row in table(&dir, name) {
            assert!(persons.contains(&row["person_id"]), "{name} {row:?}");
        }
    }
    for row in table(&dir, "residences") {
        assert!(addresses.contains(&row["address_id"]), "{row:?}");
        assert!(
            row["until"].is_empty() || row["from"] < row["until"],
            "{row:?}"
        );
    }
    for row in table(&dir, "claims") {
        assert!(
            row["target_precinct"].is_empty() || precincts.contains(&row["target_precinct"]),
            "{row:?}"
        );
    }
    for row in table(&dir, "truth/duplicates") {
        assert!(
            enrolments.contains(&row["enrolment_a"]) && enrolments.contains(&row["enrolment_b"])
        );
    }
    let listed: BTreeSet<String> = table(&dir, "truth/commission")
        .iter()
        .map(|r| r["person_id"].clone())
        .collect();
    for row in table(&dir, "truth/new") {
        assert!(!listed.contains(&row["person_id"]), "{row:?}");
    }
    let boundaries = table(&dir, "boundaries");
    for row in boundaries.iter().filter(|r| !r["geojson"].is_empty()) {
        let json: serde_json::Value = serde_json::from_str(&row["geojson"]).unwrap();
        let kind = json["type"].as_str().unwrap();
        if kind != "Polygon" && kind != "MultiPolygon" {
            panic!("{kind}");
        }
    }
}
