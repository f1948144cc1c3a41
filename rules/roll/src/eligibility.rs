//! The rule chain: why a considered person is not on the list.
//!
//! Rules stand in the order of [`ExclusionReason`]; the first that fails is the reason. Days: **E**
//! is election day, **C** the cut-off of the register. Deaths, ages, citizenship and court acts are
//! judged on E; residences and enrolments on C.

use lexicon::handover::envelope::DocumentId;
use lexicon::{Date, ElectionLaw, ExclusionReason};

use crate::snapshot::{EventKind, PersonAt, Snapshot, Standing};

/// The record that a decision rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Evidence {
    /// The person's own record.
    Person,
    /// Another person's record.
    Other(PersonAt),
    /// A civil event, by place in its table.
    Event(usize),
    /// An enrolment, by place in its table.
    Enrolment(usize),
    /// A residence, by place in its table.
    Residence(usize),
    /// A claim, by place in its table.
    Claim(usize),
    /// A document, by place in its table.
    Document(usize),
    /// An act of two institutions that places the voter by hand, by its id.
    Override(DocumentId),
    /// That no record is there.
    Missing,
}

impl Evidence {
    /// The table and the source's id of the record; a residence is named by its address.
    #[must_use]
    pub fn record(self, snapshot: &Snapshot, person: PersonAt) -> (&'static str, String) {
        match self {
            Evidence::Person => ("persons", snapshot.person(person).id.to_string()),
            Evidence::Other(other) => ("persons", snapshot.person(other).id.to_string()),
            Evidence::Event(at) => (
                "civil_events",
                snapshot.ids.text(snapshot.events[at].id).to_owned(),
            ),
            Evidence::Enrolment(at) => (
                "enrolments",
                snapshot.ids.text(snapshot.enrolments[at].id).to_owned(),
            ),
            Evidence::Residence(at) => {
                let address = snapshot.residences[at].address;
                (
                    "residences",
                    snapshot.addresses[address.at()].id.to_string(),
                )
            }
            Evidence::Claim(at) => ("claims", snapshot.claims[at].id.to_string()),
            Evidence::Document(at) => (
                "documents",
                snapshot.ids.text(snapshot.documents[at].number).to_owned(),
            ),
            Evidence::Override(act) => ("overrides", act.hex()),
            Evidence::Missing => ("", String::new()),
        }
    }
}

/// A rule that failed, with what shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The reason.
    pub reason: ExclusionReason,
    /// The record.
    pub evidence: Evidence,
    /// The date that decides: of death, of coming of age, of the act, of capture.
    pub date: Option<Date>,
}

/// Where a person lives on C.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whereabouts {
    /// At an address, by residence or by a correction that counts.
    At(Evidence),
    /// Abroad: enrolled last at a mission, no residence in the country.
    Abroad(Evidence),
    /// Nowhere on file.
    Unknown(Evidence),
}

/// The days that a law sets.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Election day.
    pub election: Date,
    /// Cut-off.
    pub cut_off: Date,
    /// Latest birth date of a voter.
    pub born_until: Date,
}

impl Terms {
    /// Computes the days once.
    #[must_use]
    pub fn of(law: &ElectionLaw) -> Self {
        Self {
            election: law.election.day,
            cut_off: law.enrolment_until(),
            born_until: law.born_no_later_than(),
        }
    }
}

/// Everything the rules look at for one person.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The register.
    pub snapshot: &'a Snapshot,
    /// The law.
    pub law: &'a ElectionLaw,
    /// Its days.
    pub terms: &'a Terms,
    /// The person.
    pub person: PersonAt,
    /// Birth date after corrections.
    pub born: Date,
    /// Somebody else whom rules R01 to R07 let pass and who holds the same PIN.
    pub shares_pin_with: Option<PersonAt>,
    /// Where they live.
    pub whereabouts: Whereabouts,
    /// Whether a precinct was found, by address or by Form 2.
    pub has_precinct: bool,
}

/// What a failed rule shows: the record, and the date that decides.
type Shown = (Evidence, Option<Date>);

