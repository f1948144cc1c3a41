//! The deltas after a release: opened, their chain and every leaf checked, and told apart by precinct.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lexicon::Instant;
use lexicon::handover::delta::{ChangeKind, ListDelta, struck};
use lexicon::handover::envelope::{DocumentId, DocumentType, decode, id_all, peek_all};
use lexicon::handover::release::{RollLine, SaltedLine};

use crate::lines::{Commitment, ListError, PrecinctLines, Proven, root_of};
use crate::release::OpenRelease;
use crate::trust::{DocumentError, Trust, read, refused, subject};

/// Why no supplement is printed: an engineer fetches the right files.
#[derive(Debug, thiserror::Error)]
pub enum DeltasError {
    /// A delta.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Nothing was changed after the release.
    #[error("{0}: no delta of this release")]
    None(PathBuf),
    /// A list of the release does not hold.
    #[error("precinct {precinct:04}: {source}")]
    List {
        /// Whose.
        precinct: u16,
        /// Why.
        source: ListError,
    },
    /// A delta does not follow what stands before it, or does not give what it says.
    #[error("{path}: {why}")]
    Chain {
        /// Which file.
        path: PathBuf,
        /// What does not fit.
        why: String,
    },
}

impl DeltasError {
    /// Whether the documents are at fault, not the way the command was called.
    #[must_use]
    pub fn is_finding(&self) -> bool {
        match self {
            DeltasError::Document(error) => error.is_finding(),
            DeltasError::List { .. } | DeltasError::Chain { .. } => true,
            DeltasError::None(_) => false,
        }
    }
}

/// A line of the list on paper that a delta strikes or corrects.
#[derive(Clone, Debug)]
pub struct Changed {
    /// As it was when it is struck, as it reads from now on when it is corrected.
    pub line: RollLine,
    /// What is done.
    pub kind: ChangeKind,
    /// The reason's code.
    pub reason: String,
    /// The leaf after it.
    pub after: Commitment,
}

/// What one delta does to one precinct's list.
#[derive(Clone, Debug)]
pub struct Supplement {
    /// Whose list.
    pub precinct: u16,
    /// Number of the delta after its release.
    pub number: u32,
    /// Id of the delta.
    pub id: DocumentId,
    /// From when it holds.
    pub at: Instant,
    /// Root over all leaves after it.
    pub root: [u8; 32],
    /// The last line number given after it.
    pub lines: u32,
    /// The page of that line.
    pub pages: u32,
    /// Lines struck and corrected, ascending.
    pub changed: Vec<Changed>,
    /// Lines added, ascending.
    pub added: Vec<SaltedLine>,
    /// Their commitments.
    pub commitments: Vec<Commitment>,
}

/// The list as the deltas so far leave it.
struct Standing<'a> {
    roll: &'a Path,
    release: &'a OpenRelease,
    /// Leaves by precinct.
    leaves: BTreeMap<u16, Vec<Commitment>>,
    /// Lines of the release, of precincts that a delta touched.
    bound: BTreeMap<u16, Vec<SaltedLine>>,
    /// Lines that deltas added or corrected.
    later: BTreeMap<(u16, u32), SaltedLine>,
}

/// Opens every delta of a release in `deltas/`, applies it to the proven lists and gives what each does to each precinct,
/// in the order of deltas and precincts.
///
/// With anchors both institutions must have signed each. Cost: the tree over all leaves anew for each delta.
///
/// # Errors
/// [`DeltasError`], naming the first file that does not fit.
pub fn supplements(
    dir: &Path,
    roll: &Path,
    release: &OpenRelease,
    proven: Proven,
    trust: Option<&Trust>,
) -> Result<Vec<Supplement>, DeltasError> {
    let mut leaves = BTreeMap::new();
    for (precinct, list) in proven {
        let list = list.map_err(|source| DeltasError::List { precinct, source })?;
        leaves.insert(precinct, list);
    }
    let mut standing = Standing {
        roll,
        release,
        leaves,
        bound: BTreeMap::new(),
        later: BTreeMap::new(),
    };
    let mut found = Vec::new();
    let (mut before, mut root) = (release.id, *release.document.root);
    for number in 1u32.. {
        let path = dir.join(format!("delta-{number}.cose"));
        if !path.exists() {
            break;
        }
        let (id, delta) = open(&path, release, trust)?;
        let chain = |why: &str| DeltasError::Chain {
            path: path.clone(),
            why: why.to_owned(),
        };
        if number == 1 && *delta.release != release.id.0 {
            // A newer release has taken all of them in.
            break;
        }
        if delta.number != number || *delta.release != release.id.0 {
            return Err(chain("it is no delta of this release"));
        }
        if *delta.previous != before.0 || *delta.root_before != root {
            return Err(chain("it does not follow what stands before it"));
        }
        if *delta.law != release.law.hash {
            return Err(chain("it was made under another law"));
        }
        let beside = dir.join(format!("lines-{number}.cbor"));
        let lines: Vec<SaltedLine> = decode(&read(&beside)?).map_err(refused(&beside))?;
        let made = standing
            .apply(id, &delta, lines)
            .map_err(|why| chain(&why))?;
        if root_of(standing.leaves.values()) != *delta.root_after {
            return Err(chain("its changes do not give its root"));
        }
        found.extend(made);
        (before, root) = (id, *delta.root_after);
    }
    if found.is_empty() {
        return Err(DeltasError::None(dir.to_owned()));
    }
    Ok(found)
}

