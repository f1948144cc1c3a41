//! The published logs and the turnout tables.

use crate::cbor::Value;
use crate::cose::Hash;
use crate::finding::Report;
use crate::folder::{Trust, files, load};
use crate::log::{Checkpoint, NoteKey, bundle, leaf_hash, root, tile_path, tiles};
use crate::tally::Tally;
use std::collections::BTreeMap;
use std::path::Path;

/// Names of the methods in `methods.csv`, by number from 1.
const METHODS: [&str; 5] = ["finger", "face2", "document2", "override2", "home"];

/// Path of the bundle that holds entry `at` of a log of `size` entries.
fn bundle_path(at: usize, size: usize) -> String {
    tile_path("entries", at / 256, size.saturating_sub(at / 256 * 256).clamp(1, 256))
}

/// Checks one log under `folder`: checkpoint, witnesses, entries, every tile; returns its entries.
pub(crate) fn log(dir: &Path, folder: &str, key: &NoteKey, trust: &Trust, report: &mut Report) -> Option<Vec<Vec<u8>>> {
    let name = format!("{folder}/checkpoint");
    let opened = Checkpoint::open(&load(dir, &name, report)?, key, &trust.witnesses);
    let checkpoint = opened.map_err(|why| report.find(&name, "", "checkpoint_invalid", why)).ok()?;
    if checkpoint.witnesses < trust.witnesses_needed {
        let message = format!("{} witnesses cosigned, {} are needed", checkpoint.witnesses, trust.witnesses_needed);
        report.find(&name, "", "witnesses_missing", message);
    }
    let mut stored = files(dir, &format!("{folder}/tile"), report);
    let size = usize::try_from(checkpoint.size).unwrap_or(usize::MAX);
    let mut log_entries: Vec<Vec<u8>> = Vec::new();
    while log_entries.len() < size {
        let path = bundle_path(log_entries.len(), size);
        let file = format!("{folder}/{path}");
        stored.remove(path.trim_start_matches("tile/"));
        // The first bundle that is missing ends the reading: a size may claim any number of them.
        let Some(bytes) = load(dir, &file, report) else { break };
        let width = (size - log_entries.len()).min(256);
        let Some(entries) = bundle(&bytes).filter(|entries| entries.len() == width) else {
            report.find(&file, "", "bundle_malformed", format!("does not hold {width} entries"));
            break;
        };
        log_entries.extend(entries.into_iter().map(<[u8]>::to_vec));
    }
    let leaves: Vec<Hash> = log_entries.iter().map(|entry| leaf_hash(entry)).collect();
    for (path, expected) in tiles(&leaves) {
        let file = format!("{folder}/{path}");
        if stored.remove(path.trim_start_matches("tile/")).is_none() {
            report.find(&file, "", "file_missing", "the log has such a tile");
        } else if let Some(bytes) = load(dir, &file, report).filter(|bytes| *bytes != expected) {
            let at = bytes.iter().zip(&expected).take_while(|(a, b)| a == b).count() / 32;
            report.find(&file, format!("hash {at}"), "tile_changed", "is not the hash of the log's entries");
        }
    }
    for path in stored.keys() {
        report.find(&format!("{folder}/tile/{path}"), "", "tile_unknown", "a log of this size has no such tile");
    }
    if log_entries.len() == size && root(&leaves) != checkpoint.root {
        report.find(&name, "", "root_mismatch", "the log's entries do not hash to the root it signed");
    }
    report.count("log entries", log_entries.len() as u64);
    Some(log_entries)
}

