//! A finger on the glass, and how it compares with what the package holds.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use fingerprint::{FingerPosition as FingerCode, GreyImage, Prepared, Score, Template};
use lexicon::FingerPosition;
use lexicon::handover::package::{PackageFinger, PackageVoter, StationPolicy};
use pollbook::{classify, marked_lines_fmr, other_line, other_line_fmr};

/// What a scanner gave.
#[derive(Clone, Debug)]
pub enum Capture {
    /// A grey image from a scanner or a folder.
    Image(GreyImage),
    /// An ISO/IEC 19794-2 record: only for simulated days without images; screens and reports of
    /// such a day say so.
    SimulatedMinutiae(Vec<u8>),
}

impl Capture {
    /// The capture as a template, `None` when nothing can be read. Made once for each capture: it is the dear part.
    #[must_use]
    pub fn template(&self) -> Option<Template> {
        match self {
            Capture::Image(image) => fingerprint::extract(image).ok(),
            Capture::SimulatedMinutiae(record) => Template::from_iso(record).ok(),
        }
    }
}

/// Prepared fingers that are remembered: those of the voters at the glass, whatever the length of the list.
const PREPARED_MAX: usize = 16;

/// Line and finger position, and what was made of the record; `None` for one that cannot be read.
type PreparedFinger = ((u32, u8), Option<Arc<Prepared>>);

/// Fingers of one package, prepared for comparison when first asked for; the last ones are remembered for the next try.
#[derive(Debug, Default)]
pub struct Fingers {
    prepared: Mutex<VecDeque<PreparedFinger>>,
}

impl Fingers {
    fn known(&self, voter: &PackageVoter, rank: usize) -> Option<Arc<Prepared>> {
        let finger = voter.fingers.get(rank)?;
        let key = (voter.line, finger.position);
        if let Ok(prepared) = self.prepared.lock()
            && let Some((_, known)) = prepared.iter().find(|(of, _)| *of == key)
        {
            return known.clone();
        }
        let made = Template::from_iso(&finger.minutiae)
            .ok()
            .map(|template| Arc::new(Prepared::new(&template)));
        if let Ok(mut prepared) = self.prepared.lock() {
            prepared.truncate(PREPARED_MAX - 1);
            prepared.push_front((key, made.clone()));
        }
        made
    }

    /// Forgets the prepared fingers of a line that a change of the list corrected.
    pub(crate) fn forget(&self, line: u32) {
        if let Ok(mut prepared) = self.prepared.lock() {
            prepared.retain(|((known, _), _)| *known != line);
        }
    }

    /// Compares a capture with the voter's finger of this rank at the package's threshold.
    ///
    /// Only the finger that was asked for is compared: trying all four would multiply the rate of
    /// false matches that the threshold stands for.
    #[must_use]
    pub fn compare(
        &self,
        voter: &PackageVoter,
        rank: usize,
        live: Option<&Template>,
        policy: &StationPolicy,
    ) -> pollbook::Capture {
        let Some(live) = live else {
            return pollbook::Capture::Unreadable;
        };
        let Some(known) = self.known(voter, rank) else {
            return pollbook::Capture::Unreadable;
        };
        let score = fingerprint::score(&Prepared::new(live), &known);
        let threshold = Score::at_fmr(f64::from(policy.finger_fmr_ppb) * 1e-9);
        classify(score.value(), threshold.value())
    }
}

/// The line among `voters` whose finger lies on the glass, when it is one alone and not `open`.
///
/// Every finger of every voter is compared at the rate that the policy leaves to one comparison; `None` where the
/// policy does not allow to look.
#[must_use]
pub fn whose(
    voters: &[&PackageVoter],
    open: u32,
    live: &Template,
    policy: &StationPolicy,
) -> Option<u32> {
    let fmr = other_line_fmr(policy, fingers_of(voters))?;
    let live = Prepared::new(live);
    other_line(open, &lines_that_fit(voters, vec![live], fmr))
}

/// The lines among `marked`, which were served already, that a finger fits too; empty where the policy does not allow
/// to look.
///
/// `fitted` is the print of the opened line that the capture fitted: both are views of one finger, and the print of a
/// desk is clearer than a hurried capture. What two views cost is taken off their better score.
#[must_use]
pub fn marked_that_fit(
    marked: &[&PackageVoter],
    live: Option<&Template>,
    fitted: &PackageFinger,
    policy: &StationPolicy,
) -> Vec<u32> {
    let Some(fmr) = marked_lines_fmr(policy, fingers_of(marked)) else {
        return Vec::new();
    };
    let known = Template::from_iso(&fitted.minutiae).ok();
    let views = live.into_iter().chain(&known);
    let views: Vec<Prepared> = views.map(Prepared::new).collect();
    lines_that_fit(marked, views, fmr)
}

fn fingers_of(voters: &[&PackageVoter]) -> usize {
    voters.iter().map(|voter| voter.fingers.len()).sum()
}

/// The lines of voters one of whose fingers these views of one finger fit at this rate, in their order.
///
/// The fingers are prepared one voter after another and kept nowhere: a whole list of 40,000 would take 120 MB. Cost:
/// `trials/bench`, `tizme-bench whose`; all cores, without any lock.
fn lines_that_fit(voters: &[&PackageVoter], views: Vec<Prepared>, fmr: f64) -> Vec<u32> {
    let threshold = Score::at_fmr(fmr);
    let views = views.into_iter();
    let probe: Vec<_> = views.map(|view| (FingerCode::Unknown, view)).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let each = voters.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = voters
            .chunks(each)
            .map(|part| scope.spawn(|| fitting(part, &probe, threshold)))
            .collect();
        let found = parts
            .into_iter()
            .map(|part| part.join().unwrap_or_default());
        found.flatten().collect()
    })
}

/// The lines whose best finger reaches the threshold.
fn fitting(
    voters: &[&PackageVoter],
    probe: &[(FingerCode, Prepared)],
    threshold: Score,
) -> Vec<u32> {
    let fits = |voter: &&&PackageVoter| {
        let known: Vec<(FingerCode, Prepared)> = voter
            .fingers
            .iter()
            .filter_map(|finger| Template::from_iso(&finger.minutiae).ok())
            .map(|template| (FingerCode::Unknown, Prepared::new(&template)))
            .collect();
        let scores = fingerprint::compare_fingers(probe, &known);
        let scores: Vec<Score> = scores.into_iter().map(|(_, score)| score).collect();
        Score::fused_views(&scores) >= threshold
    };
    voters.iter().filter(fits).map(|voter| voter.line).collect()
}

/// The position of a voter's finger by rank, best first.
#[must_use]
pub fn position(voter: &PackageVoter, rank: usize) -> Option<FingerPosition> {
    FingerPosition::new(voter.fingers.get(rank)?.position)
}
