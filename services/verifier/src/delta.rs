//! Signed changes of the list: their chain, and that they lead from the lines of the release to the list
//! that they state.

use crate::Checked;
use crate::cbor::{Value, elements};
use crate::cose::{Hash, Subject, hex, sha256};
use crate::finding::Report;
use crate::folder::{Trust, files, load};
use crate::log::{leaf_hash, root};
use crate::roll::{Release, line};
use crate::{Logged, roll};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// One line that changes.
#[derive(Debug, Clone)]
struct Change {
    precinct: u16,
    line: u32,
    kind: u8,
    before: Option<Hash>,
    after: Hash,
}

const STRIKE: u8 = 1;
const ADD: u8 = 2;
const CHANGE: u8 = 3;

/// What a delta whose signatures hold says.
#[derive(Debug, Clone)]
struct Delta {
    id: Hash,
    number: u32,
    release: Hash,
    previous: Hash,
    /// Roots before and after.
    roots: (Hash, Hash),
    /// Voters before and after.
    voters: (u64, u64),
    changes: Vec<Change>,
    /// Precinct, last line number, voters.
    precincts: Vec<(u16, u32, u32)>,
    law: Hash,
}

impl Delta {
    fn open(bytes: &[u8], trust: &Trust) -> Checked<Self> {
        let subject = Subject { kind: "list-delta", election: trust.election };
        let signed = subject.open_all(bytes, &trust.keys, &trust.institutions()?)?;
        let payload = signed.payload.has_fields(14)?;
        if payload.text(1)? != "kg1" || payload.number::<u32>(2)? != trust.election {
            return Err("of another suite or election".to_owned());
        }
        payload.signed(10)?;
        payload.array::<32>(13)?;
        let delta = Self {
            id: signed.id,
            number: payload.number(3)?,
            release: payload.array(4)?,
            previous: payload.array(5)?,
            roots: (payload.array(6)?, payload.array(7)?),
            voters: (payload.number(8)?, payload.number(9)?),
            changes: payload.list(11)?.iter().map(change).collect::<Checked<_>>()?,
            precincts: payload.list(12)?.iter().map(precinct_after).collect::<Checked<_>>()?,
            law: payload.array(14)?,
        };
        let places: Vec<_> = delta.changes.iter().map(|change| (change.precinct, change.line)).collect();
        if !places.is_sorted_by(|a, b| a < b) {
            return Err("its changes are not sorted, or name a line twice".to_owned());
        }
        Ok(delta)
    }
}

fn change(entry: &Value) -> Checked<Change> {
    let entry = entry.has_fields(6)?;
    let kind = entry.number(2)?;
    if !(STRIKE..=CHANGE).contains(&kind) || entry.text(3)?.is_empty() {
        return Err("a change of an unknown kind or without a reason".to_owned());
    }
    let before = if entry.get(4) == Some(&Value::Null) { None } else { Some(entry.array(4)?) };
    Ok(Change { precinct: entry.number(0)?, line: entry.number(1)?, kind, before, after: entry.array(5)? })
}

fn precinct_after(entry: &Value) -> Checked<(u16, u32, u32)> {
    let entry = entry.has_fields(3)?;
    Ok((entry.number(0)?, entry.number(1)?, entry.number(2)?))
}

/// Checks the published deltas of every release: signatures, and that none is missing from the chain.
pub(crate) fn published(dir: &Path, trust: &Trust, releases: &[Release], logged: &mut Logged, report: &mut Report) {
    let known = files(dir, "publication", report).into_keys();
    let mut names: BTreeSet<String> = known.filter(|name| name.starts_with("delta-")).collect();
    for release in releases {
        let (mut previous, mut tip) = (release.id, release.root);
        for number in 1u32.. {
            let name = format!("delta-{}-{number}.cose", release.number);
            if !names.remove(&name) {
                break;
            }
            let file = format!("publication/{name}");
            let Some(bytes) = load(dir, &file, report) else { break };
            match Delta::open(&bytes, trust) {
                Err(why) => report.find(&file, "", "delta_invalid", why),
                Ok(delta) => {
                    follows(&delta, number, release, (previous, tip), &file, report);
                    (previous, tip) = (delta.id, delta.roots.1);
                    logged.push((file, "list-delta", delta.id));
                }
            }
            report.count("deltas", 1);
        }
    }
    for name in names {
        let message = "stands here without the release or the delta before it: one was skipped";
        report.find(&format!("publication/{name}"), "", "delta_skipped", message);
    }
}

