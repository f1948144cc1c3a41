//! Claims with their outcomes and chains.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use lexicon::{ClaimOutcome, Date, ElectionLaw, Instant, Pin, PrecinctCode};
use register::ClaimKind;
use register::door::rows::Claim;
use store::{ClaimFilter, ClaimPlace, FiledClaim, OutcomeFilter, StoreError, Tx, Window};

use roll::claim::{CANCEL, receipt_number, receipt_number_holds};
use roll::filing::answered_by;

use crate::pages::claims::{self, Applicant, List, Row};
use crate::pages::parts::{PAGE_ROWS, Pager};
use crate::role::Right;
use crate::visit::{Answer, Answered, Problem, Visit};

/// Claims of one chain replace each other: the same kind, and for corrections the same field.
fn same_chain(a: &Claim, b: &Claim) -> bool {
    a.kind == b.kind && a.field == b.field
}

/// The latest release, whose outcomes are shown; 0 when there is none.
fn release(tx: &mut Tx<'_>) -> Result<u32, StoreError> {
    Ok(tx.releases()?.last().map_or(0, |release| release.number))
}

/// Claims of a chain that have an outcome other than refusal: those that counted once, in order.
fn chain_of(
    tx: &mut Tx<'_>,
    release: u32,
    claim: &Claim,
    known: &mut BTreeMap<Pin, Vec<FiledClaim>>,
) -> Result<Vec<FiledClaim>, StoreError> {
    let filed = match known.entry(claim.pin) {
        Entry::Occupied(kept) => kept.into_mut(),
        Entry::Vacant(place) => {
            let mut filed = Vec::new();
            for other in tx.claims_of_pin(claim.pin)? {
                let outcome = tx.find_claim_outcome(release, &other.claim)?;
                filed.push(FiledClaim {
                    claim: other,
                    outcome,
                });
            }
            place.insert(filed)
        }
    };
    Ok(filed
        .iter()
        .filter(|other| same_chain(&other.claim, claim))
        .cloned()
        .collect())
}

/// Whether a claim stands in the line of those that replaced each other.
fn is_link(filed: &FiledClaim) -> bool {
    filed
        .outcome
        .as_ref()
        .is_some_and(|o| matches!(o.outcome, ClaimOutcome::Counts | ClaimOutcome::Superseded))
}

fn filter(visit: &Visit<'_>) -> Result<(ClaimFilter, Option<String>), Problem> {
    let kind = match visit.asked("kind") {
        None => None,
        Some(code) => Some(ClaimKind::from_code(code).ok_or(Problem::Unreadable)?),
    };
    let outcome = match visit.asked("outcome") {
        None => None,
        Some("open") => Some(OutcomeFilter::NotSettled),
        Some(code) => Some(OutcomeFilter::Is(
            ClaimOutcome::from_code(code).ok_or(Problem::Unreadable)?,
        )),
    };
    // A number typed by hand is corrected at its field, not refused with a page of its own.
    let typed = visit.asked("precinct").map(str::trim);
    let precinct: Option<PrecinctCode> = typed.and_then(|text| text.parse().ok());
    let wrong = typed.filter(|_| precinct.is_none()).map(str::to_owned);
    let only = ClaimFilter {
        kind,
        precinct,
        outcome,
    };
    Ok((only, wrong))
}

/// Most persons that the field of a new claim shows.
const APPLICANTS_MAX: usize = 12;

/// `settled.moment.claim` of the last row shown.
fn after(visit: &Visit<'_>) -> Result<Option<ClaimPlace>, Problem> {
    let Some(text) = visit.asked("after") else {
        return Ok(None);
    };
    let mut parts = text.splitn(3, '.');
    let mut part = || parts.next().ok_or(Problem::Unreadable);
    let (settled, micros, claim) = (part()?, part()?, part()?);
    let micros: i64 = micros.parse().map_err(|_| Problem::Unreadable)?;
    Ok(Some(ClaimPlace {
        settled: settled == "1",
        filed: Instant::from_micros(micros),
        claim: claim.to_owned(),
    }))
}

