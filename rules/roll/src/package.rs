//! Station packages: who serves whom, and the least that identifies.

use lexicon::handover::folder::bytes;
use lexicon::handover::package::{
    DeviceRules, DistrictEntry, IndexKey, PackageBody, PackageFinger, PackageVoter, PrecinctPlace,
    SecondDay, StationLimits, StationPolicy, decided_by, stop_note,
};
use lexicon::handover::release::RollLine;
use lexicon::law::{DayDecidedBy, PartitionPolicy, StopNotePolicy, WhenMissing};
use lexicon::{ElectionLaw, Instant, PrecinctCode};

use crate::form::{PrecinctList, Roll, printed};
use crate::snapshot::{PersonAt, Snapshot};

/// The most bytes of a photograph in a package.
pub const PHOTO_BYTES_MAX: usize = 8 << 10;

/// How many kits a precinct gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KitPlan {
    /// A kit for each so many voters.
    pub voters_per_kit: u32,
    /// And at least so many.
    pub kits_min: u32,
}

impl KitPlan {
    /// The plan of the law, at least one kit.
    #[must_use]
    pub fn of(law: &ElectionLaw) -> Self {
        Self {
            voters_per_kit: law.station.voters_per_kit,
            kits_min: 1,
        }
    }

    /// Kits for a list of so many lines.
    #[must_use]
    pub fn kits(self, lines: u32) -> u32 {
        lines
            .div_ceil(self.voters_per_kit.max(1))
            .max(self.kits_min)
            .max(1)
    }
}

/// Contiguous shares of the lines, first and last; sizes differ by at most one.
///
/// With fewer lines than kits the last shares are empty: their first line is one after their last.
#[must_use]
pub fn shares(lines: u32, kits: u32) -> Vec<(u32, u32)> {
    let kits = kits.max(1);
    let (size, larger) = (lines / kits, lines % kits);
    let mut next = 1;
    (0..kits)
        .map(|kit| {
            let from = next;
            next += size + u32::from(kit < larger);
            (from, next - 1)
        })
        .collect()
}

/// What a package holds of one person's biometrics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// Photograph, may be empty.
    pub photo: Vec<u8>,
    /// Position, rank (1 the best) and minutiae.
    pub fingers: Vec<(u8, u8, Vec<u8>)>,
}

/// The two keys of one package; random, for this package only.
#[derive(Clone, Copy)]
pub struct PackageKeys {
    /// Of the PIN and document indexes.
    pub index: [u8; 32],
    /// Of the day mark and day codes.
    pub day: [u8; 32],
}

/// PINs of one district by precinct: what tells a voter at the wrong door which one is theirs.
#[derive(Clone, Debug, Default)]
pub struct District {
    pins: Vec<([u8; 14], PrecinctCode)>,
    /// Its precincts with a list, by number.
    precincts: Vec<PrecinctCode>,
}

impl District {
    /// The listed voters of all precincts of a district (SOATE oblast and raion).
    #[must_use]
    pub fn of(snapshot: &Snapshot, roll: &Roll, district: u32) -> Self {
        let within = |list: &&PrecinctList| {
            snapshot
                .precinct(list.precinct)
                .is_some_and(|row| row.soate.district() == district)
        };
        let pins = roll
            .lists
            .iter()
            .filter(within)
            .flat_map(|list| {
                let pins = list.persons.iter().filter_map(|p| snapshot.person(*p).pin);
                pins.filter_map(|pin| {
                    Some((pin.digits().as_bytes().try_into().ok()?, list.precinct))
                })
            })
            .collect();
        let lists = roll.lists.iter().filter(within);
        let lists = lists.filter(|list| !list.persons.is_empty());
        let mut precincts: Vec<PrecinctCode> = lists.map(|list| list.precinct).collect();
        precincts.sort_unstable();
        Self { pins, precincts }
    }

