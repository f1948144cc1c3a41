//! A register with every fault at once, through the commands as an office runs them.
//!
//! The folder of docs/import.md with a row of a gigabyte, a row in another encoding, a key that stands twice, a number
//! that is none, an outline that crosses itself, a dead applicant, a circle of places and a list with swapped columns.
//! Expected: each is refused by file, line and field (or by the key of a signed row), nothing else is lost, and the list
//! is that of the folder without the faults.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod stage;

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use stage::with_register;
/// A row of so many bytes: far beyond what a row may hold, and beyond what the command may take of memory.
const ENDLESS: u64 = 1 << 30;
/// The most that the import of forty persons may take while it reads that row, bytes.
const MEMORY_MAX: u64 = 200 << 20;

/// Runs a command; gives what it printed and the most memory it was seen to take, bytes.
fn run(dir: &Path, arguments: &str, code: i32) -> (String, u64) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tizme"))
        .args(arguments.split(' '))
        .env("TIZME_STORE", "sqlite:office.db")
        .current_dir(dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|rest| rest.trim().split(' ').next()?.parse::<u64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0) * 1024);
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments}\n{out}\n{err}"
    );
    (format!("{out}{err}"), peak)
}

fn json(text: &str) -> serde_json::Value {
    let line = text.lines().find(|line| line.starts_with('{')).unwrap();
    serde_json::from_str(line).unwrap()
}

/// Adds rows to a table of the folder; gives the line of the first one.
fn add(dir: &Path, table: &str, rows: &[u8]) -> usize {
    let path = dir.join(format!("register/{table}.csv"));
    let text = std::fs::read(&path).unwrap();
    let line = text.iter().filter(|byte| **byte == b'\n').count() + 1;
    std::fs::write(path, [&text[..], rows].concat()).unwrap();
    line
}

/// A row of zeros that fills no disk, in the middle of the file.
fn add_endless_row(dir: &Path, last: &str) {
    let path = dir.join("register/persons.csv");
    let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(b"P00009002,,").unwrap();
    let end = file.seek(SeekFrom::End(0)).unwrap() + ENDLESS;
    file.set_len(end).unwrap();
    file.write_all(last.as_bytes()).unwrap();
}

const FORM: &str = "batch form --snapshot s --law kg-2015 --out o --json";

/// Import, snapshot, list; what the import and the list said, and the memory of the import.
fn to_the_list(dir: &Path, code: i32) -> (serde_json::Value, serde_json::Value, u64) {
    let import = "office import register --rejects rejects.csv --json";
    let (imported, memory) = run(dir, import, code);
    run(dir, "office snapshot --law kg-2015 --out s --json", 0);
    let (formed, _) = run(dir, FORM, 0);
    (json(&imported), json(&formed), memory)
}

