//! What the handed-in journals say, held against what the witness saw. No kit's book is asked.

use std::collections::{BTreeMap, BTreeSet};

use country::RecordNo;
use keys::KeyRing;
use lexicon::Method;
use lexicon::handover::envelope::{EnvelopeError, Kid, PublicKey, decode, open1};
use lexicon::handover::event::{
    Event, Granted, Identified, Receipt, Refused, Undone, event_subject, kind, unframe,
};
use lexicon::handover::package::{PackageBody, index_token};
use serde::{Deserialize, Serialize};

use super::DayError;
use super::crowd::{Crowd, Human};
use super::station_package::StationPackage;
use super::witness::{Places, Witness, file_error};

/// One precinct's day in figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrecinctRow {
    /// Its number.
    pub precinct: u16,
    /// Lines on its list.
    pub lines: u32,
    /// Kits.
    pub kits: u32,
    /// People who came.
    pub visits: u64,
    /// Check-ins that stand.
    pub checked_in: u64,
    /// Of these, by a kit that did not own the line.
    pub granted: u64,
    /// Of these, by two officers instead of a finger.
    pub by_officers: u64,
    /// Of these, voters who stood in line at closing time.
    pub after_close: u64,
    /// Recorded refusals.
    pub refused: u64,
    /// Check-ins that two officers undid.
    pub undone: u64,
    /// Receipts printed once more.
    pub reprinted: u64,
    /// Events in the journals of all kits.
    pub events: u64,
}

/// An act that stands, with the human who stood there.
pub(super) struct Admission {
    pub human: Human,
    /// Whether the line is the human's own.
    pub is_own_line: bool,
}

/// What one precinct adds to the outcome.
pub(super) struct PrecinctCount {
    pub row: PrecinctRow,
    pub admissions: Vec<Admission>,
    /// Check-ins that stand, by local hour and method.
    pub turnout: BTreeMap<(u8, Method), u64>,
    pub refusals: BTreeMap<String, u64>,
    pub witness: Witness,
    pub was_standing: bool,
}

/// The events of a precinct's journals, each signature checked against the manifest's kits.
fn read_events(package: &StationPackage, places: &Places) -> Result<Vec<Event>, DayError> {
    let kits = package.manifest.kits.iter();
    let ring = KeyRing::of(kits.map(|kit| PublicKey(*kit.point)));
    let mut events = Vec::new();
    for kit in &package.manifest.kits {
        let path = places.handed_in.join(format!("{}.journal", kit.name));
        let bytes = std::fs::read(&path).map_err(file_error(&path))?;
        for record in unframe(&bytes).events {
            let subject = event_subject(package.manifest.election);
            let event = open1(subject, record, &ring).and_then(|signed| decode(&signed.payload));
            events.push(event.map_err(|source| DayError::Event {
                path: path.clone(),
                source,
            })?);
        }
    }
    Ok(events)
}

/// Names the place of a body that could not be read.
fn at<T>(
    package: &StationPackage,
    event: &Event,
    body: Result<T, EnvelopeError>,
) -> Result<T, DayError> {
    body.map_err(|source| DayError::Body {
        precinct: package.precinct,
        seq: event.seq,
        source,
    })
}

/// Adds a precinct's journals up and asks the witness about every act that stands.
pub(super) fn count(
    package: &StationPackage,
    places: &Places,
    crowd: &Crowd<'_>,
    witness: Witness,
    was_standing: bool,
) -> Result<PrecinctCount, DayError> {
    let events = read_events(package, places)?;
    let list = package.body()?;
    let mut count = PrecinctCount {
        row: PrecinctRow {
            precinct: package.precinct.number(),
            lines: package.manifest.lines,
            kits: u32::try_from(package.manifest.kits.len()).unwrap_or(u32::MAX),
            visits: witness.visits.len() as u64,
            events: events.len() as u64,
            ..PrecinctRow::default()
        },
        admissions: Vec::new(),
        turnout: BTreeMap::new(),
        refusals: BTreeMap::new(),
        witness,
        was_standing,
    };
    let mut undone: BTreeSet<([u8; 8], u32)> = BTreeSet::new();
    for event in &events {
        match event.kind {
            kind::UNDONE => {
                let act: Undone = at(package, event, decode(&event.body))?;
                undone.insert((*act.kit, act.seq));
                count.row.undone += 1;
            }
            kind::REFUSED => {
                let refused: Refused = at(package, event, decode(&event.body))?;
                count.row.refused += 1;
                *count.refusals.entry(refused.reason).or_default() += 1;
            }
            kind::RECEIPT_PRINTED => {
                let receipt: Receipt = at(package, event, decode(&event.body))?;
                count.row.reprinted += u64::from(receipt.copy > 0);
            }
            _ => {}
        }
    }
    let mut seen = Seen::of(package, &count.witness);
    for event in events.iter().filter(|event| event.kind == kind::IDENTIFIED) {
        let act: Identified = at(package, event, decode(&event.body))?;
        let human = seen.human(package, event)?;
        if !undone.contains(&(*event.kit, event.seq)) {
            count.stands(package, event, &act)?;
            count.admissions.push(Admission {
                human,
                is_own_line: is_own_line(&list, crowd, human, act.line),
            });
        }
    }
    check_grants(package, &events)?;
    seen.all_were_found(package)?;
    Ok(count)
}

