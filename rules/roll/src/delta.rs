//! The signed change of a list that is in force: what was struck, added and changed, and nothing else.
//!
//! Numbers are paper: a struck line keeps its number, an added one continues after the last of its
//! precinct on supplementary pages. Which facts change the list at all, and from which day, is the law's
//! policy ([`crate::late`]); what the policy holds back is counted.

use std::collections::BTreeMap;

use lexicon::handover::delta::{ChangeKind, LineChange, ListDelta, PrecinctAfter, struck};
use lexicon::handover::envelope::{DocumentId, SUITE, encode, sha256};
use lexicon::handover::release::{RollLine, SaltKey, SaltedLine};
use lexicon::law::LateAct;
use lexicon::{ChangeReason, Date, ElectionLaw, ExclusionReason, Instant, PersonId, PrecinctCode};

use crate::commit;
use crate::form::{Outcome, Roll};
use crate::late::{Fact, late_act};
use crate::snapshot::{PersonAt, Snapshot};

/// One line number of the list in force.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Leaf {
    commitment: [u8; 32],
    /// Hash of what the line says, without number, page and salt; none when it is struck.
    says: Option<[u8; 32]>,
}

/// The lines of one precinct, struck ones among them.
#[derive(Clone, Debug, Default)]
struct Lines {
    leaves: Vec<Leaf>,
    /// Lines of the release, before any delta: what the bound paper list holds.
    on_paper: u32,
}

/// The list that is in force: a release and the deltas after it.
#[derive(Clone, Debug, Default)]
pub struct InForce {
    precincts: BTreeMap<PrecinctCode, Lines>,
    places: BTreeMap<PersonId, (PrecinctCode, u32)>,
}

/// Why a delta cannot follow: an engineer acts, and nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeltaError {
    /// A line that changes is not there, is struck, or says something else.
    #[error("precinct {precinct} line {line}: {why}")]
    Line {
        /// Precinct.
        precinct: u16,
        /// Line.
        line: u32,
        /// What does not fit.
        why: &'static str,
    },
    /// The delta follows another release or another delta: one was skipped.
    #[error(
        "delta {number} does not follow the one before: a delta was skipped or is of another release"
    )]
    Chain {
        /// Its number.
        number: u32,
    },
    /// The list it leads to is another than it says.
    #[error("delta {number} does not lead to the root and the number of voters it states")]
    Result {
        /// Its number.
        number: u32,
    },
    /// People stand on the list whom the new snapshot does not know: nobody may vanish.
    #[error("{0} persons of the list are not in the snapshot")]
    Vanished(u64),
    /// A precinct of the new list that the release does not know.
    #[error("precinct {0} is not in the release")]
    NewPrecinct(u16),
    /// Two persons stand on one line of the tables beside the list.
    #[error("the tables beside the list name {lines} lines, it has {voters} voters")]
    People {
        /// Lines that somebody stands on.
        lines: u64,
        /// Voters of the list.
        voters: u64,
    },
}

/// What a line says, hashed: names, birth date and address, without number and page.
fn says(line: &RollLine) -> [u8; 32] {
    let bare = RollLine {
        precinct: 0,
        line: 0,
        page: 0,
        ..line.clone()
    };
    sha256(&encode(&bare))
}

impl InForce {
    /// Takes in one precinct's lines of a release, in order.
    pub fn take_precinct(&mut self, precinct: PrecinctCode, lines: &[SaltedLine]) {
        let leaves = lines
            .iter()
            .map(|salted| Leaf {
                commitment: salted.commitment(),
                says: Some(says(&salted.line)),
            })
            .collect::<Vec<_>>();
        let on_paper = u32::try_from(leaves.len()).unwrap_or(u32::MAX);
        self.precincts.insert(precinct, Lines { leaves, on_paper });
    }

    /// Says who stands on a line.
    pub fn take_person(&mut self, person: PersonId, precinct: PrecinctCode, line: u32) {
        self.places.insert(person, (precinct, line));
    }

