//! The list: the chain of releases, the lines with their commitments, the root over them.

use crate::Checked;
use crate::cbor::{Value, elements};
use crate::cose::{Hash, Subject, sha256};
use crate::finding::Report;
use crate::folder::{Trust, load};
use crate::log::{leaf_hash, root};
use std::path::Path;

/// What a verified release says.
#[derive(Debug, Clone)]
pub(crate) struct Release {
    pub(crate) number: u32,
    pub(crate) id: Hash,
    /// Root over all lines.
    pub(crate) root: Hash,
    /// Precinct and lines, ascending.
    precincts: Vec<(u16, u32)>,
    previous: Option<Hash>,
    law: Hash,
    snapshot: Hash,
}

impl Release {
    pub(crate) fn open(bytes: &[u8], trust: &Trust) -> Checked<Self> {
        let subject = Subject { kind: "list-release", election: trust.election };
        let signed = subject.open_all(bytes, &trust.keys, &trust.institutions()?)?;
        let payload = signed.payload.has_fields(13)?;
        let (mut precincts, mut lines): (Vec<(u16, u32)>, u64) = (Vec::new(), 0);
        for entry in payload.list(7)? {
            let (precinct, count) = (entry.has_fields(3)?.number(0)?, entry.number::<u32>(2)?);
            if entry.number::<u64>(1)? != lines || precincts.last().is_some_and(|(before, _)| *before >= precinct) {
                return Err(format!("precinct {precinct:04} does not begin where the one before ends"));
            }
            lines += u64::from(count);
            precincts.push((precinct, count));
        }
        let excluded = payload.list(9)?.iter().map(|entry| entry.number::<u32>(1).map(u64::from));
        let excluded: u64 = excluded.sum::<Checked<u64>>()?;
        let (total, considered): (u64, u64) = (payload.number(6)?, payload.number(8)?);
        if total != lines || total + excluded != considered {
            let sums = format!("{lines} lines, {total} in all, {excluded} excluded, {considered} considered");
            return Err(format!("its sums do not agree: {sums}"));
        }
        if payload.text(1)? != "kg1" || payload.number::<u32>(2)? != trust.election {
            return Err("of another suite or election".to_owned());
        }
        Ok(Self {
            number: payload.number(3)?,
            id: signed.id,
            root: payload.array(5)?,
            precincts,
            previous: payload.get(4).map(|_| payload.array(4)).transpose()?,
            law: payload.array(10)?,
            snapshot: payload.array(11)?,
        })
    }

    /// Precinct and lines, ascending.
    pub(crate) fn precincts(&self) -> &[(u16, u32)] {
        &self.precincts
    }

    /// SHA-256 of its law.
    pub(crate) fn law(&self) -> Hash {
        self.law
    }

    /// Lines of one precinct.
    pub(crate) fn lines_of(&self, precinct: u16) -> Option<u32> {
        self.precincts.iter().find(|(number, _)| *number == precinct).map(|(_, lines)| *lines)
    }

    /// Index of a line among all leaves.
    pub(crate) fn leaf_of(&self, precinct: u16, line: u64) -> Option<u64> {
        let before = self.precincts.iter().take_while(|(number, _)| *number < precinct);
        let first: u64 = before.map(|(_, lines)| u64::from(*lines)).sum();
        (1..=u64::from(self.lines_of(precinct)?)).contains(&line).then(|| first + line - 1)
    }
}

