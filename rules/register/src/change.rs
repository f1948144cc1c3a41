//! What a row is that was imported before and now says something else: an act, or nothing lawful.
//!
//! A folder that comes a month later holds every row anew. Where a row says something else, one of the
//! functions here holds it against what the register knows: the answer is the [`Act`] that leads from the one to
//! the other, none where both say the same, or [`Unlawful`] with what to send instead. Nothing here forgets what
//! was: an act names both.

use std::collections::BTreeSet;

use lexicon::handover::snapshot::{AddressRow, PrecinctRow, SecondAddressRow};
use lexicon::{CivilName, Date, PersonId, Pin};

use crate::act::{Act, Correction, Document, Enrolment, Entry, PinClaim, Premises, Residence};
use crate::door::rows::{CorrectionRow, Person};
use crate::state::fold;
use crate::words::{CivilEventKind, DocumentStatus};

/// Why a changed row is no lawful act, and what to send instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unlawful {
    /// Rows of this table are what was received once.
    #[error("a correction is a new act: send it as a row of its own")]
    Row,
    /// A document's holder, days and number.
    #[error("holder and days of a document never change: send the document that replaced it")]
    DocumentFixed,
    /// A document that is lost, exchanged or otherwise not valid.
    #[error(
        "what is no longer valid does not become valid again: send the document issued instead"
    )]
    DocumentEnded,
    /// The day of the change.
    #[error("the change lies before the one that is known: send the day from which it holds")]
    TooEarly,
    /// A residence that has ended.
    #[error("an end that is known does not move: send a new residence with its own first day")]
    ResidenceEnded,
    /// Who was captured, when and where.
    #[error("who was captured, when and where never changes: send a new capture")]
    CaptureFixed,
    /// The day on which a duplicate check ended.
    #[error("the end of a duplicate check does not move: ask the office which day holds")]
    AlreadyProcessed,
    /// Name or birth date.
    #[error(
        "a name or a birth date changes by an act: send it in civil_events (name_change, correction)"
    )]
    NeedsCivilAct,
    /// Sex or citizenship.
    #[error(
        "sex and citizenship do not change by a row: send citizenship_loss in civil_events, or ask the office"
    )]
    PersonFixed,
    /// The PIN of somebody who has one.
    #[error(
        "a PIN changes by the answer of the agency that issued it: work the PIN conflict in the office"
    )]
    PinFixed,
    /// Kind, region or place of a precinct.
    #[error("kind, region and place of a precinct never change: send a precinct with a new number")]
    PrecinctFixed,
    /// A house.
    #[error("place, street and number of a house never change: send a house with a new id")]
    HouseFixed,
    /// A street's name that has ended.
    #[error("an end that is known does not move: send the name again with its own first day")]
    NameEnded,
}

/// What the register knows of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownDocument {
    /// Whose it is.
    pub person: PersonId,
    /// With the status in force.
    pub document: Document,
    /// The day from which that status holds; the day of issue while it never changed.
    pub since: Date,
}

/// A document that is something else now. `from` is the day from which it is.
///
/// # Errors
/// [`Unlawful`] when more than the status differs, when an ended document would be valid again, or when the day lies
/// before the last change.
pub fn document(
    known: &KnownDocument,
    person: PersonId,
    row: &Document,
    from: Date,
) -> Result<Option<Act>, Unlawful> {
    let Document {
        number,
        issued,
        expires,
        status,
    } = row;
    let same = known.person == person
        && known.document.number == *number
        && known.document.issued == *issued
        && known.document.expires == *expires;
    if !same {
        return Err(Unlawful::DocumentFixed);
    }
    let before = known.document.status;
    if before == *status {
        return Ok(None);
    }
    if !may_follow(before, *status) {
        return Err(Unlawful::DocumentEnded);
    }
    if from < known.since {
        return Err(Unlawful::TooEarly);
    }
    Ok(Some(Act::DocumentStatusChanged {
        number: number.clone(),
        before,
        status: *status,
        from,
    }))
}

/// What may become of a document: what ended never becomes valid again, and only its end may be told more exactly.
fn may_follow(before: DocumentStatus, after: DocumentStatus) -> bool {
    use DocumentStatus::{Exchanged, Expired, Invalid, Lost, Stolen, Valid, Withdrawn};
    match (before, after) {
        (Valid, Invalid | Lost | Stolen | Exchanged | Expired | Withdrawn)
        | (Lost, Stolen)
        | (Invalid | Lost | Stolen | Expired, Exchanged | Withdrawn) => true,
        (_, Valid | Invalid | Lost | Stolen | Exchanged | Expired | Withdrawn) => false,
    }
}

/// A residence or stay that has an end now; `known` has the same person, address, kind and first day.
///
/// # Errors
/// [`Unlawful::ResidenceEnded`] when it ended on another day, or would go on.
pub fn residence(known: &Residence, row: &Residence) -> Result<Option<Act>, Unlawful> {
    match (known.until, row.until) {
        (before, after) if before == after => Ok(None),
        (None, Some(until)) => Ok(Some(Act::ResidenceEnded {
            address: row.address.clone(),
            kind: row.kind,
            from: row.from,
            until,
        })),
        (Some(_), _) | (None, None) => Err(Unlawful::ResidenceEnded),
    }
}