    /// Where the other precincts are whose voters the index knows.
    fn places(&self, snapshot: &Snapshot, own: PrecinctCode) -> Vec<PrecinctPlace> {
        let others = self.precincts.iter().filter(|precinct| **precinct != own);
        others
            .filter_map(|precinct| {
                let row = snapshot.precinct(*precinct)?;
                Some(PrecinctPlace {
                    precinct: precinct.number(),
                    address_ky: row.address_ky.clone(),
                    address_ru: row.address_ru.clone(),
                })
            })
            .collect()
    }

    fn entries(&self, own: PrecinctCode, key: &IndexKey) -> Vec<DistrictEntry> {
        let neighbours = self.pins.iter().filter(|(_, precinct)| *precinct != own);
        // Sorted as numbers, which have the order of their bytes and are compared in one step.
        let mut entries: Vec<(u128, u16)> = neighbours
            .map(|(pin, precinct)| {
                let token = u128::from_be_bytes(key.token_of(pin));
                (token, precinct.number())
            })
            .collect();
        entries.sort_unstable();
        entries
            .into_iter()
            .map(|(token, precinct)| DistrictEntry {
                token: token.to_be_bytes().into(),
                precinct,
            })
            .collect()
    }
}

fn voter(
    snapshot: &Snapshot,
    roll: &Roll,
    person: PersonAt,
    references: References,
    index: &IndexKey,
    law: &ElectionLaw,
) -> PackageVoter {
    let row = snapshot.person(person);
    let ([surname, given, patronymic], born) = printed(snapshot, &roll.claims, person);
    let text = |word| snapshot.words.text(word).to_owned();
    let place = roll.place(person);
    let mut fingers = references.fingers;
    fingers.sort_unstable_by_key(|(position, rank, _)| (*rank, *position));
    fingers.truncate(usize::from(law.station.fingers_max));
    let photo = Some(references.photo).filter(|photo| photo.len() <= PHOTO_BYTES_MAX);
    let on = law.election.day;
    let valid = snapshot
        .documents_of(person)
        .iter()
        .filter(|document| document.valid && document.expires.is_none_or(|last| last >= on));
    PackageVoter {
        line: place.map_or(0, |place| place.line),
        page: place.map_or(0, |place| place.page),
        surname: text(surname),
        given: text(given),
        patronymic: text(patronymic),
        born: born.to_string(),
        sex: row.sex.letter().to_string(),
        photo: bytes(&photo.unwrap_or_default()),
        fingers: fingers
            .into_iter()
            .map(|(position, _, minutiae)| PackageFinger {
                position,
                minutiae: bytes(&minutiae),
            })
            .collect(),
        // A voter without a PIN has a token of zeros, which no number gives.
        pin_token: row
            .pin
            .map_or([0; 16], |pin| index.token(&pin.digits()))
            .into(),
        document_tokens: valid
            .map(|document| index.token(snapshot.ids.text(document.number)).into())
            .collect(),
        home: false,
    }
}

/// A voter whom a change of the list added or corrected, as a package holds one: the line is the change's.
#[must_use]
pub fn voter_of(
    snapshot: &Snapshot,
    roll: &Roll,
    law: &ElectionLaw,
    person: PersonAt,
    line: &RollLine,
    references: References,
    key: &[u8; 32],
) -> PackageVoter {
    let index = IndexKey::new(key);
    PackageVoter {
        line: line.line,
        page: line.page,
        surname: line.surname.clone(),
        given: line.given.clone(),
        patronymic: line.patronymic.clone(),
        born: line.born.clone(),
        ..voter(snapshot, roll, person, references, &index, law)
    }
}

