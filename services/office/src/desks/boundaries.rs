//! Precinct boundaries: places with their changes, the editor of one place, what a change does, proposing and approving.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use lexicon::handover::snapshot::{AddressRow, BoundaryRow, Extent, PrecinctRow};
use lexicon::{Date, Instant, PrecinctCode};
use roll::boundary::edit::{Edit, EditError};
use roll::boundary::split::SplitError;
use store::{BoundaryChange, ProposedChange, StoreError};

use crate::boundaries::{Effect, WorkOutError, streets_of, work_out};
use crate::pages::boundaries::{self as page, Editor, Places, Planner, Proposed, Written};
use crate::planner::{Split, Street, houses_of, split};
use crate::role::Right;
use crate::visit::{Answer, Answered, Problem, Visit};

/// Houses that an editor draws at most.
const HOUSES_SHOWN: u32 = 20_000;

/// A day, microseconds.
const DAY_MICROS: i64 = 86_400_000_000;

/// Fewest characters of a reason: a word is none.
const REASON_MIN: usize = 10;

/// Persons behind a number that are shown at once.
const PERSONS_SHOWN: usize = 200;

pub(crate) fn places(visit: &Visit<'_>) -> Answered {
    let (precincts, changes) = visit.office.store.read("boundary_places", |tx| {
        Ok::<_, StoreError>((tx.snapshot_precincts()?, tx.boundary_changes()?))
    })?;
    let mut places: BTreeMap<u64, Vec<PrecinctRow>> = BTreeMap::new();
    let landed = &visit.office.law.list.landed_kinds;
    for row in precincts {
        if landed.contains(&row.kind) {
            places.entry(row.soate.as_u64()).or_default().push(row);
        }
    }
    let names = roll_places();
    Ok(Answer::Page(page::places(
        visit,
        &Places {
            places: &places,
            names: &names,
            changes: &changes,
        },
    )))
}

/// The places of the country, as the classifier has them.
pub(crate) fn shipped_places() -> &'static register::address::Places {
    static SHIPPED: OnceLock<register::address::Places> = OnceLock::new();
    SHIPPED.get_or_init(register::address::Places::shipped)
}

/// Names of the places as the classifier prints them.
pub(crate) fn roll_places() -> impl Fn(u64) -> String {
    let shipped = shipped_places();
    move |soate| {
        let code: Option<lexicon::Soate> = format!("{soate:014}").parse().ok();
        let name = code.and_then(|code| shipped.find_printed(code));
        name.map_or_else(|| format!("{soate:014}"), str::to_owned)
    }
}

/// What an editor shows of a place.
struct Kept {
    precincts: Vec<PrecinctRow>,
    boundaries: Vec<BoundaryRow>,
    /// Houses of the place, and of its precincts in other places.
    houses: Vec<AddressRow>,
    /// The streets that ranges name, by id.
    streets: BTreeMap<String, Street>,
    changes: Vec<BoundaryChange>,
}

fn kept(visit: &Visit<'_>, soate: u64) -> Result<Kept, Problem> {
    let read = visit.office.store.read("boundary_place", |tx| {
        let mut precincts = tx.snapshot_precincts()?;
        precincts.retain(|row| row.soate.as_u64() == soate);
        let own: BTreeSet<PrecinctCode> = precincts.iter().map(|row| row.precinct).collect();
        let mut boundaries = tx.snapshot_boundaries()?;
        let mut houses = tx.addresses_of_place(soate, HOUSES_SHOWN)?;
        if houses.len() < HOUSES_SHOWN as usize {
            let known: BTreeSet<String> = houses.iter().map(|row| row.address.clone()).collect();
            let mut beyond = houses_of(tx, &boundaries, &own)?;
            beyond.retain(|row| !known.contains(&row.address));
            houses.extend(beyond);
            houses.truncate(HOUSES_SHOWN as usize);
        }
        let streets = tx.addresses_on_streets(&streets_of(&boundaries, &own))?;
        let streets = streets.into_iter().map(|row| {
            let (place, name) = (row.soate.as_u64(), row.street_name);
            (row.street, Street { place, name })
        });
        boundaries.retain(|row| own.contains(&row.precinct));
        Ok::<_, WorkOutError>(Kept {
            streets: streets.collect(),
            precincts,
            boundaries,
            houses,
            changes: tx.boundary_changes()?,
        })
    });
    let kept = read.map_err(|error| unreadable(error, "a place was not read"))?;
    if kept.precincts.is_empty() {
        return Err(Problem::NotFound);
    }
    Ok(kept)
}

