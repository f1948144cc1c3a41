//! Filing a claim in one pass: the person, where they stand, what they want, what the law says to it, the receipt.

use lexicon::handover::snapshot::PrecinctRow;
use lexicon::{ClaimOutcome, Pin, PrecinctCode, Purpose};
use register::ClaimKind;
use register::door::rows::Claim;
use roll::claim::CANCEL;
use roll::filing::{Applicant, Draft, answered_by, foresee};
use store::{Filing, ListPlace, PersonPage, StoreError};

use super::persons::open;
use crate::pages::filing::{self, Form, Heard};
use crate::pages::person::Opened;
use crate::visit::{Answer, Answered, Problem, Visit};

/// Most precincts that a search by address shows.
const FOUND_MAX: usize = 12;

/// Bytes of the random key of a form.
const KEY_BYTES: usize = 16;

/// What was typed, as it stands in the form.
fn typed(visit: &Visit<'_>) -> Form {
    let key = match visit.field("form") {
        "" => crate::serve::hex(&keys::random::<KEY_BYTES>()),
        kept => kept.chars().take(2 * KEY_BYTES).collect(),
    };
    Form {
        key,
        kind: ClaimKind::from_code(visit.field("kind")).unwrap_or(ClaimKind::Form2),
        wanted: visit.field("wanted").trim().chars().take(80).collect(),
        category: visit.field("category").trim().chars().take(40).collect(),
        field: visit.field("field").to_owned(),
        value: visit.field("value").trim().chars().take(120).collect(),
        identified: visit.field("identified") == "1",
        phone: visit.field("phone").trim().chars().take(30).collect(),
        cancels: visit.field("cancels") == "1",
    }
}

pub(crate) fn ask(visit: &Visit<'_>) -> Answered {
    let page = open(visit)?;
    let found = Vec::new();
    let opened = Opened::of(visit, &page);
    Ok(Answer::Page(filing::page(
        visit,
        &opened,
        &typed(visit),
        &Heard::Nothing,
        &found,
    )))
}

/// Precincts by number, or by words of their address in either language.
fn precincts(visit: &Visit<'_>, wanted: &str) -> Result<Vec<PrecinctRow>, Problem> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let number: Option<PrecinctCode> = wanted.parse().ok();
    let words: Vec<String> = wanted.split_whitespace().map(str::to_lowercase).collect();
    let mut found = visit
        .office
        .store
        .read("precincts", |tx| tx.snapshot_precincts())?;
    found.retain(|row| match number {
        Some(number) => row.precinct == number,
        None => [&row.address_ky, &row.address_ru].iter().any(|address| {
            let address = address.to_lowercase();
            words.iter().all(|word| address.contains(word))
        }),
    });
    found.truncate(FOUND_MAX);
    Ok(found)
}

/// What is known of the applicant, and the PIN that the claim carries.
fn applicant<'a>(
    visit: &Visit<'_>,
    page: &PersonPage,
    form: &Form,
    found: &'a [PrecinctRow],
) -> Result<(Applicant<'a>, Option<Pin>), StoreError> {
    let state = page.state.open(Purpose::Serve);
    let pin = state.pin().map(|claim| claim.pin);
    let decision = page.decisions.last().map(|(_, decision)| decision);
    let (mut listed, mut excluded, mut home) = (None, None, None);
    if let Some(decision) = decision {
        match decision.place {
            ListPlace::Listed { precinct, .. } => {
                listed = Some(precinct);
                // A list place that rests on an address is the person's own precinct.
                home = Some(precinct).filter(|_| !decision.evidence.starts_with("claims/"));
            }
            ListPlace::Excluded(reason) => excluded = Some(reason),
        }
    }
    let (form2, has_address) = visit.office.store.read("applicant", |tx| {
        let form2 = match pin {
            Some(pin) => tx.last_form2(pin)?,
            None => None,
        };
        let is_address = form.field == "address" && tx.find_address(&form.value)?.is_some();
        Ok::<_, StoreError>((form2, is_address))
    })?;
    let target_kind = match found {
        [only] => Some(only.kind.as_str()),
        _ => None,
    };
    let known = Applicant {
        is_certain: pin.is_some() && !page.pin_conflict,
        listed,
        excluded,
        home,
        has_form2: form2.is_some_and(|claim| claim.target.is_some()),
        target_kind,
        has_address,
    };
    Ok((known, pin))
}

