//! Filing a claim in one pass: the person, where they stand, what they want, what the law says to it, the receipt.

use lexicon::handover::snapshot::PrecinctRow;
use lexicon::{ClaimOutcome, PersonId, Pin, PrecinctCode, Purpose};
use register::ClaimKind;
use register::door::rows::Claim;
use roll::boundary::Point;
use roll::claim::CANCEL;
use roll::filing::{Applicant, Draft, answered_by, foresee};
use store::{Filing, ListPlace, PersonPage, StoreError};

use super::persons::open;
use crate::address_book::{FoundHouse, SoughtHouse};
use crate::boundaries::micro;
use crate::pages::filing::{self, Form, Heard, Map, Place, Shown, Wanted};
use crate::pages::person::Opened;
use crate::visit::{Answer, Answered, Problem, Visit};

pub(crate) mod drafts;

/// Most precincts that a search by words of their own address shows.
const FOUND_MAX: usize = 12;

/// A look at the applicant recorded within this time stands for the looks of the form while it is filled in,
/// microseconds.
const LOOK_STANDS_MICROS: i64 = 900_000_000;

/// Bytes of the random key of a form.
const KEY_BYTES: usize = 16;

/// How far around the middle of its map houses are drawn, microdegrees, and how many at most.
const HOUSES_AROUND: u32 = 20_000;
const HOUSES_MAX: usize = 2_000;

/// A house this near to a place of the map is the one that was meant, when no other is nearly as near; metres.
const POINTED_METRES: u32 = 25;

/// What was typed, as it stands in the form.
fn typed(visit: &Visit<'_>) -> Form {
    let key = match visit.field("form") {
        "" => crate::serve::hex(&keys::random::<KEY_BYTES>()),
        kept => kept.chars().take(2 * KEY_BYTES).collect(),
    };
    let wanted: String = visit.field("wanted").trim().chars().take(160).collect();
    // What was chosen for other words counts no more.
    let is_for_these = visit.field("chosen_for").trim() == wanted;
    let chosen = visit.field("chosen").parse().ok();
    Form {
        key,
        kind: ClaimKind::from_code(visit.field("kind")).unwrap_or(ClaimKind::Form2),
        chosen: chosen.filter(|_| is_for_these),
        wanted,
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
    } else if let Some((begun, saved_at)) = drafts::find(visit, page.person)? {
        let judged = judge(visit, &page, &begun, true)?;
        let shown = Shown {
            form: &begun,
            heard: &judged.heard,
            wanted: &judged.wanted,
            house: judged.house.as_ref(),
            map: map(visit, &page, &judged.wanted)?,
            begun: Some(saved_at),
        };
        return Ok(Answer::Page(filing::page(visit, &opened, &shown)));
    }
    let shown = Shown {
        form: &form,
        heard: &Heard::Nothing,
        wanted: &Wanted::Nothing,
        house: None,
        map: map(visit, &page, &Wanted::Nothing)?,
        begun: None,
    };
    Ok(Answer::Page(filing::page(visit, &opened, &shown)))
}

/// `42.871200, 74.591500`: latitude and longitude, as the map writes them.
fn pointed(text: &str) -> Option<Point> {
    let mut parts = text
        .split([',', ' '])
        .filter(|part| !part.is_empty())
        .map(|part| part.contains('.').then(|| part.parse::<f64>().ok())?);
    let (lat, lon) = (parts.next()??, parts.next()??);
    let is_earth = lat.abs() <= 90.0 && lon.abs() <= 180.0 && parts.next().is_none();
    is_earth.then(|| Point {
        lon: micro(lon),
        lat: micro(lat),
    })
}

/// What the map shows around the precinct wanted, or the applicant's own.
fn map(visit: &Visit<'_>, page: &PersonPage, wanted: &Wanted) -> Result<Option<Map>, Problem> {
    let rows = visit
        .office
        .store
        .read("precincts", |tx| tx.snapshot_precincts())?;
    let (own, _) = crate::place::last_place(page);
    let target = wanted.precinct().map(|row| row.precinct).or(own);
    let middle = rows.iter().find(|row| Some(row.precinct) == target);
    let Some(middle) = middle.or(rows.first()) else {
        return Ok(None);
    };
    let centre = [middle.lon_microdegrees, middle.lat_microdegrees];
    let territory = visit.office.territories().get(&visit.office.store)?;
    let book = visit.office.address_book()?;
    let houses = book.points_around(centre, HOUSES_AROUND, HOUSES_MAX);
    Ok(Some(Map::around(centre, &rows, &territory, houses)))
}

