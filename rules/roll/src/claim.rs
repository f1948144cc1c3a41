//! Corrections, inclusions, exclusions and Form 2.
//!
//! Of the valid claims before the deadline the last one wins, by signed time of capture, then by
//! claim id: the order in which offices sent them changes nothing. What was superseded or refused
//! stays, with its outcome, and is shown.

use std::collections::BTreeMap;

use lexicon::handover::envelope::sha256;
use lexicon::law::{Applicant, Category, ORDINARY};
use lexicon::{ClaimOutcome, Date, ElectionLaw, ExclusionReason, Instant, PrecinctCode};
use register::address::Fit;

use crate::houses::HouseTexts;
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
    /// How the street agrees, for corrections whose address is a text that a house was found for.
    pub streets: BTreeMap<usize, Fit>,
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
    Address(AddressAt, Option<Fit>),
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

fn read_value(
    snapshot: &Snapshot,
    (law, houses): (&ElectionLaw, &HouseTexts<'_>),
    field: Field,
    value: Word,
) -> Option<Value> {
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
        Field::Address => houses
            .find(text)
            .map(|(at, street)| Value::Address(at, street)),
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
        streets: BTreeMap::new(),
        transfers: BTreeMap::new(),
    };
    let before = deadline(law, law.list.corrections_until_days);
    let houses = HouseTexts::of(snapshot, law.election.day);
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
        let read = Field::from_code(&claim.field).and_then(|field| {
            Some((
                field,
                read_value(snapshot, (law, &houses), field, claim.value)?,
            ))
        });
        let Some((field, value)) = read else { continue };
        settled.count(at, last.insert((person, field), at));
        let amendment = settled.amendments.entry(person).or_default();
        match (field, value) {
            (Field::Surname, Value::Name(word)) => amendment.surname = Some(word),
            (Field::Given, Value::Name(word)) => amendment.given = Some(word),
            (Field::Patronymic, Value::Name(word)) => amendment.patronymic = Some(word),
            (_, Value::Born(born)) => amendment.born = Some(born),
            (_, Value::Address(address, street)) => {
                amendment.address = Some((address, at));
                settled.streets.extend(street.map(|fit| (at, fit)));
            }
            // `read_value` gives a name for the three name fields only.
            (Field::Born | Field::Address, Value::Name(_)) => {}
        }
    }
    settled
}

