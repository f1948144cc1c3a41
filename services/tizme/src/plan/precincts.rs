//! Precincts with their voters: from a table, or from a publication.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ::logistics::Precinct;
use ::logistics::plan::{KITS_MAX, VOTERS_MAX};
use anyhow::{Context as _, Result, ensure};
use lexicon::PrecinctCode;
use lexicon::handover::envelope::{DocumentType, Subject, decode, peek_all};
use lexicon::handover::release::ListRelease;
use serde_json::Value;

use super::sheet::{self, Wrong, may, must, number};
use crate::batch::rejects::Rejects;

const COLUMNS: [sheet::Column; 5] = [
    must(&["precinct"]),
    must(&["voters", "lines"]),
    may(&["region"]),
    may(&["turnout_percent"]),
    may(&["kits"]),
];

/// Reads precincts, ascending. Of two rows of one precinct the first counts.
///
/// # Errors
/// When nothing can be read, or no row is left.
pub fn read(path: &Path, rejects: &mut Rejects) -> Result<Vec<Precinct>> {
    let found = if path.is_dir() {
        of_publication(path, rejects)?
    } else {
        of_table(path, rejects)?
    };
    ensure!(!found.is_empty(), "{}: no precinct is left", path.display());
    Ok(found.into_values().collect())
}

fn of_table(path: &Path, rejects: &mut Rejects) -> Result<BTreeMap<PrecinctCode, Precinct>> {
    let mut found = BTreeMap::new();
    sheet::read(path, &COLUMNS, rejects, |_, cells| {
        let precinct = precinct(cells)?;
        if found.contains_key(&precinct.code) {
            return Err((
                "precinct",
                "DUPLICATE_ID",
                "an earlier row has this precinct",
            ));
        }
        found.insert(precinct.code, precinct);
        Ok(())
    })?;
    Ok(found)
}

fn precinct(cells: &[&str]) -> Result<Precinct, Wrong> {
    let place = (
        "precinct",
        "PLACE",
        "a precinct number has four digits and does not start with 0",
    );
    let code: PrecinctCode = cells[0].parse().map_err(|_| place)?;
    if cells[1].is_empty() {
        return Err(("voters", "EMPTY", "is required and empty"));
    }
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Ok(Precinct {
        code,
        voters: number("voters", cells[1], 0, VOTERS_MAX)?,
        region: match some(cells[2]) {
            Some(text) => sheet::region("region", &text)?,
            None => of_digit(code),
        },
        turnout_permille: some(cells[3]).map(|text| permille(&text)).transpose()?,
        kits: some(cells[4])
            .map(|text| number("kits", &text, 1, KITS_MAX))
            .transpose()?,
    })
}

/// A region that nobody named: the first digit of the precinct's number.
fn of_digit(code: PrecinctCode) -> String {
    format!("region_{}", code.region_digit())
}

/// A percentage with at most one decimal, in thousandths.
fn permille(text: &str) -> Result<u32, Wrong> {
    let wrong = (
        "turnout_percent",
        "NUMBER",
        "is no percentage from 0 to 100 with at most one decimal",
    );
    let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(tenth) || whole.len() > 3 || tenth.len() != 1 {
        return Err(wrong);
    }
    let permille = format!("{whole}{tenth}").parse().unwrap_or(u32::MAX);
    (permille <= 1000).then_some(permille).ok_or(wrong)
}

/// Voters from the newest release, which states those of every list by law, and regions from `precincts.geojson`. What is
/// read is not verified: that is `./tizme verify`.
fn of_publication(dir: &Path, rejects: &mut Rejects) -> Result<BTreeMap<PrecinctCode, Precinct>> {
    let name = |number: u32| dir.join(format!("release-{number}.cose"));
    let mut number = 1;
    while name(number + 1).exists() {
        number += 1;
    }
    let path = name(number);
    let at_path = || path.display().to_string();
    let bytes = std::fs::read(&path).with_context(at_path)?;
    let subject = Subject {
        kind: DocumentType::ListRelease,
        election: 0,
    };
    let payload = peek_all(subject, &bytes).with_context(at_path)?;
    let release: ListRelease = decode(&payload).with_context(at_path)?;
    let regions = regions(&dir.join("precincts.geojson"))?;
    let (mut found, mut seen) = (BTreeMap::new(), BTreeSet::new());
    for total in &release.precincts {
        let line = format!("precinct {}", total.precinct);
        let mut refuse = |field: &str, code: &str, why: &str| {
            rejects.name(&path.display().to_string(), line.clone(), field, code, why);
        };
        let Ok(code) = PrecinctCode::new(total.precinct) else {
            refuse("precinct", "PLACE", "is no precinct number");
            continue;
        };
        if total.lines > VOTERS_MAX {
            refuse("lines", "NUMBER", "is no whole number in range");
        } else if !seen.insert(code) {
            refuse("precinct", "DUPLICATE_ID", "stands twice");
        } else {
            let region = regions.get(&code.number()).cloned();
            let precinct = Precinct {
                code,
                region: region.unwrap_or_else(|| of_digit(code)),
                voters: total.lines,
                turnout_permille: None,
                kits: None,
            };
            found.insert(code, precinct);
        }
    }
    Ok(found)
}

/// Region codes by precinct number; none without the file.
fn regions(path: &Path) -> Result<BTreeMap<u16, String>> {
    if !path.exists() {
        return Ok(BTreeMap::new());
    }
    let at_path = || path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(at_path)?;
    let map: Value = serde_json::from_str(&text).with_context(at_path)?;
    let features = map["features"].as_array().map_or(&[][..], Vec::as_slice);
    let row = |feature: &Value| {
        let about = &feature["properties"];
        let number = u16::try_from(about["precinct"].as_u64()?).ok()?;
        let region = sheet::region("region", about["region"].as_str()?).ok()?;
        let apart = if about["kind"] == "additional" {
            "_additional"
        } else {
            ""
        };
        Some((number, region + apart))
    };
    Ok(features.iter().filter_map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<u32>) {
        assert_eq!(permille(text).ok(), expected, "{text}");
    }

    #[test]
    fn percentages_have_one_decimal_at_most() {
        check("58", Some(580));
        check("57.9", Some(579));
        check("0", Some(0));
        check("100.0", Some(1000));
        check("100.1", None);
        check("58,5", None);
        check("57.95", None);
        check("-1", None);
        check("1e1", None);
        check("", None);
        check(".5", None);
    }
}