    /// Checks that everybody has a line and every line somebody.
    ///
    /// # Errors
    /// [`DeltaError::People`].
    pub fn check(&self) -> Result<(), DeltaError> {
        let mut taken: Vec<_> = self.places.values().collect();
        taken.sort_unstable();
        taken.dedup();
        let (lines, voters) = (taken.len() as u64, self.voters());
        let live = |(precinct, line): &(PrecinctCode, u32)| {
            self.leaf(*precinct, *line)
                .is_some_and(|leaf| leaf.says.is_some())
        };
        if lines == voters && lines == self.places.len() as u64 && self.places.values().all(live) {
            Ok(())
        } else {
            Err(DeltaError::People { lines, voters })
        }
    }

    fn leaf(&self, precinct: PrecinctCode, line: u32) -> Option<&Leaf> {
        let at = usize::try_from(line).ok()?.checked_sub(1)?;
        self.precincts.get(&precinct)?.leaves.get(at)
    }

    /// Root over all leaves, struck ones among them.
    #[must_use]
    pub fn root(&self) -> [u8; 32] {
        let leaves = self.precincts.values().flat_map(|lines| &lines.leaves);
        commit::root(leaves.map(|leaf| &leaf.commitment))
    }

    /// Lines that are not struck.
    #[must_use]
    pub fn voters(&self) -> u64 {
        let leaves = self.precincts.values().flat_map(|lines| &lines.leaves);
        leaves.filter(|leaf| leaf.says.is_some()).count() as u64
    }

    /// Everybody on the list, with precinct and line.
    pub fn people(&self) -> impl Iterator<Item = (PersonId, PrecinctCode, u32)> {
        let places = self.places.iter();
        places.map(|(person, (precinct, line))| (*person, *precinct, *line))
    }

    /// Where somebody stands.
    #[must_use]
    pub fn place(&self, person: PersonId) -> Option<(PrecinctCode, u32)> {
        self.places.get(&person).copied()
    }

    /// Applies one line's change. `line` is what an added or changed line says.
    ///
    /// # Errors
    /// [`DeltaError::Line`]; the list may then be half changed and is thrown away.
    fn apply_line(
        &mut self,
        change: &LineChange,
        line: Option<&SaltedLine>,
    ) -> Result<(), DeltaError> {
        let wrong = |why| DeltaError::Line {
            precinct: change.precinct,
            line: change.line,
            why,
        };
        let precinct = PrecinctCode::new(change.precinct).map_err(|_| wrong("no such precinct"))?;
        let lines = self.precincts.get_mut(&precinct);
        let lines = lines.ok_or(wrong("the release has no such precinct"))?;
        let stated = line.map(|salted| (salted.line.precinct, salted.line.line));
        let fits = stated.is_none_or(|stated| stated == (change.precinct, change.line))
            && line.is_none_or(|salted| salted.commitment() == *change.after);
        if !fits {
            return Err(wrong(
                "the line beside the delta is another than it commits to",
            ));
        }
        let says = line.map(|salted| says(&salted.line));
        let count = u32::try_from(lines.leaves.len()).unwrap_or(u32::MAX);
        match change.kind {
            ChangeKind::Add if change.line == count + 1 && change.before.is_none() => {
                let says = Some(says.ok_or(wrong("the added line is missing"))?);
                lines.leaves.push(Leaf {
                    commitment: *change.after,
                    says,
                });
                return Ok(());
            }
            ChangeKind::Add => return Err(wrong("an added line does not follow the last one")),
            ChangeKind::Strike | ChangeKind::Change => {}
        }
        let at = usize::try_from(change.line)
            .ok()
            .and_then(|line| line.checked_sub(1));
        let leaf = at.and_then(|at| lines.leaves.get_mut(at));
        let leaf = leaf.ok_or(wrong("the list has no such line"))?;
        if leaf.says.is_none() || change.before.as_deref() != Some(&leaf.commitment) {
            return Err(wrong("the line is struck or says something else"));
        }
        let is_strike = change.kind == ChangeKind::Strike;
        if is_strike && *change.after != struck(&leaf.commitment) {
            return Err(wrong("its leaf is not that of a struck line"));
        }
        if !is_strike && says.is_none() {
            return Err(wrong("the changed line is missing"));
        }
        *leaf = Leaf {
            commitment: *change.after,
            says,
        };
        Ok(())
    }

