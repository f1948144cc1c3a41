//! The people behind figures that are no code of a decision: captures by region and month, voters by the record that
//! places them, whom the commission's list lacks, Form 2 by region, steps of the backlog.

use lexicon::{Date, PersonId};
use register::Region;
use store::{BacklogStep, PeopleGroup, RAION, ReleaseRow, StoreError, Tx};

use super::boundaries::roll_places;
use super::lists::find;
use crate::pages::list::{self, people};
use crate::pages::parts::PAGE_ROWS;
use crate::receive::breakdown::{Capture, backlog_step};
use crate::visit::{Answer, Answered, Problem, Visit};

/// Captures that are read at once while a page of the backlog is filled.
const CAPTURES_AT_ONCE: u32 = 2_000;

/// `2014-12`, or nothing.
fn month(visit: &Visit<'_>, name: &str) -> Result<Option<String>, Problem> {
    let Some(text) = visit.asked(name) else {
        return Ok(None);
    };
    let is_month = text.len() == 7 && format!("{text}-01").parse::<Date>().is_ok();
    is_month
        .then(|| Some(text.to_owned()))
        .ok_or(Problem::Unreadable)
}

fn region(visit: &Visit<'_>) -> Result<Option<Region>, Problem> {
    let asked = visit.asked("region");
    let found = asked.map(|code| Region::from_code(code).ok_or(Problem::Unreadable));
    found.transpose()
}

/// The parts of the link that stay from page to page.
fn kept(visit: &Visit<'_>, path: &str) -> String {
    let parts = ["region", "raion", "month", "processed", "additional"]
        .into_iter()
        .filter_map(|name| {
            let value = visit.asked(name)?;
            Some(format!("{name}={}", crate::serve::encode(value)))
        });
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", parts.join("&"))
    }
}

fn region_word(visit: &Visit<'_>, region: &str) -> String {
    visit.t(&format!("region.{region}"))
}

/// A page of a group.
fn show(
    visit: &Visit<'_>,
    release: Option<&ReleaseRow>,
    group: &PeopleGroup,
    (title, path): (&str, &str),
) -> Answered {
    let after = visit.asked("after").unwrap_or("");
    visit.within_budget()?;
    let (all, members) = visit.office.store.read("group", |tx| {
        let all = tx.count_group(group)?;
        Ok::<_, StoreError>((all, tx.people_of_group(group, after, PAGE_ROWS)?))
    })?;
    let persons: Vec<PersonId> = members.iter().map(|(_, person)| *person).collect();
    let next = members.last().map(|(place, _)| crate::serve::encode(place));
    shown(visit, (release, title, ""), all, &persons, (path, next))
}

fn shown(
    visit: &Visit<'_>,
    (release, title, note): (Option<&ReleaseRow>, &str, &str),
    all: u64,
    persons: &[PersonId],
    (path, next): (&str, Option<String>),
) -> Answered {
    let hits = visit
        .office
        .store
        .show_persons(visit.look(), "people of a figure", persons)?;
    Ok(Answer::Page(people::page(
        visit,
        &people::People {
            release,
            title,
            said: note,
            all,
            hits: &hits,
            paging: &list::paging(visit, &kept(visit, path), persons.len(), next),
        },
    )))
}

/// Captures by region, by month, or by the month in which their check ended.
pub(crate) fn captures(visit: &Visit<'_>) -> Answered {
    let region = region(visit)?;
    let (month, processed) = (month(visit, "month")?, month(visit, "processed")?);
    let mut title = vec![visit.t(if processed.is_some() {
        "figure_code.processed_in_month_of_freeze"
    } else {
        "sheet.campaign_region_month"
    })];
    title.extend(region.map(|region| region_word(visit, region.code())));
    title.extend(month.clone().or(processed.clone()));
    let group = PeopleGroup::Captures {
        region,
        month,
        processed,
    };
    show(visit, None, &group, (&title.join(", "), "/figure/captures"))
}

/// A group of a release.
pub(crate) fn of_release(visit: &Visit<'_>) -> Answered {
    let (release, _) = find(visit)?;
    let n = release.number;
    let code = visit.part("group")?;
    let region_code = || region(visit)?.ok_or(Problem::Unreadable).map(Region::code);
    let (group, title) = match code {
        "residences" | "claims" | "overrides" => {
            let title = match code {
                "residences" => "figure_code.auto_assigned_precinct",
                "claims" => "figure_code.form2_total",
                _ => "figure_code.form2_manually_assigned",
            };
            let table = code.to_owned();
            (PeopleGroup::Placed { release: n, table }, visit.t(title))
        }
        "without_row" => {
            let run = visit
                .office
                .store
                .read("last_run", |tx| tx.find_last_reconciliation())?;
            let run = run.ok_or(Problem::NotFound)?;
            let title = visit.t("figure_code.missing_from_cec_list");
            (PeopleGroup::WithoutRow { release: n, run }, title)
        }
        "form2" => {
            let region = region_code()?;
            let word = region_word(visit, region);
            let title = visit.f("figure_code.form2_region", &[("r", &word)]);
            let region = region.to_owned();
            (PeopleGroup::Form2 { release: n, region }, title)
        }
        "voters" => {
            let region = region_code()?;
            let additional = match visit.asked("additional") {
                Some("all") => None,
                asked => Some(asked == Some("1")),
            };
            let title = format!(
                "{}, {}",
                visit.t("figure_code.voters"),
                region_word(visit, region)
            );
            let group = PeopleGroup::Region {
                release: n,
                region: region.to_owned(),
                additional,
            };
            (group, title)
        }
        "raion" => {
            // Eight digits: no address of a page holds as many as a PIN has.
            let asked: u64 = visit.asked_as("raion")?.ok_or(Problem::Unreadable)?;
            let soate = asked.checked_mul(RAION).filter(|_| asked < 100_000_000);
            let soate = soate.ok_or(Problem::Unreadable)?;
            let title = format!(
                "{}, {}",
                visit.t("figure_code.voters"),
                roll_places()(soate)
            );
            (PeopleGroup::Raion { release: n, soate }, title)
        }
        step => return backlog(visit, &release, step),
    };
    show(
        visit,
        Some(&release),
        &group,
        (&title, &format!("/figure/{n}/{code}")),
    )
}