fn open(
    path: &Path,
    release: &OpenRelease,
    trust: Option<&Trust>,
) -> Result<(DocumentId, ListDelta), DeltasError> {
    let bytes = read(path)?;
    let kind = DocumentType::ListDelta;
    let of = subject(kind, release.document.election);
    let payload = match trust {
        Some(trust) => trust.open_by_both(kind, path, &bytes)?.payload,
        None => peek_all(of, &bytes).map_err(refused(path))?,
    };
    let delta = decode(&payload).map_err(refused(path))?;
    Ok((id_all(of, &payload), delta))
}

impl Standing<'_> {
    /// Applies a delta; every commitment before and after, every number and page must come out.
    fn apply(
        &mut self,
        id: DocumentId,
        delta: &ListDelta,
        lines: Vec<SaltedLine>,
    ) -> Result<Vec<Supplement>, String> {
        let mut lines = lines.into_iter();
        let mut by_precinct: BTreeMap<u16, Supplement> = BTreeMap::new();
        for after in &delta.precincts {
            let supplement = Supplement {
                precinct: after.precinct,
                number: delta.number,
                id,
                at: Instant::from_micros(delta.effective_at),
                root: *delta.root_after,
                lines: after.lines,
                pages: self.page_of(after.precinct, after.lines),
                changed: Vec::new(),
                added: Vec::new(),
                commitments: Vec::new(),
            };
            by_precinct.insert(after.precinct, supplement);
        }
        for change in &delta.changes {
            let (precinct, number) = (change.precinct, change.line);
            let at = || format!("precinct {precinct:04} line {number}");
            let supplement = by_precinct.get_mut(&precinct);
            let supplement =
                supplement.ok_or_else(|| format!("{}: not among its precincts", at()))?;
            let before = change.before.as_ref().map(|hash| **hash);
            let own = self.leaves.entry(precinct).or_default();
            let place = usize::try_from(number)
                .unwrap_or(usize::MAX)
                .wrapping_sub(1);
            let stands = match change.kind {
                ChangeKind::Add => before.is_none() && own.len() == place,
                ChangeKind::Strike | ChangeKind::Change => {
                    before.is_some() && own.get(place).copied() == before
                }
            };
            if !stands {
                return Err(format!("{}: another leaf stands there", at()));
            }
            let said = match change.kind {
                ChangeKind::Strike => None,
                ChangeKind::Add | ChangeKind::Change => {
                    let line = lines.next();
                    let line = line.ok_or_else(|| format!("{}: no line beside it", at()))?;
                    if (line.line.precinct, line.line.line) != (precinct, number) {
                        return Err(format!("{}: the line beside it is another", at()));
                    }
                    Some(line)
                }
            };
            let expected = match (&said, before) {
                (Some(line), _) => line.commitment(),
                (None, before) => struck(&before.unwrap_or_default()),
            };
            if expected != *change.after {
                return Err(format!("{}: it is not what the delta commits to", at()));
            }
            match own.get_mut(place) {
                Some(leaf) => *leaf = expected,
                None => own.push(expected),
            }
            let page = self.page_of(precinct, number);
            let line = match &said {
                Some(line) => line.line.clone(),
                None => self.line(precinct, number)?,
            };
            if line.page != page {
                return Err(format!("{}: it stands on another page than {page}", at()));
            }
            match (change.kind, said) {
                (ChangeKind::Add, Some(salted)) => {
                    supplement.commitments.push(expected);
                    supplement.added.push(salted.clone());
                    self.later.insert((precinct, number), salted);
                }
                (kind, said) => {
                    supplement.changed.push(Changed {
                        line,
                        kind,
                        reason: change.reason.clone(),
                        after: expected,
                    });
                    if let Some(salted) = said {
                        self.later.insert((precinct, number), salted);
                    }
                }
            }
        }
        if lines.next().is_some() {
            return Err("lines stand beside it that it does not name".to_owned());
        }
        for supplement in by_precinct.values() {
            let stand = self.leaves.get(&supplement.precinct).map_or(0, Vec::len);
            if stand as u64 != u64::from(supplement.lines) {
                return Err(format!(
                    "precinct {:04}: {stand} lines, not {}",
                    supplement.precinct, supplement.lines
                ));
            }
        }
        Ok(by_precinct.into_values().collect())
    }

    /// The page of a line: within the bound list, or on a supplementary page, which begins anew after it
    /// (docs/formats.md §3.1).
    fn page_of(&self, precinct: u16, line: u32) -> u32 {
        let totals = &self.release.document.precincts;
        let bound = totals.iter().find(|total| total.precinct == precinct);
        let bound = bound.map_or(0, |total| total.lines);
        let per_page = u32::from(self.release.law.list.lines_per_page.max(1));
        match line.checked_sub(bound + 1) {
            None => (line.max(1) - 1) / per_page + 1,
            Some(beyond) => bound.div_ceil(per_page) + beyond / per_page + 1,
        }
    }

    /// A line as it stands on paper.
    fn line(&mut self, precinct: u16, number: u32) -> Result<RollLine, String> {
        if let Some(salted) = self.later.get(&(precinct, number)) {
            return Ok(salted.line.clone());
        }
        if !self.bound.contains_key(&precinct) {
            let totals = &self.release.document.precincts;
            let total = totals.iter().find(|total| total.precinct == precinct);
            let total = total.ok_or_else(|| format!("precinct {precinct:04} has no list"))?;
            let lines_per_page = self.release.law.list.lines_per_page;
            let read = PrecinctLines::read(self.roll, total, lines_per_page);
            let read = read.map_err(|error| format!("precinct {precinct:04}: {error}"))?;
            self.bound.insert(precinct, read.lines);
        }
        let place = usize::try_from(number)
            .unwrap_or(usize::MAX)
            .wrapping_sub(1);
        let line = self.bound.get(&precinct).and_then(|lines| lines.get(place));
        line.map(|salted| salted.line.clone())
            .ok_or_else(|| format!("precinct {precinct:04} has no line {number}"))
    }
}
