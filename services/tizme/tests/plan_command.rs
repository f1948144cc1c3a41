//! `tizme plan`: what it takes, writes and returns.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use lexicon::handover::envelope::{DocumentType, Subject, encode, unsigned_all};
use lexicon::handover::release::{ListRelease, PrecinctTotal};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sample(name: &str) -> String {
    let path = root().join("docs/sample-planning").join(name);
    path.canonicalize().unwrap().display().to_string()
}

/// A directory of one test, made anew.
fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("plan-{name}"));
    if dir.exists() {
        std::fs::remove_dir_all(&dir).unwrap();
    }
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

/// Runs `tizme plan`, checks the exit code, and returns what was printed.
fn run(dir: &Path, arguments: &str, code: i32) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tizme"));
    let words = format!("plan {arguments}");
    let output = command
        .args(words.split(' '))
        .current_dir(dir)
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(code), "{arguments}: {said}");
    said
}

/// Rows of a table by its first cell, each a map by column.
fn table(path: &Path) -> BTreeMap<String, BTreeMap<String, String>> {
    let bytes = std::fs::read(path).unwrap();
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap();
    let mut reader = csv::Reader::from_reader(text);
    let head = reader.headers().unwrap().clone();
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        let cells = head.iter().zip(row.iter());
        let cells = cells.map(|(name, cell)| (name.to_owned(), cell.to_owned()));
        (row[0].to_owned(), cells.collect())
    });
    rows.collect()
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    let of = |entry: std::fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        (name, std::fs::read(entry.path()).unwrap())
    };
    entries.map(of).collect()
}

/// The country of 2015: 2,374 precincts. Kits by the default rule are within 4 % of the printed totals in the nine regions,
/// operators 5.3 % below them over the country; with the regions' own numbers both come out within 1.5 % and two kits.
#[test]
fn the_country_of_2015_is_planned_beside_what_was_deployed() {
    let dir = scratch("country");
    let given = format!(
        "--precincts {} --deployed {} --days 2",
        sample("precincts.csv"),
        sample("deployed-2015.csv")
    );
    run(&dir, &format!("{given} --out a"), 1);
    let found = table(&dir.join("a/compared.csv"));
    let number = |region: &str, column: &str| found[region][column].parse::<f64>().unwrap();
    for region in found.keys() {
        assert_eq!(number(region, "voters_more"), 0.0, "{region}");
        assert_eq!(number(region, "precincts_more"), 0.0, "{region}");
    }
    let nine = [
        "bishkek",
        "osh_city",
        "chui",
        "issyk_kul",
        "naryn",
        "talas",
        "osh",
        "jalal_abad",
        "batken",
    ];
    for region in nine {
        assert!(number(region, "kits_more_percent").abs() < 4.0, "{region}");
    }
    assert_eq!(number("TOTAL", "kits_deployed"), 5801.0);
    assert_eq!(number("TOTAL", "operators_deployed"), 9884.0);
    assert_eq!(number("TOTAL", "operators_more_percent"), -5.3);

    let shipped = std::fs::read_to_string(root().join("countries/kg/planning.toml")).unwrap();
    let regions = std::fs::read_to_string(sample("regions-2015.toml")).unwrap();
    std::fs::write(dir.join("rules.toml"), shipped + &regions).unwrap();
    run(&dir, &format!("{given} --rules rules.toml --out b"), 1);
    let found = table(&dir.join("b/compared.csv"));
    let more = |region: &str, column: &str| found[region][column].parse::<f64>().unwrap();
    for region in found.keys().filter(|region| *region != "TOTAL") {
        assert!(more(region, "kits_more").abs() <= 2.0, "{region}");
    }
    assert!(more("TOTAL", "operators_more_percent").abs() < 1.5);
}

#[test]
fn the_same_seed_gives_the_same_bytes_whatever_the_threads() {
    let dir = scratch("bytes");
    let given = format!("--precincts {} --days 3", sample("precincts.csv"));
    run(&dir, &format!("{given} --threads 1 --out a"), 1);
    run(&dir, &format!("{given} --threads 3 --out b"), 1);
    run(&dir, &format!("{given} --seed 8 --out c"), 1);
    let (one, three) = (files(&dir.join("a")), files(&dir.join("b")));
    let names = [
        "flags.csv",
        "hours.csv",
        "items.csv",
        "kits.csv",
        "plan.csv",
        "regions.csv",
        "report.html",
        "summary.json",
    ];
    assert_eq!(one.keys().map(String::as_str).collect::<Vec<_>>(), names);
    assert!(one == three, "threads changed a byte");
    assert_ne!(one["hours.csv"], files(&dir.join("c"))["hours.csv"]);
    let page = String::from_utf8_lossy(&one["report.html"]).into_owned();
    assert!(
        page.contains("<svg role=\"img\"") && !page.contains("<script") && !page.contains("src=")
    );
}

