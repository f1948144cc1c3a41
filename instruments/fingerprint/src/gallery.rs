//! 1:N: who of many has these fingers.

use crate::compare;
use crate::prepared::Prepared;
use crate::record::FingerPosition;
use crate::score::Score;
use crate::screen::{PRINTS_MAX, Screen};

/// A reference in a gallery. What it stands for is the caller's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub u32);

/// How a gallery is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchPolicy {
    /// Entries whose fused score is lower are not returned.
    pub threshold: Score,
    /// At most so many candidates are returned.
    pub candidates_max: usize,
    /// Up to so many entries every one is compared in full; beyond, a screen chooses one in
    /// [`SCREENED_SHARE`] (at least [`SCREENED_MIN`]). Its loss is measured in
    /// `docs/fingerprint.md`.
    pub exhaustive_max: usize,
}

/// The screen lets one entry in so many pass to the full comparison.
pub const SCREENED_SHARE: usize = 800;
/// The screen lets at least so many entries pass.
pub const SCREENED_MIN: usize = 12;
/// The screen looks at so many fingers of the probe, those with the most cylinders.
pub const SCREENED_FINGERS: usize = 2;
/// After two fingers below this false match rate the others are not compared.
pub const HOPELESS_FMR: f64 = 0.075;

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

/// What one search did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Best first; equal scores by id.
    pub candidates: Vec<Candidate>,
    /// Entries that were compared in full.
    pub compared: usize,
    /// Whether every entry was.
    pub exhaustive: bool,
}

/// Prints of many, each with some fingers.
#[derive(Debug, Clone)]
pub struct Gallery {
    policy: SearchPolicy,
    entries: Vec<(EntryId, Vec<(FingerPosition, Prepared)>)>,
    /// By code of the finger's position: its screen and the entry of each print in it.
    screens: [(Screen, Vec<u32>); 11],
}

impl Default for Gallery {
    fn default() -> Self {
        Gallery::new(SearchPolicy::default())
    }
}

impl Gallery {
    /// An empty gallery.
    pub fn new(policy: SearchPolicy) -> Gallery {
        Gallery {
            policy,
            entries: Vec::new(),
            screens: std::array::from_fn(|_| Default::default()),
        }
    }

    /// Adds an entry with its fingers. One id may be added several times; each stands for itself.
    ///
    /// Memory: about 3 KB a finger for the print and 4 KB for its screen. A finger position holds at
    /// most 16 million prints; those beyond are only found by an exhaustive search.
    ///
    /// ```
    /// use fingerprint::{EntryId, FingerPosition, Gallery, Prepared, Template};
    ///
    /// let template = Template { width: 300, height: 400, quality: 60, minutiae: vec![] };
    /// let mut gallery = Gallery::default();
    /// gallery.insert(EntryId(1), &[(FingerPosition::RightIndex, Prepared::new(&template))]);
    /// assert_eq!(gallery.len(), 1);
    /// ```
    pub fn insert(&mut self, id: EntryId, fingers: &[(FingerPosition, Prepared)]) {
        let entry = self.entries.len() as u32;
        for (position, print) in fingers {
            let (screen, of) = &mut self.screens[position.code() as usize];
            if of.len() < PRINTS_MAX {
                screen.insert(print);
                of.push(entry);
            }
        }
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
        self.search(probe).candidates
    }

