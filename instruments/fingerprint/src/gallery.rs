//! 1:N: who of many has these fingers.

use crate::compare;
use crate::iso19794::FingerPosition;
use crate::prepared::Prepared;
use crate::score::Score;

/// A reference in a gallery. What it stands for is the caller's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub u32);

/// How a gallery is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchPolicy {
    /// Entries whose fused score is lower are not returned.
    pub threshold: Score,
    /// At most so many candidates.
    pub candidates_max: usize,
    /// Up to so many entries every one is compared in full; beyond, a prefilter chooses.
    pub exhaustive_max: usize,
}

impl Default for SearchPolicy {
    fn default() -> Self {
        SearchPolicy {
            threshold: Score::at_fmr(1e-4),
            candidates_max: 20,
            exhaustive_max: 2000,
        }
    }
}

/// An entry that resembles the probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The entry.
    pub id: EntryId,
    /// Fused over the fingers both have.
    pub score: Score,
    /// Each finger of the probe that was compared, with its best score.
    pub per_finger: Vec<(FingerPosition, Score)>,
}

/// Prints of many, each with some fingers.
#[derive(Debug, Clone, Default)]
pub struct Gallery {
    policy: SearchPolicy,
    entries: Vec<(EntryId, Vec<(FingerPosition, Prepared)>)>,
}

impl Gallery {
    /// An empty gallery.
    pub fn new(policy: SearchPolicy) -> Gallery {
        Gallery {
            policy,
            entries: Vec::new(),
        }
    }

    /// Adds an entry with its fingers. One id may be added several times; each stands for itself.
    pub fn insert(&mut self, id: EntryId, fingers: &[(FingerPosition, Prepared)]) {
        self.entries.push((id, fingers.to_vec()));
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries that resemble the probe, best first; equal scores by id.
    ///
    /// Fingers are compared with the same finger, `Unknown` with all. `&self` may be shared by
    /// threads.
    pub fn identify(&self, probe: &[(FingerPosition, Prepared)]) -> Vec<Candidate> {
        let mut found: Vec<Candidate> = self
            .entries
            .iter()
            .filter_map(|(id, fingers)| candidate(*id, probe, fingers))
            .filter(|c| c.score >= self.policy.threshold)
            .collect();
        found.sort_by(|a, b| b.score.cmp(&a.score).then(a.id.cmp(&b.id)));
        found.truncate(self.policy.candidates_max);
        found
    }
}

fn candidate(
    id: EntryId,
    probe: &[(FingerPosition, Prepared)],
    fingers: &[(FingerPosition, Prepared)],
) -> Option<Candidate> {
    let mut per_finger = Vec::with_capacity(probe.len());
    for (position, print) in probe {
        let best = fingers
            .iter()
            .filter(|(p, _)| {
                p == position
                    || *p == FingerPosition::Unknown
                    || *position == FingerPosition::Unknown
            })
            .map(|(_, enrolled)| compare::score(print, enrolled))
            .max();
        per_finger.extend(best.map(|score| (*position, score)));
    }
    let scores: Vec<Score> = per_finger.iter().map(|f| f.1).collect();
    (!scores.is_empty()).then(|| Candidate {
        id,
        score: Score::fused(&scores),
        per_finger,
    })
}