/// The precinct that is wanted: by number, by a place of the map, by the house of the register that the words mean, or by
/// words of the precinct's own address.
///
/// A house is taken only when the words mean it without doubt; otherwise the clerk chooses.
fn seek(visit: &Visit<'_>, form: &Form) -> Result<Wanted, Problem> {
    if form.kind != ClaimKind::Form2 || form.cancels || form.wanted.is_empty() {
        return Ok(Wanted::Nothing);
    }
    let store = &visit.office.store;
    let of = |code| precinct_of(visit, code);
    if let Ok(number) = form.wanted.parse::<PrecinctCode>() {
        let found = of(number)?;
        return Ok(found.map_or(Wanted::Unknown(None), |row| Wanted::One(Place::of(row))));
    }
    if let Some(code) = form.chosen
        && let Some(row) = of(code)?
    {
        return Ok(Wanted::One(Place::of(row)));
    }
    if let Some(point) = pointed(&form.wanted) {
        return at_place(visit, point);
    }
    let (doubt, houses) = match visit.office.address_book()?.seek(store, &form.wanted)? {
        SoughtHouse::One(house) => {
            let row = house.precinct.map(of).transpose()?.flatten();
            return Ok(match row {
                Some(row) => Wanted::One(Place::of(row).found_by(house)),
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
            choices.push(Place::of(row.clone()).found_by(house));
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
        Wanted::Choose(Some(doubt), choices)
    })
}

fn precinct_of(visit: &Visit<'_>, code: PrecinctCode) -> Result<Option<PrecinctRow>, StoreError> {
    let store = &visit.office.store;
    store.read("precinct", |tx| tx.find_precinct(code))
}

/// What a place of the map means: the house that stands there; otherwise the clerk chooses among those nearby and the
/// precinct that holds the place, which may be of a house that the register does not have.
fn at_place(visit: &Visit<'_>, point: Point) -> Result<Wanted, Problem> {
    let store = &visit.office.store;
    let of = |code| precinct_of(visit, code);
    let there = visit.office.address_book()?.at_place(store, point)?;
    let next = there.houses.get(1).map_or(u32::MAX, |(_, away)| *away);
    let is_meant = |away: u32| away <= POINTED_METRES && next >= away.saturating_mul(2).max(1);
    let mut choices = Vec::new();
    for (at, (house, away)) in there.houses.into_iter().enumerate() {
        let row = house.precinct.map(of).transpose()?.flatten();
        let Some(row) = row else {
            if at == 0 && is_meant(away) {
                return Ok(Wanted::NoPrecinct(house.row));
            }
            continue;
        };
        let place = Place::of(row).found_by(house).away(away);
        if at == 0 && is_meant(away) {
            return Ok(Wanted::One(place));
        }
        choices.push(place);
    }
    let holds = there.precinct.map(of).transpose()?.flatten();
    choices.extend(holds.map(Place::of));
    Ok(if choices.is_empty() {
        Wanted::Unknown(None)
    } else {
        Wanted::Choose(None, choices)
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
    rows.into_iter().map(Place::of).collect()
}

/// The house of the register that a corrected address means: by its id, or as people write it and without doubt.
fn corrected_house(visit: &Visit<'_>, form: &Form) -> Result<Option<FoundHouse>, Problem> {
    let is_asked = form.kind == ClaimKind::Correction && form.field == "address";
    if !is_asked || form.value.is_empty() {
        return Ok(None);
    }
    let store = &visit.office.store;
    let by_id = store.read("corrected_house", |tx| tx.find_address(&form.value))?;
    if let Some(row) = by_id {
        return Ok(Some(FoundHouse {
            row,
            precinct: None,
            by: None,
        }));
    }
    Ok(
        match visit.office.address_book()?.seek(store, &form.value)? {
            SoughtHouse::One(house) => Some(house),
            SoughtHouse::Doubt(..) => None,
        },
    )
}

/// What is known of the applicant, and the PIN that the claim carries.
fn applicant<'a>(
    visit: &Visit<'_>,
    page: &PersonPage,
    wanted: &'a Wanted,
    has_address: bool,
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
    let form2 = match pin {
        Some(pin) => visit
            .office
            .store
            .read("applicant", |tx| tx.last_form2(pin))?,
        None => None,
    };
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

/// A form with what it means.
struct Judged {
    wanted: Wanted,
    /// The house that a correction of the address means.
    house: Option<FoundHouse>,
    heard: Heard,
    /// The PIN that the claim carries.
    pin: Option<Pin>,
    /// What the claim says beside its precinct.
    value: String,
}

/// What the law says to a form; `is_begun`: the hand is still on it.
fn judge(
    visit: &Visit<'_>,
    page: &PersonPage,
    form: &Form,
    is_begun: bool,
) -> Result<Judged, Problem> {
    let is_form2 = form.kind == ClaimKind::Form2;
    let wanted = seek(visit, form)?;
    let house = corrected_house(visit, form)?;
    let (known, pin) = applicant(visit, page, &wanted, house.is_some())?;
    let value = match (is_form2, form.cancels, &house) {
        (true, true, _) => CANCEL.to_owned(),
        (true, false, _) => form.category.clone(),
        (false, _, Some(house)) => house.row.address.clone(),
        (false, _, None) => form.value.clone(),
    };
    // Several places answer the words: the clerk chooses before anything is judged. Nothing is judged either while the
    // field is empty and the hand is still on the form.
    let is_empty = is_form2 && !form.cancels && form.wanted.is_empty();
    let heard = match &wanted {
        Wanted::Choose(..) => Heard::Choose,
        Wanted::NoPrecinct(_) => Heard::NoPrecinct,
        Wanted::Nothing if is_begun && is_empty => Heard::Nothing,
        Wanted::Nothing | Wanted::One(_) | Wanted::Unknown(_) => {
            let draft = Draft {
                kind: form.kind,
                target: wanted.precinct().map(|row| row.precinct),
                field: corrected(form),
                value: &value,
                // The last step of the form: until the clerk files, its absence is no refusal.
                identified: form.identified || is_begun,
                at: visit.office.now(),
            };
            match (foresee(&visit.office.law, draft, known), pin) {
                (Ok(()), Some(_)) => Heard::Fine,
                (Ok(()), None) => Heard::Refused(ClaimOutcome::UnknownPerson),
                (Err(outcome), _) => Heard::Refused(outcome),
            }
        }
    };
    Ok(Judged {
        wanted,
        house,
        heard,
        pin,
        value,
    })
}

/// The field that a correction changes.
fn corrected(form: &Form) -> &str {
    if form.kind == ClaimKind::Correction {
        form.field.as_str()
    } else {
        ""
    }
}

pub(crate) fn act(visit: &Visit<'_>) -> Answered {
    let page = opened(visit)?;
    if visit.field("do") == "discard" {
        drafts::forget(visit, page.person)?;
        return Ok(Answer::Go(format!("/person/{}/claim", page.person)));
    }
    let form = typed(visit);
    let is_look = visit.field("do") == "look";
    let judged = judge(visit, &page, &form, is_look)?;
    if let (Heard::Fine, Some(pin), "file") = (&judged.heard, judged.pin, visit.field("do")) {
        return file(visit, &page, &form, &judged, pin);
    }
    drafts::keep(visit, page.person, &form)?;
    let opened = Opened::of(visit, &page);
    let is_wrong = match judged.heard {
        Heard::Choose | Heard::NoPrecinct | Heard::Refused(_) => !is_look,
        Heard::Nothing | Heard::Fine => false,
    };
    // Of a look only what is said of the form is read.
    let map = if is_look {
        None
    } else {
        map(visit, &page, &judged.wanted)?
    };
    let shown = Shown {
        form: &form,
        heard: &judged.heard,
        wanted: &judged.wanted,
        house: judged.house.as_ref(),
        map,
        begun: None,
    };
    Ok(Answer::page(filing::page(visit, &opened, &shown), is_wrong))
}

fn file(visit: &Visit<'_>, page: &PersonPage, form: &Form, judged: &Judged, pin: Pin) -> Answered {
    let at = visit.office.now();
    let filing = Filing {
        series: visit.office.config.claims_series().to_owned(),
        form: form.key.clone(),
        person: page.person,
        claim: Claim {
            claim: String::new(),
            kind: form.kind,
            pin,
            filed: at,
            target: judged.wanted.precinct().map(|row| row.precinct),
            field: corrected(form).to_owned(),
            value: judged.value.clone(),
            identified: form.identified,
        },
        due: answered_by(&visit.office.law, visit.date(at)),
    };
    let store = &visit.office.store;
    let (receipt, is_new) = store.file_claim(&visit.staff, &filing)?;
    // Only its mark is kept, for the alarm of mass transfer.
    let has_phone = form.kind == ClaimKind::Form2 && is_new;
    if let Some(mark) = store::phone_mark(&form.phone).filter(|_| has_phone) {
        let marks = [(receipt.claim.clone(), mark)];
        store.transact("claim_phone", &visit.staff, |tx| {
            tx.record_claim_phones(&marks)
        })?;
    }
    let again = if is_new { "" } else { "?again=1" };
    Ok(Answer::Go(format!(
        "/claim/{}/receipt{again}",
        receipt.claim
    )))
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