/// A claim filed before this moment should have been answered by now: the day of its answer has passed.
fn overdue_before(law: &ElectionLaw, today: Date) -> Instant {
    let mut day = today;
    // Terms are days, not years; days of answer never go back.
    for _ in 0..400 {
        if answered_by(law, day) < today {
            return Instant::at_local(day, 24 * 60, law.election.offset_minutes);
        }
        let Ok(before) = day.yesterday() else { break };
        day = before;
    }
    Instant::from_micros(i64::MIN)
}

/// Whether a Form 2 was taken back, not replaced: the claim that took its place asks for no precinct.
fn is_taken_back(own: &FiledClaim, chain: &[FiledClaim]) -> bool {
    let winner = own.outcome.as_ref().and_then(|o| o.superseded_by.as_ref());
    chain.iter().any(|link| {
        winner == Some(&link.claim.claim)
            && link.claim.target.is_none()
            && link.claim.value == CANCEL
    })
}

/// The claim of a receipt that somebody holds up or reads out, by the receipt's number or the claim's own; none when
/// nobody filed such a one.
fn by_receipt(visit: &Visit<'_>, typed: &str) -> Result<Option<String>, StoreError> {
    let bare = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.collect::<String>().to_uppercase()
    };
    let wanted = bare(typed);
    let election = visit.office.law.election.number;
    visit.office.store.read("claim_by_receipt", |tx| {
        if tx.find_claim(&wanted)?.is_some() {
            return Ok(Some(wanted.clone()));
        }
        // A slip in one letter, or two letters turned round, is no number: nothing is searched.
        if !receipt_number_holds(typed) {
            return Ok::<_, StoreError>(None);
        }
        let mut numbers = tx.claim_numbers()?.into_iter();
        Ok(numbers.find(|claim| bare(&receipt_number(election, claim)) == wanted))
    })
}

pub(crate) fn list(visit: &Visit<'_>) -> Answered {
    let receipt = visit.asked("receipt").map(str::trim);
    let receipt = receipt.filter(|typed| !typed.is_empty());
    if let Some(typed) = receipt {
        visit.within_budget()?;
        if let Some(claim) = by_receipt(visit, typed)? {
            return Ok(Answer::Go(format!("/claim/{claim}")));
        }
    }
    show(visit, receipt, &Applicant::Asked)
}

/// Who files: one person found leads to the form at once; several are to be chosen from.
pub(crate) fn begin(visit: &Visit<'_>) -> Answered {
    let typed = visit.field("who").trim();
    let find = match super::persons::read(visit, typed) {
        Ok((_, find)) => find,
        Err(said) => return show(visit, None, &Applicant::Wrong(typed.to_owned(), said)),
    };
    visit.within_budget()?;
    let window = Window {
        skip: 0,
        take: APPLICANTS_MAX,
    };
    let hits = visit
        .office
        .store
        .find_persons(visit.look(), &find, window)?;
    if let [only] = &hits[..] {
        return Ok(Answer::Go(format!("/person/{}/claim", only.person)));
    }
    let found = if hits.is_empty() {
        Applicant::Wrong(typed.to_owned(), visit.t("search.none"))
    } else {
        Applicant::Several(typed.to_owned(), hits)
    };
    show(visit, None, &found)
}

