//! How often a kit stops a voter whose finger fits a marked line too: strangers, persons who stand twice, and the time.

use anyhow::{Context as _, bail};
use fingerprint::{Prepared, Score, Template};
use lexicon::handover::folder::bytes;
use lexicon::handover::package::{PackageFinger, PackageVoter};
use ridges::{ImpressionParams, Position, Skeleton, finger_seed, iso_19794_2};
use station::Capture;

use crate::hall::precinct::{law, voter};
use crate::hall::{Times, timed};

/// Seed of everybody's fingers.
const SEED: u64 = 20_151_004;
/// Index fingers and thumbs, as a package holds them, best first.
const FINGERS: [u8; 4] = [2, 7, 1, 6];
/// What a law may allow a search: false alarms on average, 10⁻⁹.
const ALLOWED: [u32; 3] = [10_000_000, 1_000_000, 10_000];
/// Searches that are timed.
const TIMED: u32 = 20;

/// Where and when a finger was taken.
#[derive(Clone, Copy)]
enum Taken {
    Enrolled,
    EnrolledAgain,
    OnTheDay,
}

fn print(person: u32, finger: u8, taken: Taken) -> anyhow::Result<Vec<u8>> {
    let position = Position::new(finger).context("a finger's number is 1 to 10")?;
    let (params, take) = match taken {
        Taken::Enrolled => (ImpressionParams::enrolment(), 1),
        Taken::EnrolledAgain => (ImpressionParams::enrolment(), 2),
        Taken::OnTheDay => (ImpressionParams::election_day(), 3),
    };
    let seed = finger_seed(SEED, u64::from(person), position);
    let minutiae = Skeleton::draw(seed, position).impression(&params, seed ^ take);
    let size = (params.width, params.height);
    Ok(iso_19794_2(&minutiae, size, position, 80))
}

/// Scores of one person's best finger.
struct Scores {
    /// Of the capture and the print that it fitted, with whoever of the others is nearest.
    strange: Score,
    /// Of both, with a second enrolment.
    same: Score,
    /// Of the capture alone, with it.
    alone: Score,
}

fn listed(line: u32) -> anyhow::Result<PackageVoter> {
    let mut voter = voter(line);
    voter.fingers.clear();
    for finger in FINGERS {
        voter.fingers.push(PackageFinger {
            position: finger,
            minutiae: bytes(&print(line, finger, Taken::Enrolled)?),
        });
    }
    Ok(voter)
}

fn prepared(record: &[u8]) -> anyhow::Result<Prepared> {
    Ok(Prepared::new(&Template::from_iso(record)?))
}

/// A precinct of `voters` with four drawn fingers each, all but one of them marked: everybody's best finger as on election
/// day, with the print that it fitted, against all fingers of all others (a false alarm), and against the same person's second
/// enrolment (a miss).
///
/// # Errors
/// When a print cannot be made, or the kit's own search says another thing than the scores.
pub fn measure(voters: u32) -> anyhow::Result<()> {
    let list = (1..=voters)
        .map(listed)
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut known = Vec::new();
    for voter in &list {
        for finger in &voter.fingers {
            known.push((voter.line, prepared(&finger.minutiae)?));
        }
    }
    let best = |line: u32| -> anyhow::Result<Scores> {
        let views = [
            prepared(&print(line, FINGERS[0], Taken::OnTheDay)?)?,
            prepared(&print(line, FINGERS[0], Taken::Enrolled)?)?,
        ];
        let others = || known.iter().filter(|(of, _)| *of != line);
        let nearest = |view: &Prepared| {
            others()
                .map(|(_, other)| fingerprint::score(view, other))
                .max()
        };
        let strange: Vec<Score> = views.iter().filter_map(nearest).collect();
        // A second enrolment of the same finger, under another line of the list.
        let again = prepared(&print(line, FINGERS[0], Taken::EnrolledAgain)?)?;
        let same = views
            .each_ref()
            .map(|view| fingerprint::score(view, &again));
        Ok(Scores {
            strange: Score::fused_views(&strange),
            same: Score::fused_views(&same),
            alone: same[0],
        })
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let lines: Vec<u32> = (1..=voters).collect();
    let scores = std::thread::scope(|scope| -> anyhow::Result<Vec<Scores>> {
        let each = lines.len().div_ceil(cores).max(1);
        let parts: Vec<_> = lines
            .chunks(each)
            .map(|part| {
                scope.spawn(move || {
                    part.iter()
                        .map(|line| best(*line))
                        .collect::<anyhow::Result<Vec<_>>>()
                })
            })
            .collect();
        let mut all = Vec::new();
        for part in parts {
            match part.join() {
                Ok(found) => all.extend(found?),
                Err(_) => bail!("a thread of the search ended"),
            }
        }
        Ok(all)
    })?;
    let mut policy = law("segment");
    for allowed in ALLOWED {
        policy.marked_lines_ppb = Some(allowed);
        let fmr =
            pollbook::marked_lines_fmr(&policy, known.len()).context("the policy allows it")?;
        let threshold = Score::at_fmr(fmr);
        let alarms = scores.iter().filter(|of| of.strange >= threshold).count();
        let missed = scores.iter().filter(|of| of.same < threshold).count();
        let alone = scores.iter().filter(|of| of.alone < threshold).count();
        println!(
            "marked lines, 1:{voters} with 4 drawn fingers each, at most {:.0e} false alarms a search (score {}): {alarms} \
             alarms in {voters} searches; {missed} of {voters} persons on two lines are missed, by the capture alone {alone}",
            f64::from(allowed) * 1e-9,
            threshold.value(),
        );
    }
    let all: Vec<&PackageVoter> = list.iter().collect();
    let mut times = Vec::new();
    for round in 1..=TIMED {
        let own = PackageFinger {
            position: FINGERS[0],
            minutiae: bytes(&print(voters + round, FINGERS[0], Taken::Enrolled)?),
        };
        let stranger =
            Capture::SimulatedMinutiae(print(voters + round, FINGERS[0], Taken::OnTheDay)?);
        let look = || {
            let live = stranger.template();
            station::marked_that_fit(&all, live.as_ref(), &own, &policy)
        };
        let (ms, found) = timed(look);
        if !found.is_empty() {
            bail!("a stranger's finger is taken for that of lines {found:?}");
        }
        times.push(ms);
    }
    // The kit's own search, beside the scores: line 2 lays its finger on the glass a second time.
    let fitted = &list[1].fingers[0];
    let other = print(2, FINGERS[0], Taken::OnTheDay)?;
    let same = [&other, &*fitted.minutiae]
        .map(|view| prepared(view).map(|view| fingerprint::score(&view, &known[FINGERS.len()].1)));
    let [live, enrolled] = same;
    let score = Score::fused_views(&[live?, enrolled?]);
    let fmr = pollbook::marked_lines_fmr(&policy, known.len()).context("the policy allows it")?;
    let other = Capture::SimulatedMinutiae(other).template();
    let is_found = station::marked_that_fit(&all, other.as_ref(), fitted, &policy).contains(&2);
    if is_found != (score >= Score::at_fmr(fmr)) {
        bail!("line 2 has the score {score:?}, and the kit's search says otherwise");
    }
    let times = Times::of(times);
    println!(
        "one search of {voters} marked lines, {cores} cores: p50 {:.0} ms, greatest {:.0}",
        times.permille(500),
        times.permille(1000),
    );
    Ok(())
}
