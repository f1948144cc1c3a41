//! Sealed pictures of voters whom two officers identified: taken in with the journals that name them, opened by two people
//! of two institutions with a reason (S-17).

use std::collections::BTreeMap;

use lexicon::Instant;
use lexicon::handover::envelope::{decode, hex, peek1, sha256};
use lexicon::handover::event::{Event, Identified, event_subject, kind, unframe};
use lexicon::handover::picture::KeptPicture;
use store::{DayDocumentKind, Institution, PictureAct, PictureRow, PictureStep, StoreError, Tx};

/// How long an asking waits for the other institution.
const ASKED_MICROS: i64 = 24 * 3_600_000_000;
/// How long the two may look after it was allowed.
const OPEN_MICROS: i64 = 30 * 60_000_000;

/// Why a picture is opened.
pub(crate) const REASONS: [&str; 4] = ["court", "complaint", "incident", "audit"];

/// The act that names a picture.
pub(crate) struct Named {
    kit: [u8; 8],
    seq: u32,
    line: u32,
    taken: Instant,
}

/// Pictures that the kept journals of a precinct name, by hash. Their signatures were checked when they were kept.
///
/// # Errors
/// [`StoreError`].
pub(crate) fn named(
    tx: &mut Tx<'_>,
    precinct: u16,
    election: u32,
) -> Result<BTreeMap<[u8; 32], Named>, StoreError> {
    let mut all = BTreeMap::new();
    for document in tx.day_documents(precinct)? {
        if document.kind != DayDocumentKind::Journal {
            continue;
        }
        for signed in unframe(&document.bytes).events {
            let event = peek1(event_subject(election), signed).ok();
            let event: Option<Event> = event.and_then(|(_, payload)| decode(&payload).ok());
            let Some(event) = event.filter(|event| event.kind == kind::IDENTIFIED) else {
                continue;
            };
            let body: Option<Identified> = decode(&event.body).ok();
            let Some((body, picture)) = body.and_then(|body| {
                let picture = body.picture?;
                Some((body, picture))
            }) else {
                continue;
            };
            let act = Named {
                kit: *event.kit,
                seq: event.seq,
                line: body.line,
                taken: pollbook::Hlc(event.hlc).moment(),
            };
            all.insert(*picture, act);
        }
    }
    Ok(all)
}

/// The row of a picture that an act names: same kit, same line; none for any other file.
pub(crate) fn row_of(
    file: &[u8],
    named: &BTreeMap<[u8; 32], Named>,
    kit_name: impl Fn([u8; 8]) -> String,
) -> Option<PictureRow> {
    let kept = KeptPicture::read(file).ok()?;
    let hash = sha256(file);
    let act = named.get(&hash)?;
    let is_its_own = act.kit == *kept.kit && act.line == kept.line;
    is_its_own.then(|| PictureRow {
        sha256: hex(&hash),
        precinct: kept.precinct,
        kit: kit_name(act.kit),
        seq: act.seq,
        line: act.line,
        taken: act.taken,
    })
}

/// Where the opening of a picture stands for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// Nobody asks.
    Closed,
    /// The account asked and waits for the other institution.
    Waits,
    /// The other institution asked: the account may allow it.
    Asked,
    /// The account is one of the two, and may look until then.
    Open(Instant),
    /// Two others have it open.
    Others,
}

/// Where it stands now for an account of an institution.
pub(crate) fn standing(
    steps: &[PictureStep],
    staff: &str,
    of: Institution,
    now: Instant,
) -> Opening {
    let within = |at: Instant, micros: i64| now < at.plus_micros(micros);
    let acts = steps.iter().filter(|step| step.act != PictureAct::Looked);
    let mut acts = acts.rev();
    match (acts.next(), acts.next()) {
        (Some(allowed), Some(asked))
            if allowed.act == PictureAct::Allowed && within(allowed.at, OPEN_MICROS) =>
        {
            if allowed.staff == staff || asked.staff == staff {
                Opening::Open(allowed.at.plus_micros(OPEN_MICROS))
            } else {
                Opening::Others
            }
        }
        (Some(asked), _) if asked.act == PictureAct::Asked && within(asked.at, ASKED_MICROS) => {
            if asked.staff != staff && asked.institution != of {
                Opening::Asked
            } else {
                Opening::Waits
            }
        }
        _ => Opening::Closed,
    }
}

#[cfg(test)]
mod tests;