/// A rule: its number and its test.
#[derive(Clone, Copy)]
pub struct Rule {
    /// `R01` … `R11`.
    pub id: &'static str,
    /// The reason when it fails.
    pub reason: ExclusionReason,
    test: fn(&Case<'_>) -> Option<Shown>,
}

/// The chain, in the order of [`ExclusionReason::ALL`]; a test holds the two together.
pub const RULES: [Rule; 11] = [
    Rule {
        id: "R01",
        reason: ExclusionReason::Dead,
        test: dead,
    },
    Rule {
        id: "R02",
        reason: ExclusionReason::NotCitizen,
        test: not_citizen,
    },
    Rule {
        id: "R03",
        reason: ExclusionReason::UnderAge,
        test: under_age,
    },
    Rule {
        id: "R04",
        reason: ExclusionReason::Court,
        test: court,
    },
    Rule {
        id: "R05",
        reason: ExclusionReason::Duplicate,
        test: duplicate,
    },
    Rule {
        id: "R06",
        reason: ExclusionReason::NoBiometrics,
        test: no_biometrics,
    },
    Rule {
        id: "R07",
        reason: ExclusionReason::NotYetProcessed,
        test: not_yet_processed,
    },
    Rule {
        id: "R08",
        reason: ExclusionReason::PinConflict,
        test: pin_conflict,
    },
    Rule {
        id: "R09",
        reason: ExclusionReason::NoAddress,
        test: no_address,
    },
    Rule {
        id: "R10",
        reason: ExclusionReason::AbroadNotRegistered,
        test: abroad_not_registered,
    },
    Rule {
        id: "R11",
        reason: ExclusionReason::NoValidDocument,
        test: no_valid_document,
    },
];

/// Which part of the chain: PINs are compared among those whom R01–R07 let pass, and Form 2 is
/// open to those whom R01–R08 let pass.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// R01–R07: the person alone.
    Alone,
    /// R08: the person among others.
    Among,
    /// R09–R11: the place, and the document that is shown there.
    Place,
}

impl Part {
    fn rules(self) -> &'static [Rule] {
        match self {
            Part::Alone => &RULES[..7],
            Part::Among => &RULES[7..8],
            Part::Place => &RULES[8..],
        }
    }
}

/// The rule's number for a reason.
#[must_use]
pub fn rule_id(reason: ExclusionReason) -> &'static str {
    RULES
        .iter()
        .find(|rule| rule.reason == reason)
        .map_or("", |rule| rule.id)
}

/// The first rule of a part that fails, if one does.
#[must_use]
pub fn first_failure(case: &Case<'_>, part: Part) -> Option<Failure> {
    part.rules().iter().find_map(|rule| {
        let (evidence, date) = (rule.test)(case)?;
        Some(Failure {
            reason: rule.reason,
            evidence,
            date,
        })
    })
}

/// The last day on which the person's next step still helps this list.
#[must_use]
pub fn remedy_until(law: &ElectionLaw, reason: ExclusionReason) -> Date {
    let days = match reason {
        ExclusionReason::NoBiometrics => law.list.enrolment_until_days,
        ExclusionReason::NoAddress | ExclusionReason::AbroadNotRegistered if law.form2.enabled => {
            law.form2.until_days.min(law.list.corrections_until_days)
        }
        ExclusionReason::NotYetProcessed => law.list.final_days,
        ExclusionReason::Dead
        | ExclusionReason::NotCitizen
        | ExclusionReason::UnderAge
        | ExclusionReason::Court
        | ExclusionReason::Duplicate
        | ExclusionReason::PinConflict
        | ExclusionReason::NoAddress
        | ExclusionReason::AbroadNotRegistered
        | ExclusionReason::NoValidDocument => law.list.corrections_until_days,
    };
    law.days_before(days)
}

impl Case<'_> {
    fn event(&self, kind: EventKind) -> Option<Shown> {
        let at = self.snapshot.events_of(self.person).find(|&at| {
            let event = &self.snapshot.events[at];
            event.kind == kind && event.date <= self.terms.election
        })?;
        Some((Evidence::Event(at), Some(self.snapshot.events[at].date)))
    }
}

fn dead(case: &Case<'_>) -> Option<Shown> {
    case.event(EventKind::Death)
        .or_else(|| match case.snapshot.person(case.person).standing {
            // A death after election day takes nobody off this list.
            Standing::Deceased(Some(on)) if on > case.terms.election => None,
            Standing::Deceased(on) => Some((Evidence::Person, on)),
            Standing::Unique
            | Standing::Pending
            | Standing::Duplicate(_)
            | Standing::NotEnrolled => None,
        })
}

fn not_citizen(case: &Case<'_>) -> Option<Shown> {
    let citizenship = case.snapshot.person(case.person).citizenship;
    if case.snapshot.words.text(citizenship) == case.law.franchise.citizenship {
        return case.event(EventKind::CitizenshipLoss);
    }
    case.event(EventKind::CitizenshipLoss)
        .or(Some((Evidence::Person, None)))
}

fn under_age(case: &Case<'_>) -> Option<Shown> {
    if case.born <= case.terms.born_until {
        return None;
    }
    let years = jiff::Span::new().try_years(case.law.franchise.age_years);
    let of_age = years.and_then(|years| case.born.checked_add(years));
    Some((Evidence::Person, of_age.ok()))
}

fn court(case: &Case<'_>) -> Option<Shown> {
    case.event(EventKind::Court)
}