/// What a page says when boundaries or houses of the register cannot be arranged.
fn unreadable(error: WorkOutError, what: &'static str) -> Problem {
    match error {
        WorkOutError::Store(error) => error.into(),
        error @ (WorkOutError::Edit(_) | WorkOutError::Snapshot(_)) => {
            tracing::error!(%error, what);
            Problem::Unreadable
        }
    }
}

fn show(visit: &Visit<'_>, wrong: Option<String>, effect: Option<&Effect>) -> Answered {
    let code = visit.part("place")?.replace('-', "");
    let soate: u64 = code.parse().map_err(|_| Problem::NotFound)?;
    let kept = kept(visit, soate)?;
    let names = roll_places();
    let name = names(soate);
    let planner = planner(visit, &kept, soate)?;
    let tomorrow = visit.date(visit.office.now().plus_micros(DAY_MICROS));
    let written = Written {
        corners: visit.field("corners").to_owned(),
        ranges: match visit.field("ranges") {
            "" => planner.ranges.clone(),
            text => text.to_owned(),
        },
        reason: visit.field("reason").to_owned(),
        valid_from: match visit.field("valid_from") {
            "" => tomorrow.to_string(),
            text => text.to_owned(),
        },
    };
    let waiting = kept.changes.iter().filter(|c| !c.is_approved()).count();
    let is_wrong = wrong.is_some();
    let page = page::editor(
        visit,
        &Editor {
            soate,
            name: &name,
            boundaries: &kept.boundaries,
            houses: &kept.houses,
            streets: &kept.streets,
            names: &names,
            waiting,
            planner: &planner,
            written: &written,
            effect,
            wrong: wrong.as_deref(),
        },
    );
    Ok(Answer::page(page, is_wrong))
}

pub(crate) fn editor(visit: &Visit<'_>) -> Answered {
    show(visit, None, None)
}

/// The precincts of the place above the legal maximum, the proposal for the one that is asked for, and its lines for the
/// form when every further part has a precinct to go to.
fn planner(visit: &Visit<'_>, kept: &Kept, soate: u64) -> Result<Planner, Problem> {
    let mut planner = Planner::default();
    let voters_max = visit.office.law.list.precinct_voters_max;
    let own: BTreeSet<PrecinctCode> = kept.precincts.iter().map(|row| row.precinct).collect();
    let asked: Option<PrecinctCode> = visit.asked_as("split")?;
    let worked_out = visit.office.store.read("boundary_split", |tx| {
        let Some(release) = tx.releases()?.last().map(|release| release.number) else {
            return Ok::<_, WorkOutError>(None);
        };
        let lines = tx.release_precincts(release)?.into_iter();
        let sizes: BTreeMap<PrecinctCode, u64> = lines
            .filter(|(precinct, _)| own.contains(precinct))
            .collect();
        let of = match asked.filter(|precinct| own.contains(precinct)) {
            Some(precinct) => Some(split(tx, (precinct, release), voters_max)?),
            None => None,
        };
        Ok(Some((sizes, of, tx.snapshot_precincts()?)))
    });
    let found = worked_out.map_err(|error| unreadable(error, "a precinct was not divided"))?;
    let Some((sizes, of, precincts)) = found else {
        return Ok(planner);
    };
    planner.too_large = sizes
        .iter()
        .filter(|(_, n)| **n > u64::from(voters_max))
        .map(|(precinct, n)| (*precinct, *n))
        .collect();
    match of {
        Some(Ok(split)) => {
            planner.chosen = (1..split.parts.len())
                .map(|at| {
                    visit
                        .asked(&format!("to{}", at + 1))
                        .unwrap_or("")
                        .trim()
                        .to_owned()
                })
                .collect();
            if planner.chosen.iter().any(|text| !text.is_empty()) {
                // A part may go to any precinct of the places in which this one has houses.
                let near = precincts.iter().filter(|row| {
                    row.soate.as_u64() == soate || split.places.contains(&row.soate.as_u64())
                });
                let near = near.map(|row| row.precinct).collect();
                match chosen_ranges(&split, &planner.chosen, &near) {
                    Some(ranges) => planner.ranges = ranges,
                    None => planner.wrong = Some(visit.t("split.wrong_precinct")),
                }
            }
            planner.split = Some(split);
        }
        Some(Err(why)) => planner.refused = Some(said_split(visit, why)),
        None => {}
    }
    Ok(planner)
}

