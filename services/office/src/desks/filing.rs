//! Filing a claim in one pass: the person, where they stand, what they want, what the law says to it, the receipt.

use lexicon::handover::snapshot::PrecinctRow;
use lexicon::{ClaimOutcome, PersonId, Pin, PrecinctCode, Purpose};
use register::ClaimKind;
use register::door::rows::Claim;
use roll::claim::CANCEL;
use roll::filing::{Applicant, Draft, answered_by, foresee};
use store::{Filing, ListPlace, PersonPage, StoreError};

use super::persons::open;
use crate::address_book::SoughtHouse;
use crate::pages::filing::{self, Form, Heard, Place, Wanted};
use crate::pages::person::Opened;
use crate::visit::{Answer, Answered, Problem, Visit};

/// Most precincts that a search by words of their own address shows.
const FOUND_MAX: usize = 12;

/// A look at the applicant recorded within this time stands for the looks of the form while it is filled in,
/// microseconds.
const LOOK_STANDS_MICROS: i64 = 900_000_000;

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
        wanted: visit.field("wanted").trim().chars().take(160).collect(),
        chosen: visit.field("chosen").parse().ok(),
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
    let opened = Opened::of(visit, &page);
    let mut form = typed(visit);
    if let Some(kind) = visit.asked("kind") {
        form.kind = ClaimKind::from_code(kind).ok_or(Problem::Unreadable)?;
    }
    Ok(Answer::Page(filing::page(
        visit,
        &opened,
        &form,
        &Heard::Nothing,
        &Wanted::Nothing,
    )))
}

/// The precinct that is wanted: by number, by the house of the register that the words mean, or by words of the precinct's
/// own address.
///
/// A house is taken only when the words mean it without doubt; otherwise the clerk chooses.
fn seek(visit: &Visit<'_>, form: &Form) -> Result<Wanted, Problem> {
    if form.kind != ClaimKind::Form2 || form.cancels || form.wanted.is_empty() {
        return Ok(Wanted::Nothing);
    }
    let store = &visit.office.store;
    let of = |code: PrecinctCode| store.read("precinct", |tx| tx.find_precinct(code));
    let place = |precinct, house| Place { precinct, house };
    if let Ok(number) = form.wanted.parse::<PrecinctCode>() {
        let found = of(number)?;
        return Ok(found.map_or(Wanted::Unknown(None), |row| Wanted::One(place(row, None))));
    }
    // What was chosen for other words counts no more.
    let is_for_these = visit.field("chosen_for").trim() == form.wanted;
    if let Some(code) = form.chosen.filter(|_| is_for_these)
        && let Some(row) = of(code)?
    {
        return Ok(Wanted::One(place(row, None)));
    }
    let (doubt, houses) = match visit.office.address_book()?.seek(store, &form.wanted)? {
        SoughtHouse::One(house) => {
            let row = house.precinct.map(of).transpose()?.flatten();
            return Ok(match row {
                Some(row) => Wanted::One(place(row, Some(house.row))),
                None => Wanted::NoPrecinct(house.row),
            });
        }
        SoughtHouse::Doubt(doubt, houses) => (doubt, houses),
    };
    let rows = store.read("precincts", |tx| tx.snapshot_precincts())?;
    let mut choices: Vec<Place> = Vec::new();
    for house in houses {
        let row = rows.iter().find(|row| Some(row.precinct) == house.precinct);
        if let Some(row) = row {
            choices.push(place(row.clone(), Some(house.row)));
        }
    }
    let own = by_own_address(rows, &form.wanted);
    // Words that one polling place alone answers, and no house nearly does, name it.
    if let ([], [only]) = (&choices[..], &own[..]) {
        return Ok(Wanted::One(only.clone()));
    }
    choices.extend(own);
    choices.truncate(FOUND_MAX);
    Ok(if choices.is_empty() {
        Wanted::Unknown(Some(doubt))
    } else {
        Wanted::Choose(doubt, choices)
    })
}

/// Precincts whose own address has all the words, in either language.
fn by_own_address(mut rows: Vec<PrecinctRow>, wanted: &str) -> Vec<Place> {
    let words: Vec<String> = wanted.split_whitespace().map(str::to_lowercase).collect();
    rows.retain(|row| {
        [&row.address_ky, &row.address_ru].iter().any(|address| {
            let address = address.to_lowercase();
            words.iter().all(|word| address.contains(word))
        })
    });
    let places = rows.into_iter().map(|precinct| Place {
        precinct,
        house: None,
    });
    places.collect()
}

/// What is known of the applicant, and the PIN that the claim carries.
fn applicant<'a>(
    visit: &Visit<'_>,
    page: &PersonPage,
    form: &Form,
    wanted: &'a Wanted,
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
    let target_kind = wanted.precinct().map(|row| row.kind.as_str());
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

/// The applicant's page for an act of the form.
fn opened(visit: &Visit<'_>) -> Result<PersonPage, Problem> {
    if visit.field("do") != "look" {
        return open(visit);
    }
    // The form asks again at each pause of the clerk's hand: one look, not ten.
    let person: PersonId = visit.parsed("person")?;
    let since = visit.office.now().plus_micros(-LOOK_STANDS_MICROS);
    let look = visit.look();
    let store = &visit.office.store;
    let stands = store.read("has_looked", |tx| tx.has_looked(look.staff, person, since))?;
    if !stands {
        return open(visit);
    }
    let found = store.open_person_again(look, person, since)?;
    found.ok_or(Problem::NotFound)
}

pub(crate) fn act(visit: &Visit<'_>) -> Answered {
    let page = opened(visit)?;
    let form = typed(visit);
    let is_form2 = form.kind == ClaimKind::Form2;
    let wanted = seek(visit, &form)?;
    let (known, pin) = applicant(visit, &page, &form, &wanted)?;
    let opened = Opened::of(visit, &page);
    let is_look = visit.field("do") == "look";
    let target = wanted.precinct().map(|row| row.precinct);
    // Several places answer the words: the clerk chooses before anything is judged. Nothing is judged either while the
    // field is empty and the hand is still on the form.
    let is_empty = is_form2 && !form.cancels && form.wanted.is_empty();
    let early = match &wanted {
        Wanted::Choose(..) => Some(Heard::Choose),
        Wanted::NoPrecinct(_) => Some(Heard::NoPrecinct),
        Wanted::Nothing if is_look && is_empty => Some(Heard::Nothing),
        Wanted::Nothing | Wanted::One(_) | Wanted::Unknown(_) => None,
    };
    if let Some(heard) = early {
        let shown = filing::page(visit, &opened, &form, &heard, &wanted);
        return Ok(Answer::page(shown, !is_look));
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
        // The last step of the form: until the clerk files, its absence is no refusal.
        identified: form.identified || is_look,
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
    let is_wrong = matches!(outcome, Heard::Refused(_)) && !is_look;
    let shown = filing::page(visit, &opened, &form, &outcome, &wanted);
    Ok(Answer::page(shown, is_wrong))
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
