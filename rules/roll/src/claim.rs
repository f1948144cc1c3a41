//! Corrections, inclusions, exclusions and Form 2.
//!
//! Of the valid claims before the deadline the last one wins, by signed time of capture, then by
//! claim id: the order in which offices sent them changes nothing. What was superseded or refused
//! stays, with its outcome, and is shown.

use std::collections::BTreeMap;

use lexicon::{ClaimOutcome, Date, ElectionLaw, Instant, PrecinctCode};

use crate::snapshot::{AddressAt, Claim, PersonAt, Snapshot};
use crate::words::Word;

/// A field that a correction may change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Field {
    /// Surname.
    Surname,
    /// Given name.
    Given,
    /// Patronymic.
    Patronymic,
    /// Birth date.
    Born,
    /// Address.
    Address,
}

impl Field {
    /// The field with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "surname" => Some(Field::Surname),
            "given" => Some(Field::Given),
            "patronymic" => Some(Field::Patronymic),
            "born" | "birth_date" => Some(Field::Born),
            "address" | "address_id" => Some(Field::Address),
            _ => None,
        }
    }
}

/// What corrections changed about a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Amendment {
    /// Surname claimed.
    pub surname: Option<Word>,
    /// Given name claimed.
    pub given: Option<Word>,
    /// Patronymic claimed.
    pub patronymic: Option<Word>,
    /// Birth date claimed.
    pub born: Option<Date>,
    /// Address claimed, with the place of the claim.
    pub address: Option<(AddressAt, usize)>,
}

/// The claims of a snapshot while they are being decided; all vectors in the order of its claims.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// What became of each.
    pub outcomes: Vec<ClaimOutcome>,
    /// The claim that took its place, for superseded ones.
    pub superseded_by: Vec<Option<usize>>,
    /// What changed, by person.
    pub amendments: BTreeMap<PersonAt, Amendment>,
    /// Where Form 2 sends each person, with the place of the claim.
    pub transfers: BTreeMap<PersonAt, (PrecinctCode, usize)>,
}

/// Value of a Form 2 without a precinct that takes back the earlier ones.
pub const CANCEL: &str = "cancel";

/// The first moment after the end of the day `days` before election day.
#[must_use]
pub fn deadline(law: &ElectionLaw, days: i32) -> Instant {
    Instant::at_local(law.days_before(days), 24 * 60, law.election.offset_minutes)
}