fn duplicate(case: &Case<'_>) -> Option<Shown> {
    match case.snapshot.person(case.person).standing {
        Standing::Duplicate(Some(counted)) => Some((Evidence::Other(counted), None)),
        Standing::Duplicate(None) => Some((Evidence::Person, None)),
        Standing::Unique | Standing::Pending | Standing::Deceased(_) | Standing::NotEnrolled => {
            None
        }
    }
}

/// Fails without an enrolment captured on or before C; the evidence is a later one, if there is one.
fn no_biometrics(case: &Case<'_>) -> Option<Shown> {
    if !case.law.franchise.biometrics_required {
        return None;
    }
    let Some(first) = case.snapshot.enrolments_of(case.person).next() else {
        return Some((Evidence::Missing, None));
    };
    let captured = case.snapshot.enrolments[first].captured;
    (captured > case.terms.cut_off).then_some((Evidence::Enrolment(first), Some(captured)))
}

/// Fails when no timely enrolment was processed by C, or the duplicate check is still open.
fn not_yet_processed(case: &Case<'_>) -> Option<Shown> {
    if !case.law.franchise.biometrics_required {
        return None;
    }
    let timely = case
        .snapshot
        .enrolments_of(case.person)
        .filter(|&at| case.snapshot.enrolments[at].captured <= case.terms.cut_off);
    let mut last = None;
    let mut processed = false;
    for at in timely {
        last = Some(at);
        let done = case.snapshot.enrolments[at].processed;
        processed |= done.is_some_and(|day| day <= case.terms.cut_off);
    }
    let checked = match case.snapshot.person(case.person).standing {
        Standing::Unique => true,
        // Alive on E although the register knows a later death: the check was finished before it.
        Standing::Deceased(_) => true,
        Standing::Pending | Standing::NotEnrolled | Standing::Duplicate(_) => false,
    };
    if processed && checked {
        return None;
    }
    let at = last?;
    Some((
        Evidence::Enrolment(at),
        Some(case.snapshot.enrolments[at].captured),
    ))
}

fn pin_conflict(case: &Case<'_>) -> Option<Shown> {
    match case.shares_pin_with {
        Some(other) => Some((Evidence::Other(other), None)),
        None if case.snapshot.person(case.person).pin_conflict => Some((Evidence::Person, None)),
        None => None,
    }
}

fn no_address(case: &Case<'_>) -> Option<Shown> {
    match case.whereabouts {
        Whereabouts::Abroad(_) => None,
        Whereabouts::At(evidence) | Whereabouts::Unknown(evidence) => {
            (!case.has_precinct).then_some((evidence, None))
        }
    }
}

fn abroad_not_registered(case: &Case<'_>) -> Option<Shown> {
    match case.whereabouts {
        Whereabouts::Abroad(evidence) => (!case.has_precinct).then_some((evidence, None)),
        Whereabouts::At(_) | Whereabouts::Unknown(_) => None,
    }
}

/// An identity document as a register holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paper<'a> {
    /// Its number, with the letters of its series.
    pub number: &'a str,
    /// Issued on.
    pub issued: Date,
    /// Last day of validity; none: it does not run out.
    pub expires: Option<Date>,
    /// False when it was lost, exchanged or otherwise ended.
    pub stands: bool,
}

impl Paper<'_> {
    /// Whether it is valid on election day and of a series that identifies a voter.
    #[must_use]
    pub fn identifies(&self, law: &ElectionLaw) -> bool {
        let day = law.election.day;
        self.stands
            && self.issued <= day
            && self.expires.is_none_or(|last| last >= day)
            && law.documents.accepts(self.number, day)
    }
}

/// The place of a document that is valid on election day and of a series that identifies a voter.
#[must_use]
pub fn valid_document(snapshot: &Snapshot, law: &ElectionLaw, person: PersonAt) -> Option<usize> {
    snapshot.documents_at(person).find(|&at| {
        let document = &snapshot.documents[at];
        let paper = Paper {
            number: snapshot.ids.text(document.number),
            issued: document.issued,
            expires: document.expires,
            stands: document.valid,
        };
        paper.identifies(law)
    })
}

/// Fails where the law demands a document and none is valid on E; the evidence is the one that ran out last.
fn no_valid_document(case: &Case<'_>) -> Option<Shown> {
    if !case.law.documents.required
        || valid_document(case.snapshot, case.law, case.person).is_some()
    {
        return None;
    }
    let last = case
        .snapshot
        .documents_at(case.person)
        .max_by_key(|&at| (case.snapshot.documents[at].expires, at));
    Some(last.map_or((Evidence::Missing, None), |at| {
        (Evidence::Document(at), case.snapshot.documents[at].expires)
    }))
}

#[cfg(test)]
mod tests;