    /// Applies a delta after checking that it follows: `before` is the id of the delta or release before.
    ///
    /// `lines` are the added and changed lines by precinct and line; `people` who stands on the lines of
    /// the changes, in their order.
    ///
    /// # Errors
    /// [`DeltaError`]; the list must then be thrown away.
    pub fn apply(
        &mut self,
        delta: &ListDelta,
        before: DocumentId,
        lines: &BTreeMap<(u16, u32), SaltedLine>,
        people: &[PersonId],
    ) -> Result<(), DeltaError> {
        let number = delta.number;
        if *delta.previous != before.0 || *delta.root_before != self.root() {
            return Err(DeltaError::Chain { number });
        }
        for change in &delta.changes {
            let key = (change.precinct, change.line);
            let line = match change.kind {
                ChangeKind::Strike => None,
                ChangeKind::Add | ChangeKind::Change => lines.get(&key),
            };
            self.apply_line(change, line)?;
        }
        let strikes = |kind| kind == ChangeKind::Strike;
        for strike in [true, false] {
            let named = delta.changes.iter().zip(people);
            for (change, person) in named.filter(|(change, _)| strikes(change.kind) == strike) {
                let Ok(precinct) = PrecinctCode::new(change.precinct) else {
                    continue;
                };
                if strike {
                    self.places.remove(person);
                } else {
                    self.places.insert(*person, (precinct, change.line));
                }
            }
        }
        if *delta.root_after != self.root() || delta.voters_after != self.voters() {
            return Err(DeltaError::Result { number });
        }
        self.check()
    }
}

/// A change with the person and, unless it is a strike, the new line.
#[derive(Clone, PartialEq, Debug)]
pub struct Planned {
    /// The change as it is signed.
    pub change: LineChange,
    /// Whose line.
    pub person: PersonId,
    /// What the line says now.
    pub line: Option<SaltedLine>,
}

/// The difference of the list in force and the one that the new snapshot gives.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Difference {
    /// The changes, by precinct and line.
    pub changes: Vec<Planned>,
    /// Facts that change nothing any more by the law's policy: reason code, act, how many.
    pub held: BTreeMap<(&'static str, &'static str), u64>,
}

/// What a difference is computed from.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The register's newer snapshot.
    pub snapshot: &'a Snapshot,
    /// The list formed of it.
    pub roll: &'a Roll,
    /// The law.
    pub law: &'a ElectionLaw,
    /// The day on which the facts became known.
    pub known_on: Date,
}

/// A wish of the new list, before lines have numbers.
struct Wish {
    precinct: PrecinctCode,
    /// Line in force; none for an addition.
    line: Option<u32>,
    /// Order of additions within a precinct: the place in the newly formed list.
    order: u32,
    kind: ChangeKind,
    reason: &'static str,
    person: PersonAt,
}

/// Finds what changes. `was` gives the reason for which somebody was not on the list of the release.
///
/// Cost: one pass over the snapshot's persons and one hash for each listed person.
///
/// # Errors
/// [`DeltaError`] when somebody vanished or a precinct is new.
pub fn difference(
    in_force: &InForce,
    facts: Facts<'_>,
    was: &dyn Fn(PersonId) -> Option<ExclusionReason>,
    key: &SaltKey,
) -> Result<Difference, DeltaError> {
    let mut found = Difference::default();
    let (mut wishes, mut known) = (Vec::new(), 0u64);
    for person in facts.snapshot.people() {
        let id = facts.snapshot.person(person).id;
        let place = in_force.place(id);
        known += u64::from(place.is_some());
        for (wish, fact) in wishes_of(in_force, facts, person, place, was) {
            match late_act(facts.law, fact, facts.known_on) {
                LateAct::List | LateAct::Delta => wishes.push(wish),
                LateAct::Note => *found.held.entry((wish.reason, "note")).or_default() += 1,
                LateAct::Record => *found.held.entry((wish.reason, "record")).or_default() += 1,
            }
        }
    }
    let vanished = in_force.places.len() as u64 - known;
    if vanished > 0 {
        return Err(DeltaError::Vanished(vanished));
    }
    wishes.sort_by_key(|wish| {
        (
            wish.precinct,
            wish.line.unwrap_or(u32::MAX),
            wish.order,
            wish.person,
        )
    });
    found.changes = number(in_force, facts, key, wishes)?;
    Ok(found)
}