/// A capture whose duplicate check has ended; `known` and `row` with the person of each.
///
/// # Errors
/// [`Unlawful`] when the capture itself differs, or its check ended on another day.
pub fn enrolment(
    known: (PersonId, &Enrolment),
    row: (PersonId, &Enrolment),
) -> Result<Option<Act>, Unlawful> {
    let fixed = |(person, e): (PersonId, &Enrolment)| {
        let kit = (e.kit.clone(), e.operator.clone());
        (person, e.enrolment.clone(), e.captured, e.region, kit)
    };
    if fixed(known) != fixed(row) {
        return Err(Unlawful::CaptureFixed);
    }
    match (known.1.processed, row.1.processed) {
        (None, Some(on)) => Ok(Some(Act::Processed {
            enrolment: row.1.enrolment.clone(),
            on,
        })),
        // The office finished the check before the source knew of it.
        (before, after) if before == after || after.is_none() => Ok(None),
        (Some(_) | None, _) => Err(Unlawful::AlreadyProcessed),
    }
}

/// A person's row, held against all their acts: what civil acts explain is nothing new, and who had no PIN gets one.
///
/// `from` is the day from which the PIN is claimed, `source` who says so.
///
/// # Errors
/// [`Unlawful`] for a name or birth date without an act, for sex and citizenship, and for another PIN.
pub fn person(
    person: PersonId,
    entries: &[Entry],
    row: &Person,
    from: Date,
    source: &str,
) -> Result<Option<Act>, Unlawful> {
    let state = fold(person, entries);
    let Some((sex, born, citizenship)) = &state.recorded else {
        return Err(Unlawful::Row);
    };
    let lost = CivilEventKind::CitizenshipLoss;
    let explained =
        *citizenship == row.citizenship || state.events.iter().any(|event| event.kind == lost);
    if *sex != row.sex || !explained {
        return Err(Unlawful::PersonFixed);
    }
    // A source may go on writing the name of birth beside the act that changed it.
    if *born != row.born || !state.names.iter().any(|(_, name)| *name == row.name) {
        return Err(Unlawful::NeedsCivilAct);
    }
    let claimed: BTreeSet<Pin> = entries
        .iter()
        .filter_map(|entry| pin_of(&entry.act))
        .collect();
    match row.pin {
        Some(pin) if claimed.is_empty() => Ok(Some(Act::PinClaimed(PinClaim {
            pin,
            source: source.to_owned(),
            from: Some(from),
            until: None,
        }))),
        Some(pin) if claimed.contains(&pin) => Ok(None),
        None if claimed.is_empty() => Ok(None),
        Some(_) | None => Err(Unlawful::PinFixed),
    }
}

/// The PIN that an act claims for its person, if it claims one.
fn pin_of(act: &Act) -> Option<Pin> {
    if let Act::Recorded { pin, .. } = act {
        return pin.as_ref().map(|claim| claim.pin);
    }
    if let Act::PinClaimed(claim) = act {
        return Some(claim.pin);
    }
    None
}

/// A correction of the civil registry, held against the record: each pair is what stood and what stands now. A value
/// that the record has already is no pair; the act stands all the same.
#[must_use]
pub fn correction(person: PersonId, entries: &[Entry], row: &CorrectionRow) -> Correction {
    let state = fold(person, entries);
    let born = state.recorded.as_ref().map(|(_, born, _)| *born);
    let since_birth = |(from, _): &&(Option<Date>, CivilName)| from.is_none();
    let name = state.names.iter().rev().find(since_birth);
    Correction {
        event: row.event.clone(),
        day: row.day,
        act_number: row.act_number.clone(),
        born: born.zip(row.born).filter(|(before, after)| before != after),
        name: name
            .map(|(_, name)| name.clone())
            .zip(row.name.clone())
            .filter(|(before, after)| before != after),
    }
}

/// A house whose street is called otherwise now; none when it says what is known. `known` prints the name in force.
///
/// # Errors
/// [`Unlawful::HouseFixed`] when more than the street's name differs.
pub fn house(known: &AddressRow, row: &AddressRow) -> Result<Option<String>, Unlawful> {
    renamed(known, row, |row| &mut row.street_name)
}

/// The same of a building's second address.
///
/// # Errors
/// As [`house`].
pub fn second_address(
    known: &SecondAddressRow,
    row: &SecondAddressRow,
) -> Result<Option<String>, Unlawful> {
    renamed(known, row, |row| &mut row.street_name)
}

/// What the street of a row is called now, if nothing else of the row differs.
fn renamed<R: Clone + PartialEq>(
    known: &R,
    row: &R,
    name: fn(&mut R) -> &mut String,
) -> Result<Option<String>, Unlawful> {
    let (mut before, mut after) = (known.clone(), row.clone());
    let (old, new) = (
        std::mem::take(name(&mut before)),
        std::mem::take(name(&mut after)),
    );
    if before != after {
        return Err(Unlawful::HouseFixed);
    }
    Ok((old != new).then_some(new))
}

/// A precinct whose polling station is elsewhere now. `since` is the day from which the known place holds, if it moved
/// before; `from` the day from which the new one does.
///
/// # Errors
/// [`Unlawful`] when more than the premises differs, or when the day lies before the last move.
pub fn precinct(
    known: &PrecinctRow,
    since: Option<Date>,
    row: &PrecinctRow,
    from: Date,
) -> Result<Option<Act>, Unlawful> {
    let premises = |p: &PrecinctRow| Premises {
        address_ky: p.address_ky.clone(),
        address_ru: p.address_ru.clone(),
        lon_microdegrees: p.lon_microdegrees,
        lat_microdegrees: p.lat_microdegrees,
    };
    if (&known.kind, &known.region, known.soate) != (&row.kind, &row.region, row.soate) {
        return Err(Unlawful::PrecinctFixed);
    }
    let (before, after) = (premises(known), premises(row));
    if before == after {
        return Ok(None);
    }
    if since.is_some_and(|since| from < since) {
        return Err(Unlawful::TooEarly);
    }
    Ok(Some(Act::PremisesMoved {
        precinct: row.precinct,
        from,
        before,
        after,
    }))
}

#[cfg(test)]
mod tests;
