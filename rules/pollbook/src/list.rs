//! The list in force at a station: the package's, and the signed deltas that were taken in after it.

use std::collections::BTreeMap;
use std::sync::Arc;

use lexicon::handover::envelope::{
    self, DocumentId, DocumentType, EnvelopeError, Kid, Subject, Verifier,
};
use lexicon::handover::event::ListChanged;
use lexicon::handover::folder::bytes;
use lexicon::handover::station_delta::{
    StationChange, StationChangeKind, StationDelta, station_delta_subject,
};

use crate::act::{Act, Body, Rejection};
use crate::book::Book;
use crate::charter::Charter;
use crate::clock::Reading;
use crate::draft::Draft;

/// A station delta as it stands in an event: its bytes, its id, what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The `COSE_Sign`, byte for byte.
    pub signed: Vec<u8>,
    /// Its id.
    pub id: DocumentId,
    /// Its payload.
    pub delta: StationDelta,
}

impl Taken {
    /// Reads a delta without looking at its signatures: [`Taken::verify`] does.
    ///
    /// # Errors
    /// [`EnvelopeError`] when the bytes are no such document.
    pub fn read(signed: &[u8]) -> Result<Self, EnvelopeError> {
        // The election stands in the payload; it enters the id and the signed bytes.
        let unknown = Subject {
            kind: DocumentType::StationDelta,
            election: 0,
        };
        let payload = envelope::peek_all(unknown, signed)?;
        let delta: StationDelta = envelope::decode(&payload)?;
        Ok(Self {
            id: envelope::id_all(station_delta_subject(delta.election), &payload),
            signed: signed.to_vec(),
            delta,
        })
    }

    /// Checks that both institutions signed it, for this package, and that it is well-formed.
    ///
    /// # Errors
    /// [`Rejection::Election`], [`Rejection::Precinct`], [`Rejection::Delta`] for another package or a
    /// malformed delta, [`Rejection::Envelope`] for its signatures.
    pub fn verify(&self, charter: &Charter, verifier: &dyn Verifier) -> Result<(), Rejection> {
        let manifest = charter.manifest();
        if self.delta.election != manifest.election {
            return Err(Rejection::Election(self.delta.election));
        }
        if self.delta.precinct != manifest.precinct {
            return Err(Rejection::Precinct(self.delta.precinct));
        }
        let publishers = charter.publishers();
        if !charter.believes_kits() {
            if publishers.len() < 2 {
                return Err(Rejection::Delta("is trusted by nobody here"));
            }
            let subject = station_delta_subject(manifest.election);
            envelope::open_all(subject, &self.signed, verifier, publishers)?;
        }
        if *self.delta.package != charter.package().0 {
            return Err(Rejection::Delta("changes another package"));
        }
        if self.delta.suite != manifest.suite || !self.delta.is_well_formed() {
            return Err(Rejection::Delta("is malformed"));
        }
        Ok(())
    }

    pub(crate) fn body(&self) -> ListChanged {
        ListChanged {
            delta: bytes(&self.signed),
        }
    }

    fn change(&self, line: u32) -> Option<&StationChange> {
        self.delta.changes.iter().find(|change| change.line == line)
    }
}

/// The list in force: a fold over the deltas that are known, in the one order of their chain.
///
/// INVARIANT (chain): a delta is in force when the one that it names before is; until then it is held.
#[derive(Clone, Debug)]
pub struct ListInForce {
    package: DocumentId,
    base: ([u8; 32], u32),
    applied: Vec<Arc<Taken>>,
    held: Vec<Arc<Taken>>,
    /// By line, with the delta that says so.
    struck: BTreeMap<u32, Arc<Taken>>,
    stopped: BTreeMap<u32, Arc<Taken>>,
}

impl ListInForce {
    /// The package's own list.
    #[must_use]
    pub fn of(charter: &Charter) -> Self {
        Self {
            package: charter.package(),
            base: (*charter.manifest().root, charter.lines()),
            applied: Vec::new(),
            held: Vec::new(),
            struck: BTreeMap::new(),
            stopped: BTreeMap::new(),
        }
    }