/// What Form 2 needs to know about the applicant.
pub trait Applicants {
    /// The rule other than the address that keeps the person off the list.
    fn barred(&self, person: PersonAt) -> Option<ExclusionReason>;
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
        let mut last: BTreeMap<PersonAt, usize> = BTreeMap::new();
        for (at, claim) in snapshot.claims.iter().enumerate() {
            if &*claim.kind != "form2" {
                continue;
            }
            let earlier = claim.person.and_then(|person| last.get(&person).copied());
            match form2(snapshot, law, applicants, claim, earlier.is_some()) {
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

/// The row of a claim's category in the law's table; a claim that names none is an ordinary one.
pub(crate) fn category_of<'a>(law: &'a ElectionLaw, named: &str) -> Option<&'a Category> {
    // Desks that file for everybody write `any`.
    let ordinary = named.is_empty() || named == "any";
    let code = if ordinary { ORDINARY } else { named };
    law.form2.category.iter().find(|row| row.code == code)
}

/// What a category demands of the filing itself: in time, by the voter or by an institution's list.
fn admissible_in(
    law: &ElectionLaw,
    row: Option<&Category>,
    claim: &Claim,
) -> Result<PersonAt, ClaimOutcome> {
    let own = row.and_then(|row| row.until_days);
    let before = deadline(law, own.unwrap_or(law.form2.until_days));
    match row.map_or(Applicant::Identified, |row| row.applicant) {
        Applicant::Identified => admissible(claim, before),
        Applicant::Listed if claim.filed >= before => Err(ClaimOutcome::LateList),
        Applicant::Listed => claim.person.ok_or(ClaimOutcome::UnknownPerson),
    }
}

fn form2(
    snapshot: &Snapshot,
    law: &ElectionLaw,
    applicants: &dyn Applicants,
    claim: &Claim,
    has_earlier: bool,
) -> Result<(PersonAt, Option<PrecinctCode>), ClaimOutcome> {
    if !law.form2.enabled {
        return Err(ClaimOutcome::NotEnabled);
    }
    let named = snapshot.words.text(claim.value);
    let cancels = claim.target.is_none() && named == CANCEL;
    let row = category_of(law, if cancels { "" } else { named });
    let person = admissible_in(law, row, claim)?;
    let row = row.filter(|row| row.enabled || cancels);
    let Some(row) = row else {
        return Err(ClaimOutcome::NotInCategory);
    };
    let target = match claim.target.map(|precinct| snapshot.precinct(precinct)) {
        Some(Some(there)) if row.kinds.contains(&there.kind) => Some(there.precinct),
        Some(Some(_)) => return Err(ClaimOutcome::PrecinctKind),
        None if cancels => None,
        Some(None) | None => return Err(ClaimOutcome::NoSuchPrecinct),
    };
    match applicants.barred(person) {
        None => {}
        Some(ExclusionReason::Dead) => return Err(ClaimOutcome::ApplicantDead),
        Some(ExclusionReason::UnderAge) => return Err(ClaimOutcome::ApplicantUnderAge),
        Some(_) => return Err(ClaimOutcome::NotEligible),
    }
    // Naming one's own precinct, or taking back, makes sense only after an earlier Form 2.
    let homewards = target.is_none() || target == applicants.home(person);
    if homewards && !has_earlier {
        return Err(ClaimOutcome::SamePrecinct);
    }
    Ok((person, if homewards { None } else { target }))
}

/// Letters of a receipt number: none that a hand writes like another.
const RECEIPT_LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The number on the receipt of a claim: eight letters that follow from election and claim id, and
/// two digits by which a slip in one letter, or two letters turned round, shows.
///
/// The desk, the telephone and the portal compute the same number from the same claim.
#[must_use]
pub fn receipt_number(election: u32, claim: &str) -> String {
    let hash = sha256(format!("kg1/claim|{election}|{claim}").as_bytes());
    let bits = hash
        .iter()
        .take(5)
        .fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    let letters: Vec<u8> = (0..8)
        .map(|at| usize::try_from(bits >> (35 - 5 * at) & 31).unwrap_or(0))
        .map(|letter| RECEIPT_LETTERS[letter])
        .collect();
    let text = String::from_utf8_lossy(&letters).into_owned();
    let digits = check_digits(&text);
    format!("{}-{}-{digits:02}", &text[..4], &text[4..])
}

/// Whether a receipt number was copied rightly; spaces and dashes are nothing.
#[must_use]
pub fn receipt_number_holds(text: &str) -> bool {
    let bare: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '-'))
        .collect::<String>()
        .to_uppercase();
    let Some((letters, digits)) = bare.split_at_checked(8) else {
        return false;
    };
    letters
        .bytes()
        .all(|letter| RECEIPT_LETTERS.contains(&letter))
        && digits.len() == 2
        && digits.parse() == Ok(check_digits(letters))
}

/// Remainder by the prime 97 of the letters read as a number of base 32.
fn check_digits(letters: &str) -> u32 {
    letters.bytes().fold(0, |rest, letter| {
        let value = RECEIPT_LETTERS.iter().position(|known| *known == letter);
        (rest * 32 + u32::try_from(value.unwrap_or(0)).unwrap_or(0)) % 97
    })
}

/// How a claim stands against its day of answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnswerClock {
    /// Answered, so many days late; 0 in time.
    Answered {
        /// Days after the day it was due.
        late_days: i32,
    },
    /// Waits; this many days are left, 0 on the last one.
    Waiting {
        /// Days left.
        left_days: i32,
    },
    /// Waits beyond its day.
    Overdue {
        /// Days since.
        days: i32,
    },
}

/// The clock of one claim: when its answer is due, and how it stands on `today`.
#[must_use]
pub fn answer_clock(
    law: &ElectionLaw,
    filed: Instant,
    answered: Option<Date>,
    today: Date,
) -> (Date, AnswerClock) {
    let due = law.answer_due(filed.local_date(law.election.offset_minutes));
    let days = |from: Date, to: Date| to.since(from).map_or(0, |span| span.get_days());
    let clock = match answered {
        Some(on) => AnswerClock::Answered {
            late_days: days(due, on).max(0),
        },
        None if today <= due => AnswerClock::Waiting {
            left_days: days(today, due),
        },
        None => AnswerClock::Overdue {
            days: days(due, today),
        },
    };
    (due, clock)
}

impl Settlement {
    /// The claims that replaced each other from this one on: itself first, the one that counts last.
    #[must_use]
    pub fn chain(&self, at: usize) -> Vec<usize> {
        let next = |at: &usize| self.superseded_by.get(*at).copied().flatten();
        std::iter::successors(Some(at), next).collect()
    }
}

#[cfg(test)]
mod tests;
