//! Some hundred or thousand acts of a register after a snapshot: the newer snapshot, and the changes between the two.

use std::collections::HashMap;
use std::path::Path;

use batch::columns::{ReadRow, Row, TableError, read_table};
use batch::folder::Trust;
use batch::{Between, ChangesMade, SnapshotWriter, write_changes};
use keys::KeyRing;
use lexicon::handover::envelope::{Signer, sha256};
use lexicon::handover::snapshot::{
    AddressRow, BoundaryRow, CivilEventRow, ClaimRow, CommissionRow, DocumentRow, EnrolmentRow,
    PersonRow, PrecinctRow, ReferenceRow, ResidenceRow, ReviewAnswerRow, SecondAddressRow,
    StreetNameRow,
};
use lexicon::{CivilName, Date, DocumentNumber, ElectionLaw, Instant, NameParts, PersonId, Pin};

use crate::snapshot::SOURCE;

/// What happens to somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    /// A child is born at this person's house.
    Birth,
    Death,
    Move,
    Passport,
    NameChange,
    Enrolment,
    PinCorrection,
    Form2,
    CitizenshipLoss,
    BirthDate,
}

const ACTS: [Act; 10] = [
    Act::Birth,
    Act::Death,
    Act::Move,
    Act::Passport,
    Act::NameChange,
    Act::Enrolment,
    Act::PinCorrection,
    Act::Form2,
    Act::CitizenshipLoss,
    Act::BirthDate,
];

/// How many acts, by which seed.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How many; all kinds in turn.
    pub acts: u64,
    /// Who is drawn.
    pub seed: u64,
}

struct Acts {
    of: HashMap<PersonId, Act>,
    day: Date,
    law: ElectionLaw,
}

fn drawn(seed: u64, at: u64) -> u64 {
    let hash = sha256(format!("act/{seed}/{at}").as_bytes());
    u64::from_be_bytes(hash[..8].try_into().expect("eight bytes"))
}

fn table<R: ReadRow>(
    base: &Path,
    each: impl FnMut(R) -> anyhow::Result<()>,
) -> anyhow::Result<u64> {
    let mut each = each;
    let mut failed = None;
    let path = base.join(format!("{}.parquet", R::TABLE));
    let rows = read_table(&path, |row| {
        if failed.is_none() {
            failed = each(row).err();
        }
        Ok::<(), TableError>(())
    })?;
    failed.map_or(Ok(rows), Err)
}

fn copy<R: ReadRow + Row>(base: &Path, writer: &mut SnapshotWriter) -> anyhow::Result<()> {
    table(base, |row: R| Ok(writer.push(&row)?))?;
    Ok(())
}

/// Writes the newer snapshot at `out/snapshot` and the changes at `out/changes`.
///
/// # Errors
/// When a table cannot be read or a folder not be written.
pub fn write(
    base: &Path,
    out: &Path,
    law: &ElectionLaw,
    key: &dyn Signer,
    ring: &KeyRing,
    terms: Terms,
) -> anyhow::Result<ChangesMade> {
    let mut people: Vec<PersonId> = Vec::new();
    table(base, |row: PersonRow| {
        people.push(row.person);
        Ok(())
    })?;
    let of = (0..terms.acts).map(|at| {
        let place = drawn(terms.seed, at) % (people.len() as u64);
        let person = people[usize::try_from(place).expect("a place in memory")];
        let kind = usize::try_from(at % 10).expect("below ten");
        (person, ACTS[kind])
    });
    let acts = Acts {
        of: of.collect(),
        day: law.days_before(law.list.enrolment_until_days),
        law: law.clone(),
    };
    let newer = out.join("snapshot");
    let mut writer = SnapshotWriter::create(&newer)?;
    acts.people(base, &mut writer)?;
    acts.facts(base, &mut writer)?;
    copy::<AddressRow>(base, &mut writer)?;
    copy::<StreetNameRow>(base, &mut writer)?;
    copy::<SecondAddressRow>(base, &mut writer)?;
    copy::<PrecinctRow>(base, &mut writer)?;
    copy::<BoundaryRow>(base, &mut writer)?;
    copy::<CommissionRow>(base, &mut writer)?;
    copy::<ReviewAnswerRow>(base, &mut writer)?;
    copy::<ReferenceRow>(base, &mut writer)?;
    writer.finish(law, "generated, some acts later", key)?;
    let between = Between {
        base,
        newer: &newer,
    };
    let trust = Trust {
        verifier: ring,
        signer: key.kid(),
        election: law.election.number,
    };
    Ok(write_changes(
        &out.join("changes"),
        between,
        law,
        trust,
        key,
    )?)
}

impl Acts {
    fn act(&self, person: PersonId) -> Option<Act> {
        self.of.get(&person).copied()
    }

