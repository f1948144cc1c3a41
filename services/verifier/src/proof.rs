//! A voter's proof: the line, its place in the list tree, the witnessed checkpoint (C2SP tlog-proof).

use crate::Checked;
use crate::cose::{Hash, sha256};
use crate::finding::Report;
use crate::folder::{TRUST, Trust};
use crate::log::{Checkpoint, leaf_hash};
use crate::roll::{Release, line};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::path::Path;

/// What stands in a proof: extra data, entry, hashes from the leaf's sibling up, checkpoint.
type Proof<'t> = (Vec<u8>, u64, Vec<Hash>, &'t str);

/// Reads the text of a proof.
pub(crate) fn parse(text: &str) -> Checked<Proof<'_>> {
    let (head, checkpoint) = text.split_once("\n\n").ok_or("no checkpoint after a blank line")?;
    let mut lines = head.split('\n');
    if lines.next() != Some("c2sp.org/tlog-proof@v1") {
        return Err("line 1 is not c2sp.org/tlog-proof@v1".to_owned());
    }
    let extra = lines.next().and_then(|row| STANDARD.decode(row.strip_prefix("extra ")?).ok());
    let index = lines.next().and_then(|row| row.strip_prefix("index ")).ok_or("no index")?;
    let number: u64 = index.parse().map_err(|_| "no index")?;
    let hashes = lines.map(|row| STANDARD.decode(row).ok()?.try_into().ok()).collect::<Option<Vec<Hash>>>();
    let hashes = hashes.filter(|hashes| hashes.len() <= 64).ok_or("a line is no hash, or there are too many")?;
    if number.to_string() != index {
        return Err("the index has leading zeros".to_owned());
    }
    Ok((extra.ok_or("no line of the list in the extra data")?, number, hashes, checkpoint))
}

/// The root that a path of hashes leads to; `None` when it has another length than the tree asks for.
fn root_of(index: u64, size: u64, leaf: Hash, path: &[Hash]) -> Option<Hash> {
    if size <= 1 {
        return (size == 1 && path.is_empty()).then_some(leaf);
    }
    let (last, rest) = path.split_last()?;
    let left = 1 << (size - 1).ilog2();
    if index < left {
        Some(sha256(&[&[1], &root_of(index, left, leaf, rest)?, last]))
    } else {
        Some(sha256(&[&[1], last, &root_of(index - left, size - left, leaf, rest)?]))
    }
}

/// Checks a proof against the release it speaks of; says what it proves.
pub(crate) fn opened(dir: &Path, text: &str, roots: &[String], report: &mut Report) -> Checked<String> {
    let read = |name: &str| std::fs::read(dir.join(name)).map_err(|error| format!("{name}: {}", error.kind()));
    let trust = Trust::open(&read(TRUST)?, roots, report)?;
    let (extra, index, hashes, note) = parse(text)?;
    let (precinct, number, commitment) = line(&extra)?;
    let origin = note.lines().next().unwrap_or_default();
    let list = origin.strip_prefix(trust.log.name()).and_then(|rest| rest.strip_prefix("/list-"));
    let list: u32 = list.and_then(|list| list.parse().ok()).ok_or("the checkpoint is not of a list of this log")?;
    let checkpoint = Checkpoint::open(note.as_bytes(), &trust.log.renamed(origin), &trust.witnesses)?;
    if checkpoint.witnesses < trust.witnesses_needed {
        return Err(format!("{} witnesses cosigned, {} are needed", checkpoint.witnesses, trust.witnesses_needed));
    }
    if root_of(index, checkpoint.size, leaf_hash(&commitment), &hashes) != Some(checkpoint.root) {
        return Err("the line is not shown to be in the checkpoint's tree".to_owned());
    }
    let release = Release::open(&read(&format!("publication/release-{list}.cose"))?, &trust)?;
    if (release.number, release.root) != (list, checkpoint.root) || release.leaf_of(precinct, number) != Some(index) {
        return Err(format!("the checkpoint or the place of the line is not that of release {list}"));
    }
    Ok(format!("precinct {precinct:04}, line {number}: on the list of release {list}"))
}
