//! Corrections that cannot become claims by themselves: a person opens one and decides.
//!
//! *Should not be on the list* is another's word; an address in words needs somebody who finds the house; a birth date that
//! makes a child would take a voter off the list. What was said is opened for the one decision and nowhere else.

use lexicon::handover::correction::{Correction, CorrectionKind, CorrectionText};
use lexicon::{ClaimOutcome, Instant, PersonId, Purpose};
use register::ClaimKind;
use register::door::rows::Claim;
use roll::filing::{Applicant, Draft, answered_by, foresee};
use store::{
    CorrectionDecision, Decided, Filing, Look, RehearsalCorrection, RehearsalKind, Store,
    StoreError, Tx,
};

use crate::place::last_place;

use super::{Claimed, Terms, claimed, halls, person_of};

/// A correction with what was decided about it.
pub struct Waiting {
    /// As it was received.
    pub row: RehearsalCorrection,
    /// Signed, what was said still sealed.
    pub correction: Correction,
    /// The last decision is the last one.
    pub decisions: Vec<CorrectionDecision>,
}

impl Waiting {
    /// Whether somebody still has to decide.
    #[must_use]
    pub fn waits(&self) -> bool {
        waits(&self.row, self.decisions.last().map(|last| &last.decided))
    }

    /// Whether a registrar was asked.
    #[must_use]
    pub fn is_with_registrar(&self) -> bool {
        let last = self.decisions.last().map(|last| &last.decided);
        last == Some(&Decided::Registrar)
    }
}

/// Whether a correction waits for a person, given the last decision about it.
#[must_use]
pub fn waits(row: &RehearsalCorrection, last: Option<&Decided>) -> bool {
    row.outcome == "review" && !last.is_some_and(Decided::is_final)
}

/// Reasons for which a person may refuse a correction; each has its sentence and next step among the country's.
pub const REFUSALS: [ClaimOutcome; 6] = [
    ClaimOutcome::AfterDeadline,
    ClaimOutcome::NoGround,
    ClaimOutcome::UnreadableValue,
    ClaimOutcome::AlreadySo,
    ClaimOutcome::UnknownPerson,
    ClaimOutcome::NotEligible,
];

/// What a correction may become: a code, the kind of claim, the field that it corrects.
pub const WISHES: [(&str, ClaimKind, &str); 6] = [
    ("exclusion", ClaimKind::Exclusion, ""),
    ("address", ClaimKind::Correction, "address"),
    ("born", ClaimKind::Correction, "born"),
    ("surname", ClaimKind::Correction, "surname"),
    ("given", ClaimKind::Correction, "given"),
    ("patronymic", ClaimKind::Correction, "patronymic"),
];

/// The wish that a correction's own kind suggests.
#[must_use]
pub fn suggested(kind: CorrectionKind) -> &'static str {
    match kind {
        CorrectionKind::Address => "address",
        CorrectionKind::Born => "born",
        CorrectionKind::Name => "surname",
        CorrectionKind::Extra | CorrectionKind::Missing => "exclusion",
    }
}

/// Finds a correction among the files that were handed in; its signature is checked again.
///
/// # Errors
/// [`StoreError`].
pub fn find(tx: &mut Tx<'_>, id: &str) -> Result<Option<Waiting>, StoreError> {
    let Some(row) = tx.find_rehearsal_correction(id)? else {
        return Ok(None);
    };
    let documents = tx.rehearsal_documents(row.day, row.precinct)?;
    let halls = halls(&documents);
    let lines = documents
        .iter()
        .filter(|document| document.kind == RehearsalKind::Corrections)
        .filter_map(|document| match claimed(&document.bytes) {
            Some(Claimed::Corrections { lines, .. }) => Some(lines),
            Some(Claimed::Manifest(_) | Claimed::Journal { .. }) | None => None,
        })
        .flatten();
    // A later package of the day leaves the corrections of the earlier one as they are.
    let judged = lines.filter_map(|line| {
        let mut known = halls.iter();
        known.find_map(|hall| hall.correction(row.day, &line).ok())
    });
    let Some(judged) = judged.into_iter().find(|judged| judged.id == row.id) else {
        return Ok(None);
    };
    let decisions = tx.decisions_of_correction(id)?;
    Ok(Some(Waiting {
        row,
        correction: judged.correction,
        decisions,
    }))
}

