//! What a simulated precinct hands in in the evening, and what its own book makes of it: for a second,
//! independent reader of the same journals.

use std::collections::BTreeSet;

use lexicon::Instant;
use lexicon::handover::envelope::{DocumentId, DocumentType, Signer, Subject, encode, sign_all};
use lexicon::handover::event::{Incident, frame};
use pollbook::{Book, Reading, ReportKind};

use crate::plan::{Fault, Op};
use crate::precinct::{CLOSES, ELECTION, Precinct};
use crate::world::{Halt, Violation, World};

/// The files of a precinct and what its book says of them.
#[derive(Clone, Debug)]
pub struct HandOver {
    /// `KIT.journal` of every machine that still works, each event in one of them, and the signed
    /// final report of the first kit (`KIT.final.cose`) when it can be made.
    pub files: Vec<(String, Vec<u8>)>,
    /// Lines that the book counts as identified, ascending.
    pub marked: Vec<u32>,
    /// Counted acts by method, 1 to 5.
    pub by_method: Vec<u32>,
    /// The book's incidents.
    pub incidents: Vec<Incident>,
    /// Whether a disk was copied or set back: then a chain may fork or miss events.
    pub is_forked: bool,
}

/// Runs a day of real signatures to its end and hands its journals in; `None` when no kit is left.
///
/// # Errors
/// The [`Violation`] when the day itself breaks an invariant.
pub fn hand_over(
    precinct: &Precinct,
    ops: &[Op],
    faults: &[Fault],
) -> Result<Option<HandOver>, Violation> {
    let mut world = World::new(precinct, None, faults);
    let broken = |halt| match halt {
        Halt::Broken(violation) => Err(violation),
        Halt::Down => Ok(()),
    };
    for op in ops {
        world.apply(op).or_else(broken)?;
    }
    world.evening().or_else(broken)?;
    let able = world.able();
    let Some(first) = able.first().copied() else {
        return Ok(None);
    };
    let mut known: BTreeSet<DocumentId> = BTreeSet::new();
    let mut files = Vec::new();
    for at in able {
        let device = &world.devices[at];
        let mut journal = Vec::new();
        for act in device.disk.own.iter().chain(&device.disk.copies) {
            if known.insert(act.name.id) {
                journal.extend_from_slice(&frame(&act.signed()));
            }
        }
        files.push((format!("{}.journal", world.name(at)), journal));
    }
    if !precinct.manifest.is_empty() {
        files.push(("spare.grant".to_owned(), precinct.grant.clone()));
    }
    let book = &world.devices[first].book;
    if is_whole(book)
        && let Some(report) = report(precinct, world.devices[first].key, book)
    {
        files.push((format!("{}.final.cose", world.name(first)), report));
    }
    let counted = book.states().filter(|(_, state)| state.counted.is_some());
    Ok(Some(HandOver {
        files,
        marked: counted.map(|(line, _)| line).collect(),
        by_method: book.by_method().iter().map(|method| method.count).collect(),
        incidents: book.incidents(),
        is_forked: !world.forked.is_empty(),
    }))
}

/// Whether no chain has a gap: a report names heads, and what lies beyond a gap is under none.
fn is_whole(book: &Book) -> bool {
    let charter = book.charter();
    let beyond = |kit| book.events_after(kit, book.head(kit).seq).next().is_some();
    !charter.kits().iter().any(|kit| beyond(*kit))
}

fn report(precinct: &Precinct, key: usize, book: &Book) -> Option<Vec<u8>> {
    let evening = CLOSES + 3_600_000_000;
    let reading = Reading {
        wall: Instant::from_micros(evening),
        steady_micros: u64::try_from(evening).ok()?,
    };
    let added = book.list().lines() - precinct.charter.lines();
    let pages = precinct.charter.lines().div_ceil(25) + added.div_ceil(25);
    let report = book.report(ReportKind::Final, 1, pages, reading).ok()?;
    let subject = Subject {
        kind: DocumentType::Report,
        election: ELECTION,
    };
    let signers: [&dyn Signer; 3] = [
        &*precinct.kits[key] as &dyn Signer,
        &*precinct.officers[0] as &dyn Signer,
        &*precinct.officers[2] as &dyn Signer,
    ];
    sign_all(subject, &encode(&report), &signers).ok()
}