/// Reads `YYYY-MM-DD` or `DD.MM.YYYY`.
#[must_use]
pub fn parse_date(text: &str) -> Option<Date> {
    let text = text.trim();
    if let Ok(date) = text.parse() {
        return Some(date);
    }
    let mut parts = text.split('.');
    let mut part = || {
        parts
            .next()
            .filter(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
    };
    let (day, month, year) = (part()?.parse().ok()?, part()?.parse().ok()?, part()?);
    if year.len() != 4 || parts.next().is_some() {
        return None;
    }
    Date::new(year.parse().ok()?, month, day).ok()
}

/// A correction's value, read.
enum Value {
    Name(Word),
    Born(Date),
    Address(AddressAt),
}

/// What every claim must pass: in time, identified, about one person of the register.
fn admissible(claim: &Claim, before: Instant) -> Result<PersonAt, ClaimOutcome> {
    if claim.filed >= before {
        return Err(ClaimOutcome::AfterDeadline);
    }
    if !claim.identified {
        return Err(ClaimOutcome::NotIdentified);
    }
    claim.person.ok_or(ClaimOutcome::UnknownPerson)
}

fn read_value(snapshot: &Snapshot, law: &ElectionLaw, field: Field, value: Word) -> Option<Value> {
    let text = snapshot.words.text(value);
    let letters = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’');
    let name = |may_be_empty: bool| {
        let fine = text.chars().all(letters) && (may_be_empty || !text.is_empty());
        fine.then_some(Value::Name(value))
    };
    match field {
        Field::Surname | Field::Given => name(false),
        Field::Patronymic => name(true),
        Field::Born => parse_date(text)
            .filter(|born| *born <= law.election.day)
            .map(Value::Born),
        Field::Address => snapshot.find_address(text).map(Value::Address),
    }
}

/// Settles the corrections, which come first because they may change who is of age.
#[must_use]
pub fn settle_corrections(snapshot: &Snapshot, law: &ElectionLaw) -> Settlement {
    let count = snapshot.claims.len();
    let mut settled = Settlement {
        outcomes: vec![ClaimOutcome::UnreadableValue; count],
        superseded_by: vec![None; count],
        amendments: BTreeMap::new(),
        transfers: BTreeMap::new(),
    };
    let before = deadline(law, law.list.corrections_until_days);
    let mut last: BTreeMap<(PersonAt, Field), usize> = BTreeMap::new();
    for (at, claim) in snapshot.claims.iter().enumerate() {
        if &*claim.kind != "correction" {
            continue;
        }
        let person = match admissible(claim, before) {
            Ok(person) => person,
            Err(refused) => {
                settled.outcomes[at] = refused;
                continue;
            }
        };
        let read = Field::from_code(&claim.field)
            .and_then(|field| Some((field, read_value(snapshot, law, field, claim.value)?)));
        let Some((field, value)) = read else { continue };
        settled.count(at, last.insert((person, field), at));
        let amendment = settled.amendments.entry(person).or_default();
        match (field, value) {
            (Field::Surname, Value::Name(word)) => amendment.surname = Some(word),
            (Field::Given, Value::Name(word)) => amendment.given = Some(word),
            (Field::Patronymic, Value::Name(word)) => amendment.patronymic = Some(word),
            (_, Value::Born(born)) => amendment.born = Some(born),
            (_, Value::Address(address)) => amendment.address = Some((address, at)),
            // `read_value` gives a name for the three name fields only.
            (Field::Born | Field::Address, Value::Name(_)) => {}
        }
    }
    settled
}

/// What Form 2 needs to know about the applicant.
pub trait Applicants {
    /// Whether a rule other than the address keeps the person off the list.
    fn barred(&self, person: PersonAt) -> bool;
    /// The precinct of their own address.
    fn home(&self, person: PersonAt) -> Option<PrecinctCode>;
}

impl Settlement {
    fn count(&mut self, at: usize, earlier: Option<usize>) {
        self.outcomes[at] = ClaimOutcome::Counts;
        if let Some(earlier) = earlier {
            self.outcomes[earlier] = ClaimOutcome::Superseded;
            self.superseded_by[earlier] = Some(at);
        }
    }

    /// Settles Form 2: one active for each person, the last valid one before the deadline.
    pub fn settle_form2(
        &mut self,
        snapshot: &Snapshot,
        law: &ElectionLaw,
        applicants: &dyn Applicants,
    ) {
        let before = deadline(law, law.form2.until_days);
        let mut last: BTreeMap<PersonAt, usize> = BTreeMap::new();
        for (at, claim) in snapshot.claims.iter().enumerate() {
            if &*claim.kind != "form2" {
                continue;
            }
            let earlier = claim.person.and_then(|person| last.get(&person).copied());
            match form2(snapshot, law, applicants, claim, before, earlier.is_some()) {
                Ok((person, target)) => {
                    self.count(at, last.insert(person, at));
                    match target {
                        Some(precinct) => self.transfers.insert(person, (precinct, at)),
                        None => self.transfers.remove(&person),
                    };
                }
                Err(refused) => self.outcomes[at] = refused,
            }
        }
    }

    /// Settles inclusions and exclusions: they are heard, but only rules and sources decide.
    pub fn settle_requests(
        &mut self,
        snapshot: &Snapshot,
        law: &ElectionLaw,
        listed: impl Fn(PersonAt) -> bool,
    ) {
        let before = deadline(law, law.list.corrections_until_days);
        for (at, claim) in snapshot.claims.iter().enumerate() {
            let (agrees, refusal) = match &*claim.kind {
                "inclusion" => (true, ClaimOutcome::NotEligible),
                "exclusion" => (false, ClaimOutcome::NoGround),
                _ => continue,
            };
            self.outcomes[at] = match admissible(claim, before) {
                Ok(person) if listed(person) == agrees => ClaimOutcome::AlreadySo,
                Ok(_) => refusal,
                Err(refused) => refused,
            };
        }
    }
}

fn form2(
    snapshot: &Snapshot,
    law: &ElectionLaw,
    applicants: &dyn Applicants,
    claim: &Claim,
    before: Instant,
    has_earlier: bool,
) -> Result<(PersonAt, Option<PrecinctCode>), ClaimOutcome> {
    if !law.form2.enabled {
        return Err(ClaimOutcome::NotEnabled);
    }
    let person = admissible(claim, before)?;
    let category = snapshot.words.text(claim.value);
    let allowed = |wanted: &str| law.form2.categories.iter().any(|c| c == wanted);
    let cancels = claim.target.is_none() && category == CANCEL;
    if !cancels && !allowed("any") && !allowed(category) {
        return Err(ClaimOutcome::NotInCategory);
    }
    let target = match claim.target {
        Some(precinct) if snapshot.precinct(precinct).is_some() => Some(precinct),
        None if cancels => None,
        Some(_) | None => return Err(ClaimOutcome::NoSuchPrecinct),
    };
    if applicants.barred(person) {
        return Err(ClaimOutcome::NotEligible);
    }
    // Naming one's own precinct, or taking back, makes sense only after an earlier Form 2.
    let homewards = target.is_none() || target == applicants.home(person);
    if homewards && !has_earlier {
        return Err(ClaimOutcome::SamePrecinct);
    }
    Ok((person, if homewards { None } else { target }))
}

#[cfg(test)]
mod tests;
