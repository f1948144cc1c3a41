//! Doubtful links and addresses: how many wait, the next one for this account, and the answer.

use std::collections::BTreeMap;

use lexicon::PersonId;
use lexicon::handover::snapshot::{AddressRow, CommissionRow};
use roll::audit::upper_bound_ppm;
use roll::review::{Agreement, Review, Says, review};
use store::{LinkExplained, PersonPage, ReviewAnswer, ReviewItem, ReviewKind, StoreError, Tx};

use crate::pages::review::{self as page, AddressAsked, LinkAsked, Overview, Sampled, Tally};
use crate::review::says_of;
use crate::visit::{Answer, Answered, Problem, Visit};

pub(crate) mod people;

/// Questions that are read at once while the next one is sought.
const ITEMS_AT_ONCE: u32 = 100;

type Answers = BTreeMap<String, (bool, Vec<ReviewAnswer>)>;

/// Of the share of wrong links the ends of the interval are each passed with this risk, of 1,000: 95 % lie between.
const RISK_PERMILLE: u32 = 25;

/// The sample of sure links of a run: each question with its answers.
type Sample = BTreeMap<String, Vec<Says>>;

/// How often sure links are wrong, by the sample of a run.
pub(crate) fn sampled(sample: &Sample) -> Sampled {
    let mut found = Sampled::default();
    for given in sample.values() {
        found.drawn += 1;
        found.agreement.add(given);
        match review(given, true) {
            Review::Decided(Says::Same) => found.right += 1,
            Review::Decided(Says::Distinct) => found.wrong += 1,
            Review::Decided(Says::CannotTell) => found.unsure += 1,
            Review::Waits { .. } => {}
        }
    }
    let told = found.right + found.wrong;
    if told > 0 {
        let upper = |wrong| upper_bound_ppm(told, wrong, RISK_PERMILLE);
        // The lower end is the upper one of the right links, seen from the other side.
        let low = 1_000_000u32.saturating_sub(upper(found.right));
        let low = if found.wrong == 0 { 0 } else { low };
        found.interval_ppm = Some((low, upper(found.wrong)));
    }
    found
}

/// How far the doubtful links of a run are; the sample of sure links is counted apart and holds nothing back.
fn tally_of(tx: &mut Tx<'_>, run: u32, sample: &Sample) -> Result<(Tally, Agreement), StoreError> {
    let items = tx.count_review_items(run, ReviewKind::Link)?;
    let mut answers = tx.review_answers(run)?;
    answers.retain(|subject, _| !sample.contains_key(subject));
    Ok(tally(items.saturating_sub(sample.len() as u64), &answers))
}

/// How far the links of a run are.
fn tally(items: u64, answers: &Answers) -> (Tally, Agreement) {
    let mut tally = Tally {
        items,
        ..Tally::default()
    };
    let mut agreement = Agreement::default();
    for (doubled, given) in answers.values() {
        let says = says_of(given);
        agreement.add(&says);
        match review(&says, *doubled) {
            Review::Decided(says) => *tally.decided.entry(says).or_default() += 1,
            Review::Waits { place: 2 } => tally.second += 1,
            Review::Waits { place: 3 } => tally.third += 1,
            Review::Waits { .. } => {}
        }
    }
    (tally, agreement)
}

/// Links of the latest run that are not decided; 0 without a run.
///
/// # Errors
/// The store's.
pub(crate) fn open_links(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    let Some(run) = tx.find_last_reconciliation()? else {
        return Ok(0);
    };
    let sample = tx.sample_of_run(run)?;
    Ok(tally_of(tx, run, &sample)?.0.open())
}

/// Addresses of the latest run that nobody placed; 0 without a run.
///
/// # Errors
/// The store's.
pub(crate) fn open_addresses(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    let Some(run) = tx.find_last_reconciliation()? else {
        return Ok(0);
    };
    let items = tx.count_review_items(run, ReviewKind::Address)?;
    let placed = tx.addresses_placed(run)?.len() as u64;
    Ok(items.saturating_sub(placed))
}