/// A bad row is refused by file, line, field and code; the others are planned.
fn check_rejects(name: &str, text: &[u8], rejects: &[&str], planned: usize) {
    let dir = scratch(&format!("rejects-{name}"));
    std::fs::write(dir.join("p.csv"), text).unwrap();
    let code = i32::from(!rejects.is_empty());
    let told = run(&dir, "--precincts p.csv --days 2 --out o --json", code);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        told["rejects"].as_u64(),
        Some(rejects.len() as u64),
        "{told}"
    );
    for (code, reason) in told["reject_reasons"].as_object().unwrap() {
        for language in ["ky", "ru", "en"] {
            let next = reason["next"][language].as_str().unwrap_or_default();
            assert!(!next.is_empty(), "{code} {language}");
        }
    }
    assert_eq!(table(&dir.join("o/plan.csv")).len(), planned, "{name}");
    let file = dir.join("o/rejects.csv");
    assert_eq!(file.exists(), !rejects.is_empty());
    if file.exists() {
        let text = std::fs::read_to_string(file).unwrap();
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(lines.len(), rejects.len());
        for (line, expected) in lines.iter().zip(rejects) {
            assert!(line.starts_with(expected), "{name}: {line}");
        }
    }
}

#[test]
fn a_bad_row_is_refused_by_line_and_field() {
    check_rejects(
        "good",
        b"\xef\xbb\xbfprecinct;voters;region;kits;turnout_percent\n1001;900;bishkek;2;58.5\n1002;0;;;\n",
        &[],
        2,
    );
    // A published table has other names, and a sum at its end.
    check_rejects(
        "published",
        b"precinct,lines,counted\n1001,41,19\n1002,37,<10\ntotal,78,19\n",
        &[],
        2,
    );
    check_rejects(
        "bad",
        b"precinct,voters,region,kits,turnout_percent\n\
          1001,900,bishkek,,\n\
          0999,900,bishkek,,\n\
          1002,-1,bishkek,,\n\
          1003,,bishkek,,\n\
          1004,900,=cmd(),,\n\
          1005,900,bishkek,0,\n\
          1006,900,bishkek,,101\n\
          1001,800,bishkek,,\n\
          1007,900\n\
          1008,100001,bishkek,,\n\
          1009,\xff\xfe,bishkek,,\n\
          1010,\"900,bishkek,,\n",
        &[
            "p.csv,3,precinct,PLACE",
            "p.csv,4,voters,NUMBER",
            "p.csv,5,voters,EMPTY",
            "p.csv,6,region,NOT_LISTED",
            "p.csv,7,kits,NUMBER",
            "p.csv,8,turnout_percent,NUMBER",
            "p.csv,9,precinct,DUPLICATE_ID",
            "p.csv,10,,FIELD_COUNT",
            "p.csv,11,voters,NUMBER",
            "p.csv,12,voters,NOT_UTF8",
            "p.csv,13,,TRUNCATED",
        ],
        1,
    );
}

#[test]
fn bad_use_is_refused_whole_and_names_file_and_line() {
    let dir = scratch("use");
    let put = |name: &str, text: &str| std::fs::write(dir.join(name), text).unwrap();
    let refused = |arguments: &str, words: &[&str]| {
        let said = run(&dir, &format!("{arguments} --out o"), 2);
        for word in words {
            assert!(said.contains(word), "{arguments}: {said}");
        }
        assert!(!dir.join("o").exists(), "{arguments}");
    };
    put("p.csv", "precinct,voters\n1001,900\n");
    put("none.csv", "precinct,voters\n");
    put("column.csv", "precinct,people\n1001,900\n");
    put("empty.csv", "");
    put("times.csv", "path,seconds\nflying,12\n");
    put("short.toml", "[[edition]]\nfrom = \"2015-01-01\"\n");
    let shipped = std::fs::read_to_string(root().join("countries/kg/planning.toml")).unwrap();
    put(
        "bad.toml",
        &shipped.replacen("at_least = 1", "at_least = 0", 1),
    );
    put(
        "late.toml",
        &shipped.replacen("2015-01-01", "2030-01-01", 1),
    );
    refused("--precincts missing.csv", &["missing.csv"]);
    refused("--precincts none.csv", &["none.csv", "no precinct"]);
    refused("--precincts column.csv", &["column.csv", "voters or lines"]);
    refused("--precincts empty.csv", &["empty.csv", "empty"]);
    refused("--precincts p.csv --rules short.toml", &["short.toml"]);
    refused(
        "--precincts p.csv --rules bad.toml",
        &["bad.toml", "line 8", "1 to 500"],
    );
    refused(
        "--precincts p.csv --rules late.toml",
        &["late.toml", "2015-10-04"],
    );
    refused("--precincts p.csv --law kg-1999", &["kg-1999"]);
    refused("--precincts p.csv --days 0", &["--days"]);
    refused(
        "--precincts p.csv --service times.csv",
        &["times.csv", "flying"],
    );
    run(&dir, "--precincts p.csv", 2);
    run(&dir, "queue --voters 100 --kits 0", 2);
}