/// Who is meant by a number of the backlog: as it was counted when the release was received.
#[derive(Clone, Copy)]
struct Asked {
    release: u32,
    before: Option<u32>,
    frozen: Date,
    region: Option<Region>,
    /// None: everybody collected.
    step: Option<BacklogStep>,
}

impl Asked {
    fn is_meant(&self, tx: &mut Tx<'_>, capture: &Capture) -> Result<bool, StoreError> {
        let is_there = self.region.is_none_or(|region| region == capture.region);
        if !is_there || capture.captured > self.frozen {
            return Ok(false);
        }
        let processed = capture.processed.is_some_and(|day| day <= self.frozen);
        let step = match self.step {
            None => return Ok(true),
            Some(BacklogStep::Processed) => return Ok(processed),
            Some(step) => step,
        };
        // Who waits has no end of the check, who is out for another reason has one: the others' decisions say nothing.
        let cannot = match step {
            BacklogStep::Waiting => processed,
            BacklogStep::NotListed => !processed,
            BacklogStep::Processed | BacklogStep::Listed | BacklogStep::ListedBefore => false,
        };
        if cannot {
            return Ok(false);
        }
        let decisions = tx.decisions_of(capture.person)?;
        let listed = |release: Option<u32>| {
            let of = decisions.iter().find(|(known, _)| Some(*known) == release);
            of.is_some_and(|(_, decision)| {
                matches!(decision.place, store::ListPlace::Listed { .. })
            })
        };
        Ok(backlog_step(listed(Some(self.release)), listed(self.before), processed) == step)
    }

    /// Persons after one, a page of them. Cost: a look at every capture up to the page's last; a rare step of a large
    /// country takes seconds.
    fn page(&self, tx: &mut Tx<'_>, after: Option<PersonId>) -> Result<Vec<PersonId>, StoreError> {
        let (mut found, mut last) = (Vec::new(), after);
        loop {
            let rows = tx.captures_after(last, CAPTURES_AT_ONCE)?;
            let is_end = rows.len() < CAPTURES_AT_ONCE as usize;
            let mut persons: Vec<Capture> = Vec::new();
            for (person, region, captured, processed) in rows {
                match persons.last_mut() {
                    Some(capture) if capture.person == person => {
                        capture.take(region, captured, processed);
                    }
                    Some(_) | None => persons.push(Capture {
                        person,
                        region,
                        captured,
                        processed,
                    }),
                }
            }
            // The last one may have more captures than were read.
            if !is_end {
                persons.pop();
            }
            let Some(seen) = persons.last().map(|capture| capture.person) else {
                return Ok(found);
            };
            for capture in &persons {
                if self.is_meant(tx, capture)? {
                    found.push(capture.person);
                    if found.len() == PAGE_ROWS as usize {
                        return Ok(found);
                    }
                }
            }
            if is_end {
                return Ok(found);
            }
            last = Some(seen);
        }
    }
}

fn backlog(visit: &Visit<'_>, release: &ReleaseRow, step: &str) -> Answered {
    let step = match step {
        "collected" => None,
        code => Some(BacklogStep::from_code(code).ok_or(Problem::NotFound)?),
    };
    let n = release.number;
    let region = region(visit)?;
    let after: Option<PersonId> = visit.asked_as("after")?;
    visit.within_budget()?;
    let (all, persons) = visit.office.store.read("backlog_people", |tx| {
        let releases = tx.releases()?;
        let earlier = releases.iter().map(|row| row.number);
        let asked = Asked {
            release: n,
            before: earlier.filter(|number| *number < n).max(),
            frozen: visit.date(release.frozen_at),
            region,
            step,
        };
        let rows = tx.backlog(n)?;
        let rows = rows.iter().filter(|row| {
            region.is_none_or(|region| region.code() == row.region)
                && match step {
                    None => row.step != BacklogStep::Processed,
                    Some(step) => row.step == step,
                }
        });
        let all = rows.map(|row| row.persons).sum();
        Ok::<_, StoreError>((all, asked.page(tx, after)?))
    })?;
    let code = step.map_or("collected", BacklogStep::code);
    let mut title = vec![
        visit.t("backlog.title"),
        visit.t(&format!("backlog.{code}")),
    ];
    title.extend(region.map(|region| region_word(visit, region.code())));
    let next = persons.last().map(PersonId::to_string);
    let path = format!("/figure/{n}/{code}");
    // The number was counted at the receipt; the register may know more of these days by now.
    let note = visit.t("backlog.as_received");
    shown(
        visit,
        (Some(release), &title.join(", "), &note),
        all,
        &persons,
        (&path, next),
    )
}