pub(crate) fn overview(visit: &Visit<'_>) -> Answered {
    let shown = visit.office.store.read("review", |tx| {
        let Some(run) = tx.find_last_reconciliation()? else {
            return Ok::<_, StoreError>(None);
        };
        let sample = tx.sample_of_run(run)?;
        let (links, agreement) = tally_of(tx, run, &sample)?;
        let placed = tx.addresses_placed(run)?;
        Ok(Some(Overview {
            run,
            links,
            sampled: sampled(&sample),
            agreement,
            addresses: tx.count_review_items(run, ReviewKind::Address)?,
            placed: placed.values().filter(|house| house.is_some()).count() as u64,
            no_house: placed.values().filter(|house| house.is_none()).count() as u64,
            contradicting: super::contradictions::count(tx)?,
        }))
    })?;
    let percent = visit.office.config.uploads.doubled_percent;
    Ok(Answer::Page(page::overview(visit, shown.as_ref(), percent)))
}

/// The first link that an account may be asked about, in the order of subjects, which is no order of the list.
fn next_link(tx: &mut Tx<'_>, run: u32, staff: &str) -> Result<Option<ReviewItem>, StoreError> {
    let mut after = String::new();
    loop {
        let items = tx.links_for(staff, run, &after, ITEMS_AT_ONCE)?;
        let is_last = items.len() < ITEMS_AT_ONCE as usize;
        for item in items {
            if is_for(staff, &item, &tx.answers_about(&item.subject)?) {
                return Ok(Some(item));
            }
            after = item.subject;
        }
        if is_last {
            return Ok(None);
        }
    }
}

/// Whether an account may be asked: the question is open and the account has not answered it. Who answers second sees
/// no more than who answers first.
fn is_for(staff: &str, item: &ReviewItem, given: &[ReviewAnswer]) -> bool {
    let waits = match review(&says_of(given), item.doubled) {
        Review::Waits { .. } => true,
        Review::Decided(_) => false,
    };
    waits && given.iter().all(|answer| answer.staff != staff)
}

/// A link with what its page shows.
struct FoundLink {
    why: Option<LinkExplained>,
    run: u32,
    item: ReviewItem,
    row: CommissionRow,
    person: PersonId,
}

fn find_link(visit: &Visit<'_>) -> Result<Option<FoundLink>, Problem> {
    let staff = &visit.staff;
    let found = visit.office.store.read("next_link", |tx| {
        let Some(run) = tx.find_last_reconciliation()? else {
            return Ok::<_, StoreError>(None);
        };
        let Some(item) = next_link(tx, run, staff)? else {
            return Ok(None);
        };
        let row = tx.find_commission_row(&item.row)?;
        let person = item.person;
        let why = tx.find_link_explained(run, &item.subject)?;
        Ok(row.zip(person).map(|(row, person)| FoundLink {
            why,
            run,
            item,
            row,
            person,
        }))
    })?;
    Ok(found)
}

pub(crate) fn link(visit: &Visit<'_>) -> Answered {
    show_link(visit, None)
}

fn show_link(visit: &Visit<'_>, wrong: Option<&str>) -> Answered {
    visit.within_budget()?;
    let done = visit.asked("done").and_then(Says::from_code);
    let Some(found) = find_link(visit)? else {
        return Ok(Answer::Page(page::no_link(visit, done)));
    };
    let record: Option<PersonPage> = visit.office.store.open_person(visit.look(), found.person)?;
    let record = record.ok_or(Problem::NotFound)?;
    let page = page::link(
        visit,
        &LinkAsked {
            run: found.run,
            item: &found.item,
            row: &found.row,
            record: &record,
            why: found.why.as_ref(),
            done,
            wrong,
        },
    );
    Ok(Answer::page(page, wrong.is_some()))
}