/// What the new facts want of one person's lines, each with the kind of fact behind it.
fn wishes_of(
    in_force: &InForce,
    facts: Facts<'_>,
    person: PersonAt,
    place: Option<(PrecinctCode, u32)>,
    was: &dyn Fn(PersonId) -> Option<ExclusionReason>,
) -> Vec<(Wish, Fact)> {
    let wish = |precinct, line, kind, reason| Wish {
        precinct,
        line,
        order: facts.roll.place(person).map_or(0, |new| new.line),
        kind,
        reason,
        person,
    };
    let outcome = facts.roll.decisions[person.at()].outcome;
    match (place, outcome) {
        (None, Outcome::Excluded(_)) => Vec::new(),
        (None, Outcome::Listed(new)) => {
            let id = facts.snapshot.person(person).id;
            let fact = was(id).map_or(Fact::Enrolment, Fact::behind);
            let reason = ChangeReason::Eligible.code();
            vec![(wish(new.precinct, None, ChangeKind::Add, reason), fact)]
        }
        (Some((precinct, line)), Outcome::Excluded(reason)) => {
            let strike = wish(precinct, Some(line), ChangeKind::Strike, reason.code());
            vec![(strike, Fact::behind(reason))]
        }
        (Some((precinct, line)), Outcome::Listed(new)) if new.precinct != precinct => {
            let (reason, fact) = (ChangeReason::Transferred, Fact::Residence);
            vec![
                (
                    wish(precinct, Some(line), ChangeKind::Strike, reason.code()),
                    fact,
                ),
                (
                    wish(new.precinct, None, ChangeKind::Add, reason.code()),
                    fact,
                ),
            ]
        }
        (Some((precinct, line)), Outcome::Listed(_)) => {
            let before = in_force.leaf(precinct, line).and_then(|leaf| leaf.says);
            let now = says(&line_of(facts, person, precinct, line, 0));
            if before == Some(now) {
                return Vec::new();
            }
            let reason = ChangeReason::Corrected;
            let change = wish(precinct, Some(line), ChangeKind::Change, reason.code());
            vec![(change, Fact::behind_change(reason))]
        }
    }
}

/// What a person's line says under a number and page of the list in force.
fn line_of(
    facts: Facts<'_>,
    person: PersonAt,
    precinct: PrecinctCode,
    line: u32,
    page: u32,
) -> RollLine {
    let said = commit::line_of(facts.snapshot, facts.roll, person);
    RollLine {
        precinct: precinct.number(),
        line,
        page,
        ..said
    }
}

/// The page of a line: within the bound list, or on a supplementary page, which begins anew after it.
#[must_use]
pub fn page_of(line: u32, on_paper: u32, lines_per_page: u16) -> u32 {
    let per_page = u32::from(lines_per_page.max(1));
    match line.checked_sub(on_paper + 1) {
        None => (line.max(1) - 1) / per_page + 1,
        Some(beyond) => on_paper.div_ceil(per_page) + beyond / per_page + 1,
    }
}

