//! Who comes to the stations, with which papers and which fingers: the truth of the day.

use std::collections::{BTreeMap, BTreeSet};

use country::{Country, FingerState, RecordNo, VisitKind};
use fingerprint::GreyImage;
use lexicon::handover::envelope::sha256;
use lexicon::{FingerPosition, PrecinctCode};
use serde::{Deserialize, Serialize};

use super::real::LiveFingers;

/// A person of flesh and blood, by the first of their records.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Human(pub u32);

/// What a visitor shows or says at the desk.
#[derive(Clone, PartialEq, Eq)]
pub struct Papers {
    /// 14 digits.
    pub pin: String,
    /// Passport, when there is one.
    pub passport: Option<String>,
    /// Surname and given name.
    pub name: String,
}

impl Papers {
    /// The birth date inside the PIN, `YYYY-MM-DD`; empty when the PIN is none.
    #[must_use]
    pub fn born(&self) -> String {
        match (self.pin.get(1..3), self.pin.get(3..5), self.pin.get(5..9)) {
            (Some(day), Some(month), Some(year)) => format!("{year}-{month}-{day}"),
            _ => String::new(),
        }
    }
}

/// Somebody who comes to a station.
#[derive(Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Seconds since local midnight.
    pub second: u32,
    /// Why they come.
    pub kind: VisitKind,
    /// What they show: their own papers, or another's.
    pub papers: Papers,
    /// Whose fingers and face come with it.
    pub bearer: RecordNo,
    /// How those fingers are today.
    pub fingers: FingerState,
}

/// A number below `below` that follows from the seed and a name; the same on every machine.
pub(super) fn lot(seed: u64, what: &str, of: u64, below: u64) -> u64 {
    let mut text = format!("tizme demo day/{what}/").into_bytes();
    text.extend_from_slice(&seed.to_be_bytes());
    text.extend_from_slice(&of.to_be_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&sha256(&text)[..8]);
    u64::from_be_bytes(first) % below.max(1)
}

fn papers(country: &Country, record: RecordNo) -> Papers {
    let name = country.name(record);
    Papers {
        pin: country.pin(record),
        passport: country.passport(record),
        name: format!("{} {}", name.surname, name.given),
    }
}

/// Everybody who comes on the day, by precinct and in the order of time.
pub struct Crowd<'a> {
    /// Nobody comes without a country: only a synthetic one knows whose fingers are whose.
    country: Option<&'a Country>,
    real: Option<&'a LiveFingers>,
    by_precinct: BTreeMap<u16, Vec<Visitor>>,
}

impl<'a> Crowd<'a> {
    /// The visits of the country's day; voters with real fingers get visits of their own: one to vote,
    /// one by an impostor with another real finger, and every tenth comes again.
    #[must_use]
    pub fn of(country: Option<&'a Country>, real: Option<&'a LiveFingers>, seed: u64) -> Self {
        let mut crowd = Self {
            country,
            real,
            by_precinct: BTreeMap::new(),
        };
        let Some(country) = country else {
            return crowd;
        };
        let records: BTreeSet<RecordNo> = real.iter().flat_map(|real| real.records()).collect();
        for visit in country.day().visits {
            if records.contains(&visit.claimed) || records.contains(&visit.bearer) {
                continue;
            }
            let visitor = Visitor {
                second: visit.second,
                kind: visit.kind,
                papers: papers(country, visit.claimed),
                bearer: visit.bearer,
                fingers: visit.fingers,
            };
            crowd.put(visit.precinct, visitor);
        }
        for (at, record) in records.iter().enumerate() {
            crowd.plan_real(country, (at, *record), &records, seed);
        }
        for visitors in crowd.by_precinct.values_mut() {
            visitors.sort_by_key(|visitor| (visitor.second, visitor.bearer, visitor.kind));
        }
        crowd
    }

    fn put(&mut self, precinct: PrecinctCode, visitor: Visitor) {
        self.by_precinct
            .entry(precinct.number())
            .or_default()
            .push(visitor);
    }