/// The lines of the form: each further part to the precinct chosen for it; none when one is no precinct of these places, is
/// the divided one, or is chosen twice.
fn chosen_ranges(split: &Split, chosen: &[String], own: &BTreeSet<PrecinctCode>) -> Option<String> {
    let mut taken = BTreeSet::from([split.precinct]);
    let mut lines = Vec::new();
    for (part, text) in split.parts.iter().skip(1).zip(chosen) {
        let to: PrecinctCode = text.parse().ok()?;
        if !own.contains(&to) || !taken.insert(to) {
            return None;
        }
        for range in &part.ranges {
            lines.push(format!(
                "{} all {} {} {to}",
                range.street, range.from, range.to
            ));
        }
    }
    Some(lines.join("\n"))
}

/// Why there is no proposal, in words.
fn said_split(visit: &Visit<'_>, why: SplitError) -> String {
    match why {
        SplitError::NoLimit => visit.t("split.no_limit"),
        SplitError::HouseTooLarge { voters, limit } => visit.f(
            "split.house",
            &[("n", &voters.to_string()), ("m", &limit.to_string())],
        ),
        SplitError::TooManyStay { voters, limit } => visit.f(
            "split.too_many_stay",
            &[("n", &voters.to_string()), ("m", &limit.to_string())],
        ),
    }
}

/// An error of a line, in words.
fn said(visit: &Visit<'_>, error: EditError) -> String {
    let line = |key: &str, line: usize| visit.f(key, &[("n", &line.to_string())]);
    match error {
        EditError::Empty => visit.t("boundary_wrong.empty"),
        EditError::TooLong => visit.t("boundary_wrong.too_long"),
        EditError::Corner { line: at } => line("boundary_wrong.corner", at),
        EditError::NoCorner { line: at } => line("boundary_wrong.no_corner", at),
        EditError::NoEdge { line: at } => line("boundary_wrong.no_edge", at),
        EditError::TooFew { line: at } => line("boundary_wrong.too_few", at),
        EditError::Range { line: at } => line("boundary_wrong.range", at),
        EditError::Outline { precinct } => {
            visit.f("boundary_wrong.outline", &[("p", &precinct.to_string())])
        }
    }
}

/// What a change of the form does, or why it cannot be.
fn effect_of(visit: &Visit<'_>, at: Instant) -> Result<Result<Effect, String>, Problem> {
    let edit = match Edit::parse(visit.field("corners"), visit.field("ranges")) {
        Ok(edit) => edit,
        Err(error) => return Ok(Err(said(visit, error))),
    };
    let voters_max = visit.office.law.list.precinct_voters_max;
    let worked_out = visit.office.store.read("boundary_effect", |tx| {
        let release = tx.releases()?.last().map(|release| release.number);
        work_out(tx, &edit, at, release, voters_max)
    });
    match worked_out {
        Ok(effect) => Ok(Ok(effect)),
        Err(WorkOutError::Edit(error)) => Ok(Err(said(visit, error))),
        Err(WorkOutError::Store(error)) => Err(error.into()),
        Err(WorkOutError::Snapshot(error)) => {
            tracing::error!(%error, "a change of boundaries was not worked out");
            Err(Problem::Unreadable)
        }
    }
}

/// The day of the form and its midnight; it may not lie in the past.
fn day(visit: &Visit<'_>) -> Option<(Date, Instant)> {
    let day: Date = visit.field("valid_from").trim().parse().ok()?;
    let moment = Instant::at_local(day, 0, visit.office.offset());
    (day >= visit.office.today()).then_some((day, moment))
}

/// Shows what a change does; with `do=propose` and nothing against it, proposes it.
pub(crate) fn change(visit: &Visit<'_>) -> Answered {
    let Some((_, moment)) = day(visit) else {
        return show(visit, Some(visit.t("boundary_wrong.day")), None);
    };
    let effect = match effect_of(visit, moment)? {
        Ok(effect) => effect,
        Err(said) => return show(visit, Some(said), None),
    };
    if visit.field("do") != "propose" {
        return show(visit, None, Some(&effect));
    }
    let reason = visit.field("reason").trim();
    let refused = if effect.is_red() {
        Some("boundary_wrong.red")
    } else if reason.chars().count() < REASON_MIN {
        Some("approve.refused_reason")
    } else if visit.field("moved") != effect.voters_moved().to_string() {
        // What was shown is not what would be saved: the list or the boundaries changed meanwhile.
        Some("boundary_wrong.changed")
    } else {
        None
    };
    if let Some(key) = refused {
        return show(visit, Some(visit.t(key)), Some(&effect));
    }
    let proposed = ProposedChange {
        valid_from: moment,
        corners: visit.field("corners").trim().to_owned(),
        ranges: visit.field("ranges").trim().to_owned(),
        reason: reason.to_owned(),
        moved: effect.voters_moved(),
        touched: effect.touched.clone(),
        rows: effect.rows.clone(),
    };
    let number = visit
        .office
        .store
        .transact("propose_boundary", &visit.staff, |tx| {
            tx.record_boundary_change(&proposed)
        })?;
    Ok(Answer::Go(format!("/boundaries/change/{number}")))
}