/// Whether a delta stands in its place of the chain.
fn follows(delta: &Delta, number: u32, release: &Release, before: (Hash, Hash), file: &str, report: &mut Report) {
    if delta.number != number || delta.release != release.id || delta.previous != before.0 {
        let message = format!(
            "says it is delta {} after {}, the one before it here is {}: one was skipped or is of another release",
            delta.number,
            hex(&delta.previous[..8]),
            hex(&before.0[..8])
        );
        report.find(file, "", "delta_chain", message);
    } else if delta.roots.0 != before.1 {
        report.find(file, "root", "delta_root", "begins at another list than the one before it leads to");
    }
    if delta.law != release.law() {
        report.find(file, "", "law_changed", "was made under another law than its release");
    }
}

/// A leaf and whether somebody votes by its line.
type Leaves = BTreeMap<u16, Vec<(Hash, bool)>>;

/// Applies the deltas of `deltas/` to the lines of the last release and compares what comes out with what
/// each states; `commitments` are those of the release, recomputed from its lines.
pub(crate) fn in_force(dir: &Path, trust: &Trust, release: &Release, commitments: &[Hash], report: &mut Report) {
    if !dir.join("deltas").is_dir() {
        return;
    }
    let mut rest = commitments;
    let mut leaves = Leaves::new();
    for (precinct, count) in release.precincts() {
        // Lines that do not hold are findings of their own; nothing can be applied to them.
        let Some((here, beyond)) = rest.split_at_checked(*count as usize) else { return };
        leaves.insert(*precinct, here.iter().map(|hash| (*hash, true)).collect());
        rest = beyond;
    }
    let (mut previous, mut tip) = (release.id, release.root);
    let known = files(dir, "deltas", report).into_keys();
    let mut names: BTreeSet<String> = known.filter(|name| name.starts_with("delta-")).collect();
    for number in 1u32.. {
        let name = format!("delta-{number}.cose");
        if !names.remove(&name) {
            break;
        }
        let file = format!("deltas/{name}");
        let Some(bytes) = load(dir, &file, report) else { break };
        let delta = match Delta::open(&bytes, trust) {
            Ok(delta) if number == 1 && delta.release != release.id => {
                report.notes.push("deltas/ belongs to an earlier release: its deltas change nothing now".to_owned());
                return;
            }
            Ok(delta) => delta,
            Err(why) => {
                report.find(&file, "", "delta_invalid", why);
                return;
            }
        };
        follows(&delta, number, release, (previous, tip), &file, report);
        as_published(dir, release, number, &bytes, report);
        let lines = lines_beside(dir, number, report);
        apply(&delta, &lines, &mut leaves, &file, report);
        (previous, tip) = (delta.id, delta.roots.1);
        report.count("changed lines", delta.changes.len() as u64);
    }
    for name in names {
        let message = "stands here without the delta before it: one was skipped";
        report.find(&format!("deltas/{name}"), "", "delta_skipped", message);
    }
}

fn as_published(dir: &Path, release: &Release, number: u32, bytes: &[u8], report: &mut Report) {
    let name = format!("publication/delta-{}-{number}.cose", release.number);
    if !dir.join(&name).exists() {
        report.notes.push(format!("deltas/delta-{number}.cose is signed and not published yet"));
    } else if load(dir, &name, report).is_some_and(|published| published != bytes) {
        report.find(&name, "", "delta_differs", format!("is not deltas/delta-{number}.cose"));
    }
}