/// Gives numbers to additions and salts to lines.
fn number(
    in_force: &InForce,
    facts: Facts<'_>,
    key: &SaltKey,
    wishes: Vec<Wish>,
) -> Result<Vec<Planned>, DeltaError> {
    let mut last: BTreeMap<PrecinctCode, u32> = BTreeMap::new();
    let mut planned = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let precinct = wish.precinct.number();
        let lines = in_force.precincts.get(&wish.precinct);
        let lines = lines.ok_or(DeltaError::NewPrecinct(precinct))?;
        let next = last
            .entry(wish.precinct)
            .or_insert_with(|| u32::try_from(lines.leaves.len()).unwrap_or(u32::MAX));
        let line = wish.line.unwrap_or_else(|| {
            *next = next.saturating_add(1);
            *next
        });
        let before = in_force
            .leaf(wish.precinct, line)
            .map(|leaf| leaf.commitment);
        let salted = match wish.kind {
            ChangeKind::Strike => None,
            ChangeKind::Add | ChangeKind::Change => {
                let page = page_of(line, lines.on_paper, facts.law.list.lines_per_page);
                let said = line_of(facts, wish.person, wish.precinct, line, page);
                Some(SaltedLine::new(said, key))
            }
        };
        let after = match &salted {
            Some(salted) => salted.commitment(),
            None => struck(&before.unwrap_or_default()),
        };
        planned.push(Planned {
            change: LineChange {
                precinct,
                line,
                kind: wish.kind,
                reason: wish.reason.to_owned(),
                before: before.map(Into::into),
                after: after.into(),
            },
            person: facts.snapshot.person(wish.person).id,
            line: salted,
        });
    }
    Ok(planned)
}

/// What a delta says beside its changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeltaTerms {
    /// Number after its release, from 1.
    pub number: u32,
    /// The release it changes.
    pub release: DocumentId,
    /// The delta before; the release for the first.
    pub previous: DocumentId,
    /// The newer snapshot.
    pub snapshot: DocumentId,
    /// From when it holds.
    pub effective_at: Instant,
}

/// Makes the document, and the list after it, which is checked on the way.
///
/// # Errors
/// [`DeltaError`]; nothing may be signed then.
pub fn delta(
    in_force: &InForce,
    found: &Difference,
    law: &ElectionLaw,
    terms: DeltaTerms,
) -> Result<(ListDelta, InForce), DeltaError> {
    let mut after = in_force.clone();
    for planned in &found.changes {
        after.apply_line(&planned.change, planned.line.as_ref())?;
    }
    let mut touched: Vec<u16> = found.changes.iter().map(|p| p.change.precinct).collect();
    touched.dedup();
    let precincts = touched.iter().filter_map(|number| {
        let leaves = &after
            .precincts
            .get(&PrecinctCode::new(*number).ok()?)?
            .leaves;
        let voters = leaves.iter().filter(|leaf| leaf.says.is_some()).count();
        Some(PrecinctAfter {
            precinct: *number,
            lines: u32::try_from(leaves.len()).ok()?,
            voters: u32::try_from(voters).ok()?,
        })
    });
    let document = ListDelta {
        suite: SUITE.to_owned(),
        election: law.election.number,
        number: terms.number,
        release: terms.release.0.into(),
        previous: terms.previous.0.into(),
        root_before: in_force.root().into(),
        root_after: after.root().into(),
        voters_before: in_force.voters(),
        voters_after: after.voters(),
        effective_at: terms.effective_at.micros(),
        changes: found.changes.iter().map(|p| p.change.clone()).collect(),
        precincts: precincts.collect(),
        snapshot: terms.snapshot.0.into(),
        law: law.hash.into(),
    };
    // Once more from the document alone, as a stranger would.
    let lines = found.changes.iter().filter_map(|planned| {
        let key = (planned.change.precinct, planned.change.line);
        Some((key, planned.line.clone()?))
    });
    let people: Vec<PersonId> = found.changes.iter().map(|planned| planned.person).collect();
    let mut again = in_force.clone();
    again.apply(&document, terms.previous, &lines.collect(), &people)?;
    Ok((document, again))
}

#[cfg(test)]
mod tests;