#[test]
fn every_fault_is_named_and_the_rest_becomes_the_list() {
    // The same country without faults, in which the dead one is dead as well.
    let death = "VX1,P00000002,death,2015-05-01,01-2015-1,,,\n";
    let good = with_register("bad-country-good");
    add(&good, "civil_events", death.as_bytes());
    let (_, wanted, _) = to_the_list(&good, 0);

    let bad = with_register("bad-country");
    add(&bad, "civil_events", death.as_bytes());
    let claim = "QX1,form2,12109198171550,2015-09-10T10:00:00+06:00,3001,,,1\n";
    add(&bad, "claims", claim.as_bytes());
    let outline = "3001,\"{\"\"type\"\":\"\"Polygon\"\",\"\"coordinates\"\":[[[74,42],[75,43],[75,42],[74,43],[74,42]]]}\",,,,\n";
    add(&bad, "boundaries", outline.as_bytes());
    let at = add(
        &bad,
        "persons",
        "P00000001,20209197658301,Башка,Фарход,,M,1976-09-02,KGZ,\nP00009001,2020919,Жаңы,Фарход,,M,1976-09-02,KGZ,\n"
            .as_bytes(),
    );
    add(
        &bad,
        "persons",
        b"P00009003,,\xc0\xf1\xe0\xed\xee\xe2\xe0,,,F,1980-01-01,KGZ,\n",
    );
    add_endless_row(
        &bad,
        ",,,M,1976-09-02,KGZ,\nP00009004,,Асанова,Айгүл,,F,1980-01-01,QQQQ,\n",
    );
    let (imported, formed, memory) = to_the_list(&bad, 1);
    let tables = imported["tables"].as_array().unwrap();
    let rejected: u64 = tables.iter().filter_map(|t| t["rejected"].as_u64()).sum();
    assert_eq!(rejected, 5, "{imported}");
    assert!(memory < MEMORY_MAX, "{} MB", memory >> 20);
    let rejects = std::fs::read_to_string(bad.join("rejects.csv")).unwrap();
    for (line, field, says) in [
        (at, "person_id", "earlier line has this id"),
        (at + 1, "pin", "14 digits"),
        (at + 2, "surname", "UTF-8"),
        (at + 3, "", "4 MiB"),
        (at + 4, "citizenship", ""),
    ] {
        let start = format!("persons.csv,{line},{field},");
        let named = rejects.lines().find(|row| row.starts_with(&start));
        assert!(
            named.is_some_and(|row| row.contains(says)),
            "{start} {says}: {rejects}"
        );
    }
    // The list names what a signed row cannot do, and is the list of the good folder.
    let rejects = std::fs::read_to_string(bad.join("o/rejects.csv")).unwrap();
    for start in [
        "boundaries.parquet,3001,geojson,CROSSING,",
        "claims.parquet,QX1,person,APPLICANT_DEAD,",
    ] {
        assert!(
            rejects.lines().any(|line| line.starts_with(start)),
            "{start}: {rejects}"
        );
    }
    assert_eq!(formed["list_total"], wanted["list_total"]);
    for precinct in ["3001", "5001"] {
        let lines = |dir: &Path| {
            let text = std::fs::read(dir.join(format!("o/roll/lines/{precinct}.cbor"))).unwrap();
            // The salts follow the snapshot, the lines do not: as many bytes, as many voters.
            text.len()
        };
        assert_eq!(lines(&good), lines(&bad), "{precinct}");
    }

    // Places in a circle: each is named, the houses are placed without them.
    let land = bad.join("land");
    std::fs::create_dir(&land).unwrap();
    std::fs::copy(
        bad.join("register/addresses.csv"),
        land.join("addresses.csv"),
    )
    .unwrap();
    let circle =
        "soate,parent,name\n41702000000000,41703000000000,А\n41703000000000,41702000000000,Б\n";
    std::fs::write(land.join("places.csv"), circle).unwrap();
    let addresses = "batch addresses --snapshot s --law kg-2015 --out a --register land --json";
    run(&bad, addresses, 0);
    let rejects = std::fs::read_to_string(bad.join("a/rejects.csv")).unwrap();
    for start in [
        "places.csv,2,parent,CIRCULAR,",
        "places.csv,3,parent,CIRCULAR,",
    ] {
        assert!(
            rejects.lines().any(|line| line.starts_with(start)),
            "{start}: {rejects}"
        );
    }

    // The commission's list with two columns swapped is refused whole, and its own order is taken.
    let list = std::fs::read_to_string(bad.join("register/commission.csv")).unwrap();
    let swapped = list.replacen("pin,surname", "surname,pin", 1);
    std::fs::write(bad.join("list.csv"), swapped).unwrap();
    let reconcile =
        "batch reconcile --snapshot s --law kg-2015 --out r --commission list.csv --json";
    let (said, _) = run(&bad, reconcile, 2);
    assert!(said.contains("list.csv, line 2, column pin: "), "{said}");
    std::fs::write(bad.join("list.csv"), list).unwrap();
    assert_eq!(json(&run(&bad, reconcile, 0).0)["rejects"], 0);
    std::fs::remove_dir_all(&bad).unwrap();
    std::fs::remove_dir_all(&good).unwrap();
}

#[test]
fn a_register_with_swapped_columns_takes_nobody_in_and_names_each_row() {
    let dir = with_register("bad-country-swapped");
    let path = dir.join("register/persons.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("pin,surname", "surname,pin", 1)).unwrap();
    let import = "office import register --rejects rejects.csv --json";
    let told = json(&run(&dir, import, 1).0);
    let persons = &told["tables"][0];
    assert_eq!(
        (&persons["table"], &persons["added"]),
        (&"persons".into(), &0.into()),
        "{told}"
    );
    let rejects = std::fs::read_to_string(dir.join("rejects.csv")).unwrap();
    assert!(rejects.contains("\npersons.csv,2,pin,"), "{rejects}");
    std::fs::remove_dir_all(&dir).unwrap();
}