    /// As [`Gallery::identify`], and says how much of the gallery was compared.
    ///
    /// ```
    /// use fingerprint::{EntryId, FingerPosition, Gallery, GreyImage, Prepared, extract};
    /// # use ridges::{ImpressionParams, Master, Position};
    /// # let print = |finger, take| -> Result<Prepared, Box<dyn std::error::Error>> {
    /// #     let picture = Master::grow(finger, Position::ALL[1])
    /// #         .impression(&ImpressionParams::enrolment(), take)
    /// #         .image;
    /// #     let (width, height) = (picture.width as u32, picture.height as u32);
    /// #     let image = GreyImage::from_raw(width, height, 500, picture.pixels)?;
    /// #     Ok(Prepared::new(&extract(&image)?))
    /// # };
    ///
    /// let index = FingerPosition::RightIndex;
    /// let mut gallery = Gallery::default();
    /// for person in 0..3 {
    ///     gallery.insert(EntryId(person), &[(index, print(u64::from(person) + 7, 1)?)]);
    /// }
    /// // Another impression of person 1's finger.
    /// let found = gallery.search(&[(index, print(8, 2)?)]);
    /// assert_eq!(found.candidates[0].id, EntryId(1));
    /// assert!(found.exhaustive && found.compared == 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn search(&self, probe: &[(FingerPosition, Prepared)]) -> Search {
        let exhaustive = self.entries.len() <= self.policy.exhaustive_max;
        let chosen = if exhaustive {
            (0..self.entries.len()).collect()
        } else {
            self.screened(probe)
        };
        let mut candidates: Vec<Candidate> = chosen
            .iter()
            .filter_map(|&entry| {
                let (id, fingers) = &self.entries[entry];
                candidate(*id, probe, fingers)
            })
            .filter(|c| c.score >= self.policy.threshold)
            .collect();
        candidates.sort_by(|a, b| b.score.cmp(&a.score).then(a.id.cmp(&b.id)));
        candidates.truncate(self.policy.candidates_max);
        Search {
            candidates,
            compared: chosen.len(),
            exhaustive,
        }
    }

    /// The entries with most votes in the screens, most first.
    fn screened(&self, probe: &[(FingerPosition, Prepared)]) -> Vec<usize> {
        let mut votes = vec![0u32; self.entries.len()];
        let mut richest: Vec<&(FingerPosition, Prepared)> = probe.iter().collect();
        richest.sort_by_key(|(position, print)| {
            (std::cmp::Reverse(print.cylinders.len()), position.code())
        });
        for (position, print) in richest.into_iter().take(SCREENED_FINGERS) {
            let mut best = vec![0u8; self.entries.len()];
            for (code, (screen, of)) in self.screens.iter().enumerate() {
                let same = code == position.code() as usize;
                if !same && code != 0 && *position != FingerPosition::Unknown {
                    continue;
                }
                for (&entry, v) in of.iter().zip(screen.votes(print)) {
                    best[entry as usize] = best[entry as usize].max(v);
                }
            }
            votes
                .iter_mut()
                .zip(best)
                .for_each(|(sum, v)| *sum += u32::from(v));
        }
        let most = (self.entries.len() / SCREENED_SHARE).max(SCREENED_MIN);
        let mut order: Vec<usize> = (0..self.entries.len()).filter(|&e| votes[e] > 0).collect();
        let key = |&a: &usize, &b: &usize| votes[b].cmp(&votes[a]).then(a.cmp(&b));
        if order.len() > most {
            order.select_nth_unstable_by(most, key);
            order.truncate(most);
        }
        order.sort_unstable_by(key);
        order
    }
}

fn candidate(
    id: EntryId,
    probe: &[(FingerPosition, Prepared)],
    fingers: &[(FingerPosition, Prepared)],
) -> Option<Candidate> {
    let per_finger = compare_fingers(probe, fingers);
    let scores: Vec<Score> = per_finger.iter().map(|f| f.1).collect();
    (!scores.is_empty()).then(|| Candidate {
        id,
        score: Score::fused(&scores),
        per_finger,
    })
}

/// Two sets of fingers, finger by finger: the best score of each finger of the first set that the second has too.
///
/// The comparison ends after two fingers of which neither reaches a false match rate of
/// [`HOPELESS_FMR`]: of a hundred strangers ninety end there, and somebody's own two fingers both fall
/// below it about once in a thousand times (docs/fingerprint.md). What is returned then is the two.
///
/// ```
/// use fingerprint::{FingerPosition, Prepared, Template, compare_fingers};
///
/// let template = Template { width: 300, height: 400, quality: 60, minutiae: vec![] };
/// let print = Prepared::new(&template);
/// let (thumb, index) = (FingerPosition::LeftThumb, FingerPosition::LeftIndex);
/// let scores = compare_fingers(&[(thumb, print.clone()), (index, print.clone())], &[(thumb, print)]);
/// assert_eq!(scores.iter().map(|(finger, _)| *finger).collect::<Vec<_>>(), [thumb]);
/// ```
pub fn compare_fingers(
    probe: &[(FingerPosition, Prepared)],
    fingers: &[(FingerPosition, Prepared)],
) -> Vec<(FingerPosition, Score)> {
    let hopeless = Score::at_fmr(HOPELESS_FMR);
    let mut per_finger: Vec<(FingerPosition, Score)> = Vec::with_capacity(probe.len());
    for (position, print) in probe {
        if per_finger.len() == 2 && per_finger.iter().all(|f| f.1 < hopeless) {
            break;
        }
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
    per_finger
}

#[cfg(test)]
mod tests;