    /// The package's list with these deltas, each once, in any order.
    #[must_use]
    pub fn with<'a>(charter: &Charter, deltas: impl Iterator<Item = &'a Arc<Taken>>) -> Self {
        let mut list = Self::of(charter);
        list.held = deltas.cloned().collect();
        // The smallest id first, so that of two rivals all kits take the same.
        list.held
            .sort_by_key(|taken| (taken.delta.number, taken.id));
        list.held.dedup_by_key(|taken| taken.id);
        while let Some(at) = list.held.iter().position(|taken| list.follows(taken)) {
            let taken = list.held.remove(at);
            list.apply(&taken);
        }
        list
    }

    /// Whether a delta is the next: it names the last one, and its changes fit the list.
    #[must_use]
    pub fn follows(&self, taken: &Taken) -> bool {
        let delta = &taken.delta;
        let number = u32::try_from(self.applied.len()).map_or(u32::MAX, |n| n + 1);
        if *delta.previous != self.last().0 || delta.number != number {
            return false;
        }
        let (mut lines, mut voters) = (self.lines(), self.voters());
        let fits = delta.changes.iter().all(|change| {
            let stands = change.line <= lines && !self.struck.contains_key(&change.line);
            match change.kind {
                StationChangeKind::Strike => {
                    voters = voters.saturating_sub(1);
                    stands
                }
                StationChangeKind::Correct | StationChangeKind::Stop => stands,
                StationChangeKind::Add => {
                    (lines, voters) = (lines + 1, voters + 1);
                    change.line == lines
                }
            }
        });
        fits && (delta.lines, delta.voters) == (lines, voters)
    }

    fn apply(&mut self, taken: &Arc<Taken>) {
        for change in &taken.delta.changes {
            match change.kind {
                StationChangeKind::Strike => {
                    self.struck.insert(change.line, Arc::clone(taken));
                }
                StationChangeKind::Stop => {
                    self.stopped
                        .entry(change.line)
                        .or_insert_with(|| Arc::clone(taken));
                }
                StationChangeKind::Add | StationChangeKind::Correct => {}
            }
        }
        self.applied.push(Arc::clone(taken));
    }

    /// Id of the last delta in force, of the package when there is none.
    #[must_use]
    pub fn last(&self) -> DocumentId {
        self.applied.last().map_or(self.package, |taken| taken.id)
    }

    /// Number of the last delta in force.
    #[must_use]
    pub fn number(&self) -> Option<u32> {
        self.applied.last().map(|taken| taken.delta.number)
    }

    /// Root of the whole list.
    #[must_use]
    pub fn root(&self) -> [u8; 32] {
        self.applied
            .last()
            .map_or(self.base.0, |taken| *taken.delta.root)
    }

    /// The last line number.
    #[must_use]
    pub fn lines(&self) -> u32 {
        self.applied
            .last()
            .map_or(self.base.1, |taken| taken.delta.lines)
    }

    /// Lines that are not struck.
    #[must_use]
    pub fn voters(&self) -> u32 {
        self.applied
            .last()
            .map_or(self.base.1, |taken| taken.delta.voters)
    }

    /// The deltas in force, in order.
    #[must_use]
    pub fn applied(&self) -> &[Arc<Taken>] {
        &self.applied
    }

    /// Deltas that wait for one before them, or that a rival shut out.
    #[must_use]
    pub fn held(&self) -> &[Arc<Taken>] {
        &self.held
    }

    /// The delta that struck a line, with its change.
    #[must_use]
    pub fn struck(&self, line: u32) -> Option<(&Arc<Taken>, &StationChange)> {
        let taken = self.struck.get(&line)?;
        Some((taken, taken.change(line)?))
    }

    /// The delta with a stop-note for a line.
    #[must_use]
    pub fn stopped(&self, line: u32) -> Option<(&Arc<Taken>, &StationChange)> {
        let taken = self.stopped.get(&line)?;
        Some((taken, taken.change(line)?))
    }

    /// Whether two deltas of one number were signed.
    #[must_use]
    pub fn rivals(&self) -> Vec<DocumentId> {
        let last = self.number().unwrap_or(0);
        let shut_out = self.held.iter().filter(|taken| taken.delta.number <= last);
        shut_out.map(|taken| taken.id).collect()
    }

    /// The last line number of the list with this root, when both institutions signed it (I5): the package's, one of
    /// the succession, or one that is held because another of its number shut it out. What was done on that one stays.
    #[must_use]
    pub fn lines_at(&self, prefix: &[u8; 16]) -> Option<u32> {
        let after = self.applied.iter().rev();
        let mut lists = after
            .map(|taken| (*taken.delta.root, taken.delta.lines))
            .chain([self.base])
            .chain(
                self.held
                    .iter()
                    .map(|taken| (*taken.delta.root, taken.delta.lines)),
            );
        lists
            .find(|(root, _)| root[..16] == prefix[..])
            .map(|(_, lines)| lines)
    }
}

