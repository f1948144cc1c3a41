//! The roster: who serves at which precinct, with which kits, as one CSV file.
//!
//! Columns `precinct,kind,name,key,role,body`: `kind` is `kit`, `officer` or `revoked`; `key` is the public key,
//! 130 hexadecimal digits (of a revoked key its id, 16); `role` is `chair`, `secretary` or `member` and `body` the
//! nominating body, both for officers only. Kits stand in the order of their shares.

use std::collections::BTreeMap;
use std::path::Path;

use ::batch::{Roster, Station};
use anyhow::{Context as _, Result, bail};
use lexicon::PrecinctCode;
use lexicon::handover::envelope::PublicKey;
use lexicon::handover::package::OfficerEntry;

use super::trust::unhex;

const COLUMNS: [&str; 6] = ["precinct", "kind", "name", "key", "role", "body"];

/// Kits and officers by precinct.
pub struct Stations(BTreeMap<PrecinctCode, Station>);

impl Roster for Stations {
    fn station(&self, precinct: PrecinctCode, _kits: u32) -> Station {
        self.0.get(&precinct).cloned().unwrap_or(Station {
            kits: Vec::new(),
            officers: Vec::new(),
            revoked: Vec::new(),
        })
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
    for row in reader.records() {
        let row = row.with_context(|| file.display().to_string())?;
        let line = row.position().map_or(0, csv::Position::line);
        let at = |column: &str| format!("{}: line {line}, {column}", file.display());
        let precinct: PrecinctCode = row[0].parse().with_context(|| at("precinct"))?;
        let station = stations.entry(precinct).or_insert_with(|| Station {
            kits: Vec::new(),
            officers: Vec::new(),
            revoked: Vec::new(),
        });
        let key = unhex(&row[3]).with_context(|| at("key: not hexadecimal"))?;
        let point = || {
            PublicKey::from_bytes(&key)
                .with_context(|| at("key: no public key; 130 hexadecimal digits are expected"))
        };
        match &row[1] {
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
            "revoked" => {
                let kid = key.try_into();
                let Ok(kid) = kid else {
                    bail!("{}: a key id has 16 hexadecimal digits", at("key"));
                };
                station.revoked.push(kid);
            }
            _ => bail!("{}: kit, officer or revoked", at("kind")),
        }
    }
    Ok(Stations(stations))
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

    #[test]
    fn a_bad_row_is_named_by_line_and_column() {
        let said = |rows: &str| format!("{:#}", roster(rows).err().unwrap());
        assert!(said("1001,kit,K1,04,,\n").contains("line 2, key"));
        assert!(said(&format!("1001,officer,A,{},boss,x\n", key("a"))).contains("line 2, role"));
        assert!(said(&format!("99,kit,A,{},,\n", key("a"))).contains("line 2, precinct"));
        assert!(said(&format!("1001,cat,A,{},,\n", key("a"))).contains("line 2, kind"));
    }
}
