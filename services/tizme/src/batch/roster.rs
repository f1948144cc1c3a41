//! The roster: who serves at which precinct, with which kits, as one CSV file.
//!
//! Columns `precinct,kind,name,key,role,body`: `kind` is `kit`, `officer`, `holder` or `revoked`; `key` is the public key,
//! 130 hexadecimal digits (of a revoked key its id, 16); kind `mobile` is a kit for voting at home;
//! a row of kind `offset` gives a precinct abroad its local time minus UTC in minutes, in the column `name`; `role` is `chair`, `secretary` or `member` and `body` the
//! nominating body, both for officers only; a `holder` is a key of the commission above that opens a package when too few officers can. Kits stand in the order of their shares.

use std::collections::BTreeMap;
use std::path::Path;

use ::batch::packages::HomeList;
use ::batch::{Roster, Station};
use anyhow::{Context as _, Result, bail};
use keys::KeyRing;
use lexicon::handover::envelope::{PublicKey, unhex};
use lexicon::handover::home_list::{HomeList as Frozen, read_rows};
use lexicon::handover::package::{DeviceEntry, OfficerEntry};
use lexicon::{ClaimOutcome, ElectionLaw, Instant, PrecinctCode};

use roll::claim::deadline;

const COLUMNS: [&str; 6] = ["precinct", "kind", "name", "key", "role", "body"];

/// Kits and officers by precinct.
pub struct Stations(
    BTreeMap<PrecinctCode, Station>,
    BTreeMap<PrecinctCode, HomeList>,
    BTreeMap<PrecinctCode, i64>,
);

impl Roster for Stations {
    fn station(&self, precinct: PrecinctCode, _kits: u32) -> Station {
        self.0.get(&precinct).cloned().unwrap_or(Station {
            kits: Vec::new(),
            officers: Vec::new(),
            holders: Vec::new(),
            revoked: Vec::new(),
        })
    }

    fn home(&self, precinct: PrecinctCode) -> HomeList {
        self.1.get(&precinct).cloned().unwrap_or_default()
    }

    fn offset_minutes(&self, precinct: PrecinctCode) -> Option<i64> {
        self.2.get(&precinct).copied()
    }
}

/// One application for voting at home that was refused.
pub struct HomeRefused {
    pub precinct: PrecinctCode,
    pub line: u32,
    pub reason: &'static str,
}

/// What stands in a file of home lists.
pub enum HomeFile {
    /// Signed by the home desk at the cut-off, a document for each precinct.
    Signed(Vec<Frozen>),
    /// Applications that were kept elsewhere, still to be held against the cut-off: CSV.
    Applications,
}

/// Reads signed home lists, or says that the file holds applications.
///
/// # Errors
/// Naming file and row; signed lists need the desk's public key.
pub fn home_file(file: &Path, law: &ElectionLaw, key: Option<&PublicKey>) -> Result<HomeFile> {
    let name = || file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(name)?;
    if text.trim_start_matches('\u{feff}').starts_with("precinct,") {
        if key.is_some() {
            bail!(
                "{}: with --home-key only the home desk's signed lists are taken, this file holds applications",
                name()
            );
        }
        return Ok(HomeFile::Applications);
    }
    let Some(key) = key else {
        bail!("{}: signed home lists need --home-key", name());
    };
    let ring = KeyRing::of([*key]);
    let lists = read_rows(&text, law.election.number, &ring, key.kid()).with_context(name)?;
    let until = deadline(law, law.home.until_days).micros();
    if let Some(list) = lists.iter().find(|list| list.cut_off != until) {
        bail!(
            "{}: precinct {:04}: another cut-off than the law's",
            name(),
            list.precinct
        );
    }
    Ok(HomeFile::Signed(lists))
}

