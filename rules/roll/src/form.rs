//! Forming the list: who is on it, where, in which line, and why everybody else is not.

use std::collections::HashMap;

use lexicon::{ClaimOutcome, Date, ElectionLaw, ExclusionReason, Pin, PrecinctCode};

use crate::boundary::{Finding, Placed, PlacedBy, place_all};
use crate::claim::{Amendment, Applicants, Settlement, settle_corrections};
use crate::delta::page_of;
use crate::eligibility::{
    Case, Evidence, Failure, Part, Terms, Whereabouts, first_failure, rule_id,
};
use crate::overrides::Overrides;
use crate::snapshot::{AddressAt, PersonAt, Snapshot};
use crate::words::Word;

/// Region code of enrolments at missions abroad (docs/import.md).
const ABROAD_REGION: &str = "mfa_abroad";

/// Where a listed person stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Precinct.
    pub precinct: PrecinctCode,
    /// Line, from 1.
    pub line: u32,
    /// Page, from 1.
    pub page: u32,
    /// How the precinct was found; none: by Form 2 or by an override, as the evidence says.
    pub by: Option<PlacedBy>,
}

/// On the list or not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// On the list.
    Listed(Place),
    /// Not on the list, by the first rule that failed.
    Excluded(ExclusionReason),
}

/// The decision about one considered person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decision {
    /// The outcome.
    pub outcome: Outcome,
    /// The record it rests on: for a listed person the residence or Form 2.
    pub evidence: Evidence,
    /// The date that decides, where there is one.
    pub date: Option<Date>,
}

impl Decision {
    /// `LISTED` or the reason's code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.outcome {
            Outcome::Listed(_) => "LISTED",
            Outcome::Excluded(reason) => reason.code(),
        }
    }

    /// The number of the rule that failed, empty for a listed person.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self.outcome {
            Outcome::Listed(_) => "",
            Outcome::Excluded(reason) => rule_id(reason),
        }
    }
}

/// How many of whom: `considered = total + Σ excluded`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Count {
    /// Everybody in the snapshot.
    pub considered: u64,
    /// On the list.
    pub total: u64,
    /// Excluded, in the order of [`ExclusionReason::ALL`].
    pub excluded: [u64; ExclusionReason::ALL.len()],
}

/// One precinct's list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PrecinctList {
    /// Number.
    pub precinct: PrecinctCode,
    /// Persons in the order of lines.
    pub persons: Vec<PersonAt>,
}

/// The list, formed.
#[derive(Clone, Debug)]
pub struct Roll {
    /// A decision for each person of the snapshot, in its order.
    pub decisions: Vec<Decision>,
    /// Lists of all precincts, by number; a precinct without voters has an empty one.
    pub lists: Vec<PrecinctList>,
    /// The claims, settled.
    pub claims: Settlement,
    /// Each address's precinct, in the order of the snapshot.
    pub placed: Vec<Option<Placed>>,
    /// What is wrong with boundaries.
    pub findings: Vec<Finding>,
    /// The sums.
    pub count: Count,
    /// The day on which residences and enrolments were judged.
    pub cut_off: Date,
}

/// Why no list came out: nobody may be lost between two counts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// The two ways of adding up disagree: an engineer acts.
    #[error("the sums do not add up: {considered} considered, {total} listed, {excluded} excluded")]
    Sums {
        /// Persons in the snapshot.
        considered: u64,
        /// Distinct persons on lists.
        total: u64,
        /// Persons with an exclusion.
        excluded: u64,
    },
    /// One person stands on two lists, or one PIN on two lines.
    #[error("the lists are not disjoint: {what}")]
    NotDisjoint {
        /// Person or PIN.
        what: &'static str,
    },
}

struct Forming<'a> {
    snapshot: &'a Snapshot,
    law: &'a ElectionLaw,
    terms: Terms,
    placed: Vec<Option<Placed>>,
    claims: Settlement,
    failed: Vec<Option<Failure>>,
    overrides: &'a Overrides,
    abroad: Option<Word>,
}

impl Applicants for &Forming<'_> {
    fn barred(&self, person: PersonAt) -> Option<ExclusionReason> {
        self.failed[person.at()].map(|failure| failure.reason)
    }

    fn home(&self, person: PersonAt) -> Option<PrecinctCode> {
        self.address_of(person)
            .and_then(|(at, _)| self.placed[at.at()])
            .map(|p| p.precinct)
    }
}