/// Whom it is about: the person of the line.
///
/// # Errors
/// [`StoreError`].
pub fn subject(
    store: &Store,
    terms: Terms<'_>,
    waiting: &Waiting,
    said: &CorrectionText,
) -> Result<Option<PersonId>, StoreError> {
    let at = Instant::from_micros(waiting.correction.at);
    let today = at.local_date(terms.law.election.offset_minutes);
    person_of(store, &waiting.correction, said, today)
}

/// Files what was said as the claim that a person made of it, under the moment at which it was said, and records that, at
/// once or not at all; `None` when somebody decided since this one was read.
///
/// # Errors
/// [`StoreError`]; the outcome that the claim would be certain to get is a value, and nothing was written then.
pub fn file(
    store: &Store,
    terms: Terms<'_>,
    look: Look<'_>,
    waiting: &Waiting,
    said: &CorrectionText,
    (wish, value): (&str, &str),
) -> Result<Result<Option<String>, ClaimOutcome>, StoreError> {
    let wanted = WISHES.iter().find(|(code, ..)| *code == wish);
    let Some((_, kind, field)) = wanted.copied() else {
        return Ok(Err(ClaimOutcome::UnreadableValue));
    };
    // Another's word that somebody is no voter corrects nothing of that person's.
    if waiting.correction.kind == CorrectionKind::Extra && kind != ClaimKind::Exclusion {
        return Ok(Err(ClaimOutcome::NoGround));
    }
    let Some(person) = subject(store, terms, waiting, said)? else {
        return Ok(Err(ClaimOutcome::UnknownPerson));
    };
    let Some(page) = store.open_person(look, person)? else {
        return Ok(Err(ClaimOutcome::UnknownPerson));
    };
    let Some(pin) = page.state.open(Purpose::Serve).pin().map(|known| known.pin) else {
        return Ok(Err(ClaimOutcome::UnknownPerson));
    };
    let (listed, excluded) = last_place(&page);
    let has_address = field == "address"
        && store.read("address", |tx| {
            Ok::<_, StoreError>(tx.find_address(value)?.is_some())
        })?;
    let at = Instant::from_micros(waiting.correction.at);
    // Said in time and decided too late, it comes after the last day: nothing enters the list under an earlier one.
    if super::is_late(store, terms.law, kind)? {
        return Ok(Err(ClaimOutcome::AfterDeadline));
    }
    let value = if kind == ClaimKind::Exclusion {
        ""
    } else {
        value
    };
    let draft = Draft {
        kind,
        target: None,
        field,
        value,
        identified: true,
        at,
    };
    let known = Applicant {
        is_certain: !page.pin_conflict,
        listed,
        excluded,
        home: None,
        has_form2: false,
        target_kind: None,
        has_address,
    };
    if let Err(outcome) = foresee(terms.law, draft, known) {
        return Ok(Err(outcome));
    }
    let filing = Filing {
        series: store::OWN_SERIES.to_owned(),
        form: format!("rehearsal {}", waiting.row.id),
        person,
        claim: Claim {
            claim: String::new(),
            kind,
            pin,
            filed: at,
            target: None,
            field: field.to_owned(),
            value: value.to_owned(),
            identified: true,
        },
        due: answered_by(terms.law, at.local_date(terms.law.election.offset_minutes)),
    };
    let filed = store.transact("decide_correction", look.staff, |tx| {
        let id = &waiting.row.id;
        if tx.decisions_of_correction(id)?.len() != waiting.decisions.len() {
            return Ok::<_, StoreError>(None);
        }
        let (receipt, _) = tx.file_claim(look.staff, &filing, true)?;
        let decided = Decided::Claim(receipt.claim.clone());
        tx.decide_correction(id, &decided, look.staff)?;
        Ok(Some(receipt.claim))
    })?;
    Ok(Ok(filed))
}

/// Records a decision; false when somebody decided since this one was read.
///
/// # Errors
/// [`StoreError`].
pub fn decide(
    store: &Store,
    staff: &str,
    waiting: &Waiting,
    decided: &Decided,
) -> Result<bool, StoreError> {
    store.transact("decide_correction", staff, |tx| {
        let id = &waiting.row.id;
        if tx.decisions_of_correction(id)?.len() != waiting.decisions.len() {
            return Ok(false);
        }
        tx.decide_correction(id, decided, staff)
    })
}