impl PrecinctCount {
    fn stands(
        &mut self,
        package: &StationPackage,
        event: &Event,
        act: &Identified,
    ) -> Result<(), DayError> {
        let policy = &package.manifest.policy;
        let micros = i64::try_from(event.hlc >> 8).unwrap_or(i64::MAX);
        let minutes = micros.div_euclid(60_000_000) + i64::from(policy.offset_minutes);
        let hour = u8::try_from(minutes.div_euclid(60).rem_euclid(24)).unwrap_or(0);
        let Some(method) = Method::from_number(act.method) else {
            return Err(unseen(package, event.seq, "a method that is not known"));
        };
        *self.turnout.entry((hour, method)).or_default() += 1;
        self.row.checked_in += 1;
        self.row.granted += u64::from(act.grant_seq > 0);
        self.row.by_officers += u64::from(method != Method::Finger);
        self.row.after_close += u64::from(micros >= policy.closes);
        Ok(())
    }
}

fn unseen(package: &StationPackage, seq: u32, what: &'static str) -> DayError {
    DayError::Unseen {
        precinct: package.precinct,
        what,
        seq,
    }
}

/// Whether the line of the list bears a PIN of the human.
fn is_own_line(list: &PackageBody, crowd: &Crowd<'_>, human: Human, line: u32) -> bool {
    let at = line.saturating_sub(1) as usize;
    let Some(voter) = list.voters.get(at).filter(|voter| voter.line == line) else {
        return false;
    };
    let pins = crowd.pins(RecordNo(human.0));
    pins.iter()
        .any(|pin| index_token(&list.index_key, pin) == *voter.pin_token)
}

/// Every act on a foreign share names a grant of its owner for this line and this kit.
fn check_grants(package: &StationPackage, events: &[Event]) -> Result<(), DayError> {
    let mut grants: BTreeSet<([u8; 8], u32, u32, [u8; 8])> = BTreeSet::new();
    for event in events.iter().filter(|event| event.kind == kind::GRANTED) {
        let grant: Granted = at(package, event, decode(&event.body))?;
        grants.insert((*event.kit, event.seq, grant.line, *grant.to));
    }
    for event in events.iter().filter(|event| event.kind == kind::IDENTIFIED) {
        let act: Identified = at(package, event, decode(&event.body))?;
        let named = (*act.grant_kit, act.grant_seq, act.line, *event.kit);
        if act.grant_seq > 0 && !grants.remove(&named) {
            let what = "a grant that no journal holds, or that two acts use";
            return Err(unseen(package, event.seq, what));
        }
    }
    Ok(())
}

/// The witness's greens by kit and counter; each is asked for once.
struct Seen(BTreeMap<([u8; 8], u32), Human>);

impl Seen {
    fn of(package: &StationPackage, witness: &Witness) -> Self {
        let kid = |name: &str| {
            let kit = package.manifest.kits.iter().find(|kit| kit.name == name);
            kit.map_or([0; 8], |kit| {
                let Kid(kid) = PublicKey(*kit.point).kid();
                kid
            })
        };
        let greens = witness.greens.iter();
        Self(
            greens
                .map(|green| ((kid(&green.kit), green.seq), green.bearer))
                .collect(),
        )
    }

    fn human(&mut self, package: &StationPackage, event: &Event) -> Result<Human, DayError> {
        let human = self.0.remove(&(*event.kit, event.seq));
        human.ok_or_else(|| unseen(package, event.seq, "an identification that nobody saw"))
    }

    fn all_were_found(&self, package: &StationPackage) -> Result<(), DayError> {
        match self.0.keys().next() {
            None => Ok(()),
            Some((_, seq)) => Err(unseen(package, *seq, "a green that no journal holds")),
        }
    }
}