fn show(visit: &Visit<'_>, receipt: Option<&str>, applicant: &Applicant) -> Answered {
    let (only, wrong) = filter(visit)?;
    let after = after(visit)?;
    visit.within_budget()?;
    visit.office.store.record_look(visit.look(), "claims")?;
    let overdue = overdue_before(&visit.office.law, visit.office.today());
    let (rows, counts, waiting) = visit.office.store.read("claims_list", |tx| {
        let release = release(tx)?;
        let filed = tx.claims_filed(release, &only, after.as_ref(), PAGE_ROWS)?;
        let mut known = BTreeMap::new();
        let mut rows = Vec::new();
        for filed in filed {
            let chain = chain_of(tx, release, &filed.claim, &mut known)?;
            let taken_back = is_taken_back(&filed, &chain);
            let links = chain.iter().filter(|link| is_link(link) && is_link(&filed));
            let links = links.map(|link| link.claim.claim.clone()).collect();
            rows.push(Row {
                filed,
                chain: links,
                taken_back,
            });
        }
        let waiting = tx.claims_waiting(release, overdue)?;
        Ok::<_, StoreError>((rows, tx.claim_outcome_counts(release)?, waiting))
    })?;
    let query = |name: &str| {
        visit
            .asked(name)
            .map(|value| format!("{name}={}", crate::serve::encode(value)))
    };
    let kept: Vec<String> = ["kind", "precinct", "outcome"]
        .into_iter()
        .filter_map(query)
        .collect();
    let base = format!("/claims?{}", kept.join("&"));
    let base = base.trim_end_matches('?').to_owned();
    let last = rows
        .last()
        .filter(|_| rows.len() >= PAGE_ROWS as usize)
        .map(|row| {
            let claim = &row.filed.claim;
            let join = if base.contains('?') { '&' } else { '?' };
            let settled = u8::from(row.filed.outcome.is_some());
            let micros = claim.filed.micros();
            format!("{base}{join}after={settled}.{micros}.{}", claim.claim)
        });
    let begun = if visit.may(Right::FileClaims) {
        super::filing::drafts::begun(visit)?
    } else {
        Vec::new()
    };
    let page = claims::page(
        visit,
        &List {
            begun: &begun,
            only,
            wrong_precinct: wrong.as_deref(),
            wrong_receipt: receipt,
            counts: &counts,
            waiting,
            applicant,
            pager: Pager {
                first: after.is_some().then(|| base.clone()),
                next: last,
                shown: visit.n("pager.rows", rows.len() as u64),
            },
            rows: &rows,
        },
    );
    let is_asked = matches!(applicant, Applicant::Asked | Applicant::Several(..));
    Ok(Answer::page(
        page,
        wrong.is_some() || receipt.is_some() || !is_asked,
    ))
}

pub(crate) fn chain(visit: &Visit<'_>) -> Answered {
    let id = visit.part("claim")?;
    visit.within_budget()?;
    let found = visit.office.store.read("claim", |tx| {
        let Some(claim) = tx.find_claim(id)? else {
            return Ok::<_, StoreError>(None);
        };
        let release = release(tx)?;
        let chain = chain_of(tx, release, &claim, &mut BTreeMap::new())?;
        let origin = tx.find_claim_origin(id)?;
        Ok(Some((claim, chain, release, origin)))
    })?;
    let Some((claim, chain, release, origin)) = found else {
        return Err(Problem::NotFound);
    };
    visit.office.store.record_look(visit.look(), "claim")?;
    let own = chain
        .iter()
        .find(|link| link.claim.claim == claim.claim)
        .ok_or(Problem::NotFound)?;
    let release = own.outcome.as_ref().map(|_| release);
    let taken_back = is_taken_back(own, &chain);
    Ok(Answer::Page(claims::one(
        visit,
        own,
        taken_back,
        (&chain, origin.as_ref()),
        release,
    )))
}

/// The sheet that tells an applicant that a later claim of theirs replaced this one; there is none while nothing did.
pub(crate) fn notice(visit: &Visit<'_>) -> Answered {
    let id = visit.part("claim")?;
    visit.within_budget()?;
    let found = visit.office.store.read("claim_notice", |tx| {
        let Some(claim) = tx.find_claim(id)? else {
            return Ok::<_, StoreError>(None);
        };
        let release = release(tx)?;
        let chain = chain_of(tx, release, &claim, &mut BTreeMap::new())?;
        let persons = tx.persons_of_pin(claim.pin)?;
        Ok(Some((claim, chain, persons)))
    })?;
    let Some((claim, chain, persons)) = found else {
        return Err(Problem::NotFound);
    };
    let own = chain.iter().find(|link| link.claim.claim == claim.claim);
    let outcome = own.and_then(|link| link.outcome.as_ref());
    let winner = outcome.and_then(|outcome| outcome.superseded_by.as_ref());
    let winner = chain
        .iter()
        .find(|link| Some(&link.claim.claim) == winner)
        .ok_or(Problem::NotFound)?;
    let person = outcome.and_then(|outcome| outcome.person);
    let persons = person.map_or(persons, |person| vec![person]);
    // A PIN of several people leads to nobody: the notice goes to one.
    let [person] = persons[..] else {
        return Err(Problem::NotFound);
    };
    let shown = visit
        .office
        .store
        .show_persons(visit.look(), "claim notice", &[person])?;
    Ok(Answer::Page(claims::notice(
        visit,
        &claim,
        &winner.claim,
        shown.first(),
    )))
}
