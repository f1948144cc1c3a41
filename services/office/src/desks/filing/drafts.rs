//! Drafts: a form that was begun and not filed waits for the clerk who began it, on whatever machine they come back.

use lexicon::{Instant, PersonId, Purpose, Sealed};
use register::ClaimKind;
use serde::{Deserialize, Serialize};
use store::{ClaimDraft, Hit, StoreError};

use crate::pages::filing::Form;
use crate::visit::Visit;

/// A draft that nobody came back to within this time goes, microseconds: a week.
const KEPT_MICROS: i64 = 7 * 86_400_000_000;

/// What of a form is kept. Not that the applicant was identified: who continues sees them anew. Nor the telephone: the
/// form promises that no number is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    kind: String,
    wanted: String,
    chosen: Option<String>,
    category: String,
    field: String,
    value: String,
    cancels: bool,
}

/// A draft in the queue.
pub(crate) struct Begun {
    pub person: Hit,
    pub kind: ClaimKind,
    pub wanted: String,
    pub saved_at: Instant,
}

fn kept_since(visit: &Visit<'_>) -> Instant {
    visit.office.now().plus_micros(-KEPT_MICROS)
}

fn read(draft: &ClaimDraft) -> Option<Form> {
    let kept: Kept = serde_json::from_str(draft.fields.open(Purpose::Serve)).ok()?;
    Some(Form {
        key: draft.form.clone(),
        kind: ClaimKind::from_code(&kept.kind)?,
        wanted: kept.wanted,
        chosen: kept.chosen.and_then(|code| code.parse().ok()),
        category: kept.category,
        field: kept.field,
        value: kept.value,
        identified: false,
        phone: String::new(),
        cancels: kept.cancels,
    })
}

/// Keeps what was typed about a person; nothing typed is no draft.
pub(super) fn keep(visit: &Visit<'_>, person: PersonId, form: &Form) -> Result<(), StoreError> {
    let is_begun = form.cancels || !form.wanted.is_empty() || !form.value.is_empty();
    if !is_begun {
        return forget(visit, person);
    }
    let kept = Kept {
        kind: form.kind.code().to_owned(),
        wanted: form.wanted.clone(),
        chosen: form.chosen.map(|code| code.to_string()),
        category: form.category.clone(),
        field: form.field.clone(),
        value: form.value.clone(),
        cancels: form.cancels,
    };
    let fields = serde_json::to_string(&kept).expect("texts are JSON");
    let draft = ClaimDraft {
        person,
        form: form.key.clone(),
        fields: Sealed::new(fields),
        saved_at: visit.office.now(),
    };
    let since = kept_since(visit);
    let staff = &visit.staff;
    visit
        .office
        .store
        .transact("keep_claim_draft", staff, |tx| {
            tx.keep_claim_draft(staff, &draft, since)
        })
}

/// Lets the draft about a person go.
pub(super) fn forget(visit: &Visit<'_>, person: PersonId) -> Result<(), StoreError> {
    let staff = &visit.staff;
    let is_there = find(visit, person)?.is_some();
    if !is_there {
        return Ok(());
    }
    visit
        .office
        .store
        .transact("drop_claim_draft", staff, |tx| {
            tx.drop_claim_draft(staff, person)
        })
}

/// What this clerk began about a person, and when.
pub(super) fn find(
    visit: &Visit<'_>,
    person: PersonId,
) -> Result<Option<(Form, Instant)>, StoreError> {
    let since = kept_since(visit);
    let found = visit.office.store.read("claim_draft", |tx| {
        tx.find_claim_draft(&visit.staff, person, since)
    })?;
    Ok(found.and_then(|draft| Some((read(&draft)?, draft.saved_at))))
}

/// Everything that this clerk began, the latest first; their names are a look.
pub(crate) fn begun(visit: &Visit<'_>) -> Result<Vec<Begun>, StoreError> {
    let since = kept_since(visit);
    let drafts = visit
        .office
        .store
        .read("claim_drafts", |tx| tx.claim_drafts(&visit.staff, since))?;
    if drafts.is_empty() {
        return Ok(Vec::new());
    }
    let persons: Vec<PersonId> = drafts.iter().map(|draft| draft.person).collect();
    let hits = visit
        .office
        .store
        .show_persons(visit.look(), "claim drafts", &persons)?;
    let mut begun = Vec::new();
    for hit in hits {
        let draft = drafts.iter().find(|draft| draft.person == hit.person);
        if let Some((form, saved_at)) = draft.and_then(|d| Some((read(d)?, d.saved_at))) {
            begun.push(Begun {
                person: hit,
                kind: form.kind,
                wanted: form.wanted,
                saved_at,
            });
        }
    }
    Ok(begun)
}