/// Records an answer about a link. One that was settled meanwhile, or answered by this account, is not answered again.
pub(crate) fn answer_link(visit: &Visit<'_>) -> Answered {
    let Some(says) = Says::from_code(visit.field("says")) else {
        return show_link(visit, Some(&visit.t("review.choose")));
    };
    let run: u32 = visit
        .field("run")
        .parse()
        .map_err(|_| Problem::Unreadable)?;
    let subject = visit.field("subject");
    let staff = &visit.staff;
    let is_taken = visit.office.store.transact("answer_link", staff, |tx| {
        let Some(item) = tx.find_review_item(run, subject)? else {
            return Ok::<_, StoreError>(None);
        };
        let given = tx.answers_about(subject)?;
        let place = u8::try_from(given.len() + 1).unwrap_or(u8::MAX);
        let is_known = tx.has_answered(subject, staff)?;
        if item.kind != ReviewKind::Link || is_known || !is_for(staff, &item, &given) {
            return Ok(Some(false));
        }
        tx.record_review_answer(&item, place, says)?;
        Ok(Some(true))
    })?;
    match is_taken {
        None => Err(Problem::NotFound),
        Some(true) => Ok(Answer::Go(format!("/review/links?done={}", says.code()))),
        Some(false) => Ok(Answer::Go("/review/links".to_owned())),
    }
}

/// An address with what its page shows.
struct FoundAddress {
    run: u32,
    item: ReviewItem,
    row: CommissionRow,
    houses: Vec<AddressRow>,
}

pub(crate) fn address(visit: &Visit<'_>) -> Answered {
    show_address(visit, None)
}

fn show_address(visit: &Visit<'_>, wrong: Option<&str>) -> Answered {
    visit.within_budget()?;
    let found = visit.office.store.read("next_address", |tx| {
        let Some(run) = tx.find_last_reconciliation()? else {
            return Ok::<_, StoreError>(None);
        };
        let Some(item) = tx.next_address(run)? else {
            return Ok(None);
        };
        let Some(row) = tx.find_commission_row(&item.row)? else {
            return Ok(None);
        };
        let mut houses = Vec::new();
        for id in &item.suggestions {
            houses.extend(tx.find_address(id)?);
        }
        Ok(Some(FoundAddress {
            run,
            item,
            row,
            houses,
        }))
    })?;
    let is_done = visit.asked("done").is_some();
    let Some(found) = found else {
        return Ok(Answer::Page(page::no_address(visit, is_done)));
    };
    let what = "address of the commission's list";
    visit.office.store.record_look(visit.look(), what)?;
    let page = page::address(
        visit,
        &AddressAsked {
            run: found.run,
            item: &found.item,
            row: &found.row,
            houses: &found.houses,
            is_done,
            wrong,
        },
    );
    Ok(Answer::page(page, wrong.is_some()))
}

/// Records which house a text means: a suggestion, a house by its id, or none of the register.
pub(crate) fn answer_address(visit: &Visit<'_>) -> Answered {
    let run: u32 = visit
        .field("run")
        .parse()
        .map_err(|_| Problem::Unreadable)?;
    let (subject, staff) = (visit.field("subject"), &visit.staff);
    let (chosen, other) = (visit.field("house"), visit.field("other").trim());
    let house = match chosen {
        "" => return show_address(visit, Some(&visit.t("review.choose"))),
        "none" => None,
        "other" => Some(other),
        suggested => Some(suggested),
    };
    let outcome = visit.office.store.transact("place_address", staff, |tx| {
        let Some(item) = tx.find_review_item(run, subject)? else {
            return Ok::<_, StoreError>(Err(Some("review.gone")));
        };
        let is_house = match house {
            None => true,
            Some(id) => tx.find_address(id)?.is_some(),
        };
        if item.kind != ReviewKind::Address {
            return Ok(Err(Some("review.gone")));
        }
        if !is_house {
            return Ok(Err(Some("review.no_such_house")));
        }
        if tx.is_address_placed(subject)? {
            return Ok(Err(None));
        }
        tx.record_address_placed(run, &item, house)?;
        Ok(Ok(()))
    })?;
    match outcome {
        Ok(()) => Ok(Answer::Go("/review/addresses?done=yes".to_owned())),
        Err(None) => Ok(Answer::Go("/review/addresses".to_owned())),
        Err(Some(key)) => show_address(visit, Some(&visit.t(key))),
    }
}