impl Book {
    /// Admits a signed event as [`crate::admit`] does, by the lists that this book knows.
    ///
    /// # Errors
    /// [`Rejection`]; the caller counts it, unless [`Book::waits_for`] says that it may become good.
    pub fn admit(&self, signed: &[u8], verifier: &dyn Verifier) -> Result<Act, Rejection> {
        crate::act::admit_on(self.charter(), self.list(), signed, verifier)
    }

    /// Whether an event that was refused for its list comes after others of its kit that are missing here:
    /// the change of the list may be among them, and it is offered again.
    #[must_use]
    pub fn waits_for(&self, signed: &[u8]) -> bool {
        let subject = lexicon::handover::event::event_subject(self.charter().manifest().election);
        let Ok((kit, payload)) = envelope::peek1(subject, signed) else {
            return false;
        };
        let event: Result<lexicon::handover::event::Event, _> = envelope::decode(&payload);
        event.is_ok_and(|event| event.seq > self.head(kit).seq.saturating_add(1))
    }

    /// Takes a delta in: the kit's own event, after which it works by the new list. The signatures were
    /// checked; a delta before the one that it follows is taken in and held. `None` when it stands already.
    pub fn change_list(&mut self, taken: &Arc<Taken>, reading: Reading) -> Option<Draft> {
        if self.has_recorded(taken.id) {
            return None;
        }
        let hlc = self.stamp(reading);
        Some(Draft::new(self, hlc, Body::ListChanged(Arc::clone(taken))))
    }

    /// The next change of the list that this kit heard of and has not recorded itself. Every kit records it, so
    /// that its own chain says by which list it works, also when copies of its peers' events are lost.
    pub fn follow_list(&mut self, reading: Reading) -> Option<Draft> {
        if self.block().is_some() || self.opened(self.me()).is_none() {
            return None;
        }
        let list = self.list();
        let known = list.applied().iter().chain(list.held());
        let mut missing = known.filter(|taken| !self.has_recorded(taken.id));
        let next = Arc::clone(missing.next()?);
        self.change_list(&next, reading)
    }

    /// Whether a line is on the list in force, struck or not.
    #[must_use]
    pub fn has_line(&self, line: u32) -> bool {
        (1..=self.list().lines()).contains(&line)
    }

    /// Number of the last delta that a kit recorded in force on its own; `None` when it works by the package's list.
    #[must_use]
    pub fn list_of(&self, kit: Kid) -> Option<u32> {
        let own: Vec<Arc<Taken>> = self
            .events_after(kit, 0)
            .filter_map(|act| taken_of(act).cloned())
            .collect();
        ListInForce::with(self.charter(), own.iter()).number()
    }
}

/// The delta of a LIST_CHANGED event.
#[must_use]
pub fn taken_of(act: &Act) -> Option<&Arc<Taken>> {
    if let Body::ListChanged(taken) = &act.body {
        Some(taken)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
