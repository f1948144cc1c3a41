//! Sealed captures of fingers: taken in from the kits' signed lists, compared with each other once two people of two
//! institutions said so. A pair is evidence for people to decide on; nothing changes by it (S-16).

use std::collections::BTreeMap;
use std::sync::Arc;

use dedup::{Came, CapturePolicy, Captures, Twins, merge_twins};
use fingerprint::Template;
use lexicon::handover::capture::{
    CaptureContents, CaptureList, CapturePair, CapturePairs, KeptCapture, OpeningStep, PairSide,
};
use lexicon::handover::envelope::{DocumentId, Kid, SUITE, SignError, Signer, hex, sha256};
use lexicon::handover::office_statement::state;
use lexicon::handover::package::KeyAgreement;
use lexicon::{ElectionLaw, FingerPosition, Instant};
use pollbook::{Act, Book, identified};
use store::{
    CapturesAct, CapturesFound, CapturesRow, CapturesStep, Institution, Store, StoreError, Tx,
};

use crate::day::Hall;

/// How long an asking waits for the other institution, and how long what was allowed may be done.
const OPEN_MICROS: i64 = 24 * 3_600_000_000;

/// Up to so many voters each is compared with every other: at 20,000 an hour and a half of one core.
const EXHAUSTIVE_MAX: usize = 20_000;

/// The account under which the comparison works.
const JOB: &str = "compare-captures";

/// Why a list of captures was not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CapturesRefused {
    /// Its kit did not sign it, or it is of another package.
    #[error("the list of captures does not hold: {0}")]
    Broken(String),
    /// A capture of an act that no journal here holds: the journal comes first.
    #[error("no journal here holds act {0} by a finger")]
    NoAct(u32),
}

/// The row of a list of captures whose every act stands in a journal that is kept here.
///
/// # Errors
/// [`CapturesRefused`].
pub(crate) fn row_of(
    hall: &Hall,
    book: Option<&Book>,
    file: &[u8],
) -> Result<CapturesRow, CapturesRefused> {
    let election = hall.manifest().election;
    let (list, _) = CaptureList::open(file, election, &hall.ring)
        .map_err(|error| CapturesRefused::Broken(error.to_string()))?;
    let kit = Kid(*list.kit);
    let is_of = list.precinct == hall.manifest().precinct
        && DocumentId(*list.package) == hall.charter.package()
        && hall.charter.kit(kit).is_some();
    if !is_of {
        let why = "it is of another kit or package".to_owned();
        return Err(CapturesRefused::Broken(why));
    }
    for capture in &list.captures {
        let act = book.and_then(|book| book.event(kit, capture.seq));
        if !act.is_some_and(|act| is_of_finger(act, capture)) {
            return Err(CapturesRefused::NoAct(capture.seq));
        }
    }
    Ok(CapturesRow {
        sha256: hex(&sha256(file)),
        precinct: list.precinct,
        kit: hall.charter.kit_name(kit),
        captures: list.captures.len() as u64,
    })
}

fn is_of_finger(act: &Act, capture: &KeptCapture) -> bool {
    identified(act).is_some_and(|body| {
        body.line == capture.line && body.finger == capture.finger && body.finger > 0
    })
}

/// Where the opening of the captures stands for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// Nobody asks.
    Closed,
    /// The account or its institution asked and waits for the other one.
    Waits,
    /// The other institution asked: the account may allow it.
    Asked,
    /// Allowed until then; the job may run.
    Allowed(Instant),
}

/// Where it stands now for an account of an institution.
pub(crate) fn standing(
    steps: &[CapturesStep],
    staff: &str,
    of: Institution,
    now: Instant,
) -> Opening {
    if let Some((_, allowed)) = in_force(steps, now) {
        return Opening::Allowed(allowed.at.plus_micros(OPEN_MICROS));
    }
    match steps.last().map(|step| (step, step.act)) {
        Some((step, CapturesAct::Asked(asked))) if is_fresh(step, now) => {
            if step.staff != staff && asked != of {
                Opening::Asked
            } else {
                Opening::Waits
            }
        }
        _ => Opening::Closed,
    }
}

fn is_fresh(step: &CapturesStep, now: Instant) -> bool {
    now < step.at.plus_micros(OPEN_MICROS)
}