    fn child(parent: PersonId) -> PersonId {
        PersonId::of_source(SOURCE, &format!("child of {parent}"))
    }

    fn people(&self, base: &Path, writer: &mut SnapshotWriter) -> anyhow::Result<()> {
        table(base, |mut row: PersonRow| {
            match self.act(row.person) {
                Some(Act::Birth) => writer.push(&PersonRow {
                    person: Self::child(row.person),
                    pin: None,
                    born: self.day,
                    standing: "none".to_owned(),
                    duplicate_of: None,
                    died: None,
                    pin_conflict: false,
                    ..row.clone()
                })?,
                Some(Act::Death) => {
                    row.standing = "deceased".to_owned();
                    row.died = Some(self.day);
                    row.duplicate_of = None;
                }
                Some(Act::NameChange) => row.name = changed(&row.name)?,
                Some(Act::Enrolment) if row.standing == "none" => {
                    row.standing = "unique".to_owned();
                }
                Some(Act::PinCorrection) => {
                    let next = |pin: Pin| {
                        Pin::from_stored(pin.as_u64() / 10 * 10 + (pin.as_u64() + 1) % 10)
                    };
                    row.pin = row.pin.map(next);
                }
                Some(Act::BirthDate) => row.born = row.born.tomorrow()?,
                Some(
                    Act::Move | Act::Passport | Act::Enrolment | Act::Form2 | Act::CitizenshipLoss,
                )
                | None => {}
            }
            Ok(writer.push(&row)?)
        })?;
        Ok(())
    }

    fn facts(&self, base: &Path, writer: &mut SnapshotWriter) -> anyhow::Result<()> {
        // Where the moved go: the house of the row before.
        let mut last = String::new();
        table(base, |mut row: ResidenceRow| {
            match self.act(row.person) {
                Some(Act::Birth) => writer.push(&ResidenceRow {
                    person: Self::child(row.person),
                    from: self.day,
                    ..row.clone()
                })?,
                Some(Act::Move) if row.until.is_none() && !last.is_empty() => {
                    writer.push(&ResidenceRow {
                        address: last.clone(),
                        from: self.day,
                        ..row.clone()
                    })?;
                    row.until = Some(self.day);
                }
                Some(_) | None => {}
            }
            last.clone_from(&row.address);
            Ok(writer.push(&row)?)
        })?;
        copy::<DocumentRow>(base, writer)?;
        copy::<CivilEventRow>(base, writer)?;
        copy::<EnrolmentRow>(base, writer)?;
        copy::<ClaimRow>(base, writer)?;
        let precinct = {
            let mut first = None;
            table(base, |row: PrecinctRow| {
                first.get_or_insert(row.precinct);
                Ok(())
            })?;
            first
        };
        let mut of: Vec<(PersonId, Act)> = self.of.iter().map(|(id, act)| (*id, *act)).collect();
        of.sort_unstable_by_key(|(id, _)| *id);
        for (at, (person, act)) in of.into_iter().enumerate() {
            let event = |kind: &str, name: [&str; 3]| CivilEventRow {
                event: format!("late-{at}"),
                person,
                kind: kind.to_owned(),
                date: self.day,
                act: format!("№ {at}"),
                surname: name[0].to_owned(),
                given: name[1].to_owned(),
                patronymic: name[2].to_owned(),
            };
            match act {
                Act::Death => writer.push(&event("death", [""; 3]))?,
                Act::CitizenshipLoss => writer.push(&event("citizenship_loss", [""; 3]))?,
                Act::NameChange => writer.push(&event("name_change", ["", "", ""]))?,
                Act::Passport => writer.push(&DocumentRow {
                    number: DocumentNumber::parse(&format!("ID{:07}", 9_000_000 + at))?,
                    person,
                    issued: self.day,
                    expires: None,
                    status: "valid".to_owned(),
                })?,
                Act::Enrolment => writer.push(&EnrolmentRow {
                    enrolment: format!("late-{at}"),
                    person,
                    captured: self.day,
                    processed: Some(self.day),
                    region: "osh".to_owned(),
                })?,
                Act::Form2 => writer.push(&ClaimRow {
                    claim: format!("late-{at}"),
                    kind: "form2".to_owned(),
                    person: Some(person),
                    filed: Instant::at_local(self.day, 600, self.law.election.offset_minutes),
                    target: precinct,
                    field: String::new(),
                    value: String::new(),
                    identified: true,
                })?,
                Act::Birth | Act::Move | Act::PinCorrection | Act::BirthDate => {}
            }
        }
        Ok(())
    }
}

/// Another surname.
fn changed(name: &CivilName) -> anyhow::Result<CivilName> {
    Ok(CivilName::parse(NameParts {
        surname: "Жаңыбаев",
        given: name.given(),
        patronymic: name.patronymic(),
    })?)
}