impl<'a> Forming<'a> {
    fn amendment(&self, person: PersonAt) -> Amendment {
        self.claims
            .amendments
            .get(&person)
            .copied()
            .unwrap_or_default()
    }

    fn address_of(&self, person: PersonAt) -> Option<(AddressAt, Evidence)> {
        if let Some((address, claim)) = self.amendment(person).address {
            return Some((address, Evidence::Claim(claim)));
        }
        let at = self.snapshot.residence_on(person, self.terms.cut_off)?;
        Some((
            self.snapshot.residences[at].address,
            Evidence::Residence(at),
        ))
    }

    fn whereabouts(&self, person: PersonAt) -> Whereabouts {
        if let Some((_, evidence)) = self.address_of(person) {
            return Whereabouts::At(evidence);
        }
        match self.snapshot.enrolments_of(person).next_back() {
            Some(at) if Some(self.snapshot.enrolments[at].region) == self.abroad => {
                Whereabouts::Abroad(Evidence::Enrolment(at))
            }
            Some(_) | None => {
                let past = self.snapshot.residences_of(person).next_back();
                Whereabouts::Unknown(past.map_or(Evidence::Missing, Evidence::Residence))
            }
        }
    }

    fn case(
        &'a self,
        person: PersonAt,
        shares_pin_with: Option<PersonAt>,
        place: bool,
    ) -> Case<'a> {
        Case {
            snapshot: self.snapshot,
            law: self.law,
            terms: &self.terms,
            person,
            born: self
                .amendment(person)
                .born
                .unwrap_or(self.snapshot.person(person).born),
            shares_pin_with,
            whereabouts: self.whereabouts(person),
            has_precinct: place,
        }
    }

    fn judge_alone(&mut self) {
        let failed = self
            .snapshot
            .people()
            .map(|person| first_failure(&self.case(person, None, false), Part::Alone))
            .collect();
        self.failed = failed;
    }

    /// R08: an open case, or a PIN that another one still in the running holds too.
    fn judge_among(&mut self) {
        let running = || {
            self.snapshot
                .people()
                .filter(|p| self.failed[p.at()].is_none())
        };
        let mut holders: Vec<(Pin, PersonAt)> = running()
            .filter_map(|p| Some((self.snapshot.person(p).pin?, p)))
            .collect();
        holders.sort_unstable();
        let mut other: HashMap<PersonAt, PersonAt> = HashMap::new();
        for pair in holders.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            other.entry(pair[0].1).or_insert(pair[1].1);
            other.entry(pair[1].1).or_insert(pair[0].1);
        }
        let found: Vec<(PersonAt, Failure)> = running()
            .filter_map(|person| {
                let case = self.case(person, other.get(&person).copied(), false);
                Some((person, first_failure(&case, Part::Among)?))
            })
            .collect();
        for (person, failure) in found {
            self.failed[person.at()] = Some(failure);
        }
    }

    fn settle_form2(&mut self) {
        let mut claims = self.claims.clone();
        claims.settle_form2(self.snapshot, self.law, &&*self);
        self.claims = claims;
    }

    /// A listed person's precinct, how it was found and the record that says so.
    fn place_of(&self, person: PersonAt) -> Option<(PrecinctCode, Option<PlacedBy>, Evidence)> {
        if let Some(by_hand) = self.overrides.of(self.snapshot.person(person).id) {
            return Some((by_hand.precinct(), None, Evidence::Override(by_hand.act())));
        }
        if let Some(&(precinct, claim)) = self.claims.transfers.get(&person) {
            return Some((precinct, None, Evidence::Claim(claim)));
        }
        let (address, evidence) = self.address_of(person)?;
        let placed = self.placed[address.at()]?;
        Some((placed.precinct, Some(placed.by), evidence))
    }

    fn decide(&self, person: PersonAt) -> Decision {
        let place = self.place_of(person);
        let failure = self.failed[person.at()]
            .or_else(|| first_failure(&self.case(person, None, place.is_some()), Part::Place));
        match (failure, place) {
            (None, Some((precinct, by, evidence))) => {
                // Line and page follow when the whole list is known.
                let place = Place {
                    precinct,
                    line: 0,
                    page: 0,
                    by,
                };
                Decision {
                    outcome: Outcome::Listed(place),
                    evidence,
                    date: None,
                }
            }
            (Some(f), _) => Decision {
                outcome: Outcome::Excluded(f.reason),
                evidence: f.evidence,
                date: f.date,
            },
            // INVARIANT (place): without a precinct R09 or R10 fails, so this is not reached.
            (None, None) => Decision {
                outcome: Outcome::Excluded(ExclusionReason::NoAddress),
                evidence: Evidence::Missing,
                date: None,
            },
        }
    }
}