/// The asking and the allowance under which the job may run once.
fn in_force(steps: &[CapturesStep], now: Instant) -> Option<(&CapturesStep, &CapturesStep)> {
    let [.., asked, allowed] = steps else {
        return None;
    };
    match (asked.act, allowed.act) {
        (CapturesAct::Asked(one), CapturesAct::Allowed(other))
            if one != other && asked.staff != allowed.staff && is_fresh(allowed, now) =>
        {
            Some((asked, allowed))
        }
        _ => None,
    }
}

/// Why nothing was compared. Nothing was opened, unless the message says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The law does not let captures be kept and compared.
    #[error("the law keeps no captures: [station.captures] is silent")]
    LawIsSilent,
    /// Two people of two institutions must say so on the page first.
    #[error("nobody of two institutions allowed the comparison within the last day")]
    NotAllowed,
    /// More captures than one comparison holds.
    #[error("too many captures for one comparison")]
    TooMany,
    /// The key that signs the packet.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The office's two keys that the comparison needs.
#[derive(Clone, Copy)]
pub struct CompareKeys<'a> {
    /// Opens captures.
    pub captures: &'a dyn KeyAgreement,
    /// Signs the packet.
    pub statement: &'a dyn Signer,
}

/// Compares the voters of all acts that stand and were by a finger, each with every other one of another line, and keeps the
/// signed packet of what was found. What was allowed is used up by it. The captures are open in memory only.
///
/// Cost: an opening of 0.2 ms and 15 to 35 KB for each voter, then 27 µs for each two of them on all cores; beyond 20,000 a
/// prefilter chooses, and the packet says so.
///
/// # Errors
/// [`CompareError`].
pub fn compare(
    store: &Store,
    law: &ElectionLaw,
    keys: CompareKeys<'_>,
    now: Instant,
) -> Result<(CapturePairs, Vec<u8>), CompareError> {
    let rule = law
        .station
        .captures
        .as_ref()
        .ok_or(CompareError::LawIsSilent)?;
    // Written before anything is opened.
    let opened = store.transact("open_captures", JOB, |tx| {
        let steps = tx.captures_steps()?;
        let Some((asked, allowed)) = in_force(&steps, now) else {
            return Ok(None);
        };
        let step = CapturesStep {
            act: CapturesAct::Opened,
            reason: asked.reason.clone(),
            basis: asked.basis.clone(),
            staff: JOB.to_owned(),
            at: now,
        };
        let number = tx.record_captures_step(&step)?;
        Ok::<_, StoreError>(Some((number, said(asked), said(allowed))))
    })?;
    let (step, asked, allowed) = opened.ok_or(CompareError::NotAllowed)?;
    let election = law.election.number;
    let gathered = store.read("captures", |tx| gather(tx, election))?;
    let mut sides = Vec::new();
    let mut voters = Vec::new();
    let mut unreadable = 0;
    for (side, kept) in gathered.standing {
        let contents = kept.open(keys.captures).ok();
        match contents.and_then(|contents| came(kept.finger, &contents)) {
            Some(one) => {
                sides.push(side);
                voters.push(one);
            }
            None => unreadable += 1,
        }
    }
    let policy = CapturePolicy {
        false_hits: rule.false_hits,
        exhaustive_max: EXHAUSTIVE_MAX,
    };
    let captures = Captures::new(&voters, policy).map_err(|_| CompareError::TooMany)?;
    drop(voters);
    let place = |side: &PairSide| (side.precinct, side.line);
    let twins = all_twins(&captures).into_iter();
    let mut pairs: Vec<CapturePair> = twins
        .filter(|twins| place(&sides[twins.first]) != place(&sides[twins.second]))
        .map(|twins| pair(&sides, twins))
        .collect();
    let order = |side: &PairSide| (side.precinct, side.line, side.at);
    pairs.sort_by_key(|pair| (order(&pair.first), order(&pair.second)));
    let found = CapturePairs {
        suite: SUITE.to_owned(),
        election,
        compared: count(sides.len()),
        unreadable,
        left_out: gathered.left_out,
        false_hits_ppb: ppb(rule.false_hits),
        threshold: captures.threshold().value(),
        exhaustive: captures.len() <= EXHAUSTIVE_MAX,
        asked,
        allowed,
        pairs,
        at: now.micros(),
    };
    let bytes = state(&found, keys.statement)?;
    let row = CapturesFound {
        step,
        pairs: found.pairs.len() as u64,
        bytes: bytes.clone(),
        at: now,
    };
    store.transact("captures_found", JOB, |tx| tx.record_captures_found(&row))?;
    Ok((found, bytes))
}