    fn plan_real(
        &mut self,
        country: &Country,
        (at, record): (usize, RecordNo),
        all: &BTreeSet<RecordNo>,
        seed: u64,
    ) {
        let Some(precinct) = country.voting_precinct(record) else {
            return;
        };
        let number = u64::from(record.0);
        let draw = |what: &str, below: u64| lot(seed, what, number, below);
        // From 08:00, the last ones well before 20:00.
        let arrives = |what: &str| 8 * 3600 + draw(what, 11 * 3600) as u32;
        let vote = Visitor {
            second: arrives("real vote"),
            kind: VisitKind::Vote,
            papers: papers(country, record),
            bearer: record,
            fingers: FingerState::Good,
        };
        let others: Vec<RecordNo> = all
            .iter()
            .copied()
            .filter(|other| *other != record)
            .collect();
        if !others.is_empty() {
            let bearer = others[draw("real impostor", others.len() as u64) as usize];
            let impostor = Visitor {
                second: arrives("real false claim"),
                kind: VisitKind::Impostor,
                bearer,
                ..vote.clone()
            };
            self.put(precinct, impostor);
        }
        if at.is_multiple_of(10) {
            let again = Visitor {
                second: vote.second + 600 + draw("real again", 1800) as u32,
                kind: VisitKind::Double,
                ..vote.clone()
            };
            self.put(precinct, again);
        }
        self.put(precinct, vote);
    }

    /// The real fingers.
    #[must_use]
    pub fn real(&self) -> Option<&LiveFingers> {
        self.real
    }

    /// Who comes to a precinct, in the order of time.
    #[must_use]
    pub fn visitors(&self, precinct: PrecinctCode) -> &[Visitor] {
        self.by_precinct
            .get(&precinct.number())
            .map_or(&[], Vec::as_slice)
    }

    /// The human of a record.
    #[must_use]
    pub fn human(&self, record: RecordNo) -> Human {
        let other = self
            .country
            .and_then(|country| country.other_record(record));
        Human(other.map_or(record.0, |other| other.0.min(record.0)))
    }

    /// Every PIN that is the human's own.
    #[must_use]
    pub fn pins(&self, record: RecordNo) -> Vec<String> {
        let Some(country) = self.country else {
            return Vec::new();
        };
        let records = [Some(record), country.other_record(record)];
        let pins = records.into_iter().flatten().map(|r| country.pin(r));
        pins.filter(|pin| !pin.is_empty()).collect()
    }

    /// Where a record votes by truth.
    #[must_use]
    pub fn voting_precinct(&self, record: RecordNo) -> Option<u16> {
        let precinct = self.country?.voting_precinct(record)?;
        Some(precinct.number())
    }

    /// The visitor's finger on the glass; `attempt` counts their captures from 0.
    ///
    /// A voter of one real finger has that finger only and puts it on whatever is asked for.
    #[must_use]
    pub fn capture(
        &self,
        visitor: &Visitor,
        finger: FingerPosition,
        attempt: u32,
    ) -> Option<station::Capture> {
        if let Some(image) = self
            .real
            .and_then(|real| real.image(visitor.bearer, attempt))
        {
            return Some(station::Capture::Image(image.clone()));
        }
        let position = ridges::Position::new(finger.number())?;
        let (bearer, state) = (visitor.bearer, visitor.fingers);
        match self.country?.capture(bearer, position, attempt, state) {
            country::Capture::Minutiae(record) => Some(station::Capture::SimulatedMinutiae(record)),
            country::Capture::Image(grey) => {
                let sides = (
                    u32::try_from(grey.width).ok()?,
                    u32::try_from(grey.height).ok()?,
                );
                let image = GreyImage::from_raw(sides.0, sides.1, 500, grey.pixels).ok()?;
                Some(station::Capture::Image(image))
            }
        }
    }

    /// A hash of everything that decides what these visitors do, for one precinct.
    #[must_use]
    pub fn digest(&self, precinct: PrecinctCode) -> [u8; 32] {
        let mut text = format!("{:?}\n", self.country.map(Country::params));
        for visitor in self.visitors(precinct) {
            let Papers {
                pin,
                passport,
                name,
            } = &visitor.papers;
            text += &format!(
                "{} {:?} {pin} {passport:?} {name} {} {:?}\n",
                visitor.second, visitor.kind, visitor.bearer.0, visitor.fingers
            );
        }
        if let Some(real) = self.real {
            text += &real.digest();
        }
        sha256(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birth_date_is_read_off_the_pin() {
        let papers = |pin: &str| Papers {
            pin: pin.to_owned(),
            passport: None,
            name: String::new(),
        };
        assert_eq!(papers("21504198500007").born(), "1985-04-15");
        assert_eq!(papers("").born(), "");
    }

    #[test]
    fn lots_follow_from_seed_and_name_and_stay_below_the_limit() {
        let drawn: Vec<u64> = (0..200).map(|n| lot(7, "x", n, 10)).collect();
        assert_eq!(
            drawn,
            (0..200).map(|n| lot(7, "x", n, 10)).collect::<Vec<_>>()
        );
        assert!((0..10).all(|face| drawn.contains(&face)) && drawn.iter().all(|d| *d < 10));
        assert_ne!(lot(7, "x", 1, u64::MAX), lot(8, "x", 1, u64::MAX));
    }
}