/// Voters come from the release, which withholds nothing, and regions from the map.
#[test]
fn a_publication_is_planned() {
    let dir = scratch("publication");
    let folder = dir.join("publication");
    std::fs::create_dir(&folder).unwrap();
    for (number, voters) in [(1, 10), (2, 900)] {
        let total = |precinct, lines| PrecinctTotal {
            precinct,
            first_leaf: 0,
            lines,
        };
        let release = ListRelease {
            suite: "kg1".to_owned(),
            election: 20_151_004,
            release: number,
            previous: None,
            root: [0; 32].into(),
            total: 0,
            precincts: vec![total(1001, voters), total(1901, 7), total(5001, 1300)],
            considered: 0,
            excluded: Vec::new(),
            law: [0; 32].into(),
            snapshot: [0; 32].into(),
            frozen_at: 0,
            stage: "final".to_owned(),
        };
        let subject = Subject {
            kind: DocumentType::ListRelease,
            election: 20_151_004,
        };
        let bytes = unsigned_all(subject, &encode(&release)).unwrap();
        std::fs::write(folder.join(format!("release-{number}.cose")), bytes).unwrap();
    }
    let feature = |precinct: u16, region: &str, kind: &str| serde_json::json!({ "properties": { "precinct": precinct, "region": region, "kind": kind } });
    let map = serde_json::json!({ "features": [
        feature(1001, "bishkek", "territorial"), feature(1901, "bishkek", "additional"),
    ] });
    std::fs::write(folder.join("precincts.geojson"), map.to_string()).unwrap();
    run(&dir, "--precincts publication --days 2 --out o", 0);
    let plan = table(&dir.join("o/plan.csv"));
    let told: Vec<[&str; 4]> = plan
        .values()
        .map(|row| ["precinct", "region", "voters", "kits"].map(|name| row[name].as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ["1001", "bishkek", "900", "2"],
            ["1901", "bishkek_additional", "7", "1"],
            ["5001", "region_5", "1300", "3"]
        ]
    );
}

/// S-31: within the limit with the kits given, otherwise flagged with a number that suffices.
#[test]
fn a_precinct_that_would_wait_is_flagged_with_the_kits_that_suffice() {
    let dir = scratch("flag");
    let table_of =
        |kits: &str| format!("precinct,voters,kits,turnout_percent\n1001,1200,{kits},60\n");
    std::fs::write(dir.join("three.csv"), table_of("3")).unwrap();
    std::fs::write(dir.join("one.csv"), table_of("1")).unwrap();
    run(&dir, "--precincts three.csv --out three", 0);
    run(&dir, "--precincts one.csv --out one", 1);
    let row = table(&dir.join("one/plan.csv")).remove("1001").unwrap();
    assert_eq!(row["flags"], "LONG_WAIT FEWER_THAN_RULE");
    let enough = &row["kits_enough"];
    let flags = std::fs::read_to_string(dir.join("one/flags.csv")).unwrap();
    assert!(flags.contains("1001,region_1,LONG_WAIT,1,"), "{flags}");
    std::fs::write(dir.join("enough.csv"), table_of(enough)).unwrap();
    run(&dir, "--precincts enough.csv --out enough", 0);
    // The same through the simulator of one hall.
    run(&dir, "queue --voters 1200 --kits 3 --turnout-percent 60", 0);
    let said = run(&dir, "queue --voters 1200 --kits 1 --turnout-percent 60", 1);
    assert!(said.contains(&format!("{enough} kits suffice")), "{said}");
    let said = run(
        &dir,
        "queue --voters 10000 --kits 20 --turnout-percent 60 --json",
        0,
    );
    let told: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(told["hours"].as_array().unwrap().len(), 12);
}

/// Measured times take the place of the file's: at five seconds a visitor one kit does for all.
#[test]
fn measured_times_decide() {
    let dir = scratch("measured");
    std::fs::write(
        dir.join("times.csv"),
        "path,seconds,count\nfinger,4.5,30\nfinger,5,10\ntwo_officers,6,\nnot_listed,3,1\n",
    )
    .unwrap();
    run(&dir, "queue --voters 1200 --kits 1 --service times.csv", 0);
    std::fs::write(dir.join("bad.csv"), "path,seconds\nfinger,-1\nfinger,60\n").unwrap();
    let said = run(&dir, "queue --voters 100 --kits 1 --service bad.csv", 1);
    assert!(said.contains("1 rows of measured times left out"), "{said}");
}

/// With the source's own table at hand it is what the repository keeps.
#[test]
fn the_sources_own_table_gives_the_same() {
    let shared =
        std::env::var_os("TIZME_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let path = shared.join("data/seed_tables/equipment_region.csv");
    let Ok(source) = std::fs::read_to_string(&path) else {
        println!("skipped: no source table at {}", path.display());
        return;
    };
    let rows = source
        .lines()
        .skip(1)
        .filter(|row| !row.starts_with("no_tec"));
    let rows = rows.map(|row| {
        let cells: Vec<&str> = row.split(',').collect();
        [&cells[..1], &cells[2..]].concat().join(",")
    });
    let kept = std::fs::read_to_string(sample("deployed-2015.csv")).unwrap();
    assert_eq!(
        kept.lines().skip(1).collect::<Vec<_>>(),
        rows.collect::<Vec<_>>()
    );
}