/// The contents of one precinct's package, voters by line.
///
/// Holds no PIN in clear, no address and no other precinct's names (SECURITY.md §3.3).
pub fn body(
    snapshot: &Snapshot,
    roll: &Roll,
    law: &ElectionLaw,
    list: &PrecinctList,
    district: &District,
    keys: &PackageKeys,
    mut references: impl FnMut(PersonAt) -> References,
) -> PackageBody {
    let row = snapshot.precinct(list.precinct);
    let index = IndexKey::new(&keys.index);
    PackageBody {
        version: 0,
        election: law.election.number,
        precinct: list.precinct.number(),
        index_key: keys.index.into(),
        voters: list
            .persons
            .iter()
            .map(|person| voter(snapshot, roll, *person, references(*person), &index, law))
            .collect(),
        district: district.entries(list.precinct, &index),
        day_key: keys.day.into(),
        address_ky: row.map_or_else(String::new, |row| row.address_ky.clone()),
        address_ru: row.map_or_else(String::new, |row| row.address_ru.clone()),
        places: Some(district.places(snapshot, list.precinct)).filter(|places| !places.is_empty()),
    }
}

/// The station's policy as the law sets it.
#[must_use]
pub fn policy(law: &ElectionLaw) -> StationPolicy {
    policy_at(law, law.election.offset_minutes)
}

/// The policy of a station whose local time is another (S-24): the same hours of its own day.
#[must_use]
pub fn policy_at(law: &ElectionLaw, offset_minutes: i64) -> StationPolicy {
    let station = &law.station;
    let at = |minutes: u16| {
        Instant::at_local(law.election.day, i64::from(minutes), offset_minutes).micros()
    };
    StationPolicy {
        partition: match station.partition {
            PartitionPolicy::Segment => "segment",
            PartitionPolicy::PaperLock => "paper_lock",
            PartitionPolicy::Quorum => "quorum",
        }
        .to_owned(),
        ballot_table: station.ballot_table.clone(),
        tries_per_finger: station.tries_per_finger,
        pause_after_failures: station.pause_after_failures,
        pause_seconds: station.pause_seconds,
        finger_fmr_ppb: rounded(station.finger_fmr * 1e9),
        override_quota_permille: u16::try_from(rounded(station.override_quota_percent * 10.0))
            .unwrap_or(u16::MAX),
        opens: at(law.election.opens_minutes),
        closes: at(law.election.closes_minutes),
        offset_minutes: i32::try_from(offset_minutes).unwrap_or(0),
        peer_stale_seconds: station.peer_stale_seconds,
        skew_block_seconds: station.skew_block_seconds,
        different_bodies: station.different_bodies,
        lines_per_page: law.list.lines_per_page,
        stop_note: Some(match station.stop_note {
            StopNotePolicy::Allow => stop_note::ALLOW,
            StopNotePolicy::Refuse => stop_note::REFUSE,
        }),
        home: None,
        other_line_ppb: station
            .other_line
            .as_ref()
            .map(|rule| rounded(rule.false_hits * 1e9)),
        skew_warn_seconds: Some(station.skew_warn_seconds),
        limits: Some(StationLimits {
            lock_seconds: station.lock_seconds,
            pair_run_max: station.pair_run_max,
            grant_seconds: station.grant_seconds,
            release_seconds: station.release_seconds,
            look_seconds: station.look_seconds,
        }),
        second_day: station.second_day.as_ref().map(|rule| SecondDay {
            by: match rule.by {
                DayDecidedBy::Holders => decided_by::HOLDERS,
                DayDecidedBy::Institutions => decided_by::INSTITUTIONS,
            },
            days_max: rule.days_max,
            hours_max: rule.hours_max,
        }),
        devices: station.devices.as_ref().map(|rule| DeviceRules {
            monitor_blocks: rule.monitor == WhenMissing::Block,
            memory_is_needed: rule.locked_memory == WhenMissing::Block,
        }),
        marked_lines_ppb: station
            .marked_lines
            .as_ref()
            .map(|rule| rounded(rule.false_hits * 1e9)),
    }
}

/// Kinds of events that the law lets the commission above sign in place of officers, ascending.
#[must_use]
pub fn holders_may(law: &ElectionLaw) -> Vec<u8> {
    let acts = law.station.holders_may.iter();
    let mut kinds: Vec<u8> = acts.map(|act| act.kind()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

fn rounded(value: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the range of the type"
    )]
    let whole = value.round().clamp(0.0, f64::from(u32::MAX)) as u32;
    whole
}

#[cfg(test)]
mod tests;