/// Commitments of the added and changed lines, recomputed.
fn lines_beside(dir: &Path, number: u32, report: &mut Report) -> BTreeMap<(u16, u32), Hash> {
    let name = format!("deltas/lines-{number}.cbor");
    let bytes = load(dir, &name, report).unwrap_or_default();
    let mut lines = BTreeMap::new();
    let items = elements(&bytes).unwrap_or_else(|why| {
        report.find(&name, "", "lines_malformed", why);
        Vec::new()
    });
    for (at, item) in (1..).zip(items) {
        let read = line(item).and_then(|(precinct, number, hash)| {
            let number = u32::try_from(number).map_err(|_| "a line number is out of range")?;
            Ok((precinct, number, hash))
        });
        match read {
            Ok((precinct, number, hash)) => drop(lines.insert((precinct, number), hash)),
            Err(why) => report.find(&name, format!("element {at}"), "line_malformed", why),
        }
    }
    lines
}

/// Applies one delta; every change that does not fit is named, and the roots are compared at the end.
fn apply(delta: &Delta, lines: &BTreeMap<(u16, u32), Hash>, leaves: &mut Leaves, file: &str, report: &mut Report) {
    let mut waiting = lines.clone();
    for change in &delta.changes {
        let key = (change.precinct, change.line);
        let beside = waiting.remove(&key);
        if let Err(why) = apply_line(change, beside, leaves) {
            let place = format!("precinct {:04} line {}", change.precinct, change.line);
            report.find(file, place, "delta_line", why);
        }
    }
    for (precinct, line) in waiting.keys() {
        let name = format!("deltas/lines-{}.cbor", delta.number);
        let place = format!("precinct {precinct:04} line {line}");
        report.find(&name, place, "delta_line", "the delta does not name this line");
    }
    let all: Vec<Hash> = leaves.values().flatten().map(|(hash, _)| leaf_hash(hash)).collect();
    if root(&all) != delta.roots.1 {
        report.find(file, "root", "delta_root", "its changes do not lead from the list before to the root it states");
    }
    let live = |lines: &[(Hash, bool)]| lines.iter().filter(|(_, votes)| *votes).count() as u64;
    let voters: u64 = leaves.values().map(|lines| live(lines)).sum();
    let stated = delta.precincts.iter().all(|(precinct, count, voters)| {
        leaves
            .get(precinct)
            .is_some_and(|lines| (lines.len() as u64, live(lines)) == ((*count).into(), (*voters).into()))
    });
    let touched: BTreeSet<u16> = delta.changes.iter().map(|change| change.precinct).collect();
    let named = delta.precincts.iter().map(|(precinct, ..)| *precinct);
    if voters != delta.voters.1 || !stated || !named.eq(touched) {
        report.find(file, "", "delta_sum", format!("{voters} voters after it, or its precincts' numbers, are others"));
    }
}

fn apply_line(change: &Change, beside: Option<Hash>, leaves: &mut Leaves) -> Checked<()> {
    let lines = leaves.get_mut(&change.precinct).ok_or("the release has no such precinct")?;
    if (change.kind == STRIKE) != beside.is_none() || beside.is_some_and(|hash| hash != change.after) {
        return Err("the line beside the delta is missing, or another than it commits to".to_owned());
    }
    if change.kind == ADD {
        if change.line as usize != lines.len() + 1 || change.before.is_some() {
            return Err("an added line does not follow the last one".to_owned());
        }
        lines.push((change.after, true));
        return Ok(());
    }
    let at = (change.line as usize).checked_sub(1).and_then(|at| lines.get_mut(at));
    let leaf = at.ok_or("the list has no such line")?;
    if !leaf.1 || change.before != Some(leaf.0) {
        return Err("the line before is another, or was struck".to_owned());
    }
    if change.kind == STRIKE && change.after != sha256(&[b"kg1/struck", &leaf.0]) {
        return Err("its leaf is not that of a struck line".to_owned());
    }
    *leaf = (change.after, change.kind == CHANGE);
    Ok(())
}

/// See [`crate::probe`].
pub(crate) fn probe(bytes: &[u8]) -> bool {
    let read =
        Value::parse(bytes).and_then(|value| change(&value).map(drop).or_else(|_| precinct_after(&value).map(drop)));
    read.is_ok() || roll::line(bytes).is_ok()
}