/// Keyboards and readers that were handed out: CSV with the columns `vendor,product,serial`, sorted.
///
/// # Errors
/// Naming file and line.
pub fn devices(file: &Path) -> Result<Vec<DeviceEntry>> {
    let mut reader = csv::Reader::from_path(file).with_context(|| file.display().to_string())?;
    let header = reader
        .headers()
        .with_context(|| file.display().to_string())?;
    if header != ["vendor", "product", "serial"].as_slice() {
        bail!("{}: the columns are vendor,product,serial", file.display());
    }
    let mut devices = Vec::new();
    for (at, row) in reader.records().enumerate() {
        let place = || format!("{} line {}", file.display(), at + 2);
        let row = row.with_context(place)?;
        let number = |column: usize| {
            let text = row.get(column).unwrap_or_default().trim();
            u16::from_str_radix(text, 16)
                .ok()
                .filter(|_| text.len() == 4)
                .with_context(|| format!("{}: four hexadecimal digits are expected", place()))
        };
        devices.push(DeviceEntry {
            vendor: number(0)?,
            product: number(1)?,
            serial: row.get(2).unwrap_or_default().trim().to_owned(),
        });
    }
    devices.sort();
    devices.dedup();
    Ok(devices)
}

impl Stations {
    /// Takes the frozen home lists of the home desk.
    ///
    /// # Errors
    /// Naming the precinct that cannot be.
    pub fn take_home(&mut self, lists: &[Frozen]) -> Result<()> {
        for list in lists {
            let precinct = PrecinctCode::new(list.precinct)
                .with_context(|| format!("home list of precinct {}", list.precinct))?;
            let home = self.1.entry(precinct).or_default();
            home.lines.extend(&list.lines);
        }
        Ok(())
    }

    /// Freezes the home list: CSV with the columns `precinct,line,filed`; what was filed after the law's last day is
    /// refused, and named.
    ///
    /// # Errors
    /// Naming file and line of the first row that cannot be read.
    pub fn freeze_home(&mut self, file: &Path, law: &ElectionLaw) -> Result<Vec<HomeRefused>> {
        let until = deadline(law, law.home.until_days);
        let mut reader =
            csv::Reader::from_path(file).with_context(|| file.display().to_string())?;
        if reader.headers()?.iter().ne(["precinct", "line", "filed"]) {
            bail!(
                "{}: the first line must be precinct,line,filed",
                file.display()
            );
        }
        let mut refused = Vec::new();
        for row in reader.records() {
            let row = row.with_context(|| file.display().to_string())?;
            let number = row.position().map_or(0, csv::Position::line);
            let at = |column: &str| format!("{}: line {number}, {column}", file.display());
            let precinct: PrecinctCode = row[0].parse().with_context(|| at("precinct"))?;
            let line: u32 = row[1].parse().with_context(|| at("line"))?;
            let filed = Instant::parse(&row[2]).with_context(|| at("filed: no moment"))?;
            if filed >= until {
                let reason = ClaimOutcome::AfterDeadline.code();
                refused.push(HomeRefused {
                    precinct,
                    line,
                    reason,
                });
                continue;
            }
            self.1.entry(precinct).or_default().lines.insert(line);
        }
        Ok(refused)
    }
}