/// Checks the chain of releases and what it rests on; returns the releases that hold, by number.
pub(crate) fn releases(dir: &Path, trust: &Trust, snapshot: Option<Hash>, report: &mut Report) -> Vec<Release> {
    let (mut chain, mut last_bytes): (Vec<Release>, Vec<u8>) = (Vec::new(), Vec::new());
    let law = load(dir, "publication/law.toml", report).map(|bytes| sha256(&[&bytes]));
    for number in 1.. {
        let name = format!("publication/release-{number}.cose");
        if number > 1 && !dir.join(&name).exists() {
            break;
        }
        let Some(bytes) = load(dir, &name, report) else { break };
        match Release::open(&bytes, trust) {
            Err(why) => report.find(&name, "", "release_invalid", why),
            Ok(release) => {
                let before = chain.last().filter(|before| before.number + 1 == number).map(|before| before.id);
                // The link to a release that does not hold itself cannot be told.
                let untold = number > 1 && before.is_none() && release.previous.is_some();
                if release.number != number || (release.previous != before && !untold) {
                    report.find(&name, "", "release_chain", "its number, or the id of the release before, is another");
                }
                if law.is_some_and(|law| law != release.law) {
                    let message = format!("is not the law that release {number} names");
                    report.find("publication/law.toml", "", "law_changed", message);
                }
                report.count("releases", 1);
                chain.push(release);
            }
        }
        last_bytes = bytes;
    }
    if load(dir, "roll/release.cose", report).is_some_and(|bytes| bytes != last_bytes) {
        report.find("roll/release.cose", "", "release_differs", "is not the last release of the publication");
    }
    let formed_from = chain.last().zip(snapshot).is_none_or(|(release, snapshot)| release.snapshot == snapshot);
    if !formed_from {
        report.find(
            "snapshot/MANIFEST.cose",
            "",
            "snapshot_differs",
            "the last release was formed from another snapshot",
        );
    }
    chain
}

/// Reads every precinct's lines, recomputes the commitments and the root; returns the commitments by leaf.
pub(crate) fn lines(dir: &Path, release: &Release, report: &mut Report) -> Vec<Hash> {
    let parts = crate::each(&release.precincts, |(precinct, lines)| {
        let mut part = Report::default();
        (precinct_lines(dir, *precinct, *lines, &mut part), part)
    });
    let mut commitments = Vec::new();
    for (precinct, part) in parts {
        commitments.extend(precinct);
        report.absorb(part);
    }
    let leaves: Vec<Hash> = commitments.iter().map(|commitment| leaf_hash(commitment)).collect();
    if root(&leaves) != release.root {
        let message = format!("the lines do not hash to the root of release {}", release.number);
        report.find("roll/release.cose", "root", "root_mismatch", message);
    }
    commitments
}

fn precinct_lines(dir: &Path, precinct: u16, expected: u32, report: &mut Report) -> Vec<Hash> {
    let name = format!("roll/lines/{precinct:04}.cbor");
    let items = load(dir, &name, report).unwrap_or_default();
    let items = match elements(&items) {
        Ok(items) => items,
        Err(why) => {
            report.find(&name, "", "lines_malformed", why);
            return Vec::new();
        }
    };
    if items.len() as u64 != u64::from(expected) {
        report.find(&name, "", "lines_count", format!("holds {} lines, the release counts {expected}", items.len()));
    }
    report.count("lines", items.len() as u64);
    let mut commitments = Vec::with_capacity(items.len());
    for (number, item) in (1..).zip(items) {
        match line(item) {
            Ok((here, at, commitment)) if (here, at) == (precinct, number) => commitments.push(commitment),
            Ok(_) => {
                report.find(&name, format!("line {number}"), "line_malformed", "of another precinct or out of order");
            }
            Err(why) => report.find(&name, format!("line {number}"), "line_malformed", why),
        }
    }
    commitments
}

/// Reads a salted line: its precinct, its number, and its commitment `SHA-256("kg1/leaf" ‖ salt ‖ CBOR(line))`.
pub(crate) fn line(salted: &[u8]) -> Checked<(u16, u64, Hash)> {
    let value = Value::parse(salted)?;
    let salt: [u8; 16] = value.has_fields(2)?.array(0)?;
    let line = value.get(1).ok_or("the line is missing")?.has_fields(8)?;
    (4..=8).try_for_each(|field| line.text(field).map(drop))?;
    if line.number::<u32>(3)? == 0 {
        return Err("a line without a page".to_owned());
    }
    Ok((line.number(1)?, line.number(2)?, sha256(&[b"kg1/leaf", &salt, &line.to_bytes()])))
}