/// Forms the list: same snapshot and law, same list, whatever the order of rows.
///
/// Cost: about 1 µs a person. Everybody in the snapshot is considered and gets a decision.
///
/// # Errors
/// [`FormError`] when the two ways of counting disagree; nothing may be published then.
pub fn form(snapshot: &Snapshot, law: &ElectionLaw) -> Result<Roll, FormError> {
    form_with(snapshot, law, &Overrides::default())
}

/// Forms the list with voters placed by hand, each by an act of two institutions.
///
/// # Errors
/// As [`form`].
pub fn form_with(
    snapshot: &Snapshot,
    law: &ElectionLaw,
    overrides: &Overrides,
) -> Result<Roll, FormError> {
    let (mut placed, mut findings) = place_all(snapshot);
    findings.extend(empty_landless(snapshot, law, &mut placed));
    let mut forming = Forming {
        snapshot,
        law,
        terms: Terms::of(law),
        placed,
        claims: settle_corrections(snapshot, law),
        failed: Vec::new(),
        overrides,
        abroad: snapshot.words.find(ABROAD_REGION),
    };
    forming.judge_alone();
    forming.judge_among();
    forming.settle_form2();
    let mut decisions: Vec<Decision> = snapshot
        .people()
        .map(|person| forming.decide(person))
        .collect();
    let Forming {
        placed,
        mut claims,
        terms,
        ..
    } = forming;
    claims.settle_requests(snapshot, law, |person| {
        matches!(decisions[person.at()].outcome, Outcome::Listed(_))
    });
    let lists = number(snapshot, law, &claims, &mut decisions);
    findings.extend(size_findings(snapshot, law, &lists));
    let count = tally(&decisions);
    let cut_off = terms.cut_off;
    let roll = Roll {
        count,
        decisions,
        lists,
        claims,
        placed,
        findings,
        cut_off,
    };
    roll.check(snapshot)?;
    Ok(roll)
}

/// Orders each precinct by surname, given name and patronymic in Kyrgyz order, then birth date and id.
fn number(
    snapshot: &Snapshot,
    law: &ElectionLaw,
    claims: &Settlement,
    decisions: &mut [Decision],
) -> Vec<PrecinctList> {
    let rank = ranks(snapshot);
    let mut order: Vec<(PrecinctCode, [u32; 3], Date, PersonAt)> = snapshot
        .people()
        .filter_map(|person| match decisions[person.at()].outcome {
            Outcome::Listed(place) => {
                let (names, born) = printed(snapshot, claims, person);
                Some((
                    place.precinct,
                    names.map(|name| rank[name.at()]),
                    born,
                    person,
                ))
            }
            Outcome::Excluded(_) => None,
        })
        .collect();
    order.sort_unstable();
    let mut lists: Vec<PrecinctList> = snapshot
        .precincts
        .iter()
        .map(|row| PrecinctList {
            precinct: row.precinct,
            persons: Vec::new(),
        })
        .collect();
    let mut at = 0;
    for (precinct, _, _, person) in order {
        while lists[at].precinct != precinct {
            at += 1;
        }
        lists[at].persons.push(person);
        let line = u32::try_from(lists[at].persons.len()).expect("a precinct has few voters");
        if let Outcome::Listed(place) = &mut decisions[person.at()].outcome {
            place.line = line;
            place.page = page_of(line, line, law.list.lines_per_page);
        }
    }
    lists
}

/// Each word's rank in Kyrgyz order; equal sort keys are told apart by their letters.
fn ranks(snapshot: &Snapshot) -> Vec<u32> {
    let keys = snapshot
        .words
        .map(|text| (script::sort_key(text), text.to_owned()));
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_unstable_by(|a, b| keys[*a].cmp(&keys[*b]));
    let mut rank = vec![0u32; keys.len()];
    for (place, word) in order.into_iter().enumerate() {
        rank[word] = u32::try_from(place).expect("fewer than 4 G words");
    }
    rank
}

/// Surname, given name and patronymic as printed, and the birth date: after corrections.
#[must_use]
pub fn printed(snapshot: &Snapshot, claims: &Settlement, person: PersonAt) -> ([Word; 3], Date) {
    let row = snapshot.person(person);
    let amended = claims.amendments.get(&person).copied().unwrap_or_default();
    let names = [
        amended.surname.unwrap_or(row.surname),
        amended.given.unwrap_or(row.given),
        amended.patronymic.unwrap_or(row.patronymic),
    ];
    (names, amended.born.unwrap_or(row.born))
}

