//! The list of a station in the course of its day: the package's, and signed changes after it (docs/formats.md §4.1).

use crate::Checked;
use crate::cose::{Hash, Subject};
use crate::station::Station;

/// What happens to a line.
pub(crate) const STRIKE: u8 = 1;
pub(crate) const ADD: u8 = 2;
pub(crate) const CORRECT: u8 = 3;
pub(crate) const STOP: u8 = 4;

/// Bytes the longest change may have.
const BYTES_MAX: usize = 3584;

/// A change that both institutions signed for this station.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    /// Its id.
    pub(crate) id: Hash,
    pub(crate) number: u32,
    previous: Hash,
    root: Hash,
    lines: u32,
    voters: u32,
    /// Lines, ascending, and what happens to them.
    acts: Vec<(u32, u8)>,
}

impl Change {
    /// Opens a `station-delta`: signatures of both institutions, election, precinct, package, form.
    pub(crate) fn open(bytes: &[u8], station: &Station) -> Checked<Self> {
        if bytes.len() > BYTES_MAX {
            return Err("a change of the list is too long".to_owned());
        }
        let subject = Subject { kind: "station-delta", election: station.election };
        let signed = subject.open_all(bytes, &station.trusted, &station.institutions)?;
        let payload = signed.payload;
        let about = [payload.number::<u32>(2)?, payload.number(3)?];
        if payload.text(1)? != "kg1" || about != [station.election, station.precinct.into()] {
            return Err("a change of the list of another suite, election or precinct".to_owned());
        }
        if payload.array::<32>(5)? != station.id {
            return Err("a change of the list of another package".to_owned());
        }
        let mut acts = Vec::new();
        for entry in payload.list(12)? {
            let entry = entry.has_fields(4)?;
            let (line, kind): (u32, u8) = (entry.number(0)?, entry.number(1)?);
            let has_entry = entry.array::<32>(2).is_ok();
            entry.text(3)?;
            if has_entry != matches!(kind, ADD | CORRECT) || !(STRIKE..=STOP).contains(&kind) {
                return Err("a change of the list with an unknown kind or without its entry".to_owned());
            }
            acts.push((line, kind));
        }
        let change = Self {
            id: signed.id,
            number: payload.number(4)?,
            previous: payload.array(6)?,
            root: payload.array(8)?,
            lines: payload.number(9)?,
            voters: payload.number(10)?,
            acts,
        };
        let ascends = change.acts.windows(2).all(|two| two[0].0 < two[1].0);
        let within = change.acts.iter().all(|(line, _)| (1..=change.lines).contains(line));
        if !ascends || !within || change.number == 0 || change.voters > change.lines || change.acts.is_empty() {
            return Err("a malformed change of the list".to_owned());
        }
        Ok(change)
    }
}

/// The list by the changes that are known.
#[derive(Debug, Clone)]
pub(crate) struct Lists {
    package: Hash,
    base: (Hash, u32),
    applied: Vec<Change>,
    /// Changes without the one before, or shut out by another of their number.
    held: Vec<Change>,
}

impl Lists {
    /// The package's own list.
    pub(crate) fn of(station: &Station) -> Self {
        Self { package: station.id, base: (station.root, station.lines), applied: Vec::new(), held: Vec::new() }
    }

    /// Takes one more change in. Which come first does not matter.
    pub(crate) fn take(&mut self, change: &Change) {
        let mut all: Vec<Change> = std::mem::take(&mut self.applied);
        all.append(&mut self.held);
        if all.iter().all(|known| known.id != change.id) {
            all.push(change.clone());
        }
        all.sort_by_key(|change| (change.number, change.id));
        while let Some(at) = all.iter().position(|change| self.follows(change)) {
            self.applied.push(all.remove(at));
        }
        self.held = all;
    }

    fn follows(&self, change: &Change) -> bool {
        let last = self.applied.last().map_or(self.package, |last| last.id);
        if change.previous != last || usize::try_from(change.number) != Ok(self.applied.len() + 1) {
            return false;
        }
        let (mut lines, mut voters) = (self.lines(), self.voters());
        let fits = change.acts.iter().all(|(line, kind)| match *kind {
            ADD => {
                (lines, voters) = (lines + 1, voters + 1);
                *line == lines
            }
            kind => {
                voters -= u32::from(kind == STRIKE && voters > 0);
                *line <= lines && self.of_line(*line, STRIKE).is_none()
            }
        });
        fits && (change.lines, change.voters) == (lines, voters)
    }

    pub(crate) fn lines(&self) -> u32 {
        self.applied.last().map_or(self.base.1, |last| last.lines)
    }

    pub(crate) fn voters(&self) -> u32 {
        self.applied.last().map_or(self.base.1, |last| last.voters)
    }

    pub(crate) fn root(&self) -> Hash {
        self.applied.last().map_or(self.base.0, |last| last.root)
    }

    /// Number of the last change in force.
    pub(crate) fn number(&self) -> Option<u32> {
        self.applied.last().map(|last| last.number)
    }

    /// The last line of the list whose root begins so, when it is in the succession or was shut out of it.
    pub(crate) fn lines_at(&self, prefix: &[u8]) -> Option<u32> {
        let after = self.applied.iter().rev().map(|change| (change.root, change.lines)).chain([self.base]);
        let after = after.chain(self.held.iter().map(|change| (change.root, change.lines)));
        let mut after = after.filter(|(root, _)| root[..16] == *prefix);
        after.next().map(|(_, lines)| lines)
    }

    /// The first change in force that does this to a line: the one that struck it, or the first stop-note.
    pub(crate) fn of_line(&self, line: u32, kind: u8) -> Option<&Change> {
        self.applied.iter().find(|change| change.acts.contains(&(line, kind)))
    }

    /// Changes that another of their number shut out.
    pub(crate) fn rivals(&self) -> impl Iterator<Item = Hash> + '_ {
        let last = self.number().unwrap_or(0);
        self.held.iter().filter(move |change| change.number <= last).map(|change| change.id)
    }
}