/// Reads a roster.
///
/// # Errors
/// Naming file, line and column of the first row that cannot be used: half a roster would send out half the packages.
pub fn read(file: &Path) -> Result<Stations> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(false)
        .from_path(file)
        .with_context(|| file.display().to_string())?;
    let header = reader.headers()?.clone();
    if header.iter().ne(COLUMNS) {
        bail!(
            "{}: the first line must be {}",
            file.display(),
            COLUMNS.join(",")
        );
    }
    let mut stations: BTreeMap<PrecinctCode, Station> = BTreeMap::new();
    let mut offsets: BTreeMap<PrecinctCode, i64> = BTreeMap::new();
    let mut homes: BTreeMap<PrecinctCode, HomeList> = BTreeMap::new();
    for row in reader.records() {
        let row = row.with_context(|| file.display().to_string())?;
        let line = row.position().map_or(0, csv::Position::line);
        let at = |column: &str| format!("{}: line {line}, {column}", file.display());
        let precinct: PrecinctCode = row[0].parse().with_context(|| at("precinct"))?;
        if &row[1] == "offset" {
            let minutes: i64 = row[2].parse().with_context(|| at("name: minutes"))?;
            if minutes.abs() > 14 * 60 {
                bail!("{}: at most 14 hours", at("name"));
            }
            offsets.insert(precinct, minutes);
            continue;
        }
        let station = stations.entry(precinct).or_insert_with(|| Station {
            kits: Vec::new(),
            officers: Vec::new(),
            holders: Vec::new(),
            revoked: Vec::new(),
        });
        let key = unhex(&row[3]).with_context(|| at("key: not hexadecimal"))?;
        let point = || {
            PublicKey::from_bytes(&key)
                .with_context(|| at("key: no public key; 130 hexadecimal digits are expected"))
        };
        match &row[1] {
            "mobile" => {
                station.kits.push((point()?, row[2].to_owned()));
                let home = homes.entry(precinct).or_default();
                home.kits.push(row[2].to_owned());
            }
            "kit" => station.kits.push((point()?, row[2].to_owned())),
            "officer" => {
                if !["chair", "secretary", "member"].contains(&&row[4]) {
                    bail!("{}: chair, secretary or member", at("role"));
                }
                station.officers.push(OfficerEntry {
                    point: point()?.0.into(),
                    role: row[4].to_owned(),
                    body: row[5].to_owned(),
                    name: row[2].to_owned(),
                });
            }
            "holder" => station.holders.push(OfficerEntry {
                point: point()?.0.into(),
                role: "holder".to_owned(),
                body: row[5].to_owned(),
                name: row[2].to_owned(),
            }),
            "revoked" => {
                let kid = key.try_into();
                let Ok(kid) = kid else {
                    bail!("{}: a key id has 16 hexadecimal digits", at("key"));
                };
                station.revoked.push(kid);
            }
            _ => bail!(
                "{}: kit, mobile, officer, holder, offset or revoked",
                at("kind")
            ),
        }
    }
    Ok(Stations(stations, homes, offsets))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

    use super::*;

    fn roster(rows: &str) -> Result<Stations> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("roster.csv");
        std::fs::write(&file, format!("precinct,kind,name,key,role,body\n{rows}")).unwrap();
        read(&file)
    }

    fn key(label: &str) -> String {
        let point = keys::FileKey::from_seed(b"roster", label).public_key().0;
        lexicon::handover::envelope::hex(&point)
    }

    #[test]
    fn kits_keep_their_order_and_officers_their_bodies() {
        let text = format!(
            "1001,kit,K2,{},,\n1001,kit,K1,{},,\n1001,officer,А. Б.,{},chair,council\n1002,revoked,,0011223344556677,,\n",
            key("b"),
            key("a"),
            key("c")
        );
        let stations = roster(&text).unwrap();
        let station = stations.station("1001".parse().unwrap(), 2);
        let names: Vec<_> = station.kits.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["K2", "K1"]);
        assert_eq!(station.officers[0].body, "council");
        let other = stations.station("1002".parse().unwrap(), 1);
        assert_eq!(
            other.revoked,
            [[0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77]]
        );
        assert!(stations.station("1003".parse().unwrap(), 1).kits.is_empty());
    }

    /// S-22. What was filed after the law's last day is refused with its reason; the rest is frozen.
    #[test]
    fn s_22_an_application_after_the_cut_off_is_refused() {
        let law = ElectionLaw::shipped("kg-2015").unwrap();
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("home.csv");
        let last = deadline(&law, law.home.until_days).micros();
        let at = |micros| format!("{}+06:00", Instant::from_micros(micros).local_text(360));
        let rows = format!(
            "precinct,line,filed\n1001,3,{}\n1001,7,{}\n",
            at(last - 1_000_000),
            at(last)
        );
        std::fs::write(&file, rows).unwrap();
        let mut stations = roster(&format!("1001,mobile,M1,{},,\n", key("m"))).unwrap();
        let refused = stations.freeze_home(&file, &law).unwrap();
        assert_eq!(
            (refused.len(), refused[0].line, refused[0].reason),
            (1, 7, "AFTER_DEADLINE")
        );
        let home = stations.home("1001".parse().unwrap());
        assert_eq!(
            (home.lines.into_iter().collect::<Vec<_>>(), home.kits),
            (vec![3], vec!["M1".to_owned()])
        );
    }

    /// S-22. The office's signed lists need the desk's key and the law's own cut-off; then their lines are reserved.
    #[test]
    fn s_22_signed_home_lists_are_taken_from_the_desk_alone() {
        let law = ElectionLaw::shipped("kg-2015").unwrap();
        let desk = keys::FileKey::from_seed(b"roster", "desk");
        let until = deadline(&law, law.home.until_days).micros();
        let signed = |cut_off| {
            let list = Frozen {
                suite: "kg1".to_owned(),
                election: law.election.number,
                precinct: 1001,
                release: 2,
                root: [7; 32].into(),
                cut_off,
                frozen: until,
                lines: vec![3, 9],
                lists: 1,
            };
            lexicon::handover::home_list::rows(&[list.sign(&desk).unwrap()])
        };
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("home-lists.txt");
        std::fs::write(&file, signed(until)).unwrap();
        let said = |key: Option<&keys::FileKey>| {
            let key = key.map(keys::FileKey::public_key);
            home_file(&file, &law, key.as_ref())
        };
        let why = |key| format!("{:#}", said(key).err().unwrap());
        assert!(why(None).contains("--home-key"));
        let stranger = keys::FileKey::from_seed(b"roster", "stranger");
        assert!(why(Some(&stranger)).contains("row 1"));
        let HomeFile::Signed(lists) = said(Some(&desk)).unwrap() else {
            unreachable!("it is signed")
        };
        let mut stations = roster(&format!("1001,mobile,M1,{},,\n", key("m"))).unwrap();
        stations.take_home(&lists).unwrap();
        let home = stations.home("1001".parse().unwrap());
        assert_eq!(home.lines.into_iter().collect::<Vec<_>>(), [3, 9]);
        std::fs::write(&file, signed(until - 1)).unwrap();
        assert!(why(Some(&desk)).contains("another cut-off"));
        std::fs::write(&file, "").unwrap();
        assert!(why(Some(&desk)).contains("holds 0 home lists"));
        std::fs::write(&file, "precinct,line,filed\n").unwrap();
        assert!(why(Some(&desk)).contains("this file holds applications"));
    }

    #[test]
    fn devices_that_were_handed_out_are_read_and_a_bad_row_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("devices.csv");
        let said = |text: &str| {
            std::fs::write(&file, text).unwrap();
            devices(&file)
        };
        let read = said("vendor,product,serial\n05f9,221c,\n046d,c31c,A7\n").unwrap();
        assert_eq!(
            (read.len(), read[0].vendor, read[0].serial.as_str()),
            (2, 0x046d, "A7")
        );
        let why = |text| format!("{:#}", said(text).err().unwrap());
        assert!(why("vendor,product,serial\n5f9,221c,\n").contains("line 2"));
        assert!(why("vendor,product\n05f9,221c\n").contains("columns"));
    }

    #[test]
    fn a_bad_row_is_named_by_line_and_column() {
        let said = |rows: &str| format!("{:#}", roster(rows).err().unwrap());
        assert!(said("1001,kit,K1,04,,\n").contains("line 2, key"));
        assert!(said(&format!("1001,officer,A,{},boss,x\n", key("a"))).contains("line 2, role"));
        assert!(said(&format!("99,kit,A,{},,\n", key("a"))).contains("line 2, precinct"));
        assert!(said(&format!("1001,cat,A,{},,\n", key("a"))).contains("line 2, kind"));
    }
}