fn find_change(visit: &Visit<'_>) -> Result<(BoundaryChange, u64), Problem> {
    let number: u32 = visit.parsed("change")?;
    let all = visit
        .office
        .store
        .read("boundary_changes", |tx| tx.boundary_changes())?;
    let approved = all.iter().filter(|c| c.is_approved()).count() as u64;
    let found = all.into_iter().find(|c| c.change == number);
    Ok((found.ok_or(Problem::NotFound)?, approved))
}

fn shown_change(visit: &Visit<'_>, wrong: Option<&str>) -> Answered {
    let (change, approved) = find_change(visit)?;
    // Approved, it is in the boundaries already: only a waiting one is worked out.
    let effect = if change.is_approved() {
        None
    } else {
        worked_out(visit, &change)?
    };
    let persons = match (&effect, visit.asked("from"), visit.asked("to")) {
        (Some(effect), Some(from), to) if visit.may(Right::SeePeople) && visit.reason.is_some() => {
            let key = (from.parse().ok(), to.and_then(|to| to.parse().ok()));
            let moved = effect.moved.get(&key).cloned().unwrap_or_default();
            let part: Vec<_> = moved.into_iter().take(PERSONS_SHOWN).collect();
            visit.within_budget()?;
            let what = "voters a boundary moves";
            visit.office.store.show_persons(visit.look(), what, &part)?
        }
        (_, _, _) => Vec::new(),
    };
    let page = page::proposed(
        visit,
        &Proposed {
            change: &change,
            is_stale: !change.is_approved() && change.based_on != approved,
            effect: effect.as_ref(),
            persons: &persons,
            wrong,
        },
    );
    Ok(Answer::page(page, wrong.is_some()))
}

/// A waiting change worked out on the boundaries of its day; none when they changed under it.
fn worked_out(visit: &Visit<'_>, change: &BoundaryChange) -> Result<Option<Effect>, Problem> {
    let Ok(edit) = Edit::parse(&change.corners, &change.ranges) else {
        return Ok(None);
    };
    let voters_max = visit.office.law.list.precinct_voters_max;
    let found = visit.office.store.read("boundary_effect", |tx| {
        let release = tx.releases()?.last().map(|release| release.number);
        work_out(tx, &edit, change.valid_from, release, voters_max)
    });
    match found {
        Ok(effect) => Ok(Some(effect)),
        Err(WorkOutError::Store(error)) => Err(error.into()),
        Err(WorkOutError::Edit(_) | WorkOutError::Snapshot(_)) => Ok(None),
    }
}

pub(crate) fn proposed(visit: &Visit<'_>) -> Answered {
    shown_change(visit, None)
}

/// Records the approval of the account's institution, when nothing was approved since it was drawn.
pub(crate) fn approve(visit: &Visit<'_>) -> Answered {
    let (change, _) = find_change(visit)?;
    let institution = visit.role.institution().ok_or(Problem::NotFound)?;
    if visit.field("seen") != "yes" {
        return shown_change(visit, Some(&visit.t("boundary_wrong.seen")));
    }
    let staff = &visit.staff;
    let refused = visit
        .office
        .store
        .transact("approve_boundary", staff, |tx| {
            let all = tx.boundary_changes()?;
            let approved = all.iter().filter(|c| c.is_approved()).count() as u64;
            let found = all.iter().find(|c| c.change == change.change);
            let Some(found) = found.filter(|c| !c.is_approved() && c.based_on == approved) else {
                return Ok::<_, StoreError>(Some("boundary_wrong.stale"));
            };
            let is_twice = found
                .approvals
                .iter()
                .any(|(known, who, _)| *known == institution || who == staff);
            if is_twice {
                return Ok(Some("approve.refused_twice"));
            }
            tx.record_boundary_approval(change.change, institution)?;
            Ok(None)
        })?;
    match refused {
        Some(key) => shown_change(visit, Some(&visit.t(key))),
        None => Ok(Answer::Go(format!("/boundaries/change/{}", change.change))),
    }
}

/// The outer rings of a polygon, degrees; none for a range.
pub(crate) fn rings(boundary: &BoundaryRow) -> Vec<crate::territory::Ring> {
    match &boundary.extent {
        Extent::Polygon(text) => crate::territory::outer_rings(text),
        Extent::Range { .. } => Vec::new(),
    }
}