pub(crate) fn act(visit: &Visit<'_>) -> Answered {
    let page = open(visit)?;
    let form = typed(visit);
    let is_form2 = form.kind == ClaimKind::Form2;
    let found = if is_form2 && !form.cancels {
        precincts(visit, &form.wanted)?
    } else {
        Vec::new()
    };
    let (known, pin) = applicant(visit, &page, &form, &found)?;
    let opened = Opened::of(visit, &page);
    let target = match &found[..] {
        [only] if is_form2 => Some(only.precinct),
        [] | [_] | [_, _, ..] => None,
    };
    // More than one precinct answers the words: the clerk chooses before anything is judged.
    if found.len() > 1 {
        let heard = Heard::Choose;
        return Ok(Answer::Correct(filing::page(
            visit, &opened, &form, &heard, &found,
        )));
    }
    let value = match (is_form2, form.cancels) {
        (true, true) => CANCEL.to_owned(),
        (true, false) => form.category.clone(),
        (false, _) => form.value.clone(),
    };
    let at = visit.office.now();
    let field = if form.kind == ClaimKind::Correction {
        form.field.as_str()
    } else {
        ""
    };
    let draft = Draft {
        kind: form.kind,
        target,
        field,
        value: &value,
        identified: form.identified,
        at,
    };
    let judged = foresee(&visit.office.law, draft, known);
    let outcome = match (judged, pin) {
        (Ok(()), Some(pin)) if visit.field("do") == "file" => {
            let filing = Filing {
                form: form.key.clone(),
                person: page.person,
                claim: Claim {
                    claim: String::new(),
                    kind: form.kind,
                    pin,
                    filed: at,
                    target,
                    field: field.to_owned(),
                    value,
                    identified: form.identified,
                },
                due: answered_by(&visit.office.law, visit.date(at)),
            };
            let (receipt, is_new) = visit.office.store.file_claim(&visit.staff, &filing)?;
            // Only its mark is kept, for the alarm of mass transfer.
            if let Some(mark) = store::phone_mark(&form.phone).filter(|_| is_form2 && is_new) {
                let marks = [(receipt.claim.clone(), mark)];
                visit
                    .office
                    .store
                    .transact("claim_phone", &visit.staff, |tx| {
                        tx.record_claim_phones(&marks)
                    })?;
            }
            let again = if is_new { "" } else { "?again=1" };
            return Ok(Answer::Go(format!(
                "/claim/{}/receipt{again}",
                receipt.claim
            )));
        }
        (Ok(()), Some(_)) => Heard::Fine,
        (Ok(()), None) => Heard::Refused(ClaimOutcome::UnknownPerson),
        (Err(outcome), _) => Heard::Refused(outcome),
    };
    let shown = filing::page(visit, &opened, &form, &outcome, &found);
    Ok(match outcome {
        Heard::Refused(_) => Answer::Correct(shown),
        Heard::Nothing | Heard::Choose | Heard::Fine => Answer::Page(shown),
    })
}

pub(crate) fn receipt(visit: &Visit<'_>) -> Answered {
    let id = visit.part("claim")?;
    visit.within_budget()?;
    let found = visit.office.store.read("receipt", |tx| {
        Ok::<_, StoreError>((tx.find_receipt(id)?, tx.find_claim(id)?))
    })?;
    let (Some(receipt), Some(claim)) = found else {
        return Err(Problem::NotFound);
    };
    let persons = [receipt.person];
    let shown = visit
        .office
        .store
        .show_persons(visit.look(), "receipt", &persons)?;
    let again = visit.asked("again").is_some();
    Ok(Answer::Page(filing::receipt(
        visit,
        &receipt,
        &claim,
        shown.first(),
        again,
    )))
}