/// Boundaries of a kind that has no land fill no list: takes their addresses out and names the precincts.
fn empty_landless(
    snapshot: &Snapshot,
    law: &ElectionLaw,
    placed: &mut [Option<Placed>],
) -> Vec<Finding> {
    let landed = |precinct: PrecinctCode| {
        let row = snapshot.precinct(precinct);
        row.is_none_or(|row| law.list.landed_kinds.contains(&row.kind))
    };
    let mut wrong: Vec<PrecinctCode> = snapshot
        .boundaries
        .iter()
        .map(|row| row.precinct)
        .filter(|precinct| !landed(*precinct))
        .collect();
    wrong.dedup();
    for place in placed.iter_mut() {
        if place.is_some_and(|place| wrong.binary_search(&place.precinct).is_ok()) {
            *place = None;
        }
    }
    let why =
        "a precinct of this kind has no boundary: only those who ask for it stand on its list";
    wrong
        .into_iter()
        .map(|precinct| Finding::Unusable { precinct, why })
        .collect()
}

fn size_findings(snapshot: &Snapshot, law: &ElectionLaw, lists: &[PrecinctList]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (list, row) in lists.iter().zip(&snapshot.precincts) {
        let voters = u32::try_from(list.persons.len()).unwrap_or(u32::MAX);
        if voters == 0 && law.list.landed_kinds.contains(&row.kind) {
            findings.push(Finding::Empty {
                precinct: list.precinct,
            });
        }
        if voters > law.list.precinct_voters_max {
            findings.push(Finding::TooLarge {
                precinct: list.precinct,
                voters,
            });
        }
    }
    findings
}

/// The first way of counting: over the decisions.
fn tally(decisions: &[Decision]) -> Count {
    let mut count = Count {
        considered: decisions.len() as u64,
        ..Count::default()
    };
    for decision in decisions {
        match decision.outcome {
            Outcome::Listed(_) => count.total += 1,
            Outcome::Excluded(reason) => count.excluded[reason as usize] += 1,
        }
    }
    count
}

impl Roll {
    /// The second way of counting: over the lists, the register and the PINs.
    ///
    /// # Errors
    /// [`FormError`]: somebody is lost, or stands twice.
    pub fn check(&self, snapshot: &Snapshot) -> Result<(), FormError> {
        let mut seen = vec![false; snapshot.persons.len()];
        let mut total = 0u64;
        let mut pins: Vec<Pin> = Vec::new();
        for person in self.lists.iter().flat_map(|list| &list.persons) {
            if std::mem::replace(&mut seen[person.at()], true) {
                return Err(FormError::NotDisjoint {
                    what: "a person stands on two lines",
                });
            }
            total += 1;
            pins.extend(snapshot.person(*person).pin);
        }
        pins.sort_unstable();
        if pins.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(FormError::NotDisjoint {
                what: "a PIN stands on two lines",
            });
        }
        let excluded = self.count.excluded.iter().sum::<u64>();
        let unseen = seen.iter().filter(|seen| !**seen).count() as u64;
        let considered = snapshot.persons.len() as u64;
        let agree = self.count.considered == considered
            && self.count.total == total
            && excluded == unseen
            && considered == total + excluded;
        if agree {
            Ok(())
        } else {
            Err(FormError::Sums {
                considered,
                total,
                excluded,
            })
        }
    }

    /// The list of a precinct.
    #[must_use]
    pub fn list(&self, precinct: PrecinctCode) -> Option<&PrecinctList> {
        self.lists
            .binary_search_by_key(&precinct, |l| l.precinct)
            .ok()
            .map(|at| &self.lists[at])
    }

    /// Where a person stands, if on the list.
    #[must_use]
    pub fn place(&self, person: PersonAt) -> Option<Place> {
        match self.decisions[person.at()].outcome {
            Outcome::Listed(place) => Some(place),
            Outcome::Excluded(_) => None,
        }
    }

    /// Findings that a final release must wait for.
    pub fn blockers(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.blocks())
    }

    /// Claims by outcome, in the order of [`ClaimOutcome::ALL`].
    #[must_use]
    pub fn claims_by_outcome(&self) -> Vec<(ClaimOutcome, u64)> {
        ClaimOutcome::ALL
            .iter()
            .map(|&o| {
                (
                    o,
                    self.claims.outcomes.iter().filter(|c| **c == o).count() as u64,
                )
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
