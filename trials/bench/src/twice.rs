//! How many persons who come twice under two numbers are found by the captures of a day (S-16 b), and how many strangers are.

use anyhow::{Context as _, bail};
use dedup::{Came, CapturePolicy, Captures, Twins, merge_twins};
use fingerprint::Score;
use lexicon::FingerPosition;
use ridges::{ImpressionParams, Position, Skeleton, finger_seed, iso_19794_2};

/// Seed of everybody's fingers.
const SEED: u64 = 20_151_004;
/// Index fingers and thumbs, as a package holds them, best first.
const FINGERS: [u8; 4] = [2, 7, 1, 6];
/// False hits of one search, and among how many voters.
const FALSE_HITS: f64 = 1e-6;
const VOTERS: u32 = 10_000;

fn print(person: u32, finger: u8, params: &ImpressionParams, take: u64) -> anyhow::Result<Vec<u8>> {
    let position = Position::new(finger).context("a finger's number is 1 to 10")?;
    let seed = finger_seed(SEED, u64::from(person), position);
    let minutiae = Skeleton::draw(seed, position).impression(params, seed ^ take);
    Ok(iso_19794_2(
        &minutiae,
        (params.width, params.height),
        position,
        80,
    ))
}

/// A person's visit: an enrolment of four fingers of its own, and one capture of the day.
fn came(person: u32, visit: u64) -> anyhow::Result<Came> {
    let position = |finger| FingerPosition::new(finger).context("a finger's number is 1 to 10");
    let (desk, day) = (
        ImpressionParams::enrolment(),
        ImpressionParams::election_day(),
    );
    let mut enrolled = Vec::new();
    for finger in FINGERS {
        enrolled.push((position(finger)?, print(person, finger, &desk, 10 + visit)?));
    }
    let capture = print(person, FINGERS[0], &day, visit)?;
    Ok(Came {
        captured: (position(FINGERS[0])?, capture),
        enrolled,
    })
}

/// `voters` marks, of which the last `twice` are second visits of the first persons, each with every other.
///
/// # Errors
/// When a print cannot be made or a thread ends.
pub fn measure(voters: u32, twice: u32) -> anyhow::Result<()> {
    if twice * 2 > voters {
        bail!("{twice} second visits need as many first ones among {voters}");
    }
    let persons = voters - twice;
    let visits = (0..persons)
        .map(|person| (person, 1))
        .chain((0..twice).map(|person| (person, 2)));
    let all = visits
        .map(|(person, visit)| came(person, visit))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let policy = CapturePolicy {
        false_hits: FALSE_HITS * f64::from(voters - 1) / f64::from(VOTERS - 1),
        exhaustive_max: usize::MAX,
    };
    let captures = Captures::new(&all, policy)?;
    let found = each(&captures)?;
    let is_one = |twins: &&Twins| {
        twins.second == twins.first + persons as usize && twins.first < twice as usize
    };
    let right = found.iter().filter(is_one).count();
    println!(
        "persons who come twice, {voters} voters with 4 drawn fingers each and one capture of the day, each with every other: \
         at most {FALSE_HITS:.0e} false hits a search among {VOTERS} (score {}): {right} of {twice} are found, {} pairs of \
         strangers",
        captures.threshold().value(),
        found.len() - right,
    );
    let mut of_day: Vec<Score> = found.iter().filter(is_one).map(|t| t.of_day).collect();
    of_day.sort_unstable();
    let alone = of_day
        .iter()
        .filter(|score| **score >= captures.threshold());
    println!(
        "the best single view with a capture of the day: median {}, least {}; by it alone {} would be found",
        of_day
            .get(of_day.len() / 2)
            .map_or(0, |score| score.value()),
        of_day.first().map_or(0, |score| score.value()),
        alone.count(),
    );
    Ok(())
}

fn each(captures: &Captures) -> anyhow::Result<Vec<Twins>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let part = |first: usize| {
            let own = (first..captures.len()).step_by(cores);
            own.flat_map(|voter| captures.twins(voter))
                .collect::<Vec<_>>()
        };
        let parts: Vec<_> = (0..cores)
            .map(|first| scope.spawn(move || part(first)))
            .collect();
        let mut found = Vec::new();
        for part in parts {
            match part.join() {
                Ok(part) => found.extend(part),
                Err(_) => bail!("a thread of the comparison ended"),
            }
        }
        Ok(merge_twins(found))
    })
}