/// The fingers of a voter who came; `None` when the capture is no record. A print of the package that is none is left out.
fn came(finger: u8, contents: &CaptureContents) -> Option<Came> {
    let read = |finger: u8, record: &[u8]| {
        Template::from_iso(record).ok()?;
        Some((FingerPosition::new(finger)?, record.to_vec()))
    };
    let enrolled = contents.enrolled.iter();
    Some(Came {
        captured: read(finger, &contents.minutiae)?,
        enrolled: enrolled
            .filter_map(|one| read(one.position, &one.minutiae))
            .collect(),
    })
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a law's share is 0 to 1"
)]
fn ppb(share: f64) -> u32 {
    (share * 1e9).round() as u32
}

fn said(step: &CapturesStep) -> OpeningStep {
    let of = step.act.institution().map_or("", Institution::code);
    OpeningStep {
        institution: of.to_owned(),
        staff: step.staff.clone(),
        reason: step.reason.clone(),
        basis: step.basis.clone(),
        at: step.at.micros(),
    }
}

/// The captures of acts that stand, and how many do not.
#[derive(Default)]
struct Gathered {
    standing: Vec<(PairSide, KeptCapture)>,
    left_out: u32,
}

fn gather(tx: &mut Tx<'_>, election: u32) -> Result<Gathered, StoreError> {
    let rows = tx.all_captures()?;
    let mut gathered = Gathered::default();
    for of_precinct in rows.chunk_by(|a, b| a.precinct == b.precinct) {
        let Some(hall) = Hall::find(tx, of_precinct[0].precinct, election)? else {
            continue;
        };
        let Some(book) = hall.book(&tx.day_documents(of_precinct[0].precinct)?) else {
            continue;
        };
        let acts: BTreeMap<(Kid, u32), Arc<Act>> = book
            .states()
            .flat_map(|(_, state)| state.counted.iter().chain(&state.duplicates))
            .map(|act| ((act.name.kit, act.name.seq), Arc::clone(act)))
            .collect();
        // A kit that handed in twice: the fuller list stands last, and holds the other.
        let mut captures: BTreeMap<(Kid, u32), (KeptCapture, DocumentId)> = BTreeMap::new();
        for row in of_precinct {
            let file = tx.captures_file(&row.sha256)?.unwrap_or_default();
            let Ok((list, signed)) = CaptureList::open(&file, election, &hall.ring) else {
                continue;
            };
            for capture in list.captures {
                captures.insert((Kid(*capture.kit), capture.seq), (capture, signed.id));
            }
        }
        for (name, (capture, list)) in captures {
            match acts.get(&name).filter(|act| is_of_finger(act, &capture)) {
                Some(act) => {
                    let kit_name = hall.charter.kit_name(name.0);
                    let side = side(act, &capture, list, kit_name);
                    gathered.standing.push((side, capture));
                }
                None => gathered.left_out += 1,
            }
        }
    }
    Ok(gathered)
}

fn side(act: &Act, capture: &KeptCapture, list: DocumentId, kit_name: String) -> PairSide {
    PairSide {
        precinct: capture.precinct,
        line: capture.line,
        kit: capture.kit,
        kit_name,
        seq: capture.seq,
        receipt: identified(act).map_or(0, |body| body.receipt),
        at: act.hlc.moment().micros(),
        finger: capture.finger,
        capture: capture.hash().into(),
        captures: list.0.into(),
        event: lexicon::handover::folder::bytes(&act.signed()),
    }
}

fn pair(sides: &[PairSide], twins: Twins) -> CapturePair {
    let (one, other) = (&sides[twins.first], &sides[twins.second]);
    let (first, second) = if one.at <= other.at {
        (one, other)
    } else {
        (other, one)
    };
    CapturePair {
        first: first.clone(),
        second: second.clone(),
        score: twins.score.value(),
        of_day: twins.of_day.value(),
        fingers: twins.fingers,
    }
}

/// Every voter's pairs, on all cores.
fn all_twins(captures: &Captures) -> Vec<Twins> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // The first voters have the most others: each core takes every so-manieth.
    let part = |first: usize| -> Vec<Twins> {
        let own = (first..captures.len()).step_by(cores);
        own.flat_map(|capture| captures.twins(capture)).collect()
    };
    let found: Vec<Twins> = std::thread::scope(|scope| {
        let parts: Vec<_> = (0..cores)
            .map(|first| scope.spawn(move || part(first)))
            .collect();
        let found = parts.into_iter().map(|part| {
            part.join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        found.flatten().collect()
    });
    merge_twins(found)
}

#[cfg(test)]
mod tests;