/// Checks that the log holds every document of the folders once, releases in order, and no others of their types.
pub(crate) fn log_holds(entries: &[Vec<u8>], documents: &[(String, &'static str, Hash)], report: &mut Report) {
    let mut places: BTreeMap<(String, Hash), Vec<usize>> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        let read =
            Value::parse(entry).and_then(|value| Ok((value.has_fields(2)?.text(0)?.to_owned(), value.array(1)?)));
        match read {
            Ok(document) => places.entry(document).or_default().push(at),
            Err(why) => {
                let file = format!("publication/{}", bundle_path(at, entries.len()));
                report.find(&file, format!("entry {at}"), "entry_malformed", why);
            }
        }
    }
    let mut last = 0;
    for (file, kind, id) in documents {
        let at = places.remove(&((*kind).to_owned(), *id)).unwrap_or_default();
        match at[..] {
            [at] if *kind == "list-release" && at < last => {
                report.find(file, format!("entry {at}"), "log_order", "stands in the log before an older release");
            }
            [at] => last = if *kind == "list-release" { at } else { last },
            [] => report.find(file, "", "not_logged", "is not in the public log"),
            _ => report.find(file, "", "log_twice", "stands in the public log more than once"),
        }
    }
    // A document that is there and does not hold has no id to look for: its own finding says so.
    for ((kind, id), at) in if report.holds() { places } else { BTreeMap::new() } {
        let file = format!("publication/{}", bundle_path(at[0], entries.len()));
        let message = format!("the {kind} with id {} is logged and is not in the folders", crate::cose::hex(&id[..8]));
        match kind.as_str() {
            "list-release" | "list-delta" | "report" => {
                report.find(&file, format!("entry {}", at[0]), "document_missing", message)
            }
            // A package that a later one replaced stays in the log.
            "package-manifest" => report.notes.push(message),
            _ => {}
        }
    }
}

/// Checks the published tree of one release against the commitments recomputed from the lines.
pub(crate) fn list_log(dir: &Path, number: u32, commitments: &[Hash], trust: &Trust, report: &mut Report) {
    let folder = format!("publication/list-{number}");
    if !dir.join(&folder).exists() {
        report.notes.push(format!("{folder} is not published: no line can be proven to its voter"));
        return;
    }
    let key = trust.log.renamed(&format!("{}/list-{number}", trust.log.name()));
    let Some(entries) = log(dir, &folder, &key, trust, report) else { return };
    let differs = |at: &usize| entries.get(*at).map(Vec::as_slice) != commitments.get(*at).map(|hash| &hash[..]);
    if let Some(at) = (0..entries.len().max(commitments.len())).find(differs) {
        let file = format!("{folder}/{}", bundle_path(at.min(entries.len().saturating_sub(1)), entries.len()));
        report.find(&file, format!("leaf {at}"), "leaf_differs", "is not the commitment of that line in roll/lines");
    }
}

/// What the turnout tables must say of one precinct.
#[derive(Debug, Clone)]
pub(crate) struct Turnout {
    pub(crate) precinct: u16,
    /// Lines on its list.
    pub(crate) lines: u32,
    /// Local offset from UTC, minutes.
    pub(crate) offset_minutes: i64,
    /// What its journals add up to.
    pub(crate) tally: Tally,
}

/// Checks the three turnout tables row by row against the journals.
pub(crate) fn turnout(dir: &Path, precincts: &[Turnout], report: &mut Report) {
    let (mut hours, mut methods) = (BTreeMap::new(), [0u64; 5]);
    for Turnout { offset_minutes, tally, .. } in precincts {
        for at in &tally.at {
            let minutes = i64::try_from(at / 60_000_000).unwrap_or(0).saturating_add(*offset_minutes);
            *hours.entry((minutes.div_euclid(1440), minutes.div_euclid(60).rem_euclid(24))).or_insert(0) += 1;
        }
        methods.iter_mut().zip(tally.by_method).for_each(|(sum, more)| *sum += u64::from(more));
    }
    let lines: Vec<u64> = precincts.iter().map(|at| at.lines.into()).collect();
    let counts: Vec<u64> = precincts.iter().map(|at| at.tally.counted.into()).collect();
    let counted: u64 = counts.iter().sum();
    let cells = precincts.iter().zip(cells(&lines).into_iter().zip(cells(&counts)));
    let mut rows: Vec<String> =
        cells.map(|(at, (lines, counted))| format!("{:04},{lines},{counted}", at.precinct)).collect();
    rows.push(format!("total,{},{}", few(lines.iter().sum()), few(counted)));
    let by_hour: Vec<u64> = hours.values().copied().collect();
    let hours = hours.keys().zip(self::cells(&by_hour));
    let hours = hours.map(|((day, hour), cell)| format!("{},{hour},{cell}", date(*day))).collect();
    let methods = METHODS.iter().zip(self::cells(&methods)).map(|(method, cell)| format!("{method},{cell}")).collect();
    table(dir, "publication/turnout.csv", "precinct,lines,counted", rows, report);
    table(dir, "publication/hours.csv", "day,hour,counted", hours, report);
    table(dir, "publication/methods.csv", "method,counted", methods, report);
    report.count("voters counted", counted);
}

/// `2015-10-04`: the day that begins so many days after 1 January 1970, by the Gregorian rule.
fn date(days: i64) -> String {
    // Years begin in March here, so that a leap day is the last of its year; 146,097 days are 400 years.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

fn few(count: u64) -> String {
    if (1..10).contains(&count) { "<10".to_owned() } else { count.to_string() }
}

/// The cells of a column beside its sum: under ten `<10`; the smallest others `>=10` while one cell alone is hidden or
/// all hidden ones come to less than ten.
fn cells(counts: &[u64]) -> Vec<String> {
    let mut by_size: Vec<usize> = (0..counts.len()).filter(|at| counts[*at] > 0).collect();
    by_size.sort_by_key(|at| (counts[*at], *at));
    let mut hidden = by_size.iter().take_while(|at| counts[**at] < 10).count();
    while hidden > 0
        && hidden < by_size.len()
        && (hidden == 1 || by_size[..hidden].iter().map(|at| counts[*at]).sum::<u64>() < 10)
    {
        hidden += 1;
    }
    let mut cells: Vec<String> = counts.iter().map(|count| few(*count)).collect();
    by_size[..hidden].iter().filter(|at| counts[**at] >= 10).for_each(|at| cells[*at] = ">=10".to_owned());
    cells
}

fn table(dir: &Path, name: &str, header: &str, mut rows: Vec<String>, report: &mut Report) {
    rows.insert(0, header.to_owned());
    let Some(bytes) = load(dir, name, report) else { return };
    let expected = rows.join("\n") + "\n";
    if bytes != expected.as_bytes() {
        let same = bytes.split_inclusive(|byte| *byte == b'\n').zip(expected.split_inclusive('\n'));
        let at = same.take_while(|(found, expected)| *found == expected.as_bytes()).count();
        let journals = rows.get(at).map_or("no further row", String::as_str);
        report.find(name, format!("line {}", at + 1), "turnout_sum", format!("the journals give: {journals}"));
    }
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_are_dates() {
        let check = |days, expected: &str| assert_eq!(date(days), expected);
        check(0, "1970-01-01");
        check(-1, "1969-12-31");
        check(11_016, "2000-02-29");
        check(11_017, "2000-03-01");
        check(16_712, "2015-10-04");
        check(47_541, "2100-03-01");
    }
}
